/* CSRF tokens and the order of checks: the reference's vectors, and each reason to refuse. */
#include "../check.h"
#include "../one_scope.h"

#include "domain/privacy/csrf.h"

#define SECRET "PortalSecretPortalSecretPortal01"
#define OTHER "OtherSecretXOtherSecretXOtherS02"
#define MASK "MaskMaskMaskMaskMaskMaskMaskMask"
#define MASKED MASK "roJDMlaoOrwDroJDMlaoOrwDroJDMlib"

static void makes_the_vectors(void **state)
{
    static const struct {
        str mask, cipher;
    } rows[] = {
        {S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), S(SECRET)},
        {S(MASK), S("roJDMlaoOrwDroJDMlaoOrwDroJDMlib")},
        {S("00000000000000000000000000000009"), S("Fehj0bI42h4jFehj0bI42h4jFehj0bQ0")},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str token = csrf_mask_with(&scope.arena, S(SECRET), rows[i].mask);
        str secret;
        check_int("length", (long long)token.n, CSRF_TOKEN_LENGTH);
        check_text("mask", str_slice(token, 0, 32), rows[i].mask);
        check_text("cipher", str_slice(token, 32, 64), rows[i].cipher);
        assert_true(csrf_unmask(&scope.arena, token, &secret));
        check_text("secret", secret, S(SECRET));
    }
}

static void draws_fresh_secrets_and_masks(void **state)
{
    bool seen[256] = {false};
    int distinct = 0;
    (void)state;
    for (int i = 0; i < 200; i++) {
        str secret = csrf_secret_make(&scope.arena);
        str again;
        str token = csrf_mask(&scope.arena, secret);
        check_int("length", (long long)secret.n, CSRF_SECRET_LENGTH);
        assert_true(csrf_unmask(&scope.arena, token, &again));
        check_text("secret", again, secret);
        assert_false(str_eq(token, csrf_mask(&scope.arena, secret)));
        for (size_t j = 0; j < secret.n; j++) {
            distinct += !seen[(unsigned char)secret.p[j]];
            seen[(unsigned char)secret.p[j]] = true;
        }
    }
    check_int("symbols drawn", distinct, 62); /* 6400 draws miss one with a chance of 1e-43 */
}

static void refuses_other_formats(void **state)
{
    static const str texts[] = {S(""),
                                S("short"),
                                S("PortalSecretPortalSecretPortal0"),
                                S("PortalSecretPortalSecretPortal012"),
                                S("PortalSecretPortalSecretPortal0-"),
                                S("PortalSecretPortalSecretPortal0\xC3"),
                                S(MASKED "x"),
                                S(MASK "roJDMlaoOrwDroJDMlaoOrwDroJDMli_")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        str secret;
        str exact = exact_copy(texts[i]);
        assert_false(csrf_unmask(&scope.arena, exact, &secret));
        exact_free(exact);
    }
    size_t n = 100000;
    char *bytes = arena_alloc(&scope.arena, n);
    str secret;
    memset(bytes, 'a', n);
    assert_false(csrf_unmask(&scope.arena, (str){bytes, n}, &secret));
}

/* A request over plain HTTP that is good as it is. */
static struct csrf_request good_request(void)
{
    return (struct csrf_request){.own_origin = S("http://testserver"),
                                 .cookie = S(SECRET),
                                 .is_post = true,
                                 .field = S(MASKED)};
}

static void expect(const char *name, struct csrf_request request, enum csrf_verdict expected)
{
    bool in_header;
    enum csrf_verdict verdict = csrf_check(&scope.arena, &request, &in_header);
    check_text(name, str_from(csrf_verdict_name(verdict)), str_from(csrf_verdict_name(expected)));
}

static void accepts_all_eight_combinations(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct csrf_request request = good_request();
        str token = i & 1 ? S(MASKED) : S(SECRET);
        request.cookie =
            i & 2 ? csrf_mask_with(&scope.arena, S(SECRET), S("00000000000000000000000000000009"))
                  : S(SECRET);
        request.field = i & 4 ? STR_NONE : token;
        request.header = i & 4 ? token : STR_NONE;
        expect("good", request, CSRF_GOOD);
        request.cookie = i & 2 ? csrf_mask_with(&scope.arena, S(OTHER), S(MASK)) : S(OTHER);
        expect("bad", request, CSRF_TOKEN_MISMATCH);
    }
}

static void looks_for_the_token_where_django_does(void **state)
{
    bool in_header;
    (void)state;
    struct csrf_request request = good_request();
    request.field = S(OTHER);
    request.header = S(SECRET);
    expect("wrong field, right header", request, CSRF_TOKEN_MISMATCH);
    request.field = S("");
    expect("empty field falls to the header", request, CSRF_GOOD);
    request.field = STR_NONE;
    expect("no field falls to the header", request, CSRF_GOOD);
    request.is_post = false;
    request.field = S(SECRET);
    request.header = STR_NONE;
    expect("no field in other methods", request, CSRF_TOKEN_MISSING);
    request.header = S(SECRET);
    request.field = S(OTHER);
    expect("only the header in other methods", request, CSRF_GOOD);
    request.header = S(OTHER);
    assert_int_equal(csrf_check(&scope.arena, &request, &in_header), CSRF_TOKEN_MISMATCH);
    assert_true(in_header);
    request = good_request();
    request.field = S("short");
    request.header = S(SECRET);
    assert_int_equal(csrf_check(&scope.arena, &request, &in_header), CSRF_TOKEN_BAD_LENGTH);
    assert_false(in_header);
    request.field = S("");
    request.header = S("");
    assert_int_equal(csrf_check(&scope.arena, &request, &in_header), CSRF_TOKEN_BAD_LENGTH);
    assert_true(in_header);
    request.header = STR_NONE;
    assert_int_equal(csrf_check(&scope.arena, &request, &in_header), CSRF_TOKEN_MISSING);
    assert_false(in_header);
    request.header = S("PortalSecretPortalSecretPortal0 ");
    expect("blank in the header", request, CSRF_TOKEN_BAD_CHARS);
}

static void checks_the_cookie_before_the_token(void **state)
{
    (void)state;
    struct csrf_request request = good_request();
    request.field = STR_NONE;
    request.cookie = STR_NONE;
    expect("missing", request, CSRF_COOKIE_MISSING);
    request.cookie = S("");
    expect("empty", request, CSRF_COOKIE_BAD_LENGTH);
    request.cookie = S("PortalSecretPortalSecretPortal0!");
    expect("characters", request, CSRF_COOKIE_BAD_CHARS);
    request.cookie = S(SECRET);
    request.cookie_conflict = true;
    expect("conflict", request, CSRF_COOKIE_CONFLICT);
    request = good_request();
    request.cookie_conflict = true;
    expect("conflict with a right token", request, CSRF_COOKIE_CONFLICT);
}

static void binds_to_the_session(void **state)
{
    uint8_t digest[DIGEST_BYTES];
    (void)state;
    struct csrf_request request = good_request();
    digest_sha256(S(SECRET), digest);
    request.session_digest = digest;
    expect("the session's secret", request, CSRF_GOOD);
    request.cookie = S(MASKED);
    expect("masked", request, CSRF_GOOD);
    request.cookie = request.field = S(OTHER);
    expect("planted in cookie and field", request, CSRF_COOKIE_UNBOUND);
    digest[31] ^= 1;
    expect("another session", good_request(), CSRF_GOOD);
    request = good_request();
    request.session_digest = digest;
    expect("one bit off", request, CSRF_COOKIE_UNBOUND);
}

static void checks_the_origin(void **state)
{
    static const str trusted[] = {S("https://friend.example:8443"), S("https://*.example.org"),
                                  S("http://*.port.example:8080")};
    static const struct {
        str origin;
        enum csrf_verdict verdict;
    } rows[] = {
        {S("https://data.test"), CSRF_GOOD},
        {S("https://friend.example:8443"), CSRF_GOOD},
        {S("https://example.org"), CSRF_GOOD},
        {S("https://a.example.org"), CSRF_GOOD},
        {S("https://a.b.example.org"), CSRF_GOOD},
        {S("http://a.port.example:8080"), CSRF_GOOD},
        {S("http://port.example:8080"), CSRF_GOOD},
        {S("null"), CSRF_ORIGIN_MISMATCH},
        {S(""), CSRF_ORIGIN_MISMATCH},
        {S("http://data.test"), CSRF_ORIGIN_MISMATCH},
        {S("https://data.test:444"), CSRF_ORIGIN_MISMATCH},
        {S("https://data.test/"), CSRF_ORIGIN_MISMATCH},
        {S("https://data.test.evil.example"), CSRF_ORIGIN_MISMATCH},
        {S("https://friend.example"), CSRF_ORIGIN_MISMATCH},
        {S("http://a.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://a.example.org:8080"), CSRF_ORIGIN_MISMATCH},
        {S("https://evilexample.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://evil@a.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://a.example.org/x"), CSRF_ORIGIN_MISMATCH},
        {S("https://evil/.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://["), CSRF_ORIGIN_MISMATCH},
        {S("https://[.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("https://*.example.org"), CSRF_GOOD}, /* as it stands in the list */
        {S("https:/a.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("a.example.org"), CSRF_ORIGIN_MISMATCH},
        {S("http://a.port.example"), CSRF_ORIGIN_MISMATCH},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct csrf_request request = good_request();
        request.is_https = true;
        request.own_origin = S("https://data.test");
        request.trusted = trusted;
        request.trusted_count = ARRAY_LENGTH(trusted);
        request.origin = rows[i].origin;
        request.referer = S("https://evil.example/"); /* not looked at */
        expect(rows[i].origin.p, request, rows[i].verdict);
    }
}

static void checks_the_referer_on_https(void **state)
{
    static const str trusted[] = {S("https://friend.example:8443"), S("https://*.example.org")};
    static const struct {
        str referer;
        enum csrf_verdict verdict;
    } rows[] = {
        {STR_NONE, CSRF_REFERER_MISSING},
        {S(""), CSRF_REFERER_MALFORMED},
        {S("data.test"), CSRF_REFERER_MALFORMED},
        {S("https://"), CSRF_REFERER_MALFORMED},
        {S("https:///page"), CSRF_REFERER_MALFORMED},
        {S("//data.test/"), CSRF_REFERER_MALFORMED},
        {S("https://[2001:db8/"), CSRF_REFERER_MALFORMED},
        {S("https://a b/"), CSRF_REFERER_MALFORMED},
        {S("1https://data.test/"), CSRF_REFERER_MALFORMED},
        {S("http://data.test/page"), CSRF_REFERER_INSECURE},
        {S("https://data.test/page?x=1"), CSRF_GOOD},
        {S("https://data.test"), CSRF_GOOD},
        {S("https://data.test?x"), CSRF_GOOD},
        {S("https://data.test:8443/"), CSRF_REFERER_MISMATCH},
        {S("https://data.test.evil.example/"), CSRF_REFERER_MISMATCH},
        {S("https://evil.example/https://data.test/"), CSRF_REFERER_MISMATCH},
        {S("https://friend.example:8443/a"), CSRF_GOOD},
        {S("https://friend.example/a"), CSRF_REFERER_MISMATCH},
        {S("https://x.example.org/"), CSRF_GOOD},
        {S("https://example.org/"), CSRF_GOOD},
        {S("https://evilexample.org/"), CSRF_REFERER_MISMATCH},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct csrf_request request = good_request();
        request.is_https = true;
        request.own_origin = S("https://data.test");
        request.trusted = trusted;
        request.trusted_count = ARRAY_LENGTH(trusted);
        request.referer = rows[i].referer;
        expect(rows[i].referer.p ? rows[i].referer.p : "none", request, rows[i].verdict);
        request.is_https = false;
        expect("not looked at on HTTP", request, CSRF_GOOD);
    }
}

static void takes_fetch_metadata_as_second_wall(void **state)
{
    static const str trusted[] = {S("http://friend.example")};
    (void)state;
    struct csrf_request request = good_request();
    request.fetch_site = S("cross-site");
    expect("cross-site", request, CSRF_CROSS_SITE);
    request.fetch_site = S("same-site");
    expect("same-site", request, CSRF_CROSS_SITE);
    request.fetch_site = S("same-origin");
    expect("same-origin", request, CSRF_GOOD);
    request.field = STR_NONE;
    expect("same-origin is no token", request, CSRF_TOKEN_MISSING);
    request = good_request();
    request.fetch_site = S("none");
    expect("none", request, CSRF_GOOD);
    request.fetch_site = S("cross-site");
    request.trusted = trusted;
    request.trusted_count = 1;
    request.origin = S("http://friend.example");
    expect("a trusted origin is another site", request, CSRF_GOOD);
    request.origin = S("http://evil.example");
    expect("origin comes first", request, CSRF_ORIGIN_MISMATCH);
}

static void accepts_proof_of_same_origin_for_preferences(void **state)
{
    static const str trusted[] = {S("https://friend.example")};
    struct csrf_request bare = {.is_https = true,
                                .own_origin = S("https://data.test"),
                                .trusted = trusted,
                                .trusted_count = 1,
                                .is_post = true,
                                .accepts_same_origin = true};
    (void)state;
    struct csrf_request request = bare;
    request.fetch_site = S("same-origin");
    expect("fetch metadata", request, CSRF_GOOD);
    request.accepts_same_origin = false;
    request.referer = S("https://data.test/");
    expect("not for others", request, CSRF_COOKIE_MISSING);
    request = bare;
    request.origin = S("https://data.test");
    expect("origin", request, CSRF_GOOD);
    request.fetch_site = S("cross-site");
    expect("contradiction", request, CSRF_CROSS_SITE);
    request = bare;
    request.origin = S("null");
    request.fetch_site = S("same-origin");
    expect("null", request, CSRF_ORIGIN_MISMATCH);
    request = bare;
    request.origin = S("https://friend.example");
    expect("a trusted origin still needs a token", request, CSRF_COOKIE_MISSING);
    request.cookie = S(SECRET);
    request.header = S(MASKED);
    expect("and is good with it", request, CSRF_GOOD);
    request = bare;
    expect("no evidence at all", request, CSRF_REFERER_MISSING);
    request.referer = S("https://data.test/");
    expect("a referer is not enough", request, CSRF_COOKIE_MISSING);
    request.cookie = S(SECRET);
    request.field = S(MASKED);
    expect("a token counts as well", request, CSRF_GOOD);
    request.fetch_site = S("same-site");
    expect("but not from a sibling", request, CSRF_CROSS_SITE);
    request = bare;
    request.is_https = false;
    expect("plain HTTP without anything", request, CSRF_COOKIE_MISSING);
}

static void names_each_verdict(void **state)
{
    (void)state;
    for (int i = 0; i < CSRF__COUNT; i++) {
        str name = str_from(csrf_verdict_name((enum csrf_verdict)i));
        assert_true(name.n > 0);
        for (int j = 0; j < i; j++) {
            assert_false(str_eq(name, str_from(csrf_verdict_name((enum csrf_verdict)j))));
        }
    }
}

static int start(void **state)
{
    (void)state;
    crypto_start();
    return 0;
}

#define ONE(test) cmocka_unit_test_setup_teardown(test, open_scope, close_scope)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(makes_the_vectors),
        ONE(draws_fresh_secrets_and_masks),
        ONE(refuses_other_formats),
        ONE(accepts_all_eight_combinations),
        ONE(looks_for_the_token_where_django_does),
        ONE(checks_the_cookie_before_the_token),
        ONE(binds_to_the_session),
        ONE(checks_the_origin),
        ONE(checks_the_referer_on_https),
        ONE(takes_fetch_metadata_as_second_wall),
        ONE(accepts_proof_of_same_origin_for_preferences),
        ONE(names_each_verdict),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
