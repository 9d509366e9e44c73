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

enum err audit_search(struct scope *scope, struct identity *identity, str action, int64_t before,
                      size_t limit, const struct audit_row **ret_rows, size_t *ret_count,
                      int64_t *ret_oldest)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(struct audit_row) rows = {0};
    struct arena *arena = &scope->arena;
    cell below = cell_int(before > 0 ? before : INT64_MAX);
    cell most = cell_int(limit < ROWS_MOST ? (int64_t)limit : ROWS_MOST);
    struct sql sql =
        action.n ? STATEMENT(arena,
                             "select " COLUMNS " from audit where action = ? and id < ?"
                             " order by id desc limit ?",
                             cell_text(action), below, most)
                 : STATEMENT(arena,
                             "select " COLUMNS " from audit where id < ? order by id desc limit ?",
                             below, most);
    TRY(db_lease(scope, identity->db, &lease));
    TRY(db_run(scope, lease, &sql, &cursor));
    *ret_oldest = 0;
    for (;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            break;
        }
        *ret_oldest = row_number(row, 0);
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
