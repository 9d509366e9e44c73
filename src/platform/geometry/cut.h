/*
 * Shapes cut to a square of the Web Mercator map, for vector tiles: projected, clipped, simplified, and
 * rounded to whole units, so that polygons stay valid. Any thread.
 */
#ifndef PLATFORM_GEOMETRY_CUT_H
#define PLATFORM_GEOMETRY_CUT_H

#include "base/vec.h"
#include "platform/geometry/geometry.h"

struct cut_window {
    double world;     /* units around the globe */
    double left, top; /* of the square, in units from 180 degrees west and from the map's upper edge */
    double extent;    /* units of an edge */
    double margin;    /* units around it that are kept, too */
    double tolerance; /* how far lines may be moved */
};

/* A run of positions from the square's upper left corner, x to the right, y down. */
struct cut_part {
    enum geometry_kind kind; /* GEOMETRY_POINT: any number; GEOMETRY_LINE; GEOMETRY_POLYGON: a closed ring */
    bool is_hole;            /* of the ring before that is none */
    const int32_t *xy;
    size_t count;
};

struct cut {
    VEC(struct cut_part) parts;
    size_t positions; /* of all parts */
};

/**
 * Adds what of a shape lies in the square, also by the way around the globe, to *cut; parts live in the arena. False
 * when the bytes are no geometry. What GEOS cannot clip even when it is repaired is left out.
 */
bool geometry_cut(struct arena *arena, str wkb, const struct cut_window *window, struct cut *cut);

#endif
