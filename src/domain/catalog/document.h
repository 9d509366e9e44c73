/* The dataset object of the Explore API (explore-api.md 5.1). Private to this directory. */
#ifndef DOMAIN_CATALOG_DOCUMENT_H
#define DOMAIN_CATALOG_DOCUMENT_H

#include "domain/catalog/dataset.h"

/* What the object says besides schema and metadata. */
struct document_facts {
    str id, uid;
    const struct schema *schema;
    int64_t records_count;
    bool has_records;
    bool is_restricted;
    usec modified, data_processed, metadata_processed;
};

/** Writes the object as JSON in the scope's arena. metadata is {"template": {"name": value}}. */
str document_make(struct scope *scope, const struct document_facts *facts, const json_t *metadata);

/** Features of a schema: analyze, geo, timeserie. Returns how many of the three were stored. */
size_t document_features(const struct schema *schema, str ret_features[3]);

#endif
