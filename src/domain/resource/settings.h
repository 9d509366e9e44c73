/*
 * How the file of a resource is read: what people choose, as a JSON object that is kept with it
 * (docs/back-office.md, "A new dataset").
 */
#ifndef DOMAIN_RESOURCE_SETTINGS_H
#define DOMAIN_RESOURCE_SETTINGS_H

#include "domain/ingest/publish.h"

#define RESOURCE_TEXT_BYTES 2000 /* of a label, a description … */

/* What is chosen for a field; texts are empty where nothing is. */
struct resource_field {
    str column;        /* the name that the ingestion finds for it */
    str name;          /* another one */
    bool has_type;
    enum field_type type;
    str label, description, unit;
    str multivalued, hierarchical; /* separators */
    str date_format;   /* letters as in dd/MM/yyyy */
    int64_t decimals;  /* -1: none chosen */
    bool facet, disjunctive, sortable, id;
    bool is_hidden;    /* left out */
};

struct resource_settings {
    str format, layer, sheet;  /* empty: found out */
    int64_t header_row;        /* SHEET_HEADER_FIND: found out */
    int64_t epsg;              /* 0: the file says it */
    bool skips_bad_rows;
    bool empties_bad_cells;    /* values that do not fit are left empty, and their rows stay */
    bool appends;              /* the records there are stay */
    struct resource_field *fields;
    size_t field_count;
    struct point_wish *points;
    size_t point_count;
};

/** Reads the JSON object; empty: nothing is chosen. In the scope's arena. Errors: ERR_METADATA, naming the member. */
enum err resource_settings_read(struct scope *scope, str text, struct resource_settings *ret_settings) must_check;

/** The JSON object, without members of which nothing is chosen. In the arena. */
str resource_settings_write(struct arena *arena, const struct resource_settings *settings);

/** What is chosen for a column; NULL: nothing. */
struct resource_field *resource_field_find(const struct resource_settings *settings, str column);

/** The same, made when it is missing. */
struct resource_field *resource_field_get(struct arena *arena, struct resource_settings *settings, str column);

/**
 * The settings as options of the ingestion: format, layer, wishes, points …, all else zeroed. Errors: ERR_METADATA (a
 * name that is none, a type that does not go with an annotation).
 */
enum err resource_settings_options(struct scope *scope, const struct resource_settings *settings,
                                   struct publish_options *ret_options) must_check;

#endif
