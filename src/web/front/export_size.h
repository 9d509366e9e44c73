/* How large the file of an export is: measured where it can be, never guessed. */
#ifndef WEB_FRONT_EXPORT_SIZE_H
#define WEB_FRONT_EXPORT_SIZE_H

#include "domain/records/format.h"
#include "web/front/dataset_page.h"

struct export_size {
    int64_t bytes; /* 0: not known */
    bool is_exact; /* else reckoned from a sample of the records */
};

/**
 * Size of the page's records in a format. Formats that are written batch by batch are tried on the first
 * records; of a whole dataset as Parquet the file is looked at, if it is there already. Options are those
 * of the download. Errors: those of reading; a cell too large for a sample is none: the size is not known.
 */
enum err export_size(struct dataset_page *page, const struct format *format,
                     const struct format_options *options, struct export_size *ret_size) must_check;

#endif
