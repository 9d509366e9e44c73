/* The Range header (RFC 9110 14): which bytes of a body a client wants. */
#ifndef PLATFORM_HTTP_RANGE_H
#define PLATFORM_HTTP_RANGE_H

#include "base/str.h"

enum range_answer {
    RANGE_WHOLE,        /* 200: no range, one that is not valid, another unit, or several */
    RANGE_PART,         /* 206 */
    RANGE_UNSATISFIABLE /* 416: it lies behind the end */
};

struct byte_range {
    uint64_t from;
    uint64_t count; /* at least 1 */
};

/**
 * Reads the value of a Range header for a body of size bytes: "bytes=0-99", "bytes=100-",
 * "bytes=-8". ret_range is set for RANGE_PART only, and lies within the body. Several ranges are
 * answered with the whole body, as RFC 9110 14.2 allows.
 */
enum range_answer range_read(str header, uint64_t size, struct byte_range *ret_range);

/**
 * Whether the value of an If-Range header names the current validator (without quotes), so that the
 * range still fits. Weak tags and dates never do: our validators are strong. Absent (p == NULL):
 * true.
 */
bool range_is_current(str if_range, str etag);

#endif
