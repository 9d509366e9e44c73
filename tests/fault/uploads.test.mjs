// What goes wrong between a file on disk and a published dataset: the published version stays, the draft is kept, and the
// person reads what happened and what to do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { API, serve, temporaryFolder } from '../api/program.mjs';
import { store } from '../api/store.mjs';
import { makeUser } from '../api/visitor.mjs';
import { begin, ended, makeDraft, patch, preview, publishDraft, signedIn, tus, upload, use } from '../api/wizard.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
let server = await serve(data);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
let paula = await signedIn(server, 'paula');

/** Kills the server, and starts it again on the same data. */
async function killed() {
  server.child.kill('SIGKILL');
  await server.stopped;
  server = await serve(data);
  const cookies = paula.cookies;
  paula = await signedIn(server, 'paula');
  assert.ok(cookies);
}

const count = async (id) => (await (await server.get(`${API}/${id}/records?limit=1`)).json()).total_count;

/** A ZIP archive of stored or packed entries, whatever their names. */
function zip(entries) {
  const locals = [];
  const central = [];
  let at = 0;
  for (const { name, packed, size, crc = 0 } of entries) {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(crc, 14);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(size, 22);
    head.writeUInt16LE(Buffer.byteLength(name), 26);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(20, 4);
    row.writeUInt16LE(20, 6);
    row.writeUInt16LE(8, 10);
    row.writeUInt32LE(crc, 16);
    row.writeUInt32LE(packed.length, 20);
    row.writeUInt32LE(size, 24);
    row.writeUInt16LE(Buffer.byteLength(name), 28);
    row.writeUInt32LE(at, 42);
    locals.push(head, Buffer.from(name), packed);
    central.push(row, Buffer.from(name));
    at += head.length + Buffer.byteLength(name) + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

const table = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc32 = (bytes) => {
  let c = 0xffffffff;
  for (const byte of bytes) c = table[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};
const entry = (name, text) => ({ name, packed: deflateRawSync(Buffer.from(text)), size: Buffer.byteLength(text), crc: crc32(Buffer.from(text)) });

test('a connection that is cut in the middle of a piece: the count stays, and the rest follows', async () => {
  await makeDraft(paula, 'Cut');
  const bytes = Buffer.from(`n\n${'123456789\n'.repeat(300000)}`);
  const address = await begin(paula, 'cut', 'cut.csv', bytes.length);
  assert.equal((await patch(paula, address, 0, bytes.subarray(0, 1000000))).status, 204);
  const cookies = [...paula.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  await new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(`PATCH ${address} HTTP/1.1\r\nHost: ${new URL(server.portal).host}\r\nCookie: ${cookies}\r\nX-CSRFToken: ${paula.cookies.get('csrftoken')}\r\n`
        + `Tus-Resumable: 1.0.0\r\nUpload-Offset: 1000000\r\nContent-Type: application/offset+octet-stream\r\nUser-Agent: node\r\nContent-Length: 1000000\r\n\r\n`);
      socket.write(bytes.subarray(1000000, 1500000), () => socket.destroy());
    });
    socket.on('close', resolve);
    socket.on('error', () => {});
  });
  assert.equal((await tus(paula, 'HEAD', address)).headers.get('upload-offset'), '1000000');
  assert.equal((await patch(paula, address, 1000000, bytes.subarray(1000000))).status, 204);
  await use(paula, '/backoffice/datasets/cut', [address.split('/').at(-1)]);
  assert.ok((await publishDraft(paula, '/backoffice/datasets/cut')).is_done);
  assert.equal(await count('cut'), 300000);
});

test('two pieces at once for one place: one is taken whole, the other is told where to go on', async () => {
  await makeDraft(paula, 'Twice');
  const piece = (letter) => Buffer.from(`${letter}\n`.repeat(2 << 20));
  const address = await begin(paula, 'twice', 'twice.csv', 2 + 3 * (4 << 20));
  assert.equal((await patch(paula, address, 0, Buffer.from('t\n'))).status, 204);
  for (let i = 0; i < 3; i += 1) {
    const offset = 2 + i * (4 << 20);
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((letter) => patch(paula, address, offset, piece(letter))));
    const statuses = answers.map(({ status }) => status).sort();
    assert.equal(statuses.filter((status) => status === 204).length, 1, statuses.join());
    assert.ok(statuses.every((status) => [204, 409, 423].includes(status)), statuses.join());
    assert.equal((await tus(paula, 'HEAD', address)).headers.get('upload-offset'), String(offset + (4 << 20)));
  }
  await use(paula, '/backoffice/datasets/twice', [address.split('/').at(-1)]);
  assert.ok((await publishDraft(paula, '/backoffice/datasets/twice')).is_done);
  const { results } = await (await server.get(`${API}/twice/records?select=t,count(*)%20as%20n&group_by=t`)).json();
  assert.equal(results.reduce((sum, { n }) => sum + n, 0), 3 * (2 << 20));
  for (const { n } of results) assert.equal(n % (2 << 20), 0, 'pieces are not mixed');
});

test('the server is killed in the middle of an upload: what was counted is there', async () => {
  await makeDraft(paula, 'Killed');
  const bytes = Buffer.from(`n\n${'1\n'.repeat(4 << 20)}`);
  const address = await begin(paula, 'killed', 'k.csv', bytes.length);
  assert.equal((await patch(paula, address, 0, bytes.subarray(0, 1 << 20))).status, 204);
  const running = patch(paula, address, 1 << 20, bytes.subarray(1 << 20, 5 << 20)).catch(() => ({ status: 0 }));
  await killed();
  await running;
  const received = Number((await tus(paula, 'HEAD', address)).headers.get('upload-offset'));
  assert.ok([1 << 20, 5 << 20].includes(received), String(received));
  assert.equal((await patch(paula, address, received, bytes.subarray(received))).status, 204);
  await use(paula, '/backoffice/datasets/killed', [address.split('/').at(-1)]);
  assert.ok((await publishDraft(paula, '/backoffice/datasets/killed')).is_done);
  assert.equal(await count('killed'), 4 << 20);
});

test('the server is killed in the middle of a publication: it goes on by itself, once', async () => {
  const draft = await makeDraft(paula, 'Half');
  const rows = Array.from({ length: 400000 }, (_, i) => `${i},text ${i}`).join('\n');
  await use(paula, draft, [await upload(paula, 'half', 'half.csv', Buffer.from(`n,text\n${rows}\n`))]);
  assert.equal((await paula.post(`${draft}/source/publish`, { visible: 'public' })).status, 303);
  for (;;) {
    const state = JSON.parse((await paula.get(`${draft}/source/publish`, { headers: { accept: 'application/json' } })).text);
    if (/read|looked|opened/.test(state.message) || !state.is_active) break;
  }
  await killed();
  const state = await ended(paula, draft);
  assert.ok(state.is_done, state.message);
  assert.equal(await count('half'), 400000);
  if (store === 'duckdb') {
    const left = readdirSync(join(data, 'records'), { recursive: true }).filter((name) => String(name).endsWith('.building'));
    assert.deepEqual(left, []);
  }
});

test('files that lie: an HTML page named .csv, archives that are bombs, hold paths, or several files', async () => {
  const html = '<!doctype html><html><head><title>404</title></head><body>Not found</body></html>';
  const zeros = Buffer.alloc(64 << 20);
  const bomb = { name: 'bomb.csv', packed: deflateRawSync(zeros), size: 0xfffffff0, crc: 0 };
  const many = Array.from({ length: 10001 }, (_, i) => ({ name: `${i}.csv`, packed: Buffer.from([3, 0]), size: 0 }));
  const cases = [
    ['page.csv', Buffer.from(html), /this is a web page \(HTML\)/],
    ['bomb.zip', zip([bomb, { ...bomb, name: 'b.csv' }]), /more than 4096 MB|files/],
    ['lie.zip', zip([{ name: 'lie.csv', packed: deflateRawSync(zeros), size: 10, crc: 0 }]), /./],
    ['many.zip', zip(many), /more than 10000 entries/],
    ['two.zip', zip([entry('a.csv', 'a\n1\n'), entry('b.csv', 'b\n2\n')]), /holds 2 files/],
    ['paths.zip', zip([entry('../../../etc/cron.d/evil.csv', 'a\n1\n'), entry('/tmp/evil.csv', 'a\n1\n')]), /./],
    ['cut.zip', zip([entry('a.csv', 'a\n1\n')]).subarray(0, 40), /damaged|cut off/],
    ['lone.shp', Buffer.concat([Buffer.from([0, 0, 0x27, 0x0a]), Buffer.alloc(200)]), /a shapefile is several files/],
    ['old.xls', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]), /save it as XLSX/],
  ];
  for (const [name, bytes, expected] of cases) {
    const draft = await makeDraft(paula, `Lies ${name}`);
    await use(paula, draft, [await upload(paula, draft.split('/').at(-1), name, bytes)]);
    const found = await preview(paula, draft);
    assert.match(found.fault, expected, name);
    const state = await publishDraft(paula, draft);
    assert.ok(state.has_failed, name);
    assert.match(state.message, expected, name);
    assert.equal((await server.get(`${API}/${draft.split('/').at(-1)}`)).status, 404, 'nothing is published');
    assert.match((await paula.get(`${draft}/source`)).text, new RegExp(name.replace('.', '\\.')), 'the file is kept');
  }
});

test('an archive with one file is that file, and paths in names lead nowhere', async () => {
  const draft = await makeDraft(paula, 'Archive');
  await use(paula, draft, [await upload(paula, 'archive', 'one.zip', zip([entry('data/table.csv', 'a;b\n1;x\n2;y\n'), entry('read me.pdf', 'x')]))]);
  const found = await preview(paula, draft);
  assert.equal(found.fault, '');
  assert.deepEqual(found.fields.map(({ column }) => column), ['a', 'b']);
  assert.ok((await publishDraft(paula, draft)).is_done);
  assert.equal(await count('archive'), 2);
});

test('a failure leaves the published version as it was', async () => {
  const draft = await makeDraft(paula, 'Stays');
  await use(paula, draft, [await upload(paula, 'stays', 'good.csv', Buffer.from('n\n1\n2\n'))]);
  assert.ok((await publishDraft(paula, draft)).is_done);
  await use(paula, draft, [await upload(paula, 'stays', 'bad.csv', Buffer.from('<html>'))]);
  const state = await publishDraft(paula, draft);
  assert.ok(state.has_failed);
  assert.equal(await count('stays'), 2);
  const page = await paula.get(`${draft}/source/publish`);
  assert.match(page.text, /Nothing was published; the draft and its files are kept/);
});

test('the disk is full: what was sent is kept, and the upload goes on when there is room', async (t) => {
  if (store !== 'duckdb') { t.skip('bytes of uploads are in the database'); return; }
  const small = join(folder, 'small');
  try {
    execFileSync('mkdir', ['-p', small]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', small], { stdio: 'ignore' });
  } catch {
    t.skip('a file system of its own cannot be mounted here');
    return;
  }
  t.after(() => execFileSync('umount', ['-l', small]));
  const other = await serve(join(small, 'data'));
  await makeUser(other, join(small, 'data'), 'peter', ['--role', 'publisher']);
  const peter = await signedIn(other, 'peter');
  await makeDraft(peter, 'Full');
  const bytes = Buffer.alloc(20 << 20, '1\n');
  const address = await begin(peter, 'full', 'full.csv', bytes.length);
  assert.equal((await patch(peter, address, 0, bytes.subarray(0, 8 << 20))).status, 204);
  writeFileSync(join(small, 'filler'), Buffer.alloc(1 << 20));
  execFileSync('sh', ['-c', `dd if=/dev/zero of=${join(small, 'filler')} bs=1M 2>/dev/null || true`]);
  const refused = await patch(peter, address, 8 << 20, bytes.subarray(8 << 20, 16 << 20));
  assert.equal(refused.status, 503, refused.text);
  assert.match(JSON.parse(refused.text).message, /disk of the server is full/);
  const more = await tus(peter, 'POST', '/backoffice/uploads', { 'upload-length': String(30 << 20),
    'upload-metadata': `filename ${Buffer.from('x.csv').toString('base64')},dataset ${Buffer.from('full').toString('base64')}` });
  assert.ok([413, 503].includes(more.status), String(more.status));
  execFileSync('rm', [join(small, 'filler')]);
  assert.equal((await tus(peter, 'HEAD', address)).headers.get('upload-offset'), String(8 << 20));
  assert.equal((await patch(peter, address, 8 << 20, bytes.subarray(8 << 20, 16 << 20))).status, 204);
  other.child.kill('SIGTERM');
  await other.stopped;
});
