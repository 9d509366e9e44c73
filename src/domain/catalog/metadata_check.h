/* Checks of single values of metadata. Private to this directory. */
#ifndef DOMAIN_CATALOG_METADATA_CHECK_H
#define DOMAIN_CATALOG_METADATA_CHECK_H

#include "base/scope.h"
#include "domain/catalog/metadata.h"

/** The row of a name; NULL in a template that takes any names. Errors: ERR_METADATA, with names that are near. */
enum err metadata_find_row(struct scope *scope, str template_name, str name,
                           const struct metadata_row **ret_row) must_check;

/** Fails for a row that the program makes, and by language for one that has no languages. row may be NULL. */
enum err metadata_check_row(struct scope *scope, const struct metadata_row *row, str where,
                            bool by_language) must_check;

/** Fails with ERR_METADATA for what is no language. */
enum err metadata_check_language(struct scope *scope, str tag) must_check;

/**
 * Puts a checked value under its names into an object of templates; a text becomes a list of one where
 * a list is meant. row NULL: any value. Errors: ERR_METADATA: where, what was given, what is expected.
 */
enum err metadata_put(struct scope *scope, json_t *templates, str where, str template_name, str name,
                      const struct metadata_row *row, const json_t *value) must_check;

/** The object of a name in parent, made when there is none. Borrowed. */
json_t *metadata_object_in(json_t *parent, str name);

/** The start of a value as JSON, for messages. */
str metadata_shown(struct scope *scope, const json_t *value);

#endif
