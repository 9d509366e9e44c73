// 3.6: functions, and geometry wherever it stands in the clauses.
import assert from 'node:assert/strict';
import { fact, finds, rejects, yields } from './facts.mjs';
import { ask, records, sites } from './sites.mjs';

const site = (code, select, more = {}) => ({ select, where: `code = "${code}"`, ...more });

yields('3.6', 'D', site('s07', 'length(name) as n'), [{ n: 7 }]);
yields('3.6', 'D', site('s01', 'lower(name) as l, ifnull(height, 0) as h'), [{ l: 'élan', h: 1.5 }]);
yields('3.6', 'D', site('s01', 'year(checked) as y, month(checked) as m, day(checked) as d, hour(checked) as h, minute(checked) as i, second(checked) as s'),
  [{ y: 2026, m: 1, d: 5, h: 7, i: 30, s: 0 }]);
yields('3.6', 'D', site('s02', 'day(checked) as d, hour(checked) as h', { timezone: 'Europe/Brussels' }), [{ d: 6, h: 0 }]);

const formats = { YY: '26', yyyy: '2026', YYYY: '2026', xx: '26', xxxx: '2026', w: '2', ww: '02', e: '1', D: '5', DDD: '005', M: '1', MM: '01', MMMM: 'January',
  d: '5', dd: '05', H: '7', HH: '07', m: '30', mm: '30', s: '0', ss: '00', E: 'Mon', EEEE: 'Monday', "'at' HH:mm": 'at 07:30', "''yy": "'26", 'YYYY-MM-dd': '2026-01-05', 'dd/MM/YYYY, HH.mm?': '05/01/2026, 07.30?' };
for (const [pattern, expected] of Object.entries(formats)) {
  yields('3.6', 'D', site('s01', `date_format(checked, ${JSON.stringify(pattern)}) as f`, { lang: 'en' }), [{ f: expected }]);
}
const inFrench = site('s01', "date_format(checked, 'EEEE d MMMM') as f, date_format(checked, 'E') as e", { lang: 'fr' });
yields('3.6', 'D', inFrench, [{ f: 'lundi 5 janvier', e: 'lun.' }]);
yields('3.6', 'D', site('s01', "date_format(checked, 'EEEE') as f", { lang: 'de' }), [{ f: 'Montag' }]);

yields('3.6', 'D', { select: 'code, json_format(raw) as j', where: 'raw is not null', order_by: 'code' }, [
  { code: 's01', j: { a: [1, 2] } }, { code: 's02', j: 'not json' }, { code: 's03', j: null }, { code: 's05', j: 'text' }, { code: 's06', j: 12 }, { code: 's08', j: true }]);
yields('3.6', 'D', site('s02', 'json_format(raw, "none") as a, json_format(raw, null) as b'), [{ a: 'none', b: null }]);

finds('3.6', 'D', 'search(name, "elam vit")', (s) => s.code === 's02');
finds('3.6', 'D', 'search(name, "elam")', () => false);
finds('3.6', 'D', 'search(name, "filmo")', (s) => s.code === 's04');
finds('3.6', 'D', 'search("vital")', (s) => s.code === 's02');
finds('3.6', 'D', 'search(*, "vital")', (s) => s.code === 's02');
finds('3.6', 'D', 'suggest(name, "vit")', (s) => s.code === 's02');
finds('3.6', 'D', 'suggest(name, kind, "VIT")', (s) => s.code === 's02');
finds('3.6', 'D', 'startswith(name, "school")', (s) => s.code === 's05');
finds('3.6', 'D', 'startswith(name, "School")', (s) => s.code === 's06');

// ---- now()
fact('3.6', 'D', 'now() is now, whatever the zone', async () => {
  const [{ n }] = (await ask(records, { select: 'now() as n', limit: 1, timezone: 'Asia/Tokyo' })).json.results;
  assert.ok(Math.abs(Date.parse(n) - Date.now()) < 60000, n);
});
const moments = {
  'year=2001, month=2, day=31, hour=1, minute=2, second=3, microsecond=0': '2001-02-28T01:02:03+00:00',
  'year=2001, months=-1, month=3, day=1, hour=0, minute=0, second=0, microsecond=0': '2001-02-01T00:00:00+00:00',
  'year=2021, month=5, day=6, hour=0, minute=0, second=0, microsecond=0, weekday=0': '2021-05-10T00:00:00+00:00',
  'year=2021, month=5, day=6, hour=0, minute=0, second=0, microsecond=0, mondays=1': '2021-05-10T00:00:00+00:00',
  'year=2021, month=5, day=6, hour=0, minute=0, second=0, microsecond=0, mondays=-1': '2021-05-03T00:00:00+00:00',
  'year=2021, month=5, day=6, hour=0, minute=0, second=0, microsecond=0, thursdays=+1': '2021-05-06T00:00:00+00:00',
  'year=1999, year=2000, month=1, day=31, months=1, hour=0, minute=0, second=0, microsecond=0, hours=25': '2000-03-01T01:00:00+00:00',
};
for (const [text, expected] of Object.entries(moments)) {
  yields('3.6', 'D', { select: `now(${text}) as n`, limit: 1 }, [{ n: expected }]);
}

rejects('3.6', 'D', { select: 'now(minute=90) as n' }, 'ODSQLError');

// ---- aggregates
const lamps = (select) => ({ select, where: 'kind = "lamp"', limit: 1 });
yields('3.6', 'D', lamps('sum(power) as s, avg(power) as a, min(power) as l, max(power) as h'), [{ s: 100, a: 25, l: 10, h: 40 }]);
yields('3.6', 'D', lamps('median(power) as m, percentile(power, 50) as p, percentile(power, 100) as q, percentile(power, 0) as r'), [{ m: 25, p: 25, q: 40, r: 10 }]);
yields('3.6', 'M', lamps('percentile(power, 0.95) as p'), (results) => assert.ok(results[0].p < 11));
yields('3.6', 'D', lamps('min(opened) as a, max(checked) as b'), [{ a: '2023-08-15', b: '2026-07-01T12:00:00+00:00' }]);
yields('3.6', 'D', { select: 'count(distinct kind) as a, count(distinct ifnull(kind, "none")) as b', limit: 1 }, [{ a: 4, b: 5 }]);
rejects('3.6', 'D', { where: 'sum(power) > 1' }, 'ODSQLError');

// ---- geometry
const near = (a, b) => {
  const rad = Math.PI / 180;
  const h = Math.sin((b[1] - a[1]) * rad / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin((b[0] - a[0]) * rad / 2) ** 2;
  return 2 * 6371008.8 * Math.asin(Math.sqrt(h));
};
const away = (s, lon, lat) => s.place ? near([s.place.lon, s.place.lat], [lon, lat]) : Infinity;
for (const name of ['within_distance', 'distance']) {
  finds('3.5', 'D', `${name}(place, geom'POINT(4.35 50.85)', 10km)`, (s) => away(s, 4.35, 50.85) <= 10000);
}
for (const [unit, metres] of [['mi', 1609.344], ['yd', 0.9144], ['ft', 0.3048], ['m', 1], ['cm', 0.01], ['km', 1000], ['mm', 0.001]]) {
  const count = Math.round(7000 / metres);
  finds('3.1', 'D', `within_distance(place, geom'POINT(4.35 50.85)', ${count}${unit})`, (s) => away(s, 4.35, 50.85) <= count * metres);
}
finds('3.5', 'D', "within_distance(place, geom'POINT(180 10)', 30km)", (s) => ['s06', 's07'].includes(s.code));
finds('3.5', 'M', 'in_bbox(place, 50, 4, 51, 5)', (s) => ['s01', 's02'].includes(s.code));
const box = 'POLYGON((4 50, 5 50, 5 51, 4 51, 4 50))';
for (const literal of [box, JSON.stringify({ type: 'Polygon', coordinates: [[[4, 50], [5, 50], [5, 51], [4, 51], [4, 50]]] })]) {
  finds('3.1', 'D', `within(place, geom'${literal}')`, (s) => ['s01', 's02'].includes(s.code));
}
finds('3.5', 'D', `polygon(place, geom'${box}')`, (s) => ['s01', 's02'].includes(s.code));
finds('3.5', 'D', `disjoint(place, geom'${box}')`, (s) => s.place !== null && !['s01', 's02'].includes(s.code));
finds('3.5', 'D', "intersects(area, geom'POINT(4.2 50.2)')", (s) => s.code === 's01');
finds('3.5', 'D', "intersects(area, geom'POINT(5 51)')", () => false); // in the hole
finds('3.5', 'D', "within(area, geom'POLYGON((9 39, 12 39, 12 42, 9 42, 9 39))')", (s) => ['s02', 's08'].includes(s.code));
finds('3.5', 'D', "geometry(area, geom'POLYGON((9 39, 12 39, 12 42, 9 42, 9 39))', WITHIN)", (s) => ['s02', 's08'].includes(s.code));
finds('3.5', 'D', "geometry(area, geom'POLYGON((10.5 40.5, 12 40.5, 12 42, 10.5 42, 10.5 40.5))', INTERSECTS)", (s) => ['s02', 's08'].includes(s.code));
finds('3.5', 'D', "geometry(area, geom'POINT(4.2 50.2)', DISJOINT)", (s) => s.area !== null && s.code !== 's01');
finds('3.3', 'M', `not within(place, geom'${box}')`, (s) => !['s01', 's02'].includes(s.code));
rejects('3.5', 'D', { where: "within(place, geom'nonsense')" }, 'ODSQLError');
rejects('3.5', 'R', { where: "within(name, geom'POINT(1 1)')" }, 'ODSQLError');
yields('3.6', 'D', site('s02', "distance(place, geom'POINT(4.35 50.85)') as d"), (results) => {
  assert.ok(Math.abs(results[0].d - near([4.4, 50.9], [4.35, 50.85])) < 30, results[0].d);
});
yields('3.8', 'D', { select: 'code', order_by: "distance(place, geom'POINT(4.35 50.85)')", limit: 3 }, [{ code: 's01' }, { code: 's02' }, { code: 's03' }]);
yields('3.6', 'D', { select: 'bbox(place) as b, bbox(area) as c', where: 'kind = "lamp"', limit: 1 }, (results) => {
  const ends = (feature) => { const ring = feature.geometry.coordinates[0]; return [0, 1].flatMap((i) => [Math.min(...ring.map((p) => p[i])), Math.max(...ring.map((p) => p[i]))]); };
  assert.equal(results[0].b.type, 'Feature');
  assert.deepEqual(ends(results[0].b), [2.35, 5.57, 48.85, 50.9]);
  assert.deepEqual(ends(results[0].c), [0, 11, 0, 52]);
});
yields('3.6', 'D', { select: 'envelope(place) as e', where: 'kind = "lamp"', limit: 1 }, (results) => {
  assert.equal(results[0].e.geometry.type, 'Polygon');
  const corners = new Set(results[0].e.geometry.coordinates[0].map(String));
  for (const point of ['2.35,48.85', '5.57,50.63', '4.4,50.9', '4.35,50.85']) if (point !== '4.35,50.85') assert.ok(corners.has(point), point);
});
yields('3.7', 'M', { select: 'count(*) as n', group_by: 'geo_cluster(place, 3)', where: 'place is not null', limit: 100 }, (results) => {
  assert.equal(results.reduce((sum, row) => sum + row.n, 0), sites.filter((s) => s.place).length);
  for (const row of results) assert.deepEqual(Object.keys(row['geo_cluster(place, 3)'].cluster_centroid).sort(), ['lat', 'lon']);
});
rejects('3.7', 'M', { select: 'count(*)', group_by: 'geo_cluster(place, 3) as c' }, 'ODSQLError');
rejects('3.7', 'M', { select: 'count(*)', group_by: 'geo_cluster(place, 3), geo_cluster(place, 4)' }, 'ODSQLError');
