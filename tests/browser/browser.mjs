// A real browser for tests: Debian's Chromium through playwright-core. Nothing leaves the machine: all
// host names but those given in `hosts` do not resolve.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve, temporaryFolder } from '../api/program.mjs';

// Without the windows of a browser around each page, which take twice the time that the page itself takes.
const executable = process.env.PARVIS_CHROMIUM ?? '/usr/bin/chromium-headless-shell';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const output = fileURLToPath(new URL('./output/', import.meta.url));
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// In software, and the pages around it not by the same way, which takes long.
const SOFTWARE_WEBGL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-compositing', '--disable-gpu-rasterization'];

/** Rules of axe about what a scheme can change: one of the two schemes needs all rules, the other these. */
export const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Starts the program on an empty data directory: { portal, data, get, … } of program.mjs. */
export async function startPortal(options = []) {
  const data = join(temporaryFolder(), 'data');
  mkdirSync(data);
  return { data, ...await serve(data, options) };
}

/**
 * Starts the browser; it ends with the test file. hosts: { 'tiles.example.org': port } of local servers. webgl:
 * true for WebGL in software, false for none at all.
 */
export async function launch({ hosts = {}, webgl } = {}) {
  const rules = Object.entries(hosts).map(([name, port]) => `MAP ${name} 127.0.0.1:${port}`);
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({
    executablePath: executable,
    chromiumSandbox: !isRoot,
    args: [
      '--disable-dev-shm-usage',
      ...(webgl === undefined ? [] : webgl ? SOFTWARE_WEBGL : ['--disable-3d-apis']),
      `--host-resolver-rules=${[...rules, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1', 'EXCLUDE localhost'].join(', ')}`,
    ],
  });
  after(() => browser.close());
  return browser;
}

/**
 * A visitor: a context of its own. Options: width (1280), height, scheme ('light', 'dark'), contrast ('more'),
 * forcedColors, scripts (true), language ('en'), headers (e.g. { 'Sec-GPC': '1' }), portal (base address),
 * ignoreHTTPSErrors (false): for hosts of the test with a certificate of their own.
 */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.scheme ?? 'light',
    contrast: options.contrast ?? 'no-preference',
    forcedColors: options.forcedColors ? 'active' : 'none',
    reducedMotion: 'reduce',
    javaScriptEnabled: options.scripts ?? true,
    ignoreHTTPSErrors: options.ignoreHTTPSErrors ?? false,
    locale: options.language ?? 'en',
    ...(options.headers ? { extraHTTPHeaders: options.headers } : {}),
    ...(options.portal ? { baseURL: options.portal } : {}),
  });
  return context;
}

/** Records what a context does from now on: { requests, setCookies, problems }. */
export function record(context) {
  const seen = { requests: [], setCookies: [], problems: [] };
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http')) {
      seen.requests.push({ url: url.href, host: url.host, method: request.method(), type: request.resourceType() });
    }
  });
  context.on('response', async (response) => {
    const headers = await response.headersArray().catch(() => []);
    for (const { value } of headers.filter((header) => header.name.toLowerCase() === 'set-cookie')) {
      value.split('\n').forEach((cookie) => seen.setCookies.push({ url: response.url(), cookie }));
    }
  });
  context.on('console', (message) => {
    if (message.type() === 'error') {
      seen.problems.push(message.text());
    }
  });
  context.on('weberror', (error) => seen.problems.push(String(error.error())));
  return seen;
}

/** Requests of a recording that left for another host than the portal's. */
export function foreignRequests(seen, portal) {
  const { host } = new URL(portal);
  return seen.requests.filter((request) => request.host !== host);
}

/** All that a page's origin keeps in the browser. */
export async function stored(page) {
  const kept = await page.evaluate(async () => ({
    localStorage: Object.keys(localStorage),
    sessionStorage: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map((database) => database.name),
    caches: 'caches' in window ? await caches.keys() : [],
    serviceWorkers: 'serviceWorker' in navigator
      ? (await navigator.serviceWorker.getRegistrations()).map((registration) => registration.scope) : [],
  }));
  return { cookies: await page.context().cookies(), ...kept };
}

/** Fails when a page keeps anything but cookies of these names. */
export async function checkStored(page, names) {
  const { cookies, ...rest } = await stored(page);
  assert.deepEqual(cookies.map((cookie) => cookie.name).sort(), [...names].sort(), `cookies at ${page.url()}`);
  assert.deepEqual(rest, { localStorage: [], sessionStorage: [], databases: [], caches: [], serviceWorkers: [] });
}

/**
 * Fails on any violation that axe finds; works under any Content-Security-Policy. only: ids of rules, where another run
 * on this page has seen to the rest.
 */
export async function axe(page, name = page.url(), only = undefined) {
  if (!await page.evaluate(() => 'axe' in window)) {
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axeSource });
    await session.detach();
  }
  const { violations, passed } = await page.evaluate(async (runOnly) => {
    // of rules that pass, one element each will do
    const { violations: all, passes } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
    return { violations: all, passed: passes.length };
  }, only ? { type: 'rule', values: only } : { type: 'tag', values: RULES });
  const found = violations.flatMap((violation) => violation.nodes.map((node) =>
    `${violation.id}: ${violation.help}\n  ${node.html.slice(0, 200)}\n  ${node.failureSummary.replaceAll('\n', ' ')}`));
  assert.deepEqual(found, [], `axe: ${name}`);
  assert.ok(passed > (only ? 0 : 5), `axe looked at ${name}`);
}

/** Fails when the page needs scrolling sideways at its width (WCAG 1.4.10, at 320 pixels). */
export async function checkReflow(page, name = page.url()) {
  const tooWide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1
        && !element.closest('.table-scroll, pre, .visually-hidden'))
      .map((element) => element.outerHTML.slice(0, 120));
  });
  assert.deepEqual(tooWide.slice(0, 3), [], `wider than the window: ${name}`);
}

/**
 * For people to look at, with PARVIS_SCREENSHOTS=1: saves output/NAME.png of the whole page, or (fullPage: false) of
 * what the window shows.
 */
export async function screenshot(page, name, { fullPage = true } = {}) {
  if (!process.env.PARVIS_SCREENSHOTS) return;
  mkdirSync(output, { recursive: true });
  await page.screenshot({ path: join(output, `${name}.png`), fullPage });
}

/**
 * Shows an address at 1280 and 390 pixels, light and dark: runs axe, checks that it fits, saves screenshots.
 * prepare(page): what to do before, e.g. signing in is done by cookies of the options' storage.
 */
export async function checkLooks(browser, address, name, { prepare, cookies = [], ...options } = {}) {
  for (const [width, schemes] of [[1280, ['light', 'dark']], [390, ['dark', 'light']]]) {
    const context = await visitor(browser, { ...options, width, scheme: schemes[0] });
    await context.addCookies(cookies);
    const page = await context.newPage();
    await page.goto(address);
    await prepare?.(page);
    for (const scheme of schemes) {
      await page.emulateMedia({ colorScheme: scheme });
      await axe(page, `${name} ${width} ${scheme}`, scheme === schemes[0] ? undefined : COLOURS);
      await checkReflow(page, `${name} ${width}`);
      await screenshot(page, `${name}-${width}-${scheme}`);
    }
    await context.close();
  }
}

/** Waits until a form has asked for what was typed before and not saved, so many times, and has put it back. */
export async function askedForUnsent(page, times = 1) {
  let left = times;
  const answer = await page.waitForResponse((one) => one.url().includes('/unsent?') && one.ok() && (left -= 1) === 0);
  await answer.finished();
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 100); }));
}

/** Opens a page with such a form; what is filled in then stays. */
export async function openForm(page, address) {
  await Promise.all([askedForUnsent(page), page.goto(address)]);
}

/** Signs in by the form, which leads to a page of the back office. */
export async function signIn(page, name, password, next = '/backoffice') {
  await page.goto(`/account/sign-in?next=${next}`);
  await page.fill('#username', name);
  await page.fill('#password', password);
  await page.click('main button[type=submit]');
  await page.waitForURL(`**${next}`);
}

/**
 * Presses Tab until the element has the focus and returns how often. Fails when it is not reached, and when the
 * focus is anywhere not visible: no outline, or covered (WCAG 2.4.7, 2.4.11).
 */
export async function tabTo(page, selector, most = 80) {
  for (let presses = 1; presses <= most; presses++) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate((wanted) => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      element.scrollIntoView({ block: 'nearest' });
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return {
        html: element.outerHTML.slice(0, 120),
        found: element.matches(wanted),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        uncovered: !top || element.contains(top) || top.contains(element)
          || [...(element.labels ?? [])].some((label) => label.contains(top)),
      };
    }, selector);
    if (focus) {
      assert.ok(focus.outlined, `focus can be seen on ${focus.html}`);
      assert.ok(focus.uncovered, `nothing covers ${focus.html}`);
    }
    if (focus?.found) return presses;
  }
  return assert.fail(`${selector} was not reached with ${most} presses of Tab`);
}

/** Text of the element that has the focus. */
export function focused(page) {
  return page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
}

/** Visits all pages that links lead to, of those that are wanted; calls look on each; returns their paths. */
export async function walk(server, page, look, from = '/', isWanted = () => true) {
  const seen = new Set();
  const waiting = [from];
  while (waiting.length) {
    const path = waiting.shift();
    const key = path.replace(/[?#].*/, '');
    if (seen.has(key)) continue;
    seen.add(key);
    const answer = await page.goto(path).catch((error) => {
      if (/Download is starting/.test(String(error))) return null;
      throw error;
    });
    if (!answer || !/text\/html/.test(answer.headers()['content-type'] ?? '')) continue;
    assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
    await look(path, answer);
    const links = await page.$$eval('a[href]', (anchors) => anchors.map((anchor) => anchor.href));
    for (const link of links) {
      const url = new URL(link);
      if (url.origin === server.portal && !url.pathname.startsWith('/api/') && isWanted(url.pathname)) waiting.push(url.pathname + url.search);
    }
  }
  return seen;
}
