// Every language, light and dark, 1280 and 390 pixels wide: the pages that everybody meets have no fault that axe knows,
// and fit a phone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../api/program.mjs';
import { axe, checkReflow, COLOURS, launch, startPortal, visitor } from './browser.mjs';

const server = await startPortal(['--portal-name', 'Open data of Valdoria']);
const rows = join(server.data, '..', 'rows.csv');
const metadata = join(server.data, '..', 'metadata.json');
writeFileSync(rows, `name,kind,opened,lat,lon,size\n${Array.from({ length: 40 }, (_, i) =>
  `Place ${i},${i % 3 ? 'tree' : 'lamp'},2024-0${1 + (i % 9)}-01,${48 + i / 50},${2 + i / 40},${i * 7}`).join('\n')}\n`);
writeFileSync(metadata, JSON.stringify({
  default: { title: 'Places of the city', language: 'en', publisher: 'City Works', theme: ['Mobility'], keyword: ['tree'], license: 'CC BY 4.0',
    license_url: 'https://creativecommons.org/licenses/by/4.0/', description: '<p>Trees and lamps.</p>' },
  fields: { kind: { annotations: { facet: true } } },
}));
const done = run(['import', rows, '--id', 'places', '--metadata', metadata, '--geo-point', 'place=lat,lon', '--data', server.data]);
assert.equal(done.status, 0, done.stderr);
let records;
for (let tries = 0; !records && tries < 100; tries++) { // until the server has seen the import
  ({ results: records } = await (await server.get('/api/explore/v2.1/catalog/datasets/places/records?limit=1&include_links=true')).json());
  if (!records) await new Promise((resolve) => { setTimeout(resolve, 100); });
}
const recordId = records[0]._links.find(({ rel }) => rel === 'self').href.split('/').at(-1);
const browser = await launch({ webgl: true });
const paths = ['/explore/', '/explore/dataset/places/', '/explore/dataset/places/table/', '/explore/dataset/places/analyze/',
  '/explore/dataset/places/map/', `/explore/dataset/places/record/${recordId}`, '/explore/dataset/places/api/?p.where=size+%3E%3E+1',
  '/explore/dataset/places/export/', '/cookies/policy', '/account/sign-in', '/selection?dataset=places'];

const start = await (await browser.newContext()).newPage();
await start.goto(`${server.portal}/language`);
const codes = await start.$$eval('button[name=language]', (buttons) => buttons.map((button) => button.value));
await start.context().close();

async function ready(page, path) {
  if (path.includes('/map/')) await page.waitForFunction(() => document.querySelector('[data-map-extent]')?.search.includes('in_bbox'));
}

// All rules at each width and in each scheme once; a scheme's colours at the other width do not depend on the language.
for (const code of codes) {
  test(`no violation in ${code}, light and dark, on a screen and on a phone`, async () => {
    const context = await visitor(browser);
    const page = await context.newPage();
    for (const path of paths) {
      const address = `${path}${path.includes('?') ? '&' : '?'}lang=${code}`;
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(server.portal + address);
      assert.equal(await page.getAttribute('html', 'lang'), code);
      await ready(page, path);
      await axe(page, `${address} light 1280`);
      await page.emulateMedia({ colorScheme: 'dark' });
      if (code === 'en') await axe(page, `${address} dark 1280`, COLOURS);
      await page.setViewportSize({ width: 390, height: 900 });
      await axe(page, `${address} dark 390`);
      await checkReflow(page, address);
      await page.emulateMedia({ colorScheme: 'light' });
      if (code === 'en') await axe(page, `${address} light 390`, COLOURS);
    }
    await context.close();
  });
}

test('all languages that the program was built with are offered', () => {
  for (const code of ['de', 'en', 'es', 'fr', 'it', 'nl']) assert.ok(codes.includes(code), code);
});
