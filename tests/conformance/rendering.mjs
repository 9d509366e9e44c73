// Chapter 4: how values are shown, and the formats of exports.
import assert from 'node:assert/strict';
import { answers, fact } from './facts.mjs';
import { ask, exports, holed, records, root, shown, sites } from './sites.mjs';

const csv = async (parameters) => {
  const answer = await ask(`${exports}/csv`, { with_bom: false, ...parameters });
  assert.equal(answer.status, 200, answer.text);
  return answer.text;
};

answers('4.1', 'R', 'fields: name, label, description, type, annotations', `${root}/datasets/sites`, {}, ({ fields }) => {
  const field = (name) => fields.find((one) => one.name === name);
  const types = { code: 'text', kinds: 'text', power: 'int', height: 'double', opened: 'date', checked: 'datetime', active: 'boolean', place: 'geo_point_2d', area: 'geo_shape', built: 'date' };
  for (const [name, type] of Object.entries(types)) assert.equal(field(name).type, type, name);
  assert.deepEqual(field('power'), { name: 'power', label: 'Power', description: 'Rated', type: 'int', annotations: { unit: 'W' } });
  assert.deepEqual(field('kinds').annotations, { facet: true, multivalued: ',' });
  assert.equal(field('path').annotations.hierarchical, '/');
  assert.equal(field('active').annotations.disjunctive, true);
  assert.deepEqual(field('height').annotations, {});
});

fact('4.2', 'R', 'a double that is whole is shown with .0, a large integer with all its digits', async () => {
  const { text } = await ask(records, { select: 'power, height', where: 'code in ("s04", "s11")', order_by: 'code' });
  assert.match(text, /"height": 12\.0/);
  assert.match(text, /"power": 9007199254740993,/);
});
answers('4.2', 'R', 'timeserie_precision year: 2025', records, { select: 'built', where: 'code = "s11"' }, ({ results }) => assert.deepEqual(results, [{ built: '2025' }]));
answers('4.2', 'R', 'instants have an offset, never Z; fractions are kept', records, { select: 'checked', where: 'code in ("s05", "s06")', order_by: 'code' },
  ({ results }) => assert.deepEqual(results, [{ checked: '2026-07-01T12:00:00.25+00:00' }, { checked: '1969-07-20T20:17:40+00:00' }]));
fact('4.2', 'R', 'points are lon before lat', async () => {
  assert.match((await ask(records, { select: 'place', where: 'code = "s01"' })).text, /"place": \{"lon": 4\.35, "lat": 50\.85\}/);
});
answers('4.2', 'D', 'shapes are Features', records, { select: 'area', where: 'code = "s01"' }, ({ results }) => assert.deepEqual(results, [{ area: { type: 'Feature', geometry: holed, properties: {} } }]));

fact('4.3', 'R', 'csv: ; and CRLF, a byte order mark by default', async () => {
  const answer = await ask(`${exports}/csv`, { select: 'code, power', order_by: 'code', limit: 1 });
  assert.deepEqual([...answer.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.equal(answer.bytes.subarray(3).toString(), 'code;power\r\ns01;10\r\n');
  assert.equal(answer.header('content-type'), 'text/csv; charset=utf-8');
});
const cells = {
  's01|place': '50.85, 4.35', 's01|kinds': 'park,road', 's06|power': '', 's01|opened': '2023-08-15', 's01|checked': '2026-01-05T07:30:00+00:00',
  's08|name': '"line\nbreak; ""quoted"""', 's07|name': '🌳 arbre', 's09|name': 'مرحبا', 's01|active': 'True', 's02|active': 'False', 's04|height': '12.0',
};
for (const [key, expected] of Object.entries(cells)) {
  const [code, field] = key.split('|');
  fact('4.3', field === 'active' ? 'U' : 'R', `csv: ${field} of ${code}`, async () => {
    const text = await csv({ select: `${field}, code`, where: `code = "${code}"` });
    assert.equal(text, `${field};code\r\n${expected};${code}\r\n`);
  });
}
fact('4.3', 'R', 'csv: a shape is the text of its geometry', async () => {
  const text = await csv({ select: 'area', where: 'code = "s01"' });
  const cell = /^area\r\n"(.*)"\r\n$/s.exec(text)[1].replaceAll('""', '"');
  assert.deepEqual(JSON.parse(cell), holed);
});
fact('4.3', 'R', 'csv: a point is quoted only where the delimiter is a comma', async () => {
  assert.equal(await csv({ select: 'place', where: 'code = "s01"', delimiter: ',' }), 'place\r\n"50.85, 4.35"\r\n');
});
fact('4.3', 'D', 'csv: labels, lists, quotes', async () => {
  assert.equal(await csv({ select: 'code, kinds, power', where: 'code = "s01"', use_labels: true, list_separator: '|', quote_all: true }),
    '"Site code";"kinds";"Power"\r\n"s01";"park|road";10\r\n');
});
fact('4.3', 'R', 'csv: aliases are the header; groups export like rows, keys first', async () => {
  assert.equal(await csv({ select: 'count(*) as n', group_by: 'kind', where: 'kind = "tree"' }), 'kind;n\r\ntree;2\r\n');
});

fact('4.4', 'R', 'json is an array of records', async () => {
  const answer = await ask(`${exports}/json`, { order_by: 'code' });
  assert.deepEqual(answer.json, sites.map(shown));
  assert.equal(answer.header('content-type'), 'application/json; charset=utf-8');
});
fact('4.4', 'I', 'jsonl is one record a line', async () => {
  const answer = await ask(`${exports}/jsonl`, { order_by: 'code' });
  assert.deepEqual(answer.text.trimEnd().split('\n').map((line) => JSON.parse(line)), sites.map(shown));
  assert.match(answer.header('content-type'), /^application\/jsonl/);
});
answers('4.4', 'I', 'geojson: a FeatureCollection, the shape before the point, the rest as properties', `${exports}/geojson`, { order_by: 'code' }, (body, answer) => {
  assert.equal(body.type, 'FeatureCollection');
  assert.equal(body.features.length, sites.length);
  assert.deepEqual(body.features[0].geometry, holed);
  assert.equal(body.features[0].properties.name, 'Élan');
  assert.equal(body.features[8].geometry, null);
  assert.match(answer.header('content-type'), /^application\/(geo\+)?json/);
});
for (const [format, extension, type, start] of [['xlsx', 'xlsx', /spreadsheetml/, 'PK'], ['parquet', 'parquet', /parquet/, 'PAR1'], ['shp', 'zip', /zip/, 'PK'], ['kml', 'kml', /kml/, '<'],
  ['gpx', 'gpx', /gpx/, '<'], ['fgb', 'fgb', /octet-stream/, 'fgb'], ['mvt', 'mbtiles', /./, 'SQLite']]) {
  fact('4.4', 'U', `${format}: its content type, its name and its first bytes`, async () => {
    const answer = await ask(`${exports}/${format}`, { limit: 3, order_by: 'code' });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.match(answer.header('content-type'), type);
    assert.equal(answer.header('content-disposition'), `attachment; filename="sites.${extension}"`);
    assert.ok(answer.bytes.subarray(0, start.length).toString('latin1') === start);
  });
}
fact('4.4', 'D', 'geojson in another reference system', async () => {
  const { json } = await ask(`${exports}/geojson`, { select: 'code, place', where: 'code = "s01"', epsg: 3857 });
  const [x, y] = json.features[0].geometry.coordinates;
  assert.ok(Math.abs(x - 484239.78) < 1 && Math.abs(y - 6594200) < 3000, `${x} ${y}`);
});
