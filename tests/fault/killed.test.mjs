// The server killed in the middle of a change of many descriptions and of a backup: each description is the old one or the new one, the
// job goes on by itself, and of a backup there is all or nothing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { askStore, embedded } from '../api/store.mjs';
import { makeUser } from '../api/visitor.mjs';
import { signedIn } from '../api/wizard.mjs';
import { jobWhen } from './source.mjs';

const DATASETS = 400;
const folder = temporaryFolder();
const data = join(folder, 'data');
const backups = join(folder, 'backups');
const JSON_ONLY = { headers: { accept: 'application/json' } };
const options = ['--access-log', 'off', ...(embedded('').skip === undefined ? ['--backup-directory', backups] : [])];
publish(data, 'lamps', 10);
let server = await serve(data, options);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
let ada = await signedIn(server, 'ada');

async function killed() {
  server.child.kill('SIGKILL');
  await server.stopped;
  server = await serve(data, options);
  ada = await signedIn(server, 'ada');
}
const words = async (id) => JSON.parse((await ada.get(`/backoffice/datasets/${id}/metadata`, JSON_ONLY)).text).metadata.default.keyword;

test('a change of many descriptions', async () => {
  for (let i = 0; i < DATASETS; i += 1) {
    const made = await ada.post('/backoffice/datasets/new', { title: `Draft ${i}`, id: `draft${i}` });
    assert.equal(made.status, 303, made.text);
  }
  await ada.post('/backoffice/metadata/bulk', { all: '1', path: 'default.keyword', operation: 'set', value: 'old', old: '', write: '', confirm: '1', job: '1' });
  const first = askStore(data, 'select max(id) from job');
  assert.equal((await jobWhen(ada, `/backoffice/jobs/${first}`, ({ state }) => ['done', 'failed'].includes(state))).state, 'done');
  const before = Number(askStore(data, "select count(*) from audit where action = 'dataset.describe'"));
  await ada.post('/backoffice/metadata/bulk', { all: '1', path: 'default.keyword', operation: 'add', value: 'new', old: '', write: '', confirm: '1', job: '1' });
  const path = `/backoffice/jobs/${askStore(data, 'select max(id) from job')}`;
  const count = () => Number(askStore(data, "select count(*) from audit where action = 'dataset.describe'")) - before;
  while (count() < 20); // it is under way
  server.child.kill('SIGKILL');
  await server.stopped;
  const reached = count();
  assert.ok(reached < DATASETS, 'it was killed in the middle');
  server = await serve(data, options);
  ada = await signedIn(server, 'ada');
  const job = await jobWhen(ada, path, ({ state }) => ['done', 'failed'].includes(state));
  assert.equal(job.state, 'done', job.message);
  assert.equal(job.attempt, 2);
  assert.equal(job.result.failed, 0);
  assert.equal(job.result.changed + job.result.same, DATASETS + 1);
  assert.ok(job.result.same >= reached, 'what was done before is not done again');
  while ((await words('lamps')).length < 2) await new Promise((resolve) => { setTimeout(resolve, 50); }); // until the server looks
  for (let i = 0; i < DATASETS; i += 1) assert.deepEqual(await words(`draft${i}`), ['old', 'new'], `draft${i}`);
  assert.deepEqual(await words('lamps'), ['old', 'new']);
  assert.equal(run(['check', '--data', data]).status, 0);
});

test('a backup by the server', embedded('the directory of backups'), async () => {
  for (let i = 0; i < 4; i += 1) {
    writeFileSync(join(folder, `noise${i}`), Buffer.alloc(60 << 20, `${i} and so on, and so on`));
    assert.equal(run(['attach', 'lamps', join(folder, `noise${i}`), '--id', `noise${i}`, '--data', data]).status, 0);
  }
  assert.equal((await ada.post('/backoffice/backups/new', {}, JSON_ONLY)).status, 200);
  const path = `/backoffice/jobs/${askStore(data, 'select max(id) from job')}`;
  while (!existsSync(backups) || !readdirSync(backups).some((name) => name.endsWith('.partial')));
  await killed();
  const job = await jobWhen(ada, path, ({ state }) => ['done', 'failed'].includes(state));
  assert.equal(job.state, 'done', job.message);
  assert.ok(job.attempt >= 2, 'it was killed in the middle');
  const names = readdirSync(backups);
  assert.equal(names.length, 1, names.join());
  const checked = run(['backup', 'verify', join(backups, names[0])]);
  assert.equal(checked.status, 0, checked.stderr);
});
