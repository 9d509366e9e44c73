/*
 * The search index of a table: an inverted index with one row per (word, field, record), sorted by
 * word so that the engine's zone maps find a word by reading one or two row groups, and the
 * words with how many rows they have. Words are those of platform/text/fold.h.
 */
#ifndef DOMAIN_RECORDS_INDEX_H
#define DOMAIN_RECORDS_INDEX_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

/**
 * Builds the tables "postings" (term, field, row) and "terms" (term, records) next to a table, over
 * its text fields. database is the name it is attached under; empty: the engine's own.
 * Errors: those of db_run.
 */
enum err index_build(struct scope *scope, struct db_lease *lease, const struct schema *schema,
                     str database, str table) must_check;

#endif
