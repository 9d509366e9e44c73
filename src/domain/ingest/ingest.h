/*
 * Turning a real file into the table "records" of a fresh version. Types are inferred without losing
 * anything: a value that would not survive the conversion keeps its column text.
 */
#ifndef DOMAIN_INGEST_INGEST_H
#define DOMAIN_INGEST_INGEST_H

#include <stdatomic.h>

#include "base/vec.h"
#include "domain/catalog/field.h"
#include "platform/db/db.h"
#include "platform/i18n/remark.h"

struct annotation_wish {
    str annotation;
    str value;
};

/* What the caller decides about a field; found by its name or its label. */
struct field_wish {
    str name;
    bool must_exist; /* no such field is an error, else a note */
    bool has_type;
    enum field_type type;
    str label;       /* p == NULL: as in the file */
    str description;
    str new_name;    /* p == NULL: the name stays */
    str date_format; /* of dates and times (date_form.h); p == NULL: as people write them anyway */
    bool is_hidden;  /* the field is left out; what is made of its column stays */
    VEC(struct annotation_wish) annotations;
};

/* A geo_point_2d to be made of two columns, named by field name or label. */
struct point_wish {
    str name;
    str latitude;
    str longitude;
};

/* How far an import is; written by the import, read by any thread. */
struct ingest_progress {
    _Atomic(const char *) phase;     /* "reading", "indexing" …; NULL: not begun */
    _Atomic int64_t rows;            /* read so far */
    _Atomic int64_t rows_expected;   /* in all, about; 0: not known */
    _Atomic uint64_t file_bytes;     /* of the file as it is read; 0: there is none */
    _Atomic int64_t place, places;   /* which dataset of how many; 0: there is one */
};

/* A column of which the file says the type; values are read as JSON. */
struct known_column {
    str label;
    str key;           /* of it in the objects; p == NULL: the label */
    enum field_type type;
    bool is_list;
    bool is_open;      /* the type is found out from the values all the same */
};

#define INGEST_ROW_KEY "row" /* of the number of a row of a sheet; keys of its columns are in capitals */

struct ingest_options {
    const char *path;          /* readable by the engine, UTF-8 already when it is CSV */
    const char *shown_path;    /* as the caller called it, for messages */
    const char *format;        /* csv, json, jsonl, geojson, parquet */
    const struct known_column *columns; /* of a jsonl file; NULL: found out */
    size_t column_count;
    bool has_rows;             /* objects have INGEST_ROW_KEY, by which people find a record */
    bool is_compressed;        /* gzip or zstd; then the engine decompresses */
    const struct field_wish *wishes;
    size_t wish_count;
    const struct point_wish *points;
    size_t point_count;
    bool skip_bad_rows;        /* else the first bad row aborts */
    bool empty_bad_cells;      /* values that do not fit become null, and their rows stay; rows of another shape are still bad */
    const char *rejects_path;  /* where rejected rows go, as JSON Lines */
    /* Records to keep in front of the file's: a version's file and its schema; NULL: none. */
    const char *append_to;
    const struct schema *append_schema;
    bool joins;                /* the records to keep are those of ingest_load before; they have append_schema */
    int64_t sample_rows;       /* only so many rows from the start, about; 0: all */
    struct ingest_progress *progress; /* NULL: nobody looks */
};

struct layout;

/* Cells of a field that were left empty because they did not fit. */
struct emptied_field {
    str label;
    enum field_type type;
    int64_t count;
    str place;    /* what the numbers of the examples count: "row", "line" or "record" */
    str examples; /* the first of them: "9: tall; 13: small" */
};

struct ingest_result {
    struct schema schema;
    const struct layout *layout; /* of a text file that is not compressed, for find_line; NULL: lines say nothing */
    int64_t rows;
    int64_t rejected;
    struct emptied_field *emptied;
    size_t emptied_count;
    struct remark *notes; /* what the caller should be told: renamed fields, points made */
    size_t note_count;
};

/**
 * Creates and fills "records": the fields' columns and "_key", rows in the order of the file.
 * With append_to or joins the old records come first; where fields have the annotation id, a new record
 * replaces the old one with the same values in them.
 * Errors: ERR_DATA (file, line or record, column, value, expected type, what to do), ERR_METADATA,
 * ERR_USAGE (a point of columns that are not there), those of db_run.
 */
enum err ingest_load(struct scope *scope, struct db *db, const struct ingest_options *options,
                     struct ingest_result *ret_result) must_check;

/** Engine functions that loading needs. progress (may be NULL) counts the rows. */
const struct db_function *ingest_functions(struct arena *arena, struct ingest_progress *progress,
                                           size_t *ret_count);

/** What is said of such a field: how many cells, and the first of them. */
struct remark emptied_remark(struct arena *arena, const struct emptied_field *field);

/** Adds what a further file had to the fields before. In the arena. */
void emptied_add(struct arena *arena, struct ingest_result *all, const struct ingest_result *more);

/** Format by first bytes: "csv", "json" …; NULL when it is none of them. */
const char *ingest_recognise(str start);

#endif
