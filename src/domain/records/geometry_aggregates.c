/* Aggregates over points: the hull around them, and the clusters of a map. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/num.h"
#include "domain/records/records.h"
#include "platform/geometry/cluster.h"
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

/* ---- cluster_values(cell, count, longitude, latitude, radius in metres) ---- */

struct cells {
    struct cluster *items;
    size_t count, capacity;
    double radius;
};

static const char too_many[] = "geo_cluster(): there are more than 250,000 clusters; choose a smaller "
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

static str centroid_json(struct arena *arena, const struct cluster *cluster)
{
    char longitude[NUM_DOUBLE_BYTES];
    char latitude[NUM_DOUBLE_BYTES];
    int x = (int)num_write_double(longitude, cluster->longitude);
    int y = (int)num_write_double(latitude, cluster->latitude);
    return str_printf(arena, "{\"cluster_centroid\": {\"lat\": %.*s, \"lon\": %.*s}}", y, latitude, x,
                      longitude);
}

/* The value of each cell's cluster, in the order of the cells. */
static void finish_cells(void *state, struct db_result *result, size_t row)
{
    struct cells *cells = state;
    if (!cells) {
        return;
    }
    struct arena arena;
    arena_init(&arena, SIZE_MAX); /* bounded by CLUSTER_CELLS_MOST */
    uint32_t *of = arena_array(&arena, uint32_t, cells->count);
    struct cluster *clusters = arena_array(&arena, struct cluster, cells->count);
    str *texts = arena_array(&arena, str, cells->count);
    str *values = arena_array(&arena, str, cells->count);
    qsort(cells->items, cells->count, sizeof(*cells->items), by_cell);
    size_t count = cluster_join(cells->items, cells->count, cells->radius, of, clusters);
    for (size_t i = 0; i < count; i++) {
        texts[i] = centroid_json(&arena, &clusters[i]);
    }
    for (size_t i = 0; i < cells->count; i++) {
        values[i] = texts[of[i]];
    }
    db_result_list(result, row, values, cells->count);
    arena_done(&arena);
}

const struct db_aggregate *geometry_aggregates(size_t *ret_count)
{
    static const struct db_aggregate aggregates[] = {
        {.name = "hull_shape", .returns = CELL_BYTES, .argument_count = 2,
         .arguments = {CELL_DOUBLE, CELL_DOUBLE}, .add = add_to_hull, .join = join_hulls,
         .finish = finish_hull, .free = free_hull},
        {.name = "cluster_values", .returns = CELL_TEXT_LIST, .argument_count = 5,
         .arguments = {CELL_INT, CELL_INT, CELL_DOUBLE, CELL_DOUBLE, CELL_DOUBLE}, .add = add_cell,
         .join = join_cells, .finish = finish_cells, .free = free_cells},
    };
    *ret_count = ARRAY_LENGTH(aggregates);
    return aggregates;
}
