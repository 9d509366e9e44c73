/* The figures as JSON and CSV. */
#include "base/csv_write.h"
#include "base/json_write.h"
#include "web/front/statistics.h"

static void write_amount(struct json_writer *json, str name, const struct figure *figure)
{
    json_key(json, name);
    if (figure->is_hidden) {
        json_write_null(json);
    } else {
        json_int(json, figure->amount);
    }
}

static void write_head(struct json_writer *json, const struct statistics *statistics, int64_t live)
{
    struct arena *arena = &statistics->call->scope->arena;
    json_key_text(json, S("from"), period_text(arena, GRAIN_DAY, statistics->from_day));
    json_key_text(json, S("to"), period_text(arena, GRAIN_DAY, statistics->to_day));
    json_key_int(json, S("threshold"), statistics->threshold);
    if (statistics->dataset) {
        json_key_text(json, S("dataset"), statistics->dataset->id);
    }
    if (statistics->page.n) {
        json_key_text(json, S("page"), statistics->page);
    }
    if (!statistics->is_public) {
        write_amount(json, S("live"), &(struct figure){.amount = live, .is_hidden = live < 0});
    }
}

static void write_keys(struct json_writer *json, const struct statistics_figures *figures)
{
    json_key(json, S("totals"));
    json_object_begin(json);
    for (size_t i = 0; i < figures->key_count; i++) {
        json_key(json, str_from(measure_key(figures->keys[i].measure)));
        json_object_begin(json);
        write_amount(json, S("value"), &figures->keys[i].now);
        write_amount(json, S("before"), &figures->keys[i].before);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_points(struct json_writer *json, const struct statistics *statistics,
                         const struct statistics_figures *figures)
{
    json_key(json, S("series"));
    json_object_begin(json);
    json_key_text(json, S("measure"), str_from(measure_key(statistics->shown)));
    json_key_text(json, S("by"), str_from(grain_key(statistics->grain)));
    json_key(json, S("points"));
    json_array_begin(json);
    for (size_t i = 0; i < figures->point_count; i++) {
        json_object_begin(json);
        json_key_text(json, S("time"),
                      period_text(&statistics->call->scope->arena, statistics->grain, figures->points[i].at));
        write_amount(json, S("value"), &figures->points[i]);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

/* A dataset by its id; one that is gone, or not for who asks, is left out. */
static bool value_of(const struct statistics *statistics, enum dimension dimension, str value, str *ret_value)
{
    *ret_value = value;
    if (dimension == DIMENSION_DATASET && !str_eq(value, S("other"))) {
        const struct dataset *dataset = snapshot_find(statistics->call->snapshot, value);
        *ret_value = dataset ? dataset->id : STR_NONE;
    }
    return ret_value->p != NULL;
}

static void write_lists(struct json_writer *json, const struct statistics *statistics,
                        const struct statistics_figures *figures)
{
    json_key(json, S("lists"));
    json_array_begin(json);
    for (size_t i = 0; i < figures->list_count; i++) {
        const struct statistics_list *list = &figures->lists[i];
        json_object_begin(json);
        json_key_text(json, S("measure"), str_from(measure_key(list->measure)));
        json_key_text(json, S("dimension"), str_from(dimension_key(list->dimension)));
        json_key(json, S("items"));
        json_array_begin(json);
        for (size_t k = 0; k < list->count; k++) {
            str value;
            if (value_of(statistics, list->dimension, list->items[k].value, &value)) {
                json_object_begin(json);
                json_key_text(json, S("value"), value);
                json_key_int(json, S("amount"), list->items[k].amount);
                json_object_end(json);
            }
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void set_headers(const struct statistics *statistics, str type)
{
    struct exchange *exchange = statistics->call->exchange;
    response_header(exchange, S("Content-Type"), type);
    response_header(exchange, S("Cache-Control"), S("no-store"));
}

enum err statistics_send_json(const struct statistics *statistics)
{
    struct statistics_figures figures;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    TRY(statistics_figures(statistics, &figures));
    json_object_begin(&json);
    write_head(&json, statistics, figures.live);
    write_keys(&json, &figures);
    json_key(&json, S("answer_milliseconds"));
    json_object_begin(&json);
    json_key_int(&json, S("median"), figures.median);
    json_key_int(&json, S("percentile_95"), figures.slowest);
    json_object_end(&json);
    write_points(&json, statistics, &figures);
    write_lists(&json, statistics, &figures);
    json_object_end(&json);
    set_headers(statistics, S("application/json; charset=utf-8"));
    response_body(statistics->call->exchange, &out);
    return ERR_OK;
}

static void add_line(struct buf *out, str time, enum measure measure, enum dimension dimension, str value,
                     const struct figure *figure)
{
    csv_text(out, true, time);
    csv_text(out, false, str_from(measure_key(measure)));
    csv_text(out, false, str_from(dimension_key(dimension)));
    csv_text(out, false, value);
    if (figure->is_hidden) {
        csv_text(out, false, S(""));
    } else {
        csv_int(out, false, figure->amount);
    }
    csv_line(out);
}

enum err statistics_send_csv(const struct statistics *statistics)
{
    struct statistics_figures figures;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct arena *arena = &statistics->call->scope->arena;
    TRY(statistics_figures(statistics, &figures));
    str period = str_printf(arena, "%.*s/%.*s", STR_ARG(period_text(arena, GRAIN_DAY, statistics->from_day)),
                            STR_ARG(period_text(arena, GRAIN_DAY, statistics->to_day)));
    buf_add(&out, S("time,measure,dimension,value,amount\r\n"));
    for (size_t i = 0; i < figures.key_count; i++) {
        add_line(&out, period, figures.keys[i].measure, DIMENSION_NONE, S(""), &figures.keys[i].now);
    }
    for (size_t i = 0; i < figures.point_count; i++) {
        add_line(&out, period_text(arena, statistics->grain, figures.points[i].at), statistics->shown, DIMENSION_NONE,
                 S(""), &figures.points[i]);
    }
    for (size_t i = 0; i < figures.list_count; i++) {
        const struct statistics_list *list = &figures.lists[i];
        for (size_t k = 0; k < list->count; k++) {
            str value;
            if (value_of(statistics, list->dimension, list->items[k].value, &value)) {
                add_line(&out, period, list->measure, list->dimension, value, &list->items[k]);
            }
        }
    }
    set_headers(statistics, S("text/csv; charset=utf-8"));
    response_header(statistics->call->exchange, S("Content-Disposition"), S("attachment; filename=\"statistics.csv\""));
    response_body(statistics->call->exchange, &out);
    return ERR_OK;
}
