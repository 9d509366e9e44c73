/*
 * Content from elsewhere: shown to who accepted its service, and to others who asked for it this
 * once; for all the rest a placeholder that says who would be contacted. Nothing is fetched before.
 */
#include "web/front/privacy_pages.h"

static const struct tpl_member embed_members[] = {
    TPL_TEXT(struct embed_view, service_id),
    TPL_TEXT(struct embed_view, service),
    TPL_TEXT(struct embed_view, provider),
    TPL_TEXT(struct embed_view, location),
    TPL_TEXT(struct embed_view, title),
    TPL_TEXT(struct embed_view, description),
    TPL_URL(struct embed_view, address),
    TPL_URL(struct embed_view, once),
    TPL_TEXT(struct embed_view, page),
    TPL_URL(struct embed_view, policy_url),
    TPL_NUMBER(struct embed_view, height),
    TPL_BOOL(struct embed_view, allowed),
    TPL_LIST(struct embed_view, cookies, service_cookie_struct)};
const struct tpl_struct embed_struct = TPL_STRUCT(struct embed_view, embed_members);
const struct tpl_binding embedded_template = {"front/embedded", &embed_struct};

struct embed_view embed_view(struct call *call, const struct service *service,
                             const struct service_embed *embed, str back, bool once)
{
    return (struct embed_view){
        .service_id = service->id,
        .service = service->name,
        .provider = service->provider,
        .location = service->location,
        .title = translated_text(&embed->title, call->language),
        .description = translated_text(&service->description, call->language),
        .address = embed->address,
        .once = str_printf(&call->scope->arena, "/embedded/%.*s", STR_ARG(embed->id)),
        .page = back,
        .policy_url = service->policy_url,
        .height = embed->height,
        .allowed = once || consent_allows(&call->consent, service),
        .cookies = service_cookie_views(call, service)};
}

static enum err show(struct call *call, bool once)
{
    const struct service *service;
    const struct service_embed *embed =
        registry_embed(call->registry, call->path_values[0], &service);
    if (!embed) {
        return fail(call->scope, ERR_NO_SERVICE, "There is no such embedded content.");
    }
    struct embed_view view =
        embed_view(call, service, embed, exchange_raw_path(call->exchange), once);
    struct page page = {.title_text = view.title,
                        .body = &embedded_template,
                        .data = &view,
                        .is_public = true,
                        .once = once ? service : NULL};
    page_send(call, &page);
    return ERR_OK;
}

enum err embedded_get(struct call *call)
{
    return show(call, false);
}

enum err embedded_post(struct call *call)
{
    return show(call, true);
}
