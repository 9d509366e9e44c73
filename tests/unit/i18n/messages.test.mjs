// tools/messages.mjs accepts what is right and names the file, the key and the remedy of what is not.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tool = fileURLToPath(new URL("../../../tools/messages.mjs", import.meta.url));
const base = { "language.direction": "ltr", "language.name": "X" };

function run(files, ...rest) {
    const folder = mkdtempSync(join(tmpdir(), "messages-"));
    try {
        for (const [name, content] of Object.entries(files)) {
            writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content, null, 4));
        }
        const verb = rest.length ? "generate" : "check";
        return spawnSync("node", [tool, verb, folder, ...rest], { encoding: "utf8" });
    } finally {
        rmSync(folder, { recursive: true });
    }
}

const texts = (more) => Object.fromEntries(Object.entries({ ...base, ...more }).sort(([a], [b]) => (a < b ? -1 : 1)));
const both = (en, fr) => ({ "en.json": texts({ "a.b": en }), "fr.json": texts({ "a.b": fr }) });

test("right files pass", () => {
    const result = run(both("{n, plural, one {# x} other {# xs}} of {who}", "{who}\u00a0: {n, plural, one {#} many {#} other {#}}"));
    assert.equal(result.status, 0, result.stderr);
    assert.equal(result.stderr, "");
});

const wrong = [
    ["a blank that may break, in French", both("x", "Vraiment ?"), /fr\.json: "a\.b": a no-break space is needed/],
    ["a quotation that may break, in French", both("x", "« x\u00a0»"), /no-break space is needed at "«"/],
    ["missing key", { "en.json": texts({ "a.b": "x" }), "fr.json": texts({}) }, /fr\.json: "a\.b": the key is missing/],
    ["unknown key", { "en.json": texts({}), "fr.json": texts({ "a.b": "x" }) }, /fr\.json: "a\.b": en\.json does not have this key/],
    ["missing argument", both("{who}", "x"), /fr\.json: "a\.b": the arguments \{who\} of en\.json are missing/],
    ["unknown argument", both("x", "{who}"), /fr\.json: "a\.b": the arguments \{who\} are not in en\.json/],
    ["missing class", both("{n, plural, one {a} other {b}}", "{n, plural, one {a} other {b}}"), /fr\.json: "a\.b": .* lacks the classes many/],
    ["class of no use", both("{n, plural, one {a} few {c} other {b}}", "{n, plural, one {a} many {b} other {b}}"), /en\.json: "a\.b": .*few.*never chooses/],
    ["no other", both("{n, select, a {b}}", "{n, select, a {b}}"), /no case 'other'/],
    ["unknown case of select", both("{n, select, a {b} other {c}}", "{n, select, z {b} other {c}}"), /fr\.json.*does not have: z/],
    ["two uses", both("{n, plural, one {a} other {b}}{n, date}", "x"), /\{n\} is used as number and as instant/],
    ["two uses in two languages", both("{n, date}", "{n, number}"), /fr\.json: "a\.b": \{n\} is used as instant and as number/],
    ["open brace", both("a {who", "x"), /en\.json: "a\.b": \} expected behind \{who/],
    ["closing brace", both("a }", "x"), /en\.json: "a\.b": \} without \{/],
    ["no name", both("a {}", "x"), /an argument's name .* expected/],
    ["number as name", both("a {0}", "x"), /an argument's name .* expected/],
    ["unknown type", both("{n, spellout}", "x"), /the type 'spellout' is not one of/],
    ["style", both("{n, number, percent}", "x"), /\} expected behind \{n/],
    ["open quotation", both("it '{' is '{x", "x"), /does not end/],
    ["deep", both("{a, select, other {{a, select, other {{a, select, other {{a, select, other {{a, select, other {x}}}}}}}}}}", "x"), /nested deeper/],
    ["HTML", both("<b>x</b>", "x"), /en\.json: "a\.b": texts are plain text/],
    ["entity", both("a&nbsp;b", "x"), /en\.json: "a\.b": texts are plain text/],
    ["empty", both("", "x"), /must be a string and not empty/],
    ["control", both("a\nb", "x"), /control characters/],
    ["no string", both(3, "x"), /must be a string/],
    ["bad key", { "en.json": texts({ "A.b": "x" }) }, /"A\.b": a key is words/],
    ["same name", { "en.json": texts({ "a.b_c": "x", "a_b.c": "x" }) }, /"a_b\.c": it has the same name in C as "a\.b_c"/],
    ["unsorted", { "en.json": { "language.name": "X", "language.direction": "ltr" } }, /"language\.direction": keys are sorted/],
    ["twice", { "en.json": '{\n"a": "x",\n"a": "y",\n"language.direction": "ltr",\n"language.name": "X"\n}' }, /"a": the key is there twice/],
    ["one line", { "en.json": JSON.stringify(texts({})) }, /one key per line/],
    ["no JSON", { "en.json": texts({}), "fr.json": "{" }, /fr\.json: not valid JSON/],
    ["no object", { "en.json": texts({}), "fr.json": "[]" }, /fr\.json: an object/],
    ["file name", { "en.json": texts({}), "FR.json": texts({}) }, /FR\.json: the file's name/],
    ["unknown language", { "en.json": texts({}), "qq.json": texts({}) }, /qq\.json: the file's name/],
    ["no source", { "fr.json": texts({}) }, /en\.json: the file is missing/],
    ["direction", { "en.json": texts({ "language.direction": "up" }) }, /write ltr or rtl/],
];
for (const [name, files, expected] of wrong) {
    test(`${name} is refused`, () => {
        const result = run(files);
        assert.match(result.stderr, expected);
        assert.equal(result.status, 1);
    });
}

test("each fault is named, not only the first", () => {
    const result = run({ "en.json": texts({ "a.b": "x", "a.c": "x" }), "fr.json": texts({}), "de.json": texts({ "a.b": "x" }) });
    assert.equal(result.stderr.trim().split("\n").length, 3);
});

test("a further language is one further file, and keys that did not change rebuild nothing", () => {
    const output = mkdtempSync(join(tmpdir(), "messages-out-"));
    try {
        assert.equal(run(both("{who}", "{who}"), output).status, 0);
        const before = statSync(join(output, "messages.def"), { bigint: true }).mtimeNs;
        assert.equal(run({ ...both("{who}!", "{who}"), "de.json": texts({ "a.b": "{who}" }) }, output).status, 0);
        assert.equal(statSync(join(output, "messages.def"), { bigint: true }).mtimeNs, before);
        assert.match(readFileSync(join(output, "messages.c"), "utf8"), /\{"de", texts_0\},\n {4}\{"en", texts_1\},/);
        assert.match(readFileSync(join(output, "messages.def"), "utf8"), /^MESSAGE\(A_B, "a\.b"\)$/m);
    } finally {
        rmSync(output, { recursive: true });
    }
});
