/* Codes of an authenticator app beside the password (RFC 6238), and recovery codes. */
#include "web/front/account.h"
#include "web/shell/gate.h"

struct recovery_item {
    str code;
};

struct second_factor_page {
    str csrf, secret, error;
    struct html picture;
    bool enabled, is_shown; /* in use; the recovery codes can be read this once */
    struct tpl_list navigation, errors, recovery;
};

static const struct tpl_member item_members[] = {TPL_TEXT(struct recovery_item, code)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct recovery_item, item_members);

static const struct tpl_member members[] = {
    TPL_TEXT(struct second_factor_page, csrf),
    TPL_TEXT(struct second_factor_page, secret),
    TPL_TEXT(struct second_factor_page, error),
    TPL_HTML(struct second_factor_page, picture),
    TPL_BOOL(struct second_factor_page, enabled),
    TPL_BOOL(struct second_factor_page, is_shown),
    TPL_LIST(struct second_factor_page, navigation, navigation_struct),
    TPL_LIST(struct second_factor_page, errors, fault_struct),
    TPL_LIST(struct second_factor_page, recovery, item_struct)};
static const struct tpl_struct shape = TPL_STRUCT(struct second_factor_page, members);
const struct tpl_binding second_factor_template = {"account/second_factor", &shape};

/* The secret travels in the form until a code proves that the app has it. */
static void offer(struct call *call, struct second_factor_page *view, str secret)
{
    struct arena *arena = &call->scope->arena;
    str address = second_factor_address(arena, call->site->name, call->actor->name, secret);
    view->secret = secret;
    view->picture.text = second_factor_svg(arena, address);
}

static enum err send(struct call *call, struct second_factor_page *view, int status)
{
    struct user user;
    TRY(user_get(call->scope, call->app->identity, call->actor->user, &user));
    view->csrf = csrf_token(call);
    view->navigation = account_navigation(call, "/account/second-factor");
    view->enabled = user.has_second_factor;
    if (!view->enabled && view->secret.n == 0) {
        offer(call, view, second_factor_secret(&call->scope->arena));
    }
    struct page page = {.title = MSG_ACCOUNT_SECOND_FACTOR_TITLE,
                        .body = &second_factor_template,
                        .data = view,
                        .status = status,
                        .has_faults = view->errors.count > 0};
    page_send(call, &page);
    return ERR_OK;
}

enum err account_second_factor(struct call *call)
{
    struct second_factor_page view = {0};
    return send(call, &view, 200);
}

static enum err show_recovery(struct call *call, const str *codes)
{
    struct second_factor_page view = {0};
    struct recovery_item *items =
        arena_array(&call->scope->arena, struct recovery_item, RECOVERY_CODES);
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        items[i].code = codes[i];
    }
    view.recovery = (struct tpl_list){items, RECOVERY_CODES};
    view.is_shown = true;
    return send(call, &view, 200);
}

enum err account_second_factor_enable(struct call *call)
{
    str codes[RECOVERY_CODES];
    str secret = form_value(&call->form, S("secret"));
    enum err result =
        second_factor_enable(call->scope, call->app->identity, call->actor, secret,
                             form_value(&call->form, S("code")), codes);
    if (result == ERR_OK) {
        return show_recovery(call, codes);
    }
    if (result != ERR_DENIED) {
        return result;
    }
    scope_forgive(call->scope);
    struct faults faults = {0};
    struct second_factor_page view = {0};
    view.error = faults_add(call, &faults, S("code"), MSG_SIGN_IN_WRONG_CODE);
    view.errors = faults_list(&faults);
    if (second_factor_is_secret(secret)) {
        offer(call, &view, secret);
    }
    return send(call, &view, 422);
}

enum err account_second_factor_disable(struct call *call)
{
    TRY(second_factor_disable(call->scope, call->app->identity, call->actor, call->actor->user));
    return account_done(call, MSG_ACCOUNT_SECOND_FACTOR_DISABLED, S("/account/second-factor"));
}

enum err account_second_factor_recovery(struct call *call)
{
    str codes[RECOVERY_CODES];
    TRY(second_factor_recovery(call->scope, call->app->identity, call->actor, codes));
    return show_recovery(call, codes);
}
