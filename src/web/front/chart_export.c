/* What a chart shows, as an address of the API that exports it. */
#include "base/limits.h"
#include "web/front/chart.h"

static void write_parameter(struct buf *out, const char *name, str value)
{
    buf_printf(out, "&%s=", name);
    url_encode(out, value);
}

static str alias_of(struct arena *arena, const struct field *field, str suffix)
{
    return odsql_name(arena, suffix.n ? str_printf(arena, "%.*s_%.*s", STR_ARG(field->name), STR_ARG(suffix))
                                      : field->name);
}

static void write_groups(const struct dataset_page *page, const struct chart *chart, struct buf *out)
{
    struct arena *arena = &page->call->scope->arena;
    str x = chart_x(page, chart);
    str bucket = chart->bucket == BUCKET_VALUE ? S("") : chart_bucket_name(chart->bucket);
    str x_name = alias_of(arena, chart->x, bucket);
    str y_name = chart->function == CHART_COUNT
                     ? S("records")
                     : alias_of(arena, chart->of, chart_function_name(chart->function));
    str group = bucket.n ? str_printf(arena, "%.*s as %.*s", STR_ARG(x), STR_ARG(x_name)) : x;
    if (chart->series) {
        str series = chart_series(page, chart);
        group = str_printf(arena, "%.*s, %.*s", STR_ARG(group), STR_ARG(series));
    }
    bool is_by_value = chart->order == ORDER_Y || chart->order == ORDER_Y_DOWN;
    str order = is_by_value ? y_name : x_name;
    bool is_down = chart->order == ORDER_Y_DOWN || chart->order == ORDER_X_DOWN;
    write_parameter(out, "select",
                    str_printf(arena, "%.*s as %.*s", STR_ARG(chart_y(page, chart)), STR_ARG(y_name)));
    write_parameter(out, "group_by", group);
    write_parameter(out, "order_by", str_printf(arena, "%.*s%s", STR_ARG(order), is_down ? " desc" : ""));
    buf_printf(out, "&limit=%lld", (long long)(chart->series ? LIMIT_GROUP_ROWS : chart->limit));
}

str chart_export(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    cleanup_with(buf_cleanup) struct buf out = {0};
    struct clauses clauses = page->clauses;
    clauses.order_by = STR_NONE;
    filter_write_api(&out, &clauses);
    if (chart->kind == CHART_SCATTER) {
        str select = str_printf(arena, "%.*s, %.*s", STR_ARG(odsql_name(arena, chart->x->name)),
                                STR_ARG(odsql_name(arena, chart->of->name)));
        write_parameter(&out, "where", chart_points_condition(page, chart));
        if (chart->series) {
            select = str_printf(arena, "%.*s, %.*s", STR_ARG(select),
                                STR_ARG(odsql_name(arena, chart->series->name)));
        }
        write_parameter(&out, "select", select);
    } else {
        write_groups(page, chart, &out);
    }
    write_parameter(&out, "timezone", page->clauses.timezone);
    str query = buf_copy(&out, arena);
    query = str_starts(query, S("&")) ? str_slice(query, 1, query.n) : query;
    return str_printf(arena, "/api/explore/v2.1/catalog/datasets/%.*s/exports/csv?%.*s",
                      STR_ARG(page->dataset->id), STR_ARG(query));
}
