// What is wrong with a question is told on pages in the visitor's language, with the place in his text marked; the API
// goes on to say it in English.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { get } from './harness.mjs';
import { unescape } from './page.mjs';

const LANGUAGES = ['en', 'fr', 'de', 'nl', 'es', 'it'];
const messages = Object.fromEntries(LANGUAGES.map((code) =>
  [code, JSON.parse(readFileSync(new URL(`../../i18n/${code}.json`, import.meta.url), 'utf8'))]));
const dataset = '/explore/dataset/street-lamps';

/** The message of a key as a page shows it. */
function said(code, key, values = {}) {
  return messages[code][key].replace(/\{(\w+)\}/g, (whole, name) => values[name]).replaceAll("''", "'");
}

async function pageOf(path, code, status = 400) {
  const answer = await get(path, { headers: { 'Accept-Language': code, Accept: 'text/html' } });
  const html = await answer.text();
  assert.equal(answer.status, status, `${path} ${code}`);
  return html;
}

const text = (html) => unescape(html.replace(/<[^>]*>/g, ''));
const marked = (html) => unescape(/<p class="fault-place"><code>([\s\S]*?)<\/code><\/p>/.exec(html)?.[1] ?? '');

// A clause, what is said of it, and its place.
const clauses = [
  ['power_w >> 20', 'odsql.unexpected', { token: '>', position: '9' }, 'power_w ><mark>></mark> 20'],
  ['power_w >', 'odsql.unexpected_end', {}, 'power_w ><mark>…</mark>'],
  ['nosuch > 1', 'odsql.unknown_field', { name: 'nosuch' }, '<mark>nosuch</mark> > 1'],
  ['note = "é" and nosuch > 1', 'odsql.unknown_field', { name: 'nosuch' }, 'note = "é" and <mark>nosuch</mark> > 1'],
  ['power_w > "many"', 'odsql.compare_types', { left: 'int', right: 'text' }, ''],
];

test('table, chart, console and own condition say what is wrong with ODSQL in every language', async () => {
  for (const code of LANGUAGES) {
    for (const [where, key, values, place] of clauses) {
      const query = new URLSearchParams({ where });
      const own = new URLSearchParams({ 'filter.where': where });
      for (const path of [`/table/?${query}`, `/analyze/?${query}`, `/table/?${own}`]) {
        const html = await pageOf(dataset + path, code);
        assert.ok(text(html).includes(said(code, key, values)), `${path} ${code}: ${said(code, key, values)}`);
        assert.equal(marked(html), place, `${path} ${code}`);
        if (code !== 'en') assert.doesNotMatch(text(html), /ODSQL query is malformed|ODSQL syntax exception/, `${path} ${code}`);
      }
      const console_ = await pageOf(`${dataset}/api/?${new URLSearchParams({ 'p.where': where })}`, code, 200);
      const fault = /id="console-fault" role="alert">([\s\S]*?)<\/div>/.exec(console_)[1];
      assert.ok(text(fault).includes(said(code, key, values)), `console ${code} ${where}`);
      assert.equal(marked(fault), place);
    }
  }
});

test('what a function expects is told in the language, too', async () => {
  for (const code of LANGUAGES) {
    const html = await pageOf(`${dataset}/table/?${new URLSearchParams({ where: 'length(power_w) > 3' })}`, code);
    assert.ok(text(html).includes(said(code, 'odsql.arguments', { name: 'length', expects: said(code, 'odsql.expects.text') })), code);
  }
});

test('parameters of pages and of the console', async () => {
  for (const code of LANGUAGES) {
    const chart = await pageOf(`${dataset}/analyze/?chart=bar&x=nosuch`, code);
    assert.ok(text(chart).includes(said(code, 'fault.no_field', { name: 'x', field: 'nosuch' })), code);
    const none = await pageOf(`${dataset}/analyze/?limit=0`, code);
    assert.ok(text(none).includes(said(code, 'fault.whole_number', { name: 'limit', most: '1000' })), code);
    const page = await pageOf('/explore/?page=many', code);
    assert.ok(text(page).includes(said(code, 'fault.whole_number', { name: 'page', most: '500' })), code);
    const console_ = await pageOf(`${dataset}/api/?p.limit=1000`, code, 200);
    assert.ok(text(console_).includes(said(code, 'fault.parameter', { name: 'limit', value: '1000', expects: '-1 <= limit <= 100' })), code);
    const zone = await pageOf(`${dataset}/api/?p.timezone=Mars`, code, 200);
    assert.ok(text(zone).includes(said(code, 'fault.parameter', { name: 'timezone', value: 'Mars', expects: said(code, 'fault.expects.zone') })), code);
  }
});

test('a long clause is shown around the place, and stays text', async () => {
  const where = `${'lamp_id = 1 or '.repeat(300)}<b>é</b> > 1`;
  const html = await pageOf(`${dataset}/table/?${new URLSearchParams({ where })}`, 'fr');
  const place = marked(html);
  assert.ok(place.startsWith('…') && place.includes('or <mark><</mark>b>é</b> > 1'), place);
  assert.ok(place.length < 600);
  assert.doesNotMatch(html, /<b>é/);
});

test('the API answers in English whatever the language', async () => {
  const api = '/api/explore/v2.1/catalog/datasets/street-lamps';
  const wanted = {
    '/records?where=nosuch%20%3E%201': ['ODSQLError', 'ODSQL query is malformed: Unknown field: nosuch. Clause(s) containing the error(s): where.'],
    '/records?where=power_w%20%3E': ['ODSQLSyntaxError', 'ODSQL syntax exception: unexpected end of line in power_w >. Clause(s) containing the error(s): where.'],
    '/records?where=power_w%20%3E%3E%201': ['ODSQLSyntaxError', 'ODSQL syntax exception: unexpected > at position 9 in power_w >> 1. Clause(s) containing the error(s): where.'],
    '/records?limit=1000': ['InvalidRESTParameterError', 'Invalid value for limit API parameter: 1000 was found but -1 <= limit <= 100 is expected.'],
    '/records?include_links=perhaps': ['InvalidRESTParameterError', 'Invalid value for include_links API parameter: perhaps was found but true or false is expected.'],
    '/records?lang=zz': ['InvalidRESTParameterError', /^Invalid value for lang API parameter: zz was found but one of en fr .* is expected\.$/],
    '/exports/nosuch': ['InvalidRESTParameterError', /^Invalid value for format API parameter: nosuch was found but one of .*csv.* is expected\.$/],
    '/records?where=length(power_w)%20%3E%201': ['ODSQLError', 'ODSQL query is malformed: function length() expects a text. Clause(s) containing the error(s): where.'],
  };
  for (const [path, [code, message]] of Object.entries(wanted)) {
    for (const language of ['en', 'fr', 'de']) {
      const answer = await (await get(api + path, { headers: { 'Accept-Language': language } })).json();
      assert.equal(answer.error_code, code, path);
      if (typeof message === 'string') assert.equal(answer.message, message);
      else assert.match(answer.message, message);
    }
  }
});
