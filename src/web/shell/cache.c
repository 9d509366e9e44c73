/* Shards, each a small table with chaining and a list in order of use. */
#include "web/shell/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"

#define SHARDS 16
#define BUCKETS 4096
#define LARGEST_SHARE 8 /* one answer may take an eighth of a shard */

struct entry {
    struct entry *chain;
    struct entry *newer, *older;
    uint64_t hash;
    uint64_t state;
    str key; /* behind the entry */
    struct stored_response *stored;
    size_t bytes;
};

struct shard {
    pthread_mutex_t mutex;
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes;
    uint64_t entries, hits, misses;
};

struct response_cache {
    size_t shard_limit;
    struct shard shards[SHARDS];
};

struct response_cache *cache_open(size_t limit_bytes)
{
    struct response_cache *cache = calloc(1, sizeof(*cache));
    if (!cache) {
        bug_out_of_memory(sizeof(*cache));
    }
    cache->shard_limit = limit_bytes / SHARDS;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&cache->shards[i].mutex, NULL);
    }
    return cache;
}

static void unlink_use(struct shard *shard, struct entry *entry)
{
    if (entry->newer) {
        entry->newer->older = entry->older;
    } else {
        shard->newest = entry->older;
    }
    if (entry->older) {
        entry->older->newer = entry->newer;
    } else {
        shard->oldest = entry->newer;
    }
}

static void link_newest(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    if (shard->newest) {
        shard->newest->newer = entry;
    } else {
        shard->oldest = entry;
    }
    shard->newest = entry;
}

static void drop(struct shard *shard, struct entry *entry)
{
    struct entry **at = &shard->buckets[entry->hash % BUCKETS];
    while (*at != entry) {
        at = &(*at)->chain;
    }
    *at = entry->chain;
    unlink_use(shard, entry);
    shard->bytes -= entry->bytes;
    shard->entries--;
    stored_response_unref(entry->stored);
    free(entry);
}

void cache_close(struct response_cache *cache)
{
    for (size_t i = 0; cache && i < SHARDS; i++) {
        while (cache->shards[i].oldest) {
            drop(&cache->shards[i], cache->shards[i].oldest);
        }
        pthread_mutex_destroy(&cache->shards[i].mutex);
    }
    free(cache);
}

static struct entry *find(struct shard *shard, str key, uint64_t hash)
{
    struct entry *entry = shard->buckets[hash % BUCKETS];
    while (entry && !(entry->hash == hash && str_eq(entry->key, key))) {
        entry = entry->chain;
    }
    return entry;
}

struct stored_response *cache_find(struct response_cache *cache, str key, uint64_t state)
{
    uint64_t hash = str_hash(key);
    struct shard *shard = &cache->shards[hash >> 60];
    struct stored_response *stored = NULL;
    pthread_mutex_lock(&shard->mutex);
    struct entry *entry = find(shard, key, hash);
    if (entry && entry->state != state) {
        drop(shard, entry);
        entry = NULL;
    }
    if (entry) {
        if (entry->newer) {
            unlink_use(shard, entry);
            link_newest(shard, entry);
        }
        stored = stored_response_ref(entry->stored);
        shard->hits++;
    } else {
        shard->misses++;
    }
    pthread_mutex_unlock(&shard->mutex);
    return stored;
}

bool cache_takes(const struct response_cache *cache, size_t bytes)
{
    return bytes <= cache->shard_limit / LARGEST_SHARE;
}

void cache_put(struct response_cache *cache, str key, uint64_t state,
               struct stored_response *stored)
{
    size_t bytes = stored_response_size(stored) + key.n + sizeof(struct entry);
    if (!cache_takes(cache, bytes)) {
        return;
    }
    uint64_t hash = str_hash(key);
    struct shard *shard = &cache->shards[hash >> 60];
    struct entry *entry = malloc(sizeof(*entry) + key.n);
    if (!entry) {
        return;
    }
    memcpy(entry + 1, key.p, key.n);
    pthread_mutex_lock(&shard->mutex);
    struct entry *old = find(shard, key, hash);
    if (old) {
        drop(shard, old);
    }
    *entry = (struct entry){.chain = shard->buckets[hash % BUCKETS],
                            .hash = hash,
                            .state = state,
                            .key = {(const char *)(entry + 1), key.n},
                            .stored = stored_response_ref(stored),
                            .bytes = bytes};
    shard->buckets[hash % BUCKETS] = entry;
    link_newest(shard, entry);
    shard->bytes += bytes;
    shard->entries++;
    while (shard->bytes > cache->shard_limit) {
        drop(shard, shard->oldest);
    }
    pthread_mutex_unlock(&shard->mutex);
}

void cache_read_statistics(struct response_cache *cache, struct cache_statistics *ret)
{
    *ret = (struct cache_statistics){0};
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        pthread_mutex_lock(&shard->mutex);
        ret->hits += shard->hits;
        ret->misses += shard->misses;
        ret->entries += shard->entries;
        ret->bytes += shard->bytes;
        pthread_mutex_unlock(&shard->mutex);
    }
}
