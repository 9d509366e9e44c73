/* What a page of content does not show of its text: HTML, and pictures that are no files of the page. */
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/site/embed.h"
#include "platform/markdown/markdown.h"
#include "web/front/content_page.h"

#define SOURCE_BYTES 120

struct looking {
    struct arena *arena;
    const struct content_file *files;
    size_t file_count;
    VEC(struct left_out) items;
};

static void add(struct looking *looking, enum left_out_kind kind, str source)
{
    str shown = utf8_truncate(source, SOURCE_BYTES);
    str text = str_printf(looking->arena, "%.*s%s", STR_ARG(shown), shown.n < source.n ? "…" : "");
    for (size_t i = 0; i < looking->items.count; i++) {
        if (str_eq(looking->items.items[i].source, text)) {
            return;
        }
    }
    if (looking->items.count < LEFT_OUT_MOST) {
        vec_add(looking->arena, &looking->items, (struct left_out){kind, text});
    }
}

static enum left_out_kind kind_of(str element)
{
    static const struct {
        const char *name;
        enum left_out_kind kind;
    } elements[] = {{"iframe", LEFT_OUT_FRAME},  {"object", LEFT_OUT_FRAME}, {"embed", LEFT_OUT_FRAME},
                    {"video", LEFT_OUT_FRAME},   {"audio", LEFT_OUT_FRAME},  {"script", LEFT_OUT_SCRIPT},
                    {"style", LEFT_OUT_SCRIPT},  {"link", LEFT_OUT_SCRIPT},  {"img", LEFT_OUT_PICTURE},
                    {"picture", LEFT_OUT_PICTURE}};
    for (size_t i = 0; i < ARRAY_LENGTH(elements); i++) {
        if (str_eq_nocase(element, str_from(elements[i].name))) {
            return elements[i].kind;
        }
    }
    return LEFT_OUT_HTML;
}

/* Every tag that begins an element; comments show nothing anyway. */
static void see_html(void *user, str source)
{
    for (size_t at = str_find_char(source, '<', 0); at < source.n; at = str_find_char(source, '<', at + 1)) {
        size_t end = at + 1;
        while (end < source.n && is_ascii_letter(source.p[end])) {
            end++;
        }
        size_t close = str_find_char(source, '>', end);
        if (end > at + 1) {
            str tag = str_slice(source, at, close == SIZE_MAX ? source.n : close + 1);
            add(user, kind_of(str_slice(source, at + 1, end)), tag);
        }
    }
}

static void see_picture(void *user, str address, str alternative)
{
    struct looking *looking = user;
    (void)alternative;
    for (size_t i = 0; i < looking->file_count; i++) {
        if (str_eq(looking->files[i].name, address)) {
            return;
        }
    }
    add(looking, LEFT_OUT_PICTURE, address);
}

enum err content_left_out(struct call *call, str text, const struct content_file *files, size_t file_count,
                          const struct left_out **ret_items, size_t *ret_count)
{
    struct arena *arena = &call->scope->arena;
    struct embed_lines *embeds = arena_new(arena, struct embed_lines);
    struct looking looking = {.arena = arena, .files = files, .file_count = file_count};
    struct markdown_watch watch = {see_html, see_picture, &looking};
    TRY(markdown_look(call->scope, embed_lines_take(arena, text, embeds), &watch));
    *ret_items = looking.items.items;
    *ret_count = looking.items.count;
    return ERR_OK;
}
