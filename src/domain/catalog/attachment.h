/*
 * Files attached to datasets: DATA/attachments/UID/NAME, where NAME is made by chance, so that a file
 * is never written over; with PostgreSQL their bytes are there, and the files a cache (attachment_store.h). What they are is part of the stored metadata ("attachments"), and so of the
 * snapshot that a reader holds. Who attaches a file holds a shared lock on the directory until the list
 * names it, so that nobody takes it for one that was left behind (attachment_check.h).
 */
#ifndef DOMAIN_CATALOG_ATTACHMENT_H
#define DOMAIN_CATALOG_ATTACHMENT_H

#include "domain/catalog/catalog.h"

#define ATTACHMENT_BYTES_MOST ((int64_t)1 << 30)
#define ATTACHMENTS_MOST 100 /* of one dataset */

struct attachment {
    str id;        /* [a-z0-9_-] */
    str title;
    str file_name; /* as it is called when it is saved */
    str mimetype;  /* of a list of types that are safe to send */
    int64_t bytes;
    str stored;    /* name in the directory of the dataset's attachments */
};

/** All of a dataset in the order they were attached, in the scope's arena. Errors: ERR_DATABASE. */
enum err attachments_of(struct scope *scope, const struct dataset *dataset,
                        const struct attachment **ret_attachments, size_t *ret_count) must_check;

/** One by its id; false when there is none. Errors: ERR_DATABASE. */
enum err attachment_find(struct scope *scope, const struct dataset *dataset, str id,
                         struct attachment *ret_attachment, bool *ret_found) must_check;

/**
 * Opens its file for reading, after fetching it from PostgreSQL if need be; the caller closes the descriptor. When
 * another took its place since the snapshot that the dataset is of, opens that, and *attachment tells of it.
 * Errors: ERR_NO_RECORD, ERR_NO_DATASET (it was taken away since); ERR_FILE; ERR_DATABASE, ERR_BUSY, ERR_DEADLINE,
 * ERR_CANCELLED.
 */
enum err attachment_open(struct scope *scope, struct catalog *catalog, const struct dataset *dataset,
                         struct attachment *attachment, int *ret_descriptor) must_check;

/**
 * Copies a file and attaches it under an id, made of its name when it is empty; one of that id is
 * replaced. title empty: the file's name.
 * Errors: ERR_USAGE (id), ERR_FILE, ERR_TOO_LARGE (ATTACHMENT_BYTES_MOST), ERR_CONFLICT
 * (ATTACHMENTS_MOST), ERR_NO_DATASET, ERR_DATABASE; on any of them nothing is attached.
 */
enum err catalog_attach(struct scope *scope, struct catalog *catalog, str dataset, const char *path,
                        str id, str title, struct attachment *ret_attachment) must_check;

/** The same with bytes in memory, and the name that the file had; of a path its last part. */
enum err catalog_attach_bytes(struct scope *scope, struct catalog *catalog, str dataset, str file_name, str bytes,
                              str id, str title, struct attachment *ret_attachment) must_check;

/** Gives an attachment another title. Errors: ERR_NO_DATASET, ERR_NO_RECORD (no such id), ERR_DATABASE. */
enum err catalog_attachment_title(struct scope *scope, struct catalog *catalog, str dataset, str id, str title)
    must_check;

/** Moves an attachment before the one that it follows; the first stays. Errors: as catalog_attachment_title. */
enum err catalog_attachment_raise(struct scope *scope, struct catalog *catalog, str dataset, str id) must_check;

/** Path of an attachment's file in the arena. */
str attachment_path(struct arena *arena, const char *data_directory, str uid, str stored);

/** Whether a name is one that such files have. */
bool attachment_is_stored_name(str name);

/** Takes an attachment away with its file. Errors: ERR_NO_DATASET, ERR_NO_RECORD (no such id), ERR_DATABASE. */
enum err catalog_detach(struct scope *scope, struct catalog *catalog, str dataset, str id) must_check;

/** Deletes the files of a removed dataset in the data directory. */
void attachments_delete_all(const char *data_directory, str uid);

#endif
