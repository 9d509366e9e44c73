// Names and values that people give to metadata of their own (template custom) as fields of the catalogue: whatever they
// are, and whatever datasets have that are hidden from who asks.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { address } from './address.mjs';
import { run, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const CATALOG = '/api/explore/v2.1/catalog';
const folder = temporaryFolder();
const rows = join(folder, 'rows.csv');
const path = join(folder, 'metadata.json');
writeFileSync(rows, 'code,name\n1,one\n2,two\n');

function command(data, ...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
function publish(data, id, metadata, ...options) {
  writeFileSync(path, typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
  command(data, 'import', rows, '--id', id, '--metadata', path, ...options);
}
function describe(data, id, metadata) {
  writeFileSync(path, JSON.stringify(metadata));
  command(data, 'describe', id, '--metadata', path);
}

async function answer(get, what, parameters) {
  const response = await get(address(CATALOG + what, parameters));
  const text = typeof response.text === 'string' ? response.text : await response.text();
  assert.equal(response.status, 200, `${JSON.stringify(parameters)}: ${text}`);
  return JSON.parse(text);
}
/** Column of a selection by dataset, nulls left out. */
async function values(get, field, parameters = {}) {
  const { results } = await answer(get, '/datasets', { select: `dataset_id, ${field} as it`, limit: 100, ...parameters });
  return Object.fromEntries(results.filter((row) => row.it !== null).map((row) => [row.dataset_id, row.it]));
}
async function found(get, where) {
  const { total_count: total, results } = await answer(get, '/datasets', { where, select: 'dataset_id', order_by: 'dataset_id' });
  assert.equal(total, results.length);
  return results.map((row) => row.dataset_id).join(' ');
}
async function administrator(server, data) {
  await makeUser(server, data, 'clerk', ['--role', 'administrator']);
  const clerk = new Visitor(server);
  await clerk.signIn('clerk');
  return (where) => clerk.get(where, { headers: { accept: '*/*' } });
}
const names = (prefix, count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'x']));

test('names in another letter case are the same field, and spellings of hidden datasets change nothing', async () => {
  const data = join(folder, 'spelling');
  publish(data, 'hidden', { custom: { OWNER: 'secret' } }, '--restricted');
  publish(data, 'lower', { custom: { owner: 'a' } });
  const server = await serve(data);
  const clerk = await administrator(server, data);
  for (const spelling of ['custom.owner', 'owner', 'Owner', 'CUSTOM.owner', 'custom.OWNER']) {
    assert.deepEqual(await values(clerk, spelling), { hidden: 'secret', lower: 'a' }, spelling);
    assert.deepEqual(await values(server.get, spelling), { lower: 'a' }, spelling);
  }
  const { results } = await answer(server.get, '/datasets', { select: 'owner' });
  assert.deepEqual(results, [{ owner: 'a' }]);
  const csv = await (await server.get(`${CATALOG}/exports/csv`)).text();
  assert.match(csv.split('\n')[0], /;custom\.owner;/);
  publish(data, 'mixed', { custom: { Owner: 'b', owner: 'c' } });
  while (await found(server.get, 'dataset_id = "mixed"') === '') await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(await values(server.get, 'custom.owner'), { lower: 'a', mixed: 'b' });
});

test('any name is a field of its own', async () => {
  const data = join(folder, 'names');
  const odd = { a: 't', 'a as 0': 's', 'open 0': 'o', 'q"uo\'te': 'q', 'dots.in.name': 'd', ' blanks ': 'b', rowid: 'r', dataset_id: 'i', [`${'é'.repeat(99)}ll`]: 'l' };
  publish(data, 'odd', { custom: odd });
  publish(data, 'plain', {});
  const server = await serve(data);
  for (const [name, value] of Object.entries(odd)) {
    assert.deepEqual(await values(server.get, `\`custom.${name}\``), { odd: value }, name);
    assert.equal(await found(server.get, `\`custom.${name}\` = "${value}"`), 'odd', name);
  }
});

test('values of several types are sorted, grouped, compared and refined as one', async () => {
  const data = join(folder, 'types');
  const given = { text: '10', whole: 1, real: 1.5, yes: true, list: ['x', 'y'], object: { deep: 1 } };
  for (const [id, value] of Object.entries(given)) {
    const pair = { text: '10', whole: 1, real: 1.5, yes: true }[id];
    const number = { whole: 2, real: 1.5 }[id];
    publish(data, id, { custom: { all: value, ...(pair === undefined ? {} : { pair }), ...(number ? { number } : {}) } });
  }
  const server = await serve(data);
  assert.deepEqual(await values(server.get, 'all'),
    { text: ['10'], whole: ['1'], real: ['1.5'], yes: ['true'], list: ['x', 'y'], object: ['{"deep":1}'] });
  assert.deepEqual(await values(server.get, 'pair'), { text: '10', whole: '1', real: '1.5', yes: 'true' });
  assert.deepEqual(await values(server.get, 'number'), { whole: 2, real: 1.5 });
  assert.equal(await found(server.get, 'all = "y"'), 'list');
  assert.equal(await found(server.get, 'all like "true"'), 'yes');
  assert.equal(await found(server.get, 'pair > "1.2"'), 'real text yes');
  assert.equal(await found(server.get, 'number > 1.6'), 'whole');
  assert.equal(await found(server.get, 'number in [1..1.7]'), 'real');
  const sorted = await answer(server.get, '/datasets', { select: 'dataset_id', where: 'number is not null', order_by: 'number' });
  assert.deepEqual(sorted.results.map((row) => row.dataset_id), ['real', 'whole']);
  const groups = await answer(server.get, '/datasets', { select: 'count(*) as n', group_by: 'all', where: 'all is not null' });
  assert.deepEqual(groups.results.map((row) => row.all), ['1', '1.5', '10', 'true', 'x', 'y', '{"deep":1}']);
  const refined = await answer(server.get, '/datasets', { refine: 'custom.pair:1.5', select: 'dataset_id' });
  assert.deepEqual(refined.results, [{ dataset_id: 'real' }]);
  const { facets } = await answer(server.get, '/facets', { facet: 'custom.all' });
  assert.deepEqual(facets[0].facets.map((value) => value.name).sort(), ['1', '1.5', '10', 'true', 'x', 'y', '{"deep":1}']);
});

test('a value out of range leaves its dataset out, whoever sees it', async () => {
  const data = join(folder, 'range');
  publish(data, 'hidden', { custom: { n: 9000000000000000 } }, '--restricted');
  writeFileSync(path, '{"custom":{"n":9000000000000000000}}');
  command(data, 'describe', 'hidden', '--metadata', path);
  publish(data, 'small', { custom: { n: 2 } });
  const server = await serve(data);
  const clerk = await administrator(server, data);
  assert.equal(await found(clerk, 'n > 0'), 'hidden small');
  for (const where of ['n * n > 3', 'n + n = 4', '-n - n - n < 0']) {
    assert.equal(await found(clerk, where), 'small', where);
    assert.equal(await found(server.get, where), 'small', where);
  }
});

test('a server knows the names that somebody is shown, however many others there were or are', async () => {
  const data = join(folder, 'many');
  publish(data, 'hidden', { custom: names('hidden', 1200) }, '--restricted');
  publish(data, 'shown', { custom: { mine: 'yes' } });
  const server = await serve(data);
  const clerk = await administrator(server, data);
  assert.equal(await found(clerk, 'dataset_id is not null'), 'hidden shown');
  assert.deepEqual(await values(server.get, 'mine'), { shown: 'yes' });
  for (let round = 0; round < 5; round++) {
    describe(data, 'shown', { custom: { ...names(`r${round}_`, 400), mine: 'yes' } });
    const until = Date.now() + 10000;
    let status;
    do {
      const response = await server.get(address(`${CATALOG}/datasets`, { select: `r${round}_399` }));
      status = response.status;
      await response.text();
    } while (status !== 200 && Date.now() < until);
    assert.deepEqual(await values(server.get, `r${round}_399`), { shown: 'x' });
    assert.deepEqual(await values(server.get, 'mine'), { shown: 'yes' });
    assert.equal(await found(clerk, 'dataset_id is not null'), 'hidden shown');
  }
});

test('metadata as large as they may be do not end the server', async () => {
  const data = join(folder, 'large');
  publish(data, 'list', `{"default":{"keyword":[${'"",'.repeat(5400000)}"last"]}}`);
  publish(data, 'plain', { default: { title: 'Plain' } });
  const server = await serve(data);
  assert.equal(await found(server.get, 'title = "Plain"'), 'plain');
  assert.equal(await found(server.get, 'keyword = "last"'), 'list');
});
