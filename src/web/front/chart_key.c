/* Groups: their expressions in ODSQL, and the names that people read. */
#include <math.h>

#include "base/date.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "web/front/chart.h"

#define LABEL_LETTERS 120
#define VALUE_BYTES 400

/* ---- expressions ---- */

static str date_expression(struct arena *arena, enum chart_bucket bucket, str name)
{
    static const char *const units[] = {
        [BUCKET_YEAR] = "year", [BUCKET_QUARTER] = "quarter", [BUCKET_MONTH] = "month",
        [BUCKET_WEEK] = "week", [BUCKET_DAY] = "day",         [BUCKET_HOUR] = "hour",
        [BUCKET_MINUTE] = "minute"};
    switch (bucket) {
    case BUCKET_MONTH_OF_YEAR:
        return str_printf(arena, "month(%.*s)", STR_ARG(name));
    case BUCKET_DAY_OF_WEEK:
        return str_printf(arena, "date_format(%.*s, 'e')", STR_ARG(name));
    case BUCKET_HOUR_OF_DAY:
        return str_printf(arena, "hour(%.*s)", STR_ARG(name));
    default:
        return str_printf(arena, "range(%.*s, 1 %s)", STR_ARG(name), units[bucket]);
    }
}

str chart_x(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    str name = odsql_name(arena, chart->x->name);
    if (chart->bucket == BUCKET_RANGES) {
        return str_printf(arena, "range(%.*s, %.15g)", STR_ARG(name), chart->width);
    }
    return chart->bucket == BUCKET_VALUE ? name : date_expression(arena, chart->bucket, name);
}

str chart_series(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    str name = odsql_name(arena, chart->series->name);
    return chart_is_date(chart->series) ? str_printf(arena, "year(%.*s)", STR_ARG(name)) : name;
}

str chart_y(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    return chart->function == CHART_COUNT
               ? S("count(*)")
               : str_printf(arena, "%.*s(%.*s)", STR_ARG(chart_function_name(chart->function)),
                            STR_ARG(odsql_name(arena, chart->of->name)));
}

/* ---- names ---- */

static str text_of(struct arena *arena, const json_t *value)
{
    char *dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    str text = str_copy(arena, str_from(dump ? dump : ""));
    free(dump);
    return text;
}

/* "[LOW, HIGH[" */
static bool split_range(str text, str *ret_low, str *ret_high)
{
    size_t comma = str_find(text, S(", "), 0);
    if (!str_starts(text, S("[")) || !str_ends(text, S("[")) || comma == SIZE_MAX) {
        return false;
    }
    *ret_low = str_slice(text, 1, comma);
    *ret_high = str_slice(text, comma + 2, text.n - 1);
    return true;
}

/* As scripts read it: of the day alone, or with the minute; without a zone. */
static str date_value(struct arena *arena, const struct civil *civil, enum chart_bucket bucket)
{
    bool has_time = bucket == BUCKET_HOUR || bucket == BUCKET_MINUTE;
    return has_time ? str_printf(arena, "%04d-%02d-%02dT%02d:%02d", civil->year, civil->month,
                                 civil->day, civil->hour, civil->minute)
                    : str_printf(arena, "%04d-%02d-%02d", civil->year, civil->month, civil->day);
}

static str date_label(const struct dataset_page *page, const struct civil *civil,
                      enum chart_bucket bucket)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    usec start = date_instant(civil);
    str year = str_printf(arena, "%d", civil->year);
    struct message_argument quarter[] = {ARG_INT("quarter", (civil->month + 2) / 3),
                                         ARG_TEXT("year", year)};
    switch (bucket) {
    case BUCKET_YEAR:
        return year;
    case BUCKET_QUARTER:
        return message_text(arena, lang, MSG_CHART_QUARTER, quarter, 2);
    case BUCKET_MONTH:
        return format_month(arena, lang, start);
    case BUCKET_HOUR:
    case BUCKET_MINUTE:
        return format_local(arena, lang, start);
    default:
        return format_date(arena, lang, start);
    }
}

static void name_date(const struct dataset_page *page, const struct civil *civil,
                      enum chart_bucket bucket, struct chart_key *key)
{
    key->value = date_value(&page->call->scope->arena, civil, bucket);
    key->label = date_label(page, civil, bucket);
}

static void name_range(const struct dataset_page *page, const struct chart *chart, double low,
                       double high, struct chart_key *key)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    bool is_whole = chart->x->type == FIELD_INT;
    double last = is_whole ? high - 1 : high;
    key->value = str_printf(arena, "%.15g", low);
    key->end = str_printf(arena, "%.15g", high);
    str first = format_number(arena, lang, low, -1);
    struct message_argument arguments[] = {
        ARG_TEXT("low", first), ARG_TEXT("high", format_number(arena, lang, last, -1))};
    key->label = is_whole && last <= low
                     ? first
                     : message_text(arena, lang, MSG_CHART_RANGE, arguments, 2);
}

static bool name_group(const struct dataset_page *page, const struct chart *chart, str text,
                       struct chart_key *key)
{
    str low, high;
    struct date_text date;
    double from, to;
    if (!split_range(text, &low, &high)) {
        return false;
    }
    if (chart->bucket == BUCKET_RANGES && num_read_double(low, &from) && num_read_double(high, &to)) {
        name_range(page, chart, from, to, key);
        return true;
    }
    if (chart->bucket != BUCKET_RANGES && date_read(low, &date)) {
        name_date(page, &date.civil, chart->bucket, key);
        return true;
    }
    return false;
}

static str cyclic_label(const struct dataset_page *page, const struct chart *chart, int64_t number)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    switch (chart->bucket) {
    case BUCKET_MONTH_OF_YEAR:
        return number >= 1 && number <= 12 ? format_month_name(arena, lang, (int)number) : S("");
    case BUCKET_DAY_OF_WEEK:
        return number >= 1 && number <= 7 ? format_weekday(arena, lang, (int)number) : S("");
    default:
        return str_printf(arena, "%02lld:00", (long long)number);
    }
}

static bool is_cyclic(const struct chart *chart)
{
    return chart->bucket >= BUCKET_MONTH_OF_YEAR && chart->bucket <= BUCKET_HOUR_OF_DAY;
}

struct chart_key chart_key_make(const struct dataset_page *page, const struct chart *chart,
                                bool is_series, const json_t *value)
{
    struct arena *arena = &page->call->scope->arena;
    struct chart_key key = {.end = S("")};
    if (!value || json_is_null(value)) {
        key.is_missing = true;
        key.value = S("");
        key.label = message_plain(page->call->language, MSG_CHART_MISSING);
        return key;
    }
    bool is_text = json_is_string(value);
    key.key = is_text ? str_copy(arena, json_read_text(value)) : text_of(arena, value);
    int64_t number = 0;
    if (!is_series && is_cyclic(chart) && num_read_int(key.key, &number)) {
        key.value = key.key;
        key.label = cyclic_label(page, chart, number);
        return key;
    }
    if (!is_series && chart->bucket != BUCKET_VALUE && name_group(page, chart, key.key, &key)) {
        return key;
    }
    const struct field *field = is_series ? chart->series : chart->x;
    struct value_view view = value_view(page->call, chart_is_date(field) ? NULL : field, value,
                                        LABEL_LETTERS);
    str more = view.is_cut ? S("…") : S("");
    key.value = utf8_truncate(key.key, VALUE_BYTES);
    key.label = view.text.n ? str_printf(arena, "%.*s%.*s", STR_ARG(view.text), STR_ARG(more))
                            : message_plain(page->call->language, MSG_CHART_EMPTY_TEXT);
    return key;
}

/* ---- groups without records ---- */

static bool fills(const struct dataset_page *page, const struct chart *chart)
{
    bool is_of_hours = chart->bucket == BUCKET_HOUR || chart->bucket == BUCKET_MINUTE;
    /* Where clocks are put forward an hour is missing that must not be counted as empty. */
    bool is_even = !is_of_hours || str_eq(zone_name(page->zone), S("UTC"));
    return chart_is_continuous(chart) && chart->order == ORDER_X && is_even;
}

static struct civil next_date(struct civil civil, enum chart_bucket bucket)
{
    static const enum date_precision precisions[] = {
        [BUCKET_YEAR] = PRECISION_YEAR, [BUCKET_MONTH] = PRECISION_MONTH, [BUCKET_DAY] = PRECISION_DAY,
        [BUCKET_HOUR] = PRECISION_HOUR, [BUCKET_MINUTE] = PRECISION_MINUTE};
    if (bucket == BUCKET_WEEK) {
        return date_civil(date_days(civil.year, civil.month, civil.day) + 7);
    }
    if (bucket == BUCKET_QUARTER) {
        for (int i = 0; i < 3; i++) {
            civil = date_next(civil, PRECISION_MONTH);
        }
        return civil;
    }
    return date_next(civil, precisions[bucket]);
}

/* The group behind one; false: it cannot be told. */
static bool follow(const struct dataset_page *page, const struct chart *chart,
                   const struct chart_key *key, struct chart_key *ret_next)
{
    struct date_text date;
    double low;
    *ret_next = (struct chart_key){.end = S("")};
    if (chart->bucket == BUCKET_RANGES) {
        if (!num_read_double(key->end, &low)) {
            return false;
        }
        double number = round(low / chart->width);
        name_range(page, chart, number * chart->width, (number + 1) * chart->width, ret_next);
        return true;
    }
    if (!date_read(key->value, &date) || date.civil.year >= 9999) {
        return false;
    }
    struct civil next = next_date(date.civil, chart->bucket);
    name_date(page, &next, chart->bucket, ret_next);
    return true;
}

static bool is_before(const struct chart *chart, const struct chart_key *a, const struct chart_key *b)
{
    double from = 0, to = 0;
    if (chart->bucket != BUCKET_RANGES) {
        return str_compare(a->value, b->value) < 0;
    }
    return num_read_double(a->value, &from) && num_read_double(b->value, &to) &&
           from < to - chart->width / 2;
}

void chart_fill_gaps(const struct dataset_page *page, const struct chart *chart,
                     struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    VEC(struct chart_key) rows = {0};
    if (!fills(page, chart)) {
        return;
    }
    for (size_t i = 0; i < data->row_count; i++) {
        struct chart_key next = {0};
        while (rows.count && !data->rows[i].is_missing &&
               follow(page, chart, &rows.items[rows.count - 1], &next) &&
               is_before(chart, &next, &data->rows[i])) {
            if (rows.count >= CHART_ROWS_MOST) {
                return; /* as it was: with gaps */
            }
            vec_add(arena, &rows, next);
        }
        vec_add(arena, &rows, data->rows[i]);
    }
    data->rows = rows.items;
    data->row_count = rows.count;
}
