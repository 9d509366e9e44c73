#include "base/bug.h"
#include "base/num.h"
#include "platform/tpl/tpl_internal.h"

struct rendering {
    struct scope *scope;
    const struct page *page;
    language language;
    struct buf *out;
    struct buf message; /* the text of one, before it is escaped */
    const char *levels[TPL_LEVELS_MOST];
};

static const void *value_at(const struct rendering *rendering, struct member_place member)
{
    return rendering->levels[member.level] + member.offset;
}

/* Numbers are written at digits. */
static str value_text(struct rendering *rendering, struct member_place member,
                      char digits[NUM_INT_BYTES])
{
    const void *value = value_at(rendering, member);
    struct arena *arena = &rendering->scope->arena;
    switch (member.type) {
    case TPL_TYPE_TEXT:
    case TPL_TYPE_URL:
        return *(const str *)value;
    case TPL_TYPE_HTML:
        return ((const struct html *)value)->text;
    case TPL_TYPE_INT:
        return format_int(arena, rendering->language, *(const int64_t *)value);
    case TPL_TYPE_NUMBER:
        return (str){digits, num_write_int(digits, *(const int64_t *)value)};
    case TPL_TYPE_INSTANT:
        return *(const usec *)value
                   ? format_instant(arena, rendering->language, *(const usec *)value)
                   : STR_NONE;
    case TPL_TYPE_MESSAGE:
        return message_plain(rendering->language, *(const enum message *)value);
    case TPL_TYPE_BOOL:
    case TPL_TYPE_LIST:
        break;
    }
    bug_unreachable();
}

static struct message_argument argument_of(struct rendering *rendering,
                                           const struct node_argument *argument,
                                           char digits[NUM_INT_BYTES])
{
    const void *value = value_at(rendering, argument->member);
    enum tpl_type type = argument->member.type;
    if (type == TPL_TYPE_INT || (type == TPL_TYPE_NUMBER && argument->need == NEED_NUMBER)) {
        return ARG_INT(argument->name, *(const int64_t *)value);
    }
    if (type == TPL_TYPE_INSTANT && argument->need == NEED_INSTANT) {
        return ARG_INSTANT(argument->name, *(const usec *)value);
    }
    return ARG_TEXT(argument->name, value_text(rendering, argument->member, digits));
}

static void render_message(struct rendering *rendering, const struct node *node)
{
    if (node->argument_count == 0) {
        escape_add(rendering->out, node->escape, message_plain(rendering->language, node->message));
        return;
    }
    struct message_argument arguments[MESSAGE_ARGUMENTS_MOST];
    char digits[MESSAGE_ARGUMENTS_MOST][NUM_INT_BYTES];
    for (size_t i = 0; i < node->argument_count; i++) {
        arguments[i] = argument_of(rendering, &node->arguments[i], digits[i]);
    }
    buf_clear(&rendering->message);
    message_add(&rendering->message, rendering->language, node->message, arguments,
                node->argument_count);
    escape_add(rendering->out, node->escape, buf_str(&rendering->message));
}

/* Empty, zero and false do not hold. */
static bool holds(const struct rendering *rendering, struct member_place member)
{
    const void *value = value_at(rendering, member);
    switch (member.type) {
    case TPL_TYPE_TEXT:
    case TPL_TYPE_URL:
        return ((const str *)value)->n > 0;
    case TPL_TYPE_HTML:
        return ((const struct html *)value)->text.n > 0;
    case TPL_TYPE_INT:
    case TPL_TYPE_NUMBER:
    case TPL_TYPE_INSTANT:
        return *(const int64_t *)value != 0;
    case TPL_TYPE_MESSAGE:
        return *(const enum message *)value != MESSAGE_NONE;
    case TPL_TYPE_BOOL:
        return *(const bool *)value;
    case TPL_TYPE_LIST:
        return ((const struct tpl_list *)value)->count > 0;
    }
    bug_unreachable();
}

static void render_nodes(struct rendering *rendering, size_t from, size_t to);

static void render_section(struct rendering *rendering, const struct node *node, size_t at)
{
    if (node->member.type == TPL_TYPE_LIST && !node->is_inverted) {
        const struct tpl_list *list = value_at(rendering, node->member);
        for (size_t i = 0; i < list->count; i++) {
            rendering->levels[node->level] = (const char *)list->items + i * node->item_size;
            render_nodes(rendering, at + 1, node->end);
        }
    } else if (holds(rendering, node->member) != node->is_inverted) {
        render_nodes(rendering, at + 1, node->end);
    }
}

/* Recursion is as deep as the template's sections, TPL_DEPTH_MOST. */
static void render_nodes(struct rendering *rendering, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        const struct node *node = &rendering->page->nodes[at];
        char digits[NUM_INT_BYTES];
        switch (node->kind) {
        case NODE_LITERAL:
            buf_add(rendering->out, node->literal);
            break;
        case NODE_VALUE:
            escape_add(rendering->out, node->escape, value_text(rendering, node->member, digits));
            break;
        case NODE_MESSAGE:
            render_message(rendering, node);
            break;
        case NODE_SECTION:
            render_section(rendering, node, at);
            break;
        }
        at = node->kind == NODE_SECTION ? node->end : at + 1;
    }
}

static const struct page *find_page(const struct tpl *tpl, const struct tpl_binding *binding)
{
    size_t low = 0;
    size_t high = tpl->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)tpl->pages[middle].binding < (uintptr_t)binding) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bug_if(low == tpl->count || tpl->pages[low].binding != binding); /* tpl_open was not given it */
    return &tpl->pages[low];
}

void tpl_render(struct scope *scope, const struct tpl *tpl, const struct tpl_binding *binding,
                language lang, const void *data, struct buf *out)
{
    struct rendering rendering = {.scope = scope,
                                  .page = find_page(tpl, binding),
                                  .language = lang,
                                  .out = out,
                                  .levels = {data}};
    render_nodes(&rendering, 0, rendering.page->count);
    buf_done(&rendering.message);
}

struct html tpl_html(struct scope *scope, const struct tpl *tpl, const struct tpl_binding *binding,
                     language lang, const void *data)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    tpl_render(scope, tpl, binding, lang, data, &out);
    return (struct html){buf_copy(&out, &scope->arena)};
}
