// A portal full of people, groups, rules, keys and services, and the states of its pages that no link leads
// to: forms with errors, messages, things shown once. For states.test.mjs and for looking at them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeUser, PASSWORD, Visitor } from '../api/visitor.mjs';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';

export const LONG = 'x'.repeat(150);
export const LONG_NAME = 'Anne-Élisabeth de Montmorency-Laval-Tancarville d’Ormesson-Saint-Hilaire';

/** The code that an app shows at this time (RFC 6238) for a secret in base32. */
export function oneTimeCode(secret, now = Date.now()) {
  const bits = [...secret.toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c))
    .filter((value) => value >= 0).map((value) => value.toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

const service = (id, purpose, name) => ({
  id, name, provider: 'Example Video and Maps Limited', location: 'Ireland', purpose,
  policy_url: `https://${id}.example.org/privacy`,
  description: { en: 'Shows films and maps about the data.', fr: 'Montre des films et des cartes au sujet des données.' },
  hosts: [{ origin: `https://${id}.example.org`, loads: ['frame', 'script'] }, { origin: `https://*.img.${id}.example.org`, loads: ['image'] }],
  cookies: [{ name: `${id}_*`, lifetime: '13 months', purpose: { en: 'Counts views.', fr: 'Compte les vues.' } }],
  embeds: purpose === 'content' ? [{ id: `${id}-welcome`, address: `https://${id}.example.org/42`, height: 300, on_home: true,
    title: { en: 'What is open data?', fr: 'Que sont les données ouvertes ?' } }] : [],
});

// Sessions end when the family of the browser changes.
const AGENT = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36' };

class ChromiumVisitor extends Visitor {
  send(method, path, { headers, ...options } = {}) {
    return super.send(method, path, { ...options, headers: { ...AGENT, ...headers } });
  }
}

/** Signs in over HTTP; gives the cookies for a browser. */
async function session(portal, name) {
  const visitor = new ChromiumVisitor(portal.server);
  const answer = await visitor.signIn(name);
  assert.equal(answer.status, 303, answer.text);
  return visitor;
}

function command(words) {
  const done = run(words);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
  return done.stdout;
}

function addService(portal, id, purpose, name) {
  const file = join(portal.folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(service(id, purpose, name)));
  command(['service', 'add', file, '--data', portal.data]);
}

async function untilServices(portal, count) {
  for (;;) {
    const { services } = await (await portal.server.get('/.well-known/cookies.json')).json();
    if (services.length === count) return;
  }
}

/** Turns the second factor on; gives the secret. */
async function useSecondFactor(visitor) {
  const page = await visitor.get('/account/second-factor');
  const secret = /name="secret" value="([^"]+)"/.exec(page.text)[1];
  const answer = await visitor.post('/account/second-factor', { secret, code: oneTimeCode(secret) });
  assert.equal(answer.status, 200, answer.text);
  return secret;
}

/** Starts the portal: { server, data, folder, people (name: Visitor), outdated (cookie), links }. */
export async function makePortal({ users = 55, groups = 20, datasets, options = [] } = {}) {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const portal = { folder, data, people: {} };
  if (datasets) datasets(data);
  else publish(data, 'numbers', 3);
  const add = (name, ...words) => command(['user', 'add', name, '--data', data, ...words]);
  for (let i = 0; i < users; i++) add(`person${i}`, '--name', `Person ${i}`, '--email', `person${i}@example.org`);
  add(LONG, '--name', LONG, '--email', `${'l'.repeat(60)}@${'example.'.repeat(7)}org`, '--role', 'editor');
  for (let i = 0; i < groups; i++) command(['group', 'add', i === 7 ? 'L'.repeat(100) : `Department ${i}`, '--data', data]);
  command(['group', 'member', 'Department 1', '--add', LONG, '--add', 'person1', '--data', data]);
  portal.server = await serve(data, ['--portal-name', 'Données de Valdoria', '--controller', 'City of Valdoria, Square 1',
    '--access-log', 'off', ...options]);
  await makeUser(portal.server, data, 'ada', ['--role', 'administrator', '--name', LONG_NAME]);
  await makeUser(portal.server, data, 'bob', ['--name', 'Bob']);
  await makeUser(portal.server, data, 'carol', ['--role', 'publisher']);
  await makeUser(portal.server, data, 'rita');
  const link = (words) => /\/account\/link\/\S+/.exec(command(['user', ...words, '--data', data]))[0];
  portal.links = { used: (await makeUser(portal.server, data, 'ugo')).path, good: link(['reset', 'person2']) };
  command(['user', 'disable', 'ugo', '--data', data]);
  for (const name of ['ada', 'bob', 'carol', 'rita']) portal.people[name] = await session(portal, name);
  const carolId = command(['access', 'numbers', '--user', 'carol', '--manage', '--data', data]);
  assert.ok(carolId !== undefined);
  command(['access', 'numbers', '--group', 'Department 1', '--read', '--filter', 'n > 1', '--hide', 'text', '--data', data]);
  portal.secret = await useSecondFactor(portal.people.carol);
  for (const agent of ['Firefox/130.0', 'Chrome/140.0.0.0 Safari/537.36']) {
    const other = new Visitor(portal.server);
    await other.get('/account/sign-in');
    await other.post('/account/sign-in', { username: 'bob', password: PASSWORD },
      { headers: { 'user-agent': `Mozilla/5.0 (X11; Linux x86_64) ${agent}`, 'x-csrftoken': other.cookies.get('csrftoken') } });
  }
  for (const [name, fields] of [['nightly export', { write: '1' }], ['K'.repeat(100), {}], ['old script', { expires: '2030-01-01' }]]) {
    const made = await portal.people.bob.post('/account/keys', { name, expires: '', ...fields });
    assert.equal(made.status, 200, made.text);
  }
  const keys = await portal.people.bob.get('/account/keys');
  await portal.people.bob.post('/account/keys/revoke', { key: /name="key" value="(\d+)"/.exec(keys.text)[1] });
  addService(portal, 'video', 'content', 'Example Video');
  await untilServices(portal, 1);
  const earlier = new Visitor(portal.server);
  await earlier.post('/cookies', { choice: 'accept', way: 'page' }, { headers: { origin: portal.server.portal } });
  portal.outdated = earlier.cookies.get('cookies_preferences');
  addService(portal, 'maps', 'content', 'Example Maps with a rather long name');
  addService(portal, 'count', 'statistical', 'Counter');
  await untilServices(portal, 3);
  await portal.server.get('/', { headers: { cookie: `_ga=1; ${'n'.repeat(120)}=2` } });
  return portal;
}

/** Cookies of one of the people for a context of the browser. */
export function cookiesOf(portal, name) {
  return [...(portal.people[name]?.cookies ?? [])].map(([key, value]) => ({ name: key, value, url: portal.server.portal }));
}

const submit = (page) => page.click('main form[method=post] button[type=submit]');
const fill = (fields) => async (page) => {
  await page.$$eval('main [required]', (all) => all.forEach((field) => field.removeAttribute('required')));
  await page.$$eval('main form[method=post]', (all) => all.forEach((form) => { form.noValidate = true; }));
  for (const [selector, value] of Object.entries(fields)) await page.fill(selector, value);
  await page.click(`form:has(${Object.keys(fields)[0]}) button[type=submit]`);
};
const click = (selector) => (page) => page.click(selector);
const choose = (value) => async (page) => {
  await page.click(`main button[value=${value}]`);
  await page.locator('#saved, .consent[role=alert]').first().waitFor();
};

async function code(page, portal, name = 'carol') {
  await page.fill('#username', name);
  await page.fill('#password', PASSWORD);
  await submit(page);
  await page.locator('#code').waitFor();
}

/** The page of a user, found by the list. */
const userPage = (name, action = '') => async (page) => {
  await page.goto(`/backoffice/users?q=${name}`);
  const address = await page.locator('main tbody a').first().getAttribute('href');
  await page.goto(address + (action && `/${action}`));
};
const groupPage = (at, action = '') => async (page) => {
  await page.goto('/backoffice/groups');
  const address = await page.locator('main tbody a').nth(at).getAttribute('href');
  await page.goto(address + (action && `/${action}`));
};
const both = (first, second) => async (page, portal) => { await first(page, portal); await second(page, portal); };

/**
 * name; path, or act(page, portal); as: of the people; fault: the title begins with "Error: "; headers, cookies:
 * of the context; page: the path of the page that shares its title.
 */
export const states = [
  { name: 'home', path: '/' },
  { name: 'sign-in', path: '/account/sign-in' },
  { name: 'sign-in-welcome', path: '/account/sign-in?welcome=1', text: /Your password was set/ },
  { name: 'sign-in-refused', path: '/account/sign-in', act: fill({ '#username': 'nobody-here', '#password': 'wrong' }), fault: true },
  { name: 'code', path: '/account/sign-in', act: code },
  { name: 'code-wrong', path: '/account/sign-in', act: both(code, fill({ '#code': '12' })), fault: true },
  { name: 'forgotten', path: '/account/forgotten' },
  { name: 'forgotten-done', path: '/account/forgotten', act: fill({ '#username': 'nobody-here' }) },
  { name: 'link', path: (portal) => portal.links.good },
  { name: 'link-weak', path: (portal) => portal.links.good, act: fill({ '#password': 'short' }), fault: true },
  { name: 'link-used', path: (portal) => portal.links.used },
  { name: 'not-found', path: '/nowhere' },
  { name: 'sign-in-first', path: '/account/sign-in', act: async (page) => {
    await page.$eval('main form', (form) => { form.action = '/account'; form.noValidate = true; });
    await submit(page);
  } },
  { name: 'cookies', path: '/cookies' },
  { name: 'cookies-refused', path: '/cookies', act: choose('refuse') },
  { name: 'cookies-accepted', path: '/cookies', act: choose('accept') },
  { name: 'cookies-outdated', path: '/cookies', outdated: true },
  { name: 'home-outdated', path: '/', outdated: true },
  { name: 'cookies-signal', path: '/cookies', headers: { 'Sec-GPC': '1' } },
  { name: 'dialog', path: '/language', scripts: true, act: async (page) => {
    await page.click('.consent a[data-consent-dialog]');
    await page.locator('dialog[open] [data-consent-page]').waitFor();
  } },
  { name: 'policy', path: '/cookies/policy' },
  { name: 'revisions', path: '/cookies/revisions' },
  { name: 'revision', path: '/cookies/revisions/2' },
  { name: 'browser', path: '/cookies/browser' },
  { name: 'browser-signed-in', path: '/cookies/browser', as: 'bob', extra: [['_ga', 'GA1.2']] },
  { name: 'deleted', path: '/cookies/browser', act: click('form[action="/cookies/delete"] button') },
  { name: 'receipt-none', path: '/cookies/receipt' },
  { name: 'receipt', path: '/cookies', act: both(choose('refuse'), async (page) => {
    await page.goto('/cookies/receipt');
    await page.click('main form button');
  }) },
  { name: 'language', path: '/language' },
  { name: 'embedded', path: '/embedded/video-welcome' },
  { name: 'embedded-once', path: '/embedded/video-welcome', act: click('form[action^="/embedded"] button') },

  { name: 'profile', path: '/account', as: 'ada' },
  { name: 'profile-saved', path: '/account', as: 'bob', act: submit },
  { name: 'profile-wrong', path: '/account', as: 'bob', act: fill({ '#email': 'not an address' }), fault: true },
  { name: 'password', path: '/account/password', as: 'bob' },
  { name: 'password-wrong', path: '/account/password', as: 'bob', act: fill({ '#old_password': PASSWORD, '#password': 'short' }), fault: true },
  { name: 'second-factor', path: '/account/second-factor', as: 'bob' },
  { name: 'second-factor-wrong', path: '/account/second-factor', as: 'bob', act: fill({ '#code': '1' }), fault: true },
  { name: 'second-factor-on', path: '/account/second-factor', as: 'carol' },
  { name: 'recovery-codes', path: '/account/second-factor', as: 'carol', act: click('form[action$="recovery"] button'), page: '/account/second-factor' },
  { name: 'sessions', path: '/account/sessions', as: 'bob' },
  { name: 'keys-empty', path: '/account/keys', as: 'rita' },
  { name: 'keys', path: '/account/keys', as: 'bob' },
  { name: 'keys-wrong', path: '/account/keys', as: 'bob', act: fill({ '#name': '', '#expires': '2001-01-01' }), fault: true },
  { name: 'keys-made', path: '/account/keys', as: 'bob', act: fill({ '#name': 'another export' }) },
  { name: 'confirm', path: '/account/confirm?next=/account', as: 'rita' },
  { name: 'confirm-wrong', path: '/account/confirm?next=/account', as: 'rita', act: fill({ '#password': 'wrong' }), fault: true },
  { name: 'denied', path: '/backoffice/users', as: 'bob' },
  { name: 'form-kept', path: '/account', as: 'bob', act: async (page) => {
    await page.fill('#name', 'A name that took a long while to type and should not be lost');
    await page.$$eval('main [name=csrfmiddlewaretoken]', (all) => all.forEach((field) => { field.value = 'a'.repeat(64); }));
    await submit(page);
  } },

  { name: 'office', path: '/backoffice', as: 'ada' },
  { name: 'office-publisher', path: '/backoffice', as: 'carol' },
  { name: 'office-reader', path: '/backoffice', as: 'bob' },
  { name: 'users', path: '/backoffice/users', as: 'ada' },
  { name: 'users-last', path: '/backoffice/users?page=2', as: 'ada' },
  { name: 'users-none', path: '/backoffice/users?q=zzz', as: 'ada' },
  { name: 'user-new', path: '/backoffice/users/new', as: 'ada' },
  { name: 'user-new-wrong', path: '/backoffice/users/new', as: 'ada', act: fill({ '#name': 'a name', '#email': 'x' }), fault: true },
  { name: 'user-new-taken', path: '/backoffice/users/new', as: 'ada', act: fill({ '#name': 'bob' }), fault: true },
  { name: 'user-made', path: '/backoffice/users/new', as: 'ada', act: fill({ '#name': 'newcomer' }) },
  { name: 'user', as: 'ada', act: userPage('bob') },
  { name: 'user-long', as: 'ada', act: userPage(LONG) },
  { name: 'user-disabled', as: 'ada', act: userPage('ugo') },
  ...['profile', 'role', 'groups', 'link', 'sessions', 'disable'].map((action) => ({ name: `user-${action}`, as: 'ada', act: userPage('bob', action) })),
  { name: 'user-factor', as: 'ada', act: userPage('carol', 'second-factor') },
  { name: 'user-enable', as: 'ada', act: userPage('ugo', 'enable') },
  { name: 'user-link-made', as: 'ada', act: both(userPage('person3', 'link'), submit), page: '/backoffice/users/new' },
  { name: 'last-administrator', as: 'ada', act: both(userPage('ada', 'disable'), submit), fault: true },
  { name: 'groups', path: '/backoffice/groups', as: 'ada' },
  { name: 'group-new', path: '/backoffice/groups/new', as: 'ada' },
  { name: 'group-new-wrong', path: '/backoffice/groups/new', as: 'ada', act: fill({ '#name': 'Department 1' }), fault: true },
  { name: 'group', as: 'ada', act: groupPage(1) },
  { name: 'group-edit', as: 'ada', act: groupPage(1, 'edit') },
  { name: 'group-delete', as: 'ada', act: groupPage(1, 'delete') },
  { name: 'access', path: '/backoffice/access', as: 'ada' },
  { name: 'access-dataset', path: '/backoffice/datasets/numbers/access', as: 'ada' },
  { name: 'access-no-user', path: '/backoffice/datasets/numbers/access/rule?user=nobody-here', as: 'ada', fault: true },
  { name: 'rule', path: '/backoffice/datasets/numbers/access/rule?user=rita', as: 'ada' },
  { name: 'rule-everyone', path: '/backoffice/datasets/numbers/access/rule', as: 'ada' },
  { name: 'rule-wrong', path: '/backoffice/datasets/numbers/access/rule?user=rita', as: 'ada', act: async (page) => {
    await page.check('#rights-1');
    await fill({ '#filter': 'this is = not' })(page);
  }, fault: true },
  { name: 'rule-remove', path: '/backoffice/datasets/numbers/access/remove?user=carol', as: 'ada' },
  { name: 'view-as', path: '/backoffice/view-as', as: 'ada' },
  { name: 'view-as-wrong', path: '/backoffice/view-as', as: 'ada', act: async (page) => {
    await page.check('input[value=user]');
    await fill({ '#user': 'nobody-here' })(page);
  }, fault: true },
  { name: 'invitations', path: '/backoffice/invitations', as: 'ada' },
  { name: 'invitation-new', path: '/backoffice/invitations/new', as: 'ada' },
  { name: 'invitation-wrong', path: '/backoffice/invitations/new', as: 'ada', act: fill({ '#email': 'nobody@' }), fault: true },
  { name: 'keys-of-all', path: '/backoffice/keys', as: 'ada' },
  { name: 'sessions-of-all', path: '/backoffice/sessions', as: 'ada' },
  { name: 'services', path: '/backoffice/services', as: 'ada' },
  { name: 'service-new', path: '/backoffice/services/new', as: 'ada' },
  { name: 'service-wrong', path: '/backoffice/services/new', as: 'ada', act: fill({ '#document': '{"id": "x"' }), fault: true },
  { name: 'service-preview', path: '/backoffice/services/video', as: 'ada', act: click('main button[name=preview]') },
  { name: 'service-remove', path: '/backoffice/services/video/remove', as: 'ada' },
  { name: 'office-cookies', path: '/backoffice/cookies', as: 'ada' },
  { name: 'audit', path: '/backoffice/audit', as: 'ada' },
  { name: 'audit-wrong', path: '/backoffice/audit?from=soon', as: 'ada', fault: true },
  { name: 'audit-none', path: '/backoffice/audit?action=group.rename', as: 'ada' },
];

/** Opens a state in a new context: { context, page }. open(options): makes the context. */
export async function show(portal, state, open) {
  const context = await open({ portal: portal.server.portal, headers: state.headers });
  const { portal: url } = portal.server;
  const named = (pairs) => pairs.map(([name, value]) => ({ name, value, url }));
  await context.addCookies([...cookiesOf(portal, state.as), ...named(state.extra ?? []),
    ...named(state.outdated ? [['cookies_preferences', portal.outdated]] : [])]);
  const page = await context.newPage();
  if (state.path) await page.goto(typeof state.path === 'function' ? state.path(portal) : state.path);
  await state.act?.(page, portal).catch(async (error) => {
    throw new Error(`${state.name} at ${page.url()}, ${await page.title()}: ${error.message}`);
  });
  await page.waitForLoadState();
  return { context, page };
}
