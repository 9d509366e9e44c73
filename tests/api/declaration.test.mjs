// One registry, three views (cookies-and-privacy.md 6, X1, X3, X7): what /.well-known/cookies.json says is what the
// policy, the preference page and the banner say, in every language.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);
const server = await serve(data, ['--controller', 'City of <Valdoria> & sons']);

const SERVICES = [{
  id: 'counter', name: 'Example "Counter"', provider: 'Counter <Ltd>', location: 'Iceland',
  policy_url: 'https://counter.example.org/privacy', purpose: 'statistical',
  description: { en: 'Counts visits.', fr: 'Compte les visites & plus.' },
  hosts: [{ origin: 'https://counter.example.org', loads: ['script', 'connect'] }],
  cookies: [
    { name: 'cnt_*', lifetime: '13 months', party: 'first', purpose: { en: 'Tells visits apart.', fr: 'Distingue les visites.' } },
    { name: 'cntid', lifetime: '1 year', purpose: { en: 'Knows you again.', fr: 'Vous reconnaît.' } }],
  embeds: [], script: 'https://counter.example.org/c.js',
}, {
  id: 'map', name: 'Example Map', provider: 'Map Inc', location: 'Norway', policy_url: 'https://map.example.net/privacy',
  purpose: 'content', description: { en: 'Shows a map.', fr: 'Montre une carte.' },
  hosts: [{ origin: 'https://map.example.net', loads: ['frame'] }], cookies: [],
  embeds: [{ id: 'centre', address: 'https://map.example.net/centre', title: { en: 'The centre', fr: 'Le centre' }, height: 200, on_home: false }],
}];

/** The files of i18n/; a development build has a pseudo-locale besides. */
const TRANSLATED = readdirSync(new URL('../../i18n/', import.meta.url)).map((name) => name.replace('.json', '')).sort();
const declaration = async () => (await server.get('/.well-known/cookies.json')).json();
const LANGUAGES = ['en', 'fr']; // whose words this test knows
const pageOf = async (path, language) => (await new Visitor(server).get(path, { headers: { 'accept-language': language } })).text;

/** Text of HTML: without tags, with its characters, blanks as one. */
function plain(html) {
  return html.replace(/<[^>]*>/g, ' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'").replaceAll('&amp;', '&').replace(/[ \n\t]+/g, ' ').trim();
}

const parts = (html, pattern) => [...html.matchAll(pattern)].map((found) => plain(found[1]));
const tableOf = (page) => [.../<table[\s\S]*?<\/table>/.exec(page)[0].matchAll(/<tr>([\s\S]*?)<\/tr>/g)].slice(1)
  .map(([, row]) => parts(row, /<t[dh][^>]*>([\s\S]*?)<\/t[dh]>/g));

/** { name: [[term, text], …] } of the lists of properties under each heading of the policy. */
function detailsOf(page) {
  return Object.fromEntries([...page.matchAll(/<h3>((?:(?!<h3>)[\s\S])*?)<\/h3>\s*<dl class="properties">([\s\S]*?)<\/dl>/g)]
    .map(([, name, list]) => [plain(name), parts(list, /<dd>([\s\S]*?)<\/dd>/g)]));
}

async function checkAgree(language) {
  const declared = await declaration();
  const page = await pageOf('/cookies/policy', language);
  assert.deepEqual(tableOf(page), [
    ...declared.cookies.map((one) => [one.provider, one.function[language], one.location[language], one.name, one.purpose_text[language]]),
    ...declared.services.map((one) => [one.provider, one.name, one.location,
      one.cookies.map(({ name }) => name).join(', ') || plain(/No cookies declared|Aucun cookie déclaré/.exec(page)[0]), one.description[language]]),
  ], 'the table of the policy');

  const details = detailsOf(page);
  const purposes = Object.fromEntries(declared.purposes.map(({ id, title }) => [id, title[language]]));
  for (const one of declared.cookies) {
    const [used, when, lifetime, category, party, , by, httpOnly, sameSite] = details[one.name];
    assert.deepEqual([used, when, category], [one.function[language], one.when[language], purposes[one.purpose]], one.name);
    assert.ok(party.includes(language === 'en' ? 'first-party' : 'propriétaire'), one.name);
    assert.match(by, language === 'en' ? /server|answer/i : /serveur|réponse/i, one.name);
    assert.equal(one.set_by, 'server');
    assert.ok(sameSite.startsWith(one.same_site), one.name);
    const days = one.max_age_seconds / 86400;
    const said = { 14: /(^|\s)14\s/, 180: /^(180|6)\s/, 364: /^364\s/, 365: /^(365|1)\s/ }[days];
    assert.match(lifetime, said, `${one.name}: ${days} days`);
    assert.equal(details[one.name].length, 10, one.name);
    assert.equal(details.sessionid[7] === httpOnly, one.http_only, `${one.name} says of HttpOnly what sessionid says, or the contrary`);
  }
  for (const one of declared.services) {
    const [provider, description, location, category, , hosts] = details[one.name];
    assert.deepEqual([provider, description, location, category, hosts],
      [one.provider, one.description[language], one.location, purposes[one.purpose], one.hosts.map(({ origin }) => origin).join(', ')]);
    const section = page.slice(page.lastIndexOf(`>${one.name.replaceAll('"', '&quot;')}</h3>`)).split('</section>')[0];
    const listed = parts(section, /<li>([\s\S]*?)<\/li>/g);
    one.cookies.forEach((cookie, i) => {
      assert.ok(listed[i].startsWith(`${cookie.name} – ${cookie.purpose[language]} (${cookie.lifetime})`), listed[i]);
      assert.equal(/first-party|propriétaire/.test(listed[i]), cookie.party === 'first', listed[i]);
    });
    assert.equal(listed.length, Math.max(one.cookies.length, 1));
  }

  const centre = await pageOf('/cookies', language);
  const necessary = /<dl class="properties">([\s\S]*?)<\/dl>/.exec(centre)[1];
  assert.deepEqual(parts(necessary, /<dt>([\s\S]*?)<\/dt>/g), declared.cookies.map(({ name }) => name));
  assert.deepEqual(parts(necessary, /<dd>([\s\S]*?)<\/dd>/g),
    declared.cookies.map((one) => `${one.function[language]} ${one.purpose_text[language]}`));
  assert.deepEqual(parts(centre, /<legend>([\s\S]*?)<\/legend>/g),
    declared.purposes.filter((one) => one.needs_consent && one.in_use).map(({ title }) => title[language]));
  assert.deepEqual([...centre.matchAll(/name="service" value="([^"]*)"/g)].map((found) => found[1]).sort(),
    declared.services.map(({ id }) => id).sort());
  for (const one of declared.services) {
    const about = plain(new RegExp(`id="service-${one.id}-about">([\\s\\S]*?)</p>`).exec(centre)[1]);
    assert.ok(about.includes(one.provider) && about.includes(one.location) && about.includes(one.description[language]), about);
  }
  return declared;
}

for (const language of LANGUAGES) {
  test(`policy and preference page say what the declaration says: ${language}, without services`, async () => {
    assert.equal((await checkAgree(language)).services.length, 0);
  });
}

test('what another process declares is served soon', async () => {
  for (const service of SERVICES) {
    const added = run(['service', 'add', '-', '--data', data, '--controller', 'City of <Valdoria> & sons'], { input: JSON.stringify(service) });
    assert.equal(added.status, 0, added.stderr);
    const took = await eventually(service.id, async () => (await declaration()).services.some(({ id }) => id === service.id));
    console.log(`# ${service.id} is served after ${Math.round(took)} ms`);
  }
});

for (const language of LANGUAGES) {
  test(`policy and preference page say what the declaration says: ${language}, with services`, async () => {
    assert.equal((await checkAgree(language)).services.length, 2);
  });
}

for (const language of TRANSLATED) {
  test(`the banner is in the words that are declared, and frozen: ${language}`, async () => {
    const { banner, revision, languages } = await declaration();
    assert.deepEqual(languages.filter((code) => code !== 'ar-xb').sort(), TRANSLATED);
    const shown = /<section class="consent"[\s\S]*?<\/section>/.exec(await pageOf('/', language))[0];
    assert.equal(plain(shown), ['title', 'text', 'accept', 'refuse', 'choose'].map((name) => banner[name][language]).join(' '));
    const frozen = await (await server.get(`/cookies/revisions/${revision}/declaration.json`)).json();
    assert.deepEqual(frozen.banner, banner);
  });
}

test('validators are the same for every visitor: a cache cannot tell them apart', async () => {
  const tags = async () => Promise.all(['/', '/cookies/policy', '/cookies/revisions', '/language', '/.well-known/cookies.json', '/favicon.svg']
    .map(async (path) => {
      const answer = await server.get(path);
      assert.equal(answer.headers.get('last-modified'), null, path);
      return answer.headers.get('etag');
    }));
  const first = await tags();
  assert.ok(first.every(Boolean));
  assert.deepEqual(await tags(), first);
});

test('a removed service comes back under its number, which nobody got meanwhile, and asks again', async () => {
  const numberOf = async (id) => (await declaration()).services.find((one) => one.id === id)?.number;
  const until = (look) => eventually('it is served', look);
  const before = await declaration();
  const number = await numberOf('counter');
  assert.equal(run(['service', 'remove', 'counter', '--data', data]).status, 0);
  await until(async () => await numberOf('counter') === undefined);
  const add = (service) => assert.equal(run(['service', 'add', '-', '--data', data], { input: JSON.stringify(service) }).status, 0);
  add({ ...SERVICES[1], id: 'other', embeds: [] });
  await until(async () => await numberOf('other') !== undefined);
  assert.notEqual(await numberOf('other'), number);
  add(SERVICES[0]);
  await until(async () => await numberOf('counter') !== undefined);
  assert.equal(await numberOf('counter'), number);
  assert.equal((await declaration()).revision, before.revision + 2);
});

test('a 65th service is refused, whatever was removed', () => {
  const other = join(folder, 'many');
  publish(other, 'numbers', 1);
  const add = (id) => run(['service', 'add', '-', '--data', other], { input: JSON.stringify({ ...SERVICES[1], id, embeds: [] }) });
  for (let i = 0; i < 64; i += 1) assert.equal(add(`s${i}`).status, 0, String(i));
  const refused = add('s64');
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /64 services/);
  assert.equal(run(['service', 'remove', 's3', '--data', other]).status, 0);
  assert.notEqual(add('s64').status, 0);
  assert.equal(add('s3').status, 0);
});
