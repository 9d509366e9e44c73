/*
 * Any geometry cut to some tile, and drawn: never a crash; every position lies in the tile and its margin; and
 * the tile reads back.
 */
#include "base/bug.h"
#include "platform/geometry/cut.h"
#include "platform/tile/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void draw(struct arena *arena, const struct cut *cut)
{
    struct tile_layer *layer = tile_layer_new(arena, S("records"));
    struct buf tile = {0};
    for (size_t i = 0; i < cut->parts.count; i++) {
        const struct cut_part *part = &cut->parts.items[i];
        for (size_t j = 0; j < 2 * part->count; j++) {
            bug_if(part->xy[j] < -64 || part->xy[j] > TILE_EXTENT + 64);
        }
        tile_begin(layer, part->kind == GEOMETRY_POINT  ? TILE_POINT
                          : part->kind == GEOMETRY_LINE ? TILE_LINE
                                                        : TILE_POLYGON);
        if (part->kind == GEOMETRY_POINT) {
            tile_add_points(layer, part->xy, part->count);
        } else if (part->kind == GEOMETRY_LINE) {
            tile_add_line(layer, part->xy, part->count);
        } else {
            tile_add_ring(layer, part->xy, part->count, part->is_hole);
        }
        (void)tile_end(layer);
    }
    tile_write(layer, &tile);
    bug_if((tile.n == 0) != (tile_feature_count(layer) == 0));
    buf_done(&tile);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 4) {
        return 0;
    }
    int zoom = bytes[1] % 23;
    double edge = (double)(UINT32_C(1) << zoom);
    const struct cut_window window = {.world = TILE_EXTENT * edge,
                                      .left = TILE_EXTENT * (double)(bytes[2] % (UINT32_C(1) << zoom)),
                                      .top = TILE_EXTENT * (double)(bytes[3] % (UINT32_C(1) << zoom)),
                                      .extent = TILE_EXTENT,
                                      .margin = 64,
                                      .tolerance = 4};
    str text = {(const char *)bytes + 4, size - 4};
    struct buf wkb = {0};
    struct cut cut = {0};
    struct scope scope;
    scope_open(&scope);
    /* As bytes from anywhere, and as a geometry that was read. */
    bool is_read = bytes[0] % 4 && geometry_read_any(&scope, text, &wkb) == ERR_OK;
    bool is_cut = geometry_cut(&scope.arena, is_read ? buf_str(&wkb) : text, &window, &cut);
    bug_if(is_read && !is_cut);
    draw(&scope.arena, &cut);
    buf_done(&wkb);
    scope_close(&scope);
    return 0;
}
