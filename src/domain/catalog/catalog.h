/*
 * The catalogue: datasets, their metadata and versions, in one SQLite file of the data directory or in a
 * database of PostgreSQL. Every change is one transaction that also raises the generation; other processes
 * and other nodes notice by reading it.
 */
#ifndef DOMAIN_CATALOG_CATALOG_H
#define DOMAIN_CATALOG_CATALOG_H

#include "domain/catalog/snapshot.h"
#include "platform/db/schema.h"

struct catalog;

/* Where a portal keeps what it has. */
struct store {
    const char *data_directory; /* everything; beside a database: caches and temporary files */
    const char *url;            /* of PostgreSQL (postgresql://…); NULL: there is none */
    const char *read_url;       /* of a copy of that database, which records are read from; NULL: none */
    int64_t distributed_rows;   /* datasets of as many records are distributed over workers of Citus */
};

/**
 * Opens the catalogue, making directory and tables when they are missing, and reads the first snapshot.
 * Undone by catalog_close. Errors: ERR_FILE, ERR_DATABASE, ERR_BUSY (the database cannot be reached).
 */
enum err catalog_open_store(struct scope *scope, const struct store *store,
                            struct catalog **ret_catalog) must_check;

/**
 * Opens the database of a catalogue as catalog_open_store does, making directory and tables when they are missing,
 * for work on its rows. One that is the target of an unfinished migration is refused unless asked for
 * (ERR_CONFLICT). Undone by db_close. Errors: as catalog_open_store.
 */
enum err catalog_open_rows(struct scope *scope, const struct store *store, bool may_be_unfinished,
                           struct db **ret_db) must_check;

/** Key in the table state of a catalogue that is being migrated into; its value is the origin's identity. */
#define CATALOG_MIGRATING S("migrating")

/** What a data directory holds while a backup is being restored into it; then it is no catalogue that anything opens. */
#define CATALOG_RESTORING "restore.partial"

/** Keeps changes of rows in a transaction from being noted (generation, dataset_old), until the other is called. */
enum err catalog_pause_triggers(struct scope *scope, struct db_lease *lease) must_check;
enum err catalog_resume_triggers(struct scope *scope, struct db_lease *lease) must_check;

/** The catalogue's tables but for state, in the order of their references. */
const struct stored_table *catalog_tables(size_t *ret_count);

/** The same as catalog_open_store without PostgreSQL. */
enum err catalog_open(struct scope *scope, const char *data_directory, struct catalog **ret_catalog)
    must_check;
void catalog_close(struct catalog *catalog);

/** Reads the catalogue again when its generation has changed. Errors: ERR_DATABASE; the old snapshot stays. */
enum err catalog_refresh(struct scope *scope, struct catalog *catalog, bool *ret_changed) must_check;

/* A version about to become current. */
struct new_version {
    str dataset_id;
    str uid;
    int64_t number;
    int64_t records;
    int64_t bytes;
    const struct schema *schema;
    str source_name;     /* file name it was made from */
    str metadata;        /* as metadata_read gives it; p == NULL: keep what is there */
    str extent;          /* JSON object of catalog/extent.h by field; p == NULL: none */
    usec modified;       /* given with the metadata; 0: none */
    str author;          /* who publishes, a sign-in name; empty: the command line */
    str note;            /* what is new, for people; may be empty */
    int keep;            /* versions to keep, at least 1, besides pinned ones; the dataset may say another number */
    int64_t compared;    /* the version that what follows was counted against; 0: none */
    int64_t added, removed, changed; /* records; -1: not counted */
    bool is_restricted;  /* nobody but administrators sees it at first, when the dataset is new */
};

/**
 * Makes a version current in one transaction, creating the dataset when it is new. Rows of versions
 * beyond keep are removed; their numbers are returned, so that the caller deletes the files.
 * Errors: ERR_CONFLICT, ERR_DATABASE.
 */
enum err catalog_publish(struct scope *scope, struct catalog *catalog,
                         const struct new_version *version, const int64_t **ret_dropped,
                         size_t *ret_dropped_count) must_check;

/** uid and last used version number of a dataset; a fresh uid and 0 when it does not exist. */
enum err catalog_identify(struct scope *scope, struct catalog *catalog, str id, str *ret_uid,
                          int64_t *ret_last_version) must_check;

/**
 * Replaces metadata and schema annotations of a dataset and of its current version. seen: its metadata_processed when they were read, so
 * that nothing is overwritten that somebody else wrote since; 0: whatever is there is replaced. schema NULL: what
 * is said of the fields stays; else they must be those of the records, which may have been published meanwhile.
 * Errors: ERR_NO_DATASET, ERR_CONFLICT, ERR_DATABASE.
 */
enum err catalog_describe(struct scope *scope, struct catalog *catalog, str id, str metadata,
                          const struct schema *schema, usec seen) must_check;

/**
 * Makes a dataset without records that nobody but its owner and administrators sees: a draft. The owner (id of
 * a user; 0: none) gets all rights for it. metadata: as metadata_read gives them. Errors: ERR_USAGE (id),
 * ERR_CONFLICT (there is one of that id), ERR_DATABASE.
 */
enum err catalog_create(struct scope *scope, struct catalog *catalog, str id, str metadata,
                        int64_t owner, str *ret_uid) must_check;

/**
 * Ends the draft of a dataset: published. is_public: everybody sees it from now on; else its rules stay as they
 * are. Errors: ERR_NO_DATASET, ERR_DATABASE.
 */
enum err catalog_release(struct scope *scope, struct catalog *catalog, str id, bool is_public) must_check;

/**
 * Takes a dataset out of sight: from now on only those see it who have a rule of their own. is_draft: it is a draft
 * again. What the rule for everybody hides is hidden again after catalog_release. Errors: ERR_NO_DATASET, ERR_DATABASE.
 */
enum err catalog_withdraw(struct scope *scope, struct catalog *catalog, str id, bool is_draft) must_check;

/** Removes a dataset and its versions; the caller deletes the files. Errors: ERR_NO_DATASET. */
enum err catalog_remove(struct scope *scope, struct catalog *catalog, str id, str *ret_uid) must_check;

/** Changes the id of a dataset; its uid, versions, rules and attachments stay. Errors: as catalog_create, ERR_NO_DATASET. */
enum err catalog_rename(struct scope *scope, struct catalog *catalog, str id, str new_id) must_check;

/** Metadata of a dataset as JSON text. Errors: ERR_NO_DATASET. */
enum err catalog_metadata(struct scope *scope, struct catalog *catalog, str id, str *ret_metadata)
    must_check;

/** Whether a version of a dataset has a row, for the removal of debris. */
enum err catalog_has_version(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                             bool *ret_has) must_check;

/** Checks a dataset id: 1 to 100 of [a-z0-9_-], beginning with a letter or digit. Errors: ERR_USAGE. */
enum err catalog_check_id(struct scope *scope, str id) must_check;

/** The catalogue's database, for the tables of identity and privacy in the same file. Borrowed. */
struct db *catalog_database(struct catalog *catalog);

/** Generation of the catalogue as stored. Within a transaction it is that of all that is read there. */
enum err catalog_generation(struct scope *scope, struct db_lease *lease, int64_t *ret_generation)
    must_check;

/** Ends a transaction on the catalogue's database that changes what is seen: raises the generation, commits. */
enum err catalog_finish_change(struct scope *scope, struct db_lease *lease) must_check;

const char *catalog_data_directory(const struct catalog *catalog);

/** Where it is kept. Borrowed. */
const struct store *catalog_store(const struct catalog *catalog);

/** Path of a version's file in the arena: DATA/records/UID/NUMBER.duckdb. */
str catalog_version_path(struct arena *arena, const char *data_directory, str uid, int64_t number);

#endif
