#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "domain/records/postings_internal.h"

#define FIRST_SLOTS 4096
#define FIRST_PIECE_BYTES 64
#define LARGEST_PIECE_BYTES 2000 /* two fit one block */

struct postings *postings_new(const char *directory, size_t memory_bytes)
{
    struct postings *postings = postings_allocate(1, sizeof(*postings));
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

static struct piece *add_piece(struct postings *postings, struct posting_list *list)
{
    size_t bytes = FIRST_PIECE_BYTES;
    if (list->last) {
        bytes = (sizeof(struct piece) + list->last->capacity) * 2;
        bytes = bytes > LARGEST_PIECE_BYTES ? LARGEST_PIECE_BYTES : bytes;
    }
    struct piece *piece = arena_alloc(&postings->arena, bytes);
    piece->capacity = (uint16_t)(bytes - sizeof(struct piece));
    piece->row_before = list->tail_row_before;
    if (list->last) {
        list->last->next = piece;
    } else {
        list->first = piece;
    }
    list->last = piece;
    return piece;
}

static void empty_tail(struct postings *postings, struct posting_list *list)
{
    struct piece *piece = list->last;
    if (!piece || piece->capacity - piece->used < list->tail_used) {
        piece = add_piece(postings, list);
    }
    memcpy(piece->bytes + piece->used, list->bytes, list->tail_used);
    piece->used = (uint16_t)(piece->used + list->tail_used);
    list->tail_used = 0;
    list->tail_row_before = list->last_row;
}

/* Rows that do not ascend begin a piece of their own. */
static void restart(struct postings *postings, struct posting_list *list)
{
    if (list->tail_used) {
        empty_tail(postings, list);
    }
    list->last_row = list->tail_row_before = -1;
    add_piece(postings, list);
}

static inline void add_row(struct postings *postings, struct posting_list *list, int64_t row)
{
    if (row <= list->last_row) {
        if (row == list->last_row) {
            return;
        }
        restart(postings, list);
    }
    uint64_t difference = (uint64_t)(row - list->last_row);
    if (difference < 0x80 && list->tail_used < TAIL_BYTES) {
        list->bytes[list->tail_used++] = (uint8_t)difference;
    } else {
        uint8_t bytes[VARINT_BYTES];
        size_t n = varint_write(bytes, difference);
        if (list->tail_used + n > TAIL_BYTES) {
            empty_tail(postings, list);
        }
        memcpy(list->bytes + list->tail_used, bytes, n);
        list->tail_used = (uint8_t)(list->tail_used + n);
    }
    list->last_row = row;
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
        arena_alloc(&postings->arena, sizeof(*list) + TAIL_BYTES + pending->word.n);
    list->last_row = list->tail_row_before = -1;
    list->field = pending->field;
    list->word_length = (uint8_t)pending->word.n;
    memcpy(list->bytes + TAIL_BYTES, pending->word.p, pending->word.n);
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
    struct sort_key *keys = postings_allocate(postings->list_count + 1, sizeof(*keys));
    size_t count = 0;
    for (size_t i = 0; i < postings->slot_count; i++) {
        struct posting_list *list = postings->slots[i].list;
        if (list) {
            keys[count++] = (struct sort_key){prefix_of(list_word(list)), list};
        }
    }
    qsort(keys, count, sizeof(*keys), compare_keys);
    free(postings->sorted);
    postings->sorted = postings_allocate(count + 1, sizeof(struct posting_list *));
    for (size_t i = 0; i < count; i++) {
        postings->sorted[i] = keys[i].list;
    }
    free(keys);
}

static enum err run_error(struct scope *scope, const struct postings *postings)
{
    return fail_system(scope, errno, postings->directory, "a temporary file cannot be written");
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
    fwrite(bytes, 1, varint_write(bytes, value), file);
}

/* Run: for each segment the word's length, the word, field, row before plus 1, length, differences. */
static void put_list(FILE *file, const struct posting_list *list)
{
    struct segment_cursor cursor = segments_of(list);
    struct segment segment;
    while (segment_next(&cursor, &segment)) {
        put_varint(file, list->word_length);
        fwrite(list_word(list).p, 1, list->word_length, file);
        put_varint(file, list->field);
        put_varint(file, (uint64_t)(segment.row_before + 1));
        put_varint(file, segment.bytes.n);
        fwrite(segment.bytes.p, 1, segment.bytes.n, file);
    }
}

static enum err write_run(struct scope *scope, struct postings *postings)
{
    FILE *file;
    TRY(open_run(scope, postings, &file));
    postings_sort(postings);
    for (size_t i = 0; i < postings->list_count; i++) {
        put_list(file, postings->sorted[i]);
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
    if (pending->likely) {
        __builtin_prefetch(pending->likely, 1);
        __builtin_prefetch((const char *)pending->likely + 63, 1);
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
