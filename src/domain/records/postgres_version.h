/*
 * Versions in PostgreSQL: schema "parvis_records", table UID_NUMBER with the columns of the DuckDB table (their
 * types' counterparts, texts compared by code points), before them "rowid" (its number in the file) and "_id"
 * (20 bytes), and table UID_NUMBER_words, the inverted index (term, field, rows). A version is built in
 * DuckDB, so that all of it is the same with and without PostgreSQL, and then copied.
 */
#ifndef DOMAIN_RECORDS_POSTGRES_VERSION_H
#define DOMAIN_RECORDS_POSTGRES_VERSION_H

#include "domain/catalog/catalog.h"
#include "domain/catalog/field.h"
#include "platform/db/db.h"

#define POSTGRES_SCHEMA S("parvis_records")

/** Names of the tables of a version. In the arena. */
str postgres_table(struct arena *arena, str uid, int64_t number);
str postgres_words_table(struct arena *arena, str uid, int64_t number);

/** Opens a database with settings for records. Undone by db_close. Errors: ERR_BUSY, ERR_DATABASE. */
enum err postgres_open(struct scope *scope, const char *url, int connections, struct db **ret_db) must_check;

/** The same for one that another may stand in for (db_options.is_replaceable). */
enum err postgres_open_replica(struct scope *scope, const char *url, int connections,
                               struct db **ret_db) must_check;

/**
 * Takes the lock of a dataset, as long as the lease's connection lives. Errors: ERR_CONFLICT (another import
 * has it, on whatever node).
 */
enum err postgres_lock(struct scope *scope, struct db_lease *lease, str uid) must_check;

/* A version to be copied. */
struct postgres_copy {
    const struct schema *schema;
    str uid;
    int64_t number;
    int64_t distributed_rows; /* where there are workers, as many rows are distributed over them */
    _Atomic int64_t *rows;    /* grows with the rows that were copied; NULL: nobody looks */
};

/**
 * Copies a sealed version: tables "records" and "postings" of the database (empty: the engine's own) of a lease
 * of DuckDB into a lease of PostgreSQL. What is there of such a version is replaced. ret_bytes: what it takes.
 * Errors: those of both engines.
 */
enum err postgres_send(struct scope *scope, struct db_lease *from, str database, struct db_lease *to,
                       const struct postgres_copy *copy, int64_t *ret_bytes) must_check;

/**
 * Makes the table "records" of a version in the engine's own database of a lease of DuckDB, as it was before it
 * was sent; not the index. Errors: those of both engines.
 */
enum err postgres_receive(struct scope *scope, struct db_lease *from, struct db_lease *to,
                          const struct postgres_copy *copy) must_check;

/**
 * Copies the result of a statement of PostgreSQL into a table of DuckDB, which is made: columns c0, c1, …
 * database: "temp", or empty for the engine's own. Errors: those of both engines.
 */
enum err postgres_stage(struct scope *scope, struct db_lease *from, const struct sql *select,
                        struct db_lease *to, str database, str table) must_check;

/** Removes the tables of a version, if they are there. */
enum err postgres_drop(struct scope *scope, struct db_lease *lease, str uid, int64_t number) must_check;

/**
 * Removes tables of versions that ended some time ago, so that nobody reads them, and of imports that were
 * interrupted. Returns how many versions through ret_count.
 */
enum err postgres_remove_debris(struct scope *scope, struct db_lease *lease, size_t *ret_count) must_check;

#endif
