/* Registering db_function and db_aggregate rows with DuckDB. Private to this directory. */
#ifndef PLATFORM_DB_DUCKDB_FUNCTION_H
#define PLATFORM_DB_DUCKDB_FUNCTION_H

#include <duckdb.h>

#include "platform/db/db.h"

/* Before the message of db_result_fail in the engine's error text. */
#define FUNCTION_FAILURE_MARK "[parvis] "
/* Behind it, when an aggregate was asked for too much: the fault is the query's. */
#define AGGREGATE_FAILURE_MARK "[query] "

struct db_result {
    void (*set_error)(duckdb_function_info info, const char *message);
    duckdb_function_info info;
    duckdb_vector vector;
    void *bytes;
    uint64_t *valid;
    size_t list_items; /* lists: items written so far */
    bool failed;
};

/** The engine's type of a cell type; the caller destroys it. */
duckdb_logical_type type_of_cell(enum cell_type type);

/** Registers a function for all connections of the instance. Errors: ERR_DATABASE. */
enum err duckdb_function_register(struct scope *scope, duckdb_connection connection,
                                  const struct db_function *function) must_check;

/** The same for an aggregate. */
enum err aggregate_register(struct scope *scope, duckdb_connection connection,
                            const struct db_aggregate *aggregate) must_check;

#endif
