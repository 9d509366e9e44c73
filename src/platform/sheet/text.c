#include "platform/sheet/text.h"

#include "base/utf8.h"
#include "platform/sheet/sheet.h"

#define ELLIPSIS S("\xE2\x80\xA6")
#define NAME_UNITS_MOST 31

static size_t units_of(uint32_t code_point)
{
    return code_point > 0xFFFF ? 2 : 1;
}

static bool is_refused_by_xml(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || c == 0xFFFE || c == 0xFFFF;
}

/* Whether text goes on at from as "_x000D_" does. */
static bool looks_escaped(str text, size_t from)
{
    str at = str_slice(text, from, from + 7);
    if (at.n < 7 || at.p[0] != '_' || at.p[1] != 'x' || at.p[6] != '_') {
        return false;
    }
    for (size_t i = 2; i < 6; i++) {
        if (hex_digit(at.p[i]) < 0) {
            return false;
        }
    }
    return true;
}

/* Most cells: short and without anything to change. */
static bool is_plain(str text)
{
    if (text.n >= SHEET_TEXT_MOST) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n') || c == '_' || c == 0xEF) {
            return false;
        }
    }
    return true;
}

/* The longest text is counted as it is read, and as it is written, which the library counts. */
struct length {
    size_t read;
    size_t written;
};

static bool is_within(struct length length, size_t most)
{
    return length.read <= most && length.written <= most;
}

void sheet_escape(str text, struct buf *out)
{
    struct length length = {0, 0};
    size_t cut = out->n;
    if (is_plain(text)) {
        buf_add(out, text);
        return;
    }
    for (size_t at = 0; at < text.n;) {
        size_t from = at;
        uint32_t c = utf8_next(text, &at);
        if (c == 0) {
            continue;
        }
        bool is_escaped = is_refused_by_xml(c) || (c == '_' && looks_escaped(text, from));
        length.read += units_of(c);
        length.written += is_escaped ? 7 : units_of(c);
        if (!is_within(length, SHEET_TEXT_MOST)) {
            out->n = cut;
            buf_add(out, ELLIPSIS);
            return;
        }
        if (is_escaped) {
            buf_printf(out, "_x%04X_", c);
        } else {
            buf_add(out, str_slice(text, from, at));
        }
        if (is_within(length, SHEET_TEXT_MOST - 1)) {
            cut = out->n;
        }
    }
}

static bool is_allowed_in_name(uint32_t c)
{
    return c >= 0x20 && c != 0x7F && c != 0xFFFE && c != 0xFFFF &&
           (c > 0x7F || !strchr("[]:*?/\\", (int)c));
}

str sheet_clean_name(struct arena *arena, str name)
{
    char *clean = arena_alloc(arena, name.n + 1);
    size_t n = 0;
    size_t units = 0;
    for (size_t at = 0; at < name.n;) {
        size_t from = at;
        uint32_t c = utf8_next(name, &at);
        bool is_apostrophe_first = c == '\'' && n == 0;
        if (!is_allowed_in_name(c) || is_apostrophe_first) {
            continue;
        }
        units += units_of(c);
        if (units > NAME_UNITS_MOST) {
            break;
        }
        memcpy(clean + n, name.p + from, at - from);
        n += at - from;
    }
    while (n && (clean[n - 1] == '\'' || clean[n - 1] == ' ')) {
        n--;
    }
    str result = {clean, n};
    return n == 0 || str_eq_nocase(result, S("history")) ? S("data") : result;
}
