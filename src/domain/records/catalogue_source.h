/*
 * The catalogue as a source of ODSQL: an in-memory database with one row per dataset, the latest modified
 * first, made again for each generation of the catalogue. Private to this directory.
 */
#ifndef DOMAIN_RECORDS_CATALOGUE_SOURCE_H
#define DOMAIN_RECORDS_CATALOGUE_SOURCE_H

#include <pthread.h>

#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "domain/catalog/snapshot.h"
#include "domain/odsql/odsql.h"
#include "platform/db/db.h"

/* ---- columns ---- */

struct catalogue_column {
    const struct metadata_row *row; /* NULL: of a template without rows, or no metadata */
    str template_name, name;        /* template_name empty: no metadata */
    enum metadata_type type;
};

struct catalogue_columns {
    const struct catalogue_column *items;
    size_t count;
    struct schema schema; /* a field for each */
};

/* ---- the source ---- */

#define CATALOGUE_SEARCHES_KEPT 16

struct catalogue_search;

struct catalogue_source {
    struct scope scope; /* holds name, schema and rows */
    const struct snapshot *snapshot;
    uint64_t generation, fingerprint; /* of the snapshot */
    str database; /* name it is attached under */
    struct schema schema;
    const struct dataset **rows; /* light row of each dataset, in the order of the table */
    size_t count;
    bool hides_fields; /* of some dataset */
    const int64_t *numbers; /* of the datasets, ascending */
    const uint32_t *row_of; /* the row of each of numbers */
    int users;
    struct catalogue_index index; /* for odsql.h */
    pthread_mutex_t mutex; /* guards the searches */
    struct catalogue_search *searches[CATALOGUE_SEARCHES_KEPT];
    uint64_t search_uses;
};

/**
 * Makes the database of a snapshot, which it keeps; number makes its name. Undone by
 * catalogue_source_close. Errors: ERR_DATABASE.
 */
enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               const struct snapshot *snapshot, uint64_t number,
                               struct catalogue_source **ret) must_check;

/** Detaches the database and frees source. */
void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source);

/** Frees source without its database. */
void catalogue_source_free(struct catalogue_source *source);

/** Row of a dataset by its number, or SIZE_MAX. */
size_t catalogue_row(const struct catalogue_source *source, int64_t number);

/* ---- its table ---- */

/**
 * The columns: those of the dataset object, the rows of metadata_template.def, and the names that any
 * dataset has in a template without rows. Errors: ERR_DATABASE.
 */
enum err catalogue_columns_make(struct scope *scope, const struct catalogue_source *source,
                                struct catalogue_columns *ret_columns) must_check;

/** Makes the table with a row for each of source->rows. Errors: ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED. */
enum err catalogue_fill(struct scope *scope, struct db_lease *lease,
                        const struct catalogue_source *source,
                        const struct catalogue_columns *columns) must_check;

/* ---- full text ---- */

/** struct catalogue_index's rank (odsql.h) of a source: those of late are kept. Any thread. */
enum err catalogue_rank_text(struct scope *scope, void *source, str text,
                             const struct search_options *options,
                             const struct catalogue_ranks **ret_ranks) must_check;

/** Gives a reference back. */
void catalogue_search_release(void *search);

/** The engine function catalogue_rank(address of struct catalogue_ranks, rowid): the place, or null. */
void catalogue_rank(const struct batch *arguments, struct db_result *result, const void *user);

/**
 * The engine function has_words(value, text, last_is_start, is_fuzzy): whether all words of a text occur,
 * as struct search_options says.
 */
void has_words(const struct batch *arguments, struct db_result *result, const void *user);

#endif
