/*
 * The text in which metadata are stored: what people describe, and beside it what the program keeps, the
 * extent of the records, the lists of attachments and reuses, and uses. Private to this directory.
 */
#ifndef DOMAIN_CATALOG_STORE_METADATA_H
#define DOMAIN_CATALOG_STORE_METADATA_H

#include "base/json_read.h"
#include "base/scope.h"

/**
 * Metadata given (none: no bytes) with an extent (JSON; none: no bytes), attachments and reuses of the text that
 * was stored before (none: no bytes). Errors: ERR_DATABASE (a text is no object of JSON).
 */
enum err metadata_stored(struct scope *scope, str given, str before, str extent, str *ret_text)
    must_check;

/** What is described with extent, attachments and reuses as stored before. described is changed. */
enum err metadata_described(struct scope *scope, json_t *described, str before, str *ret_text) must_check;

/** The text stored before with another list of attachments. */
enum err metadata_with_attachments(struct scope *scope, str before, const json_t *list, str *ret_text)
    must_check;

/** A value as compact JSON in the scope's arena. */
str metadata_compact(struct scope *scope, const json_t *value);

/** Whether new records are a modification of the dataset: they are, unless the metadata say otherwise. */
enum err metadata_follows_data(struct scope *scope, str metadata, bool *ret_follows) must_check;

/** Title (empty: none) and whether there are attachments, of a stored text, which may be damaged. */
void metadata_light(struct scope *scope, str metadata, str *ret_title, bool *ret_has_attachments);

#endif
