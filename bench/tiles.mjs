// Vector tiles of a million points at several zooms, against the bare aggregate of the same tile.
import { address, data, median, probe, probeSql, report, run, serve, versionFile } from './common.mjs';
import { importPlaces } from './places.mjs';

const id = 'places-1m';
const lon = '"geo_point_2d.lon"';
const lat = '"geo_point_2d.lat"';

export function prepareTiles() {
  importPlaces(data, id, 1_000_000);
}

const longitude = (x, z) => x / 2 ** z * 360 - 180;
const latitude = (y, z) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y / 2 ** z))) * 180 / Math.PI;

/** What a person would write: points of the tile in 64 by 64 cells of degrees, counted, with their mean. */
function aggregate(z, x, y, mean) {
  const [west, east, north, south] = [longitude(x, z), longitude(x + 1, z), latitude(y, z), latitude(y + 1, z)];
  return `select floor((${lon} - ${west}) / ${(east - west) / 64}) as i, floor((${lat} - ${south}) / ${(north - south) / 64}) as j,
    count(*), avg(${lon}), avg(${lat})${mean} from records where ${lon} between ${west} and ${east} and ${lat} between ${south} and ${north} group by 1, 2`;
}

const cases = [
  ['the world', 0, 0, 0], ['the world, with the mean of a field', 0, 0, 0, 'amount'], ['a quarter', 1, 1, 0], ['Europe', 3, 4, 2],
  ['a country', 5, 16, 11], ['a region', 7, 65, 44], ['a city', 10, 518, 352], ['a street', 16, 33193, 22546],
];

export async function benchTiles() {
  const server = await serve('--cache', '0');
  const file = versionFile(id);
  for (const [name, z, x, y, property] of cases) {
    const path = `tiles/${z}/${x}/${y}.mvt${property ? `?property=${property}` : ''}`;
    const statement = aggregate(z, x, y, property ? `, avg(${property})` : '');
    const subject = [];
    const reference = [];
    for (let i = 0; i < 3; i += 1) {
      subject.push(JSON.parse(run(probe, ['http', '127.0.0.1', server.port, '7', address(id, path)])).median_ms);
      reference.push(probeSql(file, 7, statement).median_ms);
    }
    const [a, b] = [median(subject), median(reference)];
    report(`${id}: tile ${z}/${x}/${y}, ${name}, uncached, against the aggregate as SQL`, a, b, a / b, '', 'ms');
  }
  await server.stop();
}
