// Groups, rules of access, row filters and hidden fields: the same for every address of the API, and from the
// command line (docs/permissions.md).
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const CATALOG = '/api/explore/v2.1/catalog';
const ROWS = 60;

/** Rows {n, name, team, secret}: team is a or b in turn, every third secret is "orchid", else "tulip". */
function importPermits(id, words = []) {
  const file = join(folder, `${id}.csv`);
  const rows = Array.from({ length: ROWS }, (_, i) =>
    `${i},permit ${i},${i % 2 ? 'b' : 'a'},${i % 3 ? 'tulip' : 'orchid'}`);
  writeFileSync(file, `n,name,team,secret\n${rows.join('\n')}\n`);
  return command(['import', file, '--id', id, '--annotate', 'team=facet', '--annotate', 'secret=facet', ...words]);
}

function command(words, status = 0) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, status, `${words.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}

/** Sets rules and waits until the server answers by them. */
async function access(...words) {
  command(['access', ...words]);
  await settled();
}

/* The server looks at the catalogue four times a second; a dataset of the test's own tells when it has. */
let marks = 0;
async function settled() {
  const title = `mark ${++marks}`;
  command(['describe', 'marker', '--title', title]);
  for (;;) {
    const body = await (await fetch(`${server.portal}${API}/marker`)).json();
    if (body.metas.default.title === title) return;
  }
}

writeFileSync(join(folder, 'marker.csv'), 'n\n1\n');
command(['import', join(folder, 'marker.csv'), '--id', 'marker']);
importPermits('permits');
importPermits('open');
const server = await serve(data);
for (const [name, role] of [['ada', 'administrator'], ['bob', 'reader'], ['eve', 'publisher'], ['kim', 'editor']]) {
  await makeUser(server, data, name, ['--role', role]);
}
command(['group', 'add', 'team a']);
command(['group', 'member', 'team a', '--add', 'bob', '--add', 'kim']);

const people = { nobody: new Visitor(server) };
for (const name of ['ada', 'bob', 'eve', 'kim']) {
  people[name] = new Visitor(server);
  assert.equal((await people[name].signIn(name)).status, 303);
}

async function ask(who, path, parameters = {}, headers = {}) {
  const query = new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, one])));
  return people[who].get(`${path}?${query}`, { headers });
}

async function json(who, path, parameters) {
  const answer = await ask(who, path, parameters);
  assert.equal(answer.status, 200, `${path}: ${answer.text}`);
  return JSON.parse(answer.text);
}

/** What all doors say of the number of records; fails when they disagree. */
async function countOf(who, id = 'permits') {
  const { total_count: total } = await json(who, `${API}/${id}/records`, { limit: 0 });
  const { results: [{ c }] } = await json(who, `${API}/${id}/records`, { select: 'count(*) as c' });
  const { results: groups } = await json(who, `${API}/${id}/records`, { select: 'count(*) as c', group_by: 'team' });
  const { facets: [{ facets }] } = await json(who, `${API}/${id}/facets`, { facet: 'team' });
  const csv = (await ask(who, `${API}/${id}/exports/csv`)).text.trim().split('\n').length - 1;
  const rows = JSON.parse((await ask(who, `${API}/${id}/exports/json`)).text).length;
  const dataset = await json(who, `${API}/${id}`);
  const { results: [listed] } = await json(who, API, { where: `dataset_id="${id}"`, select: 'records_count' });
  const sum = (list, key) => list.reduce((total, item) => total + item[key], 0);
  const all = [total, c, sum(groups, 'c'), sum(facets, 'count'), csv, rows, dataset.metas.default.records_count,
    listed.records_count];
  assert.deepEqual(new Set(all).size, 1, `${who}: ${all}`);
  return total;
}

const idsOf = async (who) => (await json(who, API, { select: 'dataset_id', limit: 100 }))
  .results.map((row) => row.dataset_id).filter((id) => id !== 'marker').sort();

test('a restricted dataset does not exist for others, at any address', async () => {
  const { dataset_uid: uid } = await json('nobody', `${API}/permits`);
  const id = (await json('nobody', `${API}/permits/records`, { include_links: true, limit: 1 }))
    .results[0]._links[0].href.split('/').pop();
  assert.equal(await countOf('nobody'), ROWS); // and is in the response cache
  await access('permits', '--restrict');
  for (const who of ['nobody', 'bob', 'eve']) {
    for (const name of ['permits', uid]) {
      for (const path of ['', '/records', `/records/${id}`, '/facets', '/exports', '/exports/csv', '/exports/parquet']) {
        const answer = await ask(who, `${API}/${name}${path}`);
        assert.equal(answer.status, 404, `${who} ${path}`);
        const unknown = await ask(who, `${API}/never-was${path}`);
        assert.equal(answer.text.replaceAll(name, 'never-was'), unknown.text);
      }
    }
    assert.deepEqual(await idsOf(who), ['open']);
    assert.equal((await json(who, API, { where: '"permits"' })).total_count, 0);
    assert.equal((await json(who, API, { limit: 0 })).total_count, 2);
    const { facets: [{ facets }] } = await json(who, `${CATALOG}/facets`, { facet: 'features' });
    assert.equal(facets[0].count, 2);
  }
  assert.deepEqual(await idsOf('ada'), ['open', 'permits']);
  assert.equal(await countOf('ada'), ROWS);
  assert.equal((await json('ada', `${API}/permits`)).visibility, 'restricted');
  await access('permits', '--public');
  assert.equal(await countOf('nobody'), ROWS);
});

test('a group sees its records and fields, by every door', async () => {
  await access('permits', '--restrict', '--group', 'team a', '--read', '--filter', 'team = "a" and secret = "orchid"',
    '--hide', 'secret');
  assert.equal(await countOf('bob'), 10);
  assert.equal(await countOf('kim'), 10);
  assert.equal((await ask('eve', `${API}/permits/records`)).status, 404);
  const { results } = await json('bob', `${API}/permits/records`, { limit: 100, order_by: 'n' });
  assert.deepEqual(results.map((row) => row.n), [0, 6, 12, 18, 24, 30, 36, 42, 48, 54]);
  for (const row of results) assert.deepEqual(Object.keys(row), ['n', 'name', 'team']);
  const dataset = await json('bob', `${API}/permits`);
  assert.deepEqual(dataset.fields.map((field) => field.name), ['n', 'name', 'team']);
  assert.deepEqual((await json('bob', `${API}/permits/facets`)).facets.map((facet) => facet.name), ['team']);
  assert.equal((await ask('bob', `${API}/permits/exports/csv`)).text.split('\n')[0].trim(), 'n;name;team');
  for (const where of ['"orchid"', 'search("tulip")', 'suggest("orc")', 'startswith(*, "orchid")']) {
    assert.equal((await json('bob', `${API}/permits/records`, { where })).total_count, 0, where);
    assert.ok((await json('ada', `${API}/permits/records`, { where })).total_count > 0, where);
  }
  assert.equal((await json('bob', `${API}/permits/records`, { where: 'search("permit")' })).total_count, 10);
});

test('a hidden field is refused as one that never was', async () => {
  const asks = [{ select: 'secret' }, { where: 'secret="orchid"' }, { group_by: 'secret' }, { order_by: 'secret' },
    { refine: 'secret:orchid' }, { exclude: 'secret:tulip' }, { select: 'count(secret) as c' }];
  for (const parameters of asks) {
    const hidden = await ask('bob', `${API}/permits/records`, parameters);
    const other = JSON.parse(JSON.stringify(parameters).replaceAll('secret', 'absent'));
    const absent = await ask('bob', `${API}/permits/records`, other);
    assert.equal(hidden.status, 400);
    assert.equal(hidden.text.replaceAll('secret', 'absent'), absent.text);
  }
  assert.equal((await ask('bob', `${API}/permits/facets`, { facet: 'secret' })).status, 400);
  assert.equal((await ask('bob', `${API}/permits/exports/csv`, { select: 'secret' })).status, 400);
});

test('a search finds no number or date of a hidden field', async () => {
  writeFileSync(join(folder, 'pay.csv'), 'code,pay,rate,since\na,4242,17.5,2019-05-06\nb,7,2.25,2020-01-01\n');
  command(['import', join(folder, 'pay.csv'), '--id', 'pay']);
  await access('pay', '--restrict', '--group', 'team a', '--read', '--hide', 'pay', '--hide', 'rate', '--hide', 'since');
  for (const where of ['"4242"', 'search(*, "4242")', '"17"', '"2019-05-06"', '"2019"', 'not "4242"']) {
    const expected = where.startsWith('not') ? [2, 1] : [0, 1];
    assert.equal((await json('bob', `${API}/pay/records`, { where })).total_count, expected[0], where);
    if (where !== '"17"') assert.equal((await json('ada', `${API}/pay/records`, { where })).total_count, expected[1], where);
  }
  command(['remove', 'pay']);
  await settled();
});

test('links of records lead to them, and only to visible ones', async () => {
  const links = async (who) => (await json(who, `${API}/permits/records`, { include_links: true, limit: 100 }))
    .results.map((row) => [row.n, new URL(row._links.find((link) => link.rel === 'self').href).pathname]);
  const whole = await links('ada');
  for (const [n, path] of await links('bob')) {
    assert.equal((await json('bob', path)).n, n);
    assert.ok(!whole.some(([, known]) => known === path), 'the id tells nothing of hidden values');
  }
  for (const [n, path] of whole) {
    assert.equal((await json('ada', path)).n, n);
    assert.equal((await ask('bob', path)).status, 404);
  }
});

test('validators and the cache keep people apart', async () => {
  const path = `${API}/permits/records`;
  const tags = {};
  for (const who of ['ada', 'bob', 'kim']) tags[who] = (await ask(who, path)).headers.get('etag');
  assert.notEqual(tags.ada, tags.bob);
  assert.equal(tags.bob, tags.kim, 'who sees the same has the same validator');
  assert.equal((await ask('bob', path, {}, { 'if-none-match': tags.bob })).status, 304);
  assert.equal((await ask('bob', path, {}, { 'if-none-match': tags.ada })).status, 200);
  await access('permits', '--everyone', '--read', '--filter', 'n < 5');
  const first = await ask('nobody', path);
  assert.equal(await countOf('nobody'), 5);
  await access('permits', '--everyone', '--read', '--filter', 'n >= 55');
  const second = await ask('nobody', path, {}, { 'if-none-match': first.headers.get('etag') });
  assert.equal(second.status, 200, 'another filter with as many records is another answer');
  assert.deepEqual(JSON.parse(second.text).results.map((row) => row.n), [55, 56, 57, 58, 59]);
  assert.equal(await countOf('nobody'), 5);
  assert.equal(await countOf('bob'), 10);
  assert.equal(await countOf('ada'), ROWS);
});

test('an own rule replaces those of groups, and leaving a group works at once', async () => {
  await access('permits', '--restrict', '--user', 'bob', '--read', '--filter', 'n = 7');
  assert.equal(await countOf('bob'), 1);
  assert.equal(await countOf('kim'), 10);
  await access('permits', '--user', 'bob', '--remove');
  assert.equal(await countOf('bob'), 10);
  command(['group', 'member', 'team a', '--remove', 'bob']);
  assert.equal((await ask('bob', `${API}/permits/records`)).status, 404);
  command(['group', 'member', 'team a', '--add', 'bob']);
  assert.equal(await countOf('bob'), 10);
});

test('a key sees what its user sees', async () => {
  const made = await people.bob.post('/account/keys', { name: 'script' });
  const page = made.location ? await people.bob.get(made.location) : made;
  const key = /\b[0-9a-f]{56}\b/.exec(page.text)?.[0];
  assert.ok(key, page.text);
  const authorization = `Apikey ${key}`;
  const answer = await fetch(`${server.portal}${API}/permits/records`, { headers: { authorization } });
  assert.equal((await answer.json()).total_count, 10);
  const inAddress = await fetch(`${server.portal}${API}/permits/records?apikey=${key}`);
  assert.equal((await inAddress.json()).total_count, 10);
  assert.equal((await fetch(`${server.portal}${API}/permits/records`)).status, 404);
});

test('a new version keeps the rules; what does not fit is closed and told', async () => {
  const renamed = join(folder, 'renamed.csv');
  writeFileSync(renamed, 'n,name,team,secret_code\n1,permit 1,a,orchid\n');
  const done = command(['import', renamed, '--id', 'permits']);
  assert.match(done.stdout, /rule of access for group team a gives nothing now: .*Unknown field: secret/);
  await settled();
  assert.equal((await ask('bob', `${API}/permits/records`)).status, 404);
  assert.equal((await ask('nobody', `${API}/permits/records`)).status, 404);
  assert.equal(await countOf('ada'), 1);
  assert.match(command(['access', 'permits']).stdout, /^group\tteam a\tread\t.*gives nothing: /m);
  importPermits('permits');
  await settled();
  assert.equal(await countOf('bob'), 10);
});

test('a dataset can be new and closed', async () => {
  importPermits('closed', ['--restricted']);
  await settled();
  assert.equal((await ask('nobody', `${API}/closed`)).status, 404);
  assert.equal(await countOf('ada', 'closed'), ROWS);
  await access('closed', '--group', 'team a', '--edit');
  assert.equal(await countOf('bob', 'closed'), ROWS);
});

test('the command line says what is wrong', () => {
  for (const [status, message, ...words] of [
    [3, 'unexpected = at position 4', '--everyone', '--read', '--filter', 'n = = 3'],
    [3, 'Unknown field: nothing', '--group', 'team a', '--filter', 'nothing = 3'],
    [3, 'now', '--everyone', '--read', '--filter', 'n > year(now())'],
    [2, "no field 'nothing'", '--everyone', '--hide', 'nothing'],
    [2, 'everybody can only be given the right to read', '--everyone', '--edit'],
    [2, 'for whom', '--read'],
    [2, 'one of --read', '--everyone'],
    [2, 'one of --read', '--everyone', '--read', '--none'],
    [2, 'one of --everyone', '--group', 'team a', '--user', 'bob', '--read'],
    [2, 'one of --restrict', '--restrict', '--public'],
    [2, 'no meaning', '--everyone', '--none', '--hide', 'secret'],
    [4, 'There is no group', '--group', 'nowhere', '--read'],
    [4, 'There is no user', '--user', 'nobody', '--read'],
  ]) {
    const done = command(['access', 'open', ...words], status);
    assert.ok(done.stderr.includes(message), `${words.join(' ')}: ${done.stderr}`);
    assert.equal(done.stderr.trim().split('\n').length, 1);
  }
  command(['access', 'never-was'], 4);
  assert.equal(command(['access', 'open']).stdout, 'everyone\t\tread\t\t\t\n');
  command(['group', 'add', 'team a'], 5);
  command(['group', 'add', ' '], 2);
  command(['group', 'remove', 'nowhere'], 4);
  command(['group', 'member', 'team a', '--add', 'nobody'], 4);
  command(['group', 'list', '--add', 'bob'], 2);
  assert.equal(command(['group', 'list']).stdout, 'team a\t2\n');
  assert.equal(command(['group', 'member', 'team a']).stdout, 'bob\nkim\n');
});
