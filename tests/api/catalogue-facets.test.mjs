/*
 * Facets and pages of the catalogue are told from memory where searches, refinements and exclusions are all
 * that is asked. A condition that holds for every dataset leaves the same to a statement: both must
 * give the same bytes, for everybody, after whatever changes.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from './address.mjs';
import { run, serve, temporaryFolder } from './program.mjs';
import { askStore, cloneDatasets, store } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const ALL = 'dataset_id is not null'; // which only a statement tells
const folder = temporaryFolder();
const data = join(folder, 'data');
const rows = join(folder, 'rows.csv');
writeFileSync(rows, 'code,name,when,lat,lon\n1,one,2020-01-01,48.1,2.3\n2,two,2021-01-01,48.2,2.4\n');
const seed = Number(process.env.PARVIS_SEED ?? Date.now() % 1000000);

/** Numbers in [0, most), the same for a seed. */
let state = seed + 1;
function random(most) {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
  return ((state ^ (state >>> 13)) >>> 0) % most;
}
const pick = (list) => list[random(list.length)];
const some = (most, make) => Array.from({ length: random(most + 1) }, make);

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr} (PARVIS_SEED=${seed})`);
}

/* ---- datasets ---- */

const texts = ['arbres', 'Arbres', 'écoles', 'ecoles', 'École', 'budget', 'a:b', 'a/b', 'a/b/c', 'with "quotes"', "l'eau", ' blank ', '', 'Ж', '日本', '😀', 'z', 'A', 'a'];
const languages = ['fr', 'fr-ca', 'en', 'en-gb', 'de'];
const instants = ['2024-03-15T10:00:00Z', '2024-03-31T22:30:00Z', '2023-12-31T23:30:00Z', '2024-01-01T00:00:00Z', '2019-07-14T05:00:00+02:00', '2024-03-14T00:00:00Z', '2024-04-01T00:00:00Z', '0001-01-02T00:00:00Z', '9999-12-30T00:00:00Z', '1899-12-31T23:59:59Z'];
const list = () => pick([null, [], some(3, () => pick(texts)), some(5, () => pick(texts)), [pick(texts)]]);

function translated() {
  const values = {};
  if (random(2)) values.theme = list();
  if (random(2)) values.keyword = list();
  if (random(3) === 0) values.title = `${pick(texts)} ${random(9)}`;
  return { default: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) };
}
function metadata() {
  const made = { title: `${pick(texts)} tram ${random(30)}`, description: `<p>${pick(texts)} tram</p>`, theme: list(), keyword: list(), territory: list(),
    publisher: pick([null, ...texts]), license: pick([null, 'ODbL', 'CC BY', '']), language: pick([null, 'fr', 'en', 'de']), modified: random(6) ? pick(instants) : undefined };
  const values = Object.fromEntries(Object.entries(made).filter(([, value]) => value !== null && value !== undefined));
  return { default: values, ...(random(2) ? { custom: { owner: pick(texts) } } : {}),
    ...(random(2) ? { languages: Object.fromEntries(some(3, () => [pick(languages), translated()])) } : {}) };
}

const ids = Array.from({ length: 60 }, (_, i) => `set-${i}`);
const described = join(folder, 'metadata.json');
function describe(id) {
  writeFileSync(described, JSON.stringify(metadata()));
  command('describe', id, '--metadata', described);
}
/* In PostgreSQL the clones have no tables of records that a filter could count. */
const rules = [['--restrict'], ['--everyone', '--read'], ['--everyone', '--read', '--hide', 'name'],
  ['--everyone', '--read', ...(store === 'postgresql' ? [] : ['--filter', 'code > 1'])]];
function restrict(id) {
  command('access', id, ...pick(rules));
}

/* ---- questions ---- */

const fields = ['theme', 'keyword', 'territory', 'publisher', 'license', 'language', 'modified', 'features', 'default.theme'];
const sorts = ['count', '-count', 'alphanum', '-alphanum', 'num', '-num'];
const dates = ['2024', '2024-03', '2024/03', '2024-03-31', '2023', '2024-01', '2019-07-14', '2024-03-15T10', '9999', '0001', '2024-03-15T10:00:00Z'];
const values = { modified: dates, features: ['geo', 'timeserie', 'analyze'], license: ['ODbL', 'CC BY', 'none'], language: ['fr', 'en', 'de'] };
const narrowing = () => {
  const field = pick(fields);
  return `${field}:${random(12) ? pick(values[field] ?? texts.filter((text) => text.trim())) : '2030'}`;
};
function facet() {
  const field = pick(fields);
  const options = [`name="${field}"`];
  if (random(2)) options.push(`sort="${pick(sorts)}"`);
  if (random(3) === 0) options.push(`limit=${1 + random(4)}`);
  if (random(3) === 0) options.push('disjunctive=true');
  if (random(8) === 0) options.push('hierarchical=true', 'separator="/"');
  return random(3) ? `facet(${options.join(', ')})` : field;
}
const searches = ['"tram"', '"tram"', 'search("tram")', 'search("arbres")', '"ecoles" and "tram"', 'suggest("bud")', '"nowhere at all"', '"!"'];

function question() {
  const parameters = { refine: some(random(5) ? 1 : 4, narrowing), exclude: random(3) ? [] : some(2, narrowing), where: random(2) ? [] : some(2, () => pick(searches)) };
  if (random(2)) parameters.lang = pick(['fr', 'en', 'de', 'it']);
  if (random(2)) parameters.timezone = pick(['UTC', 'Europe/Paris', 'America/St_Johns', 'Pacific/Kiritimati', 'Asia/Kathmandu']);
  if (random(2)) return ['/facets', { ...parameters, facet: some(5, facet) }];
  return ['/datasets', { ...parameters, limit: random(6) ? 1 + random(30) : 0, offset: random(2) ? 0 : random(40), ...(random(5) ? {} : { order_by: 'dataset_id' }), ...(random(5) ? {} : { select: 'dataset_id, theme' }) }];
}

let asked = 0;
let filled = 0; // answers with something in them
async function compare(get, who, count) {
  for (let i = 0; i < count; i++) {
    const [path, parameters] = question();
    const told = await get(address(CATALOG + path, parameters));
    const made = await get(address(CATALOG + path, { ...parameters, where: [...parameters.where, ALL] }));
    assert.equal(told.status, made.status, `${path} ${JSON.stringify(parameters)}`);
    assert.equal(told.text, made.text.replaceAll(/where=dataset_id[^&"]*&?/g, ''), `${who}: ${path} ${JSON.stringify(parameters)} (PARVIS_SEED=${seed})`);
    asked++;
    filled += told.status === 200 && (path === '/facets' ? told.text.includes('"count"') : !told.text.includes('"results": []'));
  }
}

test(`what is told from memory is what a statement gives (PARVIS_SEED=${seed})`, { timeout: 300_000 }, async () => {
  command('import', rows, '--id', 'first', '--geo-point', 'place=lat,lon');
  cloneDatasets(data, 'first', Object.fromEntries(ids.map((id) => [id, metadata()])));
  askStore(data, ids.map((id) => `update dataset set modified = ${Date.parse(pick(instants)) * 1000} where id = '${id}'`).join(';'));
  const server = await serve(data);
  await makeUser(server, data, 'clerk', ['--role', 'administrator']);
  const clerk = new Visitor(server);
  await clerk.signIn('clerk');
  const plain = { headers: { accept: '*/*' } };
  const anybody = async (path) => {
    const response = await server.get(path);
    return { status: response.status, text: await response.text() };
  };
  for (let round = 0; round < 8; round++) {
    await compare(anybody, `anybody, round ${round}`, 60);
    await compare((path) => clerk.get(path, plain), `administrator, round ${round}`, 40);
    for (let i = random(6); i >= 0; i--) describe(pick(ids));
    for (let i = random(4); i >= 0; i--) restrict(pick(ids));
    await new Promise((resolve) => setTimeout(resolve, 300)); // changes of other processes are seen in a moment
  }
  assert.ok(filled * 2 > asked, `${filled} of ${asked} answers have something in them`);
});
