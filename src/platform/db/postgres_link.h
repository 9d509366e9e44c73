/* A connection to PostgreSQL: made, waited for, and given up in bounded time. Private to this directory. */
#ifndef PLATFORM_DB_POSTGRES_LINK_H
#define PLATFORM_DB_POSTGRES_LINK_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "platform/db/engine.h"

struct postgres_instance {
    char *url;
    char *settings;         /* statements for a new connection */
    bool untyped;
    bool is_replaceable;
    atomic_llong lost_at;   /* monotonic time when the server was last found to be gone; 0: it is there */
};

struct postgres_link {
    PGconn *handle;
    PGcancel *cancel;
    bool is_broken;  /* not to be used again */
    bool is_settled; /* a statement has run since it was leased, so that another cannot be begun anew */
};

/** Connects within some seconds, trying again for as long as that may help. Errors: ERR_BUSY and those of scope_check. */
enum err postgres_connect(struct scope *scope, struct postgres_instance *instance,
                          struct postgres_link *link) must_check;
void postgres_disconnect(struct postgres_link *link);

/** Waits for the next result; NULL: the statement is over. At the scope's end the statement is stopped. */
enum err postgres_result(struct scope *scope, struct postgres_link *link, PGresult **ret_result)
    must_check;

/** Waits until all results have come and drops them. */
enum err postgres_drain(struct scope *scope, struct postgres_link *link) must_check;

/** Stops the running statement and drops its results, in some seconds at most; else the link is broken. */
void postgres_stop(struct postgres_link *link);

/** Explains a failed result; NULL: the connection itself. Breaks the link where it cannot be used again. */
enum err postgres_report(struct scope *scope, struct postgres_link *link, const PGresult *result);

/** Whether a failure is that of the connection rather than of the statement. */
bool postgres_is_lost(const struct postgres_link *link);

#endif
