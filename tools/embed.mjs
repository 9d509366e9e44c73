// Writes the templates FOLDER/**/*.html as a C table, sorted by name.
//   node tools/embed.mjs FOLDER OUTPUT.c
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { argv, exit, stderr } from "node:process";

function templates(folder) {
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return templates(path);
        return entry.name.endsWith(".html") ? [path] : [];
    });
}

// Octal escapes have at most three digits, so that what follows cannot become part of them.
function cBytes(bytes) {
    const lines = [""];
    for (const byte of bytes) {
        const c = String.fromCharCode(byte);
        const plain = byte >= 0x20 && byte < 0x7f && c !== '"' && c !== "\\" && c !== "?";
        lines[lines.length - 1] += c === "\n" ? "\\n" : plain ? c : `\\${byte.toString(8).padStart(3, "0")}`;
        if (c === "\n") lines.push("");
    }
    return lines.map((line) => `        "${line}"`).join("\n");
}

const [folder, output] = argv.slice(2);
if (!output) {
    stderr.write("usage: embed.mjs FOLDER OUTPUT.c\n");
    exit(2);
}
const rows = templates(folder)
    .map((path) => [relative(folder, path).slice(0, -".html".length).replaceAll("\\", "/"), readFileSync(path)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
const wrong = rows.filter(([name]) => !/^[a-z0-9_-]+(\/[a-z0-9_-]+)*$/.test(name));
if (wrong.length) {
    stderr.write(wrong.map(([name]) => `${join(folder, name)}.html: name it with a-z 0-9 _ -\n`).join(""));
    exit(1);
}
const table = rows.map(([name, bytes]) => `    {"${name}",\n     {\n${cBytes(bytes)},\n      ${bytes.length}}},\n`).join("");
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `/* Made by tools/embed.mjs. */
#include "platform/tpl/tpl_internal.h"

const struct tpl_source tpl_sources[] = {
${table}    {"", {"", 0}}};
const size_t tpl_sources_count = ${rows.length};
`);
