/*
 * What real files have and GEOS refuses or breaks at: lines and rings of too few positions get their last
 * one repeated, empty parts are left out.
 */
#include "platform/geometry/wkb.h"

static bool pad_run(struct wkb_cursor *cursor, struct wkb_head head, struct buf *out, bool *ret_empty)
{
    uint32_t count;
    size_t stride = wkb_stride(head.has_z);
    uint32_t least = head.kind == GEOMETRY_LINE ? 2 : 4;
    if (!wkb_read_count(cursor, stride, &count)) {
        return false;
    }
    uint32_t missing = count && count < least ? least - count : 0;
    wkb_put_u32(out, count + missing);
    buf_add(out, (str){cursor->at, count * stride});
    cursor->at += count * stride;
    for (uint32_t i = 0; i < missing; i++) {
        buf_add(out, (str){cursor->at - stride, stride});
    }
    *ret_empty = count == 0;
    return true;
}

static bool pad_point(struct wkb_cursor *cursor, struct wkb_head head, struct buf *out, bool *ret_empty)
{
    size_t stride = wkb_stride(head.has_z);
    if (wkb_left(cursor) < stride) {
        return false;
    }
    buf_add(out, (str){cursor->at, stride});
    *ret_empty = isnan(wkb_double(cursor->at));
    cursor->at += stride;
    return true;
}

static bool pad_geometry(struct wkb_cursor *cursor, int depth, struct buf *out, bool *ret_empty)
{
    struct wkb_head head;
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST || !wkb_read_head(cursor, &head)) {
        return false;
    }
    wkb_put_head(out, head.kind, head.has_z);
    if (head.kind <= GEOMETRY_LINE) {
        return head.kind == GEOMETRY_POINT ? pad_point(cursor, head, out, ret_empty)
                                           : pad_run(cursor, head, out, ret_empty);
    }
    bool is_polygon = head.kind == GEOMETRY_POLYGON;
    if (!wkb_read_count(cursor, is_polygon ? 4 : 5, &count)) {
        return false;
    }
    size_t place = out->n;
    uint32_t kept = 0;
    bool is_void = false; /* a polygon without an outer ring has no holes either */
    wkb_put_u32(out, 0);
    for (uint32_t i = 0; i < count; i++) {
        size_t before = out->n;
        bool is_empty;
        if (!(is_polygon ? pad_run(cursor, head, out, &is_empty)
                         : pad_geometry(cursor, depth + 1, out, &is_empty))) {
            return false;
        }
        is_void |= is_polygon && i == 0 && is_empty;
        out->n = is_empty || is_void ? before : out->n;
        kept += !(is_empty || is_void);
    }
    wkb_set_u32(out, place, kept);
    *ret_empty = kept == 0;
    return true;
}

bool wkb_pad(str wkb, struct buf *out)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    bool is_empty;
    return pad_geometry(&cursor, 0, out, &is_empty) && cursor.at == cursor.end;
}
