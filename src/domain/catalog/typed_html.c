#include "domain/catalog/typed_html.h"

#include <ctype.h>

#include "base/buf.h"

static const struct {
    char letter;
    const char *reference;
} references[] = {{'&', "&amp;"}, {'>', "&gt;"}};

/* A tag, or a reference to a letter: "&eacute;", "&#233;". */
static bool is_html(str text)
{
    for (size_t at = str_find_char(text, '&', 0); at != SIZE_MAX; at = str_find_char(text, '&', at + 1)) {
        size_t name = at + 1 + (at + 1 < text.n && text.p[at + 1] == '#');
        size_t end = name;
        while (end < text.n && isalnum((unsigned char)text.p[end])) {
            end++;
        }
        if (end > name && end < text.n && text.p[end] == ';') {
            return true;
        }
    }
    return str_find_char(text, '<', 0) != SIZE_MAX;
}

static void add_escaped(struct buf *out, char letter)
{
    for (size_t i = 0; i < ARRAY_LENGTH(references); i++) {
        if (references[i].letter == letter) {
            buf_add(out, str_from(references[i].reference));
            return;
        }
    }
    if (letter != '\r') {
        buf_add_char(out, letter);
    }
}

/* Behind the blanks at from; whether a blank line is among them. */
static size_t behind_blanks(str text, size_t from, bool *ret_is_line)
{
    size_t breaks = 0;
    size_t at = from;
    while (at < text.n && isspace((unsigned char)text.p[at])) {
        breaks += text.p[at++] == '\n';
    }
    *ret_is_line = breaks > 1;
    return at;
}

str typed_html(struct arena *arena, str text)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    text = str_trim(text);
    if (text.n == 0 || is_html(text)) {
        return text;
    }
    buf_add(&out, S("<p>"));
    for (size_t i = 0; i < text.n;) {
        bool is_blank = false;
        size_t behind = text.p[i] == '\n' ? behind_blanks(text, i, &is_blank) : i;
        if (is_blank) {
            out.n = str_trim(buf_str(&out)).n;
            buf_add(&out, S("</p><p>"));
            i = behind;
        } else {
            add_escaped(&out, text.p[i++]);
        }
    }
    buf_add(&out, S("</p>"));
    return buf_copy(&out, arena);
}

/* False: it has something else than letters and the references above. */
static bool add_unescaped(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n;) {
        size_t known = 0;
        while (known < ARRAY_LENGTH(references) &&
               !str_starts(str_slice(text, i, text.n), str_from(references[known].reference))) {
            known++;
        }
        if (known < ARRAY_LENGTH(references)) {
            buf_add_char(out, references[known].letter);
            i += str_from(references[known].reference).n;
        } else if (text.p[i] == '&' || text.p[i] == '<') {
            return false;
        } else {
            buf_add_char(out, text.p[i++]);
        }
    }
    return true;
}

str typed_text(struct arena *arena, str html)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    str rest = str_trim(html);
    while (rest.n) {
        size_t end = str_find(rest, S("</p>"), 0);
        if (!str_starts(rest, S("<p>")) || end == SIZE_MAX) {
            return html;
        }
        buf_add(&out, out.n ? S("\n\n") : S(""));
        if (!add_unescaped(&out, str_trim(str_slice(rest, 3, end)))) {
            return html;
        }
        rest = str_trim(str_slice(rest, end + 4, rest.n));
    }
    return is_html(buf_str(&out)) ? html : buf_copy(&out, arena);
}
