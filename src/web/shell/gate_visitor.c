/* Language and consent of a visitor (cookies-and-privacy.md 1.6, 2.5, 3.6). */
#include "platform/http/cookie.h"
#include "web/shell/cookies.h"
#include "web/shell/gate.h"

static void notice_unknown(struct call *call)
{
    str rest = exchange_cookies(call->exchange);
    struct cookie_pair pair;
    while (cookie_next(&call->scope->arena, &rest, &pair)) {
        const struct service *service;
        if (cookie_find(pair.name) == COOKIE__COUNT &&
            !registry_cookie(call->registry, pair.name, &service)) {
            privacy_notice_unknown(call->app->privacy, pair.name);
        }
    }
}

/* Two choices that differ are none: one of them was planted by another host of the domain. */
static str read_choice(struct call *call)
{
    bool conflict;
    str value = cookie_get(call, COOKIE_PREFERENCES, &conflict);
    return conflict ? STR_NONE : value;
}

/* Several lines count when any is exactly "1" (2.5). */
static str read_signal(struct call *call, str name)
{
    return exchange_header_is(call->exchange, name, S("1")) ? S("1") : STR_NONE;
}

void gate_visitor(struct call *call)
{
    str chosen = cookie_get(call, COOKIE_LANGUAGE, NULL);
    call->language_chosen = site_offers(call->site, language_find(chosen));
    call->language = language_choose(call->language_chosen ? chosen : STR_NONE,
                                        exchange_header(call->exchange, S("Accept-Language")),
                                        call->site->language, call->site->offers);
    call->registry = privacy_registry(call->app->privacy);
    call->consent = consent_read(call->app->privacy, call->registry, read_choice(call),
                                 read_signal(call, S("Sec-GPC")), read_signal(call, S("DNT")),
                                 clock_wall());
    if (!call->ignores_cookies) {
        notice_unknown(call);
    }
}
