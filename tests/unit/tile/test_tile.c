/* Vector tiles, byte by byte and read again by the library that wrote them. */
#include "../check.h"

#include <math.h>
#include <vector_tile.pb-c.h>

#include "platform/tile/tile.h"

static struct scope scope;

static VectorTile__Tile *read_tile(struct tile_layer *layer)
{
    struct buf bytes = {0};
    tile_write(layer, &bytes);
    VectorTile__Tile *tile = vector_tile__tile__unpack(NULL, bytes.n, (const uint8_t *)bytes.p);
    assert_non_null(tile);
    assert_in_range(bytes.n, 1, tile_bytes(layer) * 2 + 64);
    buf_done(&bytes);
    return tile;
}

static void check_geometry(const char *name, const VectorTile__Tile__Feature *feature, const uint32_t *expected,
                           size_t count)
{
    check_int(name, (long long)feature->n_geometry, (long long)count);
    for (size_t i = 0; i < count; i++) {
        check_int(name, feature->geometry[i], expected[i]);
    }
}

/* The examples of the specification, 4.3.5. */
static void test_geometry_of_the_specification(void **state)
{
    (void)state;
    struct tile_layer *layer = tile_layer_new(&scope.arena, S("examples"));
    tile_begin(layer, TILE_POINT);
    tile_add_points(layer, (const int32_t[]){25, 17}, 1);
    assert_true(tile_end(layer));
    tile_begin(layer, TILE_POINT);
    tile_add_points(layer, (const int32_t[]){5, 7, 3, 2}, 2);
    assert_true(tile_end(layer));
    tile_begin(layer, TILE_LINE);
    tile_add_line(layer, (const int32_t[]){2, 2, 2, 10, 10, 10}, 3);
    tile_add_line(layer, (const int32_t[]){1, 1, 3, 5}, 2);
    assert_true(tile_end(layer));
    tile_begin(layer, TILE_POLYGON);
    tile_add_ring(layer, (const int32_t[]){3, 6, 8, 12, 20, 34, 3, 6}, 4, false);
    assert_true(tile_end(layer));
    tile_begin(layer, TILE_POLYGON);
    tile_add_ring(layer, (const int32_t[]){0, 0, 10, 0, 10, 10, 0, 10}, 4, false);
    tile_add_ring(layer, (const int32_t[]){11, 11, 20, 11, 20, 20, 11, 20}, 4, false);
    tile_add_ring(layer, (const int32_t[]){13, 13, 13, 17, 17, 17, 17, 13}, 4, true);
    assert_true(tile_end(layer));
    VectorTile__Tile *tile = read_tile(layer);
    VectorTile__Tile__Feature **features = tile->layers[0]->features;
    check_int("features", (long long)tile->layers[0]->n_features, 5);
    check_int("version", tile->layers[0]->version, 2);
    check_int("extent", tile->layers[0]->extent, 4096);
    check_geometry("point", features[0], (const uint32_t[]){9, 50, 34}, 3);
    check_geometry("points", features[1], (const uint32_t[]){17, 10, 14, 3, 9}, 5);
    check_geometry("lines", features[2], (const uint32_t[]){9, 4, 4, 18, 0, 16, 16, 0, 9, 17, 17, 10, 4, 8}, 14);
    check_geometry("polygon", features[3], (const uint32_t[]){9, 6, 12, 18, 10, 12, 24, 44, 15}, 9);
    check_geometry("polygons", features[4],
                   (const uint32_t[]){9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15,
                                      9, 4, 13, 26, 0, 8, 8, 0, 0, 7, 15}, 33);
    vector_tile__tile__free_unpacked(tile, NULL);
}

/* Exteriors run clockwise on the screen, holes the other way, however they come. */
static void test_winding(void **state)
{
    (void)state;
    struct tile_layer *layer = tile_layer_new(&scope.arena, S("rings"));
    tile_begin(layer, TILE_POLYGON);
    tile_add_ring(layer, (const int32_t[]){0, 10, 10, 10, 10, 0, 0, 0, 0, 10}, 5, false);
    tile_add_ring(layer, (const int32_t[]){2, 2, 4, 2, 4, 4, 2, 4}, 4, true);
    assert_true(tile_end(layer));
    VectorTile__Tile *tile = read_tile(layer);
    check_geometry("turned", tile->layers[0]->features[0],
                   (const uint32_t[]){9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 4, 11, 26, 4, 0, 0, 3, 3, 0, 15}, 22);
    vector_tile__tile__free_unpacked(tile, NULL);
}

static void test_nothing_to_draw(void **state)
{
    (void)state;
    struct tile_layer *layer = tile_layer_new(&scope.arena, S("nothing"));
    struct buf bytes = {0};
    tile_begin(layer, TILE_LINE);
    tile_add_line(layer, (const int32_t[]){5, 5, 5, 5}, 2);
    assert_false(tile_end(layer));
    tile_begin(layer, TILE_POLYGON);
    tile_add_ring(layer, (const int32_t[]){0, 0, 5, 5, 9, 9, 0, 0}, 4, false);
    tile_add_ring(layer, (const int32_t[]){0, 0, 1, 0, 1, 1}, 3, true); /* of an exterior that is none */
    assert_false(tile_end(layer));
    tile_begin(layer, TILE_POINT);
    tile_add_points(layer, NULL, 0);
    assert_false(tile_end(layer));
    tile_write(layer, &bytes);
    check_int("bytes", (long long)bytes.n, 0);
    check_int("features", (long long)tile_feature_count(layer), 0);
}

static const VectorTile__Tile__Value *value_of(const VectorTile__Tile__Layer *layer, size_t feature, uint32_t key)
{
    const VectorTile__Tile__Feature *found = layer->features[feature];
    for (size_t i = 0; i + 1 < found->n_tags; i += 2) {
        if (found->tags[i] == key) {
            return layer->values[found->tags[i + 1]];
        }
    }
    return NULL;
}

static void test_properties(void **state)
{
    (void)state;
    struct tile_layer *layer = tile_layer_new(&scope.arena, S("properties"));
    uint32_t text = tile_key(layer, S("text"));
    uint32_t number = tile_key(layer, S("number"));
    enum { MANY = 2000 };
    for (int32_t i = 0; i < MANY; i++) {
        tile_begin(layer, TILE_POINT);
        tile_add_points(layer, (const int32_t[]){i, i}, 1);
        tile_add_text(layer, text, str_printf(&scope.arena, "value %d", i % 700));
        if (i % 4 == 0) {
            tile_add_int(layer, number, i % 8 ? -i : INT64_MAX - i % 16);
        } else if (i % 4 == 1) {
            tile_add_double(layer, number, i % 3 ? 0.5 : (double)NAN);
        } else if (i % 4 == 2) {
            tile_add_bool(layer, number, i % 3);
        }
        assert_true(tile_end(layer));
    }
    VectorTile__Tile *tile = read_tile(layer);
    const VectorTile__Tile__Layer *read = tile->layers[0];
    check_int("features", (long long)read->n_features, MANY);
    check_int("keys", (long long)read->n_keys, 2);
    /* Each once: 700 texts, 250 negative numbers, two large ones, a double, two truths. */
    check_int("values", (long long)read->n_values, 700 + 250 + 2 + 1 + 2);
    for (size_t i = 0; i < MANY; i++) {
        const VectorTile__Tile__Value *shown = value_of(read, i, text);
        const VectorTile__Tile__Value *counted = value_of(read, i, number);
        check_text("text", (str){(const char *)shown->text.data, shown->text.len},
                   str_printf(&scope.arena, "value %zu", i % 700));
        if (i % 4 == 0 && i % 8) {
            assert_true(counted->has_whole && counted->whole == -(int64_t)i);
        } else if (i % 4 == 0) {
            assert_true(counted->has_count && counted->count == (uint64_t)(INT64_MAX - (int64_t)(i % 16)));
        } else if (i % 4 == 1) {
            assert_int_equal(counted != NULL, i % 3 != 0);
            assert_true(!counted || fabs(counted->real - 0.5) < 1e-12);
        } else if (i % 4 == 2) {
            assert_true(counted->has_truth && counted->truth == (i % 3 != 0));
        } else {
            assert_null(counted);
        }
    }
    vector_tile__tile__free_unpacked(tile, NULL);
}

static int open_scope(void **state)
{
    (void)state;
    scope_open(&scope);
    return 0;
}

static int close_scope(void **state)
{
    (void)state;
    scope_close(&scope);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_geometry_of_the_specification),
        cmocka_unit_test(test_winding),
        cmocka_unit_test(test_nothing_to_draw),
        cmocka_unit_test(test_properties),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
