/* The datasets that somebody may change, and what is wrong with them. */
#ifndef WEB_BACK_WORK_H
#define WEB_BACK_WORK_H

#include "domain/catalog/bytes.h"
#include "domain/job/job.h"
#include "web/back/dataset_frame.h"

#define WORK_JOBS_MOST 500 /* the latest ones that are looked at */

/* A dataset that somebody may change, light. */
struct work_item {
    const struct dataset *dataset;
    unsigned rights;
    bool is_own;            /* there is a rule for him himself */
    const struct job *failed; /* its latest job of some kind failed; NULL: none did */
    int64_t bytes, versions;
};

struct work {
    struct work_item *items; /* by id of the dataset */
    size_t count;
    size_t drafts, empty, failed; /* how many are drafts, are published without records, have a job that failed */
    int64_t bytes;          /* of all of them */
};

/** All that the one who asks may edit. In the call's arena. Errors: ERR_DATABASE, ERR_BUSY. */
enum err work_read(struct call *call, struct work *ret_work) must_check;

/** That of a dataset's id, or NULL. */
const struct work_item *work_find(const struct work *work, str id);

/** Whether people see it although it has no records. */
bool work_is_empty(const struct work_item *item);

#endif
