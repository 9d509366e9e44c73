#include "domain/catalog/snapshot.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "base/limits.h"
#include "domain/catalog/catalog_internal.h"
#include "platform/i18n/explanation.h"

/* Rows that one snapshot read, and those before that it took over. */
struct rows {
    struct scope scope;
    struct rows *before;
    int chain;
    atomic_int references;
};

/* A snapshot together with the scope that holds everything else it points to. */
struct held_snapshot {
    struct snapshot snapshot; /* first: a pointer to it is one to all of this */
    struct scope scope;
    struct rows *rows;           /* of the whole catalogue */
    const struct snapshot *base; /* of what somebody sees of it */
    atomic_int references;
};

static struct held_snapshot *held(const struct snapshot *snapshot)
{
    return (struct held_snapshot *)(uintptr_t)snapshot;
}

static struct rows *rows_new(struct rows *before)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    if (!rows) {
        bug_out_of_memory(sizeof(*rows));
    }
    scope_open(&rows->scope);
    rows->references = 1;
    if (before) {
        atomic_fetch_add(&before->references, 1);
        rows->before = before;
        rows->chain = before->chain + 1;
    }
    return rows;
}

static void rows_unref(struct rows *rows)
{
    while (rows && atomic_fetch_sub(&rows->references, 1) == 1) {
        struct rows *before = rows->before;
        scope_close(&rows->scope);
        free(rows);
        rows = before;
    }
}

static struct held_snapshot *snapshot_make(uint64_t generation, uint64_t fingerprint)
{
    struct held_snapshot *made = calloc(1, sizeof(*made));
    if (!made) {
        bug_out_of_memory(sizeof(*made));
    }
    scope_open(&made->scope);
    made->snapshot = (struct snapshot){.generation = generation, .fingerprint = fingerprint};
    made->references = 1;
    return made;
}

struct snapshot *snapshot_new(const struct snapshot *base, uint64_t fingerprint)
{
    struct held_snapshot *made = snapshot_make(base->generation, fingerprint);
    made->base = snapshot_ref(base);
    made->snapshot.catalog = base->catalog;
    return &made->snapshot;
}

struct snapshot *snapshot_after(struct catalog *catalog, const struct snapshot *before,
                                uint64_t generation)
{
    struct held_snapshot *made = snapshot_make(generation, SNAPSHOT_WHOLE);
    made->snapshot.catalog = catalog;
    made->rows = rows_new(before ? held(before)->rows : NULL);
    return &made->snapshot;
}

int snapshot_chain(const struct snapshot *snapshot)
{
    return held(snapshot)->rows->chain;
}

struct scope *snapshot_rows(struct snapshot *snapshot)
{
    return &held(snapshot)->rows->scope;
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
        rows_unref(unused->rows);
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
        size_t at = str_hash(snapshot->datasets[i]->uid) & (size - 1);
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
        const struct dataset *dataset = snapshot->datasets[snapshot->by_uid[at] - 1];
        if (str_eq(dataset->uid, uid)) {
            return dataset;
        }
    }
    return NULL;
}

enum err dataset_absent(struct scope *scope, str id)
{
    str shown = utf8_truncate(id, LIMIT_NAME_BYTES);
    return fail_and_tell(scope, ERR_NO_DATASET, MSG_FAULT_DATASET_ABSENT, SAYS(ARG_TEXT("dataset", shown)),
                         "The requested dataset %.*s does not exist.", STR_ARG(shown));
}

const struct dataset *snapshot_find(const struct snapshot *snapshot, str id)
{
    size_t low = 0;
    size_t high = snapshot->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(snapshot->datasets[middle]->id, id);
        if (order == 0) {
            return snapshot->datasets[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return find_uid(snapshot, id);
}
