#!/usr/bin/env node
// Makes the base map: vector tiles of land, borders and names of countries from Natural Earth (public domain, npm
// world-atlas), as one file that the program embeds.  node tools/basemap.mjs OUTPUT.bin
// The file: "PVB1", number of rows; rows of zoom << 24 | x << 12 | y, offset and length, sorted; then gzip streams,
// each of which several rows may share. All numbers are little-endian, of 32 bits.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import GeoJSONVT from 'geojson-vt';
import { feature, merge, mesh } from 'topojson-client';
import vtpbf from 'vt-pbf';

const ZOOM_MOST = 6;
const EXTENT = 4096;

/** Outlines by zoom: a world on one tile needs no bays. */
const scales = [{ file: '110m', zooms: [0, 1] }, { file: '50m', zooms: [2, 3] }, { file: '10m', zooms: [4, 5, 6] }];

const read = (name) =>
  JSON.parse(readFileSync(fileURLToPath(new URL(`../node_modules/world-atlas/countries-${name}.json`, import.meta.url)), 'utf8'));

/** Code of a country by its number in ISO 3166: the names of countries in all languages go by codes. */
function codeOf(number) {
  const code = number && new Intl.Locale(`und-${number}`).region;
  return /^[A-Z]{2}$/.test(code ?? '') ? code : undefined;
}

/*
 * The data are made for globes: lines run across 180 degrees, and around a pole. On a plane they go on beyond 180,
 * and what encloses a pole is closed along it.
 */
function unwind(line) {
  let turn = 0;
  return line.map(([x, y], i) => {
    if (i > 0 && Math.abs(x - line[i - 1][0]) > 180) turn += x < line[i - 1][0] ? 360 : -360;
    return [x + turn, y];
  });
}

function unwindRing(ring) {
  const flat = unwind(ring);
  const [first, last] = [flat[0], flat[flat.length - 1]];
  if (Math.abs(last[0] - first[0]) < 180) return flat;
  const pole = flat.reduce((sum, [, y]) => sum + y, 0) < 0 ? -90 : 90;
  return [...flat, [last[0], pole], [first[0], pole], first];
}

const middleOf = (ring) => (Math.min(...ring.map(([x]) => x)) + Math.max(...ring.map(([x]) => x))) / 2;

/** Holes lie on the same turn of the globe as what they are in. */
function unwindPolygon([outer, ...holes]) {
  const flat = unwindRing(outer);
  return [flat, ...holes.map(unwindRing).map((hole) => {
    const turn = Math.round((middleOf(flat) - middleOf(hole)) / 360) * 360;
    return hole.map(([x, y]) => [x + turn, y]);
  })];
}

const onPlane = ({ type, coordinates }) => ({ type,
  coordinates: type === 'Polygon' ? unwindPolygon(coordinates) : type === 'MultiPolygon' ? coordinates.map(unwindPolygon)
    : coordinates.map(unwind) });

const areaOf = (ring) => ring.reduce((sum, [x, y], i) => {
  const [nextX, nextY] = ring[(i + 1) % ring.length];
  return sum + (x * nextY - nextX * y) / 2;
}, 0);

function centreOf(ring) {
  const area = areaOf(ring);
  const [x, y] = ring.reduce(([sumX, sumY], [x1, y1], i) => {
    const [x2, y2] = ring[(i + 1) % ring.length];
    const cross = x1 * y2 - x2 * y1;
    return [sumX + (x1 + x2) * cross, sumY + (y1 + y2) * cross];
  }, [0, 0]);
  return [x / (6 * area), y / (6 * area)];
}

/** A point for the name of a country, in the middle of its largest part; rank 1 for the largest countries, up to 6. */
function nameOf({ id, properties, geometry: wound }) {
  const geometry = onPlane(wound);
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const largest = polygons.map(([outer]) => outer).sort((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)))[0];
  const area = Math.abs(areaOf(largest));
  const [x, y] = centreOf(largest);
  const rank = [400, 80, 20, 4, 0.5].findIndex((least) => area > least);
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [(x + 540) % 360 - 180, y] },
    properties: { name: properties.name, rank: rank < 0 ? 6 : rank + 1, ...(codeOf(id) ? { code: codeOf(id) } : {}) } };
}

const collection = (features) => ({ type: 'FeatureCollection', features });
const alone = (geometry) => collection([{ type: 'Feature', properties: {}, geometry }]);

function indexOf(layer, zoom, tolerance) {
  return new GeoJSONVT(layer, { maxZoom: zoom, indexMaxZoom: zoom, indexMaxPoints: 0, tolerance, extent: EXTENT, buffer: 64 });
}

const tiles = new Map(); // address → layers
for (const { file, zooms } of scales) {
  const atlas = read(file);
  const { countries } = atlas.objects;
  const most = Math.max(...zooms);
  const layers = {
    land: indexOf(alone(onPlane(merge(atlas, countries.geometries))), most, 4),
    border: indexOf(alone(onPlane(mesh(atlas, countries, (a, b) => a !== b))), most, 4),
    country: indexOf(collection(feature(atlas, countries).features.filter(({ geometry }) => geometry).map(nameOf)), most, 0),
  };
  for (const z of zooms) {
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const own = Object.entries(layers).flatMap(([name, index]) => {
          const tile = index.getTile(z, x, y);
          return tile?.features.length ? [[name, tile]] : [];
        });
        if (own.length) tiles.set((z * 2 ** 24) + (x << 12) + y, Object.fromEntries(own));
      }
    }
  }
}

const rows = [];
const streams = [];
const places = new Map();
let end = 0;
for (const [address, layers] of [...tiles].sort(([a], [b]) => a - b)) {
  const bytes = Buffer.from(vtpbf.fromGeojsonVt(layers, { version: 2, extent: EXTENT }));
  const key = bytes.toString('latin1');
  if (!places.has(key)) {
    const stream = gzipSync(bytes, { level: 9 });
    places.set(key, [end, stream.length]);
    streams.push(stream);
    end += stream.length;
  }
  rows.push([address, ...places.get(key)]);
}

const head = Buffer.alloc(8 + rows.length * 12);
head.write('PVB1', 0, 'latin1');
head.writeUInt32LE(rows.length, 4);
rows.forEach((row, i) => row.forEach((number, j) =>
  head.writeUInt32LE(j === 1 ? number + head.length : number, 8 + i * 12 + j * 4)));
writeFileSync(process.argv[2], Buffer.concat([head, ...streams]));
if (rows.some(([address]) => address >= (ZOOM_MOST + 1) * 2 ** 24)) throw new Error('a zoom that is none');
