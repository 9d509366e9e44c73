/*
 * Backups of a whole portal while it serves, and what becomes a portal again of them.
 *
 * A backup is a data directory at one moment (catalogue, version files, attachments, uploads, secrets, settings)
 * with a manifest: a directory, or one archive (tar, zstd). It is the same of either store, so that what was
 * made of one can be restored into the other. The catalogue is copied as of one generation; version files never
 * change, so they are linked or copied as they are. A backup gets its name when it is whole.
 */
#ifndef DOMAIN_BACKUP_BACKUP_H
#define DOMAIN_BACKUP_BACKUP_H

#include "domain/catalog/catalog.h"
#include "platform/i18n/remark.h"

/* Who looks on. All members may be NULL. */
struct backup_watch {
    void (*tell)(void *user, const struct remark *line); /* what was done, for people */
    void (*progress)(void *user, int64_t done, int64_t total); /* bytes */
    void *user;
};

struct backup_facts {
    str program;        /* "parvis 1.0": what made it */
    usec created;
    int64_t generation; /* of the catalogue */
    int64_t datasets, versions, records;
    int64_t files, bytes;
    int64_t unchanged;  /* of the files, those that an earlier backup had already; only after backup_make */
    bool has_secrets;
    bool lacks_master;  /* the master secret was not where the portal keeps it; only after backup_make */
};

struct backup_options {
    const struct store *store;
    const char *target;    /* backup_is_archive: a file, "-": standard output; else a directory; not there yet */
    const char *previous;  /* directory of an earlier backup, files of which are linked when they are the same; NULL: none */
    bool without_secrets;  /* leaves out the master secret, passwords, keys, sessions, and settings */
    uint64_t memory_bytes; /* with PostgreSQL: of the engine; 0: 1 GiB */
    int threads;           /* the same; 0: one per core */
    const struct backup_watch *watch;
};

/** Whether a name is one of an archive: "-", or it ends with .tar.zst. */
bool backup_is_archive(const char *name);

/**
 * Makes a backup. Errors: ERR_CONFLICT (the target is there, or somebody is writing it), ERR_DATA (the portal is
 * damaged), ERR_FILE, those of engines; then there is no target.
 */
enum err backup_make(struct scope *scope, const struct backup_options *options, struct backup_facts *ret_facts)
    must_check;

/**
 * Reads all of a backup ("-": an archive on standard input) and compares it with its manifest. Errors: ERR_DATA (the
 * first difference), ERR_FILE.
 */
enum err backup_verify(struct scope *scope, const char *source, const struct backup_watch *watch,
                       struct backup_facts *ret_facts) must_check;

struct restore_options {
    const char *source;
    const struct store *store; /* with url: an empty database; else the data directory */
    bool replaces;             /* a data directory may hold a portal, which is moved aside; no process may use it */
    uint64_t memory_bytes;
    int threads;
    const struct backup_watch *watch;
};

/**
 * Makes a portal of a backup. All of it is read and compared before anything is changed; interrupted at any
 * moment it can be called again. Sessions and one-time links of the backup are ended. *ret_aside: where the
 * portal that was there lies now; empty: there was none. Errors: ERR_CONFLICT (a portal is there, or is in use), ERR_DATA (the
 * backup is damaged), ERR_FILE, those of engines.
 */
enum err backup_restore(struct scope *scope, const struct restore_options *options,
                        struct backup_facts *ret_facts, str *ret_aside) must_check;

/* ---- a directory of backups ---- */

struct backup_item {
    str name, path;
    struct backup_facts facts; /* when it is whole */
    bool is_whole;             /* else its manifest cannot be read */
};

/** The backups below a directory, the latest first, in the scope's arena. Errors: ERR_FILE. */
enum err backup_list(struct scope *scope, const char *directory, const struct backup_item **ret_items,
                     size_t *ret_count) must_check;

/** A name for a backup made now, below a directory: DIRECTORY/parvis-20261127T031500Z. */
str backup_new_path(struct arena *arena, const char *directory);

/** Removes all but the latest so many of those with such names, and what interrupted ones left. Errors: ERR_FILE. */
enum err backup_prune(struct scope *scope, const char *directory, int keep, int64_t *ret_removed) must_check;

#endif
