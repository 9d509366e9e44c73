/* Declarations of services: what is taken, and the place named when something is not. */
#include "portal.h"

#include "domain/privacy/origin.h"

#define WITH(more) SERVICE_MEMBERS("videos", "content", PLAYER, more)
#define HOSTS(hosts) SERVICE_MEMBERS("videos", "content", hosts, "")
#define EMBED(members)                                                                             \
    WITH(", \"embeds\": [{\"id\": \"film\", \"address\": \"https://player.video.example/1\","        \
         " \"title\": {\"en\": \"Film\"}" members "}]")

#define TILES "{\"origin\": \"https://tiles.example\", \"loads\": [\"connect\"]}"
#define BASEMAP(members) SERVICE_MEMBERS("videos", "content", TILES, ", \"basemap\": {" members "}")
#define STREETS "\"title\": {\"en\": \"Streets\"}, \"attribution\": \"© Somebody\", \"tiles\": "

static void names_the_place_of_faults(void **state)
{
    static const struct {
        const char *json, *part;
    } rows[] = {
        {"", "service: "},
        {"[]", "document: an object"},
        {"{", "line 1"},
        {"{}", "service: id: it is missing"},
        {"{\"id\": \"a\", \"id\": \"b\"}", "duplicate"},
        {WITH(", \"colour\": 1"), "service: colour: this member is not known"},
        {SERVICE_MEMBERS("Videos", "content", PLAYER, ""), "id: 1 to 40"},
        {SERVICE_MEMBERS("", "content", PLAYER, ""), "id: a text of 1 to 40"},
        {SERVICE_MEMBERS("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddx", "content", PLAYER, ""),
         "id: a text of 1 to 40"},
        {SERVICE_MEMBERS("../x", "content", PLAYER, ""), "id: 1 to 40"},
        {SERVICE_MEMBERS("videos", "necessary", PLAYER, ""), "purpose: statistical or content"},
        {SERVICE_MEMBERS("videos", "fun", PLAYER, ""), "purpose: statistical or content"},
        {HOSTS(""), "hosts: a list of 1 to 32"},
        {HOSTS("1"), "hosts[0]: an object"},
        {HOSTS("{\"loads\": [\"frame\"]}"), "hosts[0].origin: it is missing"},
        {HOSTS("{\"origin\": \"https://a.example\"}"), "hosts[0].loads: a list"},
        {HOSTS("{\"origin\": \"https://a.example\", \"loads\": []}"), "hosts[0].loads: a list"},
        {HOSTS("{\"origin\": \"https://a.example\", \"loads\": [\"object\"]}"), "hosts[0].loads"},
        {HOSTS("{\"origin\": \"https://a.example\", \"loads\": [\"frame\", \"frame\"]}"),
         "hosts[0].loads"},
        {HOSTS("{\"origin\": \"https://a.example\", \"loads\": [1]}"), "hosts[0].loads"},
        {HOSTS(PLAYER "," PLAYER), "hosts[1].origin: it is declared twice"},
        {HOSTS("{\"origin\": \"http://a.example\", \"loads\": [\"frame\"]}"), "hosts[0].origin"},
        {HOSTS("{\"origin\": \"https://a.example; script-src *\", \"loads\": [\"frame\"]}"),
         "hosts[0].origin"},
        {HOSTS("{\"origin\": \"https://a.example\", \"loads\": [\"frame\"], \"x\": 1}"),
         "hosts[0].x: this member"},
        {WITH(", \"cookies\": {}"), "cookies: a list of 0 to 64"},
        {WITH(", \"cookies\": [{\"name\": \"a\"}]"), "cookies[0].lifetime: it is missing"},
        {WITH(", \"cookies\": [{\"name\": \"a\", \"lifetime\": \"1 day\"}]"),
         "cookies[0].purpose: it is missing"},
        {WITH(", \"cookies\": [{\"name\": \"a\", \"lifetime\": \"1 day\", \"purpose\": \"x\"}]"),
         "cookies[0].purpose: texts by language"},
        {WITH(", \"cookies\": [{\"name\": \"a\", \"lifetime\": \"1 day\", \"purpose\": {}}]"),
         "cookies[0].purpose: a text in one language"},
        {WITH(", \"cookies\": [{\"name\": \"a\", \"lifetime\": \"1 day\", \"purpose\":"
              " {\"xx\": \"x\"}}]"), "cookies[0].purpose.xx: the portal does not offer"},
        {WITH(", \"cookies\": [{\"name\": \"a\", \"lifetime\": \"1 day\", \"purpose\":"
              " {\"en\": \"\"}}]"), "cookies[0].purpose.en: a text of 1 to 1000"},
        {WITH(", \"cookies\": [{\"name\": \"a\\nb\", \"lifetime\": \"1 day\"}]"), "cookies[0].name"},
        {EMBED(", \"height\": 49"), "embeds[0].height"},
        {EMBED(", \"height\": 4001"), "embeds[0].height"},
        {EMBED(", \"height\": 100.5"), "embeds[0].height"},
        {EMBED(", \"height\": \"100\""), "embeds[0].height"},
        {EMBED(", \"on_home\": 1"), "embeds[0].on_home: true or false"},
        {WITH(", \"embeds\": [{\"id\": \"film\", \"address\": \"https://other.example/1\","
              " \"title\": {\"en\": \"Film\"}}]"),
         "embeds[0].address: its host is not among hosts with the load frame"},
        {WITH(", \"embeds\": [{\"id\": \"film\", \"address\": \"javascript:alert(1)\","
              " \"title\": {\"en\": \"Film\"}}]"), "embeds[0].address: an address"},
        {WITH(", \"script\": \"https://player.video.example/x.js\""),
         "script: its host is not among hosts with the load script"},
        {WITH(", \"script\": \"\""), "script: a text of 1"},
        {WITH(", \"basemap\": 1"), "basemap: an object"},
        {BASEMAP(""), "basemap.title: it is missing"},
        {BASEMAP(STREETS "\"https://tiles.example/{z}/{x}.png\""), "basemap.tiles: an address is expected"},
        {BASEMAP(STREETS "\"https://tiles.example/{z}/{x}/{y}/{y}.png\""), "basemap.tiles: an address is expected"},
        {BASEMAP(STREETS "\"http://tiles.example/{z}/{x}/{y}.png\""), "basemap.tiles: an address is expected"},
        {BASEMAP(STREETS "\"https://{z}.example/{x}/{y}.png\""), "basemap.tiles: its host is not among hosts"},
        {BASEMAP(STREETS "\"https://other.example/{z}/{x}/{y}.png\""), "basemap.tiles: its host is not among hosts"},
        {BASEMAP(STREETS "\"https://tiles.example/{z}/{x}/{y}.png\", \"maxzoom\": 23"), "basemap.maxzoom: a whole"},
        {BASEMAP(STREETS "\"https://tiles.example/{z}/{x}/{y}.png\", \"style\": 1"), "basemap.style: this member"},
    };
    struct portal *portal = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str id;
        str exact = exact_copy(str_from(rows[i].json));
        enum err result = service_put(&portal->scope, portal->privacy, exact, &id);
        check_int(rows[i].json, result, ERR_METADATA);
        check_failure(rows[i].json, &portal->scope, ERR_METADATA, rows[i].part);
        exact_free(exact);
    }
    check_int("nothing was declared", portal_revision(portal), 1);
}

static void refuses_large_documents(void **state)
{
    struct portal *portal = *state;
    size_t n = (64u << 10) + 1;
    char *bytes = arena_alloc(&portal->scope.arena, n);
    str id;
    memset(bytes, ' ', n);
    assert_int_equal(service_put(&portal->scope, portal->privacy, (str){bytes, n}, &id),
                     ERR_METADATA);
    check_failure("large", &portal->scope, ERR_METADATA, "larger than 65536");
}

static void takes_a_whole_declaration(void **state)
{
    struct portal *portal = *state;
    portal_put(portal,
               SERVICE_MEMBERS(
                   "stats", "statistical",
                   "{\"origin\": \"https://*.stats.example\", \"loads\": [\"script\", \"connect\"]}",
                   ", \"cookies\": [{\"name\": \"_st_*\", \"lifetime\": \"13 months\","
                   " \"purpose\": {\"fr\": \"Compter.\"}}], \"script\":"
                   " \"https://cdn.stats.example/s.js?site=1\""));
    portal_put(portal, EMBED(", \"height\": 360, \"on_home\": true"));
    portal_put(portal, SERVICE_MEMBERS("streets", "content", TILES, ", \"basemap\": {" STREETS
                                       "\"https://tiles.example/{z}/{x}/{y}.png?k=1\", \"maxzoom\": 18}"));
    const struct registry *registry = privacy_registry(portal->privacy);
    check_int("count", (long long)registry->service_count, 3);
    const struct service *streets = registry_service(registry, S("streets"));
    check_text("tiles", streets->basemap.tiles, S("https://tiles.example/{z}/{x}/{y}.png?k=1"));
    check_text("attribution", streets->basemap.attribution, S("© Somebody"));
    check_int("maxzoom", streets->basemap.zoom_most, 18);
    str document = service_document(&portal->scope.arena, streets);
    assert_true(str_find(document, S("\"maxzoom\": 18"), 0) != SIZE_MAX);
    assert_true(registry_needs_consent(registry));
    const struct service *stats = registry_service(registry, S("stats"));
    check_text("name", stats->name, S("Videos"));
    check_text("provider", stats->provider, S("Video Ltd"));
    check_text("location", stats->location, S("Ireland"));
    check_text("policy", stats->policy_url, S("https://video.example/privacy"));
    check_int("purpose", stats->purpose, PURPOSE_STATISTICAL);
    check_text("fr", translated_text(&stats->description, language_exact(S("fr"))),
               S("Montre des films."));
    check_text("en", translated_text(&stats->description, language_exact(S("en"))),
               S("Shows films."));
    check_int("loads", stats->hosts[0].loads, (1 << LOAD_SCRIPT) | (1 << LOAD_CONNECT));
    check_text("cookie", stats->cookies[0].name, S("_st_*"));
    check_text("first given stands in",
               translated_text(&stats->cookies[0].purpose, language_exact(S("en"))), S("Compter."));
    check_text("script", stats->script, S("https://cdn.stats.example/s.js?site=1"));
    const struct service *owner;
    const struct service_embed *film = registry_embed(registry, S("film"), &owner);
    check_text("owner", owner->id, S("videos"));
    check_text("address", film->address, S("https://player.video.example/1"));
    check_int("height", film->height, 360);
    assert_true(film->on_home);
    assert_null(registry_embed(registry, S("other"), &owner));
    assert_null(registry_service(registry, S("other")));
    registry_unref(registry);
}

static void tells_origins(void **state)
{
    static const str good[] = {S("https://a.example"), S("https://a"), S("https://a.example:8443"),
                               S("https://*.a.example"), S("https://127.0.0.1:8443"),
                               S("https://xn--bcher-kva.example")};
    static const str bad[] = {
        S(""), S("https://"), S("http://a.example"), S("HTTPS://a.example"), S("//a.example"),
        S("a.example"), S("https://A.example"), S("https://a.example/"), S("https://a.example?x"),
        S("https://a.example#x"), S("https://*"), S("https://*.example"), S("https://*.*.a.example"),
        S("https://a.*.example"), S("https://a..example"), S("https://.a.example"),
        S("https://a.example."), S("https://-a.example"), S("https://a-.example"),
        S("https://a_b.example"), S("https://u@a.example"), S("https://a.example:"),
        S("https://a.example:0"), S("https://a.example:080"), S("https://a.example:65536"),
        S("https://a.example:+80"), S("https://a.example:80:80"), S("https://[::1]"),
        S("https://a.example 'unsafe-inline'"), S("https://a.example;"), S("https://a.example,b"),
        S("https://a\xC3\xA9.example"), S("https://a.example\n"), S("https://a.ex\x00mple")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        if (!origin_is_good(good[i])) {
            print_error("'%.*s' was refused\n", STR_ARG(good[i]));
        }
        assert_true(origin_is_good(good[i]));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        str exact = exact_copy(bad[i]);
        if (origin_is_good(exact)) {
            print_error("'%.*s' passed\n", STR_ARG(bad[i]));
        }
        assert_false(origin_is_good(exact));
        exact_free(exact);
    }
}

static void matches_addresses(void **state)
{
    static const struct {
        str origin, address;
        bool covers;
    } rows[] = {
        {S("https://a.example"), S("https://a.example/x?y#z"), true},
        {S("https://a.example"), S("https://a.example"), true},
        {S("https://a.example"), S("https://a.example?x"), true},
        {S("https://a.example"), S("https://a.example.evil/"), false},
        {S("https://a.example"), S("https://a.example:8443/"), false},
        {S("https://a.example:8443"), S("https://a.example:8443/"), true},
        {S("https://*.a.example"), S("https://b.a.example/"), true},
        {S("https://*.a.example"), S("https://c.b.a.example/"), true},
        {S("https://*.a.example"), S("https://a.example/"), false},
        {S("https://*.a.example"), S("https://ba.example/"), false},
        {S("https://*.a.example"), S("https://evil/.a.example"), false},
        {S("https://*.a.example:1"), S("https://b.a.example:1/"), true},
    };
    static const str bad[] = {S("https://u@a.example/"), S("https://a.example/\"x"),
                              S("https://a.example/<"), S("https://a.example/a b"),
                              S("https://a.example\\@b/"), S("https://*.a.example/"),
                              S("https:///x"), S("https://a.example/\x7F"),
                              S("https://a.example/\xC3\xA9"), S("http://a.example/")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_true(address_is_good(rows[i].address));
        check_int(rows[i].address.p, origin_covers(rows[i].origin, rows[i].address),
                  rows[i].covers);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        check_int(bad[i].p, address_is_good(bad[i]), false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PORTAL_TEST(names_the_place_of_faults), PORTAL_TEST(refuses_large_documents),
        PORTAL_TEST(takes_a_whole_declaration), cmocka_unit_test(tells_origins),
        cmocka_unit_test(matches_addresses),
    };
    return cmocka_run_group_tests(tests, portal_start, NULL);
}
