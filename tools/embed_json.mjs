// Writes a JSON file, checked and without white space, as a C text.
//   node tools/embed_json.mjs FILE.json OUTPUT.c NAME
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { argv, exit, stderr } from "node:process";

const [file, output, name] = argv.slice(2);
if (!name) {
    stderr.write("usage: embed_json.mjs FILE.json OUTPUT.c NAME\n");
    exit(2);
}
let text;
try {
    text = JSON.stringify(JSON.parse(readFileSync(file, "utf8")));
} catch (error) {
    stderr.write(`${file}: ${error.message}\n`);
    exit(1);
}
// Lines of C are short, and JSON is ASCII but for what JSON itself can escape.
const ascii = text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
const lines = ascii.match(/.{1,80}/g).map((line) => `    "${line.replace(/["\\?]/g, "\\$&")}"`);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `/* Made by tools/embed_json.mjs. */
#include "base/str.h"

extern const str ${name};
const str ${name} = {
${lines.join("\n")},
    ${ascii.length}};
`);
