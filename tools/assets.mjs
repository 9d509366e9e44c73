#!/usr/bin/env node
// Bundles assets/ for browsers and embeds the result in C: assets.mjs OUTPUT.c
// Fails when the consent script outgrows its promise (docs/decisions/0009-browser-assets.md).
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const assets = fileURLToPath(new URL('../assets/', import.meta.url));
const libraryWorker = fileURLToPath(new URL('../node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs', import.meta.url));
const SCRIPT = 'text/javascript; charset=utf-8';
const CONSENT_SCRIPT_MOST = 1024; // bytes after gzip
const CONSENT_STYLE_MOST = 1536; // bytes before: the other half of 3 KB is the banner's HTML

const options = {
  bundle: true,
  minify: true,
  write: false,
  target: 'es2020',
  format: 'iife',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
};

/** The bytes of one bundle. */
export async function bundle(entry) {
  const target = entry.endsWith('.css') ? ['chrome109', 'firefox115', 'safari16.4'] : options.target;
  const result = await build({ ...options, target, entryPoints: [assets + entry] });
  return Buffer.from(result.outputFiles[0].contents);
}

/**
 * Scripts with the library of maps: it uses what browsers with WebGL 2 have, starts its worker through a policy of ours,
 * and finds it by the address that the page gives.
 */
async function bundleMap(entry, inject = []) {
  const result = await build({ ...options, target: 'es2022', define: { 'import.meta.url': '""' },
    inject: inject.map((name) => assets + name), entryPoints: [entry] });
  return Buffer.from(result.outputFiles[0].contents);
}

/** Everything that is served: [{ name, type, bytes, hash, address }]. */
export async function files() {
  const list = [
    { name: 'app.css', type: 'text/css; charset=utf-8', bytes: await bundle('src/app.css') },
    { name: 'app.js', type: SCRIPT, bytes: await bundle('src/ts/app.ts') },
    { name: 'console.js', type: SCRIPT, bytes: await bundle('src/ts/console.ts') },
    { name: 'catalogue.js', type: SCRIPT, bytes: await bundle('src/ts/catalogue.ts') },
    { name: 'map.js', type: SCRIPT, bytes: await bundleMap(`${assets}src/ts/map.ts`, ['src/ts/map_worker_policy.ts']) },
    { name: 'map_worker.js', type: SCRIPT, bytes: await bundleMap(libraryWorker), isWorker: true },
    { name: 'chart.js', type: SCRIPT, bytes: await bundle('src/ts/chart.ts') },
    { name: 'filters.js', type: SCRIPT, bytes: await bundle('src/ts/filters.ts') },
    { name: 'jobs.js', type: SCRIPT, bytes: await bundle('src/ts/jobs.ts') },
    { name: 'preview.js', type: SCRIPT, bytes: await bundle('src/ts/preview.ts') },
    { name: 'table.js', type: SCRIPT, bytes: await bundle('src/ts/table.ts') },
    { name: 'unsent.js', type: SCRIPT, bytes: await bundle('src/ts/unsent.ts') },
    { name: 'wizard.js', type: SCRIPT, bytes: await bundle('src/ts/wizard.ts') },
    { name: 'favicon.svg', type: 'image/svg+xml', bytes: readFileSync(`${assets}files/favicon.svg`) },
  ];
  return list.map((file) => {
    const hash = createHash('sha256').update(file.bytes).digest('hex').slice(0, 20);
    const dot = file.name.lastIndexOf('.');
    const address = `/static/${file.name.slice(0, dot)}-${hash}${file.name.slice(dot)}`;
    return { ...file, hash, address };
  });
}

/** Sizes of what consent costs each visitor. */
export async function consentSizes() {
  const script = gzipSync(await bundle('src/ts/consent_alone.ts'), { level: 9 }).length;
  const style = (await bundle('src/css/consent.css')).length;
  return { script, style };
}

function literal(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 96) {
    const text = [...bytes.subarray(at, at + 96)].map((byte) =>
      byte < 32 || byte > 126 || byte === 34 || byte === 92 || byte === 63
        ? `\\${byte.toString(8).padStart(3, '0')}`
        : String.fromCharCode(byte));
    lines.push(`    "${text.join('')}"`);
  }
  return lines.join('\n') || '    ""';
}

function table(list) {
  const parts = list.map((file, i) => `static const char bytes_${i}[] =\n${literal(file.bytes)};\n`);
  const rows = list.map((file, i) =>
    `    {"${file.name}", "${file.address}", "${file.type}", ${file.isWorker ?? false}, "${file.hash}", bytes_${i}, sizeof(bytes_${i}) - 1},`);
  return `/* Made by tools/assets.mjs. */
#include "web/shell/static_table.h"

${parts.join('\n')}
const struct static_entry static_entries[] = {
${rows.join('\n')}
};

const size_t static_entry_count = sizeof(static_entries) / sizeof(static_entries[0]);
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await consentSizes();
  if (sizes.script > CONSENT_SCRIPT_MOST || sizes.style > CONSENT_STYLE_MOST) {
    console.error(`assets: consent costs ${sizes.script} bytes of script after gzip (${CONSENT_SCRIPT_MOST} allowed) `
      + `and ${sizes.style} bytes of style (${CONSENT_STYLE_MOST} allowed)`);
    process.exit(1);
  }
  writeFileSync(process.argv[2], table(await files()));
}
