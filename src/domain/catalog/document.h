/* The dataset object of the Explore API (explore-api.md 5.1). Private to this directory. */
#ifndef DOMAIN_CATALOG_DOCUMENT_H
#define DOMAIN_CATALOG_DOCUMENT_H

#include "domain/catalog/dataset.h"

/* What the object says besides metadata. */
struct document_facts {
    str id, uid;
    const struct schema *schema; /* labels in the language of the object */
    int64_t records_count;
    bool has_records;
    bool is_restricted;
    bool is_partial;     /* some records are hidden: nothing is said of where they are */
    usec modified, data_processed, metadata_processed;
    str lang;            /* empty: values as they are */
    bool with_app_metas; /* with templates of kind EXTRA */
};

/** Writes the object as JSON in the scope's arena. metadata is as metadata.h says; it is not changed. */
str document_make(struct scope *scope, const struct document_facts *facts, json_t *metadata);

/**
 * Value of the template "default" that the program knows, whatever is stored; false: it knows none of that
 * name. In the scope's arena.
 */
bool document_known(struct scope *scope, const struct document_facts *facts, const json_t *metadata,
                    str name, struct known_value *ret_value);

/** What a value of the template "default" is when nobody set it. */
cell document_unset(const struct document_facts *facts, str name);

/** Features of a dataset: analyze, geo, timeserie, calendar, custom_view. Returns how many were stored. */
size_t document_features(const struct schema *schema, const json_t *metadata, str ret_features[5]);

#endif
