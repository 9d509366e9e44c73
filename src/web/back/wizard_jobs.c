/* Jobs of a dataset as its steps show them: fetching an address, publishing. */
#include "domain/job/job.h"
#include "domain/resource/publication.h"
#include "web/back/jobs.h"
#include "web/back/wizard.h"

enum err wizard_fetch(struct wizard *wizard)
{
    struct call *call = wizard->call;
    int64_t id;
    struct new_job job = {.kind = PUBLICATION_FETCH_JOB,
                          .dataset = wizard->dataset->uid,
                          .label = wizard->dataset->id,
                          .by = call->actor,
                          .is_single = true};
    return job_add(call->scope, call->app->catalog, &job, &id);
}

enum err wizard_find_job(struct wizard *wizard, const char *kind, struct wizard_job *ret_job)
{
    struct call *call = wizard->call;
    const struct job *jobs;
    size_t count;
    struct job_filter filter = {.dataset = wizard->dataset->uid, .kind = str_from(kind), .limit = 1};
    *ret_job = (struct wizard_job){0};
    TRY(job_list(call->scope, call->app->catalog, &filter, &jobs, &count));
    if (count) {
        const struct job *job = &jobs[0];
        str kind_of_tag;
        bool has_total = job->total > 0 && job->done <= job->total;
        *ret_job =
            (struct wizard_job){.is_there = true,
                                .is_active = job->state == JOB_WAITING || job->state == JOB_RUNNING,
                                .is_done = job->state == JOB_DONE,
                                .has_failed = job->state == JOB_FAILED || job->state == JOB_CANCELLED,
                                .message = job_message(&call->scope->arena, call->language, job),
                                .state = office_job_state(call, job, &kind_of_tag),
                                .percent = has_total ? (int64_t)((double)job->done / (double)job->total * 100) : 0,
                                .id = job->id};
    }
    return ERR_OK;
}

enum err wizard_tell_job(struct wizard *wizard, const struct wizard_job *job)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_bool(&json, S("is_there"), job->is_there);
    json_key_bool(&json, S("is_active"), job->is_active);
    json_key_bool(&json, S("is_done"), job->is_done);
    json_key_bool(&json, S("has_failed"), job->has_failed);
    json_key_text(&json, S("state"), job->state);
    json_key_text(&json, S("message"), job->message);
    json_key_int(&json, S("percent"), job->percent);
    json_key_int(&json, S("job"), job->id);
    json_object_end(&json);
    return office_json(wizard->call, 200, &out);
}
