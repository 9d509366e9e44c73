/* One field: type, name, label, and what it is for, beside a preview of its values. */
#include "base/limits.h"
#include "base/num.h"
#include "domain/ingest/date_form.h"
#include "platform/text/fold.h"
#include "web/back/unsent.h"
#include "web/back/wizard.h"

struct field_form {
    struct office_form *form;
    struct form_field *type, *label, *name, *description, *unit, *uses, *date_format, *multivalued, *hierarchical, *decimals;
};

static const enum field_type offered[] = {FIELD_TEXT, FIELD_INT,       FIELD_DOUBLE,    FIELD_BOOLEAN, FIELD_DATE,
                                          FIELD_DATETIME, FIELD_GEO_POINT, FIELD_GEO_SHAPE, FIELD_JSON};

static void add_types(struct field_form *field, const struct resource_field *chosen)
{
    struct office_form *form = field->form;
    field->type = form_radios(form, "type", MSG_BACKOFFICE_WIZARD_TYPE, MSG_BACKOFFICE_WIZARD_TYPE_HINT);
    form_choice(form, field->type, S(""), office_say(form->call, MSG_BACKOFFICE_WIZARD_TYPE_FOUND), S(""), !chosen->has_type);
    for (size_t i = 0; i < ARRAY_LENGTH(offered); i++) {
        form_choice(form, field->type, field_type_text(offered[i]), office_say(form->call, preview_type_label(offered[i])), S(""),
                    chosen->has_type && chosen->type == offered[i]);
    }
}

static void add_uses(struct field_form *field, const struct resource_field *chosen)
{
    struct office_form *form = field->form;
    struct call *call = form->call;
    field->uses = form_checks(form, "use", MSG_BACKOFFICE_WIZARD_USES, MESSAGE_NONE);
    form_choice(form, field->uses, S("facet"), office_say(call, MSG_BACKOFFICE_WIZARD_FACET),
                office_say(call, MSG_BACKOFFICE_WIZARD_FACET_HINT), chosen->facet);
    form_choice(form, field->uses, S("disjunctive"), office_say(call, MSG_BACKOFFICE_WIZARD_DISJUNCTIVE),
                office_say(call, MSG_BACKOFFICE_WIZARD_DISJUNCTIVE_HINT), chosen->disjunctive);
    form_choice(form, field->uses, S("sortable"), office_say(call, MSG_BACKOFFICE_WIZARD_SORTABLE),
                office_say(call, MSG_BACKOFFICE_WIZARD_SORTABLE_HINT), chosen->sortable);
    form_choice(form, field->uses, S("id"), office_say(call, MSG_BACKOFFICE_WIZARD_FIELD_ID),
                office_say(call, MSG_BACKOFFICE_WIZARD_FIELD_ID_HINT), chosen->id);
    form_choice(form, field->uses, S("hidden"), office_say(call, MSG_BACKOFFICE_WIZARD_HIDDEN),
                office_say(call, MSG_BACKOFFICE_WIZARD_HIDDEN_HINT), chosen->is_hidden);
}

static str unsent_name(struct call *call, str column)
{
    return str_printf(&call->scope->arena, "field/%.*s", STR_ARG(column));
}

static struct field_form make_form(struct wizard *wizard, str column, const struct resource_field *chosen)
{
    struct call *call = wizard->call;
    struct field_form field = {.form = wizard_form(wizard, STEP_FIELDS, column, office_say(call, MSG_BACKOFFICE_WIZARD_FIELD_SUBMIT),
                                                   wizard_address(wizard, "/fields"))};
    struct office_form *form = field.form;
    form->unsent = unsent_name(call, column);
    form->second_name = S("preview");
    form->second = office_say(call, MSG_BACKOFFICE_WIZARD_FIELD_PREVIEW);
    field.label = form_line(form, "label", MSG_BACKOFFICE_WIZARD_LABEL, MSG_BACKOFFICE_WIZARD_LABEL_HINT, chosen->label);
    add_types(&field, chosen);
    field.date_format = form_line(form, "date_format", MSG_BACKOFFICE_WIZARD_DATE_FORMAT, MSG_BACKOFFICE_WIZARD_DATE_FORMAT_HINT,
                                  chosen->date_format);
    field.description = form_line(form, "description", MSG_BACKOFFICE_WIZARD_DESCRIPTION, MSG_BACKOFFICE_WIZARD_DESCRIPTION_HINT,
                                  chosen->description);
    field.unit = form_line(form, "unit", MSG_BACKOFFICE_WIZARD_UNIT, MSG_BACKOFFICE_WIZARD_UNIT_HINT, chosen->unit);
    add_uses(&field, chosen);
    field.multivalued = form_line(form, "multivalued", MSG_BACKOFFICE_WIZARD_MULTIVALUED, MSG_BACKOFFICE_WIZARD_MULTIVALUED_HINT,
                                  chosen->multivalued);
    field.hierarchical = form_line(form, "hierarchical", MSG_BACKOFFICE_WIZARD_HIERARCHICAL,
                                   MSG_BACKOFFICE_WIZARD_HIERARCHICAL_HINT, chosen->hierarchical);
    field.decimals = form_line(form, "decimals", MSG_BACKOFFICE_WIZARD_DECIMALS, MSG_BACKOFFICE_WIZARD_DECIMALS_HINT,
                               chosen->decimals >= 0 ? str_printf(&call->scope->arena, "%lld", (long long)chosen->decimals)
                                                     : S(""));
    field.name = form_line(form, "name", MSG_BACKOFFICE_WIZARD_NAME, MSG_BACKOFFICE_WIZARD_NAME_HINT, chosen->name);
    return field;
}

/* ---- reading ---- */

static bool is_used(const struct field_form *field, const char *use)
{
    for (size_t i = 0; i < field->uses->choices.count; i++) {
        const struct form_option *option = &field->uses->choices.items[i];
        if (str_eq(option->value, str_from(use))) {
            return option->chosen;
        }
    }
    return false;
}

static void check(struct field_form *field, const struct resource_field *chosen)
{
    struct office_form *form = field->form;
    struct call *call = form->call;
    struct form_field *const lines[] = {field->label, field->description, field->unit, field->multivalued, field->hierarchical};
    bool is_name = chosen->name.n == 0 || (chosen->name.n <= LIMIT_NAME_BYTES && !str_eq(chosen->name, S("rowid")) &&
                                           str_eq(chosen->name, text_identifier(&call->scope->arena, chosen->name)));
    bool is_of_dates = chosen->has_type && (chosen->type == FIELD_DATE || chosen->type == FIELD_DATETIME);
    for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
        if (lines[i]->value.n > RESOURCE_TEXT_BYTES) {
            form_fault(form, lines[i], office_say(call, MSG_BACKOFFICE_WIZARD_TOO_LONG));
        }
    }
    if (!is_name) {
        form_fault(form, field->name, office_say(call, MSG_BACKOFFICE_WIZARD_NAME_FAULT));
    }
    if (chosen->date_format.n && (!is_of_dates || !date_form_check(chosen->date_format))) {
        form_fault(form, field->date_format, office_say(call, is_of_dates ? MSG_BACKOFFICE_WIZARD_DATE_FORMAT_FAULT
                                                                         : MSG_BACKOFFICE_WIZARD_DATE_FORMAT_TYPE));
    }
    if (chosen->multivalued.n && chosen->has_type && chosen->type != FIELD_TEXT) {
        form_fault(form, field->multivalued, office_say(call, MSG_BACKOFFICE_WIZARD_MULTIVALUED_FAULT));
    }
    if (field->decimals->value.n && chosen->decimals < 0) {
        form_fault(form, field->decimals, office_say(call, MSG_BACKOFFICE_WIZARD_DECIMALS_FAULT));
    }
}

/* What was sent; a separator may be a blank, which is why it is not trimmed. */
static void read_sent(struct field_form *field, struct resource_field *chosen)
{
    int64_t decimals;
    str separator = form_value(&field->form->call->form, S("multivalued"));
    chosen->has_type = field_type_find(field->type->value, &chosen->type);
    chosen->label = field->label->value;
    chosen->name = field->name->value;
    chosen->description = field->description->value;
    chosen->unit = field->unit->value;
    chosen->date_format = field->date_format->value;
    chosen->multivalued = separator.p ? separator : S("");
    chosen->hierarchical = field->hierarchical->value;
    chosen->decimals = num_read_int(field->decimals->value, &decimals) && decimals >= 0 && decimals <= 15 ? decimals : -1;
    chosen->facet = is_used(field, "facet");
    chosen->disjunctive = is_used(field, "disjunctive");
    chosen->sortable = is_used(field, "sortable");
    chosen->id = is_used(field, "id");
    chosen->is_hidden = is_used(field, "hidden");
}

static bool is_there(const struct preview *preview, str column)
{
    return preview->schema.count == 0 || schema_find(&preview->schema, column);
}

/* The field's label above, and "as found: whole number", where nothing else was chosen. */
static void tell_found(struct field_form *field, const struct preview *preview, str column)
{
    struct call *call = field->form->call;
    const struct field *found = schema_find(&preview->schema, column);
    field->form->heading = found && found->label.n ? found->label : column;
    struct form_option *option = &field->type->choices.items[0];
    if (found && option->chosen) {
        option->label = office_tell(call, MSG_BACKOFFICE_WIZARD_TYPE_FOUND_IS,
                                    ARG_TEXT("type", office_say(call, preview_type_label(found->type))));
    }
}

/* The column behind one in the file; empty: it is the last. */
static str column_after(const struct preview *preview, str column)
{
    for (size_t i = 0; i + 1 < preview->schema.count; i++) {
        if (str_eq(preview->schema.fields[i].name, column)) {
            return preview->schema.fields[i + 1].name;
        }
    }
    return S("");
}

/* The form beside a preview of what was chosen. */
static enum err show(struct wizard *wizard, struct field_form *field, str column)
{
    struct preview preview;
    str fault;
    TRY(wizard_preview(wizard, &wizard->settings, &preview, &fault));
    if (!is_there(&preview, column)) {
        return fail(wizard->call->scope, ERR_NO_RECORD, "The file has no such field.");
    }
    tell_found(field, &preview, column);
    if (column_after(&preview, column).n) {
        field->form->third_name = S("next");
        field->form->third = office_say(wizard->call, MSG_BACKOFFICE_WIZARD_FIELD_NEXT);
    }
    field->form->beside = wizard_preview_tables(wizard, &preview, column, fault);
    field->form->scripts[0] = "wizard.js";
    field->form->scripts[1] = "unsent.js";
    return form_send(field->form);
}

/* What is stored now beside what was typed. */
static void tell_conflict(struct wizard *wizard, struct field_form *field, str column)
{
    struct call *call = wizard->call;
    const struct resource_field *stored = resource_field_find(&wizard->settings, column);
    static const struct resource_field nothing = {.decimals = -1};
    stored = stored ? stored : &nothing;
    field->form->revision = wizard_revision(wizard);
    field->form->has_faults = true;
    field->form->warning = str_printf(
        &call->scope->arena, "%.*s %.*s", STR_ARG(wizard_conflict_text(wizard)),
        STR_ARG(office_tell(call, MSG_BACKOFFICE_WIZARD_CONFLICT_FIELD, ARG_TEXT("label", stored->label),
                            ARG_TEXT("type", office_say(call, stored->has_type ? preview_type_label(stored->type)
                                                                               : MSG_BACKOFFICE_WIZARD_TYPE_FOUND)),
                            ARG_TEXT("description", stored->description))));
}

enum err wizard_field(struct call *call)
{
    struct wizard wizard;
    bool conflict;
    str column = call->path_values[1];
    TRY(wizard_open(call, &wizard));
    struct resource_field before = *resource_field_get(&call->scope->arena, &wizard.settings, column);
    struct field_form field = make_form(&wizard, column, &before);
    if (!office_is_post(call)) {
        return show(&wizard, &field, column);
    }
    struct resource_field *chosen = resource_field_find(&wizard.settings, column);
    read_sent(&field, chosen);
    check(&field, chosen);
    if (field.form->has_faults || form_has(&call->form, S("preview"))) {
        return show(&wizard, &field, column);
    }
    struct resource_settings typed = wizard.settings;
    TRY(wizard_save(&wizard, wizard_seen(&wizard), &conflict));
    if (conflict) {
        tell_conflict(&wizard, &field, column);
        wizard.settings = typed;
        return show(&wizard, &field, column);
    }
    TRY(unsent_sent(call, wizard.dataset, unsent_name(call, column)));
    str next = S("");
    if (form_has(&call->form, S("next"))) {
        struct preview preview;
        str fault;
        TRY(wizard_preview(&wizard, &wizard.settings, &preview, &fault));
        next = column_after(&preview, column);
    }
    str address = wizard_address(&wizard, "/fields");
    if (next.n) {
        address = office_path(call, str_printf(&call->scope->arena, "%.*s/", STR_ARG(address)).p, next);
    }
    return office_done(call, address, MSG_BACKOFFICE_WIZARD_SAVED);
}
