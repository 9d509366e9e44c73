// The back office over HTTP, as a person without JavaScript uses it: pages, forms, 303, messages.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, awaitMetric, metric, open, publish, request, serve, temporaryFolder } from './program.mjs';
import { askStore } from './store.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'rita');

async function signedIn(name, language) {
  const visitor = new Visitor(server);
  if (language) visitor.cookies.set('django_language', language);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}

const ada = await signedIn('ada');

/** Posts and follows the redirect; gives the page with the message on it. */
async function done(visitor, path, fields) {
  const answer = await visitor.post(path, fields);
  assert.equal(answer.status, 303, `${path}: ${answer.text}`);
  return visitor.get(answer.location);
}

/** Path of the page of a user, found by the list. */
async function pathOf(name) {
  const page = await ada.get(`/backoffice/users?q=${encodeURIComponent(name)}`);
  return new RegExp(`href="(/backoffice/users/\\d+)">${name}<`).exec(page.text)[1];
}

async function groupPath(name) {
  return new RegExp(`href="(/backoffice/groups/\\d+)">${name}<`).exec((await ada.get('/backoffice/groups')).text)[1];
}

const PAGES = ['/backoffice', '/backoffice/users', '/backoffice/users/new', '/backoffice/groups',
  '/backoffice/groups/new', '/backoffice/access', '/backoffice/datasets/numbers/access',
  '/backoffice/datasets/numbers/access/rule', '/backoffice/services', '/backoffice/services/new',
  '/backoffice/cookies', '/backoffice/audit', '/backoffice/view-as', '/backoffice/keys', '/backoffice/sessions',
  '/backoffice/invitations', '/backoffice/invitations/new'];

test('every page is for administrators, private, and in both languages', async () => {
  const rita = await signedIn('rita');
  const french = await signedIn('ada', 'fr');
  for (const path of PAGES) {
    const anonymous = await new Visitor(server).get(path);
    assert.equal(anonymous.status, 303, path);
    assert.match(anonymous.location, /^\/account\/sign-in\?next=%2Fbackoffice/);
    const page = await ada.get(path);
    assert.equal(page.status, 200, path);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(page.text, /<html lang="en"/);
    assert.match(page.text, /aria-current="page"/);
    assert.equal(page.text.match(/<h1>/g).length, 1, path);
    const other = await french.get(path);
    assert.match(other.text, /<html lang="fr"/);
    assert.match(other.text, /Vue d’ensemble/);
    const refused = await rita.get(path);
    assert.equal(refused.status, path === '/backoffice' ? 200 : 403, path);
  }
});

test('a reader sees only the overview, with the role', async () => {
  const rita = await signedIn('rita');
  const page = await rita.get('/backoffice');
  assert.match(page.text, /<dd>Reader<\/dd>/);
  assert.doesNotMatch(page.text, /href="\/backoffice\/users"/);
  for (const path of ['/backoffice/users/new', '/backoffice/groups/new', '/backoffice/services/new',
    '/backoffice/datasets/numbers/access/rule', '/backoffice/users/1/disable']) {
    const answer = await rita.post(path, { name: 'x', role: 'administrator' });
    assert.equal(answer.status, 403, path);
  }
});

test('forms need a token', async () => {
  const answer = await ada.post('/backoffice/groups/new', { name: 'without' }, { token: '' });
  assert.equal(answer.status, 403);
  assert.doesNotMatch((await ada.get('/backoffice/groups')).text, /without/);
});

test('the overview hints at what is missing', async () => {
  const page = await ada.get('/backoffice');
  assert.match(page.text, /without a second factor/);
  assert.match(page.text, /Mail is not set up/);
  assert.match(page.text, /HTTPS is not in use/);
});

test('a new user sets a password with a link that is shown once', async () => {
  const page = await ada.post('/backoffice/users/new',
    { name: 'nina', display_name: 'Nina <N>', email: 'nina@example.org', role: 'editor' });
  assert.equal(page.status, 200, page.text);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  const link = /<code id="secret">(http[^<]+)<\/code>/.exec(page.text)[1];
  assert.match(link, /\/account\/link\/[\w-]{43}$/);
  const path = await pathOf('nina');
  const user = await ada.get(path);
  assert.doesNotMatch(user.text, /\/account\/link\//, 'shown once');
  assert.match(user.text, /Nina &lt;N&gt;/);
  assert.match(user.text, /<dd>Editor<\/dd>/);
  const nina = new Visitor(server);
  const way = new URL(link).pathname;
  await nina.get(way);
  assert.equal((await nina.post(way, { password: PASSWORD })).status, 303);
  assert.equal((await nina.signIn('nina')).status, 303);
  const overview = await nina.get('/backoffice');
  assert.match(overview.text, /<dd>Editor<\/dd>/);
});

test('faults of the form are named beside the field, and what was typed stays', async () => {
  const cases = [
    [{ name: 'a b', email: '', role: 'reader' }, 'name', /1 to 150 letters/],
    [{ name: 'RITA', email: '', role: 'reader' }, 'name', /a user of this name already/],
    [{ name: 'new', email: 'not mail', role: 'reader' }, 'email', /Enter an e-mail address/],
    [{ name: 'new', email: '', role: 'emperor' }, 'role', /Choose one of these/],
    [{ name: 'new', email: '' }, 'role', /Choose one of these/],
    [{ name: 'new', email: '', display_name: 'x'.repeat(201), role: 'reader' }, 'display_name', /200 letters/],
  ];
  for (const [fields, field, text] of cases) {
    const page = await ada.post('/backoffice/users/new', fields);
    assert.equal(page.status, 422, JSON.stringify(fields));
    assert.match(page.text, new RegExp(`<a href="#${field}">`));
    assert.match(page.text, new RegExp(`id="${field}-error"`));
    assert.match(page.text, text);
    assert.match(page.text, /<title>Error: /);
    assert.match(page.text, new RegExp(`name="name" value="${fields.name}"`));
  }
});

test('users are found by name, address and role', async () => {
  const page = await ada.get('/backoffice/users?q=NINA%40example');
  assert.match(page.text, />nina</);
  assert.doesNotMatch(page.text, />rita</);
  assert.match((await ada.get('/backoffice/users?q=administrator')).text, />ada</);
  const none = await ada.get('/backoffice/users?q=%3Cscript%3E');
  assert.match(none.text, /No user matches/);
  assert.match(none.text, /value="&lt;script&gt;"/);
  for (const query of ['page=0', 'page=99', 'page=x', `q=${'x'.repeat(5000)}`]) {
    assert.equal((await ada.get(`/backoffice/users?${query}`)).status, 200, query);
  }
});

test('the last administrator stays one', async () => {
  const path = await pathOf('ada');
  const disabled = await ada.post(`${path}/disable`, {});
  assert.equal(disabled.status, 422);
  assert.match(disabled.text, /last active administrator/);
  const demoted = await ada.post(`${path}/role`, { role: 'reader' });
  assert.equal(demoted.status, 422);
  assert.match(demoted.text, /id="role-error">This is the last/);
  assert.equal((await ada.get('/backoffice/users')).status, 200, 'the session has not ended');
});

test('disabling ends sessions at once, enabling lets in again', async () => {
  const path = await pathOf('rita');
  const rita = await signedIn('rita');
  assert.match((await ada.get(`${path}/disable`)).text, /Disable rita\?/);
  const page = await done(ada, `${path}/disable`, {});
  assert.match(page.text, /The account is disabled/);
  assert.equal((await rita.get('/account')).status, 303);
  assert.notEqual((await rita.signIn('rita')).status, 303);
  const link = await ada.post(`${path}/link`, {});
  assert.equal(link.status, 422, 'a disabled account gets no link');
  assert.match(link.text, /Enable it first/);
  await done(ada, `${path}/enable`, {});
  await signedIn('rita');
});

test('a change of role, the end of sessions and a reset link', async () => {
  const path = await pathOf('rita');
  let rita = await signedIn('rita');
  assert.match((await done(ada, `${path}/role`, { role: 'publisher' })).text, /<dd>Publisher<\/dd>/);
  assert.equal((await rita.get('/account')).status, 303);
  rita = await signedIn('rita');
  assert.doesNotMatch((await ada.get(path)).text, /Not signed in anywhere/);
  assert.match((await done(ada, `${path}/sessions`, {})).text, /Not signed in anywhere/);
  assert.equal((await rita.get('/account')).status, 303);
  const page = await ada.post(`${path}/link`, {});
  assert.match(page.text, /\/account\/link\/[\w-]{43}/);
  await signedIn('rita'); // the password stays until the link is used
  await done(ada, `${path}/role`, { role: 'reader' });
});

test('profile and groups of a user', async () => {
  await done(ada, '/backoffice/groups/new', { name: 'Water & Air' });
  const path = await pathOf('rita');
  const group = await groupPath('Water &amp; Air');
  const id = group.split('/').pop();
  assert.match((await done(ada, `${path}/profile`, { display_name: 'Rita R.', email: 'r@example.org' })).text, /Rita R\./);
  assert.equal((await ada.post(`${path}/profile`, { display_name: 'x', email: '@' })).status, 422);
  assert.match((await done(ada, `${path}/groups`, { group: id })).text, /Water &amp; Air/);
  assert.match((await ada.get(group)).text, />rita</);
  assert.match((await done(ada, `${path}/groups`, {})).text, /In no group/);
});

test('members of a group come and go', async () => {
  const page = await done(ada, '/backoffice/groups/new', { name: 'editors' });
  assert.match(page.text, /The group was created/);
  const group = await groupPath('editors');
  const fault = await ada.post(`${group}/edit`, { name: 'editors', add: 'rita, nobody' });
  assert.equal(fault.status, 422);
  assert.match(fault.text, /no user “nobody”/);
  assert.match(fault.text, /value="rita, nobody"/);
  assert.match((await ada.get(group)).text, /Nobody is in this group/, 'all or nothing');
  const members = await done(ada, `${group}/edit`, { name: 'Writers', add: 'rita, NINA' });
  assert.match(members.text, /<h1>Writers<\/h1>/);
  assert.match(members.text, />nina<[^]*>rita</);
  const rita = (await pathOf('rita')).split('/').pop();
  const left = await done(ada, `${group}/edit`, { name: 'Writers', add: '', remove: rita });
  assert.doesNotMatch(left.text, />rita</);
  const taken = await ada.post('/backoffice/groups/new', { name: 'Writers' });
  assert.equal(taken.status, 422);
  assert.equal((await ada.post('/backoffice/groups/new', { name: '' })).status, 422);
});

test('a dataset is restricted, shared with a filter and hidden fields, and opened again', async () => {
  const rita = await signedIn('rita');
  const records = `${API}/numbers/records`;
  const rule = '/backoffice/datasets/numbers/access/rule';
  const restricted = await done(ada, rule, { rights: 'none', filter: '' });
  assert.match(restricted.text, />Restricted</);
  assert.equal((await rita.get(records)).status, 404);
  const fault = await ada.post(`${rule}?user=rita`, { rights: 'read', filter: 'n >> 2' });
  assert.equal(fault.status, 422);
  assert.match(fault.text, /id="filter-error">[^<]*position 3/);
  assert.match(fault.text, />\s*n &gt;&gt; 2<\/textarea>/);
  const shared = await done(ada, `${rule}?user=rita`, { rights: 'read', filter: 'n >= 3', hidden: 'text' });
  assert.match(shared.text, /n &gt;= 3/);
  const answer = JSON.parse((await rita.get(records)).text);
  assert.equal(answer.total_count, 2);
  assert.deepEqual(Object.keys(answer.results[0]), ['n']);
  const all = await ada.post(`${rule}?user=rita`, [['rights', 'read'], ['filter', ''], ['hidden', 'n'], ['hidden', 'text']]);
  assert.equal(all.status, 422);
  assert.match(all.text, /One field at least/);
  const empty = await ada.post(`${rule}?user=rita`, { rights: 'none', filter: 'n = 1' });
  assert.match(empty.text, /Without the right to read/);
  await done(ada, '/backoffice/datasets/numbers/access/remove?user=rita', {});
  assert.equal((await rita.get(records)).status, 404);
  const opened = await done(ada, rule, { rights: 'read', filter: '' });
  assert.match(opened.text, />Public</);
  assert.equal((await rita.get(records)).status, 200);
});

test('rights for a group show on the overview of its members', async () => {
  await done(ada, '/backoffice/datasets/numbers/access/rule?group=Writers', { rights: 'publish', filter: '' });
  const nina = await signedIn('nina');
  assert.match((await nina.get('/backoffice')).text, /numbers[^]*>Edit</, 'as far as the role allows');
  const group = await groupPath('Writers');
  await done(ada, `${group}/delete`, {});
  assert.match((await nina.get('/backoffice')).text, /No dataset has been entrusted/);
  assert.doesNotMatch((await ada.get('/backoffice/datasets/numbers/access')).text, /Writers/);
});

test('nobody of that name, no such thing: a page says so', async () => {
  const page = await ada.get('/backoffice/datasets/numbers/access/rule?user=nobody');
  assert.equal(page.status, 422);
  assert.match(page.text, /no user “nobody”/);
  for (const path of ['/backoffice/users/99999', '/backoffice/users/x', '/backoffice/groups/99999',
    '/backoffice/users/99999999999999999999', '/backoffice/groups/-', '/backoffice/datasets/absent/access',
    '/backoffice/datasets/numbers/access/rule?group=absent', '/backoffice/services/absent',
    '/backoffice/users/1/explode', '/backoffice/datasets/%00/access']) {
    const answer = await ada.get(path);
    assert.ok(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`);
    assert.match(answer.text, /<h1>/);
  }
});

const SERVICE = {
  id: 'videos', name: 'Videos <1>', provider: 'Video Ltd', location: 'Ireland',
  policy_url: 'https://video.example/privacy', purpose: 'content',
  description: { en: 'Shows films.', fr: 'Montre des films.' },
  hosts: [{ origin: 'https://player.video.example', loads: ['frame'] }],
};
const services = '/backoffice/services';

test('a base map of streets is begun with an example, and nothing is declared until somebody saves it', async () => {
  assert.match((await ada.get(services)).text, /href="\/backoffice\/services\/new\?form=basemap&amp;example=openstreetmap"/);
  const page = await ada.get(`${services}/new?example=basemap`);
  const text = /<textarea[^>]*id="document"[^>]*>([^]*?)<\/textarea>/.exec(page.text)[1]
    .replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const example = JSON.parse(text);
  assert.deepEqual(example.hosts, [{ origin: 'https://tile.openstreetmap.org', loads: ['connect'] }]);
  for (const language of ['en', 'fr', 'de', 'es', 'it', 'nl']) assert.ok(example.description[language] && example.basemap.title[language], language);
  assert.doesNotMatch((await ada.get(services)).text, /tile\.openstreetmap/);
  const saved = await done(ada, `${services}/new`, { document: text });
  assert.match(saved.text, /OpenStreetMap/);
  assert.match(await (await server.get('/cookies/policy')).text(), /OpenStreetMap Foundation/);
  await done(ada, `${services}/openstreetmap/remove`, { confirm: 'openstreetmap' });
  assert.doesNotMatch((await ada.get(services)).text, /tile\.openstreetmap/);
});

test('a base map is declared by a few fields, changed, and has its JSON beside', async () => {
  const form = `${services}/new?form=basemap`;
  const value = (page, name) => new RegExp(`id="${name}"[^>]*value="([^"]*)"`).exec(page.text)[1];
  const begun = await ada.get(`${form}&example=openstreetmap`);
  assert.equal(value(begun, 'tiles'), 'https://tile.openstreetmap.org/{z}/{x}/{y}.png');
  assert.equal(value(begun, 'provider'), 'OpenStreetMap Foundation');
  const empty = await ada.get(form);
  assert.deepEqual(['name', 'tiles', 'attribution', 'maxzoom', 'provider'].map((name) => value(empty, name)), ['', '', '', '19', '']);
  assert.match(empty.text, /href="\/backoffice\/services\/new\?example=basemap"/);
  assert.doesNotMatch(empty.text, /Members of a declaration/);
  assert.match((await ada.get(`${services}/new`)).text, /Members of a declaration/);
  const good = { name: 'Region <1>', tiles: 'https://Tiles.region.example:8443/a/{z}/{x}/{y}.png?k=1', attribution: '© Region', maxzoom: '17',
    provider: 'Region Ltd', location: 'Ireland', policy_url: 'https://region.example/privacy' };
  const faults = { name: '', tiles: 'https://{s}.region.example/{z}/{x}/{y}.png', attribution: '', maxzoom: '23', provider: 'x'.repeat(201), location: '', policy_url: 'http://region.example' };
  for (const [name, wrong] of Object.entries(faults)) {
    const answer = await ada.post(form, { ...good, tiles: good.tiles.toLowerCase(), [name]: wrong });
    assert.equal(answer.status, 422, name);
    assert.deepEqual([...answer.text.matchAll(/id="(\w+)-error"/g)].map((found) => found[1]), [name]);
    assert.equal(value(answer, name), wrong);
  }
  for (const tiles of ['https://a.example/{z}/{x}.png', 'https://a.example/{z}/{x}/{y}/{y}.png', 'http://a.example/{z}/{x}/{y}', 'https:///{z}/{x}/{y}', 'https://a.example']) {
    assert.match((await ada.post(form, { ...good, tiles })).text, /id="tiles-error"/, tiles);
  }
  const fields = { ...good, tiles: good.tiles.toLowerCase() };
  const preview = await ada.post(form, { ...fields, preview: '1' });
  assert.match(preview.text, /What visitors will see[^]*Region &lt;1&gt;[^]*https:\/\/tiles\.region\.example:8443/);
  assert.doesNotMatch((await ada.get(services)).text, /Region Ltd/);
  await done(ada, form, fields);
  const at = `${services}/region-1`;
  const declared = async () => JSON.parse(await (await server.get('/.well-known/cookies.json')).text()).services.find(({ id }) => id === 'region-1');
  const first = await declared();
  assert.deepEqual(first.hosts, [{ origin: 'https://tiles.region.example:8443', loads: ['connect'] }]);
  assert.deepEqual([first.basemap.tiles, first.basemap.maxzoom, first.basemap.title.fr, first.name], [fields.tiles, 17, 'Region <1>', 'Region <1>']);
  assert.ok(first.description.it);
  assert.equal((await ada.post(form, fields)).status, 422, 'the id is taken');
  const edit = await ada.get(at);
  assert.equal(value(edit, 'maxzoom'), '17');
  assert.match(edit.text, /href="\/backoffice\/services\/region-1\?form=json"/);
  await done(ada, at, { ...fields, name: 'Renamed', maxzoom: '12' });
  const second = await declared();
  assert.deepEqual([second.id, second.name, second.basemap.maxzoom, second.basemap.title.en], ['region-1', 'Renamed', 12, 'Renamed']);
  const json = await ada.get(`${at}?form=json`);
  assert.match(json.text, /<textarea[^>]*id="document"/);
  assert.match(json.text, /href="\/backoffice\/services\/region-1">/);
  await done(ada, `${at}/remove`, { confirm: 'region-1' });
  assert.equal(await declared(), undefined);
});

test('a service is checked, declared, changed and removed', async () => {
  const fault = await ada.post(`${services}/new`, { document: '{"id": "videos",}' });
  assert.equal(fault.status, 422);
  assert.match(fault.text, /id="document-error">[^<]*line 1/);
  const place = await ada.post(`${services}/new`,
    { document: JSON.stringify({ ...SERVICE, hosts: [{ origin: 'http://x', loads: ['frame'] }] }) });
  assert.match(place.text, /hosts\[0\]\.origin/);
  const preview = await ada.post(`${services}/new`, { document: JSON.stringify(SERVICE), preview: '1' });
  assert.equal(preview.status, 200);
  assert.match(preview.text, /Shows films\./);
  assert.match(preview.text, /asked for their choice again/);
  assert.match((await ada.get(services)).text, /No external service/, 'nothing was saved');
  const saved = await done(ada, `${services}/new`, { document: JSON.stringify(SERVICE) });
  assert.match(saved.text, /will be asked for their choice again/);
  assert.match(saved.text, /Videos &lt;1&gt;/);
  const again = await ada.post(`${services}/new`, { document: JSON.stringify(SERVICE) });
  assert.equal(again.status, 422);
  const page = await ada.get(`${services}/videos`);
  assert.match(page.text, /player\.video\.example/);
  const words = { ...SERVICE, description: { en: 'Shows short films.' } };
  const stays = await ada.post(`${services}/videos`, { document: JSON.stringify(words), preview: '1' });
  assert.match(stays.text, /stay valid/);
  assert.match((await done(ada, `${services}/videos`, { document: JSON.stringify(words) })).text, /choices stay valid/);
  const renamed = await ada.post(`${services}/videos`, { document: JSON.stringify({ ...SERVICE, id: 'other' }) });
  assert.equal(renamed.status, 422);
});

test('choices of visitors are counted and downloaded', async () => {
  const visitor = new Visitor(server);
  await visitor.get('/cookies');
  const chosen = await visitor.post('/cookies', { choice: 'accept', way: 'page' }, { headers: { origin: server.portal } });
  assert.equal(chosen.status, 303);
  await visitor.get('/', { headers: { cookie: 'tracker=1; =x' }, cookies: false });
  const page = await ada.get('/backoffice/cookies');
  assert.match(page.text, /1 external service/);
  assert.match(page.text, /tracker/);
  const file = await ada.get('/backoffice/cookies.csv');
  assert.equal(file.status, 200);
  assert.match(file.headers.get('content-type'), /^text\/csv/);
  assert.match(file.headers.get('content-disposition'), /^attachment; filename="consent\.csv"$/);
  assert.match(file.text, /^day,revision,language,way,purposes,count\r\n\d{4}-\d\d-\d\d,\d+,en,/);
  await done(ada, `${services}/videos/remove`, {});
  assert.match((await ada.get(services)).text, /No external service/);
});

test('the audit log has who did what, by action and as a file without formulas', async () => {
  const page = await ada.get('/backoffice/audit');
  for (const action of ['user.add', 'group.add', 'group.join', 'access.change', 'service.put', 'service.remove',
    'user.disable', 'password.link']) {
    assert.match(page.text, new RegExp(`<span class="small code">${action.replace('.', '\\.')}<`), action);
  }
  assert.doesNotMatch(page.text, /account\/link/);
  const some = await ada.get('/backoffice/audit?action=user.disable');
  assert.match(some.text, /user\.disable/);
  assert.doesNotMatch(some.text, /<span class="small code">group\.add</);
  assert.match(some.text, /value="user\.disable" selected/);
  await done(ada, '/backoffice/groups/new', { name: '=HYPERLINK("x"),1' });
  const file = await ada.get('/backoffice/audit.csv?action=group.add');
  assert.match(file.headers.get('content-type'), /^text\/csv/);
  assert.equal(file.headers.get('cache-control'), 'no-store');
  const lines = file.text.trimEnd().split('\r\n');
  assert.equal(lines[0], 'at,actor,action,subject,detail,network');
  assert.match(lines[1], /^\d{4}-\d\d-\d\dT[^,]+,ada,group\.add,"'=HYPERLINK\(""x""\),1",,/);
  assert.ok(lines.slice(1).every((line) => line.includes(',group.add,')));
  for (const query of ['before=-1', 'before=x', 'before=99999999999999999999', 'action=nothing']) {
    assert.equal((await ada.get(`/backoffice/audit?${query}`)).status, 200, query);
  }
});

test('older rows are a page further', async () => {
  for (let i = 0; i < 110; i++) await ada.post('/backoffice/groups/new', { name: `many ${i}` });
  const page = await ada.get('/backoffice/audit?action=group.add');
  const older = /href="(\/backoffice\/audit\?[^"]+)" rel="next"/.exec(page.text)[1].replaceAll('&amp;', '&');
  const next = await ada.get(older);
  assert.match(next.text, /many 0</);
  assert.doesNotMatch(next.text, /many 109</);
  assert.match(next.text, /Newest/);
});

test('keys of a user are revoked', async () => {
  const rita = await signedIn('rita');
  await rita.get('/account/keys');
  const made = await rita.post('/account/keys', { name: 'export', scopes: 'read', scope: 'read' });
  const key = /<code[^>]*>([0-9a-f]{56})<\/code>/.exec(made.text)?.[1];
  assert.ok(key, made.text);
  const path = await pathOf('rita');
  const revoke = /href="([^"]+\/key\?key=\d+)"/.exec((await ada.get(path)).text)[1];
  assert.match((await ada.get(revoke)).text, /Revoke a key of rita\?/);
  assert.match((await done(ada, revoke, {})).text, /The key was revoked/);
  const refused = await new Visitor(server).get(`${API}?apikey=${key}`);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Apikey');
});

test('a file whose reader leaves is no fault of ours', async () => {
  askStore(data, `with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
    insert into audit (at, actor, action, subject, detail, network)
    select i, 'somebody', 'group.add', 'group ' || i, '${'x'.repeat(250)}', '' from n`);
  const cookie = [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const socket = await open(server, request('GET', '/backoffice/audit.csv', { Cookie: cookie, 'User-Agent': 'node' }));
  await awaitMetric(server, 'parvis_busy_bulk', 1);
  socket.destroy();
  await awaitMetric(server, 'parvis_busy_bulk', 0);
  assert.equal(await metric(server, 'parvis_cookies_dropped_total'), 0);
  assert.doesNotMatch(server.errors, /cookie\.dropped/);
});
