/* Percent coding and query strings. */
#include "../check.h"
#include "../one_scope.h"

#include "base/limits.h"
#include "base/url.h"

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *plus_blank, *plus_kept; /* NULL: refused */
    } cases[] = {
        {S(""), "", ""},
        {S("abc"), "abc", "abc"},
        {S("a+b"), "a b", "a+b"},
        {S("a%2Bb"), "a+b", "a+b"},
        {S("a%20b"), "a b", "a b"},
        {S("%C3%A9%c3%a9"), "éé", "éé"},
        {S("é"), "é", "é"},
        {S("%25"), "%", "%"},
        {S("%2525"), "%25", "%25"},
        {S("100%"), NULL, NULL},
        {S("%"), NULL, NULL},
        {S("%4"), NULL, NULL},
        {S("%4g"), NULL, NULL},
        {S("%g4"), NULL, NULL},
        {S("%+4"), NULL, NULL},
        {S("%%41"), NULL, NULL},
        {S("%C3"), NULL, NULL},         /* cut UTF-8 */
        {S("%E9"), NULL, NULL},         /* windows-1252 */
        {S("%C0%AF"), NULL, NULL},      /* overlong */
        {S("%ED%A0%80"), NULL, NULL},   /* surrogate */
        {S("%F4%90%80%80"), NULL, NULL},
        {S("%00"), NULL, NULL},
        {S("a%00b"), NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        for (int plus = 0; plus < 2; plus++) {
            const char *expected = plus ? cases[i].plus_blank : cases[i].plus_kept;
            str decoded;
            str text = exact_copy(cases[i].text);
            bool good = url_decode(&scope.arena, text, plus, &decoded);
            exact_free(text);
            check_int(cases[i].text.p, good, expected != NULL);
            if (good) {
                check_text(cases[i].text.p, decoded, str_from(expected));
            }
        }
    }
}

static void test_encode(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *encoded;
    } cases[] = {
        {S(""), ""},
        {S("azAZ09-._~"), "azAZ09-._~"},
        {S(" +%&=?/#\"'"), "%20%2B%25%26%3D%3F%2F%23%22%27"},
        {S("é€"), "%C3%A9%E2%82%AC"},
        {S("\x01\x7f\xff"), "%01%7F%FF"},
        {S("a\0b"), "a%00b"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf out = {0};
        url_encode(&out, cases[i].text);
        check_text(cases[i].encoded, buf_str(&out), str_from(cases[i].encoded));
        buf_done(&out);
    }
}

static void test_query(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *pairs; /* name=value; NULL: refused */
    } cases[] = {
        {"", ""},
        {"&&", ""},
        {"a", "[a=]"},
        {"a=", "[a=]"},
        {"=b", "[=b]"},
        {"=", "[=]"},
        {"a=1&b=2", "[a=1][b=2]"},
        {"&a=1&&b=2&", "[a=1][b=2]"},
        {"a=1&a=2", "[a=1][a=2]"},
        {"a=b=c", "[a=b=c]"},
        {"a%3D=1%262", "[a==1&2]"},
        {"where=x+%3E+1", "[where=x > 1]"},
        {"a=1;b=2", "[a=1;b=2]"},
        {"caf%C3%A9=%e2%82%ac", "[café=€]"},
        {"a=%", NULL},
        {"a=1&%zz=2", NULL},
        {"a=%ff", NULL},
        {"a=%00", NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct query query;
        struct buf pairs = {0};
        enum err result = query_parse(&scope, str_from(cases[i].text), &query);
        if (!cases[i].pairs) {
            check_int(cases[i].text, result, ERR_REQUEST);
            check_failure(cases[i].text, &scope, ERR_REQUEST, "near parameter");
            continue;
        }
        check_ok(cases[i].text, &scope, result);
        for (size_t k = 0; k < query.count; k++) {
            buf_printf(&pairs, "[%.*s=%.*s]", STR_ARG(query.items[k].name),
                       STR_ARG(query.items[k].value));
        }
        check_text(cases[i].text, buf_str(&pairs), str_from(cases[i].pairs));
        buf_done(&pairs);
    }
}

static void test_find(void **state)
{
    (void)state;
    struct query query;
    check_ok("query", &scope, query_parse(&scope, S("a=1&B=2&a=3&c"), &query));
    check_text("first of two", *query_find(&query, S("a")), S("1"));
    check_text("case", *query_find(&query, S("B")), S("2"));
    assert_null(query_find(&query, S("b")));
    check_text("no value", *query_find(&query, S("c")), S(""));
    assert_null(query_find(&query, S("")));
}

static str many_pairs(int count)
{
    struct buf out = {0};
    for (int i = 0; i < count; i++) {
        buf_add(&out, S("a=1&"));
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static void test_limits(void **state)
{
    (void)state;
    struct query query;
    check_ok("most parameters", &scope,
             query_parse(&scope, many_pairs(LIMIT_QUERY_PARAMETERS), &query));
    assert_int_equal(query.count, LIMIT_QUERY_PARAMETERS);
    enum err result = query_parse(&scope, many_pairs(LIMIT_QUERY_PARAMETERS + 1), &query);
    assert_int_equal(result, ERR_TOO_LARGE);
    check_failure("parameters", &scope, ERR_TOO_LARGE, "more than 200 parameters");

    char *bytes = arena_alloc(&scope.arena, LIMIT_QUERY_BYTES + 1);
    memset(bytes, 'a', LIMIT_QUERY_BYTES + 1);
    check_ok("most bytes", &scope, query_parse(&scope, (str){bytes, LIMIT_QUERY_BYTES}, &query));
    assert_int_equal(query.items[0].name.n, LIMIT_QUERY_BYTES);
    result = query_parse(&scope, (str){bytes, LIMIT_QUERY_BYTES + 1}, &query);
    assert_int_equal(result, ERR_TOO_LARGE);
    check_failure("bytes", &scope, ERR_TOO_LARGE, "longer than 65536 bytes");
}

static void test_parts_of_addresses(void **state)
{
    (void)state;
    static const struct {
        str address;
        size_t scheme;
    } schemes[] = {{S(""), 0},       {S(":"), 0},        {S("http://a"), 4}, {S("1a:b"), 0},
                   {S("a+b-c.1:"), 7}, {S("a/b:c"), 0}, {S("path"), 0},    {S("javascript:x"), 10}};
    for (size_t i = 0; i < ARRAY_LENGTH(schemes); i++) {
        check_int(schemes[i].address.p, (long long)url_scheme_length(schemes[i].address),
                  (long long)schemes[i].scheme);
    }
    check_text("path", url_authority(S("a.example:80/b?c")), S("a.example:80"));
    check_text("query", url_authority(S("a?b/c")), S("a"));
    check_text("fragment", url_authority(S("a#b")), S("a"));
    check_text("alone", url_authority(S("a")), S("a"));
    check_text("none", url_authority(S("/a")), S(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode), cmocka_unit_test(test_encode),
        cmocka_unit_test(test_query),  cmocka_unit_test(test_find),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_parts_of_addresses),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
