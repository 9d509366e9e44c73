/*
 * One-time links that set a password: first administrator, invitation, reset. Only digests of their
 * tokens are kept.
 */
#ifndef DOMAIN_IDENTITY_LINK_H
#define DOMAIN_IDENTITY_LINK_H

#include "domain/identity/user.h"
#include "platform/i18n/locale.h"

#define LINK_TOKEN_SYMBOLS 43
#define LINK_LIFETIME (3600 * USEC_SECOND)
#define INVITATION_LIFETIME (7 * 86400 * USEC_SECOND)

/** Makes a link's token for a user; earlier ones of his end. It dies with use, time, or a change of password. */
enum err link_make(struct scope *scope, struct identity *identity, const struct actor *by, int64_t user,
                   usec lifetime, str *ret_token) must_check;
/**
 * Sends a link that was made to its user by mail: an invitation to who has no password yet. Waits for the
 * relay. Errors: ERR_REQUEST (no mail is set up, no address), those of mail_send.
 */
enum err link_send(struct scope *scope, struct identity *identity, const struct user *user, str token,
                   usec lifetime, language language) must_check;
/** The user a token is for. Errors: ERR_NO_LINK (unknown, used, expired: not told apart). */
enum err link_find(struct scope *scope, struct identity *identity, str token, struct user *ret_user) must_check;
/** Sets the password, uses the token up, ends all sessions. Second factors stay. Errors: ERR_NO_LINK, ERR_REQUEST (fault). */
enum err link_use(struct scope *scope, struct identity *identity, const struct origin *origin, str token,
                  str password) must_check;
/**
 * Somebody says that he forgot the password of name (or e-mail). Sends mail with a link when there is such
 * a user and mail is set up, else logs an event that tells the administrator to run parvis user reset.
 * Same time and result in every case; throttled. language: of the mail.
 */
enum err link_request(struct scope *scope, struct identity *identity, const struct origin *origin,
                      str name, language language) must_check;

#endif
