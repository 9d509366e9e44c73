/*
 * A dataset as it is or was in one of its versions. What the one who asks may see of the dataset holds for each
 * version: filters leave only his records; fields that are hidden from him are hidden, and where any is, so are
 * those that the current version has not, because nobody can have said whether he may see them. A field is known by the
 * column that it was made of (field_source), whatever it is called; where the file itself calls a column otherwise, labels
 * are looked at, and what is in doubt is hidden. A file that gives one column both the name and the label of another that
 * it had before cannot be told from one that has the same column.
 */
#ifndef DOMAIN_RECORDS_PAST_H
#define DOMAIN_RECORDS_PAST_H

#include "domain/records/records.h"

/**
 * The dataset (loaded, as the one who asks sees it) with fields, records and file of a version. Metadata are today's.
 * Its is_past is set, also for the current version. In the scope's arena. Errors: ERR_NO_VERSION (it is not there,
 * or the filters do not fit its fields), those of reading.
 */
enum err dataset_at_version(struct scope *scope, struct records *records, const struct snapshot *snapshot,
                            const struct dataset *dataset, int64_t number, const struct dataset **ret_dataset)
    must_check;

#endif
