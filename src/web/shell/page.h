/*
 * Pages: the frame around every one of them, their headers and what they may load.
 */
#ifndef WEB_SHELL_PAGE_H
#define WEB_SHELL_PAGE_H

#include "web/shell/call.h"

#define PAGE_SCRIPTS_MOST 4

struct page {
    enum message title;
    str title_text;                   /* instead of title, when it is not empty */
    const struct tpl_binding *body;
    const void *data;                 /* of the struct that body is bound to */
    int status;                       /* 0: 200 */
    bool has_faults;                  /* of a form: the title begins with "Error: " */
    bool is_indexed;                  /* search engines may list it */
    /* Shows nothing but what follows from the address, the language, the consent and the portal's public
     * state: browsers may keep it and ask whether it is still good. Without it: no-store. */
    bool is_public;
    const struct service *once;       /* allowed on this page alone */
    str frame_ancestors;              /* who may show it in a frame; empty: nobody */
    const char *trusted_types;        /* names of the Trusted Types policies of its scripts; NULL: none */
    str description;                  /* for search engines and previews; empty: none */
    str canonical;                    /* path and query under which engines list it; empty: its path */
    struct html head;                 /* further elements of <head>, ready as they are */
    const char *scripts[PAGE_SCRIPTS_MOST]; /* bundles that it needs besides app.js, as "table.js" */
    bool is_part;                     /* its body alone, for a script of ours that takes it into a page */
    bool is_wide;                     /* as wide as the window */
    str selection;                    /* ids of datasets set aside, for links of the header; perhaps empty */
    str selection_address;            /* of the page that shows them, when selection_count is not 0 */
    int64_t selection_count;
    bool has_search;                  /* shows a search box of its own: none in the header */
};

/* A page whose address alone decides what it shows, in a language: ?lang=fr, in place of cookie and header. */
#define PAGE_LANGUAGE_PARAMETER S("lang")

/** Renders and answers. */
void page_send(struct call *call, const struct page *page);

/** 303 to a path of ours: what a form answers when it did its work. */
void page_redirect(struct call *call, str path);

/** 302 instead, where scripts written for Django look at the status. */
void page_redirect_found(struct call *call, str path);

/** 204: for clients that did not ask for a page. */
void page_nothing(struct call *call);

/** Whether the client takes a page: Accept names text/html, a range with it, or is absent. */
bool page_is_accepted(const struct call *call);

/* At the end of a query: the page confirms a choice about cookies, when there is one. */
#define PAGE_CONSENT_MARK S("consent=saved")

/** Whether Accept names HTML itself, as browsers do and scripts do not. */
bool page_is_named(const struct call *call);

/** Whether Accept names JSON and not HTML: a script that wants to read the answer. */
bool page_is_for_script(const struct call *call);

/**
 * Whether an address (a "next", a Referer) stays on this portal. *ret_target: its path and query,
 * never a host.
 */
bool page_is_ours(const struct call *call, str address, str *ret_target);

/** Where the form's field or parameter "next" leads, if that is safe; else fallback. */
str page_next(struct call *call, str fallback);

/** "PATH?next=ENCODED" for links that should come back to this page. */
str page_link_back(struct call *call, str path);

/** The templates of this directory, for tpl_open. */
extern const struct tpl_binding problem_template; /* of problem_page */
extern const struct tpl_binding *const shell_templates[];
extern const size_t shell_template_count;

#endif
