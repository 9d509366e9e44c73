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

#endif
