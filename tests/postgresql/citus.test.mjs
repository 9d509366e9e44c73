// The tests of the API and the conformance rows on a coordinator and workers of Citus:
//   PARVIS_TEST_CITUS=postgresql://postgres@127.0.0.1:5432/postgres   the coordinator, which knows its workers; the
//                                          user is a superuser on all of them, without a password or by ~/.pgpass
//   PARVIS_TEST_CITUS_FILES=facets,ranges  only these
// Each data directory gets a database on all servers. Datasets of twenty records are distributed already.
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programs, psql } from './server.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const wanted = process.env.PARVIS_TEST_CITUS_FILES?.split(',');
// About one server of PostgreSQL, which they start themselves, or about no records at all.
const others = new Set(['nodes', 'deployment', 'migrate', 'faults', 'tls', 'http', 'static', 'quotas', 'settings', 'openapi']);
const files = ['api', 'conformance'].flatMap((folder) => readdirSync(join(root, folder))
  .filter((name) => name.endsWith('.test.mjs') && !others.has(name.split('.')[0])).map((name) => join(folder, name)))
  .filter((file) => !wanted || wanted.some((name) => file.includes(`/${name}.test`)));
const coordinator = process.env.PARVIS_TEST_CITUS;
const skip = coordinator ? false : 'PARVIS_TEST_CITUS names no coordinator';

let folder;
let state;

test.before(() => {
  if (!coordinator) return;
  const url = new URL(coordinator);
  folder = mkdtempSync(join(tmpdir(), 'parvis-citus-'));
  const at = { programs: programs(), directory: decodeURIComponent(url.hostname), port: Number(url.port || 5432),
    user: decodeURIComponent(url.username || 'postgres'), folder };
  const database = url.pathname.slice(1) || 'postgres';
  at.workers = psql(at, "select nodename || ' ' || nodeport from pg_dist_node where shouldhaveshards and noderole = 'primary' order by nodeid", database)
    .split('\n').filter(Boolean).map((line) => line.split(' '));
  assert.ok(at.workers.length > 0, `${coordinator} knows no workers`);
  state = join(folder, 'state.json');
  writeFileSync(state, JSON.stringify(at));
});
test.after(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Runs a test file; its output when it has failed. */
async function failureOf(file) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // else the runner takes it for a part of this file
  const child = spawn(process.execPath, [join(root, file)], { stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, PARVIS_TEST_STORE: 'postgresql', PARVIS_TEST_POSTGRESQL: state, PARVIS_STORE_DISTRIBUTE: '20' } });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (bytes) => { out += bytes; });
  child.stderr.on('data', (bytes) => { errors += bytes; });
  const code = await new Promise((resolve) => { child.on('close', resolve); });
  return code === 0 ? '' : out.split('\n').filter((line) => /^ *not ok|error:|^ {4,8}['"{]/.test(line)).join('\n') + errors.slice(-2000);
}

for (const file of files) {
  test(`on Citus: ${file}`, { skip }, async () => assert.equal(await failureOf(file), ''));
}
