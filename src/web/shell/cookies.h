/*
 * The only way to set a cookie: by its entry in the registry (domain/privacy/cookies.def), never by
 * its name. tools/check_layers refuses the calls below this one anywhere else.
 */
#ifndef WEB_SHELL_COOKIES_H
#define WEB_SHELL_COOKIES_H

#include "web/shell/call.h"

#define COOKIE_DEFAULT_AGE (-1) /* the entry's max_age */

/**
 * Sets a cookie with the attributes of its entry, Secure on HTTPS. max_age: seconds, cut to the
 * entry's; 0: until the browser closes. why: for whoever asks why it was set (explain_cookies). Does nothing for
 * requests with an API key.
 */
void cookie_set(struct call *call, enum cookie_id id, str value, int64_t max_age, const char *why);

/** Deletes it, with the same attributes as when it was set. */
void cookie_delete(struct call *call, enum cookie_id id, const char *why);

/**
 * Deletes what scripts of services keep under the portal's name and this choice does not allow: of the cookies of
 * the request those that a service declares as the first party's.
 */
void cookies_delete_refused(struct call *call, const struct consent *consent, const char *why);

/** Value of a cookie as sent; STR_NONE: absent, or of an API route. ret_conflict: as cookie_value. */
str cookie_get(struct call *call, enum cookie_id id, bool *ret_conflict);

/** Adds the header that explains, in test mode. Called once, before the answer is sent. */
void cookies_explain(struct call *call);

#endif
