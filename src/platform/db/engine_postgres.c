/*
 * PostgreSQL behind db.h. Results come row by row, so that memory stays constant whatever their size; the
 * thread that asks waits on the socket itself, because a server may be gone without a word.
 *
 * In place of SQLite (options.untyped) it does as SQLite does: one row a batch, truths and times are
 * numbers, and who writes waits for whoever else writes, on any machine.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/buf.h"
#include "platform/db/postgres_append.h"
#include "platform/db/postgres_link.h"
#include "platform/db/postgres_value.h"

#define BATCH_ROWS 2048
#define BATCH_BYTES (1u << 20)
#define VALUES_MOST 60000 /* the protocol has 65535 */

/* The lock of whoever writes to the catalogue; its number has no meaning. */
#define WRITER "select pg_advisory_xact_lock(7021238823)"

struct postgres_cursor {
    struct cursor cursor;
    struct arena arena; /* names, types, columns of the current batch */
    struct arena_mark start;
    unsigned *oids;
    PGresult *result; /* whose rows from row on were not yet given; NULL: the next one has to be waited for */
    int row;
    bool is_over;     /* no more results will come */
    struct batch batch;
};

/* ---- opening ---- */

static const char common_settings[] =
    "set client_min_messages = warning; set time zone 'UTC'; set extra_float_digits = 1; set jit = off;"
    "set standard_conforming_strings = on;";

static const char catalogue_settings[] =
    "set search_path = parvis, public; set lock_timeout = '10s';"
    "set idle_in_transaction_session_timeout = '60s';";

/* Also the schema that PostGIS is in. */
static const char records_settings[] =
    "select set_config('search_path', 'parvis, public' || coalesce((select ', ' || quote_ident(nspname)"
    " from pg_extension join pg_namespace on pg_namespace.oid = extnamespace"
    " where extname = 'postgis' and nspname <> 'public'), ''), false);"
    "set maintenance_work_mem = '256MB';";

static enum err postgres_open(struct scope *scope, const struct db_options *options, struct db *db)
{
    (void)scope;
    struct postgres_instance *instance = calloc(1, sizeof(*instance));
    struct buf settings = {0};
    if (!instance) {
        bug_out_of_memory(sizeof(*instance));
    }
    buf_add(&settings, str_from(common_settings));
    buf_add(&settings, str_from(options->untyped ? catalogue_settings : records_settings));
    buf_add(&settings, options->read_only ? S("set default_transaction_read_only = on;") : S(""));
    buf_add_char(&settings, 0);
    instance->settings = (char *)(uintptr_t)buf_take(&settings).p;
    instance->url = strdup(options->path);
    instance->untyped = options->untyped;
    instance->is_replaceable = options->is_replaceable;
    db->instance = instance;
    return ERR_OK;
}

static void postgres_close(struct db *db)
{
    struct postgres_instance *instance = db->instance;
    free(instance->url);
    free(instance->settings);
    free(instance);
}

static enum err connect_lease(struct scope *scope, struct db_lease *lease)
{
    struct postgres_link *link = calloc(1, sizeof(*link));
    if (!link) {
        bug_out_of_memory(sizeof(*link));
    }
    enum err result = postgres_connect(scope, lease->db->instance, link);
    if (result != ERR_OK) {
        free(link);
        return result;
    }
    lease->connection = link;
    return ERR_OK;
}

static void disconnect_lease(struct db_lease *lease)
{
    struct postgres_link *link = lease->connection;
    postgres_disconnect(link);
    free(link);
    lease->connection = NULL;
}

/* A server says nothing unasked but that it ends the connection, or that a setting has changed. */
static bool link_stands(struct db_lease *lease)
{
    struct postgres_link *link = lease->connection;
    struct pollfd ready = {.fd = PQsocket(link->handle), .events = POLLIN};
    return poll(&ready, 1, 0) == 0 || (PQconsumeInput(link->handle) && !postgres_is_lost(link));
}

static void reset_lease(struct db_lease *lease)
{
    struct postgres_link *link = lease->connection;
    postgres_stop(link);
    PGTransactionStatusType status = PQtransactionStatus(link->handle);
    if (!postgres_is_lost(link) && status != PQTRANS_IDLE) {
        struct scope scope;
        scope_open(&scope);
        scope.deadline = clock_monotonic() + 3 * USEC_SECOND;
        if (!PQsendQuery(link->handle, "rollback") || postgres_drain(&scope, link) != ERR_OK) {
            link->is_broken = true;
        }
        scope_close(&scope);
    }
    link->is_settled = false;
    if (postgres_is_lost(link)) {
        disconnect_lease(lease);
        lease->connected = false;
    }
}

/* ---- sending ---- */

struct parameters {
    int count;
    Oid *types;
    const char **values;
    int *lengths;
    int *formats;
    struct buf bytes; /* of all values; freed by the caller */
};

static void make_parameters(struct scope *scope, const cell *values, size_t count, bool untyped,
                            struct parameters *ret)
{
    struct arena *arena = &scope->arena;
    size_t *starts = arena_array(arena, size_t, count + 1);
    *ret = (struct parameters){.count = (int)count,
                               .types = arena_array(arena, Oid, count + 1),
                               .values = arena_array(arena, const char *, count + 1),
                               .lengths = arena_array(arena, int, count + 1),
                               .formats = arena_array(arena, int, count + 1)};
    for (size_t i = 0; i < count; i++) {
        starts[i] = ret->bytes.n;
        postgres_write(&ret->bytes, &values[i], untyped);
        ret->types[i] = postgres_type_of(&values[i], untyped);
        ret->lengths[i] = (int)(ret->bytes.n - starts[i]);
        ret->formats[i] = 1;
    }
    buf_add_char(&ret->bytes, 0);
    for (size_t i = 0; i < count; i++) {
        ret->values[i] = ret->types[i] == POSTGRES_UNKNOWN ? NULL : ret->bytes.p + starts[i];
    }
}

static bool begins_with(str text, const char *word)
{
    return str_eq_nocase(str_slice(text, 0, strlen(word)), str_from(word));
}

static bool is_change(str text)
{
    return begins_with(text, "insert") || begins_with(text, "update") || begins_with(text, "delete");
}

static bool send(struct postgres_link *link, str text, const struct parameters *parameters)
{
    return PQsendQueryParams(link->handle, text.p, parameters->count, parameters->types,
                             parameters->values, parameters->lengths, parameters->formats, 1);
}

/* The lock and the change are one transaction, of which the end of the pipeline is the end. */
static bool send_change(struct postgres_link *link, str text, const struct parameters *parameters)
{
    return PQenterPipelineMode(link->handle) &&
           PQsendQueryParams(link->handle, WRITER, 0, NULL, NULL, NULL, NULL, 1) &&
           send(link, text, parameters) && PQpipelineSync(link->handle);
}

/* Keeps the last result that is one of the statement, and reads on until the transaction has ended. */
static enum err collect_change(struct scope *scope, struct postgres_link *link, PGresult **ret_result)
{
    enum err outcome = ERR_OK;
    PGresult *last = NULL;
    for (bool ended = false; !ended;) {
        PGresult *result;
        enum err waited = postgres_result(scope, link, &result);
        if (waited != ERR_OK) {
            PQclear(last);
            link->is_broken = true; /* whether it was done is not known; nothing else may use the pipeline */
            return waited;
        }
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        ended = status == PGRES_PIPELINE_SYNC || (!result && PQstatus(link->handle) == CONNECTION_BAD);
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            PQclear(last);
            last = result;
            continue;
        }
        if (outcome == ERR_OK && (status == PGRES_FATAL_ERROR || (ended && !result))) {
            outcome = postgres_report(scope, link, result);
            ended |= postgres_is_lost(link);
        }
        PQclear(result);
    }
    if (!postgres_is_lost(link) && !PQexitPipelineMode(link->handle)) {
        link->is_broken = true;
    }
    if (outcome != ERR_OK) {
        PQclear(last);
        last = NULL;
    }
    *ret_result = last;
    return outcome;
}

/* ---- running ---- */

static enum err change(struct scope *scope, struct postgres_link *link, str text,
                       const struct parameters *parameters, PGresult **ret_result)
{
    if (!send_change(link, text, parameters)) {
        return postgres_report(scope, link, NULL);
    }
    return collect_change(scope, link, ret_result);
}

/* Until the first result is there, so that most errors are known before an answer begins. */
static enum err ask(struct scope *scope, struct postgres_link *link, str text,
                    const struct parameters *parameters, PGresult **ret_result)
{
    if (!send(link, text, parameters)) {
        return postgres_report(scope, link, NULL);
    }
    PQsetSingleRowMode(link->handle);
    PGresult *result;
    TRY(postgres_result(scope, link, &result));
    ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        *ret_result = result;
        return ERR_OK;
    }
    enum err outcome = postgres_report(scope, link, result);
    PQclear(result);
    if (!postgres_is_lost(link)) {
        enum err drained = postgres_drain(scope, link);
        outcome = drained == ERR_OK || outcome != ERR_OK ? outcome : drained;
    }
    return outcome;
}

/* A new connection in place of one that was lost before anything was done with it. */
static enum err connect_again(struct scope *scope, struct db_lease *lease)
{
    struct postgres_link *link = lease->connection;
    postgres_disconnect(link);
    return postgres_connect(scope, lease->db->instance, link);
}

static struct postgres_cursor *cursor_new(struct db_lease *lease, PGresult *result)
{
    struct postgres_cursor *cursor = calloc(1, sizeof(*cursor));
    if (!cursor) {
        bug_out_of_memory(sizeof(*cursor));
    }
    arena_init(&cursor->arena, SIZE_MAX); /* a batch of rows */
    struct cursor *base = &cursor->cursor;
    size_t count = result ? (size_t)PQnfields(result) : 0;
    base->lease = lease;
    base->column_count = count;
    base->names = arena_array(&cursor->arena, str, count + 1);
    base->types = arena_array(&cursor->arena, enum cell_type, count + 1);
    cursor->oids = arena_array(&cursor->arena, unsigned, count + 1);
    for (size_t i = 0; i < count; i++) {
        cursor->oids[i] = PQftype(result, (int)i);
        base->types[i] = postgres_cell_type(cursor->oids[i]);
        base->names[i] = str_copy(&cursor->arena, str_from(PQfname(result, (int)i)));
    }
    cursor->start = arena_get_mark(&cursor->arena);
    cursor->result = result;
    return cursor;
}

static enum err postgres_run(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                             struct cursor **ret_cursor)
{
    struct postgres_link *link = lease->connection;
    const struct postgres_instance *instance = lease->db->instance;
    const cell *values;
    size_t count;
    str text = sql_render(sql, POSTGRES_NAME_BYTES, &values, &count);
    struct parameters parameters;
    PGresult *result = NULL;
    if (count > VALUES_MOST) {
        return fail(scope, ERR_TOO_LARGE, "The query has more than %d values.", VALUES_MOST);
    }
    if (link->is_broken) {
        return postgres_report(scope, link, NULL);
    }
    make_parameters(scope, values, count, instance->untyped, &parameters);
    bool is_fresh = !link->is_settled;
    bool locks = instance->untyped && is_change(text) &&
                 PQtransactionStatus(link->handle) == PQTRANS_IDLE;
    enum err outcome = locks ? change(scope, link, text, &parameters, &result)
                             : ask(scope, link, text, &parameters, &result);
    if (outcome != ERR_OK && is_fresh && !is_change(text) && postgres_is_lost(link)) {
        scope_forgive(scope);
        outcome = connect_again(scope, lease);
        if (outcome == ERR_OK) {
            outcome = ask(scope, link, text, &parameters, &result);
        }
    }
    buf_done(&parameters.bytes);
    TRY(outcome);
    link->is_settled = true;
    struct postgres_cursor *cursor = cursor_new(lease, result);
    cursor->is_over = locks;
    *ret_cursor = &cursor->cursor;
    return ERR_OK;
}

/* ---- reading ---- */

/* Makes cursor->result one that has rows left, or NULL at the end. */
static enum err find_rows(struct scope *scope, struct postgres_cursor *cursor)
{
    struct postgres_link *link = cursor->cursor.lease->connection;
    while (cursor->result && cursor->row >= PQntuples(cursor->result)) {
        const char *changes = PQcmdTuples(cursor->result);
        cursor->cursor.lease->changes = changes && *changes ? atoll(changes) : 0;
        PQclear(cursor->result);
        cursor->result = NULL;
        cursor->row = 0;
        if (cursor->is_over) {
            return ERR_OK;
        }
        TRY(postgres_result(scope, link, &cursor->result));
        cursor->is_over = !cursor->result;
        if (cursor->is_over && PQstatus(link->handle) == CONNECTION_BAD) {
            return postgres_report(scope, link, NULL);
        }
        if (cursor->result && PQresultStatus(cursor->result) == PGRES_FATAL_ERROR) {
            enum err outcome = postgres_report(scope, link, cursor->result);
            PQclear(cursor->result);
            cursor->result = NULL;
            return outcome;
        }
    }
    return ERR_OK;
}

static const char *value_at(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? NULL : PQgetvalue(result, row, column);
}

/* One row; whole numbers as they are, truths as numbers. */
static void read_untyped(struct postgres_cursor *cursor, struct column *columns)
{
    struct arena *arena = &cursor->arena;
    for (size_t i = 0; i < cursor->cursor.column_count; i++) {
        const char *bytes = value_at(cursor->result, cursor->row, (int)i);
        size_t n = (size_t)PQgetlength(cursor->result, cursor->row, (int)i);
        cell *value = arena_new(arena, cell);
        *value = bytes ? postgres_read(cursor->oids[i], bytes, n) : cell_null();
        if (value->type == CELL_BOOL) {
            *value = cell_int(value->truth);
        } else if (cursor->oids[i] == POSTGRES_NUMERIC && value->type == CELL_DOUBLE &&
                   value->real > -9e15 && value->real < 9e15 &&
                   value->real == (double)(int64_t)value->real) {
            *value = cell_int((int64_t)value->real); /* sums of whole numbers */
        }
        columns[i].type = value->type;
        columns[i].numbers = &value->number;
        if (value->type == CELL_TEXT || value->type == CELL_BYTES) {
            value->text = n ? str_copy(arena, value->text) : S("");
            columns[i].texts = &value->text;
        }
        cursor->cursor.types[i] = value->type;
    }
}

static enum err next_untyped(struct scope *scope, struct postgres_cursor *cursor,
                             const struct batch **ret_batch)
{
    *ret_batch = NULL;
    TRY(find_rows(scope, cursor));
    if (cursor->result) {
        size_t count = cursor->cursor.column_count;
        struct column *columns = arena_array(&cursor->arena, struct column, count + 1);
        read_untyped(cursor, columns);
        cursor->row++;
        cursor->batch = (struct batch){1, count, columns};
        *ret_batch = &cursor->batch;
    }
    return ERR_OK;
}

static enum err next_typed(struct scope *scope, struct postgres_cursor *cursor,
                           const struct batch **ret_batch)
{
    struct arena *arena = &cursor->arena;
    size_t count = cursor->cursor.column_count;
    struct postgres_column *filling = NULL;
    size_t rows = 0;
    size_t bytes = 0;
    *ret_batch = NULL;
    for (; rows < BATCH_ROWS && bytes < BATCH_BYTES; rows++) {
        TRY(find_rows(scope, cursor));
        if (!cursor->result) {
            break;
        }
        for (size_t i = 0; rows == 0 && i < count; i++) {
            filling = filling ? filling : arena_array(arena, struct postgres_column, count);
            postgres_column_begin(arena, cursor->oids[i], BATCH_ROWS, &filling[i]);
        }
        for (size_t i = 0; i < count; i++) {
            size_t n = (size_t)PQgetlength(cursor->result, cursor->row, (int)i);
            postgres_column_set(arena, &filling[i], rows,
                                value_at(cursor->result, cursor->row, (int)i), n);
            bytes += n;
        }
        cursor->row++;
    }
    if (rows) {
        struct column *columns = arena_array(arena, struct column, count + 1);
        for (size_t i = 0; i < count; i++) {
            columns[i] = postgres_column_view(&filling[i]);
        }
        cursor->batch = (struct batch){rows, count, columns};
        *ret_batch = &cursor->batch;
    }
    return ERR_OK;
}

static enum err postgres_next(struct scope *scope, struct cursor *base,
                              const struct batch **ret_batch)
{
    struct postgres_cursor *cursor = (struct postgres_cursor *)base;
    const struct postgres_instance *instance = base->lease->db->instance;
    arena_rewind(&cursor->arena, cursor->start);
    TRY(scope_check(scope));
    return instance->untyped ? next_untyped(scope, cursor, ret_batch)
                             : next_typed(scope, cursor, ret_batch);
}

static void postgres_finish(struct cursor *base)
{
    struct postgres_cursor *cursor = (struct postgres_cursor *)base;
    struct postgres_link *link = base->lease->connection;
    PQclear(cursor->result);
    postgres_stop(link);
    arena_done(&cursor->arena);
    free(cursor);
}

static enum err postgres_script(struct scope *scope, struct db_lease *lease, const char *statements)
{
    struct postgres_link *link = lease->connection;
    bool is_fresh = !link->is_settled && begins_with(str_from(statements), "begin");
    if (PQtransactionStatus(link->handle) == PQTRANS_INERROR &&
        str_ends(str_from(statements), S("commit"))) {
        return fail(scope, ERR_DATABASE, "A change failed, so that nothing of it was kept.");
    }
    enum err result = PQsendQuery(link->handle, statements) ? postgres_drain(scope, link)
                                                            : postgres_report(scope, link, NULL);
    if (result != ERR_OK && is_fresh && postgres_is_lost(link)) {
        scope_forgive(scope);
        TRY(connect_again(scope, lease));
        result = PQsendQuery(link->handle, statements) ? postgres_drain(scope, link)
                                                       : postgres_report(scope, link, NULL);
    }
    link->is_settled = true;
    return result;
}

const struct engine engine_postgres = {
    .begin_to_change = "begin; " WRITER,
    .begin_to_add = "begin",
    .to_change = WRITER,
    .begin_to_read = "begin isolation level repeatable read read only",
    .open = postgres_open,
    .close = postgres_close,
    .connect = connect_lease,
    .disconnect = disconnect_lease,
    .stands = link_stands,
    .reset = reset_lease,
    .run = postgres_run,
    .next = postgres_next,
    .finish = postgres_finish,
    .script = postgres_script,
    .append_open = postgres_append_open,
    .append = postgres_append_batch,
    .append_finish = postgres_append_finish,
    .append_close = postgres_append_close,
};
