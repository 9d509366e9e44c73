/*
 * Any bytes as any clause or facet: never a crash, an accepted plan binds as many values as it has
 * places, and the engine understands its statements.
 */
#include <stdio.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "domain/odsql/odsql.h"
#include "domain/records/index.h"
#include "domain/records/records.h"

#define LINES_MOST 4 /* of a facet: the request, then where, refine and exclude */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The index is empty: only the form of a statement counts. */
static const char rows[] =
    "create table postings (term varchar, field bigint, packed blob);"
    "create table records (name varchar, n bigint, x double, d date, \"at\" timestamp, "
    "tags varchar[], \"p.lon\" double, \"p.lat\" double, ok boolean, tree varchar, s blob, "
    "\"s.west\" double, \"s.south\" double, \"s.east\" double, \"s.north\" double, _key bigint);"
    "insert into records values ('Élan', 1, 1.5, '2026-01-31', '2026-01-31 23:30:00', ['a', 'b'], "
    "2, 48, true, 'a/b/c', '\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xF0\\x3F"
    "\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x40'::blob, 1, 2, 1, 2, 7), (null, null, null, null, null, null, "
    "null, null, null, null, null, null, null, null, null, 8)";

static struct field fields[] = {
    {.name = S("name"), .type = FIELD_TEXT, .decimals = -1},
    {.name = S("n"), .type = FIELD_INT, .decimals = -1},
    {.name = S("x"), .type = FIELD_DOUBLE, .decimals = -1},
    {.name = S("d"), .type = FIELD_DATE, .decimals = -1},
    {.name = S("at"), .type = FIELD_DATETIME, .decimals = -1},
    {.name = S("tags"), .type = FIELD_TEXT, .multivalued = S(","), .decimals = -1},
    {.name = S("p"), .type = FIELD_GEO_POINT, .decimals = -1},
    {.name = S("ok"), .type = FIELD_BOOLEAN, .decimals = -1},
    {.name = S("tree"), .type = FIELD_TEXT, .hierarchical = S("/"), .decimals = -1},
    {.name = S("s"), .type = FIELD_GEO_SHAPE, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};
static const struct source source = {
    .schema = &schema, .table = S("records"), .postings = S("postings")};

/* Opened once; a process that fuzzes has one thread. */
static struct db_lease *open_engine(struct scope *scope)
{
    static struct db *db;
    static struct db_lease *lease;
    static struct indexer *indexer;
    if (lease) {
        return lease;
    }
    struct db_options options = {
        .engine = DB_DUCKDB, .connections = 1, .threads = 1, .memory_bytes = 256 << 20};
    indexer = indexer_new();
    options.functions = indexer_functions(indexer, &options.function_count);
    options.aggregates = geometry_aggregates(&options.aggregate_count);
    bug_if(db_open(scope, &options, &db) != ERR_OK);
    bug_if(db_lease(scope, db, &lease) != ERR_OK);
    bug_if(db_script(scope, lease, rows) != ERR_OK);
    return lease;
}

static void check_places(const struct sql *sql, str text, size_t count)
{
    bool used[4096] = {false};
    bug_if(text.n == 0 || count >= ARRAY_LENGTH(used));
    for (size_t i = 0; i < sql->parts.count; i++) {
        const struct sql_value *bound = sql->parts.items[i].bound;
        if (bound) {
            bug_if(bound->number == 0 || bound->number > count);
            used[bound->number] = true;
        }
    }
    for (size_t i = 1; i <= count; i++) {
        bug_if(!used[i]);
    }
}

/* A statement may fail on what a client computes, never on its form. */
static void check_statement(struct scope *scope, struct sql *sql, bool is_text)
{
    const cell *values;
    size_t count;
    str text = sql_render(sql, 0, &values, &count);
    check_places(sql, text, count);
    if (!is_text) { /* refused at the border; engines take nothing but UTF-8 */
        return;
    }
    enum err result = db_execute(scope, open_engine(scope), sql);
    if (result == ERR_DATABASE) {
        fprintf(stderr, "%.*s\n%.*s\n", STR_ARG(text), STR_ARG(scope->failure.cause));
    }
    bug_if(result == ERR_DATABASE);
}

static void check_facet(struct scope *scope, str text)
{
    bool is_text = utf8_is_valid(text);
    str lines[LINES_MOST] = {STR_NONE};
    for (size_t i = 0; i < LINES_MOST && str_split(&text, '\n', &lines[i]); i++) {
    }
    struct clauses clauses = {.limit = -1, .now = INT64_C(1620302400000000)};
    clauses.where = &lines[1];
    clauses.where_count = lines[1].n > 0;
    clauses.refine = &lines[2];
    clauses.refine_count = lines[2].n > 0;
    clauses.exclude = &lines[3];
    clauses.exclude_count = lines[3].n > 0;
    struct facet_request facet;
    struct facet_plan *plan;
    if (odsql_facet_parse(scope, &source, lines[0], &facet) != ERR_OK) {
        bug_if(scope->failure.code == ERR_OK);
        return;
    }
    bug_if(!facet.field || facet.limit < 1);
    clauses.facets = &facet;
    clauses.facet_count = 1;
    if (odsql_facet_compile(scope, &source, &clauses, &facet, &plan) != ERR_OK) {
        bug_if(scope->failure.code == ERR_OK);
        return;
    }
    check_statement(scope, &plan->values, is_text);
}

static void check_clauses(struct scope *scope, const struct clauses *clauses, bool is_text)
{
    struct plan *plan;
    if (odsql_compile(scope, &source, clauses, &plan) != ERR_OK) {
        bug_if(scope->failure.code == ERR_OK);
        return;
    }
    bug_if(plan->output_count == 0);
    check_statement(scope, &plan->rows, is_text);
    check_statement(scope, &plan->total, is_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0) {
        return 0;
    }
    str text = {(const char *)bytes + 1, size - 1};
    struct clauses clauses = {.limit = 10, .now = INT64_C(1620302400000000)};
    struct scope scope;
    scope_open(&scope);
    switch (bytes[0] % 6) {
    case 0:
        clauses.select = text;
        break;
    case 1:
        clauses.group_by = text;
        clauses.select = S("count(*) as c");
        break;
    case 2:
        clauses.order_by = text;
        break;
    case 3:
        clauses.refine = &text;
        clauses.refine_count = 1;
        break;
    case 4:
        check_facet(&scope, text);
        break;
    default:
        clauses.where = &text;
        clauses.where_count = 1;
    }
    if (bytes[0] % 6 != 4) {
        check_clauses(&scope, &clauses, utf8_is_valid(text));
    }
    scope_close(&scope);
    return 0;
}
