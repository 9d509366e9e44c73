/*
 * How one output of a plan shows in one batch: which form its values take and where they lie.
 * Private to the formats.
 */
#ifndef DOMAIN_RECORDS_FORMAT_RENDERED_H
#define DOMAIN_RECORDS_FORMAT_RENDERED_H

#include "base/buf.h"
#include "base/date.h"
#include "base/json_write.h"
#include "domain/records/format.h"

enum shape {
    SHAPE_NULL,     /* every value is null */
    SHAPE_BOOL,
    SHAPE_INT,
    SHAPE_DOUBLE,
    SHAPE_TEXT,
    SHAPE_LIST,
    SHAPE_DAY,
    SHAPE_MONTH,    /* a date shown as 2024-03 */
    SHAPE_YEAR,     /* a date shown as 2024 */
    SHAPE_INSTANT,
    SHAPE_POINT,
    SHAPE_GEOMETRY, /* text of a GeoJSON geometry */
    SHAPE_WKB,      /* a geometry as bytes, shown as GeoJSON */
    SHAPE_JSON      /* text of a JSON value */
};

struct rendered {
    str key;         /* JSON: what comes before the value, with quotes, separators and colon */
    enum shape shape;
    const struct column *column;   /* the longitude of a point */
    const struct column *latitude; /* of a point */
    /* The day written last; columns of dates repeat themselves. */
    int32_t day;
    char day_text[10];
};

/** Points rendered at the batch's columns. */
void rendered_view(struct rendered *rendered, const struct output *output,
                   const struct batch *batch);

static inline bool rendered_is_null(const struct rendered *rendered, size_t row)
{
    return rendered->shape == SHAPE_NULL || column_is_null(rendered->column, row) ||
           (rendered->latitude && column_is_null(rendered->latitude, row));
}

/** Writes a date as its shape asks at out (DATE_TEXT_BYTES); returns the length. */
size_t rendered_write_day(struct rendered *rendered, char *out, int32_t day);

/** Writes an instant in the zone at out (DATE_TEXT_BYTES); returns the length. */
size_t rendered_write_instant(struct rendered *rendered, const struct zone *zone, char *out,
                              usec instant);

/** Writes a value as explore-api.md 4.2 shows it; a batch must be in view. */
void json_write_value(struct buf *out, struct rendered *rendered, const struct zone *zone,
                      size_t row);

/** Name of an output as a JSON key, with its colon. */
static inline str rendered_name(const struct writing *writing, size_t output)
{
    str key = writing->rendered[output].key;
    return str_slice(key, output ? S(", ").n : S("{").n, key.n);
}

#endif
