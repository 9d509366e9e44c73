/*
 * A published dataset as the rest of the program sees it: identity, schema, metadata, and the
 * current version of its records. Immutable; belongs to a catalogue snapshot.
 *
 * In the snapshot of somebody who may not see all of it a dataset is what he may see: hidden fields
 * are not in the schema nor in the document, and filters leave only his records. Whoever reads it
 * needs to know nothing of permissions.
 */
#ifndef DOMAIN_CATALOG_DATASET_H
#define DOMAIN_CATALOG_DATASET_H

#include "domain/catalog/field.h"

#define DATASET_FEATURES 5

struct dataset {
    int64_t number;     /* of its row; never that of another dataset, also when it is gone */
    str id;             /* [a-z0-9_-], what people and clients use */
    str uid;            /* "da_" and six characters; names the directory of the records */
    struct schema schema;
    int64_t version;    /* current version number, from 1; 0: no records yet */
    int64_t records_count;
    str version_file;   /* path of the version's file; empty without records */
    usec modified;
    str title;
    str document;       /* dataset object of explore-api.md 5.1 as JSON bytes */
    bool is_restricted; /* not everybody may see it */

    const struct schema *table_schema; /* of the version's table where fields are hidden; NULL: schema */
    const str *filters;  /* ODSQL conditions over the table; a record is there when one of them holds */
    size_t filter_count; /* 0: all records are there */
    bool is_partial;     /* some records are hidden */
    uint64_t view;       /* tells apart what different people see of a version; 0: all of it */

    /* What the document is made of besides. */
    str metadata;
    usec data_processed, metadata_processed;
};

/** Makes the document of a dataset whose other members are set, in the scope's arena. Errors: ERR_DATABASE. */
enum err dataset_document(struct scope *scope, struct dataset *dataset) must_check;

/**
 * The dataset object in a language (explore-api.md 5.1): values in lang where there are any, else as
 * they are; with_app_metas adds the templates of kind EXTRA. In the scope's arena or borrowed from
 * dataset. Errors: ERR_DATABASE.
 */
enum err dataset_document_in(struct scope *scope, const struct dataset *dataset, str lang,
                             bool with_app_metas, str *ret_document) must_check;

/** The language of the metadata when none is asked for; empty: not known. Errors: ERR_DATABASE. */
enum err dataset_language(struct scope *scope, const struct dataset *dataset, str *ret_language)
    must_check;

/**
 * Values of the template "default" that the program knows or fills in: an object, of which null is no
 * value. metadata are the dataset's, parsed. The caller owns the result. Errors: ERR_DATABASE.
 */
enum err dataset_known_values(struct scope *scope, const struct dataset *dataset, json_t *metadata,
                              json_t **ret_values) must_check;

/** Features (explore-api.md 5.1), at most DATASET_FEATURES. Returns how many were stored. */
size_t dataset_features(const struct dataset *dataset, const json_t *metadata, str *ret_features);

/** Whether files are attached; told from the stored metadata without reading all of them. */
bool dataset_has_attachments(const struct dataset *dataset);

/**
 * The dataset without some of its fields, with another count of records. is_hidden has one element a
 * field of whole. Lives in the scope's arena and borrows from whole. Errors: ERR_DATABASE.
 */
enum err dataset_reduce(struct scope *scope, const struct dataset *whole, const bool *is_hidden,
                        int64_t records_count, struct dataset *ret_dataset) must_check;

#endif
