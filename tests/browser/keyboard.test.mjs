// Signing in, the second factor, a key and a new user with the keyboard alone, with scripts and without.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { focused, launch, tabTo, visitor } from './browser.mjs';
import { oneTimeCode } from './states.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 3);
const server = await serve(data);
for (const name of ['ada', 'ava']) await makeUser(server, data, name, ['--role', 'administrator']);
for (const name of ['bob', 'ben']) await makeUser(server, data, name);
const browser = await launch();

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.type(text);
}

async function press(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
}

async function signIn(page, name) {
  await page.goto('/account/sign-in?next=/account');
  await type(page, '#username', name);
  await type(page, '#password', PASSWORD);
  await tabTo(page, '#remember');
  await page.keyboard.press('Space');
  await press(page, 'main button[type=submit]');
}

/** Way through the navigation of the page. */
const follow = (page, address) => press(page, `a[href="${address}"]`);

for (const [scripts, administrator, reader] of [[true, 'ada', 'bob'], [false, 'ava', 'ben']]) {
  const how = scripts ? 'with scripts' : 'without scripts';
  const open = async () => {
    const context = await visitor(browser, { portal: server.portal, scripts });
    return { context, page: await context.newPage() };
  };

  test(`the skip link leads to the content, ${how}`, async () => {
    const { context, page } = await open();
    await page.goto('/account/sign-in');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await tabTo(page, 'main #username'), 1);
    await context.close();
  });

  test(`a refused sign-in leads from the summary to the field, ${how}`, async () => {
    const { context, page } = await open();
    await page.goto('/account/sign-in');
    await type(page, '#username', 'nobody-here');
    await type(page, '#password', 'wrong');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    await page.waitForFunction(() => document.activeElement?.matches('.error-summary')); // given with the first frame
    assert.equal(await tabTo(page, '.error-summary a'), 1, 'the summary has the focus');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'username');
    await context.close();
  });

  test(`second factor: on, signing in with it, recovery codes, off, ${how}`, async () => {
    const { context, page } = await open();
    await signIn(page, reader);
    assert.equal(new URL(page.url()).pathname, '/account');
    await follow(page, '/account/second-factor');
    const secret = await page.inputValue('[name=secret]');
    await type(page, '#code', '000');
    await press(page, 'form:has(#code) button');
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.inputValue('[name=secret]'), secret, 'the picture need not be scanned again');
    await type(page, '#code', oneTimeCode(secret));
    await press(page, 'form:has(#code) button');
    assert.equal(await page.locator('.secret.codes code').count(), 10);
    const recovery = await page.locator('.secret.codes code').first().textContent();
    await press(page, '.site-nav form button');
    await signIn(page, reader);
    assert.match(await page.title(), /second factor/);
    await type(page, '#code', recovery);
    await press(page, 'main button[type=submit]');
    assert.equal(new URL(page.url()).pathname, '/account');
    await follow(page, '/account/second-factor');
    await press(page, 'form[action$=disable] button');
    assert.match(await page.textContent('main [role=status]'), /no longer in use/);
    await context.close();
  });

  test(`a key is made and revoked, ${how}`, async () => {
    const { context, page } = await open();
    await signIn(page, reader);
    await follow(page, '/account/keys');
    await type(page, '#name', 'nightly export');
    await tabTo(page, '#write');
    await page.keyboard.press('Space');
    await press(page, 'form:has(#name) button');
    const secret = await page.textContent('#secret');
    const answer = await server.get('/api/explore/v2.1/catalog/datasets', { headers: { authorization: `Apikey ${secret}` } });
    assert.equal(answer.status, 200);
    await press(page, 'form[action="/account/keys/revoke"] button');
    assert.match(await page.textContent('main [role=status]'), /revoked/);
    await context.close();
  });

  test(`a user is made in the back office, ${how}`, async () => {
    const { context, page } = await open();
    await signIn(page, administrator);
    await follow(page, '/backoffice');
    await follow(page, '/backoffice/users');
    await follow(page, '/backoffice/users/new');
    await type(page, '#name', `two words`);
    await press(page, 'main form button');
    assert.match(await page.title(), /^Error: /);
    await tabTo(page, '#name');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(`eve-of-${administrator}`);
    await type(page, '#email', 'eve@example.org');
    await tabTo(page, '[name=role]');
    await page.keyboard.press('ArrowDown');
    await press(page, 'main form button');
    assert.match(await page.textContent('#secret'), /\/account\/link\//);
    await follow(page, await page.getAttribute('main .actions a', 'href'));
    assert.equal(await page.textContent('h1'), `eve-of-${administrator}`);
    assert.match(await page.textContent('main dl'), /Editor/);
    await context.close();
  });
}
