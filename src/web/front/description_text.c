#include "web/front/description_text.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "domain/interop/interop.h"

#define DESCRIPTION_BYTES ((size_t)256 << 10)
#define PARAGRAPHS_MOST 500

struct paragraph {
    str text;
};

static const struct tpl_member paragraph_members[] = {TPL_TEXT(struct paragraph, text)};
const struct tpl_struct paragraph_struct = TPL_STRUCT(struct paragraph, paragraph_members);

/* Whether a tag that begins or ends a block stands here. */
static bool breaks_line(str html, size_t at)
{
    static const char *const names[] = {"p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6",
                                        "tr", "table", "blockquote", "pre", "section", "hr", "dt", "dd"};
    size_t from = at + 1 + (at + 1 < html.n && html.p[at + 1] == '/');
    size_t end = from;
    while (end < html.n && (is_ascii_letter(html.p[end]) || is_ascii_digit(html.p[end]))) {
        end++;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (str_eq_nocase(str_slice(html, from, end), str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

struct tpl_list description_paragraphs(struct arena *arena, str html)
{
    VEC(struct paragraph) paragraphs = {0};
    size_t from = 0;
    html = utf8_truncate(html, DESCRIPTION_BYTES);
    for (size_t at = 0; at <= html.n && paragraphs.count < PARAGRAPHS_MOST; at++) {
        if (at < html.n && !(html.p[at] == '<' && breaks_line(html, at))) {
            continue;
        }
        str text = interop_plain_text(arena, str_slice(html, from, at));
        if (text.n) {
            vec_add(arena, &paragraphs, (struct paragraph){text});
        }
        from = at;
    }
    return (struct tpl_list){paragraphs.items, paragraphs.count};
}
