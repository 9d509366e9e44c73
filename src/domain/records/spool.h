/*
 * Exports that the engine writes as a whole file (Parquet). It has a name ("export-…" in the spool
 * directory) only while the engine writes it; afterwards it goes with its descriptor, so a client
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
 * Runs the plan and keeps its rows as a Parquet file: instants in UTC milliseconds, geo points as
 * "lat, lon" text, shapes and JSON as text.
 * Errors: as db_run; ERR_TOO_LARGE (LIMIT_SPOOL_BYTES), ERR_FILE.
 */
enum err spool_parquet(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                       const struct format_options *options, struct spool *ret_spool) must_check;

#endif
