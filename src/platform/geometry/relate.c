/*
 * Relations by GEOS. A collection is asked part by part, because GEOS refuses collections in some
 * questions and the answer is the same: something of it intersects, all of it lies within.
 */
#include <stdlib.h>

#include "base/bug.h"
#include "platform/geometry/geos.h"

#define LITERALS_KEPT 4

struct part {
    GEOSGeometry *geometry;
    const GEOSPreparedGeometry *prepared; /* borrows geometry */
};

struct geometry_literal {
    struct buf wkb;
    struct part *parts;
    size_t count;
};

struct geos_literals {
    struct geometry_literal kept[LITERALS_KEPT];
    size_t next;
};

static void drop_literal(GEOSContextHandle_t context, struct geometry_literal *literal)
{
    for (size_t i = 0; i < literal->count; i++) {
        GEOSPreparedGeom_destroy_r(context, literal->parts[i].prepared);
        GEOSGeom_destroy_r(context, literal->parts[i].geometry);
    }
    free(literal->parts);
    buf_done(&literal->wkb);
    *literal = (struct geometry_literal){0};
}

void geos_literals_free(GEOSContextHandle_t context, struct geos_literals *literals)
{
    for (size_t i = 0; literals && i < LITERALS_KEPT; i++) {
        drop_literal(context, &literals->kept[i]);
    }
    free(literals);
}

static bool is_collection(GEOSContextHandle_t context, const GEOSGeometry *geometry)
{
    return GEOSGeomTypeId_r(context, geometry) == GEOS_GEOMETRYCOLLECTION;
}

/* Takes the geometry; gives it back where there is nothing to repair or GEOS cannot. */
static GEOSGeometry *repair(GEOSContextHandle_t context, GEOSGeometry *geometry)
{
    GEOSGeometry *valid =
        GEOSisValid_r(context, geometry) == 1 ? NULL : GEOSMakeValid_r(context, geometry);
    if (!valid) {
        return geometry;
    }
    GEOSGeom_destroy_r(context, geometry);
    return valid;
}

/* Parts of a literal that are no collections themselves. */
struct leaves {
    GEOSGeometry **items;
    size_t count, capacity;
};

static void add_leaves(GEOSContextHandle_t context, const GEOSGeometry *geometry, bool polygons,
                       struct leaves *leaves)
{
    int kind = GEOSGeomTypeId_r(context, geometry);
    if (kind == GEOS_GEOMETRYCOLLECTION || kind == GEOS_MULTIPOLYGON) {
        int count = GEOSGetNumGeometries_r(context, geometry);
        for (int i = 0; i < count; i++) {
            add_leaves(context, GEOSGetGeometryN_r(context, geometry, i), polygons, leaves);
        }
        return;
    }
    if ((kind == GEOS_POLYGON) != polygons) {
        return;
    }
    if (leaves->count == leaves->capacity) {
        leaves->capacity = 2 * leaves->capacity + 8;
        leaves->items = realloc(leaves->items, leaves->capacity * sizeof(*leaves->items));
        if (!leaves->items) {
            bug_out_of_memory(leaves->capacity * sizeof(*leaves->items));
        }
    }
    leaves->items[leaves->count++] = GEOSGeom_clone_r(context, geometry);
}

/* The polygons of a collection as one geometry: what lies across two of them lies within. */
static GEOSGeometry *join_polygons(GEOSContextHandle_t context, const GEOSGeometry *collection)
{
    struct leaves leaves = {0};
    add_leaves(context, collection, true, &leaves);
    if (leaves.count == 0) {
        return NULL;
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(context, GEOS_MULTIPOLYGON, leaves.items,
                                                    (unsigned)leaves.count);
    free(leaves.items);
    GEOSGeometry *joined = all ? GEOSUnaryUnion_r(context, all) : NULL;
    if (!joined) {
        return all;
    }
    GEOSGeom_destroy_r(context, all);
    return joined;
}

/* Takes the geometry. */
static void add_part(GEOSContextHandle_t context, GEOSGeometry *geometry, struct geometry_literal *literal)
{
    const GEOSPreparedGeometry *prepared = geometry ? GEOSPrepare_r(context, geometry) : NULL;
    if (prepared) {
        literal->parts[literal->count++] = (struct part){geometry, prepared};
    } else if (geometry) {
        GEOSGeom_destroy_r(context, geometry);
    }
}

static struct part *parts_for(size_t count)
{
    struct part *parts = calloc(count, sizeof(*parts));
    if (!parts) {
        bug_out_of_memory(count * sizeof(*parts));
    }
    return parts;
}

static bool fill_literal(GEOSContextHandle_t context, str wkb, struct geometry_literal *literal)
{
    GEOSGeometry *geometry = geos_of_wkb(context, wkb);
    if (!geometry) {
        return false;
    }
    buf_add(&literal->wkb, wkb);
    geometry = repair(context, geometry);
    if (!is_collection(context, geometry)) {
        literal->parts = parts_for(1);
        add_part(context, geometry, literal);
        return true;
    }
    struct leaves others = {0};
    add_leaves(context, geometry, false, &others);
    literal->parts = parts_for(others.count + 1);
    add_part(context, join_polygons(context, geometry), literal);
    for (size_t i = 0; i < others.count; i++) {
        add_part(context, others.items[i], literal);
    }
    free(others.items);
    GEOSGeom_destroy_r(context, geometry);
    return true;
}

const struct geometry_literal *geometry_literal_of(str wkb)
{
    GEOSContextHandle_t context = geos_context();
    struct geos_literals **place = geos_literals_place();
    if (!*place) {
        *place = calloc(1, sizeof(**place));
        if (!*place) {
            bug_out_of_memory(sizeof(**place));
        }
    }
    struct geos_literals *literals = *place;
    for (size_t i = 0; i < LITERALS_KEPT; i++) {
        if (wkb.n && str_eq(buf_str(&literals->kept[i].wkb), wkb)) {
            return &literals->kept[i];
        }
    }
    struct geometry_literal *literal = &literals->kept[literals->next];
    drop_literal(context, literal);
    literals->next = (literals->next + 1) % LITERALS_KEPT;
    return fill_literal(context, wkb, literal) ? literal : NULL;
}

static GEOSGeometry *collect_parts(GEOSContextHandle_t context, const struct geometry_literal *literal)
{
    GEOSGeometry **parts = calloc(literal->count + 1, sizeof(GEOSGeometry *));
    if (!parts) {
        bug_out_of_memory(literal->count * sizeof(GEOSGeometry *));
    }
    for (size_t i = 0; i < literal->count; i++) {
        parts[i] = GEOSGeom_clone_r(context, literal->parts[i].geometry);
    }
    GEOSGeometry *all = GEOSGeom_createCollection_r(context, GEOS_GEOMETRYCOLLECTION, parts,
                                                    (unsigned)literal->count);
    free(parts);
    return all;
}

bool geometry_write_literal(str wkb, struct buf *out)
{
    GEOSContextHandle_t context = geos_context();
    const struct geometry_literal *literal = geometry_literal_of(wkb);
    if (!literal) {
        return false;
    }
    if (literal->count == 1) {
        return !geos_write_wkb(context, literal->parts[0].geometry, out);
    }
    GEOSGeometry *all = collect_parts(context, literal);
    bool written = all && !geos_write_wkb(context, all, out);
    if (all) {
        GEOSGeom_destroy_r(context, all);
    }
    return written;
}

/* ---- questions ---- */

/* 1, 0, or 2 where GEOS cannot tell. */
static char ask(GEOSContextHandle_t context, const struct geometry_literal *literal,
                const GEOSGeometry *shape, enum geometry_relation relation)
{
    char answer = 0;
    for (size_t i = 0; i < literal->count; i++) {
        char found = relation == GEOMETRY_WITHIN
                         ? GEOSPreparedCovers_r(context, literal->parts[i].prepared, shape)
                         : GEOSPreparedIntersects_r(context, literal->parts[i].prepared, shape);
        if (found == 1) {
            return 1;
        }
        answer = found == 2 ? 2 : answer;
    }
    return answer;
}

static bool relates(GEOSContextHandle_t context, const struct geometry_literal *literal,
                    const GEOSGeometry *shape, enum geometry_relation relation, bool may_repair)
{
    if (is_collection(context, shape)) {
        int count = GEOSGetNumGeometries_r(context, shape);
        for (int i = 0; i < count; i++) {
            bool found = relates(context, literal, GEOSGetGeometryN_r(context, shape, i), relation,
                                 may_repair);
            if (found != (relation == GEOMETRY_WITHIN)) {
                return found;
            }
        }
        return relation == GEOMETRY_WITHIN;
    }
    if (relation == GEOMETRY_WITHIN && GEOSisEmpty_r(context, shape) == 1) {
        return true; /* a part that adds nothing to its collection */
    }
    char answer = ask(context, literal, shape, relation);
    if (answer != 2 || !may_repair) {
        return answer == 1;
    }
    GEOSGeometry *valid = GEOSMakeValid_r(context, shape);
    bool found = valid && relates(context, literal, valid, relation, false);
    if (valid) {
        GEOSGeom_destroy_r(context, valid);
    }
    return found;
}

bool geometry_relates(const struct geometry_literal *literal, str wkb, enum geometry_relation relation)
{
    GEOSContextHandle_t context = geos_context();
    GEOSGeometry *shape = geos_of_wkb(context, wkb);
    if (!shape) {
        return false;
    }
    bool found = GEOSisEmpty_r(context, shape) == 0 && relates(context, literal, shape, relation, true);
    GEOSGeom_destroy_r(context, shape);
    return found;
}

bool geometry_relates_point(const struct geometry_literal *literal, double longitude, double latitude)
{
    GEOSContextHandle_t context = geos_context();
    GEOSGeometry *point = GEOSGeom_createPointFromXY_r(context, longitude, latitude);
    bool found = point && ask(context, literal, point, GEOMETRY_INTERSECTS) == 1;
    if (point) {
        GEOSGeom_destroy_r(context, point);
    }
    return found;
}
