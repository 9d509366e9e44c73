/*
 * Bump allocator for one unit of work (a request, a job, a test). Everything in it is freed at
 * once; nothing is freed singly. Not shared between threads without the caller's own lock.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* newest first */
    size_t used_bytes;         /* of all chunks */
    size_t limit_bytes;
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t at;
};

/** Makes an empty arena which may grow to limit_bytes (0: LIMIT_ARENA_BYTES). Undone by arena_done. */
void arena_init(struct arena *arena, size_t limit_bytes);

/** Frees everything; the arena is empty and usable again. */
void arena_done(struct arena *arena);

/** Returns size zeroed bytes aligned for any type. Aborts when the arena's limit is passed. */
void *arena_alloc(struct arena *arena, size_t size);

/** Like arena_alloc for count items of size bytes; the product is checked for overflow. */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

/** Remembers the fill level. */
struct arena_mark arena_get_mark(const struct arena *arena);

/** Frees what was allocated since the mark was taken; batches of a stream use it. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count)                                                            \
    ((type *)arena_alloc_array((arena), (count), sizeof(type)))

#endif
