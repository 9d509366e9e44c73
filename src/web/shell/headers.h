/* Headers that whole classes of answers share (explore-api.md 1.2, 7.4; cookies-and-privacy.md 7.4). */
#ifndef WEB_SHELL_HEADERS_H
#define WEB_SHELL_HEADERS_H

#include "platform/http/exchange.h"

/** CORS and security headers of an API answer. No cookie is ever read or set on these. */
void headers_api(struct exchange *exchange);

/** Answers a CORS preflight. */
void headers_preflight(struct exchange *exchange);

#endif
