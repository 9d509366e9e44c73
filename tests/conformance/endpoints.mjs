// Chapter 2: the endpoints.
import assert from 'node:assert/strict';
import { answers, fact, refuses, yields } from './facts.mjs';
import { ask, exports, facets, records, root, server, shown, sites } from './sites.mjs';

const rels = (links) => links.map((link) => link.rel);
const facet = (body, name) => body.facets.find((one) => one.name === name).facets;
const counts = (values) => values.map(({ value, count }) => [value, count]);

answers('2.1', 'C', 'the entry point', `${root}/`, {}, (body) => assert.ok(rels(body.links).includes('datasets')));
answers('2.1', 'U', 'a dataset by its uid', `${root}/datasets`, { where: 'dataset_id = "sites"' }, async ({ results }) => {
  const answer = await ask(`${root}/datasets/${results[0].dataset_uid}`);
  assert.equal(answer.json.dataset_id, 'sites');
});

answers('2.2', 'D', 'limit is 10 by default', records, {}, ({ results }) => assert.equal(results.length, 10));
answers('2.2', 'M', 'limit=0 gives the count alone', records, { limit: 0 }, (body) => assert.deepEqual(body, { total_count: sites.length, results: [] }));
answers('2.2', 'I', 'limit=-1 gives as many as are allowed', records, { limit: -1 }, ({ results }) => assert.equal(results.length, sites.length));
answers('2.2', 'M', 'offset + limit may be 10000', records, { offset: 9900, limit: 100 }, ({ results }) => assert.deepEqual(results, []));
answers('2.2', 'D', 'groups: limit up to 20000', records, { select: 'count(*)', group_by: 'code', limit: 20000 }, ({ results }) => assert.equal(results.length, sites.length));
refuses('2.2', 'D', 'groups: limit above 20000', records, { select: 'count(*)', group_by: 'code', limit: 20001 }, 400, 'InvalidRESTParameterError');
answers('2.2', 'R', 'timezone shows instants with its offset', records, { select: 'checked', timezone: 'Europe/Brussels', order_by: 'code', limit: 1 },
  ({ results }) => assert.equal(results[0].checked, '2026-01-05T08:30:00+01:00'));

answers('2.3', 'D', 'the catalogue: count and datasets, without the hidden ones', `${root}/datasets`, {}, (body) => {
  assert.equal(body.total_count, 2);
  assert.deepEqual(body.results.map((one) => one.dataset_id).sort(), ['plain', 'sites']);
});
answers('2.3', 'D', 'select gives flat objects, keys as they were written', `${root}/datasets`,
  { select: 'dataset_id, default.title, records_count as n, custom.data-owner', where: 'dataset_id = "sites"' },
  ({ results }) => assert.deepEqual(results, [{ dataset_id: 'sites', 'default.title': 'Sites', n: sites.length, 'custom.data-owner': 'Works dept.' }]));
answers('2.3', 'D', 'the prefix of a basic template may be left out', `${root}/datasets`, { where: 'title = "Sites"', select: 'publisher' },
  ({ results }) => assert.deepEqual(results, [{ publisher: 'City Works' }]));
answers('2.3', 'D', 'has_records and features are fields of the catalogue', `${root}/datasets`, { where: 'has_records = true and features = "geo"', select: 'dataset_id' },
  ({ results }) => assert.deepEqual(results, [{ dataset_id: 'sites' }]));
answers('2.3', 'D', 'groups of datasets', `${root}/datasets`, { select: 'count(*) as n', group_by: 'publisher' },
  ({ results }) => assert.deepEqual(results, [{ publisher: null, n: 1 }, { publisher: 'City Works', n: 1 }]));
answers('2.3', 'C', 'the sort keys of front offices', `${root}/datasets`, { order_by: 'records_count desc', select: 'dataset_id' },
  ({ results }) => assert.deepEqual(results.map((one) => one.dataset_id), ['sites', 'plain']));
for (const key of ['title', 'modified', 'records_count', 'explore.download_count', 'explore.popularity_score']) {
  answers('2.3', 'C', `order_by=${key}`, `${root}/datasets`, { order_by: `${key} desc` }, ({ total_count }) => assert.equal(total_count, 2));
}
answers('2.3', 'R', 'include_links: paging links and links of each dataset', `${root}/datasets`, { include_links: true, limit: 1 }, (body) => {
  assert.deepEqual(rels(body._links), ['self', 'first', 'last', 'next']);
  for (const rel of ['self', 'datasets', 'records', 'exports', 'facets']) assert.ok(rels(body.results[0]._links).includes(rel), rel);
});
answers('2.3', 'R', 'the last page begins at a multiple of the limit', records, { include_links: true, limit: 5 }, (body) => {
  assert.match(body._links.find((link) => link.rel === 'last').href, /offset=10(&|$)/);
  assert.match(body._links.find((link) => link.rel === 'self').href, /limit=5/);
});

answers('2.4', 'D', 'one dataset is not wrapped', `${root}/datasets/sites`, {}, (body) => assert.equal(body.dataset_id, 'sites'));
answers('2.4', 'M', 'one dataset with select', `${root}/datasets/sites`, { select: 'dataset_id, title' },
  (body) => assert.deepEqual(body, { dataset_id: 'sites', title: 'Sites' }));
refuses('2.4', 'D', 'a dataset that the caller may not see', `${root}/datasets/closed`, {}, 404, 'NotFoundResource');

answers('2.5', 'R', 'facets: links, then each facet with its values', facets, {}, (body) => {
  assert.deepEqual(Object.keys(body), ['links', 'facets']);
  assert.deepEqual(rels(body.links), ['self', 'dataset']);
  assert.deepEqual(body.facets.map((one) => one.name), ['kind', 'kinds', 'path', 'opened', 'active']);
  assert.deepEqual(facet(body, 'kind')[0], { name: 'lamp', count: 4, state: 'displayed', value: 'lamp' });
});
answers('2.5', 'R', 'largest count first by default', facets, { facet: 'kinds' }, (body) => {
  const values = facet(body, 'kinds').map((value) => value.count);
  assert.deepEqual(values, [...values].sort((a, b) => b - a));
  assert.equal(facet(body, 'kinds')[0].count, 5);
});
answers('2.5', 'D', 'dates by year; months only below a refined year', facets, { facet: 'opened' },
  (body) => assert.deepEqual(counts(facet(body, 'opened')).sort(), [['1900', 1], ['1969', 1], ['2023', 3], ['2024', 3], ['2025', 2]]));
answers('2.5', 'D', 'months below a refined year', facets, { facet: 'opened', refine: 'opened:2023' }, (body) => {
  const [year] = facet(body, 'opened');
  assert.equal(year.state, 'refined');
  assert.deepEqual(year.facets.map(({ name, value, count }) => [name, value, count]).sort(), [['08', '2023/08', 2], ['09', '2023/09', 1]]);
});
answers('2.5', 'D', 'days below a refined month', facets, { facet: 'opened', refine: 'opened:2023/08' }, (body) => {
  const month = facet(body, 'opened')[0].facets.find((one) => one.value === '2023/08');
  assert.deepEqual(month.facets.map((one) => one.value).sort(), ['2023/08/15', '2023/08/29']);
});
answers('2.5', 'D', 'hierarchical texts: the first level, then below what is refined', facets, { facet: 'path' },
  (body) => assert.deepEqual(counts(facet(body, 'path')).sort(), [['Africa', 2], ['Asia', 3], ['Europe', 5]]));
answers('2.5', 'D', 'hierarchical texts: below a refined value', facets, { facet: 'path', refine: 'path:Europe' }, (body) => {
  const [europe] = facet(body, 'path');
  assert.equal(europe.state, 'refined');
  assert.deepEqual(counts(europe.facets).sort(), [['Europe/Belgium', 3], ['Europe/France', 2]]);
});
answers('2.5', 'D', 'facet(…, limit=n)', facets, { facet: 'facet(name="kinds", limit=1)' }, (body) => assert.equal(facet(body, 'kinds').length, 1));
answers('2.5', 'M', 'where restricts what is counted', facets, { facet: 'kind', where: 'power > 25' },
  (body) => assert.deepEqual(counts(facet(body, 'kind')).sort(), [['Lamp', 1], ['bench', 1], ['lamp', 2], ['tree', 1]]));
answers('2.5', 'C', 'a disjunctive facet counts its own values without its refinement', facets, { facet: 'active', refine: 'active:true' }, (body) => {
  const values = Object.fromEntries(facet(body, 'active').map((one) => [one.value.toLowerCase(), one]));
  assert.equal(values.true.state, 'refined');
  assert.equal(values.false.count, 5);
});
answers('2.5', 'C', 'a conjunctive facet counts what is still possible', facets, { facet: 'kind', refine: 'kind:tree' },
  (body) => assert.deepEqual(counts(facet(body, 'kind')), [['tree', 2]]));
answers('2.5', 'D', 'an excluded value is told as such', facets, { facet: 'kind', exclude: 'kind:tree' },
  (body) => assert.equal(facet(body, 'kind').find((one) => one.value === 'tree').state, 'excluded'));
answers('2.5', 'R', 'facets of the catalogue: links self and source', `${root}/facets`, {}, (body) => {
  assert.deepEqual(rels(body.links), ['self', 'source']);
  for (const name of ['features', 'modified', 'publisher', 'keyword', 'theme', 'language', 'license']) {
    assert.ok(body.facets.some((one) => one.name === name), name);
  }
});
answers('2.5', 'R', 'features count a dataset once per feature', `${root}/facets`, { facet: 'features' },
  (body) => assert.deepEqual(counts(facet(body, 'features')).sort(), [['analyze', 2], ['geo', 1], ['timeserie', 1]]));

answers('2.6', 'D', 'records: every field, in the order of the schema, null when empty', records, { limit: 100, order_by: 'code' }, ({ results }) => {
  assert.deepEqual(results, sites.map(shown));
  assert.deepEqual(Object.keys(results[0]), Object.keys(sites[0]));
});
answers('2.6', 'R', 'include_links: links of each record', records, { include_links: true, limit: 1 }, ({ results }) =>
  assert.deepEqual(rels(results[0]._links), ['self', 'datasets', 'dataset']));
yields('2.6', 'M', { select: 'count(*) as n' }, Array.from({ length: 10 }, () => ({ n: sites.length })));
yields('2.6', 'M', { select: 'count(*) as n', limit: 1 }, (results, body) => {
  assert.deepEqual(results, [{ n: sites.length }]);
  assert.equal(body.total_count, sites.length);
});
yields('2.6', 'M', { select: 'count(*) as n', group_by: 'kind', where: 'kind is not null' }, (results, body) => {
  assert.equal(body.total_count, 4);
  assert.deepEqual(results.map((row) => row.kind).sort(), ['Lamp', 'bench', 'lamp', 'tree']);
});

fact('2.7', 'D', 'a record by its id of 40 hexadecimal digits, bare', async () => {
  const { json } = await ask(records, { include_links: true, limit: 1, order_by: 'code' });
  const id = /records\/([0-9a-f]{40})/.exec(json.results[0]._links[0].href)[1];
  assert.deepEqual((await ask(`${records}/${id}`)).json, shown(sites[0]));
  assert.deepEqual((await ask(`${records}/${id}`, { select: 'code' })).json, { code: 's01' });
});

answers('2.8', 'R', 'the list of formats has a link for each', exports, {}, (body) => {
  assert.equal(body.links[0].rel, 'self');
  for (const format of ['csv', 'json', 'jsonl', 'geojson', 'xlsx', 'parquet', 'shp', 'kml', 'gpx', 'fgb', 'mvt']) {
    const link = body.links.find((one) => one.rel === format);
    assert.equal(link?.href, `${server.portal}${exports}/${format}`);
  }
});
answers('2.8', 'R', 'a dataset without places has no formats of maps', `${root}/datasets/plain/exports`, {}, (body) => {
  for (const format of ['shp', 'kml', 'gpx', 'fgb']) assert.ok(!rels(body.links).includes(format), format);
});
answers('2.8', 'D', 'formats of the catalogue', `${root}/exports`, {}, (body) => {
  for (const format of ['csv', 'json', 'xlsx', 'rss', 'rdf', 'ttl', 'data.json', 'dcat']) assert.ok(rels(body.links).includes(format), format);
});

answers('2.9', 'D', 'exports know no limit of 100', `${exports}/json`, { limit: 1000 }, (body) => assert.equal(body.length, sites.length));
answers('2.9', 'D', 'exports obey every clause', `${exports}/json`, { select: 'code', where: 'power > 10', refine: 'kind:lamp', exclude: 'kinds:park', order_by: 'code desc', limit: 1 },
  (body) => assert.deepEqual(body, [{ code: 's04' }]));
answers('2.9', 'R', 'groups in exports: a bare array, keys ascending, null first', `${exports}/json`, { select: 'count(*) as n', group_by: 'kind' },
  (body) => assert.deepEqual(body, [{ kind: null, n: 3 }, { kind: 'Lamp', n: 1 }, { kind: 'bench', n: 2 }, { kind: 'lamp', n: 4 }, { kind: 'tree', n: 2 }]));
fact('2.9', 'R', 'an export is an attachment named after the dataset', async () => {
  const answer = await ask(`${exports}/csv`);
  assert.equal(answer.header('content-disposition'), 'attachment; filename="sites.csv"');
  assert.equal((await ask(`${exports}/json`, { compressed: true })).header('content-disposition'), 'attachment; filename="sites.json.gzip"');
});
fact('2.9', 'R', 'records of a JSON export are joined by a comma alone', async () => {
  const answer = await ask(`${exports}/json`, { select: 'code, power', order_by: 'code', limit: 2 });
  assert.equal(answer.text, '[{"code": "s01", "power": 10},{"code": "s02", "power": 20}]');
});
refuses('1.3', 'M', 'groups sorted by an aggregate need a limit', `${exports}/json`, { select: 'count(*) as n', group_by: 'kind', order_by: 'count(*)' }, 400, 'ODSQLError',
  /aggregation function in order by is not supported with a limit > 20000/);

answers('2.11', 'R', 'attachments of a dataset', `${root}/datasets/sites/attachments`, {}, (body) => {
  assert.equal(body.links[0].rel, 'self');
  assert.deepEqual(body.attachments, []);
});
