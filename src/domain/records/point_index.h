/*
 * The points of a map in memory, in Morton's order: every tile of the map, and every cell of a tile, is one stretch of
 * it, so that a tile is counted in a walk rather than by a query over all records. Never changed once made; any thread.
 * Private to this directory.
 */
#ifndef DOMAIN_RECORDS_POINT_INDEX_H
#define DOMAIN_RECORDS_POINT_INDEX_H

#include "domain/odsql/odsql.h"

struct point_index;

/* What the points of a cell have for a property: a mean of numbers; else the one value that all have. */
struct point_value {
    enum { POINT_NOTHING, POINT_MEAN, POINT_TRUTH, POINT_TEXT } kind;
    union {
        double mean;
        bool truth;
        str text; /* borrowed from the index */
    };
};

/* Points counted together. */
struct point_cell {
    int64_t count;
    double x, y; /* their mean, in units of the tile from its corner */
    const struct point_value *values; /* of the request's properties */
};

/**
 * Reads the points of a statement as tile_plan's all, which was compiled for this request. *ret_index is NULL where
 * there are too many of them, or too much text (LIMIT_TILE_INDEX_…). Undone by point_index_free. Errors: as db_run.
 */
enum err point_index_read(struct scope *scope, struct db_lease *lease, const struct sql *statement,
                          const struct tile_request *request, struct point_index **ret_index) must_check;

/** Frees. Accepts NULL. */
void point_index_free(struct point_index *index);

/** Bytes of memory that it takes. */
size_t point_index_bytes(const struct point_index *index);

/**
 * How many points lie in a tile and its margin, and those points in cells, each given to visit with user; the cells
 * last until it returns. The request is one with the same properties, its zoom TILE_FINEST_ZOOM at most.
 */
int64_t point_index_count(const struct point_index *index, const struct tile_request *request);
void point_index_cells(struct arena *arena, const struct point_index *index, const struct tile_request *request,
                       void (*visit)(void *user, const struct point_cell *points), void *user);

#endif
