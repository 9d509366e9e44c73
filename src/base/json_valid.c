#include "base/json_valid.h"

struct reader {
    const char *at, *end;
};

static bool take(struct reader *reader, char c)
{
    bool is_there = reader->at < reader->end && *reader->at == c;
    reader->at += is_there;
    return is_there;
}

static void skip_space(struct reader *reader)
{
    while (take(reader, ' ') || take(reader, '\t') || take(reader, '\n') || take(reader, '\r')) {
    }
}

static bool take_digits(struct reader *reader)
{
    const char *from = reader->at;
    while (reader->at < reader->end && is_ascii_digit(*reader->at)) {
        reader->at++;
    }
    return reader->at > from;
}

static bool take_number(struct reader *reader)
{
    take(reader, '-');
    if (!take(reader, '0') && !take_digits(reader)) {
        return false;
    }
    if (take(reader, '.') && !take_digits(reader)) {
        return false;
    }
    if (take(reader, 'e') || take(reader, 'E')) {
        if (!take(reader, '+')) {
            take(reader, '-');
        }
        return take_digits(reader);
    }
    return true;
}

static bool is_hex(char c)
{
    return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool take_escape(struct reader *reader)
{
    static const char plain[] = "\"\\/bfnrt";
    for (size_t i = 0; i + 1 < sizeof(plain); i++) {
        if (take(reader, plain[i])) {
            return true;
        }
    }
    if (!take(reader, 'u') || reader->end - reader->at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++, reader->at++) {
        if (!is_hex(*reader->at)) {
            return false;
        }
    }
    return true;
}

static bool take_string(struct reader *reader)
{
    if (!take(reader, '"')) {
        return false;
    }
    while (reader->at < reader->end && *reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20) {
            return false;
        }
        if (*reader->at++ == '\\' && !take_escape(reader)) {
            return false;
        }
    }
    return take(reader, '"');
}

static bool take_word(struct reader *reader, str word)
{
    bool is_there = (size_t)(reader->end - reader->at) >= word.n && memcmp(reader->at, word.p, word.n) == 0;
    reader->at += is_there ? word.n : 0;
    return is_there;
}

static bool take_value(struct reader *reader, int depth);

static bool take_items(struct reader *reader, bool is_object, int depth)
{
    char close = is_object ? '}' : ']';
    skip_space(reader);
    if (take(reader, close)) {
        return true;
    }
    do {
        skip_space(reader);
        if (is_object) {
            if (!take_string(reader)) {
                return false;
            }
            skip_space(reader);
            if (!take(reader, ':')) {
                return false;
            }
        }
        if (!take_value(reader, depth)) {
            return false;
        }
    } while (take(reader, ','));
    return take(reader, close);
}

/* With the white space around it. Recursion ends at JSON_VALID_DEPTH. */
static bool take_value(struct reader *reader, int depth)
{
    skip_space(reader);
    if (reader->at == reader->end || depth > JSON_VALID_DEPTH) {
        return false;
    }
    bool is_good;
    if (take(reader, '{')) {
        is_good = take_items(reader, true, depth + 1);
    } else if (take(reader, '[')) {
        is_good = take_items(reader, false, depth + 1);
    } else if (*reader->at == '"') {
        is_good = take_string(reader);
    } else {
        is_good = take_word(reader, S("true")) || take_word(reader, S("false")) ||
                  take_word(reader, S("null")) || take_number(reader);
    }
    skip_space(reader);
    return is_good;
}

bool json_is_valid(str text)
{
    struct reader reader = {text.p, text.p + text.n};
    return take_value(&reader, 0) && reader.at == reader.end;
}
