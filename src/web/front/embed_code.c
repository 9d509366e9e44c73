/* Code that others put in their pages to show a table, a map or a chart. */
#include "web/front/embed_page.h"

str embed_query(const struct dataset_page *page, const str *names, size_t count)
{
    const struct query *query = &page->call->query;
    str address = filter_address(&page->call->scope->arena, S(""), &page->filter);
    for (size_t i = 0; i < query->count; i++) {
        const struct query_parameter *parameter = &query->items[i];
        for (size_t k = 0; k < count && parameter->value.n; k++) {
            address = str_eq(parameter->name, names[k])
                          ? dataset_address_with(page, address, parameter->name, parameter->value)
                          : address;
        }
    }
    return address;
}

static void add_escaped(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        str escaped = c == '&' ? S("&amp;") : c == '"' ? S("&quot;") : c == '<' ? S("&lt;") : (str){&text.p[i], 1};
        buf_add(out, escaped);
    }
}

str embed_code(const struct dataset_page *page, str query, str title)
{
    cleanup_with(buf_cleanup) struct buf out = {0};
    if (page->is_embed || page->dataset->is_restricted) {
        return S("");
    }
    buf_add(&out, S("<iframe src=\""));
    buf_add(&out, page->call->base_url);
    buf_add(&out, dataset_embed_path(page, page->tab));
    add_escaped(&out, query);
    buf_add(&out, S("\" title=\""));
    add_escaped(&out, title);
    buf_add(&out, S("\" width=\"100%\" height=\"520\" loading=\"lazy\""));
    buf_add(&out, page->tab == TAB_MAP ? S(" allow=\"fullscreen\"") : S(""));
    buf_add(&out, S(" style=\"border:0\"></iframe>"));
    return buf_copy(&out, &page->call->scope->arena);
}
