/* What records say of the whole: where they are. */
#ifndef DOMAIN_INGEST_MEASURE_H
#define DOMAIN_INGEST_MEASURE_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

/**
 * Extents of the table "records": a JSON object with one member per geographic field that has values
 * (catalog/extent.h), in the scope's arena. Needs ingest_functions. Errors: those of db_run.
 */
enum err measure_extents(struct scope *scope, struct db *db, const struct schema *schema,
                         str *ret_extents) must_check;

#endif
