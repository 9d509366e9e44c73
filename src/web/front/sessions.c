/* Where a person is signed in, and ending it (cookies-and-privacy.md 1.2 "List of sessions"). */
#include "base/num.h"
#include "web/front/account.h"
#include "web/shell/gate.h"

struct session_item {
    str csrf, label, network;
    int64_t row;
    usec created, last_seen, expires;
    bool is_current;
};

struct sessions_page {
    str csrf;
    usec password_changed, last_sign_in;
    bool has_others;
    struct tpl_list navigation, sessions;
};

static const struct tpl_member item_members[] = {
    TPL_TEXT(struct session_item, csrf),       TPL_TEXT(struct session_item, label),
    TPL_TEXT(struct session_item, network),    TPL_NUMBER(struct session_item, row),
    TPL_INSTANT(struct session_item, created), TPL_INSTANT(struct session_item, last_seen),
    TPL_INSTANT(struct session_item, expires), TPL_BOOL(struct session_item, is_current)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct session_item, item_members);

static const struct tpl_member members[] = {
    TPL_TEXT(struct sessions_page, csrf),
    TPL_INSTANT(struct sessions_page, password_changed),
    TPL_INSTANT(struct sessions_page, last_sign_in),
    TPL_BOOL(struct sessions_page, has_others),
    TPL_LIST(struct sessions_page, navigation, navigation_struct),
    TPL_LIST(struct sessions_page, sessions, item_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct sessions_page, members);
const struct tpl_binding sessions_template = {"account/sessions", &shape};

enum err account_sessions(struct call *call)
{
    const struct session_row *rows;
    size_t count;
    struct user user;
    TRY(user_get(call->scope, call->app->identity, call->actor->user, &user));
    TRY(session_list(call->scope, call->app->identity, call->actor->user, call->session->row, &rows,
                     &count));
    struct sessions_page view = {.csrf = csrf_token(call),
                                 .password_changed = user.password_changed,
                                 .last_sign_in = user.last_sign_in,
                                 .has_others = count > 1,
                                 .navigation = account_navigation(call, "/account/sessions")};
    struct session_item *items = arena_array(&call->scope->arena, struct session_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct session_item){.csrf = view.csrf,
                                         .label = rows[i].label,
                                         .network = rows[i].network,
                                         .row = rows[i].row,
                                         .created = rows[i].created,
                                         .last_seen = rows[i].last_seen,
                                         .expires = rows[i].expires,
                                         .is_current = rows[i].is_current};
    }
    view.sessions = (struct tpl_list){items, count};
    struct page page = {.title = MSG_ACCOUNT_SESSIONS_TITLE,
                        .body = &sessions_template,
                        .data = &view};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_session_end(struct call *call)
{
    int64_t row;
    if (!num_read_int(form_value(&call->form, S("row")), &row)) {
        return fail(call->scope, ERR_REQUEST, "A number is expected in the field row.");
    }
    TRY(session_end_row(call->scope, call->app->identity, call->actor, call->actor->user, row));
    if (row == call->session->row) {
        page_redirect(call, S("/"));
        return ERR_OK;
    }
    return account_done(call, MSG_ACCOUNT_SESSIONS_ENDED, S("/account/sessions"));
}

enum err account_sessions_end_others(struct call *call)
{
    int64_t ended;
    TRY(session_end_others(call->scope, call->app->identity, call->actor, call->actor->user,
                           call->session->row, &ended));
    return account_done(call, MSG_ACCOUNT_SESSIONS_ENDED, S("/account/sessions"));
}
