/*
 * The second factor: one-time codes (RFC 6238) and recovery codes. Secrets are sealed in the database.
 */
#ifndef DOMAIN_IDENTITY_SECOND_FACTOR_H
#define DOMAIN_IDENTITY_SECOND_FACTOR_H

#include "domain/identity/identity.h"

/** A fresh secret, not yet in force: for the page that shows it. Base32. */
str second_factor_secret(struct arena *arena);
/** Whether text is a secret as second_factor_secret makes them. */
bool second_factor_is_secret(str text);
/** otpauth:// address of a secret, and its QR code as an SVG document with fill="currentColor". Long names are cut. */
str second_factor_address(struct arena *arena, str portal, str user, str secret);
str second_factor_svg(struct arena *arena, str address);
#define RECOVERY_CODES 10
/**
 * Puts a secret in force when code is right for it; gives the recovery codes, shown this once. Ends links and
 * all sessions of the user but actor->session. Errors: ERR_DENIED.
 */
enum err second_factor_enable(struct scope *scope, struct identity *identity, const struct actor *actor,
                              str secret, str code, str ret_recovery[RECOVERY_CODES]) must_check;
/** Ends links and all sessions of the user, but by->session when it is his own. */
enum err second_factor_disable(struct scope *scope, struct identity *identity, const struct actor *by,
                               int64_t user) must_check;
enum err second_factor_recovery(struct scope *scope, struct identity *identity, const struct actor *actor,
                                str ret_recovery[RECOVERY_CODES]) must_check;

#endif
