/* How long sums are kept, and the facts that pages tell of counting. */
#include "domain/analytics/internal.h"
#include "platform/db/statement.h"

#define NODE_LOST (180 * USEC_SECOND)
#define STATE_ROLLED S("rolled")
#define STATE_ROLLED_ROWS S("rolled_rows")
#define STATE_PUBLISHED S("published")
#define STATE_USES S("uses")
#define STATE_MERGED S("merged") /* the latest month whose small cells were merged */

static enum err put_state(struct scope *scope, struct db_lease *lease, str key, int64_t value)
{
    return DB_RUN(scope, lease,
                  "insert into statistic_state (key, value) values (?, ?)"
                  " on conflict (key) do update set value = excluded.value",
                  cell_text(key), cell_int(value));
}

static enum err get_state(struct scope *scope, struct db_lease *lease, str key, int64_t *ret_value)
{
    cell value;
    TRY(DB_ASK(scope, lease, &value, "select value from statistic_state where key = ?", cell_text(key)));
    *ret_value = value.type == CELL_INT ? value.number : 0;
    return ERR_OK;
}

static enum err delete_before(struct scope *scope, struct db_lease *lease, enum grain grain, int64_t at,
                              int64_t *ret_rows)
{
    TRY(DB_RUN(scope, lease, "delete from statistic where grain = ? and at < ?", cell_text(str_from(grain_key(grain))),
               cell_int(at)));
    *ret_rows = db_changes(lease);
    return ERR_OK;
}

/*
 * Months are kept for ever, so that none of their cells may be of few people: in a month that is over, values below
 * the threshold become part of "other". Cells that count nobody (errors, robots, times) stay.
 */
static enum err merge_month(struct scope *scope, struct db_lease *lease, int64_t month, int threshold,
                            int64_t *merged)
{
    TRY(DB_RUN(scope, lease,
               "insert into statistic (dataset, grain, measure, dimension, at, value, amount)"
               " select s.dataset, s.grain, s.measure, s.dimension, s.at, 'other', cast(sum(s.amount) as bigint)"
               " from statistic s where s.grain = 'month' and s.at = ? and s.value not in ('', 'other') and"
               " s.dimension not in ('status', 'duration', 'family', 'key', 'dataset') and not exists"
               " (select 1 from statistic p where p.dataset = s.dataset and p.grain = s.grain and p.at = s.at and"
               " p.dimension = s.dimension and p.value = s.value and p.measure in ('visitors', 'api_callers') and"
               " p.amount >= ?) group by s.dataset, s.grain, s.measure, s.dimension, s.at"
               " on conflict (dataset, grain, measure, dimension, at, value)"
               " do update set amount = statistic.amount + excluded.amount",
               cell_int(month), cell_int(threshold)));
    TRY(DB_RUN(scope, lease,
               "delete from statistic where grain = 'month' and at = ? and value not in ('', 'other') and"
               " dimension not in ('status', 'duration', 'family', 'key', 'dataset') and not exists"
               " (select 1 from statistic p where p.dataset = statistic.dataset and p.grain = statistic.grain and"
               " p.at = statistic.at and p.dimension = statistic.dimension and p.value = statistic.value and"
               " p.measure in ('visitors', 'api_callers') and p.amount >= ?)",
               cell_int(month), cell_int(threshold)));
    *merged += db_changes(lease);
    return ERR_OK;
}

/* Each month once: the first time after it is over. */
static enum err merge_months(struct scope *scope, struct db_lease *lease, int64_t now_month, int threshold,
                             int64_t *merged)
{
    int64_t last;
    cell first;
    TRY(get_state(scope, lease, STATE_MERGED, &last));
    TRY(DB_ASK(scope, lease, &first, "select min(at) from statistic where grain = ?", cell_text(S("month"))));
    int64_t month = first.type == CELL_INT && first.number > last ? first.number : last + 1;
    for (; first.type == CELL_INT && month < now_month; month++) {
        TRY(merge_month(scope, lease, month, threshold, merged));
    }
    return put_state(scope, lease, STATE_MERGED, now_month - 1);
}

/* The same day of the month, so many months ago; the first one of the next month where there is none. */
static int64_t first_day_kept(int64_t today, int months)
{
    int64_t month = period_of_day(GRAIN_MONTH, today);
    int64_t day = period_first_day(GRAIN_MONTH, month - months) + today - period_first_day(GRAIN_MONTH, month);
    int64_t next = period_first_day(GRAIN_MONTH, month - months + 1);
    return day < next ? day : next;
}

enum err analytics_roll_up(struct scope *scope, struct catalog *catalog, const struct analytics_options *options,
                           struct roll_up *ret_result)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct roll_up result = {0};
    usec now = options->clock();
    int64_t month = period_of(GRAIN_MONTH, now);
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(delete_before(scope, lease, GRAIN_HOUR, now / (3600 * USEC_SECOND) - 24 * (int64_t)options->days_of_hours,
                      &result.hours));
    TRY(delete_before(scope, lease, GRAIN_DAY, first_day_kept(period_of(GRAIN_DAY, now), options->months_of_days), &result.days));
    TRY(merge_months(scope, lease, month, options->threshold_public, &result.merged));
    TRY(DB_RUN(scope, lease, "delete from statistic_node where seen < ?", cell_int(now - NODE_LOST)));
    TRY(put_state(scope, lease, STATE_ROLLED, now));
    TRY(put_state(scope, lease, STATE_ROLLED_ROWS, result.hours + result.days + result.merged));
    TRY(db_commit(scope, lease));
    *ret_result = result;
    return ERR_OK;
}

enum err analytics_published(struct scope *scope, struct catalog *catalog, int64_t *ret_first, int64_t *ret_next)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    cell first;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    TRY(DB_ASK(scope, lease, &first, "select min(at) from statistic where grain = ?", cell_text(S("day"))));
    *ret_first = first.type == CELL_INT ? first.number : 0;
    return get_state(scope, lease, STATE_PUBLISHED, ret_next);
}

static enum err note_state(struct scope *scope, struct catalog *catalog, str key, int64_t value)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(put_state(scope, lease, key, value));
    return db_commit(scope, lease);
}

enum err analytics_note_published(struct scope *scope, struct catalog *catalog, int64_t next)
{
    return note_state(scope, catalog, STATE_PUBLISHED, next);
}

enum err analytics_uses_made(struct scope *scope, struct catalog *catalog, int64_t *ret_for)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, catalog_database(catalog), &lease));
    return get_state(scope, lease, STATE_USES, ret_for);
}

enum err analytics_note_uses(struct scope *scope, struct catalog *catalog, int64_t made_for)
{
    return note_state(scope, catalog, STATE_USES, made_for);
}

enum err analytics_purge(struct scope *scope, struct catalog *catalog, int64_t before_day, int64_t *ret_rows)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    *ret_rows = 0;
    for (enum grain grain = 0; grain < GRAIN__COUNT; grain++) {
        int64_t rows;
        TRY(delete_before(scope, lease, grain, period_of_day(grain, before_day), &rows));
        *ret_rows += rows;
    }
    TRY(DB_RUN(scope, lease, "update statistic_state set value = -1 where key = ?", cell_text(STATE_USES)));
    return db_commit(scope, lease);
}

enum err analytics_forget_keys(struct scope *scope, struct db_lease *lease)
{
    TRY(analytics_make_tables(scope, lease));
    return DB_RUN(scope, lease, "delete from statistic where dimension = ?", cell_text(str_from(dimension_key(DIMENSION_KEY))));
}

enum err analytics_facts(struct scope *scope, struct analytics *analytics, struct analytics_facts *ret_facts)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    const struct analytics_options *options = analytics_settings(analytics);
    cell live, key;
    usec since = options->clock() - NODE_LOST;
    *ret_facts = (struct analytics_facts){.has_countries = options->geoip != NULL};
    TRY(db_lease(scope, catalog_database(options->catalog), &lease));
    TRY(DB_ASK(scope, lease, &live, "select cast(coalesce(sum(live), 0) as bigint) from statistic_node where seen >= ?",
               cell_int(since)));
    TRY(DB_ASK(scope, lease, &key, "select max(key_changed) from statistic_node where seen >= ?", cell_int(since)));
    TRY(get_state(scope, lease, STATE_ROLLED, &ret_facts->rolled));
    TRY(get_state(scope, lease, STATE_ROLLED_ROWS, &ret_facts->rolled_rows));
    ret_facts->live = live.type == CELL_INT ? live.number : 0;
    ret_facts->key_changed = analytics_key_changed(analytics); /* which the table learns a little later */
    if (key.type == CELL_INT && key.number > ret_facts->key_changed) {
        ret_facts->key_changed = key.number;
    }
    return ERR_OK;
}
