#include "dialects.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/vec.h"
#include "domain/records/index.h"
#include "domain/records/postgres_functions.h"
#include "domain/records/postgres_version.h"
#include "domain/records/records.h"
#include "platform/geometry/geometry.h"

struct engine_under_test {
    struct db *db;
    struct db_lease *lease;
    str database, table, postings;
};

static struct scope scope;
static struct indexer *indexer;
static struct engine_under_test duckdb, postgres;
static struct schema schema;
static bool has_postgis;

static void must(enum err result)
{
    if (result != ERR_OK) {
        fprintf(stderr, "%.*s (%.*s)\n", STR_ARG(scope.failure.message), STR_ARG(scope.failure.cause));
    }
    bug_if(result != ERR_OK);
}

/* ---- the table ---- */

static const struct {
    const char *name;
    enum field_type type;
    const char *multivalued, *hierarchical;
} columns[] = {
    {"name", FIELD_TEXT, NULL, NULL},     {"words", FIELD_TEXT, NULL, NULL},
    {"n", FIELD_INT, NULL, NULL},         {"big", FIELD_INT, NULL, NULL},
    {"x", FIELD_DOUBLE, NULL, NULL},      {"wild", FIELD_DOUBLE, NULL, NULL},
    {"d", FIELD_DATE, NULL, NULL},        {"at", FIELD_DATETIME, NULL, NULL},
    {"ok", FIELD_BOOLEAN, NULL, NULL},    {"tags", FIELD_TEXT, ",", NULL},
    {"path", FIELD_TEXT, NULL, "/"},      {"paths", FIELD_TEXT, ",", "/"},
    {"p", FIELD_GEO_POINT, NULL, NULL},   {"s", FIELD_GEO_SHAPE, NULL, NULL},
    {"j", FIELD_JSON, NULL, NULL},        {"text_json", FIELD_TEXT, NULL, NULL},
    {"where", FIELD_TEXT, NULL, NULL},
};

/* Lists that each column takes its values from, in different steps. */
static const char table_text[] =
    "create table records as select (i * 7919)::bigint as \"_key\","
    " (['Alpha', 'alpha', 'Élan', 'élan vital', 'ÎLE', 'straße', 'STRASSE', 'ΣΊΣΥΦΟΣ', 'жук', 'Жак', '東京都',"
    "   'naïve café', 'Zoë', '', ' ', 'a_b', 'a%b', 'a\\b', 'İstanbul', 'ŉ ﬁ ǆ ᾳ', null, 'zz', 'É', 'z', 'É́',"
    "   'x''y\"z', 'tab\tnl\nend', '🙂 smile', 'Ꭰꮿ', 'ẞ'])[i % 30 + 1] as name,"
    " (['the quick brown fox', 'lazy dogs sleep', 'café crème 2024', 'Crème brûlée', null, 'le chat noir',"
    "   'quack brawn fix', 'собака спит', 'naïf', '12 1.5 -3', 'école élémentaire', ''])[(i * 5) % 12 + 1] as words,"
    " ([0, 1, -1, 2, 3, 7, -7, 10, 42, null, 100, 999])[(i * 7) % 12 + 1]::bigint as n,"
    " ([0, 9223372036854775807, -9223372036854775807, 4611686018427387904, 1, null, 9007199254740993,"
    "   -9007199254740993, 1000000007, 3])[(i * 3) % 10 + 1]::bigint as big,"
    " ([0.0, 0.5, -0.5, 1.5, 2.5, 0.1, 0.2, 0.3, 1.05, null, 1e6, -123.456, 99999.99, 1e-7])[(i * 11) % 14 + 1]"
    "::double as x,"
    " ([0, 1e308, -1e308, 1e-308, 4.9e-324, 1e15, 1e16, 123456789012345678, null, 1e100, 1.7976931348623157e308,"
    "   -1e-200, 3.14])[(i * 2) % 13 + 1]::double as wild,"
    " (['2026-01-31', '1969-12-31', '1900-02-28', '2024-02-29', null, '2024-12-30', '2021-01-03', '0001-01-01',"
    "   '9999-12-31', '2026-08-29', '2000-01-01', '1999-12-31'])[(i * 5) % 12 + 1]::date as d,"
    " (['2026-01-31 23:30:00', '2024-03-31 00:59:59.999999', '2024-03-31 01:00:00', '2024-10-27 00:30:00',"
    "   '2024-10-27 01:30:00', null, '1969-12-31 23:59:59.5', '1883-11-18 17:00:00', '2026-08-29 12:00:00',"
    "   '2050-07-01 12:00:00', '1910-05-05 05:05:05.123456', '2024-12-31 22:15:00', '0002-01-01 00:00:00',"
    "   '2037-11-01 05:30:00', '1945-08-15 12:00:00'])[(i * 4) % 15 + 1]::timestamp as \"at\","
    " ([true, false, null])[i % 3 + 1] as ok,"
    " case i % 7 when 0 then null when 1 then [] when 2 then ['a'] when 3 then ['a', 'b', 'a'] when 4 then"
    "  ['É', 'é', 'e'] when 5 then ['b', ''] else ['1.0', '1', 'true'] end::varchar[] as tags,"
    " (['a', 'a/b', 'a/b/c', 'a/B', 'b', null, 'é/ê', '/x', 'a//b', ''])[i % 10 + 1] as path,"
    " case i % 6 when 0 then null when 1 then [] when 2 then ['a/b', 'a/c'] when 3 then ['a', 'b/c/d'] when 4 then"
    "  ['a/b/c', 'a/b/c'] else ['é/z'] end::varchar[] as paths,"
    " case when i % 9 = 0 then null when i % 5 = 0 then 2.35 + i / 1000.0 else ((i * 37) % 360 - 180)::double"
    "  + 0.123456789 * (i % 3) end::double as \"p.lon\","
    " case when i % 9 = 0 then null when i % 5 = 0 then 48.85 + i / 2000.0 else ((i * 23) % 181 - 90)::double"
    "  end::double as \"p.lat\","
    " shape as s, shape_west(shape) as \"s.west\", shape_south(shape) as \"s.south\", shape_east(shape) as \"s.east\","
    " shape_north(shape) as \"s.north\","
    " (['{\"a\": 1}', '[1, 2]', null, '\"x\"'])[i % 4 + 1] as j,"
    " (['{\"a\": 1}', 'no json', null, '[1, 2', '12', '\"é\\u00e9\"', ' true ', 'null'])[i % 8 + 1] as text_json,"
    " ('w' || (i % 4)) as \"where\""
    " from range(240) t(i) join shapes on shapes.number = i % ";

static const char *const shapes[] = {
    "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0))",
    "POLYGON((0 0, 10 0, 10 10, 0 10, 0 0), (2 2, 4 2, 4 4, 2 4, 2 2))",
    "POINT(2.35 48.85)",
    "LINESTRING(0 0, 5 5, 20 5)",
    "MULTIPOLYGON(((20 20, 30 20, 30 30, 20 30, 20 20)), ((40 40, 41 40, 41 41, 40 40)))",
    "MULTIPOINT((1 1), (60 60))",
    "GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(3 3, 4 4))",
    "POLYGON((0 0, 4 4, 4 0, 0 4, 0 0))",
    "POLYGON((170 -10, 190 -10, 190 10, 170 10, 170 -10))",
    "POLYGON Z((0 0 1, 1 0 1, 1 1 1, 0 0 1))",
    "MULTILINESTRING((0 80, 90 85), (10 10, 11 11))",
    /* Real files have such. */
    "{\"type\": \"Polygon\", \"coordinates\": [[[3, 3], [4, 4], [3, 3]]]}",
    "{\"type\": \"MultiPolygon\", \"coordinates\": [[[[3, 3], [3, 3]]], [[[1, 1], [2, 1], [2, 2], [1, 1]]]]}",
    "{\"type\": \"GeometryCollection\", \"geometries\": [{\"type\": \"LineString\", \"coordinates\": [[3, 3]]},"
    " {\"type\": \"Point\", \"coordinates\": []}, {\"type\": \"Polygon\", \"coordinates\": []}]}",
    "{\"type\": \"Polygon\", \"coordinates\": []}",
};

static void add_shapes(void)
{
    struct sql sql = sql_in(&scope.arena);
    sql_text(&sql, "create table shapes (number integer, shape blob)");
    must(db_execute(&scope, duckdb.lease, &sql));
    for (size_t i = 0; i <= ARRAY_LENGTH(shapes); i++) {
        struct buf wkb = {0};
        struct sql insert = sql_in(&scope.arena);
        sql_text(&insert, "insert into shapes values (");
        sql_bind(&insert, cell_int((int64_t)i));
        sql_text(&insert, ", ");
        if (i < ARRAY_LENGTH(shapes)) {
            must(geometry_read_any(&scope, str_from(shapes[i]), &wkb));
            sql_bind(&insert, (cell){.type = CELL_BYTES, .text = buf_copy(&wkb, &scope.arena)});
        } else {
            sql_text(&insert, "null");
        }
        sql_text(&insert, ")");
        must(db_execute(&scope, duckdb.lease, &insert));
        buf_done(&wkb);
    }
}

static void make_schema(void)
{
    schema.count = ARRAY_LENGTH(columns);
    schema.fields = arena_array(&scope.arena, struct field, schema.count);
    for (size_t i = 0; i < schema.count; i++) {
        schema.fields[i] = (struct field){.name = str_from(columns[i].name),
                                          .label = str_from(columns[i].name),
                                          .type = columns[i].type,
                                          .decimals = -1};
        if (columns[i].multivalued) {
            schema.fields[i].multivalued = str_from(columns[i].multivalued);
        }
        if (columns[i].hierarchical) {
            schema.fields[i].hierarchical = str_from(columns[i].hierarchical);
        }
    }
}

static void open_duckdb(void)
{
    struct db_options options = {.engine = DB_DUCKDB};
    indexer = indexer_new();
    options.functions = indexer_functions(indexer, &options.function_count);
    options.aggregates = geometry_aggregates(&options.aggregate_count);
    must(db_open(&scope, &options, &duckdb.db));
    must(db_lease(&scope, duckdb.db, &duckdb.lease));
    add_shapes();
    str text = str_printf(&scope.arena, "%s%zu order by i", table_text, ARRAY_LENGTH(shapes) + 1);
    must(db_script(&scope, duckdb.lease, text.p));
    struct index_options index = {.schema = &schema, .table = S("records"), .directory = "."};
    must(index_build(&scope, duckdb.lease, indexer, &index));
    duckdb.table = S("records");
    duckdb.postings = S("postings");
}

bool dialects_open(void)
{
    const char *url = getenv("PARVIS_TEST_DATABASE");
    int64_t bytes;
    if (!url || !*url) {
        return false;
    }
    scope_open(&scope);
    make_schema();
    open_duckdb();
    must(postgres_open(&scope, url, 1, &postgres.db));
    must(db_lease(&scope, postgres.db, &postgres.lease));
    must(records_postgres_functions(&scope, postgres.lease, &has_postgis));
    must(records_postgres_functions(&scope, postgres.lease, &has_postgis)); /* there already */
    must(db_script(&scope, postgres.lease, "create schema if not exists parvis_records"));
    struct postgres_copy copy = {&schema, S("dialects"), (int64_t)getpid(), INT64_MAX, NULL};
    must(postgres_send(&scope, duckdb.lease, STR_NONE, postgres.lease, &copy, &bytes));
    postgres.database = POSTGRES_SCHEMA;
    postgres.table = postgres_table(&scope.arena, S("dialects"), (int64_t)getpid());
    postgres.postings = postgres_words_table(&scope.arena, S("dialects"), (int64_t)getpid());
    return true;
}

void dialects_close(void)
{
    must(postgres_drop(&scope, postgres.lease, S("dialects"), (int64_t)getpid()));
    db_release(duckdb.lease);
    db_release(postgres.lease);
    db_close(duckdb.db);
    db_close(postgres.db);
    indexer_free(indexer);
    scope_close(&scope);
}

struct source dialects_source(void)
{
    return (struct source){.schema = &schema};
}

static struct source source_of(struct source source, const struct engine_under_test *engine)
{
    source.engine = engine == &postgres ? DB_POSTGRES : DB_DUCKDB;
    source.has_postgis = has_postgis;
    source.database = engine->database;
    source.table = engine->table;
    source.postings = engine->postings;
    return source;
}

/* ---- answers ---- */

struct answer {
    enum err result;
    str message, cause;
    str sql;
    size_t column_count, rows;
    VEC(str) texts; /* of all cells, row by row */
    VEC(double) reals; /* NaN where the cell is no double */
};

static void add_cell_text(struct answer *answer, struct arena *arena, const struct column *column,
                          size_t row)
{
    struct buf text = {0};
    double real = (double)NAN;
    if (column_is_null(column, row)) {
        buf_add(&text, S("null"));
    } else if (column->type == CELL_TEXT_LIST) {
        struct span list = column->lists[row];
        for (uint64_t i = list.from; i < list.from + list.count; i++) {
            buf_printf(&text, "[%.*s]", STR_ARG(column->items[i].p ? column->items[i] : S("null item")));
        }
        buf_add(&text, S("list"));
    } else {
        cell value = column_cell(column, row);
        switch (value.type) {
        case CELL_BOOL:
            buf_add(&text, value.truth ? S("true") : S("false"));
            break;
        case CELL_DOUBLE:
            real = value.real;
            buf_printf(&text, "%.17g", isnan(real) ? fabs(real) : real);
            break;
        case CELL_DATE:
            buf_printf(&text, "day %d", value.days);
            break;
        case CELL_TEXT:
            buf_printf(&text, "'%.*s'", STR_ARG(value.text));
            break;
        case CELL_BYTES:
            for (size_t i = 0; i < value.text.n; i++) {
                buf_printf(&text, "%02x", (unsigned char)value.text.p[i]);
            }
            break;
        default:
            buf_printf(&text, "%s%" PRId64, value.type == CELL_INSTANT ? "instant " : "", value.number);
        }
    }
    str copy = buf_copy(&text, arena);
    vec_add(arena, &answer->texts, copy);
    vec_add(arena, &answer->reals, real);
    buf_done(&text);
}

static enum err read_rows(struct scope *work, struct db_lease *lease, const struct sql *sql,
                          struct answer *answer)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const cell *values;
    size_t count;
    answer->sql = sql_render(sql, 63, &values, &count);
    TRY(db_run(work, lease, sql, &cursor));
    for (;;) {
        const struct batch *batch;
        TRY(cursor_next(work, cursor, &batch));
        if (!batch) {
            return ERR_OK;
        }
        answer->column_count = batch->column_count;
        for (size_t row = 0; row < batch->rows; row++, answer->rows++) {
            for (size_t i = 0; i < batch->column_count; i++) {
                add_cell_text(answer, &work->arena, &batch->columns[i], row);
            }
        }
    }
}

static void settle(struct scope *work, enum err result, struct answer *answer)
{
    answer->result = result;
    answer->message = work->failure.message;
    answer->cause = work->failure.cause;
    if (result != ERR_OK) {
        scope_forgive(work);
    }
}

/* Sums of doubles depend on the order in which they are added; everything else is the same to the last bit. */
static bool is_same_cell(const struct answer *a, const struct answer *b, size_t i)
{
    double left = a->reals.items[i];
    double right = b->reals.items[i];
    return str_eq(a->texts.items[i], b->texts.items[i]) ||
           (isfinite(left) && isfinite(right) && fabs(left - right) <= 1e-14 * fmax(fabs(left), fabs(right)));
}

static size_t first_difference(const struct answer *a, const struct answer *b)
{
    size_t count = a->texts.count < b->texts.count ? a->texts.count : b->texts.count;
    for (size_t i = 0; i < count; i++) {
        if (!is_same_cell(a, b, i)) {
            return i;
        }
    }
    return a->texts.count == b->texts.count ? SIZE_MAX : count;
}

static void print_row(const char *engine, const struct answer *answer, size_t at)
{
    fprintf(stderr, "  %s: ", engine);
    if (answer->result != ERR_OK) {
        fprintf(stderr, "%.*s (%.*s)\n", STR_ARG(answer->message), STR_ARG(answer->cause));
        return;
    }
    size_t width = answer->column_count ? answer->column_count : 1;
    fprintf(stderr, "%zu rows, row %zu:", answer->rows, at / width);
    for (size_t i = at / width * width; i < answer->texts.count && i < (at / width + 1) * width; i++) {
        fprintf(stderr, " %.*s", STR_ARG(answer->texts.items[i]));
    }
    fprintf(stderr, "\n");
}

static bool compare(const char *what, const struct answer *a, const struct answer *b)
{
    size_t at = first_difference(a, b);
    if (a->result == b->result && at == SIZE_MAX && str_eq(a->message, b->message) && a->result != ERR_DATABASE) {
        return true;
    }
    fprintf(stderr, "%s differ\n", what);
    print_row("DuckDB    ", a, at == SIZE_MAX ? 0 : at);
    print_row("PostgreSQL", b, at == SIZE_MAX ? 0 : at);
    fprintf(stderr, "  %.*s\n", STR_ARG(b->sql));
    return false;
}

static void print_clauses(const struct clauses *clauses)
{
    fprintf(stderr, "select=%.*s&group_by=%.*s&order_by=%.*s&limit=%lld&timezone=%.*s", STR_ARG(clauses->select),
            STR_ARG(clauses->group_by), STR_ARG(clauses->order_by), (long long)clauses->limit,
            STR_ARG(clauses->timezone));
    for (size_t i = 0; i < clauses->where_count; i++) {
        fprintf(stderr, "&where=%.*s", STR_ARG(clauses->where[i]));
    }
    for (size_t i = 0; i < clauses->refine_count; i++) {
        fprintf(stderr, "&refine=%.*s", STR_ARG(clauses->refine[i]));
    }
    for (size_t i = 0; i < clauses->exclude_count; i++) {
        fprintf(stderr, "&exclude=%.*s", STR_ARG(clauses->exclude[i]));
    }
    fprintf(stderr, "\n");
}

static enum err run_plan(struct scope *work, const struct source *source, const struct clauses *clauses,
                         struct db_lease *lease, struct answer *rows, struct answer *total)
{
    struct plan *plan;
    struct clauses asked = *clauses;
    struct sql id = sql_in(&work->arena);
    asked.shapes_as_wkb = true;
    records_id_expression(&id, source);
    asked.id_expression = &id;
    TRY(odsql_compile(work, source, &asked, &plan));
    settle(work, read_rows(work, lease, &plan->rows, rows), rows);
    settle(work, read_rows(work, lease, &plan->total, total), total);
    return ERR_OK;
}

bool dialects_agree(struct source source, const struct clauses *clauses)
{
    struct scope work;
    struct answer rows[2] = {{.result = ERR_OK}, {.result = ERR_OK}};
    struct answer totals[2] = {{.result = ERR_OK}, {.result = ERR_OK}};
    struct source first = source_of(source, &duckdb);
    struct source second = source_of(source, &postgres);
    scope_open(&work);
    enum err result = run_plan(&work, &first, clauses, duckdb.lease, &rows[0], &totals[0]);
    if (result != ERR_OK) {
        settle(&work, result, &rows[0]);
    }
    result = run_plan(&work, &second, clauses, postgres.lease, &rows[1], &totals[1]);
    if (result != ERR_OK) {
        settle(&work, result, &rows[1]);
    }
    bool same = compare("rows", &rows[0], &rows[1]);
    same &= compare("totals", &totals[0], &totals[1]);
    if (!same) {
        print_clauses(clauses);
    }
    scope_close(&work);
    return same;
}

static enum err run_facet(struct scope *work, const struct source *source, const struct clauses *clauses,
                          const char *text, struct db_lease *lease, struct answer *values)
{
    struct facet_request request;
    struct facet_plan *plan;
    struct clauses asked = *clauses;
    TRY(odsql_facet_parse(work, source, str_from(text), &request));
    asked.facets = &request;
    asked.facet_count = 1;
    TRY(odsql_facet_compile(work, source, &asked, &request, &plan));
    return read_rows(work, lease, &plan->values, values);
}

bool dialects_facet_agree(struct source source, const struct clauses *clauses, const char *facet)
{
    struct scope work;
    struct answer values[2] = {{.result = ERR_OK}, {.result = ERR_OK}};
    struct source first = source_of(source, &duckdb);
    struct source second = source_of(source, &postgres);
    scope_open(&work);
    settle(&work, run_facet(&work, &first, clauses, facet, duckdb.lease, &values[0]), &values[0]);
    settle(&work, run_facet(&work, &second, clauses, facet, postgres.lease, &values[1]), &values[1]);
    bool same = compare(facet, &values[0], &values[1]);
    if (!same) {
        print_clauses(clauses);
    }
    scope_close(&work);
    return same;
}

bool dialects_values_agree(const char *duckdb_text, const char *postgres_text)
{
    struct scope work;
    struct answer values[2] = {{.result = ERR_OK}, {.result = ERR_OK}};
    struct sql first;
    struct sql second;
    scope_open(&work);
    first = sql_in(&work.arena);
    second = sql_in(&work.arena);
    sql_text_constant(&first, str_from(duckdb_text));
    sql_text_constant(&second, str_from(postgres_text));
    settle(&work, read_rows(&work, duckdb.lease, &first, &values[0]), &values[0]);
    settle(&work, read_rows(&work, postgres.lease, &second, &values[1]), &values[1]);
    bool same = compare(duckdb_text, &values[0], &values[1]);
    scope_close(&work);
    return same;
}
