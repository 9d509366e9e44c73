// Files attached to datasets.
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { API, run, serve, temporaryFolder } from './program.mjs';

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
async function until(count) {
  for (;;) {
    const found = await list();
    if (found.attachments.length === count) return found;
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
  assert.deepEqual(readdirSync(join(data, 'attachments', dataset.dataset_uid)), []);
});

test('what browsers could run is sent as bytes; the same id is replaced; faults are told', async () => {
  done(parvis('attach', 'lamps', write('page.html', '<script>1</script>'), '--id', 'doc'));
  done(parvis('attach', 'lamps', write('page.svg', '<svg/>'), '--id', 'doc'));
  const { attachments: [one] } = await until(1);
  const answer = await fetch(one.href);
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.match(parvis('attach', 'lamps', folder).stderr, /a file is expected/);
  assert.match(parvis('attach', 'lamps', lamps, '--id', '../x').stderr, /--id/);
  assert.match(parvis('attach', 'nothing', lamps).stderr, /does not exist/);
  assert.match(parvis('detach', 'lamps', 'nothing').stderr, /no attachment/);
  assert.match(parvis('attach', 'lamps').stdout, /^doc\t6\tapplication\/octet-stream\tpage\.svg$/m);
  done(parvis('remove', 'lamps'));
  assert.deepEqual(readdirSync(join(data, 'attachments')), []);
});
