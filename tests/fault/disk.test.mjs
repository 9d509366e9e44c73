// A disk that is really full, in the middle of each thing that writes: what was published stays, what was stored is kept, the message
// tells what to do, and the server goes on as soon as there is room.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { API, publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { askStore, embedded } from '../api/store.mjs';
import { makeUser } from '../api/visitor.mjs';
import { begin, makeDraft, patch, publishDraft, signedIn, tus, upload, use } from '../api/wizard.mjs';
import { jobWhen } from './source.mjs';

const MB = 1 << 20;
const disk = mkdtempSync(join(tmpdir(), 'parvis-disk-'));
const data = join(disk, 'data');
const filler = join(disk, 'filler');
const folder = temporaryFolder();
const JSON_ONLY = { headers: { accept: 'application/json' } };

/** Why there is no disk of its own here; or nothing. */
function mount() {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    rmdirSync(disk);
    return { skip: 'a file system of its own cannot be mounted here' };
  }
  process.on('exit', () => { execFileSync('umount', ['-l', disk]); rmdirSync(disk); });
  return {};
}
const suite = { ...embedded('a full disk of the data directory') };
if (!suite.skip) Object.assign(suite, mount());

/** Leaves so many bytes. */
function fill(left) {
  const { bavail, bsize } = statfsSync(disk);
  execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64K', 'oflag=append', 'conv=notrunc',
    `count=${Math.max(0, Math.ceil((bavail * bsize - left) / 65536))}`], { stdio: 'ignore' });
}
function fillAll() {
  execFileSync('sh', ['-c', `dd if=/dev/zero bs=4K >>'${filler}' 2>/dev/null || true`]);
}
const makeRoom = () => rmSync(filler, { force: true });
/** Rows that no engine makes small. */
const noise = (megabytes) => Buffer.from(`n,text\n${Array.from({ length: megabytes * 16 }, (_, i) => `${i},${randomBytes(32768).toString('hex')}\n`).join('')}`);

let server;
let ada;
const count = async (id) => (await (await server.get(`${API}/${id}/records?limit=1`)).json()).total_count;
const leftovers = () => readdirSync(join(data, 'records'), { recursive: true }).filter((name) => /building|rejects/.test(name));

async function goesOn() {
  assert.equal((await server.get('/')).status, 200);
  assert.equal(server.child.exitCode, null, server.errors);
  assert.equal(await count('lamps'), 10);
  assert.equal(askStore(data, "select version, records from dataset where id = 'lamps'"), '1|10');
}

if (!suite.skip) {
  publish(data, 'lamps', 10);
  server = await serve(data, ['--access-log', 'off', '--backup-directory', join(disk, 'backups')]);
  await makeUser(server, data, 'ada', ['--role', 'administrator']);
  ada = await signedIn(server, 'ada');
  await goesOn();
}

test('an upload: what was sent is kept, and goes on where it stopped', suite, async () => {
  await makeDraft(ada, 'Sent');
  const bytes = noise(24);
  const address = await begin(ada, 'sent', 'sent.csv', bytes.length);
  assert.equal((await patch(ada, address, 0, bytes.subarray(0, 8 * MB))).status, 204);
  fill(3 * MB);
  const refused = await patch(ada, address, 8 * MB, bytes.subarray(8 * MB, 16 * MB));
  assert.equal(refused.status, 503, refused.text);
  assert.match(JSON.parse(refused.text).message, /disk of the server is full/);
  assert.equal((await tus(ada, 'HEAD', address)).headers.get('upload-offset'), String(8 * MB));
  await goesOn();
  makeRoom();
  assert.equal((await patch(ada, address, 8 * MB, bytes.subarray(8 * MB, 24 * MB))).status, 204);
});

test('a publication: the published version and the draft stay, and it is done when there is room', suite, async () => {
  const draft = '/backoffice/datasets/lamps';
  await use(ada, draft, [await upload(ada, 'lamps', 'more.csv', noise(40))]);
  fill(12 * MB);
  assert.equal((await ada.post(`${draft}/source/publish`, { visible: 'public' })).status, 303);
  let state;
  do {
    state = JSON.parse((await ada.get(`${draft}/source/publish`, JSON_ONLY)).text);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  } while (!/disk|room/.test(state.message) && !state.has_failed && !state.is_done);
  assert.match(state.message, /disk of the server is full|no room/, JSON.stringify(state));
  await goesOn();
  assert.deepEqual(leftovers(), []);
  assert.match((await ada.get(`${draft}/source`)).text, /more\.csv/);
  const job = askStore(data, "select max(id) from job where kind = 'publication' or kind = 'publish'");
  await ada.post(`/backoffice/jobs/${job}/cancel`, {});
  await jobWhen(ada, `/backoffice/jobs/${job}`, ({ state: is }) => !['waiting', 'running'].includes(is));
});

test('an import by the command line', suite, async () => {
  makeRoom();
  const csv = join(folder, 'import.csv');
  writeFileSync(csv, noise(40));
  fill(12 * MB);
  const refused = run(['import', csv, '--id', 'lamps', '--data', data]);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /disk of the server is full|no room/);
  assert.deepEqual(leftovers(), []);
  await goesOn();
});

test('a description: the stored one stays, and the form says what happened', suite, async () => {
  const path = '/backoffice/datasets/lamps/metadata';
  const before = JSON.parse((await ada.get(path, JSON_ONLY)).text);
  fillAll();
  const body = JSON.stringify({ seen: before.seen, metadata: { default: { title: 'Lamps', description: 'x'.repeat(200_000) } }, fields: before.fields });
  const headers = { ...JSON_ONLY.headers, 'content-type': 'application/json', 'x-csrftoken': ada.cookies.get('csrftoken') };
  const refused = await ada.send('POST', path, { body, headers });
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.text, /disk/);
  const now = JSON.parse((await ada.get(path, JSON_ONLY)).text);
  assert.deepEqual(now, before);
  await goesOn();
  makeRoom();
  assert.equal((await ada.send('POST', path, { body, headers })).status, 200);
  assert.equal(JSON.parse((await ada.get(path, JSON_ONLY)).text).metadata.default.description.length, 200_000);
});

test('a backup: none is left, the server and the command line say so', suite, async () => {
  fill(2 * MB);
  const refused = run(['backup', join(disk, 'by-hand'), '--data', data]);
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /room|disk/);
  assert.ok(!existsSync(join(disk, 'by-hand')));
  const ordered = await ada.post('/backoffice/backups/new', {}, JSON_ONLY);
  assert.equal(ordered.status, 200, ordered.text);
  const location = `/backoffice/jobs/${askStore(data, 'select max(id) from job')}`;
  const job = await jobWhen(ada, location, ({ state, attempt }) => state === 'failed' || state === 'done' || (state === 'waiting' && attempt > 0));
  assert.notEqual(job.state, 'done');
  assert.match(job.message, /room|disk/);
  await goesOn();
  makeRoom();
  assert.equal((await ada.post(`${location}/retry`, {})).status, 303);
  const done = await jobWhen(ada, location, ({ state }) => state === 'done' || state === 'failed');
  assert.equal(done.state, 'done', done.message);
});

test('with room again everything is done', suite, async () => {
  const state = await publishDraft(ada, '/backoffice/datasets/lamps');
  assert.ok(state.is_done, state.message);
  assert.equal(await count('lamps'), 640);
  assert.equal(run(['check', '--data', data]).status, 0);
});
