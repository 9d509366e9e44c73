#include "domain/identity/internal.h"
#include "platform/db/statement.h"

enum err user_actor(struct scope *scope, struct identity *identity, int64_t id, struct actor *ret_actor)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct user user;
    cell groups;
    TRY(user_get(scope, identity, id, &user));
    if (!user.active) {
        return fail(scope, ERR_DENIED, "The account of %.*s is disabled.", STR_ARG(user.name));
    }
    *ret_actor = actor_of(&user);
    TRY(db_lease(scope, identity->db, &lease));
    TRY(DB_ASK(scope, lease, &groups, "select group_concat(group_id) from user_group_member where user_id = ?",
               cell_int(id)));
    actor_set_groups(&scope->arena, ret_actor, groups.type == CELL_TEXT ? groups.text : S(""));
    return ERR_OK;
}
