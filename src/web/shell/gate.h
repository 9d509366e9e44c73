/*
 * The gates a request passes before its handler, in this order: who asks (actor), how often (quota),
 * in which language and with which consent (visitor), whether he may come in (guard), whether a change
 * was asked for by a page of ours (csrf). Each fills in its part of the call.
 */
#ifndef WEB_SHELL_GATE_H
#define WEB_SHELL_GATE_H

#include "domain/privacy/csrf.h"
#include "web/shell/route.h"

/** Whether a request may be from somebody known: it has a session cookie or an API key. Loop-safe, fast. */
bool gate_has_credentials(struct exchange *exchange);

/**
 * API key, else session. A key, good or bad, makes the request ignore cookies altogether. A session id
 * that is not valid is no error: the visitor is then unknown, and pages delete the cookie.
 * Errors: ERR_KEY, ERR_DATABASE.
 */
enum err gate_actor(struct call *call) must_check;

/**
 * Pins what there is for who asks: what he may see, or what he chose to see as somebody else.
 * Errors: as access_snapshot.
 */
enum err gate_snapshot(struct call *call) must_check;

/** Language and consent of a page's visitor; counts cookies that are not declared. */
void gate_visitor(struct call *call);

/**
 * Errors: ERR_SIGN_IN (unknown), ERR_DENIED (not allowed), ERR_CONFIRM (the
 * password must be proved again), ERR_SECOND_FACTOR (he must set one up first).
 */
enum err gate_guard(struct call *call) must_check;

/**
 * Whether the password was proved lately, or is with this form, in the field confirm_password: the page that
 * asks for it sends both together. The session then has a new id. Errors: ERR_CONFIRM.
 */
enum err gate_recent(struct call *call) must_check;

/** Sets the cookies of a session that has just begun, or has a new id; also when the answer is an error. */
void gate_begin_session(struct call *call, const struct session_start *start);

/**
 * Reads the form of a POST and checks its proof of origin. Errors: ERR_CSRF (the verdict is in
 * *ret_verdict and the log), ERR_REQUEST (the body).
 */
enum err gate_csrf(struct call *call, enum csrf_verdict *ret_verdict) must_check;

/** A token for a form of this page; sets or refreshes the cookie csrftoken. */
str csrf_token(struct call *call);

/** A token without setting a cookie: for the page that refuses; STR_NONE when there is no valid cookie. */
str csrf_token_of_cookie(struct call *call);

/** Scheme, host and port of this request as a browser names them in Origin. */
str call_origin(const struct call *call);

/**
 * Whether a role is behind the call: a session's, or that of a key which may write. A key that may not can only read
 * what its user is given; it has no role of his.
 */
bool gate_acts_as(const struct call *call, enum role role);

#endif
