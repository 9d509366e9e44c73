/* Cookie headers: cookies-and-privacy.md 2.3 and the cases of Django's tests. */
#include "check.h"
#include "one_scope.h"

#include "base/limits.h"
#include "platform/http/cookie.h"

/* The pairs as name=value, each in brackets: the values may hold anything. */
static str pairs_of(str header)
{
    struct buf out = {0};
    struct cookie_pair pair;
    str copy = exact_copy(header);
    str rest = copy;
    while (cookie_next(&scope.arena, &rest, &pair)) {
        buf_printf(&out, "[%.*s=%.*s]", STR_ARG(pair.name), STR_ARG(pair.value));
    }
    str text = buf_copy(&out, &scope.arena);
    exact_free(copy);
    buf_done(&out);
    return text;
}

static void test_pairs(void **state)
{
    static const struct {
        const char *header;
        const char *pairs;
    } rows[] = {
        {"", ""},
        {";", ""},
        {" ; ;; ", ""},
        {"=", ""},
        {" = ; =", ""},
        {"a=b", "[a=b]"},
        {"a=b; c=d", "[a=b][c=d]"},
        {"a=b;c=d;", "[a=b][c=d]"},
        {"  a = b ;\tc\t=\td ", "[a=b][c=d]"},
        {"a=b=c; d=e==", "[a=b=c][d=e==]"},
        {"a=", "[a=]"},
        {"a", "[=a]"},
        {"=b", "[=b]"},
        {"a; b=c", "[=a][b=c]"},
        {"a=1; a=2; a=1", "[a=1][a=2][a=1]"},
        /* Only ';' separates: nothing else smuggles in a csrftoken. */
        {"a=b, csrftoken=x", "[a=b, csrftoken=x]"},
        {"a=b csrftoken=x", "[a=b csrftoken=x]"},
        {"a=b\tcsrftoken=x", "[a=b\tcsrftoken=x]"},
        {"a=b]csrftoken=x", "[a=b]csrftoken=x]"},
        {"a=[b; csrftoken=x", "[a=[b][csrftoken=x]"},
        {"a={b} csrftoken=x", "[a={b} csrftoken=x]"},
        {"__utma=x]csrftoken=y; csrftoken=z", "[__utma=x]csrftoken=y][csrftoken=z]"},
        {"a=\"b csrftoken=x", "[a=\"b csrftoken=x]"},
        {"a=\"b; csrftoken=x\"", "[a=\"b][csrftoken=x\"]"},
        {"a b=c; $Version=1; a,b=c; a[b]=c", "[a b=c][$Version=1][a,b=c][a[b]=c]"},
        {"unnamed; a:b=c", "[=unnamed][a:b=c]"},
        /* Quotes, as http.cookies of Python takes them away. */
        {"a=\"b\"", "[a=b]"},
        {"a=\"\"", "[a=]"},
        {"a=\"", "[a=\"]"},
        {"a=\"\"\"", "[a=\"]"},
        {"a=b\"c\"", "[a=b\"c\"]"},
        {"a=\"b\\\"c\"", "[a=b\"c]"},
        {"a=\"b\\\\c\"", "[a=b\\c]"},
        {"a=\"\\b\\c\"", "[a=bc]"},
        {"a=\"b\\\"", "[a=b\\]"},
        {"a=\"\\054\\073\"", "[a=,;]"},
        {"a=\"\\303\\251\"", "[a=\xc3\xa9]"},
        {"a=\"\\0541\\05\"", "[a=,105]"},
        {"a=\"\\400\\387\"", "[a=400387]"},
        {"a=b\\054", "[a=b\\054]"},
        /* Percent signs and bytes of UTF-8 or of nothing stay. */
        {"a=%20b; c=\xc3\xa9; d=\xff\xfe", "[a=%20b][c=\xc3\xa9][d=\xff\xfe]"},
        /* Control bytes, also those that quotes would bring, void the pair. */
        {"a=b\x01; c=d", "[c=d]"},
        {"a\x1f=b; c=d", "[c=d]"},
        {"a=b\x7f; c=d", "[c=d]"},
        {"\v a=b; c=d", "[c=d]"},
        {"a=\"\\000\"; c=d", "[c=d]"},
        {"a=\"\\012\"; c=d", "[c=d]"},
        {"a=\"\\177\"; c=d", "[c=d]"},
        {"a=\"\\011\"; c=d", "[a=\t][c=d]"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        check_text(rows[i].header, pairs_of(str_from(rows[i].header)), str_from(rows[i].pairs));
    }
    check_text("NUL", pairs_of(S("a=b\0c; d=e")), S("[d=e]"));
}

static void test_values(void **state)
{
    static const struct {
        const char *header;
        const char *value; /* NULL: none */
        bool conflict;
    } rows[] = {
        {"", NULL, false},
        {"b=1", NULL, false},
        {"A=1", NULL, false},
        {"a=1", "1", false},
        {"a=", "", false},
        {"a=\"\"", "", false},
        {"a=1; a=1", "1", false},
        {"a=1; a=\"1\"", "1", false},
        {"a=1; a=2", "2", true},
        {"a=1; a=2; a=1", "1", true},
        {"a=1; a=", "", true},
        {"a=; a=1", "1", true},
        {"a=1; a=2\x01", "1", false},
        {"a=1; a=\"\\000\"", "1", false},
        {"x=a=2; a=1", "1", false},
        {"a", NULL, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        bool conflict = false;
        str copy = exact_copy(str_from(rows[i].header));
        str value = cookie_value(&scope.arena, copy, S("a"), &conflict);
        check_int(rows[i].header, value.p != NULL, rows[i].value != NULL);
        check_text(rows[i].header, value, str_from(rows[i].value));
        check_int(rows[i].header, conflict, rows[i].conflict);
        exact_free(copy);
    }
    assert_true(str_eq(cookie_value(&scope.arena, S("a=1"), S("a"), NULL), S("1")));
}

static void test_long_values(void **state)
{
    const size_t length = 100000;
    struct buf header = {0};
    (void)state;
    buf_add(&header, S("sessionid=1; csrftoken="));
    memset(buf_reserve(&header, length), 'x', length);
    header.n += length;
    str value = cookie_value(&scope.arena, buf_str(&header), S("csrftoken"), NULL);
    assert_int_equal(value.n, length);
    buf_clear(&header);
    buf_add(&header, S("csrftoken=\""));
    memset(buf_reserve(&header, length), '\\', length);
    header.n += length;
    assert_int_equal(cookie_value(&scope.arena, buf_str(&header), S("csrftoken"), NULL).n,
                     length + 1);
    buf_add_char(&header, '"');
    assert_int_equal(cookie_value(&scope.arena, buf_str(&header), S("csrftoken"), NULL).n,
                     length / 2);
    buf_done(&header);
}

static void test_limit(void **state)
{
    struct buf header = {0};
    (void)state;
    for (int i = 0; i < LIMIT_COOKIES; i++) {
        buf_printf(&header, "a=%d; ", i);
    }
    buf_add(&header, S("a=late; b=late"));
    check_text("the last of the first", cookie_value(&scope.arena, buf_str(&header), S("a"), NULL),
               str_printf(&scope.arena, "%d", LIMIT_COOKIES - 1));
    assert_null(cookie_value(&scope.arena, buf_str(&header), S("b"), NULL).p);
    buf_done(&header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_long_values),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
