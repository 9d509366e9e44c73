/* What concerns somebody: datasets with a rule for him, and what was done to datasets. */
#ifndef DOMAIN_IDENTITY_OWN_H
#define DOMAIN_IDENTITY_OWN_H

#include "domain/catalog/catalog.h"
#include "domain/identity/audit.h"

/** The uids of datasets with a rule for a user himself, ascending, in the scope's arena. Errors: ERR_DATABASE, ERR_BUSY. */
enum err own_datasets(struct scope *scope, struct catalog *catalog, int64_t user, const str **ret_uids,
                      size_t *ret_count) must_check;

/**
 * The latest acts on datasets and their versions, at most so many, of those whose subject (the dataset's id)
 * is_wanted; it looks at the last few thousand only. Errors: as own_datasets.
 */
enum err own_activity(struct scope *scope, struct identity *identity, bool (*is_wanted)(const void *user, str id),
                      const void *user, size_t most, const struct audit_row **ret_rows, size_t *ret_count) must_check;

#endif
