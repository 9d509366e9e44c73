/* Deletes what has had its time, a batch per table, so that the catalogue is never held for long.
 */
#include "base/date.h"
#include "base/log.h"
#include "domain/identity/internal.h"

#define BATCH 1000
#define AUDIT_KEPT (365 * USEC_DAY)
#define HISTORY_KEPT (90 * USEC_DAY)
#define COUNTERS_KEPT USEC_DAY
#define KEYS_KEPT (90 * USEC_DAY) /* revoked or expired ones are shown so long */
#define COUNTERS_MOST 100000
#define REFUSALS_MOST 200000 /* rows about refused sign-ins, which strangers can make */

static enum err delete_old(struct scope *scope, struct db_lease *lease, usec now)
{
    TRY(RUN(scope, lease,
            "delete from session where row in (select row from session where expires <= ?"
            " or last_seen + idle <= ? limit ?)",
            cell_instant(now), cell_instant(now), cell_int(BATCH)));
    TRY(RUN(
        scope, lease,
        "delete from link where user_id in (select user_id from link where expires <= ? limit ?)",
        cell_instant(now), cell_int(BATCH)));
    TRY(RUN(scope, lease,
            "delete from login_history where device in (select device from login_history"
            " where last_used < ? limit ?)",
            cell_instant(now - HISTORY_KEPT), cell_int(BATCH)));
    TRY(RUN(scope, lease,
            "delete from throttle where counter in (select counter from throttle where last < ? "
            "limit ?)",
            cell_instant(now - COUNTERS_KEPT), cell_int(BATCH)));
    TRY(RUN(scope, lease,
            "delete from api_key where id in (select id from api_key where (revoked <> 0 and "
            "revoked < ?)"
            " or (expires <> 0 and expires < ?) limit ?)",
            cell_instant(now - KEYS_KEPT), cell_instant(now - KEYS_KEPT), cell_int(BATCH)));
    return RUN(
        scope, lease,
        "delete from audit where id in (select id from audit where at < ? order by at limit ?)",
        cell_instant(now - AUDIT_KEPT), cell_int(BATCH));
}

/* Those that strangers can make many of, beyond a number. */
static enum err delete_many(struct scope *scope, struct db_lease *lease)
{
    TRY(RUN(
        scope, lease,
        "delete from throttle where counter in (select counter from throttle order by last limit"
        " max(0, min(?, (select count(*) from throttle) - ?)))",
        cell_int(BATCH), cell_int(COUNTERS_MOST)));
    return RUN(
        scope, lease,
        "delete from audit where id in (select id from audit where action = 'sign_in.refused'"
        " order by id limit max(0, min(?, (select count(*) from audit"
        " where action = 'sign_in.refused') - ?)))",
        cell_int(BATCH), cell_int(REFUSALS_MOST));
}

static enum err upkeep(struct scope *scope, struct identity *identity)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(change_begin(scope, identity, &lease));
    TRY(delete_old(scope, lease, clock_wall()));
    TRY(delete_many(scope, lease));
    return change_commit(scope, lease);
}

void identity_upkeep(struct scope *scope, struct identity *identity)
{
    if (upkeep(scope, identity) != ERR_OK) {
        log_event(EV_UPKEEP_FAILED, "%.*s", STR_ARG(scope->failure.message));
        scope_forgive(scope);
    }
}
