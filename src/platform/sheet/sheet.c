#include "platform/sheet/sheet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/bug.h"
#include "base/date.h"
#include "base/num.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet/text.h"

/* A zip without its 64-bit extension, which some readers complain about, holds no more. */
#define PLAIN_ZIP_BYTES ((int64_t)4000000000)
#define CHECK_ROWS 1024
#define FIRST_DAY (-25567)               /* 1900-01-01 */
#define MARCH_1900 (-25508)              /* sheets count a 29 February 1900 that never was */
#define LAST_DAY 2932896                 /* 9999-12-31 */
#define DAY_ZERO 25569                   /* 1970-01-01 as sheets count from March 1900 on */
#define NUMBER_MOST 9.99999999999999e307 /* of a cell; a larger one makes Excel refuse the file */
#define DATE_WIDTH 20.0                  /* characters; a narrower column shows ##### */

struct sheet {
    lxw_workbook *workbook; /* NULL: closed */
    lxw_worksheet *worksheet;
    lxw_format *plain, *heading, *date, *time, *fraction;
    char *path;
    char *directory;
    struct buf text;
    lxw_row_t row; /* of the next cells, when has_row */
    bool has_row;
    bool has_cell;
    bool has_heading;
    bool is_wide[SHEET_COLUMNS_MOST]; /* columns with dates */
};

static enum err failed(struct scope *scope, lxw_error error)
{
    return fail_with_cause(scope, ERR_FILE, str_from(lxw_strerror(error)),
                           "The workbook could not be written.");
}

static char *own_copy(const char *text)
{
    char *copy = strdup(text);
    if (!copy) {
        bug_out_of_memory(strlen(text) + 1);
    }
    return copy;
}

static lxw_format *number_format(lxw_workbook *workbook, const char *pattern)
{
    lxw_format *format = workbook_add_format(workbook);
    if (format) {
        format_set_num_format(format, pattern);
    }
    return format;
}

static bool make_formats(struct sheet *sheet)
{
    sheet->plain = number_format(sheet->workbook, "General");
    sheet->date = number_format(sheet->workbook, "yyyy-mm-dd");
    sheet->time = number_format(sheet->workbook, "yyyy-mm-dd hh:mm:ss");
    sheet->fraction = number_format(sheet->workbook, "yyyy-mm-dd hh:mm:ss.000");
    sheet->heading = workbook_add_format(sheet->workbook);
    if (sheet->heading) {
        format_set_bold(sheet->heading);
    }
    return sheet->plain && sheet->date && sheet->time && sheet->fraction && sheet->heading;
}

enum err sheet_open(struct scope *scope, const char *path, const char *directory, str sheet_name,
                    struct sheet **ret)
{
    struct sheet *sheet = calloc(1, sizeof(*sheet));
    if (!sheet) {
        bug_out_of_memory(sizeof(*sheet));
    }
    sheet->path = own_copy(path);
    sheet->directory = own_copy(directory);
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = sheet->directory};
    sheet->workbook = workbook_new_opt(sheet->path, &options);
    if (sheet->workbook) {
        str name = sheet_clean_name(&scope->arena, sheet_name);
        sheet->worksheet = workbook_add_worksheet(sheet->workbook, str_cz(&scope->arena, name));
    }
    if (!sheet->worksheet || !sheet->worksheet->optimize_tmpfile || !make_formats(sheet)) {
        enum err result = fail_with_cause(scope, ERR_FILE, str_from(strerror(errno)),
                                          "The workbook could not be begun.");
        sheet_close(sheet);
        return result;
    }
    *ret = sheet;
    return ERR_OK;
}

/* The library does not look whether its temporary file took what it wrote. */
static enum err check_file(struct scope *scope, struct sheet *sheet)
{
    FILE *file = sheet->worksheet->optimize_tmpfile;
    if (ferror(file)) {
        return failed(scope, LXW_ERROR_CREATING_TMPFILE);
    }
    if (ftello(file) > PLAIN_ZIP_BYTES) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_SHEET_LARGE, NULL);
    }
    return ERR_OK;
}

/* Readers count the rows that are in the file: one without values gets an empty cell. */
static enum err fill_row(struct scope *scope, struct sheet *sheet)
{
    if (!sheet->has_row || sheet->has_cell) {
        return ERR_OK;
    }
    lxw_error error = worksheet_write_blank(sheet->worksheet, sheet->row, 0, sheet->plain);
    return error == LXW_NO_ERROR ? ERR_OK : failed(scope, error);
}

enum err sheet_row(struct scope *scope, struct sheet *sheet)
{
    TRY(fill_row(scope, sheet));
    if (sheet->has_row && sheet->row + 1 >= SHEET_ROWS_MOST) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_SHEET_ROWS,
                             SAYS(argument_digits(&scope->arena, "most", SHEET_ROWS_MOST)));
    }
    sheet->row += sheet->has_row;
    sheet->has_row = true;
    sheet->has_cell = false;
    return sheet->row % CHECK_ROWS ? ERR_OK : check_file(scope, sheet);
}

static enum err wrote(struct scope *scope, struct sheet *sheet, lxw_error error)
{
    if (error != LXW_NO_ERROR) {
        return failed(scope, error);
    }
    sheet->has_cell = true;
    return ERR_OK;
}

static enum err check_column(struct scope *scope, const struct sheet *sheet, size_t column)
{
    bug_if(!sheet->has_row);
    if (column >= SHEET_COLUMNS_MOST) {
        return fail_in_words(scope, ERR_TOO_LARGE, MSG_FAULT_EXPORT_SHEET_COLUMNS,
                             SAYS(argument_digits(&scope->arena, "most", SHEET_COLUMNS_MOST)));
    }
    return ERR_OK;
}

static enum err write_text(struct scope *scope, struct sheet *sheet, size_t column, str text,
                           lxw_format *format)
{
    TRY(check_column(scope, sheet, column));
    if (text.n == 0 && !format) {
        return ERR_OK;
    }
    buf_clear(&sheet->text);
    sheet_escape(text, &sheet->text);
    buf_add_char(&sheet->text, '\0');
    return wrote(scope, sheet,
                 worksheet_write_string(sheet->worksheet, sheet->row, (lxw_col_t)column,
                                        sheet->text.p, format));
}

enum err sheet_text(struct scope *scope, struct sheet *sheet, size_t column, str text)
{
    return write_text(scope, sheet, column, text, NULL);
}

enum err sheet_heading(struct scope *scope, struct sheet *sheet, size_t column, str text)
{
    if (!sheet->has_heading) {
        worksheet_freeze_panes(sheet->worksheet, sheet->row + 1, 0);
        sheet->has_heading = true;
    }
    return write_text(scope, sheet, column, text, sheet->heading);
}

enum err sheet_number(struct scope *scope, struct sheet *sheet, size_t column, double number)
{
    TRY(check_column(scope, sheet, column));
    if (!isfinite(number)) {
        return ERR_OK;
    }
    if (fabs(number) > NUMBER_MOST) {
        char text[NUM_DOUBLE_BYTES];
        return sheet_text(scope, sheet, column, (str){text, num_write_double(text, number)});
    }
    return wrote(
        scope, sheet,
        worksheet_write_number(sheet->worksheet, sheet->row, (lxw_col_t)column, number, NULL));
}

enum err sheet_bool(struct scope *scope, struct sheet *sheet, size_t column, bool truth)
{
    TRY(check_column(scope, sheet, column));
    return wrote(
        scope, sheet,
        worksheet_write_boolean(sheet->worksheet, sheet->row, (lxw_col_t)column, truth, NULL));
}

/* ---- dates ---- */

static bool is_shown_as_date(int64_t days)
{
    return days >= FIRST_DAY && days <= LAST_DAY;
}

static double serial_of(int64_t days)
{
    return (double)(days + DAY_ZERO - (days < MARCH_1900));
}

static enum err write_serial(struct scope *scope, struct sheet *sheet, size_t column, double serial,
                             lxw_format *format)
{
    lxw_col_t at = (lxw_col_t)column;
    TRY(check_column(scope, sheet, column));
    if (!sheet->is_wide[column]) {
        worksheet_set_column(sheet->worksheet, at, at, DATE_WIDTH, NULL);
        sheet->is_wide[column] = true;
    }
    return wrote(scope, sheet,
                 worksheet_write_number(sheet->worksheet, sheet->row, at, serial, format));
}

enum err sheet_date(struct scope *scope, struct sheet *sheet, size_t column, int32_t days)
{
    if (!is_shown_as_date(days)) {
        char text[DATE_TEXT_BYTES];
        return sheet_text(scope, sheet, column, (str){text, date_write_day(text, days)});
    }
    return write_serial(scope, sheet, column, serial_of(days), sheet->date);
}

enum err sheet_time(struct scope *scope, struct sheet *sheet, size_t column, usec local)
{
    int64_t days = local / USEC_DAY - (local % USEC_DAY < 0);
    usec rest = local - days * USEC_DAY;
    if (!is_shown_as_date(days)) {
        char text[DATE_TEXT_BYTES];
        size_t n = date_write_instant(text, local, 0) - S("+00:00").n;
        return sheet_text(scope, sheet, column, (str){text, n});
    }
    double serial = serial_of(days) + (double)rest / (double)USEC_DAY;
    return write_serial(scope, sheet, column, serial,
                        rest % USEC_SECOND ? sheet->fraction : sheet->time);
}

/* ---- the end ---- */

enum err sheet_finish(struct scope *scope, struct sheet *sheet)
{
    FILE *file = sheet->worksheet->optimize_tmpfile;
    TRY(fill_row(scope, sheet));
    if (fflush(file) != 0) {
        return failed(scope, LXW_ERROR_CREATING_TMPFILE);
    }
    TRY(check_file(scope, sheet));
    lxw_error error = workbook_close(sheet->workbook);
    sheet->workbook = NULL;
    return error == LXW_NO_ERROR ? ERR_OK : failed(scope, error);
}

void sheet_close(struct sheet *sheet)
{
    if (!sheet) {
        return;
    }
    if (sheet->workbook) {
        if (sheet->worksheet && sheet->worksheet->optimize_tmpfile) {
            fclose(sheet->worksheet->optimize_tmpfile); /* it has no name any more */
        }
        lxw_workbook_free(sheet->workbook);
    }
    buf_done(&sheet->text);
    free(sheet->path);
    free(sheet->directory);
    free(sheet);
}
