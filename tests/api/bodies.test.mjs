// Bodies where none is expected: refused before they are read, and nothing behind them is a request.
// Those that are expected have unit tests of their own (tests/unit/http/test_body.c).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, ask, awaitMetric, open, publish, readAll, serve, temporaryFolder } from './program.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'rows', 10);
const server = await serve(data, ['--idle-timeout', '2s']);
const behind = 'GET /behind HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const head = (method, path, ...lines) => `${method} ${path} HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

test('a body without an address for it is 413, whatever the method and the framing', async () => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'BREW']) {
    for (const path of ['/healthz', API, `${API}/rows/records`, '/nowhere']) {
      for (const framing of ['Content-Length: 9', 'Content-Length: 99999999999', 'Transfer-Encoding: chunked']) {
        const answer = await ask(server, head(method, path, framing));
        assert.equal(answer.status, 413, `${method} ${path} ${framing}`);
        assert.equal(answer.header('Connection'), 'close');
      }
    }
  }
});

test('a client that waits for 100 Continue gets its refusal instead', async () => {
  const answer = await ask(server, head('POST', API, 'Content-Length: 9', 'Expect: 100-continue'));
  assert.equal(answer.status, 413);
  assert.doesNotMatch(answer.head, /100 Continue/);
});

test('a length that could be read in two ways is 400 and ends the connection', async () => {
  for (const lines of [
    ['Content-Length: 9', 'Transfer-Encoding: chunked'], ['Transfer-Encoding: chunked', 'Content-Length: 9'],
    ['Content-Length: 9', 'Content-Length: 9'], ['Content-Length: 0', 'Content-Length: 9'],
    ['Transfer-Encoding: gzip, chunked'], ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: identity'], ['Transfer-Encoding: chunked '], ['Transfer-Encoding: "chunked"'],
    ['Content-Length: 9,9'], ['Content-Length: 0x9'], ['Content-Length: +9'], ['Content-Length: -9'], ['Content-Length: 9 9'],
  ]) {
    for (const method of ['GET', 'POST']) {
      const bytes = await readAll(await open(server, head(method, '/healthz', ...lines) + behind));
      const text = bytes.toString('latin1');
      assert.match(text, /^HTTP\/1\.1 400 /, lines.join());
      assert.match(text, /\r\nConnection: close\r\n/i);
      assert.doesNotMatch(text, /HTTP\/1\.1 (200|404)/, `nothing behind ${lines.join()}`);
    }
  }
});

test('an empty body is none', async () => {
  const answer = await ask(server, head('GET', '/healthz', 'Content-Length: 0', 'Connection: close'));
  assert.equal(answer.status, 200);
  assert.equal((await ask(server, head('POST', API, 'Content-Length: 0', 'Connection: close'))).status, 405);
});

test('clients that leave in the middle of a refused body hold nothing', async () => {
  for (let i = 0; i < 20; i += 1) {
    const socket = await open(server, `${head('POST', API, 'Content-Length: 1000000')}half`);
    if (i % 2) socket.destroy();
    else socket.end();
  }
  await awaitMetric(server, 'parvis_requests_in_flight', 1);
});
