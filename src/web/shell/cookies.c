#include "web/shell/cookies.h"

#include "platform/http/cookie.h"

static struct cookie_attributes attributes_of(const struct call *call,
                                              const struct cookie_entry *entry, int64_t max_age)
{
    return (struct cookie_attributes){.http_only = entry->http_only,
                                      .secure = call->is_https,
                                      .same_site = entry->same_site,
                                      .max_age = max_age};
}

static void explain(struct call *call, const struct cookie_entry *entry, const char *act,
                    const char *why)
{
    if (call->app->explain_cookies) {
        buf_printf(&call->explanation, "%s%s %s: %s", call->explanation.n ? "; " : "", entry->name,
                   act, why);
    }
}

void cookie_set(struct call *call, enum cookie_id id, str value, int64_t max_age, const char *why)
{
    const struct cookie_entry *entry = cookie_entry(id);
    if (call->ignores_cookies) {
        explain(call, entry, "not set", "the request has an API key");
        return;
    }
    bool is_declared = max_age != COOKIE_DEFAULT_AGE && max_age <= entry->max_age;
    struct cookie_attributes attributes =
        attributes_of(call, entry, is_declared ? max_age : entry->max_age);
    response_cookie(call->exchange, str_from(entry->name), value, &attributes);
    explain(call, entry, "set", why);
}

void cookie_delete(struct call *call, enum cookie_id id, const char *why)
{
    const struct cookie_entry *entry = cookie_entry(id);
    if (call->ignores_cookies) {
        return;
    }
    struct cookie_attributes attributes = attributes_of(call, entry, -1);
    response_cookie(call->exchange, str_from(entry->name), S(""), &attributes);
    explain(call, entry, "deleted", why);
}

void cookies_delete_refused(struct call *call, const struct consent *consent, const char *why)
{
    str rest = call->ignores_cookies ? STR_NONE : exchange_cookies(call->exchange);
    struct cookie_pair pair;
    while (cookie_next(&call->scope->arena, &rest, &pair)) {
        const struct service *service;
        const struct service_cookie *cookie = registry_cookie(call->registry, pair.name, &service);
        if (!cookie || consent_allows(consent, service) || !cookie_name_is_good(pair.name)) {
            continue;
        }
        struct cookie_attributes attributes = {.secure = call->is_https,
                                               .same_site = "Lax",
                                               .max_age = -1,
                                               .path = cookie->path,
                                               .domain = cookie->domain};
        response_cookie(call->exchange, pair.name, S(""), &attributes);
        if (call->app->explain_cookies) {
            buf_printf(&call->explanation, "%s%.*s deleted: %s", call->explanation.n ? "; " : "",
                       STR_ARG(pair.name), why);
        }
    }
}

str cookie_get(struct call *call, enum cookie_id id, bool *ret_conflict)
{
    bool conflict = false;
    str value = STR_NONE;
    if (!call->ignores_cookies) {
        value = cookie_value(&call->scope->arena, exchange_cookies(call->exchange),
                             str_from(cookie_entry(id)->name), &conflict);
    }
    if (ret_conflict) {
        *ret_conflict = conflict;
    }
    return value;
}

void cookies_explain(struct call *call)
{
    if (!call->app->explain_cookies) {
        return;
    }
    if (call->explanation.n == 0) {
        buf_add(&call->explanation, S("none set: the answer needs no cookie"));
    }
    response_header(call->exchange, S("X-Parvis-Cookies"), buf_str(&call->explanation));
}
