#include <stdlib.h>

#include "base/bug.h"
#include "domain/analytics/internal.h"

#define RING_BYTES ((size_t)2 << 20)

/* head: bytes put in, tail: bytes taken out, both since the start; each is written by one thread only. */
struct ring {
    _Alignas(64) atomic_size_t head;
    size_t known_tail; /* of the thread that puts in: how far the other one was */
    bool is_half_full; /* … and whether it was told */
    _Alignas(64) atomic_size_t tail;
    char *bytes;       /* locked: visits hold addresses */
};

struct ring *ring_new(void)
{
    struct ring *ring = aligned_alloc(64, sizeof(*ring));
    if (!ring) {
        bug_out_of_memory(sizeof(*ring));
    }
    memset(ring, 0, sizeof(*ring));
    ring->bytes = private_memory(RING_BYTES);
    return ring;
}

void ring_free(struct ring *ring)
{
    private_memory_free(ring->bytes);
    free(ring);
}

static bool has_room(struct ring *ring, size_t head, size_t bytes)
{
    if (head + bytes - ring->known_tail > RING_BYTES) {
        ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    }
    return head + bytes - ring->known_tail <= RING_BYTES;
}

/* A visit lies in one piece; where the end is too near for it, a length of 0 says to go on at the start. */
bool ring_put(struct ring *ring, const struct visit *visit)
{
    size_t bytes = visit->bytes_of_visit;
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t left = RING_BYTES - head % RING_BYTES;
    size_t skipped = left < bytes ? left : 0;
    if (!has_room(ring, head, skipped + bytes)) {
        return false;
    }
    if (skipped) {
        memset(ring->bytes + head % RING_BYTES, 0, sizeof(uint32_t));
        head += skipped;
    }
    memcpy(ring->bytes + head % RING_BYTES, visit, bytes);
    atomic_store_explicit(&ring->head, head + bytes, memory_order_release);
    return true;
}

bool ring_calls(struct ring *ring)
{
    size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    bool was_told = ring->is_half_full;
    if (head - ring->known_tail > RING_BYTES / 2) {
        ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    }
    ring->is_half_full = head - ring->known_tail > RING_BYTES / 2;
    return ring->is_half_full && !was_told;
}

const struct visit *ring_peek(struct ring *ring)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire)) {
        return NULL;
    }
    const struct visit *visit = (const struct visit *)(ring->bytes + tail % RING_BYTES);
    if (visit->bytes_of_visit == 0) {
        tail += RING_BYTES - tail % RING_BYTES;
        atomic_store_explicit(&ring->tail, tail, memory_order_release);
        visit = (const struct visit *)ring->bytes;
    }
    return visit;
}

void ring_drop(struct ring *ring)
{
    size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    char *at = ring->bytes + tail % RING_BYTES;
    uint32_t bytes;
    memcpy(&bytes, at, sizeof(bytes));
    explicit_bzero(at, bytes);
    atomic_store_explicit(&ring->tail, tail + bytes, memory_order_release);
}
