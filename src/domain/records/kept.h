/*
 * Whole datasets as Parquet files, kept beside their versions (records/UID/N.parquet). A version
 * never changes, so the file is made once, at the first request, and goes with the version.
 * Programs read parts of it from afar; that only works when all parts come from the same bytes.
 */
#ifndef DOMAIN_RECORDS_KEPT_H
#define DOMAIN_RECORDS_KEPT_H

#include "domain/records/format.h"
#include "domain/records/records.h"

struct kept_file {
    int descriptor; /* open for reading; the caller closes it */
    uint64_t bytes;
    str tag;        /* changes with the bytes; p == NULL: there only this once, it was not kept */
};

/**
 * Whether an export is the kept file: all records and fields, for people who see everything, with
 * options that leave the bytes as they are.
 */
bool kept_parquet_suits(const struct dataset *dataset, const struct clauses *clauses,
                        const struct format_options *options);

/**
 * Opens the kept file of the dataset's current version, after making it if need be. Of several
 * calls at once one makes it, and the others wait.
 * Errors: as records_lease and spool_parquet; ERR_DEADLINE, ERR_CANCELLED.
 */
enum err kept_parquet_open(struct scope *scope, struct records *records,
                           const struct dataset *dataset, struct kept_file *ret_file) must_check;

/** Size of that file if it is there already, else 0. */
int64_t kept_parquet_bytes(struct scope *scope, const struct dataset *dataset);

/** Path of the kept file of a version, given that of the version's file; in the arena. */
str kept_parquet_path(struct arena *arena, str version_file);

#endif
