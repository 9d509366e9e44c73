/*
 * Pages kept in the response cache. They are looked up on a worker, behind the gates: what a page shows
 * depends on the visitor's language and consent, which the gates know.
 */
#include "web/shell/cookies.h"
#include "web/shell/internal.h"

/* Whether a clause may ask for something as of now, which is not the same later. */
static bool has_clock(const struct call *call)
{
    for (size_t i = 0; i < call->query.count; i++) {
        str value = str_lower_ascii(&call->scope->arena, call->query.items[i].value);
        if (str_find(value, S("now"), 0) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

static bool is_eligible(const struct call *call)
{
    return call->route->cacheable && !has_clock(call) && method_is_safe(exchange_method(call->exchange)) &&
           !actor_is_known(call->actor) && !call->stale_session && !call->began &&
           !call->app->explain_cookies && call->snapshot->fingerprint == SNAPSHOT_ANONYMOUS;
}

/* Everything that the frame of a page depends on besides its content. */
static str make_key(struct call *call)
{
    const struct consent *consent = &call->consent;
    return str_printf(&call->scope->arena, "page %lld %.*s %.*s %.*s %d%d%d%d %lld %x %llx %.*s%.*s?%.*s",
                      (long long)call->site->generation, STR_ARG(exchange_encoding(call->exchange)), STR_ARG(language_code(call->language)),
                      STR_ARG(call->registry->hash), consent->chosen, consent->outdated, consent->signal, consent->objects,
                      (long long)consent->revision, consent->purposes,
                      (unsigned long long)consent->services, STR_ARG(call->base_url),
                      STR_ARG(exchange_raw_path(call->exchange)),
                      STR_ARG(exchange_raw_query(call->exchange)));
}

bool page_cache_answer(struct shell *shell, struct call *call)
{
    if (!is_eligible(call)) {
        return false;
    }
    struct stored_response *stored =
        cache_find(shell->cache, make_key(call), call->snapshot->generation * 2);
    if (stored) {
        response_send_stored(call->exchange, stored);
        stored_response_unref(stored);
    }
    return stored != NULL;
}

void page_cache_keep(struct shell *shell, struct call *call)
{
    if (!call->may_cache || !is_eligible(call) ||
        !cache_takes(shell->cache, response_body_bytes(call->exchange))) {
        return;
    }
    struct stored_response *stored = response_store(call->exchange);
    if (stored) {
        cache_put(shell->cache, make_key(call), call->snapshot->generation * 2, stored);
        stored_response_unref(stored);
    }
}
