/* A service's declaration: JSON to struct, with errors that name the place. The way back: service_json.c. */
#include "base/utf8.h"
#include "base/vec.h"
#include "domain/privacy/internal.h"
#include "domain/privacy/origin.h"

#define TEXT_BYTES 1000
#define NAME_BYTES 200
#define ADDRESS_BYTES 2000
#define HOSTS_MOST 32
#define COOKIES_MOST 64
#define EMBEDS_MOST 64
#define HEIGHT_LEAST 50
#define HEIGHT_MOST 4000
#define HEIGHT_DEFAULT 400
#define BASEMAP_ZOOM_DEFAULT 19
#define BASEMAP_ZOOM_HIGHEST 22

/* One object of the document, and where it stands: "" or "hosts[0]". */
struct place {
    struct scope *scope;
    enum err code;
    bool is_strict;
    const json_t *object;
    str path;
};

static str member_path(const struct place *place, const char *member)
{
    return str_printf(&place->scope->arena, "%.*s%s%s", STR_ARG(place->path),
                      place->path.n ? "." : "", member);
}

static enum err wrong(const struct place *place, const char *member, const char *what)
{
    return fail(place->scope, place->code, "service: %.*s: %s", STR_ARG(member_path(place, member)),
                what);
}

static enum err check_object(const struct place *place, const char *const *known)
{
    struct arena *arena = &place->scope->arena;
    const char *member;
    json_t *value;
    if (!json_is_object(place->object)) {
        return fail(place->scope, place->code, "service: %.*s: an object is expected",
                    STR_ARG(place->path.n ? place->path : S("document")));
    }
    json_object_foreach((json_t *)(uintptr_t)place->object, member, value) {
        str names = S("");
        bool is_known = false;
        for (size_t i = 0; known[i]; i++) {
            is_known |= str_eq(str_from(known[i]), str_from(member));
            names = str_printf(arena, "%.*s%s%s", STR_ARG(names), i ? ", " : "", known[i]);
        }
        if (!is_known) {
            str shown = utf8_truncate(str_from(member), 60);
            return wrong(
                place, str_cz(arena, shown),
                str_printf(arena, "this member is not known; there are %.*s", STR_ARG(names)).p);
        }
    }
    return ERR_OK;
}

/* ---- texts ---- */

static enum err check_text(const struct place *place, const char *member, const json_t *value,
                           size_t most, str *ret_text)
{
    str text = json_read_text(value);
    if (!text.p) {
        return wrong(place, member, value ? "a text is expected" : "it is missing");
    }
    text = str_trim(text);
    if (text.n == 0 || text.n > most || !utf8_is_line(text)) {
        return wrong(place, member,
                     str_printf(&place->scope->arena,
                                "a text of 1 to %zu bytes without line breaks is expected", most)
                         .p);
    }
    *ret_text = str_copy(&place->scope->arena, text);
    return ERR_OK;
}

static enum err read_text(const struct place *place, const char *member, size_t most, str *ret_text)
{
    return check_text(place, member, json_object_get(place->object, member), most, ret_text);
}

static enum err read_id(const struct place *place, const char *member, str *ret_id)
{
    TRY(read_text(place, member, 40, ret_id));
    for (size_t i = 0; i < ret_id->n; i++) {
        char c = ret_id->p[i];
        if (!(c >= 'a' && c <= 'z') && !is_ascii_digit(c) && c != '-') {
            return wrong(place, member, "1 to 40 of a-z 0-9 - are expected");
        }
    }
    return ERR_OK;
}

static enum err read_translated(const struct place *place, const char *member,
                                struct translated *ret_translated)
{
    const json_t *texts = json_object_get(place->object, member);
    struct place inside = {place->scope, place->code, place->is_strict, texts,
                           member_path(place, member)};
    const char *code;
    json_t *value;
    size_t count = 0;
    if (!json_is_object(texts)) {
        return wrong(place, member,
                     texts ? "texts by language are expected, as in {\"en\": \"…\"}"
                           : "it is missing");
    }
    json_object_foreach((json_t *)(uintptr_t)texts, code, value) {
        language lang = language_exact(str_from(code));
        if (lang == LANGUAGE_NONE && place->is_strict) {
            str shown = utf8_truncate(str_from(code), 60);
            return wrong(&inside, str_cz(&place->scope->arena, shown),
                         "the portal does not offer this language");
        }
        if (lang != LANGUAGE_NONE) {
            TRY(check_text(&inside, code, value, TEXT_BYTES, &ret_translated->texts[lang]));
            count++;
        }
    }
    return count || !place->is_strict ? ERR_OK
                                      : wrong(place, member, "a text in one language is needed");
}

static enum err read_address(const struct place *place, const char *member, str *ret_address)
{
    TRY(read_text(place, member, ADDRESS_BYTES, ret_address));
    return address_is_good(*ret_address)
               ? ERR_OK
               : wrong(place, member,
                       "an address is expected that begins with https:// and a host in lower case "
                       "and has no blanks, quotes or user name");
}

/* ---- lists ---- */

typedef enum err (*read_item)(const struct place *place, void *list);

static enum err read_list(const struct place *place, const char *member, size_t least, size_t most,
                          read_item read, void *list)
{
    const json_t *items = json_object_get(place->object, member);
    size_t count = json_array_size(items);
    if (!items && least == 0) {
        return ERR_OK;
    }
    if (!json_is_array(items) || count < least || count > most) {
        return wrong(
            place, member,
            str_printf(&place->scope->arena, "a list of %zu to %zu is expected", least, most).p);
    }
    for (size_t i = 0; i < count; i++) {
        str path =
            str_printf(&place->scope->arena, "%.*s[%zu]", STR_ARG(member_path(place, member)), i);
        struct place inside = {place->scope, place->code, place->is_strict,
                               json_array_get(items, i), path};
        TRY(read(&inside, list));
    }
    return ERR_OK;
}

typedef VEC(struct service_host) host_list;
typedef VEC(struct service_cookie) cookie_list;
typedef VEC(struct service_embed) embed_list;

static enum err read_loads(const struct place *place, unsigned *ret_loads)
{
    const json_t *items = json_object_get(place->object, "loads");
    unsigned loads = 0;
    for (size_t i = 0; i < json_array_size(items); i++) {
        int load = 0;
        while (load < LOAD__COUNT && !str_eq(json_read_text(json_array_get(items, i)),
                                             str_from(load_name((enum load)load)))) {
            load++;
        }
        if (load == LOAD__COUNT || (loads >> load & 1)) {
            loads = 0;
            break;
        }
        loads |= 1u << load;
    }
    *ret_loads = loads;
    return loads ? ERR_OK
                 : wrong(place, "loads",
                         "a list of frame, image, script, style, font, media and connect is "
                         "expected, each at most once and at least one");
}

static enum err read_host(const struct place *place, void *list)
{
    static const char *const known[] = {"origin", "loads", NULL};
    host_list *hosts = list;
    struct service_host host;
    TRY(check_object(place, known));
    TRY(read_text(place, "origin", NAME_BYTES + 100, &host.origin));
    if (!origin_is_good(host.origin)) {
        return wrong(place, "origin",
                     "https:// and a host in lower case are expected, with a port if need be and "
                     "without path; its first label may be *");
    }
    for (size_t i = 0; i < hosts->count; i++) {
        if (str_eq(hosts->items[i].origin, host.origin)) {
            return wrong(place, "origin", "it is declared twice");
        }
    }
    TRY(read_loads(place, &host.loads));
    vec_add(&place->scope->arena, hosts, host);
    return ERR_OK;
}

static bool is_cookie_name(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool is_star = c == '*' && i + 1 == name.n && i > 0;
        if (!is_ascii_letter(c) && !is_ascii_digit(c) && !is_star &&
            str_find_char(S("!#$%&'+-.^_`|~"), c, 0) == SIZE_MAX) {
            return false;
        }
    }
    return name.n > 0;
}

static bool is_cookie_path(str path)
{
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        if (c <= ' ' || c >= 0x7F || str_find_char(S("\",;\\"), c, 0) != SIZE_MAX) {
            return false;
        }
    }
    return path.n > 0 && path.p[0] == '/';
}

static bool has_own_name(str pattern)
{
    str start = str_ends(pattern, S("*")) ? str_slice(pattern, 0, pattern.n - 1) : STR_NONE;
    bool found = cookie_find(pattern) != COOKIE__COUNT;
    for (enum cookie_id id = 0; id < COOKIE__COUNT; id++) {
        found |= start.n && str_starts(str_from(cookie_entry(id)->name), start);
    }
    return found;
}

/* What a script keeps under the portal's own name is the portal's to delete, so its place must be known. */
static enum err read_first_party(const struct place *place, struct service_cookie *cookie)
{
    cookie->path = S("/");
    cookie->domain = S("");
    if (!is_cookie_name(cookie->name)) {
        return wrong(place, "name", "the name of a cookie is expected; its end may be *");
    }
    if (has_own_name(cookie->name)) {
        return wrong(place, "name", "the portal has a cookie of this name itself");
    }
    if (json_object_get(place->object, "path")) {
        TRY(read_text(place, "path", NAME_BYTES, &cookie->path));
    }
    if (!is_cookie_path(cookie->path)) {
        return wrong(place, "path", "a path is expected that begins with /");
    }
    if (json_object_get(place->object, "domain")) {
        TRY(read_text(place, "domain", NAME_BYTES, &cookie->domain));
        if (!host_is_good(cookie->domain)) {
            return wrong(place, "domain", "a host in lower case is expected, without a dot in front");
        }
    }
    return ERR_OK;
}

static enum err read_party(const struct place *place, struct service_cookie *cookie)
{
    const json_t *value = json_object_get(place->object, "party");
    str party = value ? json_read_text(value) : S("third");
    if (!str_eq(party, S("first")) && !str_eq(party, S("third"))) {
        return wrong(place, "party", "first or third is expected");
    }
    if (str_eq(party, S("first"))) {
        cookie->party = PARTY_FIRST;
        return read_first_party(place, cookie);
    }
    cookie->party = PARTY_THIRD;
    for (size_t i = 0; i < 2; i++) {
        const char *member = i ? "domain" : "path";
        if (json_object_get(place->object, member)) {
            return wrong(place, member, "it is expected of cookies of the party first only");
        }
    }
    return ERR_OK;
}

static enum err read_cookie(const struct place *place, void *list)
{
    static const char *const known[] = {"name",  "lifetime", "purpose", "party",
                                        "path", "domain",   NULL};
    cookie_list *cookies = list;
    struct service_cookie cookie = {0};
    TRY(check_object(place, known));
    TRY(read_text(place, "name", NAME_BYTES, &cookie.name));
    for (size_t i = 0; i < cookies->count; i++) {
        if (str_eq(cookies->items[i].name, cookie.name)) {
            return wrong(place, "name", "it is declared twice");
        }
    }
    TRY(read_text(place, "lifetime", NAME_BYTES, &cookie.lifetime));
    TRY(read_translated(place, "purpose", &cookie.purpose));
    TRY(read_party(place, &cookie));
    vec_add(&place->scope->arena, cookies, cookie);
    return ERR_OK;
}

static enum err read_embed(const struct place *place, void *list)
{
    static const char *const known[] = {"id", "address", "title", "height", "on_home", NULL};
    embed_list *embeds = list;
    struct service_embed embed = {.height = HEIGHT_DEFAULT};
    const json_t *height = json_object_get(place->object, "height");
    const json_t *on_home = json_object_get(place->object, "on_home");
    TRY(check_object(place, known));
    TRY(read_id(place, "id", &embed.id));
    for (size_t i = 0; i < embeds->count; i++) {
        if (str_eq(embeds->items[i].id, embed.id)) {
            return wrong(place, "id", "it is declared twice");
        }
    }
    TRY(read_address(place, "address", &embed.address));
    TRY(read_translated(place, "title", &embed.title));
    if (height) {
        embed.height = json_integer_value(height);
        if (!json_is_integer(height) || embed.height < HEIGHT_LEAST || embed.height > HEIGHT_MOST) {
            return wrong(place, "height", "a whole number of pixels from 50 to 4000 is expected");
        }
    }
    if (on_home && !json_is_boolean(on_home)) {
        return wrong(place, "on_home", "true or false is expected");
    }
    embed.on_home = json_is_true(on_home);
    vec_add(&place->scope->arena, embeds, embed);
    return ERR_OK;
}

/* ---- the base map ---- */

static bool is_loaded_from(const host_list *hosts, str address, enum load load)
{
    for (size_t i = 0; i < hosts->count; i++) {
        if ((hosts->items[i].loads >> load & 1) && origin_covers(hosts->items[i].origin, address)) {
            return true;
        }
    }
    return false;
}

/* The address of the tile 0/0/0; p == NULL: a place is missing, or there twice. */
static str first_tile(struct arena *arena, str template)
{
    static const str places[] = {{"{z}", 3}, {"{x}", 3}, {"{y}", 3}};
    str address = template;
    for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
        size_t at = str_find(address, places[i], 0);
        if (at == SIZE_MAX) {
            return STR_NONE;
        }
        address = str_printf(arena, "%.*s0%.*s", STR_ARG(str_slice(address, 0, at)),
                             STR_ARG(str_slice(address, at + places[i].n, address.n)));
    }
    return address;
}

static enum err read_basemap(const struct place *place, const host_list *hosts, struct service_basemap *basemap)
{
    static const char *const known[] = {"title", "tiles", "attribution", "maxzoom", NULL};
    const json_t *zoom = json_object_get(place->object, "maxzoom");
    basemap->zoom_most = BASEMAP_ZOOM_DEFAULT;
    TRY(check_object(place, known));
    TRY(read_translated(place, "title", &basemap->title));
    TRY(read_text(place, "tiles", ADDRESS_BYTES, &basemap->tiles));
    TRY(read_text(place, "attribution", NAME_BYTES, &basemap->attribution));
    str first = first_tile(&place->scope->arena, basemap->tiles);
    if (!first.p || !address_is_good(first)) {
        return wrong(place, "tiles",
                     "an address is expected that begins with https:// and a host, with {z}, {x} and {y} once each");
    }
    if (!is_loaded_from(hosts, first, LOAD_CONNECT)) {
        return wrong(place, "tiles", "its host is not among hosts with the load connect");
    }
    if (zoom) {
        basemap->zoom_most = json_integer_value(zoom);
        if (!json_is_integer(zoom) || basemap->zoom_most < 1 || basemap->zoom_most > BASEMAP_ZOOM_HIGHEST) {
            return wrong(place, "maxzoom", "a whole number from 1 to 22 is expected");
        }
    }
    return ERR_OK;
}

/* ---- the whole ---- */

static enum err check_hosts(const struct place *place, const host_list *hosts,
                            const embed_list *embeds, str script)
{
    for (size_t i = 0; i < embeds->count; i++) {
        if (!is_loaded_from(hosts, embeds->items[i].address, LOAD_FRAME)) {
            str member = str_printf(&place->scope->arena, "embeds[%zu].address", i);
            return wrong(place, member.p, "its host is not among hosts with the load frame");
        }
    }
    return script.n == 0 || is_loaded_from(hosts, script, LOAD_SCRIPT)
               ? ERR_OK
               : wrong(place, "script", "its host is not among hosts with the load script");
}

static enum err read_purpose(const struct place *place, enum purpose *ret_purpose)
{
    enum purpose purpose = purpose_find(json_read_text(json_object_get(place->object, "purpose")));
    *ret_purpose = purpose;
    return purpose == PURPOSE_NECESSARY || purpose == PURPOSE__COUNT
               ? wrong(place, "purpose",
                       "statistical or content is expected; what is necessary the portal serves "
                       "itself")
               : ERR_OK;
}

static enum err read_document(const struct place *place, struct service *ret_service)
{
    static const char *const known[] = {"id",         "name",    "provider",    "location",
                                        "policy_url", "purpose", "description", "hosts",
                                        "cookies",    "embeds",  "script",      "basemap",
                                        NULL};
    const json_t *basemap = json_object_get(place->object, "basemap");
    struct service service = {.script = S(""), .basemap = {.tiles = S(""), .attribution = S("")}};
    host_list hosts = {0};
    cookie_list cookies = {0};
    embed_list embeds = {0};
    TRY(check_object(place, known));
    TRY(read_id(place, "id", &service.id));
    TRY(read_text(place, "name", NAME_BYTES, &service.name));
    TRY(read_text(place, "provider", NAME_BYTES, &service.provider));
    TRY(read_text(place, "location", NAME_BYTES, &service.location));
    TRY(read_address(place, "policy_url", &service.policy_url));
    TRY(read_purpose(place, &service.purpose));
    TRY(read_translated(place, "description", &service.description));
    TRY(read_list(place, "hosts", 1, HOSTS_MOST, read_host, &hosts));
    TRY(read_list(place, "cookies", 0, COOKIES_MOST, read_cookie, &cookies));
    TRY(read_list(place, "embeds", 0, EMBEDS_MOST, read_embed, &embeds));
    if (json_object_get(place->object, "script")) {
        TRY(read_address(place, "script", &service.script));
    }
    TRY(check_hosts(place, &hosts, &embeds, service.script));
    if (basemap) {
        struct place inside = {place->scope, place->code, place->is_strict, basemap, S("basemap")};
        TRY(read_basemap(&inside, &hosts, &service.basemap));
    }
    service.hosts = hosts.items;
    service.host_count = hosts.count;
    service.cookies = cookies.items;
    service.cookie_count = cookies.count;
    service.embeds = embeds.items;
    service.embed_count = embeds.count;
    *ret_service = service;
    return ERR_OK;
}

enum err service_read(struct scope *scope, enum err code, str json, bool is_strict,
                      struct service *ret_service)
{
    json_t *document cleanup_with(json_cleanup) = NULL;
    if (json.n > SERVICE_JSON_BYTES) {
        return fail(scope, code, "service: larger than %u bytes", SERVICE_JSON_BYTES);
    }
    TRY(json_read(scope, code, json, "service", &document));
    struct place place = {scope, code, is_strict, document, S("")};
    return read_document(&place, ret_service);
}
