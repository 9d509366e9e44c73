/* Engine functions of the loading: strict readers that stop at what they cannot keep. */
#include <string.h>

#include "base/utf8.h"
#include "domain/ingest/date_form.h"
#include "domain/ingest/infer.h"
#include "domain/ingest/ingest.h"
#include "platform/geometry/geometry.h"

typedef bool reader(struct db_result *result, size_t row, str text);

static bool put_int(struct db_result *result, size_t row, str text)
{
    int64_t number;
    if (!read_plain_integer(text, &number)) {
        return false;
    }
    db_result_int(result, row, number);
    return true;
}

static bool put_double(struct db_result *result, size_t row, str text)
{
    double real;
    if (!read_plain_decimal(text, &real)) {
        return false;
    }
    db_result_double(result, row, real);
    return true;
}

static bool put_comma(struct db_result *result, size_t row, str text)
{
    double real;
    if (!read_comma_decimal(text, &real)) {
        return false;
    }
    db_result_double(result, row, real);
    return true;
}

static bool put_boolean(struct db_result *result, size_t row, str text)
{
    bool truth = str_eq_nocase(text, S("true"));
    if (!truth && !str_eq_nocase(text, S("false"))) {
        return false;
    }
    db_result_bool(result, row, truth);
    return true;
}

static bool put_date(struct db_result *result, size_t row, str text)
{
    int32_t days;
    if (!read_day(text, false, &days)) {
        return false;
    }
    db_result_date(result, row, days);
    return true;
}

static bool put_day_first(struct db_result *result, size_t row, str text)
{
    int32_t days;
    if (!read_day(text, true, &days)) {
        return false;
    }
    db_result_date(result, row, days);
    return true;
}

static bool put_datetime(struct db_result *result, size_t row, str text)
{
    usec instant;
    if (!read_instant(text, &instant)) {
        return false;
    }
    db_result_instant(result, row, instant);
    return true;
}

static bool put_latitude(struct db_result *result, size_t row, str text)
{
    double lat;
    double lon;
    if (!read_point(text, &lat, &lon)) {
        return false;
    }
    db_result_double(result, row, lat);
    return true;
}

static bool put_longitude(struct db_result *result, size_t row, str text)
{
    double lat;
    double lon;
    if (!read_point(text, &lat, &lon)) {
        return false;
    }
    db_result_double(result, row, lon);
    return true;
}

static bool is_json_nothing(str raw)
{
    return str_eq(raw, S("null")) || str_eq(raw, S("\"\""));
}

static bool put_json_part(struct db_result *result, size_t row, str raw, bool latitude)
{
    double lat;
    double lon;
    if (is_json_nothing(raw)) {
        return true;
    }
    if (!read_json_point(raw, &lat, &lon)) {
        return false;
    }
    db_result_double(result, row, latitude ? lat : lon);
    return true;
}

static bool put_json_latitude(struct db_result *result, size_t row, str raw)
{
    return put_json_part(result, row, raw, true);
}

static bool put_json_longitude(struct db_result *result, size_t row, str raw)
{
    return put_json_part(result, row, raw, false);
}

static bool put_shape(struct db_result *result, size_t row, str text)
{
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    if (!geometry_try(text, &wkb)) {
        return false;
    }
    db_result_text(result, row, buf_str(&wkb));
    return true;
}

/* A point of GeoParquet as the text that points are read of. */
static bool put_point_text(struct db_result *result, size_t row, str hex)
{
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    struct buf text cleanup_with(buf_cleanup) = {0};
    double lon;
    double lat;
    if (!geometry_try(hex, &wkb)) {
        return false;
    }
    if (geometry_read_point(buf_str(&wkb), &lon, &lat)) { /* else an empty one */
        buf_printf(&text, "%.17g, %.17g", lat, lon);
        db_result_text(result, row, buf_str(&text));
    }
    return true;
}

static bool put_json_shape(struct db_result *result, size_t row, str raw)
{
    return is_json_nothing(raw) || put_shape(result, row, json_shape_text(raw));
}

/* user of a reader's row: what it reads, for the message. */
struct reading {
    reader *read;
    const char *expected;
};

static void call_reader(const struct batch *arguments, struct db_result *result, const void *user)
{
    const struct reading *reading = user;
    const struct column *column = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        if (column_is_null(column, row)) {
            continue;
        }
        str text = str_trim(column->texts[row]);
        if (text.n && !reading->read(result, row, text)) {
            struct arena arena;
            arena_init(&arena, 0);
            str shown = utf8_truncate(text, 60);
            db_result_fail(result, str_printf(&arena, "'%.*s' is not of type %s", STR_ARG(shown),
                                              reading->expected));
            arena_done(&arena);
            return;
        }
    }
}

/* Dates and instants by a form: the second argument, the same in all rows. */
enum formed { FORMED_DATE, FORMED_TIME, FORMED_CHECK };

static const enum formed formed_kinds[] = {FORMED_DATE, FORMED_TIME, FORMED_CHECK};

static void put_formed(struct db_result *result, size_t row, enum formed kind, usec instant)
{
    if (kind == FORMED_DATE) {
        db_result_date(result, row, (int32_t)((instant - (instant < 0 ? USEC_DAY - 1 : 0)) / USEC_DAY));
    } else {
        db_result_instant(result, row, instant);
    }
}

static void refuse_formed(struct db_result *result, str text, str form)
{
    struct arena arena;
    arena_init(&arena, 0);
    str shown = utf8_truncate(text, 60);
    db_result_fail(result, str_printf(&arena, "'%.*s' is no date of the form %.*s", STR_ARG(shown), STR_ARG(form)));
    arena_done(&arena);
}

static void call_formed(const struct batch *arguments, struct db_result *result, const void *user)
{
    enum formed kind = *(const enum formed *)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        bool is_null = column_is_null(&arguments->columns[0], row);
        str text = is_null ? S("") : str_trim(arguments->columns[0].texts[row]);
        str form = arguments->columns[1].texts[row];
        usec instant = 0;
        bool is_good = text.n == 0 || date_form_read(text, form, &instant);
        if (kind == FORMED_CHECK) {
            db_result_bool(result, row, is_good);
        } else if (!is_good) {
            refuse_formed(result, text, form);
            return;
        } else if (text.n) {
            put_formed(result, row, kind, instant);
        }
    }
}

static void call_mask(const struct batch *arguments, struct db_result *result, const void *user)
{
    int (*mask)(str) = *(int (*const *)(str))user;
    const struct column *column = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        bool is_null = column_is_null(column, row);
        db_result_int(result, row, is_null ? MASK_ALL : mask(column->texts[row]));
    }
}

/* A bit per kind of geometry, as catalog/extent.h has them. */
static void shape_kind(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *shapes = &arguments->columns[0];
    for (size_t row = 0; row < arguments->rows; row++) {
        enum geometry_kind kind;
        if (!column_is_null(shapes, row) && geometry_kind_of(shapes->texts[row], &kind)) {
            db_result_int(result, row, INT64_C(1) << kind);
        }
    }
}

/* Yields its argument and tells the progress how many rows went by. */
static void count_rows(const struct batch *arguments, struct db_result *result, const void *user)
{
    struct ingest_progress *progress = *(struct ingest_progress *const *)user;
    for (size_t row = 0; row < arguments->rows; row++) {
        db_result_int(result, row, arguments->columns[0].numbers[row]);
    }
    if (progress) {
        atomic_fetch_add(&progress->rows, (int64_t)arguments->rows);
    }
}

static const struct reading readings[] = {
    {put_int, "int"},           {put_double, "double"},      {put_comma, "double"},
    {put_boolean, "boolean"},   {put_date, "date"},          {put_day_first, "date"},
    {put_datetime, "datetime"}, {put_latitude, "geo_point_2d"}, {put_longitude, "geo_point_2d"},
    {put_json_latitude, "geo_point_2d"}, {put_json_longitude, "geo_point_2d"},
    {put_shape, "geo_shape"}, {put_json_shape, "geo_shape"}, {put_point_text, "geo_point_2d"},
};
static int (*const text_mask)(str) = mask_of_text;
static int (*const json_mask)(str) = mask_of_json;

#define FORMED(text, type, at)                                                                     \
    {.name = text, .returns = type, .argument_count = 2, .arguments = {CELL_TEXT, CELL_TEXT},      \
     .call = call_formed, .user = &formed_kinds[at]}
#define READER(text, type, at)                                                                     \
    {.name = text, .returns = type, .argument_count = 1, .arguments = {CELL_TEXT},                 \
     .call = call_reader, .user = &readings[at]}

const struct db_function *ingest_functions(struct arena *arena, struct ingest_progress *progress,
                                           size_t *ret_count)
{
    struct ingest_progress **counted = arena_new(arena, struct ingest_progress *);
    *counted = progress;
    const struct db_function functions[] = {
        {.name = "count_rows", .returns = CELL_INT, .argument_count = 1, .arguments = {CELL_INT},
         .call = count_rows, .user = counted},
        READER("read_int", CELL_INT, 0),
        READER("read_double", CELL_DOUBLE, 1),
        READER("read_comma", CELL_DOUBLE, 2),
        READER("read_boolean", CELL_BOOL, 3),
        READER("read_date", CELL_DATE, 4),
        READER("read_day_first", CELL_DATE, 5),
        READER("read_datetime", CELL_INSTANT, 6),
        READER("read_latitude", CELL_DOUBLE, 7),
        READER("read_longitude", CELL_DOUBLE, 8),
        READER("read_json_latitude", CELL_DOUBLE, 9),
        READER("read_json_longitude", CELL_DOUBLE, 10),
        READER("read_shape", CELL_BYTES, 11),
        READER("read_json_shape", CELL_BYTES, 12),
        {.name = "shape_kind", .returns = CELL_INT, .argument_count = 1,
         .arguments = {CELL_BYTES}, .call = shape_kind},
        READER("point_text", CELL_TEXT, 13),
        FORMED("read_formed_date", CELL_DATE, FORMED_DATE),
        FORMED("read_formed_time", CELL_INSTANT, FORMED_TIME),
        FORMED("is_formed", CELL_BOOL, FORMED_CHECK),
        {.name = "text_mask", .returns = CELL_INT, .argument_count = 1, .arguments = {CELL_TEXT},
         .call = call_mask, .user = &text_mask},
        {.name = "json_mask", .returns = CELL_INT, .argument_count = 1, .arguments = {CELL_TEXT},
         .call = call_mask, .user = &json_mask},
    };
    struct db_function *copy = arena_array(arena, struct db_function, ARRAY_LENGTH(functions));
    memcpy(copy, functions, sizeof(functions));
    *ret_count = ARRAY_LENGTH(functions);
    return copy;
}
