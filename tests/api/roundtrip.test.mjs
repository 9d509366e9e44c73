// Each export is read again by a program that is not ours (Python, openpyxl, GDAL, hyparquet) and must
// give back the same records: of all datasets of the demo, and of one made of what is hard to write.
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { checkCsv, checkParquet, checkSheet, gdalFeatures, parquetRows, plain, pythonRows } from './readers.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const demo = fileURLToPath(new URL('../../demo/load.sh', import.meta.url));
const SAMPLE = 1500;

/* ---- a dataset of what is hard to write; texts of numbers are JSON numbers ---- */

const raw = (text) => ({ number: text });
const texts = ['', ' ', 'plain', 'a;b', 'a,b', 'say "hi"', 'two\nlines', 'cr\r\nlf\rcr', "it's", '\\', '\t',
  '=1+1', '+1', '-1', '@SUM(A1)', 'https://example.org/?a=b&c=d', '<b>&amp;</b>', ']]>', '_x000D_',
  '😀 👩‍👩‍👧', 'שלום עולם', 'مرحبا', 'e\u0301 é', '\u202Eabc', '\u0001\u001f', '\uFFFD\uFFFE\uFFFF',
  'null', 'NaN', 'true', '01', '1e5', '2024-03-09', 'x'.repeat(40000)];
const ints = ['0', '-1', '9007199254740992', '9007199254740993', '-9007199254740993', '9223372036854775807',
  '-9223372036854775808'];
const doubles = ['0.0', '-0.0', '0.1', '0.30000000000000004', '1e308', '1.7976931348623157e308', '5e-324', '-5e-324',
  '2.2250738585072014e-308', '12.0', '123456789.123456', '1e21', '-1e-7'];
const days = ['1970-01-01', '1969-12-31', '1900-02-28', '1900-03-01', '1899-12-31', '1582-10-15', '0001-01-01',
  '9999-12-31', '2024-02-29'];
const instants = ['1970-01-01T00:00:00+00:00', '1969-12-31T23:59:59+00:00', '1900-01-01T00:00:00+00:00',
  '2026-03-29T00:59:59+00:00', '2026-03-29T01:00:00+00:00', '2026-01-01T00:00:00.250+00:00',
  '1899-12-31T23:00:00+00:00', '9999-12-31T12:00:00+00:00'];
const square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]];
const hole = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]];
const otherHole = [[3, 3], [3, 3.5], [3.5, 3.5], [3, 3]];
const shapes = [
  { type: 'Point', coordinates: [4.35, 50.85] },
  { type: 'Point', coordinates: [-180, -90, 12.5] },
  { type: 'LineString', coordinates: [[0, 0], [1e-7, 89.999999]] },
  { type: 'Polygon', coordinates: [square] },
  { type: 'Polygon', coordinates: [square, hole, otherHole] },
  { type: 'MultiPoint', coordinates: [[1, 2], [3, 4]] },
  { type: 'MultiLineString', coordinates: [[[1, 2], [3, 4]], [[5, 6], [7, 8]]] },
  { type: 'MultiPolygon', coordinates: [[square, hole], [[[10, 10], [11, 10], [11, 11], [10, 10]]]] },
  { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [1, 2] },
    { type: 'LineString', coordinates: [[0, 0], [1, 1]] }] },
];
const lists = [[], [''], ['a'], ['a', '', 'b'], ['', ''], ['x"y', 'z\nw', '😀']];
const points = [{ lon: raw('4.35'), lat: raw('50.85') }, { lon: raw('-180.0'), lat: raw('-90.0') },
  { lon: raw('0.0'), lat: raw('1e-7') }];
const documents = [{ a: [1, { b: null }] }, { 'k"ey': 'é\n' }, { n: 1.5 }];
const fields = { n: 'int', text: 'text', whole: 'int', real: 'double', born: 'date', at: 'datetime', ok: 'boolean',
  tags: 'text', lat: 'double', lon: 'double', area: 'geo_shape', document: 'json_blob', place: 'geo_point_2d' };

const pick = (values, i) => (i < values.length ? values[i] : null);
const hard = Array.from({ length: texts.length + 1 }, (_, i) => ({ n: raw(`${i}`), text: pick(texts, i),
  whole: i < ints.length ? raw(ints[i]) : null, real: i < doubles.length ? raw(doubles[i]) : null,
  born: pick(days, i), at: pick(instants, i), ok: pick([true, false], i), tags: pick(lists, i),
  lat: pick(points, i)?.lat ?? null, lon: pick(points, i)?.lon ?? null, area: pick(shapes, i),
  document: pick(documents, i), place: pick(points, i) }));

/** JSON with the numbers as they are written here. */
function write(value) {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if ('number' in value) return value.number;
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(',')}}`;
}

const labelOf = (name) => (name === 'place' ? `it's "the" pläce'; --` : `Label of ${name}`);

function importHard(id, records) {
  const file = join(folder, `${id}.jsonl`);
  const metadata = join(folder, `${id}.json`);
  writeFileSync(file, records.map(({ place, ...row }) => `${write(row)}\n`).join(''));
  writeFileSync(metadata, JSON.stringify({ fields: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name,
    { type, label: labelOf(name), annotations: name === 'tags' ? { multivalued: ',' } : {} }])) }));
  const { status, stderr } = run(['import', file, '--id', id, '--data', data, '--metadata', metadata,
    '--geo-point', 'place=lat,lon']);
  assert.equal(status, 0, stderr);
}

importHard('hard', hard);
execFileSync('bash', [demo, binary, data], { stdio: ['ignore', 'ignore', 'inherit'] });
const server = await serve(data, ['--access-log', 'off']);

/* ---- reading ---- */

async function bytesOf(path, parameters = {}) {
  const response = await server.get(`${path}?${new URLSearchParams(parameters)}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, bytes.toString());
  return bytes;
}

const fetchExport = (id, format, parameters) => bytesOf(`${API}/${id}/exports/${format}`, parameters);

async function fieldsOf(id) {
  return JSON.parse(await bytesOf(`${API}/${id}`)).fields;
}

function eachValue(records, shown, check) {
  assert.equal(shown.length, records.length);
  records.forEach((record, i) => Object.entries(record).forEach(([name, value]) => check(shown[i], name, value, i)));
}

/** Compares all formats with the records of the jsonl export under the same parameters. */
async function checkFormats(id, schema, parameters) {
  const field = new Map(schema.map((one) => [one.name, one]));
  const truth = pythonRows(folder, 'jsonl', await fetchExport(id, 'jsonl', parameters));
  const names = schema.map(({ name }) => name);
  const where = (format, name, i) => `${id}, ${format}, record ${i}, ${name}`;
  truth.forEach((record) => assert.deepEqual(Object.keys(record), names));

  assert.deepEqual(pythonRows(folder, 'json', await fetchExport(id, 'json', parameters)), truth);

  const csv = pythonRows(folder, 'csv', await fetchExport(id, 'csv', { ...parameters, with_bom: false }));
  assert.deepEqual(csv.shift(), names);
  eachValue(truth, csv, (row, name, value, i) =>
    checkCsv(row[names.indexOf(name)], value, field.get(name), where('csv', name, i)));

  const sheet = pythonRows(folder, 'xlsx', await fetchExport(id, 'xlsx', parameters));
  assert.deepEqual(sheet.shift(), names.map((name) => ['text', name]));
  eachValue(truth, sheet, (row, name, value, i) => {
    const cut = typeof value === 'string' && value.length > 32767 ? `${value.slice(0, 32766)}…` : value;
    checkSheet(row[names.indexOf(name)], cut, field.get(name), 0, where('xlsx', name, i));
  });

  await checkGeojson(id, schema, truth, await fetchExport(id, 'geojson', parameters));

  const parquet = await parquetRows(await fetchExport(id, 'parquet', parameters));
  checkGeoMetadata(schema, parquet.geo);
  eachValue(truth, parquet.rows, (row, name, value, i) =>
    checkParquet(row[name], value, field.get(name), where('parquet', name, i)));
  return truth;
}

const geometryField = (schema) => schema.find(({ type }) => type === 'geo_shape')
  ?? schema.find(({ type }) => type === 'geo_point_2d');

function geometryOf(record, field) {
  const value = field ? record[field.name] : null;
  if (!value) return null;
  return field.type === 'geo_shape' ? plain(value.geometry)
    : { type: 'Point', coordinates: [plain(value.lon), plain(value.lat)] };
}

async function checkGeojson(id, schema, truth, bytes) {
  const field = geometryField(schema);
  const features = pythonRows(folder, 'geojson', bytes);
  assert.equal(features.length, truth.length);
  features.forEach(({ geometry, properties }, i) => {
    const { [field?.name]: _, ...rest } = truth[i];
    assert.deepEqual(properties, rest, `${id}, geojson, record ${i}`);
    assert.deepEqual(plain(geometry), geometryOf(truth[i], field), `${id}, geojson, record ${i}`);
  });
  if (!field || truth.length === 0) return;
  const seen = gdalFeatures(folder, 'gdal.geojson', bytes);
  assert.equal(seen.length, truth.length);
  seen.forEach(({ geometry }, i) => checkNear(geometry, geometryOf(truth[i], field), `${id}, GDAL, record ${i}`));
}

/** The same but for the last digits of numbers: GDAL writes 15 decimals. */
function checkNear(actual, expected, where) {
  if (typeof expected === 'number') {
    assert.ok(Math.abs(actual - expected) < 1e-12, `${where}: ${actual} instead of ${expected}`);
  } else if (expected !== null && typeof expected === 'object') {
    assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort(), where);
    for (const key of Object.keys(expected)) checkNear(actual[key], expected[key], where);
  } else {
    assert.equal(actual, expected, where);
  }
}

function checkGeoMetadata(schema, geo) {
  const geometries = schema.filter(({ type }) => type.startsWith('geo_'));
  if (geometries.length === 0) {
    assert.equal(geo, undefined);
    return;
  }
  assert.equal(geo.version, '1.1.0');
  assert.equal(geo.primary_column, geometryField(schema).name);
  assert.deepEqual(Object.keys(geo.columns).sort(), geometries.map(({ name }) => name).sort());
  for (const column of Object.values(geo.columns)) {
    assert.equal(column.encoding, 'WKB');
    assert.ok(Array.isArray(column.geometry_types));
  }
}

/* ---- tests ---- */

test('what is hard to write comes back as it was imported', async () => {
  const schema = await fieldsOf('hard');
  assert.deepEqual(schema.map(({ name, type }) => [name, type]).sort(), Object.entries(fields).sort());
  const truth = await checkFormats('hard', schema, {});
  assert.equal(truth.length, hard.length);
  truth.forEach((record, i) => {
    for (const [name, value] of Object.entries(hard[i])) {
      const where = `record ${i}, ${name}`;
      if (name === 'text' && value === '') assert.equal(record.text, null, where); // as it is imported
      else if (name === 'whole' && value) assert.equal(record.whole.number, value.number, where);
      else if (name === 'real' && value) assert.ok(Object.is(Number(record.real.number), Number(value.number) + 0), where); // -0 is 0
      else if (name === 'at' && value) assert.equal(Date.parse(record.at), Date.parse(value), where);
      else if (name === 'area' && value) assert.deepEqual(plain(record.area.geometry), value, where);
      else assert.deepEqual(plain(record[name]), plain(value), where);
    }
  });
});

test('every dataset of the demo', async (t) => {
  const { results } = JSON.parse(await bytesOf(API, { limit: 100, select: 'dataset_id' }));
  const ids = results.map(({ dataset_id: id }) => id).filter((id) => id !== 'hard');
  const loaded = /<<'LIST'\n(.*)\nLIST/s.exec(readFileSync(demo, 'utf8'))[1].split('\n').map((line) => line.split(' ')[0]);
  assert.deepEqual(ids.sort(), loaded.sort());
  for (const id of ids) {
    await t.test(id, async () => {
      const { total_count: count } = JSON.parse(await bytesOf(`${API}/${id}/records`, { limit: 0 }));
      const offset = Math.max(0, Math.floor((count - SAMPLE) / 2));
      const truth = await checkFormats(id, await fieldsOf(id), { limit: SAMPLE, offset });
      assert.equal(truth.length, Math.min(count, SAMPLE));
    });
  }
});

test('no records at all', async () => {
  const none = { where: 'n < 0' };
  const names = Object.keys(fields);
  const schema = await fieldsOf('hard');
  await checkFormats('hard', schema, none);
  const { rows, geo, metadata } = await parquetRows(await fetchExport('hard', 'parquet', none));
  assert.deepEqual(rows, []);
  assert.ok(geo);
  assert.deepEqual(metadata.schema.filter(({ name }) => names.includes(name)).map(({ name }) => name),
    schema.map(({ name }) => name));
});

test('compressed files hold the same bytes', async () => {
  for (const format of ['csv', 'json', 'jsonl', 'geojson', 'parquet']) {
    const [plainBytes, packed] = await Promise.all([fetchExport('hard', format),
      fetchExport('hard', format, { compressed: true })]);
    assert.deepEqual(gunzipSync(packed), plainBytes, format);
  }
  const packed = gunzipSync(await fetchExport('hard', 'xlsx', { compressed: true }));
  assert.equal(pythonRows(folder, 'xlsx', packed).length, hard.length + 1);
});

test('aliases, groups, labels and time zones', async () => {
  const grouped = { group_by: 'ok', select: 'count(*) as how_many, min(born) as earliest', order_by: 'ok' };
  const truth = pythonRows(folder, 'jsonl', await fetchExport('hard', 'jsonl', grouped));
  assert.equal(truth.length, 3);
  const names = Object.keys(truth[0]);
  const csv = pythonRows(folder, 'csv', await fetchExport('hard', 'csv', { ...grouped, with_bom: false }));
  assert.deepEqual(csv, [names, ...truth.map(({ ok, how_many: count, earliest }) => [
    ok === null ? '' : ok ? 'True' : 'False', count.number, earliest ?? ''])]);
  const sheet = pythonRows(folder, 'xlsx', await fetchExport('hard', 'xlsx', grouped));
  assert.deepEqual(sheet[0], names.map((name) => ['text', name]));
  assert.deepEqual(sheet.slice(1).map((row) => row[1]), truth.map((row) => ['number', row.how_many.number]));
  const parquet = await parquetRows(await fetchExport('hard', 'parquet', grouped));
  assert.deepEqual(parquet.rows.map((row) => [row.ok ?? null, row.how_many]),
    truth.map((row) => [row.ok, BigInt(row.how_many.number)]));

  const labelled = { use_labels: true, select: 'text,n as my_number,at', where: 'at is not null', with_bom: false,
    timezone: 'Europe/Brussels', order_by: 'n' };
  const headings = ['Label of text', 'my_number', 'Label of at'];
  const rows = pythonRows(folder, 'csv', await fetchExport('hard', 'csv', labelled));
  assert.deepEqual(rows[0], headings);
  assert.equal(rows[4][2], '2026-03-29T01:59:59+01:00');
  assert.equal(rows[5][2], '2026-03-29T03:00:00+02:00');
  const zoned = pythonRows(folder, 'xlsx', await fetchExport('hard', 'xlsx', labelled));
  assert.deepEqual(zoned[0], headings.map((heading) => ['text', heading]));
  assert.deepEqual(zoned[4][2], ['time', '2026-03-29T01:59:59']);
  assert.deepEqual(zoned[5][2], ['time', '2026-03-29T03:00:00']);
  const columns = await parquetRows(await fetchExport('hard', 'parquet', labelled));
  assert.deepEqual(Object.keys(columns.rows[0]), headings);
});

/** Coordinates of a geometry in a row. */
const numbersOf = (geometry) => JSON.stringify(geometry.coordinates ?? geometry.geometries)
  .match(/-?[0-9.]+(e[-+]?[0-9]+)?/g).map(Number);

test('GeoJSON in other reference systems, as GDAL projects it', async () => {
  const cases = [['cities', 2154, { where: 'country = "FR"' }], ['airports', 3857, { where: 'state = "CA"' }], ['hard', 32631, { where: 'n > 1' }]];
  for (const [id, epsg, filter] of cases) {
    const schema = await fieldsOf(id);
    const parameters = { ...filter, limit: 200, select: geometryField(schema)?.name ?? '*' };
    const degrees = await fetchExport(id, 'geojson', parameters);
    const projected = await fetchExport(id, 'geojson', { ...parameters, epsg });
    const shown = JSON.parse(projected);
    assert.deepEqual(shown.crs, { type: 'name', properties: { name: `urn:ogc:def:crs:EPSG::${epsg}` } });
    assert.equal(JSON.parse(degrees).crs, undefined);
    const expected = gdalFeatures(folder, 'degrees.geojson', degrees, epsg);
    assert.equal(shown.features.length, expected.length);
    shown.features.forEach(({ geometry }, i) => {
      assert.equal(geometry === null, expected[i].geometry === null);
      if (!geometry) return;
      const wanted = numbersOf(expected[i].geometry);
      numbersOf(geometry).forEach((number, at) => assert.ok(Math.abs(number - wanted[at]) < 1e-4,
        `${id}, ${epsg}, feature ${i}: ${number}, ${wanted[at]}`));
    });
  }
});

test('a reference system that does not fit is refused before anything is sent', async () => {
  const refusal = async (id, format, parameters) => {
    const response = await server.get(`${API}/${id}/exports/${format}?${new URLSearchParams(parameters)}`);
    const body = await response.json();
    assert.equal(response.status, 400, JSON.stringify(body));
    return body.message;
  };
  assert.match(await refusal('airports', 'geojson', { epsg: 999998 }), /epsg/);
  assert.match(await refusal('airports', 'geojson', { epsg: 'wgs84' }), /epsg/);
  assert.match(await refusal('airports', 'parquet', { epsg: 2154 }), /epsg.*parquet is in WGS 84/);
  assert.match(await refusal('hard', 'geojson', { epsg: 2154, where: 'n = 1' }), /reference system/); // the South Pole
});

test('columns of Parquet files are told apart, whatever their names', async () => {
  const { rows: [row] } = await parquetRows(await fetchExport('hard', 'parquet', { select: 'n as a, whole as A', limit: 1 }));
  assert.deepEqual(Object.keys(row), ['a', 'A (2)']);
  const { rows, geo } = await parquetRows(await fetchExport('hard', 'parquet',
    { select: 'place,area,n', use_labels: true, limit: 1 }));
  assert.deepEqual(Object.keys(rows[0]), ['place', 'area', 'n'].map(labelOf));
  assert.equal(geo.primary_column, labelOf('area'));
  assert.deepEqual(Object.keys(geo.columns), ['place', 'area'].map(labelOf));
});

test('lists may be joined by any separator', async () => {
  const options = { select: 'tags', list_separator: ' | ', with_bom: false, where: 'n = 3' };
  assert.deepEqual(pythonRows(folder, 'csv', await fetchExport('hard', 'csv', options)), [['tags'], ['a |  | b']]);
  assert.deepEqual(pythonRows(folder, 'xlsx', await fetchExport('hard', 'xlsx', options))[1], [['text', 'a |  | b']]);
});

test('an imported Parquet export is the dataset again', async () => {
  for (const compression of ['snappy', 'zstd']) {
    const file = join(folder, `again-${compression}.parquet`);
    writeFileSync(file, await fetchExport('hard', 'parquet', { parquet_compression: compression }));
    const id = `again-${compression}`;
    const { status, stderr } = run(['import', file, '--id', id, '--data', data]);
    assert.equal(status, 0, stderr);
    const [first, second] = [id, 'hard'].map((one) => run(['export', one, '--data', data, '--format', 'jsonl',
      '--select', 'n,text,whole,real,born,at,ok,tags,lat,lon,area,place'], { maxBuffer: 1 << 28 }).stdout);
    assert.equal(first.split('\n').length, hard.length + 1);
    assert.equal(first, second);
  }
});
