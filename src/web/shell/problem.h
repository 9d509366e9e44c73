/* Errors as answers: status by kind, body of explore-api.md 1.3. */
#ifndef WEB_SHELL_PROBLEM_H
#define WEB_SHELL_PROBLEM_H

#include "platform/http/exchange.h"

/** Status for an error code. */
int problem_status(enum err code);

/** Answers with the failure recorded in the exchange's scope; causes of broken ones go to the log. */
void problem_render(struct exchange *exchange, enum err code);

/** Answers with a status and message of the server itself. */
void problem_render_status(struct exchange *exchange, int status, str message);

#endif
