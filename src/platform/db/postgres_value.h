/* Values of PostgreSQL in its binary format. Private to this directory. */
#ifndef PLATFORM_DB_POSTGRES_VALUE_H
#define PLATFORM_DB_POSTGRES_VALUE_H

#include "base/arena.h"
#include "base/buf.h"
#include "platform/db/cell.h"


/* Types by their fixed numbers (src/include/catalog/pg_type.dat of PostgreSQL). */
enum postgres_type {
    POSTGRES_UNKNOWN = 0,
    POSTGRES_BOOL = 16,
    POSTGRES_BYTEA = 17,
    POSTGRES_NAME = 19,
    POSTGRES_INT8 = 20,
    POSTGRES_INT2 = 21,
    POSTGRES_INT4 = 23,
    POSTGRES_TEXT = 25,
    POSTGRES_OID = 26,
    POSTGRES_JSON = 114,
    POSTGRES_FLOAT4 = 700,
    POSTGRES_FLOAT8 = 701,
    POSTGRES_UNKNOWN_TEXT = 705,
    POSTGRES_INT4_LIST = 1007,
    POSTGRES_TEXT_LIST = 1009,
    POSTGRES_VARCHAR_LIST = 1015,
    POSTGRES_INT8_LIST = 1016,
    POSTGRES_BPCHAR = 1042,
    POSTGRES_VARCHAR = 1043,
    POSTGRES_DATE = 1082,
    POSTGRES_TIMESTAMP = 1114,
    POSTGRES_TIMESTAMPTZ = 1184,
    POSTGRES_NUMERIC = 1700
};

/** Cell type in which values of a type are shown; CELL_NULL for types that are not. */
enum cell_type postgres_cell_type(unsigned type);

/** Reads a value of a type other than lists; texts are borrowed. A value of another length is null. */
cell postgres_read(unsigned type, const char *bytes, size_t n);

/* A column of a batch being filled, row by row. In an arena; after postgres_column_view it is a column. */
struct postgres_column {
    unsigned type;
    enum cell_type shown;
    uint64_t *valid;
    bool has_nulls;
    void *values;
    str *items;
    size_t item_count, item_room;
};

/** Makes room for rows values. */
void postgres_column_begin(struct arena *arena, unsigned type, size_t rows,
                           struct postgres_column *column);

/** Sets the value of a row, which is copied; bytes NULL: null. */
void postgres_column_set(struct arena *arena, struct postgres_column *column, size_t row,
                         const char *bytes, size_t n);

struct column postgres_column_view(const struct postgres_column *column);

/** Type that a cell is sent as; as_numbers: truths, dates and instants as whole numbers, as SQLite has them. */
enum postgres_type postgres_type_of(const cell *value, bool as_numbers);

/** Appends a cell in the binary format of postgres_type_of; nothing for null. */
void postgres_write(struct buf *out, const cell *value, bool as_numbers);

/** Appends a value of a column with its length before it, as COPY wants it; -1 for null. */
void postgres_write_field(struct buf *out, const struct column *column, size_t row);

/** Appends whole numbers of 16 and 32 bits in the order of the network. */
void postgres_put_16(struct buf *out, uint16_t number);
void postgres_put_32(struct buf *out, uint32_t number);

#endif
