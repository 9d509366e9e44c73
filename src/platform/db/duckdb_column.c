#include "platform/db/duckdb_column.h"

#include <math.h>

static enum cell_type list_type(duckdb_logical_type type)
{
    duckdb_logical_type child = duckdb_list_type_child_type(type);
    duckdb_type id = duckdb_get_type_id(child);
    duckdb_destroy_logical_type(&child);
    return id == DUCKDB_TYPE_VARCHAR  ? CELL_TEXT_LIST
           : id == DUCKDB_TYPE_BIGINT ? CELL_INT_LIST
                                      : CELL_NULL;
}

enum cell_type duckdb_cell_type(duckdb_logical_type type)
{
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
        return CELL_BOOL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
        return CELL_INT;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
        return CELL_DOUBLE;
    case DUCKDB_TYPE_VARCHAR:
        return CELL_TEXT;
    case DUCKDB_TYPE_BLOB:
        return CELL_BYTES;
    case DUCKDB_TYPE_DATE:
        return CELL_DATE;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
        return CELL_INSTANT;
    case DUCKDB_TYPE_LIST:
        return list_type(type);
    default:
        return CELL_NULL;
    }
}

static double hugeint_double(int64_t upper, uint64_t lower)
{
    return (double)upper * 18446744073709551616.0 + (double)lower;
}

#define CONVERT(target_type, source_type, expression)                                              \
    do {                                                                                           \
        const source_type *source = bytes;                                                         \
        target_type *target = arena_array(arena, target_type, rows);                               \
        for (size_t i = 0; i < rows; i++) {                                                        \
            target[i] = (target_type)(expression);                                                 \
        }                                                                                          \
        return target;                                                                             \
    } while (0)

static const int64_t *view_numbers(struct arena *arena, duckdb_type type, const void *bytes,
                                   size_t rows)
{
    switch (type) {
    case DUCKDB_TYPE_TINYINT:
        CONVERT(int64_t, int8_t, source[i]);
    case DUCKDB_TYPE_SMALLINT:
        CONVERT(int64_t, int16_t, source[i]);
    case DUCKDB_TYPE_INTEGER:
        CONVERT(int64_t, int32_t, source[i]);
    case DUCKDB_TYPE_UTINYINT:
        CONVERT(int64_t, uint8_t, source[i]);
    case DUCKDB_TYPE_USMALLINT:
        CONVERT(int64_t, uint16_t, source[i]);
    case DUCKDB_TYPE_UINTEGER:
        CONVERT(int64_t, uint32_t, source[i]);
    default:
        return bytes; /* 64 bits already */
    }
}

static const double *view_decimals(struct arena *arena, duckdb_logical_type logical,
                                   const void *bytes, size_t rows)
{
    double scale = pow(10, duckdb_decimal_scale(logical));
    switch (duckdb_decimal_internal_type(logical)) {
    case DUCKDB_TYPE_SMALLINT:
        CONVERT(double, int16_t, source[i] / scale);
    case DUCKDB_TYPE_INTEGER:
        CONVERT(double, int32_t, source[i] / scale);
    case DUCKDB_TYPE_BIGINT:
        CONVERT(double, int64_t, (double)source[i] / scale);
    default:
        CONVERT(double, duckdb_hugeint, hugeint_double(source[i].upper, source[i].lower) / scale);
    }
}

static const double *view_reals(struct arena *arena, duckdb_logical_type logical,
                                const void *bytes, size_t rows)
{
    switch (duckdb_get_type_id(logical)) {
    case DUCKDB_TYPE_FLOAT:
        CONVERT(double, float, source[i]);
    case DUCKDB_TYPE_HUGEINT:
        CONVERT(double, duckdb_hugeint, hugeint_double(source[i].upper, source[i].lower));
    case DUCKDB_TYPE_UHUGEINT:
        CONVERT(double, duckdb_uhugeint,
                (double)source[i].upper * 18446744073709551616.0 + (double)source[i].lower);
    case DUCKDB_TYPE_DECIMAL:
        return view_decimals(arena, logical, bytes, rows);
    default:
        return bytes;
    }
}

static const usec *view_instants(struct arena *arena, duckdb_type type, const void *bytes,
                                 size_t rows)
{
    switch (type) {
    case DUCKDB_TYPE_TIMESTAMP_S:
        CONVERT(usec, int64_t, source[i] * 1000000);
    case DUCKDB_TYPE_TIMESTAMP_MS:
        CONVERT(usec, int64_t, source[i] * 1000);
    case DUCKDB_TYPE_TIMESTAMP_NS:
        CONVERT(usec, int64_t, source[i] / 1000 - (source[i] % 1000 < 0));
    default:
        return bytes;
    }
}

static inline str view_string(const duckdb_string_t *string)
{
    uint32_t n = string->value.inlined.length;
    return (str){n <= 12 ? string->value.inlined.inlined : string->value.pointer.ptr, n};
}

static const str *view_texts(struct arena *arena, const void *bytes, const uint64_t *valid,
                             size_t rows)
{
    const duckdb_string_t *source = bytes;
    str *texts = arena_array(arena, str, rows);
    for (size_t i = 0; i < rows; i++) {
        if (!valid || (valid[i / 64] >> (i % 64) & 1)) {
            texts[i] = view_string(&source[i]);
        }
    }
    return texts;
}

static void view_list(struct arena *arena, duckdb_vector vector, struct column *column)
{
    duckdb_vector child = duckdb_list_vector_get_child(vector);
    size_t size = duckdb_list_vector_get_size(vector);
    column->lists = (const struct span *)duckdb_vector_get_data(vector);
    if (column->type == CELL_INT_LIST) {
        column->members = duckdb_vector_get_data(child);
        return;
    }
    column->items = view_texts(arena, duckdb_vector_get_data(child),
                               duckdb_vector_get_validity(child), size);
}

_Static_assert(sizeof(struct span) == sizeof(duckdb_list_entry), "list entries are viewed as spans");

void duckdb_view_vector(struct arena *arena, duckdb_vector vector, size_t rows,
                        struct column *ret_column)
{
    duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
    duckdb_type type = duckdb_get_type_id(logical);
    const void *bytes = duckdb_vector_get_data(vector);
    struct column column = {.type = duckdb_cell_type(logical),
                            .valid = duckdb_vector_get_validity(vector)};
    switch (column.type) {
    case CELL_BOOL:
        column.truths = bytes;
        break;
    case CELL_INT:
        column.numbers = view_numbers(arena, type, bytes, rows);
        break;
    case CELL_DOUBLE:
        column.reals = view_reals(arena, logical, bytes, rows);
        break;
    case CELL_DATE:
        column.days = bytes;
        break;
    case CELL_INSTANT:
        column.instants = view_instants(arena, type, bytes, rows);
        break;
    case CELL_TEXT:
    case CELL_BYTES:
        column.texts = view_texts(arena, bytes, column.valid, rows);
        break;
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
        view_list(arena, vector, &column);
        break;
    case CELL_NULL:
        break;
    }
    duckdb_destroy_logical_type(&logical);
    *ret_column = column;
}

struct batch duckdb_view_chunk(struct arena *arena, duckdb_data_chunk chunk)
{
    struct batch batch = {.rows = duckdb_data_chunk_get_size(chunk),
                          .column_count = duckdb_data_chunk_get_column_count(chunk)};
    struct column *columns = arena_array(arena, struct column, batch.column_count + 1);
    for (size_t i = 0; i < batch.column_count; i++) {
        duckdb_view_vector(arena, duckdb_data_chunk_get_vector(chunk, i), batch.rows, &columns[i]);
    }
    batch.columns = columns;
    return batch;
}
