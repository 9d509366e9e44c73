#include "web/front/embed_page.h"

#include "web/front/chart.h"
#include "web/front/explore.h"
#include "web/front/map.h"
#include "web/front/table.h"

struct embed_page {
    str title, address, fault, publisher, license, license_address, portal;
    enum message fault_title;
    struct fault_place place; /* of fault */
    struct html body;
};

static const struct tpl_member embed_members[] = {
    TPL_TEXT(struct embed_page, title),     TPL_URL(struct embed_page, address),
    FAULT_PLACE_MEMBERS(struct embed_page, place),
    TPL_TEXT(struct embed_page, fault),     TPL_TEXT(struct embed_page, publisher),
    TPL_TEXT(struct embed_page, license),   TPL_URL(struct embed_page, license_address),
    TPL_TEXT(struct embed_page, portal),    TPL_MESSAGE(struct embed_page, fault_title),
    TPL_HTML(struct embed_page, body)};
static const struct tpl_struct embed_struct = TPL_STRUCT(struct embed_page, embed_members);
const struct tpl_binding embed_page_template = {"front/embed_page", &embed_struct};

/* The tab that shows the same on the portal: the embed's own parameters lead there, too. */
static str portal_address(const struct dataset_page *page)
{
    str query = exchange_raw_query(page->call->exchange);
    return str_printf(&page->call->scope->arena, "%.*s%s%.*s", STR_ARG(dataset_tab_path(page, page->tab)), query.n ? "?" : "",
                      STR_ARG(query));
}

static enum err send(struct dataset_page *page, embed_renderer *render)
{
    struct call *call = page->call;
    struct embed_body body = {.fault = S(""), .fault_title = MSG_FILTER_FAULT};
    TRY(render(page, &body));
    if (body.is_sent) {
        return ERR_OK;
    }
    records_release(&page->lease);
    str fault = page->fault.n ? page->fault : body.fault;
    struct embed_page view = {
        .title = page->title,
        .address = portal_address(page),
        .fault = fault,
        .place = page->fault.n ? page->place : body.place,
        .fault_title = body.fault_title,
        .publisher = dataset_page_text(page, "default", "publisher"),
        .license = dataset_page_text(page, "default", "license"),
        .license_address = dataset_page_text(page, "default", "license_url"),
        .portal = call->site->name,
        .body = body.html};
    struct page sent = {.title_text = page->title,
                        .body = &embed_page_template,
                        .data = &view,
                        .status = fault.n ? 400 : 200,
                        .trusted_types = body.trusted_types,
                        .is_public = true};
    memcpy(sent.scripts, body.scripts, sizeof(sent.scripts));
    page_send(call, &sent);
    return ERR_OK;
}

enum err embed_page_send(struct call *call, enum dataset_tab tab, embed_renderer *render)
{
    struct dataset_page page cleanup_with(dataset_page_close) = {0};
    TRY(dataset_page_open(call, tab, &page));
    return send(&page, render);
}

static enum err render_chart(struct dataset_page *page, struct embed_body *ret_body)
{
    struct call *call = page->call;
    struct chart_shown shown;
    TRY(chart_show(page, &shown));
    ret_body->fault = shown.fault;
    ret_body->place = shown.place;
    ret_body->fault_title = page->fault.n ? MSG_FILTER_FAULT : MSG_CHART_FAULT;
    if (shown.has_chart) {
        ret_body->html =
            tpl_html(call->scope, call->app->tpl, &chart_template, call->language, &shown.view);
    }
    ret_body->scripts[0] = "chart.js";
    return ERR_OK;
}

enum err embed_chart_get(struct call *call)
{
    return embed_page_send(call, TAB_ANALYZE, render_chart);
}

static enum err render_table(struct dataset_page *page, struct embed_body *ret_body)
{
    struct call *call = page->call;
    const struct table *table;
    TRY(table_show(page, &table));
    ret_body->is_sent = !table;
    if (table) {
        ret_body->html = tpl_html(call->scope, call->app->tpl, &table_embed_template, call->language, table);
        ret_body->scripts[0] = "table.js";
    }
    return ERR_OK;
}

enum err embed_table_get(struct call *call)
{
    return embed_page_send(call, TAB_TABLE, render_table);
}

static enum err render_map(struct dataset_page *page, struct embed_body *ret_body)
{
    struct call *call = page->call;
    const struct map_view *view;
    TRY(map_show(page, &view));
    ret_body->html = tpl_html(call->scope, call->app->tpl, &map_template, call->language, view);
    ret_body->scripts[0] = "map.js";
    ret_body->trusted_types = MAP_TRUSTED_TYPES;
    return ERR_OK;
}

enum err embed_map_get(struct call *call)
{
    return embed_page_send(call, TAB_MAP, render_map);
}
