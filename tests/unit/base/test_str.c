/* Views of text, and the builder that makes them. */
#include "../check.h"
#include "../one_scope.h"

#include "base/buf.h"

static void test_comparisons(void **state)
{
    (void)state;
    const struct {
        str a, b;
        bool equal, nocase;
        int order, starts, ends; /* a against b; a starts or ends with b */
    } cases[] = {
        {S(""), S(""), true, true, 0, 1, 1},
        {STR_NONE, S(""), true, true, 0, 1, 1},
        {S("a"), STR_NONE, false, false, 1, 1, 1},
        {S("abc"), S("abc"), true, true, 0, 1, 1},
        {S("abc"), S("ABC"), false, true, 1, 0, 0},
        {S("abc"), S("ab"), false, false, 1, 1, 0},
        {S("abc"), S("bc"), false, false, -1, 0, 1},
        {S("ab"), S("abc"), false, false, -1, 0, 0},
        {S("a\0b"), S("a\0c"), false, false, -1, 0, 0},
        {S("a\0b"), S("a\0b"), true, true, 0, 1, 1},
        {S("\xff"), S("a"), false, false, 1, 0, 0},
        {S("É"), S("é"), false, false, -1, 0, 0}, /* only ASCII letters have a case here */
        {S("["), S("{"), false, false, -1, 0, 0}, /* 32 apart, no letters */
        {S("@"), S("`"), false, false, -1, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *name = str_cz(&scope.arena, cases[i].a);
        int order = str_compare(cases[i].a, cases[i].b);
        check_int(name, str_eq(cases[i].a, cases[i].b), cases[i].equal);
        check_int(name, str_eq_nocase(cases[i].a, cases[i].b), cases[i].nocase);
        check_int(name, (order > 0) - (order < 0), cases[i].order);
        check_int(name, str_starts(cases[i].a, cases[i].b), cases[i].starts);
        check_int(name, str_ends(cases[i].a, cases[i].b), cases[i].ends);
    }
}

static void test_find(void **state)
{
    (void)state;
    const struct {
        str text, needle;
        size_t from, at;
    } cases[] = {
        {S("abcabc"), S("abc"), 0, 0},  {S("abcabc"), S("abc"), 1, 3},
        {S("abcabc"), S("abc"), 4, SIZE_MAX}, {S("abc"), S(""), 3, 3},
        {S("abc"), S(""), 4, SIZE_MAX}, {S("abc"), S("abcd"), 0, SIZE_MAX},
        {S(""), S(""), 0, 0},           {STR_NONE, S("a"), 0, SIZE_MAX},
        {S("a\0b"), S("\0b"), 0, 1},    {S("abc"), S("c"), SIZE_MAX, SIZE_MAX},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        size_t at = str_find(cases[i].text, cases[i].needle, cases[i].from);
        check_int(cases[i].needle.p, (long long)at, (long long)cases[i].at);
        if (cases[i].needle.n == 1) {
            at = str_find_char(cases[i].text, cases[i].needle.p[0], cases[i].from);
            check_int(cases[i].needle.p, (long long)at, (long long)cases[i].at);
        }
    }
}

static void test_slice_and_trim(void **state)
{
    (void)state;
    str text = S("abcdef");
    check_text("whole", str_slice(text, 0, 6), text);
    check_text("inner", str_slice(text, 2, 4), S("cd"));
    check_text("clamped", str_slice(text, 4, SIZE_MAX), S("ef"));
    check_text("behind", str_slice(text, 9, 12), S(""));
    check_text("backwards", str_slice(text, 4, 2), S(""));
    assert_null(str_slice(STR_NONE, 0, 3).p);
    check_text("trim", str_trim(S(" \t\r\n\v\fa b\n ")), S("a b"));
    check_text("all blank", str_trim(S(" \n ")), S(""));
    check_text("none", str_trim(STR_NONE), S(""));
    check_text("NUL is no blank", str_trim(S("\0a\0")), S("\0a\0"));
    check_text("no-break space is kept", str_trim(S("\u00a0a")), S("\u00a0a"));
}

static void test_split(void **state)
{
    (void)state;
    const struct {
        str text;
        const char *parts; /* joined by '|' */
    } cases[] = {
        {S("a,b,c"), "a|b|c|"}, {S("a"), "a|"}, {S(""), "|"},     {S(","), "||"},
        {S(",a"), "|a|"},       {S("a,"), "a||"}, {STR_NONE, ""}, {S("a,,b"), "a||b|"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf joined = {0};
        str rest = cases[i].text;
        str part;
        while (str_split(&rest, ',', &part)) {
            buf_add(&joined, part);
            buf_add_char(&joined, '|');
        }
        check_text(cases[i].parts, buf_str(&joined), str_from(cases[i].parts));
        buf_done(&joined);
    }
}

static void test_blank_separated_parts(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *parts;
    } cases[] = {
        {S("a bc"), "a|bc|"}, {S(" \t a\n\nb \r"), "a|b|"}, {S("one"), "one|"},
        {S("é\xc2\xa0 b"), "é\xc2\xa0|b|"}, {S("  "), ""}, {S(""), ""}, {STR_NONE, ""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf joined = {0};
        str rest = cases[i].text;
        str part;
        while (str_split_blank(&rest, &part)) {
            buf_add(&joined, part);
            buf_add_char(&joined, '|');
        }
        check_text(cases[i].parts, joined.n ? buf_str(&joined) : S(""), str_from(cases[i].parts));
        assert_int_equal(rest.n, 0);
        buf_done(&joined);
    }
}

static void test_copies(void **state)
{
    (void)state;
    char bytes[] = "Mixed ÉCase";
    str copy = str_copy(&scope.arena, str_from(bytes));
    str lower = str_lower_ascii(&scope.arena, str_from(bytes));
    bytes[0] = '?';
    check_text("copy", copy, S("Mixed ÉCase"));
    check_text("lower", lower, S("mixed Écase"));
    assert_non_null(str_copy(&scope.arena, STR_NONE).p);
    assert_string_equal(str_cz(&scope.arena, str_slice(copy, 0, 5)), "Mixed");
    assert_string_equal(str_cz(&scope.arena, S("a\0b")), "a");
    check_text("printf", str_printf(&scope.arena, "%s-%d%%", "x", 7), S("x-7%"));
    check_text("printf nothing", str_printf(&scope.arena, "%s", ""), S(""));
    char longest[5000];
    memset(longest, 'z', sizeof(longest));
    longest[sizeof(longest) - 1] = 0;
    check_text("printf much", str_printf(&scope.arena, "%s", longest), str_from(longest));
    assert_true(str_hash(S("a")) != str_hash(S("b")));
    assert_true(str_hash(S("")) == str_hash(STR_NONE));
    assert_null(str_from(NULL).p);
}

static void test_buf(void **state)
{
    (void)state;
    struct buf buf = {0};
    check_text("empty", buf_str(&buf), S(""));
    buf_add(&buf, STR_NONE);
    buf_add(&buf, S("a"));
    buf_add_char(&buf, '\0');
    buf_add_int(&buf, INT64_MIN);
    buf_printf(&buf, "[%05d]", 42);
    buf_printf(&buf, "%s", "");
    check_text("built", buf_str(&buf), S("a\0-9223372036854775808[00042]"));
    str copy = buf_copy(&buf, &scope.arena);
    buf_clear(&buf);
    assert_int_equal(buf.n, 0);
    assert_true(buf.capacity > 0);
    check_text("copy outlives", copy, S("a\0-9223372036854775808[00042]"));
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
        assert_true(buf.n <= buf.capacity);
    }
    assert_int_equal(buf.n, 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(buf.p[i], 'a' + i % 26);
    }
    str taken = buf_take(&buf);
    assert_int_equal(taken.n, 100000);
    assert_null(buf.p);
    assert_int_equal(buf.capacity, 0);
    free((char *)(uintptr_t)taken.p);
    buf_done(&buf);
    buf_done(&buf);
}

/* A format exactly as long as the room left must not lose its last byte to the terminator. */
static void test_buf_printf_at_the_edge(void **state)
{
    (void)state;
    for (size_t length = 250; length < 260; length++) {
        struct buf buf = {0};
        str expected = str_printf(&scope.arena, "%0*d", (int)length, 7);
        buf_printf(&buf, "%0*d", (int)length, 7);
        check_text("edge", buf_str(&buf), expected);
        buf_done(&buf);
    }
}

static void grow_too_far(void)
{
    struct buf buf = {0};
    buf_add_char(&buf, 'x');
    buf_reserve(&buf, SIZE_MAX);
}

static void test_buf_overflow_aborts(void **state)
{
    (void)state;
    check_aborts("buf", grow_too_far);
}

static void test_join(void **state)
{
    (void)state;
    static const struct {
        str text;
        int other;
    } items[] = {{S("a"), 1}, {STR_NONE, 2}, {S("bc"), 3}};
    check_text("none", str_join(&scope.arena, items, 0, sizeof(items[0]), S(", ")), S(""));
    check_text("one", str_join(&scope.arena, items, 1, sizeof(items[0]), S(", ")), S("a"));
    check_text("all", str_join(&scope.arena, items, 3, sizeof(items[0]), S(", ")), S("a, , bc"));
}

static void test_hex_digit(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        const char *at = c ? strchr("0123456789abcdef", ascii_lower((char)c)) : NULL;
        static const char digits[] = "0123456789abcdef";
        check_int("digit", hex_digit((char)c), at ? (long long)(strchr(digits, *at) - digits) : -1);
    }
}


int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons),    cmocka_unit_test(test_find),
        cmocka_unit_test(test_slice_and_trim), cmocka_unit_test(test_split),
        cmocka_unit_test(test_blank_separated_parts),
        cmocka_unit_test(test_copies),         cmocka_unit_test(test_buf),
        cmocka_unit_test(test_buf_printf_at_the_edge),
        cmocka_unit_test(test_buf_overflow_aborts),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_hex_digit),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
