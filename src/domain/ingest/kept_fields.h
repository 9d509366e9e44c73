/* Whether a file has the fields that readers of a dataset know. */
#ifndef DOMAIN_INGEST_KEPT_FIELDS_H
#define DOMAIN_INGEST_KEPT_FIELDS_H

#include "domain/catalog/catalog.h"

/**
 * Checks that all fields of a dataset's current version are in a new schema, with the same types; whole numbers may
 * become decimal ones. A dataset without a version has none. Errors: ERR_DATA, naming the fields.
 */
enum err check_fields_kept(struct scope *scope, struct catalog *catalog, str dataset_id, const struct schema *schema)
    must_check;

#endif
