/* Whether a text is JSON (RFC 8259), without reading it into memory. Pure; any thread. */
#ifndef BASE_JSON_VALID_H
#define BASE_JSON_VALID_H

#include "base/str.h"

#define JSON_VALID_DEPTH 512 /* brackets in brackets; what lies deeper is refused */

/** True for one value and white space; the text must be UTF-8. */
bool json_is_valid(str text);

#endif
