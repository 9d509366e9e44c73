/* The catalogue as CSV: a row a dataset, a column a metadata value. */
#include "domain/interop/table.h"

static enum err csv_begin(struct catalogue_writing *writing)
{
    const struct format_options *options = &writing->options.cells;
    struct table *table = arena_new(&writing->scope->arena, struct table);
    *table = table_columns(writing);
    writing->state = table;
    if (options->with_bom) {
        buf_add(writing->out, S("\xEF\xBB\xBF"));
    }
    for (size_t i = 0; i < table->count; i++) {
        csv_write_text(writing->out, options, table->columns[i].heading);
        buf_add_char(writing->out, options->delimiter);
    }
    csv_write_text(writing->out, options, S("datasetid"));
    buf_add(writing->out, S("\r\n"));
    return ERR_OK;
}

static void write_value(struct catalogue_writing *writing, const json_t *value)
{
    struct format_options options = writing->options.cells;
    options.quote_all &= json_is_string(value) || json_is_array(value) || json_is_object(value);
    str text = table_cell(&writing->scope->arena, &writing->options, value);
    if (text.p) {
        csv_write_text(writing->out, &options, text);
    }
}

static enum err csv_dataset(struct catalogue_writing *writing, const struct entry *entry)
{
    const struct table *table = writing->state;
    for (size_t i = 0; i < table->count; i++) {
        const struct table_column *column = &table->columns[i];
        write_value(writing, entry_value(entry, column->template_name, column->name));
        buf_add_char(writing->out, writing->options.cells.delimiter);
    }
    csv_write_text(writing->out, &writing->options.cells, entry->dataset->id);
    buf_add(writing->out, S("\r\n"));
    return ERR_OK;
}

const struct catalogue_encoder catalogue_csv = {.begin = csv_begin, .dataset = csv_dataset};
