/* How much datasets are used: by how many is asked of each kind of use, and nothing below the threshold leaves this file. */
#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/vec.h"
#include "domain/analytics/figures.h"
#include "platform/db/statement.h"

/* Columns of a statement, after the dataset. */
static const enum measure measures[] = {MEASURE_DOWNLOADS, MEASURE_CALLS,    MEASURE_ATTACHMENTS,
                                        MEASURE_PAGEVIEWS, MEASURE_VISITORS, MEASURE_CALLERS};

static int64_t weight_of(const struct use *use)
{
    return 10 * (use->downloads + use->attachments) + use->calls + use->views;
}

static int by_use(const void *a, const void *b)
{
    const struct use *one = a;
    const struct use *other = b;
    int64_t x = weight_of(one);
    int64_t y = weight_of(other);
    return x != y ? (x > y ? -1 : 1) : str_compare(one->dataset, other->dataset);
}

/* Of those who call, not all download: so many at most did it. */
static int64_t told(int64_t amount, int64_t people, int threshold)
{
    return people >= threshold && amount >= threshold ? figure_rounded(amount) : 0;
}

static enum err read_uses(struct scope *scope, struct cursor *cursor, int threshold, const struct use **ret_uses,
                          size_t *ret_count)
{
    VEC(struct use) uses = {0};
    EACH_BATCH(scope, cursor, row) {
        int64_t people = row_number(row, 5);
        int64_t callers = row_number(row, 6);
        struct use use = {.downloads = told(row_number(row, 1), callers, threshold),
                          .calls = told(row_number(row, 2), callers, threshold),
                          .attachments = told(row_number(row, 3), callers, threshold),
                          .views = told(row_number(row, 4), people, threshold)};
        if (use.downloads || use.calls || use.attachments || use.views) {
            use.dataset = row_text(&scope->arena, row, 0);
            vec_add(&scope->arena, &uses, use);
        }
    }
    if (uses.count) {
        qsort(uses.items, uses.count, sizeof(*uses.items), by_use);
    }
    *ret_uses = uses.items;
    *ret_count = uses.count;
    return ERR_OK;
}

static void add_measures(struct sql *sql, bool as_sums)
{
    for (size_t i = 0; i < ARRAY_LENGTH(measures); i++) {
        if (as_sums) {
            sql_text(sql, ", cast(sum(case when measure = ");
        } else if (i) {
            sql_text(sql, ", ");
        }
        sql_bind(sql, cell_text(str_from(measure_key(measures[i]))));
        if (as_sums) {
            sql_text(sql, " then amount else 0 end) as bigint)");
        }
    }
}

enum err figures_uses(struct scope *scope, struct db *db, const struct use_period *periods, size_t count, int threshold,
                      const struct use **ret_uses, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select value");
    add_measures(&sql, true);
    sql_text(&sql, " from statistic where dataset = '' and dimension = 'dataset' and measure in (");
    add_measures(&sql, false);
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(&sql, i ? S(" or grain = ") : S(") and (grain = "));
        sql_bind(&sql, cell_text(str_from(grain_key(periods[i].grain))));
        sql_text(&sql, " and at >= ");
        sql_bind(&sql, cell_int(periods[i].from));
        sql_text(&sql, " and at <= ");
        sql_bind(&sql, cell_int(periods[i].to));
    }
    sql_text(&sql, ") group by value");
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    return read_uses(scope, cursor, threshold, ret_uses, ret_count);
}

/* ---- keys ---- */

static enum err read_keys(struct scope *scope, struct cursor *cursor, const struct key_use **ret_uses, size_t *ret_count)
{
    VEC(struct key_use) uses = {0};
    EACH_BATCH(scope, cursor, row) {
        struct key_use use = {.day = row_number(row, 1), .calls = row_number(row, 2), .records = row_number(row, 3)};
        if (num_read_int(row_text(&scope->arena, row, 0), &use.key)) {
            vec_add(&scope->arena, &uses, use);
        }
    }
    *ret_uses = uses.items;
    *ret_count = uses.count;
    return ERR_OK;
}

enum err figures_keys(struct scope *scope, struct db *db, const int64_t *keys, size_t key_count, int64_t from_day,
                      int64_t to_day, const struct key_use **ret_uses, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select value, at, cast(sum(case when measure = 'api_calls' then amount else 0 end) as bigint),"
                               " cast(sum(case when measure = 'records' then amount else 0 end) as bigint) from statistic"
                               " where dataset = '' and grain = 'day' and measure in ('api_calls', 'records') and"
                               " dimension = 'key' and at >= ? and at <= ? and value in (''",
                               cell_int(from_day), cell_int(to_day));
    for (size_t i = 0; i < key_count; i++) {
        sql_text(&sql, ", ");
        sql_bind(&sql, cell_text(str_printf(&scope->arena, "%lld", (long long)keys[i])));
    }
    sql_text(&sql, ") group by value, at order by at desc, value");
    TRY(db_lease(scope, db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    return read_keys(scope, cursor, ret_uses, ret_count);
}

/* ---- for the catalogue ---- */

static void set(struct uses *uses, enum use_figure figure, int64_t amount)
{
    uses->figures[figure] = amount ? (double)amount : USE_UNKNOWN;
}

/* Half steps: what is a third more may be as popular. */
static double popularity_of(const struct use *use)
{
    return round(2 * log2(1 + (double)weight_of(use))) / 2;
}

static int by_dataset(const void *a, const void *b)
{
    return str_compare(((const struct uses *)a)->dataset, ((const struct uses *)b)->dataset);
}

/* What has been used lately has also been used at all, and may be told then. */
enum err figures_for_catalogue(struct scope *scope, struct db *db, int64_t today, int threshold, bool with_figures,
                               const struct uses **ret_uses, size_t *ret_count)
{
    int64_t month = period_of_day(GRAIN_MONTH, today);
    const struct use_period recently = {GRAIN_DAY, today - USE_DAYS, today - 1};
    const struct use_period always[] = {{GRAIN_MONTH, 0, month - 1},
                                        {GRAIN_DAY, period_first_day(GRAIN_MONTH, month), today - 1}};
    const struct use *recent;
    const struct use *all;
    size_t recent_count, all_count;
    TRY(figures_uses(scope, db, &recently, 1, threshold, &recent, &recent_count));
    TRY(figures_uses(scope, db, always, ARRAY_LENGTH(always), threshold, &all, &all_count));
    struct uses *uses = arena_array(&scope->arena, struct uses, recent_count + all_count + 1);
    size_t count = 0;
    for (size_t i = 0; with_figures && i < all_count; i++) {
        uses[count] = uses_none(all[i].dataset);
        set(&uses[count], USE_DOWNLOADS, all[i].downloads);
        set(&uses[count], USE_CALLS, all[i].calls);
        set(&uses[count++], USE_ATTACHMENTS, all[i].attachments);
    }
    qsort(uses, count, sizeof(*uses), by_dataset);
    size_t sorted = count;
    for (size_t i = 0; i < recent_count; i++) {
        struct uses none = uses_none(recent[i].dataset);
        struct uses *of = sorted ? bsearch(&none, uses, sorted, sizeof(none), by_dataset) : NULL;
        if (!of) {
            of = &uses[count++];
            *of = none;
        }
        of->figures[USE_POPULARITY] = popularity_of(&recent[i]);
        if (with_figures) {
            set(of, USE_RECENT_VIEWS, recent[i].views);
            set(of, USE_RECENT_DOWNLOADS, recent[i].downloads);
            set(of, USE_RECENT_CALLS, recent[i].calls);
        }
    }
    *ret_uses = uses;
    *ret_count = count;
    return ERR_OK;
}
