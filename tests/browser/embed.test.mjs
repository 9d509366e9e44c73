// Tables and maps in frames of other sites, in a browser: drawn and used within the frame, records in tabs of their own,
// without a cookie read or set, without a fault of the policy, and complete without a script.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { eventually } from '../api/eventually.mjs';
import { run, serve, temporaryFolder } from '../api/program.mjs';
import { checkLooks, checkReflow, checkStored, foreignRequests, launch, record, screenshot, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const stations = Array.from({ length: 180 }, (_, n) => ({ name: n ? `Station ${n}` : '<b>Station</b> "0"', kind: n % 3 ? 'small' : 'large',
  trains: n * 10, opened: '1999-12-31', place: n < 41 ? { lon: 10 + n % 7, lat: 45 + Math.floor(n / 7) } : null }));
writeFileSync(join(folder, 'stations.jsonl'), stations.map((row) => JSON.stringify(row)).join('\n'));
const done = run(['import', join(folder, 'stations.jsonl'), '--id', 'stations', '--data', data, '--annotate', 'kind=facet', '--title', 'Stations']);
assert.equal(done.status, 0, done.stderr);
const server = await serve(data, ['--access-log', 'off']);
const browser = await launch({ webgl: true });
const embed = (kind, query = '') => `/embed/dataset/stations/${kind}${query}`;

/** A page of another site with a frame; options as of visitor(). The visitor has cookies of the portal. */
async function frameOf(address, options = {}) {
  const site = createServer((request, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(`<!doctype html><html lang="en"><title>Blog</title><h1>Blog</h1>
      <iframe title="Stations" width="700" height="520" src="${server.portal}${address.replaceAll('&', '&amp;')}"></iframe>`);
  });
  await new Promise((resolve) => { site.listen(0, '127.0.0.1', resolve); });
  const context = await visitor(browser, options);
  after(() => site.close());
  await context.addCookies([{ name: 'django_language', value: 'fr', url: server.portal }, { name: 'sessionid', value: 'x'.repeat(43), url: server.portal }]);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(`http://localhost:${site.address().port}/`);
  const foreign = () => foreignRequests(seen, server.portal).filter(({ host }) => !host.startsWith('localhost:'));
  return { context, page, seen, frame: page.frameLocator('iframe'), foreign, site, close: async () => { await context.close(); site.close(); } };
}

/** Nothing was set, nothing refused, nobody else asked. */
function checkSeen({ seen, foreign }) {
  assert.deepEqual(seen.setCookies, []);
  assert.deepEqual(seen.problems, []);
  assert.deepEqual(foreign(), []);
}

async function checkTab(opened, expected) {
  const tab = await opened;
  await tab.waitForLoadState();
  assert.match(tab.url(), expected);
  assert.equal(await tab.evaluate(() => window.opener), null);
  await tab.close();
}

test('a table in a frame: scrolled, sorted, records in tabs', async () => {
  const framed = await frameOf(embed('table', '?columns=name,trains,kind'));
  const { context, page, frame } = framed;
  const rows = frame.locator('.records-table tbody tr[aria-rowindex]');
  await rows.first().waitFor();
  assert.equal(await frame.locator('html').getAttribute('lang'), 'en');
  await screenshot(page, 'table-framed');
  await frame.locator('.records-window').evaluate((area) => { area.scrollTop = area.scrollHeight; });
  await frame.getByText('Station 179', { exact: true }).waitFor();
  checkSeen(framed);
  await frame.getByRole('link', { name: 'name' }).click();
  await frame.locator('th[aria-sort="ascending"]').waitFor();
  await frame.getByRole('link', { name: 'trains' }).click(); // amounts begin with the largest
  await frame.locator('th[aria-sort="descending"]').waitFor();
  assert.equal(await rows.first().locator('th').textContent(), 'Station 179');
  assert.match(await frame.locator('html').evaluate(() => location.pathname + location.search), /^\/embed\/dataset\/stations\/table\?sort=-trains&columns=/);
  checkSeen(framed);
  for (const selector of ['th a', 'td >> nth=0']) {
    const opened = context.waitForEvent('page');
    await rows.first().locator(selector).click();
    await checkTab(opened, /\/explore\/dataset\/stations\/records\/[0-9a-f]{40}\?/);
    assert.equal(await frame.locator('dialog').count(), 0);
  }
  assert.equal(context.pages().length, 1);
  await framed.close();
});

test('a map in a frame: drawn by its worker, records and their card, colours', async () => {
  const framed = await frameOf(embed('map', '?lang=nl'));
  const { context, page, frame } = framed;
  await frame.locator('[data-map-view-list] li').nth(40).waitFor({ state: 'attached' });
  assert.equal(await frame.locator('html').getAttribute('lang'), 'nl');
  assert.equal(await frame.locator('[data-map-places]').getAttribute('open'), null);
  await page.waitForTimeout(500);
  await screenshot(page, 'map-framed');
  await frame.locator('[data-map-color]').selectOption('kind');
  await frame.locator('[data-map-legend]').getByText('small').waitFor();
  await frame.locator('[data-map-view] summary').click();
  await frame.getByRole('button', { name: 'Station 8', exact: true }).click();
  const link = frame.locator('[data-map-card-link]');
  await link.waitFor();
  checkSeen(framed);
  const opened = context.waitForEvent('page');
  await link.click();
  await checkTab(opened, /\/explore\/dataset\/stations\/records\/[0-9a-f]{40}\?lang=nl$/);
  await framed.close();
});

test('an embed asks the portal without cookies, opened by itself as well', async () => {
  for (const [kind, wanted] of [['map', /\/tiles\/|\/records\?/], ['table', /rows=/]]) {
    const context = await visitor(browser, { portal: server.portal });
    const seen = record(context);
    const page = await context.newPage();
    await page.goto(embed(kind));
    await checkStored(page, []);
    await context.addCookies([{ name: 'sessionid', value: 'x'.repeat(43), url: server.portal }]);
    const asked = [];
    context.on('requestfinished', (request) => { asked.push(request); }); // of others the browser may never say what it sent
    await page.goto(embed(kind));
    if (kind === 'map') {
      await page.locator('[data-map-view-list] li').nth(40).waitFor({ state: 'attached' });
    } else {
      await page.locator('.records-window').evaluate((area) => { area.scrollTop = area.scrollHeight; });
      await page.getByText('Station 179', { exact: true }).waitFor();
    }
    await eventually(`${kind} asks`, () => asked.some((request) => wanted.test(request.url())));
    for (const request of asked.filter((request) => request.url().includes('/api/'))) {
      assert.equal((await request.allHeaders()).cookie, undefined, request.url());
    }
    assert.deepEqual(seen.setCookies, []);
    assert.deepEqual(seen.problems, []);
    await context.close();
  }
});

test('without a script: pages and order of the table, places of the map', async () => {
  const table = await frameOf(embed('table', '?sort=-trains'), { scripts: false });
  await table.frame.getByRole('link', { name: 'Next' }).click();
  await table.frame.getByText('51–100 of 180').waitFor();
  assert.equal(await table.frame.locator('.records-table tbody th').first().textContent(), 'Station 129');
  await table.frame.getByRole('link', { name: 'name' }).click();
  await table.frame.getByText('1–50 of 180').waitFor();
  const opened = table.context.waitForEvent('page');
  await table.frame.locator('.records-table tbody th a').first().click();
  await (await opened).waitForLoadState();
  assert.match((await opened).url(), /\/records\/[0-9a-f]{40}\?sort=name$/);
  await table.close();
  const map = await frameOf(embed('map'), { scripts: false });
  const places = map.frame.locator('#places li');
  assert.equal(await places.count(), 20);
  assert.ok(await places.first().isVisible());
  await map.frame.getByRole('link', { name: 'Next' }).click();
  await map.frame.getByText('Station 20', { exact: true }).waitFor();
  await map.frame.getByRole('link', { name: 'Next' }).click();
  await map.frame.getByText('Station 40', { exact: true }).waitFor();
  checkSeen(map);
  await map.close();
});

test('the code of the map has the colours that are chosen', async () => {
  const context = await visitor(browser, { portal: server.portal });
  const page = await context.newPage();
  await page.goto('/explore/dataset/stations/map/?refine.kind=large');
  const code = page.locator('#embed-code');
  await page.waitForFunction(() => document.querySelector('[data-map-extent]').search.includes('in_bbox'));
  await page.locator('[data-map-color]').selectOption('trains');
  await page.waitForURL(/color=trains/);
  assert.match(await code.textContent(), /\/embed\/dataset\/stations\/map\?refine\.kind=large&amp;color=trains" title="Stations"/);
  await page.locator('[data-map-color]').selectOption('');
  assert.match(await code.textContent(), /\/map\?refine\.kind=large" title="Stations"/);
  await page.locator('.embed-code summary').click();
  await checkReflow(page);
  await context.close();
});

test('looks', async () => {
  const drawn = { prepare: async (page) => {
    await page.locator('[data-map-view-list] li').nth(40).waitFor({ state: 'attached' });
    await page.waitForTimeout(500);
  } };
  await checkLooks(browser, `${server.portal}${embed('table')}`, 'table-embed');
  await checkLooks(browser, `${server.portal}${embed('map', '?color=kind')}`, 'map-embed', drawn);
  await checkLooks(browser, `${server.portal}/explore/dataset/stations/table/`, 'table-embed-code', {
    prepare: (page) => page.locator('.embed-code').evaluate((details) => { details.open = true; }),
  });
});
