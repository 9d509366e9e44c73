/* One change of the metadata of many datasets: chosen, shown, confirmed. */
#include "web/back/bulk.h"

#include "base/json_write.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/catalog/metadata_read.h"
#include "platform/i18n/failure_words.h"
#include "web/back/metadata_form.h"
#include "web/back/routes.h"
#include "web/front/metadata_view.h"
#include "web/shell/faults.h"

#define SHOWN 50
#define TEXT_BYTES 200

struct option {
    str id, value, label;
    bool chosen;
};

struct hidden {
    str name, value;
};

struct change_item {
    str address, id, title, before, after;
};

struct bulk_failure {
    str id, text;
};

struct bulk_page {
    str selection, csrf, summary, submit, result, old, value, write;
    str path_fault, operation_fault, old_fault, value_fault, write_fault;
    bool has_result, has_failures, has_preview, has_changes, is_cut;
    struct tpl_list errors, paths, operations, datasets, hidden, changes, failures;
};

static const struct tpl_member option_members[] = {TPL_TEXT(struct option, id), TPL_TEXT(struct option, value),
                                                   TPL_TEXT(struct option, label), TPL_BOOL(struct option, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct option, option_members);
static const struct tpl_member hidden_members[] = {TPL_TEXT(struct hidden, name), TPL_TEXT(struct hidden, value)};
static const struct tpl_struct hidden_struct = TPL_STRUCT(struct hidden, hidden_members);
static const struct tpl_member change_members[] = {TPL_URL(struct change_item, address), TPL_TEXT(struct change_item, id),
                                                   TPL_TEXT(struct change_item, title), TPL_TEXT(struct change_item, before),
                                                   TPL_TEXT(struct change_item, after)};
static const struct tpl_struct change_struct = TPL_STRUCT(struct change_item, change_members);
static const struct tpl_member failure_members[] = {TPL_TEXT(struct bulk_failure, id), TPL_TEXT(struct bulk_failure, text)};
static const struct tpl_struct failure_struct = TPL_STRUCT(struct bulk_failure, failure_members);
#define MEMBER(kind, name) TPL_##kind(struct bulk_page, name)
static const struct tpl_member page_members[] = {
    MEMBER(TEXT, selection), MEMBER(TEXT, csrf), MEMBER(TEXT, summary), MEMBER(TEXT, submit), MEMBER(TEXT, result),
    MEMBER(TEXT, old), MEMBER(TEXT, value), MEMBER(TEXT, write), MEMBER(TEXT, path_fault),
    MEMBER(TEXT, operation_fault), MEMBER(TEXT, old_fault), MEMBER(TEXT, value_fault), MEMBER(TEXT, write_fault),
    MEMBER(BOOL, has_result), MEMBER(BOOL, has_failures), MEMBER(BOOL, has_preview), MEMBER(BOOL, has_changes),
    MEMBER(BOOL, is_cut), TPL_LIST(struct bulk_page, errors, fault_struct),
    TPL_LIST(struct bulk_page, paths, option_struct), TPL_LIST(struct bulk_page, operations, option_struct),
    TPL_LIST(struct bulk_page, datasets, hidden_struct), TPL_LIST(struct bulk_page, hidden, hidden_struct),
    TPL_LIST(struct bulk_page, changes, change_struct), TPL_LIST(struct bulk_page, failures, failure_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct bulk_page, page_members);
const struct tpl_binding bulk_template = {"back/bulk", &page_struct};

/* What was asked, and for which datasets. */
struct bulk {
    struct call *call;
    struct bulk_page page;
    struct faults faults;
    struct bulk_change change;
    const struct metadata_row *row;
    json_t *value; /* owned */
    bool is_all;
    VEC(const struct dataset *) datasets; /* that there are and he may edit */
    VEC(struct bulk_failure) failures;
};

static void bulk_close(struct bulk *bulk)
{
    json_decref(bulk->value);
}

static str given(const struct bulk *bulk, const char *name)
{
    str sent = form_value(&bulk->call->form, str_from(name));
    return str_trim(sent.p ? sent : call_query(bulk->call, str_from(name)));
}

/* ---- the selection ---- */

static void add_dataset(struct bulk *bulk, const struct dataset *dataset, str id)
{
    struct call *call = bulk->call;
    struct arena *arena = &call->scope->arena;
    bool may = dataset && (access_rights(call->scope, call->app->access, call->actor, dataset) & RIGHT_EDIT);
    if (may) {
        vec_add(arena, &bulk->datasets, dataset);
    } else if (!bulk->is_all) {
        vec_add(arena, &bulk->failures, (struct bulk_failure){id, office_say(call, MSG_BACKOFFICE_BULK_NOT_ALLOWED)});
    }
}

static void read_selection(struct bulk *bulk)
{
    struct call *call = bulk->call;
    bulk->is_all = given(bulk, "all").n > 0;
    for (size_t i = 0; i < call->snapshot->count && bulk->is_all; i++) {
        add_dataset(bulk, call->snapshot->datasets[i], call->snapshot->datasets[i]->id);
    }
    for (size_t i = 0; i < call->query.count && !bulk->is_all && !office_is_post(call); i++) {
        if (str_eq(call->query.items[i].name, S("dataset"))) {
            add_dataset(bulk, snapshot_find(call->snapshot, call->query.items[i].value), call->query.items[i].value);
        }
    }
    for (size_t i = 0; i < call->form.count && !bulk->is_all; i++) {
        if (str_eq(call->form.items[i].name, S("dataset"))) {
            add_dataset(bulk, snapshot_find(call->snapshot, call->form.items[i].value), call->form.items[i].value);
        }
    }
}

/* ---- the change ---- */

static bool is_changeable(const struct metadata_row *row)
{
    return metadata_is_offered(row) && !str_eq(row->name, S("modified")) && !str_eq(row->in->name, S("visualization"));
}

static str path_of(struct arena *arena, const struct metadata_row *row)
{
    return str_printf(arena, "%.*s.%.*s", STR_ARG(row->in->name), STR_ARG(row->name));
}

static void list_choices(struct bulk *bulk)
{
    static const enum message labels[] = {
        [BULK_SET] = MSG_BACKOFFICE_BULK_SET, [BULK_ADD] = MSG_BACKOFFICE_BULK_ADD,
        [BULK_REMOVE] = MSG_BACKOFFICE_BULK_REMOVE, [BULK_REPLACE] = MSG_BACKOFFICE_BULK_REPLACE,
        [BULK_CLEAR] = MSG_BACKOFFICE_BULK_CLEAR};
    struct call *call = bulk->call;
    struct arena *arena = &call->scope->arena;
    size_t count;
    size_t n = 0;
    const struct metadata_row *rows = metadata_rows(&count);
    struct option *paths = arena_array(arena, struct option, count);
    struct option *operations = arena_array(arena, struct option, BULK__COUNT);
    str path = given(bulk, "path");
    for (size_t i = 0; i < count; i++) {
        if (is_changeable(&rows[i])) {
            str one = path_of(arena, &rows[i]);
            paths[n++] = (struct option){.value = one,
                                         .label = str_printf(arena, "%.*s (%.*s)", STR_ARG(office_say(call, metadata_label(&rows[i]))), STR_ARG(one)),
                                         .chosen = str_eq(one, path)};
        }
    }
    for (int i = 0; i < BULK__COUNT; i++) {
        str name = str_from(bulk_operation_name((enum bulk_operation)i));
        operations[i] = (struct option){.id = i ? str_printf(arena, "operation-%d", i) : S("operation"),
                                        .value = name,
                                        .label = office_say(call, labels[i]),
                                        .chosen = str_eq(name, given(bulk, "operation"))};
    }
    bulk->page.paths = (struct tpl_list){paths, n};
    bulk->page.operations = (struct tpl_list){operations, BULK__COUNT};
}

static str wrong(struct bulk *bulk, const char *field, enum message message)
{
    return faults_add(bulk->call, &bulk->faults, str_from(field), message);
}

static void read_value(struct bulk *bulk)
{
    struct arena *arena = &bulk->call->scope->arena;
    enum message expected = MSG_BACKOFFICE_METADATA_FAULT_REQUIRED;
    texts held = {0};
    str rest = bulk->page.value;
    str line;
    bool is_needed = bulk->change.operation == BULK_SET || bulk->change.operation == BULK_ADD ||
                     bulk->change.operation == BULK_REPLACE;
    if (bulk->row->type == METADATA_TEXTS) {
        while (str_split(&rest, '\n', &line)) {
            metadata_texts_split(arena, bulk->row, line, &held);
        }
    } else if (rest.n) {
        vec_add(arena, &held, rest);
    }
    if (!is_needed) {
        return;
    }
    if (!held.count || !metadata_texts_read(bulk->call->scope, bulk->row, &held, &bulk->value, &expected)) {
        bulk->page.value_fault = wrong(bulk, "value", expected);
    }
    bulk->change.value = bulk->value;
}

/* False: something is wrong, which the page says. */
static bool read_change(struct bulk *bulk)
{
    struct bulk_change *change = &bulk->change;
    change->path = given(bulk, "path");
    change->lang = given(bulk, "write");
    change->old = given(bulk, "old");
    size_t dot = str_find_char(change->path, '.', 0);
    bulk->row = dot == SIZE_MAX ? NULL
                                : metadata_find(str_slice(change->path, 0, dot),
                                                str_slice(change->path, dot + 1, change->path.n));
    if (!bulk->row || !is_changeable(bulk->row)) {
        bulk->page.path_fault = wrong(bulk, "path", MSG_BACKOFFICE_FAULT_CHOOSE);
        return false;
    }
    if (!bulk_operation_find(given(bulk, "operation"), &change->operation) ||
        (change->operation == BULK_ADD && bulk->row->type != METADATA_TEXTS)) {
        bulk->page.operation_fault =
            wrong(bulk, "operation", bulk->row->type == METADATA_TEXTS ? MSG_BACKOFFICE_FAULT_CHOOSE
                                                                      : MSG_BACKOFFICE_BULK_FAULT_LIST);
        return false;
    }
    if ((change->operation == BULK_REPLACE || change->operation == BULK_REMOVE) && !change->old.n) {
        bulk->page.old_fault = wrong(bulk, "old", MSG_BACKOFFICE_METADATA_FAULT_REQUIRED);
    }
    if (change->lang.n && (!metadata_is_language(change->lang) || !(bulk->row->flags & METADATA_LANG))) {
        bulk->page.write_fault = wrong(bulk, "write", MSG_BACKOFFICE_BULK_FAULT_LANGUAGE);
    }
    read_value(bulk);
    return bulk->faults.count == 0;
}

/* ---- showing what it will do ---- */

static str shown(struct bulk *bulk, const json_t *metadata)
{
    struct arena *arena = &bulk->call->scope->arena;
    texts held = metadata_texts_of(arena, bulk->row, bulk_value(metadata, &bulk->change));
    str text = held.count ? str_join(arena, held.items, held.count, sizeof(str), S(", ")) : S("–");
    return text.n > TEXT_BYTES ? str_printf(arena, "%.*s…", STR_ARG(utf8_truncate(text, TEXT_BYTES))) : text;
}

/* What one dataset becomes; nothing is added when it stays as it is. */
static enum err try_dataset(struct bulk *bulk, const struct dataset *light, struct change_item *ret_item,
                            bool *ret_changed)
{
    struct call *call = bulk->call;
    const struct dataset *dataset;
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(dataset_load(call->scope, call->snapshot, light, &dataset));
    TRY(json_read(call->scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"), "stored metadata",
                  &metadata));
    str before = shown(bulk, metadata);
    TRY(bulk_apply(call->scope, metadata, &bulk->change, ret_changed));
    *ret_item = (struct change_item){.address = office_dataset_address(call, light->id, "/metadata"),
                                     .id = light->id,
                                     .title = office_dataset_title(light),
                                     .before = before,
                                     .after = shown(bulk, metadata)};
    return ERR_OK;
}

static void list_hidden(struct bulk *bulk)
{
    static const char *const names[] = {"path", "operation", "old", "value", "write"};
    struct arena *arena = &bulk->call->scope->arena;
    VEC(struct hidden) all = {0};
    VEC(struct hidden) datasets = {0};
    if (bulk->is_all) {
        vec_add(arena, &datasets, (struct hidden){S("all"), S("1")});
    }
    for (size_t i = 0; i < bulk->datasets.count && !bulk->is_all; i++) {
        vec_add(arena, &datasets, (struct hidden){S("dataset"), bulk->datasets.items[i]->id});
    }
    for (size_t i = 0; i < datasets.count; i++) {
        vec_add(arena, &all, datasets.items[i]);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        vec_add(arena, &all, (struct hidden){str_from(names[i]), given(bulk, names[i])});
    }
    bulk->page.datasets = (struct tpl_list){datasets.items, datasets.count};
    bulk->page.hidden = (struct tpl_list){all.items, all.count};
}

/* Of more datasets than are changed at once the first are tried: a look at all would take as long as the change. */
static enum err preview(struct bulk *bulk)
{
    struct call *call = bulk->call;
    VEC(struct change_item) items = {0};
    int64_t changed = 0;
    size_t tried = bulk->datasets.count < BULK_AT_ONCE ? bulk->datasets.count : BULK_AT_ONCE;
    for (size_t i = 0; i < tried; i++) {
        struct change_item item;
        bool is_changed;
        TRY(try_dataset(bulk, bulk->datasets.items[i], &item, &is_changed));
        changed += is_changed;
        if (is_changed && items.count < SHOWN) {
            vec_add(&call->scope->arena, &items, item);
        }
    }
    bool is_long = bulk->datasets.count > tried;
    bulk->page.has_preview = true;
    bulk->page.has_changes = changed > 0 || is_long;
    bulk->page.is_cut = changed > (int64_t)items.count || is_long;
    bulk->page.changes = (struct tpl_list){items.items, items.count};
    bulk->page.summary = office_tell(call, MSG_BACKOFFICE_BULK_SUMMARY, ARG_INT("changed", changed),
                                     ARG_INT("count", (int64_t)tried));
    bulk->page.submit = is_long ? office_tell(call, MSG_BACKOFFICE_BULK_CONFIRM_JOB,
                                              ARG_INT("count", (int64_t)bulk->datasets.count))
                                : office_tell(call, MSG_BACKOFFICE_BULK_CONFIRM, ARG_INT("count", changed));
    return ERR_OK;
}

/* ---- doing it ---- */

static enum err begin_job(struct bulk *bulk)
{
    struct call *call = bulk->call;
    struct scope *scope = call->scope;
    str *ids = arena_array(&scope->arena, str, bulk->datasets.count);
    int64_t id;
    for (size_t i = 0; i < bulk->datasets.count; i++) {
        ids[i] = bulk->datasets.items[i]->id;
    }
    struct new_job job = {.kind = BULK_JOB_KIND,
                          .label = bulk->change.path,
                          .arguments = bulk_job_arguments(scope, &bulk->change, ids, bulk->datasets.count),
                          .by = call->actor};
    TRY(job_add(scope, call->app->catalog, &job, &id));
    return office_done(call, office_path_id(call, "/backoffice/jobs/", id), MSG_BACKOFFICE_BULK_JOB);
}

/* Each by itself: what failed is told, the others are done. */
static enum err change_now(struct bulk *bulk)
{
    struct call *call = bulk->call;
    struct scope *scope = call->scope;
    int64_t done = 0;
    for (size_t i = 0; i < bulk->datasets.count; i++) {
        str id = bulk->datasets.items[i]->id;
        bool changed = false;
        enum err result = bulk_describe(scope, call->app->catalog, id, &bulk->change, &changed);
        if (result != ERR_OK) {
            vec_add(&scope->arena, &bulk->failures, ((struct bulk_failure){id, failure_words(&scope->arena, call->language, &scope->failure)}));
            scope_forgive(scope);
        } else if (changed) {
            done++;
            audit_add(scope, call->app->identity, call->actor, &call->origin, "dataset.describe", id, bulk->change.path);
        }
    }
    TRY(office_apply(call));
    bulk->page.has_result = true;
    bulk->page.result = office_tell(call, MSG_BACKOFFICE_BULK_DONE, ARG_INT("count", done));
    return ERR_OK;
}

static enum err tell(struct bulk *bulk)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("message"), bulk->page.has_result ? bulk->page.result : bulk->page.summary);
    json_key(&json, S("fields"));
    json_object_begin(&json);
    for (size_t i = 0; i < bulk->faults.count; i++) {
        json_key_text(&json, str_slice(bulk->faults.items[i].anchor, 1, bulk->faults.items[i].anchor.n),
                      bulk->faults.items[i].message);
    }
    json_object_end(&json);
    json_key(&json, S("failures"));
    json_array_begin(&json);
    for (size_t i = 0; i < bulk->failures.count; i++) {
        json_object_begin(&json);
        json_key_text(&json, S("dataset_id"), bulk->failures.items[i].id);
        json_key_text(&json, S("message"), bulk->failures.items[i].text);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    return office_json(bulk->call, bulk->faults.count ? 422 : 200, &out);
}

static enum err show(struct bulk *bulk)
{
    struct call *call = bulk->call;
    struct bulk_page *page = &bulk->page;
    list_choices(bulk);
    list_hidden(bulk);
    page->csrf = call->ignores_cookies ? S("") : csrf_token(call);
    page->selection = office_tell(call, MSG_BACKOFFICE_BULK_SELECTION, ARG_INT("count", (int64_t)bulk->datasets.count));
    page->errors = faults_list(&bulk->faults);
    page->failures = (struct tpl_list){bulk->failures.items, bulk->failures.count};
    page->has_failures = bulk->failures.count > 0;
    page->has_result |= page->has_failures;
    if (office_is_post(call) && page_is_for_script(call)) {
        return tell(bulk);
    }
    return office_send(call, &(struct office_page){.section = SECTION_DATASETS,
                                                   .title = office_say(call, MSG_BACKOFFICE_BULK_TITLE),
                                                   .body = &bulk_template,
                                                   .data = page,
                                                   .has_errors = bulk->faults.count > 0});
}

static enum err answer(struct bulk *bulk)
{
    bool is_confirmed = form_has(&bulk->call->form, S("confirm"));
    if (!office_is_post(bulk->call) || !read_change(bulk)) {
        return show(bulk);
    }
    bool is_job = bulk->datasets.count > BULK_AT_ONCE || form_has(&bulk->call->form, S("job"));
    if (is_confirmed && bulk->datasets.count && is_job) {
        return begin_job(bulk);
    }
    TRY(is_confirmed ? change_now(bulk) : preview(bulk));
    return show(bulk);
}

enum err back_bulk(struct call *call)
{
    struct bulk bulk cleanup_with(bulk_close) = {.call = call};
    bulk.page.old = given(&bulk, "old");
    bulk.page.value = given(&bulk, "value");
    bulk.page.write = given(&bulk, "write");
    read_selection(&bulk);
    return answer(&bulk);
}
