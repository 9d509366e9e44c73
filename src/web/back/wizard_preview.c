/* The first rows of a file as they will be, and those that do not fit. */
#include <fcntl.h>
#include <unistd.h>

#include "domain/resource/publication.h"
#include "domain/resource/words.h"
#include "platform/i18n/failure_words.h"
#include "web/back/wizard.h"

#define SAMPLE_MOST ((int64_t)32 << 20) /* of a text file whose bytes lie in a database */
#define START_BYTES 512

struct cell_item {
    str text;
    bool is_missing;
};

struct row_item {
    struct tpl_list cells;
};

struct tables {
    str fault, caption, rejects_caption;
    bool has_rows, has_rejects, is_alone;
    struct tpl_list heads, rows, rejects, notes;
};

struct head_item {
    str label, type;
};

struct note_item {
    str text;
};

static const struct tpl_member cell_members[] = {TPL_TEXT(struct cell_item, text), TPL_BOOL(struct cell_item, is_missing)};
static const struct tpl_struct cell_struct = TPL_STRUCT(struct cell_item, cell_members);
static const struct tpl_member row_members[] = {TPL_LIST(struct row_item, cells, cell_struct)};
static const struct tpl_struct row_struct = TPL_STRUCT(struct row_item, row_members);
static const struct tpl_member head_members[] = {TPL_TEXT(struct head_item, label), TPL_TEXT(struct head_item, type)};
static const struct tpl_struct head_struct = TPL_STRUCT(struct head_item, head_members);
static const struct tpl_member note_members[] = {TPL_TEXT(struct note_item, text)};
static const struct tpl_struct note_struct = TPL_STRUCT(struct note_item, note_members);
static const struct tpl_member tables_members[] = {
    TPL_TEXT(struct tables, fault),        TPL_TEXT(struct tables, caption),
    TPL_TEXT(struct tables, rejects_caption), TPL_BOOL(struct tables, has_rows),
    TPL_BOOL(struct tables, has_rejects),  TPL_BOOL(struct tables, is_alone),
    TPL_LIST(struct tables, heads, head_struct), TPL_LIST(struct tables, rows, row_struct),
    TPL_LIST(struct tables, rejects, wizard_reject_struct), TPL_LIST(struct tables, notes, note_struct)};
static const struct tpl_struct tables_struct = TPL_STRUCT(struct tables, tables_members);
const struct tpl_binding wizard_preview_template = {"back/wizard_preview", &tables_struct};

/* ---- looking ---- */

/* Whether a file can be looked at by its start alone: texts can. */
static bool is_text(const char *path)
{
    char start[START_BYTES];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file >= 0 ? read(file, start, sizeof(start)) : -1;
    if (file >= 0) {
        close(file);
    }
    const char *format = n > 0 ? ingest_recognise((str){start, (size_t)n}) : NULL;
    return format && (strcmp(format, "csv") == 0 || strcmp(format, "jsonl") == 0 || strcmp(format, "json") == 0 ||
                      strcmp(format, "geojson") == 0);
}

static enum err open_start(struct wizard *wizard, const struct upload *upload, struct upload_file *file)
{
    struct call *call = wizard->call;
    TRY(upload_open(call->scope, call->app->catalog, upload, SAMPLE_MOST, file));
    if (!file->is_copy || upload->bytes <= SAMPLE_MOST || is_text(file->path.p)) {
        return ERR_OK;
    }
    upload_file_done(file);
    return upload_open(call->scope, call->app->catalog, upload, 0, file);
}

/* Opens what the resource is made of; *ret_name: what messages call it. */
static enum err open_source(struct wizard *wizard, struct upload_file *file, str *ret_name)
{
    struct call *call = wizard->call;
    const struct resource *resource = &wizard->resource;
    struct upload upload;
    if (resource->kind == RESOURCE_DATASET) {
        struct publication_tools tools = {call->app->identity, call->app->access, call->app->records, NULL};
        *ret_name = resource->location;
        TRY(publication_write_table(call->scope, &tools, call->actor, resource->location, PREVIEW_SAMPLE, &file->path));
        file->is_copy = true;
        return ERR_OK;
    }
    if (resource->upload_count == 0) {
        return fail_in_words(call->scope, ERR_DATA, MSG_FAULT_SOURCE_NO_FILE, NULL);
    }
    TRY(upload_find(call->scope, call->app->catalog, resource->uploads[0], &upload));
    *ret_name = upload.name;
    return open_start(wizard, &upload, file);
}

static enum err look(struct wizard *wizard, const struct resource_settings *settings, struct preview *ret_preview)
{
    struct call *call = wizard->call;
    struct upload_file file = {0};
    struct publish_options options;
    str name;
    TRY(resource_settings_options(call->scope, settings, &options));
    TRY(open_source(wizard, &file, &name));
    options.path = file.path.p;
    options.shown_name = str_cz(&call->scope->arena, name);
    enum err result = ingest_preview(call->scope, &options, catalog_data_directory(call->app->catalog), ret_preview);
    upload_file_done(&file);
    return result;
}

enum err wizard_preview(struct wizard *wizard, const struct resource_settings *settings, struct preview *ret_preview,
                        str *ret_fault)
{
    struct scope *scope = wizard->call->scope;
    *ret_preview = (struct preview){0};
    *ret_fault = S("");
    enum err result = look(wizard, settings, ret_preview);
    bool is_of_file = result != ERR_OK && (err_kind(result) == KIND_CALLER || err_kind(result) == KIND_TOO_MUCH ||
                                           err_kind(result) == KIND_ABSENT || result == ERR_FILE);
    if (is_of_file) {
        bool is_told = scope->failure.explanation || scope->failure.is_no_room || scope->failure.is_file_limit || result == ERR_FILE;
        *ret_fault = is_told ? failure_words(&scope->arena, wizard->call->language, &scope->failure)
                             : resource_words(&scope->arena, scope->failure.message);
        scope_forgive(scope);
        return ERR_OK;
    }
    return result;
}

/* ---- showing ---- */

/* Which fields are shown: the one that is asked for, or those that stay. */
static bool shows(const struct wizard *wizard, str name, str column)
{
    const struct resource_field *chosen = resource_field_find(&wizard->settings, name);
    return column.n ? str_eq(name, column) : !chosen || !chosen->is_hidden;
}

static struct tpl_list list_rows(struct wizard *wizard, const struct preview *preview, str column)
{
    struct arena *arena = &wizard->call->scope->arena;
    struct row_item *rows = arena_array(arena, struct row_item, preview->row_count + 1);
    for (size_t i = 0; i < preview->row_count; i++) {
        struct cell_item *cells = arena_array(arena, struct cell_item, preview->schema.count + 1);
        size_t count = 0;
        for (size_t j = 0; j < preview->schema.count; j++) {
            str text = preview->rows[i * preview->schema.count + j];
            if (shows(wizard, preview->schema.fields[j].name, column)) {
                cells[count++] = (struct cell_item){text.p ? text : S(""), !text.p};
            }
        }
        rows[i].cells = (struct tpl_list){cells, count};
    }
    return (struct tpl_list){rows, preview->row_count};
}

static struct tpl_list list_heads(struct wizard *wizard, const struct preview *preview, str column)
{
    struct head_item *heads = arena_array(&wizard->call->scope->arena, struct head_item, preview->schema.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < preview->schema.count; i++) {
        const struct field *field = &preview->schema.fields[i];
        if (shows(wizard, field->name, column)) {
            heads[count++] = (struct head_item){field->label, office_say(wizard->call, preview_type_label(field->type))};
        }
    }
    return (struct tpl_list){heads, count};
}

static struct tpl_list list_notes(struct wizard *wizard, const struct preview *preview)
{
    struct arena *arena = &wizard->call->scope->arena;
    struct note_item *notes = arena_array(arena, struct note_item, preview->note_count + 1);
    for (size_t i = 0; i < preview->note_count; i++) {
        notes[i].text = remark_say(arena, wizard->call->language, &preview->notes[i]);
    }
    return (struct tpl_list){notes, preview->note_count};
}

struct html wizard_preview_tables(struct wizard *wizard, const struct preview *preview, str column, str fault)
{
    struct call *call = wizard->call;
    struct tables tables = {
        .fault = fault,
        .has_rows = preview->row_count > 0,
        .is_alone = column.n > 0,
        .has_rejects = preview->rejected > 0,
        .caption = office_tell(call, MSG_BACKOFFICE_WIZARD_PREVIEW_CAPTION, ARG_INT("rows", (int64_t)preview->row_count)),
        .rejects_caption = office_tell(call, preview->is_cut ? MSG_BACKOFFICE_WIZARD_REJECTS_SAMPLE
                                                             : MSG_BACKOFFICE_WIZARD_REJECTS_ALL,
                                       ARG_INT("count", preview->rejected),
                                       ARG_INT("records", preview->records + preview->rejected)),
        .heads = list_heads(wizard, preview, column),
        .rows = list_rows(wizard, preview, column),
        .rejects = wizard_rejects(call, preview->rejects, preview->reject_count),
        .notes = column.n ? (struct tpl_list){0} : list_notes(wizard, preview)};
    return tpl_html(call->scope, call->app->tpl, &wizard_preview_template, call->language, &tables);
}
