// What somebody tries who means harm: all routes without proof, floods, races, a stolen cookie, what is left open.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API, ask, metric, publish, request, run, serve, temporaryFolder } from './program.mjs';
import { embedded } from './store.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);
const server = await serve(data, ['--access-log', 'on', '--session-recent', '2s']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const tokenIn = (text) => /name="csrfmiddlewaretoken" value="([^"]+)"[^]*?name="confirm_password"/.exec(text)?.[1];

/** Patterns of all routes of pages, as the tables in the source have them. */
function routes() {
  const files = ['web/front/account.c', 'web/front/privacy_routes.c', 'web/back/routes.c'];
  const patterns = files.flatMap((file) => {
    const text = readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');
    return [...text.matchAll(/[{(]"(\/[^" ]*)"/g)].map((found) => found[1]);
  });
  assert.ok(patterns.length > 50 && patterns.includes('/backoffice/users/{}/{}'));
  return patterns;
}

/** Addresses of a pattern, with values that exist and one that does not. */
function addresses(pattern) {
  const values = pattern.includes('users') ? ['2', 'nobody'] : ['numbers', '1'];
  return values.map((value) => {
    let at = 0;
    return pattern.replaceAll('{}', () => (at++ ? 'disable' : value));
  });
}

/** Everything that a change would show in. */
async function state(visitor) {
  const pages = ['/backoffice/audit.csv', '/backoffice/users', '/backoffice/users/2', '/backoffice/users/3', '/backoffice/groups',
    '/backoffice/services', '/backoffice/access/numbers', '/backoffice/cookies.csv'];
  const texts = await Promise.all(pages.map(async (path) => (await visitor.get(path)).text));
  return texts.map((text) => text.replaceAll(/value="[a-zA-Z0-9]{64}"|nonce[=-]"?[\w+/=-]+"?/g, ''));
}

test('no GET or HEAD changes anything', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const token = ada.cookies.get('csrftoken');
  const query = new URLSearchParams({ csrfmiddlewaretoken: token, name: 'x', row: 1, key: 1, role: 'reader', language: 'fr',
    choice: 'accept', cookie: 'sessionid', confirm_password: PASSWORD, password: PASSWORD, username: 'bob', group: 1 });
  const before = await state(ada);
  for (const path of routes().flatMap(addresses)) {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ada.send(method, `${path}?${query}`);
      assert.ok(answer.status < 500, path);
      assert.deepEqual(answer.set.filter((cookie) => cookie.name !== 'csrftoken'), [], path);
    }
  }
  assert.deepEqual(await state(ada), before);
});

test('no POST changes anything without proof that a page of ours asked for it', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const before = await state(ada);
  const fields = { name: 'x', row: 1, key: 1, role: 'reader', language: 'fr', choice: 'refuse', cookie: 'sessionid', email: '' };
  const evidence = [{}, { origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' }, { origin: server.portal, 'sec-fetch-site': 'cross-site' }];
  for (const path of routes().flatMap(addresses)) {
    for (const headers of evidence) {
      const answer = await ada.post(path, fields, { token: null, headers });
      const asks = answer.status === 200 && Object.keys(headers).length === 0; // whether that is wanted
      assert.ok(asks || [403, 404, 413].includes(answer.status), `${path} ${JSON.stringify(headers)} ${answer.status}`);
      assert.deepEqual(answer.set.filter((cookie) => cookie.name !== 'csrftoken'), [], path);
    }
  }
  assert.deepEqual(await state(ada), before);
});

test('the back office is closed to others, by GET and POST, with a token and the password', async () => {
  const ada = new Visitor(server);
  const bob = new Visitor(server);
  await ada.signIn('ada');
  await bob.signIn('bob');
  const before = await state(ada);
  for (const path of routes().filter((pattern) => pattern.startsWith('/backoffice/')).flatMap(addresses)) {
    assert.equal((await bob.get(path)).status, 403, path);
    assert.ok([403, 413].includes((await bob.post(path, { name: 'x', role: 'administrator', confirm_password: PASSWORD })).status), path);
    assert.equal((await new Visitor(server).get(path)).status, 303, path);
  }
  assert.deepEqual((await state(ada)).slice(1), before.slice(1));
});

test('sessions and keys of others are out of reach', async () => {
  const ada = new Visitor(server);
  const bob = new Visitor(server);
  await ada.signIn('ada');
  await ada.post('/account/keys', { name: 'mine' });
  const key = /name="key" value="(\d+)"/.exec((await ada.get('/account/keys')).text)[1];
  const row = /name="row" value="(\d+)"/.exec((await ada.get('/account/sessions')).text)[1];
  await bob.signIn('bob');
  assert.equal((await bob.post('/account/keys/revoke', { key })).status, 404);
  assert.equal((await bob.post('/account/sessions/end', { row })).status, 404);
  assert.equal((await ada.get('/account')).status, 200);
  assert.match((await ada.get('/account/keys')).text, new RegExp(`name="key" value="${key}"`));
});

// ---- the password once more ----

test('who has not proved the password lately is asked by the answer, which keeps what was typed', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  await sleep(2100);
  const id = ada.cookies.get('sessionid');
  const typed = { name: 'Ada "Countess"', email: 'ada@example.org' };
  assert.equal((await ada.post('/account', { ...typed, email: '' })).status, 303, 'the name alone needs no proof');
  const asked = await ada.post('/account', typed);
  assert.equal(asked.status, 403);
  assert.match(asked.text, /name="email" value="ada@example.org"/);
  const wrong = await ada.post('/account', { ...typed, confirm_password: 'not the right one', csrfmiddlewaretoken: tokenIn(asked.text) },
    { token: null });
  assert.equal(wrong.status, 403);
  assert.doesNotMatch(wrong.text, /not the right one/);
  assert.match(wrong.text, /aria-invalid="true"/);
  assert.equal(ada.cookies.get('sessionid'), id);
  const done = await ada.post('/account', { ...typed, confirm_password: PASSWORD, csrfmiddlewaretoken: tokenIn(wrong.text) },
    { token: null });
  assert.equal(done.status, 303);
  assert.notEqual(ada.cookies.get('sessionid'), id, 'a proof gives a new id');
  const page = await ada.get('/account');
  assert.match(page.text, /value="ada@example.org"/);
  const stale = new Visitor(server);
  stale.cookies.set('sessionid', id);
  assert.equal((await stale.get('/account')).status, 303, 'the old id is dead');
});

test('the new id is not lost when the act itself fails', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  await sleep(2100);
  const failed = await ada.post('/account/keys/revoke', { key: 999999, confirm_password: PASSWORD });
  assert.equal(failed.status, 404);
  assert.equal(failed.set.filter((cookie) => cookie.name === 'sessionid').length, 1);
  assert.equal((await ada.get('/account/keys')).status, 200);
});

// ---- the back office ----

test('a cookie that another browser brings to the back office is worth nothing, there and elsewhere', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const thief = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0' } };
  assert.equal((await ada.get('/backoffice/users')).status, 200);
  const answer = await ada.get('/backoffice/users', thief);
  assert.equal(answer.status, 303);
  assert.match(answer.location, /^\/account\/sign-in/);
  assert.equal(ada.cookies.has('sessionid'), false);
});

test('with second-factor the back office opens only with one', async () => {
  const strict = await serve(data, ['--second-factor', 'editor']);
  const ada = new Visitor(strict);
  await ada.signIn('ada');
  for (const path of ['/backoffice', '/backoffice/users', '/backoffice/users/new']) {
    const answer = await ada.get(path);
    assert.equal(answer.status, 303, path);
    assert.equal(answer.location, '/account/second-factor');
  }
  assert.match((await ada.get('/account/second-factor')).text, /needs a second factor/);
  const refused = await ada.post('/backoffice/groups/new', { name: 'mine' });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /needs a second factor/);
  const bob = new Visitor(strict);
  await bob.signIn('bob');
  assert.equal((await bob.get('/backoffice')).status, 200, 'readers have nothing to lose there');
});

// ---- races ----

test('of several uses of one link at once one succeeds', async () => {
  const path = /\/account\/link\/\S+/.exec(run(['user', 'add', 'racer', '--data', data]).stdout)[0];
  const visitors = await Promise.all([1, 2, 3].map(async () => {
    const visitor = new Visitor(server);
    await visitor.get(path);
    return visitor;
  }));
  const answers = await Promise.all(visitors.map((visitor, i) => visitor.post(path, { password: `unlikely words number ${i}` })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [303, 404, 404]);
});

test('two administrators cannot disable each other at once', async () => {
  await makeUser(server, data, 'eve', ['--role', 'administrator']);
  const ada = new Visitor(server);
  const eve = new Visitor(server);
  await ada.signIn('ada');
  await eve.signIn('eve');
  const users = (await ada.get('/backoffice/users')).text;
  const idOf = (name) => new RegExp(`/backoffice/users/(\\d+)"[^]{0,40}${name}`).exec(users)[1];
  const answers = await Promise.all([ada.post(`/backoffice/users/${idOf('eve')}/disable`, {}),
    eve.post(`/backoffice/users/${idOf('ada')}/disable`, {})]);
  assert.equal(answers.filter((answer) => answer.status === 303 && /users/.test(answer.location)).length, 1,
    JSON.stringify(answers.map((answer) => answer.status)));
  run(['user', 'enable', 'ada', '--data', data]);
  run(['user', 'enable', 'eve', '--data', data]);
  assert.match(run(['user', 'list', '--data', data]).stdout, /^ada\tadministrator\tactive/m);
});

test('of two Authorization lines none is picked', async () => {
  for (const lines of [['Basic eDp5', 'Apikey bad'], ['Apikey bad', 'Basic eDp5'], ['Basic eDp5', 'Basic eDp5']]) {
    const request = ['GET /api/explore/v2.1/catalog/datasets HTTP/1.1', 'Host: a', 'Connection: close',
      ...lines.map((value) => `Authorization: ${value}`)].join('\r\n');
    const answer = await ask(server, `${request}\r\n\r\n`);
    assert.equal(answer.status, 400, lines.join(' and '));
  }
});

test('guesses at the same time are counted as those one after the other; the owner is not kept out', async () => {
  await makeUser(server, data, 'carol');
  const guess = async () => {
    const visitor = new Visitor(server);
    await visitor.get('/account/sign-in');
    return visitor.post('/account/sign-in', { username: 'carol', password: 'a guess of a stranger' },
      { headers: { 'user-agent': 'stranger' } });
  };
  const answers = await Promise.all(Array.from({ length: 10 }, guess));
  for (const answer of answers) assert.equal(answer.status, 401);
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const refused = (await ada.get('/backoffice/audit.csv')).text.split('\n').filter((line) => /sign_in\.refused/.test(line) && /carol/.test(line));
  assert.ok(refused.length >= 3 && refused.length <= 5, `${refused.length} of 10 were tried`);
  assert.equal((await new Visitor(server).signIn('carol')).status, 303, 'from a browser that signed in before');
});

test('a flood of sign-ins is bounded, and holds up neither pages nor the API', async () => {
  const visitor = new Visitor(server);
  await visitor.get('/account/sign-in');
  const began = performance.now();
  let flowing = true;
  const flood = Promise.all(Array.from({ length: 80 }, (_, i) =>
    visitor.post('/account/sign-in', { username: `nobody ${i}`, password: 'whatever it may be' })))
    .finally(() => { flowing = false; });
  const waits = [];
  while (flowing) {
    const from = performance.now();
    await (await server.get(`${API}/numbers/records?limit=1&where=n>${-waits.length}`)).text();
    await (await server.get('/cookies')).text();
    waits.push(performance.now() - from);
    await sleep(20);
  }
  const statuses = (await flood).map((answer) => answer.status);
  assert.ok(statuses.every((status) => status === 401 || status === 503), String(statuses));
  assert.ok(statuses.filter((status) => status === 401).length >= 30);
  assert.ok(statuses.includes(503));
  const all = performance.now() - began;
  assert.ok(Math.max(...waits) < all / 2, `an answer of the API took ${Math.max(...waits)} ms of ${all}`);
  assert.equal(await metric(server, 'parvis_queue_heavy'), 0);
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]);
  assert.ok(peak < 600 * 1024, `${peak} KB`);
});

// ---- what every answer says ----

test('each class of answer has the headers that browsers need to be careful', async () => {
  const etag = (await ask(server, request('GET', `${API}/numbers/records`))).header('ETag');
  const html = { Accept: 'text/html' };
  const style = /\/static\/[^"]+\.css/.exec((await ask(server, request('GET', '/', html))).body.toString())[0];
  const cases = [['GET', '/', html], ['HEAD', '/', html], ['GET', API], ['HEAD', API], ['OPTIONS', API], ['OPTIONS', '/account'],
    ['GET', `${API}/numbers/records`, { 'If-None-Match': etag }], ['GET', `${API}/numbers/exports/csv`], ['GET', `${API}/absent`],
    ['GET', `${API}/numbers/records?where=((`], ['GET', style], ['GET', '/favicon.ico'], ['GET', '/static/absent.css'],
    ['GET', '/healthz'], ['GET', '/metrics'], ['GET', '/nowhere', html], ['GET', '/nowhere'], ['GET', '/account', html],
    ['POST', '/account/sign-in', { 'Content-Length': 0 }], ['POST', '/', { 'Content-Length': 0 }], ['BREW', '/'],
    ['GET', '/.well-known/cookies.json'], ['GET', '/.well-known/gpc.json'], ['GET', '/cookies/receipt', html],
    ['GET', '/account/link/none', html], ['GET', `/${'x'.repeat(20000)}`],
    ['POST', '/account/sign-in', { 'Content-Length': 99999999 }], ['GET', '/%ff', html], ['GET', API, { Authorization: 'Apikey no' }],
    ['GET', '/account/sign-in', html]];
  for (const [method, path, headers] of cases) {
    const answer = await ask(server, request(method, path, headers));
    const what = `${method} ${path.slice(0, 60)}`;
    assert.equal(answer.header('X-Content-Type-Options'), 'nosniff', what);
    assert.match(answer.header('Content-Security-Policy') ?? '', /frame-ancestors/, what);
    assert.ok(answer.header('Referrer-Policy'), what);
    assert.ok(answer.header('Cross-Origin-Resource-Policy'), what);
    if (/^text\/html/.test(answer.header('Content-Type') ?? '')) {
      assert.equal(answer.header('Cross-Origin-Opener-Policy'), 'same-origin', what);
      assert.equal(answer.header('X-Frame-Options'), 'DENY', what);
    }
    if (/public/.test(answer.header('Cache-Control') ?? '')) assert.equal(answer.header('Set-Cookie'), undefined, what);
  }
});

test('HSTS is on every answer of a portal that is reached over HTTPS', async () => {
  const secure = await serve(data, ['--public-url', 'https://portal.example']);
  const style = /\/static\/[^"]+\.css/.exec((await ask(secure, request('GET', '/', { Accept: 'text/html' }))).body.toString())[0];
  for (const [method, path] of [['GET', '/'], ['GET', API], ['OPTIONS', API], ['OPTIONS', '/account'], ['GET', style],
    ['GET', '/favicon.ico'], ['GET', '/healthz'], ['GET', '/metrics'], ['GET', '/.well-known/gpc.json'], ['BREW', '/'],
    ['GET', `/${'x'.repeat(20000)}`], ['GET', '/account/link/none']]) {
    const answer = await ask(secure, request(method, path));
    assert.equal(answer.header('Strict-Transport-Security'), 'max-age=63072000; includeSubDomains', `${method} ${path.slice(0, 60)}`);
  }
});

test('the address of a one-time link goes to nobody as a referrer, and its form works', async () => {
  const path = /\/account\/link\/\S+/.exec(run(['user', 'add', 'linus', '--data', data]).stdout)[0];
  const visitor = new Visitor(server);
  assert.equal((await visitor.get(path)).headers.get('referrer-policy'), 'strict-origin');
  const headers = { origin: server.portal, referer: `${server.portal}/` };
  const short = await visitor.post(path, { password: 'short' }, { headers });
  assert.equal(short.status, 422);
  assert.equal(short.headers.get('referrer-policy'), 'strict-origin');
  const done = await visitor.post(path, { password: PASSWORD }, { headers });
  assert.equal(done.status, 303);
  assert.equal(done.headers.get('referrer-policy'), 'strict-origin');
  assert.equal((await visitor.get('/account/sign-in')).headers.get('referrer-policy'), 'same-origin');
});

test('an API key is seen however it is written, and a bad one is never passed over', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const cookie = `sessionid=${ada.cookies.get('sessionid')}`;
  for (const headers of [{ Authorization: 'Apikey no' }, { Authorization: 'APIKEY no' }, { Authorization: 'Apikey' },
    { Authorization: 'Apikey\tno' }, { Authorization: 'Apikey  no ' }, { Authorization: 'Bearer no' }]) {
    const answer = await ask(server, request('GET', API, { ...headers, Cookie: cookie }));
    assert.equal(answer.status, 401, JSON.stringify(headers));
    assert.equal(answer.header('Cache-Control'), 'private, no-store');
  }
  for (const query of ['apikey=no', '%61pikey=no', 'api%6bey=no', 'limit=1&apikey=no', 'apikey', 'apikey=no&apikey=', `apikey=${'0'.repeat(56)}`]) {
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await ask(server, request(method, `${API}?${query}`, { Cookie: cookie }))).status, 401, query);
    }
  }
});

test('what a known caller gets is kept by nobody, and no other site may use a session', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const made = await ada.post('/account/keys', { name: 'reader' });
  const key = /[0-9a-f]{56}/.exec(made.text)[0];
  for (const path of [API, `${API}/numbers/records`, `${API}/absent`, `${API}/numbers/exports/csv`]) {
    const session = await ada.get(path, { headers: { accept: '*/*' } });
    assert.equal(session.headers.get('cache-control'), 'private, no-store', path);
    assert.equal(session.headers.get('access-control-allow-origin'), null, path);
    assert.equal(session.headers.get('cross-origin-resource-policy'), 'same-origin', path);
    for (const [where, headers] of [[path, { authorization: `Apikey ${key}` }], [`${path}?apikey=${key}`, {}]]) {
      const keyed = await new Visitor(server).get(where, { headers });
      assert.equal(keyed.headers.get('cache-control'), 'private, no-store', where);
      assert.equal(keyed.headers.get('access-control-allow-origin'), '*');
    }
    const anybody = await new Visitor(server).get(path);
    assert.equal(anybody.headers.get('cache-control'), 'no-cache', path);
    assert.equal(anybody.headers.get('access-control-allow-origin'), '*');
  }
  for (const path of ['/', '/cookies', '/cookies/policy']) {
    const page = await new Visitor(server).get(path, { headers: { authorization: `Apikey ${key}` } });
    assert.equal(page.headers.get('cache-control'), 'no-store', path);
    assert.equal(page.headers.get('etag'), null, path);
  }
  assert.equal(server.errors.includes(key), false, 'no key stands in the log');
});

test('over HTTPS cookies are Secure, and a form must say where it comes from', async () => {
  const secure = await serve(data, ['--public-url', 'https://portal.example', '--trusted-origin', 'https://*.friend.example']);
  const send = async (headers) => {
    const visitor = new Visitor(secure);
    const page = await visitor.get('/account/sign-in');
    assert.equal(page.set[0].attributes.secure, true);
    return visitor.post('/account/sign-in', { username: 'bob', password: PASSWORD }, { headers });
  };
  for (const headers of [{}, { referer: 'http://portal.example/' }, { referer: 'https://evil.example/https://portal.example/' },
    { referer: 'https://portal.example.evil.example/' }, { referer: 'https://portal.example@evil.example/' }, { referer: 'https://evilfriend.example/' },
    { referer: 'nonsense' }, { origin: 'http://portal.example' }, { origin: 'https://portal.example:8443' }, { origin: 'null' },
    { origin: 'https://friend.example.evil.example' }, { origin: 'https://evil.example', referer: 'https://portal.example/' }]) {
    assert.equal((await send(headers)).status, 403, JSON.stringify(headers));
  }
  for (const headers of [{ referer: 'https://portal.example/account/sign-in' }, { origin: 'https://portal.example' },
    { origin: 'https://friend.example' }, { referer: 'https://www.friend.example/form' }]) {
    const answer = await send(headers);
    assert.equal(answer.status, 303, JSON.stringify(headers));
    assert.ok(answer.set.every((cookie) => cookie.attributes.secure === true && cookie.attributes.domain === undefined));
  }
});

// ---- files ----

test('only the owner may read the catalogue and the secrets, also where they were open before', embedded('modes of its files'), async () => {
  const wide = (folder) => readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name.startsWith('catalogue') || entry.name === 'secrets')
    .map((entry) => [entry.name, statSync(join(folder, entry.name)).mode & 0o077]);
  assert.ok(wide(data).length >= 2);
  for (const [name, bits] of wide(data)) assert.equal(bits, 0, name);
  assert.equal(statSync(join(data, 'secrets', 'master')).mode & 0o777, 0o600);
});
