/* Aggregates over points: the hull around them, and the clusters of a map. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/num.h"
#include "domain/records/clusters.h"
#include "domain/records/records.h"
#include "platform/geometry/geometry.h"

/* ---- hull_shape(longitude, latitude) ---- */

static const char too_large[] = "envelope(): the groups hold too many points; use a filter, or fewer groups";

static const char *add_to_hull(void **state, const struct batch *arguments, size_t row)
{
    const struct column *longitudes = &arguments->columns[0];
    const struct column *latitudes = &arguments->columns[1];
    if (column_is_null(longitudes, row) || column_is_null(latitudes, row)) {
        return NULL;
    }
    return hull_add((struct hull **)state, longitudes->reals[row], latitudes->reals[row]) ? NULL
                                                                                          : too_large;
}

static const char *join_hulls(void **state, const void *other)
{
    return hull_join((struct hull **)state, other) ? NULL : too_large;
}

static void finish_hull(void *state, struct db_result *result, size_t row)
{
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    if (state) {
        hull_write(state, &wkb);
        db_result_text(result, row, buf_str(&wkb));
    }
}

static void free_hull(void *state)
{
    hull_free(state);
}

/* ---- pack_clusters(cell, count, longitude, latitude, radius in metres) ---- */

struct cells {
    struct cluster *items;
    size_t count, capacity;
    double radius;
};

static const char too_many[] = "geo_cluster(): there are more than a million clusters; choose a smaller "
                               "zoom, or filter with in_bbox()";

static const char *add_cells(void **state, const struct cluster *items, size_t count, double radius)
{
    struct cells *cells = *state ? *state : calloc(1, sizeof(*cells));
    if (!cells) {
        bug_out_of_memory(sizeof(*cells));
    }
    *state = cells;
    if (cells->count + count > CLUSTER_CELLS_MOST) {
        return too_many;
    }
    if (cells->count + count > cells->capacity) {
        cells->capacity = 2 * cells->capacity + count;
        cells->items = realloc(cells->items, cells->capacity * sizeof(*cells->items));
        if (!cells->items) {
            bug_out_of_memory(cells->capacity * sizeof(*cells->items));
        }
    }
    memcpy(cells->items + cells->count, items, count * sizeof(*items));
    cells->count += count;
    cells->radius = radius;
    return NULL;
}

static const char *add_cell(void **state, const struct batch *arguments, size_t row)
{
    const struct cluster item = {.cell = arguments->columns[0].numbers[row],
                                 .count = arguments->columns[1].numbers[row],
                                 .longitude = arguments->columns[2].reals[row],
                                 .latitude = arguments->columns[3].reals[row]};
    return add_cells(state, &item, 1, arguments->columns[4].reals[row]);
}

static const char *join_cells(void **state, const void *other)
{
    const struct cells *cells = other;
    return add_cells(state, cells->items, cells->count, cells->radius);
}

static void free_cells(void *state)
{
    struct cells *cells = state;
    free(cells->items);
    free(cells);
}

static int by_cell(const void *left, const void *right)
{
    const struct cluster *a = left;
    const struct cluster *b = right;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

static void add_value(struct buf *out, const void *value, size_t bytes)
{
    buf_add(out, (str){value, bytes});
}

/*
 * Packed: how many cells and clusters; the cells, ascending; the cluster of each; where the text of each
 * cluster ends; the texts.
 */
static void pack(const struct cells *cells, const uint32_t *of, const struct cluster *clusters,
                 size_t cluster_count, struct buf *out)
{
    const uint32_t counts[2] = {(uint32_t)cells->count, (uint32_t)cluster_count};
    struct buf texts cleanup_with(buf_cleanup) = {0};
    add_value(out, counts, sizeof(counts));
    for (size_t i = 0; i < cells->count; i++) {
        add_value(out, &cells->items[i].cell, sizeof(int64_t));
    }
    add_value(out, of, cells->count * sizeof(*of));
    for (size_t i = 0; i < cluster_count; i++) {
        buf_add(&texts, S("{\"cluster_centroid\": {\"lat\": "));
        texts.n += num_write_double(buf_reserve(&texts, NUM_DOUBLE_BYTES), clusters[i].latitude);
        buf_add(&texts, S(", \"lon\": "));
        texts.n += num_write_double(buf_reserve(&texts, NUM_DOUBLE_BYTES), clusters[i].longitude);
        buf_add(&texts, S("}}"));
        const uint32_t end = (uint32_t)texts.n;
        add_value(out, &end, sizeof(end));
    }
    buf_add(out, buf_str(&texts));
}

static void finish_cells(void *state, struct db_result *result, size_t row)
{
    struct cells *cells = state;
    struct buf packed cleanup_with(buf_cleanup) = {0};
    if (!cells) {
        return;
    }
    uint32_t *of = calloc(cells->count, sizeof(*of));
    struct cluster *clusters = calloc(cells->count, sizeof(*clusters));
    if (!of || !clusters) {
        bug_out_of_memory(cells->count * sizeof(*clusters));
    }
    qsort(cells->items, cells->count, sizeof(*cells->items), by_cell);
    size_t count = cluster_join(cells->items, cells->count, cells->radius, of, clusters);
    pack(cells, of, clusters, count, &packed);
    db_result_text(result, row, buf_str(&packed));
    free(of);
    free(clusters);
}

static uint32_t number_at(const char *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

static int64_t cell_at(str packed, size_t index)
{
    int64_t number;
    memcpy(&number, packed.p + 8 + index * sizeof(number), sizeof(number));
    return number;
}

str clusters_find(str packed, int64_t wanted)
{
    size_t cells = number_at(packed.p);
    size_t clusters = number_at(packed.p + 4);
    size_t low = 0;
    size_t high = cells;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cell_at(packed, middle) < wanted) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == cells || cell_at(packed, low) != wanted) {
        return STR_NONE;
    }
    const char *of = packed.p + 8 + cells * sizeof(int64_t);
    const char *ends = of + cells * sizeof(uint32_t);
    const char *texts = ends + clusters * sizeof(uint32_t);
    uint32_t cluster = number_at(of + low * sizeof(uint32_t));
    uint32_t from = cluster ? number_at(ends + (cluster - 1) * sizeof(uint32_t)) : 0;
    return (str){texts + from, number_at(ends + cluster * sizeof(uint32_t)) - from};
}

const struct db_aggregate *geometry_aggregates(size_t *ret_count)
{
    static const struct db_aggregate aggregates[] = {
        {.name = "hull_shape", .returns = CELL_BYTES, .argument_count = 2,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE}, .add = add_to_hull, .join = join_hulls,
         .finish = finish_hull, .free = free_hull},
        {.name = "pack_clusters", .returns = CELL_BYTES, .argument_count = 5,
         .arguments = {CELL_INT, CELL_INT, CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE}, .add = add_cell,
         .join = join_cells, .finish = finish_cells, .free = free_cells},
    };
    *ret_count = ARRAY_LENGTH(aggregates);
    return aggregates;
}
