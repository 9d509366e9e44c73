/*
 * Invitations: an address, a role and groups, for which somebody gets an account by a one-time link. Who is invited
 * chooses name and password. Only digests of the links' tokens are kept.
 */
#ifndef DOMAIN_IDENTITY_INVITATION_H
#define DOMAIN_IDENTITY_INVITATION_H

#include "domain/identity/link.h"
#include "domain/identity/user.h"

struct invitation {
    int64_t id;
    str email;
    enum role role;
    const int64_t *groups; /* ids, ascending; some may be gone */
    size_t group_count;
    str language;          /* code, of the letter */
    str invited_by;
    usec created, sent, expires; /* sent: when the link was made that holds */
};

/**
 * Invites an address; what id, invited_by and times hold is not looked at. *ret_token: for the link, shown or sent
 * once. Errors: ERR_USAGE (the address), ERR_CONFLICT (there is an account or an invitation for it).
 */
enum err invitation_make(struct scope *scope, struct identity *identity, const struct actor *by,
                         const struct origin *origin, const struct invitation *invitation, int64_t *ret_id,
                         str *ret_token) must_check;

/** Those that are open, with those that have expired, latest first. */
enum err invitation_list(struct scope *scope, struct identity *identity,
                         const struct invitation **ret_invitations, size_t *ret_count) must_check;

/** Errors: ERR_NO_LINK. */
enum err invitation_get(struct scope *scope, struct identity *identity, int64_t id,
                        struct invitation *ret_invitation) must_check;

/** A new link, good for INVITATION_LIFETIME from now; the one before ends. Errors: ERR_NO_LINK. */
enum err invitation_renew(struct scope *scope, struct identity *identity, const struct actor *by,
                          const struct origin *origin, int64_t id, str *ret_token) must_check;

/** Errors: ERR_NO_LINK. */
enum err invitation_revoke(struct scope *scope, struct identity *identity, const struct actor *by,
                           const struct origin *origin, int64_t id) must_check;

/**
 * Sends the link by mail, in the invitation's language; waits for the relay.
 * Errors: ERR_REQUEST (no mail is set up), those of mail_send.
 */
enum err invitation_send(struct scope *scope, struct identity *identity,
                         const struct invitation *invitation, str token) must_check;

/** The invitation of a token. Errors: ERR_NO_LINK (unknown, used, expired, taken back: not told apart). */
enum err invitation_find(struct scope *scope, struct identity *identity, str token,
                         struct invitation *ret_invitation) must_check;

/**
 * Makes the account and uses the invitation up. Errors: ERR_NO_LINK, ERR_USAGE (a name that is none),
 * ERR_CONFLICT (a name that is taken), ERR_REQUEST (the password).
 */
enum err invitation_accept(struct scope *scope, struct identity *identity, const struct origin *origin,
                           str token, str name, str display_name, str password) must_check;

#endif
