#include "platform/db/postgres_value.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_DAYS 10957 /* from 1970-01-01 to 2000-01-01, where PostgreSQL begins to count */
#define EPOCH_USEC (EPOCH_DAYS * INT64_C(86400) * USEC_SECOND)
#define NUMERIC_NEGATIVE 0x4000
#define NUMERIC_SPECIAL 0xc000
#define NUMERIC_DIGITS_MOST 400

enum cell_type postgres_cell_type(unsigned type)
{
    switch ((enum postgres_type)type) {
    case POSTGRES_BOOL:
        return CELL_BOOL;
    case POSTGRES_BYTEA:
        return CELL_BYTES;
    case POSTGRES_INT2:
    case POSTGRES_INT4:
    case POSTGRES_INT8:
    case POSTGRES_OID:
        return CELL_INT;
    case POSTGRES_FLOAT4:
    case POSTGRES_FLOAT8:
    case POSTGRES_NUMERIC:
        return CELL_DOUBLE;
    case POSTGRES_NAME:
    case POSTGRES_TEXT:
    case POSTGRES_JSON:
    case POSTGRES_UNKNOWN_TEXT:
    case POSTGRES_BPCHAR:
    case POSTGRES_VARCHAR:
        return CELL_TEXT;
    case POSTGRES_DATE:
        return CELL_DATE;
    case POSTGRES_TIMESTAMP:
    case POSTGRES_TIMESTAMPTZ:
        return CELL_INSTANT;
    case POSTGRES_TEXT_LIST:
    case POSTGRES_VARCHAR_LIST:
        return CELL_TEXT_LIST;
    case POSTGRES_INT4_LIST:
    case POSTGRES_INT8_LIST:
        return CELL_INT_LIST;
    case POSTGRES_UNKNOWN:
        break;
    }
    return CELL_NULL;
}

/* ---- reading ---- */

static uint16_t get_16(const char *bytes)
{
    uint16_t raw;
    memcpy(&raw, bytes, sizeof(raw));
    return be16toh(raw);
}

static uint32_t get_32(const char *bytes)
{
    uint32_t raw;
    memcpy(&raw, bytes, sizeof(raw));
    return be32toh(raw);
}

static uint64_t get_64(const char *bytes)
{
    uint64_t raw;
    memcpy(&raw, bytes, sizeof(raw));
    return be64toh(raw);
}

static double get_double(const char *bytes)
{
    uint64_t raw = get_64(bytes);
    double real;
    memcpy(&real, &raw, sizeof(real));
    return real;
}

static double get_float(const char *bytes)
{
    uint32_t raw = get_32(bytes);
    float real;
    memcpy(&real, &raw, sizeof(real));
    return real;
}

/* Digits of base 10000, written out so that strtod rounds once. */
static double get_numeric(const char *bytes, size_t n)
{
    struct buf text cleanup_with(buf_cleanup) = {0};
    size_t count = get_16(bytes);
    int weight = (int16_t)get_16(bytes + 2);
    unsigned sign = get_16(bytes + 4);
    if ((sign & NUMERIC_SPECIAL) == NUMERIC_SPECIAL || count > NUMERIC_DIGITS_MOST ||
        n < 8 + 2 * count) {
        return sign == 0xd000 ? HUGE_VAL : sign == 0xf000 ? -HUGE_VAL : strtod("nan", NULL);
    }
    buf_add(&text, sign == NUMERIC_NEGATIVE ? S("-0") : S("0"));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%04u", get_16(bytes + 8 + 2 * i));
    }
    buf_printf(&text, "e%d", 4 * (weight + 1 - (int)count));
    buf_add_char(&text, 0);
    return strtod(text.p, NULL);
}

/* The ends of time keep their meaning. */
static usec get_instant(const char *bytes)
{
    int64_t raw = (int64_t)get_64(bytes);
    usec instant;
    if (raw == INT64_MAX || raw == INT64_MIN) {
        return raw == INT64_MAX ? INT64_MAX : -INT64_MAX;
    }
    return __builtin_add_overflow(raw, EPOCH_USEC, &instant) ? INT64_MAX : instant;
}

static int32_t get_date(const char *bytes)
{
    int32_t raw = (int32_t)get_32(bytes);
    int32_t days;
    if (raw == INT32_MAX || raw == INT32_MIN) {
        return raw == INT32_MAX ? INT32_MAX : -INT32_MAX;
    }
    return __builtin_add_overflow(raw, EPOCH_DAYS, &days) ? INT32_MAX : days;
}

static size_t width_of(unsigned type)
{
    switch ((enum postgres_type)type) {
    case POSTGRES_BOOL:
        return 1;
    case POSTGRES_INT2:
        return 2;
    case POSTGRES_INT4:
    case POSTGRES_OID:
    case POSTGRES_FLOAT4:
    case POSTGRES_DATE:
        return 4;
    case POSTGRES_INT8:
    case POSTGRES_FLOAT8:
    case POSTGRES_TIMESTAMP:
    case POSTGRES_TIMESTAMPTZ:
    case POSTGRES_NUMERIC: /* at least */
        return 8;
    default:
        return 0;
    }
}

cell postgres_read(unsigned type, const char *bytes, size_t n)
{
    size_t width = width_of(type);
    if (n < width || (n > width && width && type != POSTGRES_NUMERIC)) {
        return cell_null();
    }
    switch ((enum postgres_type)type) {
    case POSTGRES_BOOL:
        return cell_bool(bytes[0] != 0);
    case POSTGRES_INT2:
        return cell_int((int16_t)get_16(bytes));
    case POSTGRES_INT4:
        return cell_int((int32_t)get_32(bytes));
    case POSTGRES_OID:
        return cell_int(get_32(bytes));
    case POSTGRES_INT8:
        return cell_int((int64_t)get_64(bytes));
    case POSTGRES_FLOAT4:
        return cell_double(get_float(bytes));
    case POSTGRES_FLOAT8:
        return cell_double(get_double(bytes));
    case POSTGRES_NUMERIC:
        return cell_double(get_numeric(bytes, n));
    case POSTGRES_DATE:
        return cell_date(get_date(bytes));
    case POSTGRES_TIMESTAMP:
    case POSTGRES_TIMESTAMPTZ:
        return cell_instant(get_instant(bytes));
    default:
        return (cell){.type = postgres_cell_type(type), .text = {bytes, n}};
    }
}

/* ---- columns ---- */

static size_t value_bytes(enum cell_type type)
{
    switch (type) {
    case CELL_BOOL:
        return sizeof(bool);
    case CELL_DATE:
        return sizeof(int32_t);
    case CELL_TEXT:
    case CELL_BYTES:
        return sizeof(str);
    case CELL_TEXT_LIST:
        return sizeof(struct span);
    default:
        return sizeof(int64_t);
    }
}

void postgres_column_begin(struct arena *arena, unsigned type, size_t rows,
                           struct postgres_column *column)
{
    enum cell_type shown = postgres_cell_type(type);
    if (shown == CELL_INT_LIST) {
        shown = CELL_NULL; /* nothing asks for them */
    }
    *column = (struct postgres_column){.type = type, .shown = shown};
    column->valid = arena_array(arena, uint64_t, (rows + 63) / 64);
    column->values = arena_alloc_array(arena, rows, value_bytes(shown));
}

static void add_item(struct arena *arena, struct postgres_column *column, str item)
{
    if (column->item_count == column->item_room) {
        size_t room = column->item_room ? 2 * column->item_room : 64;
        str *items = arena_array(arena, str, room);
        if (column->item_count) {
            memcpy(items, column->items, column->item_count * sizeof(*items));
        }
        column->items = items;
        column->item_room = room;
    }
    column->items[column->item_count++] = item;
}

/* dimensions, has nulls, type, (length, lower bound), then each item with its length; empty: no dimension. */
static void set_list(struct arena *arena, struct postgres_column *column, size_t row,
                     const char *bytes, size_t n)
{
    struct span *list = &((struct span *)column->values)[row];
    *list = (struct span){column->item_count, 0};
    if (n < 20 || get_32(bytes) != 1) {
        return;
    }
    uint32_t count = get_32(bytes + 12);
    size_t at = 20;
    for (uint32_t i = 0; i < count && n - at >= 4; i++) {
        int32_t length = (int32_t)get_32(bytes + at);
        at += 4;
        if (length > 0 && (size_t)length > n - at) {
            break;
        }
        str item = {NULL, 0};
        if (length >= 0) {
            item = length ? str_copy(arena, (str){bytes + at, (size_t)length}) : S("");
            at += (size_t)length;
        }
        add_item(arena, column, item);
        list->count++;
    }
}

void postgres_column_set(struct arena *arena, struct postgres_column *column, size_t row,
                         const char *bytes, size_t n)
{
    if (!bytes || column->shown == CELL_NULL) {
        column->has_nulls = true;
        return;
    }
    if (column->shown == CELL_TEXT_LIST) {
        column->valid[row / 64] |= UINT64_C(1) << (row % 64);
        set_list(arena, column, row, bytes, n);
        return;
    }
    cell value = postgres_read(column->type, bytes, n);
    if (value.type == CELL_NULL) {
        column->has_nulls = true;
        return;
    }
    column->valid[row / 64] |= UINT64_C(1) << (row % 64);
    switch (value.type) {
    case CELL_BOOL:
        ((bool *)column->values)[row] = value.truth;
        break;
    case CELL_DATE:
        ((int32_t *)column->values)[row] = value.days;
        break;
    case CELL_DOUBLE:
        ((double *)column->values)[row] = value.real;
        break;
    case CELL_TEXT:
    case CELL_BYTES:
        ((str *)column->values)[row] = n ? str_copy(arena, value.text) : S("");
        break;
    default:
        ((int64_t *)column->values)[row] = value.number;
    }
}

struct column postgres_column_view(const struct postgres_column *column)
{
    struct column view = {.type = column->shown,
                          .valid = column->has_nulls ? column->valid : NULL,
                          .items = column->items};
    view.numbers = column->values;
    return view;
}

/* ---- writing ---- */

enum postgres_type postgres_type_of(const cell *value, bool as_numbers)
{
    switch (value->type) {
    case CELL_BOOL:
        return as_numbers ? POSTGRES_INT8 : POSTGRES_BOOL;
    case CELL_INT:
        return POSTGRES_INT8;
    case CELL_DOUBLE:
        return POSTGRES_FLOAT8;
    case CELL_TEXT:
        return POSTGRES_TEXT;
    case CELL_BYTES:
        return POSTGRES_BYTEA;
    case CELL_DATE:
        return as_numbers ? POSTGRES_INT8 : POSTGRES_DATE;
    case CELL_INSTANT:
        return as_numbers ? POSTGRES_INT8 : POSTGRES_TIMESTAMP;
    case CELL_NULL:
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
        break;
    }
    return POSTGRES_UNKNOWN;
}

void postgres_put_16(struct buf *out, uint16_t number)
{
    uint16_t raw = htobe16(number);
    buf_add(out, (str){(const char *)&raw, sizeof(raw)});
}

void postgres_put_32(struct buf *out, uint32_t number)
{
    uint32_t raw = htobe32(number);
    buf_add(out, (str){(const char *)&raw, sizeof(raw)});
}

static void put_64(struct buf *out, uint64_t number)
{
    uint64_t raw = htobe64(number);
    buf_add(out, (str){(const char *)&raw, sizeof(raw)});
}

static void put_double(struct buf *out, double real)
{
    uint64_t raw;
    memcpy(&raw, &real, sizeof(raw));
    put_64(out, raw);
}

static void put_instant(struct buf *out, usec instant)
{
    int64_t moved;
    bool is_end = instant == INT64_MAX || instant <= -INT64_MAX ||
                  __builtin_sub_overflow(instant, EPOCH_USEC, &moved);
    put_64(out, (uint64_t)(!is_end ? moved : instant > 0 ? INT64_MAX : INT64_MIN));
}

static void put_date(struct buf *out, int32_t days)
{
    int32_t moved;
    bool is_end = days == INT32_MAX || days <= -INT32_MAX ||
                  __builtin_sub_overflow(days, EPOCH_DAYS, &moved);
    postgres_put_32(out, (uint32_t)(!is_end ? moved : days > 0 ? INT32_MAX : INT32_MIN));
}

/* U+0000 is in no text of PostgreSQL; U+FFFD stands for it. */
static void put_text(struct buf *out, str text)
{
    while (text.n) {
        size_t end = str_find_char(text, '\0', 0);
        size_t count = end == SIZE_MAX ? text.n : end;
        buf_add(out, str_slice(text, 0, count));
        if (end == SIZE_MAX) {
            return;
        }
        buf_add(out, S("\xef\xbf\xbd"));
        text = str_slice(text, count + 1, text.n);
    }
}

void postgres_write(struct buf *out, const cell *value, bool as_numbers)
{
    switch (value->type) {
    case CELL_BOOL:
        if (as_numbers) {
            put_64(out, value->truth);
        } else {
            buf_add_char(out, value->truth);
        }
        break;
    case CELL_INT:
        put_64(out, (uint64_t)value->number);
        break;
    case CELL_DOUBLE:
        put_double(out, value->real);
        break;
    case CELL_DATE:
        if (as_numbers) {
            put_64(out, (uint64_t)(int64_t)value->days);
        } else {
            put_date(out, value->days);
        }
        break;
    case CELL_INSTANT:
        if (as_numbers) {
            put_64(out, (uint64_t)value->instant);
        } else {
            put_instant(out, value->instant);
        }
        break;
    case CELL_TEXT:
        put_text(out, value->text);
        break;
    case CELL_BYTES:
        buf_add(out, value->text);
        break;
    case CELL_NULL:
    case CELL_TEXT_LIST:
    case CELL_INT_LIST:
        break;
    }
}

static void set_length(struct buf *out, size_t length_at)
{
    uint32_t raw = htobe32((uint32_t)(out->n - length_at - sizeof(raw)));
    memcpy(out->p + length_at, &raw, sizeof(raw));
}

/* As integer[]: PostgreSQL's have half the size, and no dataset has that many rows. */
static void put_members(struct buf *out, const struct column *column, size_t row)
{
    struct span list = column->lists[row];
    postgres_put_32(out, list.count ? 1 : 0);
    postgres_put_32(out, 0); /* no nulls */
    postgres_put_32(out, POSTGRES_INT4);
    if (list.count) {
        postgres_put_32(out, (uint32_t)list.count);
        postgres_put_32(out, 1);
    }
    for (uint64_t i = list.from; i < list.from + list.count; i++) {
        postgres_put_32(out, 4);
        postgres_put_32(out, (uint32_t)column->members[i]);
    }
}

static void put_list(struct buf *out, const struct column *column, size_t row)
{
    struct span list = column->lists[row];
    postgres_put_32(out, list.count ? 1 : 0);
    postgres_put_32(out, 1); /* may have nulls */
    postgres_put_32(out, POSTGRES_TEXT);
    if (list.count) {
        postgres_put_32(out, (uint32_t)list.count);
        postgres_put_32(out, 1);
    }
    for (uint64_t i = list.from; i < list.from + list.count; i++) {
        size_t at = out->n;
        postgres_put_32(out, UINT32_MAX);
        if (column->items[i].p) {
            put_text(out, column->items[i]);
            set_length(out, at);
        }
    }
}

void postgres_write_field(struct buf *out, const struct column *column, size_t row)
{
    size_t at = out->n;
    postgres_put_32(out, UINT32_MAX); /* null, unless a length comes */
    if (column_is_null(column, row)) {
        return;
    }
    if (column->type == CELL_TEXT_LIST) {
        put_list(out, column, row);
    } else if (column->type == CELL_INT_LIST) {
        put_members(out, column, row);
    } else if (column->type == CELL_TEXT) {
        put_text(out, column->texts[row]);
    } else {
        cell value = column_cell(column, row);
        postgres_write(out, &value, false);
    }
    set_length(out, at);
}
