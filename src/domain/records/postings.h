/*
 * Collects which rows hold which words, for the search index, in bounded memory: past its limit a
 * collector writes what it has as one sorted run to an unnamed file. A merge then yields the lists
 * of several collectors in the order of words, as packed bytes that are stored as they are.
 *
 * Packed rows are one or more segments: the length of what follows, the row before the first one
 * plus 1, then differences, all as variable-length integers (seven bits a byte, least first). One or
 * two bytes a row for frequent words; nothing need be decoded to join segments.
 */
#ifndef DOMAIN_RECORDS_POSTINGS_H
#define DOMAIN_RECORDS_POSTINGS_H

#include "base/scope.h"

#define POSTINGS_WORD_BYTES 255

struct postings;

/**
 * Makes a collector of about memory_bytes. directory is for the runs and must outlive it.
 * Undone by postings_free.
 */
struct postings *postings_new(const char *directory, size_t memory_bytes);

/**
 * Adds one occurrence. Rows best come in ascending order; the same word again in a row and field
 * counts once. word, of at most POSTINGS_WORD_BYTES, must live until the next postings_settle.
 * Errors: ERR_FILE (a run cannot be written).
 */
enum err postings_add(struct scope *scope, struct postings *postings, str word, uint16_t field,
                      int64_t row) must_check;

/** Takes in what was added; afterwards no added word is borrowed any more. Errors as postings_add. */
enum err postings_settle(struct scope *scope, struct postings *postings) must_check;

/** Sorts what is in memory. Nothing may be added afterwards. */
void postings_sort(struct postings *postings);

/** Frees everything. Accepts NULL. */
void postings_free(struct postings *postings);

#define POSTINGS_BLOCK_BYTES 4000 /* the engine keeps values up to 4096 bytes next to each other */

/* Some rows of one word in one field. A frequent word has several blocks. */
struct posting_block {
    str word; /* both live until the next call */
    int64_t field;
    str packed; /* at most POSTINGS_BLOCK_BYTES */
};

struct postings_merge;

/** Begins to yield what count sorted collectors hold; they are borrowed. */
struct postings_merge *postings_merge_new(struct postings *const *collectors, size_t count);

/**
 * Next block by word and field; false at the end. Blocks of one word and field are not ordered
 * among each other. Errors: ERR_FILE (a run cannot be read back).
 */
enum err postings_merge_next(struct scope *scope, struct postings_merge *merge,
                             struct posting_block *ret_block, bool *ret_found) must_check;

/** Frees the merge. Accepts NULL. */
void postings_merge_free(struct postings_merge *merge);

/**
 * Writes the rows of a block at ret_rows, which has room for as many as packed has bytes. Returns
 * how many there are; SIZE_MAX when the bytes are not packed rows.
 */
size_t postings_unpack(str packed, int64_t *ret_rows);

#endif
