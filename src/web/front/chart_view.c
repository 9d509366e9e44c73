/* A chart as people read it: title, table, summary. The script draws what the table holds. */
#include <math.h>

#include "base/num.h"
#include "base/vec.h"
#include "web/front/chart.h"

#define DIGITS 4 /* of means, which have as many as one likes */

static const struct tpl_member column_members[] = {TPL_TEXT(struct chart_column, label),
                                                   TPL_TEXT(struct chart_column, kind),
                                                   TPL_BOOL(struct chart_column, is_number)};
static const struct tpl_struct column_struct = TPL_STRUCT(struct chart_column, column_members);

static const struct tpl_member value_members[] = {TPL_TEXT(struct chart_value, text),
                                                  TPL_TEXT(struct chart_value, value),
                                                  TPL_BOOL(struct chart_value, is_total),
                                                  TPL_BOOL(struct chart_value, is_text)};
static const struct tpl_struct chart_value_struct = TPL_STRUCT(struct chart_value, value_members);

static const struct tpl_member row_members[] = {
    TPL_TEXT(struct chart_row, label),       TPL_TEXT(struct chart_row, value),
    TPL_TEXT(struct chart_row, end),         TPL_BOOL(struct chart_row, is_missing),
    TPL_BOOL(struct chart_row, is_other),    TPL_BOOL(struct chart_row, is_total),
    TPL_BOOL(struct chart_row, is_number),
    TPL_LIST(struct chart_row, values, chart_value_struct)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct chart_row, row_members);

static const struct tpl_member view_members[] = {
    TPL_TEXT(struct chart_view, kind),         TPL_TEXT(struct chart_view, title),
    TPL_TEXT(struct chart_view, subtitle),     TPL_TEXT(struct chart_view, summary),
    TPL_TEXT(struct chart_view, x_label),      TPL_TEXT(struct chart_view, y_label),
    TPL_TEXT(struct chart_view, series_label), TPL_TEXT(struct chart_view, bucket),
    TPL_TEXT(struct chart_view, stacking),     TPL_URL(struct chart_view, export),
    TPL_TEXT(struct chart_view, notice),       TPL_TEXT(struct chart_view, name),
    TPL_TEXT(struct chart_view, source),       TPL_TEXT(struct chart_view, size),
    TPL_LIST(struct chart_view, columns, column_struct),
    TPL_LIST(struct chart_view, rows, row_struct),
    TPL_BOOL(struct chart_view, is_empty),     TPL_BOOL(struct chart_view, is_drawn),
    TPL_BOOL(struct chart_view, adds_up)};
const struct tpl_struct chart_struct = TPL_STRUCT(struct chart_view, view_members);
const struct tpl_binding chart_template = {"front/chart", &chart_struct};

/* ---- names ---- */

enum message chart_kind_title(enum chart_kind kind)
{
    static const enum message titles[] = {
        [CHART_BAR] = MSG_CHART_KIND_BAR,         [CHART_HORIZONTAL] = MSG_CHART_KIND_HORIZONTAL,
        [CHART_LINE] = MSG_CHART_KIND_LINE,       [CHART_AREA] = MSG_CHART_KIND_AREA,
        [CHART_PIE] = MSG_CHART_KIND_PIE,         [CHART_SCATTER] = MSG_CHART_KIND_SCATTER,
        [CHART_HISTOGRAM] = MSG_CHART_KIND_HISTOGRAM, [CHART_TREEMAP] = MSG_CHART_KIND_TREEMAP,
        [CHART_PIVOT] = MSG_CHART_KIND_PIVOT};
    return titles[kind];
}

enum message chart_bucket_title(enum chart_bucket bucket)
{
    static const enum message titles[] = {
        [BUCKET_AUTO] = MSG_CHART_AUTOMATIC,
        [BUCKET_YEAR] = MSG_CHART_BUCKET_YEAR,
        [BUCKET_QUARTER] = MSG_CHART_BUCKET_QUARTER,
        [BUCKET_MONTH] = MSG_CHART_BUCKET_MONTH,
        [BUCKET_WEEK] = MSG_CHART_BUCKET_WEEK,
        [BUCKET_DAY] = MSG_CHART_BUCKET_DAY,
        [BUCKET_HOUR] = MSG_CHART_BUCKET_HOUR,
        [BUCKET_MINUTE] = MSG_CHART_BUCKET_MINUTE,
        [BUCKET_MONTH_OF_YEAR] = MSG_CHART_BUCKET_MONTH_OF_YEAR,
        [BUCKET_DAY_OF_WEEK] = MSG_CHART_BUCKET_DAY_OF_WEEK,
        [BUCKET_HOUR_OF_DAY] = MSG_CHART_BUCKET_HOUR_OF_DAY,
        [BUCKET_VALUE] = MSG_CHART_BUCKET_VALUE,
        [BUCKET_RANGES] = MSG_CHART_BUCKET_RANGES};
    return titles[bucket];
}

enum message chart_function_title(enum chart_function function)
{
    static const enum message titles[] = {
        [CHART_COUNT] = MSG_CHART_FUNCTION_COUNT, [CHART_SUM] = MSG_CHART_FUNCTION_SUM,
        [CHART_AVG] = MSG_CHART_FUNCTION_AVG,     [CHART_MEDIAN] = MSG_CHART_FUNCTION_MEDIAN,
        [CHART_MIN] = MSG_CHART_FUNCTION_MIN,     [CHART_MAX] = MSG_CHART_FUNCTION_MAX};
    return titles[function];
}

static str with_unit(struct arena *arena, const struct field *field)
{
    str title = field_title(field);
    return field->unit.n ? str_printf(arena, "%.*s (%.*s)", STR_ARG(title), STR_ARG(field->unit)) : title;
}

static str y_label(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    if (chart->kind == CHART_SCATTER) {
        return with_unit(arena, chart->of);
    }
    if (chart->function == CHART_COUNT) {
        return message_plain(lang, MSG_CHART_RECORDS);
    }
    struct message_argument arguments[] = {
        ARG_TEXT("function", message_plain(lang, chart_function_title(chart->function))),
        ARG_TEXT("field", with_unit(arena, chart->of))};
    return message_text(arena, lang, MSG_CHART_MEASURE, arguments, 2);
}

static str make_title(const struct dataset_page *page, const struct chart *chart,
                      const struct chart_view *view)
{
    struct arena *arena = &page->call->scope->arena;
    struct message_argument arguments[] = {ARG_TEXT("y", view->y_label), ARG_TEXT("x", view->x_label),
                                           ARG_TEXT("series", view->series_label)};
    language lang = page->call->language;
    if (chart->kind == CHART_HISTOGRAM) {
        return message_text(arena, lang, MSG_CHART_TITLE_HISTOGRAM, &arguments[1], 1);
    }
    if (chart->kind == CHART_SCATTER) {
        return message_text(arena, lang, MSG_CHART_TITLE_SCATTER, arguments, 2);
    }
    return chart->series ? message_text(arena, lang, MSG_CHART_TITLE_SERIES, arguments, 3)
                         : message_text(arena, lang, MSG_CHART_TITLE_PLAIN, arguments, 2);
}

/* ---- numbers ---- */

static bool is_exact(const struct chart *chart)
{
    return chart->kind == CHART_SCATTER || chart->function == CHART_MIN || chart->function == CHART_MAX;
}

/* The same for all values, so that they can be compared: the largest has DIGITS. */
static int decimals_of(const struct chart *chart, const struct chart_data *data)
{
    size_t columns = data->series_count ? data->series_count : 1;
    double most = fabs(data->total.number);
    if (chart->of && chart->of->decimals >= 0) {
        return chart->of->decimals;
    }
    for (size_t i = 0; i < data->row_count * columns; i++) {
        most = fmax(most, fabs(data->cells[i].number));
    }
    if (is_exact(chart) || most == 0 || !isfinite(most)) {
        return -1;
    }
    double decimals = DIGITS - 1 - floor(log10(most));
    return decimals < 0 ? 0 : decimals > 12 ? 12 : (int)decimals;
}

static str number_text(const struct dataset_page *page, const struct chart *chart,
                       struct chart_cell amount)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    if (!amount.is_there) {
        return S("–");
    }
    if (amount.is_whole && fabs(amount.number) < 9e15) {
        return format_whole(arena, lang, (int64_t)amount.number);
    }
    return format_number(arena, lang, amount.number, chart->decimals);
}

static struct chart_value value_of(const struct dataset_page *page, const struct chart *chart,
                                   struct chart_cell amount, bool is_total)
{
    struct arena *arena = &page->call->scope->arena;
    char digits[NUM_DOUBLE_BYTES];
    size_t n = amount.is_there && isfinite(amount.number) ? num_write_double(digits, amount.number) : 0;
    n -= amount.is_whole && n > 2 && digits[n - 2] == '.' ? 2 : 0; /* ".0" */
    return (struct chart_value){.text = number_text(page, chart, amount),
                                .value = str_copy(arena, (str){digits, n}),
                                .is_total = is_total};
}

/* ---- the table ---- */

static str kind_of_x(const struct chart *chart)
{
    bool is_time = (chart->bucket >= BUCKET_YEAR && chart->bucket <= BUCKET_MINUTE) ||
                   (chart->kind == CHART_SCATTER && chart_is_date(chart->x));
    return is_time                           ? S("time")
           : chart->bucket == BUCKET_RANGES  ? S("range")
           : chart->kind == CHART_SCATTER    ? S("number")
                                             : S("text");
}

static struct tpl_list make_columns(const struct dataset_page *page, const struct chart *chart,
                                    const struct chart_data *data, const struct chart_view *view)
{
    struct arena *arena = &page->call->scope->arena;
    VEC(struct chart_column) columns = {0};
    struct chart_column first = {view->x_label, kind_of_x(chart), chart->kind == CHART_SCATTER};
    vec_add(arena, &columns, first);
    for (size_t i = 0; i < data->series_count && chart->kind != CHART_SCATTER; i++) {
        struct chart_column column = {data->series[i].label,
                                      data->series[i].is_other ? S("other") : S("number"), true};
        vec_add(arena, &columns, column);
    }
    bool is_pivot = chart->kind == CHART_PIVOT && chart->series;
    if (data->series_count == 0 || chart->kind == CHART_SCATTER) {
        struct chart_column column = {view->y_label, S("number"), true};
        vec_add(arena, &columns, column);
    }
    if (chart->kind == CHART_SCATTER && chart->series) {
        struct chart_column column = {view->series_label, S("series"), false};
        vec_add(arena, &columns, column);
    }
    if (is_pivot) {
        struct chart_column column = {message_plain(page->call->language, MSG_CHART_TOTAL), S("total"), true};
        vec_add(arena, &columns, column);
    }
    return (struct tpl_list){columns.items, columns.count};
}

static struct tpl_list make_values(const struct dataset_page *page, const struct chart *chart,
                                   const struct chart_data *data, size_t row)
{
    struct arena *arena = &page->call->scope->arena;
    size_t columns = data->series_count ? data->series_count : 1;
    bool has_total = chart->kind == CHART_PIVOT && data->series_count;
    struct chart_value *values = arena_array(arena, struct chart_value, columns + 1);
    for (size_t i = 0; i < columns; i++) {
        values[i] = value_of(page, chart, data->cells[row * columns + i], false);
    }
    if (has_total) {
        values[columns] = value_of(page, chart, data->row_totals[row], true);
    }
    return (struct tpl_list){values, columns + has_total};
}

static struct chart_row make_total(const struct dataset_page *page, const struct chart *chart,
                                   const struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    struct chart_value *values = arena_array(arena, struct chart_value, data->series_count + 1);
    for (size_t i = 0; i < data->series_count; i++) {
        values[i] = value_of(page, chart, data->series_totals[i], true);
    }
    values[data->series_count] = value_of(page, chart, data->total, true);
    return (struct chart_row){.label = message_plain(page->call->language, MSG_CHART_TOTAL),
                              .value = S(""),
                              .end = S(""),
                              .is_total = true,
                              .values = {values, data->series_count + 1}};
}

static struct tpl_list make_rows(const struct dataset_page *page, const struct chart *chart,
                                 const struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    VEC(struct chart_row) rows = {0};
    for (size_t i = 0; i < data->row_count; i++) {
        const struct chart_key *key = &data->rows[i];
        struct chart_row row = {.label = key->label,
                                .value = key->value,
                                .end = key->end,
                                .is_missing = key->is_missing,
                                .is_other = key->is_other,
                                .values = make_values(page, chart, data, i)};
        vec_add(arena, &rows, row);
    }
    if (chart->kind == CHART_PIVOT && data->row_count) {
        vec_add(arena, &rows, make_total(page, chart, data));
    }
    return (struct tpl_list){rows.items, rows.count};
}

/* ---- what is told besides ---- */

static str make_notice(const struct dataset_page *page, const struct chart *chart,
                       const struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    cleanup_with(buf_cleanup) struct buf out = {0};
    size_t others = data->row_count && data->rows[data->row_count - 1].is_other;
    struct message_argument rows[] = {ARG_INT("shown", (int64_t)(data->row_count - others)),
                                      ARG_INT("all", data->groups)};
    bool has_other_series = data->series_count && data->series[data->series_count - 1].is_other;
    struct message_argument series[] = {ARG_INT("shown", (int64_t)data->series_count - has_other_series),
                                        ARG_INT("all", data->series_groups)};
    if (chart->is_changed) {
        buf_add(&out, message_plain(lang, MSG_CHART_NOTICE_PARTS));
        buf_add_char(&out, ' ');
    }
    if (data->is_cut) {
        message_add(&out, lang, chart->order == ORDER_Y_DOWN ? MSG_CHART_NOTICE_LARGEST : MSG_CHART_NOTICE_CUT,
                    rows, 2);
        buf_add_char(&out, ' ');
    }
    if (data->is_series_cut) {
        message_add(&out, lang, MSG_CHART_NOTICE_SERIES, series, 2);
    }
    return str_trim(buf_copy(&out, arena));
}

struct extreme {
    str label;
    struct chart_cell amount;
};

static void find_extremes(const struct dataset_page *page, const struct chart_data *data,
                          struct extreme *high, struct extreme *low)
{
    size_t columns = data->series_count ? data->series_count : 1;
    for (size_t i = 0; i < data->row_count * columns; i++) {
        struct chart_cell amount = data->cells[i];
        const struct chart_key *key = &data->rows[i / columns];
        if (!amount.is_there || key->is_other) {
            continue;
        }
        str label = data->series_count
                        ? str_printf(&page->call->scope->arena, "%.*s, %.*s", STR_ARG(key->label),
                                     STR_ARG(data->series[i % columns].label))
                        : key->label;
        if (!high->amount.is_there || amount.number > high->amount.number) {
            *high = (struct extreme){label, amount};
        }
        if (!low->amount.is_there || amount.number < low->amount.number) {
            *low = (struct extreme){label, amount};
        }
    }
}

static str make_summary(const struct dataset_page *page, const struct chart *chart,
                        const struct chart_data *data, const struct chart_view *view)
{
    struct extreme high = {0}, low = {0};
    language lang = page->call->language;
    find_extremes(page, data, &high, &low);
    struct message_argument arguments[] = {
        ARG_TEXT("kind", message_plain(lang, chart_kind_title(chart->kind))),
        ARG_TEXT("title", view->title),
        ARG_INT("count", (int64_t)data->row_count),
        ARG_TEXT("high", high.label.p ? high.label : S("–")),
        ARG_TEXT("high_value", number_text(page, chart, high.amount)),
        ARG_TEXT("low", low.label.p ? low.label : S("–")),
        ARG_TEXT("low_value", number_text(page, chart, low.amount))};
    return message_text(&page->call->scope->arena, lang, MSG_CHART_SUMMARY, arguments,
                        ARRAY_LENGTH(arguments));
}

/* Bars need room by their number: the class of the smallest size (css/chart.css) that has it. */
static str make_size(const struct dataset_page *page, const struct chart *chart, const struct chart_data *data)
{
    static const int sizes[] = {12, 16, 20, 25, 32, 40, 50, 64, 80, 100, 160, 250};
    bool is_stacked = chart->stacking == STACKED_YES || chart->stacking == STACKED_SHARE;
    size_t bars = data->series_count && !is_stacked ? data->series_count : 1;
    double needed = 4.5 + (double)data->row_count * (bars == 1 ? 1.75 : 0.5 + 0.8 * (double)bars);
    size_t i = 0;
    if (chart->kind != CHART_HORIZONTAL) {
        return S("");
    }
    while (i + 1 < ARRAY_LENGTH(sizes) && sizes[i] < needed) {
        i++;
    }
    return str_printf(&page->call->scope->arena, "size-%d", sizes[i]);
}

/* ---- the kinds ---- */

static enum err make_groups(struct dataset_page *page, struct chart *chart, struct chart_view *view)
{
    struct chart_data data;
    TRY(chart_data_read(page, chart, &data));
    chart->decimals = decimals_of(chart, &data);
    view->columns = make_columns(page, chart, &data, view);
    view->rows = make_rows(page, chart, &data);
    view->notice = make_notice(page, chart, &data);
    view->summary = make_summary(page, chart, &data, view);
    view->size = make_size(page, chart, &data);
    view->is_empty = data.row_count == 0;
    return ERR_OK;
}

static struct chart_row point_row(const struct dataset_page *page, const struct chart *chart,
                                  const struct chart_data *data, const struct chart_point *point)
{
    struct arena *arena = &page->call->scope->arena;
    struct chart_value *values = arena_array(arena, struct chart_value, 2);
    values[0] = value_of(page, chart, point->y, false);
    if (chart->series) {
        bool is_known = point->series < data->series_count;
        const struct chart_key *key = &data->series[point->series];
        values[1] = (struct chart_value){
            .text = key->label.p ? key->label : S(""),
            .value = str_printf(arena, "%zu", is_known ? point->series : data->series_count),
            .is_text = true};
    }
    return (struct chart_row){.label = point->x_label,
                              .value = point->x,
                              .end = S(""),
                              .is_number = true,
                              .values = {values, chart->series ? 2 : 1}};
}

static enum err make_points(struct dataset_page *page, struct chart *chart, struct chart_view *view)
{
    struct arena *arena = &page->call->scope->arena;
    language lang = page->call->language;
    struct chart_data data;
    struct chart_point *points;
    size_t count;
    int64_t total;
    TRY(chart_points_read(page, chart, &data, &points, &count, &total));
    chart->decimals = chart->of->decimals;
    struct chart_row *rows = arena_array(arena, struct chart_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = point_row(page, chart, &data, &points[i]);
    }
    struct message_argument sample[] = {ARG_INT("shown", (int64_t)count), ARG_INT("all", total)};
    struct message_argument summary[] = {
        ARG_TEXT("kind", message_plain(lang, chart_kind_title(chart->kind))),
        ARG_TEXT("title", view->title), ARG_INT("count", (int64_t)count)};
    view->columns = make_columns(page, chart, &data, view);
    view->rows = (struct tpl_list){rows, count};
    view->notice = total > (int64_t)count
                       ? message_text(arena, lang, MSG_CHART_NOTICE_SAMPLE, sample, 2)
                       : S("");
    view->summary = message_text(arena, lang, MSG_CHART_SUMMARY_POINTS, summary, 3);
    view->is_empty = count == 0;
    return ERR_OK;
}

static str make_source(const struct dataset_page *page)
{
    struct message_argument arguments[] = {ARG_TEXT("title", page->title),
                                           ARG_TEXT("portal", page->call->site->name)};
    return message_text(&page->call->scope->arena, page->call->language, MSG_CHART_SOURCE, arguments, 2);
}

static str x_label(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    if (chart->bucket < BUCKET_YEAR || chart->bucket > BUCKET_HOUR_OF_DAY) {
        return with_unit(arena, chart->x);
    }
    struct message_argument arguments[] = {
        ARG_TEXT("field", field_title(chart->x)),
        ARG_TEXT("bucket", message_plain(page->call->language, chart_bucket_title(chart->bucket)))};
    return message_text(arena, page->call->language, MSG_CHART_X, arguments, 2);
}

enum err chart_view_make(struct dataset_page *page, const struct chart *chart,
                         struct chart_view *ret_view)
{
    struct arena *arena = &page->call->scope->arena;
    struct chart_view *view = ret_view;
    *view = (struct chart_view){
        .kind = chart_kind_name(chart->kind),
        .x_label = x_label(page, chart),
        .y_label = y_label(page, chart),
        .series_label = chart->series ? field_title(chart->series) : S(""),
        .bucket = chart_bucket_name(chart->bucket),
        .stacking = chart_stacking_name(chart->stacking),
        .adds_up = chart_adds_up(chart),
        .export = chart_export(page, chart),
        .source = make_source(page),
        .name = str_printf(arena, "%.*s-%.*s", STR_ARG(page->dataset->id),
                           STR_ARG(chart_kind_name(chart->kind)))};
    view->title = make_title(page, chart, view);
    view->subtitle = S("");
    view->size = S("");
    struct chart told = *chart;
    TRY(chart->kind == CHART_SCATTER ? make_points(page, &told, view) : make_groups(page, &told, view));
    view->is_drawn = chart->kind != CHART_PIVOT && !view->is_empty;
    return ERR_OK;
}
