/*
 * A published dataset as the rest of the program sees it: identity, schema, metadata, and the
 * current version of its records. Immutable. A snapshot holds light rows, which a catalogue of any size
 * can afford; the members below "loaded" are there after dataset_load and snapshot_load (snapshot.h).
 *
 * In the snapshot of somebody who may not see all of it a dataset is what he may see: hidden fields
 * are not in the schema nor in the document, and filters leave only his records. Whoever reads it
 * needs to know nothing of permissions.
 */
#ifndef DOMAIN_CATALOG_DATASET_H
#define DOMAIN_CATALOG_DATASET_H

#include "domain/catalog/field.h"
#include "platform/db/cell.h"

#define DATASET_FEATURES 5

struct dataset {
    str id;             /* [a-z0-9_-], what people and clients use */
    str uid;            /* "da_" and six characters; names the directory of the records */
    int64_t number;     /* of its row in the catalogue; never used again */
    int64_t changed;    /* generation that made it what it is: equal, then nothing is different */
    int64_t version;    /* current version number, from 1; 0: no records yet */
    int64_t records_count;
    usec modified, data_processed, metadata_processed;
    str title;
    bool is_restricted; /* not everybody may see it */
    bool is_draft;      /* not published yet; such a dataset is restricted */
    bool is_past;       /* a version that was asked for by its number (records/past.h) */
    bool has_attachments;

    const str *hidden;  /* names of fields that are not there for the one who asks */
    size_t hidden_count;
    const str *filters;  /* ODSQL conditions over the table; a record is there when one of them holds */
    size_t filter_count; /* 0: all records are there */
    bool is_partial;     /* some records are hidden */
    uint64_t view;       /* tells apart what different people see of a version; 0: all of it */

    /* Loaded. */
    struct schema schema;
    str version_file;   /* path of the version's file; empty without records */
    str metadata;
    str document;       /* dataset object of explore-api.md 5.1 as JSON bytes */
    const struct schema *table_schema; /* of the version's table where fields are hidden; NULL: schema */
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

/**
 * The schema with labels and descriptions in a language where there are any, for headings of exports;
 * lang may be empty. In the scope's arena, its texts copied, or the dataset's own. Errors: ERR_DATABASE.
 */
enum err dataset_schema_in(struct scope *scope, const struct dataset *dataset, str lang,
                           const struct schema **ret_schema) must_check;

/** The language of the metadata when none is asked for; empty: not known. Errors: ERR_DATABASE. */
enum err dataset_language(struct scope *scope, const struct dataset *dataset, str *ret_language)
    must_check;

/* A value of metadata that is not stored. */
struct known_value {
    cell value; /* CELL_TEXT_LIST: texts below; CELL_BYTES: JSON; CELL_NULL: none */
    const str *texts;
    size_t count;
};

/**
 * Value of the template "default" that the program knows, whatever the dataset's metadata (parsed) say;
 * false: what is stored counts, and dataset_unset_value where nothing is. In the scope's arena.
 */
bool dataset_known_value(struct scope *scope, const struct dataset *dataset, const json_t *metadata,
                         str name, struct known_value *ret_value);
cell dataset_unset_value(const struct dataset *dataset, str name);

/** Features (explore-api.md 5.1), at most DATASET_FEATURES. Returns how many were stored. */
size_t dataset_features(const struct dataset *dataset, const json_t *metadata, str *ret_features);

/**
 * Takes the fields named by hidden out of the schema, which is in the scope's arena then, and makes what
 * was there table_schema.
 */
void dataset_hide(struct scope *scope, struct dataset *dataset);

#endif
