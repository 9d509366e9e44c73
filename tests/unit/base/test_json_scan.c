/* Where the parts of JSON begin and end. */
#include "../check.h"
#include "../one_scope.h"

#include "base/buf.h"
#include "base/json_scan.h"

/* One letter a byte: ( opens, ) closes, comma and colon are themselves, . is inside, ! is a fault. */
static str tokens_of(str text, struct json_scan *scan)
{
    static const char letters[] = {[JSON_INSIDE] = '.', [JSON_OPEN] = '(',  [JSON_CLOSE] = ')',
                                   [JSON_COMMA] = ',',  [JSON_COLON] = ':', [JSON_FAULT] = '!'};
    struct buf out = {0};
    *scan = (struct json_scan){0};
    for (size_t i = 0; i < text.n; i++) {
        enum json_token token = json_scan_byte(scan, text.p[i]);
        buf_add_char(&out, letters[token]);
        if (token == JSON_FAULT) {
            break;
        }
    }
    str tokens = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return tokens;
}

static void test_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *tokens;
        const char *expected; /* NULL: the text is whole */
    } cases[] = {
        {"", "", NULL},
        {" \t\r\n", "....", NULL},
        {"{}", "()", NULL},
        {"[[],{}]", "((),())", NULL},
        {"{\"a\":1}", "(...:.)", NULL},
        {"{\"a\" : [ 1 , 2.5e+3 ] , \"b\":null}", "(....:.(...,........).,....:....)", NULL},
        {"[\"a\\\"],{\\\\\",1]", "(..........,.)", NULL},
        {"[NaN,-Infinity,true]", "(...,.........,....)", NULL},
        {"[1,]", "(.,)", NULL},
        {"{\"a\":1,}", "(...:.,)", NULL},
        {"1 \"a\"[]\n{}", ".....().()", NULL},
        {"[", "(", "a value or ]"},
        {"{", "(", "a key in quotes or }"},
        {"{\"a", "(..", "the end of the text in quotes"},
        {"{\"a\\\"", "(....", "the end of the text in quotes"},
        {"{\"a\"", "(...", ": behind the key"},
        {"{\"a\":", "(...:", "a value"},
        {"{\"a\":[1", "(...:(.", ", or ]"},
        {"{\"a\":1", "(...:.", ", or }"},
        {"]", "!", "a value"},
        {"[}", "(!", "a value or ]"},
        {"{]", "(!", "a key in quotes or }"},
        {"[,1]", "(!", "a value or ]"},
        {"[1,,2]", "(.,!", "a value or ]"},
        {"[1 2]", "(..!", ", or ]"},
        {"[\"a\"\"b\"]", "(...!", ", or ]"},
        {"{1:2}", "(!", "a key in quotes or }"},
        {"{\"a\" \"b\"}", "(....!", ": behind the key"},
        {"{\"a\",1}", "(...!", ": behind the key"},
        {"{\"a\":}", "(...:!", "a value"},
        {"{\"a\":1:2}", "(...:.!", ", or }"},
        {"[1:2]", "(.!", ", or ]"},
        {"[1]]", "(.)!", "a value"},
        {"[#]", "(!", "a value or ]"},
        {",", "!", "a value"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct json_scan scan;
        str text = exact_copy(str_from(cases[i].text));
        str tokens = tokens_of(text, &scan);
        check_text(cases[i].text, tokens, str_from(cases[i].tokens));
        bool is_fault = str_ends(tokens, S("!"));
        check_int(cases[i].text, !is_fault && json_scan_is_whole(&scan), cases[i].expected == NULL);
        check_text(cases[i].text, cases[i].expected ? str_from(json_scan_expected(&scan)) : STR_NONE,
                   str_from(cases[i].expected));
        exact_free(text);
    }
}

static void test_places(void **state)
{
    (void)state;
    struct json_scan scan;
    tokens_of(S("{\n \"a\n\": 1,\n}}"), &scan);
    check_int("bytes", (long long)scan.bytes, 14);
    check_int("lines", (long long)scan.lines, 3);
    check_int("column", (long long)(scan.bytes - scan.line_start), 2);
}

/* Brackets of both kinds, as deep as the scan goes, are told apart on the way out; one more is a fault. */
static void test_depth(void **state)
{
    (void)state;
    struct json_scan scan = {0};
    for (size_t i = 0; i < JSON_SCAN_DEPTH; i++) {
        check_int("open", json_scan_byte(&scan, i % 3 ? '[' : '{'), JSON_OPEN);
        check_int("depth", (long long)scan.depth, (long long)i + 1);
        for (const char *key = i % 3 ? "" : "\"k\":"; *key && i + 1 < JSON_SCAN_DEPTH; key++) {
            assert_int_not_equal(json_scan_byte(&scan, *key), JSON_FAULT);
        }
    }
    struct json_scan deeper = scan;
    for (const char *key = "\"k\":"; *key && (JSON_SCAN_DEPTH - 1) % 3 == 0; key++) {
        assert_int_not_equal(json_scan_byte(&deeper, *key), JSON_FAULT);
    }
    check_int("too deep", json_scan_byte(&deeper, '['), JSON_FAULT);
    assert_non_null(strstr(json_scan_expected(&deeper), "of which 1024 are open"));
    for (size_t i = JSON_SCAN_DEPTH; i-- > 0;) {
        struct json_scan wrong = scan;
        check_int("wrong", json_scan_byte(&wrong, i % 3 ? '}' : ']'), JSON_FAULT);
        check_int("close", json_scan_byte(&scan, i % 3 ? ']' : '}'), JSON_CLOSE);
    }
    assert_true(json_scan_is_whole(&scan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
