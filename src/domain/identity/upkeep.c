/*
 * Deletes what has had its time in short transactions of a batch a table, so that the catalogue is
 * never held for long, and as many of them as it takes: strangers can make rows all day.
 */
#include "base/date.h"
#include "base/log.h"
#include "domain/identity/internal.h"

#define BATCH 1000
#define ROUNDS_MOST 1000
#define HISTORY_KEPT (90 * USEC_DAY)
#define COUNTERS_KEPT USEC_DAY
#define KEYS_KEPT (90 * USEC_DAY) /* revoked or expired ones are shown so long */
#define INVITATIONS_KEPT (30 * USEC_DAY) /* after they expired: they can be sent again so long */
#define COUNTERS_MOST 100000
#define REFUSALS_MOST 200000 /* rows about refused sign-ins, which strangers can make */

/* The result of a deletion; *more is set when it took a whole batch. */
static enum err noted(const struct db_lease *lease, enum err result, bool *more)
{
    *more |= result == ERR_OK && db_changes(lease) >= BATCH;
    return result;
}

#define DELETE(...) TRY(noted(lease, DB_RUN(scope, lease, __VA_ARGS__, cell_int(BATCH)), more))

static enum err delete_old(struct scope *scope, struct db_lease *lease, usec now, usec audit_kept, bool *more)
{
    DELETE("delete from session where row in (select row from session where expires <= ?"
           " or last_seen + idle <= ? limit ?)",
           cell_instant(now), cell_instant(now));
    DELETE("delete from link where user_id in (select user_id from link where expires <= ? limit ?)",
           cell_instant(now));
    DELETE("delete from invitation where id in (select id from invitation where expires < ? limit ?)",
           cell_instant(now - INVITATIONS_KEPT));
    DELETE("delete from call_limit where subject_kind = 'key' and subject_id in (select subject_id from"
           " call_limit where subject_kind = 'key' and not exists (select 1 from api_key where id = subject_id)"
           " limit ?)");
    DELETE("delete from login_history where device in (select device from login_history"
           " where last_used < ? limit ?)",
           cell_instant(now - HISTORY_KEPT));
    DELETE("delete from throttle where counter in (select counter from throttle where last < ?"
           " limit ?)",
           cell_instant(now - COUNTERS_KEPT));
    DELETE("delete from api_key where id in (select id from api_key where"
           " (revoked <> 0 and revoked < ?) or (expires <> 0 and expires < ?) limit ?)",
           cell_instant(now - KEYS_KEPT), cell_instant(now - KEYS_KEPT));
    if (audit_kept) {
        DELETE("delete from audit where id in (select id from audit where at < ? order by at limit ?)",
               cell_instant(now - audit_kept));
    }
    return ERR_OK;
}

/* Deletes those of a kind that strangers can make many of, the oldest first, beyond a number. */
static enum err delete_beyond(struct scope *scope, struct db_lease *lease, struct sql count_all,
                              struct sql delete_oldest, int64_t most, bool *more)
{
    cell count;
    TRY(db_query_cell(scope, lease, &count_all, &count));
    int64_t beyond = count.number - most;
    if (beyond <= 0) {
        return ERR_OK;
    }
    sql_bind(&delete_oldest, cell_int(beyond < BATCH ? beyond : BATCH));
    sql_text(&delete_oldest, ")");
    return noted(lease, db_execute(scope, lease, &delete_oldest), more);
}

static enum err delete_many(struct scope *scope, struct db_lease *lease, bool *more)
{
    struct arena *arena = &scope->arena;
    TRY(delete_beyond(scope, lease, STATEMENT(arena, "select count(*) from throttle"),
                      STATEMENT(arena, "delete from throttle where counter in (select counter from"
                                       " throttle order by last limit "),
                      COUNTERS_MOST, more));
    return delete_beyond(
        scope, lease,
        STATEMENT(arena, "select count(*) from audit where action = 'sign_in.refused'"),
        STATEMENT(arena, "delete from audit where id in (select id from audit where"
                         " action = 'sign_in.refused' order by id limit "),
        REFUSALS_MOST, more);
}

static enum err delete_batches(struct scope *scope, struct identity *identity, usec audit_kept, bool *more)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, identity->db, &lease));
    TRY(delete_old(scope, lease, clock_wall(), audit_kept, more));
    TRY(delete_many(scope, lease, more));
    return db_commit(scope, lease);
}

void identity_upkeep(struct scope *scope, struct identity *identity, usec audit_kept)
{
    enum err result = ERR_OK;
    bool more = true;
    for (int round = 0; result == ERR_OK && more && round < ROUNDS_MOST; round++) {
        struct arena_mark mark = arena_get_mark(&scope->arena);
        more = false;
        result = delete_batches(scope, identity, audit_kept, &more);
        if (result == ERR_OK) {
            arena_rewind(&scope->arena, mark);
        }
    }
    if (result != ERR_OK && result != ERR_CANCELLED) {
        log_event(EV_UPKEEP_FAILED, "%.*s", STR_ARG(scope->failure.message));
    }
    scope_forgive(scope);
}
