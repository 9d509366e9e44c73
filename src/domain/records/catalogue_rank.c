/* Full text over the catalogue, as functions of the engine. */
#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "domain/catalog/search.h"
#include "domain/records/catalogue_source.h"
#include "platform/text/fold.h"

#define WORDS_MOST 4096 /* of one value */
#define SEARCH_PATIENCE (10 * USEC_SECOND)

/* ---- ranks ---- */

struct asked {
    struct catalogue_source *source;
    str text;
    struct search_options options;
};

/* Marks the rows of datasets whose every field may be seen, or, with_hidden, of the others. */
static void add_rows(const struct catalogue_source *source, const struct search_matches *matches,
                     bool with_hidden, uint8_t *marks)
{
    for (size_t i = 0; i < matches->count; i++) {
        size_t row = catalogue_row(source, matches->numbers[i]);
        if (row != SIZE_MAX && (source->rows[row]->hidden_count > 0) == with_hidden) {
            bool in_title = !matches->is_ranked && i < matches->in_title;
            marks[row] = in_title ? 2 : 1;
        }
    }
}

/* Numbers the rows with hidden fields among the first of what was found without labels. */
static void number_hidden(const struct catalogue_source *source,
                          const struct search_matches *unlabelled, size_t *from, size_t to,
                          uint32_t *ranks, uint32_t *rank)
{
    for (; *from < to; ++*from) {
        size_t row = catalogue_row(source, unlabelled->numbers[*from]);
        if (row != SIZE_MAX && source->rows[row]->hidden_count > 0) {
            ranks[row] = ++*rank;
        }
    }
}

/*
 * The best first. Rows with hidden fields stand where they would without labels, so that the order does
 * not tell of those either; unlabelled is empty when there are none.
 */
static uint32_t number_ranked(struct arena *arena, const struct catalogue_source *source,
                              const struct search_matches *matches,
                              const struct search_matches *unlabelled, uint32_t *ranks)
{
    uint32_t rank = 0;
    size_t next = 0;
    size_t *places = arena_array(arena, size_t, source->count + 1);
    for (size_t i = 0; i < unlabelled->count; i++) {
        size_t row = catalogue_row(source, unlabelled->numbers[i]);
        places[row == SIZE_MAX ? source->count : row] = i + 1;
    }
    for (size_t i = 0; i < matches->count; i++) {
        size_t row = catalogue_row(source, matches->numbers[i]);
        if (row != SIZE_MAX && source->rows[row]->hidden_count == 0) {
            size_t before = places[row] ? places[row] - 1 : unlabelled->count;
            number_hidden(source, unlabelled, &next, before, ranks, &rank);
            ranks[row] = ++rank;
        }
    }
    number_hidden(source, unlabelled, &next, unlabelled->count, ranks, &rank);
    return rank;
}

/* Those that match in the title, then the latest modified. */
static void number_rest(const struct catalogue_source *source, const uint8_t *marks, uint32_t *ranks,
                        uint32_t rank)
{
    for (uint8_t mark = 2; mark > 0; mark--) {
        for (size_t row = 0; row < source->count; row++) {
            if (marks[row] == mark && !ranks[row]) {
                ranks[row] = ++rank;
            }
        }
    }
}

static enum err search(struct scope *scope, const struct asked *asked, uint32_t *ranks)
{
    const struct catalogue_source *source = asked->source;
    struct search_matches matches;
    struct search_matches unlabelled = {0};
    struct search_options options = asked->options;
    uint8_t *marks = arena_array(&scope->arena, uint8_t, source->count + 1);
    TRY(catalog_search(scope, source->snapshot->catalog, asked->text, &options, &matches));
    add_rows(source, &matches, false, marks);
    options.parts = (options.parts ? options.parts : SEARCH_EVERYWHERE) & ~(unsigned)SEARCH_LABELS;
    if (source->hides_fields && options.parts) {
        TRY(catalog_search(scope, source->snapshot->catalog, asked->text, &options, &unlabelled));
        add_rows(source, &unlabelled, true, marks);
    }
    bool is_ranked = matches.is_ranked; /* and so are those without labels, which are fewer */
    uint32_t rank = is_ranked ? number_ranked(&scope->arena, source, &matches, &unlabelled, ranks) : 0;
    number_rest(source, marks, ranks, rank);
    return ERR_OK;
}

static str key_of(struct arena *arena, const struct asked *asked)
{
    return str_printf(arena, "%u|%d|%.*s", asked->options.parts, asked->options.last_is_start,
                      STR_ARG(asked->text));
}

/* The place for another search: the one used longest ago. */
static struct catalogue_search *oldest(struct catalogue_source *source)
{
    struct catalogue_search *found = &source->searches[0];
    for (size_t i = 1; i < CATALOGUE_SEARCHES_KEPT; i++) {
        if (source->searches[i].last_use < found->last_use) {
            found = &source->searches[i];
        }
    }
    return found;
}

static const struct catalogue_search *find_known(struct catalogue_source *source, str key)
{
    for (size_t i = 0; i < CATALOGUE_SEARCHES_KEPT; i++) {
        struct catalogue_search *known = &source->searches[i];
        if (known->ranks && str_eq(known->key, key)) {
            known->last_use = ++source->search_uses;
            return known;
        }
    }
    return NULL;
}

static void keep(struct catalogue_source *source, str key, uint32_t *ranks)
{
    struct catalogue_search *place = oldest(source);
    char *copy = malloc(key.n);
    if (!copy) {
        bug_out_of_memory(key.n);
    }
    memcpy(copy, key.p, key.n);
    free((char *)(uintptr_t)place->key.p);
    free(place->ranks);
    *place = (struct catalogue_search){{copy, key.n}, ranks, ++source->search_uses};
}

/* Under the source's mutex, so that threads of one statement search once. */
static enum err find_ranks(struct scope *scope, const struct asked *asked,
                           const struct catalogue_search **ret_search)
{
    str key = key_of(&scope->arena, asked);
    *ret_search = find_known(asked->source, key);
    if (*ret_search) {
        return ERR_OK;
    }
    uint32_t *ranks = calloc(asked->source->count + 1, sizeof(*ranks));
    if (!ranks) {
        bug_out_of_memory(asked->source->count * sizeof(*ranks));
    }
    enum err result = search(scope, asked, ranks);
    if (result != ERR_OK) {
        free(ranks);
        return result;
    }
    keep(asked->source, key, ranks);
    *ret_search = find_known(asked->source, key);
    return ERR_OK;
}

/* Sets the results of the rows from first on that ask the same; returns the row after them. */
static size_t rank_rows(struct scope *scope, const struct batch *arguments, size_t first,
                        struct db_result *result)
{
    const struct column *columns = arguments->columns;
    struct asked asked = {
        (struct catalogue_source *)(uintptr_t)columns[0].numbers[first], columns[1].texts[first],
        {(unsigned)columns[2].numbers[first], columns[3].truths[first]}};
    const struct catalogue_search *found;
    size_t row = first;
    pthread_mutex_lock(&asked.source->mutex);
    if (find_ranks(scope, &asked, &found) != ERR_OK) {
        db_result_fail(result, scope->failure.message);
        pthread_mutex_unlock(&asked.source->mutex);
        return arguments->rows;
    }
    for (; row < arguments->rows && columns[0].numbers[row] == columns[0].numbers[first] &&
           columns[2].numbers[row] == columns[2].numbers[first] &&
           columns[3].truths[row] == columns[3].truths[first] &&
           str_eq(columns[1].texts[row], asked.text); row++) {
        int64_t place = columns[4].numbers[row];
        uint32_t rank = place >= 0 && (uint64_t)place < asked.source->count ? found->ranks[place] : 0;
        if (rank) {
            db_result_int(result, row, rank);
        }
    }
    pthread_mutex_unlock(&asked.source->mutex);
    return row;
}

void catalogue_rank(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct scope scope;
    scope_open(&scope);
    scope.deadline = clock_monotonic() + SEARCH_PATIENCE;
    for (size_t row = 0; row < arguments->rows;) {
        row = rank_rows(&scope, arguments, row, result);
    }
    scope_close(&scope);
}

/* ---- words of one value ---- */

/* As the index understands them (search.h). */
struct wanted {
    str words[LIMIT_SEARCH_WORDS];
    bool is_start[LIMIT_SEARCH_WORDS];
    size_t count;
};

static void read_wanted(struct arena *arena, str text, bool last_is_start, struct wanted *ret_wanted)
{
    str piece;
    *ret_wanted = (struct wanted){.count = 0};
    while (str_split_blank(&text, &piece)) {
        size_t first = ret_wanted->count;
        size_t count = text_words(arena, piece, ret_wanted->words + first, LIMIT_SEARCH_WORDS - first);
        if (count) {
            ret_wanted->is_start[first + count - 1] =
                str_ends(piece, S("*")) || (last_is_start && text.n == 0);
        }
        ret_wanted->count += count;
    }
}

static bool occurs(str word, bool is_start, const str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_start ? str_starts(words[i], word) : str_eq(words[i], word)) {
            return true;
        }
    }
    return false;
}

void has_words(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    struct scope scope;
    static _Thread_local str words[WORDS_MOST];
    struct wanted wanted;
    for (size_t row = 0; row < arguments->rows; row++) {
        const struct column *columns = arguments->columns;
        if (column_is_null(&columns[0], row)) {
            continue;
        }
        scope_open(&scope);
        size_t count = text_words(&scope.arena, columns[0].texts[row], words, WORDS_MOST);
        read_wanted(&scope.arena, columns[1].texts[row], columns[2].truths[row], &wanted);
        bool all = true;
        for (size_t i = 0; i < wanted.count && all; i++) {
            all = occurs(wanted.words[i], wanted.is_start[i], words, count);
        }
        db_result_bool(result, row, all);
        scope_close(&scope);
    }
}
