/*
 * What is done to a user with one button, after a page that says what it means:
 * /backoffice/users/ID/ACTION. One-time links are shown by the answer itself: a message for the
 * next page would store them.
 */
#include "base/num.h"
#include "web/back/form.h"
#include "web/back/routes.h"

struct link_page {
    str name, secret, address, lifetime;
    bool sent, failed;
};

static const struct tpl_member link_members[] = {
    TPL_TEXT(struct link_page, name),   TPL_TEXT(struct link_page, secret),
    TPL_URL(struct link_page, address), TPL_TEXT(struct link_page, lifetime),
    TPL_BOOL(struct link_page, sent),   TPL_BOOL(struct link_page, failed)};
static const struct tpl_struct link_struct = TPL_STRUCT(struct link_page, link_members);
const struct tpl_binding user_link_template = {"back/user_link", &link_struct};

enum err office_send_link(struct call *call, int64_t id, usec lifetime)
{
    struct user user;
    str token;
    struct link_page page = {.lifetime =
                                 format_duration(&call->scope->arena, call->language, lifetime)};
    TRY(user_get(call->scope, call->app->identity, id, &user));
    TRY(link_make(call->scope, call->app->identity, call->actor, id, lifetime, &token));
    if (call->site->sends_mail && user.email.n) {
        page.sent = link_send(call->scope, call->app->identity, &user, token, lifetime,
                              call->language) == ERR_OK;
        page.failed = !page.sent;
        scope_forgive(call->scope);
    }
    if (!page.sent) {
        page.secret = str_printf(&call->scope->arena, "%.*s/account/link/%.*s",
                                 STR_ARG(call->base_url), STR_ARG(token));
    }
    page.name = user.name;
    page.address = office_user_path(call, id, "");
    return office_send(call,
                       &(struct office_page){.section = SECTION_USERS,
                                             .title = office_say(call, MSG_BACKOFFICE_LINK_TITLE),
                                             .body = &user_link_template,
                                             .data = &page});
}

/* ---- what the buttons do ---- */

static enum err disable(struct call *call, const struct user *user)
{
    return user_set_active(call->scope, call->app->identity, call->actor, user->id, false);
}

static enum err enable(struct call *call, const struct user *user)
{
    return user_set_active(call->scope, call->app->identity, call->actor, user->id, true);
}

static enum err end_sessions(struct call *call, const struct user *user)
{
    int64_t ended;
    /* One's own session stays: to sign out is a button on every page. */
    int64_t except = user->id == call->actor->user ? call->session->row : 0;
    return session_end_others(call->scope, call->app->identity, call->actor, user->id, except,
                              &ended);
}

static enum err drop_factor(struct call *call, const struct user *user)
{
    return second_factor_disable(call->scope, call->app->identity, call->actor, user->id);
}

static enum err revoke_key(struct call *call, const struct user *user)
{
    int64_t key;
    if (!num_read_int(call_query(call, S("key")), &key)) {
        return fail(call->scope, ERR_NO_KEY, "There is no such key.");
    }
    return api_key_revoke(call->scope, call->app->identity, call->actor, user->id, key);
}

static const struct action {
    const char *name;
    enum message title, text, submit, done;
    enum err (*act)(struct call *call,
                    const struct user *user); /* NULL: a link is made and shown */
} actions[] = {
    {"disable", MSG_BACKOFFICE_USER_DISABLE_TITLE, MSG_BACKOFFICE_USER_DISABLE_TEXT,
     MSG_BACKOFFICE_USER_DISABLE_SUBMIT, MSG_BACKOFFICE_DONE_DISABLED, disable},
    {"enable", MSG_BACKOFFICE_USER_ENABLE_TITLE, MSG_BACKOFFICE_USER_ENABLE_TEXT,
     MSG_BACKOFFICE_USER_ENABLE_SUBMIT, MSG_BACKOFFICE_DONE_ENABLED, enable},
    {"sessions", MSG_BACKOFFICE_USER_SESSIONS_TITLE, MSG_BACKOFFICE_USER_SESSIONS_TEXT,
     MSG_BACKOFFICE_USER_SESSIONS_SUBMIT, MSG_BACKOFFICE_DONE_SESSIONS, end_sessions},
    {"second-factor", MSG_BACKOFFICE_USER_FACTOR_TITLE, MSG_BACKOFFICE_USER_FACTOR_TEXT,
     MSG_BACKOFFICE_USER_FACTOR_SUBMIT, MSG_BACKOFFICE_DONE_FACTOR, drop_factor},
    {"key", MSG_BACKOFFICE_USER_KEY_TITLE, MSG_BACKOFFICE_USER_KEY_TEXT,
     MSG_BACKOFFICE_USER_KEY_SUBMIT, MSG_BACKOFFICE_DONE_KEY, revoke_key},
    {"link", MSG_BACKOFFICE_USER_LINK_TITLE, MSG_BACKOFFICE_USER_LINK_TEXT,
     MSG_BACKOFFICE_USER_LINK_SUBMIT, MESSAGE_NONE, NULL},
};

static const struct action *find_action(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        if (str_eq(str_from(actions[i].name), name)) {
            return &actions[i];
        }
    }
    return NULL;
}

static enum err confirm(struct call *call, const struct action *action, const struct user *user,
                        str fault)
{
    return form_confirm(call, SECTION_USERS,
                        office_tell(call, action->title, ARG_TEXT("name", user->name)),
                        office_say(call, action->text), office_say(call, action->submit),
                        office_user_path(call, user->id, ""), fault);
}

enum err back_user_action(struct call *call)
{
    struct user user;
    const struct action *action = find_action(call->path_values[1]);
    if (!action) {
        return fail(call->scope, ERR_NO_ROUTE, "The requested URI does not exist.");
    }
    TRY(office_user(call, &user));
    if (!office_is_post(call)) {
        return confirm(call, action, &user, S(""));
    }
    if (!action->act && !user.active) {
        return confirm(call, action, &user, office_say(call, MSG_BACKOFFICE_FAULT_DISABLED));
    }
    if (!action->act) {
        return office_send_link(call, user.id,
                                user.has_password ? LINK_LIFETIME : INVITATION_LIFETIME);
    }
    enum err result = action->act(call, &user);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        return confirm(call, action, &user,
                       office_say(call, MSG_BACKOFFICE_FAULT_LAST_ADMINISTRATOR));
    }
    return result == ERR_OK ? office_done(call, office_user_path(call, user.id, ""), action->done)
                            : result;
}
