/* Datasets that a person set aside, to take them away together. Kept with the account, by their ids. */
#ifndef DOMAIN_IDENTITY_SELECTION_H
#define DOMAIN_IDENTITY_SELECTION_H

#include "domain/identity/identity.h"

#define SELECTION_MOST 50 /* datasets of one selection */

/** Ids in the order they were added, in the scope's arena. Errors: ERR_DATABASE, ERR_BUSY. */
enum err selection_list(struct scope *scope, struct identity *identity, int64_t user,
                        const str **ret_ids, size_t *ret_count) must_check;

/**
 * Adds a dataset; one that is there already stays. Whether it exists and may be seen is the caller's to say.
 * Errors: ERR_CONFLICT (SELECTION_MOST), ERR_DATABASE, ERR_BUSY.
 */
enum err selection_add(struct scope *scope, struct identity *identity, int64_t user, str dataset)
    must_check;

/** Takes a dataset away; one that is not there is no error. */
enum err selection_remove(struct scope *scope, struct identity *identity, int64_t user, str dataset)
    must_check;

/** Takes all away. */
enum err selection_clear(struct scope *scope, struct identity *identity, int64_t user) must_check;

#endif
