// The tab Export as people use it: downloads, copied links, code, with scripts and without, by keyboard.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, serve, temporaryFolder } from '../api/program.mjs';
import { checkLooks, foreignRequests, launch, record, tabTo, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
const fixture = (name) => fileURLToPath(new URL(`../api/fixtures/${name}`, import.meta.url));
execFileSync(binary, ['import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json'), '--data', data], { stdio: 'ignore' });
const server = await serve(data);
const { portal } = server;
const browser = await launch();
const filtered = '/explore/dataset/lamps/export/?refine.lamp_type=LED';

test('looks: axe, reflow, light and dark, 1280 and 390', async () => {
  await checkLooks(browser, filtered, 'export', { portal });
});

for (const scripts of [true, false]) {
  test(`download, headings and code ${scripts ? 'with' : 'without'} scripts`, async () => {
    const context = await visitor(browser, { portal, scripts });
    const seen = record(context);
    const page = await context.newPage();
    await page.goto('/explore/dataset/lamps/export/');
    await page.getByRole('link', { name: /^LED/ }).first().click();
    await page.waitForURL(/refine\.lamp_type=LED/);
    await page.getByRole('link', { name: 'labels, for people' }).click();
    await page.waitForURL(/use_labels=true/);
    assert.match(page.url(), /refine\.lamp_type=LED/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /^Download \d+ records CSV$/ }).click()]);
    assert.equal(file.suggestedFilename(), 'lamps-filtered.csv');
    const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n');
    assert.match(lines[0], /^\ufeffLamp id;/);
    const [whole] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Whole dataset CSV' }).click()]);
    assert.ok(readFileSync(await whole.path(), 'utf8').split('\r\n').length > lines.length);
    await page.locator('#snippet-python summary').click();
    assert.match(await page.locator('#code-python').innerText(), /urlopen\(URL\)/);
    assert.equal(await page.getByRole('button', { name: 'Copy link CSV' }).isVisible(), scripts);
    assert.deepEqual(foreignRequests(seen, portal), []);
    assert.deepEqual(seen.problems, []);
    assert.deepEqual(await context.cookies(), []);
    await context.close();
  });
}

test('copied links are whole addresses', async () => {
  const context = await visitor(browser, { portal });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await page.goto(filtered);
  await page.getByRole('button', { name: 'Copy link JSON', exact: true }).click();
  await page.getByText('Copied').first().waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${portal}/api/explore/v2.1/catalog/datasets/lamps/exports/json?refine=`), link);
  await page.getByRole('button', { name: 'Copy code curl' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('curl '));
  await context.close();
});

test('by keyboard alone', async () => {
  const context = await visitor(browser, { portal, width: 390 });
  const page = await context.newPage();
  await page.goto(filtered);
  await tabTo(page, '#export-csv');
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(file.suggestedFilename(), 'lamps-filtered.csv');
  await tabTo(page, '#snippet-r summary', 120);
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('#code-r').isVisible());
  await context.close();
});
