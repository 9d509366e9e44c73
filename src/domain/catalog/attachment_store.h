/*
 * Bytes of attachments in PostgreSQL: table attachment_file (uid, stored, part, bytes), in parts of a megabyte,
 * added in the transaction of the list that names them. A node keeps the files it was asked for in its data
 * directory, under the same names as without PostgreSQL.
 */
#ifndef DOMAIN_CATALOG_ATTACHMENT_STORE_H
#define DOMAIN_CATALOG_ATTACHMENT_STORE_H

#include "domain/catalog/attachment.h"

/**
 * Adds what a descriptor yields up to its end, in the transaction of a lease. path: for messages.
 * Errors: ERR_FILE, ERR_TOO_LARGE (ATTACHMENT_BYTES_MOST), ERR_DATABASE, ERR_BUSY.
 */
enum err attachment_store_add(struct scope *scope, struct db_lease *lease, str uid, str stored,
                              const char *path, int from, int64_t *ret_bytes) must_check;

/** Removes an attachment's bytes, in the transaction of a lease. */
enum err attachment_store_remove(struct scope *scope, struct db_lease *lease, str uid, str stored)
    must_check;

/** Writes an attachment's bytes to a descriptor. Errors: ERR_FILE (also: they are not all there), ERR_DATABASE. */
enum err attachment_store_read(struct scope *scope, struct db_lease *lease, str uid,
                               const struct attachment *attachment, const char *path, int to) must_check;

/** How many bytes there are; -1: none, or some parts are missing. */
enum err attachment_store_bytes(struct scope *scope, struct db_lease *lease, str uid, str stored,
                                int64_t *ret_bytes) must_check;

/** Whether the bytes in PostgreSQL are what a descriptor yields up to its end. Errors: ERR_FILE, ERR_DATABASE. */
enum err attachment_store_matches(struct scope *scope, struct db_lease *lease, str uid, str stored,
                                  const char *path, int file, bool *ret_matches) must_check;

/**
 * Makes the file of an attachment in the data directory, unless it is there with all its bytes. Of several
 * threads one does. Errors: as attachment_store_read.
 */
enum err attachment_store_fetch(struct scope *scope, struct catalog *catalog, str uid,
                                const struct attachment *attachment) must_check;

/** Whether a name is one under which such a file is made. */
bool attachment_is_partial_name(str name);

/* ---- of attachment.c ---- */

/** Makes the directory of a dataset's attachments, and locks it for others to see; undone by close. */
enum err attachment_lock_directory(struct scope *scope, const char *data_directory, str uid,
                                   int *ret_lock) must_check;
str attachment_random_name(struct arena *arena);
bool attachment_write_bytes(int to, const char *bytes, size_t n);

#endif
