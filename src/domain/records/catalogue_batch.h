/* Rows of the catalogue's table, made from datasets as they are stored. Private to this directory. */
#ifndef DOMAIN_RECORDS_CATALOGUE_BATCH_H
#define DOMAIN_RECORDS_CATALOGUE_BATCH_H

#include "domain/records/catalogue_source.h"

#define CATALOGUE_BATCH_ROWS 512 /* a multiple of 64 */
#define CATALOGUE_BATCH_BYTES ((size_t)16 << 20) /* of texts, after which a batch takes no more rows */

struct catalogue_batch;

/** Undone by catalogue_batch_free. columns outlive it. */
struct catalogue_batch *catalogue_batch_new(const struct catalogue_columns *columns);
void catalogue_batch_free(struct catalogue_batch *batch);

/** Empties it for rows whose values live in a scope. */
void catalogue_batch_begin(struct catalogue_batch *batch, struct scope *scope);

/** Whether it takes no more rows. */
bool catalogue_batch_is_full(const struct catalogue_batch *batch);

/** Adds the row of a dataset; texts: what was read ahead, or NULL. Errors: as dataset_load. */
enum err catalogue_batch_add(struct catalogue_batch *batch, const struct snapshot *snapshot,
                             const struct dataset *light, const struct dataset_texts *texts) must_check;

/** The rows so far, for db_append. Borrowed from the batch and its scope. */
struct batch catalogue_batch_rows(const struct catalogue_batch *batch);

#endif
