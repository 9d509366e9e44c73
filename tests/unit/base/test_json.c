/* JSON written piece by piece, and small documents read within limits. */
#include "../check.h"
#include "../one_scope.h"

#include <math.h>

#include "base/json_read.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/utf8.h"

static void test_escapes(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *json;
    } cases[] = {
        {S(""), "\"\""},
        {STR_NONE, "\"\""},
        {S("abc"), "\"abc\""},
        {S("\"\\/"), "\"\\\"\\\\/\""},
        {S("\n\r\t"), "\"\\n\\r\\t\""},
        {S("\x01\x08\x0b\x0c\x1f"), "\"\\u0001\\u0008\\u000b\\u000c\\u001f\""},
        {S("a\0b"), "\"a\\u0000b\""},
        {S("\x7f é€😀"), "\"\x7f é€😀\""},
        {S("</script>"), "\"</script>\""},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf out = {0};
        json_escape(&out, cases[i].text);
        check_text(cases[i].json, buf_str(&out), str_from(cases[i].json));
        buf_done(&out);
    }
}

/* Every byte below 128 alone and between letters comes back through a reader. */
static void test_escapes_are_read_back(void **state)
{
    (void)state;
    for (int c = 1; c < 128; c++) {
        char text[] = {'a', (char)c, 'b'};
        struct buf out = {0};
        struct json_writer json = json_writer_to(&out);
        json_t *value = NULL;
        json_array_begin(&json);
        json_text(&json, (str){text, 3});
        json_array_end(&json);
        check_ok("read", &scope, json_read(&scope, ERR_DATA, buf_str(&out), "text", &value));
        check_text("byte", json_read_text(json_array_get(value, 0)), (str){text, 3});
        json_decref(value);
        buf_done(&out);
    }
}

static void test_nesting(void **state)
{
    (void)state;
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    json_object_begin(&json);
    json_key(&json, S("empty"));
    json_object_begin(&json);
    json_object_end(&json);
    json_key(&json, S("list"));
    json_array_begin(&json);
    json_array_begin(&json);
    json_array_end(&json);
    json_int(&json, INT64_MIN);
    json_bool(&json, true);
    json_write_null(&json);
    json_array_begin(&json);
    json_text(&json, S("x"));
    json_array_end(&json);
    json_raw(&json, S("{\"raw\":1}"));
    json_array_end(&json);
    json_key_text(&json, S("k\"ey"), S("v"));
    json_key_int(&json, S("n"), -5);
    json_key_bool(&json, S("no"), false);
    json_key_null(&json, S("null"));
    json_key_text_or_null(&json, S("absent"), STR_NONE);
    json_key_text_or_null(&json, S("present"), S(""));
    json_object_end(&json);
    check_text("nested", buf_str(&out),
               S("{\"empty\": {}, \"list\": [[], -9223372036854775808, true, null, [\"x\"], "
                 "{\"raw\":1}], \"k\\\"ey\": \"v\", \"n\": -5, \"no\": false, \"null\": null, "
                 "\"absent\": null, \"present\": \"\"}"));
    buf_done(&out);
}

static void test_doubles(void **state)
{
    (void)state;
    struct buf out = {0};
    struct json_writer json = json_writer_to(&out);
    const double values[] = {0, -0.0, 1.5, 1e300, NAN, INFINITY, -INFINITY};
    json_array_begin(&json);
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        json_double(&json, values[i]);
    }
    json_array_end(&json);
    check_text("doubles", buf_str(&out), S("[0.0, 0.0, 1.5, 1e+300, null, null, null]"));
    buf_done(&out);
}

static void test_read_errors(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *message;
    } cases[] = {
        {STR_NONE, "doc: line 1, column 0: "},
        {S(""), "doc: line 1, column 0: "},
        {S("{"), "doc: line 1, column 1: "},
        {S("{\"a\": 1,}"), "doc: line 1, column 9: "},
        {S("{\n  \"a\": 1\n  \"b\": 2\n}"), "doc: line 3, column 5: "},
        {S("[1, 2"), "doc: line 1, column 5: "},
        {S("{\"a\": 1, \"a\": 2}"), "duplicate"},
        {S("[1] x"), "end of file expected"},
        {S("{\"a\": nul}"), "invalid token"},
        {S("{'a': 1}"), "line 1, column 2"},
        {S("[01]"), "invalid token"},
        {S("[NaN]"), "invalid token"},
        {S("[\"a\nb\"]"), "unexpected newline"},
        {S("[\"\\u0000\"]"), "\\u0000"},
        {S("[\"\\ud800\"]"), "invalid Unicode"},
        {S("[\"caf\xe9\"]"), "unable to decode byte 0xe9"},
        {S("[\"\xc3\xa9\xc3\"]"), "unable to decode byte 0xc3"},
        {S("[\"ééééééé\xc3\"]"), "unable to decode byte 0xc3"},
        {S("[1e999]"), "real number overflow"},
        {S("[99999999999999999999]"), "too big integer"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json_t *value = NULL;
        enum err result = json_read(&scope, ERR_METADATA, cases[i].text, "doc", &value);
        check_int(cases[i].message, result, ERR_METADATA);
        assert_null(value);
        check_int(cases[i].message, utf8_is_valid(scope.failure.message), true);
        check_failure(cases[i].message, &scope, ERR_METADATA, cases[i].message);
    }
}

static str nested(size_t depth, const char *open, const char *close, str inner)
{
    struct buf out = {0};
    for (size_t i = 0; i < depth; i++) {
        buf_add(&out, str_from(open));
    }
    buf_add(&out, inner);
    for (size_t i = 0; i < depth; i++) {
        buf_add(&out, str_from(close));
    }
    str text = buf_copy(&out, &scope.arena);
    buf_done(&out);
    return text;
}

static void test_depth(void **state)
{
    (void)state;
    const struct {
        const char *what;
        str text;
        bool good;
    } cases[] = {
        {"most arrays", nested(LIMIT_JSON_DEPTH, "[", "]", S("")), true},
        {"too many arrays", nested(LIMIT_JSON_DEPTH + 1, "[", "]", S("")), false},
        {"most objects", nested(LIMIT_JSON_DEPTH, "{\"a\":", "}", S("1")), true},
        {"too many objects", nested(LIMIT_JSON_DEPTH + 1, "{\"a\":", "}", S("1")), false},
        {"mixed", nested(LIMIT_JSON_DEPTH / 2 + 1, "[{\"a\":", "}]", S("1")), false},
        {"brackets in a text", 
         nested(1, "[\"", "\"]", nested(200, "[", "{", S("\\\""))), true},
        {"side by side", nested(1, "[", "]", S("[[]],[[]],{\"a\":[]}")), true},
        {"endless", nested(100000, "[", "", S("")), false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        json_t *value = NULL;
        enum err result = json_read(&scope, ERR_REQUEST, cases[i].text, "doc", &value);
        check_int(cases[i].what, result, cases[i].good ? ERR_OK : ERR_REQUEST);
        if (result != ERR_OK) {
            check_failure(cases[i].what, &scope, ERR_REQUEST, "nested deeper than 64 levels");
        }
        json_decref(value);
    }
}

static void test_size(void **state)
{
    (void)state;
    struct buf big = {0};
    char *bytes = buf_reserve(&big, LIMIT_JSON_BYTES + 1);
    memset(bytes, ' ', LIMIT_JSON_BYTES + 1);
    memcpy(bytes, "[1]", 3);
    json_t *value = NULL;
    check_ok("most", &scope,
             json_read(&scope, ERR_REQUEST, (str){bytes, LIMIT_JSON_BYTES}, "doc", &value));
    json_decref(value);
    value = NULL;
    str text = {bytes, LIMIT_JSON_BYTES + 1};
    assert_int_equal(json_read(&scope, ERR_REQUEST, text, "doc", &value), ERR_REQUEST);
    assert_null(value);
    check_failure("size", &scope, ERR_REQUEST, "larger than 16777216 bytes");
    buf_done(&big);
}

static void test_read_values(void **state)
{
    (void)state;
    json_t *value cleanup_with(json_cleanup) = NULL;
    check_ok("values", &scope,
             json_read(&scope, ERR_DATA, S(" {\"t\": \"\\u00e9\\n\", \"n\": 5, \"e\": \"\"}"),
                       "doc", &value));
    check_text("text", json_read_text(json_object_get(value, "t")), S("é\n"));
    assert_null(json_read_text(json_object_get(value, "n")).p);
    assert_null(json_read_text(json_object_get(value, "missing")).p);
    assert_non_null(json_read_text(json_object_get(value, "e")).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),     cmocka_unit_test(test_escapes_are_read_back),
        cmocka_unit_test(test_nesting),     cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_read_errors), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),        cmocka_unit_test(test_read_values),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
