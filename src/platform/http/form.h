/* Bodies of forms: application/x-www-form-urlencoded and multipart/form-data (RFC 7578), whole in memory. */
#ifndef PLATFORM_HTTP_FORM_H
#define PLATFORM_HTTP_FORM_H

#include "base/scope.h"
#include "base/str.h"

struct form_item {
    str name;
    str value;
    bool is_file;
    str file_name;    /* as the browser says; never a path to use */
    str content_type; /* of a file */
};

struct form {
    struct form_item *items; /* in the order of the body */
    size_t count;
};

/**
 * Reads a body by its Content-Type. Values that are not valid UTF-8, boundaries that are missing or
 * unterminated, more than LIMIT_FORM_ITEMS items are errors. An empty body gives an empty form,
 * another type ERR_REQUEST. Views into body or the scope's arena. Errors: ERR_REQUEST, ERR_TOO_LARGE.
 */
enum err form_read(struct scope *scope, str content_type, str body, struct form *ret_form) must_check;

/** First value of a name that is no file, or STR_NONE. */
str form_value(const struct form *form, str name);

bool form_has(const struct form *form, str name);

#endif
