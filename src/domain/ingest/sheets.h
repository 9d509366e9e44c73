/*
 * Workbooks (XLSX, ODS): one sheet becomes a spooled JSON Lines file, whose objects say their row. A sheet
 * is read twice: to find header, columns and types, then to write. Private to this directory.
 */
#ifndef DOMAIN_INGEST_SHEETS_H
#define DOMAIN_INGEST_SHEETS_H

#include "base/vec.h"
#include "domain/ingest/readable.h"
#include "platform/sheet_read/workbook.h"

/** Whether files of this format are read here. */
bool sheets_know(const char *format);

/**
 * Turns the file at path into ret, which is in the spool directory of data. Errors: ERR_USAGE (--sheet,
 * --header-row), ERR_DATA (damaged, no records), ERR_TOO_LARGE, ERR_FILE, those of scope_check.
 */
enum err sheets_convert(struct scope *scope, const struct publish_options *options, const char *data,
                        const char *path, const char *format, struct readable_file *ret) must_check;

/* ---- sheet_survey.c ---- */

struct head_cell {
    size_t column;
    enum workbook_value kind;
    struct workbook_cell cell; /* text: cut */
    bool is_document;
};

struct head_row {
    int64_t number;
    struct head_cell *cells; /* those that are not empty */
    size_t count;
};

struct sheet_column {
    bool is_used;         /* it has a label or a value */
    unsigned kinds;       /* 1 << enum workbook_value, of its values */
    bool has_large;       /* whole numbers that a double does not hold */
    bool are_points;      /* all texts are "lat, lon" */
    bool are_documents;   /* all texts are JSON objects, as geometries may be */
    int64_t text_row;     /* the first with a text */
    str label;            /* p == NULL: none */
};

/* What the first reading of a sheet finds. */
struct sheet_survey {
    struct scope *scope;
    const char *shown;
    str sheet;
    int64_t wanted_header;     /* a row; 0: there is none; SHEET_HEADER_FIND */
    int64_t records_most;      /* of a sample; 0: all */
    bool is_decided;
    bool lacks_header;         /* the wanted row is empty; nothing else was found then */
    int64_t header;            /* its row; 0: none */
    VEC(struct head_row) head; /* rows until the header is known */
    VEC(struct workbook_merge) merges;
    struct sheet_column *columns; /* WORKBOOK_COLUMNS */
    size_t column_count;       /* up to the last used one */
    size_t used_count;
    int64_t records;
    int64_t errors, unsaved;   /* cells */
    str first_error;
};

/**
 * Reads a sheet into survey, of which scope, shown, wanted_header and columns are set; the rest is found.
 * Errors: ERR_DATA (LIMIT_FIELDS), those of book_read.
 */
enum err sheet_survey_read(struct scope *scope, struct workbook *workbook, size_t sheet,
                           struct sheet_survey *survey) must_check;

/* ---- sheet_header.c ---- */

#define SHEET_HEAD_ROWS 40   /* rows among which the header is looked for */

/**
 * The index of the header among the first rows of a sheet; SIZE_MAX: they look like records from the
 * first on. It is the first row that is wider than half of what follows and holds nothing but texts,
 * most of them different.
 */
size_t sheet_find_header(struct arena *arena, const struct head_row *rows, size_t count);

#endif
