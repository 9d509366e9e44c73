/* Errors as answers: status by kind; the body of explore-api.md 1.3 for programs, a page for people. */
#ifndef WEB_SHELL_PROBLEM_H
#define WEB_SHELL_PROBLEM_H

#include "domain/privacy/csrf.h"
#include "web/shell/call.h"
#include "web/shell/headers.h"
#include "web/shell/quota.h"

/** Status for an error code. */
int problem_status(enum err code);

/**
 * Answers with the failure recorded in the exchange's scope as JSON; causes of broken ones go to the log.
 * caller: whom it is for.
 */
void problem_render(struct exchange *exchange, enum err code, enum api_caller caller);

/** The same for the script of a page: its explanation says it in the language of the page. */
void problem_render_in(struct exchange *exchange, enum err code, enum api_caller caller, language lang);

/** Answers with a status and message of the server itself, as JSON. */
void problem_render_status(struct exchange *exchange, int status, str message);

/** 429 with the body of explore-api.md 1.3. */
void problem_render_quota(struct exchange *exchange, const struct quota_answer *quota,
                          enum api_caller caller);

/** Logs why a request failed, under its id. where: its path, or the pattern of one that is a secret. */
void problem_log(struct exchange *exchange, str where, const struct failure *failure);

/** Tells the client to try again at an instant (Retry-After). */
void problem_retry_at(struct exchange *exchange, usec instant);

/**
 * Answers with a page in the visitor's language. Who must sign in or prove the password again is sent
 * there; a refused form keeps what was typed. verdict: of the CSRF check, CSRF_GOOD when that is not why.
 */
void problem_page(struct call *call, enum err code, enum csrf_verdict verdict);

#endif
