/*
 * Shapes projected to a map. Positions that would not be told from the one before are left out on the way: GEOS
 * would look at each of them several times.
 */
#include "platform/geometry/project.h"

#include "platform/geometry/mercator.h"
#include "platform/geometry/wkb.h"

#define LONGITUDE_MOST 720

struct projecting {
    const struct cut_window *window;
    struct wkb_cursor cursor;
    struct buf *out;
};

static void put_position(const struct projecting *projecting, double x, double y)
{
    wkb_put_double(projecting->out, x);
    wkb_put_double(projecting->out, y);
}

/* Farther around the globe nothing is shown; with numbers of any size GEOS would reckon inexactly. */
static double within_turns(double longitude)
{
    return isnan(longitude) ? longitude : fmin(fmax(longitude, -LONGITUDE_MOST), LONGITUDE_MOST);
}

static void place_of(const struct cut_window *window, const char *position, double *ret_x, double *ret_y)
{
    *ret_x = mercator_x(within_turns(wkb_double(position)), window->world) - window->left;
    *ret_y = mercator_y(wkb_double(position + sizeof(double)), window->world) - window->top;
}

/* The first and the last stay, so that rings stay closed; a ring of fewer than four is nothing. */
static void project_run(const struct projecting *projecting, bool is_ring, uint32_t count, size_t stride)
{
    const struct cut_window *window = projecting->window;
    size_t place = projecting->out->n;
    uint32_t kept = 0;
    double last_x = 0;
    double last_y = 0;
    wkb_put_u32(projecting->out, 0);
    for (uint32_t i = 0; i < count; i++) {
        double x;
        double y;
        place_of(window, projecting->cursor.at + i * stride, &x, &y);
        bool is_near = fabs(x - last_x) < window->tolerance && fabs(y - last_y) < window->tolerance;
        if (i == 0 || i == count - 1 || !is_near) {
            put_position(projecting, x, y);
            last_x = x;
            last_y = y;
            kept++;
        }
    }
    if (is_ring && kept < 4) {
        projecting->out->n = place + sizeof(uint32_t);
        kept = 0;
    }
    wkb_set_u32(projecting->out, place, kept);
}

static bool read_run(struct projecting *projecting, struct wkb_head head)
{
    uint32_t count;
    size_t stride = wkb_stride(head.has_z);
    if (!wkb_read_count(&projecting->cursor, stride, &count)) {
        return false;
    }
    project_run(projecting, head.kind == GEOMETRY_POLYGON, count, stride);
    projecting->cursor.at += count * stride;
    return true;
}

static bool read_point(struct projecting *projecting, struct wkb_head head)
{
    size_t stride = wkb_stride(head.has_z);
    double x;
    double y;
    if (wkb_left(&projecting->cursor) < stride) {
        return false;
    }
    place_of(projecting->window, projecting->cursor.at, &x, &y);
    put_position(projecting, x, isnan(x) ? x : y);
    projecting->cursor.at += stride;
    return true;
}

static bool project_geometry(struct projecting *projecting, int depth)
{
    struct wkb_head head;
    uint32_t count;
    if (depth > GEOMETRY_DEPTH_MOST || !wkb_read_head(&projecting->cursor, &head)) {
        return false;
    }
    wkb_put_head(projecting->out, head.kind, false);
    if (head.kind <= GEOMETRY_LINE) {
        return head.kind == GEOMETRY_POINT ? read_point(projecting, head) : read_run(projecting, head);
    }
    bool is_polygon = head.kind == GEOMETRY_POLYGON;
    if (!wkb_read_count(&projecting->cursor, is_polygon ? 4 : 5, &count)) {
        return false;
    }
    wkb_put_u32(projecting->out, count);
    for (uint32_t i = 0; i < count; i++) {
        if (!(is_polygon ? read_run(projecting, head) : project_geometry(projecting, depth + 1))) {
            return false;
        }
    }
    return true;
}

bool geometry_project(str wkb, const struct cut_window *window, struct buf *out)
{
    struct projecting projecting = {window, {.at = wkb.p, .end = wkb.p + wkb.n}, out};
    return project_geometry(&projecting, 0) && projecting.cursor.at == projecting.cursor.end;
}
