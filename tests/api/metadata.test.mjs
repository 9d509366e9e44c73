// What datasets say of themselves: reading descriptions, changing values, languages, extents.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { gdalFeatures, parquetRows, pythonRows } from './readers.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const parvis = (...words) => run([...words, '--data', data]);
const file = (name, value) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
function refused(result, message) {
  assert.notEqual(result.status, 0);
  assert.match(result.stderr, message);
}

done(parvis('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json')));
done(parvis('import', fixture('zones.geojson'), '--id', 'zones'));
const server = await serve(data);
const object = async (id, query = '') => {
  const response = await server.get(`${API}/${id}${query}`);
  assert.equal(response.status, 200);
  return { ...await response.json(), language: response.headers.get('content-language') };
};
/** The object once the server has seen a change. */
async function until(id, query, holds) {
  for (;;) {
    const found = await object(id, query);
    if (holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('the extent and the kinds of geometry follow from points and shapes', async () => {
  const lamps = (await object('lamps')).metas.default;
  assert.deepEqual(lamps.geometry_types, ['Point']);
  assert.deepEqual(lamps.bbox, { type: 'Feature', properties: {}, geometry: { type: 'Polygon',
    coordinates: [[[4.3, 50.8], [4.4736, 50.8], [4.4736, 50.924], [4.3, 50.924], [4.3, 50.8]]] } });
  const zones = (await object('zones')).metas.default;
  assert.deepEqual(zones.geometry_types, ['Polygon', 'MultiPolygon']);
});

test('templates: dcat always, custom with values, applications when asked for, administration never', async () => {
  assert.deepEqual(Object.keys((await object('lamps')).metas), ['dcat', 'default']);
  done(parvis('describe', 'lamps', '--set', 'custom.data-owner=Works', '--set', 'internal.draft=true'));
  const plain = await until('lamps', '', ({ metas }) => metas.custom);
  assert.deepEqual(Object.keys(plain.metas), ['dcat', 'default', 'custom']);
  const { metas } = await object('lamps', '?include_app_metas=true');
  assert.ok('explore' in metas && 'visualization' in metas && !('internal' in metas));
  assert.deepEqual(metas.asset_content_configuration.facets.map((one) => one.name), ['lamp_type', 'installed', 'tags', 'broken']);
});

test('an answer in the language of the dataset and one in a language asked for are told apart', async () => {
  const tag = async (query) => (await server.get(`${API}/lamps${query}`)).headers.get('etag');
  const tags = await Promise.all(['', '?lang=en', '?lang=fr'].map(tag));
  assert.equal(new Set(tags).size, 3, tags.join(' '));
});

test('values and labels by language', async () => {
  const result = done(parvis('describe', 'lamps', '--set-language', 'fr:default.title=Lampadaires',
    '--set-language', 'fr:fields.lamp_id.label=Numéro'));
  assert.match(result.stdout, /languages\.fr\.default\.title: nothing -> "Lampadaires"/);
  const french = await until('lamps', '?lang=fr', ({ metas }) => metas.default.title === 'Lampadaires');
  assert.equal(french.language, 'fr');
  assert.equal(french.fields[0].label, 'Numéro');
  assert.equal(french.metas.default.publisher, 'City Works');
  assert.deepEqual(french.metas.default.metadata_languages, ['en', 'fr']);
  for (const query of ['', '?lang=de', '?lang=en']) {
    const other = await object('lamps', query);
    assert.equal(other.metas.default.title, 'Street lamps');
    assert.equal(other.language, query === '?lang=de' ? 'de' : 'en');
  }
  refused(parvis('describe', 'lamps', '--set-language', 'fr:default.publisher=Ville'), /same in all languages/);
  refused(parvis('describe', 'lamps', '--set-language', 'FRA_NCE:title=x'), /code of a language/);
});

test('headings of exports are labels in the language asked for, else as they stand', async () => {
  done(parvis('describe', 'lamps', '--set-language', 'fr:fields.position.label=Lieu',
    '--set-language', 'fr:fields.lamp_id.description=x', '--set-language', 'nl-be:fields.lamp_id.label=Nummer'));
  await until('lamps', '?lang=nl', ({ fields }) => fields[0].label === 'Nummer');
  const download = async (format, query) => {
    const response = await server.get(`${API}/lamps/exports/${format}?use_labels=true&limit=2&${query}`);
    assert.equal(response.status, 200);
    return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
  };
  const heading = async (query) => String((await download('csv', query)).bytes).slice(1).split('\r\n')[0];
  const select = 'select=lamp_id,power_w,lamp_id as p,position';
  assert.equal(await heading(`${select}&lang=fr`), 'Numéro;power_w;p;Lieu');
  assert.equal(await heading(`${select}&lang=nl`), 'Nummer;power_w;p;position');
  for (const query of [select, `${select}&lang=en`, `${select}&lang=de`]) {
    assert.equal(await heading(query), 'Lamp id;power_w;p;position', query);
  }
  const names = await (await server.get(`${API}/lamps/exports/csv?limit=0&lang=fr&select=lamp_id&with_bom=false`)).text();
  assert.equal(names, 'lamp_id\r\n');

  const tags = await Promise.all(['', '&lang=fr', '&lang=nl'].map(async (lang) =>
    (await download('csv', select + lang)).headers.get('etag')));
  assert.equal(new Set(tags).size, 3);
  assert.equal((await download('csv', `${select}&lang=fr`)).headers.get('content-language'), 'fr');

  const french = `${select}&lang=fr`;
  assert.deepEqual(pythonRows(folder, 'xlsx', (await download('xlsx', french)).bytes)[0].map(([, text]) => text),
    ['Numéro', 'power_w', 'p', 'Lieu']);
  const { rows } = await parquetRows((await download('parquet', french)).bytes);
  assert.deepEqual(Object.keys(rows[0]), ['Numéro', 'power_w', 'p', 'Lieu']);
  for (const [format, name] of [['fgb', 'lamps.fgb'], ['shp', 'lamps.shp.zip']]) {
    const [feature] = gdalFeatures(folder, name, (await download(format, french)).bytes);
    assert.ok('Numéro' in feature.properties && 'power_w' in feature.properties, `${format}: ${JSON.stringify(feature)}`);
  }
});

test('a description says where it is wrong', () => {
  const bad = (value, message) => refused(parvis('describe', 'lamps', '--metadata', file('bad.json', value)), message);
  bad({ default: { titel: 'x' } }, /default\.titel: .*Did you mean title\?/);
  bad({ dcatt: {} }, /dcatt: there is no such template/);
  bad({ default: { keyword: [1] } }, /default\.keyword: \[1\] was given, a list of texts is expected/);
  bad({ default: { records_count: 5 } }, /the program makes this value itself/);
  bad({ dcat: { created: 'yesterday' } }, /dcat\.created: "yesterday" was given, a day or time/);
  bad({ languages: { fr: { default: { license: 'x' } } } }, /languages\.fr\.default\.license/);
  bad({ fields: { lamp_id: { annotations: { facetsort: 'up' } } } }, /fields\.lamp_id: annotation facetsort/);
  bad({ alternative_exports: [{ title: 'x', url: 'javascript:1' }] }, /alternative_exports\[0\]/);
  bad([], /an object of templates is expected/);
});

test('a dataset object is a description, and comes back the same', async () => {
  const before = await object('lamps');
  const path = file('dataset.json', before);
  done(parvis('import', fixture('street-lamps.csv'), '--id', 'again', '--metadata', path));
  while ((await server.get(`${API}/again`)).status === 404) await new Promise((resolve) => setTimeout(resolve, 50));
  const after = await object('again');
  const made = ['data_processed', 'metadata_processed', 'modified', 'metadata_languages'];
  const rest = ({ metas, ...members }) => {
    const values = { ...metas.default };
    for (const name of made) delete values[name];
    return { fields: members.fields, features: members.features, metas: { ...metas, default: values } };
  };
  assert.deepEqual(rest(after), rest(before));
});

test('objects of other portals: unknown names are left out with a note, older spellings understood', async () => {
  const result = done(parvis('describe', 'zones', '--metadata', file('other.json', {
    dataset_id: 'zones', metas: { default: { title: 'Zones', geographic_area: 'x', bbox: null }, odd: { a: 1 } },
    fields: [{ name: 'zone', label: 'Nom', annotations: { facet: [], semantic: ['x'] } }] })));
  assert.match(result.stderr, /left out: default\.geographic_area/);
  assert.match(result.stderr, /left out: odd/);
  assert.match(result.stderr, /left out: unknown annotation 'semantic'/);
  const zones = await until('zones', '', ({ metas }) => metas.default.title === 'Zones');
  assert.deepEqual(zones.fields.find((one) => one.name === 'zone').annotations, { facet: true });
});

test('modified follows data and metadata as the dataset says', async () => {
  done(parvis('describe', 'zones', '--set', 'default.modified=2020-02-03T10:00:00+02:00',
    '--set', 'default.modified_updates_on_data_change=false'));
  await until('zones', '', ({ metas }) => metas.default.modified === '2020-02-03T08:00:00+00:00');
  done(parvis('import', fixture('zones.geojson'), '--id', 'zones'));
  done(parvis('describe', 'zones', '--title', 'Other'));
  await until('zones', '', ({ metas }) => metas.default.title === 'Other' && metas.default.modified === '2020-02-03T08:00:00+00:00');
  done(parvis('describe', 'zones', '--set', 'default.modified_updates_on_metadata_change=true'));
  await until('zones', '', ({ metas }) => metas.default.modified > '2026');
});

test('the documentation lists every value there is, and no other', () => {
  const rows = readFileSync(new URL('../../src/domain/catalog/metadata_template.def', import.meta.url), 'utf8');
  const names = {};
  for (const [, place, name] of rows.matchAll(/^TEMPLATE\((\w+), "([^"]+)"/gm)) names[place] = name;
  const defined = [...rows.matchAll(/^METADATA\((\w+), "([^"]+)", (\w+)/gm)].map(([, place, name, type]) => `${names[place]}.${name} ${type.toLowerCase()}`);
  const text = readFileSync(new URL('../../docs/metadata.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| ([a-z_-]+\.\S+) \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`);
  assert.ok(defined.length > 100);
  assert.deepEqual(documented, defined);
});
