/* FeatureCollections are cut into features, whatever stands around them and however the bytes arrive. */
#include "../check.h"
#include "../one_scope.h"

#include "base/limits.h"
#include "domain/ingest/collection.h"

/* Features, each with a bar behind it. */
static enum err add_feature(void *user, str feature)
{
    struct buf *out = user;
    buf_add(out, feature);
    buf_add_char(out, '|');
    return ERR_OK;
}

/* Feeds the text in two parts, cut at a place. */
static enum err cut(str text, size_t at, struct buf *out)
{
    struct collection collection cleanup_with(collection_done) = {
        .scope = &scope, .shown_path = "file", .take = add_feature, .user = out};
    TRY(collection_feed(&collection, str_slice(text, 0, at)));
    TRY(collection_feed(&collection, str_slice(text, at, text.n)));
    return collection_finish(&collection);
}

static enum err cut_bytes(str text, struct buf *out)
{
    struct collection collection cleanup_with(collection_done) = {
        .scope = &scope, .shown_path = "file", .take = add_feature, .user = out};
    for (size_t i = 0; i < text.n; i++) {
        TRY(collection_feed(&collection, str_slice(text, i, i + 1)));
    }
    return collection_finish(&collection);
}

static void test_documents(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *features;
    } cases[] = {
        {"{\"features\":[]}", ""},
        {"{\"features\":[ \n ]}", ""},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"a\":1},{\"a\":2}]}", "{\"a\":1}|{\"a\":2}|"},
        {" {\n \"features\" : [\n {\"a\": [1, {\"b\": \"]}\"}]}\n ,\n {} ]\n , \"bbox\": [1, 2] }\n",
         "{\"a\": [1, {\"b\": \"]}\"}]}|{}|"},
        /* members before and after, some that look like features */
        {"{\"x\":{\"features\":[1]},\"features2\":[2],\"y\":[{\"features\":[3]}],\"z\":\"features\","
         "\"features\":[4],\"features \":[5],\"Features\":[6],\"w\":\"\\\"features\\\":[7\"}",
         "4|"},
        {"{\"features\":[{\"features\":[1,2]},[3,[4]],null,true,-1.5e3,\"a,b\"]}",
         "{\"features\":[1,2]}|[3,[4]]|null|true|-1.5e3|\"a,b\"|"},
        {"{\"\\u0066eatures\":[1],\"\\ud800\":[2],\"\\x\":[3]}", "1|"},
        {"{\"\\u0066\\u0065\\u0061\\u0074\\u0075\\u0072\\u0065\\u0073\":[1]}", "1|"},
        {"{\"a\\\\\":[0],\"features\":[\"\\\\\",\"\\\",\\\"\"]}", "\"\\\\\"|\"\\\",\\\"\"|"},
        {"{\"features\":[1,2,],}", "1|2|"},
        {"{                                                                                \"features\""
         "                                                                                :[1]}",
         "1|"},
        {"{\"0123456789012345678901234567890123456789012345678901234567890123456789\":0,\"features\":[1]}",
         "1|"},
        {"{\"features\":[1],\"features\":[2]}", "1|2|"},
        {"{\"features\":[1]}\n{\"features\":[]}{\"features\":[2]}", "1|2|"},
        {"{\"features\":[\xe9,NaN]}", NULL},
        {"{\"features\":[\"\xe9\",NaN]}", "\"\xe9\"|NaN|"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str text = exact_copy(str_from(cases[i].text));
        for (size_t at = 0; at <= text.n + 1; at++) { /* the last time byte by byte */
            struct buf out cleanup_with(buf_cleanup) = {0};
            enum err result = at > text.n ? cut_bytes(text, &out) : cut(text, at, &out);
            if (!cases[i].features) {
                check_failure(cases[i].text, &scope, ERR_DATA, "is expected");
                continue;
            }
            check_ok(cases[i].text, &scope, result);
            check_text(cases[i].text, buf_str(&out), str_from(cases[i].features));
        }
        exact_free(text);
    }
}

static void test_faults(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "file, line 1: the file ends after byte 0, where a value is expected"},
        {"  \n", "file, line 2: the file ends after byte 3, where a value is expected"},
        {"{\"features\":[{\"a\":1},\n{\"a", "file, line 2: the file ends after byte 25, where the end of the text in quotes"},
        {"{\"features\":[{\"a\":1}", "file, line 1: the file ends after byte 20, where , or ] is expected"},
        {"{\"features\":[1]", "file, line 1: the file ends after byte 15, where , or } is expected"},
        {"{\"features\":[1]}{", "file, line 1: the file ends after byte 17, where a key in quotes or }"},
        {"{\"features\":[1 2]}", "file, line 1, column 16 (byte 16): the JSON is malformed: , or ] is expected"},
        {"{\"features\":\n[{\"a\" 1}]}", "file, line 2, column 7 (byte 20): the JSON is malformed: : behind the key"},
        {"{\"features\":[{]]}", "file, line 1, column 15 (byte 15): the JSON is malformed: a key in quotes or }"},
        {"{\"bbox\":[1,,2],\"features\":[]}", "file, line 1, column 12 (byte 12): the JSON is malformed: a value or ]"},
        {"{\"features\":[1]}]", "file, line 1, column 17 (byte 17): the JSON is malformed: a value is expected"},
        {"[1]", "file, line 1, column 1 (byte 1): a FeatureCollection is expected"},
        {"{\"type\":\"FeatureCollection\"}", "file, line 1, column 28 (byte 28): a FeatureCollection ends that has no list"},
        {"{\"features\":null}", "a FeatureCollection ends that has no list \"features\""},
        {"{\"features\":{\"a\":[1]}}", "a FeatureCollection ends that has no list \"features\""},
        {"{\"features\":[1]}{}", "file, line 1, column 18 (byte 18): a FeatureCollection ends that has no list"},
        {"1", "file, line 1: the file ends after byte 1, where a value is expected"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf out cleanup_with(buf_cleanup) = {0};
        check_int(cases[i].text, cut_bytes(str_from(cases[i].text), &out), ERR_DATA);
        check_failure(cases[i].text, &scope, ERR_DATA, cases[i].message);
    }
}

static enum err refuse(void *user, str feature)
{
    (void)user;
    return str_eq(feature, S("2")) ? fail(&scope, ERR_CANCELLED, "enough") : ERR_OK;
}

static void test_taker_ends_it(void **state)
{
    (void)state;
    struct collection collection cleanup_with(collection_done) = {
        .scope = &scope, .shown_path = "file", .take = refuse};
    check_int("enough", collection_feed(&collection, S("{\"features\":[1,2,3]}")), ERR_CANCELLED);
    check_failure("enough", &scope, ERR_CANCELLED, "enough");
    check_int("count", (long long)collection.count, 2);
}

static enum err drop(void *user, str feature)
{
    size_t *longest = user;
    *longest = feature.n > *longest ? feature.n : *longest;
    return ERR_OK;
}

/* A feature as long as one may be, and one that is longer; what is passed over may have any length. */
static void test_limits(void **state)
{
    (void)state;
    static const str ends[] = {{"x]}", 3}, {"xx]}", 4}};
    struct buf filling cleanup_with(buf_cleanup) = {0};
    memset(buf_reserve(&filling, LIMIT_RECORD_BYTES), 'x', LIMIT_RECORD_BYTES);
    filling.n = LIMIT_RECORD_BYTES - 1;
    for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
        size_t longest = 0;
        struct collection collection cleanup_with(collection_done) = {
            .scope = &scope, .shown_path = "file", .take = drop, .user = &longest};
        check_ok("long", &scope, collection_feed(&collection, S("{\"a\":\"")));
        check_ok("long", &scope, collection_feed(&collection, buf_str(&filling)));
        check_ok("long", &scope, collection_feed(&collection, buf_str(&filling)));
        check_ok("long", &scope, collection_feed(&collection, S("\",\"features\":[1,\n")));
        check_ok("long", &scope, collection_feed(&collection, buf_str(&filling)));
        enum err result = collection_feed(&collection, ends[i]);
        if (i == 0) {
            check_ok("long", &scope, result);
            check_int("longest", (long long)longest, LIMIT_RECORD_BYTES);
            assert_true(collection.text.capacity <= 2 * LIMIT_RECORD_BYTES);
        } else {
            check_int("too long", result, ERR_TOO_LARGE);
            check_failure("too long", &scope, ERR_TOO_LARGE, "file, line 2: feature 2 is larger than 32 MB");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_taker_ends_it),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
