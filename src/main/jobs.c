#include "main/jobs.h"

#include "base/bug.h"

static enum err read_backups(struct scope *scope, const struct command_line *line, struct backup_plan *plan)
{
    const char *schedule;
    int64_t keep;
    TRY(option_text(scope, line, "backup-directory", &plan->directory));
    plan->directory = plan->directory && *plan->directory ? plan->directory : NULL;
    TRY(option_text(scope, line, "backup-schedule", &schedule));
    if (!backup_schedule_find(str_from(schedule), &plan->schedule)) {
        return option_wrong(scope, line, "backup-schedule", "daily, weekly or off");
    }
    if (plan->schedule != BACKUP_OFF && !plan->directory) {
        return option_wrong(scope, line, "backup-schedule", "off, unless there is a --backup-directory, too");
    }
    TRY(option_number(scope, line, "backup-keep", 0, 10000, &keep));
    plan->keep = (int)keep;
    return ERR_OK;
}

enum err jobs_read_settings(struct scope *scope, const struct command_line *line,
                            struct job_settings *ret_settings)
{
    int64_t workers;
    TRY(option_number(scope, line, "job-workers", 0, 256, &workers));
    TRY(option_duration(scope, line, "job-keep", &ret_settings->keep));
    ret_settings->workers = (int)workers;
    return read_backups(scope, line, &ret_settings->backups);
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
        {.name = BACKUP_KIND, .work = backup_work, .user = &tools->backups, .attempts_most = 3},
    };
    tools->app = app;
    tools->backups = (struct backup_tools){*app->backups, app->identity};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        bool is_ours = app->backups->directory || kinds[i].work != backup_work;
        bug_if(tools->kind_count == JOB_KINDS_MOST);
        if (is_ours) {
            tools->kinds[tools->kind_count++] = kinds[i];
        }
    }
}
