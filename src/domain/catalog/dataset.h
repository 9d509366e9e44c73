/*
 * A published dataset as the rest of the program sees it: identity, schema, metadata, and the
 * current version of its records. Immutable; belongs to a catalogue snapshot.
 */
#ifndef DOMAIN_CATALOG_DATASET_H
#define DOMAIN_CATALOG_DATASET_H

#include "domain/catalog/field.h"

struct dataset {
    str id;             /* [a-z0-9_-], what people and clients use */
    str uid;            /* "da_" and six characters; names the directory of the records */
    struct schema schema;
    int64_t version;    /* current version number, from 1; 0: no records yet */
    int64_t records_count;
    str version_file;   /* path of the version's file; empty without records */
    usec modified;
    str title;
    str document;       /* dataset object of explore-api.md 5.1 as JSON bytes */
};

#endif
