/*
 * Whether attachments and their files agree. A crash between copying a file and listing it, or between
 * taking it off the list and deleting it, leaves a file that no dataset names. In PostgreSQL both are one
 * change; what the data directory has then is a cache, in which such files are left when another node
 * replaces an attachment.
 */
#ifndef DOMAIN_CATALOG_ATTACHMENT_CHECK_H
#define DOMAIN_CATALOG_ATTACHMENT_CHECK_H

#include "domain/catalog/attachment.h"

/** ERR_FILE, naming it, unless the file of each attachment is there with all its bytes; ERR_DATABASE. */
enum err attachments_check(struct scope *scope, struct catalog *catalog, const struct dataset *dataset)
    must_check;

struct attachment_orphan {
    str path; /* as it was found, below the data directory's path; attachment_file/UID/STORED: in PostgreSQL */
    int64_t bytes;
};

/**
 * Finds files of attachments, and rows of PostgreSQL, that no dataset names, and deletes them if asked. Directories in which somebody
 * attaches a file just now, and files with names that are not ours, are passed over. The list lives in
 * the scope's arena. Errors: ERR_FILE (one cannot be deleted), ERR_DATABASE.
 */
enum err attachments_find_orphans(struct scope *scope, struct catalog *catalog, bool deletes,
                                  const struct attachment_orphan **ret_orphans, size_t *ret_count)
    must_check;

/** Deletes such files of the data directory, beside PostgreSQL. Errors: as attachments_find_orphans. */
enum err attachments_clean_cache(struct scope *scope, struct catalog *catalog) must_check;

#endif
