/* Addresses of external services. */
#ifndef DOMAIN_PRIVACY_ORIGIN_H
#define DOMAIN_PRIVACY_ORIGIN_H

#include "base/str.h"

/**
 * https, a host in lower case, a port if need be, nothing behind. The first label may be "*" before at
 * least two others. Safe to be put into a Content-Security-Policy as it is.
 */
bool origin_is_good(str origin);

/** A host in lower case, without port and "*". */
bool host_is_good(str host);

/** https, a host in lower case, and the rest of visible ASCII without quotes, brackets and '\'. */
bool address_is_good(str address);

/** Whether an address is of the origin; "*" stands for one or more labels. */
bool origin_covers(str origin, str address);

#endif
