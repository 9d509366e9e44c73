/* One user: what is known of the account, and the ways to change it. */
#include "base/vec.h"
#include "web/back/security.h"

struct session_item {
    str label, network, last_seen, expires;
};

struct key_item {
    str name, prefix, scopes, expires, last_used, address, state, state_kind;
    bool in_use;
};

struct user_page {
    str name, display_name, email, role, role_text, state, state_kind;
    str created, last_sign_in, password, factor, calls, audit_address;
    bool has_sessions, has_keys, has_groups;
    struct tpl_list groups, sessions, keys, actions;
};

static const struct tpl_member session_members[] = {
    TPL_TEXT(struct session_item, label), TPL_TEXT(struct session_item, network),
    TPL_TEXT(struct session_item, last_seen), TPL_TEXT(struct session_item, expires)};
static const struct tpl_struct session_struct = TPL_STRUCT(struct session_item, session_members);

static const struct tpl_member key_members[] = {
    TPL_TEXT(struct key_item, name),      TPL_TEXT(struct key_item, prefix),
    TPL_TEXT(struct key_item, scopes),    TPL_TEXT(struct key_item, expires),
    TPL_TEXT(struct key_item, last_used), TPL_URL(struct key_item, address),
    TPL_TEXT(struct key_item, state),     TPL_TEXT(struct key_item, state_kind),
    TPL_BOOL(struct key_item, in_use)};
static const struct tpl_struct key_struct = TPL_STRUCT(struct key_item, key_members);

static const struct tpl_member user_members[] = {
    TPL_TEXT(struct user_page, name),
    TPL_TEXT(struct user_page, display_name),
    TPL_TEXT(struct user_page, email),
    TPL_TEXT(struct user_page, role),
    TPL_TEXT(struct user_page, role_text),
    TPL_TEXT(struct user_page, state),
    TPL_TEXT(struct user_page, state_kind),
    TPL_TEXT(struct user_page, created),
    TPL_TEXT(struct user_page, last_sign_in),
    TPL_TEXT(struct user_page, password),
    TPL_TEXT(struct user_page, factor),
    TPL_TEXT(struct user_page, calls),
    TPL_URL(struct user_page, audit_address),
    TPL_BOOL(struct user_page, has_sessions),
    TPL_BOOL(struct user_page, has_keys),
    TPL_BOOL(struct user_page, has_groups),
    TPL_LIST(struct user_page, groups, office_link_struct),
    TPL_LIST(struct user_page, sessions, session_struct),
    TPL_LIST(struct user_page, keys, key_struct),
    TPL_LIST(struct user_page, actions, office_link_struct)};
static const struct tpl_struct user_struct = TPL_STRUCT(struct user_page, user_members);
const struct tpl_binding user_template = {"back/user", &user_struct};

/* ---- parts of the page ---- */

static enum err list_groups(struct call *call, int64_t user, struct user_page *page)
{
    const struct group *groups;
    size_t count;
    VEC(struct office_link) links = {0};
    TRY(group_list_of_user(call->scope, call->app->catalog, user, &groups, &count));
    for (size_t i = 0; i < count; i++) {
        vec_add(&call->scope->arena, &links,
                (struct office_link){.address =
                                         office_path_id(call, "/backoffice/groups/", groups[i].id),
                                     .label = groups[i].name});
    }
    page->groups = (struct tpl_list){links.items, links.count};
    page->has_groups = links.count > 0;
    return ERR_OK;
}

static enum err list_sessions(struct call *call, int64_t user, struct user_page *page)
{
    const struct session_row *rows;
    size_t count;
    VEC(struct session_item) items = {0};
    TRY(session_list(call->scope, call->app->identity, user, 0, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        vec_add(&call->scope->arena, &items,
                (struct session_item){rows[i].label, rows[i].network,
                                      office_instant(call, rows[i].last_seen, MESSAGE_NONE),
                                      office_instant(call, rows[i].expires, MESSAGE_NONE)});
    }
    page->sessions = (struct tpl_list){items.items, items.count};
    page->has_sessions = items.count > 0;
    return ERR_OK;
}

static struct key_item show_key(struct call *call, int64_t user, const struct api_key *key)
{
    struct arena *arena = &call->scope->arena;
    bool expired = key->expires && key->expires <= clock_wall();
    return (struct key_item){
        .name = key->name,
        .prefix = str_printf(arena, "%.*s…", STR_ARG(key->prefix)),
        .scopes = office_say(call, key->scopes & SCOPE_WRITE ? MSG_BACKOFFICE_KEY_WRITE
                                                             : MSG_BACKOFFICE_KEY_READ),
        .expires = key->expires ? format_date(arena, call->language, key->expires - USEC_SECOND)
                                : office_say(call, MSG_BACKOFFICE_NEVER),
        .last_used = key->last_used ? format_date(arena, call->language, key->last_used)
                                    : office_say(call, MSG_BACKOFFICE_NEVER),
        .address = str_printf(arena, "/backoffice/users/%lld/key?key=%lld", (long long)user,
                              (long long)key->id),
        .state = office_say(call, key->revoked ? MSG_BACKOFFICE_KEY_REVOKED
                                  : expired    ? MSG_BACKOFFICE_KEY_EXPIRED
                                               : MSG_BACKOFFICE_KEY_ACTIVE),
        .state_kind = key->revoked || expired ? S("tag") : S("tag success"),
        .in_use = !key->revoked && !expired};
}

static enum err list_keys(struct call *call, int64_t user, struct user_page *page)
{
    const struct api_key *keys;
    size_t count;
    VEC(struct key_item) items = {0};
    TRY(api_key_list(call->scope, call->app->identity, user, &keys, &count));
    for (size_t i = 0; i < count; i++) {
        vec_add(&call->scope->arena, &items, show_key(call, user, &keys[i]));
    }
    page->keys = (struct tpl_list){items.items, items.count};
    page->has_keys = items.count > 0;
    return ERR_OK;
}

static struct tpl_list list_actions(struct call *call, const struct user *user, bool has_sessions)
{
    const struct {
        const char *name;
        enum message label;
        bool offered, danger;
    } actions[] = {
        {"profile", MSG_BACKOFFICE_USER_PROFILE_LINK, true, false},
        {"role", MSG_BACKOFFICE_USER_ROLE_LINK, true, false},
        {"groups", MSG_BACKOFFICE_USER_GROUPS_LINK, true, false},
        {"limit", MSG_BACKOFFICE_LIMIT_LINK, true, false},
        {"link", MSG_BACKOFFICE_USER_LINK_LINK, user->active, false},
        {"sessions", MSG_BACKOFFICE_USER_SESSIONS_LINK, has_sessions, true},
        {"second-factor", MSG_BACKOFFICE_USER_FACTOR_LINK, user->has_second_factor, true},
        {"disable", MSG_BACKOFFICE_USER_DISABLE_LINK, user->active, true},
        {"enable", MSG_BACKOFFICE_USER_ENABLE_LINK, !user->active, false},
    };
    VEC(struct office_link) links = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (actions[i].offered) {
            vec_add(
                &call->scope->arena, &links,
                (struct office_link){.address = office_user_path(call, user->id, actions[i].name),
                                     .label = office_say(call, actions[i].label),
                                     .danger = actions[i].danger});
        }
    }
    return (struct tpl_list){links.items, links.count};
}

/* ---- the page ---- */

str office_user_path(const struct call *call, int64_t user, const char *action)
{
    return str_printf(&call->scope->arena, "/backoffice/users/%lld%s%s", (long long)user,
                      action[0] ? "/" : "", action);
}

enum err office_user(struct call *call, struct user *ret_user)
{
    int64_t id;
    TRY(office_id(call, 0, ERR_NO_USER, &id));
    return user_get(call->scope, call->app->identity, id, ret_user);
}

enum err back_user(struct call *call)
{
    struct user user;
    int64_t calls;
    TRY(office_user(call, &user));
    TRY(limit_get(call->scope, call->app->identity, LIMITED_USER, user.id, &calls));
    struct user_page page = {
        .name = user.name,
        .display_name = user.display_name,
        .email = user.email,
        .role = office_say(call, office_role_title(user.role)),
        .role_text = office_say(call, office_role_text(user.role)),
        .state = office_say(call, user.active ? MSG_BACKOFFICE_USER_ACTIVE
                                              : MSG_BACKOFFICE_USER_DISABLED),
        .state_kind = user.active ? S("tag success") : S("tag danger"),
        .created = office_instant(call, user.created, MESSAGE_NONE),
        .last_sign_in = office_instant(call, user.last_sign_in, MSG_BACKOFFICE_NEVER),
        .password = user.has_password ? office_instant(call, user.password_changed, MESSAGE_NONE)
                                      : office_say(call, MSG_BACKOFFICE_USER_NO_PASSWORD),
        .factor =
            office_say(call, user.has_second_factor ? MSG_BACKOFFICE_YES : MSG_BACKOFFICE_NO),
        .calls = office_calls(call, calls, MSG_BACKOFFICE_LIMIT_USER_DEFAULT),
        .audit_address = office_path(call, "/backoffice/audit?actor=", user.name)};
    TRY(list_groups(call, user.id, &page));
    TRY(list_sessions(call, user.id, &page));
    TRY(list_keys(call, user.id, &page));
    page.actions = list_actions(call, &user, page.has_sessions);
    return office_send(call, &(struct office_page){.section = SECTION_USERS,
                                                   .title = user.name,
                                                   .body = &user_template,
                                                   .data = &page});
}
