/* Which figures are asked for, and reading them. */
#include "base/date.h"
#include "web/front/statistics.h"

#define CHART_DAYS_MOST 185 /* longer periods are drawn by month */

static const struct {
    const char *name;
    int days;
} periods[] = {{"day", 1}, {"7d", 7}, {"30d", 30}, {"90d", 90}, {"12m", 365}};

/* ---- parameters ---- */

static enum err read_day(struct call *call, const char *name, int64_t *ret_day)
{
    struct date_text date;
    str text = call_query(call, str_from(name));
    if (!date_read(text, &date) || date.precision != PRECISION_DAY) {
        return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_DAY, SAYS(ARG_TEXT("name", str_from(name))));
    }
    *ret_day = date_days(date.civil.year, date.civil.month, date.civil.day);
    return ERR_OK;
}

static enum err read_period(struct statistics *ret)
{
    struct call *call = ret->call;
    int64_t today = analytics_settings(call->app->analytics)->clock() / USEC_DAY;
    int64_t last = ret->is_public ? today - 1 : today; /* a day is made public once it is over */
    str asked = call_query(call, S("period"));
    if (!asked.n && (call_query(call, S("from")).n || call_query(call, S("to")).n)) {
        TRY(read_day(call, "from", &ret->from_day));
        TRY(read_day(call, "to", &ret->to_day));
        ret->to_day = ret->to_day > last ? last : ret->to_day;
        if (ret->from_day > ret->to_day || ret->to_day - ret->from_day > 800) {
            return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_DAYS, NULL);
        }
        ret->period = S("");
        return ERR_OK;
    }
    ret->period = S("30d");
    for (size_t i = 0; i < ARRAY_LENGTH(periods); i++) {
        if (str_eq(asked.n ? asked : ret->period, str_from(periods[i].name))) {
            ret->period = str_from(periods[i].name);
            ret->to_day = last;
            ret->from_day = last - periods[i].days + 1;
            return ERR_OK;
        }
    }
    return fail_in_words(call->scope, ERR_PARAMETER, MSG_FAULT_PERIOD, NULL);
}

static enum grain chart_grain(const struct statistics *statistics)
{
    int64_t days = statistics->to_day - statistics->from_day + 1;
    bool has_hours = days <= 2 && !statistics->page.n && !statistics->is_public;
    return has_hours ? GRAIN_HOUR : days <= CHART_DAYS_MOST ? GRAIN_DAY : GRAIN_MONTH;
}

static enum err read_shown(struct statistics *ret)
{
    str asked = call_query(ret->call, S("show"));
    ret->shown = MEASURE_PAGEVIEWS;
    if (asked.n && !(measure_find(asked, &ret->shown) && measure_has(ret->shown, DIMENSION_NONE))) {
        return fail_in_words(ret->call->scope, ERR_PARAMETER, MSG_FAULT_MEASURE, NULL);
    }
    if (ret->page.n && ret->shown != MEASURE_VISITORS) {
        ret->shown = MEASURE_PAGEVIEWS;
    }
    return ERR_OK;
}

enum err statistics_read(struct call *call, str base, bool is_public, struct statistics *ret)
{
    str id = call_query(call, S("dataset"));
    if (!call->app->analytics) {
        return fail(call->scope, ERR_NO_ROUTE, "This portal counts no visits.");
    }
    const struct analytics_options *options = analytics_settings(call->app->analytics);
    *ret = (struct statistics){.call = call,
                               .base = base,
                               .is_public = is_public,
                               .threshold = is_public ? options->threshold_public : options->threshold_inside,
                               .page = call_query(call, S("page"))};
    if (id.n) {
        ret->dataset = snapshot_find(call->snapshot, id);
        if (!ret->dataset) {
            return dataset_absent(call->scope, id);
        }
    }
    TRY(read_period(ret));
    TRY(read_shown(ret));
    ret->grain = chart_grain(ret);
    return ERR_OK;
}

static void add_parameter(struct buf *out, const char *name, str value)
{
    if (value.n) {
        buf_printf(out, "%c%s=", str_find_char(buf_str(out), '?', 0) == SIZE_MAX ? '?' : '&', name);
        url_encode(out, value);
    }
}

str statistics_address(const struct statistics *statistics, const char *name, str value)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct arena *arena = &statistics->call->scope->arena;
    bool is_given = !statistics->period.n;
    struct {
        const char *name;
        str value;
    } parameters[] = {{"period", str_eq(statistics->period, S("30d")) ? S("") : statistics->period},
                      {"from", is_given ? period_text(arena, GRAIN_DAY, statistics->from_day) : S("")},
                      {"to", is_given ? period_text(arena, GRAIN_DAY, statistics->to_day) : S("")},
                      {"dataset", statistics->dataset ? statistics->dataset->id : S("")},
                      {"page", statistics->page},
                      {"show", call_query(statistics->call, S("show"))}};
    bool is_period = strcmp(name, "period") == 0;
    buf_add(&out, statistics->base);
    for (size_t i = 0; i < ARRAY_LENGTH(parameters); i++) {
        bool is_it = strcmp(parameters[i].name, name) == 0;
        bool is_replaced = is_period && (i == 1 || i == 2);
        add_parameter(&out, parameters[i].name, is_it ? value : is_replaced ? S("") : parameters[i].value);
    }
    return buf_copy(&out, arena);
}

/* ---- figures ---- */

static struct figures_query query_of(const struct statistics *statistics, enum measure measure, enum dimension dimension)
{
    return (struct figures_query){.dataset = statistics->dataset ? statistics->dataset->uid : S(""),
                                  .measure = measure,
                                  .dimension = dimension,
                                  .grain = GRAIN_DAY,
                                  .from = statistics->from_day,
                                  .to = statistics->to_day,
                                  .threshold = statistics->threshold,
                                  .is_public = statistics->is_public};
}

static struct figures_query total_query(const struct statistics *statistics, enum measure measure)
{
    struct figures_query query =
        query_of(statistics, measure, statistics->page.n ? DIMENSION_PAGE : DIMENSION_NONE);
    query.value = statistics->page;
    return query;
}

static struct db *database(const struct statistics *statistics)
{
    return catalog_database(statistics->call->app->catalog);
}

static enum err read_keys(const struct statistics *statistics, struct statistics_figures *ret)
{
    static const enum measure measures[] = {MEASURE_VISITORS, MEASURE_VISITS,  MEASURE_PAGEVIEWS, MEASURE_BOUNCES,
                                            MEASURE_VISIT_SECONDS, MEASURE_CALLS, MEASURE_CALLERS, MEASURE_DOWNLOADS,
                                            MEASURE_ATTACHMENTS, MEASURE_RECORDS, MEASURE_BYTES, MEASURE_SEARCHES,
                                            MEASURE_EMBEDS, MEASURE_ERRORS, MEASURE_CACHE_HITS, MEASURE_BOTS};
    struct scope *scope = statistics->call->scope;
    int64_t days = statistics->to_day - statistics->from_day + 1;
    for (size_t i = 0; i < ARRAY_LENGTH(measures); i++) {
        enum measure measure = measures[i];
        bool is_of_portal = measure == MEASURE_VISITS || measure == MEASURE_BOUNCES || measure == MEASURE_VISIT_SECONDS;
        if ((statistics->page.n && !measure_has(measure, DIMENSION_PAGE)) || (statistics->dataset && is_of_portal)) {
            continue;
        }
        struct figures_query query = total_query(statistics, measure);
        struct statistics_key *key = &ret->keys[ret->key_count++];
        key->measure = measure;
        TRY(figures_total(scope, database(statistics), &query, &key->now));
        query.to = query.from - 1;
        query.from = query.from - days;
        TRY(figures_total(scope, database(statistics), &query, &key->before));
    }
    return ERR_OK;
}

static enum err read_points(const struct statistics *statistics, struct statistics_figures *ret)
{
    struct figures_query query = total_query(statistics, statistics->shown);
    query.grain = statistics->grain;
    query.from = period_of_day(statistics->grain, statistics->from_day);
    query.to = statistics->grain == GRAIN_HOUR ? statistics->to_day * 24 + 23
                                               : period_of_day(statistics->grain, statistics->to_day);
    return figures_series(statistics->call->scope, database(statistics), &query, &ret->points, &ret->point_count);
}

/* In the order of the page. */
static const struct {
    enum measure measure;
    enum dimension dimension;
    bool of_portal, of_dataset;
} lists[] = {{MEASURE_PAGEVIEWS, DIMENSION_DATASET, true, false}, {MEASURE_DOWNLOADS, DIMENSION_DATASET, true, false},
             {MEASURE_CALLS, DIMENSION_DATASET, true, false},     {MEASURE_PAGEVIEWS, DIMENSION_PAGE, true, true},
             {MEASURE_PAGEVIEWS, DIMENSION_REFERRER, true, true}, {MEASURE_PAGEVIEWS, DIMENSION_COUNTRY, true, true},
             {MEASURE_PAGEVIEWS, DIMENSION_DEVICE, true, true},   {MEASURE_PAGEVIEWS, DIMENSION_BROWSER, true, true},
             {MEASURE_PAGEVIEWS, DIMENSION_SYSTEM, true, true},   {MEASURE_PAGEVIEWS, DIMENSION_LANGUAGE, true, true},
             {MEASURE_PAGEVIEWS, DIMENSION_CAMPAIGN, true, true},
             {MEASURE_DOWNLOADS, DIMENSION_FORMAT, true, true},   {MEASURE_CALLS, DIMENSION_ENDPOINT, true, true},
             {MEASURE_CALLS, DIMENSION_SOURCE, true, true},       {MEASURE_CALLS, DIMENSION_ACCESS, true, true},
             {MEASURE_FILTERS, DIMENSION_FIELD, false, true},     {MEASURE_SEARCHES, DIMENSION_TERM, true, true},
             {MEASURE_EMPTY_SEARCHES, DIMENSION_TERM, true, true}, {MEASURE_EMBEDS, DIMENSION_HOST, true, true},
             {MEASURE_ERRORS, DIMENSION_STATUS, true, true},      {MEASURE_BOTS, DIMENSION_FAMILY, true, false}};

static enum err read_lists(const struct statistics *statistics, struct statistics_figures *ret)
{
    for (size_t i = 0; i < ARRAY_LENGTH(lists) && !statistics->page.n; i++) {
        struct statistics_list *list = &ret->lists[ret->list_count];
        struct figures_query query = query_of(statistics, lists[i].measure, lists[i].dimension);
        if (statistics->dataset ? !lists[i].of_dataset : !lists[i].of_portal) {
            continue;
        }
        list->measure = lists[i].measure;
        list->dimension = lists[i].dimension;
        TRY(figures_list(statistics->call->scope, database(statistics), &query, &list->items, &list->count));
        ret->list_count += list->count > 0;
    }
    return ERR_OK;
}

static enum err read_times(const struct statistics *statistics, struct statistics_figures *ret)
{
    struct scope *scope = statistics->call->scope;
    str uid = statistics->dataset ? statistics->dataset->uid : S("");
    TRY(figures_percentile(scope, database(statistics), uid, statistics->from_day, statistics->to_day, 0.5,
                           &ret->median));
    return figures_percentile(scope, database(statistics), uid, statistics->from_day, statistics->to_day, 0.95,
                              &ret->slowest);
}

enum err statistics_figures(const struct statistics *statistics, struct statistics_figures *ret)
{
    struct analytics_facts facts;
    *ret = (struct statistics_figures){.live = -1};
    TRY(read_keys(statistics, ret));
    TRY(read_points(statistics, ret));
    TRY(read_lists(statistics, ret));
    TRY(read_times(statistics, ret));
    if (!statistics->is_public && !statistics->dataset && !statistics->page.n) {
        TRY(analytics_facts(statistics->call->scope, statistics->call->app->analytics, &facts));
        ret->live = facts.live >= statistics->threshold ? facts.live : -1;
    }
    return ERR_OK;
}
