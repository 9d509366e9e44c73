/* Types that nearly all texts of a field are of: what people meant, and a few cells keep from being found. */
#ifndef DOMAIN_INGEST_SUGGEST_H
#define DOMAIN_INGEST_SUGGEST_H

#include "domain/catalog/field.h"
#include "platform/db/db.h"

#define SUGGEST_FIELDS 200 /* that are looked at */

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

/* What fields could be used for. */
struct use_suggestions {
    const bool *facets; /* one for each field: it has few values that come again and again, so that people could filter by it */
    size_t identifier;  /* the field that seems to tell records apart; schema->count: none does */
};

/**
 * Counts the values of texts and whole numbers of the same table. A field seems to tell records apart if each record has
 * another value in it and its name says so ("code_insee"), or, where is_whole says that the table is the whole file, if it
 * is the first field. In the scope's arena. Errors: as db_run.
 */
enum err suggest_uses(struct scope *scope, struct db *db, const struct schema *schema, bool is_whole,
                      struct use_suggestions *ret_uses) must_check;

#endif
