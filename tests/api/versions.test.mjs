// Versions: what publications change, reading any of them, roll back under load, and who may do what.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { storedVersions } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';
import { makeDraft, publishDraft, revision, upload, use } from './wizard.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const JSON_ONLY = { headers: { accept: 'application/json' } };

function file(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function parvis(...words) {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, `${words.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

function importText(id, text, ...words) {
  parvis('import', file(`${id}.csv`, text), '--id', id, '--keep', '9', ...words);
}

// Three versions with an id: one changed, one gone and one new, then a field gone and another type.
const LAMPS = ['id,name,watts\n1,north,10\n2,east,20\n3,south,30\n', 'id,name,watts\n1,north,10\n2,east,25\n4,west,40\n',
  'id,watts,owner\n1,low,city\n2,high,city\n4,high,ada\n'];
LAMPS.forEach((text) => importText('lamps', text, '--annotate', 'id=id'));
// Without one; duplicates count.
['n,t\n1,a\n1,a\n2,b\n', 'n,t\n1,a\n2,c\n3,d\n'].forEach((text) => importText('plain', text));
importText('permits', 'id,status,applicant\n1,granted,Ann\n2,refused,Bob\n', '--annotate', 'id=id');
importText('permits', 'id,status,name\n1,granted,Ann\n2,refused,Bob\n3,granted,Cy\n', '--annotate', 'id=id');

const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'eve', ['--role', 'editor']);
await makeUser(server, data, 'pat', ['--role', 'publisher']);
await makeUser(server, data, 'rita');
const visitors = {};
for (const name of ['ada', 'eve', 'pat', 'rita']) {
  visitors[name] = new Visitor(server);
  assert.equal((await visitors[name].signIn(name)).status, 303);
}
const { ada, eve, pat, rita } = visitors;
const nobody = new Visitor(server);

async function json(visitor, path, status = 200) {
  const answer = await visitor.get(path, JSON_ONLY);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  return JSON.parse(answer.text);
}

async function post(visitor, path, fields = {}, status = 200) {
  const answer = await visitor.post(path, fields, JSON_ONLY);
  assert.equal(answer.status, status, `${path}: ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : {};
}

const versionsOf = async (id, visitor = ada) => (await json(visitor, `/backoffice/datasets/${id}/versions`)).versions;
const counts = ({ added, removed, changed, compared }) => [added, removed, changed, compared];

test('each publication says what it changed', async () => {
  const lamps = await versionsOf('lamps');
  assert.deepEqual(lamps.map(counts), [[0, 0, 0, 2], [1, 1, 1, 1], [3, 0, 0, 0]]);
  assert.deepEqual(lamps.map((version) => version.number), [3, 2, 1]);
  assert.equal(lamps[0].current, true);
  assert.deepEqual((await versionsOf('plain')).map(counts), [[2, 2, -1, 1], [3, 0, 0, 0]]);
});

test('any two versions are compared: fields, counts, records side by side', async () => {
  const first = await json(ada, '/backoffice/datasets/lamps/versions/compare?from=1&to=2');
  assert.deepEqual([first.has_ids, first.added, first.removed, first.changed], [true, 1, 1, 1]);
  assert.deepEqual(first.records.changed.before.map((record) => record.watts), [20]);
  assert.deepEqual(first.records.changed.after.map((record) => record.watts), [25]);
  assert.deepEqual(first.records.added.after.map((record) => record.id), [4]);
  assert.deepEqual(first.records.removed.before.map((record) => record.id), [3]);
  const fields = (await json(ada, '/backoffice/datasets/lamps/versions/compare?from=1&to=3')).fields;
  assert.deepEqual(fields.map((field) => [field.name, field.change, field.detail]),
    [['watts', 'type', 'int → text'], ['owner', 'added', 'text'], ['name', 'removed', 'text']]);
  const back = await json(ada, '/backoffice/datasets/lamps/versions/compare?from=2&to=1');
  assert.deepEqual([back.added, back.removed, back.changed], [1, 1, 1]);
  const plain = await json(ada, '/backoffice/datasets/plain/versions/compare?from=1&to=2');
  assert.deepEqual([plain.has_ids, plain.added, plain.removed, plain.changed], [false, 2, 2, -1]);
  await json(ada, '/backoffice/datasets/lamps/versions/compare?from=1&to=9', 404);
  await json(ada, '/backoffice/datasets/lamps/versions/compare?from=x&to=1', 400);
  const page = await ada.get('/backoffice/datasets/lamps/versions/compare?from=1&to=2');
  assert.match(page.text, /<del>20<\/del>/);
  assert.match(page.text, /<ins>25<\/ins>/);
});

test('a changed record shows the cells that changed; without an id, records that are alike are shown as one', async () => {
  const long = 'Now and again the lamp was looked at in spring, and nothing of note was found at this place';
  const rows = (changed) => `id,name,watts,remark\n1,north,10,"${long}"\n2,east,${changed ? 25 : 20},"${changed ? long.replace('nothing', 'a crack') : long}"\n`
    + `${changed ? '4,west,40,new' : '3,south,30,old'}\n`;
  for (const [id, ...words] of [['pairs-keyed', '--annotate', 'id=id'], ['pairs']]) {
    importText(id, rows(false), ...words);
    importText(id, rows(true), ...words);
  }
  await eventually('it is served', async () => (await nobody.get(`${API}/pairs`)).status === 200);
  for (const [id, heading, name] of [['pairs-keyed', 'Records that were changed', '2'], ['pairs', 'Records that seem to be changed', '2 · east']]) {
    const { text } = await ada.get(`/backoffice/datasets/${id}/versions/compare?from=1&to=2`);
    const table = text.slice(text.indexOf(`<h3>${heading}</h3>`)).split('</table>')[0];
    const changed = [...table.matchAll(/<th scope="row"[^>]*>([^<]*)<\/th><td[^>]*>([^<]*)<\/td><td[^>]*><span>(.*?)<\/span><\/td><td[^>]*><span>(.*?)<\/span><\/td>/g)].map((found) => found.slice(1));
    assert.deepEqual(changed, [[name, 'watts', '<del>20</del>', '<ins>25</ins>'],
      [name, 'remark', '… and again the lamp was looked at in spring, and <del>nothing</del> of note was found at this place',
        '… and again the lamp was looked at in spring, and <ins>a crack</ins> of note was found at this place']], id);
    assert.match(text, /<td>west<\/td>/);
    assert.match(text, /<td>south<\/td>/);
    assert.doesNotMatch(text, /<td>north<\/td>|<td>east<\/td>/);
  }
  assert.deepEqual((({ added, removed, changed }) => [added, removed, changed])(await json(ada, '/backoffice/datasets/pairs/versions/compare?from=1&to=2')), [2, 2, -1]);
});

test('two records that are equally alike are not taken for one, nor are shapes said to be the same', async () => {
  importText('twins', 'kind,place,n\nlamp,north,1\nlamp,north,2\n');
  importText('twins', 'kind,place,n\nlamp,north,3\nlamp,north,4\n');
  const shape = (x) => `"{""type"": ""LineString"", ""coordinates"": [[1, 2], [${x}, 4]]}"`;
  for (const x of [3, 5]) importText('lines', `id,way\n1,${shape(x)}\n`, '--annotate', 'id=id', '--type', 'way=geo_shape');
  await eventually('it is served', async () => (await nobody.get(`${API}/lines`)).status === 200);
  const twins = await ada.get('/backoffice/datasets/twins/versions/compare?from=1&to=2');
  assert.doesNotMatch(twins.text, /seem to be changed|<del>/);
  assert.match(twins.text, /2 added, 2 removed/);
  const lines = await ada.get('/backoffice/datasets/lines/versions/compare?from=1&to=2');
  assert.match(lines.text, /Both values look the same here/);
});

test('the API answers in any version that is kept', async () => {
  const records = async (query) => json(nobody, `${API}/lamps/records?${query}`);
  assert.deepEqual((await records('version=1')).results.map((record) => record.watts), [10, 20, 30]);
  assert.deepEqual((await records('version=2&where=watts%3E20')).results.map((record) => record.id), [2, 4]);
  assert.deepEqual((await records('')).results[0], { id: 1, watts: 'low', owner: 'city' });
  assert.deepEqual((await json(nobody, `${API}/lamps?version=1`)).fields.map((field) => field.name), ['id', 'name', 'watts']);
  const csv = await nobody.get(`${API}/lamps/exports/csv?version=2&with_bom=false`);
  assert.equal(csv.text, 'id;name;watts\r\n1;north;10\r\n2;east;25\r\n4;west;40\r\n'.replaceAll('\r\n', csv.text.includes('\r\n') ? '\r\n' : '\n'));
  const parquet = await nobody.get(`${API}/lamps/exports/parquet?version=1`);
  assert.equal(parquet.status, 200);
  const facets = await json(nobody, `${API}/lamps/facets?facet=name&version=1`);
  assert.deepEqual(facets.facets[0].facets.map((value) => value.name).sort(), ['east', 'north', 'south']);
  const linked = await records('version=1&include_links=true');
  for (const { href } of linked.results[0]._links.filter((link) => link.rel !== 'datasets')) assert.match(href, /[?&]version=1/);
  const self = new URL(linked.results[2]._links.find((link) => link.rel === 'self').href);
  assert.equal((await json(nobody, self.pathname + self.search)).name, 'south');
  const gone = await json(nobody, `${API}/lamps/records?version=7`, 404);
  assert.match(gone.message, /no version 7.*3 \(current\), 2, 1/);
  await json(nobody, `${API}/lamps/records?version=0`, 400);
  await json(nobody, `${API}/lamps/records?version=one`, 400);
});

test('answers of a version keep their validator whatever becomes of the dataset', async () => {
  const tag = async (query) => (await nobody.get(`${API}/plain/records?${query}`)).headers.get('etag');
  const before = [await tag('version=1'), await tag('')];
  parvis('describe', 'plain', '--title', 'Plain rows');
  importText('plain', 'n,t\n9,z\n');
  await eventually('it is served', async () => (await json(nobody, `${API}/plain/records`)).total_count === 1);
  assert.equal(await tag('version=1'), before[0]);
  assert.notEqual(await tag(''), before[1]);
  const known = await nobody.get(`${API}/plain/records?version=1`, { headers: { 'if-none-match': before[0] } });
  assert.equal(known.status, 304);
});

test('permissions of today hold for every version', async () => {
  parvis('access', 'permits', '--everyone', '--read', '--filter', 'status = "granted"', '--hide', 'name');
  let past;
  for (let i = 0; i < 50; i += 1) {
    past = await json(nobody, `${API}/permits/records?version=1`);
    if (past.total_count === 1) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  // applicant is no field of the current version, so nobody can have said whether he may see it.
  assert.deepEqual(past.results, [{ id: 1, status: 'granted' }]);
  assert.deepEqual((await json(nobody, `${API}/permits?version=1`)).fields.map((field) => field.name), ['id', 'status']);
  assert.equal((await json(nobody, `${API}/permits?version=1`)).metas.default.records_count, 1);
  const refused = await nobody.get(`${API}/permits/records?version=1&where=applicant%3D%22Ann%22`);
  assert.equal(refused.status, 400);
  const page = await nobody.get('/explore/dataset/permits/version/1/table/');
  assert.doesNotMatch(page.text, /Ann|Bob/);
  parvis('access', 'permits', '--everyone', '--read', '--filter', 'name = "Ann"');
  let answer;
  for (let i = 0; i < 50; i += 1) {
    answer = await nobody.get(`${API}/permits/records?version=1`, JSON_ONLY);
    if (answer.status === 404) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(answer.status, 404, answer.text);
  assert.match(answer.text, /rules of access do not fit/);
  parvis('access', 'permits', '--restrict');
  for (let i = 0; i < 50; i += 1) {
    answer = await nobody.get(`${API}/permits/records?version=1`, JSON_ONLY);
    if (/does not exist/.test(answer.text)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.match(answer.text, /permits does not exist/);
});

test('a hidden field is hidden under the names that it had before, also where another field took one of them', async () => {
  importText('renamed', 'id,applicant,note\n1,Ann,x\n2,Bob,y\n');
  const labels = file('labels.json', JSON.stringify({ fields: { who: { label: 'applicant' }, applicant: { label: 'note' } } }));
  importText('renamed', 'id,who,applicant\n1,Ann,x\n2,Bob,y\n', '--metadata', labels);
  parvis('access', 'renamed', '--everyone', '--read', '--hide', 'who');
  let now;
  for (let i = 0; i < 100; i += 1) {
    now = await nobody.get(`${API}/renamed/records`, JSON_ONLY);
    if (now.status === 200 && !/Ann/.test(now.text)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.deepEqual(JSON.parse(now.text).results, [{ id: 1, applicant: 'x' }, { id: 2, applicant: 'y' }]);
  assert.deepEqual((await json(nobody, `${API}/renamed/records?version=1`)).results, [{ id: 1 }, { id: 2 }]);
  for (const path of ['records?version=1&where=applicant%3D%22Ann%22', 'records?version=1&select=applicant', 'records?version=1&group_by=applicant',
    'facets?version=1&facet=applicant']) {
    const answer = await nobody.get(`${API}/renamed/${path}`, JSON_ONLY);
    assert.doesNotMatch(answer.text, /Ann|Bob/, path);
    assert.notEqual(JSON.parse(answer.text).total_count, 1, path);
  }
  assert.equal((await json(nobody, `${API}/renamed/records?version=1&where=%22Ann%22`)).total_count, 0);
  for (const format of ['csv', 'json', 'jsonl', 'xlsx', 'parquet']) {
    assert.doesNotMatch((await nobody.get(`${API}/renamed/exports/${format}?version=1`)).text, /Ann|Bob/, format);
  }
  for (const tab of ['', 'table/', 'analyze/', 'api/', 'export/']) {
    assert.doesNotMatch((await nobody.get(`/explore/dataset/renamed/version/1/${tab}`)).text, /Ann|Bob/, tab);
  }
  assert.deepEqual((await json(ada, `${API}/renamed/records?version=1`)).results[0], { id: 1, applicant: 'Ann', note: 'x' });
});

test('the permanent address shows a version, says so, and leads to the current one', async () => {
  const page = await nobody.get('/explore/dataset/lamps/version/1/');
  assert.equal(page.status, 200);
  assert.match(page.text, /You see version 1 of .*; the current one is version 3\./);
  assert.match(page.text, /<link rel="canonical" href="[^"]*\/explore\/dataset\/lamps\/">/);
  assert.match(page.text, /\(Version 1\)[^<]*\/explore\/dataset\/lamps\/version\/1\//);
  assert.match(page.text, /href="\/explore\/dataset\/lamps\/version\/1\/table\/"/);
  const table = await nobody.get('/explore/dataset/lamps/version/1/table/');
  assert.match(table.text, /south/);
  assert.match(table.text, /records\?version=1/);
  const exported = await nobody.get('/explore/dataset/lamps/version/1/export/');
  assert.doesNotMatch(exported.text, /exports\/csv"/);
  const current = await nobody.get('/explore/dataset/lamps/');
  assert.doesNotMatch(current.text, /You see version/);
  assert.match(current.text, /href="\/explore\/dataset\/lamps\/version\/2\/"/);
  assert.match(current.text, /1 added, 1 removed, 1 changed/);
  assert.doesNotMatch(current.text, /command line/);
  const absent = await nobody.get('/explore/dataset/lamps/version/9/');
  assert.equal(absent.status, 404);
  assert.match(absent.text, /This version is not kept/);
  assert.match(absent.text, /href="\/explore\/dataset\/lamps\/version\/3\/">Version 3 of [^<]+, the current one</);
  assert.match(absent.text, /href="\/explore\/dataset\/lamps\/version\/1\/">Version 1 of /);
  assert.match((await nobody.get('/explore/dataset/nothing/version/1/')).text, /This dataset is not here/);
  assert.equal((await nobody.get('/explore/dataset/lamps/version/x/')).status, 404);
  assert.match((await nobody.get('/explore/dataset/lamps/version/3/')).text, /permanent address of version 3/);
});

test('roll back, roll forward, and what visitors see of it', async () => {
  await post(ada, '/backoffice/datasets/lamps/versions/1/current');
  assert.deepEqual((await json(nobody, `${API}/lamps`)).fields.map((field) => field.name), ['id', 'name', 'watts']);
  assert.equal((await json(nobody, `${API}/lamps/records?where=name%3D%22south%22`)).total_count, 1);
  assert.deepEqual((await versionsOf('lamps')).map((version) => version.current), [false, false, true]);
  assert.deepEqual((await json(nobody, `${API}/lamps/records?version=3`)).results[0], { id: 1, watts: 'low', owner: 'city' });
  importText('lamps', LAMPS[1], '--annotate', 'id=id');
  assert.deepEqual((await versionsOf('lamps')).map(counts)[0], [1, 1, 1, 1], 'compared with the one that was current');
  await post(ada, '/backoffice/datasets/lamps/versions/3/current');
  assert.equal((await json(nobody, `${API}/lamps/records?where=search(%22ada%22)`)).total_count, 1);
  const audit = await ada.get('/backoffice/audit?action=version.current');
  assert.match(audit.text, /version 3, before 4/);
});

test('pinned versions and the current one are never dropped', async () => {
  await post(ada, '/backoffice/datasets/plain/versions/1/pin');
  await post(ada, '/backoffice/datasets/plain/versions/keep', { keep: '1' });
  await post(ada, '/backoffice/datasets/plain/versions/keep', { keep: 'many' }, 422);
  importText('plain', 'n,t\n5,five\n');
  assert.deepEqual((await versionsOf('plain')).map((version) => [version.number, version.pinned]), [[4, false], [1, true]]);
  await post(ada, '/backoffice/datasets/plain/versions/1/delete', {}, 422);
  await post(ada, '/backoffice/datasets/plain/versions/4/delete', {}, 422);
  await post(ada, '/backoffice/datasets/plain/versions/9/delete', {}, 404);
  await post(ada, '/backoffice/datasets/plain/versions/1/unpin');
  await post(ada, '/backoffice/datasets/plain/versions/1/delete');
  assert.deepEqual((await versionsOf('plain')).map((version) => version.number), [4]);
  await json(nobody, `${API}/plain/records?version=1`, 404);
  assert.equal(run(['check', '--data', data]).status, 0);
});

test('who may do what', async () => {
  parvis('access', 'lamps', '--user', 'eve', '--edit');
  parvis('access', 'lamps', '--user', 'pat', '--publish');
  for (const one of [eve, pat]) {
    await eventually('it is served', async () => (await one.get('/backoffice/datasets/lamps')).status === 200);
  }
  await versionsOf('lamps', eve);
  await json(eve, '/backoffice/datasets/lamps/versions/compare?from=1&to=2');
  assert.doesNotMatch((await eve.get('/backoffice/datasets/lamps/versions')).text, /Roll /);
  for (const action of ['versions/1/current', 'versions/1/pin', 'versions/1/delete', 'versions/keep', 'release', 'withdraw', 'id', 'remove']) {
    await post(eve, `/backoffice/datasets/lamps/${action}`, {}, 403);
    await post(rita, `/backoffice/datasets/lamps/${action}`, {}, 403);
    const answer = await nobody.post(`/backoffice/datasets/lamps/${action}`, {}, JSON_ONLY);
    assert.ok([401, 403].includes(answer.status), `${action}: ${answer.status}`);
  }
  await post(pat, '/backoffice/datasets/lamps/versions/2/current');
  await post(pat, '/backoffice/datasets/lamps/versions/3/current');
  await post(pat, '/backoffice/datasets/lamps/withdraw', { state: 'draft' }, 403);
  const forged = await ada.post('/backoffice/datasets/lamps/versions/2/current', {}, { ...JSON_ONLY, token: '' });
  assert.equal(forged.status, 403);
});

test('a draft by a script: made, opened, withdrawn, renamed, removed', async () => {
  const made = await post(pat, '/backoffice/datasets', { id: 'trees', title: 'Trees' }, 201);
  assert.equal(made.location, '/backoffice/datasets/trees');
  await post(pat, '/backoffice/datasets', { id: 'trees' }, 409);
  await post(rita, '/backoffice/datasets', { id: 'mine' }, 403);
  await json(nobody, `${API}/trees`, 404);
  assert.equal((await json(pat, '/backoffice/datasets/trees')).state, 'draft');
  await post(pat, '/backoffice/datasets/trees/release', { seen: 'everyone' });
  assert.equal((await json(nobody, `${API}/trees`)).has_records, false);
  await post(pat, '/backoffice/datasets/trees/withdraw', { state: 'restricted' });
  await json(nobody, `${API}/trees`, 404);
  assert.equal((await json(pat, '/backoffice/datasets/trees')).state, 'restricted');
  await post(pat, '/backoffice/datasets/trees/release', { seen: 'everyone' });
  await post(pat, '/backoffice/datasets/trees/id', { id: 'No' }, 422);
  await post(pat, '/backoffice/datasets/trees/id', { id: 'lamps' }, 422);
  await post(pat, '/backoffice/datasets/trees/id', { id: 'woods' });
  assert.equal((await json(nobody, `${API}/woods`)).dataset_id, 'woods');
  await post(pat, '/backoffice/datasets/woods/remove', { id: 'wood' }, 422);
  await post(pat, '/backoffice/datasets/woods/remove', { id: 'woods' });
  await json(nobody, `${API}/woods`, 404);
});

test('the list: filters, order, pages', async () => {
  parvis('dataset', 'create', 'draft-1', '--title', 'A draft');
  let list;
  for (let i = 0; i < 50; i += 1) {
    list = await json(ada, '/backoffice/datasets?state=draft');
    if (list.total_count === 1) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.deepEqual(list.datasets.map((dataset) => dataset.id), ['draft-1']);
  assert.deepEqual((await json(ada, '/backoffice/datasets?state=restricted')).datasets.map((dataset) => dataset.id), ['permits']);
  assert.equal((await json(ada, '/backoffice/datasets?sort=records')).datasets[0].id, 'lamps');
  assert.equal((await json(ada, '/backoffice/datasets?q=PLAIN')).total_count, 1);
  assert.equal((await json(ada, '/backoffice/datasets?owner=own')).total_count, 0);
  assert.deepEqual((await json(eve, '/backoffice/datasets?owner=own')).datasets.map((dataset) => dataset.id), ['lamps']);
  parvis('dataset', 'publish', 'draft-1');
  for (let i = 0; i < 50; i += 1) {
    list = await json(ada, '/backoffice/datasets?problem=records');
    if (list.total_count === 1) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.deepEqual(list.datasets.map((dataset) => dataset.problem), ['records']);
  const page = await ada.get('/backoffice');
  assert.match(page.text, /A draft<\/strong><\/a>: Published without records/);
  assert.match((await ada.get('/backoffice/datasets')).text, /name="dataset" value="lamps"/);
});

/** Publishes a file as the next version; fields: column → what it becomes. */
async function publishAs(draft, text, fields = {}) {
  await use(ada, draft, [await upload(ada, draft.split('/').at(-1), 'file.csv', Buffer.from(text))]);
  for (const [column, wishes] of Object.entries(fields)) {
    const answer = await ada.post(`${draft}/source/fields/${column}`, { revision: await revision(ada, draft), ...wishes });
    assert.equal(answer.status, 303, answer.text);
  }
  const { is_done: isDone, message } = await publishDraft(ada, draft);
  assert.ok(isDone, message);
}

/** The answer when rules that were just set hold: none of these texts is in it any more. */
async function whenHidden(path, text) {
  for (let i = 0; i < 100; i += 1) {
    const answer = await nobody.get(path, JSON_ONLY);
    if (answer.status === 200 && !text.test(answer.text)) return JSON.parse(answer.text);
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`${path} still shows ${text}`);
}

test('fields of old versions are known by their columns, whatever names and labels they have today', async () => {
  const text = 'id,applicant,note\n1,Ann,x\n2,Bob,y\n';
  const draft = await makeDraft(ada, 'Columns');
  await publishAs(draft, text);
  await publishAs(draft, text, { applicant: { name: 'who', label: 'Person' }, note: { name: 'applicant', label: 'Remark' } });
  parvis('access', 'columns', '--everyone', '--read', '--hide', 'who');
  assert.deepEqual((await whenHidden(`${API}/columns/records`, /Ann/)).results, [{ id: 1, applicant: 'x' }, { id: 2, applicant: 'y' }]);
  const past = await nobody.get(`${API}/columns/records?version=1`, JSON_ONLY);
  assert.doesNotMatch(past.text, /Ann|Bob/, 'a renamed and relabelled field is not shown under its old name');
  assert.deepEqual(JSON.parse(past.text).results, [{ id: 1, note: 'x' }, { id: 2, note: 'y' }], 'a public one stays, under its old name');
  assert.doesNotMatch((await nobody.get(`${API}/columns/exports/csv?version=1`)).text, /Ann|Bob/);
  // nobody is told what columns are called in the file
  for (const path of [`${API}/columns`, `${API}/columns?version=1`]) for (const field of (await json(nobody, path)).fields) assert.deepEqual(Object.keys(field), ['name', 'description', 'annotations', 'label', 'type'], path);
});

test('a label that a hidden field has, too, hides no other', async () => {
  const text = 'id,name,owner\n1,north,Ann\n2,east,Bob\n';
  const draft = await makeDraft(ada, 'Titled');
  await publishAs(draft, text, { name: { label: 'Name' }, owner: { label: 'Name' } });
  await publishAs(draft, `${text}3,west,Cy\n`);
  parvis('access', 'titled', '--everyone', '--read', '--hide', 'owner');
  await whenHidden(`${API}/titled/records`, /Ann/);
  assert.deepEqual((await json(nobody, `${API}/titled/records?version=1`)).results, [{ id: 1, name: 'north' }, { id: 2, name: 'east' }]);
});

test('a hidden column that the file itself calls otherwise: what may be it is hidden', async () => {
  importText('headers', 'id,applicant,note\n1,Ann,x\n2,Bob,y\n');
  const labels = file('headers.json', JSON.stringify({ fields: { who: { label: 'Person' }, applicant: { label: 'Remark' } } }));
  importText('headers', 'id,who,applicant\n1,Ann,x\n2,Bob,y\n', '--metadata', labels);
  parvis('access', 'headers', '--everyone', '--read', '--hide', 'who');
  await whenHidden(`${API}/headers/records`, /Ann/);
  assert.deepEqual((await json(nobody, `${API}/headers/records?version=1`)).results, [{ id: 1 }, { id: 2 }]);
});

test('a filter means the column that it was written for', async () => {
  const text = 'id,status,stage\n1,open,secret\n2,secret,open\n';
  const draft = await makeDraft(ada, 'Filtered');
  await publishAs(draft, text);
  await publishAs(draft, text, { status: { name: 'former' }, stage: { name: 'status' } });
  parvis('access', 'filtered', '--everyone', '--read', '--filter', 'status="open"');
  assert.deepEqual((await whenHidden(`${API}/filtered/records`, /"id": ?1,/)).results.map(({ id }) => id), [2]);
  await json(nobody, `${API}/filtered/records?version=1`, 404);
});

test('readers get one version or the other while the pointer moves, never a mix', async () => {
  const rows = (mark) => `id,mark\n${Array.from({ length: 3000 }, (_, i) => `${i},${mark}`).join('\n')}\n`;
  importText('moving', rows('a'), '--annotate', 'mark=facet');
  importText('moving', rows('b'), '--annotate', 'mark=facet');
  await eventually('it is served', async () => (await nobody.get(`${API}/moving`)).status === 200);
  let done = false;
  const seen = new Set();
  const faults = [];
  const reader = async (path, marksOf) => {
    while (!done) {
      const answer = await nobody.get(path);
      if (answer.status !== 200) faults.push(`${path}: ${answer.status} ${answer.text}`);
      else {
        const marks = marksOf(answer.text);
        marks.forEach((mark) => seen.add(mark));
        if (marks.size !== 1) faults.push(`${path}: ${[...marks]}`);
      }
    }
  };
  const readers = [
    reader(`${API}/moving/records?limit=100`, (text) => new Set(JSON.parse(text).results.map((record) => record.mark))),
    reader(`${API}/moving/exports/json`, (text) => new Set(JSON.parse(text).map((record) => record.mark))),
    reader(`${API}/moving/facets?facet=mark`, (text) => new Set(JSON.parse(text).facets[0].facets.map((value) => value.name))),
  ];
  for (let i = 0; i < 20; i += 1) await post(ada, `/backoffice/datasets/moving/versions/${i % 2 ? 2 : 1}/current`);
  done = true;
  await Promise.all(readers);
  assert.deepEqual(faults, []);
  assert.deepEqual([...seen].sort(), ['a', 'b']);
});

test('the command line', () => {
  assert.match(parvis('dataset', 'versions', 'lamps'), /^3\t3\t0\t0\t0\t\d+\tcurrent\t/m);
  assert.match(parvis('dataset', 'compare', 'lamps', '2'), /added\t1\nremoved\t1\nchanged\t1/);
  parvis('dataset', 'rollback', 'lamps', '2');
  assert.match(parvis('dataset', 'show', 'lamps'), /^version\t2$/m);
  parvis('dataset', 'pin', 'lamps', '1');
  assert.equal(run(['dataset', 'drop', 'lamps', '1', '--data', data]).status, 5);
  parvis('dataset', 'unpin', 'lamps', '1');
  parvis('dataset', 'drop', 'lamps', '1');
  assert.equal(run(['dataset', 'rollback', 'lamps', '1', '--data', data]).status, 4);
  parvis('dataset', 'create', 'shrubs', '--owner', 'pat');
  assert.match(parvis('list'), /^shrubs\t0\t0\tshrubs\tdraft$/m);
  assert.match(parvis('check'), /^ok\tshrubs\tno records yet$/m);
  parvis('dataset', 'withdraw', 'lamps');
  assert.match(parvis('dataset', 'show', 'lamps'), /^state\trestricted$/m);
  parvis('dataset', 'remove', 'shrubs');
  assert.equal(run(['dataset', 'frobnicate', 'lamps', '--data', data]).status, 2);
  const uid = /^uid\t(\S+)/m.exec(parvis('dataset', 'show', 'lamps'))[1];
  assert.deepEqual(storedVersions(data, uid).sort(), ['2', '3', '4']);
});
