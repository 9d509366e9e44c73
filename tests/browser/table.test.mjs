// The table of records in a browser: looks, keyboard, all rows of three million, filters, records.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { binary, temporaryFolder } from '../api/program.mjs';
import { axe, checkLooks, checkReflow, foreignRequests, launch, record, screenshot, startPortal, tabTo, visitor } from './browser.mjs';

const ROWS = 3_000_000;
const portal = await startPortal(['--access-log', 'off']);
const browser = await launch();
const folder = temporaryFolder();

function publish(id, path, metadata) {
  const described = join(folder, `${id}.json`);
  writeFileSync(described, JSON.stringify(metadata));
  execFileSync(binary, ['import', path, '--id', id, '--data', portal.data, '--metadata', described], { stdio: 'ignore' });
}

async function publishFlights() {
  const path = join(folder, 'flights.csv');
  const file = createWriteStream(path);
  file.write('number,day,delay,origin,destination\n');
  for (let from = 0; from < ROWS; from += 50_000) {
    const lines = Array.from({ length: 50_000 }, (_, k) => {
      const i = from + k;
      return `F${i},2001-0${1 + (i % 6)}-${10 + (i % 18)},${(i * 7919) % 1000 - 100},A${i % 40},B${i % 37}`;
    });
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  publish('flights', path, { default: { title: 'Flights', language: 'en' },
    fields: { number: { label: 'Flight' }, delay: { label: 'Delay', annotations: { unit: 'min' } }, origin: { annotations: { facet: true } } } });
}

await publishFlights();
const towns = join(folder, 'towns.csv');
writeFileSync(towns, `name,population,founded,coastal,note\n${Array.from({ length: 120 }, (_, i) =>
  `${i % 5 ? 'Town' : 'עיר'} ${i},${i * 1000},2020-01-${10 + (i % 20)},${i % 2 ? 'true' : 'false'},${'words '.repeat(i % 60)}`).join('\n')}\n`);
publish('towns', towns, { default: { title: 'Towns', language: 'en' }, fields: { population: { label: 'Population' } } });

const TABLE = '/explore/dataset/flights/table/';
const WINDOW = '.records-window';

async function open(address, options = {}) {
  const context = await visitor(browser, { portal: portal.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  // How far things moved after they were shown, as the browser counts it.
  await page.addInitScript(() => {
    window.moved = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.moved += entry.value; }))
      .observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(address);
  return { context, page, seen };
}

/** Flights in the window, from the top down, without those that are on their way. */
const shown = (page) => page.evaluate((selector) => {
  const area = document.querySelector(selector).getBoundingClientRect();
  const head = document.querySelector('.records-table thead').getBoundingClientRect();
  return [...document.querySelectorAll('.records-table tbody tr[aria-rowindex]:not(.pending)')].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= head.bottom - 1 && box.bottom <= area.bottom + 1;
  }).map((row) => ({ name: row.cells[0].textContent, index: Number(row.getAttribute('aria-rowindex')) }));
}, WINDOW);

async function awaitShown(page, name) {
  await page.waitForFunction(([wanted, selector]) => {
    const area = document.querySelector(selector).getBoundingClientRect();
    return [...document.querySelectorAll('.records-table tbody tr')].some((row) => {
      const box = row.getBoundingClientRect();
      return row.cells[0]?.textContent === wanted && box.top < area.bottom && box.bottom > area.top;
    });
  }, [name, WINDOW]);
}

test('looks: table, condition with a fault, a record; wide and narrow, light and dark', async () => {
  const base = portal.portal;
  await checkLooks(browser, `${base}/explore/dataset/towns/table/?where=population+%3E+5000&sort=-population`, 'table');
  await checkLooks(browser, `${base}/explore/dataset/towns/table/?filter.field=population&filter.operator=more&filter.value=x`, 'table-condition', {
    prepare: (page) => page.locator('#filters-toggle').evaluate((toggle) => { toggle.checked = true; }),
  });
  const { page, context } = await open('/explore/dataset/towns/table/');
  const address = await page.locator('.records-table tbody th a').first().getAttribute('href');
  await context.close();
  await checkLooks(browser, base + address, 'record');
});

test('320 pixels: nothing is wider than the window', async () => {
  const { page, context } = await open('/explore/dataset/towns/table/', { width: 320 });
  await checkReflow(page);
  await context.close();
});

test('three million rows: the last one, the middle, small steps; every row is where its number says', async () => {
  const { page, context, seen } = await open(TABLE);
  assert.equal(await page.locator('.records-table').getAttribute('aria-rowcount'), String(ROWS + 1));
  assert.equal((await shown(page))[0].name, 'F0');
  const area = page.locator(WINDOW);
  await area.evaluate((element) => { element.scrollTop = element.scrollHeight; });
  await awaitShown(page, `F${ROWS - 1}`);
  await area.evaluate((element) => { element.scrollTop = element.scrollHeight / 2; });
  await page.waitForFunction(() => !document.querySelector('.records-table .pending')
    && Math.abs(Number(document.querySelector('.records-table tbody tr[aria-rowindex]').getAttribute('aria-rowindex')) - 1_500_000) < 1000);
  const middle = await shown(page);
  assert.ok(middle.length > 5);
  middle.forEach((row) => assert.equal(row.name, `F${row.index - 2}`));
  const before = await page.evaluate(() => Number(document.querySelector('.records-table tbody tr[aria-rowindex]').getAttribute('aria-rowindex')));
  await area.hover();
  await page.mouse.wheel(0, 360); // ten rows, though the bar stands for fifteen times as much
  await page.waitForFunction((earlier) => Number(document.querySelector('.records-table tbody tr[aria-rowindex]').getAttribute('aria-rowindex')) !== earlier,
    before);
  await page.waitForTimeout(600); // the bar says where it is
  const further = await shown(page);
  const step = further[0].index - middle[0].index;
  assert.ok(step >= 9 && step <= 11, `${step} rows`);
  further.forEach((row) => assert.equal(row.name, `F${row.index - 2}`));
  await area.evaluate((element) => { element.scrollTop = 0; });
  await awaitShown(page, 'F0');
  assert.ok(await page.locator('.records-table tbody tr').count() < 100);
  assert.ok(await page.evaluate(() => window.moved) < 0.05);
  assert.deepEqual(seen.problems, []);
  assert.deepEqual(foreignRequests(seen, portal.portal), []);
  await context.close();
});

test('rows that are scrolled past are not asked for', async () => {
  const { page, context, seen } = await open(TABLE);
  const asked = () => seen.requests.filter((request) => request.url.includes('rows=')).length;
  const before = asked();
  await page.locator(WINDOW).evaluate(async (element) => {
    for (let i = 1; i <= 40; i++) {
      element.scrollTop = (element.scrollHeight / 40) * i;
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
    }
  });
  await awaitShown(page, `F${ROWS - 1}`);
  assert.ok(asked() - before <= 8, `${asked() - before} requests`);
  await context.close();
});

test('a further page begins where it says, under an order and a filter', async () => {
  const { page, context } = await open(`${TABLE}?sort=-delay&refine.origin=A7&page=1000`);
  const rows = await shown(page);
  assert.equal(rows[0].index, 999 * 50 + 2);
  assert.match(await page.locator('.records-position').textContent(), /^49,951–49,9\d\d of 75,000$/);
  await context.close();
});

test('the keyboard alone: rows by arrows, pages, first and last, a record and back', async () => {
  const { page, context } = await open(TABLE);
  await tabTo(page, WINDOW);
  await page.keyboard.press('End');
  await awaitShown(page, `F${ROWS - 1}`);
  await page.keyboard.press('Home');
  await awaitShown(page, 'F0');
  await tabTo(page, '.records-table tbody th a');
  const focusedRow = () => page.evaluate(() => document.activeElement.closest('tr')?.cells[0].textContent);
  assert.equal(await focusedRow(), 'F0');
  const steps = [['ArrowDown', 'F1'], ['ArrowDown', 'F2'], ['ArrowUp', 'F1'], ['End', `F${ROWS - 1}`], ['ArrowUp', `F${ROWS - 2}`], ['Home', 'F0']];
  for (const [key, name] of steps) {
    await page.keyboard.press(key);
    await page.waitForFunction((wanted) => document.activeElement.closest('tr')?.cells[0].textContent === wanted, name);
  }
  await page.keyboard.press('PageDown');
  await page.waitForFunction(() => document.activeElement.closest('tr')?.cells[0].textContent !== 'F0');
  const reached = await focusedRow();
  await page.keyboard.press('Enter');
  const dialog = page.locator('dialog[open]');
  await dialog.waitFor();
  assert.ok((await dialog.textContent()).includes(reached));
  await axe(page, 'record in a dialog');
  await screenshot(page, 'record-dialog', { fullPage: false });
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await focusedRow(), reached);
  assert.equal(await page.locator('.records-table tbody a[tabindex="0"]').count(), 1);
  await context.close();
});

test('a click on a row shows its record; with Ctrl the link is a link', async () => {
  const { page, context, seen } = await open('/explore/dataset/towns/table/');
  await page.locator('.records-table tr[aria-rowindex="5"]').locator('td').first().click();
  await page.locator('dialog[open] h2', { hasText: 'Town 3' }).waitFor();
  await page.locator('dialog[open] button').click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  const [other] = await Promise.all([context.waitForEvent('page'),
    page.locator('.records-table tbody th a').first().click({ modifiers: ['Control'] })]);
  await other.waitForURL(/\/records\/[0-9a-f]{40}$/);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('results follow while somebody types, and so do tabs, conditions and the address', async () => {
  const { page, context, seen } = await open('/explore/dataset/towns/table/?sort=-population');
  await page.locator('#q').pressSequentially('town 11', { delay: 10 });
  await page.waitForURL(/q=town\+11/);
  await page.locator('.chip-value', { hasText: 'town 11' }).waitFor();
  assert.match(await page.locator('#tabs a').nth(2).getAttribute('href'), /q=town/);
  assert.equal(await page.locator('form[data-condition] input[name=q]').getAttribute('value'), 'town 11');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
  await page.locator('.records-table tbody tr').first().click(); // the new table works, too
  await page.locator('dialog[open]').waitFor();
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('comparisons and inputs fit the field; the condition that is added reads as people speak', async () => {
  const { page, context } = await open('/explore/dataset/towns/table/');
  await page.locator('summary', { hasText: 'Add a condition' }).click();
  const operators = () => page.locator('#condition-operator option').allTextContents();
  assert.ok((await operators()).includes('begins with'));
  await page.locator('#condition-field').selectOption('founded');
  assert.ok(!(await operators()).includes('begins with'));
  assert.equal(await page.locator('#condition-value').getAttribute('type'), 'date');
  await page.locator('#condition-field').selectOption('coastal');
  assert.ok(await page.locator('#condition-value').isHidden());
  await page.locator('#condition-field').selectOption('population');
  await page.locator('#condition-operator').selectOption('between');
  assert.ok(await page.locator('#condition-other').isVisible());
  await page.locator('#condition-operator').selectOption('more');
  assert.ok(await page.locator('#condition-other').isHidden());
  await page.locator('#condition-value').fill('20,000');
  await page.keyboard.press('Enter');
  await page.waitForURL(/where=population%20%3E%2020000/);
  assert.equal(await page.locator('.chip-value').textContent(), 'Population > 20,000');
  assert.match(await page.locator('.results-count').textContent(), /^99 records of 120/);
  await context.close();
});

test('without a script: pages, order, columns, a condition, a record and the way back', async () => {
  const { page, context } = await open('/explore/dataset/towns/table/', { scripts: false });
  const first = () => page.locator('.records-table tbody th').first().textContent();
  await page.getByRole('link', { name: 'Next' }).click();
  assert.equal(await first(), 'עיר 50');
  await page.locator('thead a', { hasText: 'Population' }).click();
  assert.equal(await first(), 'Town 119');
  await page.locator('summary', { hasText: 'Columns' }).click();
  await page.getByLabel('note').uncheck();
  await page.getByRole('button', { name: 'Show these' }).click();
  assert.equal(await page.locator('thead th').count(), 4);
  assert.equal(await first(), 'Town 119');
  await page.locator('summary', { hasText: 'Add a condition' }).click();
  await page.getByLabel('Field').selectOption({ label: 'Population' });
  await page.getByLabel('Comparison').selectOption('less');
  await page.getByLabel('Value').fill('20000');
  await page.getByRole('button', { name: 'Add', exact: true }).first().click();
  assert.equal(await first(), 'Town 19');
  assert.equal(await page.locator('thead th').count(), 4);
  await page.locator('.records-table tbody th a').first().click();
  assert.equal(await page.locator('.record h2').textContent(), 'Town 19');
  await page.getByRole('link', { name: 'Back to the table' }).click();
  assert.equal(await first(), 'Town 19');
  await page.locator('.chip').click();
  assert.equal(await first(), 'Town 119');
  await context.close();
});
