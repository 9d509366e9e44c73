#include "domain/records/point_texts.h"

#include <stdlib.h>

#include "base/bug.h"

#define SLOTS_FIRST 1024 /* a power of 2 */
#define TEXT_OVERHEAD (3 * sizeof(str)) /* about: its place in a list that grew, and in the slots */

static uint32_t *make_slots(size_t count)
{
    uint32_t *slots = calloc(count, sizeof(*slots));
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

/* The slot of a text, or the free one where it belongs. */
static uint32_t *slot_of(const struct point_texts *texts, str text)
{
    for (uint64_t at = str_hash(text);; at++) {
        uint32_t *slot = &texts->slots[at & (texts->slot_count - 1)];
        if (*slot == 0 || str_eq(texts->texts.items[*slot - 1], text)) {
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
        *slot_of(texts, texts->texts.items[i]) = (uint32_t)i + 1;
    }
}

uint32_t point_texts_number(struct point_texts *texts, str text)
{
    uint32_t *slot = slot_of(texts, text);
    uint32_t number = *slot;
    if (number == 0) {
        vec_add(&texts->arena, &texts->texts, str_copy(&texts->arena, text));
        number = *slot = (uint32_t)texts->texts.count;
        texts->bytes += text.n + TEXT_OVERHEAD;
        if (texts->texts.count * 2 > texts->slot_count) {
            grow(texts);
        }
    }
    return number;
}
