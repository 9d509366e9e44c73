/*
 * Files of the disk as GDAL writes them under supervision: once the scope should stop, or its files have grown
 * too large, every further read and write fails, so that also work which no caller can interrupt (building an
 * index, cutting tiles, while a file is closed) ends soon.
 */
#ifndef PLATFORM_GDAL_GUARD_H
#define PLATFORM_GDAL_GUARD_H

#include "platform/gdal/gdal.h"

/* Stays where it is while GDAL has files of it open. */
struct gdal_guard {
    struct scope *scope;
    uint64_t bytes_most; /* of all files together */
    uint64_t bytes;      /* that they have grown by so far */
    int fault;           /* errno of the first write that failed; drivers do not always say so */
    bool is_closed;      /* nothing more is read or written, because the files are of no use */
};

/** Name by which GDAL opens a path under the guard of the thread; in the arena. Only after gdal_start. */
str gdal_guard_path(struct arena *arena, str path);

/** Whose files those are that the calling thread opens from now on; NULL: nobody's, and none is opened. */
void gdal_guard_set(struct gdal_guard *guard);

/** Why reads and writes fail. Errors: ERR_DEADLINE, ERR_CANCELLED, ERR_TOO_LARGE, ERR_FILE (disk full …). */
enum err gdal_guard_check(struct gdal_guard *guard) must_check;

#endif
