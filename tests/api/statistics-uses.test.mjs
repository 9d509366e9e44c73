// What the catalogue tells of uses: metadata of the template "explore", orders, the home page, the Information tab; and
// the calls of one's own API keys. No number is told below the threshold.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { figures, send } from './traffic.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);
for (const id of ['lamps', 'trees', 'roads', 'parks']) publish(data, id, 5);
const options = ['--trusted-proxy', '127.0.0.1'];
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const DAY = 86400e3;

async function end(server) {
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
}

const by = (count, path, agent, from = 0) => Array.from({ length: count }, (_, i) => ({ path, agent, address: `10.1.${from}.${1 + i}` }));
const moved = (days) => `update statistic set at = at - ${days} where grain = 'day'`;

/** Asks until it is as it should be: uses are set by a job. */
async function until(ask, isGood) {
  for (const end = Date.now() + 90000; ;) {
    const answer = await ask();
    if (isGood(answer) || Date.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** What the API says of all datasets: a flat object each, by id. */
const fields = ['download_count', 'api_call_count', 'attachment_download_count', 'popularity_score', 'file_field_download_count'];
async function told(server) {
  const select = ['dataset_id', ...fields.map((name) => `explore.${name}`)].join(',');
  const { results } = await (await server.get(`${API}?select=${select}&limit=50`)).json();
  return Object.fromEntries(results.map((row) => [row.dataset_id, fields.map((name) => row[`explore.${name}`])]));
}

// the day before yesterday: 23 calls and 12 downloads of trees, 40 calls of lamps, many views of roads, little of parks
const first = await serve(data, options);
await send(first, [
  ...by(23, `${API}/trees/records`, 'python-requests/2.31'), ...by(12, `${API}/trees/exports/json`, 'python-requests/2.31'),
  ...by(40, `${API}/lamps/records`, 'curl/8.5.0'), ...by(4, `${API}/lamps/exports/csv`, 'curl/8.5.0'),
  ...by(60, '/explore/dataset/roads/information', BROWSER),
  ...by(9, `${API}/parks/records`, 'curl/8.5.0'), ...by(9, '/explore/dataset/parks/information', BROWSER),
]);
await end(first);
askStore(data, moved(2) + ';');

test('uses of days that are over are metadata, rounded, and null below the threshold', async () => {
  const server = await serve(data, [...options, '--statistics-public', 'on']);
  const values = await until(() => told(server), ({ trees }) => trees?.[0] !== null);
  // 23 + 12 calls of trees; lamps: 4 downloads of 40 callers are too few; views are told on pages alone
  assert.deepEqual(values.trees.slice(0, 3), [10, 35, null]);
  assert.deepEqual(values.lamps.slice(0, 3), [null, 45, null]);
  assert.deepEqual(values.roads.slice(0, 3), [null, null, null]);
  assert.deepEqual(values.parks, [null, null, null, null, null]);
  for (const id of ['trees', 'lamps', 'roads']) assert.ok(values[id][3] > 0, id);
  const one = await (await server.get(`${API}/trees?include_app_metas=true`)).json();
  assert.equal(one.metas.explore.download_count, 10);
  assert.equal(one.metas.explore.api_call_count, 35);
  assert.equal(one.metas.explore.popularity_score, values.trees[3]);
  assert.equal(one.metas.explore.reuse_count, 0);
  const parks = await (await server.get(`${API}/parks?include_app_metas=true`)).json();
  assert.equal(parks.metas.explore.popularity_score, null);
  const plain = await (await server.get(`${API}/trees`)).json();
  assert.equal(plain.metas.explore, undefined);
  await end(server);
});

test('the catalogue searches and sorts by uses, and groups', async () => {
  const server = await serve(data, [...options, '--statistics-public', 'on']);
  const ids = async (query) => (await (await server.get(`${API}?${query}`)).json()).results.map((one) => one.dataset_id);
  assert.deepEqual((await ids('order_by=explore.popularity_score desc&where=explore.popularity_score > 0')), ['trees', 'roads', 'lamps']);
  assert.equal((await ids('order_by=explore.api_call_count desc'))[0], 'lamps');
  assert.deepEqual(await ids('where=explore.download_count >= 10'), ['trees']);
  assert.deepEqual(await ids('where=explore.popularity_score is null and dataset_id = "parks"'), ['parks']);
  const groups = await (await server.get(`${API}?select=count(*) as n, sum(explore.api_call_count) as calls&where=explore.popularity_score > 0`)).json();
  assert.deepEqual(groups.results[0], { n: 3, calls: 80 });
  const csv = await (await server.get('/api/explore/v2.1/catalog/exports/csv?select=dataset_id,explore.download_count')).text();
  assert.match(csv, /trees;10/);
  await end(server);
});

test('pages: sorted by use, most used on the home page, and who uses a dataset', async () => {
  const server = await serve(data, [...options, '--statistics-public', 'on']);
  const page = async (path) => (await server.get(path, { headers: { accept: 'text/html' } })).text();
  const order = (html) => [...html.matchAll(/href="\/explore\/dataset\/(\w+)\//g)].map(([, id]) => id).filter((id, i, all) => all.indexOf(id) === i);
  assert.deepEqual(order(await page('/explore/?sort=-explore.popularity_score')), ['trees', 'roads', 'lamps', 'parks']);
  assert.equal(order(await page('/explore/?sort=-explore.download_count'))[0], 'trees');
  const list = await page('/explore/');
  assert.match(list, /Most used/);
  assert.match(list, /Most downloaded/);
  const home = await page('/');
  const popular = /<section aria-labelledby="popular">([\s\S]*?)<\/section>/.exec(home)[1];
  assert.deepEqual(order(popular), ['trees', 'roads', 'lamps']);
  const uses = async (id) => /<section[^>]*aria-labelledby="uses">([\s\S]*?)<\/section>/.exec(await page(`/explore/dataset/${id}/information/`))?.[1].replace(/<[^>]+>/g, ' ');
  assert.match(await uses('trees'), /10 downloads\s+35 API calls/);
  assert.match(await uses('roads'), /60 page views/);
  assert.doesNotMatch(await uses('lamps'), /download/);
  assert.equal(await uses('parks'), undefined);
  await end(server);
});

test('a change of the description and a new version leave uses as they are', async () => {
  publish(data, 'trees', 6);
  const described = join(folder, 'described.json');
  writeFileSync(described, JSON.stringify({ default: { title: 'All trees' } }));
  const answer = run(['describe', 'trees', '--metadata', described, '--data', data]);
  assert.equal(answer.status, 0, answer.stderr);
  writeFileSync(described, JSON.stringify({ uses: { downloads: 999 } }));
  assert.notEqual(run(['describe', 'trees', '--metadata', described, '--data', data]).status, 0);
  const server = await serve(data, [...options, '--statistics-public', 'on']);
  assert.deepEqual((await told(server)).trees.slice(0, 2), [10, 35]);
  await end(server);
});

test('where figures are not public, the order alone is told', async () => {
  askStore(data, "update job set created = created - 3600000000;"); // of days ago
  const server = await serve(data, options);
  const values = await until(() => told(server), ({ trees }) => trees[0] === null);
  assert.deepEqual(values.trees.slice(0, 3), [null, null, null]);
  assert.ok(values.trees[3] > values.lamps[3]);
  const html = await (await server.get('/explore/', { headers: { accept: 'text/html' } })).text();
  assert.match(html, /Most used/);
  assert.doesNotMatch(html, /Most downloaded/);
  await end(server);
});

test('uses that were purged are gone', async () => {
  run(['stats', 'purge', '--data', data, '--all']);
  askStore(data, "update job set created = created - 3600000000;");
  const server = await serve(data, options);
  const values = await until(() => told(server), ({ trees }) => trees[3] === null);
  for (const row of Object.values(values)) assert.deepEqual(row, [null, null, null, null, null]);
  await end(server);
});

test('of API keys their owner sees the calls by day, and nobody else', async () => {
  const server = await serve(data, options);
  await makeUser(server, data, 'ada');
  await makeUser(server, data, 'ben');
  const [ada, ben] = [new Visitor(server), new Visitor(server)];
  await ada.signIn('ada');
  await ben.signIn('ben');
  const make = async (user, name) => /[0-9a-f]{56}/.exec((await user.post('/account/keys', { name })).text)[0];
  const keys = [await make(ada, 'harvest'), await make(ada, 'second one'), await make(ben, 'others')];
  const call = (key, count) => by(count, `${API}/lamps/records?limit=2`, 'curl/8.5.0').map((one) => ({ ...one, headers: { authorization: `Apikey ${key}` } }));
  await send(server, [...call(keys[0], 3), ...call(keys[1], 1), ...call(keys[2], 7)], 1);
  const shown = async (user) => {
    const html = (await user.get('/account/keys/uses')).text;
    return [...html.matchAll(/<tr><th scope="row"[^>]*>([^<]*)<\/th>([\s\S]*?)<\/tr>/g)].map(([, head, rest]) =>
      [head, ...[...rest.matchAll(/<td[^>]*>(?:<code>)?([^<]*)/g)].map(([, cell]) => cell)]);
  };
  const rows = await until(() => shown(ada), (all) => all.length > 0);
  assert.deepEqual(rows.slice(0, 2).map(([name, , calls, records]) => [name, calls, records]).sort(), [['harvest', '3', '6'], ['second one', '1', '2']]);
  assert.deepEqual(rows.slice(2).map(([, name, , calls]) => [name, calls]).sort(), [['harvest', '3'], ['second one', '1']]);
  const html = (await ben.get('/account/keys/uses')).text;
  assert.doesNotMatch(html, /harvest|second one/);
  assert.match(html, /others/);
  assert.match((await ada.get('/account/keys')).text, /href="\/account\/keys\/uses"/);
  const stranger = await server.get('/account/keys/uses', { redirect: 'manual' });
  assert.ok([302, 303, 401, 403].includes(stranger.status), String(stranger.status));
  await end(server);
  assert.equal(figures(data).figure('api_calls', 'access', 'key'), 11);
});
