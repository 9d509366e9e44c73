// The back office in a real browser: every page and every page with a fault, looked at by axe, on narrow
// screens too; and its forms by keyboard and without scripts.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkReflow, foreignRequests, launch, record, signIn, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 3);
const server = await serve(data, ['--backup-directory', join(data, '..', 'backups')]);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');
const browser = await launch();

const service = {
  id: 'video', name: 'Example Video', provider: 'Example Ltd', location: 'Ireland',
  policy_url: 'https://video.example.org/privacy', purpose: 'content',
  description: { en: 'Shows the film about the portal.', fr: 'Montre le film sur le portail.' },
  hosts: [{ origin: 'https://video.example.org', loads: ['frame', 'image'] }],
  cookies: [{ name: 'seen', lifetime: '1 year', purpose: { en: 'Remembers the film.', fr: 'Retient le film.' } }],
  embeds: [{ id: 'film', address: 'https://video.example.org/film', title: { en: 'The film', fr: 'Le film' } }],
};

async function signedIn(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD);
  return { page, seen };
}

const submit = (page) => page.click('main form[method=post] button[type=submit] >> nth=0');

/** Makes things; look is called on every page and fault on the way. */
async function walk(page, look) {
  const go = async (path) => {
    await page.goto(path);
    await look(path);
  };
  await go('/backoffice');
  await go('/backoffice/users/new');
  await page.fill('#name', 'not good');
  await page.fill('#email', 'neither');
  await submit(page);
  await look('faults of a new user');
  assert.equal(await page.inputValue('#name'), 'not good');
  await page.fill('#name', `nina${Date.now()}`);
  await page.fill('#email', '');
  await submit(page);
  await look('a link shown once');
  await page.click('main .actions a');
  await look('a user');
  for (const name of ['profile', 'role', 'groups', 'link', 'disable']) await go(`${new URL(page.url()).pathname.replace(/(\d+).*/, '$1')}/${name}`);
  await go('/backoffice/users');
  await go('/backoffice/users?q=nobody-of-that-name');
  await go('/backoffice/groups/new');
  await page.fill('#name', `Water ${Date.now()}`);
  await submit(page);
  await look('a group');
  await page.click('main .actions a >> nth=0');
  await page.fill('#add', 'bob');
  await submit(page);
  await look('a group with members');
  await page.click('main .actions a >> nth=0');
  await page.fill('#add', 'nobody');
  await submit(page);
  await look('faults of a group');
  await go('/backoffice/groups');
  await go('/backoffice/datasets/numbers/access/rule?user=bob');
  await page.fill('#filter', 'n >> 1');
  await submit(page);
  await look('faults of a rule');
  await page.fill('#filter', 'n >= 1');
  await page.check('input[name=hidden][value=text]');
  await submit(page);
  await look('rules of a dataset');
  await go('/backoffice/datasets/numbers/access/rule?user=nobody');
  await go('/backoffice/access');
  await go('/backoffice/view-as');
  await submit(page);
  await look('the catalogue as everybody sees it');
  await go('/backoffice');
  await page.click('.view-as button');
  await go('/backoffice/keys');
  await go('/backoffice/sessions');
  await go('/backoffice/invitations/new');
  await submit(page);
  await look('faults of an invitation');
  await page.fill('#email', `${Date.now()}${Math.random()}@example.org`);
  await submit(page);
  await look('an invitation with its link');
  await page.goto(await page.textContent('#secret'));
  await look('an account by an invitation');
  await go('/backoffice/invitations');
  await page.click('main .row-actions a >> nth=0');
  await look('an invitation once more');
  await go('/backoffice/services/new');
  await go('/backoffice/services/new?form=basemap&example=openstreetmap');
  await submit(page);
  await look('faults of a service');
  const isNew = !(await (await page.request.get('/backoffice/services')).text()).includes('Example Video');
  await page.goto(isNew ? '/backoffice/services/new' : '/backoffice/services/video');
  await page.fill('#document', JSON.stringify(service));
  await page.click('button[name=preview]');
  await look('a service before it is saved');
  await submit(page);
  await look('services');
  await go('/backoffice/services/video');
  await go('/backoffice/services/video/remove');
  await go('/backoffice/cookies');
  await go('/backoffice/audit');
  await go('/backoffice/backups');
  await go('/backoffice/backups/new');
  await submit(page);
  await look('a backup that is under way');
  while (!/parvis-\w+Z/.test(await (await page.request.get('/backoffice/backups')).text())) await page.waitForTimeout(200);
  await go('/backoffice/backups');
}

for (const language of ['en', 'fr']) {
  test(`every page is accessible and asks nobody else (${language})`, async () => {
    const { page, seen } = await signedIn({ language });
    await walk(page, async (name) => {
      await axe(page, name);
      assert.equal(await page.getAttribute('html', 'lang'), language);
    });
    assert.deepEqual(foreignRequests(seen, server.portal), []);
  });
}

test('all of it works without scripts', async () => {
  const { page } = await signedIn({ scripts: false });
  await walk(page, async (name) => {
    assert.equal(await page.locator('h1').count(), 1, name);
  });
});

test('every page fits a narrow screen and a dark one', async () => {
  const { page, seen } = await signedIn({ width: 320, scheme: 'dark' });
  await walk(page, async (name) => {
    await axe(page, name);
    await checkReflow(page, name);
  });
  assert.deepEqual(seen.problems.filter((problem) => !/422/.test(problem)), []);
});

test('a user is made with the keyboard alone; the error summary leads to the field', async () => {
  const { page } = await signedIn();
  await page.goto('/backoffice/users/new');
  await page.focus('#name');
  await page.keyboard.type('wrong name');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.error-summary');
  await page.focus('.error-summary a');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'name');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('by-keyboard');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#secret');
});

test('on a phone the menu is folded, and opens by keyboard without scripts', async () => {
  const { page } = await signedIn({ width: 390, height: 844, scripts: false });
  await page.goto('/backoffice/jobs');
  const entries = page.locator('.side-nav li');
  assert.equal(await entries.first().isVisible(), false);
  const [menu, heading] = [await page.locator('.side-nav').boundingBox(), await page.locator('h1').boundingBox()];
  assert.ok(heading.y - menu.y < 200, 'the page begins soon');
  await page.focus('#navigation-toggle');
  await page.keyboard.press('Space');
  assert.equal(await entries.count() > 10 && await entries.last().isVisible(), true);
  await page.click('.side-nav a[href="/backoffice/datasets"]');
  await page.waitForURL('**/backoffice/datasets');
  await page.setViewportSize({ width: 1280, height: 900 });
  assert.equal(await entries.first().isVisible(), true);
  assert.equal(await page.locator('.fold-label').isVisible(), false);
});
