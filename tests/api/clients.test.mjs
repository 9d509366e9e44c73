// Slow clients, clients that leave, full queues, and stopping. Nothing here waits for a time: what a
// client does is followed by what the server then does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, awaitMetric, binary, metric, open, publish, readAll, request, run, serve, temporaryFolder } from './program.mjs';
import { program } from './store.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'small', 100);
publish(data, 'large', 120000, 250); // more than the buffers of two sockets hold
const exported = `${API}/large/exports/csv`;
const keepAlive = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
const closed = (socket) => new Promise((resolve) => socket.on('close', resolve).resume());

test('a request must arrive in time, however its bytes trickle', async () => {
  const server = await serve(data, ['--idle-timeout', '500ms']);
  const slow = await open(server, 'GET /healthz HTTP/1.1\r\nHost: a\r\n');
  const dripping = setInterval(() => slow.write('X: a\r\n'), 50);
  await closed(slow);
  clearInterval(dripping);
  assert.equal(await metric(server, 'parvis_cut_connections_total'), 1);
});

test('a client that does not read its export is cut at the deadline, in bounded memory', async () => {
  const server = await serve(data, ['--bulk-deadline', '1s', '--bulk-workers', '1']);
  const before = await metric(server, 'process_resident_memory_bytes');
  const stuck = await open(server, request('GET', exported));
  await awaitMetric(server, 'parvis_busy_bulk', 1);
  await awaitMetric(server, 'parvis_busy_bulk', 0);
  const grown = await metric(server, 'process_resident_memory_bytes') - before;
  await awaitMetric(server, 'parvis_requests_in_flight', 1); // that of the metrics itself
  const text = (await readAll(stuck)).toString();
  assert.match(text, /^HTTP\/1.1 200/);
  assert.doesNotMatch(text, /\r\n0\r\n\r\n$/, 'the client sees that the export is not complete');
  if (!/asan|tsan/.test(program)) assert.ok(grown < 64 << 20, `${grown} bytes more`);
  assert.equal((await server.get('/healthz')).status, 200);
});

/** Opens exports that are not read until all threads of one bulk worker wait for their clients. */
async function fillBulkLane(server) {
  const sockets = [];
  for (let i = 1; i <= 9; i += 1) { // the worker and its eight spare ones
    sockets.push(await open(server, request('GET', exported)));
    await awaitMetric(server, 'parvis_busy_bulk', i);
  }
  return sockets;
}

test('clients that do not read do not hold up the exports of others', async () => {
  const server = await serve(data, ['--bulk-workers', '1']);
  const stuck = await open(server, request('GET', exported));
  await awaitMetric(server, 'parvis_busy_bulk', 1);
  const answer = await server.get(exported);
  assert.ok((await answer.arrayBuffer()).byteLength > 120000 * 250);
  assert.equal(await metric(server, 'parvis_requests_in_flight'), 2, 'the first is still there');
  stuck.destroy();
});

test('clients that leave free their workers, whether they were being served or waiting', async () => {
  const server = await serve(data, ['--bulk-workers', '1']);
  const served = await fillBulkLane(server);
  const waiting = await open(server, request('GET', exported) + keepAlive); // with more behind it
  await awaitMetric(server, 'parvis_queue_bulk', 1);
  waiting.destroy();
  for (const socket of served) socket.destroy();
  await awaitMetric(server, 'parvis_requests_in_flight', 1);
  await awaitMetric(server, 'parvis_busy_bulk', 0);
});

test('a connection whose client ended it in the middle of a request is closed', async () => {
  const server = await serve(data, ['--idle-timeout', '1h']);
  const sockets = [];
  for (const text of ['GET /healthz HTTP/1.1\r\nHost: a\r\n', 'GET /heal', `${keepAlive}GET /`, keepAlive]) {
    const socket = await open(server, text);
    socket.end(); // the end comes together with the bytes, or right behind them
    sockets.push(socket);
  }
  await Promise.all(sockets.map(closed));
  await awaitMetric(server, 'parvis_requests_in_flight', 1);
  assert.equal(await metric(server, 'parvis_cut_connections_total'), 0, 'they were not slow');
});

test('past the queue the answer is 503 with Retry-After, and pages go on', async () => {
  const server = await serve(data, ['--bulk-workers', '1', '--queue', '1']);
  const stuck = await fillBulkLane(server);
  stuck.push(await open(server, request('GET', exported)));
  await awaitMetric(server, 'parvis_queue_bulk', 1);
  const refused = await server.get(exported);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await refused.json()).error_code, 'ServiceUnavailable');
  assert.equal(await metric(server, 'parvis_refused_busy_total'), 1);
  assert.equal((await server.get(`${API}/small/records?limit=1`)).status, 200);
  for (const socket of stuck) socket.destroy();
  await awaitMetric(server, 'parvis_requests_in_flight', 1);
});

test('connections past the limit are closed or wait, and are served when there is room', async () => {
  const server = await serve(data, ['--connections', '16', '--loops', '1']);
  const sockets = await Promise.all(Array.from({ length: 40 }, () => open(server, keepAlive)));
  const answered = await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    socket.once('data', () => { resolve(true); socket.destroy(); });
    socket.once('close', () => resolve(false));
    socket.resume();
  })));
  assert.ok(answered.filter(Boolean).length >= 16);
  assert.equal((await server.get('/healthz')).status, 200);
});

test('a reader finishes on the version it began with, also when that version is deleted', async () => {
  publish(data, 'changing', 120000, 250);
  const server = await serve(data);
  const address = `${API}/changing`;
  const slow = await server.get(`${address}/exports/csv`, { headers: { 'accept-encoding': 'identity' } }); // not read yet
  const path = join(data, '..', 'replacement.csv');
  writeFileSync(path, 'n,text\n1,replacement\n');
  assert.equal(run(['import', path, '--id', 'changing', '--keep', '1', '--data', data]).status, 0);
  let now;
  do now = await (await server.get(`${address}/records?limit=1`)).json(); while (now.total_count !== 1);
  assert.equal(now.results[0].text, 'replacement');
  assert.equal(await metric(server, 'parvis_busy_bulk'), 1, 'the export is still going on');
  const text = await slow.text();
  assert.equal(text.match(/;number \d+ x/g).length, 120000, 'all records are of the first version');
  assert.doesNotMatch(text, /replacement/);
});

test('a client that leaves while the catalogue is made ready does not break it for others', async () => {
  const server = await serve(data);
  for (let i = 0; i < 8; i += 1) {
    run(['describe', 'small', '--title', `Title ${i}`, '--data', data]);
    const socket = await open(server, request('GET', API));
    socket.destroy();
    const answer = await server.get(`${API}?limit=1&select=title`);
    assert.equal(answer.status, 200, await answer.text());
  }
});

const spooledExports = () => readdirSync(join(data, 'spool')).filter((name) => name.includes('export'));

test('a Parquet export that was given up leaves no file', async () => {
  const server = await serve(data, ['--bulk-workers', '1']);
  const repeated = `${exported.replace('csv', 'parquet')}?order_by=text`;
  for (let i = 0; i < 5; i += 1) {
    const socket = await open(server, request('GET', repeated));
    await awaitMetric(server, 'parvis_busy_bulk', 1);
    socket.destroy();
    await awaitMetric(server, 'parvis_busy_bulk', 0);
  }
  assert.deepEqual(spooledExports(), []);
});

test('the spool file of a Parquet export is gone when the answer begins', async () => {
  const server = await serve(data);
  const answer = await server.get(`${API}/large/exports/parquet`);
  assert.deepEqual(spooledExports(), []);
  assert.equal(Buffer.from(await answer.arrayBuffer()).subarray(0, 4).toString(), 'PAR1');
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  test(`${signal} lets an export finish, closes idle connections and ends with 0`, async () => {
    const server = await serve(data);
    const idle = await open(server, keepAlive);
    const whole = (await (await server.get(exported)).arrayBuffer()).byteLength;
    const answer = await server.get(exported);
    const idleClosed = closed(idle);
    server.child.kill(signal);
    await idleClosed; // while the export is still going on
    assert.equal((await answer.arrayBuffer()).byteLength, whole);
    assert.equal(await server.stopped, 0);
    assert.match(server.errors, /"event": "server.drain"/);
  });
}

test('requests in flight are given up after the time for draining', async () => {
  const server = await serve(data, ['--drain', '100ms']);
  const stuck = await open(server, request('GET', exported));
  await awaitMetric(server, 'parvis_busy_bulk', 1);
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  stuck.destroy();
});

test('a second signal ends the draining', async () => {
  const server = await serve(data, ['--drain', '1h']);
  const stuck = await open(server, request('GET', exported));
  await awaitMetric(server, 'parvis_busy_bulk', 1);
  server.child.kill('SIGTERM');
  while (!server.errors.includes('server.drain')) await new Promise((resolve) => server.child.stderr.once('data', resolve));
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  stuck.destroy();
});

test('a second server on the same address says so', async () => {
  const server = await serve(data);
  const second = run(['serve', '--listen', `127.0.0.1:${server.port}`, '--data', data]);
  assert.equal(second.status, 1);
  assert.match(second.stderr, new RegExp(`^parvis serve: listen: 127.0.0.1:${server.port} cannot be used .*--listen\n$`));
});

test('a log that nobody reads does not hold up requests', async () => {
  const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stopped = new Promise((resolve) => child.on('exit', resolve));
  child.stderr.pause();
  const portal = await new Promise((resolve) => {
    child.stdout.on('data', (bytes) => resolve(/http:\S+/.exec(String(bytes))[0]));
  });
  for (let i = 0; i < 600; i += 1) { // far more than a pipe holds
    assert.equal((await fetch(`${portal}/${'x'.repeat(1000)}`)).status, 404);
  }
  child.kill('SIGTERM');
  assert.equal(await stopped, 0);
});
