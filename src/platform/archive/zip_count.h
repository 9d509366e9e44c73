/* How many entries a ZIP archive says to have, before a library makes something of each. */
#ifndef PLATFORM_ARCHIVE_ZIP_COUNT_H
#define PLATFORM_ARCHIVE_ZIP_COUNT_H

#include "base/scope.h"

/**
 * Refuses an archive whose end speaks of more than most entries; what has no such end is left to who reads it. shown is
 * what messages call the file. Errors: ERR_TOO_LARGE, ERR_FILE (it cannot be read).
 */
enum err zip_check_count(struct scope *scope, const char *path, const char *shown, uint64_t most) must_check;

#endif
