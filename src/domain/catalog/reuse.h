/*
 * Reuses of datasets: what people made of the data. Like attachments they are part of the stored metadata
 * ("reuses"), beside what is described, so that a description replaces none of them.
 */
#ifndef DOMAIN_CATALOG_REUSE_H
#define DOMAIN_CATALOG_REUSE_H

#include "domain/catalog/catalog.h"

#define REUSES_MOST 200 /* of one dataset */
#define REUSE_TEXT_BYTES 2000 /* of a member */

struct reuse {
    str id; /* given when it is added */
    str title, address, author, description; /* address: http or https; the last two may be empty */
};

/** All of a dataset that is loaded, in the order they were added, in the scope's arena. Errors: ERR_DATABASE. */
enum err reuses_of(struct scope *scope, const struct dataset *dataset, const struct reuse **ret_reuses,
                   size_t *ret_count) must_check;

/**
 * Adds a reuse, or changes the one of its id where it has one. Errors: ERR_NO_DATASET, ERR_NO_RECORD (no such id),
 * ERR_CONFLICT (REUSES_MOST), ERR_DATABASE.
 */
enum err catalog_reuse_put(struct scope *scope, struct catalog *catalog, str dataset,
                           const struct reuse *reuse) must_check;

/** Takes one away. Errors: ERR_NO_DATASET, ERR_NO_RECORD, ERR_DATABASE. */
enum err catalog_reuse_remove(struct scope *scope, struct catalog *catalog, str dataset, str id) must_check;

#endif
