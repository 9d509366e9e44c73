// The same portal on files (DuckDB) and on PostgreSQL, one node and three: bench/run stores. Queries are compared
// with the same SQL in bare PostgreSQL (by pgbench), and with the node that has files.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { address, encode, folder, median, probe, program, report, residentMegabytes, root, run, seconds, serveFrom } from './common.mjs';
import { plot } from './growth.mjs';
import { exportSpeed, placeQueries, writePlaces } from './places.mjs';
import { PostgresServer, createDatabase, psql } from '../tests/postgresql/server.mjs';

const sizes = [10_000, 100_000, 1_000_000, 10_000_000];
const compared = 1_000_000; // from here on rows are printed

const queries = [
  ['page of 20', 'records?limit=20', ['select * from records order by rowid limit 20', 'select count(*) from records']],
  ['filter, sort, 20 rows', `records?${encode({ where: 'amount > 990', order_by: 'amount desc', limit: 20 })}`,
    ['select * from records where amount > 990 order by amount desc, rowid limit 20', 'select count(*) from records where amount > 990']],
  ['facet', 'facets?facet=category',
    ['select category, count(*) as n from records where category is not null group by category order by n desc, category limit 100']],
  ['group_by with an average', `records?${encode({ group_by: 'category', select: 'count(*) as n, avg(amount) as mean', limit: 20 })}`,
    ['select category, count(*) as n, avg(amount) as mean from records group by category order by category limit 20',
      'select count(*) from (select category from records group by category) as groups']],
  ['search for two words', `records?${encode({ where: '"place 31415"', limit: 20 })}`,
    ["select * from records where name ~* '\\mplace\\M' and name ~* '\\m31415\\M' order by rowid limit 20",
      "select count(*) from records where name ~* '\\mplace\\M' and name ~* '\\m31415\\M'"]],
  ...placeQueries.filter(([name]) => /^(in_bbox|within_distance|nearest)/.test(name)),
];

/** Milliseconds of a request: fifteen times, or as often as three seconds allow. */
function ask(port, id, path) {
  const times = (rounds) => JSON.parse(run(probe, ['http', '127.0.0.1', String(port), String(rounds), address(id, path)])).median_ms;
  return times(Math.max(3, Math.min(15, Math.round(3000 / times(1)))));
}

/** Milliseconds that statements take in PostgreSQL, planned anew each time as ours are. */
function bare(postgres, database, table, statements) {
  const file = `${folder}/statement.sql`;
  writeFileSync(file, `${statements.map((text) => text.replace(/\brecords\b/, `parvis_records."${table}"`)).join(';\n')};\n`);
  const words = ['-n', '-M', 'extended', '-f', file, '-h', postgres.directory, '-p', String(postgres.port), '-U', 'postgres'];
  const once = seconds(() => run(`${postgres.programs}/pgbench`, [...words, '-t', '1', database]));
  const rounds = Math.max(3, Math.min(100, Math.round(3 / once)));
  const out = run(`${postgres.programs}/pgbench`, [...words, '-t', String(rounds), database]);
  return Number(/latency average = ([\d.]+) ms/.exec(out)[1]);
}

function requestsPerSecond(url) {
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(run('wrk', ['-t', '1', '-c', '32', '-d', '5s', url]))[1]);
}

/** nginx in front of nodes. */
async function proxy(ports) {
  const site = `${folder}/nginx-nodes`;
  rmSync(site, { recursive: true, force: true });
  mkdirSync(`${site}/logs`, { recursive: true });
  writeFileSync(`${site}/nginx.conf`, `worker_processes ${cpus().length}; pid ${site}/pid; error_log ${site}/logs/error.log;
${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http { access_log off; upstream nodes { ${ports.map((port) => `server 127.0.0.1:${port};`).join(' ')} keepalive 64; }
  server { listen 127.0.0.1:18998 reuseport; location / { proxy_pass http://nodes; proxy_http_version 1.1; proxy_set_header Connection ""; } } }\n`);
  const nginx = spawn('/usr/sbin/nginx', ['-p', site, '-c', `${site}/nginx.conf`, '-g', 'daemon off;'], { stdio: 'inherit' });
  const base = 'http://127.0.0.1:18998';
  for (let tries = 0; tries < 100; tries += 1) {
    if (await fetch(`${base}/api/explore/v2.1/catalog/datasets`).then((answer) => answer.ok, () => false)) break;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  return { base, stop: () => new Promise((done) => { nginx.on('exit', done); nginx.kill('SIGTERM'); }) };
}

async function benchNodes(files, url) {
  const id = 'places-1000000';
  const path = address(id, 'records?limit=20');
  const start = (directory, ...options) => serveFrom(directory, '--quota-anonymous', '1000000000', ...options);
  for (const [what, ...options] of [['uncached', '--cache', '0'], ['cached']]) {
    const one = await start(files, ...options);
    const alone = requestsPerSecond(`http://127.0.0.1:${one.port}${path}`);
    await one.stop();
    const nodes = [];
    for (let i = 0; i < 3; i += 1) nodes.push(await start(`${folder}/node-${i}`, '--store', url, ...options));
    const single = requestsPerSecond(`http://127.0.0.1:${nodes[0].port}${path}`);
    report(`page of 1 M, ${what}, 32 connections: one node PostgreSQL, against one node of files`, single, alone, single / alone, '', 'requests/s');
    for (const count of [1, 3]) {
      const front = await proxy(nodes.slice(0, count).map((node) => node.port));
      const through = requestsPerSecond(`${front.base}${path}`);
      await front.stop();
      report(`page of 1 M, ${what}, 32 connections: ${count === 1 ? 'one node' : 'three nodes'} PostgreSQL behind nginx, against one node of files`,
        through, alone, through / alone, '', 'requests/s');
    }
    for (const node of nodes) await node.stop();
  }
}

export async function benchStores() {
  const files = `${folder}/stores`;
  const caches = `${folder}/node-0`;
  const postgres = await PostgresServer.start({ durable: true,
    settings: { shared_buffers: '4GB', work_mem: '64MB', max_wal_size: '8GB', effective_cache_size: '12GB' } });
  try {
    const url = createDatabase(postgres, 'bench');
    const points = { files: [], postgresql: [] };
    for (const directory of [files, ...[0, 1, 2].map((i) => `${folder}/node-${i}`)]) rmSync(directory, { recursive: true, force: true });
    for (const size of sizes) {
      const file = `${folder}/stores.csv`;
      const id = `places-${size}`;
      rmSync(file, { force: true });
      writePlaces(size, file);
      const importing = (...words) => seconds(() => run(program, ['import', file, '--id', id, '--annotate', 'category=facet', ...words]));
      const [inFiles, inPostgres] = [importing('--data', files), importing('--data', caches, '--store', url)];
      if (size >= compared) report(`import of ${size / 1e6} M records (CSV) into PostgreSQL, against files`, inPostgres, inFiles, inPostgres / inFiles, '', 's');
      const table = psql(postgres, `select uid || '_1' from parvis.dataset where id = '${id}'`, 'bench');
      const servers = { files: await serveFrom(files, '--cache', '0', '--bulk-deadline', '3600s'),
        postgresql: await serveFrom(caches, '--cache', '0', '--bulk-deadline', '3600s', '--store', url) };
      for (const [name, path, statements] of queries) {
        const took = {};
        for (const [store, server] of Object.entries(servers)) {
          took[store] = median([1, 2, 3].map(() => ask(server.port, id, path)));
          points[store].push([name, size, took[store]]);
        }
        if (size < compared) continue;
        const reference = bare(postgres, 'bench', table, statements);
        report(`${size / 1e6} M: ${name}, PostgreSQL, against the same SQL`, took.postgresql, reference, took.postgresql / reference, '≤1.5', 'ms');
        report(`${size / 1e6} M: ${name}, PostgreSQL, against files`, took.postgresql, took.files, took.postgresql / took.files, '', 'ms');
      }
      if (size >= compared) {
        const speed = {};
        for (const [store, server] of Object.entries(servers)) {
          const idle = residentMegabytes(server.pid);
          let peak = idle;
          const watch = setInterval(() => { peak = Math.max(peak, residentMegabytes(server.pid)); }, 20);
          speed[store] = size / (await exportSpeed(server.port, id, 'exports/csv')).seconds / 1000;
          clearInterval(watch);
          if (store === 'postgresql') report(`${size / 1e6} M: resident memory while exporting, above idle (reference: idle)`, peak - idle, idle, peak - idle, '≤150', 'MB');
        }
        report(`${size / 1e6} M: export to CSV, PostgreSQL, against files`, speed.postgresql, speed.files, speed.postgresql / speed.files, '', '1000 records/s');
      }
      for (const server of Object.values(servers)) await server.stop();
      rmSync(file, { force: true });
    }
    await benchNodes(files, url);
    for (const [store, all] of Object.entries(points)) {
      const series = [...new Set(all.map(([name]) => name))].map((name) => [name, all.filter((row) => row[0] === name).map(([, size, ms]) => [size, ms])]);
      writeFileSync(`${root}bench/plots/store-${store}.svg`, plot(`Queries, uncached, ${store === 'files' ? 'files' : 'PostgreSQL'}`, 'milliseconds', series));
    }
  } finally {
    await postgres.stop();
  }
}
