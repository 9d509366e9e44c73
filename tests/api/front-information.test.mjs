// The information tab: what is set is shown once, in the visitor's language, and nothing of it is believed.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
function command(...words) {
  const done = run([...words, '--data', data]);
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`);
}
function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const full = {
  default: {
    title: 'Street lamps', description: '<p>First &amp; foremost.</p><p>Second <b>part</b>.</p>', theme: ['Mobility'], keyword: ['light', 'street & road'],
    license: 'CC BY 4.0', license_url: 'https://creativecommons.org/licenses/by/4.0/', language: 'en', timezone: 'Europe/Paris',
    publisher: 'City Works', references: 'https://city.example/lamps', update_frequency: 'monthly', territory: ['Brussels'],
  },
  dcat: { creator: 'Lamp office', contact_name: 'Desk', contact_email: 'desk@example.org', created: '2024-04-01',
    temporal_coverage_start: '2019-01-01', conforms_to: ['https://standard.example/1'], issued: '2024-05-06T07:08:09Z' },
  inspire: { lineage: 'Counted by hand', theme: ['Utilities'] },
  custom: { 'data-owner': 'Works dept.' },
  alternative_exports: [{ title: 'Everything', url: 'https://city.example/all.zip', mimetype: 'application/zip' }],
  languages: { fr: { default: { title: 'Lampadaires', description: '<p>Premièrement.</p>' } } },
  fields: { lamp_type: { label: 'Kind of lamp', description: 'How it shines', annotations: { facet: true } },
    power_w: { annotations: { unit: 'W' } } },
};
const XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
const hostile = {
  default: { title: XSS, description: `<p>${XSS}</p><script>alert(2)</script>`, theme: [XSS], keyword: [XSS, 'a,b'], license: XSS,
    license_url: 'javascript:alert(1)', publisher: XSS, references: 'javascript:alert(1)', language: 'en', timezone: 'Europe/Paris', territory: [XSS] },
  dcat: { contact_name: XSS, contact_email: 'a"onmouseover="x@example.org', creator: `} ${XSS}`, temporal: XSS },
  custom: { [XSS]: XSS, deep: { a: ['</script>'] } },
  alternative_exports: [{ title: XSS, url: 'https://ok.example/' }],
};

command('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', file('full.json', JSON.stringify(full)));
command('import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', file('full.json', JSON.stringify(full)));
command('import', fixture('street-lamps.csv'), '--id', 'other-lamps', '--title', 'Other lamps');
command('describe', 'other-lamps', '--set', 'keyword=["light"]', '--set', 'publisher=Somebody else');
command('import', fixture('street-lamps.csv'), '--id', 'hidden-lamps', '--title', 'Hidden lamps');
command('describe', 'hidden-lamps', '--set', 'keyword=["light"]');
command('access', 'hidden-lamps', '--restrict');
command('import', fixture('street-lamps.csv'), '--id', 'hostile', '--metadata', file('hostile.json', JSON.stringify(hostile)));
command('import', fixture('places.csv'), '--id', 'bare');
command('attach', 'lamps', file('report.pdf', 'x'.repeat(2500)), '--title', 'Report <b>');
const wide = Array.from({ length: 500 }, (_, i) => `f${i}`);
command('import', file('wide.csv', `${wide}\n${wide.map(() => '')}\n`), '--id', 'wide', '--title', 'T'.repeat(10000));
command('import', file('cells.csv', `a,b\n"${'z'.repeat(1 << 20)}",\n`), '--id', 'cells');
const server = await serve(data, ['--portal-name', 'Portal <&>']);
await makeUser(server, data, 'ada', ['--role', 'reader']);

async function page(path, language = 'en') {
  const response = await server.get(path, { headers: { accept: 'text/html', 'accept-language': language } });
  const html = await response.text();
  return { status: response.status, html, main: /<main[\s\S]*<\/main>/.exec(html)[0], headers: response.headers };
}
const text = (html) => html.replace(/<[^>]*>/g, ' ').replace(/&amp;/g, '&').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&#39;/g, "'").replace(/&quot;/g, '"').replace(/\s+/g, ' ');

test('everything that is set is shown, with labels and links', async () => {
  const { status, main } = await page('/explore/dataset/lamps/');
  const words = text(main);
  assert.equal(status, 200);
  for (const part of ['First & foremost.', 'Second part .', 'Keywords', 'street & road', 'Language of the data English', 'Europe/Paris',
    'Update frequency Every month', 'Follows the standards', 'Created Apr 1, 2024', 'Covered from Jan 1, 2019', 'Lineage Counted by hand',
    'data-owner Works dept.', 'Contact Desk', 'First published May 6, 2024, 9:08', 'You may copy, adapt and share']) {
    assert.ok(words.includes(part), `${part}: ${words}`);
  }
  for (const link of ['/explore/?refine.keyword=street%20%26%20road', '/explore/?refine.theme=Mobility', '/explore/?refine.publisher=City%20Works',
    'https://city.example/lamps', 'https://standard.example/1', 'https://creativecommons.org/licenses/by/4.0/', 'mailto:desk@example.org',
    'https://city.example/all.zip', '/explore/dataset/lamps/export/', '/explore/dataset/lamps/api/']) {
    assert.ok(main.includes(`href="${link.replaceAll('&', '&amp;')}"`), link);
  }
  assert.ok(!main.includes('javascript:'));
  assert.match(main, /href="mailto:desk@example\.org\?subject=About%20the%20dataset%20Street%20lamps"/);
});

test('in French, by metadata and labels of that language', async () => {
  const { main, headers } = await page('/explore/dataset/lamps/', 'fr');
  const words = text(main);
  assert.equal(headers.get('content-language'), 'fr');
  for (const part of ['Lampadaires', 'Premièrement.', 'Mots-clés', 'Langue des données anglais', 'Tous les mois', 'Nombre entier', 'en citant la source']) {
    assert.ok(words.includes(part), `${part}: ${words}`);
  }
});

test('fields have a type in words, a unit, a description, an example, and say when they are filters', async () => {
  const { main } = await page('/explore/dataset/lamps/');
  const fields = [...main.matchAll(/<li>\s*<div class="field-head">[\s\S]*?<\/li>/g)].map(([item]) => text(item));
  assert.equal(fields.length, 10);
  const kind = fields.find((field) => field.includes('lamp_type'));
  assert.match(kind, /Kind of lamp lamp_type Filter Kind of lamp Text How it shines Example LED/);
  assert.match(fields.find((field) => field.includes('power_w')), /Whole number · Unit: W Example 20/);
  assert.match(fields.find((field) => field.includes('position')), /Point on the map Example 50\.8, 4\.3/);
  assert.match(fields.find((field) => field.includes('broken')), /Yes or no Example yes/);
  assert.match(fields.find((field) => field.includes(' note ')), /He said "hi"; twice/);
});

test('attached files, versions and the citation', async () => {
  const { main } = await page('/explore/dataset/lamps/');
  const words = text(main);
  const year = new Date().getFullYear();
  assert.match(main, /href="\/api\/explore\/v2\.1\/catalog\/datasets\/lamps\/attachments\/report_pdf" download>Report &lt;b&gt;/);
  assert.match(words, /Report <b> PDF, 2\.5 kB/);
  assert.equal((await server.get('/api/explore/v2.1/catalog/datasets/lamps/attachments/report_pdf')).status, 200);
  assert.match(words, /Version Published Records Changes 2 current [^.]* 250 0 added, 0 removed 1 [^.]* 250 – /);
  assert.ok(words.includes(`Lamp office (${year}). Street lamps (Version 2) [Data set]. Portal <&>. ${server.portal}/explore/dataset/lamps/`), words);
  assert.ok(words.includes('@misc{lamps, author = {{Lamp office}}, title = {{Street lamps}}'));
});

test('related datasets are those that the visitor may see', async () => {
  const anonymous = await page('/explore/dataset/lamps/');
  const related = (html) => [...(/id="related"[\s\S]*?<\/ul>/.exec(html)?.[0] ?? '').matchAll(/dataset\/([^/]+)\//g)].map(([, id]) => id);
  assert.deepEqual(related(anonymous.main), ['other-lamps']);
  const administrator = new Visitor(server);
  command('access', 'hidden-lamps', '--user', 'ada', '--read');
  await administrator.signIn('ada');
  await eventually('she sees it', async () => (await administrator.get('/explore/dataset/hidden-lamps/')).status === 200);
  const seen = await administrator.get('/explore/dataset/lamps/');
  assert.deepEqual(related(seen.text).sort(), ['hidden-lamps', 'other-lamps']);
  assert.equal((await page('/explore/dataset/hidden-lamps/')).status, 404);
  const hidden = await administrator.get('/explore/dataset/hidden-lamps/');
  assert.equal(hidden.status, 200);
  assert.ok(!hidden.text.includes('og:image') && !hidden.text.includes('ld+json'), 'restricted datasets have no previews');
});

test('hidden records and fields do not show', async () => {
  command('access', 'lamps', '--restrict');
  command('access', 'lamps', '--user', 'ada', '--read', '--filter', 'lamp_type = "Sodium"', '--hide', 'power_w');
  const reader = new Visitor(server);
  await reader.signIn('ada');
  await eventually('a field is hidden', async () => !(await reader.get('/api/explore/v2.1/catalog/datasets/lamps')).text.includes('power_w'));
  const { status, text: html } = await reader.get('/explore/dataset/lamps/');
  assert.equal(status, 200);
  const words = text(/<main[\s\S]*<\/main>/.exec(html)[0]);
  assert.ok(!words.includes('power_w'));
  assert.ok(words.includes('Example Sodium') && !words.includes('Example LED'), 'the example is one of his records');
  assert.match(words, /2 current [^–]*–/, 'the number of all records is not told');
  command('access', 'lamps', '--public');
});

test('markup in metadata stays text', async () => {
  for (const language of ['en', 'fr']) {
    const { status, html, main } = await page('/explore/dataset/hostile/', language);
    assert.equal(status, 200);
    assert.equal([...html.matchAll(/<script/g)].length, 2, 'ours and the data');
    assert.ok(!/<img|onerror=alert\(1\)>(?!&)|<script>alert/.test(html.replace(/&lt;img[^<]*/g, '')), 'no element was made');
    assert.ok(main.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
    assert.ok(!html.includes('href="javascript'));
    assert.ok(!/href="[^"]*"onmouseover/.test(html));
    const ld = JSON.parse(/<script type="application\/ld\+json">([\s\S]*?)<\/script>/.exec(html)[1]);
    assert.equal(ld.name, XSS);
  }
});

test('datasets with little, with much, with huge cells', async () => {
  const bare = await page('/explore/dataset/bare/');
  assert.equal(bare.status, 200);
  assert.ok(text(bare.main).includes('No licence is named'));
  assert.ok(text(bare.main).includes('has not described this dataset yet'));
  assert.ok(!bare.main.includes('id="contact"') && !bare.main.includes('id="attachments"'));
  const many = await page('/explore/dataset/wide/');
  assert.equal(many.status, 200);
  assert.equal([...many.main.matchAll(/class="field-head"/g)].length, 500);
  const cells = await page('/explore/dataset/cells/');
  assert.equal(cells.status, 200);
  assert.ok(cells.html.length < 60000, `${cells.html.length}`);
});

test('a filter of the other tabs goes along in the links, a wrong one does no harm', async () => {
  const { status, main } = await page('/explore/dataset/bare/?refine.place=a&where=nonsense(');
  assert.equal(status, 200);
  assert.ok(main.includes('/explore/dataset/bare/export/?refine.place=a&amp;where=nonsense%28'));
});

