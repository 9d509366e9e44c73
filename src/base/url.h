/* Percent coding and query strings (RFC 3986, application/x-www-form-urlencoded). */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/buf.h"
#include "base/scope.h"

struct query_parameter {
    str name;
    str value;
};

struct query {
    struct query_parameter *items; /* in the order of the URL */
    size_t count;
};

/**
 * Decodes %XX; with plus_is_blank also '+'. The result lives in the arena. False when a % is not
 * followed by two hex digits or the result is not valid UTF-8.
 */
bool url_decode(struct arena *arena, str text, bool plus_is_blank, str *ret_text);

/**
 * Splits a query string (without '?') into decoded pairs. Empty pairs are dropped.
 * Errors: ERR_REQUEST (encoding), ERR_TOO_LARGE (LIMIT_QUERY_BYTES, LIMIT_QUERY_PARAMETERS).
 */
enum err query_parse(struct scope *scope, str text, struct query *ret_query) must_check;

/** First value of a parameter, or NULL. Names are case-sensitive. */
const str *query_find(const struct query *query, str name);

/** Bytes of the scheme that an address begins with, without its colon; 0: it has none. */
size_t url_scheme_length(str address);

/** What stands before path, query and fragment in text, which begins behind "//". */
str url_authority(str text);

/** Appends text with everything but unreserved characters percent-coded. */
void url_encode(struct buf *buf, str text);

#endif
