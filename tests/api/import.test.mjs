// The command line: what import makes of real and of awkward files. PARVIS_BINARY names the program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const binary = process.env.PARVIS_BINARY
  ?? fileURLToPath(new URL('../../build/dev/parvis', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'parvis-import-'));
const data = join(folder, 'data');
after(() => rmSync(folder, { recursive: true, force: true }));

function parvis(...words) {
  return spawnSync(binary, [...words, '--data', data],
    { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function write(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Imports and returns the schema as {field: type} and the records. */
function publish(name, content, ...options) {
  const id = name.replace(/[^a-z0-9]/g, '-');
  const done = parvis('import', write(name, content), '--id', id, ...options);
  assert.equal(done.status, 0, done.stderr);
  const fields = JSON.parse(parvis('describe', id).stdout).fields;
  const records = JSON.parse(parvis('export', id, '--format', 'json').stdout);
  return { id, fields, types: Object.fromEntries(fields.map((f) => [f.name, f.type])), records };
}

test('semicolons, a byte order mark and decimal commas', () => {
  const { types, records } = publish('a.csv', '\ufeffnom;prix\nPomme;1,50\nPoire;-2,25\n');
  assert.deepEqual(types, { nom: 'text', prix: 'double' });
  assert.deepEqual(records, [{ nom: 'Pomme', prix: 1.5 }, { nom: 'Poire', prix: -2.25 }]);
});

test('Windows-1252 and UTF-16', () => {
  const latin = Buffer.from('ville;caf\xe9\nS\xe8te;1\nOrl\xe9ans;2\n', 'latin1');
  const first = publish('latin.csv', latin);
  assert.deepEqual(first.records[0], { ville: 'Sète', cafe: 1 });
  assert.equal(first.fields[1].label, 'café');
  const wide = publish('wide.csv', Buffer.from('\ufeffville,n\nSète,1\n', 'utf16le'));
  assert.deepEqual(wide.records, [{ ville: 'Sète', n: 1 }]);
});

test('codes keep their zeros, also when they come late', () => {
  const { types } = publish('codes.csv', 'insee,dep,n\n01001,01,1\n2A004,2A,2\n');
  assert.deepEqual(types, { insee: 'text', dep: 'text', n: 'int' });
  const rows = Array.from({ length: 30000 }, (_, i) => `${i + 1},${i + 1}`);
  rows.push('007,30001');
  const late = publish('late.csv', `code,n\n${rows.join('\n')}\n`);
  assert.deepEqual(late.types, { code: 'text', n: 'int' });
  assert.equal(late.records.length, 30001);
  assert.deepEqual(late.records[30000], { code: '007', n: 30001 });
  assert.deepEqual(late.records[0], { code: '1', n: 1 });
});

test('numbers that a type cannot hold stay text', () => {
  const { types } = publish('big.csv',
    'a,b,c\n12345678901234567890,1.5,+33\n1,12345678901234567,+44\n');
  assert.deepEqual(types, { a: 'text', b: 'text', c: 'text' });
});

test('dates, datetimes and booleans', () => {
  const { types, records } = publish('dates.csv',
    'd,f,t,b\n2026-01-31,31/01/2026,2026-01-31T10:00:00+02:00,true\n2026-02-01,01/02/2026,2026-02-01,False\n');
  assert.deepEqual(types, { d: 'date', f: 'date', t: 'datetime', b: 'boolean' });
  assert.deepEqual(records[0], { d: '2026-01-31', f: '2026-01-31', t: '2026-01-31T08:00:00+00:00', b: true });
});

test('quoted newlines and short rows', () => {
  const { records } = publish('quoted.csv', 'a,b,c\n"one\ntwo",2,x\nthree,4\n');
  assert.deepEqual(records, [{ a: 'one\ntwo', b: 2, c: 'x' }, { a: 'three', b: 4, c: null }]);
});

test('quoted newlines and short rows far into a large file', () => {
  const rows = Array.from({ length: 120000 }, (_, i) => (i % 1000 === 999 ? `"${i}\nx",${i}` : `a${i},${i},z`));
  const { records } = publish('large.csv', `a,b,c\n${rows.join('\n')}\n`);
  assert.equal(records.length, 120000);
  assert.deepEqual(records[99999], { a: '99999\nx', b: 99999, c: null });
  assert.deepEqual(records[119998], { a: 'a119998', b: 119998, c: 'z' });
});

test('a row with more cells than the header is never dropped in silence', () => {
  const file = write('wide-row.csv', 'a,b\n1,2\n3,4,5\n6,7\n');
  for (const mode of ['abort', 'skip']) {
    const done = parvis('import', file, '--id', 'wide-row', '--on-error', mode);
    if (done.status === 0) {
      const records = JSON.parse(parvis('export', 'wide-row', '--format', 'json').stdout);
      assert.equal(records.length, 3, 'all rows were kept');
      assert.match(JSON.stringify(records[1]), /5/, 'and all cells');
    } else {
      assert.equal(done.status, 3, done.stderr);
      assert.match(done.stderr, /the CSV file cannot be read/);
    }
  }
});

test('a header alone is a dataset without records; an empty file is refused', () => {
  const { records } = publish('header.csv', 'a,b\n');
  assert.deepEqual(records, []);
  const empty = parvis('import', write('empty.csv', ''), '--id', 'empty');
  assert.equal(empty.status, 3);
  assert.match(empty.stderr, /empty/);
});

test('labels that collide get names of their own', () => {
  const { fields } = publish('names.csv', 'Nom de rue,nom_de_rue,Année,1er\na,b,c,d\n');
  assert.deepEqual(fields.map((f) => f.name), ['nom_de_rue', 'nom_de_rue_2', 'annee', '1er']);
});

test('a bad row aborts and names itself, or is left out and kept aside', () => {
  const file = write('bad.csv', 'id,n\na,1\nb,two\nc,3\n');
  const aborted = parvis('import', file, '--id', 'bad', '--type', 'n=int');
  assert.equal(aborted.status, 3);
  assert.match(aborted.stderr, /record 2, column 'n': 'two' was found, int is expected/);
  assert.equal(parvis('describe', 'bad').status, 4, 'nothing was published');
  const skipped = parvis('import', file, '--id', 'bad', '--type', 'n=int', '--on-error', 'skip');
  assert.equal(skipped.status, 0, skipped.stderr);
  assert.match(skipped.stdout, /1 rows were left out/);
  const rejects = /they are in (.*)/.exec(skipped.stdout)[1].trim();
  assert.match(readFileSync(rejects, 'utf8'), /two/);
  assert.deepEqual(JSON.parse(parvis('export', 'bad', '--format', 'json').stdout).map((r) => r.n), [1, 3]);
});

test('a key that first appears late in a JSON file is a field', () => {
  const rows = Array.from({ length: 21001 }, (_, i) => (i === 21000 ? { n: i, late: '01' } : { n: i }));
  const { types, records } = publish('late.json', JSON.stringify(rows));
  assert.deepEqual(types, { n: 'int', late: 'text' });
  assert.deepEqual(records[21000], { n: 21000, late: '01' });
});

test('JSON Lines with lists, nested values and mixed types', () => {
  const { types, records } = publish('mixed.jsonl',
    '{"a": ["x", "y"], "b": {"k": 1}, "c": 1, "d": "12", "e": null}\n{"a": ["z"], "b": [1, {"k": 2}], "c": "x"}\n');
  assert.deepEqual(types, { a: 'text', b: 'json_blob', c: 'text', d: 'text', e: 'text' });
  assert.deepEqual(records[0].a, ['x', 'y']);
});

test('GeoJSON points and shapes', () => {
  const points = publish('points.geojson', JSON.stringify({ type: 'FeatureCollection', features: [
    { type: 'Feature', properties: { name: 'A' }, geometry: { type: 'Point', coordinates: [4.35, 50.85] } },
    { type: 'Feature', properties: { name: 'B' }, geometry: null }] }));
  assert.deepEqual(points.types, { name: 'text', geo_point_2d: 'geo_point_2d' });
  assert.deepEqual(points.records[0].geo_point_2d, { lon: 4.35, lat: 50.85 });
  assert.equal(points.records[1].geo_point_2d, null);
  const shapes = publish('shapes.geojson', JSON.stringify({ type: 'FeatureCollection', features: [
    { type: 'Feature', properties: { name: 'A' }, geometry: { type: 'LineString', coordinates: [[0, 0], [1, 1]] } }] }));
  assert.equal(shapes.types.geo_shape, 'geo_shape');
  assert.equal(shapes.records[0].geo_shape.geometry.type, 'LineString');
});

test('latitude and longitude make a point', () => {
  const { types, records } = publish('places.csv', 'name,lat,lon\nA,50.85,4.35\n');
  assert.equal(types.geo_point_2d, 'geo_point_2d');
  assert.deepEqual(records[0].geo_point_2d, { lon: 4.35, lat: 50.85 });
});

test('gzip, and a parquet file of our own', () => {
  const { records } = publish('packed.csv.gz', gzipSync('a,b\n1,x\n'));
  assert.deepEqual(records, [{ a: 1, b: 'x' }]);
});

test('what is not data is refused', () => {
  const zip = parvis('import', write('book.xlsx', Buffer.from('PK\x03\x04rest')), '--id', 'zip');
  assert.equal(zip.status, 3);
  assert.match(zip.stderr, /not CSV, JSON, GeoJSON or Parquet/);
  const missing = parvis('import', join(folder, 'nowhere.csv'), '--id', 'nowhere');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /nowhere\.csv: it cannot be opened/);
  assert.equal(parvis('import', write('x.csv', 'a\n1\n'), '--id', 'Bad Id').status, 2);
  assert.equal(parvis('import', write('x.csv', 'a\n1\n'), '--id', 'x', '--type', 'a=number').status, 2);
  assert.equal(parvis('frobnicate').status, 2);
});

test('only the last versions are kept, and a removed dataset leaves nothing', () => {
  for (let i = 0; i < 5; i += 1) publish('kept.csv', `n\n${i}\n`, '--keep', '2');
  const uid = JSON.parse(parvis('describe', 'kept-csv').stdout).dataset_uid;
  assert.deepEqual(readdirSync(join(data, 'records', uid)).sort(), ['4.duckdb', '5.duckdb']);
  assert.equal(parvis('check').status, 0);
  assert.equal(parvis('remove', 'kept-csv').status, 0);
  assert.equal(existsSync(join(data, 'records', uid)), false);
  assert.equal(parvis('describe', 'kept-csv').status, 4);
});

test('standard input', () => {
  const done = spawnSync(binary, ['import', '-', '--id', 'piped', '--data', data],
    { input: 'a;b\n1;é\n', encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'piped', '--format', 'json').stdout), [{ a: 1, b: 'é' }]);
});
