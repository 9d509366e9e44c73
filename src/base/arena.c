#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bug.h"
#include "base/limits.h"

#define FIRST_CHUNK_BYTES (16u << 10)
#define LARGEST_CHUNK_BYTES (4u << 20)
#define HUGE_PAGE_BYTES (2u << 20)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size;
    size_t at;
    max_align_t bytes[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
    *arena = (struct arena){.limit_bytes = limit_bytes ? limit_bytes : LIMIT_ARENA_BYTES};
}

static void chunk_drop(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunk;
    arena->chunk = chunk->older;
    arena->used_bytes -= chunk->size;
    free(chunk);
}

void arena_done(struct arena *arena)
{
    while (arena->chunk) {
        chunk_drop(arena);
    }
}

/* Much memory that is read at random is faster in huge pages. */
static struct arena_chunk *allocate_chunk(size_t bytes)
{
    if (bytes < LARGEST_CHUNK_BYTES) {
        return malloc(bytes);
    }
    void *chunk = NULL;
    if (posix_memalign(&chunk, HUGE_PAGE_BYTES, bytes) != 0) {
        return NULL;
    }
    madvise(chunk, bytes, MADV_HUGEPAGE);
    return chunk;
}

static void chunk_add(struct arena *arena, size_t wanted)
{
    size_t size = arena->chunk ? arena->chunk->size * 2 : FIRST_CHUNK_BYTES;
    if (size > LARGEST_CHUNK_BYTES - sizeof(struct arena_chunk)) {
        size = LARGEST_CHUNK_BYTES - sizeof(struct arena_chunk);
    }
    if (size < wanted) {
        size = wanted;
    }
    if (size > arena->limit_bytes - arena->used_bytes) {
        size = wanted;
    }
    if (size > arena->limit_bytes - arena->used_bytes) {
        bug_out_of_memory(wanted);
    }
    struct arena_chunk *chunk = allocate_chunk(sizeof(*chunk) + size);
    if (!chunk) {
        bug_out_of_memory(size);
    }
    chunk->older = arena->chunk;
    chunk->size = size;
    chunk->at = 0;
    arena->chunk = chunk;
    arena->used_bytes += size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (rounded < size) {
        bug_out_of_memory(size);
    }
    if (!arena->chunk || arena->chunk->size - arena->chunk->at < rounded) {
        chunk_add(arena, rounded);
    }
    char *result = (char *)arena->chunk->bytes + arena->chunk->at;
    arena->chunk->at += rounded;
    return memset(result, 0, rounded);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        bug_out_of_memory(SIZE_MAX);
    }
    return arena_alloc(arena, total);
}

struct arena_mark arena_get_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunk, arena->chunk ? arena->chunk->at : 0};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->chunk != mark.chunk) {
        bug_if(!arena->chunk);
        chunk_drop(arena);
    }
    if (arena->chunk) {
        arena->chunk->at = mark.at;
    }
}
