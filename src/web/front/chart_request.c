#include "base/num.h"
#include "base/utf8.h"
#include "web/front/chart.h"

static const str kind_names[] = {
    [CHART_BAR] = {"bar", 3},         [CHART_HORIZONTAL] = {"horizontal", 10},
    [CHART_LINE] = {"line", 4},       [CHART_AREA] = {"area", 4},
    [CHART_PIE] = {"pie", 3},         [CHART_SCATTER] = {"scatter", 7},
    [CHART_HISTOGRAM] = {"histogram", 9}, [CHART_TREEMAP] = {"treemap", 7},
    [CHART_PIVOT] = {"pivot", 5}};
static const str bucket_names[] = {
    [BUCKET_AUTO] = {"", 0},          [BUCKET_YEAR] = {"year", 4},
    [BUCKET_QUARTER] = {"quarter", 7}, [BUCKET_MONTH] = {"month", 5},
    [BUCKET_WEEK] = {"week", 4},      [BUCKET_DAY] = {"day", 3},
    [BUCKET_HOUR] = {"hour", 4},      [BUCKET_MINUTE] = {"minute", 6},
    [BUCKET_MONTH_OF_YEAR] = {"month_of_year", 13}, [BUCKET_DAY_OF_WEEK] = {"day_of_week", 11},
    [BUCKET_HOUR_OF_DAY] = {"hour_of_day", 11},     [BUCKET_VALUE] = {"value", 5},
    [BUCKET_RANGES] = {"ranges", 6}};
static const str function_names[] = {
    [CHART_COUNT] = {"count", 5}, [CHART_SUM] = {"sum", 3}, [CHART_AVG] = {"avg", 3},
    [CHART_MEDIAN] = {"median", 6}, [CHART_MIN] = {"min", 3}, [CHART_MAX] = {"max", 3}};
static const str order_names[] = {[ORDER_AUTO] = {"", 0}, [ORDER_X] = {"x", 1}, [ORDER_X_DOWN] = {"-x", 2},
                                  [ORDER_Y] = {"y", 1}, [ORDER_Y_DOWN] = {"-y", 2}};
static const str stacking_names[] = {[STACKED_AUTO] = {"", 0}, [STACKED_NO] = {"no", 2},
                                     [STACKED_YES] = {"yes", 3}, [STACKED_SHARE] = {"share", 5}};

str chart_kind_name(enum chart_kind kind)
{
    return kind_names[kind];
}

str chart_bucket_name(enum chart_bucket bucket)
{
    return bucket_names[bucket];
}

str chart_function_name(enum chart_function function)
{
    return function_names[function];
}

str chart_order_name(enum chart_order order)
{
    return order_names[order];
}

str chart_stacking_name(enum chart_stacking stacking)
{
    return stacking_names[stacking];
}

/* ---- what fields can do ---- */

bool chart_is_number(const struct field *field)
{
    return field->type == FIELD_INT || field->type == FIELD_DOUBLE;
}

bool chart_is_date(const struct field *field)
{
    return field->type == FIELD_DATE || field->type == FIELD_DATETIME;
}

bool chart_takes_x(const struct field *field)
{
    return chart_is_number(field) || chart_is_date(field) || field->type == FIELD_TEXT ||
           field->type == FIELD_BOOLEAN;
}

bool chart_takes_series(const struct field *field)
{
    return chart_takes_x(field) && field->type != FIELD_DOUBLE && !field_is_list(field);
}

bool chart_adds_up(const struct chart *chart)
{
    return chart->function == CHART_COUNT || chart->function == CHART_SUM;
}

bool chart_is_continuous(const struct chart *chart)
{
    return (chart->bucket >= BUCKET_YEAR && chart->bucket <= BUCKET_MINUTE) ||
           chart->bucket == BUCKET_RANGES;
}

/* ---- reading ---- */

static enum err refuse_value(struct scope *scope, const char *name, str value, const str *allowed,
                             size_t count)
{
    str names = str_join(&scope->arena, allowed, count, sizeof(*allowed), S(", "));
    return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_NONE_OF,
                         SAYS(ARG_TEXT("name", str_from(name)), ARG_TEXT("value", utf8_truncate(value, 60)),
                              ARG_TEXT("allowed", names)));
}

/* first: the first name that may be written; those before mean that nothing was said. */
static enum err read_choice(struct scope *scope, const struct query *query, const char *name,
                            const str *names, size_t count, size_t first, size_t *choice)
{
    const str *value = query_find(query, str_from(name));
    if (!value || value->n == 0) {
        return ERR_OK;
    }
    for (size_t i = first; i < count; i++) {
        if (str_eq(names[i], *value)) {
            *choice = i;
            return ERR_OK;
        }
    }
    return refuse_value(scope, name, *value, names + first, count - first);
}

static enum err read_field(const struct dataset_page *page, const struct query *query,
                           const char *name, bool (*takes)(const struct field *),
                           const struct field **ret_field)
{
    struct scope *scope = page->call->scope;
    const str *value = query_find(query, str_from(name));
    if (!value || value->n == 0) {
        return ERR_OK;
    }
    *ret_field = schema_find(page->schema, *value);
    if (!*ret_field) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_NO_FIELD,
                             SAYS(ARG_TEXT("name", str_from(name)), ARG_TEXT("field", utf8_truncate(*value, 100))));
    }
    if (!takes(*ret_field)) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_FIELD_TYPE,
                             SAYS(ARG_TEXT("name", str_from(name)), ARG_TEXT("field", *value),
                                  ARG_TEXT("type", field_type_text((*ret_field)->type))));
    }
    return ERR_OK;
}

static enum err read_number(struct scope *scope, const struct query *query, const char *name,
                            int64_t most, int64_t *number)
{
    const str *value = query_find(query, str_from(name));
    if (value && value->n &&
        (!num_read_int(*value, number) || *number < 1 || *number > most)) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_WHOLE_NUMBER,
                             SAYS(ARG_TEXT("name", str_from(name)), argument_digits(&scope->arena, "most", most)));
    }
    return ERR_OK;
}

enum err chart_read(const struct dataset_page *page, const struct query *query,
                    struct chart *ret_chart)
{
    struct scope *scope = page->call->scope;
    size_t kind = CHART__COUNT, bucket = BUCKET_AUTO, function = CHART_COUNT, order = ORDER_AUTO,
           stacking = STACKED_AUTO;
    struct chart chart = {0};
    TRY(read_choice(scope, query, "chart", kind_names, CHART__COUNT, 0, &kind));
    TRY(read_choice(scope, query, "bucket", bucket_names, BUCKET__COUNT, 1, &bucket));
    TRY(read_choice(scope, query, "y", function_names, CHART_FUNCTION__COUNT, 0, &function));
    TRY(read_choice(scope, query, "order", order_names, CHART_ORDER__COUNT, 1, &order));
    TRY(read_choice(scope, query, "stacked", stacking_names, CHART_STACKING__COUNT, 1, &stacking));
    TRY(read_field(page, query, "x", chart_takes_x, &chart.x));
    TRY(read_field(page, query, "of", chart_is_number, &chart.of));
    TRY(read_field(page, query, "series", chart_takes_series, &chart.series));
    TRY(read_number(scope, query, "limit", CHART_ROWS_MOST, &chart.limit));
    TRY(read_number(scope, query, "bins", 200, &chart.bins));
    chart.kind = (enum chart_kind)kind;
    chart.bucket = (enum chart_bucket)bucket;
    chart.function = (enum chart_function)function;
    chart.order = (enum chart_order)order;
    chart.stacking = (enum chart_stacking)stacking;
    *ret_chart = chart;
    return ERR_OK;
}

/* ---- writing ---- */

static void write_parameter(struct buf *out, const char *name, str value)
{
    if (value.n) {
        buf_printf(out, "%s%s=", out->n ? "&" : "", name);
        url_encode(out, value);
    }
}

static void write_number(struct buf *out, const char *name, int64_t number)
{
    if (number) {
        buf_printf(out, "%s%s=%lld", out->n ? "&" : "", name, (long long)number);
    }
}

str chart_query(const struct dataset_page *page, const struct chart *chart)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    bool has_kind = chart->kind != CHART__COUNT;
    bool counts = chart->function == CHART_COUNT;
    write_parameter(&out, "chart", has_kind ? kind_names[chart->kind] : S(""));
    write_parameter(&out, "x", chart->x ? chart->x->name : S(""));
    write_parameter(&out, "bucket", bucket_names[chart->bucket]);
    write_number(&out, "bins", chart->bins);
    write_parameter(&out, "y", counts ? S("") : function_names[chart->function]);
    write_parameter(&out, "of", chart->of ? chart->of->name : S(""));
    write_parameter(&out, "series", chart->series ? chart->series->name : S(""));
    write_parameter(&out, "order", order_names[chart->order]);
    write_number(&out, "limit", chart->limit);
    write_parameter(&out, "stacked", stacking_names[chart->stacking]);
    return buf_copy(&out, &page->call->scope->arena);
}
