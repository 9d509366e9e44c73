/* Points held for maps, against counting each of them; and who gets an index when. */
#include "check.h"
#include "one_scope.h"

#include <math.h>
#include <pthread.h>

#include "base/limits.h"
#include "domain/records/point_indexes.h"

#define POINTS 40000
#define UNITS 4096
#define CELL 64
#define THREADS 4

static const struct field size_field = {.name = {"size", 4}, .type = FIELD_INT};
static const struct field kind_field = {.name = {"kind", 4}, .type = FIELD_TEXT};
static const struct field open_field = {.name = {"open", 4}, .type = FIELD_BOOLEAN};
static const struct field *const properties[] = {&size_field, &kind_field, &open_field};

static struct db *db;
static struct db_lease *lease;

static void ask_meanwhile(const struct batch *arguments, struct db_result *result, const void *user);

/* ask_meanwhile(x): x, having asked for another map while this one is being read. */
static const struct db_function functions[] = {
    {.name = "ask_meanwhile", .returns = CELL_INT, .argument_count = 1, .arguments = {CELL_INT}, .call = ask_meanwhile}};

static int open_engine(void **state)
{
    open_scope(state);
    struct db_options options = {.engine = DB_DUCKDB, .threads = 2, .connections = THREADS + 1, .functions = functions,
                                 .function_count = ARRAY_LENGTH(functions)};
    assert_int_equal(db_open(&scope, &options, &db), ERR_OK);
    assert_int_equal(db_lease(&scope, db, &lease), ERR_OK);
    return 0;
}

static int close_engine(void **state)
{
    db_release(lease);
    db_close(db);
    return close_scope(state);
}

static struct tile_request request_at(int zoom, int64_t x, int64_t y)
{
    return (struct tile_request){.properties = properties,
                                 .property_count = ARRAY_LENGTH(properties),
                                 .zoom = zoom,
                                 .x = x,
                                 .y = y,
                                 .units = UNITS,
                                 .cell = CELL,
                                 .margin = CELL};
}

/* Half of the points lie anywhere, the others near the edge where the map closes. */
#define STATEMENT                                                                                                      \
    "select case when i % 2 = 0 then hash(i) % 1073741824 else (1073741824 + 500000 - hash(i) % 1000000) % 1073741824 " \
    "end::bigint as x, (case when i % 2 = 0 then hash(i + 100000) % 1073741824 else 536870912 + hash(i) // 7 % 1000000 "  \
    "end)::bigint as y, case when i % 5 then i end::bigint as size, case when i % 11 then 'k' || (hash(i) % 1073741824 "  \
    "// 268435456) end as kind, case when i % 3 then (i % 2)::bigint end as open from range(40000) t(i)"

struct plain {
    int64_t x, y, size;
    bool has_size;
    str kind; /* p == NULL: null */
    int open; /* -1: null */
};

static struct plain plain[POINTS];

static struct sql statement_of(const char *text)
{
    struct sql sql = sql_in(&scope.arena);
    sql_text_constant(&sql, str_from(text));
    return sql;
}

static void read_plain(const struct sql *statement)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    size_t at = 0;
    assert_int_equal(db_run(&scope, lease, statement, &cursor), ERR_OK);
    for (;;) {
        const struct batch *batch;
        assert_int_equal(cursor_next(&scope, cursor, &batch), ERR_OK);
        if (!batch) {
            break;
        }
        const struct column *columns = batch->columns;
        for (size_t row = 0; row < batch->rows; row++) {
            plain[at++] = (struct plain){
                .x = columns[0].numbers[row],
                .y = columns[1].numbers[row],
                .has_size = !column_is_null(&columns[2], row),
                .size = column_is_null(&columns[2], row) ? 0 : columns[2].numbers[row],
                .kind = column_is_null(&columns[3], row) ? (str){0} : str_copy(&scope.arena, columns[3].texts[row]),
                .open = column_is_null(&columns[4], row) ? -1 : (int)columns[4].numbers[row]};
        }
    }
    assert_int_equal(at, POINTS);
}

/* What a tile has, counted point by point. */
struct sum {
    int64_t count;
    double x, y, sizes;
    int64_t with_size;
    bool is_mixed_kind, is_mixed_open;
    str kind;
    int open;
};

struct check {
    const struct tile_request *request;
    struct sum sums[(UNITS / CELL + 2) * (UNITS / CELL + 2)];
    int64_t count;
    size_t cells, told;
};

/* x and y are counted from the corner of the margin. */
static void sum_up(struct check *check, const struct plain *point, int64_t x, int64_t y)
{
    struct sum *sum = &check->sums[y / CELL * (UNITS / CELL + 2) + x / CELL];
    bool is_first = sum->count++ == 0;
    check->cells += is_first;
    check->count++;
    sum->x += (double)(x - CELL);
    sum->y += (double)(y - CELL);
    sum->sizes += (double)point->size;
    sum->with_size += point->has_size;
    sum->is_mixed_kind |= !point->kind.p || (!is_first && !str_eq(sum->kind, point->kind));
    sum->is_mixed_open |= point->open < 0 || (!is_first && sum->open != point->open);
    sum->kind = point->kind;
    sum->open = point->open;
}

static void sum_all(struct check *check)
{
    const struct tile_request *request = check->request;
    int shift = TILE_FINEST_ZOOM - request->zoom;
    int64_t world = (int64_t)UNITS << request->zoom;
    memset(check->sums, 0, sizeof(check->sums));
    for (size_t i = 0; i < POINTS; i++) {
        int64_t y = (plain[i].y >> shift) - request->y * UNITS + CELL;
        for (int turn = -1; turn <= 1; turn++) {
            int64_t x = (plain[i].x >> shift) + turn * world - request->x * UNITS + CELL;
            if (x >= 0 && x < UNITS + 2 * CELL && y >= 0 && y < UNITS + 2 * CELL) {
                sum_up(check, &plain[i], x, y);
            }
        }
    }
}

static void check_cell(void *user, const struct point_cell *points)
{
    struct check *check = user;
    int column = (int)floor(points->x / CELL) + 1;
    int row = (int)floor(points->y / CELL) + 1;
    assert_in_range(column, 0, UNITS / CELL + 1);
    assert_in_range(row, 0, UNITS / CELL + 1);
    const struct sum *sum = &check->sums[row * (UNITS / CELL + 2) + column];
    const struct point_value *values = points->values;
    check->told++;
    check_int("count", points->count, sum->count);
    assert_true(fabs(points->x - sum->x / (double)sum->count) < 1e-6);
    assert_true(fabs(points->y - sum->y / (double)sum->count) < 1e-6);
    check_int("size", values[0].kind, sum->with_size ? POINT_MEAN : POINT_NOTHING);
    assert_true(!sum->with_size || fabs(values[0].mean - sum->sizes / (double)sum->with_size) < 1e-6);
    check_int("kind", values[1].kind, sum->is_mixed_kind ? POINT_NOTHING : POINT_TEXT);
    if (!sum->is_mixed_kind) {
        check_text("kind", values[1].text, sum->kind);
    }
    check_int("open", values[2].kind, sum->is_mixed_open ? POINT_NOTHING : POINT_TRUTH);
    assert_true(sum->is_mixed_open || values[2].truth == (sum->open != 0));
}

static void test_tiles(void **state)
{
    (void)state;
    static const struct {
        int zoom;
        int64_t x, y;
    } tiles[] = {{0, 0, 0}, {1, 0, 0}, {1, 1, 1}, {2, 0, 2}, {2, 3, 2}, {5, 31, 16}, {5, 0, 16}, {9, 0, 256}, {9, 511, 256},
                 {11, 2047, 1024}, {11, 0, 1025}, {18, 0, 131072}, {18, 262143, 131100}, {18, 262143, 0}};
    struct sql statement = statement_of(STATEMENT);
    struct tile_request first = request_at(0, 0, 0);
    struct point_index *index;
    static struct check check;
    read_plain(&statement);
    assert_int_equal(point_index_read(&scope, lease, &statement, &first, &index), ERR_OK);
    assert_non_null(index);
    assert_true(point_index_bytes(index) > POINTS * (8 + 8 + 4 + 4));
    for (size_t i = 0; i < ARRAY_LENGTH(tiles); i++) {
        struct tile_request request = request_at(tiles[i].zoom, tiles[i].x, tiles[i].y);
        check = (struct check){.request = &request};
        sum_all(&check);
        check_int("points", point_index_count(index, &request), check.count);
        point_index_cells(&scope.arena, index, &request, check_cell, &check);
        check_int("cells", (long long)check.told, (long long)check.cells);
    }
    point_index_free(index);
}

static void test_none(void **state)
{
    (void)state;
    struct sql statement = statement_of("select 1::bigint, 1::bigint, 1::bigint, 'a', 1::bigint where 1 = 2");
    struct tile_request request = request_at(3, 1, 1);
    struct point_index *index;
    assert_int_equal(point_index_read(&scope, lease, &statement, &request, &index), ERR_OK);
    assert_int_equal(point_index_count(index, &request), 0);
    point_index_cells(&scope.arena, index, &request, check_cell, NULL);
    point_index_free(index);
}

static void test_too_much(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "select i, i, i, 'a', 1::bigint from range(2000001) t(i)",
        "select i, i, i, repeat('long', 10000) || i, 1::bigint from range(2000) t(i)",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct sql statement = statement_of(texts[i]);
        struct tile_request request = request_at(0, 0, 0);
        struct point_index *index;
        assert_int_equal(point_index_read(&scope, lease, &statement, &request, &index), ERR_OK);
        assert_null(index);
    }
    struct sql wrong = statement_of("select nothing");
    struct tile_request request = request_at(0, 0, 0);
    struct point_index *index;
    assert_int_equal(point_index_read(&scope, lease, &wrong, &request, &index), ERR_DATABASE);
    assert_null(index);
    scope_forgive(&scope);
}

/* ---- who gets one ---- */

static struct point_indexes_lease take(struct point_indexes *indexes, const struct sql *statement)
{
    struct tile_request request = request_at(0, 0, 0);
    struct point_indexes_lease held;
    assert_int_equal(point_indexes_lease(&scope, indexes, lease, statement, &request, &held), ERR_OK);
    return held;
}

static const struct point_index *take_wanted(struct point_indexes *indexes, const struct sql *statement)
{
    struct point_indexes_lease held = take(indexes, statement);
    if (!held.index) {
        point_indexes_want(&held);
        point_indexes_release(&held);
        held = take(indexes, statement);
    }
    const struct point_index *index = held.index;
    point_indexes_release(&held);
    return index;
}

static struct sql statement_from(int64_t first)
{
    struct sql sql = sql_in(&scope.arena);
    sql_text(&sql, "select i, i, i, 'a', 1::bigint from range(");
    sql_bind(&sql, cell_int(first));
    sql_text(&sql, "::bigint, 100000) t(i)");
    return sql;
}

static void test_second_question(void **state)
{
    (void)state;
    struct point_indexes *indexes = point_indexes_new(SIZE_MAX);
    struct sql nothing = sql_in(&scope.arena);
    struct sql one = statement_from(1);
    struct sql two = statement_from(2);
    struct point_indexes_lease held = take(indexes, &nothing);
    assert_null(held.index);
    point_indexes_want(&held);
    point_indexes_release(&held);
    assert_null(take(indexes, &one).index);
    const struct point_index *made = take_wanted(indexes, &one);
    assert_non_null(made);
    assert_ptr_equal(take_wanted(indexes, &one), made);
    assert_null(take(indexes, &two).index); /* another value is another map */
    assert_true(take_wanted(indexes, &two) != made);
    struct sql large = statement_of("select i, i, i, 'a', 1::bigint from range(2000001) t(i)");
    assert_null(take_wanted(indexes, &large));
    assert_null(take_wanted(indexes, &large));
    point_indexes_free(indexes);
}

static void test_least_used_goes(void **state)
{
    (void)state;
    struct point_indexes *indexes = point_indexes_new((size_t)6 << 20); /* two of them */
    struct sql statements[] = {statement_from(1), statement_from(2), statement_from(3)};
    assert_non_null(take_wanted(indexes, &statements[0]));
    assert_non_null(take_wanted(indexes, &statements[1]));
    struct point_indexes_lease first = take(indexes, &statements[0]); /* used, and later than the other */
    assert_non_null(first.index);
    size_t two = point_indexes_bytes(indexes);
    assert_non_null(take_wanted(indexes, &statements[2]));
    assert_true(point_indexes_bytes(indexes) < two + two / 10);
    struct point_indexes_lease second = take(indexes, &statements[0]);
    assert_ptr_equal(second.index, first.index);
    point_indexes_release(&second);
    point_indexes_release(&first);
    assert_in_range(point_indexes_bytes(indexes), 1, (size_t)6 << 20);
    point_indexes_free(indexes);
}

struct asking {
    struct point_indexes *indexes;
    const struct point_index *found;
};

static void *ask(void *user)
{
    struct asking *asking = user;
    struct scope own;
    struct db_lease *own_lease;
    struct point_indexes_lease held;
    scope_open(&own);
    struct sql statement = sql_in(&own.arena);
    struct tile_request request = request_at(0, 0, 0);
    sql_text_constant(&statement, S(STATEMENT));
    if (db_lease(&own, db, &own_lease) == ERR_OK) {
        if (point_indexes_lease(&own, asking->indexes, own_lease, &statement, &request, &held) == ERR_OK) {
            asking->found = held.index;
            point_indexes_release(&held);
        }
        db_release(own_lease);
    }
    scope_close(&own);
    return NULL;
}

static void test_one_makes_it_for_all(void **state)
{
    (void)state;
    struct point_indexes *indexes = point_indexes_new(SIZE_MAX);
    struct sql statement = statement_of(STATEMENT);
    struct point_indexes_lease held = take(indexes, &statement);
    struct asking askings[THREADS];
    pthread_t threads[THREADS];
    point_indexes_want(&held);
    for (size_t i = 0; i < THREADS; i++) {
        askings[i] = (struct asking){.indexes = indexes};
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askings[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_non_null(askings[i].found);
        assert_ptr_equal(askings[i].found, askings[0].found);
    }
    point_indexes_free(indexes);
}

static struct asking meanwhile;
static atomic_bool was_asked, got_one;

static void ask_meanwhile(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    if (!atomic_exchange(&was_asked, true)) {
        (void)ask(&meanwhile);
        got_one = meanwhile.found != NULL;
    }
    for (size_t row = 0; row < arguments->rows; row++) {
        db_result_int(result, row, arguments->columns[0].numbers[row]);
    }
}

/* Memory is bounded: while one is made, other maps are read as if nobody had asked before. */
static void test_one_at_a_time(void **state)
{
    (void)state;
    struct point_indexes *indexes = point_indexes_new(SIZE_MAX);
    struct sql other = statement_of(STATEMENT);
    struct sql slow = statement_of("select ask_meanwhile(i), i, i, 'a', 1::bigint from range(5000) t(i)");
    struct point_indexes_lease held = take(indexes, &other);
    point_indexes_want(&held);
    meanwhile = (struct asking){.indexes = indexes};
    was_asked = got_one = false;
    assert_non_null(take_wanted(indexes, &slow));
    assert_true(was_asked);
    assert_false(got_one);
    assert_non_null(take_wanted(indexes, &other));
    struct sql wrong = statement_of("select nothing");
    struct tile_request request = request_at(0, 0, 0);
    held = take(indexes, &wrong);
    point_indexes_want(&held);
    assert_int_equal(point_indexes_lease(&scope, indexes, lease, &wrong, &request, &held), ERR_DATABASE);
    scope_forgive(&scope);
    struct sql next = statement_from(7);
    assert_non_null(take_wanted(indexes, &next)); /* a failure ends the making, too */
    point_indexes_free(indexes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tiles, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_none, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_too_much, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_second_question, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_least_used_goes, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_one_makes_it_for_all, open_engine, close_engine),
        cmocka_unit_test_setup_teardown(test_one_at_a_time, open_engine, close_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
