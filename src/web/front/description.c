#include "web/front/description.h"

#include "platform/markup/sanitize.h"

#define TOP_HEADING 3 /* the page has its title and the headings of its parts above */
#define PLAIN_MOST ((size_t)16 << 10)

/* The text alone as one paragraph. */
static void add_plain(struct scope *scope, str text, struct buf *out)
{
    struct buf html cleanup_with(buf_cleanup) = {0};
    markup_escape(&html, markup_plain(&scope->arena, text, PLAIN_MOST));
    if (html.n) {
        buf_add(out, S("<p>"));
        buf_add(out, buf_str(&html));
        buf_add(out, S("</p>"));
    }
}

/* A region that scrolls must be reached by the keyboard and have a name. */
static str before_table(struct call *call)
{
    struct buf html cleanup_with(buf_cleanup) = {0};
    buf_add(&html, S("<div class=\"table-scroll\" role=\"region\" tabindex=\"0\" aria-label=\""));
    markup_escape(&html, message_plain(call->language, MSG_DESCRIPTION_TABLE));
    buf_add(&html, S("\">"));
    return buf_copy(&html, &call->scope->arena);
}

struct html sanitized_html(struct call *call, str text)
{
    struct markup_options options = {
        .top_heading = TOP_HEADING, .before_table = before_table(call), .behind_table = S("</div>")};
    struct buf out cleanup_with(buf_cleanup) = {0};
    if (markup_sanitize(call->scope, text, &options, &out) != ERR_OK) {
        scope_forgive(call->scope);
        add_plain(call->scope, text, &out);
    }
    return (struct html){buf_copy(&out, &call->scope->arena)};
}
