/*
 * What a handler gets: one routed request with everything that the gates found out about it. A handler
 * fills the response of call->exchange and returns ERR_OK, or returns an error recorded with fail();
 * the dispatcher renders errors, as JSON for the API and as a page for people.
 */
#ifndef WEB_SHELL_CALL_H
#define WEB_SHELL_CALL_H

#include "domain/catalog/snapshot.h"
#include "domain/identity/access.h"
#include "domain/identity/session.h"
#include "domain/privacy/privacy.h"
#include "domain/records/records.h"
#include "domain/site/keeper.h"
#include "platform/http/exchange.h"
#include "platform/http/form.h"
#include "platform/i18n/explanation.h"
#include "platform/tpl/tpl.h"

#define CALL_PATH_VALUES 4

struct fetch_options;
struct quotas;
struct analytics;
struct backup_plan;

/* Long-lived objects of the server. Set up once by main, read-only afterwards. */
struct app {
    struct catalog *catalog;
    struct records *records;        /* for the quick lane */
    struct records *export_records; /* the same datasets through an engine of its own, for the bulk lane */
    struct identity *identity;
    struct access *access;
    struct privacy *privacy;
    struct quotas *quotas;
    struct analytics *analytics;    /* NULL: nothing is counted */
    const struct backup_plan *backups;
    const struct fetch_options *fetch; /* what may be fetched from addresses that people type */
    struct tpl *tpl;
    str public_url; /* scheme and host for links, without trailing slash; empty: from the Host header */
    str dcat_profiles;           /* profiles of DCAT-AP that are offered, as "ch,de" */
    str stylesheet, script;      /* addresses of the assets that every page loads */
    struct site_keeper *sites;   /* settings of the site; calls pin the current ones */
    const str *trusted_origins;  /* further origins whose forms are accepted */
    size_t trusted_origin_count;
    bool explain_cookies;        /* a header tells why cookies were set; for tests of the portal only */
    bool second_factor_required; /* of people with at least second_factor_role */
    enum role second_factor_role;
    int64_t upload_bytes_most;   /* of a file that is uploaded */
    uint8_t csrf_key[SECRET_BYTES];
};

struct route;
struct view_as;

struct call {
    struct exchange *exchange;
    struct scope *scope;               /* the exchange's */
    struct app *app;
    const struct route *route;
    const struct snapshot *snapshot;   /* what the actor may see; pinned for the call */
    const struct site *site;           /* name, look, texts, languages; pinned for the call, never NULL */
    str path_values[CALL_PATH_VALUES]; /* decoded values of {} in the route, in order */
    struct query query;                /* decoded query parameters */
    str base_url;                      /* "http://host:port", for links */
    bool is_https;

    /* Set by the gates. */
    const struct actor *actor;         /* never NULL */
    const struct session *session;     /* NULL: none */
    const struct view_as *view_as;     /* as whom the session sees the portal; NULL: as himself */
    str session_id;                    /* of session */
    const struct session_start *began; /* a session that begins or goes on under a new id; NULL: none does */
    const char *stale_session;         /* why the browser's session cookie is to go; NULL: it may stay */
    bool ignores_cookies;              /* an API key was given: none is read or set */
    language language;
    bool language_chosen;              /* by the visitor's cookie */
    const struct registry *registry;   /* pages only; pinned for the call */
    struct consent consent;            /* pages only */
    struct form form;                  /* of a POST */
    struct origin origin;              /* network and browser */

    /* Set by a handler whose answer is determined by one state of the data and the URL: kept in the
     * response cache until the dataset's version, or the catalogue's generation, changes. */
    bool may_cache;
    const struct dataset *depends_on;  /* NULL: on the catalogue as a whole */

    usec retry_at;                     /* of a call refused for its number: when the next one is taken; 0: not known */
    bool has_token;                    /* the page holds a CSRF token: never cached */
    struct buf explanation;            /* why cookies were set, for explain_cookies */
};

typedef enum err call_handler(struct call *call);

/** Value of a form's field, or of a query parameter for GET; empty when absent. */
str call_value(const struct call *call, str name);

/** Value of a query parameter; empty when absent. */
str call_query(const struct call *call, str name);

#endif
