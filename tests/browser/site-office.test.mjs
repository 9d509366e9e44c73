// Settings of the site and pages of content in a real browser: previews while one types, without scripts, by keyboard, axe.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { axe, checkReflow, launch, screenshot, tabTo, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'communes', 40);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const browser = await launch();

async function signedIn(options = {}) {
  const page = await (await visitor(browser, options)).newPage();
  await page.goto(`${server.portal}/account/sign-in`);
  await page.fill('input[name=username]', 'ada');
  await page.fill('input[name=password]', PASSWORD);
  await Promise.all([page.waitForNavigation(), page.press('input[name=password]', 'Enter')]);
  return page;
}

const PATHS = ['/backoffice/site', ...['texts', 'about', 'look', 'home', 'facets', 'footer', 'languages', 'mail', 'mail/test', 'embeds', 'retention']
  .map((name) => `/backoffice/site/${name}`), '/backoffice/pages', '/backoffice/pages/new', '/backoffice/pages/1', '/backoffice/pages/1/settings',
'/backoffice/pages/1/text/en', '/backoffice/pages/1/pictures', '/backoffice/pages/1/revisions/1'];

test('a page is written by keyboard with a preview that follows, and shows a frame of ours', async () => {
  const page = await signedIn();
  await page.goto(`${server.portal}/backoffice/pages/new`);
  await tabTo(page, '#title');
  await page.keyboard.type('About us');
  await page.check('input[value=header]');
  await Promise.all([page.waitForNavigation(), page.press('#title', 'Enter')]);
  assert.match(page.url(), /\/backoffice\/pages\/1$/);
  await page.goto(`${server.portal}/backoffice/pages/1/text/en`);
  await page.fill('#text', '## Where\n\nWe are *here*.\n\n{{table communes | height=300}}\n');
  await page.waitForSelector('#preview iframe');
  assert.equal(await page.inputValue('#text'), '## Where\n\nWe are *here*.\n\n{{table communes | height=300}}\n', 'what was typed stays');
  await axe(page);
  await Promise.all([page.waitForNavigation(), page.click('form[data-preview] button[type=submit]:not([name])')]);
  await page.goto(`${server.portal}/backoffice/pages/1/settings`);
  await page.check('input[value=published]');
  await Promise.all([page.waitForNavigation(), page.click('main form button[type=submit]')]);
  await page.goto(`${server.portal}/pages/about-us/`);
  const frame = await (await page.waitForSelector('iframe')).contentFrame();
  await frame.waitForSelector('table');
  await axe(page);
  await screenshot(page, 'content-page');
});

test('a chosen map is put where one was writing, and what is left out is told', async () => {
  const page = await signedIn();
  await page.goto(`${server.portal}/backoffice/pages/1/text/en`);
  await page.fill('#text', 'First.\n\nLast.');
  await page.evaluate(() => { document.querySelector('#text').setSelectionRange(6, 6); });
  await page.selectOption('#insert_dataset', 'communes');
  await page.selectOption('#insert_kind', 'table');
  await page.click('button[name=insert]');
  assert.equal(await page.inputValue('#text'), 'First.\n\n{{table communes}}\n\nLast.');
  await page.waitForSelector('#preview iframe[src*="/embed/dataset/communes/table"]');
  await page.fill('#text', '<iframe src="https://elsewhere.example/"></iframe>');
  await page.waitForSelector('#preview .notice.warning code');
  await axe(page, 'left out');
  await checkReflow(page, 'left out');
});

test('colours are shown while they are chosen', async () => {
  const page = await signedIn();
  await page.goto(`${server.portal}/backoffice/site/look`);
  await page.fill('#accent', '#ffee00');
  await page.waitForSelector('#preview .tag.danger');
  await page.fill('#accent', '#7a1f5c');
  await page.waitForSelector('#preview img[src*="7a1f5c"]');
});

test('everything works without scripts', async () => {
  const page = await signedIn({ scripts: false });
  await page.goto(`${server.portal}/backoffice/pages/1/text/en`);
  await page.fill('#text', 'A **first** word');
  await Promise.all([page.waitForNavigation(), page.click('button[name=preview]')]);
  assert.equal(await page.textContent('#preview strong'), 'first');
  assert.equal(await page.inputValue('#text'), 'A **first** word');
  await page.goto(`${server.portal}/backoffice/site/texts`);
  await page.fill('#name', 'Valdoria');
  await Promise.all([page.waitForNavigation(), page.click('main form button[type=submit]')]);
  assert.match(await page.textContent('.site-header .brand'), /Valdoria/);
});

test('pages are accessible at both widths, light and dark', async () => {
  for (const options of [{ width: 1280 }, { width: 390, height: 844, scheme: 'dark' }]) {
    const page = await signedIn(options);
    for (const path of PATHS) {
      await page.goto(server.portal + path);
      await axe(page, path);
      await checkReflow(page, path);
      await screenshot(page, `site-office${path.replace(/\W+/g, '-')}-${options.width}`);
    }
    for (const path of ['/', '/pages/about-us/']) {
      await page.goto(server.portal + path);
      await axe(page, path);
      await checkReflow(page, path);
      await screenshot(page, `site-front${path.replace(/\W+/g, '-')}${options.width}`);
    }
  }
});
