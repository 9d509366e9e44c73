#!/usr/bin/env node
// Takes the pictures of docs/screenshots/ from the demo catalogue: node tools/screenshots.mjs PARVIS [DATA]
// DATA: a data directory with the demo (demo/load.sh); made anew without it.
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
const looks = [{ width: 1280, scheme: 'light' }, { width: 390, scheme: 'dark' }];

const [program, given] = process.argv.slice(2);
const data = given ? resolve(given) : mkdtempSync(join(tmpdir(), 'parvis-screenshots-'));
if (!given) execFileSync(join(root, 'demo/load.sh'), [resolve(program), data], { stdio: 'inherit' });
const server = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--portal-name', 'Open data of Valdoria'],
  { stdio: ['ignore', 'pipe', 'ignore'] });
const portal = await new Promise((done) => server.stdout.on('data', (bytes) => {
  const found = /listening on (http:\S+)/.exec(String(bytes));
  if (found) done(found[1]);
}));
const browser = await chromium.launch({
  executablePath: process.env.PARVIS_CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: process.getuid?.() !== 0,
  args: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
});
mkdirSync(out, { recursive: true });
for (const { width, scheme } of looks) {
  const context = await browser.newContext({ viewport: { width, height: width === 390 ? 844 : 960 }, colorScheme: scheme, locale: 'en', reducedMotion: 'reduce' });
  const page = await context.newPage();
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(portal + path, { waitUntil: 'networkidle' });
    await page.waitForTimeout(name.startsWith('map') ? 2500 : 300);
    await page.screenshot({ path: join(out, `${name}-${width}-${scheme}.png`) });
  }
  await context.close();
}
await browser.close();
server.kill();
if (!given) rmSync(data, { recursive: true, force: true });
