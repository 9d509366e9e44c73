#include "domain/analytics/figures.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/vec.h"
#include "domain/analytics/internal.h"
#include "platform/db/statement.h"

#define POINTS_MOST 20000
#define ROUND_TO 5

/* A sum with the number of people or programs that it comes from. */
struct counted_sum {
    int64_t at;
    str value;
    int64_t amount, people;
};
typedef VEC(struct counted_sum) counted_sums;

/* A measure of nobody's is held against the threshold itself. */
static enum measure people_of(enum measure measure)
{
    enum measure people = measure_people(measure);
    return people == MEASURE__COUNT ? measure : people;
}

static enum measure people_by(const struct figures_query *query)
{
    enum measure people = people_of(query->measure);
    return measure_has(people, query->dimension) ? people : query->measure;
}

static void add_conditions(struct sql *sql, const struct figures_query *query)
{
    sql_text(sql, " from statistic where dataset = ");
    sql_bind(sql, cell_text(query->dataset));
    sql_text(sql, " and grain = ");
    sql_bind(sql, cell_text(str_from(grain_key(query->grain))));
    sql_text(sql, " and measure in (");
    sql_bind(sql, cell_text(str_from(measure_key(query->measure))));
    sql_text(sql, ", ");
    sql_bind(sql, cell_text(str_from(measure_key(people_by(query)))));
    sql_text(sql, ") and dimension = ");
    sql_bind(sql, cell_text(str_from(dimension_key(query->dimension))));
    sql_text(sql, " and at >= ");
    sql_bind(sql, cell_int(query->from));
    sql_text(sql, " and at <= ");
    sql_bind(sql, cell_int(query->to));
}

static void add_sum(struct sql *sql, enum measure measure)
{
    sql_text(sql, "cast(sum(case when measure = ");
    sql_bind(sql, cell_text(str_from(measure_key(measure))));
    sql_text(sql, " then amount else 0 end) as bigint)");
}

static enum err read_sums(struct scope *scope, struct db *db, const struct figures_query *query, bool by_time,
                          counted_sums *ret)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    const struct batch *row;
    sql_text(&sql, "select ");
    if (by_time) {
        sql_text(&sql, "at, ");
    } else {
        sql_text(&sql, "value, ");
    }
    add_sum(&sql, query->measure);
    sql_text(&sql, ", ");
    add_sum(&sql, people_by(query));
    add_conditions(&sql, query);
    if (by_time) {
        sql_text(&sql, " and value = ");
        sql_bind(&sql, cell_text(query->value));
        sql_text(&sql, " group by at order by at");
    } else {
        sql_text(&sql, " group by value");
    }
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        struct counted_sum sum = {.at = by_time ? row_number(row, 0) : 0,
                                  .value = by_time ? query->value : row_text(&scope->arena, row, 0),
                                  .amount = row_number(row, 1),
                                  .people = row_number(row, 2)};
        if (query->is_public && sum.amount < sum.people) {
            sum.people = sum.amount; /* so many at most did it: of those who call, not all download */
        }
        vec_add(&scope->arena, ret, sum);
    }
    return ERR_OK;
}

int64_t figure_rounded(int64_t amount)
{
    return (amount + ROUND_TO / 2) / ROUND_TO * ROUND_TO;
}

static int64_t shown(const struct figures_query *query, int64_t amount)
{
    return query->is_public ? figure_rounded(amount) : amount;
}

/* ---- lists ---- */

static int by_people(const void *a, const void *b)
{
    const struct counted_sum *one = a;
    const struct counted_sum *other = b;
    return one->people != other->people   ? (one->people < other->people ? -1 : 1)
           : one->amount != other->amount ? (one->amount < other->amount ? -1 : 1)
                                          : str_compare(one->value, other->value);
}

static int by_amount(const void *a, const void *b)
{
    const struct figure *one = a;
    const struct figure *other = b;
    return one->amount != other->amount ? (one->amount > other->amount ? -1 : 1)
                                        : str_compare(one->value, other->value);
}

/*
 * How many of the sums, with those of the fewest people first, go into "other". It is of at least two values and of as
 * many people as the threshold, so that it tells nothing of one value either.
 */
static size_t count_hidden(const counted_sums *sums, int threshold)
{
    size_t hidden = 0;
    int64_t people = 0;
    while (hidden < sums->count && (sums->items[hidden].people < threshold ||
                                    (hidden > 0 && (hidden < 2 || people < threshold)))) {
        people += sums->items[hidden++].people;
    }
    return hidden;
}

/* "other" as it is stored is never told apart from what goes there now. */
static void put_other_first(counted_sums *sums, int64_t *ret_amount, int64_t *ret_people, bool *ret_has)
{
    *ret_amount = *ret_people = 0;
    *ret_has = false;
    for (size_t i = 0; i < sums->count; i++) {
        if (str_eq(sums->items[i].value, S("other"))) {
            *ret_amount = sums->items[i].amount;
            *ret_people = sums->items[i].people;
            *ret_has = true;
            sums->items[i] = sums->items[--sums->count];
            return;
        }
    }
}

enum err figures_list(struct scope *scope, struct db *db, const struct figures_query *query,
                      const struct figure **ret_figures, size_t *ret_count)
{
    counted_sums sums = {0};
    int64_t other, other_people;
    bool has_other;
    size_t count = 0;
    TRY(read_sums(scope, db, query, false, &sums));
    put_other_first(&sums, &other, &other_people, &has_other);
    if (sums.count) {
        qsort(sums.items, sums.count, sizeof(*sums.items), by_people);
    }
    size_t hidden = count_hidden(&sums, query->threshold);
    struct figure *figures = arena_array(&scope->arena, struct figure, sums.count + 2);
    for (size_t i = 0; i < hidden; i++) {
        other += sums.items[i].amount;
        other_people += sums.items[i].people;
    }
    for (size_t i = hidden; i < sums.count; i++) {
        if (sums.items[i].amount > 0) {
            figures[count++] = (struct figure){.value = sums.items[i].value, .amount = shown(query, sums.items[i].amount)};
        }
    }
    if (count) {
        qsort(figures, count, sizeof(*figures), by_amount);
    }
    if (other > 0 && other_people >= query->threshold && (hidden || has_other)) {
        figures[count++] = (struct figure){.value = S("other"), .amount = shown(query, other)};
    }
    *ret_figures = figures;
    *ret_count = count;
    return ERR_OK;
}

/* ---- series ---- */

/* Hides what is below the threshold; of a single one more, so that a total does not tell it. */
static void hide(struct figure *figures, const struct counted_sum *sums, size_t count, int threshold)
{
    size_t hidden = 0;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        figures[i].is_hidden = sums[i].people < threshold;
        bool is_small = figures[i].is_hidden && (sums[i].people || sums[i].amount);
        hidden += is_small;
        if (!figures[i].is_hidden && (least == SIZE_MAX || sums[i].people < sums[least].people)) {
            least = i;
        }
    }
    if (hidden == 1 && least != SIZE_MAX) {
        figures[least].is_hidden = true;
    }
}

enum err figures_series(struct scope *scope, struct db *db, const struct figures_query *query,
                        const struct figure **ret_figures, size_t *ret_count)
{
    counted_sums found = {0};
    if (query->to < query->from || query->to - query->from >= POINTS_MOST) {
        return fail(scope, ERR_PARAMETER, "The period is too long, or ends before it begins.");
    }
    size_t count = (size_t)(query->to - query->from + 1);
    TRY(read_sums(scope, db, query, true, &found));
    struct counted_sum *sums = arena_array(&scope->arena, struct counted_sum, count);
    struct figure *figures = arena_array(&scope->arena, struct figure, count);
    for (size_t i = 0; i < count; i++) {
        sums[i] = (struct counted_sum){.at = query->from + (int64_t)i};
        figures[i] = (struct figure){.at = sums[i].at, .value = query->value};
    }
    for (size_t i = 0; i < found.count; i++) {
        sums[found.items[i].at - query->from] = found.items[i];
    }
    hide(figures, sums, count, query->threshold);
    for (size_t i = 0; i < count; i++) {
        figures[i].amount = figures[i].is_hidden ? 0 : shown(query, sums[i].amount);
    }
    *ret_figures = figures;
    *ret_count = count;
    return ERR_OK;
}

enum err figures_total(struct scope *scope, struct db *db, const struct figures_query *query,
                       struct figure *ret_figure)
{
    counted_sums found = {0};
    int64_t amount = 0;
    int64_t people = 0;
    TRY(read_sums(scope, db, query, true, &found));
    for (size_t i = 0; i < found.count; i++) {
        amount += found.items[i].amount;
        people += found.items[i].people;
    }
    *ret_figure = (struct figure){.value = query->value, .is_hidden = people < query->threshold};
    ret_figure->amount = ret_figure->is_hidden ? 0 : shown(query, amount);
    return ERR_OK;
}

/* ---- times of answers ---- */

static int class_of(str text)
{
    for (int i = 0; i < DURATIONS; i++) {
        if (str_eq(text, duration_text(i))) {
            return i;
        }
    }
    return DURATIONS - 1;
}

enum err figures_percentile(struct scope *scope, struct db *db, str dataset, int64_t from_day, int64_t to_day,
                            double share, int64_t *ret_milliseconds)
{
    struct figures_query query = {.dataset = dataset, .measure = MEASURE_ANSWERS, .dimension = DIMENSION_DURATION,
                                  .grain = GRAIN_DAY, .from = from_day, .to = to_day, .threshold = 1};
    counted_sums sums = {0};
    int64_t by_class[DURATIONS] = {0};
    int64_t all = 0;
    int64_t below = 0;
    TRY(read_sums(scope, db, &query, false, &sums));
    for (size_t i = 0; i < sums.count; i++) {
        by_class[class_of(sums.items[i].value)] += sums.items[i].amount;
        all += sums.items[i].amount;
    }
    *ret_milliseconds = 0;
    for (int i = 0; all && i < DURATIONS; i++) {
        below += by_class[i];
        if ((double)below >= share * (double)all) {
            *ret_milliseconds = -1;
            if (i < DURATIONS - 1) {
                (void)num_read_int(duration_text(i), ret_milliseconds);
            }
            return ERR_OK;
        }
    }
    return ERR_OK;
}

/* ---- all of it ---- */

enum err figures_each(struct scope *scope, struct db *db, enum grain grain, int64_t from, int64_t to,
                      enum err (*take)(struct scope *scope, void *user, const struct stored_sum *sum), void *user)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select dataset, measure, dimension, value, at, amount from statistic where grain = ?"
                               " and at >= ? and at <= ? order by at, dataset, measure, dimension, value",
                               cell_text(str_from(grain_key(grain))), cell_int(from), cell_int(to));
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (;;) {
        const struct batch *row;
        struct arena_mark mark = arena_get_mark(&scope->arena);
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            return ERR_OK;
        }
        struct stored_sum sum = {.dataset = row_text(&scope->arena, row, 0),
                                 .measure = row_text(&scope->arena, row, 1),
                                 .dimension = row_text(&scope->arena, row, 2),
                                 .value = row_text(&scope->arena, row, 3),
                                 .at = row_number(row, 4),
                                 .amount = row_number(row, 5)};
        TRY(take(scope, user, &sum));
        arena_rewind(&scope->arena, mark);
    }
}
