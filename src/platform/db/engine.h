/* What an engine implements behind db.h. Private to this directory. */
#ifndef PLATFORM_DB_ENGINE_H
#define PLATFORM_DB_ENGINE_H

#include <pthread.h>

#include "platform/db/db.h"

struct engine {
    const char *begin_to_change; /* statements that begin a transaction; NULL: there are none */
    const char *begin_to_add;    /* which does not yet keep others from changing; NULL: as begin_to_change */
    const char *to_change;       /* what then does; NULL: nothing */
    const char *begin_to_read;   /* of which all statements see the same */
    enum err (*open)(struct scope *scope, const struct db_options *options, struct db *db);
    void (*close)(struct db *db);
    enum err (*connect)(struct scope *scope, struct db_lease *lease);
    void (*disconnect)(struct db_lease *lease);
    /* Whether a connection that rested still stands, as far as can be told without asking. NULL: it always does. */
    bool (*stands)(struct db_lease *lease);
    /* Ends an open transaction. */
    void (*reset)(struct db_lease *lease);
    enum err (*run)(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                    struct cursor **ret_cursor);
    enum err (*next)(struct scope *scope, struct cursor *cursor, const struct batch **ret_batch);
    void (*finish)(struct cursor *cursor);
    enum err (*script)(struct scope *scope, struct db_lease *lease, const char *statements);
    /* Stops the running statement; called from the watchdog thread. NULL: the engine polls itself. */
    void (*interrupt)(struct db_lease *lease);
    /* NULL: bulk loading is not offered. */
    enum err (*append_open)(struct scope *scope, struct db_lease *lease, str database, str table,
                            struct db_append **ret_append);
    enum err (*append)(struct scope *scope, struct db_append *append, const struct batch *batch);
    enum err (*append_finish)(struct scope *scope, struct db_append *append);
    void (*append_close)(struct db_append *append);
};

struct db_lease {
    struct db *db;
    bool connected;
    bool leased;
    void *connection; /* the engine's */
    int64_t changes;
    /* Guarded by db->mutex: the scope of the running statement, for the watchdog. */
    struct scope *running;
};

struct db {
    const struct engine *engine;
    enum db_engine kind;
    void *instance; /* the engine's */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* a lease came back, or the watchdog should end */
    struct db_lease *leases;
    int lease_count;
    bool has_watchdog;
    bool closing;
    pthread_t watchdog;
};

/* First member of every engine's cursor. */
struct cursor {
    struct db_lease *lease;
    size_t column_count;
    str *names;
    enum cell_type *types;
};

/* First member of every engine's bulk loading. */
struct db_append {
    struct db_lease *lease;
};

/* Marks the statement as running for the watchdog, until NULL is given. */
void lease_set_running(struct db_lease *lease, struct scope *scope);

#define DB_FILE_LIMIT S("File too large") /* EFBIG, as the C library says it */

/* Whether a library's message is that of a full disk, or of a file that may not become larger. */
static inline bool db_has_no_room(str cause)
{
    return str_find(cause, S("No space left on device"), 0) != SIZE_MAX ||
           str_find(cause, S("Disk quota exceeded"), 0) != SIZE_MAX || str_find(cause, DB_FILE_LIMIT, 0) != SIZE_MAX;
}

/* Tells which of the two it is. */
static inline enum err db_fail_no_room(struct scope *scope, str cause)
{
    return str_find(cause, DB_FILE_LIMIT, 0) != SIZE_MAX ? fail_file_limit(scope, cause) : fail_no_room(scope, cause);
}

extern const struct engine engine_sqlite;
extern const struct engine engine_duckdb;
extern const struct engine engine_postgres;

#endif
