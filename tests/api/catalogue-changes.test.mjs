/*
 * The catalogue's table grows with every change and is shared by generations and people. A server that has
 * seen all changes must answer as one that has seen none.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from './address.mjs';
import { run, serve, temporaryFolder } from './program.mjs';
import { alike } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const folder = temporaryFolder();
const data = join(folder, 'data');
const rows = join(folder, 'rows.csv');
writeFileSync(rows, 'code,name,when\n1,one,2020-01-01\n2,two,2021-01-01\n');
const seed = Number(process.env.PARVIS_SEED ?? Date.now() % 1000000);
const rounds = Number(process.env.PARVIS_ROUNDS ?? 6);

/** Numbers in [0, most), the same for a seed. */
let state = seed + 1;
function random(most) {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
  return ((state ^ (state >>> 13)) >>> 0) % most;
}
const pick = (list) => list[random(list.length)];

function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr} (PARVIS_SEED=${seed})`);
}

const words = ['arbres', 'écoles', 'budget', 'Vélos', 'transport'];
/** Values of one name are of several types now and then. */
const owners = ['a text', 3, 4.5, true, ['x', 'y'], { deep: 1 }];

function metadata() {
  const made = { default: { title: `${pick(words)} ${random(100)}`, keyword: [pick(words), pick(words)], publisher: pick(['A', 'B', null]), language: 'fr' } };
  if (random(3) === 0) made.custom = { [`name${random(4)}`]: random(4) ? 'plain' : pick(owners) };
  if (random(4) === 0) made.languages = { en: { default: { title: `trees ${random(10)}` } } };
  return made;
}
function describe(id) {
  const path = join(folder, 'metadata.json');
  writeFileSync(path, JSON.stringify(metadata()));
  command('describe', id, '--metadata', path);
}
function publish(id) {
  const path = join(folder, 'metadata.json');
  writeFileSync(path, JSON.stringify(metadata()));
  command('import', rows, '--id', id, '--metadata', path);
}

const ids = Array.from({ length: 12 }, (_, i) => `set-${i}`);
const there = new Set();
function change() {
  const id = pick(ids);
  const kind = random(10);
  if (!there.has(id)) {
    publish(id);
    there.add(id);
  } else if (kind === 0) {
    command('remove', id);
    there.delete(id);
  } else if (kind === 1) {
    publish(id);
  } else if (kind === 2) {
    command('access', id, '--everyone', '--read', ...pick([[], ['--hide', 'name'], ['--filter', 'code > 1']]));
  } else if (kind === 3) {
    command('access', id, '--restrict');
  } else {
    describe(id);
  }
}

const queries = [
  ['/datasets', { limit: 100 }],
  ['/datasets', { limit: 100, lang: 'en', include_app_metas: 'true' }],
  ['/datasets', { limit: 3, offset: 2, select: 'dataset_id, title, fields, features' }],
  ['/datasets', { limit: 100, select: 'dataset_id, custom.name0 as a, default.records_count as n' }],
  ['/datasets', { limit: 100, select: 'dataset_id, title', order_by: 'title', lang: 'en' }],
  ['/datasets', { limit: 100, where: '"ecole"' }],
  ['/datasets', { limit: 2, where: 'search("arbr")' }],
  ['/datasets', { limit: 100, where: 'search("two name")' }],
  ['/datasets', { limit: 100, where: '"budget" or keyword = "transport"', select: 'dataset_id' }],
  ['/datasets', { limit: 100, order_by: 'title desc', select: 'dataset_id, title' }],
  ['/datasets', { limit: 100, group_by: 'publisher', select: 'count(*) as n, max(title) as t' }],
  ['/datasets', { limit: 100, group_by: 'keyword', select: 'count(*) as n' }],
  ['/datasets', { select: 'count(*) as n, count(custom.name1) as m', limit: 1 }],
  ['/facets', {}],
  ['/facets', { where: '"velo"', facet: 'keyword' }],
  ['/exports/json', {}],
  ['/exports/csv', { where: '"transport"' }],
];

const plain = { headers: { accept: '*/*' } };
async function answers(get) {
  const texts = [];
  for (const [path, parameters] of queries) {
    const response = await get(address(CATALOG + path, parameters));
    const text = typeof response.text === 'string' ? response.text : await response.text();
    texts.push(`${path} ${JSON.stringify(parameters)}: ${response.status} ${text.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')}`);
  }
  return texts;
}

test(`after every change answers are those of a server that has just begun (PARVIS_SEED=${seed})`, async () => {
  publish(ids[0]);
  there.add(ids[0]);
  const old = await serve(data);
  const reader = new Visitor(old);
  await makeUser(old, data, 'clerk', ['--role', 'administrator']);
  await reader.signIn('clerk');
  for (let round = 0; round < rounds; round++) {
    for (let i = random(6); i >= 0; i--) {
      change();
      await old.get(`${CATALOG}/datasets?limit=1&timezone=Europe/Paris&offset=${random(20)}`);
    }
    const fresh = await serve(data);
    const expected = await answers((path) => fresh.get(path));
    const until = Date.now() + 5000;
    let actual = await answers((path) => old.get(path));
    while (JSON.stringify(actual) !== JSON.stringify(expected) && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 100)); // changes of other processes are seen in a moment
      actual = await answers((path) => old.get(path));
    }
    assert.deepEqual(actual, expected, `round ${round}`);
    const other = new Visitor(fresh);
    await other.signIn('clerk');
    assert.deepEqual(await answers((path) => reader.get(path, plain)), await answers((path) => other.get(path, plain)), `round ${round}, administrator`);
    fresh.child.kill('SIGKILL');
    await fresh.stopped;
  }
});

test('a table is made anew under people who see different things of it, while they read', alike('the table is in memory'), async () => {
  const data = join(folder, 'many');
  const count = 6;
  const path = join(folder, 'metadata.json');
  const act = (...done) => {
    const { status, stderr } = run([...done, '--data', data]);
    assert.equal(status, 0, `${done.join(' ')}: ${stderr}`);
  };
  writeFileSync(path, JSON.stringify({ custom: { round: -1 } }));
  for (let i = 0; i < count; i++) act('import', rows, '--id', `set-${i}`, '--metadata', path);
  const server = await serve(data);
  const people = [];
  for (let i = 0; i < 6; i++) {
    await makeUser(server, data, `user${i}`, ['--role', 'reader']);
    const visitor = new Visitor(server);
    await visitor.signIn(`user${i}`);
    people.push(visitor);
    for (let j = 0; j < count; j++) act('access', `set-${j}`, '--user', `user${i}`, '--read', '--hide', j % 2 ? 'name' : 'code');
  }
  const ask = async (visitor, parameters) => {
    const where = address(`${CATALOG}/datasets`, parameters);
    const response = await (visitor ? visitor.get(where, plain) : server.get(where));
    const text = visitor ? response.text : await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text);
  };
  const everybody = [null, ...people];
  const shows = ({ dataset_id: id, fields }) => fields.some((field) => field.name === (id.at(-1) % 2 ? 'name' : 'code'));
  const check = (visitor, answer) => {
    assert.equal(answer.total_count, count);
    assert.deepEqual(answer.results.map((row) => row.dataset_id), [...Array(count).keys()].map((i) => `set-${i}`));
    for (const row of answer.results) assert.equal(shows(row), visitor === null, row.dataset_id);
  };
  const select = { select: 'dataset_id, fields, custom.round as round', order_by: 'dataset_id' };
  for (const visitor of people) { // rules of other processes hold in a moment, too
    while ((await ask(visitor, select)).results.some(shows)) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (let round = 0; round < 27; round++) { // 7 rows of each dataset in each: more than 1024 altogether
    writeFileSync(path, JSON.stringify({ custom: { round } }));
    for (let j = 0; j < count; j++) {
      const visitor = everybody[(round + j) % everybody.length];
      const asked = [visitor, null].map((who) => ask(who, select).then((answer) => check(who, answer)));
      act('describe', `set-${j}`, '--metadata', path);
      await Promise.all(asked);
    }
    await Promise.all(everybody.map(async (visitor) => {
      const until = Date.now() + 5000;
      let answer;
      do {
        answer = await ask(visitor, select);
        check(visitor, answer);
      } while (answer.results.some((row) => row.round !== round) && Date.now() < until);
      assert.deepEqual(answer.results.map((row) => row.round), Array(count).fill(round), `round ${round}`);
    }));
  }
});
