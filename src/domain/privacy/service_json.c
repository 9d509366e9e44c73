/* A service's declaration back to JSON, as service.c reads it. */
#include "domain/privacy/internal.h"

static json_t *translated_json(const struct translated *translated)
{
    json_t *texts = json_object();
    for (language i = 0; i < language_count(); i++) {
        if (translated->texts[i].n) {
            json_put(texts, language_code(i).p, json_from(translated->texts[i]));
        }
    }
    return texts;
}

static json_t *hosts_json(const struct service *service)
{
    json_t *hosts = json_array();
    for (size_t i = 0; i < service->host_count; i++) {
        json_t *host = json_object();
        json_t *loads = json_array();
        for (int load = 0; load < LOAD__COUNT; load++) {
            if (service->hosts[i].loads >> load & 1) {
                json_push(loads, json_string(load_name((enum load)load)));
            }
        }
        json_put(host, "origin", json_from(service->hosts[i].origin));
        json_put(host, "loads", loads);
        json_push(hosts, host);
    }
    return hosts;
}

static json_t *cookies_json(const struct service *service)
{
    json_t *cookies = json_array();
    for (size_t i = 0; i < service->cookie_count; i++) {
        json_t *cookie = json_object();
        json_put(cookie, "name", json_from(service->cookies[i].name));
        json_put(cookie, "lifetime", json_from(service->cookies[i].lifetime));
        json_put(cookie, "purpose", translated_json(&service->cookies[i].purpose));
        if (service->cookies[i].party == PARTY_FIRST) {
            json_put(cookie, "party", json_string("first"));
            json_put(cookie, "path", json_from(service->cookies[i].path));
        }
        if (service->cookies[i].domain.n) {
            json_put(cookie, "domain", json_from(service->cookies[i].domain));
        }
        json_push(cookies, cookie);
    }
    return cookies;
}

static json_t *embeds_json(const struct service *service)
{
    json_t *embeds = json_array();
    for (size_t i = 0; i < service->embed_count; i++) {
        const struct service_embed *row = &service->embeds[i];
        json_t *embed = json_object();
        json_put(embed, "id", json_from(row->id));
        json_put(embed, "address", json_from(row->address));
        json_put(embed, "title", translated_json(&row->title));
        json_put(embed, "height", json_integer(row->height));
        json_put(embed, "on_home", json_boolean(row->on_home));
        json_push(embeds, embed);
    }
    return embeds;
}

static json_t *basemap_json(const struct service_basemap *basemap)
{
    json_t *object = json_object();
    json_put(object, "title", translated_json(&basemap->title));
    json_put(object, "tiles", json_from(basemap->tiles));
    json_put(object, "attribution", json_from(basemap->attribution));
    json_put(object, "maxzoom", json_integer(basemap->zoom_most));
    return object;
}

json_t *service_json(const struct service *service)
{
    json_t *object = json_object();
    json_put(object, "id", json_from(service->id));
    json_put(object, "name", json_from(service->name));
    json_put(object, "provider", json_from(service->provider));
    json_put(object, "location", json_from(service->location));
    json_put(object, "policy_url", json_from(service->policy_url));
    json_put(object, "purpose", json_string(purpose_name(service->purpose)));
    json_put(object, "description", translated_json(&service->description));
    json_put(object, "hosts", hosts_json(service));
    json_put(object, "cookies", cookies_json(service));
    json_put(object, "embeds", embeds_json(service));
    if (service->basemap.tiles.n) {
        json_put(object, "basemap", basemap_json(&service->basemap));
    }
    if (service->script.n) {
        json_put(object, "script", json_from(service->script));
    }
    return object;
}

str service_document(struct arena *arena, const struct service *service)
{
    json_t *object = service_json(service);
    char *text = json_dumps(object, JSON_INDENT(2));
    bug_if(!text);
    str copy = str_printf(arena, "%s\n", text);
    free(text);
    json_decref(object);
    return copy;
}
