// The tab Export: formats, sizes, addresses, and code that must run as it is shown.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { duckdb } from './duckdb.mjs';
import { API, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { addressOf, addresses, textOf, unescape } from './page.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const metadata = JSON.parse(readFileSync(fixture('street-lamps.json')));
const alternative = { title: 'All <b>lamps</b>', url: 'https://city.example/all.zip?a=1&b=2', mimetype: 'application/zip' };
writeFileSync(join(folder, 'lamps.json'), JSON.stringify({ ...metadata,
  default: { ...metadata.default, timezone: 'Europe/Brussels' }, alternative_exports: [alternative] }));
function done(words) {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, result.stderr);
}
done(['import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', join(folder, 'lamps.json')]);
writeFileSync(join(folder, 'plain.csv'), `n,text\n${Array.from({ length: 1000 }, (_, i) => `${1000 + i},text ${1000 + i}`).join('\n')}\n`);
done(['import', join(folder, 'plain.csv'), '--id', 'plain']);
writeFileSync(join(folder, 'dots.csv'), `n,lat,lon\n${Array.from({ length: 50_001 }, (_, i) => `${i},${i / 1000},2`).join('\n')}\n`);
done(['import', join(folder, 'dots.csv'), '--id', 'dots', '--geo-point', 'place=lat,lon']);
writeFileSync(join(folder, 'note.txt'), 'twelve bytes');
done(['attach', 'lamps', join(folder, 'note.txt'), '--title', 'A note']);
const server = await serve(data);
const page = async (path, status = 200) => {
  const answer = await server.get(path);
  const html = await answer.text();
  assert.equal(answer.status, status, html);
  return html;
};
const formatsOf = async (id) => (await (await server.get(`${API}/${id}/exports`)).json()).links.slice(1).map((link) => link.rel);
const bytesOf = async (address) => Buffer.from(await (await fetch(address)).arrayBuffer());

test('every format that suits the dataset, each with its explanation and a link that works', async () => {
  const html = await page('/explore/dataset/lamps/export/');
  for (const format of await formatsOf('lamps')) {
    const address = addressOf(html, `export-${format}`);
    assert.ok(address?.startsWith(`${server.portal}${API}/lamps/exports/${format}`), `${format}: ${address}`);
    assert.equal((await fetch(address, { method: 'HEAD' })).status, 200, format);
  }
  const items = html.match(/<div class="export-what">[\s\S]*?<\/div>/g);
  assert.equal(items.length, (await formatsOf('lamps')).length);
  for (const item of items) assert.match(item, /<p>\S.+\.<\/p>/);
  const plain = await page('/explore/dataset/plain/export/');
  for (const format of ['shp', 'kml', 'gpx', 'fgb', 'mvt', 'geojson']) assert.equal(addressOf(plain, `export-${format}`), undefined);
  assert.ok(addressOf(plain, 'export-csv'));
});

test('times are in the zone of the dataset', async () => {
  const address = new URL(addressOf(await page('/explore/dataset/lamps/export/'), 'export-csv'));
  assert.equal(address.searchParams.get('timezone'), 'Europe/Brussels');
  assert.match((await bytesOf(address)).toString(), /2026-01-01T01:30:00\+01:00/);
});

test('a filter: its records and, apart, the whole dataset', async () => {
  const filter = `q=${encodeURIComponent('it\'s')}&refine.lamp_type=LED&where=${encodeURIComponent('power_w > 20 and note != "a\'b"')}`;
  const html = await page(`/explore/dataset/lamps/export/?${filter}`);
  const query = new URL(addressOf(html, 'export-json')).searchParams;
  assert.deepEqual(query.getAll('where'), ['"it\'s*"', 'power_w > 20 and note != "a\'b"']);
  assert.equal(query.get('refine'), 'lamp_type:"LED"');
  const led = await page('/explore/dataset/lamps/export/?refine.lamp_type=LED');
  const some = JSON.parse(await bytesOf(addressOf(led, 'export-json')));
  assert.ok(some.length > 0 && some.every((lamp) => lamp.lamp_type === 'LED'));
  const whole = `${server.portal}${API}/lamps/exports/json?timezone=Europe%2FBrussels`;
  assert.ok(addresses(led).includes(whole));
  assert.ok(JSON.parse(await bytesOf(whole)).length > some.length);
  assert.doesNotMatch(await page('/explore/dataset/lamps/export/'), /Whole dataset/);
});

test('labels as headings, by a link that keeps the filter', async () => {
  const html = await page('/explore/dataset/lamps/export/?refine.lamp_type=LED&lang=fr');
  const link = addresses(html).find((address) => address.includes('use_labels=true'));
  assert.equal(new URL(link, server.portal).searchParams.get('refine.lamp_type'), 'LED');
  const labelled = await page(link);
  assert.match((await bytesOf(addressOf(labelled, 'export-csv'))).toString(), /^\ufeffLamp id;/);
  assert.equal(new URL(addressOf(labelled, 'export-json')).searchParams.get('use_labels'), null);
  assert.match(labelled, /<input type="hidden" name="use_labels" value="true">/); // of the search form
});

test('sizes are those of the files, told as reckoned where they are', async () => {
  const sizeOf = (html, title) => unescape(new RegExp(`<h3>${title}</h3> <span class="export-size">([^<]*)<`).exec(html)?.[1] ?? '');
  const all = await page('/explore/dataset/plain/export/');
  const csv = (await bytesOf(addressOf(all, 'export-csv'))).length;
  const shown = /^about ([\d.]+)\skB$/.exec(sizeOf(all, 'CSV'));
  assert.ok(shown && Math.abs(shown[1] * 1000 - csv) < csv * 0.05, `${sizeOf(all, 'CSV')} of ${csv}`);
  const few = await page('/explore/dataset/plain/export/?where=n%3C1050');
  const json = (await bytesOf(addressOf(few, 'export-json'))).length;
  assert.equal(sizeOf(few, 'JSON').replace(/\s.*/, ''), String(Number((json / 1000).toPrecision(3))));
  assert.equal(sizeOf(all, 'Parquet'), ''); // not known before it was made once
  const parquet = (await bytesOf(addressOf(all, 'export-parquet'))).length;
  const known = sizeOf(await page('/explore/dataset/plain/export/?fresh=1'), 'Parquet');
  assert.match(known, /^[\d.]+\skB$/);
  assert.ok(Math.abs(parseFloat(known) * 1000 - parquet) <= 100, `${known} of ${parquet}`);
});

test('attached files and other exports', async () => {
  const html = await page('/explore/dataset/lamps/export/');
  assert.ok(html.includes('>A note</a> <span class="export-size">12'));
  assert.ok(addresses(html).includes(alternative.url));
  assert.ok(html.includes('All &lt;b&gt;lamps&lt;/b&gt;'));
});

test('a filter that cannot be used is told, and nothing is measured', async () => {
  const html = await page('/explore/dataset/lamps/export/?where=nosuch%3D1', 400);
  assert.match(html, /nosuch/);
  assert.match(html, /role="alert"/);
  await page('/explore/dataset/nosuch/export/', 404);
});

const filtered = '/explore/dataset/lamps/export/?refine.lamp_type=LED';
const expected = async () => JSON.parse(await bytesOf(addressOf(await page(filtered), 'export-json'))).length;

test('the code for curl runs', async () => {
  execFileSync('sh', ['-c', textOf(await page(filtered), 'code-curl')], { cwd: folder, stdio: 'ignore' });
  const text = readFileSync(join(folder, 'lamps.csv'), 'utf8');
  assert.match(text, /^\ufefflamp_id;/);
});

test('the code for Python runs', async () => {
  const code = textOf(await page(filtered), 'code-python');
  const { status, stdout, stderr } = spawnSync('python3', ['-c', code], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.startsWith(`${await expected()} records`), stdout);
  assert.match(stdout, /'lamp_type': 'LED'/);
});

test('the code for pandas runs where pandas is, and compiles elsewhere', async () => {
  const code = textOf(await page(filtered), 'code-pandas');
  const has = spawnSync('python3', ['-c', 'import pandas, requests']).status === 0;
  const words = has ? ['-c', code] : ['-c', `compile(${JSON.stringify(code)}, "snippet", "exec")`];
  const { status, stderr } = spawnSync('python3', words, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

test('the code for JavaScript runs', async () => {
  const code = textOf(await page(filtered), 'code-javascript');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(stdout.startsWith(`${await expected()} records`), stdout);
});

test('the code for R reads with separators and marks of our CSV', async () => {
  const code = textOf(await page(filtered), 'code-r');
  if (spawnSync('Rscript', ['--version']).status === 0) {
    execFileSync('Rscript', ['-e', code]);
  }
  assert.match(code, /read\.csv2\(url, dec = "\.", fileEncoding = "UTF-8-BOM"/);
  assert.equal(/url <- "([^"]+)"/.exec(code)[1], addressOf(await page(filtered), 'export-csv'));
});

test('the code for DuckDB runs: a filtered CSV, and the whole as Parquet, of which parts can be asked for', async () => {
  const code = textOf(await page(filtered), 'code-duckdb');
  const [comment, statement] = code.split('\n');
  execFileSync('sh', ['-c', comment.replace(/^-- first, in a shell: /, '')], { cwd: folder, stdio: 'ignore' });
  const { rows, columns } = await duckdb(statement.replace("read_csv('", `read_csv('${folder}/`).replace('LIMIT 10', 'LIMIT 1000'));
  assert.equal(rows, await expected());
  assert.ok(columns.includes('lamp_type'));
  const whole = textOf(await page('/explore/dataset/lamps/export/'), 'code-duckdb');
  const address = /read_parquet\('([^']+)'\)/.exec(whole)[1];
  writeFileSync(join(folder, 'lamps.parquet'), await bytesOf(address));
  const part = await fetch(address, { headers: { Range: 'bytes=0-3' } });
  assert.equal(part.status, 206);
  assert.equal(await part.text(), 'PAR1');
  assert.equal((await duckdb(`SELECT * FROM read_parquet('${join(folder, 'lamps.parquet')}')`)).rows, 250);
});

test('of large values a megabyte is measured, and the rest reckoned', async () => {
  const text = 'A'.repeat(1_000_000);
  writeFileSync(join(folder, 'large.jsonl'), Array.from({ length: 10 }, (_, n) => JSON.stringify({ n, text })).join('\n'));
  done(['import', join(folder, 'large.jsonl'), '--id', 'large']);
  await eventually('it is served', async () => (await server.get(`${API}/large`)).status === 200);
  const html = await page('/explore/dataset/large/export/');
  const sizeOf = (title, whole = html) => new RegExp(`<h3>${title}</h3> <span class="export-size">([^<]*)<`).exec(whole)?.[1];
  for (const title of ['CSV', 'JSON', 'JSON Lines']) assert.match(sizeOf(title), /^about 10\sMB$/, title);
  assert.match(sizeOf('CSV', await page('/explore/dataset/large/export/?where=n%3D1')), /^1\.0\sMB$/);
});

test('a format that does not hold so many records says so in place of a link that fails', async () => {
  const full = async (format) => (await server.get(`${API}/dots/exports/${format}`)).status;
  const many = await page('/explore/dataset/dots/export/');
  for (const format of ['shp', 'mvt']) {
    assert.equal(await full(format), 400);
    assert.equal(addressOf(many, `export-${format}`), undefined, format);
  }
  assert.equal(many.match(/Holds at most 50,000 records/g)?.length, 2);
  assert.ok(addressOf(many, 'export-fgb'));
  const few = await page(`/explore/dataset/dots/export/?where=${encodeURIComponent('n >= 10')}`);
  assert.doesNotMatch(few, /Holds at most/);
  assert.equal((await fetch(addressOf(few, 'export-shp'), { method: 'HEAD' })).status, 200);
  const whole = [...addresses(few)].filter((address) => /\/exports\/shp$/.test(address));
  assert.deepEqual(whole, [], 'no link to a whole that it does not hold');
});
