// Checks the message files i18n/*.json against en.json and makes the C tables of platform/i18n.
//   node tools/messages.mjs check FOLDER
//   node tools/messages.mjs generate FOLDER OUTPUT [--pseudo]
// --pseudo adds ar-xb, made from en.json: English written from right to left, for development builds.
// docs/translating.md describes the files. Exit code 1 says what is wrong and where.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { argv, exit, stderr } from "node:process";

const SOURCE = "en";
const DEPTH_MOST = 4;
const ARGUMENTS_MOST = 8;
const LANGUAGES_MOST = 64;
const TYPES = { number: "number", date: "date", plural: "plural", selectordinal: "ordinal", select: "select" };
// What a use of an argument asks of its value; "any" fits with each.
const NEEDS = { argument: "any", number: "number", date: "instant", plural: "number", ordinal: "number", select: "text" };

class Fault extends Error {}

// ---- ICU MessageFormat: text with {name}, {name, number}, {name, date}, plural, selectordinal, select

class Parser {
    constructor(text) {
        this.text = text;
        this.at = 0;
    }

    fail(what) {
        throw new Fault(`${what} (at character ${this.at + 1})`);
    }

    blanks() {
        while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    }

    take(pattern, what) {
        pattern.lastIndex = this.at;
        const match = pattern.exec(this.text);
        if (!match) this.fail(`${what} expected`);
        this.at += match[0].length;
        return match[0];
    }

    // An apostrophe quotes only before a brace, or before # inside a plural; '' is one apostrophe.
    literal(plural) {
        let out = "";
        let quoted = false;
        for (; this.at < this.text.length; this.at++) {
            const c = this.text[this.at];
            const next = this.text[this.at + 1] ?? "";
            if (c === "'" && next === "'") {
                out += "'";
                this.at++;
            } else if (c === "'" && quoted) {
                quoted = false;
            } else if (c === "'" && (next === "{" || next === "}" || (plural && next === "#"))) {
                quoted = true;
            } else if (!quoted && (c === "{" || c === "}" || (plural && c === "#"))) {
                break;
            } else {
                out += c;
            }
        }
        if (quoted) this.fail("the quotation begun by an apostrophe does not end; write '' for one apostrophe");
        return out;
    }

    parts(plural, depth) {
        if (depth > DEPTH_MOST) this.fail(`choices are nested deeper than ${DEPTH_MOST}`);
        const parts = [];
        while (this.at < this.text.length && this.text[this.at] !== "}") {
            if (this.text[this.at] === "{") {
                parts.push(this.argument(plural, depth));
            } else if (plural && this.text[this.at] === "#") {
                this.at++;
                parts.push({ kind: "sign", name: plural.name, offset: plural.offset });
            } else {
                parts.push({ kind: "text", text: this.literal(plural) });
            }
        }
        return parts;
    }

    argument(plural, depth) {
        this.at++;
        this.blanks();
        const name = this.take(/[a-z][a-z0-9_]*/y, "an argument's name (a-z 0-9 _)");
        this.blanks();
        let part = { kind: "argument", name };
        if (this.text[this.at] === ",") {
            this.at++;
            this.blanks();
            const type = this.take(/[a-z]+/y, "a type");
            if (!Object.hasOwn(TYPES, type)) this.fail(`the type '${type}' is not one of ${Object.keys(TYPES).join(", ")}`);
            part = { kind: TYPES[type], name };
            this.blanks();
            if (["plural", "ordinal", "select"].includes(part.kind)) this.cases(part, plural, depth);
        }
        if (this.text[this.at] !== "}") this.fail(`} expected behind {${name}`);
        this.at++;
        return part;
    }

    cases(part, plural, depth) {
        if (this.text[this.at] !== ",") this.fail(", and the cases expected");
        this.at++;
        this.blanks();
        part.offset = 0;
        if (part.kind === "plural" && this.text.startsWith("offset:", this.at)) {
            this.at += "offset:".length;
            part.offset = Number(this.take(/[0-9]{1,4}/y, "a number"));
            this.blanks();
        }
        const inner = part.kind === "select" ? plural : part;
        part.cases = [];
        while (this.at < this.text.length && this.text[this.at] !== "}") {
            const key = this.take(part.kind === "select" ? /[a-z][a-z0-9_]*/y : /=[0-9]{1,9}|[a-z]+/y, "a case");
            this.blanks();
            if (this.text[this.at] !== "{") this.fail(`{ expected behind the case '${key}'`);
            this.at++;
            if (part.cases.some((one) => one.key === key)) this.fail(`the case '${key}' is there twice`);
            part.cases.push({ key, parts: this.parts(inner, depth + 1) });
            if (this.text[this.at] !== "}") this.fail(`the case '${key}' does not end`);
            this.at++;
            this.blanks();
        }
        if (!part.cases.some((one) => one.key === "other")) this.fail(`{${part.name}} has no case 'other'`);
    }
}

export function parseMessage(text) {
    const parser = new Parser(text);
    const parts = parser.parts(null, 0);
    if (parser.at < text.length) parser.fail("} without {; quote it as '}'");
    return parts;
}

function* walk(parts) {
    for (const part of parts) {
        yield part;
        for (const one of part.cases ?? []) yield* walk(one.parts);
    }
}

// Argument names in order of appearance, each with what is needed of it.
function argumentsOf(parts) {
    const found = new Map();
    for (const part of walk(parts)) {
        if (part.kind === "text" || part.kind === "sign") continue;
        mergeNeed(found, part.name, NEEDS[part.kind]);
    }
    return found;
}

function mergeNeed(found, name, need) {
    const known = found.get(name) ?? "any";
    if (known !== "any" && need !== "any" && known !== need) {
        throw new Fault(`{${name}} is used as ${known} and as ${need}`);
    }
    found.set(name, known === "any" ? need : known);
}

// ---- one file

const KEY = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/;

function readLanguage(file, faults) {
    const code = basename(file, ".json");
    const say = (key, what) => faults.push(`${file}: ${key ? `"${key}": ` : ""}${what}`);
    const language = { file, code, messages: new Map() };
    if (!/^[a-z]{2,8}(-[a-z0-9]{2,8})*$/.test(code) || Intl.PluralRules.supportedLocalesOf(code).length === 0) {
        say("", "the file's name is not the code of a known language in lower case, as in fr.json or pt-br.json");
        return language;
    }
    const text = readFileSync(file, "utf8");
    let values;
    try {
        values = JSON.parse(text);
    } catch (error) {
        say("", `not valid JSON (${error.message})`);
        return language;
    }
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
        say("", "an object of keys and texts is expected");
        return language;
    }
    checkLayout(text, values, say);
    for (const [key, value] of Object.entries(values)) {
        if (!KEY.test(key)) {
            say(key, "a key is words of a-z 0-9 _ joined by dots");
        } else if (typeof value !== "string" || value.length === 0) {
            say(key, "the text must be a string and not empty");
        } else {
            checkText(language, key, value, say);
        }
    }
    return language;
}

// JSON.parse keeps the last of two equal keys without a word, so the lines are looked at.
function checkLayout(text, values, say) {
    const keys = [...text.matchAll(/^[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*:/gm)].map((match) => match[1]);
    if (keys.length < Object.keys(values).length) {
        say("", "write one key per line");
    }
    for (let i = 1; i < keys.length; i++) {
        if (keys[i] === keys[i - 1]) say(keys[i], "the key is there twice; remove one");
        else if (keys[i] < keys[i - 1]) say(keys[i], `keys are sorted; move it before "${keys[i - 1]}"`);
    }
}

function checkText(language, key, value, say) {
    if (/<[a-zA-Z/!?]|&(#|[a-zA-Z][a-zA-Z0-9]*;)/.test(value)) {
        say(key, "texts are plain text: no HTML tags and no entities; write the characters themselves");
    }
    if (/[\u0000-\u001f\u007f\ufffd]/.test(value) || !value.isWellFormed?.() && /\p{Surrogate}/u.test(value)) {
        say(key, "control characters and broken characters are not allowed");
    }
    try {
        const parts = parseMessage(value);
        const names = argumentsOf(parts);
        if (names.size > ARGUMENTS_MOST) throw new Fault(`more than ${ARGUMENTS_MOST} arguments`);
        for (const part of walk(parts)) {
            if (part.kind === "plural" || part.kind === "ordinal") checkClasses(language.code, part);
            if (part.kind === "text" && language.code.split("-")[0] === "fr") checkFrench(part.text);
        }
        language.messages.set(key, { parts, names });
    } catch (error) {
        if (!(error instanceof Fault)) throw error;
        say(key, error.message);
    }
}

// An ordinary blank there lets the sign fall on the next line.
function checkFrench(text) {
    const found = /\u0020[:;!?»]|«(?![\u00a0\u202f])|[\u00a0\u202f]{2}/.exec(text);
    if (found) throw new Fault(`a no-break space is needed at ${JSON.stringify(found[0])} (U+202F before ; ! ?, U+00A0 before : and inside « »)`);
}

function checkClasses(code, part) {
    const type = part.kind === "ordinal" ? "ordinal" : "cardinal";
    const wanted = new Intl.PluralRules(code, { type }).resolvedOptions().pluralCategories;
    const given = part.cases.map((one) => one.key);
    const missing = wanted.filter((name) => !given.includes(name));
    if (missing.length) {
        throw new Fault(`{${part.name}, ${part.kind}} lacks the classes ${missing.join(", ")}; this language needs ${wanted.join(", ")}`);
    }
    const strange = given.filter((name) => !name.startsWith("=") && !wanted.includes(name));
    if (strange.length) {
        throw new Fault(`{${part.name}, ${part.kind}} has the classes ${strange.join(", ")}, which this language never chooses; remove them`);
    }
}

// ---- all files

function compare(source, language, faults) {
    const say = (key, what) => faults.push(`${language.file}: "${key}": ${what}`);
    for (const [key, theirs] of source.messages) {
        const ours = language.messages.get(key);
        if (!ours) {
            if (!faults.some((line) => line.startsWith(`${language.file}: "${key}"`))) {
                say(key, `the key is missing; add its translation (${SOURCE}.json has it)`);
            }
            continue;
        }
        const missing = [...theirs.names.keys()].filter((name) => !ours.names.has(name));
        const strange = [...ours.names.keys()].filter((name) => !theirs.names.has(name));
        if (missing.length) say(key, `the arguments {${missing.join("}, {")}} of ${SOURCE}.json are missing`);
        if (strange.length) say(key, `the arguments {${strange.join("}, {")}} are not in ${SOURCE}.json`);
        try {
            for (const [name, need] of ours.names) {
                if (theirs.names.has(name)) mergeNeed(theirs.names, name, need);
            }
        } catch (error) {
            say(key, error.message);
        }
        compareSelects(theirs, ours, (what) => say(key, what));
    }
    for (const key of language.messages.keys()) {
        if (!source.messages.has(key)) say(key, `${SOURCE}.json does not have this key; remove it here or add it there`);
    }
}

function compareSelects(theirs, ours, say) {
    const cases = (message) => {
        const found = new Map();
        for (const part of walk(message.parts)) {
            if (part.kind === "select") {
                found.set(part.name, new Set([...(found.get(part.name) ?? []), ...part.cases.map((one) => one.key)]));
            }
        }
        return found;
    };
    const known = cases(theirs);
    for (const [name, keys] of cases(ours)) {
        const strange = [...keys].filter((key) => key !== "other" && !known.get(name)?.has(key));
        if (strange.length) say(`{${name}, select} has cases that ${SOURCE}.json does not have: ${strange.join(", ")}`);
    }
}

export function readAll(folder) {
    const faults = [];
    const files = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
    const languages = files.map((name) => readLanguage(join(folder, name), faults));
    languages.sort((a, b) => (a.code < b.code ? -1 : 1));
    const source = languages.find((one) => one.code === SOURCE);
    if (!source) return { faults: [...faults, `${join(folder, `${SOURCE}.json`)}: the file is missing`], languages };
    if (languages.length > LANGUAGES_MOST) faults.push(`${folder}: more than ${LANGUAGES_MOST} languages`);
    const names = new Map();
    for (const key of source.messages.keys()) {
        const name = enumName(key);
        if (names.has(name)) faults.push(`${source.file}: "${key}": it has the same name in C as "${names.get(name)}"; rename one`);
        names.set(name, key);
    }
    for (const key of ["language.name", "language.direction"]) {
        if (!source.messages.has(key)) faults.push(`${source.file}: "${key}": the key is missing`);
    }
    for (const language of languages) {
        if (language !== source) compare(source, language, faults);
        const direction = language.messages.get("language.direction");
        if (direction && !["ltr", "rtl"].includes(direction.parts[0]?.text)) {
            faults.push(`${language.file}: "language.direction": write ltr or rtl`);
        }
    }
    return { faults, languages, source };
}

// ---- the pseudo-locale

const PSEUDO = "ar-xb"; // the code that CLDR keeps for it
const RIGHT_TO_LEFT = "\u202e";
const END = "\u202c";

// Letters run from right to left; blanks at the ends stay outside, so that texts still join.
function mirrored(text) {
    return text.replace(/\S(?:[\s\S]*\S)?/, (inner) => RIGHT_TO_LEFT + inner + END);
}

// The same message with the classes of Arabic, each as English has it for other.
function pseudoParts(parts) {
    return parts.map((part) => {
        if (part.kind === "text") return { ...part, text: mirrored(part.text) };
        if (!part.cases) return part;
        const cases = part.cases.map((one) => ({ key: one.key, parts: pseudoParts(one.parts) }));
        if (part.kind !== "select") {
            const type = part.kind === "ordinal" ? "ordinal" : "cardinal";
            const other = cases.find((one) => one.key === "other");
            const classes = new Intl.PluralRules("ar", { type }).resolvedOptions().pluralCategories;
            for (const key of classes) {
                if (!cases.some((one) => one.key === key)) cases.push({ key, parts: other.parts });
            }
        }
        return { ...part, cases };
    });
}

function pseudoLanguage(source) {
    const messages = new Map([...source.messages].map(([key, message]) => [key, { ...message, parts: pseudoParts(message.parts) }]));
    messages.set("language.name", { names: new Map(), parts: [{ kind: "text", text: `Pseudo (${PSEUDO})` }] });
    messages.set("language.direction", { names: new Map(), parts: [{ kind: "text", text: "rtl" }] });
    return { file: PSEUDO, code: PSEUDO, messages };
}

// ---- C

function enumName(key) {
    return key.replaceAll(".", "_").toUpperCase();
}

function cText(text) {
    const escaped = text.replace(/[\\"]/g, "\\$&").replace(/\?\?/g, "?\\?");
    return `{"${escaped}", ${Buffer.byteLength(text)}}`;
}

const KINDS = { text: "TEXT", argument: "ARGUMENT", number: "ARGUMENT", date: "DATE", sign: "SIGN", plural: "PLURAL", ordinal: "ORDINAL", select: "SELECT" };

function cPart(part, order) {
    const fields = [`.kind = PART_${KINDS[part.kind]}`];
    if (part.kind === "text") fields.push(`.text = ${cText(part.text)}`);
    else fields.push(`.argument = ${order.indexOf(part.name)}`);
    if (part.offset) fields.push(`.offset = ${part.offset}`);
    if (part.cases) {
        const rows = part.cases.map((one) => {
            const exact = one.key.startsWith("=");
            const chosen = exact ? `.is_exact = true, .exact = ${one.key.slice(1)}` : `.keyword = ${cText(one.key)}`;
            return `{${chosen}, .parts = ${cParts(one.parts, order)}}`;
        });
        fields.push(`.cases = (const struct message_case[]){${rows.join(", ")}}`, `.count = ${rows.length}`);
    }
    return `{${fields.join(", ")}}`;
}

function cParts(parts, order) {
    if (parts.length === 0) return "{NULL, 0}";
    return `{(const struct message_part[]){${parts.map((part) => cPart(part, order)).join(", ")}}, ${parts.length}}`;
}

function cTables({ languages, source }) {
    const keys = [...source.messages.keys()].sort();
    const orders = keys.map((key) => [...source.messages.get(key).names.keys()]);
    const lines = ["/* Made by tools/messages.mjs. */", '#include "platform/i18n/message_internal.h"', ""];
    for (const [i, language] of languages.entries()) {
        lines.push(`static const struct message_parts texts_${i}[MESSAGE__COUNT] = {`);
        keys.forEach((key, k) => lines.push(`    [MSG_${enumName(key)}] = ${cParts(language.messages.get(key).parts, orders[k])},`));
        lines.push("};");
    }
    lines.push("const struct language_texts language_texts[] = {");
    languages.forEach((language, i) => lines.push(`    {"${language.code}", texts_${i}},`));
    lines.push("};", `const int language_texts_count = ${languages.length};`, "");
    lines.push("const struct message_signature message_signatures[MESSAGE__COUNT] = {");
    keys.forEach((key, k) => {
        const needs = orders[k].map((name) => `NEED_${source.messages.get(key).names.get(name).toUpperCase()}`);
        const names = [...orders[k].map((name) => `"${name}"`), "NULL"];
        lines.push(`    [MSG_${enumName(key)}] = {{${names.join(", ")}}, {${needs.join(", ") || "NEED_ANY"}}, ${orders[k].length}},`);
    });
    lines.push("};", "");
    const definitions = keys.map((key) => `MESSAGE(${enumName(key)}, "${key}")`);
    return { tables: lines.join("\n"), definitions: `/* Made by tools/messages.mjs. */\n${definitions.join("\n")}\n` };
}

// Untouched when nothing changed, so that a new text does not rebuild what only knows the keys.
function writeIfChanged(file, text) {
    mkdirSync(dirname(file), { recursive: true });
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

function main([verb, folder, output, option]) {
    const isRight = option === undefined || option === "--pseudo";
    if (!folder || !isRight || (verb !== "check" && !(verb === "generate" && output))) {
        stderr.write("usage: messages.mjs check FOLDER | generate FOLDER OUTPUT [--pseudo]\n");
        return 2;
    }
    const all = readAll(folder);
    if (all.faults.length) {
        stderr.write(`${all.faults.join("\n")}\n`);
        return 1;
    }
    if (option) {
        all.languages.push(pseudoLanguage(all.source));
        all.languages.sort((a, b) => (a.code < b.code ? -1 : 1));
    }
    if (verb === "generate") {
        const { tables, definitions } = cTables(all);
        writeIfChanged(join(output, "messages.def"), definitions);
        writeIfChanged(join(output, "messages.c"), tables);
    }
    return 0;
}

exit(main(argv.slice(2)));
