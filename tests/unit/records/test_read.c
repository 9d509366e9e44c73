/* Reading a published version: pages, totals, one record, facets, spooled files. */
#include "suite.h"

#include <stdlib.h>
#include <unistd.h>

#include "domain/catalog/catalog.h"
#include "domain/records/facet.h"
#include "domain/records/read.h"
#include "domain/records/spool.h"
#include "domain/records/version.h"

#define RECORDS 250

static struct scope scope;
static char directory[] = "/tmp/parvis-read-XXXXXX";
static struct catalog *catalog;
static struct records *records;
static const struct snapshot *snapshot;
static const struct dataset *dataset;
static struct records_lease lease;

static struct field fields[] = {
    {.name = {"name", 4}, .label = {"Name", 4}, .type = FIELD_TEXT, .decimals = -1},
    {.name = {"kind", 4}, .label = {"Kind", 4}, .type = FIELD_TEXT, .decimals = -1, .facet = true},
    {.name = {"tags", 4}, .type = FIELD_TEXT, .multivalued = {",", 1}, .decimals = -1, .facet = true},
    {.name = {"n", 1}, .type = FIELD_INT, .decimals = -1},
    {.name = {"d", 1}, .type = FIELD_DATE, .decimals = -1, .facet = true},
    {.name = {"at", 2}, .label = {"Seen at", 7}, .type = FIELD_DATETIME, .decimals = -1},
    {.name = {"p", 1}, .label = {"Place", 5}, .type = FIELD_GEO_POINT, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};

/* Fails the test with the reason that the engine gave. */
static void must(enum err result)
{
    if (result != ERR_OK) {
        fprintf(stderr, "%.*s (%.*s)\n", STR_ARG(scope.failure.message), STR_ARG(scope.failure.cause));
    }
    assert_int_equal(result, ERR_OK);
}

static void build_version(void)
{
    struct version_options options = {
        .store = &(struct store){.data_directory = directory}, .uid = S("da_abcdef"), .number = 1, .threads = 1};
    struct version_build *build;
    struct db_lease *writer;
    int64_t bytes;
    must(version_begin(&scope, &options, &build));
    must(db_lease(&scope, version_db(build), &writer));
    must(db_script(&scope, writer,
                  "create table records as select *, record_key(name, kind, tags, n, d, \"at\", "
                  "\"p.lon\", \"p.lat\") as _key from (select 'name ' || i as name, "
                  "case when i % 5 = 0 then 'big' when i % 5 = 1 then null else 'small' end as kind, "
                  "case when i % 2 = 0 then ['a', 'b'] else ['b'] end as tags, i as n, "
                  "date '2023-12-31' + (i % 3)::int as d, timestamp '2026-07-01 00:00:00' as \"at\", "
                  "i / 10 as \"p.lon\", 50.5 as \"p.lat\" from range(250) as t (i))"));
    db_release(writer);
    must(version_seal(&scope, build, &schema, &bytes));
    const struct new_version version = {.dataset_id = S("things"), .uid = S("da_abcdef"),
                                        .number = 1, .records = RECORDS, .bytes = bytes,
                                        .schema = &schema, .source_name = S("test"),
                                        .metadata = S("{\"default\": {\"title\": \"Things\"}}"),
                                        .keep = 3};
    const int64_t *dropped;
    size_t dropped_count;
    must(catalog_publish(&scope, catalog, &version, &dropped, &dropped_count));
    version_end(build);
}

static int open_everything(void **state)
{
    (void)state;
    bool changed;
    scope_open(&scope);
    assert_non_null(mkdtemp(directory));
    must(catalog_open(&scope, directory, &catalog));
    build_version();
    must(catalog_refresh(&scope, catalog, &changed));
    struct records_options options = {.store = &(struct store){.data_directory = directory}, .threads = 1, .connections = 2};
    must(records_open(&scope, &options, &records));
    snapshot = catalog_snapshot(catalog);
    assert_int_equal(snapshot->count, 1);
    must(dataset_load(&scope, snapshot, snapshot->datasets[0], &dataset));
    must(records_lease(&scope, records, dataset, &lease));
    return 0;
}

static int close_everything(void **state)
{
    (void)state;
    records_release(&lease);
    records_close(records);
    snapshot_unref(snapshot);
    catalog_close(catalog);
    scope_close(&scope);
    char command[64];
    snprintf(command, sizeof(command), "rm -r %s", directory);
    return system(command);
}

static struct read_result read_text(const struct clauses *clauses, struct buf *results)
{
    struct plan *plan;
    struct read_result page = {0};
    must(odsql_compile(&scope, &lease.source, clauses, &plan));
    struct read read = {.plan = plan, .clauses = clauses, .zone = zone_find(S("Europe/Brussels")),
                        .source_count = RECORDS};
    buf_clear(results);
    must(read_page(&scope, &lease, &read, results, &page));
    buf_add_char(results, 0);
    return page;
}

static void check(const struct clauses *clauses, int64_t rows, int64_t total, const char *text)
{
    struct buf results = {0};
    struct read_result page = read_text(clauses, &results);
    assert_int_equal(page.rows, rows);
    assert_int_equal(page.total, total);
    if (text) {
        assert_string_equal(results.p, text);
    }
    buf_done(&results);
}

static void test_pages_and_totals(void **state)
{
    (void)state;
    struct clauses clauses = {.limit = 1};
    check(&clauses, 1, RECORDS,
          "{\"name\": \"name 0\", \"kind\": \"big\", \"tags\": [\"a\", \"b\"], \"n\": 0, "
          "\"d\": \"2023-12-31\", \"at\": \"2026-07-01T02:00:00+02:00\", "
          "\"p\": {\"lon\": 0.0, \"lat\": 50.5}}");
    const str where[] = {S("n < 20")};
    clauses = (struct clauses){.select = S("n"), .where = where, .where_count = 1, .limit = 0};
    check(&clauses, 0, 20, "");
    clauses.limit = 3;
    check(&clauses, 3, 20, "{\"n\": 0}, {\"n\": 1}, {\"n\": 2}");
    clauses.offset = 18;
    check(&clauses, 2, 20, "{\"n\": 18}, {\"n\": 19}");
    clauses.limit = 2; /* a full last page: counted */
    check(&clauses, 2, 20, NULL);
    clauses.offset = 50; /* beyond the end: counted */
    check(&clauses, 0, 20, "");
    const str nothing[] = {S("n < 0")};
    clauses = (struct clauses){.where = nothing, .where_count = 1, .limit = 10};
    check(&clauses, 0, 0, "");
}

static void test_aggregates(void **state)
{
    (void)state;
    struct clauses clauses = {.select = S("count(*) as c"), .limit = 3};
    check(&clauses, 3, RECORDS, "{\"c\": 250}, {\"c\": 250}, {\"c\": 250}");
    const str where[] = {S("n < 20")};
    clauses.where = where;
    clauses.where_count = 1;
    clauses.limit = 1;
    clauses.offset = 5;
    check(&clauses, 1, 20, "{\"c\": 20}");
    clauses = (struct clauses){.select = S("count(*) as c"), .group_by = S("kind"), .limit = 10};
    check(&clauses, 3, 3,
          "{\"kind\": null, \"c\": 50}, {\"kind\": \"big\", \"c\": 50}, "
          "{\"kind\": \"small\", \"c\": 150}");
    clauses.limit = 2;
    check(&clauses, 2, 3, NULL);
}

static void add_id(struct buf *out, str id, bool is_first, const void *user)
{
    (void)user;
    assert_false(is_first);
    assert_int_equal(id.n, 40);
    buf_printf(out, ", \"id\": \"%.*s\"", STR_ARG(id));
}

/* The id shown with a row finds that row again, and only that. */
static void test_record_by_id(void **state)
{
    (void)state;
    struct sql id_expression = sql_in(&scope.arena);
    records_id_expression(&id_expression, &lease.source);
    struct clauses clauses = {.select = S("n"), .limit = 1, .offset = 77,
                              .id_expression = &id_expression};
    struct plan *plan;
    struct read_result page;
    struct buf out = {0};
    must(odsql_compile(&scope, &lease.source, &clauses, &plan));
    struct read read = {.plan = plan, .clauses = &clauses, .zone = zone_find(STR_NONE),
                        .source_count = RECORDS, .add_keys = add_id};
    must(read_page(&scope, &lease, &read, &out, &page));
    str text = buf_copy(&out, &scope.arena);
    assert_true(str_starts(text, S("{\"n\": 77, \"id\": \"")));
    str id = str_slice(text, 17, 57);

    int64_t key;
    bool found;
    struct sql condition = sql_in(&scope.arena);
    assert_true(records_key_of_id(id, &key));
    sql_name(&condition, RECORDS_KEY_COLUMN);
    sql_text(&condition, " = ");
    sql_bind(&condition, cell_int(key));
    clauses = (struct clauses){.select = S("n"), .limit = 1, .condition = &condition};
    must(odsql_compile(&scope, &lease.source, &clauses, &plan));
    assert_false(plan->is_unfiltered);
    read = (struct read){.plan = plan, .clauses = &clauses, .zone = zone_find(STR_NONE)};
    buf_clear(&out);
    must(read_first(&scope, &lease, &read, &out, &found));
    assert_true(found);
    assert_true(str_eq(buf_str(&out), S("{\"n\": 77}")));
    sql_text(&condition, " + 1");
    must(odsql_compile(&scope, &lease.source, &clauses, &plan));
    read.plan = plan;
    must(read_first(&scope, &lease, &read, &out, &found));
    assert_false(found);
    buf_done(&out);
}

static str facet_text(const struct clauses *clauses, str facet)
{
    struct facet_request request;
    const struct facet_value *value;
    struct buf out = {0};
    must(odsql_facet_parse(&scope, &lease.source, facet, &request));
    must(facet_read(&scope, &lease, clauses, &request, &value));
    for (; value; value = value->next) {
        buf_printf(&out, "%.*s:%lld:%d ", STR_ARG(value->value), (long long)value->count,
                   (int)value->state);
        assert_true(str_eq(value->name, value->value));
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static void test_facets(void **state)
{
    (void)state;
    struct clauses clauses = {0};
    assert_true(str_eq(facet_text(&clauses, S("kind")), S("small:150:0 big:50:0 ")));
    assert_true(str_eq(facet_text(&clauses, S("tags")), S("b:250:0 a:125:0 ")));
    assert_true(str_eq(facet_text(&clauses, S("facet(name=\"kind\", limit=1)")), S("small:150:0 ")));
    const str refine[] = {S("kind:big")};
    const str exclude[] = {S("kind:small")};
    clauses = (struct clauses){.refine = refine, .refine_count = 1};
    assert_true(str_eq(facet_text(&clauses, S("kind")), S("big:50:1 ")));
    assert_true(str_eq(facet_text(&clauses, S("facet(name=\"kind\", disjunctive=true)")),
                       S("small:150:0 big:50:1 ")));
    clauses = (struct clauses){.exclude = exclude, .exclude_count = 1};
    assert_true(str_eq(facet_text(&clauses, S("kind")), S("big:50:0 small:0:2 ")));
    clauses = (struct clauses){0};
    assert_true(str_eq(facet_text(&clauses, S("facet(name=\"d\", sort=\"alphanum\")")),
                       S("2023:84:0 2024:166:0 ")));

    const struct facet_request *requests;
    size_t count;
    must(facet_requests_default(&scope, &lease.source, &requests, &count));
    assert_int_equal(count, 3);
    assert_true(str_eq(requests[2].field->name, S("d")));
}

static void test_spool(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    const str where[] = {S("n >= 240")};
    struct clauses clauses = {.where = where, .where_count = 1, .limit = -1};
    struct plan *plan;
    struct spool spool;
    char magic[4];
    options.use_labels = true;
    options.compression = S("zstd");
    must(odsql_compile(&scope, &lease.source, &clauses, &plan));
    must(spool_parquet(&scope, &lease, plan, &options, &spool));
    assert_int_equal(read(spool.descriptor, magic, 4), 4);
    assert_memory_equal(magic, "PAR1", 4);
    assert_true(spool.bytes > 200);

    /* The same file under a name, read by the engine that may read this directory. */
    str path = str_printf(&scope.arena, "%s/copy.parquet", records_spool_directory(records));
    str copy = str_printf(&scope.arena, "cat /proc/%d/fd/%d > %s", (int)getpid(), spool.descriptor, path.p);
    assert_int_equal(lseek(spool.descriptor, 0, SEEK_SET), 0);
    assert_int_equal(system(copy.p), 0);
    close(spool.descriptor);
    struct sql sql = sql_in(&scope.arena);
    cell value;
    sql_text(&sql, "select count(*) || ' ' || min(\"Place\"::varchar) || ' ' || min(\"Seen at\") || ' ' || "
                   "any_value(typeof(\"Seen at\")) || ' ' || max(\"Name\") from read_parquet(");
    sql_bind(&sql, cell_text(path));
    sql_text(&sql, ")");
    must(db_query_cell(&scope, lease.db, &sql, &value));
    assert_true(str_starts(value.text, S("10 POINT (24 50.5) 2026-07-01 00:00:00 TIMESTAMP")));
    assert_true(str_ends(value.text, S(" name 249")));

    /* Nothing is left but what this test wrote. */
    unlink(path.p);
    str list = str_printf(&scope.arena, "test -z \"$(ls -A %s)\"", records_spool_directory(records));
    assert_int_equal(system(list.p), 0);
}

/* The client has gone: the statement stops, nothing stays in the directory. */
static void test_spool_stops(void **state)
{
    (void)state;
    static const atomic_bool gone = true;
    struct format_options options = format_options_default();
    struct clauses clauses = {.limit = -1};
    struct plan *plan;
    struct spool spool;
    must(odsql_compile(&scope, &lease.source, &clauses, &plan));
    struct scope leaving;
    scope_open(&leaving);
    leaving.deadline = 1; /* long over */
    leaving.gone = &gone;
    assert_int_not_equal(spool_parquet(&leaving, &lease, plan, &options, &spool), ERR_OK);
    assert_ptr_equal(leaving.gone, &gone);
    scope_close(&leaving);
    str list = str_printf(&scope.arena, "test -z \"$(ls -A %s)\"", records_spool_directory(records));
    assert_int_equal(system(list.p), 0);
}

static void test_catalogue(void **state)
{
    (void)state;
    struct records_lease catalogue;
    must(records_lease_catalogue(&scope, records, snapshot, S(""), &catalogue));
    struct clauses clauses = {.limit = 10};
    struct plan *plan;
    struct read_result page;
    struct buf out = {0};
    must(odsql_compile(&scope, &catalogue.source, &clauses, &plan));
    struct read read = {.plan = plan, .clauses = &clauses, .zone = zone_find(STR_NONE),
                        .source_count = (int64_t)snapshot->count};
    must(read_page(&scope, &catalogue, &read, &out, &page));
    assert_int_equal(page.total, 1);
    assert_true(str_eq(buf_str(&out), dataset->document));
    const struct facet_request *requests;
    size_t count;
    must(facet_requests_default(&scope, &catalogue.source, &requests, &count));
    assert_int_equal(count, 7);
    assert_true(str_eq(facet_name(&catalogue.source, requests[2].field), S("publisher")));
    buf_done(&out);
    records_release(&catalogue);
}

/* What is told from memory, and what only a statement tells. */
static void test_catalogue_choices(void **state)
{
    (void)state;
    const struct {
        str refine, exclude, where, order_by;
        bool is_known, is_listing;
    } rows[] = {
        {STR_NONE, STR_NONE, STR_NONE, STR_NONE, true, true},
        {S("theme:x"), S("modified:2024"), S("\"arbre\" and \"rue\""), STR_NONE, true, true},
        {S("features:geo"), STR_NONE, STR_NONE, S("title"), true, false},
        {S("title:x"), STR_NONE, STR_NONE, STR_NONE, false, false},
        {STR_NONE, S("records_count:3"), STR_NONE, STR_NONE, false, false},
        {S("theme:x"), STR_NONE, S("search(title, \"x\")"), STR_NONE, false, false},
        {S("theme:x"), STR_NONE, S("not \"x\""), STR_NONE, false, false},
        {STR_NONE, STR_NONE, S("dataset_id is not null"), STR_NONE, false, false}};
    struct records_lease catalogue;
    must(records_lease_catalogue(&scope, records, snapshot, S(""), &catalogue));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct plan *plan;
        struct facet_plan *facet;
        struct facet_request request;
        struct clauses clauses = {.limit = 10,
                                  .refine = &rows[i].refine, .refine_count = rows[i].refine.n > 0,
                                  .exclude = &rows[i].exclude, .exclude_count = rows[i].exclude.n > 0,
                                  .where = &rows[i].where, .where_count = rows[i].where.n > 0,
                                  .order_by = rows[i].order_by};
        must(odsql_compile(&scope, &catalogue.source, &clauses, &plan));
        assert_int_equal(plan->choices.are_known, rows[i].is_known);
        assert_int_equal(plan->is_listing, rows[i].is_listing);
        must(odsql_facet_parse(&scope, &catalogue.source, S("publisher"), &request));
        must(odsql_facet_compile(&scope, &catalogue.source, &clauses, &request, &facet));
        assert_int_equal(facet->choices.are_known, rows[i].is_known);
    }
    records_release(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_and_totals), cmocka_unit_test(test_aggregates),
        cmocka_unit_test(test_record_by_id),     cmocka_unit_test(test_facets),
        cmocka_unit_test(test_spool),            cmocka_unit_test(test_spool_stops),
        cmocka_unit_test(test_catalogue),        cmocka_unit_test(test_catalogue_choices),
    };
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
