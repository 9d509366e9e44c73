/* Jobs: the list, one of them. */
#include "base/json_write.h"
#include "base/num.h"
#include "base/vec.h"
#include "web/back/jobs.h"

#define LINES_SHOWN 200
#define SCRIPT_ITEMS_MOST 100

struct job_item {
    str address, kind, label, state, state_class, progress, message, user, created;
};

struct choice_item {
    str value, label;
    bool chosen;
};

struct jobs_page {
    struct tpl_list jobs, states, kinds;
    str dataset, newest_page, older_page;
    bool found, has_pages, is_for_all;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct job_item, address),      TPL_TEXT(struct job_item, kind),
    TPL_TEXT(struct job_item, label),       TPL_TEXT(struct job_item, state),
    TPL_TEXT(struct job_item, state_class), TPL_TEXT(struct job_item, progress),
    TPL_TEXT(struct job_item, message),     TPL_TEXT(struct job_item, user),
    TPL_TEXT(struct job_item, created)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct job_item, item_members);

static const struct tpl_member choice_members[] = {TPL_TEXT(struct choice_item, value),
                                                   TPL_TEXT(struct choice_item, label),
                                                   TPL_BOOL(struct choice_item, chosen)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_item, choice_members);

static const struct tpl_member page_members[] = {
    TPL_LIST(struct jobs_page, jobs, item_struct),    TPL_LIST(struct jobs_page, states, choice_struct),
    TPL_LIST(struct jobs_page, kinds, choice_struct), TPL_TEXT(struct jobs_page, dataset),
    TPL_URL(struct jobs_page, newest_page),           TPL_URL(struct jobs_page, older_page),
    TPL_BOOL(struct jobs_page, found),                TPL_BOOL(struct jobs_page, has_pages),
    TPL_BOOL(struct jobs_page, is_for_all)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct jobs_page, page_members);
const struct tpl_binding jobs_template = {"back/jobs", &page_struct};

/* ---- the list ---- */

/* Of a dataset that somebody may change all jobs but exports are shown; else his own, for administrators all. */
static enum err read_filter(struct call *call, struct job_filter *ret_filter)
{
    struct job_filter filter = {.kind = call_query(call, S("kind")), .limit = OFFICE_PAGE_ITEMS + 1};
    str dataset_id = str_trim(call_query(call, S("dataset")));
    bool sees_all = actor_has_role(call->actor, ROLE_ADMINISTRATOR);
    filter.has_state = job_state_find(call_query(call, S("state")), &filter.state);
    if (!num_read_int(call_query(call, S("before")), &filter.before) || filter.before < 0) {
        filter.before = 0;
    }
    if (dataset_id.n) {
        const struct dataset *dataset = snapshot_find(call->snapshot, dataset_id);
        if (!dataset) {
            return dataset_absent(call->scope, dataset_id);
        }
        filter.dataset = dataset->uid;
        sees_all |= (access_rights(call->scope, call->app->access, call->actor, dataset) & RIGHT_EDIT) &&
                    !str_eq(filter.kind, S(EXPORT_KIND));
    }
    filter.user = sees_all ? 0 : call->actor->user;
    *ret_filter = filter;
    return ERR_OK;
}

static bool may_list(const struct call *call, const struct job *job)
{
    return !str_eq(job->kind, S(EXPORT_KIND)) || job->user == call->actor->user ||
           actor_has_role(call->actor, ROLE_ADMINISTRATOR);
}

/* Jobs of the page, and the id that the next page begins below; 0: it is the last. */
static enum err list_jobs(struct call *call, const struct job_filter *filter, const struct job **ret_jobs,
                          size_t *ret_count, int64_t *ret_next)
{
    const struct job *jobs;
    size_t count;
    TRY(job_list(call->scope, call->app->catalog, filter, &jobs, &count));
    *ret_next = count > OFFICE_PAGE_ITEMS ? jobs[OFFICE_PAGE_ITEMS - 1].id : 0;
    count = count > OFFICE_PAGE_ITEMS ? OFFICE_PAGE_ITEMS : count;
    struct job *shown = arena_array(&call->scope->arena, struct job, count + 1);
    size_t shown_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (may_list(call, &jobs[i])) {
            shown[shown_count++] = jobs[i];
        }
    }
    *ret_jobs = shown;
    *ret_count = shown_count;
    return ERR_OK;
}

static str list_address(const struct call *call, int64_t before)
{
    static const str names[] = {{"state", 5}, {"kind", 4}, {"dataset", 7}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("/backoffice/jobs"));
    char separator = '?';
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        str value = call_query(call, names[i]);
        if (value.n) {
            buf_printf(&out, "%c%.*s=", separator, STR_ARG(names[i]));
            url_encode(&out, value);
            separator = '&';
        }
    }
    if (before) {
        buf_printf(&out, "%cbefore=%lld", separator, (long long)before);
    }
    return buf_copy(&out, &call->scope->arena);
}

static enum err send_list_json(struct call *call, const struct job *jobs, size_t count, int64_t next)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("jobs"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        office_job_write(call, &jobs[i], &json);
    }
    json_array_end(&json);
    json_key_text_or_null(&json, S("next"), next ? list_address(call, next) : STR_NONE);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

static str label_of(const struct call *call, const struct job *job)
{
    const struct dataset *dataset = job->dataset.n ? snapshot_find(call->snapshot, job->dataset) : NULL;
    return job->label.n ? job->label : dataset ? dataset->id : S("");
}

static struct job_item show(const struct call *call, const struct job *job)
{
    struct job_item item = {.address = office_job_path(call, job->id, ""),
                            .kind = office_job_kind(call, job->kind),
                            .label = label_of(call, job),
                            .progress = job->state == JOB_RUNNING ? office_job_progress(call, job) : S(""),
                            .message = job_message(&call->scope->arena, call->language, job),
                            .user = job->user_name.n ? job->user_name : office_say(call, MSG_BACKOFFICE_JOB_BY_PROGRAM),
                            .created = office_instant(call, job->created, MESSAGE_NONE)};
    item.state = office_job_state(call, job, &item.state_class);
    return item;
}

static void list_choices(const struct call *call, struct jobs_page *page)
{
    struct arena *arena = &call->scope->arena;
    struct choice_item *states = arena_array(arena, struct choice_item, JOB_CANCELLED + 1);
    VEC(struct choice_item) kinds = {0};
    for (size_t i = 0; i <= JOB_CANCELLED; i++) {
        str class;
        struct job job = {.state = (enum job_state)i};
        str name = str_from(job_state_name(job.state));
        states[i] = (struct choice_item){name, office_job_state(call, &job, &class),
                                         str_eq(call_query(call, S("state")), name)};
    }
    str kind;
    for (size_t i = 0; (kind = office_job_kind_name(i)).p; i++) {
        vec_add(arena, &kinds,
                (struct choice_item){kind, office_job_kind(call, kind), str_eq(call_query(call, S("kind")), kind)});
    }
    page->states = (struct tpl_list){states, JOB_CANCELLED + 1};
    page->kinds = (struct tpl_list){kinds.items, kinds.count};
}

enum err back_jobs(struct call *call)
{
    struct job_filter filter;
    const struct job *jobs;
    size_t count;
    int64_t next;
    TRY(read_filter(call, &filter));
    TRY(list_jobs(call, &filter, &jobs, &count, &next));
    if (page_is_for_script(call)) {
        return send_list_json(call, jobs, count, next);
    }
    struct job_item *items = arena_array(&call->scope->arena, struct job_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = show(call, &jobs[i]);
    }
    struct jobs_page page = {.jobs = {items, count},
                             .dataset = call_query(call, S("dataset")),
                             .newest_page = filter.before ? list_address(call, 0) : S(""),
                             .older_page = next ? list_address(call, next) : S(""),
                             .found = count > 0,
                             .has_pages = filter.before || next,
                             .is_for_all = filter.user == 0};
    list_choices(call, &page);
    return office_send(call, &(struct office_page){.section = SECTION_JOBS,
                                                   .title = office_say(call, MSG_BACKOFFICE_JOBS_TITLE),
                                                   .body = &jobs_template,
                                                   .data = &page});
}

/* ---- one job ---- */

struct line_item {
    str at, text;
    bool is_fault;
};

struct job_page {
    str title, kind, state, state_class, progress, message, user, created, started, ended, next_attempt, attempt;
    str dataset_title, dataset_address, file_address, file_name, file_size, file_until;
    str csrf, cancel_address, retry_address, own_address;
    int64_t done, total;
    bool has_bar, has_total, is_failed, is_live, can_cancel, can_retry, has_lines;
    struct tpl_list lines;
};

static const struct tpl_member line_members[] = {TPL_TEXT(struct line_item, at), TPL_TEXT(struct line_item, text),
                                                 TPL_BOOL(struct line_item, is_fault)};
static const struct tpl_struct line_struct = TPL_STRUCT(struct line_item, line_members);

static const struct tpl_member job_members[] = {
    TPL_TEXT(struct job_page, title),          TPL_TEXT(struct job_page, kind),
    TPL_TEXT(struct job_page, state),          TPL_TEXT(struct job_page, state_class),
    TPL_TEXT(struct job_page, progress),       TPL_TEXT(struct job_page, message),
    TPL_TEXT(struct job_page, user),           TPL_TEXT(struct job_page, created),
    TPL_TEXT(struct job_page, started),        TPL_TEXT(struct job_page, ended),
    TPL_TEXT(struct job_page, next_attempt),   TPL_TEXT(struct job_page, attempt),
    TPL_TEXT(struct job_page, dataset_title),  TPL_URL(struct job_page, dataset_address),
    TPL_URL(struct job_page, file_address),    TPL_TEXT(struct job_page, file_name),
    TPL_TEXT(struct job_page, file_size),      TPL_TEXT(struct job_page, file_until),
    TPL_TEXT(struct job_page, csrf),           TPL_URL(struct job_page, cancel_address),
    TPL_URL(struct job_page, retry_address),   TPL_URL(struct job_page, own_address),
    TPL_NUMBER(struct job_page, done),         TPL_NUMBER(struct job_page, total),
    TPL_BOOL(struct job_page, has_bar),        TPL_BOOL(struct job_page, has_total),
    TPL_BOOL(struct job_page, is_failed),      TPL_BOOL(struct job_page, is_live),
    TPL_BOOL(struct job_page, can_cancel),     TPL_BOOL(struct job_page, can_retry),
    TPL_BOOL(struct job_page, has_lines),      TPL_LIST(struct job_page, lines, line_struct)};
static const struct tpl_struct job_struct = TPL_STRUCT(struct job_page, job_members);
const struct tpl_binding job_template = {"back/job", &job_struct};

static enum err send_job_json(struct call *call, const struct job *job, const struct job_line *lines, size_t count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("job"));
    office_job_write(call, job, &json);
    json_key(&json, S("log"));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&json);
        json_key_int(&json, S("at"), lines[i].at / USEC_SECOND);
        json_key_bool(&json, S("is_fault"), lines[i].is_fault);
        json_key_text(&json, S("text"), lines[i].text);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(call, 200, &out);
}

static enum err add_file(struct call *call, const struct job *job, struct job_page *page)
{
    struct export_file file;
    bool found = false;
    if (str_eq(job->kind, S(EXPORT_KIND))) {
        TRY(export_file_find(call->scope, call->app->catalog, job->id, &found, &file));
    }
    if (found) {
        page->file_address = office_job_path(call, job->id, "/file");
        page->file_name = file.name;
        page->file_size = format_bytes(&call->scope->arena, call->language, file.bytes);
        page->file_until = office_tell(call, MSG_BACKOFFICE_JOB_FILE_UNTIL,
                                       ARG_TEXT("day", format_instant_date(&call->scope->arena, call->language, file.expires)));
    }
    return ERR_OK;
}

static struct tpl_list show_lines(const struct call *call, const struct job_line *lines, size_t count)
{
    struct line_item *items = arena_array(&call->scope->arena, struct line_item, count + 1);
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct line_item){office_instant(call, lines[i].at, MESSAGE_NONE),
                                      job_line_text(&call->scope->arena, call->language, &lines[i]), lines[i].is_fault};
    }
    return (struct tpl_list){items, count};
}

static void add_dataset(const struct call *call, const struct job *job, struct job_page *page)
{
    const struct dataset *dataset = job->dataset.n ? snapshot_find(call->snapshot, job->dataset) : NULL;
    if (dataset) {
        page->dataset_title = office_dataset_title(dataset);
        page->dataset_address = office_dataset_address(call, dataset->id, "");
    }
}

static struct job_page show_job(const struct call *call, const struct job *job)
{
    bool is_live = job->state == JOB_RUNNING || job->state == JOB_WAITING;
    bool waits_again = job->state == JOB_WAITING && job->attempt > 0 && job->not_before > clock_wall();
    str label = label_of(call, job);
    struct job_page page = {
        .kind = office_job_kind(call, job->kind),
        .progress = office_job_progress(call, job),
        .message = job_message(&call->scope->arena, call->language, job),
        .user = job->user_name.n ? job->user_name : office_say(call, MSG_BACKOFFICE_JOB_BY_PROGRAM),
        .created = office_instant(call, job->created, MESSAGE_NONE),
        .started = office_instant(call, job->started, MSG_BACKOFFICE_JOB_NOT_YET),
        .ended = office_instant(call, job->ended, MSG_BACKOFFICE_JOB_NOT_YET),
        .next_attempt = waits_again ? office_instant(call, job->not_before, MESSAGE_NONE) : S(""),
        .attempt = job->attempt > 1 ? format_whole(&call->scope->arena, call->language, job->attempt) : S(""),
        .own_address = office_job_path(call, job->id, ""),
        .cancel_address = office_job_path(call, job->id, "/cancel"),
        .retry_address = office_job_path(call, job->id, "/retry"),
        .done = job->total && job->done > job->total ? job->total : job->done,
        .total = job->total,
        .has_bar = job->state == JOB_RUNNING,
        .has_total = job->total > 0,
        .is_failed = job->state == JOB_FAILED,
        .is_live = is_live,
        .can_cancel = is_live && !job->is_cancelled,
        .can_retry = job->state == JOB_FAILED || job->state == JOB_CANCELLED || waits_again};
    page.title = label.n ? str_printf(&call->scope->arena, "%.*s: %.*s", STR_ARG(page.kind), STR_ARG(label))
                         : page.kind;
    page.state = office_job_state(call, job, &page.state_class);
    add_dataset(call, job, &page);
    return page;
}

enum err back_job(struct call *call)
{
    struct job job;
    const struct job_line *lines;
    size_t count;
    TRY(office_job(call, false, &job));
    TRY(job_log(call->scope, call->app->catalog, job.id, LINES_SHOWN, &lines, &count));
    if (page_is_for_script(call)) {
        return send_job_json(call, &job, lines, count);
    }
    struct job_page page = show_job(call, &job);
    TRY(add_file(call, &job, &page));
    page.csrf = csrf_token(call);
    page.lines = show_lines(call, lines, count);
    page.has_lines = count > 0;
    return office_send(call, &(struct office_page){.section = SECTION_JOBS,
                                                   .title = page.title,
                                                   .body = &job_template,
                                                   .data = &page,
                                                   .scripts = {"jobs.js"}});
}
