/*
 * The groups of a chart. x alone first, which says how many there are and what each comes to; then the
 * series, the largest of them; then both together. What is left out is told, and where values add up it is
 * the difference to the totals.
 */
#include <math.h>

#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"
#include "domain/records/read.h"
#include "web/front/chart.h"

#define NAMES_BYTES (12u << 10) /* of values in a condition, which is one clause */

enum err chart_ask(struct dataset_page *page, const struct clauses *clauses, json_t **ret_rows,
                   int64_t *ret_total)
{
    struct scope *scope = page->call->scope;
    cleanup_with(buf_cleanup) struct buf answer = {0};
    struct plan *plan;
    struct read_result result;
    buf_add_char(&answer, '[');
    TRY(odsql_compile(scope, &page->lease.source, clauses, &plan));
    struct read read = {.plan = plan,
                        .clauses = clauses,
                        .zone = page->zone,
                        .source_count = page->dataset->records_count};
    TRY(read_page(scope, &page->lease, &read, &answer, &result));
    buf_add_char(&answer, ']');
    *ret_total = result.total;
    return json_read(scope, ERR_TOO_LARGE, buf_str(&answer), "The chart's groups", ret_rows);
}

/* ---- cells ---- */

static struct chart_cell cell_of(const json_t *row)
{
    const json_t *value = json_object_get(row, "chart_y");
    return (struct chart_cell){.number = json_number_value(value),
                               .is_there = json_is_number(value),
                               .is_whole = json_is_integer(value)};
}

static struct chart_cell none(void)
{
    return (struct chart_cell){0};
}

static void add(struct chart_cell *sum, struct chart_cell part)
{
    if (part.is_there) {
        sum->is_whole = part.is_whole && (sum->is_whole || !sum->is_there);
        sum->number += part.number;
        sum->is_there = true;
    }
}

/* What remains of a sum; sums of decimals differ in their last digits, which is no rest. */
static struct chart_cell rest(struct chart_cell sum, struct chart_cell part)
{
    double number = sum.number - part.number;
    if (fabs(number) <= 1e-9 * fabs(sum.number)) {
        number = 0;
    }
    return (struct chart_cell){
        .number = number, .is_there = sum.is_there, .is_whole = sum.is_whole};
}

static size_t columns_of(const struct chart_data *data)
{
    return data->series_count ? data->series_count : 1;
}

/* ---- clauses ---- */

static str order_of(const struct chart *chart)
{
    switch (chart->order) {
    case ORDER_X_DOWN:
        return S("-chart_x");
    case ORDER_Y:
        return S("chart_y, chart_x");
    case ORDER_Y_DOWN:
        return S("-chart_y, chart_x");
    default:
        return S("chart_x");
    }
}

static struct clauses clauses_of(const struct dataset_page *page, const struct chart *chart)
{
    struct clauses clauses = page->clauses;
    clauses.select =
        str_printf(&page->call->scope->arena, "%.*s as chart_y", STR_ARG(chart_y(page, chart)));
    clauses.order_by = STR_NONE;
    clauses.limit = 1;
    clauses.with_total = true;
    clauses.any_limit = true;
    return clauses;
}

static void add_condition(struct arena *arena, struct clauses *clauses, str condition)
{
    str *where = arena_array(arena, str, clauses->where_count + 1);
    if (clauses->where_count) {
        memcpy(where, clauses->where, clauses->where_count * sizeof(*where));
    }
    where[clauses->where_count] = condition;
    clauses->where = where;
    clauses->where_count++;
}

/* A value of a group as a literal. */
static str literal_of(struct arena *arena, const struct field *field, const struct chart_key *key)
{
    return field->type == FIELD_TEXT ? odsql_literal(arena, key->key) : key->key;
}

/*
 * "f in (…)", with "or f is null" where records without a value are among the groups. ret_count: so many of
 * them fit into a clause.
 */
static str condition_of(const struct dataset_page *page, const struct field *field, str expression,
                        const struct chart_key *keys, size_t count, size_t *ret_count)
{
    struct arena *arena = &page->call->scope->arena;
    cleanup_with(buf_cleanup) struct buf out = {0};
    bool has_missing = false;
    size_t i = 0, written = 0;
    for (; i < count; i++) {
        if (keys[i].is_missing) {
            has_missing = true;
            continue;
        }
        str literal = literal_of(arena, field, &keys[i]);
        if (out.n + literal.n > NAMES_BYTES || written == LIMIT_LIST_ITEMS) {
            break;
        }
        buf_printf(&out, "%s%.*s", written ? ", " : "", STR_ARG(literal));
        written++;
    }
    *ret_count = i;
    str null = str_printf(arena, "%.*s is null", STR_ARG(expression));
    if (written == 0) {
        return null;
    }
    return str_printf(arena, "%.*s in (%.*s)%s%.*s", STR_ARG(expression), STR_ARG(buf_str(&out)),
                      has_missing ? " or " : "", STR_ARG(has_missing ? null : S("")));
}

/* ---- x and series, each alone ---- */

static enum err read_total(struct dataset_page *page, const struct chart *chart,
                           struct chart_data *data)
{
    json_t *rows cleanup_with(json_cleanup) = NULL;
    int64_t total;
    struct clauses clauses = clauses_of(page, chart);
    TRY(chart_ask(page, &clauses, &rows, &total));
    data->total = cell_of(json_array_get(rows, 0));
    return ERR_OK;
}

static enum err read_rows(struct dataset_page *page, const struct chart *chart,
                          struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    json_t *rows cleanup_with(json_cleanup) = NULL;
    struct clauses clauses = clauses_of(page, chart);
    clauses.group_by = str_printf(arena, "%.*s as chart_x", STR_ARG(chart_x(page, chart)));
    clauses.order_by = order_of(chart);
    clauses.limit = chart->limit;
    TRY(chart_ask(page, &clauses, &rows, &data->groups));
    data->row_count = json_array_size(rows);
    data->rows = arena_array(arena, struct chart_key, data->row_count + 1);
    data->row_totals = arena_array(arena, struct chart_cell, data->row_count + 1);
    for (size_t i = 0; i < data->row_count; i++) {
        const json_t *row = json_array_get(rows, i);
        data->rows[i] = chart_key_make(page, chart, false, json_object_get(row, "chart_x"));
        data->row_totals[i] = cell_of(row);
    }
    data->is_cut = data->groups > (int64_t)data->row_count;
    return ERR_OK;
}

static int compare_series(const void *a, const void *b)
{
    const struct chart_key *one = a, *other = b;
    double first = 0, second = 0;
    if (one->is_missing != other->is_missing) {
        return one->is_missing ? 1 : -1;
    }
    if (num_read_double(one->key, &first) && num_read_double(other->key, &second)) {
        return first < second ? -1 : first > second;
    }
    return str_compare(one->key, other->key);
}

/* The largest come first, of means and the like those with the most records; but those that are years and other numbers in their own order. */
static enum err read_series(struct dataset_page *page, const struct chart *chart,
                            struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    json_t *rows cleanup_with(json_cleanup) = NULL;
    struct clauses clauses = clauses_of(page, chart);
    clauses.group_by = str_printf(arena, "%.*s as chart_s", STR_ARG(chart_series(page, chart)));
    clauses.select = str_printf(arena, "%.*s, count(*) as chart_n", STR_ARG(clauses.select));
    clauses.order_by = chart_adds_up(chart) ? S("-chart_y, chart_s") : S("-chart_n, chart_s");
    clauses.limit = CHART_SERIES_MOST;
    TRY(chart_ask(page, &clauses, &rows, &data->series_groups));
    data->series_count = json_array_size(rows);
    data->series = arena_array(arena, struct chart_key, data->series_count + 1);
    for (size_t i = 0; i < data->series_count; i++) {
        data->series[i] =
            chart_key_make(page, chart, true, json_object_get(json_array_get(rows, i), "chart_s"));
    }
    if (chart->series->type != FIELD_TEXT && data->series_count) {
        qsort(data->series, data->series_count, sizeof(*data->series), compare_series);
    }
    data->series_totals = arena_array(arena, struct chart_cell, data->series_count + 1);
    for (size_t i = 0; i < data->series_count; i++) {
        for (size_t k = 0; k < data->series_count; k++) {
            const json_t *row = json_array_get(rows, k);
            struct chart_key key =
                chart_key_make(page, chart, true, json_object_get(row, "chart_s"));
            if (key.is_missing == data->series[i].is_missing && str_eq(key.key, data->series[i].key)) {
                data->series_totals[i] = cell_of(row);
            }
        }
    }
    data->is_series_cut = data->series_groups > (int64_t)data->series_count;
    return ERR_OK;
}

/* ---- both together ---- */

static size_t find_key(const struct chart_key *keys, size_t count, const struct chart_key *wanted,
                       size_t guess)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = (guess + i) % count; /* rows of a group follow each other */
        if (keys[at].is_missing == wanted->is_missing && !keys[at].is_other &&
            str_eq(keys[at].key, wanted->key)) {
            return at;
        }
    }
    return SIZE_MAX;
}

/* Names that come by value are asked for by name: there may be any number of others. */
static void restrict_rows(struct dataset_page *page, const struct chart *chart,
                          struct chart_data *data, struct clauses *clauses)
{
    bool is_listed = data->is_cut && chart->bucket == BUCKET_VALUE &&
                     (chart->x->type == FIELD_TEXT || chart_is_number(chart->x));
    if (is_listed && data->row_count) {
        size_t count;
        str condition = condition_of(page, chart->x, chart_x(page, chart), data->rows,
                                     data->row_count, &count);
        add_condition(&page->call->scope->arena, clauses, condition);
        data->row_count = count;
    }
}

static void place_cells(struct dataset_page *page, const struct chart *chart,
                        struct chart_data *data, const json_t *rows)
{
    size_t columns = data->series_count, guess = 0, column_guess = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        struct chart_key x = chart_key_make(page, chart, false, json_object_get(row, "chart_x"));
        struct chart_key s = chart_key_make(page, chart, true, json_object_get(row, "chart_s"));
        size_t at = find_key(data->rows, data->row_count, &x, guess);
        size_t column = find_key(data->series, columns, &s, column_guess);
        if (at != SIZE_MAX && column != SIZE_MAX) {
            data->cells[at * columns + column] = cell_of(row);
            guess = at;
            column_guess = column;
        }
    }
}

static enum err read_cells(struct dataset_page *page, const struct chart *chart,
                           struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    json_t *rows cleanup_with(json_cleanup) = NULL;
    int64_t total;
    size_t count;
    struct clauses clauses = clauses_of(page, chart);
    str series = chart_series(page, chart);
    clauses.group_by = str_printf(arena, "%.*s as chart_x, %.*s as chart_s",
                                  STR_ARG(chart_x(page, chart)), STR_ARG(series));
    clauses.order_by = chart->order == ORDER_X_DOWN ? S("-chart_x, chart_s") : S("chart_x, chart_s");
    clauses.limit = LIMIT_GROUP_ROWS;
    if (data->is_series_cut) {
        add_condition(arena, &clauses,
                      condition_of(page, chart->series, series, data->series, data->series_count, &count));
        data->series_count = count;
    }
    restrict_rows(page, chart, data, &clauses);
    TRY(chart_ask(page, &clauses, &rows, &total));
    data->cells = arena_array(arena, struct chart_cell, data->row_count * data->series_count + 1);
    if (data->row_count && data->series_count) {
        place_cells(page, chart, data, rows);
    }
    return ERR_OK;
}

/* ---- the rest ---- */

static struct chart_cell sum_row(const struct chart_data *data, size_t row)
{
    struct chart_cell sum = none();
    for (size_t i = 0; i < data->series_count; i++) {
        add(&sum, data->cells[row * data->series_count + i]);
    }
    return sum;
}

static struct chart_cell sum_column(const struct chart_data *data, size_t column)
{
    struct chart_cell sum = none();
    size_t columns = columns_of(data);
    for (size_t i = 0; i < data->row_count; i++) {
        add(&sum, data->cells[i * columns + column]);
    }
    return sum;
}

static struct chart_key other_key(const struct dataset_page *page)
{
    return (struct chart_key){.value = S(""),
                              .end = S(""),
                              .is_other = true,
                              .label = message_plain(page->call->language, MSG_CHART_OTHER)};
}

/* A column for the series that are not shown. */
static void add_other_series(const struct dataset_page *page, struct chart_data *data)
{
    size_t before = data->series_count, columns = before + 1;
    struct chart_cell *cells =
        arena_array(&page->call->scope->arena, struct chart_cell, data->row_count * columns + 1);
    struct chart_cell shown = none();
    for (size_t row = 0; row < data->row_count; row++) {
        for (size_t i = 0; i < before; i++) {
            cells[row * columns + i] = data->cells[row * before + i];
        }
        struct chart_cell sum = sum_row(data, row);
        cells[row * columns + before] = rest(data->row_totals[row], sum);
    }
    for (size_t i = 0; i < before; i++) {
        add(&shown, data->series_totals[i]);
    }
    data->series_totals[before] = rest(data->total, shown);
    data->series[before] = other_key(page);
    data->cells = cells;
    data->series_count = columns;
}

/* A row for the groups that are not shown. */
static void add_other_row(const struct dataset_page *page, struct chart_data *data)
{
    size_t columns = columns_of(data), row = data->row_count;
    struct chart_cell *cells =
        arena_array(&page->call->scope->arena, struct chart_cell, (row + 1) * columns);
    struct chart_cell shown = none();
    for (size_t i = 0; i < row * columns; i++) {
        cells[i] = data->cells[i];
    }
    for (size_t i = 0; i < columns; i++) {
        struct chart_cell whole = data->series_count ? data->series_totals[i] : data->total;
        cells[row * columns + i] = rest(whole, sum_column(data, i));
    }
    for (size_t i = 0; i < row; i++) {
        add(&shown, data->row_totals[i]);
    }
    data->rows[row] = other_key(page);
    data->row_totals[row] = rest(data->total, shown);
    data->cells = cells;
    data->row_count++;
}

/* Groups that chart_fill_gaps put in have no records. */
static void fill(const struct dataset_page *page, const struct chart *chart, struct chart_data *data)
{
    struct arena *arena = &page->call->scope->arena;
    struct chart_data before = *data;
    size_t columns = columns_of(data), from = 0;
    chart_fill_gaps(page, chart, data);
    if (data->row_count == before.row_count) {
        return;
    }
    data->cells = arena_array(arena, struct chart_cell, data->row_count * columns + 1);
    data->row_totals = arena_array(arena, struct chart_cell, data->row_count + 1);
    for (size_t row = 0; row < data->row_count; row++) {
        bool is_own = data->rows[row].key.p || data->rows[row].is_missing || data->rows[row].is_other;
        for (size_t i = 0; is_own && i < columns; i++) {
            data->cells[row * columns + i] = before.cells[from * columns + i];
        }
        data->row_totals[row] = is_own ? before.row_totals[from] : none();
        from += is_own;
    }
}

/* Nothing counted is 0; nothing to take the mean of is nothing. */
static void set_zeroes(const struct chart *chart, struct chart_data *data)
{
    struct chart_cell zero = {.is_there = true, .is_whole = true};
    if (chart->function != CHART_COUNT) {
        return;
    }
    for (size_t i = 0; i < data->row_count * columns_of(data); i++) {
        data->cells[i] = data->cells[i].is_there ? data->cells[i] : zero;
    }
    for (size_t i = 0; i < data->row_count; i++) {
        data->row_totals[i] = data->row_totals[i].is_there ? data->row_totals[i] : zero;
    }
}

enum err chart_data_read(struct dataset_page *page, const struct chart *chart,
                         struct chart_data *ret_data)
{
    struct chart_data *data = ret_data;
    *data = (struct chart_data){0};
    TRY(read_total(page, chart, data));
    TRY(read_rows(page, chart, data));
    data->cells = data->row_totals;
    if (chart->series && data->row_count) {
        TRY(read_series(page, chart, data));
        TRY(read_cells(page, chart, data));
        if (data->is_series_cut && chart_adds_up(chart)) {
            add_other_series(page, data);
        }
    }
    fill(page, chart, data);
    if (data->is_cut && chart_adds_up(chart) && !chart_is_continuous(chart)) {
        struct chart_key *rows =
            arena_array(&page->call->scope->arena, struct chart_key, data->row_count + 1);
        memcpy(rows, data->rows, data->row_count * sizeof(*rows));
        data->rows = rows;
        struct chart_cell *totals =
            arena_array(&page->call->scope->arena, struct chart_cell, data->row_count + 1);
        memcpy(totals, data->row_totals, data->row_count * sizeof(*totals));
        if (data->cells == data->row_totals) {
            data->cells = totals;
        }
        data->row_totals = totals;
        add_other_row(page, data);
    }
    set_zeroes(chart, data);
    return ERR_OK;
}

/* ---- scatter plots ---- */

str chart_points_condition(const struct dataset_page *page, const struct chart *chart)
{
    struct arena *arena = &page->call->scope->arena;
    return str_printf(arena, "%.*s is not null and %.*s is not null",
                      STR_ARG(odsql_name(arena, chart->x->name)),
                      STR_ARG(odsql_name(arena, chart->of->name)));
}

static struct chart_point point_of(struct dataset_page *page, const struct chart *chart,
                                   const struct chart_data *data, const json_t *row)
{
    struct arena *arena = &page->call->scope->arena;
    const json_t *x = json_object_get(row, "chart_x");
    struct chart_key key = chart_key_make(page, chart, false, x);
    struct value_view view = value_view(page->call, chart->x, x, 100);
    struct chart_point point = {.x = key.key,
                                .x_label = str_copy(arena, view.text),
                                .y = cell_of(row)};
    if (chart->series) {
        struct chart_key s = chart_key_make(page, chart, true, json_object_get(row, "chart_s"));
        size_t at = find_key(data->series, data->series_count, &s, 0);
        point.series = at == SIZE_MAX ? data->series_count : at;
    }
    return point;
}

/* Colours of a scatter plot: the series with the most records. */
static enum err read_point_series(struct dataset_page *page, const struct chart *chart,
                                  struct chart_data *data)
{
    struct chart counted = *chart;
    counted.function = CHART_COUNT;
    TRY(read_series(page, &counted, data));
    if (data->is_series_cut) {
        data->series[data->series_count] = other_key(page);
    }
    return ERR_OK;
}

enum err chart_points_read(struct dataset_page *page, const struct chart *chart,
                           struct chart_data *ret_data, struct chart_point **ret_points,
                           size_t *ret_count, int64_t *ret_total)
{
    struct arena *arena = &page->call->scope->arena;
    json_t *rows cleanup_with(json_cleanup) = NULL;
    struct clauses clauses = page->clauses;
    *ret_data = (struct chart_data){0};
    add_condition(arena, &clauses, chart_points_condition(page, chart));
    if (chart->series) {
        TRY(read_point_series(page, chart, ret_data));
    }
    clauses.select = str_printf(arena, "%.*s as chart_x, %.*s as chart_y%s%.*s%s",
                                STR_ARG(odsql_name(arena, chart->x->name)),
                                STR_ARG(odsql_name(arena, chart->of->name)), chart->series ? ", " : "",
                                STR_ARG(chart->series ? chart_series(page, chart) : S("")),
                                chart->series ? " as chart_s" : "");
    clauses.order_by = S("random(1)");
    clauses.limit = CHART_POINTS_MOST;
    TRY(chart_ask(page, &clauses, &rows, ret_total));
    *ret_count = json_array_size(rows);
    *ret_points = arena_array(arena, struct chart_point, *ret_count + 1);
    for (size_t i = 0; i < *ret_count; i++) {
        (*ret_points)[i] = point_of(page, chart, ret_data, json_array_get(rows, i));
    }
    return ERR_OK;
}
