/*
 * Engine functions shared by building and reading versions.
 *
 * A record id is 160 bits over the values in schema order: the first 64 are kept in the column
 * "_key" and found by scanning it, the rest is computed when an id is shown or checked. Every value
 * is hashed with its type and length, so that ("ab", "c") and ("a", "bc") differ. XXH3 is specified
 * and stable, so ids survive upgrades. Who may not see all fields knows records by another id, made of
 * what is visible by SHA-256 (visible_id).
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <endian.h>
#include <stdio.h>

#include "base/date.h"
#include "base/json_valid.h"
#include "domain/records/catalogue_source.h"
#include "domain/records/postings.h"
#include "domain/records/records.h"
#include "platform/crypto/crypto.h"
#include "platform/geometry/geometry.h"
#include "platform/text/date_pattern.h"
#include "platform/text/fold.h"
#include "platform/text/zone.h"

#define NULL_MARK UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t state, uint64_t value)
{
    const uint64_t pair[2] = {state, value};
    return XXH3_64bits(pair, sizeof(pair));
}

static uint64_t hash_bytes(uint64_t state, enum cell_type type, const void *bytes, size_t n)
{
    return XXH3_64bits_withSeed(bytes, n, state ^ ((uint64_t)type << 56) ^ n);
}

static uint64_t hash_value(uint64_t state, const struct column *column, size_t row)
{
    if (column_is_null(column, row)) {
        return mix(state, NULL_MARK);
    }
    switch (column->type) {
    case CELL_BOOL:
        return mix(state, column->truths[row] ? 2 : 1);
    case CELL_INT:
    case CELL_INSTANT:
        return mix(state, (uint64_t)column->numbers[row]);
    case CELL_DATE:
        return mix(state, (uint64_t)(uint32_t)column->days[row]);
    case CELL_DOUBLE: {
        double real = column->reals[row] == 0 ? 0 : column->reals[row]; /* -0 is 0 */
        return hash_bytes(state, CELL_DOUBLE, &real, sizeof(real));
    }
    case CELL_TEXT:
    case CELL_BYTES:
        return hash_bytes(state, CELL_TEXT, column->texts[row].p, column->texts[row].n);
    case CELL_TEXT_LIST: {
        struct span list = column->lists[row];
        for (uint64_t i = list.from; i < list.from + list.count; i++) {
            state = hash_bytes(state, CELL_TEXT_LIST, column->items[i].p, column->items[i].n);
        }
        return mix(state, list.count);
    }
    case CELL_INT_LIST:
    case CELL_NULL:
        break;
    }
    return state;
}

static uint64_t hash_row(uint64_t seed, const struct batch *batch, size_t row)
{
    uint64_t state = seed;
    for (size_t i = 0; i < batch->column_count; i++) {
        state = hash_value(state, &batch->columns[i], row);
    }
    return state;
}

static void record_key(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        db_result_int(result, row, (int64_t)hash_row(1, arguments, row));
    }
}

static void put_hex(char *out, uint64_t value, int digits)
{
    static const char symbols[] = "0123456789abcdef";
    for (int i = digits - 1; i >= 0; i--) {
        out[i] = symbols[value & 15];
        value >>= 4;
    }
}

static void record_id(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        char id[40];
        put_hex(id, hash_row(1, arguments, row), 16);
        put_hex(id + 16, hash_row(2, arguments, row), 16);
        put_hex(id + 32, hash_row(3, arguments, row) >> 32, 8);
        db_result_text(result, row, (str){id, sizeof(id)});
    }
}

/* ---- ids where fields are hidden: SHA-256, which PostgreSQL has, too ---- */

static void put_part(struct buf *out, char tag, str bytes)
{
    uint64_t n = htobe64(bytes.n);
    buf_add_char(out, tag);
    buf_add(out, (str){(const char *)&n, sizeof(n)});
    buf_add(out, bytes);
}

static void put_number(struct buf *out, char tag, uint64_t number)
{
    uint64_t bytes = htobe64(number);
    put_part(out, tag, (str){(const char *)&bytes, sizeof(bytes)});
}

/* PostgreSQL has U+FFFD in place of U+0000. */
static str storable(struct buf *replaced, str text)
{
    if (str_find_char(text, '\0', 0) == SIZE_MAX) {
        return text;
    }
    buf_clear(replaced);
    for (size_t i = 0; i < text.n; i++) {
        buf_add(replaced, text.p[i] ? str_slice(text, i, i + 1) : S("\xef\xbf\xbd"));
    }
    return buf_str(replaced);
}

static void put_text(struct buf *out, str text)
{
    struct buf replaced cleanup_with(buf_cleanup) = {0};
    put_part(out, 't', storable(&replaced, text));
}

/* PostgreSQL counts days and instants from 2000 on. */
#define EPOCH_DAYS 10957
#define EPOCH_USEC (EPOCH_DAYS * USEC_DAY)

static void put_list(struct buf *out, const struct column *column, size_t row)
{
    struct buf items cleanup_with(buf_cleanup) = {0};
    struct span list = column->lists[row];
    for (uint64_t i = list.from; i < list.from + list.count; i++) {
        if (column->items[i].p) {
            put_text(&items, column->items[i]);
        } else {
            buf_add_char(&items, 'n');
        }
    }
    put_part(out, 'l', buf_str(&items));
}

/* A type's letter, the length, the bytes as PostgreSQL sends them. */
static void put_value(struct buf *out, const struct column *column, size_t row)
{
    if (column_is_null(column, row)) {
        buf_add_char(out, 'n');
        return;
    }
    switch (column->type) {
    case CELL_BOOL:
        put_part(out, 'b', column->truths[row] ? (str){"\1", 1} : (str){"\0", 1});
        break;
    case CELL_INT:
        put_number(out, 'i', (uint64_t)column->numbers[row]);
        break;
    case CELL_INSTANT:
        put_number(out, 's', (uint64_t)column->instants[row] - (uint64_t)EPOCH_USEC);
        break;
    case CELL_DATE: {
        uint32_t days = htobe32((uint32_t)column->days[row] - EPOCH_DAYS);
        put_part(out, 'y', (str){(const char *)&days, sizeof(days)});
        break;
    }
    case CELL_DOUBLE: {
        double real = column->reals[row] == 0 ? 0 : column->reals[row];
        uint64_t bits;
        memcpy(&bits, &real, sizeof(bits));
        put_number(out, 'd', bits);
        break;
    }
    case CELL_TEXT:
        put_text(out, column->texts[row]);
        break;
    case CELL_BYTES:
        put_part(out, 'x', column->texts[row]);
        break;
    case CELL_TEXT_LIST:
        put_list(out, column, row);
        break;
    case CELL_INT_LIST:
    case CELL_NULL:
        break;
    }
}

static void visible_id(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct buf values cleanup_with(buf_cleanup) = {0};
    for (size_t row = 0; row < arguments->rows; row++) {
        uint8_t digest[DIGEST_BYTES];
        char id[40];
        buf_clear(&values);
        for (size_t i = 0; i < arguments->column_count; i++) {
            put_value(&values, &arguments->columns[i], row);
        }
        digest_sha256(buf_str(&values), digest);
        for (size_t i = 0; i < sizeof(id) / 2; i++) {
            put_hex(id + 2 * i, digest[i], 2);
        }
        db_result_text(result, row, (str){id, sizeof(id)});
    }
}

/* ---- checksums ---- */

static uint64_t sum_text(uint64_t state, str text)
{
    struct buf replaced cleanup_with(buf_cleanup) = {0};
    text = storable(&replaced, text);
    return hash_bytes(state, CELL_TEXT, text.p, text.n);
}

static uint64_t sum_value(uint64_t state, const struct column *column, size_t row)
{
    if (column_is_null(column, row)) {
        return mix(state, NULL_MARK);
    }
    if (column->type == CELL_TEXT) {
        return sum_text(state, column->texts[row]);
    }
    if (column->type != CELL_TEXT_LIST) {
        return hash_value(state, column, row);
    }
    struct span list = column->lists[row];
    for (uint64_t i = list.from; i < list.from + list.count; i++) {
        state = column->items[i].p ? sum_text(state, column->items[i]) : mix(state, NULL_MARK);
    }
    return mix(state, list.count);
}

uint64_t records_row_checksum(const struct batch *batch, size_t row)
{
    uint64_t state = 4; /* ids begin with others */
    for (size_t i = 0; i < batch->column_count; i++) {
        state = sum_value(state, &batch->columns[i], row);
    }
    return state;
}

static void point_wkb(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    const struct column *longitude = &arguments->columns[0];
    const struct column *latitude = &arguments->columns[1];
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!column_is_null(longitude, row) && !column_is_null(latitude, row)) {
            buf_clear(&wkb);
            geometry_write_point(longitude->reals[row], latitude->reals[row], &wkb);
            db_result_text(result, row, buf_str(&wkb));
        }
    }
}

/* DuckDB's own json_valid() takes commas before brackets and NaN, which would break an answer. */
static void is_json(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *texts = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!column_is_null(texts, row)) {
            db_result_bool(result, row, json_is_valid(texts->texts[row]));
        }
    }
}

static void fold_text(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct arena arena;
    arena_init(&arena, SIZE_MAX); /* one value at a time, which the engine holds already */
    struct arena_mark start = arena_get_mark(&arena);
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!column_is_null(&arguments->columns[0], row)) {
            db_result_text(result, row, text_fold(&arena, arguments->columns[0].texts[row]));
        }
        arena_rewind(&arena, start);
    }
    arena_done(&arena);
}

/* The engine has instants before and after all others, which have no date. */
static bool is_finite(usec instant)
{
    return instant > -INT64_MAX && instant < INT64_MAX;
}

/* An instant and a zone. Many times faster than the engine's own time zones. */
static void local_time(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *instants = &arguments->columns[0];
    const struct zone *zone = NULL;
    str name = STR_NONE;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (column_is_null(instants, row)) {
            continue;
        }
        if (!zone || !str_eq(arguments->columns[1].texts[row], name)) {
            name = arguments->columns[1].texts[row];
            zone = zone_find(name);
        }
        usec local = instants->instants[row];
        if (zone && is_finite(local) &&
            __builtin_add_overflow(local, zone_offset_at(zone, local) * USEC_SECOND, &local)) {
            continue; /* no time that the engine can hold */
        }
        db_result_instant(result, row, local);
    }
}

/* 2020-01-01T00:00:00.000+01:00, Z in UTC. */
static void put_edge(struct db_result *result, size_t row, const struct zone *zone, usec instant)
{
    char text[DATE_TEXT_BYTES + 8];
    char written[DATE_TEXT_BYTES];
    int offset = zone ? zone_offset_at(zone, instant) : 0;
    usec fraction = (instant % USEC_SECOND + USEC_SECOND) % USEC_SECOND;
    size_t n = date_write_instant(written, instant - fraction, offset);
    bool utc = zone && str_eq(zone_name(zone), S("UTC"));
    int length = snprintf(text, sizeof(text), "%.*s.%03d%.*s", (int)n - 6, written,
                          (int)(fraction / 1000), utc ? 1 : 6, utc ? "Z" : written + n - 6);
    db_result_text(result, row, (str){text, (size_t)length});
}

/* Edges of date histograms: a local time and a zone. */
static void zoned_text(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!column_is_null(&arguments->columns[0], row)) {
            const struct zone *zone = zone_find(arguments->columns[1].texts[row]);
            usec local = arguments->columns[0].instants[row];
            put_edge(result, row, zone, zone ? zone_instant_of_local(zone, local) : local);
        }
    }
}

/* The same of an instant and a zone. */
static void instant_text(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (!column_is_null(&arguments->columns[0], row)) {
            put_edge(result, row, zone_find(arguments->columns[1].texts[row]),
                     arguments->columns[0].instants[row]);
        }
    }
}

/* A local time, a pattern that was checked, a language. Times of a batch are often the same. */
static void date_words(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *times = &arguments->columns[0];
    struct buf text cleanup_with(buf_cleanup) = {0};
    const struct date_names *names = NULL;
    str spoken = STR_NONE;
    str pattern = STR_NONE;
    usec written = 0;
    for (size_t row = 0; row < arguments->rows; row++) {
        if (column_is_null(times, row) || !is_finite(times->instants[row])) {
            continue;
        }
        str row_pattern = arguments->columns[1].texts[row];
        str row_language = arguments->columns[2].texts[row];
        if (!names || !str_eq(row_language, spoken)) {
            spoken = row_language;
            names = date_names_find(spoken);
            pattern = STR_NONE;
        }
        if (!pattern.p || times->instants[row] != written || !str_eq(row_pattern, pattern)) {
            buf_clear(&text);
            pattern = row_pattern;
            written = times->instants[row];
            date_pattern_write(&text, pattern, names, written);
        }
        db_result_text(result, row, buf_str(&text));
    }
}

static void posting_rows(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    int64_t rows[POSTINGS_BLOCK_BYTES];
    for (size_t row = 0; row < arguments->rows; row++) {
        str packed = arguments->columns[0].texts[row];
        size_t count = SIZE_MAX;
        if (!column_is_null(&arguments->columns[0], row) && packed.n <= POSTINGS_BLOCK_BYTES) {
            count = postings_unpack(packed, rows);
        }
        if (count == SIZE_MAX) {
            db_result_fail(result, S("the search index is damaged; import the dataset again"));
            return;
        }
        db_result_int_list(result, row, rows, count);
    }
}

const struct db_function *records_functions(size_t *ret_count)
{
    static const struct db_function functions[] = {
        {.name = "record_key", .returns = CELL_INT, .any_arguments = true, .call = record_key},
        {.name = "record_id", .returns = CELL_TEXT, .any_arguments = true, .call = record_id},
        {.name = "visible_id", .returns = CELL_TEXT, .any_arguments = true, .call = visible_id},
        {.name = "point_wkb", .returns = CELL_BYTES, .argument_count = 2,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE}, .call = point_wkb},
        {.name = "is_json", .returns = CELL_BOOL, .argument_count = 1,
         .arguments = {CELL_TEXT}, .call = is_json},
        {.name = "fold_text", .returns = CELL_TEXT, .argument_count = 1,
         .arguments = {CELL_TEXT}, .call = fold_text},
        {.name = "zoned_text", .returns = CELL_TEXT, .argument_count = 2,
         .arguments = {CELL_INSTANT, CELL_TEXT}, .call = zoned_text},
        {.name = "local_time", .returns = CELL_INSTANT, .argument_count = 2,
         .arguments = {CELL_INSTANT, CELL_TEXT}, .call = local_time},
        {.name = "instant_text", .returns = CELL_TEXT, .argument_count = 2,
         .arguments = {CELL_INSTANT, CELL_TEXT}, .call = instant_text},
        {.name = "date_words", .returns = CELL_TEXT, .argument_count = 3,
         .arguments = {CELL_INSTANT, CELL_TEXT, CELL_TEXT}, .call = date_words},
        {.name = "catalogue_rank", .returns = CELL_INT, .argument_count = 2,
         .arguments = {CELL_INT, CELL_INT}, .call = catalogue_rank},
        {.name = "has_words", .returns = CELL_BOOL, .argument_count = 4,
         .arguments = {CELL_TEXT, CELL_TEXT, CELL_BOOL, CELL_BOOL}, .call = has_words},
        {.name = "posting_rows", .returns = CELL_INT_LIST, .argument_count = 1,
         .arguments = {CELL_BYTES}, .call = posting_rows},
    };
    *ret_count = ARRAY_LENGTH(functions);
    return functions;
}
