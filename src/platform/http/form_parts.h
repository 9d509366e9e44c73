/* What form.c and multipart.c share. */
#ifndef PLATFORM_HTTP_FORM_PARTS_H
#define PLATFORM_HTTP_FORM_PARTS_H

#include "base/vec.h"
#include "platform/http/form.h"

#define FORM_SHOWN_BYTES 100 /* of a field's name in a message */

struct form_builder {
    struct scope *scope;
    VEC(struct form_item) items;
};

enum err form_add(struct form_builder *builder, struct form_item item) must_check;

struct parameter {
    str name, value; /* value without its quotes, escapes as they stand */
    bool is_quoted;
    bool is_malformed; /* nothing more follows that could be trusted */
};

/* Takes the next "; name=value" off *rest; false at the end. */
bool parameter_next(str *rest, struct parameter *ret_parameter);

/* What stands before the parameters. */
str header_token(str value, str *ret_parameters);

struct media_type {
    str name;
    str boundary; /* STR_NONE without any */
};

/* Reads a Content-Type; another charset than UTF-8 fails. */
enum err type_read(struct scope *scope, str content_type, struct media_type *ret_type) must_check;

/* Reads a body of multipart/form-data (RFC 7578, RFC 2046 5.1). Lines end with CRLF only. */
enum err form_read_multipart(struct form_builder *builder, str boundary, str body) must_check;

#endif
