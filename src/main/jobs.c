#include "main/jobs.h"

#include "base/bug.h"
#include "web/back/bulk.h"

enum err jobs_read_settings(struct scope *scope, const struct command_line *line,
                            struct job_settings *ret_settings)
{
    int64_t workers;
    TRY(option_number(scope, line, "job-workers", 0, 256, &workers));
    TRY(option_duration(scope, line, "job-keep", &ret_settings->keep));
    ret_settings->workers = (int)workers;
    return ERR_OK;
}

enum err jobs_make_tables(struct scope *scope, struct catalog *catalog)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(db_begin(scope, catalog_database(catalog), &lease));
    TRY(job_make_tables(scope, lease));
    return db_commit(scope, lease);
}

/* The kinds of jobs: a row each. Their work is borrowed by the runner, as is what it is given. */
void jobs_list_kinds(struct job_tools *tools, struct app *app)
{
    const struct job_kind kinds[] = {
        {.name = BULK_JOB_KIND, .work = bulk_job_work, .user = app, .attempts_most = 3},
        {.name = NULL},
    };
    tools->app = app;
    for (size_t i = 0; i < ARRAY_LENGTH(kinds) && kinds[i].name; i++) {
        bug_if(tools->kind_count == JOB_KINDS_MOST);
        tools->kinds[tools->kind_count++] = kinds[i];
    }
}
