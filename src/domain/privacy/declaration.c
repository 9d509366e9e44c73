/* The machine-readable declaration (docs/privacy.md, docs/cookies-declaration.schema.json). */
#include "domain/privacy/internal.h"

static json_t *in_all_languages(enum message message)
{
    json_t *texts = json_object();
    for (language i = 0; i < language_count(); i++) {
        json_put(texts, language_code(i).p, json_from(message_plain(i, message)));
    }
    return texts;
}

static json_t *languages_json(void)
{
    json_t *languages = json_array();
    for (language i = 0; i < language_count(); i++) {
        json_push(languages, json_from(language_code(i)));
    }
    return languages;
}

static json_t *purposes_json(const struct service_list *services)
{
    json_t *purposes = json_array();
    for (int i = 0; i < PURPOSE__COUNT; i++) {
        json_t *purpose = json_object();
        bool in_use = i == PURPOSE_NECESSARY;
        for (size_t j = 0; j < services->count; j++) {
            in_use |= (int)services->items[j].purpose == i;
        }
        json_put(purpose, "id", json_string(purpose_name((enum purpose)i)));
        json_put(purpose, "needs_consent", json_boolean(i != PURPOSE_NECESSARY));
        json_put(purpose, "in_use", json_boolean(in_use));
        json_put(purpose, "title", in_all_languages(purpose_title((enum purpose)i)));
        json_put(purpose, "text", in_all_languages(purpose_text((enum purpose)i)));
        json_push(purposes, purpose);
    }
    return purposes;
}

static json_t *own_cookie_json(const struct privacy *privacy, enum cookie_id id)
{
    const struct cookie_entry *entry = cookie_entry(id);
    json_t *cookie = json_object();
    json_t *offices = json_array();
    json_push(offices, json_string("front"));
    json_push(offices, json_string("back"));
    json_put(cookie, "name", json_string(entry->name));
    json_put(cookie, "provider",
             json_from(privacy->controller.n ? privacy->controller : privacy->public_url));
    json_put(cookie, "function", in_all_languages(entry->function));
    json_put(cookie, "location", in_all_languages(MSG_COOKIE_LOCATION));
    json_put(cookie, "purpose", json_string(purpose_name(entry->purpose)));
    json_put(cookie, "purpose_text", in_all_languages(entry->purpose_text));
    json_put(cookie, "when", in_all_languages(entry->when));
    json_put(cookie, "party", json_string("first"));
    json_put(cookie, "where", offices);
    json_put(cookie, "set_by", json_string(entry->set_by));
    json_put(cookie, "max_age_seconds",
             json_integer(id == COOKIE_PREFERENCES ? privacy->consent_seconds : entry->max_age));
    json_put(cookie, "http_only", json_boolean(entry->http_only));
    json_put(cookie, "same_site", json_string(entry->same_site));
    json_put(cookie, "secure", json_boolean(privacy->is_https));
    json_put(cookie, "path", json_string("/"));
    return cookie;
}

static json_t *cookies_json(const struct privacy *privacy)
{
    json_t *cookies = json_array();
    for (int i = 0; i < COOKIE__COUNT; i++) {
        json_push(cookies, own_cookie_json(privacy, (enum cookie_id)i));
    }
    return cookies;
}

/* As declared by the administrator; each cookie says by itself whose it is. */
static json_t *services_json(const struct service_list *services)
{
    json_t *list = json_array();
    for (size_t i = 0; i < services->count; i++) {
        const struct service *service = &services->items[i];
        json_t *object = service_json(service);
        json_t *cookies = json_object_get(object, "cookies");
        for (size_t j = 0; j < json_array_size(cookies); j++) {
            json_t *cookie = json_array_get(cookies, j);
            bool is_ours = service->cookies[j].party == PARTY_FIRST;
            json_put(cookie, "party", json_string(is_ours ? "first" : "third"));
            json_put(cookie, "provider", json_from(service->provider));
            json_put(cookie, "location", json_from(service->location));
        }
        json_put(object, "number", json_integer(service->number));
        json_push(list, object);
    }
    return list;
}

/* What else a page could keep in a browser: nothing, and that is a promise. */
static json_t *storage_json(void)
{
    static const char *const kinds[] = {"local_storage", "session_storage", "indexed_db",
                                        "cache_storage", "service_workers"};
    json_t *storage = json_object();
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        json_put(storage, kinds[i], json_array());
    }
    return storage;
}

static json_t *consent_json(const struct privacy *privacy, const struct service_list *services)
{
    json_t *consent = json_object();
    json_put(consent, "needed", json_boolean(services->count > 0));
    json_put(consent, "cookie", json_string(cookie_entry(COOKIE_PREFERENCES)->name));
    json_put(consent, "lifetime_seconds", json_integer(privacy->consent_seconds));
    json_t *signals = json_array();
    json_push(signals, json_string("Sec-GPC"));
    json_push(signals, json_string("DNT"));
    json_put(consent, "refusal_signals", signals);
    return consent;
}

/* The words in which visitors are asked; frozen with each revision. */
static json_t *banner_json(void)
{
    static const struct {
        const char *name;
        enum message message;
    } texts[] = {{"title", MSG_BANNER_TITLE},
                 {"text", MSG_BANNER_TEXT},
                 {"accept", MSG_COOKIES_ACCEPT},
                 {"refuse", MSG_COOKIES_REFUSE},
                 {"choose", MSG_BANNER_CHOOSE}};
    json_t *banner = json_object();
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        json_put(banner, texts[i].name, in_all_languages(texts[i].message));
    }
    return banner;
}

static json_t *receipt_key_json(struct arena *arena, const struct privacy *privacy)
{
    json_t *key = json_object();
    json_put(key, "algorithm", json_string("Ed25519"));
    json_put(key, "key_id", json_from(receipt_key_id(arena, privacy->public_key)));
    json_put(key, "base64url",
             json_from(base64_encode(arena, privacy->public_key, PUBLIC_KEY_BYTES)));
    json_put(key, "hex", json_from(hex_encode(arena, privacy->public_key, PUBLIC_KEY_BYTES)));
    return key;
}

str declaration_make(struct scope *scope, const struct privacy *privacy,
                     const struct service_list *services, int64_t revision, usec began,
                     str *ret_hash)
{
    struct arena *arena = &scope->arena;
    uint8_t digest[DIGEST_BYTES];
    json_t *document cleanup_with(json_cleanup) = json_object();
    json_put(document, "schema", json_string("parvis-cookies-1"));
    json_put(document, "controller", json_from(privacy->controller));
    json_put(document, "portal", json_from(privacy->public_url));
    json_put(document, "revision", json_integer(revision));
    json_put(document, "revision_began", json_from(instant_text(arena, began)));
    json_put(document, "languages", languages_json());
    json_put(document, "consent", consent_json(privacy, services));
    json_put(document, "banner", banner_json());
    json_put(document, "purposes", purposes_json(services));
    json_put(document, "cookies", cookies_json(privacy));
    json_put(document, "services", services_json(services));
    json_put(document, "storage", storage_json());
    json_put(document, "receipt_key", receipt_key_json(arena, privacy));
    digest_sha256(json_canonical(arena, document), digest);
    *ret_hash = hex_encode(arena, digest, DIGEST_BYTES);
    json_put(document, "hash", json_from(*ret_hash));
    return json_canonical(arena, document);
}
