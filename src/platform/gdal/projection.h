/* Coordinates between WGS 84 and other reference systems (PROJ by way of GDAL). */
#ifndef PLATFORM_GDAL_PROJECTION_H
#define PLATFORM_GDAL_PROJECTION_H

#include "platform/gdal/gdal.h"

struct projection;

/**
 * From WGS 84 (longitude, latitude in degrees) to the system of an EPSG number, x (east) before y
 * (north) whatever the order of axes there. Undone by projection_close.
 * Errors: ERR_PARAMETER (no such system; it names the parameter epsg).
 */
enum err projection_open(struct scope *scope, int64_t epsg, struct projection **ret) must_check;
void projection_close(struct projection *projection);

/**
 * Transforms a WKB geometry in place. Errors: ERR_DATA (a point lies where the system is not defined).
 */
enum err projection_apply(struct scope *scope, struct projection *projection, char *wkb, size_t n) must_check;

/** PROJJSON of the system, in the projection's memory; for GeoParquet. */
str projection_json(struct projection *projection);

#endif
