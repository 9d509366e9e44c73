// Which store the program under test keeps its data in. PARVIS_TEST_STORE=postgresql gives each data
// directory that a test names a database of its own in a PostgreSQL server: that of
// PARVIS_TEST_POSTGRESQL (a file of tests/postgresql/fixture.mjs), else one that this process starts.
// PARVIS_BINARY names the program.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dropDatabases, psql, urlOf } from '../postgresql/server.mjs';

export const store = process.env.PARVIS_TEST_STORE || 'duckdb';
if (!['duckdb', 'postgresql'].includes(store)) throw new Error(`PARVIS_TEST_STORE: ${store} is not known`);

/** The program itself. */
export const program = process.env.PARVIS_BINARY
  ?? fileURLToPath(new URL('../../build/dev/parvis', import.meta.url));

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Where the server of this run is; starts one for this process when nobody did. */
function findServer() {
  const given = process.env.PARVIS_TEST_POSTGRESQL;
  const state = given ?? join(tmpdir(), `parvis-postgresql-${process.pid}.json`);
  const fixture = (...words) => execFileSync(process.execPath, [fileOf('../postgresql/fixture.mjs'), ...words],
    { stdio: ['ignore', 'inherit', 'inherit'] });
  if (!given) fixture('start', state, String(process.pid));
  return { ...JSON.parse(readFileSync(state, 'utf8')), state, stop: () => { if (!given) fixture('stop', state); } };
}

/** A program in place of ours that chooses the database and then is ours, under the same process id. */
function writeScript(folder, at) {
  const databases = join(folder, 'databases');
  mkdirSync(databases);
  const [head, tail] = urlOf(at, '\n').split('\n');
  const ask = [join(at.programs, 'psql'), '-X', '-q', '-h', at.directory, '-p', at.port, '-U', 'postgres', '-d', 'postgres'].join(' ');
  const script = join(folder, 'parvis');
  writeFileSync(script, `#!/bin/sh\nprogram='${program}'\ndatabases='${databases}'\n${at.workers ? `create='${process.execPath} ${fileOf('../postgresql/create_database.mjs')} ${at.state}'\n` : ''}psql='${ask}'\nurl_head='${head}'\nurl_tail='${tail}'\n`
    + `. '${fileOf('../postgresql/with_store.sh')}'\n`, { mode: 0o755 });
  return { script, databases };
}

function onPostgresql() {
  if (!/--store\b/.test(spawnSync(program, ['serve', '--help'], { encoding: 'utf8' }).stdout)) {
    throw new Error(`PARVIS_TEST_STORE: ${program} has no --store`);
  }
  const at = findServer();
  const folder = mkdtempSync(join(at.folder ?? at.directory, 'tests-')); // goes with the server, whatever becomes of this process
  const { script, databases } = writeScript(folder, at);
  process.on('exit', () => {
    dropDatabases(at, readdirSync(databases).filter((name) => name !== 'lock'));
    rmSync(folder, { recursive: true, force: true });
    at.stop();
  });
  return { script, databases, at };
}

const postgresql = store === 'postgresql' ? onPostgresql() : undefined;

/** What tests run: the program, on PostgreSQL by way of a script. */
export const binary = postgresql?.script ?? program;

/** Options of a test that is about files of the embedded store: on PostgreSQL it is skipped. ./test names those. */
export function embedded(reason) {
  return store === 'duckdb' ? {} : { skip: `of the embedded store: ${reason}` };
}

/** Options of a test that is about PostgreSQL: on the embedded store it is skipped. */
export function ofPostgresql(reason) {
  return store === 'postgresql' ? {} : { skip: `of PostgreSQL: ${reason}` };
}

/** Options of a test of what is the same code on both stores, and takes long: it runs on the embedded one. ./test names those. */
export function alike(reason) {
  return store === 'duckdb' ? {} : { skip: `of both stores alike: ${reason}` };
}

/** As with_store.sh has it. */
const databaseOf = (data) => `parvis_${createHash('md5').update(`${postgresql.databases}\n${resolve(data)}\n`).digest('hex')}`;

/** Address of the database of a data directory, for another node. */
export function storeUrl(data) {
  return urlOf(postgresql.at, databaseOf(data));
}

/**
 * What the store holds of a dataset's records: numbers of versions, and names of whatever else is there. On PostgreSQL
 * tables of versions that ended stay a while for those who read them (tests/api/nodes.test.mjs); they do not count.
 */
export function storedVersions(data, uid) {
  if (!postgresql) {
    const folder = join(data, 'records', uid);
    return existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/^(\d+)\.duckdb$/, '$1')).sort() : [];
  }
  const tables = askStore(data, `select relname from pg_class where relnamespace = to_regnamespace('parvis_records') and relkind = 'r'
    and starts_with(relname, '${uid}_')`).split('\n').filter(Boolean).map((name) => name.slice(uid.length + 1));
  const words = new Set(tables.filter((name) => name.endsWith('_words')));
  const ended = askStore(data, `select number from version_ended where uid = '${uid}'`).split('\n');
  return tables.filter((name) => !ended.includes(name.replace('_words', '')) && !(words.has(name) && tables.includes(name.slice(0, -'_words'.length)))).sort();
}

/** The installation's master secret, which all its other keys are made of. */
export function masterSecret(data) {
  if (!postgresql) return readFileSync(join(data, 'secrets', 'master'));
  return Buffer.from(askStore(data, "select encode(bytes, 'hex') from secret where name = 'master'"), 'hex');
}

/** Addresses for a data directory's database: of the portal, and of an administrator for a database by its name. */
export function addressesOf(data) {
  const { at } = postgresql;
  const admin = (name) => `postgresql://postgres@/${name}?host=${encodeURIComponent(at.directory)}&port=${at.port}`;
  /** A copy of the database as it is now, under another name. */
  const copy = (suffix) => {
    const name = `${databaseOf(data)}_${suffix}`;
    psql(at, `create database "${name}" template "${databaseOf(data)}" owner portal`);
    return { name, url: urlOf(at, name) };
  };
  return { copy, ask: (name, statements) => psql(at, statements, name), portal: urlOf(at, databaseOf(data)), admin, of: (name) => urlOf(at, name), drop: (name) => dropDatabases(at, [name]) };
}

/** Everything that the catalogue of a data directory holds: { name: bytes }. */
export function catalogueBytes(data) {
  if (!postgresql) {
    const names = readdirSync(data).filter((name) => name.startsWith('catalogue.sqlite'));
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(data, name))]));
  }
  const { at } = postgresql;
  return { dump: execFileSync(join(at.programs, 'pg_dump'), ['-h', at.directory, '-p', String(at.port), '-U', 'postgres', databaseOf(data)],
    { maxBuffer: 1 << 28 }) };
}

/** Holds a lock that everybody who changes the catalogue needs, until the returned process is killed. */
export async function holdCatalogue(data) {
  const [command, words, begin] = postgresql
    ? [join(postgresql.at.programs, 'psql'), ['-X', '-q', '-h', postgresql.at.directory, '-p', String(postgresql.at.port), '-U', 'postgres', '-d', databaseOf(data)],
      'begin; lock table parvis.state in exclusive mode;']
    : ['sqlite3', [join(data, 'catalogue.sqlite')], '.timeout 5000\nbegin immediate;'];
  const holder = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write(`${begin}\nselect 'held';\n`);
  await new Promise((resolve) => { holder.stdout.once('data', resolve); });
  return holder;
}

/** Runs statements that both engines know in the catalogue of a data directory; rows as lines, columns between |. */
export function askStore(data, statements) {
  if (!postgresql) return execFileSync('sqlite3', ['-bail', join(data, 'catalogue.sqlite')], { encoding: 'utf8', input: statements }).trim();
  return psql(postgresql.at, `set search_path to parvis, public; ${statements}`, databaseOf(data));
}

function columnsOf(data, table) {
  return askStore(data, postgresql
    ? `select column_name from information_schema.columns where table_schema = 'parvis' and table_name = '${table}'`
    : `select name from pragma_table_info('${table}')`).split('\n');
}

/** Writes descriptions { id: metadata } straight into a catalogue, each a dataset like source, which has its records. */
export function cloneDatasets(data, source, descriptions) {
  const quoted = (text) => `'${text.replaceAll("'", "''")}'`;
  const values = Object.entries(descriptions).map(([id, metadata], i) =>
    `('da_${String(i).padStart(6, '0')}', ${quoted(id)}, ${quoted(JSON.stringify(metadata))})`);
  const others = columnsOf(data, 'dataset').filter((name) => !['number', 'uid', 'id', 'metadata'].includes(name));
  askStore(data, `begin;
    with clone (uid, id, metadata) as (values ${values})
    insert into dataset (uid, id, metadata, ${others}) select clone.uid, clone.id, clone.metadata, ${others.map((name) => `dataset.${name}`)}
      from clone, dataset where dataset.id = '${source}' order by clone.uid;
    delete from state where key = 'search_format'; -- the index is made anew when it is opened
    update state set value = value + 1 where key = 'generation';
    commit`);
}
