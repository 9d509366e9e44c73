// Facets whose values have levels: dates and hierarchical texts (reference 2.5, 3.9, 3.10).
import test from 'node:test';
import assert from 'node:assert/strict';
import { json, lampsPath, root } from './explore.mjs';
import { lamps } from './lamps.mjs';

const path = `${root}/datasets/places`;

/** [value, count, state, children] of each facet value. */
const brief = (values) => values.map(({ value, count, state, facets }) =>
  facets ? [value, count, state, brief(facets)] : [value, count, state]);

async function facet(name, parameters) {
  const { facets } = await json(`${path}/facets`, { facet: name, ...parameters });
  assert.equal(facets.length, 1);
  return brief(facets[0].facets);
}

test('levels below a value are shown under refined values only', async () => {
  assert.deepEqual(await facet('path'), [['Europe', 3, 'displayed'], ['Asia', 1, 'displayed']]);
  assert.deepEqual(await facet('path', { refine: 'path:Europe' }), [['Europe', 3, 'refined',
    [['Europe/Belgium', 1, 'displayed'], ['Europe/France', 1, 'displayed']]]]);
  assert.deepEqual(await facet('path', { refine: 'path:"Europe/Belgium"' }), [['Europe', 1, 'displayed',
    [['Europe/Belgium', 1, 'refined', [['Europe/Belgium/Brussels', 1, 'displayed']]]]]]);
});

test('dates by year, then month, then day', async () => {
  assert.deepEqual(await facet('opened'),
    [['2024', 2, 'displayed'], ['2020', 1, 'displayed'], ['2025', 1, 'displayed']]);
  assert.deepEqual(await facet('opened', { refine: 'opened:2024' }), [['2024', 2, 'refined',
    [['2024/03', 1, 'displayed'], ['2024/12', 1, 'displayed']]]]);
  for (const month of ['2024/12', '"2024/12"', '2024-12']) {
    assert.deepEqual(await facet('opened', { refine: `opened:${month}` }), [['2024', 1, 'displayed',
      [['2024/12', 1, 'refined', [['2024/12/31', 1, 'displayed']]]]]]);
  }
  assert.deepEqual(await facet('opened', { refine: 'opened:2024', exclude: 'opened:2024/12' }),
    [['2024', 1, 'refined', [['2024/03', 1, 'displayed'], ['2024/12', undefined, 'excluded']]]]);
  const { facets } = await json(`${path}/facets`, { facet: 'opened', refine: 'opened:2024' });
  assert.deepEqual(facets[0].facets[0].facets.map((value) => value.name), ['03', '12']);
});

test('datetimes have the levels of the time zone', async () => {
  const counted = async (timezone) => (await json(`${lampsPath}/facets`,
    { facet: 'checked_at', refine: 'checked_at:2026', timezone })).facets[0].facets[0].facets
    .map(({ value, count }) => [value, count]).sort();
  for (const [timezone, hours] of [['UTC', 0], ['Asia/Tokyo', 9]]) {
    const months = {};
    for (const lamp of lamps) {
      const local = new Date(Date.parse(lamp.checked_at) + hours * 3600e3).toISOString();
      if (local.startsWith('2026')) months[local.slice(0, 7).replace('-', '/')] = (months[local.slice(0, 7).replace('-', '/')] ?? 0) + 1;
    }
    assert.deepEqual(await counted(timezone), Object.entries(months).sort());
  }
});

test('a record with several values counts once for each place', async () => {
  assert.deepEqual(await facet('areas'), [['Europe', 3, 'displayed'], ['Asia', 2, 'displayed']]);
  assert.deepEqual(await facet('areas', { refine: 'areas:Europe' }), [['Europe', 3, 'refined',
    [['Europe/France', 2, 'displayed'], ['Europe/Belgium', 1, 'displayed']]], ['Asia', 1, 'displayed']]);
  const found = async (parameters) => (await json(`${path}/records`, { select: 'place', ...parameters }))
    .results.map((record) => record.place);
  assert.deepEqual(await found({ refine: 'areas:Europe' }), ['a', 'b', 'e']);
  assert.deepEqual(await found({ refine: 'areas:Europe/Belgium' }), ['a']);
  assert.deepEqual(await found({ exclude: 'areas:Europe' }), ['c', 'd']);
  assert.deepEqual(await found({ refine: 'path:Euro' }), []);
});

test('facet() says what has levels', async () => {
  assert.deepEqual((await facet('facet(name="path", hierarchical=false)')).map(([value]) => value),
    ['Asia/Japan', 'Europe', 'Europe/Belgium/Brussels', 'Europe/France']);
  assert.deepEqual((await facet('facet(name="place", hierarchical=true)')).length, 5);
  assert.deepEqual(await facet('facet(name="path", separator="e/")'), [['Europ', 2, 'displayed'],
    ['Asia/Japan', 1, 'displayed'], ['Europe', 1, 'displayed']]);
  assert.deepEqual(await facet('facet(name="opened", sort="-alphanum", limit=1)', { refine: 'opened:2024' }),
    [['2024', 2, 'refined', [['2024/12', 1, 'displayed']]]]);
});

test('values of a facet asked for as disjunctive are alternatives for the others too', async () => {
  const refine = ['lamp_type:LED', 'lamp_type:Sodium'];
  const counts = async (disjunctive) => Object.fromEntries((await json(`${lampsPath}/facets`, {
    refine, facet: [`facet(name="lamp_type", disjunctive=${disjunctive})`, 'broken'] }))
    .facets[1].facets.map(({ name, count }) => [name, count]));
  const chosen = lamps.filter((lamp) => ['LED', 'Sodium'].includes(lamp.lamp_type));
  assert.deepEqual(await counts(true), { true: chosen.filter((lamp) => lamp.broken).length,
    false: chosen.filter((lamp) => !lamp.broken).length });
  assert.deepEqual(await counts(false), {});
});

test('a refined boolean is shown as refined in any letter case', async () => {
  const { facets } = await json(`${lampsPath}/facets`, { facet: 'broken', refine: 'broken:True' });
  assert.deepEqual(brief(facets[0].facets), [['true', lamps.filter((lamp) => lamp.broken).length, 'refined']]);
});
