#include "domain/catalog/dataset.h"

#include "domain/catalog/document.h"

enum err dataset_document(struct scope *scope, struct dataset *dataset)
{
    json_t *metadata cleanup_with(json_cleanup) = NULL;
    struct document_facts facts = {.id = dataset->id,
                                   .uid = dataset->uid,
                                   .schema = &dataset->schema,
                                   .records_count = dataset->records_count,
                                   .has_records = dataset->version > 0,
                                   .is_restricted = dataset->is_restricted,
                                   .modified = dataset->modified,
                                   .data_processed = dataset->data_processed,
                                   .metadata_processed = dataset->metadata_processed};
    TRY(json_read(scope, ERR_DATABASE, dataset->metadata, "stored metadata", &metadata));
    dataset->document = document_make(scope, &facts, metadata);
    str title = json_read_text(json_object_get(json_object_get(metadata, "default"), "title"));
    dataset->title = title.n ? str_copy(&scope->arena, title) : dataset->id;
    return ERR_OK;
}

enum err dataset_document_in(struct scope *scope, const struct dataset *dataset, str lang,
                             bool with_app_metas, str *ret_document)
{
    (void)scope, (void)lang, (void)with_app_metas; /* there are no values by language yet */
    *ret_document = dataset->document;
    return ERR_OK;
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
