/*
 * Batches with short values, for those who show many records at once: long texts are cut, shapes are their
 * kind alone. What is cut is longer than the limit that was asked for, so that it can be told from the rest.
 */
#ifndef DOMAIN_RECORDS_EXCERPT_H
#define DOMAIN_RECORDS_EXCERPT_H

#include "domain/odsql/odsql.h"
#include "platform/db/cell.h"

/**
 * A batch of a plan's rows in the arena, borrowing from the given one: texts, items of lists and JSON are cut
 * behind so many bytes, lists behind EXCERPT_ITEMS; cut JSON becomes a text.
 */
struct batch excerpt_make(struct arena *arena, const struct plan *plan, const struct batch *batch,
                          size_t longest);

#define EXCERPT_ITEMS 100

#endif
