/* The words of the catalogue's index, to find those that are nearly one asked for. Private to this directory. */
#ifndef DOMAIN_CATALOG_SEARCH_NEAR_H
#define DOMAIN_CATALOG_SEARCH_NEAR_H

#include "base/scope.h"

struct db_lease;

#define SEARCH_NEAR_MOST 48 /* words that one may stand for */

/** Makes the list of words anew, of the index as it is. */
enum err search_list_words(struct scope *scope, struct db_lease *lease) must_check;

/** Adds words, each with a blank behind it. Words are never taken out: one that is nowhere finds nothing. */
enum err search_add_words(struct scope *scope, struct db_lease *lease, str words) must_check;

/**
 * Words of the index that differ from one by a letter or two (near.h), the nearest first, without itself. Words
 * with digits have none.
 * In the scope's arena. Errors: ERR_DATABASE, ERR_BUSY, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err search_near(struct scope *scope, struct db_lease *lease, str word, const str **ret_words,
                     size_t *ret_count) must_check;

#endif
