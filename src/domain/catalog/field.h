/*
 * Fields and schemas of datasets: the value types shared by catalogue, ODSQL, records and
 * ingestion. Everything lives in the arena given when it was made, and is immutable afterwards.
 */
#ifndef DOMAIN_CATALOG_FIELD_H
#define DOMAIN_CATALOG_FIELD_H

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/scope.h"

enum field_type {
#define FIELD_TYPE(name, text, column, documentation) FIELD_##name,
#include "domain/catalog/field_type.def"
#undef FIELD_TYPE
    FIELD__COUNT
};

/* Annotations of explore-api.md 4.1; a text with p == NULL is absent. */
struct field {
    str name;          /* lower case, [a-z0-9_] and other letters; unique in the schema */
    str source;        /* name under which the column was found, where it was given another; p == NULL: name is it */
    str label;
    str description;   /* p == NULL: none */
    enum field_type type;
    str multivalued;   /* separator; p != NULL: the value is a list of texts */
    str hierarchical;  /* separator of a facet tree */
    str facetsort;     /* alphanum, -alphanum, count, -count */
    str unit;
    str timeserie_precision; /* year, month, day, hour, minute */
    int decimals;      /* -1: not set */
    bool facet;
    bool disjunctive;
    bool sortable;
    bool id;           /* part of the record id */
    bool timerange_filter; /* a facet of dates shown as a range */
};

struct schema {
    struct field *fields;
    size_t count;
};

/** "text", "int", …; never empty. */
str field_type_text(enum field_type type);

/** Column type in DuckDB; for GEO_POINT that of each of its two columns. */
str field_type_column(enum field_type type);

/** False when text names no type. */
bool field_type_find(str text, enum field_type *ret_type);

static inline bool field_is_list(const struct field *field)
{
    return field->multivalued.p != NULL;
}

/** Whether any field is part of the record id. */
bool schema_has_id(const struct schema *schema);

/** Field of that exact name, or NULL. */
const struct field *schema_find(const struct schema *schema, str name);

/**
 * Sets one annotation from text: "facet", "sortable", "id", "disjunctive" (value "", "true" or
 * "false"), "multivalued", "hierarchical", "facetsort", "unit", "timeserie_precision", "decimals", "timerangeFilter".
 * Errors: ERR_METADATA, naming annotation and allowed values.
 */
enum err field_annotate(struct scope *scope, struct field *field, str annotation, str value) must_check;

struct annotation {
    str name;
    str value; /* as field_annotate takes it */
};

/**
 * Annotations as documents have them: {"facet": true, "multivalued": ","}, with lists around values as
 * older ones ({"facet": [], "multivalued": [","]}), or a list of {"name": …, "args": […]}. false and
 * null are none. In the scope's arena. Errors: ERR_METADATA (another form).
 */
enum err annotations_read(struct scope *scope, json_t *annotations,
                          const struct annotation **ret_annotations, size_t *ret_count) must_check;

/** Whether field_annotate knows the name. */
bool annotation_is_known(str name);

/** Writes the fields array of explore-api.md 5.1. */
void schema_write(struct json_writer *json, const struct schema *schema);

/** What is kept of a schema, as text in the arena: that, and sources. */
str schema_text(struct arena *arena, const struct schema *schema);

/** Name under which the column of a field was found: stays the same whatever the field is called. */
str field_source(const struct field *field);

/** Reads what schema_write or schema_text wrote. Errors: ERR_METADATA. */
enum err schema_read(struct scope *scope, const json_t *fields, struct schema *ret_schema) must_check;

/** Names of the two columns of a geo point, "<name>.lon" and "<name>.lat", in the arena. */
str field_longitude_column(struct arena *arena, const struct field *field);
str field_latitude_column(struct arena *arena, const struct field *field);

/* Edges of the box around a shape. */
enum field_edge { EDGE_WEST, EDGE_SOUTH, EDGE_EAST, EDGE_NORTH, EDGE__COUNT };

/** "west", "south", "east", "north". */
str field_edge_text(enum field_edge edge);

/** Name of a column of the box around a geo shape, "<name>.west" and so on, in the arena. */
str field_edge_column(struct arena *arena, const struct field *field, enum field_edge edge);

#endif
