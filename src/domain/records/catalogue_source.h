/*
 * The catalogue as a source of ODSQL: an in-memory database with one row per dataset, made again
 * for each generation of the catalogue. Private to this directory.
 */
#ifndef DOMAIN_RECORDS_CATALOGUE_SOURCE_H
#define DOMAIN_RECORDS_CATALOGUE_SOURCE_H

#include "domain/catalog/snapshot.h"
#include "platform/db/db.h"

/* The column with the dataset object, behind those of the schema. */
#define CATALOGUE_DOCUMENT_COLUMN S("_document")

struct indexer;

struct catalogue_source {
    struct scope scope; /* holds name and schema */
    uint64_t generation, fingerprint; /* of the snapshot */
    str database; /* name it is attached under */
    struct schema schema;
    int users;
};

/** Makes the database of a snapshot; number makes its name. Undone by catalogue_source_close. Errors: ERR_DATABASE. */
enum err catalogue_source_open(struct scope *scope, struct db_lease *lease,
                               struct indexer *indexer, const struct snapshot *snapshot, const char *spool,
                               uint64_t number, struct catalogue_source **ret) must_check;

/** Detaches the database and frees source. */
void catalogue_source_close(struct db_lease *lease, struct catalogue_source *source);

#endif
