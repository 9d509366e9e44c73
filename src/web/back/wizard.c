#include "web/back/wizard.h"

#include "base/num.h"

struct step_item {
    str address, label;
    int64_t number;
    bool current, done;
};

struct steps {
    struct tpl_list steps;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct step_item, address), TPL_TEXT(struct step_item, label), TPL_INT(struct step_item, number),
    TPL_BOOL(struct step_item, current), TPL_BOOL(struct step_item, done)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct step_item, item_members);
static const struct tpl_member steps_members[] = {TPL_LIST(struct steps, steps, item_struct)};
static const struct tpl_struct steps_struct = TPL_STRUCT(struct steps, steps_members);
const struct tpl_binding wizard_steps_template = {"back/wizard_steps", &steps_struct};

enum err wizard_open(struct call *call, struct wizard *ret_wizard)
{
    *ret_wizard = (struct wizard){.call = call};
    TRY(office_open_dataset(call, RIGHT_PUBLISH, &ret_wizard->dataset));
    TRY(resource_find(call->scope, call->app->catalog, ret_wizard->dataset->uid, &ret_wizard->resource));
    return resource_settings_read(call->scope, ret_wizard->resource.settings, &ret_wizard->settings);
}

str wizard_address(const struct wizard *wizard, const char *rest)
{
    return str_printf(&wizard->call->scope->arena, "/backoffice/datasets/%.*s/source%s", STR_ARG(wizard->dataset->id),
                      rest);
}

/* A step is done when there is what it is for. */
static bool is_done(const struct wizard *wizard, size_t step)
{
    switch (step) {
    case STEP_SOURCE:
        return wizard->resource.kind != RESOURCE_NONE;
    case STEP_FIELDS:
        return wizard->settings.field_count > 0 || wizard->dataset->version > 0;
    case STEP_DESCRIPTION:
        return str_find(wizard->dataset->metadata, S("\"description\""), 0) != SIZE_MAX;
    default:
        return wizard->dataset->version > 0 && !wizard->dataset->is_draft;
    }
}

struct html wizard_steps(const struct wizard *wizard, enum wizard_step current)
{
    static const struct {
        const char *address;
        enum message label;
    } rows[STEP__COUNT] = {{"", MSG_BACKOFFICE_WIZARD_STEP_SOURCE},
                           {"/fields", MSG_BACKOFFICE_WIZARD_STEP_FIELDS},
                           {"/description", MSG_BACKOFFICE_WIZARD_STEP_DESCRIPTION},
                           {"/publish", MSG_BACKOFFICE_WIZARD_STEP_PUBLISH}};
    struct call *call = wizard->call;
    struct step_item *items = arena_array(&call->scope->arena, struct step_item, STEP__COUNT);
    for (size_t i = 0; i < STEP__COUNT; i++) {
        items[i] = (struct step_item){wizard_address(wizard, rows[i].address), office_say(call, rows[i].label),
                                      (int64_t)i + 1, i == (size_t)current, is_done(wizard, i) && i != (size_t)current};
    }
    struct steps steps = {{items, STEP__COUNT}};
    return tpl_html(call->scope, call->app->tpl, &wizard_steps_template, call->language, &steps);
}

usec wizard_seen(const struct wizard *wizard)
{
    int64_t seen;
    return num_read_int(form_value(&wizard->call->form, S("revision")), &seen) ? seen : 0;
}

str wizard_revision(const struct wizard *wizard)
{
    return str_printf(&wizard->call->scope->arena, "%lld", (long long)wizard->resource.changed);
}

enum err wizard_save(struct wizard *wizard, usec seen, bool *ret_conflict)
{
    struct call *call = wizard->call;
    wizard->resource.settings = resource_settings_write(&call->scope->arena, &wizard->settings);
    wizard->resource.changed_by = call->actor->name;
    enum err result = resource_save(call->scope, call->app->catalog, &wizard->resource, seen);
    *ret_conflict = result == ERR_CONFLICT;
    if (result != ERR_CONFLICT) {
        TRY(result);
        audit_add(call->scope, call->app->identity, call->actor, &call->origin, "resource.change",
                  wizard->dataset->id, str_from(resource_kind_name(wizard->resource.kind)));
        return ERR_OK;
    }
    scope_forgive(call->scope);
    TRY(resource_find(call->scope, call->app->catalog, wizard->dataset->uid, &wizard->resource));
    return resource_settings_read(call->scope, wizard->resource.settings, &wizard->settings);
}

str wizard_conflict_text(const struct wizard *wizard)
{
    struct call *call = wizard->call;
    return office_tell(call, MSG_BACKOFFICE_WIZARD_CONFLICT, ARG_TEXT("name", wizard->resource.changed_by),
                       ARG_TEXT("at", office_instant(call, wizard->resource.changed, MESSAGE_NONE)));
}

struct office_form *wizard_form(struct wizard *wizard, enum wizard_step step, str heading, str submit, str cancel)
{
    struct office_form *form = form_make(wizard->call, SECTION_DATASETS, heading, submit, cancel);
    form->dataset = wizard->dataset;
    form->tab = OFFICE_TAB_SOURCE;
    form->above = wizard_steps(wizard, step);
    form->revision = wizard_revision(wizard);
    return form;
}

/* ---- the part ---- */

#define FILE_FORM_BYTES ((size_t)32 << 20) /* files that are sent as a form, without the script */

static const struct route routes[] = {
    {WORK(GUARD_PUBLISHER, "/backoffice/datasets/new", wizard_new, "back.dataset_new", "Make a dataset: a draft at first.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source", wizard_source, "back.source",
          "Where the records of a dataset come from.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/file", NULL, "back.source_file",
              "Send files as a form, of 32 MB in all."),
     .post = wizard_source_file, .keys = true, .body_bytes = FILE_FORM_BYTES},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/fields", wizard_fields, "back.fields",
          "How the file is read, its fields, and the first records.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/fields/{}", wizard_field, "back.field",
          "What a field is called, its type, and what it is for.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/description", wizard_description, "back.description",
          "Title, description, themes, keywords and licence of a dataset.")},
    {WORK(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/publish", wizard_publish, "back.publish",
          "Publish the source as a version, and how far that is.")},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/rejected", wizard_rejected, "back.rejected",
              "Rows of the last publication that did not fit."), .keys = true},
    {PAGE_FOR(GUARD_SIGNED_IN, "/backoffice/datasets/{}/source/rejected.csv", wizard_rejected_csv, "back.rejected_csv",
              "The same as a file."), .keys = true},
};

static const struct tpl_binding *const templates[] = {&wizard_begun_template, &wizard_steps_template, &wizard_source_template, &wizard_reading_template,
                                                      &wizard_fields_template,  &wizard_preview_template,
                                                      &wizard_publish_template, &wizard_rejected_template};

const struct office_part wizard_part = {routes, ARRAY_LENGTH(routes), templates, ARRAY_LENGTH(templates)};
