import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { get, portal } from './harness.mjs';
import { address, json, lampsPath, refused } from './explore.mjs';
import { fieldNames, lamps, parseCsv } from './lamps.mjs';

const path = `${lampsPath}/exports`;
const base = new URL(portal).origin;

async function fetchExport(format, parameters) {
  const response = await get(address(`${path}/${format}`, parameters));
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, bytes.toString());
  return { headers: response.headers, bytes, text: bytes.toString('utf8') };
}

const number = (value) => Number.isInteger(value) ? `${value}.0` : `${value}`;

/** A record's cells as the reference's 4.3 wants them. */
function cells(lamp, listSeparator = ',') {
  return [lamp.lamp_id, lamp.lamp_type ?? '', `${lamp.power_w}`, number(lamp.height_m), lamp.installed,
    lamp.checked_at, lamp.tags.join(listSeparator),
    lamp.position ? `${number(lamp.position.lat)}, ${number(lamp.position.lon)}` : '',
    lamp.broken ? 'True' : 'False', lamp.note ?? ''];
}

test('the list names every format and each can be fetched', async () => {
  const { links, ...rest } = await json(path);
  assert.deepEqual(rest, {});
  assert.deepEqual(links.slice(0, 7), [{ rel: 'self', href: `${base}${path}` },
    ...['csv', 'json', 'jsonl', 'parquet', 'geojson', 'xlsx'].map((rel) => ({ rel, href: `${base}${path}/${rel}` }))]);
  for (const link of links) {
    const response = await fetch(link.href);
    assert.equal(response.status, 200, link.href);
    await response.arrayBuffer();
  }
});

test('the documentation names every format with its content type', async () => {
  const text = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const { links } = await json(path);
  for (const { rel } of links.slice(1)) {
    const { headers } = await fetchExport(rel, { limit: 1 });
    assert.ok(text.includes(`| \`${rel}\` | \`${headers.get('content-type')}\` |`), rel);
  }
});

test('content types and file names', async () => {
  const types = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8',
    jsonl: 'application/jsonl', parquet: 'application/vnd.apache.parquet', geojson: 'application/geo+json',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' };
  for (const [format, type] of Object.entries(types)) {
    const { headers } = await fetchExport(format, { limit: 1 });
    assert.equal(headers.get('content-type'), type);
    assert.equal(headers.get('content-disposition'), `attachment; filename="street-lamps.${format}"`);
  }
});

test('csv: byte order mark, semicolons, CRLF, quotes only when needed', async () => {
  const { text, bytes } = await fetchExport('csv');
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const lines = text.slice(1).split('\r\n');
  assert.equal(lines[0], fieldNames.join(';'));
  assert.equal(lines.at(-1), '');
  assert.equal(lines.length, lamps.length + 2);
  assert.equal(lines[1], 'L000;LED;20;3.0;2019-01-01;2026-01-01T00:30:00+00:00;park,dimmable;50.8, 4.3;True;'
    + '"He said ""hi""; twice"');
  assert.equal(lines[3].endsWith(';"two\nlines"'), true);
  assert.deepEqual(parseCsv(text.slice(1), ';'), [fieldNames, ...lamps.map((lamp) => cells(lamp))]);
});

test('csv options', async () => {
  const comma = (await fetchExport('csv', { delimiter: ',', with_bom: false, list_separator: '|' })).text;
  assert.deepEqual(parseCsv(comma, ','), [fieldNames, ...lamps.map((lamp) => cells(lamp, '|'))]);
  assert.ok(comma.includes(',"50.8, 4.3",'));
  assert.ok(comma.includes(',park|dimmable,'));
  for (const delimiter of ['\t', '|', ';']) {
    const { text } = await fetchExport('csv', { delimiter, limit: 2, select: 'lamp_id,power_w', with_bom: 'False' });
    assert.equal(text, `lamp_id${delimiter}power_w\r\nL000${delimiter}20\r\nL001${delimiter}27\r\n`);
  }
  const quoted = (await fetchExport('csv', { quote_all: true, with_bom: false, limit: 1, select: 'lamp_id,power_w,broken' })).text;
  assert.equal(quoted, '"lamp_id";"power_w";"broken"\r\n"L000";20;True\r\n');
  const labels = (await fetchExport('csv', { use_labels: true, with_bom: false, limit: 0, select: 'lamp_id,power_w as p' })).text;
  assert.equal(labels, 'Lamp id;p\r\n');
});

test('wrong options are refused before anything is sent', async () => {
  const code = 'InvalidRESTParameterError';
  assert.match(await refused(`${path}/csv`, { delimiter: 'x' }, 400, code), /delimiter/);
  assert.match(await refused(`${path}/csv`, { with_bom: 'maybe' }, 400, code), /with_bom/);
  assert.match(await refused(`${path}/csv`, { quote_all: '2' }, 400, code), /quote_all/);
  assert.match(await refused(`${path}/csv`, { use_labels: 'x' }, 400, code), /use_labels/);
  assert.match(await refused(`${path}/csv`, { compressed: 'x' }, 400, code), /compressed/);
  assert.match(await refused(`${path}/parquet`, { parquet_compression: 'lzma' }, 400, code), /parquet_compression/);
  assert.match(await refused(`${path}/csv`, { limit: -2 }, 400, code), /limit/);
  assert.match(await refused(`${path}/docx`, {}, 400, code), /csv json jsonl parquet geojson xlsx/);
  await refused(`${path}/csv`, { where: 'nosuch = 1' }, 400, 'ODSQLError');
  await refused(`${path}/parquet`, { where: '(' }, 400, 'ODSQLSyntaxError');
});

test('json is a bare array, jsonl one object a line', async () => {
  assert.deepEqual(JSON.parse((await fetchExport('json')).text), lamps);
  const { text } = await fetchExport('json', { select: 'lamp_id,power_w', limit: 2 });
  assert.equal(text, '[{"lamp_id": "L000", "power_w": 20},{"lamp_id": "L001", "power_w": 27}]');
  assert.equal((await fetchExport('json', { where: 'power_w < 0' })).text, '[]');
  const lines = (await fetchExport('jsonl')).text.split('\n');
  assert.equal(lines.pop(), '');
  assert.deepEqual(lines.map((line) => JSON.parse(line)), lamps);
});

test('clauses, limit above 100 and offset', async () => {
  const all = async (parameters) => JSON.parse((await fetchExport('json', parameters)).text);
  assert.deepEqual(await all({ limit: 150 }), lamps.slice(0, 150));
  assert.deepEqual(await all({ limit: -1 }), lamps);
  assert.deepEqual(await all({ offset: 245 }), lamps.slice(245));
  assert.deepEqual(await all({ limit: 2, offset: 20000 }), []);
  assert.deepEqual(await all({ refine: 'lamp_type:LED', order_by: 'lamp_id desc', limit: 1 }),
    lamps.filter((lamp) => lamp.lamp_type === 'LED').slice(-1));
  assert.deepEqual(await all({ group_by: 'broken', select: 'count(*) as n' }), [
    { broken: false, n: lamps.filter((lamp) => !lamp.broken).length },
    { broken: true, n: lamps.filter((lamp) => lamp.broken).length }]);
  assert.deepEqual(await all({ select: 'count(*) as n' }), [{ n: lamps.length }]);
  const [first] = await all({ limit: 1, select: 'checked_at', timezone: 'Europe/Brussels' });
  assert.equal(first.checked_at, '2026-01-01T01:30:00+01:00');
});

test('compressed=true is a gzip file of the same bytes', async () => {
  for (const format of ['csv', 'json', 'jsonl', 'parquet', 'geojson']) {
    const plain = await fetchExport(format);
    const packed = await fetchExport(format, { compressed: 'True' });
    assert.equal(packed.headers.get('content-disposition'),
      `attachment; filename="street-lamps.${format}.gzip"`);
    assert.equal(packed.headers.get('content-encoding'), null);
    assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
  }
});

test('parquet has both marks and its two compressions differ', async () => {
  const files = [];
  for (const compression of ['snappy', 'zstd']) {
    const { bytes } = await fetchExport('parquet', { parquet_compression: compression });
    assert.equal(bytes.subarray(0, 4).toString(), 'PAR1');
    assert.equal(bytes.subarray(-4).toString(), 'PAR1');
    files.push(bytes);
  }
  assert.notDeepEqual(files[0], files[1]);
  assert.ok((await fetchExport('parquet', { use_labels: true })).bytes.includes('Lamp id'));
});

test('HEAD sends the headers of an export and no body', async () => {
  for (const format of ['csv', 'parquet', 'xlsx']) {
    const response = await fetch(new URL(`${path}/${format}`, portal), { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-disposition'), `attachment; filename="street-lamps.${format}"`);
    assert.equal(await response.text(), '');
  }
});

test('a client that leaves in the middle does no harm', async () => {
  for (let i = 0; i < 8; i++) {
    const abort = new AbortController();
    const response = await get(address(`${path}/csv`), { signal: abort.signal });
    assert.equal(response.status, 200);
    abort.abort();
  }
  assert.equal(JSON.parse((await fetchExport('json', { limit: 1 })).text).length, 1);
});
