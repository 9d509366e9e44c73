#include "domain/catalog/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"

/* A snapshot together with the scope that holds everything it points to. */
struct held_snapshot {
    struct snapshot snapshot; /* first: a pointer to it is one to all of this */
    struct scope scope;
    const struct snapshot *base;
    atomic_int references;
};

static struct held_snapshot *held(const struct snapshot *snapshot)
{
    return (struct held_snapshot *)(uintptr_t)snapshot;
}

struct snapshot *snapshot_new(const struct snapshot *base, uint64_t generation,
                              uint64_t fingerprint)
{
    struct held_snapshot *made = calloc(1, sizeof(*made));
    if (!made) {
        bug_out_of_memory(sizeof(*made));
    }
    scope_open(&made->scope);
    made->snapshot = (struct snapshot){.generation = generation, .fingerprint = fingerprint};
    made->base = base ? snapshot_ref(base) : NULL;
    made->references = 1;
    return &made->snapshot;
}

struct scope *snapshot_scope(struct snapshot *snapshot)
{
    return &held(snapshot)->scope;
}

const struct snapshot *snapshot_ref(const struct snapshot *snapshot)
{
    atomic_fetch_add(&held(snapshot)->references, 1);
    return snapshot;
}

void snapshot_unref(const struct snapshot *snapshot)
{
    if (snapshot && atomic_fetch_sub(&held(snapshot)->references, 1) == 1) {
        struct held_snapshot *unused = held(snapshot);
        snapshot_unref(unused->base);
        scope_close(&unused->scope);
        free(unused);
    }
}

/* Open addressing; places hold the position plus one. */
void snapshot_index(struct snapshot *snapshot)
{
    size_t size = 16;
    while (size < snapshot->count * 2) {
        size *= 2;
    }
    snapshot->by_uid = arena_array(&snapshot_scope(snapshot)->arena, uint32_t, size);
    snapshot->by_uid_size = size;
    for (size_t i = 0; i < snapshot->count; i++) {
        size_t at = str_hash(snapshot->datasets[i].uid) & (size - 1);
        while (snapshot->by_uid[at]) {
            at = (at + 1) & (size - 1);
        }
        snapshot->by_uid[at] = (uint32_t)i + 1;
    }
}

static const struct dataset *find_uid(const struct snapshot *snapshot, str uid)
{
    size_t mask = snapshot->by_uid_size - 1;
    if (snapshot->by_uid_size == 0) {
        return NULL;
    }
    for (size_t at = str_hash(uid) & mask; snapshot->by_uid[at]; at = (at + 1) & mask) {
        const struct dataset *dataset = &snapshot->datasets[snapshot->by_uid[at] - 1];
        if (str_eq(dataset->uid, uid)) {
            return dataset;
        }
    }
    return NULL;
}

const struct dataset *snapshot_find(const struct snapshot *snapshot, str id)
{
    size_t low = 0;
    size_t high = snapshot->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(snapshot->datasets[middle].id, id);
        if (order == 0) {
            return &snapshot->datasets[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return find_uid(snapshot, id);
}
