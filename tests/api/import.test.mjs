// The command line: what import makes of real and of awkward files. PARVIS_BINARY names the program.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { binary, storedVersions } from './store.mjs';

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

/** The rows that an import left out, as it kept them. */
function rejectsOf(done) {
  const path = /they are in (.*)/.exec(done.stdout)[1].trim();
  return readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
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

test('an encoding that shows only far into the file', () => {
  const rows = Array.from({ length: 40000 }, (_, i) => `${i},name${i}`).join('\n');
  const latin = Buffer.from(`n,ville\n${rows}\n1,S\xe8te\n2,Orl\xe9ans\n`, 'latin1');
  for (const mode of ['abort', 'skip']) {
    const { records } = publish('far.csv', latin, '--on-error', mode);
    assert.deepEqual(records.slice(40000), [{ n: 1, ville: 'Sète' }, { n: 2, ville: 'Orléans' }]);
  }
  const packed = publish('far.csv.gz', gzipSync(latin));
  assert.equal(packed.records[40001].ville, 'Orléans');
  const json = publish('far.json', Buffer.from(JSON.stringify(Array.from({ length: 9000 }, (_, i) => ({ n: i, v: i < 8999 ? 'x'.repeat(9) : 'S\xe8te' }))), 'latin1'));
  assert.equal(json.records[8999].v, 'Sète');
  const mixed = write('mixed.csv', Buffer.concat([Buffer.from(`n,ville\n${rows}\n1,Sète\n`), Buffer.from('2,Orl\xe9ans\n', 'latin1'), Buffer.from('3,Nîmes\n')]));
  for (const mode of ['abort', 'skip']) {
    const done = parvis('import', mixed, '--id', 'mixed', '--on-error', mode);
    assert.equal(done.status, 3);
    assert.match(done.stderr, /mixed\.csv, line 40003: the text is not well-formed UTF-8/);
  }
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

test('a row with more cells than the header is named, or left out and kept aside', () => {
  const rows = Array.from({ length: 30000 }, (_, i) => `${i},${i}`);
  const file = write('wide-row.csv', `a,b\n${rows.join('\n')}\n3,4,5\n6,7\n`);
  const aborted = parvis('import', file, '--id', 'wide-row');
  assert.equal(aborted.status, 3);
  assert.match(aborted.stderr, /wide-row\.csv, line 30002: Expected Number of Columns: 2 Found: 3 in '3,4,5'/);
  assert.match(aborted.stderr, /--on-error skip/);
  assert.equal(aborted.stderr.trim().split('\n').length, 1);
  assert.equal(parvis('describe', 'wide-row').status, 4, 'nothing was published');

  const skipped = parvis('import', file, '--id', 'wide-row', '--on-error', 'skip');
  assert.equal(skipped.status, 0, skipped.stderr);
  assert.match(skipped.stdout, /1 rows were left out/);
  const [reject] = rejectsOf(skipped);
  assert.equal(reject.line, 30002);
  assert.equal(reject.found, '3,4,5');
  assert.match(reject.reason, /Found: 3/);
  const kept = JSON.parse(parvis('export', 'wide-row', '--format', 'json').stdout);
  assert.equal(kept.length, 30001);
  assert.deepEqual(kept[30000], { a: 6, b: 7 });
});

test('a cell too many among the first rows is a column of its own', () => {
  const { records } = publish('wide.csv', 'a,b\n1,2\n3,4,5\n');
  assert.deepEqual(records, [{ a: 1, b: 2, column2: null }, { a: 3, b: 4, column2: 5 }]);
});

test('quotes that first come late are quotes', () => {
  const rows = Array.from({ length: 30000 }, (_, i) => `${i},x`);
  const { records } = publish('late-quotes.csv', `n,t\n${rows.join('\n')}\n1,"a,b"\n2,"c\nd ""e"" f"\n`);
  assert.equal(records.length, 30002);
  assert.deepEqual(records.slice(30000), [{ n: 1, t: 'a,b' }, { n: 2, t: 'c\nd "e" f' }]);
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
  const said = parvis('import', join(folder, 'names.csv'), '--id', 'names-csv');
  assert.match(said.stdout, /column 'nom_de_rue' is the field nom_de_rue_2, because nom_de_rue is taken/);
});

test('a bad row aborts and names itself, or is left out and kept aside', () => {
  const file = write('bad.csv', 'id,n\na,1\nb,two\nc,3\n');
  const aborted = parvis('import', file, '--id', 'bad', '--type', 'n=int');
  assert.equal(aborted.status, 3);
  assert.match(aborted.stderr, /bad\.csv, line 3, column 'n': 'two' was found, int is expected/);
  assert.equal(parvis('describe', 'bad').status, 4, 'nothing was published');
  const skipped = parvis('import', file, '--id', 'bad', '--type', 'n=int', '--on-error', 'skip');
  assert.equal(skipped.status, 0, skipped.stderr);
  assert.match(skipped.stdout, /1 rows were left out/);
  assert.deepEqual(rejectsOf(skipped), [{ record: 2, line: null, column: 'n', found: 'two', expected: 'int',
    reason: null, shape: null, values: { id: 'b', n: 'two' } }]);
  assert.deepEqual(JSON.parse(parvis('export', 'bad', '--format', 'json').stdout).map((r) => r.n), [1, 3]);
});

test('a cell that does not fit is left empty and its row kept, where that is asked for', () => {
  const file = write('cells.csv', 'name;height;lat;lon\na;1,5;45,1;4,1\nb;tall;45,2;4,2\nc;3;x;4,3\nd;small;45;4\n');
  const types = ['--type', 'height=double', '--type', 'lat=double'];
  assert.equal(parvis('import', file, '--id', 'cells', ...types).status, 3, 'it stops unless asked');
  assert.equal(parvis('import', file, '--id', 'cells', ...types, '--on-error', 'keep').status, 2);
  const done = parvis('import', file, '--id', 'cells', ...types, '--on-error', 'empty');
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, /height: 2 cells were left empty, as the value does not fit the type decimal number \(line 3: tall; 5: small\)/);
  assert.match(done.stdout, /lat: 1 cell was left empty, as the value does not fit the type decimal number \(line 4: x\)/);
  const rows = JSON.parse(parvis('export', 'cells', '--format', 'json').stdout);
  assert.deepEqual(rows.map(({ name, height, lat, lon }) => [name, height, lat, lon]),
    [['a', 1.5, 45.1, 4.1], ['b', null, 45.2, 4.2], ['c', 3, null, 4.3], ['d', null, 45, 4]]);
  assert.deepEqual(rows.map((row) => row.geo_point_2d?.lat ?? null), [45.1, 45.2, null, 45], 'a point needs both');
  assert.match(parvis('dataset', 'versions', 'cells').stdout, /did not fit: height \(2\), lat \(1\)/);
  const lines = write('cells.jsonl', '{"n": 1, "d": "2021-05-06"}\n{"n": "two", "d": "soon"}\n{"n": null, "d": ""}\n');
  const json = parvis('import', lines, '--id', 'cells-json', '--type', 'n=int', '--type', 'd=date', '--on-error', 'empty');
  assert.match(json.stdout, /n: 1 cell was left empty.*line 2: two/, json.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'cells-json', '--format', 'json').stdout),
    [{ n: 1, d: '2021-05-06' }, { n: null, d: null }, { n: null, d: null }]);
  const shapes = write('cells-shape.csv', `a,b\n${'1,2\n'.repeat(30_000)}x,2\n1,2,3,4\n`);
  const stopped = parvis('import', shapes, '--id', 'cells-shape', '--type', 'a=int', '--on-error', 'empty');
  assert.equal(stopped.status, 3, 'nobody knows which cell of such a row is wrong');
  assert.match(stopped.stderr, /line 30003.*--on-error skip/);
});

test('the line of a bad value counts quoted newlines and empty lines', () => {
  const csv = write('lines.csv', 'a,n\n"x\ny",1\n\n\nz,2\n"q",bad\n');
  assert.match(parvis('import', csv, '--id', 'lines', '--type', 'n=int').stderr, /line 7, column 'n': 'bad'/);
  const jsonl = write('lines.jsonl', '{"n": 1}\n\n{"n": "bad"}\n');
  assert.match(parvis('import', jsonl, '--id', 'lines', '--type', 'n=int').stderr, /line 3, column 'n'/);
  const json = write('lines.json', '[{"n": 1}, {"n": "bad"}]');
  assert.match(parvis('import', json, '--id', 'lines', '--type', 'n=int').stderr, /record 2, column 'n'/);
});

test('the form of numbers and dates is the more frequent one when values are bad', () => {
  const csv = write('forms.csv', 'n;d\n1,5;31/01/2026\n2,5;01/02/2026\nx;2026-03-01\n');
  const done = parvis('import', csv, '--id', 'forms', '--type', 'n=double', '--type', 'd=date', '--on-error', 'skip');
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'forms', '--format', 'json').stdout),
    [{ n: 1.5, d: '2026-01-31' }, { n: 2.5, d: '2026-02-01' }]);
  assert.equal(rejectsOf(done)[0].column, 'n');
});

test('a field that the file does not have is an error on the command line and a note from a file', () => {
  const csv = write('few.csv', 'a,b\n1,2\n');
  const typed = parvis('import', csv, '--id', 'few', '--type', 'c=int');
  assert.equal(typed.status, 3);
  assert.match(typed.stderr, /no field 'c'; it has a, b/);
  const metadata = write('few.json', JSON.stringify({ fields: { c: { label: 'C' } } }));
  const noted = parvis('import', csv, '--id', 'few', '--metadata', metadata);
  assert.equal(noted.status, 0, noted.stderr);
  assert.match(noted.stdout, /the metadata names a field 'c'/);
});

test('append keeps the records there are', () => {
  publish('log.csv', 'day,n\n2026-01-01,1\n2026-01-02,2\n', '--annotate', 'n=sortable', '--title', 'Log');
  const more = parvis('import', write('log.csv', 'n,day,who\n3,2026-01-03,Ann\n'), '--id', 'log-csv', '--append');
  assert.equal(more.status, 0, more.stderr);
  assert.match(more.stdout, /version 2, 3 records, 3 fields/);
  const described = JSON.parse(parvis('describe', 'log-csv').stdout);
  assert.deepEqual(described.fields.map((f) => `${f.name}:${f.type}`), ['day:date', 'n:int', 'who:text']);
  assert.equal(described.fields[1].annotations.sortable, true);
  assert.equal(described.metas.default.title, 'Log');
  assert.deepEqual(JSON.parse(parvis('export', 'log-csv', '--format', 'json').stdout), [
    { day: '2026-01-01', n: 1, who: null }, { day: '2026-01-02', n: 2, who: null },
    { day: '2026-01-03', n: 3, who: 'Ann' }]);

  const bad = parvis('import', write('log.csv', 'n,day\nfour,2026-01-04\n'), '--id', 'log-csv', '--append');
  assert.equal(bad.status, 3);
  assert.match(bad.stderr, /line 2, column 'n': 'four' was found, int is expected; use --on-error skip/);
  const both = parvis('import', write('log.csv', 'n\n1\n'), '--id', 'log-csv', '--append', '--replace');
  assert.equal(both.status, 2);
  const replaced = publish('log.csv', 'n\nfour\n', '--replace');
  assert.deepEqual(replaced.records, [{ n: 'four' }]);
});

test('names that a database has for itself, or finds too long, are names of fields', () => {
  const names = ['name', 'xmin', 'xmax', 'ctid', 'tableoid', 'n'.repeat(90)];
  const file = (row) => write('names.csv', `${names}\n${row}\n`);
  assert.match(parvis('import', file('a,1,2,3,4,5'), '--id', 'own-names').stdout, /1 records, 6 fields/);
  assert.match(parvis('import', file('b,6,7,8,9,10'), '--id', 'own-names', '--append').stdout, /2 records, 6 fields/);
  const { stdout } = parvis('export', 'own-names', '--format', 'jsonl');
  assert.deepEqual(stdout.trim().split('\n').map((line) => Object.values(JSON.parse(line))),
    [['a', 1, 2, 3, 4, 5], ['b', 6, 7, 8, 9, 10]]);
});

test('append replaces the records with the same id', () => {
  publish('stock.csv', 'sku,left\nA,1\nB,2\nC,3\n', '--annotate', 'sku=id');
  const done = parvis('import', write('stock.csv', 'sku,left\nB,20\nD,4\n'), '--id', 'stock-csv', '--append');
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'stock-csv', '--format', 'json').stdout),
    [{ sku: 'A', left: 1 }, { sku: 'C', left: 3 }, { sku: 'B', left: 20 }, { sku: 'D', left: 4 }]);
  assert.equal(parvis('check').status, 0);
});

test('append to a dataset that is not there makes it', () => {
  const { records } = publish('fresh.csv', 'n\n1\n', '--append');
  assert.deepEqual(records, [{ n: 1 }]);
});

test('a key that first appears late in a JSON file is a field', () => {
  const rows = Array.from({ length: 21001 }, (_, i) => (i === 21000 ? { n: i, late: '01' } : { n: i }));
  const { types, records } = publish('late.json', JSON.stringify(rows));
  assert.deepEqual(types, { n: 'int', late: 'text' });
  assert.deepEqual(records[21000], { n: 21000, late: '01' });
});

test('JSON in UTF-16 is known without being named', () => {
  const lines = publish('wide.jsonl', Buffer.from('\ufeff{"ville": "Sète"}\n{"ville": "Lyon"}\n', 'utf16le'));
  assert.deepEqual(lines.records, [{ ville: 'Sète' }, { ville: 'Lyon' }]);
  const list = Buffer.from('[{"ville": "Sète"}]', 'utf16le');
  assert.deepEqual(publish('wide-be.json', Buffer.from(list).swap16()).records, [{ ville: 'Sète' }]);
  assert.deepEqual(publish('wide.json.gz', gzipSync(list)).records, [{ ville: 'Sète' }]);
});

test('malformed JSON is named by line and column', () => {
  const lines = write('bad.jsonl', '{"a": 1}\n\n{"a": 2\n{"a": 3}\n');
  assert.match(parvis('import', lines, '--id', 'bad-json', '--format', 'jsonl').stderr, /bad\.jsonl, line 3, column \d+: the JSON is malformed/);
  const array = write('bad.json', '[{"a": 1},\n {"a": ]');
  assert.match(parvis('import', array, '--id', 'bad-json').stderr, /bad\.json, line 2, column 8: the JSON is malformed/);
  const piped = spawnSync(binary, ['import', '-', '--id', 'bad-json', '--data', data], { input: 'PAR1xxxx', encoding: 'utf8' });
  assert.match(piped.stderr, /import: standard input: it cannot be read as parquet: File 'standard input'/);
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

test('GeoJSON in any packing and encoding, and what is wrong with one, by its place', () => {
  const feature = (ville) => `{"type":"Feature","properties":{"ville":"${ville}"},"geometry":null}`;
  const text = (...names) => `{"type":"FeatureCollection",\n"features":[\n${names.map(feature).join(',\n')}\n]}`;
  const wanted = [{ ville: 'Sète', geo_shape: null }, { ville: 'Orléans', geo_shape: null }];
  const whole = text('Sète', 'Orléans');
  assert.deepEqual(publish('packed.geojson.gz', gzipSync(whole)).records, wanted);
  assert.deepEqual(publish('latin.geojson', Buffer.from(whole, 'latin1')).records, wanted);
  assert.deepEqual(publish('wide.geojson', Buffer.from(`\ufeff${whole}`, 'utf16le')).records, wanted);
  const late = text(...Array(3000).fill('Paris'), 'Sète'); // the start, by which the encoding is guessed, is ASCII
  assert.deepEqual(publish('late.geojson', Buffer.from(late, 'latin1')).records[3000], wanted[0]);
  const refusal = (bytes) => {
    const done = parvis('import', write('bad.geojson', bytes), '--id', 'bad-geojson');
    assert.equal(done.status, 3);
    return done.stderr;
  };
  assert.match(refusal(whole.slice(0, 100)), /bad\.geojson, line 3: the file ends after byte 101, where : behind the key is expected/);
  assert.match(refusal(whole.replace('},', '};')), /bad\.geojson, line 3, column \d+ \(byte \d+\): the JSON is malformed: , or \} is expected/);
  assert.match(refusal(whole.replaceAll('null', 'nul')), /bad\.geojson, feature 1: the JSON is malformed: invalid token near 'nul'/);
  assert.match(refusal(whole.replace('features', 'feature')), /has no list "features"/);
  const mixed = Buffer.concat([Buffer.from(text(...Array(3000).fill('Orléans')).slice(0, -3)), Buffer.from(`,${feature('S\xe8te')}]}`, 'latin1')]);
  assert.match(refusal(mixed), /bad\.geojson, line 3002: the text is not well-formed UTF-8/);
  assert.match(refusal(gzipSync(whole).subarray(0, 90)), /damaged/);
});

test('latitude and longitude make a point', () => {
  const { types, records } = publish('places.csv', 'name,lat,lon\nA,50.85,4.35\nB,95,4\nC,,4\n');
  assert.equal(types.geo_point_2d, 'geo_point_2d');
  assert.deepEqual(records.map((r) => r.geo_point_2d), [{ lon: 4.35, lat: 50.85 }, null, null]);
  const stops = publish('stops.csv', 'stop_lat,stop_lon,parent_lat\n1.5,2.5,3\n');
  assert.deepEqual(stops.records[0].geo_point_2d, { lon: 2.5, lat: 1.5 });
  const none = publish('plain.csv', 'flat,colon\n1.5,2.5\n');
  assert.deepEqual(Object.keys(none.types), ['flat', 'colon']);
});

test('points of columns that the caller names', () => {
  const { types, records } = publish('trips.csv', 'Lat A;Lon A;y;x\n50,5;4,5;1;2\n',
    '--geo-point', 'start=lat_a,Lon A', '--geo-point', 'end=y,x');
  assert.equal(types.start, 'geo_point_2d');
  assert.deepEqual(records[0].start, { lon: 4.5, lat: 50.5 });
  assert.deepEqual(records[0].end, { lon: 2, lat: 1 });
  const file = write('trips.csv', 'a,b\n1,2\n');
  assert.match(parvis('import', file, '--id', 'trips', '--geo-point', 'p=a,c').stderr, /no column 'c'/);
  assert.match(parvis('import', file, '--id', 'trips', '--geo-point', 'p=a').stderr, /NAME=LATITUDE,LONGITUDE/);
  assert.match(parvis('import', file, '--id', 'trips', '--geo-point', 'a=a,b').stderr, /there is a field of that name/);
});

test('gzip and zstd, by content and not by name, in any encoding', () => {
  assert.deepEqual(publish('packed.csv.gz', gzipSync('a,b\n1,x\n')).records, [{ a: 1, b: 'x' }]);
  assert.deepEqual(publish('packed.bin', gzipSync('a,b\n1,x\n')).records, [{ a: 1, b: 'x' }]);
  assert.deepEqual(publish('latin.csv.gz', gzipSync(Buffer.from('ville\nS\xe8te\n', 'latin1'))).records, [{ ville: 'Sète' }]);
  assert.deepEqual(publish('lines.jsonl.gz', gzipSync('{"a": 1}\n{"a": 2}\n')).records, [{ a: 1 }, { a: 2 }]);
  const two = publish('two.csv.gz', Buffer.concat([gzipSync('a\n1\n'), gzipSync('2\n')]));
  assert.deepEqual(two.records, [{ a: 1 }, { a: 2 }]);
  writeFileSync(join(folder, 'plain.txt'), Buffer.from('ville;n\nS\xe8te;1\nOrl\xe9ans;2\n', 'latin1'));
  const packed = spawnSync('zstd', ['-q', '-f', join(folder, 'plain.txt'), '-o', join(folder, 'plain.csv.zst')]);
  assert.equal(packed.status, 0, 'the program zstd packs the file');
  const unpacked = parvis('import', join(folder, 'plain.csv.zst'), '--id', 'zst');
  assert.equal(unpacked.status, 0, unpacked.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'zst', '--format', 'json').stdout)[1], { ville: 'Orléans', n: 2 });
  const cut = parvis('import', write('cut.bin', gzipSync('a,b\n1,x\n'.repeat(1000)).subarray(0, 40)), '--id', 'cut');
  assert.equal(cut.status, 3);
  assert.match(cut.stderr, /damaged/);
  const piped = spawnSync(binary, ['import', '-', '--id', 'piped-gz', '--data', data], { input: gzipSync('a\n1\n'), encoding: 'utf8' });
  assert.equal(piped.status, 0, piped.stderr);
});

test('a column rowid gets another name, and searches find their records', () => {
  const { stdout } = parvis('import', write('rows.csv', 'rowid,word\n7,apple\n0,pear\n1,plum\n'), '--id', 'numbered');
  assert.match(stdout, /rowid_2/);
  const found = parvis('export', 'numbered', '--format', 'jsonl', '--where', '"pear"').stdout;
  assert.deepEqual(found.trim().split('\n').map(JSON.parse), [{ rowid_2: 0, word: 'pear' }]);
});

test('names that the engine would take for patterns are only names', () => {
  write('a1.csv', 'n\n1\n');
  const { records } = publish('a[1].csv', 'n\n2\n');
  assert.deepEqual(records, [{ n: 2 }]);
  assert.deepEqual(publish("it's.csv", 'n\n3\n').records, [{ n: 3 }]);
});

test('export on the command line', () => {
  publish('out.csv', 'a,n\nx,1\ny,2\nx,3\n');
  const lines = (...words) => parvis('export', 'out-csv', ...words).stdout.replace('\ufeff', '').trim().split('\r\n');
  assert.deepEqual(lines('--where', 'n > 1', '--where', 'a = "x"'), ['a;n', 'x;3']);
  assert.deepEqual(lines('--group-by', 'a', '--select', 'sum(n) as s', '--order-by', '-s'), ['a;s', 'x;4.0', 'y;2.0']);
  assert.deepEqual(lines('--limit', '1', '--order-by', '-n'), ['a;n', 'x;3']);
  assert.deepEqual(parvis('export', 'out-csv', '--format', 'jsonl', '--limit', '1').stdout, '{"a": "x", "n": 1}\n');
  const parquet = spawnSync(binary, ['export', 'out-csv', '--format', 'parquet', '--data', data]);
  writeFileSync(join(folder, 'out.parquet'), parquet.stdout);
  const again = parvis('import', join(folder, 'out.parquet'), '--id', 'again');
  assert.equal(again.status, 0, again.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'again', '--format', 'json').stdout),
    [{ a: 'x', n: 1 }, { a: 'y', n: 2 }, { a: 'x', n: 3 }]);
  assert.equal(parvis('export', 'out-csv', '--format', 'xml').status, 2);
  assert.equal(parvis('export', 'out-csv', '--where', 'nosuch = 1').status, 3);
  assert.equal(parvis('export', 'nowhere').status, 4);
});

test('types asked for of a Parquet file, with bad rows named or kept aside', () => {
  publish('codes.csv', 'code,n,at\n1,1,"50.5, 4.25"\nx2,2,\n', '--type', 'code=text', '--type', 'at=text');
  const parquet = spawnSync(binary, ['export', 'codes-csv', '--format', 'parquet', '--data', data]);
  const file = join(folder, 'codes.parquet');
  writeFileSync(file, parquet.stdout);
  const aborted = parvis('import', file, '--id', 'codes-parquet', '--type', 'code=int');
  assert.equal(aborted.status, 3);
  assert.match(aborted.stderr, /codes\.parquet, record 2, column 'code': 'x2' was found, int is expected/);
  const skipped = parvis('import', file, '--id', 'codes-parquet', '--type', 'code=int', '--type', 'n=double', '--type', 'at=geo_point_2d', '--on-error', 'skip');
  assert.equal(skipped.status, 0, skipped.stderr);
  assert.equal(rejectsOf(skipped)[0].found, 'x2');
  assert.deepEqual(JSON.parse(parvis('export', 'codes-parquet', '--format', 'json').stdout),
    [{ code: 1, n: 1.0, at: { lon: 4.25, lat: 50.5 } }]);
});

test('what is not data is refused', () => {
  const zip = parvis('import', write('book.xlsx', Buffer.from('PK\x03\x04rest')), '--id', 'zip');
  assert.equal(zip.status, 3);
  assert.match(zip.stderr, /book\.xlsx: the ZIP archive is damaged, cut off or encrypted/);
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
  assert.deepEqual(storedVersions(data, uid), ['4', '5']);
  assert.equal(parvis('check').status, 0);
  assert.equal(parvis('remove', 'kept-csv').status, 0);
  assert.deepEqual(storedVersions(data, uid), []);
  assert.equal(existsSync(join(data, 'records', uid)), false);
  assert.equal(parvis('describe', 'kept-csv').status, 4);
});

test('standard input', () => {
  const done = spawnSync(binary, ['import', '-', '--id', 'piped', '--data', data],
    { input: 'a;b\n1;é\n', encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(JSON.parse(parvis('export', 'piped', '--format', 'json').stdout), [{ a: 1, b: 'é' }]);
});

test('progress is shown on a terminal and nowhere else', (t) => {
  const rows = Array.from({ length: 400000 }, (_, i) => `${i},word ${i}`);
  const file = write('progress.csv', `n,t\n${rows.join('\n')}\n`);
  const words = ['import', file, '--id', 'progress', '--data', data];
  const piped = spawnSync(binary, words, { encoding: 'utf8' });
  assert.equal(piped.status, 0, piped.stderr);
  assert.equal(piped.stderr, '');
  const command = [binary, ...words].map((word) => `'${word}'`).join(' ');
  const shown = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (/pseudo.?terminal|openpty/i.test(shown.stderr)) {
    t.skip('this system gives no pseudo-terminal');
    return;
  }
  assert.equal(shown.status, 0, shown.stdout);
  assert.match(shown.stdout, /(reading|indexing) {2}\d+ rows/);
  assert.match(shown.stdout, /version 2, 400000 records/);
});

test('a file whose header has bytes of zero is no table, and nothing is stored of it', () => {
  for (const [name, content] of [['binary.dat', '\x01\x02\x03\0\0\x04\0\x05\n1\n'], ['zero.csv', 'a\0b,c\n1,2\n'], ['zero.jsonl', '{"a\\u0000b": 1}\n']]) {
    const done = parvis('import', write(name, content), '--id', 'zero');
    assert.equal(done.status, 3, name);
    assert.match(done.stderr, /this is none of the formats that are imported/, name);
    assert.notEqual(parvis('describe', 'zero').status, 0, name);
  }
});
