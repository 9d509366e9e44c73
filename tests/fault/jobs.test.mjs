// Jobs when the server is killed or stopped in the middle of one, when the disk is full, and when one of two nodes dies.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Portal } from '../api/nodes.mjs';
import { binary, publish, serve, temporaryFolder } from '../api/program.mjs';
import { askStore, embedded, ofPostgresql, store } from '../api/store.mjs';
import { makeUser, Visitor } from '../api/visitor.mjs';
import { file, jobWhen, published, refresh, rowsOf, serveFiles, setSource } from './source.mjs';

const OPTIONS = ['--fetch-allow', '127.0.0.1', '--access-log', 'off'];
const data = join(temporaryFolder(), 'data');
publish(data, 'lamps', 10);
let server = await serve(data, OPTIONS);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const source = await serveFiles();
setSource(data, 'lamps', `${source.address}/lamps.csv`);

async function signedIn(at = server) {
  const visitor = new Visitor(at);
  assert.equal((await visitor.signIn('ada')).status, 303);
  return visitor;
}

/** Starts a refresh that hangs after some bytes; gives its path as soon as it runs. */
async function hang() {
  const asked = new Promise((resolve) => {
    source.answer = (request, response) => {
      response.writeHead(200, { 'content-length': 100000 }).write('n,text\n');
      resolve();
    };
  });
  const path = await refresh(await signedIn(), 'lamps');
  await asked;
  return path;
}

test('a server that is killed in the middle of a job leaves the published version; the job is done after the restart', async () => {
  const before = published(data, 'lamps');
  const path = await hang();
  server.child.kill('SIGKILL');
  await server.stopped;
  assert.equal(published(data, 'lamps'), before);
  source.answer = file(rowsOf(30));
  server = await serve(data, OPTIONS);
  const job = await jobWhen(await signedIn(), path, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(job.state, 'done', job.message);
  assert.equal(job.attempt, 2);
  assert.match(published(data, 'lamps'), /^2\|30$/);
});

test('a server that is stopped in the middle of a job puts it back, and is not held up', async () => {
  const path = await hang();
  const began = performance.now();
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  assert.ok(performance.now() - began < 20_000, 'it waited for the source');
  assert.equal(askStore(data, `select state, attempt from job where id = ${path.split('/').at(-1)}`), 'waiting|0');
  source.answer = file(rowsOf(31));
  server = await serve(data, OPTIONS);
  const job = await jobWhen(await signedIn(), path, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(job.state, 'done', job.message);
  assert.equal(job.attempt, 1);
  assert.equal(published(data, 'lamps'), '3|31');
});

test('a server without workers runs no job', async () => {
  server.child.kill('SIGTERM');
  await server.stopped;
  server = await serve(data, [...OPTIONS, '--job-workers', '0']);
  const path = await refresh(await signedIn(), 'lamps', { whole: '1' });
  await new Promise((resolve) => { setTimeout(resolve, 1500); }); // three times as long as a worker takes to look
  assert.equal(askStore(data, `select state from job where id = ${path.split('/').at(-1)}`), 'waiting');
  await (await signedIn()).post(`${path}/cancel`, {});
});

test('a limit on the size of files: the version stays, the job says it and is tried again', embedded('files of the data directory'), async () => {
  server.child.kill('SIGTERM');
  await server.stopped;
  const before = published(data, 'lamps');
  // no file may grow beyond four megabytes; the signal that goes with it is ignored
  const words = ['serve', '--listen', '127.0.0.1:0', '--data', data, ...OPTIONS];
  const child = spawn('bash', ['-c', 'trap "" XFSZ; ulimit -f 4096; exec "$0" "$@"', binary, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  server = { child, errors: '', stopped: new Promise((resolve) => { child.on('close', resolve); }) };
  child.stderr.on('data', (bytes) => { server.errors += bytes; });
  server.portal = await new Promise((resolve) => {
    child.stdout.on('data', (bytes) => { const found = /listening on (http:\S+)/.exec(String(bytes)); if (found) resolve(found[1]); });
  });
  server.get = (path, init) => fetch(server.portal + path, init);
  source.answer = file(rowsOf(400_000));
  const ada = await signedIn();
  const path = await refresh(ada, 'lamps', { whole: '1' });
  const job = await jobWhen(ada, path, ({ state, attempt }) => state === 'failed' || state === 'done' || (state === 'waiting' && attempt > 0));
  assert.equal(job.state, 'waiting', job.message);
  assert.match(job.message, /^A file would become larger than the server may write one/);
  assert.equal(published(data, 'lamps'), before);
  assert.deepEqual(readdirSync(join(data, 'spool')), []);
  child.kill('SIGTERM');
  await server.stopped;
});

test('of two nodes one is killed: the other does its job, and gives the file of the first', ofPostgresql('several nodes'), async () => {
  const portal = await Portal.start(2, OPTIONS);
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'x'));
  const csv = join(folder, 'lamps.csv');
  writeFileSync(csv, rowsOf(10));
  portal.done(0, 'import', csv, '--id', 'lamps');
  const made = portal.done(0, 'user', 'add', 'ada', '--role', 'administrator');
  const first = new Visitor({ portal: portal.nodes[0].portal });
  const link = /\/account\/link\/\S+/.exec(made)[0];
  await first.get(link);
  assert.equal((await first.post(link, { password: 'a sentence only this test says' })).status, 303);
  const visitors = [0, 1].map((i) => new Visitor({ portal: portal.nodes[i].portal }));
  for (const visitor of visitors) assert.equal((await visitor.signIn('ada')).status, 303);
  const orders = [];
  for (let i = 0; i < 4; i += 1) {
    const answer = await visitors[i % 2].post('/backoffice/datasets/lamps/export', { format: 'csv' }, { headers: { accept: 'application/json' } });
    orders.push(JSON.parse(answer.text).location);
  }
  for (const path of orders) {
    const job = await jobWhen(visitors[0], path, ({ state }) => state === 'done' || state === 'failed');
    assert.equal(job.state, 'done', job.message);
    assert.equal(job.attempt, 1); // one node had it
    for (const visitor of visitors) assert.equal((await visitor.get(`${path}/file`)).text.split('\r\n').length, 12);
  }
  // A job that hangs on whichever node; that one is killed.
  portal.ask(`insert into resource (dataset, kind, uploads, location, settings, etag, last_modified, schedule, checked, changed, changed_by)
    select uid, 'url', '[]', '${source.address}/lamps.csv', '{}', '', '', '', 1, 1, 'ada' from dataset`);
  const asked = new Promise((resolve) => { source.answer = (request, response) => { response.writeHead(200, { 'content-length': 1000 }).write('n'); resolve(request.socket.remotePort); }; });
  const path = await refresh(visitors[0], 'lamps');
  const port = await asked;
  const { execFileSync } = await import('node:child_process');
  const owner = portal.nodes.findIndex(({ child }) => execFileSync('ls', ['-l', `/proc/${child.pid}/fd`], { encoding: 'utf8' }).match(/socket:\[(\d+)\]/g)
    ?.some((socket) => execFileSync('cat', ['/proc/net/tcp'], { encoding: 'utf8' }).split('\n')
      .some((line) => line.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} `) && line.includes(socket.slice(8, -1)))));
  assert.ok(owner >= 0);
  source.answer = file(rowsOf(12));
  await portal.killNode(owner);
  const job = await jobWhen(visitors[1 - owner], path, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(job.state, 'done', job.message);
  assert.equal(job.attempt, 2);
  assert.equal(portal.ask("select version, records from dataset where id = 'lamps'"), '2|12');
});

test(`what was left is as it should be (${store})`, () => {
  assert.equal(askStore(data, "select count(*) from job where state = 'running'"), '0');
});
