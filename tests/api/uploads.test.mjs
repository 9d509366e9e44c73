// Files on their way by tus 1.0.0: how far they are, pieces in the wrong place, whose they are, what is too much.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { serve, temporaryFolder } from './program.mjs';
import { store } from './store.mjs';
import { makeUser } from './visitor.mjs';
import { base64, begin, makeDraft, patch, preview, signedIn, tus, upload, use } from './wizard.mjs';

const isPostgres = store === 'postgresql';
const data = join(temporaryFolder(), 'data');
const server = await serve(data, ['--upload-limit', '40M']);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
await makeUser(server, data, 'peter', ['--role', 'publisher']);
await makeUser(server, data, 'rita');
const paula = await signedIn(server, 'paula');
const draft = await makeDraft(paula, 'Lamps of Lyon');

test('a title makes a draft with an id of its own', async () => {
  assert.equal(draft, '/backoffice/datasets/lamps-of-lyon');
  assert.equal(await makeDraft(paula, 'Lamps of  Lyon!'), '/backoffice/datasets/lamps-of-lyon-2');
  const taken = await paula.post('/backoffice/datasets/new', { title: 'Other', id: 'lamps-of-lyon' });
  assert.equal(taken.status, 422);
  assert.match(taken.text, /id="id-error"/);
  assert.match(taken.text, /value="Other"/);
  assert.equal((await server.get('/explore/dataset/lamps-of-lyon/')).status, 404);
});

test('a file comes in pieces, and goes on where it stopped', async () => {
  const bytes = Buffer.from(`n,text\n${Array.from({ length: 1000 }, (_, i) => `${i},lamp ${i}`).join('\n')}\n`);
  const address = await begin(paula, 'lamps-of-lyon', '../../etc/pass wd.csv', bytes.length);
  assert.match(address, /^\/backoffice\/uploads\/[0-9a-f]{32}$/);
  const first = await patch(paula, address, 0, bytes.subarray(0, 100));
  assert.equal(first.status, 204);
  assert.equal(first.headers.get('upload-offset'), '100');
  assert.match(first.headers.get('upload-expires'), /GMT$/);
  const head = await tus(paula, 'HEAD', address);
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('upload-offset'), '100');
  assert.equal(head.headers.get('upload-length'), String(bytes.length));
  assert.equal(head.headers.get('cache-control'), 'no-store');
  for (const offset of [0, 99, 101, 5000]) {
    assert.equal((await patch(paula, address, offset, bytes.subarray(100, 200))).status, 409, String(offset));
  }
  assert.equal((await patch(paula, address, 100, Buffer.concat([bytes, bytes]))).status, 413, 'more than was said');
  assert.equal((await tus(paula, 'HEAD', address)).headers.get('upload-offset'), '100');
  const list = JSON.parse((await paula.get('/backoffice/uploads?dataset=lamps-of-lyon', { headers: { accept: 'application/json' } })).text);
  assert.deepEqual(list.uploads.map(({ name, received, is_finished, last_modified }) => ({ name, received, is_finished, last_modified })),
    [{ name: 'pass wd.csv', received: 100, is_finished: false, last_modified: 1700000000000 }]);
  assert.match((await paula.get(`${draft}/source`)).text, /pass wd\.csv/);
  assert.equal((await patch(paula, address, 100, bytes.subarray(100))).status, 204);
  await use(paula, draft, [address.split('/').at(-1)]);
  const found = await preview(paula, draft);
  assert.deepEqual(found.fields.map(({ column, type }) => [column, type]), [['n', 'int'], ['text', 'text']]);
  assert.deepEqual(found.rows[1], ['1', 'lamp 1']);
  if (!isPostgres) {
    const path = join(data, 'uploads', address.split('/').at(-1));
    assert.deepEqual(readFileSync(path), bytes);
  } else {
    assert.ok(!existsSync(join(data, 'uploads')) || readdirSync(join(data, 'uploads')).length === 0);
  }
});

test('two pieces for one place at once: one of them counts', async () => {
  const bytes = Buffer.alloc(2 << 20, 'x');
  const address = await begin(paula, 'lamps-of-lyon', 'twice.csv', bytes.length * 2);
  const answers = await Promise.all([1, 2, 3].map(() => patch(paula, address, 0, bytes)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 409, 409]);
  assert.equal((await tus(paula, 'HEAD', address)).headers.get('upload-offset'), String(bytes.length));
});

test('an upload ends when its owner says so', async () => {
  const address = await begin(paula, 'lamps-of-lyon', 'end.csv', 10);
  assert.equal((await tus(paula, 'DELETE', address)).status, 204);
  assert.equal((await tus(paula, 'HEAD', address)).status, 404);
  assert.equal((await patch(paula, address, 0, Buffer.from('x'))).status, 404);
  if (!isPostgres) assert.ok(!existsSync(join(data, 'uploads', address.split('/').at(-1))));
});

test('uploads are for their owner, and for datasets that one may publish', async () => {
  const peter = await signedIn(server, 'peter');
  const rita = await signedIn(server, 'rita');
  const address = await begin(paula, 'lamps-of-lyon', 'mine.csv', 10);
  for (const other of [peter, rita]) {
    assert.equal((await tus(other, 'HEAD', address)).status, 404);
    assert.equal((await patch(other, address, 0, Buffer.from('x'))).status, 404);
    assert.equal((await tus(other, 'DELETE', address)).status, 404);
    const answer = await tus(other, 'POST', '/backoffice/uploads', { 'upload-length': '5',
      'upload-metadata': `filename ${base64('a.csv')},dataset ${base64('lamps-of-lyon')}` });
    assert.equal(answer.status, 404, 'a draft that he does not see');
    assert.equal((await other.get('/backoffice/uploads?dataset=lamps-of-lyon', { headers: { accept: 'application/json' } })).status, 404);
  }
  assert.equal((await rita.post('/backoffice/datasets/new', { title: 'No' })).status, 403);
  assert.equal((await tus(paula, 'PATCH', address, { 'x-csrftoken': 'wrong', 'upload-offset': '0',
    'content-type': 'application/offset+octet-stream' }, Buffer.from('x'))).status, 403);
});

test('what is no request of the protocol is refused', async () => {
  const metadata = `filename ${base64('a.csv')},dataset ${base64('lamps-of-lyon')}`;
  const version = await tus(paula, 'POST', '/backoffice/uploads', { 'tus-resumable': '0.2.2', 'upload-length': '5', 'upload-metadata': metadata });
  assert.equal(version.status, 412);
  assert.equal(version.headers.get('tus-version'), '1.0.0');
  for (const length of ['', '-1', '1.5', 'many', '99999999999999999999']) {
    assert.equal((await tus(paula, 'POST', '/backoffice/uploads', { 'upload-length': length, 'upload-metadata': metadata })).status, 400, length);
  }
  const large = await tus(paula, 'POST', '/backoffice/uploads', { 'upload-length': String(41 << 20), 'upload-metadata': metadata });
  assert.equal(large.status, 413);
  assert.match(JSON.parse(large.text).message, /at most 40 MB/);
  const empty = await tus(paula, 'POST', '/backoffice/uploads', { 'upload-length': '0', 'upload-metadata': metadata });
  assert.equal(empty.status, 400);
  assert.match(JSON.parse(empty.text).message, /empty/);
  for (const wrong of ['', 'filename', 'filename ***,dataset ***', `dataset ${base64('nothing')}`]) {
    assert.equal((await tus(paula, 'POST', '/backoffice/uploads', { 'upload-length': '5', 'upload-metadata': wrong })).status, 404, wrong);
  }
  const address = await begin(paula, 'lamps-of-lyon', 'x.csv', 10);
  assert.equal((await tus(paula, 'PATCH', address, { 'upload-offset': '0', 'content-type': 'text/plain' }, Buffer.from('x'))).status, 415);
  const status = await patch(paula, address, 0, Buffer.alloc(17 << 20)).then((answer) => answer.status, () => 'cut');
  assert.ok([413, 'cut'].includes(status), `a piece larger than memory is spent on: ${status}`);
  assert.equal((await tus(paula, 'HEAD', address)).headers.get('upload-offset'), '0');
  for (const path of ['/backoffice/uploads/..%2f..%2fcatalogue.sqlite', '/backoffice/uploads/nothing']) {
    assert.equal((await tus(paula, 'HEAD', path)).status, 404, path);
  }
});

test('what waits is bounded for each person', async () => {
  const peter = await signedIn(server, 'peter');
  await makeDraft(peter, 'Much', 'much');
  const addresses = [];
  for (let i = 0; i < 4; i++) addresses.push(await begin(peter, 'much', `${i}.csv`, 40 << 20));
  const answer = await tus(peter, 'POST', '/backoffice/uploads', { 'upload-length': '1',
    'upload-metadata': `filename ${base64('a.csv')},dataset ${base64('much')}` });
  assert.equal(answer.status, 429, answer.text);
  assert.match(JSON.parse(answer.text).message, /that no dataset uses yet/);
  assert.equal((await tus(peter, 'DELETE', addresses[0])).status, 204);
  await begin(peter, 'much', 'a.csv', 1);
});

test('without the script files come as a form', async () => {
  const form = new FormData();
  form.append('csrfmiddlewaretoken', /name="csrfmiddlewaretoken" value="([^"]+)"/.exec((await paula.get(`${draft}/source`)).text)[1]);
  form.append('file', new Blob(['a;b\n1;2\n']), 'form one.csv');
  form.append('file', new Blob(['a;b\n3;4\n']), 'form two.csv');
  const request = new Request('http://x/', { method: 'POST', body: form });
  const body = Buffer.from(await request.arrayBuffer());
  const answer = await paula.send('POST', `${draft}/source/file`, { body, headers: { 'content-type': request.headers.get('content-type') } });
  assert.equal(answer.status, 303, answer.text);
  const page = await paula.get(answer.location);
  assert.match(page.text, /form one\.csv/);
  assert.match(page.text, /form two\.csv/);
  const nothing = await paula.send('POST', `${draft}/source/file`, { body: new URLSearchParams({ a: 'b' }),
    headers: { 'x-csrftoken': paula.cookies.get('csrftoken') } });
  assert.equal(nothing.status, 422);
});

test('a program with a key sends files, too', async () => {
  const made = await paula.post('/account/keys', { name: 'loader', write: 'on' });
  const key = /[0-9a-f]{56}/.exec(made.text)[0];
  const headers = { authorization: `Apikey ${key}`, 'tus-resumable': '1.0.0', accept: 'application/json' };
  const answer = await fetch(`${server.portal}/backoffice/uploads`, { method: 'POST', headers: { ...headers, 'upload-length': '3',
    'upload-metadata': `filename ${base64('k.csv')},dataset ${base64('lamps-of-lyon')}` } });
  assert.equal(answer.status, 201, await answer.text());
});

test('bytes of uploads take no more room than they have', async () => {
  if (isPostgres) return;
  for (const name of readdirSync(join(data, 'uploads'))) {
    assert.ok(statSync(join(data, 'uploads', name)).size <= 40 << 20, name);
  }
  await upload(paula, 'lamps-of-lyon', 'again.csv', Buffer.from('a\n1\n'));
});
