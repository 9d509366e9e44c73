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

#endif
