/* What the files that make the server share. */
#ifndef WEB_SHELL_INTERNAL_H
#define WEB_SHELL_INTERNAL_H

#include <stdatomic.h>

#include "web/shell/access_log.h"
#include "web/shell/cache.h"
#include "web/shell/shell.h"

#define STATUS_CLASSES 6
#define BUCKET_COUNT 9

struct shell {
    struct shell_options options;
    struct route *routes; /* of all tables */
    size_t route_count;
    struct counted_route *counted; /* by route */
    struct http_server *server;
    struct response_cache *cache;
    struct access_log *log; /* NULL: none is kept */
    atomic_ullong by_class[STATUS_CLASSES];
    atomic_ullong buckets[BUCKET_COUNT + 1];
    atomic_ullong duration_usec;
    atomic_ullong bytes_sent;
    atomic_ullong gates_nanoseconds; /* spent on finding out who asks and what he may see, for the API */
    atomic_ullong gates_count;
    usec started;
};

/* ---- status.c: what operators look at ---- */

/* Answers /healthz and /metrics; false: another path. Loop-safe. */
bool status_answer(struct shell *shell, struct exchange *exchange);

/* Adds the time that the gates of one request took. */
void status_count_gates(struct shell *shell, int64_t nanoseconds, bool is_request);

/* Adds an answer to the counts. */
void status_count(struct shell *shell, const struct exchange_summary *summary);

/* ---- page_cache.c: whole pages of nobody known, on routes that are cacheable ---- */

/* Answers from memory what was answered for the same address, language and consent since the catalogue changed. */
bool page_cache_answer(struct shell *shell, struct call *call);

/* Keeps the answer of a handler that allowed it (call->may_cache). */
void page_cache_keep(struct shell *shell, struct call *call);

/* ---- dispatch.c ---- */

/* The route of a request, with the undecoded values of its {}; NULL: none. */
const struct route *dispatch_route(const struct shell *shell, struct exchange *exchange,
                                   str ret_values[CALL_PATH_VALUES]);

/* Answers a cacheable request of nobody known from memory, if it can. Loop-safe. */
bool dispatch_from_cache(struct shell *shell, struct exchange *exchange, const struct route *route,
                         const str *values);

/* Whether a person rather than a program asks, and an error should be a page. */
bool dispatch_is_for_people(struct exchange *exchange, const struct route *route);

/*
 * Answers what is refused before it is work (405, 413, 503 …): a page for a person who asked for one, in the
 * visitor's language and with consent, as of nobody known. Loop-safe.
 */
void dispatch_refuse(struct shell *shell, struct exchange *exchange, int status, str message);

/* Runs gates and handler. On a worker. */
void dispatch_work(struct shell *shell, struct exchange *exchange);

#endif
