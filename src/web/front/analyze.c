/* A dataset's tab Analyze: a form that says what the chart shows, the chart, and ways to take it along. */
#include "base/vec.h"
#include "web/front/chart.h"
#include "web/front/embed_page.h"
#include "web/front/explore.h"

struct option {
    str value, label;
    bool current;
};

struct analyze {
    str action, fault, limit, limit_hint, bins, bins_hint, embed, api;
    struct tpl_list hidden, kinds, xs, buckets, functions, ofs, series, orders, stackings;
    bool is_possible, has_chart, has_bucket, has_bins, has_function, has_of, has_series, has_order,
        has_stacking, is_scatter;
    struct html chart;
    struct fault_place place; /* of fault */
};

static const struct tpl_member option_members[] = {TPL_TEXT(struct option, value),
                                                   TPL_TEXT(struct option, label),
                                                   TPL_BOOL(struct option, current)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct option, option_members);

static const struct tpl_member analyze_members[] = {
    TPL_URL(struct analyze, action),         TPL_TEXT(struct analyze, fault),
    FAULT_PLACE_MEMBERS(struct analyze, place),
    TPL_TEXT(struct analyze, limit),         TPL_TEXT(struct analyze, limit_hint),
    TPL_TEXT(struct analyze, bins),          TPL_TEXT(struct analyze, bins_hint),
    TPL_TEXT(struct analyze, embed),         TPL_URL(struct analyze, api),
    TPL_LIST(struct analyze, hidden, hidden_struct),
    TPL_LIST(struct analyze, kinds, option_struct),
    TPL_LIST(struct analyze, xs, option_struct),
    TPL_LIST(struct analyze, buckets, option_struct),
    TPL_LIST(struct analyze, functions, option_struct),
    TPL_LIST(struct analyze, ofs, option_struct),
    TPL_LIST(struct analyze, series, option_struct),
    TPL_LIST(struct analyze, orders, option_struct),
    TPL_LIST(struct analyze, stackings, option_struct),
    TPL_BOOL(struct analyze, is_possible),   TPL_BOOL(struct analyze, has_chart),
    TPL_BOOL(struct analyze, has_bucket),    TPL_BOOL(struct analyze, has_bins),
    TPL_BOOL(struct analyze, has_function),  TPL_BOOL(struct analyze, has_of),
    TPL_BOOL(struct analyze, has_series),    TPL_BOOL(struct analyze, has_order),
    TPL_BOOL(struct analyze, has_stacking),  TPL_BOOL(struct analyze, is_scatter),
    TPL_HTML(struct analyze, chart)};
static const struct tpl_struct analyze_struct = TPL_STRUCT(struct analyze, analyze_members);
const struct tpl_binding dataset_analyze_template = {"front/analyze", &analyze_struct};

/* ---- choices of the form ---- */

static str text(const struct dataset_page *page, enum message message)
{
    return message_plain(page->call->language, message);
}

static struct tpl_list list_kinds(const struct dataset_page *page, const struct chart *chart)
{
    struct option *options = arena_array(&page->call->scope->arena, struct option, CHART__COUNT);
    for (int i = 0; i < CHART__COUNT; i++) {
        enum chart_kind kind = (enum chart_kind)i;
        options[i] = (struct option){chart_kind_name(kind), text(page, chart_kind_title(kind)), chart->kind == kind};
    }
    return (struct tpl_list){options, CHART__COUNT};
}

static struct tpl_list list_fields(const struct dataset_page *page, bool (*takes)(const struct field *),
                                   const struct field *current)
{
    VEC(struct option) options = {0};
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        if (takes(field)) {
            struct option option = {field->name, field_title(field), field == current};
            vec_add(&page->call->scope->arena, &options, option);
        }
    }
    return (struct tpl_list){options.items, options.count};
}

static bool suits(const struct chart *chart, enum chart_bucket bucket)
{
    bool is_of_time = bucket == BUCKET_HOUR || bucket == BUCKET_MINUTE || bucket == BUCKET_HOUR_OF_DAY;
    if (bucket == BUCKET_AUTO) {
        return true;
    }
    if (chart_is_date(chart->x)) {
        return bucket < BUCKET_VALUE && !(is_of_time && chart->x->type == FIELD_DATE);
    }
    return bucket >= BUCKET_VALUE;
}

static struct tpl_list list_buckets(const struct dataset_page *page, const struct chart_shown *shown)
{
    VEC(struct option) options = {0};
    for (int i = 0; i < BUCKET__COUNT; i++) {
        enum chart_bucket bucket = (enum chart_bucket)i;
        if (suits(&shown->chart, bucket)) {
            struct option option = {chart_bucket_name(bucket), text(page, chart_bucket_title(bucket)),
                                    shown->asked.bucket == bucket};
            vec_add(&page->call->scope->arena, &options, option);
        }
    }
    return (struct tpl_list){options.items, options.count};
}

static struct tpl_list list_functions(const struct dataset_page *page, const struct chart *chart)
{
    struct option *options = arena_array(&page->call->scope->arena, struct option, CHART_FUNCTION__COUNT);
    for (int i = 0; i < CHART_FUNCTION__COUNT; i++) {
        enum chart_function function = (enum chart_function)i;
        options[i] = (struct option){chart_function_name(function), text(page, chart_function_title(function)),
                                     chart->function == function};
    }
    return (struct tpl_list){options, CHART_FUNCTION__COUNT};
}

static struct tpl_list list_orders(const struct dataset_page *page, const struct chart_shown *shown)
{
    static const enum message labels[] = {[ORDER_AUTO] = MSG_CHART_AUTOMATIC,
                                          [ORDER_X] = MSG_CHART_ORDER_X,
                                          [ORDER_X_DOWN] = MSG_CHART_ORDER_X_DOWN,
                                          [ORDER_Y] = MSG_CHART_ORDER_Y,
                                          [ORDER_Y_DOWN] = MSG_CHART_ORDER_Y_DOWN};
    struct option *options = arena_array(&page->call->scope->arena, struct option, CHART_ORDER__COUNT);
    for (int i = 0; i < CHART_ORDER__COUNT; i++) {
        enum chart_order order = (enum chart_order)i;
        options[i] = (struct option){chart_order_name(order), text(page, labels[i]), shown->asked.order == order};
    }
    return (struct tpl_list){options, CHART_ORDER__COUNT};
}

static struct tpl_list list_stackings(const struct dataset_page *page, const struct chart_shown *shown)
{
    static const enum message labels[] = {[STACKED_AUTO] = MSG_CHART_AUTOMATIC,
                                          [STACKED_NO] = MSG_CHART_STACKED_NO,
                                          [STACKED_YES] = MSG_CHART_STACKED_YES,
                                          [STACKED_SHARE] = MSG_CHART_STACKED_SHARE};
    struct option *options = arena_array(&page->call->scope->arena, struct option, CHART_STACKING__COUNT);
    for (int i = 0; i < CHART_STACKING__COUNT; i++) {
        enum chart_stacking stacking = (enum chart_stacking)i;
        options[i] = (struct option){chart_stacking_name(stacking), text(page, labels[i]), shown->asked.stacking == stacking};
    }
    return (struct tpl_list){options, CHART_STACKING__COUNT};
}

/* ---- taking it along ---- */

/* The frame's address says all that was chosen, so that what it shows stays the same. */
static str chart_embed_code(const struct dataset_page *page, const struct chart_shown *shown)
{
    struct chart chart = shown->chart;
    cleanup_with(buf_cleanup) struct buf query = {0};
    chart.limit = shown->asked.limit;
    buf_add_char(&query, '?');
    buf_add(&query, chart_query(page, &chart));
    filter_write(&query, &page->filter);
    return embed_code(page, buf_str(&query), shown->view.title);
}

/* ---- the page ---- */

static str number_or_empty(struct arena *arena, int64_t number)
{
    return number ? str_printf(arena, "%lld", (long long)number) : S("");
}

static void fill_form(struct dataset_page *page, const struct chart_shown *shown, struct analyze *view)
{
    struct arena *arena = &page->call->scope->arena;
    const struct chart *chart = shown->has_chart ? &shown->chart : &shown->asked;
    bool is_scatter = chart->kind == CHART_SCATTER;
    bool is_histogram = chart->kind == CHART_HISTOGRAM;
    bool is_of_numbers = is_scatter || is_histogram;
    view->kinds = list_kinds(page, chart);
    view->xs = list_fields(page, chart_takes_x, chart->x);
    view->functions = list_functions(page, chart);
    view->ofs = list_fields(page, chart_is_number, chart->of ? chart->of : shown->asked.of);
    view->series = list_fields(page, chart_takes_series, chart->series);
    view->orders = list_orders(page, shown);
    view->stackings = list_stackings(page, shown);
    view->has_bucket = chart->x && !is_of_numbers && (chart_is_date(chart->x) || chart_is_number(chart->x));
    view->buckets = view->has_bucket ? list_buckets(page, shown) : (struct tpl_list){0};
    view->has_bins = chart->bucket == BUCKET_RANGES;
    view->has_function = !is_of_numbers && view->ofs.count;
    view->has_of = view->ofs.count && (is_scatter || chart->function != CHART_COUNT);
    view->has_series = chart->kind != CHART_PIE && !is_histogram;
    view->has_order = !is_of_numbers;
    view->has_stacking = chart->series && chart_adds_up(chart) &&
                         (chart->kind == CHART_BAR || chart->kind == CHART_HORIZONTAL || chart->kind == CHART_AREA);
    view->is_scatter = is_scatter;
    view->limit = number_or_empty(arena, shown->asked.limit);
    view->limit_hint = number_or_empty(arena, chart->limit);
    view->bins = number_or_empty(arena, shown->asked.bins);
    view->bins_hint = number_or_empty(arena, CHART_BINS);
}

static void fill(struct dataset_page *page, const struct chart_shown *shown, struct analyze *view)
{
    struct call *call = page->call;
    struct facet_context context = dataset_facet_context(page);
    *view = (struct analyze){.action = page->path,
                             .fault = shown->fault,
                             .place = shown->place,
                             .hidden = filter_hidden(&context, FILTER_SORT),
                             .has_chart = shown->has_chart,
                             .is_possible = shown->has_chart || shown->fault.n || page->fault.n,
                             .embed = S(""),
                             .api = S("")};
    fill_form(page, shown, view);
    if (shown->has_chart) {
        view->chart = tpl_html(call->scope, call->app->tpl, &chart_template, call->language, &shown->view);
        view->embed = chart_embed_code(page, shown);
        view->api = shown->view.export;
    }
}

static enum err show(struct dataset_page *page)
{
    struct chart_shown shown;
    struct analyze view;
    TRY(chart_show(page, &shown));
    fill(page, &shown, &view); /* before: the form has the chart's parameters itself */
    if (!shown.fault.n) {
        chart_keep(page);
    }
    struct dataset_body body = {.binding = &dataset_analyze_template,
                                .data = &view,
                                .scripts = {"chart.js"},
                                .title = MSG_DATASET_ANALYZE,
                                .has_filters = true,
                                .is_indexed = page->call->query.count == 0,
                                .status = shown.fault.n ? 400 : 0};
    return dataset_page_send(page, &body);
}

enum err dataset_analyze_get(struct call *call)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    TRY(dataset_page_open(call, TAB_ANALYZE, &page));
    return show(&page);
}
