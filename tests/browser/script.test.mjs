// The script: consent in a dialog and without reloading, and the plain way whenever something fails.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { bundle, consentSizes } from '../../tools/assets.mjs';
import { axe, checkStored, focused, launch, record, screenshot, tabTo, visitor } from './browser.mjs';
import { startGallery } from './gallery.mjs';

const gallery = await startGallery();
after(gallery.stop);
const broken = await startGallery({ fail: ['/cookies'] });
after(broken.stop);
const browser = await launch();
beforeEach(() => {
  gallery.choices.length = 0;
  broken.choices.length = 0;
});

async function open(address, options) {
  const context = await visitor(browser, options);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(address);
  return { context, page, seen };
}

test('consent costs at most 1 KB of script and 3 KB of style and HTML', async () => {
  const { script, style } = await consentSizes();
  const banner = await (await fetch(`${gallery.address}/?banner`)).text();
  const html = banner.slice(banner.indexOf('<section class="consent"'), banner.indexOf('</section>') + 10);
  assert.ok(html.length > 300);
  assert.ok(script <= 1024, `${script} bytes of script`);
  assert.ok(style + Buffer.byteLength(html) <= 3072, `${style} + ${html.length} bytes`);
  assert.ok(gzipSync(await bundle('src/ts/app.ts')).length < 2048);
});

test('a choice in the banner: sent in the background, confirmed in its place, focus there, hidden on demand', async () => {
  const { context, page, seen } = await open(`${gallery.address}/form?banner`);
  await page.evaluate(() => { window.isSamePage = true; });
  await page.getByRole('button', { name: 'Refuse all' }).click();
  const alert = page.locator('.consent[role="alert"]');
  await alert.waitFor();
  assert.equal(await page.locator('.consent').count(), 1);
  assert.match(await focused(page), /^Your choice is kept for 6 months/);
  assert.equal(await page.evaluate(() => window.isSamePage), true);
  assert.deepEqual(gallery.choices, [{ path: '/cookies', isFragment: true, values: { next: '/', choice: 'none' }, site: 'same-origin' }]);
  await axe(page, 'confirmation');
  await screenshot(page, 'confirmation');
  await page.getByRole('link', { name: 'Hide this message' }).click();
  assert.equal(await page.locator('.consent').count(), 0);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.deepEqual(seen.problems, []);
  await checkStored(page, []);
  await context.close();
});

test('with the keyboard alone: dialog, focus inside, Escape closes without a choice, focus returns', async () => {
  const { context, page, seen } = await open(`${gallery.address}/form?banner`);
  await tabTo(page, 'footer a[data-consent-dialog]');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open]').waitFor();
  assert.equal(await focused(page), 'Your choice about cookies');
  await axe(page, 'dialog');
  await screenshot(page, 'dialog', { fullPage: false });
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body
      || document.activeElement.closest('dialog') !== null), 'the focus stays in the dialog');
  }
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(page), 'Cookies');
  assert.equal(await page.locator('#consent').count(), 1);
  assert.deepEqual(gallery.choices, []);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('a choice in the dialog replaces the banner, and comes first where there was none', async () => {
  for (const address of [`${gallery.address}/form?banner`, `${gallery.address}/form`]) {
    const { context, page, seen } = await open(address);
    await page.locator('footer a[data-consent-dialog]').click();
    await page.getByLabel('Valdoria Video').check();
    await page.getByRole('button', { name: 'Save my choice' }).click();
    await page.locator('.consent[role="alert"]').waitFor();
    await page.locator('dialog').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.consent').count(), 1);
    assert.ok(await page.$eval('.consent', (done) => done === document.body.firstElementChild));
    assert.match(await focused(page), /^Your choice is kept/);
    assert.deepEqual(gallery.choices.at(-1).values, { next: '/', service: 'video', choice: 'some' });
    assert.deepEqual(seen.problems, []);
    await context.close();
  }
  assert.equal(gallery.choices.length, 2);
});

test('on the preference page itself there is no dialog, and its form is sent the plain way, for the page shows the choice', async () => {
  const { context, page } = await open(`${gallery.address}/cookies`);
  await Promise.all([page.waitForEvent('load'), page.locator('footer a[data-consent-dialog]').click()]);
  assert.equal(await page.locator('dialog').count(), 0);
  await Promise.all([page.waitForURL(`${gallery.address}/`), page.getByRole('button', { name: 'Refuse all' }).click()]);
  assert.deepEqual(gallery.choices.map(({ values, isFragment }) => [values.choice, isFragment]), [['none', false]]);
  await context.close();
});

test('with Control, the link opens a tab as any link does', async () => {
  const { context, page } = await open(`${gallery.address}/form`);
  const [tab] = await Promise.all([context.waitForEvent('page'),
    page.locator('footer a[data-consent-dialog]').click({ modifiers: ['Control'] })]);
  await tab.waitForURL('**/cookies');
  assert.equal(await page.locator('dialog').count(), 0);
  await context.close();
});

test('narrow and dark, the dialog fits', async () => {
  const { context, page } = await open(`${gallery.address}/form`, { width: 390, scheme: 'dark' });
  await page.locator('footer a[data-consent-dialog]').click();
  await page.locator('dialog[open]').waitFor();
  await axe(page, 'dialog 390 dark');
  await screenshot(page, 'dialog-390-dark', { fullPage: false });
  const box = await page.locator('dialog').boundingBox();
  assert.ok(box.x >= 8 && box.x + box.width <= 382);
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await context.close();
});

test('when the server fails, the browser goes the plain way, with the choice that was made', async () => {
  const { context, page } = await open(`${broken.address}/form?banner`);
  await page.locator('footer a[data-consent-dialog]').click();
  await page.waitForURL('**/cookies');
  assert.equal(await page.locator('dialog').count(), 0);
  await page.goto(`${broken.address}/form?banner`);
  await page.getByRole('button', { name: 'Accept all' }).click();
  await page.waitForURL(`${broken.address}/`);
  assert.deepEqual(broken.choices, [{ path: '/cookies', isFragment: false, values: { next: '/', choice: 'all' }, site: 'same-origin' }]);
  await context.close();
});

test('a page that shows or blocks content from elsewhere is loaded anew after a choice', async () => {
  for (const path of ['/?banner', '/form?banner&external']) {
    const { context, page } = await open(gallery.address + path);
    await page.getByRole('button', { name: 'Refuse all' }).click();
    await page.waitForURL(`${gallery.address}/`);
    assert.equal(gallery.choices.at(-1).isFragment, false);
    await context.close();
  }
  assert.equal(gallery.choices.length, 2);
});

test('without scripts: the same choices by plain forms and links, and no dead buttons', async () => {
  const { context, page } = await open(`${gallery.address}/form?banner`, { scripts: false });
  assert.ok(await page.locator('[data-show-password]').isHidden());
  await page.getByRole('button', { name: 'Refuse all' }).click();
  await page.waitForURL(`${gallery.address}/`);
  assert.deepEqual(gallery.choices[0].values, { next: '/', choice: 'none' });
  await page.locator('footer a[data-consent-dialog]').click();
  await page.waitForURL('**/cookies');
  await page.getByLabel('All such content').check();
  await page.getByRole('button', { name: 'Save my choice' }).click();
  await page.waitForURL(`${gallery.address}/`);
  assert.deepEqual(gallery.choices[1].values, { next: '/', purpose: 'content', choice: 'some' });
  await context.close();
});

test('a password is shown on demand and sent as one', async () => {
  const { context, page } = await open(`${gallery.address}/form`);
  const button = page.locator('[data-show-password]');
  await page.locator('#password').fill('correct horse');
  await button.click();
  assert.equal(await page.getAttribute('#password', 'type'), 'text');
  assert.equal(await button.getAttribute('aria-pressed'), 'true');
  await button.click();
  assert.equal(await page.getAttribute('#password', 'type'), 'password');
  await button.click();
  await page.evaluate(() => document.querySelector('form[action="/form"]').addEventListener('submit', (event) => event.preventDefault()));
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.equal(await page.getAttribute('#password', 'type'), 'password');
  await context.close();
});

test('a secret is copied', async () => {
  const { context, page } = await open(`${gallery.address}/account`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('[data-copy]').click();
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'pv_7f3kQm2xV9sLd0WcYb8ZtR4uNeHa6GjP');
  await context.close();
});
