// Writes the user agents of known robots as a C source. Usage: crawlers.mjs OUT.c. The list is that of the npm package
// crawler-user-agents (MIT). Almost all of its patterns stand for a few plain texts, which are found by a look-up;
// the others become extended regular expressions of POSIX.
import { readFileSync, writeFileSync } from 'node:fs';

const LEAST = 3; // bytes of a text: those that the look-up goes by
const source = new URL('../node_modules/crawler-user-agents/crawler-user-agents.json', import.meta.url);
const robots = JSON.parse(readFileSync(source, 'utf8'));

/** The texts that a pattern stands for, or null when it stands for more than a few. */
function textsOf(pattern) {
  const isFirst = pattern.startsWith('^');
  let texts = [''];
  for (let i = isFirst ? 1 : 0; i < pattern.length; i++) {
    let choices = [pattern[i]];
    if (pattern[i] === '\\') {
      choices = [pattern[++i]];
      if (/[a-zA-Z0-9]/.test(choices[0])) return null;
    } else if (pattern[i] === '[') {
      const end = pattern.indexOf(']', i);
      choices = [...pattern.slice(i + 1, end)];
      if (choices.some((c) => '^-\\'.includes(c))) return null;
      i = end;
    } else if ('.*+?(){}|$^'.includes(pattern[i])) {
      return null;
    }
    if (i + 1 < pattern.length && '?*+{'.includes(pattern[i + 1])) return null;
    texts = texts.flatMap((text) => choices.map((choice) => text + choice));
    if (texts.length > 8) return null;
  }
  return texts.every((text) => text.length >= LEAST) ? { isFirst, texts } : null;
}

const literal = (text) => `"${text.replace(/["\\]/g, '\\$&').replaceAll('?', '\\?')}"`;
const family = (pattern) =>
  (textsOf(pattern)?.texts[0] ?? pattern.match(/[A-Za-z][\w -]*\w/)[0]).replace(/^[\s/]+|[\s/;,(]+$/g, '').slice(0, 40);

const texts = [];
const patterns = [];
for (const robot of robots) {
  const plain = textsOf(robot.pattern);
  const isLibrary = (robot.tags ?? []).includes('http-library');
  const name = literal(family(robot.pattern) || 'other');
  if (plain) {
    for (const text of plain.texts) texts.push(`    {${literal(text)}, ${name}, ${plain.isFirst}, ${isLibrary}},`);
  } else {
    const extended = robot.pattern.replaceAll('[\\s\\S]', '.').replaceAll('\\d', '[0-9]').replaceAll('\\/', '/');
    patterns.push(`    {${literal(extended)}, ${name}, false, ${isLibrary}},`);
  }
}
if (texts.length < 1000 || patterns.length > 40) throw new Error(`${texts.length} texts, ${patterns.length} patterns`);
writeFileSync(process.argv[2], `/* Made by tools/crawlers.mjs. */
#include "domain/analytics/agent.h"

const struct robot robot_texts[] = {
${texts.join('\n')}
};
const size_t robot_text_count = ${texts.length};

const struct robot robot_patterns[] = {
${patterns.join('\n')}
};
const size_t robot_pattern_count = ${patterns.length};
`);
