// Dates in clauses: values of ifnull, groups, what is no parameter of an export or a record.
import test from 'node:test';
import assert from 'node:assert/strict';
import { get } from './harness.mjs';
import { address, json, lampsPath, refused, root } from './explore.mjs';
import { lamps } from './lamps.mjs';

const places = `${root}/datasets/places/records`;
const records = `${lampsPath}/records`;

test('a date literal in place of a missing date is a date, in every time zone', async () => {
  for (const timezone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
    const { results } = await json(places,
      { select: "ifnull(opened, date'2020-01-02') as d", order_by: 'place', timezone });
    assert.deepEqual(results.map((record) => record.d),
      ['2024-03-31', '2024-12-31', '2025-01-01', '2020-01-02', '2020-02-29']);
  }
});

test('a date among instants begins at midnight in the time zone', async () => {
  for (const [timezone, offset] of [['UTC', '+00:00'], ['Asia/Tokyo', '+09:00'], ['America/New_York', '-05:00']]) {
    const select = 'ifnull(installed, checked_at) as a, ifnull(null, installed) as b';
    const { results } = await json(records, { select, where: 'lamp_id = "L000"', timezone });
    assert.deepEqual(results, [{ a: `${lamps[0].installed}T00:00:00${offset}`, b: lamps[0].installed }]);
    assert.equal((await json(records, { where: 'ifnull(installed, now()) > checked_at', timezone, limit: 0 })).total_count, 0);
  }
});

test('dates are grouped by the ranges of their own calendar', async () => {
  for (const [timezone, offset] of [['UTC', 'Z'], ['America/New_York', '-05:00']]) {
    const { results } = await json(places, { group_by: "range(opened, *, date'2024-12-31', *) as r",
      select: 'count(*) as n', timezone });
    assert.deepEqual(results, [{ r: null, n: 1 }, { r: `[*, 2024-12-31T00:00:00.000${offset}[`, n: 2 },
      { r: `[2024-12-31T00:00:00.000${offset}, *[`, n: 2 }]);
  }
});

test('blank clauses are absent, and do not widen the limits', async () => {
  assert.match(await refused(records, { group_by: ' ', limit: 101 }, 400, 'InvalidRESTParameterError'),
    /<= 100 is expected/);
  assert.deepEqual(await json(records, { group_by: ' ', select: ' ', order_by: ' ', where: ' ' }), await json(records));
});

test('an aggregate over a record that does not exist is not found', async () => {
  await refused(`${records}/${'0'.repeat(40)}`, { select: 'count(*)' }, 404, 'NotFoundResource');
  const { results } = await json(records, { limit: 1, include_links: true });
  assert.deepEqual(await json(new URL(results[0]._links[0].href).pathname, { select: 'count(*) as n' }), { n: 1 });
});

test('exports: limit=0 has no aggregate, json_format is embedded in JSON only', async () => {
  const text = async (format, parameters) =>
    (await get(address(`${lampsPath}/exports/${format}`, { with_bom: false, ...parameters }))).text();
  assert.equal(await text('json', { select: 'count(*)', limit: 0 }), '[]');
  assert.equal(await text('csv', { select: 'count(*) as n', limit: 0 }), 'n\r\n');
  const select = 'json_format(note, "x") as j';
  const where = 'lamp_id = "L001"';
  assert.equal(lamps[1].note, 'Élan vital');
  assert.equal(await text('json', { select, where }), '[{"j": "x"}]');
  assert.equal(await text('csv', { select, where }), 'j\r\nÉlan vital\r\n');
});

test('selected twice, a field is shown once', async () => {
  const { results } = await json(records, { select: 'power_w, *, power_w, power_w as p', limit: 1 });
  assert.deepEqual(results, [{ power_w: 20, ...lamps[0], p: 20 }]);
  await refused(records, { select: 'power_w as p, height_m as p' }, 400, 'ODSQLError');
});
