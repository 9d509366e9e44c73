import test from 'node:test';
import assert from 'node:assert/strict';
import { get, portal } from './harness.mjs';
import { json, lampsPath, refused, root } from './explore.mjs';
import { fieldNames, lamps } from './lamps.mjs';

const base = new URL(portal).origin;

test('the catalogue lists datasets in the shape of the reference', async () => {
  const { total_count: total, results, ...rest } = await json(`${root}/datasets`);
  assert.deepEqual(rest, {});
  assert.ok(total >= 1 && results.length === Math.min(total, 10));
  const dataset = results.find((result) => result.dataset_id === 'street-lamps')
    ?? await json(lampsPath);
  assert.deepEqual(Object.keys(dataset).sort(), ['alternative_exports', 'attachments', 'data_visible',
    'dataset_id', 'dataset_uid', 'features', 'fields', 'has_records', 'metas', 'visibility']);
  assert.match(dataset.dataset_uid, /^da_[a-z0-9]{6}$/);
  assert.equal(dataset.metas.default.records_count, lamps.length);
});

test('the entry point links to what there is', async () => {
  for (const address of [root, `${root}/`]) {
    const { links, ...rest } = await json(address);
    assert.deepEqual(rest, {});
    assert.deepEqual(links, [['self', ''], ['datasets', '/datasets'], ['exports', '/exports'], ['facets', '/facets']]
      .map(([rel, path]) => ({ rel, href: `${base}${root}${path}` })));
    for (const link of links) assert.equal((await fetch(link.href)).status, 200, link.href);
  }
  const { links } = await json(`${root}/facets`);
  for (const link of links) assert.equal((await fetch(link.href)).status, 200, link.href);
});

test('one dataset is the same object, with a trailing slash too, by id or uid', async () => {
  const dataset = await json(lampsPath);
  assert.deepEqual(await json(`${lampsPath}/`), dataset);
  assert.deepEqual(await json(`${root}/datasets/${dataset.dataset_uid}`), dataset);
  assert.deepEqual(dataset.fields.map((field) => field.name), fieldNames);
  assert.deepEqual(Object.fromEntries(dataset.fields.map((field) => [field.name, field.type])), {
    lamp_id: 'text', lamp_type: 'text', power_w: 'int', height_m: 'double', installed: 'date',
    checked_at: 'datetime', tags: 'text', position: 'geo_point_2d', broken: 'boolean', note: 'text',
  });
  assert.deepEqual(dataset.features, ['analyze', 'geo', 'timeserie']);
  const tags = dataset.fields.find((field) => field.name === 'tags');
  assert.deepEqual(Object.keys(tags), ['name', 'description', 'annotations', 'label', 'type']);
  assert.equal(tags.annotations.multivalued, ',');
  assert.equal(tags.annotations.facet, true);
});

test('select gives flat keys', async () => {
  assert.deepEqual(await json(lampsPath, { select: 'dataset_id, default.records_count as n' }),
    { dataset_id: 'street-lamps', n: lamps.length });
  const { results } = await json(`${root}/datasets`,
    { select: 'dataset_id,records_count', where: 'dataset_id="street-lamps"' });
  assert.deepEqual(results, [{ dataset_id: 'street-lamps', records_count: lamps.length }]);
});

test('every metadata can be selected, whether any dataset has a value or none', async () => {
  const one = async (select) => Object.values(await json(`${root}/datasets/places`, { select }))[0];
  const { fields } = await json(`${root}/datasets/places`);
  assert.deepEqual(await one('fields'), fields);
  assert.equal(await one('update_frequency'), null);
  assert.equal(await one('default.attributions as a'), null);
  assert.equal(await one('dcat.temporal'), null);
  assert.equal(await one('dcat.accessRights'), 'open');
  assert.equal(await one('custom.data-owner'), 'Works');
  assert.equal(await one('`custom.a/b~c`'), 'slash');
  assert.deepEqual(await one('custom.levels'), ['1', 'x']);
  const { results } = await json(`${root}/datasets`, { select: 'dataset_id, fields', where: 'dataset_id = "places"' });
  assert.deepEqual(results, [{ dataset_id: 'places', fields }]);
  await refused(`${root}/datasets`, { where: 'fields = "x"' }, 400, 'ODSQLError');
});

test('days and times of metadata are instants in the catalogue', async () => {
  assert.deepEqual(await json(`${root}/datasets/places`, { select: 'dcat.created, dcat.issued' }),
    { 'dcat.created': '2024-04-01T00:00:00+00:00', 'dcat.issued': '2024-05-06T05:08:09+00:00' });
});

test('the catalogue can be filtered, paged and ordered', async () => {
  const all = await json(`${root}/datasets`, { limit: 100, order_by: 'dataset_id desc', select: 'dataset_id' });
  const ids = all.results.map((result) => result.dataset_id);
  assert.deepEqual(ids, [...ids].sort().reverse());
  assert.equal(ids.length, all.total_count);
  const second = await json(`${root}/datasets`,
    { limit: 1, offset: 1, order_by: 'dataset_id desc', select: 'dataset_id' });
  assert.deepEqual(second.results.map((result) => result.dataset_id), ids.slice(1, 2));
  assert.equal(second.total_count, ids.length);
  const none = await json(`${root}/datasets`, { where: 'dataset_id="nothing"' });
  assert.deepEqual(none, { total_count: 0, results: [] });
});

test('include_links adds links to the envelope and to every dataset', async () => {
  const { _links: links, results } = await json(`${root}/datasets`,
    { include_links: 'True', limit: 1, where: 'dataset_id="street-lamps"' });
  assert.deepEqual(links.map((link) => link.rel), ['self', 'first', 'last']);
  const own = Object.fromEntries(results[0]._links.map((link) => [link.rel, link.href]));
  assert.deepEqual(own, {
    self: `${base}${lampsPath}`,
    datasets: `${base}${root}/datasets`,
    records: `${base}${lampsPath}/records`,
    exports: `${base}${lampsPath}/exports`,
    facets: `${base}${lampsPath}/facets`,
  });
  const dataset = await json(lampsPath, { include_links: true });
  assert.deepEqual(dataset._links, results[0]._links);
  for (const link of [...links, ...results[0]._links]) {
    assert.equal((await fetch(link.href)).status, 200, link.href);
  }
});

test('include_app_metas is accepted in any letter case', async () => {
  for (const value of ['true', 'False', 'TRUE']) {
    await json(`${root}/datasets`, { include_app_metas: value, limit: 1 });
  }
  await refused(`${root}/datasets`, { include_app_metas: 'perhaps' }, 400, 'InvalidRESTParameterError');
});

test('unknown datasets and addresses', async () => {
  assert.equal(await refused(`${root}/datasets/nothing`, {}, 404, 'NotFoundResource'),
    'The requested dataset nothing does not exist.');
  for (const tail of ['records', 'facets', 'exports', 'exports/csv', `records/${'0'.repeat(40)}`]) {
    assert.equal(await refused(`${root}/datasets/nothing/${tail}`, {}, 404, 'NotFoundResource'),
      'The requested dataset nothing does not exist.');
  }
  for (const path of ['/api/explore/v2.1/nowhere/datasets', `${root}/nothing`, `${lampsPath}/nothing`]) {
    assert.match(await refused(path, {}, 404, 'NotFoundURI'), /^The requested URI does not exist\./);
  }
  assert.equal(await refused('/api/explore/v2.1/monitoring/datasets/street-lamps/records', {}, 404, 'NotFoundResource'),
    'The requested dataset street-lamps does not exist.', 'of the portal, not of its statistics');
});

test('only reading is offered', async () => {
  const response = await fetch(new URL(`${root}/datasets`, portal), { method: 'DELETE' });
  assert.equal(response.status, 405);
  const head = await fetch(new URL(lampsPath, portal), { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), '');
});

test('answers name their language and cannot be mistaken for something else', async () => {
  const response = await get(`${lampsPath}?lang=fr`);
  assert.equal(response.headers.get('content-language'), 'fr');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.equal((await get(lampsPath)).headers.get('content-language'), 'en');
});
