/* Jobs from the command line. */
#include <signal.h>
#include <stdio.h>

#include "base/date.h"
#include "base/num.h"
#include "main/commands.h"
#include "main/jobs.h"
#include "main/people.h"

#define ENGINE_MEMORY_BYTES ((uint64_t)1 << 30)
#define LINES_SHOWN 1000

struct action_call {
    const struct command_line *line;
    struct people people;
    int64_t id;
};

static atomic_bool is_stopped;

static void stop(int number)
{
    (void)number;
    is_stopped = true;
}

static str instant_text(struct scope *scope, usec instant)
{
    char text[64];
    return instant ? str_copy(&scope->arena, (str){text, date_write_instant(text, instant, 0)}) : S("-");
}

/* ---- list ---- */

static enum err read_filter(struct scope *scope, struct action_call *call, struct job_filter *filter)
{
    const char *state;
    const char *kind;
    const char *dataset;
    int64_t limit;
    TRY(option_text(scope, call->line, "state", &state));
    TRY(option_text(scope, call->line, "kind", &kind));
    TRY(option_text(scope, call->line, "dataset", &dataset));
    TRY(option_number(scope, call->line, "limit", 1, 100000, &limit));
    filter->kind = str_from(kind);
    filter->limit = (size_t)limit;
    filter->has_state = state && *state;
    if (filter->has_state && !job_state_find(str_from(state), &filter->state)) {
        return option_wrong(scope, call->line, "state", "waiting, running, done, failed or cancelled");
    }
    if (dataset && *dataset) {
        int64_t last;
        TRY(catalog_metadata(scope, call->people.catalog, str_from(dataset), &(str){0})); /* it exists */
        TRY(catalog_identify(scope, call->people.catalog, str_from(dataset), &filter->dataset, &last));
    }
    return ERR_OK;
}

static enum err list(struct scope *scope, struct action_call *call)
{
    struct job_filter filter = {0};
    const struct job *jobs;
    size_t count;
    TRY(read_filter(scope, call, &filter));
    TRY(job_list(scope, call->people.catalog, &filter, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        const struct job *job = &jobs[i];
        printf("%lld\t%s\t%.*s\t%.*s\t%.*s\t%.*s\t%.*s\n", (long long)job->id, job_state_name(job->state),
               STR_ARG(job->kind), STR_ARG(job->label), STR_ARG(job->user_name),
               STR_ARG(instant_text(scope, job->created)), STR_ARG(job->message));
    }
    return ERR_OK;
}

/* ---- one ---- */

static enum err show(struct scope *scope, struct action_call *call)
{
    struct job job;
    const struct job_line *lines;
    size_t count;
    TRY(job_find(scope, call->people.catalog, call->id, &job));
    TRY(job_log(scope, call->people.catalog, call->id, LINES_SHOWN, &lines, &count));
    printf("id: %lld\nkind: %.*s\nlabel: %.*s\nstate: %s\nattempt: %lld\ncreated: %.*s\nstarted: %.*s\nended: %.*s\n",
           (long long)job.id, STR_ARG(job.kind), STR_ARG(job.label), job_state_name(job.state),
           (long long)job.attempt, STR_ARG(instant_text(scope, job.created)),
           STR_ARG(instant_text(scope, job.started)), STR_ARG(instant_text(scope, job.ended)));
    printf("arguments: %.*s\nresult: %.*s\nmessage: %.*s\n", STR_ARG(job.arguments), STR_ARG(job.result),
           STR_ARG(job.message));
    for (size_t i = 0; i < count; i++) {
        printf("%.*s\t%s%.*s\n", STR_ARG(instant_text(scope, lines[i].at)), lines[i].is_fault ? "fault: " : "",
               STR_ARG(lines[i].text));
    }
    return ERR_OK;
}

static str number_text(struct scope *scope, int64_t number)
{
    return str_printf(&scope->arena, "%lld", (long long)number);
}

static enum err cancel(struct scope *scope, struct action_call *call)
{
    TRY(job_cancel(scope, call->people.catalog, call->id));
    people_audit(scope, &call->people, "job.cancel", number_text(scope, call->id), S(""));
    printf("%lld: cancelled\n", (long long)call->id);
    return ERR_OK;
}

static enum err retry(struct scope *scope, struct action_call *call)
{
    TRY(job_retry(scope, call->people.catalog, call->id));
    people_audit(scope, &call->people, "job.retry", number_text(scope, call->id), S(""));
    printf("%lld: waiting\n", (long long)call->id);
    return ERR_OK;
}

/* ---- working off what waits, for those who do not serve ---- */

static enum err run_jobs(struct scope *scope, struct app *app)
{
    struct job_tools tools = {0};
    struct sigaction action = {.sa_handler = stop};
    int64_t count;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    scope->gone = &is_stopped;
    jobs_list_kinds(&tools, app);
    TRY(job_run_due(scope, app->catalog, tools.kinds, tools.kind_count, &count));
    printf("%lld jobs\n", (long long)count);
    return ERR_OK;
}

static enum err run(struct scope *scope, struct action_call *call)
{
    struct fetch_options fetch;
    struct app app = {.catalog = call->people.catalog, .identity = call->people.identity, .fetch = &fetch};
    struct records_options options = {
        .store = catalog_store(app.catalog), .connections = 2, .memory_bytes = ENGINE_MEMORY_BYTES};
    TRY(jobs_read_fetch(scope, call->line, &fetch));
    TRY(records_open(scope, &options, &app.export_records));
    app.records = app.export_records;
    app.access = access_open(app.catalog, app.records);
    enum err result = run_jobs(scope, &app);
    access_close(app.access);
    records_close(app.export_records);
    return result;
}

/* ---- */

static const struct action {
    const char *name;
    bool takes_id;
    enum err (*run)(struct scope *scope, struct action_call *call);
} actions[] = {
    {"list", false, list}, {"show", true, show}, {"cancel", true, cancel}, {"retry", true, retry}, {"run", false, run},
};

static void close_call(struct action_call *call)
{
    people_close(&call->people);
}

enum err command_job(struct scope *scope, const struct command_line *line)
{
    const struct action *action = NULL;
    struct action_call call cleanup_with(close_call) = {.line = line};
    bool has_id = line->argument_count > 1;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
        bool is_it = str_eq(str_from(actions[i].name), str_from(line->arguments[0]));
        action = is_it ? &actions[i] : action;
    }
    if (!action) {
        return fail(scope, ERR_USAGE, "'%s': list, show, cancel, retry or run is expected", line->arguments[0]);
    }
    if (has_id != action->takes_id || (has_id && !num_read_int(str_from(line->arguments[1]), &call.id))) {
        return fail(scope, ERR_USAGE, action->takes_id ? "the number of a job is expected: parvis job %s ID"
                                                       : "parvis job %s takes no number", action->name);
    }
    TRY(people_open(scope, line, &call.people));
    TRY(jobs_make_tables(scope, call.people.catalog));
    return action->run(scope, &call);
}
