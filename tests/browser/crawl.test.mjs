// Observed = declared: a real browser walks every page that links lead to, as nobody, as a reader and as an
// administrator, before and after each choice. What is kept in the browser and what is asked of other hosts
// must be what /.well-known/cookies.json says, in both directions.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkReflow, foreignRequests, launch, record, stored, visitor, walk } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');

// A video host of our own, to be seen by the browser only once it was accepted.
const key = join(folder, 'key.pem');
const certificate = join(folder, 'certificate.pem');
execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate,
  '-days', '2', '-subj', '/CN=video.example.org'], { stdio: 'ignore' });
let asked = 0;
const host = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, answer) => {
  asked += 1;
  answer.setHeader('content-type', 'text/html');
  answer.end('<!doctype html><html lang="en"><title>Video</title><p>A video.</p></html>');
});
await new Promise((resolve) => { host.listen(0, '127.0.0.1', resolve); });
after(() => { host.closeAllConnections(); host.close(); });
const browser = await launch({ hosts: { 'video.example.org:443': host.address().port } });

const service = {
  id: 'video', name: 'Example Video', provider: 'Example Ltd', location: 'Ireland',
  policy_url: 'https://video.example.org/privacy', purpose: 'content',
  description: { en: 'Shows the film about the portal.', fr: 'Montre le film sur le portail.' },
  hosts: [{ origin: 'https://video.example.org', loads: ['frame'] }],
  cookies: [{ name: 'seen', lifetime: '1 year', purpose: { en: 'Remembers the film.', fr: 'Retient le film.' } }],
  embeds: [{ id: 'film', address: 'https://video.example.org/film', title: { en: 'The film', fr: 'Le film' }, height: 300, on_home: true }],
};

async function newVisitor(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  return context;
}

async function signIn(page, name) {
  await page.goto('/account/sign-in?next=/account');
  await page.fill('#username', name);
  await page.fill('#password', PASSWORD);
  await page.click('main button[type=submit]');
  await page.waitForURL('**/account');
}

const declaration = async () => (await server.get('/.well-known/cookies.json')).json();
const observed = new Set();

const PLACES = ['localStorage', 'sessionStorage', 'databases', 'caches', 'serviceWorkers'];

/** Nothing is kept but cookies, wherever a browser could keep it. */
function checkPlaces(kept, where) {
  for (const place of PLACES) assert.deepEqual(kept[place], [], `${place} at ${where}`);
}

/** Every cookie of the context is declared, with the declared attributes. */
async function checkCookies(context, page, expected) {
  const kept = await stored(page);
  const { cookies: declared } = await declaration();
  for (const cookie of kept.cookies) {
    const entry = declared.find(({ name }) => name === cookie.name);
    assert.ok(entry, `${cookie.name} is declared (${page.url()})`);
    assert.equal(cookie.httpOnly, entry.http_only, cookie.name);
    assert.equal(cookie.sameSite, entry.same_site, cookie.name);
    assert.equal(cookie.path, '/', cookie.name);
    assert.equal(cookie.domain, '127.0.0.1', cookie.name);
    const seconds = cookie.expires - Date.now() / 1000;
    assert.ok(cookie.expires === -1 || seconds <= entry.max_age_seconds + 5, `${cookie.name} lasts ${seconds}`);
    observed.add(cookie.name);
  }
  assert.deepEqual(kept.cookies.map(({ name }) => name).sort(), [...expected].sort(), page.url());
  checkPlaces(kept, page.url());
}

const people = [
  { name: 'nobody', user: null, cookies: [] },
  { name: 'a reader', user: 'bob', cookies: ['csrftoken', 'sessionid'] },
  { name: 'an administrator', user: 'ada', cookies: ['csrftoken', 'sessionid'] },
];

for (const person of people) {
  test(`${person.name}, without anything that needs consent: no banner, declared cookies only`, async () => {
    const context = await newVisitor();
    const page = await context.newPage();
    if (person.user) await signIn(page, person.user);
    const seen = record(context);
    const paths = await walk(server, page, async (path, answer) => {
      assert.equal(await page.locator('.consent').count(), 0, `banner at ${path}`);
      assert.ok(await page.locator('footer a[href="/cookies"]').count(), `link to the choices at ${path}`);
      assert.ok(answer.headers()['content-security-policy'], path);
      if (!path.startsWith('/backoffice/')) { // those: crawl-office.test.mjs, with something of each kind
        await axe(page, `${path} as ${person.name}`);
        await checkReflow(page, path);
      }
      const allowed = new Set([...person.cookies, 'csrftoken']);
      const names = (await context.cookies()).map(({ name }) => name);
      await checkCookies(context, page, names.filter((name) => allowed.has(name)));
    });
    assert.ok(paths.size > 5, [...paths].join(' '));
    if (person.user === 'ada') assert.ok([...paths].some((path) => path.startsWith('/backoffice/')), [...paths].join(' '));
    assert.deepEqual(foreignRequests(seen, server.portal), []);
    assert.deepEqual(seen.problems, []);
    await context.close();
  });
}

test('a visit of public pages leaves nothing at all', async () => {
  const context = await newVisitor();
  const page = await context.newPage();
  for (const path of ['/', '/cookies/policy', '/cookies/revisions', '/nowhere']) {
    await page.goto(path);
    await checkCookies(context, page, []);
  }
  await context.close();
});

test('with an external service: nothing is asked of it before consent, and only after', async (context) => {
  const file = join(folder, 'video.json');
  writeFileSync(file, JSON.stringify(service));
  const added = run(['service', 'add', file, '--data', data]);
  assert.equal(added.status, 0, added.stderr);
  while (!(await declaration()).services.length);

  for (const person of people) {
    for (const choice of ['none', 'refuse', 'accept', 'signal']) {
      await context.test(`${person.name}, ${choice}`, async () => {
        asked = 0;
        const browsing = await newVisitor({ headers: choice === 'signal' ? { 'Sec-GPC': '1' } : undefined });
        await browsing.route('https://video.example.org/**', (route) => route.fallback());
        const page = await browsing.newPage();
        if (person.user) await signIn(page, person.user);
        if (choice === 'refuse' || choice === 'accept') {
          await page.goto('/');
          await page.click(choice === 'accept' ? '.consent button >> nth=0' : '.consent button >> nth=1');
          await page.waitForFunction(() => !document.querySelector('.consent form'));
        }
        const seen = record(browsing);
        await walk(server, page, async (path, answer) => {
          const policy = answer.headers()['content-security-policy'];
          assert.equal(policy.includes('video.example.org'), choice === 'accept', path);
          const banner = await page.locator('.consent').count();
          if (choice !== 'none') assert.equal(banner, 0, `banner at ${path}`);
          const names = (await browsing.cookies()).map(({ name }) => name)
            .filter((name) => name !== 'csrftoken').sort();
          const wanted = [...(choice === 'refuse' || choice === 'accept' ? ['cookies_preferences'] : []),
            ...(person.user ? ['sessionid'] : [])].sort();
          assert.deepEqual(names, wanted, path);
          checkPlaces(await stored(page), `${path}, ${choice}`);
          assert.ok(await page.locator('footer a[href="/cookies"]').count(), `link to the choices at ${path}`);
        });
        const foreign = foreignRequests(seen, server.portal);
        if (choice === 'accept') {
          assert.ok(foreign.length > 0);
          assert.ok(foreign.every((request) => request.host === 'video.example.org'));
        } else {
          assert.deepEqual(foreign, []);
          assert.equal(asked, 0);
        }
        (await browsing.cookies()).forEach(({ name }) => observed.add(name));
        await browsing.close();
      });
    }
  }
});

test('the language is remembered only when it was chosen', async () => {
  const context = await newVisitor({ language: 'fr-FR' });
  const page = await context.newPage();
  await page.goto('/');
  assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  await checkCookies(context, page, []);
  await page.goto('/language?next=/');
  await page.getByRole('button', { name: 'English' }).click();
  await page.waitForURL(`${server.portal}/`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  (await context.cookies()).forEach(({ name }) => observed.add(name));
  const names = (await context.cookies()).map(({ name }) => name).filter((name) => name !== 'csrftoken');
  assert.deepEqual(names, ['django_language']);
  await context.close();
});

test('every declared cookie was seen', async () => {
  const { cookies } = await declaration();
  assert.deepEqual([...observed].sort(), cookies.map(({ name }) => name).sort());
});
