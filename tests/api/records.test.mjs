import test from 'node:test';
import assert from 'node:assert/strict';
import { get, portal } from './harness.mjs';
import { address, json, lampsPath, refused, root } from './explore.mjs';
import { fieldNames, lamps } from './lamps.mjs';

const path = `${lampsPath}/records`;
const base = new URL(portal).origin;

test('records come in the order of the file, ten by default, every field present', async () => {
  const answer = await json(path);
  assert.deepEqual(answer, { total_count: lamps.length, results: lamps.slice(0, 10) });
  assert.deepEqual(Object.keys(answer.results[0]), fieldNames);
  assert.deepEqual(await json(`${path}/`), answer);
});

test('numbers, text and separators are written as clients know them', async () => {
  const response = await get(address(path, { select: 'lamp_id,power_w,height_m,tags,position,note', limit: 1 }));
  assert.equal(await response.text(), '{"total_count": 250, "results": [{"lamp_id": "L000", "power_w": 20, '
    + '"height_m": 3.0, "tags": ["park", "dimmable"], "position": {"lon": 4.3, "lat": 50.8}, '
    + '"note": "He said \\"hi\\"; twice"}]}');
});

test('limit, offset and their aliases', async () => {
  assert.deepEqual((await json(path, { limit: 3, offset: 5 })).results, lamps.slice(5, 8));
  assert.deepEqual((await json(path, { rows: 2, start: 7 })).results, lamps.slice(7, 9));
  assert.deepEqual(await json(path, { limit: 0 }), { total_count: lamps.length, results: [] });
  assert.deepEqual((await json(path, { limit: -1 })).results, lamps.slice(0, 100));
  assert.deepEqual((await json(path, { limit: 100 })).results, lamps.slice(0, 100));
  assert.deepEqual(await json(path, { limit: 100, offset: 9900 }),
    { total_count: lamps.length, results: [] });
  assert.deepEqual(await json(path, { limit: 100, offset: 200 }),
    { total_count: lamps.length, results: lamps.slice(200) });
});

test('limits are refused with the known messages', async () => {
  const code = 'InvalidRESTParameterError';
  assert.equal(await refused(path, { limit: 200 }, 400, code),
    'Invalid value for limit API parameter: 200 was found but -1 <= limit <= 100 is expected.');
  assert.equal(await refused(path, { limit: 101 }, 400, code),
    'Invalid value for limit API parameter: 101 was found but -1 <= limit <= 100 is expected.');
  assert.equal(await refused(path, { limit: -2 }, 400, code),
    'Invalid value for limit API parameter: -2 was found but -1 <= limit <= 100 is expected.');
  assert.equal(await refused(path, { limit: 100, offset: 9950 }, 400, code),
    'Invalid value for sum of offset + limit API parameter: 10050 was found but <= 10000 is expected.');
  await refused(path, { limit: 1, offset: 10000 }, 400, code);
  await refused(path, { limit: -1, offset: 10001 }, 400, code);
  assert.match(await refused(path, { limit: 'ten' }, 400, code), /^Invalid value for limit API parameter: ten /);
  assert.match(await refused(path, { limit: '1.5' }, 400, code), /limit/);
  assert.match(await refused(path, { limit: '99999999999999999999' }, 400, code), /limit/);
  assert.match(await refused(path, { offset: -1 }, 400, code), /offset/);
  await refused(path, { offset: '9223372036854775807' }, 400, code);
  assert.equal(await refused(path, { group_by: 'lamp_type', limit: 20001 }, 400, code),
    'Invalid value for limit API parameter: 20001 was found but -1 <= limit <= 20000 is expected.');
  assert.equal(await refused(path, { group_by: 'lamp_type', limit: 20000, offset: 1 }, 400, code),
    'Invalid value for sum of offset + limit API parameter: 20001 was found but <= 20000 is expected.');
});

test('empty and unknown parameters are ignored', async () => {
  const plain = await json(path);
  assert.deepEqual(await json(path, { select: '', where: '', order_by: '', group_by: '', limit: '',
    offset: '', refine: '', exclude: '', lang: '', timezone: '', include_links: '', q: 'x', nosuch: '1' }), plain);
});

test('several where, refine and exclude are joined by AND', async () => {
  const expected = lamps.filter((lamp) => lamp.power_w > 50 && lamp.lamp_type === 'LED' && !lamp.broken
    && lamp.tags.includes('park'));
  const answer = await json(path, { where: ['power_w > 50', 'not broken'], refine: ['lamp_type:LED', 'tags:park'], limit: 100 });
  assert.equal(answer.total_count, expected.length);
  assert.deepEqual(answer.results, expected.slice(0, 100));
  const kept = lamps.filter((lamp) => lamp.lamp_type !== 'LED' && !lamp.tags.includes('old'));
  assert.equal((await json(path, { exclude: ['lamp_type:LED', 'tags:old'], limit: 0 })).total_count, kept.length);
  assert.deepEqual(await json(path, { where: 'power_w < 0' }), { total_count: 0, results: [] });
});

test('plus and %20 are blanks', async () => {
  const one = await (await get(`${path}?where=power_w+>+90&limit=1`)).text();
  assert.equal(one, await (await get(`${path}?where=power_w%20%3E%2090&limit=1`)).text());
});

test('order_by sorts, and pages never overlap', async () => {
  const seen = [];
  for (let offset = 0; offset < lamps.length; offset += 70) {
    const { results } = await json(path, { order_by: 'power_w desc', limit: 70, offset });
    seen.push(...results);
  }
  assert.equal(new Set(seen.map((lamp) => lamp.lamp_id)).size, lamps.length);
  const powers = seen.map((lamp) => lamp.power_w);
  assert.deepEqual(powers, [...powers].sort((a, b) => b - a));
});

test('a search keeps the order of the file', async () => {
  for (const where of ['"park*" or power_w > 60', 'search("elan vitel") or power_w > 30', 'not "vital"']) {
    const { results, total_count: total } = await json(path, { where, limit: 100 });
    const ids = results.map((lamp) => lamp.lamp_id);
    assert.deepEqual(ids, [...ids].sort());
    const rest = await json(path, { where, limit: 100, offset: 100 });
    assert.equal(new Set([...ids, ...rest.results.map((lamp) => lamp.lamp_id)]).size, Math.min(total, 200));
  }
});

test('an aggregate without group_by is repeated limit times', async () => {
  const row = { n: lamps.length, highest: Math.max(...lamps.map((lamp) => lamp.power_w)) };
  const select = 'count(*) as n, max(power_w) as highest';
  assert.deepEqual(await json(path, { select, limit: 1 }), { total_count: lamps.length, results: [row] });
  assert.deepEqual(await json(path, { select }), { total_count: lamps.length, results: Array(10).fill(row) });
  const where = 'lamp_type = "LED"';
  const leds = lamps.filter((lamp) => lamp.lamp_type === 'LED').length;
  assert.deepEqual(await json(path, { select: 'count(*) as n', where, limit: 2 }),
    { total_count: leds, results: [{ n: leds }, { n: leds }] });
});

test('groups: null first, total_count is the number of groups', async () => {
  const answer = await json(path, { select: 'count(*) as n', group_by: 'lamp_type as kind' });
  const count = (type) => lamps.filter((lamp) => lamp.lamp_type === type).length;
  assert.deepEqual(answer, { total_count: 4, results: [null, 'Halogen', 'LED', 'Sodium']
    .map((kind) => ({ kind, n: count(kind) })) });
  const page = await json(path, { select: 'count(*) as n', group_by: 'lamp_type', limit: 2, offset: 1 });
  assert.deepEqual([page.total_count, page.results.map((row) => row.lamp_type)], [4, ['Halogen', 'LED']]);
  const many = await json(path, { group_by: 'lamp_id', select: 'count(*) as n', limit: 20000 });
  assert.equal(many.results.length, lamps.length);
  assert.equal((await json(path, { group_by: 'lamp_id', limit: -1 })).results.length, lamps.length);
  assert.equal((await json(path, { group_by: 'lamp_id' })).results.length, 10);
});

test('datetimes are shown in the time zone asked for', async () => {
  const shown = async (timezone) => (await json(path,
    { select: 'checked_at', where: 'lamp_id="L003"', timezone })).results[0].checked_at;
  assert.equal(await shown('UTC'), '2026-04-04T03:30:00+00:00');
  assert.equal(await shown('Europe/Brussels'), '2026-04-04T05:30:00+02:00');
  assert.equal(await shown('America/St_Johns'), '2026-04-04T01:00:00-02:30');
  assert.match(await refused(path, { timezone: 'Mars/Olympus' }, 400, 'InvalidRESTParameterError'), /timezone/);
});

test('lang must be a known language', async () => {
  for (const lang of ['en', 'fr', 'nl', 'pt', 'it', 'ar', 'de', 'es', 'ca', 'eu', 'sv']) {
    const response = await get(address(path, { lang, limit: 1 }));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-language'), lang);
  }
  assert.match(await refused(path, { lang: 'xx' }, 400, 'InvalidRESTParameterError'), /lang/);
});

test('errors of clauses name clause and position', async () => {
  assert.equal(await refused(path, { select: 'nosuch' }, 400, 'ODSQLError'),
    'ODSQL query is malformed: Unknown field: nosuch. Clause(s) containing the error(s): select.');
  assert.match(await refused(path, { where: 'garbage==' }, 400, 'ODSQLSyntaxError'),
    /^ODSQL syntax exception: unexpected = at position 8 in garbage==\. Clause\(s\) containing the error\(s\): where\.$/);
  assert.match(await refused(path, { refine: 'nosuch:1' }, 400, 'ODSQLError'), /Unknown field: nosuch/);
  assert.match(await refused(path, { order_by: 'nosuch' }, 400, 'ODSQLError'), /Unknown field: nosuch/);
});

test('messages that quote the client stay text', async () => {
  for (let i = 0; i < 4; i++) {
    const name = 'x'.repeat(i) + 'é'.repeat(1200) + '😀'.repeat(i);
    for (const parameters of [{ where: `\`${name}\` = 1` }, { select: `power_w as \`${name}\`, 1 as \`${name}\`` },
      { refine: `\`${name}\`:1` }]) {
      assert.ok(!(await refused(path, parameters, 400, 'ODSQLError')).includes('\ufffd'));
    }
  }
});

test('too long or too many parameters are refused', async () => {
  await refused(path, { where: `lamp_id = "${'x'.repeat(17000)}"` }, 413, 'RequestTooLarge');
  await refused(path, { refine: Array(101).fill('lamp_type:LED') }, 413, 'RequestTooLarge');
});

test('a bad encoding is refused', async () => {
  const response = await get(`${path}?where=%ff`);
  assert.equal(response.status, 400);
});

test('include_links links pages and records', async () => {
  const { _links: links, results } = await json(path, { include_links: true, limit: 60, offset: 60, where: 'power_w > 0' });
  const hrefs = Object.fromEntries(links.map((link) => [link.rel, link.href]));
  assert.deepEqual(Object.keys(hrefs), ['self', 'first', 'last', 'next']);
  const offsets = links.map((link) => new URL(link.href).searchParams.get('offset'));
  assert.deepEqual(offsets, ['60', '0', '240', '120']);
  assert.deepEqual((await (await fetch(hrefs.next)).json()).results.map((lamp) => lamp.lamp_id),
    lamps.slice(120, 180).map((lamp) => lamp.lamp_id));
  const { _links: last } = await json(path, { include_links: true, limit: 60, offset: 240 });
  assert.deepEqual(last.map((link) => link.rel), ['self', 'first', 'last']);
  assert.deepEqual(results[0]._links.map((link) => link.rel), ['self', 'datasets', 'dataset']);
  assert.match(results[0]._links[0].href, new RegExp(`^${base}${path}/[0-9a-f]{40}$`));
  assert.equal(results[0]._links[2].href, `${base}${lampsPath}`);
  const groups = await json(path, { group_by: 'lamp_type', include_links: true });
  assert.equal(groups.results[0]._links, undefined);
});

test('a record is found by the id in its link', async () => {
  const { results } = await json(path, { include_links: true, limit: 3 });
  for (let i = 0; i < 3; i++) {
    const self = results[i]._links[0].href;
    const address_ = new URL(self).pathname;
    assert.deepEqual(await json(address_), lamps[i]);
    assert.deepEqual(await json(`${address_}/`), lamps[i]);
    assert.deepEqual(await json(address_, { select: 'lamp_id, power_w * 2 as double' }),
      { lamp_id: lamps[i].lamp_id, double: lamps[i].power_w * 2 });
    assert.equal((await json(address_, { timezone: 'Asia/Tokyo' })).checked_at.slice(-6), '+09:00');
  }
});

test('unknown records', async () => {
  const { results } = await json(path, { include_links: true, limit: 1 });
  const id = results[0]._links[0].href.slice(-40);
  const flipped = id.slice(0, 39) + (id[39] === '0' ? '1' : '0'); /* same key, other id */
  for (const absent of [flipped, '0'.repeat(40), 'f'.repeat(40), 'abc', 'g'.repeat(40), `${id}0`]) {
    assert.equal(await refused(`${path}/${absent}`, {}, 404, 'NotFoundResource'),
      `The requested record ${absent} does not exist.`);
  }
});

test('an answer already known is not sent again', async () => {
  for (const target of [path, `${root}/datasets`, lampsPath, `${lampsPath}/facets`, `${root}/facets`,
    `${lampsPath}/exports`, `${lampsPath}/exports/csv`]) {
    const first = await get(target);
    const etag = first.headers.get('etag');
    await first.arrayBuffer();
    assert.ok(etag, target);
    const second = await get(target, { headers: { 'if-none-match': etag } });
    assert.equal(second.status, 304, target);
    assert.equal(await second.text(), '');
    const other = await get(`${target}?timezone=Asia/Tokyo`, { headers: { 'if-none-match': etag } });
    assert.equal(other.status, 200, `${target} in another time zone`);
    await other.arrayBuffer();
  }
  const clock = await get(address(path, { where: 'checked_at < now()', limit: 1 }));
  assert.equal(clock.headers.get('etag'), null);
  await clock.arrayBuffer();
});
