#include "web/shell/headers.h"

static const struct {
    const char *name;
    const char *value;
} rows[] = {
    {"Access-Control-Allow-Origin", "*"},
    {"Access-Control-Allow-Methods", "POST, GET, OPTIONS"},
    {"Access-Control-Allow-Headers",
     "Authorization, X-Requested-With, Origin, ODS-API-Analytics-App, "
     "ODS-API-Analytics-Embed-Type, ODS-API-Analytics-Embed-Referrer, ODS-Widgets-Version, Accept"},
    {"Access-Control-Expose-Headers",
     "ODS-Explore-API-Deprecation, Link, X-RateLimit-Remaining, X-RateLimit-Limit, "
     "X-RateLimit-Reset, X-RateLimit-dataset-Remaining, X-RateLimit-dataset-Limit, "
     "X-RateLimit-dataset-Reset"},
    {"Access-Control-Max-Age", "1000"},
    {"Cross-Origin-Resource-Policy", "cross-origin"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "strict-origin-when-cross-origin"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cache-Control", "no-cache"},
};

void headers_api(struct exchange *exchange)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        response_header(exchange, str_from(rows[i].name), str_from(rows[i].value));
    }
}

void headers_preflight(struct exchange *exchange)
{
    struct buf nothing = {0};
    headers_api(exchange);
    response_status(exchange, 204);
    response_body(exchange, &nothing);
}
