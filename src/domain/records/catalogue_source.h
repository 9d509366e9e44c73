/*
 * The catalogue as a source of ODSQL: what some people see of one generation, the latest modified first. Rows
 * are in an in-memory table to which they are only added, so that generations and people share it: each
 * source has its own places for the rows that it shows. Private to this directory.
 */
#ifndef DOMAIN_RECORDS_CATALOGUE_SOURCE_H
#define DOMAIN_RECORDS_CATALOGUE_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/vec.h"
#include "domain/catalog/metadata.h"
#include "domain/catalog/snapshot.h"
#include "domain/odsql/odsql.h"
#include "domain/records/catalogue_values.h"
#include "platform/db/db.h"

/* ---- columns ---- */

struct catalogue_column {
    const struct metadata_row *row; /* NULL: of a template without rows, which is open, or no metadata */
    str template_name, name;        /* template_name empty: no metadata */
    enum metadata_type type;
    str lang;                       /* of a translation; empty: the value as it is */
};

/** Whether a column is of a template without rows. */
static inline bool catalogue_is_open(const struct catalogue_column *column)
{
    return !column->row && column->template_name.n;
}

/** Whether clauses mean a column by a name: no letter case makes two of them. */
static inline bool catalogue_is_same_name(const struct catalogue_column *column, str template_name,
                                          str name)
{
    return str_eq(column->template_name, template_name) && str_eq_nocase(column->name, name);
}

struct catalogue_columns {
    const struct catalogue_column *items;
    size_t count;
};

/* ---- the table ---- */

struct catalogue_table {
    struct scope scope; /* holds name and columns */
    str database;       /* name it is attached under */
    struct catalogue_columns columns; /* of open templates one for each name and type of value, of
                                         translated values one for each language besides; only added to */
    struct schema schema;             /* of the columns */
    struct catalogue_values *values;  /* of the facets among them */
    size_t slots;   /* rows in it, also those that no source shows any more */
    bool is_broken; /* an addition failed: it takes no more */
    bool lacks_columns; /* who it was made for is shown more than it can have */
    atomic_int sources; /* that use it */
};

/* ---- the source ---- */

#define CATALOGUE_SEARCHES_KEPT 16

struct catalogue_search;

struct catalogue_source {
    struct scope scope; /* holds the arrays */
    const struct snapshot *snapshot;
    uint64_t generation, fingerprint; /* of the snapshot */
    struct catalogue_table *table;
    struct catalogue_columns stored; /* the table's columns when the source was made */
    struct schema stored_schema;
    const struct value_view *values; /* of facets, by stored column: what was there then */
    const size_t *used; /* those that have values here, in order; the others are not known to exist */
    size_t used_count;
    struct catalogue_columns fields; /* as clauses see them: of open templates one for each name */
    struct schema schema;            /* of the fields */
    const struct dataset **rows; /* light row of each dataset shown, in order */
    size_t count;
    size_t *slots;         /* of the rows in the table */
    bool hides_fields;     /* of some dataset */
    const int64_t *numbers; /* of the datasets, ascending */
    const uint32_t *row_of; /* the row of each of numbers */
    struct catalogue_ranks order; /* places by slot */
    bool is_in_order;      /* the first rows of the table are these */
    int users;
    struct catalogue_index index; /* for odsql.h */
    pthread_mutex_t mutex; /* guards the searches */
    struct catalogue_search *searches[CATALOGUE_SEARCHES_KEPT];
    uint64_t search_uses;
};

/**
 * Makes the source of a snapshot, which it keeps. Rows are shared with before, a source of an earlier
 * generation or for other people, or NULL; it must not be closed meanwhile. number makes the name of a new
 * table. Only one thread at a time. Undone by catalogue_source_close. Errors: ERR_DATABASE,
 * ERR_DEADLINE, ERR_CANCELLED, ERR_BUSY.
 */
enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               const struct snapshot *snapshot,
                               const struct catalogue_source *before, uint64_t number,
                               struct catalogue_source **ret) must_check;

/** Frees source, and detaches the table when no other source uses it. */
void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source);

/** Frees source; the engine is about to be closed. */
void catalogue_source_free(struct catalogue_source *source);

/** Row of a dataset by its number, or SIZE_MAX. */
size_t catalogue_row(const struct catalogue_source *source, int64_t number);

/* ---- filling ---- */

/**
 * Brings the columns of the source's table up to date: those of the dataset object, the rows of
 * metadata_template.def, and what changed rows have in templates without rows. Unless it may lack some, it is
 * left as it was when there is no room for all. Errors: ERR_DATABASE.
 */
enum err catalogue_columns_make(struct scope *scope, const struct catalogue_source *source,
                                const size_t *changed, size_t changed_count, bool may_lack,
                                bool *ret_has_all) must_check;

/** The type of column that holds a value in a template without rows. */
enum metadata_type catalogue_value_type(const json_t *value);

/**
 * Sets the fields of a source whose rows are in the table: only those of which it shows values, so that
 * nobody learns names or types from datasets that are hidden from him. Errors: ERR_DATABASE.
 */
enum err catalogue_fields_make(struct scope *scope, struct db_lease *lease,
                               struct catalogue_source *source) must_check;

/**
 * The rows that a source shows and its fields, as a relation in parentheses; its column rowid is the row.
 * Values are in lang where there are any, else as they are; lang may be empty. Bound to the arena, for
 * statements of one thread.
 */
const struct sql *catalogue_rows(struct arena *arena, const struct catalogue_source *source,
                                 str lang);

/**
 * The columns with translations of a field, by its number, of which the first that has a value serves lang, before
 * the value as it is. In the arena.
 */
size_t catalogue_translations(struct arena *arena, const struct catalogue_source *source, size_t at,
                              str lang, size_t **ret_columns);

/** Makes the table, or adds the columns it does not have: those from first on. Errors: ERR_DATABASE. */
enum err catalogue_table_make(struct scope *scope, struct db_lease *lease,
                              const struct catalogue_table *table) must_check;
enum err catalogue_table_extend(struct scope *scope, struct db_lease *lease,
                                const struct catalogue_table *table, size_t first) must_check;

/**
 * Adds rows of the source to its table and the table's values, in order. After an error any number of them may be there. Errors:
 * ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED, ERR_BUSY.
 */
enum err catalogue_fill(struct scope *scope, struct db_lease *lease,
                        const struct catalogue_source *source, const size_t *rows, size_t count)
    must_check;

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
