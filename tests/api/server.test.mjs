// The server around the API: new versions while it serves, encodings, validators, limits, stopping.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { binary } from './store.mjs';

const folder = mkdtempSync(join(tmpdir(), 'parvis-server-'));
const data = join(folder, 'data');
const API = '/api/explore/v2.1/catalog/datasets';

function publish(rows, text) {
  const path = join(folder, 'rows.csv');
  const lines = Array.from({ length: rows }, (_, i) => `${i},${text} number ${i}`);
  writeFileSync(path, `n,text\n${lines.join('\n')}\n`);
  execFileSync(binary, ['import', path, '--id', 'rows', '--data', data], { stdio: 'ignore' });
}

publish(20000, 'first');
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, '--access-log', 'off'],
  { stdio: ['ignore', 'pipe', 'ignore'] });
const stopped = new Promise((resolve) => server.on('exit', (code, signal) => resolve(code ?? signal)));
const portal = await new Promise((resolve) => {
  server.stdout.on('data', (bytes) => resolve(/http:\S+/.exec(String(bytes))[0]));
});
after(async () => {
  server.kill('SIGKILL');
  await stopped;
  rmSync(folder, { recursive: true, force: true });
});
const get = (path, options) => fetch(portal + path, options);

test('a new version is served within a second', async () => {
  const path = `${API}/rows/records?limit=1&order_by=n`;
  assert.equal((await (await get(path)).json()).results[0].text, 'first number 0');
  publish(20000, 'second');
  const deadline = Date.now() + 1000;
  let text;
  do {
    text = (await (await get(path)).json()).results[0].text;
  } while (text !== 'second number 0' && Date.now() < deadline);
  assert.equal(text, 'second number 0');
});

test('gzip and zstd carry the same bytes, under different tags', async () => {
  const path = `${API}/rows/records?limit=100`;
  const ask = (encoding) => new Promise((resolve, reject) => {
    const { hostname, port } = new URL(portal);
    const socket = connect(port, hostname);
    const parts = [];
    socket.on('data', (bytes) => parts.push(bytes)).on('error', reject)
      .on('end', () => resolve(Buffer.concat(parts)));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: ${encoding}\r\nConnection: close\r\n\r\n`);
  });
  const split = (bytes) => {
    const at = bytes.indexOf('\r\n\r\n');
    return { head: bytes.subarray(0, at).toString(), body: bytes.subarray(at + 4) };
  };
  for (let round = 0; round < 2; round += 1) { // the second comes from the cache
    const plain = split(await ask('identity'));
    const gzip = split(await ask('gzip'));
    const zstd = split(await ask('zstd, gzip;q=0.5'));
    assert.match(gzip.head, /Content-Encoding: gzip/);
    assert.match(gzip.head, /Vary: Accept-Encoding/);
    assert.match(zstd.head, /Content-Encoding: zstd/);
    assert.deepEqual(gunzipSync(gzip.body), plain.body);
    assert.equal(zstd.body.readUInt32LE(0), 0xfd2fb528, 'the magic number of zstd');
    assert.doesNotMatch(plain.head, /Content-Encoding/);
  }
});

test('a known answer is not sent again; HEAD has headers only', async () => {
  const path = `${API}/rows/records?limit=3`;
  const first = await get(path);
  await first.text();
  const tag = first.headers.get('etag');
  assert.ok(tag);
  assert.equal((await get(path, { headers: { 'If-None-Match': `"other", ${tag}` } })).status, 304);
  const head = await get(path, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

test('no cookie is ever set', async () => {
  for (const path of ['/', '/healthz', '/metrics', API, `${API}/rows/records`, '/nowhere']) {
    const answer = await get(path, { redirect: 'manual' });
    assert.equal(answer.headers.get('set-cookie'), null, path);
  }
});

test('methods, preflight, unknown addresses, too long addresses', async () => {
  const post = await get(API, { method: 'DELETE' });
  assert.equal(post.status, 405);
  assert.equal(post.headers.get('allow'), 'GET, HEAD, OPTIONS');
  const preflight = await get(API, { method: 'OPTIONS' });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
  const unknown = await get('/api/explore/v2.1/nothing');
  assert.equal(unknown.status, 404);
  assert.equal((await unknown.json()).error_code, 'NotFoundURI');
  assert.ok([414, 431].includes((await get(`${API}?x=${'a'.repeat(70000)}`)).status));
});

test('a client that leaves stops its export, and the server goes on', async () => {
  for (let i = 0; i < 5; i += 1) {
    const controller = new AbortController();
    const answer = await get(`${API}/rows/exports/csv`, { signal: controller.signal });
    await answer.body.getReader().read();
    controller.abort();
  }
  const deadline = Date.now() + 5000;
  let flight;
  do {
    const metrics = await (await get('/metrics')).text();
    flight = Number(/^parvis_requests_in_flight (\d+)/m.exec(metrics)[1]);
  } while (flight > 1 && Date.now() < deadline);
  assert.equal(flight, 1, 'only the request for the metrics is left');
  assert.equal((await get('/healthz')).status, 200);
});

test('a signal lets an export finish', async () => {
  const answer = await get(`${API}/rows/exports/jsonl`);
  const reader = answer.body.getReader();
  let bytes = (await reader.read()).value.length;
  server.kill('SIGTERM');
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
  }
  assert.ok(bytes > 20000 * 20, `${bytes} bytes came`);
  assert.equal(await stopped, 0);
});
