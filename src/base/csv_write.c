#include "base/csv_write.h"

static bool is_formula(str text)
{
    return text.n && str_find_char(S("=+-@\t\r"), text.p[0], 0) != SIZE_MAX;
}

void csv_text(struct buf *out, bool first, str text)
{
    bool quoted = is_formula(text);
    for (size_t i = 0; i < text.n && !quoted; i++) {
        quoted = str_find_char(S("\",\r\n"), text.p[i], 0) != SIZE_MAX;
    }
    buf_add(out, first ? S("") : S(","));
    if (!quoted) {
        buf_add(out, text);
        return;
    }
    buf_add_char(out, '"');
    buf_add(out, is_formula(text) ? S("'") : S(""));
    for (size_t i = 0; i < text.n; i++) {
        buf_add(out, text.p[i] == '"' ? S("\"") : S(""));
        buf_add_char(out, text.p[i]);
    }
    buf_add_char(out, '"');
}

void csv_int(struct buf *out, bool first, int64_t number)
{
    buf_add(out, first ? S("") : S(","));
    buf_add_int(out, number);
}

void csv_line(struct buf *out)
{
    buf_add(out, S("\r\n"));
}
