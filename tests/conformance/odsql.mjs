// Chapter 3 but for the functions: lexical rules, nulls, clauses.
import assert from 'node:assert/strict';
import { answers, fact, finds, refuses, rejects, yields } from './facts.mjs';
import { ask, facets, records, root, sites } from './sites.mjs';

const has = (value) => (site) => site.kinds?.includes(value) ?? false;
const one = (parameters) => ({ order_by: 'code', limit: 1, ...parameters });

// ---- 3.1 lexical rules
finds('3.1', 'D', 'POWER > 25 AND NOT power = 30', (s) => s.power > 25 && s.power !== 30);
finds('3.1', 'D', 'power>25and power<=50', (s) => s.power > 25 && s.power <= 50);
finds('3.1', 'D', '\tpower\n=\n20 ', (s) => s.power === 20);
yields('3.1', 'D', one({ select: 'count(*)as n' }), [{ n: sites.length }]);
yields('3.1', 'D', one({ select: '`year`' }), [{ year: 2023 }]);
answers('3.1', 'M', 'a name that begins with a digit is quoted', `${root}/datasets/plain/records`, { select: '`1_uai`', limit: 1 }, ({ results }) => assert.deepEqual(results, [{ '1_uai': 'x' }]));
refuses('3.1', 'M', 'a bare name that begins with a digit', `${root}/datasets/plain/records`, { select: '1_uai' }, 400, 'ODSQLSyntaxError', /unexpected _uai at position 1/);
yields('3.1', 'C', one({ select: 'power as `Power (W)`' }), [{ 'Power (W)': 10 }]);
yields('3.1', 'C', one({ select: 'power as `a\\`b`' }), [{ 'a`b': 10 }]);
finds('3.1', 'D', "name = 'Élan'", (s) => s.name === 'Élan');
finds('3.1', 'D', 'name = "Schoolhouse \\"A\\""', (s) => s.code === 's06');
finds('3.1', 'C', 'name = "line\\nbreak; \\"quoted\\""', (s) => s.code === 's08');
finds('3.1', 'C', 'name = "\\u00c9lan"', (s) => s.code === 's01');
finds('3.1', 'C', 'name = "\\ud83c\\udf33 arbre"', (s) => s.code === 's07');
finds('3.1', 'D', 'height = -3.5', (s) => s.height === -3.5);
finds('3.1', 'U', 'height = 1e12', (s) => s.height === 1e12);
finds('3.1', 'C', 'opened = date"2024-03-09"', (s) => s.code === 's04');
for (const [text, kept] of [['2024', (d) => d >= '2024' && d < '2025'], ['2023-08', (d) => d.startsWith('2023-08')], ['2023/08', (d) => d.startsWith('2023-08')], ['2023/08/29', (d) => d === '2023-08-29']]) {
  finds('3.1', 'U', `opened = date'${text}'`, (s) => s.opened !== null && kept(s.opened));
}
finds('3.1', 'M', "opened > date'2023-08-29'", (s) => s.opened > '2023-08-29');
finds('3.1', 'M', "opened >= date'2023-08-29'", (s) => s.opened >= '2023-08-29');
finds('3.1', 'U', "opened <= date'2023-08'", (s) => s.opened !== null && s.opened <= '2023-08-31');
finds('3.1', 'M', "checked > date'2026-01-05'", (s) => s.checked >= '2026-01-06');
finds('3.1', 'U', "checked <= date'2026-01-05'", (s) => s.checked !== null && s.checked < '2026-01-06');
for (const literal of ['2026-01-05T07', '2026-01-05T07:30', '2026-01-05T07:30:00', '2026-01-05T07:30:00Z', '2026-01-05T08:30:00+01:00']) {
  finds('3.1', 'D', `checked = date'${literal}'`, (s) => s.code === 's01');
}
finds('3.1', 'D', "checked = date'2026-07-01T12:00:00.25'", (s) => s.code === 's05');
finds('3.1', 'I', "checked = date'2026-01-05T08:30'", (s) => s.code === 's01', { timezone: 'Europe/Brussels' });
finds('3.1', 'D', "opened in [date'2023'..date'2024']", (s) => s.opened >= '2023' && s.opened < '2025');
finds('3.1', 'C', 'power in [1..10]', (s) => s.power !== null && s.power >= 1 && s.power <= 10);
rejects('3.1', 'U', { where: 'power = 1 -- text' }, 'ODSQLError');

// ---- 3.2 reserved words
for (const word of ['year', 'group', 'select', 'date_format', 'top', 'quarter', 'search']) rejects('3.2', 'D', { select: `power as x, ${word}` }, 'ODSQLSyntaxError');
for (const word of ['geom', 'date', 'length', 'now', 'random', 'within']) rejects('3.2', 'D', { select: word }, 'ODSQLError', new RegExp(`Unknown field: ${word}`));

// ---- 3.3 precedence and nulls
finds('3.3', 'D', 'power = 10 or power = 20 and kind = "bench"', (s) => s.power === 10);
finds('3.3', 'D', '(power = 10 or power = 20) and active = true', (s) => s.power === 10 && s.active === true);
finds('3.3', 'D', 'not power = 10 and kind = "lamp"', (s) => s.power !== 10 && s.kind === 'lamp');
yields('3.3', 'D', one({ select: '1 + 2 * 3 - -4 as a, 10 - 2 - 3 as b, 12 / 4 / 3 as c, -(1 + 1) as d' }), [{ a: 11, b: 5, c: 1, d: -2 }]);
finds('3.3', 'M', 'kind = "lamp"', (s) => s.kind === 'lamp');
finds('3.3', 'M', 'kind != "lamp"', (s) => s.kind !== null && s.kind !== 'lamp');
finds('3.3', 'M', 'not kind = "lamp"', (s) => s.kind !== 'lamp');
finds('3.3', 'M', 'not (kind = "lamp")', (s) => s.kind !== 'lamp');
finds('3.3', 'M', 'not (kind != "lamp")', (s) => s.kind === null || s.kind === 'lamp');
finds('3.3', 'M', 'not kind in ("lamp", "tree")', (s) => !['lamp', 'tree'].includes(s.kind));
finds('3.3', 'M', 'not name like "elan"', (s) => !['s01', 's02', 's11'].includes(s.code));
finds('3.3', 'M', 'kind is null', (s) => s.kind === null);
finds('3.3', 'M', 'not power > 10', (s) => !(s.power !== null && s.power > 10));
yields('3.3', 'D', { select: 'power + 1 as a, power / 0 as b', where: 'code in ("s05", "s06")', order_by: 'code' }, [{ a: 51, b: null }, { a: null, b: null }]);
yields('3.3', 'D', one({ select: 'count(power) as n, count(*) as m, count(distinct kind) as k' }), [{ n: 11, m: 12, k: 4 }]);
yields('3.3', 'U', one({ select: 'sum(power) as s, avg(power) as a, min(power) as l', where: 'code = "s06"' }), [{ s: null, a: null, l: null }]);
yields('3.3', 'D', { select: 'code', order_by: 'height, code', offset: 10 }, [{ code: 's03' }, { code: 's09' }]);
yields('3.3', 'D', { select: 'code', order_by: 'height desc, code', offset: 10 }, [{ code: 's03' }, { code: 's09' }]);
yields('3.3', 'D', { select: 'count(*) as n', group_by: 'kind' }, (results) => assert.deepEqual(results[0], { kind: null, n: 3 }));

// ---- 3.4 select
yields('3.4', 'D', one({ select: 'include(po*)' }), [{ power: 10 }]);
yields('3.4', 'D', one({ select: 'include(c*), exclude(checked)' }), [{ code: 's01' }]);
yields('3.4', 'D', one({ select: 'power * 24 / 1000 as kwh, length(name), "fixed" as tag, 2 as two' }), [{ kwh: 0.24, 'length(name)': 4, tag: 'fixed', two: 2 }]);
yields('3.4', 'R', one({ select: 'count(*), sum(power / 10), year(opened)', group_by: 'year(opened)', where: 'code = "s01"', order_by: undefined ?? 'year(opened)' }),
  [{ 'year(opened)': 2023, 'count(*)': 1, 'sum(power / 10)': 1 }]);
yields('3.4', 'M', one({ select: 'power, code' }), (results) => assert.deepEqual(Object.keys(results[0]), ['power', 'code']));
yields('3.4', 'R', { select: 'count(*) as n', group_by: 'kind', where: 'kind = "tree"' }, [{ kind: 'tree', n: 2 }]);
rejects('3.4', 'D', { select: 'code, count(*)', group_by: 'kind' }, 'ODSQLError');
rejects('3.4', 'U', { select: 'code, count(*)' }, 'ODSQLError');
yields('3.4', 'M', one({ select: 'sum(power * 2) as a, sum(power) / count(*) * 100 as b', where: 'kind = "lamp"' }), [{ a: 200, b: 2500 }]);
rejects('3.4', 'M', { select: 'if(power > 1, 2, 3)' }, 'ODSQLSyntaxError');
answers('3.4', 'U', 'an empty select is none', `${records}?select=`, {}, ({ results }) => assert.ok('area' in results[0]));

// ---- 3.5 where
finds('3.5', 'D', '"elan"', (s) => ['s01', 's02', 's11'].includes(s.code));
finds('3.5', 'D', '"ÉLAN vital"', (s) => s.code === 's02');
finds('3.5', 'D', '"film*"', (s) => ['s03', 's04'].includes(s.code));
finds('3.5', 'D', '"nosuchword"', () => false);
finds('3.5', 'D', 'name = "elan"', () => false);
finds('3.5', 'D', 'name : "Élan"', (s) => s.code === 's01');
finds('3.5', 'C', 'active:true', (s) => s.active === true);
rejects('3.5', 'M', { where: 'name == "x"' }, 'ODSQLSyntaxError', /unexpected =/);
finds('3.5', 'U', 'name > "m"', (s) => s.name !== null && s.name > 'm');
finds('3.5', 'D', 'name like "elan"', (s) => ['s01', 's02', 's11'].includes(s.code));
finds('3.5', 'D', 'name like "vital elan"', (s) => s.code === 's02');
finds('3.5', 'M', 'name like "school*"', (s) => ['s05', 's06'].includes(s.code));
finds('3.5', 'M', 'name like "%chool%"', (s) => ['s05', 's06'].includes(s.code));
finds('3.5', 'D', 'kind in ("lamp", "tree")', (s) => ['lamp', 'tree'].includes(s.kind));
finds('3.5', 'D', 'power in (10, 50)', (s) => [10, 50].includes(s.power));
finds('3.5', 'D', 'power in [10..30]', (s) => s.power !== null && s.power >= 10 && s.power <= 30);
finds('3.5', 'D', 'power in ]10..30[', (s) => s.power !== null && s.power > 10 && s.power < 30);
finds('3.5', 'D', 'power in [10 TO 30[', (s) => s.power !== null && s.power >= 10 && s.power < 30);
finds('3.5', 'D', 'power in ]10..30]', (s) => s.power !== null && s.power > 10 && s.power <= 30);
finds('3.5', 'C', 'power : [10 to 30]', (s) => s.power !== null && s.power >= 10 && s.power <= 30);
finds('3.5', 'D', '"park" in kinds', has('park'));
finds('3.5', 'D', 'name is null', (s) => s.name === null);
finds('3.5', 'D', 'name is not null', (s) => s.name !== null);
finds('3.5', 'D', 'kinds is null', (s) => s.kinds === null);
finds('3.5', 'D', 'place is null', (s) => s.place === null);
finds('3.5', 'D', 'area is not null', (s) => s.area !== null);
finds('3.5', 'D', 'active is true', (s) => s.active === true);
finds('3.5', 'D', 'active is false', (s) => s.active === false);
finds('3.5', 'D', 'active is not true', (s) => s.active !== true);
finds('3.5', 'D', 'active', (s) => s.active === true);
finds('3.5', 'D', 'not active', (s) => s.active !== true);
finds('3.5', 'D', 'length(name) > 5', (s) => s.name !== null && [...s.name].length > 5);
finds('3.5', 'D', 'year(opened) = 2024', (s) => s.opened?.startsWith('2024'));
finds('3.5', 'D', "date_format(opened, 'MM') = '08'", (s) => s.opened?.slice(5, 7) === '08');
finds('3.5', 'D', 'lower(name) = "elan"', (s) => s.name?.toLowerCase() === 'elan');
finds('3.5', 'D', 'ifnull(power, 0) < 1', (s) => (s.power ?? 0) < 1);
finds('3.5', 'D', 'power * 2 > 90', (s) => Number(s.power) * 2 > 90);
finds('3.5', 'M', '1 = 2', () => false);
for (const where of ['kind not in ("a")', 'name not like "a"', 'power between 1 and 2', 'contains(name, "a")', 'if(power)', 'case', 'stddev(power) > 1', 'variance(power) > 1', 'day_of_week(opened) = 1', 'false', 'power <> 1']) {
  rejects('3.5', where.includes('<>') ? 'U' : 'M', { where }, where === 'case' ? 'ODSQLError' : 'ODSQLSyntaxError');
}
finds('3.5', 'M', 'kinds = "park"', has('park'));
finds('3.5', 'M', 'kinds = "park,road"', () => false);
finds('3.5', 'M', 'kinds in ("park", "indoor")', (s) => has('park')(s) || has('indoor')(s));
rejects('3.5', 'R', { where: 'nosuch = 1' }, 'ODSQLError', /Unknown field: nosuch/);

// ---- 3.7 group_by
const groups = (parameters, expected, tag = 'D') => yields('3.7', tag, { limit: 100, ...parameters }, expected);
groups({ select: 'count(*) as n', group_by: 'kind as t, active as a', where: 'kind = "lamp"' },
  [{ t: 'lamp', a: null, n: 1 }, { t: 'lamp', a: false, n: 1 }, { t: 'lamp', a: true, n: 2 }]);
groups({ select: 'count(*) as n', group_by: 'kinds', where: 'kinds is not null' },
  [{ kinds: 'Park', n: 1 }, { kinds: 'dimmable', n: 2 }, { kinds: 'indoor', n: 1 }, { kinds: 'park', n: 5 }, { kinds: 'road', n: 5 }], 'U');
groups({ select: 'count(*) as n', group_by: 'range(power, *, 10, 50, *)', where: 'power is not null' }, (results) =>
  assert.deepEqual(results.map((row) => [row['range(power, *, 10, 50, *)'], row.n]), [['[*, 10[', 3], ['[10, 50[', 5], ['[50, *[', 3]]), 'U');
groups({ select: 'count(*) as n', group_by: 'range(power, 20) as r', where: 'power < 60' }, (results) =>
  assert.deepEqual(results.map((row) => [row.r, row.n]), [['[-20, 0[', 1], ['[0, 20[', 4], ['[20, 40[', 2], ['[40, 60[', 2]]));
groups({ select: 'count(*) as n', group_by: 'range(checked, 1 day) as d', where: "checked > date'2026-01-01' and checked < date'2026-02'" }, [
  { d: '[2026-01-05T00:00:00.000Z, 2026-01-06T00:00:00.000Z[', n: 2 }, { d: '[2026-01-06T00:00:00.000Z, 2026-01-07T00:00:00.000Z[', n: 1 }]);
groups({ select: 'count(*) as n', group_by: 'range(checked, 1d) as d', where: "checked > date'2026-01-01' and checked < date'2026-02'", timezone: 'Europe/Brussels' }, [
  { d: '[2026-01-05T00:00:00.000+01:00, 2026-01-06T00:00:00.000+01:00[', n: 1 }, { d: '[2026-01-06T00:00:00.000+01:00, 2026-01-07T00:00:00.000+01:00[', n: 2 }]);
groups({ select: 'count(*) as n', group_by: 'range(opened, 1 month) as m', where: "opened = date'2023'" }, [
  { m: '[2023-08-01T00:00:00.000Z, 2023-09-01T00:00:00.000Z[', n: 2 }, { m: '[2023-09-01T00:00:00.000Z, 2023-10-01T00:00:00.000Z[', n: 1 }]);
groups({ select: 'count(*) as n', group_by: "range(opened, *, date'2024', *) as r", where: 'opened is not null' }, [
  { r: '[*, 2024-01-01T00:00:00.000Z[', n: 5 }, { r: '[2024-01-01T00:00:00.000Z, *[', n: 5 }]);
groups({ select: 'count(*) as n', group_by: 'range(power, ]10, 50[) as r', where: 'power is not null' }, (results) => assert.equal(results.reduce((sum, row) => sum + row.n, 0), 11), 'D');
groups({ select: 'count(*) as n', group_by: 'year(opened) as y, month(opened) as m', where: "opened = date'2023'" }, [{ y: 2023, m: 8, n: 2 }, { y: 2023, m: 9, n: 1 }]);
groups({ select: 'count(*) as n', group_by: "date_format(checked, 'YYYY-MM') as month", where: "checked > date'2026'" }, []);
groups({ select: 'count(*) as n', group_by: 'opened', where: "opened = date'2023-08'" }, [{ opened: '2023-08-15', n: 1 }, { opened: '2023-08-29', n: 1 }], 'U');
rejects('3.7', 'D', { select: 'count(*)', group_by: 'place' }, 'ODSQLError');
rejects('3.7', 'D', { select: 'count(*)', group_by: 'area' }, 'ODSQLError');
groups({ group_by: 'kind', select: 'max(power) as m', order_by: 'm desc', where: 'kind in ("lamp", "bench")' }, [{ kind: 'bench', m: 50 }, { kind: 'lamp', m: 40 }]);
groups({ select: 'count(*) as n', group_by: 'kind', order_by: 'count(*) desc', limit: 1 }, [{ kind: 'lamp', n: 4 }]);

// ---- 3.8 order_by
const order = (order_by, codes, tag = 'D', more = {}) => yields('3.8', tag, { select: 'code', order_by, limit: codes.length, ...more }, codes.map((code) => ({ code })));
order('power desc', ['s11', 's12', 's05']);
order('-power', ['s11', 's12', 's05'], 'C');
order('power asc, code desc', ['s07', 's08', 's09', 's10', 's01']);
order('length(name) desc', ['s08', 's06', 's04'], 'D');
order('opened', ['s07', 's06', 's01']);
yields('3.8', 'D', { select: 'power as p', order_by: 'p desc', limit: 1, where: 'power < 60' }, [{ p: 50 }]);
fact('3.8', 'D', 'random(n): the same seed, the same order; pages do not overlap', async () => {
  const all = async (seed) => [...(await ask(records, { select: 'code', order_by: `random(${seed})`, limit: 6 })).json.results,
    ...(await ask(records, { select: 'code', order_by: `random(${seed})`, limit: 6, offset: 6 })).json.results].map((row) => row.code);
  const first = await all(1);
  assert.deepEqual(await all(1), first);
  assert.equal(new Set(first).size, sites.length);
  assert.notDeepEqual(await all(2), first);
});
fact('3.8', 'D', 'pages are stable also where the order leaves ties', async () => {
  const codes = [];
  for (let offset = 0; offset < sites.length; offset += 3) codes.push(...(await ask(records, { select: 'code', order_by: 'active', limit: 3, offset })).json.results.map((row) => row.code));
  assert.equal(new Set(codes).size, sites.length);
});

// ---- 3.9 refine and exclude
const refines = (at, tag, more, keeps) => fact(at, tag, Object.entries(more).map(([name, value]) => `${name}=${value}`).join('&'), async () => {
  const answer = await ask(records, { select: 'code', order_by: 'code', limit: 100, ...more });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json.results.map((row) => row.code), sites.filter(keeps).map((site) => site.code));
});
refines('3.9', 'D', { refine: 'kind:lamp' }, (s) => s.kind === 'lamp');
refines('3.9', 'D', { refine: 'kind:"lamp"' }, (s) => s.kind === 'lamp');
refines('3.9', 'C', { refine: '`kind`:"lamp"' }, (s) => s.kind === 'lamp');
refines('3.9', 'D', { exclude: 'kind:lamp' }, (s) => s.kind !== 'lamp');
refines('3.9', 'U', { refine: 'name:Élan' }, (s) => s.name === 'Élan');
for (const value of ['2023', '"2023"', '2023/08', '"2023/08/15"']) {
  refines('3.9', 'D', { refine: `opened:${value}` }, (s) => s.opened?.replaceAll('-', '/').startsWith(value.replaceAll('"', '')));
}
refines('3.9', 'D', { refine: 'path:Europe/Belgium' }, (s) => s.path?.startsWith('Europe/Belgium'));
refines('3.9', 'D', { refine: 'path:Asia' }, (s) => s.path?.startsWith('Asia'));
refines('3.9', 'D', { refine: ['kinds:park', 'kinds:road'] }, (s) => has('park')(s) && has('road')(s));
refines('3.9', 'D', { refine: ['kind:lamp', 'kinds:park'] }, (s) => s.kind === 'lamp' && has('park')(s));
refines('3.9', 'D', { refine: ['active:true', 'active:false'] }, (s) => s.active !== null);

// ---- 3.10 facet()
const facetOf = (text, more = {}) => ask(facets, { facet: text, ...more }).then(({ json }) => json.facets[0].facets.map(({ value, count }) => [value, count]));
fact('3.10', 'D', 'disjunctive=true: refinements of the facet are joined by OR', async () => {
  const values = await facetOf('facet(name="kind", disjunctive=true)', { refine: ['kind:lamp', 'kind:tree'] });
  assert.deepEqual(Object.fromEntries(values), { lamp: 4, bench: 2, tree: 2, Lamp: 1 });
});
fact('3.10', 'D', 'sort="alphanum" and "-alphanum"', async () => {
  const up = (await facetOf('FACET(name="kinds", sort="alphanum")')).map(([value]) => value);
  assert.deepEqual((await facetOf('facet(name="kinds", sort="-alphanum")')).map(([value]) => value), up.reverse());
});
fact('3.10', 'D', 'sort="num" and "-num" for numbers', async () => {
  const up = (await facetOf('facet(name="power", sort="num")')).map(([value]) => Number(value));
  assert.deepEqual(up, [...up].sort((a, b) => a - b));
  assert.deepEqual((await facetOf('facet(name="power", sort="-num")')).map(([value]) => Number(value)), up.reverse());
});
fact('3.10', 'D', 'hierarchical=true with a separator', async () => {
  assert.deepEqual((await facetOf('facet(name="name", hierarchical=true, separator=" ")', { where: 'name like "elan"' })).map(([value]) => value).sort(), ['ELAN', 'elan', 'Élan'].sort());
});
