// Every page of the back office, as links lead to it on a portal that has something of each kind: whole, without faults of
// accessibility, and as narrow as a telephone. What no link leads to is named, with the reason.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { makeDraft, publishDraft, signedIn, upload, use } from '../api/wizard.mjs';
import { axe, checkReflow, launch, record, signIn, visitor, walk } from './browser.mjs';

const folder = temporaryFolder();
const data = join(folder, 'data');
publish(data, 'numbers', 3);
publish(data, 'numbers', 4);
const server = await serve(data, ['--backup-directory', join(folder, 'backups')]);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
await makeUser(server, data, 'bob', ['--role', 'publisher']);
const ada = await signedIn(server, 'ada');
const browser = await launch();

/** Pages that no link leads to, and why. */
const MOVED = 'leads to the tab Access of the dataset, for those who kept the address';
const PROTOCOL = 'uploads are sent by a script';
const PRESSED = 'the address of a button';
const NONE_YET = 'there is none of that kind on this portal';
const NOT_LINKED = {
  '/backoffice/access/{}': MOVED, '/backoffice/access/{}/remove': MOVED, '/backoffice/access/{}/rule': MOVED,
  '/backoffice/backups/{}/check': PRESSED, '/backoffice/datasets/{}/refresh': PRESSED, '/backoffice/jobs/{}/cancel': PRESSED, '/backoffice/jobs/{}/retry': PRESSED,
  '/backoffice/invitations/{}/revoke': NONE_YET, '/backoffice/invitations/{}/send': NONE_YET,
  '/backoffice/pages/{}/pictures/{}': NONE_YET, '/backoffice/pages/{}/pictures/{}/remove': NONE_YET,
  '/backoffice/services/{}': NONE_YET, '/backoffice/services/{}/remove': NONE_YET, '/backoffice/site/{}/reset': NONE_YET,
  '/backoffice/cookies.csv': 'its link is shown when choices were made', '/backoffice/site/preview.svg': 'a picture',
  '/backoffice/uploads': PROTOCOL, '/backoffice/uploads/{}': PROTOCOL,
};

function parvis(...words) {
  const result = run([...words, '--data', data]);
  assert.equal(result.status, 0, `${words.join(' ')}: ${result.stderr}`);
}

async function post(path, fields) {
  const answer = await ada.post(path, fields);
  assert.equal(answer.status, 303, `${path}: ${answer.status} ${answer.text.slice(0, 2000)}`);
  return answer.location;
}

/** Something of each kind. */
async function furnish() {
  writeFileSync(join(folder, 'note.txt'), 'A note.');
  parvis('attach', 'numbers', join(folder, 'note.txt'), '--id', 'note');
  parvis('group', 'add', 'staff');
  parvis('key', 'add', 'bob', '--name', 'robot');
  parvis('access', 'numbers', '--group', 'staff', '--edit');
  await post('/backoffice/datasets/numbers/metadata/reuses/new', { title: 'A use', url: 'https://example.org/', author: 'Ada', description: 'What it is' });
  await post('/backoffice/metadata/templates/new', { name: 'owner', 'label-en': 'Owner' });
  await post('/backoffice/metadata/templates/owner/fields/new', { name: 'office', type: 'text', choices: '', 'label-en': 'Office' });
  const page = (await post('/backoffice/pages/new', { title: 'About', slug: 'about', menu: 'none', position: '0' })).replace(/(\/pages\/\d+).*/, '$1');
  for (const text of ['First', 'Second']) await post(`${page}/text/en`, { title: 'About', text });
  await post('/backoffice/datasets/numbers/export', { format: 'csv' });
  const draft = await makeDraft(ada, 'Half good');
  await use(ada, draft, [await upload(ada, draft.split('/').at(-1), 'half.csv', Buffer.from('n,t\n1,a\ntwo,b\n'))]);
  await post(`${draft}/source/fields/n`, { type: 'int' });
  assert.ok((await publishDraft(ada, draft, { skip: '1' })).is_done);
  const open = await makeDraft(ada, 'Open');
  await use(ada, open, [await upload(ada, open.split('/').at(-1), 'open.csv', Buffer.from('n,t\n1,a\n'))]);
  while (Number(askStore(data, "select count(*) from job where state = 'done'")) < 2) await new Promise((resolve) => { setTimeout(resolve, 50); });
}

/** Patterns of pages of the back office that none of the paths fits. */
function missed(paths) {
  const listed = run(['routes']).stdout.trim().split('\n').map((line) => JSON.parse(line));
  const pages = listed.filter(({ pattern, methods, kind }) => pattern.startsWith('/backoffice') && kind === 'page' && methods.startsWith('GET'));
  pages.sort((a, b) => a.pattern.split('{}').length - b.pattern.split('{}').length); // of two that fit, the one with more words of its own is it
  const reached = new Set();
  for (const path of paths) {
    const fits = pages.find(({ pattern }) => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('{}', '[^/]+')}$`).test(path));
    if (fits) reached.add(fits.pattern);
  }
  return pages.map(({ pattern }) => pattern).filter((pattern) => !reached.has(pattern));
}

test('all pages of the back office', async () => {
  await furnish();
  const context = await visitor(browser, { portal: server.portal });
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD);
  const seen = record(context);
  const paths = await walk(server, page, async (path, answer) => {
    if (!path.startsWith('/backoffice')) return;
    assert.equal(answer.status(), 200, path);
    await axe(page, path);
    await checkReflow(page, path);
  }, '/backoffice', (path) => path.startsWith('/backoffice'));
  assert.deepEqual(missed(paths).sort(), Object.keys(NOT_LINKED).sort());
  assert.deepEqual(seen.problems, []);
  await context.close();
});
