/* Walking and checking WKB. Only the normalising reader sees big-endian bytes and the dialects. */
#include "platform/geometry/wkb.h"

void wkb_put_u32(struct buf *out, uint32_t value)
{
    memcpy(buf_reserve(out, sizeof(value)), &value, sizeof(value));
    out->n += sizeof(value);
}

void wkb_put_double(struct buf *out, double value)
{
    memcpy(buf_reserve(out, sizeof(value)), &value, sizeof(value));
    out->n += sizeof(value);
}

void wkb_set_u32(struct buf *out, size_t place, uint32_t value)
{
    memcpy(out->p + place, &value, sizeof(value));
}

void wkb_put_head(struct buf *out, enum geometry_kind kind, bool has_z)
{
    buf_add_char(out, 1); /* little-endian */
    wkb_put_u32(out, (uint32_t)kind + (has_z ? WKB_THIRD_DIMENSION : 0));
}

bool wkb_read_head(struct wkb_cursor *cursor, struct wkb_head *ret_head)
{
    uint32_t code;
    if (wkb_left(cursor) < 1 || *cursor->at++ != 1 || !wkb_read_u32(cursor, &code)) {
        return false;
    }
    bool has_z = code >= WKB_THIRD_DIMENSION;
    code -= has_z ? WKB_THIRD_DIMENSION : 0;
    *ret_head = (struct wkb_head){(enum geometry_kind)code, has_z};
    return code >= GEOMETRY_POINT && code <= GEOMETRY_COLLECTION;
}

bool wkb_read_count(struct wkb_cursor *cursor, size_t bytes_each, uint32_t *ret_count)
{
    return wkb_read_u32(cursor, ret_count) && *ret_count <= wkb_left(cursor) / bytes_each;
}

/* ---- visiting ---- */

static bool visit_run(struct wkb_cursor *cursor, struct wkb_head head, struct wkb_visitor *visitor)
{
    size_t stride = wkb_stride(head.has_z);
    uint32_t count = 1;
    if (head.kind == GEOMETRY_POINT ? wkb_left(cursor) < stride
                                    : !wkb_read_count(cursor, stride, &count)) {
        return false;
    }
    bool is_empty = head.kind == GEOMETRY_POINT && isnan(wkb_double(cursor->at));
    if (!is_empty) {
        visitor->run(visitor, head.kind, cursor->at, count, stride);
    }
    cursor->at += count * stride;
    return true;
}

static bool visit_geometry(struct wkb_cursor *cursor, struct wkb_visitor *visitor, int depth)
{
    struct wkb_head head;
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST || !wkb_read_head(cursor, &head)) {
        return false;
    }
    if (head.kind <= GEOMETRY_LINE) {
        return visit_run(cursor, head, visitor);
    }
    bool is_polygon = head.kind == GEOMETRY_POLYGON;
    if (!wkb_read_count(cursor, is_polygon ? 4 : 5, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!(is_polygon ? visit_run(cursor, head, visitor)
                         : visit_geometry(cursor, visitor, depth + 1))) {
            return false;
        }
    }
    if (is_polygon && visitor->end_polygon) {
        visitor->end_polygon(visitor);
    }
    return true;
}

bool wkb_visit(str wkb, struct wkb_visitor *visitor)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    return visit_geometry(&cursor, visitor, 0) && cursor.at == cursor.end;
}

struct box_visitor {
    struct wkb_visitor visitor;
    struct box box;
};

static void widen(struct wkb_visitor *visitor, enum geometry_kind kind, const char *positions,
                  size_t count, size_t stride)
{
    struct box *box = &((struct box_visitor *)visitor)->box;
    (void)kind;
    for (size_t i = 0; i < count; i++, positions += stride) {
        double x = wkb_double(positions);
        double y = wkb_double(positions + sizeof(double));
        box->west = x < box->west ? x : box->west;
        box->east = x > box->east ? x : box->east;
        box->south = y < box->south ? y : box->south;
        box->north = y > box->north ? y : box->north;
    }
}

bool geometry_box(str wkb, struct box *ret_box)
{
    struct box_visitor visitor = {
        {.run = widen}, {.west = INFINITY, .south = INFINITY, .east = -INFINITY, .north = -INFINITY}};
    if (!wkb_visit(wkb, &visitor.visitor) || visitor.box.west > visitor.box.east) {
        return false;
    }
    *ret_box = visitor.box;
    return true;
}

bool geometry_kind_of(str wkb, enum geometry_kind *ret_kind)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    struct wkb_head head;
    if (!wkb_read_head(&cursor, &head)) {
        return false;
    }
    *ret_kind = head.kind;
    return true;
}

void geometry_write_point(double longitude, double latitude, struct buf *wkb)
{
    wkb_put_head(wkb, GEOMETRY_POINT, false);
    wkb_put_double(wkb, longitude);
    wkb_put_double(wkb, latitude);
}

void geometry_write_box(const struct box *box, struct buf *wkb)
{
    const double corners[5][2] = {{box->west, box->south}, {box->east, box->south},
                                  {box->east, box->north}, {box->west, box->north},
                                  {box->west, box->south}};
    wkb_put_head(wkb, GEOMETRY_POLYGON, false);
    wkb_put_u32(wkb, 1);
    wkb_put_u32(wkb, 5);
    buf_add(wkb, (str){(const char *)corners, sizeof(corners)});
}

bool geometry_read_point(str wkb, double *ret_longitude, double *ret_latitude)
{
    struct wkb_cursor cursor = {.at = wkb.p, .end = wkb.p + wkb.n};
    struct wkb_head head;
    if (!wkb_read_head(&cursor, &head) || head.kind != GEOMETRY_POINT ||
        wkb_left(&cursor) != wkb_stride(head.has_z) || isnan(wkb_double(cursor.at))) {
        return false;
    }
    *ret_longitude = wkb_double(cursor.at);
    *ret_latitude = wkb_double(cursor.at + sizeof(double));
    return true;
}

struct shift_visitor {
    struct wkb_visitor visitor;
    char *bytes;
    const char *start;
    double degrees;
};

static void shift_run(struct wkb_visitor *visitor, enum geometry_kind kind, const char *positions,
                      size_t count, size_t stride)
{
    struct shift_visitor *shift = (struct shift_visitor *)visitor;
    char *at = shift->bytes + (positions - shift->start);
    (void)kind;
    for (size_t i = 0; i < count; i++, at += stride) {
        double x = wkb_double(at) + shift->degrees;
        memcpy(at, &x, sizeof(x));
    }
}

bool geometry_shift(char *wkb, size_t bytes, double degrees)
{
    struct shift_visitor visitor = {{.run = shift_run}, wkb, wkb, degrees};
    return wkb_visit((str){wkb, bytes}, &visitor.visitor);
}

/* ---- reading what others wrote ---- */

const char *wkb_run_fault(enum geometry_kind kind, const char *positions, size_t count, size_t stride)
{
    if (kind == GEOMETRY_LINE || count == 0) {
        return NULL;
    }
    const char *last = positions + (count - 1) * stride;
    for (size_t i = 0; i < 2; i++) {
        size_t at = i * sizeof(double);
        if (wkb_double(positions + at) != wkb_double(last + at)) { /* NOLINT: exact by intent */
            return "a ring that is not closed: its last position differs from its first";
        }
    }
    return NULL;
}

/* A geometry under conversion; swaps: the bytes of its part being read are big-endian. */
struct foreign {
    struct wkb_cursor cursor;
    bool swaps;
    bool has_z, has_m;
};

static bool foreign_u32(struct foreign *foreign, uint32_t *ret_value)
{
    if (!wkb_read_u32(&foreign->cursor, ret_value)) {
        return false;
    }
    *ret_value = foreign->swaps ? __builtin_bswap32(*ret_value) : *ret_value;
    return true;
}

static double foreign_double(struct foreign *foreign)
{
    uint64_t bits;
    double value;
    memcpy(&bits, foreign->cursor.at, sizeof(bits));
    foreign->cursor.at += sizeof(bits);
    bits = foreign->swaps ? __builtin_bswap64(bits) : bits;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static const char truncated[] = "the bytes of a WKB geometry that end too early";

/* ISO codes add 1000 for z, 2000 for m; the extended form of PostGIS sets high bits. */
static const char *foreign_head(struct foreign *foreign, enum geometry_kind *ret_kind)
{
    uint32_t code;
    uint32_t reference;
    if (wkb_left(&foreign->cursor) < 5) {
        return truncated;
    }
    char order = *foreign->cursor.at++;
    if (order != 0 && order != 1) {
        return "no WKB: the byte order is neither 0 nor 1";
    }
    foreign->swaps = order == 0;
    if (!foreign_u32(foreign, &code)) {
        return truncated;
    }
    foreign->has_z = code & 0x80000000u;
    foreign->has_m = code & 0x40000000u;
    if (code & 0x20000000u && !foreign_u32(foreign, &reference)) {
        return truncated;
    }
    code &= 0x1fffffffu;
    foreign->has_z |= code / 1000 == 1 || code / 1000 == 3;
    foreign->has_m |= code / 1000 == 2 || code / 1000 == 3;
    if (code >= 4000 || code % 1000 < GEOMETRY_POINT || code % 1000 > GEOMETRY_COLLECTION) {
        return "a WKB geometry of a type that is not known";
    }
    *ret_kind = (enum geometry_kind)(code % 1000);
    return NULL;
}

/* A measure is left out; a position without numbers is that of an empty point. */
static const char *foreign_position(struct foreign *foreign, bool may_be_empty, struct buf *out)
{
    size_t bytes = (2u + foreign->has_z + foreign->has_m) * sizeof(double);
    if (wkb_left(&foreign->cursor) < bytes) {
        return truncated;
    }
    double x = foreign_double(foreign);
    double y = foreign_double(foreign);
    bool is_empty = isnan(x) && isnan(y) && may_be_empty;
    wkb_put_double(out, x);
    wkb_put_double(out, y);
    if (foreign->has_z) {
        double z = foreign_double(foreign);
        wkb_put_double(out, isfinite(z) ? z : (double)NAN);
    }
    foreign->cursor.at += foreign->has_m ? sizeof(double) : 0;
    return is_empty || (isfinite(x) && isfinite(y)) ? NULL : "a coordinate that is not finite";
}

static const char *foreign_run(struct foreign *foreign, enum geometry_kind kind, struct buf *out)
{
    uint32_t count;
    size_t stride = wkb_stride(foreign->has_z);
    if (!foreign_u32(foreign, &count) || count > wkb_left(&foreign->cursor) / 16) {
        return truncated;
    }
    foreign->cursor.points += count;
    if (foreign->cursor.points > GEOMETRY_POINTS_MOST) {
        return "a geometry of too many points";
    }
    wkb_put_u32(out, count);
    size_t start = out->n;
    for (uint32_t i = 0; i < count; i++) {
        const char *fault = foreign_position(foreign, false, out);
        if (fault) {
            return fault;
        }
    }
    return wkb_run_fault(kind, out->p + start, count, stride);
}

static bool may_hold(enum geometry_kind whole, enum geometry_kind part)
{
    return whole == GEOMETRY_COLLECTION || (int)whole - 3 == (int)part;
}

static const char *foreign_geometry(struct foreign *foreign, enum geometry_kind whole, int depth,
                                    struct buf *out)
{
    enum geometry_kind kind;
    const char *fault = depth > GEOMETRY_DEPTH_MOST ? "collections that lie too deep in each other"
                                                    : foreign_head(foreign, &kind);
    if (fault) {
        return fault;
    }
    if (depth && !may_hold(whole, kind)) {
        return "a geometry of parts that do not belong to it";
    }
    wkb_put_head(out, kind, foreign->has_z);
    if (kind == GEOMETRY_POINT) {
        return ++foreign->cursor.points > GEOMETRY_POINTS_MOST
                   ? "a geometry of too many points"
                   : foreign_position(foreign, true, out);
    }
    if (kind == GEOMETRY_LINE) {
        return foreign_run(foreign, kind, out);
    }
    uint32_t count;
    bool is_polygon = kind == GEOMETRY_POLYGON;
    if (!foreign_u32(foreign, &count) || count > wkb_left(&foreign->cursor) / (is_polygon ? 4 : 5)) {
        return truncated;
    }
    wkb_put_u32(out, count);
    for (uint32_t i = 0; i < count && !fault; i++) {
        fault = is_polygon ? foreign_run(foreign, kind, out)
                           : foreign_geometry(foreign, kind, depth + 1, out);
    }
    return fault;
}

const char *wkb_fault(str bytes, struct buf *wkb)
{
    struct foreign foreign = {.cursor = {.at = bytes.p, .end = bytes.p + bytes.n}};
    const char *fault = foreign_geometry(&foreign, GEOMETRY_COLLECTION, 0, wkb);
    return fault                                        ? fault
           : foreign.cursor.at != foreign.cursor.end ? "WKB with more bytes behind the geometry"
                                                     : NULL;
}
