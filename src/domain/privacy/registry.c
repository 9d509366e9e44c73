#include "domain/privacy/internal.h"

/* ---- cookies ---- */

static const struct cookie_entry entries[COOKIE__COUNT] = {
#define SERVER "server"
#define SCRIPT "script"
#define COOKIE(id, name, purpose, http_only, same_site, max_age, set_by, key)                      \
    [COOKIE_##id] = {name,                                                                         \
                     PURPOSE_##purpose,                                                            \
                     http_only,                                                                    \
                     same_site,                                                                    \
                     max_age,                                                                      \
                     MSG_COOKIE_##id##_FUNCTION,                                                   \
                     MSG_COOKIE_##id##_PURPOSE,                                                    \
                     MSG_COOKIE_##id##_WHEN,                                                       \
                     set_by},
#include "domain/privacy/cookies.def"
#undef COOKIE
#undef SERVER
#undef SCRIPT
};

const struct cookie_entry *cookie_entry(enum cookie_id id)
{
    bug_if((unsigned)id >= COOKIE__COUNT);
    return &entries[id];
}

enum cookie_id cookie_find(str name)
{
    int id = 0;
    while (id < COOKIE__COUNT && !str_eq(name, str_from(entries[id].name))) {
        id++;
    }
    return (enum cookie_id)id;
}

/* ---- names ---- */

static const struct {
    const char *name;
    enum message title, text;
} purposes[PURPOSE__COUNT] = {
    [PURPOSE_NECESSARY] = {"necessary", MSG_PURPOSE_NECESSARY_TITLE, MSG_PURPOSE_NECESSARY_TEXT},
    [PURPOSE_STATISTICAL] = {"statistical", MSG_PURPOSE_STATISTICAL_TITLE,
                             MSG_PURPOSE_STATISTICAL_TEXT},
    [PURPOSE_CONTENT] = {"content", MSG_PURPOSE_CONTENT_TITLE, MSG_PURPOSE_CONTENT_TEXT},
};

const char *purpose_name(enum purpose purpose)
{
    bug_if((unsigned)purpose >= PURPOSE__COUNT);
    return purposes[purpose].name;
}

enum purpose purpose_find(str name)
{
    int purpose = 0;
    while (purpose < PURPOSE__COUNT && !str_eq(name, str_from(purposes[purpose].name))) {
        purpose++;
    }
    return (enum purpose)purpose;
}

enum message purpose_title(enum purpose purpose)
{
    bug_if((unsigned)purpose >= PURPOSE__COUNT);
    return purposes[purpose].title;
}

enum message purpose_text(enum purpose purpose)
{
    bug_if((unsigned)purpose >= PURPOSE__COUNT);
    return purposes[purpose].text;
}

static const struct {
    const char *name;
    enum message title;
} loads[LOAD__COUNT] = {
    [LOAD_FRAME] = {"frame", MSG_LOAD_FRAME},       [LOAD_IMAGE] = {"image", MSG_LOAD_IMAGE},
    [LOAD_SCRIPT] = {"script", MSG_LOAD_SCRIPT},    [LOAD_STYLE] = {"style", MSG_LOAD_STYLE},
    [LOAD_FONT] = {"font", MSG_LOAD_FONT},          [LOAD_MEDIA] = {"media", MSG_LOAD_MEDIA},
    [LOAD_CONNECT] = {"connect", MSG_LOAD_CONNECT},
};

const char *load_name(enum load load)
{
    bug_if((unsigned)load >= LOAD__COUNT);
    return loads[load].name;
}

enum message load_title(enum load load)
{
    bug_if((unsigned)load >= LOAD__COUNT);
    return loads[load].title;
}

enum message party_title(enum party party)
{
    return party == PARTY_FIRST ? MSG_PARTY_FIRST : MSG_PARTY_THIRD;
}

/* ---- services ---- */

const struct service *registry_service(const struct registry *registry, str id)
{
    for (size_t i = 0; i < registry->service_count; i++) {
        if (str_eq(registry->services[i].id, id)) {
            return &registry->services[i];
        }
    }
    return NULL;
}

const struct service_embed *registry_embed(const struct registry *registry, str id,
                                           const struct service **ret_service)
{
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        for (size_t j = 0; j < service->embed_count; j++) {
            if (str_eq(service->embeds[j].id, id)) {
                *ret_service = service;
                return &service->embeds[j];
            }
        }
    }
    return NULL;
}

/* A declared name may end with "*". */
static bool names(str pattern, str name)
{
    return str_ends(pattern, S("*")) ? str_starts(name, str_slice(pattern, 0, pattern.n - 1))
                                     : str_eq(pattern, name);
}

const struct service_cookie *registry_cookie(const struct registry *registry, str name,
                                             const struct service **ret_service)
{
    for (size_t i = 0; i < registry->service_count; i++) {
        const struct service *service = &registry->services[i];
        for (size_t j = 0; j < service->cookie_count; j++) {
            const struct service_cookie *cookie = &service->cookies[j];
            if (cookie->party == PARTY_FIRST && names(cookie->name, name) &&
                cookie_find(name) == COOKIE__COUNT) {
                *ret_service = service;
                return cookie;
            }
        }
    }
    return NULL;
}

bool registry_needs_consent(const struct registry *registry)
{
    return registry->service_count > 0;
}
