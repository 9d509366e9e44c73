/* The templates of metadata and their values, as rows (metadata_template.def, explore-api.md 5.2). */
#ifndef DOMAIN_CATALOG_METADATA_H
#define DOMAIN_CATALOG_METADATA_H

#include "base/json_read.h"

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
    METADATA_SHAPE, /* a GeoJSON Feature */
    METADATA_ANY    /* any JSON */
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

/** Whether a template takes any names: it has no rows. */
bool metadata_is_open(const struct metadata_template *in);

/*
 * Metadata of a dataset as they are stored, one JSON object (docs/metadata.md): values by template and
 * name, "languages" with those by language, "alternative_exports", and what the program adds:
 * "attachments" and "extent".
 */

/** Whether text is a language tag as we take them: 2 or 3 lower-case letters, then -parts of 2 to 8 letters or digits. */
bool metadata_is_language(str text);

/** The language that values are in without one being named; empty: not known. Borrowed. */
str metadata_own_language(const json_t *metadata);

/**
 * Value in a language where there is one (fr, else fr-…), else as it is; NULL: not set. lang may be
 * empty. Borrowed from metadata.
 */
json_t *metadata_value(const json_t *metadata, str lang, str template_name, str name);

/** Label or description (what) of a field in exactly a language; STR_NONE: there is none. Borrowed. */
str metadata_field_text(const json_t *metadata, str lang, str field, const char *what);

/** Whether there are values in a language. */
bool metadata_has_language(const json_t *metadata, str lang);

#endif
