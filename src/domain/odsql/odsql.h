/*
 * The ODSQL compiler: texts of clauses and a source in, SQL with bound values out. Opens no
 * connection. Source of the language: explore-api.md chapter 3.
 *
 * Stages: lexer → parser → resolve and check (names, types) → plan → emit. After the plan no
 * client text is left except in bound values.
 */
#ifndef DOMAIN_ODSQL_ODSQL_H
#define DOMAIN_ODSQL_ODSQL_H

#include "domain/catalog/field.h"
#include "platform/i18n/message.h"
#include "platform/db/db.h"
#include "platform/db/sql.h"

struct search_options; /* catalog/search.h */
struct zone;           /* text/zone.h */

/* Places of rows by rowid, from 1 on; 0: a row has none. What a search finds, and in which order. */
struct catalogue_ranks {
    const uint32_t *places;
    size_t count;
    size_t found; /* how many have one */
};

/* Full text over the catalogue. ret_ranks lives as long as the scope. */
struct catalogue_index {
    enum err (*rank)(struct scope *scope, void *user, str text,
                     const struct search_options *options,
                     const struct catalogue_ranks **ret_ranks);
    void *user;
};

/* What a query reads: the records of one dataset version, or the catalogue itself. */
struct source {
    enum db_engine engine; /* whose SQL is emitted: DB_POSTGRES, or else that of DuckDB */
    bool has_postgis;      /* of DB_POSTGRES: areas and shapes can be asked about */
    const struct schema *schema;       /* the fields there are for clauses */
    const struct schema *table_schema; /* all fields of the table; NULL: those of schema */
    const str *filters;    /* conditions over table_schema: only rows for which one holds are read */
    size_t filter_count;   /* 0: all rows */
    str database;       /* name under which the version's file is attached */
    str table;          /* "records" or "datasets" */
    str postings;       /* table of the inverted index: (term, field, rows); empty: no text search */
    const struct catalogue_index *index; /* of the catalogue, in place of postings; NULL: none */
    const struct sql *relation; /* of the catalogue, in place of the table; NULL: none */
    bool is_in_order;           /* its rows come in the order of rowid */
    bool is_catalogue;  /* field names are template.name; prefix "default." may be left out */
};

/* The clauses as they came, p == NULL when absent. */
struct clauses {
    str select;
    const str *where;   /* joined by AND */
    size_t where_count;
    str group_by;
    str order_by;
    const str *refine;  /* "field:value" */
    size_t refine_count;
    const str *exclude;
    size_t exclude_count;
    int64_t limit;      /* -1: no limit */
    int64_t offset;
    str timezone;       /* IANA name; empty: UTC */
    str lang;           /* for date_format; empty: "en" */
    usec now;           /* value of now(); fixed per request */
    bool json_as_text;  /* json_format() gives the text as it is, for formats that embed no JSON */
    bool with_total;    /* groups that are dear to count again carry their number along */
    bool shapes_as_wkb; /* shapes are selected as WKB bytes rather than as GeoJSON text; PostgreSQL has no others */
    bool any_limit;     /* groups may be sorted by an aggregate whatever the limit; the API refuses that (1.3) */
    /* Set by the program, never by a client; expressions over the columns of the source's table. */
    const struct sql *condition;     /* joined to where by AND; NULL: none */
    const struct sql *id_expression; /* one more column of ungrouped rows, after all others; NULL: none */
    const struct facet_request *facets; /* of the request; they say which fields are disjunctive */
    size_t facet_count;
};

/* A refinement or an exclusion. */
struct choice {
    const struct field *field; /* a facet of the catalogue, of texts or of dates and times */
    str value;                 /* of texts: one of them is it */
    usec start, end;           /* of a date and time: it lies from start to before end */
    size_t group;              /* of the refinements of a group one has to hold */
    bool is_excluded;          /* it must not hold */
};

/*
 * What clauses ask of rows of the catalogue, where that can be told without the engine: searches, which all
 * find a row, the best of the first one first, and choices.
 */
struct choices {
    bool are_known; /* else only the statement tells */
    const struct catalogue_ranks *const *searches;
    size_t search_count;
    const struct choice *items;
    size_t count;
};

/* How an output column is shown. */
enum output_form {
    OUTPUT_VALUE,     /* by its cell type */
    OUTPUT_FIELD,     /* by its field: type, multivalued, timeserie_precision */
    OUTPUT_GEO_POINT, /* two columns of the batch: longitude, latitude */
    OUTPUT_JSON       /* text holding JSON, embedded as it is (json_format) */
};

struct output {
    str name;                  /* key in the answer */
    enum output_form form;
    const struct field *field; /* OUTPUT_FIELD, OUTPUT_GEO_POINT; else NULL */
    size_t column;             /* first column in the batch */
};

/* Name of the output of the catalogue without select: the row, in whose place its dataset object stands. */
#define ODSQL_DOCUMENT S("_document")

struct plan {
    const struct output *outputs; /* in the order of the answer */
    size_t output_count;
    size_t id_column;             /* column of clauses.id_expression; SIZE_MAX: none */
    size_t total_column;          /* column of rows that holds the total; SIZE_MAX: none */
    struct sql rows;              /* yields the page */
    struct choices choices;       /* which rows, before they are grouped */
    bool is_listing;              /* choices are known, and tell a page of whole rows in its order */
    struct sql total;             /* yields total_count in one cell: records, or groups when grouped */
    bool is_grouped;              /* group_by was given */
    bool is_aggregate;            /* aggregates without group_by: one row, repeated up to limit */
    bool is_unfiltered;           /* total is the source's row count; total need not run */
    str canonical;                /* equal for clauses that differ in white space or letter case only;
                                     with the version it is the key of cached answers */
};

/**
 * Compiles the clauses of one read. The plan lives in the scope's arena and borrows from source
 * and clauses.
 * Errors: ERR_SYNTAX ("ODSQL syntax exception: unexpected X at position n in …"), ERR_QUERY
 * ("ODSQL query is malformed: …"), both with the clause named as explore-api.md 1.3 gives it;
 * ERR_PARAMETER (timezone).
 */
enum err odsql_compile(struct scope *scope, const struct source *source,
                       const struct clauses *clauses, struct plan **ret_plan) must_check;

/**
 * Checks a condition for source.filters against the fields of a table. It may not depend on the
 * clock: counts are kept. Errors: as odsql_compile, with the clause named "filter".
 */
enum err odsql_filter_check(struct scope *scope, const struct schema *table_schema, str filter)
    must_check;

/** A field's name as clauses take it: between back quotes where it must be. In the arena. */
str odsql_name(struct arena *arena, str name);

/** A text as a literal, with its quotes. In the arena. */
str odsql_literal(struct arena *arena, str text);

/** Languages that clauses.lang may name, in the order of explore-api.md 2.2. */
const str *odsql_languages(size_t *ret_count);

/** Finds the language of a code in any letter case; false: there is none. */
bool odsql_language_find(str code, str *ret_language);

/* A function of the language, for those who help people write it. */
struct odsql_function {
    str name;
    enum message expects; /* its arguments */
    bool in_select, in_where, in_group_by, in_order_by;
};

/** The function at a place of the list; false: behind the last. */
bool odsql_function_at(size_t at, struct odsql_function *ret_function);

/* One facet asked for: facet=name or facet=facet(name="…", …). */
struct facet_request {
    const struct field *field;
    bool disjunctive;
    str separator;  /* of the levels of a value; empty: values are flat */
    str sort;       /* count, -count, alphanum, -alphanum, num, -num; empty: the field's, else largest count first */
    int64_t limit;
};

/** Reads a facet parameter. Errors: ERR_SYNTAX, ERR_QUERY (unknown field). */
enum err odsql_facet_parse(struct scope *scope, const struct source *source, str text,
                           struct facet_request *ret_facet) must_check;

/** Separator of the levels of a field's values: dates and hierarchical texts have levels. */
str odsql_facet_separator(const struct field *field);

/* Values of one facet as SQL: columns (value as text, count), ordered and limited. */
struct facet_plan {
    struct sql values;
    const str *refined;  /* values of this field named by refine, in the form of the value column */
    size_t refined_count;
    const str *excluded;
    size_t excluded_count;
    int64_t limit;       /* of values */
    struct choices choices; /* which rows are counted */
    const struct zone *zone; /* of dates and times */
};

/**
 * Compiles the counting of one facet under the clauses' where, refine and exclude. For a
 * disjunctive facet the refinement on the facet itself is left out. Values with levels count by
 * their first one, and by the next one below each refined value: dates by year, then by month, then
 * by day. Errors as odsql_compile.
 */
enum err odsql_facet_compile(struct scope *scope, const struct source *source,
                             const struct clauses *clauses, const struct facet_request *facet,
                             struct facet_plan **ret_plan) must_check;

/* What of the records a vector tile shows. */
struct tile_request {
    const struct field *field;             /* a geo point or shape */
    const struct field *const *properties; /* to carry along */
    size_t property_count;
    int zoom;
    int64_t x, y;      /* of the tile */
    int64_t units;     /* of an edge of the tile */
    int64_t cell;      /* units of an edge of the cells that points are counted in; a power of 2 */
    int64_t margin;    /* units around the tile, a multiple of cell */
    int64_t least;     /* shapes of fewer units in both directions are points */
    int64_t points;    /* as many are shown one by one, */
    int64_t shapes;    /* and as many shapes, the largest */
};

/**
 * Finds the fields of a request by name: field may be empty for the first geo point, else the first shape. Lives in
 * the scope's arena. Errors: ERR_QUERY (unknown, of a type that cannot be shown, no geo field at all).
 */
enum err odsql_tile_fields(struct scope *scope, const struct source *source, str field, const str *properties,
                           size_t property_count, struct tile_request *request) must_check;

/* Columns of the statements of a tile; properties follow. */
enum tile_column {
    TILE_COLUMN_ID,    /* text; null in cells */
    TILE_COLUMN_COUNT, /* of records */
    TILE_COLUMN_X,     /* units of the whole map, doubles; of cells the mean */
    TILE_COLUMN_Y,
    TILE_COLUMN_SHAPE = TILE_COLUMN_COUNT, /* of shapes: id, WKB, properties */
};

#define TILE_FINEST_ZOOM 18 /* whose units the points of a whole map are told in */

/* Statements that yield somewhat more than lies in the tile: the caller leaves out the rest. */
struct tile_plan {
    struct sql count;  /* of points in one cell, counted no further than points + 1 */
    struct sql points; /* one by one */
    struct sql cells;  /* counted in cells: numbers are means, others are there where all are the same */
    struct sql shapes; /* no parts: the field is a geo point */
    /* Points of the whole map, the same for all its tiles: x and y in units of TILE_FINEST_ZOOM, properties; at most
     * LIMIT_TILE_INDEX_POINTS + 1. No parts: the field is a shape, or the zoom is a deeper one. */
    struct sql all;
};

/**
 * Compiles the reading of a tile under the clauses' where, refine, exclude and id_expression. Property values are
 * whole numbers (also for truths), doubles, and texts of 100 characters at most. Errors as odsql_compile.
 */
enum err odsql_tile_compile(struct scope *scope, const struct source *source, const struct clauses *clauses,
                            const struct tile_request *request, struct tile_plan **ret_plan) must_check;

#endif
