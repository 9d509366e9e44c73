/*
 * Writing a workbook of one sheet (OOXML, ISO/IEC 29500) in constant memory by libxlsxwriter: rows in
 * order, cells of a row from left to right. Text is always written as text, never as a formula or link.
 */
#ifndef PLATFORM_SHEET_SHEET_H
#define PLATFORM_SHEET_SHEET_H

#include "base/clock.h"
#include "base/scope.h"

#define SHEET_ROWS_MOST 1048576
#define SHEET_COLUMNS_MOST 16384
#define SHEET_TEXT_MOST 32767 /* UTF-16 units of a cell */

struct sheet;

/** Begins a workbook in the file at path; temporary files go to directory. Errors: ERR_FILE. */
enum err sheet_open(struct scope *scope, const char *path, const char *directory, str sheet_name, struct sheet **ret) must_check;

/** Next row. Errors: ERR_TOO_LARGE (SHEET_ROWS_MOST). */
enum err sheet_row(struct scope *scope, struct sheet *sheet) must_check;

/* Cells of the current row; column from 0. What is not written stays empty. */
enum err sheet_text(struct scope *scope, struct sheet *sheet, size_t column, str text) must_check;
enum err sheet_heading(struct scope *scope, struct sheet *sheet, size_t column, str text) must_check; /* in bold */
enum err sheet_number(struct scope *scope, struct sheet *sheet, size_t column, double number) must_check;
enum err sheet_bool(struct scope *scope, struct sheet *sheet, size_t column, bool truth) must_check;
/** Days since 1970-01-01; before 1900 as ISO text, which sheets cannot show otherwise. */
enum err sheet_date(struct scope *scope, struct sheet *sheet, size_t column, int32_t days) must_check;
/** A local time in microseconds since 1970, likewise. */
enum err sheet_time(struct scope *scope, struct sheet *sheet, size_t column, usec local) must_check;

/** Completes the file. Errors: ERR_FILE (the disk is full …). */
enum err sheet_finish(struct scope *scope, struct sheet *sheet) must_check;

/** Frees; removes its temporary files. Accepts NULL. */
void sheet_close(struct sheet *sheet);

#endif
