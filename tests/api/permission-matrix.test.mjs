// Who may do what: role × session or key × right × state of the dataset × route, over HTTP. What is expected is
// written down here by the rules of docs/permissions.md, not taken from the program; the routes are those that
// it answers (parvis routes). A route that is in no row below fails the test by its name: add a row.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { store } from './store.mjs';
import { Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const DATASET = `${CATALOG}/datasets/{}`;
const OFFICE = '/backoffice/datasets/{}';

/*
 * Each row: pattern, rule, and what stands for the {} behind the dataset's. Rules of routes with a dataset:
 *   sees        who may see the dataset; for others it does not exist
 *   record      the same; whoever sees a part of the fields knows its records by other ids
 *   everybody   what everybody may see of it, whoever asks
 *   read, edit, publish, manage   of the back office: who has the right; who sees the dataset without is refused
 *   open-it        publish for a draft; where it changes the rules of what is published, manage
 * Without one:
 *   open           everybody
 *   signed-in      people with a session; refused to keys, unless "keys" is said
 *   publisher      people with that role or administrators, and their keys that may write where "keys" is said
 *   administrator  people with that role; their keys that may write only where "keys" is said
 * A rule with a slash is one for reading and one for what changes something.
 */
const ROWS = [
  [CATALOG, 'open'], [`${CATALOG}/datasets`, 'open'], [`${CATALOG}/facets`, 'open'], [`${CATALOG}/exports`, 'open'],
  [`${CATALOG}/exports/{}`, 'open', 'csv'], ['/api/explore/v2.1/swagger.json', 'open'],
  ['/data.json', 'open'], ['/catalog.ttl', 'open'], ['/catalog.rdf', 'open'],
  [DATASET, 'sees'], [`${DATASET}/records`, 'sees'], [`${DATASET}/facets`, 'sees'], [`${DATASET}/exports`, 'sees'],
  [`${DATASET}/records/{}`, 'record'], [`${DATASET}/exports/{}`, 'sees', 'csv'],
  [`${DATASET}/tiles/{}/{}/{}.mvt`, 'sees', '0', '0', '0'],
  [`${DATASET}/attachments`, 'sees'], [`${DATASET}/attachments/{}`, 'sees', 'guide_txt'],
  ['/explore/dataset/{}/schema.jsonld', 'sees'],
  ...['', '/analyze', '/api', '/export', '/information', '/map', '/table'].map((tab) => [`/explore/dataset/{}${tab}`, 'sees']),
  ...['', '/analyze', '/api', '/export', '/map', '/table'].map((tab) => [`/explore/dataset/{}/version/{}${tab}`, 'sees', '1']),
  ['/explore/dataset/{}/version/{}/records/{}', 'record', '1'],
  ['/explore/dataset/{}/records/{}', 'record'], ['/explore/dataset/{}/picture.png', 'everybody'],
  ...['chart', 'map', 'table'].map((kind) => [`/embed/dataset/{}/${kind}`, 'everybody']),
  ['/', 'open'], ['/explore', 'open'], ['/selection', 'open'], ['/selection/download.zip', 'open'],
  ['/selection/download.sh', 'open'], ['/selection/download.py', 'open'],
  ['/map/base/{}/{}/{}.mvt', 'open', '0', '0', '0'], ['/robots.txt', 'open'], ['/sitemap.xml', 'open'],
  ['/sitemap/{}', 'open', '1.xml'], ['/opensearch.xml', 'open'],
  ['/cookies', 'open'], ['/cookies/delete', 'open'], ['/cookies/receipt', 'open'], ['/cookies/policy', 'open'],
  ['/cookies/browser', 'open'], ['/cookies/revisions', 'open'], ['/cookies/revisions/{}', 'open', '1'],
  ['/cookies/revisions/{}/declaration.json', 'open', '1'], ['/embedded/{}', 'open', 'none'], ['/language', 'open'],
  ['/i18n/setlang', 'open'], ['/.well-known/cookies.json', 'open'], ['/.well-known/gpc.json', 'open'],
  ['/account/sign-in', 'open'], ['/account/sign-in/code', 'open'], ['/account/sign-out', 'open'],
  ['/account/forgotten', 'open'], ['/account/link/{}', 'open', 'none'], ['/account/invitation/{}', 'open', 'none'],
  ['/account', 'signed-in'], ['/account/confirm', 'signed-in'], ['/account/password', 'signed-in'],
  ['/account/sessions', 'signed-in'], ['/account/sessions/end', 'signed-in'], ['/account/sessions/end-others', 'signed-in'],
  ['/account/keys', 'signed-in'], ['/account/keys/uses', 'signed-in'], ['/account/keys/revoke', 'signed-in'], ['/account/second-factor', 'signed-in'],
  ['/account/second-factor/disable', 'signed-in'], ['/account/second-factor/recovery', 'signed-in'],
  ['/backoffice', 'signed-in'], ['/backoffice/datasets', 'signed-in/publisher keys'],
  ['/backoffice/datasets/new', 'publisher keys'],
  // Of which dataset, and whose they are: uploads.test.mjs. Of no dataset there is none.
  ['/backoffice/uploads', 'signed-in keys'], ['/backoffice/uploads/{}', 'signed-in keys', '0'.repeat(32)],
  [OFFICE, 'edit'], [`${OFFICE}/unsent`, 'edit'], [`${OFFICE}/access`, 'manage'], [`${OFFICE}/access/rule`, 'manage'], [`${OFFICE}/access/remove`, 'manage'],
  // Whose jobs are whose: jobs.test.mjs. One that there is not is not found by anybody.
  ['/backoffice/jobs', 'signed-in keys'],
  ...['', '/file', '/cancel', '/retry'].map((page) => [`/backoffice/jobs/{}${page}`, 'signed-in keys', '99999']),
  [`${OFFICE}/export`, 'read'],
  ...['', '/file', '/fields', '/description', '/publish', '/rejected', '/rejected.csv'].map((page) => [`${OFFICE}/source${page}`, 'publish']),
  [`${OFFICE}/source/fields/{}`, 'publish', '1'], [`${OFFICE}/refresh`, 'publish'],
  [`${OFFICE}/versions`, 'edit'], [`${OFFICE}/versions/compare`, 'edit'], [`${OFFICE}/versions/keep`, 'publish'],
  [`${OFFICE}/versions/{}/{}`, 'publish', '99999', 'pin'],
  ...['', '/fields', '/attachments', '/reuses', '/reuses/new'].map((page) => [`${OFFICE}/metadata${page}`, 'edit']),
  ...['attachments/{}', 'attachments/{}/remove', 'reuses/{}', 'reuses/{}/remove'].map((page) => [`${OFFICE}/metadata/${page}`, 'edit', 'none']),
  ['/backoffice/metadata/bulk', 'signed-in keys'], // each dataset for itself: bulk.test.mjs
  [`${OFFICE}/release`, 'open-it'], [`${OFFICE}/withdraw`, 'manage'], [`${OFFICE}/id`, 'manage'], [`${OFFICE}/remove`, 'publish'],
  ['/backoffice/access', 'administrator'], ['/backoffice/access/{}', 'signed-in', 'any'],
  ['/backoffice/access/{}/rule', 'signed-in', 'any'], ['/backoffice/access/{}/remove', 'signed-in', 'any'],
  ['/backoffice/view-as', 'administrator'], // and who may manage a dataset, for that one: view-as.test.mjs
  ['/backoffice/view-as/end', 'signed-in'],
  ...['invitations', 'invitations/new', 'keys', 'sessions', 'users', 'users/new', 'groups', 'groups/new', 'services',
    'services/new', 'cookies', 'cookies.csv', 'audit', 'audit.csv', 'audit.jsonl'].map((page) => [`/backoffice/${page}`, 'administrator']),
  ...['invitations/{}/send', 'invitations/{}/revoke', 'keys/{}/revoke', 'keys/{}/limit', 'users/{}', 'users/{}/limit',
    'users/{}/profile', 'users/{}/role', 'users/{}/groups', 'groups/{}', 'groups/{}/limit', 'groups/{}/edit',
    'groups/{}/delete', 'sessions/{}/end', 'services/{}', 'services/{}/remove'].map((page) => [`/backoffice/${page}`, 'administrator', '99999']),
  ['/backoffice/users/{}/{}', 'administrator', '99999', 'disable'],
  ['/backoffice/metadata', 'administrator'], ['/backoffice/metadata/vocabularies/{}', 'administrator', 'theme'],
  ...['new', 'edit', 'remove'].map((page) => [`/backoffice/metadata/vocabularies/{}/${page}`, 'administrator keys', 'theme']),
  ['/backoffice/metadata/templates/{}', 'administrator', 'none'], ['/backoffice/metadata/templates/new', 'administrator keys'],
  ...['edit', 'remove', 'fields/new', 'fields/{}', 'fields/{}/remove'].map((page) => [`/backoffice/metadata/templates/{}/${page}`, 'administrator keys', 'none', 'none']),
  // Where figures are not public, their datasets are restricted ones: statistics.test.mjs.
  ...['', '/datasets', '/facets'].map((page) => [`/api/explore/v2.1/monitoring${page}`, 'open']),
  ...['', '/records', '/facets', '/exports'].map((page) => [`/api/explore/v2.1/monitoring/datasets/{}${page}`, 'open', 'monitoring-days']),
  ...['records', 'exports'].map((page) => [`/api/explore/v2.1/monitoring/datasets/{}/${page}/{}`, 'open', 'monitoring-days', 'csv']),
  ...['', '.json', '.csv'].map((form) => [`/analytics${form}`, 'open']),
  // With ?dataset=ID for who may edit it; without, of the whole portal.
  ['/backoffice/statistics', 'signed-in keys'], ...['.json', '.csv'].map((form) => [`/backoffice/statistics${form}`, 'administrator keys']),
  ...['', '/texts', '/about', '/look', '/home', '/facets', '/footer', '/languages'].map((page) => [`/backoffice/site${page}`, 'administrator keys']),
  ...['/preview.svg', '/mail', '/mail/test', '/embeds', '/retention'].map((page) => [`/backoffice/site${page}`, 'administrator']),
  ['/backoffice/site/{}/reset', 'administrator', 'none'], ['/backoffice/pages', 'administrator keys'], ['/backoffice/pages/new', 'administrator keys'],
  ...['', '/revisions/{}', '/pictures/{}'].map((page) => [`/backoffice/pages/{}${page}`, 'administrator', '99999', '99999']),
  ...['/settings', '/text/{}', '/revisions/{}/restore', '/pictures', '/pictures/{}/remove', '/delete'].map((page) => [
    `/backoffice/pages/{}${page}`, 'administrator keys', '99999', '99999']),
  ['/pages/{}', 'open', 'none'], ['/pages/{}/{}', 'open', 'none', 'none'],
  ['/backoffice/backups', 'administrator keys'], ['/backoffice/backups/new', 'administrator keys'],
  ['/backoffice/backups/{}/check', 'administrator keys', 'none'],
];

/* ---- who, what for, in which state ---- */

const ROLES = ['reader', 'editor', 'publisher', 'administrator'];
const MODES = ['session', 'key-read', 'key-write'];
const RIGHTS = ['none', 'read', 'part', 'edit', 'publish', 'manage'];
const STATES = ['draft', 'restricted', 'public', 'withdrawn', 'removed'];
const SEES = 1;
const NEEDS = { read: 1, edit: 2, publish: 3, manage: 4 };

/** What an actor may do with a dataset: 0 not even see it, 1 see, 2 edit, 3 publish, 4 manage. */
function rightOf({ role, mode }, right, state) {
  if (state === 'removed') return 0; // nothing is left of it
  const everybody = state === 'public' ? SEES : 0;
  if (!role) return everybody;
  const most = mode === 'key-read' ? SEES : { reader: 1, editor: 2, publisher: 4, administrator: 4 }[role];
  const given = { none: everybody, read: 1, part: 1, edit: 2, publish: 3, manage: 4 }[right];
  return Math.min(role === 'administrator' ? 4 : given, most);
}

const sees = (who, right, state) => rightOf(who, right, state) >= SEES;
const seesPart = (who, right) => right === 'part' && who.role && who.role !== 'administrator';

/** What a request is answered with: a status, "refused", "sign in", or "in" for what is past the gates, whatever it says of an empty form. */
function expected(rule, who, method, right, state) {
  const isKey = who.mode !== 'session' && Boolean(who.role);
  const [kinds, extra] = rule.split(' ');
  const [toRead, toChange = toRead] = kinds.split('/');
  const isChange = method !== 'GET';
  const kind = isChange ? toChange : toRead;
  switch (kind) {
    case 'open': return 'in';
    case 'everybody': return state === 'public' ? 200 : 404;
    case 'sees': return sees(who, right, state) ? 200 : 404;
    case 'record': return sees(who, right, state) && !seesPart(who, right) ? 200 : 404;
  }
  if (!who.role) return isChange ? 'refused' : 'sign in';
  if (['signed-in', 'publisher', 'administrator'].includes(kind)) {
    const mayWrite = !isKey || who.mode === 'key-write'; // else it can only read what its user is given
    if (isKey && extra !== 'keys' || isChange && !mayWrite) return 403;
    const takes = { 'signed-in': ROLES, publisher: ['publisher', 'administrator'], administrator: ['administrator'] }[kind];
    return takes.includes(who.role) && (kind === 'signed-in' || mayWrite) ? 'in' : 403;
  }
  if (isChange && who.mode === 'key-read') return 403;
  const has = rightOf(who, right, state);
  const needs = kind === 'open-it' ? (state === 'draft' ? 'publish' : 'manage') : kind;
  return has < SEES ? 404 : has < NEEDS[needs] ? 403 : 'in';
}

function fits(answer, wanted) {
  const isSignIn = answer.status === 303 && /^\/account\/sign-in\?next=/.test(answer.location ?? '');
  if (wanted === 'sign in') return isSignIn;
  if (wanted === 'in') return ![401, 403, 500].includes(answer.status) && !isSignIn;
  if (wanted === 'refused') return [401, 403].includes(answer.status); // by its token, or for want of a session
  return answer.status === wanted;
}

/* ---- the portal ---- */

const folder = temporaryFolder();
const data = join(folder, 'data');
const ROWS_OF_EACH = 6;

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout.trim();
}

const idOf = (state, right) => `${state}-${right}`;
const file = join(folder, 'rows.csv');
writeFileSync(file, `n,secret,place\n${Array.from({ length: ROWS_OF_EACH }, (_, i) => `${i},s${i},"5${i}, ${i}"`).join('\n')}\n`);
writeFileSync(join(folder, 'guide.txt'), 'guide');
for (const role of ROLES) command('user', 'add', role, '--role', role);
for (const state of STATES) {
  for (const right of RIGHTS) {
    const id = idOf(state, right);
    if (state === 'draft') command('dataset', 'create', id);
    command('import', file, '--id', id, '--type', 'place=geo_point_2d', '--annotate', 'n=facet', ...(state === 'restricted' ? ['--restricted'] : []));
    command('attach', id, join(folder, 'guide.txt'));
    // One state the command line's way, the others the back office's, below.
    for (const role of right === 'none' || state !== STATES[0] ? [] : ROLES) {
      command('access', id, '--user', role, ...(right === 'part' ? ['--read', '--filter', 'n < 2', '--hide', 'secret'] : [`--${right}`]));
    }
    if (state === 'withdrawn' && right === RIGHTS[0]) command('dataset', 'withdraw', id);
  }
}
const server = await serve(data);
const listed = run(['routes']);
assert.equal(listed.status, 0, `parvis routes: ${listed.signal} ${listed.error} ${listed.stderr}`);
const routes = listed.stdout.trim().split('\n').map((line) => JSON.parse(line));

const actors = [{ name: 'anonymous', visitor: new Visitor(server) }];
for (const role of ROLES) {
  const path = new URL(command('user', 'reset', role)).pathname;
  const visitor = new Visitor(server);
  await visitor.get(path);
  assert.equal((await visitor.post(path, { password: 'a sentence only this test says' })).status, 303);
  assert.equal((await visitor.signIn(role)).status, 303);
  for (const mode of MODES) {
    const key = mode === 'session' ? undefined : command('key', 'add', role, '--name', mode, ...(mode === 'key-write' ? ['--write'] : []));
    actors.push({ name: `${role}, ${mode}`, role, mode, visitor: key ? new Visitor(server) : visitor, key });
  }
}

const administrator = actors.find(({ role }) => role === 'administrator').visitor;
for (const right of RIGHTS.slice(1)) {
  for (const state of STATES.slice(1)) {
    for (const role of ROLES) {
      const done = await administrator.post(`/backoffice/datasets/${idOf(state, right)}/access/rule?user=${role}`,
        right === 'part' ? { rights: 'read', filter: 'n < 2', hidden: 'secret' } : { rights: right, filter: '' });
      assert.equal(done.status, 303, done.text);
    }
  }
  const done = await administrator.post(`/backoffice/datasets/${idOf('withdrawn', right)}/withdraw`, { state: 'restricted' });
  assert.equal(done.status, 303, done.text);
}
for (const right of RIGHTS) command('remove', idOf('removed', right));

const records = {};
for (const state of STATES.filter((one) => one !== 'removed')) {
  for (const right of RIGHTS) {
    const answer = await administrator.get(`${API}/${idOf(state, right)}/records?limit=1&include_links=true`);
    records[idOf(state, right)] = JSON.parse(answer.text).results[0]._links[0].href.split('/').pop();
  }
}

function ask({ visitor, key }, method, path) {
  const headers = key ? { authorization: `Apikey ${key}` } : {};
  const token = visitor.cookies.get('csrftoken');
  return method === 'GET' ? visitor.get(path, { headers })
    : method === 'POST' ? visitor.post(path, {}, { headers })
      : visitor.send(method, path, { headers: { ...(token ? { 'x-csrftoken': token } : {}), ...headers } });
}

function pathOf(pattern, values) {
  const rest = [...values];
  return pattern.replace(/\{\}/g, () => rest.shift() ?? 'x');
}

const ofDataset = (rule) => ['sees', 'record', 'everybody', 'read', 'edit', 'publish', 'manage', 'open-it'].includes(rule);

test('every route has a row, and every row a route', () => {
  const known = ROWS.map(([pattern]) => pattern); // /styleguide is in development builds only
  assert.deepEqual(routes.map(({ pattern }) => pattern).filter((pattern) => !known.includes(pattern) && pattern !== '/styleguide'), [],
    'routes without a row in the permission matrix');
  assert.deepEqual(known.filter((pattern) => !routes.some((route) => route.pattern === pattern)), [], 'rows without a route');
  assert.equal(new Set(known).size, known.length, 'a row is there twice');
});

test('what changes something asks for the password, what is for people is not for keys', () => {
  const dangerous = routes.filter(({ pattern, methods }) => methods.includes('POST') &&
    ROWS.some(([of, rule]) => of === pattern && rule === 'administrator') && pattern !== '/backoffice/view-as');
  assert.deepEqual(dangerous.filter(({ recent }) => !recent).map(({ pattern }) => pattern), []);
  assert.deepEqual(routes.filter(({ pattern, keys }) => keys && !pattern.startsWith('/backoffice/datasets') &&
    ROWS.some(([of, rule]) => of === pattern && rule === 'administrator')).map(({ pattern }) => pattern), []);
});

// What a POST of these does is more than to refuse an empty form.
const ENDS = /^\/account\/(sign-out|sessions|password|second-factor|confirm|keys)|^\/cookies\/delete|^\/backoffice\/datasets\/\{\}\/access\/remove/;

function methodsOf(pattern) {
  const { methods } = routes.find((route) => route.pattern === pattern);
  return methods.split(', ').filter((method) => !['HEAD', 'OPTIONS'].includes(method));
}

async function check(who, pattern, rule, method, path, right, state) {
  const wanted = expected(rule, who, method, right, state);
  if (method === 'POST' && wanted === 'in' && (ENDS.test(pattern) || rule === 'open')) return;
  const answer = await ask(who, method, path);
  assert.ok(fits(answer, wanted), `${who.name}, ${right ?? ''} ${state ?? ''}: ${method} ${path} gave ${answer.status} ${answer.location ?? ''}, not ${wanted}`);
}

test('pages without a dataset are for whom they are', async () => {
  for (const who of actors) {
    for (const [pattern, rule, ...values] of ROWS.filter(([pattern, of]) => !ofDataset(of) && routes.some((route) => route.pattern === pattern))) {
      for (const method of methodsOf(pattern)) await check(who, pattern, rule, method, pathOf(pattern, values));
    }
  }
});

/*
 * The gates are the same code on both stores; what they go by is read from each. So on PostgreSQL one of the three ways to be
 * somebody is tried at a route, in turn: each role at each route, in each state and with each right, and all ways at each route.
 */
const isTried = (...places) => store === 'duckdb' || places.reduce((sum, place) => sum + place) % MODES.length === 0;

for (const state of STATES) {
  test(`a ${state} dataset, for each role, key and right, at each route`, async () => {
    for (const right of RIGHTS) {
      const id = idOf(state, right);
      for (const who of actors) {
        await Promise.all(ROWS.filter(([pattern, rule]) => ofDataset(rule) && routes.some((route) => route.pattern === pattern))
          .filter((_, place) => !who.role || isTried(place, MODES.indexOf(who.mode), RIGHTS.indexOf(right), STATES.indexOf(state)))
          .map(async ([pattern, rule, ...values]) => {
            const given = rule === 'record' ? [...values, records[id] ?? '0'.repeat(40)] : values;
            for (const method of methodsOf(pattern)) {
              await check(who, pattern, rule, method, pathOf(pattern, [id, ...given]), right, state);
            }
          }));
      }
    }
  });
}

test('who sees a part sees that part, and the list has what is seen and nothing else', async () => {
  for (const who of actors) {
    const listed = JSON.parse((await ask(who, 'GET', `${CATALOG}/datasets?limit=100&select=dataset_id,records_count`)).text).results;
    for (const state of STATES) {
      for (const right of RIGHTS) {
        const id = idOf(state, right);
        const row = listed.find((one) => one.dataset_id === id);
        assert.equal(Boolean(row), sees(who, right, state), `${who.name}: ${id} is ${row ? '' : 'not '}listed`);
        if (!row) continue;
        const { total_count: total, results } = JSON.parse((await ask(who, 'GET', `${API}/${id}/records`)).text);
        const rows = seesPart(who, right) ? 2 : ROWS_OF_EACH;
        assert.deepEqual([total, results.length, row.records_count], [rows, rows, rows], `${who.name}: ${id}`);
        assert.equal('secret' in results[0], !seesPart(who, right), `${who.name}: ${id}`);
      }
    }
  }
});

test('an unknown key, and one that was revoked, are refused everywhere', async () => {
  const [number] = command('key', 'list', 'administrator').split('\n').map((line) => line.split('\t')[0]);
  command('key', 'revoke', number);
  const revoked = actors.find(({ name }) => name === 'administrator, key-write');
  for (const who of [revoked, { visitor: new Visitor(server), key: '0'.repeat(56) }]) {
    for (const path of [`${CATALOG}/datasets`, '/backoffice/datasets', `${API}/public-none/records`]) {
      assert.equal((await ask(who, 'GET', path)).status, 401, path);
    }
  }
});
