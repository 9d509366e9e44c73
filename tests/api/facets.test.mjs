import test from 'node:test';
import assert from 'node:assert/strict';
import { portal } from './harness.mjs';
import { json, lampsPath, refused, root } from './explore.mjs';
import { countBy, lamps } from './lamps.mjs';

const path = `${lampsPath}/facets`;
const base = new URL(portal).origin;

const shown = (counts, state = 'displayed') =>
  counts.map(([name, count]) => ({ name, count, state, value: name }));
const types = (records) => countBy(records, (lamp) => lamp.lamp_type ? [lamp.lamp_type] : []);
const facetOf = (answer, name) => answer.facets.find((facet) => facet.name === name).facets;

test('all facets of a dataset, largest count first', async () => {
  const answer = await json(path);
  assert.deepEqual(Object.keys(answer), ['links', 'facets']);
  assert.deepEqual(answer.links, [
    { rel: 'self', href: `${base}${path}` },
    { rel: 'dataset', href: `${base}${lampsPath}` }]);
  assert.deepEqual(answer.facets.map((facet) => facet.name), ['lamp_type', 'installed', 'tags', 'broken']);
  assert.deepEqual(facetOf(answer, 'lamp_type'), shown(types(lamps)));
  assert.deepEqual(facetOf(answer, 'tags'), shown(countBy(lamps, (lamp) => lamp.tags)));
  assert.deepEqual(facetOf(answer, 'installed'), shown(countBy(lamps, (lamp) => [lamp.installed.slice(0, 4)])));
  assert.deepEqual(await json(`${path}/`), answer);
});

test('facets asked for by name', async () => {
  const answer = await json(path, { facet: ['tags', 'facet(name="lamp_type", limit=1)'] });
  assert.deepEqual(answer.facets.map((facet) => facet.name), ['tags', 'lamp_type']);
  assert.deepEqual(facetOf(answer, 'lamp_type'), shown(types(lamps)).slice(0, 1));
  const sorted = await json(path, { facet: 'facet(name="lamp_type", sort="alphanum")' });
  assert.deepEqual(facetOf(sorted, 'lamp_type').map((value) => value.name), ['Halogen', 'LED', 'Sodium']);
  for (const [sort, names] of [['count', ['LED', 'Sodium', 'Halogen']], ['-count', ['Halogen', 'Sodium', 'LED']],
    ['-alphanum', ['Sodium', 'LED', 'Halogen']]]) {
    for (const text of [sort, `"${sort}"`]) {
      const { facets } = await json(path, { facet: `FACET(name=lamp_type, sort=${text})` });
      assert.deepEqual(facets[0].facets.map((value) => value.name), names, text);
    }
  }
  const free = await json(path, { facet: 'note' });
  assert.deepEqual(facetOf(free, 'note').map((value) => value.name).sort(),
    [...new Set(lamps.flatMap((lamp) => lamp.note ?? []))].sort());
});

test('at most 100 values unless more are asked for', async () => {
  assert.equal(facetOf(await json(path, { facet: 'lamp_id' }), 'lamp_id').length, 100);
  assert.equal(facetOf(await json(path, { facet: 'facet(name="lamp_id", limit=1000)' }), 'lamp_id').length,
    lamps.length);
});

test('where, refine and exclude restrict what is counted', async () => {
  const strong = lamps.filter((lamp) => lamp.power_w > 60);
  assert.deepEqual(facetOf(await json(path, { where: 'power_w > 60' }), 'lamp_type'), shown(types(strong)));
  const leds = lamps.filter((lamp) => lamp.lamp_type === 'LED');
  const refined = await json(path, { refine: 'lamp_type:LED' });
  assert.deepEqual(facetOf(refined, 'lamp_type'), shown([['LED', leds.length]], 'refined'));
  assert.deepEqual(facetOf(refined, 'tags'), shown(countBy(leds, (lamp) => lamp.tags)));
  const excluded = facetOf(await json(path, { exclude: 'lamp_type:LED' }), 'lamp_type');
  assert.deepEqual(excluded.filter((value) => value.state === 'excluded'),
    [{ name: 'LED', state: 'excluded', value: 'LED' }]);
  assert.deepEqual(excluded.filter((value) => value.state === 'displayed'),
    shown(types(lamps.filter((lamp) => lamp.lamp_type !== 'LED'))));
});

test('a disjunctive facet still shows its other values', async () => {
  const answer = await json(path, { refine: 'lamp_type:LED', facet: 'facet(name="lamp_type", disjunctive=true)' });
  const values = facetOf(answer, 'lamp_type');
  assert.deepEqual(values.map(({ name, count }) => [name, count]), types(lamps));
  assert.deepEqual(values.map((value) => value.state), ['refined', 'displayed', 'displayed']);
});

test('wrong facets are refused', async () => {
  assert.match(await refused(path, { facet: 'nosuch' }, 400, 'ODSQLError'), /Unknown field: nosuch/);
  await refused(path, { facet: 'facet(name="lamp_type", limit=0)' }, 400, 'ODSQLError');
  await refused(path, { facet: 'facet(name=' }, 400, 'ODSQLSyntaxError');
  await refused(path, { facet: Array(51).fill('tags') }, 413, 'RequestTooLarge');
});

test('facets of the catalogue', async () => {
  const answer = await json(`${root}/facets`);
  assert.deepEqual(answer.links, [
    { rel: 'self', href: `${base}${root}/facets` }, { rel: 'source', href: `${base}${root}` }]);
  assert.deepEqual(answer.facets.map((facet) => facet.name),
    ['features', 'modified', 'publisher', 'keyword', 'theme', 'language', 'license']);
  const { total_count: total } = await json(`${root}/datasets`, { limit: 0 });
  const analyze = facetOf(answer, 'features').find((value) => value.name === 'analyze');
  assert.equal(analyze.count, total);
  const geo = facetOf(answer, 'features').find((value) => value.name === 'geo');
  const filtered = await json(`${root}/datasets`, { refine: 'features:geo', limit: 0 });
  assert.equal(geo.count, filtered.total_count);
  const one = await json(`${root}/facets`, { facet: 'publisher' });
  assert.deepEqual(one.facets.map((facet) => facet.name), ['publisher']);
});
