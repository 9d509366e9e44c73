/* Tables to download: CSV (RFC 4180) that a spreadsheet cannot take for formulas. */
#ifndef WEB_BACK_CSV_H
#define WEB_BACK_CSV_H

#include "web/shell/call.h"

/** Appends a field, and a comma unless it is the first of its line. */
void csv_text(struct buf *out, bool first, str text);
void csv_int(struct buf *out, bool first, int64_t number);

/** RFC 3339, in UTC; empty for 0. */
void csv_instant(struct buf *out, bool first, usec instant);

/** Ends a line. */
void csv_line(struct buf *out);

/** Headers of a file that the browser saves under this name; nobody keeps a copy. */
void csv_headers(struct call *call, const char *file_name);

/** The same for a file of another type. */
void file_headers(struct call *call, const char *file_name, str type);

#endif
