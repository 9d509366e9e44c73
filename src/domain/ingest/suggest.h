/* Types that nearly all texts of a field are of: what people meant, and a few cells keep from being found. */
#ifndef DOMAIN_INGEST_SUGGEST_H
#define DOMAIN_INGEST_SUGGEST_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

/* What one field could be; fits 0: nothing but what it is. */
struct type_suggestion {
    enum field_type type; /* boolean, int, double, date or datetime */
    int64_t fits, filled; /* values of that type, and values there are */
    str other;            /* one that is not */
};

/**
 * Reads the texts of the table "records" of the sample: a type that most of a field's values are of, when few are not and
 * there are some of each. ret_suggestions: one for each field. In the scope's arena. Errors: as db_run.
 */
enum err suggest_types(struct scope *scope, struct db *db, const struct schema *schema,
                       const struct type_suggestion **ret_suggestions) must_check;

/**
 * Counts the values of the same texts: ret_facets says of each field whether it has few values that come again and again, so
 * that people could filter by it. In the scope's arena. Errors: as db_run.
 */
enum err suggest_facets(struct scope *scope, struct db *db, const struct schema *schema, const bool **ret_facets) must_check;

#endif
