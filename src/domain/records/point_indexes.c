#include "domain/records/point_indexes.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/turn.h"

#define ENTRIES 32
#define WANTED 64

struct entry {
    uint64_t name_hash;
    char *name; /* NULL: free */
    size_t name_bytes;
    struct point_index *index; /* NULL: too large */
    size_t bytes;
    int users;
    uint64_t last_use;
};

struct point_indexes {
    pthread_mutex_t mutex; /* guards all below */
    struct entry entries[ENTRIES];
    size_t bytes, limit_bytes;
    uint64_t uses;
    bool is_making; /* an index: one at a time, whose memory is not counted yet */
    uint64_t wanted[WANTED]; /* hashes of names; the oldest is written over */
    size_t wanted_next;
};

struct point_indexes *point_indexes_new(size_t limit_bytes)
{
    struct point_indexes *indexes = calloc(1, sizeof(*indexes));
    if (!indexes) {
        bug_out_of_memory(sizeof(*indexes));
    }
    pthread_mutex_init(&indexes->mutex, NULL);
    indexes->limit_bytes = limit_bytes;
    return indexes;
}

static void clear(struct point_indexes *indexes, struct entry *entry)
{
    bug_if(entry->users);
    indexes->bytes -= entry->bytes;
    point_index_free(entry->index);
    free(entry->name);
    *entry = (struct entry){0};
}

void point_indexes_free(struct point_indexes *indexes)
{
    if (indexes) {
        for (size_t i = 0; i < ENTRIES; i++) {
            clear(indexes, &indexes->entries[i]);
        }
        pthread_mutex_destroy(&indexes->mutex);
        free(indexes);
    }
}

/* ---- names ---- */

static void add_cell_name(struct buf *out, const cell *value)
{
    buf_printf(out, "|%d:", (int)value->type);
    if (value->type == CELL_TEXT || value->type == CELL_BYTES) {
        buf_printf(out, "%zu:", value->text.n);
        buf_add(out, value->text);
    } else if (value->type == CELL_DOUBLE) {
        buf_printf(out, "%a", value->real);
    } else if (value->type == CELL_BOOL) {
        buf_printf(out, "%d", value->truth);
    } else if (value->type == CELL_DATE) {
        buf_printf(out, "%ld", (long)value->days);
    } else if (value->type != CELL_NULL) {
        bug_if(value->type != CELL_INT && value->type != CELL_INSTANT);
        buf_printf(out, "%lld", (long long)value->number);
    }
}

/* Statements are the same where their text and their values are. */
static str name_of(struct scope *scope, const struct sql *statement)
{
    const cell *values;
    size_t count;
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, S("points "));
    buf_add(&out, sql_render(statement, 0, &values, &count));
    for (size_t i = 0; i < count; i++) {
        add_cell_name(&out, &values[i]);
    }
    return buf_copy(&out, &scope->arena);
}

/* ---- entries, under the mutex ---- */

static struct entry *find(struct point_indexes *indexes, str name)
{
    uint64_t hash = str_hash(name);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct entry *entry = &indexes->entries[i];
        if (entry->name && entry->name_hash == hash && str_eq((str){entry->name, entry->name_bytes}, name)) {
            return entry;
        }
    }
    return NULL;
}

/* The entry without users that was not used for the longest time; NULL: all are used. */
static struct entry *find_oldest(struct point_indexes *indexes)
{
    struct entry *oldest = NULL;
    for (size_t i = 0; i < ENTRIES; i++) {
        struct entry *entry = &indexes->entries[i];
        if (entry->name && entry->users == 0 && (!oldest || entry->last_use < oldest->last_use)) {
            oldest = entry;
        }
    }
    return oldest;
}

static struct entry *find_free(struct point_indexes *indexes)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        if (!indexes->entries[i].name) {
            return &indexes->entries[i];
        }
    }
    return find_oldest(indexes);
}

static void keep_within_limit(struct point_indexes *indexes)
{
    struct entry *oldest;
    while (indexes->bytes > indexes->limit_bytes && (oldest = find_oldest(indexes))) {
        clear(indexes, oldest);
    }
}

/* Whether the entry is there; then a lease of its index is made, where it has one. */
static bool take(struct point_indexes *indexes, struct point_indexes_lease *lease)
{
    struct entry *entry = find(indexes, lease->name);
    if (entry) {
        entry->last_use = ++indexes->uses;
        entry->users += entry->index != NULL;
        lease->index = entry->index;
    }
    return entry != NULL;
}

/* Takes an index over; NULL: the map is too large for one. */
static void put(struct point_indexes *indexes, str name, struct point_index *index)
{
    struct entry *entry = find_free(indexes);
    if (!entry) {
        point_index_free(index);
        return;
    }
    if (entry->name) {
        clear(indexes, entry);
    }
    char *copy = malloc(name.n);
    if (!copy) {
        bug_out_of_memory(name.n);
    }
    memcpy(copy, name.p, name.n);
    *entry = (struct entry){.name_hash = str_hash(name),
                            .name = copy,
                            .name_bytes = name.n,
                            .index = index,
                            .bytes = index ? point_index_bytes(index) : 0,
                            .last_use = ++indexes->uses};
    indexes->bytes += entry->bytes;
}

static bool is_wanted(const struct point_indexes *indexes, str name)
{
    uint64_t hash = str_hash(name);
    for (size_t i = 0; i < WANTED; i++) {
        if (indexes->wanted[i] == hash) {
            return true;
        }
    }
    return false;
}

/* ---- leases ---- */

/* Whether an index must be made now, and may: it is not there, and no other map's is being made. */
static bool begin_making(struct point_indexes_lease *lease)
{
    struct point_indexes *indexes = lease->indexes;
    pthread_mutex_lock(&indexes->mutex);
    bool may = !take(indexes, lease) && !indexes->is_making;
    indexes->is_making |= may;
    pthread_mutex_unlock(&indexes->mutex);
    return may;
}

/* It is this thread's turn. Others want the index, too: whoever leaves now leaves it to them. */
static enum err make(struct scope *scope, struct db_lease *db, const struct sql *statement,
                     const struct tile_request *request, struct point_indexes_lease *lease)
{
    struct point_indexes *indexes = lease->indexes;
    if (!begin_making(lease)) {
        return ERR_OK;
    }
    const atomic_bool *gone = scope->gone;
    struct point_index *index = NULL;
    scope->gone = NULL;
    enum err result = point_index_read(scope, db, statement, request, &index);
    scope->gone = gone;
    pthread_mutex_lock(&indexes->mutex);
    indexes->is_making = false;
    if (result == ERR_OK) {
        put(indexes, lease->name, index);
        (void)take(indexes, lease);
        keep_within_limit(indexes);
    }
    pthread_mutex_unlock(&indexes->mutex);
    return result;
}

enum err point_indexes_lease(struct scope *scope, struct point_indexes *indexes, struct db_lease *db,
                             const struct sql *statement, const struct tile_request *request,
                             struct point_indexes_lease *ret_lease)
{
    *ret_lease = (struct point_indexes_lease){.indexes = indexes};
    if (statement->parts.count == 0) {
        return ERR_OK;
    }
    ret_lease->name = name_of(scope, statement);
    pthread_mutex_lock(&indexes->mutex);
    bool is_done = take(indexes, ret_lease) || !is_wanted(indexes, ret_lease->name);
    pthread_mutex_unlock(&indexes->mutex);
    if (is_done) {
        return ERR_OK;
    }
    struct turn turn;
    TRY(turn_take(scope, ret_lease->name, &turn));
    enum err result = make(scope, db, statement, request, ret_lease);
    turn_give(&turn);
    return result;
}

void point_indexes_want(const struct point_indexes_lease *lease)
{
    struct point_indexes *indexes = lease->indexes;
    if (lease->name.n == 0) {
        return;
    }
    pthread_mutex_lock(&indexes->mutex);
    if (!find(indexes, lease->name) && !is_wanted(indexes, lease->name)) {
        indexes->wanted[indexes->wanted_next++ % WANTED] = str_hash(lease->name);
    }
    pthread_mutex_unlock(&indexes->mutex);
}

void point_indexes_release(struct point_indexes_lease *lease)
{
    if (lease->index) {
        pthread_mutex_lock(&lease->indexes->mutex);
        struct entry *entry = find(lease->indexes, lease->name);
        bug_if(!entry || entry->users == 0);
        entry->users--;
        keep_within_limit(lease->indexes);
        pthread_mutex_unlock(&lease->indexes->mutex);
        *lease = (struct point_indexes_lease){0};
    }
}

size_t point_indexes_bytes(struct point_indexes *indexes)
{
    pthread_mutex_lock(&indexes->mutex);
    size_t bytes = indexes->bytes;
    pthread_mutex_unlock(&indexes->mutex);
    return bytes;
}
