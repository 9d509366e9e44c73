#!/usr/bin/env node
// Takes the pictures of docs/screenshots/ from the demo catalogue: node tools/screenshots.mjs PARVIS [DATA [NAME]...]
// DATA: a data directory with the demo (demo/load.sh); made anew without it. NAME: only these pages.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'docs/screenshots');
const BRITTANY = 'refine.region=Bretagne&where=population%20%3E%2020000';
const pages = {
  home: '/',
  catalogue: '/explore/',
  search: '/explore/?q=communes&refine.language=fr&view=cards',
  information: '/explore/dataset/communes/',
  table: `/explore/dataset/communes/table/?${BRITTANY}&sort=-population`,
  'table-flights': '/explore/dataset/flights/table/',
  map: `/explore/dataset/communes/map/?${BRITTANY}`,
  'map-world': '/explore/dataset/cities/map/',
  'map-shapes': '/explore/dataset/london-boroughs/map/',
  'chart-columns': `/explore/dataset/communes/analyze/?${BRITTANY}&chart=bar&x=departement&y=sum&of=population`,
  'chart-lines': '/explore/dataset/seattle-weather/analyze/',
  'chart-treemap': '/explore/dataset/communes/analyze/?chart=treemap&x=region&y=sum&of=population',
  export: `/explore/dataset/communes/export/?${BRITTANY}`,
  api: `/explore/dataset/communes/api/?${BRITTANY}`,
  selection: '/selection?dataset=communes&dataset=cities',
  'not-found': '/explore/dataset/comunes/',
  policy: '/cookies/policy',
};
/* Of somebody who is signed in; office-fields is a draft that is made on the way. */
const officePages = {
  'office-overview': '/backoffice',
  'office-fields': '/backoffice/datasets/street-trees/source/fields',
  'office-metadata': '/backoffice/datasets/communes/metadata',
  'office-versions': '/backoffice/datasets/communes/versions',
  'office-access': '/backoffice/datasets/communes/access',
  'office-jobs': '/backoffice/jobs',
};
const looks = [{ width: 1280, scheme: 'light' }, { width: 390, scheme: 'dark' }];

const [program, given, ...only] = process.argv.slice(2);
const PASSWORD = 'a sentence for pictures only';
const data = given ? resolve(given) : mkdtempSync(join(tmpdir(), 'parvis-screenshots-'));
if (!given) execFileSync(join(root, 'demo/load.sh'), [resolve(program), data], { stdio: 'inherit' });
const server = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--portal-name', 'Open data of Valdoria'],
  { stdio: ['ignore', 'pipe', 'ignore'] });
const portal = await new Promise((done) => server.stdout.on('data', (bytes) => {
  const found = /listening on (http:\S+)/.exec(String(bytes));
  if (found) done(found[1]);
}));
const browser = await chromium.launch({
  executablePath: process.env.PARVIS_CHROMIUM ?? '/usr/bin/chromium-headless-shell', chromiumSandbox: process.getuid?.() !== 0,
  args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
mkdirSync(out, { recursive: true });

async function takeAll(page, wanted, look) {
  for (const [name, path] of Object.entries(wanted)) {
    if (only.length && !only.includes(name)) continue;
    await page.mouse.move(0, 0);
    await page.goto(portal + path, { waitUntil: 'networkidle' });
    await page.waitForTimeout(name.startsWith('map') ? 2500 : 300);
    await page.screenshot({ path: join(out, `${name}-${look}.png`) });
  }
}

async function signIn(page) {
  await page.goto(`${portal}/account/sign-in?next=/backoffice`);
  await page.fill('#username', 'ada');
  await page.fill('#password', PASSWORD);
  await page.click('main button[type=submit]');
  await page.waitForURL('**/backoffice');
}

/** Ada, who administers, a draft of hers from a file, and an export as a job. */
async function prepareOffice() {
  const made = execFileSync(program, ['user', 'add', 'ada', '--name', 'Ada Martin', '--role', 'administrator', '--data', data], { encoding: 'utf8' });
  const page = await browser.newPage({ locale: 'en' });
  await page.goto(portal + /\/account\/link\/\S+/.exec(made)[0]);
  await page.fill('input[type=password]', PASSWORD);
  await page.click('main form button[type=submit]');
  await page.waitForURL('**/sign-in*');
  await signIn(page);
  await page.goto(`${portal}/backoffice/datasets/new`);
  await page.fill('#title', 'Street trees');
  await page.click('main form button[type=submit]');
  await page.waitForURL('**/source');
  await page.setInputFiles('#file', { name: 'street-trees.csv', mimeType: 'text/csv', buffer: Buffer.from(
    'Tree,Species,Planted,Height (m),lat,lon\nT-0001,Acer platanoides,2004-03-12,9.5,48.1142,-1.6794\nT-0002,Tilia cordata,1998-11-02,12.1,48.1139,-1.6781\nT-0003,Quercus robur,1976-02-20,17.8,48.1151,-1.6802\n') });
  await page.waitForURL('**/fields');
  await page.goto(`${portal}/backoffice/datasets/communes/export`);
  await page.click('main form button[type=submit]');
  await page.waitForURL('**/jobs/*');
  await page.waitForSelector('.tag.success');
  await page.close();
}

if (!only.length || only.some((name) => officePages[name])) await prepareOffice();
for (const { width, scheme } of looks) {
  const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 960 }, colorScheme: scheme, locale: 'en', reducedMotion: 'reduce' });
  const page = await context.newPage();
  await takeAll(page, pages, `${width}-${scheme}`);
  if (!only.length || only.some((name) => officePages[name])) {
    await signIn(page);
    await takeAll(page, officePages, `${width}-${scheme}`);
  }
  await context.close();
}
await browser.close();
server.kill();
if (!given) rmSync(data, { recursive: true, force: true });
