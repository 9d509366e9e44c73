/* The search index over tables that are larger than what is kept of them at a time. */
#include "one_scope.h"

#include "domain/records/index.h"
#include "domain/records/records.h"

static struct db *db;
static struct db_lease *lease;
static struct indexer *indexer;

static int open_engine(void **state)
{
    open_scope(state);
    struct db_options options = {.engine = DB_DUCKDB, .threads = 2};
    indexer = indexer_new();
    options.functions = indexer_functions(indexer, &options.function_count);
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    return 0;
}

static int close_engine(void **state)
{
    db_release(lease);
    db_close(db);
    indexer_free(indexer);
    return close_scope(state);
}

static void build(const char *table)
{
    static struct field field = {.name = {"text", 4}, .type = FIELD_TEXT};
    struct schema schema = {&field, 1};
    struct index_options options = {.schema = &schema, .table = S("records"), .directory = "."};
    assert_int_equal(db_script(&scope, lease, table), ERR_OK);
    assert_int_equal(index_build(&scope, lease, indexer, &options), ERR_OK);
}

static int64_t count_rows(const char *term)
{
    struct sql sql = sql_in(&scope.arena);
    cell count;
    sql_text(&sql, "select count(distinct r) from (select unnest(posting_rows(packed)) as r from "
                   "postings where term = ");
    sql_bind(&sql, cell_text(str_from(term)));
    sql_text(&sql, ")");
    assert_int_equal(db_query_cell(&scope, lease, &sql, &count), ERR_OK);
    return count.number;
}

/* 400 MB in one batch of the engine; what is beyond the first part of a value is not found. */
static void test_large_texts(void **state)
{
    (void)state;
    build("create table records as select 'first' || i || ' ' || repeat('palabra ', 131072) || 'last' "
          "as text from range(400) t(i)");
    assert_int_equal(count_rows("palabra"), 400);
    assert_int_equal(count_rows("first399"), 1);
    assert_int_equal(count_rows("last"), 0);
}

static void test_large_texts_beyond_ascii(void **state)
{
    (void)state;
    build("create table records as select 'Приве́т ' || i || repeat(' Ελλάδα', 200000) as text "
          "from range(100) t(i)");
    assert_int_equal(count_rows("ελλαδα"), 100);
    assert_int_equal(count_rows("привет"), 100);
    assert_int_equal(count_rows("99"), 1);
}

static void test_lists_and_nulls(void **state)
{
    (void)state;
    build("create table records as select case when i % 3 = 0 then null else ['tag' || i, 'common'] "
          "end as text from range(5000) t(i)");
    assert_int_equal(count_rows("common"), 3333);
    assert_int_equal(count_rows("tag4999"), 1);
    assert_int_equal(count_rows("tag0"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_large_texts, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_large_texts_beyond_ascii, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_lists_and_nulls, open_engine, close_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
