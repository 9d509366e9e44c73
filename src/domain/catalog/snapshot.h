/*
 * The catalogue in memory: an immutable set of datasets, shared by reference count and replaced as
 * a whole when the catalogue changes. Readers keep the snapshot they began with.
 */
#ifndef DOMAIN_CATALOG_SNAPSHOT_H
#define DOMAIN_CATALOG_SNAPSHOT_H

#include "domain/catalog/dataset.h"

struct catalog;
struct db_lease;

struct snapshot {
    uint64_t generation;            /* grows with every change that this process saw */
    const struct dataset *datasets; /* sorted by id */
    size_t count;
};

/** Dataset of that id (or uid), or NULL. Lives as long as the snapshot. */
const struct dataset *snapshot_find(const struct snapshot *snapshot, str id);

/** The current snapshot with one more reference; give it back with snapshot_unref. Any thread. */
const struct snapshot *catalog_snapshot(struct catalog *catalog);
void snapshot_unref(const struct snapshot *snapshot);

#endif
