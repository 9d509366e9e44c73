// parvis user: accounts from the command line, also while the server runs; links that it prints work
// once; letters go through a relay.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { binary, publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { catalogueBytes, embedded, holdCatalogue, store } from './store.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data'); // nobody serves it
const live = join(folder, 'live');
const user = (words, options) => run(['user', '--data', data, ...words], options);

/** A relay that takes letters: { port, letters: [{ to, text, headers }] }. */
async function startRelay() {
  const relay = { letters: [], waiting: [] };
  const server = createServer((socket) => {
    let rest = '';
    let letter = null;
    let to = '';
    socket.on('error', () => {});
    socket.write('220 relay ESMTP\r\n');
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (letter !== null) {
          if (line !== '.') {
            letter += `${line}\r\n`;
            continue;
          }
          const [head, body] = letter.split('\r\n\r\n');
          relay.letters.push({ to, head, text: Buffer.from(body, 'base64').toString('utf8') });
          relay.waiting.splice(0).forEach((go) => go());
          letter = null;
          socket.write('250 taken\r\n');
        } else if (line === 'DATA') {
          letter = '';
          socket.write('354 go on\r\n');
        } else if (line === 'QUIT') {
          socket.end('221 bye\r\n');
        } else {
          to = /^RCPT TO:<(.*)>/.exec(line)?.[1] ?? to;
          socket.write('250 fine\r\n');
        }
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  relay.port = server.address().port;
  relay.next = async (count) => {
    while (relay.letters.length < count) await new Promise((resolve) => relay.waiting.push(resolve));
    return relay.letters[count - 1];
  };
  return relay;
}

const relay = await startRelay();
const server = await serve(live, ['--smtp-url', `smtp://127.0.0.1:${relay.port}`, '--smtp-from',
  'portal@data.example', '--public-url', 'http://data.example', '--access-log', 'on']);

/** Asserts that a command of user ends with this status and one line of this form. */
function refused(words, status, form) {
  const result = user(words);
  assert.equal(result.status, status, `${words.join(' ')}: ${result.stderr}`);
  assert.match(result.stderr, form);
  assert.match(result.stderr, /^parvis user: [^\n]*\n$/, 'one line');
  assert.equal(result.stdout, '');
}

/** What a command prints when it succeeds. */
function done(words, options) {
  const result = user(words, options);
  assert.equal(result.status, 0, `${words.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

const rowOf = (name, where = []) => done(['list', ...where]).split('\n').map((line) => line.split('\t')).find(([first]) => first === name);

test('only add makes a data directory', embedded('a database is there before the portal'), () => {
  for (const words of [['list'], ['disable', 'ada'], ['reset', 'ada'], ['sessions', 'ada']]) {
    refused(words, 4, /no catalogue is there/);
    assert.equal(existsSync(data), false);
  }
  refused(['add', 'ada', '--role', 'king'], 2, /reader, editor, publisher or administrator is expected/);
});

test('add prints the address alone, and makes secrets that only the owner may read', () => {
  const result = user(['add', 'ada', '--role', 'editor', '--name', 'Ada Lovelace', '--email', 'ada@example.org']);
  assert.equal(result.status, 0, result.stderr);
  assert.match(result.stdout, /^http:\/\/localhost:8080\/account\/link\/[A-Za-z0-9_-]{43}\n$/);
  assert.match(result.stderr, /^ada sets a password, once and within 7 days, at\n$/);
  assert.deepEqual(rowOf('ada').slice(0, 8), ['ada', 'editor', 'invited', '-', '-', 'Ada Lovelace', 'ada@example.org', '']);
  assert.equal(rowOf('nobody'), undefined);
  if (store !== 'duckdb') return;
  const secrets = join(data, 'secrets');
  assert.equal(statSync(secrets).mode & 0o7777, 0o700);
  for (const name of readdirSync(secrets)) {
    assert.equal(statSync(join(secrets, name)).mode & 0o7777, 0o600, name);
  }
});

test('the address begins as the settings say', () => {
  const start = (words, environment = {}) =>
    done(['reset', 'ada', ...words], { env: { ...process.env, ...environment } }).split('/account')[0];
  assert.equal(start([]), 'http://localhost:8080');
  assert.equal(start(['--listen', '[::1]:9000']), 'http://localhost:9000');
  assert.equal(start(['--listen', '127.0.0.1:0']), 'http://localhost');
  assert.equal(start(['--public-url', 'https://data.example']), 'https://data.example');
  assert.equal(start([], { PARVIS_PUBLIC_URL: 'https://data.example/portal' }), 'https://data.example/portal');
  writeFileSync(join(data, 'parvis.conf'), 'listen = 0.0.0.0:7000\n');
  assert.equal(start([]), 'http://localhost:7000');
  writeFileSync(join(data, 'parvis.conf'), '');
});

test('wrong words are named, and nothing is done', () => {
  refused([], 2, /ACTION \[NAME\] \[ROLE\] is missing/);
  refused(['remove', 'ada'], 2, /'remove': add, invite, list, disable, enable, role, reset or sessions is expected/);
  refused(['add'], 2, /NAME is expected: parvis user add NAME/);
  refused(['role', 'ada'], 2, /NAME ROLE is expected/);
  refused(['role', 'ada', 'Editor'], 2, /role 'Editor': reader, editor/);
  refused(['list', 'ada'], 2, /'ada' was not expected/);
  refused(['disable', 'ada', 'bob'], 2, /'bob' was not expected/);
  refused(['disable', 'ada', '--end'], 2, /--end is not for parvis user disable/);
  refused(['add', 'bob', '--password', 'x'], 2, /the option --password is not known/);
  for (const name of ['', 'a b', 'a/b', '<b>', 'a\nb', 'x'.repeat(151)]) {
    refused(['add', name], 2, /The name of a user is 1 to 150 letters/);
  }
  refused(['add', 'bob', '--email', 'bob@x\r\nBcc: all@x'], 2, /The e-mail address is not valid/);
  refused(['add', 'bob', '--name', 'Bob\nBobson'], 2, /one line of text/);
  refused(['add', 'ADA'], 5, /There is a user of the name ada already/);
  for (const action of ['disable', 'enable', 'reset', 'sessions']) refused([action, 'nobody'], 4, /no such user/);
  refused(['role', 'nobody', 'editor'], 4, /no such user/);
  assert.equal(done(['list']).split('\n').length, 2);
});

test('roles, disabling, and the last administrator', () => {
  assert.equal(done(['role', 'ada', 'administrator']), 'ada: administrator\n');
  refused(['role', 'ada', 'reader'], 5, /last active administrator/);
  refused(['disable', 'ada'], 5, /last active administrator/);
  done(['add', 'root', '--role', 'administrator']);
  assert.equal(done(['disable', 'Ada']), 'ada: disabled\n');
  assert.equal(rowOf('ada')[2], 'disabled');
  refused(['reset', 'ada'], 5, /ada is disabled; enable the account first/);
  assert.equal(done(['enable', 'ada']), 'ada: enabled\n');
  assert.equal(done(['role', 'ada', 'publisher']), 'ada: publisher\n');
  assert.equal(rowOf('ada')[1], 'publisher');
});

test('help and many at once', async () => {
  const help = run(['user', '--help']);
  assert.match(help.stdout, /^Usage: parvis user ACTION \[NAME\] \[ROLE\]/);
  const children = Array.from({ length: 8 }, (_, i) => new Promise((resolve) => {
    spawn(binary, ['user', 'add', `many${i}`, '--data', data], { stdio: 'ignore' }).on('exit', resolve);
  }));
  assert.deepEqual(await Promise.all(children), Array(8).fill(0));
  assert.equal(done(['list']).match(/^many/gm).length, 8);
});

// ---- beside a running server, with mail ----

const there = ['--data', live];

test('a link works once, and its user signs in', async () => {
  const { path } = await makeUser(server, live, 'bob', ['--email', 'bob@example.org']);
  const again = await new Visitor(server).get(path);
  assert.equal(again.status, 404, again.text);
  const bob = new Visitor(server);
  assert.equal((await bob.signIn('bob')).status, 303);
  const row = rowOf('bob', there);
  assert.equal(row[2], 'active');
  assert.ok(Math.abs(Date.parse(row[4]) - Date.now()) < 60000, row[4]);
  assert.match(done(['sessions', 'bob', ...there]), /^(Node\.js|Other)\t127\.0\.0\.0\/24\t\d{4}-\d\d-\d\dT\S+\t\S+\n$/);
});

test('sessions --end, disable and role end sessions of the running server at once', async () => {
  for (const [words, said] of [
    [['sessions', 'bob', '--end'], 'bob: 1 sessions ended\n'],
    [['role', 'bob', 'editor'], 'bob: editor\n'],
    [['disable', 'bob'], 'bob: disabled\n'],
  ]) {
    done(['sessions', 'bob', '--end', ...there]);
    const bob = new Visitor(server);
    await bob.signIn('bob');
    assert.equal((await bob.get('/account')).status, 200, words.join(' '));
    assert.equal(done([...words, ...there]), said);
    assert.notEqual((await bob.get('/account')).status, 200, words.join(' '));
    assert.equal(done(['sessions', 'bob', ...there]), '');
  }
  const bob = new Visitor(server);
  assert.notEqual((await bob.signIn('bob')).status, 303, 'disabled');
  done(['enable', 'bob', ...there]);
  assert.equal((await bob.signIn('bob')).status, 303);
});

test('a forgotten password: a letter, in the visitor\'s language, whose link works once', async () => {
  const visitor = new Visitor(server);
  const ask = async (name) => {
    await visitor.get('/account/forgotten');
    return visitor.post('/account/forgotten', { name, username: name }, { headers: { 'accept-language': 'fr' } });
  };
  const unknown = await ask('nobody@example.org');
  const known = await ask('BOB@example.org');
  assert.equal(known.status, unknown.status);
  const bare = (answer) => answer.text.replace(/(nonce|value)="[^"]*"/g, '');
  assert.equal(bare(known), bare(unknown));
  const letter = await relay.next(1);
  assert.equal(letter.to, 'bob@example.org');
  assert.match(letter.head, /^Subject: Choisir un nouveau mot de passe$/m);
  assert.match(letter.text, /mot de passe/);
  const path = /http:\/\/data\.example(\/account\/link\/[A-Za-z0-9_-]{43})\r\n/.exec(letter.text)?.[1];
  assert.ok(path, letter.text);
  const page = await visitor.get(path);
  assert.equal(page.status, 200);
  const answer = await visitor.post(path, { password: 'another sentence of this test' });
  assert.equal(answer.status, 303, answer.text);
  const bob = new Visitor(server);
  assert.notEqual((await bob.signIn('bob', PASSWORD)).status, 303);
  assert.equal((await bob.signIn('bob', 'another sentence of this test')).status, 303);
  assert.equal((await visitor.get(path)).status, 404);
});

test('people are told by mail what was done to their account', async () => {
  const phrase = 'another sentence of this test';
  const letters = async (pattern, to = 'bob@example.org') => {
    for (let count = 1; ; count++) {
      const letter = await relay.next(count);
      if (pattern.test(letter.text) && letter.to === to) return letter;
    }
  };
  const set = await letters(/The password of your account bob was changed/);
  assert.match(set.text, /Le mot de passe de votre compte bob a été changé/);
  assert.match(set.text, /http:\/\/data\.example\r\n/);
  assert.doesNotMatch(set.text, /account\/link/, 'a notice holds no link that signs in');
  const bob = new Visitor(server);
  const firefox = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' } };
  await bob.get('/account/sign-in');
  assert.equal((await bob.post('/account/sign-in', { username: 'bob', password: phrase }, firefox)).status, 303);
  assert.match((await letters(/browser that was not known yet/)).text, /Firefox on Linux, 127\.0\.0\.0\/24/);
  assert.equal((await bob.post('/account/keys', { name: 'script' })).status, 200);
  await letters(/An API key was made for your account bob/);
  assert.equal((await bob.post('/account', { name: 'Bob', email: 'bob@elsewhere.example' })).status, 303);
  await letters(/address of your account bob was changed/);
  const next = 'a third sentence of this test';
  assert.equal((await bob.post('/account/password', { old_password: phrase, password: next })).status, 303);
  await letters(/The password of your account bob was changed/, 'bob@elsewhere.example');
  assert.equal((await bob.post('/account/password', { old_password: next, password: phrase })).status, 303);
});

test('an invitation from the back office is a letter in the language chosen, whose link makes the account', async () => {
  await makeUser(server, live, 'boss', ['--role', 'administrator']);
  const boss = new Visitor(server);
  await boss.signIn('boss');
  const count = relay.letters.length;
  await boss.get('/backoffice/invitations/new');
  const made = await boss.post('/backoffice/invitations/new', { email: 'grace@example.org', role: 'editor', language: 'fr' });
  assert.ok([200, 303].includes(made.status), made.text);
  const letter = await relay.next(count + 1);
  assert.equal(letter.to, 'grace@example.org');
  assert.match(letter.text, /^Vous êtes invité au portail de données http:\/\/data\.example\./);
  const path = /http:\/\/data\.example(\/account\/invitation\/[A-Za-z0-9_-]{43})\r\n/.exec(letter.text)?.[1];
  assert.ok(path, letter.text);
  assert.doesNotMatch(made.text, new RegExp(path), 'who invites does not see the link that was sent');
  const grace = new Visitor(server);
  assert.match((await grace.get(path)).text, /grace@example\.org/);
  assert.equal((await grace.post(path, { name: 'grace', password: PASSWORD })).status, 303);
  assert.equal((await grace.signIn('grace')).status, 303);
});

test('neither tokens, session ids nor addresses stand in the log', async () => {
  const bob = new Visitor(server);
  await bob.signIn('bob', 'another sentence of this test');
  const sessionId = bob.cookies.get('sessionid');
  server.child.kill('SIGTERM');
  assert.equal(await server.stopped, 0);
  const token = /link\/([A-Za-z0-9_-]{43})/.exec(relay.letters[0].text)[1];
  assert.match(server.errors, /"event": "server.stop"/);
  const kept = catalogueBytes(live);
  assert.ok(Object.values(kept).some((bytes) => bytes.includes('bob@elsewhere.example')), 'it is what holds the rest');
  for (const secret of [sessionId, token, 'another sentence', 'bob@example.org']) {
    assert.equal(server.errors.includes(secret), false, secret);
    for (const [name, bytes] of Object.entries(kept)) {
      if (secret !== 'bob@example.org') assert.equal(bytes.includes(secret), false, name);
    }
  }
});

test('the server makes a link for the first administrator, and another at each start until it is used', async () => {
  const fresh = join(folder, 'fresh');
  // The link is made soon after the server listens.
  const soon = (look) => eventually('it is there', look);
  const stop = async (one) => {
    one.child.kill('SIGTERM');
    await one.stopped;
  };
  const first = await serve(fresh);
  await soon(() => /^admin\tadministrator\tinvited\t/.test(run(['user', 'list', '--data', fresh]).stdout));
  await stop(first);
  const link = run(['user', 'reset', 'admin', '--data', fresh]).stdout;
  const path = /\/account\/link\/\S+/.exec(link)[0];
  const second = await serve(fresh);
  await soon(async () => (await new Visitor(second).get(path)).status === 404);
  await makeUser(second, fresh, 'root', ['--role', 'administrator']);
  await stop(second);
  const kept = /\/account\/link\/\S+/.exec(run(['user', 'reset', 'admin', '--data', fresh]).stdout)[0];
  const third = await serve(fresh);
  await soon(() => third.errors.includes('server.start'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await new Visitor(third).get(kept)).status, 200, 'there is an administrator');
  await stop(third);
});

test('a signal stops the server at once while another process holds the catalogue', async () => {
  const held = join(folder, 'held');
  const other = await serve(held);
  const holder = await holdCatalogue(held);
  after(() => holder.kill());
  await new Promise((resolve) => setTimeout(resolve, 600)); // what is done now and then begins
  const began = Date.now();
  other.child.kill('SIGTERM');
  assert.equal(await other.stopped, 0);
  assert.ok(Date.now() - began < 9000, 'it waited for the lock');
});

test('publications, permissions and services of the command line stand in the audit log, in words', async () => {
  const server = await serve(join(folder, 'audited'));
  const data = join(folder, 'audited');
  await makeUser(server, data, 'root', ['--role', 'administrator']);
  publish(data, 'bikes', 3);
  const service = join(folder, 'service.json');
  writeFileSync(service, JSON.stringify({ id: 'video', name: 'Video', provider: 'Example Ltd', location: 'Ireland',
    policy_url: 'https://video.example.org/privacy', purpose: 'content', description: { en: 'A film.' },
    hosts: [{ origin: 'https://video.example.org', loads: ['frame'] }], cookies: [], embeds: [] }));
  for (const words of [['describe', 'bikes', '--title', 'Bikes'], ['access', 'bikes', '--restrict'],
    ['service', 'add', service], ['service', 'remove', 'video'], ['remove', 'bikes']]) {
    const done = run([...words, '--data', data]);
    assert.equal(done.status, 0, done.stderr);
  }
  const root = new Visitor(server);
  await root.signIn('root');
  const page = (await root.get('/backoffice/audit')).text;
  for (const words of ['Version published', 'version 1, 3 records', 'Dataset described', 'Rule of access changed',
    'External service declared', 'External service removed', 'Dataset removed', 'command line']) {
    assert.ok(page.includes(words), words);
  }
  for (const [, label] of page.matchAll(/<option value="[^"]+"[^>]*>([^<]+)</g)) {
    assert.doesNotMatch(label, /^[a-z_.]+$/, 'each action has words');
  }
  server.child.kill('SIGTERM');
  await server.stopped;
});

test('who sets a password is led to where the role works', async () => {
  const place = join(folder, 'led');
  const server = await serve(place);
  const reader = await makeUser(server, place, 'rita', []);
  assert.equal(reader.leadsTo, '/account/sign-in?welcome=1');
  const publisher = await makeUser(server, place, 'paul', ['--role', 'publisher']);
  assert.equal(publisher.leadsTo, '/account/sign-in?welcome=1&next=/backoffice');
  assert.match(await (await server.get(publisher.leadsTo)).text(), /name="next" value="\/backoffice"/);
});
