/* UTF-8: checked once at every border (HTTP, files), trusted inside. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

/** Whether text is well-formed UTF-8 (no surrogates, no overlong forms) without NUL. */
bool utf8_is_valid(str text);

/** Whether text is valid and one line: without control characters (below U+0020, U+007F). */
bool utf8_is_line(str text);

/**
 * Reads one code point at *at and moves *at behind it. text must be valid and *at < text.n.
 */
uint32_t utf8_next(str text, size_t *at);

/** Writes a code point at out (4 bytes of room); returns the length. */
size_t utf8_write(char *out, uint32_t code_point);

/** Number of code points of a valid text. */
size_t utf8_length(str text);

/** The longest prefix of at most limit_bytes that does not cut a code point. */
str utf8_truncate(str text, size_t limit_bytes);

/** Without a code point of which only the first bytes are left at the end of text. */
str utf8_drop_cut(str text);

#endif
