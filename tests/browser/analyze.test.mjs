// The tab Analyze in a browser: every kind is drawn from its table, can be used with keyboard, mouse and legend, is
// saved as a file, stands in frames of other sites without cookies, and is complete without a script.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { binary, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkLooks, checkReflow, checkStored, launch, record, screenshot, tabTo, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);
const kindsOfWeather = ['rain', 'sun', 'fog'];
const lines = Array.from({ length: 720 }, (_, i) => {
  const day = new Date(Date.UTC(2021, 0, 1 + i)).toISOString().slice(0, 10);
  const warm = (15 - 11 * Math.cos(i / 365 * 2 * Math.PI) + (i * 37 % 17) / 4).toFixed(1);
  return `${day},${kindsOfWeather[i * i % 11 % 3]},${warm},${(i * 53 % 90) / 10},station ${i % 34}`;
});
writeFileSync(join(folder, 'weather.csv'), `date,weather,warmth,wind,station\n${lines.join('\n')}\n`);
execFileSync(binary, ['import', join(folder, 'weather.csv'), '--id', 'weather', '--title', 'Weather of two years', '--data', data,
  '--annotate', 'weather=facet', '--annotate', 'warmth=unit=°C'], { stdio: 'ignore' });
const server = await serve(data);
const browser = await launch();
const base = `${server.portal}/explore/dataset/weather/analyze/`;

const charts = {
  bar: 'chart=bar&x=station&limit=12', 'bar-series': 'chart=bar&x=date&bucket=quarter&series=weather&stacked=yes',
  horizontal: 'chart=horizontal&x=station', 'horizontal-series': 'chart=horizontal&x=weather&series=date&stacked=share',
  line: 'chart=line&x=date&y=avg&of=warmth', 'line-series': 'chart=line&x=date&bucket=month_of_year&series=date&y=avg&of=warmth',
  area: 'chart=area&x=date&series=weather', pie: 'chart=pie&x=weather', scatter: 'chart=scatter&x=warmth&of=wind&series=weather',
  histogram: 'chart=histogram&x=warmth', treemap: 'chart=treemap&x=station&y=sum&of=wind', 'treemap-series': 'chart=treemap&x=weather&series=date',
};

/** Opens a chart and waits until it is drawn. */
async function open(query, options = {}) {
  const context = await visitor(browser, options);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(`${base}?${query}`);
  if (options.scripts !== false) await page.locator('.chart-drawing > *').first().waitFor({ state: 'attached' });
  return { context, page, seen };
}

const marks = { bar: 'rect.fill', horizontal: 'rect.fill', line: 'circle.dot', area: 'circle.dot', pie: 'path.fill', scatter: 'path.point', histogram: 'rect.fill', treemap: 'rect.fill' };

for (const [name, query] of Object.entries(charts)) {
  test(`${name}: a mark for each value of the table, without a fault`, async () => {
    const { context, page, seen } = await open(query);
    const kind = name.replace('-series', '');
    const values = await page.$$eval('#chart-data td[data-value]:not([data-value=""])', (cells) => cells.map((cell) => Number(cell.dataset.value)));
    const perRow = kind === 'scatter' ? 2 : 1;
    const wanted = kind === 'treemap' ? values.filter((value) => value > 0).length : values.length / perRow;
    assert.equal(await page.locator(`.chart-drawing > g ${marks[kind]}, .chart-drawing > ${marks[kind]}`).count(), wanted);
    assert.match(await page.getAttribute('.chart-drawing', 'aria-label'), kind === 'scatter' ? /^Scatter: .*points\.$/ : /groups?\. Highest: .*\. Lowest: /);
    assert.deepEqual(seen.problems, []);
    const shift = await page.evaluate(() => new Promise((done) => {
      new PerformanceObserver((list) => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(0), 300);
    }));
    assert.ok(shift < 0.01, `layout shift ${shift}`);
    await axe(page, name);
    await screenshot(page, `chart-${name}-1280-light`);
    await context.close();
    if (!['line-series', 'horizontal', 'pie'].includes(name)) {
      return;
    }
    await checkLooks(browser, `${base}?${query}`, `chart-${name}`, { prepare: (page) => page.locator('.chart-drawing > *').first().waitFor({ state: 'attached' }) });
  });
}

test('a pivot table is a table, without a drawing', async () => {
  const { context, page } = await open('chart=pivot&x=station&series=weather', { scripts: false });
  assert.equal(await page.locator('.chart-space').count(), 0);
  assert.equal(await page.locator('#chart-data tr').last().locator('td').last().textContent(), '720');
  await context.close();
  await checkLooks(browser, `${base}?chart=pivot&x=station&series=weather`, 'chart-pivot');
});

test('without a script: form and table do everything, nothing is empty', async () => {
  const { context, page } = await open('', { scripts: false });
  assert.equal(await page.locator('.chart-space').isVisible(), false);
  await page.getByText('Bars', { exact: true }).click();
  await page.selectOption('#chart-x', 'weather');
  await page.getByRole('button', { name: 'Draw' }).click();
  await page.waitForURL(/chart=horizontal.*x=weather/);
  assert.equal(await page.locator('#chart-data tbody tr').count(), 3);
  assert.equal(await page.locator('button[data-chart-save]:visible').count(), 0);
  await checkReflow(page);
  await screenshot(page, 'chart-no-script');
  await context.close();
});

test('a choice shows at once, in the address too, and the focus stays', async () => {
  const { context, page, seen } = await open('chart=bar&x=weather');
  await page.evaluate(() => { window.isSamePage = true; });
  await page.focus('#chart-series');
  await page.selectOption('#chart-series', 'date');
  await page.locator('.chart-legend').waitFor();
  assert.match(page.url(), /series=date/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'chart-series');
  await page.getByText('Pie', { exact: true }).click();
  await page.locator('#chart[data-chart="pie"] .chart-drawing path.fill').first().waitFor();
  assert.equal(await page.evaluate(() => window.isSamePage), true);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('with the keyboard: arrows go through the values, which are said, and Escape leaves', async () => {
  const { context, page } = await open('chart=line&x=date&bucket=quarter&series=weather');
  await tabTo(page, '.chart-drawing');
  const tip = page.locator('.chart-tip');
  const live = page.locator('.chart-space [aria-live]');
  const [first, second] = await page.$$eval('#chart-data tbody th', (cells) => cells.slice(0, 2).map((cell) => cell.textContent.trim()));
  assert.match(await tip.textContent(), new RegExp(`^${first}`));
  await page.keyboard.press('ArrowRight');
  const value = await page.textContent('#chart-data tbody tr:nth-child(2) td:nth-of-type(1)');
  const name = await page.textContent('#chart-data thead th:nth-child(2)');
  assert.equal(await live.textContent(), `${second}, ${name}: ${value}`);
  await page.keyboard.press('ArrowDown');
  assert.equal(await live.textContent(), `${second}, ${await page.textContent('#chart-data thead th:nth-child(3)')}: ${await page.textContent('#chart-data tbody tr:nth-child(2) td:nth-of-type(2)')}`);
  await page.keyboard.press('End');
  assert.match(await live.textContent(), /^Q4 2022/);
  await axe(page, 'chart with a value pointed at');
  await page.keyboard.press('Escape');
  assert.equal(await tip.isVisible(), false);
  await context.close();
});

test('with the mouse and a finger: the value under it; the legend hides series, but not the last', async () => {
  const { context, page } = await open('chart=bar&x=weather&series=date');
  const bar = page.locator('.chart-drawing > g rect.fill').nth(1);
  await bar.hover();
  const label = await page.textContent('#chart-data tbody tr:nth-child(2) th');
  assert.match(await page.locator('.chart-tip').textContent(), new RegExp(`^${label}.*${await page.textContent('#chart-data tbody tr:nth-child(2) td')}`));
  const before = await page.locator('.chart-drawing > g rect.fill').count();
  const buttons = page.locator('.chart-legend button');
  await buttons.first().click();
  assert.equal(await buttons.first().getAttribute('aria-pressed'), 'false');
  assert.equal(await page.locator('.chart-drawing > g rect.fill').count(), before / 2);
  await buttons.nth(1).click();
  assert.equal(await buttons.nth(1).getAttribute('aria-pressed'), 'true');
  await context.close();
});

test('SVG and PNG are files that hold the chart', async () => {
  for (const query of [charts['area'], charts.pie, charts['horizontal-series'], charts.scatter]) {
    const { context, page, seen } = await open(query, { scheme: 'dark' });
    const [svg] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Image (SVG)' }).click()]);
    const text = readFileSync(await svg.path(), 'utf8');
    assert.match(svg.suggestedFilename(), /^weather-[a-z]+\.svg$/);
    assert.match(text, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    assert.ok(text.includes('Source: Weather of two years'), 'it names its source');
    assert.ok(!/class=|style=|var\(/.test(text), 'styles are written out');
    assert.match(text, /<rect width="960"[^>]*fill="rgb\(17, 22, 29\)"/, 'the ground of the dark scheme');
    assert.match(text, /fill="rgb\(116, 176, 255\)"/, 'the colour of the first series');
    assert.match(text, /<text[^>]*font-size="22px"[^>]*font-weight="700"|<text[^>]*font-weight="700"[^>]*font-size="22px"/, 'the title');
    const [png] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Image (PNG)' }).click()]);
    const bytes = readFileSync(await png.path());
    assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
    assert.equal(bytes.readUInt32BE(16), 1920);
    assert.ok(bytes.length > 15000, `${bytes.length} bytes`);
    assert.deepEqual(seen.problems, []);
    await context.close();
  }
});

test('from right to left, with more contrast, with forced colours and on paper', async () => {
  const { context, page, seen } = await open(charts['line-series'], { contrast: 'more' });
  await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  await page.selectOption('#chart-y', 'max');
  await page.locator('.chart-title', { hasText: 'Maximum' }).waitFor();
  await page.locator('.chart-drawing .axis text').first().waitFor();
  const axis = await page.locator('.chart-drawing .axis text').first().boundingBox();
  const drawing = await page.locator('.chart-drawing').boundingBox();
  assert.ok(axis.x > drawing.x + drawing.width / 2, 'values stand at the right');
  await screenshot(page, 'chart-rtl');
  assert.deepEqual(seen.problems, []);
  await context.close();
  const forced = await open(charts['bar-series'], { forcedColors: true });
  await screenshot(forced.page, 'chart-forced-colours');
  await forced.page.emulateMedia({ media: 'print', forcedColors: 'none' });
  assert.equal(await forced.page.locator('.chart-form').isVisible(), false);
  assert.equal(await forced.page.locator('.chart-drawing').isVisible(), true);
  await forced.context.close();
});

test('a chart follows the width, down to 320 pixels', async () => {
  const { context, page } = await open(charts['line-series'], { width: 320 });
  await checkReflow(page);
  await page.setViewportSize({ width: 1000, height: 800 });
  await page.waitForFunction(() => Number(document.querySelector('.chart-drawing').getAttribute('viewBox').split(' ')[2]) > 500);
  await context.close();
});

test('in a frame of another site: drawn, without a cookie read or set, without a fault', async () => {
  const own = createServer((request, answer) => {
    answer.setHeader('content-type', 'text/html');
    answer.end(`<!doctype html><html lang="en"><title>Blog</title><h1>Blog</h1>
      <iframe title="chart" width="700" height="600" src="${server.portal}/embed/dataset/weather/chart?${charts.area.replaceAll('&', '&amp;')}"></iframe>`);
  });
  await new Promise((resolve) => { own.listen(0, '127.0.0.1', resolve); });
  after(() => own.close());
  const context = await visitor(browser);
  await context.addCookies([{ name: 'django_language', value: 'fr', url: server.portal }]);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(`http://localhost:${own.address().port}/`);
  const frame = page.frameLocator('iframe');
  await frame.locator('.chart-drawing path.area').first().waitFor();
  assert.equal(await frame.locator('html').getAttribute('lang'), 'en');
  assert.deepEqual(seen.setCookies, []);
  assert.deepEqual(seen.problems, []);
  await screenshot(page, 'chart-framed');
  await context.close();
  await checkLooks(browser, `${server.portal}/embed/dataset/weather/chart?${charts.pie}`, 'chart-embed');
  const alone = await visitor(browser);
  const embed = await alone.newPage();
  await embed.goto(`${server.portal}/embed/dataset/weather/chart?${charts.bar}`);
  await checkStored(embed, []);
  await alone.close();
});
