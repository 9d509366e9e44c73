#include "web/front/citation.h"

/* White space of any kind is one blank: a citation is one line. */
static void add_line(struct buf *out, str text)
{
    size_t from = out->n;
    for (size_t i = 0; i < text.n; i++) {
        bool is_blank = is_ascii_space(text.p[i]);
        if (!is_blank || (out->n > from && out->p[out->n - 1] != ' ')) {
            buf_add_char(out, is_blank ? ' ' : text.p[i]);
        }
    }
    while (out->n > from && out->p[out->n - 1] == ' ') {
        out->n--;
    }
}

/* A sentence ends with one stop. */
static void add_stop(struct buf *out)
{
    char last = out->n ? out->p[out->n - 1] : '.';
    buf_add(out, last == '.' || last == '!' || last == '?' ? S(" ") : S(". "));
}

str citation_text(struct arena *arena, const struct citation *citation)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    if (citation->author.n) {
        add_line(&out, citation->author);
    } else {
        add_line(&out, citation->title);
    }
    buf_printf(&out, " (%.*s). ", STR_ARG(citation->year));
    if (citation->author.n) {
        add_line(&out, citation->title);
        buf_add_char(&out, ' ');
    }
    if (citation->version.n) {
        buf_printf(&out, "(%.*s) ", STR_ARG(citation->version));
    }
    buf_printf(&out, "[%.*s]", STR_ARG(citation->kind));
    add_stop(&out);
    add_line(&out, citation->portal);
    add_stop(&out);
    buf_add(&out, citation->address);
    return buf_copy(&out, arena);
}

static void add_tex(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        switch (c) {
        case '&':
        case '%':
        case '$':
        case '#':
        case '_':
        case '{':
        case '}':
            buf_add_char(out, '\\');
            buf_add_char(out, c);
            break;
        case '\\':
            buf_add(out, S("\\textbackslash{}"));
            break;
        case '~':
            buf_add(out, S("\\textasciitilde{}"));
            break;
        case '^':
            buf_add(out, S("\\textasciicircum{}"));
            break;
        default:
            buf_add_char(out, c);
        }
    }
}

static void add_member(struct buf *out, const char *name, str value, bool is_verbatim)
{
    if (value.n) {
        struct buf line cleanup_with(buf_cleanup) = {0};
        add_line(&line, value);
        buf_printf(out, ",\n  %s = {", name);
        if (is_verbatim) {
            buf_add(out, buf_str(&line));
        } else {
            buf_add_char(out, '{'); /* letters stay as they are, and names whole */
            add_tex(out, buf_str(&line));
            buf_add_char(out, '}');
        }
        buf_add_char(out, '}');
    }
}

str citation_bibtex(struct arena *arena, const struct citation *citation)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    bool has_year = citation->year.n == 4 && is_ascii_digit(citation->year.p[0]);
    buf_printf(&out, "@misc{%.*s", STR_ARG(citation->id));
    add_member(&out, "author", citation->author, false);
    add_member(&out, "title", citation->title, false);
    add_member(&out, "year", has_year ? citation->year : S(""), true);
    add_member(&out, "version", citation->version, false);
    add_member(&out, "howpublished", citation->kind, false);
    add_member(&out, "publisher", citation->portal, false);
    add_member(&out, "url", citation->address, true);
    buf_add(&out, S("\n}"));
    return buf_copy(&out, arena);
}
