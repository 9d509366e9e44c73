// Exported files as readers that are not ours see them, and what they must see.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

const script = fileURLToPath(new URL('./read_export.py', import.meta.url));
const most = 1 << 30;

/** Rows of a file as Python reads them; see read_export.py. */
export function pythonRows(folder, format, bytes, ...more) {
  const path = join(folder, `file.${format}`);
  writeFileSync(path, bytes);
  const text = execFileSync('/usr/bin/python3', [script, format, path, ...more],
    { encoding: 'utf8', maxBuffer: most });
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

/** Features of a file of any format that GDAL reads, projected by it to a reference system; of a GPX the waypoints. */
export function gdalFeatures(folder, name, bytes, epsg = 4326) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return JSON.parse(execFileSync('ogr2ogr', ['-f', 'GeoJSON', '/vsistdout/', path, '-lco', 'COORDINATE_PRECISION=15',
    '-t_srs', `EPSG:${epsg}`, ...(name.endsWith('.gpx') ? ['waypoints'] : [])], { encoding: 'utf8', maxBuffer: most })).features;
}

/** Records and "geo" metadata of a Parquet file. */
export async function parquetRows(bytes) {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(file);
  const geo = metadata.key_value_metadata?.find(({ key }) => key === 'geo')?.value;
  return { rows: await parquetReadObjects({ file, metadata }), metadata, geo: geo && JSON.parse(geo) };
}

/* ---- what they must see: value is that of a jsonl export, field that of the dataset ---- */

const isNumber = (value) => value !== null && typeof value === 'object' && 'number' in value;
const asDouble = (value) => Number(value.number);
const isList = (field) => field.annotations.multivalued !== undefined;

/** A value of pythonRows with its numbers as JavaScript has them. */
export function plain(value) {
  if (isNumber(value)) return Number(value.number);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function same(actual, expected, where) {
  assert.ok(Object.is(actual, expected), `${where}: ${actual} instead of ${expected}`);
}

function checkPair(text, value, where) {
  const [lat, lon] = text.split(', ');
  same(Number(lat), asDouble(value.lat), where);
  same(Number(lon), asDouble(value.lon), where);
}

const joined = (list) => list.filter((item) => item !== null).join(',');

/** A cell of a CSV file; null and the empty text are both an empty cell. */
export function checkCsv(cell, value, field, where) {
  if (value === null) same(cell, '', where);
  else if (isList(field)) same(cell, joined(value), where);
  else if (field.type === 'int') same(cell, value.number, where);
  else if (field.type === 'double') same(Number(cell), asDouble(value), where);
  else if (field.type === 'boolean') same(cell, value ? 'True' : 'False', where);
  else if (field.type === 'geo_point_2d') checkPair(cell, value, where);
  else if (field.type === 'geo_shape') assert.deepEqual(JSON.parse(cell), plain(value.geometry), where);
  else if (field.type === 'json_blob') assert.deepEqual(JSON.parse(cell), plain(value), where);
  else same(cell, value, where);
}

/** Local time of an instant in UTC, for time zones with the offset given. */
const local = (instant, hours) => new Date(Date.parse(instant) + hours * 3600000).toISOString().slice(0, 23);

function checkTime(cell, value, field, hours, where) {
  const expected = field.type === 'date' ? value : local(value, hours);
  if (expected < '1900' || expected.startsWith('+')) {
    assert.equal(cell[0], 'text', where);
    assert.ok(cell[1].startsWith(expected.slice(0, 19)), `${where}: ${cell[1]} for ${expected}`);
    return;
  }
  assert.equal(cell[0], 'time', where);
  const apart = Math.abs(Date.parse(`${cell[1]}Z`) - Date.parse(field.type === 'date' ? `${value}T00:00:00Z` : `${expected}Z`));
  assert.ok(apart <= 1, `${where}: ${cell[1]} for ${expected}`);
}

/** A cell of a workbook; numbers have 16 digits there, and an empty text is no cell. */
export function checkSheet(cell, value, field, hours, where) {
  const text = (expected) => assert.deepEqual(cell, expected === '' ? null : ['text', expected], where);
  if (value === null) assert.equal(cell, null, where);
  else if (isList(field)) text(joined(value));
  else if (field.type === 'int') {
    const whole = BigInt(value.number);
    const isExact = whole >= -(2n ** 53n) && whole <= 2n ** 53n;
    assert.deepEqual(cell, [isExact ? 'number' : 'text', value.number], where);
  } else if (field.type === 'double') {
    const isLarge = Math.abs(asDouble(value)) > 9.99999999999999e307;
    assert.equal(cell[0], isLarge ? 'text' : 'number', where);
    same(Number(cell[1]), isLarge ? asDouble(value) : Number(asDouble(value).toPrecision(16)), where);
  } else if (field.type === 'boolean') assert.deepEqual(cell, ['boolean', value ? 'True' : 'False'], where);
  else if (field.type === 'date' || field.type === 'datetime') checkTime(cell, value, field, hours, where);
  else if (field.type === 'geo_point_2d') checkPair(cell[1], value, where);
  else if (field.type === 'geo_shape') assert.deepEqual(JSON.parse(cell[1]), plain(value.geometry), where);
  else if (field.type === 'json_blob') assert.deepEqual(JSON.parse(cell[1]), plain(value), where);
  else text(value);
}

/** A value of a Parquet file: instants in milliseconds, geometries as hyparquet makes them of WKB. */
export function checkParquet(cell, value, field, where) {
  if (value === null) assert.equal(cell ?? null, null, where);
  else if (isList(field)) assert.deepEqual(cell, value, where);
  else if (field.type === 'int') same(cell, BigInt(value.number), where);
  else if (field.type === 'double') same(cell, asDouble(value), where);
  else if (field.type === 'date') same(cell.toISOString(), new Date(`${value}T00:00:00Z`).toISOString(), where);
  else if (field.type === 'datetime') same(cell.getTime(), Math.floor(Date.parse(value)), where);
  else if (field.type === 'geo_point_2d') {
    assert.deepEqual(cell, { type: 'Point', coordinates: [asDouble(value.lon), asDouble(value.lat)] }, where);
  } else if (field.type === 'geo_shape') assert.deepEqual({ ...cell }, plain(value.geometry), where);
  else if (field.type === 'json_blob') assert.deepEqual(JSON.parse(cell), plain(value), where);
  else same(cell, value, where);
}
