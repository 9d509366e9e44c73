// parvis export: what it writes is what the same export of the API writes; options that do not fit are refused.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { address } from './address.mjs';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { gdalFeatures } from './readers.mjs';

const data = join(temporaryFolder(), 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const done = (...words) => {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, result.stderr);
};
done('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json'));
done('describe', 'lamps', '--set-language', 'fr:fields.power_w.label=Puissance');
const server = await serve(data);

function written(...words) {
  const result = spawnSync(binary, ['export', 'lamps', ...words, '--data', data], { maxBuffer: 1 << 28 });
  assert.equal(result.status, 0, String(result.stderr));
  return result.stdout;
}
async function sent(format, parameters) {
  const response = await server.get(address(`${API}/lamps/exports/${format}`, parameters));
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}
function refused(words, message, status = 2) {
  const result = run(['export', 'lamps', ...words, '--data', data]);
  assert.equal(result.status, status, result.stderr);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, message);
}

/** Words of the command line for parameters of the API. */
const words = (parameters) => Object.entries(parameters).flatMap(([name, value]) => {
  const option = `--${name.replaceAll('_', '-')}`;
  if (typeof value !== 'boolean') return [value].flat().flatMap((one) => [option, String(one)]);
  return ['with_bom', 'use_extension'].includes(name) ? [option, value ? 'on' : 'off'] : value ? [option] : [];
});

for (const [format, parameters] of [
  ['csv', {}],
  ['csv', { delimiter: ',', with_bom: false, quote_all: true, list_separator: ' / ' }],
  ['csv', { delimiter: 'tab', with_bom: true }],
  ['csv', { use_labels: true }],
  ['csv', { use_labels: true, lang: 'fr', select: 'lamp_id, power_w, note as n' }],
  ['csv', { timezone: 'Asia/Tokyo', select: 'lamp_id,checked_at', where: ['power_w > 20', 'broken = false'], limit: 9 }],
  ['csv', { select: "date_format(installed, 'EEEE d MMMM') as day", lang: 'fr', limit: 5 }],
  ['json', { refine: 'lamp_type:LED', exclude: ['broken:true', 'tags:park'], order_by: '-lamp_id', limit: 7, offset: 2 }],
  ['jsonl', { group_by: 'lamp_type', select: 'count(*) as n' }],
  ['geojson', { epsg: 3857, limit: 5 }],
  ['kml', { use_labels: true, lang: 'fr', limit: 5 }],
  ['gpx', { name_field: 'lamp_id', description_field_list: 'lamp_type, note', use_extension: false, limit: 5 }],
  ['gpx', { limit: 5 }],
]) {
  test(`${format} with ${JSON.stringify(parameters)}`, async () => {
    const bytes = written('--format', format, ...words(parameters));
    assert.ok(bytes.length > 20, String(bytes));
    assert.equal(String(bytes), String(await sent(format, parameters)));
  });
}

test('options reach the output', () => {
  const heading = (...more) => String(written('--limit', '0', '--with-bom', 'off', '--select', 'lamp_id,power_w', ...more));
  assert.equal(heading('--use-labels', '--lang', 'fr', '--delimiter', '|'), 'Lamp id|Puissance\r\n');
  assert.equal(heading('--lang', 'FR', '--quote-all'), '"lamp_id";"power_w"\r\n');
  const [projected] = gdalFeatures(temporaryFolder(), 'lamps.fgb', written('--format', 'fgb', '--epsg', '31370',
    '--where', 'lamp_id = "L000"'));
  assert.ok(Math.abs(projected.geometry.coordinates[0] - 4.3) < 1e-6, JSON.stringify(projected));
});

test('a gzip file holds the export', () => {
  for (const format of ['csv', 'jsonl', 'parquet']) {
    const plain = written('--format', format);
    const packed = written('--format', format, '--compressed');
    assert.ok(packed.length < plain.length || format === 'parquet');
    assert.deepEqual(gunzipSync(packed), plain, format);
  }
});

test('the compression of parquet', () => {
  const bytes = (name) => written('--format', 'parquet', '--parquet-compression', name);
  assert.notDeepEqual(bytes('ZSTD'), bytes('snappy'));
});

test('values that are not understood, and options that the format does not have', () => {
  refused(['--delimiter', ';;'], /--delimiter: ';;' was given, one of ; , TAB \| is expected/);
  refused(['--with-bom', 'maybe'], /--with-bom: 'maybe' was given, on or off is expected/);
  refused(['--lang', 'xx'], /--lang: 'xx' was given, one of en fr nl .* is expected/);
  refused(['--timezone', 'Mars/Base'], /--timezone: 'Mars\/Base' was given, a time zone/);
  refused(['--format', 'parquet', '--parquet-compression', 'lzma'], /--parquet-compression: 'lzma' was given, snappy or zstd/);
  refused(['--format', 'geojson', '--epsg', '0'], /--epsg: '0' was given, a number from 1/);
  refused(['--format', 'docx'], /--format: 'docx' was given, one of csv, json, jsonl/);
  refused(['--format', 'json', '--delimiter', ','], /--delimiter: the format json has no such option; csv has/);
  refused(['--format', 'json', '--use-labels'], /--use-labels: the format json has no such option; csv parquet xlsx .* have/);
  refused(['--epsg', '2154'], /--epsg: the format csv has no such option; geojson shp fgb have/);
  refused(['--format', 'kml', '--epsg', '2154'], /--epsg: the format kml has no such option/);
  refused(['--format', 'shp', '--name-field', 'lamp_id'], /--name-field: the format shp has no such option; gpx has/);
  refused(['--format', 'geojson', '--epsg', '999999'], /999999/, 3);
  refused(['--format', 'gpx', '--name-field', 'nosuch'], /nosuch/, 3);
});
