// An import killed at any instant leaves the last good version current, and the next start cleans up.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const binary = process.env.PARVIS_BINARY
  ?? fileURLToPath(new URL('../../build/dev/parvis', import.meta.url));
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
  const uid = JSON.parse(parvis('describe', 'rows').stdout).dataset_uid;
  const left = readdirSync(join(data, 'records', uid)).filter((name) => !/^\d+\.duckdb$/.test(name));
  assert.deepEqual(left, [], 'no debris');
  assert.ok(readdirSync(join(data, 'records', uid)).length <= 3);
});
