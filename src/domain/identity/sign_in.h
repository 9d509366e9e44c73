/*
 * Signing in with name, password and second factor (cookies-and-privacy.md 7.1).
 */
#ifndef DOMAIN_IDENTITY_SIGN_IN_H
#define DOMAIN_IDENTITY_SIGN_IN_H

#include "domain/identity/session.h"

struct sign_in {
    str name, password;
    str code;        /* second factor or recovery code; empty at first */
    bool remember;
    struct origin origin;
};

enum sign_in_result {
    SIGN_IN_DONE,
    SIGN_IN_REFUSED,       /* unknown user, wrong password, inactive, throttled: not told apart */
    SIGN_IN_NEEDS_CODE,    /* password right, second factor missing; pending holds a proof for 5 minutes */
    SIGN_IN_WRONG_CODE
};

/**
 * Checks and starts a session. Throttled per account (known device and others apart) and per network with
 * growing waits up to 15 minutes: never a lock that others can cause. *ret_pending is for SIGN_IN_NEEDS_CODE;
 * sign_in_code continues with it. previous: id of a session that the browser had; it ends.
 * Errors: ERR_BUSY, ERR_DATABASE only; all else is in *ret_result.
 */
enum err sign_in(struct scope *scope, struct identity *identity, const struct sign_in *attempt,
                 str previous, enum sign_in_result *ret_result, struct session_start *ret_session,
                 str *ret_pending) must_check;
enum err sign_in_code(struct scope *scope, struct identity *identity, str pending,
                      const struct sign_in *attempt, str previous, enum sign_in_result *ret_result,
                      struct session_start *ret_session) must_check;

#endif
