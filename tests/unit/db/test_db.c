/* One suite for both engines behind db.h, then what is particular to each. */
#include "suite.h"

#include <math.h>
#include <stdlib.h>

#include "../directory.h"

#include "platform/db/db.h"

static enum err query_int(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                          int64_t *ret)
{
    cell value;
    TRY(db_query_cell(scope, lease, sql, &value));
    assert_int_equal(value.type, CELL_INT);
    *ret = value.number;
    return ERR_OK;
}

static void open_engine(struct scope *scope, enum db_engine engine, struct db **ret_db)
{
    scope_open(scope);
    struct db_options options = {.engine = engine, .connections = 2, .threads = 2};
    if (engine == DB_SQLITE) {
        options.connections = 1; /* each connection to :memory: is a database of its own */
    }
    assert_int_equal(db_open(scope, &options, ret_db), ERR_OK);
}

static void check_round_trip(enum db_engine engine)
{
    struct scope scope;
    struct db *db;
    open_engine(&scope, engine, &db);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    assert_int_equal(db_script(&scope, lease, "create table t (a bigint, b text, c double)"), ERR_OK);

    struct sql insert = sql_in(&scope.arena);
    sql_text(&insert, "insert into t values (");
    sql_bind(&insert, cell_int(INT64_MIN));
    sql_text(&insert, ", ");
    sql_bind(&insert, cell_text(S("d'été; drop table t")));
    sql_text(&insert, ", ");
    sql_bind(&insert, cell_null());
    sql_text(&insert, ")");
    assert_int_equal(db_execute(&scope, lease, &insert), ERR_OK);
    assert_int_equal(db_changes(lease), 1);
    assert_int_equal(db_execute(&scope, lease, &insert), ERR_OK);

    struct sql select = sql_in(&scope.arena);
    sql_text(&select, "select ");
    sql_name(&select, S("a"));
    sql_text(&select, " as \"x\"\"y\", b, c from t where b = ");
    sql_bind(&select, cell_text(S("d'été; drop table t")));
    struct cursor *cursor;
    assert_int_equal(db_run(&scope, lease, &select, &cursor), ERR_OK);
    assert_int_equal(cursor_column_count(cursor), 3);
    assert_true(str_eq(cursor_column_name(cursor, 0), S("x\"y")));
    size_t rows = 0;
    for (;;) {
        const struct batch *batch;
        assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
        if (!batch) {
            break;
        }
        for (size_t i = 0; i < batch->rows; i++, rows++) {
            assert_true(column_cell(&batch->columns[0], i).number == INT64_MIN);
            assert_true(str_eq(column_cell(&batch->columns[1], i).text, S("d'été; drop table t")));
            assert_int_equal(column_cell(&batch->columns[2], i).type, CELL_NULL);
        }
    }
    assert_int_equal(rows, 2);
    cursor_close(cursor);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void test_round_trip(void **state)
{
    (void)state;
    check_round_trip(DB_SQLITE);
    check_round_trip(DB_DUCKDB);
}

static void test_errors_are_reported_once(void **state)
{
    (void)state;
    for (int engine = DB_SQLITE; engine <= DB_DUCKDB; engine++) {
        struct scope scope;
        struct db *db;
        open_engine(&scope, (enum db_engine)engine, &db);
        struct db_lease *lease;
        assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
        struct sql wrong = sql_in(&scope.arena);
        sql_text(&wrong, "select * from nowhere");
        cell ignored;
        assert_int_equal(db_query_cell(&scope, lease, &wrong, &ignored), ERR_DATABASE);
        assert_int_equal(scope.failure.code, ERR_DATABASE);
        assert_true(scope.failure.cause.n > 0);
        scope_forgive(&scope);
        struct sql right = sql_in(&scope.arena);
        sql_text(&right, "select 41 + 1");
        int64_t number = 0;
        assert_int_equal(query_int(&scope, lease, &right, &number), ERR_OK);
        assert_int_equal(number, 42);
        db_release(lease);
        db_close(db);
        scope_close(&scope);
    }
}

static void test_deadline_stops_a_statement(void **state)
{
    (void)state;
    for (int engine = DB_SQLITE; engine <= DB_DUCKDB; engine++) {
        struct scope scope;
        struct db *db;
        open_engine(&scope, (enum db_engine)engine, &db);
        struct db_lease *lease;
        assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
        struct sql endless = sql_in(&scope.arena);
        sql_text(&endless, "with recursive n(i) as (select 1 union all select i + 1 from n "
                           "where i < 100000000000) select max(i) from n");
        scope.deadline = clock_monotonic() + USEC_SECOND / 5;
        cell ignored;
        assert_int_equal(db_query_cell(&scope, lease, &endless, &ignored), ERR_DEADLINE);
        db_release(lease);
        db_close(db);
        scope_close(&scope);
    }
}

static void test_busy_when_all_are_leased(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    open_engine(&scope, DB_SQLITE, &db);
    struct db_lease *first, *second;
    assert_int_equal(db_lease(&scope, db, &first), ERR_OK);
    scope.deadline = clock_monotonic() + USEC_SECOND / 10;
    assert_int_equal(db_lease(&scope, db, &second), ERR_BUSY);
    db_release(first);
    db_close(db);
    scope_close(&scope);
}

/* Who is locked out is told to try again, and never waits longer than his work may take. */
static void test_lock_of_somebody_else(void **state)
{
    (void)state;
    struct directory directory;
    struct scope scope;
    struct db *dbs[2];
    struct db_lease *holder;
    struct db_lease *other;
    atomic_bool gone = true;
    scope_open(&scope);
    directory_make(&directory);
    struct db_options options = {.path = directory_file(&scope, &directory, "a.sqlite"),
                                 .lock_patience = USEC_SECOND / 10};
    assert_int_equal(db_open(&scope, &options, &dbs[0]), ERR_OK);
    options.lock_patience = 0;
    assert_int_equal(db_open(&scope, &options, &dbs[1]), ERR_OK);
    assert_int_equal(db_begin(&scope, dbs[1], &holder), ERR_OK);
    assert_int_equal(db_script(&scope, holder, "create table t (a unique)"), ERR_OK);
    assert_int_equal(db_begin(&scope, dbs[0], &other), ERR_BUSY);
    scope_forgive(&scope);
    assert_int_equal(db_commit(&scope, holder), ERR_OK);
    db_release(holder);

    assert_int_equal(db_begin(&scope, dbs[0], &holder), ERR_OK);
    assert_int_equal(db_lease(&scope, dbs[1], &other), ERR_OK);
    usec began = clock_monotonic();
    scope.deadline = began + USEC_SECOND / 10;
    assert_int_equal(db_script(&scope, other, "insert into t values (1)"), ERR_DEADLINE);
    scope_forgive(&scope);
    scope.deadline = 0;
    scope.gone = &gone;
    assert_int_equal(db_script(&scope, other, "insert into t values (1)"), ERR_CANCELLED);
    scope_forgive(&scope);
    scope.gone = NULL;
    assert_true(clock_monotonic() - began < 9 * USEC_SECOND);
    db_release(holder);

    assert_int_equal(db_script(&scope, other, "insert into t values (1)"), ERR_OK);
    assert_int_equal(db_script(&scope, other, "insert into t values (1)"), ERR_CONFLICT);
    db_release(other);
    db_close(dbs[0]);
    db_close(dbs[1]);
    directory_remove(&directory);
    scope_close(&scope);
}

/* ---- PostgreSQL: tests/postgresql/with_database.mjs names a database ---- */

static const char *database_or_skip(void)
{
    const char *url = getenv("PARVIS_TEST_DATABASE");
    if (!url || !*url) {
        skip();
    }
    return url;
}

static void open_postgres(struct scope *scope, bool untyped, struct db **ret_db,
                          struct db_lease **ret_lease)
{
    scope_open(scope);
    struct db_options options = {
        .engine = DB_POSTGRES, .path = database_or_skip(), .connections = 2, .untyped = untyped};
    assert_int_equal(db_open(scope, &options, ret_db), ERR_OK);
    assert_int_equal(db_lease(scope, *ret_db, ret_lease), ERR_OK);
}

/* Values as statements of PostgreSQL write them, as they must be read. */
static void test_values_of_postgres(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    struct db_lease *lease;
    struct cursor *cursor;
    const struct batch *batch;
    open_postgres(&scope, false, &db, &lease);
    struct sql sql = sql_in(&scope.arena);
    sql_text(&sql, "select true, -7::smallint, 5::int, (-9223372036854775808)::bigint, 1.5::real, 'nan'::float8,"
                   " 12345678901234567890.125::numeric, -0.0001::numeric, 0::numeric, 1e-200::numeric,"
                   " 'é'::text, ''::varchar, '\\x00ff'::bytea, date '1969-12-31', timestamp '1950-01-31 10:00:00.5',"
                   " timestamptz '2024-01-01 00:00+02', array['a', null, ''], array[]::text[], 'infinity'::timestamp,"
                   " '-infinity'::date, null::text, 'Infinity'::numeric");
    assert_int_equal(db_run(&scope, lease, &sql, &cursor), ERR_OK);
    assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
    assert_int_equal(batch->rows, 1);
    const struct column *c = batch->columns;
    assert_true(c[0].truths[0]);
    assert_int_equal(c[1].numbers[0], -7);
    assert_int_equal(c[2].numbers[0], 5);
    assert_true(c[3].numbers[0] == INT64_MIN);
    assert_true(c[4].reals[0] == 1.5);
    assert_true(isnan(c[5].reals[0]));
    assert_true(c[6].reals[0] == 12345678901234567890.125);
    assert_true(c[7].reals[0] == -0.0001);
    assert_true(c[8].reals[0] == 0);
    assert_true(c[9].reals[0] == 1e-200);
    assert_true(str_eq(c[10].texts[0], S("é")));
    assert_true(c[11].texts[0].p && c[11].texts[0].n == 0);
    assert_true(c[12].type == CELL_BYTES && str_eq(c[12].texts[0], S("\0\xff")));
    assert_int_equal(c[13].days[0], -1);
    assert_true(c[14].instants[0] == INT64_C(-628523999500000));
    assert_true(c[15].instants[0] == INT64_C(1704060000000000));
    assert_int_equal(c[16].lists[0].count, 3);
    assert_true(str_eq(c[16].items[0], S("a")) && !c[16].items[1].p && c[16].items[2].p);
    assert_int_equal(c[17].lists[0].count, 0);
    assert_true(c[18].instants[0] == INT64_MAX);
    assert_true(c[19].days[0] == -INT32_MAX);
    assert_true(column_is_null(&c[20], 0));
    assert_true(isinf(c[21].reals[0]));
    assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
    assert_null(batch);
    cursor_close(cursor);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

/* What is appended is what is read, also in batches that are not full, and what is bound is what is found. */
static void test_copying_into_postgres(void **state)
{
    (void)state;
    enum { ROWS = 5000 };
    struct scope scope;
    struct db *db;
    struct db_lease *lease;
    struct db_append *append;
    cell found;
    open_postgres(&scope, false, &db, &lease);
    assert_int_equal(db_script(&scope, lease, "create schema if not exists copied; drop table if exists copied.t;"
                                              "create table copied.t (n bigint, b text, l text[], i int[])"), ERR_OK);
    assert_int_equal(db_append_open(&scope, lease, S("copied"), S("t"), &append), ERR_OK);
    for (int64_t at = 0; at < ROWS; at += 1000) {
        int64_t numbers[1000];
        str texts[1000];
        struct span lists[1000];
        const str items[] = {S("x"), STR_NONE, S("a\0b")};
        const int64_t members[] = {1, 2, 3};
        uint64_t valid[16] = {0};
        for (int64_t i = 0; i < 1000; i++) {
            numbers[i] = at + i;
            texts[i] = str_printf(&scope.arena, "t%lld", (long long)(at + i));
            lists[i] = (struct span){0, (uint64_t)(i % 4)};
            valid[i / 64] |= (uint64_t)(i % 7 != 0) << (i % 64);
        }
        const struct column columns[] = {{.type = CELL_INT, .numbers = numbers},
                                         {.type = CELL_TEXT, .valid = valid, .texts = texts},
                                         {.type = CELL_TEXT_LIST, .lists = lists, .items = items},
                                         {.type = CELL_INT_LIST, .lists = lists, .members = members}};
        const struct batch batch = {1000, 4, columns};
        assert_int_equal(db_append(&scope, append, &batch), ERR_OK);
    }
    assert_int_equal(db_append_finish(&scope, append), ERR_OK);
    db_append_close(append);
    struct sql sql = sql_in(&scope.arena);
    sql_text(&sql, "select count(*) from copied.t where (b is null) = (n % 1000 % 7 = 0) and (b is null or b = 't' || n)"
                   " and cardinality(l) = n % 4 and cardinality(i) = n % 4 and (n % 4 < 3 or (l[1] = 'x' and l[2] is null"
                   " and l[3] = 'a' || chr(65533) || 'b' and i = array[1, 2, 3])) and n < ");
    sql_bind(&sql, cell_int(ROWS));
    assert_int_equal(db_query_cell(&scope, lease, &sql, &found), ERR_OK);
    assert_int_equal(found.number, ROWS);
    assert_int_equal(db_script(&scope, lease, "drop schema copied cascade"), ERR_OK);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

/* Streams end early, at a deadline, or by a fault in their middle; the connection serves on. */
static void test_streams_of_postgres(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    struct db_lease *lease;
    struct cursor *cursor;
    const struct batch *batch;
    int64_t number = 0;
    open_postgres(&scope, false, &db, &lease);
    struct sql many = sql_in(&scope.arena);
    struct sql one = sql_in(&scope.arena);
    struct sql fault = sql_in(&scope.arena);
    sql_text(&many, "select i, repeat('x', 1000) from (select generate_series(1, 100000000) as i) as s");
    sql_text(&one, "select 41 + 1");
    sql_text(&fault, "select 1 / (5000 - i) from generate_series(1, 10000) as s(i)");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_run(&scope, lease, &many, &cursor), ERR_OK);
        assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
        assert_true(batch->rows > 0 && batch->rows <= 2048);
        cursor_close(cursor);
        assert_int_equal(query_int(&scope, lease, &one, &number), ERR_OK);
    }
    scope.deadline = clock_monotonic() + USEC_SECOND / 5;
    cursor = NULL;
    enum err result = db_run(&scope, lease, &many, &cursor);
    while (result == ERR_OK && (result = cursor_next(&scope, cursor, &batch)) == ERR_OK) {
    }
    assert_int_equal(result, ERR_DEADLINE);
    cursor_close(cursor);
    scope.deadline = 0;
    scope_forgive(&scope);
    assert_int_equal(query_int(&scope, lease, &one, &number), ERR_OK);
    assert_int_equal(db_run(&scope, lease, &fault, &cursor), ERR_OK);
    while ((result = cursor_next(&scope, cursor, &batch)) == ERR_OK && batch) {
    }
    assert_int_equal(result, ERR_QUERY);
    cursor_close(cursor);
    scope_forgive(&scope);
    assert_int_equal(query_int(&scope, lease, &one, &number), ERR_OK);
    assert_int_equal(number, 42);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

/* Lone changes and transactions of several connections follow each other; what failed is not committed. */
/* Fields that are called like columns which every table of PostgreSQL has; U+0000, which no text there has. */
static void test_names_and_texts_of_postgres(void **state)
{
    (void)state;
    static const char *const names[] = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};
    struct scope scope;
    struct db *db;
    struct db_lease *lease;
    cell found;
    open_postgres(&scope, false, &db, &lease);
    struct sql make = sql_in(&scope.arena);
    struct sql ask = sql_in(&scope.arena);
    struct sql text = sql_in(&scope.arena);
    sql_text(&make, "create temp table named (a bigint");
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        sql_text(&make, ", ");
        sql_name(&make, str_from(names[i]));
        sql_text(&make, " text");
    }
    sql_text(&make, ")");
    sql_text(&ask, "select ");
    sql_name(&ask, S("xmin"));
    sql_text(&ask, " from named");
    assert_int_equal(db_execute(&scope, lease, &make), ERR_OK);
    assert_int_equal(db_query_cell(&scope, lease, &ask, &found), ERR_OK);
    assert_int_equal(found.type, CELL_NULL);
    sql_text(&text, "select ");
    sql_bind(&text, cell_text((str){"a\0b", 3}));
    sql_text(&text, "::text");
    assert_int_equal(db_query_cell(&scope, lease, &text, &found), ERR_OK);
    assert_true(str_eq(found.text, S("a\xef\xbf\xbd" "b")));
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void test_changes_of_postgres(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    struct db_lease *lease;
    struct db_lease *other;
    int64_t number;
    open_postgres(&scope, true, &db, &lease);
    assert_int_equal(db_script(&scope, lease, "drop table if exists changed; create table changed (a bigint unique)"),
                     ERR_OK);
    struct sql insert = sql_in(&scope.arena);
    struct sql count = sql_in(&scope.arena);
    sql_text(&insert, "insert into changed values (1) returning a, a > 0");
    sql_text(&count, "select count(*) from changed");
    assert_int_equal(query_int(&scope, lease, &insert, &number), ERR_OK);
    assert_int_equal(db_changes(lease), 1);
    assert_int_equal(db_execute(&scope, lease, &insert), ERR_CONFLICT);
    scope_forgive(&scope);
    assert_int_equal(query_int(&scope, lease, &count, &number), ERR_OK);
    assert_int_equal(number, 1);
    db_release(lease);
    /* A change waits for the transaction of somebody else, as long as the work may take. */
    assert_int_equal(db_begin(&scope, db, &lease), ERR_OK);
    assert_int_equal(db_lease(&scope, db, &other), ERR_OK);
    scope.deadline = clock_monotonic() + USEC_SECOND / 5;
    struct sql second = sql_in(&scope.arena);
    sql_text(&second, "insert into changed values (2)");
    assert_int_equal(db_execute(&scope, other, &second), ERR_DEADLINE);
    scope_forgive(&scope);
    scope.deadline = 0;
    db_release(other);
    /* After a statement failed a transaction cannot be committed. */
    assert_int_equal(db_execute(&scope, lease, &second), ERR_OK);
    assert_int_equal(db_execute(&scope, lease, &insert), ERR_CONFLICT);
    scope_forgive(&scope);
    assert_int_equal(db_commit(&scope, lease), ERR_DATABASE);
    scope_forgive(&scope);
    db_release(lease);
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    assert_int_equal(query_int(&scope, lease, &count, &number), ERR_OK);
    assert_int_equal(number, 1);
    assert_int_equal(db_script(&scope, lease, "drop table changed"), ERR_OK);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void double_or_fail(const struct batch *arguments, struct db_result *result,
                           const void *user)
{
    (void)user;
    for (size_t i = 0; i < arguments->rows; i++) {
        if (column_is_null(&arguments->columns[0], i)) {
            continue;
        }
        int64_t number = arguments->columns[0].numbers[i];
        if (number == 13) {
            db_result_fail(result, S("13 brings bad luck"));
            return;
        }
        db_result_int(result, i, number * 2);
    }
}

static void split_blanks(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    for (size_t i = 0; i < arguments->rows; i++) {
        str parts[8];
        size_t count = 0;
        str rest = arguments->columns[0].texts[i];
        while (count < ARRAY_LENGTH(parts) && str_split(&rest, ' ', &parts[count])) {
            count++;
        }
        db_result_list(result, i, parts, count);
    }
}

static void test_functions(void **state)
{
    (void)state;
    static const struct db_function functions[] = {
        {.name = "double_or_fail", .returns = CELL_INT, .argument_count = 1,
         .arguments = {CELL_INT}, .call = double_or_fail},
        {.name = "split_blanks", .returns = CELL_TEXT_LIST, .argument_count = 1,
         .arguments = {CELL_TEXT}, .call = split_blanks},
    };
    struct scope scope;
    scope_open(&scope);
    struct db_options options = {.engine = DB_DUCKDB, .functions = functions,
                                 .function_count = ARRAY_LENGTH(functions)};
    struct db *db;
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    struct sql sum = sql_in(&scope.arena);
    sql_text(&sum, "select sum(double_or_fail(case when i % 3 = 0 then null else i * 20 end))"
                   "::bigint from range(10000) t(i)");
    int64_t number = 0;
    assert_int_equal(query_int(&scope, lease, &sum, &number), ERR_OK);
    assert_int_equal(number, 40 * (INT64_C(9999) * 10000 / 2 - 3 * INT64_C(3333) * 3334 / 2));

    struct sql words = sql_in(&scope.arena);
    sql_text(&words, "select split_blanks(w) from (values ('un deux'), ('trois'), ('')) v(w)");
    struct cursor *cursor;
    const struct batch *batch;
    assert_int_equal(db_run(&scope, lease, &words, &cursor), ERR_OK);
    assert_int_equal(cursor_column_type(cursor, 0), CELL_TEXT_LIST);
    assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
    assert_int_equal(batch->rows, 3);
    const struct span *lists = batch->columns[0].lists;
    assert_int_equal(lists[0].count, 2);
    assert_true(str_eq(batch->columns[0].items[lists[0].from + 1], S("deux")));
    assert_true(str_eq(batch->columns[0].items[lists[1].from], S("trois")));
    cursor_close(cursor);

    struct sql unlucky = sql_in(&scope.arena);
    sql_text(&unlucky, "select sum(double_or_fail(i)) from range(100) t(i)");
    cell ignored;
    assert_int_equal(db_query_cell(&scope, lease, &unlucky, &ignored), ERR_DATA);
    assert_true(str_eq(scope.failure.message, S("13 brings bad luck")));
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void test_bulk_loading(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    open_engine(&scope, DB_DUCKDB, &db);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    assert_int_equal(db_script(&scope, lease, "create table t (a varchar, b bigint, c blob)"),
                     ERR_OK);
    const str texts[] = {S("un"), STR_NONE, S("a text longer than twelve bytes")};
    const int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
    const str bytes[] = {{"\0\1", 2}, STR_NONE, S("abc")};
    const uint64_t valid = 5; /* the second is null */
    struct column columns[] = {{.type = CELL_TEXT, .texts = texts, .valid = &valid},
                               {.type = CELL_INT, .numbers = numbers},
                               {.type = CELL_BYTES, .texts = bytes, .valid = &valid}};
    struct batch batch = {3, 3, columns};
    struct db_append *append;
    assert_int_equal(db_append_open(&scope, lease, STR_NONE, S("t"), &append), ERR_OK);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(db_append(&scope, append, &batch), ERR_OK);
    }
    assert_int_equal(db_append_finish(&scope, append), ERR_OK);
    db_append_close(append);
    struct sql good = sql_in(&scope.arena);
    sql_text(&good, "select count(*) from t where (a = 'un' and b + 1 < 0 and c = '\\x00\\x01'::blob) or "
                    "(a is null and b = 0 and c is null) or (length(a) = 31 and c = 'abc'::blob)");
    int64_t number = 0;
    assert_int_equal(query_int(&scope, lease, &good, &number), ERR_OK);
    assert_int_equal(number, 3000);
    assert_int_equal(db_append_open(&scope, lease, STR_NONE, S("absent"), &append), ERR_DATABASE);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

/* The engine empties a prepared CREATE when it runs; the second run must not make a table without columns. */
static void test_a_table_made_twice(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    open_engine(&scope, DB_DUCKDB, &db);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    struct sql create = sql_in(&scope.arena);
    struct sql insert = sql_in(&scope.arena);
    sql_text(&create, "create temp table t (a bigint, b varchar)");
    sql_text(&insert, "insert into t select i, 'x' from range(3) r(i)");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_execute(&scope, lease, &create), ERR_OK);
        assert_int_equal(db_execute(&scope, lease, &insert), ERR_OK);
        assert_int_equal(db_script(&scope, lease, "drop table t"), ERR_OK);
    }
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void give_lists(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const int64_t numbers[] = {7, 8, 9};
    for (size_t row = 0; row < arguments->rows; row++) {
        if (arguments->columns[0].numbers[row] != 2) { /* that one stays null */
            db_result_int_list(result, row, numbers, (size_t)arguments->columns[0].numbers[row] % 4);
        }
    }
}

static void test_lists_of_numbers(void **state)
{
    (void)state;
    static const struct db_function functions[] = {
        {.name = "give_lists", .returns = CELL_INT_LIST, .argument_count = 1,
         .arguments = {CELL_INT}, .call = give_lists}};
    struct scope scope;
    struct db *db;
    scope_open(&scope);
    struct db_options options = {
        .engine = DB_DUCKDB, .functions = functions, .function_count = 1};
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    struct sql sum = sql_in(&scope.arena);
    sql_text(&sum, "select sum(v)::bigint from (select unnest(give_lists(i)) as v "
                   "from range(5000) t(i))");
    int64_t number = 0;
    assert_int_equal(query_int(&scope, lease, &sum, &number), ERR_OK);
    assert_int_equal(number, 1250 * (7 + 15 + 24) - 15);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

/* Items of lists are views that this program makes; there may be more of them than a page would hold. */
static void test_a_list_of_many_texts(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    open_engine(&scope, DB_DUCKDB, &db);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    struct sql select = sql_in(&scope.arena);
    sql_text(&select, "select list('x') from range(18000000)");
    struct cursor *cursor;
    const struct batch *batch;
    assert_int_equal(db_run(&scope, lease, &select, &cursor), ERR_OK);
    assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
    assert_int_equal(batch->columns[0].lists[0].count, 18000000);
    assert_true(str_eq(batch->columns[0].items[17999999], S("x")));
    cursor_close(cursor);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void test_sandbox(void **state)
{
    (void)state;
    static const char *const directories[] = {"/nonexistent-parvis", NULL};
    struct scope scope;
    scope_open(&scope);
    struct db_options options = {.engine = DB_DUCKDB, .allowed_directories = directories};
    struct db *db;
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    assert_int_equal(db_script(&scope, lease, "select * from read_text('/etc/passwd')"),
                     ERR_DATABASE);
    scope_forgive(&scope);
    assert_int_equal(db_script(&scope, lease, "set enable_external_access=true"), ERR_DATABASE);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

static void test_wide_types(void **state)
{
    (void)state;
    struct scope scope;
    struct db *db;
    open_engine(&scope, DB_DUCKDB, &db);
    struct db_lease *lease;
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    struct sql select = sql_in(&scope.arena);
    sql_text(&select, "select 12.50::decimal(9,2), 7::utinyint, sum(i)::hugeint, date '2026-11-23', "
                      "timestamp_s '1969-12-31 23:59:59', 'a text longer than twelve bytes', "
                      "-1::smallint, true from range(5) t(i)");
    struct cursor *cursor;
    const struct batch *batch;
    assert_int_equal(db_run(&scope, lease, &select, &cursor), ERR_OK);
    assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
    assert_true(batch->columns[0].reals[0] == 12.5);
    assert_int_equal(batch->columns[1].numbers[0], 7);
    assert_true(batch->columns[2].reals[0] == 10.0);
    assert_int_equal(batch->columns[3].days[0], 20780);
    assert_int_equal(batch->columns[4].instants[0], -1000000);
    assert_true(str_eq(batch->columns[5].texts[0], S("a text longer than twelve bytes")));
    assert_int_equal(batch->columns[6].numbers[0], -1);
    assert_true(batch->columns[7].truths[0]);
    cursor_close(cursor);
    db_release(lease);
    db_close(db);
    scope_close(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_errors_are_reported_once),
        cmocka_unit_test(test_deadline_stops_a_statement),
        cmocka_unit_test(test_busy_when_all_are_leased),
        cmocka_unit_test(test_lock_of_somebody_else),
        cmocka_unit_test(test_values_of_postgres),
        cmocka_unit_test(test_copying_into_postgres),
        cmocka_unit_test(test_streams_of_postgres),
        cmocka_unit_test(test_names_and_texts_of_postgres),
        cmocka_unit_test(test_changes_of_postgres),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_bulk_loading),
        cmocka_unit_test(test_a_table_made_twice),
        cmocka_unit_test(test_lists_of_numbers),
        cmocka_unit_test(test_a_list_of_many_texts),
        cmocka_unit_test(test_sandbox),
        cmocka_unit_test(test_wide_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
