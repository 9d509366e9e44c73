// What the pages of the front office cost a visitor: bytes, strangers, shifts of the layout.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../api/program.mjs';
import { checkReflow, launch, startPortal, visitor } from './browser.mjs';

const BYTES_MOST = 60 * 1024; // over the wire, of a first page without map and chart
const SHIFT_MOST = 0.05;

const server = await startPortal();
const modules = new URL('../../node_modules/', import.meta.url).pathname;
const demo = new URL('../../demo/', import.meta.url).pathname;
for (const [id, file] of [['departements', '@etalab/decoupage-administratif/data/departements.json'], ['birdstrikes', 'vega-datasets/data/birdstrikes.csv'],
  ['airports', 'vega-datasets/data/airports.csv']]) {
  const done = run(['import', join(modules, file), '--id', id, '--metadata', `${demo}${id}.json`, '--data', server.data]);
  assert.equal(done.status, 0, done.stderr);
}
const browser = await launch();
const pages = ['/', '/explore/', '/explore/?q=departements', '/explore/dataset/departements/', '/explore/dataset/birdstrikes/table/',
  '/explore/dataset/departements/export/', '/explore/dataset/departements/api/', '/cookies/policy', '/account/sign-in', '/no-such-page'];

for (const path of pages) {
  test(`${path} is light, still, narrow enough, and alone`, async () => {
    const context = await visitor(browser);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    const answers = [];
    await session.send('Network.enable');
    await session.send('Network.setCacheDisabled', { cacheDisabled: true });
    const addresses = new Map();
    session.on('Network.responseReceived', ({ requestId, response }) => addresses.set(requestId, response.url));
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => answers.push({ address: addresses.get(requestId), bytes: encodedDataLength }));
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shift += entry.value; }))
        .observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(server.portal + path, { waitUntil: 'networkidle' });
    const strangers = answers.filter(({ address }) => address && !address.startsWith(server.portal) && !address.startsWith('data:'));
    const bytes = answers.reduce((sum, answer) => sum + answer.bytes, 0);
    const shift = await page.evaluate(() => window.shift);
    console.log(`# ${path}: ${(bytes / 1024).toFixed(1)} KB in ${answers.length} answers, shift ${shift.toFixed(3)}`);
    assert.deepEqual(strangers, []);
    assert.ok(bytes <= BYTES_MOST, `${bytes} bytes: ${JSON.stringify(answers)}`);
    assert.ok(shift <= SHIFT_MOST, `the layout shifts by ${shift}`);
    await page.setViewportSize({ width: 320, height: 600 });
    await checkReflow(page, `${path} at 320`);
    await context.close();
  });
}
