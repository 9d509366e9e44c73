// What counting loses, and what it takes: nothing is lost on a clean stop, a few seconds on a crash; a flood of distinct
// paths, referrers, terms, agents and addresses takes bounded memory and rows.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, publish, serve, temporaryFolder } from './program.mjs';
import { store } from './store.mjs';
import { figures, send } from './traffic.mjs';

const folder = temporaryFolder();
const options = ['--trusted-proxy', '127.0.0.1', '--access-log', 'off'];
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const WRITTEN_EVERY = 5000;

function portal(name) {
  const data = join(folder, name);
  mkdirSync(data);
  publish(data, 'lamps', 5);
  return data;
}

/** Pages, a few hundred a second, until a time; gives the times of those that were answered. */
async function visit(server, until) {
  const times = [];
  for (let i = 0; Date.now() < until; i++) {
    const statuses = await send(server, Array.from({ length: 10 }, (_, k) => ({ path: '/', address: `10.1.${i % 250}.${k}`, agent: FIREFOX })), 10);
    assert.ok(statuses.every((status) => status === 200));
    times.push(...statuses.map(() => Date.now()));
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return times;
}

test('on a clean stop in the midst of it nothing is lost', async (t) => {
  const data = portal('stop');
  const server = await serve(data, options);
  const times = await visit(server, Date.now() + 3000);
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  t.diagnostic(`${times.length} pages, ${figures(data).figure('pageviews')} counted`);
  assert.equal(figures(data).figure('pageviews'), times.length);
  assert.equal(figures(data).figure('lost'), 0);
});

test('of a crash in the midst of it a few seconds are lost at most', async (t) => {
  const data = portal('crash');
  const server = await serve(data, options);
  const times = await visit(server, Date.now() + 2.4 * WRITTEN_EVERY);
  const crash = Date.now();
  server.child.kill('SIGKILL');
  await server.stopped;
  const counted = figures(data).figure('pageviews');
  t.diagnostic(`${times.length} pages, ${counted} counted; the last that was counted came ${crash - times[counted - 1]} ms before the crash`);
  assert.ok(counted < times.length, 'nothing was lost: this test shows nothing');
  assert.ok(counted >= times.filter((time) => time < crash - 2 * WRITTEN_EVERY).length, `${counted} of ${times.length}`);
});

const most = Object.fromEntries([...readFileSync(new URL('../../src/domain/analytics/analytics.def', import.meta.url), 'utf8')
  .matchAll(/^DIMENSION\(\w+, "(\w*)", (\d+)\)/gm)].map(([, name, count]) => [name, Number(count)]));

const flood = (from, count) => Array.from({ length: count }, (_, k) => {
  const i = from + k;
  const path = [`/explore?q=term${i}&x=${i}`, `/explore/dataset/absent${i}/table`, `${API}/lamps/records?where=n%3E${i}&select=x${i}`,
    `/explore/dataset/lamps/table?q=${i}`, `${API}/lamps/exports/f${i}`][i % 5];
  const letter = (at) => String.fromCharCode(97 + (at % 26));
  return { path, address: `10.${(i >> 14) & 255}.${(i >> 7) & 127}.${i & 127}`, agent: i % 3 ? `${FIREFOX} v${i}` : `Robot${i}bot/1.0`,
    headers: { referer: `https://host${i}.example/${i}`, 'accept-language': `${letter(i)}${letter(i / 26)}${letter(i / 676)},en` } };
});

/** Megabytes resident after part of a flood and after all of it; on PostgreSQL, where a script is between, none. */
async function drown(data, more) {
  const server = await serve(data, [...options, ...more]);
  const resident = () => (store === 'duckdb' ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024 : 0);
  await send(server, flood(0, 5000), 32);
  const early = resident();
  await send(server, flood(5000, 15000), 32);
  const late = resident();
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  return { early, late, growth: late - early };
}

test('a flood of what is distinct takes bounded memory and rows', async (t) => {
  const data = portal('flood');
  const plain = await drown(data, ['--statistics', 'off']); // pages that are kept take memory, too
  const counting = await drown(data, []);
  const { rows, figure } = figures(data);
  const values = {};
  for (const { dataset, measure, dimension } of rows) {
    const key = `${dataset}|${measure}|${dimension}`;
    values[key] = (values[key] ?? 0) + 1;
  }
  for (const [key, count] of Object.entries(values)) {
    const dimension = key.split('|')[2];
    assert.ok(count <= most[dimension] + 1, `${key}: ${count} values, ${most[dimension]} and "other" are the most`);
  }
  const megabytes = ({ early, late }) => `${early.toFixed(0)} MB resident after 5000 and ${late.toFixed(0)} MB after 20000`;
  t.diagnostic(`20000 requests, ${rows.length} rows, ${values['|pageviews|referrer']} referrers, ${figure('lost')} lost; `
    + `${megabytes(counting)}, without counting ${megabytes(plain)}`);
  assert.equal(values['|pageviews|referrer'], most.referrer + 1);
  assert.equal(figure('lost'), 0);
  assert.deepEqual([...new Set(rows.filter((row) => row.dimension === 'term').map((row) => row.value))], ['other']); // of one visitor each
  assert.ok(counting.growth - plain.growth < 48, JSON.stringify({ counting, plain }));
});
