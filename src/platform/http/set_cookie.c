/* Cookies of the answer, and the rule that keeps them out of shared caches. */
#include "base/bug.h"
#include "base/date.h"
#include "base/log.h"
#include "platform/http/cookie.h"
#include "platform/http/internal.h"

#define COOKIE_BYTES 4096                      /* name and value; browsers ignore longer ones */
#define MAX_AGE_SECONDS (400 * (int64_t)86400) /* browsers keep no cookie longer */

bool cookie_name_is_good(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && (!c || !strchr("!#$%&'*+-.^_`|~", c))) {
            return false;
        }
    }
    return text.n > 0 && text.n <= COOKIE_BYTES;
}

/* cookie-octets of RFC 6265 4.1.1 */
static bool is_cookie_octets(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c <= ' ' || c >= 0x7f || strchr("\",;\\", c)) {
            return false;
        }
    }
    return true;
}

void response_cookie(struct exchange *exchange, str name, str value,
                     const struct cookie_attributes *attributes)
{
    str same_site = str_from(attributes->same_site);
    bug_if(!cookie_name_is_good(name) || !is_cookie_octets(value) || name.n + value.n > COOKIE_BYTES);
    bug_if(!str_eq(same_site, S("Lax")) && !str_eq(same_site, S("Strict")) &&
           !(str_eq(same_site, S("None")) && attributes->secure));
    struct arena *arena = &exchange->scope.arena;
    bool deletes = attributes->max_age < 0;
    int64_t age = deletes                                 ? 0
                  : attributes->max_age > MAX_AGE_SECONDS ? MAX_AGE_SECONDS
                                                          : attributes->max_age;
    str expires = S("");
    str lifetime = S("");
    if (age || deletes) {
        usec until = deletes ? 0 : clock_wall() + age * USEC_SECOND;
        expires = str_printf(arena, "; expires=%.*s GMT", STR_ARG(date_header_text(arena, until)));
        lifetime = str_printf(arena, "; Max-Age=%lld", (long long)age);
    }
    bug_if(!deletes && (attributes->path.n || attributes->domain.n));
    bug_if(!is_cookie_octets(attributes->path) || !is_cookie_octets(attributes->domain));
    str path = attributes->path.n ? attributes->path : S("/");
    value = deletes ? S("") : value;
    struct header cookie = {str_copy(arena, name),
                            str_printf(arena, "%.*s=%.*s%s%.*s%.*s%s%.*s; Path=%.*s; SameSite=%.*s%s",
                                       STR_ARG(name), STR_ARG(value),
                                       attributes->domain.n ? "; Domain=" : "",
                                       STR_ARG(attributes->domain), STR_ARG(expires),
                                       attributes->http_only ? "; HttpOnly" : "", STR_ARG(lifetime),
                                       STR_ARG(path), STR_ARG(same_site),
                                       attributes->secure ? "; Secure" : "")};
    for (size_t i = 0; i < exchange->cookies.count; i++) {
        if (str_eq(exchange->cookies.items[i].name, name)) {
            exchange->cookies.items[i] = cookie;
            return;
        }
    }
    vec_add(arena, &exchange->cookies, cookie);
    if (exchange->stream.open) {
        cookies_drop(exchange, "the headers were sent before it was set");
    }
}

void cookies_drop(struct exchange *exchange, const char *why)
{
    for (size_t i = 0; i < exchange->cookies.count; i++) {
        atomic_fetch_add(&exchange->server->cookies_dropped, 1);
        log_event(EV_COOKIE_DROPPED, "%.*s: %s", STR_ARG(exchange->cookies.items[i].name), why);
    }
    exchange->cookies.count = 0;
}

/* ---- what Cache-Control says ---- */

struct cache_control {
    bool is_public;  /* a cache that visitors share may keep the answer */
    bool is_private; /* it may not */
};

static void read_directives(str value, struct cache_control *ret)
{
    str directive;
    while (value.n && str_split(&value, ',', &directive)) {
        str name = str_trim(str_slice(directive, 0, str_find_char(directive, '=', 0)));
        bool is_bare = str_find_char(directive, '=', 0) == SIZE_MAX;
        ret->is_public |= str_eq_nocase(name, S("public")) || str_eq_nocase(name, S("s-maxage"));
        ret->is_private |=
            is_bare && (str_eq_nocase(name, S("private")) || str_eq_nocase(name, S("no-store")));
    }
}

static bool is_cache_control(const struct header *header)
{
    return str_eq_nocase(header->name, S("Cache-Control"));
}

void cookies_settle(struct exchange *exchange)
{
    struct cache_control said = {0};
    size_t kept = 0;
    if (exchange->cookies.count == 0) {
        return;
    }
    for (size_t i = 0; i < exchange->headers.count; i++) {
        if (is_cache_control(&exchange->headers.items[i])) {
            read_directives(exchange->headers.items[i].value, &said);
        }
    }
    if (said.is_public) {
        cookies_drop(exchange, "the answer was said to be public");
    } else if (said.is_private) {
        return;
    }
    for (size_t i = 0; i < exchange->headers.count; i++) {
        if (!is_cache_control(&exchange->headers.items[i])) {
            exchange->headers.items[kept++] = exchange->headers.items[i];
        }
    }
    exchange->headers.count = kept;
    response_header(exchange, S("Cache-Control"), S("no-store"));
}
