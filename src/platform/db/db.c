/*
 * Leases and the watchdog. The watchdog wakes every few milliseconds while statements run and
 * interrupts those whose deadline has passed or whose client has gone.
 */
#include "platform/db/db.h"

#include <stdlib.h>
#include <time.h>

#include "base/bug.h"
#include "platform/db/engine.h"
#include "platform/db/schema.h"
#include "platform/i18n/explanation.h"

#define DEFAULT_CONNECTIONS 4
#define WATCHDOG_PERIOD_USEC 20000
#define LEASE_POLL_USEC 50000

void lease_set_running(struct db_lease *lease, struct scope *scope)
{
    pthread_mutex_lock(&lease->db->mutex);
    lease->running = scope;
    pthread_mutex_unlock(&lease->db->mutex);
}

static void wait_for(struct db *db, usec duration)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + duration * 1000;
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_cond_timedwait(&db->changed, &db->mutex, &until);
}

static bool should_stop(const struct scope *scope, usec now)
{
    return (scope->gone && *scope->gone) || (scope->deadline && now > scope->deadline);
}

static void *watch(void *argument)
{
    struct db *db = argument;
    pthread_mutex_lock(&db->mutex);
    while (!db->closing) {
        usec now = clock_monotonic();
        for (int i = 0; i < db->lease_count; i++) {
            struct db_lease *lease = &db->leases[i];
            if (lease->running && should_stop(lease->running, now)) {
                db->engine->interrupt(lease);
            }
        }
        wait_for(db, WATCHDOG_PERIOD_USEC);
    }
    pthread_mutex_unlock(&db->mutex);
    return NULL;
}

static void db_free(struct db *db)
{
    pthread_cond_destroy(&db->changed);
    pthread_mutex_destroy(&db->mutex);
    free(db->leases);
    free(db);
}

enum err db_open(struct scope *scope, const struct db_options *options, struct db **ret_db)
{
    struct db *db = calloc(1, sizeof(*db));
    int count = options->connections ? options->connections : DEFAULT_CONNECTIONS;
    if (!db || !(db->leases = calloc((size_t)count, sizeof(*db->leases)))) {
        bug_out_of_memory(sizeof(*db));
    }
    static const struct engine *const engines[] = {[DB_SQLITE] = &engine_sqlite,
                                                   [DB_DUCKDB] = &engine_duckdb,
                                                   [DB_POSTGRES] = &engine_postgres};
    db->engine = engines[options->engine];
    db->kind = options->engine;
    db->lease_count = count;
    pthread_mutex_init(&db->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&db->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    for (int i = 0; i < count; i++) {
        db->leases[i].db = db;
    }
    enum err result = db->engine->open(scope, options, db);
    if (result == ERR_OK && db->engine->interrupt) {
        db->has_watchdog = pthread_create(&db->watchdog, NULL, watch, db) == 0;
        if (!db->has_watchdog) {
            db->engine->close(db);
            result = fail(scope, ERR_DATABASE, "A thread for the database could not be started.");
        }
    }
    if (result != ERR_OK) {
        db_free(db);
        return result;
    }
    *ret_db = db;
    return ERR_OK;
}

enum db_engine db_engine_of(const struct db *db)
{
    return db->kind;
}

enum db_engine db_lease_engine(const struct db_lease *lease)
{
    return lease->db->kind;
}

void db_close(struct db *db)
{
    if (!db) {
        return;
    }
    if (db->has_watchdog) {
        pthread_mutex_lock(&db->mutex);
        db->closing = true;
        pthread_cond_broadcast(&db->changed);
        pthread_mutex_unlock(&db->mutex);
        pthread_join(db->watchdog, NULL);
    }
    for (int i = 0; i < db->lease_count; i++) {
        bug_if(db->leases[i].leased);
        if (db->leases[i].connected) {
            db->engine->disconnect(&db->leases[i]);
        }
    }
    db->engine->close(db);
    db_free(db);
}

/* A connected lease if there is one, for its warm statement cache. */
static struct db_lease *free_lease(struct db *db)
{
    struct db_lease *found = NULL;
    for (int i = 0; i < db->lease_count; i++) {
        struct db_lease *lease = &db->leases[i];
        if (!lease->leased && (!found || (lease->connected && !found->connected))) {
            found = lease;
        }
    }
    return found;
}

enum err db_lease(struct scope *scope, struct db *db, struct db_lease **ret_lease)
{
    enum err result = ERR_OK;
    pthread_mutex_lock(&db->mutex);
    struct db_lease *lease = free_lease(db);
    while (!lease) {
        result = scope_check(scope);
        if (result != ERR_OK) {
            break;
        }
        wait_for(db, LEASE_POLL_USEC);
        lease = free_lease(db);
    }
    if (lease) {
        lease->leased = true;
    }
    pthread_mutex_unlock(&db->mutex);
    if (!lease) {
        if (result == ERR_DEADLINE) {
            scope_forgive(scope);
            return fail_in_words(scope, ERR_BUSY, MSG_FAULT_BUSY, NULL);
        }
        return result;
    }
    if (lease->connected && db->engine->stands && !db->engine->stands(lease)) {
        db->engine->disconnect(lease);
        lease->connected = false;
    }
    if (!lease->connected) {
        result = db->engine->connect(scope, lease);
        lease->connected = result == ERR_OK;
        if (result != ERR_OK) {
            db_release(lease);
            return result;
        }
    }
    *ret_lease = lease;
    return ERR_OK;
}

void db_release(struct db_lease *lease)
{
    if (!lease) {
        return;
    }
    struct db *db = lease->db;
    if (lease->connected) {
        db->engine->reset(lease);
    }
    pthread_mutex_lock(&db->mutex);
    bug_if(!lease->leased);
    lease->leased = false;
    pthread_cond_broadcast(&db->changed);
    pthread_mutex_unlock(&db->mutex);
}

void db_lease_cleanup(struct db_lease **lease)
{
    db_release(*lease);
}

enum err db_run(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                struct cursor **ret_cursor)
{
    TRY(scope_check(scope));
    return lease->db->engine->run(scope, lease, sql, ret_cursor);
}

enum err cursor_next(struct scope *scope, struct cursor *cursor, const struct batch **ret_batch)
{
    return cursor->lease->db->engine->next(scope, cursor, ret_batch);
}

size_t cursor_column_count(const struct cursor *cursor)
{
    return cursor->column_count;
}

str cursor_column_name(const struct cursor *cursor, size_t column)
{
    bug_if(column >= cursor->column_count);
    return cursor->names[column];
}

enum cell_type cursor_column_type(const struct cursor *cursor, size_t column)
{
    bug_if(column >= cursor->column_count);
    return cursor->types[column];
}

void cursor_close(struct cursor *cursor)
{
    if (cursor) {
        cursor->lease->db->engine->finish(cursor);
    }
}

void cursor_cleanup(struct cursor **cursor)
{
    cursor_close(*cursor);
}

enum err db_execute(struct scope *scope, struct db_lease *lease, const struct sql *sql)
{
    cell ignored;
    return db_query_cell(scope, lease, sql, &ignored);
}

enum err db_script(struct scope *scope, struct db_lease *lease, const char *statements)
{
    TRY(scope_check(scope));
    return lease->db->engine->script(scope, lease, statements);
}

enum err schema_make(struct scope *scope, struct db_lease *lease, const char *sqlite,
                     const char *postgres)
{
    return db_script(scope, lease, lease->db->kind == DB_POSTGRES ? postgres : sqlite);
}

static enum err begin_by(struct scope *scope, struct db *db, const char *statements,
                         struct db_lease **ret_lease)
{
    struct db_lease *lease = NULL;
    TRY(db_lease(scope, db, &lease));
    enum err result = db_script(scope, lease, statements);
    if (result != ERR_OK) {
        db_release(lease);
        return result;
    }
    *ret_lease = lease;
    return ERR_OK;
}

enum err db_begin(struct scope *scope, struct db *db, struct db_lease **ret_lease)
{
    return begin_by(scope, db, db->engine->begin_to_change, ret_lease);
}

enum err db_begin_adding(struct scope *scope, struct db *db, struct db_lease **ret_lease)
{
    const struct engine *engine = db->engine;
    return begin_by(scope, db, engine->begin_to_add ? engine->begin_to_add : engine->begin_to_change,
                    ret_lease);
}

enum err db_begin_change(struct scope *scope, struct db_lease *lease)
{
    const char *statement = lease->db->engine->to_change;
    return statement ? db_script(scope, lease, statement) : ERR_OK;
}

enum err db_begin_reading(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease, lease->db->engine->begin_to_read);
}

enum err db_commit(struct scope *scope, struct db_lease *lease)
{
    return db_script(scope, lease, "commit");
}

enum err db_query_cell(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                       cell *ret_cell)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    TRY(db_run(scope, lease, sql, &cursor));
    cell first = cell_null();
    bool is_first = true;
    EACH_BATCH(scope, cursor, batch) {
        if (is_first && batch->rows && batch->column_count) {
            first = column_cell(&batch->columns[0], 0);
            if (first.type == CELL_TEXT || first.type == CELL_BYTES) {
                first.text = str_copy(&scope->arena, first.text);
            }
            is_first = false;
        }
    }
    *ret_cell = first;
    return ERR_OK;
}

enum err db_append_open(struct scope *scope, struct db_lease *lease, str database, str table,
                        struct db_append **ret_append)
{
    const struct engine *engine = lease->db->engine;
    if (!engine->append_open) {
        return fail(scope, ERR_DATABASE, "This engine has no bulk loading.");
    }
    TRY(scope_check(scope));
    return engine->append_open(scope, lease, database, table, ret_append);
}

enum err db_append(struct scope *scope, struct db_append *append, const struct batch *batch)
{
    bug_if(batch->rows > DB_APPEND_ROWS);
    TRY(scope_check(scope));
    return append->lease->db->engine->append(scope, append, batch);
}

enum err db_append_finish(struct scope *scope, struct db_append *append)
{
    return append->lease->db->engine->append_finish(scope, append);
}

void db_append_close(struct db_append *append)
{
    if (append) {
        append->lease->db->engine->append_close(append);
    }
}

void db_append_cleanup(struct db_append **append)
{
    db_append_close(*append);
}

int64_t db_changes(const struct db_lease *lease)
{
    return lease->changes;
}
