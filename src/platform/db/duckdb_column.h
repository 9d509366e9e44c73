/* Turning DuckDB's vectors into columns of a batch. Private to this directory. */
#ifndef PLATFORM_DB_DUCKDB_COLUMN_H
#define PLATFORM_DB_DUCKDB_COLUMN_H

#include <duckdb.h>

#include "base/arena.h"
#include "platform/db/cell.h"

/**
 * Cell type in which values of a DuckDB type are shown; CELL_NULL for types that are not (structs,
 * maps, lists of anything but text …). Integers wider than 64 bits and decimals are CELL_DOUBLE.
 */
enum cell_type duckdb_cell_type(duckdb_logical_type type);

/**
 * Views a vector of rows values as a column. Arrays that must be converted live in arena; the rest
 * borrows from the vector.
 */
void duckdb_view_vector(struct arena *arena, duckdb_vector vector, size_t rows,
                        struct column *ret_column);

/** Views all vectors of a chunk as a batch, in the same way. */
struct batch duckdb_view_chunk(struct arena *arena, duckdb_data_chunk chunk);

#endif
