/* What the files of catalog.h share. Private to this directory. */
#ifndef DOMAIN_CATALOG_CATALOG_INTERNAL_H
#define DOMAIN_CATALOG_CATALOG_INTERNAL_H

#include <pthread.h>

#include "domain/catalog/catalog.h"

struct loaded_cache;

struct catalog {
    struct db *db;
    struct store store; /* with copies */
    struct db *search;  /* the index for searches: db itself, or a file that follows it (search_follow.c) */
    pthread_mutex_t following; /* held by the thread that makes it follow */
    uint64_t followed;         /* generation that it has; changed under following */
    struct loaded_cache *loaded;
    pthread_mutex_t mutex; /* guards current and its reference being taken */
    const struct snapshot *current;
};

/** Makes a snapshot of the catalogue current, unless a newer one is. Errors: ERR_DATABASE. */
enum err catalog_load(struct scope *scope, struct catalog *catalog, struct db_lease *lease) must_check;

/**
 * An empty snapshot of the whole catalogue; its rows may be those of the one before, which are kept
 * as long as it is, but no other memory of it. before: NULL: all rows are its own.
 */
struct snapshot *snapshot_after(struct catalog *catalog, const struct snapshot *before,
                                uint64_t generation);

/** How many snapshots before it have rows that such a snapshot keeps. */
int snapshot_chain(const struct snapshot *snapshot);

/** The scope for rows that later snapshots may keep. */
struct scope *snapshot_rows(struct snapshot *snapshot);

/** Datasets that were loaded, the latest used ones; any thread. */
struct loaded_cache *loaded_open(void);
void loaded_close(struct loaded_cache *cache);

#endif
