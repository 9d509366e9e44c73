// Pages of jobs and of exports to a file: looked at by axe, wide and narrow, light and dark; followed while a job runs,
// and complete without a script.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { publish, serve, temporaryFolder } from '../api/program.mjs';
import { askStore } from '../api/store.mjs';
import { makeUser, PASSWORD } from '../api/visitor.mjs';
import { axe, checkReflow, launch, screenshot, signIn, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
publish(data, 'numbers', 300);
const server = await serve(data, ['--job-workers', '0', '--access-log', 'off']); // jobs stand as the test puts them
await makeUser(server, data, 'ada', ['--role', 'administrator']);
const browser = await launch();

const COLUMNS = 'kind, dataset, label, arguments, result, state, user_id, user_name, attempt, created, started, ended, not_before, message, done, total, unit, is_cancelled, runner, heartbeat';
const now = Date.now() * 1000;

/** Puts a job into the catalogue; gives its path. */
function put(state, values = {}) {
  const job = { kind: 'publish', label: 'numbers', attempt: 1, message: '', done: 0, total: 0, unit: '', ended: 0, not_before: now, ...values };
  return `/backoffice/jobs/${askStore(data, `insert into job (${COLUMNS}) select '${job.kind}', uid, '${job.label}', '{}', '', '${state}', 0, 'ada', ${job.attempt},
    ${now}, ${now}, ${job.ended}, ${job.not_before}, '${job.message}', ${job.done}, ${job.total}, '${job.unit}', 0, 'elsewhere', ${now * 2} from dataset where id = 'numbers' returning id`).split('\n')[0]}`;
}

const idOf = (path) => path.split('/').at(-1);
const paths = {
  running: put('running', { message: 'The records are read.', done: 1234567, total: 3000000, unit: 'rows' }),
  unknown: put('running', { kind: 'refresh', message: 'The source is asked.', done: 734003200, unit: 'bytes' }),
  failed: put('failed', { kind: 'refresh', ended: now, message: 'A page for people (HTML) came from https://data.example.org/a-long-address/with/many/parts/lamps-of-the-whole-city.csv, where a file of data was expected: an error page, a sign-in, or the page that leads to the file.' }),
  waits: put('waiting', { kind: 'refresh', attempt: 2, not_before: now + 3600e6, message: 'The server of https://data.example.org/lamps.csv cannot give the file at the moment (answer 503).' }),
  done: put('done', { ended: now, message: 'Version 2 is published, with 300 records.' }),
};
for (const [i, text] of ['The file is opened.', 'The values are looked at.', 'row 17: "12,5" is no whole number'].entries()) {
  askStore(data, `insert into job_line (job_id, number, at, is_fault, text) values (${idOf(paths.running)}, ${i + 1}, ${now}, ${i === 2 ? 1 : 0}, '${text}')`);
}

async function signedIn(options = {}) {
  const context = await visitor(browser, { portal: server.portal, ...options });
  const page = await context.newPage();
  await signIn(page, 'ada', PASSWORD, '/backoffice/jobs');
  return page;
}

test('all pages, wide and narrow, light and dark', async () => {
  for (const [width, scheme] of [[1280, 'light'], [390, 'dark'], [1280, 'dark'], [390, 'light']]) {
    const page = await signedIn({ width, scheme });
    for (const [name, path] of Object.entries({ ...paths, list: '/backoffice/jobs', none: '/backoffice/jobs?kind=backup', cancel: `${paths.running}/cancel`, retry: `${paths.failed}/retry`, export: '/backoffice/datasets/numbers/export' })) {
      await page.goto(path);
      await axe(page, `${name} ${width} ${scheme}`);
      if (width === 390) await checkReflow(page, name);
      await screenshot(page, `jobs-${name}-${width}-${scheme}`);
    }
    await page.goto('/backoffice/datasets/numbers/export');
    await page.fill('#where', 'nothing > 1');
    await page.click('main form button[type=submit]');
    await axe(page, `fault ${width} ${scheme}`);
    assert.equal(await page.inputValue('#where'), 'nothing > 1');
    await screenshot(page, `jobs-fault-${width}-${scheme}`);
    await page.context().close();
  }
});

test('the page follows a job, keeps the focus, and says when its state changes', async () => {
  const page = await signedIn();
  await page.goto(paths.running);
  await page.focus('text=Cancel the job');
  askStore(data, `update job set done = 2500000, message = 'The records are indexed.' where id = ${idOf(paths.running)}`);
  await page.waitForSelector('text=2,500,000 of 3,000,000 rows');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel the job');
  assert.equal(await page.getAttribute('progress', 'value'), '2500000');
  askStore(data, `update job set state = 'done', ended = ${now}, message = 'Version 3 is published.' where id = ${idOf(paths.running)}`);
  await page.waitForSelector('#job-live:not([data-live])');
  assert.equal(await page.textContent('#job-said'), 'Done');
  assert.equal(await page.locator('text=Cancel the job').count(), 0);
});

test('without a script a link looks again, and forms cancel and try again', async () => {
  const page = await signedIn({ scripts: false });
  const path = put('waiting');
  await page.goto(path);
  await page.click('text=Look again');
  await page.click('text=Cancel the job');
  assert.match(await page.textContent('main'), /Cancelled/);
  await page.click('text=Try again');
  assert.match(await page.textContent('main'), /Waiting/);
});
