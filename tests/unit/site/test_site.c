/* Settings in layers: which holds, what is wrong, two who save at once, what others stored that is not understood. */
#include "../directory.h"

#include "domain/site/content.h"
#include "platform/db/statement.h"
#include "platform/i18n/message.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    struct catalog *catalog;
    struct site_keeper *keeper;
    json_t *file, *options, *defaults;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    crypto_start();
    messages_start();
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    check_ok("open", &fixture->scope,
             catalog_open(&fixture->scope, directory_file(&fixture->scope, &fixture->directory, "data"), &fixture->catalog));
    fixture->file = json_loads("{\"lead\": \"file\", \"name\": \"file\"}", 0, NULL);
    fixture->options = json_loads("{\"name\": \"option\"}", 0, NULL);
    fixture->defaults = json_loads("{\"name\": \"default\", \"language\": \"en\"}", 0, NULL);
    struct site_options options = {.layers = {.file = fixture->file, .options = fixture->options, .defaults = fixture->defaults}};
    check_ok("site", &fixture->scope, site_open(&fixture->scope, fixture->catalog, &options, &fixture->keeper));
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    site_close(fixture->keeper);
    catalog_close(fixture->catalog);
    scope_close(&fixture->scope);
    directory_remove(&fixture->directory);
    json_decref(fixture->file);
    json_decref(fixture->options);
    json_decref(fixture->defaults);
    free(fixture);
    return 0;
}

static enum err store(struct fixture *fixture, enum site_member member, const char *json, int64_t seen)
{
    json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
    struct site_change change = {member, value};
    enum err result = site_store(&fixture->scope, fixture->keeper,
                                 &(struct site_save){.changes = &change, .count = 1, .seen = seen, .author = S("ada")});
    json_decref(value);
    return result;
}

static void check_name(struct fixture *fixture, const char *name, enum site_origin origin)
{
    const struct site *site = site_current(fixture->keeper);
    check_text("name", site->name, str_from(name));
    check_int("origin", site->values[SITE_MEMBER_NAME].origin, origin);
    site_unref(site);
}

static void the_upper_layer_holds(void **state)
{
    struct fixture *fixture = *state;
    check_name(fixture, "option", SITE_FROM_OPTION);
    check_ok("store", &fixture->scope, store(fixture, SITE_MEMBER_NAME, "\"stored\"", 0));
    check_name(fixture, "stored", SITE_FROM_STORE);
    const struct site *site = site_current(fixture->keeper);
    check_text("lead", translated_text(&site->lead, site->language), S("file"));
    check_text("below", site->values[SITE_MEMBER_NAME].below, S("\"option\""));
    check_text("author", site->values[SITE_MEMBER_NAME].author, S("ada"));
    site_unref(site);
    check_ok("back", &fixture->scope, store(fixture, SITE_MEMBER_NAME, NULL, 1));
    check_name(fixture, "option", SITE_FROM_OPTION);
}

static void the_second_editor_is_refused(void **state)
{
    struct fixture *fixture = *state;
    check_ok("first", &fixture->scope, store(fixture, SITE_MEMBER_NAME, "\"first\"", 0));
    assert_int_equal(store(fixture, SITE_MEMBER_NAME, "\"second\"", 0), ERR_CONFLICT);
    check_failure("second", &fixture->scope, ERR_CONFLICT, "Somebody else");
    check_name(fixture, "first", SITE_FROM_STORE);
    check_ok("having seen it", &fixture->scope, store(fixture, SITE_MEMBER_NAME, "\"second\"", 1));
}

static void wrong_values_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        enum site_member member;
        const char *json, *said;
    } cases[] = {{SITE_MEMBER_NAME, "\"\"", "name"}, {SITE_MEMBER_NAME, "\"a\\nb\"", "line breaks"},
                 {SITE_MEMBER_COLOURS, "{\"accent\":\"#ffffff\",\"accent_dark\":\"#ffffff\"}", "contrast"},
                 {SITE_MEMBER_LOGO, "{\"file\":{\"stored\":\"nothing.svg\"},\"width\":9,\"height\":9}", "not there"},
                 {SITE_MEMBER_LOGO, "{\"file\":\"/etc/passwd\",\"width\":9,\"height\":9}", "beside the settings"},
                 {SITE_MEMBER_HOME, "[\"latest\",\"latest\"]", "each once"}, {SITE_MEMBER_LANGUAGES, "[]", "at least one"},
                 {SITE_MEMBER_LANGUAGE, "\"xx\"", "language"}, {SITE_MEMBER_FOOTER, "[{\"label\":\"x\",\"address\":\"javascript:x\"}]", "footer.address"},
                 {SITE_MEMBER_MAIL, "{\"url\":\"http://x\",\"from\":\"a@b\"}", "mail.url"},
                 {SITE_MEMBER_EMBED_ANCESTORS, "\"https://x; script-src *\"", "origins"},
                 {SITE_MEMBER_RETENTION, "{\"versions\":0}", "retention.versions"}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(store(fixture, cases[i].member, cases[i].json, 0), ERR_METADATA);
        check_failure(cases[i].json, &fixture->scope, ERR_METADATA, cases[i].said);
    }
    check_name(fixture, "option", SITE_FROM_OPTION);
}

static void what_is_not_understood_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    bool changed;
    struct db_lease *lease = NULL;
    struct scope *scope = &fixture->scope;
    check_ok("begin", scope, db_begin(scope, catalog_database(fixture->catalog), &lease));
    check_ok("later", scope, DB_RUN(scope, lease, "insert into site_setting values ('home', '[\"hologram\"]', null, 1, 0, 'x')"));
    check_ok("unknown", scope, DB_RUN(scope, lease, "insert into site_setting values ('weather', '1', null, 1, 0, 'x')"));
    check_ok("name", scope, DB_RUN(scope, lease, "insert into site_setting values ('name', '\"good\"', null, 1, 0, 'x')"));
    check_ok("generation", scope, DB_RUN(scope, lease, "update site_state set value = value + 1"));
    check_ok("commit", scope, db_commit(scope, lease));
    db_release(lease);
    check_ok("refresh", scope, site_refresh(scope, fixture->keeper, &changed));
    assert_true(changed);
    check_name(fixture, "good", SITE_FROM_STORE);
    const struct site *site = site_current(fixture->keeper);
    check_int("blocks", (long long)site->block_count, SITE_BLOCK__COUNT);
    site_unref(site);
}

static void revisions_are_bounded(void **state)
{
    struct fixture *fixture = *state;
    struct content content = {.page = {.slug = S("a")}};
    const struct content_revision *revisions;
    size_t count;
    int64_t id;
    for (int64_t i = 0; i < CONTENT_REVISIONS_MOST + 5; i++) {
        content.text.texts[0] = str_printf(&fixture->scope.arena, "text %lld", (long long)i);
        check_ok("store", &fixture->scope, content_store(&fixture->scope, fixture->keeper, &content, S("ada"), &id));
        content.page.id = id;
        content.page.revision = i + 1;
    }
    check_ok("history", &fixture->scope, content_history(&fixture->scope, fixture->keeper, id, &revisions, &count));
    check_int("revisions", (long long)count, CONTENT_REVISIONS_MOST);
    check_ok("old", &fixture->scope, content_get(&fixture->scope, fixture->keeper, id, 6, &content));
    check_text("text", content.text.texts[0], S("text 5"));
    content.page.revision = 3;
    assert_int_equal(content_store(&fixture->scope, fixture->keeper, &content, S("bob"), &id), ERR_CONFLICT);
    check_failure("stale", &fixture->scope, ERR_CONFLICT, "Somebody else");
    struct content same = {.page = {.slug = S("a")}};
    assert_int_equal(content_store(&fixture->scope, fixture->keeper, &same, S("bob"), &id), ERR_CONFLICT);
    check_failure("slug", &fixture->scope, ERR_CONFLICT, "address");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_upper_layer_holds, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(the_second_editor_is_refused, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(wrong_values_are_refused, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_is_not_understood_is_passed_over, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(revisions_are_bounded, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
