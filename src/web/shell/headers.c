#include "web/shell/headers.h"

#include "base/date.h"

struct header_row {
    const char *name;
    const char *value;
};

static const struct header_row cors_rows[] = {
    {"Access-Control-Allow-Origin", "*"},
    {"Access-Control-Allow-Methods", "POST, GET, OPTIONS"},
    {"Access-Control-Allow-Headers",
     "Authorization, X-Requested-With, Origin, ODS-API-Analytics-App, "
     "ODS-API-Analytics-Embed-Type, ODS-API-Analytics-Embed-Referrer, ODS-Widgets-Version, Accept, Range"},
    {"Access-Control-Expose-Headers",
     "ODS-Explore-API-Deprecation, Link, X-RateLimit-Remaining, X-RateLimit-Limit, "
     "X-RateLimit-Reset, X-RateLimit-dataset-Remaining, X-RateLimit-dataset-Limit, "
     "X-RateLimit-dataset-Reset, Accept-Ranges, Content-Length, Content-Range, ETag, X-Request-Id"},
    {"Access-Control-Max-Age", "1000"},
    {"Cross-Origin-Resource-Policy", "cross-origin"},
};

static const struct header_row page_rows[] = {
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "geolocation=(self), camera=(), microphone=(), browsing-topics=()"},
};

/* Sites that isolate themselves may show them in frames, too. */
static const struct header_row embed_rows[] = {
    {"Cross-Origin-Resource-Policy", "cross-origin"},
    {"Permissions-Policy", "geolocation=(), camera=(), microphone=(), browsing-topics=()"},
};

static bool uses_hsts;

void headers_use_hsts(bool is_https)
{
    uses_hsts = is_https;
}

static void add(struct exchange *exchange, const struct header_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        response_header(exchange, str_from(rows[i].name), str_from(rows[i].value));
    }
}

void headers_common(struct exchange *exchange)
{
    response_header(exchange, S("X-Content-Type-Options"), S("nosniff"));
    if (uses_hsts) {
        response_header(exchange, S("Strict-Transport-Security"),
                        S("max-age=63072000; includeSubDomains"));
    }
}

void headers_plain(struct exchange *exchange)
{
    headers_common(exchange);
    response_header(exchange, S("Content-Security-Policy"),
                    S("default-src 'none'; frame-ancestors 'none'"));
    response_header(exchange, S("Referrer-Policy"), S("same-origin"));
    response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
}

void headers_api(struct exchange *exchange, enum api_caller caller)
{
    headers_common(exchange);
    if (caller == API_SESSION) {
        response_header(exchange, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    } else {
        add(exchange, cors_rows, ARRAY_LENGTH(cors_rows));
    }
    response_header(exchange, S("Referrer-Policy"), S("strict-origin-when-cross-origin"));
    response_header(exchange, S("Content-Security-Policy"),
                    S("default-src 'none'; frame-ancestors 'none'"));
    response_header(exchange, S("Cache-Control"),
                    caller == API_ANYBODY ? S("no-cache") : S("private, no-store"));
}

void headers_preflight(struct exchange *exchange)
{
    struct buf nothing = {0};
    headers_api(exchange, API_ANYBODY);
    response_status(exchange, 204);
    response_body(exchange, &nothing);
}

void headers_quota(struct exchange *exchange, const struct quota_answer *quota)
{
    if (!quota->limited) {
        return;
    }
    struct arena *arena = &exchange_scope(exchange)->arena;
    char day[DATE_TEXT_BYTES];
    size_t n = date_write_day(day, (int32_t)(quota->reset / ((usec)86400 * USEC_SECOND)));
    response_own_header(exchange, S("X-RateLimit-Limit"),
                    str_printf(arena, "%lld", (long long)quota->limit));
    response_own_header(exchange, S("X-RateLimit-Remaining"),
                    str_printf(arena, "%lld", (long long)quota->remaining));
    response_own_header(exchange, S("X-RateLimit-Reset"),
                    str_printf(arena, "%.*s 00:00:00+00:00", (int)n, day));
}

void headers_page(struct exchange *exchange, const struct page_headers *headers)
{
    headers_common(exchange);
    if (headers->is_embed) {
        add(exchange, embed_rows, ARRAY_LENGTH(embed_rows));
    } else {
        add(exchange, page_rows, ARRAY_LENGTH(page_rows));
    }
    response_header(exchange, S("Vary"),
                    headers->is_embed       ? S("Accept-Language")
                    : headers->asks_consent ? S("Accept-Language, Cookie, Sec-GPC, DNT")
                                            : S("Accept-Language, Cookie"));
    /* Never no-referrer: browsers would then send "Origin: null" with our own forms. */
    response_header(exchange, S("Referrer-Policy"),
                    headers->hides_path ? S("strict-origin") : S("same-origin"));
    response_header(exchange, S("Content-Type"), S("text/html; charset=utf-8"));
    response_header(exchange, S("Content-Security-Policy"), headers->policy);
    if (!headers->may_be_framed) {
        response_header(exchange, S("X-Frame-Options"), S("DENY"));
    }
    response_header(exchange, S("Content-Language"), language_code(headers->language));
    response_header(exchange, S("Cache-Control"), headers->cache_control);
}
