// The pages of the cookie layer (cookies-and-privacy.md 1.6, 2.4, 2.5, 3.2, 3.6 to 3.8): language, choices,
// placeholders, receipts, policy, revisions, deletion.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { makeUser, setCookieLines, Visitor } from './visitor.mjs';

const HALF_A_YEAR = 15552000;
const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);
const server = await serve(data, ['--controller', 'City of Valdoria, Square 1']);
const origin = { origin: server.portal };

const video = {
  id: 'video', name: 'Example Video', provider: 'Example Ltd', location: 'Ireland',
  policy_url: 'https://video.example.org/privacy', purpose: 'content',
  description: { en: 'Shows the film about the portal.', fr: 'Montre le film sur le portail.' },
  hosts: [{ origin: 'https://video.example.org', loads: ['frame'] }],
  cookies: [{ name: 'seen', lifetime: '13 months', purpose: { en: 'Remembers the film.', fr: 'Retient le film.' } }],
  embeds: [{ id: 'film', address: 'https://video.example.org/film?a=1&b=2', title: { en: 'The film', fr: 'Le film' },
    height: 300, on_home: true }],
};
const map = {
  id: 'map', name: 'Example Map', provider: 'Map Inc', location: 'Norway', policy_url: 'https://map.example.net/privacy',
  purpose: 'content', description: { en: 'Shows a map.', fr: 'Montre une carte.' },
  hosts: [{ origin: 'https://map.example.net', loads: ['frame'] }], cookies: [],
  embeds: [{ id: 'centre', address: 'https://map.example.net/centre', title: { en: 'The centre', fr: 'Le centre' },
    height: 200, on_home: false }],
};

const declaration = async () => (await server.get('/.well-known/cookies.json')).json();
const names = (answer) => answer.set.map(({ name }) => name);
const csp = (answer) => answer.headers.get('content-security-policy');

/** Declares services on the command line, and waits until the server has seen them. */
async function declare(...services) {
  for (const service of services) {
    const file = join(folder, `${service.id}.json`);
    writeFileSync(file, JSON.stringify(service));
    const added = run(['service', 'add', file, '--data', data]);
    assert.equal(added.status, 0, added.stderr);
  }
  const wanted = (found) => services.every(({ id, name, hosts }) => found.services.some((one) =>
    one.id === id && one.name === name && one.hosts.length === hosts.length));
  while (!wanted(await declaration()));
}

/** A choice as a browser sends the form of a page. */
function choose(visitor, fields, options = {}) {
  return visitor.post('/cookies', fields, { token: undefined, ...options, headers: { ...origin, ...options.headers } });
}

// ---- before anything needs consent ----

const PUBLIC = ['/', '/cookies/policy', '/cookies/revisions', '/cookies/revisions/1', '/language'];
const SMALL = ['/cookies', '/cookies/receipt', '/cookies/browser'];

test('no page of the cookie layer sets a cookie by being looked at', async () => {
  for (const path of [...PUBLIC, ...SMALL, '/.well-known/cookies.json', '/.well-known/gpc.json',
    '/cookies/revisions/1/declaration.json', '/i18n/setlang/']) {
    const answer = await new Visitor(server).get(path);
    assert.ok(answer.status === 200 || answer.status === 302, `${path}: ${answer.status} ${answer.text}`);
    assert.deepEqual(answer.set, [], path);
  }
});

test('public pages may be kept and are asked about again; those of one visitor may not', async () => {
  for (const path of PUBLIC) {
    const answer = await new Visitor(server).get(path);
    assert.equal(answer.headers.get('cache-control'), 'no-cache', path);
    assert.match(answer.headers.get('vary'), /Cookie/, path);
    const etag = answer.headers.get('etag');
    assert.ok(etag, path);
    const again = await new Visitor(server).get(path, { headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304, path);
    assert.deepEqual(again.set, []);
  }
  for (const path of SMALL) {
    assert.equal((await new Visitor(server).get(path)).headers.get('cache-control'), 'no-store', path);
  }
});

test('without anything optional there is no banner, no toggle and no button, and the page says so', async () => {
  const home = await new Visitor(server).get('/');
  assert.doesNotMatch(home.text, /class="consent"/);
  const page = await new Visitor(server).get('/cookies');
  assert.match(page.text, /There is nothing to consent to/);
  assert.doesNotMatch(page.text, /name="choice" value="(accept|refuse|save)"|type="checkbox"/); // but who objects to being counted may say so
  for (const { name } of (await declaration()).cookies) assert.ok(page.text.includes(name), name);
});

test('where nothing can be chosen, no choice is stored', async () => {
  for (const choice of ['accept', 'refuse', 'save']) {
    const answer = await choose(new Visitor(server), { choice });
    assert.equal(answer.status, 303);
    assert.deepEqual(answer.set, []);
  }
});

test('the declaration is for every program, and its hash is its validator', async () => {
  const answer = await server.get('/.well-known/cookies.json');
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  const declared = await answer.json();
  assert.deepEqual(declared.cookies.map(({ name }) => name).sort(),
    ['cookies_preferences', 'csrftoken', 'django_language', 'sessionid']);
  const again = await server.get('/.well-known/cookies.json', { headers: { 'if-none-match': answer.headers.get('etag') } });
  assert.equal(again.status, 304);
  const gpc = await (await server.get('/.well-known/gpc.json')).json();
  assert.equal(gpc.gpc, true);
  assert.match(gpc.lastUpdate, /^\d{4}-\d\d-\d\d/);
});

test('documents read no cookie: the answer is the same whatever is sent', async () => {
  const plain = await server.get('/.well-known/cookies.json');
  const other = await server.get('/.well-known/cookies.json', {
    headers: { cookie: 'sessionid=abc; cookies_preferences=v1.1.4.0.20000; stranger=1', 'accept-language': 'fr' } });
  assert.equal(await plain.text(), await other.text());
  assert.deepEqual(setCookieLines(other.headers), []);
});

test('the policy shows every declared cookie with its columns, in each language', async () => {
  const words = {
    en: ['Provider', 'Function', 'Location', 'Cookie name', 'Purpose', 'Necessary cookies', 'Statistical cookies',
      'Internal or first-party cookies', 'Third-party cookies', 'HttpOnly', 'SameSite'],
    fr: ['Fournisseur', 'Fonction', 'Emplacement', 'Nom du cookie', 'Finalité', 'Cookies nécessaires',
      'Cookies statistiques', 'Cookies internes ou propriétaires', 'Cookies tiers', 'HttpOnly', 'SameSite'],
  };
  for (const [language, expected] of Object.entries(words)) {
    const page = await new Visitor(server).get('/cookies/policy', { headers: { 'accept-language': language } });
    assert.equal(page.headers.get('content-language'), language);
    for (const word of expected) assert.ok(page.text.includes(word), `${language}: ${word}`);
    const { cookies } = await declaration();
    for (const { name } of cookies) {
      assert.ok(page.text.split(`<span class="code">${name}</span>`).length >= 3, `${name} in table and details`);
    }
    assert.ok(page.text.includes('City of Valdoria, Square 1'));
  }
});

test('the home page lists the datasets with their records', async () => {
  const page = await new Visitor(server).get('/');
  assert.match(page.text, /href="\/explore\/dataset\/numbers\/"/);
  assert.match(page.text, /3 records/);
  assert.doesNotMatch(page.text, /noindex/);
});

// ---- language (1.6) ----

function setLanguage(fields, { headers = {}, query = '' } = {}) {
  return new Visitor(server).post(`/i18n/setlang/${query}`, fields, { token: undefined, headers: { ...origin, ...headers } });
}

test('set_language stores the code and goes to a safe next, with 302', async () => {
  const answer = await setLanguage({ language: 'fr', next: '/cookies/policy?x=a%26b' });
  assert.equal(answer.status, 302);
  assert.equal(answer.location, '/cookies/policy?x=a%26b');
  assert.deepEqual(names(answer), ['django_language']);
  const { value, attributes } = answer.set[0];
  assert.equal(value, 'fr');
  assert.equal(attributes['max-age'], '31536000');
  assert.equal(attributes.path, '/');
  assert.equal(attributes.samesite, 'Lax');
  assert.equal(attributes.httponly, undefined);
  assert.equal(attributes.domain, undefined);
  assert.match(answer.headers.get('cache-control'), /no-store|private/);
});

test('the language is stored as offered, and its variants are not guessed', async () => {
  assert.equal((await setLanguage({ language: 'FR', next: '/' })).set[0].value, 'fr');
  for (const language of ['fr-ca', 'xx', '', 'fr;q=1', 'f'.repeat(600), '../en']) {
    const answer = await setLanguage({ language, next: '/cookies' });
    assert.deepEqual(answer.set, [], language.slice(0, 10));
    assert.equal(answer.status, 302);
    assert.equal(answer.location, '/cookies');
  }
  assert.deepEqual((await setLanguage({ next: '/' })).set, []);
});

test('next is taken from the body, then from the query', async () => {
  assert.equal((await setLanguage({ language: 'fr' }, { query: '?next=/language' })).location, '/language');
  assert.equal((await setLanguage({ language: 'fr', next: '/cookies' }, { query: '?next=/language' })).location, '/cookies');
});

test('an unsafe next changes the target only: Referer if safe, else the home page', async () => {
  const referer = `${server.portal}/cookies/policy?a=b%26c`;
  for (const next of ['https://evil.example/', '//evil.example/', '///evil.example', '/\\evil.example', 'javascript:alert(1)',
    'http:999', 'http://[::1', '\u0001/x', `${server.portal}@evil.example/`]) {
    const withReferer = await setLanguage({ language: 'fr', next }, { headers: { referer } });
    assert.equal(withReferer.location, '/cookies/policy?a=b%26c', next);
    assert.deepEqual(names(withReferer), ['django_language'], next);
    assert.equal((await setLanguage({ language: 'fr', next })).location, '/', next);
    const foreign = await setLanguage({ language: 'fr', next }, { headers: { referer: 'https://evil.example/x' } });
    assert.equal(foreign.location, '/', next);
  }
  assert.equal((await setLanguage({ language: 'fr' }, { headers: { referer } })).location, '/cookies/policy?a=b%26c');
});

test('set_language for clients that take no pages: 204 without next, else as for others', async () => {
  const headers = { accept: 'application/json' };
  const bare = await setLanguage({ language: 'fr' }, { headers });
  assert.equal(bare.status, 204);
  assert.deepEqual(names(bare), ['django_language']);
  const safe = await setLanguage({ language: 'fr', next: '/cookies' }, { headers });
  assert.deepEqual([safe.status, safe.location], [302, '/cookies']);
  const unsafe = await setLanguage({ language: 'fr', next: '//evil.example' }, { headers });
  assert.deepEqual([unsafe.status, unsafe.location], [302, '/']);
  for (const [accept, status] of [['*/*', 302], ['text/*', 302], ['TEXT/HTML', 302], ['application/json, text/html;q=0.1', 302],
    ['application/json;text/html', 204], ['text/plain', 204], ['text/htmlx', 204], [',', 204]]) {
    assert.equal((await setLanguage({ language: 'fr' }, { headers: { accept } })).status, status, accept);
  }
});

test('GET of set_language only redirects', async () => {
  const answer = await new Visitor(server).get('/i18n/setlang/?language=fr&next=/cookies');
  assert.deepEqual([answer.status, answer.location], [302, '/cookies']);
  assert.deepEqual(answer.set, []);
});

test('the chosen language decides before Accept-Language, which sets no cookie', async () => {
  const visitor = new Visitor(server);
  const negotiated = await visitor.get('/', { headers: { 'accept-language': 'fr' } });
  assert.equal(negotiated.headers.get('content-language'), 'fr');
  assert.match(negotiated.headers.get('vary'), /Accept-Language/);
  assert.deepEqual(negotiated.set, []);
  await visitor.post('/i18n/setlang/', { language: 'en', next: '/' }, { headers: origin });
  const chosen = await visitor.get('/', { headers: { 'accept-language': 'fr' } });
  assert.equal(chosen.headers.get('content-language'), 'en');
  assert.match(chosen.text, /<html lang="en"/);
});

test('the page of languages is one form that leads back', async () => {
  const page = await new Visitor(server).get('/language?next=/cookies/policy');
  assert.match(page.text, /action="\/i18n\/setlang\/"/);
  assert.match(page.text, /name="next" value="\/cookies\/policy"/);
  for (const code of ['en', 'fr']) assert.ok(page.text.includes(`name="language" value="${code}" lang="${code}"`), code);
  assert.match((await new Visitor(server).get('/language?next=//evil.example')).text, /name="next" value="\/"/);
});

// ---- proof of origin (3.8) ----

test('a preference is changed by a page of ours or with a token, never by another site', async () => {
  const fields = { language: 'fr', next: '/' };
  const send = (headers, options = {}) => new Visitor(server).post('/i18n/setlang/', fields, { token: undefined, ...options, headers });
  assert.equal((await send({ 'sec-fetch-site': 'same-origin' })).status, 302);
  assert.equal((await send(origin)).status, 302);
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' },
    { origin: 'null' }, { ...origin, 'sec-fetch-site': 'cross-site' }, { accept: '*/*' }, { accept: 'application/json' }]) {
    const answer = await send(headers);
    assert.equal(answer.status, 403, JSON.stringify(headers));
    assert.deepEqual(names(answer).filter((name) => name === 'django_language'), []);
  }
  /* Neither token nor evidence: the visitor is asked, and one click does it. */
  const visitor = new Visitor(server);
  const asked = await visitor.post('/i18n/setlang/?x=1', { ...fields, note: '"><b>' }, { token: null });
  assert.equal(asked.status, 200);
  assert.deepEqual(names(asked), ['csrftoken']);
  assert.equal(asked.headers.get('cache-control'), 'no-store');
  assert.match(asked.text, /action="\/i18n\/setlang\/\?x=1"/);
  assert.match(asked.text, /name="language" value="fr"/);
  assert.ok(!asked.text.includes('"><b>'));
  const token = /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(asked.text)[1];
  const agreed = await visitor.post('/i18n/setlang/', { ...fields, csrfmiddlewaretoken: token }, { token: null });
  assert.equal(agreed.status, 302);
  assert.deepEqual(names(agreed), ['django_language']);
  const script = new Visitor(server);
  await script.get('/account/sign-in');
  const answer = await script.post('/i18n/setlang/', fields);
  assert.equal(answer.status, 302, 'a script with a token, as for Django');
});

// ---- with external services ----

test('the layer with services', async (context) => {
  await declare(video, map);
  const { revision } = await declaration();

  await context.test('a banner: first in the body, three actions, under 3 KB', async () => {
    const { text } = await new Visitor(server).get('/');
    const banner = /<body[^>]*>\s*(<section class="consent"[\s\S]*?<\/section>)/.exec(text)?.[1];
    assert.ok(banner, 'first thing in the body');
    assert.ok(Buffer.byteLength(banner) < 2048, `${Buffer.byteLength(banner)} bytes`);
    const buttons = [...banner.matchAll(/<button class="([^"]*)"[^>]*value="(accept|refuse)"/g)];
    assert.deepEqual(buttons.map((one) => one[2]), ['accept', 'refuse']);
    assert.equal(buttons[0][1], buttons[1][1], 'the same weight');
    assert.match(banner, /<a class="[^"]*" href="\/cookies\?next=%2F"/);
    assert.doesNotMatch(banner, /role="dialog"|checked/);
  });

  await context.test('accepting and refusing are stored for the same time, by the server, without identifier', async () => {
    const lines = {};
    for (const choice of ['accept', 'refuse']) {
      const [one, two] = [await choose(new Visitor(server), { choice, way: 'banner', next: '/' }),
        await choose(new Visitor(server), { choice, way: 'banner', next: '/' })];
      assert.deepEqual([one.status, one.location], [303, '/?consent=saved#consent-saved']);
      assert.deepEqual(names(one), ['cookies_preferences']);
      const { value, attributes } = one.set[0];
      assert.match(value, /^v1\.[0-9]+\.[0-9a-f]+\.[0-9a-f]+\.[0-9]+$/);
      assert.ok(value.length < 60);
      assert.equal(value, two.set[0].value, 'the same choice is the same cookie');
      assert.equal(attributes['max-age'], String(HALF_A_YEAR));
      assert.equal(attributes.path, '/');
      assert.equal(attributes.samesite, 'Lax');
      assert.equal(attributes.httponly, true);
      assert.equal(attributes.domain, undefined);
      assert.match(one.headers.get('cache-control'), /no-store|private/);
      lines[choice] = value;
    }
    assert.notEqual(lines.accept, lines.refuse);
  });

  await context.test('nothing is loaded before a choice, nor after refusing; all after accepting', async () => {
    const visitor = new Visitor(server);
    const before = await visitor.get('/');
    assert.doesNotMatch(before.text, /<iframe/);
    assert.doesNotMatch(csp(before), /example/);
    await choose(visitor, { choice: 'refuse' });
    const refused = await visitor.get('/');
    assert.doesNotMatch(refused.text, /<iframe|class="consent"/);
    assert.doesNotMatch(csp(refused), /example/);
    await choose(visitor, { choice: 'accept' });
    const accepted = await visitor.get('/');
    assert.match(accepted.text, /<iframe class="embed" src="https:\/\/video\.example\.org\/film\?a=1&amp;b=2" title="The film" height="300" loading="lazy"/);
    assert.match(csp(accepted), /frame-src[^;]*https:\/\/video\.example\.org/);
    assert.doesNotMatch(accepted.text, /class="consent"|class="blocked"/);
    await choose(visitor, { choice: 'refuse' });
    assert.doesNotMatch((await visitor.get('/')).text, /<iframe/, 'withdrawal takes effect at once');
  });

  await context.test('a choice lasts from the day it was made: visits do not renew it', async () => {
    const visitor = new Visitor(server);
    await choose(visitor, { choice: 'accept' });
    for (const path of ['/', '/cookies', '/cookies/policy', '/embedded/film']) {
      assert.deepEqual((await visitor.get(path)).set, [], path);
    }
  });

  await context.test('single services and whole purposes', async () => {
    const visitor = new Visitor(server);
    await choose(visitor, [['choice', 'save'], ['service', 'map'], ['service', 'nothing'], ['purpose', 'necessary']]);
    assert.match(csp(await visitor.get('/embedded/centre')), /map\.example\.net/);
    assert.doesNotMatch(csp(await visitor.get('/')), /video\.example\.org/);
    const page = (await visitor.get('/cookies')).text;
    assert.match(page, /id="service-map"[^>]* checked>/);
    assert.doesNotMatch(page, /id="service-video"[^>]* checked>|id="purpose-content"[^>]* checked>/);
    await choose(visitor, { choice: 'save', purpose: 'content' });
    assert.match((await visitor.get('/cookies')).text, /id="purpose-content"[^>]* checked>/);
    assert.match((await visitor.get('/')).text, /<iframe/);
    await choose(visitor, { choice: 'save' });
    const nothing = (await visitor.get('/cookies')).text;
    assert.doesNotMatch(nothing, / checked>/);
    assert.match(nothing, /You refused everything optional/);
  });

  await context.test('the preference page: nothing is ticked before a choice, its buttons weigh the same', async () => {
    const page = (await new Visitor(server).get('/cookies')).text;
    assert.doesNotMatch(page, / checked>/);
    const buttons = [...page.matchAll(/<button class="([^"]*)"[^>]*name="choice" value="(accept|refuse|save)"/g)];
    assert.deepEqual(buttons.map((one) => one[2]).sort(), ['accept', 'refuse', 'save']);
    assert.equal(new Set(buttons.map((one) => one[1])).size, 1);
    assert.doesNotMatch(page, /type="checkbox"[^>]*value="necessary"/);
    for (const word of ['Example Ltd', 'Map Inc', 'Ireland', 'Norway']) assert.ok(page.includes(word), word);
    assert.equal(page.includes('class="consent" id="consent"'), false, 'no banner on the page itself');
  });

  await context.test('saving is confirmed; with fragment=1 as an element for the script', async () => {
    const visitor = new Visitor(server);
    const answer = await choose(visitor, { choice: 'accept' });
    assert.equal(answer.location, '/cookies?saved=1#saved');
    const saved = await visitor.get(answer.location);
    assert.match(saved.text, /role="alert" tabindex="-1"[^>]*>\s*<strong>Your choice is saved/);
    assert.doesNotMatch((await new Visitor(server).get('/cookies?saved=1')).text, /Your choice is saved/);
    const script = await visitor.post('/cookies?fragment=1', { choice: 'refuse', next: '/' },
      { token: undefined, headers: { ...origin, accept: '*/*' } });
    assert.equal(script.status, 303);
    const confirmation = await visitor.get(script.location);
    assert.match(confirmation.text, /<section class="consent" data-consent-done=""[^>]*role="alert" tabindex="-1"/);
    assert.match(confirmation.text, /data-consent-page=""/);
  });

  await context.test('a program gets 204, an unknown choice 400', async () => {
    const answer = await choose(new Visitor(server), { choice: 'accept' }, { headers: { accept: 'application/json' } });
    assert.equal(answer.status, 204);
    assert.deepEqual(names(answer), ['cookies_preferences']);
    for (const fields of [{}, { choice: '' }, { choice: 'all' }, { choice: 'allow' }, { choice: 'allow', service: 'nothing' }]) {
      const refused = await choose(new Visitor(server), fields);
      assert.equal(refused.status, 400, JSON.stringify(fields));
      assert.deepEqual(refused.set, []);
    }
  });

  await context.test('a choice is never taken from another site, nor sends its visitor there', async () => {
    const visitor = new Visitor(server);
    const foreign = await visitor.post('/cookies', { choice: 'accept' }, { token: undefined, headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403);
    assert.equal(names(foreign).includes('cookies_preferences'), false);
    const sent = await choose(visitor, { choice: 'refuse', next: 'https://evil.example/' });
    assert.equal(sent.location, '/cookies?saved=1#saved');
    assert.equal((await visitor.get('/cookies?choice=accept')).set.length, 0, 'GET changes nothing');
  });

  await context.test('GPC and DNT are a refusal without a cookie, until the visitor chooses', async () => {
    for (const headers of [{ 'sec-gpc': '1' }, { dnt: '1' }]) {
      const visitor = new Visitor(server);
      const page = await visitor.get('/', { headers });
      assert.deepEqual(page.set, []);
      assert.doesNotMatch(page.text, /class="consent"|<iframe/);
      assert.match((await visitor.get('/cookies', { headers })).text, /We take it as a refusal/);
      await choose(visitor, { choice: 'accept' }, { headers });
      assert.match((await visitor.get('/', { headers })).text, /<iframe/);
      assert.match((await visitor.get('/cookies', { headers })).text, /The choice you made here counts before it/);
    }
    for (const value of ['0', 'true', '11', '']) {
      assert.match((await new Visitor(server).get('/', { headers: { 'sec-gpc': value } })).text, /class="consent"/, value);
    }
  });

  await context.test('garbage in cookies_preferences is no choice', async () => {
    const day = Math.floor(Date.now() / 86400000);
    for (const value of ['', 'yes', 'v1', `v2.${revision}.4.3.${day}`, `v1.${revision}.4.3.${day + 2}`, `v1.${revision + 7}.4.3.${day}`,
      `v1.${revision}.4.3.${day - 181}`, `v1.${revision}.4.3.${day}.1`, `v1.-1.4.3.${day}`, 'x'.repeat(3000), '%00%ff']) {
      const visitor = new Visitor(server);
      visitor.cookies.set('cookies_preferences', value);
      const page = await visitor.get('/');
      assert.equal(page.status, 200);
      assert.doesNotMatch(page.text, /<iframe/, value.slice(0, 40));
      assert.match(page.text, /class="consent"/, value.slice(0, 40));
    }
  });

  await context.test('a placeholder says who and why, and fetches nothing', async () => {
    const { text } = await new Visitor(server).get('/');
    const blocked = /<div class="blocked" data-blocked="video">([\s\S]*?)<\/main>/.exec(text)[1];
    for (const word of ['Example Ltd', 'Ireland', 'Shows the film about the portal.', 'seen', '13 months', 'Remembers the film.']) {
      assert.ok(blocked.includes(word), word);
    }
    assert.match(blocked, /<form method="post" action="\/embedded\/film">/);
    assert.match(blocked, /<a href="https:\/\/video\.example\.org\/film\?a=1&amp;b=2" rel="noreferrer noopener">/);
    assert.doesNotMatch(text, /(src|srcset|poster)="https:\/\/(video|map)/);
    assert.doesNotMatch(text, /rel="(preconnect|dns-prefetch|preload)"/);
  });

  await context.test('shown once: on that answer alone, without a cookie', async () => {
    const visitor = new Visitor(server);
    assert.doesNotMatch((await visitor.get('/embedded/film')).text, /<iframe/);
    const once = await visitor.post('/embedded/film', {}, { headers: origin });
    assert.equal(once.status, 200);
    assert.match(once.text, /<iframe class="embed" src="https:\/\/video/);
    assert.match(csp(once), /frame-src[^;]*video\.example\.org/);
    assert.doesNotMatch(csp(once), /map\.example\.net/);
    assert.equal(once.headers.get('cache-control'), 'no-store');
    assert.deepEqual(once.set, []);
    assert.doesNotMatch((await visitor.get('/embedded/film')).text, /<iframe/);
    const foreign = await visitor.post('/embedded/film', {}, { headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403);
    assert.doesNotMatch(foreign.text, /<iframe/);
    for (const path of ['/embedded/nothing', '/embedded/film/x', '/embedded/%ff']) {
      assert.ok([400, 404].includes((await visitor.get(path)).status), path);
    }
  });

  await context.test('always allowed: that service is added to what was chosen', async () => {
    const visitor = new Visitor(server);
    await choose(visitor, { choice: 'save', service: 'map' });
    const answer = await choose(visitor, { choice: 'allow', service: 'video', way: 'placeholder', next: '/embedded/film' });
    assert.deepEqual([answer.status, answer.location], [303, '/embedded/film?consent=saved#consent-saved']);
    assert.match((await visitor.get('/embedded/film')).text, /<iframe/);
    assert.match((await visitor.get('/embedded/centre')).text, /<iframe/);
    const fresh = new Visitor(server);
    await choose(fresh, { choice: 'allow', service: 'video', way: 'placeholder' });
    assert.doesNotMatch((await fresh.get('/embedded/centre')).text, /<iframe/);
  });

  await context.test('receipts are signed, and verified by the command; an id only where one is asked for', async () => {
    const visitor = new Visitor(server);
    assert.match((await visitor.get('/cookies/receipt')).text, /There is no choice to confirm/);
    assert.match((await visitor.post('/cookies/receipt', {}, { headers: origin })).text, /There is no choice to confirm/);
    await choose(visitor, { choice: 'save', service: 'map' });
    const statement = await visitor.get('/cookies/receipt?format=json');
    assert.match(statement.headers.get('content-disposition'), /^attachment; filename="/);
    assert.match(statement.headers.get('content-type'), /^application\/json/);
    assert.equal(statement.headers.get('cache-control'), 'no-store');
    assert.deepEqual(statement.set, []);
    const file = join(folder, 'receipt.json');
    const verify = (text, ...words) => {
      writeFileSync(file, text);
      return run(['consent', 'verify', file, ...(words.length ? words : ['--data', data])]);
    };
    assert.equal(verify(statement.text).status, 0, verify(statement.text).stderr);

    const page = await visitor.post('/cookies/receipt', {}, { headers: origin });
    const key = /--key ([A-Za-z0-9_-]{43})/.exec(page.text)[1];
    const unescape = (text) => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    const receipt = unescape(/name="receipt" value="([^"]*)"/.exec(page.text)[1]);
    const id = /<span class="code">([a-z0-9]{22})<\/span>/.exec(page.text)[1];
    assert.ok(receipt.includes(id));
    assert.equal(statement.text.includes(id), false);
    const download = await visitor.post('/cookies/receipt', { receipt }, { headers: origin });
    assert.equal(download.text, receipt);
    assert.match(download.headers.get('content-disposition'), /^attachment/);
    assert.equal(verify(download.text, '--key', key).status, 0);
    const other = /<span class="code">([a-z0-9]{22})<\/span>/.exec((await visitor.post('/cookies/receipt', {}, { headers: origin })).text)[1];
    assert.notEqual(id, other);

    const forged = receipt.replace('Valdoria', 'Elsewhere');
    assert.notEqual(forged, receipt);
    assert.notEqual(verify(forged).status, 0);
    for (const given of [forged, '{}', 'x', '<script>']) {
      const refused = await visitor.post('/cookies/receipt', { receipt: given }, { headers: origin });
      assert.equal(refused.status, 400);
      assert.equal(refused.headers.get('content-disposition'), null);
    }
  });

  await context.test('what a browser holds: secrets masked, strangers by name, each can be deleted', async () => {
    const visitor = new Visitor(server);
    const secret = 'abcdefghijklmnopqrstuvwxyz012345';
    visitor.cookies.set('csrftoken', secret);
    visitor.cookies.set('django_language', 'en');
    visitor.cookies.set('stranger<b>', 'private value');
    const { text } = await visitor.get('/cookies/browser');
    assert.ok(text.includes('abcd…2345'));
    assert.equal(text.includes(secret), false);
    assert.ok(text.includes('stranger&lt;b&gt;'));
    assert.equal(text.includes('private value'), false);
    assert.match(text, /You are not signed in/);
    const deleted = await visitor.post('/cookies/browser', { cookie: 'django_language' }, { token: undefined, headers: origin });
    assert.deepEqual([deleted.status, deleted.location], [303, '/cookies/browser']);
    assert.deepEqual(names(deleted), ['django_language']);
    assert.equal(deleted.set[0].attributes['max-age'], '0');
    assert.equal(deleted.set[0].attributes.samesite, 'Lax');
    for (const cookie of ['stranger<b>', '', 'SESSIONID']) {
      const refused = await visitor.post('/cookies/browser', { cookie }, { token: undefined, headers: origin });
      assert.equal(refused.status, 400);
      assert.deepEqual(refused.set, []);
    }
    const odd = await server.get('/cookies/browser', { headers: { cookie: 'a=1; =2; b; csrftoken=é; x=y=z;;; ' } });
    assert.equal(odd.status, 200);
  });

  await context.test('everything deleted: four cookies, the session, and no cookie set again', async () => {
    await makeUser(server, data, 'ada');
    const visitor = new Visitor(server);
    await visitor.signIn('ada');
    await choose(visitor, { choice: 'accept' });
    const session = visitor.cookies.get('sessionid');
    assert.ok(session);
    assert.match((await visitor.get('/cookies/browser')).text, /You are signed in as ada/);
    const done = await visitor.post('/cookies/delete', {}, { headers: origin });
    assert.equal(done.status, 200);
    assert.equal(done.headers.get('clear-site-data'), '"cache", "storage"');
    assert.equal(done.headers.get('cache-control'), 'no-store');
    assert.deepEqual(names(done).sort(), ['cookies_preferences', 'csrftoken', 'django_language', 'sessionid']);
    for (const { attributes, line } of done.set) assert.equal(attributes['max-age'], '0', line);
    assert.doesNotMatch(done.text, /sign-out/);
    assert.equal(visitor.cookies.size, 0);
    const stolen = new Visitor(server);
    stolen.cookies.set('sessionid', session);
    assert.equal((await stolen.get('/account')).status, 303, 'the session has ended on the server');
    const foreign = await visitor.post('/cookies/delete', {}, { headers: { origin: 'https://evil.example' } });
    assert.equal(foreign.status, 403);
    assert.equal((await visitor.get('/cookies/delete')).status, 405, 'nothing is deleted by GET');
  });

  await context.test('requests with an API key neither read nor set cookies', async () => {
    const visitor = new Visitor(server);
    visitor.cookies.set('cookies_preferences', 'v1.1.4.0.20000');
    const answer = await choose(visitor, { choice: 'accept' }, { headers: { authorization: 'Apikey 0123' } });
    assert.deepEqual(answer.set, []);
  });

  await context.test('new or changed services ask again, and say what changed; words alone do not', async () => {
    const visitor = new Visitor(server);
    await choose(visitor, { choice: 'accept' });
    await declare({ ...video, name: 'Example Films' });
    assert.equal((await declaration()).revision, revision);
    assert.match((await visitor.get('/')).text, /<iframe/);
    await declare({ ...video, name: 'Example Films', hosts: [...video.hosts, { origin: 'https://more.example.org', loads: ['frame'] }] });
    assert.equal((await declaration()).revision, revision + 1);
    const page = await visitor.get('/');
    assert.doesNotMatch(page.text, /<iframe/);
    assert.match(page.text, /What we ask about has changed since your last choice/);
    const centre = (await visitor.get('/cookies')).text;
    assert.match(centre, /Your choice needs to be renewed/);
    assert.match(centre, /more\.example\.org/);
    await choose(visitor, { choice: 'refuse' });
    assert.doesNotMatch((await visitor.get('/')).text, /class="consent"/);
  });

  await context.test('every revision stays readable, with its hash and what it changed', async () => {
    const latest = (await declaration()).revision;
    const list = (await new Visitor(server).get('/cookies/revisions')).text;
    for (let number = 1; number <= latest; number += 1) {
      assert.ok(list.includes(`href="/cookies/revisions/${number}"`), String(number));
      const page = (await new Visitor(server).get(`/cookies/revisions/${number}`)).text;
      const frozen = await server.get(`/cookies/revisions/${number}/declaration.json`);
      const text = await frozen.text();
      assert.equal(JSON.parse(text).revision, number);
      const hash = createHash('sha256').update(text.replace(/"hash":"[0-9a-f]{64}",/, '')).digest('hex');
      assert.ok(page.includes(hash) && list.includes(hash), `hash of revision ${number}`);
      assert.ok(frozen.headers.get('etag').startsWith(`"${hash}`), 'the hash is the validator');
    }
    assert.match((await new Visitor(server).get(`/cookies/revisions/${latest}`)).text, /more\.example\.org/);
    for (const path of [`/cookies/revisions/${latest + 1}`, '/cookies/revisions/0', '/cookies/revisions/x', '/cookies/revisions/-1',
      '/cookies/revisions/99999999999999999999', `/cookies/revisions/${latest + 1}/declaration.json`]) {
      assert.equal((await new Visitor(server).get(path)).status, 404, path);
    }
  });

  await context.test('choices are counted without anything that names a visitor', async () => {
    while (!/banner/.test(run(['consent', 'figures', '--data', data]).stdout));
    const { stdout } = run(['consent', 'figures', '--data', data]);
    for (const line of stdout.trim().split('\n').slice(1)) {
      assert.match(line, /^\d{4}-\d\d-\d\d,\d+,(en|fr),(banner|page|placeholder),[a-z+]+,\d+$/);
    }
  });
});
