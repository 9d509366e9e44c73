/* Name, e-mail address and password of a person. */
#include "platform/mail/mail.h"
#include "web/front/account.h"
#include "web/shell/gate.h"

struct profile_page {
    str csrf, username, display_name, email, role;
    str name_error, email_error, old_error, password_error;
    usec last_sign_in, password_changed;
    int64_t least;
    struct tpl_list navigation, errors;
};

static const struct tpl_member members[] = {
    TPL_TEXT(struct profile_page, csrf),
    TPL_TEXT(struct profile_page, username),
    TPL_TEXT(struct profile_page, display_name),
    TPL_TEXT(struct profile_page, email),
    TPL_TEXT(struct profile_page, role),
    TPL_TEXT(struct profile_page, name_error),
    TPL_TEXT(struct profile_page, email_error),
    TPL_TEXT(struct profile_page, old_error),
    TPL_TEXT(struct profile_page, password_error),
    TPL_INSTANT(struct profile_page, last_sign_in),
    TPL_INSTANT(struct profile_page, password_changed),
    TPL_INT(struct profile_page, least),
    TPL_LIST(struct profile_page, navigation, navigation_struct),
    TPL_LIST(struct profile_page, errors, fault_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct profile_page, members);
const struct tpl_binding profile_template = {"account/profile", &shape};
const struct tpl_binding password_template = {"account/password", &shape};

static enum message role_message(enum role role)
{
    switch (role) {
    case ROLE_READER:
        return MSG_ROLE_READER;
    case ROLE_EDITOR:
        return MSG_ROLE_EDITOR;
    case ROLE_PUBLISHER:
        return MSG_ROLE_PUBLISHER;
    case ROLE_ADMINISTRATOR:
        break;
    }
    return MSG_ROLE_ADMINISTRATOR;
}

static enum err fill(struct call *call, const char *address, struct profile_page *view)
{
    struct user user;
    TRY(user_get(call->scope, call->app->identity, call->actor->user, &user));
    view->csrf = csrf_token(call);
    view->username = user.name;
    view->display_name = view->display_name.p ? view->display_name : user.display_name;
    view->email = view->email.p ? view->email : user.email;
    view->role = message_plain(call->language, role_message(user.role));
    view->last_sign_in = user.last_sign_in;
    view->password_changed = user.password_changed;
    view->least = PASSWORD_SYMBOLS_LEAST;
    view->navigation = account_navigation(call, address);
    return ERR_OK;
}

static enum err send_profile(struct call *call, struct profile_page *view, int status)
{
    TRY(fill(call, "/account", view));
    struct page page = {.title = MSG_ACCOUNT_PROFILE_TITLE,
                        .body = &profile_template,
                        .data = view,
                        .status = status,
                        .has_faults = view->errors.count > 0};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_profile(struct call *call)
{
    struct profile_page view = {0};
    return send_profile(call, &view, 200);
}

enum err account_profile_post(struct call *call)
{
    struct faults faults = {0};
    struct profile_page view = {.display_name = form_value(&call->form, S("name")),
                                .email = form_value(&call->form, S("email"))};
    struct user user;
    TRY(user_get(call->scope, call->app->identity, call->actor->user, &user));
    if (!str_eq(user.email, view.email)) { /* links to set a password go there */
        TRY(gate_recent(call));
    }
    enum err result = user_set_profile(call->scope, call->app->identity, call->actor,
                                       call->actor->user, view.display_name, view.email);
    if (result == ERR_OK) {
        return account_done(call, MSG_ACCOUNT_PROFILE_SAVED, S("/account"));
    }
    if (result != ERR_USAGE) {
        return result;
    }
    scope_forgive(call->scope);
    if (view.email.n == 0 || mail_address_is_valid(view.email)) {
        view.name_error = faults_add(call, &faults, S("name"), MSG_ACCOUNT_PROFILE_FAULT_NAME);
    } else {
        view.email_error = faults_add(call, &faults, S("email"), MSG_ACCOUNT_PROFILE_FAULT);
    }
    view.errors = faults_list(&faults);
    return send_profile(call, &view, 422);
}

/* ---- password ---- */

static enum err send_password(struct call *call, struct profile_page *view, int status)
{
    TRY(fill(call, "/account/password", view));
    struct page page = {.title = MSG_ACCOUNT_PASSWORD_TITLE,
                        .body = &password_template,
                        .data = view,
                        .status = status,
                        .has_faults = view->errors.count > 0};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_password(struct call *call)
{
    struct profile_page view = {0};
    return send_password(call, &view, 200);
}

static enum err refuse_password(struct call *call, struct faults *faults, struct profile_page *view)
{
    view->errors = faults_list(faults);
    return send_password(call, view, 422);
}

enum err account_password_post(struct call *call)
{
    struct faults faults = {0};
    struct profile_page view = {0};
    str old = form_value(&call->form, S("old_password"));
    str password = form_value(&call->form, S("password"));
    enum message fault =
        account_password_fault(password_check(call->app->identity, call->actor->name, password));
    if (fault != MESSAGE_NONE) {
        view.password_error =
            faults_add_text(call, &faults, S("password"),
                            message_text(&call->scope->arena, call->language, fault,
                                         &ARG_INT("least", PASSWORD_SYMBOLS_LEAST), 1));
        return refuse_password(call, &faults, &view);
    }
    enum err result = user_change_password(call->scope, call->app->identity, &call->origin,
                                           call->actor, old, password);
    if (result == ERR_OK) {
        struct session_start start;
        TRY(session_renew(call->scope, call->app->identity, call->session_id, &start));
        gate_begin_session(call, &start);
        return account_done(call, MSG_ACCOUNT_PASSWORD_SAVED, S("/account/sessions"));
    }
    if (result != ERR_DENIED && result != ERR_THROTTLED) {
        return result;
    }
    scope_forgive(call->scope);
    view.old_error = faults_add(call, &faults, S("old_password"), MSG_CONFIRM_WRONG);
    return refuse_password(call, &faults, &view);
}
