/*
 * Reading workbooks (XLSX, XLSM, ODS) row by row. Memory does not grow with the rows; the table of
 * shared strings of an XLSX is held (LIMIT_SHARED_STRINGS_BYTES). Formulas count by the value that was
 * saved. Nothing but the file is read: document types in its XML are refused. Functions are called book_…
 * because libxlsxwriter has names that begin with workbook_.
 * Sources: ECMA-376 part 1 (18.2 workbooks, 18.3 sheets, 18.4 strings, 18.8 styles); OpenDocument 1.3
 * part 3 (9 tables, 19.385 value types).
 */
#ifndef PLATFORM_SHEET_READ_WORKBOOK_H
#define PLATFORM_SHEET_READ_WORKBOOK_H

#include "base/clock.h"
#include "base/scope.h"

#define WORKBOOK_COLUMNS 16384 /* of a sheet, as the programs that write them have it */
#define WORKBOOK_ROWS 1048576

enum workbook_value {
    VALUE_EMPTY,
    VALUE_TEXT,    /* also times of a day and durations, as hh:mm:ss */
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_BOOLEAN,
    VALUE_DAY,
    VALUE_INSTANT, /* a day and a time; sheets know no zones, so it is taken as UTC */
    VALUE_ERROR,   /* text: #N/A and so on, or what is no value of its type */
    VALUE_UNSAVED  /* a formula of which no value was saved */
};

struct workbook_cell {
    enum workbook_value kind;
    str text;
    int64_t whole; /* INT; BOOLEAN: 0 or 1; DAY: days since 1970; INSTANT: microseconds */
    double real;
};

struct workbook_row {
    int64_t number; /* from 1 */
    const struct workbook_cell *cells;
    size_t count;   /* up to the last one that is not empty, at least one */
};

/* A rectangle of cells of which only the first has a value; rows from 1, columns from 0. */
struct workbook_merge {
    int64_t first_row, last_row;
    size_t first_column, last_column;
};

struct workbook_sheet {
    str name;
    bool is_hidden;
};

struct workbook;

/** "xlsx" or "ods" by what a ZIP archive holds; NULL: neither, or no archive. */
const char *book_recognise(const char *path);

/**
 * Opens the file; shown is what messages call it. Undone by book_close. Errors: ERR_DATA (damaged,
 * protected by a password, parts missing), ERR_TOO_LARGE, those of scope_check.
 */
enum err book_open(struct scope *scope, const char *path, const char *shown, const char *format,
                       struct workbook **ret_workbook) must_check;
void book_close(struct workbook *workbook);

/** The sheets in the order of the file, without charts. */
const struct workbook_sheet *book_sheets(const struct workbook *workbook, size_t *ret_count);

/* Who is told what a sheet holds. What a row points to is valid during the call. */
struct workbook_visitor {
    /** A row with a cell that is not empty, in ascending order. ret_stop ends the reading. */
    enum err (*row)(void *user, const struct workbook_row *row, bool *ret_stop);
    /** May be NULL. XLSX has them behind the rows, ODS in front of each. */
    void (*merge)(void *user, const struct workbook_merge *merge);
    void *user;
};

/**
 * Reads a sheet from its start. Errors: ERR_DATA (damaged, with the row), ERR_TOO_LARGE
 * (LIMIT_CELL_BYTES, LIMIT_RECORD_BYTES, LIMIT_ARCHIVE_BYTES), the visitor's, those of scope_check.
 */
enum err book_read(struct scope *scope, struct workbook *workbook, size_t sheet,
                       const struct workbook_visitor *visitor) must_check;

/** The letters of a column, as AB for 27; returns their number, at most 3. */
size_t book_column_letters(size_t column, char *out);

#endif
