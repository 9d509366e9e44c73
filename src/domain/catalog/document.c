#include "domain/catalog/document.h"

#include "base/date.h"

size_t document_features(const struct schema *schema, str ret_features[3])
{
    bool geo = false;
    bool time = false;
    for (size_t i = 0; i < schema->count; i++) {
        enum field_type type = schema->fields[i].type;
        geo |= type == FIELD_GEO_POINT || type == FIELD_GEO_SHAPE;
        time |= type == FIELD_DATE || type == FIELD_DATETIME;
    }
    size_t count = 0;
    if (schema->count) {
        ret_features[count++] = S("analyze");
    }
    if (geo) {
        ret_features[count++] = S("geo");
    }
    if (time) {
        ret_features[count++] = S("timeserie");
    }
    return count;
}

static void write_instant(struct json_writer *json, str key, usec instant)
{
    char text[DATE_TEXT_BYTES];
    size_t n = date_write_instant(text, instant, 0);
    json_key_text(json, key, (str){text, n});
}

static void write_value(struct scope *scope, struct json_writer *json, str key, const json_t *value)
{
    json_key(json, key);
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    json_raw(json, text ? str_copy(&scope->arena, str_from(text)) : S("null"));
    free(text);
}

/* Keys of the template "default" in the order of the reference; those with a NULL stay null when unset. */
static void write_default(struct scope *scope, struct json_writer *json,
                          const struct document_facts *facts, json_t *values)
{
    static const char *const keys[] = {
        "title",       "description",     "theme",         "keyword",
        "license",     "license_url",     "language",      "metadata_languages",
        "timezone",    "geographic_reference", "geographic_reference_auto", "territory",
        "geometry_types", "bbox",         "publisher",     "references",
        "attributions", "update_frequency", "source_domain", "source_domain_title",
        "source_domain_address", "source_dataset", "shared_catalog", "parent_domain"};
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        json_t *value = json_object_get(values, keys[i]);
        if (value) {
            write_value(scope, json, str_from(keys[i]), value);
        } else if (str_eq(str_from(keys[i]), S("title"))) {
            json_key_text(json, S("title"), facts->id);
        } else {
            json_key_null(json, str_from(keys[i]));
        }
    }
    write_instant(json, S("modified"), facts->modified);
    json_key_bool(json, S("modified_updates_on_metadata_change"), false);
    json_key_bool(json, S("modified_updates_on_data_change"), true);
    write_instant(json, S("data_processed"), facts->data_processed);
    write_instant(json, S("metadata_processed"), facts->metadata_processed);
    json_key_int(json, S("records_count"), facts->records_count);
    json_key_bool(json, S("federated"), false);
    json_object_end(json);
}

static void write_metas(struct scope *scope, struct json_writer *json,
                        const struct document_facts *facts, const json_t *metadata)
{
    json_object_begin(json);
    const char *template_name;
    json_t *values;
    json_t *walk = json_deep_copy(metadata);
    json_object_foreach(walk, template_name, values) {
        if (!str_eq(str_from(template_name), S("default")) &&
            !str_eq(str_from(template_name), S("fields"))) {
            write_value(scope, json, str_from(template_name), values);
        }
    }
    json_key(json, S("default"));
    write_default(scope, json, facts, json_object_get(walk, "default"));
    json_object_end(json);
    json_decref(walk);
}

str document_make(struct scope *scope, const struct document_facts *facts, const json_t *metadata)
{
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key_text(&json, S("visibility"), facts->is_restricted ? S("restricted") : S("domain"));
    json_key(&json, S("fields"));
    schema_write(&json, facts->schema);
    json_key_text(&json, S("dataset_id"), facts->id);
    json_key_text(&json, S("dataset_uid"), facts->uid);
    json_key_bool(&json, S("has_records"), facts->has_records);
    json_key(&json, S("features"));
    json_array_begin(&json);
    str features[3];
    size_t count = document_features(facts->schema, features);
    for (size_t i = 0; i < count; i++) {
        json_text(&json, features[i]);
    }
    json_array_end(&json);
    json_key(&json, S("attachments"));
    json_array_begin(&json);
    json_array_end(&json);
    json_key(&json, S("alternative_exports"));
    json_array_begin(&json);
    json_array_end(&json);
    json_key_bool(&json, S("data_visible"), true);
    json_key(&json, S("metas"));
    write_metas(scope, &json, facts, metadata);
    json_object_end(&json);
    str document = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return document;
}
