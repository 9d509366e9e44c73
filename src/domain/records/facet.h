/* Counting the values of facets: a flat list, or a tree for dates and hierarchical fields. */
#ifndef DOMAIN_RECORDS_FACET_H
#define DOMAIN_RECORDS_FACET_H

#include "domain/records/records.h"

enum facet_state { FACET_DISPLAYED, FACET_REFINED, FACET_EXCLUDED };

struct facet_value {
    str name;      /* label of the last level of the path */
    str value;     /* the whole path, as refine takes it */
    int64_t count; /* no meaning for FACET_EXCLUDED */
    enum facet_state state;
    struct facet_value *next;       /* of the same level, in the order asked for */
    struct facet_value *children;   /* first one; NULL: none */
    struct facet_value *last_child;
};

/**
 * Counts the values of one facet under the clauses. The values live in the scope's arena;
 * NULL when there are none. Excluded values come last. Errors: as odsql_facet_compile and db_run.
 */
enum err facet_read(struct scope *scope, struct records_lease *lease, const struct clauses *clauses,
                    const struct facet_request *request, const struct facet_value **ret_values)
    must_check;

/**
 * The facets of a source when none is asked for: fields annotated as facet, for the catalogue
 * those of explore-api.md 2.5. Lives in the scope's arena.
 */
enum err facet_requests_default(struct scope *scope, const struct source *source,
                                const struct facet_request **ret_requests, size_t *ret_count)
    must_check;

/** Name of a facet in answers: the field's, without the catalogue's prefix "default.". */
str facet_name(const struct source *source, const struct field *field);

#endif
