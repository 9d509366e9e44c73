// Files attached to datasets.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, binary, run, serve, temporaryFolder } from './program.mjs';
import { embedded, store } from './store.mjs';

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
