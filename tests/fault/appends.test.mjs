// The program killed between a version that adds rows and the end of its job: the rows are added once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser } from '../api/visitor.mjs';
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
