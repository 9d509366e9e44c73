// Pages show people who may see only part of a dataset, or none of it, nothing of the rest; nor does the cache of pages.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { API, metric, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const TABS = ['', 'table/', 'map/', 'analyze/', 'export/', 'api/'];
const EMBEDS = ['chart', 'table', 'map'];
const MAP_PIECE = '/tiles/0/0/0.mvt';

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
}

/** 60 rows, of which team a has 30; the field shame names flowers, in the label, too. */
function publish(id, metadata = {}) {
  const [file, described] = [join(folder, `${id}.csv`), join(folder, `${id}.json`)];
  const rows = Array.from({ length: 60 }, (_, i) => `${i},permit ${i},${i % 2 ? 'beech' : 'alder'},${i % 3 ? 'tulip' : 'orchid'},"48.${i},2.${i}","46.${i},3.${i}"`);
  writeFileSync(file, `n,name,team,shame,place,shame_place\n${rows.join('\n')}\n`);
  writeFileSync(described, JSON.stringify({
    default: { title: `Permits of ${id}`, keyword: ['permits'], publisher: 'The office', ...metadata },
    visualization: { table_fields: ['n', 'shame'], table_default_sort_field: 'shame', analyze_default: 'chart=bar&x=shame' },
    fields: { shame: { label: 'Flower of shame', description: 'A flower', annotations: { facet: true } },
      team: { annotations: { facet: true } }, place: { type: 'geo_point_2d' }, shame_place: { type: 'geo_point_2d' } },
  }));
  command('import', file, '--id', id, '--metadata', described);
}

publish('partial');
publish('bare');
publish('closed', { title: 'Closed monastery', keyword: ['permits', 'monastery'], theme: ['Monasticism'], publisher: 'The abbey' });
publish('open');
command('access', 'partial', '--everyone', '--read', '--filter', 'team = "alder"', '--hide', 'shame', '--hide', 'shame_place');
command('access', 'bare', '--everyone', '--read', ...['name', 'team', 'shame', 'place', 'shame_place'].flatMap((name) => ['--hide', name]));
writeFileSync(join(folder, 'bare.csv'), 'name,team,shame\nx,beech,orchid\ny,alder,tulip\n'); // without the only field that was seen
command('import', join(folder, 'bare.csv'), '--id', 'bare');
command('access', 'closed', '--restrict');
const server = await serve(data, ['--access-log', 'off']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const ada = new Visitor(server);
await ada.signIn('ada');
const nobody = new Visitor(server);

test('hidden fields and rows are on no page', async () => {
  for (const path of [...TABS.map((tab) => `/explore/dataset/partial/${tab}`), ...EMBEDS.map((kind) => `/embed/dataset/partial/${kind}`)]) {
    for (const query of ['', '?q=permit', '?refine.team=alder', '?facet=team']) {
      const whole = await ada.get(path + query);
      const { status, text } = await nobody.get(path + query);
      assert.equal(status, whole.status, path + query);
      assert.equal(/.{0,60}(shame|Flower|orchid|tulip|beech|60 records).{0,40}/.exec(text)?.[0], undefined, path + query);
    }
  }
});

test('what names a hidden field is told of it as of none', async () => {
  const asks = ['table/?columns=NAME', 'table/?sort=NAME', 'table/?refine.NAME=orchid', 'table/?exclude.NAME=orchid', 'table/?where=NAME%3D%22orchid%22',
    'table/?filter.field=NAME&filter.operator=is&filter.value=orchid', 'analyze/?x=NAME', 'analyze/?x=team&series=NAME', 'api/?p.select=NAME',
    'api/?p.where=NAME%3D%22orchid%22', 'api/?endpoint=facets&p.facet=NAME', 'map/?field=NAME_place', 'map/?color=NAME', 'table/?facet=NAME', 'export/?refine.NAME=orchid'];
  for (const one of asks) {
    const [hidden, absent] = await Promise.all(['shame', 'blame'].map((name) => nobody.get(`/explore/dataset/partial/${one.replaceAll('NAME', name)}`)));
    const plain = (text) => text.replaceAll('shame', 'blame').replace(/\d+ ms/g, '').replace(/nonce[-=][^\s>]*/g, '');
    assert.equal(hidden.status, absent.status, one);
    const at = [...plain(hidden.text)].findIndex((letter, i) => letter !== plain(absent.text)[i]);
    assert.equal(plain(hidden.text).slice(at, at + 60), plain(absent.text).slice(at, at + 60), one);
  }
  const tile = (name) => server.get(`${API}/partial${MAP_PIECE}?field=${name}`);
  assert.equal((await tile('shame_place')).status, 400);
  assert.equal((await tile('nosuch')).status, 400);
});

test('a dataset of which no field is seen has pages', async () => {
  for (const path of [...TABS.map((tab) => `/explore/dataset/bare/${tab}`), '/explore/dataset/bare/table/?rows=0', '/explore/dataset/bare/table/?rows=1', '/embed/dataset/bare/chart']) {
    const { status, text } = await nobody.get(path);
    assert.ok([200, 404, 400].includes(status), `${path}: ${status} ${text}`);
    assert.equal(/shame|Flower|orchid|tulip|beech/.exec(text)?.[0], undefined, path);
  }
});

test('a restricted dataset is nowhere', async () => {
  const paths = ['/', '/explore/', '/explore/?q=monastery', '/explore/?facet=theme', '/explore/dataset/monastery/', '/explore/dataset/close/',
    '/explore/dataset/open/', '/selection?dataset=closed', '/sitemap.xml', '/sitemap/1.xml', '/sitemap/pages.xml', '/data.json'];
  assert.match((await ada.get('/explore/dataset/closed/')).text, /Closed monastery/);
  assert.match((await ada.get('/')).text, /Closed monastery/); // before others, for the cache
  for (const path of paths) {
    const { text } = await nobody.get(path);
    assert.equal(/Closed monastery|The abbey|dataset\/closed|Monasticism/.exec(text)?.[0], undefined, path);
  }
  for (const path of ['closed/', 'closed/table/', 'closed/picture.png', 'closed/export/']) {
    const [there, absent] = await Promise.all([path, path.replace('closed', 'nosuch')].map((one) => nobody.get(`/explore/dataset/${one}`)));
    assert.equal(there.status, 404);
    assert.equal(there.text.replaceAll('closed', 'nosuch').replace(/nonce[-=][^\s>]*/g, ''), absent.text.replace(/nonce[-=][^\s>]*/g, ''), path);
  }
  const asked = (theme) => nobody.get(`/explore/?refine.theme=${theme}`);
  assert.equal((await asked('Monasticism')).text.replaceAll('Monasticism', 'Nonesuchism'), (await asked('Nonesuchism')).text);
  const embed = await ada.get('/embed/dataset/closed/chart'); // reads no session
  assert.equal(embed.status, 404);
});

test('pages of people who signed in are kept for nobody else', async () => {
  for (const path of ['/', '/explore/', '/explore/dataset/open/', '/explore/dataset/open/table/', '/selection', '/explore/?lang=fr']) {
    const own = await ada.get(path);
    assert.match(own.headers.get('cache-control'), /no-store/, path);
    const other = await nobody.get(path);
    assert.doesNotMatch(other.text, /\bada\b|csrfmiddlewaretoken/, path);
  }
});

test('what asks about now is answered anew, however it is written', async () => {
  const hits = () => metric(server, 'parvis_cache_hits_total');
  for (const [query, kept] of [['where=n%20%3E%201', 1], ['where=year(now())%20%3E%20n', 0], ['where=year(NOW())%20%3E%20n', 0], ['where=year(n%6Fw())%20%3E%20n', 0]]) {
    await nobody.get(`/explore/dataset/open/table/?${query}`);
    const before = await hits();
    assert.equal((await nobody.get(`/explore/dataset/open/table/?${query}`)).status, 200);
    assert.equal(await hits() - before, kept, query);
  }
});
