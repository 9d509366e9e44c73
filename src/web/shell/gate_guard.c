/* Who may come in, and the password once more (cookies-and-privacy.md 1.2 "Sudo", 7.1, 7.2). */
#include "web/shell/cookies.h"
#include "web/shell/gate.h"

/* ---- the password once more ---- */

void gate_begin_session(struct call *call, const struct session_start *start)
{
    struct session_start *kept = arena_new(&call->scope->arena, struct session_start);
    *kept = *start;
    call->began = kept;
    cookie_set(call, COOKIE_SESSION, start->id, start->max_age, "somebody signed in");
    cookie_set(call, COOKIE_CSRF,
               csrf_secret_derive(&call->scope->arena, call->app->csrf_key, start->id),
               COOKIE_DEFAULT_AGE, "its secret follows the session's id");
}

static enum err confirm(struct call *call, str password, bool *ret_right)
{
    struct session_start start;
    TRY(session_confirm(call->scope, call->app->identity, &call->origin, call->session_id, password,
                        ret_right, &start));
    if (*ret_right) {
        struct session *session = arena_new(&call->scope->arena, struct session);
        *session = *call->session;
        session->actor.authenticated = clock_wall();
        call->session = session;
        call->session_id = start.id;
        call->actor = &session->actor;
        gate_begin_session(call, &start);
    }
    return ERR_OK;
}

enum err gate_recent(struct call *call)
{
    str password = form_value(&call->form, S("confirm_password"));
    bool is_recent =
        clock_wall() - call->actor->authenticated < identity_recent(call->app->identity);
    if (!is_recent && password.n && call->session) {
        TRY(confirm(call, password, &is_recent));
    }
    return is_recent ? ERR_OK
                     : fail(call->scope, ERR_CONFIRM, "Enter your password once more for this.");
}

/* ---- the back office ---- */

/* A session cookie that another browser brings was taken from the one that signed in. */
static enum err check_browser(struct call *call)
{
    if (session_fits(&call->scope->arena, call->session, &call->origin)) {
        return ERR_OK;
    }
    TRY(session_end_row(call->scope, call->app->identity, call->actor, call->actor->user,
                        call->session->row));
    call->session = NULL;
    call->view_as = NULL;
    call->session_id = STR_NONE;
    call->actor = &actor_anonymous;
    call->stale_session = "another browser brought it to the back office";
    return fail(call->scope, ERR_SIGN_IN, "Sign in to see this page.");
}

/* ---- all of it ---- */

/* A key is for data; with a form for people it could give itself more than it was made for. */
static enum err check_key(struct call *call)
{
    bool writes = !method_is_safe(exchange_method(call->exchange));
    if (call->actor->kind == ACTOR_SESSION) {
        return ERR_OK;
    }
    if (!call->route->keys) {
        return fail(call->scope, ERR_DENIED, "This page is for people, not for API keys.");
    }
    if (!(call->actor->scopes & (writes ? SCOPE_WRITE : SCOPE_READ))) {
        return fail(call->scope, ERR_DENIED, "The API key may not be used to %s.", writes ? "write" : "read");
    }
    return ERR_OK;
}

bool gate_acts_as(const struct call *call, enum role role)
{
    bool has_roles = call->actor->kind == ACTOR_SESSION || (call->actor->scopes & SCOPE_WRITE);
    return has_roles && actor_has_role(call->actor, role);
}

static enum err check(struct call *call, enum guard guard)
{
    if (guard == GUARD_NONE) {
        return ERR_OK;
    }
    if (!actor_is_known(call->actor)) {
        return fail(call->scope, ERR_SIGN_IN, "Sign in to see this page.");
    }
    TRY(check_key(call));
    if (guard == GUARD_PUBLISHER && !gate_acts_as(call, ROLE_PUBLISHER)) {
        return fail(call->scope, ERR_DENIED, "This page is for publishers and administrators.");
    }
    if (guard == GUARD_ADMINISTRATOR && !gate_acts_as(call, ROLE_ADMINISTRATOR)) {
        return fail(call->scope, ERR_DENIED, "This page is for administrators.");
    }
    return ERR_OK;
}

/* Whoever has the password alone may set a second factor up, and nothing else. */
static bool lacks_second_factor(const struct call *call)
{
    str pattern = str_from(call->route->pattern);
    return call->app->second_factor_required && call->session && call->route->guard != GUARD_NONE &&
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
    if (call->route->office && call->session) {
        TRY(check_browser(call));
    }
    return call->route->recent && call->session ? gate_recent(call) : ERR_OK;
}
