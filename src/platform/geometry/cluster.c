#include "platform/geometry/cluster.h"

#include <math.h>
#include <stdlib.h>

#include "base/bug.h"
#include "platform/geometry/geometry.h"

#define TILE_PIXELS 256
#define EQUATOR_METRES 40075016.686 /* of the sphere of web maps */
#define PASSES_MOST 50              /* two or three are usual */
#define NOWHERE UINT32_MAX

double cluster_radius(int zoom, double pixels)
{
    return pixels * EQUATOR_METRES / TILE_PIXELS / ldexp(1, zoom);
}

static int longitude_bits(int precision)
{
    return (5 * precision + 1) / 2;
}

static int latitude_bits(int precision)
{
    return 5 * precision / 2;
}

int cluster_precision(double metres)
{
    int precision = CLUSTER_PRECISION_MOST;
    for (; precision > 1; precision--) {
        double width = EQUATOR_METRES / ldexp(1, longitude_bits(precision));
        double height = EQUATOR_METRES / 2 / ldexp(1, latitude_bits(precision));
        if (fmin(width, height) > metres) {
            break;
        }
    }
    return precision;
}

static int64_t step_of(double value, double least, double span, int bits)
{
    int64_t most = ((int64_t)1 << bits) - 1;
    double step = floor((value - least) / span * ldexp(1, bits));
    return step > 0 ? step < (double)most ? (int64_t)step : most : 0;
}

int64_t cluster_cell(double longitude, double latitude, int precision)
{
    return step_of(longitude, -180, 360, longitude_bits(precision)) << 32 |
           step_of(latitude, -90, 180, latitude_bits(precision));
}

/*
 * Where clusters are looked up by place: rows of the height of the radius, and in each row columns that
 * are at least as wide everywhere in it. What is closer than the radius lies in a neighbouring one.
 */
struct grid {
    double degrees; /* the radius */
    size_t mask;
    uint32_t *first; /* by hash; NOWHERE: none */
    uint32_t *next;  /* by cluster */
};

static double turn(double longitude)
{
    return longitude < -180 ? longitude + 360 : longitude >= 180 ? longitude - 360 : longitude;
}

static int64_t row_of(const struct grid *grid, double latitude)
{
    return (int64_t)floor((latitude + 90) / grid->degrees);
}

static int64_t columns_of(const struct grid *grid, int64_t row)
{
    double south = fabs((double)row * grid->degrees - 90);
    double north = fabs((double)(row + 1) * grid->degrees - 90);
    double farthest = fmin(90, fmax(south, north));
    double columns = floor(360 * cos(farthest * M_PI / 180) / grid->degrees);
    return columns > 1 ? (int64_t)columns : 1;
}

static int64_t column_of(int64_t columns, double longitude)
{
    int64_t column = (int64_t)floor((turn(longitude) + 180) / 360 * (double)columns);
    return column < columns ? column : columns - 1;
}

static uint32_t *place_of(const struct grid *grid, int64_t row, int64_t column)
{
    uint64_t hash = ((uint64_t)row * UINT64_C(0x9e3779b97f4a7c15)) ^
                    ((uint64_t)column * UINT64_C(0xc2b2ae3d27d4eb4f));
    return &grid->first[(hash ^ hash >> 29) & grid->mask];
}

static uint32_t *place_of_cluster(const struct grid *grid, const struct cluster *cluster)
{
    int64_t row = row_of(grid, cluster->latitude);
    return place_of(grid, row, column_of(columns_of(grid, row), cluster->longitude));
}

static void put(struct grid *grid, const struct cluster *clusters, uint32_t at)
{
    uint32_t *place = place_of_cluster(grid, &clusters[at]);
    grid->next[at] = *place;
    *place = at;
}

static void take(struct grid *grid, const struct cluster *clusters, uint32_t at)
{
    uint32_t *place = place_of_cluster(grid, &clusters[at]);
    while (*place != at) {
        place = &grid->next[*place];
    }
    *place = grid->next[at];
}

static double distance_of(const struct cluster *a, const struct cluster *b)
{
    return geometry_point_distance(a->longitude, a->latitude, b->longitude, b->latitude);
}

/* The nearest cluster that is closer than the radius, the first of several; NOWHERE: none. */
static uint32_t nearest(const struct grid *grid, const struct cluster *clusters,
                        const struct cluster *item, double metres)
{
    uint32_t best = NOWHERE;
    double least = metres;
    int64_t middle = row_of(grid, item->latitude);
    for (int64_t row = middle - 1; row <= middle + 1; row++) {
        int64_t columns = columns_of(grid, row);
        int64_t column = column_of(columns, item->longitude);
        for (int64_t i = 0; i < 3 && i < columns; i++) {
            int64_t looked = (column + (columns < 3 ? i : i - 1) + columns) % columns;
            for (uint32_t at = *place_of(grid, row, looked); at != NOWHERE; at = grid->next[at]) {
                double found = distance_of(item, &clusters[at]);
                if (found < least || (found == least && at < best && best != NOWHERE)) {
                    least = found;
                    best = at;
                }
            }
        }
    }
    return best;
}

/* Around the globe the shorter way. */
static void absorb(struct cluster *cluster, const struct cluster *item)
{
    double all = (double)cluster->count + (double)item->count;
    double east = turn(item->longitude - cluster->longitude);
    cluster->longitude = turn(cluster->longitude + east * ((double)item->count / all));
    cluster->latitude += (item->latitude - cluster->latitude) * ((double)item->count / all);
    cluster->count += item->count;
}

struct rank {
    const struct cluster *item;
    uint32_t index;
};

static int by_size(const void *left, const void *right)
{
    const struct cluster *a = ((const struct rank *)left)->item;
    const struct cluster *b = ((const struct rank *)right)->item;
    return a->count != b->count ? (a->count < b->count) - (a->count > b->count)
                                : (a->cell > b->cell) - (a->cell < b->cell);
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory) {
        bug_out_of_memory(count * size);
    }
    return memory;
}

/* Joins items into clusters; ret_of gets the cluster of each. */
static size_t join_once(struct grid *grid, const struct cluster *items, size_t count, double metres,
                        struct rank *ranks, uint32_t *ret_of, struct cluster *ret_clusters)
{
    uint32_t found = 0;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = (struct rank){&items[i], (uint32_t)i};
    }
    qsort(ranks, count, sizeof(*ranks), by_size);
    memset(grid->first, 0xff, (grid->mask + 1) * sizeof(*grid->first));
    for (size_t i = 0; i < count; i++) {
        const struct cluster *item = ranks[i].item;
        uint32_t at = nearest(grid, ret_clusters, item, metres);
        if (at == NOWHERE) {
            at = found++;
            ret_clusters[at] = *item;
        } else {
            take(grid, ret_clusters, at);
            absorb(&ret_clusters[at], item);
        }
        put(grid, ret_clusters, at);
        ret_of[ranks[i].index] = at;
    }
    return found;
}

size_t cluster_join(const struct cluster *cells, size_t count, double metres, uint32_t *ret_of,
                    struct cluster *ret_clusters)
{
    struct grid grid = {.degrees = metres / GEOMETRY_EARTH_RADIUS * 180 / M_PI, .mask = 1};
    while (grid.mask < count) {
        grid.mask = grid.mask << 1 | 1;
    }
    grid.first = allocate(grid.mask + 1, sizeof(*grid.first));
    grid.next = allocate(count, sizeof(*grid.next));
    struct rank *ranks = allocate(count, sizeof(*ranks));
    uint32_t *step = allocate(count, sizeof(*step));
    struct cluster *items = allocate(count, sizeof(*items));
    size_t found = join_once(&grid, cells, count, metres, ranks, ret_of, ret_clusters);
    size_t before = count;
    for (int pass = 1; pass < PASSES_MOST && found < before; pass++) {
        before = found;
        memcpy(items, ret_clusters, before * sizeof(*items));
        found = join_once(&grid, items, before, metres, ranks, step, ret_clusters);
        for (size_t i = 0; i < count; i++) {
            ret_of[i] = step[ret_of[i]];
        }
    }
    free(grid.first);
    free(grid.next);
    free(ranks);
    free(step);
    free(items);
    return found;
}
