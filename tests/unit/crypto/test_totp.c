/* One-time codes against RFC 6238's vectors, replay, base32 (RFC 4648), the QR code's SVG. */
#include "../check.h"
#include "../one_scope.h"

#include "platform/crypto/totp.h"

static const uint8_t *const rfc_secret = (const uint8_t *)"12345678901234567890";

/* RFC 6238 appendix B, SHA-1; its codes have eight digits, ours are their last six. */
static void test_vectors(void **state)
{
    static const struct {
        int64_t second;
        const char *code;
    } cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str code = totp_code(&scope.arena, rfc_secret, cases[i].second * USEC_SECOND);
        check_text(cases[i].code, code, str_from(cases[i].code));
    }
}

static bool check(str code, int64_t second, int64_t used, int64_t *ret_step)
{
    return totp_check(&scope.arena, rfc_secret, code, second * USEC_SECOND, used, ret_step);
}

static void test_window(void **state)
{
    int64_t step;
    str code = S("050471"); /* of 1111111110 up to and without 1111111140 */
    (void)state;
    assert_true(check(code, 1111111111, 0, &step));
    assert_int_equal(step, 1111111110 / 30);
    assert_true(check(code, 1111111110 - 30, 0, &step));
    assert_true(check(code, 1111111139 + 30, 0, &step));
    assert_false(check(code, 1111111110 - 31, 0, &step));
    assert_false(check(code, 1111111140 + 30, 0, &step));
    assert_true(check(S("287082"), 59, 0, &step));
    assert_true(check(totp_code(&scope.arena, rfc_secret, 0), 1, -1, &step));
}

static void test_replay(void **state)
{
    int64_t step;
    int64_t again;
    (void)state;
    assert_true(check(S("050471"), 1111111111, 0, &step));
    assert_false(check(S("050471"), 1111111112, step, &again));
    assert_false(check(S("050471"), 1111111141, step, &again));
    /* An older code neither, once a later one was used. */
    assert_false(check(S("081804"), 1111111111, step, &again));
    assert_true(check(totp_code(&scope.arena, rfc_secret, (usec)1111111140 * USEC_SECOND),
                      1111111112, step, &again));
    assert_int_equal(again, step + 1);
}

static void test_wrong_codes(void **state)
{
    static const str codes[] = {S(""),        S("05047"),  S("0504710"), S("050472"),
                                S("05047\0"), S(" 50471"), S("abcdef")};
    int64_t step;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        str exact = exact_copy(codes[i]);
        assert_false(check(exact, 1111111111, 0, &step));
        exact_free(exact);
    }
}

static void test_base32(void **state)
{
    static const struct {
        str plain;
        str coded;
    } cases[] = {{S("f"), S("MY")},
                 {S("fo"), S("MZXQ")},
                 {S("foo"), S("MZXW6")},
                 {S("foob"), S("MZXW6YQ")},
                 {S("fooba"), S("MZXW6YTB")},
                 {S("foobar"), S("MZXW6YTBOI")},
                 {S("12345678901234567890"), S("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint8_t bytes[32];
        const uint8_t *plain = (const uint8_t *)cases[i].plain.p;
        check_text("encode", base32_encode(&scope.arena, plain, cases[i].plain.n), cases[i].coded);
        str exact = exact_copy(cases[i].coded);
        assert_true(base32_decode(exact, bytes, cases[i].plain.n));
        exact_free(exact);
        assert_memory_equal(bytes, plain, cases[i].plain.n);
        assert_false(base32_decode(cases[i].coded, bytes, cases[i].plain.n + 1));
    }
}

static void test_bad_base32(void **state)
{
    static const str texts[] = {S(""),         S("mzxw6ytb"), S("MZXW6YT1"), S("MZXW6YT"),
                                S("MZXW6YT="), S("MZXW6 TB"), S("MZXW6YTB=")};
    uint8_t bytes[5];
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        str exact = exact_copy(texts[i]);
        assert_false(base32_decode(exact, bytes, sizeof(bytes)));
        exact_free(exact);
    }
}

/* The three finder patterns and the quiet zone say that a symbol is there. */
static void test_svg(void **state)
{
    (void)state;
    str svg =
        qr_svg(&scope.arena, S("otpauth://totp/Portal:ada?secret=GEZDGNBVGY3TQOJQ&issuer=Portal"));
    assert_true(str_starts(svg, S("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")));
    assert_true(str_ends(svg, S("\"/></svg>")));
    assert_true(str_find(svg, S("fill=\"currentColor\""), 0) != SIZE_MAX);
    assert_true(str_find(svg, S("M4 4h7v1h-7z"), 0) != SIZE_MAX);
    assert_true(str_find(svg, S("M4 10h7v1h-7z"), 0) != SIZE_MAX);
    assert_true(str_find(svg, S("M6 6h3v1h-3z"), 0) != SIZE_MAX);
    assert_true(str_find(svg, S("script"), 0) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_vectors, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_window, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_replay, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_wrong_codes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_base32, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_bad_base32, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_svg, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
