/*
 * The catalogue in memory: an immutable set of datasets, shared by reference count and replaced as
 * a whole when the catalogue changes. Readers keep the snapshot they began with. It holds light
 * rows; what else there is of a dataset is loaded when somebody asks for it.
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
    const struct dataset **datasets; /* light rows, sorted by id */
    size_t count;
    struct catalog *catalog;        /* from which datasets are loaded; outlives its snapshots */
    uint32_t *by_uid;               /* set by snapshot_index */
    size_t by_uid_size;
};

/** Records ERR_NO_DATASET for the id of a dataset that is not there, or not for who asks; returns it. */
enum err dataset_absent(struct scope *scope, str id);

/** Light row of the dataset of that id (or uid), or NULL. Lives as long as the snapshot. */
const struct dataset *snapshot_find(const struct snapshot *snapshot, str id);

/** Prepares snapshot_find by uid; to be called when the datasets are set, before others see them. */
void snapshot_index(struct snapshot *snapshot);

/**
 * A light row of the snapshot with what it does not hold, as it was in the snapshot's generation:
 * one look into the catalogue's file. Everything lives in the scope's arena. For work over many
 * datasets; snapshot_load is faster for one that is asked for again and again.
 * Errors: ERR_BUSY (the snapshot is older than what the catalogue remembers, ten minutes),
 * ERR_DATABASE.
 */
enum err dataset_load(struct scope *scope, const struct snapshot *snapshot,
                      const struct dataset *light, const struct dataset **ret_dataset) must_check;

/* What is stored of some datasets, read at once. */
struct dataset_texts;

/**
 * Reads ahead what dataset_load_stored needs of many datasets, where that saves time: each question to PostgreSQL
 * has its price. NULL where it does not. In the scope's arena. Errors: ERR_DATABASE, ERR_BUSY.
 */
enum err dataset_read_texts(struct scope *scope, const struct snapshot *snapshot,
                            const struct dataset *const *lights, size_t count,
                            const struct dataset_texts **ret_texts) must_check;

/** As dataset_load without the document, which costs about as much as the rest. texts: NULL: none. */
enum err dataset_load_stored(struct scope *scope, const struct snapshot *snapshot,
                             const struct dataset *light, const struct dataset_texts *texts,
                             struct dataset **ret_dataset) must_check;

/**
 * snapshot_find and dataset_load, by way of a cache of the latest datasets; NULL when there is none.
 * Lives until the scope closes. Errors: as dataset_load.
 */
enum err snapshot_load(struct scope *scope, const struct snapshot *snapshot, str id,
                       const struct dataset **ret_dataset) must_check;

/** The current whole snapshot with one more reference; give it back with snapshot_unref. Any thread. */
const struct snapshot *catalog_snapshot(struct catalog *catalog);
void snapshot_unref(const struct snapshot *snapshot);

/** The snapshot with one more reference. */
const struct snapshot *snapshot_ref(const struct snapshot *snapshot);

/**
 * An empty snapshot of base's generation with one reference, to be filled before others see it. It
 * keeps base, from which its datasets may borrow, until it is freed. Give it back with snapshot_unref.
 */
struct snapshot *snapshot_new(const struct snapshot *base, uint64_t fingerprint);

/** The scope that lives as long as a snapshot; for filling it. */
struct scope *snapshot_scope(struct snapshot *snapshot);

#endif
