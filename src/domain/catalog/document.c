#include "domain/catalog/document.h"

#include "base/date.h"
#include "domain/catalog/extent.h"
#include "domain/catalog/metadata.h"
#include "domain/catalog/uses.h"

/* What writing an object needs. */
struct writing {
    struct scope *scope;
    struct json_writer *json;
    const struct document_facts *facts;
    json_t *metadata;
};

/* ---- features ---- */

static bool is_on(const json_t *metadata, str name)
{
    return json_is_true(metadata_value(metadata, S(""), S("visualization"), name));
}

size_t document_features(const struct schema *schema, const json_t *metadata, str ret_features[5])
{
    bool geo = false;
    bool time = false;
    for (size_t i = 0; i < schema->count; i++) {
        enum field_type type = schema->fields[i].type;
        geo |= type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE;
        time |= type == FIELD_DATE || type == FIELD_DATETIME;
    }
    size_t count = 0;
    if (schema->count && !is_on(metadata, S("analyze_disabled"))) {
        ret_features[count++] = S("analyze");
    }
    if (geo) {
        ret_features[count++] = S("geo");
    }
    if (time) {
        ret_features[count++] = S("timeserie");
    }
    if (is_on(metadata, S("calendar_enabled"))) {
        ret_features[count++] = S("calendar");
    }
    if (is_on(metadata, S("custom_view_enabled"))) {
        ret_features[count++] = S("custom_view");
    }
    return count;
}

/* ---- values ---- */

static void write_instant(struct json_writer *json, usec instant)
{
    char text[DATE_TEXT_BYTES];
    size_t n = date_write_instant(text, instant, 0);
    json_text(json, (str){text, n});
}

static void write_value(const struct writing *writing, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    json_raw(writing->json, text ? str_copy(&writing->scope->arena, str_from(text)) : S("null"));
    free(text);
}

/* Languages that there are values in: the own one first. */
static struct known_value languages_of(struct scope *scope, const json_t *metadata)
{
    json_t *languages = json_object_get(metadata, "languages");
    str own = metadata_own_language(metadata);
    str *tags = arena_array(&scope->arena, str, json_object_size(languages) + 1);
    size_t count = 0;
    if (own.n) {
        tags[count++] = own;
    }
    const char *tag;
    json_t *values;
    json_object_foreach(languages, tag, values) {
        if (!str_eq(str_from(tag), own)) {
            tags[count++] = str_from(tag);
        }
    }
    cell value = {.type = count ? CELL_TEXT_LIST : CELL_NULL};
    return (struct known_value){value, tags, count};
}

static struct extent extent_of(const struct document_facts *facts, const json_t *metadata)
{
    struct extent extent = {0};
    const struct schema *schema = facts->schema;
    json_t *written = json_object_get(metadata, "extent");
    for (size_t i = 0; i < schema->count && !facts->is_partial && written; i++) {
        str name = schema->fields[i].name;
        extent_join(&extent, json_object_getn(written, name.p, name.n));
    }
    return extent;
}

static cell box_of(struct scope *scope, const struct document_facts *facts, const json_t *metadata)
{
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    struct extent extent = extent_of(facts, metadata);
    if (!extent.has_box) {
        return cell_null();
    }
    extent_write_feature(&json, &extent);
    cell box = {.type = CELL_BYTES, .text = buf_copy(&out, &scope->arena)};
    buf_done(&out);
    return box;
}

static struct known_value kinds_of(struct scope *scope, const struct document_facts *facts,
                                   const json_t *metadata)
{
    struct extent extent = extent_of(facts, metadata);
    str *kinds = arena_array(&scope->arena, str, EXTENT_KINDS);
    size_t count = extent_kinds(&extent, kinds);
    cell value = {.type = count ? CELL_TEXT_LIST : CELL_NULL};
    return (struct known_value){value, kinds, count};
}

bool document_known(struct scope *scope, const struct document_facts *facts, const json_t *metadata,
                    str name, struct known_value *ret_value)
{
    cell value;
    if (str_eq(name, S("metadata_languages"))) {
        *ret_value = languages_of(scope, metadata);
        return true;
    }
    if (str_eq(name, S("geometry_types"))) {
        *ret_value = kinds_of(scope, facts, metadata);
        return true;
    }
    if (str_eq(name, S("modified"))) {
        value = cell_instant(facts->modified);
    } else if (str_eq(name, S("data_processed"))) {
        value = facts->data_processed ? cell_instant(facts->data_processed) : cell_null();
    } else if (str_eq(name, S("metadata_processed"))) {
        value = cell_instant(facts->metadata_processed);
    } else if (str_eq(name, S("records_count"))) {
        value = cell_int(facts->records_count);
    } else if (str_eq(name, S("federated"))) {
        value = cell_bool(false);
    } else if (str_eq(name, S("bbox"))) {
        value = box_of(scope, facts, metadata);
    } else {
        return false;
    }
    *ret_value = (struct known_value){.value = value};
    return true;
}

cell document_unset(const struct document_facts *facts, str name)
{
    return str_eq(name, S("title"))                                 ? cell_text(facts->id)
           : str_eq(name, S("modified_updates_on_metadata_change")) ? cell_bool(false)
           : str_eq(name, S("modified_updates_on_data_change"))     ? cell_bool(true)
                                                                    : cell_null();
}

static void write_cell(struct json_writer *json, const struct known_value *known)
{
    switch (known->value.type) {
    case CELL_BOOL:
        json_bool(json, known->value.truth);
        break;
    case CELL_INT:
        json_int(json, known->value.number);
        break;
    case CELL_DOUBLE:
        json_double(json, known->value.real);
        break;
    case CELL_INSTANT:
        write_instant(json, known->value.instant);
        break;
    case CELL_TEXT:
        json_text(json, known->value.text);
        break;
    case CELL_BYTES:
        json_raw(json, known->value.text);
        break;
    case CELL_TEXT_LIST:
        json_array_begin(json);
        for (size_t i = 0; i < known->count; i++) {
            json_text(json, known->texts[i]);
        }
        json_array_end(json);
        break;
    default:
        json_write_null(json);
    }
}

/* Fields that are filters, as their annotations say. */
static void write_facets(const struct writing *writing)
{
    struct json_writer *json = writing->json;
    json_array_begin(json);
    for (size_t i = 0; i < writing->facts->schema->count; i++) {
        const struct field *field = &writing->facts->schema->fields[i];
        if (field->facet) {
            json_object_begin(json);
            json_key_text(json, S("name"), field->name);
            json_key_bool(json, S("disjunctive"), field->disjunctive);
            json_key_text_or_null(json, S("sort"), field->facetsort);
            json_object_end(json);
        }
    }
    json_array_end(json);
}

/* What a value is when nobody set it. */
static void write_unset(const struct writing *writing, const struct metadata_row *row)
{
    struct known_value unset = {0};
    if (str_eq(row->in->name, S("explore"))) {
        unset.value = uses_value(writing->metadata, row->name);
    }
    if (str_eq(row->in->name, S("asset_content_configuration")) && str_eq(row->name, S("facets"))) {
        write_facets(writing);
        return;
    }
    if (str_eq(row->in->name, S("default"))) {
        unset.value = document_unset(writing->facts, row->name);
    }
    write_cell(writing->json, &unset);
}

/* ---- templates ---- */

static void write_row(const struct writing *writing, const struct metadata_row *row)
{
    json_key(writing->json, row->name);
    struct known_value known;
    if (str_eq(row->in->name, S("default")) &&
        document_known(writing->scope, writing->facts, writing->metadata, row->name, &known)) {
        write_cell(writing->json, &known);
        return;
    }
    str lang = row->flags & METADATA_LANG ? writing->facts->lang : S("");
    json_t *value = row->flags & METADATA_MADE
                        ? NULL
                        : metadata_value(writing->metadata, lang, row->in->name, row->name);
    if (value) {
        write_value(writing, value);
    } else {
        write_unset(writing, row);
    }
}

static void write_open(const struct writing *writing, str template_name)
{
    const char *name;
    json_t *value;
    json_object_foreach(
        json_object_getn(writing->metadata, template_name.p, template_name.n), name, value) {
        json_key(writing->json, str_from(name));
        write_value(writing, metadata_value(writing->metadata, writing->facts->lang, template_name,
                                            str_from(name)));
    }
}

static void write_template(const struct writing *writing, const struct metadata_template *in)
{
    size_t count;
    const struct metadata_row *rows = metadata_rows(&count);
    json_key(writing->json, in->name);
    json_object_begin(writing->json);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].in == in) {
            write_row(writing, &rows[i]);
        }
    }
    if (metadata_is_open(in)) {
        write_open(writing, in->name);
    }
    json_object_end(writing->json);
}

static bool is_shown(const struct writing *writing, const struct metadata_template *in)
{
    bool always = str_eq(in->name, S("default")) || str_eq(in->name, S("dcat"));
    bool has_values =
        json_object_size(json_object_getn(writing->metadata, in->name.p, in->name.n)) > 0;
    return in->kind == TEMPLATE_EXTRA ? writing->facts->with_app_metas
                                      : in->kind != TEMPLATE_ADMIN && (always || has_values);
}

/* In the order of the reference: interoperability, default and custom, applications. */
static void write_metas(const struct writing *writing)
{
    static const enum template_kind order[] = {TEMPLATE_INTEROP, TEMPLATE_BASIC, TEMPLATE_EXTRA};
    size_t count;
    const struct metadata_template *templates = metadata_templates(&count);
    json_object_begin(writing->json);
    for (size_t i = 0; i < ARRAY_LENGTH(order); i++) {
        for (size_t j = 0; j < count; j++) {
            if (templates[j].kind == order[i] && is_shown(writing, &templates[j])) {
                write_template(writing, &templates[j]);
            }
        }
    }
    json_object_end(writing->json);
}

/* ---- the object ---- */

/* Of each object of a list some members, null when they are missing. */
static void write_list(const struct writing *writing, const json_t *list, const char *const *names)
{
    json_array_begin(writing->json);
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_object_begin(writing->json);
        for (const char *const *name = names; *name; name++) {
            json_key_text_or_null(writing->json, str_from(*name),
                                  json_read_text(json_object_get(json_array_get(list, i), *name)));
        }
        json_object_end(writing->json);
    }
    json_array_end(writing->json);
}

static void write_files(const struct writing *writing)
{
    static const char *const attached[] = {"mimetype", "url", "id", "title", NULL};
    static const char *const exports[] = {"id", "mimetype", "title", "url", "description", NULL};
    json_key(writing->json, S("attachments"));
    write_list(writing, json_object_get(writing->metadata, "attachments"), attached);
    json_key(writing->json, S("alternative_exports"));
    write_list(writing, json_object_get(writing->metadata, "alternative_exports"), exports);
}

str document_make(struct scope *scope, const struct document_facts *facts, json_t *metadata)
{
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    struct writing writing = {scope, &json, facts, metadata};
    json_object_begin(&json);
    json_key_text(&json, S("visibility"), facts->is_restricted ? S("restricted") : S("domain"));
    json_key(&json, S("fields"));
    schema_write(&json, facts->schema);
    json_key_text(&json, S("dataset_id"), facts->id);
    json_key_text(&json, S("dataset_uid"), facts->uid);
    json_key_bool(&json, S("has_records"), facts->has_records);
    json_key(&json, S("features"));
    json_array_begin(&json);
    str features[5];
    size_t count = document_features(facts->schema, metadata, features);
    for (size_t i = 0; i < count; i++) {
        json_text(&json, features[i]);
    }
    json_array_end(&json);
    write_files(&writing);
    json_key_bool(&json, S("data_visible"), true);
    json_key(&json, S("metas"));
    write_metas(&writing);
    json_object_end(&json);
    str document = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return document;
}
