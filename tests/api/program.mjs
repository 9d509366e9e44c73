// The program as a child process, and raw requests, for tests of the server itself.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { binary } from './store.mjs';

export { binary };
export const API = '/api/explore/v2.1/catalog/datasets';

/** A directory that is removed at the end. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'parvis-program-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command to its end: { status, stdout, stderr }. */
export function run(words, options = {}) {
  return spawnSync(binary, words, { encoding: 'utf8', ...options });
}

/** Publishes rows {n, text} as dataset id; each text has so many bytes at least. */
export function publish(data, id, rows, bytes = 10) {
  const path = join(data, '..', `${id}.csv`);
  const filling = 'x'.repeat(bytes);
  const lines = Array.from({ length: rows }, (_, i) => `${i},number ${i} ${filling}`);
  writeFileSync(path, `n,text\n${lines.join('\n')}\n`);
  execFileSync(binary, ['import', path, '--id', id, '--data', data], { stdio: 'ignore' });
}

/** Starts serving; ends with the test file. lines are those on standard error so far. */
export async function serve(data, options = [], spawning = {}) {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, ...options],
    { stdio: ['ignore', 'pipe', 'pipe'], ...spawning });
  const server = { child, errors: '', portal: '' };
  server.stopped = new Promise((resolve) => child.on('close', (code, signal) => {
    if (code || !['SIGTERM', 'SIGKILL', null].includes(signal)) console.error(`serve ended with ${code ?? signal}: ${server.errors}`);
    resolve(code ?? signal);
  }));
  child.stderr.on('data', (bytes) => { server.errors += bytes; });
  after(async () => {
    child.kill('SIGKILL');
    await server.stopped;
  });
  server.portal = await new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes) => {
      const found = /listening on (http:\S+)/.exec(String(bytes));
      if (found) resolve(found[1]);
    });
    server.stopped.then((code) => reject(new Error(`serve ended with ${code}: ${server.errors}`)));
  });
  server.port = Number(new URL(server.portal).port);
  server.get = (path, init) => fetch(server.portal + path, init);
  return server;
}

/** Value of a metric now. */
export async function metric(server, name) {
  const text = await (await server.get('/metrics')).text();
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)[1]);
}

/** Asks for a metric until it has the value. */
export async function awaitMetric(server, name, value) {
  while (await metric(server, name) !== value);
}

/** Opens a connection and sends text; the socket does not read until it is told to. */
export function open(server, text) {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.on('error', () => {}); // a cut connection is not a failure of the test
      socket.write(Buffer.from(text, 'latin1'));
      resolve(socket);
    });
    socket.pause();
    socket.once('error', reject);
  });
}

/** All bytes until the server closes the connection. */
export function readAll(socket) {
  return new Promise((resolve) => {
    const parts = [];
    socket.on('data', (bytes) => parts.push(bytes));
    socket.on('close', () => resolve(Buffer.concat(parts)));
    socket.resume();
  });
}

/** Sends a request text and gives { status, head, header(name), body } of the only answer. */
export async function ask(server, text) {
  const bytes = await readAll(await open(server, text));
  const end = bytes.indexOf('\r\n\r\n');
  const head = bytes.subarray(0, end).toString('latin1');
  return {
    status: Number(head.split(' ')[1]),
    head,
    header: (name) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1],
    body: bytes.subarray(end + 4),
  };
}

/** A request that asks to close afterwards. */
export function request(method, path, headers = {}) {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}\r\n`));
  return `${method} ${path} HTTP/1.1\r\nHost: portal.example\r\n${lines.join('')}Connection: close\r\n\r\n`;
}
