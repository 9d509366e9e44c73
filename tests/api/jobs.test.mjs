// Jobs in the back office and on the command line, and exports to a file, as people and programs use them.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 50);
publish(data, 'secrets', 20);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'paul', ['--role', 'publisher']);
await makeUser(server, data, 'rita');
for (const words of [['numbers', '--user', 'paul', '--publish'], ['secrets', '--restrict'],
  ['secrets', '--user', 'paul', '--read', '--filter', 'n < 5', '--hide', 'text']]) {
  const set = run(['access', ...words, '--data', data]);
  assert.equal(set.status, 0, set.stderr);
}

const JSON_ONLY = { headers: { accept: 'application/json' } };
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function signedIn(name) {
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}

const [ada, paul, rita] = await Promise.all(['ada', 'paul', 'rita'].map(signedIn));

/** Asks for an export; gives the job's path. */
async function order(visitor, dataset, fields) {
  const answer = await visitor.post(`/backoffice/datasets/${dataset}/export`, fields, JSON_ONLY);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text).location;
}

async function jobOf(visitor, path) {
  const answer = await visitor.get(path, JSON_ONLY);
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text);
}

/** The job when it has ended. */
async function ended(visitor, path) {
  for (;;) {
    const { job, log } = await jobOf(visitor, path);
    if (!['waiting', 'running'].includes(job.state)) return { ...job, log };
    await sleep(50);
  }
}

test('an export is written in the background and downloaded by who asked for it', async () => {
  const form = await paul.get('/backoffice/datasets/numbers/export');
  assert.equal(form.status, 200);
  assert.match(form.text, /value="parquet"/);
  const path = await order(paul, 'numbers', { format: 'csv', where: 'n >= 45', select: 'n', use_labels: '' });
  const job = await ended(paul, path);
  assert.equal(job.state, 'done');
  assert.equal(job.kind, 'export');
  assert.equal(job.dataset, 'numbers');
  assert.equal(job.user, 'paul');
  assert.equal(job.attempt, 1);
  assert.match(job.log.at(-1).text, /^Written: numbers\.csv, \d+ bytes\.$/);
  const page = await paul.get(path);
  assert.match(page.text, new RegExp(`href="${path}/file" download>numbers\\.csv<`));
  const file = await paul.get(job.result.file);
  assert.equal(file.headers.get('content-disposition'), 'attachment; filename="numbers.csv"');
  assert.equal(file.headers.get('cache-control'), 'no-store');
  assert.match(file.headers.get('content-security-policy'), /sandbox/);
  assert.equal(file.text.trim(), 'n\r\n45\r\n46\r\n47\r\n48\r\n49');
  assert.equal(Buffer.byteLength(file.text) + 3, job.result.bytes); // the byte order mark
});

test('every format can be written', async () => {
  for (const format of ['xlsx', 'parquet', 'jsonl']) {
    const job = await ended(paul, await order(paul, 'numbers', { format }));
    assert.equal(job.state, 'done', `${format}: ${job.message}`);
    assert.equal((await paul.get(job.result.file)).status, 200);
  }
});

test('a file holds what the person may see when it is written', async () => {
  const job = await ended(paul, await order(paul, 'secrets', { format: 'jsonl' }));
  const { text } = await paul.get(job.result.file);
  assert.deepEqual(text.trim().split('\n').map((line) => JSON.parse(line)), [0, 1, 2, 3, 4].map((n) => ({ n })));
  const hidden = await paul.post('/backoffice/datasets/secrets/export', { format: 'csv', select: 'text' });
  assert.equal(hidden.status, 422);
  assert.equal((await rita.post('/backoffice/datasets/secrets/export', { format: 'csv' })).status, 404);
});

test('who may edit is asked in the dataset, with formats by their names; others on a page of its own', async () => {
  const inside = (await ada.get('/backoffice/datasets/numbers/export')).text;
  assert.match(inside, /Excel \(XLSX\)/);
  assert.match(inside, /class="tabs"/);
  assert.match(inside, /<h1>numbers<\/h1>/);
  const outside = (await rita.get('/backoffice/datasets/numbers/export')).text;
  assert.match(outside, /Excel \(XLSX\)/);
  assert.doesNotMatch(outside, /class="tabs"/);
});

test('what is wrong with an order stands beside its field, and nothing typed is lost', async () => {
  const where = await paul.post('/backoffice/datasets/numbers/export', { format: 'csv', where: 'nothing = 1', select: 'n' });
  assert.equal(where.status, 422);
  assert.match(where.text, /id="where"[^>]*value="nothing = 1"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*value="nothing = 1"|value="nothing = 1"/);
  assert.match(where.text, /nothing/);
  const select = await paul.post('/backoffice/datasets/numbers/export', { format: 'csv', select: 'n,' }, JSON_ONLY);
  assert.equal(select.status, 422);
  const format = await paul.post('/backoffice/datasets/numbers/export', { format: 'doc' }, JSON_ONLY);
  assert.equal(format.status, 422);
  assert.match(format.text, /one of .*csv/);
});

test('people see their own jobs, administrators all, and files are for who asked', async () => {
  const path = await order(paul, 'numbers', { format: 'csv' });
  await ended(paul, path);
  assert.equal((await rita.get(path)).status, 404);
  assert.equal((await rita.get(`${path}/file`)).status, 404);
  assert.equal((await rita.post(`${path}/cancel`, {})).status, 404);
  assert.equal((await ada.get(path)).status, 200);
  assert.match((await rita.get('/backoffice/jobs')).text, /There are no such jobs/);
  const id = Number(path.split('/').at(-1));
  const list = async (visitor, query) => JSON.parse((await visitor.get(`/backoffice/jobs${query}`, JSON_ONLY)).text).jobs.map((job) => job.id);
  assert.ok((await list(ada, '')).includes(id));
  assert.ok((await list(paul, '?kind=export&state=done&dataset=numbers')).includes(id));
  assert.ok(!(await list(paul, '?state=failed')).includes(id));
  assert.ok(!(await list(paul, `?before=${id}`)).includes(id));
  assert.deepEqual(await list(rita, '?dataset=numbers'), []);
  assert.equal((await new Visitor(server).get(path)).status, 303);
  assert.equal((await new Visitor(server).get(path, JSON_ONLY)).status, 401);
  const page = await ada.get('/backoffice/jobs?state=done&kind=export');
  assert.match(page.text, /<option value="done" selected>/);
  assert.ok(page.text.includes(`href="${path}"`));
  assert.equal((await ada.get('/backoffice/jobs/999999')).status, 404);
  assert.equal((await ada.get('/backoffice/jobs/x')).status, 404);
});

test('a long list goes on by pages', async () => {
  const row = "insert into job (kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, started, ended, not_before, message, done, total, unit, is_cancelled, runner, heartbeat)"
    + " values ('later kind', '', '<b>&', '{}', '', 'failed', 0, '', 2, 1, 1, 1, 1, 'It is <broken>.', 5, 10, 'rows', 0, '', 0);";
  askStore(data, row.repeat(60));
  const first = JSON.parse((await ada.get('/backoffice/jobs?kind=later%20kind', JSON_ONLY)).text);
  assert.equal(first.jobs.length, 50);
  const rest = JSON.parse((await ada.get(first.next, JSON_ONLY)).text);
  assert.equal(rest.jobs.length, 10);
  assert.equal(rest.next, null);
  assert.ok(rest.jobs[0].id < first.jobs.at(-1).id);
  const page = await ada.get('/backoffice/jobs?kind=later%20kind');
  assert.match(page.text, /rel="next"/);
  assert.ok(page.text.includes('&lt;b&gt;&amp;') && page.text.includes('It is &lt;broken&gt;.'));
  askStore(data, "delete from job where kind = 'later kind'");
});

test('a job can be cancelled while it waits, and tried again; both are in the audit log', async () => {
  askStore(data, "insert into job (kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, started, ended, not_before, message, done, total, unit, is_cancelled, runner, heartbeat)"
    + " values ('later kind', '', 'x', '{}', '', 'waiting', 0, '', 0, 1, 0, 0, 1, '', 0, 0, '', 0, '', 0)");
  const [{ id }] = JSON.parse((await ada.get('/backoffice/jobs?kind=later%20kind', JSON_ONLY)).text).jobs;
  const path = `/backoffice/jobs/${id}`;
  assert.equal((await ada.send('POST', `${path}/cancel`)).status, 403); // no token
  assert.match((await ada.get(`${path}/cancel`)).text, /<form method="post"/);
  const cancelled = await ada.post(`${path}/cancel`, {});
  assert.equal(cancelled.status, 303);
  assert.equal(cancelled.location, path);
  assert.equal((await jobOf(ada, path)).job.state, 'cancelled');
  const again = await ada.post(`${path}/cancel`, {}, JSON_ONLY);
  assert.equal(again.status, 409);
  assert.match(again.text, /is cancelled/);
  assert.equal((await ada.post(`${path}/retry`, {}, JSON_ONLY)).status, 200);
  assert.equal((await jobOf(ada, path)).job.state, 'waiting');
  assert.equal(askStore(data, `select action from audit where subject = '${id}' and action like 'job.%' order by id`), 'job.cancel\njob.retry');
  askStore(data, `delete from job where id = ${id}`);
});

test('the command line lists, shows, cancels, tries again and works off', async () => {
  const job = (...words) => run(['job', ...words, '--data', data]);
  const id = (await order(paul, 'numbers', { format: 'csv' })).split('/').at(-1);
  await ended(paul, `/backoffice/jobs/${id}`);
  const list = job('list', '--kind', 'export', '--state', 'done');
  assert.equal(list.status, 0, list.stderr);
  assert.match(list.stdout, new RegExp(`^${id}\tdone\texport\tnumbers\\.csv\tpaul\t`, 'm'));
  const shown = job('show', id);
  assert.match(shown.stdout, /Written: numbers\.csv/);
  assert.equal(job('cancel', id).status, 5);
  assert.equal(job('show', '999999').status, 4);
  assert.equal(job('show', 'x').status, 2);
  assert.equal(job('dance').status, 2);
  assert.equal(job('list', '--state', 'tired').status, 2);
  askStore(data, `update job set state = 'failed' where id = ${id}`);
  assert.equal(job('retry', id).status, 0);
  const worked = job('run');
  assert.equal(worked.status, 0, worked.stderr);
  assert.equal((await ended(paul, `/backoffice/jobs/${id}`)).state, 'done');
});

test('files are deleted when their time is over', async () => {
  const path = await order(paul, 'numbers', { format: 'csv' });
  const job = await ended(paul, path);
  askStore(data, `update export_file set expires = 1 where job_id = ${job.id}`);
  assert.equal((await paul.get(job.result.file)).status, 404);
  assert.doesNotMatch((await paul.get(path)).text, /download>/);
});

test('who was disabled gets no file', async () => {
  await makeUser(server, data, 'greg', ['--role', 'publisher']);
  const greg = await signedIn('greg');
  assert.equal(run(['user', 'disable', 'greg', '--data', data]).status, 0);
  assert.equal((await greg.post('/backoffice/datasets/numbers/export', { format: 'csv' })).status, 401);
  const id = askStore(data, `insert into job (kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, started, ended, not_before, message, done, total, unit, is_cancelled, runner, heartbeat)
    select 'export', uid, 'numbers.csv', '{"format": "csv"}', '', 'waiting', (select id from "user" where name = 'greg'), 'greg', 0, 1, 0, 0, 1, '', 0, 0, '', 0, '', 0 from dataset where id = 'numbers' returning id`).split('\n')[0];
  assert.equal((await ended(ada, `/backoffice/jobs/${id}`)).state, 'failed');
});
