#include "platform/text/stem.h"

#include <libstemmer.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "platform/text/fold.h"

#define TEXT_OF(text) {text, sizeof(text) - 1}

/* At the same places. */
static const str tags[] = {TEXT_OF("en"), TEXT_OF("fr"), TEXT_OF("de"), TEXT_OF("es"),
                           TEXT_OF("it"), TEXT_OF("nl"), TEXT_OF("pt"), TEXT_OF("sv"),
                           TEXT_OF("ca"), TEXT_OF("eu"), TEXT_OF("ar")};
static const char *const algorithms[] = {"english",    "french",  "german",  "spanish",
                                         "italian",    "dutch",   "portuguese", "swedish",
                                         "catalan",    "basque",  "arabic"};
_Static_assert(ARRAY_LENGTH(tags) == ARRAY_LENGTH(algorithms), "a stemmer for each language");
_Static_assert(ARRAY_LENGTH(tags) <= STEM_LANGUAGES_MOST, "callers have room for all");

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_stemmers(void *memory)
{
    struct sb_stemmer **stemmers = memory;
    for (size_t i = 0; i < ARRAY_LENGTH(tags); i++) {
        sb_stemmer_delete(stemmers[i]);
    }
    free(stemmers);
}

static void make_key(void)
{
    bug_if(pthread_key_create(&key, free_stemmers) != 0);
}

/* Of the calling thread: a stemmer is no thread's but one. NULL: the library has none of that name. */
static struct sb_stemmer *stemmer_at(size_t place)
{
    pthread_once(&once, make_key);
    struct sb_stemmer **stemmers = pthread_getspecific(key);
    if (!stemmers) {
        stemmers = calloc(ARRAY_LENGTH(tags), sizeof(*stemmers));
        if (!stemmers) {
            bug_out_of_memory(ARRAY_LENGTH(tags) * sizeof(*stemmers));
        }
        pthread_setspecific(key, stemmers);
    }
    if (!stemmers[place]) {
        stemmers[place] = sb_stemmer_new(algorithms[place], "UTF_8");
    }
    return stemmers[place];
}

const str *stem_languages(size_t *ret_count)
{
    *ret_count = ARRAY_LENGTH(tags);
    return tags;
}

/* Folding keeps ligatures, which many write as two letters: "cœur" has the stem of "coeur". */
static str without_ligatures(struct arena *arena, str word)
{
    static const str pairs[][2] = {{TEXT_OF("œ"), TEXT_OF("oe")}, {TEXT_OF("æ"), TEXT_OF("ae")}};
    for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
        for (size_t at; (at = str_find(word, pairs[i][0], 0)) != SIZE_MAX;) {
            word = str_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(word, 0, at)),
                              STR_ARG(pairs[i][1]),
                              STR_ARG(str_slice(word, at + pairs[i][0].n, word.n)));
        }
    }
    return word;
}

/*
 * The French stemmer keeps an s after a, i, o and u, because singulars end so, too (repas, tapis); but
 * plurals do as well (photos, taxis), and here a stem need not be right, only the same for both.
 */
static str without_plural(str stem, str tag)
{
    bool is_plural = str_eq(tag, S("fr")) && stem.n > 4 && stem.p[stem.n - 1] == 's' &&
                     memchr("aiou", stem.p[stem.n - 2], 4);
    return is_plural ? str_slice(stem, 0, stem.n - 1) : stem;
}

str text_stem(struct arena *arena, str word, str lang)
{
    for (size_t i = 0; i < ARRAY_LENGTH(tags); i++) {
        bool is_variant = lang.n > 2 && lang.p[2] == '-' && str_starts(lang, tags[i]);
        if (!is_variant && !str_eq(lang, tags[i])) {
            continue;
        }
        str plain = without_ligatures(arena, word);
        struct sb_stemmer *stemmer = word.n <= TEXT_WORD_BYTES ? stemmer_at(i) : NULL;
        const sb_symbol *stem =
            stemmer ? sb_stemmer_stem(stemmer, (const sb_symbol *)plain.p, (int)plain.n) : NULL;
        if (!stem || sb_stemmer_length(stemmer) == 0) {
            return word;
        }
        str whole = {(const char *)stem, (size_t)sb_stemmer_length(stemmer)};
        return str_copy(arena, without_plural(whole, tags[i]));
    }
    return word;
}
