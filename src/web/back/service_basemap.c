/* A base map by a few fields, from which the declaration of its service is made. */
#include "domain/site/content.h"
#include "web/back/service_example.h"
#include "web/back/service_form.h"
#include "web/back/site.h"

#define NAME_BYTES 200
#define ADDRESS_BYTES 2000
#define ID_BYTES 40
#define ZOOM_USUAL 19
#define ZOOM_MOST 22
#define TILES_EXAMPLE "https://tile.example.org/{z}/{x}/{y}.png"

struct fields {
    struct form_field *name, *tiles, *attribution, *zoom, *provider, *location, *policy;
};

bool basemap_is_simple(const struct service *service)
{
    return service->basemap.tiles.n && service->host_count == 1 && service->hosts[0].loads == 1u << LOAD_CONNECT &&
           str_starts(service->basemap.tiles, service->hosts[0].origin) && service->purpose == PURPOSE_CONTENT &&
           service->cookie_count == 0 && service->embed_count == 0 && service->script.n == 0;
}

static struct fields add_fields(struct office_form *form, const struct service *begin)
{
    struct call *call = form->call;
    struct fields fields;
    int64_t zoom = begin->basemap.zoom_most ? begin->basemap.zoom_most : ZOOM_USUAL;
    fields.name = form_line(form, "name", MSG_BACKOFFICE_BASEMAP_NAME, MSG_BACKOFFICE_BASEMAP_NAME_HINT, begin->name);
    fields.tiles = form_line(form, "tiles", MSG_BACKOFFICE_BASEMAP_TILES, MESSAGE_NONE, begin->basemap.tiles);
    fields.tiles->hint = office_tell(call, MSG_BACKOFFICE_BASEMAP_TILES_HINT, ARG_TEXT("example", S(TILES_EXAMPLE)));
    fields.attribution = form_line(form, "attribution", MSG_BACKOFFICE_BASEMAP_ATTRIBUTION,
                                   MSG_BACKOFFICE_BASEMAP_ATTRIBUTION_HINT, begin->basemap.attribution);
    fields.zoom = form_line(form, "maxzoom", MSG_BACKOFFICE_BASEMAP_ZOOM, MSG_BACKOFFICE_BASEMAP_ZOOM_HINT,
                            str_printf(&call->scope->arena, "%lld", (long long)zoom));
    fields.zoom->type = S("number");
    fields.provider = form_line(form, "provider", MSG_BACKOFFICE_BASEMAP_PROVIDER, MSG_BACKOFFICE_BASEMAP_PROVIDER_HINT,
                                begin->provider);
    fields.location = form_line(form, "location", MSG_BACKOFFICE_BASEMAP_LOCATION, MESSAGE_NONE, begin->location);
    fields.policy = form_line(form, "policy_url", MSG_BACKOFFICE_BASEMAP_POLICY, MESSAGE_NONE, begin->policy_url);
    fields.policy->type = S("url");
    return fields;
}

/* ---- what was typed ---- */

static str read_text(struct office_form *form, struct form_field *field)
{
    if (field->value.n == 0 || field->value.n > NAME_BYTES) {
        form_fault(form, field, office_tell(form->call, MSG_BACKOFFICE_SITE_FAULT_LENGTH, ARG_INT("most", NAME_BYTES)));
    }
    return field->value;
}

static size_t count_of(str text, const char *part)
{
    size_t count = 0;
    str wanted = str_from(part);
    for (size_t at = str_find(text, wanted, 0); at != SIZE_MAX; at = str_find(text, wanted, at + wanted.n)) {
        count++;
    }
    return count;
}

/* "https://host" of an address; STR_NONE: it is none. */
static str origin_of(str address)
{
    static const size_t scheme = sizeof("https://") - 1;
    size_t end = str_starts(address, S("https://")) ? str_find_char(address, '/', scheme) : SIZE_MAX;
    return end == SIZE_MAX || end == scheme ? STR_NONE : str_slice(address, 0, end);
}

static str read_tiles(struct office_form *form, struct form_field *field, struct service_host *ret_host)
{
    str tiles = field->value;
    bool is_good = tiles.n <= ADDRESS_BYTES && origin_of(tiles).p && count_of(tiles, "{") == 3 && count_of(tiles, "{z}") == 1 &&
                   count_of(tiles, "{x}") == 1 && count_of(tiles, "{y}") == 1 && count_of(origin_of(tiles), "{") == 0;
    if (!is_good) {
        form_fault(form, field,
                   office_tell(form->call, MSG_BACKOFFICE_BASEMAP_FAULT_TILES, ARG_TEXT("example", S(TILES_EXAMPLE))));
    } else {
        *ret_host = (struct service_host){origin_of(tiles), 1u << LOAD_CONNECT};
    }
    return tiles;
}

static str read_policy(struct office_form *form, struct form_field *field)
{
    if (!str_starts(field->value, S("https://")) || field->value.n > ADDRESS_BYTES) {
        form_fault(form, field, office_say(form->call, MSG_BACKOFFICE_BASEMAP_FAULT_POLICY));
    }
    return field->value;
}

static void say_in_all(struct translated *texts, str text)
{
    for (language lang = 0; lang < language_count(); lang++) {
        texts->texts[lang] = text;
    }
}

/* begin: what the form began with; its texts in all languages stay while its name does. */
static struct service read_fields(struct office_form *form, const struct fields *fields, const struct service *begin,
                                  struct service_host *host)
{
    struct service service = *begin;
    service.name = read_text(form, fields->name);
    service.basemap.tiles = read_tiles(form, fields->tiles, host);
    service.basemap.attribution = read_text(form, fields->attribution);
    service.basemap.zoom_most = site_number(form, fields->zoom, 1, ZOOM_MOST, ZOOM_USUAL);
    service.provider = read_text(form, fields->provider);
    service.location = read_text(form, fields->location);
    service.policy_url = read_policy(form, fields->policy);
    if (!str_eq(service.name, begin->name)) {
        say_in_all(&service.basemap.title, service.name);
    }
    service.hosts = host;
    service.host_count = 1;
    return service;
}

/* ---- the form ---- */

static struct service begin_with(struct call *call, const struct service *stored)
{
    struct service service = service_example();
    bool is_example = str_eq(call_query(call, S("example")), S("openstreetmap"));
    if (stored) {
        return *stored;
    }
    if (!is_example) {
        service = (struct service){.purpose = PURPOSE_CONTENT, .description = service.description};
    }
    return service;
}

enum err basemap_declare(struct call *call, str heading, const struct service *stored)
{
    struct arena *arena = &call->scope->arena;
    struct service_host *host = arena_new(arena, struct service_host);
    struct service begin = begin_with(call, stored);
    struct office_form *form = service_form_make(call, heading);
    str address = stored ? str_printf(arena, "%.*s?form=json",
                                      STR_ARG(office_path(call, "/backoffice/services/", stored->id)))
                         : S("/backoffice/services/new?example=basemap");
    form->lead = office_say(call, MSG_BACKOFFICE_BASEMAP_LEAD);
    struct fields fields = add_fields(form, &begin);
    form->below = service_preview_html(call, stored, true, false, MSG_BACKOFFICE_BASEMAP_JSON, address);
    if (!office_is_post(call)) {
        return form_send(form);
    }
    struct service service = read_fields(form, &fields, &begin, host);
    if (!stored) {
        service.id = str_slice(content_slug_of(arena, service.name), 0, ID_BYTES);
        service.id = str_ends(service.id, S("-")) ? str_slice(service.id, 0, service.id.n - 1) : service.id;
        service.id = service.id.n ? service.id : S("base-map"); /* names of other scripts may have no letter for it */
    }
    if (form->has_faults) {
        return form_send(form);
    }
    return service_form_finish(form, fields.name, service_document(arena, &service), stored, MSG_BACKOFFICE_BASEMAP_JSON,
                               address);
}
