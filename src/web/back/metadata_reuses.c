/* Reuses of a dataset: what people made of the data. */
#include "base/json_write.h"
#include "base/utf8.h"
#include "domain/catalog/reuse.h"
#include "domain/interop/interop.h"
#include "web/back/form.h"
#include "web/back/metadata_page.h"
#include "web/back/routes.h"

#define LINE_BYTES 300
#define TEXT_ROWS 4

struct item {
    str address, remove_address, title, link, author;
};

struct reuses_page {
    struct html navigation;
    str add_address;
    bool found;
    struct tpl_list reuses;
};

static const struct tpl_member item_members[] = {TPL_URL(struct item, address), TPL_URL(struct item, remove_address),
                                                 TPL_TEXT(struct item, title), TPL_URL(struct item, link),
                                                 TPL_TEXT(struct item, author)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item, item_members);
static const struct tpl_member page_members[] = {
    TPL_HTML(struct reuses_page, navigation), TPL_URL(struct reuses_page, add_address),
    TPL_BOOL(struct reuses_page, found), TPL_LIST(struct reuses_page, reuses, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct reuses_page, page_members);
const struct tpl_binding metadata_reuses_template = {"back/metadata_reuses", &page_struct};

static str base(const struct call *call, const struct dataset *dataset)
{
    return office_dataset_address(call, dataset->id, "/metadata/reuses");
}

static enum err tell(struct call *call, const struct reuse *reuses, size_t count)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&json);
        json_key_text(&json, S("id"), reuses[i].id);
        json_key_text(&json, S("title"), reuses[i].title);
        json_key_text(&json, S("url"), reuses[i].address);
        json_key_text(&json, S("author"), reuses[i].author);
        json_key_text(&json, S("description"), reuses[i].description);
        json_object_end(&json);
    }
    json_array_end(&json);
    return office_json(call, 200, &out);
}

enum err back_reuses(struct call *call)
{
    const struct dataset *dataset;
    const struct reuse *reuses;
    size_t count;
    struct arena *arena = &call->scope->arena;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    TRY(reuses_of(call->scope, dataset, &reuses, &count));
    if (page_is_for_script(call)) {
        return tell(call, reuses, count);
    }
    struct item *items = arena_array(arena, struct item, count + 1);
    for (size_t i = 0; i < count; i++) {
        str address = str_printf(arena, "%.*s/%.*s", STR_ARG(base(call, dataset)), STR_ARG(reuses[i].id));
        items[i] = (struct item){address, str_printf(arena, "%.*s/remove", STR_ARG(address)), reuses[i].title,
                                 reuses[i].address, reuses[i].author};
    }
    struct reuses_page page = {.add_address = str_printf(arena, "%.*s/new", STR_ARG(base(call, dataset))),
                               .found = count > 0,
                               .reuses = {items, count}};
    TRY(metadata_navigation(call, dataset, METADATA_PART_REUSES, S(""), &page.navigation));
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = dataset,
                                                                  .tab = OFFICE_TAB_METADATA,
                                                                  .title = office_say(call, MSG_BACKOFFICE_METADATA_REUSES),
                                                                  .body = &metadata_reuses_template,
                                                                  .data = &page});
}

/* ---- one ---- */

static struct office_form *make_form(struct call *call, const struct dataset *dataset, str heading, enum message submit)
{
    struct office_form *form =
        form_make(call, SECTION_DATASETS, heading, office_say(call, submit), base(call, dataset));
    form->dataset = dataset;
    form->tab = OFFICE_TAB_METADATA;
    return form;
}

static void check_line(struct office_form *form, struct form_field *field, bool is_needed)
{
    if ((is_needed && !field->value.n) || field->value.n > LINE_BYTES || (field->value.n && !utf8_is_line(field->value))) {
        form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_REUSES_FAULT_LINE));
    }
}

static enum err edit(struct call *call, const struct dataset *dataset, str heading, const struct reuse *stored)
{
    struct office_form *form = make_form(call, dataset, heading, MSG_BACKOFFICE_SAVE);
    struct form_field *title = form_line(form, "title", MSG_BACKOFFICE_REUSES_TITLE, MESSAGE_NONE, stored->title);
    struct form_field *address = form_line(form, "url", MSG_BACKOFFICE_REUSES_ADDRESS, MSG_BACKOFFICE_REUSES_ADDRESS_HINT, stored->address);
    struct form_field *author = form_line(form, "author", MSG_BACKOFFICE_REUSES_AUTHOR, MSG_BACKOFFICE_REUSES_AUTHOR_HINT, stored->author);
    struct form_field *text = form_area(form, "description", MSG_BACKOFFICE_REUSES_TEXT, MSG_BACKOFFICE_REUSES_TEXT_HINT, TEXT_ROWS, stored->description);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    check_line(form, title, true);
    check_line(form, author, false);
    if (!interop_is_web_address(address->value) || address->value.n > REUSE_TEXT_BYTES) {
        form_fault(form, address, office_say(call, MSG_BACKOFFICE_REUSES_FAULT_ADDRESS));
    }
    if (text->value.n > REUSE_TEXT_BYTES) {
        form_fault(form, text, office_say(call, MSG_BACKOFFICE_REUSES_FAULT_TEXT));
    }
    if (form->has_faults) {
        return form_send(form);
    }
    struct reuse reuse = {stored->id, title->value, address->value, author->value, str_trim(text->value)};
    enum err result = catalog_reuse_put(call->scope, call->app->catalog, dataset->id, &reuse);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form_fault(form, title, office_tell(call, MSG_BACKOFFICE_REUSES_FAULT_MANY, ARG_INT("count", REUSES_MOST)));
        return form_send(form);
    }
    TRY(result);
    TRY(office_apply(call));
    metadata_note(call, dataset, S("reuses"));
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_DONE_SAVED);
}

static enum err open_one(struct call *call, const struct dataset **ret_dataset, struct reuse *ret_reuse)
{
    const struct reuse *reuses;
    size_t count;
    TRY(office_open_dataset(call, RIGHT_EDIT, ret_dataset));
    TRY(reuses_of(call->scope, *ret_dataset, &reuses, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(reuses[i].id, call->path_values[1])) {
            *ret_reuse = reuses[i];
            return ERR_OK;
        }
    }
    return fail(call->scope, ERR_NO_RECORD, "The dataset has no such reuse.");
}

enum err back_reuse_new(struct call *call)
{
    const struct dataset *dataset;
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    return edit(call, dataset, office_say(call, MSG_BACKOFFICE_REUSES_NEW), &(struct reuse){0});
}

enum err back_reuse(struct call *call)
{
    const struct dataset *dataset;
    struct reuse reuse;
    TRY(open_one(call, &dataset, &reuse));
    return edit(call, dataset, reuse.title, &reuse);
}

enum err back_reuse_remove(struct call *call)
{
    const struct dataset *dataset;
    struct reuse reuse;
    TRY(open_one(call, &dataset, &reuse));
    struct office_form *form = make_form(
        call, dataset, office_tell(call, MSG_BACKOFFICE_REUSES_REMOVE, ARG_TEXT("title", reuse.title)), MSG_BACKOFFICE_REMOVE);
    form->danger = true;
    if (!office_is_post(call)) {
        return form_send(form);
    }
    TRY(catalog_reuse_remove(call->scope, call->app->catalog, dataset->id, reuse.id));
    TRY(office_apply(call));
    metadata_note(call, dataset, S("reuses"));
    return office_done(call, base(call, dataset), MSG_BACKOFFICE_REUSES_REMOVED);
}
