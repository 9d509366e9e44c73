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
    str title = json_read_text(metadata_value(metadata, S(""), S("default"), S("title")));
    dataset->title = title.n ? str_copy(&scope->arena, title) : dataset->id;
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

enum err dataset_language(struct scope *scope, const struct dataset *dataset, str *ret_language)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    *ret_language = str_copy(&scope->arena, metadata_own_language(metadata));
    return ERR_OK;
}

enum err dataset_known_values(struct scope *scope, const struct dataset *dataset, json_t *metadata,
                              json_t **ret_values)
{
    struct document_facts facts = facts_of(dataset);
    return json_read(scope, ERR_DATABASE, document_known(scope, &facts, metadata), "known values",
                     ret_values);
}

size_t dataset_features(const struct dataset *dataset, const json_t *metadata, str *ret_features)
{
    return document_features(&dataset->schema, metadata, ret_features);
}

bool dataset_has_attachments(const struct dataset *dataset)
{
    return str_find(dataset->metadata, S("\"attachments\":[{"), 0) != SIZE_MAX;
}

enum err dataset_reduce(struct scope *scope, const struct dataset *whole, const bool *is_hidden,
                        int64_t records_count, struct dataset *ret_dataset)
{
    struct dataset dataset = *whole;
    bool hides = false;
    bool hides_id = false;
    for (size_t i = 0; i < whole->schema.count; i++) {
        hides |= is_hidden[i];
        hides_id |= is_hidden[i] && whole->schema.fields[i].id;
    }
    dataset.is_partial |= records_count != whole->records_count;
    dataset.records_count = records_count;
    if (hides) {
        dataset.table_schema = &whole->schema;
        dataset.schema = (struct schema){
            arena_array(&scope->arena, struct field, whole->schema.count), 0};
    }
    for (size_t i = 0; hides && i < whole->schema.count; i++) {
        if (!is_hidden[i]) {
            struct field *field = &dataset.schema.fields[dataset.schema.count++];
            *field = whole->schema.fields[i];
            field->id &= !hides_id; /* a part of an id is none */
        }
    }
    TRY(dataset_document(scope, &dataset));
    *ret_dataset = dataset;
    return ERR_OK;
}
