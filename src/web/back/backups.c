/* Backups: those that there are, ordering and checking one, and what to do to restore one. */
#include "base/json_write.h"
#include "domain/backup/plan.h"
#include "web/back/form.h"
#include "web/back/routes.h"

struct backup_row {
    str name, made, size, contents, state, state_class, check_address;
};

struct backups {
    bool is_on, found, is_beside_data;
    str plan, directory, example;
    bool has_job, job_failed;
    str job, job_address;
    struct tpl_list backups;
};

static const struct tpl_member row_members[] = {
    TPL_TEXT(struct backup_row, name),     TPL_TEXT(struct backup_row, made),
    TPL_TEXT(struct backup_row, size),     TPL_TEXT(struct backup_row, contents),
    TPL_TEXT(struct backup_row, state),    TPL_TEXT(struct backup_row, state_class),
    TPL_URL(struct backup_row, check_address)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct backup_row, row_members);

static const struct tpl_member backups_members[] = {
    TPL_BOOL(struct backups, is_on),       TPL_BOOL(struct backups, found),
    TPL_BOOL(struct backups, is_beside_data),
    TPL_TEXT(struct backups, plan),        TPL_TEXT(struct backups, directory),
    TPL_TEXT(struct backups, example),     TPL_BOOL(struct backups, has_job),
    TPL_BOOL(struct backups, job_failed),  TPL_TEXT(struct backups, job),
    TPL_URL(struct backups, job_address),
    TPL_LIST(struct backups, backups, row_struct)};
static const struct tpl_struct backups_struct = TPL_STRUCT(struct backups, backups_members);
const struct tpl_binding backups_template = {"back/backups", &backups_struct};

#define BACKUPS_PATH "/backoffice/backups"

/* ---- the list ---- */

static struct backup_row describe(const struct call *call, const struct backup_item *item)
{
    struct arena *arena = &call->scope->arena;
    const struct backup_facts *facts = &item->facts;
    if (!item->is_whole) {
        return (struct backup_row){.name = item->name,
                                   .state = office_say(call, MSG_BACKOFFICE_BACKUPS_UNFINISHED),
                                   .state_class = S("tag warning")};
    }
    return (struct backup_row){
        .name = item->name,
        .made = office_instant(call, facts->created, MESSAGE_NONE),
        .size = format_bytes(arena, call->language, facts->bytes),
        .contents = office_tell(call, MSG_BACKOFFICE_BACKUPS_CONTENTS, ARG_INT("datasets", facts->datasets),
                                ARG_INT("versions", facts->versions)),
        .state = office_say(call, MSG_BACKOFFICE_BACKUPS_WHOLE),
        .state_class = S("tag success"),
        .check_address = str_printf(arena, "%.*s/check",
                                    STR_ARG(office_path(call, BACKUPS_PATH "/", item->name)))};
}

static str describe_plan(const struct call *call, const struct backup_plan *plan)
{
    enum message when = plan->schedule == BACKUP_DAILY    ? MSG_BACKOFFICE_BACKUPS_DAILY
                        : plan->schedule == BACKUP_WEEKLY ? MSG_BACKOFFICE_BACKUPS_WEEKLY
                                                          : MSG_BACKOFFICE_BACKUPS_BY_HAND;
    str first = office_say(call, when);
    return plan->keep ? str_printf(&call->scope->arena, "%.*s %.*s", STR_ARG(first),
                                   STR_ARG(office_tell(call, MSG_BACKOFFICE_BACKUPS_KEEP, ARG_INT("count", plan->keep))))
                      : first;
}

/* The latest job, unless it has done its work. */
static enum err find_job(struct call *call, struct backups *page, struct job *ret_job)
{
    const struct job *jobs;
    size_t count;
    struct job_filter filter = {.kind = S(BACKUP_KIND), .limit = 1};
    TRY(job_list(call->scope, call->app->catalog, &filter, &jobs, &count));
    *ret_job = count ? jobs[0] : (struct job){.id = 0};
    page->has_job = count && (jobs[0].state == JOB_WAITING || jobs[0].state == JOB_RUNNING || jobs[0].state == JOB_FAILED);
    page->job_failed = count && jobs[0].state == JOB_FAILED;
    if (page->has_job) {
        page->job_address = office_path_id(call, "/backoffice/jobs/", jobs[0].id);
        page->job =
            jobs[0].state == JOB_WAITING
                ? office_say(call, MSG_BACKOFFICE_BACKUPS_JOB_WAITS)
                : office_tell(call,
                              page->job_failed ? MSG_BACKOFFICE_BACKUPS_JOB_FAILED : MSG_BACKOFFICE_BACKUPS_JOB_RUNS,
                              ARG_TEXT("message", job_message(&call->scope->arena, call->language, &jobs[0])));
    }
    return ERR_OK;
}

static void write_item(struct json_writer *json, const struct backup_item *item)
{
    json_object_begin(json);
    json_key_text(json, S("name"), item->name);
    json_key_text(json, S("path"), item->path);
    json_key_bool(json, S("whole"), item->is_whole);
    if (item->is_whole) {
        json_key_int(json, S("created"), item->facts.created / USEC_SECOND);
        json_key_int(json, S("generation"), item->facts.generation);
        json_key_int(json, S("datasets"), item->facts.datasets);
        json_key_int(json, S("versions"), item->facts.versions);
        json_key_int(json, S("files"), item->facts.files);
        json_key_int(json, S("bytes"), item->facts.bytes);
    }
    json_object_end(json);
}

static enum err send_json(struct call *call, const struct backup_item *items, size_t count, const struct job *job)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("backups"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        write_item(&json, &items[i]);
    }
    json_array_end(&json);
    if (job->id) {
        json_key(&json, S("job"));
        json_object_begin(&json);
        json_key_int(&json, S("id"), job->id);
        json_key_text(&json, S("state"), str_from(job_state_name(job->state)));
        json_key_text(&json, S("message"), job->message);
        json_object_end(&json);
    }
    json_object_end(&json);
    return office_json(call, 200, &out);
}

enum err back_backups(struct call *call)
{
    const struct backup_plan *plan = call->app->backups;
    const struct backup_item *items = NULL;
    size_t count = 0;
    struct job job;
    struct backups page = {.is_on = plan->directory != NULL, .is_beside_data = plan->is_beside_data,
                           .directory = str_from(plan->directory),
                           .plan = describe_plan(call, plan), .example = S("parvis-…")};
    if (page.is_on) {
        TRY(backup_list(call->scope, plan->directory, &items, &count));
    }
    TRY(find_job(call, &page, &job));
    if (page_is_for_script(call)) {
        return send_json(call, items, count, &job);
    }
    struct backup_row *rows = arena_array(&call->scope->arena, struct backup_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        rows[i] = describe(call, &items[i]);
    }
    page.example = count ? items[0].path : str_printf(&call->scope->arena, "%.*s/parvis-20260101T000000Z",
                                                      STR_ARG(page.is_on ? page.directory : S("/backup")));
    page.found = count > 0;
    page.backups = (struct tpl_list){rows, count};
    return office_send(call, &(struct office_page){.section = SECTION_BACKUPS,
                                                   .title = office_say(call, MSG_BACKOFFICE_BACKUPS_TITLE),
                                                   .body = &backups_template,
                                                   .data = &page});
}

/* ---- orders ---- */

static enum err order(struct call *call, str heading, str text, str submit, str check)
{
    int64_t id;
    if (!office_is_post(call)) {
        struct office_form *form = form_make(call, SECTION_BACKUPS, heading, submit, S(BACKUPS_PATH));
        form->lead = text;
        return form_send(form);
    }
    TRY(backup_order(call->scope, call->app->catalog, call->actor, check, &id));
    return office_done(call, S(BACKUPS_PATH), MSG_BACKOFFICE_BACKUPS_DONE_ORDERED);
}

static enum err need_directory(struct call *call)
{
    return call->app->backups->directory
               ? ERR_OK
               : fail(call->scope, ERR_CONFLICT, "This portal has no directory for backups; parvis serve is given one "
                      "with --backup-directory.");
}

enum err back_backup_new(struct call *call)
{
    TRY(need_directory(call));
    return order(call, office_say(call, MSG_BACKOFFICE_BACKUPS_NEW_TITLE),
                 office_tell(call, MSG_BACKOFFICE_BACKUPS_NEW_TEXT,
                             ARG_TEXT("directory", str_from(call->app->backups->directory))),
                 office_say(call, MSG_BACKOFFICE_BACKUPS_NEW_SUBMIT), S(""));
}

enum err back_backup_check(struct call *call)
{
    struct backup_item item;
    TRY(backup_find(call->scope, call->app->backups, call->path_values[0], &item));
    return order(call, office_tell(call, MSG_BACKOFFICE_BACKUPS_CHECK_TITLE, ARG_TEXT("name", item.name)),
                 office_say(call, MSG_BACKOFFICE_BACKUPS_CHECK_TEXT), office_say(call, MSG_BACKOFFICE_BACKUPS_CHECK), item.name);
}
