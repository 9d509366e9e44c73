/*
 * Files of maps and tables that GDAL reads: one layer becomes a spooled JSON Lines file whose columns
 * have known types. Private to this directory.
 */
#ifndef DOMAIN_INGEST_LAYERS_H
#define DOMAIN_INGEST_LAYERS_H

#include "domain/ingest/readable.h"

/** Whether files of this format are read here. */
bool layers_know(const char *format);

/**
 * Turns the file at path, of a format known here, into ret, which is in the spool directory of data. Errors:
 * ERR_USAGE (--layer, --sheet …), ERR_DATA (damaged; several layers; no reference system), ERR_TOO_LARGE,
 * ERR_FILE, those of scope_check.
 */
enum err layers_convert(struct scope *scope, const struct publish_options *options, const char *data,
                        const char *path, const char *format, struct readable_file *ret) must_check;

/* ---- geopackage.c ---- */

/** Refuses views and virtual tables among the layers. Errors: ERR_DATA. */
enum err geopackage_check(struct scope *scope, const char *path, const char *shown) must_check;

#endif
