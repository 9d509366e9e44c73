/* The rules in the catalogue's database: changing them, names of their subjects. Private to this directory. */
#ifndef DOMAIN_IDENTITY_ACCESS_STORE_H
#define DOMAIN_IDENTITY_ACCESS_STORE_H

#include "domain/identity/access.h"

/** As access_set. */
enum err store_set(struct scope *scope, struct catalog *catalog, str dataset,
                   const struct access_rule *rule) must_check;

/** As access_unset. */
enum err store_unset(struct scope *scope, struct catalog *catalog, str dataset,
                     enum access_subject kind, int64_t subject) must_check;

/** As access_find_subject. */
enum err store_find_subject(struct scope *scope, struct catalog *catalog, enum access_subject kind,
                            str name, int64_t *ret_id) must_check;

/** A copy in the scope's arena, with the name of the subject. */
enum err store_copy_rule(struct scope *scope, struct catalog *catalog,
                         const struct access_rule *rule, struct access_rule *ret_rule) must_check;

#endif
