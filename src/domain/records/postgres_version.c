#include "domain/records/postgres_version.h"

#include "base/bug.h"
#include "base/log.h"
#include "base/num.h"
#include "domain/records/postgres_place.h"
#include "domain/records/records.h"
#include "platform/db/statement.h"
#include "platform/i18n/explanation.h"

#define ENDED_KEPT_SECONDS "600" /* readers of an earlier catalogue have gone by then */

str postgres_table(struct arena *arena, str uid, int64_t number)
{
    return str_printf(arena, "%.*s_%lld", STR_ARG(uid), (long long)number);
}

str postgres_words_table(struct arena *arena, str uid, int64_t number)
{
    return str_printf(arena, "%.*s_%lld_words", STR_ARG(uid), (long long)number);
}

enum err postgres_open(struct scope *scope, const char *url, int connections, struct db **ret_db)
{
    struct db_options options = {.engine = DB_POSTGRES, .path = url, .connections = connections};
    return db_open(scope, &options, ret_db);
}

enum err postgres_open_replica(struct scope *scope, const char *url, int connections,
                               struct db **ret_db)
{
    struct db_options options = {.engine = DB_POSTGRES, .path = url, .connections = connections,
                                 .is_replaceable = true};
    return db_open(scope, &options, ret_db);
}

enum err postgres_lock(struct scope *scope, struct db_lease *lease, str uid)
{
    cell locked;
    TRY(DB_ASK(scope, lease, &locked, "select pg_try_advisory_lock(hashtextextended(?, 0))",
               cell_text(str_printf(&scope->arena, "parvis %.*s", STR_ARG(uid)))));
    return locked.type == CELL_BOOL && locked.truth
               ? ERR_OK
               : fail_in_words(scope, ERR_CONFLICT, MSG_FAULT_DATASET_IMPORTING, NULL);
}

static void unlock(struct scope *scope, struct db_lease *lease, str uid)
{
    if (DB_RUN(scope, lease, "select pg_advisory_unlock(hashtextextended(?, 0))",
               cell_text(str_printf(&scope->arena, "parvis %.*s", STR_ARG(uid)))) != ERR_OK) {
        scope_forgive(scope); /* the connection is lost, and the lock with it */
    }
}

static void add_table(struct sql *sql, str table)
{
    sql_name(sql, POSTGRES_SCHEMA);
    sql_text(sql, ".");
    sql_name(sql, table);
}

/* ---- types ---- */

static const struct {
    enum cell_type type;
    const char *postgres, *duckdb;
} type_rows[] = {
    {CELL_BOOL, "boolean", "boolean"},
    {CELL_INT, "bigint", "bigint"},
    {CELL_DOUBLE, "double precision", "double"},
    {CELL_TEXT, "text collate \"C\"", "varchar"},
    {CELL_BYTES, "bytea", "blob"},
    {CELL_DATE, "date", "date"},
    {CELL_INSTANT, "timestamp", "timestamp"},
    {CELL_TEXT_LIST, "text[] collate \"C\"", "varchar[]"},
    {CELL_INT_LIST, "integer[]", "bigint[]"},
    {CELL_NULL, "text collate \"C\"", "varchar"}, /* a column without any value */
};

static str type_text(enum cell_type type, bool is_postgres)
{
    for (size_t i = 0; i < ARRAY_LENGTH(type_rows); i++) {
        if (type_rows[i].type == type) {
            return str_from(is_postgres ? type_rows[i].postgres : type_rows[i].duckdb);
        }
    }
    return S("text");
}

/* name type, … of the columns that a statement yields. */
static void add_columns(struct sql *sql, const struct cursor *cursor)
{
    for (size_t i = 0; i < cursor_column_count(cursor); i++) {
        sql_text_constant(sql, i ? S(", ") : S(""));
        sql_name(sql, cursor_column_name(cursor, i));
        sql_text(sql, " ");
        sql_text_constant(sql, type_text(cursor_column_type(cursor, i), true));
    }
}

/* ---- copying ---- */

/* All rows of a statement into a table of the same columns. */
static enum err copy_rows(struct scope *scope, struct cursor *cursor, struct db_lease *to, str database,
                          str table, _Atomic int64_t *rows)
{
    struct db_append *append cleanup_with(db_append_cleanup) = NULL;
    TRY(db_append_open(scope, to, database, table, &append));
    EACH_BATCH(scope, cursor, batch) {
        TRY(db_append(scope, append, batch));
        if (rows) {
            *rows += (int64_t)batch->rows;
        }
    }
    return db_append_finish(scope, append);
}

static void add_source(struct sql *sql, str database, str table)
{
    if (database.n) {
        sql_name(sql, database);
        sql_text(sql, ".");
    }
    sql_name(sql, table);
}

/* One version on its way. */
struct sending {
    struct db_lease *from, *to;
    str database; /* of from */
    const struct schema *schema;
    bool has_workers;
    bool is_distributed;
    _Atomic int64_t *rows;
};

/* Makes a table like the result of a statement of DuckDB, and fills it. key: what it is distributed by. */
static enum err send_table(struct scope *scope, const struct sending *sending,
                           const struct sql *select, str table, str key, _Atomic int64_t *rows)
{
    struct db_lease *to = sending->to;
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql create = sql_in(&scope->arena);
    TRY(db_run(scope, sending->from, select, &cursor));
    sql_text(&create, "create table ");
    add_table(&create, table);
    sql_text(&create, " (");
    add_columns(&create, cursor);
    sql_text(&create, ")");
    TRY(db_execute(scope, to, &create));
    if (sending->has_workers) {
        TRY(postgres_distribute(scope, to, table, sending->is_distributed ? key : S("")));
    }
    return copy_rows(scope, cursor, to, POSTGRES_SCHEMA, table, rows);
}

static enum err send_records(struct scope *scope, const struct sending *sending, str table)
{
    struct db_lease *to = sending->to;
    struct sql select = sql_in(&scope->arena);
    sql_text(&select, "select rowid as \"rowid\", unhex(");
    records_stored_id_expression(&select, sending->schema);
    sql_text(&select, ") as \"_id\", * from ");
    add_source(&select, sending->database, S("records"));
    TRY(send_table(scope, sending, &select, table, S("rowid"), sending->rows));
    struct sql key = sql_in(&scope->arena);
    sql_text(&key, "alter table ");
    add_table(&key, table);
    sql_text(&key, " add primary key (rowid)");
    TRY(db_execute(scope, to, &key));
    struct sql index = sql_in(&scope->arena);
    sql_text(&index, "create index on ");
    add_table(&index, table);
    sql_text(&index, " (\"_key\")");
    return db_execute(scope, to, &index);
}

static enum err send_words(struct scope *scope, const struct sending *sending, str table)
{
    struct sql select = sql_in(&scope->arena);
    sql_text(&select, "select term, field, posting_rows(packed) as \"rows\" from ");
    add_source(&select, sending->database, S("postings"));
    TRY(send_table(scope, sending, &select, table, S("term"), NULL));
    struct sql index = sql_in(&scope->arena);
    sql_text(&index, "create index on ");
    add_table(&index, table);
    sql_text(&index, " (term, field)");
    return db_execute(scope, sending->to, &index);
}

static enum err finish_table(struct scope *scope, struct db_lease *lease, str table,
                             bool has_workers, int64_t *ret_bytes)
{
    struct sql analyze = sql_in(&scope->arena);
    struct sql size = sql_in(&scope->arena);
    cell bytes;
    sql_text(&analyze, "analyze ");
    add_table(&analyze, table);
    TRY(db_execute(scope, lease, &analyze));
    sql_text_constant(&size, has_workers ? S("select citus_total_relation_size(")
                                         : S("select pg_total_relation_size("));
    sql_bind(&size, cell_text(str_printf(&scope->arena, "%.*s.%.*s", STR_ARG(POSTGRES_SCHEMA),
                                         STR_ARG(table))));
    sql_text(&size, "::regclass)");
    TRY(db_query_cell(scope, lease, &size, &bytes));
    *ret_bytes += bytes.number;
    return ERR_OK;
}

enum err postgres_drop(struct scope *scope, struct db_lease *lease, str uid, int64_t number)
{
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "drop table if exists ");
    add_table(&sql, postgres_table(&scope->arena, uid, number));
    sql_text(&sql, ", ");
    add_table(&sql, postgres_words_table(&scope->arena, uid, number));
    return db_execute(scope, lease, &sql);
}

static enum err count_rows(struct scope *scope, const struct sending *sending, int64_t *ret_count)
{
    struct sql sql = sql_in(&scope->arena);
    cell count;
    sql_text(&sql, "select count(*) from ");
    add_source(&sql, sending->database, S("records"));
    TRY(db_query_cell(scope, sending->from, &sql, &count));
    *ret_count = count.number;
    return ERR_OK;
}

/* In one transaction: what crashes leaves nothing. */
enum err postgres_send(struct scope *scope, struct db_lease *from, str database, struct db_lease *to,
                       const struct postgres_copy *copy, int64_t *ret_bytes)
{
    struct sending sending = {.from = from, .to = to, .database = database, .schema = copy->schema,
                              .rows = copy->rows};
    str table = postgres_table(&scope->arena, copy->uid, copy->number);
    str words = postgres_words_table(&scope->arena, copy->uid, copy->number);
    int64_t rows;
    *ret_bytes = 0;
    TRY(count_rows(scope, &sending, &rows));
    if (rows > INT32_MAX) {
        return fail_in_words(scope, ERR_DATA, MSG_FAULT_FILE_RECORDS_MOST,
                             SAYS(argument_digits(&scope->arena, "most", INT32_MAX)));
    }
    TRY(postgres_has_workers(scope, to, &sending.has_workers));
    sending.is_distributed = rows >= copy->distributed_rows;
    TRY(db_script(scope, to, "begin"));
    TRY(postgres_drop(scope, to, copy->uid, copy->number));
    TRY(send_records(scope, &sending, table));
    TRY(send_words(scope, &sending, words));
    TRY(db_script(scope, to, "commit"));
    TRY(finish_table(scope, to, table, sending.has_workers, ret_bytes));
    return finish_table(scope, to, words, sending.has_workers, ret_bytes);
}

/* Long names are shorter in PostgreSQL, so that those of the table are made of the schema again. */
enum err postgres_receive(struct scope *scope, struct db_lease *from, struct db_lease *to,
                          const struct postgres_copy *copy)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql select = sql_in(&scope->arena);
    struct sql create = sql_in(&scope->arena);
    size_t count;
    const str *names = records_columns(&scope->arena, copy->schema, &count);
    sql_text(&select, "select ");
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(&select, i ? S(", ") : S(""));
        sql_name(&select, names[i]);
    }
    sql_text(&select, " from ");
    add_table(&select, postgres_table(&scope->arena, copy->uid, copy->number));
    sql_text(&select, " order by rowid");
    TRY(db_run(scope, from, &select, &cursor));
    sql_text(&create, "create table records (");
    for (size_t i = 0; i < count; i++) {
        sql_text_constant(&create, i ? S(", ") : S(""));
        sql_name(&create, names[i]);
        sql_text(&create, " ");
        sql_text_constant(&create, type_text(cursor_column_type(cursor, i), false));
    }
    sql_text(&create, ")");
    TRY(db_execute(scope, to, &create));
    return copy_rows(scope, cursor, to, S(""), S("records"), copy->rows);
}

enum err postgres_stage(struct scope *scope, struct db_lease *from, const struct sql *select,
                        struct db_lease *to, str database, str table)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql create = sql_in(&scope->arena);
    TRY(db_run(scope, from, select, &cursor));
    sql_text_constant(&create, str_eq(database, S("temp")) ? S("create temp table ") : S("create table "));
    add_source(&create, database, table);
    sql_text(&create, " (");
    for (size_t i = 0; i < cursor_column_count(cursor); i++) {
        sql_text_constant(&create, i ? S(", ") : S(""));
        sql_name(&create, str_printf(&scope->arena, "c%zu", i));
        sql_text(&create, " ");
        sql_text_constant(&create, type_text(cursor_column_type(cursor, i), false));
    }
    sql_text(&create, ")");
    TRY(db_execute(scope, to, &create));
    return copy_rows(scope, cursor, to, database, table, NULL);
}

/* ---- what nobody reads any more ---- */

/* "da_abc123_12" → da_abc123, 12; tables of words are removed with the others. */
static bool read_table_name(str table, str *ret_uid, int64_t *ret_number)
{
    size_t at = table.n;
    while (at > 0 && table.p[at - 1] != '_') {
        at--;
    }
    if (at < 2 || !num_read_int(str_slice(table, at, table.n), ret_number)) {
        return false;
    }
    *ret_uid = str_slice(table, 0, at - 1);
    return true;
}

/* Tables of records without a version, unless it ended only just now. one: that table only, unless empty. */
static enum err list_debris(struct scope *scope, struct db_lease *lease, str one,
                            const str **ret_tables, size_t *ret_count)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    VEC(str) tables = {0};
    struct sql sql = sql_in(&scope->arena);
    sql_text(&sql, "select tablename::text from pg_tables where schemaname = ");
    sql_bind(&sql, cell_text(POSTGRES_SCHEMA));
    sql_text(&sql, " and tablename not like '%\\_words'"
                   " and not exists (select from version where tablename = uid || '_' || number::text)"
                   " and not exists (select from version_ended where tablename = uid || '_' || number::text"
                   " and ended > extract(epoch from now()) - " ENDED_KEPT_SECONDS ")");
    if (one.n) {
        sql_text(&sql, " and tablename = ");
        sql_bind(&sql, cell_text(one));
    }
    TRY(db_run(scope, lease, &sql, &cursor));
    EACH_BATCH(scope, cursor, batch) {
        for (size_t i = 0; i < batch->rows; i++) {
            vec_add(&scope->arena, &tables, str_copy(&scope->arena, batch->columns[0].texts[i]));
        }
    }
    *ret_tables = tables.items;
    *ret_count = tables.count;
    return ERR_OK;
}

/* What reads a table for long keeps it from going; it is tried again, so nothing waits here. */
static enum err drop_unread(struct scope *scope, struct db_lease *lease, str uid, int64_t number)
{
    TRY(db_script(scope, lease, "begin; set local lock_timeout = '100ms'"));
    enum err result = postgres_drop(scope, lease, uid, number);
    if (result == ERR_OK) {
        return db_script(scope, lease, "commit");
    }
    struct failure failure = scope->failure;
    scope_forgive(scope);
    if (db_script(scope, lease, "rollback") != ERR_OK) {
        scope_forgive(scope);
    }
    return fail_again(scope, result, &failure);
}

/* The dataset is locked. Its import may have ended, and published the table, after it was listed. */
static enum err remove_table(struct scope *scope, struct db_lease *lease, str table, str uid,
                             int64_t number, size_t *ret_count)
{
    const str *tables;
    size_t count;
    TRY(list_debris(scope, lease, table, &tables, &count));
    if (count == 0) {
        return ERR_OK;
    }
    enum err result = drop_unread(scope, lease, uid, number);
    if (result == ERR_BUSY) {
        scope_forgive(scope);
        return ERR_OK;
    }
    TRY(result);
    log_event(EV_VERSION_DROPPED, "%.*s", STR_ARG(table));
    ++*ret_count;
    return ERR_OK;
}

enum err postgres_remove_debris(struct scope *scope, struct db_lease *lease, size_t *ret_count)
{
    const str *tables;
    size_t count;
    *ret_count = 0;
    TRY(list_debris(scope, lease, S(""), &tables, &count));
    for (size_t i = 0; i < count; i++) {
        str uid;
        int64_t number;
        if (!read_table_name(tables[i], &uid, &number)) {
            continue;
        }
        if (postgres_lock(scope, lease, uid) != ERR_OK) {
            scope_forgive(scope); /* an import that is not over */
            continue;
        }
        enum err result = remove_table(scope, lease, tables[i], uid, number, ret_count);
        if (result == ERR_OK) {
            unlock(scope, lease, uid);
        }
        TRY(result);
    }
    return DB_RUN(scope, lease,
                  "delete from version_ended where ended <= extract(epoch from now()) - ?",
                  cell_int(3600));
}
