#include "base/utf8.h"
#include "platform/markup/markup_internal.h"

#define ELLIPSIS S("\xE2\x80\xA6")
#define NO_BREAK_SPACE S("\xC2\xA0")

static void add_blank(struct buf *out)
{
    if (out->n && out->p[out->n - 1] != ' ') {
        buf_add_char(out, ' ');
    }
}

static void add_text(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool is_fixed = str_starts(str_slice(text, i, i + 2), NO_BREAK_SPACE);
        if (is_fixed || is_ascii_space(text.p[i])) {
            add_blank(out);
            i += is_fixed;
        } else {
            buf_add_char(out, text.p[i]);
        }
    }
}

static bool parts_words(enum element_id id)
{
    enum element_role role = elements[id].role;
    return role == ROLE_BREAK || role == ROLE_RULE || role == ROLE_IMAGE || role >= ROLE_PARAGRAPH;
}

static str cut(struct arena *arena, str text, size_t most_bytes)
{
    if (text.n <= most_bytes) {
        return text;
    }
    if (most_bytes < ELLIPSIS.n) {
        return S("");
    }
    str kept = utf8_truncate(text, most_bytes - ELLIPSIS.n);
    size_t end = kept.n;
    while (end > kept.n / 2 && text.p[end] != ' ') {
        end--;
    }
    kept = end > kept.n / 2 ? str_slice(kept, 0, end) : kept;
    return str_printf(arena, "%.*s%.*s", STR_ARG(kept), STR_ARG(ELLIPSIS));
}

struct collection {
    struct buf out;
    size_t most_bytes;
};

static bool collect(void *user, const struct piece *piece)
{
    struct collection *collection = user;
    if (piece->kind == PIECE_TEXT) {
        add_text(&collection->out, piece->text);
    } else if (parts_words(piece->id)) {
        add_blank(&collection->out);
    }
    return collection->out.n / 2 <= collection->most_bytes; /* nothing behind it is kept */
}

str markup_plain(struct arena *arena, str html, size_t most_bytes)
{
    struct collection collection = {.most_bytes = most_bytes};
    markup_read(arena, clean_text(arena, html), collect, &collection);
    str text = cut(arena, str_trim(buf_copy(&collection.out, arena)), most_bytes);
    buf_done(&collection.out);
    return text;
}
