// An import killed at any instant leaves the last good version current, and the next start cleans up.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { binary, store, storedVersions } from './store.mjs';

const folder = mkdtempSync(join(tmpdir(), 'parvis-crash-'));
const data = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

const KILLS = 50;
const ROWS = 5000;

function parvis(...words) {
  return spawnSync(binary, [...words, '--data', data], { encoding: 'utf8' });
}

function fileOf(generation) {
  const path = join(folder, 'rows.csv');
  const rows = Array.from({ length: ROWS }, (_, i) => `${generation},word${i} number ${i % 97}`);
  writeFileSync(path, `generation,text\n${rows.join('\n')}\n`);
  return path;
}

test('kill -9 at 50 instants', async () => {
  assert.equal(parvis('import', fileOf(-1), '--id', 'rows').status, 0); // the first makes the catalogue, too
  const began = Date.now();
  assert.equal(parvis('import', fileOf(0), '--id', 'rows').status, 0);
  const whole = Date.now() - began;
  let current = 0;
  let killed = 0;
  for (let i = 1; i <= KILLS; i += 1) {
    const child = spawn(binary, ['import', fileOf(i), '--id', 'rows', '--data', data], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
    const timer = setTimeout(() => child.kill('SIGKILL'), (whole * 1.1 * i) / KILLS);
    const code = await ended;
    clearTimeout(timer);
    if (code === null) killed += 1;

    const records = JSON.parse(parvis('export', 'rows', '--format', 'json').stdout);
    const generations = new Set(records.map((record) => record.generation));
    assert.equal(records.length, ROWS, `all rows of one version after kill ${i}`);
    assert.equal(generations.size, 1, 'never two versions mixed');
    const [generation] = generations;
    assert.ok(generation === current || generation === i, `version ${generation} after import ${i}`);
    if (code === 0) assert.equal(generation, i, 'an acknowledged import is current');
    current = generation;
  }
  assert.ok(killed > KILLS / 4, `${killed} imports were really killed`);
  assert.equal(parvis('check').status, 0);
  assert.deepEqual(readdirSync(join(data, 'spool')), [], 'no debris of imports in the spool');
  const uid = JSON.parse(parvis('describe', 'rows').stdout).dataset_uid;
  const left = storedVersions(data, uid);
  assert.ok(left.every((name) => /^\d+$/.test(name)), `debris: ${left}`);
  assert.ok(left.length <= 3, `${left}`);
});

test('what ended processes left in the spool is removed, what others use is not', () => {
  const spool = join(data, 'spool');
  const ended = spawnSync('true').pid;
  mkdirSync(join(spool, `engine-${ended}-1`));
  writeFileSync(join(spool, `engine-${ended}-1`, 'duckdb_temp_storage.tmp'), 'x');
  for (const name of [`export-${ended}-1`, `tmp_export-${ended}-1`, `import-${ended}-7`]) writeFileSync(join(spool, name), 'x');
  const kept = [`export-${process.pid}-1`, 'import-me.csv', 'notes.txt'].sort();
  for (const name of kept) writeFileSync(join(spool, name), 'x');
  const checked = parvis('check');
  assert.equal(checked.status, 0, checked.stderr);
  assert.match(checked.stdout, /4 files of interrupted imports were removed/);
  assert.deepEqual(readdirSync(spool).sort(), kept);
});

/** Imports side by side; returns how many were acknowledged. The others must say why not. */
async function importTogether(id, count) {
  const ends = await Promise.all(Array.from({ length: count }, (_, i) => new Promise((resolve) => {
    const path = join(folder, `together-${id}-${i}.csv`);
    writeFileSync(path, `import,n\n${Array.from({ length: 500 }, (__, n) => `${i},${n}`).join('\n')}\n`);
    const child = spawn(binary, ['import', path, '--id', id, '--data', data], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (bytes) => { errors += bytes; });
    child.on('close', (code) => resolve({ code, errors }));
  })));
  for (const { code, errors } of ends) {
    assert.ok(code === 0 || code === 5, errors);
    if (code === 5) assert.equal(errors.trim().split('\n').length, 1, errors);
  }
  return ends.filter(({ code }) => code === 0).length;
}

test('imports of one dataset side by side: each is published whole or says that it was not', async () => {
  let acknowledged = 0;
  for (let round = 0; round < 4; round += 1) acknowledged += await importTogether('together', 6);
  assert.ok(acknowledged >= 4, 'one of each round at least');
  const dataset = parvis('list').stdout.split('\n').find((line) => line.startsWith('together\t'));
  assert.equal(Number(dataset.split('\t')[1]), acknowledged, 'every acknowledged import has a version of its own');
  const records = JSON.parse(parvis('export', 'together', '--format', 'json').stdout);
  assert.equal(records.length, 500);
  assert.equal(new Set(records.map((record) => record.import)).size, 1);
  assert.equal(parvis('check').status, 0);
  for (const uid of store === 'duckdb' ? readdirSync(join(data, 'records')) : []) {
    assert.notEqual(readdirSync(join(data, 'records', uid)).length, 0, 'no empty directory is left');
  }
  assert.equal(parvis('list').stdout.split('\n').filter((line) => line.startsWith('together\t')).length, 1);
});
