/*
 * A window of a dataset's records at any offset, for people who turn pages or scroll: the API's limits of a
 * page do not hold. Which rows it has is found first, by the columns of the filter and the order alone;
 * the values of those rows are read then.
 */
#ifndef DOMAIN_RECORDS_WINDOW_H
#define DOMAIN_RECORDS_WINDOW_H

#include "domain/records/read.h"

struct window_request {
    const struct clauses *clauses; /* filter and order; select, limit, offset and id_expression are not looked at */
    const struct field *const *fields; /* at least one */
    size_t field_count;
    int64_t offset, limit; /* limit: at most WINDOW_ROWS_MOST */
    const struct zone *zone;
    size_t longest; /* texts longer than this are cut, shapes are their kind (excerpt.h) */
};

#define WINDOW_ROWS_MOST 200

struct window_row {
    str object; /* JSON, as in the answers of the API */
    str id;     /* the record's */
};

/** Rows in their order, in the scope's arena; fewer at the end. Errors: as odsql_compile and read_page. */
enum err window_read(struct scope *scope, struct records_lease *lease,
                     const struct window_request *request, const struct window_row **ret_rows,
                     size_t *ret_count) must_check;

#endif
