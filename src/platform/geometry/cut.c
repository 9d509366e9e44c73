#include "platform/geometry/cut.h"

#include <math.h>

#include "platform/geometry/geos.h"
#include "platform/geometry/project.h"

struct cutting {
    GEOSContextHandle_t geos;
    struct arena *arena;
    const struct cut_window *window;
    double shift; /* units that the shape is moved to the east, around the globe */
    struct cut *cut;
};

/* ---- GEOS's geometries as parts ---- */

static int32_t rounded(const struct cut_window *window, double unit)
{
    double most = window->extent + window->margin;
    return (int32_t)lrint(fmin(fmax(unit, -window->margin), most));
}

static void add_sequence(struct cutting *cutting, const GEOSGeometry *geometry, enum geometry_kind kind,
                         bool is_hole)
{
    const GEOSCoordSequence *sequence = GEOSGeom_getCoordSeq_r(cutting->geos, geometry);
    unsigned count = 0;
    if (!sequence || !GEOSCoordSeq_getSize_r(cutting->geos, sequence, &count) || count == 0) {
        return;
    }
    int32_t *xy = arena_array(cutting->arena, int32_t, 2 * (size_t)count);
    for (unsigned i = 0; i < count; i++) {
        double x = 0;
        double y = 0;
        (void)GEOSCoordSeq_getXY_r(cutting->geos, sequence, i, &x, &y);
        xy[2 * i] = rounded(cutting->window, x + cutting->shift);
        xy[2 * i + 1] = rounded(cutting->window, y);
    }
    vec_add(cutting->arena, &cutting->cut->parts, (struct cut_part){kind, is_hole, xy, count});
    cutting->cut->positions += count;
}

static void add_polygon(struct cutting *cutting, const GEOSGeometry *polygon)
{
    int holes = GEOSGetNumInteriorRings_r(cutting->geos, polygon);
    if (GEOSisEmpty_r(cutting->geos, polygon) != 0) {
        return;
    }
    add_sequence(cutting, GEOSGetExteriorRing_r(cutting->geos, polygon), GEOMETRY_POLYGON, false);
    for (int i = 0; i < holes; i++) {
        add_sequence(cutting, GEOSGetInteriorRingN_r(cutting->geos, polygon, i), GEOMETRY_POLYGON, true);
    }
}

/* Collections in collections are as few as WKB of ours allows. */
static void add_geometry(struct cutting *cutting, const GEOSGeometry *geometry)
{
    switch (GEOSGeomTypeId_r(cutting->geos, geometry)) {
    case GEOS_POINT:
        add_sequence(cutting, geometry, GEOMETRY_POINT, false);
        break;
    case GEOS_LINESTRING:
    case GEOS_LINEARRING:
        add_sequence(cutting, geometry, GEOMETRY_LINE, false);
        break;
    case GEOS_POLYGON:
        add_polygon(cutting, geometry);
        break;
    default:
        for (int i = 0; i < GEOSGetNumGeometries_r(cutting->geos, geometry); i++) {
            add_geometry(cutting, GEOSGetGeometryN_r(cutting->geos, geometry, i));
        }
    }
}

/* ---- steps: each takes a geometry and gives another, or NULL when GEOS cannot ---- */

static GEOSGeometry *clip(const struct cutting *cutting, const GEOSGeometry *geometry)
{
    const struct cut_window *window = cutting->window;
    double most = window->extent + window->margin;
    return GEOSClipByRect_r(cutting->geos, geometry, -window->margin - cutting->shift, -window->margin,
                            most - cutting->shift, most);
}

/* Areas stay areas: what collapses is dropped, and no lines are left over. */
static GEOSGeometry *repair(const struct cutting *cutting, const GEOSGeometry *geometry)
{
    GEOSMakeValidParams *params = GEOSMakeValidParams_create_r(cutting->geos);
    (void)GEOSMakeValidParams_setMethod_r(cutting->geos, params, GEOS_MAKE_VALID_STRUCTURE);
    (void)GEOSMakeValidParams_setKeepCollapsed_r(cutting->geos, params, 0);
    GEOSGeometry *valid = GEOSMakeValidWithParams_r(cutting->geos, geometry, params);
    GEOSMakeValidParams_destroy_r(cutting->geos, params);
    return valid;
}

static GEOSGeometry *clip_repaired(const struct cutting *cutting, const GEOSGeometry *geometry)
{
    GEOSGeometry *clipped = clip(cutting, geometry);
    if (clipped) {
        return clipped;
    }
    GEOSGeometry *valid = repair(cutting, geometry);
    clipped = valid ? clip(cutting, valid) : NULL;
    GEOSGeom_destroy_r(cutting->geos, valid);
    return clipped;
}

/* Simplifying and rounding lose parts of what crosses itself, so it is repaired first. */
static GEOSGeometry *simplify_repaired(const struct cutting *cutting, const GEOSGeometry *geometry)
{
    GEOSGeometry *valid = GEOSisValid_r(cutting->geos, geometry) == 1 ? NULL : repair(cutting, geometry);
    GEOSGeometry *simple =
        GEOSSimplify_r(cutting->geos, valid ? valid : geometry, cutting->window->tolerance);
    GEOSGeom_destroy_r(cutting->geos, valid);
    return simple;
}

static void cut_projected(struct cutting *cutting, const GEOSGeometry *geometry)
{
    GEOSGeometry *clipped = clip_repaired(cutting, geometry);
    GEOSGeometry *simple = clipped ? simplify_repaired(cutting, clipped) : NULL;
    GEOSGeometry *whole = simple ? GEOSGeom_setPrecision_r(cutting->geos, simple, 1, 0) : NULL;
    if (whole) {
        add_geometry(cutting, whole);
    }
    GEOSGeom_destroy_r(cutting->geos, whole);
    GEOSGeom_destroy_r(cutting->geos, simple);
    GEOSGeom_destroy_r(cutting->geos, clipped);
}

static bool reaches(const struct cutting *cutting, const GEOSGeometry *geometry)
{
    const struct cut_window *window = cutting->window;
    double least = -window->margin - cutting->shift;
    double most = window->extent + window->margin - cutting->shift;
    double left;
    double right;
    return GEOSGeom_getXMin_r(cutting->geos, geometry, &left) &&
           GEOSGeom_getXMax_r(cutting->geos, geometry, &right) && left <= most && right >= least;
}

bool geometry_cut(struct arena *arena, str wkb, const struct cut_window *window, struct cut *cut)
{
    struct cutting cutting = {.geos = geos_context(), .arena = arena, .window = window, .cut = cut};
    struct buf units cleanup_with(buf_cleanup) = {0};
    GEOSGeometry *projected =
        geometry_project(wkb, window, &units) ? geos_of_wkb(cutting.geos, buf_str(&units)) : NULL;
    if (!projected) {
        return false;
    }
    if ( GEOSisEmpty_r(cutting.geos, projected) == 0) {
        for (int turn = -1; turn <= 1; turn++) {
            cutting.shift = turn * window->world;
            if (reaches(&cutting, projected)) {
                cut_projected(&cutting, projected);
            }
        }
    }
    GEOSGeom_destroy_r(cutting.geos, projected);
    return true;
}
