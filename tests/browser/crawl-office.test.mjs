// Every page of the back office, as links lead to it on a portal that has something of each kind: whole, without faults of
// accessibility, and as narrow as a telephone. What no link leads to is named, with the reason.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { publish, run, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser, PASSWORD, Visitor } from '../api/visitor.mjs';
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
const PROTOCOL = 'uploads are sent by a script, and have no page';
const TYPED = 'typed text is kept by a script, and has no page';
const PRESSED = 'the address of a button; who opens it gets the page of the button, which is looked at below';
const NOT_LINKED = {
  '/backoffice/access/{}': MOVED, '/backoffice/access/{}/remove': MOVED, '/backoffice/access/{}/rule': MOVED,
  '/backoffice/datasets/{}/refresh': PRESSED, '/backoffice/datasets/{}/unsent': TYPED, '/backoffice/jobs/{}/cancel': PRESSED, '/backoffice/jobs/{}/retry': PRESSED,
  '/backoffice/site/preview.svg': 'a picture within the page of colours',
  '/backoffice/uploads': PROTOCOL, '/backoffice/uploads/{}': PROTOCOL,
};
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';
const SERVICE = { id: 'videos', name: 'Videos', provider: 'Video Ltd', location: 'Ireland', policy_url: 'https://video.example/privacy', purpose: 'content',
  description: { en: 'Shows films.' }, hosts: [{ origin: 'https://player.video.example', loads: ['frame'] }] };

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
  const form = new FormData();
  form.set('picture', new Blob([PICTURE]), 'square.svg');
  const kept = await ada.send('POST', `${page}/pictures`, { body: form, headers: { 'x-csrftoken': ada.cookies.get('csrftoken') } });
  assert.equal(kept.status, 303, kept.text);
  await post('/backoffice/services/new', { document: JSON.stringify(SERVICE) });
  const choice = await new Visitor(server).post('/cookies', { choice: 'refuse' }, { token: undefined, headers: { origin: server.portal } });
  assert.equal(choice.status, 303, choice.text);
  const invited = await ada.post('/backoffice/invitations/new', { email: 'eve@example.org', role: 'reader', language: 'en' });
  assert.equal(invited.status, 200, invited.text);
  const texts = await ada.get('/backoffice/site/texts');
  await post('/backoffice/site/texts', { name: 'Portal', lead_en: 'Saved', revision: / name="revision" value="([^"]*)"/.exec(texts.text)?.[1] ?? '' });
  await post('/backoffice/backups/new', {});
  await post('/backoffice/datasets/numbers/export', { format: 'csv' });
  const draft = await makeDraft(ada, 'Half good');
  await use(ada, draft, [await upload(ada, draft.split('/').at(-1), 'half.csv', Buffer.from('n,t\n1,a\ntwo,b\n'))]);
  await post(`${draft}/source/fields/n`, { type: 'int' });
  assert.ok((await publishDraft(ada, draft, { skip: '1' })).is_done);
  const open = await makeDraft(ada, 'Open');
  await use(ada, open, [await upload(ada, open.split('/').at(-1), 'open.csv', Buffer.from('n,t\n1,a\n'))]);
  while (Number(askStore(data, "select count(*) from job where state = 'done'")) < 3) await new Promise((resolve) => { setTimeout(resolve, 50); });
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
  const job = askStore(data, 'select max(id) from job');
  for (const path of ['/backoffice/datasets/numbers/refresh', `/backoffice/jobs/${job}/cancel`, `/backoffice/jobs/${job}/retry`]) {
    assert.equal((await page.goto(path)).status(), 200, path);
    await axe(page, path);
    await checkReflow(page, path);
  }
  assert.deepEqual(seen.problems, []);
  await context.close();
});
