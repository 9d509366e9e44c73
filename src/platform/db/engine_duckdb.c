/*
 * DuckDB behind db.h: the records. Results are streamed chunk by chunk; statements are kept
 * prepared per connection; the watchdog of db.c interrupts through duckdb_interrupt.
 */
#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/buf.h"
#include "platform/db/duckdb_append.h"
#include "platform/db/duckdb_column.h"
#include "platform/db/duckdb_function.h"
#include "platform/db/engine.h"
#include "platform/i18n/explanation.h"

#define STATEMENTS_KEPT 64

struct duckdb_instance {
    duckdb_database database;
    duckdb_connection first; /* keeps registered functions and settings alive */
};

struct kept_statement {
    str text; /* heap */
    duckdb_prepared_statement statement;
    uint64_t last_use;
    bool in_use;
};

struct duckdb_link {
    duckdb_connection handle;
    struct kept_statement kept[STATEMENTS_KEPT];
    uint64_t uses;
};

struct duckdb_cursor {
    struct cursor cursor;
    struct arena arena; /* names, types, columns of the current batch */
    struct arena_mark start;
    duckdb_result result;
    duckdb_data_chunk chunk;
    struct kept_statement *kept;
    struct batch batch;
    bool failed;
};

/* Turns an engine's error text into the project's codes. */
static enum err report(struct scope *scope, const char *text)
{
    enum err stopped = scope_check(scope);
    if (stopped != ERR_OK) {
        return stopped;
    }
    str cause = str_from(text ? text : "no message");
    size_t mark = str_find(cause, S(FUNCTION_FAILURE_MARK), 0);
    if (mark != SIZE_MAX) {
        str message = str_slice(cause, mark + S(FUNCTION_FAILURE_MARK).n, cause.n);
        size_t end = str_find_char(message, '\n', 0);
        message = str_slice(message, 0, end);
        return str_starts(message, S(AGGREGATE_FAILURE_MARK))
                   ? fail_with_cause(scope, ERR_QUERY, cause, "ODSQL query is malformed: %.*s.",
                                     STR_ARG(str_slice(message, S(AGGREGATE_FAILURE_MARK).n, message.n)))
                   : fail_with_cause(scope, ERR_DATA, cause, "%.*s", STR_ARG(message));
    }
    if (db_has_no_room(cause)) {
        return db_fail_no_room(scope, cause);
    }
    if (str_starts(cause, S("Out of Memory Error"))) {
        return fail_in_words_because(scope, ERR_BUSY, cause, MSG_FAULT_MEMORY, NULL);
    }
    if (str_starts(cause, S("Out of Range Error")) || str_starts(cause, S("Conversion Error"))) {
        return fail_with_cause(scope, ERR_QUERY, cause,
                               "ODSQL query is malformed: a value is out of range.");
    }
    return fail_with_cause(scope, ERR_DATABASE, cause, "The records engine failed.");
}

static enum err execute(struct scope *scope, duckdb_connection handle, const char *statement)
{
    duckdb_result result;
    enum err outcome = ERR_OK;
    if (duckdb_query(handle, statement, &result) != DuckDBSuccess) {
        outcome = report(scope, duckdb_result_error(&result));
    }
    duckdb_destroy_result(&result);
    return outcome;
}

static void add_quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '\'');
    for (const char *at = text; *at; at++) {
        if (*at == '\'') {
            buf_add_char(out, '\'');
        }
        buf_add_char(out, *at);
    }
    buf_add_char(out, '\'');
}

/* Nothing outside the allowed directories, and no way to change that afterwards. */
static void add_sandbox(struct buf *script, const struct db_options *options)
{
    if (options->allowed_directories && options->allowed_directories[0]) {
        buf_add(script, S("set allowed_directories=["));
        for (size_t i = 0; options->allowed_directories[i]; i++) {
            if (i) {
                buf_add_char(script, ',');
            }
            add_quoted(script, options->allowed_directories[i]);
        }
        buf_add(script, S("]; set enable_external_access=false;"));
    }
    buf_add(script, S("set lock_configuration=true;"));
    buf_add_char(script, 0);
}

static void configure(duckdb_config config, const struct db_options *options)
{
    char number[32];
    duckdb_set_config(config, "autoinstall_known_extensions", "false");
    duckdb_set_config(config, "autoload_known_extensions", "false");
    duckdb_set_config(config, "preserve_insertion_order", "true");
    /* Up to so many values of the smaller side of a join decide which blocks of the other are read. */
    duckdb_set_config(config, "dynamic_or_filter_threshold", "1000");
    if (options->threads) {
        snprintf(number, sizeof(number), "%d", options->threads);
        duckdb_set_config(config, "threads", number);
    }
    if (options->memory_bytes) {
        snprintf(number, sizeof(number), "%lluB", (unsigned long long)options->memory_bytes);
        duckdb_set_config(config, "memory_limit", number);
    }
    if (options->read_only && options->path) {
        duckdb_set_config(config, "access_mode", "READ_ONLY");
    }
    duckdb_set_config(config, "temp_directory",
                      options->temporary_directory ? options->temporary_directory : "");
}

static enum err open_database(struct scope *scope, const struct db_options *options,
                              struct duckdb_instance *instance)
{
    duckdb_config config;
    if (duckdb_create_config(&config) != DuckDBSuccess) {
        return fail(scope, ERR_DATABASE, "The records engine could not be configured.");
    }
    configure(config, options);
    char *error = NULL;
    duckdb_state state = duckdb_open_ext(options->path, &instance->database, config, &error);
    duckdb_destroy_config(&config);
    if (state != DuckDBSuccess) {
        enum err result = db_has_no_room(str_from(error))
                              ? db_fail_no_room(scope, str_from(error))
                              : fail_with_cause(scope, ERR_DATABASE, str_from(error), "The records file %s could not be opened.",
                                                options->path ? options->path : "(in memory)");
        duckdb_free(error);
        return result;
    }
    if (duckdb_connect(instance->database, &instance->first) != DuckDBSuccess) {
        return fail(scope, ERR_DATABASE, "The records engine gave no connection.");
    }
    for (size_t i = 0; i < options->function_count; i++) {
        TRY(duckdb_function_register(scope, instance->first, &options->functions[i]));
    }
    for (size_t i = 0; i < options->aggregate_count; i++) {
        TRY(aggregate_register(scope, instance->first, &options->aggregates[i]));
    }
    struct buf script = {0};
    add_sandbox(&script, options);
    enum err result = execute(scope, instance->first, script.p);
    buf_done(&script);
    return result;
}

static void instance_free(struct duckdb_instance *instance)
{
    duckdb_disconnect(&instance->first);
    duckdb_close(&instance->database);
    free(instance);
}

static enum err engine_open(struct scope *scope, const struct db_options *options, struct db *db)
{
    struct duckdb_instance *instance = calloc(1, sizeof(*instance));
    if (!instance) {
        bug_out_of_memory(sizeof(*instance));
    }
    enum err result = open_database(scope, options, instance);
    if (result != ERR_OK) {
        instance_free(instance);
        return result;
    }
    db->instance = instance;
    return ERR_OK;
}

static void engine_close(struct db *db)
{
    instance_free(db->instance);
}

static enum err engine_connect(struct scope *scope, struct db_lease *lease)
{
    struct duckdb_instance *instance = lease->db->instance;
    struct duckdb_link *link = calloc(1, sizeof(*link));
    if (!link) {
        bug_out_of_memory(sizeof(*link));
    }
    if (duckdb_connect(instance->database, &link->handle) != DuckDBSuccess) {
        free(link);
        return fail(scope, ERR_DATABASE, "The records engine gave no connection.");
    }
    lease->connection = link;
    return ERR_OK;
}

static void forget_statement(struct kept_statement *kept)
{
    if (kept->statement) {
        duckdb_destroy_prepare(&kept->statement);
    }
    free((void *)(uintptr_t)kept->text.p);
    *kept = (struct kept_statement){0};
}

static void engine_disconnect(struct db_lease *lease)
{
    struct duckdb_link *link = lease->connection;
    for (size_t i = 0; i < STATEMENTS_KEPT; i++) {
        forget_statement(&link->kept[i]);
    }
    duckdb_disconnect(&link->handle);
    free(link);
    lease->connection = NULL;
}

static void engine_reset(struct db_lease *lease)
{
    /* Transactions are closed by the functions that open them; nothing is kept across leases. */
    (void)lease;
}

static enum err prepare(struct scope *scope, struct duckdb_link *link, str text,
                        struct kept_statement **ret_kept)
{
    struct kept_statement *oldest = NULL;
    for (size_t i = 0; i < STATEMENTS_KEPT; i++) {
        struct kept_statement *kept = &link->kept[i];
        if (kept->in_use) {
            continue;
        }
        if (kept->statement && str_eq(kept->text, text)) {
            kept->last_use = ++link->uses;
            kept->in_use = true;
            duckdb_clear_bindings(kept->statement);
            *ret_kept = kept;
            return ERR_OK;
        }
        if (!oldest || kept->last_use < oldest->last_use) {
            oldest = kept;
        }
    }
    bug_if(!oldest);
    forget_statement(oldest);
    duckdb_prepared_statement statement;
    if (duckdb_prepare(link->handle, text.p, &statement) != DuckDBSuccess) {
        enum err result = report(scope, duckdb_prepare_error(statement));
        duckdb_destroy_prepare(&statement);
        return result;
    }
    char *copy = malloc(text.n + 1);
    if (!copy) {
        bug_out_of_memory(text.n);
    }
    memcpy(copy, text.p, text.n + 1);
    *oldest = (struct kept_statement){{copy, text.n}, statement, ++link->uses, true};
    *ret_kept = oldest;
    return ERR_OK;
}

static duckdb_state bind(duckdb_prepared_statement statement, idx_t at, const cell *value)
{
    const char *text = value->text.p ? value->text.p : "";
    switch (value->type) {
    case CELL_BOOL:
        return duckdb_bind_boolean(statement, at, value->truth);
    case CELL_INT:
        return duckdb_bind_int64(statement, at, value->number);
    case CELL_DOUBLE:
        return duckdb_bind_double(statement, at, value->real);
    case CELL_DATE:
        return duckdb_bind_date(statement, at, (duckdb_date){value->days});
    case CELL_INSTANT:
        return duckdb_bind_timestamp(statement, at, (duckdb_timestamp){value->instant});
    case CELL_TEXT:
        return duckdb_bind_varchar_length(statement, at, text, value->text.n);
    case CELL_BYTES:
        return duckdb_bind_blob(statement, at, text, value->text.n);
    case CELL_NULL:
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
        break;
    }
    return duckdb_bind_null(statement, at);
}

/* Runs until the first rows are there, so that most errors are known before an answer begins. */
static enum err start(struct scope *scope, struct db_lease *lease,
                      duckdb_prepared_statement statement, duckdb_result *ret_result)
{
    duckdb_pending_result pending;
    if (duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess) {
        enum err result = report(scope, duckdb_pending_error(pending));
        duckdb_destroy_pending(&pending);
        return result;
    }
    lease_set_running(lease, scope);
    duckdb_state state = duckdb_execute_pending(pending, ret_result);
    lease_set_running(lease, NULL);
    enum err outcome = ERR_OK;
    if (state != DuckDBSuccess) {
        const char *text = duckdb_result_error(ret_result);
        outcome = report(scope, text ? text : duckdb_pending_error(pending));
        duckdb_destroy_result(ret_result);
    }
    duckdb_destroy_pending(&pending);
    return outcome;
}

static void describe(struct duckdb_cursor *cursor)
{
    struct cursor *base = &cursor->cursor;
    base->column_count = duckdb_column_count(&cursor->result);
    base->names = arena_array(&cursor->arena, str, base->column_count);
    base->types = arena_array(&cursor->arena, enum cell_type, base->column_count);
    for (size_t i = 0; i < base->column_count; i++) {
        duckdb_logical_type type = duckdb_column_logical_type(&cursor->result, i);
        base->types[i] = duckdb_cell_type(type);
        duckdb_destroy_logical_type(&type);
        base->names[i] =
            str_copy(&cursor->arena, str_from(duckdb_column_name(&cursor->result, i)));
    }
}

static enum err engine_run(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                           struct cursor **ret_cursor)
{
    struct duckdb_link *link = lease->connection;
    const cell *values;
    size_t count;
    str text = sql_render(sql, 0, &values, &count);
    struct kept_statement *kept = NULL;
    TRY(prepare(scope, link, text, &kept));
    enum err result = ERR_OK;
    for (size_t i = 0; i < count && result == ERR_OK; i++) {
        if (bind(kept->statement, i + 1, &values[i]) != DuckDBSuccess) {
            result = fail(scope, ERR_DATABASE, "A value could not be bound.");
        }
    }
    duckdb_result rows;
    if (result == ERR_OK) {
        result = start(scope, lease, kept->statement, &rows);
    }
    if (result != ERR_OK) {
        kept->in_use = false;
        forget_statement(kept);
        return result;
    }
    struct duckdb_cursor *cursor = calloc(1, sizeof(*cursor));
    if (!cursor) {
        bug_out_of_memory(sizeof(*cursor));
    }
    arena_init(&cursor->arena, SIZE_MAX); /* views of what the engine holds already bound it */
    cursor->cursor.lease = lease;
    cursor->result = rows;
    cursor->kept = kept;
    describe(cursor);
    cursor->start = arena_get_mark(&cursor->arena);
    *ret_cursor = &cursor->cursor;
    return ERR_OK;
}

static enum err engine_next(struct scope *scope, struct cursor *base,
                            const struct batch **ret_batch)
{
    struct duckdb_cursor *cursor = (struct duckdb_cursor *)base;
    if (cursor->chunk) {
        duckdb_destroy_data_chunk(&cursor->chunk);
    }
    arena_rewind(&cursor->arena, cursor->start);
    TRY(scope_check(scope));
    lease_set_running(base->lease, scope);
    cursor->chunk = duckdb_fetch_chunk(cursor->result);
    lease_set_running(base->lease, NULL);
    size_t rows = cursor->chunk ? duckdb_data_chunk_get_size(cursor->chunk) : 0;
    if (rows == 0) {
        const char *error = duckdb_result_error(&cursor->result);
        *ret_batch = NULL;
        cursor->failed = error && *error;
        return cursor->failed ? report(scope, error) : ERR_OK;
    }
    struct column *columns = arena_array(&cursor->arena, struct column, base->column_count);
    for (size_t i = 0; i < base->column_count; i++) {
        duckdb_view_vector(&cursor->arena, duckdb_data_chunk_get_vector(cursor->chunk, i), rows,
                           &columns[i]);
    }
    cursor->batch = (struct batch){rows, base->column_count, columns};
    *ret_batch = &cursor->batch;
    return ERR_OK;
}

static void engine_finish(struct cursor *base)
{
    struct duckdb_cursor *cursor = (struct duckdb_cursor *)base;
    base->lease->changes = (int64_t)duckdb_rows_changed(&cursor->result);
    if (cursor->chunk) {
        duckdb_destroy_data_chunk(&cursor->chunk);
    }
    duckdb_destroy_result(&cursor->result);
    cursor->kept->in_use = false;
    bool is_query = duckdb_prepared_statement_type(cursor->kept->statement) ==
                    DUCKDB_STATEMENT_TYPE_SELECT;
    if (cursor->failed || !is_query) {
        forget_statement(cursor->kept); /* the engine runs a CREATE only once as it was prepared */
    }
    arena_done(&cursor->arena);
    free(cursor);
}

static enum err engine_script(struct scope *scope, struct db_lease *lease, const char *statements)
{
    struct duckdb_link *link = lease->connection;
    lease_set_running(lease, scope);
    enum err result = execute(scope, link->handle, statements);
    lease_set_running(lease, NULL);
    return result;
}

static void engine_interrupt(struct db_lease *lease)
{
    struct duckdb_link *link = lease->connection;
    duckdb_interrupt(link->handle);
}

static enum err engine_append_open(struct scope *scope, struct db_lease *lease, str database,
                                   str table, struct db_append **ret_append)
{
    struct duckdb_link *link = lease->connection;
    return append_open(scope, lease, link->handle, database, table, ret_append);
}

const struct engine engine_duckdb = {
    .open = engine_open,
    .close = engine_close,
    .connect = engine_connect,
    .disconnect = engine_disconnect,
    .reset = engine_reset,
    .run = engine_run,
    .next = engine_next,
    .finish = engine_finish,
    .script = engine_script,
    .interrupt = engine_interrupt,
    .append_open = engine_append_open,
    .append = append_batch,
    .append_finish = append_finish,
    .append_close = append_close,
};
