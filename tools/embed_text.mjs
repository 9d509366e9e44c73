// Writes a text file as a C text.
//   node tools/embed_text.mjs FILE OUTPUT.c NAME
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { argv, exit, stderr } from "node:process";

const [file, output, name] = argv.slice(2);
if (!name) {
    stderr.write("usage: embed_text.mjs FILE OUTPUT.c NAME\n");
    exit(2);
}
const bytes = readFileSync(file);

// Octal escapes have at most three digits, so that what follows cannot become part of them.
function literal(line) {
    const escaped = Array.from(Buffer.from(line), (byte) => {
        const c = String.fromCharCode(byte);
        const plain = byte >= 0x20 && byte < 0x7f && c !== '"' && c !== "\\" && c !== "?";
        return plain ? c : `\\${byte.toString(8).padStart(3, "0")}`;
    });
    return `    "${escaped.join("")}"`;
}

const lines = bytes.toString().split(/(?<=\n)/).map(literal);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `/* Made by tools/embed_text.mjs. */
#include "base/str.h"

extern const str ${name};
const str ${name} = {
${lines.join("\n")},
    ${bytes.length}};
`);
