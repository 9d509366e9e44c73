/*
 * Records as a workbook (explore-api.md 4.4): one sheet, names or labels in its first row. Values
 * are numbers, booleans and dates where sheets have such, else the text that the CSV export shows.
 */
#include <unistd.h>

#include "base/num.h"
#include "domain/records/format/rendered.h"
#include "platform/geometry/geometry.h"
#include "domain/records/spool.h"
#include "domain/records/spool_files.h"
#include "platform/i18n/explanation.h"
#include "platform/sheet/sheet.h"

#define EXACT_MOST ((int64_t)9007199254740992) /* 2^53: sheets have doubles only */

struct table {
    struct scope *scope;
    struct sheet *sheet;
    struct writing writing;
    struct buf text;
};

static enum err write_int(struct table *table, size_t column, int64_t number)
{
    if (number >= -EXACT_MOST && number <= EXACT_MOST) {
        return sheet_number(table->scope, table->sheet, column, (double)number);
    }
    char text[NUM_INT_BYTES];
    return sheet_text(table->scope, table->sheet, column, (str){text, num_write_int(text, number)});
}

static enum err write_list(struct table *table, size_t at, const struct column *column, size_t row)
{
    struct span span = column->lists[row];
    bool any = false;
    buf_clear(&table->text);
    for (uint64_t i = 0; i < span.count; i++) {
        str item = column->items[span.from + i];
        if (!item.p) {
            continue;
        }
        if (any) {
            buf_add(&table->text, table->writing.options.list_separator);
        }
        buf_add(&table->text, item);
        any = true;
    }
    return sheet_text(table->scope, table->sheet, at, buf_str(&table->text));
}

static enum err write_point(struct table *table, size_t at, const struct rendered *rendered,
                            size_t row)
{
    char text[2 * NUM_DOUBLE_BYTES + 2];
    size_t n = num_write_double(text, rendered->latitude->reals[row]);
    text[n++] = ',';
    text[n++] = ' ';
    n += num_write_double(text + n, rendered->column->reals[row]);
    return sheet_text(table->scope, table->sheet, at, (str){text, n});
}

static enum err write_month(struct table *table, size_t at, struct rendered *rendered, int32_t day)
{
    char text[DATE_TEXT_BYTES];
    return sheet_text(table->scope, table->sheet, at,
                      (str){text, rendered_write_day(rendered, text, day)});
}

static enum err write_instant(struct table *table, size_t at, usec instant)
{
    const struct zone *zone = table->writing.options.zone;
    usec local = instant + zone_offset_at(zone, instant) * USEC_SECOND;
    return sheet_time(table->scope, table->sheet, at, local);
}

static enum err write_wkb(struct table *table, size_t at, str wkb)
{
    struct buf json cleanup_with(buf_cleanup) = {0};
    return geometry_write_json(wkb, &json) ? sheet_text(table->scope, table->sheet, at, buf_str(&json))
                                           : ERR_OK;
}

static enum err write_cell(struct table *table, size_t at, size_t row)
{
    struct rendered *rendered = &table->writing.rendered[at];
    const struct column *column = rendered->column;
    struct scope *scope = table->scope;
    struct sheet *sheet = table->sheet;
    if (rendered_is_null(rendered, row)) {
        return ERR_OK;
    }
    switch (rendered->shape) {
    case SHAPE_BOOL:
        return sheet_bool(scope, sheet, at, column->truths[row]);
    case SHAPE_INT:
        return write_int(table, at, column->numbers[row]);
    case SHAPE_DOUBLE:
        return sheet_number(scope, sheet, at, column->reals[row]);
    case SHAPE_TEXT:
    case SHAPE_GEOMETRY:
    case SHAPE_JSON:
        return sheet_text(scope, sheet, at, column->texts[row]);
    case SHAPE_WKB:
        return write_wkb(table, at, column->texts[row]);
    case SHAPE_LIST:
        return write_list(table, at, column, row);
    case SHAPE_DAY:
        return sheet_date(scope, sheet, at, column->days[row]);
    case SHAPE_MONTH:
        return write_month(table, at, rendered, column->days[row]);
    case SHAPE_YEAR:
        return sheet_number(scope, sheet, at, date_civil(column->days[row]).year);
    case SHAPE_INSTANT:
        return write_instant(table, at, column->instants[row]);
    case SHAPE_POINT:
        return write_point(table, at, rendered, row);
    case SHAPE_NULL:
        break;
    }
    return ERR_OK;
}

static enum err write_headings(struct table *table)
{
    const struct writing *writing = &table->writing;
    TRY(sheet_row(table->scope, table->sheet));
    for (size_t i = 0; i < writing->output_count; i++) {
        TRY(sheet_heading(table->scope, table->sheet, i,
                          format_heading(&writing->outputs[i], &writing->options)));
    }
    return ERR_OK;
}

static enum err write_batch(struct table *table, const struct batch *batch)
{
    writing_view(&table->writing, batch);
    for (size_t row = 0; row < batch->rows; row++) {
        TRY(sheet_row(table->scope, table->sheet));
        for (size_t i = 0; i < table->writing.output_count; i++) {
            TRY(write_cell(table, i, row));
        }
    }
    return ERR_OK;
}

static enum err write_table(struct table *table, struct db_lease *lease, const struct plan *plan)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    const struct batch *batch;
    TRY(db_run(table->scope, lease, &plan->rows, &cursor));
    TRY(write_headings(table));
    for (;;) {
        TRY(cursor_next(table->scope, cursor, &batch));
        if (!batch) {
            return sheet_finish(table->scope, table->sheet);
        }
        TRY(write_batch(table, batch));
    }
}

/* Counting costs little beside writing a million rows for nothing. */
static enum err check_count(struct scope *scope, struct db_lease *lease, const struct plan *plan)
{
    struct sql sql = sql_in(&scope->arena);
    cell count;
    sql_text(&sql, "select count(*) from (");
    sql_join(&sql, &plan->rows);
    sql_text(&sql, ") as counted");
    TRY(db_query_cell(scope, lease, &sql, &count));
    if (count.number <= FORMAT_XLSX_RECORDS_MOST) {
        return ERR_OK;
    }
    return fail_in_words(scope, ERR_PARAMETER, MSG_FAULT_EXPORT_SHEET_RECORDS,
                         SAYS(ARG_INT("most", FORMAT_XLSX_RECORDS_MOST), ARG_INT("count", count.number)));
}

enum err spool_xlsx(struct scope *scope, struct records_lease *lease, const struct plan *plan,
                    const struct format_options *options, struct spool *ret_spool)
{
    const char *directory = records_spool_directory(lease->records);
    str path = spool_name(&scope->arena, directory, "export");
    struct table table = {.scope = scope};
    TRY(check_count(scope, lease->db, plan));
    TRY(sheet_open(scope, path.p, directory, options->dataset_id, &table.sheet));
    table.writing = writing_begin(scope, plan->outputs, plan->output_count, options, &table.text);
    enum err result = write_table(&table, lease->db, plan);
    sheet_close(table.sheet);
    buf_done(&table.text);
    if (result == ERR_OK) {
        result = spool_take(scope, path.p, ret_spool);
    }
    unlink(path.p);
    return result;
}
