/*
 * Calls of the API a day that a user, the members of a group, or a key may make, where that differs from the
 * settings. A user's own limit holds; else the highest of his groups'. web/shell/quota.h counts by them.
 */
#ifndef DOMAIN_IDENTITY_LIMIT_H
#define DOMAIN_IDENTITY_LIMIT_H

#include "domain/identity/identity.h"

enum limited { LIMITED_USER, LIMITED_GROUP, LIMITED_KEY };

/** CALLS_DEFAULT where none is set; 0: no limit. Errors: ERR_DATABASE. */
enum err limit_get(struct scope *scope, struct identity *identity, enum limited kind, int64_t subject,
                   int64_t *ret_calls) must_check;

/**
 * Sets it; CALLS_DEFAULT takes it away. name: of the user, group or key, for the audit log.
 * Errors: ERR_USAGE (below CALLS_DEFAULT), ERR_DATABASE.
 */
enum err limit_set(struct scope *scope, struct identity *identity, const struct actor *by,
                   const struct origin *origin, enum limited kind, int64_t subject, str name, int64_t calls)
    must_check;

#endif
