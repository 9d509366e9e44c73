// The tab API without a script: the page asks the API itself and shows what it answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { get } from './harness.mjs';
import { addressOf, addresses, textOf } from './page.mjs';

const path = '/explore/dataset/street-lamps/api/';
const page = async (query = '', status = 200) => {
  const answer = await get(`${path}${query && `?${new URLSearchParams(query)}`}`);
  const html = await answer.text();
  assert.equal(answer.status, status, html);
  return html;
};
const described = async () => (await (await get('/api/explore/v2.1/swagger.json')).json());

/** What the page shows, and what its address answers, are the same. */
async function checkAnswer(html, status = 200) {
  const answer = await fetch(addressOf(html, 'console-address'));
  assert.equal(answer.status, status);
  assert.deepEqual(JSON.parse(textOf(html, 'console-text')), await answer.json());
  assert.match(textOf(html, 'console-status'), new RegExp(`^${status} · .* \\d+ ms · [\\d.]+`));
}

test('every endpoint: its parameters as OpenAPI has them, and the answer of the API', async () => {
  const { paths, components } = await described();
  const endpoints = { records: '/records', record: '/records/{record_id}', facets: '/facets', dataset: '', attachments: '/attachments', export: '/exports/{format}' };
  const { results: [{ _links: links }] } = await (await get('/api/explore/v2.1/catalog/datasets/street-lamps/records?limit=1&include_links=true')).json();
  const id = links.find((link) => link.rel === 'self').href.split('/').at(-1);
  for (const [endpoint, tail] of Object.entries(endpoints)) {
    const html = await page({ endpoint, 'p.record_id': endpoint === 'record' ? id : '' });
    const operation = paths[`/catalog/datasets/{dataset_id}${tail}`].get;
    const names = operation.parameters.filter((one) => one.$ref).map((one) => components.parameters[one.$ref.split('/').at(-1)].name)
      .filter((name) => !['rows', 'start'].includes(name));
    const shown = [...html.matchAll(/ name="p\.([a-z_]+)"/g)].map((found) => found[1]).filter((name) => !['record_id', 'format'].includes(name));
    assert.deepEqual([...shown].sort(), [...names].sort(), endpoint);
    for (const name of shown) assert.match(textOf(html, `hint-${name}`), /\S{3}/, name);
    if (endpoint === 'export') {
      assert.ok(addressOf(html, 'console-address').endsWith('/exports/csv'));
    } else {
      await checkAnswer(html);
    }
  }
});

test('the page\'s filter comes along, and goes on to the other tabs', async () => {
  const html = await page({ q: 'park', 'refine.lamp_type': 'LED', where: 'power_w > 20', sort: '-power_w' });
  const query = new URL(addressOf(html, 'console-address')).searchParams;
  assert.equal(query.get('where'), '("park*") and (power_w > 20)');
  assert.equal(query.get('refine'), 'lamp_type:"LED"');
  assert.equal(query.get('order_by'), 'power_w desc');
  await checkAnswer(html);
  assert.ok(addresses(html).some((address) => address.startsWith('/explore/dataset/street-lamps/export/?') && address.includes('refine.lamp_type=LED')));
});

test('what is typed is asked; several values stand on lines', async () => {
  const html = await page({ endpoint: 'facets', 'p.where': 'power_w > 20', 'p.facet': 'lamp_type\r\nbroken\r\n', 'p.nosuch': 'x', 'p.group_by': 'x' });
  const query = new URL(addressOf(html, 'console-address')).searchParams;
  assert.deepEqual([...query], [['where', 'power_w > 20'], ['facet', 'lamp_type'], ['facet', 'broken']]);
  await checkAnswer(html);
});

test('errors are told as the API tells them, with their place', async () => {
  const html = await page({ 'p.where': 'note = "é" annd power_w > 1' });
  await checkAnswer(html, 400);
  assert.match(html, /<p class="fault-place"><code>note = &quot;é&quot; <mark>annd<\/mark> power_w &gt; 1<\/code>/);
  assert.match(await page({ 'p.where': 'power_w >' }), /power_w &gt;<mark>…<\/mark>/);
  const unknown = await page({ 'p.where': 'nosuch > 1' });
  await checkAnswer(unknown, 400);
  assert.match(unknown, /<code><mark>nosuch<\/mark> &gt; 1<\/code>/);
  assert.match(await page({ 'p.where': 'power_w > 1' }), /id="console-fault" role="alert" hidden/);
  await checkAnswer(await page({ 'p.limit': '1000' }), 400);
  await checkAnswer(await page({ endpoint: 'record', 'p.record_id': 'nosuch' }), 404);
});

test('hostile input stays text; long answers are cut', async () => {
  const html = await page({ 'p.where': '"</code><script>alert(1)</script>"', endpoint: '"><b>', q: '<i>' });
  assert.doesNotMatch(html, /<script>alert|<b>|<i>/);
  await page({ endpoint: 'record', 'p.record_id': 'x'.repeat(500) }, 413);
  const select = Array.from({ length: 100 }, (_, i) => `lamp_id as column_${i}`).join(', ');
  const long = await page({ 'p.limit': '100', 'p.select': select });
  assert.ok((await (await fetch(addressOf(long, 'console-address'))).text()).length > 102400);
  const bytes = Buffer.byteLength(textOf(long, 'console-text'));
  assert.ok(bytes <= 102400 && bytes > 100000, String(bytes));
  assert.doesNotMatch(long, /id="console-cut" hidden/);
  assert.match(html, /id="console-cut" hidden/);
  await page({ 'p.format': '../csv', endpoint: 'export' });
});

test('nobody is told about what he may not see; the answer is made anew each time', async () => {
  assert.equal((await get('/explore/dataset/nosuch/api/')).status, 404);
  const first = await page({ 'p.select': 'now() as t', 'p.limit': '1' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await page({ 'p.select': 'now() as t', 'p.limit': '1' });
  assert.notEqual(textOf(first, 'console-text'), textOf(second, 'console-text'));
});
