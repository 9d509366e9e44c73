// The second factor over HTTP: set up with an app's code, asked for at each sign-in, required by a setting.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { join } from 'node:path';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);
const server = await serve(data, ['--access-log', 'off', '--second-factor', 'publisher']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');

/** Code of a base32 secret at a step of 30 seconds (RFC 6238). */
function codeOf(secret, step = Math.floor(Date.now() / 30000)) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest.at(-1) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

const field = (text, name) => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1];
let secret;
let recovery;
let used; // the code that set it up

test('who must use one sees nothing else until it is set up', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  for (const path of ['/account', '/account/keys', '/backoffice', '/backoffice/users']) {
    const answer = await ada.get(path);
    assert.equal(answer.status, 303, path);
    assert.equal(answer.location, '/account/second-factor', path);
  }
  const refused = await ada.post('/account/keys', { name: 'sneaky' });
  assert.equal(refused.status, 403);
  const page = await ada.get('/account/second-factor');
  assert.equal(page.status, 200);
  assert.match(page.text, /<svg/);
  secret = field(page.text, 'secret');
  assert.match(secret, /^[A-Z2-7]{32,}$/);
  const wrong = await ada.post('/account/second-factor', { secret, code: '000000' });
  assert.equal(wrong.status, 422);
  assert.equal(field(wrong.text, 'secret'), secret, 'the picture stays the same');
  used = codeOf(secret);
  const done = await ada.post('/account/second-factor', { secret, code: used });
  assert.equal(done.status, 200, done.text);
  recovery = [...done.text.matchAll(/<li><code>([^<]+)<\/code>/g)].map(([, code]) => code);
  assert.equal(recovery.length, 10);
  assert.equal((await ada.get('/backoffice')).status, 200);
  assert.doesNotMatch((await ada.get('/account/second-factor')).text, new RegExp(recovery[0]), 'shown once');
});

test('a lesser role needs none', async () => {
  const bob = new Visitor(server);
  await bob.signIn('bob');
  assert.equal((await bob.get('/account')).status, 200);
});

test('the password alone opens nothing; a code does, once', async () => {
  const ada = new Visitor(server);
  const asked = await ada.signIn('ada');
  assert.equal(asked.status, 200);
  assert.equal(ada.cookies.has('sessionid'), false);
  const pending = field(asked.text, 'pending');
  assert.ok(pending);
  const replayed = await ada.post('/account/sign-in/code', { pending, code: used });
  assert.equal(replayed.status, 401);
  assert.equal(ada.cookies.has('sessionid'), false);
});

test('a recovery code lets in once, after the waits of wrong codes', async () => {
  const ada = new Visitor(server);
  const asked = await ada.signIn('ada');
  const pending = field(asked.text, 'pending');
  assert.ok(pending, asked.text);
  const tampered = await ada.post('/account/sign-in/code', { pending: `${pending[0] === 'x' ? 'y' : 'x'}${pending.slice(1)}`, code: recovery[0] });
  assert.equal(tampered.status, 401);
  assert.equal(ada.cookies.has('sessionid'), false);
  const done = await ada.post('/account/sign-in/code', { pending, code: recovery[0], next: '/account' });
  assert.equal(done.status, 303, done.text);
  assert.equal(done.location, '/account');
  assert.equal((await ada.get('/account')).status, 200);
  const other = new Visitor(server);
  const again = field((await other.signIn('ada')).text, 'pending');
  const refused = await other.post('/account/sign-in/code', { pending: again, code: recovery[0] });
  assert.equal(refused.status, 401, 'it was used');
});

test('a reset does not take the second factor away', async () => {
  const path = /\/account\/link\/\S+/.exec(run(['user', 'reset', 'ada', '--data', data]).stdout)[0];
  const visitor = new Visitor(server);
  await visitor.get(path);
  assert.equal((await visitor.post(path, { password: `${PASSWORD} again` })).status, 303);
  const asked = await visitor.signIn('ada', `${PASSWORD} again`);
  assert.equal(asked.status, 200);
  assert.ok(field(asked.text, 'pending'));
});
