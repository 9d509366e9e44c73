/* The visitor's choice: what the cookie says, when it counts, and the policy that follows. */
#include "portal.h"

static struct consent read_value(struct portal *portal, str value)
{
    const struct registry *registry = privacy_registry(portal->privacy);
    str exact = exact_copy(value);
    if (!value.p) {
        exact_free(exact);
        exact = STR_NONE;
    }
    struct consent consent =
        consent_read(portal->privacy, registry, exact, STR_NONE, STR_NONE, NOON);
    exact_free(exact);
    registry_unref(registry);
    return consent;
}

static void takes_garbage_for_no_choice(void **state)
{
    static const str values[] = {
        STR_NONE, S(""), S("."), S("...."), S("v1"), S("v1."), S("v1...."), S("v1.2.4.1"),
        S("v1.2.4.1."), S("v1.2.4.1.20000."), S("v1.2.4.1.20000.1"), S(" v1.2.4.1.20000"),
        S("v1.2.4.1.20000 "), S("V1.2.4.1.20000"), S("v2.2.4.1.20000"), S("v1.02.4.1.20000"),
        S("v1.2.04.1.20000"), S("v1.2.4.01.20000"), S("v1.2.4.1.020000"), S("v1.+2.4.1.20000"),
        S("v1.-2.4.1.20000"), S("v1.2.4.A.20000"), S("v1.2.4.0x1.20000"), S("v1.2.4.g.20000"),
        S("v1.2.1.0.20000"), S("v1.2.7.0.20000"), S("v1.2.8.0.20000"), S("v1.2.10.0.20000"),
        S("v1.2.4.1.20001"), S("v1.2.4.1.19819"), S("v1.2.4.1.0"), S("v1.2.4.1.99999999999999"),
        S("v1.0.4.1.20000"), S("v1.3.4.1.20000"), S("v1.9223372036854775808.4.1.20000"),
        S("v1.99999999999999999999.4.1.20000"), S("v1.2.4.10000000000000000.20000"),
        S("v1.2.ffffffffffffffff.1.20000"), S("v1.2.4.1.2147483648"), S("v1.2.4.1.20000\n"),
        S("v1.2.4\x00.1.20000"), S("v1.2.4.1.2\xC3\xA9"), S("\"v1.2.4.1.20000\""),
        S("v1.2.4.1.200000000000000000000000000000000000000000000000000000000000000000000000000"),
    };
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    assert_int_equal(portal_revision(portal), 2);
    assert_true(read_value(portal, S("v1.2.4.1.20000")).chosen);
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        struct consent consent = read_value(portal, values[i]);
        if (consent.chosen || consent.outdated) {
            print_error("'%.*s' counted\n", STR_ARG(values[i]));
        }
        assert_false(consent.chosen || consent.outdated || consent.signal);
        assert_true(consent.revision == 0 && consent.purposes == 0 && consent.services == 0);
    }
}

static void keeps_a_choice_for_180_days(void **state)
{
    struct portal *portal = *state;
    assert_true(read_value(portal, S("v1.1.0.0.20000")).chosen);
    assert_true(read_value(portal, S("v1.1.0.0.19820")).chosen);
    assert_false(read_value(portal, S("v1.1.0.0.19819")).chosen);
    check_int("seconds", consent_lifetime(portal->privacy), 15552000);
}

static void tells_an_outdated_choice(void **state)
{
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    struct consent consent = read_value(portal, S("v1.1.4.1.20000"));
    assert_true(consent.outdated);
    assert_false(consent.chosen);
    check_int("revision", consent.revision, 1);
    assert_true(consent.purposes == 0 && consent.services == 0);
    assert_false(read_value(portal, S("v1.1.4.1.19819")).outdated);
}

static void reads_what_it_wrote(void **state)
{
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    const struct registry *registry = privacy_registry(portal->privacy);
    struct consent all = consent_all(registry, NOON);
    struct consent none = consent_none(registry, NOON);
    check_text("all", consent_write(&portal->scope.arena, &all), S("v1.2.4.1.20000"));
    check_text("none", consent_write(&portal->scope.arena, &none), S("v1.2.0.0.20000"));
    struct consent again = read_value(portal, S("v1.2.4.1.20000"));
    assert_true(again.chosen && again.purposes == all.purposes && again.services == all.services);
    struct consent most = {.chosen = true, .objects = true, .revision = INT64_MAX, .purposes = 7,
                           .services = UINT64_MAX, .day = INT32_MAX};
    str longest = consent_write(&portal->scope.arena, &most);
    check_text("longest", longest, S("v1.9223372036854775807.6.ffffffffffffffff.2147483647.n"));
    assert_true(longest.n < 60);
    registry_unref(registry);
}

/* ".n" behind a choice, or alone; what is no value of ours counts for nothing on pages, and yet nobody is counted with it. */
static void reads_an_objection(void **state)
{
    static const struct {
        str value;
        bool chosen, outdated, objects, is_not_counted;
    } rows[] = {
        {S("v1.2.4.1.20000.n"), true, false, true, true},   {S("v1.2.4.1.20000"), true, false, false, false},
        {S("v1.0.0.0.20000.n"), false, false, true, true},  {S("v1.1.4.1.20000.n"), false, true, true, true},
        {S("v1.2.4.1.19820.n"), true, false, true, true},   {S("v1.2.4.1.19819.n"), false, false, false, true},
        {S("v1.0.0.0.20001.n"), false, false, false, true}, {S("v1.3.4.1.20000.n"), false, false, false, true},
        {S("v1.0.4.0.20000.n"), false, false, false, true}, {S("v1.0.0.1.20000.n"), false, false, false, true},
        {S("v1.0.0.0.20000"), false, false, false, false},  {S("v1.2.4.1.20000.n.n"), false, false, false, true},
        {S("v1.2.4.1.20000.N"), false, false, false, false}, {S("v1.2.4.1.20000n"), false, false, false, false},
        {S("v1.2.4.1.20000. n"), false, false, false, false}, {S("v1.2.4.1.20000.n "), false, false, false, false},
        {S("v1.2.4.1.20000..n"), false, false, false, true}, {S("v1.2.4.1.n"), false, false, false, true},
        {S("v1.2.4.1.20000.nn"), false, false, false, false}, {S("v1.2.4.1.20000.n\x00"), false, false, false, false},
        {S(".n"), false, false, false, true},  {S("n"), false, false, false, false},   {S("."), false, false, false, false},
        {S(""), false, false, false, false},   {STR_NONE, false, false, false, false}, {S("garbage.n"), false, false, false, true},
        {S("v1.2.4.1.200000000000000000000000000000000000000000000000000000000000000.n"), false, false, false, true},
    };
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *name = str_printf(&portal->scope.arena, "%.*s", STR_ARG(rows[i].value)).p;
        struct consent consent = read_value(portal, rows[i].value);
        str exact = exact_copy(rows[i].value);
        check_int(name, consent.chosen, rows[i].chosen);
        check_int(name, consent.outdated, rows[i].outdated);
        check_int(name, consent.objects, rows[i].objects);
        check_int(name, consent_objects(exact), rows[i].is_not_counted);
        exact_free(exact);
        if (consent.objects) { /* says so when it is written again, and is not forgotten with an old choice */
            consent.day = NOON / USEC_DAY;
            assert_true(read_value(portal, consent_write(&portal->scope.arena, &consent)).objects);
        }
    }
}

static void never_takes_absence_for_yes(void **state)
{
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    const struct registry *registry = privacy_registry(portal->privacy);
    const struct service *videos = registry_service(registry, S("videos"));
    static const struct {
        str value;
        bool allows;
    } rows[] = {
        {STR_NONE, false},           {S("v1.2.0.0.20000"), false}, {S("v1.2.2.0.20000"), false},
        {S("v1.2.0.2.20000"), false}, {S("v1.2.4.0.20000"), true},  {S("v1.2.0.1.20000"), true},
        {S("v1.1.4.1.20000"), false}, {S("garbage"), false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct consent consent = read_value(portal, rows[i].value);
        check_int("allows", consent_allows(&consent, videos), rows[i].allows);
    }
    struct consent unchosen = {.purposes = 7, .services = UINT64_MAX};
    assert_false(consent_allows(&unchosen, videos));
    check_int("unknown bits", (long long)read_value(portal, S("v1.2.0.f.20000")).services, 1);
    registry_unref(registry);
}

static void honours_signals_until_a_choice(void **state)
{
    static const struct {
        str gpc, dnt;
        bool signal;
    } rows[] = {{STR_NONE, STR_NONE, false}, {S("1"), STR_NONE, true}, {STR_NONE, S("1"), true},
                {S("0"), S("0"), false},     {S("true"), S("yes"), false}, {S(" 1"), S("11"), false},
                {S(""), S(""), false}};
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    const struct registry *registry = privacy_registry(portal->privacy);
    const struct service *videos = registry_service(registry, S("videos"));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct consent consent = consent_read(portal->privacy, registry, STR_NONE, rows[i].gpc,
                                              rows[i].dnt, NOON);
        check_int("signal", consent.signal, rows[i].signal);
        assert_false(consent_allows(&consent, videos));
        consent = consent_read(portal->privacy, registry, S("v1.2.4.0.20000"), rows[i].gpc,
                               rows[i].dnt, NOON);
        assert_true(consent_allows(&consent, videos)); /* what was said here wins */
        check_int("signal", consent.signal, rows[i].signal);
    }
    registry_unref(registry);
}

/* ---- the policy ---- */

#define MANY                                                                                       \
    SERVICE_MEMBERS("maps", "content",                                                             \
                    "{\"origin\": \"https://tiles.example\", \"loads\": [\"image\", \"script\","     \
                    " \"style\", \"font\", \"media\", \"connect\"]},"                              \
                    "{\"origin\": \"https://*.maps.example:8443\", \"loads\": [\"frame\"]},"       \
                    "{\"origin\": \"https://player.video.example\", \"loads\": [\"frame\"]}", "")

static str policy_with(struct portal *portal, str value, const char *once, str nonce, str trusted_types, bool is_https)
{
    const struct registry *registry = privacy_registry(portal->privacy);
    struct consent consent =
        consent_read(portal->privacy, registry, value, STR_NONE, STR_NONE, NOON);
    const struct service *service = once ? registry_service(registry, str_from(once)) : NULL;
    str text = content_security_policy(&portal->scope.arena, registry, &consent, service, nonce,
                                       S("'none'"), trusted_types, is_https);
    registry_unref(registry);
    return text;
}

static str policy(struct portal *portal, str value, const char *once, str nonce, bool is_https)
{
    return policy_with(portal, value, once, nonce, STR_NONE, is_https);
}

#define SELF_ONLY                                                                                  \
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "               \
    "font-src 'self'; media-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "  \
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

static void lets_nobody_in_by_default(void **state)
{
    struct portal *portal = *state;
    check_text("http", policy(portal, STR_NONE, NULL, S(""), false),
               S("default-src 'self'; script-src 'self'; " SELF_ONLY));
    check_text("https and nonce", policy(portal, STR_NONE, NULL, S("abc_-"), true),
               S("default-src 'self'; script-src 'self' 'nonce-abc_-'; " SELF_ONLY
                 "; upgrade-insecure-requests"));
    str with_map = policy_with(portal, STR_NONE, NULL, S(""), S("parvis-map"), false);
    assert_true(str_ends(with_map, S("require-trusted-types-for 'script'; trusted-types parvis-map")));
    portal_put(portal, VIDEOS);
    portal_put(portal, MANY);
    static const str refusals[] = {STR_NONE, S("v1.3.0.0.20000"), S("v1.3.2.0.20000"),
                                   S("v1.2.4.3.20000"), S("v1.4.4.3.20000")};
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++) {
        check_text("refused", policy(portal, refusals[i], NULL, S(""), false),
                   S("default-src 'self'; script-src 'self'; " SELF_ONLY));
    }
}

static void lets_in_what_was_accepted(void **state)
{
    struct portal *portal = *state;
    portal_put(portal, VIDEOS);
    portal_put(portal, MANY);
    str videos = S("default-src 'self'; script-src 'self'; style-src 'self'; "
                   "img-src 'self' data:; connect-src 'self'; frame-src 'self' "
                   "https://player.video.example; font-src 'self'; media-src 'self'; "
                   "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
                   "'none'; require-trusted-types-for 'script'; trusted-types 'none'");
    str both = S("default-src 'self'; script-src 'self' https://tiles.example; style-src 'self' "
                 "https://tiles.example; img-src 'self' data: https://tiles.example; connect-src "
                 "'self' https://tiles.example; frame-src 'self' https://*.maps.example:8443 "
                 "https://player.video.example; font-src 'self' https://tiles.example; media-src "
                 "'self' https://tiles.example; object-src 'none'; base-uri 'none'; form-action "
                 "'self'; frame-ancestors 'none'");
    check_text("one service", policy(portal, S("v1.3.0.1.20000"), NULL, S(""), false), videos);
    check_text("once", policy(portal, STR_NONE, "videos", S(""), false), videos);
    check_text("once after no", policy(portal, S("v1.3.0.0.20000"), "videos", S(""), false),
               videos);
    check_text("purpose", policy(portal, S("v1.3.4.0.20000"), NULL, S(""), false), both);
    check_text("each", policy(portal, S("v1.3.0.3.20000"), NULL, S(""), false), both);
    check_text("one and once", policy(portal, S("v1.3.0.2.20000"), "videos", S(""), false), both);
}

static void states_gpc_truthfully(void **state)
{
    struct portal *portal = *state;
    clock_set_wall(NOON + 3 * USEC_DAY);
    portal_put(portal, VIDEOS);
    const struct registry *registry = privacy_registry(portal->privacy);
    check_text("gpc", gpc_statement(&portal->scope.arena, registry),
               S("{\"gpc\": true, \"lastUpdate\": \"2024-10-07\"}"));
    struct service needed = {.purpose = PURPOSE_NECESSARY};
    struct registry bad = {.services = &needed, .service_count = 1};
    assert_true(str_starts(gpc_statement(&portal->scope.arena, &bad), S("{\"gpc\": false")));
    registry_unref(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PORTAL_TEST(takes_garbage_for_no_choice), PORTAL_TEST(keeps_a_choice_for_180_days),
        PORTAL_TEST(tells_an_outdated_choice),    PORTAL_TEST(reads_what_it_wrote), PORTAL_TEST(reads_an_objection),
        PORTAL_TEST(never_takes_absence_for_yes), PORTAL_TEST(honours_signals_until_a_choice),
        PORTAL_TEST(lets_nobody_in_by_default),   PORTAL_TEST(lets_in_what_was_accepted),
        PORTAL_TEST(states_gpc_truthfully),
    };
    return cmocka_run_group_tests(tests, portal_start, NULL);
}
