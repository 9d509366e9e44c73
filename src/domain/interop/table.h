/* The columns of the catalogue as a table (explore-api.md 2.10). Private to this directory. */
#ifndef DOMAIN_INTEROP_TABLE_H
#define DOMAIN_INTEROP_TABLE_H

#include "domain/interop/interop.h"

struct table_column {
    const char *template_name, *name;
    str heading; /* "template.name", or the label of the metadata */
};

struct table {
    struct table_column *columns; /* without datasetid, the last one */
    size_t count;
};

/**
 * The columns: of each template that the catalogue has values of ("default" always) its rows of
 * metadata_template.def in their order and then further names, but of none that only administrators
 * or applications see. Lives in the scope's arena.
 */
struct table table_columns(const struct catalogue_writing *writing);

/** A value as the text of a cell: lists joined, objects as JSON, True and False; empty for null. In
 * the arena or borrowed. */
str table_cell(struct arena *arena, const struct catalogue_options *options, const json_t *value);

#endif
