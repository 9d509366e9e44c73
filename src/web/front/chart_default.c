/* What a chart leaves open is chosen by the records: a field that suits, steps that fit. */
#include <math.h>

#include "base/date.h"
#include "base/vec.h"
#include "web/front/chart.h"

#define STEPS_MOST 150     /* points of time that a chart is begun with */
#define VALUES_MOST 40     /* numbers that are shown one by one */
#define FEW_VALUES 60      /* of a facet that a chart is begun with */
#define FACETS_TRIED 8
#define LIMIT_NAMES 20
#define LIMIT_SLICES 8
#define LIMIT_CELLS 50
#define FRACTION_DIGITS 9

/* ---- steps ---- */

double chart_width(double low, double high, int64_t bins, bool is_whole)
{
    double span = high - low;
    if (!(span > 0) || !isfinite(span)) {
        return 1;
    }
    double raw = span / (double)bins;
    double power = pow(10, floor(log10(raw)));
    double share = raw / power;
    double width = power * (share < 1.414 ? 1 : share < 3.162 ? 2 : share < 7.071 ? 5 : 10);
    return is_whole && width < 1 ? 1 : width;
}

enum chart_bucket chart_step(usec span, bool has_time)
{
    static const struct {
        enum chart_bucket bucket;
        usec length;
    } steps[] = {{BUCKET_MINUTE, 60 * USEC_SECOND},   {BUCKET_HOUR, 3600 * USEC_SECOND},
                 {BUCKET_DAY, USEC_DAY},              {BUCKET_WEEK, 7 * USEC_DAY},
                 {BUCKET_MONTH, 30 * USEC_DAY},       {BUCKET_QUARTER, 91 * USEC_DAY}};
    for (size_t i = has_time ? 0 : 2; i < ARRAY_LENGTH(steps); i++) {
        /* Weeks cross months and years: they are chosen by hand only. */
        if (steps[i].bucket != BUCKET_WEEK && span / steps[i].length <= STEPS_MOST) {
            return steps[i].bucket;
        }
    }
    return BUCKET_YEAR;
}

struct extent {
    int64_t distinct;
    str low, high; /* of dates */
    double low_number, high_number;
    bool is_empty;
};

static enum err read_extent(struct dataset_page *page, const struct field *field,
                            struct extent *ret_extent)
{
    struct arena *arena = &page->call->scope->arena;
    str name = odsql_name(arena, field->name);
    struct clauses clauses = page->clauses;
    json_t *rows cleanup_with(json_cleanup) = NULL;
    int64_t total;
    clauses.select = str_printf(
        arena, "count(distinct %.*s) as chart_n, min(%.*s) as chart_low, max(%.*s) as chart_high",
        STR_ARG(name), STR_ARG(name), STR_ARG(name));
    clauses.order_by = STR_NONE;
    clauses.limit = 1;
    TRY(chart_ask(page, &clauses, &rows, &total));
    const json_t *row = json_array_get(rows, 0);
    const json_t *low = json_object_get(row, "chart_low");
    const json_t *high = json_object_get(row, "chart_high");
    *ret_extent = (struct extent){
        .distinct = json_integer_value(json_object_get(row, "chart_n")),
        .low = str_copy(arena, json_read_text(low)),
        .high = str_copy(arena, json_read_text(high)),
        .low_number = json_number_value(low),
        .high_number = json_number_value(high),
        .is_empty = !low || json_is_null(low)};
    return ERR_OK;
}

static enum err choose_step(struct dataset_page *page, struct chart *chart)
{
    struct extent extent;
    struct date_text low, high;
    const struct field *field = chart->x;
    if (str_eq(field->timeserie_precision, S("year"))) {
        chart->bucket = BUCKET_YEAR;
        return ERR_OK;
    }
    TRY(read_extent(page, field, &extent));
    chart->bucket = BUCKET_MONTH;
    if (date_read(extent.low, &low) && date_read(extent.high, &high)) {
        chart->bucket = chart_step(date_instant(&high.civil) - date_instant(&low.civil),
                                   field->type == FIELD_DATETIME);
    }
    return ERR_OK;
}

/* Decimal fractions of a width are exact in the text of the clause, up to so many digits. */
static double least_width(double width)
{
    double least = pow(10, -FRACTION_DIGITS);
    return width < least ? least : width;
}

static enum err choose_ranges(struct dataset_page *page, struct chart *chart)
{
    struct extent extent;
    TRY(read_extent(page, chart->x, &extent));
    if (chart->bucket == BUCKET_AUTO) {
        bool is_few = extent.distinct <= VALUES_MOST && chart->kind != CHART_HISTOGRAM;
        chart->bucket = is_few ? BUCKET_VALUE : BUCKET_RANGES;
    }
    if (chart->bucket == BUCKET_RANGES) {
        chart->width =
            least_width(chart_width(extent.low_number, extent.high_number,
                                    chart->bins ? chart->bins : CHART_BINS, chart->x->type == FIELD_INT));
    }
    return ERR_OK;
}

/* A step that was meant for another field is passed over. */
static enum err choose_bucket(struct dataset_page *page, struct chart *chart)
{
    bool is_of_dates = chart->bucket >= BUCKET_YEAR && chart->bucket <= BUCKET_HOUR_OF_DAY;
    bool is_of_times = chart->bucket == BUCKET_HOUR || chart->bucket == BUCKET_MINUTE ||
                       chart->bucket == BUCKET_HOUR_OF_DAY;
    if (chart_is_date(chart->x)) {
        bool fits = is_of_dates && !(is_of_times && chart->x->type == FIELD_DATE);
        return fits ? ERR_OK : choose_step(page, chart);
    }
    if (chart_is_number(chart->x)) {
        if (is_of_dates || (chart->kind == CHART_HISTOGRAM && chart->bucket == BUCKET_VALUE)) {
            chart->bucket = BUCKET_AUTO;
        }
        return choose_ranges(page, chart);
    }
    chart->bucket = BUCKET_VALUE;
    return ERR_OK;
}

/* ---- fields ---- */

static const struct field *first_field(const struct dataset_page *page,
                                       bool (*takes)(const struct field *), const struct field *not_this)
{
    for (size_t i = 0; i < page->schema->count; i++) {
        const struct field *field = &page->schema->fields[i];
        if (field != not_this && takes(field)) {
            return field;
        }
    }
    return NULL;
}

static bool is_name(const struct field *field)
{
    return (field->type == FIELD_TEXT || field->type == FIELD_BOOLEAN) && !field_is_list(field);
}

/* The first facet with few values, but more than one. */
static enum err find_facet(struct dataset_page *page, const struct field **ret_field)
{
    struct arena *arena = &page->call->scope->arena;
    cleanup_with(buf_cleanup) struct buf select = {0};
    const struct field *tried[FACETS_TRIED];
    size_t count = 0;
    for (size_t i = 0; i < page->schema->count && count < FACETS_TRIED; i++) {
        const struct field *field = &page->schema->fields[i];
        if (field->facet && is_name(field)) {
            buf_printf(&select, "%scount(distinct %.*s) as chart_%zu", count ? ", " : "",
                       STR_ARG(odsql_name(arena, field->name)), count);
            tried[count++] = field;
        }
    }
    if (count == 0) {
        return ERR_OK;
    }
    json_t *rows cleanup_with(json_cleanup) = NULL;
    int64_t total;
    struct clauses clauses = page->clauses;
    clauses.select = buf_str(&select);
    clauses.order_by = STR_NONE;
    clauses.limit = 1;
    TRY(chart_ask(page, &clauses, &rows, &total));
    for (size_t i = 0; i < count && !*ret_field; i++) {
        str name = str_printf(arena, "chart_%zu", i);
        int64_t distinct = json_integer_value(
            json_object_get(json_array_get(rows, 0), str_cz(arena, name)));
        *ret_field = distinct >= 2 && distinct <= FEW_VALUES ? tried[i] : NULL;
    }
    return ERR_OK;
}

static bool is_number_on_its_own(const struct field *field)
{
    return chart_is_number(field) && !field->id;
}

static enum err choose_x(struct dataset_page *page, struct chart *chart)
{
    if (chart->kind == CHART_SCATTER || chart->kind == CHART_HISTOGRAM) {
        chart->x = first_field(page, is_number_on_its_own, chart->of);
        chart->x = chart->x ? chart->x : first_field(page, chart_is_number, chart->of);
        return ERR_OK;
    }
    bool wants_names = chart->kind == CHART_PIE || chart->kind == CHART_TREEMAP ||
                       chart->kind == CHART_HORIZONTAL;
    chart->x = wants_names ? NULL : first_field(page, chart_is_date, NULL);
    if (!chart->x) {
        TRY(find_facet(page, &chart->x));
    }
    if (!chart->x) {
        bool may_be_numbers = chart->kind == CHART__COUNT;
        chart->x = may_be_numbers ? first_field(page, is_number_on_its_own, NULL) : NULL;
    }
    chart->x = chart->x ? chart->x : first_field(page, is_name, NULL);
    chart->x = chart->x ? chart->x : first_field(page, chart_takes_x, NULL);
    return ERR_OK;
}

static void choose_kind(struct chart *chart)
{
    if (chart->kind == CHART__COUNT) {
        chart->kind = chart_is_date(chart->x)                                     ? CHART_LINE
                      : chart_is_number(chart->x) && chart->function == CHART_COUNT ? CHART_HISTOGRAM
                                                                                    : CHART_HORIZONTAL;
    }
}

static enum err check_fields(struct dataset_page *page, struct chart *chart, bool *ret_is_possible)
{
    struct scope *scope = page->call->scope;
    if (chart->kind == CHART_HISTOGRAM && !chart_is_number(chart->x)) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_HISTOGRAM, SAYS(ARG_TEXT("name", chart->x->name)));
    }
    if (chart->kind == CHART_SCATTER && !chart_is_number(chart->x) && !chart_is_date(chart->x)) {
        return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_SCATTER, SAYS(ARG_TEXT("name", chart->x->name)));
    }
    if ((chart->kind == CHART_SCATTER || chart->function != CHART_COUNT) && !chart->of) {
        chart->of = first_field(page, is_number_on_its_own, chart->x);
        chart->of = chart->of ? chart->of : first_field(page, chart_is_number, NULL);
        *ret_is_possible = chart->of != NULL;
    }
    return ERR_OK;
}

static void drop_what_does_not_apply(struct chart *chart)
{
    bool is_of_parts = chart->kind == CHART_PIE || chart->kind == CHART_TREEMAP;
    if (chart->kind == CHART_HISTOGRAM) {
        chart->function = CHART_COUNT;
    }
    if (chart->kind != CHART_SCATTER && chart->function == CHART_COUNT) {
        chart->of = NULL;
    }
    if (is_of_parts && !chart_adds_up(chart)) {
        chart->kind = CHART_HORIZONTAL;
        chart->is_changed = true;
    }
    /* Months of the year beside each other, by year, is the one case of a field with itself. */
    bool is_cyclic = chart->bucket >= BUCKET_MONTH_OF_YEAR && chart->bucket <= BUCKET_HOUR_OF_DAY;
    bool is_same = chart->series == chart->x && !(is_cyclic && chart_is_date(chart->x));
    if (chart->kind == CHART_PIE || chart->kind == CHART_HISTOGRAM || is_same || field_is_list(chart->x)) {
        chart->series = NULL;
    }
    bool is_stackable = chart->kind == CHART_BAR || chart->kind == CHART_HORIZONTAL ||
                        chart->kind == CHART_AREA;
    if (!is_stackable || !chart->series || !chart_adds_up(chart)) {
        chart->stacking = STACKED_AUTO;
    } else if (chart->stacking == STACKED_AUTO && chart->kind == CHART_AREA) {
        chart->stacking = STACKED_YES;
    }
}

static bool has_order_of_its_own(const struct chart *chart)
{
    return chart_is_number(chart->x) || chart_is_date(chart->x);
}

static void choose_order(struct chart *chart)
{
    bool is_of_parts = chart->kind == CHART_PIE || chart->kind == CHART_TREEMAP;
    if (chart->kind == CHART_HISTOGRAM || chart->kind == CHART_SCATTER) {
        chart->order = ORDER_X;
    } else if (chart_is_continuous(chart) && (chart->kind == CHART_LINE || chart->kind == CHART_AREA)) {
        chart->order = ORDER_X; /* time goes one way */
    } else if (chart->order == ORDER_AUTO) {
        chart->order = has_order_of_its_own(chart) && !is_of_parts ? ORDER_X : ORDER_Y_DOWN;
    }
    if (chart->limit == 0) {
        bool is_whole = chart->order == ORDER_X && has_order_of_its_own(chart);
        chart->limit = is_whole                      ? CHART_ROWS_MOST
                       : chart->kind == CHART_PIE     ? LIMIT_SLICES
                       : chart->kind == CHART_TREEMAP || chart->kind == CHART_PIVOT ? LIMIT_CELLS
                                                      : LIMIT_NAMES;
    }
}

enum err chart_complete(struct dataset_page *page, struct chart *chart, bool *ret_is_possible)
{
    *ret_is_possible = true;
    if (!chart->x) {
        TRY(choose_x(page, chart));
    }
    if (!chart->x) {
        *ret_is_possible = false;
        return ERR_OK;
    }
    choose_kind(chart);
    TRY(check_fields(page, chart, ret_is_possible));
    if (!*ret_is_possible) {
        return ERR_OK;
    }
    drop_what_does_not_apply(chart);
    if (chart->kind != CHART_SCATTER) {
        TRY(choose_bucket(page, chart));
    } else {
        chart->bucket = BUCKET_VALUE;
    }
    choose_order(chart);
    return ERR_OK;
}
