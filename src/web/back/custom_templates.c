/* Templates of metadata that administrators make, and their fields. */
#include "base/limits.h"
#include "base/utf8.h"
#include "domain/catalog/custom_template.h"
#include "web/back/form.h"
#include "web/back/routes.h"

#define BASE "/backoffice/metadata/templates/"
#define LABEL_BYTES 300
#define HELP_BYTES 1000
#define CHOICES_BYTES 20000
#define CHOICES_ROWS 6

struct item {
    str address, remove_address, label, name, type;
    bool is_required, by_language;
};

struct template_page {
    str heading, name, edit_address, add_address, remove_address;
    bool found;
    struct tpl_list fields;
};

static const struct tpl_member item_members[] = {TPL_URL(struct item, address), TPL_URL(struct item, remove_address),
                                                 TPL_TEXT(struct item, label), TPL_TEXT(struct item, name),
                                                 TPL_TEXT(struct item, type), TPL_BOOL(struct item, is_required),
                                                 TPL_BOOL(struct item, by_language)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item, item_members);
static const struct tpl_member page_members[] = {
    TPL_TEXT(struct template_page, heading),    TPL_TEXT(struct template_page, name),
    TPL_URL(struct template_page, edit_address), TPL_URL(struct template_page, add_address),
    TPL_URL(struct template_page, remove_address), TPL_BOOL(struct template_page, found),
    TPL_LIST(struct template_page, fields, item_struct)};
static const struct tpl_struct page_struct = TPL_STRUCT(struct template_page, page_members);
const struct tpl_binding custom_template_template = {"back/custom_template", &page_struct};

static str type_label(struct call *call, enum metadata_type type)
{
    return office_say(call, message_find(str_printf(&call->scope->arena, "backoffice.custom.type.%.*s",
                                                    STR_ARG(custom_type_name(type)))));
}

static str template_path(struct call *call, str name, const char *action)
{
    return str_printf(&call->scope->arena, BASE "%.*s%s", STR_ARG(name), action);
}

static enum err find_template(struct call *call, struct custom_template *ret_template)
{
    const struct custom_template *templates;
    size_t count;
    TRY(custom_templates(call->scope, call->app->catalog, &templates, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(templates[i].name, call->path_values[0])) {
            *ret_template = templates[i];
            return ERR_OK;
        }
    }
    return fail(call->scope, ERR_NO_RECORD, "There is no such template.");
}

static str label_of(const struct translated *label, language lang, str name)
{
    str text = translated_text(label, lang);
    return text.n ? text : name;
}

enum err back_template(struct call *call)
{
    struct custom_template template;
    struct arena *arena = &call->scope->arena;
    TRY(find_template(call, &template));
    struct item *items = arena_array(arena, struct item, template.count + 1);
    for (size_t i = 0; i < template.count; i++) {
        const struct custom_field *field = &template.fields[i];
        str address = str_printf(arena, BASE "%.*s/fields/%.*s", STR_ARG(template.name), STR_ARG(field->name));
        items[i] = (struct item){.address = address,
                                 .remove_address = str_printf(arena, "%.*s/remove", STR_ARG(address)),
                                 .label = label_of(&field->label, call->language, field->name),
                                 .name = field->name,
                                 .type = type_label(call, field->type),
                                 .is_required = field->is_required,
                                 .by_language = field->by_language};
    }
    struct template_page page = {.heading = label_of(&template.label, call->language, template.name),
                                 .name = template.name,
                                 .edit_address = template_path(call, template.name, "/edit"),
                                 .add_address = template_path(call, template.name, "/fields/new"),
                                 .remove_address = template_path(call, template.name, "/remove"),
                                 .found = template.count > 0,
                                 .fields = {items, template.count}};
    return office_send(call, &(struct office_page){.section = SECTION_TEMPLATES,
                                                   .title = page.heading,
                                                   .body = &custom_template_template,
                                                   .data = &page});
}

/* ---- texts by language ---- */

static bool is_offered(language lang)
{
    return !str_eq(language_code(lang), S("ar-xb")); /* of development builds */
}

static void add_texts(struct office_form *form, const char *name, enum message label, const struct translated *texts,
                      struct form_field *controls[LANGUAGES_MOST])
{
    struct arena *arena = &form->call->scope->arena;
    for (language lang = 0; lang < language_count(); lang++) {
        if (is_offered(lang)) {
            str code = language_code(lang);
            const char *id = str_printf(arena, "%s-%.*s", name, STR_ARG(code)).p;
            controls[lang] = form_line(form, id, label, MESSAGE_NONE, texts->texts[lang]);
            controls[lang]->label =
                str_printf(arena, "%.*s (%.*s)", STR_ARG(office_say(form->call, label)),
                           STR_ARG(format_language_name(arena, form->call->language, code)));
        }
    }
}

static void read_texts(struct office_form *form, struct form_field *const controls[LANGUAGES_MOST], size_t most,
                       struct translated *ret_texts)
{
    *ret_texts = (struct translated){0};
    for (language lang = 0; lang < language_count(); lang++) {
        struct form_field *field = controls[lang];
        if (field && field->value.n) {
            if (field->value.n > most || !utf8_is_line(field->value)) {
                form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_CUSTOM_FAULT_TEXT));
            }
            ret_texts->texts[lang] = field->value;
        }
    }
}

/* Names are parts of addresses and of names in ODSQL. */
static void check_name(struct office_form *form, struct form_field *field)
{
    if (catalog_check_id(form->call->scope, field->value) != ERR_OK) {
        scope_forgive(form->call->scope);
        form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_CUSTOM_FAULT_NAME));
    }
}

/* ---- a template ---- */

static enum err edit_template(struct call *call, str heading, const struct custom_template *stored)
{
    struct form_field *labels[LANGUAGES_MOST] = {0};
    struct form_field *name = NULL;
    struct translated texts;
    str cancel = stored->name.n ? template_path(call, stored->name, "") : S("/backoffice/metadata");
    struct office_form *form = form_make(call, SECTION_TEMPLATES, heading, office_say(call, MSG_BACKOFFICE_SAVE), cancel);
    if (!stored->name.n) {
        name = form_line(form, "name", MSG_BACKOFFICE_CUSTOM_NAME, MSG_BACKOFFICE_CUSTOM_NAME_HINT, S(""));
    }
    add_texts(form, "label", MSG_BACKOFFICE_CUSTOM_LABEL, &stored->label, labels);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    if (name) {
        check_name(form, name);
    }
    read_texts(form, labels, LABEL_BYTES, &texts);
    if (form->has_faults) {
        return form_send(form);
    }
    str id = name ? name->value : stored->name;
    enum err result = custom_template_put(call->scope, call->app->catalog, id, &texts);
    if (result == ERR_CONFLICT) {
        form->warning = call->scope->failure.message;
        form->has_faults = true;
        scope_forgive(call->scope);
        return form_send(form);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "template.put", id, S(""));
    return office_done(call, template_path(call, id, ""), MSG_BACKOFFICE_DONE_SAVED);
}

enum err back_template_new(struct call *call)
{
    return edit_template(call, office_say(call, MSG_BACKOFFICE_CUSTOM_NEW), &(struct custom_template){0});
}

enum err back_template_edit(struct call *call)
{
    struct custom_template template;
    TRY(find_template(call, &template));
    return edit_template(call, label_of(&template.label, call->language, template.name), &template);
}

enum err back_template_remove(struct call *call)
{
    struct custom_template template;
    TRY(find_template(call, &template));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_TEMPLATES,
                            office_tell(call, MSG_BACKOFFICE_CUSTOM_REMOVE, ARG_TEXT("name", template.name)),
                            office_say(call, MSG_BACKOFFICE_CUSTOM_REMOVE_TEXT), office_say(call, MSG_BACKOFFICE_REMOVE),
                            template_path(call, template.name, ""), S(""));
    }
    TRY(custom_template_remove(call->scope, call->app->catalog, template.name));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "template.remove", template.name, S(""));
    return office_done(call, S("/backoffice/metadata"), MSG_BACKOFFICE_CUSTOM_REMOVED);
}

/* ---- a field ---- */

struct controls {
    struct form_field *name, *type, *flags, *choices;
    struct form_field *labels[LANGUAGES_MOST], *helps[LANGUAGES_MOST];
};

static void add_controls(struct office_form *form, const struct custom_field *field, bool is_new,
                         struct controls *controls)
{
    struct call *call = form->call;
    if (is_new) {
        controls->name = form_line(form, "name", MSG_BACKOFFICE_CUSTOM_NAME, MSG_BACKOFFICE_CUSTOM_FIELD_NAME_HINT, S(""));
    }
    controls->type = form_radios(form, "type", MSG_BACKOFFICE_CUSTOM_TYPE, MESSAGE_NONE);
    for (size_t i = 0; i < custom_type_count; i++) {
        form_choice(form, controls->type, custom_type_name(custom_types[i]), type_label(call, custom_types[i]), S(""),
                    field->type == custom_types[i]);
    }
    controls->flags = form_checks(form, "flags", MSG_BACKOFFICE_CUSTOM_FLAGS, MESSAGE_NONE);
    form_choice(form, controls->flags, S("required"), office_say(call, MSG_BACKOFFICE_CUSTOM_REQUIRED),
                office_say(call, MSG_BACKOFFICE_CUSTOM_REQUIRED_HINT), field->is_required);
    form_choice(form, controls->flags, S("languages"), office_say(call, MSG_BACKOFFICE_CUSTOM_LANGUAGES),
                office_say(call, MSG_BACKOFFICE_CUSTOM_LANGUAGES_HINT), field->by_language);
    controls->choices = form_area(form, "choices", MSG_BACKOFFICE_CUSTOM_CHOICES, MSG_BACKOFFICE_CUSTOM_CHOICES_HINT,
                                  CHOICES_ROWS, field->choices);
    add_texts(form, "label", MSG_BACKOFFICE_CUSTOM_LABEL, &field->label, controls->labels);
    add_texts(form, "help", MSG_BACKOFFICE_CUSTOM_HELP, &field->help, controls->helps);
}

static bool is_ticked(const struct form_field *group, str value)
{
    for (size_t i = 0; i < group->choices.count; i++) {
        if (group->choices.items[i].chosen && str_eq(group->choices.items[i].value, value)) {
            return true;
        }
    }
    return false;
}

static void read_controls(struct office_form *form, const struct controls *controls, struct custom_field *field)
{
    if (controls->name) {
        check_name(form, controls->name);
        field->name = controls->name->value;
    }
    if (!custom_type_find(controls->type->value, &field->type)) {
        form_fault(form, controls->type, office_say(form->call, MSG_BACKOFFICE_FAULT_CHOOSE));
    }
    field->is_required = is_ticked(controls->flags, S("required"));
    field->by_language = is_ticked(controls->flags, S("languages"));
    field->choices = str_trim(controls->choices->value);
    if (field->choices.n > CHOICES_BYTES) {
        form_fault(form, controls->choices, office_say(form->call, MSG_BACKOFFICE_CUSTOM_FAULT_CHOICES));
    }
    read_texts(form, controls->labels, LABEL_BYTES, &field->label);
    read_texts(form, controls->helps, HELP_BYTES, &field->help);
}

static enum err edit_field(struct call *call, const struct custom_template *template, const struct custom_field *stored)
{
    struct controls controls = {0};
    bool is_new = stored == NULL;
    struct custom_field field = is_new ? (struct custom_field){.template_name = template->name} : *stored;
    str heading = is_new ? office_say(call, MSG_BACKOFFICE_CUSTOM_FIELD_NEW) : label_of(&field.label, call->language, field.name);
    struct office_form *form = form_make(call, SECTION_TEMPLATES, heading, office_say(call, MSG_BACKOFFICE_SAVE),
                                         template_path(call, template->name, ""));
    add_controls(form, &field, is_new, &controls);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    read_controls(form, &controls, &field);
    if (form->has_faults) {
        return form_send(form);
    }
    enum err result = custom_field_put(call->scope, call->app->catalog, &field, is_new);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form_fault(form, controls.name ? controls.name : controls.type, office_say(call, MSG_BACKOFFICE_CUSTOM_TAKEN));
        return form_send(form);
    }
    TRY(result);
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "template.put", template->name, field.name);
    return office_done(call, template_path(call, template->name, ""), MSG_BACKOFFICE_DONE_SAVED);
}

static enum err find_field(struct call *call, struct custom_template *template, const struct custom_field **ret_field)
{
    TRY(find_template(call, template));
    *ret_field = custom_field_find(template, 1, call->path_values[1]);
    return *ret_field ? ERR_OK : fail(call->scope, ERR_NO_RECORD, "The template has no such field.");
}

enum err back_template_field_new(struct call *call)
{
    struct custom_template template;
    TRY(find_template(call, &template));
    return edit_field(call, &template, NULL);
}

enum err back_template_field(struct call *call)
{
    struct custom_template template;
    const struct custom_field *field;
    TRY(find_field(call, &template, &field));
    return edit_field(call, &template, field);
}

enum err back_template_field_remove(struct call *call)
{
    struct custom_template template;
    const struct custom_field *field;
    TRY(find_field(call, &template, &field));
    if (!office_is_post(call)) {
        return form_confirm(call, SECTION_TEMPLATES,
                            office_tell(call, MSG_BACKOFFICE_CUSTOM_REMOVE, ARG_TEXT("name", field->name)),
                            office_say(call, MSG_BACKOFFICE_CUSTOM_REMOVE_TEXT), office_say(call, MSG_BACKOFFICE_REMOVE),
                            template_path(call, template.name, ""), S(""));
    }
    TRY(custom_field_remove(call->scope, call->app->catalog, field->name));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "template.remove", template.name, field->name);
    return office_done(call, template_path(call, template.name, ""), MSG_BACKOFFICE_CUSTOM_REMOVED);
}
