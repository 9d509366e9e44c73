// Small promises of the pages of a dataset: where links lead, what chips are called, which addresses there are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from './harness.mjs';
import { addresses, unescape } from './page.mjs';

const dataset = '/explore/dataset/street-lamps';
const page = async (path) => (await get(path)).text();

test('the colours of a map stay in the address of every tab, and in what narrows down', async () => {
  for (const tab of ['table/', 'map/', 'analyze/', 'export/', '']) {
    const html = await page(`${dataset}/${tab}?color=lamp_type`);
    const tabs = addresses(/<nav class="tabs"[\s\S]*?<\/nav>/.exec(html)[0]);
    assert.ok(tabs.length > 4 && tabs.every((address) => new URL(address, 'http://x').searchParams.get('color') === 'lamp_type'), `${tab}: ${tabs}`);
  }
  const html = await page(`${dataset}/table/?color=lamp_type`);
  assert.ok(addresses(html).some((address) => /refine\.lamp_type=.*color=lamp_type/.test(address)));
  assert.doesNotMatch(await page(`${dataset}/table/?color=nosuch`), /color=nosuch[^"]*"[^>]*>(Map|Table)</);
});

test('only what the map wrote is called its extent', async () => {
  const chip = async (where) => unescape(/class="chip-value"[^>]*>([^<]*)</.exec(await page(`${dataset}/table/?${new URLSearchParams({ where })}`))[1]);
  const name = await chip('in_bbox(`position`, 1, 2, 3.5, -4)');
  assert.doesNotMatch(name, /in_bbox/);
  for (const where of ['in_bbox(`position`, 1, 2, 3, 4) and power_w > 3', 'in_bbox(position, 1, 2, 3, 4)', 'in_bbox(`position`, 1, 2)', 'in_bbox(']) {
    assert.notEqual(await chip(where), name, where);
  }
});

test('a field that is a facet leads to its values', async () => {
  const html = await page(`${dataset}/`);
  const address = addresses(html).find((one) => one.endsWith('#facet-lamp_type'));
  assert.match(await page(address), /id="facet-lamp_type"/);
});

test('a file with some of the records says so, and so does the button', async () => {
  const all = await get('/api/explore/v2.1/catalog/datasets/street-lamps/exports/csv');
  assert.equal(all.headers.get('content-disposition'), 'attachment; filename="street-lamps.csv"');
  const some = await get('/api/explore/v2.1/catalog/datasets/street-lamps/exports/csv?where=power_w%20%3E%2020');
  assert.equal(some.headers.get('content-disposition'), 'attachment; filename="street-lamps-filtered.csv"');
  const { total_count: records } = await (await get('/api/explore/v2.1/catalog/datasets/street-lamps/records?where=power_w%20%3E%2020')).json();
  assert.match(await page(`${dataset}/export/?where=power_w%20%3E%2020`), new RegExp(`download>Download ${records} records<`));
});

test('a tile has one address', async () => {
  for (const path of ['/api/explore/v2.1/catalog/datasets/street-lamps/tiles/', '/map/base/']) {
    assert.equal((await get(`${path}0/0/0.mvt`)).status, 200, path);
    for (const wrong of ['00/0/0', '0/00/0', '0/0/00', '+0/0/0', '-0/0/0', '01/0/0']) {
      assert.equal((await get(`${path}${wrong}.mvt`)).status, 404, path + wrong);
    }
  }
});
