/* Attachments of a dataset: list, upload, title, order, removal. */
#include "base/json_write.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/catalog/attachment.h"
#include "web/back/form.h"
#include "web/back/metadata_page.h"
#include "web/back/routes.h"

#define TITLE_BYTES 300

struct item {
    str address, file_address, remove_address, title, file_name, type, size;
    bool can_be_raised;
};

struct attachments_page {
    struct html navigation;
    str csrf, fault, title_value, invalid;
    bool found;
    struct tpl_list attachments;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct item, address),   TPL_URL(struct item, file_address), TPL_URL(struct item, remove_address),
    TPL_TEXT(struct item, title),    TPL_TEXT(struct item, file_name),   TPL_TEXT(struct item, type),
    TPL_TEXT(struct item, size),     TPL_BOOL(struct item, can_be_raised)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item, item_members);
static const struct tpl_member page_members[] = {
    TPL_HTML(struct attachments_page, navigation), TPL_TEXT(struct attachments_page, csrf),
    TPL_TEXT(struct attachments_page, fault),      TPL_TEXT(struct attachments_page, title_value),
    TPL_TEXT(struct attachments_page, invalid),    TPL_BOOL(struct attachments_page, found),
    TPL_LIST(struct attachments_page, attachments, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct attachments_page, page_members);
const struct tpl_binding metadata_attachments_template = {"back/metadata_attachments", &page_struct};

static str base(const struct call *call, const struct dataset *dataset)
{
    return office_dataset_address(call, dataset->id, "/metadata/attachments");
}

static enum err show(struct call *call, const struct dataset *dataset, str fault)
{
    const struct attachment *attachments;
    size_t count;
    struct arena *arena = &call->scope->arena;
    TRY(attachments_of(call->scope, dataset, &attachments, &count));
    struct item *items = arena_array(arena, struct item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str address = str_printf(arena, "%.*s/%.*s", STR_ARG(base(call, dataset)), STR_ARG(attachments[i].id));
        items[i] = (struct item){
            .address = address,
            .file_address = str_printf(arena, "/api/explore/v2.1/catalog/datasets/%.*s/attachments/%.*s",
                                       STR_ARG(dataset->id), STR_ARG(attachments[i].id)),
            .remove_address = str_printf(arena, "%.*s/remove", STR_ARG(address)),
            .title = attachments[i].title,
            .file_name = attachments[i].file_name,
            .type = attachments[i].mimetype,
            .size = format_bytes(arena, call->language, attachments[i].bytes),
            .can_be_raised = i > 0};
    }
    struct attachments_page page = {.csrf = call->ignores_cookies ? S("") : csrf_token(call),
                                    .fault = fault,
                                    .invalid = fault.n ? S("true") : S("false"),
                                    .title_value = form_value(&call->form, S("title")),
                                    .found = count > 0,
                                    .attachments = {items, count}};
    TRY(metadata_navigation(call, dataset, METADATA_PART_ATTACHMENTS, S(""), &page.navigation));
    return office_dataset_send(
        call, &(struct office_dataset_page){.dataset = dataset,
                                           .tab = OFFICE_TAB_METADATA,
                                           .title = office_say(call, MSG_BACKOFFICE_METADATA_ATTACHMENTS),
                                           .body = &metadata_attachments_template,
                                           .data = &page,
                                           .has_errors = fault.n > 0});
}

/* The last part of what a browser gave, which may be a path of its machine. */
static str file_name_of(str given)
{
    for (size_t i = given.n; i > 0; i--) {
        if (given.p[i - 1] == '/' || given.p[i - 1] == '\\') {
            return str_slice(given, i, given.n);
        }
    }
    return given;
}

static enum err attach(struct call *call, const struct dataset *dataset, const struct form_item *file)
{
    struct attachment attachment;
    str name = file_name_of(file->file_name);
    str title = str_trim(form_value(&call->form, S("title")));
    if (title.n > TITLE_BYTES || !utf8_is_line(title.n ? title : S("x"))) {
        return show(call, dataset, office_say(call, MSG_BACKOFFICE_ATTACHMENTS_FAULT_TITLE));
    }
    enum err result = catalog_attach_bytes(call->scope, call->app->catalog, dataset->id, name, file->value, S(""), title,
                                           &attachment);
    if (result == ERR_CONFLICT || result == ERR_USAGE) {
        scope_forgive(call->scope);
        return show(call, dataset,
                    office_tell(call, result == ERR_USAGE ? MSG_BACKOFFICE_ATTACHMENTS_FAULT_NAME
                                                          : MSG_BACKOFFICE_ATTACHMENTS_FAULT_MANY,
                                ARG_INT("count", ATTACHMENTS_MOST)));
    }
    TRY(result);
    TRY(office_apply(call));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.attach", dataset->id, attachment.id);
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_ATTACHMENTS_DONE);
}

static enum err tell(struct call *call, const struct dataset *dataset)
{
    const struct attachment *attachments;
    size_t count;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    TRY(attachments_of(call->scope, dataset, &attachments, &count));
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&json);
        json_key_text(&json, S("id"), attachments[i].id);
        json_key_text(&json, S("title"), attachments[i].title);
        json_key_text(&json, S("file_name"), attachments[i].file_name);
        json_key_text(&json, S("mimetype"), attachments[i].mimetype);
        json_key_int(&json, S("bytes"), attachments[i].bytes);
        json_object_end(&json);
    }
    json_array_end(&json);
    return office_json(call, 200, &out);
}

enum err back_attachments(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    if (!office_is_post(call)) {
        return page_is_for_script(call) ? tell(call, dataset) : show(call, dataset, S(""));
    }
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (item->is_file && str_eq(item->name, S("file")) && item->file_name.n) {
            return attach(call, dataset, item);
        }
    }
    return show(call, dataset, office_say(call, MSG_BACKOFFICE_ATTACHMENTS_FAULT_FILE));
}

/* ---- one ---- */

static enum err open_one(struct call *call, const struct dataset **ret_dataset, struct attachment *ret_attachment)
{
    bool found;
    TRY(office_open_dataset(call, RIGHT_EDIT, ret_dataset));
    TRY(attachment_find(call->scope, *ret_dataset, call->path_values[1], ret_attachment, &found));
    return found ? ERR_OK : fail(call->scope, ERR_NO_RECORD, "The dataset has no such attachment.");
}

static struct office_form *make_form(struct call *call, const struct dataset *dataset, str heading, str submit)
{
    struct office_form *form = form_make(call, SECTION_DATASETS, heading, submit, base(call, dataset));
    form->dataset = dataset;
    form->tab = OFFICE_TAB_METADATA;
    return form;
}

static enum err raise_one(struct call *call, const struct dataset *dataset, const struct attachment *attachment)
{
    TRY(catalog_attachment_raise(call->scope, call->app->catalog, dataset->id, attachment->id));
    TRY(office_apply(call));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.attach", dataset->id, attachment->id);
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_DONE_SAVED);
}

enum err back_attachment(struct call *call)
{
    const struct dataset *dataset;
    struct attachment attachment;
    TRY(open_one(call, &dataset, &attachment));
    if (office_is_post(call) && str_eq(form_value(&call->form, S("move")), S("up"))) {
        return raise_one(call, dataset, &attachment);
    }
    struct office_form *form = make_form(call, dataset, attachment.file_name, office_say(call, MSG_BACKOFFICE_SAVE));
    struct form_field *title = form_line(form, "title", MSG_BACKOFFICE_ATTACHMENTS_TITLE,
                                         MSG_BACKOFFICE_ATTACHMENTS_TITLE_HINT, attachment.title);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (title->value.n == 0 || title->value.n > TITLE_BYTES || !utf8_is_line(title->value)) {
        form_fault(form, title, office_say(call, MSG_BACKOFFICE_ATTACHMENTS_FAULT_TITLE));
        return form_send(form);
    }
    TRY(catalog_attachment_title(call->scope, call->app->catalog, dataset->id, attachment.id, title->value));
    TRY(office_apply(call));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.attach", dataset->id, attachment.id);
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_DONE_SAVED);
}

enum err back_attachment_remove(struct call *call)
{
    const struct dataset *dataset;
    struct attachment attachment;
    TRY(open_one(call, &dataset, &attachment));
    struct office_form *form =
        make_form(call, dataset, office_tell(call, MSG_BACKOFFICE_ATTACHMENTS_REMOVE, ARG_TEXT("title", attachment.title)),
                  office_say(call, MSG_BACKOFFICE_REMOVE));
    form->danger = true;
    form->lead = office_say(call, MSG_BACKOFFICE_ATTACHMENTS_REMOVE_TEXT);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    TRY(catalog_detach(call->scope, call->app->catalog, dataset->id, attachment.id));
    TRY(office_apply(call));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "dataset.detach", dataset->id, attachment.id);
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_ATTACHMENTS_REMOVED);
}
