// The console of the API: live answers, completion by keyboard, errors, and the same without scripts.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary, serve, temporaryFolder } from '../api/program.mjs';
import { axe, checkLooks, foreignRequests, launch, record, tabTo, visitor } from './browser.mjs';

const data = join(temporaryFolder(), 'data');
const fixture = (name) => fileURLToPath(new URL(`../api/fixtures/${name}`, import.meta.url));
execFileSync(binary, ['import', fixture('street-lamps.csv'), '--id', 'lamps', '--metadata', fixture('street-lamps.json'), '--data', data], { stdio: 'ignore' });
const server = await serve(data);
const { portal } = server;
const browser = await launch();
const path = '/explore/dataset/lamps/api/';
const answerOf = async (page) => JSON.parse(await page.locator('#console-text').textContent());

async function open(options = {}, query = '') {
  const context = await visitor(browser, { portal, ...options });
  const seen = record(context);
  const page = await context.newPage();
  await page.goto(path + query);
  return { context, page, seen };
}

/** Waits until the answer is of the question whose address has this text. */
async function answered(page, text) {
  await page.waitForFunction((wanted) => document.getElementById('console-address').href.includes(wanted)
    && !document.getElementById('console-text').hasAttribute('aria-busy'), text);
}

test('looks: axe, reflow, light and dark, 1280 and 390', async () => {
  await checkLooks(browser, `${path}?p.where=power_w+%3E+20&p.limit=3`, 'console', { portal });
  await checkLooks(browser, `${path}?p.where=power_w+%3E+annd&p.limit=3`, 'console-error', { portal });
  await checkLooks(browser, `${path}?endpoint=export`, 'console-export', { portal });
});

test('the answer follows while somebody types', async () => {
  const { context, page, seen } = await open();
  assert.equal((await answerOf(page)).total_count, 250);
  await page.locator('#p-limit').fill('2');
  await answered(page, 'limit=2');
  assert.equal((await answerOf(page)).results.length, 2);
  assert.match(await page.locator('#console-status').textContent(), /^200 · fine \d+ ms · \d/);
  await page.locator('#p-refine').fill('lamp_type:LED\nbroken:true');
  await answered(page, 'refine=lamp_type%3ALED&refine=broken%3Atrue');
  assert.ok((await answerOf(page)).results.every((lamp) => lamp.lamp_type === 'LED' && lamp.broken));
  const shown = await (await fetch(await page.locator('#console-address').getAttribute('href'))).json();
  assert.deepEqual(await answerOf(page), shown);
  assert.match(await page.locator('#console-curl').textContent(), /^curl 'http.*limit=2/);
  assert.deepEqual(foreignRequests(seen, portal), []);
  assert.deepEqual(seen.problems, []);
  await context.close();
});

test('errors are marked where they are', async () => {
  const { context, page } = await open();
  await page.locator('#p-where').fill('note = "é" annd broken');
  await page.locator('#p-where').press('Escape');
  await page.locator('#console-fault mark').waitFor();
  assert.equal(await page.locator('#console-fault mark').textContent(), 'annd');
  assert.equal(await page.locator('#p-where').getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#console-status').textContent(), /^400 · the question has a fault/);
  assert.equal((await answerOf(page)).error_code, 'ODSQLSyntaxError');
  assert.match(await page.locator('#console-fault').textContent(), /^Syntax error: annd is not expected at position 11\./);
  await axe(page, 'console with an error');
  await page.locator('#p-where').fill('broken');
  await page.locator('#console-fault').waitFor({ state: 'hidden' });
  await context.close();
});

test('completion by keyboard: fields, functions, values in quotes', async () => {
  const { context, page } = await open();
  const input = page.locator('#p-where');
  await tabTo(page, '#p-where');
  await page.keyboard.type('pow');
  await page.getByRole('option', { name: /power_w/ }).waitFor();
  assert.equal(await input.getAttribute('aria-expanded'), 'true');
  await axe(page, 'console with suggestions');
  await page.keyboard.press('ArrowDown');
  const active = await input.getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Enter');
  assert.equal(await input.inputValue(), 'power_w');
  assert.equal(await input.getAttribute('aria-expanded'), 'false');
  await page.keyboard.type(' > 20 and lamp_type = "L');
  await page.getByRole('option', { name: /"LED"/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  assert.equal(await input.inputValue(), 'power_w > 20 and lamp_type = "LED"');
  await answered(page, 'LED');
  assert.ok((await answerOf(page)).results.every((lamp) => lamp.lamp_type === 'LED' && lamp.power_w > 20));
  await page.keyboard.type(' and startsw');
  await page.getByRole('option', { name: /startswith\(\)/ }).waitFor();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  assert.match(await input.inputValue(), / and startswith\(\)$/);
  await page.keyboard.type('no');
  await page.getByRole('option', { name: /note/ }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.suggestions [role=option]').count(), 0);
  assert.match(await input.inputValue(), /startswith\(no\)$/);
  await context.close();
});

test('names are offered where they fit: no aggregates in where', async () => {
  const { context, page } = await open();
  await page.locator('#p-select').pressSequentially('av');
  await page.getByRole('option', { name: /avg\(\)/ }).click();
  assert.equal(await page.locator('#p-select').inputValue(), 'avg()');
  await page.locator('#p-where').pressSequentially('av');
  await page.waitForTimeout(100);
  assert.equal(await page.getByRole('option', { name: /avg\(\)/ }).count(), 0);
  await context.close();
});

test('without scripts the page asks when the form is sent', async () => {
  const { context, page } = await open({ scripts: false });
  await page.locator('#p-where').fill('power_w > 20');
  await page.locator('#p-limit').fill('1');
  await page.locator('#console-send').click();
  await page.waitForURL(/p\.limit=1/);
  assert.equal((await answerOf(page)).results.length, 1);
  await page.getByRole('link', { name: 'Facets' }).click();
  await page.waitForURL(/endpoint=facets/);
  assert.ok((await answerOf(page)).facets.length > 1);
  await page.getByRole('link', { name: 'One record' }).click();
  await page.waitForURL(/endpoint=record/);
  assert.equal(await page.locator('#console-text').textContent(), '');
  await context.close();
});
