// Places: conditions on points, and every export format, on one and ten million records.
import { spawn } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { address, data, encode, folder, median, probe, probeSql, program, report, run, serve, versionFile } from './common.mjs';

const sizes = { 'places-1m': 1_000_000, 'places-10m': 10_000_000 };

/** Writes places as CSV: an id, a name, a category, an amount, a day, and a point somewhere on land or sea. */
export function writePlaces(rows, file) {
  if (existsSync(file)) return;
  const database = `${folder}/places.duckdb`;
  rmSync(database, { force: true });
  probeSql(database, 1, `copy (select i as id, 'place ' || (hash(i) % 50000)::varchar as name,
    'category ' || chr((65 + hash(i + 1) % 20)::integer) as category, (hash(i + 2) % 100000)::double / 100 as amount,
    date '2000-01-01' + (hash(i + 3) % 9000)::integer as day, round((hash(i + 4) % 17000000)::double / 1e5 - 85, 5) as latitude,
    round((hash(i + 5) % 36000000)::double / 1e5 - 180, 5) as longitude from range(${rows}) as t(i)) to '${file}' (format csv, header true)`);
  rmSync(database, { force: true });
}

/** Publishes places that are not there yet. */
export function importPlaces(directory, id, rows) {
  if (existsSync(directory) && run(program, ['list', '--data', directory]).split('\n').some((line) => line.startsWith(`${id}\t`))) return;
  const file = `${folder}/${id}.csv`;
  writePlaces(rows, file);
  run(program, ['import', file, '--id', id, '--data', directory, '--annotate', 'category=facet']);
  rmSync(file);
}

export function preparePlaces() {
  for (const [id, rows] of Object.entries(sizes)) importPlaces(data, id, rows);
}

const lon = '"geo_point_2d.lon"';
const lat = '"geo_point_2d.lat"';
const metres = `2 * 6371008.8 * asin(sqrt(power(sin(radians(${lat} - 48.85) / 2), 2) + cos(radians(48.85)) * cos(radians(${lat})) * power(sin(radians(${lon} - 2.35) / 2), 2)))`;
const near = `${lat} between 47.05 and 50.65 and ${lon} between -0.45 and 5.15 and ${metres} <= 200000`;

/** Requests and the statements that a person would write for the same answers. */
export const placeQueries = [
  ['in_bbox', `records?${encode({ where: 'in_bbox(geo_point_2d, 40, 0, 50, 10)', limit: 20 })}`,
    [`select * from records where ${lat} between 40 and 50 and ${lon} between 0 and 10 limit 20`,
      `select count(*) from records where ${lat} between 40 and 50 and ${lon} between 0 and 10`]],
  ['within_distance 200 km', `records?${encode({ where: "within_distance(geo_point_2d, geom'POINT(2.35 48.85)', 200km)", limit: 20 })}`,
    [`select * from records where ${near} limit 20`, `select count(*) from records where ${near}`]],
  ['within a polygon, counted, against its rectangle', `records?${encode({ where: "within(geo_point_2d, geom'POLYGON((0 40, 10 40, 10 50, 5 45, 0 50, 0 40))')", limit: 0 })}`,
    [`select count(*) from records where ${lat} between 40 and 50 and ${lon} between 0 and 10`]],
  ['nearest 20, sorted by distance', `records?${encode({ order_by: "distance(geo_point_2d, geom'POINT(2.35 48.85)')", limit: 20 })}`,
    [`select * from records order by ${metres} limit 20`, 'select count(*) from records']],
  ['facet below a rectangle', `facets?${encode({ facet: 'category', where: 'in_bbox(geo_point_2d, 0, 0, 50, 90)' })}`,
    [`select category, count(*) as n from records where ${lat} between 0 and 50 and ${lon} between 0 and 90 group by category order by n desc, category limit 100`]],
  ['group_by a range of numbers', `records?${encode({ group_by: 'range(amount, 100)', select: 'count(*) as n, avg(amount) as mean', limit: 100 })}`,
    ['select floor(amount / 100) as k, count(*) as n, avg(amount) as mean from records group by k order by k']],
  ['geo_cluster of all, zoom 4, against groups of rounded coordinates', `records?${encode({ group_by: 'geo_cluster(geo_point_2d, 4)', select: 'count(*) as n', limit: 1000 })}`,
    [`select floor(${lon} / 5), floor(${lat} / 5), count(*), avg(${lon}), avg(${lat}) from records group by 1, 2`]],
];

export async function benchPlaces() {
  const server = await serve('--cache', '0');
  for (const id of Object.keys(sizes)) {
    const file = versionFile(id);
    for (const [name, path, statements] of placeQueries) {
      const subject = [];
      const reference = [];
      for (let i = 0; i < 3; i += 1) {
        subject.push(JSON.parse(run(probe, ['http', '127.0.0.1', server.port, '7', address(id, path)])).median_ms);
        reference.push(probeSql(file, 7, ...statements).median_ms);
      }
      const [a, b] = [median(subject), median(reference)];
      report(`${id}: ${name}, uncached, against SQL`, a, b, a / b, '≤1.5', 'ms');
    }
  }
  await server.stop();
}

// ---- exports ----

/** Megabytes a second of an export read by curl. */
export async function exportSpeed(port, id, path) {
  const began = process.hrtime.bigint();
  const client = spawn('curl', ['-sf', '-o', '/dev/null', '-w', '%{size_download}', `http://127.0.0.1:${port}${address(id, path)}`]);
  let size = '';
  client.stdout.on('data', (bytes) => { size += bytes; });
  const status = await new Promise((done) => client.on('exit', done));
  if (status !== 0) throw new Error(`${id} ${path}: curl ended with ${status}`);
  return { megabytes: Number(size) / 1e6, seconds: Number(process.hrtime.bigint() - began) / 1e9 };
}

const columns = `id, name, category, amount, day, ${lat} || ', ' || ${lon} as geo_point_2d`;
// Format, path of the export, what the engine writes for comparison, the most records the format takes.
const formats = [
  ['csv', 'exports/csv', "format csv, delimiter ';'"],
  ['json', 'exports/json', 'format json, array true'],
  ['jsonl', 'exports/jsonl', 'format json'],
  ['geojson', 'exports/geojson', 'format json'],
  ['parquet', 'exports/parquet?parquet_compression=zstd', 'format parquet, compression zstd'],
  ['xlsx', 'exports/xlsx', 'format csv', 1_000_000],
  ['kml', 'exports/kml', 'format csv', 1_000_000],
  ['gpx', 'exports/gpx', 'format csv', 1_000_000],
  ['fgb', 'exports/fgb', 'format csv', 1_000_000],
  ['mvt', 'exports/mvt?limit=50000', 'format csv', 1_000_000],
  ['shp', 'exports/shp?limit=50000', 'format csv', 1_000_000],
];

export async function benchExports() {
  const server = await serve('--cache', '0', '--bulk-deadline', '3600s');
  for (const [id, rows] of Object.entries(sizes)) {
    const file = versionFile(id);
    for (const [format, path, options, most = Infinity] of formats) {
      if (rows > most) continue;
      const limit = Number(/limit=(\d+)/.exec(path)?.[1] ?? rows);
      const target = `${folder}/copy.${format}`;
      rmSync(target, { force: true });
      const copied = probeSql(file, 1, `copy (select ${columns} from records limit ${limit}) to '${target}' (${options})`).median_ms / 1000;
      const referenceMegabytes = statSync(target).size / 1e6;
      rmSync(target);
      const { megabytes, seconds } = await exportSpeed(server.port, id, path);
      const ratio = (limit / seconds) / (limit / copied);
      report(`${id}: ${format} export of ${limit} records over HTTP (ratio: records/s) against COPY (${options})`,
        megabytes / seconds, referenceMegabytes / copied, ratio, '≥0', 'MB/s');
    }
  }
  await server.stop();
}
