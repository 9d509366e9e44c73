/*
 * Writing a workbook of one sheet (OOXML, ISO/IEC 29500) in constant memory by libxlsxwriter: rows
 * in order. Text is always written as text, never as a formula or link.
 *
 * What a sheet cannot hold: an empty text is an empty cell; longer texts than SHEET_TEXT_MOST are
 * cut at a character and end with "…"; numbers have 16 significant digits; one beyond
 * 9.99999999999999e307 is text, and one that is not finite an empty cell. Characters that XML does
 * not allow are written as the standard says (_x0001_), NUL is left out. A row without cells is
 * still a row of the file.
 */
#ifndef PLATFORM_SHEET_SHEET_H
#define PLATFORM_SHEET_SHEET_H

#include "base/clock.h"
#include "base/scope.h"

#define SHEET_ROWS_MOST 1048576
#define SHEET_COLUMNS_MOST 16384
#define SHEET_TEXT_MOST 32767 /* UTF-16 units of a cell */

struct sheet;

/**
 * Begins a workbook, written to the file at path by sheet_finish; temporary files, which have no
 * name, go to directory. sheet_name may be any text; what a name may not contain is left out.
 * Undone by sheet_close. Errors: ERR_FILE.
 */
enum err sheet_open(struct scope *scope, const char *path, const char *directory, str sheet_name,
                    struct sheet **ret) must_check;

/**
 * Next row, or the first. Errors: ERR_TOO_LARGE (SHEET_ROWS_MOST, 4 GB), ERR_FILE (the disk is full
 * …).
 */
enum err sheet_row(struct scope *scope, struct sheet *sheet) must_check;

/*
 * Cells of the current row; column from 0. What is not written stays empty.
 * Errors: ERR_TOO_LARGE (SHEET_COLUMNS_MOST), ERR_FILE.
 */
enum err sheet_text(struct scope *scope, struct sheet *sheet, size_t column, str text) must_check;
/** In bold; rows up to that of the first heading stay in view. */
enum err sheet_heading(struct scope *scope, struct sheet *sheet, size_t column, str text)
    must_check;
enum err sheet_number(struct scope *scope, struct sheet *sheet, size_t column, double number)
    must_check;
enum err sheet_bool(struct scope *scope, struct sheet *sheet, size_t column, bool truth) must_check;
/** Days since 1970-01-01; before 1900 and after 9999, which sheets cannot show, as ISO text. */
enum err sheet_date(struct scope *scope, struct sheet *sheet, size_t column, int32_t days)
    must_check;
/** A local time in microseconds since 1970, likewise. */
enum err sheet_time(struct scope *scope, struct sheet *sheet, size_t column, usec local) must_check;

/** Completes the file. Errors: ERR_TOO_LARGE (4 GB), ERR_FILE (the disk is full …). */
enum err sheet_finish(struct scope *scope, struct sheet *sheet) must_check;

/** Frees, finished or not. Accepts NULL. */
void sheet_close(struct sheet *sheet);

#endif
