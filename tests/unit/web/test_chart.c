/* Charts: steps that were not asked for, names of groups, gaps. */
#include <math.h>

#include "../check.h"
#include "../one_scope.h"

#include "base/date.h"
#include "web/front/chart.h"

static struct call call;
static struct dataset_page page;
static struct field field;

static void width(double low, double high, int64_t bins, bool is_whole, double expected)
{
    double found = chart_width(low, high, bins, is_whole);
    if (fabs(found - expected) > expected * 1e-12) {
        print_error("%g to %g in %lld: %.17g, not %.17g\n", low, high, (long long)bins, found, expected);
    }
    assert_true(fabs(found - expected) <= expected * 1e-12);
}

static void widths_are_round_and_divide_the_span(void **state)
{
    (void)state;
    width(0, 100, 20, false, 5);
    width(0, 1, 20, false, 0.05);
    width(-1.6, 35.6, 20, false, 2);
    width(0, 3e12, 20, true, 2e11);
    width(0, 5, 20, true, 1); /* whole numbers have no halves */
    width(0, 5, 20, false, 0.2);
    width(7, 7, 20, false, 1);
    width(-INFINITY, INFINITY, 20, false, 1);
    width((double)NAN, 1, 20, false, 1);
    for (double high = 1e-6; high < 1e15; high *= 1.7) {
        double bins = high / chart_width(0, high, 20, false);
        assert_true(bins >= 20 / 1.6 && bins <= 20 * 1.6);
    }
}

static void steps_of_time_fit_the_span(void **state)
{
    (void)state;
    assert_int_equal(chart_step(2 * 3600 * USEC_SECOND, true), BUCKET_MINUTE);
    assert_int_equal(chart_step(3 * USEC_DAY, true), BUCKET_HOUR);
    assert_int_equal(chart_step(3 * USEC_DAY, false), BUCKET_DAY); /* dates have no hours */
    assert_int_equal(chart_step(150 * USEC_DAY, true), BUCKET_DAY);
    assert_int_equal(chart_step(1461 * USEC_DAY, false), BUCKET_MONTH);
    assert_int_equal(chart_step((usec)30 * 365 * USEC_DAY, false), BUCKET_QUARTER);
    assert_int_equal(chart_step((usec)500 * 365 * USEC_DAY, true), BUCKET_YEAR);
    assert_int_equal(chart_step(0, false), BUCKET_DAY);
}

/* A complete chart over the one field. */
static struct chart chart_of(enum field_type type, enum chart_bucket bucket, double step)
{
    messages_start();
    call = (struct call){.scope = &scope, .language = language_exact(S("en"))};
    page = (struct dataset_page){.call = &call, .zone = zone_find(S("UTC"))};
    field = (struct field){.name = S("f"), .type = type, .decimals = -1};
    return (struct chart){.x = &field, .bucket = bucket, .width = step, .order = ORDER_X};
}

static struct chart_key key_of(const struct chart *chart, const char *text)
{
    json_t *value = json_string(text);
    struct chart_key key = chart_key_make(&page, chart, false, value);
    json_decref(value);
    return key;
}

static void check_key(const struct chart *chart, const char *text, const char *value, const char *label)
{
    struct chart_key key = key_of(chart, text);
    check_text(text, key.value, str_from(value));
    check_text(text, key.label, str_from(label));
}

static void groups_have_names(void **state)
{
    (void)state;
    struct chart chart = chart_of(FIELD_DATE, BUCKET_QUARTER, 0);
    check_key(&chart, "[2012-04-01T00:00:00.000Z, 2012-07-01T00:00:00.000Z[", "2012-04-01", "Q2 2012");
    check_key(&chart, "no range", "no range", "no range");
    chart = chart_of(FIELD_DATETIME, BUCKET_HOUR, 0);
    check_key(&chart, "[2012-04-01T05:00:00.000+02:00, 2012-04-01T06:00:00.000+02:00[", "2012-04-01T05:00",
              "Apr 1, 2012, 5:00\u202fAM");
    chart = chart_of(FIELD_INT, BUCKET_RANGES, 10);
    check_key(&chart, "[-20, -10[", "-20", "-20 – -11");
    chart = chart_of(FIELD_DOUBLE, BUCKET_RANGES, 0.5);
    check_key(&chart, "[0.5, 1.0[", "0.5", "0.5 – 1");
    chart = chart_of(FIELD_DATE, BUCKET_DAY_OF_WEEK, 0);
    check_key(&chart, "1", "1", "Monday");
    check_key(&chart, "9", "9", "");
    chart = chart_of(FIELD_TEXT, BUCKET_VALUE, 0);
    check_key(&chart, "", "", "(empty text)");
}

static size_t filled(const struct chart *chart, const char *const *texts, size_t count, str *ret_third)
{
    struct chart_key keys[8];
    for (size_t i = 0; i < count; i++) {
        keys[i] = key_of(chart, texts[i]);
    }
    struct chart_data data = {.rows = keys, .row_count = count};
    chart_fill_gaps(&page, chart, &data);
    *ret_third = data.row_count > 2 ? data.rows[2].value : S("");
    return data.row_count;
}

static void gaps_are_filled_where_time_or_numbers_go_on(void **state)
{
    (void)state;
    str third;
    const char *const months[] = {"[2012-11-01T00:00:00.000Z, 2012-12-01T00:00:00.000Z[",
                                  "[2013-02-01T00:00:00.000Z, 2013-03-01T00:00:00.000Z["};
    struct chart chart = chart_of(FIELD_DATE, BUCKET_MONTH, 0);
    assert_int_equal(filled(&chart, months, 2, &third), 4);
    check_text("months", third, S("2013-01-01"));
    chart.order = ORDER_Y_DOWN;
    assert_int_equal(filled(&chart, months, 2, &third), 2);
    const char *const weeks[] = {"[2012-12-24T00:00:00.000Z, 2012-12-31T00:00:00.000Z[",
                                 "[2013-01-14T00:00:00.000Z, 2013-01-21T00:00:00.000Z["};
    chart = chart_of(FIELD_DATE, BUCKET_WEEK, 0);
    assert_int_equal(filled(&chart, weeks, 2, &third), 4);
    check_text("weeks", third, S("2013-01-07"));
    const char *const tenths[] = {"[-0.1, 0.0[", "[0.3, 0.4["};
    chart = chart_of(FIELD_DOUBLE, BUCKET_RANGES, 0.1);
    assert_int_equal(filled(&chart, tenths, 2, &third), 5);
    check_text("tenths", third, S("0.1"));
    const char *const far[] = {"[0001-01-01T00:00:00.000Z, 0001-01-02T00:00:00.000Z[",
                               "[9999-12-31T00:00:00.000Z, +10000-01-01T00:00:00.000Z["};
    chart = chart_of(FIELD_DATE, BUCKET_DAY, 0);
    assert_int_equal(filled(&chart, far, 2, &third), 2); /* too many: left as they are */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_round_and_divide_the_span),
        cmocka_unit_test(steps_of_time_fit_the_span),
        cmocka_unit_test_setup_teardown(groups_have_names, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(gaps_are_filled_where_time_or_numbers_go_on, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
