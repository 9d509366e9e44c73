/* Receipts: what is signed, and what is noticed. */
#include "portal.h"

#include "base/json_read.h"

static str make(struct portal *portal, str cookie, str id)
{
    const struct registry *registry = privacy_registry(portal->privacy);
    struct consent consent =
        consent_read(portal->privacy, registry, cookie, STR_NONE, STR_NONE, NOON);
    str receipt = receipt_make(&portal->scope, portal->privacy, registry, &consent,
                               language_exact(S("fr")), id);
    registry_unref(registry);
    return receipt;
}

static str replace(struct scope *scope, str text, const char *what, const char *with)
{
    size_t at = str_find(text, str_from(what), 0);
    assert_true(at != SIZE_MAX);
    return str_printf(&scope->arena, "%.*s%s%.*s", (int)at, text.p, with,
                      (int)(text.n - at - strlen(what)), text.p + at + strlen(what));
}

static void says_what_was_chosen(void **state)
{
    struct portal *portal = *state;
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    portal_put(portal, VIDEOS);
    receipt_public_key(portal->privacy, key);
    str receipt = make(portal, S("v1.2.0.1.20000"), S("r-123"));
    check_ok("verify", &portal->scope, receipt_verify(&portal->scope, key, receipt, &summary));
    check_text("summary", summary,
               S("receipt: r-123\ncontroller: Ville d\xE2\x80\x99" "Exemple\n"
                 "portal: https://data.example.org\nissued: 2024-10-04T12:00:00+00:00\n"
                 "chosen on: 2024-10-04\nvalid until: 2025-04-02\nrevision: 2\n"
                 "text: https://data.example.org/cookies/revisions/2\nlanguage: fr\n"
                 "purpose necessary: always\npurpose statistical: refused\n"
                 "purpose content: refused\nservice Videos: accepted\n"));
    receipt = make(portal, STR_NONE, S(""));
    check_ok("verify", &portal->scope, receipt_verify(&portal->scope, key, receipt, &summary));
    assert_true(str_find(summary, S("choice: none was made"), 0) != SIZE_MAX);
    assert_true(str_find(receipt, S("\"id\": \"r-"), 0) == SIZE_MAX);
    assert_true(str_find(summary, S("service Videos: refused"), 0) != SIZE_MAX);
}

/* The signed bytes as the documentation describes them, put together by hand. */
static void signs_canonical_json(void **state)
{
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    uint8_t key[PUBLIC_KEY_BYTES];
    uint8_t signature[SIGNATURE_BYTES];
    receipt_public_key(portal->privacy, key);
    str text = make(portal, S("v1.1.0.0.20000"), S("x"));
    json_t *document cleanup_with(json_cleanup) = NULL;
    check_ok("json", scope, json_read(scope, ERR_DATA, text, "receipt", &document));
    json_t *receipt = json_object_get(document, "receipt");
    str hash = json_read_text(json_object_get(receipt, "revision_hash"));
    str issued = json_read_text(json_object_get(receipt, "issued"));
    str title[PURPOSE__COUNT];
    for (int i = 0; i < PURPOSE__COUNT; i++) {
        title[i] = message_plain(language_exact(S("fr")), purpose_title((enum purpose)i));
    }
    check_int("hash", (long long)hash.n, 64);
    str expected = str_printf(
        &scope->arena,
        "{\"chosen\":true,\"chosen_on\":\"2024-10-04\",\"controller\":\"Ville d\\u2019Exemple\","
        "\"id\":\"x\",\"issued\":\"%.*s\",\"language\":\"fr\",\"objects_to_statistics\":false,\"portal\":"
        "\"https://data.example.org\",\"purposes\":["
        "{\"accepted\":true,\"id\":\"necessary\",\"needs_consent\":false,\"title\":\"N\\u00E9cessaires\"},"
        "{\"accepted\":false,\"id\":\"statistical\",\"needs_consent\":true,\"title\":\"Statistiques\"},"
        "{\"accepted\":false,\"id\":\"content\",\"needs_consent\":true,\"title\":\"Contenus int\\u00E9gr\\u00E9s\"}],"
        "\"refusal_signal\":false,\"revision\":1,\"revision_hash\":\"%.*s\","
        "\"schema\":\"parvis-consent-receipt-1\",\"services\":[],"
        "\"text\":\"https://data.example.org/cookies/revisions/1\",\"valid_until\":\"2025-04-02\"}",
        STR_ARG(issued), STR_ARG(hash));
    check_text("title", title[PURPOSE_NECESSARY], S("N\xC3\xA9" "cessaires"));
    str value = json_read_text(json_object_get(json_object_get(document, "signature"), "value"));
    assert_true(base64_decode(value, signature, SIGNATURE_BYTES));
    assert_true(signature_verify(key, expected, signature));
}

static void notices_changes(void **state)
{
    static const struct {
        const char *what, *with, *part;
    } rows[] = {
        {"\"accepted\": false", "\"accepted\": true", "does not fit"},
        {"2024-10-04", "2024-10-05", "does not fit"},
        {"\"revision\": 1", "\"revision\": 2", "does not fit"},
        {"\"revision\": 1", "\"revision\": 1.0", "does not fit"},
        {"\"chosen\": true", "\"added\": 1, \"chosen\": true", "does not fit"},
        {"Ed25519", "none", "not of the kind Ed25519"},
        {"\"key_id\": \"", "\"key_id\": \"0", "another key"},
        {"\"value\": \"", "\"value\": \"A", "64 bytes in base64url"},
        {"parvis-consent-receipt-1", "parvis-consent-receipt-2", "schema"},
        {"\"signature\"", "\"extra\": 1, \"signature\"", "two objects"},
        {"\"signature\"", "\"signatures\"", "two objects"},
        {"{", "", "receipt: line"},
        {"\"chosen\": true", "\"chosen\": true, \"chosen\": true", "duplicate"},
    };
    struct portal *portal = *state;
    struct scope *scope = &portal->scope;
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    receipt_public_key(portal->privacy, key);
    str receipt = make(portal, S("v1.1.0.0.20000"), S("x"));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str changed = replace(scope, receipt, rows[i].what, rows[i].with);
        assert_int_equal(receipt_verify(scope, key, changed, &summary), ERR_DATA);
        check_failure(rows[i].with, scope, ERR_DATA, rows[i].part);
    }
    static const str others[] = {S(""), S("[]"), S("{}"), S("null"), S("{\"receipt\": {}}"),
                                 S("{\"receipt\": [], \"signature\": []}"), S("\xFF")};
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        assert_int_equal(receipt_verify(scope, key, others[i], &summary), ERR_DATA);
        scope_forgive(scope);
    }
    key[0] ^= 1;
    assert_int_equal(receipt_verify(scope, key, receipt, &summary), ERR_DATA);
    check_failure("key", scope, ERR_DATA, "another key");
}

static void survives_reformatting(void **state)
{
    struct portal *portal = *state;
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    receipt_public_key(portal->privacy, key);
    json_t *document cleanup_with(json_cleanup) = NULL;
    check_ok("json", &portal->scope,
             json_read(&portal->scope, ERR_DATA, make(portal, S("v1.1.0.0.20000"), S("x")),
                       "receipt", &document));
    char *text = json_dumps(document, JSON_COMPACT | JSON_PRESERVE_ORDER);
    check_ok("verify", &portal->scope,
             receipt_verify(&portal->scope, key, str_from(text), &summary));
    free(text);
}

static void shows_no_commands_to_a_terminal(void **state)
{
    struct portal *portal = *state;
    uint8_t key[PUBLIC_KEY_BYTES];
    str summary;
    receipt_public_key(portal->privacy, key);
    str receipt = make(portal, S("v1.1.0.0.20000"), S("a\x1B[2Jb\xC2\x9Bz\n\x7F"));
    check_ok("verify", &portal->scope,
             receipt_verify(&portal->scope, key, receipt, &summary));
    assert_true(str_starts(summary, S("receipt: a?[2Jb??z??\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PORTAL_TEST(says_what_was_chosen), PORTAL_TEST(signs_canonical_json),
        PORTAL_TEST(notices_changes),      PORTAL_TEST(survives_reformatting),
        PORTAL_TEST(shows_no_commands_to_a_terminal),
    };
    return cmocka_run_group_tests(tests, portal_start, NULL);
}
