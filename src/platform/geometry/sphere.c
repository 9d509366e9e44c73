/* Distances on the sphere: points as unit vectors, edges as short arcs. */
#include "platform/geometry/wkb.h"

#define RADIANS (M_PI / 180)
#define ARC_DEGREES 0.25 /* longer edges are cut: a great circle leaves the straight edge by metres within it */
#define ARCS_MOST 1440   /* of one edge, whatever its numbers are */

struct vector {
    double x, y, z;
};

static struct vector vector_of(double longitude, double latitude)
{
    double across = cos(latitude * RADIANS);
    return (struct vector){across * cos(longitude * RADIANS), across * sin(longitude * RADIANS),
                           sin(latitude * RADIANS)};
}

static double dot(struct vector a, struct vector b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct vector cross(struct vector a, struct vector b)
{
    return (struct vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/* Angle between two unit vectors, exact also for small ones. */
static double angle(struct vector a, struct vector b)
{
    struct vector normal = cross(a, b);
    return atan2(sqrt(dot(normal, normal)), dot(a, b));
}

double geometry_point_distance(double longitude, double latitude, double other_longitude,
                               double other_latitude)
{
    double north = sin((other_latitude - latitude) * RADIANS / 2);
    double east = sin((other_longitude - longitude) * RADIANS / 2);
    double square = north * north +
                    cos(latitude * RADIANS) * cos(other_latitude * RADIANS) * east * east;
    return 2 * GEOMETRY_EARTH_RADIUS * asin(sqrt(square < 1 ? square : 1));
}

/* The question under way: from where, and the least angle found so far. */
struct distance_visitor {
    struct wkb_visitor visitor;
    double longitude, latitude;
    struct vector from;
    double least;
    bool any;
    unsigned crossings; /* of the current polygon's rings, a bit for each of three turns of the globe */
    bool is_inside;
};

static void see_point(struct distance_visitor *distance, struct vector point)
{
    double found = angle(distance->from, point);
    distance->least = found < distance->least ? found : distance->least;
    distance->any = true;
}

/* Only where the foot of the perpendicular falls on the arc is anything nearer than its ends. */
static void see_arc(struct distance_visitor *distance, struct vector a, struct vector b)
{
    struct vector normal = cross(a, b);
    double size = sqrt(dot(normal, normal));
    if (size > 1e-15 && dot(cross(normal, a), distance->from) > 0 &&
        dot(cross(b, normal), distance->from) > 0) {
        double found = asin(fmin(1, fabs(dot(normal, distance->from)) / size));
        distance->least = found < distance->least ? found : distance->least;
    }
}

static void see_edge(struct distance_visitor *distance, const double *a, const double *b,
                     struct vector from, struct vector to)
{
    double longest = fmax(fabs(b[0] - a[0]), fabs(b[1] - a[1]));
    double arcs = ceil(longest / ARC_DEGREES);
    size_t count = arcs < ARCS_MOST ? (size_t)arcs : ARCS_MOST;
    struct vector last = from;
    for (size_t i = 1; i < count; i++) {
        double part = (double)i / (double)count;
        struct vector next = vector_of(a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part);
        see_point(distance, next);
        see_arc(distance, last, next);
        last = next;
    }
    see_arc(distance, last, to);
}

/* Whether the ray to the east crosses the edge; shapes may reach beyond 180 degrees. */
static void count_crossings(struct distance_visitor *distance, const double *a, const double *b)
{
    double y = distance->latitude;
    if ((a[1] > y) == (b[1] > y)) {
        return;
    }
    double x = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
    for (int turn = -1; turn <= 1; turn++) {
        if (distance->longitude + turn * 360 < x) {
            distance->crossings ^= 1u << (turn + 1);
        }
    }
}

static void see_run(struct wkb_visitor *visitor, enum geometry_kind kind, const char *positions,
                    size_t count, size_t stride)
{
    struct distance_visitor *distance = (struct distance_visitor *)visitor;
    double last[2] = {0};
    struct vector last_point = {0};
    for (size_t i = 0; i < count; i++, positions += stride) {
        double position[2];
        memcpy(position, positions, sizeof(position));
        struct vector point = vector_of(position[0], position[1]);
        see_point(distance, point);
        if (i && kind != GEOMETRY_POINT) {
            see_edge(distance, last, position, last_point, point);
        }
        if (i && kind == GEOMETRY_POLYGON) {
            count_crossings(distance, last, position);
        }
        memcpy(last, position, sizeof(last));
        last_point = point;
    }
}

static void see_polygon(struct wkb_visitor *visitor)
{
    struct distance_visitor *distance = (struct distance_visitor *)visitor;
    distance->is_inside |= distance->crossings != 0;
    distance->crossings = 0;
}

bool geometry_distance(str wkb, double longitude, double latitude, double *ret_metres)
{
    struct distance_visitor distance = {.visitor = {see_run, see_polygon},
                                        .longitude = longitude,
                                        .latitude = latitude,
                                        .from = vector_of(longitude, latitude),
                                        .least = M_PI};
    if (!wkb_visit(wkb, &distance.visitor) || !distance.any) {
        return false;
    }
    *ret_metres = distance.is_inside ? 0 : distance.least * GEOMETRY_EARTH_RADIUS;
    return true;
}

struct box geometry_circle_box(double longitude, double latitude, double metres)
{
    const double slack = 1e-9; /* degrees: rounding must not lose what lies on the circle */
    double radius = metres / GEOMETRY_EARTH_RADIUS;
    double height = radius / RADIANS + slack;
    struct box box = {-INFINITY, latitude - height, INFINITY, latitude + height};
    if (box.south > -90 && box.north < 90) {
        double width = asin(fmin(1, sin(radius) / cos(latitude * RADIANS))) / RADIANS + slack;
        box.west = longitude - width;
        box.east = longitude + width;
    }
    return box;
}
