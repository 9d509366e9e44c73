/* Jobs, and exports to a file. */
#include "base/attr.h"
#include "web/back/jobs.h"

static const struct route routes[] = {
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/jobs", back_jobs, "back.jobs",
              "Work that takes longer than a request: the own jobs, for administrators all."), .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/jobs/{}", back_job, "back.job",
              "One job: how far it is, its log, what became of it."), .keys = true},
    {"/backoffice/jobs/{}/file", back_job_file, LANE_BULK, false, "back.job.file",
     "The file that an export has written.", .kind = ROUTE_PAGE, .guard = GUARD_SIGNED_IN, .office = true, .keys = true},
    {WORK(GUARD_SIGNED_IN, "/backoffice/jobs/{}/cancel", back_job_cancel, "back.job.cancel",
          "Asks for the end of a job.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/jobs/{}/retry", back_job_retry, "back.job.retry",
          "Lets a job that failed or was cancelled run anew.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/refresh", back_refresh, "back.refresh",
          "Reads the source of a dataset at an address again, now.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/export", back_export_new, "back.export",
          "Asks for an export of a dataset to a file.")},
};

static const struct tpl_binding *const templates[] = {&jobs_template, &job_template};

const struct office_part job_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
