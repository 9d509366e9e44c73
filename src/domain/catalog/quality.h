/* How well a dataset is described: what is missing for a good description, and a score (quality.def). */
#ifndef DOMAIN_CATALOG_QUALITY_H
#define DOMAIN_CATALOG_QUALITY_H

#include "domain/catalog/dataset.h"
#include "domain/catalog/metadata.h"

enum quality_check {
#define QUALITY(name, key, weight, template_name, value) QUALITY_##name,
#include "domain/catalog/quality.def"
#undef QUALITY
    QUALITY__COUNT
};

struct quality_row {
    str key;                 /* "title": of messages and programs */
    int weight;              /* most points */
    str template_name, name; /* the value that mends it; template empty: label or description of fields */
};

struct quality_result {
    bool applies; /* labels of fields do not where there are no fields yet */
    int points;   /* 0 to the weight */
    int64_t missing; /* fields that miss it; else 0 */
    str field;    /* the first of them */
};

struct quality {
    int score; /* 0 to 100: points of what applies */
    struct quality_result results[QUALITY__COUNT];
    size_t missing_count; /* of what applies and has not all its points */
};

/** All checks, in the order of enum quality_check. Static. */
const struct quality_row *quality_rows(void);

/** Measures metadata (as stored, parsed) and fields. Borrows names of the schema. */
void quality_measure(struct arena *arena, const json_t *metadata, const struct schema *schema,
                     struct quality *ret_quality);

/** The same of a dataset that is loaded. Errors: ERR_DATABASE (its metadata are damaged). */
enum err quality_of(struct scope *scope, const struct dataset *dataset, struct quality *ret_quality) must_check;

#endif
