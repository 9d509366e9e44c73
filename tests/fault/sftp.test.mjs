// A source at an SFTP server: read as any other, and not when the server is another one than before.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser, Visitor } from '../api/visitor.mjs';
import { serveSftp } from './sftp.mjs';
import { jobWhen, published, refresh, rowsOf, setSource } from './source.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'lamps', 10);
const server = await serve(data, ['--fetch-allow', '127.0.0.1', '--fetch-limit', '1M', '--access-log', 'off']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const ada = new Visitor(server);
assert.equal((await ada.signIn('ada')).status, 303);
const sftp = await serveSftp(temporaryFolder());
const known = join(data, `known_hosts-${sftp.port}`);
const put = (name, text) => writeFileSync(join(sftp.folder, name), text);

async function read(location = `${sftp.address}/lamps.csv`, fields = {}) {
  const now = askStore(data, "select location from resource where dataset = (select uid from dataset where id = 'lamps')");
  if (now !== location) setSource(data, 'lamps', location);
  const path = await refresh(ada, 'lamps', fields);
  const job = await jobWhen(ada, path, ({ state, attempt }) => !['waiting', 'running'].includes(state) || (state === 'waiting' && attempt > 0));
  if (job.state === 'waiting') await ada.post(`${path}/cancel`, {});
  assert.doesNotMatch(JSON.stringify(job), /topsecret/);
  return job;
}

async function fails(state, message, location) {
  const before = published(data, 'lamps');
  const job = await read(location);
  assert.equal(job.state, state, job.message);
  assert.match(job.message, message);
  assert.equal(published(data, 'lamps'), before);
}

test('a file is read with the password of its address, and the key of the server is remembered', async () => {
  put('lamps.csv', rowsOf(20));
  assert.ok(!existsSync(known));
  const job = await read();
  assert.equal(job.state, 'done', `${job.message}\n${sftp.log}`);
  assert.equal(published(data, 'lamps'), '2|20');
  assert.match(sftp.log, /Accepted password for ada/);
  const lines = readFileSync(known, 'utf8').trim().split('\n');
  assert.equal(lines.length, 1);
  assert.ok(lines[0].startsWith('127.0.0.1 ') && lines[0].includes(sftp.key), lines[0]);
});

test('the same file again is nothing new, a changed one is the next version', async () => {
  assert.deepEqual((await read()).result, { changed: false });
  put('lamps.csv', rowsOf(21));
  utimesSync(join(sftp.folder, 'lamps.csv'), 2e9, 2e9);
  assert.equal((await read()).state, 'done');
  assert.equal(published(data, 'lamps'), '3|21');
  assert.equal(readFileSync(known, 'utf8').trim().split('\n').length, 1);
});

test('what is not there, is no file, is too large, or is not for this account', async () => {
  mkdirSync(join(sftp.folder, 'folder.csv'));
  put('large.csv', rowsOf(100_000));
  await fails('failed', /There is no file/, `${sftp.address}/other.csv`);
  await fails('failed', /larger than 1048576 bytes/, `${sftp.address}/large.csv`);
  await fails('failed', /not for everybody/, `${sftp.address.replace('topsecret', 'topsecret1')}/lamps.csv`);
  const before = published(data, 'lamps');
  assert.notEqual((await read(`${sftp.address}/folder.csv`)).state, 'done');
  assert.equal(published(data, 'lamps'), before);
});

test('another server at the same address is refused, whatever type its key has, and gets no password', async () => {
  const before = readFileSync(known, 'utf8');
  const reasons = { ed25519: ['failed', /another key than it had before/], rsa: ['waiting', /another kind/], ecdsa: ['waiting', /another kind/] };
  for (const [type, [state, message]] of Object.entries(reasons)) {
    await sftp.start(type);
    sftp.log = '';
    await fails(state, message);
    assert.equal(readFileSync(known, 'utf8'), before);
    assert.doesNotMatch(sftp.log, /password/);
  }
});

test('an administrator who removes the line of the old key lets the new one be remembered', async () => {
  writeFileSync(known, '');
  const job = await read(undefined, { whole: '1' });
  assert.equal(job.state, 'done', job.message);
  assert.ok(readFileSync(known, 'utf8').includes(sftp.key));
});

test('servers of one host at other ports have keys of their own', async () => {
  const other = await serveSftp(temporaryFolder());
  writeFileSync(join(other.folder, 'lamps.csv'), rowsOf(22));
  const before = readFileSync(known, 'utf8');
  for (const { address } of [other, sftp]) {
    const job = await read(`${address}/lamps.csv`, { whole: '1' });
    assert.equal(job.state, 'done', job.message);
  }
  assert.equal(readFileSync(known, 'utf8'), before);
  assert.ok(readFileSync(join(data, `known_hosts-${other.port}`), 'utf8').includes(other.key));
  assert.ok(!existsSync(join(data, 'known_hosts')));
  await other.stop();
});

test('a server that ends is asked again later', async () => {
  await sftp.stop();
  await fails('waiting', /takes no connection/);
});
