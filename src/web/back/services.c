/* External services: the list, and their declarations as JSON, with what visitors will be shown. */
#include "base/vec.h"
#include "web/back/form.h"
#include "web/back/routes.h"
#include "web/back/service_example.h"
#include "web/back/service_form.h"

#define DOCUMENT_ROWS 24

struct service_item {
    str address, id, name, provider, purpose, hosts, remove_address;
};

struct services_page {
    bool found;
    int64_t revision;
    struct tpl_list services;
};

static const struct tpl_member item_members[] = {
    TPL_URL(struct service_item, address),       TPL_TEXT(struct service_item, id),
    TPL_TEXT(struct service_item, name),         TPL_TEXT(struct service_item, provider),
    TPL_TEXT(struct service_item, purpose),      TPL_TEXT(struct service_item, hosts),
    TPL_URL(struct service_item, remove_address)};
static const struct tpl_struct item_struct = TPL_STRUCT(struct service_item, item_members);

static const struct tpl_member services_members[] = {
    TPL_BOOL(struct services_page, found), TPL_INT(struct services_page, revision),
    TPL_LIST(struct services_page, services, item_struct)};
static const struct tpl_struct services_struct = TPL_STRUCT(struct services_page, services_members);
const struct tpl_binding services_template = {"back/services", &services_struct};

enum err back_services(struct call *call)
{
    const struct registry *registry = call->registry;
    struct service_item *items =
        arena_array(&call->scope->arena, struct service_item, registry->service_count + 1);
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        str address = office_path(call, "/backoffice/services/", service->id);
        items[i] = (struct service_item){
            .address = address,
            .id = service->id,
            .name = service->name,
            .provider = service->provider,
            .purpose = office_say(call, purpose_title(service->purpose)),
            .hosts = str_join(&call->scope->arena, service->hosts, service->host_count,
                              sizeof(*service->hosts), S(" ")),
            .remove_address = str_printf(&call->scope->arena, "%.*s/remove", STR_ARG(address))};
    }
    struct services_page page = {.found = registry->service_count > 0,
                                 .revision = registry->revision,
                                 .services = {items, registry->service_count}};
    return office_send(
        call, &(struct office_page){.section = SECTION_SERVICES,
                                    .title = office_say(call, MSG_BACKOFFICE_SERVICES_TITLE),
                                    .body = &services_template,
                                    .data = &page});
}

/* ---- what visitors will be shown ---- */

struct preview_line {
    str name, text, detail;
};

struct preview {
    bool shown, asks_again, stays, is_short;
    str other, other_address; /* another form for the same */
    str name, provider, location, policy_url, purpose, purpose_text, description, script, basemap;
    bool has_cookies, has_embeds;
    struct tpl_list hosts, cookies, embeds;
};

static const struct tpl_member line_members[] = {TPL_TEXT(struct preview_line, name),
                                                 TPL_TEXT(struct preview_line, text),
                                                 TPL_TEXT(struct preview_line, detail)};
static const struct tpl_struct line_struct = TPL_STRUCT(struct preview_line, line_members);

static const struct tpl_member preview_members[] = {TPL_BOOL(struct preview, shown),
                                                    TPL_BOOL(struct preview, asks_again),
                                                    TPL_BOOL(struct preview, stays),
                                                    TPL_BOOL(struct preview, is_short),
                                                    TPL_TEXT(struct preview, other),
                                                    TPL_URL(struct preview, other_address),
                                                    TPL_TEXT(struct preview, name),
                                                    TPL_TEXT(struct preview, provider),
                                                    TPL_TEXT(struct preview, location),
                                                    TPL_URL(struct preview, policy_url),
                                                    TPL_TEXT(struct preview, purpose),
                                                    TPL_TEXT(struct preview, purpose_text),
                                                    TPL_TEXT(struct preview, description),
                                                    TPL_TEXT(struct preview, script),
                                                    TPL_TEXT(struct preview, basemap),
                                                    TPL_BOOL(struct preview, has_cookies),
                                                    TPL_BOOL(struct preview, has_embeds),
                                                    TPL_LIST(struct preview, hosts, line_struct),
                                                    TPL_LIST(struct preview, cookies, line_struct),
                                                    TPL_LIST(struct preview, embeds, line_struct)};
static const struct tpl_struct preview_struct = TPL_STRUCT(struct preview, preview_members);
const struct tpl_binding service_preview_template = {"back/service_preview", &preview_struct};

static str loads_text(struct call *call, unsigned loads)
{
    struct buf out cleanup_with(buf_cleanup) = {0};
    for (int load = 0; load < LOAD__COUNT; load++) {
        if (loads >> load & 1) {
            buf_add(&out, out.n ? S(", ") : S(""));
            buf_add(&out, office_say(call, load_title((enum load)load)));
        }
    }
    return buf_copy(&out, &call->scope->arena);
}

static void fill_lists(struct call *call, const struct service *service, struct preview *preview)
{
    struct arena *arena = &call->scope->arena;
    struct preview_line *hosts = arena_array(arena, struct preview_line, service->host_count + 1);
    struct preview_line *cookies =
        arena_array(arena, struct preview_line, service->cookie_count + 1);
    struct preview_line *embeds = arena_array(arena, struct preview_line, service->embed_count + 1);
    for (size_t i = 0; i < service->host_count; i++) {
        hosts[i] = (struct preview_line){service->hosts[i].origin,
                                         loads_text(call, service->hosts[i].loads), S("")};
    }
    for (size_t i = 0; i < service->cookie_count; i++) {
        const struct service_cookie *cookie = &service->cookies[i];
        cookies[i] = (struct preview_line){
            cookie->name, translated_text(&cookie->purpose, call->language), cookie->lifetime};
    }
    for (size_t i = 0; i < service->embed_count; i++) {
        const struct service_embed *embed = &service->embeds[i];
        embeds[i] =
            (struct preview_line){translated_text(&embed->title, call->language), embed->address,
                                  str_printf(arena, "/embedded/%.*s", STR_ARG(embed->id))};
    }
    preview->hosts = (struct tpl_list){hosts, service->host_count};
    preview->cookies = (struct tpl_list){cookies, service->cookie_count};
    preview->embeds = (struct tpl_list){embeds, service->embed_count};
    preview->has_cookies = service->cookie_count > 0;
    preview->has_embeds = service->embed_count > 0;
}

struct html service_preview_html(struct call *call, const struct service *service, bool is_stored, bool asks_again,
                                 enum message other, str other_address)
{
    struct preview preview = {0};
    if (service) {
        preview =
            (struct preview){.shown = true,
                             .asks_again = !is_stored && asks_again,
                             .stays = !is_stored && !asks_again,
                             .name = service->name,
                             .provider = service->provider,
                             .location = service->location,
                             .policy_url = service->policy_url,
                             .purpose = office_say(call, purpose_title(service->purpose)),
                             .purpose_text = office_say(call, purpose_text(service->purpose)),
                             .description = translated_text(&service->description, call->language),
                             .script = service->script,
                             .basemap = service->basemap.tiles};
        fill_lists(call, service, &preview);
    }
    preview.is_short = other == MSG_BACKOFFICE_BASEMAP_JSON; /* whose fields say themselves what they mean */
    preview.other = other == MESSAGE_NONE ? S("") : office_say(call, other);
    preview.other_address = other_address;
    return tpl_html(call->scope, call->app->tpl, &service_preview_template, call->language,
                    &preview);
}

/* ---- declaring ---- */

static const char skeleton[] =
    "{\n"
    "  \"id\": \"\",\n"
    "  \"name\": \"\",\n"
    "  \"provider\": \"\",\n"
    "  \"location\": \"\",\n"
    "  \"policy_url\": \"https://\",\n"
    "  \"purpose\": \"content\",\n"
    "  \"description\": {\"en\": \"\", \"fr\": \"\"},\n"
    "  \"hosts\": [{\"origin\": \"https://\", \"loads\": [\"frame\"]}],\n"
    "  \"cookies\": [],\n"
    "  \"embeds\": []\n"
    "}\n";

/* Faults of the document name member and place; like the members they are in English. */
static enum err check_document(struct office_form *form, struct form_field *field, str document,
                               const struct service *stored, struct service *ret_service, bool *ret_asks_again)
{
    struct call *call = form->call;
    enum err result = service_preview(call->scope, call->app->privacy, document, ret_service, ret_asks_again);
    if (result == ERR_METADATA || result == ERR_CONFLICT) {
        form_fault(form, field,
                   office_tell(call, MSG_BACKOFFICE_FAULT_DOCUMENT, ARG_TEXT("reason", call->scope->failure.message)));
        scope_forgive(call->scope);
        return ERR_OK;
    }
    TRY(result);
    if (stored && !str_eq(stored->id, ret_service->id)) {
        form_fault(form, field, office_tell(call, MSG_BACKOFFICE_FAULT_SERVICE_ID, ARG_TEXT("id", stored->id)));
    }
    if (!stored && registry_service(call->registry, ret_service->id)) {
        form_fault(form, field, office_tell(call, MSG_BACKOFFICE_FAULT_SERVICE_TAKEN, ARG_TEXT("id", ret_service->id)));
    }
    return ERR_OK;
}

enum err service_form_finish(struct office_form *form, struct form_field *field, str document,
                             const struct service *stored, enum message other, str other_address)
{
    struct call *call = form->call;
    struct service service;
    bool asks_again = false;
    str id;
    TRY(check_document(form, field, document, stored, &service, &asks_again));
    if (form->has_faults) {
        return form_send(form);
    }
    if (form_has(&call->form, S("preview"))) {
        form->below = service_preview_html(call, &service, false, asks_again, other, other_address);
        return form_send(form);
    }
    TRY(service_put(call->scope, call->app->privacy, document, &id));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "service.put", id,
              asks_again ? S("visitors are asked again") : S(""));
    return office_done(call, S("/backoffice/services"),
                       asks_again ? MSG_BACKOFFICE_DONE_SERVICE_ASKED : MSG_BACKOFFICE_DONE_SERVICE);
}

struct office_form *service_form_make(struct call *call, str heading)
{
    struct office_form *form = form_make(call, SECTION_SERVICES, heading, office_say(call, MSG_BACKOFFICE_SAVE),
                                         S("/backoffice/services"));
    form->lead = office_say(call, MSG_BACKOFFICE_SERVICE_LEAD);
    form->second_name = S("preview");
    form->second = office_say(call, MSG_BACKOFFICE_SERVICE_PREVIEW);
    form->has_preview = true;
    return form;
}

/* The whole declaration, as JSON. */
static enum err declare(struct call *call, str heading, const struct service *stored)
{
    struct arena *arena = &call->scope->arena;
    struct office_form *form = service_form_make(call, heading);
    bool has_short = stored && basemap_is_simple(stored);
    enum message other = has_short ? MSG_BACKOFFICE_BASEMAP_SHORT : MESSAGE_NONE;
    str address = has_short ? office_path(call, "/backoffice/services/", stored->id) : S("");
    struct form_field *document =
        form_area(form, "document", MSG_BACKOFFICE_FIELD_DOCUMENT, MSG_BACKOFFICE_FIELD_DOCUMENT_HINT, DOCUMENT_ROWS,
                  stored                                                 ? service_document(arena, stored)
                  : str_eq(call_query(call, S("example")), S("basemap")) ? service_example_document(arena)
                                                                         : str_from(skeleton));
    form->below = service_preview_html(call, stored, true, false, other, address);
    return office_is_post(call) ? service_form_finish(form, document, document->value, stored, other, address)
                                : form_send(form);
}

static enum err find_service(struct call *call, const struct service **ret_service)
{
    *ret_service = registry_service(call->registry, call->path_values[0]);
    return *ret_service ? ERR_OK : fail(call->scope, ERR_NO_SERVICE, "There is no such service.");
}

enum err back_service_new(struct call *call)
{
    if (str_eq(call_query(call, S("form")), S("basemap")) && !form_has(&call->form, S("document"))) {
        return basemap_declare(call, office_say(call, MSG_BACKOFFICE_BASEMAP_ADD), NULL);
    }
    return declare(call, office_say(call, MSG_BACKOFFICE_SERVICE_NEW_TITLE), NULL);
}

enum err back_service(struct call *call)
{
    const struct service *service;
    TRY(find_service(call, &service));
    bool is_whole = str_eq(call_query(call, S("form")), S("json")) || form_has(&call->form, S("document"));
    return basemap_is_simple(service) && !is_whole ? basemap_declare(call, service->name, service)
                                                   : declare(call, service->name, service);
}

enum err back_service_remove(struct call *call)
{
    const struct service *service;
    TRY(find_service(call, &service));
    if (!office_is_post(call)) {
        return form_confirm(
            call, SECTION_SERVICES,
            office_tell(call, MSG_BACKOFFICE_SERVICE_REMOVE_TITLE, ARG_TEXT("name", service->name)),
            office_say(call, MSG_BACKOFFICE_SERVICE_REMOVE_TEXT),
            office_say(call, MSG_BACKOFFICE_SERVICE_REMOVE_SUBMIT), S("/backoffice/services"),
            S(""));
    }
    TRY(service_remove(call->scope, call->app->privacy, service->id));
    audit_add(call->scope, call->app->identity, call->actor, &call->origin, "service.remove",
              service->id, S(""));
    return office_done(call, S("/backoffice/services"), MSG_BACKOFFICE_DONE_SERVICE_REMOVED);
}
