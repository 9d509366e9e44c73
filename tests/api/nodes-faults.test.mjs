// Nodes and their database are killed, cut off, held up and filled while people read and write: what was
// acknowledged is there, nobody reads half a version, who cannot be served is told when to come back,
// and all is well again without a restart.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { send } from './nginx.mjs';
import { eventually, sleep } from './eventually.mjs';
import { look, Portal } from './nodes.mjs';
import { API, binary, run } from './program.mjs';
import { ofPostgresql, store } from './store.mjs';
import { PASSWORD, Visitor } from './visitor.mjs';

const faults = ofPostgresql('faults of several nodes');
const ROWS = 300;
const portal = store === 'postgresql'
  ? await Portal.start(3, ['--quick-deadline', '3s'], { durable: true, wal: 1 }) : undefined;
if (portal) {
  for (const id of ['rows', 'other', 'notes0', 'notes1']) assert.equal(portal.publish(0, id, 0, ROWS).status, 0);
  for (const node of portal.nodes) await eventually('all datasets', async () => (await look(node, 'notes1')).status === 200);
}

/** What a command says, without the events of the log. */
const lines = (errors) => errors.trim().split('\n').filter((line) => !line.startsWith('{'));

/** A command that is waited for without holding up the others. */
function command(i, ...words) {
  return new Promise((resolve) => {
    const child = spawn(binary, [...words, ...portal.where(i)], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (bytes) => { errors += bytes; });
    child.on('close', (code) => resolve({ code, errors }));
  });
}

/** People who read through nginx, describe, publish and sign in, until they are told to stop. */
class Load {
  constructor() {
    this.answers = {};
    this.faults = [];
    this.acknowledged = { notes0: 0, notes1: 0 };
    this.tried = { notes0: 0, notes1: 0 };
    this.sessions = [];
    this.over = false;
    this.turn = 0;
    this.parts = [this.read(), this.read(), this.read(), this.describe('notes0', 0), this.describe('notes1', 1), this.publish(), this.signIn()];
  }

  async read() {
    while (!this.over) {
      try {
        const { status, count, from, to, retry, body } = await look(portal.front, 'rows');
        this.answers[status] = (this.answers[status] ?? 0) + 1;
        if (status === 200 && (count !== ROWS || from !== to)) this.faults.push(`${count} records of ${from} to ${to}`);
        if (status !== 200 && (status !== 503 || !retry)) this.faults.push(`${status} ${body}`);
      } catch {
        this.answers.cut = (this.answers.cut ?? 0) + 1; // the node died with the answer under way
      }
      await sleep(15);
    }
  }

  async describe(id, i) {
    for (let title = 1; !this.over; title += 1) {
      this.tried[id] = title;
      const { code, errors } = await command(i, 'describe', id, '--title', `Title ${title}`);
      if (code === 0) this.acknowledged[id] = title;
      else if (code !== 5 || lines(errors).length !== 1) this.faults.push(`describe ended with ${code}: ${errors}`);
    }
  }

  async publish() {
    const last = Number((await look(portal.nodes[0], 'rows')).to ?? 0);
    for (let generation = last + 1; !this.over; generation += 1) {
      const path = join(portal.folder, 'load.csv');
      writeFileSync(path, `generation,n\n${Array.from({ length: ROWS }, (_, n) => `${generation},${n}\n`).join('')}`);
      this.tried.rows = generation;
      const { code, errors } = await command(2, 'import', path, '--id', 'rows');
      if (code === 0) this.acknowledged.rows = generation;
      else if (code !== 5 || lines(errors).length !== 1) this.faults.push(`import ended with ${code}: ${errors}`);
    }
  }

  async signIn() {
    for (let i = 0; !this.over; i += 1) {
      const visitor = new Visitor(portal.nodes[i % 3]); // nginx bounds sign-ins of one address
      try {
        const form = await visitor.get('/account/sign-in');
        const answer = form.status === 200 ? await visitor.post('/account/sign-in', { username: 'ada', password: PASSWORD, next: '/account' }) : form;
        if (answer.status === 303) this.sessions.push(visitor);
        else if (answer.status !== 503 && answer.status !== 429) this.faults.push(`sign-in ${answer.status} ${answer.text.slice(0, 300)}`);
      } catch { /* cut: not acknowledged */ }
      await sleep(150);
    }
  }

  /** Ends it, and looks for everything that was acknowledged. */
  async end() {
    const written = () => [this.acknowledged.notes0, this.acknowledged.notes1, this.acknowledged.rows ?? 0, this.sessions.length];
    await eventually('something of each kind is written', async () => written().every((count) => count >= 2));
    this.over = true;
    await Promise.all(this.parts);
    assert.deepEqual(this.faults.slice(0, 5), []);
    await Promise.all(portal.nodes.map((node, i) => eventually(`node ${i} serves again`, async () => (await look(node, 'rows')).status === 200)));
    for (const node of portal.nodes) {
      for (const id of ['notes0', 'notes1']) {
        const title = async () => Number(/Title (\d+)/.exec(await (await node.get(`${API}/${id}?select=title`)).text())?.[1] ?? 0);
        await eventually(`${id}: ${this.acknowledged[id]} or a later one`, async () => await title() >= this.acknowledged[id]);
        assert.ok(await title() <= this.tried[id], `${id}: more than ${this.tried[id]}`);
      }
      const version = async () => (await look(node, 'rows')).from;
      if (this.acknowledged.rows) {
        await eventually(`version ${this.acknowledged.rows} or a later one`, async () => await version() >= this.acknowledged.rows);
        assert.ok(await version() <= this.tried.rows, `a version after ${this.tried.rows}`);
      }
    }
    for (const [i, visitor] of this.sessions.entries()) {
      visitor.server = portal.nodes[i % 2]; // another one, and as it is now
      await eventually('a session that was begun goes on', async () => (await visitor.get('/account')).status === 200);
    }
    assert.ok(this.answers[200] > 20, JSON.stringify(this.answers));
  }
}

test('nodes are killed one after the other', faults, async () => {
  const path = /\/account\/link\/\S+/.exec(portal.done(0, 'user', 'add', 'ada', '--role', 'reader'))[0];
  const ada = new Visitor(portal.nodes[0]);
  await ada.get(path);
  assert.equal((await ada.post(path, { password: PASSWORD })).status, 303);
  const load = new Load();
  for (let i = 0; i < 6; i += 1) {
    await sleep(700);
    await portal.killNode(i % 3);
    await sleep(500);
    await portal.startNode(i % 3);
  }
  await load.end();
});

test('the database is killed, and comes back', faults, async () => {
  const before = portal.nodes.map(({ child }) => child.pid);
  const load = new Load();
  for (let i = 0; i < 3; i += 1) {
    await sleep(1200);
    await portal.database.kill();
    await sleep(600);
    for (const node of portal.nodes) {
      const { status, retry, body } = await look(node, 'rows');
      assert.equal(status, 503, body);
      assert.ok(Number(retry) > 0);
      assert.equal((await node.get('/healthz')).status, 200, 'the node itself is well');
    }
    await portal.database.run();
    await Promise.all(portal.nodes.map((node, n) => eventually(`node ${n} is back`, async () => (await look(node, 'rows')).status === 200)));
  }
  await load.end();
  assert.ok(load.answers[503] > 0);
  assert.deepEqual(portal.nodes.map(({ child }) => child.pid), before, 'no node ended');
  for (const node of portal.nodes) assert.match(node.errors, /"database\.lost"[^]*"database\.back"/);
});

test('connections are ended by an administrator of the database', faults, async () => {
  const load = new Load();
  for (let i = 0; i < 12; i += 1) {
    await sleep(i % 3 ? 150 : 700);
    portal.ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'portal'");
  }
  await load.end();
});

test('the database takes no more connections', faults, async () => {
  portal.ask("alter role portal connection limit 0; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'portal'");
  await sleep(200);
  try {
    for (const node of portal.nodes) {
      const { status, retry, body } = await look(node, 'rows');
      assert.equal(status, 503, body);
      assert.ok(Number(retry) > 0);
      assert.doesNotMatch(body, /portal|role|connection/i, 'no internals for visitors');
    }
    const { code, errors } = await command(0, 'list');
    assert.equal(code, 5, errors);
    assert.equal(lines(errors).length, 1, errors);
  } finally {
    portal.ask('alter role portal connection limit -1');
  }
  await Promise.all(portal.nodes.map((node) => eventually('it is back', async () => (await look(node, 'rows')).status === 200)));
});

/** psql that runs statements and then stays, with what it has locked. */
async function hold(statements) {
  const { programs, directory, port } = portal.database;
  const child = spawn(join(programs, 'psql'), ['-X', '-q', '-A', '-t', '-h', directory, '-p', String(port), '-U', 'postgres', '-d', 'nodes'],
    { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`${statements};\nselect 'held';\n`);
  await new Promise((resolve) => { child.stdout.once('data', resolve); });
  return child;
}

test('one dataset is held up: those who ask for it are told, all others are served', faults, async () => {
  const table = portal.ask("select uid || '_' || version from dataset where id = 'rows'");
  const holder = await hold(`begin; lock table parvis_records."${table}" in access exclusive mode`);
  try {
    const held = portal.nodes.flatMap((node) => Array.from({ length: 10 }, () => look(node, 'rows')));
    await sleep(300);
    for (const node of portal.nodes) {
      const { status } = await look(node, 'other');
      assert.equal(status, 200);
    }
    for (const { status, retry, body } of await Promise.all(held)) {
      assert.equal(status, 503, body);
      assert.ok(Number(retry) > 0, body);
    }
    const waiting = () => Number(portal.ask("select count(*) from pg_stat_activity where usename = 'portal' and state = 'active'"));
    await eventually('what nobody waits for is stopped', () => waiting() === 0);
  } finally {
    holder.kill();
  }
  for (const node of portal.nodes) await eventually('it is served again', async () => (await look(node, 'rows')).status === 200);
});

test('the catalogue is held up: reads go on, writes wait or are told', faults, async () => {
  const holder = await hold('begin; lock table parvis.state, parvis.session in exclusive mode');
  let ended;
  try {
    for (const node of portal.nodes) assert.equal((await look(node, 'other')).status, 200);
    ended = command(0, 'describe', 'notes0', '--title', 'Title 100000');
    await sleep(500);
    for (const node of portal.nodes) assert.equal((await look(node, 'other')).status, 200);
  } finally {
    holder.kill();
  }
  const { code, errors } = await ended;
  assert.ok(code === 0 || code === 5, errors);
  await eventually('writes go on', async () => (await command(1, 'describe', 'notes0', '--title', 'Title 100001')).code === 0);
});

test('the disk of the database is full', { ...faults, ...(faults.skip || spawnSync('prlimit', ['--version']).status === 0 ? {} : { skip: 'prlimit is not there' }) }, async () => {
  // No file grows past two megabytes: PostgreSQL sees what a full disk says, in another word.
  const limit = (bytes) => {
    for (const pid of portal.database.processes()) {
      const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`],
        { encoding: 'utf8', ...portal.database.runsAs });
      assert.ok(status === 0 || /No such process/.test(stderr), stderr);
    }
  };
  limit(2 << 20);
  try {
    const done = portal.publish(0, 'rows', 100000, 60000, 100);
    assert.ok([1, 5].includes(done.status), `${done.status}: ${done.stderr}`);
    assert.equal(lines(done.stderr).length, 1, done.stderr);
    for (const node of portal.nodes) {
      const { status, count, from, to } = await look(node, 'rows');
      assert.deepEqual([status, count], [200, ROWS], 'the last good version is current');
      assert.equal(from, to);
    }
  } finally {
    limit('unlimited');
  }
  const done = portal.publish(1, 'rows', 100001, 60000, 100);
  assert.equal(done.status, 0, done.stderr);
  for (const node of portal.nodes) await eventually('it is served', async () => (await look(node, 'rows')).count === 60000);
});

test('a node that begins without its database, or with a wrong address, ends with one line', faults, async () => {
  const url = (text) => ['serve', '--listen', '127.0.0.1:0', '--data', join(portal.folder, 'lost'), '--store', text];
  const wrong = portal.url.replace(/:[0-9a-f]+@/, ':wrong-secret@');
  for (const [text, statuses] of [[wrong, [1, 5]], [portal.url.replace(/\/nodes/, '/nowhere'), [1, 5]], ['mysql://x', [2]],
    ['postgresql://127.0.0.1:1/nodes?connect_timeout=2', [1, 5]]]) {
    const { status, stderr } = run(url(text), { timeout: 30000 });
    assert.ok(statuses.includes(status), `${text}: ${status} ${stderr}`);
    assert.equal(lines(stderr).length, 1, stderr);
    assert.ok(!stderr.includes('wrong-secret') && !stderr.includes(portal.database.password), 'no password is told');
  }
  await send(portal.front, '/');
  for (const node of portal.nodes) assert.ok(!node.errors.includes(portal.database.password), 'nor is one logged');
});
