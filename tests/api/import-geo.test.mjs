// Files of maps: what import makes of them, against GDAL's own programs. PARVIS_BINARY names the program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary } from './store.mjs';
import { crc32Of, zipOf } from './zip.mjs';

const vega = fileURLToPath(new URL('../../node_modules/vega-datasets/data/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'parvis-import-geo-'));
const data = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

const at = (name) => join(folder, name);

function run(program, ...words) {
  const done = spawnSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, `${program} ${words.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function convert(driver, target, source, ...options) {
  run('ogr2ogr', '-q', '-f', driver, at(target), source, ...options);
  return at(target);
}

function parvis(...words) {
  return spawnSync(binary, [...words, '--data', data], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

let made = 0;
function publish(path, ...options) {
  const id = `geo${++made}`;
  const done = parvis('import', path, '--id', id, ...options);
  assert.equal(done.status, 0, done.stderr);
  const fields = JSON.parse(parvis('describe', id).stdout).fields;
  const records = JSON.parse(parvis('export', id, '--format', 'json').stdout);
  return { id, types: Object.fromEntries(fields.map((f) => [f.name, f.type])), records };
}

function refuse(path, pattern, ...options) {
  const done = parvis('import', path, '--id', 'refused', ...options);
  assert.notEqual(done.status, 0, `${path} was imported`);
  assert.match(done.stderr, pattern);
  assert.deepEqual(readdirSync(join(data, 'spool')), [], 'the spool is empty');
}

const near = (found, wanted, tolerance = 1e-7) =>
  assert.ok(Math.abs(found - wanted) < tolerance, `${found} is not ${wanted}`);

const places = [
  { nom: 'Sète, l’été', code: '01', n: 3, r: 1.5, day: '1969-05-06', at: '2020-01-02T10:00:00+02:00', lon: 3.6967, lat: 43.4028 },
  { nom: 'Noël', code: '02', n: -4, r: 0.1, day: '2024-02-29', at: '1960-07-01T00:00:00Z', lon: 2.3522, lat: 48.8566 },
  { nom: null, code: '2A004', n: null, r: null, day: null, at: null, lon: 8.7386, lat: 41.9192 },
];
const source = at('places.geojson');
writeFileSync(source, JSON.stringify({
  type: 'FeatureCollection',
  features: places.map(({ lon, lat, ...properties }) =>
    ({ type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lon, lat] } })),
}));
const noFile = at('nothing.csv');
writeFileSync(noFile, 'a\n1\n');
publish(noFile);

function samePlaces(records, { points = true } = {}) {
  assert.equal(records.length, places.length);
  records.forEach((record, i) => {
    const place = places[i];
    for (const name of ['code', 'n', 'r', 'nom']) {
      assert.equal(record[name], name === 'nom' ? place.nom : place[name], `${name} of ${i}`);
    }
    if (points) {
      near(record.geo_point_2d.lon, place.lon);
      near(record.geo_point_2d.lat, place.lat);
    }
  });
}

test('GeoPackage in Lambert 93: types, zones, places', () => {
  const file = convert('GPKG', 'a.gpkg', source, '-t_srs', 'EPSG:2154');
  const { types, records } = publish(file);
  assert.deepEqual(types, { nom: 'text', code: 'text', n: 'int', r: 'double', day: 'date',
    at: 'datetime', geo_point_2d: 'geo_point_2d' });
  samePlaces(records);
  assert.deepEqual(records.map((r) => r.day), places.map((p) => p.day));
  assert.deepEqual(records.map((r) => r.at && Date.parse(r.at)), places.map((p) => p.at && Date.parse(p.at)));
});

test('coordinates of Lambert 93 that are published: the origin of the projection', () => {
  // EPSG:2154 is defined so that 3 east, 46.5 north lies at 700000, 6600000.
  const file = at('origin.csv');
  writeFileSync(file, 'name,wkt\norigin,POINT (700000 6600000)\n');
  const { records } = publish(convert('GPKG', 'origin.gpkg', file, '-a_srs', 'EPSG:2154',
    '-oo', 'GEOM_POSSIBLE_NAMES=wkt', '-oo', 'KEEP_GEOM_COLUMNS=NO'));
  near(records[0].geo_point_2d.lon, 3, 1e-9);
  near(records[0].geo_point_2d.lat, 46.5, 1e-9);
});

for (const encoding of ['UTF-8', 'ISO-8859-1', 'CP1252']) {
  test(`a shapefile in ${encoding}, alone and in an archive`, () => {
    const name = `shape-${encoding}`;
    mkdirSync(at(name));
    // ’ is not in ISO-8859-1
    const input = at(`${name}.geojson`);
    writeFileSync(input, readFileSync(source, 'utf8').replaceAll('’', "'"));
    run('ogr2ogr', '-q', '-f', 'ESRI Shapefile', at(`${name}/places.shp`), input, '-t_srs', 'EPSG:2154',
      '-lco', `ENCODING=${encoding}`);
    const files = readdirSync(at(name));
    writeFileSync(at(`${name}.zip`),
      zipOf(files.map((f) => ({ name: `sub/${f}`, content: readFileSync(at(`${name}/${f}`)) }))));
    for (const path of [at(`${name}/places.shp`), at(`${name}.zip`)]) {
      const { records, types } = publish(path);
      assert.equal(records[0].nom, "Sète, l'été");
      assert.equal(types.code, 'text');
      assert.deepEqual(records.map((r) => r.code), ['01', '02', '2A004']);
      near(records[1].geo_point_2d.lat, 48.8566);
    }
  });
}

test('a shapefile without .prj needs --source-epsg', () => {
  mkdirSync(at('bare'));
  run('ogr2ogr', '-q', '-f', 'ESRI Shapefile', at('bare/places.shp'), source, '-t_srs', 'EPSG:2154');
  rmSync(at('bare/places.prj'));
  refuse(at('bare/places.shp'), /does not say the reference system.*--source-epsg 2154/);
  refuse(at('bare/places.shp'), /--source-epsg: 999999 was given/, '--source-epsg', '999999');
  near(publish(at('bare/places.shp'), '--source-epsg', '2154').records[0].geo_point_2d.lon, 3.6967);
});

test('KML and KMZ, FlatGeobuf, GPX', () => {
  const plain = at('plain.geojson');
  run('ogr2ogr', '-q', '-f', 'GeoJSON', plain, source, '-select', 'nom,code,n,r');
  samePlaces(publish(convert('LIBKML', 'a.kml', plain)).records);
  samePlaces(publish(convert('LIBKML', 'a.kmz', plain)).records);
  const { records } = publish(convert('FlatGeobuf', 'a.fgb', plain, '-lco', 'SPATIAL_INDEX=NO', '-t_srs', 'EPSG:3857'));
  samePlaces(records);
  const gpx = publish(convert('GPX', 'a.gpx', plain, '-dsco', 'GPX_USE_EXTENSIONS=YES'));
  assert.equal(gpx.records.length, 3);
  near(gpx.records[2].geo_point_2d.lon, 8.7386);
});

test('real shapes: as many records, and the same coordinates, as GDAL says', () => {
  for (const [name, layer] of [['londonBoroughs.json'], ['world-110m.json', 'countries']]) {
    const { records } = publish(join(vega, name), ...(layer ? ['--layer', layer] : []));
    const geojson = JSON.parse(run('ogr2ogr', '-q', '-f', 'GeoJSON', '-lco', 'COORDINATE_PRECISION=15',
      '/vsistdout/', join(vega, name), ...(layer ? [layer] : [])));
    assert.equal(records.length, geojson.features.length);
    records.forEach((record, i) => {
      const wanted = geojson.features[i].geometry;
      assert.equal(record.geo_shape.geometry.type, wanted.type);
      const [a, b] = [record.geo_shape.geometry, wanted].map((g) => g.coordinates.flat(5));
      assert.equal(a.length, b.length);
      a.forEach((x, k) => near(x, b[k], 1e-9));
    });
  }
});

test('several layers: named with their records, chosen by name', () => {
  const file = convert('GPKG', 'two.gpkg', source, '-nln', 'first');
  run('ogr2ogr', '-q', '-f', 'GPKG', '-update', file, source, '-nln', 'second', '-where', 'n > 0');
  refuse(file, /several layers.*first \(3\), second \(1\).*--layer NAME/);
  refuse(file, /--layer: there is none of that name.*first \(3\), second \(1\)/, '--layer', 'third');
  assert.equal(publish(file, '--layer', 'second').records.length, 1);
});

test('--type, --append and --on-error as for any file', () => {
  const file = convert('GPKG', 'b.gpkg', source);
  assert.equal(publish(file, '--type', 'n=text').types.n, 'text');
  refuse(file, /b\.gpkg, record 1, column 'code'.*int is expected/, '--type', 'code=int');
  const { id, records } = publish(file, '--type', 'code=text');
  assert.equal(records.length, 3);
  assert.equal(parvis('import', file, '--id', id, '--append').status, 0);
  assert.equal(JSON.parse(parvis('export', id, '--format', 'json').stdout).length, 6);
});

test('GeoJSON with a foreign crs is projected; --format geojson takes it as it is', () => {
  const file = at('l93.geojson');
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection',
    crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::2154' } },
    features: [{ type: 'Feature', properties: { a: '01' }, geometry: { type: 'Point', coordinates: [700000, 6600000] } }] }));
  const { records } = publish(file);
  assert.equal(records[0].a, '01');
  near(records[0].geo_point_2d.lon, 3, 1e-9);
  near(records[0].geo_point_2d.lat, 46.5, 1e-9);
  assert.deepEqual(publish(file, '--format', 'geojson').records[0].geo_shape.geometry.coordinates, [700000, 6600000]);
});

test('a height is kept', () => {
  const file = at('heights.geojson');
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features: [
    { type: 'Feature', properties: { a: 1 }, geometry: { type: 'Point', coordinates: [1, 2, 30] } }] }));
  const { types, records } = publish(convert('GPKG', 'heights.gpkg', file));
  assert.equal(types.geo_shape, 'geo_shape');
  assert.deepEqual(records[0].geo_shape.geometry.coordinates, [1, 2, 30]);
});

test('GeoParquet: the geometries come back as they were', () => {
  for (const file of [source, join(vega, 'londonBoroughs.json')]) {
    const first = publish(file);
    const done = spawnSync(binary, ['export', first.id, '--format', 'parquet', '--data', data]);
    writeFileSync(at('back.parquet'), done.stdout);
    const second = publish(at('back.parquet'));
    assert.deepEqual(second.types, first.types);
    assert.deepEqual(second.records, first.records);
  }
});

test('standard input and gzip, recognised by content', () => {
  const file = convert('GPKG', 'c.gpkg', source);
  const done = spawnSync(binary, ['import', '-', '--id', 'piped', '--data', data],
    { input: readFileSync(file), encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  run('gzip', '-k', file);
  copyFileSync(`${file}.gz`, at('odd-name.dat'));
  samePlaces(publish(at('odd-name.dat')).records);
});

// ---- what must be refused ----

test('archives: other content, names that lead out (not seen at all), too many entries, bombs, cut off', () => {
  const write = (name, entries) => { writeFileSync(at(name), zipOf(entries)); return at(name); };
  refuse(write('other.zip', [{ name: 'a.pdf', content: Buffer.from('%PDF-1.4') }]), /neither a shapefile \(\.shp\) nor KML/);
  refuse(write('out.zip', [{ name: '../../a.shp', content: Buffer.from('x') }]), /neither a shapefile \(\.shp\) nor KML/);
  refuse(write('many.zip', Array.from({ length: 10001 },
    (_, i) => ({ name: `${i}.shp`, content: Buffer.alloc(0) }))), /more than 10000 entries/);
  refuse(write('bomb.kmz', [{ name: 'doc.kml', content: Buffer.from('<kml/>'), claims: 3000000000 },
    { name: 'b.kml', content: Buffer.from('<kml/>'), claims: 3000000000 }]), /more than 4096 MB unpacked/);
  const whole = readFileSync(write('cut.zip', [{ name: 'a.shp', content: Buffer.alloc(1000, 7) }]));
  writeFileSync(at('cut.zip'), whole.subarray(0, whole.length - 40));
  refuse(at('cut.zip'), /damaged, cut off or encrypted/);
});

test('KML with entities is refused, plain and in an archive', () => {
  const hostile = '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    + '<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>&b;</name></Placemark></kml>';
  writeFileSync(at('hostile.kml'), hostile);
  refuse(at('hostile.kml'), /declares a document type or entities/);
  writeFileSync(at('hostile.kmz'), zipOf([{ name: 'doc.kml', content: Buffer.from(hostile) }]));
  refuse(at('hostile.kmz'), /declares a document type or entities/);
});

test('a GeoPackage whose layers or tables of its own are views is refused', () => {
  const script = `import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
endless = 'with recursive r(fid) as (select 1 union all select fid + 1 from r) select fid, null as geom from r where fid < 0'
if sys.argv[2] == 'layer':
    c.execute('create view v as ' + endless)
    c.execute("insert into gpkg_contents(table_name, data_type, identifier, srs_id) values('v', 'features', 'v', 4326)")
    c.execute("insert into gpkg_geometry_columns values('v', 'geom', 'POINT', 4326, 0, 0)")
else:
    c.execute('alter table gpkg_contents rename to old')
    c.execute('create view gpkg_contents as select o.* from old o, (' + endless + ')')
c.commit()`;
  for (const kind of ['layer', 'table']) {
    const file = convert('GPKG', `view-${kind}.gpkg`, source);
    run('python3', '-c', script, file, kind);
    refuse(file, /is a view, which is not read/);
  }
});

test('a database that is no GeoPackage', () => {
  run('python3', '-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("create table t(a)"); c.commit()', at('other.db'));
  refuse(at('other.db'), /cannot be read as GPKG/);
});

test('damaged files name file and place', () => {
  const gpkg = readFileSync(convert('GPKG', 'd.gpkg', source));
  writeFileSync(at('short.gpkg'), gpkg.subarray(0, 5000));
  refuse(at('short.gpkg'), /short\.gpkg: .*(cannot be read as GPKG|no records)/);
  const fgb = readFileSync(convert('FlatGeobuf', 'd.fgb', source, '-lco', 'SPATIAL_INDEX=NO'));
  writeFileSync(at('short.fgb'), fgb.subarray(0, fgb.length - 60));
  refuse(at('short.fgb'), /short\.fgb.*(damaged|cannot be read)/);
  writeFileSync(at('empty.kml'), '<kml xmlns="http://www.opengis.net/kml/2.2"><Document></Document></kml>');
  refuse(at('empty.kml'), /no records|cannot be read/);
});

test('formats that are held in memory are bounded', () => {
  writeFileSync(at('large.topojson'), '{"type":"Topology","objects":{},"arcs":[]}');
  truncateSync(at('large.topojson'), (256 << 20) + 1); // the rest is a hole
  refuse(at('large.topojson'), /large\.topojson: a file of this format may have at most 256 MB; convert it/, '--format', 'topojson');
});

test('crc32Of is that of the standard', () => {
  assert.equal(crc32Of(Buffer.from('123456789')), 0xcbf43926);
});
