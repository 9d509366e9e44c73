/* The bytes of uploads: files, or rows in parts. Private to this directory. */
#ifndef DOMAIN_RESOURCE_UPLOAD_BYTES_H
#define DOMAIN_RESOURCE_UPLOAD_BYTES_H

#include "domain/resource/upload.h"

/** Path of the file of an upload, in the arena. */
str upload_path(struct arena *arena, const char *data_directory, str id);

/** Makes the file of an upload that begins, and looks whether the disk has room. Errors: ERR_TOO_LARGE, ERR_FILE. */
enum err upload_file_make(struct scope *scope, struct catalog *catalog, str id, int64_t bytes) must_check;

/**
 * Writes a piece to the file and to the disk. ret_lock: a descriptor that keeps others from writing until it is closed.
 * Errors: ERR_CONFLICT (somebody else writes), ERR_BUSY (the disk is full), ERR_NO_UPLOAD, ERR_FILE.
 */
enum err upload_file_write(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                           int *ret_lock) must_check;

/** The same as rows, in the transaction of a lease. Errors: ERR_CONFLICT, ERR_DATABASE. */
enum err upload_parts_add(struct scope *scope, struct db_lease *lease, str id, int64_t offset, str piece) must_check;

/** Deletes the bytes, in the transaction of a lease where they are rows. */
enum err upload_bytes_remove(struct scope *scope, struct catalog *catalog, struct db_lease *lease, str id) must_check;

/** Deletes files that are older than a day and of no upload. */
enum err upload_remove_strays(struct scope *scope, struct catalog *catalog) must_check;

#endif
