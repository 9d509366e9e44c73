/* The registry in the database: revisions, what other processes see, figures, unknown cookies. */
#include "portal.h"

#include <pthread.h>
#include <sched.h>

#include "base/bug.h"
#include "base/json_read.h"

#define STYLED "{\"origin\": \"https://player.video.example\", \"loads\": [\"frame\", \"style\"]}"
#define SCRIPTED                                                                                   \
    "{\"origin\": \"https://player.video.example\", \"loads\": [\"frame\", \"script\"]}"
#define SECOND "{\"origin\": \"https://two.video.example\", \"loads\": [\"image\"]}"
#define COOKIE_OF(name, lifetime)                                                                  \
    ", \"cookies\": [{\"name\": \"" name "\", \"lifetime\": \"" lifetime "\","                     \
    " \"purpose\": {\"en\": \"Why.\"}}]"
#define SCRIPT ", \"script\": \"https://player.video.example/b.js\""
#define OWN_COOKIE(name, more)                                                                     \
    "{\"name\": \"" name "\", \"lifetime\": \"1 day\", \"party\": \"first\","                        \
    " \"purpose\": {\"en\": \"Why.\"}" more "}"
#define OWN(name, more) ", \"cookies\": [" OWN_COOKIE(name, more) "]" SCRIPT
#define V(hosts, more) SERVICE_MEMBERS("videos", "content", hosts, more)

static void declares_our_cookies(void **state)
{
    static const struct {
        enum cookie_id id;
        const char *name;
        int64_t max_age;
        bool http_only;
    } rows[] = {{COOKIE_SESSION, "sessionid", 1209600, true},
                {COOKIE_LANGUAGE, "django_language", 31536000, false},
                {COOKIE_CSRF, "csrftoken", 31449600, false},
                {COOKIE_PREFERENCES, "cookies_preferences", 15552000, true}};
    (void)state;
    check_int("all", COOKIE__COUNT, (long long)ARRAY_LENGTH(rows));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct cookie_entry *entry = cookie_entry(rows[i].id);
        check_text("name", str_from(entry->name), str_from(rows[i].name));
        check_int("found", cookie_find(str_from(rows[i].name)), rows[i].id);
        check_int("age", entry->max_age, rows[i].max_age);
        check_int("http only", entry->http_only, rows[i].http_only);
        check_int("purpose", entry->purpose, PURPOSE_NECESSARY);
        check_text("same site", str_from(entry->same_site), S("Lax"));
        for (language lang = 0; lang < language_count(); lang++) {
            assert_true(message_plain(lang, entry->purpose_text).n > 20);
        }
    }
    check_int("other", cookie_find(S("SESSIONID")), COOKIE__COUNT);
    check_int("none", cookie_find(S("")), COOKIE__COUNT);
}

static void asks_anew_only_for_more(void **state)
{
    /* Each row follows the one before it. */
    static const struct {
        const char *why, *json;
        bool asks;
    } rows[] = {
        {"first", V(PLAYER, ""), true},
        {"same", V(PLAYER, ""), false},
        {"another load", V(STYLED, ""), true},
        {"one load less", V(PLAYER, ""), false},
        {"that load again", V(STYLED, ""), true},
        {"another host", V(STYLED "," SECOND, ""), true},
        {"other order", V(SECOND "," STYLED, ""), false},
        {"one host less", V(STYLED, ""), false},
        {"a cookie", V(STYLED, COOKIE_OF("vid", "1 day")), true},
        {"its lifetime", V(STYLED, COOKIE_OF("vid", "2 days")), true},
        {"another cookie", V(STYLED, COOKIE_OF("vid2", "2 days")), true},
        {"no cookie", V(STYLED, ""), false},
        {"a script", V(SCRIPTED, ", \"script\": \"https://player.video.example/a.js\""), true},
        {"another script", V(SCRIPTED, ", \"script\": \"https://player.video.example/b.js\""), true},
        {"no script", V(SCRIPTED, ""), false},
        {"a cookie of the script's", V(SCRIPTED, OWN("vid", "")), true},
        {"the same", V(SCRIPTED, OWN("vid", ", \"path\": \"/\"")), false},
        {"at another path", V(SCRIPTED, OWN("vid", ", \"path\": \"/x\"")), true},
        {"of another domain", V(SCRIPTED, OWN("vid", ", \"domain\": \"example.org\"")), true},
        {"of the provider's", V(SCRIPTED, COOKIE_OF("vid", "1 day") SCRIPT), true},
        {"the script alone", V(SCRIPTED, SCRIPT), false},
        {"no script again", V(SCRIPTED, ""), false},
        {"purpose", SERVICE_MEMBERS("videos", "statistical", SCRIPTED, ""), true},
        {"another service", SERVICE_MEMBERS("other", "content", PLAYER, ""), true},
        {"an embed", V(PLAYER, ", \"embeds\": [{\"id\": \"film\", \"address\":"
                               " \"https://player.video.example/\", \"title\": {\"en\": \"F\"}}]"),
         true /* back to content */},
        {"another embed", V(PLAYER, ", \"embeds\": [{\"id\": \"clip\", \"address\":"
                                    " \"https://player.video.example/2\", \"title\": {\"en\": "
                                    "\"F\"}}]"), false},
    };
    struct portal *portal = *state;
    int64_t revision = portal_revision(portal);
    check_int("at first", revision, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        portal_put(portal, rows[i].json);
        check_int(rows[i].why, portal_revision(portal) - revision, rows[i].asks);
        revision = portal_revision(portal);
    }
}

static void asks_anew_for_a_provider_but_not_for_words(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    str words = str_from(VIDEOS);
    str id;
    portal_put(portal, VIDEOS);
    const struct registry *before = privacy_registry(portal->privacy);
    static const struct {
        const char *from, *to;
        bool asks;
    } rows[] = {{"Shows films", "Shows short films", false}, {"\"Videos\"", "\"Films\"", false},
                {"Ireland", "France", false},
                {"video.example/privacy", "video.example/p", false},
                {"Video Ltd", "Other Ltd", true}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t revision = portal_revision(portal);
        size_t at = str_find(words, str_from(rows[i].from), 0);
        assert_true(at != SIZE_MAX);
        words = str_printf(&scope->arena, "%.*s%s%.*s", (int)at, words.p, rows[i].to,
                           (int)(words.n - at - strlen(rows[i].from)),
                           words.p + at + strlen(rows[i].from));
        check_ok("put", scope, service_put(scope, portal->privacy, words, &id));
        check_int(rows[i].to, portal_revision(portal) - revision, rows[i].asks);
    }
    const struct registry *after = privacy_registry(portal->privacy);
    assert_false(str_eq(before->hash, after->hash));
    check_text("a held registry stays", before->services[0].name, S("Videos"));
    registry_unref(before);
    registry_unref(after);
}

static void keeps_numbers_of_removed_services(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    str id;
    for (int i = 0; i < SERVICES_MOST; i++) {
        str json = str_printf(&scope->arena,
                              "{\"id\": \"s%d\", \"name\": \"S\", \"provider\": \"P\", \"location\":"
                              " \"L\", \"policy_url\": \"https://p.example\", \"purpose\":"
                              " \"content\", \"description\": {\"en\": \"D\"}, \"hosts\": [" PLAYER
                              "]}", i);
        check_ok("put", scope, service_put(scope, portal->privacy, json, &id));
    }
    assert_int_equal(service_put(scope, portal->privacy, S(VIDEOS), &id), ERR_CONFLICT);
    check_failure("full", scope, ERR_CONFLICT, "64 services");
    int64_t revision = portal_revision(portal);
    check_ok("remove", scope, service_remove(scope, portal->privacy, S("s7")));
    check_int("removal asks nobody", portal_revision(portal), revision);
    const struct registry *registry = privacy_registry(portal->privacy);
    check_int("left", (long long)registry->service_count, 63);
    assert_null(registry_service(registry, S("s7")));
    check_int("number", registry_service(registry, S("s63"))->number, 63);
    registry_unref(registry);
    assert_int_equal(service_put(scope, portal->privacy, S(VIDEOS), &id), ERR_CONFLICT);
    scope_forgive(scope);
    portal_put(portal, SERVICE_MEMBERS("s7", "content", PLAYER, ""));
    registry = privacy_registry(portal->privacy);
    check_int("its own number again", registry_service(registry, S("s7"))->number, 7);
    check_int("but asked again", registry->revision, revision + 1);
    registry_unref(registry);
    assert_int_equal(service_remove(scope, portal->privacy, S("videos")), ERR_NO_SERVICE);
    check_failure("unknown", scope, ERR_NO_SERVICE, "videos");
    check_ok("remove", scope, service_remove(scope, portal->privacy, S("s7")));
    assert_int_equal(service_remove(scope, portal->privacy, S("s7")), ERR_NO_SERVICE);
    scope_forgive(scope);
}

static void knows_cookies_of_scripts(void **state)
{
    static const struct {
        const char *name;
        bool known;
    } rows[] = {{"vid_", true},   {"vid_1", true},      {"vid", false}, {"VID_1", false},
                {"", false},      {"sessionid", false}, {"one", true},  {"one2", false},
                {"away", false},  {"csrftoken", false}};
    struct portal *portal = *state;
    portal_put(portal, V(SCRIPTED, ", \"cookies\": [" OWN_COOKIE("vid_*", "") ", " OWN_COOKIE("one", "")
                                   ", {\"name\": \"away\", \"lifetime\": \"1 day\", \"purpose\":"
                                   " {\"en\": \"x\"}}]" SCRIPT));
    const struct registry *registry = privacy_registry(portal->privacy);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct service *service = NULL;
        const struct service_cookie *cookie =
            registry_cookie(registry, str_from(rows[i].name), &service);
        check_int(rows[i].name, cookie != NULL, rows[i].known);
        check_int(rows[i].name, service != NULL, rows[i].known);
    }
    registry_unref(registry);
}

static void tells_other_words_of_the_banner(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    const struct revision_change *changes;
    size_t count;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    portal_put(portal, V(PLAYER, ""));
    check_ok("lease", scope, db_lease(scope, catalog_database(portal->catalog), &lease));
    check_ok("older words", scope,
             db_script(scope, lease,
                       "update consent_revision set declaration = json_set(declaration, "
                       "'$.banner.text.en', 'Older words.') where number = 1"));
    check_ok("compare", scope, revision_compare(scope, portal->privacy, 1, 2, &changes, &count));
    check_int("changes", (long long)count, 2);
    check_text("what", changes[1].what, S("banner"));
    check_text("language", changes[1].service, S("English"));
    assert_true(str_find(changes[1].before, S("Older words."), 0) != SIZE_MAX);
    assert_true(str_find(changes[1].after, message_plain(language_exact(S("en")), MSG_BANNER_TEXT),
                         0) != SIZE_MAX);
    check_ok("without", scope,
             db_script(scope, lease, "update consent_revision set declaration = "
                                     "json_remove(declaration, '$.banner') where number = 1"));
    check_ok("compare", scope, revision_compare(scope, portal->privacy, 1, 2, &changes, &count));
    check_int("frozen before words were", (long long)count, 1);
}

static void keeps_embed_ids_apart(void **state)
{
    struct portal *portal = *state;
    str id;
#define FILM_OF(service)                                                                           \
    SERVICE_MEMBERS(service, "content", PLAYER,                                                    \
                    ", \"embeds\": [{\"id\": \"film\", \"address\": \"https://player.video.example/\"," \
                    " \"title\": {\"en\": \"F\"}}]")
    portal_put(portal, FILM_OF("one"));
    assert_int_equal(service_put(&portal->scope, portal->privacy, S(FILM_OF("two")), &id),
                     ERR_METADATA);
    check_failure("embed", &portal->scope, ERR_METADATA, "embeds[0].id: the service one has");
    portal_put(portal, FILM_OF("one"));
    check_ok("remove", &portal->scope, service_remove(&portal->scope, portal->privacy, S("one")));
    portal_put(portal, FILM_OF("two"));
}

static void freezes_and_compares_revisions(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    const struct revision *rows;
    size_t count;
    clock_set_wall(NOON + USEC_DAY);
    portal_put(portal, V(PLAYER, ""));
    clock_set_wall(NOON + 2 * USEC_DAY);
    portal_put(portal, SERVICE_MEMBERS("maps", "statistical", SECOND, ""));
    check_ok("remove", scope, service_remove(scope, portal->privacy, S("maps")));
    portal_put(portal, V(STYLED, COOKIE_OF("vid", "1 day")));
    check_ok("list", scope, revision_list(scope, portal->privacy, &rows, &count));
    check_int("count", (long long)count, 4);
    check_int("latest first", rows[0].number, 4);
    check_int("first", rows[3].number, 1);
    check_int("began", rows[2].began, NOON + USEC_DAY);
    for (int64_t number = 3; number <= 4; number++) {
        struct revision whole;
        check_ok("find", scope, revision_find(scope, portal->privacy, number, &whole));
        check_int("number", whole.number, number);
        check_text("hash", whole.hash, rows[4 - number].hash);
        assert_int_equal(str_find(whole.declaration, S("two.video.example"), 0) != SIZE_MAX,
                         number == 3);
    }
    const struct revision_change *changes;
    check_ok("compare", scope,
             revision_compare(scope, portal->privacy, 2, 4, &changes, &count));
    check_int("changes", (long long)count, 2);
    check_int("kind", changes[0].kind, CHANGE_CHANGED);
    check_text("what", changes[0].what, S("hosts"));
    check_text("service", changes[0].service, S("Videos"));
    check_text("before", changes[0].before, S("https://player.video.example (frame)"));
    check_text("after", changes[0].after, S("https://player.video.example (frame, style)"));
    check_int("kind", changes[1].kind, CHANGE_ADDED);
    check_text("what", changes[1].what, S("cookies"));
    check_text("after", changes[1].after, S("vid (1 day)"));
    check_ok("compare", scope,
             revision_compare(scope, portal->privacy, 3, 4, &changes, &count));
    check_int("changes", (long long)count, 3);
    check_int("removed", changes[2].kind, CHANGE_REMOVED);
    check_text("what", changes[2].what, S("service"));
    check_text("before", changes[2].before, S("Videos (Video Ltd)"));
    portal_put(portal,
               "{\"id\": \"videos\", \"name\": \"Films\", \"provider\": \"Other Ltd\", \"location\":"
               " \"Iceland\", \"policy_url\": \"https://other.example/\", \"purpose\": \"content\","
               " \"description\": {\"fr\": \"Films.\"}, \"hosts\": [" STYLED "]"
               COOKIE_OF("vid", "1 day") "}");
    static const char *const parts[] = {"name", "provider", "location", "policy_url", "description"};
    check_ok("compare", scope, revision_compare(scope, portal->privacy, 4, 5, &changes, &count));
    check_int("words", (long long)count, (long long)ARRAY_LENGTH(parts));
    for (size_t i = 0; i < count; i++) {
        check_text("part", changes[i].what, str_from(parts[i]));
    }
    check_text("before", changes[4].before, S("en: Shows films.; fr: Montre des films."));
    check_text("after", changes[4].after, S("fr: Films."));
    check_ok("same", scope, revision_compare(scope, portal->privacy, 2, 2, &changes, &count));
    check_int("none", (long long)count, 0);
    assert_int_equal(revision_compare(scope, portal->privacy, 2, 6, &changes, &count),
                     ERR_NO_SERVICE);
    check_failure("absent", scope, ERR_NO_SERVICE, "no revision 6");
}

/* A page compares all there ever were: their declarations must not pile up in its memory. */
static void keeps_no_declarations(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    const struct revision *rows;
    const struct revision_change *changes;
    size_t count;
    portal_put(portal, VIDEOS);
    check_ok("compare", scope, revision_compare(scope, portal->privacy, 1, 2, &changes, &count));
    size_t before = scope->arena.used_bytes;
    for (int i = 0; i < 100; i++) {
        check_ok("list", scope, revision_list(scope, portal->privacy, &rows, &count));
        check_ok("compare", scope,
                 revision_compare(scope, portal->privacy, 1, 2, &changes, &count));
    }
    assert_true(scope->arena.used_bytes - before < (4 << 20)); /* a declaration has some 60 KB */
}

/* hash is the SHA-256 of the document without it; the frozen text of a revision is found by it. */
static void hashes_the_declaration(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    uint8_t digest[DIGEST_BYTES];
    const struct revision *rows;
    size_t count;
    portal_put(portal, VIDEOS);
    check_ok("list", scope, revision_list(scope, portal->privacy, &rows, &count));
    const struct registry *registry = privacy_registry(portal->privacy);
    check_text("frozen", registry->revision_hash, rows[0].hash);
    struct revision latest;
    check_ok("latest", scope,
             revision_find(scope, portal->privacy, rows[0].number, &latest));
    check_text("as it is", registry->declaration, latest.declaration);
    json_t *document cleanup_with(json_cleanup) = NULL;
    check_ok("json", scope,
             json_read(scope, ERR_DATA, registry->declaration, "declaration", &document));
    check_text("hash", json_read_text(json_object_get(document, "hash")), registry->hash);
    json_object_del(document, "hash");
    char *text = json_dumps(document, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII);
    digest_sha256(str_from(text), digest);
    free(text);
    check_text("digest", hex_encode(&scope->arena, digest, DIGEST_BYTES), registry->hash);
    check_int("cookies", (long long)json_array_size(json_object_get(document, "cookies")), 4);
    const json_t *service = json_array_get(json_object_get(document, "services"), 0);
    check_text("service", json_read_text(json_object_get(service, "id")), S("videos"));
    registry_unref(registry);
}

static void is_seen_by_other_processes(void **state)
{
    struct portal *portal = *state;
    struct portal other = {0};
    scope_open(&other.scope);
    const char *data = directory_file(&portal->scope, &portal->directory, "data");
    check_ok("catalogue", &other.scope, catalog_open(&other.scope, data, &other.catalog));
    portal_start_privacy(&other);
    portal_put(portal, VIDEOS);
    check_int("not yet", portal_revision(&other), 1);
    check_ok("refresh", &other.scope, privacy_refresh(&other.scope, other.privacy));
    check_int("now", portal_revision(&other), 2);
    const struct registry *seen = privacy_registry(other.privacy);
    check_ok("refresh", &other.scope, privacy_refresh(&other.scope, other.privacy));
    const struct registry *again = privacy_registry(other.privacy);
    assert_ptr_equal(seen, again); /* nothing changed, nothing was read */
    registry_unref(again);
    registry_unref(seen);
    privacy_close(other.privacy);
    catalog_close(other.catalog);
    scope_close(&other.scope);
    /* and after a restart */
    privacy_close(portal->privacy);
    portal_start_privacy(portal);
    check_int("restart", portal_revision(portal), 2);
}

static void counts_choices_only_in_sum(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    const struct consent_figure *rows;
    size_t count;
    struct consent yes = {.chosen = true, .revision = 1, .purposes = 4, .services = 1};
    struct consent no = {.chosen = true, .revision = 1};
    language en = language_exact(S("en"));
    for (int i = 0; i < 3; i++) {
        consent_count(scope, portal->privacy, &yes, en, WAY_BANNER);
    }
    consent_count(scope, portal->privacy, &no, en, WAY_BANNER);
    consent_count(scope, portal->privacy, &yes, language_exact(S("fr")), WAY_PAGE);
    clock_set_wall(NOON + USEC_DAY);
    consent_count(scope, portal->privacy, &yes, en, WAY_BANNER);
    check_ok("figures", scope, consent_figures(scope, portal->privacy, &rows, &count));
    check_int("rows", (long long)count, 4);
    check_text("day", rows[0].day, S("2024-10-04"));
    check_int("no", rows[0].count, 1);
    check_int("no", rows[0].purposes, 0);
    check_int("yes", rows[1].count, 3);
    check_int("purposes", rows[1].purposes, 4);
    check_text("language", rows[2].language, S("fr"));
    check_int("way", rows[2].way, WAY_PAGE);
    check_text("next day", rows[3].day, S("2024-10-05"));
}

static void counts_unknown_names_in_bounds(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    const struct unknown_cookie *rows;
    size_t count;
    char name[200];
    for (int i = 0; i < 5; i++) {
        privacy_notice_unknown(portal->privacy, S("_ga"));
    }
    clock_set_wall(NOON + USEC_SECOND);
    privacy_notice_unknown(portal->privacy, S("_ga"));
    privacy_notice_unknown(portal->privacy, S(""));
    privacy_notice_unknown(portal->privacy, S("<b>\x1B\xFF"));
    memset(name, 'x', sizeof(name));
    str exact = exact_copy((str){name, sizeof(name)});
    privacy_notice_unknown(portal->privacy, exact);
    privacy_notice_unknown(portal->privacy, exact);
    exact_free(exact);
    check_ok("rows", scope, privacy_unknown_cookies(scope, portal->privacy, &rows, &count));
    check_int("count", (long long)count, 4);
    check_text("name", rows[0].name, S("_ga"));
    check_int("six", rows[0].count, 6);
    check_int("first", rows[0].first, NOON);
    check_int("last", rows[0].last, NOON + USEC_SECOND);
    check_int("cut", (long long)rows[1].name.n, 64);
    check_text("empty", rows[2].name, S("(empty)"));
    check_text("clean", rows[3].name, S("?b???"));
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "noise%d", i);
        privacy_notice_unknown(portal->privacy, str_from(name));
    }
    privacy_upkeep(scope, portal->privacy);
    check_int("upkeep", scope->failure.code, ERR_OK);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "more%d", i);
        privacy_notice_unknown(portal->privacy, str_from(name));
    }
    privacy_notice_unknown(portal->privacy, S("_ga"));
    check_ok("rows", scope, privacy_unknown_cookies(scope, portal->privacy, &rows, &count));
    check_int("bounded", (long long)count, 200);
    check_text("others", rows[0].name, S("(others)"));
    check_int("sum", rows[0].count, 800 + 801);
    check_text("what many send stays", rows[1].name, S("_ga"));
    check_int("six", rows[1].count, 6); /* the seventh came when the table was full */
}

/* ---- many threads ---- */

static struct portal *shared;
static atomic_bool over;

static void *read_often(void *ignored)
{
    (void)ignored;
    while (!over) {
        const struct registry *registry = privacy_registry(shared->privacy);
        struct consent all = consent_all(registry, NOON);
        struct scope scope;
        scope_open(&scope);
        str policy = content_security_policy(&scope.arena, registry, &all, NULL, S(""),
                                             S("'none'"), STR_NONE, true);
        bug_if(policy.n == 0);
        bug_if((registry->service_count > 0) !=
               (str_find(policy, S("player.video.example"), 0) != SIZE_MAX));
        privacy_notice_unknown(shared->privacy, S("name"));
        scope_close(&scope);
        registry_unref(registry);
        sched_yield();
    }
    return NULL;
}

static void replaces_the_registry_under_readers(void **state)
{
    pthread_t threads[4];
    shared = *state;
    over = false;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, NULL), 0);
    }
    for (int i = 0; i < 15; i++) {
        portal_put(shared, VIDEOS);
        check_ok("remove", &shared->scope,
                 service_remove(&shared->scope, shared->privacy, S("videos")));
    }
    over = true;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        pthread_join(threads[i], NULL);
    }
}

static void refuses_bad_options(void **state)
{
    static const struct privacy_options rows[] = {
        {.consent_seconds = 1}, {.consent_seconds = 86399}, {.consent_seconds = 15552001},
        {.consent_seconds = -1}, {.controller = S("\xFF")}, {.public_url = S("\xC3")}};
    struct portal *portal = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct privacy *privacy;
        assert_int_equal(privacy_open(&portal->scope, portal->catalog, &rows[i], portal_seed,
                                      &privacy), ERR_USAGE);
        scope_forgive(&portal->scope);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declares_our_cookies),
        PORTAL_TEST(asks_anew_only_for_more),
        PORTAL_TEST(asks_anew_for_a_provider_but_not_for_words),
        PORTAL_TEST(keeps_numbers_of_removed_services),
        PORTAL_TEST(keeps_embed_ids_apart),
        PORTAL_TEST(knows_cookies_of_scripts),
        PORTAL_TEST(tells_other_words_of_the_banner),
        PORTAL_TEST(freezes_and_compares_revisions),
        PORTAL_TEST(hashes_the_declaration),
        PORTAL_TEST(keeps_no_declarations),
        PORTAL_TEST(is_seen_by_other_processes),
        PORTAL_TEST(counts_choices_only_in_sum),
        PORTAL_TEST(counts_unknown_names_in_bounds),
        PORTAL_TEST(replaces_the_registry_under_readers),
        PORTAL_TEST(refuses_bad_options),
    };
    return cmocka_run_group_tests(tests, portal_start, NULL);
}
