/* Where a form may send its visitor: the reference's table, and what the answer then is. */
#include "../check.h"
#include "../one_scope.h"

#include "web/shell/redirect.h"

static bool is_safe(str next, bool is_https, str *ret_target)
{
    str exact = exact_copy(next);
    bool safe = redirect_is_safe(&scope.arena, exact, S("testserver"), is_https, ret_target);
    exact_free(exact);
    return safe;
}

static void refuses_other_hosts_and_oddities(void **state)
{
    static const str unsafe[] = {
        S(""), S(" "), S("\n"), S("\t \r\n"),
        S("http://example.com"), S("http:///example.com"), S("https://example.com"),
        S("ftp://example.com"), S("ftp://testserver/"), S("\\\\example.com"), S("\\\\\\example.com"),
        S("/\\\\/example.com"), S("/\\/example.com"), S("\\/example.com"), S("/\\example.com"),
        S("\\\\//example.com"), S("//example.com"), S("///example.com"), S("////example.com"),
        S("///testserver/"), S("http:/\\//example.com"), S("http:\\/example.com"),
        S("http:/\\example.com"), S("http:\\\\example.com"), S("javascript:alert(1)"),
        S("JavaScript:alert(1)"), S("\njavascript:alert(x)"), S("\x08//example.com"),
        S("\x01/path"), S("data:text/html,x"), S("mailto:a@example.org"), S("view:1"),
        S("http://otherserver\\@example.com"), S("http:\\\\testserver\\@example.com"),
        S("http://testserver\\me:pass@example.com"), S("http://testserver\\@example.com"),
        S("http:\\\\testserver\\confirm\\me@example.com"), S("http:999999999"), S("ftp:9999999999"),
        S("http:"), S("http:/path"), S("http:path"), S("https:testserver"),
        S("http://[::1"), S("http://[2001:cdba:0000:0000:0000:0000:3257:9652/"),
        S("http://2001:cdba:0000:0000:0000:0000:3257:9652]/"), S("//[testserver/"),
        S("http://user@testserver/"), S("http://user:pass@testserver/"), S("//@testserver/"),
        S("http://testserver:80/"), S("http://testserver:8000/"), S("http://TESTSERVER/"),
        S("http://testserver.example.com/"), S("http://testserver%2eexample.com/"),
        S("http://testserver%00/"), S("http://%74estserver/"), S("http://testserver./"),
        S("http://testserve"), S("http://testserver\xC2\xA0/"),
        S("path\x00more"), S("/path\x00"), S("/\t/example.com"), S("/\n/example.com"),
        S("/a\rb"), S("/\x7F"), S("/\xFF"), S("/\xC3"), S("/\xED\xA0\x80"),
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(unsafe); i++) {
        for (int https = 0; https < 2; https++) {
            str target = STR_NONE;
            bool safe = is_safe(unsafe[i], https, &target);
            if (safe) {
                print_error("'%.*s' passed as '%.*s'\n", STR_ARG(unsafe[i]), STR_ARG(target));
            }
            assert_false(safe);
        }
    }
}

static void gives_path_and_query(void **state)
{
    static const struct {
        str next, target;
    } rows[] = {
        {S("/"), S("/")},
        {S("/view/?param=http://example.com"), S("/view/?param=http://example.com")},
        {S("/view/?param=https://example.com"), S("/view/?param=https://example.com")},
        {S("/view?param=ftp://example.com"), S("/view?param=ftp://example.com")},
        {S("view/?param=//example.com"), S("/view/?param=//example.com")},
        {S("  /spaces/around  "), S("/spaces/around")},
        {S("\n/line\n"), S("/line")},
        {S("path/http:2222222222"), S("/path/http:2222222222")},
        {S("/url%20with%20spaces/"), S("/url%20with%20spaces/")},
        {S("/url with blanks"), S("/url%20with%20blanks")},
        {S("/caf\xC3\xA9?q=\xC3\xA9t\xC3\xA9"), S("/caf%C3%A9?q=%C3%A9t%C3%A9")},
        {S("/a?b=%26&c=%3D"), S("/a?b=%26&c=%3D")},
        {S("/100%"), S("/100%25")},
        {S("/100%zz%4"), S("/100%25zz%254")},
        {S("/a?b#part"), S("/a?b")},
        {S("#part"), S("/")},
        {S("?q=1"), S("/?q=1")},
        {S("https://testserver/a?b=1#c"), S("/a?b=1")},
        {S("HTTPS://testserver/"), S("/")},
        {S("https://testserver"), S("/")},
        {S("https://testserver?q"), S("/?q")},
        {S("https://testserver#@example.com"), S("/")},
        {S("https://testserver//example.com/x"), S("/example.com/x")},
        {S("https://testserver////example.com"), S("/example.com")},
        {S("https://testserver/confirm?email=me@example.com"), S("/confirm?email=me@example.com")},
        {S("/a\\b"), S("/a%5Cb")},
        {S("/a\"<>`{|}^"), S("/a%22%3C%3E%60%7B%7C%7D%5E")},
        {S("%2F%2Fexample.com"), S("/%2F%2Fexample.com")},
        {S("/%2F/example.com"), S("/%2F/example.com")},
        {S("/%5Cexample.com"), S("/%5Cexample.com")},
        {S("\xE3\x80\x80//example.com"), S("/%E3%80%80//example.com")},
        {S("@example.com"), S("/@example.com")},
        {S(".example.com"), S("/.example.com")},
        {S("/a:b"), S("/a:b")},
        {S("//"), S("/")},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        for (int https = 0; https < 2; https++) {
            str target = STR_NONE;
            if (!is_safe(rows[i].next, https, &target)) {
                print_error("'%.*s' was refused\n", STR_ARG(rows[i].next));
                assert_true(false);
            }
            check_text(rows[i].next.p, target, rows[i].target);
        }
    }
}

static void wants_https_on_https(void **state)
{
    static const str plain[] = {S("http://testserver/x"), S("HTTP://testserver/x"),
                                S("//testserver/x")};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(plain); i++) {
        str target = STR_NONE;
        assert_false(is_safe(plain[i], true, &target));
        assert_true(is_safe(plain[i], false, &target));
        check_text(plain[i].p, target, S("/x"));
    }
}

static void compares_the_port(void **state)
{
    str target;
    (void)state;
    assert_true(redirect_is_safe(&scope.arena, S("http://[::1]:8080/x"), S("[::1]:8080"), false,
                                 &target));
    assert_false(redirect_is_safe(&scope.arena, S("http://[::1]/x"), S("[::1]:8080"), false,
                                  &target));
    assert_false(redirect_is_safe(&scope.arena, S("http:///x"), S(""), false, &target));
    assert_false(redirect_is_safe(&scope.arena, STR_NONE, S("h"), false, &target));
}

static void bounds_the_length(void **state)
{
    char *bytes = arena_alloc(&scope.arena, 4097);
    str target;
    (void)state;
    memset(bytes, '"', 4097);
    bytes[0] = '/';
    assert_true(is_safe((str){bytes, 4096}, false, &target));
    check_int("encoded", (long long)target.n, 1 + 4095 * 3);
    assert_false(is_safe((str){bytes, 4097}, false, &target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refuses_other_hosts_and_oddities, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(gives_path_and_query, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(wants_https_on_https, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(compares_the_port, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(bounds_the_length, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
