/* The page of figures: key figures with the period before, a chart, lists. Bound to tpl/front/statistics.html. */
#include "base/date.h"
#include "base/vec.h"
#include "web/front/privacy_pages.h"
#include "web/front/statistics.h"

#define ITEMS_SHOWN 10
#define CHART_WIDTH 1000
#define CHART_HEIGHT 200

struct choice_view {
    str label, address;
    bool current;
};

struct key_view {
    str measure, label, value, exact, change;
    bool is_hidden, rises, falls;
};

struct bar_view {
    str time, value;
    int64_t x, y, width, height;
    bool is_hidden;
};

struct item_view {
    str label, address, value;
    int64_t amount, share;
};

struct list_view {
    str id, title, measure;
    struct tpl_list items;
};

struct hidden_view {
    str name, value;
};

struct statistics_data {
    str base, period_text, dataset, dataset_address, page, without_dataset, without_page, highest, json_address,
        csv_address, shown, median, slowest, live, from, to;
    int64_t threshold;
    bool is_public, is_office, has_points, has_times, tells_live, has_live, has_lists, is_cut;
    struct tpl_list periods, measures, keys, bars, lists, kept;
};

static const struct tpl_member choice_members[] = {TPL_TEXT(struct choice_view, label),
                                                   TPL_URL(struct choice_view, address),
                                                   TPL_BOOL(struct choice_view, current)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_view, choice_members);

static const struct tpl_member key_members[] = {
    TPL_TEXT(struct key_view, measure), TPL_TEXT(struct key_view, label), TPL_TEXT(struct key_view, value),
    TPL_TEXT(struct key_view, exact), TPL_TEXT(struct key_view, change), TPL_BOOL(struct key_view, is_hidden),
    TPL_BOOL(struct key_view, rises), TPL_BOOL(struct key_view, falls)};
static const struct tpl_struct key_struct = TPL_STRUCT(struct key_view, key_members);

static const struct tpl_member bar_members[] = {
    TPL_TEXT(struct bar_view, time),  TPL_TEXT(struct bar_view, value),   TPL_NUMBER(struct bar_view, x),
    TPL_NUMBER(struct bar_view, y),   TPL_NUMBER(struct bar_view, width), TPL_NUMBER(struct bar_view, height),
    TPL_BOOL(struct bar_view, is_hidden)};
static const struct tpl_struct bar_struct = TPL_STRUCT(struct bar_view, bar_members);

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct item_view, label), TPL_URL(struct item_view, address), TPL_TEXT(struct item_view, value),
    TPL_NUMBER(struct item_view, amount), TPL_NUMBER(struct item_view, share)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item_view, item_members);

static const struct tpl_member list_members[] = {
    TPL_TEXT(struct list_view, id), TPL_TEXT(struct list_view, title), TPL_TEXT(struct list_view, measure),
    TPL_LIST(struct list_view, items, item_struct)};
static const struct tpl_struct list_struct = TPL_STRUCT(struct list_view, list_members);

static const struct tpl_member hidden_members[] = {TPL_TEXT(struct hidden_view, name), TPL_TEXT(struct hidden_view, value)};
static const struct tpl_struct hidden_struct = TPL_STRUCT(struct hidden_view, hidden_members);

static const struct tpl_member statistics_members[] = {
    TPL_URL(struct statistics_data, base),
    TPL_TEXT(struct statistics_data, period_text),
    TPL_TEXT(struct statistics_data, dataset),
    TPL_URL(struct statistics_data, dataset_address),
    TPL_TEXT(struct statistics_data, page),
    TPL_URL(struct statistics_data, without_dataset),
    TPL_URL(struct statistics_data, without_page),
    TPL_TEXT(struct statistics_data, highest),
    TPL_URL(struct statistics_data, json_address),
    TPL_URL(struct statistics_data, csv_address),
    TPL_TEXT(struct statistics_data, shown),
    TPL_TEXT(struct statistics_data, median),
    TPL_TEXT(struct statistics_data, slowest),
    TPL_TEXT(struct statistics_data, live),
    TPL_TEXT(struct statistics_data, from),
    TPL_TEXT(struct statistics_data, to),
    TPL_NUMBER(struct statistics_data, threshold),
    TPL_BOOL(struct statistics_data, is_public),
    TPL_BOOL(struct statistics_data, is_office),
    TPL_BOOL(struct statistics_data, has_points),
    TPL_BOOL(struct statistics_data, has_times),
    TPL_BOOL(struct statistics_data, tells_live),
    TPL_BOOL(struct statistics_data, has_live),
    TPL_BOOL(struct statistics_data, has_lists),
    TPL_BOOL(struct statistics_data, is_cut),
    TPL_LIST(struct statistics_data, periods, choice_struct),
    TPL_LIST(struct statistics_data, measures, choice_struct),
    TPL_LIST(struct statistics_data, keys, key_struct),
    TPL_LIST(struct statistics_data, bars, bar_struct),
    TPL_LIST(struct statistics_data, lists, list_struct),
    TPL_LIST(struct statistics_data, kept, hidden_struct)};
static const struct tpl_struct statistics_struct = TPL_STRUCT(struct statistics_data, statistics_members);
const struct tpl_binding statistics_template = {"front/statistics", &statistics_struct};

/* ---- words ---- */

static str say(const struct statistics *statistics, enum message message)
{
    return message_plain(statistics->call->language, message);
}

static str amount_text(const struct statistics *statistics, enum measure measure, int64_t amount)
{
    struct arena *arena = &statistics->call->scope->arena;
    language lang = statistics->call->language;
    return measure == MEASURE_BYTES           ? format_bytes(arena, lang, amount)
           : measure == MEASURE_VISIT_SECONDS ? format_duration(arena, lang, amount * USEC_SECOND)
                                              : format_int(arena, lang, amount);
}

static str fewer_text(const struct statistics *statistics)
{
    return message_text(&statistics->call->scope->arena, statistics->call->language, MSG_STATISTICS_FEWER,
                        &ARG_INT("threshold", statistics->threshold), 1);
}

/* Values that are words of ours. */
static const struct {
    const char *value;
    enum message label;
} words[] = {{"other", MSG_STATISTICS_VALUE_OTHER},         {"direct", MSG_STATISTICS_VALUE_DIRECT},
             {"??", MSG_STATISTICS_VALUE_UNKNOWN},          {"desktop", MSG_STATISTICS_VALUE_DESKTOP},
             {"phone", MSG_STATISTICS_VALUE_PHONE},         {"tablet", MSG_STATISTICS_VALUE_TABLET},
             {"television", MSG_STATISTICS_VALUE_TELEVISION}, {"anonymous", MSG_STATISTICS_VALUE_ANONYMOUS},
             {"key", MSG_STATISTICS_VALUE_KEY},             {"session", MSG_STATISTICS_VALUE_SESSION},
             {"page", MSG_STATISTICS_VALUE_PAGE},           {"site", MSG_STATISTICS_VALUE_SITE},
             {"program", MSG_STATISTICS_VALUE_PROGRAM},     {"none", MSG_STATISTICS_VALUE_NONE}};

static bool has_words(enum dimension dimension, str value)
{
    return str_eq(value, S("other")) || str_eq(value, S("none")) || str_eq(value, S("??")) ||
           dimension == DIMENSION_REFERRER || dimension == DIMENSION_DEVICE || dimension == DIMENSION_ACCESS ||
           dimension == DIMENSION_SOURCE;
}

str statistics_label(const struct statistics *statistics, enum dimension dimension, str value)
{
    struct arena *arena = &statistics->call->scope->arena;
    for (size_t i = 0; i < ARRAY_LENGTH(words) && has_words(dimension, value); i++) {
        if (str_eq(value, str_from(words[i].value))) {
            return say(statistics, words[i].label);
        }
    }
    if (dimension == DIMENSION_DATASET) {
        const struct dataset *dataset = snapshot_find(statistics->call->snapshot, value);
        return dataset ? (dataset->title.n ? dataset->title : dataset->id) : STR_NONE;
    }
    return dimension == DIMENSION_COUNTRY    ? format_country_name(arena, statistics->call->language, value)
           : dimension == DIMENSION_LANGUAGE ? format_language_name(arena, statistics->call->language, value)
                                             : value;
}

/* ---- parts ---- */

static struct tpl_list list_periods(const struct statistics *statistics)
{
    static const struct {
        const char *name;
        enum message label;
    } periods[] = {{"day", MSG_STATISTICS_PERIOD_DAY},
                   {"7d", MSG_STATISTICS_PERIOD_WEEK},
                   {"30d", MSG_STATISTICS_PERIOD_MONTH},
                   {"90d", MSG_STATISTICS_PERIOD_QUARTER},
                   {"12m", MSG_STATISTICS_PERIOD_YEAR}};
    struct arena *arena = &statistics->call->scope->arena;
    struct choice_view *views = arena_array(arena, struct choice_view, ARRAY_LENGTH(periods));
    size_t count = 0;
    for (size_t i = statistics->is_public; i < ARRAY_LENGTH(periods); i++) {
        str name = str_from(periods[i].name);
        views[count++] = (struct choice_view){say(statistics, periods[i].label),
                                              statistics_address(statistics, "period", name),
                                              str_eq(name, statistics->period)};
    }
    return (struct tpl_list){views, count};
}

static struct tpl_list list_measures(const struct statistics *statistics, const struct statistics_figures *figures)
{
    struct choice_view *views =
        arena_array(&statistics->call->scope->arena, struct choice_view, figures->key_count + 1);
    for (size_t i = 0; i < figures->key_count; i++) {
        enum measure measure = figures->keys[i].measure;
        views[i] = (struct choice_view){say(statistics, measure_title(measure)),
                                        statistics_address(statistics, "show", str_from(measure_key(measure))),
                                        measure == statistics->shown};
    }
    return (struct tpl_list){views, figures->key_count};
}

static void add_change(const struct statistics *statistics, const struct statistics_key *key, struct key_view *view)
{
    if (key->now.is_hidden || key->before.is_hidden || key->before.amount <= 0) {
        return;
    }
    int64_t percent = (key->now.amount - key->before.amount) * 100 / key->before.amount;
    view->rises = percent > 0;
    view->falls = percent < 0;
    view->change = message_text(&statistics->call->scope->arena, statistics->call->language,
                                view->rises   ? MSG_STATISTICS_RISES
                                : view->falls ? MSG_STATISTICS_FALLS
                                              : MSG_STATISTICS_SAME,
                                &ARG_INT("percent", percent < 0 ? -percent : percent), 1);
}

static struct tpl_list list_keys(const struct statistics *statistics, const struct statistics_figures *figures)
{
    struct arena *arena = &statistics->call->scope->arena;
    struct key_view *views = arena_array(arena, struct key_view, figures->key_count + 1);
    for (size_t i = 0; i < figures->key_count; i++) {
        const struct statistics_key *key = &figures->keys[i];
        bool is_hidden = key->now.is_hidden;
        views[i] = (struct key_view){
            .measure = str_from(measure_key(key->measure)),
            .label = say(statistics, measure_title(key->measure)),
            .value = is_hidden ? fewer_text(statistics) : amount_text(statistics, key->measure, key->now.amount),
            .exact = is_hidden ? S("") : str_printf(arena, "%lld", (long long)key->now.amount),
            .is_hidden = is_hidden};
        add_change(statistics, key, &views[i]);
    }
    return (struct tpl_list){views, figures->key_count};
}

static str time_text(const struct statistics *statistics, int64_t at)
{
    struct arena *arena = &statistics->call->scope->arena;
    language lang = statistics->call->language;
    usec instant = period_first_day(statistics->grain, at) * USEC_DAY;
    return statistics->grain == GRAIN_HOUR ? format_instant(arena, lang, at * 3600 * USEC_SECOND)
           : statistics->grain == GRAIN_DAY ? format_date(arena, lang, instant)
                                            : format_month(arena, lang, instant);
}

static struct tpl_list list_bars(const struct statistics *statistics, const struct statistics_figures *figures,
                                 struct statistics_data *data)
{
    struct arena *arena = &statistics->call->scope->arena;
    struct bar_view *views = arena_array(arena, struct bar_view, figures->point_count + 1);
    int64_t highest = 0;
    int64_t count = (int64_t)figures->point_count;
    for (int64_t i = 0; i < count; i++) {
        highest = figures->points[i].amount > highest ? figures->points[i].amount : highest;
    }
    for (int64_t i = 0; i < count; i++) {
        const struct figure *point = &figures->points[i];
        int64_t x = i * CHART_WIDTH / count;
        int64_t end = (i + 1) * CHART_WIDTH / count;
        int64_t height = highest ? point->amount * CHART_HEIGHT / highest : 0;
        int64_t gap = end - x > 6 ? 2 : end - x > 3 ? 1 : 0;
        views[i] = (struct bar_view){
            .time = time_text(statistics, point->at),
            .value = point->is_hidden ? fewer_text(statistics) : amount_text(statistics, statistics->shown, point->amount),
            .x = x, .y = CHART_HEIGHT - height, .width = end - x - gap, .height = height, .is_hidden = point->is_hidden};
    }
    data->has_points = highest > 0;
    data->highest = amount_text(statistics, statistics->shown, highest);
    return (struct tpl_list){views, (size_t)count};
}

static str item_address(const struct statistics *statistics, const struct statistics_list *list, str value)
{
    if (str_eq(value, S("other"))) {
        return S("");
    }
    if (list->dimension == DIMENSION_DATASET) {
        return statistics_address(statistics, "dataset", snapshot_find(statistics->call->snapshot, value)->id);
    }
    return list->dimension == DIMENSION_PAGE ? statistics_address(statistics, "page", value) : S("");
}

static struct tpl_list list_items(const struct statistics *statistics, const struct statistics_list *list)
{
    VEC(struct item_view) views = {0};
    struct arena *arena = &statistics->call->scope->arena;
    int64_t highest = 1;
    for (size_t i = 0; i < list->count; i++) {
        highest = list->items[i].amount > highest ? list->items[i].amount : highest;
    }
    for (size_t i = 0; i < list->count && views.count < ITEMS_SHOWN; i++) {
        const struct figure *item = &list->items[i];
        str label = statistics_label(statistics, list->dimension, item->value);
        if (label.p) { /* else a dataset that is gone, or not for who asks */
            vec_add(arena, &views,
                    (struct item_view){.label = label,
                                       .address = item_address(statistics, list, item->value),
                                       .value = amount_text(statistics, list->measure, item->amount),
                                       .amount = item->amount,
                                       .share = item->amount * 100 / highest});
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static struct tpl_list list_lists(const struct statistics *statistics, const struct statistics_figures *figures)
{
    VEC(struct list_view) views = {0};
    struct arena *arena = &statistics->call->scope->arena;
    for (size_t i = 0; i < figures->list_count; i++) {
        const struct statistics_list *list = &figures->lists[i];
        struct list_view view = {.id = str_printf(arena, "%s-%s", measure_key(list->measure), dimension_key(list->dimension)),
                                 .title = say(statistics, dimension_title(list->dimension)),
                                 .measure = say(statistics, measure_title(list->measure)),
                                 .items = list_items(statistics, list)};
        if (view.items.count) {
            vec_add(arena, &views, view);
        }
    }
    return (struct tpl_list){views.items, views.count};
}

static struct tpl_list list_kept(const struct statistics *statistics)
{
    struct hidden_view *views = arena_array(&statistics->call->scope->arena, struct hidden_view, 3);
    size_t count = 0;
    if (statistics->dataset) {
        views[count++] = (struct hidden_view){S("dataset"), statistics->dataset->id};
    }
    if (statistics->page.n) {
        views[count++] = (struct hidden_view){S("page"), statistics->page};
    }
    if (call_query(statistics->call, S("show")).n) {
        views[count++] = (struct hidden_view){S("show"), str_from(measure_key(statistics->shown))};
    }
    return (struct tpl_list){views, count};
}

static str file_address(const struct statistics *statistics, const char *ending)
{
    struct statistics file = *statistics;
    file.base = str_printf(&statistics->call->scope->arena, "%.*s.%s", STR_ARG(statistics->base), ending);
    return statistics_address(&file, "", S(""));
}

static str milliseconds_text(const struct statistics *statistics, int64_t milliseconds)
{
    return milliseconds < 0 ? say(statistics, MSG_STATISTICS_VERY_SLOW)
                            : message_text(&statistics->call->scope->arena, statistics->call->language,
                                           MSG_STATISTICS_MILLISECONDS, &ARG_INT("milliseconds", milliseconds), 1);
}

static void add_filters(const struct statistics *statistics, struct statistics_data *data)
{
    const struct dataset *dataset = statistics->dataset;
    if (dataset) {
        data->dataset = dataset->title.n ? dataset->title : dataset->id;
        data->dataset_address = str_printf(&statistics->call->scope->arena, "/explore/dataset/%.*s", STR_ARG(dataset->id));
        data->without_dataset = statistics_address(statistics, "dataset", S(""));
    }
    data->page = statistics->page;
    data->without_page = statistics_address(statistics, "page", S(""));
}

enum err statistics_page(const struct statistics *statistics, const void **ret_data)
{
    struct statistics_figures figures;
    struct arena *arena = &statistics->call->scope->arena;
    language lang = statistics->call->language;
    TRY(statistics_figures(statistics, &figures));
    struct statistics_data *data = arena_new(arena, struct statistics_data);
    *data = (struct statistics_data){
        .base = statistics->base,
        .period_text = message_text(arena, lang, MSG_STATISTICS_PERIOD,
                                    (const struct message_argument[]){
                                        ARG_TEXT("from", format_date(arena, lang, statistics->from_day * USEC_DAY)),
                                        ARG_TEXT("to", format_date(arena, lang, statistics->to_day * USEC_DAY))},
                                    2),
        .from = period_text(arena, GRAIN_DAY, statistics->from_day),
        .to = period_text(arena, GRAIN_DAY, statistics->to_day),
        .shown = say(statistics, measure_title(statistics->shown)),
        .threshold = statistics->threshold,
        .is_public = statistics->is_public,
        .is_office = !statistics->is_public,
        .json_address = file_address(statistics, "json"),
        .csv_address = file_address(statistics, "csv"),
        .has_times = figures.median != 0 && !statistics->page.n,
        .median = milliseconds_text(statistics, figures.median),
        .slowest = milliseconds_text(statistics, figures.slowest),
        .tells_live = !statistics->is_public && !statistics->dataset && !statistics->page.n,
        .has_live = figures.live >= 0,
        .live = figures.live >= 0 ? format_int(arena, lang, figures.live) : fewer_text(statistics),
        .periods = list_periods(statistics),
        .measures = list_measures(statistics, &figures),
        .keys = list_keys(statistics, &figures),
        .lists = list_lists(statistics, &figures),
        .kept = list_kept(statistics)};
    data->bars = list_bars(statistics, &figures, data);
    data->has_lists = data->lists.count > 0;
    add_filters(statistics, data);
    *ret_data = data;
    return ERR_OK;
}

/* ---- the public page, where it is opened ---- */

static enum err open_public(struct call *call, struct statistics *ret)
{
    if (!call->app->analytics || !analytics_settings(call->app->analytics)->is_public) {
        return fail(call->scope, ERR_NO_ROUTE, "The figures of this portal are not public.");
    }
    return statistics_read(call, S("/analytics"), true, ret);
}

enum err analytics_get(struct call *call)
{
    struct statistics statistics;
    const void *data;
    TRY(open_public(call, &statistics));
    TRY(statistics_page(&statistics, &data));
    struct page page = {.title = MSG_STATISTICS_TITLE,
                        .body = &statistics_template,
                        .data = data,
                        .is_indexed = true,
                        .is_wide = true};
    page_send(call, &page);
    return ERR_OK;
}

enum err analytics_json(struct call *call)
{
    struct statistics statistics;
    TRY(open_public(call, &statistics));
    return statistics_send_json(&statistics);
}

enum err analytics_csv(struct call *call)
{
    struct statistics statistics;
    TRY(open_public(call, &statistics));
    return statistics_send_csv(&statistics);
}
