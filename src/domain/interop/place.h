/* The extent of a dataset (metas.default.bbox, a GeoJSON Feature) in the forms of vocabularies.
 * Private to this directory. */
#ifndef DOMAIN_INTEROP_PLACE_H
#define DOMAIN_INTEROP_PLACE_H

#include "base/json_read.h"

/** "POLYGON((lon lat, …))" of a polygon's outer ring; empty for anything else. */
str place_wkt(struct arena *arena, const json_t *feature);

/** The geometry as GeoJSON text; empty when there is none. */
str place_geojson(struct arena *arena, const json_t *feature);

/** "south west north east" of a polygon's outer ring, as schema.org's box; empty for anything else.
 */
str place_box(struct arena *arena, const json_t *feature);

/** "west,south,east,north", as Project Open Data has it; likewise. */
str place_bounds(struct arena *arena, const json_t *feature);

#endif
