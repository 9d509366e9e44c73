// From a title to a public dataset over HTTP, as a person without JavaScript and as a script.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { API, publish, serve, temporaryFolder } from './program.mjs';
import { makeUser } from './visitor.mjs';
import { jobWhen } from '../fault/source.mjs';
import { ended, makeDraft, preview, publishDraft, revision, signedIn, upload, use } from './wizard.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 5);
const server = await serve(data, ['--fetch-allow', '127.0.0.0/8']);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
await makeUser(server, data, 'peter', ['--role', 'publisher']);
const paula = await signedIn(server, 'paula');
const JSON_ACCEPT = { headers: { accept: 'application/json' } };

const records = async (id, query = '') => (await (await server.get(`${API}/${id}/records?${query}`)).json());
const settingsOf = async (draft) => JSON.parse((await paula.get(`${draft}/source`, JSON_ACCEPT)).text).settings;

async function field(draft, column, fields) {
  const answer = await paula.post(`${draft}/source/fields/${column}`, { revision: await revision(paula, draft), ...fields });
  return answer;
}

test('the steps lead from a title to a public dataset', async () => {
  const draft = await makeDraft(paula, 'Bikes & lamps');
  assert.equal(draft, '/backoffice/datasets/bikes-lamps');
  const source = await paula.get(`${draft}/source`);
  assert.match(source.text, /aria-current="step"/);
  const csv = 'code,naïve name,day,lat,lon,price\n01,Lamp A,31 déc. 2024,45.7,4.8,"1,5"\n02,Lamp B,1 janvier 2025,45.8,4.9,"2,5"\n';
  const id = await upload(paula, 'bikes-lamps', 'lamps.csv', Buffer.from(csv));
  assert.equal((await use(paula, draft, [id])).location, `${draft}/source/fields`);
  const found = await preview(paula, draft);
  assert.deepEqual(found.fields.map(({ column, type }) => `${column} ${type}`),
    ['code text', 'naive_name text', 'day text', 'lat double', 'lon double', 'price double', 'geo_point_2d geo_point_2d']);
  const page = await paula.get(`${draft}/source/fields`);
  assert.match(page.text, /naïve name/);
  assert.match(page.text, /31 déc\. 2024/);
  const shown = await field(draft, 'day', { type: 'date', date_format: 'd MMMM yyyy', preview: '1' });
  assert.equal(shown.status, 200);
  assert.match(shown.text, /2024-12-31/);
  assert.deepEqual(await settingsOf(draft), {}, 'a preview saves nothing');
  assert.equal((await field(draft, 'day', { type: 'date', date_format: 'd MMMM yyyy', label: 'Day' })).status, 303);
  assert.equal((await field(draft, 'naive_name', { name: 'lamp', label: 'Lamp', description: 'Its name', use: 'facet' })).status, 303);
  assert.equal((await field(draft, 'lat', { use: 'hidden' })).status, 303);
  assert.equal((await field(draft, 'lon', { use: 'hidden' })).status, 303);
  assert.equal((await field(draft, 'price', { unit: '€', decimals: '2' })).status, 303);
  const described = await paula.post(`${draft}/source/description`, { title: 'Bikes & lamps', description: 'What stands where.\n\nAnd <b>why</b>.',
    theme: 'Transport, Energy', keyword: 'lamp,street ; light;', license: 'CC BY 4.0', publisher: 'City' });
  assert.equal(described.status, 303, described.text);
  assert.equal((await server.get(`${API}/bikes-lamps`)).status, 404, 'still a draft');
  const state = await publishDraft(paula, draft, { note: 'first' });
  assert.ok(state.is_done, state.message);
  const dataset = await (await server.get(`${API}/bikes-lamps`)).json();
  assert.deepEqual(dataset.fields.map(({ name, type }) => `${name} ${type}`),
    ['code text', 'lamp text', 'day date', 'price double', 'geo_point_2d geo_point_2d']);
  assert.deepEqual(dataset.metas.default.theme, ['Transport', 'Energy']);
  assert.deepEqual(dataset.metas.default.keyword, ['lamp', 'street', 'light']);
  assert.equal(dataset.metas.default.license, 'CC BY 4.0');
  const { results } = await records('bikes-lamps', 'order_by=code');
  assert.deepEqual(results[0], { code: '01', lamp: 'Lamp A', day: '2024-12-31', price: 1.5, geo_point_2d: { lon: 4.8, lat: 45.7 } });
  assert.match((await paula.get(`${draft}/source/publish`)).text, /\/explore\/dataset\/bikes-lamps\//);
});

test('what is wrong with a field is said beside it, and nothing typed is lost', async () => {
  const draft = await makeDraft(paula, 'Faults');
  await use(paula, draft, [await upload(paula, 'faults', 'f.csv', Buffer.from('a,b\n1,x\n2,y\n'))]);
  for (const [fields, id] of [[{ name: 'Not A Name' }, 'name'], [{ type: 'date', date_format: 'qq' }, 'date_format'],
    [{ date_format: 'dd/MM/yyyy' }, 'date_format'], [{ decimals: '99' }, 'decimals'], [{ type: 'int', multivalued: ';' }, 'multivalued']]) {
    const answer = await field(draft, 'a', { label: 'Kept <label>', ...fields });
    assert.equal(answer.status, 422, JSON.stringify(fields));
    assert.match(answer.text, new RegExp(`id="${id}-error"`));
    assert.match(answer.text, /value="Kept &lt;label&gt;"/);
  }
  const bad = await field(draft, 'b', { type: 'int', preview: '1' });
  assert.match(bad.text, /2 rows of 2 do not fit/);
  assert.match(bad.text, /line 2/);
  assert.equal((await paula.get(`${draft}/source/fields/absent`)).status, 404);
  assert.equal((await field(draft, 'b', { name: 'a' })).status, 303);
  const state = await publishDraft(paula, draft);
  assert.ok(state.has_failed);
  assert.match(state.message, /another field called a/);
  assert.equal((await server.get(`${API}/faults`)).status, 404);
});

test('rows that do not fit stop the publication, or are left out and kept', async () => {
  const draft = await makeDraft(paula, 'Rows');
  const csv = 'n,text\n1,one\ntwo,=cmd()\n3,three\n';
  await use(paula, draft, [await upload(paula, 'rows', 'rows.csv', Buffer.from(csv))]);
  assert.equal((await field(draft, 'n', { type: 'int' })).status, 303);
  const stopped = await publishDraft(paula, draft);
  assert.ok(stopped.has_failed);
  assert.match(stopped.message, /rows\.csv, line 3, column 'n': 'two' was found, whole number is expected; choose the type text for the field n/);
  assert.doesNotMatch(stopped.message, /--/);
  const state = await publishDraft(paula, draft, { skip: '1' });
  assert.ok(state.is_done, state.message);
  assert.equal((await records('rows')).total_count, 2);
  const page = await paula.get(`${draft}/source/rejected`);
  assert.match(page.text, /1 row did not fit and was left out/);
  assert.match(page.text, />two</);
  const file = await paula.get(`${draft}/source/rejected.csv`);
  assert.match(file.headers.get('content-disposition'), /rejected\.csv/);
  assert.match(file.text, /^line,record,column,found,expected,reason\r\n/);
  assert.match(file.text, /n,two,int/);
});

test('a cell that does not fit is left empty where that is chosen, also when the source is read again', async () => {
  let csv = 'n,text\n1,one\ntwo,=cmd()\n3,three\n';
  const files = createServer((request, response) => response.end(csv));
  await new Promise((resolve) => { files.listen(0, '127.0.0.1', resolve); });
  after(() => files.close());
  const draft = await makeDraft(paula, 'Cells');
  await paula.post(`${draft}/source`, { kind: 'url', url: `http://127.0.0.1:${files.address().port}/cells.csv`, schedule: 'daily' });
  let found;
  do found = await preview(paula, draft); while (found.is_there !== undefined);
  assert.equal((await field(draft, 'n', { type: 'int' })).status, 303);
  assert.equal((await preview(paula, draft)).rejected, 1);
  const fields = await paula.get(`${draft}/source/fields`);
  assert.match(fields.text, /name="leave_empty"/);
  assert.equal((await paula.post(`${draft}/source/fields`, { revision: await revision(paula, draft), leave_empty: '1' })).status, 303);
  assert.equal((await settingsOf(draft)).empty_bad_cells, true);
  assert.equal((await preview(paula, draft)).rejected, 0);
  const after_ = (await paula.get(`${draft}/source/fields`)).text;
  assert.doesNotMatch(after_, /name="leave_/);
  assert.match(after_, /n: 1 cell was left empty, as the value does not fit the type whole number \(line 3: two\)/);
  assert.match(after_, /name="empty" value="1" checked/);
  const state = await publishDraft(paula, draft, { note: 'First' });
  assert.ok(state.is_done, state.message);
  assert.deepEqual((await records('cells', 'select=n,text')).results.map(({ n }) => n), [1, null, 3]);
  const page = (await paula.get(`/backoffice/jobs/${state.job}`)).text;
  const { result } = JSON.parse((await paula.get(`/backoffice/jobs/${state.job}`, JSON_ACCEPT)).text).job;
  assert.equal(result.emptied, 1);
  assert.match(page, /n: 1 cell was left empty.*line 3: two/);
  const versions = (await paula.get('/backoffice/datasets/cells/versions')).text;
  assert.match(versions, /First\s+Cells left empty because their values did not fit: n \(1\)/);
  assert.doesNotMatch(versions, /two/, 'values may be of a field that few may see');
  csv = 'n,text\nfour,x\nfive,y\n6,z\n';
  const again = await jobWhen(paula, (await paula.post(`${draft}/refresh`, {})).location, ({ state: now }) => now === 'done' || now === 'failed');
  assert.equal(again.state, 'done', again.message);
  assert.deepEqual((await records('cells', 'select=n')).results.map(({ n }) => n), [null, null, 6]);
  assert.match((await paula.get('/backoffice/datasets/cells/versions')).text, /did not fit: n \(2\)/);
  assert.match((await paula.get(`${draft}/source/fields`)).text, /Visitors see what was read from the address on .*Fetch the file/s, 'the file of before is given up');
  await paula.post(`${draft}/source/publish`, {}, { headers: { 'accept-language': 'fr' } });
  assert.ok((await ended(paula, draft)).is_done);
  assert.match((await paula.get('/backoffice/datasets/cells/versions')).text, /ne convenaient pas\u00a0: n \(2\)/, 'in the language of who publishes');
  assert.deepEqual((await records('cells', 'select=n')).results.map(({ n }) => n), [null, null, 6], 'and not the file that was looked at first');
  csv = 'n,text\n7,x\n';
  await paula.post(`${draft}/source/fields`, { fetch: '1' });
  do found = await preview(paula, draft); while (found.is_there !== undefined);
  assert.deepEqual(found.rows, [['7', 'x']]);
  const seen = await jobWhen(paula, (await paula.post(`${draft}/refresh`, {})).location, ({ state: now }) => now === 'done' || now === 'failed');
  assert.equal(seen.state, 'done', seen.message);
  assert.deepEqual((await records('cells', 'select=n')).results.map(({ n }) => n), [7], 'what was only looked at is new to visitors all the same');
  assert.ok((await publishDraft(paula, draft)).is_done);
  assert.deepEqual((await records('cells', 'select=n')).results.map(({ n }) => n), [7]);
});

test('a row of another shape is told in words', async () => {
  const draft = await makeDraft(paula, 'Shapes');
  const csv = `n,text\n${'1,one\n'.repeat(30000)}2,two,more\n`; // near the start it would make a column
  await use(paula, draft, [await upload(paula, 'shapes', 'shapes.csv', Buffer.from(csv))]);
  const state = await publishDraft(paula, draft, { skip: '1' });
  assert.ok(state.is_done, state.message);
  assert.match((await paula.get(`${draft}/source/rejected`)).text, />More values than there are columns</);
  assert.match((await paula.get(`${draft}/source/rejected`, { headers: { 'accept-language': 'fr' } })).text, />Plus de valeurs que de colonnes</);
  assert.match((await paula.get(`${draft}/source/rejected.csv`)).text, /Expected Number of Columns/);
});

test('several files become one version, or a dataset each', async () => {
  const draft = await makeDraft(paula, 'Parts');
  const parts = [];
  for (const [name, text] of [['part-10.csv', 'n,t\n3,c\n'], ['part-2.csv', 'n,t\n2,b\n'], ['part-1.csv', 'n,t\n1,a\n'], ['more.csv', 'n,u\n4,d\n']]) {
    parts.push(await upload(paula, 'parts', name, Buffer.from(text)));
  }
  const page = await paula.get(`${draft}/source`);
  assert.ok(page.text.indexOf('part-2.csv') < page.text.indexOf('part-10.csv'), 'as people count');
  await use(paula, draft, [parts[2], parts[1], parts[0], parts[3]]);
  const state = await publishDraft(paula, draft);
  assert.ok(state.is_done, state.message);
  assert.deepEqual((await records('parts', 'select=n,t,u')).results,
    [{ n: 1, t: 'a', u: null }, { n: 2, t: 'b', u: null }, { n: 3, t: 'c', u: null }, { n: 4, t: null, u: 'd' }]);
  assert.equal((await (await server.get(`${API}/parts`)).json()).metas.default.records_count, 4);

  const other = await makeDraft(paula, 'Each');
  const ids = [await upload(paula, 'each', 'red_ones.csv', Buffer.from('a\n1\n')), await upload(paula, 'each', 'blue ones.csv', Buffer.from('b\n2\n'))];
  await use(paula, other, ids, { together: 'each' });
  const list = (await paula.get('/backoffice/datasets')).text;
  assert.match(list, /blue ones/);
  const second = await publishDraft(paula, '/backoffice/datasets/blue-ones');
  assert.ok(second.is_done, second.message);
  assert.deepEqual((await records('blue-ones')).results, [{ b: 2 }]);
  assert.ok((await publishDraft(paula, other)).is_done);
  assert.deepEqual((await records('each')).results, [{ a: 1 }]);
});

test('who goes back to the form of a new dataset goes on with the draft that was begun', async () => {
  const draft = await makeDraft(paula, 'Trees & shrubs');
  const form = (await paula.get('/backoffice/datasets/new')).text;
  assert.match(form, /You have begun the dataset “Trees &amp; shrubs”, which has no data yet/);
  assert.match(form, /href="\/backoffice\/datasets\/trees-shrubs\/source">Go on with the data/);
  assert.equal(await makeDraft(paula, 'Trees & shrubs'), draft, 'no second draft');
  assert.equal(await makeDraft(paula, 'Trees & shrubs', 'trees-shrubs'), draft);
  assert.notEqual(await makeDraft(paula, 'Trees & shrubs', 'more-trees'), draft, 'another id is another dataset');
  await makeUser(server, data, 'polly', ['--role', 'publisher']);
  assert.notEqual(await makeDraft(await signedIn(server, 'polly'), 'Trees & shrubs'), draft, 'what others have begun is theirs');
  await upload(paula, 'trees-shrubs', 'trees.csv', Buffer.from('a\n1\n'));
  await upload(paula, 'more-trees', 'trees.csv', Buffer.from('a\n1\n'));
  assert.notEqual(await makeDraft(paula, 'Trees & shrubs'), draft, 'with data it is another one');
});

test('texts of few values are offered as filters, all by one button, until somebody chooses', async () => {
  const draft = await makeDraft(paula, 'Filters');
  const rows = Array.from({ length: 40 }, (_, i) => `${i},name ${i},${['oak', 'elm'][i % 2]},${['north', 'south', 'west'][i % 3]},${i % 4 ? 'x'.repeat(70) : ''},${i % 20}`);
  const id = await upload(paula, 'filters', 'filters.csv', Buffer.from(`n,name,Kind,Region,long,few\n${rows.join('\n')}\n`));
  await use(paula, draft, [id]);
  const offer = async () => /facet-offer"><p>(.*?)<\/p>/.exec((await paula.get(`${draft}/source/fields`)).text)?.[1];
  assert.match(await offer(), /Readers could filter by Kind, Region:/);
  await field(draft, 'kind', { use: 'hidden' });
  assert.match(await offer(), /filter by Region:/);
  await field(draft, 'kind', {});
  assert.equal((await paula.post(`${draft}/source/fields`, { revision: await revision(paula, draft), facets: '1' })).status, 303);
  assert.deepEqual((await settingsOf(draft)).fields.filter(({ facet }) => facet).map(({ column }) => column), ['kind', 'region']);
  assert.equal(await offer(), undefined);
  assert.ok((await publishDraft(paula, draft)).is_done);
  const { facets } = await (await server.get(`${API}/filters/facets`)).json();
  assert.deepEqual(facets.map(({ name }) => name), ['kind', 'region']);
});

test('the field that tells records apart is offered, until one is chosen; its records keep their addresses', async () => {
  const lines = (change) => Array.from({ length: 12 }, (_, i) => `town ${i % 11},${100 + i},${i === 3 ? change : 'same'}\n`).join('');
  const draft = await makeDraft(paula, 'Identified');
  const file = await upload(paula, 'identified', 'towns.csv', Buffer.from(`name,code_insee,note\n${lines('before')}`));
  await use(paula, draft, [file]);
  const offer = async (of = draft) => /identifier-offer"><p>(.*?)<\/p>/.exec((await paula.get(`${of}/source/fields`)).text)?.[1];
  assert.match(await offer(), /^“code_insee” has another value in each record that was looked at\./);
  await field(draft, 'code_insee', { use: 'hidden' });
  assert.equal(await offer(), undefined, 'not one that is left out');
  await field(draft, 'code_insee', {});
  const sent = { revision: await revision(paula, draft), identifier: '1' };
  assert.equal((await paula.post(`${draft}/source/fields`, sent)).status, 303);
  assert.deepEqual((await settingsOf(draft)).fields.filter(({ id }) => id).map(({ column }) => column), ['code_insee']);
  assert.equal(await offer(), undefined);
  assert.ok((await publishDraft(paula, draft)).is_done);
  const again = await makeDraft(paula, 'Identified later');
  await use(paula, again, [await upload(paula, 'identified-later', 'towns.csv', Buffer.from(`name,code_insee,note\n${lines('x')}`))]);
  assert.doesNotMatch(await offer(again), /change once/);
  assert.ok((await publishDraft(paula, again)).is_done);
  assert.match(await offer(again), /changed in it\. The addresses that records have now change once\.$/);
  const third = async () => (await records('identified', 'where=code_insee%3D103&include_links=true')).results[0];
  const before = await third();
  const next = await upload(paula, 'identified', 'more.csv', Buffer.from(`name,code_insee,note\n${lines('after')}`));
  await use(paula, draft, [next]);
  assert.ok((await publishDraft(paula, draft)).is_done);
  const after = await third();
  assert.deepEqual([before.note, after.note], ['before', 'after']);
  const address = ({ _links: links }) => links.find(({ rel }) => rel === 'self').href;
  assert.match(address(before), /\/identified\/records\/\w+/);
  assert.equal(address(after), address(before));

  // a name that says nothing: the first field, of a file that was looked at whole
  const cases = [['first', 'a,b\n', (i) => `x${i},1`, 'a'], ['second', 'b,a\n', (i) => `1,x${i}`, undefined],
    ['gap', 'id,b\n', (i) => `${i || ''},1`, undefined], ['twice', 'id,b\n', (i) => `${i || 1},1`, undefined],
    ['named', 'b,uuid,code\n', (i) => `${i},u${i},c${i}`, 'uuid'], ['double', 'id,b\n', (i) => `${i}.5,1`, undefined]];
  for (const [name, header, row, expected] of cases) {
    const other = await makeDraft(paula, `Identified ${name}`);
    const text = header + Array.from({ length: 8 }, (_, i) => `${row(i)}\n`).join('');
    await use(paula, other, [await upload(paula, `identified-${name}`, `${name}.csv`, Buffer.from(text))]);
    const offered = await offer(other);
    assert.equal(/^“(.*?)”/.exec(offered ?? '')?.[1], expected, `${name}: ${offered}`);
  }
});

test('who publishes a draft without description or licence is told what people will miss', async () => {
  const draft = await makeDraft(paula, 'Undescribed');
  await use(paula, draft, [await upload(paula, 'undescribed', 'u.csv', Buffer.from('Name of it,b\n1,2\n'))]);
  const notice = async () => /undescribed"><p>(.*?)<\/p><p><a href="([^"]*)"/.exec((await paula.get(`${draft}/source/publish`)).text)?.slice(1);
  const describe = async (values) => {
    const seen = /name="revision" value="(\d+)"/.exec((await paula.get(`${draft}/source/description`)).text)[1];
    assert.equal((await paula.post(`${draft}/source/description`, { title: 'Undescribed', revision: seen, ...values })).status, 303);
  };
  const [none, where] = await notice();
  assert.match(none, /no description.*No licence is chosen/);
  assert.equal(where, `${draft}/source/description`);
  await describe({ description: 'First lines\n\nand second ones.' });
  assert.match((await paula.get(where)).text, />\n?First lines\n\nand second ones\.<\/textarea>/, 'as they were typed');
  assert.match((await notice())[0], /^No licence is chosen/);
  await describe({ description: 'First lines', license: 'CC0 1.0' });
  assert.equal(await notice(), undefined);
  assert.match((await paula.get(`${draft}/source/fields/name_of_it`)).text, /<h2[^>]*>Name of it</, 'the label is the heading');
  assert.ok((await publishDraft(paula, draft)).is_done);
  await describe({ description: '' });
  assert.equal(await notice(), undefined, 'of what is published the quality says it');
});

test('which files will be read is said by their ticks, and a file that comes later is not read along unasked', async () => {
  const draft = await makeDraft(paula, 'Ticks');
  const send = (name, text) => upload(paula, 'ticks', name, Buffer.from(text));
  const ticks = async () => Object.fromEntries([...(await paula.get(`${draft}/source`)).text
    .matchAll(/name="use" value="([^"]+)"( checked)?> <label/g)].map(([, id, checked]) => [id, Boolean(checked)]));
  const first = await send('first.csv', 'name,n\na,1\n');
  const second = await send('second.csv', 'name,n\nb,2\n');
  assert.deepEqual(await ticks(), { [first]: true, [second]: true }, 'at first all of them');
  await use(paula, draft, [first]);
  const page = (await paula.get(`${draft}/source`)).text;
  assert.match(page, /when-chosen">will be read<.*?when-not-chosen">will not be read</);
  assert.deepEqual(await ticks(), { [first]: true, [second]: false });
  assert.doesNotMatch(page, /Read it instead/, 'what was left out on purpose is not offered');
  const alike = await send('alike.csv', 'name,n\na,1\n');
  assert.deepEqual(await ticks(), { [first]: true, [second]: false, [alike]: false }, 'the same columns do not make it a part');
  const offered = (await paula.get(`${draft}/source`)).text;
  assert.match(offered, /alike\.csv came after the file that was chosen before/);
  assert.match(offered, new RegExp(`name="use" value="${alike}">Read it instead`));
  await use(paula, draft, [first, alike]);
  assert.deepEqual(await ticks(), { [first]: true, [second]: false, [alike]: true }, 'unless it is ticked');
  const other = await send('other.csv', 'street,lamps\nx,3\n');
  await use(paula, draft, [other]);
  assert.deepEqual((await preview(paula, draft)).fields.map(({ column }) => column), ['street', 'lamps']);
  assert.deepEqual(await ticks(), { [first]: false, [second]: false, [alike]: false, [other]: true }, 'those that were given up are new no more');
  assert.doesNotMatch((await paula.get(`${draft}/source`)).text, /Read it instead/);
  assert.match((await paula.get('/explore/?q=Ticks')).text, /Ticks<\/a> <span class="tag warning">Draft</, 'and not "restricted"');
  assert.ok((await publishDraft(paula, draft)).is_done);
  const next = await send('next.csv', 'other,columns\nx,3\n');
  assert.equal((await ticks())[next], true, 'a new file takes the place of what was published');
  assert.equal((await ticks())[other], false);
});

test('a published dataset gets its next version by the same steps', async () => {
  const draft = await makeDraft(paula, 'Next');
  await use(paula, draft, [await upload(paula, 'next', 'one.csv', Buffer.from('id,v\na,1\nb,2\n'))]);
  await field(draft, 'id', { use: 'id' });
  assert.ok((await publishDraft(paula, draft, { visible: 'restricted' })).is_done);
  assert.equal((await server.get(`${API}/next`)).status, 404, 'for those who were given access');
  const more = await upload(paula, 'next', 'two.csv', Buffer.from('id,v\nb,20\nc,30\n'));
  await use(paula, draft, [more]);
  const state = await publishDraft(paula, draft, { records: 'append' });
  assert.ok(state.is_done, state.message);
  const page = JSON.parse((await paula.get(`${API}/next/records?order_by=id`, JSON_ACCEPT)).text);
  assert.deepEqual(page.results, [{ id: 'a', v: 1 }, { id: 'b', v: 20 }, { id: 'c', v: 30 }]);
});

test('from field to field: saved, and the next one is shown, behind the last the list', async () => {
  const draft = await makeDraft(paula, 'Field to field');
  await use(paula, draft, [await upload(paula, draft.split('/').at(-1), 'f.csv', Buffer.from('a,b,c\n1,2,3\n'))]);
  const next = async (column) => (await field(draft, column, { label: `Label of ${column}`, next: '1' })).location;
  const button = async (column) => /name="next"/.test((await paula.get(`${draft}/source/fields/${column}`)).text);
  assert.deepEqual([await button('a'), await button('b'), await button('c')], [true, true, false]);
  assert.match(await next('a'), new RegExp(`${draft}/source/fields/b(\\?|$)`));
  assert.match(await next('b'), new RegExp(`${draft}/source/fields/c(\\?|$)`));
  assert.match(await next('c'), new RegExp(`${draft}/source/fields(\\?|$)`));
  assert.deepEqual((await preview(paula, draft)).fields.map(({ label }) => label), ['Label of a', 'Label of b', 'Label of c']);
});

test('two who change the same: nothing is overwritten, the second sees both', async () => {
  const draft = await makeDraft(paula, 'Both');
  await use(paula, draft, [await upload(paula, 'both', 'b.csv', Buffer.from('a\n1\n'))]);
  const began = await revision(paula, draft);
  assert.equal((await paula.post(`${draft}/source/fields/a`, { revision: began, label: 'First' })).status, 303);
  const second = await paula.post(`${draft}/source/fields/a`, { revision: began, label: 'Second' });
  assert.equal(second.status, 422);
  assert.match(second.text, /paula has changed the source/);
  assert.match(second.text, /Stored now: label “First”/);
  assert.match(second.text, /value="Second"/);
  assert.equal((await settingsOf(draft)).fields[0].label, 'First');
  const again = /name="revision" value="(\d+)"/.exec(second.text)[1];
  assert.equal((await paula.post(`${draft}/source/fields/a`, { revision: again, label: 'Second' })).status, 303);
  assert.equal((await settingsOf(draft)).fields[0].label, 'Second');

  const form = await paula.get(`${draft}/source/description`);
  const seen = /name="revision" value="(\d+)"/.exec(form.text)[1];
  assert.equal((await paula.post(`${draft}/source/description`, { revision: seen, title: 'Theirs', description: 'x' })).status, 303);
  const mine = await paula.post(`${draft}/source/description`, { revision: seen, title: 'Mine', description: 'y' });
  assert.equal(mine.status, 422);
  assert.match(mine.text, /title “Theirs”/);
  assert.match(mine.text, /value="Mine"/);
});

test('what was published is told with its address, and only who may edit is led back from the portal', async () => {
  const peter = await signedIn(server, 'peter');
  assert.match((await peter.get('/backoffice')).text, /You have no dataset yet\..*?href="\/backoffice\/datasets\/new"/s);
  const draft = await makeDraft(paula, 'Told');
  assert.doesNotMatch((await paula.get(draft)).text, /\/explore\/dataset\/told\//, 'there is nothing to see yet');
  assert.match((await paula.get(draft)).text, /href="\/backoffice\/datasets\/told\/source">Add records/);
  await use(paula, draft, [await upload(paula, 'told', 'one.csv', Buffer.from('id,lat,lon\na,45,4\nb,46,5\n'))]);
  assert.ok((await publishDraft(paula, draft)).is_done);
  const published = (await paula.get(`${draft}/source/publish`)).text;
  assert.match(published, /Version 1 is published, with 2 records\./);
  assert.ok(published.includes(`Everybody finds it at <a href="/explore/dataset/told/">${server.portal}/explore/dataset/told/</a>`));
  assert.match(published, /href="\/explore\/dataset\/told\/map\/">Look at the map/);
  assert.match(published, /<details[^>]*><summary>Publish the same source again/);
  await use(paula, draft, [await upload(paula, 'told', 'two.csv', Buffer.from('id,lat,lon\na,45,4\n'))]);
  assert.doesNotMatch((await paula.get(`${draft}/source/publish`)).text, /Publish the same source again/, 'another file is there');
  const edit = /href="\/backoffice\/datasets\/told">Edit/;
  for (const tab of ['', 'table/', 'map/']) {
    assert.match((await paula.get(`/explore/dataset/told/${tab}`)).text, edit);
    assert.doesNotMatch(await (await server.get(`/explore/dataset/told/${tab}`)).text(), edit);
    assert.doesNotMatch((await peter.get(`/explore/dataset/told/${tab}`)).text, edit);
  }
});

test('an address is fetched, looked at and published', async () => {
  let isBroken = false;
  const files = createServer((request, response) => {
    if (request.url === '/table.csv' && !isBroken) {
      response.setHeader('content-type', 'text/csv');
      response.end('a,b\n1,x\n2,y\n');
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => { files.listen(0, '127.0.0.1', resolve); });
  after(() => files.close());
  const base = `http://127.0.0.1:${files.address().port}`;
  const draft = await makeDraft(paula, 'Address');
  const wrong = await paula.post(`${draft}/source`, { kind: 'url', url: 'file:///etc/passwd' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /id="url-error"/);
  assert.match(wrong.text, /value="file:\/\/\/etc\/passwd"/);
  assert.equal((await paula.post(`${draft}/source`, { kind: 'url', url: `${base}/table.csv`, schedule: 'daily' })).status, 303);
  let found;
  do found = await preview(paula, draft); while (found.is_there !== undefined && !found.has_failed);
  assert.deepEqual(found.fields.map(({ column }) => column), ['a', 'b'], found.message);
  const stored = JSON.parse((await paula.get(`${draft}/source`, JSON_ACCEPT)).text);
  assert.equal(stored.schedule, 'daily');
  const state = await publishDraft(paula, draft);
  assert.ok(state.is_done, state.message);
  assert.equal((await records('address')).total_count, 2);
  // The server has no tag for its file: what was published is known by its digest, and is no news.
  const again = await jobWhen(paula, (await paula.post(`${draft}/refresh`, {})).location, ({ state: now }) => now === 'done' || now === 'failed');
  assert.deepEqual(again.result, { changed: false }, again.message);

  const source = (await paula.get(`${draft}/source`)).text;
  assert.match(source, /Last read.*?every day|every day.*?Last read/s);
  assert.doesNotMatch(source, /could not be read|name="use"/, 'the copy of the file is none that people sent');
  isBroken = true;
  const job = (await paula.post('/backoffice/datasets/address/refresh', {})).location;
  let failed;
  do failed = JSON.parse((await paula.get(job, JSON_ACCEPT)).text).job; while (['waiting', 'running'].includes(failed.state));
  assert.equal(failed.state, 'failed');
  assert.match((await paula.get(`${draft}/source`)).text, /The source could not be read.*?404.*?The published version stays.*?Failed/s);
  assert.match((await paula.get('/backoffice')).text, /href="\/backoffice\/datasets\/address\/source"><strong>Address<\/strong><\/a>: The source could not be read: .*?404/);

  const absent = await makeDraft(paula, 'Absent');
  await paula.post(`${absent}/source`, { kind: 'url', url: `${base}/absent.csv` });
  do found = await preview(paula, absent); while (found.is_there !== undefined && !found.has_failed);
  assert.match(found.message, /404/);
  assert.match((await paula.get(`${absent}/source/fields`)).text, /Fetch the file/);
});

test('a table of another dataset, with the rights of who asks', async () => {
  const draft = await makeDraft(paula, 'Few numbers');
  const wrong = await paula.post(`${draft}/source`, { kind: 'dataset', table: 'numbers', where: 'nothing > 1' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /id="table-error"/);
  assert.match(wrong.text, /value="nothing &gt; 1"/);
  const hidden = await paula.post(`${draft}/source`, { kind: 'dataset', table: 'next' });
  assert.equal(hidden.status, 303, 'his own');
  const peter = await signedIn(server, 'peter');
  const his = await makeDraft(peter, 'His');
  assert.equal((await peter.post(`${his}/source`, { kind: 'dataset', table: 'next' })).status, 422, 'not for him');
  const made = await paula.post(`${draft}/source`, { kind: 'dataset', table: 'numbers', where: 'n >= 2', select: 'n, n * 10 as tens',
    revision: await revision(paula, draft) });
  assert.equal(made.status, 303, made.text);
  assert.deepEqual((await preview(paula, draft)).rows[0], ['2', '20']);
  const state = await publishDraft(paula, draft);
  assert.ok(state.is_done, state.message);
  assert.deepEqual((await records('few-numbers')).results, [{ n: 2, tens: 20 }, { n: 3, tens: 30 }, { n: 4, tens: 40 }]);
});

test('formats as they are found', async () => {
  const cases = [
    ['x.json', JSON.stringify([{ a: 1, b: [1, 2] }, { a: 2 }]), 'json', ['a', 'b']],
    ['x.geojson', JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', properties: { a: 1 }, geometry: { type: 'Point', coordinates: [4, 45] } }] }), 'geojson', ['a', 'geo_point_2d']],
    ['x.csv.gz', gzipSync('a;b\n1;2\n'), 'csv', ['a', 'b']],
    ['x.jsonl', '{"a":1}\n{"a":2}\n', 'jsonl', ['a']],
  ];
  for (const [name, bytes, format, columns] of cases) {
    const draft = await makeDraft(paula, `Format ${name}`);
    const id = draft.split('/').at(-1);
    await use(paula, draft, [await upload(paula, id, name, Buffer.from(bytes))]);
    const found = await preview(paula, draft);
    assert.equal(found.fault, '', name);
    assert.equal(found.format, format, name);
    assert.deepEqual(found.fields.map(({ column }) => column), columns, name);
  }
});

test('a sample of a large file is enough for the preview', async () => {
  const path = join(folder, 'large.csv');
  const lines = Array.from({ length: 600000 }, (_, i) => `${i},"text of ${i}, with ""quotes""\nand a line"`).join('\n');
  writeFileSync(path, `n,text\n${lines}\n`);
  const draft = await makeDraft(paula, 'Large');
  await use(paula, draft, [await upload(paula, 'large', 'large.csv', readFileSync(path))]);
  const found = await preview(paula, draft);
  assert.equal(found.fault, '');
  assert.ok(found.is_sample);
  assert.equal(found.rejected, 0);
  assert.ok(found.records > 5000 && found.records < 600000, String(found.records));
});

test('pages of a dataset are for those who may publish it', async () => {
  const peter = await signedIn(server, 'peter');
  for (const step of ['', '/fields', '/fields/code', '/description', '/publish', '/rejected', '/rejected.csv']) {
    assert.equal((await peter.get(`/backoffice/datasets/bikes-lamps/source${step}`)).status, 403, step);
    assert.equal((await peter.get(`/backoffice/datasets/both/source${step}`)).status, 404, `draft ${step}`);
  }
  assert.equal((await peter.post('/backoffice/datasets/bikes-lamps/source/publish', {})).status, 403);
  assert.ok((await ended(paula, '/backoffice/datasets/bikes-lamps')).is_done);
});

test('what nearly all values are is offered as the type, and rows that do not fit can be left out where that is said', async () => {
  const draft = await makeDraft(paula, 'Nearly');
  const rows = Array.from({ length: 40 }, (_, i) => `T${i},${i === 6 ? 'tall' : `${10 + i},5`},${i === 9 ? 'unknown' : `${String(1 + (i % 28)).padStart(2, '0')}/03/2021`},${i % 2 ? 'oak' : 'lime'}`.split(',')
  ).map(([name, ...rest]) => rest.length === 4 ? [name, `${rest[0]},${rest[1]}`, rest[2], rest[3]] : [name, ...rest]);
  const csv = `name;height;planted;kind\n${rows.map((row) => row.join(';')).join('\n')}\n`;
  await use(paula, draft, [await upload(paula, 'nearly', 'nearly.csv', Buffer.from(csv))]);
  const page = await paula.get(`${draft}/source/fields`);
  assert.match(page.text, /39 of 40 values are of the type decimal number; not, for example, “tall”\./);
  assert.match(page.text, /39 of 40 values are of the type date; not, for example, “unknown”\./);
  assert.equal(page.text.match(/name="retype"/g).length, 2, 'not for names and kinds');
  assert.doesNotMatch(page.text, /name="leave_out"/);
  for (const value of ['double:height', 'date:planted']) {
    assert.equal((await paula.post(`${draft}/source/fields`, { retype: value })).status, 303);
  }
  const misfits = await paula.get(`${draft}/source/fields`);
  assert.match(misfits.text, /2 rows of 40 do not fit, and would stop the publication\./);
  assert.doesNotMatch(misfits.text, /name="retype"/);
  for (const value of ['', 'double', 'nothing:height', ':height', 'double:', 'double:absent', `double:${'x'.repeat(200)}`]) {
    const answer = await paula.post(`${draft}/source/fields`, { retype: value });
    assert.equal(answer.status, 200, value);
  }
  assert.equal((await paula.post(`${draft}/source/fields`, { leave_out: '1' })).status, 303);
  assert.doesNotMatch((await paula.get(`${draft}/source/fields`)).text, /name="leave_out"/);
  const state = await publishDraft(paula, draft, { skip: '1' });
  assert.ok(state.is_done, state.message);
  const dataset = await (await server.get(`${API}/nearly`)).json();
  assert.deepEqual(dataset.fields.map(({ name, type }) => `${name} ${type}`), ['name text', 'height double', 'planted date', 'kind text']);
  assert.equal((await records('nearly')).total_count, 38);
});

test('files that are no data are called what they are', async () => {
  const draft = await makeDraft(paula, 'Foreign');
  const cases = [['page.csv', '\ufeff  <!DOCTYPE HTML><html><body>Not found</body></html>', /page\.csv: this is a web page \(HTML\)/],
    ['notice.csv', '%PDF-1.7\n%âãÏÓ\n1 0 obj\n', /notice\.csv: this is a PDF document/],
    ['photo.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /photo\.csv: this is a picture/]];
  for (const [name, bytes, told] of cases) {
    await use(paula, draft, [await upload(paula, 'foreign', name, Buffer.from(bytes))]);
    const page = await paula.get(`${draft}/source/fields`);
    assert.equal(page.status, 200);
    assert.match(page.text, told);
    assert.doesNotMatch(page.text, /id="preview"/);
  }
});

test('a draft goes on where it was, is published empty only by that name, and has no day of publication then', async () => {
  const draft = await makeDraft(paula, 'Paused');
  assert.match((await paula.get(draft)).text, />Add records</);
  await use(paula, draft, [await upload(paula, 'paused', 'p.csv', Buffer.from('a\n1\n'))]);
  const overview = await paula.get(draft);
  assert.match(overview.text, /href="[^"]*\/source\/fields">Go on with the data</);
  assert.doesNotMatch(overview.text, /">Publish</);
  assert.match(overview.text, />Publish without records</);
  assert.equal((await paula.post(`${draft}/release`, { seen: 'everyone' })).status, 303);
  const visitor = await (await server.get('/explore/dataset/paused/')).text();
  assert.doesNotMatch(visitor, /1970/);
  assert.equal((await (await server.get(`${API}/paused`)).json()).metas.default.data_processed, null);
  const state = await publishDraft(paula, draft);
  assert.ok(state.is_done, state.message);
  assert.match((await paula.get(draft)).text, />New version of the data</);
  assert.match((await paula.get(`${draft}/source/publish`)).text, /Version 1 is published/);
  await use(paula, draft, [await upload(paula, 'paused', 'q.csv', Buffer.from('a\n1\n2\n'))]);
  assert.doesNotMatch((await paula.get(`${draft}/source/publish`)).text, /Version 1 is published/, 'not said of another source');
});

test('what was typed and not sent is kept for who typed it, for this form, until it is saved', async () => {
  const draft = await makeDraft(paula, 'Unsent');
  const values = { base: [['title', 'Unsent']], typed: [['title', 'Typed “so far”']] };
  const kept = async (who, form, headers = {}) => JSON.parse((await who.get(`${draft}/unsent?form=${encodeURIComponent(form)}`,
    { headers: { accept: 'application/json', ...headers } })).text);
  const keep = (form, text) => paula.post(`${draft}/unsent`, { form, values: text }, JSON_ACCEPT);
  assert.equal((await kept(paula, 'description')).values, null);
  assert.equal((await keep('description', JSON.stringify(values))).status, 200);
  assert.deepEqual((await kept(paula, 'description')).values, values);
  assert.match((await kept(paula, 'description', { 'accept-language': 'de' })).notice, /nicht gespeichert/);
  assert.equal((await kept(paula, 'field/n')).values, null, 'another form');
  const peter = await signedIn(server, 'peter');
  assert.equal((await peter.get(`${draft}/unsent?form=description`)).status, 404, 'nobody else sees the draft');
  await makeUser(server, data, 'unsent-boss', ['--role', 'administrator']);
  const boss = await signedIn(server, 'unsent-boss');
  assert.equal((await kept(boss, 'description')).values, null, 'who may see the draft does not see what others typed');
  for (const wrong of ['', '[1]', '{', JSON.stringify({ typed: 'x'.repeat(200_001) })]) {
    assert.equal((await keep('description', wrong)).status, 400, wrong.slice(0, 10));
  }
  assert.deepEqual((await kept(paula, 'description')).values, values);
  assert.equal((await paula.get(draft)).text.includes('so far'), false, 'it is nothing of the dataset');
  assert.equal((await paula.post(`${draft}/source/description`, { title: '' })).status, 422);
  assert.deepEqual((await kept(paula, 'description')).values, values, 'nothing was saved');
  assert.equal((await paula.post(`${draft}/source/description`, { title: 'Sent' })).status, 303);
  assert.equal((await kept(paula, 'description')).values, null);
  for (let i = 0; i < 103; i++) await keep(`field/${i}`, '{}');
  assert.equal((await kept(paula, 'field/1')).values, null, 'the oldest make room');
  assert.deepEqual((await kept(paula, 'field/102')).values, {});
  await paula.post(`${draft}/unsent`, { form: 'field/102', forget: '1' });
  assert.equal((await kept(paula, 'field/102')).values, null);
});
