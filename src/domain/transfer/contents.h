/* What a catalogue names besides its rows: versions of datasets, and attachments. */
#ifndef DOMAIN_TRANSFER_CONTENTS_H
#define DOMAIN_TRANSFER_CONTENTS_H

#include "domain/catalog/catalog.h"

struct version_row {
    str dataset, uid, fields;
    int64_t number, records;
};

/** All versions, by dataset and number, in the scope's arena. Errors: as db_run. */
enum err versions_list(struct scope *scope, struct db_lease *lease, const struct version_row **ret_rows,
                       size_t *ret_count) must_check;

struct file_row {
    str dataset, uid, id, stored;
    int64_t bytes;
};

/** All attachments, in the scope's arena. Errors: as db_run, ERR_DATABASE. */
enum err files_list(struct scope *scope, struct db_lease *lease, const struct file_row **ret_files,
                    size_t *ret_count) must_check;

#endif
