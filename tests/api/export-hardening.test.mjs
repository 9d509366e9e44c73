// Exports of values, names and requests that are out to break them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gdalFeatures } from './readers.mjs';
import { API, awaitMetric, open, request, run, serve, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const names = ['a<b>&"\'x', 'ctl\u0001x', 'name', 'desc', '日本', 'A.B c', 'same', 'ogr_same'];
const evil = (i) => `v${i}<&>"' \u0001\ufffe ]]> 😀 ${'x'.repeat(i % 7)}`;
const point = (x, y) => ({ type: 'Point', coordinates: [x, y] });
const far = 1e300;
const shapes = [
  point(1, 2), point(far, -far), point(181, 91), { type: 'GeometryCollection', geometries: [] }, null,
  { type: 'LineString', coordinates: [[0, 0], [1, 1]] },
  { type: 'Polygon', coordinates: [[[-far, -far], [far, -far], [far, far], [-far, -far]]] },
  { type: 'Polygon', coordinates: [[[170, 0], [190, 0], [190, 10], [170, 10], [170, 0]]] },
];
const formats = ['csv', 'json', 'jsonl', 'geojson', 'parquet', 'xlsx', 'shp', 'kml', 'gpx', 'fgb', 'mvt'];

function publish(id, geometries, ...words) {
  const features = geometries.map((geometry, i) => ({
    type: 'Feature', geometry, properties: Object.fromEntries([['n', i], ...names.map((name) => [name, evil(i)])]) }));
  const file = join(folder, `${id}.geojson`);
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features }));
  const done = run(['import', file, '--id', id, '--data', data, ...words]);
  assert.equal(done.status, 0, done.stderr);
}
publish('shapes', shapes);
publish('points', Array.from({ length: 20 }, (_, i) => point(i, i)));
publish('many', Array.from({ length: 60000 }, (_, i) => point((i * 7.31) % 360 - 180, (i * 3.7) % 160 - 80)));
const server = await serve(data);
const spool = () => readdirSync(join(data, 'spool')).filter((name) => name.startsWith('export'));

async function download(id, format, parameters = {}) {
  const response = await server.get(`${API}/${id}/exports/${format}?${new URLSearchParams(parameters)}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, 200, `${id} ${format}: ${bytes.subarray(0, 500)}`);
  return bytes;
}

for (const format of formats) {
  test(`${format}: any geometry, any text`, async () => {
    for (const id of ['shapes', 'points']) {
      for (const use_labels of [false, true]) {
        const bytes = await download(id, format, { use_labels });
        assert.ok(bytes.length > 100);
        if (format === 'kml' || format === 'gpx') execFileSync('xmllint', ['--noout', '-'], { input: bytes });
      }
    }
    assert.deepEqual(spool(), []);
  });
}

test('kml, gpx and fgb keep columns apart that readers take for the same', async () => {
  const { fields } = await (await server.get(`${API}/points`)).json();
  const place = fields.find((one) => one.type === 'geo_point_2d').name;
  for (const format of ['kml', 'fgb', 'gpx']) {
    const bytes = await download('points', format, { select: `${place}, n as a, n + 100 as A` });
    const [first] = gdalFeatures(folder, `twins.${format}`, bytes);
    const values = Object.values(first.properties).filter((value) => /^\d+$/.test(value)).map(Number);
    assert.ok(values.some((value) => values.includes(value + 100)), `${format} ${JSON.stringify(first)}`);
  }
});

test('a client that goes away stops the writing of a file', async () => {
  for (const format of ['mvt?limit=50000', 'fgb', 'gpx', 'xlsx']) {
    const socket = await open(server, request('GET', `${API}/many/exports/${format}`));
    await awaitMetric(server, 'parvis_busy_bulk', 1);
    socket.destroy();
    await awaitMetric(server, 'parvis_busy_bulk', 0);
    assert.deepEqual(spool(), [], format);
  }
});

test('a deadline stops the writing of a file', async () => {
  const other = await serve(data, ['--bulk-deadline', '100ms']);
  for (const format of ['mvt?limit=50000', 'gpx', 'xlsx']) {
    const response = await other.get(`${API}/many/exports/${format}`);
    assert.equal(response.status, 503, format);
    assert.equal((await response.json()).error_code, 'QueryTimeout');
  }
  assert.deepEqual(spool(), []);
  other.child.kill('SIGTERM');
  assert.equal(await other.stopped, 0);
});

test('a GeoJSON file larger than the memory is read feature by feature', () => {
  const file = join(folder, 'large.geojson');
  const feature = (n) => JSON.stringify({ type: 'Feature', properties: { n, text: 'x'.repeat(1000) }, geometry: point(1, 2) });
  const features = Array.from({ length: 160000 }, (_, n) => feature(n)).join(',\n');
  writeFileSync(file, `{"type":"FeatureCollection","name":"large","features":[${features}],"bbox":[1,2,1,2]}`);
  const done = run(['import', file, '--id', 'large', '--data', data, '--memory', '128M', '--threads', '1']);
  assert.equal(done.status, 0, done.stderr);
  const sums = run(['export', 'large', '--select', 'count(*) as c, sum(n) as s, min(n) as a, max(n) as b', '--limit', '1',
    '--format', 'jsonl', '--data', data]);
  assert.equal(sums.stdout, '{"c": 160000, "s": 12799920000.0, "a": 0, "b": 159999}\n');
  const first = run(['export', 'large', '--select', 'n', '--offset', '150000', '--limit', '1', '--format', 'jsonl', '--data', data]);
  assert.equal(first.stdout, '{"n": 150000}\n'); // in the order of the file
});
