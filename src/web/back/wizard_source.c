/* Where the records come from: files, an address, a table of another dataset. */
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"
#include "base/url.h"
#include "domain/resource/publication.h"
#include "platform/fetch/fetch.h"
#include "web/back/wizard.h"
#include "web/shell/fault_text.h"
#include "web/shell/faults.h"

struct choice_item {
    str value, label;
    bool chosen;
};

struct source_page {
    struct html steps, reading;
    str csrf, revision, warning, own_address, file_address, uploads_address, dataset, limit;
    int64_t bytes_most;
    bool has_files, has_many, is_table, has_finished, is_draft, is_read, is_url_open;
    str url, url_fault, table, table_fault, where, select;
    struct tpl_list files, others, schedules, errors;
};

static const struct tpl_member choice_members[] = {TPL_TEXT(struct choice_item, value), TPL_TEXT(struct choice_item, label),
                                                   TPL_BOOL(struct choice_item, chosen)};
static const struct tpl_struct choice_struct = TPL_STRUCT(struct choice_item, choice_members);
static const struct tpl_member page_members[] = {
    TPL_HTML(struct source_page, reading),
    TPL_HTML(struct source_page, steps),         TPL_TEXT(struct source_page, csrf),
    TPL_TEXT(struct source_page, revision),      TPL_TEXT(struct source_page, warning),
    TPL_URL(struct source_page, own_address),    TPL_URL(struct source_page, file_address),
    TPL_TEXT(struct source_page, uploads_address), TPL_TEXT(struct source_page, dataset),
    TPL_TEXT(struct source_page, limit),         TPL_NUMBER(struct source_page, bytes_most),
    TPL_BOOL(struct source_page, has_files),     TPL_BOOL(struct source_page, has_many),
    TPL_BOOL(struct source_page, has_finished),  TPL_BOOL(struct source_page, is_draft),
    TPL_BOOL(struct source_page, is_read),      TPL_BOOL(struct source_page, is_url_open),
    TPL_BOOL(struct source_page, is_table),
    TPL_TEXT(struct source_page, url),           TPL_TEXT(struct source_page, url_fault),
    TPL_TEXT(struct source_page, table),         TPL_TEXT(struct source_page, table_fault),
    TPL_TEXT(struct source_page, where),         TPL_TEXT(struct source_page, select),
    TPL_LIST(struct source_page, files, wizard_file_struct), TPL_LIST(struct source_page, others, wizard_file_struct),
    TPL_LIST(struct source_page, schedules, choice_struct),
    TPL_LIST(struct source_page, errors, fault_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct source_page, page_members);
const struct tpl_binding wizard_source_template = {"back/wizard_source", &page_struct};

/* What was typed and what is wrong with it. */
struct typed {
    str url, url_fault, schedule, table, table_fault, where, select, warning;
    bool is_sent;
};

/* ---- showing ---- */

static struct tpl_list list_schedules(struct call *call, str chosen)
{
    static const struct {
        const char *value;
        enum message label;
    } rows[] = {{"", MSG_BACKOFFICE_WIZARD_SCHEDULE_NONE},     {"hourly", MSG_BACKOFFICE_WIZARD_SCHEDULE_HOURLY},
                {"daily", MSG_BACKOFFICE_WIZARD_SCHEDULE_DAILY}, {"weekly", MSG_BACKOFFICE_WIZARD_SCHEDULE_WEEKLY},
                {"monthly", MSG_BACKOFFICE_WIZARD_SCHEDULE_MONTHLY}};
    struct choice_item *items = arena_array(&call->scope->arena, struct choice_item, ARRAY_LENGTH(rows));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        items[i] = (struct choice_item){str_from(rows[i].value), office_say(call, rows[i].label),
                                        str_eq(chosen, str_from(rows[i].value))};
    }
    return (struct tpl_list){items, ARRAY_LENGTH(rows)};
}

static str query_value(struct call *call, str location, str name)
{
    struct query query;
    size_t mark = str_find_char(location, '?', 0);
    if (mark == SIZE_MAX || query_parse(call->scope, str_slice(location, mark + 1, location.n), &query) != ERR_OK) {
        scope_forgive(call->scope);
        return S("");
    }
    const str *value = query_find(&query, name);
    return value ? *value : S("");
}

/* What is stored, where nothing was sent. */
static void fill_typed(const struct wizard *wizard, struct typed *typed)
{
    const struct resource *resource = &wizard->resource;
    if (resource->kind == RESOURCE_URL && !typed->is_sent) {
        typed->url = resource->location;
        typed->schedule = resource->schedule;
    }
    if (resource->kind == RESOURCE_DATASET && !typed->is_sent) {
        typed->table = str_slice(resource->location, 0, str_find_char(resource->location, '?', 0));
        typed->where = query_value(wizard->call, resource->location, S("where"));
        typed->select = query_value(wizard->call, resource->location, S("select"));
    }
}

static enum err tell_source(struct wizard *wizard)
{
    const struct resource *resource = &wizard->resource;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("kind"), str_from(resource_kind_name(resource->kind)));
    json_key(&json, S("uploads"));
    json_array_begin(&json);
    for (size_t i = 0; i < resource->upload_count; i++) {
        json_text(&json, resource->uploads[i]);
    }
    json_array_end(&json);
    json_key_text(&json, S("location"), resource->kind == RESOURCE_URL
                                            ? fetch_shown_address(&wizard->call->scope->arena, resource->location)
                                            : resource->location);
    json_key_text(&json, S("schedule"), resource->schedule);
    json_key(&json, S("settings"));
    json_raw(&json, resource->settings);
    json_key_int(&json, S("revision"), resource->changed);
    json_object_end(&json);
    return office_json(wizard->call, 200, &out);
}

static enum err show(struct wizard *wizard, struct typed *typed)
{
    struct call *call = wizard->call;
    struct faults faults = {0};
    if (page_is_for_script(call) && !office_is_post(call)) {
        return tell_source(wizard);
    }
    fill_typed(wizard, typed);
    struct source_page page = {.steps = wizard_steps(wizard, STEP_SOURCE),
                               .csrf = call->ignores_cookies ? S("") : csrf_token(call),
                               .revision = wizard_revision(wizard),
                               .warning = typed->warning,
                               .own_address = wizard_address(wizard, ""),
                               .file_address = wizard_address(wizard, "/file"),
                               .uploads_address = S("/backoffice/uploads"),
                               .dataset = wizard->dataset->id,
                               .limit = format_bytes(&call->scope->arena, call->language, call->app->upload_bytes_most),
                               .bytes_most = call->app->upload_bytes_most,
                               .is_draft = wizard->dataset->version == 0,
                               .is_table = typed->table.n || typed->table_fault.n,
                               .url = typed->url,
                               .url_fault = typed->url_fault,
                               .table = typed->table,
                               .table_fault = typed->table_fault,
                               .where = typed->where,
                               .select = typed->select,
                               .schedules = list_schedules(call, typed->schedule)};
    TRY(wizard_reading(wizard, &page.reading));
    page.is_read = page.reading.text.n > 0;
    page.is_url_open = typed->url_fault.n || (typed->url.n && (!page.is_read || office_is_post(call)));
    struct wizard_files files;
    TRY(wizard_list_files(wizard, &files));
    page.files = files.all;
    page.others = files.others;
    page.has_files = files.all.count > 0;
    page.has_many = files.finished > 1;
    page.has_finished = files.finished > 0;
    if (typed->url_fault.n) {
        faults_add_text(call, &faults, S("url"), typed->url_fault);
    }
    if (typed->table_fault.n) {
        faults_add_text(call, &faults, S("table"), typed->table_fault);
    }
    page.errors = faults_list(&faults);
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = wizard->dataset,
                                                                   .tab = OFFICE_TAB_SOURCE,
                                                                   .title = office_say(call, MSG_BACKOFFICE_WIZARD_STEP_SOURCE),
                                                                   .body = &wizard_source_template,
                                                                   .data = &page,
                                                                   .has_errors = faults.count > 0 || typed->warning.n > 0,
                                                                   .scripts = {"wizard.js"}});
}

enum err wizard_show_source(struct wizard *wizard, str warning)
{
    struct typed typed = {.warning = warning};
    return show(wizard, &typed);
}

/* ---- taking ---- */

/* Stores the source and leads on. */
static enum err save_and_go(struct wizard *wizard, struct typed *typed)
{
    bool conflict;
    TRY(wizard_save(wizard, wizard_seen(wizard), &conflict));
    if (conflict) {
        typed->warning = wizard_conflict_text(wizard);
        return show(wizard, typed);
    }
    return office_done(wizard->call, wizard_address(wizard, "/fields"), MESSAGE_NONE);
}

static size_t list_used(struct call *call, const str **ret_ids)
{
    VEC(str) ids = {0};
    for (size_t i = 0; i < call->form.count; i++) {
        if (str_eq(call->form.items[i].name, S("use")) && !call->form.items[i].is_file) {
            vec_add(&call->scope->arena, &ids, call->form.items[i].value);
        }
    }
    *ret_ids = ids.items;
    return ids.count;
}

/* The name of a file without its ending, as a title. */
static str title_of_file(struct arena *arena, str name)
{
    size_t dot = name.n;
    for (size_t i = 1; i < name.n; i++) {
        dot = name.p[i] == '.' ? i : dot;
    }
    char *title = arena_alloc(arena, dot + 1);
    for (size_t i = 0; i < dot; i++) {
        title[i] = name.p[i] == '_' ? ' ' : name.p[i];
    }
    return (str){title, dot};
}

/* A draft of each file but the first, which stays with this one. */
static enum err split_files(struct wizard *wizard, const str *ids, size_t count)
{
    struct call *call = wizard->call;
    for (size_t i = 1; i < count; i++) {
        struct upload upload;
        str id;
        struct resource resource = {.kind = RESOURCE_UPLOAD, .uploads = &ids[i], .upload_count = 1,
                                    .settings = S("{}"), .changed_by = call->actor->name};
        TRY(upload_find(call->scope, call->app->catalog, ids[i], &upload));
        if (!str_eq(upload.dataset, wizard->dataset->uid)) {
            return fail(call->scope, ERR_NO_UPLOAD, "One of the files is not there any more; send it again.");
        }
        TRY(wizard_create_draft(call, title_of_file(&call->scope->arena, upload.name), &id, &resource.dataset));
        TRY(upload_move(call->scope, call->app->catalog, upload.id, resource.dataset));
        TRY(resource_save(call->scope, call->app->catalog, &resource, 0));
    }
    return office_apply(call);
}

static enum err take_files(struct wizard *wizard, struct typed *typed)
{
    struct call *call = wizard->call;
    const str *ids;
    size_t count = list_used(call, &ids);
    bool splits = str_eq(form_value(&call->form, S("together")), S("each")) && count > 1;
    if (count == 0) {
        typed->warning = office_say(call, MSG_BACKOFFICE_WIZARD_NO_FILE);
        return show(wizard, typed);
    }
    if (splits) {
        TRY(split_files(wizard, ids, count));
    }
    wizard->resource.kind = RESOURCE_UPLOAD;
    wizard->resource.uploads = ids;
    wizard->resource.upload_count = splits ? 1 : count;
    wizard->resource.location = wizard->resource.schedule = wizard->resource.etag = S("");
    return save_and_go(wizard, typed);
}

static enum err take_url(struct wizard *wizard, struct typed *typed)
{
    struct call *call = wizard->call;
    bool conflict;
    typed->is_sent = true;
    typed->url = str_trim(form_value(&call->form, S("url")));
    typed->schedule = form_value(&call->form, S("schedule"));
    if (fetch_check_address(call->scope, typed->url) != ERR_OK) {
        typed->url_fault = fault_text(call, NULL);
        scope_forgive(call->scope);
        return show(wizard, typed);
    }
    bool is_schedule = typed->schedule.n == 0 || str_eq(typed->schedule, S("hourly")) || str_eq(typed->schedule, S("daily")) ||
                       str_eq(typed->schedule, S("weekly")) || str_eq(typed->schedule, S("monthly"));
    if (!str_eq(wizard->resource.location, typed->url)) {
        wizard->resource.etag = wizard->resource.last_modified = S("");
    }
    wizard->resource.kind = RESOURCE_URL;
    wizard->resource.uploads = NULL;
    wizard->resource.upload_count = 0;
    wizard->resource.location = typed->url;
    wizard->resource.schedule = is_schedule ? typed->schedule : S("");
    TRY(wizard_save(wizard, wizard_seen(wizard), &conflict));
    if (conflict) {
        typed->warning = wizard_conflict_text(wizard);
        return show(wizard, typed);
    }
    TRY(wizard_fetch(wizard));
    return office_done(call, wizard_address(wizard, "/fields"), MESSAGE_NONE);
}

static str write_location(struct call *call, const struct typed *typed)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, typed->table);
    if (typed->where.n) {
        buf_add(&out, S("?where="));
        url_encode(&out, typed->where);
    }
    if (typed->select.n) {
        buf_add(&out, typed->where.n ? S("&select=") : S("?select="));
        url_encode(&out, typed->select);
    }
    return buf_copy(&out, &call->scope->arena);
}

/* The table is asked for its first row, with the rights of who asks for it. */
static enum err check_table(struct wizard *wizard, struct typed *typed)
{
    struct call *call = wizard->call;
    str path;
    struct publication_tools tools = {call->app->identity, call->app->access, call->app->records, NULL};
    enum err result = str_eq(typed->table, wizard->dataset->id)
                          ? fail(call->scope, ERR_USAGE, "A dataset cannot be made of itself.")
                          : publication_write_table(call->scope, &tools, call->actor, wizard->resource.location, 1, &path);
    if (result == ERR_OK) {
        unlink(path.p);
        return ERR_OK;
    }
    if (err_kind(result) != KIND_CALLER && err_kind(result) != KIND_ABSENT) {
        return result;
    }
    typed->table_fault = fault_text(call, NULL);
    scope_forgive(call->scope);
    return ERR_OK;
}

static enum err take_table(struct wizard *wizard, struct typed *typed)
{
    struct call *call = wizard->call;
    struct resource before = wizard->resource;
    typed->is_sent = true;
    typed->table = str_trim(form_value(&call->form, S("table")));
    typed->where = str_trim(form_value(&call->form, S("where")));
    typed->select = str_trim(form_value(&call->form, S("select")));
    wizard->resource.location = write_location(call, typed);
    if (typed->table.n == 0 || wizard->resource.location.n > RESOURCE_LOCATION_BYTES) {
        typed->table_fault = office_say(call, MSG_BACKOFFICE_WIZARD_TABLE_FAULT);
    } else {
        TRY(check_table(wizard, typed));
    }
    if (typed->table_fault.n) {
        wizard->resource = before;
        return show(wizard, typed);
    }
    wizard->resource.kind = RESOURCE_DATASET;
    wizard->resource.uploads = NULL;
    wizard->resource.upload_count = 0;
    wizard->resource.schedule = S("");
    return save_and_go(wizard, typed);
}

/* Unchosen files may go; chosen ones are given up by choosing others. */
static enum err remove_file(struct wizard *wizard, str id)
{
    struct call *call = wizard->call;
    struct upload upload;
    TRY(upload_find(call->scope, call->app->catalog, id, &upload));
    if (!str_eq(upload.dataset, wizard->dataset->uid)) {
        return fail(call->scope, ERR_NO_UPLOAD, "There is no such file for this dataset.");
    }
    if (upload.is_used) {
        VEC(str) rest = {0};
        bool conflict;
        for (size_t i = 0; i < wizard->resource.upload_count; i++) {
            if (!str_eq(wizard->resource.uploads[i], id)) {
                vec_add(&call->scope->arena, &rest, wizard->resource.uploads[i]);
            }
        }
        wizard->resource.uploads = rest.items;
        wizard->resource.upload_count = rest.count;
        wizard->resource.kind = rest.count ? RESOURCE_UPLOAD : RESOURCE_NONE;
        TRY(wizard_save(wizard, wizard_seen(wizard), &conflict));
        if (conflict) {
            struct typed typed = {.warning = wizard_conflict_text(wizard)};
            return show(wizard, &typed);
        }
    }
    TRY(upload_remove(call->scope, call->app->catalog, id));
    return office_done(call, wizard_address(wizard, ""), MSG_BACKOFFICE_WIZARD_REMOVED);
}

enum err wizard_source(struct call *call)
{
    struct wizard wizard;
    struct typed typed = {0};
    TRY(wizard_open(call, &wizard));
    if (!office_is_post(call)) {
        return show(&wizard, &typed);
    }
    str settings = form_value(&call->form, S("settings"));
    if (settings.p) { /* of a script */
        TRY(resource_settings_read(call->scope, settings, &wizard.settings));
    }
    str removed = form_value(&call->form, S("remove"));
    if (removed.p) {
        return remove_file(&wizard, removed);
    }
    str kind = form_value(&call->form, S("kind"));
    return str_eq(kind, S("url"))       ? take_url(&wizard, &typed)
           : str_eq(kind, S("dataset")) ? take_table(&wizard, &typed)
                                        : take_files(&wizard, &typed);
}
