/*
 * Building one immutable version of a dataset: a DuckDB file written under a temporary name, indexed and
 * checkpointed; then synced and renamed, or copied to PostgreSQL. Until it is published in the catalogue nobody
 * reads it; what a crash leaves behind is removed by version_remove_debris.
 */
#ifndef DOMAIN_RECORDS_VERSION_H
#define DOMAIN_RECORDS_VERSION_H

#include "domain/catalog/catalog.h"
#include "platform/db/db.h"

struct version_build;

struct version_options {
    const struct store *store;
    str uid;
    int64_t number;
    const struct db_function *functions; /* of the ingestion, besides records_functions */
    size_t function_count;
    uint64_t memory_bytes; /* 0: 1 GiB */
    int threads;           /* 0: one per core */
    /* Directory of the file that is read, besides the data directory; NULL: none. */
    const char *source_directory;
};

/**
 * Locks the dataset (its directory; in PostgreSQL for all nodes) and opens the file under its temporary name.
 * Errors: ERR_CONFLICT (another import of this dataset runs), ERR_FILE, ERR_DATABASE.
 */
enum err version_begin(struct scope *scope, const struct version_options *options,
                       struct version_build **ret_build) must_check;

/** The engine to create and fill the table "records" in. */
struct db *version_db(struct version_build *build);

/**
 * Builds the search index over the text fields of the table "records", and makes the version last: closes,
 * syncs and renames the file, or copies it. ret_bytes is its size. The lock stays until version_end.
 */
enum err version_seal(struct scope *scope, struct version_build *build,
                      const struct schema *schema, int64_t *ret_bytes) must_check;

/** Releases the lock; an unsealed file is deleted. Accepts NULL. */
void version_end(struct version_build *build);

/** For cleanup_with. */
void version_cleanup(struct version_build **build);

/**
 * Deletes the file of a version that no row names any more. In PostgreSQL such versions go by
 * postgres_remove_debris; then only what was kept beside them is deleted.
 */
void version_delete(const char *data_directory, str uid, int64_t number);

/** Deletes a dataset's directory with all versions. */
void version_delete_all(const char *data_directory, str uid);

/**
 * Makes a file of a version of PostgreSQL that the build's engine can attach; it is deleted by version_end.
 * Errors: those of both engines.
 */
enum err version_fetch(struct scope *scope, struct version_build *build,
                       const struct schema *schema, str uid, int64_t number, str *ret_path) must_check;

/**
 * Deletes what interrupted imports left: temporary files and versions that is_known does not know,
 * in every dataset directory that no import has locked. Returns the number of files deleted.
 */
size_t version_remove_debris(struct scope *scope, const char *data_directory,
                             bool (*is_known)(void *user, str uid, int64_t number), void *user);

#endif
