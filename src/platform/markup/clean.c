#include "base/utf8.h"
#include "platform/markup/markup_internal.h"

#define REPLACEMENT S("\xEF\xBF\xBD")

/* Length of the character at text.p[at], 0: it is none. */
static size_t character_length(str text, size_t at)
{
    unsigned char lead = (unsigned char)text.p[at];
    size_t n = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    bool fits = text.n - at >= n;
    return fits && utf8_is_valid(str_slice(text, at, at + n)) ? n : 0;
}

static bool is_control(str character)
{
    unsigned char lead = (unsigned char)character.p[0];
    if (character.n == 1) {
        return (lead < 0x20 && lead != '\t' && lead != '\n') || lead == 0x7F;
    }
    bool is_late_control = lead == 0xC2 && (unsigned char)character.p[1] < 0xA0;
    return is_late_control || str_eq(character, S("\xEF\xBF\xBE")) || str_eq(character, S("\xEF\xBF\xBF"));
}

str clean_text(struct arena *arena, str html)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    size_t kept = 0; /* bytes that are already right at the start */
    bool is_same = true;
    for (size_t at = 0; at < html.n;) {
        char c = html.p[at];
        size_t n = character_length(html, at);
        str character = str_slice(html, at, at + n);
        str written = n == 0 ? REPLACEMENT : character;
        if (c == '\r' || c == '\f') {
            bool is_pair = c == '\r' && at + 1 < html.n && html.p[at + 1] == '\n';
            written = is_pair ? S("") : S("\n");
        } else if (n && is_control(character)) {
            written = S("");
        }
        if (is_same && !str_eq(written, character)) {
            buf_add(&out, str_slice(html, 0, at));
            is_same = false;
        }
        if (is_same) {
            kept = at + n;
        } else {
            buf_add(&out, written);
        }
        at += n ? n : 1;
    }
    return is_same ? str_slice(html, 0, kept) : buf_copy(&out, arena);
}

/* What browsers take 128 to 159 for: they were written by programs that meant windows-1252. 0: nothing. */
static uint32_t as_meant(unsigned char number)
{
    static const uint16_t meant[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    return meant[number - 128];
}

void add_meant(struct buf *out, str decoded)
{
    for (size_t at = 0; at < decoded.n; at++) {
        unsigned char c = (unsigned char)decoded.p[at];
        unsigned char next = at + 1 < decoded.n ? (unsigned char)decoded.p[at + 1] : 0;
        if (c == 0xC2 && next >= 0x80 && next < 0xA0) {
            uint32_t number = as_meant(next);
            out->n += number ? utf8_write(buf_reserve(out, 4), number) : 0;
            at++;
        } else if ((c >= ' ' && c != 0x7F) || c == '\t' || c == '\n') {
            buf_add_char(out, (char)c);
        }
    }
}
