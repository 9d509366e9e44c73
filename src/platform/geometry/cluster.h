/*
 * Clusters of points for maps: points are counted in the cells of a geohash grid, then cells whose
 * centres of gravity lie close are joined. The same cells give the same clusters, in any order. Any thread.
 */
#ifndef PLATFORM_GEOMETRY_CLUSTER_H
#define PLATFORM_GEOMETRY_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#define CLUSTER_PRECISION_MOST 12  /* of a geohash: cells of 4 cm */
#define CLUSTER_CELLS_MOST 250000 /* in one question: joining them cannot be interrupted */

/* Some points together. */
struct cluster {
    int64_t cell; /* of the grid; of a cluster, that of its largest part */
    int64_t count;
    double longitude, latitude; /* of the centre of gravity */
};

/** Metres that so many pixels are at the equator on a map of that zoom, of tiles of 256 pixels. */
double cluster_radius(int zoom, double pixels);

/** Precision of the finest geohash whose cells are larger than so many metres at the equator; at least 1. */
int cluster_precision(double metres);

/** Number of the cell that a point lies in. */
int64_t cluster_cell(double longitude, double latitude, int precision);

/**
 * Joins cells until no two centres are closer than so many metres, larger ones first. cells is sorted by
 * cell. ret_of gets, for each cell, the index of its cluster; ret_clusters has room for count of them.
 * Returns how many clusters there are.
 */
size_t cluster_join(const struct cluster *cells, size_t count, double metres, uint32_t *ret_of,
                    struct cluster *ret_clusters);

#endif
