// Every function, operator and kind of literal over every type of field: whatever is asked, the answer
// is a result or a proper refusal, never an internal error, and what is sent is JSON.
import test from 'node:test';
import assert from 'node:assert/strict';
import { get } from './harness.mjs';
import { address, json, lampsPath, root } from './explore.mjs';
import { countBy, lamps } from './lamps.mjs';

const literals = ['1', '1.5', '"x"', 'true', 'null', "date'2024'", "date'2024-01-01T00:00:00'",
  "geom'POINT(1 2)'"];
const refinements = ['1', 'x', '2024', '2024/03', '2024/13/99', 'true', '"a b"', '50.8, 4.3', ''];

const groupings = (f) => [f, `range(${f},5)`, `range(${f},0.5)`, `range(${f},0)`, `range(${f},*,10,*)`,
  `range(${f},1 day)`, `range(${f},1M)`, `range(${f}, *, date'2024', *)`, `year(${f})`,
  `date_format(${f},'YYYY')`, `lower(${f})`, `ifnull(${f},"x")`, `ifnull(${f},1)`, `geo_cluster(${f},3)`];

const conditions = (f) => [f, `not ${f}`, `${f} is null`, `${f} is not true`, `${f} in (1,2)`,
  `${f} in ("a","b")`, `${f} in [1..5]`, `${f} in ]date'2020'..date'2024']`, `"a" in ${f}`, `1 in ${f}`,
  `search(${f},"par")`, `suggest(${f},"p")`, `startswith(${f},"p")`, `in_bbox(${f},1,2,3,4)`,
  `within_distance(${f},geom'POINT(1 2)',1km)`, `${f} = ${f}`, `${f} > length(${f})`, `${f} / 0 > 1`,
  `-${f} > 1`, ...['=', '!=', '<', '>=', ':', 'like']
    .flatMap((operator) => literals.map((literal) => `${f} ${operator} ${literal}`))];

const functions = ['length', 'year', 'month', 'day', 'hour', 'lower', 'count', 'sum', 'avg', 'min', 'max',
  'median', 'envelope', 'bbox', 'date_format', 'json_format', 'ifnull', 'distance'];

const selections = (f) => [f, ...functions.flatMap((name) => [`${name}(${f})`, `${name}(${f}, 'YYYY')`]),
  `count(distinct ${f})`, `${f} + 1 as a`, `${f} * ${f} as a`, `${f} / 0 as a`, `-${f} as a`,
  `percentile(${f},50)`, `percentile(${f},150)`, `ifnull(${f},"x") as a`, `ifnull(${f},1) as a`,
  `${f} as \`a b\``, `9223372036854775807 + ${f} as a`, `sum(${f}*9223372036854775807) as s`,
  `99999999999999999999 as c`, `${f}, ${f}`, `include(${f[0]}*)`, `exclude(${f})`];

function* requests(f) {
  for (const facet of [f, `facet(name="${f}",sort="alphanum")`, `facet(name="${f}",sort="-num")`]) {
    yield ['facets', { facet }];
  }
  for (const value of refinements) {
    yield ['records', { refine: `${f}:${value}` }];
    yield ['records', { exclude: `${f}:${value}` }];
    yield ['facets', { refine: `${f}:${value}`, facet: f }];
  }
  for (const grouping of groupings(f)) {
    yield ['records', { group_by: grouping }];
    yield ['records', { group_by: grouping, select: 'count(*)', order_by: 'count(*) desc', timezone: 'Asia/Tokyo' }];
    yield ['exports/parquet', { group_by: grouping, select: 'count(*) as n' }];
  }
  for (const condition of conditions(f)) yield ['records', { where: condition }];
  for (const selection of selections(f)) {
    yield ['records', { select: selection }];
    yield ['records', { select: selection, group_by: f, limit: 3 }];
    yield ['exports/jsonl', { select: selection }];
    yield ['exports/parquet', { select: selection }];
  }
  for (const direction of ['', ' asc', ' desc']) yield ['records', { order_by: `${f}${direction}` }];
}

async function check(path, resource, parameters) {
  const target = address(`${path}/${resource}`, parameters);
  const response = await get(target);
  const bytes = await response.text();
  assert.ok([200, 400].includes(response.status), `${response.status} ${decodeURIComponent(target)}\n${bytes}`);
  if (response.status === 400 || resource === 'records' || resource === 'facets') JSON.parse(bytes);
  if (response.status === 200 && resource === 'exports/jsonl') {
    for (const line of bytes.split('\n').filter(Boolean)) JSON.parse(line);
  }
}

for (const dataset of ['street-lamps', 'zones']) {
  test(`no clause over ${dataset} ends in an internal error`, async () => {
    const { fields } = await json(`${root}/datasets/${dataset}`);
    for (const { name } of fields) {
      for (const [resource, parameters] of requests(name)) {
        await check(`${root}/datasets/${dataset}`, resource, parameters);
      }
    }
  });
}

test('no clause over the catalogue ends in an internal error', async () => {
  for (const name of ['dataset_id', 'title', 'default.theme', 'modified', 'features', 'has_records', 'records_count']) {
    for (const [resource, parameters] of requests(name)) {
      if (!resource.startsWith('exports')) {
        await check(root, resource === 'records' ? 'datasets' : resource, parameters);
      }
    }
  }
});

test('clauses without a field', async () => {
  for (const parameters of [{ where: '"par"' }, { where: 'search("")' }, { where: '"*"' }, { where: '1=2' },
    { where: 'true' }, { where: "date'9999' > now()" }, { where: 'checked_at > now(years=-99999)' },
    { where: 'now(year=0) < now()' }, { order_by: 'random(3)' }, { order_by: 'random(99999999999)' },
    { order_by: 'count(*)' }, { group_by: '1' }, { group_by: '"x"' }, { select: '*,*' }, { select: '1' },
    { where: `power_w = 1${'+1'.repeat(2000)}` }, { where: `"a"${" or search('b c d')".repeat(300)}` },
    { where: `power_w in (${'power_w+'.repeat(190)}1${',1'.repeat(990)})` }, { select: 'power_w * 2 as x, count(*)' },
    { group_by: 'lamp_type', select: 'include(p*)' }, { group_by: 'lamp_type', select: 'sum(power_w) + power_w' },
    { group_by: `range(${'power_w+'.repeat(190)}1${',1'.repeat(900)})` }, { order_by: 'null' },
    { select: `date_format(${'ifnull(installed,'.repeat(60)}installed${')'.repeat(60)}, "${'w-'.repeat(4000)}") as d` },
    { facet: Array(50).fill('installed'), refine: Array(100).fill('installed:2020/01/01') },
    { select: 'now()' }, { select: "'x' as y" }, { select: 'exclude(*)' }]) {
    await check(lampsPath, parameters.facet ? 'facets' : 'records', parameters);
  }
});

test('groups made by functions count what they say', async () => {
  const rows = async (group) => (await json(`${lampsPath}/records`,
    { group_by: `${group} as k`, select: 'count(*) as n', limit: 100 })).results.map(({ k, n }) => [k, n]);
  const expected = (keyOf) => countBy(lamps, (lamp) => [keyOf(lamp)]);
  const sorted = (pairs) => [...pairs].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  assert.deepEqual(sorted(await rows('ifnull(lamp_type, "none")')), sorted(expected((lamp) => lamp.lamp_type ?? 'none')));
  assert.deepEqual(sorted(await rows('range(power_w, *, 50, *)')),
    sorted(expected((lamp) => lamp.power_w < 50 ? '[*, 50[' : '[50, *[')));
  assert.deepEqual(await rows('range(power_w, 20)'), expected((lamp) => {
    const low = Math.floor(lamp.power_w / 20) * 20;
    return `[${low}, ${low + 20}[`;
  }).sort((a, b) => parseInt(a[0].slice(1), 10) - parseInt(b[0].slice(1), 10)));
  assert.deepEqual(sorted(await rows("date_format(installed, 'yyyy-MM')")),
    sorted(expected((lamp) => lamp.installed.slice(0, 7))));
});
