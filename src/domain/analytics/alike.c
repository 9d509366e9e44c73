/*
 * Requests that count alike, summed up by the thread that answers them: a portal is mostly asked the same few things, and
 * one more of them costs neither room in the ring nor work of the thread that counts. Visits stay here no longer than in
 * a ring, until the next collection, which wipes them.
 */
#include <sched.h>
#include <stddef.h>

#include "domain/analytics/internal.h"

#define PLACES 64          /* of visits that are told apart at a time; others go through the ring */
#define PLACE_BYTES 768    /* a visit with longer texts goes through the ring, too */

/* is_busy: one of both threads is in here. Locked memory: visits hold addresses. */
struct alike {
    _Alignas(64) atomic_bool is_busy;
    uint8_t used[PLACES]; /* places in use, in the order in which they were taken */
    size_t used_count;
    uint64_t likenesses[PLACES]; /* 0: the place is free */
    struct repeats repeats[PLACES];
    _Alignas(64) char visits[PLACES][PLACE_BYTES];
};

struct alike *alike_new(void)
{
    return private_memory(sizeof(struct alike));
}

void alike_free(struct alike *alike)
{
    private_memory_free(alike);
}

uint64_t visit_likeness(const struct visit *visit)
{
    const char *from = (const char *)&visit->route;
    uint64_t hash = str_hash((str){from, visit->bytes_of_visit - offsetof(struct visit, route)});
    return hash ? hash : 1;
}

void repeats_add(struct repeats *repeats, const struct visit *visit)
{
    repeats->requests++;
    repeats->complete += visit->is_complete;
    repeats->from_store += visit->from_store;
    repeats->bytes += (int64_t)visit->bytes;
    repeats->records += visit->records > 0 ? visit->records : 0;
    repeats->without_records += visit->records == 0;
    repeats->durations[duration_class(visit->duration)]++;
}

static bool add(struct alike *alike, const struct visit *visit)
{
    size_t place = visit->likeness % PLACES;
    if (alike->likenesses[place] == 0) {
        alike->likenesses[place] = visit->likeness;
        alike->used[alike->used_count++] = (uint8_t)place;
        memcpy(alike->visits[place], visit, visit->bytes_of_visit);
    } else if (alike->likenesses[place] != visit->likeness) {
        return false;
    }
    repeats_add(&alike->repeats[place], visit);
    return true;
}

/* Whoever answers does not wait: while visits are taken out, others go through the ring. */
bool alike_add(struct alike *alike, const struct visit *visit)
{
    if (visit->bytes_of_visit > PLACE_BYTES || atomic_exchange_explicit(&alike->is_busy, true, memory_order_acquire)) {
        return false;
    }
    bool is_added = add(alike, visit);
    atomic_store_explicit(&alike->is_busy, false, memory_order_release);
    return is_added;
}

void alike_take(struct alike *alike, void (*count)(void *context, const struct visit *visit, const struct repeats *repeats),
                void *context)
{
    while (atomic_exchange_explicit(&alike->is_busy, true, memory_order_acquire)) {
        sched_yield();
    }
    for (size_t i = 0; i < alike->used_count; i++) {
        size_t place = alike->used[i];
        const struct visit *visit = (const struct visit *)alike->visits[place];
        count(context, visit, &alike->repeats[place]);
        explicit_bzero(alike->visits[place], visit->bytes_of_visit);
        alike->repeats[place] = (struct repeats){0};
        alike->likenesses[place] = 0;
    }
    alike->used_count = 0;
    atomic_store_explicit(&alike->is_busy, false, memory_order_release);
}
