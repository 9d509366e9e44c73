#include "main/jobs.h"

#include <limits.h>
#include <unistd.h>

#include "main/open.h"
#include "main/statistics.h"

#include "base/bug.h"
#include "base/vec.h"

/* Whole, as it is shown to people who do not see where the server was started. */
static const char *whole_path(struct scope *scope, const char *path)
{
    char here[PATH_MAX];
    return *path == '/' || !getcwd(here, sizeof(here)) ? path : str_printf(&scope->arena, "%s/%s", here, path).p;
}

/*
 * Where nobody names a place: within the data directory, from which backups take what they name and nothing else. Not
 * with PostgreSQL, where that is a cache of one node, and an order could be done by any of them.
 */
static enum err place_backups(struct scope *scope, const struct command_line *line, struct backup_plan *plan)
{
    struct store store;
    const char *given = plan->directory;
    plan->directory = given && *given && !str_eq(str_from(given), S("off")) ? given : NULL;
    TRY(read_store(scope, line, &store));
    if (given && *given == '\0' && !store.url) {
        plan->directory = str_printf(&scope->arena, "%s/backups", whole_path(scope, store.data_directory)).p;
        plan->is_beside_data = true;
    }
    return ERR_OK;
}

static enum err read_backups(struct scope *scope, const struct command_line *line, struct backup_plan *plan)
{
    const char *schedule;
    int64_t keep;
    TRY(option_text(scope, line, "backup-directory", &plan->directory));
    TRY(place_backups(scope, line, plan));
    TRY(option_text(scope, line, "backup-schedule", &schedule));
    if (!backup_schedule_find(str_from(schedule), &plan->schedule)) {
        return option_wrong(scope, line, "backup-schedule", "daily, weekly or off");
    }
    if (plan->schedule != BACKUP_OFF && (!plan->directory || plan->is_beside_data)) {
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
    TRY(resource_make_tables(scope, lease));
    TRY(site_make_tables(scope, lease));
    return db_commit(scope, lease);
}

static enum err read_networks(struct scope *scope, const struct command_line *line, struct fetch_options *options)
{
    const char *text;
    VEC(struct fetch_network) networks = {0};
    str part;
    TRY(option_text(scope, line, "fetch-allow", &text));
    str rest = str_from(text);
    while (rest.n && str_split(&rest, ',', &part)) {
        struct fetch_network network;
        if (!fetch_network_read(str_trim(part), &network)) {
            return option_wrong(scope, line, "fetch-allow",
                                "addresses or networks as in 10.1.0.0/16,fd00::/8, with commas between and no bit set "
                                "behind a prefix");
        }
        vec_add(&scope->arena, &networks, network);
    }
    options->allowed = networks.items;
    options->allowed_count = networks.count;
    return ERR_OK;
}

enum err jobs_read_fetch(struct scope *scope, const struct command_line *line, struct fetch_options *ret_options)
{
    struct fetch_options options = {0};
    const char *data;
    TRY(read_networks(scope, line, &options));
    TRY(option_number(scope, line, "fetch-limit", 1, INT64_MAX, &options.bytes_most));
    TRY(option_duration(scope, line, "fetch-idle", &options.idle_limit));
    TRY(option_duration(scope, line, "fetch-time", &options.total_limit));
    TRY(option_text(scope, line, "data", &data));
    options.known_hosts = str_printf(&scope->arena, "%s/known_hosts", data).p;
    *ret_options = options;
    return ERR_OK;
}

/* The kinds of jobs: a row each. Their work is borrowed by the runner, as is what it is given. */
void jobs_list_kinds(struct job_tools *tools, const struct app *app)
{
    const struct job_kind kinds[] = {
        {.name = EXPORT_KIND, .work = export_work, .user = &tools->exports, .attempts_most = 3},
        {.name = STATISTICS_KIND, .work = statistics_work, .user = (void *)(uintptr_t)app, .attempts_most = 3},
        {.name = BACKUP_KIND, .work = backup_work, .user = &tools->backups, .attempts_most = 3},
        {.name = PUBLICATION_FETCH_JOB, .work = publication_fetch, .user = &tools->publication, .attempts_most = 3},
        {.name = PUBLICATION_JOB, .work = publication_work, .user = &tools->publication, .attempts_most = 5},
        {.name = REFRESH_KIND, .work = refresh_work, .user = &tools->refresh, .attempts_most = 6, .pause = 60 * USEC_SECOND},
        {.name = BULK_JOB_KIND, .work = bulk_job_work, .user = &tools->bulk, .attempts_most = 3},
    };
    bool makes_backups = app->backups && app->backups->directory;
    tools->backups = (struct backup_tools){makes_backups ? *app->backups : (struct backup_plan){0}, app->identity};
    tools->exports = (struct export_tools){app->identity, app->access, app->export_records};
    tools->publication = (struct publication_tools){app->identity, app->access, app->export_records, app->fetch};
    tools->refresh = (struct refresh_tools){app->identity, app->access, app->fetch};
    tools->bulk = (struct bulk_tools){app->identity, app->access};
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        bug_if(tools->kind_count == JOB_KINDS_MOST);
        if (makes_backups || kinds[i].work != backup_work) {
            tools->kinds[tools->kind_count++] = kinds[i];
        }
    }
}
