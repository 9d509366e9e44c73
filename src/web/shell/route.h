/*
 * Routes: the whole site is tables of these rows. A path pattern has segments; {} stands for one
 * non-empty segment, whose decoded value goes to call->path_values. A trailing slash is accepted on
 * every route.
 */
#ifndef WEB_SHELL_ROUTE_H
#define WEB_SHELL_ROUTE_H

#include "web/shell/call.h"

struct route {
    const char *pattern;
    call_handler *handler; /* GET and HEAD */
    enum lane lane;
    bool cacheable;        /* whole answers may be kept in the response cache */
    const char *name;      /* for metrics */
    const char *documentation;
};

/**
 * Finds the route of a raw path. ret_values gets the undecoded segments that stood for {}.
 * NULL when no pattern matches.
 */
const struct route *route_match(const struct route *routes, size_t count, str raw_path,
                                str ret_values[CALL_PATH_VALUES]);

#endif
