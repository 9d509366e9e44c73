// The selection of datasets: in the address, in the account, as an archive, as scripts.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, publish, run, serve, temporaryFolder } from './program.mjs';
import { eventually } from './eventually.mjs';
import { addressOf, addresses } from './page.mjs';
import { askStore } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const done = (words) => {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, result.stderr);
  return result;
};
done(['import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json')]);
done(['import', fixture('zones.geojson'), '--id', 'zones', '--metadata', fixture('zones.json')]);
publish(data, 'numbers', 1000);
publish(data, 'secret', 5);
done(['access', 'secret', '--restrict']);
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob');
await makeUser(server, data, 'eve');

const page = async (path, status = 200) => {
  const answer = await server.get(path);
  const html = await answer.text();
  assert.equal(answer.status, status, html);
  assert.equal(answer.headers.get('set-cookie'), null);
  return html;
};

/** Files of a ZIP archive, read by a program that is not ours. */
function unpack(bytes, name = 'archive') {
  const path = join(folder, `${name}.zip`);
  writeFileSync(path, bytes);
  const code = 'import sys, zipfile, json, base64\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n'
    + 'print(json.dumps({i.filename: base64.b64encode(z.read(i)).decode() for i in z.infolist()}))';
  const text = execFileSync('python3', ['-c', code, path], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return Object.fromEntries(Object.entries(JSON.parse(text)).map(([file, content]) => [file, Buffer.from(content, 'base64')]));
}
const archive = async (query, get = server.get) => {
  const answer = await get(`/selection/download.zip?${query}`);
  assert.equal(answer.status, 200, query);
  assert.equal(answer.headers.get('content-type'), 'application/zip');
  return unpack(Buffer.from(await answer.arrayBuffer()));
};

test('visitors keep their selection in the address, from page to page', async () => {
  let html = await page('/explore/?q=lamp&view=cards');
  assert.doesNotMatch(html, /Selection \(/);
  const add = addresses(html).find((address) => address.endsWith('#choice-lamps'));
  const query = new URL(add, server.portal).searchParams;
  assert.deepEqual([query.get('selection'), query.get('q'), query.get('view')], ['lamps', 'lamp', 'cards']);
  html = await page(add.split('#')[0]);
  assert.match(html, /<a href="\/selection\?dataset=lamps" rel="nofollow">Selection \(1\)<\/a>/);
  assert.match(html, /<input type="hidden" name="selection" value="lamps">/);
  assert.match(html, /In the selection: remove/);
  const dataset = addresses(html).find((address) => address.startsWith('/explore/dataset/lamps/'));
  assert.match(dataset, /selection=lamps/);
  html = await page('/explore/dataset/zones/export/?selection=lamps');
  for (const tab of ['', 'export/']) {
    assert.ok(addresses(html).some((address) => address.startsWith(`/explore/dataset/zones/${tab}?`) && address.includes('selection=lamps')), tab);
  }
  assert.ok(addresses(html).includes('/explore/?selection=lamps'));
  const both = addresses(html).find((address) => address.endsWith('#choice-zones'));
  html = await page(both.split('#')[0]);
  assert.match(html, /dataset=lamps&amp;dataset=zones/);
  const less = addresses(html).find((address) => address.endsWith('#choice-zones'));
  assert.equal(new URL(less, server.portal).searchParams.get('selection'), 'lamps');
});

test('the page of a selection lists what is in it and names what is not', async () => {
  const html = await page('/selection?dataset=lamps&dataset=nosuch&dataset=secret&dataset=lamps&format=kml');
  assert.match(html, /1 dataset</);
  assert.match(html, /Street lamps/);
  assert.match(html, /CC BY 4\.0/);
  assert.match(html, /250 records/);
  for (const id of ['nosuch', 'secret']) assert.ok(html.includes(`<code>${id}</code>`), id);
  assert.equal(addressOf(html, 'share'), `${server.portal}/selection?dataset=lamps&dataset=nosuch&dataset=secret`);
  assert.match(await page('/selection?dataset=numbers&format=kml'), /it comes as <code>csv/);
  assert.match(await page('/selection'), /Nothing is selected/);
});

test('hostile addresses stay harmless', async () => {
  const html = await page(`/selection?dataset=${encodeURIComponent('"><script>alert(1)</script>')}&dataset=${'x'.repeat(5000)}&dataset=../lamps`);
  assert.doesNotMatch(html, /<script>alert/);
  assert.match(html, /Nothing is selected/);
  const many = Array.from({ length: 60 }, (_, i) => `dataset=d${i}`).join('&');
  await page(`/selection?${many}`, 400);
  const refused = await server.get(`/selection/download.zip?${many}`);
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).message, /at most 50 datasets/);
  await page('/selection?dataset=lamps&format=exe', 400);
  const catalogue = await page(`/explore/?selection=${encodeURIComponent('lamps,"><b>,')}${',zones'.repeat(3000)}`);
  assert.match(catalogue, /Selection \(2\)/);
  const full = await page(`/explore/?selection=${Array.from({ length: 70 }, (_, i) => `d${i}`).join(',')}`);
  assert.match(full, /Selection \(50\)/);
  assert.doesNotMatch(full, /Add to selection/);
});

test('all as one zip: records as the API gives them, metadata, licences, a manifest whose digests are right', async () => {
  const files = await archive('dataset=lamps&dataset=numbers&dataset=nosuch&dataset=zones&format=geojson&lang=en');
  assert.deepEqual(Object.keys(files), ['lamps.geojson', 'lamps.metadata.json', 'numbers.csv', 'numbers.metadata.json',
    'zones.geojson', 'zones.metadata.json', 'LICENSES.txt', 'manifest.json']);
  const manifest = JSON.parse(files['manifest.json']);
  assert.deepEqual(manifest.left_out, ['nosuch']);
  assert.equal(manifest.format, 'geojson');
  for (const dataset of manifest.datasets) {
    for (const file of [dataset.file, dataset.metadata]) {
      assert.equal(createHash('sha256').update(files[file.name]).digest('hex'), file.sha256, file.name);
      assert.equal(files[file.name].length, file.bytes);
    }
    assert.ok(files[dataset.file.name].equals(Buffer.from(await (await fetch(dataset.export)).arrayBuffer())), dataset.dataset_id);
    const api = await (await fetch(dataset.api)).json();
    assert.equal(api.dataset_uid, dataset.dataset_uid);
    assert.equal(JSON.parse(files[dataset.metadata.name]).dataset_id, dataset.dataset_id);
    assert.equal(dataset.version, 1);
    assert.equal((await fetch(dataset.page)).status, 200);
  }
  assert.match(files['LICENSES.txt'].toString(), /Street lamps \(lamps\)\r\n {2}City Works\r\n {2}CC BY 4\.0/);
  assert.match(files['LICENSES.txt'].toString(), /no licence named/);
});

test('every format, with labels where they are asked for', async () => {
  const formats = (await (await server.get(`${API}/lamps/exports`)).json()).links.slice(1).map((link) => link.rel);
  for (const format of formats) {
    const files = await archive(`dataset=lamps&format=${format}`);
    assert.equal(Object.keys(files).length, 4, format);
    assert.ok(Object.values(files)[0].length > 100, format);
  }
  const { 'lamps.csv': csv } = await archive('dataset=lamps&use_labels=true');
  assert.match(csv.toString(), /^\ufeffLamp id;/);
});

test('what is not there is refused; a HEAD request sends no archive', async () => {
  assert.equal((await server.get('/selection/download.zip?dataset=nosuch')).status, 404);
  assert.equal((await server.get('/selection/download.zip')).status, 400);
  assert.equal((await server.get('/selection/download.zip?dataset=secret')).status, 404);
  const head = await server.get('/selection/download.zip?dataset=lamps', { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal((await head.text()).length, 0);
});

test('the scripts run', async () => {
  for (const [name, program] of [['sh', 'sh'], ['py', 'python3']]) {
    const own = join(folder, name);
    mkdirSync(own);
    const answer = await server.get(`/selection/download.${name}?dataset=lamps&dataset=numbers&dataset=nosuch&format=json`);
    assert.equal(answer.status, 200);
    writeFileSync(join(own, `datasets.${name}`), await answer.text());
    const result = spawnSync(program, [`datasets.${name}`], { cwd: own, encoding: 'utf8' });
    assert.equal(result.status, 0, result.stderr);
    assert.equal(JSON.parse(readFileSync(join(own, 'lamps.json'))).length, 250);
    assert.equal(JSON.parse(readFileSync(join(own, 'numbers.json'))).length, 1000);
  }
});

test('an account keeps its own selection; nobody else sees it', async () => {
  const ada = new Visitor(server);
  const bob = new Visitor(server);
  await ada.signIn('ada');
  await bob.signIn('bob');
  let answer = await ada.post('/selection', { action: 'add', dataset: 'secret', next: '/explore/?q=a' });
  assert.equal(answer.status, 303, answer.text);
  assert.equal(answer.headers.get('location'), '/explore/?q=a');
  answer = await ada.get('/explore/');
  assert.match(answer.text, /Added to your selection/);
  assert.match(answer.text, /<a href="\/selection" rel="nofollow">Selection \(1\)<\/a>/);
  assert.doesNotMatch(answer.text, /selection=secret/);
  await ada.post('/selection', { action: 'add', dataset: 'secret' });
  await ada.post('/selection', { action: 'add', dataset: 'lamps' });
  assert.equal(askStore(data, 'select count(*) from user_selection'), '2');
  const own = (await ada.get('/selection')).text;
  assert.match(own, /2 datasets</);
  const files = await archive('format=csv', (path) => server.get(path, { headers: { cookie: [...ada.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } }));
  assert.ok('secret.csv' in files && 'lamps.csv' in files);
  assert.match((await bob.get('/selection')).text, /Nothing is selected/);
  answer = await bob.post('/selection', { action: 'add', dataset: 'secret' });
  assert.equal(answer.status, 404);
  await ada.post('/selection', { action: 'remove', dataset: 'secret' });
  assert.doesNotMatch((await ada.get('/selection')).text, /secret/);
  await ada.post('/selection', { action: 'clear' });
  assert.equal(askStore(data, 'select count(*) from user_selection'), '0');
});

test('a shared selection can be kept; what is taken away from somebody is left out', async () => {
  const ada = new Visitor(server);
  await ada.signIn('eve');
  const shared = await ada.get('/selection?dataset=lamps&dataset=numbers');
  assert.match(shared.text, /Keep these in my account/);
  const body = new URLSearchParams([['action', 'add'], ['dataset', 'lamps'], ['dataset', 'numbers']]);
  const answer = await ada.send('POST', '/selection', { body, headers: { 'x-csrftoken': ada.cookies.get('csrftoken') } });
  assert.equal(answer.status, 303, answer.text);
  assert.match((await ada.get('/selection')).text, /2 datasets</);
  done(['access', 'numbers', '--restrict']);
  await eventually('it is served', async () => (await server.get(`${API}/numbers`)).status !== 200);
  const left = (await ada.get('/selection')).text;
  assert.match(left, /1 dataset</);
  assert.match(left, /<code>numbers<\/code>/);
  done(['access', 'numbers', '--public']);
});

test('changes need a token and an account; fifty are the most', async () => {
  const visitor = new Visitor(server);
  const refused = await visitor.send('POST', '/selection', { body: new URLSearchParams({ action: 'add', dataset: 'lamps' }) });
  assert.equal(refused.status, 403);
  const bob = new Visitor(server);
  await bob.signIn('bob');
  assert.equal((await bob.post('/selection', { action: 'add', dataset: 'lamps' }, { token: null })).status, 403);
  assert.equal((await bob.post('/selection', { action: 'explode' })).status, 400);
  const user = askStore(data, "select id from \"user\" where name = 'bob'");
  askStore(data, Array.from({ length: 50 }, (_, i) => `insert into user_selection (user_id, dataset, added) values (${user}, 'd${i}', ${i});`).join('\n'));
  await bob.post('/selection', { action: 'add', dataset: 'lamps' });
  assert.equal(askStore(data, `select count(*) from user_selection where user_id = ${user}`), '50');
  assert.match((await bob.get('/selection')).text, /Your selection is full/);
});
