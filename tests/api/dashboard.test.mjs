// The overview and the list of the back office: whose failures count, and ten thousand datasets.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { askStore, embedded } from './store.mjs';
import { makeUser } from './visitor.mjs';
import { signedIn } from './wizard.mjs';

const folder = temporaryFolder();
const JSON_ONLY = { headers: { accept: 'application/json' } };

/** A job that ended. */
function addJob(data, kind, dataset, user, state) {
  askStore(data, `insert into job (kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, started, ended, not_before,
    message, done, total, unit, is_cancelled, runner, heartbeat) select '${kind}', uid, id, '{}', '', '${state}', (select id from "user" where name = '${user}'),
    '${user}', 1, 1, 1, 1, 0, 'it went wrong', 0, 0, '', 0, '', 0 from dataset where id = '${dataset}'`);
}

test('failed exports count for who ordered them, failed publications for all who look after the dataset', async () => {
  const data = join(folder, 'small');
  publish(data, 'lamps', 3);
  const server = await serve(data);
  for (const name of ['ada', 'bob']) {
    await makeUser(server, data, name, ['--role', 'editor']);
    assert.equal(run(['access', 'lamps', '--user', name, '--edit', '--data', data]).status, 0);
  }
  const [ada, bob] = [await signedIn(server, 'ada'), await signedIn(server, 'bob')];
  const failures = async (visitor) => JSON.parse((await visitor.get('/backoffice/datasets?problem=job', JSON_ONLY)).text).total_count;
  addJob(data, 'export', 'lamps', 'ada', 'failed');
  assert.deepEqual([await failures(ada), await failures(bob)], [1, 0]);
  assert.match((await ada.get('/backoffice')).text, /it went wrong/);
  assert.doesNotMatch((await bob.get('/backoffice')).text, /it went wrong/);
  addJob(data, 'export', 'lamps', 'bob', 'done');
  assert.deepEqual([await failures(ada), await failures(bob)], [1, 0], 'the success of another mends nothing of mine');
  addJob(data, 'export', 'lamps', 'ada', 'done');
  assert.deepEqual([await failures(ada), await failures(bob)], [0, 0]);
  addJob(data, 'publish', 'lamps', 'ada', 'failed');
  assert.deepEqual([await failures(ada), await failures(bob)], [1, 1]);
  assert.match((await bob.get('/backoffice')).text, /it went wrong/);
});

test('ten thousand datasets: pages of fifty, whatever is asked for', embedded('the catalogue is written as a file'), async () => {
  const data = join(folder, 'large');
  const first = await serve(data);
  await makeUser(first, data, 'ada', ['--role', 'administrator']);
  first.child.kill('SIGTERM');
  await first.stopped;
  execFileSync('/usr/bin/python3', [fileURLToPath(new URL('../../bench/catalogue.py', import.meta.url)), 'make', data, '10000']);
  const server = await serve(data);
  const ada = await signedIn(server, 'ada');
  const ids = new Set();
  for (const page of [1, 2, 200]) {
    const list = JSON.parse((await ada.get(`/backoffice/datasets?page=${page}`, JSON_ONLY)).text);
    assert.deepEqual([list.total_count, list.pages, list.datasets.length], [10000, 200, 50]);
    for (const { id } of list.datasets) ids.add(id);
  }
  assert.equal(ids.size, 150);
  const poor = async (query) => JSON.parse((await ada.get(`/backoffice/datasets?problem=description${query}`, JSON_ONLY)).text);
  assert.equal((await poor('')).unmeasured, 8000);
  assert.match((await ada.get('/backoffice/datasets?problem=description')).text, /The descriptions of 8,000 datasets were not looked at: this list looks at 2,000\./);
  assert.equal((await poor('&q=no-such-word')).unmeasured, 0);
  assert.doesNotMatch((await ada.get('/backoffice/datasets?problem=records')).text, /not looked at/);
  const paths = ['/backoffice', '/backoffice/datasets', '/backoffice/datasets?page=200', '/backoffice/datasets?q=budget', '/backoffice/datasets?sort=modified',
    '/backoffice/datasets?problem=description', '/backoffice/datasets?problem=records', '/backoffice/metadata/bulk?all=1', '/backoffice/access', '/backoffice/metadata'];
  for (const path of paths) {
    const times = [];
    let answer;
    for (let i = 0; i < 3; i += 1) {
      const began = performance.now();
      answer = await ada.get(path);
      times.push(performance.now() - began);
      assert.equal(answer.status, 200, path);
    }
    console.log(`# ${path}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms, ${Math.round(answer.text.length / 1024)} KB`);
    assert.ok(answer.text.length < 400_000, `${path}: ${answer.text.length} bytes`);
  }
});
