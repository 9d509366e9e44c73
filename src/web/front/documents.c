/* What the portal declares to programs. The same for everybody: no cookie is read, none is set. */
#include "web/front/privacy_pages.h"

void document_send(struct call *call, str json, str tag)
{
    static const struct {
        const char *name, *value;
    } headers[] = {{"Content-Type", "application/json; charset=utf-8"},
                   {"Cache-Control", "no-cache"},
                   {"Access-Control-Allow-Origin", "*"},
                   {"Cross-Origin-Resource-Policy", "cross-origin"},
                   {"Referrer-Policy", "same-origin"},
                   {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
    struct buf body = {0};
    response_status(call->exchange, 200);
    for (size_t i = 0; i < ARRAY_LENGTH(headers); i++) {
        response_header(call->exchange, str_from(headers[i].name), str_from(headers[i].value));
    }
    if (tag.n && response_etag(call->exchange, tag)) {
        return;
    }
    buf_add(&body, json);
    response_body(call->exchange, &body);
}

enum err declaration_get(struct call *call)
{
    const struct registry *registry = privacy_registry(call->app->privacy);
    document_send(call, registry->declaration, registry->hash);
    registry_unref(registry);
    return ERR_OK;
}

enum err gpc_get(struct call *call)
{
    const struct registry *registry = privacy_registry(call->app->privacy);
    document_send(call, gpc_statement(&call->scope->arena, registry), STR_NONE);
    registry_unref(registry);
    return ERR_OK;
}
