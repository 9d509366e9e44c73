/*
 * Where the records of a version are: per geographic field the kinds of geometry and the box around
 * all. Kept with the metadata, so that hiding a field hides its part.
 */
#ifndef DOMAIN_CATALOG_EXTENT_H
#define DOMAIN_CATALOG_EXTENT_H

#include "domain/catalog/field.h"

struct extent {
    bool has_box;
    double west, south, east, north;
    unsigned kinds; /* bit n: kind n of extent_kind_text */
};

#define EXTENT_KINDS 8

/** Name of a kind of geometry by its WKB code: 1 "Point" … 7 "GeometryCollection"; empty for others. */
str extent_kind_text(unsigned kind);

/** Writes {"types": […], "box": [west, south, east, north]}. */
void extent_write(struct json_writer *json, const struct extent *extent);

/** Adds what extent_write wrote; anything else is passed over. */
void extent_join(struct extent *extent, const json_t *written);

/** Writes the rectangle as a GeoJSON Feature (explore-api.md 5.1), or null. */
void extent_write_feature(struct json_writer *json, const struct extent *extent);

/** Names of the kinds. Returns how many were stored. */
size_t extent_kinds(const struct extent *extent, str ret_kinds[EXTENT_KINDS]);

#endif
