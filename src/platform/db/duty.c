#include "platform/db/duty.h"

#include "platform/db/statement.h"

/* The lock is gone with its connection. */
static bool still_has(struct scope *scope, struct duty *duty)
{
    cell answer;
    if (duty->lease && DB_ASK(scope, duty->lease, &answer, "select ? + 0", cell_int(1)) == ERR_OK) {
        return true;
    }
    scope_forgive(scope);
    db_release(duty->lease);
    duty->lease = NULL;
    return false;
}

enum err duty_take(struct scope *scope, struct duty *duty, bool *ret_has)
{
    cell locked;
    *ret_has = db_engine_of(duty->db) != DB_POSTGRES || still_has(scope, duty);
    if (*ret_has) {
        return ERR_OK;
    }
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_lease(scope, duty->db, &lease));
    TRY(DB_ASK(scope, lease, &locked, "select pg_try_advisory_lock(?)", cell_int(duty->number)));
    *ret_has = locked.number != 0;
    if (*ret_has) {
        duty->lease = lease;
        lease = NULL;
    }
    return ERR_OK;
}

void duty_give(struct duty *duty)
{
    struct scope scope;
    scope_open(&scope);
    scope.deadline = clock_monotonic() + USEC_SECOND;
    if (duty->lease && DB_RUN(&scope, duty->lease, "select pg_advisory_unlock(?)",
                              cell_int(duty->number)) != ERR_OK) {
        scope_forgive(&scope); /* then the connection is gone, and the lock with it */
    }
    db_release(duty->lease);
    duty->lease = NULL;
    scope_close(&scope);
}
