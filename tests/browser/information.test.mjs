// The information tab and error pages in a browser: axe at both sizes and schemes, without a script, copying, a lost connection.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../api/eventually.mjs';
import { run } from '../api/program.mjs';
import { axe, checkLooks, checkReflow, launch, record, startPortal, visitor } from './browser.mjs';

const server = await startPortal(['--access-log', 'off']);
const { data, portal } = server;
const fixture = (name) => fileURLToPath(new URL(`../api/fixtures/${name}`, import.meta.url));
function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, done.stderr);
}
const description = join(data, '..', 'lamps.json');
writeFileSync(description, JSON.stringify({
  default: { title: 'Street lamps', description: '<p>All lamps that the city looks after.</p><p>Counted each spring.</p>', theme: ['Mobility'], keyword: ['light', 'street'],
    license: 'CC BY 4.0', license_url: 'https://creativecommons.org/licenses/by/4.0/', language: 'en', timezone: 'Europe/Brussels', publisher: 'City Works',
    references: 'https://city.example/a/very/long/address/that/does/not/fit/on/a/telephone/at/all/whatever/one/does/lamps.html' },
  dcat: { contact_name: 'Desk', contact_email: 'desk@example.org', created: '2024-04-01' },
  inspire: { lineage: 'Counted by hand' }, custom: { 'data-owner': 'Works dept.' },
  alternative_exports: [{ title: 'Everything', url: 'https://city.example/all.zip', mimetype: 'application/zip' }],
  fields: { lamp_type: { label: 'Kind of lamp', description: 'How it shines, and what it is filled with', annotations: { facet: true } }, power_w: { annotations: { unit: 'W' } } },
}));
command('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', description);
command('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', description);
command('import', fixture('places.csv'), '--id', 'places', '--title', 'Places');
command('describe', 'places', '--set', 'keyword=["light"]');
command('attach', 'lamps', description, '--title', 'How lamps are counted');
const attachments = async () => (await (await fetch(`${portal}/api/explore/v2.1/catalog/datasets/lamps/attachments`)).json()).attachments;
await eventually('what was attached last', async () => (await attachments())?.length === 1);
const browser = await launch();
const lamps = `${portal}/explore/dataset/lamps/`;

test('the page looks right at both sizes, in both schemes', async () => {
  await checkLooks(browser, lamps, 'information');
  await checkLooks(browser, `${portal}/explore/dataset/lampz/`, 'absent-dataset');
});

test('it fits 320 pixels, in French and without a script', async () => {
  const context = await visitor(browser, { width: 320, language: 'fr', scripts: false });
  const page = await context.newPage();
  await page.goto(lamps);
  await checkReflow(page);
  assert.equal(await page.locator('h2:has-text("Comment citer")').count(), 1);
  assert.equal(await page.locator('.copyable button:visible').count(), 0, 'buttons that need a script are hidden');
  assert.ok((await page.locator('#citation').textContent()).includes('Street lamps'));
  await page.locator('summary').click();
  assert.ok(await page.locator('#bibtex').isVisible());
  await context.close();
});

test('headings make an outline, and no host but ours is asked', async () => {
  const context = await visitor(browser);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(lamps);
  const levels = await page.evaluate(() => [...document.querySelectorAll('main :is(h1, h2, h3)')].map((heading) => Number(heading.tagName[1])));
  assert.equal(levels[0], 1);
  assert.ok(levels.slice(1).every((level, i) => level >= 2 && level - levels[i] <= 1), levels.join());
  const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map(({ id }) => id));
  assert.equal(new Set(ids).size, ids.length, 'ids are unique');
  assert.deepEqual(seen.problems, []);
  assert.ok(seen.requests.every(({ host }) => host === new URL(portal).host));
  await context.close();
});

test('the citation is copied with one press of a key', async () => {
  const context = await visitor(browser, { portal });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await page.goto(lamps);
  await page.locator('button[data-copy=citation]').focus();
  await page.keyboard.press('Enter');
  await page.locator('.copyable [role=status]:has-text("Copied")').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.locator('#citation').textContent());
  await context.close();
});

test('a lost connection is said, and said no longer when it is back', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(lamps);
  const notice = page.locator('.offline');
  assert.ok(await notice.isHidden());
  await context.setOffline(true);
  await notice.filter({ hasText: 'You are offline' }).waitFor();
  await axe(page, 'offline');
  await context.setOffline(false);
  await notice.waitFor({ state: 'hidden' });
  await context.close();
});
