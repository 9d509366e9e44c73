/*
 * Streaming JSON writer over a byte builder. It puts commas and checks nesting; text is escaped
 * as RFC 8259 asks. Separators are ", " and ": " as the Explore API writes them (explore-api.md 2.9).
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buf.h"

struct json_writer {
    struct buf *out; /* borrowed */
    bool comma;      /* an item was written at this level */
    bool after_key;
};

/** Writes to out, which stays the caller's. */
static inline struct json_writer json_writer_to(struct buf *out)
{
    return (struct json_writer){.out = out};
}

void json_object_begin(struct json_writer *json);
void json_object_end(struct json_writer *json);
void json_array_begin(struct json_writer *json);
void json_array_end(struct json_writer *json);
void json_key(struct json_writer *json, str key);
void json_text(struct json_writer *json, str text);
void json_int(struct json_writer *json, int64_t value);
/** NaN and infinities become null. */
void json_double(struct json_writer *json, double value);
void json_bool(struct json_writer *json, bool value);
void json_write_null(struct json_writer *json);
/** Writes json_bytes, which must be one complete JSON value, as it is. */
void json_raw(struct json_writer *json, str json_bytes);

/* A key with its value. */
void json_key_text(struct json_writer *json, str key, str text);
void json_key_int(struct json_writer *json, str key, int64_t value);
void json_key_bool(struct json_writer *json, str key, bool value);
void json_key_null(struct json_writer *json, str key);
/** Text, or null when text.p is NULL. */
void json_key_text_or_null(struct json_writer *json, str key, str text);

/** Appends text in double quotes with escapes; for encoders that do their own punctuation. */
void json_escape(struct buf *out, str text);

#endif
