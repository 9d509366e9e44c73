// Versions and datasets of the back office in a real browser: every page looked at by axe, wide and narrow, light and
// dark; rolling back without a script; and what a visitor sees of an old version.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { run, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkReflow, launch, signIn, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const texts = ['id,name,watts\n1,North gate,10\n2,East gate,20\n3,South gate,30\n',
  'id,name,watts,owner\n1,North gate,10,city\n2,East gate,25,city\n4,West gate,40,ada\n'];
texts.forEach((text, i) => {
  writeFileSync(join(folder, `lamps-${i}.csv`), text);
  const made = run(['import', join(folder, `lamps-${i}.csv`), '--id', 'lamps', '--title', 'Street lamps', '--annotate', 'id=id', '--data', data]);
  assert.equal(made.status, 0, made.stderr);
});
run(['dataset', 'create', 'trees', '--title', 'Trees', '--data', data]);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const browser = await launch();
test.after(() => browser.close());

async function signedIn(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD);
  return page;
}

const PAGES = ['/backoffice', '/backoffice/datasets', '/backoffice/datasets/lamps', '/backoffice/datasets/trees',
  '/backoffice/datasets/lamps/versions', '/backoffice/datasets/trees/versions',
  '/backoffice/datasets/lamps/versions/compare?from=1&to=2', '/backoffice/datasets/lamps/versions/1/delete',
  '/backoffice/datasets/lamps/versions/keep', '/backoffice/datasets/trees/release', '/backoffice/datasets/lamps/withdraw',
  '/backoffice/datasets/lamps/id', '/backoffice/datasets/lamps/remove', '/explore/dataset/lamps/version/1/',
  '/explore/dataset/lamps/version/1/table/'];

test('every page is accessible and fits narrow screens', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await signedIn({ colorScheme });
    for (const path of PAGES) {
      await page.goto(path);
      await axe(page, `${path} ${colorScheme}`);
      await checkReflow(page, path);
    }
    await page.context().close();
  }
});

test('back and forward without a script, and what visitors see', async () => {
  const page = await signedIn({ javaScriptEnabled: false });
  await page.goto('/backoffice/datasets/lamps/versions');
  await page.click('text=Roll back to it');
  assert.match(await page.textContent('main'), /Visitors now see that version/);
  await page.goto('/explore/dataset/lamps/table/');
  assert.match(await page.textContent('main'), /South gate/);
  await page.goto('/explore/dataset/lamps/version/2/table/');
  assert.match(await page.textContent('main'), /You see version 2/);
  assert.match(await page.textContent('main'), /West gate/);
  await page.click('text=See the current version');
  assert.equal(new URL(page.url()).pathname, '/explore/dataset/lamps/table/');
  await page.goto('/backoffice/datasets/lamps/versions');
  await page.click('text=Roll forward to it');
  await page.goto('/explore/dataset/lamps/table/');
  assert.match(await page.textContent('main'), /West gate/);
});

test('the records of an old version stay in it with a script', async () => {
  const page = await signedIn();
  await page.goto('/explore/dataset/lamps/version/1/table/');
  await page.click('main table a >> nth=0');
  await page.waitForLoadState();
  assert.match(await page.textContent('body'), /You see version 1|North gate|East gate|South gate/);
  assert.doesNotMatch(await page.textContent('main'), /West gate/);
});
