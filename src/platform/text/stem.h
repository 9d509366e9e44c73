/*
 * Stems of words, so that "schools" finds "school": the Snowball stemmers of libstemmer. The index and
 * the query give them the same folded words (fold.h), so that accents left out make no difference.
 */
#ifndef PLATFORM_TEXT_STEM_H
#define PLATFORM_TEXT_STEM_H

#include "base/str.h"

#define STEM_LANGUAGES_MOST 16

/** Tags of the languages there are stemmers for (en, fr, …). */
const str *stem_languages(size_t *ret_count);

/**
 * Stem of a folded word in a language, ligatures taken apart, "fr" or "fr-CA"; the word itself where the language has no
 * stemmer. In the arena or the word. Any thread; each keeps its own stemmers until it ends.
 */
str text_stem(struct arena *arena, str word, str lang);

#endif
