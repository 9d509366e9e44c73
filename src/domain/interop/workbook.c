/* The catalogue as a workbook of one sheet: a row a dataset, a column a metadata value. */
#include <unistd.h>

#include "base/date.h"
#include "domain/interop/table.h"
#include "domain/records/spool_files.h"
#include "platform/sheet/sheet.h"

struct workbook {
    struct table table;
    struct sheet *sheet;
    str path;
};

static enum err workbook_begin(struct catalogue_writing *writing)
{
    struct scope *scope = writing->scope;
    struct workbook *workbook = arena_new(&scope->arena, struct workbook);
    workbook->table = table_columns(writing);
    workbook->path = spool_name(&scope->arena, writing->spool_directory, "export");
    writing->state = workbook;
    TRY(sheet_open(scope, str_cz(&scope->arena, workbook->path), writing->spool_directory,
                   S("datasets"), &workbook->sheet));
    TRY(sheet_row(scope, workbook->sheet));
    for (size_t i = 0; i < workbook->table.count; i++) {
        TRY(sheet_heading(scope, workbook->sheet, i, workbook->table.columns[i].heading));
    }
    return sheet_heading(scope, workbook->sheet, workbook->table.count, S("datasetid"));
}

static enum err write_value(const struct catalogue_writing *writing, size_t column,
                            const json_t *value)
{
    struct scope *scope = writing->scope;
    const struct workbook *workbook = writing->state;
    usec instant;
    if (json_is_boolean(value)) {
        return sheet_bool(scope, workbook->sheet, column, json_is_true(value));
    }
    if (json_is_number(value)) {
        return sheet_number(scope, workbook->sheet, column, json_number_value(value));
    }
    str text = table_cell(&scope->arena, &writing->options, value);
    bool is_time = text.n > 18 && text.p[10] == 'T' && interop_read_instant(text, &instant);
    if (is_time) {
        usec offset = zone_offset_at(writing->options.cells.zone, instant) * USEC_SECOND;
        return sheet_time(scope, workbook->sheet, column, instant + offset);
    }
    return text.n ? sheet_text(scope, workbook->sheet, column, text) : ERR_OK;
}

static enum err workbook_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    const struct workbook *workbook = writing->state;
    TRY(sheet_row(writing->scope, workbook->sheet));
    for (size_t i = 0; i < workbook->table.count; i++) {
        const struct table_column *column = &workbook->table.columns[i];
        TRY(write_value(writing, i, entry_value(entry, column->template_name, column->name)));
    }
    return sheet_text(writing->scope, workbook->sheet, workbook->table.count, entry->dataset->id);
}

static enum err workbook_end(struct catalogue_writing *writing)
{
    const struct workbook *workbook = writing->state;
    const char *path = str_cz(&writing->scope->arena, workbook->path);
    TRY(sheet_finish(writing->scope, workbook->sheet));
    enum err result = spool_take(writing->scope, path, writing->file);
    unlink(path);
    return result;
}

static void workbook_close(struct catalogue_writing *writing)
{
    const struct workbook *workbook = writing->state;
    if (workbook) {
        sheet_close(workbook->sheet);
    }
}

const struct catalogue_encoder catalogue_xlsx = {.begin = workbook_begin,
                                                 .dataset = workbook_dataset,
                                                 .end = workbook_end,
                                                 .close = workbook_close};
