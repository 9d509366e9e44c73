// Consent on the real pages: with the keyboard alone, without scripts, in the background; in both languages
// and at every width without a violation.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { consentSizes } from '../../tools/assets.mjs';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkReflow, checkStored, focused, foreignRequests, launch, record, tabTo, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);
const services = ['video', 'map'].map((id) => ({
  id, name: `Example ${id}`, provider: 'Example Ltd', location: 'Ireland', policy_url: `https://${id}.example.org/privacy`,
  purpose: 'content', description: { en: `Shows a ${id}.`, fr: `Montre : ${id}.` },
  hosts: [{ origin: `https://${id}.example.org`, loads: ['frame'] }],
  cookies: id === 'map' ? [] : [{ name: 'seen', lifetime: '13 months', purpose: { en: 'Remembers the film.', fr: 'Retient le film.' } }],
  embeds: [{ id: `the-${id}`, address: `https://${id}.example.org/x`, title: { en: `The ${id}`, fr: `Le ${id}` }, height: 300, on_home: id === 'video' }],
}));
const files = services.map((service) => {
  const file = join(folder, `${service.id}.json`);
  writeFileSync(file, JSON.stringify(service));
  return file;
});
for (const file of files) {
  const added = run(['service', 'add', file, '--data', data]);
  assert.equal(added.status, 0, added.stderr);
}
const server = await serve(data, ['--controller', 'City of Valdoria, Square 1']);
const browser = await launch();

async function open(path, options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(path);
  return { context, page, seen };
}

test('every page of the layer, in both languages, wide and narrow, before and after a choice', async (context) => {
  const paths = ['/', '/cookies', '/cookies/policy', '/cookies/revisions', '/cookies/revisions/2', '/cookies/browser',
    '/cookies/receipt', '/language', '/embedded/the-video'];
  for (const language of ['en', 'fr']) {
    for (const width of [1280, 320]) {
      await context.test(`${language}, ${width} pixels`, async () => {
        const { context: browsing, page, seen } = await open('/', { language, width });
        for (const choice of ['none', 'refuse']) {
          if (choice === 'refuse') {
            await page.goto('/');
            await page.click('.consent button[value=refuse]');
            await page.waitForURL(`${server.portal}/?consent=saved#consent-saved`);
            await axe(page, 'confirmation after loading');
            await checkReflow(page, 'confirmation after loading');
          }
          for (const path of paths) {
            await page.goto(path);
            assert.equal(await page.locator('html').getAttribute('lang'), language);
            await axe(page, `${path} ${choice}`);
            await checkReflow(page, `${path} ${choice}`);
          }
        }
        await page.goto('/cookies/receipt');
        await page.click('main form button');
        await axe(page, 'receipt');
        await checkReflow(page, 'receipt');
        await checkStored(page, ['cookies_preferences']);
        await page.goto('/cookies/browser');
        await page.click('form[action="/cookies/delete"] button');
        await axe(page, 'deleted');
        await checkStored(page, []);
        assert.deepEqual(foreignRequests(seen, server.portal), []);
        assert.deepEqual(seen.problems, []);
        await browsing.close();
      });
    }
  }
});

test('the banner is in the flow, first in the body, with equal answers, and not printed', async () => {
  for (const width of [1280, 320]) {
    const { context, page } = await open('/', { width });
    const banner = await page.$eval('.consent', (element) => ({
      isFirst: element === document.body.firstElementChild,
      positions: [element, ...element.querySelectorAll('*')].map((one) => getComputedStyle(one).position),
      answers: ['accept', 'refuse'].map((value) => {
        const button = element.querySelector(`button[value=${value}]`);
        const { color, backgroundColor, borderColor, fontSize, fontWeight, paddingInline, minHeight } = getComputedStyle(button);
        return { tag: button.tagName, height: button.offsetHeight, color, backgroundColor, borderColor, fontSize, fontWeight, paddingInline, minHeight };
      }),
      bottom: element.getBoundingClientRect().bottom,
      below: document.querySelector('header').getBoundingClientRect().top,
    }));
    assert.ok(banner.isFirst);
    assert.deepEqual(banner.positions.filter((position) => position === 'fixed' || position === 'sticky' || position === 'absolute'), []);
    assert.ok(banner.below >= banner.bottom, 'it covers nothing');
    assert.deepEqual(banner.answers[0], banner.answers[1], 'the answers look the same');
    assert.ok(banner.answers[0].height >= 24);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('.consent').isVisible(), false);
    await context.close();
  }
});

test('with the banner open the whole page can be read and walked with the keyboard; Escape is no answer', async () => {
  const { context, page } = await open('/cookies/policy');
  await page.goto('/language');
  await tabTo(page, 'footer li:last-child a');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.consent form').count(), 1);
  await checkStored(page, []);
  await context.close();
});

test('banner and its style are under 3 KB', async () => {
  const text = await (await server.get('/')).text();
  const banner = /<section class="consent"[\s\S]*?<\/section>/.exec(text)[0];
  const { style } = await consentSizes();
  assert.ok(Buffer.byteLength(banner) + style <= 3072, `${Buffer.byteLength(banner)} + ${style} bytes`);
});

test('without scripts: refuse, choose one service, withdraw, all by forms', async () => {
  const { context, page, seen } = await open('/', { scripts: false });
  await page.click('.consent button[value=refuse]');
  assert.equal(page.url(), `${server.portal}/?consent=saved#consent-saved`);
  assert.match(await focused(page), /^Your choice is saved/);
  assert.equal(await page.locator('.consent form').count(), 0);
  await page.click('[data-consent-hide]');
  assert.equal(page.url(), `${server.portal}/`);
  assert.equal(await page.locator('.consent').count(), 0);
  assert.equal(await page.locator('.blocked').count(), 1);
  await page.click('footer a[href="/cookies"]');
  await page.check('#service-map');
  await page.click('button[value=save]');
  assert.equal(await page.locator('#saved[role=alert]').count(), 1);
  assert.match(await focused(page), /^Your choice is saved/);
  assert.equal(await page.locator('#service-map').isChecked(), true);
  assert.equal(await page.locator('#service-video').isChecked(), false);
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await page.goto('/embedded/the-video');
  await page.click('form[action="/cookies"] button');
  assert.equal(page.url(), `${server.portal}/embedded/the-video?consent=saved#consent-saved`);
  assert.equal(await page.locator('iframe').getAttribute('src'), 'https://video.example.org/x');
  await page.goto('/cookies');
  await page.click('button[value=refuse]');
  await page.goto('/');
  assert.equal(await page.locator('iframe').count(), 0);
  await context.close();
});

test('shown once, then blocked again', async () => {
  const { context, page, seen } = await open('/');
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await page.click('form[action="/embedded/the-video"] button');
  await page.waitForURL('**/embedded/the-video');
  assert.equal(await page.locator('iframe.embed').count(), 1);
  assert.ok(foreignRequests(seen, server.portal).every(({ host }) => host === 'video.example.org'));
  await page.goto('/embedded/the-video');
  assert.equal(await page.locator('iframe').count(), 0);
  assert.deepEqual((await context.cookies()).map(({ name }) => name), []);
  await context.close();
});

test('in the background: the banner becomes a confirmation that has the focus', async () => {
  const { context, page, seen } = await open('/language');
  await page.evaluate(() => { window.isSamePage = true; });
  await page.click('.consent button[value=refuse]');
  await page.locator('.consent[role=alert]').waitFor();
  assert.match(await focused(page), /^Your choice is saved/);
  assert.equal(await page.evaluate(() => window.isSamePage), true);
  await axe(page, 'confirmation');
  await checkStored(page, ['cookies_preferences']);
  await page.click('[data-consent-hide]');
  assert.equal(await page.locator('.consent').count(), 0);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('with the keyboard alone: the dialog, Escape is no choice, one service is allowed', async () => {
  const { context, page, seen } = await open('/language');
  await tabTo(page, '.consent a[data-consent-dialog]');
  await page.keyboard.press('Enter');
  await page.locator('dialog[open] [data-consent-page]').waitFor();
  await axe(page, 'dialog');
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await checkStored(page, []);
  await page.keyboard.press('Enter');
  await page.locator('dialog[open] [data-consent-page]').waitFor();
  await tabTo(page, 'dialog #service-map');
  await page.keyboard.press('Space');
  await tabTo(page, 'dialog button[value=save]');
  await page.keyboard.press('Enter');
  await page.locator('.consent[role=alert]').waitFor();
  assert.match(await focused(page), /^Your choice is saved/);
  await page.goto('/cookies');
  assert.equal(await page.locator('#service-map').isChecked(), true);
  assert.equal(await page.locator('#service-video').isChecked(), false);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('Enter in the form of toggles saves them: it never means yes to all', async () => {
  const { context, page } = await open('/cookies', { scripts: false });
  await page.focus('#service-video');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cookies?saved=1#saved');
  assert.equal(await page.locator('input[type=checkbox]:checked').count(), 0);
  await context.close();
});

test('a signal of the browser is a refusal: no banner, no cookie, no request', async () => {
  const { context, page, seen } = await open('/', { headers: { 'Sec-GPC': '1' } });
  assert.equal(await page.locator('.consent').count(), 0);
  assert.equal(await page.locator('.blocked').count(), 1);
  await checkStored(page, []);
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await context.close();
});
