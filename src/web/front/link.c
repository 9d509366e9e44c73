/* One-time links: the first administrator, invitations, forgotten passwords. */
#include "web/front/account.h"
#include "web/shell/gate.h"

struct link_page {
    str csrf, action, username, error;
    int64_t least;
    bool sends_mail;
    struct tpl_list errors;
};

static const struct tpl_member members[] = {
    TPL_TEXT(struct link_page, csrf),     TPL_URL(struct link_page, action),
    TPL_TEXT(struct link_page, username), TPL_TEXT(struct link_page, error),
    TPL_INT(struct link_page, least),     TPL_BOOL(struct link_page, sends_mail),
    TPL_LIST(struct link_page, errors, fault_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct link_page, members);
const struct tpl_binding link_template = {"account/link", &shape};
const struct tpl_binding forgotten_template = {"account/forgotten", &shape};
const struct tpl_binding forgotten_done_template = {"account/forgotten_done", &shape};

static void send(struct call *call, const struct tpl_binding *binding, enum message title,
                 struct link_page *view, int status)
{
    view->csrf = csrf_token(call);
    view->least = PASSWORD_SYMBOLS_LEAST;
    view->sends_mail = call->site->sends_mail;
    view->action = exchange_raw_path(call->exchange);
    struct page page = {.title = title,
                        .body = binding,
                        .data = view,
                        .status = status,
                        .has_faults = view->errors.count > 0};
    page_send(call, &page);
}

enum err account_link(struct call *call)
{
    struct user user;
    TRY(link_find(call->scope, call->app->identity, call->path_values[0], &user));
    struct link_page view = {.username = user.name};
    send(call, &link_template, MSG_LINK_TITLE, &view, 200);
    return ERR_OK;
}

void account_welcome(struct call *call, enum role role)
{
    page_redirect(call, role >= ROLE_EDITOR ? S("/account/sign-in?welcome=1&next=/backoffice") : S("/account/sign-in?welcome=1"));
}

enum err account_link_post(struct call *call)
{
    struct user user;
    struct faults faults = {0};
    str password = form_value(&call->form, S("password"));
    TRY(link_find(call->scope, call->app->identity, call->path_values[0], &user));
    enum message fault =
        account_password_fault(password_check(call->app->identity, user.name, password));
    if (fault == MESSAGE_NONE) {
        TRY(link_use(call->scope, call->app->identity, &call->origin, call->path_values[0],
                     password));
        account_welcome(call, user.role);
        return ERR_OK;
    }
    struct link_page view = {.username = user.name};
    view.error = faults_add_text(call, &faults, S("password"),
                                 message_text(&call->scope->arena, call->language, fault,
                                              &ARG_INT("least", PASSWORD_SYMBOLS_LEAST), 1));
    view.errors = faults_list(&faults);
    send(call, &link_template, MSG_LINK_TITLE, &view, 422);
    return ERR_OK;
}

enum err account_forgotten(struct call *call)
{
    struct link_page view = {0};
    send(call, &forgotten_template, MSG_FORGOTTEN_TITLE, &view, 200);
    return ERR_OK;
}

enum err account_forgotten_post(struct call *call)
{
    struct link_page view = {0};
    TRY(link_request(call->scope, call->app->identity, &call->origin,
                     call_value(call, S("username")), call->language));
    send(call, &forgotten_done_template, MSG_FORGOTTEN_DONE, &view, 200);
    return ERR_OK;
}
