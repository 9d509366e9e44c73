// Random queries, answered by the server and by an evaluator that knows nothing of it, must agree.
//   DIFFERENTIAL_SEED=n     the seed of an earlier run, which it prints
//   DIFFERENTIAL_QUERIES=n  how many queries
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { address } from './explore.mjs';
import { API, binary, serve, temporaryFolder } from './program.mjs';
import { query } from './evaluator/queries.mjs';
import { Choices } from './evaluator/random.mjs';
import { asValues, makeRows, METADATA } from './evaluator/table.mjs';
import { ZONES } from './evaluator/time.mjs';

const seed = Number(process.env.DIFFERENTIAL_SEED ?? Math.floor(Math.random() * 2 ** 32));
const count = Number(process.env.DIFFERENTIAL_QUERIES ?? 3000);
const ROWS = 80;
const AT_ONCE = 4;

async function serveTable(rows) {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  writeFileSync(join(folder, 'metadata.json'), JSON.stringify(METADATA));
  execFileSync(binary, ['import', join(folder, 'rows.jsonl'), '--id', 'table', '--data', data,
    '--metadata', join(folder, 'metadata.json')], { stdio: ['ignore', 'ignore', 'inherit'] });
  return serve(data, ['--access-log', 'off']);
}

/** Equal but for the last digits of sums. */
function same(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key, i) => Object.keys(b)[i] === key && same(a[key], b[key]));
}

async function ask(server, { path, parameters, expected }) {
  const response = await server.get(address(`${API}/table/${path}`, parameters));
  const found = await response.json();
  delete found.links;
  const isRefused = process.env.PARVIS_STORE_DISTRIBUTE && response.status === 400 && /distributed over several servers/.test(found.message);
  return { found, isRefused, agrees: isRefused || (response.status === 200 && same(found, expected)) };
}

/** The simplest query that still differs. */
async function shrink(server, failing) {
  for (const smaller of failing.smaller()) {
    if (!(await ask(server, smaller)).agrees) return shrink(server, smaller);
  }
  return failing;
}

async function describe(server, failing) {
  const { found } = await ask(server, failing);
  const given = Object.entries(failing.parameters).filter(([, value]) => String(value) !== '');
  const [left, right] = [found.results ?? found, failing.expected.results ?? failing.expected];
  const first = Array.isArray(left) ? Math.max(0, [...left.keys()].findIndex((i) => !same(left[i], right[i]))) : 0;
  const part = (all) => JSON.stringify(Array.isArray(all) ? all.slice(first, first + 3) : all);
  return `seed ${seed}: ${failing.path}\n${given.map(([name, value]) => `  ${name}=${value}`).join('\n')}\n`
    + `server (${found.total_count}, from ${first}):    ${part(left)}\nevaluator (${failing.expected.total_count}): ${part(right)}`;
}

test(`${count} random queries agree with the evaluator (DIFFERENTIAL_SEED=${seed})`, async () => {
  const choices = new Choices(seed);
  const rows = makeRows(choices, ROWS);
  const server = await serveTable(rows);
  const values = asValues(rows);
  const failures = [];
  let refused = 0; // by Citus, which cannot plan some statements; it says so
  for (let done = 0; done < count && failures.length < 5; done += AT_ONCE) {
    const queries = Array.from({ length: AT_ONCE }, () => query(choices, choices.pick(ZONES), values));
    const answers = await Promise.all(queries.map((one) => ask(server, one)));
    refused += answers.filter(({ isRefused }) => isRefused).length;
    failures.push(...queries.filter((_, i) => !answers[i].agrees));
  }
  assert.ok(refused < count / 50, `${refused} queries were refused`);
  const reports = [];
  for (const failing of failures) reports.push(await describe(server, await shrink(server, failing)));
  assert.equal(reports.length, 0, `\n${reports.join('\n\n')}`);
});
