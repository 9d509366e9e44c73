// The program serves its assets to a browser, and nothing stays there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { files } from '../../tools/assets.mjs';
import { checkStored, foreignRequests, launch, record, startPortal, visitor } from './browser.mjs';

const portal = await startPortal(['--access-log', 'off']);
const browser = await launch();

test('assets opened by themselves', async () => {
  const context = await visitor(browser, { portal: portal.portal });
  const seen = record(context);
  const page = await context.newPage();
  for (const file of await files()) {
    const answer = await page.goto(file.address);
    assert.equal(answer.status(), 200);
  }
  await page.goto('/healthz');
  await checkStored(page, []);
  assert.ok(seen.requests.length >= 4);
  assert.deepEqual(foreignRequests(seen, portal.portal), []);
  assert.deepEqual(seen.setCookies, []);
  await context.close();
});

test('other hosts cannot be reached from the test browser', async () => {
  const context = await visitor(browser);
  const seen = record(context);
  const page = await context.newPage();
  await assert.rejects(page.goto('https://www.example.org/'), /ERR_NAME_NOT_RESOLVED/);
  assert.deepEqual(foreignRequests(seen, portal.portal).map((request) => request.host), ['www.example.org']);
  await context.close();
});
