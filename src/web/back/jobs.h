/* Pages of jobs and of exports to a file. */
#ifndef WEB_BACK_JOBS_H
#define WEB_BACK_JOBS_H

#include "domain/job/export.h"
#include "web/back/routes.h"

call_handler back_jobs, back_job, back_job_cancel, back_job_retry, back_job_file, back_export_new,
    back_refresh;

extern const struct tpl_binding jobs_template, job_template;

/** What a kind is called; its name, when it is of a later version. */
str office_job_kind(const struct call *call, str kind);

/** The kinds that have a name for people, one by one; p == NULL behind the last. */
str office_job_kind_name(size_t at);

/** What a state is called; ret_class: classes of its tag. A job that waits for its end counts as one that ends. */
str office_job_state(const struct call *call, const struct job *job, str *ret_class);

/** How far it is, in words; empty: it says nothing. */
str office_job_progress(const struct call *call, const struct job *job);

/** A job as a JSON object. */
void office_job_write(const struct call *call, const struct job *job, struct json_writer *json);

/**
 * The job whose id is the first {} of the route, when the actor may see it: his own, one of a dataset that he may
 * change, or any for administrators; of exports only the first and the last. may_change: he must be allowed to cancel
 * it. Errors: ERR_NO_JOB (also what he may not see), ERR_DENIED.
 */
enum err office_job(struct call *call, bool may_change, struct job *ret_job) must_check;

/** "/backoffice/jobs/ID" followed by action. */
str office_job_path(const struct call *call, int64_t job, const char *action);

/** The tools of exports of a request. */
static inline struct export_tools office_export_tools(const struct call *call)
{
    return (struct export_tools){call->app->identity, call->app->access, call->app->records};
}

#endif
