// The table of functions in docs/odsql.md, from the rows of src/domain/odsql/functions.def.
//   node tools/functions.mjs check   exit code 1 when the page says something else
//   node tools/functions.mjs write
import { readFileSync, writeFileSync } from "node:fs";
import { argv, exit, stderr } from "node:process";

const ROWS = new URL("../src/domain/odsql/functions.def", import.meta.url);
const MESSAGES = new URL("../i18n/en.json", import.meta.url);
const PAGE = new URL("../docs/odsql.md", import.meta.url);
const BEGIN = "<!-- functions: written by tools/functions.mjs -->\n";
const END = "<!-- end of functions -->\n";
const KINDS = { SCALAR: "values", AGGREGATE: "aggregates", CONDITION: "conditions", GROUPING: "groups", OTHER: "other" };
const CLAUSES = { IN_SELECT: "select", IN_WHERE: "where", IN_GROUP_BY: "group_by", IN_ORDER_BY: "order_by", IN_FACET: "facet" };

const ROW = /^FUNCTION\((\w+), (\w+), \w+, ([\w |]+), \w+, \w+, MSG_ODSQL_EXPECTS_(\w+), "([^"]*)", "([^"]*)"\)$/gm;

function clausesText(text) {
    return text === "ANYWHERE" ? "all" : text.split(" | ").map((name) => CLAUSES[name]).join(", ");
}

function table() {
    const source = readFileSync(ROWS, "utf8");
    const messages = JSON.parse(readFileSync(MESSAGES, "utf8"));
    const rows = [...source.matchAll(ROW)].map(([, kind, name, clauses, expects, returns, words]) =>
        ({ kind, name, clauses: clausesText(clauses), expects: messages[`odsql.expects.${expects.toLowerCase()}`], returns, words }));
    const written = source.match(/^FUNCTION/gm).length;
    if (rows.length !== written) throw new Error(`${written - rows.length} rows of functions.def cannot be read`);
    return Object.entries(KINDS).map(([kind, title]) => `\n**${title}**\n\n`
        + "| function | of | in | gives | |\n|---|---|---|---|---|\n"
        + rows.filter((row) => row.kind === kind).map((row) =>
            `| \`${row.name}()\` | ${row.expects} | ${row.clauses} | ${row.returns} | ${row.words} |\n`).join("")).join("");
}

const page = readFileSync(PAGE, "utf8");
const from = page.indexOf(BEGIN);
const to = page.indexOf(END);
if (from < 0 || to < from) {
    stderr.write("docs/odsql.md has no place for the table of functions\n");
    exit(1);
}
const wanted = page.slice(0, from) + BEGIN + table() + "\n" + page.slice(to);
if (argv[2] === "write") {
    writeFileSync(PAGE, wanted);
} else if (wanted !== page) {
    stderr.write("docs/odsql.md: the table of functions differs from functions.def; run node tools/functions.mjs write\n");
    exit(1);
}
