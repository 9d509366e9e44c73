/*
 * Groups of users, to give rights to (access.h). Their tables are made by identity_open.
 */
#ifndef DOMAIN_IDENTITY_GROUP_H
#define DOMAIN_IDENTITY_GROUP_H

#include "domain/catalog/catalog.h"

struct group {
    int64_t id;
    str name;
    usec created;
    int64_t members;
};

/** Errors: ERR_USAGE (a name is 1 to LIMIT_NAME_BYTES of UTF-8 without control characters), ERR_CONFLICT (it is taken). */
enum err group_add(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id) must_check;

/** By name. Errors: ERR_DATABASE. */
enum err group_list(struct scope *scope, struct catalog *catalog, const struct group **ret_groups,
                    size_t *ret_count) must_check;

/** Groups that a user is in, by name. */
enum err group_list_of_user(struct scope *scope, struct catalog *catalog, int64_t user,
                            const struct group **ret_groups, size_t *ret_count) must_check;

/** By id. Errors: ERR_NO_GROUP. */
enum err group_get(struct scope *scope, struct catalog *catalog, int64_t id, struct group *ret_group)
    must_check;

/** Gives a group another name. Errors: as group_add, ERR_NO_GROUP. */
enum err group_rename(struct scope *scope, struct catalog *catalog, int64_t id, str name) must_check;

/** By its exact name. Errors: ERR_NO_GROUP. */
enum err group_find(struct scope *scope, struct catalog *catalog, str name, int64_t *ret_id) must_check;

/** Removes a group, its members and the rules for it. Errors: ERR_NO_GROUP. */
enum err group_remove(struct scope *scope, struct catalog *catalog, int64_t id) must_check;

/** Takes a user in; nothing happens when he is in. Errors: ERR_NO_GROUP, ERR_NO_USER. */
enum err group_add_member(struct scope *scope, struct catalog *catalog, int64_t group, int64_t user)
    must_check;

/** Takes a user out, if he is in. */
enum err group_remove_member(struct scope *scope, struct catalog *catalog, int64_t group,
                             int64_t user) must_check;

struct member {
    int64_t id;
    str name;
};

/** Members of a group by sign-in name. */
enum err group_members(struct scope *scope, struct catalog *catalog, int64_t group,
                       const struct member **ret_members, size_t *ret_count) must_check;

#endif
