/*
 * Indexes of points by map: by the statement that reads them, which names the version, the filters and who may see
 * what. One is made when a second tile of many points is asked for; those not used for the longest time go first.
 * Private to this directory.
 */
#ifndef DOMAIN_RECORDS_POINT_INDEXES_H
#define DOMAIN_RECORDS_POINT_INDEXES_H

#include "domain/records/point_index.h"

struct point_indexes;

/** Makes an empty list, which keeps so many bytes of what nobody uses. Undone by point_indexes_free, when no lease is left. */
struct point_indexes *point_indexes_new(size_t limit_bytes);

/** Frees. Accepts NULL. */
void point_indexes_free(struct point_indexes *indexes);

struct point_indexes_lease {
    const struct point_index *index; /* NULL: there is none */
    struct point_indexes *indexes;
    str name; /* of the map */
};

/**
 * Leases the index of a statement as tile_plan's all, NULL where there is none: the statement has no parts, nobody
 * wanted it before, there are too many points, or that of another map is being made. Where it is wanted it is made, or
 * waited for. The lease's texts live in the scope's arena. Errors: as point_index_read.
 */
enum err point_indexes_lease(struct scope *scope, struct point_indexes *indexes, struct db_lease *db,
                             const struct sql *statement, const struct tile_request *request,
                             struct point_indexes_lease *ret_lease) must_check;

/** Whoever asks for the index of a lease without one from now on gets it. */
void point_indexes_want(const struct point_indexes_lease *lease);

/** Bytes that the indexes take; more than the limit only while all of them are used. */
size_t point_indexes_bytes(struct point_indexes *indexes);

/** Gives the index back. A zeroed lease is accepted. Usable with cleanup_with. */
void point_indexes_release(struct point_indexes_lease *lease);

#endif
