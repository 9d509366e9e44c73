#include "web/shell/counting.h"

#include "platform/http/cookie.h"

struct counted_route counting_route(const struct route *route)
{
    const char *first = strstr(route->pattern, "{}");
    const char *name = strstr(route->pattern, "dataset");
    bool has_dataset = first && name && name < first;
    return (struct counted_route){
        .kind = route->counts, .name = route->name, .pattern = route->pattern, .has_dataset = has_dataset};
}

/* The preference "do not count my visits" ends the value of its cookie (domain/privacy/consent.c). */
static bool objects(struct exchange *exchange)
{
    static const str name = {"cookies_preferences", 19};
    str cookies = exchange_cookies(exchange);
    if (cookies.n == 0 || str_find(cookies, name, 0) == SIZE_MAX) {
        return false; /* nearly all */
    }
    return consent_objects(cookie_value(&exchange_scope(exchange)->arena, cookies, name, NULL));
}

void counting_begin(struct exchange *exchange, const struct counted_route *route, const str *values)
{
    if (route->kind == COUNTED_NOT || exchange_method(exchange) != HTTP_GET) {
        return;
    }
    struct sender sender = exchange_sender(exchange);
    bool is_no_view = route->kind == COUNTED_PAGE && sender.is_by_script;
    if (sender.is_unwilling || sender.is_early || is_no_view || objects(exchange)) {
        return;
    }
    const str texts[VISIT__TEXTS] = {[VISIT_DATASET] = values[0],
                                     [VISIT_DETAIL] = values[1],
                                     [VISIT_QUERY] = exchange_raw_query(exchange),
                                     [VISIT_AGENT] = sender.user_agent,
                                     [VISIT_REFERRER] = sender.referrer,
                                     [VISIT_LANGUAGES] = sender.languages,
                                     [VISIT_HOST] = exchange_host(exchange)};
    exchange_attach(exchange, visit_make(&exchange_scope(exchange)->arena, route, sender.address,
                                         sender.address_bytes, texts));
}

void counting_actor(struct exchange *exchange, const struct actor *actor)
{
    struct visit *visit = exchange_attached(exchange);
    if (visit && actor_is_known(actor)) {
        visit->key = actor->key;
        visit->access = actor->kind == ACTOR_KEY ? VISIT_KEY : VISIT_SESSION;
    }
}

void counting_end(struct analytics *analytics, struct exchange *exchange, const struct exchange_summary *summary)
{
    struct visit *visit = exchange_attached(exchange);
    if (visit) {
        visit->status = summary->status;
        visit->duration = summary->duration;
        visit->bytes = summary->bytes_sent;
        visit->records = summary->records;
        visit->from_store = summary->from_store;
        visit->is_complete = summary->complete;
        analytics_count(analytics, visit);
    }
}
