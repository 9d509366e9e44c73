/*
 * SQLite behind db.h: the catalogue. Cursors yield one row a batch, because SQLite types values,
 * not columns. Statements are kept prepared per connection.
 */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "platform/db/engine.h"
#include "platform/db/sqlite_numbers.h"

#define STATEMENTS_KEPT 64
#define LOCK_PATIENCE (10 * USEC_SECOND)
#define LOCK_PAUSE_MOST 25000 /* microseconds between two looks at a lock */
#define PROGRESS_STEPS 10000

struct sqlite_instance {
    char *path;
    bool read_only;
    usec lock_patience;
};

struct kept_statement {
    uint64_t hash;
    sqlite3_stmt *statement;
    uint64_t last_use;
};

struct sqlite_connection {
    sqlite3 *handle;
    struct scope *scope; /* of the running statement, for the callbacks */
    usec lock_patience;
    usec locked_from; /* since when the running statement waits for a lock */
    struct kept_statement kept[STATEMENTS_KEPT];
    uint64_t uses;
};

struct sqlite_cursor {
    struct cursor cursor;
    sqlite3_stmt *statement;
    struct batch batch;
    struct column *columns;
    /* One value per column; a column points into this. */
    union sqlite_value {
        int64_t number;
        double real;
        str text;
    } *values;
};

static enum err report(struct scope *scope, sqlite3 *handle, int code)
{
    str cause = str_from(handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    if (code == SQLITE_INTERRUPT) {
        enum err reason = scope_check(scope);
        return reason == ERR_OK ? fail(scope, ERR_CANCELLED, "The request was cancelled.") : reason;
    }
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        TRY(scope_check(scope));
        return fail_with_cause(scope, ERR_BUSY, cause,
                               "The catalogue is locked by another process. Try again.");
    }
    if (handle && sqlite3_system_errno(handle) == EFBIG && (code & 0xff) == SQLITE_IOERR) {
        return fail_file_limit(scope, cause);
    }
    if ((code & 0xff) == SQLITE_FULL || (handle && sqlite3_system_errno(handle) == ENOSPC && (code & 0xff) == SQLITE_IOERR)) {
        return fail_no_room(scope, cause);
    }
    if (code == SQLITE_CONSTRAINT) {
        return fail_with_cause(scope, ERR_CONFLICT, cause,
                               "The change collides with what the catalogue holds (%.*s).",
                               STR_ARG(cause));
    }
    return fail_with_cause(scope, ERR_DATABASE, cause, "The catalogue database failed (%.*s).",
                           STR_ARG(cause));
}

/* Counting memory would have all threads wait for one lock at every row. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum err sqlite_open(struct scope *scope, const struct db_options *options, struct db *db)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)scope;
    pthread_once(&once, configure);
    struct sqlite_instance *instance = calloc(1, sizeof(*instance));
    if (!instance) {
        bug_out_of_memory(sizeof(*instance));
    }
    instance->path = strdup(options->path ? options->path : ":memory:");
    instance->read_only = options->read_only;
    instance->lock_patience = options->lock_patience ? options->lock_patience : LOCK_PATIENCE;
    db->instance = instance;
    return ERR_OK;
}

static void sqlite_close(struct db *db)
{
    struct sqlite_instance *instance = db->instance;
    free(instance->path);
    free(instance);
}

static int should_interrupt(void *argument)
{
    const struct sqlite_connection *connection = argument;
    const struct scope *scope = connection->scope;
    return scope && ((scope->gone && *scope->gone) ||
                     (scope->deadline && clock_monotonic() > scope->deadline));
}

/* Another connection holds the lock: waits, but no longer than the work may take. 0: gives up. */
static int await_lock(void *argument, int tries)
{
    struct sqlite_connection *connection = argument;
    usec now = clock_monotonic();
    if (tries == 0) {
        connection->locked_from = now;
    }
    if (now - connection->locked_from >= connection->lock_patience || should_interrupt(connection)) {
        return 0;
    }
    usleep(tries < 5 ? 1000u << tries : LOCK_PAUSE_MOST);
    return 1;
}

static enum err sqlite_connect(struct scope *scope, struct db_lease *lease)
{
    struct sqlite_instance *instance = lease->db->instance;
    struct sqlite_connection *connection = calloc(1, sizeof(*connection));
    if (!connection) {
        bug_out_of_memory(sizeof(*connection));
    }
    int flags = instance->read_only ? SQLITE_OPEN_READONLY
                                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(instance->path, &connection->handle, flags | SQLITE_OPEN_NOMUTEX,
                               NULL);
    if (code == SQLITE_OK) {
        connection->lock_patience = instance->lock_patience;
        sqlite3_busy_handler(connection->handle, await_lock, connection);
        sqlite3_progress_handler(connection->handle, PROGRESS_STEPS, should_interrupt, connection);
        code = sqlite_numbers_register(connection->handle);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(connection->handle,
                            "pragma foreign_keys = on; pragma trusted_schema = off;", NULL, NULL,
                            NULL);
    }
    if (code == SQLITE_OK && !instance->read_only) {
        code = sqlite3_exec(connection->handle,
                            "pragma journal_mode = wal; pragma synchronous = full;", NULL, NULL,
                            NULL);
    }
    if (code != SQLITE_OK) {
        enum err result = report(scope, connection->handle, code);
        sqlite3_close_v2(connection->handle);
        free(connection);
        return result;
    }
    lease->connection = connection;
    return ERR_OK;
}

static void sqlite_disconnect(struct db_lease *lease)
{
    struct sqlite_connection *connection = lease->connection;
    for (size_t i = 0; i < STATEMENTS_KEPT; i++) {
        sqlite3_finalize(connection->kept[i].statement);
    }
    sqlite3_close_v2(connection->handle);
    free(connection);
    lease->connection = NULL;
}

static void sqlite_reset(struct db_lease *lease)
{
    struct sqlite_connection *connection = lease->connection;
    if (!sqlite3_get_autocommit(connection->handle)) {
        sqlite3_exec(connection->handle, "rollback", NULL, NULL, NULL);
    }
}

static enum err prepare(struct scope *scope, struct sqlite_connection *connection, str text,
                        sqlite3_stmt **ret_statement)
{
    uint64_t hash = str_hash(text);
    struct kept_statement *oldest = &connection->kept[0];
    for (size_t i = 0; i < STATEMENTS_KEPT; i++) {
        struct kept_statement *kept = &connection->kept[i];
        if (kept->statement && kept->hash == hash &&
            str_eq(str_from(sqlite3_sql(kept->statement)), text) &&
            !sqlite3_stmt_busy(kept->statement)) {
            kept->last_use = ++connection->uses;
            *ret_statement = kept->statement;
            return ERR_OK;
        }
        if (kept->last_use < oldest->last_use &&
            !(kept->statement && sqlite3_stmt_busy(kept->statement))) {
            oldest = kept;
        }
    }
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v3(connection->handle, text.p, (int)text.n,
                                  SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        return report(scope, connection->handle, code);
    }
    sqlite3_finalize(oldest->statement);
    *oldest = (struct kept_statement){hash, statement, ++connection->uses};
    *ret_statement = statement;
    return ERR_OK;
}

/* SQLite reads $n as a name, so values are bound by it. */
static int bind(sqlite3_stmt *statement, size_t number, const cell *value)
{
    char name[24];
    snprintf(name, sizeof(name), "$%zu", number);
    int at = sqlite3_bind_parameter_index(statement, name);
    switch (value->type) {
    case CELL_BOOL:
        return sqlite3_bind_int(statement, at, value->truth);
    case CELL_INT:
        return sqlite3_bind_int64(statement, at, value->number);
    case CELL_DOUBLE:
        return sqlite3_bind_double(statement, at, value->real);
    case CELL_DATE:
        return sqlite3_bind_int(statement, at, value->days);
    case CELL_INSTANT:
        return sqlite3_bind_int64(statement, at, value->instant);
    case CELL_TEXT:
        return sqlite3_bind_text64(statement, at, value->text.p ? value->text.p : "",
                                   value->text.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    case CELL_BYTES:
        return sqlite3_bind_blob64(statement, at, value->text.p ? value->text.p : "",
                                   value->text.n, SQLITE_TRANSIENT);
    case CELL_NULL:
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

static struct sqlite_cursor *cursor_new(struct db_lease *lease, sqlite3_stmt *statement)
{
    struct sqlite_cursor *cursor = calloc(1, sizeof(*cursor));
    size_t count = (size_t)sqlite3_column_count(statement);
    size_t room = count ? count : 1;
    if (!cursor || !(cursor->columns = calloc(room, sizeof(*cursor->columns))) ||
        !(cursor->values = calloc(room, sizeof(*cursor->values))) ||
        !(cursor->cursor.names = calloc(room, sizeof(str))) ||
        !(cursor->cursor.types = calloc(room, sizeof(enum cell_type)))) {
        bug_out_of_memory(room);
    }
    cursor->cursor.lease = lease;
    cursor->cursor.column_count = count;
    cursor->statement = statement;
    for (size_t i = 0; i < count; i++) {
        cursor->cursor.names[i] = str_from(sqlite3_column_name(statement, (int)i));
    }
    return cursor;
}

static enum err sqlite_run(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                           struct cursor **ret_cursor)
{
    struct sqlite_connection *connection = lease->connection;
    const cell *values;
    size_t count;
    str text = sql_render(sql, 0, &values, &count);
    sqlite3_stmt *statement = NULL;
    TRY(prepare(scope, connection, text, &statement));
    for (size_t i = 0; i < count; i++) {
        int code = bind(statement, i + 1, &values[i]);
        if (code != SQLITE_OK) {
            sqlite3_clear_bindings(statement);
            return report(scope, connection->handle, code);
        }
    }
    *ret_cursor = &cursor_new(lease, statement)->cursor;
    return ERR_OK;
}

static void read_value(struct sqlite_cursor *cursor, size_t at)
{
    struct column *column = &cursor->columns[at];
    union sqlite_value *value = &cursor->values[at];
    sqlite3_stmt *statement = cursor->statement;
    *column = (struct column){0};
    switch (sqlite3_column_type(statement, (int)at)) {
    case SQLITE_INTEGER:
        value->number = sqlite3_column_int64(statement, (int)at);
        column->type = CELL_INT;
        column->numbers = &value->number;
        break;
    case SQLITE_FLOAT:
        value->real = sqlite3_column_double(statement, (int)at);
        column->type = CELL_DOUBLE;
        column->reals = &value->real;
        break;
    case SQLITE_NULL:
        column->type = CELL_NULL;
        break;
    default:
        column->type =
            sqlite3_column_type(statement, (int)at) == SQLITE_TEXT ? CELL_TEXT : CELL_BYTES;
        value->text.p = sqlite3_column_blob(statement, (int)at);
        value->text.n = (size_t)sqlite3_column_bytes(statement, (int)at);
        if (!value->text.p) {
            value->text.p = "";
        }
        column->texts = &value->text;
    }
    cursor->cursor.types[at] = column->type;
}

static enum err sqlite_next(struct scope *scope, struct cursor *base,
                            const struct batch **ret_batch)
{
    struct sqlite_cursor *cursor = (struct sqlite_cursor *)base;
    struct sqlite_connection *connection = base->lease->connection;
    connection->scope = scope;
    int code = sqlite3_step(cursor->statement);
    connection->scope = NULL;
    if (code == SQLITE_DONE) {
        base->lease->changes = sqlite3_changes64(connection->handle);
        *ret_batch = NULL;
        return ERR_OK;
    }
    if (code != SQLITE_ROW) {
        return report(scope, connection->handle, code);
    }
    for (size_t i = 0; i < base->column_count; i++) {
        read_value(cursor, i);
    }
    cursor->batch = (struct batch){1, base->column_count, cursor->columns};
    *ret_batch = &cursor->batch;
    return ERR_OK;
}

static void sqlite_finish(struct cursor *base)
{
    struct sqlite_cursor *cursor = (struct sqlite_cursor *)base;
    sqlite3_reset(cursor->statement);
    sqlite3_clear_bindings(cursor->statement);
    free(cursor->columns);
    free(cursor->values);
    free(base->names);
    free(base->types);
    free(cursor);
}

static enum err sqlite_script(struct scope *scope, struct db_lease *lease, const char *statements)
{
    struct sqlite_connection *connection = lease->connection;
    connection->scope = scope;
    int code = sqlite3_exec(connection->handle, statements, NULL, NULL, NULL);
    connection->scope = NULL;
    return code == SQLITE_OK ? ERR_OK : report(scope, connection->handle, code);
}

const struct engine engine_sqlite = {
    .begin_to_change = "begin immediate",
    .begin_to_read = "begin",
    .open = sqlite_open,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .reset = sqlite_reset,
    .run = sqlite_run,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .script = sqlite_script,
};
