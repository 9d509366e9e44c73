#include "domain/catalog/dataset.h"

#include "domain/catalog/document.h"
#include "domain/catalog/metadata.h"

static struct document_facts facts_of(const struct dataset *dataset)
{
    return (struct document_facts){.id = dataset->id,
                                   .uid = dataset->uid,
                                   .schema = &dataset->schema,
                                   .records_count = dataset->records_count,
                                   .has_records = dataset->version > 0,
                                   .is_restricted = dataset->is_restricted,
                                   .is_partial = dataset->is_partial || dataset->filter_count > 0,
                                   .modified = dataset->modified,
                                   .data_processed = dataset->data_processed,
                                   .metadata_processed = dataset->metadata_processed};
}

enum err dataset_document(struct scope *scope, struct dataset *dataset)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    struct document_facts facts = facts_of(dataset);
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    dataset->document = document_make(scope, &facts, metadata);
    return ERR_OK;
}

/* The schema with labels and descriptions in a language, where there are any. */
static struct schema translate(struct scope *scope, const struct schema *schema,
                               const json_t *metadata, str lang)
{
    struct schema translated = {arena_array(&scope->arena, struct field, schema->count),
                                schema->count};
    for (size_t i = 0; i < schema->count; i++) {
        struct field field = schema->fields[i];
        str label = metadata_field_text(metadata, lang, field.name, "label");
        str description = metadata_field_text(metadata, lang, field.name, "description");
        field.label = label.p ? label : field.label;
        field.description = description.p ? description : field.description;
        translated.fields[i] = field;
    }
    return translated;
}

enum err dataset_document_in(struct scope *scope, const struct dataset *dataset, str lang,
                             bool with_app_metas, str *ret_document)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    bool is_translated = lang.n && metadata_has_language(metadata, lang);
    if (!is_translated && !with_app_metas && dataset->document.n) {
        *ret_document = dataset->document;
        return ERR_OK;
    }
    struct document_facts facts = facts_of(dataset);
    struct schema schema = translate(scope, &dataset->schema, metadata, lang);
    facts.schema = &schema;
    facts.lang = lang;
    facts.with_app_metas = with_app_metas;
    *ret_document = document_make(scope, &facts, metadata);
    return ERR_OK;
}

/* The texts live as long as metadata. */
static void keep_texts(struct scope *scope, struct schema *schema)
{
    for (size_t i = 0; i < schema->count; i++) {
        struct field *field = &schema->fields[i];
        field->label = str_copy(&scope->arena, field->label);
        field->description =
            field->description.p ? str_copy(&scope->arena, field->description) : STR_NONE;
    }
}

enum err dataset_schema_in(struct scope *scope, const struct dataset *dataset, str lang,
                           const struct schema **ret_schema)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    if (lang.n == 0 || !metadata_has_language(metadata, lang)) {
        *ret_schema = &dataset->schema;
        return ERR_OK;
    }
    struct schema *schema = arena_new(&scope->arena, struct schema);
    *schema = translate(scope, &dataset->schema, metadata, lang);
    keep_texts(scope, schema);
    *ret_schema = schema;
    return ERR_OK;
}

enum err dataset_language(struct scope *scope, const struct dataset *dataset, str *ret_language)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    *ret_language = str_copy(&scope->arena, metadata_own_language(metadata));
    return ERR_OK;
}

bool dataset_known_value(struct scope *scope, const struct dataset *dataset, const json_t *metadata,
                         str name, struct known_value *ret_value)
{
    struct document_facts facts = facts_of(dataset);
    return document_known(scope, &facts, metadata, name, ret_value);
}

cell dataset_unset_value(const struct dataset *dataset, str name)
{
    struct document_facts facts = facts_of(dataset);
    return document_unset(&facts, name);
}

size_t dataset_features(const struct dataset *dataset, const json_t *metadata, str *ret_features)
{
    return document_features(&dataset->schema, metadata, ret_features);
}

static bool hides(const struct dataset *dataset, str field)
{
    for (size_t i = 0; i < dataset->hidden_count; i++) {
        if (str_eq(dataset->hidden[i], field)) {
            return true;
        }
    }
    return false;
}

void dataset_hide(struct scope *scope, struct dataset *dataset)
{
    struct schema *whole = arena_new(&scope->arena, struct schema);
    *whole = dataset->schema;
    bool hides_id = false;
    size_t left = 0;
    struct field *fields = arena_array(&scope->arena, struct field, whole->count);
    for (size_t i = 0; i < whole->count; i++) {
        const struct field *field = &whole->fields[i];
        if (hides(dataset, field->name)) {
            hides_id |= field->id;
        } else {
            fields[left++] = *field;
        }
    }
    if (left == whole->count) {
        return;
    }
    for (size_t i = 0; i < left; i++) {
        fields[i].id &= !hides_id; /* a part of an id is none */
    }
    dataset->table_schema = whole;
    dataset->schema = (struct schema){fields, left};
}
