// Every state of the pages that states.mjs lists: axe, titles, headings, errors, targets, reflow; in both
// languages. What links lead to is walked in crawl.test.mjs.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axe, checkReflow, launch, visitor } from './browser.mjs';
import { cookiesOf, makePortal, show, states } from './states.mjs';

const portal = await makePortal();
const browser = await launch();
const open = (options) => visitor(browser, options);
const HOME = 'Données de Valdoria';

/** Facts of a page that the checks below need. */
const read = (page) => page.evaluate(() => ({
  title: document.title,
  language: document.documentElement.lang,
  headings: [...document.querySelectorAll('main h1, dialog h1')].map((heading) => heading.textContent.trim()),
  active: document.activeElement.className,
  tabindexes: [...document.querySelectorAll('[tabindex]')].filter((element) => element.tabIndex > 0).length,
  summary: [...document.querySelectorAll('.error-summary a')].map((link) => {
    const field = document.querySelector(link.getAttribute('href'));
    const group = field?.closest('fieldset:has(> .error)') ?? field;
    const described = (group?.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent.trim());
    return { message: link.textContent.trim(), described };
  }),
  unnamed: [...document.querySelectorAll('input[type=password]')].filter((input) => !/^(current|new)-password$/.test(input.autocomplete)).length,
  blocked: [...document.querySelectorAll('input')].filter((input) => !input.dispatchEvent(new ClipboardEvent('paste', { cancelable: true }))).length,
}));

/** WCAG 2.5.8: what can be pressed has 24 pixels, but for links within text. What folds is pressed by its label. */
async function checkTargets(page, name) {
  const small = await page.evaluate(() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
    .filter((element) => element.checkVisibility() && !element.closest('.skip-link, p, dd, .error-summary, main li, dialog li, main th, main td:not(:has(.row-actions))'))
    .map((element) => ({ html: element.outerHTML.slice(0, 100),
      box: (element.matches('.fold-toggle') ? element.labels[0] : element).getBoundingClientRect() }))
    .filter(({ box }) => box.width < 24 || box.height < 24).map(({ html, box }) => `${box.width}x${box.height} ${html}`));
  assert.deepEqual(small, [], name);
}

const titles = new Map();

/** Titles begin with the page's name, and no two pages share one. */
function checkTitle(facts, state, path) {
  const prefix = state.fault ? 'Error: ' : '';
  const named = state.name.startsWith('home') ? 'Home' : facts.headings[0];
  if (state.name !== 'dialog') {
    const isOfDataset = path.includes('/backoffice/datasets/'); // whose title is the heading; the tab stands before it
    assert.equal(facts.headings.length, 1, state.name);
    assert.equal(isOfDataset ? facts.title.replace(/^(Error: )?.* · /, '$1') : facts.title, `${prefix}${named} – ${HOME}`);
  }
  const known = titles.get(facts.title) ?? path;
  titles.set(facts.title, known);
  assert.equal(path, known, `${facts.title} is the title of two pages`);
}

function checkErrors(facts) {
  assert.equal(facts.active, 'error-summary', 'the summary has the focus');
  assert.ok(facts.summary.length > 0);
  for (const { message, described } of facts.summary) {
    assert.ok(described.includes(message), `${message} is beside the field: ${described}`);
  }
}

for (const state of states) {
  test(state.name, async () => {
    const { context, page } = await show(portal, state, open);
    if (state.fault) await page.waitForFunction(() => document.activeElement !== document.body, null, { timeout: 5000 }).catch(() => {});
    const facts = await read(page);
    assert.equal(facts.language, 'en');
    if (state.as) assert.doesNotMatch(page.url(), /sign-in/);
    checkTitle(facts, state, state.page ?? new URL(page.url()).pathname);
    assert.equal(facts.tabindexes, 0);
    assert.deepEqual([facts.unnamed, facts.blocked], [0, 0], 'password managers and pasting');
    if (state.text) assert.match(await page.textContent('main'), state.text);
    if (state.fault && facts.summary.length) checkErrors(facts);
    if (state.fault) assert.ok(await page.locator('main [role=alert]').count());
    await axe(page, state.name);
    await page.setViewportSize({ width: 320, height: 256 });
    await checkReflow(page, state.name);
    await checkTargets(page, state.name);
    await context.close();
  });
}

// Long labels on narrow screens. What a form answers has the same layout, and its texts the same check of messages.
test('in French, at 320 pixels', async () => {
  for (const person of [undefined, 'ada', 'bob', 'carol', 'rita']) {
    const context = await visitor(browser, { portal: portal.server.portal, language: 'fr', width: 320 });
    await context.addCookies(cookiesOf(portal, person));
    const page = await context.newPage();
    for (const state of states.filter(({ as, path, act }) => as === person && path && !act)) {
      await page.goto(typeof state.path === 'function' ? state.path(portal) : state.path);
      assert.equal(await page.locator('html').getAttribute('lang'), 'fr', state.name);
      assert.equal(/^Erreur\u00a0: /.test(await page.title()), state.fault ?? false, state.name);
      await checkReflow(page, `${state.name}, fr`);
    }
    await context.close();
  }
});

test('forced colours, dark, print and twice the size of text', async () => {
  for (const name of ['policy', 'cookies-outdated', 'second-factor-wrong', 'office', 'rule-wrong']) {
    const state = states.find((one) => one.name === name);
    const { context, page } = await show(portal, state, (options) => visitor(browser, { ...options, width: 640, forcedColors: true }));
    await axe(page, `${name}, forced colours`);
    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark' });
    await axe(page, `${name}, dark`);
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    await checkReflow(page, `${name}, 200 %`);
    await page.evaluate(() => { document.documentElement.style.fontSize = ''; });
    await page.emulateMedia({ media: 'print' });
    const shown = await page.evaluate(() => ['.site-nav', '.consent', '.side-nav'].filter((selector) =>
      document.querySelector(selector)?.checkVisibility()));
    assert.deepEqual(shown, [], `${name}, printed`);
    await checkReflow(page, `${name}, printed`);
    await context.close();
  }
});

test('what was typed is not asked again, but for the password', async () => {
  const context = await visitor(browser, { portal: portal.server.portal });
  const page = await context.newPage();
  await page.goto('/account/sign-in');
  await page.fill('#username', 'somebody');
  await page.fill('#password', 'wrong');
  await page.keyboard.press('Enter');
  await page.locator('.error-summary').waitFor();
  assert.equal(await page.inputValue('#username'), 'somebody');
  assert.equal(await page.inputValue('#password'), '');
  await page.click('.error-summary a');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'username');
  await context.close();
});
