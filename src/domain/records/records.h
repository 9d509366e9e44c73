/*
 * Reading versions: one DuckDB instance per process with the version files attached read-only, or tables of
 * PostgreSQL. A lease pins one version, so that publishing a newer one never disturbs it; files that nobody
 * uses are detached, least recently used first. The list of datasets is read by DuckDB in any case.
 */
#ifndef DOMAIN_RECORDS_RECORDS_H
#define DOMAIN_RECORDS_RECORDS_H

#include "domain/catalog/catalog.h"
#include "domain/catalog/snapshot.h"
#include "domain/odsql/odsql.h"
#include "platform/db/db.h"

/* Besides the fields' columns every records table has "_key" BIGINT, the first 64 bits of the record
 * id where no field is hidden; rows are numbered by the engine's rowid in the order of the source file. */
#define RECORDS_KEY_COLUMN S("_key")

struct records;
struct point_indexes;

struct records_options {
    const struct store *store;
    uint64_t memory_bytes; /* of the engine, 0: its default; an eighth of it more for the points of maps */
    int threads;
    int connections;
    int attached_limit; /* version files attached at once; 0: 256 */
};

/** Opens the engine. Undone by records_close. Errors: ERR_DATABASE. */
enum err records_open(struct scope *scope, const struct records_options *options,
                      struct records **ret_records) must_check;
void records_close(struct records *records);

/* A connection together with a pinned source. */
struct records_lease {
    struct db_lease *db;
    struct source source;
    struct records *records;
    void *pin;
    str lang; /* of values of the catalogue */
    bool is_borrowed; /* the connection is that of another lease */
};

/**
 * Leases a connection that reads the current version of a dataset, as far as its schema and filters
 * let it be seen.
 * Errors: ERR_BUSY, ERR_DEADLINE, ERR_DATABASE; ERR_NO_RECORD when the dataset has no records.
 */
enum err records_lease(struct scope *scope, struct records *records, const struct dataset *dataset,
                       struct records_lease *ret_lease) must_check;

/**
 * Pins another version for statements of a lease: its source is another one of the same connection. To be released
 * before it. Errors: as records_lease.
 */
enum err records_lease_also(struct scope *scope, const struct records_lease *lease,
                            const struct dataset *dataset, struct records_lease *ret_lease) must_check;

/**
 * The same for the catalogue as a source (is_catalogue), made of the snapshot's datasets: one row per dataset, a column per
 * metadata field ("default.title", …, "dataset_id", "has_records", "features"), the latest modified first. Values are
 * in lang where there are any, else as they are; lang may be empty, and lives as long as the scope.
 */
enum err records_lease_catalogue(struct scope *scope, struct records *records,
                                 const struct snapshot *snapshot, str lang,
                                 struct records_lease *ret_lease) must_check;

/**
 * The dataset object (dataset_document_in) of a row of a leased catalogue, by rowid. Errors: as dataset_load.
 */
enum err records_catalogue_document(struct scope *scope, const struct records_lease *lease,
                                    int64_t row, str lang, bool with_app_metas, str *ret_document)
    must_check;

/** Id of the dataset in a row of a leased catalogue, borrowed from the lease; and the number of its rows. */
str records_catalogue_id(const struct records_lease *lease, int64_t row);
int64_t records_catalogue_count(const struct records_lease *lease);

/**
 * Rows of a page of a leased catalogue: of those that choices leave, which are known (NULL: of all), from offset
 * on, at most limit. ret_total: of all pages. In the scope's arena.
 */
void records_catalogue_page(struct scope *scope, const struct records_lease *lease,
                            const struct choices *choices, int64_t offset, int64_t limit,
                            const int64_t **ret_rows, size_t *ret_count, int64_t *ret_total);

/** How many rows of a leased catalogue choices leave, which are known. */
int64_t records_catalogue_total(struct scope *scope, const struct records_lease *lease,
                                const struct choices *choices);

/** Gives the connection and the pin back. A zeroed lease is accepted. Usable with cleanup_with. */
void records_release(struct records_lease *lease);

/** The engine of this process, also where records are in PostgreSQL: for files that DuckDB writes. */
struct db *records_engine(const struct records *records);

/** The points of maps that are held in memory (point_indexes.h), and the bytes that they take. */
struct point_indexes *records_point_indexes(const struct records *records);
size_t records_map_bytes(const struct records *records);

/** Whether records are in PostgreSQL. */
bool records_in_database(const struct records *records);

/**
 * Tells for people where the records of a lease lie in PostgreSQL; empty where they are in a file. In the
 * scope's arena. Errors: as db_run.
 */
enum err records_place(struct scope *scope, const struct records_lease *lease, str *ret_text) must_check;

/**
 * Removes tables of PostgreSQL that nobody reads any more. One process at a time; nothing where records are in
 * files. Errors: as db_run.
 */
enum err records_upkeep(struct scope *scope, struct records *records) must_check;

/** Directory for temporary export files that statements of this engine may write. */
const char *records_spool_directory(const struct records *records);

/**
 * Counts the records of a dataset that its filters leave. Errors: as records_lease and db_run, but a
 * dataset without records has 0.
 */
enum err records_count(struct scope *scope, struct records *records, const struct dataset *dataset,
                       int64_t *ret_count) must_check;

/**
 * Appends the SQL of the 40-hex record id of a row as the one who asks knows it: the one that is stored,
 * or where fields are hidden one of the visible values.
 */
void records_id_expression(struct sql *sql, const struct source *source);

/**
 * Appends the SQL of the id that is stored: record_id("a", "b", …) over the id fields, or over all
 * fields. For DuckDB, over a whole table.
 */
void records_stored_id_expression(struct sql *sql, const struct schema *schema);

/** The value of "_key" of a row, in DuckDB. */
void records_key_expression(struct sql *sql, const struct schema *schema);

/** The value of "_key" for a record id text; false when text is not 40 hex digits. */
bool records_key_of_id(str id, int64_t *ret_key);

/**
 * Appends the condition that finds the record of an id as records_id_expression shows it; key is that
 * of records_key_of_id.
 */
void records_id_condition(struct sql *sql, const struct source *source, str id, int64_t key);

/**
 * Names of the columns of a table "records" with this schema, in a fixed order, RECORDS_KEY_COLUMN last. In the
 * arena.
 */
const str *records_columns(struct arena *arena, const struct schema *schema, size_t *ret_count);

/**
 * A number made of all values of a row, the same on both engines: what PostgreSQL cannot store (U+0000) counts
 * as what it has in its place.
 */
uint64_t records_row_checksum(const struct batch *batch, size_t row);

/** The engine functions that building and reading versions need (text_words, record_key, record_id, …). */
const struct db_function *records_functions(size_t *ret_count);

/** Those over shapes and points (shape_json, shape_west, …). */
const struct db_function *geometry_functions(size_t *ret_count);
const struct db_aggregate *geometry_aggregates(size_t *ret_count);

#endif
