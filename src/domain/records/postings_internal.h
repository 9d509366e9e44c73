/* What the collecting and the merging of postings share. */
#ifndef DOMAIN_RECORDS_POSTINGS_INTERNAL_H
#define DOMAIN_RECORDS_POSTINGS_INTERNAL_H

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/vec.h"
#include "domain/records/postings.h"

#define PENDING_WORDS 1024
#define TAIL_BYTES 24
#define VARINT_BYTES 10

/* Some differences of a list; the first one is to the row before. No number crosses its end. */
struct piece {
    struct piece *next;
    int64_t row_before;
    uint16_t capacity;
    uint16_t used;
    uint8_t bytes[];
};

/*
 * Rows of a word in a field. New differences go to the tail, which shares a cache line with what
 * adding needs anyway, and from there to the pieces.
 */
struct posting_list {
    struct piece *first; /* NULL: all is in the tail */
    struct piece *last;
    int64_t last_row;
    int64_t tail_row_before;
    uint16_t field;
    uint8_t word_length;
    uint8_t tail_used;
    uint8_t bytes[]; /* TAIL_BYTES of differences, then the word */
};

struct slot {
    struct posting_list *list; /* NULL: free */
    uint32_t hash;
};

struct pending {
    str word;
    int64_t row;
    struct posting_list *likely; /* the first list with this hash, as far as looked up */
    uint32_t hash;
    uint16_t field;
};

struct postings {
    const char *directory;
    size_t memory_bytes;
    struct arena arena; /* lists and pieces; emptied with each run */
    struct arena table; /* slots */
    struct slot *slots;
    size_t slot_count; /* a power of two */
    size_t list_count;
    struct pending pending[PENDING_WORDS];
    size_t pending_count;
    struct posting_list **sorted; /* after postings_sort */
    FILE **runs;
    size_t run_count;
};

/* A part of a list with all that is needed to read it alone. */
struct segment {
    int64_t row_before; /* the first difference is to this row */
    str bytes;
};

/* Where a reader of a list's segments stands. */
struct segment_cursor {
    const struct posting_list *list;
    const struct piece *piece;
    bool tail_read;
};

static inline str list_word(const struct posting_list *list)
{
    return (str){(const char *)list->bytes + TAIL_BYTES, list->word_length};
}

static inline void *postings_allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        bug_out_of_memory(count * size);
    }
    return memory;
}

static inline struct segment_cursor segments_of(const struct posting_list *list)
{
    return (struct segment_cursor){list, list->first, list->tail_used == 0};
}

/** Next segment of a list, or false at its end. */
static inline bool segment_next(struct segment_cursor *cursor, struct segment *ret_segment)
{
    const struct piece *piece = cursor->piece;
    if (piece) {
        *ret_segment = (struct segment){piece->row_before,
                                        {(const char *)piece->bytes, piece->used}};
        cursor->piece = piece->next;
        return true;
    }
    if (!cursor->tail_read) {
        const struct posting_list *list = cursor->list;
        *ret_segment = (struct segment){list->tail_row_before,
                                        {(const char *)list->bytes, list->tail_used}};
        cursor->tail_read = true;
        return true;
    }
    return false;
}

/** Writes seven bits a byte, least first, at out (VARINT_BYTES of room); returns the length. */
static inline size_t varint_write(uint8_t *out, uint64_t value)
{
    size_t n = 0;
    while (value >= 0x80) {
        out[n++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[n++] = (uint8_t)value;
    return n;
}

#endif
