// Describing datasets in the back office: forms, languages, two editors, fields, files, reuses, lists, templates, many at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
for (const id of ['lamps', 'trees', 'roads']) {
  publish(data, id, 3);
  const done = run(['describe', id, '--data', data, '--set', `title=The ${id}`, '--set', 'language=en', '--set', 'keyword=["city"]',
    '--set', 'theme=["Mobility"]', '--set-language', 'fr:theme=["Mobilité"]']);
  assert.equal(done.status, 0, done.stderr);
}
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'rita');

async function signedIn(name) {
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}

const ada = await signedIn('ada');
const rita = await signedIn('rita');
const JSON_ONLY = { headers: { accept: 'application/json' } };
const FORM = '/backoffice/datasets/lamps/metadata';

const unescape = (text) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;|&#34;/g, '"').replace(/&#39;|&apos;/g, "'").replace(/&amp;/g, '&');

/** The controls of the form of a page, as pairs that a browser would send. */
function controls(page) {
  const form = [...page.text.split('<main')[1].matchAll(/<form method="post"[^>]*>([\s\S]*?)<\/form>/g)].pop()[1];
  const pairs = [];
  for (const [tag, name] of form.matchAll(/<(?:input|select|textarea)[^>]* name="([^"]*)"[^>]*>/g)) {
    const value = /<input/.test(tag) ? unescape(/ value="([^"]*)"/.exec(tag)?.[1] ?? '') : undefined;
    if (/type="(radio|checkbox)"/.test(tag) && !/ checked/.test(tag)) continue;
    if (/<select/.test(tag)) {
      const body = form.slice(form.indexOf(tag)).split('</select>')[0];
      pairs.push([unescape(name), unescape(/<option value="([^"]*)" selected/.exec(body)?.[1] ?? '')]);
    } else if (/<textarea/.test(tag)) {
      pairs.push([unescape(name), unescape(form.slice(form.indexOf(tag) + tag.length).split('</textarea>')[0].replace(/^\n/, ''))]);
    } else pairs.push([unescape(name), value]);
  }
  return pairs;
}

/** Pairs with values under names replaced: a text, or a list for a list of lines. */
function typed(pairs, values) {
  return [...pairs.filter(([name]) => !(name in values)), ...Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => [name, one]))];
}

async function dataset(id, query = '') {
  return (await server.get(`${API}/${id}${query}`)).json();
}

async function save(visitor, path, values) {
  const page = await visitor.get(path);
  assert.equal(page.status, 200, page.text);
  return visitor.post(path, typed(controls(page), values));
}

test('a form is saved, and what nobody touched stays as it is', async () => {
  const before = await dataset('lamps');
  const answer = await save(ada, FORM, { 'default.title': 'Street lamps', 'default.keyword': ['light', ' street ', '', 'light pole'],
    'default.description': '<p>Lamps</p><script>alert(1)</script>' });
  assert.equal(answer.status, 303, answer.text);
  const after = await dataset('lamps');
  assert.equal(after.metas.default.title, 'Street lamps');
  assert.deepEqual(after.metas.default.keyword, ['light', 'street', 'light pole']);
  assert.equal(after.metas.default.description, '<p>Lamps</p><script>alert(1)</script>');
  assert.deepEqual(after.metas.default.theme, before.metas.default.theme);
  assert.equal(after.metas.default.modified, before.metas.default.modified);
  const page = await ada.get(FORM);
  assert.doesNotMatch(page.text, /<script>alert/);
  assert.match(page.text, /<div class="prose preview"><p>Lamps<\/p>/);
  const same = await save(ada, FORM, {});
  assert.equal(same.status, 303);
  assert.match((await ada.get(same.location)).text, /Nothing had changed/);
});

test('every template can be saved as it is shown, and says what its values are for', async () => {
  for (const template of ['default', 'dcat', 'inspire', 'semantic', 'visualization', 'custom', 'dcat_ap_ch', 'dublin-core']) {
    for (const write of ['', '&write=fr']) {
      const path = `${FORM}?template=${template}${write}`;
      const page = await ada.get(path);
      assert.equal(page.status, 200, path);
      if (page.text.includes('class="metadata-form"')) assert.equal((await ada.post(path, controls(page))).status, 303, path);
    }
  }
  assert.equal((await ada.get(`${FORM}?template=internal`)).status, 404);
  assert.equal((await ada.get(`${FORM}?template=explore`)).status, 404);
  assert.equal((await ada.get(`${FORM}?write=Nonsense!`)).status, 400);
});

test('what cannot be is told beside its field, and what was typed stays', async () => {
  const cases = [['dcat', 'dcat.contact_email', 'nobody', /e-mail address/], ['dcat', 'dcat.temporal_coverage_start', 'soon', /day such as/],
    ['inspire', 'inspire.west_bound_longitude', 'left', /number such as/], ['default', 'default.language', 'Klingon', /code of a language/]];
  for (const [template, name, value, expected] of cases) {
    const path = `${FORM}?template=${template}`;
    const answer = await save(ada, path, { [name]: value });
    assert.equal(answer.status, 422, name);
    assert.match(answer.text, expected, name);
    assert.match(answer.text, new RegExp(`id="${name.replace('.', '-')}-error"`));
    assert.match(answer.text, new RegExp(`value="${value}"`));
  }
});

test('a licence of the list brings its address', async () => {
  await save(ada, FORM, { 'default.license': 'Open Data Commons Open Database License v1.0' });
  assert.match((await dataset('lamps')).metas.default.license_url, /opendatacommons\.org\/licenses\/odbl/);
  await save(ada, FORM, { 'default.license': 'Creative Commons Attribution 4.0 International', 'default.license_url': 'https://city.example/terms' });
  assert.equal((await dataset('lamps')).metas.default.license_url, 'https://city.example/terms');
});

test('values by language stand beside the source, and the list of languages says what misses', async () => {
  const path = `${FORM}?template=default&write=fr`;
  const page = await ada.get(path);
  assert.match(page.text, /In the source language:<\/span> <bdi>Street lamps/);
  assert.doesNotMatch(page.text, /name="default\.license"/);
  assert.equal((await save(ada, path, { 'default.title': 'Lampadaires' })).status, 303);
  assert.equal((await dataset('lamps', '?lang=fr')).metas.default.title, 'Lampadaires');
  assert.equal((await dataset('lamps')).metas.default.title, 'Street lamps');
  assert.match((await ada.get(FORM)).text, /French <span class="small">\d+ missing/);
});

test('only what has a text in the source language counts as missing in another, and not in the likely source', async () => {
  publish(data, 'bare', 3);
  const describe = (...words) => { const done = run(['describe', 'bare', '--data', data, ...words]); assert.equal(done.status, 0, done.stderr); };
  describe('--set', 'title=Bare', '--set', 'description=<p>Some</p>');
  const path = '/backoffice/datasets/bare/metadata';
  const notes = async () => {
    let page;
    await eventually('the dataset comes', async () => (page = await ada.get(path)).status === 200);
    return Object.fromEntries([...page.text.split('write=').slice(1).join('write=').matchAll(/>([A-Z][a-z]+)(?: <span class="small">([^<]*)<\/span>)?<\/a><\/li>/g)].map(([, name, note]) => [name, note]));
  };
  const isDescribed = async () => (await ada.get(`${path}?template=default`)).text.includes('>\nSome</textarea>');
  await eventually('a paragraph is shown as the line that people would type', isDescribed); // another process described it
  const before = await notes();
  assert.equal(before.English, undefined, 'the language of the portal is most likely that of the texts');
  assert.equal(before.French, '2 missing');
  assert.equal((await save(ada, `${path}?template=default&write=fr`, { 'default.title': 'Nu' })).status, 303);
  assert.equal((await notes()).French, '1 missing');
  assert.equal((await save(ada, `${path}?template=default&write=fr`, { 'default.description': '<p>Un peu</p>' })).status, 303);
  assert.equal((await notes()).French, 'complete');
  describe('--set', 'language=fr');
  await eventually('the source is named, and is another one', async () => (await notes()).English === '2 missing');
  assert.equal(run(['remove', 'bare', '--data', data]).status, 0);
});

test('a description is replaced in many datasets by the lines that forms show of it', async () => {
  const bulk = (fields) => ada.post('/backoffice/metadata/bulk', { dataset: 'lamps', path: 'default.description', old: '', write: '', confirm: '1', ...fields });
  const stored = async () => (await dataset('lamps')).metas.default.description;
  const was = await stored();
  assert.equal((await bulk({ operation: 'set', value: 'Lamps & more\n\nof the city' })).status, 200);
  assert.equal(await stored(), '<p>Lamps &amp; more</p><p>of the city</p>');
  assert.equal((await bulk({ operation: 'replace', old: 'Lamps', value: 'x' })).status, 200);
  assert.equal(await stored(), '<p>Lamps &amp; more</p><p>of the city</p>', 'part of it is not it');
  assert.equal((await bulk({ operation: 'replace', old: 'Lamps & more\r\n\r\nof the city', value: 'Lamps' })).status, 200);
  assert.equal(await stored(), '<p>Lamps</p>');
  assert.equal((await bulk({ operation: 'replace', old: '<p>Lamps</p>', value: was })).status, 200);
  assert.equal(await stored(), was);
});

test('semicolons separate keywords wherever they are typed; a comma does not', async () => {
  const keywords = async (id) => (await dataset(id)).metas.default.keyword;
  const was = await keywords('lamps');
  assert.equal((await save(ada, FORM, { 'default.keyword': ['air; noise ;water;', 'oil, gas'] })).status, 303);
  assert.deepEqual(await keywords('lamps'), ['air', 'noise', 'water', 'oil, gas']);
  assert.match((await ada.get(FORM)).text, /one a line or with semicolons between/);
  const bulk = (fields) => ada.post('/backoffice/metadata/bulk', { dataset: 'lamps', path: 'default.keyword', old: '', write: '', confirm: '1', ...fields });
  assert.equal((await bulk({ operation: 'add', value: 'soil; air\nrain' })).status, 200);
  assert.deepEqual(await keywords('lamps'), ['air', 'noise', 'water', 'oil, gas', 'soil', 'rain']);
  assert.equal((await bulk({ operation: 'set', value: was.join(';') })).status, 200);
  assert.deepEqual(await keywords('lamps'), was);
  const publisher = (await dataset('lamps')).metas.default.publisher;
  assert.equal((await save(ada, FORM, { 'default.publisher': 'Parks; and roads' })).status, 303);
  assert.equal((await dataset('lamps')).metas.default.publisher, 'Parks; and roads');
  await save(ada, FORM, { 'default.publisher': publisher ?? '' });
});

test('of two who save the same, the second is shown both and decides', async () => {
  const bob = await signedIn('ada');
  const first = controls(await ada.get(FORM));
  const second = controls(await bob.get(FORM));
  assert.equal((await ada.post(FORM, typed(first, { 'default.title': 'Title of Ada', 'default.publisher': 'Ada’s office' }))).status, 303);
  const shown = await bob.post(FORM, typed(second, { 'default.title': 'Title of Bob', 'default.keyword': ['bob'] }));
  assert.equal(shown.status, 422);
  assert.match(shown.text, /Somebody else has changed/);
  assert.match(shown.text, /<bdi>Title of Ada<\/bdi>/);
  assert.match(shown.text, /value="Title of Bob"/);
  assert.match(shown.text, /<bdi>Ada’s office<\/bdi>/);
  assert.equal((await dataset('lamps')).metas.default.title, 'Title of Ada', 'nothing is overwritten');
  const again = controls(shown);
  const undecided = await bob.post(FORM, again);
  assert.equal(undecided.status, 422);
  assert.match(undecided.text, /Choose which of the two/);
  assert.equal((await bob.post(FORM, typed(again, { 'choose:default.title': 'mine' }))).status, 303);
  const after = await dataset('lamps');
  assert.equal(after.metas.default.title, 'Title of Bob');
  assert.deepEqual(after.metas.default.keyword, ['bob']);
  assert.equal(after.metas.default.publisher, 'Ada’s office', 'what he did not touch is as she left it');
});

test('a third change while somebody decides asks again', async () => {
  const first = controls(await ada.get(FORM));
  await save(ada, FORM, { 'default.title': 'Second' });
  const shown = await ada.post(FORM, typed(first, { 'default.title': 'First' }));
  await save(ada, FORM, { 'default.title': 'Third' });
  const again = await ada.post(FORM, typed(controls(shown), { 'choose:default.title': 'mine' }));
  assert.equal(again.status, 422);
  assert.match(again.text, /<bdi>Third<\/bdi>/);
  assert.equal((await dataset('lamps')).metas.default.title, 'Third');
  assert.equal((await ada.post(FORM, typed(controls(again), { 'choose:default.title': 'stored' }))).status, 303);
  assert.equal((await dataset('lamps')).metas.default.title, 'Third');
});

test('scripts read and replace a description, and are told when it is not the one they read', async () => {
  const answer = await ada.get(FORM, JSON_ONLY);
  const read = JSON.parse(answer.text);
  assert.equal(read.metadata.default.title, 'Third');
  assert.ok(read.quality.score > 0 && read.quality.score < 100);
  assert.ok(read.quality.missing.every((one) => one.message && one.location.startsWith('/backoffice/datasets/lamps/metadata')));
  read.metadata.default.title = 'By a script';
  read.fields.n.label = 'Number';
  const token = ada.cookies.get('csrftoken');
  const send = (body) => ada.send('POST', FORM, { body: JSON.stringify(body), headers: { accept: 'application/json', 'content-type': 'application/json', 'x-csrftoken': token } });
  const done = await send(read);
  assert.equal(done.status, 200, done.text);
  const after = await dataset('lamps');
  assert.equal(after.metas.default.title, 'By a script');
  assert.equal(after.fields.find((field) => field.name === 'n').label, 'Number');
  assert.equal((await send(read)).status, 409);
  assert.equal((await send({ metadata: {} })).status, 400);
  const current = JSON.parse((await ada.get(FORM, JSON_ONLY)).text);
  assert.equal((await send({ ...current, metadata: { default: { title: 5 } } })).status, 400);
});

test('fields are described, by language too, and two editors of one are told', async () => {
  const path = '/backoffice/datasets/lamps/metadata/fields?field=text';
  const stale = controls(await ada.get(path));
  assert.equal((await save(ada, path, { label: 'Text', description: 'What is written', unit: 'words', uses: ['facet', 'sortable'], facetsort: '-count' })).status, 303);
  const field = (await dataset('lamps')).fields.find((one) => one.name === 'text');
  assert.equal(field.label, 'Text');
  assert.equal(field.description, 'What is written');
  assert.equal(field.annotations.unit, 'words');
  assert.equal(field.annotations.facetsort, '-count');
  const told = await ada.post(path, typed(stale, { label: 'Other' }));
  assert.equal(told.status, 422);
  assert.match(told.text, /Stored now: “Text — What is written”/);
  assert.match(told.text, /value="Other"/);
  assert.equal((await save(ada, `${path}&write=fr`, { label: 'Texte' })).status, 303);
  assert.equal((await dataset('lamps', '?lang=fr')).fields.find((one) => one.name === 'text').label, 'Texte');
  assert.equal((await ada.get('/backoffice/datasets/lamps/metadata/fields')).status, 200);
  assert.equal((await ada.get('/backoffice/datasets/lamps/metadata/fields?field=nothing')).status, 404);
});

test('files are attached, named and removed; drafts take them, too', async () => {
  const path = '/backoffice/datasets/lamps/metadata/attachments';
  const token = ada.cookies.get('csrftoken');
  const upload = (name, bytes) => {
    const body = new FormData();
    body.append('title', 'How to read it');
    body.append('file', new Blob([bytes]), name);
    return ada.send('POST', path, { body, headers: { 'x-csrftoken': token } });
  };
  assert.equal((await upload('../../Guide.PDF', '%PDF-1.4')).status, 303);
  const list = JSON.parse((await ada.get(path, JSON_ONLY)).text);
  assert.deepEqual(list.map((one) => [one.id, one.title, one.mimetype]), [['guide_pdf', 'How to read it', 'application/pdf']]);
  assert.equal(await (await server.get(`${API}/lamps/attachments/guide_pdf`)).text(), '%PDF-1.4');
  assert.equal((await save(ada, `${path}/guide_pdf`, { title: 'Guide' })).status, 303);
  assert.match((await ada.get(path)).text, />Guide</);
  assert.equal((await ada.post(path, {})).status, 422);
  assert.equal((await upload('legend.png', 'one')).status, 303);
  assert.equal((await upload('form.txt', 'two')).status, 303);
  const order = async () => JSON.parse((await ada.get(path, JSON_ONLY)).text).map(({ id }) => id);
  assert.deepEqual(await order(), ['guide_pdf', 'legend_png', 'form_txt']);
  assert.equal((await ada.get(path)).text.split('value="up"').length - 1, 2, 'all but the first can be moved');
  for (const id of ['form_txt', 'form_txt', 'form_txt']) assert.equal((await ada.post(`${path}/${id}`, { move: 'up' })).status, 303);
  assert.deepEqual(await order(), ['form_txt', 'guide_pdf', 'legend_png']);
  const shown = await (await server.get(`${API}/lamps/attachments`)).json();
  assert.deepEqual(shown.attachments.map(({ metas }) => metas.title), ['How to read it', 'Guide', 'How to read it']);
  assert.equal((await ada.post(`${path}/nothing`, { move: 'up' })).status, 404);
  for (const id of ['legend_png', 'form_txt']) assert.equal((await ada.post(`${path}/${id}/remove`, {})).status, 303);
  assert.equal((await ada.post(`${path}/guide_pdf/remove`, {})).status, 303);
  assert.deepEqual(JSON.parse((await ada.get(path, JSON_ONLY)).text), []);
});

test('reuses are shown to visitors and counted, and a description leaves them alone', async () => {
  const path = '/backoffice/datasets/lamps/metadata/reuses';
  const bad = await ada.post(`${path}/new`, { title: '', url: 'javascript:alert(1)', author: '', description: '' });
  assert.equal(bad.status, 422);
  assert.match(bad.text, /begins with https/);
  assert.equal((await ada.post(`${path}/new`, { title: 'Map of <lamps>', url: 'https://maps.example/', author: 'Ina', description: '' })).status, 303);
  await save(ada, FORM, { 'default.title': 'With a reuse' });
  const page = await (await server.get('/explore/dataset/lamps/information/', { headers: { accept: 'text/html' } })).text();
  assert.match(page, /Who uses it/);
  assert.match(page, /<a href="https:\/\/maps\.example\/"[^>]*>Map of &lt;lamps&gt;<\/a>/);
  assert.equal((await dataset('lamps', '?include_app_metas=true')).metas.explore.reuse_count, 1);
  const [reuse] = JSON.parse((await ada.get(path, JSON_ONLY)).text);
  assert.equal((await ada.post(`${path}/${reuse.id}/remove`, {})).status, 303);
  assert.equal((await dataset('lamps', '?include_app_metas=true')).metas.explore.reuse_count, 0);
});

test('lists of the portal are offered in forms; a renamed value leads to its datasets', async () => {
  const path = '/backoffice/metadata/vocabularies/theme';
  assert.match((await ada.get(FORM)).text, /<option value="Transport">/, 'the themes of the EU, as long as there is no list');
  assert.equal((await ada.post(`${path}/new`, { value: 'Mobility', 'label-fr': 'Mobilité' })).status, 303);
  assert.equal((await ada.post(`${path}/new`, { value: 'Mobility' })).status, 422);
  assert.equal((await ada.post(`${path}/new`, { value: '' })).status, 422);
  assert.match((await ada.get(FORM)).text, /<option value="Mobility">/);
  assert.match((await ada.get(`${FORM}?write=fr`)).text, /<option value="Mobilité">/);
  const renamed = await ada.post(`${path}/edit?value=Mobility`, { value: 'Getting around' });
  assert.equal(renamed.status, 303);
  assert.match(renamed.location, /^\/backoffice\/metadata\/bulk\?all=1&operation=replace&path=default\.theme&old=Mobility&value=Getting/);
  const page = await ada.get(renamed.location);
  assert.match(page.text, /3 datasets are chosen/);
  const preview = await ada.post('/backoffice/metadata/bulk', { all: '1', operation: 'replace', path: 'default.theme', old: 'Mobility', value: 'Getting around', write: '' });
  assert.match(preview.text, /3 of 3 datasets looked at would change/);
  assert.deepEqual((await dataset('trees')).metas.default.theme, ['Mobility'], 'a look changes nothing');
  const done = await ada.post('/backoffice/metadata/bulk', { all: '1', operation: 'replace', path: 'default.theme', old: 'Mobility', value: 'Getting around', write: '', confirm: '1' });
  assert.match(done.text, /3 datasets were changed/);
  for (const id of ['lamps', 'trees', 'roads']) assert.deepEqual((await dataset(id)).metas.default.theme, ['Getting around']);
  assert.deepEqual((await dataset('trees', '?lang=fr')).metas.default.theme, ['Mobilité'], 'other languages stay');
  assert.equal((await ada.post(`${path}/remove?value=Getting%20around`, {})).status, 303);
  assert.equal((await ada.get(`${path}/edit?value=nothing`)).status, 404);
  assert.equal((await rita.get(path)).status, 403);
});

test('many datasets at once: each right is looked at, what fails is told, the rest is done', async () => {
  const fields = [['dataset', 'trees'], ['dataset', 'roads'], ['dataset', 'nothing'], ['path', 'default.keyword'], ['operation', 'add'], ['value', 'bulk\ncity'], ['old', ''], ['write', ''], ['confirm', '1']];
  const done = await ada.post('/backoffice/metadata/bulk', fields);
  assert.match(done.text, /2 datasets were changed/);
  assert.match(done.text, /<code>nothing<\/code> There is no such dataset/);
  assert.deepEqual((await dataset('trees')).metas.default.keyword, ['city', 'bulk']);
  const refused = await rita.post('/backoffice/metadata/bulk', fields);
  assert.match(refused.text, /No dataset was changed/);
  for (const [operation, path, value, expected] of [['add', 'default.publisher', 'x', /no list/], ['set', 'default.title', '', /Enter a value/],
    ['set', 'internal.draft', 'true', /Choose one/], ['burn', 'default.title', 'x', /no list|Choose one/], ['replace', 'default.title', 'x', /Enter a value/]]) {
    const answer = await ada.post('/backoffice/metadata/bulk', { dataset: 'trees', path, operation, value, old: '', write: '' });
    assert.equal(answer.status, 422, `${operation} ${path}`);
    assert.match(answer.text, expected, `${operation} ${path}`);
  }
  await ada.post('/backoffice/metadata/bulk', { dataset: 'trees', path: 'default.keyword', operation: 'remove', value: '', old: 'city', write: '', confirm: '1' });
  assert.deepEqual((await dataset('trees')).metas.default.keyword, ['bulk']);
  await ada.post('/backoffice/metadata/bulk', { dataset: 'trees', path: 'default.keyword', operation: 'clear', value: '', old: '', write: '', confirm: '1' });
  assert.equal((await dataset('trees')).metas.default.keyword, null);
  const json = await ada.post('/backoffice/metadata/bulk', [['dataset', 'roads'], ['path', 'default.publisher'], ['operation', 'set'], ['value', 'City'], ['confirm', '1']], JSON_ONLY);
  assert.equal(JSON.parse(json.text).message, '1 dataset was changed.');
});

test('a job changes what is too much to wait for, with the rights of who asked', async () => {
  const answer = await ada.post('/backoffice/metadata/bulk', { all: '1', path: 'default.attributions', operation: 'add', value: 'By a job', old: '', write: '', confirm: '1', job: '1' });
  assert.equal(answer.status, 303, answer.text);
  assert.match(answer.location, /^\/backoffice\/jobs\/\d+$/);
  for (const id of ['lamps', 'trees', 'roads']) {
    while (!(await dataset(id)).metas.default.attributions) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual((await dataset(id)).metas.default.attributions, ['By a job']);
  }
});

test('templates of the portal: a form, checks, the API and the dataset’s page', async () => {
  const base = '/backoffice/metadata/templates';
  assert.equal((await ada.post(`${base}/new`, { name: 'No Good!', 'label-en': 'x' })).status, 422);
  assert.equal((await ada.post(`${base}/new`, { name: 'owner', 'label-en': 'Ownership', 'label-fr': 'Propriété' })).status, 303);
  const add = (fields) => ada.post(`${base}/owner/fields/new`, { type: 'text', choices: '', ...fields });
  assert.equal((await add({ name: 'data-owner', 'label-en': 'Owner of the data', 'help-en': 'An office', flags: 'required' })).status, 303);
  assert.equal((await add({ name: 'review', type: 'day', 'label-en': 'Next review' })).status, 303);
  assert.equal((await add({ name: 'level', 'label-en': 'Level', choices: 'open\nclosed' })).status, 303);
  assert.equal((await add({ name: 'level', 'label-en': 'Level' })).status, 422);
  assert.equal((await add({ name: 'odd', type: 'nothing' })).status, 422);
  const path = '/backoffice/datasets/trees/metadata?template=custom-owner';
  const page = await ada.get(path);
  assert.match(page.text, /Owner of the data/);
  assert.match(page.text, /<option value="closed">/);
  assert.equal((await save(ada, path, { 'custom.data-owner': '' })).status, 422);
  assert.equal((await save(ada, path, { 'custom.data-owner': 'Works dept.', 'custom.review': 'soon' })).status, 422);
  assert.equal((await save(ada, path, { 'custom.data-owner': 'Works dept.', 'custom.review': '2027-01-31', 'custom.level': 'open' })).status, 303);
  assert.deepEqual((await dataset('trees')).metas.custom, { 'data-owner': 'Works dept.', review: '2027-01-31', level: 'open' });
  const shown = await (await server.get('/explore/dataset/trees/information/', { headers: { accept: 'text/html' } })).text();
  assert.match(shown, /<h2 id="metadata-custom-owner">Ownership<\/h2>/);
  assert.match(shown, /<dt>Owner of the data<\/dt>/);
  assert.equal((await save(ada, '/backoffice/datasets/trees/metadata?template=custom', { new_name: ['mine', '', ''], new_value: ['5 < 6', '', ''] })).status, 303);
  assert.equal((await dataset('trees')).metas.custom.mine, '5 < 6');
  assert.equal((await ada.post(`${base}/owner/fields/level/remove`, {})).status, 303);
  assert.equal((await dataset('trees')).metas.custom.level, 'open', 'values stay');
  assert.equal((await ada.post(`${base}/owner/remove`, {})).status, 303);
  assert.equal((await ada.get(`${base}/owner`)).status, 404);
});

test('who may not edit a dataset sees none of it', async () => {
  for (const path of ['', '/fields', '/attachments', '/reuses', '/reuses/new']) {
    assert.equal((await rita.get(FORM + path)).status, 403, path);
    assert.equal((await rita.post(FORM + path, { 'was:default.title': '', 'default.title': 'x', seen: '1' })).status >= 400, true, path);
  }
  assert.notEqual((await dataset('lamps')).metas.default.title, 'x');
});
