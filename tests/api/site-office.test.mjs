// Settings of the site and pages of content in the back office, over HTTP: layers, editors at once, nodes, hostile input.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'communes', 30);
publish(data, 'secret', 5);
assert.equal(run(['access', 'secret', '--restrict', '--data', data]).status, 0);
writeFileSync(join(folder, 'site.json'), JSON.stringify({ lead: { en: 'From the file' }, footer: [{ label: 'Legal', address: '/legal' }] }));

/** A relay that takes letters and keeps them. */
const letters = [];
const relay = createServer((socket) => {
  let inData = false;
  socket.write('220 relay\r\n');
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    for (const line of String(bytes).split('\r\n')) {
      if (inData) {
        letters.push(line);
        if (line === '.') { inData = false; socket.write('250 taken\r\n'); }
      } else if (/^DATA/.test(line)) { inData = true; socket.write('354 go on\r\n');
      } else if (/^QUIT/.test(line)) socket.end('221 bye\r\n');
      else if (line) socket.write('250 fine\r\n');
    }
  });
});
await new Promise((resolve) => { relay.listen(0, '127.0.0.1', resolve); });
after(() => relay.close());

const options = ['--site', join(folder, 'site.json'), '--public-url', 'http://portal.example'];
const server = await serve(data, options);
const other = await serve(data, options);
await makeUser(server, data, 'ada', ['--role', 'administrator', '--email', 'ada@example.org']);
await makeUser(server, data, 'bob', ['--role', 'administrator']);
await makeUser(server, data, 'pia', ['--role', 'publisher']);

async function signedIn(name, at = server) {
  const visitor = new Visitor(at);
  assert.equal((await visitor.signIn(name)).status, 303);
  return visitor;
}
const ada = await signedIn('ada');
const bob = await signedIn('bob');
const adaThere = await signedIn('ada', other);

const textOf = async (path, at = server, headers = {}) => (await at.get(path, { headers })).text();
const seenIn = (text) => /name="revision" value="(-?\d+)"/.exec(text)[1];

/** The fields of a form as they stand in its page, besides those given. */
async function fill(visitor, path, fields) {
  const page = await visitor.get(path);
  assert.equal(page.status, 200, page.text);
  const values = {};
  for (const [input] of page.text.matchAll(/<input class="input"[^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(input)[1];
    const value = / value="([^"]*)"/.exec(input);
    if (value && !/ type="file"/.test(input)) values[name] = value[1];
  }
  for (const [, name, value] of page.text.matchAll(/<textarea[^>]* name="([^"]*)"[^>]*>\n?([^<]*)<\/textarea>/g)) values[name] = value;
  for (const [input] of page.text.matchAll(/<input type="(?:radio|checkbox)"[^>]* checked>/g)) {
    values[/ name="([^"]*)"/.exec(input)[1]] = / value="([^"]*)"/.exec(input)[1];
  }
  return { ...values, revision: seenIn(page.text), ...fields };
}
async function save(visitor, path, fields) {
  const answer = await visitor.post(path, await fill(visitor, path, fields));
  assert.equal(answer.status, 303, answer.text);
  return visitor.get(answer.location);
}
function multipart(visitor, path, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value?.bytes) form.set(name, new Blob([value.bytes]), value.name);
    else form.set(name, value);
  }
  return visitor.send('POST', path, { body: form, headers: { 'x-csrftoken': visitor.cookies.get('csrftoken') } });
}

test('every page is for administrators', async () => {
  const pia = await signedIn('pia');
  for (const path of ['', '/texts', '/about', '/look', '/home', '/facets', '/footer', '/languages', '/mail', '/mail/test', '/embeds', '/retention', '/texts/reset']
    .map((name) => `/backoffice/site${name}`).concat('/backoffice/pages', '/backoffice/pages/new')) {
    assert.equal((await new Visitor(server).get(path)).status, 303, path);
    assert.equal((await pia.get(path)).status, 403, path);
    const page = await ada.get(path);
    assert.equal(page.status, 200, path);
    assert.equal(page.text.match(/<h1>/g).length, 1, path);
    assert.match(page.headers.get('cache-control'), /no-store/, path);
  }
  assert.equal((await pia.post('/backoffice/site/texts', { name: 'x' })).status, 403);
});

test('what is saved lies above the file, at once and on every node, and can be taken back', async () => {
  assert.match(await textOf('/'), /From the file/);
  const done = await save(ada, '/backoffice/site/texts', { name: 'Valdoria <data>', lead_en: 'Saved here', lead_fr: 'Enregistré ici' });
  assert.match(done.text, /saved and in force/);
  const home = await textOf('/');
  assert.match(home, /Valdoria &lt;data&gt;/);
  assert.match(home, /Saved here/);
  assert.match(await textOf('/', server, { 'accept-language': 'fr' }), /Enregistré ici/);
  assert.match(await textOf('/'), /href="\/legal"/, 'what was not saved still comes from the file');
  await eventually('the other node has it', async () => /Saved here/.test(await textOf('/', other)));
  assert.match(await textOf('/opensearch.xml'), /Valdoria/);
  const form = await ada.get('/backoffice/site/texts');
  assert.match(form.text, /Saved by ada/);
  assert.match(form.text, /From the file/, 'what would hold without it');
  const json = JSON.parse((await ada.get('/backoffice/site', { headers: { accept: 'application/json' } })).text).settings;
  assert.equal(json.name.value, 'Valdoria <data>');
  assert.equal(json.name.origin, 'stored');
  assert.equal(json.footer.origin, 'file');
  assert.equal(json.language.origin, 'default');
  assert.equal((await ada.post('/backoffice/site/texts/reset', {})).status, 303);
  assert.match(await textOf('/'), /From the file/);
  await eventually('the other node, too', async () => /From the file/.test(await textOf('/', other)));
});

test('the second of two editors is shown both, and nothing is overwritten', async () => {
  const mine = await fill(ada, '/backoffice/site/texts', { name: 'By Ada' });
  const theirs = await fill(bob, '/backoffice/site/texts', { name: 'By Bob' });
  assert.equal((await ada.post('/backoffice/site/texts', mine)).status, 303);
  const refused = await bob.post('/backoffice/site/texts', theirs);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /Somebody else saved/);
  assert.match(refused.text, /value="By Bob"/);
  assert.match(refused.text, /By Ada/);
  assert.match(await textOf('/'), /By Ada/);
  assert.equal((await bob.post('/backoffice/site/texts', { ...theirs, revision: seenIn(refused.text) })).status, 303);
  assert.match(await textOf('/'), /By Bob/);
  const script = await ada.post('/backoffice/site/texts', { ...mine }, { headers: { accept: 'application/json' } });
  assert.equal(script.status, 422);
  assert.match(JSON.parse(script.text).message, /Somebody else/);
});

test('times are those of the portal\'s time zone, on every node, and days of metadata stay days', async () => {
  const log = async (visitor = ada) => /\s[AP]M (UTC[^<\s]*)</.exec((await visitor.get('/backoffice/audit')).text)?.[1];
  assert.equal(await log(), 'UTC');
  const wrong = await ada.post('/backoffice/site/languages', await fill(ada, '/backoffice/site/languages', { languages: 'en', language: 'en', timezone: 'Europe/Lutetia' }));
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /There is no such time zone/);
  assert.match(wrong.text, /value="Europe\/Lutetia"/);
  assert.match(wrong.text, /<option value="Pacific\/Honolulu">/);
  await save(ada, '/backoffice/site/languages', { languages: 'en', language: 'en', timezone: 'asia/kolkata' });
  assert.match((await ada.get('/backoffice/site')).text, /Asia\/Kolkata/);
  assert.equal(await log(), 'UTC+5:30');
  await eventually('the other node has it', async () => await log(adaThere) === 'UTC+5:30');
  assert.equal(run(['key', 'add', 'ada', '--name', 'nightly', '--expires', '2999-03-01', '--data', data]).status, 0);
  const expires = async (path) => [...(await ada.get(path)).text.matchAll(/[A-Z][a-z]{2} \d+, 2999[^<]*/g)].map(([day]) => day);
  for (const path of ['/backoffice/keys', '/account/keys']) assert.deepEqual(await expires(path), ['Mar 1, 2999'], path);
  const described = run(['describe', 'communes', '--data', data, '--set', 'modified=2026-02-03']);
  assert.equal(described.status, 0, described.stderr);
  await save(ada, '/backoffice/site/languages', { languages: 'en', language: 'en', timezone: 'Pacific/Honolulu' });
  await eventually('the day', async () => /Feb 3, 2026/.test(await textOf('/explore/dataset/communes/')));
  assert.doesNotMatch(await textOf('/explore/'), /Feb 2, 2026/);
  for (const path of ['/backoffice/keys', '/account/keys']) assert.deepEqual(await expires(path), ['Mar 1, 2999'], `${path}: a day that somebody gave`);
  assert.equal((await ada.post('/backoffice/site/languages/reset', {})).status, 303);
  assert.equal(await log(), 'UTC');
});

test('home page, facets, languages and footer follow', async () => {
  await save(ada, '/backoffice/site/home', { place_latest: '1', place_figures: '2', place_themes: '', place_search: '', place_featured: '3', featured: 'communes' });
  const home = await textOf('/');
  assert.match(home, /id="featured"/);
  assert.ok(home.indexOf('id="latest"') < home.indexOf('id="figures"'));
  assert.doesNotMatch(home, /id="q"/, 'no search in the middle');
  assert.match(home, /id="site-q"/, 'but in the header');
  const form = (await ada.get('/backoffice/site/home')).text;
  const order = [...form.matchAll(/name="place_([a-z]+)"/g)].map((match) => match[1]);
  assert.deepEqual(order.slice(0, 3), ['latest', 'figures', 'featured'], 'as on the page; those without a place come last');
  assert.equal(order.length, 8);
  const wrong = await ada.post('/backoffice/site/home', await fill(ada, '/backoffice/site/home', { featured: 'nothere', place_latest: 'one' }));
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /There is no dataset nothere/);
  assert.match(wrong.text, /value="one"/);
  await save(ada, '/backoffice/site/languages', { languages: 'fr', language: 'fr' });
  const french = await server.get('/', { headers: { 'accept-language': 'de' } });
  assert.equal(french.headers.get('content-language'), 'fr');
  assert.doesNotMatch(await textOf('/'), /hreflang="de"/);
  assert.doesNotMatch(await textOf('/sitemap/pages.xml'), /hreflang="de"/);
  assert.equal((await server.get('/?lang=de')).headers.get('content-language'), 'fr');
  assert.equal((await ada.post('/backoffice/site/languages/reset', {})).status, 303);
  await save(ada, '/backoffice/site/footer', { footer: '/pages/legal/ | en=Legal notice | fr=Mentions légales\nhttps://example.org/ | Example\n' });
  assert.match(await textOf('/'), /<a href="\/pages\/legal\/">Legal notice<\/a>/);
  const bad = await ada.post('/backoffice/site/footer', await fill(ada, '/backoffice/site/footer', { footer: 'javascript:alert(1) | x' }));
  assert.equal(bad.status, 422);
  assert.match(bad.text, /Line 1/);
  await save(ada, '/backoffice/site/facets', { place_publisher: '1', place_theme: '', place_features: '', place_keyword: '', place_modified: '2', place_language: '', place_license: '' });
  const catalogue = await textOf('/explore/');
  assert.doesNotMatch(catalogue, /name="[^"]*features/);
});

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="120" height="40" fill="#456"/></svg>';
const HOSTILE = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"/>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><a href="javascript:alert(1)"><rect width="9" height="9"/></a></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><foreignObject><b xmlns="http://www.w3.org/1999/xhtml">x</b></foreignObject></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="https://example.org/x.png"/></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>@import "https://example.org/x.css";</style></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect style="fill:url(https://example.org/x)" width="9" height="9"/></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><use xlink:href="data:image/svg+xml,x" xmlns:xlink="http://www.w3.org/1999/xlink"/></svg>',
  '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&a;</text></svg>',
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><set attributeName="href" to="javascript:alert(1)"/></svg>', '<svg', 'MZ not a picture', ''];

test('a logo is taken when it only draws; colours when they can be read', async () => {
  const path = '/backoffice/site/look';
  const fields = await fill(ada, path, { accent: '#7a1f5c', accent_dark: '#f0a6d5', logo_height: '40' });
  for (const bytes of HOSTILE.slice(0, -1)) {
    const refused = await multipart(ada, path, { ...fields, logo: { bytes, name: 'logo.svg' } });
    assert.equal(refused.status, 422, bytes);
    assert.match(refused.text, /id="logo-error"/, bytes);
  }
  const huge = await multipart(ada, path, { ...fields, logo: { bytes: `${SVG}<!--${'x'.repeat(600 << 10)}-->`, name: 'logo.svg' } });
  assert.match(huge.text, /larger than 512/);
  const pale = await multipart(ada, path, { ...fields, accent: '#ffffaa' });
  assert.equal(pale.status, 422);
  assert.match(pale.text, /could not be read: its contrast is 1\.0|could not be read/);
  const done = await multipart(ada, path, { ...fields, logo: { bytes: SVG, name: 'anything.png' } });
  assert.equal(done.status, 303, done.text);
  const home = await textOf('/');
  const [logo] = /\/site\/logo-[0-9a-f]{16}\.svg/.exec(home);
  assert.match(home, /width="120" height="40"/);
  assert.equal(await textOf(logo), SVG);
  const [theme] = /\/site\/theme-[0-9a-f]{16}\.css/.exec(home);
  assert.match(await textOf(theme), /--accent:#7a1f5c/);
  await eventually('the logo on the other node', async () => (await other.get(logo)).status === 200);
  const preview = await ada.get('/backoffice/site/preview.svg?accent=7a1f5c&accent_dark=f0a6d5');
  assert.match(preview.text, /#7a1f5c/);
  assert.equal((await ada.get('/backoffice/site/preview.svg?accent=%22%3E&accent_dark=f0a6d5')).status, 400);
});

test('mail goes by the saved relay; its password is never shown', async () => {
  const path = '/backoffice/site/mail';
  const url = `smtp://127.0.0.1:${relay.address().port}`;
  const wrong = await ada.post(path, await fill(ada, path, { url: 'http://x', from: 'nobody', password: 'sesame-open' }));
  assert.equal(wrong.status, 422);
  assert.match(wrong.text, /id="url-error"/);
  assert.match(wrong.text, /id="from-error"/);
  assert.doesNotMatch(wrong.text, /sesame-open/);
  await save(ada, path, { url, from: 'portal@example.org', user: '', password: '' });
  assert.equal((await ada.post('/backoffice/site/mail/test', {})).status, 303);
  await eventually('the letter', () => letters.some((line) => /^To: <?ada@example\.org/.test(line)));
  await save(ada, path, { url, from: 'portal@example.org', user: 'parvis', password: 'sesame-open' });
  const page = await ada.get(path);
  assert.match(page.text, /One is kept, encrypted/);
  for (const text of [page.text, (await ada.get('/backoffice/site')).text, (await ada.get('/backoffice/site', { headers: { accept: 'application/json' } })).text,
    (await ada.get('/backoffice/audit')).text]) assert.doesNotMatch(text, /sesame-open/);
  await save(ada, path, { url: 'smtp://127.0.0.1:1', from: 'portal@example.org', user: 'parvis', password: '' });
  assert.match((await ada.get(path)).text, /None is kept/, 'a password does not go to another relay');
  const failed = await ada.post('/backoffice/site/mail/test', {});
  assert.equal(failed.status, 422);
  assert.match(failed.text, /could not be sent/);
  assert.equal((await bob.post('/backoffice/site/mail/test', {})).status, 422, 'no address');
});

test('embeds and retention', async () => {
  await save(ada, '/backoffice/site/embeds', { embed_ancestors: 'none' });
  const frame = await server.get('/embed/dataset/communes/table');
  assert.match(frame.headers.get('content-security-policy'), /frame-ancestors 'self'/, 'pages of the portal still show them');
  await save(ada, '/backoffice/site/embeds', { embed_ancestors: 'https://www.example.org' });
  assert.match((await server.get('/embed/dataset/communes/table')).headers.get('content-security-policy'), /frame-ancestors 'self' https:\/\/www\.example\.org/);
  const bad = await ada.post('/backoffice/site/embeds', await fill(ada, '/backoffice/site/embeds', { embed_ancestors: "https://x; script-src 'unsafe-inline'" }));
  assert.equal(bad.status, 422);
  await save(ada, '/backoffice/site/retention', { audit_days: '30', job_days: '7', versions: '5' });
  assert.match((await ada.get('/backoffice/site/retention')).text, /value="30"/);
  assert.equal((await ada.post('/backoffice/site/retention', await fill(ada, '/backoffice/site/retention', { versions: '0' }))).status, 422);
});

/** Makes a page and gives its path in the back office. */
async function makePage(fields) {
  const answer = await ada.post('/backoffice/pages/new', { menu: 'none', position: '0', ...fields });
  assert.equal(answer.status, 303, answer.text);
  return answer.location;
}

test('a page is written, published, found and changed', async () => {
  const at = await makePage({ title: 'À propos de nous', menu: 'header' });
  assert.equal((await server.get('/pages/a-propos-de-nous/')).status, 404, 'a draft');
  const empty = await ada.post(`${at}/settings`, await fill(ada, `${at}/settings`, { state: 'published' }));
  assert.equal(empty.status, 422, 'without a text');
  const text = '# Hello\n\n**Strong** <script>alert(1)</script> [bad](javascript:alert(2)) ![evil](https://example.org/x.png)\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\n'
    + '{{table communes?refine.a="b>c | title=Some <b>communes</b> | height=300}}\n\n{{map secret}}\n\n```\n{{chart communes}}\n```\n';
  const preview = await ada.post(`${at}/text/en`, { title: 'About us', text, preview: '1' });
  assert.equal(preview.status, 200);
  assert.match(preview.text, /<h2>Hello<\/h2>/);
  assert.equal((await server.get('/pages/a-propos-de-nous/')).status, 404, 'a preview saves nothing');
  await save(ada, `${at}/text/en`, { title: 'About us', text });
  await save(ada, `${at}/settings`, { state: 'published' });
  const answer = await server.get('/pages/a-propos-de-nous/');
  const page = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(page, /<h1>About us<\/h1>/);
  assert.match(page, /<strong>Strong<\/strong>/);
  assert.doesNotMatch(page, /alert\(1\)<\/script>|href="javascript|src="https:\/\/example/);
  assert.match(page, /<td>1<\/td>/);
  const [, source] = /<iframe src="([^"]*)"/.exec(page);
  assert.equal(source.replaceAll('&amp;', '&'), '/embed/dataset/communes/table?refine.a=%22b%3Ec&lang=en');
  assert.match(page, /title="Some &lt;b&gt;communes&lt;\/b&gt;" height="300"/);
  assert.match(page, /The dataset secret cannot be shown here/);
  assert.match(page, /\{\{chart communes\}\}/, 'code stays code');
  assert.match(answer.headers.get('content-security-policy'), /frame-src 'self'/);
  assert.match(answer.headers.get('content-security-policy'), /script-src 'self'/);
  assert.match(page, /rel="canonical" href="http:\/\/portal\.example\/pages\/a-propos-de-nous\/"/);
  assert.match(page, /hreflang="fr"/);
  assert.match(await textOf('/sitemap/pages.xml'), /pages\/a-propos-de-nous\//);
  assert.match(await textOf('/'), /<a href="\/pages\/a-propos-de-nous\/">/);
  const german = await textOf('/pages/a-propos-de-nous/', server, { 'accept-language': 'de' });
  assert.match(german, /lang="en"/, 'the text of another language says so');
  await eventually('the other node', async () => (await other.get('/pages/a-propos-de-nous/')).status === 200);
  await save(ada, `${at}/text/en`, { title: 'About us', text: 'Second' });
  assert.match(await textOf('/pages/a-propos-de-nous/'), /Second/);
  assert.match((await ada.get(`${at}/revisions/2`)).text, /Hello/);
  assert.equal((await ada.post(`${at}/revisions/2/restore`, {})).status, 303);
  assert.match(await textOf('/pages/a-propos-de-nous/'), /Hello/);
  assert.equal((await ada.post(`${at}/delete`, {})).status, 303);
  assert.equal((await server.get('/pages/a-propos-de-nous/')).status, 404);
  assert.equal((await ada.get(at)).status, 404);
  const log = (await ada.get('/backoffice/audit?q=page.')).text;
  assert.match(log, /Page made/);
  assert.match(log, /Page removed/);
});

test('what a page does not show of its text is told, and an embed code of the portal becomes a line', async () => {
  const at = await makePage({ title: 'Pasted' });
  const form = `${at}/text/en`;
  const code = (base, rest = '') => `<iframe src="${base}/embed/dataset/communes/map?refine.region=Pays+de+la+Loire&amp;color=a&amp;lang=fr" title="Communes &quot;here&quot; | all" width="100%" height="520" loading="lazy"${rest} style="border:0"></iframe>`;
  const base = server.portal.replace(/\/$/, '');
  const own = /^https?:\/\/[^/]+/.exec((await textOf('/explore/dataset/communes/table/')).match(/&lt;iframe src=&quot;([^&]*)/)?.[1] ?? base)[0];
  const text = `Before ${code(own, ' allow="fullscreen"')} behind\n\n\`${code(own)}\`\n\n${code('https://elsewhere.example')}\n\n`
    + '<script src="https://x.example/a.js"></script>\n\nA <b>bold</b> word <!-- quiet -->\n\n![far](https://x.example/p.png)\n';
  const preview = await ada.post(form, { title: 'Pasted', text, preview: '1' });
  assert.equal(preview.status, 200);
  const line = '{{map communes?refine.region=Pays+de+la+Loire&amp;color=a | title=Communes &quot;here&quot; / all | height=520}}';
  const area = (html) => /<textarea[^>]*>\n?([^<]*)<\/textarea>/.exec(html)[1];
  const escaped = (source) => source.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const told = (html) => [...html.matchAll(/<li><code class="long">([^<]*)<\/code> ([^<]*)<\/li>/g)].map((found) => [found[1].slice(0, 20), found[2]]);
  assert.ok(area(preview.text).startsWith(`Before \n\n${line}\n\n behind\n`), area(preview.text));
  assert.ok(area(preview.text).includes(escaped(code(own))), 'code stays code');
  assert.match(preview.text, /<iframe src="\/embed\/dataset\/communes\/map\?refine\.region=Pays\+de\+la\+Loire&amp;color=a&amp;lang=en"/);
  assert.match(preview.text, /The embed code of this portal is shown, and saved, as a line/);
  const kinds = [/^Frames of other sites/, /^Scripts and styles/, /^HTML is left out/, /^Pictures from elsewhere/];
  const saysAll = (html) => {
    const found = told(html);
    assert.deepEqual(found.map(([source]) => source), ['&lt;iframe src=&quot;h', '&lt;script src=&quot;h', '&lt;b&gt;', 'https://x.example/p.'].map((source) => source.slice(0, 20)));
    found.forEach(([, advice], i) => assert.match(advice, kinds[i]));
  };
  saysAll(preview.text);
  const saved = await ada.post(form, await fill(ada, form, { title: 'Pasted', text }));
  assert.equal(saved.status, 303, saved.text);
  assert.equal(saved.location, form, 'back to the text, which says it');
  const again = await ada.get(form);
  assert.match(again.text, /The page is saved, but it does not show all of the text/);
  assert.ok(area(again.text).includes(line));
  saysAll(again.text);
  const plain = await ada.post(form, await fill(ada, form, { title: 'Pasted', text: `Only **this**\n\n${code('')}` }));
  assert.equal(plain.location, at);
  assert.match((await ada.get(at)).text, /The embed code became a line/);
  const shown = await ada.get(form);
  assert.deepEqual(told(shown.text), []);
  assert.doesNotMatch(shown.text, /does not show this part/);
});

test('a map, chart or table of a dataset is put into the text', async () => {
  const at = await makePage({ title: 'Inserted' });
  const form = `${at}/text/en`;
  const choices = (html) => [...html.matchAll(/<option value="([^"]*)"/g)].map((found) => found[1]);
  const empty = await ada.get(form);
  assert.ok(choices(empty.text).includes('communes'));
  assert.ok(!choices(empty.text).includes('secret'), 'what not everybody sees is not offered');
  const inserted = await ada.post(form, { title: 'Inserted', text: 'Typed', insert: '1', insert_dataset: 'communes', insert_kind: 'chart' });
  assert.equal(inserted.status, 200);
  assert.match(inserted.text, /<textarea[^>]*>\nTyped\n\n\{\{chart communes\}\}\n<\/textarea>/);
  assert.match(inserted.text, /<pre class="code">\{\{chart communes\}\}<\/pre>/);
  assert.match(inserted.text, /<iframe src="\/embed\/dataset\/communes\/chart\?lang=en"/);
  for (const wrong of [{ insert_dataset: 'secret', insert_kind: 'map' }, { insert_dataset: 'communes', insert_kind: 'frame' }, {}]) {
    const refused = await ada.post(form, { title: 'Inserted', text: 'Typed', insert: '1', ...wrong });
    assert.match(refused.text, /Choose a dataset that everybody may see/);
    assert.match(refused.text, /<textarea[^>]*>\nTyped<\/textarea>/);
  }
  assert.match((await ada.get(form)).text, /<textarea[^>]*>\n<\/textarea>/, 'nothing was saved');
});

test('addresses of pages', async () => {
  await makePage({ title: 'Taken', slug: 'taken' });
  for (const slug of ['taken', 'Upper', 'a--b', '-a', 'a/b', '../x', 'a b', 'é', 'x'.repeat(81)]) {
    const refused = await ada.post('/backoffice/pages/new', { title: 'T', slug, menu: 'none', position: '0' });
    assert.equal(refused.status, 422, slug);
    assert.match(refused.text, /id="slug-error"/, slug);
  }
  assert.equal((await ada.post('/backoffice/pages/new', { title: '', slug: 'x', menu: 'none' })).status, 422);
  for (const path of ['/backoffice/pages/999', '/backoffice/pages/x', '/backoffice/pages/999/text/en', '/pages/none/', '/pages/taken/x.png']) {
    assert.equal((await ada.get(path)).status, 404, path);
  }
});

test('two editors of a page', async () => {
  const at = await makePage({ title: 'Shared' });
  const mine = await fill(ada, `${at}/text/en`, { text: 'Text of Ada' });
  const theirs = await fill(bob, `${at}/text/en`, { text: 'Text of Bob' });
  assert.equal((await ada.post(`${at}/text/en`, mine)).status, 303);
  const refused = await bob.post(`${at}/text/en`, theirs);
  assert.equal(refused.status, 422);
  assert.match(refused.text, /Text of Ada/);
  assert.match(refused.text, /Text of Bob/);
  assert.equal((await bob.post(`${at}/text/en`, { ...theirs, revision: seenIn(refused.text) })).status, 303);
  assert.match((await bob.get(`${at}/text/en`)).text, /Text of Bob/);
});

test('pictures of a page', async () => {
  const at = await makePage({ title: 'Illustrated', slug: 'illustrated' });
  for (const bytes of HOSTILE) {
    const refused = await multipart(ada, `${at}/pictures`, { picture: { bytes: bytes || ' ', name: 'x.svg' } });
    assert.equal(refused.status, 422, bytes);
  }
  assert.equal((await multipart(ada, `${at}/pictures`, { picture: { bytes: SVG, name: '../Mairie de É.svg' } })).status, 303);
  const list = (await ada.get(`${at}/pictures`)).text;
  const [, name] = /!\[…\]\(([a-z0-9-]+\.svg)\)/.exec(list);
  assert.equal((await ada.get(`${at}/pictures/${name}`)).text, SVG);
  await save(ada, `${at}/text/en`, { title: 'Illustrated', text: `![The <town> hall](${name}) ![gone](other.svg)` });
  assert.equal((await server.get(`/pages/illustrated/${name}`)).status, 404, 'a draft has none');
  await save(ada, `${at}/settings`, { state: 'published' });
  const page = await textOf('/pages/illustrated/');
  assert.match(page, new RegExp(`<img src="/pages/illustrated/${name}" alt="The &lt;town&gt; hall" loading="lazy">`));
  assert.match(page, /gone/);
  const picture = await server.get(`/pages/illustrated/${name}`);
  assert.equal(picture.headers.get('content-type'), 'image/svg+xml');
  assert.match(picture.headers.get('content-security-policy'), /sandbox/);
  assert.equal((await ada.post(`${at}/pictures/${name}/remove`, {})).status, 303);
  assert.equal((await server.get(`/pages/illustrated/${name}`)).status, 404);
});

test('hostile Markdown is answered soon and stays text', async () => {
  const at = await makePage({ title: 'Hostile', slug: 'hostile' });
  const texts = ['['.repeat(30000), '*a '.repeat(20000), '> '.repeat(30000), '<'.repeat(60000), '{{'.repeat(20000), '`'.repeat(60000),
    '![a](b '.repeat(9000), '| a '.repeat(9000) + '\n' + '|-'.repeat(9000), '{{table communes}}\n\n'.repeat(100), 'embedq000x\n\n{{table communes}}'];
  for (const text of texts) {
    const answer = await ada.post(`${at}/text/en`, { title: 'x', text, preview: '1' });
    assert.ok([200, 400].includes(answer.status), `${text.slice(0, 20)}: ${answer.status}`);
  }
  const long = await ada.post(`${at}/text/en`, { title: 'x', text: 'x'.repeat(70000) });
  assert.equal(long.status, 422);
});

test('all of it outlives the server', async () => {
  const before = JSON.parse((await ada.get('/backoffice/site', { headers: { accept: 'application/json' } })).text).settings;
  const third = await serve(data, options);
  assert.match(await textOf('/', third), /By Bob/);
  assert.equal(before.name.value, 'By Bob');
  assert.equal((await third.get('/pages/illustrated/')).status, 200);
});
