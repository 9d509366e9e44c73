/*
 * API keys: what a program shows instead of a password (explore-api.md 7.1). Only digests are kept.
 */
#ifndef DOMAIN_IDENTITY_API_KEY_H
#define DOMAIN_IDENTITY_API_KEY_H

#include "domain/identity/identity.h"

struct api_key {
    int64_t id;
    str name;
    str prefix;       /* first 8 symbols, to recognise it by */
    unsigned scopes;
    usec created, expires /* 0: never */, last_used /* day; 0: never */, revoked /* 0: not */;
    int64_t calls;    /* a day at most; 0: no limit of its own */
    int64_t user;     /* whose it is */
    str owner;        /* his sign-in name */
};

#define API_KEY_SYMBOLS 56 /* hex, as those of the reference (explore-api.md 7.1) */
#define API_KEYS_MOST 100  /* of one user, not counting revoked ones */
#define API_KEY_NAME_BYTES 100 /* one line */

/** *ret_key is shown once. Errors: ERR_REQUEST (name is empty or too long), ERR_CONFLICT (too many). */
enum err api_key_make(struct scope *scope, struct identity *identity, const struct actor *actor, str name,
                      unsigned scopes, usec expires, str *ret_key) must_check;
/** As api_key_make, for another user: from the command line. Errors: also ERR_NO_USER. */
enum err api_key_make_for(struct scope *scope, struct identity *identity, const struct actor *by, int64_t user,
                          str name, unsigned scopes, usec expires, str *ret_key) must_check;
/** The keys of all users, latest first. Errors: ERR_DATABASE. */
enum err api_key_list_all(struct scope *scope, struct identity *identity, const struct api_key **ret_keys,
                          size_t *ret_count) must_check;
/** By id. Errors: ERR_NO_KEY. */
enum err api_key_get(struct scope *scope, struct identity *identity, int64_t key, struct api_key *ret_key)
    must_check;
enum err api_key_list(struct scope *scope, struct identity *identity, int64_t user,
                      const struct api_key **ret_keys, size_t *ret_count) must_check;
/** Errors: ERR_NO_KEY. */
enum err api_key_revoke(struct scope *scope, struct identity *identity, const struct actor *by,
                        int64_t user, int64_t key) must_check;
/** The actor of a key. Errors: ERR_KEY (unknown, revoked, expired, inactive user: not told apart). */
enum err api_key_find(struct scope *scope, struct identity *identity, str key, struct actor *ret_actor) must_check;

#endif
