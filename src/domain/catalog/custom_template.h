/*
 * Templates of metadata that the portal's administrators make. Their fields are values of the template "custom"
 * (custom.NAME), so a name is of one template only; what a template adds is a form with labels, help and checks.
 */
#ifndef DOMAIN_CATALOG_CUSTOM_TEMPLATE_H
#define DOMAIN_CATALOG_CUSTOM_TEMPLATE_H

#include "domain/catalog/vocabulary.h"

struct custom_field {
    str name; /* [a-z0-9_-] */
    str template_name;
    struct translated label, help;
    enum metadata_type type; /* one of custom_types */
    str choices;      /* one per line; empty: any value */
    bool is_required; /* the form says so; publishing does not depend on it */
    bool by_language;
};

struct custom_template {
    str name; /* [a-z0-9_-] */
    struct translated label;
    const struct custom_field *fields;
    size_t count;
};

#define CUSTOM_TEMPLATES_MOST 50
#define CUSTOM_FIELDS_MOST 500 /* of all templates */

/** Types that fields may have, and their names: "text", "html", "texts", "int", "double", "boolean", "day". */
extern const enum metadata_type custom_types[];
extern const size_t custom_type_count;
str custom_type_name(enum metadata_type type);
bool custom_type_find(str name, enum metadata_type *ret_type);

/** The row of a field, by which values are checked; lives as long as the field. In the arena. */
const struct metadata_row *custom_row(struct arena *arena, const struct custom_field *field);

/** All templates with their fields, in order, in the scope's arena. Errors: ERR_DATABASE. */
enum err custom_templates(struct scope *scope, struct catalog *catalog,
                          const struct custom_template **ret_templates, size_t *ret_count) must_check;

/** The field of a name, or NULL. */
const struct custom_field *custom_field_find(const struct custom_template *templates, size_t count, str name);

/** Makes a template or changes the label of one. Errors: ERR_CONFLICT (too many), ERR_DATABASE. */
enum err custom_template_put(struct scope *scope, struct catalog *catalog, str name,
                             const struct translated *label) must_check;

/** Takes a template away with its fields; datasets keep their values. Errors: ERR_NO_RECORD, ERR_DATABASE. */
enum err custom_template_remove(struct scope *scope, struct catalog *catalog, str name) must_check;

/**
 * Adds a field behind the others or changes it. is_new: there may be none of that name.
 * Errors: ERR_CONFLICT (the name is taken, too many), ERR_NO_RECORD (no such template), ERR_DATABASE.
 */
enum err custom_field_put(struct scope *scope, struct catalog *catalog, const struct custom_field *field,
                          bool is_new) must_check;
enum err custom_field_remove(struct scope *scope, struct catalog *catalog, str name) must_check;

#endif
