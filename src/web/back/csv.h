/* Tables to download: lines by base/csv_write.h, and the headers of files. */
#ifndef WEB_BACK_CSV_H
#define WEB_BACK_CSV_H

#include "base/csv_write.h"
#include "web/shell/call.h"

/** RFC 3339, in UTC; empty for 0. */
void csv_instant(struct buf *out, bool first, usec instant);

/** Headers of a file that the browser saves under this name; nobody keeps a copy. */
void csv_headers(struct call *call, const char *file_name);

/** The same for a file of another type. */
void file_headers(struct call *call, const char *file_name, str type);

#endif
