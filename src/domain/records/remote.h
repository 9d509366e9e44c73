/*
 * Records in PostgreSQL as they are read: from the database itself, or from a replica of it as soon as that has
 * the version. A version never changes, so it is either wholly there or not yet. Private to this directory.
 */
#ifndef DOMAIN_RECORDS_REMOTE_H
#define DOMAIN_RECORDS_REMOTE_H

#include "domain/records/records.h"

struct remote;

/** Connects. Undone by remote_close. Errors: ERR_BUSY, ERR_DATABASE. */
enum err remote_open(struct scope *scope, const struct records_options *options,
                     struct remote **ret_remote) must_check;
void remote_close(struct remote *remote);

/** Leases a connection that reads the current version of a dataset. Errors: as db_lease. */
enum err remote_lease(struct scope *scope, struct remote *remote, const struct dataset *dataset,
                      struct records_lease *ret_lease) must_check;

/** What a statement reads of a dataset there. */
struct source remote_source(struct arena *arena, const struct remote *remote, const struct dataset *dataset);

/** As records_upkeep. */
enum err remote_upkeep(struct scope *scope, struct remote *remote) must_check;

#endif
