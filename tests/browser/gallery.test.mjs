// The components of the style sheet, each in both directions, in every scheme that a system can ask for.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { axe, checkLooks, checkReflow, checkStored, foreignRequests, launch, record, screenshot, tabTo, visitor } from './browser.mjs';
import { startGallery } from './gallery.mjs';

const gallery = await startGallery();
after(gallery.stop);
const browser = await launch();
const pages = { gallery: '/?banner', account: '/account', form: '/form', preferences: '/cookies', absent: '/absent' };

for (const [name, path] of Object.entries(pages)) {
  test(`${name} passes axe at 1280 and 390 pixels, light and dark`, async () => {
    await checkLooks(browser, gallery.address + path, name);
  });
}

test('from right to left', async () => {
  await checkLooks(browser, `${gallery.address}/?banner&dir=rtl`, 'gallery-rtl');
  await checkLooks(browser, `${gallery.address}/account?dir=rtl`, 'account-rtl');
});

test('in French', async () => {
  await checkLooks(browser, `${gallery.address}/account?lang=fr`, 'account-fr');
});

test('high contrast and forced colours', async () => {
  for (const options of [{ contrast: 'more' }, { contrast: 'more', scheme: 'dark' }, { forcedColors: true }]) {
    const context = await visitor(browser, options);
    const page = await context.newPage();
    await page.goto(`${gallery.address}/?banner`);
    await axe(page, JSON.stringify(options));
    await screenshot(page, `gallery-${Object.values(options).join('-')}`);
    await context.close();
  }
});

test('320 pixels wide, as at 400 % of 1280, nothing is cut', async () => {
  const context = await visitor(browser, { width: 320, height: 256 });
  const page = await context.newPage();
  for (const path of Object.values(pages)) {
    for (const direction of ['ltr', 'rtl']) {
      await page.goto(`${gallery.address}${path}${path.includes('?') ? '&' : '?'}dir=${direction}`);
      await checkReflow(page);
    }
  }
  await context.close();
});

test('with the spacing of text that WCAG 1.4.12 names, nothing is cut or covered', async () => {
  const context = await visitor(browser, { width: 390 });
  const page = await context.newPage();
  for (const path of Object.values(pages)) {
    await page.goto(gallery.address + path);
    await page.evaluate(() => document.querySelectorAll('body *').forEach((element) => {
      const spacing = { 'line-height': '1.5', 'letter-spacing': '0.12em', 'word-spacing': '0.16em' };
      Object.entries(spacing).forEach(([name, value]) => element.style.setProperty(name, value, 'important'));
      if (element.matches('p')) element.style.setProperty('margin-block-end', '2em', 'important');
    }));
    await checkReflow(page);
    const cut = await page.evaluate(() => [...document.querySelectorAll('button, .button, label, th, td, dd, .tag, p')]
      .filter((element) => element.scrollHeight > element.clientHeight + 3 && element.clientHeight > 0
        && !element.closest('.visually-hidden, thead') && getComputedStyle(element).display !== 'inline')
      .map((element) => element.outerHTML.slice(0, 100)));
    assert.deepEqual(cut, [], path);
  }
  await context.close();
});

test('what can be pressed is 24 pixels high and wide; main buttons and fields 44', async () => {
  for (const width of [1280, 390]) {
    const context = await visitor(browser, { width });
    const page = await context.newPage();
    for (const path of Object.values(pages)) {
      await page.goto(gallery.address + path);
      const small = await page.evaluate((isNarrow) => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
        .filter((element) => element.checkVisibility() && !element.closest('.skip-link, p, li > a:not(nav a), dd')
          && element.type !== 'hidden')
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ element, box }) => {
          const least = element.matches(isNarrow ? '.button:not(.small), .input, .select, .site-nav a'
            : '.button:not(.small), .input, .select, .site-nav a, .side-nav a') ? 44 : 24;
          return box.height < least - 0.5 || box.width < 24;
        })
        .filter(({ element }) => !element.matches('th a, td a, .actions > a:not(.button)'))
        .map(({ element, box }) => `${box.width} × ${box.height}: ${element.outerHTML.slice(0, 100)}`), width < 800);
      assert.deepEqual(small, [], `${path} at ${width}`);
    }
    await context.close();
  }
});

test('accepting and refusing look the same', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(`${gallery.address}/?banner`);
  const looks = await page.$$eval('.consent button', (buttons) => buttons.map((button) => {
    const { color, backgroundColor, borderColor, fontWeight, fontSize, height, padding } = getComputedStyle(button);
    return { tag: button.tagName, color, backgroundColor, borderColor, fontWeight, fontSize, height, padding };
  }));
  assert.equal(looks.length, 2);
  assert.deepEqual(looks[0], looks[1]);
  assert.equal(await page.$eval('.consent', (banner) => getComputedStyle(banner).position), 'static');
  assert.ok(await page.$eval('.consent', (banner) => banner === document.body.firstElementChild));
  await context.close();
});

test('every element is reached with Tab and its focus is seen', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(`${gallery.address}/?banner`);
  assert.ok(await tabTo(page, 'footer a[href="/cookies/policy"]') > 30);
  await page.goto(gallery.address);
  assert.equal(await tabTo(page, '.skip-link'), 1);
  await screenshot(page, 'skip-link');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await context.close();
});

test('print leaves out what paper cannot do', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(`${gallery.address}/?banner`);
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.consent', '.site-nav', '.actions', '.pager']) {
    assert.ok(await page.locator(hidden).first().isHidden(), hidden);
  }
  assert.ok(await page.locator('h1').isVisible());
  await context.close();
});

test('nothing is stored, nothing is asked of other hosts, no error is reported', async () => {
  const context = await visitor(browser);
  const seen = record(context);
  const page = await context.newPage();
  for (const path of ['/?banner', '/account', '/form', '/cookies']) {
    await page.goto(gallery.address + path);
    await checkStored(page, []);
  }
  assert.ok(seen.requests.length >= 4);
  assert.deepEqual(foreignRequests(seen, gallery.address), []);
  assert.deepEqual(seen.setCookies, []);
  assert.deepEqual(seen.problems, []);
  await context.close();
});
