#include "platform/db/duckdb_append.h"

#include <stdlib.h>

#include "base/bug.h"
#include "platform/db/engine.h"

struct append {
    struct db_append append;
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    size_t column_count;
};

static enum err refuse(struct scope *scope, struct append *append)
{
    const char *text = duckdb_appender_error(append->appender);
    str cause = str_from(text ? text : "no message");
    return db_has_no_room(cause) ? db_fail_no_room(scope, cause)
                                 : fail_with_cause(scope, ERR_DATABASE, cause, "Rows could not be added to the records.");
}

static duckdb_data_chunk make_chunk(duckdb_appender appender, size_t column_count)
{
    duckdb_logical_type *types = calloc(column_count + 1, sizeof(duckdb_logical_type));
    if (!types) {
        bug_out_of_memory(column_count * sizeof(duckdb_logical_type));
    }
    for (size_t i = 0; i < column_count; i++) {
        types[i] = duckdb_appender_column_type(appender, i);
    }
    duckdb_data_chunk chunk = duckdb_create_data_chunk(types, column_count);
    for (size_t i = 0; i < column_count; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    free(types);
    return chunk;
}

enum err append_open(struct scope *scope, struct db_lease *lease, duckdb_connection connection,
                     str database, str table, struct db_append **ret_append)
{
    struct append *append = calloc(1, sizeof(*append));
    if (!append) {
        bug_out_of_memory(sizeof(*append));
    }
    append->append.lease = lease;
    duckdb_state state = duckdb_appender_create_ext(
        connection, database.n ? str_cz(&scope->arena, database) : NULL, NULL,
        str_cz(&scope->arena, table), &append->appender);
    if (state != DuckDBSuccess) {
        enum err result = refuse(scope, append);
        append_close(&append->append);
        return result;
    }
    append->column_count = duckdb_appender_column_count(append->appender);
    append->chunk = make_chunk(append->appender, append->column_count);
    *ret_append = &append->append;
    return ERR_OK;
}

static void copy_nulls(duckdb_vector vector, const struct column *column, size_t rows)
{
    if (!column->valid) {
        return;
    }
    duckdb_vector_ensure_validity_writable(vector);
    memcpy(duckdb_vector_get_validity(vector), column->valid,
           (rows + 63) / 64 * sizeof(uint64_t));
}

/* Items that no row has are passed over. */
static void copy_lists(duckdb_vector vector, const struct column *column, size_t rows)
{
    duckdb_list_entry *entries = duckdb_vector_get_data(vector);
    uint64_t count = 0;
    for (size_t i = 0; i < rows; i++) {
        uint64_t length = column_is_null(column, i) ? 0 : column->lists[i].count;
        entries[i] = (duckdb_list_entry){count, length};
        count += length;
    }
    duckdb_list_vector_reserve(vector, count);
    duckdb_list_vector_set_size(vector, count);
    duckdb_vector items = duckdb_list_vector_get_child(vector);
    for (size_t i = 0; i < rows; i++) {
        for (uint64_t j = 0; j < entries[i].length; j++) {
            str item = column->items[column->lists[i].from + j];
            if (!item.p) {
                duckdb_vector_ensure_validity_writable(items);
                duckdb_validity_set_row_invalid(duckdb_vector_get_validity(items), entries[i].offset + j);
                continue;
            }
            duckdb_vector_assign_string_element_len(items, entries[i].offset + j, item.p, item.n);
        }
    }
}

static void copy_column(duckdb_vector vector, const struct column *column, size_t rows)
{
    void *bytes = duckdb_vector_get_data(vector);
    copy_nulls(vector, column, rows);
    switch (column->type) {
    case CELL_BOOL:
        memcpy(bytes, column->truths, rows * sizeof(bool));
        break;
    case CELL_INT:
        memcpy(bytes, column->numbers, rows * sizeof(int64_t));
        break;
    case CELL_DOUBLE:
        memcpy(bytes, column->reals, rows * sizeof(double));
        break;
    case CELL_DATE:
        memcpy(bytes, column->days, rows * sizeof(int32_t));
        break;
    case CELL_INSTANT:
        memcpy(bytes, column->instants, rows * sizeof(usec));
        break;
    case CELL_TEXT:
    case CELL_BYTES:
        for (size_t i = 0; i < rows; i++) {
            if (!column_is_null(column, i)) {
                duckdb_vector_assign_string_element_len(vector, i, column->texts[i].p,
                                                        column->texts[i].n);
            }
        }
        break;
    case CELL_TEXT_LIST:
        copy_lists(vector, column, rows);
        break;
    case CELL_NULL:
        duckdb_vector_ensure_validity_writable(vector);
        memset(duckdb_vector_get_validity(vector), 0, (rows + 63) / 64 * sizeof(uint64_t));
        break;
    case CELL_INT_LIST:
        bug_if(true); /* nothing appends these */
    }
}

enum err append_batch(struct scope *scope, struct db_append *base, const struct batch *batch)
{
    struct append *append = (struct append *)base;
    bug_if(batch->column_count != append->column_count);
    duckdb_data_chunk_reset(append->chunk);
    for (size_t i = 0; i < batch->column_count; i++) {
        copy_column(duckdb_data_chunk_get_vector(append->chunk, i), &batch->columns[i],
                    batch->rows);
    }
    duckdb_data_chunk_set_size(append->chunk, batch->rows);
    return duckdb_append_data_chunk(append->appender, append->chunk) == DuckDBSuccess
               ? ERR_OK
               : refuse(scope, append);
}

enum err append_finish(struct scope *scope, struct db_append *base)
{
    struct append *append = (struct append *)base;
    return duckdb_appender_close(append->appender) == DuckDBSuccess ? ERR_OK
                                                                    : refuse(scope, append);
}

void append_close(struct db_append *base)
{
    struct append *append = (struct append *)base;
    if (append->chunk) {
        duckdb_destroy_data_chunk(&append->chunk);
    }
    duckdb_appender_destroy(&append->appender);
    free(append);
}
