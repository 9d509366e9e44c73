// Starts the program on a free port with the fixtures imported, once per test file, and stops it at
// the end. PARVIS_BINARY names the program; PARVIS_URL names a portal that runs already.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binary } from './store.mjs';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Imports every fixtures/NAME.csv and NAME.geojson with its metadata NAME.json as dataset NAME. */
function importFixtures(data) {
  for (const file of readdirSync(fixtures).filter((name) => /\.(csv|geojson)$/.test(name))) {
    const id = file.slice(0, file.lastIndexOf('.'));
    execFileSync(binary, ['import', join(fixtures, file), '--id', id, '--data', data,
      '--metadata', join(fixtures, `${id}.json`)], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

function addressOf(server) {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (bytes) => {
      output += bytes;
      const found = /listening on (http:\S+)/.exec(output);
      if (found) resolve(found[1]);
    });
    server.on('exit', (code) => reject(new Error(`parvis serve ended with ${code}`)));
  });
}

async function start() {
  const data = mkdtempSync(join(tmpdir(), 'parvis-api-'));
  importFixtures(data);
  const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, '--access-log', 'off'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const stopped = new Promise((resolve) => server.on('exit', (code) => resolve(code)));
  after(async () => {
    server.kill('SIGTERM');
    const code = await stopped;
    rmSync(data, { recursive: true, force: true });
    if (code !== 0) throw new Error(`parvis serve ended with ${code}`);
  });
  return addressOf(server);
}

/** Address of the portal, without a trailing slash. */
export const portal = process.env.PARVIS_URL ?? await start();

/** Fetches a path of the portal. */
export function get(path, options) {
  return fetch(new URL(path, portal), options);
}
