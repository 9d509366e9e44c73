// Uploads move with a portal into PostgreSQL and back: what was sent is there, and half a file goes on on another node.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createDatabase, PostgresServer } from '../postgresql/server.mjs';
import { run, serve, temporaryFolder } from './program.mjs';
import { embedded } from './store.mjs';
import { makeUser } from './visitor.mjs';
import { begin, makeDraft, patch, preview, publishDraft, signedIn, tus, upload, use } from './wizard.mjs';

const suite = embedded('it names both stores itself');
const folder = temporaryFolder();
const data = join(folder, 'data');
const migrate = (from, to) => {
  const moved = run(['migrate', '--from', from, '--to', to]);
  assert.equal(moved.status, 0, moved.stderr);
};

test('uploads come along', suite, async () => {
  const postgres = await PostgresServer.start();
  after(() => postgres.stop());
  const origin = await serve(data);
  await makeUser(origin, data, 'paula', ['--role', 'publisher']);
  const paula = await signedIn(origin, 'paula');
  const draft = await makeDraft(paula, 'Moved');
  const bytes = Buffer.from(`n,text\n${Array.from({ length: 400000 }, (_, i) => `${i},text ${i}`).join('\n')}\n`);
  const whole = await upload(paula, 'moved', 'whole.csv', bytes);
  await use(paula, draft, [whole]);
  const half = await begin(paula, 'moved', 'half.csv', bytes.length);
  assert.equal((await patch(paula, half, 0, bytes.subarray(0, 5000000))).status, 204);
  origin.child.kill('SIGTERM');
  await origin.stopped;

  const url = createDatabase(postgres, 'uploads');
  migrate(data, url);
  const nodes = [await serve(join(folder, 'one'), ['--store', url]), await serve(join(folder, 'two'), ['--store', url])];
  const one = await signedIn(nodes[0], 'paula');
  const two = await signedIn(nodes[1], 'paula');
  assert.deepEqual((await preview(one, draft)).rows[1], ['1', 'text 1']);
  assert.equal((await tus(two, 'HEAD', half)).headers.get('upload-offset'), '5000000');
  assert.equal((await patch(two, half, 5000000, bytes.subarray(5000000, 6000000))).status, 204);
  assert.equal((await patch(one, half, 6000000, bytes.subarray(6000000))).status, 204);
  const other = await use(two, draft, [half.split('/').at(-1)]);
  assert.equal(other.status, 303);
  const state = await publishDraft(one, draft);
  assert.ok(state.is_done, state.message);
  for (const node of nodes) {
    node.child.kill('SIGTERM');
    await node.stopped;
  }
  migrate(url, join(folder, 'back'));
  assert.deepEqual(readFileSync(join(folder, 'back', 'uploads', whole)), bytes);
  assert.deepEqual(readFileSync(join(folder, 'back', 'uploads', half.split('/').at(-1))), bytes);
});
