// Tables and maps in frames of other sites, as the server makes them: for anybody, without a cookie read or set, with
// links that stay in the frame or open a tab of the portal; and the code that the tabs offer for them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { binary, serve, temporaryFolder } from './program.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);
const parvis = (...words) => execFileSync(binary, [...words, '--data', data], { stdio: 'pipe' });
const load = (id, text, ...words) => {
  writeFileSync(join(folder, `${id}.jsonl`), text);
  parvis('import', join(folder, `${id}.jsonl`), '--id', id, ...words);
};
const stops = Array.from({ length: 120 }, (_, n) => ({ name: n ? `Stop ${n}` : '<b>Stop</b> "0"', line: n % 3 ? 'A' : 'B', n, web: `https://www.example.org/${n}`,
  place: n < 60 ? { lon: n % 10, lat: 40 + n / 10 } : null, door: { lon: n % 10, lat: 41 } }));
load('stops', stops.map((row) => JSON.stringify(row)).join('\n'), '--title', 'Stops & "signs"', '--annotate', 'line=facet');
load('flat', '{"a":1}\n');
load('hidden', '{"a":1}\n');
parvis('access', 'hidden', '--restrict');
const server = await serve(data, ['--access-log', 'off']);
await makeUser(server, data, 'ada', ['--role', 'administrator']);

const decode = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
const cookie = 'sessionid=abcdef; csrftoken=x; django_language=fr; cookies_preferences=y';

async function get(path, headers = { cookie, accept: 'text/html' }) {
  const answer = await server.get(path, { headers, redirect: 'manual' });
  return { status: answer.status, headers: answer.headers, html: await answer.text() };
}

/** [{ address, opensTab }] of all links. */
const links = (html) => [...html.matchAll(/<a ([^>]*)>/g)].map(([, attributes]) => ({
  address: decode(/href="([^"]*)"/.exec(attributes)[1]),
  opensTab: /target="_blank"/.test(attributes) && /rel="[^"]*(noopener|noreferrer)/.test(attributes),
}));

/** Links to the frame's own address stay in it, all others open a tab. */
function checkLinks(html, path) {
  const all = links(html);
  for (const { address, opensTab } of all) {
    const { pathname, origin } = new URL(address, server.portal);
    assert.equal(opensTab, !(pathname === path && origin === server.portal), address);
  }
  return all.map(({ address }) => address);
}

for (const kind of ['table', 'map']) {
  const path = `/embed/dataset/stops/${kind}`;

  test(`the ${kind} is for anybody: no cookie read or set, any frame, no form that asks for consent`, async () => {
    const { status, headers, html } = await get(`${path}?refine.line=B`);
    assert.equal(status, 200);
    assert.equal(headers.get('set-cookie'), null);
    assert.equal(headers.get('x-frame-options'), null);
    assert.match(headers.get('content-security-policy'), /frame-ancestors \*(;|$)/);
    assert.equal(headers.get('vary').includes('Cookie'), false);
    assert.equal(headers.get('cross-origin-resource-policy'), 'cross-origin');
    assert.equal(headers.get('content-language'), 'en');
    assert.ok(!/csrf|data-consent|\/account|\/cookies|<form[^>]*post/.test(html));
    assert.ok(!html.includes('<b>Stop</b>'));
    assert.match(html, /<h1><a href="\/explore\/dataset\/stops\/(table|map)\/\?refine.line=B" target="_blank" rel="noopener">Stops &amp; &quot;signs&quot;/);
  });

  test(`the ${kind} of what is not there, or not for anybody, is not there for who is signed in either`, async () => {
    const ada = new Visitor(server);
    await ada.signIn('ada');
    assert.equal((await ada.get('/explore/dataset/hidden/table/')).status, 200);
    for (const dataset of ['hidden', 'absent', ...(kind === 'map' ? ['flat'] : [])]) {
      const none = await ada.get(`/embed/dataset/${dataset}/${kind}`);
      assert.equal(none.status, 404, dataset);
      assert.deepEqual(none.set, []);
      assert.match(none.headers.get('content-security-policy'), /frame-ancestors \*/);
    }
  });

  test(`a wrong filter of the ${kind} is told in the frame`, async () => {
    for (const query of ['where=nope', 'where=n+%3E', 'refine.nix=1']) {
      const { status, html } = await get(`${path}?${query}`);
      assert.equal(status, 400, query);
      assert.match(html, /<body class="embed-page">/);
      assert.match(html, /role="alert"><strong>The filter cannot be used<\/strong><p>[^<]+/, query);
    }
    assert.equal((await get(`${path}?page=x`)).status, 400);
    const form = await get(`${path}?filter.field=n&filter.operator=more&filter.value=5`); // is no form of a frame
    assert.equal(form.status, 200);
  });
}

test('links of the table: order and pages within the frame, in its language; records and the portal in a tab', async () => {
  const path = '/embed/dataset/stops/table';
  const { html, headers } = await get(`${path}?refine.line=A&columns=name,n,web&lang=fr`);
  assert.equal(headers.get('content-language'), 'fr');
  const addresses = checkLinks(html, path);
  const sort = addresses.find((address) => /sort=-n\b/.test(address));
  assert.deepEqual([...new URL(sort, server.portal).searchParams], [['refine.line', 'A'], ['sort', '-n'], ['lang', 'fr'], ['columns', 'name,n,web']]);
  const next = addresses.find((address) => address.startsWith(path) && /page=2/.test(address));
  const second = await get(next);
  assert.match(second.html, /51–80 sur 80/);
  assert.ok(checkLinks(second.html, path).includes(sort));
  const record = addresses.find((address) => address.startsWith('/explore/dataset/stops/records/'));
  assert.match((await get(record)).html, /<html lang="fr"/);
  assert.equal(addresses.filter((address) => address.startsWith('https://www.example.org/')).length, 50);
  assert.ok(!/columns-choice|records-query|embed-code/.test(html));
});

test('rows alone come from the frame\'s own address', async () => {
  const { html } = await get('/embed/dataset/stops/table?columns=name,n&lang=fr');
  const address = decode(/<record-table [^>]*data-address="([^"]*)"/.exec(html)[1]);
  assert.match(address, /^\/embed\/dataset\/stops\/table\?lang=fr&columns=name%2Cn&rows=$/);
  const rows = await get(`${address}50`);
  assert.equal(rows.status, 200);
  assert.equal(rows.headers.get('set-cookie'), null);
  assert.equal([...rows.html.matchAll(/<tr aria-rowindex/g)].length, 50);
  assert.match(rows.html, /aria-rowindex="52"><th scope="row"><a href="[^"]*" target="_blank" rel="noopener" dir="auto">Stop 50</);
  checkLinks(rows.html, '');
  assert.equal((await get(`${address}x`)).status, 400);
});

test('the map: its worker is allowed, no base map of others, places and pages as links', async () => {
  writeFileSync(join(folder, 'streets.json'), JSON.stringify({ id: 'streets', name: 'Streets', provider: 'Example Ltd',
    location: 'Ireland', policy_url: 'https://example.org/privacy', purpose: 'content', description: { en: 'Streets.' },
    hosts: [{ origin: 'https://tiles.example.org', loads: ['connect', 'image'] }],
    basemap: { title: { en: 'Streets' }, tiles: 'https://tiles.example.org/{z}/{x}/{y}.png', attribution: '© Example', maxzoom: 17 } }));
  parvis('service', 'add', join(folder, 'streets.json'));
  let tab;
  do tab = await get('/explore/dataset/stops/map/'); while (!tab.html.includes('data-blocked="streets"'));
  const path = '/embed/dataset/stops/map';
  const { html, headers } = await get(`${path}?color=line&base=streets&field=place&lang=fr`);
  assert.match(headers.get('content-security-policy'), /trusted-types parvis-map(;|$)/);
  assert.ok(!/tiles\.example|streets"/.test(headers.get('content-security-policy') + html.replaceAll('base=streets', '').replaceAll('value="streets"', '')));
  assert.ok(!/data-map-base|data-blocked|data-map-locate|embed-code/.test(html));
  assert.match(html, /data-field="place"/);
  const addresses = checkLinks(html, path);
  const next = addresses.find((address) => address.startsWith(path) && /page=2/.test(address));
  assert.match(next, /color=line.*lang=fr|lang=fr.*color=line/);
  const places = addresses.filter((address) => address.startsWith('/explore/dataset/stops/records/'));
  assert.equal(places.length, 20);
  assert.ok(places.every((address) => address.endsWith('?lang=fr')));
});

test('choosing a second field of places is not overruled by the first', async () => {
  for (const path of ['/explore/dataset/stops/map/', '/embed/dataset/stops/map']) {
    const { html } = await get(`${path}?field=place&color=line&refine.line=A`);
    const form = /<form class="map-fields"[^]*?<\/form>/.exec(html)[0];
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map((found) => found.slice(1));
    assert.deepEqual(hidden, [['refine.line', 'A'], ['color', 'line']]);
    assert.match(form, new RegExp(`action="${path}"`));
  }
});

/** The code that a page offers, as somebody copies it, and what its frame shows. */
async function framed(path, headers) {
  const { html } = await get(path, headers);
  const code = decode(/<code id="embed-code">([^<]*)</.exec(html)?.[1] ?? '');
  const [, address, title] = /^<iframe src="([^"]*)" title="([^"]*)" width="100%" height="520" loading="lazy"(?: allow="fullscreen")? style="border:0"><\/iframe>$/.exec(code) ?? [];
  return { code, title: title && decode(title), address: address && decode(address) };
}

test('the tabs offer the code of a frame with what they show', async () => {
  const query = 'refine.line=A&where=n+%3E+5+and+name+%21%3D+%22a%26b%22&sort=-n';
  const table = await framed(`/explore/dataset/stops/table/?${query}&columns=name,n&lang=fr&page=2`);
  assert.equal(table.title, 'Stops & "signs"');
  assert.equal(new URL(table.address).origin, server.portal);
  assert.equal(new URL(table.address).pathname, '/embed/dataset/stops/table');
  assert.deepEqual([...new URL(table.address).searchParams], [['refine.line', 'A'], ['where', 'n > 5 and name != "a&b"'], ['sort', '-n'], ['columns', 'name,n']]);
  const inside = await get(table.address.slice(server.portal.length));
  assert.equal(inside.status, 200);
  assert.match(inside.html, /<th scope="row"><a [^>]*>Stop 119</);
  const map = await framed('/explore/dataset/stops/map/?q=stop&field=door&color=line&base=streets');
  assert.equal(new URL(map.address).pathname, '/embed/dataset/stops/map');
  assert.deepEqual([...new URL(map.address).searchParams], [['q', 'stop'], ['field', 'door'], ['color', 'line']]);
  assert.match(map.code, / allow="fullscreen"/);
  const chart = await framed('/explore/dataset/stops/analyze/?chart=bar&x=line&q=stop');
  const url = new URL(chart.address);
  assert.equal(url.pathname, '/embed/dataset/stops/chart');
  assert.deepEqual(['chart', 'x', 'q'].map((name) => url.searchParams.get(name)), ['bar', 'line', 'stop']);
  assert.equal((await get(chart.address.slice(server.portal.length))).status, 200);
});

test('no code is offered for what its frame could not show', async () => {
  const ada = new Visitor(server);
  await ada.signIn('ada');
  const { status, text } = await ada.get('/explore/dataset/hidden/table/');
  assert.equal(status, 200);
  assert.ok(!text.includes('embed-code'));
});
