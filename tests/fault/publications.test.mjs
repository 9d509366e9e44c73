// What becomes of a publication when the program is killed, or the dataset changes, while its job runs.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { API, run, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser } from '../api/visitor.mjs';
import { zipOf } from '../api/zip.mjs';
import { ended, makeDraft, publishDraft, signedIn, upload, use } from '../api/wizard.mjs';

const data = join(temporaryFolder(), 'data');
let server = await serve(data);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
let paula = await signedIn(server, 'paula');

const count = async () => (await (await server.get(`${API}/log/records?limit=1`)).json()).total_count;

test('rows are added once, however often the job is taken up again', async () => {
  const draft = await makeDraft(paula, 'Log');
  await use(paula, draft, [await upload(paula, 'log', 'a.csv', Buffer.from('n\n1\n2\n'))]);
  assert.ok((await publishDraft(paula, draft)).is_done);
  await use(paula, draft, [await upload(paula, 'log', 'b.csv', Buffer.from('n\n3\n'))]);
  assert.ok((await publishDraft(paula, draft, { records: 'append' })).is_done);
  assert.equal(await count(), 3);
  server.child.kill('SIGKILL');
  await server.stopped;
  askStore(data, "update job set state = 'running', runner = 'gone', heartbeat = 0, ended = 0, result = '' where id = (select max(id) from job)");
  server = await serve(data);
  paula = await signedIn(server, 'paula');
  assert.ok((await ended(paula, draft)).is_done);
  assert.equal(await count(), 3);
  assert.ok((await publishDraft(paula, draft, { records: 'append' })).is_done, 'asked for again, they are added again');
  assert.equal(await count(), 4);
});

test('a dataset whose id changes while its file is opened is not published a second time, for everybody', async () => {
  const draft = await makeDraft(paula, 'Secret');
  const rows = Buffer.from(`n,text\n${'1,the same text in each row\n'.repeat(6_000_000)}`);
  await use(paula, draft, [await upload(paula, 'secret', 'secret.zip', zipOf([{ name: 'secret.csv', content: rows, packed: deflateRawSync(rows, { level: 1 }) }]))]);
  assert.equal((await paula.post(`${draft}/source/publish`, { visible: 'restricted' })).status, 303);
  for (let is = false; !is;) {
    const { jobs } = JSON.parse((await paula.get('/backoffice/jobs?kind=publish', { headers: { accept: 'application/json' } })).text);
    is = jobs[0].state === 'running';
  }
  assert.equal((await paula.post(`${draft}/id`, { id: 'renamed' }, { headers: { accept: 'application/json' } })).status, 200);
  await ended(paula, '/backoffice/datasets/renamed');
  assert.doesNotMatch(run(['list', '--data', data]).stdout, /^secret\t/m);
  assert.equal((await server.get(`${API}/secret`)).status, 404);
});
