/* Lines and rings of too few positions, which real files have and GEOS refuses, with the last one repeated. */
#include "platform/geometry/wkb.h"

static bool pad_run(struct wkb_cursor *cursor, struct wkb_head head, struct buf *out)
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
    return true;
}

static bool pad_geometry(struct wkb_cursor *cursor, int depth, struct buf *out)
{
    struct wkb_head head;
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST || !wkb_read_head(cursor, &head)) {
        return false;
    }
    wkb_put_head(out, head.kind, head.has_z);
    if (head.kind == GEOMETRY_POINT) {
        size_t stride = wkb_stride(head.has_z);
        if (wkb_left(cursor) < stride) {
            return false;
        }
        buf_add(out, (str){cursor->at, stride});
        cursor->at += stride;
        return true;
    }
    if (head.kind == GEOMETRY_LINE) {
        return pad_run(cursor, head, out);
    }
    bool is_polygon = head.kind == GEOMETRY_POLYGON;
    if (!wkb_read_count(cursor, is_polygon ? 4 : 5, &count)) {
        return false;
    }
    wkb_put_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!(is_polygon ? pad_run(cursor, head, out) : pad_geometry(cursor, depth + 1, out))) {
            return false;
        }
    }
    return true;
}

bool wkb_pad(str wkb, struct buf *out)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    return pad_geometry(&cursor, 0, out) && cursor.at == cursor.end;
}
