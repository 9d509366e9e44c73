#include "web/back/form.h"

#include "base/bug.h"
#include "base/json_write.h"
#include "web/back/unsent.h"
#include "web/shell/faults.h"

static const struct tpl_member option_members[] = {
    TPL_TEXT(struct form_option, id),    TPL_TEXT(struct form_option, name),
    TPL_TEXT(struct form_option, value), TPL_TEXT(struct form_option, label),
    TPL_TEXT(struct form_option, hint),  TPL_BOOL(struct form_option, chosen)};
static const struct tpl_struct option_struct = TPL_STRUCT(struct form_option, option_members);

static const struct tpl_member field_members[] = {
    TPL_TEXT(struct form_field, id),
    TPL_TEXT(struct form_field, label),
    TPL_TEXT(struct form_field, hint),
    TPL_TEXT(struct form_field, fault),
    TPL_TEXT(struct form_field, value),
    TPL_TEXT(struct form_field, type),
    TPL_TEXT(struct form_field, autocomplete),
    TPL_TEXT(struct form_field, described),
    TPL_TEXT(struct form_field, invalid),
    TPL_NUMBER(struct form_field, rows),
    TPL_BOOL(struct form_field, is_line),
    TPL_BOOL(struct form_field, is_area),
    TPL_BOOL(struct form_field, is_radios),
    TPL_BOOL(struct form_field, is_checks),
    TPL_BOOL(struct form_field, is_file),
    TPL_LIST(struct form_field, options, option_struct),
    TPL_BOOL(struct form_field, has_suggestions),
    TPL_LIST(struct form_field, suggestions, option_struct)};
static const struct tpl_struct field_struct = TPL_STRUCT(struct form_field, field_members);

static const struct tpl_member form_members[] = {
    TPL_TEXT(struct office_form, heading),
    TPL_BOOL(struct office_form, is_of_dataset),
    TPL_TEXT(struct office_form, lead),
    TPL_TEXT(struct office_form, warning),
    TPL_TEXT(struct office_form, csrf),
    TPL_TEXT(struct office_form, seen),
    TPL_TEXT(struct office_form, submit),
    TPL_URL(struct office_form, cancel),
    TPL_BOOL(struct office_form, danger),
    TPL_HTML(struct office_form, above),
    TPL_HTML(struct office_form, beside),
    TPL_HTML(struct office_form, below),
    TPL_BOOL(struct office_form, has_beside),
    TPL_TEXT(struct office_form, unsent),
    TPL_TEXT(struct office_form, unsent_address),
    TPL_BOOL(struct office_form, is_answer),
    TPL_TEXT(struct office_form, revision),
    TPL_TEXT(struct office_form, third_name),
    TPL_TEXT(struct office_form, third),
    TPL_TEXT(struct office_form, second_name),
    TPL_TEXT(struct office_form, second),
    TPL_BOOL(struct office_form, has_files),
    TPL_BOOL(struct office_form, has_preview),
    TPL_LIST(struct office_form, errors, fault_struct),
    TPL_LIST(struct office_form, fields, field_struct)};
static const struct tpl_struct form_struct = TPL_STRUCT(struct office_form, form_members);
const struct tpl_binding form_template = {"back/form", &form_struct};

struct office_form *form_make(struct call *call, enum section section, str heading, str submit,
                              str cancel)
{
    struct office_form *form = arena_new(&call->scope->arena, struct office_form);
    form->call = call;
    form->section = section;
    form->heading = heading;
    form->submit = submit;
    form->cancel = cancel;
    form->csrf = call->ignores_cookies ? S("") : csrf_token(call);
    return form;
}

static struct form_field *add_field(struct office_form *form, const char *name, enum message label,
                                    enum message hint)
{
    bug_if(form->count == FORM_FIELDS_MOST);
    struct form_field *field = &form->items[form->count++];
    field->id = str_from(name);
    field->label = office_say(form->call, label);
    field->hint = office_say(form->call, hint);
    field->type = S("text");
    field->autocomplete = S("off");
    return field;
}

static str typed(const struct office_form *form, str name, str value)
{
    str sent = form_value(&form->call->form, name);
    return office_is_post(form->call) && sent.p ? sent : value;
}

struct form_field *form_line(struct office_form *form, const char *name, enum message label,
                             enum message hint, str value)
{
    struct form_field *field = add_field(form, name, label, hint);
    field->is_line = true;
    field->value = str_trim(typed(form, field->id, value));
    return field;
}

struct form_field *form_area(struct office_form *form, const char *name, enum message label,
                             enum message hint, int64_t rows, str value)
{
    struct form_field *field = add_field(form, name, label, hint);
    field->is_area = true;
    field->rows = rows;
    field->value = typed(form, field->id, value);
    return field;
}

struct form_field *form_file(struct office_form *form, const char *name, enum message label,
                             enum message hint)
{
    struct form_field *field = add_field(form, name, label, hint);
    field->is_file = true;
    form->has_files = true;
    return field;
}

str form_file_sent(const struct office_form *form, const struct form_field *field, str *ret_name)
{
    const struct form *sent = &form->call->form;
    for (size_t i = 0; i < sent->count; i++) {
        const struct form_item *item = &sent->items[i];
        if (item->is_file && str_eq(item->name, field->id) && item->value.n) {
            *ret_name = item->file_name;
            return item->value;
        }
    }
    *ret_name = STR_NONE;
    return STR_NONE;
}

bool form_is_chosen(const struct form_field *field, str value)
{
    for (size_t i = 0; i < field->choices.count; i++) {
        if (field->choices.items[i].chosen && str_eq(field->choices.items[i].value, value)) {
            return true;
        }
    }
    return false;
}

struct form_field *form_radios(struct office_form *form, const char *name, enum message label,
                               enum message hint)
{
    struct form_field *field = add_field(form, name, label, hint);
    field->is_radios = true;
    return field;
}

struct form_field *form_checks(struct office_form *form, const char *name, enum message label,
                               enum message hint)
{
    struct form_field *field = add_field(form, name, label, hint);
    field->is_checks = true;
    return field;
}

static bool form_was_sent(const struct call *call, str name, str value)
{
    for (size_t i = 0; i < call->form.count; i++) {
        const struct form_item *item = &call->form.items[i];
        if (!item->is_file && str_eq(item->name, name) && str_eq(item->value, value)) {
            return true;
        }
    }
    return false;
}

void form_choice(struct office_form *form, struct form_field *field, str value, str label, str hint,
                 bool chosen)
{
    struct arena *arena = &form->call->scope->arena;
    struct form_option option = {
        .id = field->choices.count
                  ? str_printf(arena, "%.*s-%zu", STR_ARG(field->id), field->choices.count)
                  : field->id, /* links of the error summary lead to the first */
        .name = field->id,
        .value = value,
        .label = label,
        .hint = hint,
        .chosen =
            office_is_post(form->call) ? form_was_sent(form->call, field->id, value) : chosen};
    vec_add(arena, &field->choices, option);
    if (option.chosen && field->is_radios) {
        field->value = value;
    }
}

void form_suggest(struct office_form *form, struct form_field *field, str value)
{
    struct form_option option = {.value = value};
    vec_add(&form->call->scope->arena, &field->suggested, option);
}

void form_fault(struct office_form *form, struct form_field *field, str text)
{
    form->has_faults = true;
    if (field->fault.n == 0) {
        field->fault = text;
    }
}

static void describe(struct arena *arena, struct form_field *field)
{
    str hint = field->hint.n ? str_printf(arena, "%.*s-hint", STR_ARG(field->id)) : S("");
    str fault = field->fault.n ? str_printf(arena, "%.*s-error", STR_ARG(field->id)) : S("");
    field->described = str_printf(arena, "%.*s%s%.*s", STR_ARG(hint), hint.n && fault.n ? " " : "",
                                  STR_ARG(fault));
    field->invalid = field->fault.n ? S("true") : S("false");
    field->options = (struct tpl_list){field->choices.items, field->choices.count};
    field->suggestions = (struct tpl_list){field->suggested.items, field->suggested.count};
    field->has_suggestions = field->suggested.count > 0;
}

static struct tpl_list list_errors(struct office_form *form)
{
    struct faults *faults = arena_new(&form->call->scope->arena, struct faults);
    for (size_t i = 0; i < form->count; i++) {
        if (form->items[i].fault.n) {
            faults_add_text(form->call, faults, form->items[i].id, form->items[i].fault);
        }
    }
    return faults_list(faults);
}

/* What is wrong with what a script sent: {"error_code": "InvalidForm", "message": …, "fields": {name: fault}}. */
static enum err tell_faults(struct office_form *form)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("error_code"), S("InvalidForm"));
    json_key_text(&json, S("message"),
                  form->warning.n ? form->warning : office_say(form->call, MSG_FORM_PROBLEM));
    json_key(&json, S("fields"));
    json_object_begin(&json);
    for (size_t i = 0; i < form->count; i++) {
        if (form->items[i].fault.n) {
            json_key_text(&json, form->items[i].id, form->items[i].fault);
        }
    }
    json_object_end(&json);
    json_object_end(&json);
    return office_json(form->call, 422, &out);
}

enum err form_send(struct office_form *form)
{
    if (form->has_faults && page_is_for_script(form->call)) {
        return tell_faults(form);
    }
    for (size_t i = 0; i < form->count; i++) {
        describe(&form->call->scope->arena, &form->items[i]);
    }
    form->fields = (struct tpl_list){form->items, form->count};
    form->errors = list_errors(form);
    form->has_beside = form->beside.text.n > 0;
    if (form->dataset) {
        form->is_of_dataset = true;
        form->is_answer = office_is_post(form->call);
        form->unsent_address = unsent_address(form->call, form->dataset);
        struct office_dataset_page page = {.dataset = form->dataset,
                                           .tab = form->tab,
                                           .title = form->heading,
                                           .body = &form_template,
                                           .data = form,
                                           .has_errors = form->has_faults};
        memcpy(page.scripts, form->scripts, sizeof(page.scripts));
        return office_dataset_send(form->call, &page);
    }
    return office_send(form->call, &(struct office_page){.section = form->section,
                                                         .title = form->heading,
                                                         .body = &form_template,
                                                         .data = form,
                                                         .scripts = {form->has_preview ? "preview.js" : form->scripts[0]},
                                                         .has_errors = form->has_faults});
}

enum err form_confirm(struct call *call, enum section section, str heading, str text, str submit,
                      str cancel, str fault)
{
    struct office_form *form = form_make(call, section, heading, submit, cancel);
    form->lead = text;
    form->danger = true;
    form->warning = fault;
    form->has_faults = fault.n > 0;
    return form_send(form);
}
