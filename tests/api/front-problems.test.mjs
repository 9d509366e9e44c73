// Errors as pages: what one can do next, in the visitor's language, with the right status and an id that is in the log.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { cloneDatasets, store } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
command('import', fixture('street-lamps.csv'), '--id', 'street-lamps', '--metadata', fixture('street-lamps.json'));
command('import', fixture('places.csv'), '--id', 'places', '--title', 'Points <b>of</b> interest');
command('import', fixture('places.csv'), '--id', 'street-secrets', '--title', 'Street secrets');
command('access', 'street-secrets', '--restrict');
cloneDatasets(data, 'street-lamps', { broken: { default: { title: 'Has no records on disk' } } });
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'reader']);

async function page(path, { language = 'en', at = server, accept = 'text/html' } = {}) {
  const response = await at.get(path, { headers: { accept, 'accept-language': language }, redirect: 'manual' });
  return { status: response.status, html: await response.text(), header: (name) => response.headers.get(name) };
}
const near = (html) => [...(/class="problem-near"[\s\S]*?<\/section>/.exec(html)?.[0] ?? '').matchAll(/dataset\/([^/]+)\/"/g)].map(([, id]) => id);

test('an address that is not there offers a search, in the language of the visitor', async () => {
  const { status, html, header } = await page('/nothing/here');
  assert.equal(status, 404);
  assert.match(html, /<form class="search-form" action="\/explore\/" role="search">/);
  assert.equal([...html.matchAll(/role="search"/g)].length, 1, 'the header has none besides');
  assert.match(header('x-request-id'), /^[0-9a-f]{16}$/);
  assert.equal(header('cache-control'), 'no-store');
  assert.ok((await page('/nothing', { language: 'fr' })).html.includes('Rechercher des jeux de données'));
});

test('a dataset that is nearly one there is', async () => {
  const cases = { 'street-lamp': ['street-lamps'], 'STREET-LAMPS-2': ['street-lamps'], 'stret-lmaps': ['street-lamps'], 'lamps-street': ['street-lamps'],
    place: ['places'], interest: ['places'], 'nothing-like-it': [], x: [], [encodeURIComponent('<script>')]: [], [`a${'b'.repeat(3000)}`]: [] };
  for (const [id, wanted] of Object.entries(cases)) {
    for (const tab of ['', 'table/']) {
      const { status, html } = await page(`/explore/dataset/${id}/${tab}`);
      assert.equal(status, 404, id);
      assert.deepEqual(near(html), wanted, id);
      assert.ok(!html.includes('<script>alert') && !html.includes('Points <b>'), id);
      assert.match(html, /href="\/account\/sign-in\?next=%2Fexplore%2Fdataset%2F/, 'it may be restricted');
    }
  }
});

test('a restricted dataset looks like one that is not there, and is no near match', async () => {
  const hidden = await page('/explore/dataset/street-secrets/');
  const absent = await page('/explore/dataset/street-sekrets/');
  assert.equal(hidden.status, 404);
  assert.deepEqual(near(hidden.html), []);
  assert.deepEqual(near(absent.html), []);
  const plain = ({ html }) => html.replace(/nonce="[^"]*"/g, '').replaceAll('street-secrets', 'ID').replaceAll('street-sekrets', 'ID');
  assert.equal(plain(hidden), plain(absent));
  command('access', 'street-secrets', '--user', 'ada', '--read');
  const ada = new Visitor(server);
  await ada.signIn('ada');
  await eventually('she sees it', async () => (await ada.get('/explore/dataset/street-secrets/')).status === 200);
  const seen = await ada.get('/explore/dataset/street-sekrets/');
  assert.deepEqual(near(seen.text), ['street-secrets']);
  assert.ok(!seen.text.includes('sign-in?next'), 'she is signed in');
});

test('who may not, is told as whom he is signed in; who is not signed in is sent there', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const denied = await ada.get('/backoffice/users');
  assert.equal(denied.status, 403);
  assert.match(denied.text, /Signed in as ada\./);
  const anonymous = await page('/backoffice/users');
  assert.equal(anonymous.status, 303);
  assert.match(anonymous.header('location'), /^\/account\/sign-in\?next=/);
});

// Records that are not where they should be: broken files; in PostgreSQL they may just have been replaced.
const FAULT = store === 'postgresql' ? 503 : 500;

test('a fault of ours has an id, on the page, in the header, in the log', async () => {
  for (const [path, isPage] of [['/explore/dataset/broken/', true], [`${API}/broken/records`, false]]) {
    const { status, html, header } = await page(path, { accept: isPage ? 'text/html' : 'application/json' });
    const id = header('x-request-id');
    assert.equal(status, FAULT, html);
    assert.match(id, /^[0-9a-f]{16}$/);
    if (isPage) assert.ok(html.includes(`Reference: ${id}`), html);
    const lines = () => server.errors.split('\n').filter((line) => line.includes(id)).map((line) => JSON.parse(line));
    for (let i = 0; i < 50 && lines().length < (FAULT === 500 ? 2 : 1); i++) await new Promise((resolve) => { setTimeout(resolve, 50); });
    const events = lines();
    assert.deepEqual(events.map(({ event }) => event).sort(), FAULT === 500 ? ['request', 'request.failed'] : ['request']);
    for (const { detail } of events.filter(({ event }) => event === 'request.failed')) assert.ok(detail.startsWith(`request ${id}, `), detail);
    const access = events.find(({ event }) => event === 'request');
    assert.equal(access.id, id);
    assert.equal(access.status, FAULT);
    assert.ok(!html.includes('duckdb') && !html.includes(folder), 'the cause is not told');
  }
});

test('each request has an id of its own', async () => {
  const ids = await Promise.all(Array.from({ length: 50 }, async () => (await page(`${API}/none`)).header('x-request-id')));
  assert.equal(new Set(ids).size, 50);
});

test('too many calls: a page for people, with the time; the same JSON as ever for programs', async () => {
  const limited = await serve(data, ['--quota-anonymous', '2']);
  for (const path of [`${API}/street-lamps`, `${API}/street-lamps/records?limit=1`]) assert.equal((await page(path, { at: limited })).status, 200);
  for (const path of [`${API}/street-lamps`, `${API}/places`]) { // kept in memory, and not
    const { status, html, header } = await page(path, { at: limited });
    assert.equal(status, 429);
    assert.match(header('content-type'), /^text\/html/);
    assert.match(html, /It works again from [^<]*12:00\sAM UTC\./);
    assert.ok(Number(header('retry-after')) > 0 && Number(header('retry-after')) <= 86401);
    assert.equal(header('x-ratelimit-remaining'), '0');
    assert.equal(header('set-cookie'), null);
    const french = await page(path, { at: limited, language: 'fr' });
    assert.match(french.html, /Cela fonctionnera de nouveau à partir du/);
    const program = await page(path, { at: limited, accept: '*/*' });
    assert.equal(program.status, 429);
    assert.equal(JSON.parse(program.html).errorcode, 10005);
    assert.match(program.header('x-request-id'), /^[0-9a-f]{16}$/);
  }
  assert.equal((await page('/explore/', { at: limited })).status, 200, 'pages are not counted');
});
