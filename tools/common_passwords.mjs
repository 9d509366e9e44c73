// Writes the most common passwords as a C source: one sorted text, a line each, for binary search.
// Usage: common_passwords.mjs OUT.c. The list is that of the npm package @zxcvbn-ts/language-common,
// which is ordered by how often they were seen in breaches.
import { readFileSync, writeFileSync } from 'node:fs';

const LEAST = 6; // symbols; shorter ones cannot be most of a password that is long enough
const source = new URL('../node_modules/@zxcvbn-ts/language-common/src/passwords.json', import.meta.url);
const words = JSON.parse(readFileSync(source, 'utf8'))
  .map((word) => word.toLowerCase())
  .filter((word) => word.length >= LEAST && /^[\x21-\x7e]+$/.test(word));
const sorted = [...new Set(words)].sort((a, b) => (a < b ? -1 : 1));
if (sorted.length < 10000) throw new Error(`only ${sorted.length} passwords were found`);

const literal = (word) => `    "${word.replace(/["\\]/g, '\\$&').replaceAll('?', '\\?')}\\n"`;
writeFileSync(process.argv[2], `/* Made by tools/common_passwords.mjs. */
#include "domain/identity/internal.h"

static const char text[] =
${sorted.map(literal).join('\n')};

const str common_passwords = {text, sizeof(text) - 1};
`);
