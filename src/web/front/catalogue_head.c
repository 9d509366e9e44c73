#include "web/front/catalogue_head.h"

struct catalogue_links {
    str portal, rss;
};

static const struct tpl_member links_members[] = {TPL_TEXT(struct catalogue_links, portal),
                                                  TPL_URL(struct catalogue_links, rss)};
static const struct tpl_struct links_struct = TPL_STRUCT(struct catalogue_links, links_members);
const struct tpl_binding catalogue_head_template = {"front/catalogue_head", &links_struct};

struct html catalogue_head(struct call *call, const struct clauses *clauses)
{
    struct buf query cleanup_with(buf_cleanup) = {0};
    filter_write_api(&query, clauses);
    struct catalogue_links links = {
        .portal = call->site->name,
        .rss = str_printf(&call->scope->arena, "/api/explore/v2.1/catalog/exports/rss%s%.*s",
                          query.n ? "?" : "", STR_ARG(buf_str(&query)))};
    return tpl_html(call->scope, call->app->tpl, &catalogue_head_template, call->language, &links);
}
