/*
 * What a handler gets: one routed request. A handler fills the response of call->exchange and
 * returns ERR_OK, or returns an error recorded with fail(); the dispatcher renders errors.
 */
#ifndef WEB_SHELL_CALL_H
#define WEB_SHELL_CALL_H

#include "domain/catalog/snapshot.h"
#include "domain/records/records.h"
#include "platform/http/exchange.h"

#define CALL_PATH_VALUES 4

/* Long-lived objects of the server. Set up once by main, read-only afterwards. */
struct app {
    struct catalog *catalog;
    struct records *records;        /* for the quick lane */
    struct records *export_records; /* the same datasets through an engine of its own, for the bulk lane */
    str public_url; /* scheme and host for links, without trailing slash; empty: from the Host header */
};

struct call {
    struct exchange *exchange;
    struct scope *scope;               /* the exchange's */
    struct app *app;
    const struct snapshot *snapshot;   /* pinned for the call */
    str path_values[CALL_PATH_VALUES]; /* decoded values of {} in the route, in order */
    struct query query;                /* decoded query parameters */
    str base_url;                      /* "http://host:port", for links */

    /* Set by a handler whose answer is determined by one state of the data and the URL: kept in the
     * response cache until the dataset's version, or the catalogue's generation, changes. */
    bool may_cache;
    const struct dataset *depends_on;  /* NULL: on the catalogue as a whole */
};

typedef enum err call_handler(struct call *call);

#endif
