#include <stdlib.h>

#include "domain/records/postings_internal.h"

#define RUN_SEGMENT_BYTES 2048 /* no segment is longer */

/* A sorted sequence of segments: those of the lists in a collector's memory, or a run. */
struct source {
    struct posting_list **lists; /* in memory; NULL: a run */
    size_t list_count;
    size_t at;
    struct segment_cursor cursor;
    FILE *file;
    bool ended;
    bool failed;
    /* the current segment */
    str word;
    uint64_t field;
    struct segment segment;
    char word_bytes[POSTINGS_WORD_BYTES];
    char bytes[RUN_SEGMENT_BYTES];
};

struct postings_merge {
    struct source *sources;
    size_t source_count;
    char word_bytes[POSTINGS_WORD_BYTES];
    char packed[POSTINGS_BLOCK_BYTES];
};

/* ---- sources ---- */

static uint64_t read_varint(struct source *source)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        int byte = getc_unlocked(source->file);
        if (byte == EOF) {
            break;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    source->failed = true;
    return 0;
}

static void read_bytes(struct source *source, uint64_t length, char *out, size_t room)
{
    if (source->failed || length > room || fread(out, 1, length, source->file) != length) {
        source->failed = true;
    }
}

static void next_in_run(struct source *source)
{
    int first = getc_unlocked(source->file);
    if (first == EOF) {
        source->ended = !ferror(source->file);
        source->failed |= !source->ended;
        return;
    }
    ungetc(first, source->file);
    uint64_t length = read_varint(source);
    read_bytes(source, length, source->word_bytes, sizeof(source->word_bytes));
    source->word = (str){source->word_bytes, length};
    source->field = read_varint(source);
    source->segment.row_before = (int64_t)read_varint(source) - 1;
    length = read_varint(source);
    read_bytes(source, length, source->bytes, sizeof(source->bytes));
    source->segment.bytes = (str){source->bytes, length};
}

static void next_in_memory(struct source *source)
{
    while (source->at <= source->list_count) {
        if (source->at && segment_next(&source->cursor, &source->segment)) {
            return;
        }
        if (source->at < source->list_count) {
            const struct posting_list *list = source->lists[source->at];
            source->word = list_word(list);
            source->field = list->field;
            source->cursor = segments_of(list);
        }
        source->at++;
    }
    source->ended = true;
}

static void next_segment(struct source *source)
{
    if (source->file) {
        next_in_run(source);
    } else {
        next_in_memory(source);
    }
}

/* ---- merge ---- */

struct postings_merge *postings_merge_new(struct postings *const *collectors, size_t count)
{
    struct postings_merge *merge = postings_allocate(1, sizeof(*merge));
    size_t sources = count;
    for (size_t i = 0; i < count; i++) {
        sources += collectors[i]->run_count;
    }
    merge->sources = postings_allocate(sources + 1, sizeof(struct source));
    for (size_t i = 0; i < count; i++) {
        struct source *memory = &merge->sources[merge->source_count++];
        memory->lists = collectors[i]->sorted;
        memory->list_count = collectors[i]->list_count;
        for (size_t j = 0; j < collectors[i]->run_count; j++) {
            merge->sources[merge->source_count++].file = collectors[i]->runs[j];
        }
    }
    for (size_t i = 0; i < merge->source_count; i++) {
        next_segment(&merge->sources[i]);
    }
    return merge;
}

void postings_merge_free(struct postings_merge *merge)
{
    if (merge) {
        free(merge->sources);
        free(merge);
    }
}

static int compare(str word, uint64_t field, const struct source *other)
{
    int order = str_compare(word, other->word);
    return order ? order : field < other->field ? -1 : field > other->field;
}

static struct source *find_smallest(struct postings_merge *merge)
{
    struct source *smallest = NULL;
    for (size_t i = 0; i < merge->source_count; i++) {
        struct source *source = &merge->sources[i];
        if (!source->ended &&
            (!smallest || compare(source->word, source->field, smallest) < 0)) {
            smallest = source;
        }
    }
    return smallest;
}

/* Appends the segment when it still fits; returns the new length, or 0. */
static size_t pack(const struct segment *segment, char *out, size_t used)
{
    uint8_t base[VARINT_BYTES];
    uint8_t length[VARINT_BYTES];
    size_t base_bytes = varint_write(base, (uint64_t)(segment->row_before + 1));
    size_t length_bytes = varint_write(length, base_bytes + segment->bytes.n);
    if (used + length_bytes + base_bytes + segment->bytes.n > POSTINGS_BLOCK_BYTES) {
        return 0;
    }
    memcpy(out + used, length, length_bytes);
    used += length_bytes;
    memcpy(out + used, base, base_bytes);
    used += base_bytes;
    memcpy(out + used, segment->bytes.p, segment->bytes.n);
    return used + segment->bytes.n;
}

/* Takes segments of the block's word and field from all sources while there is room. */
static void pack_block(struct postings_merge *merge, struct posting_block *block)
{
    size_t used = 0;
    for (size_t i = 0; i < merge->source_count; i++) {
        struct source *source = &merge->sources[i];
        while (!source->ended && !source->failed &&
               compare(block->word, (uint64_t)block->field, source) == 0) {
            size_t now = pack(&source->segment, merge->packed, used);
            if (now == 0) {
                break;
            }
            used = now;
            next_segment(source);
        }
    }
    block->packed = (str){merge->packed, used};
}

static enum err check_sources(struct scope *scope, const struct postings_merge *merge)
{
    for (size_t i = 0; i < merge->source_count; i++) {
        if (merge->sources[i].failed) {
            return fail(scope, ERR_FILE, "a temporary file of the index cannot be read back");
        }
    }
    return ERR_OK;
}

enum err postings_merge_next(struct scope *scope, struct postings_merge *merge,
                             struct posting_block *ret_block, bool *ret_found)
{
    TRY(check_sources(scope, merge));
    const struct source *smallest = find_smallest(merge);
    *ret_found = smallest != NULL;
    if (!smallest) {
        return ERR_OK;
    }
    memcpy(merge->word_bytes, smallest->word.p, smallest->word.n);
    *ret_block = (struct posting_block){.word = {merge->word_bytes, smallest->word.n},
                                        .field = (int64_t)smallest->field};
    pack_block(merge, ret_block);
    return check_sources(scope, merge);
}

/* ---- packed rows ---- */

static const uint8_t *take_varint(const uint8_t *at, const uint8_t *end, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (int shift = 0; at < end && shift < 64; shift += 7) {
        uint8_t byte = *at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return at;
        }
    }
    return NULL;
}

size_t postings_unpack(str packed, int64_t *ret_rows)
{
    const uint8_t *at = (const uint8_t *)packed.p;
    const uint8_t *end = at + packed.n;
    size_t count = 0;
    while (at < end) {
        uint64_t number;
        at = take_varint(at, end, &number);
        if (!at || number > (uint64_t)(end - at)) {
            return SIZE_MAX;
        }
        const uint8_t *segment_end = at + number;
        at = take_varint(at, segment_end, &number);
        uint64_t row = number - 1;
        while (at && at < segment_end) {
            at = take_varint(at, segment_end, &number);
            row += number;
            ret_rows[count++] = (int64_t)row;
        }
        if (!at) {
            return SIZE_MAX;
        }
    }
    return count;
}
