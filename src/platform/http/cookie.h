/*
 * Cookies on the wire: reading the Cookie header, writing Set-Cookie. Nothing about policy: which
 * cookies there are is domain/privacy's, and only web/shell/cookies.c may call response_cookie.
 */
#ifndef PLATFORM_HTTP_COOKIE_H
#define PLATFORM_HTTP_COOKIE_H

#include "platform/http/exchange.h"

struct cookie_pair {
    str name, value;
};

/**
 * Next pair of a Cookie header value; false at the end. Splits on ';' only, the first '=' separates,
 * without '=' the name is empty, blanks around both go, quoted values are unquoted
 * (cookies-and-privacy.md 2.3, as Django since CVE-2016-7401). Pairs with control bytes are passed
 * over; other bytes need not be UTF-8. Never fails, copies only to unquote.
 */
bool cookie_next(struct arena *arena, str *rest, struct cookie_pair *ret_pair);

/**
 * Value of a cookie in a header: the last of that name, or STR_NONE. ret_conflict (may be NULL):
 * the name occurs with different values. Reads at most LIMIT_COOKIES pairs.
 */
str cookie_value(struct arena *arena, str header, str name, bool *ret_conflict);

/**
 * The request's Cookie lines joined with "; ", the first LIMIT_COOKIES parts of them; empty when there
 * are none. A view, or in the exchange's arena.
 */
str exchange_cookies(struct exchange *exchange);

struct cookie_attributes {
    bool http_only;
    bool secure;
    const char *same_site; /* "Lax", "Strict" or "None" */
    int64_t max_age;       /* seconds; 0: until the browser closes; negative: delete */
    str path, domain;      /* of a cookie that is not ours, to delete it; empty: Path=/ and no Domain */
};

/** Whether a name may be sent with response_cookie: a token (RFC 9110 5.6.2). */
bool cookie_name_is_good(str name);

/**
 * Adds one Set-Cookie line: Max-Age and Expires are of the same instant; Path is / and there is no Domain
 * but in deletions that name others.
 * Setting a name again in one response replaces the earlier line. The value is of RFC 6265
 * cookie-octets, name and value at most 4096 bytes together: else a bug of ours.
 * A response with cookies is never kept in the cache, and its Cache-Control becomes "no-store" unless
 * it says "private" or "no-store". Where it says "public" or "s-maxage", where the answer is one of
 * the cache, and where the headers were sent before, the cookie is dropped: a fault that is counted
 * and logged. A 304 carries none (cookies-and-privacy.md 2.4). Ages over 400 days are cut to that.
 */
void response_cookie(struct exchange *exchange, str name, str value,
                     const struct cookie_attributes *attributes);

#endif
