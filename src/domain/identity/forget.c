/* What a copy of a portal's rows must not have. */
#include "domain/identity/identity.h"
#include "platform/db/statement.h"

enum err identity_end_sessions(struct scope *scope, struct db_lease *lease)
{
    TRY(identity_make_tables(scope, lease));
    return db_script(scope, lease, "delete from session; delete from link");
}

enum err identity_forget_secrets(struct scope *scope, struct db_lease *lease)
{
    TRY(identity_end_sessions(scope, lease));
    return db_script(scope, lease,
                     "delete from api_key; delete from recovery_code; delete from login_history; delete from throttle;"
                     "update \"user\" set password = null, second_factor = null, factor_step = 0");
}
