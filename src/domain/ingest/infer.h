/* Which types a value could have without loss. Private to this directory. */
#ifndef DOMAIN_INGEST_INFER_H
#define DOMAIN_INGEST_INFER_H

#include "base/date.h"
#include "domain/catalog/field.h"

enum {
    MASK_INT = 1,
    MASK_DOUBLE = 2,
    MASK_BOOLEAN = 4,
    MASK_DATE = 8,
    MASK_DATETIME = 16,
    MASK_POINT = 32,      /* "lat, lon" */
    MASK_DAY_FIRST = 64,  /* dd/mm/yyyy */
    MASK_COMMA = 128,     /* 1,5 */
    MASK_LIST = 256,      /* JSON array of scalars */
    MASK_SHAPE = 512,     /* geometry as GeoJSON, well-known text or hexadecimal WKB */
    MASK_POINT_OBJECT = 1024, /* {"lat": …, "lon": …} or GeoJSON Point */
    MASK_TEXT = 2048,     /* a scalar */
    MASK_ALL = 4095
};

/** Types of a text of a CSV cell; MASK_ALL for an empty one. */
int mask_of_text(str text);

/** Types of a raw JSON value; a JSON string of digits stays text. MASK_ALL for null. */
int mask_of_json(str raw);

/** Type to use when all values of a column allow mask. */
enum field_type type_of_mask(int mask);

/**
 * Readers of one trimmed value, which mask_of_text agrees with; false when it is anything else or
 * would lose something.
 */
bool read_plain_integer(str text, int64_t *ret_number);
bool read_plain_decimal(str text, double *ret_real);
bool read_comma_decimal(str text, double *ret_real);
bool read_day(str text, bool day_first, int32_t *ret_days);
bool read_instant(str text, usec *ret_instant);
bool read_point(str text, double *ret_lat, double *ret_lon);

/** {"lat": …, "lon": …} or a GeoJSON Point on the globe, and nothing besides. */
bool read_json_point(str raw, double *ret_lat, double *ret_lon);

/** The text of a geometry: an object as it is, a JSON string without its quotes. */
str json_shape_text(str raw);

#endif
