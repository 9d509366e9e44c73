// Seeing the portal as others do: what a session is shown is what they are shown, at every address, no more and
// no less; what it may do stays as it is (docs/permissions.md).
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const CATALOG = '/api/explore/v2.1/catalog';
const ROWS = 40;

function command(words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout.trim();
}

/** {n, name, team, secret, place}: team is a or b in turn, secret is orchid every fourth time. */
function importDataset(id, title) {
  const file = join(folder, `${id}.csv`);
  const rows = Array.from({ length: ROWS }, (_, i) =>
    `${i},permit ${i},${i % 2 ? 'b' : 'a'},${i % 4 ? 'tulip' : 'orchid'},"${50 + i / 10}, ${4 + i / 10}"`);
  writeFileSync(file, `n,name,team,secret,place\n${rows.join('\n')}\n`);
  command(['import', file, '--id', id, '--title', title, '--type', 'place=geo_point_2d',
    '--annotate', 'team=facet', '--annotate', 'secret=facet']);
}

importDataset('permits', 'Permits of the town');
importDataset('payroll', 'Payroll of the town');
importDataset('trees', 'Trees of the town');
const server = await serve(data);
const people = { nobody: new Visitor(server) };
for (const [name, role] of [['ada', 'administrator'], ['gil', 'reader'], ['rob', 'reader'], ['pia', 'publisher'], ['max', 'publisher']]) {
  await makeUser(server, data, name, ['--role', role]);
  people[name] = new Visitor(server);
  assert.equal((await people[name].signIn(name)).status, 303);
}
command(['group', 'add', 'Planners']);
command(['group', 'member', 'Planners', '--add', 'gil']);
command(['access', 'permits', '--restrict', '--group', 'Planners', '--read', '--filter', 'team = "a"', '--hide', 'secret']);
command(['access', 'permits', '--user', 'pia', '--manage']);
command(['access', 'payroll', '--restrict']);
command(['access', 'payroll', '--user', 'max', '--manage', '--filter', 'n < 10', '--hide', 'name']);
command(['access', 'payroll', '--group', 'Planners', '--read']);
await settled();

async function settled() {
  const title = `Trees ${Date.now()}`;
  command(['describe', 'trees', '--title', title]);
  while ((await people.nobody.get(`${API}/trees`)).text.indexOf(title) < 0);
}

const viewAs = (who, as, dataset, extra = {}) =>
  people[who].post(`/backoffice/view-as${dataset ? `?dataset=${dataset}` : ''}`, { as, ...extra });
const stop = (who, next = '/explore/') => people[who].post('/backoffice/view-as/end', { next });

/** Everything that says something of the datasets, without what is of the visitor or of the moment. */
const ADDRESSES = [
  `${CATALOG}/datasets?limit=100&order_by=dataset_id`, `${CATALOG}/facets`, `${CATALOG}/exports/csv`,
  `${CATALOG}/datasets?where=${encodeURIComponent('"payroll"')}`, `${CATALOG}/datasets?where=${encodeURIComponent('suggest("pay")')}`,
  '/data.json', '/catalog.ttl', '/selection/download.sh?selection=permits,payroll,trees',
  ...['permits', 'payroll', 'trees', 'never-was'].flatMap((id) => [
    `${API}/${id}`, `${API}/${id}/records?limit=100&order_by=n`, `${API}/${id}/facets`, `${API}/${id}/exports/csv`,
    `${API}/${id}/exports/json`, `${API}/${id}/exports/geojson`, `${API}/${id}/exports/xlsx?limit=0`,
    `${API}/${id}/records?where=${encodeURIComponent('"orchid"')}`, `${API}/${id}/records?where=${encodeURIComponent('secret="orchid"')}`,
    `${API}/${id}/records?select=${encodeURIComponent('count(*) as c')}&group_by=team`, `${API}/${id}/records?select=secret`,
    `${API}/${id}/tiles/4/8/5.mvt`, `${API}/${id}/attachments`, `/explore/dataset/${id}/schema.jsonld`]),
];
const PAGES = ['/', '/explore/', '/explore/?q=payroll', '/explore/?q=town', '/explore/dataset/paymroll/',
  ...['permits', 'payroll', 'trees', 'never-was'].flatMap((id) => ['information', 'table', 'map', 'analyze', 'export', 'api']
    .map((tab) => `/explore/dataset/${id}/${tab}/`)),
  '/selection?selection=permits,payroll,trees'];

/** A page without its frame: who is signed in, the banner, tokens. */
function content(answer) {
  const main = /<main[\s\S]*<\/main>/.exec(answer.text);
  return (main ? main[0] : answer.text)
    .replace(/name="csrfmiddlewaretoken" value="[^"]*"/g, '').replace(/nonce="[^"]*"/g, '').replace(/[\d.,]+ ms/g, '');
}

async function look(visitor) {
  const seen = {};
  for (const path of [...ADDRESSES, ...PAGES]) {
    const answer = await visitor.get(path, path.startsWith('/explore') || path === '/' ? {} : { headers: { accept: '*/*' } });
    const text = content(answer);
    seen[path] = `${answer.status} ${/xlsx/.test(path) ? "" : text}`;
  }
  return seen;
}

function same(actual, expected) {
  for (const path of Object.keys(expected)) {
    const lines = expected[path].split('\n');
    const at = lines.findIndex((line, i) => line !== actual[path].split('\n')[i]);
    assert.ok(actual[path] === expected[path], `${path}: ${actual[path].split('\n')[at]} instead of ${lines[at]}`);
  }
}

let own;
test('an administrator sees what a group sees, at every address, and afterwards all again', async () => {
  own = await look(people.ada);
  const group = await look(people.gil);
  const everyone = await look(people.rob); // who is in no group
  assert.notEqual(own[ADDRESSES[0]], group[ADDRESSES[0]]);
  assert.notEqual(group[ADDRESSES[0]], everyone[ADDRESSES[0]]);
  assert.equal((await viewAs('ada', 'group:Planners')).status, 303);
  same(await look(people.ada), group);
  assert.equal((await viewAs('ada', 'everyone')).status, 303);
  same(await look(people.ada), everyone);
  assert.equal((await viewAs('ada', 'user', '', { user: 'gil' })).status, 303);
  same(await look(people.ada), group);
  const ended = await stop('ada', '/explore/?q=town');
  assert.equal(ended.status, 303);
  assert.equal(ended.location, '/explore/?q=town');
  same(await look(people.ada), own);
});

test('what nobody known sees does not come from somebody who sees as nobody, nor the other way', async () => {
  const before = await look(people.nobody);
  await viewAs('ada', 'everyone');
  await look(people.ada);
  same(await look(people.nobody), before);
  await stop('ada');
  const etag = (await people.ada.get(`${API}/permits/records`)).headers.get('etag');
  await viewAs('ada', 'group:Planners');
  const again = await people.ada.get(`${API}/permits/records`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 200, 'what was kept of another view is not good for this one');
  assert.match(again.headers.get('cache-control'), /private|no-store/);
  await stop('ada');
});

test('a banner on every page says as whom, and ends it', async () => {
  for (const path of ['/explore/', '/account', '/backoffice', '/explore/dataset/never-was/', '/cookies']) {
    assert.doesNotMatch((await people.ada.get(path)).text, /class="view-as"/);
  }
  await viewAs('ada', 'group:Planners');
  for (const path of ['/explore/', '/account', '/backoffice', '/explore/dataset/never-was/', '/cookies', '/nowhere']) {
    assert.match((await people.ada.get(path)).text, /class="view-as".*the group Planners/, path);
  }
  assert.doesNotMatch((await people.gil.get('/explore/')).text, /class="view-as"/);
  await stop('ada');
});

test('in the back office the banner says that it is one’s own, and leads to where the view holds', async () => {
  const banner = async (who, path) => /<div class="view-as"[^]*?<\/form>/.exec((await people[who].get(path)).text)[0];
  await viewAs('ada', 'group:Planners');
  for (const path of ['/backoffice', '/backoffice/datasets', '/backoffice/datasets/payroll/access']) {
    assert.match(await banner('ada', path), /The back office is your own: [^<]*Outside it you see the portal as the group Planners does\.<\/p><a href="\/explore\/">/, path);
  }
  const outside = await banner('ada', '/explore/');
  assert.match(outside, /<p>You see the portal as the group Planners does\.<\/p><form/);
  await viewAs('ada', 'user', '', { user: 'gil' });
  assert.match(await banner('ada', '/backoffice'), /Outside it you see the portal as gil does/);
  await stop('ada');
  await viewAs('pia', 'everyone', 'permits');
  assert.match(await banner('pia', '/backoffice'), /your own: [^<]*as everybody does\. Only one dataset is shown[^<]*<\/p><a href="\/explore\/dataset\/permits\/">/);
  await stop('pia');
});

test('the back office, the account and API keys stay one’s own', async () => {
  const key = command(['key', 'add', 'ada', '--name', 'k']);
  await viewAs('ada', 'everyone');
  assert.match((await people.ada.get('/backoffice/datasets')).text, /Payroll of the town/);
  assert.equal((await people.ada.get('/backoffice/datasets/payroll/access')).status, 200);
  assert.match((await people.ada.get('/account')).text, /ada/);
  const answer = await fetch(`${server.portal}${API}/payroll/records?limit=0`, { headers: { authorization: `Apikey ${key}` } });
  assert.equal((await answer.json()).total_count, ROWS);
  assert.equal((await people.ada.get(`${API}/payroll/records`)).status, 404);
  await stop('ada');
});

test('who may change the rules of one dataset sees that dataset alone as a group does', async () => {
  assert.equal((await viewAs('pia', 'group:Planners')).status, 403);
  assert.equal((await viewAs('pia', 'group:Planners', 'payroll')).status, 404);
  assert.equal((await viewAs('pia', 'group:Planners', 'trees')).status, 403);
  assert.equal((await viewAs('pia', 'user:gil', 'permits')).status, 403);
  assert.equal((await viewAs('gil', 'everyone', 'trees')).status, 403);
  assert.equal((await viewAs('gil', 'everyone')).status, 403);
  assert.equal((await viewAs('nobody', 'everyone')).status, 403, 'a token is missing');
  const begun = await viewAs('pia', 'group:Planners', 'permits');
  assert.equal(begun.status, 303);
  assert.equal(begun.location, '/explore/dataset/permits/');
  const { results } = JSON.parse((await people.pia.get(`${CATALOG}/datasets`)).text);
  assert.deepEqual(results.map((row) => row.dataset_id), ['permits']);
  const group = await look(people.gil);
  const seen = await look(people.pia);
  for (const path of Object.keys(group).filter((path) => path.startsWith(`${API}/permits`))) {
    assert.equal(seen[path], group[path], path);
  }
  assert.equal((await people.pia.get(`${API}/trees`)).status, 404);
  assert.equal((await people.pia.get(`${API}/payroll`)).status, 404);
  assert.match((await people.pia.get('/explore/')).text, /Only one dataset is shown/);
  await viewAs('pia', 'everyone', 'permits');
  assert.deepEqual(JSON.parse((await people.pia.get(`${CATALOG}/datasets`)).text).results, []);
  await stop('pia');
  assert.equal((await people.pia.get(`${API}/trees`)).status, 200);
});

test('nobody sees so more than he may himself', async () => {
  await viewAs('max', 'group:Planners', 'payroll'); // who see all of it
  const { total_count: total, results } = JSON.parse((await people.max.get(`${API}/payroll/records?limit=100`)).text);
  assert.equal(total, 10);
  assert.equal(results.length, 10);
  assert.ok(results.every((row) => row.n < 10 && !('name' in row) && 'secret' in row));
  const dataset = JSON.parse((await people.max.get(`${API}/payroll`)).text);
  assert.equal(dataset.metas.default.records_count, 10);
  assert.deepEqual(dataset.fields.map((field) => field.name).sort(), ['n', 'place', 'secret', 'team']);
  assert.equal(JSON.parse((await people.max.get(`${API}/payroll/exports/json`)).text).length, 10);
  command(['access', 'payroll', '--group', 'Planners', '--read', '--filter', 'n > 7 or n = 2', '--hide', 'secret', '--hide', 'team']);
  await settled();
  const both = JSON.parse((await people.max.get(`${API}/payroll/records?limit=100&order_by=n`)).text);
  assert.deepEqual(both.results.map((row) => row.n), [2, 8, 9]);
  assert.deepEqual(Object.keys(both.results[0]), ['n', 'place']);
  command(['access', 'payroll', '--group', 'Planners', '--read', '--hide', 'n', '--hide', 'secret', '--hide', 'team', '--hide', 'place']);
  await settled();
  assert.equal((await people.max.get(`${API}/payroll`)).status, 404, 'no field is left of it');
  await stop('max');
});

test('it ends when the right, the group or the session ends', async () => {
  await viewAs('pia', 'group:Planners', 'permits');
  assert.equal((await people.pia.get(`${API}/trees`)).status, 404);
  command(['access', 'permits', '--user', 'pia', '--read']);
  await settled();
  assert.equal((await people.pia.get(`${API}/trees`)).status, 200);
  assert.doesNotMatch((await people.pia.get('/explore/')).text, /class="view-as"/);
  command(['group', 'add', 'Passing']);
  await viewAs('ada', 'group:Passing');
  assert.equal((await people.ada.get(`${API}/payroll`)).status, 404);
  command(['group', 'remove', 'Passing']);
  assert.equal((await people.ada.get(`${API}/payroll`)).status, 200);
  await viewAs('ada', 'everyone');
  await people.ada.post('/account/sign-out', {});
  assert.equal((await people.ada.signIn('ada')).status, 303);
  assert.equal((await people.ada.get(`${API}/payroll`)).status, 200, 'a new session begins as oneself');
});

test('other sessions of the same person are not affected', async () => {
  const other = new Visitor(server);
  await other.signIn('ada');
  await viewAs('ada', 'everyone');
  assert.equal((await other.get(`${API}/payroll`)).status, 200);
  assert.equal((await people.ada.get(`${API}/payroll`)).status, 404);
  await stop('ada');
});

test('wrong choices are explained, and the log says who saw what as whom', async () => {
  const unknown = await viewAs('ada', 'user', '', { user: 'nemo' });
  assert.equal(unknown.status, 422);
  assert.match(unknown.text, /There is no user “nemo”/);
  assert.equal((await viewAs('ada', 'group:Nobody')).status, 404);
  assert.equal((await viewAs('ada', 'whoever')).status, 422);
  assert.equal((await viewAs('ada', 'everyone', 'never-was')).status, 404);
  assert.equal((await people.ada.send('POST', '/backoffice/view-as', { body: new URLSearchParams({ as: 'everyone' }) })).status, 403);
  const log = await people.ada.get('/backoffice/audit.csv?action=view.begin');
  assert.match(log.text, /pia,view\.begin,permits,group Planners/);
  assert.match(log.text, /ada,view\.begin,,everyone/);
  assert.match((await people.ada.get('/backoffice/audit.csv?action=view.end')).text, /ada,view\.end/);
});
