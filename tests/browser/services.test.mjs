// External services in a real browser (cookies-and-privacy.md X4, X9): hosts of our own answer for them, and count who
// asks. The Content-Security-Policy keeps out what is not declared or not accepted, whoever tries to load it;
// cookies kept by services are those that they declare, in both directions, and go when consent ends.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import test, { after, beforeEach } from 'node:test';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { checkStored, launch, stored, visitor } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);

// What its provider put into the counter's script, beyond what was declared: the browser must stop that.
const SCRIPT = `
  document.cookie = 'cnt_id=1; path=/; max-age=1000';
  localStorage.setItem('cnt', '1');
  new Image().src = 'https://undeclared.example.org/pixel';
  fetch('https://undeclared.example.org/beacon').catch(() => {});
  navigator.sendBeacon('https://undeclared.example.org/beacon');
  const frame = document.createElement('iframe');
  frame.src = 'https://undeclared.example.org/frame';
  document.body.append(frame);
  fetch('https://counter.example.org/hit', { mode: 'no-cors' }).then(() => { document.documentElement.dataset.counted = '1'; });`;

const key = join(folder, 'key.pem');
const certificate = join(folder, 'certificate.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate,
  '-days', '2', '-subj', '/CN=example.org'], { stdio: 'ignore' });
const asked = [];
const host = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, answer) => {
  asked.push(`${request.headers.host}${request.url}`);
  const isScript = request.url.endsWith('.js');
  answer.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
  answer.setHeader('set-cookie', 'seen=1; Secure; SameSite=None; Partitioned; Max-Age=1000; Path=/');
  answer.end(isScript ? SCRIPT : '<!doctype html><html lang="en"><title>Video</title><p>A video.</p></html>');
});
await new Promise((resolve) => { host.listen(0, '127.0.0.1', resolve); });
after(() => { host.closeAllConnections(); host.close(); });
beforeEach(() => { asked.length = 0; });

const HOSTS = ['counter.example.org', 'video.example.org', 'undeclared.example.org', 'images.maps.example.org'];
const browser = await launch({ hosts: Object.fromEntries(HOSTS.map((name) => [`${name}:443`, host.address().port])) });

const common = { provider: 'Example Ltd', location: 'Ireland', policy_url: 'https://example.org/privacy', description: { en: 'Does something.' } };
const seen = { name: 'seen', lifetime: '1 day', purpose: { en: 'Knows you again.' } };
const services = [
  { ...common, id: 'counter', name: 'Example Counter', purpose: 'statistical', script: 'https://counter.example.org/c.js',
    hosts: [{ origin: 'https://counter.example.org', loads: ['script', 'connect'] }],
    cookies: [seen, { name: 'cnt_*', lifetime: '1 day', party: 'first', purpose: { en: 'Tells visits apart.' } }] },
  { ...common, id: 'video', name: 'Example Video', purpose: 'content', cookies: [seen],
    hosts: [{ origin: 'https://video.example.org', loads: ['frame'] }, { origin: 'https://*.maps.example.org', loads: ['image'] }],
    embeds: [{ id: 'film', address: 'https://video.example.org/film', title: { en: 'The film' }, height: 300, on_home: true }] },
];
for (const service of services) {
  const file = join(folder, `${service.id}.json`);
  writeFileSync(file, JSON.stringify(service));
  const added = run(['service', 'add', file, '--data', data]);
  assert.equal(added.status, 0, added.stderr);
}
const server = await serve(data);

async function open(path = '/', options = {}) {
  const context = await visitor(browser, { portal: server.portal, ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  await page.goto(path);
  return { context, page };
}

/** Tries to load something of each kind from a host; gives the kinds that the browser refused. */
function tryAll(page, name) {
  return page.evaluate(async (target) => {
    const refused = new Set();
    document.addEventListener('securitypolicyviolation', (event) => {
      if (event.blockedURI.includes(target)) refused.add(event.effectiveDirective);
    });
    const load = (tag, attribute, address) => new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = resolve;
      element.onerror = resolve;
      try {
        element[attribute] = `https://${target}/${address}`;
        document.body.append(element);
      } catch {
        refused.add('script-src-elem'); // Trusted Types: not even the address may be set
        resolve();
      }
      setTimeout(resolve, 500);
    });
    await load('img', 'src', 'picture');
    await load('script', 'src', 'other.js');
    await load('iframe', 'src', 'frame');
    await load('video', 'src', 'film');
    await fetch(`https://${target}/fetch`, { mode: 'no-cors' }).catch(() => {});
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = `https://${target}/style`;
    document.head.append(style);
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    return [...refused].sort();
  }, name);
}
const ALL = ['connect-src', 'frame-src', 'img-src', 'media-src', 'script-src-elem', 'style-src-elem'];
const without = (...kinds) => ALL.filter((kind) => !kinds.includes(kind));

test('before consent the browser refuses every load from every other host, declared or not', async () => {
  for (const path of ['/', '/cookies/policy', '/cookies', '/account/sign-in', '/nowhere', '/embedded/film']) {
    const { context, page } = await open(path);
    for (const name of HOSTS) assert.deepEqual(await tryAll(page, name), ALL, `${path} ${name}`);
    assert.deepEqual(asked, [], path);
    await context.close();
  }
});

test('scripts written into the page and addresses of forms are refused too', async () => {
  const { context, page } = await open('/');
  const outcome = await page.evaluate(async () => {
    const kinds = [];
    document.addEventListener('securitypolicyviolation', (event) => kinds.push(event.effectiveDirective));
    try {
      document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.wasRun = true">');
    } catch { kinds.push('markup refused'); }
    const base = document.createElement('base');
    base.href = 'https://undeclared.example.org/';
    document.head.append(base);
    const form = document.createElement('form');
    form.action = 'https://undeclared.example.org/form';
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
    return { kinds, wasRun: window.wasRun ?? false, base: document.baseURI };
  });
  assert.equal(outcome.wasRun, false);
  assert.ok(outcome.kinds.includes('markup refused') || outcome.kinds.includes('require-trusted-types-for'), outcome.kinds.join());
  for (const kind of ['base-uri', 'form-action']) assert.ok(outcome.kinds.includes(kind), `${kind}: ${outcome.kinds}`);
  assert.equal(outcome.base, `${server.portal}/`);
  assert.deepEqual(asked, []);
  await context.close();
});

test('after consent a host may do what it is declared for, and nothing else', async () => {
  const { context, page } = await open('/');
  await page.click('.consent button[value=accept]');
  await page.waitForURL('**/?consent=saved#consent-saved');
  await page.goto('/cookies/policy');
  assert.deepEqual(await tryAll(page, 'undeclared.example.org'), ALL);
  assert.deepEqual(await tryAll(page, 'counter.example.org'), without('script-src-elem', 'connect-src'));
  assert.deepEqual(await tryAll(page, 'video.example.org'), without('frame-src'));
  assert.deepEqual(await tryAll(page, 'images.maps.example.org'), without('img-src'));
  assert.ok(asked.includes('counter.example.org/other.js') && asked.includes('video.example.org/frame')
    && asked.includes('images.maps.example.org/picture'), asked.join(' '));
  assert.deepEqual(asked.filter((address) => address.startsWith('undeclared')), [], 'the service\'s script tried');
  await context.close();
});

/** Declared cookies of services: [host, name, its pattern]. */
async function declaredCookies() {
  const declared = (await (await server.get('/.well-known/cookies.json')).json()).services;
  return declared.flatMap((service) => service.cookies.map((cookie) => ({ ...cookie, service: service.id })));
}
const fits = (name, pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern);

test('services keep what they declare, all of it and nothing else; withdrawal empties it at once', async () => {
  const { context, page } = await open('/');
  await page.click('.consent button[value=accept]');
  await page.locator('html[data-counted]').waitFor({ state: 'attached' });
  await page.frameLocator('iframe.embed').getByText('A video.').waitFor();
  const declared = await declaredCookies();
  const ours = ['cookies_preferences'];
  const found = (await context.cookies()).filter(({ name }) => !ours.includes(name));
  for (const cookie of found) {
    const party = cookie.domain.endsWith('127.0.0.1') ? 'first' : 'third';
    assert.ok(declared.some((one) => one.party === party && fits(cookie.name, one.name)), `${cookie.name} of ${cookie.domain} is declared`);
  }
  for (const one of declared) {
    assert.ok(found.some((cookie) => fits(cookie.name, one.name)), `${one.name} of ${one.service} was seen`);
  }
  assert.deepEqual((await stored(page)).localStorage, ['cnt']);

  await page.click('footer a[href="/cookies"]');
  await page.locator('dialog[open] button[value=refuse]').click();
  await page.waitForURL('**/cookies?saved=1#saved');
  await page.goto('/');
  await checkStored(page, (await context.cookies()).map(({ name }) => name).filter((name) => name !== 'cnt_id'));
  assert.deepEqual((await context.cookies(server.portal)).map(({ name }) => name), ['cookies_preferences']);
  assert.equal(await page.locator('iframe, script[async]').count(), 0);
  asked.length = 0;
  await page.goto('/cookies/policy');
  assert.deepEqual(asked, []);
  await context.close();
});

test('shown once: that frame alone is asked, no script of a service runs', async () => {
  const { context, page } = await open('/embedded/film');
  await page.click('form[action="/embedded/film"] button');
  await page.frameLocator('iframe.embed').getByText('A video.').waitFor();
  assert.deepEqual([...new Set(asked.filter((address) => !address.endsWith('/favicon.ico')))], ['video.example.org/film']);
  assert.deepEqual(await tryAll(page, 'counter.example.org'), ALL);
  await checkStored(page, ['seen']);
  await page.goto('/');
  assert.equal(await page.locator('iframe').count(), 0);
  await context.close();
});

test('no script of a service runs where a password or a secret is typed or shown', async () => {
  const { context, page } = await open('/');
  await page.click('.consent button[value=accept]');
  await page.waitForURL('**/?consent=saved#consent-saved');
  for (const path of ['/account/sign-in', '/account/forgotten', '/cookies/browser', '/cookies/receipt', '/cookies']) {
    await page.goto(path);
    assert.equal(await page.locator('script[async]').count(), 0, path);
  }
  await context.close();
});
