/*
 * Resources: where the records of a dataset come from (uploaded files, an address, another dataset) and how they
 * are read (format, sheet, types, labels, what to do with rows that do not fit). A dataset has at most one row;
 * it is kept after publication, so that the same choices hold when the source is read again.
 */
#ifndef DOMAIN_RESOURCE_RESOURCE_H
#define DOMAIN_RESOURCE_RESOURCE_H

#include "base/vec.h"
#include "domain/ingest/publish.h"

#define RESOURCE_UPLOADS_MOST 300 /* files of one dataset */
#define RESOURCE_LOCATION_BYTES 4000

enum resource_kind { RESOURCE_NONE, RESOURCE_UPLOAD, RESOURCE_URL, RESOURCE_DATASET };

/** "none", "upload", "url", "dataset", as stored. */
const char *resource_kind_name(enum resource_kind kind);
bool resource_kind_find(str name, enum resource_kind *ret_kind);

struct resource {
    str dataset;          /* uid */
    enum resource_kind kind;
    const str *uploads;   /* RESOURCE_UPLOAD: ids of finished uploads, in the order in which they are read */
    size_t upload_count;
    str location;         /* RESOURCE_URL: the address; RESOURCE_DATASET: "ID" and perhaps "?where=…&select=…" */
    str settings;         /* JSON object: how it is read (settings.h) */
    str etag, last_modified; /* RESOURCE_URL: of what was read last */
    str schedule;         /* RESOURCE_URL: "hourly", "daily", "weekly", "monthly"; empty: by hand */
    usec checked;         /* when the address was asked last; 0: never */
    usec changed;         /* of this row; also its revision, for resource_save */
    str changed_by;       /* sign-in name */
};

/** The resource of a dataset; kind RESOURCE_NONE when it has none. In the scope's arena. */
enum err resource_find(struct scope *scope, struct catalog *catalog, str dataset,
                       struct resource *ret_resource) must_check;

/**
 * Stores it, with another revision than any before. seen: changed of the row that the change began with; 0: whatever
 * there is. Uploads must be finished ones for this dataset.
 * Errors: ERR_CONFLICT (somebody else has changed it since), ERR_METADATA (settings), ERR_NO_UPLOAD, ERR_DATA (an upload
 * is not finished), ERR_DATABASE.
 */
enum err resource_save(struct scope *scope, struct catalog *catalog, const struct resource *resource,
                       usec seen) must_check;

/**
 * Notes what an address said when it was asked: etag, last_modified and checked. The revision stays, because nobody's
 * choices change. Errors: ERR_DATABASE.
 */
enum err resource_note_read(struct scope *scope, struct catalog *catalog, const struct resource *resource) must_check;

/**
 * The same when what the address gave was published: the file that people looked at before is older than that, and is given
 * up, so that it is not published again by mistake. Errors: ERR_DATABASE.
 */
enum err resource_note_published(struct scope *scope, struct catalog *catalog, const struct resource *resource) must_check;

/** What publish_file needs, of the settings: format, sheet, wishes, points … In the scope's arena. Errors: ERR_METADATA. */
enum err resource_options(struct scope *scope, const struct resource *resource,
                          struct publish_options *ret_options) must_check;

/* Rows of the last publication that did not fit. */
struct resource_rejects {
    int64_t version;
    int64_t count;   /* of rows that were left out */
    str lines;       /* JSON Lines as docs/import.md has them: the first of those rows */
};

#define RESOURCE_REJECTS_BYTES ((size_t)4 << 20)

/** Those of a dataset (uid); count 0: there are none. In the scope's arena. */
enum err resource_rejects_find(struct scope *scope, struct catalog *catalog, str dataset,
                               struct resource_rejects *ret_rejects) must_check;
/** Replaces them; count 0 takes them away. */
enum err resource_rejects_save(struct scope *scope, struct catalog *catalog, str dataset,
                               const struct resource_rejects *rejects) must_check;

/** Deletes rows of datasets that are gone. */
enum err resource_upkeep(struct scope *scope, struct catalog *catalog) must_check;

/** Takes passwords out of the addresses of all sources, in a transaction: of a copy that has no secrets. */
enum err resource_forget_passwords(struct scope *scope, struct db_lease *lease) must_check;

enum err resource_make_tables(struct scope *scope, struct db_lease *lease) must_check;
const struct stored_table *resource_tables(size_t *ret_count);

#endif
