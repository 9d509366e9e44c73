#include <stdlib.h>

#include "base/bug.h"
#include "domain/records/postings_internal.h"

/* Lists of one word that are longer together are yielded one after the other, not as one. */
#define MERGED_ROWS 4096

/* A sorted sequence of lists: those in a collector's memory, or a run. */
struct source {
    struct posting_list **lists; /* in memory; NULL: a run */
    size_t list_count;
    size_t at;
    const struct piece *piece;      /* the next one of the current list */
    const uint8_t *byte, *byte_end; /* what is left of this one */
    FILE *file;
    bool ended;
    bool failed;
    /* the current list */
    char word_bytes[POSTINGS_WORD_BYTES];
    str word;
    uint64_t field;
    uint64_t left; /* rows not yet read */
    int64_t row;
};

struct postings_merge {
    struct source *sources;
    size_t source_count;
    struct source *open; /* whose list is yielded block by block, or NULL */
    char word_bytes[POSTINGS_WORD_BYTES];
    struct posting_block block;
    int64_t rows[MERGED_ROWS];
    int64_t merging[MERGED_ROWS];
    size_t row_count, row_at; /* of rows, for a merged list */
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory) {
        bug_out_of_memory(count * size);
    }
    return memory;
}

/* ---- sources ---- */

static int next_byte(struct source *source)
{
    if (source->file) {
        return getc_unlocked(source->file);
    }
    if (source->byte == source->byte_end) {
        if (!source->piece) {
            return EOF;
        }
        source->byte = source->piece->bytes;
        source->byte_end = source->byte + source->piece->used;
        source->piece = source->piece->next;
    }
    return *source->byte++;
}

static uint64_t read_varint(struct source *source)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        int byte = next_byte(source);
        if (byte == EOF) {
            source->failed = true;
            return 0;
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    source->failed = true;
    return 0;
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
    if (length > sizeof(source->word_bytes) ||
        fread(source->word_bytes, 1, length, source->file) != length) {
        source->failed = true;
        return;
    }
    source->word = (str){source->word_bytes, length};
    source->field = read_varint(source);
    source->left = read_varint(source);
}

static void next_list(struct source *source)
{
    source->row = -1;
    if (source->file) {
        next_in_run(source);
    } else if (source->at == source->list_count) {
        source->ended = true;
    } else {
        const struct posting_list *list = source->lists[source->at++];
        source->word = list_word(list);
        source->field = list->field;
        source->left = list->count;
        source->byte = list->bytes;
        source->byte_end = list->bytes + list->inline_used;
        source->piece = list->first;
    }
}

static size_t read_rows(struct source *source, int64_t *rows, size_t limit)
{
    size_t count = 0;
    for (; count < limit && source->left && !source->failed; count++, source->left--) {
        source->row += (int64_t)read_varint(source);
        rows[count] = source->row;
    }
    return count;
}

/* ---- merge ---- */

struct postings_merge *postings_merge_new(struct postings *const *collectors, size_t count)
{
    struct postings_merge *merge = allocate(1, sizeof(*merge));
    size_t sources = count;
    for (size_t i = 0; i < count; i++) {
        sources += collectors[i]->run_count;
    }
    merge->sources = allocate(sources + 1, sizeof(struct source));
    for (size_t i = 0; i < count; i++) {
        struct source *memory = &merge->sources[merge->source_count++];
        memory->lists = collectors[i]->sorted;
        memory->list_count = collectors[i]->list_count;
        for (size_t j = 0; j < collectors[i]->run_count; j++) {
            merge->sources[merge->source_count++].file = collectors[i]->runs[j];
        }
    }
    for (size_t i = 0; i < merge->source_count; i++) {
        next_list(&merge->sources[i]);
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

static int compare(const struct source *a, const struct source *b)
{
    int order = str_compare(a->word, b->word);
    return order ? order : a->field < b->field ? -1 : a->field > b->field;
}

static struct source *find_smallest(struct postings_merge *merge)
{
    struct source *smallest = NULL;
    for (size_t i = 0; i < merge->source_count; i++) {
        struct source *source = &merge->sources[i];
        if (!source->ended && (!smallest || compare(source, smallest) < 0)) {
            smallest = source;
        }
    }
    return smallest;
}

/* Merges count ascending rows into the ascending rows there are. */
static void merge_rows(struct postings_merge *merge, const int64_t *rows, size_t count)
{
    size_t old = merge->row_count;
    memcpy(merge->merging, merge->rows, old * sizeof(int64_t));
    size_t i = 0;
    size_t j = 0;
    size_t out = 0;
    while (i < old || j < count) {
        bool first = j == count || (i < old && merge->merging[i] <= rows[j]);
        merge->rows[out++] = first ? merge->merging[i++] : rows[j++];
    }
    merge->row_count = out;
}

static void begin_block(struct postings_merge *merge, const struct source *source)
{
    bug_if(source->word.n > sizeof(merge->word_bytes));
    memcpy(merge->word_bytes, source->word.p, source->word.n);
    merge->block.word = (str){merge->word_bytes, source->word.n};
    merge->block.field = (int64_t)source->field;
}

/* Takes in the lists of all sources that stand at the same word and field as smallest. */
static void merge_lists(struct postings_merge *merge, const struct source *smallest)
{
    int64_t rows[MERGED_ROWS];
    struct source key = *smallest;
    key.word = merge->block.word;
    for (size_t i = 0; i < merge->source_count; i++) {
        struct source *source = &merge->sources[i];
        bool fits = !source->ended && source->left <= MERGED_ROWS - merge->row_count;
        if (fits && compare(source, &key) == 0) {
            merge_rows(merge, rows, read_rows(source, rows, MERGED_ROWS));
            next_list(source);
        }
    }
}

static bool serve_merged(struct postings_merge *merge, struct posting_block *ret_block)
{
    size_t left = merge->row_count - merge->row_at;
    if (left == 0) {
        return false;
    }
    merge->block.rows = merge->rows + merge->row_at;
    merge->block.count = left < POSTINGS_BLOCK_ROWS ? left : POSTINGS_BLOCK_ROWS;
    merge->row_at += merge->block.count;
    *ret_block = merge->block;
    return true;
}

static bool serve_open(struct postings_merge *merge, struct posting_block *ret_block)
{
    struct source *source = merge->open;
    if (!source) {
        return false;
    }
    merge->block.rows = merge->rows;
    merge->block.count = read_rows(source, merge->rows, POSTINGS_BLOCK_ROWS);
    if (source->left == 0) {
        next_list(source);
        merge->open = NULL;
    }
    *ret_block = merge->block;
    return merge->block.count > 0;
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
    *ret_found = serve_merged(merge, ret_block) || serve_open(merge, ret_block);
    TRY(check_sources(scope, merge));
    if (*ret_found) {
        return ERR_OK;
    }
    struct source *smallest = find_smallest(merge);
    if (!smallest) {
        return ERR_OK;
    }
    begin_block(merge, smallest);
    merge->row_count = merge->row_at = 0;
    if (smallest->left > MERGED_ROWS) {
        merge->open = smallest;
    } else {
        merge_lists(merge, smallest);
    }
    return postings_merge_next(scope, merge, ret_block, ret_found);
}
