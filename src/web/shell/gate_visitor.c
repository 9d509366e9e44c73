/* Language and consent of a visitor (cookies-and-privacy.md 1.6, 2.5, 3.6). */
#include "platform/http/cookie.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"

static void notice_unknown(struct call *call)
{
    str rest = exchange_cookies(call->exchange);
    struct cookie_pair pair;
    while (cookie_next(&call->scope->arena, &rest, &pair)) {
        if (cookie_find(pair.name) == COOKIE__COUNT) {
            privacy_notice_unknown(call->app->privacy, pair.name);
        }
    }
}

void gate_visitor(struct call *call)
{
    str chosen = cookie_get(call, COOKIE_LANGUAGE, NULL);
    call->language_chosen = language_find(chosen) != LANGUAGE_NONE;
    call->language =
        language_choose(chosen, exchange_header(call->exchange, S("Accept-Language")),
                        call->app->language);
    call->registry = privacy_registry(call->app->privacy);
    call->consent = consent_read(call->app->privacy, call->registry,
                                 cookie_get(call, COOKIE_PREFERENCES, NULL),
                                 exchange_header(call->exchange, S("Sec-GPC")),
                                 exchange_header(call->exchange, S("DNT")), clock_wall());
    if (!call->ignores_cookies) {
        notice_unknown(call);
    }
}
