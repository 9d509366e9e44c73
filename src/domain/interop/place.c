#include "domain/interop/place.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/num.h"

#define RING_POINTS_MOST 1000

static const json_t *outer_ring(const json_t *feature)
{
    const json_t *geometry = json_object_get(feature, "geometry");
    const char *type = json_string_value(json_object_get(geometry, "type"));
    if (!type || !str_eq(str_from(type), S("Polygon"))) {
        return NULL;
    }
    const json_t *ring = json_array_get(json_object_get(geometry, "coordinates"), 0);
    size_t count = json_array_size(ring);
    if (count < 4 || count > RING_POINTS_MOST) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *position = json_array_get(ring, i);
        if (!json_is_number(json_array_get(position, 0)) ||
            !json_is_number(json_array_get(position, 1))) {
            return NULL;
        }
    }
    return ring;
}

static double coordinate(const json_t *ring, size_t point, size_t axis)
{
    return json_number_value(json_array_get(json_array_get(ring, point), axis));
}

static void add_number(struct buf *out, double number)
{
    out->n += num_write_double(buf_reserve(out, NUM_DOUBLE_BYTES), number);
}

str place_wkt(struct arena *arena, const json_t *feature)
{
    const json_t *ring = outer_ring(feature);
    if (!ring) {
        return STR_NONE;
    }
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("POLYGON(("));
    for (size_t i = 0; i < json_array_size(ring); i++) {
        buf_add(&out, i ? S(", ") : S(""));
        add_number(&out, coordinate(ring, i, 0));
        buf_add_char(&out, ' ');
        add_number(&out, coordinate(ring, i, 1));
    }
    buf_add(&out, S("))"));
    return buf_copy(&out, arena);
}

str place_geojson(struct arena *arena, const json_t *feature)
{
    const json_t *geometry = json_object_get(feature, "geometry");
    if (!json_is_object(geometry)) {
        return STR_NONE;
    }
    char *text = json_dumps(geometry, JSON_COMPACT | JSON_REAL_PRECISION(15));
    str copy = str_copy(arena, str_from(text));
    free(text);
    return copy;
}

struct bounds {
    double west, south, east, north;
};

static bool find_bounds(const json_t *feature, struct bounds *ret_bounds)
{
    const json_t *ring = outer_ring(feature);
    if (!ring) {
        return false;
    }
    struct bounds bounds = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < json_array_size(ring); i++) {
        double longitude = coordinate(ring, i, 0);
        double latitude = coordinate(ring, i, 1);
        bounds.west = fmin(bounds.west, longitude);
        bounds.east = fmax(bounds.east, longitude);
        bounds.south = fmin(bounds.south, latitude);
        bounds.north = fmax(bounds.north, latitude);
    }
    *ret_bounds = bounds;
    return true;
}

static str four_numbers(struct arena *arena, const double numbers[4], char separator)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < 4; i++) {
        if (i) {
            buf_add_char(&out, separator);
        }
        add_number(&out, numbers[i]);
    }
    return buf_copy(&out, arena);
}

str place_box(struct arena *arena, const json_t *feature)
{
    struct bounds b;
    if (!find_bounds(feature, &b)) {
        return STR_NONE;
    }
    return four_numbers(arena, (const double[]){b.south, b.west, b.north, b.east}, ' ');
}

str place_bounds(struct arena *arena, const json_t *feature)
{
    struct bounds b;
    if (!find_bounds(feature, &b)) {
        return STR_NONE;
    }
    return four_numbers(arena, (const double[]){b.west, b.south, b.east, b.north}, ',');
}
