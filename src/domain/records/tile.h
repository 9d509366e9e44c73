/* Vector tiles of records: a lease and clauses in, a tile (platform/tile) with the layer "records" out. */
#ifndef DOMAIN_RECORDS_TILE_H
#define DOMAIN_RECORDS_TILE_H

#include "base/buf.h"
#include "domain/records/records.h"

#define TILE_LAYER_NAME S("records")
#define TILE_ID_NAME S("_id")       /* property: id of the record, where they are shown one by one */
#define TILE_COUNT_NAME S("_count") /* property: how many records a point stands for; absent: one */

/**
 * Begins a request for a tile, whose address is checked: 0 <= zoom <= LIMIT_TILE_ZOOM, x and y below 2^zoom. field may
 * be empty: the first geo point, else the first shape. Lives in the scope's arena. Errors: as odsql_tile_fields.
 */
enum err tile_request(struct scope *scope, const struct source *source, int zoom, int64_t x, int64_t y, str field,
                      const str *properties, size_t property_count, struct tile_request *ret_request) must_check;

/**
 * Reads a tile and appends it; nothing where it is empty. Up to LIMIT_TILE_POINTS points are shown one by one, more are
 * counted in cells of 1/64 of the tile's edge; the largest LIMIT_TILE_SHAPES shapes are drawn, as long as the tile is
 * smaller than LIMIT_TILE_BYTES. Errors: as odsql_tile_compile and db_run.
 */
enum err tile_read(struct scope *scope, struct records_lease *lease, const struct clauses *clauses,
                   const struct tile_request *request, struct buf *out) must_check;

#endif
