// Sessions, CSRF tokens and what refuses them, over HTTP (cookies-and-privacy.md 1.1 to 1.5, 7.1 to 7.3).
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, PASSWORD, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 5);
const server = await serve(data, ['--access-log', 'on', '--explain-cookies', 'on']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');

const DAY = 86400;
const tokenOf = (text) => /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(text)?.[1];

test('an anonymous visit of pages and API sets no cookie', async () => {
  const visitor = new Visitor(server);
  for (const path of ['/', '/cookies', '/cookies/policy', API, `${API}/numbers/records`, '/nowhere', '/healthz']) {
    const answer = await visitor.get(path);
    assert.deepEqual(answer.set, [], path);
  }
});

test('csrftoken is set by pages with a form only, with Django\'s attributes', async () => {
  const visitor = new Visitor(server);
  const page = await visitor.get('/account/sign-in');
  assert.equal(page.set.length, 1);
  const [cookie] = page.set;
  assert.equal(cookie.name, 'csrftoken');
  assert.match(cookie.value, /^[a-zA-Z0-9]{32}$/);
  assert.equal(cookie.attributes['max-age'], '31449600');
  assert.equal(cookie.attributes.path, '/');
  assert.equal(cookie.attributes.samesite, 'Lax');
  assert.equal(cookie.attributes.httponly, undefined);
  assert.equal(cookie.attributes.domain, undefined);
  const expires = Date.parse(cookie.attributes.expires) - Date.now();
  assert.ok(Math.abs(expires / 1000 - 364 * DAY) < 60);
  assert.match(tokenOf(page.text), /^[a-zA-Z0-9]{64}$/);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.match(page.headers.get('vary'), /Cookie/);
  const again = await visitor.get('/account/sign-in');
  assert.equal(again.set[0].value, cookie.value, 'the secret stays, the expiry is fresh');
  assert.notEqual(tokenOf(again.text), tokenOf(page.text), 'each token has a mask of its own');
});

test('a script written for a Django site signs in and reads with its session', async () => {
  const visitor = new Visitor(server);
  const answer = await visitor.signIn('ada');
  assert.equal(answer.status, 303);
  assert.equal(answer.location, '/account');
  const session = answer.set.find((cookie) => cookie.name === 'sessionid');
  assert.match(session.value, /^[a-z0-9]{32}$/);
  assert.equal(session.attributes.httponly, true);
  assert.equal(session.attributes.samesite, 'Lax');
  assert.equal(session.attributes.path, '/');
  assert.equal(session.attributes['max-age'], undefined, 'without "stay signed in" it ends with the browser');
  const page = await visitor.get('/account');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  const api = await visitor.get(`${API}/numbers/records`);
  assert.equal(api.status, 200);
  assert.deepEqual(api.set, []);
  assert.match(api.headers.get('cache-control'), /private/);
});

test('staying signed in sets a cookie of 14 days', async () => {
  const visitor = new Visitor(server);
  const answer = await visitor.signIn('ada', PASSWORD, { remember: '1' });
  const session = answer.set.find((cookie) => cookie.name === 'sessionid');
  assert.equal(session.attributes['max-age'], String(14 * DAY));
});

test('each sign-in has a new session id and a new token, and ends the session before', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  const first = new Map(visitor.cookies);
  await visitor.get('/account');
  await visitor.post('/account/sign-in', { username: 'ada', password: PASSWORD });
  assert.notEqual(visitor.cookies.get('sessionid'), first.get('sessionid'));
  assert.notEqual(visitor.cookies.get('csrftoken'), first.get('csrftoken'));
  const old = new Visitor(server);
  old.cookies = first;
  assert.equal((await old.get('/account')).status, 303);
});

test('an id that the client made up is never adopted', async () => {
  for (const id of ['abcdefghijklmnopqrstuvwxyz012345', 'short', 'x'.repeat(5000), '../../etc', '%00', '']) {
    const visitor = new Visitor(server);
    visitor.cookies.set('sessionid', id);
    const page = await visitor.get('/');
    assert.equal(page.status, 200);
    const answer = await visitor.signIn('ada');
    assert.equal(answer.status, 303);
    assert.notEqual(visitor.cookies.get('sessionid'), id);
  }
});

test('a stale session cookie is deleted by the next page', async () => {
  const visitor = new Visitor(server);
  visitor.cookies.set('sessionid', 'abcdefghijklmnopqrstuvwxyz012345');
  const page = await visitor.get('/');
  const [cookie] = page.set;
  assert.equal(cookie.name, 'sessionid');
  assert.equal(cookie.value, '');
  assert.equal(cookie.attributes['max-age'], '0');
  assert.equal(cookie.attributes.path, '/');
  assert.equal(cookie.attributes.expires, 'Thu, 01 Jan 1970 00:00:00 GMT');
});

test('two sessions of one name are refused, and the cookie is deleted', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  const id = visitor.cookies.get('sessionid');
  const cookie = `sessionid=${id}; sessionid=abcdefghijklmnopqrstuvwxyz012345`;
  const page = await visitor.get('/account', { cookies: false, headers: { cookie } });
  assert.equal(page.status, 303);
  assert.equal(page.set[0]?.name, 'sessionid');
  const same = await visitor.send('GET', '/account', { cookies: false,
    headers: { cookie: `sessionid=${id}; sessionid=${id}` } });
  assert.equal(same.status, 200, 'the same value twice is no conflict');
});

test('sign-out wants a POST, ends the session, and leaves the language', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  visitor.cookies.set('django_language', 'fr');
  assert.equal((await visitor.get('/account/sign-out')).status, 405);
  const id = visitor.cookies.get('sessionid');
  const token = visitor.cookies.get('csrftoken');
  const answer = await visitor.post('/account/sign-out', {});
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get('clear-site-data'), '"cache", "storage"');
  assert.equal(visitor.cookies.has('sessionid'), false);
  assert.equal(visitor.cookies.get('django_language'), 'fr');
  assert.notEqual(visitor.cookies.get('csrftoken'), token);
  visitor.cookies.set('sessionid', id);
  assert.equal((await visitor.get('/account')).status, 303, 'the id is dead');
});

test('unknown user, wrong password and inactive user get the same answer', async () => {
  await makeUser(server, data, 'inactive');
  assert.equal(run(['user', 'disable', 'inactive', '--data', data]).status, 0);
  const answers = [];
  for (const [name, password] of [['nobody', PASSWORD], ['bob', 'wrong password of bob'], ['inactive', PASSWORD]]) {
    const visitor = new Visitor(server);
    const answer = await visitor.signIn(name, password);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.set.map((cookie) => cookie.name), ['csrftoken']);
    answers.push(answer.text.replaceAll(tokenOf(answer.text), '').replaceAll(name, '')
      .replaceAll(/nonce="[^"]*"/g, ''));
  }
  assert.equal(answers[0], answers[1]);
  assert.equal(answers[0], answers[2]);
});

// ---- CSRF ----

const fresh = async () => {
  const visitor = new Visitor(server);
  const page = await visitor.get('/account/sign-in');
  return { visitor, secret: visitor.cookies.get('csrftoken'), masked: tokenOf(page.text) };
};
const attempt = { username: 'bob', password: 'not the right one' };

test('token plain or masked, in the field or the header, is accepted; the cookie may be masked too', async () => {
  for (const cookieIsMasked of [false, true]) {
    for (const tokenIsMasked of [false, true]) {
      for (const place of ['field', 'header']) {
        const { visitor, secret, masked } = await fresh();
        visitor.cookies.set('csrftoken', cookieIsMasked ? masked : secret);
        const token = tokenIsMasked ? masked : secret;
        const answer = place === 'field'
          ? await visitor.post('/account/forgotten', { username: 'x', csrfmiddlewaretoken: token }, { token: null })
          : await visitor.post('/account/forgotten', { username: 'x' }, { token });
        assert.equal(answer.status, 200, `${cookieIsMasked} ${tokenIsMasked} ${place}`);
      }
    }
  }
});

const refusals = [
  ['cookie-missing', async (v) => { v.cookies.delete('csrftoken'); return {}; }],
  ['cookie-bad-length', async (v) => { v.cookies.set('csrftoken', 'short'); return {}; }],
  ['cookie-bad-chars', async (v) => { v.cookies.set('csrftoken', '!'.repeat(32)); return {}; }],
  ['token-missing', async () => ({ token: null })],
  ['token-bad-length', async () => ({ token: 'short' })],
  ['token-bad-chars', async () => ({ token: '*'.repeat(64) })],
  ['token-mismatch', async () => ({ token: 'a'.repeat(32) })],
  ['origin-mismatch', async () => ({ headers: { origin: 'https://elsewhere.example' } })],
  ['origin-mismatch', async () => ({ headers: { origin: 'null' } })],
  ['origin-mismatch', async () => ({ headers: { origin: server.portal.replace('http:', 'https:') } })],
  ['cross-site', async () => ({ headers: { 'sec-fetch-site': 'cross-site' } })],
  ['cross-site', async () => ({ headers: { 'sec-fetch-site': 'same-site' } })],
];
for (const [reason, spoil] of refusals) {
  test(`a form is refused: ${reason}`, async () => {
    const { visitor } = await fresh();
    const answer = await visitor.post('/account/sign-in', attempt, await spoil(visitor));
    assert.equal(answer.status, 403);
    assert.match(answer.text, new RegExp(`\\b${reason}\\b`));
    assert.deepEqual(answer.set, [], 'the refusal sets no cookie');
    assert.match(server.errors, new RegExp(reason));
  });
}

test('a wrong field is not rescued by a right header, an empty one is', async () => {
  const { visitor, secret } = await fresh();
  const wrong = await visitor.post('/account/forgotten', { username: 'x', csrfmiddlewaretoken: 'a'.repeat(32) });
  assert.equal(wrong.status, 403);
  const empty = await visitor.post('/account/forgotten', { username: 'x', csrfmiddlewaretoken: '' }, { token: secret });
  assert.equal(empty.status, 200);
});

test('the right Origin is enough beside the token', async () => {
  const { visitor } = await fresh();
  const answer = await visitor.post('/account/forgotten', { username: 'x' },
    { headers: { origin: server.portal, 'sec-fetch-site': 'same-origin', referer: 'https://ignored.example/' } });
  assert.equal(answer.status, 200);
});

test('multipart forms carry the token as well', async () => {
  const { visitor, masked } = await fresh();
  const body = new FormData();
  body.set('username', 'x');
  body.set('csrfmiddlewaretoken', masked);
  const answer = await visitor.send('POST', '/account/forgotten', { body });
  assert.equal(answer.status, 200);
});

test('a signed-in visitor\'s token is bound to the session', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  const planted = 'b'.repeat(32);
  visitor.cookies.set('csrftoken', planted);
  const answer = await visitor.post('/account', { name: 'x', email: '' }, { token: planted });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /cookie-unbound/);
});

test('a form with an old token keeps what was typed, and one click sends it', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  const old = visitor.cookies.get('csrftoken');
  await visitor.post('/account/sign-in', { username: 'ada', password: PASSWORD });
  const typed = { name: 'Ada <King> of "Lovelace"', email: 'ada@example.org' };
  const refused = await visitor.post('/account', { ...typed, csrfmiddlewaretoken: old, password: 'secret thing' },
    { headers: { origin: server.portal } });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /Ada &lt;King&gt; of &quot;Lovelace&quot;/);
  assert.doesNotMatch(refused.text, /secret thing/);
  const again = await visitor.post('/account', { ...typed, csrfmiddlewaretoken: tokenOf(refused.text.slice(refused.text.indexOf('class="problem"'))) },
    { token: null, headers: { origin: server.portal } });
  assert.equal(again.status, 303);
});

test('what another site made somebody send is never one click from being done', async () => {
  const visitor = new Visitor(server);
  await visitor.signIn('ada');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}]) {
    const answer = await visitor.post('/account', { name: 'Mallory' }, { token: null, headers });
    assert.equal(answer.status, 403);
    assert.doesNotMatch(answer.text, /Mallory/);
  }
});

test('sign-in leads only to our own pages', async () => {
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)',
    '\\\\evil.example', 'http:///evil.example', ' //evil.example', '\u0008//evil.example', 'http://[::1',
    `${server.portal}@evil.example/`]) {
    const visitor = new Visitor(server);
    const answer = await visitor.signIn('ada', PASSWORD, { next });
    assert.equal(answer.status, 303);
    assert.match(answer.location, /^\/(?![/\\])/, next);
    assert.doesNotMatch(answer.location, /evil/, next);
  }
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn('ada', PASSWORD, { next: '/account/keys?x=http://example.com' })).location,
    '/account/keys?x=http://example.com');
});

test('a sign-in from a browser that was not known is told to the other sessions, once', async () => {
  const [first, second] = [new Visitor(server), new Visitor(server)];
  await first.signIn('bob');
  await first.get('/account');
  await second.get('/account/sign-in', { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' } });
  await second.post('/account/sign-in', { username: 'bob', password: PASSWORD },
    { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' } });
  assert.doesNotMatch((await second.get('/account')).text, /browser that was not known/);
  assert.match((await first.get('/account')).text, /browser that was not known/);
  assert.doesNotMatch((await first.get('/account')).text, /browser that was not known/);
});

test('the log holds no session id, token, password or one-time link', async () => {
  const visitor = new Visitor(server);
  const made = run(['user', 'add', 'carol', '--data', data]);
  const path = /\/account\/link\/\S+/.exec(made.stdout)[0];
  await visitor.get(path);
  await visitor.get(`${path}/more`);
  await visitor.post(path, { password: PASSWORD });
  await visitor.signIn('carol');
  await visitor.get('/account');
  for (const secret of [path, path.split('/').at(-1), PASSWORD, visitor.cookies.get('sessionid'),
    visitor.cookies.get('csrftoken')]) {
    assert.equal(server.errors.includes(secret), false);
  }
  assert.match(server.errors, /"path": "\/account\/link\/\{\}"/);
});

test('a second factor with a strange secret or a long name is answered', async () => {
  const name = 'é'.repeat(150);
  await makeUser(server, data, name);
  const visitor = new Visitor(server);
  assert.equal((await visitor.signIn(name)).status, 303);
  const page = await visitor.get('/account/second-factor');
  assert.equal(page.status, 200);
  assert.match(page.text, /<svg /, 'an app can read it all the same');
  for (const secret of ['', 'A'.repeat(5000), 'not base32', '<b>']) {
    const answer = await visitor.post('/account/second-factor', { secret, code: '123456' });
    assert.equal(answer.status, 422, secret);
    assert.match(answer.text, /<svg /);
    assert.doesNotMatch(answer.text, /A{5000}|not base32|<b>/, 'it offers a secret of its own');
  }
  assert.equal((await server.get('/healthz')).status, 200);
});
