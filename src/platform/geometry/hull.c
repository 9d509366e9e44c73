/*
 * Convex hull of points that come one by one (monotone chain, Andrew 1979): when the points seen since
 * have grown to a multiple of the hull, they are reduced to it. So millions of points need little
 * memory; only the hull itself is kept.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "platform/geometry/wkb.h"

#define POINTS_AT_FIRST 4
#define POINTS_BEFORE_REDUCTION 1024
#define BYTES_MOST ((size_t)256 << 20) /* of all hulls at once; statements have many groups */

struct corner {
    double x, y;
};

struct hull {
    size_t count, capacity;
    size_t reduced; /* points of the last hull */
    struct corner *points;
};

static atomic_size_t bytes_held;

static bool grow(struct hull *hull, size_t capacity)
{
    size_t more = (capacity - hull->capacity) * sizeof(*hull->points);
    if (atomic_fetch_add(&bytes_held, more) + more > BYTES_MOST) {
        atomic_fetch_sub(&bytes_held, more);
        return false;
    }
    hull->points = realloc(hull->points, capacity * sizeof(*hull->points));
    if (!hull->points) {
        bug_out_of_memory(capacity * sizeof(*hull->points));
    }
    hull->capacity = capacity;
    return true;
}

static int compare(const void *left, const void *right)
{
    const struct corner *a = left;
    const struct corner *b = right;
    return a->x != b->x ? (a->x > b->x) - (a->x < b->x) : (a->y > b->y) - (a->y < b->y);
}

static bool turns_left(const struct corner *a, const struct corner *b, const struct corner *c)
{
    return (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x) > 0;
}

static size_t without_doubles(struct corner *points, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!kept || compare(&points[kept - 1], &points[i]) != 0) {
            points[kept++] = points[i];
        }
    }
    return kept;
}

/* Anticlockwise from the westernmost corner; the first is not repeated. */
static void reduce(struct hull *hull)
{
    struct corner *points = hull->points;
    qsort(points, hull->count, sizeof(*points), compare);
    size_t count = without_doubles(points, hull->count);
    if (count > 2) {
        struct corner *chain = calloc(2 * count, sizeof(*chain));
        size_t n = 0;
        if (!chain) {
            bug_out_of_memory(2 * count * sizeof(*chain));
        }
        for (size_t i = 0; i < count; i++) { /* along the south */
            while (n > 1 && !turns_left(&chain[n - 2], &chain[n - 1], &points[i])) {
                n--;
            }
            chain[n++] = points[i];
        }
        size_t south = n;
        for (size_t i = count - 1; i-- > 0;) { /* and back along the north */
            while (n > south && !turns_left(&chain[n - 2], &chain[n - 1], &points[i])) {
                n--;
            }
            chain[n++] = points[i];
        }
        count = n - 1;
        memcpy(points, chain, count * sizeof(*chain));
        free(chain);
    }
    hull->count = count;
    hull->reduced = count;
}

bool hull_add(struct hull **hull, double longitude, double latitude)
{
    if (!*hull) {
        *hull = calloc(1, sizeof(**hull));
        if (!*hull) {
            bug_out_of_memory(sizeof(**hull));
        }
    }
    struct hull *own = *hull;
    if (own->count == own->capacity) {
        if (own->count >= POINTS_BEFORE_REDUCTION) {
            reduce(own);
        }
        bool is_full = own->count == own->capacity;
        bool is_large = own->reduced > own->capacity / 2; /* or it would be reduced too often */
        if ((is_full || is_large) &&
            !grow(own, own->capacity ? 2 * own->capacity : POINTS_AT_FIRST)) {
            return false;
        }
    }
    own->points[own->count++] = (struct corner){longitude, latitude};
    return true;
}

bool hull_join(struct hull **hull, const struct hull *other)
{
    for (size_t i = 0; i < other->count; i++) {
        if (!hull_add(hull, other->points[i].x, other->points[i].y)) {
            return false;
        }
    }
    return true;
}

void hull_write(struct hull *hull, struct buf *wkb)
{
    reduce(hull);
    size_t count = hull->count;
    if (count == 1) {
        geometry_write_point(hull->points[0].x, hull->points[0].y, wkb);
        return;
    }
    wkb_put_head(wkb, count == 2 ? GEOMETRY_LINE : GEOMETRY_POLYGON, false);
    if (count > 2) {
        wkb_put_u32(wkb, 1);
    }
    wkb_put_u32(wkb, (uint32_t)(count == 2 ? 2 : count + 1));
    buf_add(wkb, (str){(const char *)hull->points, count * sizeof(*hull->points)});
    if (count > 2) {
        buf_add(wkb, (str){(const char *)hull->points, sizeof(*hull->points)});
    }
}

void hull_free(struct hull *hull)
{
    atomic_fetch_sub(&bytes_held, hull->capacity * sizeof(*hull->points));
    free(hull->points);
    free(hull);
}
