// The program killed while the pointer to the current version moves, or while versions are pinned and deleted: the
// dataset is in one version or the other, whole, and whatever the catalogue names is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { run, temporaryFolder } from '../api/program.mjs';
import { binary, embedded, storedVersions } from '../api/store.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const KILLS = 24;

function parvis(...words) {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, `${words.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

function publish(id, mark) {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, `id,${mark}\n${Array.from({ length: 500 }, (_, i) => `${i},${mark}`).join('\n')}\n`);
  parvis('import', path, '--id', id, '--keep', '9');
}

/** Runs a command and kills it after so many milliseconds; whether it was killed. */
async function cut(words, after) {
  const child = spawn(binary, [...words, '--data', data], { stdio: 'ignore', detached: true });
  const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal)));
  const timer = setTimeout(() => { try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ } }, after);
  const signal = await ended;
  clearTimeout(timer);
  return signal === 'SIGKILL';
}

/** All records and the schema are of one version. */
function checkWhole(id, known) {
  const records = JSON.parse(parvis('export', id, '--format', 'json'));
  const marks = new Set(records.flatMap((record) => Object.keys(record).filter((name) => name !== 'id')));
  assert.equal(records.length, 500);
  assert.equal(marks.size, 1, [...marks].join());
  const [mark] = marks;
  const shown = /^version\t(\d+)$/m.exec(parvis('dataset', 'show', id))[1];
  assert.equal(mark, known[Number(shown) - 1]);
  return Number(shown);
}

test('killed while rolling back and forward', async () => {
  publish('rows', 'a');
  publish('rows', 'b');
  const began = Date.now();
  parvis('dataset', 'rollback', 'rows', '1');
  const whole = Date.now() - began;
  const seen = new Set();
  let killed = 0;
  for (let i = 0; i < KILLS; i += 1) {
    killed += await cut(['dataset', 'rollback', 'rows', i % 2 ? '1' : '2'], (whole * 1.2 * (i + 1)) / KILLS);
    seen.add(checkWhole('rows', ['a', 'b']));
  }
  assert.ok(killed > 0, 'none was killed');
  assert.deepEqual([...seen].sort(), [1, 2]);
  assert.match(parvis('dataset', 'versions', 'rows'), /^2\t500\t[^]*^1\t500\t/m);
  parvis('check');
});

test('killed while deleting a version: it is there, whole, or it is gone', async () => {
  publish('gone', 'a');
  for (let i = 0; i < 6; i += 1) publish('gone', 'b');
  const began = Date.now();
  parvis('dataset', 'drop', 'gone', '1');
  const whole = Date.now() - began;
  for (let number = 2; number < 7; number += 1) {
    await cut(['dataset', 'drop', 'gone', String(number)], (whole * 1.1 * number) / 6);
    parvis('check');
  }
  const listed = [...parvis('dataset', 'versions', 'gone').matchAll(/^(\d+)\t/gm)].map((match) => match[1]).sort();
  const uid = /^uid\t(\S+)/m.exec(parvis('dataset', 'show', 'gone'))[1];
  for (const number of listed) assert.ok(storedVersions(data, uid).includes(number), `version ${number}`);
});

test('a version whose file is lost is named, and the others go on', embedded('its files'), () => {
  publish('lost', 'a');
  publish('lost', 'b');
  const uid = /^uid\t(\S+)/m.exec(parvis('dataset', 'show', 'lost'))[1];
  rmSync(join(data, 'records', uid, '1.duckdb'));
  const check = run(['check', '--data', data]);
  assert.equal(check.status, 1);
  assert.match(check.stdout, /^BROKEN\tlost\t.*1\.duckdb/m);
  assert.match(check.stdout, /^ok\trows\t/m);
  assert.equal(JSON.parse(parvis('export', 'lost', '--format', 'json')).length, 500);
  publish('lost', 'c'); // compared by the field that both have
  assert.match(parvis('dataset', 'versions', 'lost'), /^3\t500\t0\t0\t-\t/m);
});

test('a publication does not fail because the version before it cannot be read', embedded('its files'), () => {
  publish('blind', 'a');
  const uid = /^uid\t(\S+)/m.exec(parvis('dataset', 'show', 'blind'))[1];
  writeFileSync(join(data, 'records', uid, '1.duckdb'), 'no version');
  publish('blind', 'b');
  assert.match(parvis('dataset', 'versions', 'blind'), /^2\t500\t-\t-\t-\t/m);
});
