/* The versions of a dataset that are kept, as its page lists them. */
#ifndef DOMAIN_CATALOG_VERSION_H
#define DOMAIN_CATALOG_VERSION_H

#include "domain/catalog/catalog.h"

struct version {
    int64_t number;
    int64_t records; /* all of them, also those that the one who asks may not see */
    usec created;
};

/**
 * The latest versions of a dataset, newest first, at most so many, in the scope's arena.
 * Errors: ERR_DATABASE, ERR_BUSY, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err catalog_versions(struct scope *scope, struct catalog *catalog, str uid, int64_t most,
                          const struct version **ret_versions, size_t *ret_count) must_check;

#endif
