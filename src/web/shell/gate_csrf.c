/* Proof that a page of ours asked for a change (cookies-and-privacy.md 1.3 to 1.5, 7.3). */
#include "base/log.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"

str call_origin(const struct call *call)
{
    /* The public address may have a path; an origin has none. */
    size_t scheme = str_find(call->base_url, S("://"), 0);
    size_t slash = scheme == SIZE_MAX ? SIZE_MAX : str_find_char(call->base_url, '/', scheme + 3);
    return str_slice(call->base_url, 0, slash);
}

/* A session's secret follows from its id, so that nobody who plants a cookie can choose it. */
static str session_secret(struct call *call)
{
    return csrf_secret_derive(&call->scope->arena, call->app->csrf_key, call->session_id);
}

str csrf_token(struct call *call)
{
    struct arena *arena = &call->scope->arena;
    str secret;
    if (call->session) {
        secret = session_secret(call);
    } else if (!csrf_unmask(arena, cookie_get(call, COOKIE_CSRF, NULL), &secret)) {
        secret = csrf_secret_make(arena);
    }
    if (!call->has_token) {
        cookie_set(call, COOKIE_CSRF, secret, COOKIE_DEFAULT_AGE, "the page has a form");
    }
    call->has_token = true;
    return csrf_mask(arena, secret);
}

str csrf_token_of_cookie(struct call *call)
{
    str secret;
    bool conflict;
    str cookie = cookie_get(call, COOKIE_CSRF, &conflict);
    if (conflict || !csrf_unmask(&call->scope->arena, cookie, &secret) ||
        (call->session && !equal_in_constant_time(secret, session_secret(call)))) {
        return STR_NONE;
    }
    return csrf_mask(&call->scope->arena, secret);
}

/* A body that cannot be read has no token, which is what the visitor is told (1.5, step 8). */
static void read_form(struct call *call)
{
    str type = exchange_header(call->exchange, S("Content-Type"));
    str body = exchange_body(call->exchange);
    if (body.n && form_read(call->scope, type, body, &call->form) != ERR_OK) {
        scope_forgive(call->scope);
        call->form = (struct form){0};
    }
}

enum err gate_csrf(struct call *call, enum csrf_verdict *ret_verdict)
{
    uint8_t digest[DIGEST_BYTES];
    bool in_header = false;
    *ret_verdict = CSRF_GOOD;
    read_form(call);
    if (call->ignores_cookies) {
        return ERR_OK; /* nothing that a browser adds by itself gave the rights */
    }
    struct csrf_request request = {
        .is_https = call->is_https,
        .own_origin = call_origin(call),
        .trusted = call->app->trusted_origins,
        .trusted_count = call->app->trusted_origin_count,
        .origin = exchange_header(call->exchange, S("Origin")),
        .referer = exchange_header(call->exchange, S("Referer")),
        .fetch_site = exchange_header(call->exchange, S("Sec-Fetch-Site")),
        .is_post = exchange_method(call->exchange) == HTTP_POST,
        .field = form_value(&call->form, S("csrfmiddlewaretoken")),
        .header = exchange_header(call->exchange, S("X-CSRFToken")),
        .accepts_same_origin = call->route->csrf == CSRF_SAME_ORIGIN};
    request.cookie = cookie_get(call, COOKIE_CSRF, &request.cookie_conflict);
    if (call->session) {
        digest_sha256(session_secret(call), digest);
        request.session_digest = digest;
    }
    *ret_verdict = csrf_check(&call->scope->arena, &request, &in_header);
    if (*ret_verdict == CSRF_GOOD) {
        return ERR_OK;
    }
    log_event(EV_CSRF_REFUSED, "%s%s %s", csrf_verdict_name(*ret_verdict),
              in_header ? " (X-Csrftoken header)" : "", call->route->pattern);
    return fail(call->scope, ERR_CSRF, "The form was not accepted: %s.",
                csrf_verdict_name(*ret_verdict));
}
