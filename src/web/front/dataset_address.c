/* Addresses of the pages of a dataset, and of the API for what they show. */
#include "web/front/dataset_page.h"

#include "base/limits.h"

str dataset_version_path(const struct dataset_page *page, int64_t version)
{
    return str_printf(&page->call->scope->arena, "/explore/dataset/%.*s/version/%lld/",
                      STR_ARG(page->dataset->id), (long long)version);
}

str dataset_base_path(const struct dataset_page *page)
{
    return page->version ? dataset_version_path(page, page->version)
                         : str_printf(&page->call->scope->arena, "/explore/dataset/%.*s/",
                                      STR_ARG(page->dataset->id));
}

str dataset_tab_address(const struct dataset_page *page, enum dataset_tab tab)
{
    struct arena *arena = &page->call->scope->arena;
    return selection_link(arena, &page->selection, filter_address(arena, dataset_tab_path(page, tab), &page->filter));
}

str dataset_address_with(const struct dataset_page *page, str address, str name, str value)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    buf_add(&out, address);
    buf_add_char(&out, str_find_char(address, '?', 0) == SIZE_MAX ? '?' : '&');
    url_encode(&out, name);
    buf_add_char(&out, '=');
    url_encode(&out, value);
    return buf_copy(&out, &page->call->scope->arena);
}

str dataset_kept_query(const struct dataset_page *page)
{
    const struct hidden_field *fields = page->kept.items;
    str query = S("");
    for (size_t i = 0; i < page->kept.count; i++) {
        query = dataset_address_with(page, query, fields[i].name, fields[i].value);
    }
    return query.n ? str_slice(query, 1, query.n) : query; /* the first ? */
}

str dataset_api_address(const struct dataset_page *page, str path)
{
    return str_printf(&page->call->scope->arena, "%.*s/api/explore/v2.1/catalog/datasets/%.*s%.*s",
                      STR_ARG(page->call->base_url), STR_ARG(page->dataset->id), STR_ARG(path));
}

str dataset_api_version(const struct dataset_page *page)
{
    return page->version ? str_printf(&page->call->scope->arena, "version=%lld", (long long)page->version)
                         : S("");
}

str dataset_api_query(const struct dataset_page *page)
{
    cleanup_with(buf_cleanup) struct buf query = {0};
    struct buf filter cleanup_with(buf_cleanup) = {0};
    filter_write_api(&filter, &page->clauses);
    buf_add(&query, dataset_api_version(page));
    buf_add(&query, query.n && filter.n ? S("&") : S(""));
    buf_add(&query, buf_str(&filter));
    return buf_copy(&query, &page->call->scope->arena);
}

int64_t dataset_api_limit(const struct dataset_page *page)
{
    return page->total > LIMIT_PAGE_ROWS_DEFAULT && page->total <= LIMIT_PAGE_ROWS ? page->total : 0;
}

str dataset_page_address(struct dataset_page *page, int64_t number)
{
    struct facet_context context = dataset_facet_context(page);
    str address = facet_address(&context, &page->filter);
    return number <= 1 ? address
                       : dataset_address_with(page, address, S("page"),
                                              str_printf(&page->call->scope->arena, "%lld", (long long)number));
}
