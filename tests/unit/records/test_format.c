/* Writers of records: explore-api.md 4.2 (JSON), 4.3 (CSV). */
#include "one_scope.h"

#include <math.h>
#include <stdlib.h>

#include "base/date.h"
#include "domain/records/format.h"

/* ---- a table of every kind of column, three rows; the last row is null throughout ---- */

enum { ROWS = 3, COLUMNS = 14, OUTPUTS = 13 };

static const uint64_t two_valid[] = {3};
static const bool truths[ROWS] = {true, false};
static const int64_t numbers[ROWS] = {INT64_MIN, 42};
static const double reals[ROWS] = {12, 0.1};
static const str texts[ROWS] = {{"plain", 5}, {"a;\"b\"\n\xc3\xa9", 8}};
static const str items[] = {{"park", 4}, {NULL, 0}, {"dim\"mable", 9}};
static const struct span lists[ROWS] = {{0, 3}, {3, 0}};
static const int32_t days[ROWS] = {19791, -1}; /* 2024-03-09, 1969-12-31 */
static const usec instants[ROWS] = {1767598200 * USEC_SECOND,              /* 2026-01-05T07:30:00Z */
                                    1782864000 * USEC_SECOND + 250000};    /* 2026-07-01T00:00:00.25Z */
static const double longitudes[ROWS] = {4.35, -0.5};
static const double latitudes[ROWS] = {50.85, 3};
static const str shapes[ROWS] = {{"{\"type\": \"Point\"}", 17}, {"{}", 2}};
static const str documents[ROWS] = {{"[1,\n2]", 6}, {"null", 4}};

static const struct field boolean_field = {.name = {"ok", 2}, .type = FIELD_BOOLEAN};
static const struct field int_field = {.name = {"n", 1}, .label = {"Number; of", 10}, .type = FIELD_INT};
static const struct field double_field = {.name = {"x", 1}, .type = FIELD_DOUBLE};
static const struct field text_field = {.name = {"t", 1}, .label = {"Text", 4}, .type = FIELD_TEXT};
static const struct field list_field = {
    .name = {"tags", 4}, .type = FIELD_TEXT, .multivalued = {",", 1}};
static const struct field day_field = {.name = {"d", 1}, .type = FIELD_DATE};
static const struct field month_field = {
    .name = {"m", 1}, .type = FIELD_DATE, .timeserie_precision = {"month", 5}};
static const struct field year_field = {
    .name = {"y", 1}, .type = FIELD_DATE, .timeserie_precision = {"year", 4}};
static const struct field instant_field = {.name = {"at", 2}, .type = FIELD_DATETIME};
static const struct field point_field = {.name = {"p", 1}, .type = FIELD_GEO_POINT};
static const struct field shape_field = {.name = {"s", 1}, .type = FIELD_GEO_SHAPE};
static const struct field json_field = {.name = {"j", 1}, .type = FIELD_JSON};

static const struct output outputs[OUTPUTS] = {
    {{"ok", 2}, OUTPUT_FIELD, &boolean_field, 0},  {{"n", 1}, OUTPUT_FIELD, &int_field, 1},
    {{"x", 1}, OUTPUT_FIELD, &double_field, 2},    {{"t", 1}, OUTPUT_FIELD, &text_field, 3},
    {{"tags", 4}, OUTPUT_FIELD, &list_field, 4},   {{"d", 1}, OUTPUT_FIELD, &day_field, 5},
    {{"m", 1}, OUTPUT_FIELD, &month_field, 5},     {{"y", 1}, OUTPUT_FIELD, &year_field, 5},
    {{"at", 2}, OUTPUT_FIELD, &instant_field, 6},  {{"p", 1}, OUTPUT_GEO_POINT, &point_field, 7},
    {{"s", 1}, OUTPUT_FIELD, &shape_field, 9},     {{"j", 1}, OUTPUT_FIELD, &json_field, 10},
    {{"max \"n\"", 7}, OUTPUT_VALUE, NULL, 11},
};

static struct batch make_batch(struct column columns[COLUMNS])
{
    memset(columns, 0, COLUMNS * sizeof(*columns));
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i].valid = two_valid;
    }
    columns[0].type = CELL_BOOL, columns[0].truths = truths;
    columns[1].type = CELL_INT, columns[1].numbers = numbers;
    columns[2].type = CELL_DOUBLE, columns[2].reals = reals;
    columns[3].type = CELL_TEXT, columns[3].texts = texts;
    columns[4].type = CELL_TEXT_LIST, columns[4].lists = lists, columns[4].items = items;
    columns[5].type = CELL_DATE, columns[5].days = days;
    columns[6].type = CELL_INSTANT, columns[6].instants = instants;
    columns[7].type = CELL_DOUBLE, columns[7].reals = longitudes;
    columns[8].type = CELL_DOUBLE, columns[8].reals = latitudes;
    columns[9].type = CELL_TEXT, columns[9].texts = shapes;
    columns[10].type = CELL_TEXT, columns[10].texts = documents;
    columns[11].type = CELL_NULL;
    return (struct batch){ROWS, COLUMNS, columns};
}

/* A point as WKB, and two bytes that are no geometry. */
static const char point_wkb[] = "\1\1\0\0\0\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40";
static const str wkb_shapes[ROWS] = {{point_wkb, 21}, {"{}", 2}};

static void check_export(const char *format_name, const struct format_options *options,
                         const struct output *chosen, size_t count, const char *expected)
{
    struct column columns[COLUMNS];
    struct batch batch = make_batch(columns);
    struct buf out = {0};
    const struct format *format = format_find(str_from(format_name));
    assert_non_null(format);
    if (format->flags & FORMAT_WKB) {
        columns[9].type = CELL_BYTES, columns[9].texts = wkb_shapes;
    }
    struct writing writing = writing_begin(&scope, chosen, count, options, &out);
    assert_int_equal(writing_start(format->encoder, &writing), ERR_OK);
    assert_int_equal(writing_batch(format->encoder, &writing, &batch), ERR_OK);
    assert_int_equal(writing_end(format->encoder, &writing), ERR_OK);
    writing_close(format->encoder, &writing);
    assert_int_equal(writing.records, ROWS);
    buf_add_char(&out, 0);
    assert_string_equal(out.p, expected);
    buf_done(&out);
}

static void test_jsonl(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    check_export(
        "jsonl", &options, outputs, OUTPUTS,
        "{\"ok\": true, \"n\": -9223372036854775808, \"x\": 12.0, \"t\": \"plain\", "
        "\"tags\": [\"park\", null, \"dim\\\"mable\"], \"d\": \"2024-03-09\", \"m\": \"2024-03\", "
        "\"y\": \"2024\", \"at\": \"2026-01-05T07:30:00+00:00\", "
        "\"p\": {\"lon\": 4.35, \"lat\": 50.85}, "
        "\"s\": {\"type\": \"Feature\", \"geometry\": {\"type\": \"Point\"}, \"properties\": {}}, "
        "\"j\": [1, 2], \"max \\\"n\\\"\": null}\n"
        "{\"ok\": false, \"n\": 42, \"x\": 0.1, \"t\": \"a;\\\"b\\\"\\n\xc3\xa9\", \"tags\": [], "
        "\"d\": \"1969-12-31\", \"m\": \"1969-12\", \"y\": \"1969\", "
        "\"at\": \"2026-07-01T00:00:00.25+00:00\", \"p\": {\"lon\": -0.5, \"lat\": 3.0}, "
        "\"s\": {\"type\": \"Feature\", \"geometry\": {}, \"properties\": {}}, \"j\": null, "
        "\"max \\\"n\\\"\": null}\n"
        "{\"ok\": null, \"n\": null, \"x\": null, \"t\": null, \"tags\": null, \"d\": null, "
        "\"m\": null, \"y\": null, \"at\": null, \"p\": null, \"s\": null, \"j\": null, "
        "\"max \\\"n\\\"\": null}\n");
}

/* The shape is the geometry, before the point; what is left are properties. */
static void test_geojson(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    check_export("geojson", &options, outputs + 8, 4,
                 "{\"type\": \"FeatureCollection\", \"features\": ["
                 "{\"type\": \"Feature\", \"geometry\": {\"coordinates\": [1.0, 2.0], \"type\": "
                 "\"Point\"}, \"properties\": "
                 "{\"at\": \"2026-01-05T07:30:00+00:00\", \"p\": {\"lon\": 4.35, \"lat\": 50.85}, "
                 "\"j\": [1, 2]}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": "
                 "{\"at\": \"2026-07-01T00:00:00.25+00:00\", \"p\": {\"lon\": -0.5, \"lat\": 3.0}, "
                 "\"j\": null}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": "
                 "{\"at\": null, \"p\": null, \"j\": null}}]}");
    check_export("geojson", &options, outputs + 9, 1,
                 "{\"type\": \"FeatureCollection\", \"features\": ["
                 "{\"type\": \"Feature\", \"geometry\": {\"coordinates\": [4.35, 50.85], \"type\": "
                 "\"Point\"}, \"properties\": {}},"
                 "{\"type\": \"Feature\", \"geometry\": {\"coordinates\": [-0.5, 3.0], \"type\": "
                 "\"Point\"}, \"properties\": {}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {}}]}");
    check_export("geojson", &options, outputs, 1,
                 "{\"type\": \"FeatureCollection\", \"features\": ["
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {\"ok\": true}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {\"ok\": false}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {\"ok\": null}}]}");
    const struct output two[] = {outputs[10], outputs[10]}; /* the second is a property */
    check_export("geojson", &options, two, 2,
                 "{\"type\": \"FeatureCollection\", \"features\": ["
                 "{\"type\": \"Feature\", \"geometry\": {\"coordinates\": [1.0, 2.0], \"type\": "
                 "\"Point\"}, \"properties\": {\"s\": {\"type\": \"Feature\", \"geometry\": "
                 "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}, \"properties\": {}}}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {\"s\": {\"type\": "
                 "\"Feature\", \"geometry\": null, \"properties\": {}}}},"
                 "{\"type\": \"Feature\", \"geometry\": null, \"properties\": {\"s\": null}}]}");
}

static void test_json_array(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    check_export("json", &options, outputs + 1, 1,
                 "[{\"n\": -9223372036854775808},{\"n\": 42},{\"n\": null}]");
    struct buf out = {0};
    struct writing writing = writing_begin(&scope, outputs, 1, &options, &out);
    assert_int_equal(writing_start(&encoder_json, &writing), ERR_OK);
    assert_int_equal(writing_end(&encoder_json, &writing), ERR_OK);
    assert_true(str_eq(buf_str(&out), S("[]")));
    buf_done(&out);
}

static void test_json_not_a_number(void **state)
{
    (void)state;
    static const double odd[ROWS] = {NAN, INFINITY, -INFINITY};
    struct column column = {.type = CELL_DOUBLE, .reals = odd};
    struct batch batch = {ROWS, 1, &column};
    struct output output = {S("x"), OUTPUT_VALUE, NULL, 0};
    struct format_options options = format_options_default();
    struct buf out = {0};
    struct writing writing = writing_begin(&scope, &output, 1, &options, &out);
    assert_int_equal(encoder_jsonl.batch(&writing, &batch), ERR_OK);
    assert_true(str_eq(buf_str(&out), S("{\"x\": null}\n{\"x\": null}\n{\"x\": null}\n")));
    buf_clear(&out);
    assert_int_equal(encoder_csv.batch(&writing, &batch), ERR_OK);
    assert_true(str_eq(buf_str(&out), S("\"\"\r\n\"\"\r\n\"\"\r\n")));
    buf_done(&out);
}

static void test_time_zone(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    options.zone = zone_find(S("Europe/Brussels"));
    check_export("jsonl", &options, outputs + 8, 1,
                 "{\"at\": \"2026-01-05T08:30:00+01:00\"}\n"
                 "{\"at\": \"2026-07-01T02:00:00.25+02:00\"}\n{\"at\": null}\n");
    options.zone = zone_find(S("America/St_Johns"));
    options.with_bom = false;
    check_export("csv", &options, outputs + 8, 1,
                 "at\r\n2026-01-05T04:00:00-03:30\r\n2026-06-30T21:30:00.25-02:30\r\n\"\"\r\n");
}

static void test_csv(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    check_export("csv", &options, outputs, OUTPUTS,
                 "\xEF\xBB\xBFok;n;x;t;tags;d;m;y;at;p;s;j;\"max \"\"n\"\"\"\r\n"
                 "True;-9223372036854775808;12.0;plain;\"park,dim\"\"mable\";2024-03-09;2024-03;2024;"
                 "2026-01-05T07:30:00+00:00;50.85, 4.35;\"{\"\"type\"\": \"\"Point\"\"}\";\"[1,\n2]\";\r\n"
                 "False;42;0.1;\"a;\"\"b\"\"\n\xc3\xa9\";;1969-12-31;1969-12;1969;"
                 "2026-07-01T00:00:00.25+00:00;3.0, -0.5;{};null;\r\n"
                 ";;;;;;;;;;;;\r\n");
}

static void test_csv_options(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    options.with_bom = false;
    options.delimiter = ',';
    check_export("csv", &options, outputs + 9, 1, "p\r\n\"50.85, 4.35\"\r\n\"3.0, -0.5\"\r\n\"\"\r\n");
    options.list_separator = S("|");
    check_export("csv", &options, outputs + 4, 1,
                 "tags\r\n\"park|dim\"\"mable\"\r\n\"\"\r\n\"\"\r\n");
    options.quote_all = true;
    check_export("csv", &options, outputs + 1, 3,
                 "\"n\",\"x\",\"t\"\r\n-9223372036854775808,12.0,\"plain\"\r\n"
                 "42,0.1,\"a;\"\"b\"\"\n\xc3\xa9\"\r\n,,\r\n");
    check_export("csv", &options, outputs + 5, 1,
                 "\"d\"\r\n\"2024-03-09\"\r\n\"1969-12-31\"\r\n\"\"\r\n");
    options.quote_all = false;
    options.use_labels = true;
    options.delimiter = ';';
    check_export("csv", &options, outputs + 1, 2,
                 "\"Number; of\";x\r\n-9223372036854775808;12.0\r\n42;0.1\r\n;\r\n");
}

/* An alias wins over the label. */
static void test_heading(void **state)
{
    (void)state;
    struct format_options options = format_options_default();
    struct output renamed = {S("other"), OUTPUT_FIELD, &text_field, 0};
    options.use_labels = true;
    assert_true(str_eq(format_heading(&renamed, &options), S("other")));
    renamed.name = S("t");
    assert_true(str_eq(format_heading(&renamed, &options), S("Text")));
    options.use_labels = false;
    assert_true(str_eq(format_heading(&renamed, &options), S("t")));
}

/* Every length around the eight bytes that are looked at together, the odd byte at every place. */
static void test_csv_quoting_everywhere(void **state)
{
    (void)state;
    static const char odd_bytes[] = {';', '"', '\r', '\n', ':', '#'};
    struct format_options options = format_options_default();
    struct output output = {S("t"), OUTPUT_VALUE, NULL, 0};
    for (size_t length = 1; length <= 40; length++) {
        for (size_t at = 0; at < length; at++) {
            for (size_t k = 0; k < sizeof(odd_bytes); k++) {
                char *bytes = malloc(length);
                memset(bytes, 'a', length);
                bytes[at] = odd_bytes[k];
                str text = {bytes, length};
                struct column column = {.type = CELL_TEXT, .texts = &text};
                struct batch batch = {1, 1, &column};
                struct buf out = {0};
                struct writing writing = writing_begin(&scope, &output, 1, &options, &out);
                assert_int_equal(encoder_csv.batch(&writing, &batch), ERR_OK);
                size_t quotes = k < 4 ? 2 + (k == 1) : 0;
                assert_int_equal(out.n, length + quotes + 2);
                assert_int_equal(out.p[0] == '"', k < 4);
                buf_done(&out);
                free(bytes);
            }
        }
    }
}

static void test_formats_are_complete(void **state)
{
    (void)state;
    size_t count;
    const struct format *formats = formats_all(&count);
    assert_true(count >= 6);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(format_find(formats[i].name), &formats[i]);
        assert_true(formats[i].extension.n > 0 && formats[i].content_type.n > 0);
        assert_true(!formats[i].encoder != !formats[i].write_file); /* one of the two */
    }
    assert_null(format_find(S("CSV")));
    assert_null(format_find(S("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_jsonl, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_geojson, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_json_array, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_json_not_a_number, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_time_zone, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_csv, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_csv_options, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_heading, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_csv_quoting_everywhere, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_formats_are_complete, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
