/* What a publication changes, counted before it is one. Private to this directory. */
#ifndef DOMAIN_INGEST_CHANGES_H
#define DOMAIN_INGEST_CHANGES_H

#include "domain/ingest/publish.h"

/**
 * Counts the records of a sealed version that the current one has not, and so on, into version; -1 where that
 * cannot be done: a publication does not fail for it. Errors: ERR_CANCELLED, ERR_DEADLINE.
 */
enum err changes_count(struct scope *scope, struct catalog *catalog, const struct publish_options *options,
                       struct new_version *version) must_check;

#endif
