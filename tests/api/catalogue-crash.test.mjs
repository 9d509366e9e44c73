// Changes of what datasets say of themselves, killed at any instant: the catalogue is whole, and its index is of it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from './address.mjs';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { embedded, store } from './store.mjs';

const KILLS = 40;
const TOGETHER = 3;
const folder = temporaryFolder();
const data = join(folder, 'data');
const rows = join(folder, 'rows.csv');
const ids = Array.from({ length: TOGETHER }, (_, i) => `set-${i}`);
writeFileSync(rows, 'code,name\n1,one\n');
for (const id of ids) assert.equal(run(['import', rows, '--id', id, '--title', 'Version 0 gen0', '--data', data]).status, 0);

/** Describes a dataset, is killed after so many milliseconds: whether it was acknowledged before. */
function describe(id, generation, after) {
  const words = ['describe', id, '--title', `Version ${generation} gen${generation}`, '--data', data,
    '--set', `default.description=${'filling '.repeat(3000)} text${generation}`, '--set', `default.keyword=["key${generation}"]`];
  const child = spawn(binary, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve) => child.on('exit', (code) => {
    clearTimeout(timer);
    resolve(code);
  }));
}
const titleOf = (id) => JSON.parse(run(['describe', id, '--show', '--data', data]).stdout).metas.default.title;

/** The engine's own check of the index, and of every dataset having its row in it and no other. */
function checkIndex() {
  if (store !== 'duckdb') return; // there the index is a cache
  const script = `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("insert into search(search) values ('integrity-check')")
print(base.execute("pragma integrity_check").fetchone()[0],
      [row[0] for row in base.execute("select number from dataset order by 1")] == [row[0] for row in base.execute("select rowid from search order by 1")])`;
  assert.equal(execFileSync('/usr/bin/python3', ['-c', script, join(data, 'catalogue.sqlite')], { encoding: 'utf8' }).trim(), 'ok True');
}

/** What a server finds is what the titles say, for every dataset and every generation there was. */
async function checkSearch(last) {
  const server = await serve(data);
  const found = {};
  for (let generation = 0; generation <= last; generation += 1) {
    for (const word of ['gen', 'key', 'text']) {
      const response = await server.get(address(API, { where: `"${word}${generation}"`, select: 'dataset_id', limit: 100 }));
      assert.equal(response.status, 200);
      for (const { dataset_id: id } of (await response.json()).results) (found[id] ??= []).push(`${word}${generation}`);
    }
  }
  for (const id of ids) {
    const generation = /gen(\d+)$/.exec(titleOf(id))[1];
    const words = ['gen', 'key', 'text'].filter((word) => generation !== '0' || word === 'gen').map((word) => word + generation);
    assert.deepEqual(found[id], words, id);
  }
  server.child.kill('SIGKILL');
  await server.stopped;
}

test(`kill -9 at ${KILLS} instants of descriptions side by side, and of the server`, async () => {
  const began = Date.now();
  assert.deepEqual(await Promise.all(ids.map((id) => describe(id, 1, 60000))), ids.map(() => 0));
  let span = (Date.now() - began) * 1.5; // of the instants; it follows the speed of the machine
  const current = Object.fromEntries(ids.map((id) => [id, 1]));
  let killed = 0;
  let acknowledged = 0;
  for (let i = 2; i < KILLS + 2; i += 1) {
    const codes = await Promise.all(ids.map((id, n) => describe(id, i, span * ((i * 7 + n * 3) % 20) / 20)));
    if (!codes.includes(0)) span *= 1.2;
    if (!codes.includes(null)) span /= 1.2;
    for (const [n, code] of codes.entries()) {
      const now = Number(/gen(\d+)$/.exec(titleOf(ids[n]))[1]);
      assert.ok(now === i || now === current[ids[n]], `generation ${now} after ${i}`);
      if (code === 0) assert.equal(now, i, 'an acknowledged change is there');
      killed += code === null;
      acknowledged += code === 0;
      current[ids[n]] = now;
    }
    checkIndex();
    if (i % 10 === 0) await checkSearch(i);
  }
  assert.ok(killed > KILLS / 4 && acknowledged > KILLS / 4, `${killed} were killed, ${acknowledged} acknowledged`);
  const checked = run(['check', '--data', data]);
  assert.equal(checked.status, 0, checked.stderr);
  assert.equal(checked.stdout.match(/^ok\t/gm).length, TOGETHER);
  await checkSearch(KILLS + 1);
});

test('the first start that makes the index, killed at 20 instants', embedded('the index of its catalogue'), async () => {
  const forget = () => execFileSync('/usr/bin/python3', ['-c',
    `import sqlite3, sys
base = sqlite3.connect(sys.argv[1])
base.execute("delete from state where key = 'search_format'")
base.commit()`, join(data, 'catalogue.sqlite')]);
  const list = (after) => new Promise((resolve) => {
    const child = spawn(binary, ['list', '--data', data], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), after);
    child.on('exit', (code) => { clearTimeout(timer); resolve(code); });
  });
  const began = Date.now();
  forget();
  assert.equal(await list(60000), 0);
  let span = Date.now() - began;
  let killed = 0;
  for (let i = 0; i < 20; i += 1) {
    forget();
    const code = await list(span * (i * 7 % 10) / 10);
    killed += code === null;
    span *= code === null ? 1.1 : 0.9;
    assert.equal(run(['list', '--data', data]).status, 0);
    checkIndex();
  }
  assert.ok(killed > 5, `${killed} were killed`);
  await checkSearch(KILLS + 1);
});
