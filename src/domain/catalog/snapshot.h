/*
 * The catalogue in memory: an immutable set of datasets, shared by reference count and replaced as
 * a whole when the catalogue changes. Readers keep the snapshot they began with.
 *
 * The catalogue itself has all datasets, whole. What somebody may see is another snapshot, made from
 * it by identity/access.h; nothing else may be shown to visitors.
 */
#ifndef DOMAIN_CATALOG_SNAPSHOT_H
#define DOMAIN_CATALOG_SNAPSHOT_H

#include "domain/catalog/dataset.h"

struct catalog;
struct db_lease;

/* Fingerprints that are no hashes. */
#define SNAPSHOT_ANONYMOUS 0 /* what everybody may see */
#define SNAPSHOT_WHOLE 1     /* everything */

struct snapshot {
    uint64_t generation;            /* grows with every change that this process saw */
    uint64_t fingerprint;           /* equal for people who see the same of a generation */
    const struct dataset *datasets; /* sorted by id */
    size_t count;
    uint32_t *by_uid;               /* set by snapshot_index */
    size_t by_uid_size;
};

/** Dataset of that id (or uid), or NULL. Lives as long as the snapshot. */
const struct dataset *snapshot_find(const struct snapshot *snapshot, str id);

/** Prepares snapshot_find by uid; to be called when the datasets are set, before others see them. */
void snapshot_index(struct snapshot *snapshot);

/** The current whole snapshot with one more reference; give it back with snapshot_unref. Any thread. */
const struct snapshot *catalog_snapshot(struct catalog *catalog);
void snapshot_unref(const struct snapshot *snapshot);

/** The snapshot with one more reference. */
const struct snapshot *snapshot_ref(const struct snapshot *snapshot);

/**
 * An empty snapshot with one reference, to be filled before others see it. It keeps base, from which
 * its datasets may borrow, until it is freed; NULL: none. Give it back with snapshot_unref.
 */
struct snapshot *snapshot_new(const struct snapshot *base, uint64_t generation,
                              uint64_t fingerprint);

/** The scope that lives as long as a snapshot; for filling it. */
struct scope *snapshot_scope(struct snapshot *snapshot);

#endif
