/*
 * Exports that are written as a whole file before they are sent. It has a name ("export-…" in the
 * spool directory) only while it is written; afterwards it goes with its descriptor, so a client
 * that leaves leaves nothing behind.
 */
#ifndef DOMAIN_RECORDS_SPOOL_H
#define DOMAIN_RECORDS_SPOOL_H

#include "domain/records/format.h"
#include "domain/records/records.h"

struct spool {
    int descriptor; /* open for reading at its start; the caller closes it */
    uint64_t bytes;
};

/**
 * Runs the plan and keeps its rows as a Parquet file: instants in UTC milliseconds, geo points and
 * shapes as WKB (geoparquet.h), JSON as text.
 * Errors: as db_run; ERR_PARAMETER (epsg other than 4326), ERR_TOO_LARGE (LIMIT_SPOOL_BYTES),
 * ERR_FILE.
 */
enum err spool_parquet(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                       const struct format_options *options, struct spool *ret_spool) must_check;

/** The same, with the file left in the spool directory for the caller to move or unlink. */
enum err spool_parquet_file(struct scope *scope, struct records_lease *lease,
                            const struct plan *plan, const struct format_options *options,
                            str *ret_path) must_check;

/**
 * The same as a workbook of one sheet; records are counted first.
 * Errors: as db_run and sheet.h; ERR_PARAMETER (more records than a sheet has rows).
 */
enum err spool_xlsx(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                    const struct format_options *options, struct spool *ret_spool) must_check;

/*
 * The same by drivers of GDAL (format/feature_files.c). Errors: as db_run; ERR_PARAMETER (epsg,
 * more records than the format takes), ERR_DATA (a geometry that cannot be projected),
 * ERR_TOO_LARGE, ERR_FILE.
 */
format_file_writer spool_shp; /* a zip of a shapefile: the kind of geometry of the first record */
format_file_writer spool_gpx; /* waypoints for points, tracks for lines and rings */
format_file_writer spool_fgb; /* FlatGeobuf with its index; records without geometry are left out */
format_file_writer spool_mvt; /* vector tiles in an MBTiles file */

/**
 * Opens a file that was written at path in the spool directory; the caller then unlinks it. Errors:
 * ERR_FILE.
 */
enum err spool_take(struct scope *scope, const char *path, struct spool *ret_spool) must_check;

#endif
