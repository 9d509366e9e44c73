/*
 * Routes: the whole site is tables of these rows. A path pattern has segments; {} stands for one
 * non-empty segment, or with a text behind it ({}.mvt) for one that ends in it; its decoded value goes to
 * call->path_values. A trailing slash is accepted on every route.
 */
#ifndef WEB_SHELL_ROUTE_H
#define WEB_SHELL_ROUTE_H

#include "domain/analytics/analytics.h"
#include "web/shell/call.h"

struct endpoint;

/* What stands around the handler. */
enum route_kind {
    ROUTE_API,      /* JSON errors, CORS; sessions and keys are read, no cookie is ever set */
    ROUTE_PAGE,     /* HTML; cookies, language, consent; errors are pages */
    ROUTE_EMBED,    /* HTML for frames of other sites, as nobody known sees it: no cookie, session or key is read,
                       none is set, nothing comes from other hosts; language by address or browser */
    ROUTE_DOCUMENT  /* files and machine-readable documents, the same for everybody: no cookie is read or set */
};

/* Who may come in. Others are sent to sign-in, or refused when they are signed in. */
enum guard { GUARD_NONE, GUARD_SIGNED_IN, GUARD_PUBLISHER, GUARD_ADMINISTRATOR };

/* What a POST must prove. */
enum csrf_rule {
    CSRF_TOKEN,      /* a token (cookies-and-privacy.md 1.5) */
    CSRF_SAME_ORIGIN /* evidence of same origin is enough: preferences of this browser (3.8) */
};

struct route {
    const char *pattern;
    call_handler *handler; /* GET and HEAD; NULL: not offered */
    enum lane lane;
    bool cacheable;        /* whole answers may be kept in the response cache; of a page: it shows nothing but
                              what follows from address, language, consent and the catalogue */
    const char *name;      /* for metrics */
    const char *documentation;
    /* Rows of the API leave the rest out. */
    enum route_kind kind;
    call_handler *post;    /* NULL: not offered */
    enum lane post_lane;   /* of the above */
    enum guard guard;
    bool keys;             /* GUARD_SIGNED_IN and up: for programs with an API key, too: one that may write, for
                              anything but GET */
    call_handler *other;   /* the methods below; NULL: none. What they prove is as of a POST, without fields */
    unsigned other_methods; /* of 1 << enum http_method */
    size_t body_bytes;     /* the most of a body; 0: LIMIT_FORM_BYTES */
    bool recent;           /* GUARD_SIGNED_IN and up: the password must have been proved lately */
    bool office;           /* of the back office: another browser than the one that signed in is shown out */
    enum csrf_rule csrf;
    bool is_free;          /* ROUTE_API: calls count for no quota, because our own pages make many */
    bool hides_path;       /* the path holds a secret: the log shows the pattern */
    bool is_monitoring;    /* of the API source monitoring: its catalogue is that of the portal's own figures */
    enum counted counts;   /* in statistics */
    const struct endpoint *endpoint; /* of the Explore API: parameters and answer; NULL: not described */
};

struct route_table {
    const struct route *routes;
    size_t count;
};

/**
 * Finds the route of a raw path. ret_values gets the undecoded segments that stood for {}.
 * NULL when no pattern matches.
 */
const struct route *route_match(const struct route *routes, size_t count, str raw_path,
                                str ret_values[CALL_PATH_VALUES]);

/** Whether it answers with pages for people, errors too. */
static inline bool route_is_page(const struct route *route)
{
    return route->kind == ROUTE_PAGE || route->kind == ROUTE_EMBED;
}

/** Whether a route offers a method. */
bool route_offers(const struct route *route, enum http_method method);

/** The handler of a method that the route offers. */
call_handler *route_handler(const struct route *route, enum http_method method);

/** Whether a method only reads. */
static inline bool method_is_safe(enum http_method method)
{
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS;
}

/** "GET, HEAD, POST, OPTIONS": the methods of a route, for Allow. In the arena, or static. */
str route_methods(struct arena *arena, const struct route *route);

#endif
