/* When the calendar has a source read. */
#include "../check.h"

#include "base/date.h"
#include "domain/resource/refresh.h"

#define HOUR (3600 * USEC_SECOND)

static usec instant(const char *text)
{
    struct date_text date;
    assert_true(date_read(str_from(text), &date));
    return date_instant(&date.civil);
}

static const str datasets[] = {{"da_1", 4}, {"da_2", 4}, {"da_3", 4}, {"", 0}};

static void test_slots(void **state)
{
    static const struct {
        const char *schedule;
        usec period; /* longest time between two slots */
    } rows[] = {{"hourly", HOUR}, {"daily", USEC_DAY}, {"weekly", 7 * USEC_DAY}, {"monthly", 31 * USEC_DAY}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(datasets); j++) {
            usec last = 0;
            for (usec now = instant("2023-12-20T00:00:00"); now < instant("2024-04-10T00:00:00"); now += HOUR / 4) {
                usec slot = refresh_slot(str_from(rows[i].schedule), datasets[j], now);
                assert_true(slot <= now && now - slot < rows[i].period);
                assert_true(slot % (60 * USEC_SECOND) == 0 && slot >= last);
                struct civil civil = date_civil_instant(slot);
                assert_true(i == 0 || civil.hour < 6);
                assert_true(i != 2 || date_weekday((int32_t)(slot / USEC_DAY)) == 0);
                assert_true(i != 3 || civil.day == 1);
                last = slot;
            }
            check_int("of itself", refresh_slot(str_from(rows[i].schedule), datasets[j], last), last);
        }
    }
}

/* Kept by all versions: after an upgrade nothing is read twice. */
static void test_minutes_stay(void **state)
{
    usec now = instant("2024-03-15T12:00:00");
    (void)state;
    assert_true(refresh_slot(S("daily"), datasets[0], now) != refresh_slot(S("daily"), datasets[1], now));
    check_int("da_1", refresh_slot(S("daily"), datasets[0], now) - instant("2024-03-15T00:00:00"), (usec)356 * 60 * USEC_SECOND);
}

static void test_names(void **state)
{
    (void)state;
    assert_true(refresh_is_schedule(S("")) && refresh_is_schedule(S("hourly")) && refresh_is_schedule(S("monthly")));
    assert_false(refresh_is_schedule(S("yearly")) || refresh_is_schedule(S("Daily")));
    check_int("by hand", refresh_slot(S(""), datasets[0], instant("2024-03-15T12:00:00")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slots), cmocka_unit_test(test_minutes_stay),
                                       cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
