// parvis migrate: a whole portal from a data directory into PostgreSQL and back, interrupted and resumed.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDatabase, PostgresServer, psql } from '../postgresql/server.mjs';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { embedded } from './store.mjs';
import { makeUser, Visitor } from './visitor.mjs';

const suite = embedded('it names both stores itself');
const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = join(root, 'node_modules');
const folder = temporaryFolder();
const data = join(folder, 'data');
const parvis = (where, ...words) => run([...words, ...where]);
const inDirectory = (directory) => ['--data', directory];
const inDatabase = (url) => ['--data', join(folder, `cache-${url.replace(/\W/g, '')}`.slice(0, 60)), '--store', url];
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const migrate = (from, to, ...words) => run(['migrate', '--from', from, '--to', to, ...words]);
const sqlite = (directory, sql) => execFileSync('sqlite3', ['-bail', join(directory, 'catalogue.sqlite')], { encoding: 'utf8', input: sql, maxBuffer: 1 << 28 }).trim();

function publish(id, file, ...words) {
  return done(parvis(inDirectory(data), 'import', file, '--id', id, ...words));
}
function publishRows(id, rows, ...words) {
  const file = join(folder, `${id}.json`);
  writeFileSync(file, JSON.stringify(rows));
  return publish(id, file, ...words);
}

const long = 'a column with such a long name that PostgreSQL cannot keep all of it and cuts it '; // beyond 63 bytes
const ring = [[4, 50], [6, 50], [6, 52], [4, 52], [4, 50]];
const odd = [
  { n: 1, tags: ['a', null, ''], [`${long}one`]: 'a', [`${long}two`]: 1, words: 'red;green', d: '1969-07-20', t: '1969-07-20T20:17:40.25+00:00', ok: true, x: 0.1, area: { type: 'Polygon', coordinates: [ring] } },
  { n: 2, tags: [], [`${long}one`]: 'Élan "q" & <b>', [`${long}two`]: null, words: null, d: null, t: null, ok: null, x: null, area: null },
  { n: 3, tags: null, [`${long}one`]: 'two\u0000parts', [`${long}two`]: -(2 ** 53), words: '', d: '1900-01-01', t: '2026-12-31T23:59:59+00:00', ok: false, x: 1e300, area: { type: 'MultiLineString', coordinates: [[[0, 0], [1, 1]], [[2, 2], [3, 3]]] } },
  { n: 4, tags: ['é'], [`${long}one`]: '🌳', [`${long}two`]: 7, words: 'blue', d: '2000-02-29', t: '1677-09-21T00:12:44+00:00', ok: true, x: -0, area: { type: 'Point', coordinates: [-179.9, 10.123456789] } },
];

/** Rows by table, of what came with the back office. */
const added = (uid) => ({
  resource: { dataset: uid, kind: 'url', uploads: '[]', location: 'https://example.org/weather.csv', settings: '{"format":"csv"}', etag: '"7"', last_modified: 'x', schedule: '', checked: 1, changed: 2, changed_by: 'ada' },
  resource_rejects: { dataset: uid, version: 1, rows_left_out: 2, lines: Buffer.from('{}') },
  unsent: { dataset: uid, owner: 1, form: 'description', typed: '{"base":[],"typed":[]}', changed: 4102444800000000 },
  job: { id: 7, kind: 'export', dataset: uid, label: 'weather', arguments: '{}', result: '{"n":1}', state: 'done', user_id: 1, user_name: 'boss', attempt: 1, created: 1, started: 2, ended: 4102444800000000, not_before: 0, message: 'said', done: 3, total: 4, unit: 'records', is_cancelled: 0, runner: '', heartbeat: 5 },
  job_line: { job_id: 7, number: 1, at: 6, is_fault: 1, text: 'a line' },
  vocabulary: { list: 'theme', value: 'Weather', labels: '{"fr":"Temps"}', address: 'https://example.org/weather' },
  call_limit: { subject_kind: 'user', subject_id: 2, calls: 70000 },
});

let postgres;
let origin; // a server of the directory
let ada; // who sees a part of a restricted dataset
let key; // of hers
let cookies; // of her session
let databases = 0;
const emptyDatabase = () => {
  databases += 1;
  const name = `migrate_${databases}`;
  return { name, url: createDatabase(postgres, name), ask: (sql) => psql(postgres, `set search_path to parvis, public; ${sql}`, name) };
};

if (!suite.skip) {
  postgres = await PostgresServer.start();
  after(() => postgres.stop());
  publish('airports', join(packages, 'vega-datasets/data/airports.csv'), '--metadata', join(root, 'demo/airports.json'));
  publish('airports', join(packages, 'vega-datasets/data/airports.csv'), '--metadata', join(root, 'demo/airports.json'));
  publish('birdstrikes', join(packages, 'vega-datasets/data/birdstrikes.csv'));
  publish('communes', join(packages, '@etalab/decoupage-administratif/data/communes.json'));
  publish('earthquakes', join(packages, 'vega-datasets/data/earthquakes.json'), '--metadata', join(root, 'demo/earthquakes.json'));
  publishRows('odd', odd, '--annotate', 'words=multivalued=;', '--annotate', 'words=facet', '--annotate', 'n=id');
  publishRows('odd', odd.slice(1), '--append');
  publish('permits', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--restricted');
  publish('weather', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--annotate', 'weather=facet');
  publish('gone', join(packages, 'vega-datasets/data/seattle-weather.csv'));
  const guide = join(folder, 'guide.pdf');
  writeFileSync(guide, Buffer.from(Array.from({ length: 2500000 }, (_, i) => (i * 7919) % 253)));
  done(parvis(inDirectory(data), 'attach', 'odd', guide, '--title', 'Guide'));
  done(parvis(inDirectory(data), 'attach', 'airports', guide, '--id', 'same'));
  done(parvis(inDirectory(data), 'attach', 'airports', join(root, 'README.md')));
  done(parvis(inDirectory(data), 'describe', 'weather', '--set-language', 'fr:title=Le temps'));
  done(parvis(inDirectory(data), 'remove', 'gone')); // its number is not given again
  origin = await serve(data);
  await makeUser(origin, data, 'boss', ['--role', 'administrator']);
  await makeUser(origin, data, 'ada', ['--role', 'editor', '--email', 'ada@example.org']);
  done(parvis(inDirectory(data), 'group', 'add', 'planners'));
  done(parvis(inDirectory(data), 'group', 'member', 'planners', '--add', 'ada'));
  done(parvis(inDirectory(data), 'access', 'permits', '--group', 'planners', '--read', '--filter', "weather = 'rain'", '--hide', 'wind'));
  ada = new Visitor(origin);
  await ada.signIn('ada');
  key = /[0-9a-f]{56}/.exec((await ada.post('/account/keys', { name: 'reader' })).text)[0];
  while (!(await ada.get(`${API}/permits`, { headers: { accept: '*/*' } })).text.includes('permits')) await sleep(50);
  cookies = new Map(ada.cookies);
  // A row in each table that the back office brought, with values that a column left behind would lose.
  const uid = sqlite(data, "select uid from dataset where id = 'weather'");
  sqlite(data, Object.entries(added(uid)).map(([table, row]) => `insert into ${table} (${Object.keys(row).join()}) values (${Object.values(row).map((value) => (typeof value === 'number' ? value : Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : `'${value}'`)).join()});`).join('\n'));
  sqlite(data, `update version set pinned = 1, author = 'ada', note = 'new', added = 5, removed = 6, changed = 7 where uid = '${uid}'; update dataset set keep = 9 where uid = '${uid}'`);
}

const paths = [
  `${API}?limit=100`, `${API}?limit=100&search=temps&include_links=true`, '/api/explore/v2.1/catalog/facets', '/api/explore/v2.1/catalog/exports/csv',
  ...['airports', 'birdstrikes', 'communes', 'earthquakes', 'odd', 'permits', 'weather'].flatMap((id) => [
    `${API}/${id}?include_links=true`, `${API}/${id}/records?limit=100&include_links=true`, `${API}/${id}/facets`, `${API}/${id}/attachments`,
    `${API}/${id}/exports/csv`, `${API}/${id}/exports/geojson`, `${API}/${id}/records?limit=20&where=search('rain a')`]),
  `${API}/airports/records?where=within_distance(place,geom'POINT(-100 40)',300km)&limit=50`,
  `${API}/odd/records?where=intersects(geo_shape,geom'POLYGON((0 0,10 0,10 60,0 60,0 0))')`,
  `${API}/odd/records?refine=words:red`, `${API}/odd/attachments/guide_pdf`, `${API}/airports/attachments/readme_md`,
];

/** What a portal answers to anybody, to a session and to a key: { path: text }. */
async function answers(server) {
  const found = {};
  const session = new Visitor(server);
  session.cookies = new Map(cookies);
  const callers = { anybody: [new Visitor(server), {}], session: [session, {}], key: [new Visitor(server), { authorization: `Apikey ${key}` }] };
  for (const [name, [visitor, headers]] of Object.entries(callers)) {
    for (const path of paths) {
      const answer = await visitor.get(path, { headers: { accept: '*/*', ...headers } });
      found[`${name} ${path}`] = `${answer.status} ${answer.text.replaceAll(server.portal, '').replaceAll(/localhost:\d+|127\.0\.0\.1:\d+/g, '')}`;
    }
  }
  const account = await session.get('/account');
  found.account = account.status;
  return found;
}

/** U+0000 becomes U+FFFD in PostgreSQL, and stays it. */
const replaced = (text) => (typeof text === 'string' ? text.replaceAll('\\u0000', '\uFFFD').replaceAll('\0', '\uFFFD') : text);

function assertSame(actual, expected) {
  for (const [path, text] of Object.entries(expected)) {
    const [there, wanted] = [replaced(actual[path]), replaced(text)];
    if (there === wanted) continue;
    let at = 0;
    while (there[at] === wanted[at]) at += 1;
    assert.fail(`${path}, at ${at}: ${there.slice(Math.max(0, at - 200), at + 200)}\n is not\n${wanted.slice(Math.max(0, at - 200), at + 200)}`);
  }
}

/** Rows of all tables of a directory but for caches; what differs by right is left out. */
function tablesOf(directory) {
  const names = sqlite(directory, "select name from sqlite_master where type = 'table' and name not like 'search%' and name not like 'sqlite_stat%' order by 1").split('\n');
  return Object.fromEntries(names.map((name) => {
    const columns = sqlite(directory, `select name from pragma_table_info('${name}')`).split('\n').filter((column) => !(name === 'version' && column === 'bytes'));
    const where = name === 'state' ? "where key not in ('identity', 'search_format')" : '';
    const expression = columns.map((column) => `quote("${column}")`).join(" || ',' || ");
    return [name, sqlite(directory, `select ${expression} from "${name}" ${where} order by 1`)];
  }));
}

/** Holds a migration when so many versions are noted; gives the process, which is stopped. */
async function stopAt(count, noted, from, to) {
  const child = spawn(binary, ['migrate', '--from', from, '--to', to, '--threads', '1'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.errors = '';
  child.output = '';
  child.stderr.on('data', (bytes) => { child.errors += bytes; });
  child.stdout.on('data', (bytes) => { child.output += bytes; });
  child.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  let over = false;
  child.ended.then(() => { over = true; });
  const now = () => { try { return Number(noted()); } catch { return 0; } };
  while (now() < count && !over) await sleep(2);
  assert.equal(over, false, `it was over too early: ${child.errors}`);
  child.kill('SIGSTOP');
  return child;
}

let first; // database with everything
let before; // answers and rows of the origin
test('into PostgreSQL: the same answers to everybody', suite, async () => {
  before = await answers(origin);
  assert.match(before[`session ${API}/permits/records?limit=100&include_links=true`], /^200 /);
  assert.match(before[`anybody ${API}/permits/records?limit=100&include_links=true`], /^404 /);
  assert.equal(before.account, 200);
  first = emptyDatabase();
  const result = done(migrate(data, first.url));
  assert.match(result.stdout, /^7 datasets, 9 versions with \d+ records, 3 attachments, \d+ rows of services: copied and compared, [0-9.]+ s\n$/);
  assert.match(result.stderr, /^airports, version 2: 3376 records$/m);
  done(parvis(inDatabase(first.url), 'check'));
  const node = await serve(join(folder, 'node'), ['--store', first.url]);
  assertSame(await answers(node), before);
  assert.equal(first.ask("select count(*) from information_schema.tables where table_name like 'migration%'"), '0');
  assert.equal(first.ask("select count(*) from state where key = 'migrating'"), '0');
  assert.notEqual(first.ask("select value from state where key = 'identity'"), sqlite(data, "select value from state where key = 'identity'"));
  node.child.kill('SIGTERM');
  await node.stopped;
});

let back;
test('and back: the same answers, and all tables row by row', suite, async () => {
  back = join(folder, 'back');
  done(migrate(first.url, back));
  done(parvis(inDirectory(back), 'check'));
  const tables = tablesOf(back);
  const former = tablesOf(data);
  assert.deepEqual(Object.keys(tables), Object.keys(former));
  for (const name of Object.keys(added(''))) assert.ok(former[name].length, name);
  assert.match(sqlite(back, "select keep || '|' || pinned || '|' || author || '|' || note || '|' || added || '|' || removed || '|' || version.changed from version join dataset using (uid) where id = 'weather'"), /^9\|1\|ada\|new\|5\|6\|7$/m);
  const nodes = ['session', 'audit', 'api_key', 'throttle', 'unknown_cookie', 'consent_figure', 'privacy_state', 'statistic', 'statistic_state', 'statistic_node']; // of whom a node was asked since
  for (const [name, rows] of Object.entries(former)) {
    if (!nodes.includes(name)) assert.equal(tables[name], rows, name);
  }
  const server = await serve(back);
  assertSame(await answers(server), before);
  const number = (directory) => sqlite(directory, "select seq from sqlite_sequence where name = 'dataset'");
  assert.equal(number(back), '8');
  assert.equal(number(data), '8');
  server.child.kill('SIGTERM');
  await server.stopped;
});

test('rows and numbers of both ends are the same when nothing happens in between', suite, async () => {
  const database = emptyDatabase();
  const twice = join(folder, 'twice');
  const quiet = join(folder, 'quiet');
  execFileSync('cp', ['-a', back, quiet]);
  done(migrate(quiet, database.url));
  done(migrate(database.url, twice));
  assert.deepEqual(tablesOf(twice), tablesOf(quiet));
  assert.ok(readFileSync(join(twice, 'secrets', 'master')).equals(readFileSync(join(data, 'secrets', 'master'))));
  // what is made next gets a number that nothing has had
  done(parvis(inDatabase(database.url), 'import', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--id', 'next'));
  assert.equal(database.ask("select number from dataset where id = 'next'"), '9');
  done(parvis(inDatabase(database.url), 'import', join(folder, 'odd.json'), '--id', 'odd', '--append')); // long names fit again
  done(parvis(inDirectory(twice), 'import', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--id', 'next'));
  assert.equal(sqlite(twice, "select number from dataset where id = 'next'"), '9');
});

test('killed, and gone on with: what is there is kept, what is damaged is copied again, what is new comes along', suite, async () => {
  const database = emptyDatabase();
  const source = join(folder, 'source');
  execFileSync('cp', ['-a', back, source]);
  const child = await stopAt(3, () => database.ask('select count(*) from migration'), source, database.url);
  child.kill('SIGKILL');
  assert.equal(await child.ended, 'SIGKILL');
  const noted = Number(database.ask('select count(*) from migration'));
  assert.ok(noted >= 3 && noted < 9, noted);
  assert.equal(database.ask('select count(*) from dataset'), '0');
  const refused = parvis(inDatabase(database.url), 'list');
  assert.equal(refused.status, 5);
  assert.match(refused.stderr, /a migration into this catalogue has not ended; run parvis migrate again as before/);
  assert.match(migrate(data, database.url).stderr, /unfinished migration of another portal/);

  const uid = database.ask('select uid from migration order by uid limit 1');
  const number = database.ask(`select min(number) from migration where uid = '${uid}'`);
  const id = sqlite(source, `select id from dataset where uid = '${uid}'`);
  database.ask(`update parvis_records."${uid}_${number}" set "_key" = "_key" + 1 where rowid = 1`);
  const other = database.ask(`select uid from migration where uid <> '${uid}' limit 1`);
  const otherId = sqlite(source, `select id from dataset where uid = '${other}'`);
  done(parvis(inDirectory(source), 'remove', otherId)); // was copied already
  done(parvis(inDirectory(source), 'import', join(packages, 'vega-datasets/data/seattle-weather.csv'), '--id', 'weather'));

  const resumed = done(migrate(source, database.url));
  assert.match(resumed.stderr, new RegExp(`^${id}, version ${number}: what an earlier migration copied is damaged; it is copied again$`, 'm'));
  assert.match(resumed.stderr, new RegExp(`^${id}, version ${number}: \\d+ records$`, 'm'));
  assert.match(resumed.stdout, /^6 datasets, /m);
  const kept = Number(/^(\d+) versions were there from an earlier migration that had not ended$/m.exec(resumed.stdout)[1]);
  assert.equal(kept, noted - 1);
  done(parvis(inDatabase(database.url), 'check'));
  const tables = database.ask("select relname from pg_class where relnamespace = 'parvis_records'::regnamespace and relkind = 'r' and relname not like '%words' order by 1");
  assert.equal(tables, database.ask("select uid || '_' || number from version order by 1"));
  assert.equal(database.ask('select max(number) from version where uid = (select uid from dataset where id = \'weather\')'), '2');
});

test('the way back is killed, and gone on with', suite, async () => {
  const target = join(folder, 'resumed');
  const child = await stopAt(3, () => sqlite(target, 'select count(*) from migration'), first.url, target);
  assert.match(migrate(first.url, target).stderr, /another migration into this directory is running/);
  child.kill('SIGKILL');
  await child.ended;
  assert.match(parvis(inDirectory(target), 'list').stderr, /has not ended/);
  assert.equal(parvis(inDirectory(target), 'import', join(folder, 'odd.json'), '--id', 'x').status, 5);
  const [uid, number] = sqlite(target, "select uid, number from migration order by uid limit 1").split('|');
  rmSync(join(target, 'records', uid, `${number}.duckdb`));
  const resumed = done(migrate(first.url, target));
  assert.match(resumed.stderr, /what an earlier migration copied is damaged/);
  done(parvis(inDirectory(target), 'check'));
  assert.deepEqual(tablesOf(target).dataset, tablesOf(back).dataset);
  assert.equal(readdirSync(join(target, 'records')).length, 7);
});

test('what changes at the origin while it is copied comes along', suite, async () => {
  const database = emptyDatabase();
  const source = join(folder, 'busy');
  execFileSync('cp', ['-a', back, source]);
  const child = await stopAt(2, () => database.ask('select count(*) from migration'), source, database.url);
  done(parvis(inDirectory(source), 'import', join(folder, 'odd.json'), '--id', 'added'));
  done(parvis(inDirectory(source), 'attach', 'added', join(folder, 'odd.json')));
  done(parvis(inDirectory(source), 'remove', 'weather'));
  const late = migrate(source, database.url);
  assert.equal(late.status, 5);
  assert.match(late.stderr, /a node serves the target, or another migration into it is running/);
  child.kill('SIGCONT');
  assert.equal(await child.ended, 0, child.errors);
  assert.match(child.output, /^7 datasets, /m);
  done(parvis(inDatabase(database.url), 'check'));
  assert.match(done(parvis(inDatabase(database.url), 'list')).stdout, /^added\t1\t3\t/m);
  assert.match(done(parvis(inDatabase(database.url), 'attach', 'added')).stdout, /^odd_json\t/m);
});

test('a row that is not what was sent is found by the checksum', suite, async () => {
  const database = emptyDatabase();
  psql(postgres, `
    create function spoil_row() returns trigger language plpgsql as $$ begin
      if new.rowid = 1 then new."_key" = new."_key" + 1; end if; return new; end $$;
    create function spoil() returns event_trigger language plpgsql as $$ declare made record; begin
      for made in select * from pg_event_trigger_ddl_commands() where schema_name = 'parvis_records' and object_identity !~ 'words' loop
        execute format('create trigger spoil before insert on %s for each row execute function public.spoil_row()', made.object_identity);
      end loop; end $$;
    create event trigger spoil on ddl_command_end when tag in ('CREATE TABLE') execute function spoil()`, database.name);
  const failed = migrate(data, database.url);
  assert.equal(failed.status, 3, failed.stderr);
  assert.match(failed.stderr, /^parvis migrate: airports, version 1: the copy differs from the original \(3376 records, \d+ words, checksum [0-9a-f]{16}; copied were 3376, \d+, [0-9a-f]{16}\)/m);
  assert.equal(database.ask('select count(*) from migration'), '0');
  psql(postgres, 'drop event trigger spoil', database.name);
  done(migrate(data, database.url));
  done(parvis(inDatabase(database.url), 'check'));
});

test('a damaged origin is told', suite, () => {
  const database = emptyDatabase();
  const source = join(folder, 'damaged');
  execFileSync('cp', ['-a', back, source]);
  const [uid, number] = sqlite(source, "select uid, version from dataset where id = 'weather'").split('|');
  const file = join(source, 'records', uid, `${number}.duckdb`);
  rmSync(file);
  const failed = migrate(source, database.url);
  assert.equal(failed.status, 1);
  assert.ok(failed.stderr.includes(`${file}: the file of weather, version ${number} cannot be read (No such file or directory)`), failed.stderr);
  const place = join(source, 'attachments', sqlite(source, "select uid from dataset where id = 'odd'"));
  writeFileSync(file, readFileSync(join(back, 'records', uid, `${number}.duckdb`)));
  writeFileSync(join(place, readdirSync(place)[0]), 'short');
  const short = migrate(source, database.url);
  assert.equal(short.status, 3);
  assert.match(short.stderr, /the attachment guide_pdf of odd has other bytes than the catalogue says; see parvis check at the origin/);
});

test('targets and origins that are refused', suite, () => {
  const other = join(folder, 'other');
  const usage = (words, message) => {
    const { status, stderr } = run(['migrate', ...words]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, message);
  };
  usage(['--to', data], /--from is missing/);
  usage(['--from', data], /--to is missing/);
  usage(['--from', data, '--to', other], /a data directory and a database are expected/);
  usage(['--from', first.url, '--to', first.url], /see pg_dump/);
  const holds = (result) => {
    assert.equal(result.status, 5, result.stderr);
    assert.match(result.stderr, /the target holds a portal already \(its table dataset has rows\); migrate into an empty directory or database/);
  };
  holds(migrate(data, first.url));
  holds(migrate(first.url, data));
  assert.equal(existsSync(other), false);
  const nothing = migrate(other, emptyDatabase().url);
  assert.equal(nothing.status, 4);
  assert.match(nothing.stderr, /--from .*other: no catalogue is there/);
  const empty = emptyDatabase();
  const absent = migrate(empty.url, other);
  assert.equal(absent.status, 4);
  assert.match(absent.stderr, /--from: no catalogue is in this database/);
  assert.equal(empty.ask("select count(*) from information_schema.tables where table_schema = 'parvis'"), '0');
  const secret = empty.url.replace('portal@', 'portal:geheim@').replace('migrate_', 'absent_');
  const away = migrate(data, secret);
  assert.notEqual(away.status, 0);
  assert.doesNotMatch(away.stderr, /geheim/);
  // one that was only opened is empty
  done(parvis(inDatabase(empty.url), 'list'));
  done(migrate(data, empty.url));
});

test('nothing has changed at the origin', suite, async () => {
  assertSame(await answers(origin), before);
  done(parvis(inDirectory(data), 'check'));
});
