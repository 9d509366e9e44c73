#include "base/json_write.h"

#include <math.h>

#include "base/num.h"

static void separate(struct json_writer *json)
{
    if (json->after_key) {
        json->after_key = false;
    } else if (json->comma) {
        buf_add(json->out, S(", "));
    }
    json->comma = true;
}

static void begin(struct json_writer *json, char bracket)
{
    separate(json);
    buf_add_char(json->out, bracket);
    json->comma = false;
}

static void end(struct json_writer *json, char bracket)
{
    buf_add_char(json->out, bracket);
    json->comma = true;
}

void json_object_begin(struct json_writer *json)
{
    begin(json, '{');
}

void json_object_end(struct json_writer *json)
{
    end(json, '}');
}

void json_array_begin(struct json_writer *json)
{
    begin(json, '[');
}

void json_array_end(struct json_writer *json)
{
    end(json, ']');
}

void json_key(struct json_writer *json, str key)
{
    separate(json);
    json_escape(json->out, key);
    buf_add(json->out, S(": "));
    json->after_key = true;
}

void json_text(struct json_writer *json, str text)
{
    separate(json);
    json_escape(json->out, text);
}

void json_int(struct json_writer *json, int64_t value)
{
    separate(json);
    buf_add_int(json->out, value);
}

void json_double(struct json_writer *json, double value)
{
    separate(json);
    if (isfinite(value)) {
        json->out->n += num_write_double(buf_reserve(json->out, NUM_DOUBLE_BYTES), value);
    } else {
        buf_add(json->out, S("null"));
    }
}

void json_bool(struct json_writer *json, bool value)
{
    separate(json);
    buf_add(json->out, value ? S("true") : S("false"));
}

void json_write_null(struct json_writer *json)
{
    separate(json);
    buf_add(json->out, S("null"));
}

void json_raw(struct json_writer *json, str json_bytes)
{
    separate(json);
    buf_add(json->out, json_bytes);
}

void json_key_text(struct json_writer *json, str key, str text)
{
    json_key(json, key);
    json_text(json, text);
}

void json_key_int(struct json_writer *json, str key, int64_t value)
{
    json_key(json, key);
    json_int(json, value);
}

void json_key_bool(struct json_writer *json, str key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

void json_key_null(struct json_writer *json, str key)
{
    json_key(json, key);
    json_write_null(json);
}

void json_key_text_or_null(struct json_writer *json, str key, str text)
{
    json_key(json, key);
    if (text.p) {
        json_text(json, text);
    } else {
        json_write_null(json);
    }
}

void json_escape(struct buf *out, str text)
{
    static const char hex[] = "0123456789abcdef";
    /* Every byte may become six (\u00XX). */
    char *start = buf_reserve(out, text.n * 6 + 2);
    char *at = start;
    *at++ = '"';
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (__builtin_expect(c >= 0x20 && c != '"' && c != '\\', 1)) {
            *at++ = (char)c;
            continue;
        }
        *at++ = '\\';
        switch (c) {
        case '"':
        case '\\':
            *at++ = (char)c;
            break;
        case '\n':
            *at++ = 'n';
            break;
        case '\r':
            *at++ = 'r';
            break;
        case '\t':
            *at++ = 't';
            break;
        default:
            memcpy(at, "u00", 3);
            at[3] = hex[c >> 4];
            at[4] = hex[c & 15];
            at += 5;
        }
    }
    *at++ = '"';
    out->n += (size_t)(at - start);
}
