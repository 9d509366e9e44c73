// The command line and its settings: where values come from, what is said about wrong ones, exit
// codes, help, and that docs/operations.md tells the same.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API, binary, metric, publish, run, serve, temporaryFolder } from './program.mjs';
import { embedded } from './store.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'rows', 2000, 200);
const config = join(data, 'parvis.conf');
const environment = (more) => ({ env: { ...process.env, ...more } });

/** Asserts that a command fails with one line of this form. */
function refused(words, status, form, options) {
  const result = run(words, options);
  assert.equal(result.status, status, `${words.join(' ')}: ${result.stderr}`);
  assert.match(result.stderr, form);
  assert.match(result.stderr, /^parvis [a-z]+: [^\n]*\n$/, 'one line');
  assert.equal(result.stdout, '');
}

test('a wrong value is one line with where it stands, and opens nothing', () => {
  const untouched = join(folder, 'untouched');
  for (const [name, value] of [
    ['cache', 'x'], ['cache', '-1'], ['cache', '5Q'], ['cache', '99999999999G'], ['queue', '0'], ['memory', '1M'],
    ['threads', '1.5'], ['loops', '999'], ['connections', '0'], ['idle-timeout', 'soon'], ['idle-timeout', '-5s'],
    ['bulk-deadline', '1w'], ['drain', ''], ['access-log', 'yes'], ['access-log', 'ON'], ['header-limit', '1'],
    ['session-idle', '0'], ['remember-absolute', '0'],
    ['public-url', 'data.example'], ['public-url', 'http://x/'], ['public-url', 'https://'], ['public-url', 'http://a b'],
  ]) {
    refused(['serve', '--data', untouched, `--${name}=${value}`], 2, new RegExp(`: --${name}: '${value}' was given, .* is expected\n`));
    if (value) {
      refused(['serve', '--data', untouched], 2, new RegExp(`: PARVIS_${name.toUpperCase().replaceAll('-', '_')}: '`),
        environment({ [`PARVIS_${name.toUpperCase().replaceAll('-', '_')}`]: value }));
    }
  }
  refused(['serve', '--data', untouched, '--listen', 'here'], 2, /'here' was given, HOST:PORT is expected/);
  assert.equal(existsSync(untouched), false);
});

test('options that are not known, lack a value or come too often', () => {
  refused(['serve', '--nothing', '1'], 2, /--nothing is not known; see parvis serve --help/);
  refused(['serve', '--cache'], 2, /needs a value: --cache BYTES/);
  refused(['serve', 'extra'], 2, /'extra' was not expected/);
  refused(['serve', '--data', ''], 2, /--data: '' was given, a directory is expected/);
  refused(['export'], 2, /ID is missing; see parvis export --help/);
  refused(['export', '--data', data, '--', '--odd'], 4, /The requested dataset --odd does not exist/);
  assert.equal(run(['nothing']).status, 2);
  assert.equal(run([]).status, 2);
});

test('every line of parvis.conf is checked, whatever is asked for', () => {
  for (const [text, form] of [
    ['cache = 5M\n# remark\n\nchache = 1\n', /parvis\.conf:4: the setting 'chache' is not known; see parvis serve --help/],
    ['cache\n', /parvis\.conf:1: NAME = VALUE is expected/],
    ['data = /elsewhere\n', /parvis\.conf:1: data cannot be set in the data directory/],
    ['title = x\n', /parvis\.conf:1: the setting 'title' is not known/],
    ['\r\ncache = 5Q\r\n', /parvis\.conf:2: cache: '5Q' was given/],
  ]) {
    writeFileSync(config, text);
    refused(['serve', '--data', data], 2, form);
  }
  writeFileSync(config, '#'.repeat(70000));
  refused(['serve', '--data', data], 1, /parvis\.conf: the settings cannot be read/);
  rmSync(config);
  mkdirSync(config);
  refused(['serve', '--data', data], 1, /parvis\.conf: the settings cannot be read/);
  rmSync(config, { recursive: true });
});

test('the command line wins over the environment, that over the file, that over the default', async () => {
  const links = async (options, more) => {
    const server = await serve(data, options, environment(more));
    const page = await (await server.get(`${API}/rows/records?limit=1&include_links=true`)).json();
    server.child.kill();
    await server.stopped;
    return page._links[0].href.split('/api')[0].replace(server.portal, 'default');
  };
  assert.equal(await links([], {}), 'default');
  writeFileSync(config, ' public-url = https://file.example \npublic-url =\n');
  assert.equal(await links([], {}), 'https://file.example');
  assert.equal(await links([], { PARVIS_PUBLIC_URL: '' }), 'https://file.example', 'an empty variable is none');
  assert.equal(await links([], { PARVIS_PUBLIC_URL: 'https://variable.example' }), 'https://variable.example');
  assert.equal(await links(['--public-url', 'https://flag.example'], { PARVIS_PUBLIC_URL: 'https://variable.example' }),
    'https://flag.example');
  rmSync(config);
});

test('PARVIS_DATA and relative paths name the data directory', () => {
  assert.match(run(['list'], environment({ PARVIS_DATA: data })).stdout, /^rows\t1\t2000\t/);
  assert.match(run(['list'], { cwd: folder }).stdout, /^rows\t/, './data is the default');
  assert.match(run(['list', '--data', '../data'], { cwd: data }).stdout, /^rows\t/);
  assert.equal(run(['check', '--data', 'data'], { cwd: folder }).status, 0);
});

test('commands that read do not make a data directory', embedded('a database is there before the portal'), () => {
  const nowhere = join(folder, 'nowhere');
  for (const words of [['list'], ['describe', 'x'], ['export', 'x'], ['remove', 'x'], ['check']]) {
    refused([...words, '--data', nowhere], 4, /nowhere: no catalogue is there .*--data/);
    assert.equal(existsSync(nowhere), false);
  }
});

test('what is broken is named, with what to do', embedded('files that are broken'), async () => {
  const copy = join(folder, 'broken');
  const { cpSync, readdirSync, truncateSync } = await import('node:fs');
  cpSync(data, copy, { recursive: true });
  const server = await serve(copy);
  const [uid] = readdirSync(join(copy, 'records'));
  const version = join(copy, 'records', uid, '1.duckdb');
  truncateSync(version, 20000);
  const answer = await server.get(`${API}/rows/records?limit=1`);
  assert.equal(answer.status, 500);
  const { error_code: code, message } = await answer.json();
  assert.equal(code, 'InternalError');
  assert.doesNotMatch(message, /duckdb/i, 'no internals for visitors');
  assert.equal((await server.get('/healthz')).status, 200);
  server.child.kill();
  await server.stopped;
  assert.match(server.errors, /"event": "request.failed"/);
  const check = run(['check', '--data', copy]);
  assert.equal(check.status, 1);
  assert.ok(check.stdout.startsWith(`BROKEN\trows\tversion 1\t2000 records\t${version}: `), check.stdout);
  assert.match(check.stderr, /^parvis check: 1 datasets are broken; [^\n]*\n$/);
  writeFileSync(join(copy, 'catalogue.sqlite'), 'no database, but long enough to look like something'.repeat(100));
  for (const name of ['catalogue.sqlite-wal', 'catalogue.sqlite-shm']) rmSync(join(copy, name), { force: true });
  for (const words of [['serve', '--listen', '127.0.0.1:0'], ['list'], ['check']]) {
    refused([...words, '--data', copy], 1, /not a database.*data directory .*broken: see parvis check, or restore a backup/);
  }
});

test('exit codes of queries, and standard output that nobody takes', async () => {
  refused(['export', 'rows', '--data', data, '--where', 'nothing = 1'], 3, /Unknown field: nothing/);
  refused(['export', 'rows', '--data', data, '--where', 'n ='], 3, /unexpected end of line/);
  refused(['export', 'rows', '--data', data, '--format', 'xml'], 2, /--format: 'xml' was given/);
  refused(['export', 'absent', '--data', data], 4, /dataset absent does not exist/);
  const child = spawn(binary, ['export', 'rows', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (bytes) => { errors += bytes; });
  const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  child.stdout.once('data', () => child.stdout.destroy());
  assert.ok([1, 'SIGPIPE', 0].includes(await closed));
  assert.match(errors, /^(parvis export: standard output cannot be written \([^\n]*\)\n)?$/);
  if (existsSync('/dev/full')) {
    for (const words of ['list', 'export rows']) {
      const shell = spawnSync('sh', ['-c', `"${binary}" ${words} --data "${data}" >/dev/full`],
        { encoding: 'utf8' });
      assert.equal(shell.status, 1);
      assert.match(shell.stderr, /standard output cannot be written \(No space left on device\)/);
    }
  }
});

/** Rows [name, value, default] of a command's help. */
function settingsOf(command) {
  const help = run([command, '--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: parvis /);
  assert.match(help.stdout, /\nExamples:\n {2}parvis |\nExamples:\n {2}curl /);
  return [...help.stdout.matchAll(/^ {2}--([a-z-]+) (\S+) +.*?(?: \(default ([^)]+)\))?$/gm)].map(([, ...row]) => row);
}

test('every command has help with examples', () => {
  for (const command of ['serve', 'import', 'list', 'describe', 'export', 'remove', 'check', 'version']) settingsOf(command);
  assert.match(run(['--help']).stdout, /Exit codes: 0 /);
});

test('docs/operations.md has the settings of serve and the metrics that there are', async () => {
  const document = readFileSync(fileURLToPath(new URL('../../docs/operations.md', import.meta.url)), 'utf8');
  const rows = [...document.matchAll(/^\| `--([a-z-]+) ([^`]+)` \| (?:`([^`]+)`)? *\|/gm)].map(([, ...row]) => row);
  assert.deepEqual(rows.map((row) => row.map((cell) => cell?.replaceAll('\\', ''))), settingsOf('serve'));
  const server = await serve(data, ['--access-log', 'off']);
  const metrics = await (await server.get('/metrics')).text();
  assert.ok(await metric(server, 'parvis_datasets') === 1);
  const names = [...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const described = [...document.matchAll(/^\| `((?:parvis|process)_[a-z_]+)/gm)].map(([, name]) => name);
  assert.deepEqual(described, names);
});
