/* Bulk loading into PostgreSQL: COPY in the binary format. Functions as of struct engine. Private to this directory. */
#ifndef PLATFORM_DB_POSTGRES_APPEND_H
#define PLATFORM_DB_POSTGRES_APPEND_H

#include "platform/db/engine.h"

enum err postgres_append_open(struct scope *scope, struct db_lease *lease, str database, str table,
                              struct db_append **ret_append) must_check;
enum err postgres_append_batch(struct scope *scope, struct db_append *append,
                               const struct batch *batch) must_check;
enum err postgres_append_finish(struct scope *scope, struct db_append *append) must_check;
void postgres_append_close(struct db_append *append);

#endif
