/*
 * Moving a whole portal from a data directory into PostgreSQL, or back: all versions of all datasets,
 * attachments, and the rows of all services under their numbers. The origin is only read.
 *
 * Versions and attachments come first, one by one, each compared with its origin and then noted in the target, so that an
 * interrupted move goes on where it was. The rows come last, in one transaction, while nobody can change the
 * origin; before it the target is no catalogue that anything else opens (CATALOG_MIGRATING).
 */
#ifndef DOMAIN_TRANSFER_TRANSFER_H
#define DOMAIN_TRANSFER_TRANSFER_H

#include "domain/catalog/catalog.h"
#include "domain/ingest/ingest.h"

struct transfer_options {
    struct store from, to; /* one of them with a url, whose data_directory is not used; the other without */
    uint64_t memory_bytes; /* of the engine; 0: 1 GiB */
    int threads;           /* of the engine; 0: one per core */
    struct ingest_progress *progress; /* phase and rows; NULL: nobody looks */
    void (*tell)(void *user, const struct remark *line); /* what was done, for people; NULL: nobody looks */
    void *user;
};

struct transfer_result {
    int64_t datasets, versions, records; /* that are in the target now */
    int64_t versions_before;             /* of them copied by an earlier, interrupted move */
    int64_t attachments;
    int64_t rows; /* of services */
    bool lacks_secret; /* the master secret was not where the origin keeps it */
};

/**
 * Moves, or goes on with an interrupted move. Errors: ERR_CONFLICT (the target holds something else, or
 * somebody is at work on it), ERR_NO_DATASET (there is no catalogue at the origin), ERR_DATA (the origin is
 * damaged, or a copy differs from it), those of files and engines.
 */
enum err transfer_run(struct scope *scope, const struct transfer_options *options,
                      struct transfer_result *ret_result) must_check;

#endif
