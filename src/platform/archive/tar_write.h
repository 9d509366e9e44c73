/*
 * Writes a tar archive (POSIX pax) compressed with zstd to a descriptor, which may be a pipe. Nothing is kept of
 * an entry once it is written. One thread at a time.
 */
#ifndef PLATFORM_ARCHIVE_TAR_WRITE_H
#define PLATFORM_ARCHIVE_TAR_WRITE_H

#include "base/scope.h"

struct tar_write;

/** Begins an archive; the descriptor stays the caller's. Undone by tar_write_close. Errors: ERR_FILE. */
enum err tar_write_open(struct scope *scope, int descriptor, struct tar_write **ret_tar) must_check;

/**
 * Begins an entry of exactly so many bytes and ends the one before. name: a relative path in ASCII; modified:
 * nanoseconds since 1970. Errors: ERR_FILE.
 */
enum err tar_write_entry(struct tar_write *tar, str name, int64_t bytes, int64_t modified) must_check;

/** Adds bytes to the entry that was begun last. Errors: ERR_FILE. */
enum err tar_write_bytes(struct tar_write *tar, str bytes) must_check;

/** Ends the archive; nothing may be added afterwards. Errors: ERR_FILE. */
enum err tar_write_finish(struct tar_write *tar) must_check;

/** Frees the writer; without tar_write_finish the archive stays broken. Accepts NULL. */
void tar_write_close(struct tar_write *tar);

#endif
