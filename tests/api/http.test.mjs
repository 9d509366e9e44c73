// HTTP on the wire: targets, hosts, bodies, validators, encodings, HEAD, the access log.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { API, ask, metric, publish, request, serve, temporaryFolder } from './program.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'rows', 500, 100);
const server = await serve(data);
const page = `${API}/rows/records?limit=50&order_by=n`;
const small = `${API}/rows/records?limit=1&order_by=n&include_links=true`;

test('HTTP/1.1 needs exactly one valid Host', async () => {
  assert.equal((await ask(server, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')).status, 400);
  assert.equal((await ask(server, 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n')).status, 400);
  for (const host of ['a"b', 'a/b', 'a b', ']]', '[::1', 'a:b', 'a:99999', 'user@a', 'a:-1']) {
    const answer = await ask(server, `GET ${small} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.equal(answer.status, 400, host);
    assert.equal(JSON.parse(answer.body).error_code, 'InvalidRequest');
  }
  for (const host of ['a.example', 'a_b:80', '[::1]:8080', '127.0.0.1']) {
    const answer = await ask(server, `GET ${small} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(JSON.parse(answer.body)._links[0].href, new RegExp(`^http://${host.replace(/[[\].]/g, '\\$&')}/api`));
  }
  assert.equal((await ask(server, `GET ${small} HTTP/1.0\r\n\r\n`)).status, 200, 'HTTP/1.0 needs none');
});

test('an absolute target is a path, and its host wins', async () => {
  const answer = await ask(server, request('GET', `http://other.example:81${small}`));
  assert.match(JSON.parse(answer.body)._links[0].href, /^http:\/\/other\.example:81\/api/);
});

test('what a proxy before us may read differently is refused and the connection closed', async () => {
  const second = 'GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  for (const headers of [
    'Content-Length: 0\r\nContent-Length: 59\r\n',
    `Content-Length: ${second.length}\r\n`,
    `Content-Length : ${second.length}\r\n`,
    'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n',
    'X y: z\r\n',
  ]) {
    for (const method of ['GET', 'POST']) {
      const answer = await ask(server, `${method} /healthz HTTP/1.1\r\nHost: a\r\n${headers}\r\n${second}`);
      assert.ok([400, 413].includes(answer.status), headers);
      assert.equal(answer.header('Connection'), 'close');
      assert.equal(answer.body.includes('HTTP/1.1'), false, `one answer only to ${headers}`);
    }
  }
});

test('malformed and too large requests', async () => {
  const status = async (text) => (await ask(server, text)).status;
  assert.equal(await status(request('GET', '/a b')), 400);
  assert.equal(await status(request('GET', 'healthz')), 400);
  assert.equal(await status(request('GET', '/\xff')), 400);
  assert.equal(await status(request('GET', `${API}/a%00b`)), 400);
  assert.equal(await status(request('GET', `/${'a'.repeat(5000)}`)), 414);
  assert.equal(await status(request('GET', `/${'a'.repeat(200000)}`)), 414);
  assert.equal(await status(request('GET', '/healthz', { X: 'a'.repeat(200000) })), 431);
  for (let bytes = 60000; bytes <= 68000; bytes += 500) {
    const answer = await status(request('GET', '/healthz', { X: 'a'.repeat(bytes) }));
    assert.equal(answer, bytes <= 65000 ? 200 : 431, `a header of ${bytes} bytes`);
  }
  assert.equal(await status(request('BREW', '/healthz')), 405);
  assert.equal(await status(request('POST', API)), 405);
  assert.equal(await status(request('OPTIONS', '*')), 204);
  assert.equal(await status(request('GET', small, { Range: 'bytes=0-1' })), 200, 'ranges are not offered');
});

test('HEAD has the headers of GET and no body, also for exports', async () => {
  for (const path of [small, page, `${API}/rows/exports/csv`, `${API}/rows/exports/parquet`, '/healthz']) {
    const got = await ask(server, request('GET', path));
    const head = await ask(server, request('HEAD', path));
    const plain = (text) => text.split('\r\n').filter((line) => !/^(Date|Transfer-Encoding):/.test(line)).sort();
    assert.deepEqual(plain(head.head), plain(got.head), path);
    assert.equal(head.body.length, 0, path);
  }
});

test('tags differ by encoding; 304 names the tag that the client has and can use', async () => {
  const tagOf = async (encoding) => (await ask(server, request('GET', page, { 'Accept-Encoding': encoding }))).header('ETag');
  const [plain, gzip, zstd] = [await tagOf('identity'), await tagOf('gzip'), await tagOf('zstd')];
  assert.equal(new Set([plain, gzip, zstd]).size, 3);
  const again = (tag, encoding) => ask(server, request('GET', page,
    { 'If-None-Match': tag, ...(encoding && { 'Accept-Encoding': encoding }) }));
  for (const [tag, encoding, answered] of [
    [plain, 'identity', plain], [gzip, 'gzip', gzip], [zstd, 'gzip, zstd', zstd],
    [plain, 'gzip', plain], [`W/${gzip}`, 'gzip', gzip], [`"no", ${gzip}`, 'gzip', gzip],
    [['"no"', gzip], 'gzip', gzip], ['*', 'gzip', gzip], [plain, '', plain],
  ]) {
    const answer = await again(tag, encoding);
    assert.equal(answer.status, 304, `${tag} ${encoding}`);
    assert.equal(answer.header('ETag'), answered);
    assert.equal(answer.header('Vary'), 'Accept-Encoding');
    assert.equal(answer.header('Content-Encoding'), undefined);
    assert.equal(answer.header('Cache-Control'), 'no-cache');
    assert.equal(answer.header('Access-Control-Allow-Origin'), '*');
    assert.equal(answer.body.length, 0);
  }
  for (const [tag, encoding] of [[gzip, 'identity'], [zstd, 'gzip'], ['"no"', 'gzip'], [plain.slice(1, -1), ''],
    [plain, 'gzip, identity;q=0']]) {
    assert.equal((await again(tag, encoding)).status, 200, `${tag} ${encoding}`);
  }
});

test('exports honour If-None-Match before they begin', async () => {
  const path = `${API}/rows/exports/csv`;
  const tag = (await ask(server, request('GET', path, { 'Accept-Encoding': 'gzip' }))).header('ETag');
  const answer = await ask(server, request('GET', path, { 'Accept-Encoding': 'gzip', 'If-None-Match': tag }));
  assert.equal(answer.status, 304);
  assert.equal(answer.header('ETag'), tag);
});

test('the encoding is the one the client wants most', async () => {
  for (const [accept, encoding] of [
    [undefined, undefined], ['', undefined], ['gzip;q=0', undefined], ['*', 'gzip'], ['*;q=0', undefined],
    ['identity;q=0', undefined], ['identity;q=0, gzip', 'gzip'], ['gzip;q=0.5, identity', undefined],
    ['gzip, identity', 'gzip'], ['br, GZIP;Q=0.3', 'gzip'], ['gzip, zstd;q=0.1', 'gzip'], ['zstd, gzip', 'zstd'],
    [['br', 'gzip'], 'gzip'],
  ]) {
    for (let round = 0; round < 2; round += 1) { // the second from the cache
      const answer = await ask(server, request('GET', page, accept === undefined ? {} : { 'Accept-Encoding': accept }));
      assert.equal(answer.header('Content-Encoding'), encoding, `${accept}`);
      assert.equal(answer.header('Vary'), 'Accept-Encoding');
      if (encoding === 'gzip') JSON.parse(gunzipSync(answer.body));
      if (!encoding) JSON.parse(answer.body);
    }
  }
});

test('pipelined requests are answered in order', async () => {
  const bytes = (await ask(server,
    `GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET ${small} HTTP/1.1\r\nHost: a\r\n\r\n${request('GET', '/nowhere')}`)).body;
  const text = `HTTP/1.1 200 ${bytes.toString()}`;
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404']);
});

test('the access log has one JSON object a request, without query strings', async () => {
  const own = await serve(data);
  const paths = ['/healthz?secret=1', '/"quo\\te', '/%0d%0a%22', '/\xff\xfe', `/${'long'.repeat(3000)}`, `${page}&x=secret`,
    `${page}&x=secret`];
  const sizes = [];
  for (const path of paths) sizes.push((await ask(own, request('GET', path))).body.length);
  await ask(own, request('GET', '/healthz', { X: 'a'.repeat(200000) }));
  await ask(own, request('HEAD', page));
  own.child.kill('SIGTERM');
  assert.equal(await own.stopped, 0);
  const lines = own.errors.trim().split('\n').map((line) => JSON.parse(line)).filter((line) => line.event === 'request');
  assert.equal(lines.length, paths.length + 2);
  for (const line of lines) {
    assert.deepEqual(Object.keys(line),
      ['time', 'event', 'id', 'method', 'path', 'status', 'duration_ms', 'bytes', 'cached', 'complete']);
    assert.ok(line.path.length <= 1024);
  }
  assert.doesNotMatch(own.errors, /secret|127\.0\.0\.1/);
  assert.deepEqual(lines.map((line) => line.status), [200, 404, 404, 400, 414, 200, 200, 431, 200]);
  assert.deepEqual(lines.slice(0, paths.length).map((line) => line.bytes), sizes);
  assert.deepEqual(lines.map((line) => line.cached), [...Array(6).fill(false), true, false, false]);
  assert.equal(lines.at(-1).bytes, 0);
  assert.equal(lines[3].path, '/%FF%FE');
});

test('the response cache stays within its bound', async () => {
  const own = await serve(data, ['--cache', '2M', '--access-log', 'off']);
  for (let i = 0; i < 400; i += 1) {
    await (await own.get(`${page}&offset=${i}`)).text();
  }
  const bytes = await metric(own, 'parvis_cache_bytes');
  assert.ok(bytes > 500_000 && bytes <= 2 * 1024 * 1024, `${bytes} bytes`);
  assert.ok(await metric(own, 'parvis_cache_entries') > 100);
});
