// The selection of datasets as people fill it and take it away, with scripts and without.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { binary, publish, serve, temporaryFolder } from '../api/program.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { checkLooks, checkStored, launch, record, tabTo, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
for (const id of ['apples', 'pears', 'plums']) publish(data, id, 30);
const server = await serve(data);
const { portal } = server;
await makeUser(server, data, 'ada');
const browser = await launch();

test('looks: axe, reflow, light and dark, 1280 and 390', async () => {
  await checkLooks(browser, '/selection?dataset=apples&dataset=nosuch&dataset=pears', 'selection', { portal });
  await checkLooks(browser, '/selection', 'selection-empty', { portal });
  await checkLooks(browser, '/explore/?selection=apples', 'selection-catalogue', { portal });
});

const names = async (file) => execFileSync('python3', ['-c', 'import sys, zipfile\nprint(*zipfile.ZipFile(sys.argv[1]).namelist())', await file.path()], { encoding: 'utf8' }).trim().split(' ');

for (const scripts of [true, false]) {
  test(`a visitor ${scripts ? 'with' : 'without'} scripts fills, empties and takes away a selection, and keeps no cookie`, async () => {
    const context = await visitor(browser, { portal, scripts });
    const seen = record(context);
    const page = await context.newPage();
    await page.goto('/explore/');
    await page.getByRole('link', { name: 'Add to selection apples' }).click();
    await page.getByRole('link', { name: 'Selection (1)' }).waitFor();
    await page.getByRole('link', { name: 'pears', exact: true }).click();
    await page.waitForURL(/\/explore\/dataset\/pears\//);
    await page.getByRole('link', { name: 'Add to selection pears' }).click();
    await page.getByRole('link', { name: 'Selection (2)' }).waitFor();
    await page.getByRole('link', { name: 'Export', exact: true }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Catalogue' }).click();
    await page.getByRole('searchbox', { name: 'Search datasets' }).fill('plums');
    await page.getByRole('searchbox', { name: 'Search datasets' }).press('Enter');
    await page.getByRole('link', { name: 'Add to selection plums' }).click();
    await page.getByRole('link', { name: 'Selection (3)' }).click();
    await page.getByRole('heading', { name: '3 datasets' }).waitFor();
    await page.getByRole('link', { name: 'Remove pears' }).click();
    await page.getByRole('heading', { name: '2 datasets' }).waitFor();
    await page.getByLabel('Format of the records').selectOption('json');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download all as one zip' }).click()]);
    assert.equal(file.suggestedFilename(), 'datasets.zip');
    assert.deepEqual(await names(file), ['apples.json', 'apples.metadata.json', 'plums.json', 'plums.metadata.json', 'LICENSES.txt', 'manifest.json']);
    const [script] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Shell script (curl)' }).click()]);
    assert.equal(script.suggestedFilename(), 'datasets.sh');
    if (scripts) await checkStored(page, []);
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual(seen.problems, []);
    await context.close();
  });
}

test('by keyboard alone', async () => {
  const context = await visitor(browser, { portal, width: 390 });
  const page = await context.newPage();
  await page.goto('/explore/dataset/apples/');
  await tabTo(page, '#choice-apples a');
  await page.keyboard.press('Enter');
  await page.waitForURL(/selection=apples/);
  await tabTo(page, 'a[href^="/selection"]');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '1 dataset' }).waitFor();
  await tabTo(page, '#selection-form button');
  const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  assert.equal(file.suggestedFilename(), 'datasets.zip');
  await context.close();
});

for (const scripts of [true, false]) {
  test(`an account ${scripts ? 'with' : 'without'} scripts keeps what it selects from one browser to the next`, async () => {
    const signIn = async () => {
      const context = await visitor(browser, { portal, scripts });
      const page = await context.newPage();
      await page.goto('/account/sign-in?next=/explore/');
      await page.getByLabel('User name').fill('ada');
      await page.locator('#password').fill(PASSWORD);
      await page.locator('main button[type=submit]').click();
      await page.waitForURL(/\/explore\//);
      return page;
    };
    const first = await signIn();
    await first.getByRole('button', { name: 'Add to selection apples' }).click();
    await first.getByText('Added to your selection.').waitFor();
    await first.getByRole('link', { name: 'Selection (1)' }).waitFor();
    assert.doesNotMatch(first.url(), /selection=/);
    const second = await signIn();
    await second.getByRole('link', { name: 'Selection (1)' }).click();
    await second.getByRole('button', { name: 'Empty the selection' }).click();
    await second.getByText('Nothing is selected').waitFor();
    await first.context().close();
    await second.context().close();
  });
}
