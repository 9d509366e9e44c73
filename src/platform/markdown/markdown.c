#include "platform/markdown/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/vec.h"

#define OPTIONS (CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_STRIKETHROUGH_DOUBLE_TILDE)

static const char *const extensions[] = {"table", "strikethrough", "autolink"};
static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    cmark_gfm_core_extensions_ensure_registered();
}

/* ---- pictures ---- */

/* What is written within a node, without marks. */
static void add_text(cmark_node *from, struct buf *out)
{
    cmark_iter *nodes = cmark_iter_new(from);
    for (cmark_event_type event = cmark_iter_next(nodes); event != CMARK_EVENT_DONE; event = cmark_iter_next(nodes)) {
        const char *text = event == CMARK_EVENT_ENTER ? cmark_node_get_literal(cmark_iter_get_node(nodes)) : NULL;
        buf_add(out, str_from(text));
    }
    cmark_iter_free(nodes);
}

static void replace(struct scope *scope, cmark_node *image, markdown_picture *picture, void *user)
{
    struct buf shown cleanup_with(buf_cleanup) = {0};
    cmark_node *text = cmark_node_new(CMARK_NODE_TEXT);
    bug_if(!text);
    add_text(image, &shown);
    str alternative = buf_copy(&shown, &scope->arena);
    str instead = picture ? picture(user, str_from(cmark_node_get_url(image)), alternative) : STR_NONE;
    bug_if(!cmark_node_set_literal(text, str_cz(&scope->arena, instead.p ? instead : alternative)));
    bug_if(!cmark_node_replace(image, text));
    cmark_node_free(image);
}

static void replace_all(struct scope *scope, cmark_node *document, markdown_picture *picture, void *user)
{
    VEC(cmark_node *) images = {0};
    cmark_iter *nodes = cmark_iter_new(document);
    for (cmark_event_type event = cmark_iter_next(nodes); event != CMARK_EVENT_DONE; event = cmark_iter_next(nodes)) {
        cmark_node *node = cmark_iter_get_node(nodes);
        if (event == CMARK_EVENT_EXIT && cmark_node_get_type(node) == CMARK_NODE_IMAGE) {
            vec_add(&scope->arena, &images, node);
        }
    }
    cmark_iter_free(nodes);
    /* Those within others come first. */
    for (size_t i = 0; i < images.count; i++) {
        replace(scope, images.items[i], picture, user);
    }
}

/* ---- the whole ---- */

static cmark_parser *make_parser(void)
{
    cmark_parser *parser = cmark_parser_new(OPTIONS);
    bug_if(!parser);
    for (size_t i = 0; i < ARRAY_LENGTH(extensions); i++) {
        cmark_syntax_extension *extension = cmark_find_syntax_extension(extensions[i]);
        bug_if(!extension || !cmark_parser_attach_syntax_extension(parser, extension));
    }
    return parser;
}

static enum err read_text(struct scope *scope, str text, cmark_parser **ret_parser, cmark_node **ret_document)
{
    if (text.n > MARKDOWN_BYTES) {
        return fail(scope, ERR_TOO_LARGE, "The text is longer than %zu bytes.", MARKDOWN_BYTES);
    }
    pthread_once(&started, start);
    *ret_parser = make_parser();
    cmark_parser_feed(*ret_parser, text.p ? text.p : "", text.n);
    *ret_document = cmark_parser_finish(*ret_parser);
    bug_if(!*ret_document);
    return ERR_OK;
}

enum err markdown_html(struct scope *scope, str text, markdown_picture *picture, void *user, struct buf *out)
{
    cmark_parser *parser;
    cmark_node *document;
    TRY(read_text(scope, text, &parser, &document));
    replace_all(scope, document, picture, user);
    char *html = cmark_render_html(document, OPTIONS, cmark_parser_get_syntax_extensions(parser));
    bug_if(!html);
    buf_add(out, str_from(html));
    free(html);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return ERR_OK;
}

static void look_at(cmark_node *node, const struct markdown_watch *watch)
{
    cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) {
        watch->html(watch->user, str_from(cmark_node_get_literal(node)));
    } else if (type == CMARK_NODE_IMAGE) {
        struct buf shown cleanup_with(buf_cleanup) = {0};
        add_text(node, &shown);
        watch->picture(watch->user, str_from(cmark_node_get_url(node)), buf_str(&shown));
    }
}

enum err markdown_look(struct scope *scope, str text, const struct markdown_watch *watch)
{
    cmark_parser *parser;
    cmark_node *document;
    TRY(read_text(scope, text, &parser, &document));
    cmark_iter *nodes = cmark_iter_new(document);
    for (cmark_event_type event = cmark_iter_next(nodes); event != CMARK_EVENT_DONE; event = cmark_iter_next(nodes)) {
        if (event == CMARK_EVENT_ENTER) {
            look_at(cmark_iter_get_node(nodes), watch);
        }
    }
    cmark_iter_free(nodes);
    cmark_node_free(document);
    cmark_parser_free(parser);
    return ERR_OK;
}
