#include "platform/db/duckdb_function.h"

#include <stdlib.h>

#include "base/bug.h"
#include "platform/db/duckdb_column.h"

static inline void mark_valid(struct db_result *result, size_t row)
{
    result->valid[row / 64] |= UINT64_C(1) << (row % 64);
}

void db_result_bool(struct db_result *result, size_t row, bool truth)
{
    ((bool *)result->bytes)[row] = truth;
    mark_valid(result, row);
}

void db_result_int(struct db_result *result, size_t row, int64_t number)
{
    ((int64_t *)result->bytes)[row] = number;
    mark_valid(result, row);
}

void db_result_double(struct db_result *result, size_t row, double real)
{
    ((double *)result->bytes)[row] = real;
    mark_valid(result, row);
}

void db_result_date(struct db_result *result, size_t row, int32_t days)
{
    ((int32_t *)result->bytes)[row] = days;
    mark_valid(result, row);
}

void db_result_instant(struct db_result *result, size_t row, usec instant)
{
    ((int64_t *)result->bytes)[row] = instant;
    mark_valid(result, row);
}

void db_result_text(struct db_result *result, size_t row, str text)
{
    duckdb_vector_assign_string_element_len(result->vector, row, text.p ? text.p : "", text.n);
    mark_valid(result, row);
}

/* Makes room for a row's list; returns the vector of all items and where the row's ones go. */
static duckdb_vector begin_list(struct db_result *result, size_t row, size_t count,
                                size_t *ret_from)
{
    size_t from = result->list_items;
    duckdb_list_vector_reserve(result->vector, from + count);
    duckdb_list_vector_set_size(result->vector, from + count);
    ((duckdb_list_entry *)result->bytes)[row] = (duckdb_list_entry){from, count};
    result->list_items = from + count;
    mark_valid(result, row);
    *ret_from = from;
    return duckdb_list_vector_get_child(result->vector);
}

void db_result_list(struct db_result *result, size_t row, const str *texts, size_t count)
{
    size_t from;
    duckdb_vector child = begin_list(result, row, count, &from);
    for (size_t i = 0; i < count; i++) {
        duckdb_vector_assign_string_element_len(child, from + i, texts[i].p ? texts[i].p : "",
                                                texts[i].n);
    }
}

void db_result_int_list(struct db_result *result, size_t row, const int64_t *numbers, size_t count)
{
    size_t from;
    duckdb_vector child = begin_list(result, row, count, &from);
    if (count) {
        memcpy((int64_t *)duckdb_vector_get_data(child) + from, numbers, count * sizeof(int64_t));
    }
}

void db_result_fail(struct db_result *result, str message)
{
    if (result->failed) {
        return;
    }
    result->failed = true;
    struct arena arena;
    arena_init(&arena, 0);
    str text = str_printf(&arena, FUNCTION_FAILURE_MARK "%.*s", STR_ARG(message));
    result->set_error(result->info, text.p);
    arena_done(&arena);
}

static void call_function(duckdb_function_info info, duckdb_data_chunk input,
                          duckdb_vector output)
{
    const struct db_function *function = duckdb_scalar_function_get_extra_info(info);
    struct arena arena;
    arena_init(&arena, SIZE_MAX); /* views of what the engine holds already bound it */
    struct batch arguments = duckdb_view_chunk(&arena, input);

    duckdb_vector_ensure_validity_writable(output);
    struct db_result result = {.set_error = duckdb_scalar_function_set_error,
                               .info = info,
                               .vector = output,
                               .bytes = duckdb_vector_get_data(output),
                               .valid = duckdb_vector_get_validity(output)};
    memset(result.valid, 0, (arguments.rows + 63) / 64 * sizeof(uint64_t));
    if (function->returns == CELL_TEXT_LIST || function->returns == CELL_INT_LIST) {
        memset(result.bytes, 0, arguments.rows * sizeof(duckdb_list_entry));
    }
    function->call(&arguments, &result, function->user);
    arena_done(&arena);
}

duckdb_logical_type type_of_cell(enum cell_type type)
{
    static const duckdb_type types[] = {
        [CELL_NULL] = DUCKDB_TYPE_ANY,          [CELL_BOOL] = DUCKDB_TYPE_BOOLEAN,
        [CELL_INT] = DUCKDB_TYPE_BIGINT,        [CELL_DOUBLE] = DUCKDB_TYPE_DOUBLE,
        [CELL_TEXT] = DUCKDB_TYPE_VARCHAR,      [CELL_BYTES] = DUCKDB_TYPE_BLOB,
        [CELL_DATE] = DUCKDB_TYPE_DATE,         [CELL_INSTANT] = DUCKDB_TYPE_TIMESTAMP,
        [CELL_TEXT_LIST] = DUCKDB_TYPE_VARCHAR, [CELL_INT_LIST] = DUCKDB_TYPE_BIGINT,
    };
    bug_if(type >= ARRAY_LENGTH(types));
    duckdb_logical_type logical = duckdb_create_logical_type(types[type]);
    if (type == CELL_TEXT_LIST || type == CELL_INT_LIST) {
        duckdb_logical_type list = duckdb_create_list_type(logical);
        duckdb_destroy_logical_type(&logical);
        return list;
    }
    return logical;
}

enum err duckdb_function_register(struct scope *scope, duckdb_connection connection,
                                  const struct db_function *row)
{
    bug_if(row->argument_count > DB_FUNCTION_ARGUMENTS);
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(function, row->name);
    for (size_t i = 0; i < row->argument_count; i++) {
        duckdb_logical_type type = type_of_cell(row->arguments[i]);
        duckdb_scalar_function_add_parameter(function, type);
        duckdb_destroy_logical_type(&type);
    }
    if (row->any_arguments) {
        duckdb_logical_type any = duckdb_create_logical_type(DUCKDB_TYPE_ANY);
        duckdb_scalar_function_set_varargs(function, any);
        duckdb_destroy_logical_type(&any);
    }
    duckdb_logical_type returns = type_of_cell(row->returns);
    duckdb_scalar_function_set_return_type(function, returns);
    duckdb_destroy_logical_type(&returns);
    duckdb_scalar_function_set_special_handling(function);
    union {
        const struct db_function *row;
        void *extra;
    } extra = {.row = row};
    duckdb_scalar_function_set_extra_info(function, extra.extra, NULL);
    duckdb_scalar_function_set_function(function, call_function);
    duckdb_state state = duckdb_register_scalar_function(connection, function);
    duckdb_destroy_scalar_function(&function);
    return state == DuckDBSuccess
               ? ERR_OK
               : fail(scope, ERR_DATABASE, "The engine refused the function %s.", row->name);
}
