// The catalogue and the home page as people use them: by mouse, by keyboard, without a script, in every language.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../api/program.mjs';
import { axe, checkLooks, checkReflow, checkStored, foreignRequests, launch, record, screenshot, startPortal, tabTo, visitor } from './browser.mjs';

const server = await startPortal(['--portal-name', 'Open data of Valdoria']);
const rows = join(server.data, '..', 'rows.csv');
writeFileSync(rows, 'code,name\n1,one\n2,two\n');
const titles = ['Street lamps', 'Bicycle stations', 'Air quality', 'School meals', 'Trees of the city', 'Budget by chapter'];
titles.forEach((title, i) => {
  const path = join(server.data, '..', 'metadata.json');
  writeFileSync(path, JSON.stringify({ default: { title, language: 'en', publisher: i % 2 ? 'City Works' : 'Ministry of the Environment',
    theme: [i % 3 ? 'Mobility' : 'Environment'], keyword: ['city', `word ${i}`], license: 'CC BY 4.0',
    description: `<p>All about ${title.toLowerCase()}, with their places and their first days.</p>` } }));
  const done = run(['import', rows, '--id', `set-${i}`, '--metadata', path, '--data', server.data]);
  assert.equal(done.status, 0, done.stderr);
});
const browser = await launch();

for (const [name, path] of Object.entries({ home: '/', catalogue: '/explore/', 'catalogue-filtered': '/explore/?q=street&refine.theme=Environment&view=cards',
  'catalogue-empty': '/explore/?q=nothinglikethis', 'catalogue-wrong': '/explore/?where=x%20%3D' })) {
  test(`${name} passes axe at 1280 and 390 pixels, light and dark`, async () => {
    await checkLooks(browser, server.portal + path, name);
  });
}

test('in every language, from right to left too, at 320 pixels as well', async () => {
  const context = await visitor(browser, { width: 320, height: 600 });
  const page = await context.newPage();
  await page.goto(`${server.portal}/language`);
  const codes = await page.$$eval('button[name=language]', (buttons) => buttons.map((button) => button.value));
  assert.ok(codes.length >= 4, codes.join());
  for (const code of codes) {
    for (const path of ['/', '/explore/?refine.theme=Mobility']) {
      await page.goto(`${server.portal}${path}${path.includes('?') ? '&' : '?'}lang=${code}`);
      await axe(page, `${path} in ${code}`);
      await checkReflow(page, `${path} in ${code}`);
      if (code.startsWith('ar')) {
        assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
        await screenshot(page, `rtl${path.replaceAll(/\W/g, '-')}`);
      }
    }
  }
  await context.close();
});

test('results and address follow while somebody types', async () => {
  const context = await visitor(browser);
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(`${server.portal}/explore/`);
  await page.fill('#q', 'bicyc');
  await page.waitForURL('**/explore/?q=bicyc');
  await page.waitForFunction(() => document.querySelectorAll('.dataset-card').length === 1);
  assert.match(await page.textContent('.dataset-card h2'), /Bicycle stations/);
  assert.equal(await page.textContent('#results-count'), '1 dataset');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'q', 'the focus stays');
  await page.fill('#q', '');
  await page.waitForFunction(() => document.querySelectorAll('.dataset-card').length === 6);
  assert.equal(new URL(page.url()).search, '');
  assert.deepEqual(seen.problems, []);
  assert.deepEqual(foreignRequests(seen, server.portal), []);
  await checkStored(page, []);
  await context.close();
});

test('a chosen order is followed at once', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(`${server.portal}/explore/`);
  assert.equal(await page.isVisible('.sort-form button'), false);
  await page.selectOption('#sort', 'title');
  await page.waitForURL('**sort=title');
  assert.match(await page.textContent('.dataset-card h2'), /Air quality/);
  await context.close();
});

test('without a script: search, facet, chip, order', async () => {
  const context = await visitor(browser, { scripts: false });
  const page = await context.newPage();
  await page.goto(`${server.portal}/`);
  await page.fill('#q', 'city');
  await page.click('.hero button');
  assert.match(page.url(), /\/explore\/\?q=city$/);
  await page.click('#facet-publisher a >> nth=0');
  assert.match(page.url(), /refine\.publisher=/);
  assert.equal(await page.locator('.chip').count(), 2);
  await page.click('.chip >> nth=0');
  assert.ok(!page.url().includes('q=city'));
  await page.selectOption('#sort', 'title');
  await page.click('.sort-form button');
  assert.match(page.url(), /sort=title/);
  assert.match(page.url(), /refine\.publisher=/);
  await context.close();
});

test('on a narrow screen the filters unfold without a script', async () => {
  const context = await visitor(browser, { scripts: false, width: 390 });
  const page = await context.newPage();
  await page.goto(`${server.portal}/explore/`);
  assert.equal(await page.isVisible('#facet-theme'), false);
  await page.click('.fold-label');
  assert.equal(await page.isVisible('#facet-theme'), true);
  await page.click('#facet-theme a >> nth=0');
  assert.match(page.url(), /refine\.theme=/);
  await context.close();
});

test('by keyboard alone: from the top of the home page to a dataset', async () => {
  const context = await visitor(browser);
  const page = await context.newPage();
  await page.goto(`${server.portal}/`);
  await tabTo(page, '#q');
  await page.keyboard.type('lamps');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/explore/?q=lamps');
  await tabTo(page, '.dataset-card h2 a');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/explore/dataset/set-0/');
  assert.match(await page.textContent('h1'), /Street lamps/);
  await context.close();
});
