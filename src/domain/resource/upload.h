/*
 * Uploads: files on their way into the portal, piece by piece. What is there is a row of the catalogue's
 * database; its bytes are a file DATA/uploads/ID, or with PostgreSQL rows in parts, so that any node goes on where
 * another stopped. A piece counts when its bytes are on the disk and the row says so, in this order: what a crash
 * leaves behind the row's count is written over.
 */
#ifndef DOMAIN_RESOURCE_UPLOAD_H
#define DOMAIN_RESOURCE_UPLOAD_H

#include "base/date.h"
#include "domain/catalog/catalog.h"

#define UPLOAD_ID_SYMBOLS 32
#define UPLOAD_PIECE_MOST ((size_t)16 << 20) /* of one request, which is in memory as a whole */
#define UPLOAD_LIFETIME (7 * USEC_DAY)       /* of one that is not finished, or that no dataset uses */
#define UPLOADS_WAITING_MOST 300             /* of one user, not used by a dataset yet */
#define UPLOAD_NAME_BYTES 200

struct upload {
    str id;            /* hex digits, made by chance */
    int64_t owner;     /* id of the user who sends it */
    str dataset;       /* uid of the dataset it is for */
    str name;          /* of the file as people call it; never part of a path */
    int64_t bytes;     /* in all */
    int64_t received;  /* of these; equal: it is finished */
    int64_t file_time; /* when the file was changed last, milliseconds since 1970; 0: not known */
    usec created, changed;
    bool is_used;      /* it is a resource's */
};

static inline bool upload_is_finished(const struct upload *upload)
{
    return upload->received == upload->bytes;
}

/** When one that nobody goes on with is deleted. */
static inline usec upload_expires(const struct upload *upload)
{
    return upload->changed + UPLOAD_LIFETIME;
}

struct new_upload {
    int64_t owner;
    str dataset;
    str name;          /* a path is cut to its last part */
    int64_t bytes;
    int64_t file_time;
    int64_t bytes_most; /* what the portal takes */
};

/**
 * Begins an upload. Errors: ERR_DATA (no bytes), ERR_TOO_LARGE (bytes_most, the disk has not that much room),
 * ERR_QUOTA (UPLOADS_WAITING_MOST files, or four times bytes_most, wait already), ERR_FILE, ERR_DATABASE.
 */
enum err upload_create(struct scope *scope, struct catalog *catalog, const struct new_upload *wish,
                       struct upload *ret_upload) must_check;

/** Errors: ERR_NO_UPLOAD. In the scope's arena. */
enum err upload_find(struct scope *scope, struct catalog *catalog, str id, struct upload *ret_upload) must_check;

/** Those for a dataset (uid), oldest first; owner: only his, 0: of everybody. */
enum err upload_list(struct scope *scope, struct catalog *catalog, str dataset, int64_t owner,
                     const struct upload **ret_uploads, size_t *ret_count) must_check;

/**
 * Adds a piece that begins at offset, and gives how much there is then. Errors: ERR_CONFLICT (the upload has another
 * count, or somebody else writes), ERR_TOO_LARGE (more than was said), ERR_BUSY (the disk is full), ERR_NO_UPLOAD, ERR_FILE.
 */
enum err upload_append(struct scope *scope, struct catalog *catalog, str id, int64_t offset, str piece,
                       int64_t *ret_received) must_check;

/** Takes an upload away with its bytes. Errors: ERR_NO_UPLOAD. */
enum err upload_remove(struct scope *scope, struct catalog *catalog, str id) must_check;

/** Gives an upload to another dataset (uid). Errors: ERR_NO_UPLOAD. */
enum err upload_move(struct scope *scope, struct catalog *catalog, str id, str dataset) must_check;

/* A file of this node with the bytes of an upload. */
struct upload_file {
    str path;
    bool is_copy; /* goes with upload_file_done */
};

/**
 * The bytes as a file, which with PostgreSQL is copied to the spool directory. most: only so many of them; 0: all.
 * Errors: ERR_DATA (it is not finished), ERR_FILE, ERR_DATABASE, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err upload_open(struct scope *scope, struct catalog *catalog, const struct upload *upload, int64_t most,
                     struct upload_file *ret_file) must_check;
void upload_file_done(struct upload_file *file);

/** Deletes what has expired, what was for datasets that are gone, and bytes without a row. */
enum err upload_upkeep(struct scope *scope, struct catalog *catalog) must_check;

/**
 * Copies the bytes of all uploads from a store to one of the other kind, those that are not there yet; their rows are
 * copied with all other tables. Errors: ERR_FILE, ERR_DATABASE.
 */
enum err upload_move_bytes(struct scope *scope, const struct store *from, struct db *from_rows, const struct store *to,
                           struct db *to_rows) must_check;

/** The last part of a path on whatever system, cut to UPLOAD_NAME_BYTES; "file" when nothing is left. In the arena. */
str upload_name(struct arena *arena, str path);

#endif
