#include "base/clock.h"
#include "web/front/privacy_pages.h"

static const struct tpl_member cookie_members[] = {
    TPL_TEXT(struct cookie_view, name),      TPL_TEXT(struct cookie_view, function),
    TPL_TEXT(struct cookie_view, purpose),   TPL_TEXT(struct cookie_view, when),
    TPL_TEXT(struct cookie_view, lifetime),  TPL_TEXT(struct cookie_view, category),
    TPL_TEXT(struct cookie_view, party),     TPL_TEXT(struct cookie_view, set_by),
    TPL_TEXT(struct cookie_view, same_site), TPL_BOOL(struct cookie_view, http_only)};
const struct tpl_struct cookie_struct = TPL_STRUCT(struct cookie_view, cookie_members);

static const struct tpl_member service_cookie_members[] = {
    TPL_TEXT(struct service_cookie_view, name), TPL_TEXT(struct service_cookie_view, lifetime),
    TPL_TEXT(struct service_cookie_view, purpose), TPL_BOOL(struct service_cookie_view, by_script)};
const struct tpl_struct service_cookie_struct =
    TPL_STRUCT(struct service_cookie_view, service_cookie_members);

static const struct tpl_member service_members[] = {
    TPL_TEXT(struct service_view, id),
    TPL_TEXT(struct service_view, name),
    TPL_TEXT(struct service_view, provider),
    TPL_TEXT(struct service_view, location),
    TPL_TEXT(struct service_view, description),
    TPL_URL(struct service_view, policy_url),
    TPL_TEXT(struct service_view, hosts),
    TPL_TEXT(struct service_view, category),
    TPL_TEXT(struct service_view, cookie_names),
    TPL_BOOL(struct service_view, allowed),
    TPL_BOOL(struct service_view, checked),
    TPL_BOOL(struct service_view, has_script),
    TPL_LIST(struct service_view, cookies, service_cookie_struct)};
const struct tpl_struct service_struct = TPL_STRUCT(struct service_view, service_members);

/* ---- cookies ---- */

static str lifetime_of(struct call *call, enum cookie_id id, const struct cookie_entry *entry)
{
    struct arena *arena = &call->scope->arena;
    int64_t seconds =
        id == COOKIE_PREFERENCES ? consent_lifetime(call->app->privacy) : entry->max_age;
    if (seconds == 0) {
        return front_text(call, MSG_POLICY_LIFETIME_BROWSER);
    }
    str span = format_duration(arena, call->language, seconds * USEC_SECOND);
    if (id != COOKIE_SESSION) {
        return span;
    }
    /* That long only with "remember me". */
    struct message_argument most = ARG_TEXT("lifetime", span);
    return message_text(arena, call->language, MSG_POLICY_LIFETIME_SESSION, &most, 1);
}

struct cookie_view cookie_view(struct call *call, enum cookie_id id)
{
    const struct cookie_entry *entry = cookie_entry(id);
    bool by_script = str_eq(str_from(entry->set_by), S("script"));
    return (struct cookie_view){
        .name = str_from(entry->name),
        .function = front_text(call, entry->function),
        .purpose = front_text(call, entry->purpose_text),
        .when = front_text(call, entry->when),
        .lifetime = lifetime_of(call, id, entry),
        .category = front_text(call, purpose_title(entry->purpose)),
        .party = front_text(call, party_title(PARTY_FIRST)),
        .set_by = front_text(call, by_script ? MSG_POLICY_BY_SCRIPT : MSG_POLICY_BY_SERVER),
        .same_site = str_from(entry->same_site),
        .http_only = entry->http_only};
}

struct tpl_list cookie_views(struct call *call, bool all)
{
    struct cookie_view *views = arena_array(&call->scope->arena, struct cookie_view, COOKIE__COUNT);
    size_t count = 0;
    for (enum cookie_id id = 0; id < COOKIE__COUNT; id++) {
        if (all || cookie_entry(id)->purpose == PURPOSE_NECESSARY) {
            views[count++] = cookie_view(call, id);
        }
    }
    return (struct tpl_list){views, count};
}

/* ---- services ---- */

struct tpl_list service_cookie_views(struct call *call, const struct service *service)
{
    struct service_cookie_view *views =
        arena_array(&call->scope->arena, struct service_cookie_view, service->cookie_count + 1);
    for (size_t i = 0; i < service->cookie_count; i++) {
        const struct service_cookie *cookie = &service->cookies[i];
        views[i] = (struct service_cookie_view){cookie->name, cookie->lifetime,
                                                translated_text(&cookie->purpose, call->language),
                                                cookie->party == PARTY_FIRST};
    }
    return (struct tpl_list){views, service->cookie_count};
}

static str join(struct call *call, const void *items, size_t count, size_t stride)
{
    return str_join(&call->scope->arena, items, count, stride, S(", "));
}

static struct service_view service_view(struct call *call, const struct service *service)
{
    const struct consent *consent = &call->consent;
    return (struct service_view){
        .id = service->id,
        .name = service->name,
        .provider = service->provider,
        .location = service->location,
        .description = translated_text(&service->description, call->language),
        .policy_url = service->policy_url,
        .hosts = join(call, service->hosts, service->host_count, sizeof(*service->hosts)),
        .category = front_text(call, purpose_title(service->purpose)),
        .allowed = consent_allows(consent, service),
        .checked = consent->chosen && (consent->services >> service->number & 1),
        .cookie_names =
            join(call, service->cookies, service->cookie_count, sizeof(*service->cookies)),
        .has_script = service->script.n > 0,
        .cookies = service_cookie_views(call, service)};
}

struct tpl_list service_views(struct call *call, enum purpose purpose)
{
    const struct registry *registry = call->registry;
    struct service_view *views =
        arena_array(&call->scope->arena, struct service_view, registry->service_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        if (purpose == PURPOSE__COUNT || service->purpose == purpose) {
            views[count++] = service_view(call, service);
        }
    }
    return (struct tpl_list){views, count};
}

bool purpose_is_used(const struct registry *registry, enum purpose purpose)
{
    for (size_t i = 0; i < registry->service_count; i++) {
        if (registry->services[i].purpose == purpose) {
            return true;
        }
    }
    return false;
}
