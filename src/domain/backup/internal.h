/* What the files of backup.h share. Private to this directory. */
#ifndef DOMAIN_BACKUP_INTERNAL_H
#define DOMAIN_BACKUP_INTERNAL_H

#include "base/vec.h"
#include "domain/backup/backup.h"
#include "platform/crypto/crypto.h"

#define BACKUP_FORMAT 1
#define MANIFEST_NAME "manifest.jsonl"
#define MANIFEST_BYTES_MOST ((int64_t)128 << 20) /* some 500,000 files */
#define COPY_BYTES ((size_t)256 << 10)

/* ---- the manifest ---- */

struct entry {
    str path; /* below the backup */
    int64_t bytes;
    int64_t modified; /* nanoseconds */
    uint8_t digest[DIGEST_BYTES];
};

struct manifest {
    struct backup_facts facts;
    VEC(struct entry) entries; /* by path */
};

/** Whether a path is one that a backup has: nothing else is ever written. */
bool entry_path_is_good(str path);

void manifest_sort(struct manifest *manifest);

/** The entry of a path in a sorted manifest; NULL: none. */
const struct entry *manifest_find(const struct manifest *manifest, str path);

/** Writes it into a directory, and syncs it. Errors: ERR_FILE. */
enum err manifest_write(struct scope *scope, const struct manifest *manifest, const char *directory) must_check;

/** Reads its text. name: of the backup, for messages. Errors: ERR_DATA. */
enum err manifest_parse(struct scope *scope, const char *name, str text, struct manifest *ret_manifest) must_check;

/** Reads that of a directory. Errors: ERR_FILE (there is none), ERR_DATA. */
enum err manifest_read(struct scope *scope, const char *directory, struct manifest *ret_manifest) must_check;

/** Reads only the facts. Errors: the same. */
enum err manifest_read_facts(struct scope *scope, const char *directory, struct backup_facts *ret_facts)
    must_check;

/* ---- files ---- */

/* Work on many files, whose bytes are counted. */
struct work {
    struct scope *scope;
    const struct backup_watch *watch; /* NULL: nobody looks */
    int64_t done, total;
    char *buffer; /* COPY_BYTES */
};

struct work work_begin(struct scope *scope, const struct backup_watch *watch);
void work_count(struct work *work, int64_t bytes);
void work_tell(struct work *work, enum message message, const struct message_argument *arguments);
/* The same in English only: what a restore says, which is one of the command line. */
void work_note(struct work *work, const char *format, ...) printf_like(2, 3);

/** Fails with ERR_FILE: path, what cannot be done, and the system's reason. */
enum err file_failed(struct scope *scope, const char *path, const char *what);

str path_in(struct arena *arena, const char *directory, str path);

/** Opens a file for reading, unless it is a link. false: there is none. Errors: ERR_FILE. */
enum err file_open(struct scope *scope, const char *path, int *ret_file, bool *ret_found) must_check;

/* Bytes on their way. */
struct pump {
    int from;
    const char *name; /* of where they come from, for messages */
    int64_t bytes;    /* that there are; fewer or more is damage */
    bool may_grow;    /* more is none */
    enum err (*sink)(struct work *work, void *user, str bytes); /* NULL: they go nowhere */
    void *user;
};

/** Reads all, and gives their digest. Errors: ERR_FILE, ERR_DATA (damage), those of the sink. */
enum err file_pump(struct work *work, const struct pump *pump, uint8_t ret_digest[DIGEST_BYTES]) must_check;

/* A file that is written; for pump_to_file. */
struct sink_file {
    int file;
    const char *name;
};

/** The sink that writes to one. Errors: ERR_FILE. */
enum err pump_to_file(struct work *work, void *sink_file, str bytes) must_check;

/** Copies a file that is open to root/path, which is not there, with a time. Errors: as file_pump. */
enum err file_copy(struct work *work, const struct pump *pump, const char *root, str path, int64_t modified,
                   uint8_t ret_digest[DIGEST_BYTES]) must_check;

/** Makes the directories that lead to path below root. Errors: ERR_FILE. */
enum err file_make_parents(struct scope *scope, const char *root, str path) must_check;

/** Makes a new file below root, private to its owner; the caller closes it. Errors: ERR_FILE. */
enum err file_create(struct scope *scope, const char *root, str path, int *ret_file, const char **ret_name) must_check;

/** Syncs what was written, sets its time, closes it. Errors: ERR_FILE. */
enum err file_finish(struct scope *scope, int file, const char *name, int64_t modified) must_check;

enum err directory_sync(struct scope *scope, const char *path) must_check;

/** Syncs a directory and all below it, not their files. */
enum err tree_sync(struct scope *scope, const char *path) must_check;

/** Removes all there is below a path, and it; nothing there is good. Errors: ERR_FILE. */
enum err tree_remove(struct scope *scope, const char *path) must_check;

/**
 * Makes and locks a directory that one process at a time works in; what an interrupted one left is removed. what: for the
 * message when somebody is at work on it. Errors: ERR_CONFLICT, ERR_FILE.
 */
enum err directory_take(struct scope *scope, const char *path, const char *what, int *ret_lock) must_check;

/* ---- making ---- */

/**
 * Brings the portal's state of one moment into a directory, which is there and empty: links where that can be. Fills the
 * manifest but for digests. Errors: those of backup_make.
 */
enum err stage_fill(struct work *work, const struct backup_options *options, const char *stage,
                    struct manifest *manifest) must_check;

/** Brings the files of a stage into a directory, and digests into the manifest. previous: NULL: none. Errors: ERR_FILE, ERR_DATA. */
enum err place_tree(struct work *work, const char *stage, const char *directory, const char *previous,
                    struct manifest *manifest) must_check;

/** Writes the files of a stage and the manifest to a descriptor as an archive. Errors: ERR_FILE, ERR_DATA. */
enum err place_archive(struct work *work, const char *stage, int descriptor, struct manifest *manifest) must_check;

/* ---- the copied catalogue ---- */

/** Copies the catalogue of a data directory, of one generation. Errors: ERR_FILE, ERR_DATABASE. */
enum err rows_copy_catalogue(struct scope *scope, const struct store *store, const char *target) must_check;

/** Opens one that was copied; undone by db_close. */
enum err rows_open(struct scope *scope, const char *path, struct db **ret_db) must_check;

/** Takes out what can open something: secrets of people and programs. */
enum err rows_forget_secrets(struct scope *scope, const char *path) must_check;

/** Makes rows that were copied those of a portal that begins anew. keeps_identity: for a transfer, which gives another. */
enum err rows_prepare(struct scope *scope, const char *path, bool keeps_identity) must_check;

/** Leaves one file, which any reader may open. */
enum err rows_close_file(struct scope *scope, const char *path) must_check;

/* ---- reading ---- */

/** Reads a backup whatever its form, compares it with its manifest, and writes it into a directory (NULL: nowhere). */
enum err source_read(struct work *work, const char *source, const char *into, struct manifest *manifest) must_check;

/** Its two forms. */
enum err tree_read(struct work *work, const char *source, const char *into, struct manifest *manifest) must_check;
enum err bundle_read(struct work *work, const char *source, const char *into, struct manifest *manifest) must_check;

/** Whether there is room for what a manifest names. Errors: ERR_FILE. */
enum err source_check_room(struct scope *scope, const struct manifest *manifest, const char *into) must_check;

/** ERR_DATA, saying so, when digests differ. */
enum err source_compare(struct scope *scope, const struct entry *entry, const uint8_t digest[DIGEST_BYTES]) must_check;

#endif
