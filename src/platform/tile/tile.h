/*
 * Vector tiles (Mapbox Vector Tile 2.1): features of one layer collected in an arena, then written. Coordinates
 * are whole units of the tile, x to the right and y down, in pairs.
 */
#ifndef PLATFORM_TILE_TILE_H
#define PLATFORM_TILE_TILE_H

#include "base/arena.h"
#include "base/buf.h"

#define TILE_EXTENT 4096 /* units of an edge */

enum tile_kind { TILE_POINT = 1, TILE_LINE, TILE_POLYGON };

struct tile_layer;

/** An empty layer. It lives in the arena; the name is borrowed. */
struct tile_layer *tile_layer_new(struct arena *arena, str name);

/** Number of a property's name, for the functions below. Names are borrowed. */
uint32_t tile_key(struct tile_layer *layer, str name);

/** Begins a feature; geometry and properties follow in any order. */
void tile_begin(struct tile_layer *layer, enum tile_kind kind);

/** Properties of the feature that was begun; texts are copied. A double that is not finite is left out. */
void tile_add_text(struct tile_layer *layer, uint32_t key, str text);
void tile_add_int(struct tile_layer *layer, uint32_t key, int64_t number);
void tile_add_double(struct tile_layer *layer, uint32_t key, double real);
void tile_add_bool(struct tile_layer *layer, uint32_t key, bool truth);

/**
 * Geometry of the feature that was begun, of its kind: points; a line; a ring. Positions that repeat the one
 * before are left out; a line of fewer than two, and a ring of fewer than three or without an area, is
 * nothing. Rings come open or closed, wound either way; a hole follows its exterior, and is left out when
 * that was.
 */
void tile_add_points(struct tile_layer *layer, const int32_t *xy, size_t count);
void tile_add_line(struct tile_layer *layer, const int32_t *xy, size_t count);
void tile_add_ring(struct tile_layer *layer, const int32_t *xy, size_t count, bool is_hole);

/** Ends the feature; one without geometry is dropped. Returns whether it is there. */
bool tile_end(struct tile_layer *layer);

size_t tile_feature_count(const struct tile_layer *layer);

/** About how many bytes the layer will have. */
size_t tile_bytes(const struct tile_layer *layer);

/** Appends a tile of this layer, of none when it is empty: a tile of no bytes. */
void tile_write(struct tile_layer *layer, struct buf *out);

#endif
