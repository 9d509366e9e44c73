/* Facets and active filters as lists of links, for pages that narrow something down (filter.h). */
#ifndef WEB_FRONT_FACETS_H
#define WEB_FRONT_FACETS_H

#include "domain/records/facet.h"
#include "web/front/filter.h"
#include "web/front/selection.h"
#include "web/shell/page.h"

struct facet_choice {
    str label;
    int64_t count;
    str address; /* the page with this value chosen, or no longer */
    bool chosen, excluded;
    int64_t level; /* of a tree, from 1 */
};

struct facet_view {
    str name, title;
    struct tpl_list choices;
    str more;     /* the page with all values of this facet; empty: all are there */
};

struct filter_chip {
    str label, value;
    str address; /* the page without it */
};

/** Items of lists of facet_view and filter_chip. */
extern const struct tpl_struct facet_struct, chip_struct;

/* What is narrowed down, and how it is named. */
struct facet_context {
    struct call *call;
    const struct filter *filter;
    str path;       /* of the page that links lead to */
    str extra;      /* further parameters of links, "view=list"; may be empty */
    const struct selection *selection; /* kept on links; NULL: none */
    /* Title of a facet or field; label of a value. value_label may be NULL. */
    str (*title)(struct call *call, str field, const void *user);
    str (*value_label)(struct call *call, str field, str value, str name, const void *user);
    /* A condition as people speak; empty: it is shown as it is. May be NULL. */
    str (*where_label)(struct call *call, str where, const void *user);
    const void *user;
    int64_t shown;  /* values of a facet at most, unless the parameter "facet" names it */
};

/** Address of the page with a filter. In the call's arena. */
str facet_address(const struct facet_context *context, const struct filter *filter);

/** Which of the requests the address makes disjunctive; changes them. */
void facet_requests_follow(const struct filter *filter, const struct source *source, struct facet_request *requests,
                           size_t count);

/** Counts the facets of a lease under the clauses; those without values are left out. Errors: as facet_read. */
enum err facet_views(const struct facet_context *context, struct records_lease *lease,
                     const struct clauses *clauses, const struct facet_request *requests, size_t count,
                     struct tpl_list *ret_views) must_check;

/** The active filters, each with a way to take it away. */
struct tpl_list filter_chips(const struct facet_context *context);

/** The filter's parameters besides some kinds, extra and the selection, as hidden fields of a form; items of hidden_struct. */
struct hidden_field {
    str name, value;
};
extern const struct tpl_struct hidden_struct;
struct tpl_list filter_hidden(const struct facet_context *context, enum filter_kind left_out);

#endif
