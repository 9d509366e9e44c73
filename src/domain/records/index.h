/*
 * The search index of a table: an inverted index, one row per word, field and block of up to a few
 * hundred records, sorted by word so that the engine's zone maps find a word by reading one or two
 * row groups. Words are those of platform/text/fold.h.
 */
#ifndef DOMAIN_RECORDS_INDEX_H
#define DOMAIN_RECORDS_INDEX_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

#define INDEX_CONNECTIONS 16 /* that a build uses at most, the given lease included */

struct index_options {
    const struct schema *schema;
    str database; /* the name the table's database is attached under; empty: the engine's own */
    str table;
    /* More connections to read the table with several threads; NULL: only the given lease. */
    struct db *db;
    int threads;           /* with db; 0: one per core */
    const char *directory; /* for temporary files */
    uint64_t memory_bytes; /* of the collected words, about; 0: 64 MB */
};

/**
 * Builds the table "postings" (term, field, rows: a list of row ids) next to a table, over its
 * text fields. Errors: those of db_run and db_append, ERR_FILE (temporary files).
 */
enum err index_build(struct scope *scope, struct db_lease *lease,
                     const struct index_options *options) must_check;

#endif
