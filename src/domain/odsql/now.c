/* now(…): singular parameters set a component, plural ones add to it (explore-api.md 3.6). */
#include "base/date.h"
#include "domain/odsql/translate.h"

enum component { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MICROSECOND, WEEKDAY };

static const struct {
    const char *name;
    enum component component;
    int low, high;
} set_rows[] = {
    {"year", YEAR, 1, 9999},   {"month", MONTH, 1, 12},   {"day", DAY, 1, 31},
    {"hour", HOUR, 0, 23},     {"minute", MINUTE, 0, 59}, {"second", SECOND, 0, 59},
    {"microsecond", MICROSECOND, 0, 999999},              {"weekday", WEEKDAY, 0, 6},
};

static const char *const add_names[] = {"years",   "months",  "days",        "hours",
                                        "minutes", "seconds", "microseconds"};
static const char *const weekday_names[] = {"mondays", "tuesdays",  "wednesdays", "thursdays",
                                            "fridays", "saturdays", "sundays"};

static bool argument_value(const struct node *call, const char *name, int64_t *ret_value)
{
    bool found = false;
    for (size_t i = 0; i < call->children.count; i++) {
        const struct node *argument = call->children.items[i];
        const struct node *value = argument->children.items[0];
        int64_t sign = 1;
        while (value->kind == NODE_NEGATE) {
            sign = -sign;
            value = value->children.items[0];
        }
        if (str_eq(argument->name, str_from(name)) && value->kind == NODE_INT) {
            *ret_value = sign * value->number;
            found = true; /* given twice: the last one counts */
        }
    }
    return found;
}

static bool is_known(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(set_rows); i++) {
        if (str_eq(name, str_from(set_rows[i].name))) {
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(add_names); i++) {
        if (str_eq(name, str_from(add_names[i])) || str_eq(name, str_from(weekday_names[i]))) {
            return true;
        }
    }
    return false;
}

static enum err check_arguments(struct translation *translation, const struct node *call)
{
    for (size_t i = 0; i < call->children.count; i++) {
        const struct node *argument = call->children.items[i];
        const struct node *value = argument->children.items[0];
        while (value->kind == NODE_NEGATE) {
            value = value->children.items[0];
        }
        if (!is_known(argument->name) || value->kind != NODE_INT) {
            return query_error(translation->scope, translation->clause, MSG_ODSQL_NOW_SETTING,
                               SAYS(ARG_TEXT("text", argument->text)));
        }
    }
    return ERR_OK;
}

static enum err set_components(struct translation *translation, const struct node *call,
                               struct civil *civil)
{
    int *parts[] = {&civil->year,   &civil->month,  &civil->day,        &civil->hour,
                    &civil->minute, &civil->second, &civil->microsecond};
    for (size_t i = 0; i < ARRAY_LENGTH(set_rows); i++) {
        int64_t value;
        if (!argument_value(call, set_rows[i].name, &value)) {
            continue;
        }
        bool day = set_rows[i].component == DAY;
        bool clamped = day && value > set_rows[i].high;
        if (value < set_rows[i].low || (value > set_rows[i].high && !clamped)) {
            return query_error(translation->scope, translation->clause, MSG_ODSQL_NOW_RANGE,
                               SAYS(ARG_TEXT("name", str_from(set_rows[i].name)),
                                    argument_digits(&translation->scope->arena, "least", set_rows[i].low),
                                    argument_digits(&translation->scope->arena, "most", set_rows[i].high)));
        }
        if (set_rows[i].component != WEEKDAY) {
            *parts[set_rows[i].component] = (int)(clamped ? set_rows[i].high : value);
        }
    }
    return ERR_OK;
}

static void clamp_day(struct civil *civil)
{
    int length = date_month_length(civil->year, civil->month);
    civil->day = civil->day > length ? length : civil->day;
}

static enum err refuse_year(struct translation *translation)
{
    return query_error(translation->scope, translation->clause, MSG_ODSQL_NOW_YEAR, NULL);
}

/* Adds count units; the result stays within the years that have a text. */
static enum err shift(struct translation *translation, int64_t count, usec unit, usec *local)
{
    const struct civil first = {.year = 1, .month = 1, .day = 1};
    const struct civil behind = {.year = 10000, .month = 1, .day = 1};
    usec moved;
    if (__builtin_mul_overflow(count, unit, &moved) ||
        __builtin_add_overflow(*local, moved, &moved) || moved < date_instant(&first) ||
        moved >= date_instant(&behind)) {
        return refuse_year(translation);
    }
    *local = moved;
    return ERR_OK;
}

static enum err move_weekdays(struct translation *translation, int weekday, int64_t count,
                              usec *local)
{
    usec days = *local / USEC_DAY - (*local % USEC_DAY < 0);
    int today = date_weekday((int32_t)days);
    if (count == 0) {
        return ERR_OK;
    }
    int nearest = count > 0 ? (weekday - today + 7) % 7 : -((today - weekday + 7) % 7);
    TRY(shift(translation, nearest, USEC_DAY, local));
    return shift(translation, count > 0 ? count - 1 : count + 1, 7 * USEC_DAY, local);
}

enum err evaluate_now(struct translation *translation, const struct node *call, usec *ret_instant)
{
    static const usec units[] = {USEC_DAY, 3600 * USEC_SECOND, 60 * USEC_SECOND, USEC_SECOND, 1};
    TRY(check_arguments(translation, call));
    translation->saw_now = true;
    usec now = translation->now;
    struct civil civil =
        date_civil_instant(now + zone_offset_at(translation->zone, now) * USEC_SECOND);
    TRY(set_components(translation, call, &civil));
    int64_t value;
    int64_t years = argument_value(call, "years", &value) ? value : 0;
    int64_t months = argument_value(call, "months", &value) ? value : 0;
    int64_t total;
    if (__builtin_mul_overflow(years, 12, &total) ||
        __builtin_add_overflow(total, months, &total) ||
        __builtin_add_overflow(total, civil.year * 12 + civil.month - 1, &total) || total < 12 ||
        total >= 10000 * 12) {
        return refuse_year(translation);
    }
    civil.year = (int)(total / 12);
    civil.month = (int)(total % 12) + 1;
    clamp_day(&civil);
    usec local = date_instant(&civil);
    for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
        if (argument_value(call, add_names[i + 2], &value)) {
            TRY(shift(translation, value, units[i], &local));
        }
    }
    for (int i = 0; i < 7; i++) {
        if (argument_value(call, weekday_names[i], &value)) {
            TRY(move_weekdays(translation, i, value, &local));
        }
    }
    if (argument_value(call, "weekday", &value)) {
        TRY(move_weekdays(translation, (int)value, 1, &local));
    }
    *ret_instant = zone_instant_of_local(translation->zone, local);
    return ERR_OK;
}
