// Hostile HTML, sanitised by the program's own code, in a real browser that has nothing else to protect it: no policy,
// scripts allowed. No script runs, nothing is fetched, and the browser reads what was meant.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, visitor } from './browser.mjs';
import { HOSTILE } from './hostile_html.mjs';

const NAUGHTY = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('big-list-of-naughty-strings/blns.json'), 'utf8'));
const ELEMENTS = `a abbr b blockquote br caption cite code dd del details dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i
  ins kbd li ol p pre q s samp small strong sub summary sup table tbody td tfoot th thead time tr u ul var`.split(/\s+/);
const ATTRIBUTES = ['colspan', 'datetime', 'dir', 'href', 'lang', 'rel', 'rowspan', 'scope', 'start', 'title'];
const ON_A_PAGE = 50;
const PROTOCOLS = ['http:', 'https:', 'mailto:', 'tel:'];

const program = [process.env.PARVIS_SANITIZE_LINES,
  process.env.PARVIS_BINARY && join(dirname(process.env.PARVIS_BINARY), 'tests/unit/markup/sanitize_lines'),
  fileURLToPath(new URL('../../build/asan/tests/unit/markup/sanitize_lines', import.meta.url))].find((path) => path && existsSync(path));

/** Each text as the program writes it. */
function sanitize(texts) {
  const input = texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join('');
  const lines = execFileSync(program, { input, maxBuffer: 2 ** 28 }).toString().split('\n').slice(0, -1);
  assert.equal(lines.length, texts.length);
  return lines.map((line) => (line === '-' ? null : Buffer.from(line, 'hex').toString()));
}

const shown = [];
const server = createServer((request, answer) => {
  const texts = shown[Number(/^\/(\d+)$/.exec(request.url)?.[1])];
  answer.setHeader('content-type', 'text/html; charset=utf-8');
  answer.end(texts === undefined ? '' : `<!doctype html><html lang="en"><head><title>Case</title><link rel="icon" href="data:,"></head><body>${
    texts.map((html, i) => `<div id="place${i}">${html}</div><p id="behind${i}">behind</p>`).join('')}</body></html>`);
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
after(() => { server.closeAllConnections(); server.close(); });
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await launch();
const context = await visitor(browser);
await context.addInitScript(() => {
  window.ran = [];
  for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) {
    window[name] = () => { window.ran.push(name); };
  }
});
const asked = [];
context.on('request', (request) => { asked.push(request.url()); });
const page = await context.newPage();

/** What a browser makes of a page with each of these texts in a place of its own. */
async function look(texts) {
  const address = `${origin}/${shown.push(texts) - 1}`;
  asked.length = 0;
  await page.goto(address, { waitUntil: 'load' });
  const seen = await page.evaluate((count) => ({
    ran: window.ran,
    body: [...document.body.children].map((element) => element.id),
    places: Array.from({ length: count }, (_, i) => {
      const place = document.getElementById(`place${i}`);
      const inside = [...place.querySelectorAll('*')];
      return {
        elements: [...new Set(inside.map((element) => element.localName))],
        foreign: inside.filter((element) => element.namespaceURI !== 'http://www.w3.org/1999/xhtml').length,
        attributes: [...new Set(inside.flatMap((element) => element.getAttributeNames()))],
        links: inside.filter((element) => element.localName === 'a')
          .map((element) => ({ written: element.getAttribute('href'), protocol: element.protocol, origin: element.origin, rel: element.rel })),
        html: place.innerHTML,
      };
    }),
  }), texts.length);
  return { ...seen, asked: asked.filter((url) => url !== address && !url.startsWith('data:')) };
}

function checkPage(seen, name) {
  assert.deepEqual(seen.ran, [], `a script ran: ${name}`);
  assert.deepEqual(seen.asked, [], `something was fetched: ${name}`);
  assert.deepEqual(seen.body, seen.places.flatMap((_, i) => [`place${i}`, `behind${i}`]), `it stays in its place: ${name}`);
}

function check(seen, name) {
  assert.deepEqual(seen.elements.filter((element) => !ELEMENTS.includes(element)), [], `elements: ${name}`);
  assert.deepEqual(seen.attributes.filter((attribute) => !ATTRIBUTES.includes(attribute)), [], `attributes: ${name}`);
  assert.equal(seen.foreign, 0, `SVG or MathML: ${name}`);
  for (const link of seen.links) {
    assert.ok(PROTOCOLS.includes(link.protocol), `${link.protocol}: ${name}`);
    const isOurs = /^[/#]/.test(link.written);
    assert.equal(link.origin === origin, isOurs, `${link.written} leads to ${link.origin}: ${name}`);
    assert.equal(link.rel, link.protocol.startsWith('http') && !isOurs ? 'nofollow ugc noopener noreferrer' : '', name);
  }
}

test('the browser of this test has no other protection', async () => {
  const seen = await look(['a', '</div><img src=1 onerror=alert(1)><script>alert(2)</script>', 'b']);
  assert.ok(seen.ran.includes('alert') && seen.asked.length > 0);
  assert.throws(() => checkPage({ ...seen, asked: [], body: [] }, 'control'));
  assert.throws(() => checkPage({ ...seen, ran: [], body: [] }, 'control'));
  assert.throws(() => checkPage({ ...seen, ran: [], asked: [] }, 'control'));
  const [, inside] = (await look(['a', '<svg onload=x>', 'b'])).places;
  assert.throws(() => check(inside, 'control'));
});

/** Shows a page of texts; when something is wrong with it, each by itself, to name it. */
async function showPage(texts, written) {
  const seen = await look(written);
  const name = (i) => `${JSON.stringify(texts[i])} became ${written[i]}`;
  try {
    checkPage(seen, `${texts.length} texts`);
  } catch (error) {
    for (let i = 0; i < texts.length; i++) {
      checkPage(await look([written[i]]), name(i));
    }
    throw error;
  }
  seen.places.forEach((place, i) => { check(place, name(i)); });
  return seen.places.map((place) => place.html);
}

/** Shows every text; what the browser then holds is, sanitised once more, what was written. */
async function checkAll(texts) {
  const written = sanitize(texts);
  written.forEach((html, i) => { assert.notEqual(html, null, `refused: ${texts[i]}`); });
  const held = [];
  for (let i = 0; i < texts.length; i += ON_A_PAGE) {
    held.push(...await showPage(texts.slice(i, i + ON_A_PAGE), written.slice(i, i + ON_A_PAGE)));
  }
  sanitize(held).forEach((html, i) => { assert.equal(html, written[i], `the browser reads ${held[i]} of ${texts[i]}`); });
}

test('no hostile HTML runs, loads or breaks out', () => checkAll(HOSTILE));

test('nor does it inside, before and behind other HTML', () => checkAll(HOSTILE.flatMap((text) => [
  `<table><tr><td>${text}</td></tr></table>x`, `<ul><li><b title="${text}">${text}</b></li></ul>`, `<pre>${text}${text}</pre>`])));

test('no string of the Big List of Naughty Strings does', async () => {
  assert.ok(NAUGHTY.length > 400);
  await checkAll(NAUGHTY);
  await checkAll(NAUGHTY.filter((text) => text.includes('<')).map((text) => `<p title='${text}'>${text}`));
});
