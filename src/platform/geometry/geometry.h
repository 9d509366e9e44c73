/*
 * Geometries as WKB (OGC 06-103r4 clause 8, little-endian; ISO codes 1001… for a third dimension),
 * the form in which shapes are stored and handed around. Longitude comes before latitude, in degrees
 * of WGS 84. Predicates and constructions are those of GEOS. Any thread.
 */
#ifndef PLATFORM_GEOMETRY_GEOMETRY_H
#define PLATFORM_GEOMETRY_GEOMETRY_H

#include "base/buf.h"
#include "base/scope.h"

#define GEOMETRY_POINTS_MOST 4000000 /* of one geometry; more are refused */
#define GEOMETRY_DEPTH_MOST 16       /* collections in collections */

/* Edges of a rectangle along meridians and parallels; empty when west > east. */
struct box {
    double west, south, east, north;
};

/* Types of geometries, by their WKB codes. */
enum geometry_kind {
    GEOMETRY_POINT = 1,
    GEOMETRY_LINE,
    GEOMETRY_POLYGON,
    GEOMETRY_MULTI_POINT,
    GEOMETRY_MULTI_LINE,
    GEOMETRY_MULTI_POLYGON,
    GEOMETRY_COLLECTION
};

/**
 * Reads a GeoJSON geometry (RFC 7946 3.1) and appends it as WKB; members besides type, coordinates
 * and geometries are ignored, so is a Feature around it. Errors: ERR_DATA, which says what is wrong
 * (no geometry, ring not closed, too many points, a number that is not finite).
 */
enum err geometry_read_json(struct scope *scope, str json, struct buf *wkb) must_check;

/** The same for well-known text (OGC 06-103r4 clause 7), for hexadecimal WKB, and for any of the three. */
enum err geometry_read_text(struct scope *scope, str text, struct buf *wkb) must_check;
enum err geometry_read_hex(struct scope *scope, str hex, struct buf *wkb) must_check;
enum err geometry_read_any(struct scope *scope, str text, struct buf *wkb) must_check;

/**
 * The same for WKB of others: either byte order, ISO or PostGIS codes; measures and reference systems
 * are left out.
 */
enum err geometry_read_wkb(struct scope *scope, str bytes, struct buf *wkb) must_check;

/** As geometry_read_any without a reason: false when the text is no geometry; wkb is then as it was. */
bool geometry_try(str text, struct buf *wkb);

/**
 * Appends WKB as a GeoJSON geometry, keys and separators as explore-api.md 4.2: {"coordinates": …,
 * "type": "Polygon"}; numbers in the shortest form that reads back the same. False, and out as it
 * was, when the bytes are no geometry.
 */
bool geometry_write_json(str wkb, struct buf *out);

/** Rectangle around a geometry; false when the bytes are no geometry or hold no point. */
bool geometry_box(str wkb, struct box *ret_box);

/** Kind of a geometry; false when the bytes are none. */
bool geometry_kind_of(str wkb, enum geometry_kind *ret_kind);

/** Appends a point as WKB. */
void geometry_write_point(double longitude, double latitude, struct buf *wkb);

/** Appends a rectangle as a polygon, anticlockwise from its south-western corner. */
void geometry_write_box(const struct box *box, struct buf *wkb);

/** Longitude and latitude of a point; false when the bytes are none, or an empty one. */
bool geometry_read_point(str wkb, double *ret_longitude, double *ret_latitude);

/** Adds degrees to all longitudes; false when the bytes are no geometry. */
bool geometry_shift(char *wkb, size_t bytes, double degrees);

/* ---- relations (relate.c) ---- */

enum geometry_relation {
    GEOMETRY_INTERSECTS, /* they share a point */
    GEOMETRY_WITHIN      /* the literal encloses the shape; its boundary belongs to it */
};

/* A literal made ready for many questions, by the calling thread, which keeps the last few. */
struct geometry_literal;

/**
 * The literal of these bytes; NULL when they are no geometry. Borrowed until the thread asks for some
 * others. One that crosses itself is repaired (GEOS MakeValid) first.
 */
const struct geometry_literal *geometry_literal_of(str wkb);

/**
 * Appends the literal of these bytes as questions are asked about it: repaired, and where it is a
 * collection, with its polygons joined and without collections in it. False when the bytes are no
 * geometry.
 */
bool geometry_write_literal(str wkb, struct buf *out);

/**
 * Whether a shape has a relation to a literal; false for an empty one. A shape that GEOS cannot judge as it
 * is, because it crosses itself, is judged repaired.
 */
bool geometry_relates(const struct geometry_literal *literal, str wkb, enum geometry_relation relation);
bool geometry_relates_point(const struct geometry_literal *literal, double longitude, double latitude);

/* ---- distances on the sphere (sphere.c) ---- */

#define GEOMETRY_EARTH_RADIUS 6371008.7714 /* metres; mean radius of WGS 84 */

/** Great circle between two points, in metres. */
double geometry_point_distance(double longitude, double latitude, double other_longitude,
                               double other_latitude);

/**
 * From a point to the nearest one of a shape, in metres; 0 within a polygon. Edges are straight in
 * longitude and latitude (RFC 7946 3.1.1). False when the bytes are no geometry, or an empty one.
 */
bool geometry_distance(str wkb, double longitude, double latitude, double *ret_metres);

/**
 * A box around the circle of so many metres about a point. It may reach beyond 180 degrees west or
 * east, and spans all longitudes where the circle holds a pole.
 */
struct box geometry_circle_box(double longitude, double latitude, double metres);

/* ---- convex hull (hull.c) ---- */

struct hull;

/** Adds a point; *hull is made when it is NULL. False when the hulls of the process hold too much memory. */
bool hull_add(struct hull **hull, double longitude, double latitude);
/** Adds the points of another. */
bool hull_join(struct hull **hull, const struct hull *other);
/** Appends point, line or polygon as WKB. */
void hull_write(struct hull *hull, struct buf *wkb);
void hull_free(struct hull *hull);

#endif
