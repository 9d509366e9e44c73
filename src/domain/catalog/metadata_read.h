/*
 * Reading descriptions of datasets: the program's own format and whole dataset objects of the Explore
 * API (docs/metadata.md), and changing single values. Everything is checked against the rows of
 * metadata_template.def.
 */
#ifndef DOMAIN_CATALOG_METADATA_READ_H
#define DOMAIN_CATALOG_METADATA_READ_H

#include "base/clock.h"
#include "base/vec.h"
#include "domain/catalog/field.h"
#include "domain/catalog/metadata.h"

/* What a description says of a field. */
struct field_description {
    str name;
    str type;  /* p == NULL: nothing, as below */
    str label;
    str description;
    const struct annotation *annotations;
    size_t annotation_count;
};

struct description {
    str metadata; /* as they are stored, compact JSON (metadata.h) */
    const struct field_description *fields;
    size_t field_count;
    const str *notes; /* what was left out, and why */
    size_t note_count;
};

/**
 * Reads a description. In a dataset object, which another portal may have made, what is not known and
 * what the program makes itself is left out with a note; in the own format it is an error. null is no
 * value. All lives in the scope's arena.
 * Errors: ERR_METADATA: which template, which name, what was given, what is expected.
 */
enum err metadata_read(struct scope *scope, str text, struct description *ret_description) must_check;

/**
 * Sets or takes away (value NULL) one value of metadata. path is "template.name", or a name of the
 * template "default". lang: of that language; empty: without one. value, of which a text may stand for
 * a list of one, is checked; it stays the caller's. Errors: ERR_METADATA.
 */
enum err metadata_set(struct scope *scope, json_t *metadata, str lang, str path, const json_t *value)
    must_check;

/** The same for a row that is not of metadata_template.def but of a portal's own template (custom_template.h). */
enum err metadata_set_row(struct scope *scope, json_t *metadata, str lang, const struct metadata_row *row,
                          const json_t *value) must_check;

/** The same for the label or description (what) of a field in a language. */
enum err metadata_set_field(struct scope *scope, json_t *metadata, str lang, str field, str what,
                            str text) must_check;

/**
 * A value from the command line: as JSON where the row's type is none of texts or it begins like a list,
 * else as text. The caller owns the result. Errors: ERR_METADATA.
 */
enum err metadata_parse(struct scope *scope, str path, str text, json_t **ret_value) must_check;

/** Removes default.modified, which is stored apart; 0: it is not given. */
usec metadata_take_modified(json_t *metadata);

#endif
