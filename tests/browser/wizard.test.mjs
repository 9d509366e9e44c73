// A new publisher in a real browser: from a file on disk to a public dataset, with and without scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import test from 'node:test';
import { duckdb } from '../api/duckdb.mjs';
import { API, binary, run, serve, temporaryFolder } from '../api/program.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { askedForUnsent, axe, checkReflow, launch, openForm, record, visitor } from './browser.mjs';


const folder = temporaryFolder();
const data = join(folder, 'data');
const server = await serve(data);
await makeUser(server, data, 'paula', ['--role', 'publisher']);
const browser = await launch();

const packages = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const communes = join(packages, '@etalab/decoupage-administratif/data/communes.json');
const strikes = join(packages, 'vega-datasets/data/birdstrikes.csv');

/** Signs in; the page has seen what the context did. */
async function signedIn(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await page.goto('/account/sign-in?next=/backoffice/datasets/new');
  await page.fill('#username', 'paula');
  await page.fill('#password', PASSWORD);
  await page.click('main button[type=submit]');
  await page.waitForURL('**/backoffice/datasets/new');
  return { page, seen };
}

/** The first step of all. */
async function begin(page, title) {
  await page.goto('/backoffice/datasets/new');
  await page.fill('#title', title);
  await page.click('main form button[type=submit]');
  await page.waitForURL('**/source');
  return new URL(page.url()).pathname.split('/')[3];
}

async function describe(page) {
  await page.waitForURL('**/description');
  await page.fill('#description', 'What it is and where it comes from.');
  await page.fill('#theme', 'Environment');
  await page.check('input[value="CC BY 4.0"]');
  await page.click('main form button[type=submit]');
  await page.waitForURL('**/publish');
}

async function publish(page) {
  await page.click('main form button[type=submit]');
  await page.waitForSelector('#job.success', { timeout: 0 });
}

async function details(id) {
  return (await server.get(`${API}/${id}`)).json();
}

test('bird strikes by the browser: upload, fields, description, publication', async () => {
  const { page, seen } = await signedIn();
  const id = await begin(page, 'Bird strikes');
  await axe(page, 'source');
  await page.setInputFiles('#file', strikes);
  await page.waitForURL('**/fields'); // there is one file, so nothing to choose
  assert.match(await page.textContent('.fields'), /Aircraft/i);
  await axe(page, 'fields');
  await page.click('.fields tbody tr:first-child a');
  await page.waitForURL('**/fields/*');
  await axe(page, 'field');
  await page.fill('#label', 'Name of the airport');
  await page.check('input[value=int]');
  await page.waitForSelector('#preview .notice.warning'); // nothing was saved, and the preview follows
  await page.check('input[value=text]');
  await page.waitForFunction(() => !document.querySelector('#preview .notice.warning'));
  await page.check('input[value=facet]');
  await page.click('main form .actions button:not([name])');
  await page.waitForURL('**/fields');
  assert.match(await page.textContent('.fields'), /Name of the airport/);
  await page.click('main .actions a.button');
  await describe(page);
  await axe(page, 'publish');
  await publish(page);
  await axe(page, 'published');
  const dataset = await details(id);
  assert.equal(dataset.metas.default.records_count, readFileSync(strikes, 'utf8').trim().split('\n').length - 1);
  assert.equal(dataset.fields[0].label, 'Name of the airport');
  assert.deepEqual(seen.problems, []);
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length]);
  assert.deepEqual(stored, [0, 0], 'nothing is stored in the browser');
});

/** Presses Tab until what has the focus fits; people see where they are all the way. */
async function tabTo(page, selector) {
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press('Tab');
    const [fits, seen] = await page.evaluate((wanted) => {
      const now = document.activeElement;
      const box = now.getBoundingClientRect();
      return [now.matches(wanted), now === document.body || (box.width > 0 && box.height > 0)];
    }, selector);
    assert.ok(seen, 'the focus is on something that is seen');
    if (fits) return;
  }
  assert.fail(`${selector} is not reached with the keyboard`);
}

test('with the keyboard alone, from the overview to the map', async () => {
  const { page, seen } = await signedIn();
  await page.goto('/backoffice');
  await tabTo(page, 'main a[href="/backoffice/datasets/new"]');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/datasets/new');
  await tabTo(page, '#title');
  await page.keyboard.type('Keyboard');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/source');
  await tabTo(page, '#file'); // what the system's dialog gives is set by the test
  await page.setInputFiles('#file', { name: 'trees.csv', mimeType: 'text/csv', buffer: Buffer.from('tree,lat,lon\noak,45,4\nelm,46,5\n') });
  await page.waitForURL('**/fields');
  await tabTo(page, '.fields tbody tr:first-child a');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/fields/tree');
  assert.match(await page.textContent('label[for=type]'), /as found: text/);
  const [form, preview] = await Promise.all(['.form-beside > form', '#preview'].map((of) => page.locator(of).boundingBox()));
  assert.ok(preview.x >= form.x + form.width && preview.y < 900, 'the preview stands beside the form');
  await tabTo(page, '#label');
  await page.keyboard.type('Kind of tree');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/fields');
  assert.match(await page.textContent('[role=status]'), /Saved/);
  await tabTo(page, 'main .actions a.button');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/description');
  assert.ok(await page.locator('#theme-list option').count() > 5, 'themes are suggested');
  await tabTo(page, '#description');
  await page.keyboard.type('Trees and where they stand.');
  await tabTo(page, 'main form button[type=submit]');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/publish');
  await tabTo(page, 'main form button[type=submit]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#job.success', { timeout: 0 });
  assert.match(await page.textContent('#job[role=status]'), /2 records.*\/explore\/dataset\/keyboard\//s);
  await tabTo(page, '#job a[href$="/map/"]');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/explore/dataset/keyboard/map/');
  await page.goto('/explore/dataset/keyboard/');
  await axe(page, 'the public page with its way back');
  await tabTo(page, '.dataset-actions a[href="/backoffice/datasets/keyboard"]');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/backoffice/datasets/keyboard');
  await axe(page, 'overview of a dataset');
  assert.deepEqual(seen.problems, []);
});

test('communes without scripts', async () => {
  const { page } = await signedIn({ scripts: false });
  const id = await begin(page, 'Communes');
  await page.setInputFiles('#file', communes);
  await page.click('#uploader button[type=submit]');
  await page.waitForURL('**/source');
  assert.match(await page.textContent('#files'), /communes\.json/);
  await page.click('#continue');
  await page.waitForURL('**/fields');
  await page.click('.fields tbody tr:first-child a');
  await page.fill('#label', 'Code of INSEE');
  await page.click('button[name=preview]');
  assert.equal(await page.inputValue('#label'), 'Code of INSEE');
  assert.match(await page.textContent('#preview'), /Code of INSEE/);
  await page.click('main form .actions button:not([name])');
  await page.waitForURL('**/fields');
  await page.click('main .actions a.button');
  await describe(page);
  await page.click('main form button[type=submit]');
  for (;;) {
    await page.goto(page.url());
    if (await page.$('#job.success')) break;
    assert.equal(await page.$('#job.danger'), null, await page.textContent('#job'));
  }
  const dataset = await details(id);
  assert.equal(dataset.fields[0].label, 'Code of INSEE');
  assert.ok(dataset.metas.default.records_count > 30000);
});

test('a workbook, a shapefile and three million rows of Parquet', async () => {
  const work = join(folder, 'work');
  run(['import', strikes, '--id', 'strikes', '--data', work]);
  const places = join(folder, 'places.csv');
  writeFileSync(places, `name,lat,lon\n${Array.from({ length: 50 }, (_, i) => `place ${i},${45 + i / 100},${4 + i / 100}`).join('\n')}\n`);
  run(['import', places, '--id', 'places', '--data', work]);
  const make = (id, format, name) => {
    const made = join(folder, name);
    writeFileSync(made, execFileSync(binary, ['export', id, '--format', format, '--data', work], { maxBuffer: 1 << 28 }));
    return made;
  };
  const { page } = await signedIn();
  const cases = [['Workbook', make('strikes', 'xlsx', 'strikes.xlsx')], ['Shapefile', make('places', 'shp', 'places.zip')]];
  const parquet = join(folder, 'rows.parquet');

  await duckdb(`copy (select i as id, 'row ' || (i % 1000) as text, i / 7.0 as value, date '2020-01-01' + (i % 1000)::int as day from range(3000000) t(i)) to '${parquet}' (format parquet)`);
  cases.push(['Parquet', parquet]);
  for (const [title, file] of cases) {
    const id = await begin(page, title);
    await page.setInputFiles('#file', file);
    await page.waitForURL('**/fields', { timeout: 0 });
    await page.click('main .actions a.button');
    await describe(page);
    await publish(page);
    const dataset = await details(id);
    if (title === 'Parquet') assert.equal(dataset.metas.default.records_count, 3000000);
    if (title === 'Shapefile') {
      assert.ok(dataset.features.includes('geo'));
      assert.ok(await page.$('a[href$="/map/"]'), 'a link to the map');
    }
  }
});

test('pause, reload, and go on where it stopped', async () => {
  const { page } = await signedIn();
  await begin(page, 'Paused');
  const file = join(folder, 'paused.csv');
  writeFileSync(file, `n\n${'1234567890\n'.repeat(4 << 20)}`); // six pieces
  let patches = 0;
  await page.route('**/backoffice/uploads/*', async (route) => {
    if (route.request().method() === 'PATCH' && ++patches === 3) await route.abort();
    else await route.continue();
  });
  await page.setInputFiles('#file', file);
  await page.waitForFunction(() => document.querySelector('.uploading progress')?.value > 0.1);
  await page.click('.uploading button >> nth=0');
  await page.waitForSelector('text=paused');
  await axe(page, 'a paused upload');
  await page.reload();
  assert.match(await page.textContent('#files'), /% received; choose the same file again/);
  const before = patches;
  await page.unroute('**/backoffice/uploads/*');
  const starts = [];
  page.on('request', (request) => { if (request.method() === 'POST' && request.url().endsWith('/uploads')) starts.push(request.url()); });
  await page.setInputFiles('#file', file);
  await page.waitForURL('**/fields', { timeout: 0 });
  assert.ok(before > 0);
  assert.deepEqual(starts, [], 'the server still had what was sent');
});

test('many files at once, and what is refused before it is sent', async () => {
  const { page } = await signedIn();
  await begin(page, 'Many');
  const files = [1, 2, 3].map((n) => ({ name: `part-${n}.csv`, mimeType: 'text/csv', buffer: Buffer.from(`n\n${n}\n`) }));
  await page.setInputFiles('#file', [...files, { name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) }]);
  await page.waitForSelector('text=the file is empty');
  await page.waitForFunction(() => document.querySelectorAll('#files input[name=use]').length === 3);
  await axe(page, 'several files');
  assert.ok(await page.isVisible('text=One dataset of all of them'));
  await page.click('#continue');
  await page.waitForURL('**/fields');
});

test('files that are dropped on the overview begin a dataset', async () => {
  await makeUser(server, data, 'dora', ['--role', 'publisher']);
  for (const files of [['street_lamps.csv'], ['part-1.csv', 'part-2.csv']]) {
    if (files.length > 1) await makeUser(server, data, 'dina', ['--role', 'publisher']);
    const context = await visitor(browser, { portal: server.portal });
    const seen = record(context);
    const page = await context.newPage();
    await page.goto('/account/sign-in?next=/backoffice');
    await page.fill('#username', files.length > 1 ? 'dina' : 'dora');
    await page.fill('#password', PASSWORD);
    await page.click('main button[type=submit]');
    await page.waitForSelector('#begin .with-script:not([hidden])');
    await axe(page, 'overview to drop files on');
    const dropped = await page.evaluateHandle((names) => {
      const transfer = new DataTransfer();
      names.forEach((name) => transfer.items.add(new File(['name,n\na,1\n'], name, { type: 'text/csv' })));
      return transfer;
    }, files);
    await page.dispatchEvent('.empty', 'dragover', { dataTransfer: dropped });
    assert.ok(await page.locator('.empty.over').count());
    await page.dispatchEvent('.empty', 'drop', { dataTransfer: dropped });
    if (files.length === 1) {
      await page.waitForURL('**/datasets/street-lamps/source/fields');
      assert.match(await page.textContent('.fields'), /name/);
    } else {
      await page.waitForURL('**/datasets/part-1/source');
      assert.equal(await page.locator('#files input[name=use]:checked').count(), 2);
      assert.equal(await page.locator('.when-chosen:visible').count(), 2);
      await page.uncheck('#files input[name=use] >> nth=1');
      assert.equal(await page.locator('.when-chosen:visible').count(), 1, 'what is said follows the tick');
      assert.equal(await page.locator('.when-not-chosen:visible').count(), 1);
      await checkReflow(page, 'files that are ticked');
    }
    assert.deepEqual(seen.problems, []);
    await context.close();
  }
});

test('narrow screens, and an error that says what to do', async () => {
  const { page } = await signedIn({ width: 390 });
  await begin(page, 'Narrow');
  await checkReflow(page, 'source');
  await page.setInputFiles('#file', { name: 'page.csv', mimeType: 'text/csv', buffer: Buffer.from('<!doctype html><html><body>Not found</body></html>') });
  await page.waitForURL('**/fields');
  await page.waitForSelector('.notice.danger >> text=this is a web page (HTML)');
  await axe(page, 'a file that cannot be read');
  await checkReflow(page, 'fields');
});

test('a few cells that are wrong: the type is offered, rows are left out, and the person sees both at once', async () => {
  const lines = Array.from({ length: 60 }, (_, i) => `Tree ${i};${i === 7 ? 'tall' : `${8 + (i % 9)},5`};${i === 11 ? 'unknown' : `${String(1 + (i % 28)).padStart(2, '0')}/03/2021`}`);
  const buffer = Buffer.from(`Name;Height;Planted\n${lines.join('\n')}\n`);
  for (const options of [{ width: 1280 }, { width: 390, scheme: 'dark', language: 'fr' }]) {
    const { page } = await signedIn(options);
    await begin(page, `Wrong cells ${options.width}`);
    await page.setInputFiles('#file', { name: 'trees.csv', mimeType: 'text/csv', buffer });
    await page.waitForURL('**/fields');
    assert.equal(await page.locator('.type-suggestion').count(), 2);
    await axe(page, 'suggestions');
    await checkReflow(page, 'suggestions');
    await page.click('[name=retype][value="double:height"]');
    await page.waitForFunction(() => document.querySelectorAll('.type-suggestion').length === 1);
    await page.click('[name=retype][value="date:planted"]');
    await page.waitForFunction(() => document.querySelectorAll('.type-suggestion').length === 0);
    await axe(page, 'rows that do not fit');
    await checkReflow(page, 'rows that do not fit');
    await page.click('[name=leave_out]');
    await page.waitForFunction(() => !document.querySelector('[name=leave_out]'));
    await page.context().close();
  }
});

test('what was typed and not saved is there again after a reload, once, and can be discarded', async () => {
  const { page, seen } = await signedIn();
  const id = await begin(page, 'Typed');
  await page.setInputFiles('#file', { name: 'typed.csv', mimeType: 'text/csv', buffer: Buffer.from('name,n\na,1\nb,2\n') });
  await page.waitForURL('**/fields');
  const kept = () => page.waitForResponse((answer) => answer.url().endsWith('/unsent') && answer.request().method() === 'POST' && answer.ok());
  const type = (selector, text) => Promise.all([kept(), page.fill(selector, text)]);
  // A field: typed text, a radio button and a checkbox; the browser ends, another one begins.
  await page.goto(`/backoffice/datasets/${id}/source/fields/name`);
  await type('#label', 'The name');
  await page.check('input[value=facet]');
  await Promise.all([kept(), page.check('input[name=type][value=text]')]);
  const state = await page.context().storageState();
  const again = await browser.newContext({ baseURL: server.portal, storageState: state, locale: 'fr' });
  const other = await again.newPage();
  await other.goto(`/backoffice/datasets/${id}/source/fields/name`);
  await other.waitForSelector('.notice.unsent');
  assert.match(await other.textContent('.notice.unsent'), /remis en place/);
  assert.equal(await other.inputValue('#label'), 'The name');
  assert.ok(await other.isChecked('input[value=facet]'));
  assert.ok(await other.isChecked('input[name=type][value=text]'));
  await axe(other, 'put back');
  await other.click('main form .actions button:not([name])');
  await other.waitForURL('**/fields');
  await again.close();
  await openForm(page, `/backoffice/datasets/${id}/source/fields/name`);
  assert.equal(await page.inputValue('#label'), 'The name', 'saved');
  assert.equal(await page.locator('.notice.unsent').count(), 0, 'nothing is left of what was sent');
  // The description: left within the pause, put back, discarded.
  await openForm(page, `/backoffice/datasets/${id}/source/description`);
  await page.fill('#description', 'A long text\nthat nobody wants to write twice.');
  await page.check('input[value="CC BY 4.0"]');
  await page.reload();
  await page.waitForSelector('.notice.unsent');
  assert.equal(await page.inputValue('#description'), 'A long text\nthat nobody wants to write twice.');
  assert.ok(await page.isChecked('input[value="CC BY 4.0"]'));
  await Promise.all([kept(), page.click('.notice.unsent button')]);
  assert.equal(await page.inputValue('#description'), '');
  await Promise.all([askedForUnsent(page, 2), page.reload()]); // who comes back asks twice
  assert.equal(await page.locator('.notice.unsent').count(), 0, 'discarded is discarded');
  // A form with a fault keeps what it had; a save by somebody else is not overwritten.
  await type('#title', ' ');
  await page.fill('#keyword', 'trees');
  await page.click('main form .actions button:not([name])');
  await page.waitForSelector('#title-error');
  await page.goto(`/backoffice/datasets/${id}/source/description`);
  await page.waitForSelector('.notice.unsent');
  assert.equal(await page.inputValue('#keyword'), 'trees');
  const done = run(['describe', id, '--data', data, '--title', 'Shrubs']);
  if (done.status !== 0) throw new Error(done.stderr);
  const shown = () => page.evaluate(async () => (await fetch(location.href)).text());
  while (!/value="Shrubs"/.test(await shown())) await page.waitForTimeout(100); // a server takes what the command line does within a second
  await Promise.all([kept(), page.reload()]); // what was typed over older text is forgotten
  assert.equal(await page.inputValue('#title'), 'Shrubs');
  assert.equal(await page.inputValue('#keyword'), '');
  assert.equal(await page.locator('.notice.unsent').count(), 0);
  // The form of all metadata.
  await openForm(page, `/backoffice/datasets/${id}/metadata`);
  const first = page.locator('.metadata-form textarea').first();
  await Promise.all([kept(), first.fill('typed here')]);
  await page.reload();
  await page.waitForSelector('.notice.unsent');
  assert.equal(await page.locator('.metadata-form textarea').first().inputValue(), 'typed here');
  await checkReflow(page, 'metadata put back');
  await page.click('.metadata-form .actions button:not([name])');
  await page.waitForSelector('.notice:not(.unsent)');
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0], 'nothing is stored in the browser');
  assert.deepEqual(seen.problems.filter((problem) => !/422/.test(problem)), []); // 422: the form with its fault
});
