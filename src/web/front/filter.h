/*
 * What a visitor narrowed the records of a dataset, or the catalogue, down to. It lives in the query of the
 * address, by Opendatasoft's own parameters (explore-api.md 9.1), and goes along from tab to tab:
 *   q=WORDS  refine.FIELD=VALUE  exclude.FIELD=VALUE  disjunctive.FIELD=true  where=ODSQL  sort=[-]FIELD
 * Parameters that repeat add up; where is ours: conditions that the filter form made, or that somebody typed.
 */
#ifndef WEB_FRONT_FILTER_H
#define WEB_FRONT_FILTER_H

#include "domain/odsql/odsql.h"
#include "web/shell/call.h"

enum filter_kind { FILTER_WORDS, FILTER_REFINE, FILTER_EXCLUDE, FILTER_WHERE, FILTER_DISJUNCTIVE, FILTER_SORT, FILTER_NONE };

struct filter_part {
    enum filter_kind kind;
    str field; /* of FILTER_REFINE, FILTER_EXCLUDE, FILTER_DISJUNCTIVE */
    str value; /* FILTER_SORT: [-]FIELD */
};

/* Parts in the order of enum filter_kind, then of the address; no part twice. */
struct filter {
    const struct filter_part *parts;
    size_t count;
};

/**
 * Reads the filter of a call's address; empty values are passed over. In the call's arena. Errors:
 * ERR_TOO_LARGE (LIMIT_CLAUSE_BYTES, LIMIT_REFINES).
 */
enum err filter_read(struct call *call, struct filter *ret_filter) must_check;

/** Value of the part of a kind that there is once (FILTER_WORDS, FILTER_SORT); empty: none. */
str filter_value(const struct filter *filter, enum filter_kind kind);

/** Whether it narrows anything down: more than an order. */
bool filter_narrows(const struct filter *filter);

/** Whether the address says that several values of this facet mean any of them. */
bool filter_is_disjunctive(const struct filter *filter, str field);

/** The place of a part, or SIZE_MAX. */
size_t filter_find(const struct filter *filter, enum filter_kind kind, str field, str value);

/** The filter without the part at a place, or with one more, in the arena. An order takes the place of another. */
struct filter filter_without(struct arena *arena, const struct filter *filter, size_t at);
struct filter filter_with(struct arena *arena, const struct filter *filter, struct filter_part part);

/** Without words, refinements and conditions: its order only. */
struct filter filter_cleared(struct arena *arena, const struct filter *filter);

/** Appends "name=value&…" for an address of ours, without ? and behind & where the buffer is not empty. */
void filter_write(struct buf *out, const struct filter *filter);

/** "PATH?QUERY", or the path alone. In the arena. */
str filter_address(struct arena *arena, str path, const struct filter *filter);

/** What search means here. */
enum filter_search {
    FILTER_SEARCH_RECORDS,  /* every word, the last one as it begins */
    FILTER_SEARCH_CATALOGUE /* slips are forgiven, too */
};

/**
 * Sets where, refine, exclude and order_by of the clauses. They live in the arena and borrow from the
 * filter. Facets must be set by the caller (clauses.facets), which say what is disjunctive.
 */
void filter_clauses(struct arena *arena, const struct filter *filter, enum filter_search search,
                    struct clauses *clauses);

/** Appends where=…&refine=…&exclude=…&order_by=…, percent-coded, as the Explore API takes them. */
void filter_write_api(struct buf *out, const struct clauses *clauses);

#endif
