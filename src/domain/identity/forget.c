/* What a copy of a portal's rows must not have. */
#include "base/clock.h"
#include "domain/identity/identity.h"
#include "platform/db/statement.h"

/* An invitation that somebody has taken since is open in the copy: it ends there, and can be sent again with another link. */
enum err identity_end_sessions(struct scope *scope, struct db_lease *lease)
{
    usec now = clock_wall();
    TRY(identity_make_tables(scope, lease));
    TRY(DB_RUN(scope, lease, "update invitation set expires = ? where expires > ?", cell_int(now), cell_int(now)));
    return db_script(scope, lease, "delete from session_view; delete from session; delete from link");
}

/* Numbers of keys that are deleted may be given to others: limits go with them. */
enum err identity_forget_secrets(struct scope *scope, struct db_lease *lease)
{
    TRY(identity_end_sessions(scope, lease));
    return db_script(scope, lease,
                     "delete from call_limit where subject_kind = 'key';"
                     "delete from api_key; delete from recovery_code; delete from login_history; delete from throttle;"
                     "update \"user\" set password = null, second_factor = null, factor_step = 0");
}
