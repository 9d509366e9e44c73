/* What the collecting and the merging of postings share. */
#ifndef DOMAIN_RECORDS_POSTINGS_INTERNAL_H
#define DOMAIN_RECORDS_POSTINGS_INTERNAL_H

#include <stdio.h>

#include "base/arena.h"
#include "base/vec.h"
#include "domain/records/postings.h"

#define PENDING_WORDS 1024

struct piece {
    struct piece *next;
    uint16_t capacity;
    uint16_t used;
    uint8_t bytes[];
};

#define INLINE_BYTES 24 /* a list of a rare word then fits a cache line */

/* Rows of a word in a field: differences to the row before, the first one to -1. */
struct posting_list {
    struct piece *first; /* what follows the inline bytes; NULL: nothing */
    struct piece *last;
    int64_t last_row;
    uint32_t count;
    uint16_t field;
    uint8_t word_length;
    uint8_t inline_used;
    uint8_t bytes[]; /* INLINE_BYTES of differences, then the word */
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

static inline str list_word(const struct posting_list *list)
{
    return (str){(const char *)list->bytes + INLINE_BYTES, list->word_length};
}

#endif
