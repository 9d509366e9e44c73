/* What may be shown of the sums, and how long they stay. Runs on both stores (parvis_database_test). */
#include "../directory.h"

#include "base/date.h"
#include "domain/analytics/figures.h"
#include "domain/analytics/internal.h"
#include "platform/db/statement.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    struct catalog *catalog;
    struct db *db;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct scope *scope = &fixture->scope;
    scope_open(scope);
    directory_make(&fixture->directory);
    struct store store = {.data_directory = directory_file(scope, &fixture->directory, "data"),
                          .url = getenv("PARVIS_TEST_DATABASE")};
    check_ok("open", scope, catalog_open_store(scope, &store, &fixture->catalog));
    fixture->db = catalog_database(fixture->catalog);
    check_ok("begin", scope, db_begin(scope, fixture->db, &lease));
    check_ok("tables", scope, analytics_make_tables(scope, lease));
    check_ok("empty", scope, DB_RUN(scope, lease, "delete from statistic where at > ?", cell_int(-1)));
    check_ok("empty", scope, DB_RUN(scope, lease, "delete from statistic_state where value > ?", cell_int(-1)));
    check_ok("commit", scope, db_commit(scope, lease));
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->catalog);
    scope_close(&fixture->scope);
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

static void put(struct fixture *fixture, enum grain grain, int64_t at, enum measure measure, enum dimension dimension,
                const char *value, int64_t amount)
{
    sum_list sums = {0};
    struct sum sum = {grain, at, measure, dimension, S(""), str_from(value), amount};
    vec_add(&fixture->scope.arena, &sums, sum);
    check_ok("put", &fixture->scope, store_add(&fixture->scope, fixture->db, &sums));
}

/* Views of a country from so many visitors. */
static void put_country(struct fixture *fixture, int64_t day, const char *code, int64_t views, int64_t visitors)
{
    put(fixture, GRAIN_DAY, day, MEASURE_PAGEVIEWS, DIMENSION_COUNTRY, code, views);
    put(fixture, GRAIN_DAY, day, MEASURE_VISITORS, DIMENSION_COUNTRY, code, visitors);
}

static str list_text(struct fixture *fixture, int threshold, bool is_public)
{
    struct figures_query query = {.measure = MEASURE_PAGEVIEWS, .dimension = DIMENSION_COUNTRY, .grain = GRAIN_DAY,
                                  .from = 100, .to = 101, .threshold = threshold, .is_public = is_public};
    const struct figure *figures;
    size_t count;
    struct buf out cleanup_with(buf_cleanup) = {0};
    check_ok("list", &fixture->scope, figures_list(&fixture->scope, fixture->db, &query, &figures, &count));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&out, "%.*s=%lld ", STR_ARG(figures[i].value), (long long)figures[i].amount);
    }
    return buf_copy(&out, &fixture->scope.arena);
}

static void test_sums_add_up(void **state)
{
    struct fixture *fixture = *state;
    put_country(fixture, 100, "BE", 7, 5);
    put_country(fixture, 100, "BE", 3, 1); /* another node */
    put_country(fixture, 101, "BE", 10, 4);
    put_country(fixture, 102, "BE", 1000, 400);
    check_text("list", list_text(fixture, 1, false), S("BE=20 "));
}

static void test_small_counts(void **state)
{
    struct fixture *fixture = *state;
    put_country(fixture, 100, "BE", 100, 60);
    put_country(fixture, 100, "FR", 80, 50);
    check_text("nothing is small", list_text(fixture, 5, false), S("BE=100 FR=80 "));
    put_country(fixture, 100, "LU", 4, 2);
    /* the only small one would be what is left of a total: a second one goes with it */
    check_text("one is small", list_text(fixture, 5, false), S("BE=100 other=84 "));
    put_country(fixture, 100, "MT", 1, 1);
    check_text("two are small, and too small together", list_text(fixture, 5, false), S("BE=100 other=85 "));
    put_country(fixture, 100, "CY", 9, 4);
    check_text("three are enough together", list_text(fixture, 5, false), S("BE=100 FR=80 other=14 "));
    check_text("rounded for the public", list_text(fixture, 5, true), S("BE=100 FR=80 other=15 "));
    check_text("all are small", list_text(fixture, 1000, false), S(""));
}

static void test_series(void **state)
{
    struct fixture *fixture = *state;
    static const int64_t views[] = {50, 3, 70, 0};
    static const int64_t visitors[] = {40, 2, 30, 0};
    for (int i = 0; i < 4; i++) {
        put(fixture, GRAIN_DAY, 200 + i, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", views[i]);
        put(fixture, GRAIN_DAY, 200 + i, MEASURE_VISITORS, DIMENSION_NONE, "", visitors[i]);
    }
    struct figures_query query = {.measure = MEASURE_PAGEVIEWS, .grain = GRAIN_DAY, .from = 200, .to = 203, .threshold = 5};
    const struct figure *figures;
    size_t count;
    check_ok("series", &fixture->scope, figures_series(&fixture->scope, fixture->db, &query, &figures, &count));
    assert_int_equal(count, 4);
    assert_false(figures[0].is_hidden);
    assert_int_equal(figures[0].amount, 50);
    assert_true(figures[1].is_hidden);
    assert_int_equal(figures[1].amount, 0);
    assert_true(figures[2].is_hidden); /* else the total would tell figures[1] */
    assert_true(figures[3].is_hidden); /* nothing is answered as little is */
    struct figure total;
    check_ok("total", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_int_equal(total.amount, 123);
    query.to = query.from = 201;
    check_ok("total", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_true(total.is_hidden);
    query.from = query.to = 999;
    check_ok("total", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_true(total.is_hidden);
    query.to = 10;
    assert_int_equal(figures_series(&fixture->scope, fixture->db, &query, &figures, &count), ERR_PARAMETER);
    scope_forgive(&fixture->scope);
}

/* Who downloads is among who calls: of ten callers one may have done all. */
static void test_public_amounts(void **state)
{
    struct fixture *fixture = *state;
    struct figures_query query = {.measure = MEASURE_DOWNLOADS, .grain = GRAIN_DAY, .from = 100, .to = 100, .threshold = 10};
    struct figure total;
    put(fixture, GRAIN_DAY, 100, MEASURE_CALLERS, DIMENSION_NONE, "", 30);
    put(fixture, GRAIN_DAY, 100, MEASURE_DOWNLOADS, DIMENSION_NONE, "", 9);
    check_ok("inside", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_int_equal(total.amount, 9);
    query.is_public = true;
    check_ok("public", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_true(total.is_hidden);
    put(fixture, GRAIN_DAY, 100, MEASURE_DOWNLOADS, DIMENSION_NONE, "", 1);
    check_ok("public", &fixture->scope, figures_total(&fixture->scope, fixture->db, &query, &total));
    assert_int_equal(total.amount, 10);
}

static void put_use(struct fixture *fixture, enum grain grain, int64_t at, enum measure measure, const char *uid, int64_t amount)
{
    put(fixture, grain, at, measure, DIMENSION_DATASET, uid, amount);
}

static const struct uses *find_uses(const struct uses *uses, size_t count, const char *uid)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(uses[i].dataset, str_from(uid))) {
            return &uses[i];
        }
    }
    return NULL;
}

/* Months that are over, and the days of this one that are; popularity is of the last 30 days. */
static void test_uses_for_catalogue(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t today = date_days(2026, 11, 10);
    int64_t month = period_of_day(GRAIN_MONTH, today);
    const struct uses *uses;
    size_t count;
    put_use(fixture, GRAIN_MONTH, month - 5, MEASURE_DOWNLOADS, "da_old000", 100);
    put_use(fixture, GRAIN_MONTH, month - 5, MEASURE_CALLERS, "da_old000", 20);
    put_use(fixture, GRAIN_DAY, today - 3, MEASURE_CALLS, "da_new000", 52);
    put_use(fixture, GRAIN_DAY, today - 3, MEASURE_CALLERS, "da_new000", 6);
    put_use(fixture, GRAIN_DAY, today - 2, MEASURE_CALLERS, "da_new000", 4);
    put_use(fixture, GRAIN_DAY, today - 2, MEASURE_DOWNLOADS, "da_new000", 9);
    put_use(fixture, GRAIN_DAY, today, MEASURE_CALLS, "da_new000", 1000); /* not over yet */
    put_use(fixture, GRAIN_MONTH, month, MEASURE_CALLS, "da_new000", 1000);
    put_use(fixture, GRAIN_DAY, today - 1, MEASURE_CALLS, "da_few000", 500);
    put_use(fixture, GRAIN_DAY, today - 1, MEASURE_CALLERS, "da_few000", 9);
    check_ok("uses", scope, figures_for_catalogue(scope, fixture->db, today, 10, true, &uses, &count));
    assert_int_equal(count, 2);
    assert_null(find_uses(uses, count, "da_few000"));
    const struct uses *old = find_uses(uses, count, "da_old000");
    const struct uses *new = find_uses(uses, count, "da_new000");
    assert_true(old && new);
    assert_true(old->figures[USE_DOWNLOADS] == 100 && old->figures[USE_CALLS] == USE_UNKNOWN);
    assert_true(old->figures[USE_POPULARITY] == USE_UNKNOWN && old->figures[USE_RECENT_DOWNLOADS] == USE_UNKNOWN);
    assert_true(new->figures[USE_CALLS] == 50 && new->figures[USE_RECENT_CALLS] == 50);
    assert_true(new->figures[USE_DOWNLOADS] == USE_UNKNOWN && new->figures[USE_RECENT_DOWNLOADS] == USE_UNKNOWN);
    assert_true(new->figures[USE_POPULARITY] == 5.5); /* log2 51 in half steps */
    check_ok("order", scope, figures_for_catalogue(scope, fixture->db, today, 10, false, &uses, &count));
    assert_int_equal(count, 1);
    assert_true(uses[0].figures[USE_POPULARITY] == 5.5 && uses[0].figures[USE_CALLS] == USE_UNKNOWN);
}

static void test_keys(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    static const int64_t mine[] = {7, 8};
    const struct key_use *uses;
    size_t count;
    put(fixture, GRAIN_DAY, 500, MEASURE_CALLS, DIMENSION_KEY, "7", 3);
    put(fixture, GRAIN_DAY, 500, MEASURE_RECORDS, DIMENSION_KEY, "7", 30);
    put(fixture, GRAIN_DAY, 501, MEASURE_CALLS, DIMENSION_KEY, "7", 1);
    put(fixture, GRAIN_DAY, 501, MEASURE_CALLS, DIMENSION_KEY, "9", 100); /* of somebody else */
    check_ok("keys", scope, figures_keys(scope, fixture->db, mine, ARRAY_LENGTH(mine), 500, 501, &uses, &count));
    assert_int_equal(count, 2);
    assert_true(uses[0].key == 7 && uses[0].day == 501 && uses[0].calls == 1 && uses[0].records == 0);
    assert_true(uses[1].day == 500 && uses[1].calls == 3 && uses[1].records == 30);
    check_ok("none", scope, figures_keys(scope, fixture->db, mine, 0, 500, 501, &uses, &count));
    assert_int_equal(count, 0);
}

static void test_percentiles(void **state)
{
    struct fixture *fixture = *state;
    int64_t milliseconds;
    struct scope *scope = &fixture->scope;
    check_ok("none", scope, figures_percentile(scope, fixture->db, S(""), 300, 300, 0.5, &milliseconds));
    assert_int_equal(milliseconds, 0);
    put(fixture, GRAIN_DAY, 300, MEASURE_ANSWERS, DIMENSION_DURATION, "2", 60);
    put(fixture, GRAIN_DAY, 300, MEASURE_ANSWERS, DIMENSION_DURATION, "100", 35);
    put(fixture, GRAIN_DAY, 300, MEASURE_ANSWERS, DIMENSION_DURATION, "more", 5);
    check_ok("median", scope, figures_percentile(scope, fixture->db, S(""), 300, 300, 0.5, &milliseconds));
    assert_int_equal(milliseconds, 2);
    check_ok("95", scope, figures_percentile(scope, fixture->db, S(""), 300, 300, 0.95, &milliseconds));
    assert_int_equal(milliseconds, 100);
    check_ok("99", scope, figures_percentile(scope, fixture->db, S(""), 300, 300, 0.99, &milliseconds));
    assert_int_equal(milliseconds, -1);
}

static int64_t today = 20750;

static usec clock_of_test(void)
{
    return today * USEC_DAY + 3600 * USEC_SECOND;
}

static int64_t count_rows(struct fixture *fixture, const char *grain)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell count;
    check_ok("lease", &fixture->scope, db_lease(&fixture->scope, fixture->db, &lease));
    check_ok("count", &fixture->scope, DB_ASK(&fixture->scope, lease, &count, "select count(*) from statistic where grain = ?", cell_text(str_from(grain))));
    return count.number;
}

static void test_roll_up(void **state)
{
    struct fixture *fixture = *state;
    struct analytics_options options = {.catalog = fixture->catalog, .clock = clock_of_test, .threshold_public = 10,
                                        .days_of_hours = 40, .months_of_days = 25};
    int64_t month = period_of_day(GRAIN_MONTH, today);
    put(fixture, GRAIN_HOUR, (today - 41) * 24, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
    put(fixture, GRAIN_HOUR, (today - 39) * 24, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
    put(fixture, GRAIN_DAY, today - 800, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
    put(fixture, GRAIN_DAY, today - 700, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
    for (int64_t at = month - 1; at <= month; at++) { /* a month that is over, and one that is not */
        put(fixture, GRAIN_MONTH, at, MEASURE_PAGEVIEWS, DIMENSION_COUNTRY, "BE", 90);
        put(fixture, GRAIN_MONTH, at, MEASURE_VISITORS, DIMENSION_COUNTRY, "BE", 30);
        put(fixture, GRAIN_MONTH, at, MEASURE_PAGEVIEWS, DIMENSION_COUNTRY, "LU", 5);
        put(fixture, GRAIN_MONTH, at, MEASURE_VISITORS, DIMENSION_COUNTRY, "LU", 2);
        put(fixture, GRAIN_MONTH, at, MEASURE_PAGEVIEWS, DIMENSION_COUNTRY, "MT", 7);
        put(fixture, GRAIN_MONTH, at, MEASURE_VISITORS, DIMENSION_COUNTRY, "MT", 3);
    }
    struct roll_up result;
    check_ok("roll up", &fixture->scope, analytics_roll_up(&fixture->scope, fixture->catalog, &options, &result));
    assert_int_equal(result.hours, 1);
    assert_int_equal(result.days, 1);
    assert_int_equal(result.merged, 4);
    assert_int_equal(count_rows(fixture, "hour"), 1);
    assert_int_equal(count_rows(fixture, "day"), 1);
    assert_int_equal(count_rows(fixture, "month"), 4 + 6); /* BE and other; all three */
    check_ok("again", &fixture->scope, analytics_roll_up(&fixture->scope, fixture->catalog, &options, &result));
    assert_int_equal(result.hours + result.days + result.merged, 0);
    int64_t rows;
    check_ok("purge", &fixture->scope, analytics_purge(&fixture->scope, fixture->catalog, today - 39, &rows));
    assert_int_equal(rows, 1);
    check_ok("purge all", &fixture->scope, analytics_purge(&fixture->scope, fixture->catalog, date_days(9999, 12, 31), &rows));
    assert_int_equal(rows, 1 + 10);
}

/* Days stay for 25 months to the day: no month more, whatever day it is. */
static void test_days_kept(void **state)
{
    struct fixture *fixture = *state;
    struct analytics_options options = {.catalog = fixture->catalog, .clock = clock_of_test, .threshold_public = 10,
                                        .days_of_hours = 40, .months_of_days = 25};
    static const struct {
        int now[3], first[3];
    } rows[] = {
        {{2026, 11, 30}, {2024, 10, 30}}, {{2026, 11, 1}, {2024, 10, 1}}, {{2027, 3, 31}, {2025, 3, 1}}, {{2027, 2, 28}, {2025, 1, 28}}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct roll_up result;
        int64_t first = date_days(rows[i].first[0], rows[i].first[1], rows[i].first[2]);
        today = date_days(rows[i].now[0], rows[i].now[1], rows[i].now[2]);
        put(fixture, GRAIN_DAY, first - 1, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
        put(fixture, GRAIN_DAY, first, MEASURE_PAGEVIEWS, DIMENSION_NONE, "", 1);
        check_ok("roll up", &fixture->scope, analytics_roll_up(&fixture->scope, fixture->catalog, &options, &result));
        assert_int_equal(result.days, 1);
        assert_int_equal(count_rows(fixture, "day"), 1);
        int64_t rest;
        check_ok("purge", &fixture->scope, analytics_purge(&fixture->scope, fixture->catalog, date_days(9999, 12, 31), &rest));
    }
}

static void test_periods(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = &fixture->scope.arena;
    int64_t day = date_days(2026, 2, 28);
    check_text("day", period_text(arena, GRAIN_DAY, day), S("2026-02-28"));
    check_text("month", period_text(arena, GRAIN_MONTH, period_of_day(GRAIN_MONTH, day)), S("2026-02"));
    check_text("hour", period_text(arena, GRAIN_HOUR, period_of_day(GRAIN_HOUR, day) + 23), S("2026-02-28T23:00Z"));
    assert_int_equal(period_first_day(GRAIN_MONTH, period_of_day(GRAIN_MONTH, day)), date_days(2026, 2, 1));
}

/* One visitor on two days: nothing of the first is there on the second. */
static void test_midnight(void **state)
{
    struct fixture *fixture = *state;
    static const struct counted_route route = {COUNTED_PAGE, "home", "/", false};
    static const uint8_t address[4] = {10, 0, 0, 1};
    struct scope *scope = &fixture->scope;
    struct analytics *analytics;
    struct analytics_options options = {.catalog = fixture->catalog, .clock = clock_of_test, .threshold_public = 10,
                                        .threshold_inside = 5, .days_of_hours = 40, .months_of_days = 25};
    str texts[VISIT__TEXTS] = {[VISIT_AGENT] = S("Mozilla/5.0 (X11; Linux) Firefox/128.0"), [VISIT_HOST] = S("portal.example")};
    today = 20750;
    check_ok("open", scope, analytics_open(scope, &options, &analytics));
    for (int day = 0; day < 3; day++) {
        for (int i = 0; i < 4; i++) {
            struct visit *visit = visit_make(&scope->arena, &route, address, sizeof(address), texts);
            visit->status = 200;
            analytics_count(analytics, visit);
        }
        analytics_flush(analytics);
        today++;
    }
    analytics_close(analytics);
    for (int day = 0; day < 3; day++) {
        struct figures_query query = {.measure = MEASURE_VISITORS, .grain = GRAIN_DAY, .from = 20750 + day, .to = 20750 + day, .threshold = 1};
        struct figure total;
        check_ok("visitors", scope, figures_total(scope, fixture->db, &query, &total));
        assert_int_equal(total.amount, 1);
        query.measure = MEASURE_PAGEVIEWS;
        check_ok("views", scope, figures_total(scope, fixture->db, &query, &total));
        assert_int_equal(total.amount, 4);
    }
    today = 20750;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_sums_add_up), TEST(test_small_counts), TEST(test_series),  TEST(test_percentiles),
        TEST(test_public_amounts), TEST(test_uses_for_catalogue), TEST(test_keys),
        TEST(test_roll_up),     TEST(test_days_kept), TEST(test_periods),      TEST(test_midnight),
    };
    crypto_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
