// The dashboard in a real browser: it shows what the API says, filters by clicking, and passes axe in light and dark and on
// narrow screens; the public page; and the objection of the preference page, without scripts too.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { API, publish, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { figures, numbers, send } from '../api/traffic.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { axe, checkReflow, launch, signIn, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const geoip = join(folder, 'countries');
mkdirSync(data);
publish(data, 'lamps', 40);
publish(data, 'trees', 10);
writeFileSync(geoip, '167772160,180879359,BE\n180879360,180944895,FR\n180944896,184549375,BE\n');
writeFileSync(`${geoip}6`, '2001:db8::,2001:db8:ffff:ffff:ffff:ffff:ffff:ffff,DE\n');
const options = ['--trusted-proxy', '127.0.0.1', '--geoip', geoip, '--statistics-public', 'on'];

/** People and programs of today; the days before are made of them. */
async function makeTraffic() {
  const server = await serve(data, options);
  const pick = numbers(11);
  const agents = ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0', 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Safari/537.36'];
  const paths = ['/', '/explore', '/explore?q=lamps', '/explore?q=nothing', '/explore/dataset/lamps', '/explore/dataset/lamps/table', '/explore/dataset/trees/information'];
  const requests = Array.from({ length: 420 }, () => ({
    path: paths[pick(paths.length)], address: `10.${pick(8) ? 1 : 200}.0.${1 + pick(120)}`, agent: agents[pick(3)],
    headers: { 'accept-language': ['fr', 'nl', 'en'][pick(3)], ...(pick(2) ? { referer: 'https://search.example/' } : {}) },
  }));
  const calls = Array.from({ length: 200 }, () => ({
    path: [`${API}/lamps/records?limit=5&where=n%3E3`, `${API}/lamps/exports/csv`, `${API}/trees/exports/json`, `${API}/absent/records`][pick(4)],
    address: `10.3.0.${1 + pick(40)}`, agent: 'python-requests/2.31',
  }));
  await send(server, [...requests, ...calls, ...Array(9).fill({ path: '/', address: '10.4.0.1', agent: 'Mozilla/5.0 (compatible; Googlebot/2.1)' })]);
  server.child.kill('SIGTERM');
  await server.stopped;
  const days = Array.from({ length: 45 }, (_, i) => i + 1);
  for (const day of days) {
    const share = 40 + ((day * 37) % 60);
    askStore(data, `insert into statistic (dataset, grain, measure, dimension, at, value, amount) select dataset, grain, measure, dimension, at - ${day}, value,
      (amount * ${share}) / 100 from statistic where grain = 'day' and at = (select max(at) from statistic where grain = 'day');`);
  }
}
await makeTraffic();
const server = await serve(data, options);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const browser = await launch();

async function signedIn(more = {}) {
  const context = await visitor(browser, { portal: server.portal, ...more });
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD, '/backoffice/statistics');
  return page;
}

const shown = (page) => page.$$eval('.statistics-keys dd[data-measure]', (all) => Object.fromEntries(all.map((one) =>
  [one.dataset.measure, one.dataset.value === '' ? null : Number(one.dataset.value)])));
const listOf = (page, id) => page.$$eval(`[id="${id}"] tbody td`, (all) => all.map((one) => Number(one.dataset.value)));

test('the dashboard shows what its data say, and follows clicks', async () => {
  const page = await signedIn();
  const read = (address) => page.evaluate(async (url) => (await fetch(url)).json(), address);
  const compare = async () => {
    const json = await read(await page.getAttribute('a[href*="statistics.json"]', 'href'));
    const totals = Object.fromEntries(Object.entries(json.totals).map(([name, { value }]) => [name, value]));
    assert.deepEqual(await shown(page), totals);
    for (const list of json.lists) {
      const amounts = list.items.map((item) => item.amount).slice(0, 10);
      assert.deepEqual(await listOf(page, `${list.measure}-${list.dimension}`), amounts, `${list.measure} by ${list.dimension}`);
    }
    assert.equal(await page.$$eval('#points tbody tr', (rows) => rows.length), json.series.points.length);
    return json;
  };
  const whole = await compare();
  assert.ok(whole.totals.pageviews.value > 1000);
  await page.click('.statistics-choices >> text=7 days');
  const week = await compare();
  assert.ok(week.totals.pageviews.value < whole.totals.pageviews.value);
  await page.click('[id="pageviews-dataset"] a >> nth=0');
  const dataset = await compare();
  assert.equal(dataset.dataset, 'lamps');
  await page.goto('/backoffice/statistics?period=7d');
  await page.click('[id="pageviews-page"] a >> nth=0');
  const one = await compare();
  assert.ok(one.page.startsWith('/'));
  assert.deepEqual(Object.keys(one.totals), ['visitors', 'pageviews']);
  await page.click('text=Show all pages');
  await page.fill('#from', '2026-01-01');
  await page.fill('#to', new Date().toISOString().slice(0, 10));
  await page.click('.statistics-period button');
  await compare();
});

test('today is what was counted', async () => {
  const page = await signedIn();
  await page.goto('/backoffice/statistics?period=day');
  const today = new Date().toISOString().slice(0, 10);
  const { figure } = figures(data);
  const values = await shown(page);
  assert.equal(values.api_calls, figure('api_calls', '', '', '', today));
  assert.equal(values.downloads, figure('downloads', '', '', '', today));
});

test('axe has nothing to say, light and dark, wide and narrow, in the back office and for the public', async () => {
  for (const look of [{}, { scheme: 'dark', width: 390 }]) {
    const page = await signedIn(look);
    for (const path of ['/backoffice/statistics', '/backoffice/statistics?dataset=lamps&show=downloads', '/analytics', '/cookies', '/cookies/policy']) {
      await page.goto(path);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${look.width ?? 1280}${path.replace(/\W+/g, '-')}.png`, fullPage: true });
      await axe(page, `${path} ${JSON.stringify(look)}`);
      await checkReflow?.(page, path);
    }
    await page.context().close();
  }
});

test('in all languages: dashboard, public page, who uses a dataset, calls of keys', async () => {
  const page = await signedIn();
  await page.goto('/account/keys');
  await page.fill('#name', 'harvester');
  await page.click('main form[action="/account/keys"] button[type=submit]');
  const key = /[0-9a-f]{56}/.exec(await page.content())[0];
  const used = Array.from({ length: 12 }, (_, i) => ({ path: `${API}/lamps/records?limit=${i}`, address: '10.9.0.1', agent: 'curl/8.5.0', headers: { authorization: `Apikey ${key}` } }));
  await send(server, used, 4);
  for (const end = Date.now() + 30000; Date.now() < end && !(await (await page.goto('/account/keys/uses')).text()).includes('harvester');) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  await page.goto('/explore/dataset/lamps/information/');
  for (const end = Date.now() + 60000; Date.now() < end && !(await page.$('#uses'));) { // set by the job of the day
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await page.reload();
  }
  const cookies = await page.context().cookies();
  for (const language of ['en', 'fr', 'de', 'nl', 'es', 'it']) {
    await page.context().addCookies([{ ...cookies[0], name: 'django_language', value: language }]);
    for (const [path, wanted] of [['/backoffice/statistics', '.statistics-keys'], ['/analytics', '.statistics-keys'],
      ['/explore/dataset/lamps/information/', '#uses'], ['/account/keys/uses', '#by-day']]) {
      await page.goto(path);
      assert.equal(await page.getAttribute('html', 'lang'), language, path);
      assert.ok(await page.$(wanted), `${path}: ${wanted}`);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${language}${path.replace(/\W+/g, '-')}.png`, fullPage: true });
      await axe(page, `${path} ${language}`);
    }
  }
  assert.deepEqual(await page.$$eval('[aria-labelledby=by-key] tbody tr', (rows) => rows.map((row) => row.cells[2].textContent)), ['12']);
  const narrow = await signedIn({ scheme: 'dark', width: 390 });
  for (const path of ['/account/keys/uses', '/explore/?sort=-explore.popularity_score', '/explore/dataset/lamps/information/']) {
    await narrow.goto(path);
    if (process.env.SHOTS) await narrow.screenshot({ path: `${process.env.SHOTS}/390${path.replace(/\W+/g, '-')}.png`, fullPage: true });
    await axe(narrow, `${path} narrow`);
    await checkReflow?.(narrow, path);
  }
  await narrow.context().close();
  await page.context().close();
});

test('the public page has days that are over, above the threshold, rounded', async () => {
  const json = await (await server.get('/analytics.json')).json();
  const today = new Date().toISOString().slice(0, 10);
  assert.equal(json.threshold, 10);
  assert.ok(json.to < today);
  for (const list of json.lists) for (const { amount } of list.items) assert.equal(amount % 5, 0);
});

test('a visitor objects, and is not counted any more, without scripts too', async () => {
  const page = await (await visitor(browser, { portal: server.portal, scripts: false })).newPage();
  await page.goto('/cookies');
  assert.match(await page.textContent('#counting-state'), /are counted/);
  await page.click('text=Do not count my visits');
  assert.match(await page.textContent('#counting-state'), /are not counted/);
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'cookies_preferences');
  assert.match(cookie.value, /^v1\.0\.0\.0\.\d+\.n$/);
  await page.click('text=Count my visits again');
  assert.match(await page.textContent('#counting-state'), /are counted/);
  assert.equal((await page.context().cookies()).filter(({ name }) => name === 'cookies_preferences').length, 0);
});
