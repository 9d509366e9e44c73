#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/limits.h"
#include "domain/records/postings_internal.h"

#define FIRST_SLOTS 4096
#define FIRST_PIECE_BYTES 32
#define LARGEST_PIECE_BYTES 4096
#define VARINT_BYTES 10

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        bug_out_of_memory(count * size);
    }
    return memory;
}

struct postings *postings_new(const char *directory, size_t memory_bytes)
{
    struct postings *postings = allocate(1, sizeof(*postings));
    postings->directory = directory;
    postings->memory_bytes = memory_bytes;
    arena_init(&postings->arena, SIZE_MAX);
    arena_init(&postings->table, SIZE_MAX);
    postings->slots = arena_array(&postings->table, struct slot, FIRST_SLOTS);
    postings->slot_count = FIRST_SLOTS;
    return postings;
}

void postings_free(struct postings *postings)
{
    if (!postings) {
        return;
    }
    for (size_t i = 0; i < postings->run_count; i++) {
        fclose(postings->runs[i]);
    }
    free(postings->runs);
    free(postings->sorted);
    arena_done(&postings->table);
    arena_done(&postings->arena);
    free(postings);
}

/* ---- lists ---- */

static size_t write_varint(uint8_t *out, uint64_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        out[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (uint8_t)value;
    return n;
}

static struct piece *add_piece(struct postings *postings, struct posting_list *list)
{
    size_t bytes = FIRST_PIECE_BYTES;
    if (list->last) {
        bytes = (sizeof(struct piece) + list->last->capacity) * 2;
        bytes = bytes > LARGEST_PIECE_BYTES ? LARGEST_PIECE_BYTES : bytes;
    }
    struct piece *piece = arena_alloc(&postings->arena, bytes);
    piece->capacity = (uint16_t)(bytes - sizeof(struct piece));
    if (list->last) {
        list->last->next = piece;
    } else {
        list->first = piece;
    }
    list->last = piece;
    return piece;
}

static inline void add_byte(struct postings *postings, struct posting_list *list, uint8_t byte)
{
    if (list->inline_used < INLINE_BYTES) {
        list->bytes[list->inline_used++] = byte;
        return;
    }
    struct piece *piece = list->last;
    if (!piece || piece->used == piece->capacity) {
        piece = add_piece(postings, list);
    }
    piece->bytes[piece->used++] = byte;
}

static void add_row(struct postings *postings, struct posting_list *list, int64_t row)
{
    if (row == list->last_row) {
        return;
    }
    bug_if(row < list->last_row);
    uint8_t bytes[VARINT_BYTES];
    size_t n = write_varint(bytes, (uint64_t)(row - list->last_row));
    for (size_t i = 0; i < n; i++) {
        add_byte(postings, list, bytes[i]);
    }
    list->last_row = row;
    list->count++;
}

static void grow(struct postings *postings)
{
    size_t count = postings->slot_count * 2;
    struct arena table;
    arena_init(&table, SIZE_MAX);
    struct slot *slots = arena_array(&table, struct slot, count);
    for (size_t i = 0; i < postings->slot_count; i++) {
        const struct slot *slot = &postings->slots[i];
        if (slot->list) {
            size_t at = slot->hash & (count - 1);
            while (slots[at].list) {
                at = (at + 1) & (count - 1);
            }
            slots[at] = *slot;
        }
    }
    arena_done(&postings->table);
    postings->table = table;
    postings->slots = slots;
    postings->slot_count = count;
}

static bool is_list_of(const struct posting_list *list, const struct pending *pending)
{
    return list && list->field == pending->field && str_eq(list_word(list), pending->word);
}

static struct posting_list *find_list(struct postings *postings, const struct pending *pending)
{
    size_t mask = postings->slot_count - 1;
    size_t at = pending->hash & mask;
    for (; postings->slots[at].list; at = (at + 1) & mask) {
        struct posting_list *list = postings->slots[at].list;
        if (postings->slots[at].hash == pending->hash && is_list_of(list, pending)) {
            return list;
        }
    }
    struct posting_list *list =
        arena_alloc(&postings->arena, sizeof(*list) + INLINE_BYTES + pending->word.n);
    list->last_row = -1;
    list->field = pending->field;
    list->word_length = (uint8_t)pending->word.n;
    memcpy(list->bytes + INLINE_BYTES, pending->word.p, pending->word.n);
    postings->slots[at] = (struct slot){list, pending->hash};
    if (++postings->list_count * 2 > postings->slot_count) {
        grow(postings);
    }
    return list;
}

/* ---- runs ---- */

/* Sorted by the first bytes, kept next to the pointer; a full comparison only decides ties. */
struct sort_key {
    uint64_t prefix;
    struct posting_list *list;
};

static uint64_t prefix_of(str word)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (i < word.n ? (unsigned char)word.p[i] : 0);
    }
    return prefix;
}

static int compare_keys(const void *left, const void *right)
{
    const struct sort_key *a = left;
    const struct sort_key *b = right;
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix ? -1 : 1;
    }
    int order = str_compare(list_word(a->list), list_word(b->list));
    return order ? order : (int)a->list->field - (int)b->list->field;
}

void postings_sort(struct postings *postings)
{
    struct sort_key *keys = allocate(postings->list_count + 1, sizeof(*keys));
    size_t count = 0;
    for (size_t i = 0; i < postings->slot_count; i++) {
        struct posting_list *list = postings->slots[i].list;
        if (list) {
            keys[count++] = (struct sort_key){prefix_of(list_word(list)), list};
        }
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    free(postings->sorted);
    postings->sorted = allocate(count + 1, sizeof(struct posting_list *));
    for (size_t i = 0; i < count; i++) {
        postings->sorted[i] = keys[i].list;
    }
    free(keys);
}

static enum err run_error(struct scope *scope, const struct postings *postings)
{
    return fail(scope, ERR_FILE, "%s: a temporary file cannot be written (%s)",
                postings->directory, strerror(errno));
}

static enum err open_run(struct scope *scope, struct postings *postings, FILE **ret_file)
{
    str path = str_printf(&scope->arena, "%s/index-XXXXXX", postings->directory);
    char *name = arena_alloc(&scope->arena, path.n + 1);
    memcpy(name, path.p, path.n);
    int descriptor = mkstemp(name);
    if (descriptor < 0) {
        return run_error(scope, postings);
    }
    unlink(name); /* it goes with its descriptor, also after a crash */
    *ret_file = fdopen(descriptor, "w+");
    if (!*ret_file) {
        close(descriptor);
        return run_error(scope, postings);
    }
    return ERR_OK;
}

static void put_varint(FILE *file, uint64_t value)
{
    uint8_t bytes[VARINT_BYTES];
    fwrite(bytes, 1, write_varint(bytes, value), file);
}

/* Run: for each list the word's length, the word, field, count, then the differences. */
static enum err write_run(struct scope *scope, struct postings *postings)
{
    FILE *file;
    TRY(open_run(scope, postings, &file));
    postings_sort(postings);
    for (size_t i = 0; i < postings->list_count; i++) {
        const struct posting_list *list = postings->sorted[i];
        put_varint(file, list->word_length);
        fwrite(list_word(list).p, 1, list->word_length, file);
        put_varint(file, list->field);
        put_varint(file, list->count);
        fwrite(list->bytes, 1, list->inline_used, file);
        for (const struct piece *piece = list->first; piece; piece = piece->next) {
            fwrite(piece->bytes, 1, piece->used, file);
        }
    }
    FILE **runs = realloc(postings->runs, (postings->run_count + 1) * sizeof(FILE *));
    if (!runs) {
        bug_out_of_memory((postings->run_count + 1) * sizeof(FILE *));
    }
    postings->runs = runs;
    postings->runs[postings->run_count++] = file;
    if (fflush(file) != 0 || ferror(file)) {
        return run_error(scope, postings);
    }
    rewind(file);
    memset(postings->slots, 0, postings->slot_count * sizeof(struct slot));
    postings->list_count = 0;
    arena_done(&postings->arena);
    return ERR_OK;
}

/* ---- adding ---- */

/* Lists are spread over much memory: fetching them in steps ahead hides most of the waiting. */
static void fetch_slot(const struct postings *postings, size_t at)
{
    if (at < postings->pending_count) {
        size_t mask = postings->slot_count - 1;
        __builtin_prefetch(&postings->slots[postings->pending[at].hash & mask]);
    }
}

static void fetch_list(struct postings *postings, size_t at)
{
    if (at >= postings->pending_count) {
        return;
    }
    struct pending *pending = &postings->pending[at];
    size_t mask = postings->slot_count - 1;
    size_t slot = pending->hash & mask;
    while (postings->slots[slot].list && postings->slots[slot].hash != pending->hash) {
        slot = (slot + 1) & mask;
    }
    pending->likely = postings->slots[slot].list;
    __builtin_prefetch(pending->likely, 1);
    __builtin_prefetch((const char *)pending->likely + 63, 1);
}

static void fetch_piece(const struct postings *postings, size_t at)
{
    if (at < postings->pending_count && postings->pending[at].likely) {
        __builtin_prefetch(postings->pending[at].likely->last, 1);
    }
}

enum err postings_settle(struct scope *scope, struct postings *postings)
{
    for (size_t i = 0; i < 12; i++) {
        fetch_list(postings, i);
    }
    for (size_t i = 0; i < postings->pending_count; i++) {
        fetch_slot(postings, i + 24);
        fetch_list(postings, i + 12);
        fetch_piece(postings, i + 6);
        const struct pending *pending = &postings->pending[i];
        struct posting_list *list = pending->likely;
        if (!is_list_of(list, pending)) {
            list = find_list(postings, pending);
        }
        add_row(postings, list, pending->row);
    }
    postings->pending_count = 0;
    size_t used = postings->arena.used_bytes + postings->slot_count * sizeof(struct slot);
    bool is_full = used > postings->memory_bytes && postings->list_count > 0;
    return is_full ? write_run(scope, postings) : ERR_OK;
}

enum err postings_add(struct scope *scope, struct postings *postings, str word, uint16_t field,
                      int64_t row)
{
    bug_if(word.n > POSTINGS_WORD_BYTES);
    uint32_t hash = (uint32_t)XXH3_64bits_withSeed(word.p, word.n, field);
    postings->pending[postings->pending_count++] = (struct pending){word, row, NULL, hash, field};
    return postings->pending_count == PENDING_WORDS ? postings_settle(scope, postings) : ERR_OK;
}
