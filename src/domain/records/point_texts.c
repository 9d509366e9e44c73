#include "domain/records/point_texts.h"

#include <stdlib.h>

#include "base/bug.h"

#define SLOTS_FIRST 1024 /* a power of 2 */
#define AHEAD 32         /* texts whose memory is fetched at the same time */
#define TEXT_OVERHEAD (3 * sizeof(str)) /* about: its place in a list that grew, and in the slots */

static struct point_texts_slot *make_slots(size_t count)
{
    struct point_texts_slot *slots = calloc(count, sizeof(*slots));
    if (!slots) {
        bug_out_of_memory(count * sizeof(*slots));
    }
    return slots;
}

void point_texts_init(struct point_texts *texts)
{
    *texts = (struct point_texts){.slots = make_slots(SLOTS_FIRST), .slot_count = SLOTS_FIRST};
    arena_init(&texts->arena, SIZE_MAX);
}

void point_texts_close(struct point_texts *texts)
{
    free(texts->slots);
    texts->slots = NULL;
}

void point_texts_done(struct point_texts *texts)
{
    point_texts_close(texts);
    arena_done(&texts->arena);
}

static uint32_t mark_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static struct point_texts_slot *first_slot(const struct point_texts *texts, uint64_t hash)
{
    return &texts->slots[hash & (texts->slot_count - 1)];
}

/* The slot of a text, or the free one where it belongs. */
static struct point_texts_slot *slot_of(const struct point_texts *texts, str text, uint64_t hash)
{
    for (uint64_t at = hash;; at++) {
        struct point_texts_slot *slot = first_slot(texts, at);
        if (slot->number == 0 ||
            (slot->mark == mark_of(hash) && str_eq(texts->texts.items[slot->number - 1], text))) {
            return slot;
        }
    }
}

static void grow(struct point_texts *texts)
{
    free(texts->slots);
    texts->slot_count *= 2;
    texts->slots = make_slots(texts->slot_count);
    for (size_t i = 0; i < texts->texts.count; i++) {
        uint64_t hash = str_hash(texts->texts.items[i]);
        *slot_of(texts, texts->texts.items[i], hash) = (struct point_texts_slot){(uint32_t)i + 1, mark_of(hash)};
    }
}

static uint32_t number_of(struct point_texts *texts, str text, uint64_t hash)
{
    struct point_texts_slot *slot = slot_of(texts, text, hash);
    if (slot->number) {
        return slot->number;
    }
    vec_add(&texts->arena, &texts->texts, str_copy(&texts->arena, text));
    uint32_t number = (uint32_t)texts->texts.count;
    *slot = (struct point_texts_slot){number, mark_of(hash)};
    texts->bytes += text.n + TEXT_OVERHEAD;
    if (texts->texts.count * 2 > texts->slot_count) {
        grow(texts);
    }
    return number;
}

/* Slots, and the texts that they point to, lie anywhere in memory: many are asked for before the first is looked at. */
static void fetch_ahead(const struct point_texts *texts, const uint64_t *hashes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch(first_slot(texts, hashes[i]));
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = first_slot(texts, hashes[i])->number;
        if (number) {
            __builtin_prefetch(&texts->texts.items[number - 1]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = first_slot(texts, hashes[i])->number;
        if (number) {
            __builtin_prefetch(texts->texts.items[number - 1].p);
        }
    }
}

void point_texts_number(struct point_texts *texts, const struct column *column, size_t rows, uint32_t *ret_numbers)
{
    uint64_t hashes[AHEAD];
    for (size_t from = 0; from < rows; from += AHEAD) {
        size_t count = rows - from < AHEAD ? rows - from : AHEAD;
        for (size_t i = 0; i < count; i++) {
            hashes[i] = column_is_null(column, from + i) ? 0 : str_hash(column->texts[from + i]);
        }
        fetch_ahead(texts, hashes, count);
        for (size_t i = 0; i < count; i++) {
            size_t row = from + i;
            ret_numbers[row] = column_is_null(column, row) ? 0 : number_of(texts, column->texts[row], hashes[i]);
        }
    }
}
