// Statistics: every figure of a known traffic, what is not counted, restarts, midnight, and that nothing of visitors is
// written anywhere (docs/decisions/0037-anonymous-statistics.md).
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { askStore, catalogueBytes, masterSecret } from './store.mjs';
import { figures, numbers, send } from './traffic.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const clock = join(folder, 'clock');
const geoip = join(folder, 'countries');
mkdirSync(data);
publish(data, 'lamps', 40);
publish(data, 'trees', 10);
// 10.0.0.0/8 is Belgium but for 10.200.0.0/16, France; 2001:db8::/32 Germany
writeFileSync(geoip, '# ranges\n167772160,180879359,BE\n180879360,180944895,FR\n180944896,184549375,BE\n');
writeFileSync(`${geoip}6`, '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,DE\n');
writeFileSync(clock, '0');

const options = ['--trusted-proxy', '127.0.0.1', '--geoip', geoip];
const begin = (more = []) => serve(data, [...options, ...more], { env: { ...process.env, PARVIS_TEST_CLOCK: clock } });
async function end(server) {
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
}

const FIREFOX = (token) => `Mozilla/5.0 (X11; Linux x86_64; rv:128.0; ${token}) Gecko/20100101 Firefox/128.0`;
const IPHONE = (token) => `Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X; ${token}) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1`;
const CHROME = (token) => `Mozilla/5.0 (Windows NT 10.0; Win64; x64; ${token}) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36`;
const pages = ['/', '/explore', '/explore/dataset/lamps', '/explore/dataset/lamps/table', '/explore/dataset/trees/information'];

/** People with their own address and browser; what each looks at; and the sums that must come of it. */
function people(count, seed) {
  const pick = numbers(seed);
  const sums = {};
  const add = (measure, dimension, value, dataset, amount = 1) => {
    const key = [measure, dimension, value, dataset].join('|');
    sums[key] = (sums[key] ?? 0) + amount;
  };
  const requests = [];
  const everybody = [];
  for (let i = 0; i < count; i++) {
    const isFrench = pick(10) === 0;
    const address = pick(20) === 0 ? `2001:db8:${(i >> 8).toString(16)}:${(i & 255).toString(16)}::1` : `10.${isFrench ? 200 : 1 + (i >> 12)}.${(i >> 6) & 63}.${1 + (i & 63)}`;
    const country = address.includes(':') ? 'DE' : isFrench ? 'FR' : 'BE';
    const token = `tok${seed}x${i.toString(36)}q`;
    const [agent, browser, system, device] = [
      [FIREFOX(token), 'Firefox', 'Linux', 'desktop'], [IPHONE(token), 'Safari', 'iOS', 'phone'],
      [CHROME(token), 'Chrome', 'Windows', 'desktop']][pick(3)];
    const language = ['fr', 'nl', 'de'][pick(3)];
    const referrer = [undefined, 'https://www.search.example/find?q=secret', 'http://news.example/today'][pick(3)];
    const source = referrer ? new URL(referrer).hostname.replace(/^www\./, '') : 'direct';
    const seen = Array.from({ length: 1 + pick(3) }, () => pages[pick(pages.length)]);
    everybody.push({ address, agent });
    for (const path of seen) {
      requests.push({ path, address, agent, headers: { 'accept-language': `${language}-XX,en;q=0.5`, ...(referrer ? { referer: referrer } : {}) } });
    }
    const datasets = new Set(seen.map((path) => /dataset\/(\w+)/.exec(path)?.[1]).filter(Boolean));
    for (const dataset of ['', ...datasets]) {
      const views = seen.filter((path) => !dataset || path.includes(`/${dataset}`));
      const by = { '': '', country, browser, system, device, language, referrer: source };
      for (const [dimension, value] of Object.entries(by)) {
        add('pageviews', dimension, value, dataset, views.length);
        add('visitors', dimension, value, dataset);
      }
      for (const page of new Set(views)) {
        add('pageviews', 'page', page, dataset, views.filter((one) => one === page).length);
        add('visitors', 'page', page, dataset);
      }
    }
    add('visits', '', '', '');
    if (seen.length === 1) add('bounces', '', '', '');
  }
  return { requests, everybody, sums };
}

/** The error that a sketch may have: none below 128, else four times the standard error of its registers. */
const allowed = (count, isPortal, isTotal) => {
  if (count < 128) return 0;
  return Math.ceil(count * 4 * 1.04 / Math.sqrt(1 << (isPortal && isTotal ? 14 : isTotal ? 12 : 11)));
};

const known = people(3000, 7);

test('every figure of a known traffic', async () => {
  const server = await begin();
  const statuses = await send(server, known.requests);
  assert.deepEqual([...new Set(statuses)], [200]);
  const wanted = [
    ...Array(7).fill({ path: `${API}/lamps/records?limit=5&where=n%3E3`, address: '10.9.9.1', agent: 'curl/8.5.0' }),
    ...Array(4).fill({ path: `${API}/lamps/records?limit=3&refine=text:x`, address: '10.9.9.2', agent: 'python-requests/2.31' }),
    ...Array(5).fill({ path: `${API}/trees/exports/json`, address: '10.9.9.3', agent: 'python-requests/2.31' }),
    { path: `${API}/trees/exports/csv`, address: '10.9.9.3', agent: 'python-requests/2.31' },
    { path: `${API}/trees/exports/csv`, address: '10.9.9.4', agent: 'R (4.3.1)' },
    ...Array(2).fill({ path: `${API}/absent/records`, address: '10.9.9.4', agent: 'R (4.3.1)' }),
    { path: `${API}/lamps/records?where=no(`, address: '10.9.9.4', agent: 'R (4.3.1)' },
    ...Array(6).fill({ path: '/', address: '10.8.8.1', agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }),
    ...Array(3).fill({ path: `${API}/lamps/records`, address: '10.8.8.2', agent: 'Mozilla/5.0 (compatible; bingbot/2.0)' }),
    ...Array(2).fill({ path: '/', address: '10.8.8.3', agent: 'curl/8.5.0' }),
    { path: '/explore', address: '10.8.8.4', agent: '' },
    { path: '/embed/dataset/lamps/table', address: '10.7.7.1', agent: FIREFOX('e'), headers: { referer: 'https://city.example/news' } },
  ];
  await send(server, wanted, 1); // one by one: of the same download within 30 seconds one counts
  await end(server);

  const { figure, list } = figures(data);
  for (const [key, count] of Object.entries(known.sums)) {
    const [measure, dimension, value, dataset] = key.split('|');
    const actual = figure(measure, dimension, value, dataset);
    const error = measure === 'visitors' ? allowed(count, !dataset, !dimension) : 0;
    assert.ok(Math.abs(actual - count) <= error, `${key}: ${actual}, ${count} ± ${error} expected`);
  }
  assert.equal(figure('api_calls'), 7 + 4 + 5 + 1 + 1 + 2 + 1);
  assert.equal(figure('api_calls', '', '', 'lamps'), 12);
  assert.deepEqual(list('api_calls', 'endpoint'), { export: 7, records: 14 });
  assert.deepEqual(list('api_calls', 'source'), { program: 21 });
  assert.equal(figure('api_callers'), 4);
  assert.deepEqual(list('downloads', 'format'), { csv: 2, json: 1 });
  assert.equal(figure('downloads', '', '', 'trees'), 3);
  assert.equal(figure('records', '', '', 'lamps'), 7 * 5 + 4 * 0);
  assert.equal(figure('records', '', '', 'trees'), 70);
  assert.deepEqual(list('filters', 'field', 'lamps'), { n: 7, text: 4 });
  assert.deepEqual(list('errors', 'status'), { 400: 1, 404: 2 });
  assert.equal(figure('cache_hits'), 6 + 3);
  assert.deepEqual(list('bots', 'family'), { Googlebot: 6, bingbot: 3, curl: 2, none: 1 });
  assert.deepEqual(list('embeds', 'host'), { 'city.example': 1 });
  assert.equal(Object.values(list('answers', 'duration')).reduce((a, b) => a + b), 21);
  assert.equal(figure('lost'), 0);
  assert.equal(figure('starts'), 1);
  const hours = figures(data, 'hour');
  assert.equal(hours.figure('pageviews'), known.sums['pageviews|||']);
  assert.deepEqual([...new Set(hours.rows.map((row) => row.dimension))], ['']);
  assert.equal(figures(data, 'month').figure('pageviews', 'country', 'FR'), known.sums['pageviews|country|FR|']);
});

test('who objects is not counted at all', async () => {
  const before = figures(data).figure('pageviews');
  const server = await begin();
  const by = (headers) => ({ path: '/', address: '10.5.5.5', agent: FIREFOX('objects'), headers });
  await send(server, [
    by({ 'sec-gpc': '1' }), by({ dnt: '1' }), by({ cookie: 'cookies_preferences=v1.0.0.0.20000.n' }),
    by({ cookie: 'a=b; cookies_preferences=v1.1.0.0.20000.n; c=d' }),
    by({ cookie: 'my_cookies_preferences=1; cookies_preferences=v1.0.0.0.20000.n' }), by({ cookie: 'cookies_preferences=garbage.n' }), by({ 'sec-purpose': 'prefetch;prerender' }),
    by({ purpose: 'prefetch' }), by({ 'x-moz': 'prefetch' }), by({ 'sec-fetch-dest': 'empty' }),
    { ...by({}), method: 'HEAD' }, { ...by({}), path: '/backoffice' }, { ...by({}), path: '/static/app.css' },
  ], 1);
  await send(server, [by({ 'sec-gpc': '0' }), by({ dnt: '0' }), by({ 'sec-fetch-dest': 'document' }),
    by({ cookie: 'my_cookies_preferences=v1.0.0.0.20000.n' }), by({ cookie: 'cookies_preferences=v1.1.0.0.20000' })], 1);
  await end(server);
  assert.equal(figures(data).figure('pageviews') - before, 5);
});

test('a restart begins new marks, and says so', async () => {
  const before = figures(data);
  const again = people(3000, 7).requests.slice(0, 60);
  const server = await begin();
  await send(server, again);
  await end(server);
  const after = figures(data);
  const addresses = new Set(again.map((one) => one.address)).size;
  assert.equal(after.figure('visitors') - before.figure('visitors'), addresses);
  assert.equal(after.figure('starts') - before.figure('starts'), 1);
});

test('of a crash a few seconds are lost at most', async () => {
  const before = figures(data).figure('pageviews');
  const server = await begin();
  await send(server, Array(50).fill({ path: '/', address: '10.6.6.6', agent: FIREFOX('crash') }));
  await eventually('sums are written every five seconds', () => figures(data).figure('pageviews') - before === 50);
  server.child.kill('SIGKILL');
  await server.stopped;
  assert.equal(figures(data).figure('pageviews') - before, 50);
});

test('a term is written once five visitors of a day have searched for it', async () => {
  const search = (n, term) => Array.from({ length: n }, (_, i) => (
    { path: `/explore?q=${encodeURIComponent(term)}`, address: `10.4.4.${i + 1}`, agent: FIREFOX('term') }));
  const server = await begin();
  await send(server, [...search(5, 'Réverbère  LAMPS'), ...search(4, 'rare words'), ...search(9, 'ada@example.org'),
    ...search(9, '0032 475123456'), ...search(6, 'lamps')], 1);
  await end(server);
  const { list, figure } = figures(data);
  assert.deepEqual(list('searches', 'term'), { lamps: 6, 'reverbere lamps': 5 });
  assert.equal(list('empty_searches', 'term')['reverbere lamps'], 5);
  assert.equal(figure('searches'), 33);
});

test('at midnight (UTC) key and marks are gone', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const toMidnight = 86400 - (now % 86400);
  const tomorrow = new Date((now + toMidnight + 60) * 1000).toISOString().slice(0, 10);
  writeFileSync(clock, String(toMidnight - 600));
  const server = await begin();
  if ((await server.get('/styleguide')).status !== 200) {
    t.skip('of development builds: their clock can be set');
    return;
  }
  const one = { path: '/', address: '10.3.3.3', agent: FIREFOX('midnight') };
  await send(server, [one, one], 1);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  writeFileSync(clock, String(toMidnight + 60));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await send(server, [one, one, one], 1);
  await end(server);
  writeFileSync(clock, '0');
  const { figure } = figures(data, 'day', ['--to', tomorrow]);
  assert.equal(figure('visitors', '', '', '', tomorrow), 1);
  assert.equal(figure('pageviews', '', '', '', tomorrow), 3);
  assert.equal(figure('visits', '', '', '', tomorrow), 1); // a visit that midnight cuts counts on both days
});

/** Paths of all files of a folder. */
function walk(place) {
  return readdirSync(place, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory()
    ? walk(join(place, entry.name)) : [join(place, entry.name)]));
}

/** All that could tell a visitor: as text, as numbers, and as digests, whole and cut, with and without what is known of the portal. */
function tracesOf({ address, agent }, master) {
  const isFour = !address.includes(':');
  const prefix = isFour ? address.split('.').slice(0, 3).join('.') : address.split(':').slice(0, 4).join(':');
  const today = new Date().toISOString().slice(0, 10);
  const texts = [address, agent, `${prefix}.0/24`, `${prefix}::/64`, address + agent, agent + address, `${agent}-${address}`,
    `${address}\0${agent}`, `${today}${address}${agent}`, `${today}${address}`, `${prefix}${agent}`];
  const traces = [Buffer.from(address), Buffer.from(agent)];
  if (isFour) traces.push(Buffer.from(`${prefix}.0`));
  for (const text of texts) {
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512', 'blake2b512', 'blake2s256']) {
      const digests = [createHash(algorithm).update(text).digest(), createHmac(algorithm, master).update(text).digest(),
        createHmac(algorithm, today).update(text).digest()];
      for (const digest of digests) {
        traces.push(digest.subarray(0, 8), Buffer.from(digest.toString('hex').slice(0, 16)), Buffer.from(digest.toString('base64').slice(0, 11)));
      }
    }
  }
  return traces;
}

test('no file and no log holds anything of a visitor', async () => {
  const server = await begin();
  await send(server, known.requests.slice(0, 400));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const running = walk(data).map((path) => readFileSync(path));
  await end(server);
  const everything = [...running, ...walk(data).map((path) => readFileSync(path)), Buffer.from(server.errors),
    ...Object.values(catalogueBytes(data))].filter((bytes) => bytes.length);
  const haystack = Buffer.concat(everything.flatMap((bytes) => [bytes, Buffer.from('\n--\n')]));
  const master = masterSecret(data);
  assert.ok(haystack.includes(Buffer.from('pageviews'))); // the figures themselves are there to be found
  const pick = numbers(3);
  for (let i = 0; i < 6; i++) {
    const one = known.everybody[pick(200)];
    for (const trace of tracesOf(one, master)) {
      assert.ok(!haystack.includes(trace), `something of ${one.address} is written: ${trace.toString('latin1')}`);
    }
  }
  for (const { agent } of known.everybody.slice(0, 200)) {
    assert.ok(!haystack.includes(Buffer.from(/tok\w+q/.exec(agent)[0])));
  }
});

test('what is written are sums by one dimension, of words that anybody may know', () => {
  const { rows } = figures(data);
  const words = new Set(['', 'other', 'direct', 'search.example', 'news.example', 'city.example', 'BE', 'FR', 'DE', '??', 'desktop', 'phone',
    'Firefox', 'Safari', 'Chrome', 'Linux', 'iOS', 'Windows', 'fr', 'nl', 'de', 'records', 'export', 'anonymous', 'program', 'csv',
    'json', 'n', 'text', '400', '404', 'Googlebot', 'bingbot', 'curl', 'none', 'lamps', 'reverbere lamps',
    '1', '2', '5', '10', '20', '50', '100', '200', '500', '1000', '2000', '5000', '10000', '30000', 'more']);
  for (const row of rows) {
    const isPage = row.dimension === 'page' && pages.includes(row.value);
    const isDataset = row.dimension === 'dataset' && /^da_\w{6}$/.test(row.value);
    assert.ok(isPage || isDataset || words.has(row.value), JSON.stringify(row));
    assert.ok(row.amount < 1e7, JSON.stringify(row));
  }
});

test('days that are over become records of the source monitoring, once, without small counts', async () => {
  const place = join(folder, 'monitoring');
  mkdirSync(place);
  publish(place, 'lamps', 5);
  const first = await serve(place, options);
  await send(first, people(60, 5).requests.filter(({ path }) => path === '/' || path.includes('lamps')));
  await end(first);
  // what was counted today becomes the day before yesterday's
  askStore(place, "update statistic set at = at - 2 where grain = 'day'; update statistic set at = at - 48 where grain = 'hour';");
  const second = await serve(place, [...options, '--statistics-public', 'on']);
  const api = '/api/explore/v2.1/monitoring';
  const ask = async (path) => (await second.get(api + path)).json();
  const until = Date.now() + 60000;
  let list = { total_count: 0 };
  while (list.total_count < 2 && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    list = await ask('/datasets');
  }
  assert.deepEqual(list.results.map((one) => one.dataset_id).sort(), ['monitoring-datasets', 'monitoring-figures']);
  const day = new Date(Date.now() - 2 * 86400e3).toISOString().slice(0, 10);
  const uses = await ask('/datasets/monitoring-datasets/records');
  assert.equal(uses.total_count, 1);
  assert.equal(uses.results[0].dataset_id, 'lamps');
  assert.ok(uses.results[0].date.startsWith(day));
  assert.equal(uses.results[0].page_view_count % 5, 0);
  const total = await ask(`/datasets/monitoring-figures/records?where=${encodeURIComponent('measure = "pageviews" and dimension = "total"')}`);
  assert.equal(total.results.length, 1);
  assert.ok(total.results[0].amount > 0);
  const facets = await ask('/datasets/monitoring-figures/facets?facet=measure');
  assert.equal(facets.facets[0].name, 'measure');
  const csv = await (await second.get(`${api}/datasets/monitoring-figures/exports/csv`)).text();
  assert.match(csv, /pageviews/);
  assert.equal((await second.get(`${api}/datasets/lamps`)).status, 404);
  assert.ok((await ask('/datasets?include_links=true')).results[0]._links[0].href.includes('/v2.1/monitoring/'));
  const home = await (await second.get('/', { headers: { accept: 'text/html' } })).text();
  assert.match(home, /Most used/);
  const information = await (await second.get('/explore/dataset/lamps/information', { headers: { accept: 'text/html' } })).text();
  assert.match(information, /Uses in the last 30 days/);
  await end(second);
  assert.match(run(['job', 'list', '--data', place]).stdout, /statistics/);
});
