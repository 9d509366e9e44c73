/* Headers that whole classes of answers share (explore-api.md 1.2, 7.4; cookies-and-privacy.md 7.4). */
#ifndef WEB_SHELL_HEADERS_H
#define WEB_SHELL_HEADERS_H

#include "platform/http/exchange.h"
#include "platform/i18n/locale.h"
#include "web/shell/quota.h"

/** Every answer: nosniff, and HSTS when the portal is reached over HTTPS. */
void headers_common(struct exchange *exchange);

/** What is no page and no data of the API: the above, and that it must do nothing when opened as a page. */
void headers_plain(struct exchange *exchange);

/** Says once, at start, whether the portal is reached over HTTPS. */
void headers_use_hsts(bool is_https);

/** Whom an answer of the API is for. */
enum api_caller {
    API_ANYBODY,
    API_KEY,     /* or who gave a bad one: nobody may keep the answer */
    API_SESSION  /* a browser that is signed in: moreover, other sites' pages have no business with it */
};

/** CORS and security headers of an API answer; no cookie is ever set on these. */
void headers_api(struct exchange *exchange, enum api_caller caller);

/** Answers a CORS preflight. */
void headers_preflight(struct exchange *exchange);

/** X-RateLimit-Limit, -Remaining and -Reset, when a limit applies. */
void headers_quota(struct exchange *exchange, const struct quota_answer *quota);

/* Of a page. */
struct page_headers {
    str policy;          /* Content-Security-Policy */
    str cache_control;
    bool may_be_framed;  /* by frame-ancestors of the policy: X-Frame-Options is then left out */
    language language;
    bool asks_consent;   /* what is shown depends on the browser's signals of refusal */
    bool is_embed;       /* for frames of other sites: the answer does not depend on cookies */
    bool hides_path;     /* the address is a secret: it is told to nobody, not even to our other pages */
};
void headers_page(struct exchange *exchange, const struct page_headers *headers);

#endif
