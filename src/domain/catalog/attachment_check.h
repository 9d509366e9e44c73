/*
 * Whether attachments and their files agree. A crash between copying a file and listing it, or between
 * taking it off the list and deleting it, leaves a file that no dataset names.
 */
#ifndef DOMAIN_CATALOG_ATTACHMENT_CHECK_H
#define DOMAIN_CATALOG_ATTACHMENT_CHECK_H

#include "domain/catalog/attachment.h"

/** ERR_FILE, naming it, unless the file of each attachment is there with all its bytes; ERR_DATABASE. */
enum err attachments_check(struct scope *scope, const char *data_directory,
                           const struct dataset *dataset) must_check;

struct attachment_orphan {
    str path; /* as it was found, below the data directory's path */
    int64_t bytes;
};

/**
 * Finds files of attachments that no dataset names, and deletes them if asked. Directories in which somebody
 * attaches a file just now, and files with names that are not ours, are passed over. The list lives in
 * the scope's arena. Errors: ERR_FILE (one cannot be deleted), ERR_DATABASE.
 */
enum err attachments_find_orphans(struct scope *scope, struct catalog *catalog, bool deletes,
                                  const struct attachment_orphan **ret_orphans, size_t *ret_count)
    must_check;

#endif
