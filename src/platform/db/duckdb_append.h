/* Bulk loading into DuckDB tables, behind db_append. Private to this directory. */
#ifndef PLATFORM_DB_DUCKDB_APPEND_H
#define PLATFORM_DB_DUCKDB_APPEND_H

#include <duckdb.h>

#include "platform/db/engine.h"

/** As db_append_open, over a connection. */
enum err append_open(struct scope *scope, struct db_lease *lease, duckdb_connection connection,
                     str database, str table, struct db_append **ret_append) must_check;

/** As db_append, db_append_finish, db_append_close. */
enum err append_batch(struct scope *scope, struct db_append *append, const struct batch *batch)
    must_check;
enum err append_finish(struct scope *scope, struct db_append *append) must_check;
void append_close(struct db_append *append);

#endif
