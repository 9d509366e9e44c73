// The settings file of the site: what it changes on the pages, and what is wrong with a bad one.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { run, serve, temporaryFolder } from './program.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
mkdirSync(data);
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><script>alert(1)</script></svg>';
writeFileSync(join(folder, 'logo.svg'), LOGO);
writeFileSync(join(folder, 'own.woff2'), 'not really a font');
writeFileSync(join(folder, 'huge.svg'), 'x'.repeat(600 << 10));
writeFileSync(join(folder, 'rows.csv'), 'a\n1\n');
writeFileSync(join(folder, 'metadata.json'), JSON.stringify({ default: { title: 'One', theme: ['Air'] } }));

function settings(name, value) {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}
const good = {
  lead: { en: 'Data of Valdoria', fr: 'Les données de Valdoria' },
  about: 'First paragraph.\n\nSecond <b>paragraph</b>.',
  logo: { file: 'logo.svg', width: 120, height: 40, holds_name: true },
  icon: 'logo.svg',
  colours: { accent: '#7a1f5c', accent_dark: '#f0a6d5' },
  font: { family: 'Own Sans', file: 'own.woff2' },
  themes: [{ name: 'Air', label: { fr: 'Qualité de l’air' }, colour: '#2E7D32' }],
  footer: [{ label: { en: 'Legal notice', fr: 'Mentions légales' }, address: '/legal' }, { label: 'Source', address: 'https://example.org/' }],
  home: ['about', 'themes'],
};

test('dresses the portal', async () => {
  assert.equal(run(['import', join(folder, 'rows.csv'), '--id', 'one', '--metadata', join(folder, 'metadata.json'), '--data', data]).status, 0);
  const server = await serve(data, ['--site', settings('site.json', good)]);
  const home = await (await server.get('/')).text();
  const french = await (await server.get('/', { headers: { 'Accept-Language': 'fr' } })).text();
  assert.match(home, /Data of Valdoria/);
  assert.match(french, /Les données de Valdoria/);
  assert.match(home, /<p>First paragraph\.<\/p>\s*<p>Second &lt;b&gt;paragraph&lt;\/b&gt;\.<\/p>/);
  assert.match(home, />Air</);
  assert.match(french, />Qualité de l’air</);
  assert.match(french, /<a href="\/legal">Mentions légales<\/a>/);
  assert.match(home, /<a href="https:\/\/example\.org\/">Source<\/a>/);
  assert.ok(home.indexOf('First paragraph') < home.indexOf('theme-list') && !home.includes('figure-list'), 'blocks in the order asked for');
  const [theme] = /\/site\/theme-[0-9a-f]{16}\.css/.exec(home);
  const css = await server.get(theme);
  assert.equal(css.headers.get('content-type'), 'text/css; charset=utf-8');
  assert.match(css.headers.get('cache-control'), /immutable/);
  const text = await css.text();
  assert.match(text, /--accent:#7a1f5c/);
  assert.match(text, /\.theme-0\{--theme:#2e7d32\}/);
  const [logo] = /\/site\/logo-[0-9a-f]{16}\.svg/.exec(home);
  const picture = await server.get(logo);
  assert.equal(await picture.text(), LOGO);
  assert.match(picture.headers.get('content-security-policy'), /sandbox/, 'a picture opened by itself runs nothing');
  const [font] = /\/site\/font-[0-9a-f]{16}\.woff2/.exec(text);
  assert.equal((await server.get(font)).status, 200);
  assert.equal((await server.get('/site/logo-0000000000000000.svg')).status, 404);
  server.child.kill('SIGTERM');
  await server.stopped;
});

const bad = [
  [{ unknown: 1 }, /unknown: is not known/],
  ['{"lead": ', /line 1/],
  ['[]', /an object is expected/],
  [{ lead: 5 }, /lead: a text is expected/],
  [{ lead: { xx: 'x' } }, /lead: texts are in the languages/],
  [{ lead: 'x'.repeat(5000) }, /lead: a text of 1 to/],
  [{ logo: { file: '../logo.svg', width: 10, height: 10 } }, /logo\.file: the name of a file beside/],
  [{ logo: { file: '/etc/passwd', width: 10, height: 10 } }, /logo\.file: the name of a file beside/],
  [{ logo: { file: 'site.json', width: 10, height: 10 } }, /logo\.file: a file of one of these kinds/],
  [{ logo: { file: 'huge.svg', width: 10, height: 10 } }, /a file of 1 to 524288 bytes/],
  [{ logo: { file: 'absent.svg', width: 10, height: 10 } }, /absent\.svg cannot be opened/],
  [{ logo: { file: 'logo.svg' } }, /logo: width/],
  [{ colours: { accent: 'red', accent_dark: '#f0a6d5' } }, /colours\.accent: a colour as in/],
  [{ colours: { accent: '#ffcc00', accent_dark: '#f0a6d5' } }, /contrast is 1\.\d, and at least 4\.5 is needed; choose a darker/],
  [{ colours: { accent: '#7a1f5c', accent_dark: '#7a1f5c' } }, /choose a lighter/],
  [{ colours: { accent: '#7a1f5c' } }, /accent_dark/],
  [{ font: { family: 'x";}*{', file: 'own.woff2' } }, /font\.family: letters/],
  [{ themes: [{ name: 'A', colour: 'red;}' }] }, /themes\.colour/],
  [{ footer: [{ label: 'x', address: 'javascript:alert(1)' }] }, /footer\.address/],
  [{ footer: [{ label: 'x', address: '//evil.example' }] }, /footer\.address/],
  [{ timezone: 'Europe/Lutetia' }, /timezone: the name of a time zone/],
  [{ timezone: '' }, /timezone: the name of a time zone/],
  [{ timezone: 1 }, /timezone: the name of a time zone/],
  [{ home: ['themes', 'themes'] }, /home: some of/],
];

for (const [value, message] of bad) {
  test(`refuses ${JSON.stringify(value).slice(0, 60)}`, () => {
    const done = run(['serve', '--data', data, '--listen', '127.0.0.1:0', '--site', settings('bad.json', value)], { timeout: 20000 });
    assert.notEqual(done.status, 0);
    assert.match(done.stderr, message);
    assert.match(done.stderr, /bad\.json/);
  });
}

test('refuses a file that is not there', () => {
  const done = run(['serve', '--data', data, '--site', join(folder, 'absent.json')], { timeout: 20000 });
  assert.match(done.stderr, /absent\.json cannot be opened/);
});

test('the demo is described, and its themes are named, in every language', async () => {
  const demo = new URL('../../demo/', import.meta.url);
  const read = (file) => JSON.parse(readFileSync(new URL(file, demo), 'utf8'));
  const languages = readdirSync(new URL('../../i18n/', import.meta.url)).map((file) => file.replace('.json', ''));
  const named = new Map(read('site.json').themes.map(({ name, label }) => [name, label]));
  for (const file of readdirSync(demo).filter((name) => name.endsWith('.json') && name !== 'site.json')) {
    const described = read(file);
    for (const theme of described.default.theme) {
      assert.deepEqual(Object.keys(named.get(theme) ?? {}).sort(), languages.toSorted(), `${file}: ${theme}`);
    }
    for (const language of languages.filter((code) => code !== described.default.language)) {
      const { title, description } = described.languages[language]?.default ?? {};
      assert.ok(title && description, `${file}: ${language}`);
    }
  }
  assert.equal(run(['import', join(folder, 'rows.csv'), '--id', 'two', '--metadata', new URL('flights.json', demo).pathname, '--data', data]).status, 0);
  const server = await serve(data, ['--site', new URL('site.json', demo).pathname]);
  const german = await (await server.get('/explore/', { headers: { 'Accept-Language': 'de' } })).text();
  assert.match(german, /<a class="tag theme[^"]*" href="\/explore\/\?refine\.theme=Transport" rel="nofollow">Verkehr<\/a>/);
  assert.match(german, />Inlandsflüge in den Vereinigten Staaten, 2001</);
  const narrowed = await (await server.get('/explore/?refine.theme=Transport', { headers: { 'Accept-Language': 'de' } })).text();
  assert.match(narrowed, /Inlandsflüge/);
  assert.doesNotMatch(narrowed, />One</);
  server.child.kill('SIGTERM');
  await server.stopped;
});
