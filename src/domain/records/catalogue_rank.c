/* Full text over the catalogue: searches, kept for the next pages, and functions of the engine. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/limits.h"
#include "domain/catalog/search.h"
#include "domain/records/catalogue_source.h"
#include "platform/text/fold.h"
#include "platform/text/near.h"

#define WORDS_MOST 4096 /* of one value */

/* What a search found. Whoever holds a reference may read it; it is never changed. */
struct catalogue_search {
    struct catalogue_ranks ranks; /* first, so that its address is this one's */
    char *key;
    size_t key_bytes;
    uint64_t last_use; /* under the source's mutex */
    atomic_int references;
    uint32_t places[];
};

/* ---- one search ---- */

/* Which datasets a search may tell of. */
enum shown { SHOWN_ALL, SHOWN_WHOLE, SHOWN_WITH_HIDDEN };

static bool is_shown(const struct dataset *dataset, enum shown shown)
{
    return shown == SHOWN_ALL || (dataset->hidden_count > 0) == (shown == SHOWN_WITH_HIDDEN);
}

/* Marks the rows of ascending numbers. */
static void mark_ascending(const struct catalogue_source *source, const int64_t *numbers,
                           size_t count, enum shown shown, uint8_t mark, uint8_t *marks)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        while (at < source->count && source->numbers[at] < numbers[i]) {
            at++;
        }
        if (at < source->count && source->numbers[at] == numbers[i] &&
            is_shown(source->rows[source->row_of[at]], shown)) {
            marks[source->row_of[at]] = mark;
        }
    }
}

static void mark_matches(const struct catalogue_source *source,
                         const struct search_matches *matches, enum shown shown, uint8_t *marks)
{
    for (size_t i = 0; matches->is_ranked && i < matches->count; i++) {
        size_t row = catalogue_row(source, matches->numbers[i]);
        if (row != SIZE_MAX && is_shown(source->rows[row], shown)) {
            marks[row] = 1;
        }
    }
    if (!matches->is_ranked) {
        mark_ascending(source, matches->numbers, matches->count, shown, 1, marks);
        mark_ascending(source, matches->in_title, matches->in_title_count, shown, 2, marks);
    }
}

/* Numbers the rows with hidden fields among the first of what was found without labels. */
static void number_hidden(const struct catalogue_source *source,
                          const struct search_matches *unlabelled, size_t *from, size_t to,
                          uint32_t *places, uint32_t *place)
{
    for (; *from < to; ++*from) {
        size_t row = catalogue_row(source, unlabelled->numbers[*from]);
        if (row != SIZE_MAX && source->rows[row]->hidden_count > 0) {
            places[row] = ++*place;
        }
    }
}

/*
 * The best first. Rows with hidden fields stand where they would without labels, so that the order does
 * not tell of those either; unlabelled is empty when there are none. Returns the last place.
 */
static uint32_t number_ranked(struct arena *arena, const struct catalogue_source *source,
                              const struct search_matches *matches,
                              const struct search_matches *unlabelled, uint32_t *places)
{
    uint32_t place = 0;
    size_t next = 0;
    size_t *without = arena_array(arena, size_t, source->count + 1); /* labels: where, plus one */
    for (size_t i = 0; i < unlabelled->count; i++) {
        size_t row = catalogue_row(source, unlabelled->numbers[i]);
        without[row == SIZE_MAX ? source->count : row] = i + 1;
    }
    for (size_t i = 0; i < matches->count; i++) {
        size_t row = catalogue_row(source, matches->numbers[i]);
        if (row != SIZE_MAX && source->rows[row]->hidden_count == 0) {
            size_t before = without[row] ? without[row] - 1 : unlabelled->count;
            number_hidden(source, unlabelled, &next, before, places, &place);
            places[row] = ++place;
        }
    }
    number_hidden(source, unlabelled, &next, unlabelled->count, places, &place);
    return place;
}

/* Those that match in the title, then the latest modified. Returns the last place. */
static uint32_t number_rest(const struct catalogue_source *source, const uint8_t *marks,
                            uint32_t place, uint32_t *places)
{
    for (uint8_t mark = 2; mark > 0; mark--) {
        for (size_t row = 0; row < source->count; row++) {
            if (marks[row] == mark && !places[row]) {
                places[row] = ++place;
            }
        }
    }
    return place;
}

static enum err search(struct scope *scope, const struct catalogue_source *source, str text,
                       const struct search_options *asked, uint32_t *places, size_t *ret_found)
{
    struct search_matches matches;
    struct search_matches unlabelled = {0};
    struct search_options options = *asked;
    uint8_t *marks = arena_array(&scope->arena, uint8_t, source->count + 1);
    TRY(catalog_search(scope, source->snapshot->catalog, text, &options, &matches));
    mark_matches(source, &matches, source->hides_fields ? SHOWN_WHOLE : SHOWN_ALL, marks);
    options.parts = (options.parts ? options.parts : SEARCH_EVERYWHERE) & ~(unsigned)SEARCH_LABELS;
    if (source->hides_fields && options.parts) {
        TRY(catalog_search(scope, source->snapshot->catalog, text, &options, &unlabelled));
        mark_matches(source, &unlabelled, SHOWN_WITH_HIDDEN, marks);
    }
    bool is_ranked = matches.is_ranked; /* and so are those without labels, which are fewer */
    uint32_t place =
        is_ranked ? number_ranked(&scope->arena, source, &matches, &unlabelled, places) : 0;
    *ret_found = number_rest(source, marks, place, places);
    return ERR_OK;
}

/* ---- those of late ---- */

void catalogue_search_release(void *what)
{
    struct catalogue_search *search = what;
    if (search && atomic_fetch_sub(&search->references, 1) == 1) {
        free(search->key);
        free(search);
    }
}

static struct catalogue_search *search_new(const struct catalogue_source *source, str key)
{
    struct catalogue_search *search =
        calloc(1, sizeof(*search) + (source->count + 1) * sizeof(*search->places));
    if (!search || !(search->key = malloc(key.n + 1))) {
        bug_out_of_memory(source->count * sizeof(*search->places));
    }
    memcpy(search->key, key.p, key.n);
    search->key_bytes = key.n;
    search->ranks = (struct catalogue_ranks){search->places, source->count, 0};
    search->references = 1;
    return search;
}

static struct catalogue_search *find_known(struct catalogue_source *source, str key)
{
    struct catalogue_search *found = NULL;
    pthread_mutex_lock(&source->mutex);
    for (size_t i = 0; i < CATALOGUE_SEARCHES_KEPT && !found; i++) {
        struct catalogue_search *known = source->searches[i];
        if (known && str_eq((str){known->key, known->key_bytes}, key)) {
            found = known;
            found->last_use = ++source->search_uses;
            atomic_fetch_add(&found->references, 1);
        }
    }
    pthread_mutex_unlock(&source->mutex);
    return found;
}

/* In place of the one used longest ago. */
static void keep(struct catalogue_source *source, struct catalogue_search *search)
{
    pthread_mutex_lock(&source->mutex);
    struct catalogue_search **place = &source->searches[0];
    for (size_t i = 1; i < CATALOGUE_SEARCHES_KEPT && *place; i++) {
        struct catalogue_search **other = &source->searches[i];
        if (!*other || (*other)->last_use < (*place)->last_use) {
            place = other;
        }
    }
    struct catalogue_search *old = *place;
    search->last_use = ++source->search_uses;
    atomic_fetch_add(&search->references, 1);
    *place = search;
    pthread_mutex_unlock(&source->mutex);
    catalogue_search_release(old);
}

enum err catalogue_rank_text(struct scope *scope, void *user, str text,
                             const struct search_options *options,
                             const struct catalogue_ranks **ret_ranks)
{
    struct catalogue_source *source = user;
    str key = str_printf(&scope->arena, "%u|%d|%d|%.*s", options->parts, options->last_is_start,
                         options->is_fuzzy, STR_ARG(text));
    struct catalogue_search *found = find_known(source, key);
    if (!found) {
        found = search_new(source, key);
        enum err result = search(scope, source, text, options, found->places,
                                 &found->ranks.found);
        if (result != ERR_OK) {
            catalogue_search_release(found);
            return result;
        }
        keep(source, found);
    }
    scope_keep(scope, catalogue_search_release, found);
    *ret_ranks = &found->ranks;
    return ERR_OK;
}

/* ---- functions of the engine ---- */

void catalogue_rank(const struct batch *arguments, struct db_result *result, const void *user)
{
    (void)user;
    const struct column *columns = arguments->columns;
    for (size_t row = 0; row < arguments->rows; row++) {
        const struct catalogue_ranks *ranks =
            (const struct catalogue_ranks *)(uintptr_t)columns[0].numbers[row];
        uint64_t at = (uint64_t)columns[1].numbers[row];
        if (at < ranks->count && ranks->places[at]) {
            db_result_int(result, row, ranks->places[at]);
        }
    }
}

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

static bool occurs(str word, bool is_start, bool is_fuzzy, const str *words, size_t count)
{
    int most = is_fuzzy && !is_start ? text_near_distance(word) : 0;
    for (size_t i = 0; i < count; i++) {
        bool is_same = is_start ? str_starts(words[i], word) : str_eq(words[i], word);
        if (is_same || (most && text_distance(words[i], word, most) <= most)) {
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
            all = occurs(wanted.words[i], wanted.is_start[i], columns[3].truths[row], words, count);
        }
        db_result_bool(result, row, all);
        scope_close(&scope);
    }
}
