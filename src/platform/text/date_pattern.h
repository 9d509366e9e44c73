/*
 * Dates in words by pattern letters (explore-api.md 3.6, date_format): the names of months and days
 * are ICU's, the digits are written here. Any thread.
 */
#ifndef PLATFORM_TEXT_DATE_PATTERN_H
#define PLATFORM_TEXT_DATE_PATTERN_H

#include "base/buf.h"
#include "base/clock.h"

/* Months and days of one language; kept for the life of the program. */
struct date_names;

/** Names in a language ("fr"); English when ICU has none. */
const struct date_names *date_names_find(str language);

/** False, and the letters, when a pattern has letters that mean nothing. */
bool date_pattern_check(str pattern, str *ret_unknown);

/**
 * Appends a local time (microseconds as if it were UTC) by a pattern that date_pattern_check takes.
 * A month stands as it does alone, unless the pattern has a day of the month, too: Catalan "gener",
 * but "1 de gener".
 */
void date_pattern_write(struct buf *out, str pattern, const struct date_names *names, usec local);

/* Of a pattern: the letters of one part, or text as it is. */
struct date_piece {
    str text;
    bool is_letters;
};

/** Where reading a pattern stands; zeroed at first. */
struct date_pattern_place {
    size_t at;
    bool quoted;
};

/** The next piece of a pattern; false at its end. */
bool date_pattern_next(str pattern, struct date_pattern_place *place, struct date_piece *ret_piece);

/**
 * The names that letters of a pattern stand for (E, EEEE from Monday on, MMM, MMMM from January on), each
 * behind a separator but the first, as date_pattern_write writes them. STR_NONE: the letters are digits.
 */
str date_pattern_names(struct arena *arena, const struct date_names *names, str pattern, str letters,
                       char separator);

#endif
