#include "domain/identity/actor.h"

#include "base/num.h"
#include "base/vec.h"
#include "domain/identity/internal.h"

const struct actor actor_anonymous = {.kind = ACTOR_ANONYMOUS, .calls = CALLS_DEFAULT};
const struct actor actor_command_line = {.kind = ACTOR_COMMAND_LINE,
                                         .name = {"command line", 12},
                                         .display_name = {"command line", 12},
                                         .role = ROLE_ADMINISTRATOR,
                                         .scopes = SCOPE_ALL,
                                         .calls = CALLS_DEFAULT};

static const char *const names[] = {[ROLE_READER] = "reader",
                                    [ROLE_EDITOR] = "editor",
                                    [ROLE_PUBLISHER] = "publisher",
                                    [ROLE_ADMINISTRATOR] = "administrator"};

const char *role_name(enum role role)
{
    return names[role];
}

bool role_find(str name, enum role *ret_role)
{
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(name, str_from(names[i]))) {
            *ret_role = (enum role)i;
            return true;
        }
    }
    return false;
}

/* The order of the engine's list is not promised, so it is put in order here; groups are few. */
void actor_set_groups(struct arena *arena, struct actor *actor, str list)
{
    VEC(int64_t) groups = {0};
    str part;
    while (list.n && str_split(&list, ',', &part)) {
        int64_t id;
        if (num_read_int(part, &id)) {
            vec_add(arena, &groups, id);
        }
    }
    for (size_t i = 1; i < groups.count; i++) {
        int64_t id = groups.items[i];
        size_t at = i;
        for (; at > 0 && groups.items[at - 1] > id; at--) {
            groups.items[at] = groups.items[at - 1];
        }
        groups.items[at] = id;
    }
    actor->groups = groups.items;
    actor->group_count = groups.count;
}

struct actor actor_of(const struct user *user)
{
    return (struct actor){.kind = ACTOR_SESSION,
                          .user = user->id,
                          .name = user->name,
                          .display_name = user->display_name,
                          .role = user->role,
                          .scopes = SCOPE_ALL,
                          .calls = CALLS_DEFAULT};
}

enum err user_actor(struct scope *scope, struct identity *identity, int64_t id, struct actor *ret_actor)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct account account;
    cell groups;
    TRY(db_lease(scope, identity->db, &lease));
    TRY(account_require(scope, lease, id, &account));
    if (!account.user.active) {
        return no_user(scope);
    }
    TRY(DB_ASK(scope, lease, &groups, "select " GROUPS_OF " from \"user\" u where u.id = ?", cell_int(id)));
    *ret_actor = actor_of(&account.user);
    actor_set_groups(&scope->arena, ret_actor, groups.type == CELL_TEXT ? groups.text : S(""));
    return ERR_OK;
}
