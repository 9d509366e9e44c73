/* Texts of cells as the file holds them. Private to the sheet. */
#ifndef PLATFORM_SHEET_TEXT_H
#define PLATFORM_SHEET_TEXT_H

#include "base/buf.h"

/**
 * Appends text (valid UTF-8) so that programs read it back unchanged: characters that XML does not
 * allow or would change become _xHHHH_, and so does the underscore of a text that looks like that
 * already. NUL is left out. What is longer than a cell takes (SHEET_TEXT_MOST) is cut at a
 * character and ends with "…".
 * Source: ISO/IEC 29500-1 22.9.2.19 (ST_Xstring); XML 1.0 2.2 and 2.11.
 */
void sheet_escape(str text, struct buf *out);

/**
 * A name that Excel takes for a sheet, made of any text: at most 31 UTF-16 units, none of []:*?/\,
 * no apostrophe at its ends, not "History", not empty. In the arena.
 */
str sheet_clean_name(struct arena *arena, str name);

#endif
