#include "domain/backup/plan.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "domain/identity/audit.h"

#define DAY (86400 * USEC_SECOND)
#define MONDAY (4 * DAY) /* the first after 1970-01-01, which was a Thursday */
#define ENGINE_MEMORY ((uint64_t)512 << 20)

bool backup_schedule_find(str name, enum backup_schedule *ret_schedule)
{
    static const char *const names[] = {"off", "daily", "weekly"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq(name, str_from(names[i]))) {
            *ret_schedule = (enum backup_schedule)i;
            return true;
        }
    }
    return false;
}

enum err backup_find(struct scope *scope, const struct backup_plan *plan, str name, struct backup_item *ret_item)
{
    const struct backup_item *items = NULL;
    size_t count = 0;
    if (plan->directory) {
        TRY(backup_list(scope, plan->directory, &items, &count));
    }
    for (size_t i = 0; i < count; i++) {
        if (str_eq(items[i].name, name)) {
            *ret_item = items[i];
            return ERR_OK;
        }
    }
    return fail_in_words(scope, ERR_NO_RECORD, MSG_FAULT_BACKUP_ABSENT, NULL);
}

/* ---- orders ---- */

static enum err order(struct scope *scope, struct catalog *catalog, const struct actor *by, str check, usec since,
                      int64_t *ret_id)
{
    struct buf arguments cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&arguments);
    json_object_begin(&json);
    if (check.n) {
        json_key_text(&json, S("check"), check);
    }
    json_object_end(&json);
    struct new_job job = {.kind = BACKUP_KIND, .label = check, .arguments = buf_str(&arguments), .by = by,
                          .is_single = check.n == 0, .since = since};
    return job_add(scope, catalog, &job, ret_id);
}

enum err backup_order(struct scope *scope, struct catalog *catalog, const struct actor *by, str check, int64_t *ret_id)
{
    return order(scope, catalog, by, check, 0, ret_id);
}

/* Days and weeks begin at midnight UTC, weeks on Monday: whichever node is up then, or later that day, orders it. */
enum err backup_order_due(struct scope *scope, struct catalog *catalog, const struct backup_plan *plan)
{
    int64_t id;
    usec now = clock_wall();
    if (!plan->directory || plan->schedule == BACKUP_OFF) {
        return ERR_OK;
    }
    usec since = plan->schedule == BACKUP_DAILY ? now - now % DAY : now - (now - MONDAY) % (7 * DAY);
    return order(scope, catalog, &actor_command_line, S(""), since, &id);
}

/* ---- work ---- */

static void tell(void *user, const struct remark *line)
{
    job_remark(user, line);
}

static void progress(void *user, int64_t done, int64_t total)
{
    job_progress(user, done, total, "bytes");
}

static void report(struct job_run *run, str name, const struct backup_facts *facts)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&text);
    json_object_begin(&json);
    json_key_text(&json, S("name"), name);
    json_key_int(&json, S("generation"), facts->generation);
    json_key_int(&json, S("files"), facts->files);
    json_key_int(&json, S("bytes"), facts->bytes);
    json_key_int(&json, S("unchanged"), facts->unchanged);
    json_object_end(&json);
    job_result(run, buf_str(&text));
}

static str name_of(str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/') {
        from--;
    }
    return str_slice(path, from, path.n);
}

/* The latest that is whole: what has not changed since is linked to it. */
static enum err find_previous(struct scope *scope, const char *directory, const char **ret_previous)
{
    const struct backup_item *items;
    size_t count;
    *ret_previous = NULL;
    TRY(backup_list(scope, directory, &items, &count));
    for (size_t i = 0; i < count && !*ret_previous; i++) {
        *ret_previous = items[i].is_whole ? items[i].path.p : NULL;
    }
    return ERR_OK;
}

static void write_down(struct scope *scope, struct job_run *run, const struct backup_tools *tools, str name,
                       const struct backup_facts *facts)
{
    const struct job *job = job_of_run(run);
    struct actor by = actor_command_line;
    if (job->user) {
        by = (struct actor){.kind = ACTOR_SESSION, .user = job->user, .name = job->user_name};
    }
    audit_add(scope, tools->identity, &by, NULL, "backup.make", name,
              str_printf(&scope->arena, "generation %lld, %lld bytes, with secrets", (long long)facts->generation,
                         (long long)facts->bytes));
}

static enum err make(struct scope *scope, struct job_run *run, const struct backup_tools *tools)
{
    const char *directory = tools->plan.directory;
    struct backup_watch watch = {tell, progress, run};
    struct backup_facts facts;
    int64_t removed = 0;
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return fail(scope, ERR_FILE, "%s: the directory of backups cannot be made (%s)", directory, strerror(errno));
    }
    str target = backup_new_path(&scope->arena, directory);
    struct backup_options options = {.store = catalog_store(job_catalog(run)), .target = target.p,
                                     .memory_bytes = ENGINE_MEMORY, .watch = &watch};
    TRY(find_previous(scope, directory, &options.previous));
    TRY(backup_make(scope, &options, &facts));
    report(run, name_of(target), &facts);
    write_down(scope, run, tools, name_of(target), &facts);
    TRY(backup_prune(scope, directory, tools->plan.keep ? tools->plan.keep : INT_MAX, &removed));
    job_tell(run, MSG_JOB_LINE_BACKUP_MADE,
             SAYS(ARG_TEXT("name", name_of(target)), argument_digits(&scope->arena, "files", facts.files),
                  argument_digits(&scope->arena, "unchanged", facts.unchanged),
                  argument_digits(&scope->arena, "removed", removed)));
    return ERR_OK;
}

static enum err check(struct scope *scope, struct job_run *run, const struct backup_tools *tools, str name)
{
    struct backup_watch watch = {tell, progress, run};
    struct backup_item item;
    struct backup_facts facts;
    TRY(backup_find(scope, &tools->plan, name, &item));
    TRY(backup_verify(scope, item.path.p, &watch, &facts));
    report(run, name, &facts);
    job_tell(run, MSG_JOB_LINE_BACKUP_CHECKED,
             SAYS(ARG_TEXT("name", name), argument_digits(&scope->arena, "files", facts.files)));
    return ERR_OK;
}

enum err backup_work(struct scope *scope, struct job_run *run, void *user)
{
    const struct backup_tools *tools = user;
    json_t *arguments cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATA, job_of_run(run)->arguments, "arguments of a backup", &arguments));
    str name = json_read_text(json_object_get(arguments, "check"));
    return name.n ? check(scope, run, tools, name) : make(scope, run, tools);
}
