// Files attached to datasets.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { askStore, embedded, ofPostgresql, store, storeUrl } from './store.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
const parvis = (...words) => run([...words, '--data', data]);
const lamps = fileURLToPath(new URL('./fixtures/street-lamps.csv', import.meta.url));
const write = (name, bytes) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
function done(result) {
  assert.equal(result.status, 0, result.stderr);
  return result;
}
done(parvis('import', lamps, '--id', 'lamps'));
const server = await serve(data);
const list = async () => (await server.get(`${API}/lamps/attachments`)).json();
async function until(count, title) {
  for (;;) {
    const found = await list();
    if (found.attachments.length === count && (!title || found.attachments[0].metas.title === title)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('attached, listed, sent, taken away', async () => {
  assert.deepEqual((await list()).attachments, []);
  const bytes = Buffer.from(Array.from({ length: 300000 }, (_, i) => i % 251));
  done(parvis('attach', 'lamps', write('Guide 2026.pdf', bytes), '--title', 'Guide "a"'));
  const { links, attachments: [one] } = await until(1);
  assert.equal(links[0].rel, 'self');
  assert.deepEqual(one.metas, { id: 'guide_2026_pdf', title: 'Guide "a"', mimetype: 'application/pdf', url: 'odsfile://Guide 2026.pdf' });
  const answer = await fetch(one.href);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/pdf');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-disposition'), /^attachment; filename="Guide 2026\.pdf"/);
  assert.match(answer.headers.get('content-security-policy'), /sandbox/);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes));
  const dataset = await (await server.get(`${API}/lamps?include_links=true`)).json();
  assert.deepEqual(dataset.attachments, [one.metas]);
  assert.ok(dataset._links.some((link) => link.rel === 'attachments' && link.href.endsWith('/lamps/attachments')));
  done(parvis('import', lamps, '--id', 'lamps'));
  done(parvis('describe', 'lamps', '--title', 'Lamps'));
  await until(1);
  done(parvis('detach', 'lamps', 'guide_2026_pdf'));
  await until(0);
  assert.equal((await fetch(one.href)).status, 404);
  if (store === 'duckdb') assert.deepEqual(readdirSync(join(data, 'attachments', dataset.dataset_uid)), []);
});

test('while one is replaced or taken away, readers get the old file, the new one, or are told that it is gone', async () => {
  const paths = ['first', 'second'].map((text) => write(`${text}.txt`, text));
  done(parvis('attach', 'lamps', paths[0], '--id', 'note'));
  await until(1);
  let ends = false;
  const seen = new Set();
  const reader = (async () => {
    while (!ends) {
      const answer = await server.get(`${API}/lamps/attachments/note`);
      seen.add(`${answer.status} ${answer.status === 200 ? await answer.text() : ''}`.trim());
    }
  })();
  for (let round = 1; round <= 20; round += 1) {
    const child = spawn(binary, ['attach', 'lamps', paths[round % 2], '--id', 'note', '--data', data], { stdio: 'ignore' });
    assert.equal(await new Promise((resolve) => { child.on('close', resolve); }), 0);
  }
  const remover = spawn(binary, ['detach', 'lamps', 'note', '--data', data], { stdio: 'ignore' });
  assert.equal(await new Promise((resolve) => { remover.on('close', resolve); }), 0);
  await until(0);
  ends = true;
  await reader;
  assert.deepEqual([...seen].filter((answer) => !['200 first', '200 second', '404'].includes(answer)), []);
  assert.ok(seen.has('200 first') && seen.has('200 second'));
});

test('what browsers could run is sent as bytes; the same id is replaced; faults are told', async () => {
  done(parvis('attach', 'lamps', write('page.html', '<script>1</script>'), '--id', 'doc'));
  done(parvis('attach', 'lamps', write('page.svg', '<svg/>'), '--id', 'doc'));
  const { attachments: [one] } = await until(1, 'page.svg');
  const answer = await fetch(one.href);
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.match(parvis('attach', 'lamps', folder).stderr, /a file is expected/);
  assert.match(parvis('attach', 'lamps', lamps, '--id', '../x').stderr, /--id/);
  assert.match(parvis('attach', 'nothing', lamps).stderr, /does not exist/);
  assert.match(parvis('detach', 'lamps', 'nothing').stderr, /no attachment/);
  assert.match(parvis('attach', 'lamps').stdout, /^doc\t6\tapplication\/octet-stream\tpage\.svg$/m);
  done(parvis('remove', 'lamps'));
  if (store === 'duckdb') assert.deepEqual(readdirSync(join(data, 'attachments')), []);
});

test('files that no dataset names are found, and removed when asked to', embedded('files of attachments'), () => {
  done(parvis('import', lamps, '--id', 'lamps'));
  done(parvis('attach', 'lamps', write('a.pdf', 'aaa')));
  const uid = JSON.parse(parvis('describe', 'lamps').stdout).dataset_uid;
  const place = join(data, 'attachments', uid);
  const [kept] = readdirSync(place);
  assert.doesNotMatch(done(parvis('check')).stdout, /attachments/);
  const gone = join(data, 'attachments', 'da_gone00');
  mkdirSync(gone);
  const orphans = [join(place, '0123456789abcdef'), join(place, 'fedcba9876543210'), join(gone, '0000000000000000')];
  for (const path of orphans) writeFileSync(path, 'four');
  for (const name of ['notes.txt', '0123456789ABCDEF', '0123456789abcde']) writeFileSync(join(place, name), 'x');
  mkdirSync(join(place, '1111111111111111'));

  const found = done(parvis('check')).stdout;
  for (const path of orphans) assert.ok(found.includes(`orphan\t${path}\t4 bytes\n`), found);
  assert.match(found, /^3 files of attachments belong to no dataset; parvis check --repair removes them$/m);
  for (const path of orphans) assert.ok(existsSync(path), path);

  // Who attaches a file holds a shared lock on the directory until the list names it.
  const locked = spawnSync('flock', ['-s', place, binary, 'check', '--repair', '--data', data], { encoding: 'utf8' });
  assert.equal(locked.status, 0, locked.stderr);
  assert.match(locked.stdout, /^1 files of attachments belonged to no dataset; they were removed$/m);
  assert.deepEqual(orphans.map((path) => existsSync(path)), [true, true, false]);
  assert.ok(!existsSync(gone));

  assert.match(done(parvis('check', '--repair')).stdout, /^2 files of attachments belonged to no dataset; they were removed$/m);
  assert.deepEqual(readdirSync(place).sort(), ['0123456789ABCDEF', '0123456789abcde', '1111111111111111', kept, 'notes.txt'].sort());
  assert.doesNotMatch(done(parvis('check', '--repair')).stdout, /attachments/);
  assert.match(parvis('attach', 'lamps').stdout, /^a_pdf\t3\t/m);
});

test('an attachment without its file, or with another one, is told', embedded('files of attachments'), () => {
  const uid = JSON.parse(parvis('describe', 'lamps').stdout).dataset_uid;
  const place = join(data, 'attachments', uid);
  const [name] = readdirSync(place).filter((one) => /^[0-9a-f]{16}$/.test(one) && !/^1+$/.test(one));
  const path = join(place, name);
  const fault = () => {
    const checked = parvis('check', '--repair');
    assert.notEqual(checked.status, 0);
    assert.match(checked.stderr, /1 datasets are broken/);
    return checked.stdout;
  };
  renameSync(path, join(folder, 'aside'));
  assert.ok(fault().includes(`${path}: the file of the attachment a_pdf is missing\n`));
  renameSync(join(folder, 'aside'), path);
  done(parvis('check'));
  truncateSync(path, 1);
  assert.ok(fault().includes(`${path}: the file of the attachment a_pdf has 1 bytes, the catalogue says 3\n`));
  done(parvis('detach', 'lamps', 'a_pdf'));
  done(parvis('check'));
});

test('what a killed parvis attach leaves is an orphan, and nothing else', embedded('files of attachments'), async () => {
  const uid = JSON.parse(parvis('describe', 'lamps').stdout).dataset_uid;
  const place = join(data, 'attachments', uid);
  const ours = () => readdirSync(place).filter((one) => /^[0-9a-f]{16}$/.test(one) && !/^1+$/.test(one));
  const large = write('large.bin', '');
  truncateSync(large, 1 << 29);
  assert.deepEqual(ours(), []);
  const child = spawn(binary, ['attach', 'lamps', large, '--data', data], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
  while (ours().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  child.kill('SIGSTOP');
  assert.doesNotMatch(done(parvis('check', '--repair')).stdout, /attachments/); // it is being attached
  assert.equal(ours().length, 1);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.equal(parvis('attach', 'lamps').stdout, '');
  assert.match(done(parvis('check')).stdout, /^1 files of attachments belong to no dataset/m);
  done(parvis('check', '--repair'));
  assert.deepEqual(ours(), []);
});

test('nodes keep no state: what one attached another sends', ofPostgresql('several nodes'), async () => {
  const other = join(folder, 'other');
  const url = storeUrl(data);
  const node = await serve(other, ['--store', url]);
  const rows = () => Number(askStore(data, 'select count(*) from attachment_file'));
  const bytes = Buffer.from(Array.from({ length: (5 << 19) + 7 }, (_, i) => (i * 7919) % 253)); // two parts and a half
  const fetched = async (from) => {
    for (;;) {
      const { attachments } = await (await from.get(`${API}/lamps/attachments`)).json();
      if (attachments?.length) return attachments[0];
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const cached = (place) => readdirSync(join(place, 'attachments'), { recursive: true }).filter((name) => /[0-9a-f]{16}/.test(name));
  done(parvis('import', lamps, '--id', 'lamps'));
  const uid = JSON.parse(parvis('describe', 'lamps').stdout).dataset_uid;
  assert.equal(rows(), 0);
  done(parvis('attach', 'lamps', write('guide.pdf', bytes)));
  assert.equal(rows(), 3);
  assert.equal(existsSync(join(other, 'attachments')), false);

  // all at once, and again from the file
  const one = await fetched(node);
  const answers = await Promise.all(Array.from({ length: 8 }, async () => Buffer.from(await (await fetch(one.href)).arrayBuffer())));
  for (const answer of answers) assert.ok(answer.equals(bytes));
  const [name] = readdirSync(join(other, 'attachments', uid));
  assert.deepEqual(readdirSync(join(other, 'attachments', uid)), [name]);
  assert.match(name, /^[0-9a-f]{16}$/);
  truncateSync(join(other, 'attachments', uid, name), 10); // a cache that lost something
  assert.ok(Buffer.from(await (await fetch(one.href)).arrayBuffer()).equals(bytes));

  // replaced by the first node: the second sends the new bytes, and what it had is found as nobody's
  done(parvis('attach', 'lamps', write('guide.pdf', 'new')));
  assert.equal(rows(), 1);
  while ((await (await fetch(one.href)).text()) !== 'new') await new Promise((resolve) => setTimeout(resolve, 50));
  const checkOther = (...words) => run(['check', ...words, '--data', other, '--store', url]);
  assert.match(done(checkOther()).stdout, new RegExp(`^orphan\t${join(other, 'attachments', uid, name)}\t${bytes.length} bytes$`, 'm'));
  done(checkOther('--repair'));
  assert.equal(existsSync(join(other, 'attachments', uid, name)), false);

  // rows that no dataset names, and those that are not there
  askStore(data, `insert into attachment_file values ('${uid}', '0123456789abcdef', 0, 'four'), ('da_gone00', '0000000000000000', 0, 'xy')`);
  const found = done(checkOther()).stdout;
  assert.ok(found.includes(`orphan\tattachment_file/${uid}/0123456789abcdef\t4 bytes\n`), found);
  assert.ok(found.includes('orphan\tattachment_file/da_gone00/0000000000000000\t2 bytes\n'), found);
  assert.equal(rows(), 3);
  assert.match(done(checkOther('--repair')).stdout, /^2 files of attachments belonged to no dataset; they were removed$/m);
  assert.equal(rows(), 1);
  askStore(data, "update attachment_file set bytes = 'newer'");
  assert.match(checkOther().stdout, /the attachment guide_pdf has 5 bytes in the database, the catalogue says 3/);
  askStore(data, 'update attachment_file set part = 1');
  assert.match(checkOther().stdout, /the bytes of the attachment guide_pdf are not in the database, or not all of them/);
  const [file] = readdirSync(join(other, 'attachments', uid));
  rmSync(join(other, 'attachments', uid, file));
  const broken = await fetch(one.href);
  assert.equal(broken.status, 500);
  assert.deepEqual(readdirSync(join(other, 'attachments', uid)), []);

  // a file that cannot be attached leaves nothing, and a removed dataset takes everything with it
  const large = write('large.bin', '');
  truncateSync(large, 2 ** 30 + 1);
  assert.match(parvis('attach', 'lamps', large).stderr, /larger than 1073741824 bytes/);
  assert.equal(rows(), 1);
  done(run(['remove', 'lamps', '--data', other, '--store', url]));
  assert.equal(rows(), 0);
  assert.deepEqual(cached(other), []);
});

test('what a killed parvis attach leaves in the database is nothing', ofPostgresql('rows of attachments'), async () => {
  parvis('remove', 'lamps');
  done(parvis('import', lamps, '--id', 'lamps'));
  const large = write('large.bin', '');
  truncateSync(large, 1 << 29);
  const child = spawn(binary, ['attach', 'lamps', large, '--data', data], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal)));
  const size = () => Number(askStore(data, "select pg_total_relation_size('attachment_file')"));
  const before = size();
  while (size() < before + (1 << 20)) await new Promise((resolve) => setTimeout(resolve, 5));
  done(parvis('describe', 'lamps', '--title', 'Changed meanwhile')); // the bytes come without holding up others
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.equal(parvis('attach', 'lamps').stdout, '');
  assert.equal(askStore(data, 'select count(*) from attachment_file'), '0');
  assert.doesNotMatch(done(parvis('check')).stdout, /attachments/);
});
