/* What a text asks of the catalogue's index, and the datasets that answer it. */
#include <stdlib.h>

#include "base/limits.h"
#include "domain/catalog/catalog_internal.h"
#include "domain/catalog/search.h"
#include "domain/catalog/search_near.h"
#include "domain/catalog/search_text.h"
#include "platform/db/statement.h"
#include "platform/text/fold.h"
#include "platform/text/stem.h"

/* More are not compared by relevance: that costs some microseconds each. */
#define RANKED_MOST 400
#define LONG_WORD_BYTES 3 /* "of", "de" and the like say nothing of a dataset */

/* ---- the expression ---- */

static const char *const part_names[PART__COUNT] = {"title",  "keyword", "publisher",
                                                    "labels", "other",   "description"};

static void add_parts(struct buf *out, unsigned parts)
{
    buf_add_char(out, '{');
    for (size_t i = 0; i < PART__COUNT; i++) {
        if (parts >> i & 1) {
            buf_add_char(out, ' ');
            buf_add(out, str_from(part_names[i]));
        }
    }
    buf_add(out, S(" } : "));
}

static void add_word(struct buf *out, str word)
{
    buf_add_char(out, '"');
    buf_add(out, word); /* letters and digits: it cannot end the quotes */
    buf_add_char(out, '"');
}

/* Words are looked for together with their stems in all languages, and, where asked, those nearly alike. */
struct asking {
    struct scope *scope;
    struct db_lease *lease; /* NULL: without those nearly alike */
    const struct search_options *options;
    struct buf *out;
};

static void add_stems(const struct asking *asking, str word)
{
    size_t count;
    str stems[STEM_LANGUAGES_MOST];
    size_t known = 0;
    const str *languages = stem_languages(&count);
    for (size_t i = 0; i < count; i++) {
        str stem = text_stem(&asking->scope->arena, word, languages[i]);
        bool is_known = str_eq(stem, word);
        for (size_t j = 0; j < known; j++) {
            is_known |= str_eq(stem, stems[j]);
        }
        if (!is_known) {
            stems[known++] = stem;
            buf_add(asking->out, S(" OR "));
            add_word(asking->out, stem);
        }
    }
}

static enum err add_near(const struct asking *asking, str word)
{
    size_t count;
    const str *words;
    TRY(search_near(asking->scope, asking->lease, word, &words, &count));
    for (size_t i = 0; i < count; i++) {
        buf_add(asking->out, S(" OR "));
        add_word(asking->out, words[i]);
    }
    return ERR_OK;
}

static enum err add_choice(const struct asking *asking, str word, bool is_start)
{
    buf_add_char(asking->out, '(');
    add_word(asking->out, word);
    buf_add(asking->out, is_start ? S(" *") : S(""));
    add_stems(asking, word);
    if (asking->lease && asking->options->is_fuzzy && !is_start) {
        TRY(add_near(asking, word));
    }
    buf_add_char(asking->out, ')');
    return ERR_OK;
}

static bool has_long_word(struct arena *arena, str text)
{
    str words[LIMIT_SEARCH_WORDS + 1];
    size_t count = text_words(arena, text, words, ARRAY_LENGTH(words));
    bool found = false;
    for (size_t i = 0; i < count && i < ARRAY_LENGTH(words); i++) {
        found |= words[i].n >= LONG_WORD_BYTES;
    }
    return found;
}

static enum err write_words(const struct asking *asking, str text)
{
    str words[LIMIT_SEARCH_WORDS + 1];
    bool is_any = asking->options->is_any;
    bool skips_short = is_any && has_long_word(&asking->scope->arena, text);
    size_t total = 0;
    str piece;
    while (str_split_blank(&text, &piece)) {
        size_t count = text_words(&asking->scope->arena, piece, words, ARRAY_LENGTH(words));
        bool is_start = str_ends(piece, S("*")) || (asking->options->last_is_start && text.n == 0);
        if ((total += count) > LIMIT_SEARCH_WORDS) {
            return fail(asking->scope, ERR_USAGE, "a search has more than %d words",
                        LIMIT_SEARCH_WORDS);
        }
        for (size_t i = 0; i < count; i++) {
            if (skips_short && words[i].n < LONG_WORD_BYTES) {
                continue;
            }
            buf_add(asking->out, !asking->out->n ? S("") : is_any ? S(" OR ") : S(" AND "));
            TRY(add_choice(asking, words[i], is_start && i + 1 == count));
        }
    }
    return ERR_OK;
}

static enum err write_all_words(struct scope *scope, struct db_lease *lease, str text,
                                const struct search_options *options, str *ret_words)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct asking asking = {scope, lease, options, &out};
    TRY(write_words(&asking, text));
    *ret_words = buf_copy(&out, &scope->arena);
    return ERR_OK;
}

/* The words, looked for within some parts. */
static str expression_in(struct scope *scope, str words, unsigned parts)
{
    struct buf out = {0};
    if (words.n && parts && parts != SEARCH_EVERYWHERE) {
        add_parts(&out, parts);
    }
    if (words.n) {
        buf_add_char(&out, '(');
        buf_add(&out, words);
        buf_add_char(&out, ')');
    }
    str expression = buf_copy(&out, &scope->arena);
    buf_done(&out);
    return expression;
}

enum err search_expression(struct scope *scope, str text, const struct search_options *options,
                           str *ret_expression)
{
    str words;
    TRY(write_all_words(scope, NULL, text, options, &words));
    *ret_expression = expression_in(scope, words, options->parts & SEARCH_EVERYWHERE);
    return ERR_OK;
}

/* ---- the answer ---- */

typedef VEC(int64_t) number_list;

static int compare_numbers(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* The engine promises no order, but mostly there is one. */
static void read_list(struct scope *scope, str bytes, number_list *numbers)
{
    bool is_ascending = true;
    numbers->count = numbers->capacity = bytes.n / sizeof(int64_t);
    numbers->items = arena_array(&scope->arena, int64_t, numbers->count + 1);
    memcpy(numbers->items, bytes.p, numbers->count * sizeof(int64_t));
    for (size_t i = 1; i < numbers->count; i++) {
        is_ascending &= numbers->items[i - 1] < numbers->items[i];
    }
    if (!is_ascending) {
        qsort(numbers->items, numbers->count, sizeof(*numbers->items), compare_numbers);
    }
}

/* Ascending. */
static enum err find(struct scope *scope, struct db_lease *lease, str expression,
                     number_list *numbers)
{
    cell list;
    TRY(DB_ASK(scope, lease, &list, "select number_list(rowid) from search where search match ?",
               cell_text(expression)));
    if (list.type == CELL_BYTES) {
        read_list(scope, list.text, numbers);
    }
    return ERR_OK;
}

static enum err rank(struct scope *scope, struct db_lease *lease, str expression,
                     number_list *numbers)
{
    struct cursor *cursor cleanup_with(cursor_cleanup) = NULL;
    struct sql sql = STATEMENT(&scope->arena,
                               "select rowid from search where search match ? "
                               "order by bm25(search, 10.0, 6.0, 4.0, 2.0, 1.5, 1.0), rowid",
                               cell_text(expression));
    TRY(db_run(scope, lease, &sql, &cursor));
    for (numbers->count = 0;;) {
        const struct batch *row;
        TRY(cursor_next(scope, cursor, &row));
        if (!row) {
            return ERR_OK;
        }
        vec_add(&scope->arena, numbers, row_number(row, 0));
    }
}

/* The datasets in which all words occur within some of the parts that are asked for. */
static enum err find_within(struct scope *scope, struct db_lease *lease, str words, unsigned parts,
                            unsigned within, number_list *numbers)
{
    return parts & within ? find(scope, lease, expression_in(scope, words, parts & within), numbers)
                          : ERR_OK;
}

static bool has_number(const number_list *ascending, int64_t number)
{
    size_t low = 0;
    size_t high = ascending->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ascending->items[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ascending->count && ascending->items[low] == number;
}

/* Moves those that are in first to the front; the order is kept besides. */
static void put_first(struct arena *arena, number_list *all, const number_list *first)
{
    int64_t *numbers = arena_array(arena, int64_t, all->count);
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all->count; i++) {
            if (has_number(first, all->items[i]) == (pass == 0)) {
                numbers[count++] = all->items[i];
            }
        }
    }
    all->items = numbers;
    all->capacity = count;
}

/*
 * A word counts the more, the weightier the part it is in; but the engine's formula is for whole texts,
 * and a word together with its stem in a description would outweigh a stem in the title.
 */
static enum err rank_matches(struct scope *scope, struct db_lease *lease, str words,
                             unsigned parts, number_list *all)
{
    static const unsigned within[] = {SEARCH_TITLE | SEARCH_KEYWORD | SEARCH_PUBLISHER,
                                      SEARCH_TITLE | SEARCH_KEYWORD, SEARCH_TITLE};
    TRY(rank(scope, lease, expression_in(scope, words, parts), all));
    for (size_t i = 0; i < ARRAY_LENGTH(within) && all->count > 1; i++) {
        number_list first = {0};
        TRY(find_within(scope, lease, words, parts, within[i], &first));
        put_first(&scope->arena, all, &first);
    }
    return ERR_OK;
}

static enum err search_in(struct scope *scope, struct db_lease *lease, str text,
                          const struct search_options *options, struct search_matches *ret_matches)
{
    number_list all = {0};
    number_list titles = {0};
    str words;
    unsigned parts = options->parts ? options->parts & SEARCH_EVERYWHERE : SEARCH_EVERYWHERE;
    TRY(write_all_words(scope, lease, text, options, &words));
    *ret_matches = (struct search_matches){0};
    if (!words.n) {
        return ERR_OK;
    }
    TRY(find(scope, lease, expression_in(scope, words, parts), &all));
    bool is_ranked = all.count <= RANKED_MOST;
    if (is_ranked) {
        TRY(rank_matches(scope, lease, words, parts, &all));
    } else {
        TRY(find_within(scope, lease, words, parts, SEARCH_TITLE, &titles));
    }
    *ret_matches =
        (struct search_matches){all.items, all.count, is_ranked, titles.items, titles.count};
    return ERR_OK;
}

/* All statements see one state of the index, so that the lists belong together. */
enum err catalog_search(struct scope *scope, struct catalog *catalog, str text,
                        const struct search_options *options, struct search_matches *ret_matches)
{
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    TRY(search_follow(scope, catalog));
    TRY(db_lease(scope, catalog->search, &lease));
    TRY(db_script(scope, lease, "begin"));
    TRY(search_in(scope, lease, text, options, ret_matches));
    return db_script(scope, lease, "commit");
}
