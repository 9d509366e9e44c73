// parvis backup and restore: while people publish, whatever the form; everything is there afterwards.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDatabase, PostgresServer } from '../postgresql/server.mjs';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { askStore, embedded, store } from './store.mjs';
import { setSource } from '../fault/source.mjs';
import { makeUser, Visitor } from './visitor.mjs';
import { begin, makeDraft, patch, signedIn, tus } from './wizard.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = join(root, 'node_modules');
const folder = temporaryFolder();
const data = join(folder, 'data');
const at = (name) => join(folder, name);
const parvis = (where, ...words) => run([...words, '--data', where]);
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const ofData = (file) => join(packages, 'vega-datasets/data', file);

done(parvis(data, 'import', ofData('airports.csv'), '--id', 'airports', '--metadata', join(root, 'demo/airports.json')));
done(parvis(data, 'import', ofData('airports.csv'), '--id', 'airports'));
done(parvis(data, 'import', join(packages, '@etalab/decoupage-administratif/data/communes.json'), '--id', 'communes'));
done(parvis(data, 'import', ofData('earthquakes.json'), '--id', 'earthquakes'));
done(parvis(data, 'import', ofData('seattle-weather.csv'), '--id', 'permits', '--restricted'));
done(parvis(data, 'import', ofData('seattle-weather.csv'), '--id', 'weather', '--annotate', 'weather=facet'));
writeFileSync(at('guide.pdf'), Buffer.from(Array.from({ length: 2500000 }, (_, i) => (i * 7919) % 253)));
done(parvis(data, 'attach', 'airports', at('guide.pdf'), '--title', 'Guide'));
done(parvis(data, 'describe', 'weather', '--set-language', 'fr:title=Le temps'));

writeFileSync(at('rows.csv'), `n,text\n${Array.from({ length: 300 }, (_, i) => `${i},number ${i}`).join('\n')}\n`);

const server = await serve(data, ['--backup-directory', at('backups'), '--backup-keep', '2']);
await makeUser(server, data, 'boss', ['--role', 'administrator']);
await makeUser(server, data, 'ada', ['--role', 'editor', '--email', 'ada@example.org']);
done(parvis(data, 'group', 'add', 'planners'));
done(parvis(data, 'group', 'member', 'planners', '--add', 'ada'));
done(parvis(data, 'access', 'permits', '--group', 'planners', '--read', '--filter', "weather = 'rain'", '--hide', 'wind'));
const ada = new Visitor(server);
await ada.signIn('ada');
const key = /[0-9a-f]{56}/.exec((await ada.post('/account/keys', { name: 'reader' })).text)[0];
const boss = new Visitor(server);
await boss.signIn('boss');
const receiptKey = done(parvis(data, 'consent', 'key')).stdout;
// What came with the back office: an upload that has not ended, a source with a password, an invitation, limits.
await makeUser(server, data, 'paula', ['--role', 'publisher']);
const paula = await signedIn(server, 'paula');
await makeDraft(paula, 'Draft');
const half = await begin(paula, 'draft', 'half.csv', 1000);
assert.equal((await patch(paula, half, 0, Buffer.from('n,text\n1,o'))).status, 204);
setSource(data, 'weather', 'ftp://ada:top@secret@example.org/weather.csv');
const invited = /\/account\/invitation\/\S+/.exec(done(parvis(data, 'user', 'invite', 'eve@example.org')).stdout)[0];
askStore(data, "insert into call_limit (subject_kind, subject_id, calls) select 'key', id, 70000 from api_key; insert into call_limit (subject_kind, subject_id, calls) values ('user', 1, 8)");
while (!(await (await server.get(`${API}/airports/attachments`, {})).text()).includes('guide')) await sleep(50);

const paths = [`${API}?limit=100`, '/api/explore/v2.1/catalog/facets', `${API}/airports/attachments/guide_pdf`,
  ...['airports', 'communes', 'earthquakes', 'permits', 'weather'].flatMap((id) => [
    `${API}/${id}`, `${API}/${id}/records?limit=100`, `${API}/${id}/facets`, `${API}/${id}/exports/csv`, `${API}/${id}/exports/geojson`])];

/** What a portal answers to anybody, and to a key: { path: digest }. */
async function answers(where) {
  const found = {};
  for (const [name, headers] of [['anybody', {}], ['key', { authorization: `Apikey ${key}` }]]) {
    for (const path of paths) {
      const answer = await where.get(path, { headers });
      const text = Buffer.from(await answer.arrayBuffer()).toString('latin1').replaceAll(/localhost:\d+|127\.0\.0\.1:\d+/g, '');
      found[`${name} ${path}`] = `${answer.status} ${createHash('sha256').update(text).digest('hex')} ${text.slice(0, 60)}`;
    }
  }
  return found;
}
const before = await answers(server);
assert.match(before[`key ${API}/permits/records?limit=100`], /^200 /);
assert.match(before[`anybody ${API}/permits/records?limit=100`], /^404 /);

const tables = ['dataset', 'version', 'dataset_access', '"user"', 'user_group', 'user_group_member', 'api_key', 'audit', 'consent_figure',
  'upload', 'resource', 'call_limit', 'vocabulary', 'metadata_template', 'metadata_field', 'resource_rejects'];
const without = { '"user"': ['last_sign_in'], version: ['bytes'], api_key: ['last_used'] };
/** Rows of what people made, by table. */
function rowsOf(where) {
  return Object.fromEntries(tables.map((table) => {
    const name = table.replaceAll('"', '');
    const columns = (store === 'duckdb' ? askStore(where, `select name from pragma_table_info('${name}')`)
      : askStore(where, `select column_name from information_schema.columns where table_schema = 'parvis' and table_name = '${name}' order by ordinal_position`))
      .split('\n').filter((column) => column && !without[table]?.includes(column));
    assert.ok(columns.length, table);
    const rows = askStore(where, `select ${columns.map((column) => `cast(${column === 'digest' ? "'-'" : `"${column}"`} as text)`).join(" , ")} from ${table} order by ${columns.map((_, i) => i + 1).join()}`);
    return [name, rows];
  }));
}

async function stop(one) {
  one.child.kill('SIGTERM');
  await one.stopped;
}

/** A restored portal answers as the first one did, and its people, rules and keys are those it had. */
async function assertRestored(where, options = []) {
  const restored = await serve(where, options);
  assert.deepEqual(await answers(restored), before);
  const person = new Visitor(restored);
  assert.equal((await person.signIn('ada')).status, 303);
  const stale = new Visitor(restored);
  stale.cookies = new Map(ada.cookies);
  assert.notEqual((await stale.get('/account')).status, 200); // sessions ended
  await stop(restored);
}

test('a directory and an archive: made while the server runs, verified, restored, compared', async () => {
  const rows = rowsOf(data);
  const made = done(parvis(data, 'backup', at('first')));
  assert.match(made.stdout, /^generation \d+ of \S+: 6 datasets, 6 versions with \d+ records, \d+ files, [0-9.]+ MB: copied, /m);
  assert.match(made.stdout, /it holds the master secret, hashes of passwords and keys/);
  done(parvis(data, 'backup', at('first.tar.zst')));
  for (const source of ['first', 'first.tar.zst']) {
    const target = at(`restored-${source.length}`);
    assert.match(done(run(['backup', 'verify', at(source)])).stdout, /all as the manifest says/);
    const restored = done(parvis(target, 'restore', at(source)));
    assert.match(restored.stdout, /^generation \d+ of \S+: 6 datasets, 6 versions/m);
    assert.match(restored.stdout, /^ok\tcommunes\tversion 1\t/m);
    assert.doesNotMatch(restored.stdout, /BROKEN|orphan/);
    const there = rowsOf(target);
    for (const [name, text] of Object.entries(rows)) {
      if (name !== 'audit') assert.equal(there[name], text, `${source}: ${name}`);
      else {
        const lines = new Set(there.audit.split('\n'));
        assert.ok(text.split('\n').every((line) => lines.has(line)) && there.audit.includes('backup.restore'), source);
      }
    }
    assert.equal(done(parvis(target, 'consent', 'key')).stdout, receiptKey);
    await assertRestored(target);
  }
  assert.match(askStore(data, "select subject from audit where action = 'backup.make' order by id"), /first\n.*first\.tar\.zst/);
  assert.equal(readdirSync(data).filter((name) => name.startsWith('backup.partial')).length, 0);
});

test('uploads of drafts come along, and go on', async () => {
  assert.equal(readFileSync(join(at('first'), 'uploads', half.split('/').at(-1)), 'utf8'), 'n,text\n1,o');
  const restored = await serve(at('restored-5'));
  const again = await signedIn(restored, 'paula');
  assert.equal((await tus(again, 'HEAD', half)).headers.get('upload-offset'), '10');
  assert.equal((await patch(again, half, 10, Buffer.alloc(990, 'x'))).status, 204);
  assert.equal((await tus(again, 'HEAD', half)).headers.get('upload-offset'), '1000');
  await stop(restored);
});

test('an invitation of the backup has ended: somebody may have taken it since', async () => {
  const restored = await serve(at('restored-13'));
  assert.equal((await server.get(invited)).status, 200);
  assert.notEqual((await new Visitor(restored).get(invited)).status, 200);
  const again = new Visitor(restored);
  await again.signIn('boss');
  assert.match((await again.get('/backoffice/invitations')).text, /eve@example\.org/); // it can be sent again
  await stop(restored);
});

test('through a pipe', async () => {
  execFileSync('sh', ['-c', `'${binary}' backup - --data '${data}' 2>/dev/null | '${binary}' restore - --data '${at('piped')}' >/dev/null 2>&1`]);
  assert.match(done(parvis(at('piped'), 'check')).stdout, /^ok\tairports/m);
  await assertRestored(at('piped'));
});

test('the next one links what has not changed', embedded('files of versions are made anew of a database'), () => {
  const made = done(parvis(data, 'backup', at('second'), '--previous', at('first')));
  const [, same] = /^(\d+) files have not changed since the earlier backup/m.exec(made.stdout);
  assert.equal(Number(same), 6 + 1 + 1 + 1); // versions, attachment, upload, master secret
  const inode = (backup) => {
    const uid = readdirSync(join(at(backup), 'records'))[0];
    return statSync(join(at(backup), 'records', uid, readdirSync(join(at(backup), 'records', uid))[0])).ino;
  };
  assert.equal(inode('second'), inode('first'));
  done(run(['backup', 'verify', at('second')]));
});

test('what is refused, and with what advice', () => {
  const refused = (result, status, text) => {
    assert.equal(result.status, status, result.stderr);
    assert.match(result.stderr, text);
  };
  refused(parvis(data, 'backup', at('first')), 5, /it is there already; name one that is not/);
  refused(parvis(at('nothing'), 'backup', at('other'), ...(store === 'duckdb' ? [] : ['--store', ''])), 4, /no catalogue is there/);
  refused(parvis(at('restored-5'), 'restore', at('first')), 5, /there is a portal already|holds a portal already/);
  refused(run(['backup', 'verify', at('nothing')]), 1, /no backup is there/);
  refused(run(['backup', 'verify', data]), 1, /no backup is there \(manifest.jsonl is missing\)/);
  refused(parvis(data, 'backup', at('x.tar.zst'), '--previous', at('first')), 2, /an archive holds all files/);
  refused(parvis(data, 'backup', at('missing/x')), 1, /cannot be made/);
});

test('without secrets nothing can be opened, and a new administrator is asked for', async () => {
  askStore(data, "insert into statistic (dataset, grain, measure, dimension, at, value, amount) values ('', 'day', 'api_calls', 'key', 20000, '1', 7);");
  const made = done(parvis(data, 'backup', at('bare'), '--without-secrets'));
  assert.doesNotMatch(made.stdout, /master secret/);
  assert.deepEqual(readdirSync(at('bare')).sort(), ['attachments', 'catalogue.sqlite', 'manifest.jsonl', 'records', 'uploads']);
  const bytes = readFileSync(join(at('bare'), 'catalogue.sqlite')).toString('latin1');
  assert.doesNotMatch(bytes, /\$argon2id\$|top@secret|secret@/);
  const asked = (sql) => execFileSync('sqlite3', [join(at('bare'), 'catalogue.sqlite'), sql], { encoding: 'utf8' }).trim();
  for (const table of ['session', 'link', 'api_key', 'recovery_code', 'login_history', 'session_view', 'throttle']) assert.equal(asked(`select count(*) from ${table}`), '0', table);
  assert.equal(asked('select location from resource'), 'ftp://example.org/weather.csv');
  assert.equal(asked('select subject_kind, calls from call_limit'), 'user|8');
  assert.equal(asked("select count(*) from statistic where dimension = 'key'"), '0');
  assert.equal(asked("select count(*) from invitation where expires > (strftime('%s') + 1) * 1000000"), '0');
  assert.match(done(parvis(at('bare-restored'), 'restore', at('bare'))).stdout, /the backup has no secrets/);
  const restored = await serve(at('bare-restored'));
  assert.equal((await restored.get(`${API}/airports/records?limit=1`)).status, 200);
  assert.equal((await restored.get(`${API}/permits/records`, { headers: { authorization: `Apikey ${key}` } })).status, 401);
  await stop(restored);
});

test('while people publish, describe and remove: every backup is one state', async () => {
  const data = at('under-load'); // few records: what changes together counts, not how much
  done(parvis(data, 'import', ofData('airports.csv'), '--id', 'airports'));
  done(parvis(data, 'attach', 'airports', at('rows.csv'), '--title', 'Rows'));
  let ends = false;
  let round = 0;
  const spawned = (words) => new Promise((resolve) => { spawn(binary, [...words, '--data', data], { stdio: 'ignore' }).on('close', resolve); });
  const publisher = (async () => {
    while (!ends) {
      round += 1;
      assert.equal(await spawned(['import', at('rows.csv'), '--id', 'busy', '--keep', '1', '--title', `Round ${round}`]), 0);
    }
  })();
  const remover = (async () => {
    while (!ends) {
      assert.equal(await spawned(['import', at('rows.csv'), '--id', 'comes']), 0);
      assert.equal(await spawned(['attach', 'comes', at('rows.csv')]), 0);
      assert.equal(await spawned(['describe', 'busy', '--set', `default.description="text ${round}"`]) >= 0, true);
      assert.equal(await spawned(['remove', 'comes']), 0);
    }
  })();
  const rounds = new Set();
  for (let i = 0; i < 5; i += 1) {
    const target = at(`load-${i}${i % 2 ? '.tar.zst' : ''}`);
    const code = await spawned(['backup', target]);
    assert.equal(code, 0);
    const restored = await new Promise((resolve) => {
      const child = spawn(binary, ['restore', target, '--data', at(`load-restored-${i}`)], { stdio: ['ignore', 'pipe', 'pipe'] });
      let text = '';
      child.stdout.on('data', (bytes) => { text += bytes; });
      child.stderr.on('data', (bytes) => { text += bytes; });
      child.on('close', (status) => resolve({ status, text }));
    });
    assert.equal(restored.status, 0, restored.text);
    assert.doesNotMatch(restored.text, /BROKEN|orphan/);
    rounds.add(/^ok\tbusy\tversion (\d+)/m.exec(restored.text)?.[1]);
  }
  ends = true;
  await Promise.all([publisher, remover]);
  assert.ok(round > 3, `${round} rounds`);
  assert.ok(rounds.size > 1, [...rounds].join());
  assert.doesNotMatch(done(parvis(data, 'check')).stdout, /BROKEN/);
});

test('in place of a portal: it is moved aside, and never while something uses it', embedded('a database is replaced by another one'), async () => {
  const target = at('replaced');
  done(parvis(target, 'import', at('rows.csv'), '--id', 'old'));
  writeFileSync(join(target, 'parvis.conf'), 'portal-name = Mine\n');
  const using = await serve(target);
  const refused = parvis(target, 'restore', at('first'), '--replace');
  assert.equal(refused.status, 5, refused.stderr);
  assert.match(refused.stderr, /a server or another command is using the portal there; stop it first/);
  assert.equal((await using.get(`${API}/old/records?limit=1`)).status, 200);
  await stop(using);
  const restored = done(parvis(target, 'restore', at('first'), '--replace'));
  const aside = /^the portal that was there lies in (\S+) now/m.exec(restored.stdout)[1];
  assert.match(done(parvis(aside, 'list')).stdout, /^old\t/);
  assert.match(readFileSync(join(target, 'parvis.conf'), 'utf8'), /Mine/);
  assert.ok(!existsSync(join(target, 'restore.partial')));
  await assertRestored(target);
});

test('from one store to the other and back', embedded('it names both stores itself'), async () => {
  const postgres = await PostgresServer.start();
  after(() => postgres.stop());
  const url = createDatabase(postgres, 'restored');
  const rows = rowsOf(at('restored-5'));
  const there = done(run(['restore', at('first.tar.zst'), '--data', at('node'), '--store', url]));
  assert.match(there.stdout, /^ok\tcommunes\t/m);
  await assertRestored(at('node'), ['--store', url]);
  assert.match(run(['restore', at('first'), '--data', at('node'), '--store', url]).stderr, /holds a portal already/);
  done(run(['backup', at('of-database'), '--data', at('node'), '--store', url]));
  done(run(['backup', 'verify', at('of-database')]));
  done(parvis(at('home'), 'restore', at('of-database')));
  const back = rowsOf(at('home'));
  for (const name of ['dataset', 'version', 'dataset_access', 'user', 'user_group', 'user_group_member', 'api_key']) assert.equal(back[name], rows[name], name);
  assert.equal(done(parvis(at('home'), 'consent', 'key')).stdout, receiptKey);
  await assertRestored(at('home'));
  assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('of-database')), ['of-database']);
});

test('the server makes them on order, as jobs, and keeps so many', async () => {
  const list = async () => JSON.parse((await boss.get('/backoffice/backups', { headers: { accept: 'application/json' } })).text);
  assert.equal((await ada.get('/backoffice/backups')).status, 403);
  assert.deepEqual((await list()).backups, []);
  for (let i = 1; i <= 3; i += 1) {
    const ordered = await boss.post('/backoffice/backups/new', {}, { headers: { accept: 'application/json' } });
    assert.equal(ordered.status, 200, ordered.text);
    for (;;) {
      const { job } = await list();
      assert.notEqual(job.state, 'failed', job.message);
      if (job.id >= i && job.state === 'done') break;
      await sleep(100);
    }
    await sleep(1100); // names are of seconds
  }
  const { backups } = await list();
  assert.equal(backups.length, 2);
  assert.ok(backups.every((backup) => backup.whole && backup.datasets === 6));
  assert.ok(backups[0].created > backups[1].created);
  done(run(['backup', 'verify', backups[0].path]));
  await boss.get(`/backoffice/backups/${backups[0].name}/check`);
  assert.equal((await boss.post(`/backoffice/backups/${backups[0].name}/check`, {})).status, 303);
  assert.equal((await boss.post('/backoffice/backups/nothing/check', {})).status, 404);
  for (;;) {
    const { job } = await list();
    if (job.state === 'done' && /files are as its manifest says/.test(job.message)) break;
    assert.notEqual(job.state, 'failed', job.message);
    await sleep(100);
  }
  const page = await boss.get('/backoffice/backups');
  assert.match(page.text, new RegExp(backups[0].name));
  assert.match(askStore(data, "select actor from audit where action = 'backup.make' order by id desc limit 1"), /boss/);
});

/** Orders a backup and waits until it is there: the list. */
async function order(person, count) {
  const headers = { accept: 'application/json' };
  const ordered = await person.post('/backoffice/backups/new', {}, { headers });
  assert.equal(ordered.status, 200, ordered.text);
  for (;;) {
    const { backups, job } = JSON.parse((await person.get('/backoffice/backups', { headers })).text);
    assert.notEqual(job.state, 'failed', job.message);
    if (job.state === 'done' && backups.filter(({ whole }) => whole).length === count) return backups;
    await sleep(100);
  }
}

async function administrator(portal, where) {
  await makeUser(portal, where, 'chief', ['--role', 'administrator']);
  const chief = new Visitor(portal);
  await chief.signIn('chief');
  return chief;
}

test('out of the box they lie in the data directory, and hold nothing of each other', embedded('with a database a place must be named'), async () => {
  const target = at('box');
  done(parvis(target, 'import', at('rows.csv'), '--id', 'rows'));
  const portal = await serve(target);
  const chief = await administrator(portal, target);
  assert.match((await chief.get('/backoffice/backups')).text, /They lie on the same disk as the data[^<]*<\/p><pre class="code">parvis serve --backup-directory \/backup/);
  const [first] = await order(chief, 1);
  await sleep(1100); // names are of seconds
  const [second] = await order(chief, 2);
  assert.equal(first.path, join(target, 'backups', first.name));
  assert.equal(second.files, first.files, 'the second one does not hold the first');
  assert.deepEqual(readdirSync(second.path).sort(), readdirSync(first.path).sort());
  assert.ok(!existsSync(join(second.path, 'backups')));
  done(run(['backup', 'verify', second.path]));
  assert.doesNotMatch(done(parvis(target, 'check')).stdout, /BROKEN|orphan|backups/);
  done(parvis(target, 'remove', 'rows'));
  await stop(portal);
  done(parvis(target, 'restore', second.path, '--replace'));
  assert.deepEqual(readdirSync(join(target, 'backups')).sort(), [first.name, second.name].sort());
  assert.match(done(parvis(target, 'list')).stdout, /^rows\t/m);
  const again = await serve(target);
  const back = new Visitor(again);
  await back.signIn('chief');
  assert.equal((await order(back, 3)).length, 3);
  await stop(again);
  assert.equal(statSync(join(target, 'backups')).mode & 0o077, 0, 'others do not read what holds secrets');
});

test('where there is no place for them the page says what to do', async () => {
  const options = store === 'duckdb' ? ['--backup-directory', 'off'] : [];
  const target = at('nowhere');
  if (store === 'duckdb') done(parvis(target, 'import', at('rows.csv'), '--id', 'rows'));
  const where = store === 'duckdb' ? target : data;
  const portal = await serve(where, options);
  const chief = await administrator(portal, where);
  const page = await chief.get('/backoffice/backups');
  assert.match(page.text, /<pre class="code">parvis serve --backup-directory \/backup --backup-schedule daily<\/pre>/);
  assert.doesNotMatch(page.text, /href="\/backoffice\/backups\/new"/);
  assert.equal((await chief.post('/backoffice/backups/new', {})).status, 409);
  await stop(portal);
});

test('on a schedule', async () => {
  const target = at('piped');
  const scheduled = await serve(target, ['--backup-directory', at('daily'), '--backup-schedule', 'daily']);
  while (!existsSync(at('daily')) || !readdirSync(at('daily')).some((name) => /^parvis-\w+Z$/.test(name))) await sleep(100);
  await stop(scheduled);
  const again = await serve(target, ['--backup-directory', at('daily'), '--backup-schedule', 'daily']);
  await sleep(2500);
  assert.equal(askStore(target, "select count(*) from job where kind = 'backup'"), '1'); // one a day
  await stop(again);
  const wrong = run(['serve', '--data', target, '--backup-schedule', 'hourly']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /daily, weekly or off/);
  assert.match(run(['serve', '--data', target, '--backup-schedule', 'daily']).stderr, /--backup-directory/);
});
