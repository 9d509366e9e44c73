/*
 * Accounts and their passwords. What is changed here is written into the audit log; by: who did it.
 */
#ifndef DOMAIN_IDENTITY_USER_H
#define DOMAIN_IDENTITY_USER_H

#include "domain/identity/identity.h"

struct user {
    int64_t id;
    str name;          /* sign-in name: 1 to 150 of letters, digits and @.+-_ , unique without case */
    str display_name;
    str email;         /* may be empty */
    enum role role;
    bool active;
    bool has_password; /* false until the first link was used */
    bool has_second_factor;
    usec created;
    usec last_sign_in; /* 0: never */
    usec password_changed;
};

#define DISPLAY_NAME_BYTES 200 /* one line */

struct new_user {
    str name, display_name, email;
    enum role role;
};

/** Errors: ERR_USAGE (name, e-mail), ERR_CONFLICT (the name is taken). by: who did it, for the audit log. */
enum err user_add(struct scope *scope, struct identity *identity, const struct actor *by,
                  const struct new_user *user, int64_t *ret_id) must_check;
enum err user_list(struct scope *scope, struct identity *identity, const struct user **ret_users,
                   size_t *ret_count) must_check;
/** By id. Errors: ERR_NO_USER. */
enum err user_get(struct scope *scope, struct identity *identity, int64_t id, struct user *ret_user) must_check;
/**
 * An actor for work that is done later in the name of a user, with the role and groups that he has now. In the scope's
 * arena. Errors: ERR_NO_USER; ERR_DENIED (the account is disabled).
 */
enum err user_actor(struct scope *scope, struct identity *identity, int64_t id, struct actor *ret_actor) must_check;
/** By sign-in name in any case. Errors: ERR_NO_USER. */
enum err user_find(struct scope *scope, struct identity *identity, str name, struct user *ret_user) must_check;
/**
 * What a user may do now, with his groups, for work that he asked for and that is done later. In the scope's arena.
 * Errors: ERR_NO_USER, also for one who is disabled.
 */
enum err user_actor(struct scope *scope, struct identity *identity, int64_t id, struct actor *ret_actor) must_check;
/** Disabling ends all sessions and keys of the user at once. Errors: ERR_NO_USER, ERR_CONFLICT (last administrator). */
enum err user_set_active(struct scope *scope, struct identity *identity, const struct actor *by,
                         int64_t id, bool active) must_check;
/** A change of role ends the user's sessions (new id at privilege change). Errors as user_set_active. */
enum err user_set_role(struct scope *scope, struct identity *identity, const struct actor *by,
                       int64_t id, enum role role) must_check;
enum err user_set_profile(struct scope *scope, struct identity *identity, const struct actor *by,
                          int64_t id, str display_name, str email) must_check;

/* ---- passwords ---- */

enum password_fault { PASSWORD_GOOD, PASSWORD_SHORT, PASSWORD_LONG, PASSWORD_COMMON, PASSWORD_LIKE_NAME, PASSWORD_NOT_TEXT };

#define PASSWORD_SYMBOLS_LEAST 12 /* Unicode code points; ASVS 5.0 6.2.1 asks 8, recommends 15 */
#define PASSWORD_BYTES_MOST 1024

/** ASVS 5.0 6.2: length, lists of common passwords, own name; no rules of composition. */
enum password_fault password_check(const struct identity *identity, str name, str password);

/**
 * Changes a password, when old is right; ends links and all sessions of the user but actor->session. Call
 * session_renew afterwards, so that this one gets a new id too.
 * Errors: ERR_DENIED (old is wrong), ERR_REQUEST (fault), ERR_THROTTLED.
 */
enum err user_change_password(struct scope *scope, struct identity *identity, const struct origin *origin,
                              const struct actor *actor, str old, str password) must_check;

#endif
