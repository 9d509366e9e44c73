#include "domain/catalog/field.h"

#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"

static const struct {
    str text;
    str column;
} types[FIELD__COUNT] = {
#define FIELD_TYPE(name, text, column, documentation) [FIELD_##name] = {S(text), S(column)},
#include "domain/catalog/field_type.def"
#undef FIELD_TYPE
};

str field_type_text(enum field_type type)
{
    return types[type].text;
}

str field_type_column(enum field_type type)
{
    return types[type].column;
}

bool field_type_find(str text, enum field_type *ret_type)
{
    for (int i = 0; i < FIELD__COUNT; i++) {
        if (str_eq(types[i].text, text)) {
            *ret_type = (enum field_type)i;
            return true;
        }
    }
    return false;
}

bool schema_has_id(const struct schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (schema->fields[i].id) {
            return true;
        }
    }
    return false;
}

const struct field *schema_find(const struct schema *schema, str name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (str_eq(schema->fields[i].name, name)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

static bool is_one_of(str value, const char *const *allowed)
{
    for (; *allowed; allowed++) {
        if (str_eq(value, str_from(*allowed))) {
            return true;
        }
    }
    return false;
}

static enum err set_flag(struct scope *scope, str annotation, str value, bool *ret_flag)
{
    if (value.n && !str_eq(value, S("true")) && !str_eq(value, S("false"))) {
        return fail(scope, ERR_METADATA, "annotation %.*s: '%.*s' was given, true or false is expected",
                    STR_ARG(annotation), STR_ARG(value));
    }
    *ret_flag = !str_eq(value, S("false"));
    return ERR_OK;
}

static enum err set_choice(struct scope *scope, str annotation, str value,
                           const char *const *allowed, const char *listed, str *ret_choice)
{
    if (!is_one_of(value, allowed)) {
        return fail(scope, ERR_METADATA, "annotation %.*s: '%.*s' was given, one of %s is expected",
                    STR_ARG(annotation), STR_ARG(value), listed);
    }
    *ret_choice = str_copy(&scope->arena, value);
    return ERR_OK;
}

enum err field_annotate(struct scope *scope, struct field *field, str annotation, str value)
{
    static const char *const sorts[] = {"alphanum", "-alphanum", "count", "-count", NULL};
    static const char *const precisions[] = {"year", "month", "day", "hour", "minute", NULL};
    int64_t number;
    if (str_eq(annotation, S("facet"))) {
        return set_flag(scope, annotation, value, &field->facet);
    }
    if (str_eq(annotation, S("sortable"))) {
        return set_flag(scope, annotation, value, &field->sortable);
    }
    if (str_eq(annotation, S("id"))) {
        return set_flag(scope, annotation, value, &field->id);
    }
    if (str_eq(annotation, S("disjunctive"))) {
        return set_flag(scope, annotation, value, &field->disjunctive);
    }
    if (str_eq(annotation, S("timerangeFilter"))) {
        return set_flag(scope, annotation, value, &field->timerange_filter);
    }
    if (str_eq(annotation, S("facetsort"))) {
        return set_choice(scope, annotation, value, sorts, "alphanum, -alphanum, count, -count",
                          &field->facetsort);
    }
    if (str_eq(annotation, S("timeserie_precision"))) {
        return set_choice(scope, annotation, value, precisions, "year, month, day, hour, minute",
                          &field->timeserie_precision);
    }
    if (str_eq(annotation, S("decimals"))) {
        if (!num_read_int(value, &number) || number < 0 || number > 15) {
            return fail(scope, ERR_METADATA,
                        "annotation decimals: '%.*s' was given, a number from 0 to 15 is expected",
                        STR_ARG(value));
        }
        field->decimals = (int)number;
        return ERR_OK;
    }
    str *text = str_eq(annotation, S("multivalued"))    ? &field->multivalued
                : str_eq(annotation, S("hierarchical")) ? &field->hierarchical
                : str_eq(annotation, S("unit"))         ? &field->unit
                                                        : NULL;
    if (!text) {
        return fail(scope, ERR_METADATA,
                    "unknown annotation '%.*s'; facet, sortable, id, disjunctive, facetsort, "
                    "timeserie_precision, timerangeFilter, decimals, multivalued, hierarchical and unit are "
                    "known",
                    STR_ARG(annotation));
    }
    if (value.n == 0) {
        return fail(scope, ERR_METADATA, "annotation %.*s needs a value", STR_ARG(annotation));
    }
    *text = str_copy(&scope->arena, value);
    return ERR_OK;
}

static void write_flag(struct json_writer *json, str name, bool flag)
{
    if (flag) {
        json_key_bool(json, name, true);
    }
}

static void write_text(struct json_writer *json, str name, str text)
{
    if (text.p) {
        json_key_text(json, name, text);
    }
}

/* with_source: for keeping; nobody else is told how the columns of the file are called. */
static void write_schema(struct json_writer *json, const struct schema *schema, bool with_source)
{
    json_array_begin(json);
    for (size_t i = 0; i < schema->count; i++) {
        const struct field *field = &schema->fields[i];
        json_object_begin(json);
        json_key_text(json, S("name"), field->name);
        if (with_source) {
            write_text(json, S("source"), field->source);
        }
        json_key_text_or_null(json, S("description"), field->description);
        json_key(json, S("annotations"));
        json_object_begin(json);
        write_flag(json, S("facet"), field->facet);
        write_text(json, S("facetsort"), field->facetsort);
        write_flag(json, S("disjunctive"), field->disjunctive);
        write_flag(json, S("sortable"), field->sortable);
        write_text(json, S("multivalued"), field->multivalued);
        write_text(json, S("hierarchical"), field->hierarchical);
        write_flag(json, S("id"), field->id);
        write_text(json, S("unit"), field->unit);
        if (field->decimals >= 0) {
            json_key_int(json, S("decimals"), field->decimals);
        }
        write_text(json, S("timeserie_precision"), field->timeserie_precision);
        write_flag(json, S("timerangeFilter"), field->timerange_filter);
        json_object_end(json);
        json_key_text(json, S("label"), field->label);
        json_key_text(json, S("type"), field_type_text(field->type));
        json_object_end(json);
    }
    json_array_end(json);
}

void schema_write(struct json_writer *json, const struct schema *schema)
{
    write_schema(json, schema, false);
}

static enum err read_annotation(struct scope *scope, str name, const json_t *value,
                                struct annotation *ret_annotation)
{
    if (json_is_array(value) && json_array_size(value) <= 1) {
        value = json_array_size(value) ? json_array_get(value, 0) : NULL;
    }
    str text = !value                 ? S("") /* as a flag it is set; a text needs more */
               : json_is_true(value)  ? S("true")
               : json_is_false(value) ? S("false")
               : json_is_integer(value)
                   ? str_printf(&scope->arena, "%lld", (long long)json_integer_value(value))
                   : json_read_text(value);
    if (!text.p || !name.n) {
        return fail(scope, ERR_METADATA,
                    "annotation %.*s: true, false, a text or a number is expected", STR_ARG(name));
    }
    *ret_annotation = (struct annotation){str_copy(&scope->arena, name),
                                          str_copy(&scope->arena, text)};
    return ERR_OK;
}

enum err annotations_read(struct scope *scope, json_t *annotations,
                          const struct annotation **ret_annotations, size_t *ret_count)
{
    VEC(struct annotation) read = {0};
    struct annotation annotation;
    const char *key;
    json_t *value;
    if (annotations && !json_is_object(annotations) && !json_is_array(annotations) &&
        !json_is_null(annotations)) {
        return fail(scope, ERR_METADATA, "annotations: an object is expected");
    }
    json_object_foreach(annotations, key, value) {
        if (!json_is_null(value)) {
            TRY(read_annotation(scope, str_from(key), value, &annotation));
            vec_add(&scope->arena, &read, annotation);
        }
    }
    for (size_t i = 0; i < json_array_size(annotations); i++) {
        value = json_array_get(annotations, i);
        TRY(read_annotation(scope, json_read_text(json_object_get(value, "name")),
                            json_object_get(value, "args"), &annotation));
        vec_add(&scope->arena, &read, annotation);
    }
    *ret_annotations = read.items;
    *ret_count = read.count;
    return ERR_OK;
}

bool annotation_is_known(str name)
{
    static const char *const known[] = {"facet",   "facetsort",    "disjunctive", "sortable",
                                        "multivalued", "hierarchical", "id",      "unit",
                                        "decimals", "timeserie_precision", "timerangeFilter", NULL};
    return is_one_of(name, known);
}

str schema_text(struct arena *arena, const struct schema *schema)
{
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    write_schema(&json, schema, true);
    str text = buf_copy(&out, arena);
    buf_done(&out);
    return text;
}

enum err schema_read(struct scope *scope, const json_t *fields, struct schema *ret_schema)
{
    if (!json_is_array(fields) || json_array_size(fields) > LIMIT_FIELDS) {
        return fail(scope, ERR_METADATA, "fields: an array of at most %d fields is expected",
                    LIMIT_FIELDS);
    }
    size_t count = json_array_size(fields);
    struct schema schema = {arena_array(&scope->arena, struct field, count), count};
    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(fields, i);
        struct field *field = &schema.fields[i];
        field->decimals = -1;
        field->name = str_copy(&scope->arena, json_read_text(json_object_get(item, "name")));
        str source = json_read_text(json_object_get(item, "source"));
        field->source = source.p ? str_copy(&scope->arena, source) : STR_NONE;
        field->label = str_copy(&scope->arena, json_read_text(json_object_get(item, "label")));
        str description = json_read_text(json_object_get(item, "description"));
        field->description = description.p ? str_copy(&scope->arena, description) : STR_NONE;
        if (!field->name.n ||
            !field_type_find(json_read_text(json_object_get(item, "type")), &field->type)) {
            return fail(scope, ERR_METADATA, "fields[%zu]: a name and a known type are expected", i);
        }
        const struct annotation *annotations;
        size_t annotation_count;
        TRY(annotations_read(scope, json_object_get(item, "annotations"), &annotations,
                             &annotation_count));
        for (size_t j = 0; j < annotation_count; j++) {
            TRY(field_annotate(scope, field, annotations[j].name, annotations[j].value));
        }
    }
    *ret_schema = schema;
    return ERR_OK;
}

str field_source(const struct field *field)
{
    return field->source.p ? field->source : field->name;
}

str field_longitude_column(struct arena *arena, const struct field *field)
{
    return str_printf(arena, "%.*s.lon", STR_ARG(field->name));
}

str field_latitude_column(struct arena *arena, const struct field *field)
{
    return str_printf(arena, "%.*s.lat", STR_ARG(field->name));
}

str field_edge_text(enum field_edge edge)
{
    static const char *const texts[EDGE__COUNT] = {"west", "south", "east", "north"};
    return str_from(texts[edge]);
}

str field_edge_column(struct arena *arena, const struct field *field, enum field_edge edge)
{
    return str_printf(arena, "%.*s.%.*s", STR_ARG(field->name), STR_ARG(field_edge_text(edge)));
}
