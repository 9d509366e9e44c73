// Full text over the catalogue: what is found in which language and order, who finds it, and that it follows changes.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from './address.mjs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { cloneDatasets } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const folder = temporaryFolder();
const data = join(folder, 'data');
const rows = join(folder, 'rows.csv');
writeFileSync(rows, 'code,name\n1,one\n2,two\n');

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
function publish(id, metadata) {
  const path = join(folder, 'metadata.json');
  writeFileSync(path, JSON.stringify(metadata));
  command('import', rows, '--id', id, '--metadata', path);
}

/** A title in its language, and words that must find it and it alone among these. */
const titles = {
  en: ['Public libraries of the city', ['library', 'LIBRARIES', 'libraries public', 'cities']],
  fr: ['Écoles et musées près des canaux, photos, œuvres', ['oeuvre', 'œuvre', 'OEUVRES photo', 'école', 'ecole', 'ECOLES', 'Écoles', 'musee', 'musée', 'canal', 'canaux ecole', 'photo']],
  de: ['Bäume und Häuser an Straßen', ['baum', 'BÄUME', 'Baume', 'häuser', 'strasse', 'Straße', 'straßen haus']],
  es: ['Estaciones de autobús y niños', ['estación', 'estacion', 'AUTOBUS', 'niño', 'ninos estaciones']],
  it: ["Scuole dell'infanzia e città", ['scuola', 'SCUOLE', 'citta', 'infanzia scuola']],
  nl: ['Scholen en bibliotheken', ['school', 'bibliotheek', 'SCHOLEN bibliotheken']],
  pt: ['Hospitais e paróquias', ['paroquia', 'HOSPITAIS', 'paróquias']],
  sv: ['Skolor på öar', ['skola', 'oar', 'ÖAR', 'SKOLORNA']],
  ca: ["Escoles i arbres de l'avinguda", ['escola', 'ESCOLES', 'avingudes']],
  ja: ['東京の公園', ['公園', '東京', '東京 公園']],
};
for (const [language, [title]] of Object.entries(titles)) {
  publish(`in-${language}`, { default: { title, language } });
}

// One rare word in one part of each.
publish('w-title', { default: { title: 'Quartz kiosk', keyword: ['one'], publisher: 'Two', description: '<p>Three</p>', language: 'en' } });
publish('w-keyword', { default: { title: 'Alpha kiosk', keyword: ['quartz'], publisher: 'Two', description: '<p>Three</p>', language: 'en' } });
publish('w-theme', { default: { title: 'Aleph kiosk', theme: ['Quartz'], publisher: 'Two', description: '<p>Three</p>', language: 'en' } });
publish('w-publisher', { default: { title: 'Beta kiosk', keyword: ['one'], publisher: 'Quartz works', description: '<p>Three</p>', language: 'en' } });
publish('w-label', { default: { title: 'Gamma kiosk', keyword: ['one'], publisher: 'Two', description: '<p>Three</p>', language: 'en' },
  fields: { name: { label: 'Quartz', description: 'Zeolite measured' } } });
publish('w-other', { default: { title: 'Delta kiosk', keyword: ['one'], publisher: 'Two', territory: ['Quartz'], language: 'en' },
  dcat: { creator: 'Jasper' }, custom: { owner: 'Opal' } });
publish('w-description', { default: { title: 'Epsilon kiosk', keyword: ['one'], publisher: 'Two', language: 'en',
  description: '<p class="hornblende">Three <b>quartz</b>ite quartz</p><ul><li>caf&eacute;</li><li>cr&#232;me&nbsp;fra&#xEE;che</li></ul>'
    + '<a href="https://feldspar.example/">rocks &amp; stones</a>' } });
publish('translated', { default: { title: 'Lampadaires', language: 'fr' }, fields: { code: { label: 'Numéro' } },
  languages: { en: { default: { title: 'Street lights', keyword: ['illumination'] }, fields: { code: { label: 'Identifiers' } } },
    de: { default: { title: 'Straßenlaternen', description: '<p>Leuchten</p>' } } } });
publish('logic', { default: { title: 'AND gates', description: 'near title', language: 'en' } });
publish('secret', { default: { title: 'Quartz vault', publisher: 'Sealed', language: 'en' } });
command('access', 'secret', '--restrict');
publish('partly', { default: { title: 'Zeta kiosk', publisher: 'Two', language: 'en' },
  fields: { name: { label: 'Moonstones', description: 'of a tourmaline kind' } },
  languages: { fr: { fields: { name: { label: 'Labradorites' } } } } });
command('access', 'partly', '--everyone', '--read', '--hide', 'name');
// Alike but for a label that is hidden.
publish('order-a', { default: { title: 'Order one', description: 'obsidian ware', language: 'en' } });
publish('order-b', { default: { title: 'Order two', description: 'obsidian wares indeed', language: 'en' }, fields: { name: { label: 'Obsidian' } } });
command('access', 'order-b', '--everyone', '--read', '--hide', 'name');

const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const ada = new Visitor(server);
await ada.signIn('ada');
const nobody = new Visitor(server);

async function ask(path, parameters, who = nobody) {
  const answer = await who.get(address(path, parameters));
  return { ...answer, json: JSON.parse(answer.text) };
}
async function list(parameters, who = nobody) {
  const { status, text, json } = await ask(API, { limit: 100, ...parameters }, who);
  assert.equal(status, 200, `${JSON.stringify(parameters)}: ${text}`);
  return json;
}
const quoted = (text) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
/** Ids that a condition finds, in the order of the answer, whose total must agree. */
async function where(condition, parameters = {}, who = nobody) {
  const { total_count: total, results } = await list({ where: condition, select: 'dataset_id', ...parameters }, who);
  assert.equal(total, results.length, condition);
  return results.map((one) => one.dataset_id);
}
const find = (text, parameters, who) => where(quoted(text), parameters, who);
/** Makes a change and waits until the server has taken it into service. */
async function taken(change) {
  const tag = async () => (await nobody.get(address(API, { limit: 0 }))).headers.get('etag');
  const before = await tag();
  change();
  while (await tag() === before);
}
const changed = (...words) => taken(() => command(...words));

const ranked = ['w-title', 'w-keyword', 'w-theme', 'w-publisher', 'w-label', 'w-other', 'w-description'];
const kiosks = [...ranked, 'partly'];
const sorted = (ids) => [...ids].sort();

for (const [language, [title, texts]] of Object.entries(titles)) {
  test(`words of ${language}: inflected, in any letter case, accents left out`, async () => {
    for (const text of [title, ...texts]) {
      assert.ok((await find(text)).includes(`in-${language}`), text);
    }
  });
}

test('other words are not found, nor beginnings of words', async () => {
  for (const text of ['canal', 'musees', 'ecole canal']) assert.deepEqual(await find(text), ['in-fr'], text);
  assert.deepEqual(await find('haus'), ['in-de']);
  for (const text of ['librar', 'quar', 'quartzes kiosk nosuch', 'zz', 'musette']) assert.deepEqual(await find(text), [], text);
});

test('a star makes a word the beginning of one, also before others', async () => {
  for (const text of ['lampad*', 'LAMP*', 'lampad* street', 'street lampad*', 'str* lam*']) {
    assert.deepEqual(await find(text), ['translated'], text);
  }
  assert.deepEqual(await find('écol*'), ['in-fr']);
  assert.deepEqual(await find('libr* publ*'), ['in-en']);
  assert.deepEqual(await find('libr publ*'), []);
  assert.deepEqual(sorted(await find('q*')), sorted(ranked));
});

test('all words must occur, wherever in the dataset', async () => {
  assert.deepEqual(await find('quartz alpha'), ['w-keyword']);
  assert.deepEqual(await find('works kiosk three one'), ['w-publisher']);
  assert.deepEqual(await find('quartz nosuch'), []);
  assert.deepEqual(await where('"quartz" and not "alpha"'), (await find('quartz')).filter((id) => id !== 'w-keyword'));
  assert.deepEqual(sorted(await where('"alpha" or "beta"')), ['w-keyword', 'w-publisher']);
  assert.deepEqual(await where('not "kiosk" and dataset_id like "w%"'), []);
  assert.deepEqual(await find('quartz', { refine: 'publisher:Quartz works' }), ['w-publisher']);
  assert.ok(!(await find('quartz', { exclude: 'publisher:Quartz works' })).includes('w-publisher'));
});

test('every part is searched, in all languages whatever lang says', async () => {
  const cases = { zeolite: 'w-label', jasper: 'w-other', opal: 'w-other', lampadaire: 'translated', 'street light': 'translated',
    strassenlaterne: 'translated', illuminations: 'translated', identifier: 'translated', numero: 'translated', leuchten: 'translated',
    translated: 'translated', cafe: 'w-description', 'creme fraiche': 'w-description', rock: 'w-description' };
  for (const [text, id] of Object.entries(cases)) {
    for (const lang of ['fr', 'en', 'de']) assert.deepEqual(await find(text, { lang }), [id], `${text} ${lang}`);
  }
});

test('tags, attributes and addresses of HTML are no words', async () => {
  for (const text of ['hornblende', 'feldspar', 'href', 'li', 'amp', 'nbsp']) assert.deepEqual(await find(text), [], text);
});

test('the best come first: title, keyword and theme, publisher, the rest; order_by says otherwise', async () => {
  const found = await find('quartz');
  assert.equal(found[0], 'w-title');
  assert.deepEqual(sorted(found.slice(1, 3)), ['w-keyword', 'w-theme']);
  assert.equal(found[3], 'w-publisher');
  assert.deepEqual(found.slice(4), ['w-label', 'w-other', 'w-description']);
  assert.deepEqual(await find('quartz', { order_by: 'dataset_id' }), sorted(ranked));
  assert.deepEqual(await find('quartz', { order_by: 'dataset_id desc' }), sorted(ranked).reverse());
  const whole = await list({ where: '"quartz"' });
  assert.deepEqual(whole.results.map((one) => one.dataset_id), found, 'whole objects come in the same order');
  const pages = [];
  for (let offset = 0; offset < 7; offset += 2) {
    const { total_count: total, results } = await list({ where: '"quartz"', select: 'dataset_id', limit: 2, offset });
    assert.equal(total, 7);
    pages.push(...results.map((one) => one.dataset_id));
  }
  assert.deepEqual(pages, found, 'pages do not overlap');
  assert.equal((await list({ where: '"quartz"', limit: 0 })).total_count, 7);
  assert.deepEqual(await list({ where: '"quartz"', offset: 50 }), { total_count: 7, results: [] });
});

test('without a search the latest modified comes first', async () => {
  const latest = (await list({})).results.map(({ metas }) => metas.default.modified);
  assert.equal(latest.length, 22);
  assert.deepEqual(latest, sorted(latest).reverse());
  assert.deepEqual((await where('not "quartz"')).slice(0, 3), ['order-b', 'order-a', 'partly']);
});

test('search and suggest take the last word for a beginning', async () => {
  assert.deepEqual(sorted(await where('search("quartz al")')), ['w-keyword', 'w-theme']);
  assert.deepEqual(sorted(await where('search(*, "quartz al")')), ['w-keyword', 'w-theme']);
  assert.deepEqual(await where('search("library publ")'), ['in-en']);
  for (const call of ['search("quart")', 'suggest("quart")', 'suggest(*, "QUART")']) assert.deepEqual(await where(call), await find('quartz'), call);
  assert.deepEqual(await where('search(default.title, "quartz ki")'), ['w-title']);
  assert.deepEqual(sorted(await where('suggest(title, keyword, "quar")')), ['w-keyword', 'w-title']);
  assert.deepEqual(await where('suggest(publisher, "quar")'), ['w-publisher']);
  assert.deepEqual(await where('suggest(description, "quar")'), ['w-description']);
  for (const call of ['search("")', 'search("  ")', 'search("!?")', 'suggest("*")']) assert.deepEqual(await where(call), [], call);
});

test('startswith compares whole values, letter case too', async () => {
  assert.deepEqual(await where('startswith(default.title, "Quartz ki")'), ['w-title']);
  assert.deepEqual(await where('startswith(default.title, "quartz ki")'), []);
  assert.deepEqual(sorted(await where('startswith(*, "Quartz")')), ['w-other', 'w-publisher', 'w-theme', 'w-title']);
  assert.deepEqual(await where('startswith("quartz")'), ['w-keyword']);
  assert.deepEqual(await where('startswith(keyword, "quartz")'), ['w-keyword']);
});

test('like looks at one metadata', async () => {
  const cases = { 'default.title like "ecoles"': ['in-fr'], 'title like "ÉCOLES photos"': ['in-fr'], 'title like "ecol*"': ['in-fr'],
    'title like "ecol* canaux"': ['in-fr'], 'title like "ecol canaux"': [], 'title like "mus* can*"': ['in-fr'], 'title like "%CAN%"': ['in-fr'],
    'title like "quartz"': ['w-title'], 'keyword like "quartz"': ['w-keyword'], 'keyword like "qu%z"': ['w-keyword'], 'theme like "quartz"': ['w-theme'],
    'publisher like "quartz work*"': ['w-publisher'], 'description like "quartz"': ['w-description'], 'territory like "quartz"': ['w-other'],
    'custom.owner like "opal"': ['w-other'], 'title like "quartz one"': [], 'title like ""': [] };
  for (const [condition, ids] of Object.entries(cases)) assert.deepEqual(await where(condition), ids, condition);
  for (const condition of ['fields like "x"', 'search(fields, "x")', 'search(records_count, "2")', 'search(nosuch, "x")']) {
    assert.equal((await ask(API, { where: condition })).status, 400, condition);
  }
});

test('no text is an expression of the index', async () => {
  const all = ['-quartz', '^quartz', '"quartz', "quartz'", 'quartz"*', '* quartz', 'quartz +', '+quartz', '"quartz kiosk"', '"kiosk quartz"', 'quar**',
    '(quartz', 'quartz)', '{quartz}', 'quartz:', 'quartz\u0007kiosk', 'quartz 🎉', 'quartz -- x'.slice(0, 9), 'quartz ; \\', 'QUARTZ '.repeat(16)];
  for (const text of all) assert.deepEqual(sorted(await find(text)), sorted(ranked), text);
  const none = ['quartz OR nosuch', 'quartz NOT nosuch', 'quartz AND kiosk', 'NEAR(quartz kiosk)', 'NEAR(quartz kiosk, 2)', '{description title} : quartz', 'rowid:quartz',
    '"', '""', '*', '**', "'", '%', '_', '\\', '(', '(((((((((', '-', '^', ':', '🎉', '\u200b', "'; drop table search; --", 'quar*tz', 'OR', 'NOT',
    'x'.repeat(10000), 'é'.repeat(5000), '*'.repeat(5000), '"'.repeat(4000), '('.repeat(5000)];
  for (const text of none) assert.deepEqual(await find(text), [], text.slice(0, 50));
  assert.deepEqual(await find('AND'), ['logic']);
  assert.deepEqual(await find('near'), ['logic']);
  assert.deepEqual(await find('near title'), ['logic']);
});

test('a text of too many words is refused, one past the limit of a clause too', async () => {
  for (const condition of [quoted('word '.repeat(17)), quoted('a-'.repeat(17)), `search(${quoted('word '.repeat(17))})`, `title like ${quoted('word '.repeat(17))}`]) {
    const { status, json } = await ask(API, { where: condition });
    assert.equal(status, 400);
    assert.equal(json.error_code, 'ODSQLError');
    assert.match(json.message, /a search has more than 16 words\. Clause\(s\) containing the error\(s\): where\./);
  }
  assert.equal((await ask(API, { where: quoted('x'.repeat(17000)) })).status, 413);
  assert.deepEqual(sorted(await where(Array.from({ length: 100 }, () => '"quartz"').join(' or '))), sorted(ranked));
});

test('facets, groups and aggregates count what a search leaves', async () => {
  const { json: { facets: [{ facets }] } } = await ask(`${CATALOG}/facets`, { facet: 'publisher', where: '"quartz"' });
  assert.deepEqual(facets.map(({ name, count }) => [name, count]).sort(), [['Quartz works', 1], ['Two', 6]]);
  const none = await ask(`${CATALOG}/facets`, { facet: 'publisher', where: '"nosuch"' });
  assert.deepEqual(none.json.facets[0].facets, []);
  const { total_count: total, results } = await list({ where: 'search("quar")', select: 'count(*) as n', group_by: 'publisher' });
  assert.deepEqual([total, results], [2, [{ publisher: 'Quartz works', n: 1 }, { publisher: 'Two', n: 6 }]]);
  assert.deepEqual((await list({ where: '"quartz"', select: 'count(*) as n', limit: 1 })).results, [{ n: 7 }]);
});

test('exports of the catalogue obey a search, and its order', async () => {
  const found = await find('quartz');
  const json = async (parameters) => (await ask(`${CATALOG}/exports/json`, parameters)).json.map((one) => one.dataset_id);
  assert.deepEqual(await json({ where: '"quartz"' }), found);
  assert.deepEqual(await json({ where: 'search("quar")', select: 'dataset_id' }), found);
  assert.deepEqual(await json({ where: '"quartz"', limit: 2, offset: 1 }), found.slice(1, 3));
  assert.deepEqual(await json({ where: '"quartz"', order_by: 'dataset_id' }), sorted(ranked));
  const csv = await nobody.get(address(`${CATALOG}/exports/csv`, { where: '"quartz"', select: 'dataset_id', with_bom: 'false' }));
  assert.deepEqual(csv.text.trim().split('\r\n'), ['dataset_id', ...found]);
  const { text } = await nobody.get(address(`${CATALOG}/exports/rss`, { where: '"quartz"' }));
  assert.deepEqual([...text.matchAll(/<link>[^<]*\/dataset\/([^/<]+)\/<\/link>/g)].map((m) => m[1]), found);
});

test('a restricted dataset is found by none of its words, but by those who may see it', async () => {
  const asks = ['"sealed"', '"vault"', '"secret"', '"seal*"', 'search("vaul")', 'suggest("vaul")', 'startswith("Quartz v")', 'title like "vault"'];
  for (const condition of asks) {
    assert.deepEqual(await where(condition), [], condition);
    assert.deepEqual(await where(condition, {}, ada), ['secret'], condition);
    assert.equal((await list({ where: condition, limit: 0 })).total_count, 0);
  }
  assert.equal((await where('"quartz"', {}, ada)).length, 8);
  assert.deepEqual(await where('"quartz"'), await find('quartz'));
  const count = async (who) => (await ask(`${CATALOG}/facets`, { facet: 'publisher', where: '"vault"' }, who)).json.facets[0].facets.length;
  assert.deepEqual([await count(nobody), await count(ada)], [0, 1]);
  assert.equal((await ask(`${CATALOG}/exports/json`, { where: '"vault"' })).json.length, 0);
});

test('words of a hidden field find nothing for those it is hidden from', async () => {
  for (const text of ['moonstone', 'tourmalines', 'labradorite', 'moon*']) {
    for (const condition of [quoted(text), `search(${quoted(text)})`, `suggest(${quoted(text)})`]) {
      assert.deepEqual(await where(condition), [], condition);
      assert.deepEqual(await where(condition, {}, ada), ['partly'], condition);
    }
    assert.deepEqual(await find(`zeta ${text}`), []);
  }
  assert.deepEqual(await find('zeta'), ['partly']);
  assert.deepEqual(sorted(await find('kiosk')), sorted(kiosks));
  assert.ok((await find('name', {}, ada)).includes('partly'), 'its name, too');
  assert.ok(!(await find('name')).includes('partly'));
});

test('nor does their order tell of a hidden field', async () => {
  assert.deepEqual(await find('obsidian', {}, ada), ['order-b', 'order-a']);
  assert.deepEqual(await find('obsidian'), ['order-a', 'order-b']);
});

test('a list has the language of lang, and the templates of applications when asked for', async () => {
  for (const parameters of [{}, { lang: 'en' }, { lang: 'fr' }, { lang: 'de' }, { include_app_metas: 'true' }, { lang: 'en', include_app_metas: 'true' }]) {
    const { results } = await list({ where: '"translated"', ...parameters });
    assert.equal(results.length, 1);
    assert.deepEqual(results[0], (await ask(`${API}/translated`, parameters)).json, JSON.stringify(parameters));
    assert.equal('visualization' in results[0].metas, 'include_app_metas' in parameters);
  }
  const title = async (lang) => (await list({ where: '"translated"', lang })).results[0].metas.default.title;
  assert.deepEqual(await Promise.all(['fr', 'en', 'de', 'it'].map(title)), ['Lampadaires', 'Street lights', 'Straßenlaternen', 'Lampadaires']);
  assert.equal((await list({ where: '"translated"', lang: 'en' })).results[0].fields[0].label, 'Identifiers');
  const { json: [exported] } = await ask(`${CATALOG}/exports/json`, { where: '"lampadaire"', lang: 'de' });
  assert.equal(exported.metas.default.title, 'Straßenlaternen');
});

test('what is found follows descriptions, versions and removals', async () => {
  await changed('describe', 'logic', '--title', 'Malachite doors', '--set-language', 'fr:default.title=Portes en rubis');
  for (const text of ['AND', 'gate']) assert.deepEqual(await find(text), [], text);
  for (const text of ['malachites', 'porte rubis']) assert.deepEqual(await find(text), ['logic'], text);
  await changed('describe', 'logic', '--field', 'code.label=Peridots', '--set-language', 'fr:default.title=Portes');
  for (const text of ['peridot', 'malachite', 'portes']) assert.deepEqual(await find(text), ['logic'], text);
  assert.deepEqual(await find('rubis'), []);
  await taken(() => publish('logic', { default: { title: 'Beryl doors', language: 'en' } }));
  assert.deepEqual(await find('beryls'), ['logic']);
  assert.deepEqual(await find('malachite'), []);
  await changed('import', rows, '--id', 'logic');
  assert.deepEqual(await find('beryl'), ['logic'], 'a version without metadata keeps them');
  await changed('access', 'logic', '--restrict');
  assert.deepEqual(await find('beryl'), []);
  await changed('access', 'logic', '--public');
  assert.deepEqual(await find('beryl'), ['logic']);
  await changed('remove', 'logic');
  assert.deepEqual(await find('beryl'), []);
  await taken(() => publish('logic', { default: { title: 'Agate doors', language: 'en' } }));
  assert.deepEqual(await find('agate'), ['logic']);
  assert.deepEqual(await find('beryl'), [], 'another dataset of the same id has no words of the one before');
});

test('conditions, selections, facets and orders are in the language asked for', async () => {
  const { results } = await list({ where: '"translated"', select: 'dataset_id, title, keyword', lang: 'en' });
  assert.deepEqual(results, [{ dataset_id: 'translated', title: 'Street lights', keyword: ['illumination'] }]);
  const german = (await list({ where: '"translated"', select: 'title, keyword, description', lang: 'de' })).results;
  assert.deepEqual(german, [{ title: 'Straßenlaternen', keyword: null, description: '<p>Leuchten</p>' }], 'what is not translated is as it is');
  assert.deepEqual((await list({ where: '"translated"', select: 'title' })).results, [{ title: 'Lampadaires' }]);
  const total = async (parameters) => (await list(parameters)).total_count;
  assert.equal(await total({ where: 'title = "Street lights"', lang: 'en' }), 1);
  assert.equal(await total({ where: 'title = "Street lights"' }), 0);
  assert.equal(await total({ where: 'title = "Lampadaires"', lang: 'en' }), 0);
  assert.equal(await total({ where: 'title like "lights"', lang: 'en' }), 1);
  assert.equal(await total({ refine: 'keyword:illumination', lang: 'en' }), 1);
  assert.equal(await total({ refine: 'keyword:illumination', lang: 'fr' }), 0);
  const keywords = async (lang) => {
    const { json: { facets: [{ facets }] } } = await ask(`${CATALOG}/facets`, { facet: 'keyword', where: '"translated"', ...lang });
    return facets.map(({ name }) => name);
  };
  assert.deepEqual(await keywords({ lang: 'en' }), ['illumination']);
  assert.deepEqual(await keywords({}), []);
  const order = (await list({ where: 'dataset_id in ("translated", "logic")', order_by: 'title desc', select: 'dataset_id', lang: 'en' })).results;
  assert.deepEqual(order.map((one) => one.dataset_id), ['translated', 'logic']);
  const validators = new Set(await Promise.all(['', 'lang=en', 'lang=de'].map(async (lang) =>
    (await ada.get(`${API}?select=title&${lang}`)).headers.get('etag'))));
  assert.equal(validators.size, 3);
});

test('a condition makes a bounded number of searches', async () => {
  const many = (count) => Array.from({ length: count }, (_, i) => `"w${i}"`).join(' or ');
  assert.equal((await list({ where: many(128), limit: 1 })).total_count, 0);
  const { status, json } = await ask(API, { where: many(129) });
  assert.equal(status, 400);
  assert.match(json.message, /more than 128/);
  assert.equal((await ask(API, { where: Array(129).fill('search(title, "w")').join(' or ') })).status, 400);
});

test('more than are compared by relevance: those with the word in the title, then the latest modified', async () => {
  const many = join(folder, 'many');
  const names = Array.from({ length: 1500 }, (_, i) => `many-${i}`);
  const descriptions = Object.fromEntries(names.map((name, i) => [name, { default: { language: 'en',
    title: i % 500 === 7 ? `Zircon ${i}` : `Title ${i}`, description: '<p>zircons and more</p>', publisher: i % 2 ? 'Odd' : 'Even' } }]));
  assert.equal(run(['import', rows, '--id', 'first', '--data', many]).status, 0);
  cloneDatasets(many, 'first', descriptions);
  const portal = new Visitor(await serve(many));
  const ids = async (parameters) => {
    const { total_count: total, results } = await list({ select: 'dataset_id', ...parameters }, portal);
    return { total, ids: results.map((one) => one.dataset_id) };
  };
  const inTitle = ['many-1007', 'many-507', 'many-7'];
  const rest = sorted(names).filter((name) => !inTitle.includes(name)); // modified at once: by id
  const first = await ids({ where: '"zircon"' });
  assert.equal(first.total, 1500);
  assert.deepEqual(first.ids, [...inTitle, ...rest.slice(0, 97)]);
  assert.deepEqual(await ids({ where: '"zircon"', offset: 90 }), { total: 1500, ids: [...rest.slice(87, 187)] });
  assert.deepEqual(await ids({ where: '"zircon" and "odd"', limit: 4 }), { total: 750, ids: [...inTitle, ...rest.filter((name) => name.at(-1) % 2).slice(0, 1)] });
  assert.deepEqual(await ids({ where: 'search("zirc") and publisher = "Even"', limit: 2 }), { total: 750, ids: rest.filter((name) => name.at(-1) % 2 === 0).slice(0, 2) });
  assert.deepEqual(await ids({ where: '"zircon"', order_by: 'dataset_id', limit: 3 }), { total: 1500, ids: sorted(names).slice(0, 3) });
  const { json: { facets: [{ facets }] } } = await ask(`${CATALOG}/facets`, { facet: 'publisher', where: '"zircon"' }, portal);
  assert.deepEqual(facets.map(({ name, count }) => [name, count]), [['Even', 750], ['Odd', 750]]);
  const exported = (await ask(`${CATALOG}/exports/json`, { where: '"zircon"', select: 'dataset_id' }, portal)).json;
  assert.deepEqual(exported.map((one) => one.dataset_id), [...inTitle, ...rest]);
});
