/* Bytes of WKB, read and written with their bounds. Private to this directory. */
#ifndef PLATFORM_GEOMETRY_WKB_H
#define PLATFORM_GEOMETRY_WKB_H

#include <math.h>

#include "platform/geometry/geometry.h"

#define WKB_THIRD_DIMENSION 1000 /* added to the code of a type */

/* Where reading stands; parts tells how much of the budget is used up. */
struct wkb_cursor {
    const char *at, *end;
    size_t points;
};

/* What a geometry begins with. */
struct wkb_head {
    enum geometry_kind kind;
    bool has_z;
};

static inline size_t wkb_left(const struct wkb_cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static inline bool wkb_read_u32(struct wkb_cursor *cursor, uint32_t *ret_value)
{
    if (wkb_left(cursor) < sizeof(*ret_value)) {
        return false;
    }
    memcpy(ret_value, cursor->at, sizeof(*ret_value));
    cursor->at += sizeof(*ret_value);
    return true;
}

static inline double wkb_double(const char *at)
{
    double value;
    memcpy(&value, at, sizeof(value));
    return value;
}

/** Bytes of a position. */
static inline size_t wkb_stride(bool has_z)
{
    return (has_z ? 3 : 2) * sizeof(double);
}

/** Reads a header as we write it; false when it is another one or there is none. */
bool wkb_read_head(struct wkb_cursor *cursor, struct wkb_head *ret_head);

/** Reads a count of things of which each takes at least so many bytes; false when there is no room for them. */
bool wkb_read_count(struct wkb_cursor *cursor, size_t bytes_each, uint32_t *ret_count);

void wkb_put_u32(struct buf *out, uint32_t value);
void wkb_put_double(struct buf *out, double value);
void wkb_put_head(struct buf *out, enum geometry_kind kind, bool has_z);

/** Overwrites a count put at a place before. */
void wkb_set_u32(struct buf *out, size_t place, uint32_t value);

/* Called with each run of positions of a geometry, in their order. */
struct wkb_visitor {
    void (*run)(struct wkb_visitor *visitor, enum geometry_kind kind, const char *positions,
                size_t count, size_t stride);
    void (*end_polygon)(struct wkb_visitor *visitor); /* behind its last ring; may be NULL */
};

/** Visits all runs: a point, the points of a line, of a ring. False when the bytes are no geometry. */
bool wkb_visit(str wkb, struct wkb_visitor *visitor);

/**
 * Why a ring or line of these positions is refused, or NULL. kind: GEOMETRY_LINE, GEOMETRY_POLYGON. Those of
 * few positions are not: real files have them, and they are to come back as they were.
 */
const char *wkb_run_fault(enum geometry_kind kind, const char *positions, size_t count, size_t stride);

/** Appends WKB that GEOS takes; false when the bytes are no geometry. */
bool wkb_pad(str wkb, struct buf *out);

/* Readers without a scope: NULL, or why the text is no geometry; wkb is then to be cut by the caller. */
const char *geojson_fault(str json, struct buf *wkb);
const char *wkb_fault(str bytes, struct buf *wkb);

#endif
