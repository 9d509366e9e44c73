// Runs the cases of bench/README.md and prints one table row each. Subject and reference are measured
// alternately in the same run, so that a busy machine slows both; the ratio is what counts.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { address, data, encode, folder, isWanted, keep, median, probe, probeSql, program, report, residentMegabytes, root, run, seconds,
  serve, versionFile, wanted } from './common.mjs';
import { benchCatalogue } from './catalogue.mjs';
import { benchFront } from './front.mjs';
import { benchGrowth } from './growth.mjs';
import { benchPanning, preparePanning } from './panning.mjs';
import { benchStatistics } from './statistics.mjs';
import { benchStores } from './stores.mjs';
import { benchTiles, prepareTiles } from './tiles.mjs';
import { benchUploads } from './uploads.mjs';
import { benchExports, benchPlaces, preparePlaces } from './places.mjs';

const ROWS = 10_000_000;
const table = `${folder}/synthetic.csv`;
const flights = `${root}node_modules/vega-datasets/data/flights-3m.parquet`;
const flightsCsv = `${folder}/flights.csv`;

// ---- import ----

function importInto(directory, file, id, ...options) {
  rmSync(directory, { recursive: true, force: true });
  return seconds(() => run(program, ['import', file, '--id', id, '--data', directory, ...options]));
}

function createTable(file) {
  const database = `${folder}/reference.duckdb`;
  for (const path of [database, `${database}.wal`]) rmSync(path, { force: true });
  return seconds(() => probeSql(database, 1, `create table t as select * from read_csv('${file}')`, 'checkpoint'));
}

function benchImport() {
  for (const [name, file, id] of [['synthetic', table, 'synthetic'], ['flights', flightsCsv, 'flights']]) {
    const subject = [];
    const reference = [];
    for (let i = 0; i < 3; i += 1) {
      reference.push(createTable(file));
      subject.push(importInto(`${folder}/import`, file, id));
    }
    rmSync(`${folder}/import`, { recursive: true, force: true });
    const megabytes = statSync(file).size / 1e6;
    const [a, b] = [megabytes / median(subject), megabytes / median(reference)];
    report(`import ${name} (CSV) against CREATE TABLE AS read_csv`, a, b, a / b, '≥0.7', 'MB/s');
  }
}

// ---- queries ----

// Statements a person would write for the same answer: the rows and, where one is shown, the total.
const queries = [
  ['page', 'a page of 20', 'records?limit=20',
    ['select * from records limit 20', 'select count(*) from records']],
  ['filter', 'filter, sort, 20 rows', `records?${encode({ where: 'amount > 990 and quantity < 500', order_by: 'amount desc', limit: 20 })}`,
    ['select * from records where amount > 990 and quantity < 500 order by amount desc limit 20',
      'select count(*) from records where amount > 990 and quantity < 500']],
  ['facets', 'two facets', `facets?facet=category&facet=open`,
    ['select category, count(*) as n from records where category is not null group by category order by n desc, category limit 100',
      'select open, count(*) as n from records where open is not null group by open order by n desc limit 100']],
  ['group', 'group_by with averages', `records?${encode({ group_by: 'category', select: 'count(*) as n, avg(amount) as mean', order_by: 'n desc', limit: 20 })}`,
    ['select category, count(*) as n, avg(amount) as mean from records group by category order by n desc limit 20',
      'select count(*) from (select category from records group by category)']],
];

const flightQueries = [
  ['page', 'a page of 20', 'records?limit=20', ['select * from records limit 20', 'select count(*) from records']],
  ['filter', 'filter, sort, 20 rows', `records?${encode({ where: 'delay > 120 and distance < 500', order_by: 'delay desc', limit: 20 })}`,
    ['select * from records where delay > 120 and distance < 500 order by delay desc limit 20',
      'select count(*) from records where delay > 120 and distance < 500']],
  ['facets', 'two facets', 'facets?facet=origin&facet=destination',
    ['select origin, count(*) as n from records where origin is not null group by origin order by n desc, origin limit 100',
      'select destination, count(*) as n from records where destination is not null group by destination order by n desc, destination limit 100']],
  ['group', 'group_by with averages', `records?${encode({ group_by: 'origin', select: 'count(*) as n, avg(delay) as mean', order_by: 'n desc', limit: 20 })}`,
    ['select origin, count(*) as n, avg(delay) as mean from records group by origin order by n desc limit 20',
      'select count(*) from (select origin from records group by origin)']],
];

async function benchQueries() {
  const server = await serve('--cache', '0');
  for (const [id, cases] of [['synthetic', queries], ['flights', flightQueries]]) {
    const file = versionFile(id);
    for (const [key, name, path, statements] of cases) {
      if (!isWanted(key) && !isWanted('queries')) continue;
      const subject = [];
      const reference = [];
      for (let i = 0; i < 5; i += 1) {
        subject.push(JSON.parse(run(probe, ['http', '127.0.0.1', server.port, '25', address(id, path)])).median_ms);
        reference.push(probeSql(file, 25, ...statements).median_ms);
      }
      const [a, b] = [median(subject), median(reference)];
      report(`${id}: ${name}, uncached, against the same SQL`, a, b, a / b, '≤1.5', 'ms');
    }
  }
  await server.stop();
}

async function benchSearch() {
  const server = await serve('--cache', '0');
  const path = address('synthetic', `records?${encode({ where: '"n31415 harbour"', limit: 20 })}`);
  const rare = address('synthetic', `records?${encode({ where: '"n31415"', limit: 20 })}`);
  const file = versionFile('synthetic');
  const scan = probeSql(file, 3, "select * from records where name ilike '%n31415%' limit 20",
    "select count(*) from records where name ilike '%n31415%'").median_ms;
  const ms = (p) => JSON.parse(run(probe, ['http', '127.0.0.1', server.port, '100', p])).median_ms;
  const one = ms(rare);
  report('search for a rare word in 10 M rows, uncached, against a scan (goal: under 10 ms)', one, scan, one / scan, '≤1', 'ms');
  const two = ms(path);
  report('search for a rare and a frequent word, uncached, against a scan', two, scan, two / scan, '≤1', 'ms');
  await server.stop();
}

// ---- exports ----

async function benchExport() {
  const server = await serve('--cache', '0');
  for (const id of ['synthetic', 'flights']) {
    const url = `http://127.0.0.1:${server.port}${address(id, 'exports/csv')}`;
    const file = versionFile(id);
    const idle = residentMegabytes(server.pid);
    const subject = [];
    const reference = [];
    let peak = 0;
    for (let i = 0; i < 3; i += 1) {
      const target = `${folder}/copy.csv`;
      rmSync(target, { force: true });
      const copied = probeSql(file, 1, `copy (select * exclude (_key) from records) to '${target}' (format csv, delimiter ';')`);
      reference.push(statSync(target).size / 1e3 / copied.median_ms);
      rmSync(target);
      const began = process.hrtime.bigint();
      const client = spawn('curl', ['-s', '-o', '/dev/null', '-w', '%{size_download}', url]);
      let size = '';
      client.stdout.on('data', (bytes) => { size += bytes; });
      const watch = setInterval(() => { peak = Math.max(peak, residentMegabytes(server.pid)); }, 20);
      await new Promise((done) => client.on('exit', done));
      clearInterval(watch);
      subject.push(Number(size) / 1e6 / (Number(process.hrtime.bigint() - began) / 1e9));
    }
    const [a, b] = [median(subject), median(reference)];
    report(`${id}: CSV export over HTTP against COPY TO csv`, a, b, a / b, '≥0.8', 'MB/s');
    report(`${id}: resident memory while exporting, above idle (reference: idle)`, peak - idle, idle, peak - idle, '≤150', 'MB');
  }
  await server.stop();
}

// ---- cached pages ----

function requestsPerSecond(url, ...options) {
  const out = run('wrk', ['-t', '1', '-c', '64', '-d', '4s', ...options, url]);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(out)[1]);
}

async function benchCached() {
  const server = await serve();
  const url = `http://127.0.0.1:${server.port}${address('flights', 'records?limit=20')}`;
  const body = Buffer.from(await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).arrayBuffer());
  const site = `${folder}/nginx`;
  rmSync(site, { recursive: true, force: true });
  mkdirSync(`${site}/logs`, { recursive: true });
  writeFileSync(`${site}/page.json`, body);
  writeFileSync(`${site}/nginx.conf`, `worker_processes ${cpus().length}; pid ${site}/pid; error_log ${site}/logs/error.log;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
  types { application/json json; }
  server { listen 127.0.0.1:18999 reuseport; root ${site}; } }\n`);
  const nginx = spawn('/usr/sbin/nginx', ['-p', site, '-c', `${site}/nginx.conf`, '-g', 'daemon off;'], { stdio: 'inherit' });
  const page = 'http://127.0.0.1:18999/page.json';
  for (let tries = 0; ; tries += 1) {
    if (await fetch(page).then((answer) => answer.ok, () => false)) break;
    if (tries > 100) throw new Error('nginx did not start');
    await new Promise((done) => setTimeout(done, 50));
  }
  const subject = [];
  const reference = [];
  for (let i = 0; i < 5; i += 1) {
    subject.push(requestsPerSecond(url));
    reference.push(requestsPerSecond(page));
  }
  nginx.kill('SIGTERM');
  await server.stop();
  const [a, b] = [median(subject), median(reference)];
  report(`cached page of ${body.length} bytes at 64 connections against nginx`, a, b, a / b, '≥0.8', 'requests/s');
}

// ---- who asks ----

const cookies = ['-H', 'Cookie: django_language=fr; csrftoken=PortalSecretPortalSecretPortal01; '
  + 'cookies_preferences=v1.1.0.0.20783; _ga=GA1.2.345; _pk_id=123456.789'];

/** Seconds that a metric of /metrics has summed up, and how often. */
async function summed(server, name) {
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  const value = (suffix) => Number(new RegExp(`^${name}_${suffix} (\\S+)`, 'm').exec(text)[1]);
  return { sum: value('sum'), count: value('count') };
}

/** What the layer of identity, quotas, permissions and cookies adds to requests of nobody known. */
async function benchGates() {
  for (const [what, options] of [['', []], [', with a visitor\'s cookies', cookies]]) {
    const server = await serve('--cache', '0', '--quota-anonymous', '1000000000');
    const url = `http://127.0.0.1:${server.port}${address('flights', 'records?limit=1')}`;
    run('wrk', ['-t', '1', '-c', '2', '-d', '1s', ...options, url]);
    const [gates, requests] = [await summed(server, 'parvis_gates_seconds'), await summed(server, 'parvis_request_seconds')];
    run('wrk', ['-t', '1', '-c', '2', '-d', '5s', ...options, url]);
    const [gatesAfter, requestsAfter] = [await summed(server, 'parvis_gates_seconds'), await summed(server, 'parvis_request_seconds')];
    await server.stop();
    const micro = (from, to) => ((to.sum - from.sum) / (to.count - from.count)) * 1e6;
    const [layer, whole] = [micro(gates, gatesAfter), micro(requests, requestsAfter)];
    report(`anonymous uncached request with the gates, and without${what} (ratio: µs that they add)`, whole, whole - layer, layer, '≤10', 'µs');
  }
  const server = await serve();
  const url = `http://127.0.0.1:${server.port}${address('flights', 'records?limit=20')}`;
  const [subject, reference] = [[], []];
  for (let i = 0; i < 5; i += 1) {
    subject.push(requestsPerSecond(url, ...cookies));
    reference.push(requestsPerSecond(url));
  }
  await server.stop();
  const [a, b] = [median(subject), median(reference)];
  report('cached page asked for with a visitor\'s cookies, against without', a, b, a / b, '≥0.9', 'requests/s');
}

// ---- all ----

function prepare() {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(table)) run(probe, ['table', String(ROWS), table]);
  if (!existsSync(flightsCsv)) {
    probeSql(`${folder}/convert.duckdb`, 1, `copy (select * from read_parquet('${flights}')) to '${flightsCsv}' (format csv)`);
    rmSync(`${folder}/convert.duckdb`, { force: true });
  }
  const listed = existsSync(data) ? run(program, ['list', '--data', data]) : '';
  if (!listed.includes('synthetic')) run(program, ['import', table, '--id', 'synthetic', '--data', data, '--annotate', 'category=facet', '--annotate', 'open=facet']);
  prepareFlights(listed);
}

function prepareFlights(listed) {
  if (!listed.includes('flights')) run(program, ['import', flights, '--id', 'flights', '--data', data, '--annotate', 'origin=facet', '--annotate', 'destination=facet']);
}

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
console.log(`Commit ${commit}, ${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB.\n`);
console.log('| case | parvis | reference | ratio | goal | met |\n|---|---|---|---|---|---|');
const isOnly = wanted.length > 0 && wanted.every((word) => ['catalogue', 'front', 'panning', 'stores', 'tiles', 'uploads'].includes(word)); // they make their own data
if (!keep) rmSync(data, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
if (wanted.join() === 'statistics') prepareFlights(existsSync(data) ? run(program, ['list', '--data', data]) : '');
else if (!isOnly) prepare();
if (isWanted('import')) benchImport();
if (wanted.length === 0 || wanted.some((w) => ['queries', 'page', 'filter', 'facets', 'group'].includes(w))) await benchQueries();
if (isWanted('search')) await benchSearch();
if (isWanted('export')) await benchExport();
if (isWanted('cached')) await benchCached();
if (isWanted('gates')) await benchGates();
if (wanted.length === 0 || wanted.some((w) => ['places', 'exports'].includes(w))) {
  preparePlaces();
  if (isWanted('places')) await benchPlaces();
  if (isWanted('exports')) await benchExports();
}
if (isWanted('tiles')) {
  prepareTiles();
  await benchTiles();
}
if (isWanted('panning')) {
  preparePanning();
  await benchPanning();
}
if (isWanted('catalogue')) await benchCatalogue();
if (isWanted('front')) await benchFront();
if (isWanted('statistics')) await benchStatistics();
if (wanted.includes('uploads')) await benchUploads(); // 10 GB of disk: only when asked for
if (wanted.includes('growth')) await benchGrowth(); // ten minutes: only when asked for
if (wanted.includes('stores')) await benchStores(); // half an hour: only when asked for
