/* Registering db_function rows with DuckDB. Private to this directory. */
#ifndef PLATFORM_DB_DUCKDB_FUNCTION_H
#define PLATFORM_DB_DUCKDB_FUNCTION_H

#include <duckdb.h>

#include "platform/db/db.h"

/* Before the message of db_result_fail in the engine's error text. */
#define FUNCTION_FAILURE_MARK "[parvis] "

/** Registers a function for all connections of the instance. Errors: ERR_DATABASE. */
enum err duckdb_function_register(struct scope *scope, duckdb_connection connection,
                                  const struct db_function *function) must_check;

#endif
