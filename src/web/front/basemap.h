/* The base map that the portal serves itself: land, borders and names of countries (docs/decisions/0024-map.md). */
#ifndef WEB_FRONT_BASEMAP_H
#define WEB_FRONT_BASEMAP_H

#include "web/shell/call.h"

#define BASEMAP_ZOOM_MOST 6

/* In the program: "PVB1", number of rows, rows of address, offset, length, then gzip streams (tools/basemap.mjs). */
extern const char basemap_bytes[], basemap_bytes_end[];

/** "/map/base/{z}/{x}/{y}.mvt?v=HASH", as libraries of maps take it. In the arena. */
str basemap_template(struct arena *arena);

/** The gzip stream of a tile; empty: there is nothing on it. False: no such tile. */
bool basemap_find(int64_t zoom, int64_t x, int64_t y, str *ret_bytes);

/** GET /map/base/{}/{}/{}.mvt. Errors: ERR_NO_ROUTE. */
call_handler basemap_get;

#endif
