/*
 * Reads a tar archive, as it is or compressed with zstd, from a descriptor that may be a pipe, entry by entry.
 * The archive may be anything: what it says of itself is for the caller to judge, and nothing is written. One
 * thread at a time.
 */
#ifndef PLATFORM_ARCHIVE_TAR_READ_H
#define PLATFORM_ARCHIVE_TAR_READ_H

#include "base/scope.h"

struct tar_read;

struct tar_entry {
    str name;      /* as it stands there, in the scope's arena; empty: one that is no text */
    int64_t bytes; /* as it is announced */
    bool is_file;  /* a file with bytes of its own: no directory, link or device */
};

/** Begins to read; the descriptor stays the caller's. Undone by tar_read_close. Errors: ERR_DATA. */
enum err tar_read_open(struct scope *scope, int descriptor, struct tar_read **ret_tar) must_check;

/** The next entry; false at the end. Errors: ERR_DATA (damaged, cut, no such archive). */
enum err tar_read_next(struct tar_read *tar, struct tar_entry *ret_entry, bool *ret_found) must_check;

/** Bytes of the entry, at most n; 0 at its end. Errors: ERR_DATA. */
enum err tar_read_bytes(struct tar_read *tar, char *bytes, size_t n, size_t *ret_n) must_check;

/** Accepts NULL. */
void tar_read_close(struct tar_read *tar);

#endif
