/*
 * The search index of a table: an inverted index, one row per word, field and block of packed row
 * numbers (postings.h), sorted by word so that the engine's zone maps find a word by reading one or
 * two row groups. Words are those of platform/text/fold.h.
 *
 * An engine scans the table with its own threads and hands every batch to a function, which is the
 * indexer's; so an indexer belongs to the engine it was registered with.
 */
#ifndef DOMAIN_RECORDS_INDEX_H
#define DOMAIN_RECORDS_INDEX_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

struct indexer;

/** Makes an indexer, for one engine. Undone by indexer_free, after the engine's db_close. */
struct indexer *indexer_new(void);

/** Frees. Accepts NULL. */
void indexer_free(struct indexer *indexer);

/**
 * The functions an engine must be opened with: those of records_functions and the indexer's own.
 * They live as long as the indexer.
 */
const struct db_function *indexer_functions(const struct indexer *indexer, size_t *ret_count);

struct index_options {
    const struct schema *schema;
    str database; /* the name the table's database is attached under; empty: the engine's own */
    str table;
    const char *directory; /* for temporary files */
    uint64_t memory_bytes; /* of the collected words, about; 0: 64 MB */
    int threads;           /* of the engine; 0: one per core */
};

/**
 * Builds the table "postings" (term, field, packed: rows for the function posting_rows) next to a
 * table, over its text fields. One build at a time; others wait.
 * Errors: those of db_run and db_append, ERR_FILE (temporary files).
 */
enum err index_build(struct scope *scope, struct db_lease *lease, struct indexer *indexer,
                     const struct index_options *options) must_check;

#endif
