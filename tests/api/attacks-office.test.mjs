// What somebody might try in the back office to see or do more than he may.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { makeUser } from './visitor.mjs';
import { publishDraft, signedIn, upload, use } from './wizard.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const JSON_ONLY = { headers: { accept: 'application/json' } };

function parvis(...words) {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, `${words.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

function importText(id, text, ...words) {
  const path = join(folder, `${id}.csv`);
  writeFileSync(path, text);
  parvis('import', path, '--id', id, '--keep', '9', ...words);
}

importText('permits', 'id,status,applicant\n1,granted,Ann\n2,refused,Bob\n', '--annotate', 'id=id');
importText('permits', 'id,status,applicant\n1,granted,Anna\n2,refused,Bobby\n3,refused,Cyril\n4,granted,Dora\n', '--annotate', 'id=id');

const server = await serve(data, ['--fetch-allow', '127.0.0.0/8']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'eve', ['--role', 'editor']);
await makeUser(server, data, 'pat', ['--role', 'publisher']);
const [ada, eve, pat] = await Promise.all(['ada', 'eve', 'pat'].map((name) => signedIn(server, name)));

/** Asks until the answer is so. */
async function until(ask, isSo) {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

test('a comparison of versions shows an editor no more than his rule does', async () => {
  parvis('access', 'permits', '--user', 'eve', '--edit', '--filter', 'status = "granted"', '--hide', 'applicant');
  await until(() => eve.get('/backoffice/datasets/permits'), ({ status }) => status === 200);
  const seen = JSON.parse((await eve.get(`${API}/permits/records`, JSON_ONLY)).text);
  assert.equal(seen.total_count, 2);
  for (const headers of [{ accept: 'application/json' }, {}]) {
    const answer = await eve.get('/backoffice/datasets/permits/versions/compare?from=1&to=2', { headers });
    assert.doesNotMatch(answer.text, /Bob|Cyril|Dora|Anna|refused/);
  }
});

test('a comparison leaves out fields that are hidden from the editor', async () => {
  parvis('access', 'permits', '--user', 'eve', '--edit', '--hide', 'applicant');
  const answer = await until(() => eve.get('/backoffice/datasets/permits/versions/compare?from=1&to=2', JSON_ONLY),
    ({ status }) => status === 200);
  assert.doesNotMatch(answer.text, /Bob|Cyril|Dora|Anna|applicant/);
  const { added, records } = JSON.parse(answer.text);
  assert.equal(added, 2);
  assert.deepEqual(records.added.after.map(({ status }) => status).sort(), ['granted', 'refused']);
});

test('who lost the right to publish has nothing published by a job of before', async () => {
  parvis('access', 'permits', '--user', 'pat', '--publish');
  const draft = '/backoffice/datasets/permits';
  await until(() => pat.get(`${draft}/source`), ({ status }) => status === 200);
  await use(pat, draft, [await upload(pat, 'permits', 'bad.csv', Buffer.from('id,status\n1,"x\n'))]);
  assert.ok((await publishDraft(pat, draft)).has_failed);
  const { jobs } = JSON.parse((await pat.get('/backoffice/jobs?kind=publish', JSON_ONLY)).text);
  await use(pat, draft, [await upload(pat, 'permits', 'good.csv', Buffer.from('id,status,applicant\n9,x,y\n'))]);
  parvis('access', 'permits', '--user', 'pat', '--read');
  await until(() => pat.get(`${draft}/source`), ({ status }) => status === 403);
  const retried = await pat.post(`/backoffice/jobs/${jobs[0].id}/retry`, {}, JSON_ONLY);
  assert.equal(retried.status, 403, retried.text);
  const dataset = JSON.parse((await ada.get('/backoffice/datasets/permits', JSON_ONLY)).text);
  assert.equal(dataset.version, 2);
});

test('a job that waited while its right was taken away publishes nothing', async () => {
  const alone = join(folder, 'waiting');
  const path = join(folder, 'waits.csv');
  writeFileSync(path, 'n\n1\n');
  const own = (...words) => assert.equal(run([...words, '--data', alone]).status, 0, words.join(' '));
  own('import', path, '--id', 'waits');
  const idle = await serve(alone, ['--job-workers', '0']);
  await makeUser(idle, alone, 'pat', ['--role', 'publisher']);
  own('access', 'waits', '--user', 'pat', '--publish');
  const visitor = await signedIn(idle, 'pat');
  const draft = '/backoffice/datasets/waits';
  await until(() => visitor.get(`${draft}/source`), ({ status }) => status === 200);
  await use(visitor, draft, [await upload(visitor, 'waits', 'more.csv', Buffer.from('n\n1\n2\n'))]);
  assert.equal((await visitor.post(`${draft}/source/publish`, { visible: 'public' })).status, 303);
  own('access', 'waits', '--user', 'pat', '--read');
  own('job', 'run');
  const shown = run(['dataset', 'show', 'waits', '--data', alone]);
  assert.match(shown.stdout, /^version\t1$/m);
});

test('a person has only so many exports waiting', async () => {
  const alone = join(folder, 'exports');
  const path = join(folder, 'many.csv');
  writeFileSync(path, 'n\n1\n');
  assert.equal(run(['import', path, '--id', 'many', '--data', alone]).status, 0);
  const idle = await serve(alone, ['--job-workers', '0']);
  await makeUser(idle, alone, 'rita');
  const visitor = await signedIn(idle, 'rita');
  const order = () => visitor.post('/backoffice/datasets/many/export', { format: 'csv', where: 'n > 0' });
  for (let i = 0; i < 20; i += 1) assert.equal((await order()).status, 303);
  const refused = await order();
  assert.equal(refused.status, 422);
  assert.match(refused.text, /20 exports that are not done yet/);
  assert.match(refused.text, /value="n &gt; 0"/, 'what was typed stays');
});

test('no browser looks into the file of an export', async () => {
  const { location } = await pat.post('/backoffice/datasets/permits/export', { format: 'csv' });
  const file = await until(() => pat.get(`${location}/file`), ({ status }) => status !== 404);
  assert.equal(file.status, 200);
  assert.equal(file.headers.get('x-content-type-options'), 'nosniff');
  assert.match(file.headers.get('content-security-policy'), /sandbox/);
  assert.match(file.headers.get('content-disposition'), /^attachment; filename="permits\.csv"$/);
  assert.equal(file.headers.get('cache-control'), 'no-store');
});

test('who took a file is not told to others who may change the dataset', async () => {
  const { location } = await ada.post('/backoffice/datasets/permits/export', { format: 'jsonl' });
  await until(() => ada.get(`${location}/file`), ({ status }) => status === 200);
  const page = await eve.get('/backoffice/datasets/permits');
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /permits\.jsonl/);
  assert.match((await ada.get('/backoffice/datasets/permits')).text, /permits\.jsonl/);
});
