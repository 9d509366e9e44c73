// What the portal tells machines: robots.txt, sitemaps, descriptions in <head>, OpenSearch, pictures, well-known places.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask, request, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { cloneDatasets } from './store.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const XSS = '</script><script>alert(1)</script>"><img src=x> & <!--';
const NAME = 'Données & <Cie>, portal of a long name';
function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** XML as nested lists [tag, attributes, text, children], read by a parser that is not ours; fails when it is not well-formed. */
function readXml(text) {
  const script = `import sys, json, xml.etree.ElementTree as E
def tree(e): return [e.tag, e.attrib, (e.text or '').strip(), [tree(c) for c in e]]
print(json.dumps(tree(E.fromstring(sys.stdin.buffer.read()))))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8', maxBuffer: 1 << 28 }));
}
const SITEMAP = '{http://www.sitemaps.org/schemas/sitemap/0.9}';
const XHTML = '{http://www.w3.org/1999/xhtml}';
const OPENSEARCH = '{http://a9.com/-/spec/opensearch/1.1/}';
const child = (node, tag) => node[3].find(([name]) => name === tag);

command('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json'));
command('import', fixture('places.csv'), '--id', 'hostile', '--metadata', file('hostile.json', JSON.stringify({
  default: { title: XSS, description: `<p>${XSS}</p>`, publisher: XSS, theme: [XSS], keyword: [XSS], language: 'en' } })));
command('import', fixture('places.csv'), '--id', 'secret', '--title', 'Secret');
command('access', 'secret', '--restrict');
cloneDatasets(data, 'lamps', Object.fromEntries(Array.from({ length: 100 }, (_, i) =>
  [`copy-${String(i).padStart(3, '0')}`, { default: { title: `Copy ${i}` } }])));
const server = await serve(data, ['--portal-name', NAME]);
const languages = [...(await (await server.get('/explore/')).text()).matchAll(/hreflang="([a-z-]+)"/g)].map(([, code]) => code);

async function get(path, init) {
  const response = await server.get(path, init);
  return { status: response.status, headers: response.headers, type: response.headers.get('content-type'), text: await response.text() };
}

/** Whether robots.txt lets a path be fetched (RFC 9309: the longest rule wins, allowing ones among equals). */
function robots(text) {
  const rules = [...text.matchAll(/^(Allow|Disallow): (\S+)$/gm)].map(([, verb, pattern]) => ({
    allows: verb === 'Allow', length: pattern.length,
    matches: new RegExp(`^${pattern.replace(/[.?+^()[\]{}|\\]/g, '\\$&').replace(/\*/g, '.*')}`.replace(/\$$/, '$')),
  }));
  return (path) => rules.filter(({ matches }) => matches.test(path))
    .sort((a, b) => b.length - a.length || b.allows - a.allows)[0]?.allows ?? true;
}

test('robots.txt keeps crawlers out of what has no end, and shows the sitemap', async () => {
  const { status, type, text } = await get('/robots.txt');
  assert.equal(status, 200);
  assert.equal(type, 'text/plain; charset=utf-8');
  assert.ok(text.includes(`Sitemap: ${server.portal}/sitemap.xml`));
  const may = robots(text);
  for (const path of ['/', '/explore/', '/explore/?lang=fr', '/explore/dataset/lamps/', '/explore/dataset/lamps/?lang=fr', '/explore/dataset/lamps/table/',
    '/explore/dataset/lamps/schema.jsonld', '/explore/dataset/lamps/picture.png', '/explore/dataset/lamps/picture.png?lang=fr', '/cookies/policy',
    '/data.json', '/catalog.ttl', '/sitemap.xml', '/static/app-0.css', '/api/explore/v2.1/catalog/exports/ttl', '/api/explore/v2.1/swagger.json']) {
    assert.ok(may(path), path);
  }
  for (const path of ['/backoffice', '/backoffice/users', '/account/sign-in', '/explore/?q=x', '/explore/?lang=fr&q=x', '/explore?q=x', '/explore/?refine.theme=a',
    '/explore/dataset/lamps/table/?q=x', '/explore/dataset/lamps/?lang=fr&refine.a=b', '/explore/dataset/lamps/records/abc/', '/language',
    '/api/explore/v2.1/catalog/datasets/lamps/records', '/api/explore/v2.1/catalog/datasets/lamps/exports/csv', '/selection?dataset=lamps',
    '/map/base/0/0/0.mvt', '/embed/dataset/lamps/map']) {
    assert.ok(!may(path), path);
  }
});

test('sitemaps name all public datasets once, with their languages, and nothing else', async () => {
  const index = await get('/sitemap.xml');
  assert.equal(index.type, 'application/xml; charset=utf-8');
  const [tag, , , files] = readXml(index.text);
  assert.equal(tag, `${SITEMAP}sitemapindex`);
  const addresses = files.map((item) => child(item, `${SITEMAP}loc`)[2]);
  assert.deepEqual(addresses, [`${server.portal}/sitemap/pages.xml`, `${server.portal}/sitemap/1.xml`]);
  assert.ok(files.every((item) => !Number.isNaN(Date.parse(child(item, `${SITEMAP}lastmod`)[2]))));
  const found = [];
  for (const address of addresses) {
    const { status, type, text } = await get(new URL(address).pathname);
    assert.equal(status, 200);
    assert.equal(type, 'application/xml; charset=utf-8');
    const [root, , , urls] = readXml(text);
    assert.equal(root, `${SITEMAP}urlset`);
    for (const url of urls) {
      const location = child(url, `${SITEMAP}loc`)[2];
      found.push(location);
      const alternates = url[3].filter(([name]) => name === `${XHTML}link`).map(([, attributes]) => attributes);
      assert.deepEqual(alternates.map(({ hreflang }) => hreflang), languages, location);
      for (const { hreflang, href, rel } of alternates) {
        assert.equal(rel, 'alternate');
        assert.equal(href, hreflang === 'x-default' ? location : `${location}?lang=${hreflang}`);
      }
    }
  }
  const page = (id) => `${server.portal}/explore/dataset/${id}/`;
  const copies = Array.from({ length: 100 }, (_, i) => page(`copy-${String(i).padStart(3, '0')}`));
  assert.deepEqual(found.sort(), [`${server.portal}/`, `${server.portal}/explore/`, `${server.portal}/cookies/policy`, page('lamps'), page('hostile'), ...copies].sort());
  for (const path of ['/', '/explore/', '/cookies/policy', '/explore/dataset/lamps/']) {
    const html = (await get(path, { headers: { accept: 'text/html' } })).text;
    assert.ok(html.includes(`<link rel="canonical" href="${server.portal}${path}">`), `${path} is canonical`);
    assert.ok(!html.includes('noindex'), path);
  }
});

test('sitemaps that there are not', async () => {
  for (const path of ['/sitemap/0.xml', '/sitemap/2.xml', '/sitemap/01.xml', '/sitemap/-1.xml', '/sitemap/1', '/sitemap/1.xml.xml', '/sitemap/99999999999999999999.xml',
    '/sitemap/%20.xml', '/sitemap/.xml', '/sitemap/1.xml/x']) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test('validators, HEAD and compression; no cookie is set or read', async () => {
  for (const path of ['/robots.txt', '/sitemap.xml', '/sitemap/pages.xml', '/sitemap/1.xml', '/opensearch.xml', '/explore/dataset/lamps/picture.png']) {
    const first = await get(path);
    const tag = first.headers.get('etag');
    assert.ok(tag, path);
    assert.equal(first.headers.get('set-cookie'), null);
    assert.equal((await get(path, { headers: { 'if-none-match': tag } })).status, 304, path);
    const head = await server.get(path, { method: 'HEAD' });
    assert.equal(head.status, 200, path);
    assert.equal(head.headers.get('content-type'), first.type);
    assert.equal((await get(path, { method: 'POST' })).status, 405, path);
    const again = await get(path, { headers: { cookie: 'sessionid=x; django_language=fr', 'accept-language': 'fr' } });
    assert.equal(again.text, first.text, `${path} is the same for everybody`);
  }
  const zipped = await ask(server, request('GET', '/sitemap/1.xml', { 'Accept-Encoding': 'gzip' }));
  assert.equal(zipped.header('content-encoding'), 'gzip');
});

test('a new dataset is in the sitemap, a closed one no longer', async () => {
  const names = async (id) => (await get('/sitemap/1.xml')).text.includes(`/explore/dataset/${id}/<`);
  const await_ = async (id, wanted) => {
    await eventually('it is served', async () => await names(id) === wanted);
    assert.equal(await names(id), wanted);
  };
  const before = (await get('/sitemap/1.xml')).headers.get('etag');
  command('import', fixture('places.csv'), '--id', 'new-one');
  await await_('new-one', true);
  assert.notEqual((await get('/sitemap/1.xml')).headers.get('etag'), before);
  assert.equal((await get('/explore/dataset/new-one/picture.png')).status, 200);
  command('access', 'new-one', '--restrict');
  await await_('new-one', false);
  assert.equal((await get('/explore/dataset/new-one/picture.png')).status, 404);
});

test('JSON-LD, Open Graph and links of a dataset page', async () => {
  const { text } = await get('/explore/dataset/lamps/', { headers: { accept: 'text/html' } });
  const head = text.slice(0, text.indexOf('</head>'));
  const ld = JSON.parse(/<script type="application\/ld\+json">([\s\S]*?)<\/script>/.exec(head)[1]);
  assert.equal(ld['@type'], 'Dataset');
  assert.equal(ld.url, `${server.portal}/explore/dataset/lamps/`);
  assert.deepEqual(ld, JSON.parse((await get('/explore/dataset/lamps/schema.jsonld')).text));
  const meta = Object.fromEntries([...head.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)">/g)].map(([, name, content]) => [name, content]));
  assert.equal(meta['og:title'], 'Street lamps');
  assert.equal(meta['og:site_name'], NAME.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;'));
  assert.equal(meta['twitter:card'], 'summary_large_image');
  assert.equal(meta['og:image'], `${server.portal}/explore/dataset/lamps/picture.png`);
  for (const [, type, href] of head.matchAll(/<link rel="(?:alternate|search)" type="([^"]+)" href="([^"]+)"/g)) {
    const answer = await get(new URL(href.replaceAll('&amp;', '&'), server.portal).href.slice(server.portal.length));
    assert.equal(answer.status, 200, href);
    assert.equal(answer.type.split(';')[0], type, href);
  }
  assert.equal([...head.matchAll(/<link rel="alternate" type=/g)].length, 4);
  const french = (await get('/explore/dataset/lamps/?lang=fr')).text;
  assert.ok(french.includes(`<link rel="canonical" href="${server.portal}/explore/dataset/lamps/?lang=fr">`));
  assert.ok(french.includes(`content="${server.portal}/explore/dataset/lamps/picture.png?lang=fr"`));
});

test('a hostile title breaks out of nothing', async () => {
  const { text } = await get('/explore/dataset/hostile/', { headers: { accept: 'text/html' } });
  const scripts = [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)];
  assert.equal(scripts.length, 2);
  assert.equal(JSON.parse(scripts.find(([whole]) => whole.includes('ld+json'))[1]).name, XSS);
  assert.ok(!text.includes('<img') && !text.includes('<!--'));
  assert.equal((await get('/explore/dataset/hostile/picture.png')).status, 200);
});

test('the feed of the catalogue follows what is looked for', async () => {
  const { text } = await get('/explore/?q=hostile&refine.language=en', { headers: { accept: 'text/html' } });
  const address = /<link rel="alternate" type="application\/rss\+xml" href="([^"]+)"/.exec(text)[1].replaceAll('&amp;', '&');
  const feed = await get(address);
  assert.equal(feed.status, 200);
  const [, , , [channel]] = readXml(feed.text);
  assert.equal(channel[3].filter(([tag]) => tag === 'item').length, 1);
  const all = (await get('/explore/')).text;
  assert.ok(all.includes('href="/catalog.ttl"') && all.includes('href="/data.json"'));
});

test('OpenSearch: names within their lengths, templates that work', async () => {
  const { type, text } = await get('/opensearch.xml');
  assert.equal(type, 'application/opensearchdescription+xml; charset=utf-8');
  const root = readXml(text);
  assert.equal(root[0], `${OPENSEARCH}OpenSearchDescription`);
  assert.equal(child(root, `${OPENSEARCH}ShortName`)[2], 'Données & <Cie>,');
  assert.equal(child(root, `${OPENSEARCH}LongName`)[2], NAME);
  const urls = root[3].filter(([tag]) => tag === `${OPENSEARCH}Url`).map(([, attributes]) => attributes);
  for (const { type: kind, template } of urls) {
    const answer = await get(template.replace('{searchTerms}', 'street%20lamps').slice(server.portal.length));
    assert.equal(answer.status, 200, template);
    assert.equal(answer.type.split(';')[0], kind);
    if (kind !== 'application/opensearchdescription+xml') assert.ok(answer.text.includes('Street lamps'), template);
  }
  assert.equal(urls.length, 3);
  assert.ok((await get('/explore/')).text.includes('<link rel="search" type="application/opensearchdescription+xml" href="/opensearch.xml"'));
});

test('the catalogue at its well-known places', async () => {
  const same = { '/data.json': 'data.json', '/catalog.ttl': 'ttl', '/catalog.rdf': 'rdf' };
  for (const [path, format] of Object.entries(same)) {
    const here = await get(path);
    const there = await get(`/api/explore/v2.1/catalog/exports/${format}`);
    assert.equal(here.status, 200);
    assert.equal(here.type, there.type);
    assert.equal(here.text, there.text);
    assert.equal(here.headers.get('access-control-allow-origin'), '*');
  }
  assert.equal(JSON.parse((await get('/data.json')).text).dataset.length, 102);
});

async function picture(path) {
  const response = await server.get(path);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes };
}

test('pictures: PNG of 1200 by 630, one for each dataset and language', async () => {
  const lamps = await picture('/explore/dataset/lamps/picture.png');
  assert.equal(lamps.status, 200);
  assert.equal(lamps.type, 'image/png');
  for (const id of ['hostile', 'copy-001', 'copy-002']) {
    const other = await picture(`/explore/dataset/${id}/picture.png`);
    assert.equal(other.bytes.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
    assert.equal(other.bytes.readUInt32BE(16), 1200);
    assert.equal(other.bytes.readUInt32BE(20), 630);
    assert.ok(!other.bytes.equals(lamps.bytes), id);
  }
  assert.ok(!(await picture('/explore/dataset/lamps/picture.png?lang=fr')).bytes.equals(lamps.bytes));
  for (const query of ['?x=1', '?lang=xx', '?lang=fr&lang=fr', '?lang=', '?lang=fr&x=1']) {
    assert.equal((await picture(`/explore/dataset/lamps/picture.png${query}`)).status, 400, query);
  }
  assert.equal((await picture('/explore/dataset/secret/picture.png')).status, 404);
  assert.equal((await picture('/explore/dataset/nothing/picture.png')).status, 404);
});

test('a changed title changes the picture', async () => {
  const before = await server.get('/explore/dataset/lamps/picture.png');
  command('describe', 'lamps', '--title', 'Lamps of the streets');
  let after = before;
  await eventually('another picture', async () => {
    after = await server.get('/explore/dataset/lamps/picture.png');
    return after.headers.get('etag') !== before.headers.get('etag');
  });
});
