// The official client of the Explore API, as it comes from npm, against the server: what people's notebooks and
// dashboards do must work when only the domain is changed.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import client from '@opendatasoft/api-client';
import { fixture, lamps } from './lamps.mjs';
import { run, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const { ApiClient, UserError, AuthenticationError, NotFoundError, ServerError, fromCatalog, field, string, date, dateTime,
  dateFromIsoString, all, one, not, list, lower, textSearch, textStartWith, textSuggest, exactMatch } = client;

const folder = temporaryFolder();
const data = join(folder, 'data');
const metadata = new URL('./fixtures/street-lamps.json', import.meta.url).pathname;
cpSync(fixture, join(folder, 'lamps.csv'));
for (const [id, ...words] of [['street-lamps'], ['closed', '--restricted']]) {
  const done = run(['import', join(folder, 'lamps.csv'), '--id', id, '--metadata', metadata, '--data', data, ...words]);
  assert.equal(done.status, 0, done.stderr);
}
const server = await serve(data);
const portal = new ApiClient({ domain: server.portal });
const records = () => fromCatalog().dataset('street-lamps').records();
const ids = async (query) => (await portal.get(query)).results.map((record) => record.lamp_id);
const idsOf = (kept) => lamps.filter(kept).map((lamp) => lamp.lamp_id);

/** The lamps that a condition of the query builder finds, against those that a function keeps. */
async function finds(condition, kept) {
  const expected = idsOf(kept);
  assert.ok(expected.length > 0 && expected.length < lamps.length, `${condition} tells nothing`);
  const answer = await portal.get(records().where(condition).limit(100));
  assert.equal(answer.total_count, expected.length, condition);
  assert.deepEqual(answer.results.map((record) => record.lamp_id), expected.slice(0, 100), condition);
}

test('the catalogue, a dataset and its links', async () => {
  const catalogue = await portal.get(fromCatalog().datasets());
  assert.equal(catalogue.total_count, 1);
  assert.equal(catalogue.results[0].dataset_id, 'street-lamps');
  const dataset = await portal.get(fromCatalog().dataset('street-lamps').itself());
  assert.deepEqual(dataset, catalogue.results[0]);
  assert.equal(dataset.metas.default.records_count, lamps.length);
  const chosen = await portal.get(fromCatalog().datasets().select('dataset_id, records_count'));
  assert.deepEqual(chosen.results, [{ dataset_id: 'street-lamps', records_count: lamps.length }]);
  assert.ok((await portal.get(fromCatalog().itself())).links.some((link) => link.rel === 'datasets'));
  assert.equal((await portal.get('catalog/datasets?limit=10')).total_count, 1);
  assert.equal((await portal.get('/catalog/datasets/?refine=keyword:light')).total_count, 1);
});

test('records, pages, one record', async () => {
  const first = await portal.get(records());
  assert.deepEqual(first, { total_count: lamps.length, results: lamps.slice(0, 10) });
  let page = records().limit(3).offset(3);
  assert.deepEqual((await portal.get(page)).results, lamps.slice(3, 6));
  page = page.limit((limit) => limit + 2).offset((offset) => offset + 3);
  assert.deepEqual((await portal.get(page)).results, lamps.slice(6, 11));
  const linked = await portal.get(records().limit(1).set('include_links', 'true'));
  const id = /records\/([0-9a-f]{40})/.exec(linked.results[0]._links[0].href)[1];
  assert.deepEqual(await portal.get(fromCatalog().dataset('street-lamps').record(id)), lamps[0]);
});

test('select, group and order, as the query builder writes them', async () => {
  const query = records().select(list('lamp_type', undefined, 'count(*) as n')).select((previous) => list(previous, 'avg(power_w)'))
    .groupBy(field('lamp_type')).orderBy('-n').limit(10);
  const { results } = await portal.get(query);
  const types = [...new Set(lamps.map((lamp) => lamp.lamp_type))];
  assert.equal(results.length, types.length);
  for (const row of results) {
    const own = lamps.filter((lamp) => lamp.lamp_type === row.lamp_type);
    assert.equal(row.n, own.length);
    assert.ok(Math.abs(row['avg(power_w)'] - own.reduce((sum, lamp) => sum + lamp.power_w, 0) / own.length) < 1e-9);
  }
  assert.deepEqual(results.map((row) => row.n), results.map((row) => row.n).sort((a, b) => b - a));
  const lowered = await portal.get(records().select('count(*) as n').groupBy(lower('lamp_type')).limit(20));
  assert.ok(lowered.results.some((row) => row['lower(lamp_type)'] === 'led'));
  const renamed = await portal.get(records().select(`${field('power_w')} as \`Power (W)\``).limit(1));
  assert.deepEqual(renamed.results, [{ 'Power (W)': lamps[0].power_w }]);
  assert.deepEqual(await ids(records().orderBy('power_w desc, lamp_id').limit(5)), [...lamps]
    .sort((a, b) => b.power_w - a.power_w || (a.lamp_id < b.lamp_id ? -1 : 1)).slice(0, 5).map((lamp) => lamp.lamp_id));
});

test('conditions of every helper', async () => {
  await finds('power_w > 40', (lamp) => lamp.power_w > 40);
  await finds(`${field('lamp_type')}:${string('LED')}`, (lamp) => lamp.lamp_type === 'LED');
  await finds(exactMatch('lamp_type', 'LED'), (lamp) => lamp.lamp_type === 'LED');
  await finds(exactMatch('note', lamps[0].note), (lamp) => lamp.note === lamps[0].note);
  await finds(all('lamp_type:"LED"', null, 'power_w < 60'), (lamp) => lamp.lamp_type === 'LED' && lamp.power_w < 60);
  await finds(one('power_w = 20', 'power_w = 27'), (lamp) => lamp.power_w === 20 || lamp.power_w === 27);
  await finds(not(exactMatch('lamp_type', 'LED')), (lamp) => lamp.lamp_type !== 'LED');
  await finds(`${field('installed')} < ${date({ year: 2021, month: 3 })}`, (lamp) => lamp.installed < '2021-03');
  await finds(`${field('installed')} = ${dateFromIsoString('2019-01-01')}`, (lamp) => lamp.installed === '2019-01-01');
  await finds(`${field('checked_at')} >= ${dateTime(new Date('2026-03-03T02:30:00Z'))}`,
    (lamp) => Date.parse(lamp.checked_at) >= Date.parse('2026-03-03T02:30:00Z'));
  await finds(textSearch('elan vital'), (lamp) => lamp.note?.includes('Élan vital'));
  await finds(textSearch('elan', ['note']), (lamp) => lamp.note?.includes('Élan'));
  await finds(textSuggest('vit', ['note']), (lamp) => lamp.note?.includes('vital'));
  await finds(textStartWith('Élan', ['note', 'lamp_type']), (lamp) => lamp.note?.startsWith('Élan'));
  await finds('"park" in tags', (lamp) => lamp.tags.includes('park'));
  const query = records().where('power_w > 20').where((condition) => `${condition} AND power_w < 50`).limit(100);
  assert.deepEqual(await ids(query), idsOf((lamp) => lamp.power_w > 20 && lamp.power_w < 50).slice(0, 100));
});

test('facets, refine, exclude, language and time zone', async () => {
  const facets = await portal.get(fromCatalog().dataset('street-lamps').facets().facet('lamp_type').lang('fr'));
  assert.ok(facets.links.some((link) => link.rel === 'self'));
  const [types] = facets.facets;
  assert.equal(types.name, 'lamp_type');
  for (const { value, count, state } of types.facets) {
    assert.equal(state, 'displayed');
    assert.equal(count, idsOf((lamp) => lamp.lamp_type === value).length);
  }
  const refined = await portal.get(records().refine('lamp_type:LED').exclude('tags:park').limit(100));
  assert.deepEqual(refined.results, lamps.filter((lamp) => lamp.lamp_type === 'LED' && !lamp.tags.includes('park')).slice(0, 100));
  const everything = await portal.get(fromCatalog().facets());
  assert.ok(everything.facets.some((facet) => facet.name === 'publisher' && facet.facets[0].value === 'City Works'));
  const zoned = await portal.get(records().select('checked_at').limit(1).timezone('Europe/Brussels'));
  assert.equal(zoned.results[0].checked_at, '2026-01-01T01:30:00+01:00');
});

test('exports', async () => {
  const exported = await portal.get(fromCatalog().dataset('street-lamps').export('json').where('power_w > 40'));
  assert.deepEqual(exported, lamps.filter((lamp) => lamp.power_w > 40));
});

test('faults come as the classes of errors that clients tell apart', async () => {
  const { fault } = await portal.get(records().where('nosuch = 1')).catch((fault) => ({ fault }));
  assert.ok(fault instanceof UserError && !(fault instanceof NotFoundError));
  assert.equal(fault.details.error_code, 'ODSQLError');
  assert.match(fault.details.message, /Unknown field: nosuch\..*where/);
  await assert.rejects(portal.get(fromCatalog().dataset('nosuch').records()),
    (error) => error instanceof NotFoundError && error.details.error_code === 'NotFoundResource');
  await assert.rejects(portal.get('nowhere/'), NotFoundError);
  await assert.rejects(portal.get(records().limit(101)),
    (error) => error.details.error_code === 'InvalidRESTParameterError');
  await assert.rejects(portal.get(records(), { apiKey: 'wrong' }), AuthenticationError);
  await assert.rejects(portal.get(records().where('a ==')), (error) => error.details.error_code === 'ODSQLSyntaxError');
  const failing = { fetch: async () => new Response('{"error_code": "x", "message": "y"}', { status: 503 }) };
  await assert.rejects(portal.get(records(), failing), ServerError);
});

test('an API key opens what its owner may see', async () => {
  await makeUser(server, data, 'ada', ['--role', 'administrator']);
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  const made = await visitor.post('/account/keys', { name: 'notebook' });
  const apiKey = /[0-9a-f]{56}/.exec(made.text)[0];
  const closed = fromCatalog().dataset('closed').records();
  await assert.rejects(portal.get(closed), NotFoundError);
  const keyed = new ApiClient({ domain: server.portal, apiKey });
  assert.equal((await keyed.get(closed)).total_count, lamps.length);
  assert.equal((await keyed.get(fromCatalog().datasets())).total_count, 2);
});
