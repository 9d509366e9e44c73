#include "base/utf8.h"

/* Length of the sequence that starts at p, 0 when it is malformed. */
static size_t sequence_length(const unsigned char *p, size_t room)
{
    unsigned char c = p[0];
    if (c < 0x80) {
        return c ? 1 : 0;
    }
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || room < n) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool bad = (c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f) ||
               (c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : n;
}

bool utf8_is_valid(str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t at = 0; at < text.n;) {
        size_t n = sequence_length(p + at, text.n - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

uint32_t utf8_next(str text, size_t *at)
{
    const unsigned char *p = (const unsigned char *)text.p + *at;
    size_t room = text.n - *at;
    if (p[0] < 0x80 || room < 2) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xe0) {
        *at += 2;
        return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    }
    if (p[0] < 0xf0 && room >= 3) {
        *at += 3;
        return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    }
    if (room >= 4) {
        *at += 4;
        return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
               (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    }
    *at = text.n;
    return 0xfffd;
}

size_t utf8_write(char *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

size_t utf8_length(str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++) {
        count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    }
    return count;
}

str utf8_truncate(str text, size_t limit_bytes)
{
    if (text.n <= limit_bytes) {
        return text;
    }
    while (limit_bytes && ((unsigned char)text.p[limit_bytes] & 0xc0) == 0x80) {
        limit_bytes--;
    }
    return str_slice(text, 0, limit_bytes);
}

str utf8_drop_cut(str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t last = text.n;
    while (last && text.n - last < 3 && (p[last - 1] & 0xc0) == 0x80) {
        last--;
    }
    bool cut = last && p[last - 1] >= 0xc0 && !sequence_length(p + last - 1, text.n - last + 1);
    return cut ? str_slice(text, 0, last - 1) : text;
}

bool utf8_is_line(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < ' ' || c == 0x7f) {
            return false;
        }
    }
    return utf8_is_valid(text);
}
