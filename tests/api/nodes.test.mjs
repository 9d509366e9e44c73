// Several nodes on one PostgreSQL database are one portal.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDatabase } from '../postgresql/server.mjs';
import { send } from './nginx.mjs';
import { eventually } from './eventually.mjs';
import { look, Portal } from './nodes.mjs';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { ofPostgresql, store } from './store.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const several = ofPostgresql('several nodes');
const portal = store === 'postgresql' ? await Portal.start(3) : undefined;
const nodes = portal?.nodes;

/** A visitor who comes to another node with each request, as behind a proxy. */
class Wanderer extends Visitor {
  constructor() {
    super(nodes[0]);
    this.visits = 0;
  }

  send(...words) {
    this.server = nodes[this.visits % nodes.length];
    this.visits += 1;
    return super.send(...words);
  }
}

/** Status of a page for a visitor's cookies on one node. */
async function statusAt(node, visitor, path = '/account') {
  const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
  return (await node.get(path, { headers: { cookie, accept: 'text/html', 'user-agent': 'node' }, redirect: 'manual' })).status;
}

test('what is published on one node is served by all, whole', several, async () => {
  const rows = (generation) => 200 + generation;
  for (let generation = 1; generation <= 6; generation += 1) {
    const done = portal.publish(generation % 3, 'rows', generation, rows(generation));
    assert.equal(done.status, 0, done.stderr);
    const began = performance.now();
    await Promise.all(nodes.map((node, i) => eventually(`node ${i} has version ${generation}`, async () => {
      const { status, count, from, to, body } = await look(node, 'rows');
      if (generation === 1 && status === 404) return false;
      assert.equal(status, 200, body);
      assert.equal(from, to, 'one version');
      assert.equal(count, rows(from), 'all of it');
      return from === generation;
    })));
    console.log(`# version ${generation} is on all nodes after ${Math.round(performance.now() - began)} ms`);
  }
});

test('descriptions, restrictions and removals hold on all nodes', several, async () => {
  portal.done(0, 'describe', 'rows', '--title', 'A title of node 0');
  for (const node of nodes) {
    await eventually('the title', async () =>
      (await (await node.get(`${API}/rows?select=title`)).text()).includes('A title of node 0'));
  }
  portal.done(1, 'access', 'rows', '--restrict');
  for (const node of nodes) await eventually('the restriction', async () => (await look(node, 'rows')).status === 404);
  portal.done(2, 'access', 'rows', '--everyone', '--read');
  for (const node of nodes) await eventually('the permission', async () => (await look(node, 'rows')).status === 200);
  assert.equal(portal.publish(0, 'short', 1, 3).status, 0);
  for (const node of nodes) await eventually('another dataset', async () => (await look(node, 'short')).status === 200);
  portal.done(1, 'remove', 'short');
  for (const node of nodes) await eventually('its removal', async () => (await look(node, 'short')).status === 404);
});

/** Makes a person on the machine of a node; the link is opened on another. */
async function person(name, ...words) {
  const path = /\/account\/link\/\S+/.exec(portal.done(0, 'user', 'add', name, ...words))[0];
  const visitor = new Wanderer();
  assert.equal((await visitor.get(path)).status, 200);
  assert.equal((await visitor.post(path, { password: PASSWORD })).status, 303);
  return visitor;
}

test('a session, its tokens of forms and its end are those of all nodes', several, async () => {
  await person('ada', '--role', 'publisher');
  const ada = new Wanderer();
  assert.equal((await ada.signIn('ada')).status, 303, 'the form was another node’s');
  for (let i = 0; i < 6; i += 1) assert.equal((await ada.get('/account')).status, 200);
  const kept = new Map(ada.cookies);
  const changed = await ada.post('/account/keys', { name: 'key', scopes: 'read', scope: 'read' });
  const key = /<code[^>]*>([0-9a-f]{56})<\/code>/.exec(changed.text)?.[1];
  assert.ok(key, changed.text);
  for (const node of nodes) assert.equal((await look(node, 'rows', { authorization: `Apikey ${key}` })).status, 200);
  const out = await ada.post('/account/sign-out', {});
  assert.equal(out.status, 303, out.text);
  for (const node of nodes) assert.notEqual(await statusAt(node, { cookies: kept }), 200, 'the old cookies are worth nothing');
});

test('a person who is disabled on one node is out on all, keys too, at once', several, async () => {
  await person('bob', '--role', 'publisher');
  const bob = new Wanderer();
  await bob.signIn('bob');
  const made = await bob.post('/account/keys', { name: 'key', scopes: 'read', scope: 'read' });
  const key = /<code[^>]*>([0-9a-f]{56})<\/code>/.exec(made.text)[1];
  for (const node of nodes) assert.equal(await statusAt(node, bob), 200);
  portal.done(2, 'user', 'disable', 'bob');
  for (const node of nodes) {
    assert.notEqual(await statusAt(node, bob), 200);
    assert.equal((await look(node, 'rows', { authorization: `Apikey ${key}` })).status, 401);
  }
});

test('guessing is slowed down over all nodes together', several, async () => {
  await person('eve');
  // two are free; a third makes the next wait for a second, and each after it twice as long
  for (const pause of [0, 0, 1100, 2100, 0]) {
    await new Wanderer().signIn('eve', 'wrong and longer');
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
  assert.notEqual((await new Wanderer().signIn('eve')).status, 303, 'even the right password waits');
});

test('keys of the installation are the same on all nodes', several, () => {
  const keys = nodes.map((_, i) => portal.done(i, 'consent', 'key'));
  assert.equal(new Set(keys).size, 1);
});

test('a file that is attached on one node is had from all', several, async () => {
  const path = join(portal.folder, 'guide.txt');
  writeFileSync(path, 'a guide for all nodes');
  portal.done(0, 'attach', 'rows', path);
  for (const node of nodes) {
    await eventually('the list', async () => (await (await node.get(`${API}/rows/attachments`)).json()).attachments?.length === 1);
    const { attachments: [{ href }] } = await (await node.get(`${API}/rows/attachments`)).json();
    const answer = await fetch(href);
    assert.equal(await answer.text(), 'a guide for all nodes', `${href}: ${answer.status}`);
  }
});

test('imports of one dataset on several nodes at once: each is published whole, or says that it was not', several, async () => {
  let acknowledged = 0;
  for (let round = 0; round < 3; round += 1) {
    const ends = await Promise.all(nodes.map((_, i) => new Promise((resolve) => {
      const path = join(portal.folder, `together-${i}.csv`);
      writeFileSync(path, `generation,n\n${Array.from({ length: 300 }, (__, n) => `${round * 3 + i},${n}\n`).join('')}`);
      const child = spawn(binary, ['import', path, '--id', 'together', ...portal.where(i)], { stdio: ['ignore', 'ignore', 'pipe'] });
      let errors = '';
      child.stderr.on('data', (bytes) => { errors += bytes; });
      child.on('close', (code) => resolve({ code, errors }));
    })));
    for (const { code, errors } of ends) assert.ok(code === 0 || code === 5, errors);
    acknowledged += ends.filter(({ code }) => code === 0).length;
  }
  assert.ok(acknowledged >= 3);
  const row = portal.done(0, 'list').split('\n').find((line) => line.startsWith('together\t'));
  assert.equal(Number(row.split('\t')[1]), acknowledged);
  for (const node of nodes) {
    await eventually('the last', async () => (await look(node, 'together')).status === 200);
    const { count, from, to } = await look(node, 'together');
    assert.deepEqual([count, from], [300, to]);
  }
});

/** Names of the nodes that have the duty of upkeep. */
const onDuty = () => portal.ask(`select distinct application_name from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and (classid::bigint << 32 | objid::bigint) = 7021238825`).split('\n').filter(Boolean);

test('what is done from time to time is done by one node, and by another one when that ends', several, async () => {
  await eventually('somebody has the duty', () => onDuty().length > 0);
  const [name, ...others] = onDuty();
  assert.deepEqual(others, []);
  const holder = Number(name.slice('node'.length));
  await portal.killNode(holder);
  await eventually('it is free', () => onDuty().length === 0);
  // Tables of ended versions go when their last readers had their time: ten minutes, which are over now.
  const tables = () => Number(portal.ask("select count(*) from pg_class where relnamespace = 'parvis_records'::regnamespace and relname ~ '^da_[a-z0-9]+_[0-9]+$'"));
  const before = tables();
  const ended = Number(portal.ask('update version_ended set ended = 0 returning 1').split('\n').filter(Boolean).length);
  assert.ok(ended >= 3, `${ended} versions have ended`);
  await portal.startNode(holder);
  await eventually('another one has it, or the same again', () => onDuty().length === 1);
  await eventually('the tables are gone', () => tables() <= before - ended);
  for (const node of nodes) assert.equal((await look(node, 'rows')).status, 200);
});

test('a node with other functions begins while another one has the duty', several, async () => {
  await eventually('somebody has the duty', () => onDuty().length > 0);
  portal.ask('drop function functions_digest()'); // as if another version had made them
  const newer = await serve(temporaryFolder(), ['--store', portal.url, '--access-log', 'off']);
  assert.equal((await newer.get('/healthz')).status, 200);
});

test('nodes that begin at once with an empty database make it together, and one first administrator', several, async () => {
  const url = createDatabase(portal.database, 'empty');
  const fresh = await Promise.all([0, 1, 2].map(() => serve(temporaryFolder(), ['--store', url, '--access-log', 'off'])));
  const list = () => run(['user', 'list', '--data', portal.folder, '--store', url]).stdout.trim().split('\n').filter(Boolean);
  await eventually('the administrator', () => list().length > 0);
  assert.equal(list().length, 1);
  for (const node of fresh) assert.equal((await node.get('/healthz')).status, 200);
  await makeUser(fresh[0], portal.folder, 'root', ['--role', 'administrator', '--store', url]);
  assert.equal((await new Visitor(fresh[2]).signIn('root')).status, 303);
});

test('behind nginx they are one portal', several, async () => {
  for (let i = 0; i < 12; i += 1) {
    const { status, count } = await look(portal.front, 'rows');
    assert.deepEqual([status, count], [200, 206]);
  }
  assert.equal((await send(portal.front, '/healthz')).status, 403);
});
