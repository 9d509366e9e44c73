/*
 * What differs between the records of two versions of a dataset. Records are the same record when they have the same
 * key. Where the fields that make it are not annotated with id, or are others, a record is what its values say: one
 * that was changed is one that is gone and one that is new. Values of fields that only one of the two has do not count.
 */
#ifndef DOMAIN_RECORDS_COMPARE_H
#define DOMAIN_RECORDS_COMPARE_H

#include "domain/records/records.h"
#include "platform/text/zone.h"

/* Two versions side by side, on one connection. */
struct version_pair {
    struct records_lease before, after;
    struct schema common; /* fields whose values are compared */
    bool has_ids;         /* changed records are told from new ones */
    bool is_by_key;       /* else by all values */
};

struct comparison {
    int64_t added, removed, changed;
};

enum difference { DIFFERENCE_ADDED, DIFFERENCE_REMOVED, DIFFERENCE_CHANGED };

/**
 * Opens two versions of a dataset (past.h), each with version > 0, as the one who asks sees them. Undone by
 * version_pair_close. Errors: as records_lease.
 */
enum err version_pair_open(struct scope *scope, struct records *records, const struct dataset *before,
                           const struct dataset *after, struct version_pair *ret_pair) must_check;

/** Accepts a zeroed pair. For cleanup_with. */
void version_pair_close(struct version_pair *pair);

/** Counts: one pass over both. Errors: as db_run. */
enum err version_pair_count(struct scope *scope, const struct version_pair *pair,
                            struct comparison *ret_comparison) must_check;

/**
 * Some of the records that differ, as JSON arrays of objects with the record's id as "_id", in the same order; long
 * texts are cut. One of the two is empty but for DIFFERENCE_CHANGED. Errors: as db_run.
 */
enum err version_pair_sample(struct scope *scope, struct version_pair *pair, enum difference difference,
                             int64_t most, str *ret_before, str *ret_after) must_check;

#endif
