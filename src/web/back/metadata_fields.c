/* What is said of the fields of a dataset: the list, and the form of one. */
#include "base/num.h"
#include "domain/catalog/metadata_read.h"
#include "platform/crypto/crypto.h"
#include "web/back/form.h"
#include "web/back/metadata_page.h"
#include "web/back/routes.h"
#include "web/front/metadata_view.h"

#define LABEL_BYTES 500
#define DESCRIPTION_ROWS 4
#define DECIMALS_MOST 15

/* ---- the list ---- */

struct item {
    str address, name, label, type, description, unit;
    bool is_facet, is_sortable, is_untold;
};

struct list_page {
    struct html navigation, languages;
    bool found;
    struct tpl_list fields;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct item, address),      TPL_TEXT(struct item, name),       TPL_TEXT(struct item, label),
    TPL_TEXT(struct item, type),        TPL_TEXT(struct item, description), TPL_TEXT(struct item, unit),
    TPL_BOOL(struct item, is_facet),    TPL_BOOL(struct item, is_sortable), TPL_BOOL(struct item, is_untold)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct item, item_members);
static const struct tpl_member list_members[] = {
    TPL_HTML(struct list_page, navigation), TPL_HTML(struct list_page, languages), TPL_BOOL(struct list_page, found),
    TPL_LIST(struct list_page, fields, item_struct)};
static const struct tpl_struct list_struct = TPL_STRUCT(struct list_page, list_members);
const struct tpl_binding metadata_fields_template = {"back/metadata_fields", &list_struct};

static str field_address(const struct metadata_form *form, str field)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_printf(&out, "%.*s?field=", STR_ARG(office_dataset_address(form->call, form->dataset->id, "/metadata/fields")));
    url_encode(&out, field);
    buf_printf(&out, "%s%.*s", form->lang.n ? "&write=" : "", STR_ARG(form->lang));
    return buf_copy(&out, &form->call->scope->arena);
}

/* Label or description as it stands in the language that is written. */
static str text_of(const struct metadata_form *form, const struct field *field, const char *what)
{
    str lang = metadata_form_key(form);
    if (lang.n) {
        const json_t *translated = json_object_getn(json_object_get(form->metadata, "languages"), lang.p, lang.n);
        return json_read_text(json_object_get(
            json_object_getn(json_object_get(translated, "fields"), field->name.p, field->name.n), what));
    }
    return strcmp(what, "label") == 0 ? field->label : field->description;
}

static enum err show_list(struct metadata_form *form)
{
    struct call *call = form->call;
    const struct schema *schema = &form->dataset->schema;
    struct item *items = arena_array(&call->scope->arena, struct item, schema->count + 1);
    str path = office_dataset_address(call, form->dataset->id, "/metadata/fields");
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        str label = text_of(form, field, "label");
        items[i] = (struct item){.address = field_address(form, field->name),
                                 .name = field->name,
                                 .label = label.n ? label : field->label,
                                 .type = office_say(call, field_type_label(field)),
                                 .description = text_of(form, field, "description"),
                                 .unit = field->unit,
                                 .is_facet = field->facet,
                                 .is_sortable = field->sortable};
        items[i].is_untold = items[i].description.n == 0 || label.n == 0;
    }
    struct list_page page = {.found = schema->count > 0, .fields = {items, schema->count}};
    form->template_key = S("");
    TRY(metadata_navigation(call, form->dataset, METADATA_PART_FIELDS, form->lang, &page.navigation));
    TRY(metadata_languages(form, path, S(""), &page.languages));
    return office_dataset_send(call, &(struct office_dataset_page){.dataset = form->dataset,
                                                                  .tab = OFFICE_TAB_METADATA,
                                                                  .title = office_say(call, MSG_BACKOFFICE_METADATA_FIELDS),
                                                                  .body = &metadata_fields_template,
                                                                  .data = &page});
}

/* ---- one ---- */

struct controls {
    struct form_field *label, *description, *uses, *unit, *decimals, *hierarchical, *facetsort, *precision;
};

static const struct {
    const char *annotation;
    enum message label, hint;
} uses[] = {{"facet", MSG_BACKOFFICE_FIELDS_FACET, MSG_BACKOFFICE_FIELDS_FACET_HINT},
            {"disjunctive", MSG_BACKOFFICE_FIELDS_DISJUNCTIVE, MSG_BACKOFFICE_FIELDS_DISJUNCTIVE_HINT},
            {"sortable", MSG_BACKOFFICE_FIELDS_SORTABLE, MSG_BACKOFFICE_FIELDS_SORTABLE_HINT},
            {"timerangeFilter", MSG_BACKOFFICE_FIELDS_TIMERANGE, MSG_BACKOFFICE_FIELDS_TIMERANGE_HINT}};

static bool has_use(const struct field *field, size_t use)
{
    const bool has[] = {field->facet, field->disjunctive, field->sortable, field->timerange_filter};
    return has[use];
}

static bool is_time(const struct field *field)
{
    return field->type == FIELD_DATE || field->type == FIELD_DATETIME;
}

static const struct {
    const char *value;
    enum message label;
} sorts[] = {{"", MSG_BACKOFFICE_METADATA_NOT_SET},
             {"alphanum", MSG_BACKOFFICE_FIELDS_SORT_ALPHANUM},
             {"-alphanum", MSG_BACKOFFICE_FIELDS_SORT_ALPHANUM_DOWN},
             {"count", MSG_BACKOFFICE_FIELDS_SORT_COUNT},
             {"-count", MSG_BACKOFFICE_FIELDS_SORT_COUNT_DOWN}},
  precisions[] = {{"", MSG_BACKOFFICE_METADATA_NOT_SET},      {"year", MSG_BACKOFFICE_FIELDS_YEAR},
                  {"month", MSG_BACKOFFICE_FIELDS_MONTH},     {"day", MSG_BACKOFFICE_FIELDS_DAY},
                  {"hour", MSG_BACKOFFICE_FIELDS_HOUR},       {"minute", MSG_BACKOFFICE_FIELDS_MINUTE}};

static void add_annotations(struct office_form *form, const struct field *field, struct controls *controls)
{
    struct call *call = form->call;
    str decimals = field->decimals >= 0 ? str_printf(&call->scope->arena, "%d", field->decimals) : S("");
    controls->uses = form_checks(form, "uses", MSG_BACKOFFICE_FIELDS_USES, MESSAGE_NONE);
    for (size_t i = 0; i < ARRAY_LENGTH(uses); i++) {
        if (is_time(field) || strcmp(uses[i].annotation, "timerangeFilter") != 0) {
            form_choice(form, controls->uses, str_from(uses[i].annotation), office_say(call, uses[i].label),
                        office_say(call, uses[i].hint), has_use(field, i));
        }
    }
    controls->facetsort = form_radios(form, "facetsort", MSG_BACKOFFICE_FIELDS_FACETSORT, MESSAGE_NONE);
    for (size_t i = 0; i < ARRAY_LENGTH(sorts); i++) {
        form_choice(form, controls->facetsort, str_from(sorts[i].value), office_say(call, sorts[i].label), S(""),
                    str_eq(field->facetsort, str_from(sorts[i].value)));
    }
    controls->unit = form_line(form, "unit", MSG_BACKOFFICE_FIELDS_UNIT, MSG_BACKOFFICE_FIELDS_UNIT_HINT, field->unit);
    if (field->type == FIELD_DOUBLE) {
        controls->decimals =
            form_line(form, "decimals", MSG_BACKOFFICE_FIELDS_DECIMALS, MSG_BACKOFFICE_FIELDS_DECIMALS_HINT, decimals);
    }
    if (field->type == FIELD_TEXT) {
        controls->hierarchical = form_line(form, "hierarchical", MSG_BACKOFFICE_FIELDS_HIERARCHICAL,
                                           MSG_BACKOFFICE_FIELDS_HIERARCHICAL_HINT, field->hierarchical);
    }
    if (is_time(field)) {
        controls->precision = form_radios(form, "precision", MSG_BACKOFFICE_FIELDS_PRECISION, MESSAGE_NONE);
        for (size_t i = 0; i < ARRAY_LENGTH(precisions); i++) {
            form_choice(form, controls->precision, str_from(precisions[i].value), office_say(call, precisions[i].label),
                        S(""), str_eq(field->timeserie_precision, str_from(precisions[i].value)));
        }
    }
}

static bool has_chosen(const struct form_field *group, const char *value)
{
    for (size_t i = 0; i < group->choices.count; i++) {
        if (group->choices.items[i].chosen && str_eq(group->choices.items[i].value, str_from(value))) {
            return true;
        }
    }
    return false;
}

/* "text" of an annotation; none without bytes. */
static str given(str text)
{
    return text.n ? text : STR_NONE;
}

static void read_annotations(struct office_form *form, const struct controls *controls, struct field *field)
{
    int64_t decimals = -1;
    field->facet = has_chosen(controls->uses, "facet");
    field->disjunctive = has_chosen(controls->uses, "disjunctive");
    field->sortable = has_chosen(controls->uses, "sortable");
    field->timerange_filter = is_time(field) && has_chosen(controls->uses, "timerangeFilter");
    field->facetsort = given(controls->facetsort->value);
    field->unit = given(controls->unit->value);
    if (controls->hierarchical) {
        field->hierarchical = given(controls->hierarchical->value);
    }
    if (controls->precision) {
        field->timeserie_precision = given(controls->precision->value);
    }
    if (controls->decimals) {
        bool is_good = !controls->decimals->value.n || (num_read_int(controls->decimals->value, &decimals) &&
                                                        decimals >= 0 && decimals <= DECIMALS_MOST);
        if (!is_good) {
            form_fault(form, controls->decimals, office_say(form->call, MSG_BACKOFFICE_FIELDS_FAULT_DECIMALS));
        }
        field->decimals = (int)decimals;
    }
}

/* What the form was made from: when it is something else by now, somebody was faster. */
static str digest_of(const struct metadata_form *metadata, const struct field *field)
{
    struct arena *arena = &metadata->call->scope->arena;
    struct schema one = {(struct field *)(uintptr_t)field, 1};
    uint8_t digest[DIGEST_BYTES];
    str all = str_printf(arena, "%.*s\n%.*s\n%.*s", STR_ARG(schema_text(arena, &one)),
                         STR_ARG(text_of(metadata, field, "label")), STR_ARG(text_of(metadata, field, "description")));
    digest_sha256(all, digest);
    return str_slice(hex_encode(arena, digest, sizeof(digest)), 0, 16);
}

static enum err store(struct metadata_form *metadata, const struct field *field)
{
    struct scope *scope = metadata->call->scope;
    struct schema schema = metadata->dataset->schema;
    schema.fields = arena_array(&scope->arena, struct field, schema.count);
    for (size_t i = 0; i < schema.count; i++) {
        const struct field *before = &metadata->dataset->schema.fields[i];
        schema.fields[i] = str_eq(before->name, field->name) ? *field : *before;
    }
    json_object_del(json_object_get(metadata->metadata, "default"), "modified");
    return catalog_describe(scope, metadata->call->app->catalog, metadata->dataset->id,
                            metadata_json(scope, metadata->metadata), &schema, metadata->dataset->metadata_processed);
}

/* Of the source language the texts are the field's; others stand in the metadata. Empty ones are none. */
static enum err set_texts(struct metadata_form *metadata, struct field *field, str label, str description)
{
    struct scope *scope = metadata->call->scope;
    str lang = metadata_form_key(metadata);
    if (!lang.n) {
        field->label = label.n ? label : field->name;
        field->description = given(description);
        return ERR_OK;
    }
    TRY(metadata_set_field(scope, metadata->metadata, lang, field->name, S("label"), label));
    TRY(metadata_set_field(scope, metadata->metadata, lang, field->name, S("description"), description));
    return ERR_OK;
}

static str shown(const struct metadata_form *metadata, const struct field *field)
{
    str label = text_of(metadata, field, "label");
    str description = text_of(metadata, field, "description");
    return str_printf(&metadata->call->scope->arena, "%.*s%s%.*s", STR_ARG(label), description.n ? " — " : "",
                      STR_ARG(description));
}

static enum err save(struct office_form *form, struct metadata_form *metadata, const struct controls *controls,
                     const struct field *stored)
{
    struct call *call = form->call;
    struct field field = *stored;
    if (!metadata_form_key(metadata).n) {
        read_annotations(form, controls, &field);
    }
    if (controls->label->value.n > LABEL_BYTES) {
        form_fault(form, controls->label, office_say(call, MSG_BACKOFFICE_FIELDS_FAULT_LABEL));
    }
    bool was_changed = !str_eq(form_value(&call->form, S("seen")), form->seen) && form_has(&call->form, S("seen"));
    if (was_changed) {
        form->warning = office_tell(call, MSG_BACKOFFICE_FIELDS_CONFLICT, ARG_TEXT("stored", shown(metadata, stored)));
        form->has_faults = true;
    }
    if (form->has_faults) {
        return form_send(form);
    }
    TRY(set_texts(metadata, &field, controls->label->value, str_trim(controls->description->value)));
    enum err result = store(metadata, &field);
    if (result == ERR_CONFLICT) {
        scope_forgive(call->scope);
        form->warning = office_say(call, MSG_BACKOFFICE_FIELDS_AGAIN);
        form->has_faults = true;
        return form_send(form);
    }
    TRY(result);
    TRY(office_apply(call));
    metadata_note(call, metadata->dataset, str_printf(&call->scope->arena, "fields.%.*s", STR_ARG(field.name)));
    return office_done(call, form->cancel, MSG_BACKOFFICE_DONE_SAVED);
}

static enum err edit(struct metadata_form *metadata, const struct field *field)
{
    struct call *call = metadata->call;
    struct controls controls = {0};
    str list = office_dataset_address(call, metadata->dataset->id, "/metadata/fields");
    bool is_translation = metadata_form_key(metadata).n > 0;
    str title = office_tell(call, MSG_BACKOFFICE_FIELDS_ONE, ARG_TEXT("name", field->name));
    str cancel = metadata->lang.n
                     ? str_printf(&call->scope->arena, "%.*s?write=%.*s", STR_ARG(list), STR_ARG(metadata->lang))
                     : list;
    struct office_form *form = form_make(call, SECTION_DATASETS, title, office_say(call, MSG_BACKOFFICE_SAVE), cancel);
    form->dataset = metadata->dataset;
    form->tab = OFFICE_TAB_METADATA;
    form->seen = digest_of(metadata, field);
    if (is_translation) {
        form->lead = office_tell(call, MSG_BACKOFFICE_FIELDS_TRANSLATION, ARG_TEXT("language", format_language_name(&call->scope->arena, call->language, metadata->lang)),
                                 ARG_TEXT("label", field->label));
    }
    controls.label = form_line(form, "label", MSG_BACKOFFICE_FIELDS_LABEL, MSG_BACKOFFICE_FIELDS_LABEL_HINT,
                               text_of(metadata, field, "label"));
    controls.description = form_area(form, "description", MSG_BACKOFFICE_FIELDS_DESCRIPTION,
                                     MSG_BACKOFFICE_FIELDS_DESCRIPTION_HINT, DESCRIPTION_ROWS,
                                     text_of(metadata, field, "description"));
    if (!is_translation) {
        add_annotations(form, field, &controls);
    }
    return office_is_post(call) ? save(form, metadata, &controls, field) : form_send(form);
}

enum err back_metadata_fields(struct call *call)
{
    const struct dataset *dataset;
    if (office_is_post(call)) {
        TRY(office_apply(call));
    }
    TRY(office_open_dataset(call, RIGHT_EDIT, &dataset));
    struct metadata_form metadata cleanup_with(metadata_form_close) = {0};
    TRY(metadata_form_open(call, dataset, &metadata));
    str name = call_query(call, S("field"));
    const struct field *field = schema_find(&dataset->schema, name);
    if (name.n && !field) {
        return fail(call->scope, ERR_NO_RECORD, "The dataset has no field of that name.");
    }
    return field ? edit(&metadata, field) : show_list(&metadata);
}
