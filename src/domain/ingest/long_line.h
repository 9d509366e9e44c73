/* Texts without ends of lines, which are no tables. Private to this directory. */
#ifndef DOMAIN_INGEST_LONG_LINE_H
#define DOMAIN_INGEST_LONG_LINE_H

#include "base/scope.h"

/**
 * Refuses a file (packed or not) whose start, unpacked, has a line longer than one may be: the search for the form of a
 * table would read it again and again. shown is what messages call it. Errors: ERR_DATA, ERR_FILE.
 */
enum err long_line_check(struct scope *scope, const char *path, const char *shown) must_check;

#endif
