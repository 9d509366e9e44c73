/* The table of sums, in both stores. Several nodes add to the same rows. */
#include "domain/analytics/internal.h"
#include "platform/db/statement.h"

#define ROWS_AT_ONCE 40

#define TABLES(NUMBER, KEY, TEXT, BYTES, KEYED)                                                    \
    "create table if not exists statistic ("                                                       \
    " dataset " TEXT " not null, grain " TEXT " not null, measure " TEXT " not null,"              \
    " dimension " TEXT " not null, at " NUMBER " not null, value " TEXT " not null,"               \
    " amount " NUMBER " not null,"                                                                 \
    " primary key (dataset, grain, measure, dimension, at, value))" KEYED ";"                      \
    "create index if not exists statistic_at on statistic (grain, at);"                            \
    "create table if not exists statistic_node ("                                                  \
    " node " TEXT " primary key, live " NUMBER " not null, seen " NUMBER " not null,"              \
    " key_changed " NUMBER " not null)" KEYED ";"                                                  \
    "create table if not exists statistic_state ("                                                 \
    " key " TEXT " primary key, value " NUMBER " not null)" KEYED ";"

/* Who is there now is of no use to a copy. */
const struct stored_table *analytics_tables(size_t *ret_count)
{
    static const struct stored_table tables[] = {{"statistic", NULL}, {"statistic_state", NULL}};
    *ret_count = ARRAY_LENGTH(tables);
    return tables;
}

enum err analytics_make_tables(struct scope *scope, struct db_lease *lease)
{
    return schema_make(scope, lease, SCHEMA_SQLITE(TABLES), SCHEMA_POSTGRES(TABLES));
}

static void add_row(struct sql *sql, const struct sum *sum)
{
    sql_text(sql, "(");
    sql_bind(sql, cell_text(sum->dataset));
    sql_text(sql, ", ");
    sql_bind(sql, cell_text(str_from(grain_key(sum->grain))));
    sql_text(sql, ", ");
    sql_bind(sql, cell_text(str_from(measure_key(sum->measure))));
    sql_text(sql, ", ");
    sql_bind(sql, cell_text(str_from(dimension_key(sum->dimension))));
    sql_text(sql, ", ");
    sql_bind(sql, cell_int(sum->at));
    sql_text(sql, ", ");
    sql_bind(sql, cell_text(sum->value));
    sql_text(sql, ", ");
    sql_bind(sql, cell_int(sum->amount));
    sql_text(sql, ")");
}

static enum err add_some(struct scope *scope, struct db_lease *lease, const struct sum *items, size_t count)
{
    struct arena_mark mark = arena_get_mark(&scope->arena);
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "insert into statistic (dataset, grain, measure, dimension, at, value, amount) values ");
    for (size_t i = 0; i < count; i++) {
        if (i) {
            sql_text(&sql, ", ");
        }
        add_row(&sql, &items[i]);
    }
    sql_text(&sql, " on conflict (dataset, grain, measure, dimension, at, value)"
                   " do update set amount = statistic.amount + excluded.amount");
    enum err result = db_execute(scope, lease, &sql);
    if (result == ERR_OK) {
        arena_rewind(&scope->arena, mark);
    }
    return result;
}

enum err store_add(struct scope *scope, struct db *db, const sum_list *sums)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, db, &lease));
    for (size_t i = 0; i < sums->count; i += ROWS_AT_ONCE) {
        size_t left = sums->count - i;
        TRY(add_some(scope, lease, sums->items + i, left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE));
    }
    return db_commit(scope, lease);
}

enum err store_tell(struct scope *scope, struct db *db, const struct node_facts *facts)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, db, &lease));
    TRY(DB_RUN(scope, lease,
               "insert into statistic_node (node, live, seen, key_changed) values (?, ?, ?, ?) on conflict (node)"
               " do update set live = excluded.live, seen = excluded.seen, key_changed = excluded.key_changed",
               cell_text(facts->node), cell_int(facts->live), cell_int(facts->now), cell_int(facts->key_changed)));
    return db_commit(scope, lease);
}

enum err store_forget_node(struct scope *scope, struct db *db, str node)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, db, &lease));
    TRY(DB_RUN(scope, lease, "delete from statistic_node where node = ?", cell_text(node)));
    return db_commit(scope, lease);
}
