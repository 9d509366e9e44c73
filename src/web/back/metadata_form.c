#include "web/back/metadata_form.h"

#include "base/date.h"
#include "web/back/quality_view.h"
#include "web/front/metadata_view.h"

#define CUSTOM_PREFIX S("custom-")
#define KEY_BYTES 200
#define NAMES_MOST 200 /* of a template that takes any */

/* ---- what is offered ---- */

/* Of what views can be told those that our pages heed. */
static const char *const views[] = {"analyze_disabled", "map_disabled", "table_fields",
                                    "table_default_sort_field", "table_default_sort_direction",
                                    "map_tooltip_title"};

bool metadata_is_offered(const struct metadata_row *row)
{
    str in = row->in->name;
    bool is_view = false;
    for (size_t i = 0; i < ARRAY_LENGTH(views); i++) {
        is_view |= str_eq(row->name, str_from(views[i]));
    }
    return !(row->flags & METADATA_MADE) &&
           (row->in->kind == TEMPLATE_BASIC || row->in->kind == TEMPLATE_INTEROP ||
            (str_eq(in, S("visualization")) && is_view) ||
            (str_eq(in, S("internal")) && str_eq(row->name, S("metadata_source_language"))));
}

bool metadata_template_is_offered(const struct metadata_template *in)
{
    return in->kind == TEMPLATE_BASIC || in->kind == TEMPLATE_INTEROP || str_eq(in->name, S("visualization"));
}

enum message metadata_help(const struct metadata_row *row)
{
    char key[KEY_BYTES];
    int n = snprintf(key, sizeof(key), "metadata_help.%.*s.%.*s", STR_ARG(row->in->name), STR_ARG(row->name));
    for (int i = 0; i < n; i++) {
        key[i] = key[i] == '-' ? '_' : ascii_lower(key[i]);
    }
    return message_find((str){key, (size_t)n});
}

/* ---- opening ---- */

void metadata_form_close(struct metadata_form *form)
{
    json_decref(form->metadata);
    form->metadata = NULL;
}

enum err metadata_form_read(struct metadata_form *form, const struct dataset *dataset)
{
    char text[DATE_TEXT_BYTES];
    json_t *metadata;
    TRY(json_read(form->call->scope, ERR_DATABASE, dataset->metadata.n ? dataset->metadata : S("{}"),
                  "stored metadata", &metadata));
    json_decref(form->metadata);
    form->metadata = metadata;
    form->dataset = dataset;
    json_t *values = json_object_get(metadata, "default");
    if (!json_is_object(values)) {
        values = json_object();
        json_object_set_new(metadata, "default", values);
    }
    if (dataset->modified) {
        size_t n = date_write_instant(text, dataset->modified - dataset->modified % USEC_SECOND, 0);
        json_object_set_new(values, "modified", json_stringn(text, n));
    }
    form->own_language = str_copy(&form->call->scope->arena, metadata_own_language(metadata));
    return ERR_OK;
}

static enum err choose_template(struct metadata_form *form)
{
    str key = call_query(form->call, S("template"));
    key = key.n ? key : S("default");
    form->in = metadata_template_find(key);
    if (str_starts(key, CUSTOM_PREFIX)) {
        str name = str_slice(key, CUSTOM_PREFIX.n, key.n);
        for (size_t i = 0; i < form->custom_count; i++) {
            if (str_eq(form->customs[i].name, name)) {
                form->custom = &form->customs[i];
                form->in = metadata_template_find(S("custom"));
            }
        }
    }
    form->template_key = key;
    return form->in && metadata_template_is_offered(form->in)
               ? ERR_OK
               : fail(form->call->scope, ERR_NO_RECORD, "There is no such template of metadata.");
}

/* ---- fields ---- */

static void add_field(struct metadata_form *form, const struct metadata_row *row, const struct custom_field *custom)
{
    if (metadata_form_key(form).n && !(row->flags & METADATA_LANG)) {
        return;
    }
    struct metadata_field field = {.row = row, .custom = custom};
    vec_add(&form->call->scope->arena, &form->fields, field);
}

static void add_rows(struct metadata_form *form)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    for (size_t i = 0; i < count; i++) {
        /* The language of the description stands beside what is written in it. */
        bool is_here = rows[i].in == form->in || (str_eq(form->in->name, S("default")) &&
                                                  str_eq(rows[i].in->name, S("internal")));
        if (is_here && metadata_is_offered(&rows[i])) {
            add_field(form, &rows[i], NULL);
        }
    }
}

static bool has_name(const struct metadata_form *form, str name)
{
    for (size_t i = 0; i < form->fields.count; i++) {
        if (str_eq(form->fields.items[i].row->name, name)) {
            return true;
        }
    }
    return false;
}

/* A name that somebody made up: its type is that of its value. */
static void add_name(struct metadata_form *form, str name, const json_t *value)
{
    struct arena *arena = &form->call->scope->arena;
    bool is_of_template = str_eq(form->in->name, S("custom")) &&
                          custom_field_find(form->customs, form->custom_count, name) != NULL;
    if (!name.n || is_of_template || has_name(form, name) || form->fields.count >= NAMES_MOST) {
        return;
    }
    struct metadata_row *row = arena_new(arena, struct metadata_row);
    row->in = form->in;
    row->name = str_copy(arena, name);
    row->type = !value || json_is_string(value) ? METADATA_TEXT
                : json_is_array(value)          ? METADATA_TEXTS
                : json_is_boolean(value)        ? METADATA_BOOLEAN
                                                : METADATA_ANY;
    for (size_t i = 0; i < json_array_size(value); i++) {
        row->type = json_is_string(json_array_get(value, i)) ? row->type : METADATA_ANY;
    }
    row->flags = METADATA_LANG;
    add_field(form, row, NULL);
}

static void add_names(struct metadata_form *form)
{
    const char *name;
    json_t *value;
    str in = form->in->name;
    json_t *values = json_object_getn(form->metadata, in.p, in.n);
    json_object_foreach(values, name, value) {
        add_name(form, str_from(name), value);
    }
    for (size_t i = 0; i < form->call->form.count; i++) { /* those that were made up in the form itself */
        const struct form_item *item = &form->call->form.items[i];
        str prefix = str_printf(&form->call->scope->arena, "was:%.*s.", STR_ARG(in));
        if (str_starts(item->name, prefix)) {
            add_name(form, str_slice(item->name, prefix.n, item->name.n), NULL);
        } else if (str_eq(item->name, S("new_name"))) {
            add_name(form, str_trim(item->value), NULL);
        }
    }
}

static void add_custom(struct metadata_form *form)
{
    for (size_t i = 0; i < form->custom->count; i++) {
        const struct custom_field *field = &form->custom->fields[i];
        add_field(form, custom_row(&form->call->scope->arena, field), field);
    }
}

static const json_t *exact_value(const struct metadata_form *form, str lang, const struct metadata_row *row)
{
    const json_t *templates = form->metadata;
    if (lang.n) {
        templates = json_object_getn(json_object_get(form->metadata, "languages"), lang.p, lang.n);
    }
    return json_object_getn(json_object_getn(templates, row->in->name.p, row->in->name.n), row->name.p, row->name.n);
}

static void label_field(struct metadata_form *form, struct metadata_field *field)
{
    struct call *call = form->call;
    const struct metadata_row *row = field->row;
    if (field->custom) {
        field->label = translated_text(&field->custom->label, call->language);
        field->label = field->label.n ? field->label : row->name;
        field->help = translated_text(&field->custom->help, call->language);
        field->is_required = field->custom->is_required;
    } else if (metadata_is_open(row->in)) {
        field->label = row->name;
    } else {
        field->label = office_say(call, metadata_label(row));
        field->help = office_say(call, metadata_help(row));
    }
}

/* What is stored now, of which the form shows what was not typed. */
static void fill(struct metadata_form *form)
{
    struct arena *arena = &form->call->scope->arena;
    str lang = metadata_form_key(form);
    for (size_t i = 0; i < form->fields.count; i++) {
        struct metadata_field *field = &form->fields.items[i];
        const struct metadata_row *row = field->row;
        field->name = str_printf(arena, "%.*s.%.*s", STR_ARG(row->in->name), STR_ARG(row->name));
        field->id = metadata_is_open(row->in) ? str_printf(arena, "%.*s-%zu", STR_ARG(row->in->name), i)
                                              : office_metadata_anchor(form->call, row->in->name, row->name);
        field->was_name = str_printf(arena, "was:%.*s", STR_ARG(field->name));
        field->choose_name = str_printf(arena, "choose:%.*s", STR_ARG(field->name));
        field->stored = metadata_texts_of(arena, row, exact_value(form, lang, row));
        field->typed = field->stored;
        field->was = metadata_texts_digest(arena, &field->stored);
        if (lang.n) {
            texts source = metadata_texts_of(arena, row, exact_value(form, S(""), row));
            field->source = metadata_texts_shown(arena, &source);
            field->is_missing = source.count && !field->stored.count;
        }
        label_field(form, field);
    }
}

enum err metadata_form_open(struct call *call, const struct dataset *dataset, struct metadata_form *form)
{
    form->call = call;
    TRY(metadata_form_read(form, dataset));
    TRY(custom_templates(call->scope, call->app->catalog, &form->customs, &form->custom_count));
    TRY(choose_template(form));
    form->lang = call_query(call, S("write"));
    if (form->lang.n && !metadata_is_language(form->lang)) {
        return fail(call->scope, ERR_METADATA, "write: the code of a language such as fr or pt-br is expected");
    }
    if (form->custom) {
        add_custom(form);
    } else if (metadata_is_open(form->in)) {
        add_names(form);
    } else {
        add_rows(form);
    }
    fill(form);
    return ERR_OK;
}
