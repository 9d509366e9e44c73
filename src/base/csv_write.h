/* Tables for people (RFC 4180) that a spreadsheet cannot take for formulas. */
#ifndef BASE_CSV_WRITE_H
#define BASE_CSV_WRITE_H

#include "base/buf.h"

/**
 * Appends a field, and a comma unless it is the first of its line. One that begins like a formula gets an apostrophe in
 * front, which spreadsheets show as text.
 */
void csv_text(struct buf *out, bool first, str text);
void csv_int(struct buf *out, bool first, int64_t number);

/** Ends a line. */
void csv_line(struct buf *out);

#endif
