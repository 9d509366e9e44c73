/* One change of metadata, made to many datasets: set, add to a list, take from it, replace, clear. */
#ifndef DOMAIN_CATALOG_BULK_H
#define DOMAIN_CATALOG_BULK_H

#include "domain/catalog/catalog.h"
#include "domain/catalog/metadata.h"

enum bulk_operation { BULK_SET, BULK_ADD, BULK_REMOVE, BULK_REPLACE, BULK_CLEAR, BULK__COUNT };

struct bulk_change {
    enum bulk_operation operation;
    str path;            /* "default.theme", of a row of metadata_template.def that is not the program's */
    str lang;            /* of that language; empty: without one */
    const json_t *value; /* what is set, added (a text or a list), or stands in the old one's place; NULL: nothing */
    str old;             /* BULK_REPLACE: what is replaced; BULK_REMOVE: what is taken away */
};

/** "set", "add", "remove", "replace", "clear". */
const char *bulk_operation_name(enum bulk_operation operation);
bool bulk_operation_find(str name, enum bulk_operation *ret_operation);

/**
 * Changes metadata (parsed) in memory. *ret_changed: whether anything is different then. Errors: ERR_METADATA (the
 * value does not fit the row, adding to what is no list).
 */
enum err bulk_apply(struct scope *scope, json_t *metadata, const struct bulk_change *change, bool *ret_changed)
    must_check;

/** The value that a change is about, as it is in metadata; NULL: there is none. Borrowed. */
const json_t *bulk_value(const json_t *metadata, const struct bulk_change *change);

/**
 * Makes the change to a dataset as it is stored now, in one step: tried again when somebody else writes meanwhile.
 * Errors: ERR_NO_DATASET, ERR_METADATA, ERR_CONFLICT (again and again), ERR_DATABASE.
 */
enum err bulk_describe(struct scope *scope, struct catalog *catalog, str dataset, const struct bulk_change *change,
                       bool *ret_changed) must_check;

#endif
