#include "base/xml_write.h"

size_t xml_forbidden_length(str text, size_t at)
{
    unsigned char c = (unsigned char)text.p[at];
    if (c < 0x20) {
        return c != '\t' && c != '\n' && c != '\r';
    }
    bool is_noncharacter = c == 0xEF && at + 2 < text.n && (unsigned char)text.p[at + 1] == 0xBF &&
                           (unsigned char)text.p[at + 2] >= 0xBE;
    return is_noncharacter ? 3 : 0; /* U+FFFE and U+FFFF */
}

/* Readers turn a carriage return into a line feed unless it is a reference (XML 1.0, 2.11). */
static str reference_for(char c)
{
    switch (c) {
    case '&':
        return S("&amp;");
    case '<':
        return S("&lt;");
    case '>':
        return S("&gt;");
    case '"':
        return S("&quot;");
    case '\r':
        return S("&#13;");
    default:
        return STR_NONE;
    }
}

void xml_escape(struct buf *out, str text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        size_t forbidden = xml_forbidden_length(text, i);
        str replacement = forbidden ? S("\xEF\xBF\xBD") : reference_for(text.p[i]);
        if (replacement.n) {
            buf_add(out, str_slice(text, from, i));
            buf_add(out, replacement);
            i += forbidden > 1 ? forbidden - 1 : 0;
            from = i + 1;
        }
    }
    buf_add(out, str_slice(text, from, text.n));
}

void xml_element(struct buf *out, str name, str text)
{
    if (text.n == 0) {
        return;
    }
    buf_printf(out, "<%.*s>", STR_ARG(name));
    xml_escape(out, text);
    buf_printf(out, "</%.*s>\n", STR_ARG(name));
}
