/* A source at an address: when it was read last, whether that failed, and having it read again. */
#include "domain/resource/publication.h"
#include "domain/resource/refresh.h"
#include "platform/fetch/fetch.h"
#include "web/back/jobs.h"
#include "web/back/wizard.h"

struct reading {
    str csrf, address, schedule, at, state, state_kind, message, job_address, refresh_address;
    bool has_job, has_failed, is_active;
};

static const struct tpl_member reading_members[] = {
    TPL_TEXT(struct reading, csrf),        TPL_TEXT(struct reading, address),
    TPL_TEXT(struct reading, schedule),    TPL_TEXT(struct reading, at),
    TPL_TEXT(struct reading, state),       TPL_TEXT(struct reading, state_kind),
    TPL_TEXT(struct reading, message),     TPL_URL(struct reading, job_address),
    TPL_URL(struct reading, refresh_address), TPL_BOOL(struct reading, has_job),
    TPL_BOOL(struct reading, has_failed),  TPL_BOOL(struct reading, is_active)};
static const struct tpl_struct reading_struct = TPL_STRUCT(struct reading, reading_members);
const struct tpl_binding wizard_reading_template = {"back/wizard_reading", &reading_struct};

static enum message schedule_label(str schedule)
{
    return str_eq(schedule, S("hourly"))    ? MSG_BACKOFFICE_WIZARD_SCHEDULE_HOURLY
           : str_eq(schedule, S("daily"))   ? MSG_BACKOFFICE_WIZARD_SCHEDULE_DAILY
           : str_eq(schedule, S("weekly"))  ? MSG_BACKOFFICE_WIZARD_SCHEDULE_WEEKLY
           : str_eq(schedule, S("monthly")) ? MSG_BACKOFFICE_WIZARD_SCHEDULE_MONTHLY
                                            : MSG_BACKOFFICE_WIZARD_SCHEDULE_NONE;
}

/* The latest job that asked the address: the first reading, or one that followed. */
static enum err find_job(struct wizard *wizard, const struct job **ret_job)
{
    static const char *const kinds[] = {REFRESH_KIND, PUBLICATION_FETCH_JOB};
    struct call *call = wizard->call;
    *ret_job = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        const struct job *jobs;
        size_t count;
        const struct job_filter filter = {.dataset = wizard->dataset->uid, .kind = str_from(kinds[i]), .limit = 1};
        TRY(job_list(call->scope, call->app->catalog, &filter, &jobs, &count));
        if (count && (!*ret_job || jobs[0].id > (*ret_job)->id)) {
            *ret_job = &jobs[0];
        }
    }
    return ERR_OK;
}

enum err wizard_reading(struct wizard *wizard, struct html *ret_html)
{
    struct call *call = wizard->call;
    const struct resource *resource = &wizard->resource;
    const struct job *job;
    *ret_html = (struct html){S("")};
    if (resource->kind != RESOURCE_URL || wizard->dataset->is_draft) {
        return ERR_OK;
    }
    TRY(find_job(wizard, &job));
    struct reading reading = {.csrf = call->ignores_cookies ? S("") : csrf_token(call),
                              .address = fetch_shown_address(&call->scope->arena, resource->location),
                              .schedule = office_say(call, schedule_label(resource->schedule)),
                              .at = office_instant(call, resource->checked, MSG_BACKOFFICE_NEVER),
                              .refresh_address = office_dataset_address(call, wizard->dataset->id, "/refresh")};
    if (job) {
        reading.has_job = true;
        reading.has_failed = job->state == JOB_FAILED;
        reading.is_active = job->state == JOB_WAITING || job->state == JOB_RUNNING;
        reading.message = job_message(&call->scope->arena, call->language, job);
        reading.job_address = office_job_path(call, job->id, "");
        reading.state = office_job_state(call, job, &reading.state_kind);
    }
    *ret_html = tpl_html(call->scope, call->app->tpl, &wizard_reading_template, call->language, &reading);
    return ERR_OK;
}
