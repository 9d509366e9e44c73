/* Signing in, out, and proving the password again (cookies-and-privacy.md 1.2, 7.1). */
#include "web/front/account.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"

struct sign_in_page {
    str csrf, next, username, pending;
    bool remember, sends_mail, is_welcome;
    str error;
    struct tpl_list errors;
};

static const struct tpl_member members[] = {
    TPL_TEXT(struct sign_in_page, csrf),     TPL_TEXT(struct sign_in_page, next),
    TPL_TEXT(struct sign_in_page, username), TPL_TEXT(struct sign_in_page, pending),
    TPL_BOOL(struct sign_in_page, remember), TPL_BOOL(struct sign_in_page, sends_mail),
    TPL_TEXT(struct sign_in_page, error),    TPL_LIST(struct sign_in_page, errors, fault_struct),
    TPL_BOOL(struct sign_in_page, is_welcome)};
static const struct tpl_struct shape = TPL_STRUCT(struct sign_in_page, members);
const struct tpl_binding sign_in_template = {"account/sign_in", &shape};
const struct tpl_binding code_template = {"account/code", &shape};
const struct tpl_binding confirm_template = {"account/confirm", &shape};

static void send(struct call *call, const struct tpl_binding *binding, enum message title,
                 struct sign_in_page *view, int status)
{
    view->csrf = csrf_token(call);
    view->next = page_next(call, S("/"));
    view->sends_mail = call->site->sends_mail;
    struct page page = {.title = title,
                        .body = binding,
                        .data = view,
                        .status = status,
                        .has_faults = view->errors.count > 0};
    page_send(call, &page);
}

static bool is_checked(const struct call *call)
{
    return form_has(&call->form, S("remember"));
}

enum err account_sign_in(struct call *call)
{
    if (call->session) {
        page_redirect(call, page_next(call, S("/account")));
        return ERR_OK;
    }
    /* A one-time link has just set the password. */
    struct sign_in_page view = {.is_welcome = call_query(call, S("welcome")).n > 0};
    send(call, &sign_in_template, MSG_SIGN_IN_TITLE, &view, 200);
    return ERR_OK;
}

/* Refused: the same page, status and text whatever the reason. */
static void refuse(struct call *call)
{
    struct faults faults = {0};
    struct sign_in_page view = {.username = call_value(call, S("username")),
                                .remember = is_checked(call)};
    view.error = faults_add(call, &faults, S("username"), MSG_SIGN_IN_REFUSED);
    view.errors = faults_list(&faults);
    send(call, &sign_in_template, MSG_SIGN_IN_TITLE, &view, 401);
}

static void ask_code(struct call *call, str pending, bool is_wrong)
{
    struct faults faults = {0};
    struct sign_in_page view = {.pending = pending, .remember = is_checked(call)};
    if (is_wrong) {
        view.error = faults_add(call, &faults, S("code"), MSG_SIGN_IN_WRONG_CODE);
    }
    view.errors = faults_list(&faults);
    send(call, &code_template, MSG_SIGN_IN_CODE_TITLE, &view, is_wrong ? 401 : 200);
}

static enum err begin(struct call *call, const struct session_start *start)
{
    gate_begin_session(call, start);
    page_redirect(call, page_next(call, S("/")));
    return ERR_OK;
}

/* Id of a session that the browser still has; it ends when another begins. */
static str previous_session(struct call *call)
{
    return call->session ? call->session_id : STR_NONE;
}

enum err account_sign_in_post(struct call *call)
{
    struct sign_in attempt = {.name = call_value(call, S("username")),
                              .password = form_value(&call->form, S("password")),
                              .remember = is_checked(call),
                              .origin = call->origin};
    enum sign_in_result result;
    struct session_start start;
    str pending;
    TRY(sign_in(call->scope, call->app->identity, &attempt, previous_session(call), &result, &start,
                &pending));
    switch (result) {
    case SIGN_IN_DONE:
        return begin(call, &start);
    case SIGN_IN_NEEDS_CODE:
    case SIGN_IN_WRONG_CODE:
        ask_code(call, pending, false);
        return ERR_OK;
    case SIGN_IN_REFUSED:
        break;
    }
    refuse(call);
    return ERR_OK;
}

enum err account_code_post(struct call *call)
{
    str pending = form_value(&call->form, S("pending"));
    struct sign_in attempt = {.code = form_value(&call->form, S("code")), .origin = call->origin};
    enum sign_in_result result;
    struct session_start start;
    TRY(sign_in_code(call->scope, call->app->identity, pending, &attempt, previous_session(call),
                     &result, &start));
    if (result == SIGN_IN_DONE) {
        return begin(call, &start);
    }
    if (result == SIGN_IN_WRONG_CODE) {
        ask_code(call, pending, true);
    } else {
        refuse(call); /* the proof of the password is too old */
    }
    return ERR_OK;
}

enum err account_sign_out(struct call *call)
{
    if (call->session) {
        TRY(session_end(call->scope, call->app->identity, call->session_id));
        cookie_delete(call, COOKIE_SESSION, "its session was ended");
        cookie_set(call, COOKIE_CSRF, csrf_secret_make(&call->scope->arena), COOKIE_DEFAULT_AGE,
                   "it is not the session's any more");
        /* Not "cookies": that would take those of the whole domain, and the visitor's choices. */
        response_header(call->exchange, S("Clear-Site-Data"), S("\"cache\", \"storage\""));
    }
    page_redirect(call, page_next(call, S("/")));
    return ERR_OK;
}

/* ---- the password once more ---- */

enum err account_confirm(struct call *call)
{
    struct sign_in_page view = {.username = call->actor->name};
    send(call, &confirm_template, MSG_CONFIRM_TITLE, &view, 200);
    return ERR_OK;
}

enum err account_confirm_post(struct call *call)
{
    bool right;
    struct session_start start;
    TRY(session_confirm(call->scope, call->app->identity, &call->origin, call->session_id,
                        form_value(&call->form, S("password")), &right, &start));
    if (right) {
        return begin(call, &start);
    }
    struct faults faults = {0};
    struct sign_in_page view = {.username = call->actor->name};
    view.error = faults_add(call, &faults, S("password"), MSG_CONFIRM_WRONG);
    view.errors = faults_list(&faults);
    send(call, &confirm_template, MSG_CONFIRM_TITLE, &view, 401);
    return ERR_OK;
}
