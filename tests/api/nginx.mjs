// nginx with the configuration of packaging/nginx/parvis.conf, on a free port, before nodes that a test has.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, ownFolder, unprivileged } from '../postgresql/server.mjs';

const shipped = readFileSync(fileURLToPath(new URL('../../packaging/nginx/parvis.conf', import.meta.url)), 'utf8');

/** Puts something in place of each part of the configuration that form finds; there must be count of them. */
function replace(text, form, by, count) {
  assert.equal(text.match(form)?.length, count, `${form} in packaging/nginx/parvis.conf`);
  return text.replace(form, by);
}

function configure(folder, ports, port, tls) {
  let text = replace(shipped, /^ {4}server 127\.0\.0\.1:8080 (.*);\n/gm,
    (_, options) => ports.map((one) => `    server 127.0.0.1:${one} ${options};\n`).join(''), 1);
  text = replace(text, /^server \{\n {4}listen 80;[^}]*\}\n/gm, '', 1);
  text = replace(text, /^ {4}listen \[::\]:443 .*\n/gm, '', 1);
  text = replace(text, /listen 443 ssl http2;/g, `listen 127.0.0.1:${port}${tls ? ' ssl http2' : ''};`, 1);
  text = replace(text, /\/etc\/ssl\/data\.example\.org\.pem/g, join(folder, 'certificate.pem'), 1);
  text = replace(text, /\/etc\/ssl\/private\/data\.example\.org\.key/g, join(folder, 'key.pem'), 1);
  if (!tls) text = replace(text, /^ {4}ssl_.*\n/gm, '', 4);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};\n`).join('');
  return `daemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nworker_processes 2;\nevents { worker_connections 512; }\n`
    + `http {\naccess_log off;\n${paths}${text}}\n`;
}

function awaitPort(port) {
  return new Promise((resolve) => {
    const attempt = () => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(); });
      socket.on('error', () => setTimeout(attempt, 20));
    };
    attempt();
  });
}

/** Starts it before nodes (ports); it ends with the test file. { portal, port, ca, errors() }. */
export async function serveNginx(ports, { tls = false } = {}) {
  const folder = ownFolder('parvis-nginx-');
  const user = unprivileged();
  const port = await freePort();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')], { stdio: 'ignore' });
  writeFileSync(join(folder, 'nginx.conf'), configure(folder, ports, port, tls));
  if (user) for (const name of ['', 'key.pem', 'nginx.conf']) chownSync(join(folder, name), user.uid, user.gid);
  const child = spawn('setpriv', ['--pdeathsig', 'QUIT',
    ...(user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []),
    '/usr/sbin/nginx', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
  { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  after(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await Promise.race([awaitPort(port), ended.then((code) => { throw new Error(`nginx ended with ${code}`); })]);
  return { port, portal: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, ca: readFileSync(join(folder, 'certificate.pem')),
    errors: () => readFileSync(join(folder, 'error.log'), 'utf8') };
}

/** One request: { status, headers, body (a Buffer) }. options are those of node:http; body is sent. */
export function send(server, path, { body, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const { request } = server.portal.startsWith('https') ? https : http;
    const sent = request(new URL(path, server.portal), { ca: server.ca, agent: false, ...options }, (answer) => {
      const parts = [];
      answer.on('data', (bytes) => parts.push(bytes));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
