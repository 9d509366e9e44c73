#include "platform/sheet_read/workbook.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <zip.h>

#include "base/bug.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet_read/reading.h"

#define ODS_TYPE "application/vnd.oasis.opendocument.spreadsheet"

static bool has_ods_type(struct zip *archive)
{
    char type[sizeof(ODS_TYPE) - 1];
    zip_file_t *file = zip_fopen(archive, "mimetype", 0);
    bool is_ods = file && zip_fread(file, type, sizeof(type)) == (zip_int64_t)sizeof(type) &&
                  memcmp(type, ODS_TYPE, sizeof(type)) == 0;
    if (file) {
        zip_fclose(file);
    }
    return is_ods;
}

const char *book_recognise(const char *path)
{
    struct zip *archive = zip_open(path, ZIP_RDONLY, NULL);
    const char *format = NULL;
    if (!archive) {
        return NULL;
    }
    if (archive_has(archive, "[Content_Types].xml") && archive_has(archive, "xl/workbook.xml")) {
        format = "xlsx";
    } else if (has_ods_type(archive)) {
        format = "ods";
    }
    zip_discard(archive);
    return format;
}

enum err book_open(struct scope *scope, const char *path, const char *shown, const char *format,
                       struct workbook **ret_workbook)
{
    struct workbook *workbook = calloc(1, sizeof(*workbook));
    if (!workbook) {
        bug_out_of_memory(sizeof(*workbook));
    }
    xmlInitParser();
    workbook->shown = str_cz(&scope->arena, str_from(shown));
    workbook->is_ods = strcmp(format, "ods") == 0;
    enum err result = archive_open(scope, path, workbook->shown, &workbook->archive);
    if (result == ERR_OK) {
        result = workbook->is_ods ? ods_open(scope, workbook) : xlsx_open(scope, workbook);
    }
    if (result == ERR_OK && workbook->sheet_count == 0) {
        result =
            fail_in_words(scope, ERR_DATA, MSG_FAULT_SHEET_NONE, SAYS(ARG_TEXT("file", str_from(workbook->shown))));
    }
    if (result != ERR_OK) {
        book_close(workbook);
        return result;
    }
    *ret_workbook = workbook;
    return ERR_OK;
}

void book_close(struct workbook *workbook)
{
    if (!workbook) {
        return;
    }
    if (workbook->archive) {
        zip_discard(workbook->archive);
    }
    buf_done(&workbook->styles);
    strings_done(&workbook->strings);
    free(workbook);
}

const struct workbook_sheet *book_sheets(const struct workbook *workbook, size_t *ret_count)
{
    *ret_count = workbook->sheet_count;
    return workbook->sheets;
}

enum err book_read(struct scope *scope, struct workbook *workbook, size_t sheet,
                       const struct workbook_visitor *visitor)
{
    struct row row = {.shown = workbook->shown,
                      .sheet = workbook->sheets[sheet].name,
                      .visitor = visitor,
                      .cells = calloc(WORKBOOK_COLUMNS, sizeof(struct workbook_cell))};
    if (!row.cells) {
        bug_out_of_memory(WORKBOOK_COLUMNS * sizeof(struct workbook_cell));
    }
    enum err result = workbook->is_ods ? ods_read(scope, workbook, sheet, &row)
                                       : xlsx_read(scope, workbook, sheet, &row);
    free(row.cells);
    buf_done(&row.text);
    return result;
}
