/* WKB to GeoJSON, in one pass. */
#include "base/num.h"
#include "platform/geometry/wkb.h"

static const char *const type_names[] = {
    [GEOMETRY_POINT] = "Point",
    [GEOMETRY_LINE] = "LineString",
    [GEOMETRY_POLYGON] = "Polygon",
    [GEOMETRY_MULTI_POINT] = "MultiPoint",
    [GEOMETRY_MULTI_LINE] = "MultiLineString",
    [GEOMETRY_MULTI_POLYGON] = "MultiPolygon",
    [GEOMETRY_COLLECTION] = "GeometryCollection",
};

/* An empty point has no numbers. */
static void write_position(const char *at, bool has_z, struct buf *out)
{
    double x = wkb_double(at);
    double y = wkb_double(at + sizeof(double));
    double z = has_z ? wkb_double(at + 2 * sizeof(double)) : (double)NAN;
    char *text = buf_reserve(out, 3 * NUM_DOUBLE_BYTES + 8);
    size_t n = 0;
    text[n++] = '[';
    if (isfinite(x) && isfinite(y)) {
        n += num_write_double(text + n, x);
        text[n++] = ',';
        text[n++] = ' ';
        n += num_write_double(text + n, y);
        if (isfinite(z)) {
            text[n++] = ',';
            text[n++] = ' ';
            n += num_write_double(text + n, z);
        }
    }
    text[n++] = ']';
    out->n += n;
}

static bool write_run(struct wkb_cursor *cursor, bool has_z, struct buf *out)
{
    uint32_t count;
    size_t stride = wkb_stride(has_z);
    if (!wkb_read_count(cursor, stride, &count)) {
        return false;
    }
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < count; i++, cursor->at += stride) {
        if (i) {
            buf_add(out, S(", "));
        }
        write_position(cursor->at, has_z, out);
    }
    buf_add_char(out, ']');
    return true;
}

static bool write_coordinates(struct wkb_cursor *cursor, struct wkb_head head, int depth,
                              struct buf *out);

static bool write_part(struct wkb_cursor *cursor, struct wkb_head head, int depth, struct buf *out)
{
    struct wkb_head part;
    if (head.kind == GEOMETRY_POLYGON) {
        return write_run(cursor, head.has_z, out);
    }
    return wkb_read_head(cursor, &part) && (int)part.kind == (int)head.kind - 3 &&
           write_coordinates(cursor, part, depth + 1, out);
}

static bool write_coordinates(struct wkb_cursor *cursor, struct wkb_head head, int depth,
                              struct buf *out)
{
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST) {
        return false;
    }
    if (head.kind == GEOMETRY_POINT) {
        size_t stride = wkb_stride(head.has_z);
        if (wkb_left(cursor) < stride) {
            return false;
        }
        write_position(cursor->at, head.has_z, out);
        cursor->at += stride;
        return true;
    }
    if (head.kind == GEOMETRY_LINE) {
        return write_run(cursor, head.has_z, out);
    }
    if (!wkb_read_count(cursor, head.kind == GEOMETRY_POLYGON ? 4 : 5, &count)) {
        return false;
    }
    buf_add_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i) {
            buf_add(out, S(", "));
        }
        if (!write_part(cursor, head, depth, out)) {
            return false;
        }
    }
    buf_add_char(out, ']');
    return true;
}

static bool write_geometry(struct wkb_cursor *cursor, int depth, struct buf *out)
{
    struct wkb_head head;
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST || !wkb_read_head(cursor, &head)) {
        return false;
    }
    if (head.kind == GEOMETRY_COLLECTION) {
        if (!wkb_read_count(cursor, 5, &count)) {
            return false;
        }
        buf_add(out, S("{\"geometries\": ["));
        for (uint32_t i = 0; i < count; i++) {
            if (i) {
                buf_add(out, S(", "));
            }
            if (!write_geometry(cursor, depth + 1, out)) {
                return false;
            }
        }
        buf_add_char(out, ']');
    } else {
        buf_add(out, S("{\"coordinates\": "));
        if (!write_coordinates(cursor, head, depth, out)) {
            return false;
        }
    }
    buf_add(out, S(", \"type\": \""));
    buf_add(out, str_from(type_names[head.kind]));
    buf_add(out, S("\"}"));
    return true;
}

bool geometry_write_json(str wkb, struct buf *out)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    size_t length = out->n;
    if (write_geometry(&cursor, 0, out) && cursor.at == cursor.end) {
        return true;
    }
    out->n = length;
    return false;
}
