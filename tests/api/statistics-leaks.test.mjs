// Nothing of a visitor is written, even for who knows the key of the day: while the server runs, after a crash, after a clean
// stop. And marks of two days cannot be joined. Of development builds, whose key tests may choose (PARVIS_TEST_DAY_KEY).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, publish, serve, temporaryFolder } from './program.mjs';
import { catalogueBytes, masterSecret, store } from './store.mjs';
import { figures, numbers, send } from './traffic.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const clock = join(folder, 'clock');
mkdirSync(data);
publish(data, 'lamps', 40);
writeFileSync(clock, '0');
const key = randomBytes(32).toString('hex');
const begin = () => serve(data, ['--trusted-proxy', '127.0.0.1', '--access-log', 'on'],
  { env: { ...process.env, PARVIS_TEST_CLOCK: clock, PARVIS_TEST_DAY_KEY: key } });
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const canReadMemory = process.getuid() === 0 && store === 'duckdb'; // on PostgreSQL a script is between

const pick = numbers(5);
const visitors = Array.from({ length: 120 }, (_, i) => ({
  address: i % 10 ? `10.${1 + pick(250)}.${pick(250)}.${1 + pick(250)}` : `2001:db8:${(1 + pick(60000)).toString(16)}:${(1 + pick(60000)).toString(16)}:${(1 + pick(60000)).toString(16)}::9`,
  agent: `Mozilla/5.0 (X11; Linux x86_64; rv:128.0; leak${i.toString(36)}x${pick(1e6)}) Gecko/20100101 Firefox/128.0`,
}));

/** Pages, calls, downloads, embeds, searches, errors, robots and objections of everybody. */
const traffic = visitors.flatMap(({ address, agent }, i) => [
  { path: ['/', '/explore', '/explore/dataset/lamps'][i % 3], headers: { referer: 'https://news.example/a?token=secretword' } },
  { path: `${API}/lamps/records?limit=${1 + (i % 5)}&where=text%3D%22secretword%22` }, { path: `${API}/lamps/exports/csv` },
  { path: '/embed/dataset/lamps/table', headers: { referer: 'https://city.example/' } },
  { path: '/explore?q=lamps' }, { path: `${API}/absent/records` }, { path: '/', headers: { dnt: '1' } },
  ...(i % 7 ? [] : [{ path: '/', agent: `${agent} (compatible; Googlebot/2.1)` }]),
].map((one) => ({ address, agent, ...one })));

function walk(place) {
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory()
    ? walk(join(place, entry.name)) : [join(place, entry.name)]));
}

/** What is found in the data, the log and, where it is a database, that. */
function look(server, host, pid = 0) {
  const log = join(folder, 'log');
  const dump = join(folder, 'dump');
  writeFileSync(log, server.errors);
  writeFileSync(dump, store === 'duckdb' ? '' : catalogueBytes(data).dump);
  const words = { key, master: Buffer.from(masterSecret(data)).toString('hex'), files: [...walk(data), log, dump], process: canReadMemory ? pid : 0,
    visitors: visitors.map((one) => ({ ...one, host })), forbidden: ['secretword', ...visitors.map(({ agent }) => /leak\w+x\d+/.exec(agent)[0])],
    expected: ['pageviews', '/explore', 'lamps'] };
  return JSON.parse(execFileSync('/usr/bin/python3', [fileURLToPath(new URL('statistics-traces.py', import.meta.url))],
    { input: JSON.stringify(words), encoding: 'utf8', maxBuffer: 1 << 26 }));
}

const first = await begin();
const host = `127.0.0.1:${first.port}`;
const isDevelopment = (await first.get('/styleguide')).status === 200;
const skip = isDevelopment ? {} : { skip: 'of development builds: their key can be chosen' };

test('while the server runs, nothing of a visitor is in its files or log', skip, async (t) => {
  await send(first, traffic);
  await pause(7000); // sums are written every five seconds
  const result = look(first, host, first.child.pid);
  t.diagnostic(`${result.looked_for} traces in ${result.bytes} bytes; ${result.in_memory} of ${result.marks} marks in memory`);
  assert.deepEqual(result.found, []);
  assert.deepEqual(result.seen, ['pageviews', '/explore', 'lamps']); // figures and log are there to be found
  // the marks that are looked for are those that the program makes: its memory has them
  if (canReadMemory) assert.ok(result.in_memory === 10, `${result.in_memory} marks in memory`);
});

test('nor after a crash', skip, async () => {
  first.child.kill('SIGKILL');
  await first.stopped;
  const result = look(first, host);
  assert.deepEqual(result.found, []);
  assert.ok(figures(data).figure('pageviews') >= visitors.length);
});

test('nor after midnight, in files or memory: who comes again is somebody new', skip, async () => {
  const toMidnight = 86400 - (Math.floor(Date.now() / 1000) % 86400);
  writeFileSync(clock, String(toMidnight - 600));
  const server = await begin();
  const again = `127.0.0.1:${server.port}`;
  await send(server, traffic);
  await pause(1000);
  if (canReadMemory) assert.ok(look(server, again, server.child.pid).in_memory === 10);
  writeFileSync(clock, String(toMidnight + 60));
  await pause(1000);
  await send(server, traffic); // the same people, the day after
  await pause(1000);
  const result = look(server, again, server.child.pid);
  assert.deepEqual(result.found, []);
  assert.equal(result.in_memory, 0, 'marks of the day before are left in memory');
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  assert.deepEqual(look(server, again).found, []);
  writeFileSync(clock, '0');
  const day = (ahead) => new Date((Math.floor(Date.now() / 1000) + ahead) * 1000).toISOString().slice(0, 10);
  const { figure, rows } = figures(data, 'day', ['--to', day(toMidnight + 60)]);
  const people = (at) => figure('visitors', '', '', '', at);
  assert.ok(Math.abs(people(day(toMidnight + 60)) - visitors.length) <= visitors.length * 0.05);
  // a row is of one day, and no value is of one visitor
  for (const row of rows) assert.ok(!/leak|10\.\d+\.\d+\.\d+|2001:db8/.test(JSON.stringify(row)), JSON.stringify(row));
});

test('end', { skip: isDevelopment }, async () => {
  first.child.kill('SIGTERM');
  assert.equal(await first.stopped, 0);
});
