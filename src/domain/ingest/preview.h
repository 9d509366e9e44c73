/*
 * What a file would become, before it is published: found format, fields and their types, the first rows as they will
 * be, rows that do not fit. Looks at a sample from the start, in bounded time and memory however large the file is.
 */
#ifndef DOMAIN_INGEST_PREVIEW_H
#define DOMAIN_INGEST_PREVIEW_H

#include "domain/ingest/publish.h"
#include "domain/ingest/suggest.h"
#include "platform/i18n/message.h"

#define PREVIEW_ROWS 50        /* shown */
#define PREVIEW_SAMPLE 5000    /* looked at, about */
#define PREVIEW_REJECTS 20     /* shown */
#define PREVIEW_TEXT_BYTES 200 /* of a value that is shown */

/* A row that does not fit. */
struct preview_reject {
    int64_t line;   /* of a sheet's row or of a text file; 0: record says which it is */
    int64_t record; /* from 1; 0: not known */
    str column, found, expected; /* column empty: the row has another shape, and reason says which */
    str reason; /* English, of the reader */
    str shape;  /* the kind of that: "TOO MANY COLUMNS", as in DuckDB's reject_errors.error_type */
};

struct preview {
    str format;              /* "csv", "xlsx", "shp" …; empty: not found out */
    struct publish_parts parts;
    struct schema schema;    /* with the wishes; hidden fields stay in it, under the names that were found */
    const struct type_suggestion *suggestions; /* one for each field; NULL: reading failed before they were looked for */
    struct use_suggestions uses; /* facets NULL: likewise */
    const str *rows;         /* texts, a row after another, schema.count each; p == NULL: no value */
    size_t row_count;
    int64_t records;         /* in the sample, those left out not counted */
    bool is_cut;             /* the file has more than the sample */
    int64_t rejected;        /* rows of the sample that do not fit */
    const struct preview_reject *rejects;
    size_t reject_count;
    const struct remark *notes;
    size_t note_count;
};

/** What people call a type. */
enum message preview_type_label(enum field_type type);

/** The first of rows that were left out, of the JSON Lines that an import writes. In the scope's arena. */
const struct preview_reject *ingest_read_rejects(struct scope *scope, str lines, size_t most, size_t *ret_count);

/**
 * Looks at the file of options; hidden and new names of wishes are passed over, so that all fields are there to choose
 * from. data: the data directory. After a failure ret_preview has what was found before, format and parts perhaps.
 * All lives in the scope's arena. Errors: as publish_file.
 */
enum err ingest_preview(struct scope *scope, const struct publish_options *options, const char *data,
                        struct preview *ret_preview) must_check;

#endif
