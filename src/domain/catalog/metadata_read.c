#include "domain/catalog/metadata_read.h"

#include <stdlib.h>

#include "domain/catalog/metadata_check.h"

struct reading {
    struct scope *scope;
    bool is_object; /* a dataset object: what is not known is left out */
    json_t *stored; /* made of what is read */
    VEC(struct field_description) fields;
    VEC(str) notes;
};

/* ---- templates ---- */

static void note(struct reading *reading, str text)
{
    vec_add(&reading->scope->arena, &reading->notes, text);
}

/* Leaves out what a dataset object has too much. */
static enum err leave_out(struct reading *reading, enum err fault)
{
    if (fault != ERR_OK && reading->is_object) {
        note(reading, str_printf(&reading->scope->arena, "left out: %.*s",
                                 STR_ARG(reading->scope->failure.message)));
        scope_forgive(reading->scope);
        return ERR_OK;
    }
    return fault;
}

static enum err read_value(struct reading *reading, str prefix, str template_name, str name,
                           const json_t *value, json_t *templates)
{
    const struct metadata_row *row;
    struct scope *scope = reading->scope;
    str where = str_printf(&scope->arena, "%.*s%.*s.%.*s", STR_ARG(prefix), STR_ARG(template_name),
                           STR_ARG(name));
    TRY(metadata_find_row(scope, template_name, name, &row));
    TRY(metadata_check_row(scope, row, where, prefix.n > 0));
    return metadata_put(scope, templates, where, template_name, name, row, value);
}

static enum err read_template(struct reading *reading, str prefix, str template_name,
                              json_t *values, json_t *templates)
{
    const char *name;
    json_t *value;
    if (!json_is_object(values)) {
        return fail(reading->scope, ERR_METADATA, "%.*s%.*s: an object of names is expected",
                    STR_ARG(prefix), STR_ARG(template_name));
    }
    json_object_foreach(values, name, value) {
        const struct metadata_row *row = metadata_find(template_name, str_from(name));
        bool is_made = row && row->flags & METADATA_MADE && reading->is_object;
        if (!json_is_null(value) && !is_made) {
            TRY(leave_out(reading, read_value(reading, prefix, template_name, str_from(name), value,
                                              templates)));
        }
    }
    return ERR_OK;
}

/* ---- fields ---- */

static enum err read_text(struct scope *scope, str where, const json_t *object, const char *member,
                          str *ret_text)
{
    const json_t *value = json_object_get(object, member);
    *ret_text = STR_NONE;
    if (!value || json_is_null(value)) {
        return ERR_OK;
    }
    if (!json_is_string(value)) {
        return fail(scope, ERR_METADATA, "%.*s.%s: %.*s was given, a text is expected",
                    STR_ARG(where), member, STR_ARG(metadata_shown(scope, value)));
    }
    *ret_text = str_copy(&scope->arena, json_read_text(value));
    return ERR_OK;
}

static enum err read_annotations(struct reading *reading, str where, json_t *field,
                                 struct field_description *description)
{
    struct scope *scope = reading->scope;
    VEC(struct annotation) known = {0};
    const struct annotation *all;
    size_t count;
    TRY(annotations_read(scope, json_object_get(field, "annotations"), &all, &count));
    for (size_t i = 0; i < count; i++) {
        struct field trial = {.decimals = -1};
        enum err fault = field_annotate(scope, &trial, all[i].name, all[i].value);
        if (fault != ERR_OK && (!reading->is_object || annotation_is_known(all[i].name))) {
            str reason = scope->failure.message;
            scope_forgive(scope);
            return fail(scope, ERR_METADATA, "%.*s: %.*s", STR_ARG(where), STR_ARG(reason));
        }
        TRY(leave_out(reading, fault));
        if (fault == ERR_OK) {
            vec_add(&scope->arena, &known, all[i]);
        }
    }
    description->annotations = known.items;
    description->annotation_count = known.count;
    return ERR_OK;
}

static enum err read_field(struct reading *reading, str name, json_t *field)
{
    struct scope *scope = reading->scope;
    struct field_description description = {.name = str_copy(&scope->arena, name)};
    str where = str_printf(&scope->arena, "fields.%.*s", STR_ARG(name));
    enum field_type type;
    if (!json_is_object(field) || !name.n) {
        return fail(scope, ERR_METADATA, "%.*s: an object is expected", STR_ARG(where));
    }
    TRY(read_text(scope, where, field, "type", &description.type));
    TRY(read_text(scope, where, field, "label", &description.label));
    TRY(read_text(scope, where, field, "description", &description.description));
    if (description.type.p && !field_type_find(description.type, &type)) {
        TRY(leave_out(reading, fail(scope, ERR_METADATA, "%.*s.type: '%.*s' is no type known here",
                                    STR_ARG(where), STR_ARG(description.type))));
        description.type = STR_NONE;
    }
    TRY(read_annotations(reading, where, field, &description));
    vec_add(&scope->arena, &reading->fields, description);
    return ERR_OK;
}

static enum err read_fields(struct reading *reading, json_t *fields)
{
    const char *name;
    json_t *field;
    if (!json_is_object(fields) && !json_is_array(fields)) {
        return fail(reading->scope, ERR_METADATA, "fields: an object of fields is expected");
    }
    json_object_foreach(fields, name, field) {
        TRY(read_field(reading, str_from(name), field));
    }
    for (size_t i = 0; i < json_array_size(fields); i++) {
        field = json_array_get(fields, i);
        TRY(read_field(reading, json_read_text(json_object_get(field, "name")), field));
    }
    return ERR_OK;
}

/* ---- languages ---- */

static enum err read_field_texts(struct reading *reading, str tag, json_t *fields)
{
    const char *name;
    const char *what;
    json_t *texts;
    json_t *text;
    struct scope *scope = reading->scope;
    json_object_foreach(fields, name, texts) {
        json_object_foreach(texts, what, text) {
            if (!json_is_string(text)) {
                return fail(scope, ERR_METADATA,
                            "languages.%.*s.fields.%s.%s: %.*s was given, a text is expected",
                            STR_ARG(tag), name, what, STR_ARG(metadata_shown(scope, text)));
            }
            TRY(metadata_set_field(scope, reading->stored, tag, str_from(name), str_from(what),
                                   json_read_text(text)));
        }
    }
    return ERR_OK;
}

static enum err read_language(struct reading *reading, str tag, json_t *templates)
{
    struct scope *scope = reading->scope;
    const char *name;
    json_t *values;
    TRY(metadata_check_language(scope, tag));
    str prefix = str_printf(&scope->arena, "languages.%.*s.", STR_ARG(tag));
    json_t *stored = metadata_object_in(metadata_object_in(reading->stored, S("languages")), tag);
    if (!json_is_object(templates)) {
        return fail(scope, ERR_METADATA, "languages.%.*s: an object of templates is expected",
                    STR_ARG(tag));
    }
    json_object_foreach(templates, name, values) {
        if (str_eq(str_from(name), S("fields"))) {
            TRY(read_field_texts(reading, tag, values));
        } else {
            TRY(read_template(reading, prefix, str_from(name), values, stored));
        }
    }
    return ERR_OK;
}

static enum err read_languages(struct reading *reading, json_t *languages)
{
    const char *tag;
    json_t *templates;
    if (!json_is_object(languages)) {
        return fail(reading->scope, ERR_METADATA, "languages: an object of languages is expected");
    }
    json_object_foreach(languages, tag, templates) {
        TRY(read_language(reading, str_from(tag), templates));
    }
    return ERR_OK;
}

/* ---- alternative exports ---- */

static bool is_web_address(str text)
{
    return str_starts(text, S("https://")) || str_starts(text, S("http://"));
}

static enum err read_export(struct reading *reading, size_t at, json_t *given)
{
    static const char *const members[] = {"id", "mimetype", "title", "url", "description"};
    struct scope *scope = reading->scope;
    str where = str_printf(&scope->arena, "alternative_exports[%zu]", at);
    str texts[ARRAY_LENGTH(members)];
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        TRY(read_text(scope, where, given, members[i], &texts[i]));
    }
    if (!texts[2].n || !is_web_address(texts[3])) {
        return fail(scope, ERR_METADATA,
                    "%.*s: an object with a title and the url of the file (https://…) is expected",
                    STR_ARG(where));
    }
    if (!texts[0].n) {
        texts[0] = str_printf(&scope->arena, "export_%zu", at + 1);
    }
    json_t *stored = json_object();
    for (size_t i = 0; i < ARRAY_LENGTH(members); i++) {
        if (texts[i].p) {
            json_object_set_new(stored, members[i], json_stringn(texts[i].p, texts[i].n));
        }
    }
    json_t *list = json_object_get(reading->stored, "alternative_exports");
    if (!list) {
        list = json_array();
        json_object_set_new(reading->stored, "alternative_exports", list);
    }
    json_array_append_new(list, stored);
    return ERR_OK;
}

static enum err read_exports(struct reading *reading, const json_t *exports)
{
    if (!json_is_array(exports)) {
        return fail(reading->scope, ERR_METADATA,
                    "alternative_exports: a list of objects is expected");
    }
    for (size_t i = 0; i < json_array_size(exports); i++) {
        TRY(leave_out(reading, read_export(reading, i, json_array_get(exports, i))));
    }
    return ERR_OK;
}

/* ---- documents ---- */

static enum err read_member(struct reading *reading, str name, json_t *value)
{
    if (str_eq(name, S("fields"))) {
        return read_fields(reading, value);
    }
    if (str_eq(name, S("languages"))) {
        return read_languages(reading, value);
    }
    if (str_eq(name, S("alternative_exports"))) {
        return read_exports(reading, value);
    }
    if (str_eq(name, S("attachments")) || str_eq(name, S("extent"))) {
        return fail(reading->scope, ERR_METADATA, "%.*s: the program makes this itself%s",
                    STR_ARG(name), name.p[0] == 'a' ? "; see parvis attach" : "");
    }
    const struct metadata_row *row;
    if (!metadata_template_find(name)) {
        return metadata_find_row(reading->scope, name, S(""), &row); /* says what there is */
    }
    return read_template(reading, S(""), name, value, reading->stored);
}

static enum err read_own_format(struct reading *reading, json_t *document)
{
    const char *name;
    json_t *value;
    json_object_foreach(document, name, value) {
        TRY(read_member(reading, str_from(name), value));
    }
    return ERR_OK;
}

/* Of a dataset object (explore-api.md 5.1) what a description can say. */
static enum err read_object(struct reading *reading, json_t *object)
{
    const char *name;
    json_t *value;
    json_t *metas = json_object_get(object, "metas");
    reading->is_object = true;
    json_object_foreach(metas, name, value) {
        if (json_is_object(value)) {
            TRY(read_template(reading, S(""), str_from(name), value, reading->stored));
        }
    }
    if (json_object_get(object, "fields")) {
        TRY(read_fields(reading, json_object_get(object, "fields")));
    }
    if (json_object_get(object, "alternative_exports")) {
        TRY(read_exports(reading, json_object_get(object, "alternative_exports")));
    }
    size_t attachments = json_array_size(json_object_get(object, "attachments"));
    if (attachments) {
        note(reading, str_printf(&reading->scope->arena,
                                 "%zu attachments are named, whose files are not in a dataset "
                                 "object; add them with parvis attach", attachments));
    }
    return ERR_OK;
}

static enum err read_document(struct reading *reading, json_t *document)
{
    json_t *wrapped = json_object_get(document, "dataset"); /* as v2.0 answers */
    if (json_is_object(json_object_get(wrapped, "metas"))) {
        document = wrapped;
    }
    if (!json_is_object(document)) {
        return fail(reading->scope, ERR_METADATA, "metadata: an object of templates is expected");
    }
    bool is_object = json_object_get(document, "metas") || json_object_get(document, "dataset_id");
    return is_object ? read_object(reading, document) : read_own_format(reading, document);
}

enum err metadata_read(struct scope *scope, str text, struct description *ret_description)
{
    json_t *document cleanup_with(json_cleanup) = NULL;
    json_t *stored cleanup_with(json_cleanup) = json_object();
    struct reading reading = {.scope = scope, .stored = stored};
    TRY(json_read(scope, ERR_METADATA, text, "metadata", &document));
    TRY(read_document(&reading, document));
    char *compact = json_dumps(stored, JSON_COMPACT);
    *ret_description = (struct description){.metadata = str_copy(&scope->arena, str_from(compact)),
                                            .fields = reading.fields.items,
                                            .field_count = reading.fields.count,
                                            .notes = reading.notes.items,
                                            .note_count = reading.notes.count};
    free(compact);
    return ERR_OK;
}
