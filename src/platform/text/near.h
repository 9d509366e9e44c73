/* Words that are nearly the same: what a fuzzy search takes for a slip of the keyboard (explore-api.md 3.6). */
#ifndef PLATFORM_TEXT_NEAR_H
#define PLATFORM_TEXT_NEAR_H

#include "base/str.h"

/** By how many letters a word may differ: 0 below 3 code points, 1 up to 5, 2 above. */
int text_near_distance(str word);

/**
 * Letters put in, left out or replaced between two words (Levenshtein's distance, by code points), at
 * most TEXT_WORD_BYTES bytes of each; most + 1 when they are more than most.
 */
int text_distance(str a, str b, int most);

#endif
