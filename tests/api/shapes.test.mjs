import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from './harness.mjs';
import { address, json, root } from './explore.mjs';
import { parseCsv } from './lamps.mjs';

const path = `${root}/datasets/zones`;
const source = JSON.parse(readFileSync(new URL('./fixtures/zones.geojson', import.meta.url), 'utf8'));

const expected = source.features.map(({ geometry, properties }) => ({
  ...properties,
  geo_shape: geometry && { type: 'Feature', geometry, properties: {} },
}));

test('shapes are features, JSON values stay JSON', async () => {
  assert.deepEqual(await json(`${path}/records`), { total_count: 3, results: expected });
  const text = await (await get(`${path}/exports/jsonl`)).text();
  assert.deepEqual(text.trim().split('\n').map((line) => JSON.parse(line)), expected);
});

test('csv holds the geometry alone', async () => {
  const text = await (await get(address(`${path}/exports/csv`, { with_bom: false }))).text();
  const [header, ...rows] = parseCsv(text, ';');
  assert.deepEqual(header, Object.keys(expected[0]));
  const shape = header.indexOf('geo_shape');
  const details = header.indexOf('details');
  source.features.forEach(({ geometry, properties }, i) => {
    assert.deepEqual(rows[i][shape] === '' ? null : JSON.parse(rows[i][shape]), geometry);
    assert.deepEqual(rows[i][details] === '' ? null : JSON.parse(rows[i][details]), properties.details);
  });
  assert.equal(rows[0][header.indexOf('codes')], '01,02');
});
