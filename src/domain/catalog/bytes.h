/* What datasets take on disk or in the database. */
#ifndef DOMAIN_CATALOG_BYTES_H
#define DOMAIN_CATALOG_BYTES_H

#include "domain/catalog/catalog.h"

struct dataset_bytes {
    str uid;
    int64_t versions;    /* how many there are */
    int64_t records;     /* bytes of all of them */
    int64_t attachments; /* bytes of the files attached */
};

/** Of a dataset (uid; empty: of all) that has either, by uid, in the scope's arena. Errors: ERR_DATABASE, ERR_BUSY. */
enum err catalog_bytes(struct scope *scope, struct catalog *catalog, str uid, const struct dataset_bytes **ret_bytes,
                       size_t *ret_count) must_check;

/** That of a dataset; zeroes where there is nothing of it. */
struct dataset_bytes bytes_of(const struct dataset_bytes *bytes, size_t count, str uid);

#endif
