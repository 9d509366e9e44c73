/*
 * Which types a value could have, and the strict readers. mask_of_text and the readers must agree,
 * because a column whose values all have a bit is then read by the reader of that bit.
 */
#include "../directory.h"

#include "domain/ingest/infer.h"
#include "domain/ingest/loading.h"

#define T MASK_TEXT
#define I (MASK_TEXT | MASK_INT | MASK_DOUBLE | MASK_COMMA)
#define IJ (MASK_TEXT | MASK_INT | MASK_DOUBLE) /* in JSON */
#define D (MASK_TEXT | MASK_DOUBLE)
#define C (MASK_TEXT | MASK_COMMA)
#define DAY (MASK_TEXT | MASK_DATE | MASK_DATETIME)
#define AT (MASK_TEXT | MASK_DATETIME)

static const struct {
    str text;
    int mask;
} texts[] = {
    {S(""), MASK_ALL}, {S("  \t"), MASK_ALL}, {STR_NONE, MASK_ALL},
    /* whole numbers */
    {S("0"), I}, {S("7"), I}, {S(" 42 "), I}, {S("-42"), I}, {S("100000"), I},
    {S("123456789012345"), I},
    {S("1234567890123456"), T | MASK_INT}, {S("12345678901234567"), T | MASK_INT},
    {S("9223372036854775807"), T | MASK_INT}, {S("-9223372036854775808"), T | MASK_INT},
    {S("9223372036854775808"), T}, {S("12345678901234567890"), T},
    {S("01"), T}, {S("007"), T}, {S("-01"), T}, {S("00"), T}, {S("+1"), T}, {S("- 1"), T},
    {S("-0"), D | C}, {S("-"), T}, {S("1 000"), T}, {S("1'000"), T}, {S("1_000"), T},
    {S("0x10"), T}, {S("12a"), T}, {S("1\0"), T}, {S("٣"), T},
    /* decimals */
    {S("1.5"), D}, {S("-1.5"), D}, {S("0.5"), D}, {S("-0.0"), D}, {S("1.50"), D}, {S("0.10"), D},
    {S("1e5"), D}, {S("1E5"), D}, {S("1.5e-7"), D}, {S("-1e+5"), D}, {S("1e400"), T}, {S("1e"), T},
    {S("1."), T}, {S(".5"), T}, {S("-.5"), T}, {S("+1.5"), T}, {S("01.5"), T}, {S("00.5"), T},
    {S("1.5.2"), T}, {S("nan"), T}, {S("inf"), T}, {S("Infinity"), T}, {S("1.5 %"), T},
    {S("123456789012345.5"), D}, {S("1234567890123456.5"), T},
    {S("0.1234567890123456789012345678901234567890123456789012345678901"), D}, /* 63 bytes */
    {S("0.12345678901234567890123456789012345678901234567890123456789012"), T},
    /* decimal commas */
    {S("1,5"), C | MASK_POINT}, {S("-1,5"), C | MASK_POINT}, {S("0,50"), C | MASK_POINT},
    {S("1,"), T}, {S(",5"), T}, {S("01,5"), T | MASK_POINT},
    {S("1,5e3"), T}, {S("91,5"), C}, {S("200,50"), C}, {S("1.000,5"), T | MASK_POINT},
    {S("1,000.5"), T | MASK_POINT},
    {S("1,5,2"), T}, {S("0,1234567890123456789012345678901234567890123456789012345678901"), C},
    {S("0,12345678901234567890123456789012345678901234567890123456789012"), T},
    /* points; a decimal comma below 90 could be either */
    {S("48.5, 2.3"), T | MASK_POINT}, {S("48.5,2.3"), T | MASK_POINT}, {S("48,2"), C | MASK_POINT},
    {S("-90,-180"), T | MASK_POINT}, {S("90 , 180"), T | MASK_POINT},
    {S("+48.5,+2.3"), T | MASK_POINT},
    {S(".5,.5"), T | MASK_POINT}, {S("90.1,0"), T}, {S("0.5,180.1"), T}, {S("48.5,2.3,7"), T},
    {S("48.5;2.3"), T}, {S("48.5,"), T}, {S("48.5, x"), T}, {S("48.5 2.3"), T}, {S("nan,nan"), T},
    /* dates */
    {S("2024-01-31"), DAY}, {S("2024/01/31"), DAY}, {S(" 2024-01-31 "), DAY},
    {S("2024-02-29"), DAY},
    {S("2023-02-29"), T}, {S("2024-13-01"), T}, {S("2024-1-31"), T}, {S("2024-01"), T},
    {S("0001-01-01"), DAY}, {S("9999-12-31"), DAY}, {S("0000-01-01"), T}, {S("20240131"), I},
    {S("31/01/2024"), T | MASK_DAY_FIRST}, {S("31.01.2024"), T | MASK_DAY_FIRST},
    {S("31-01-2024"), T | MASK_DAY_FIRST}, {S("01/31/2024"), T}, {S("29/02/2023"), T},
    {S("31/01-2024"), T}, {S("31\0" "01\0" "2024"), T}, {S("1/1/2024"), T}, {S("31/01/24"), T},
    {S("31 01 2024"), T}, {S("00/01/2024"), T}, {S("31/00/2024"), T},
    /* instants */
    {S("2024-01-31T10"), AT}, {S("2024-01-31 10:30"), AT}, {S("2024-01-31T10:30:00Z"), AT},
    {S("2024-01-31T10:30:00.123456+02:00"), AT}, {S("2024-01-31T10:30:00-0330"), AT},
    {S("2024-01-31T24:00"), T}, {S("2024-01-31T10:30 CET"), T}, {S("2024-01-31Z"), T},
    {S("31/01/2024 10:30"), T}, {S("0001-01-01T00:00:00+14:00"), T},
    {S("9999-12-31T23:59:59-01:00"), T}, {S("9999-12-31T23:59:59Z"), AT},
    /* the rest */
    {S("true"), T | MASK_BOOLEAN}, {S("FALSE"), T | MASK_BOOLEAN}, {S(" True "), T | MASK_BOOLEAN},
    {S("yes"), T}, {S("t"), T}, {S("vrai"), T}, {S("null"), T}, {S("N/A"), T}, {S("é"), T},
    {S("[1,2]"), T}, {S("{\"lat\":1,\"lon\":2}"), T},
};

static void test_mask_of_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        str text = exact_copy(texts[i].text);
        check_int(texts[i].text.p, mask_of_text(text), texts[i].mask);
        exact_free(text);
    }
}

/* Bits of the readers that accept a value. */
static int mask_of_readers(str text)
{
    int64_t number;
    double a;
    double b;
    int32_t days;
    usec instant;
    str trimmed = str_trim(text);
    return MASK_TEXT | (read_plain_integer(trimmed, &number) ? MASK_INT : 0) |
           (read_plain_decimal(trimmed, &a) ? MASK_DOUBLE : 0) |
           (read_comma_decimal(trimmed, &a) ? MASK_COMMA : 0) |
           (read_day(trimmed, false, &days) ? MASK_DATE : 0) |
           (read_day(trimmed, true, &days) ? MASK_DAY_FIRST : 0) |
           (read_instant(trimmed, &instant) ? MASK_DATETIME : 0) |
           (read_point(trimmed, &a, &b) ? MASK_POINT : 0);
}

static void test_readers_agree_with_masks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        if (texts[i].mask != MASK_ALL) {
            check_int(texts[i].text.p, mask_of_readers(texts[i].text),
                      texts[i].mask & ~MASK_BOOLEAN);
        }
    }
}

static void test_what_readers_yield(void **state)
{
    (void)state;
    int64_t number = 0;
    double real = 0;
    double other = 0;
    int32_t days = 0;
    usec instant = 0;
    assert_true(read_plain_integer(S("-9223372036854775808"), &number) && number == INT64_MIN);
    assert_true(read_plain_decimal(S("-12.25"), &real) && real == -12.25);
    assert_true(read_plain_decimal(S("1e5"), &real) && real == 100000);
    assert_true(read_comma_decimal(S("-12,25"), &real) && real == -12.25);
    assert_true(read_comma_decimal(S("12"), &real) && real == 12);
    assert_true(read_day(S("2024-02-03"), false, &days) && days == date_days(2024, 2, 3));
    assert_true(read_day(S("03/02/2024"), true, &days) && days == date_days(2024, 2, 3));
    assert_true(read_instant(S("1970-01-01T02:00:00.5+01:30"), &instant) &&
                instant == 30 * 60 * USEC_SECOND + 500000);
    assert_true(read_instant(S("1970-01-02"), &instant) && instant == USEC_DAY);
    assert_true(read_point(S("48.5, -2.25"), &real, &other) && real == 48.5 && other == -2.25);
    assert_true(read_json_point(S("{\"lat\": 48.5, \"lon\": -2.25}"), &real, &other) &&
                real == 48.5 && other == -2.25);
    str point = S("{\"type\":\"Point\",\"coordinates\":[-2.5,48]}");
    assert_true(read_json_point(point, &real, &other) && real == 48 && other == -2.5);
}

static void test_mask_of_json(void **state)
{
    (void)state;
    enum { SHAPE = MASK_SHAPE, POINT = MASK_POINT_OBJECT, LIST = MASK_LIST };
    static const struct {
        const char *raw;
        int mask;
    } cases[] = {
        {"", MASK_ALL}, {"null", MASK_ALL}, {" null ", MASK_ALL}, {"\"\"", MASK_ALL},
        {"1", IJ}, {"-5", IJ}, {"0", IJ}, {"123456789012345", IJ},
        {"1234567890123456", T | MASK_INT}, {"9223372036854775807", T | MASK_INT},
        {"9223372036854775808", T}, {"123456789012345678901234567890", T},
        {"1.5", D}, {"-0.0", D}, {"1e5", D}, {"1e+300", D}, {"-0", D},
        {"true", T | MASK_BOOLEAN}, {"false", T | MASK_BOOLEAN},
        /* texts stay texts, but for dates */
        {"\"7\"", T}, {"\"1.5\"", T}, {"\"true\"", T}, {"\"48.5,2.3\"", T}, {"\"x\"", T},
        {"\"null\"", T}, {"\"[1]\"", T}, {"\"2024-01-31\"", DAY}, {"\"2024-01-31T10:00Z\"", AT},
        {"\"31/01/2024\"", T | MASK_DAY_FIRST}, {"\"2024-02-30\"", T}, {"\"2024\\u002d01-31\"", T},
        /* lists */
        {"[]", LIST}, {"[1,2]", LIST}, {"[\"a\",null,true]", LIST}, {"[\"a[b]{c}\"]", LIST},
        {"[\"\\\"[\"]", LIST}, {"[[1]]", 0}, {"[1,[2]]", 0}, {"[{\"a\":1}]", 0},
        /* objects */
        {"{}", 0}, {"{\"a\":1}", 0}, {"{\"lat\":1,\"lon\":2}", POINT},
        {"{\"lon\":2,\"lat\":1}", POINT},
        {" { \"lat\" : 1.5 , \"lon\" : -2e1 } ", POINT}, {"{\"lat\":90,\"lon\":-180}", POINT},
        {"{\"lat\":90.5,\"lon\":2}", 0}, {"{\"lat\":1,\"lon\":180.5}", 0}, {"{\"lat\":1}", 0},
        {"{\"lat\":1,\"lon\":2,\"alt\":3}", 0}, {"{\"lat\":\"1\",\"lon\":2}", 0},
        {"{\"lat\":null,\"lon\":2}", 0}, {"{\"lat\":1,\"lat\":2}", 0}, {"{\"lat\":1,\"lon\":2", 0},
        {"{\"lat\":1,\"lon\":2}}", 0}, {"{\"lat\":1,\"lon\":2,}", 0}, {"{\"LAT\":1,\"LON\":2}", 0},
        {"{\"a\":{\"lat\":1,\"lon\":2}}", 0}, {"{\"lat\":1,\"lon\":2,\"lon\":3}", 0},
        {"{\"type\":\"Point\",\"coordinates\":[2,1]}", SHAPE | POINT},
        {"{\"coordinates\": [ 2.5 , 1 ], \"type\": \"Point\"}", SHAPE | POINT},
        {"{\"type\":\"Point\",\"coordinates\":[2,1,100]}", SHAPE},
        {"{\"type\":\"Point\",\"coordinates\":[652381,6862047]}", SHAPE},
        {"{\"type\":\"Point\",\"coordinates\":[]}", SHAPE},
        {"{\"type\":\"Point\",\"coordinates\":[2]}", 0},
        {"{\"type\":\"Point\",\"coordinates\":[2,1],\"crs\":null}", SHAPE},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}", SHAPE},
        {"{\"type\":\"MultiPoint\",\"coordinates\":[[0,0]]}", SHAPE},
        {"{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"Point\","
         "\"coordinates\":[2,1]}]}",
         SHAPE},
        {"{\"type\":\"x\"}", 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str raw = exact_copy(str_from(cases[i].raw));
        check_int(cases[i].raw, mask_of_json(raw), cases[i].mask);
        exact_free(raw);
    }
}

/* The type of a column is that of the bits that all its values share. */
static void test_type_of_columns(void **state)
{
    (void)state;
    static const struct {
        const char *values; /* separated by '|'; JSON when they begin with '=' */
        enum field_type type;
    } cases[] = {
        {"", FIELD_TEXT}, {"||", FIELD_TEXT}, {"1|2|", FIELD_INT}, {"1|2.5", FIELD_DOUBLE},
        {"1|2,5", FIELD_DOUBLE}, {"1,5|2.5", FIELD_TEXT}, {"1|x", FIELD_TEXT}, {"01|2", FIELD_TEXT},
        {"1|+1", FIELD_TEXT}, {"1234567890123456|1", FIELD_INT},
        {"1234567890123456|1.5", FIELD_TEXT},
        {"-0|1", FIELD_DOUBLE}, {"1e5|1", FIELD_DOUBLE}, {"true|false|", FIELD_BOOLEAN},
        {"true|1", FIELD_TEXT}, {"2024-01-31|2024/02/01", FIELD_DATE},
        {"31/01/2024|01.02.2024", FIELD_DATE},
        {"31/01/2024|2024-02-01", FIELD_TEXT}, {"2024-01-31|2024-02-01T10:00", FIELD_DATETIME},
        {"2024-01-31T10:00Z|2024-01-31T10:00+02:00", FIELD_DATETIME},
        {"2024-01-31|2024", FIELD_TEXT},
        {"48.5,2.3|1,1", FIELD_TEXT},
        {"=1|null|2", FIELD_INT}, {"=1|2.5", FIELD_DOUBLE}, {"=1|\"1\"", FIELD_TEXT},
        {"=true|\"true\"", FIELD_TEXT}, {"=\"2024-01-31\"|\"\"", FIELD_DATE},
        {"=[1]|[]|null", FIELD_TEXT}, {"=[1]|2", FIELD_JSON}, {"=[1]|[[2]]", FIELD_JSON},
        {"={\"a\":1}|null", FIELD_JSON}, {"={\"lat\":1,\"lon\":2}|null", FIELD_GEO_POINT},
        {"={\"lat\":1,\"lon\":2}|{\"type\":\"Point\",\"coordinates\":[2,1]}", FIELD_GEO_POINT},
        {"={\"type\":\"Point\",\"coordinates\":[2,1]}|{\"type\":\"Polygon\",\"coordinates\":[]}",
         FIELD_GEO_SHAPE},
        {"={\"type\":\"Point\",\"coordinates\":[1,2]}|{\"type\":\"Polygon\",\"coordinates\":[[]]}|"
         "\"POINT(1 2)\"", FIELD_GEO_SHAPE},
        {"={\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,1]]]}|{\"type\":\"Point\"}", FIELD_JSON},
        {"POINT(1 2)|point z (1 2 3)||LINESTRING EMPTY", FIELD_GEO_SHAPE},
        {"POINT(1 2)|POINT(1)", FIELD_TEXT}, {"POINT(1 2)|Pointe-Noire", FIELD_TEXT},
        {"0101000000000000000000F03F0000000000000040|", FIELD_GEO_SHAPE},
        {"0101000000000000000000F03F0000000000000040|0102", FIELD_TEXT},
        {"={\"lat\":1,\"lon\":2}|{\"a\":1}", FIELD_JSON}, {"={\"a\":1}|\"x\"", FIELD_JSON},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int mask = MASK_ALL;
        bool json = cases[i].values[0] == '=';
        str rest = str_from(cases[i].values + json);
        str value;
        while (str_split(&rest, '|', &value)) {
            mask &= json ? mask_of_json(value) : mask_of_text(value);
        }
        check_int(cases[i].values, type_of_mask(mask), cases[i].type);
    }
}

static void test_recognise(void **state)
{
    (void)state;
    static const struct {
        str start;
        const char *format; /* NULL: none */
    } cases[] = {
        {S("a;b\n1;2\n"), "csv"}, {S(""), "csv"}, {S("\"a\",\"b\"\n"), "csv"}, {S("a\tb\n"), "csv"},
        {S("[{\"a\":1}]"), "json"}, {S(" \n [ {\"a\":1} ]"), "json"},
        {S("\xef\xbb\xbf [1]"), "json"}, {S("\xef\xbb\xbf" "a;b"), "csv"},
        {S("{\"a\":1}\n{\"a\":2}\n"), "jsonl"}, {S(" {\"a\":1}"), "jsonl"},
        {S("{\"type\":\"FeatureCollection\",\"features\":[]}"), "geojson"},
        {S("{ \"features\": [], \"type\" : \"FeatureCollection\" }"), "geojson"},
        {S("SQLite format 3\0"), "gpkg"},
        {S("fgb\x03"), "fgb"},
        {S("\0\0\x27\x0a"), "shp"},
        {S("<?xml version=\"1.0\"?><kml>"), "kml"},
        {S("<gpx>"), "gpx"},
        {S("{\"type\":\"Topology\"}"), "topojson"},
        {S("PAR1\x15\x04"), "parquet"}, {S("PK\x03\x04"), "zip"}, {S("\x89PNG\r\n"), NULL},
        {S("%PDF-1.7"), NULL},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *format = ingest_recognise(cases[i].start);
        const char *expected = cases[i].format;
        check_text(cases[i].start.p, str_from(format ? format : "none"),
                   str_from(expected ? expected : "none"));
    }
}

static void test_find_line(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        str file;
        int64_t record;
        const char *value;
        struct layout layout;
        int64_t line;
    } cases[] = {
        {"first", S("a;b\n1;2\n3;4\n"), 1, "1", {'"', true, false, 0}, 2},
        {"second", S("a;b\n1;2\n3;4\n"), 2, "4", {'"', true, false, 0}, 3},
        {"no header", S("1;2\n3;4\n"), 2, "4", {'"', false, false, 0}, 2},
        {"no last newline", S("a\n1\nxyz"), 2, "xyz", {'"', true, true, 0}, 3},
        {"another value", S("a;b\n1;2\n3;4\n"), 2, "5", {'"', true, false, 0}, 0},
        {"empty value", S("a;b\n1;2\n"), 1, "", {'"', true, false, 0}, 0},
        {"behind the end", S("a;b\n1;2\n"), 2, "1", {'"', true, false, 0}, 0},
        {"empty lines", S("a;b\n\n1;2\n\r\n\n3;4\n"), 2, "3", {'"', true, false, 0}, 6},
        {"empty lines of one column", S("a\n1\n\nx\nx\n"), 3, "x", {'"', true, true, 0}, 4},
        {"quoted newline", S("a;b\n\"1\n1\";2\n3;4\n"), 2, "3", {'"', true, false, 0}, 4},
        {"quoted empty line", S("a;b\n\"1\n\n1\";2\n3;4\n"), 2, "3", {'"', true, false, 0}, 5},
        {"doubled quotes", S("a;b\n\"1\"\"\n\";2\n3;4\n"), 2, "3", {'"', true, false, 0}, 4},
        {"other quote", S("a;b\n'1\n\";2\n3';4\nx;y\n"), 2, "x", {'\'', true, false, 0}, 5},
        {"no quote", S("{\"a\":1}\n{\"a\":\"x\"}\n"), 2, "\"x\"", {0, false, false, 0}, 2},
        {"skipped", S("Title\na;b\n1;2\n3;4\n"), 2, "3", {'"', true, false, 1}, 4},
        {"quote in a skipped line", S("It\"s\na;b\n1;2\n"), 1, "2", {'"', true, false, 1}, 3},
        {"returns", S("a;b\r\n1;2\r\n3;4\r\n"), 2, "4", {'"', true, false, 0}, 3},
        {"value over several lines", S("a;b\n\"x\ny\";2\n"), 1, "x", {'"', true, false, 0}, 2},
        {"empty file", S(""), 1, "x", {'"', false, false, 0}, 0},
    };
    struct scope scope;
    struct directory directory;
    scope_open(&scope);
    directory_make(&directory);
    const char *path = directory_file(&scope, &directory, "file");
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        file_write(path, cases[i].file);
        check_int(cases[i].what,
                  find_line(path, cases[i].record, str_from(cases[i].value), &cases[i].layout),
                  cases[i].line);
    }
    check_int("no file", find_line("/nonexistent/file", 1, S("x"), &cases[0].layout), 0);
    directory_remove(&directory);
    scope_close(&scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mask_of_text),      cmocka_unit_test(test_readers_agree_with_masks),
        cmocka_unit_test(test_what_readers_yield), cmocka_unit_test(test_mask_of_json),
        cmocka_unit_test(test_type_of_columns),   cmocka_unit_test(test_recognise),
        cmocka_unit_test(test_find_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
