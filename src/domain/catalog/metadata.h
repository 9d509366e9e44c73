/* The templates of metadata and their values, as rows (metadata_template.def, explore-api.md 5.2). */
#ifndef DOMAIN_CATALOG_METADATA_H
#define DOMAIN_CATALOG_METADATA_H

#include "base/str.h"

enum template_kind { TEMPLATE_BASIC, TEMPLATE_INTEROP, TEMPLATE_EXTRA, TEMPLATE_ADMIN };

enum metadata_type {
    METADATA_TEXT,
    METADATA_HTML,
    METADATA_TEXTS, /* a list */
    METADATA_INT,
    METADATA_DOUBLE,
    METADATA_BOOLEAN,
    METADATA_DAY,
    METADATA_INSTANT,
    METADATA_SHAPE  /* a GeoJSON Feature */
};

enum metadata_flag {
    METADATA_LANG = 1,   /* may differ by language */
    METADATA_FACET = 2,  /* a filter of the catalogue */
    METADATA_MADE = 4,   /* set by the program */
    METADATA_SEARCH = 8  /* looked through by full text */
};

struct metadata_template {
    str name;
    enum template_kind kind;
    str title;
};

struct metadata_row {
    const struct metadata_template *in;
    str name;
    enum metadata_type type;
    unsigned flags; /* of enum metadata_flag */
    str label, help;
};

const struct metadata_template *metadata_templates(size_t *ret_count);
const struct metadata_row *metadata_rows(size_t *ret_count);

/** NULL when there is none of that name. */
const struct metadata_template *metadata_template_find(str name);
const struct metadata_row *metadata_find(str template_name, str name);

#endif
