/*
 * A duty that one process has at a time, of all that use a database, on whatever node: it is a lock of
 * PostgreSQL, which goes to another process when this one ends or is cut off. A database of SQLite has one
 * server, which has all duties.
 */
#ifndef PLATFORM_DB_DUTY_H
#define PLATFORM_DB_DUTY_H

#include "platform/db/db.h"

/* Duties; numbers that nothing else of the database uses. */
#define DUTY_UPKEEP 7021238825 /* deleting what is old: tables without a version, sessions, old audit rows; the locks of
                                   writers and of functions have the numbers before it */

struct duty {
    struct db *db;
    int64_t number;         /* which duty; the same in all processes */
    struct db_lease *lease; /* NULL: another process has it, as far as is known */
};

/** Takes the duty if it is free; says whether this process has it. Errors: as db_run. */
enum err duty_take(struct scope *scope, struct duty *duty, bool *ret_has) must_check;

/** Gives it up. */
void duty_give(struct duty *duty);

#endif
