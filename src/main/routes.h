/* The tables of routes of the whole site. */
#ifndef MAIN_ROUTES_H
#define MAIN_ROUTES_H

#include "web/shell/route.h"

/** The tables, the API first, whose requests are the most; in static memory. */
const struct route_table *site_routes(size_t *ret_count);

#endif
