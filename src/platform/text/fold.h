/*
 * Text for search and names: folding, words, transliteration (ICU). The index and the query use
 * the same functions, so they agree by construction. Pure; any thread.
 */
#ifndef PLATFORM_TEXT_FOLD_H
#define PLATFORM_TEXT_FOLD_H

#include "base/str.h"

#define TEXT_WORD_BYTES 64 /* longer words are cut in index and query alike */
#define TEXT_SEARCHED_BYTES ((size_t)256 << 10) /* of a text that words are taken from */

/** Lower case without accents: compatibility decomposition, marks dropped, case folded. */
str text_fold(struct arena *arena, str text);

/**
 * Folded words of a text: runs of letters and digits; scripts written without blanks (Han, Kana,
 * Thai …) are cut by ICU's word breaks. At most limit words, of the first TEXT_SEARCHED_BYTES, are
 * stored in ret_words.
 * Returns their number.
 */
size_t text_words(struct arena *arena, str text, str *ret_words, size_t limit);

/** Whether a code point is a letter, a digit, or a mark that belongs to a letter. */
bool text_is_word_character(uint32_t code_point);

/** ASCII letters, digits and '_' that stand for a label: "Année d'ouverture" → "annee_d_ouverture". */
str text_identifier(struct arena *arena, str label);

#endif
