/* An aggregate that SQLite lacks. Private to this directory. */
#ifndef PLATFORM_DB_SQLITE_NUMBERS_H
#define PLATFORM_DB_SQLITE_NUMBERS_H

#include <sqlite3.h>

/**
 * Makes number_list(x) known to a connection: all integers x of a group as one value of bytes, 8 each in the
 * machine's order; null when there are none. Steps of a statement cost several times as much. Returns a
 * code of SQLite.
 */
int sqlite_numbers_register(sqlite3 *handle);

#endif
