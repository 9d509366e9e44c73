// Saying no (cookies-and-privacy.md 2.5, 3.2, 3.6, 3.8): withdrawal empties what a service's script kept under our
// name, in the same answer; signals of the browser; what nobody proves to have asked for.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { request as httpRequest } from 'node:http';
import test from 'node:test';
import { ask, publish, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, setCookieLines, Visitor } from './visitor.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 3);
const cookie = (name, more = {}) => ({ name, lifetime: '13 months', purpose: { en: 'Tells visits apart.' }, ...more });
const counter = {
  id: 'counter', name: 'Example Counter', provider: 'Counter Ltd', location: 'Iceland', policy_url: 'https://counter.example.org/privacy',
  purpose: 'statistical', description: { en: 'Counts visits.' }, hosts: [{ origin: 'https://counter.example.org', loads: ['script', 'connect', 'frame'] }],
  script: 'https://counter.example.org/c.js', embeds: [{ id: 'chart', address: 'https://counter.example.org/chart', title: { en: 'Chart' }, on_home: true }],
  cookies: [cookie('cnt_*', { party: 'first' }), cookie('cntpart', { party: 'first', path: '/cookies', domain: 'example.org' }), cookie('elsewhere')],
};
const map = {
  id: 'map', name: 'Example Map', provider: 'Map Inc', location: 'Norway', policy_url: 'https://map.example.net/privacy', purpose: 'content',
  description: { en: 'Shows a map.' }, hosts: [{ origin: 'https://map.example.net', loads: ['frame', 'script'] }],
  script: 'https://map.example.net/m.js', cookies: [cookie('map_view', { party: 'first' })],
};
const add = (service) => run(['service', 'add', '-', '--data', data], { input: JSON.stringify(service) });
for (const service of [counter, map]) assert.equal(add(service).status, 0, add(service).stderr);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const origin = { origin: server.portal };
const names = (answer) => answer.set.map(({ name }) => name);

function choose(visitor, fields, headers = {}) {
  return visitor.post('/cookies', fields, { token: undefined, headers: { ...origin, ...headers } });
}

/** A visitor who accepted all, and whose browser then kept what the scripts wrote. */
async function visitorWithCookies() {
  const visitor = new Visitor(server);
  assert.deepEqual(names(await choose(visitor, { choice: 'accept' })), ['cookies_preferences']);
  for (const name of ['cnt_id', 'cnt_visit', 'cntpart', 'elsewhere', 'map_view', 'stranger']) visitor.cookies.set(name, 'x"y');
  return visitor;
}

const deletion = (answer, name) => answer.set.find((one) => one.name === name)?.attributes;

test('withdrawal deletes declared cookies of the portal\'s name in the same answer, each at its place', async () => {
  const visitor = await visitorWithCookies();
  const answer = await choose(visitor, { choice: 'refuse' });
  assert.equal(answer.status, 303);
  assert.deepEqual(names(answer).sort(), ['cnt_id', 'cnt_visit', 'cntpart', 'cookies_preferences', 'map_view']);
  for (const [name, path, domain] of [['cnt_id', '/', undefined], ['cnt_visit', '/', undefined], ['cntpart', '/cookies', 'example.org'], ['map_view', '/', undefined]]) {
    const attributes = deletion(answer, name);
    assert.deepEqual([attributes['max-age'], attributes.path, attributes.domain], ['0', path, domain], name);
  }
  assert.equal(answer.headers.get('clear-site-data'), '"storage"', 'what scripts kept beside cookies');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.deepEqual([...visitor.cookies.keys()].sort(), ['cookies_preferences', 'elsewhere', 'stranger'], 'those of others are not ours to delete');
  const page = await visitor.get('/');
  assert.doesNotMatch(page.text, /<iframe|counter\.example\.org\/c\.js/);
  assert.doesNotMatch(page.headers.get('content-security-policy'), /example\.(org|net)/);
});

test('what stays accepted keeps its cookies', async () => {
  const visitor = await visitorWithCookies();
  const answer = await choose(visitor, { choice: 'save', service: 'map' });
  assert.deepEqual(names(answer).sort(), ['cnt_id', 'cnt_visit', 'cntpart', 'cookies_preferences']);
  assert.ok(visitor.cookies.has('map_view'));
  const again = await choose(await visitorWithCookies(), { choice: 'accept' });
  assert.deepEqual(names(again), ['cookies_preferences']);
  assert.equal(again.headers.get('clear-site-data'), null);
  const refusedTwice = new Visitor(server);
  await choose(refusedTwice, { choice: 'refuse' });
  assert.equal((await choose(refusedTwice, { choice: 'refuse' })).headers.get('clear-site-data'), null, 'no script ran');
});

test('deleting everything deletes them too', async () => {
  const visitor = await visitorWithCookies();
  const answer = await visitor.post('/cookies/delete', {}, { headers: origin });
  assert.deepEqual(names(answer).sort(), ['cnt_id', 'cnt_visit', 'cntpart', 'cookies_preferences', 'csrftoken', 'django_language',
    'map_view', 'sessionid']);
});

test('hostile names are neither deleted nor a way into the answer', async () => {
  const visitor = new Visitor(server);
  await choose(visitor, { choice: 'accept' });
  const host = new URL(server.portal).host;
  const answer = await ask(server, [`POST /cookies HTTP/1.1`, `Host: ${host}`, `Origin: ${server.portal}`, 'Accept: text/html',
    'Cookie: cnt_a b=1; cnt_<x>=1; cnt_=1; cnt_\xe9=1; cnt_a=b=c; cnt_a=2', 'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 13', 'Connection: close', '', 'choice=refuse'].join('\r\n'));
  assert.equal(answer.status, 303);
  const lines = answer.head.split('\r\n').filter((line) => /^set-cookie:/i.test(line)).map((line) => line.split(' ')[1].split('=')[0]);
  assert.deepEqual(lines.sort(), ['cnt_', 'cnt_a', 'cookies_preferences']);
});

test('declared cookies of a script are no strangers: not counted, and named with their service', async () => {
  const visitor = await visitorWithCookies();
  const page = await visitor.get('/cookies/browser');
  assert.match(page.text, /cnt_id<\/[a-z]+> – of Example Counter/);
  assert.match(page.text, /stranger<\/[a-z]+> – not from this portal/);
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const office = await ada.get('/backoffice/cookies');
  assert.match(office.text, />stranger</);
  assert.match(office.text, />elsewhere</, 'one that should be with another host is a stranger here');
  assert.doesNotMatch(office.text, /cnt_|map_view|x&quot;y|x"y/, 'no declared name, and no value at all');
});

test('names of strangers are bounded, cut and without markup', async () => {
  for (let i = 0; i < 8; i += 1) {
    const many = Array.from({ length: 60 }, (_, k) => `s${i}-${k}${'n'.repeat(i === 0 ? 90 : 0)}=secret-value`).join('; ');
    await server.get('/', { headers: { accept: 'text/html', cookie: `${many}; <b>bold</b>=secret-value` } });
  }
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const { text } = await ada.get('/backoffice/cookies');
  const rows = [...text.split('</table>')[0].matchAll(/<th scope="row"[^>]*>(?:<[^>]*>)?([^<]*)</g)].map((found) => found[1]);
  assert.ok(rows.length > 100 && rows.length <= 201, text.slice(text.indexOf('<main')));
  assert.ok(rows.every((name) => name.length <= 64 && /^[\w!#$%'*+.^`|~?()&;-]+$/.test(name)), rows.find((name) => name.length > 64));
  assert.doesNotMatch(text, /secret-value|<b>bold/);
});

test('a declaration says where such a cookie is, or is refused with its place', async () => {
  const rows = [
    [cookie('a', { party: 'second' }), 'cookies[0].party'], [cookie('a', { party: 1 }), 'cookies[0].party'],
    [cookie('a', { path: '/' }), 'cookies[0].path'], [cookie('a', { domain: 'example.org' }), 'cookies[0].domain'],
    [cookie('a b', { party: 'first' }), 'cookies[0].name'], [cookie('*', { party: 'first' }), 'cookies[0].name'],
    [cookie('a*b', { party: 'first' }), 'cookies[0].name'], [cookie('a;b', { party: 'first' }), 'cookies[0].name'],
    [cookie('sessionid', { party: 'first' }), 'cookies[0].name'], [cookie('sess*', { party: 'first' }), 'cookies[0].name'],
    [cookie('a', { party: 'first', path: 'x' }), 'cookies[0].path'], [cookie('a', { party: 'first', path: '/;x' }), 'cookies[0].path'],
    [cookie('a', { party: 'first', domain: '.example.org' }), 'cookies[0].domain'],
    [cookie('a', { party: 'first', domain: 'Example.org' }), 'cookies[0].domain'],
    [cookie('a', { party: 'first', domain: 'example.org:80' }), 'cookies[0].domain'],
  ];
  for (const [bad, place] of rows) {
    const answer = add({ ...map, id: 'bad', cookies: [bad] });
    assert.equal(answer.status, 3, JSON.stringify(bad));
    assert.ok(answer.stderr.includes(`service: ${place}: `), `${place}: ${answer.stderr}`);
  }
});

test('a script that is declared no more leaves cookies behind, and they are deleted all the same', async () => {
  const { script, ...without } = map;
  assert.equal(add(without).status, 0);
  while ((await (await server.get('/.well-known/cookies.json')).json()).services.some((one) => one.id === 'map' && one.script));
  const answer = await choose(await visitorWithCookies(), { choice: 'save', service: 'counter' });
  assert.deepEqual(names(answer).sort(), ['cookies_preferences', 'map_view']);
});

test('Sec-GPC and DNT: any of several lines counts, nothing else does, and answers say that they vary', async () => {
  const host = new URL(server.portal).host;
  const home = async (lines) => ask(server, `GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n${lines.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`);
  for (const lines of [['Sec-GPC: 1'], ['sec-gpc: 1'], ['Sec-GPC: 0', 'Sec-GPC: 1'], ['Sec-GPC: 1', 'Sec-GPC: 0'], ['Sec-GPC: x', 'Sec-GPC: y', 'Sec-GPC:  1 '],
    ['DNT: 1'], ['DNT: 0', 'DNT: 1'], ['DNT: 1', 'Sec-GPC: 0']]) {
    const answer = await home(lines);
    assert.doesNotMatch(answer.body.toString(), /class="consent"/, lines.join());
    assert.equal(answer.header('Set-Cookie'), undefined);
    assert.match(answer.header('Vary'), /Sec-GPC, DNT/);
  }
  for (const lines of [[], ['Sec-GPC: 0'], ['Sec-GPC: 01'], ['Sec-GPC: 1, 1'], ['Sec-GPC: "1"'], ['Sec-GPC: ?1'], ['DNT: yes'], ['X-Sec-GPC: 1'], ['Sec-GPC: 1;q=1']]) {
    assert.match((await home(lines)).body.toString(), /class="consent"/, lines.join());
  }
});

test('two choices that differ are none; twice the same is one', async () => {
  const visitor = new Visitor(server);
  await choose(visitor, { choice: 'accept' });
  const yes = visitor.cookies.get('cookies_preferences');
  const no = (await choose(new Visitor(server), { choice: 'refuse' })).set[0].value;
  const home = async (header) => (await server.get('/', { headers: { accept: 'text/html', cookie: header } })).text();
  const pair = (one, two) => `cookies_preferences=${one}; cookies_preferences=${two}`;
  for (const header of [pair(yes, no), pair(no, yes), pair(yes, 'x')]) assert.doesNotMatch(await home(header), /<iframe/, header);
  assert.match(await home(pair(yes, yes)), /<iframe/);
});

test('the same page under another policy has another validator: nothing kept lets more in after a withdrawal', async () => {
  const visitor = new Visitor(server);
  await choose(visitor, { choice: 'accept' });
  const accepted = await visitor.get('/cookies/revisions');
  await choose(visitor, { choice: 'refuse' });
  const refused = await visitor.get('/cookies/revisions', { headers: { 'if-none-match': accepted.headers.get('etag') } });
  assert.equal(refused.status, 200);
  assert.notEqual(refused.headers.get('content-security-policy'), accepted.headers.get('content-security-policy'));
});

test('a browser that says nothing of where a form comes from is asked to confirm, with a token', async () => {
  for (const [path, fields] of [['/cookies', { choice: 'refuse', next: '/' }], ['/i18n/setlang/', { language: 'fr', next: '/' }]]) {
    const visitor = new Visitor(server);
    const asked = await visitor.post(path, fields, { token: undefined });
    assert.equal(asked.status, 200, 'a question, not a refusal');
    assert.match(asked.text, /Is this what you want/);
    assert.deepEqual(names(asked), ['csrftoken']);
    assert.equal(asked.headers.get('cache-control'), 'no-store');
    const inputs = Object.fromEntries([...asked.text.slice(asked.text.indexOf('class="problem"')).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]));
    assert.deepEqual({ ...inputs, csrfmiddlewaretoken: undefined }, { ...fields, csrfmiddlewaretoken: undefined });
    const done = await visitor.post(path, inputs, { token: undefined });
    assert.ok([302, 303].includes(done.status), `${path}: ${done.status}`);
    assert.equal(done.set.length, 1);
  }
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { accept: '*/*' }]) {
    const refused = await new Visitor(server).post('/cookies', { choice: 'accept' }, { token: undefined, headers });
    assert.equal(refused.status, 403);
    assert.deepEqual(refused.set, []);
    assert.doesNotMatch(refused.text, /Is this what you want/);
  }
});

/** Announces a body and sends none of it: who sends on may not see the refusal before the connection ends. */
function announceBody(path, bytes) {
  return new Promise((resolve, reject) => {
    const headers = { ...origin, accept: 'text/html', 'accept-language': 'fr', 'content-length': bytes };
    const request = httpRequest(new URL(path, server.portal), { method: 'POST', headers }, async (answer) => {
      let text = '';
      for await (const piece of answer) text += piece;
      resolve({ status: answer.statusCode, text, set: answer.headers['set-cookie'] ?? [], headers: new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])) });
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}

test('errors are pages: in the visitor\'s language, with the link to the choices, without a cookie', async () => {
  const send = (method, path, options = {}) => new Visitor(server).send(method, path, { ...options, headers: { 'accept-language': 'fr', ...options.headers } });
  const rows = [
    [404, await send('GET', '/nowhere')], [404, await send('GET', '/cookies/revisions/99')], [400, await send('GET', '/cookies?x=%ff')],
    [403, await send('POST', '/cookies', { body: 'choice=accept', headers: { origin: 'https://evil.example' } })],
    [400, await send('POST', '/cookies', { body: 'choice=nothing', headers: { ...origin, 'content-type': 'application/x-www-form-urlencoded' } })],
    [405, await send('PUT', '/cookies')], [405, await send('POST', '/cookies/policy', { headers: origin })], [405, await send('GET', '/cookies/delete')],
    [413, await announceBody('/cookies', 3 << 20)],
  ];
  for (const [status, answer] of rows) {
    assert.equal(answer.status, status, answer.text.slice(0, 200));
    assert.match(answer.text, /<html lang="fr"/, String(status));
    assert.match(answer.text, /<footer[\s\S]*<a href="\/cookies"/, String(status));
    assert.deepEqual(answer.set, [], String(status));
    assert.equal(answer.headers.get('cache-control'), 'no-store', String(status));
    assert.match(answer.headers.get('content-security-policy'), /^default-src 'self'; script-src 'self' 'nonce-/, String(status));
  }
  const program = await fetch(`${server.portal}/cookies`, { method: 'PUT' });
  assert.equal(program.status, 405);
  assert.match(program.headers.get('content-type'), /json/);
});

test('every answer has a policy, and a nonce is of one answer only', async () => {
  const policy = async (path, init) => (await server.get(path, { redirect: 'manual', ...init })).headers.get('content-security-policy');
  for (const path of ['/api/explore/v2.1/catalog/datasets', '/.well-known/gpc.json', '/account', '/favicon.svg', '/cookies/receipt?format=json', '/i18n/setlang/']) {
    assert.match(await policy(path), /^default-src '(none|self)'/, path);
    assert.match(await policy(path), /frame-ancestors 'none'/, path);
  }
  const nonces = await Promise.all(Array.from({ length: 20 }, async () => /'nonce-([A-Za-z0-9_-]{22})'/.exec(await policy('/cookies'))[1]));
  assert.equal(new Set(nonces).size, 20);
  const page = await (await server.get('/cookies')).text();
  assert.match(page, /nonce="[A-Za-z0-9_-]{22}"/);
  assert.doesNotMatch(await policy('/'), /nonce/, 'a page that is kept has none');
});

test('answers explain their cookies in test mode only', async () => {
  for (const path of ['/', '/account/sign-in', '/nowhere']) {
    assert.equal((await server.get(path)).headers.get('x-parvis-cookies'), null, path);
  }
  const explaining = await serve(data, ['--explain-cookies', 'on']);
  assert.match((await explaining.get('/')).headers.get('x-parvis-cookies'), /none set/);
  assert.match((await explaining.get('/account/sign-in')).headers.get('x-parvis-cookies'), /^csrftoken set: the page has a form/);
  const visitor = new Visitor(explaining);
  visitor.cookies.set('cnt_id', '1');
  const refused = await visitor.post('/cookies', { choice: 'refuse' }, { token: undefined, headers: { origin: explaining.portal } });
  assert.match(refused.headers.get('x-parvis-cookies'), /cookies_preferences set: the visitor chose; cnt_id deleted: its service is not accepted/);
});

test('every field of a receipt is signed', async () => {
  const visitor = new Visitor(server);
  await choose(visitor, { choice: 'save', service: 'map' });
  const { text } = await visitor.get('/cookies/receipt?format=json');
  const verify = (document) => run(['consent', 'verify', '-', '--data', data], { input: JSON.stringify(document) });
  assert.equal(verify(JSON.parse(text)).status, 0);
  assert.equal('id' in JSON.parse(text).receipt, false, 'a statement has no id');
  const paths = [];
  const collect = (value, path) => (value && typeof value === 'object'
    ? Object.entries(value).forEach(([key, inner]) => collect(inner, [...path, key])) : paths.push(path));
  collect(JSON.parse(text), []);
  assert.ok(paths.length > 25, String(paths.length));
  for (const path of paths) {
    const changed = JSON.parse(text);
    const holder = path.slice(0, -1).reduce((value, key) => value[key], changed);
    const last = path.at(-1);
    const was = holder[last];
    holder[last] = typeof was === 'boolean' ? !was : typeof was === 'number' ? was + 1 : `${was}x`;
    assert.equal(verify(changed).status, 3, path.join('.'));
    delete holder[last];
    assert.equal(verify(changed).status, 3, `without ${path.join('.')}`);
  }
  for (const personal of ['127.0.0.1', 'undici', 'node', 'sessionid']) assert.equal(text.includes(personal), false, personal);
});

test('a choice ends with its days, whatever the browser keeps', async () => {
  const short = await serve(data, ['--consent-days', '30']);
  const visitor = new Visitor(short);
  const answer = await visitor.post('/cookies', { choice: 'accept' }, { token: undefined, headers: { origin: short.portal } });
  assert.equal(answer.set[0].attributes['max-age'], '2592000');
  const [version, revision, purposes, services, day] = answer.set[0].value.split('.');
  for (const [age, isKept] of [[0, true], [30, true], [31, false]]) {
    visitor.cookies.set('cookies_preferences', [version, revision, purposes, services, day - age].join('.'));
    const page = await visitor.get('/');
    assert.equal(/class="consent"/.test(page.text), !isKept, `${age} days`);
    assert.equal(/<iframe/.test(page.text), isKept, `${age} days`);
    assert.deepEqual(page.set, []);
  }
  const refused = await visitor.post('/cookies', { choice: 'refuse' }, { token: undefined, headers: { origin: short.portal } });
  assert.equal(refused.set[0].attributes['max-age'], '2592000', 'a no lasts as long');
});

test('the banner leads back to the page with what was looked for', async () => {
  const home = await new Visitor(server).get('/?a=1&b=%22x');
  assert.match(home.text, /name="next" value="\/\?a=1&amp;b=%22x"/);
});

test('robots, feeds and health set and read nothing', async () => {
  for (const path of ['/robots.txt', '/sitemap.xml', '/healthz', '/metrics', '/favicon.ico', '/api/explore/v2.1/catalog/datasets/numbers/records']) {
    const answer = await server.get(path, { headers: { cookie: 'sessionid=x; csrftoken=y; django_language=fr; stranger=1' } });
    assert.deepEqual(setCookieLines(answer.headers), [], path);
  }
});
