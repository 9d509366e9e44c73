/*
 * The seam to the engines: open, lease a connection, run a statement with bound values, read the
 * result in batches. Engines: SQLite (catalogue) and DuckDB (records), and PostgreSQL in place of both.
 * Nothing above this directory includes an engine's header.
 *
 * A struct db may be used from any thread; a lease, its cursors and their batches belong to one
 * thread at a time. A statement stops at its scope's deadline (ERR_DEADLINE) and soon after
 * *scope->gone becomes true (ERR_CANCELLED).
 */
#ifndef PLATFORM_DB_DB_H
#define PLATFORM_DB_DB_H

#include "base/scope.h"
#include "platform/db/cell.h"
#include "platform/db/sql.h"

struct db;
struct db_lease;
struct cursor;
struct db_append;

enum db_engine { DB_SQLITE, DB_DUCKDB, DB_POSTGRES };

/* Where a function registered with an engine puts its results. Row numbers are those of the batch. */
struct db_result;

/** Sets one result; without a call the row's result is null. Text is copied. */
void db_result_bool(struct db_result *result, size_t row, bool truth);
void db_result_int(struct db_result *result, size_t row, int64_t number);
void db_result_double(struct db_result *result, size_t row, double real);
void db_result_date(struct db_result *result, size_t row, int32_t days);
void db_result_instant(struct db_result *result, size_t row, usec instant);
void db_result_text(struct db_result *result, size_t row, str text);
/** For CELL_TEXT_LIST: the row's list is the given texts. Rows must be set in ascending order. */
void db_result_list(struct db_result *result, size_t row, const str *texts, size_t count);
/** For CELL_INT_LIST: the row's list is the given numbers. Rows must be set in ascending order. */
void db_result_int_list(struct db_result *result, size_t row, const int64_t *numbers, size_t count);
/** Stops the statement; it fails with ERR_DATA and this message. */
void db_result_fail(struct db_result *result, str message);

#define DB_FUNCTION_ARGUMENTS 8
#define DB_APPEND_ROWS 2048

/* A scalar function for DuckDB statements, called with whole batches from several threads at once. */
struct db_function {
    const char *name;
    enum cell_type returns;
    bool any_arguments; /* any number of arguments of any type; else: */
    size_t argument_count;
    enum cell_type arguments[DB_FUNCTION_ARGUMENTS];
    void (*call)(const struct batch *arguments, struct db_result *result, const void *user);
    const void *user; /* passed to call; borrowed, outlives the db */
};

/*
 * An aggregate function for DuckDB statements. Each group has a state: *state is NULL at first, and what
 * the functions put there later. Null arguments are passed, too.
 */
struct db_aggregate {
    const char *name;
    enum cell_type returns;
    size_t argument_count;
    enum cell_type arguments[DB_FUNCTION_ARGUMENTS];
    /** Takes a row into a state. NULL, or why the statement must stop (a constant text): ERR_QUERY. */
    const char *(*add)(void **state, const struct batch *arguments, size_t row);
    /** Takes another state into one; the other is freed later. NULL, or why the statement must stop. */
    const char *(*join)(void **state, const void *other);
    /** Sets the result of a group; without a call of db_result_… it is null. state may be NULL. */
    void (*finish)(void *state, struct db_result *result, size_t row);
    void (*free)(void *state); /* never NULL */
};

struct db_options {
    enum db_engine engine;
    const char *path;              /* file; NULL: in memory. PostgreSQL: URL or settings of libpq */
    bool read_only;
    int connections;               /* leases at once; 0: 4 */
    /* PostgreSQL: as SQLite. One row a batch; truths, dates and instants are bound and read as numbers;
     * whoever changes something waits for all others that do, on whatever machine. */
    bool untyped;
    bool is_replaceable; /* PostgreSQL: another server answers where this one does not; connecting is tried once, for a second */
    int threads;                   /* DuckDB: of the engine; 0: one per core */
    uint64_t memory_bytes;         /* DuckDB: limit; 0: the engine's default */
    usec lock_patience;            /* SQLite: with the lock of another connection; 0: 10 seconds */
    const char *temporary_directory; /* DuckDB: spill files; NULL: none */
    /* DuckDB: directories that statements may read and write; with at least one set, everything
     * else outside is refused and the configuration is locked. NULL ends the list. */
    const char *const *allowed_directories;
    const struct db_function *functions;
    size_t function_count;
    const struct db_aggregate *aggregates; /* borrowed, outlive the db */
    size_t aggregate_count;
};

/** Opens an engine. Undone by db_close. Errors: ERR_DATABASE. */
enum err db_open(struct scope *scope, const struct db_options *options, struct db **ret_db) must_check;

enum db_engine db_engine_of(const struct db *db);
enum db_engine db_lease_engine(const struct db_lease *lease);

/** Closes all connections; there must be no lease left. Accepts NULL. */
void db_close(struct db *db);

/**
 * Waits for a free connection until the scope's deadline.
 * Errors: ERR_BUSY (none became free), ERR_CANCELLED.
 */
enum err db_lease(struct scope *scope, struct db *db, struct db_lease **ret_lease) must_check;

/** Gives a connection back; an open transaction is rolled back. Accepts NULL. */
void db_release(struct db_lease *lease);

/** For cleanup_with. */
void db_lease_cleanup(struct db_lease **lease);

/**
 * Starts a statement and streams its result. At most one cursor per lease is open at a time.
 * Errors: ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED, ERR_DATA (db_result_fail), ERR_QUERY (an
 * aggregate refuses), ERR_BUSY (not enough memory, or room on the disk; locked by somebody else for too
 * long; PostgreSQL: not to be reached), ERR_CONFLICT (a unique rule).
 */
enum err db_run(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                struct cursor **ret_cursor) must_check;

/** Next batch, or NULL at the end. The batch lives until the next call. Errors as db_run. */
enum err cursor_next(struct scope *scope, struct cursor *cursor, const struct batch **ret_batch)
    must_check;

/**
 * A loop over what is left of a cursor, a batch a turn. Returns from the calling function when the
 * cursor fails, as TRY does.
 */
#define EACH_BATCH(scope, cursor, name)                                                            \
    for (const struct batch *name = NULL; __extension__({                                          \
             TRY(cursor_next(scope, cursor, &name));                                               \
             name != NULL;                                                                         \
         });)

size_t cursor_column_count(const struct cursor *cursor);

/** Name of a result column; lives as long as the cursor. */
str cursor_column_name(const struct cursor *cursor, size_t column);

/** Type a result column will have in its batches. */
enum cell_type cursor_column_type(const struct cursor *cursor, size_t column);

/** Ends the statement, also before its last batch. Accepts NULL. */
void cursor_close(struct cursor *cursor);

/** For cleanup_with. */
void cursor_cleanup(struct cursor **cursor);

/** Runs a statement and drops its result. Errors as db_run. */
enum err db_execute(struct scope *scope, struct db_lease *lease, const struct sql *sql) must_check;

/** Runs constant statements separated by ';' (schema files, pragmas, begin, commit). */
enum err db_script(struct scope *scope, struct db_lease *lease, const char *statements) must_check;

/**
 * Leases a connection (SQLite, PostgreSQL) and begins a transaction that writes; no other one writes at the
 * same time. Ended by db_commit; without it all is undone when the lease is released. Errors: those of
 * db_lease and db_run.
 */
enum err db_begin(struct scope *scope, struct db *db, struct db_lease **ret_lease) must_check;
enum err db_commit(struct scope *scope, struct db_lease *lease) must_check;

/**
 * Begins a transaction that at first only adds rows nobody else knows of, while others write (PostgreSQL; on
 * SQLite it is db_begin). db_begin_change comes before it changes anything else. Errors: as db_begin.
 */
enum err db_begin_adding(struct scope *scope, struct db *db, struct db_lease **ret_lease) must_check;
enum err db_begin_change(struct scope *scope, struct db_lease *lease) must_check;

/** Begins a transaction all statements of which see the same (SQLite, PostgreSQL). Ended by db_commit. */
enum err db_begin_reading(struct scope *scope, struct db_lease *lease) must_check;

/**
 * Runs a statement and yields its first cell, copied to the scope's arena; CELL_NULL when there is
 * no row. Errors as db_run.
 */
enum err db_query_cell(struct scope *scope, struct db_lease *lease, const struct sql *sql,
                       cell *ret_cell) must_check;

/**
 * Bulk loading: batches go straight into a table, much faster than insert statements. DuckDB, PostgreSQL.
 * database: the name it is attached under, or the schema; empty: the engine's own. The columns of the batches are
 * those of the table, in its order and of exactly its types. The lease must not be used for
 * anything else until db_append_close.
 * Errors: ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err db_append_open(struct scope *scope, struct db_lease *lease, str database, str table,
                        struct db_append **ret_append) must_check;

/** Adds the rows of a batch, at most DB_APPEND_ROWS. Nothing of the batch is kept. */
enum err db_append(struct scope *scope, struct db_append *append, const struct batch *batch)
    must_check;

/** Makes sure that all rows are in the table. */
enum err db_append_finish(struct scope *scope, struct db_append *append) must_check;

/** Frees; rows that were not finished may be lost. Accepts NULL. */
void db_append_close(struct db_append *append);

/** For cleanup_with. */
void db_append_cleanup(struct db_append **append);

/** Rows changed by the last statement of the lease (SQLite), or the count DuckDB reported. */
int64_t db_changes(const struct db_lease *lease);

#endif
