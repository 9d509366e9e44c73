// HTTPS of the server itself, and the settings that make it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { API, binary, publish, run, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const pem = (name) => join(folder, `${name}.pem`);

/** A certificate for localhost and its key, as files NAME-cert.pem and NAME-key.pem. */
function makeCertificate(name, kind) {
  execFileSync('openssl', ['req', '-x509', '-newkey', ...kind, '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', pem(`${name}-key`), '-out', pem(`${name}-cert`)],
  { stdio: 'ignore' });
  chmodSync(pem(`${name}-key`), 0o600);
}

const ecdsa = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
makeCertificate('one', ecdsa);
makeCertificate('rsa', ['rsa:2048']);
publish(data, 'rows', 20000, 100);

/** Starts with a certificate; ends with the test file. */
async function serveTls(name) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, '--access-log', 'off',
    '--idle-timeout', '2s', '--tls-cert', pem(`${name}-cert`), '--tls-key', pem(`${name}-key`)],
  { stdio: ['ignore', 'pipe', 'inherit'] });
  const stopped = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  after(async () => {
    child.kill('SIGKILL');
    await stopped;
  });
  const port = await new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes) => {
      const found = /listening on https:\S+:(\d+)/.exec(String(bytes));
      if (found) resolve(Number(found[1])); // a link for the first administrator follows
    });
    stopped.then((code) => reject(new Error(`serve ended with ${code}`)));
  });
  return { child, stopped, port, ca: readFileSync(pem(`${name}-cert`)) };
}

const server = await serveTls('one');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
after(() => agent.destroy());

function ask(path, options = {}, body = undefined, to = server) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', servername: 'localhost', port: to.port, ca: to.ca, path, agent, ...options },
      (answer) => {
        const parts = [];
        const protocol = answer.socket.getProtocol();
        answer.on('data', (part) => parts.push(part)).on('error', reject)
          .on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts),
            reused: sent.reusedSocket, protocol }));
      });
    // The server ends a connection that was idle; a request that met with that is sent again.
    sent.on('error', (error) => (sent.reusedSocket && error.code === 'ECONNRESET' && body === undefined
      ? resolve(ask(path, options, body, to)) : reject(error)));
    sent.end(body);
  });
}

test('requests one after another on one connection, from the loop, the workers and the cache', async () => {
  for (let round = 0; round < 5; round += 1) {
    const page = await ask(`${API}/rows/records?limit=100&order_by=n&offset=${round % 2}`);
    assert.equal(page.status, 200);
    assert.equal(JSON.parse(page.body).results[0].n, round % 2);
    assert.equal((await ask('/healthz')).status, 200);
    assert.equal((await ask('/nowhere')).status, 404);
    if (round > 0) assert.equal(page.reused, true);
  }
});

test('exports are streamed whole, plain and compressed, also side by side', async () => {
  const options = { agent: false };
  const [plain, gzip, again] = await Promise.all([
    ask(`${API}/rows/exports/csv`, options),
    ask(`${API}/rows/exports/csv`, { ...options, headers: { 'Accept-Encoding': 'gzip' } }),
    ask(`${API}/rows/exports/csv`, options)]);
  assert.equal(plain.status, 200);
  assert.ok(plain.body.length > 20000 * 100);
  assert.deepEqual(again.body, plain.body);
  assert.deepEqual(gunzipSync(gzip.body), plain.body);
});

test('a body that no address takes is refused, and the server goes on', async () => {
  const refused = await ask(API, { method: 'POST', headers: { 'Content-Length': 5 } }, 'hello');
  assert.equal(refused.status, 413);
  assert.equal(refused.headers.connection, 'close');
  assert.equal((await ask('/healthz')).status, 200);
});

test('TLS 1.3 and 1.2 are spoken, older versions are not; ECDSA and RSA keys do', async () => {
  const rsa = await serveTls('rsa');
  for (const to of [server, rsa]) {
    for (const version of ['TLSv1.3', 'TLSv1.2']) {
      const answer = await ask('/healthz', { agent: false, minVersion: version, maxVersion: version }, undefined, to);
      assert.equal(answer.status, 200);
      assert.equal(answer.protocol, version);
    }
    await assert.rejects(ask('/healthz',
      { agent: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }, undefined, to));
  }
});

/** All bytes until the server closes. */
function until(socket) {
  return new Promise((resolve) => {
    const parts = [];
    socket.on('data', (part) => parts.push(part)).on('error', () => {}).on('close', () => resolve(Buffer.concat(parts)));
  });
}

test('plain HTTP, garbage, silence and half a request on the port end in time, without an answer', async () => {
  const said = ['GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01\xff\xff', '\0'.repeat(20000), ''];
  const answers = await Promise.all(said.map((text) => {
    const socket = connectPlain(server.port, '127.0.0.1');
    if (text) socket.write(text);
    return until(socket);
  }));
  for (const answer of answers) assert.doesNotMatch(answer.toString('latin1'), /HTTP/);
  const half = connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ca: server.ca });
  half.write('GET /healthz HTTP/1.1\r\nHo');
  assert.doesNotMatch((await until(half)).toString('latin1'), / 200 /);
  assert.equal((await ask('/healthz')).status, 200);
});

test('a signal lets an export over TLS finish', async () => {
  const own = await serveTls('one');
  const bytes = await new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', servername: 'localhost', port: own.port, ca: own.ca,
      path: `${API}/rows/exports/jsonl` }, (answer) => {
      let count = 0;
      own.child.kill('SIGTERM');
      answer.on('data', (part) => { count += part.length; }).on('error', reject).on('end', () => resolve(count));
    });
    sent.on('error', reject);
    sent.end();
  });
  assert.ok(bytes > 20000 * 100);
  assert.equal(await own.stopped, 0);
});

/** A start that ends at once with 2 and one line that says why. */
function refused(options, pattern) {
  const ended = run(['serve', '--listen', '127.0.0.1:0', '--data', data, ...options], { timeout: 20000 });
  assert.equal(ended.status, 2, `${options}: ${ended.stderr}`);
  assert.match(ended.stderr, /^[^\n]*\n$/);
  assert.match(ended.stderr, pattern);
}

test('certificates and keys that do not do are refused at the start, with what to do', () => {
  const [cert, key] = [pem('one-cert'), pem('one-key')];
  copyFileSync(key, pem('open'));
  chmodSync(pem('open'), 0o644);
  copyFileSync(key, pem('locked'));
  execFileSync('openssl', ['pkey', '-in', key, '-aes256', '-passout', 'pass:secret', '-out', pem('locked')], { stdio: 'ignore' });
  chmodSync(pem('locked'), 0o600);
  mkdirSync(pem('directory'));
  refused(['--tls-cert', cert], /tls-key: .* is missing/);
  refused(['--tls-key', key], /tls-cert: .* is missing/);
  refused(['--tls-cert', pem('none'), '--tls-key', key], /tls-cert: '\S*none.pem' cannot be opened \(No such file/);
  refused(['--tls-cert', cert, '--tls-key', pem('none')], /tls-key: '\S*none.pem' cannot be opened \(No such file/);
  refused(['--tls-cert', pem('directory'), '--tls-key', key], /tls-cert: '\S*directory.pem' is not a file/);
  refused(['--tls-cert', cert, '--tls-key', pem('rsa-key')], /tls-key: '\S*' is not the key of the certificate '\S*'/);
  refused(['--tls-cert', cert, '--tls-key', pem('open')], /tls-key: '\S*' is open to other users .*chmod 600/);
  refused(['--tls-cert', cert, '--tls-key', pem('locked')], /locked/);
  refused(['--tls-cert', key, '--tls-key', key], /not a PEM certificate/);
  if (process.getuid() !== 0) {
    chmodSync(pem('locked'), 0);
    refused(['--tls-cert', cert, '--tls-key', pem('locked')], /cannot be opened \(Permission denied\)/);
  }
});

test('the declaration says that cookies are Secure, as they are', async () => {
  const declaration = JSON.parse((await ask('/.well-known/cookies.json')).body);
  assert.ok(declaration.cookies.every(({ secure }) => secure));
  assert.match(String((await ask('/account/sign-in')).headers['set-cookie']), /; Secure/);
});

test('trusted proxies are addresses or networks', () => {
  for (const text of ['localhost', '10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/8 ::1', '10.0.0.0/8,,::1', ',']) {
    refused(['--trusted-proxy', text], /--trusted-proxy: '[^']*' was given, addresses or networks as in/);
  }
});
