/* Changes of the metadata of many datasets: what the page and the job share. */
#ifndef WEB_BACK_BULK_H
#define WEB_BACK_BULK_H

#include "domain/catalog/bulk.h"
#include "domain/job/job.h"
#include "web/shell/call.h"

#define BULK_JOB_KIND "metadata.bulk"
#define BULK_AT_ONCE 200 /* datasets that are changed while somebody waits; more are a job */

/* What the job needs besides the catalogue. */
struct bulk_tools {
    struct identity *identity;
    struct access *access;
};

/** The work of such a job; user is the struct bulk_tools. Who asked must still have the right to edit each dataset. */
enum err bulk_job_work(struct scope *scope, struct job_run *run, void *user);

/** The arguments of a job for these datasets, as JSON in the scope's arena. */
str bulk_job_arguments(struct scope *scope, const struct bulk_change *change, const str *datasets, size_t count);

#endif
