/*
 * Reading pages of records (or of the catalogue): a compiled plan and a lease in, JSON objects and
 * the total out.
 */
#ifndef DOMAIN_RECORDS_READ_H
#define DOMAIN_RECORDS_READ_H

#include "base/buf.h"
#include "domain/records/records.h"
#include "platform/text/zone.h"

struct read {
    const struct plan *plan;
    const struct clauses *clauses;
    const struct zone *zone;  /* in which instants are shown */
    str lang;                 /* of dataset objects; empty: values as they are */
    bool with_app_metas;      /* in dataset objects */
    size_t longest_text;      /* not 0: values are cut (excerpt.h) */
    int64_t source_count;     /* rows of the source: the total of an unfiltered read */
    /* Appends further keys to a record, each as ', "key": value' (without the first ", " when
     * is_first). id is the record's id_expression. NULL: none. */
    void (*add_keys)(struct buf *out, str id, bool is_first, const void *user);
    const void *user;
};

struct read_result {
    int64_t rows;  /* objects written */
    int64_t total; /* matching records, or groups */
};

/**
 * Runs the plan and appends its rows to results as JSON objects separated by ", " (no brackets).
 * The total is counted by a second statement only when rows and source_count do not tell it.
 * An aggregate without group_by is repeated limit times (explore-api.md 2.6).
 * Errors: as db_run; ERR_TOO_LARGE (LIMIT_ANSWER_BYTES).
 */
enum err read_page(struct scope *scope, struct records_lease *lease, const struct read *read,
                   struct buf *results, struct read_result *ret_page) must_check;

/** Runs the plan and appends its first row as a JSON object; false when there is none. */
enum err read_first(struct scope *scope, struct records_lease *lease, const struct read *read,
                    struct buf *out, bool *ret_found) must_check;

#endif
