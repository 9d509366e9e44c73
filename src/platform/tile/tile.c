#include "platform/tile/tile.h"

#include <math.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/vec.h"
#include <vector_tile.pb-c.h>

typedef VectorTile__Tile__Value value_message;
typedef VectorTile__Tile__Feature feature_message;

enum command { MOVE_TO = 1, LINE_TO = 2, CLOSE_PATH = 7 };

#define SLOTS_FIRST 256 /* of the table of values, a power of 2 */

typedef VEC(uint32_t) number_list;

struct tile_layer {
    struct arena *arena;
    str name;
    VEC(ProtobufCBinaryData) keys;
    VEC(value_message *) values;
    uint32_t *slots; /* of values by hash: their numbers + 1 */
    size_t slot_count;
    VEC(feature_message *) features;
    size_t bytes;

    /* Of the feature that was begun; the lists keep their memory from feature to feature. */
    enum tile_kind kind;
    number_list tags, geometry;
    int32_t x, y;      /* where the pen is */
    bool has_exterior; /* of the polygon whose holes may follow */
};

struct tile_layer *tile_layer_new(struct arena *arena, str name)
{
    struct tile_layer *layer = arena_new(arena, struct tile_layer);
    layer->arena = arena;
    layer->name = name;
    layer->slot_count = SLOTS_FIRST;
    layer->slots = arena_array(arena, uint32_t, SLOTS_FIRST);
    layer->bytes = name.n + 16;
    return layer;
}

static ProtobufCBinaryData bytes_of(str text)
{
    return (ProtobufCBinaryData){text.n, (uint8_t *)(uintptr_t)text.p};
}

uint32_t tile_key(struct tile_layer *layer, str name)
{
    vec_add(layer->arena, &layer->keys, bytes_of(name));
    layer->bytes += name.n + 2;
    return (uint32_t)layer->keys.count - 1;
}

/* ---- properties ---- */

static uint64_t hash_of(const value_message *value)
{
    uint64_t bits = value->has_count ? value->count : value->has_whole ? (uint64_t)value->whole : 0;
    if (value->has_text) {
        return str_hash((str){(const char *)value->text.data, value->text.len});
    }
    if (value->has_real) {
        memcpy(&bits, &value->real, sizeof(bits));
    }
    bits += value->has_truth ? (uint64_t)value->truth + 3 : 0;
    bits ^= bits >> 31;
    bits *= UINT64_C(0x9e3779b97f4a7c15);
    return bits ^ bits >> 29;
}

static bool are_equal(const value_message *a, const value_message *b)
{
    if (a->has_text != b->has_text || a->has_real != b->has_real || a->has_count != b->has_count ||
        a->has_whole != b->has_whole || a->has_truth != b->has_truth) {
        return false;
    }
    return a->has_text    ? a->text.len == b->text.len &&
                                memcmp(a->text.data, b->text.data, a->text.len) == 0
           : a->has_real  ? memcmp(&a->real, &b->real, sizeof(a->real)) == 0
           : a->has_count ? a->count == b->count
           : a->has_whole ? a->whole == b->whole
                          : a->truth == b->truth;
}

/* The slot of a value, or the free one where it belongs. */
static uint32_t *slot_of(const struct tile_layer *layer, const value_message *value)
{
    for (uint64_t at = hash_of(value);; at++) {
        uint32_t *slot = &layer->slots[at & (layer->slot_count - 1)];
        if (*slot == 0 || are_equal(layer->values.items[*slot - 1], value)) {
            return slot;
        }
    }
}

static void grow(struct tile_layer *layer)
{
    layer->slot_count *= 2;
    layer->slots = arena_array(layer->arena, uint32_t, layer->slot_count);
    for (size_t i = 0; i < layer->values.count; i++) {
        *slot_of(layer, layer->values.items[i]) = (uint32_t)i + 1;
    }
}

static void add_value(struct tile_layer *layer, uint32_t key, const value_message *value)
{
    uint32_t *slot = slot_of(layer, value);
    if (*slot == 0) {
        value_message *kept = arena_new(layer->arena, value_message);
        *kept = *value;
        kept->text = bytes_of(str_copy(layer->arena, (str){(const char *)value->text.data, value->text.len}));
        vec_add(layer->arena, &layer->values, kept);
        *slot = (uint32_t)layer->values.count;
        layer->bytes += value->text.len + 10;
    }
    uint32_t number = *slot - 1;
    vec_add(layer->arena, &layer->tags, key);
    vec_add(layer->arena, &layer->tags, number);
    if (layer->values.count * 2 > layer->slot_count) {
        grow(layer);
    }
}

void tile_add_text(struct tile_layer *layer, uint32_t key, str text)
{
    value_message value = VECTOR_TILE__TILE__VALUE__INIT;
    value.has_text = true;
    value.text = bytes_of(text);
    add_value(layer, key, &value);
}

void tile_add_int(struct tile_layer *layer, uint32_t key, int64_t number)
{
    value_message value = VECTOR_TILE__TILE__VALUE__INIT;
    value.has_count = number >= 0;
    value.has_whole = number < 0;
    value.count = number >= 0 ? (uint64_t)number : 0;
    value.whole = number < 0 ? number : 0;
    add_value(layer, key, &value);
}

void tile_add_double(struct tile_layer *layer, uint32_t key, double real)
{
    value_message value = VECTOR_TILE__TILE__VALUE__INIT;
    value.has_real = true;
    value.real = real;
    if (isfinite(real)) {
        add_value(layer, key, &value);
    }
}

void tile_add_bool(struct tile_layer *layer, uint32_t key, bool truth)
{
    value_message value = VECTOR_TILE__TILE__VALUE__INIT;
    value.has_truth = true;
    value.truth = truth;
    add_value(layer, key, &value);
}

/* ---- geometry ---- */

static void add_number(struct tile_layer *layer, uint32_t number)
{
    vec_add(layer->arena, &layer->geometry, number);
}

static void add_command(struct tile_layer *layer, enum command command, size_t count)
{
    add_number(layer, (uint32_t)count << 3 | command);
}

static uint32_t zigzag(int32_t from, int32_t to)
{
    int32_t step = (int32_t)((uint32_t)to - (uint32_t)from);
    return (uint32_t)step << 1 ^ (uint32_t)(step >> 31);
}

static void add_position(struct tile_layer *layer, const int32_t *xy)
{
    add_number(layer, zigzag(layer->x, xy[0]));
    add_number(layer, zigzag(layer->y, xy[1]));
    layer->x = xy[0];
    layer->y = xy[1];
}

void tile_begin(struct tile_layer *layer, enum tile_kind kind)
{
    layer->kind = kind;
    layer->tags.count = 0;
    layer->geometry.count = 0;
    layer->x = 0;
    layer->y = 0;
    layer->has_exterior = false;
}

void tile_add_points(struct tile_layer *layer, const int32_t *xy, size_t count)
{
    bug_if(layer->kind != TILE_POINT || layer->geometry.count); /* one command has all of them */
    if (count == 0) {
        return;
    }
    add_command(layer, MOVE_TO, count);
    for (size_t i = 0; i < count; i++) {
        add_position(layer, xy + 2 * i);
    }
}

/* Positions without those that repeat the one before. */
static size_t without_repeats(struct tile_layer *layer, const int32_t *xy, size_t count, int32_t **ret_xy)
{
    int32_t *kept = arena_array(layer->arena, int32_t, 2 * count + 1);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (n == 0 || kept[2 * n - 2] != xy[2 * i] || kept[2 * n - 1] != xy[2 * i + 1]) {
            kept[2 * n] = xy[2 * i];
            kept[2 * n + 1] = xy[2 * i + 1];
            n++;
        }
    }
    *ret_xy = kept;
    return n;
}

static void add_path(struct tile_layer *layer, const int32_t *xy, size_t count)
{
    add_command(layer, MOVE_TO, 1);
    add_position(layer, xy);
    add_command(layer, LINE_TO, count - 1);
    for (size_t i = 1; i < count; i++) {
        add_position(layer, xy + 2 * i);
    }
}

void tile_add_line(struct tile_layer *layer, const int32_t *xy, size_t count)
{
    bug_if(layer->kind != TILE_LINE);
    int32_t *kept;
    size_t n = without_repeats(layer, xy, count, &kept);
    if (n >= 2) {
        add_path(layer, kept, n);
    }
}

/* Twice the area by the surveyor's formula: positive where a ring runs clockwise on the screen. */
static int64_t area_of(const int32_t *xy, size_t count)
{
    int64_t area = 0;
    for (size_t i = 0; i < count; i++) {
        const int32_t *next = xy + 2 * ((i + 1) % count);
        area += (int64_t)xy[2 * i] * next[1] - (int64_t)next[0] * xy[2 * i + 1];
    }
    return area;
}

static void turn_round(int32_t *xy, size_t count)
{
    for (size_t i = 0, j = count - 1; i < j; i++, j--) {
        int32_t x = xy[2 * i];
        int32_t y = xy[2 * i + 1];
        xy[2 * i] = xy[2 * j];
        xy[2 * i + 1] = xy[2 * j + 1];
        xy[2 * j] = x;
        xy[2 * j + 1] = y;
    }
}

void tile_add_ring(struct tile_layer *layer, const int32_t *xy, size_t count, bool is_hole)
{
    bug_if(layer->kind != TILE_POLYGON);
    int32_t *kept;
    size_t n = without_repeats(layer, xy, count, &kept);
    while (n > 1 && kept[0] == kept[2 * n - 2] && kept[1] == kept[2 * n - 1]) {
        n--;
    }
    int64_t area = n >= 3 ? area_of(kept, n) : 0;
    bool is_drawn = area != 0 && (!is_hole || layer->has_exterior);
    layer->has_exterior = is_hole ? layer->has_exterior : is_drawn;
    if (!is_drawn) {
        return;
    }
    if ((area > 0) == is_hole) {
        turn_round(kept, n);
    }
    add_path(layer, kept, n);
    add_command(layer, CLOSE_PATH, 1);
}

/* ---- features and tiles ---- */

static uint32_t *copy_numbers(struct arena *arena, const number_list *list)
{
    uint32_t *copy = arena_array(arena, uint32_t, list->count + 1);
    memcpy(copy, list->items, list->count * sizeof(*copy));
    return copy;
}

bool tile_end(struct tile_layer *layer)
{
    if (layer->geometry.count == 0) {
        return false;
    }
    feature_message *feature = arena_new(layer->arena, feature_message);
    vector_tile__tile__feature__init(feature);
    feature->has_kind = true;
    feature->kind = (VectorTile__Tile__Kind)layer->kind;
    feature->n_geometry = layer->geometry.count;
    feature->geometry = copy_numbers(layer->arena, &layer->geometry);
    if (layer->tags.count) {
        feature->n_tags = layer->tags.count;
        feature->tags = copy_numbers(layer->arena, &layer->tags);
    }
    vec_add(layer->arena, &layer->features, feature);
    layer->bytes += 8 + 2 * layer->tags.count + 2 * layer->geometry.count;
    return true;
}

size_t tile_feature_count(const struct tile_layer *layer)
{
    return layer->features.count;
}

size_t tile_bytes(const struct tile_layer *layer)
{
    return layer->bytes;
}

void tile_write(struct tile_layer *layer, struct buf *out)
{
    if (layer->features.count == 0) {
        return;
    }
    VectorTile__Tile__Layer message = VECTOR_TILE__TILE__LAYER__INIT;
    VectorTile__Tile__Layer *layers[] = {&message};
    VectorTile__Tile tile = VECTOR_TILE__TILE__INIT;
    message.version = 2;
    message.name = bytes_of(layer->name);
    message.n_features = layer->features.count;
    message.features = layer->features.items;
    message.n_keys = layer->keys.count;
    message.keys = layer->keys.items;
    message.n_values = layer->values.count;
    message.values = layer->values.items;
    message.has_extent = true;
    message.extent = TILE_EXTENT;
    tile.n_layers = 1;
    tile.layers = layers;
    size_t size = vector_tile__tile__get_packed_size(&tile);
    vector_tile__tile__pack(&tile, (uint8_t *)buf_reserve(out, size));
    out->n += size;
}
