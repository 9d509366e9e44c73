/* Who was invited makes the account: /account/invitation/TOKEN. */
#include "domain/identity/invitation.h"
#include "web/front/account.h"
#include "web/shell/gate.h"

struct invitation_page {
    str csrf, action, email, name, name_error, display_name, display_name_error, password_error;
    int64_t least;
    struct tpl_list errors;
};

static const struct tpl_member members[] = {
    TPL_TEXT(struct invitation_page, csrf),           TPL_URL(struct invitation_page, action),
    TPL_TEXT(struct invitation_page, email),          TPL_TEXT(struct invitation_page, name),
    TPL_TEXT(struct invitation_page, name_error),     TPL_TEXT(struct invitation_page, display_name),
    TPL_TEXT(struct invitation_page, display_name_error), TPL_TEXT(struct invitation_page, password_error),
    TPL_INT(struct invitation_page, least),           TPL_LIST(struct invitation_page, errors, fault_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct invitation_page, members);
const struct tpl_binding invitation_template = {"account/invitation", &shape};

static enum err send(struct call *call, struct invitation_page *view, struct faults *faults)
{
    view->csrf = csrf_token(call);
    view->least = PASSWORD_SYMBOLS_LEAST;
    view->action = exchange_raw_path(call->exchange);
    view->errors = faults_list(faults);
    struct page page = {.title = MSG_INVITATION_TITLE,
                        .body = &invitation_template,
                        .data = view,
                        .status = faults->count ? 422 : 200,
                        .has_faults = faults->count > 0};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_invitation(struct call *call)
{
    struct invitation invitation;
    struct faults faults = {0};
    TRY(invitation_find(call->scope, call->app->identity, call->path_values[0], &invitation));
    struct invitation_page view = {.email = invitation.email};
    return send(call, &view, &faults);
}

/* What is wrong with the names; false: something else failed. */
static bool explain(struct call *call, enum err result, struct invitation_page *view, struct faults *faults)
{
    if (result == ERR_CONFLICT) {
        view->name_error = faults_add(call, faults, S("name"), MSG_BACKOFFICE_FAULT_NAME_TAKEN);
    } else if (result == ERR_USAGE && view->display_name.n > DISPLAY_NAME_BYTES) {
        view->display_name_error = faults_add(call, faults, S("display_name"), MSG_BACKOFFICE_FAULT_DISPLAY_NAME);
    } else if (result == ERR_USAGE) {
        view->name_error = faults_add(call, faults, S("name"), MSG_BACKOFFICE_FAULT_SIGN_IN_NAME);
    } else {
        return false;
    }
    scope_forgive(call->scope);
    return true;
}

enum err account_invitation_post(struct call *call)
{
    struct invitation invitation;
    struct faults faults = {0};
    str password = form_value(&call->form, S("password"));
    TRY(invitation_find(call->scope, call->app->identity, call->path_values[0], &invitation));
    struct invitation_page view = {.email = invitation.email,
                                   .name = str_trim(form_value(&call->form, S("name"))),
                                   .display_name = str_trim(form_value(&call->form, S("display_name")))};
    enum message fault = account_password_fault(password_check(call->app->identity, view.name, password));
    if (fault != MESSAGE_NONE) {
        view.password_error = faults_add_text(call, &faults, S("password"),
                                              message_text(&call->scope->arena, call->language, fault,
                                                           &ARG_INT("least", PASSWORD_SYMBOLS_LEAST), 1));
        return send(call, &view, &faults);
    }
    enum err result = invitation_accept(call->scope, call->app->identity, &call->origin, call->path_values[0],
                                        view.name, view.display_name, password);
    if (result == ERR_OK) {
        account_welcome(call, invitation.role);
        return ERR_OK;
    }
    return explain(call, result, &view, &faults) ? send(call, &view, &faults) : result;
}
