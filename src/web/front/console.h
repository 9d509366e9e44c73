/*
 * The console of the API on a dataset's page: an endpoint, its parameters, and the answer. Parameters stand in
 * the page's address as p.NAME; without any the page's filter gives them.
 */
#ifndef WEB_FRONT_CONSOLE_H
#define WEB_FRONT_CONSOLE_H

#include "web/api/endpoint.h"
#include "web/front/dataset_page.h"

enum console_endpoint {
    CONSOLE_RECORDS,
    CONSOLE_RECORD,
    CONSOLE_FACETS,
    CONSOLE_DATASET,
    CONSOLE_ATTACHMENTS,
    CONSOLE_EXPORT,
    CONSOLE__COUNT
};

struct console {
    struct dataset_page *page;
    enum console_endpoint endpoint;
    const struct route *route; /* of the API */
    str last;                  /* of its path: id of a record, or name of a format; perhaps empty */
    struct query query;        /* as the API gets it: parameters of the route that have values */
    str address;               /* of the API with these parameters; absolute */
};

/** Reads endpoint= and p.…= of the page's address, or the page's filter. Errors: ERR_TOO_LARGE. */
enum err console_read(struct dataset_page *page, struct console *ret_console) must_check;

/* One parameter in the form. */
struct parameter_view {
    str name, id, help, value, fallback;
    bool is_clause;  /* of ODSQL: it is completed while somebody types */
    bool is_lines;   /* several values, one a line */
    bool has_options;
    struct tpl_list options;
};
extern const struct tpl_struct parameter_struct;

/** The parameters of the console's endpoint: those most people need, and the rest. */
void console_parameters(const struct console *console, struct tpl_list *ret_first, struct tpl_list *ret_more);

/* What the API answers. */
struct console_answer {
    int64_t status;
    str status_text;    /* "400" with a word for people */
    str text;           /* indented, cut at CONSOLE_SHOWN_BYTES */
    bool is_cut, is_error, is_there;
    str size, duration; /* for people */
    str fault;                /* what is wrong, for people */
    struct fault_place place; /* of fault */
};

#define CONSOLE_SHOWN_BYTES ((size_t)100 << 10)

/**
 * Asks the API itself, within this call: the same handler with the same checks as from outside. Endpoints
 * that send files are not asked. Never fails: an error is an answer, too.
 */
void console_ask(struct console *console, struct console_answer *ret_answer);

#endif
