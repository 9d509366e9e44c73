// The whole dataset as a Parquet file that is kept with its version: made once, read in parts, gone with
// the version, never shown to people who see less.
import test from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromUrl, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { API, ask, publish, run, serve, temporaryFolder } from './program.mjs';
import { parquetRows } from './readers.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const ROWS = 200000;
publish(data, 'big', ROWS, 40);
publish(data, 'permits', 50);
const server = await serve(data, ['--access-log', 'off']);
const path = `${API}/big/exports/parquet`;

const get = (headers = {}, init = {}) => server.get(path, { headers, ...init });
const bytesOf = async (response) => Buffer.from(await response.arrayBuffer());

const uids = {};
for (const id of ['big', 'permits']) uids[id] = (await (await server.get(`${API}/${id}`)).json()).dataset_uid;

/** Directory of a dataset's versions. */
const directoryOf = (id) => join(data, 'records', uids[id]);

const keptFiles = (id) => (existsSync(directoryOf(id)) ? readdirSync(directoryOf(id)) : []).filter((name) => name.endsWith('.parquet'));

let whole;
let etag;

test('requests at the same time share one file', async () => {
  assert.deepEqual(keptFiles('big'), []);
  const answers = await Promise.all(Array.from({ length: 6 }, () => get()));
  const bodies = await Promise.all(answers.map(bytesOf));
  assert.deepEqual(answers.map(({ status }) => status), Array(6).fill(200));
  assert.equal(new Set(answers.map(({ headers }) => headers.get('etag'))).size, 1);
  for (const body of bodies.slice(1)) assert.ok(body.equals(bodies[0]));
  assert.deepEqual(keptFiles('big'), ['1.parquet']);
  assert.ok(readFileSync(join(directoryOf('big'), '1.parquet')).equals(bodies[0]));
  assert.deepEqual(readdirSync(join(data, 'spool')), []);
  whole = await bytesOf(await get()); // here, because tests are over when none is declared while one waits
  etag = (await get({}, { method: 'HEAD' })).headers.get('etag');
});

test('the whole file has its length and validator', async () => {
  for (const method of ['GET', 'HEAD']) {
    const response = await get({}, { method });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-length'), String(whole.length));
    assert.equal(response.headers.get('accept-ranges'), 'bytes');
    assert.equal(response.headers.get('content-type'), 'application/vnd.apache.parquet');
    assert.equal(response.headers.get('content-encoding'), null);
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename="big.parquet"');
    assert.match(response.headers.get('etag'), /^"[^"]+"$/);
    assert.equal((await bytesOf(response)).length, method === 'GET' ? whole.length : 0);
  }
  const same = await get({ 'if-none-match': etag });
  assert.equal(same.status, 304);
  assert.equal((await get({ 'if-none-match': '"other"' })).status, 200);
});

test('one range', async () => {
  const n = whole.length;
  const cases = [['0-0', 0, 1], ['0-99', 0, 100], ['100-', 100, n], ['-8', n - 8, n], [`${n - 1}-`, n - 1, n],
    [`-${n + 5}`, 0, n], [`0-${n + 5}`, 0, n], ['1000-400000', 1000, 400001], [' 5-6', 5, 7]];
  for (const [range, from, to] of cases) {
    const response = await get({ range: `bytes=${range}` });
    assert.equal(response.status, 206, range);
    assert.equal(response.headers.get('content-range'), `bytes ${from}-${to - 1}/${n}`);
    assert.equal(response.headers.get('content-length'), String(to - from));
    assert.equal(response.headers.get('etag'), etag);
    assert.equal(response.headers.get('content-type'), 'application/vnd.apache.parquet');
    assert.ok((await bytesOf(response)).equals(whole.subarray(from, to)), range);
  }
});

test('a range behind the end is refused', async () => {
  for (const range of [`${whole.length}-`, '99999999999999999999-', '-0']) {
    const response = await get({ range: `bytes=${range}` });
    assert.equal(response.status, 416, range);
    assert.equal(response.headers.get('content-range'), `bytes */${whole.length}`);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.deepEqual(Object.keys(await response.json()), ['error_code', 'message']);
  }
});

test('what is no single range is answered with everything', async () => {
  for (const range of ['bytes=0-1,4-5', 'bytes=5-4', 'bytes=x', 'lines=1-2', '']) {
    const response = await get({ range });
    assert.equal(response.status, 200, range);
    assert.ok((await bytesOf(response)).equals(whole), range);
  }
  const head = await get({ range: 'bytes=0-1' }, { method: 'HEAD' });
  assert.equal(head.status, 200);
});

test('If-Range: only the same bytes are continued', async () => {
  const part = (ifRange) => get({ range: 'bytes=0-9', 'if-range': ifRange });
  assert.equal((await part(etag)).status, 206);
  for (const other of ['"other"', `W/${etag}`, 'Thu, 26 Nov 2026 10:00:00 GMT']) {
    assert.equal((await part(other)).status, 200, other);
  }
  assert.equal((await get({ range: 'bytes=0-9', 'if-none-match': etag })).status, 304);
});

test('scripts of other sites may ask for ranges', async () => {
  const response = await get({ range: 'bytes=0-1', origin: 'https://example.org' });
  const exposed = response.headers.get('access-control-expose-headers').split(', ');
  for (const name of ['Content-Range', 'Accept-Ranges', 'Content-Length', 'ETag']) assert.ok(exposed.includes(name), name);
  const preflight = await get({ origin: 'https://example.org', 'access-control-request-headers': 'range' },
    { method: 'OPTIONS' });
  assert.ok(preflight.headers.get('access-control-allow-headers').split(', ').includes('Range'));
});

test('a reader that is not ours gets one column of a few records from afar', async () => {
  let received = 0;
  const counted = async (url, init) => {
    const response = await fetch(url, init);
    received += Number(response.headers.get('content-length')) * (init?.method !== 'HEAD');
    return response;
  };
  const file = await asyncBufferFromUrl({ url: server.portal + path, fetch: counted });
  assert.equal(file.byteLength, whole.length);
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: 1 << 16 });
  assert.equal(metadata.num_rows, BigInt(ROWS));
  const rows = await parquetReadObjects({ file, metadata, columns: ['n'], rowStart: ROWS - 3, rowEnd: ROWS });
  assert.deepEqual(rows.map(({ n }) => n), [199997n, 199998n, 199999n]);
  assert.ok(received < whole.length / 3, `${received} of ${whole.length} bytes`);
});

test('footer and column chunk by hand', async () => {
  const tail = await bytesOf(await get({ range: 'bytes=-8' }));
  assert.equal(tail.subarray(4).toString(), 'PAR1');
  const length = tail.readUInt32LE(0);
  const footer = await bytesOf(await get({ range: `bytes=-${length + 8}` }));
  assert.ok(footer.equals(whole.subarray(-length - 8)));
  const { metadata } = await parquetRows(whole);
  for (const { columns } of metadata.row_groups) {
    for (const { meta_data: chunk } of columns) {
      const from = Number(chunk.dictionary_page_offset ?? chunk.data_page_offset);
      const to = from + Number(chunk.total_compressed_size);
      const bytes = await bytesOf(await get({ range: `bytes=${from}-${to - 1}` }));
      assert.ok(bytes.equals(whole.subarray(from, to)));
    }
  }
});

test('a client that leaves or stops reading does no harm', async () => {
  for (let i = 0; i < 8; i++) {
    const abort = new AbortController();
    const response = await get({}, { signal: abort.signal });
    assert.equal(response.status, 200);
    abort.abort();
  }
  const answer = await ask(server, `GET ${path} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\nConnection: close\r\n\r\n`);
  assert.equal(answer.status, 206);
  assert.equal(answer.body.toString(), 'PAR1');
});

test('what is filtered, sorted or packed is no kept file', async () => {
  const before = readFileSync(join(directoryOf('big'), '1.parquet'));
  for (const query of ['where=n<5', 'limit=5', 'select=n', 'order_by=n', 'offset=199990', 'use_labels=true',
    'compressed=true&limit=1', 'parquet_compression=zstd', 'refine=n:1', 'exclude=n:1', 'group_by=n&limit=3']) {
    const response = await server.get(`${path}?${query}`, { headers: { range: 'bytes=0-3' } });
    assert.equal(response.status, 200, query);
    assert.equal(response.headers.get('accept-ranges'), null, query);
    assert.equal(response.headers.get('content-range'), null, query);
    await response.arrayBuffer();
  }
  assert.deepEqual(keptFiles('big'), ['1.parquet']);
  assert.ok(readFileSync(join(directoryOf('big'), '1.parquet')).equals(before));
  const plain = await server.get(`${path}?parquet_compression=snappy&limit=-1`);
  assert.equal(plain.headers.get('etag'), etag);
  await plain.arrayBuffer();
});

test('other bytes have another validator', async () => {
  const file = join(directoryOf('big'), '1.parquet');
  renameSync(file, join(folder, 'aside.parquet'));
  const again = await get({ range: 'bytes=0-3', 'if-range': etag });
  assert.equal(again.status, 200);
  assert.notEqual(again.headers.get('etag'), etag);
  await again.arrayBuffer();
  assert.ok(existsSync(file));
});

/* ---- people who see less ---- */

function command(words) {
  const { status, stdout, stderr } = run([...words, '--data', data]);
  assert.equal(status, 0, stdout + stderr);
}

test('people who see less get their own records and no ranges', async () => {
  const permits = `${API}/permits/exports/parquet`;
  command(['group', 'add', 'some']);
  await makeUser(server, data, 'bob', ['--role', 'reader']);
  await makeUser(server, data, 'ada', ['--role', 'administrator']);
  command(['group', 'member', 'some', '--add', 'bob']);
  command(['access', 'permits', '--restrict']);
  command(['access', 'permits', '--group', 'some', '--filter', 'n < 10', '--hide', 'text']);
  const people = {};
  for (const name of ['bob', 'ada']) {
    people[name] = new Visitor(server);
    assert.equal((await people[name].signIn(name)).status, 303);
  }
  const askAs = (name, headers) => server.get(permits, { headers: { ...headers,
    cookie: [...people[name].cookies].map((pair) => pair.join('=')).join('; ') } });
  while ((await server.get(permits)).status !== 404); // the server has seen the first rule
  while ((await askAs('bob')).status !== 200); // … and the second
  const seen = await askAs('ada', { range: 'bytes=0-3' });
  assert.equal(seen.status, 206);
  assert.equal(seen.headers.get('cache-control'), 'private, no-store');
  assert.deepEqual(keptFiles('permits'), ['1.parquet']);
  for (const headers of [{}, { range: 'bytes=0-99' }]) {
    const answer = await askAs('bob', headers);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('accept-ranges'), null);
    assert.equal(answer.headers.get('content-range'), null);
    const { rows } = await parquetRows(await bytesOf(answer));
    assert.deepEqual(rows, Array.from({ length: 10 }, (_, i) => ({ n: BigInt(i) })));
  }
});

/* ---- the file's life ---- */

test('the file goes with its version', async () => {
  const before = await bytesOf(await get());
  for (let version = 2; version <= 5; version++) publish(data, 'big', 10 * version);
  while ((await server.get(`${API}/big/records?limit=0`).then((answer) => answer.json())).total_count !== 50);
  const { rows } = await parquetRows(await bytesOf(await get()));
  assert.equal(rows.length, 50);
  assert.deepEqual(keptFiles('big'), ['5.parquet']);
  assert.equal(readdirSync(directoryOf('big')).includes('1.duckdb'), false);
  assert.ok(before.length > 0);
});

test('check does not mind the file, remove takes it along', () => {
  command(['check']);
  assert.deepEqual(keptFiles('permits'), ['1.parquet']);
  command(['remove', 'permits']);
  assert.equal(existsSync(directoryOf('permits')), false);
});

test('where no file can be kept the export works without ranges', async () => {
  publish(data, 'odd', 20);
  while ((await server.get(`${API}/odd`)).status !== 200);
  uids.odd = (await (await server.get(`${API}/odd`)).json()).dataset_uid;
  mkdirSync(join(directoryOf('odd'), '1.parquet'), { recursive: true });
  const response = await server.get(`${API}/odd/exports/parquet`, { headers: { range: 'bytes=0-3' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('accept-ranges'), null);
  assert.equal((await parquetRows(await bytesOf(response))).rows.length, 20);
  assert.match(server.errors, /parquet\.not_kept/);
  assert.deepEqual(readdirSync(join(data, 'spool')), []);
});

test('files without a version are removed at the next start', async () => {
  const stray = join(directoryOf('big'), '99.parquet');
  writeFileSync(stray, 'PAR1');
  const other = await serve(data, ['--access-log', 'off']);
  await (await other.get(`${API}/big`)).text();
  assert.equal(existsSync(stray), false);
  assert.deepEqual(keptFiles('big'), ['5.parquet']);
  unlinkSync(join(directoryOf('big'), '5.parquet'));
});
