#include "web/shell/gate.h"

static enum err check(struct call *call, enum guard guard)
{
    if (guard == GUARD_NONE) {
        return ERR_OK;
    }
    if (!actor_is_known(call->actor)) {
        return fail(call->scope, ERR_SIGN_IN, "Sign in to see this page.");
    }
    /* A key is for data; with one of a page's forms it could give itself more than it was made for. */
    if (call->actor->kind != ACTOR_SESSION) {
        return fail(call->scope, ERR_DENIED, "This page is for people, not for API keys.");
    }
    if (guard == GUARD_ADMINISTRATOR && !actor_has_role(call->actor, ROLE_ADMINISTRATOR)) {
        return fail(call->scope, ERR_DENIED, "This page is for administrators.");
    }
    return ERR_OK;
}

/* Whoever has the password alone may set a second factor up, and nothing else. */
static bool lacks_second_factor(const struct call *call)
{
    str pattern = str_from(call->route->pattern);
    return call->app->second_factor_required && call->route->guard != GUARD_NONE &&
           actor_has_role(call->actor, call->app->second_factor_role) &&
           !call->actor->has_second_factor &&
           !str_starts(pattern, S("/account/second-factor")) &&
           !str_eq(pattern, S("/account/confirm"));
}

enum err gate_guard(struct call *call)
{
    TRY(check(call, call->route->guard));
    if (lacks_second_factor(call)) {
        return fail(call->scope, ERR_SECOND_FACTOR, "Set up a second factor first.");
    }
    bool is_recent =
        call->route->guard == GUARD_NONE ||
        clock_wall() - call->actor->authenticated < identity_recent(call->app->identity);
    if (call->route->recent && !is_recent) {
        return fail(call->scope, ERR_CONFIRM, "Enter your password once more for this.");
    }
    return ERR_OK;
}
