/* What differs between the fields of two versions. */
#ifndef DOMAIN_RECORDS_SCHEMA_CHANGES_H
#define DOMAIN_RECORDS_SCHEMA_CHANGES_H

#include "domain/catalog/field.h"

enum schema_change_kind { SCHEMA_ADDED, SCHEMA_REMOVED, SCHEMA_TYPE, SCHEMA_DESCRIBED };

struct schema_change {
    enum schema_change_kind kind;
    const struct field *before, *after; /* NULL: it is not there */
    const str *aspects; /* SCHEMA_DESCRIBED: what is described otherwise: "label", "unit", "facet" … */
    size_t aspect_count;
};

/** Fields of the same name are the same field. In the order of the later fields, removed ones last; in the arena. */
const struct schema_change *schema_changes(struct arena *arena, const struct schema *before,
                                           const struct schema *after, size_t *ret_count);

/** The fields that both have with the same type, as after describes them. In the arena. */
struct schema schema_common(struct arena *arena, const struct schema *before, const struct schema *after);

/** Whether columns of both are the same, in the same order. */
bool schema_same_columns(const struct schema *before, const struct schema *after);

#endif
