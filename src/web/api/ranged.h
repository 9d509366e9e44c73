/* Sending a file that stays as it is, whole or in part (RFC 9110 14). */
#ifndef WEB_API_RANGED_H
#define WEB_API_RANGED_H

#include "web/shell/call.h"

struct ranged_file {
    int descriptor;
    uint64_t bytes;
    str tag; /* strong validator, without quotes */
    str content_type, disposition, lang;
};

/**
 * Answers with a file: If-None-Match, Range, If-Range and HEAD are obeyed. Its bytes are read a
 * block at a time. Errors: ERR_CANCELLED, ERR_DEADLINE, ERR_FILE.
 */
enum err ranged_send(struct call *call, const struct ranged_file *file) must_check;

#endif
