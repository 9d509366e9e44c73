/* Well-formed UTF-8 and nothing else; walking, writing and cutting it. */
#include "../check.h"

#include "base/utf8.h"

static void test_validity(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        str bytes;
        bool valid;
    } cases[] = {
        {"empty", S(""), true},
        {"none", STR_NONE, true},
        {"ASCII", S("az~\x7f\x01"), true},
        {"NUL", S("a\0b"), false},
        {"two bytes, least", S("\xc2\x80"), true},
        {"two bytes, most", S("\xdf\xbf"), true},
        {"three bytes, least", S("\xe0\xa0\x80"), true},
        {"before the surrogates", S("\xed\x9f\xbf"), true},
        {"behind the surrogates", S("\xee\x80\x80"), true},
        {"three bytes, most", S("\xef\xbf\xbf"), true},
        {"four bytes, least", S("\xf0\x90\x80\x80"), true},
        {"U+10FFFF", S("\xf4\x8f\xbf\xbf"), true},
        {"mixed", S("aé€😀z"), true},
        {"lone continuation", S("\x80"), false},
        {"lone continuation, most", S("\xbf"), false},
        {"continuation behind a whole one", S("é\x80"), false},
        {"overlong NUL", S("\xc0\x80"), false},
        {"overlong slash", S("\xc0\xaf"), false},
        {"overlong two, most", S("\xc1\xbf"), false},
        {"overlong three", S("\xe0\x9f\xbf"), false},
        {"overlong slash in three", S("\xe0\x80\xaf"), false},
        {"overlong four", S("\xf0\x8f\xbf\xbf"), false},
        {"first surrogate", S("\xed\xa0\x80"), false},
        {"last surrogate", S("\xed\xbf\xbf"), false},
        {"surrogate pair", S("\xed\xa0\xbd\xed\xb8\x80"), false},
        {"U+110000", S("\xf4\x90\x80\x80"), false},
        {"f5", S("\xf5\x80\x80\x80"), false},
        {"five bytes", S("\xf8\x88\x80\x80\x80"), false},
        {"fe", S("\xfe"), false},
        {"ff", S("\xff"), false},
        {"two cut", S("\xc3"), false},
        {"three cut after one", S("\xe2"), false},
        {"three cut after two", S("\xe2\x82"), false},
        {"four cut after three", S("\xf0\x9f\x98"), false},
        {"cut by a letter", S("\xe2\x82z"), false},
        {"cut by another start", S("\xc3\xc3\xa9"), false},
        {"four cut by a letter", S("\xf0\x9fz\x80"), false},
        {"windows-1252", S("caf\xe9"), false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str bytes = exact_copy(cases[i].bytes);
        check_int(cases[i].what, utf8_is_valid(bytes), cases[i].valid);
        exact_free(bytes);
    }
}

/* Every code point is written, is valid unless a surrogate or NUL, and is read back. */
static void test_every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char out[4];
        size_t at = 0;
        str text = {out, utf8_write(out, c)};
        bool surrogate = c >= 0xd800 && c <= 0xdfff;
        bool good = utf8_is_valid(text) == (c != 0 && !surrogate) &&
                    (surrogate || (utf8_next(text, &at) == c && at == text.n)) &&
                    utf8_length(text) == 1;
        if (!good) {
            print_error("U+%04X\n", c);
        }
        assert_true(good);
    }
}

/* Every pair of bytes, judged by the table of RFC 3629. */
static void test_every_pair_of_bytes(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            const char bytes[] = {(char)a, (char)b};
            bool expected = (a > 0 && a < 0x80 && b > 0 && b < 0x80) ||
                            (a >= 0xc2 && a <= 0xdf && b >= 0x80 && b <= 0xbf);
            assert_int_equal(utf8_is_valid((str){bytes, 2}), expected);
        }
    }
}

static void test_walk(void **state)
{
    (void)state;
    static const uint32_t expected[] = {'a', 0xe9, 0x20ac, 0x1f600, 'z'};
    str text = S("aé€😀z");
    size_t at = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
        assert_true(at < text.n);
        assert_int_equal(utf8_next(text, &at), expected[i]);
    }
    assert_int_equal(at, text.n);
    assert_int_equal(utf8_length(text), 5);
    assert_int_equal(utf8_length(S("")), 0);
}

static void test_truncate(void **state)
{
    (void)state;
    static const char *const expected[] = {"", "a", "a", "aé", "aé", "aé", "aé€", "aé€", "aé€",
                                           "aé€", "aé€😀", "aé€😀z", "aé€😀z"};
    str text = S("aé€😀z");
    for (size_t limit = 0; limit < ARRAY_LENGTH(expected); limit++) {
        check_text("truncate", utf8_truncate(text, limit), str_from(expected[limit]));
    }
    check_text("whole", utf8_truncate(text, SIZE_MAX), text);
    check_text("none", utf8_truncate(STR_NONE, 0), S(""));
}

static void test_drop_cut(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *kept;
    } cases[] = {
        {S(""), ""}, {STR_NONE, ""}, {S("a"), "a"}, {S("aé"), "aé"}, {S("a€"), "a€"},
        {S("a😀"), "a😀"}, {S("a\xc3"), "a"}, {S("a\xe2"), "a"}, {S("a\xe2\x82"), "a"},
        {S("a\xf0"), "a"}, {S("a\xf0\x9f"), "a"}, {S("a\xf0\x9f\x98"), "a"},
        {S("\xf0\x9f\x98"), ""}, {S("é\xc3"), "é"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str text = exact_copy(cases[i].text);
        check_text(cases[i].kept, utf8_drop_cut(text), str_from(cases[i].kept));
        exact_free(text);
    }
}

static void test_lines(void **state)
{
    (void)state;
    static const str good[] = {S(""), S("a b"), S("é\u00a0ü"), S("~ \xc2\x80")};
    static const str bad[] = {S("a\n"), S("\t"), S("\x7f"), S("a\0"), S("\xc3"), S("\x1f")};
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(utf8_is_line(good[i]));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(utf8_is_line(bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validity),         cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_every_pair_of_bytes), cmocka_unit_test(test_walk),
        cmocka_unit_test(test_truncate),         cmocka_unit_test(test_drop_cut),
        cmocka_unit_test(test_lines),         cmocka_unit_test(test_drop_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
