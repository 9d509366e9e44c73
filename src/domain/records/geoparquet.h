/* GeoParquet 1.1 (https://geoparquet.org/releases/v1.1.0/): which columns of a file are geometries. */
#ifndef DOMAIN_RECORDS_GEOPARQUET_H
#define DOMAIN_RECORDS_GEOPARQUET_H

#include "domain/records/format.h"

/** Whether an output is written as WKB. */
bool geoparquet_is_geometry(const struct output *output);

/**
 * Writes the value of the file's "geo" metadata; names are those of the columns. False, and nothing
 * written, when no output is a geometry.
 */
bool geoparquet_write(const struct plan *plan, const str *names, struct buf *out);

#endif
