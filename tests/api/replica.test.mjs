// Records that are read from a replica. A copy of the database stands for one: what is changed in it alone tells who was
// asked, and what it lacks has not arrived yet.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { addressesOf, askStore, ofPostgresql } from './store.mjs';

const of = ofPostgresql('replicas');
const folder = temporaryFolder();
const data = join(folder, 'data');

function publish(word) {
  writeFileSync(join(folder, 'words.csv'), `word\n${word}\n`);
  const done = run(['import', join(folder, 'words.csv'), '--id', 'words', '--data', data]);
  assert.equal(done.status, 0, done.stderr);
}

async function word(server) {
  const response = await server.get(`${API}/words/records`);
  assert.equal(response.status, 200);
  return (await response.json()).results[0].word;
}

async function until(server, expected) {
  for (let i = 0; i < 40; i += 1) {
    if (await word(server) === expected) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  assert.equal(await word(server), expected);
}

test('records come from the replica, new ones and those of a lost replica from the database', of, async () => {
  publish('old');
  const at = addressesOf(data);
  const table = askStore(data, "select uid || '_' || version from dataset");
  const replica = at.copy('replica');
  at.ask(replica.name, `update parvis_records."${table}" set word = 'of the replica'`);
  const server = await serve(data, ['--store-read', replica.url, '--cache', '0']);
  assert.equal(await word(server), 'of the replica');
  publish('new'); // the copy will never have it
  await until(server, 'new');
  at.drop(replica.name);
  assert.equal(await word(server), 'new');
  const other = await serve(data, ['--store-read', replica.url, '--cache', '0']);
  assert.equal(await word(other), 'new');
  assert.match(other.errors, /replica\.left_out/);
});
