// Describing datasets in a real browser: every page looked at by axe, light and dark, wide and narrow; two editors at once.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { binary, publish, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkReflow, foreignRequests, launch, openForm, record, signIn, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 3);
execFileSync(binary, ['describe', 'numbers', '--data', data, '--set', 'title=Numbers', '--set', 'language=en', '--set', 'keyword=["one"]',
  '--set', 'description=<p>All <b>numbers</b>.</p><script>document.title = "taken"</script>'], { stdio: 'ignore' });
const server = await serve(data);
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const browser = await launch();
const FORM = '/backoffice/datasets/numbers/metadata';

async function signedIn(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD);
  return { page, seen };
}

const save = (page) => page.click('main form[method=post] button[type=submit] >> nth=0');

const setting = await signedIn();
await setting.page.goto('/backoffice/metadata/templates/new');
await setting.page.fill('#name', 'owner');
await setting.page.fill('#label-en', 'Ownership');
await save(setting.page);
await setting.page.goto('/backoffice/metadata/templates/owner/fields/new');
await setting.page.fill('#name', 'data-owner');
await setting.page.fill('#label-en', 'Owner of the data');
await save(setting.page);

const PAGES = [FORM, `${FORM}?template=dcat`, `${FORM}?template=inspire`, `${FORM}?template=visualization`, `${FORM}?template=custom`,
  `${FORM}?template=custom-owner`, `${FORM}?template=default&write=fr`, `${FORM}/fields`, `${FORM}/fields?field=text`, `${FORM}/attachments`,
  `${FORM}/reuses`, `${FORM}/reuses/new`, '/backoffice/metadata', '/backoffice/metadata/vocabularies/license',
  '/backoffice/metadata/vocabularies/theme', '/backoffice/metadata/vocabularies/theme/new', '/backoffice/metadata/templates/owner',
  '/backoffice/metadata/templates/owner/fields/data-owner', '/backoffice/metadata/bulk?all=1'];

for (const [scheme, width] of [['light', 1280], ['dark', 390]]) {
  test(`every page can be used by everybody: ${scheme}, ${width}`, async () => {
    const { page, seen } = await signedIn({ colorScheme: scheme, viewport: { width, height: 900 } });
    for (const path of PAGES) {
      await page.goto(path);
      await axe(page, path);
      await checkReflow(page, path);
    }
    await openForm(page, `${FORM}?template=dcat`);
    await page.fill('#dcat-contact_email', 'nobody');
    await save(page);
    await axe(page, 'a fault');
    assert.equal(await page.inputValue('#dcat-contact_email'), 'nobody');
    assert.match(await page.title(), /^Error: /);
    assert.deepEqual(foreignRequests(seen, server.portal), []);
    await page.context().close();
  });
}

test('what people wrote is previewed without its scripts', async () => {
  const { page } = await signedIn();
  await openForm(page, FORM);
  await page.fill('#default-description', '<h1>Big</h1><p onclick="document.title = 1">Text</p><script>document.title = "taken"</script>');
  await page.click('button[name=preview]');
  assert.equal(await page.innerText('.preview h3'), 'Big');
  assert.equal(await page.locator('.preview [onclick], .preview script').count(), 0);
  assert.doesNotMatch(await page.title(), /taken/);
  await page.goto(FORM);
  const forgotten = page.waitForResponse((answer) => answer.url().endsWith('/unsent') && answer.request().method() === 'POST');
  await page.click('.notice.unsent button'); // what was typed is put back, and can be discarded
  assert.match(await page.inputValue('#default-description'), /All <b>numbers/, 'a preview stores nothing');
  await forgotten;
  await page.context().close();
});

test('two editors: the second sees both, decides, and loses nothing, with and without scripts', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const first = (await signedIn({ javaScriptEnabled })).page;
    const second = (await signedIn({ javaScriptEnabled })).page;
    for (const page of [first, second]) await (javaScriptEnabled ? openForm(page, FORM) : page.goto(FORM));
    await first.fill('#default-title', 'By the first');
    await first.fill('#default-publisher', `First office ${javaScriptEnabled}`);
    await save(first);
    await second.fill('#default-title', 'By the second');
    await second.fill('#default-keyword-1', `word ${javaScriptEnabled}`);
    await save(second);
    assert.match(await second.innerText('.notice[role=alert]'), /Somebody else has changed/);
    assert.equal(await second.inputValue('#default-title'), 'By the second');
    assert.match(await second.innerText('main'), /By the first/);
    if (javaScriptEnabled) await axe(second, 'a conflict');
    await second.check('#default-title-mine');
    assert.equal(await second.isChecked('#default-publisher-stored'), true);
    await save(second);
    await second.waitForSelector('text=Saved.');
    assert.equal(await second.inputValue('#default-title'), 'By the second');
    assert.equal(await second.inputValue('#default-publisher'), `First office ${javaScriptEnabled}`);
    assert.equal(await second.inputValue('#default-keyword-1'), `word ${javaScriptEnabled}`);
    await first.context().close();
    await second.context().close();
  }
});

test('a file is attached and many datasets are changed by mouse', async () => {
  const { page } = await signedIn();
  await page.goto(`${FORM}/attachments`);
  await page.setInputFiles('#file', { name: 'guide.txt', mimeType: 'text/plain', buffer: Buffer.from('Read me') });
  await page.fill('#title', 'A guide');
  await save(page);
  await page.waitForSelector('text=The file is attached.');
  await page.goto('/backoffice/metadata/bulk?dataset=numbers');
  await page.selectOption('#path', 'default.publisher');
  await page.check('input[name=operation][value=set]');
  await page.fill('#value', 'City');
  await page.click('text=Show what changes');
  assert.match(await page.innerText('main'), /1 of 1 datasets looked at would change/);
  await axe(page, 'a preview of many');
  await page.click('button[name=confirm]');
  await page.waitForSelector('text=1 dataset was changed.');
  await page.context().close();
});

test.after(() => browser.close());
