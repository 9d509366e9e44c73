/* ZIP archives with a single file that is no map. Private to this directory. */
#ifndef DOMAIN_INGEST_PACKED_H
#define DOMAIN_INGEST_PACKED_H

#include "domain/ingest/readable.h"

/**
 * Opens the only file of an archive, unpacked to the spool directory of data. ret_is_taken false: the archive holds a
 * map, or a document, and is for others. Errors: ERR_DATA (several files, or none that can be read), ERR_TOO_LARGE,
 * those of readable_open.
 */
enum err packed_open(struct scope *scope, const struct publish_options *options, const char *data, const char *path,
                     struct readable_file *ret, bool *ret_is_taken) must_check;

#endif
