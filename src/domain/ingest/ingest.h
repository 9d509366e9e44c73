/*
 * Turning a real file into the table "records" of a fresh version. Types are inferred without losing
 * anything: a value that would not survive the conversion keeps its column text.
 */
#ifndef DOMAIN_INGEST_INGEST_H
#define DOMAIN_INGEST_INGEST_H

#include "base/vec.h"
#include "domain/catalog/field.h"
#include "platform/db/db.h"

struct annotation_wish {
    str annotation;
    str value;
};

/* What the caller decides about a field; found by its name or its label. */
struct field_wish {
    str name;
    bool has_type;
    enum field_type type;
    str label;       /* p == NULL: as in the file */
    str description;
    VEC(struct annotation_wish) annotations;
};

struct ingest_options {
    const char *path;          /* readable by the engine, UTF-8 already when it is CSV */
    const char *format;        /* csv, json, jsonl, geojson, parquet */
    const struct field_wish *wishes;
    size_t wish_count;
    bool skip_bad_rows;        /* else the first bad row aborts */
    const char *rejects_path;  /* where rejected rows go, as JSON Lines */
};

struct ingest_result {
    struct schema schema;
    int64_t rows;
    int64_t rejected;
};

/**
 * Creates and fills "records": the fields' columns and "_key", rows in the order of the file.
 * Errors: ERR_DATA (row, column, value, expected type, what to do), ERR_METADATA, those of db_run.
 */
enum err ingest_load(struct scope *scope, struct db *db, const struct ingest_options *options,
                     struct ingest_result *ret_result) must_check;

/** Engine functions that loading needs. */
const struct db_function *ingest_functions(size_t *ret_count);

/** Format by name and first bytes: "csv", "json" …; NULL when it is none of them. */
const char *ingest_recognise(str file_name, str start);

#endif
