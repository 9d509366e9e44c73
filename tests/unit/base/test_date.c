/* Calendar arithmetic, date literals and their precision, and text of dates. */
#include "../check.h"

#include "base/date.h"

static void test_days_and_back(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        int32_t days;
        int weekday;
    } cases[] = {
        {1970, 1, 1, 0, 3},        {1969, 12, 31, -1, 2},     {2000, 2, 29, 11016, 1},
        {2000, 3, 1, 11017, 2},    {1900, 2, 28, -25509, 2},  {1900, 3, 1, -25508, 3},
        {2024, 2, 29, 19782, 3},   {2026, 8, 29, 20694, 5},   {1, 1, 1, -719162, 0},
        {9999, 12, 31, 2932896, 4}, {1600, 12, 31, -134775, 6}, {2100, 2, 28, 47540, 6},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d-%d-%d", cases[i].year, cases[i].month, cases[i].day);
        struct civil civil = date_civil(cases[i].days);
        check_int(name, date_days(cases[i].year, cases[i].month, cases[i].day), cases[i].days);
        check_int(name, civil.year, cases[i].year);
        check_int(name, civil.month, cases[i].month);
        check_int(name, civil.day, cases[i].day);
        check_int(name, date_weekday(cases[i].days), cases[i].weekday);
    }
}

/* Every day of the years 1 to 9999: each follows the one before by the rules of the calendar. */
static void test_every_day(void **state)
{
    (void)state;
    struct civil expected = {.year = 1, .month = 1, .day = 1};
    int32_t first = date_days(1, 1, 1);
    int32_t last = date_days(9999, 12, 31);
    for (int32_t days = first; days <= last; days++) {
        struct civil civil = date_civil(days);
        bool good = civil.year == expected.year && civil.month == expected.month &&
                    civil.day == expected.day && date_weekday(days) == (days - first) % 7 &&
                    date_days(civil.year, civil.month, civil.day) == days;
        if (!good) {
            print_error("day %d is %d-%d-%d\n", days, civil.year, civil.month, civil.day);
        }
        assert_true(good);
        if (++expected.day > date_month_length(expected.year, expected.month)) {
            expected.day = 1;
            expected.year += expected.month == 12;
            expected.month = expected.month % 12 + 1;
        }
    }
}

static void test_month_lengths(void **state)
{
    (void)state;
    static const struct {
        int year, month, length;
    } cases[] = {{2023, 2, 28}, {2024, 2, 29}, {1900, 2, 28}, {2000, 2, 29}, {2100, 2, 28},
                 {4, 2, 29},    {2023, 1, 31}, {2023, 4, 30}, {2023, 12, 31}, {9999, 2, 28}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_int("month", date_month_length(cases[i].year, cases[i].month), cases[i].length);
    }
}

static const struct {
    const char *text;
    const char *instant; /* as written at its own offset */
    enum date_precision precision;
    bool has_zone;
} literals[] = {
    {"2026", "2026-01-01T00:00:00+00:00", PRECISION_YEAR, false},
    {"0001", "0001-01-01T00:00:00+00:00", PRECISION_YEAR, false},
    {"9999", "9999-01-01T00:00:00+00:00", PRECISION_YEAR, false},
    {"2026-08", "2026-08-01T00:00:00+00:00", PRECISION_MONTH, false},
    {"2026/08", "2026-08-01T00:00:00+00:00", PRECISION_MONTH, false},
    {"2026-08-29", "2026-08-29T00:00:00+00:00", PRECISION_DAY, false},
    {"2026/08/29", "2026-08-29T00:00:00+00:00", PRECISION_DAY, false},
    {"2024-02-29", "2024-02-29T00:00:00+00:00", PRECISION_DAY, false},
    {"2000-02-29", "2000-02-29T00:00:00+00:00", PRECISION_DAY, false},
    {"2026-08-29T07", "2026-08-29T07:00:00+00:00", PRECISION_HOUR, false},
    {"2026-08-29T07Z", "2026-08-29T07:00:00+00:00", PRECISION_HOUR, true},
    {"2026-08-29 07:05", "2026-08-29T07:05:00+00:00", PRECISION_MINUTE, false},
    {"2026-08-29t07:05z", "2026-08-29T07:05:00+00:00", PRECISION_MINUTE, true},
    {"2026/08/29 07:05:09", "2026-08-29T07:05:09+00:00", PRECISION_SECOND, false},
    {"2026-08-29T23:59:59.9", "2026-08-29T23:59:59.9+00:00", PRECISION_FRACTION, false},
    {"2026-08-29T23:59:59,25", "2026-08-29T23:59:59.25+00:00", PRECISION_FRACTION, false},
    {"2026-08-29T00:00:00.000001", "2026-08-29T00:00:00.000001+00:00", PRECISION_FRACTION, false},
    {"2026-08-29T00:00:00.1234567", "2026-08-29T00:00:00.123456+00:00", PRECISION_FRACTION, false},
    {"2026-08-29T00:00:00.0000009", "2026-08-29T00:00:00+00:00", PRECISION_FRACTION, false},
    {"2026-08-29T00:00:00.5Z", "2026-08-29T00:00:00.5+00:00", PRECISION_FRACTION, true},
    {"2026-08-29T07:05+02", "2026-08-29T07:05:00+02:00", PRECISION_MINUTE, true},
    {"2026-08-29T07:05-0330", "2026-08-29T07:05:00-03:30", PRECISION_MINUTE, true},
    {"2026-08-29T07:05:09+05:45", "2026-08-29T07:05:09+05:45", PRECISION_SECOND, true},
    {"2026-08-29T07+02:00", "2026-08-29T07:00:00+02:00", PRECISION_HOUR, true},
    {"2026-08-29T07:05:09+00:00", "2026-08-29T07:05:09+00:00", PRECISION_SECOND, true},
    {"2026-08-29T07:05:09-00:30", "2026-08-29T07:05:09-00:30", PRECISION_SECOND, true},
    {"2026-08-29T07:05:09+18:00", "2026-08-29T07:05:09+18:00", PRECISION_SECOND, true},
    {"9999-12-31T23:59:59.99999Z", "9999-12-31T23:59:59.99999+00:00", PRECISION_FRACTION, true},
    {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", PRECISION_SECOND, true},
};

static const char *const refused[] = {
    "", "0000", "0000-01-01", "202", "20260", "20260829", "2026-", "2026-8", "2026-8-29",
    "2026-00", "2026-13", "2026-08-", "2026-08-00", "2026-08-32", "2026-04-31", "2023-02-29",
    "1900-02-29", "2100-02-29", "2026-08/29", "2026/08-29", "2026.08.29", "29/08/2026", " 2026",
    "2026 ", "+2026", "-2026", "2026-08-29T", "2026-08-29 ", "2026-08-29x07", "2026-08T07",
    "2026T07", "2026-08-29T7", "2026-08-29T24", "2026-08-29T24:00:00", "2026-08-29T07:60",
    "2026-08-29T07:", "2026-08-29T07:5", "2026-08-29T07:05:60", "2026-08-29T07:05:",
    "2026-08-29T07:05:09.", "2026-08-29T07:05:09.Z", "2026-08-29T07:05.5", "2026-08-29Z",
    "2026-08-29+02:00", "2026-08-29T07:05ZZ", "2026-08-29T07:05Z ", "2026-08-29T07:05+",
    "2026-08-29T07:05+2", "2026-08-29T07:05+02:", "2026-08-29T07:05+02:0",
    "2026-08-29T07:05+02:60", "2026-08-29T07:05+19:00", "2026-08-29T07:05+02:00:00",
    "2026-08-29T07:05 +02:00", "2026-08-29T07:05:09 UTC", "2026-W35", "2026-241", "today",
};

static void test_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(literals); i++) {
        const char *text = literals[i].text;
        struct date_text date;
        str exact = exact_copy(str_from(text));
        check_int(text, date_read(exact, &date), true);
        exact_free(exact);
        char out[DATE_TEXT_BYTES];
        usec offset = (usec)date.zone_offset_minutes * 60;
        size_t n = date_write_instant(out, date_instant(&date.civil) - offset * USEC_SECOND,
                                      (int)offset);
        check_text(text, (str){out, n}, str_from(literals[i].instant));
        check_int(text, date.precision, literals[i].precision);
        check_int(text, date.has_zone, literals[i].has_zone);
    }
}

static void test_refused_literals(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct date_text date = {.zone_offset_minutes = 4711};
        str exact = exact_copy(str_from(refused[i]));
        check_int(refused[i], date_read(exact, &date), false);
        exact_free(exact);
        check_int(refused[i], date.zone_offset_minutes, 4711); /* untouched */
    }
}

/* What is written is read back as the same instant, at every kind of offset. */
static void test_round_trips(void **state)
{
    (void)state;
    static const int offsets[] = {0, 3600, -3600, 20700, -12600, 50400, -43200, 64800};
    const usec first = (usec)date_days(2, 1, 1) * USEC_DAY;
    const usec last = (usec)date_days(9998, 12, 31) * USEC_DAY;
    for (usec at = first; at < last; at += 7777777 * USEC_SECOND + 123457) {
        for (size_t i = 0; i < ARRAY_LENGTH(offsets); i++) {
            char out[DATE_TEXT_BYTES];
            struct date_text date;
            size_t n = date_write_instant(out, at, offsets[i]);
            bool good = n < sizeof(out) && date_read((str){out, n}, &date) &&
                        date.zone_offset_minutes * 60 == offsets[i] &&
                        date_instant(&date.civil) - offsets[i] * USEC_SECOND == at;
            if (!good) {
                print_error("%lld is written as '%.*s'\n", (long long)at, (int)n, out);
            }
            assert_true(good);
        }
    }
}

static void test_next(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        enum date_precision precision;
    } cases[] = {
        {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00+00:00", PRECISION_YEAR},
        {"2026-01-01T00:00:00Z", "2026-02-01T00:00:00+00:00", PRECISION_MONTH},
        {"2026-12-01T00:00:00Z", "2027-01-01T00:00:00+00:00", PRECISION_MONTH},
        {"2026-12-31T00:00:00Z", "2027-01-01T00:00:00+00:00", PRECISION_DAY},
        {"2024-02-28T00:00:00Z", "2024-02-29T00:00:00+00:00", PRECISION_DAY},
        {"2023-02-28T00:00:00Z", "2023-03-01T00:00:00+00:00", PRECISION_DAY},
        {"2026-12-31T23:00:00Z", "2027-01-01T00:00:00+00:00", PRECISION_HOUR},
        {"2026-12-31T23:59:00Z", "2027-01-01T00:00:00+00:00", PRECISION_MINUTE},
        {"2026-12-31T23:59:59Z", "2027-01-01T00:00:00+00:00", PRECISION_SECOND},
        {"1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00+00:00", PRECISION_FRACTION},
        {"2026-08-29T00:00:00.5Z", "2026-08-29T00:00:00.500001+00:00", PRECISION_FRACTION},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct date_text date;
        char out[DATE_TEXT_BYTES];
        assert_true(date_read(str_from(cases[i].from), &date));
        struct civil next = date_next(date.civil, cases[i].precision);
        size_t n = date_write_instant(out, date_instant(&next), 0);
        check_text(cases[i].from, (str){out, n}, str_from(cases[i].to));
    }
    struct civil end = date_next((struct civil){.year = 9999, .month = 12, .day = 31},
                                 PRECISION_DAY);
    assert_int_equal(end.year, 10000);
    end = date_next((struct civil){.year = 9999, .month = 12, .day = 1}, PRECISION_MONTH);
    assert_int_equal(end.year, 10000);
    assert_int_equal(end.month, 1);
}

static void test_write(void **state)
{
    (void)state;
    static const struct {
        int year, month, day;
        const char *text;
    } cases[] = {{1970, 1, 1, "1970-01-01"},     {1, 1, 1, "0001-01-01"},
                 {9999, 12, 31, "9999-12-31"},   {10000, 1, 1, "+010000-01-01"},
                 {0, 12, 31, "0000-12-31"},      {-1, 12, 31, "-000001-12-31"},
                 {294247, 1, 10, "+294247-01-10"}, {-290308, 12, 21, "-290308-12-21"}};
    char out[DATE_TEXT_BYTES];
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int32_t days = date_days(cases[i].year, cases[i].month, cases[i].day);
        size_t n = date_write_day(out, days);
        check_text(cases[i].text, (str){out, n}, str_from(cases[i].text));
    }
    /* What an engine may hold at most. */
    const usec extremes[] = {INT64_MAX, INT64_MIN, -INT64_MAX};
    for (size_t i = 0; i < ARRAY_LENGTH(extremes); i++) {
        assert_true(date_write_instant(out, extremes[i], 50400) < sizeof(out));
        assert_true(date_write_instant(out, extremes[i], -50400) < sizeof(out));
    }
    assert_true(date_write_day(out, INT32_MAX) < sizeof(out));
    assert_true(date_write_day(out, INT32_MIN) < sizeof(out));
}

static void test_clock(void **state)
{
    (void)state;
    clock_set_wall(4711);
    assert_int_equal(clock_wall(), 4711);
    assert_int_equal(clock_wall(), 4711);
    clock_set_wall(0);
    assert_true(clock_wall() > (usec)date_days(2026, 1, 1) * USEC_DAY);
    usec before = clock_monotonic();
    assert_true(clock_monotonic() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_and_back), cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_month_lengths), cmocka_unit_test(test_literals),
        cmocka_unit_test(test_refused_literals), cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_next),          cmocka_unit_test(test_write),
        cmocka_unit_test(test_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
