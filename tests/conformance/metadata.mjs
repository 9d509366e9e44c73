// Chapter 5, and 2.10: the dataset object, metadata, the catalogue's search and exports.
import assert from 'node:assert/strict';
import { answers, fact } from './facts.mjs';
import { ask, root, sites } from './sites.mjs';

const dataset = `${root}/datasets/sites`;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/;

answers('5.1', 'R', 'the members of a dataset', dataset, {}, (body) => {
  assert.deepEqual(Object.keys(body).sort(), ['alternative_exports', 'attachments', 'data_visible', 'dataset_id', 'dataset_uid', 'features', 'fields', 'has_records', 'metas', 'visibility']);
  assert.equal(body.visibility, 'domain');
  assert.match(body.dataset_uid, /^da_[a-z0-9]{6}$/);
  assert.equal(body.has_records, true);
  assert.equal(body.data_visible, true);
  assert.deepEqual(body.features.filter((one) => ['analyze', 'geo', 'timeserie'].includes(one)).sort(), ['analyze', 'geo', 'timeserie']);
});
answers('5.1', 'R', 'the template default, unset values null', dataset, {}, ({ metas }) => {
  for (const name of ['title', 'description', 'theme', 'keyword', 'license', 'license_url', 'language', 'metadata_languages', 'timezone', 'modified',
    'modified_updates_on_metadata_change', 'modified_updates_on_data_change', 'data_processed', 'metadata_processed', 'geographic_reference',
    'geographic_reference_auto', 'territory', 'geometry_types', 'bbox', 'publisher', 'references', 'records_count', 'attributions', 'source_domain',
    'source_domain_title', 'source_domain_address', 'source_dataset', 'shared_catalog', 'federated', 'parent_domain', 'update_frequency']) {
    assert.ok(name in metas.default, name);
  }
  assert.equal(metas.default.title, 'Sites');
  assert.deepEqual(metas.default.keyword, ['light', 'street']);
  assert.equal(metas.default.records_count, sites.length);
  assert.match(metas.default.modified, instant);
  assert.match(metas.default.data_processed, instant);
  assert.equal(metas.default.attributions, null);
  assert.equal(metas.default.federated, false);
});
answers('5.1', 'R', 'the extent of the records', dataset, {}, ({ metas }) => {
  const ring = metas.default.bbox.geometry.coordinates[0];
  assert.equal(metas.default.bbox.type, 'Feature');
  const longitudes = ring.map(([lon]) => lon);
  assert.ok(Math.min(...longitudes) <= -179.9 && Math.max(...longitudes) >= 179.9);
  assert.ok(metas.default.geometry_types.includes('Point'));
  assert.ok(metas.default.geometry_types.includes('Polygon'));
});
answers('5.1', 'R', 'the template dcat with nulls', dataset, {}, ({ metas }) => {
  for (const name of ['created', 'issued', 'creator', 'contributor', 'contact_name', 'contact_email', 'accrualperiodicity', 'spatial', 'temporal', 'granularity', 'dataquality']) {
    assert.equal(metas.dcat[name], null, name);
  }
  assert.deepEqual(metas.custom, { 'data-owner': 'Works dept.' });
});
answers('5.2', 'D', 'templates of applications only when asked for, those of administration never', dataset, {}, async ({ metas }) => {
  assert.ok(!('visualization' in metas) && !('explore' in metas) && !('internal' in metas));
  const more = (await ask(dataset, { include_app_metas: true })).json.metas;
  assert.ok('explore' in more && 'visualization' in more);
  assert.ok(!('internal' in more));
});
for (const [where, found] of [['"lamps"', ['sites']], ['"city works"', ['sites']], ['"light"', ['sites']], ['"numb*"', ['plain']], ['"rated"', undefined], ['"nosuchword"', []]]) {
  if (found) {
    answers('5.3', 'D', `the catalogue: where=${where}`, `${root}/datasets`, { where, select: 'dataset_id' },
      ({ results }) => assert.deepEqual(results.map((one) => one.dataset_id), found));
  }
}
for (const refine of ['keyword:"light"', 'theme:"Mobility"', 'publisher:City Works', 'features:geo', 'language:en', 'license:CC BY 4.0', `modified:${new Date().toISOString().slice(0, 7).replace('-', '/')}`]) {
  answers('5.3', 'D', `the catalogue: refine=${refine}`, `${root}/datasets`, { refine, select: 'dataset_id', order_by: 'dataset_id' },
    ({ results }) => assert.ok(results.some((one) => one.dataset_id === 'sites')));
}

// ---- 2.10
fact('2.10', 'R', 'catalogue csv: columns template.name, datasetid last, named datasets.csv', async () => {
  const answer = await ask(`${root}/exports/csv`, { with_bom: false });
  assert.equal(answer.header('content-disposition'), 'attachment; filename="datasets.csv"');
  const header = answer.text.split('\r\n')[0].split(';');
  assert.equal(header.at(-1), 'datasetid');
  assert.ok(header.includes('default.title') && header.includes('custom.data-owner') && header.includes('dcat.created'));
});
answers('2.10', 'D', 'catalogue json', `${root}/exports/json`, {}, (body) => assert.deepEqual(body.map((one) => one.dataset_id).sort(), ['plain', 'sites']));
for (const [format, type, found] of [['rss', /rss\+xml/, /<rss/], ['rdf', /rdf\+xml/, /dcat:Dataset|dcat#Dataset/], ['ttl', /turtle/, /dcat:Dataset|dcat#Dataset/], ['dcat', /rdf\+xml/, /dcat:Catalog|dcat#Catalog/],
  ['data.json', /json/, /project-open-data/], ['dublin_core', /xml/, /purl\.org\/dc/]]) {
  fact('2.10', 'U', `catalogue ${format}`, async () => {
    const answer = await ask(`${root}/exports/${format}`);
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.match(answer.header('content-type'), type);
    assert.match(answer.text, found);
    assert.ok(!answer.text.includes('datasets/closed'), 'a dataset that is not public');
  });
}
fact('2.10', 'R', 'dcat: a distribution per export format, addresses as recorded', async () => {
  const { text } = await ask(`${root}/exports/dcat`);
  assert.match(text, /\/api\/explore\/v2\.1\/catalog\/datasets\/sites\/exports\/csv\?use_labels=true/);
  assert.match(text, /\/explore\/dataset\/sites\//);
  const some = await ask(`${root}/exports/dcat`, { include_exports: 'json', use_labels_in_exports: false });
  assert.ok(some.text.includes('exports/json') && !some.text.includes('exports/csv'));
});
