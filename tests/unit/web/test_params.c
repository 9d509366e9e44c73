/* Parameters of the Explore API: explore-api.md 2.2, 2.9. */
#include "suite.h"

#include <stdlib.h>

#include "web/api/params.h"
#include "web/shell/route.h"

static struct scope scope;
static struct call call;
static const struct route route; /* without an endpoint: every parameter is taken */

static int open_scope(void **state)
{
    (void)state;
    scope_open(&scope);
    call = (struct call){.scope = &scope, .route = &route};
    return 0;
}

static int close_scope(void **state)
{
    (void)state;
    scope_close(&scope);
    return 0;
}

static enum err read_query(const char *text, enum params_kind kind, struct params *params)
{
    scope_forgive(&scope);
    assert_int_equal(query_parse(&scope, str_from(text), &call.query), ERR_OK);
    return params_read(&call, kind, params);
}

static void check_refused(const char *text, enum params_kind kind, const char *message)
{
    struct params params;
    assert_int_equal(read_query(text, kind, &params), ERR_PARAMETER);
    assert_true(str_eq(scope.failure.message, str_from(message)));
}

static void check_window(const char *text, enum params_kind kind, int64_t limit, int64_t offset)
{
    struct params params;
    assert_int_equal(read_query(text, kind, &params), ERR_OK);
    assert_int_equal(params.clauses.limit, limit);
    assert_int_equal(params.clauses.offset, offset);
}

static void test_windows(void **state)
{
    (void)state;
    check_window("", PARAMS_PAGE, 10, 0);
    check_window("limit=0", PARAMS_PAGE, 0, 0);
    check_window("limit=-1", PARAMS_PAGE, 100, 0);
    check_window("limit=-1&offset=9950", PARAMS_PAGE, 50, 9950);
    check_window("limit=100&offset=9900", PARAMS_PAGE, 100, 9900);
    check_window("rows=7&start=3", PARAMS_PAGE, 7, 3);
    check_window("rows=7&limit=8", PARAMS_PAGE, 8, 0);
    check_window("limit=&offset=", PARAMS_PAGE, 10, 0);
    check_window("limit=20000&group_by=a", PARAMS_PAGE, 20000, 0);
    check_window("limit=-1&group_by=a", PARAMS_PAGE, 20000, 0);
    check_window("", PARAMS_EXPORT, -1, 0);
    check_window("limit=1000000&offset=5000000", PARAMS_EXPORT, 1000000, 5000000);
    check_window("limit=5000&offset=abc", PARAMS_WHOLE, -1, 0);
}

static void test_refused_windows(void **state)
{
    (void)state;
    check_refused("limit=200", PARAMS_PAGE,
                  "Invalid value for limit API parameter: 200 was found but -1 <= limit <= 100 is "
                  "expected.");
    check_refused("limit=100&offset=9950", PARAMS_PAGE,
                  "Invalid value for sum of offset + limit API parameter: 10050 was found but <= "
                  "10000 is expected.");
    check_refused("limit=20001&group_by=a", PARAMS_PAGE,
                  "Invalid value for limit API parameter: 20001 was found but -1 <= limit <= 20000 "
                  "is expected.");
    check_refused("limit=x", PARAMS_PAGE,
                  "Invalid value for limit API parameter: x was found but -1 <= limit <= 100 is "
                  "expected.");
    check_refused("offset=-1", PARAMS_PAGE,
                  "Invalid value for offset API parameter: -1 was found but offset >= 0 is "
                  "expected.");
    check_refused("limit=-1&offset=10001", PARAMS_PAGE,
                  "Invalid value for sum of offset + limit API parameter: 10001 was found but <= "
                  "10000 is expected.");
    check_refused("limit=-2", PARAMS_EXPORT,
                  "Invalid value for limit API parameter: -2 was found but limit >= -1 is "
                  "expected.");
    check_refused("offset=9223372036854775807", PARAMS_PAGE,
                  "Invalid value for offset API parameter: 9223372036854775807 was found but "
                  "offset >= 0 is expected.");
}

static void test_clauses(void **state)
{
    (void)state;
    struct params params;
    assert_int_equal(read_query("where=a&where=&where=b&refine=x%3Ay&exclude=z:1&facet=f&facet=g&"
                                "select=s&order_by=o&timezone=europe/brussels&lang=FR&"
                                "include_links=True&include_app_metas=FALSE&nosuch=1",
                                PARAMS_PAGE, &params),
                     ERR_OK);
    assert_int_equal(params.clauses.where_count, 2);
    assert_true(str_eq(params.clauses.where[1], S("b")));
    assert_int_equal(params.clauses.refine_count, 1);
    assert_true(str_eq(params.clauses.refine[0], S("x:y")));
    assert_int_equal(params.clauses.exclude_count, 1);
    assert_int_equal(params.facet_count, 2);
    assert_true(str_eq(params.clauses.select, S("s")));
    assert_null(params.clauses.group_by.p);
    assert_true(str_eq(params.clauses.timezone, S("Europe/Brussels")));
    assert_true(str_eq(params.lang, S("fr")));
    assert_true(params.include_links);
    assert_false(params.include_app_metas);
}

static void test_refused_values(void **state)
{
    (void)state;
    struct params params;
    check_refused("include_links=maybe", PARAMS_PAGE,
                  "Invalid value for include_links API parameter: maybe was found but true or false "
                  "is expected.");
    check_refused("lang=xx", PARAMS_WHOLE,
                  "Invalid value for lang API parameter: xx was found but one of en fr nl pt it ar "
                  "de es ca eu sv is expected.");
    assert_int_equal(read_query("timezone=nowhere", PARAMS_WHOLE, &params), ERR_PARAMETER);
    struct buf many = {0};
    for (int i = 0; i < 101; i++) {
        buf_add(&many, S("where=a&"));
    }
    buf_add_char(&many, 0);
    assert_int_equal(read_query(many.p, PARAMS_PAGE, &params), ERR_TOO_LARGE);
    buf_clear(&many);
    buf_add(&many, S("select="));
    for (int i = 0; i < 16385; i++) {
        buf_add_char(&many, 'a');
    }
    buf_add_char(&many, 0);
    assert_int_equal(read_query(many.p, PARAMS_PAGE, &params), ERR_TOO_LARGE);
    buf_done(&many);
}

static enum err read_options(const char *text, struct export_params *options)
{
    struct params params;
    assert_int_equal(read_query(text, PARAMS_EXPORT, &params), ERR_OK);
    return params_read_export(&call, &params, options);
}

static void test_export_options(void **state)
{
    (void)state;
    struct export_params read;
    assert_int_equal(read_options("", &read), ERR_OK);
    assert_int_equal(read.options.delimiter, ';');
    assert_true(read.options.with_bom && !read.options.quote_all && !read.options.use_labels);
    assert_true(str_eq(read.options.list_separator, S(",")));
    assert_true(str_eq(read.options.compression, S("snappy")));
    assert_false(read.is_compressed);
    assert_int_equal(read_options("delimiter=%09&with_bom=false&quote_all=True&use_labels=true&"
                                  "list_separator=%20/%20&compressed=true&"
                                  "parquet_compression=ZSTD&timezone=Asia/Tokyo",
                                  &read),
                     ERR_OK);
    assert_int_equal(read.options.delimiter, '\t');
    assert_true(!read.options.with_bom && read.options.quote_all && read.options.use_labels);
    assert_true(str_eq(read.options.list_separator, S(" / ")));
    assert_true(str_eq(read.options.compression, S("zstd")));
    assert_true(read.is_compressed);
    assert_ptr_equal(read.options.zone, zone_find(S("Asia/Tokyo")));
    static const char *const wrong[] = {"delimiter=;;", "delimiter=a", "with_bom=x",
                                        "parquet_compression=gzip"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(read_options(wrong[i], &read), ERR_PARAMETER);
    }
}

/* Answers to different parameters never share an identity. */
static void test_identity(void **state)
{
    (void)state;
    static const char *const queries[] = {"", "lang=fr", "timezone=Asia/Tokyo", "limit=9",
                                          "offset=9", "include_links=true",
                                          "include_app_metas=true"};
    struct buf identities[ARRAY_LENGTH(queries)] = {0};
    for (size_t i = 0; i < ARRAY_LENGTH(queries); i++) {
        struct params params;
        assert_int_equal(read_query(queries[i], PARAMS_PAGE, &params), ERR_OK);
        params_identify(&params, &identities[i]);
        for (size_t j = 0; j < i; j++) {
            assert_false(str_eq(buf_str(&identities[i]), buf_str(&identities[j])));
        }
    }
    for (size_t i = 0; i < ARRAY_LENGTH(queries); i++) {
        buf_done(&identities[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_windows, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_refused_windows, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_clauses, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_refused_values, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_export_options, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_identity, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
