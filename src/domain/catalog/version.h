/*
 * The versions of a dataset that are kept: every publication is one. The current one is what readers see; the
 * pointer to it is moved back and forward, which changes nothing else.
 */
#ifndef DOMAIN_CATALOG_VERSION_H
#define DOMAIN_CATALOG_VERSION_H

#include "domain/catalog/catalog.h"

struct version {
    int64_t number;
    int64_t records; /* all of them, also those that the one who asks may not see */
    usec created;
    int64_t bytes;
    str source;  /* file name it was made from */
    str author;  /* who published it; empty: the command line */
    str note;
    bool is_pinned, is_current;
    int64_t compared; /* the version that was current before it; 0: there was none */
    int64_t added, removed, changed; /* records, against compared; -1: not counted */
};

/**
 * The latest versions of a dataset, newest first, at most so many, in the scope's arena.
 * Errors: ERR_DATABASE, ERR_BUSY, ERR_DEADLINE, ERR_CANCELLED.
 */
enum err catalog_versions(struct scope *scope, struct catalog *catalog, str uid, int64_t most,
                          const struct version **ret_versions, size_t *ret_count) must_check;

/** One of them. Errors: ERR_NO_VERSION, which says which versions there are; ERR_DATABASE. */
enum err catalog_version(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                         struct version *ret_version) must_check;

/** Its fields, as they are or were when it was current. Errors: as catalog_version. */
enum err catalog_version_fields(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                                struct schema *ret_schema) must_check;

/** Its extent (new_version); empty: not measured, or it has none. Errors: as catalog_version. */
enum err catalog_version_extent(struct scope *scope, struct catalog *catalog, str uid, int64_t number,
                                str *ret_extent) must_check;

/**
 * Makes a kept version current in one transaction: its records, fields and extent; metadata stay. Newer versions
 * stay, too. ret_before: the one that was current; nothing is done where that is it. Errors: ERR_NO_DATASET,
 * ERR_NO_VERSION, ERR_DATABASE.
 */
enum err catalog_make_current(struct scope *scope, struct catalog *catalog, str id, int64_t number,
                              int64_t *ret_before) must_check;

/** Keeps a version, however many others come, or ends that. Errors: as catalog_make_current. */
enum err catalog_pin(struct scope *scope, struct catalog *catalog, str id, int64_t number, bool is_pinned)
    must_check;

/**
 * Drops a version; the caller deletes its files. Errors: ERR_CONFLICT (it is current or pinned), those of
 * catalog_make_current.
 */
enum err catalog_drop_version(struct scope *scope, struct catalog *catalog, str id, int64_t number,
                              str *ret_uid) must_check;

/** How many versions publications of a dataset leave; 0: as many as who publishes says. Errors: ERR_NO_DATASET. */
enum err catalog_kept(struct scope *scope, struct catalog *catalog, str id, int64_t *ret_keep) must_check;
enum err catalog_keep(struct scope *scope, struct catalog *catalog, str id, int64_t keep) must_check;

#define VERSIONS_KEPT_MOST 1000

#endif
