/* Where a form may send its visitor afterwards (cookies-and-privacy.md 1.6, open-redirect test). */
#ifndef WEB_SHELL_REDIRECT_H
#define WEB_SHELL_REDIRECT_H

#include "base/str.h"

/**
 * Whether next stays on this host. host: ours with port. is_https: then only https or no scheme is allowed.
 * *ret_target: path and query only, percent-encoded where needed, beginning with one '/'; never a host.
 */
bool redirect_is_safe(struct arena *arena, str next, str host, bool is_https, str *ret_target);

#endif
