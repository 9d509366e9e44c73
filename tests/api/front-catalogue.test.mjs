// The catalogue's page over HTTP: what it lists agrees with the API, its addresses narrow it down, bad ones are told.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const rows = join(folder, 'rows.csv');
writeFileSync(rows, 'code,name\n1,one\n2,two\n');
const EVIL = '<img src=x onerror=alert(1)>"\'&';

function publish(id, metadata, ...more) {
  const path = join(folder, 'metadata.json');
  writeFileSync(path, JSON.stringify(metadata));
  const done = run(['import', rows, '--id', id, '--metadata', path, '--data', data, ...more]);
  assert.equal(done.status, 0, done.stderr);
}
const themes = ['Mobility', 'Environment'];
for (let i = 0; i < 45; i++) {
  publish(`set-${String(i).padStart(2, '0')}`, { default: {
    title: `Dataset number ${i}`, language: i % 2 ? 'en' : 'fr', publisher: i % 3 ? 'City' : 'Region',
    theme: i % 5 ? [themes[i % 2]] : themes, keyword: ['all', `k${i % 4}`], license: i % 2 ? 'CC BY 4.0' : 'ODbL',
    description: `<p>Description <b>of</b> ${i}</p>` } });
}
publish('evil', { default: { title: EVIL, publisher: EVIL, keyword: [EVIL], theme: [EVIL], description: `<p>${EVIL}</p><script>alert(2)</script>` } });
publish('long', { default: { title: 'x'.repeat(10000), publisher: 'y'.repeat(2000), description: 'z '.repeat(50000) } });
publish('secret', { default: { title: 'Hidden vault', publisher: 'Sealed' } }, '--restricted');

const server = await serve(data);
await makeUser(server, data, 'boss', ['--role', 'administrator']);
const page = async (path, init) => {
  const answer = await server.get(path, init);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};
const api = async (query) => (await server.get(`/api/explore/v2.1/catalog/datasets?${query}`)).json();
const ids = (text) => [...text.matchAll(/<h2><a href="\/explore\/dataset\/([^/"]+)\/"/g)].map((match) => match[1]);
const count = (text) => Number(/id="results-count"[^>]*>([\d,]+) dataset/.exec(text)[1]);

test('lists all that the visitor may see, latest first, page by page', async () => {
  const first = await page('/explore/');
  assert.equal(first.status, 200);
  assert.equal(count(first.text), 47);
  assert.ok(!first.text.includes('Hidden vault') && !first.text.includes('Sealed'));
  const seen = [];
  for (let n = 1; n <= 3; n++) seen.push(...ids((await page(`/explore/?page=${n}`)).text));
  const expected = (await api('limit=100&select=dataset_id')).results.map((row) => row.dataset_id);
  assert.deepEqual(seen, expected);
  assert.ok(!(await page('/explore/?page=3')).text.includes('rel="next"'));
});

test('a search that nothing answers as a whole offers what has some of its words', async () => {
  const partial = (text) => [...text.matchAll(/<h3><a href="\/explore\/dataset\/([^/"]+)\/"/g)].map((match) => match[1]);
  const none = await page('/explore/?q=number%207%20of%20Atlantis');
  assert.equal(count(none.text), 0);
  assert.ok(none.text.includes('Datasets with some of these words'));
  assert.ok(partial(none.text).length > 0 && partial(none.text).length <= 10);
  const hidden = await page('/explore/?q=vault%20Atlantis');
  assert.deepEqual(partial(hidden.text), [], 'what the visitor may not see');
  assert.ok(!hidden.text.includes('some of these words'));
  const whole = await page('/explore/?q=number%207');
  assert.deepEqual(partial(whole.text), []);
  assert.ok(ids(whole.text).includes('set-07'));
});

test('Opendatasoft\'s own parameters narrow it down, as the API does', async () => {
  const cases = [
    ['refine.theme=Mobility', 'refine=theme:Mobility'],
    ['refine.theme=Mobility&refine.theme=Environment', 'refine=theme:Mobility&refine=theme:Environment'],
    ['exclude.theme=Mobility', 'exclude=theme:Mobility'],
    ['refine.keyword=k1&refine.keyword=all', 'refine=keyword:k1&refine=keyword:all'],
    ['refine.modified=2026', 'refine=modified:2026'],
    ['refine.language=fr&refine.publisher=City', 'refine=language:fr&refine=publisher:City'],
    ['q=number+1', 'where=search("number 1")'],
    ['where=publisher%3D%22Region%22', 'where=publisher="Region"'],
    ['sort=title&refine.theme=Mobility', 'order_by=title&refine=theme:Mobility'],
    ['sort=-title', 'order_by=title desc'],
  ];
  for (const [ours, theirs] of cases) {
    const shown = await page(`/explore/?${ours}`);
    const expected = await api(`limit=20&select=dataset_id&${theirs.replaceAll(' ', '%20')}`);
    assert.equal(shown.status, 200, ours);
    assert.equal(count(shown.text), expected.total_count, ours);
    assert.deepEqual(ids(shown.text), expected.results.map((row) => row.dataset_id), ours);
  }
});

test('two publishers mean either, two themes both, unless the address says otherwise', async () => {
  assert.equal(count((await page('/explore/?refine.publisher=City&refine.publisher=Region')).text), 45);
  const both = count((await page('/explore/?refine.theme=Mobility&refine.theme=Environment')).text);
  const either = count((await page('/explore/?disjunctive.theme&refine.theme=Mobility&refine.theme=Environment')).text);
  assert.equal(both, 9);
  assert.equal(either, 45);
});

test('facets count what is there, and every link of theirs leads to as many', async () => {
  const { text } = await page('/explore/?refine.language=en');
  const links = [...text.matchAll(/<li class="level-1"><a href="(\/explore\/\?[^"]*)" rel="nofollow"><span class="facet-label">([^<]*)<\/span> <span class="facet-count">([\d,]+)</g)];
  assert.ok(links.length > 8);
  for (const [, address, label, number] of links) {
    const followed = await page(address.replaceAll('&amp;', '&'));
    const isEither = /refine\.(publisher|license|language)=[^&]*&.*refine\.\1=/.test(address.replaceAll('&amp;', '&'));
    assert.equal(followed.status, 200);
    if (!isEither) assert.equal(count(followed.text), Number(number), `${label} ${address}`);
  }
});

test('active filters are chips that take themselves away', async () => {
  const { text } = await page('/explore/?q=number&refine.theme=Mobility&exclude.license=ODbL&where=records_count%3E1');
  const chips = [...text.matchAll(/<a class="chip" href="([^"]*)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));
  assert.deepEqual(chips, [
    '/explore/?refine.theme=Mobility&exclude.license=ODbL&where=records_count%3E1',
    '/explore/?q=number&exclude.license=ODbL&where=records_count%3E1',
    '/explore/?q=number&refine.theme=Mobility&where=records_count%3E1',
    '/explore/?q=number&refine.theme=Mobility&exclude.license=ODbL']);
  assert.match(text, /class="chips-clear" href="\/explore\/"/);
});

test('what people wrote is text, however hostile, and cut when it is long', async () => {
  const { text } = await page('/explore/?refine.publisher=' + encodeURIComponent(EVIL));
  assert.equal(count(text), 1);
  assert.ok(!text.includes('<img src=x') && !text.includes('<script>alert'));
  const whole = await page('/explore/');
  assert.ok(whole.text.length < 200_000, `${whole.text.length}`);
  const echoed = await page(`/explore/?q=${encodeURIComponent(`"><script>alert(1)</script>`)}`);
  assert.equal(echoed.status, 200);
  assert.ok(!echoed.text.includes('<script>alert'));
});

test('what is wrong is told, with the right status', async () => {
  for (const [path, status] of [['/explore/?page=0', 400], ['/explore/?page=x', 400], ['/explore/?page=501', 400], ['/explore/?page=4', 400], ['/explore/?q=qwertzuiop&page=2', 200],
    ['/explore/?where=nonsense%20%3D', 400], ['/explore/?sort=nothing', 400], ['/explore/?refine.nothing=1', 400],
    [`/explore/?${'refine.theme=x&'.repeat(199)}`, 200],
    [`/explore/?${Array.from({ length: 150 }, (_, i) => `refine.theme=x${i}`).join('&')}`, 413],
    [`/explore/?q=${'x'.repeat(20000)}`, 413], ['/explore/?q=%ff', 400]]) {
    assert.equal((await page(path)).status, status, path.slice(0, 60));
  }
  const faulty = await page('/explore/?where=nonsense%20%3D');
  assert.match(faulty.text, /role="alert"/);
  assert.match(faulty.text, /class="chip"/, 'the wrong condition can be taken away');
});

test('a search without result says what to try', async () => {
  const { status, text } = await page('/explore/?q=qwertzuiop');
  assert.equal(status, 200);
  assert.match(text, /No dataset was found/);
  assert.match(text, /check the spelling/);
});

test('a page is in the language asked for, has one address in each, and no cookie', async () => {
  const { text, headers } = await page('/explore/?lang=fr', { headers: { 'Accept-Language': 'de' } });
  assert.match(text, /<html lang="fr"/);
  assert.match(text, /47 jeux de données/);
  assert.equal(headers.get('set-cookie'), null);
  assert.equal(headers.get('content-language'), 'fr');
  for (const code of ['en', 'fr', 'de', 'x-default']) assert.match(text, new RegExp(`hreflang="${code}"`));
  assert.match(text, /<link rel="canonical" href="http[^"]*\/explore\/\?lang=fr">/);
});

test('pages are kept in memory until the catalogue changes, for each language apart', async () => {
  const ask = async (language) => (await page('/explore/?q=fresh', { headers: { 'Accept-Language': language } })).text;
  assert.match(await ask('en'), />0 datasets</);
  assert.match(await ask('en'), />0 datasets</);
  assert.match(await ask('fr'), />0 jeu de données</);
  publish('fresh', { default: { title: 'Fresh fish' } });
  await eventually('it is served', async () => />1 dataset</.test(await ask('en')));
  assert.match(await ask('en'), />1 dataset</);
  assert.match(await ask('fr'), />1 jeu de données</);
});

test('who is signed in sees what is his, and nothing of that reaches others', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('boss');
  const own = (await visitor.get('/explore/?q=vault')).text;
  assert.match(own, /Hidden vault/);
  assert.match(own, /Restricted/);
  assert.ok(!(await page('/explore/?q=vault')).text.includes('Hidden vault'));
});

test('the home page shows themes, figures and the latest, none of them hidden', async () => {
  const { text, status } = await page('/');
  assert.equal(status, 200);
  assert.match(text, /class="theme-name">Mobility</);
  assert.match(text, /href="\/explore\/\?refine\.theme=Mobility"/);
  assert.equal([...text.matchAll(/class="dataset-card"/g)].length, 6);
  assert.ok(!text.includes('Hidden vault') && !text.includes('<img src=x'));
});
