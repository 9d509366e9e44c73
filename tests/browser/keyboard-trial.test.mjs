// A newcomer's errand with the keyboard alone: the communes of Brittany above 20,000 inhabitants, sorted, on a map, as a
// chart by department, as a file, and as an address of the API.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, serve, temporaryFolder } from '../api/program.mjs';
import { focused, launch, tabTo, visitor } from './browser.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
const rows = join(folder, 'communes.jsonl');
execFileSync(process.execPath, [join(root, 'demo/communes.mjs'), rows], { cwd: root });
const done = run(['import', rows, '--id', 'communes', '--data', join(folder, 'data'), '--metadata', join(root, 'demo/communes.json'),
  '--geo-point', 'coordonnees=latitude,longitude']);
assert.equal(done.status, 0, done.stderr);
const server = await serve(join(folder, 'data'));
const browser = await launch({ webgl: true });
const wanted = readFileSync(rows, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  .filter((row) => row.region === 'Bretagne' && row.population > 20000).sort((a, b) => b.population - a.population);

const PRESSES_MOST = 100; // of Tab, on the way to anything

async function press(page, selector) {
  await tabTo(page, selector, PRESSES_MOST);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

/** Chooses an option of a select that has the focus, by typing what it is called. */
async function choose(page, selector, label) {
  await tabTo(page, selector, PRESSES_MOST);
  await page.keyboard.type(label);
  const chosen = () => page.$eval(selector, (select) => select.selectedOptions[0].textContent);
  for (let presses = 0; await chosen() !== label && presses < 10; presses++) { // several begin like that
    await page.keyboard.press('ArrowUp');
  }
  assert.equal(await chosen(), label);
}

const count = async (page) => Number((/\d+/.exec(await page.textContent('.results-count')))[0]);

for (const scripts of [true, false]) {
  test(`from the home page to a file and an address, ${scripts ? 'with' : 'without'} scripts`, async () => {
    assert.ok(wanted.length > 5 && wanted.length < 50, 'the data have what is looked for');
    const context = await visitor(browser, { portal: server.portal, scripts });
    const page = await context.newPage();

    // find
    await page.goto('/');
    await tabTo(page, 'main input[type=search]');
    await page.keyboard.type('commune');
    await Promise.all([page.waitForURL(/\/explore\/\?/), page.keyboard.press('Enter')]);
    await press(page, '.dataset-card h2 a');
    await press(page, '.tabs a[href*="/table/"]');

    // narrow down
    await press(page, '#facet-region a[href*="more"], #facet-region li a[href*="Bretagne"], #facet-region p a');
    if (!page.url().includes('refine.region')) await press(page, '#facet-region li a[href*="Bretagne"]');
    await tabTo(page, '.condition-add summary', PRESSES_MOST);
    await page.keyboard.press('Enter');
    await choose(page, '#condition-field', 'Population');
    await choose(page, '#condition-operator', '> more than');
    await tabTo(page, '#condition-value');
    await page.keyboard.type('20000');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    assert.equal(await count(page), wanted.length);

    // sort
    await press(page, 'thead a[href*="sort=-population"]');
    const names = await page.$$eval('tbody tr', (list) => list.map((row) => row.querySelector('td, th:not(.row-number)').textContent.trim()));
    assert.ok(names[0].includes(wanted[0].nom), `${names[0]} ${wanted[0].nom}`);

    // map
    await press(page, '.tabs a[href*="/map/"]');
    assert.equal(await count(page), wanted.length);
    if (scripts) {
      await page.waitForFunction(() => document.querySelector('[data-map-extent]')?.search.includes('in_bbox'));
      const before = await page.getAttribute('[data-map-extent]', 'href');
      await tabTo(page, '[data-map-zoom="1"]', PRESSES_MOST);
      await page.keyboard.press('Enter');
      await page.waitForFunction((old) => document.querySelector('[data-map-extent]').getAttribute('href') !== old, before);
    }

    // chart
    await press(page, '.tabs a[href*="/analyze/"]');
    await choose(page, '#chart-x', 'Department');
    if (scripts) {
      await page.waitForURL(/x=departement/); // the chart follows, and leaves the focus where it is
      assert.equal(await page.evaluate(() => document.activeElement.id), 'chart-x');
    } else {
      await press(page, '#chart-form button[type=submit]');
    }
    assert.equal(await count(page), wanted.length);
    const cells = await page.$$eval('#chart-data tbody th', (list) => list.map((cell) => cell.textContent.trim()));
    assert.deepEqual(cells.sort(), [...new Set(wanted.map((row) => row.departement))].sort());

    // file
    await press(page, '.tabs a[href*="/export/"]');
    await tabTo(page, '#export-csv', PRESSES_MOST);
    assert.match(await focused(page), new RegExp(`\\b${wanted.length}\\b`), 'the button says how many records it gives');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'communes-filtered.csv');
    const lines = readFileSync(await download.path(), 'utf8').trim().split('\n').slice(1);
    assert.equal(lines.length, wanted.length);

    // address of the API
    await press(page, '.tabs a[href*="/api/"]');
    await tabTo(page, '#console-address', PRESSES_MOST);
    const { total_count: total } = await (await fetch(await page.getAttribute('#console-address', 'href'))).json();
    assert.equal(total, wanted.length);
    if (scripts) {
      await tabTo(page, '[data-copy="console-address"]');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.activeElement.matches('[data-copy="console-address"]'));
    }
    await context.close();
  });
}
