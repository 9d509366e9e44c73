/*
 * The response cache: whole answers kept in memory, found by encoding, host, path and query as
 * sent. An answer belongs to one version of a dataset, or to one generation of the catalogue, and
 * is never given for another, so it cannot be stale. Bounded by bytes; the least recently used
 * answers go first.
 */
#ifndef WEB_SHELL_CACHE_H
#define WEB_SHELL_CACHE_H

#include "platform/http/exchange.h"

struct response_cache;

struct cache_statistics {
    uint64_t hits, misses, entries, bytes;
};

/** limit_bytes 0: nothing is kept. Undone by cache_close. */
struct response_cache *cache_open(size_t limit_bytes);
void cache_close(struct response_cache *cache);

/**
 * The answer kept for a key and state, with one more reference, or NULL. Fast enough for an event
 * loop. state tells which data the answer was made from.
 */
struct stored_response *cache_find(struct response_cache *cache, str key, uint64_t state);

/** Whether an answer of so many bytes is small enough to be kept. */
bool cache_takes(const struct response_cache *cache, size_t bytes);

/** Keeps an answer; the cache takes its own reference. Too large ones are not kept. */
void cache_put(struct response_cache *cache, str key, uint64_t state,
               struct stored_response *stored);

void cache_read_statistics(struct response_cache *cache, struct cache_statistics *ret);

#endif
