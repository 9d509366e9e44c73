/* Who did what and when. A row that cannot be written is logged; it must not stop the act. */
#include "base/log.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/identity/internal.h"

#define TEXT_BYTES 300
#define ROWS_MOST 1000 /* of one list */
#define COLUMNS "id, at, actor, action, subject, detail, network"

static const struct {
    const char *key;
    const char *documentation;
} actions[AUDIT__COUNT] = {
#define AUDIT(name, action_key, text) [AUDIT_##name] = {action_key, text},
#include "domain/identity/audit.def"
#undef AUDIT
};

const char *audit_documentation(str action)
{
    for (size_t i = 0; i < AUDIT__COUNT; i++) {
        if (str_eq(action, str_from(actions[i].key))) {
            return actions[i].documentation;
        }
    }
    return NULL;
}

const char *audit_action_key(size_t at)
{
    return at < AUDIT__COUNT ? actions[at].key : NULL;
}

static str actor_text(struct scope *scope, const struct actor *by)
{
    if (by && by->kind == ACTOR_KEY) {
        return str_printf(&scope->arena, "%.*s, key %lld", STR_ARG(by->name), (long long)by->key);
    }
    return by ? by->name : S("");
}

static enum err insert(struct scope *scope, struct db_lease *lease, const struct actor *by,
                       const struct origin *origin, const char *action, str subject, str detail)
{
    return DB_RUN(
        scope, lease,
        "insert into audit (at, actor, action, subject, detail, network) values (?, ?, ?, ?, ?, ?)",
        cell_instant(clock_wall()), cell_text(actor_text(scope, by)), cell_text(str_from(action)),
        cell_text(utf8_truncate(subject, TEXT_BYTES)), cell_text(utf8_truncate(detail, TEXT_BYTES)),
        cell_text(origin ? origin->network : S("")));
}

void audit_write(struct scope *scope, struct db_lease *lease, const struct actor *by,
                 const struct origin *origin, enum audit_action action, str subject, str detail)
{
    if (insert(scope, lease, by, origin, actions[action].key, subject, detail) != ERR_OK) {
        log_event(EV_AUDIT_FAILED, "%s (%.*s)", actions[action].key, STR_ARG(scope->failure.cause));
        scope_forgive(scope);
    }
}

static enum err add(struct scope *scope, struct db *db, const struct actor *by,
                    const struct origin *origin, const char *action, str subject, str detail)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, db, &lease));
    TRY(insert(scope, lease, by, origin, action, subject, detail));
    return db_commit(scope, lease);
}

static void add_or_log(struct db *db, const struct actor *by, const struct origin *origin, const char *action,
                       str subject, str detail)
{
    struct scope own; /* also after a failure or a deadline of the act itself */
    scope_open(&own);
    if (add(&own, db, by, origin, action, subject, detail) != ERR_OK) {
        log_event(EV_AUDIT_FAILED, "%s (%.*s)", action, STR_ARG(own.failure.cause));
    }
    scope_close(&own);
}

void audit_add(struct scope *scope, struct identity *identity, const struct actor *by,
               const struct origin *origin, const char *action, str subject, str detail)
{
    (void)scope;
    add_or_log(identity->db, by, origin, action, subject, detail);
}

void audit_add_work(struct catalog *catalog, const struct actor *by, const char *action, str subject, str detail)
{
    add_or_log(catalog_database(catalog), by, NULL, action, subject, detail);
}

/* ---- searching ---- */

static void and_text(struct sql *sql, const char *column, str value)
{
    if (value.n) {
        sql_text_constant(sql, str_from(column));
        sql_bind(sql, cell_text(value));
    }
}

/* All names that begin so, by code points: the first that does not has the next symbol in place of the last. */
static void and_prefix(struct sql *sql, const char *column, str prefix)
{
    char *next = arena_alloc(sql->arena, prefix.n);
    memcpy(next, prefix.p, prefix.n);
    next[prefix.n - 1]++;
    sql_text(sql, " and ");
    sql_text_constant(sql, str_from(column));
    sql_text(sql, " >= ");
    sql_bind(sql, cell_text(prefix));
    sql_text(sql, " and ");
    sql_text_constant(sql, str_from(column));
    sql_text(sql, " < ");
    sql_bind(sql, cell_text((str){next, prefix.n}));
}

static bool is_family(str action)
{
    return action.n && str_find_char(action, '.', 0) == SIZE_MAX && !audit_documentation(action);
}

static void add_conditions(struct sql *sql, const struct audit_filter *filter)
{
    and_text(sql, " and subject = ", filter->subject);
    and_text(sql, " and network = ", filter->network);
    if (is_family(filter->action)) {
        and_prefix(sql, "action", str_printf(sql->arena, "%.*s.", STR_ARG(filter->action)));
    } else {
        and_text(sql, " and action = ", filter->action);
    }
    if (filter->of_datasets) { /* each with the next symbol after the dot as its end */
        sql_text(sql, " and ((action >= 'access.' and action < 'access/')"
                      " or (action >= 'dataset.' and action < 'dataset/'))");
    }
    if (filter->from) {
        sql_text(sql, " and at >= ");
        sql_bind(sql, cell_instant(filter->from));
    }
    if (filter->until) {
        sql_text(sql, " and at < ");
        sql_bind(sql, cell_instant(filter->until));
    }
    if (filter->before_at) {
        sql_text(sql, " and (at, id) < (");
        sql_bind(sql, cell_instant(filter->before_at));
        sql_text(sql, ", ");
        sql_bind(sql, cell_int(filter->before_id));
        sql_text(sql, ")");
    }
}

static void add_order(struct sql *sql, size_t limit)
{
    sql_text(sql, " order by at desc, id desc limit ");
    sql_bind(sql, cell_int(limit < ROWS_MOST ? (int64_t)limit : ROWS_MOST));
}

/* The rows of one part, in their order, as a branch of the whole. */
static void add_branch(struct sql *sql, const struct audit_filter *filter, size_t limit)
{
    sql_text(sql, "select * from (select " COLUMNS " from audit where 1 = 1");
    and_text(sql, " and actor = ", filter->actor);
    add_conditions(sql, filter);
    add_order(sql, limit);
    sql_text(sql, ") branch");
}

/*
 * Rows of several names are taken in the order of each, which an index has, and merged; a range of names would be
 * sorted as a whole.
 */
#define BRANCHES_MOST 100

struct branches {
    struct audit_filter items[BRANCHES_MOST];
    size_t count;
};

/* The keys by which a person did something, one look into the index each. */
static enum err add_keys(struct scope *scope, struct db_lease *lease, const struct audit_filter *filter,
                         struct branches *branches)
{
    str end = str_printf(&scope->arena, "%.*s, key!", STR_ARG(filter->actor));
    str last = str_printf(&scope->arena, "%.*s, key ", STR_ARG(filter->actor));
    while (branches->count < BRANCHES_MOST) {
        cell next;
        TRY(DB_ASK(scope, lease, &next, "select min(actor) from audit where actor > ? and actor < ?",
                   cell_text(last), cell_text(end)));
        if (next.type != CELL_TEXT) {
            return ERR_OK;
        }
        last = str_copy(&scope->arena, next.text);
        branches->items[branches->count] = *filter;
        branches->items[branches->count++].actor = last;
    }
    return ERR_OK;
}

static void add_family(const struct audit_filter *filter, struct branches *branches)
{
    for (size_t i = 0; i < AUDIT__COUNT && branches->count < BRANCHES_MOST; i++) {
        str key = str_from(actions[i].key);
        if (str_starts(key, filter->action) && key.p[filter->action.n] == '.') {
            branches->items[branches->count] = *filter;
            branches->items[branches->count++].action = key;
        }
    }
}

static enum err compose(struct scope *scope, struct db_lease *lease, const struct audit_filter *filter,
                        size_t limit, struct sql *ret_sql)
{
    struct branches *branches = arena_new(&scope->arena, struct branches);
    struct sql sql = sql_in(&scope->arena);
    if (filter->actor.n == 0 && is_family(filter->action)) {
        add_family(filter, branches);
    } else {
        branches->items[branches->count++] = *filter;
    }
    if (filter->actor.n) {
        TRY(add_keys(scope, lease, filter, branches));
    }
    sql_text(&sql, "select * from (");
    for (size_t i = 0; i < branches->count; i++) {
        if (i) {
            sql_text(&sql, " union all ");
        }
        add_branch(&sql, &branches->items[i], limit);
    }
    if (branches->count == 0) { /* no such action */
        sql_text(&sql, "select " COLUMNS " from audit where 1 = 0");
    }
    sql_text(&sql, ") merged");
    add_order(&sql, limit);
    *ret_sql = sql;
    return ERR_OK;
}

enum err audit_search(struct scope *scope, struct identity *identity, const struct audit_filter *filter,
                      size_t limit, const struct audit_row **ret_rows, size_t *ret_count)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct audit_row) rows = {0};
    struct arena *arena = &scope->arena;
    struct sql sql;
    TRY(db_lease(scope, identity->db, &lease));
    TRY(compose(scope, lease, filter, limit, &sql));
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, row) {
        vec_add(arena, &rows,
                (struct audit_row){.id = row_number(row, 0),
                                   .at = row_number(row, 1),
                                   .actor = row_text(arena, row, 2),
                                   .action = row_text(arena, row, 3),
                                   .subject = row_text(arena, row, 4),
                                   .detail = row_text(arena, row, 5),
                                   .network = row_text(arena, row, 6)});
    }
    *ret_rows = rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}
