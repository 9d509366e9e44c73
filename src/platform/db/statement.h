/* Short statements: a literal in which each ? stands for the next value. */
#ifndef PLATFORM_DB_STATEMENT_H
#define PLATFORM_DB_STATEMENT_H

#include "platform/db/db.h"

static inline cell cell_bytes(const uint8_t *bytes, size_t n)
{
    return (cell){.type = CELL_BYTES, .text = {(const char *)bytes, n}};
}

/** text must be a constant with as many ? as there are values; else it is a bug of ours. */
struct sql statement_make(struct arena *arena, str text, const cell *values, size_t count);

/** STATEMENT(arena, "update t set a = ? where b = ?", cell_int(1), cell_text(b)) */
#define STATEMENT(arena, literal, ...)                                                             \
    statement_make((arena), S(literal), (const cell[]){__VA_ARGS__},                               \
                   sizeof((const cell[]){__VA_ARGS__}) / sizeof(cell))

/** Runs such a statement on a lease and drops its result: db_execute. */
#define DB_RUN(scope, lease, ...)                                                                  \
    db_execute((scope), (lease), &(struct sql[]){STATEMENT(&(scope)->arena, __VA_ARGS__)}[0])

/** First cell of such a statement's result: db_query_cell. */
#define DB_ASK(scope, lease, ret_cell, ...)                                                        \
    db_query_cell((scope), (lease), &(struct sql[]){STATEMENT(&(scope)->arena, __VA_ARGS__)}[0],   \
                  (ret_cell))

/* ---- rows of SQLite, of which each batch has one ---- */

/** 0 for null and what is no number. */
static inline int64_t row_number(const struct batch *row, size_t column)
{
    cell value = column_cell(&row->columns[column], 0);
    return value.type == CELL_INT ? value.number : 0;
}

/** Text or bytes, copied to the arena; empty for null. */
static inline str row_text(struct arena *arena, const struct batch *row, size_t column)
{
    cell value = column_cell(&row->columns[column], 0);
    bool is_text = value.type == CELL_TEXT || value.type == CELL_BYTES;
    return is_text ? str_copy(arena, value.text) : S("");
}

#endif
