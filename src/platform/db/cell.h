/*
 * Values that go into and come out of an engine. A cell is one typed value; a batch is up to a
 * few thousand rows in columns, the unit in which a cursor yields. Batches borrow the engine's
 * memory: they live until the next cursor_next or cursor_close.
 */
#ifndef PLATFORM_DB_CELL_H
#define PLATFORM_DB_CELL_H

#include "base/clock.h"
#include "base/str.h"

enum cell_type {
    CELL_NULL,
    CELL_BOOL,
    CELL_INT,       /* 64-bit signed */
    CELL_DOUBLE,
    CELL_TEXT,      /* UTF-8 */
    CELL_BYTES,
    CELL_DATE,      /* days since 1970-01-01 */
    CELL_INSTANT,   /* microseconds since 1970 UTC */
    CELL_TEXT_LIST, /* texts */
    CELL_INT_LIST   /* 64-bit signed */
};

typedef struct {
    enum cell_type type;
    union {
        bool truth;
        int64_t number;
        double real;
        int32_t days;
        usec instant;
        str text; /* CELL_TEXT, CELL_BYTES; borrowed */
    };
} cell;

static inline cell cell_null(void)
{
    return (cell){.type = CELL_NULL};
}

static inline cell cell_bool(bool truth)
{
    return (cell){.type = CELL_BOOL, .truth = truth};
}

static inline cell cell_int(int64_t number)
{
    return (cell){.type = CELL_INT, .number = number};
}

static inline cell cell_double(double real)
{
    return (cell){.type = CELL_DOUBLE, .real = real};
}

static inline cell cell_text(str text)
{
    return (cell){.type = CELL_TEXT, .text = text};
}

static inline cell cell_date(int32_t days)
{
    return (cell){.type = CELL_DATE, .days = days};
}

static inline cell cell_instant(usec instant)
{
    return (cell){.type = CELL_INSTANT, .instant = instant};
}

struct span {
    uint64_t from;
    uint64_t count;
};

/* One column of a batch. */
struct column {
    enum cell_type type;   /* CELL_NULL: every value is null */
    const uint64_t *valid; /* bit i set: row i is not null; NULL: no nulls */
    union {
        const bool *truths;
        const int64_t *numbers;
        const double *reals;
        const int32_t *days;
        const usec *instants;
        const str *texts;         /* CELL_TEXT, CELL_BYTES */
        const struct span *lists; /* CELL_TEXT_LIST, CELL_INT_LIST: ranges of items, of members */
    };
    union {
        const str *items;       /* CELL_TEXT_LIST; a null item has p == NULL */
        const int64_t *members; /* CELL_INT_LIST, of which none is null */
    };
};

struct batch {
    size_t rows;
    size_t column_count;
    const struct column *columns;
};

static inline bool column_is_null(const struct column *column, size_t row)
{
    return column->type == CELL_NULL ||
           (column->valid && !(column->valid[row / 64] >> (row % 64) & 1));
}

/** One value as a cell (not for lists). Texts are borrowed from the batch. */
cell column_cell(const struct column *column, size_t row);

#endif
