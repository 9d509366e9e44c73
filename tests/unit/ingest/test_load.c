/* Small files become tables. */
#include "loader.h"

struct loaded {
    const char *what;
    const char *format;
    const char *file;
    const char *fields;
    const char *rows;
    const char *notes;
};

static const struct loaded cases[] = {
    {"types of a CSV file", "csv",
     "code;n;x;comma;day;iso;at;ok;empty\n"
     "01;1;1.5;1,50;31/01/2024;2024-01-31;2024-01-31T10:00:00+02:00;true;\n"
     "02;-7;2;200;01.02.2024;2024/02/01;2024-02-01;FALSE;\n",
     "code:text n:int x:double comma:double day:date iso:date at:datetime ok:boolean empty:text",
     "'01' 1 1.5 1.5 2024-01-31 2024-01-31 2024-01-31T08:00:00+00:00 true null\n"
     "'02' -7 2.0 200.0 2024-02-01 2024-02-01 2024-02-01T00:00:00+00:00 false null\n",
     ""},
    {"values that would lose something", "csv",
     "plus;long;zero;mixed;days\n+1;12345678901234567890;-0;1,5;2024-01-31\n"
     "2;1;0;2.5;31/01/2024\n",
     "plus:text long:text zero:double mixed:text days:text",
     "'+1' '12345678901234567890' 0.0 '1,5' '2024-01-31'\n'2' '1' 0.0 '2.5' '31/01/2024'\n", ""},
    {"empty cells and blanks", "csv", "a;b;c\n1;;x\n ; ;\n;3; y \n", "a:int b:int c:text",
     "1 null 'x'\nnull null null\nnull 3 ' y '\n", ""},
    {"quotes", "csv", "a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n\"\",z\n", "a:text b:text",
     "'x, \"y\"' 'two\nlines'\nnull 'z'\n", ""},
    {"tabs", "csv", "a\tb\nx\t1,5\n", "a:text b:double", "'x' 1.5\n", ""},
    {"byte order mark", "csv", "\xef\xbb\xbf" "a;b\nx;1\n", "a:text b:int", "'x' 1\n", ""},
    {"short rows", "csv", "a;b;c\nx;1\ny;2;z\n", "a:text b:int c:text",
     "'x' 1 null\n'y' 2 'z'\n", ""},
    {"no header", "csv", "x,1\ny,2\n", "column0:text column1:int", "'x' 1\n'y' 2\n", ""},
    {"header alone", "csv", "a;b\n", "a:text b:text", "", ""},
    {"one column with an empty line", "csv", "a\n1\n\n2\n", "a:int", "1\nnull\n2\n", ""},
    {"commas in a text", "csv", "id;t;n\n1;x;1\n2;y;2\n3;z;3\n4;a,b,c,d,e,f;4\n",
     "id:int t:text n:int",
     "1 'x' 1\n2 'y' 2\n3 'z' 3\n4 'a,b,c,d,e,f' 4\n", ""},
    {"bars in a text", "csv", "tags;n\na|b;1\nx|y|z;2\n", "tags:text n:int",
     "'a|b' 1\n'x|y|z' 2\n", ""},
    {"long rows", "csv", "a;b\nx;1\ny;2;z\n", "a:text b:int column2:text",
     "'x' 1 null\n'y' 2 'z'\n", ""},
    {"returns", "csv", "a;b\r\nx;1\r\ny;2\r\n", "a:text b:int", "'x' 1\n'y' 2\n", ""},
    {"points in one column", "csv", "geopoint;other\n\"48.5, 2.25\";\"48.5, 2.25\"\n-1,1;-1,1\n",
     "geopoint:geo_point_2d other:text", "2.25 48.5 '48.5, 2.25'\n1.0 -1.0 '-1,1'\n", ""},
    {"points of two columns", "csv", "id;lat;lon\na;48.5;2.25\nb;;2\nc;91;2\n",
     "id:text lat:double lon:double geo_point_2d:geo_point_2d",
     "'a' 48.5 2.25 2.25 48.5\n'b' null 2.0 null null\n'c' 91.0 2.0 null null\n",
     "geo_point_2d was made of lat and lon\n"},
    {"points of columns with the same prefix", "csv", "end_lat,start_lat,start_lng\n1,48.5,2.5\n",
     "end_lat:int start_lat:double start_lng:double geo_point_2d:geo_point_2d",
     "1 48.5 2.5 2.5 48.5\n", "geo_point_2d was made of start_lat and start_lng\n"},
    {"latitudes that are text make no point", "csv", "lat;lon\nx;2\n1;3\n", "lat:text lon:int",
     "'x' 2\n'1' 3\n", ""},
    {"a field of the point's name", "csv", "lat;lon;geo_point_2d\n1;2;x\n",
     "lat:int lon:int geo_point_2d:text", "1 2 'x'\n", ""},

    {"types of a JSON file", "json",
     "[{\"t\": \"007\", \"n\": 1, \"x\": 1.5, \"ok\": true, \"d\": \"2024-01-31\","
     " \"list\": [1, \"a\", null], \"o\": {\"a\": [1]},"
     " \"p\": {\"lon\": 2.5, \"lat\": 48}, \"none\": null},"
     " {\"t\": \"\", \"n\": null, \"x\": 2, \"ok\": false, \"d\": \"2024/02/01\", \"list\": []}]",
     "t:text n:int x:double ok:boolean d:date list:text[] o:json_blob p:geo_point_2d none:text",
     "'007' 1 1.5 true 2024-01-31 [1,a,null] '{\"a\":[1]}' 2.5 48.0 null\n"
     "null null 2.0 false 2024-02-01 [] null null null null\n",
     ""},
    {"JSON values that would lose something", "json",
     "[{\"digits\": \"1\", \"big\": 12345678901234567890, \"long\": 12345678901234567, "
     "\"p\": {\"lat\": 1, \"lon\": 2, \"alt\": 3},"
     " \"far\": {\"lat\": 91, \"lon\": 2}, \"b\": true},"
     " {\"digits\": 2, \"big\": 1, \"long\": 1.5, \"p\": null, \"far\": null, \"b\": \"true\"}]",
     "digits:text big:text long:text p:json_blob far:json_blob b:text",
     "'1' '12345678901234567890' '12345678901234567' '{\"lat\":1,\"lon\":2,\"alt\":3}' "
     "'{\"lat\":91,\"lon\":2}' 'true'\n'2' '1' '1.5' null null 'true'\n",
     ""},
    {"mixtures of JSON values", "json",
     "[{\"a\": [1], \"b\": \"x\", \"c\": {\"type\": \"Point\", \"coordinates\": [2, 1]}},"
     " {\"a\": {\"k\": 1}, \"b\": [2], \"c\": {\"type\": \"Point\", \"coordinates\": [2, 1, 9]}}]",
     "a:json_blob b:json_blob c:geo_shape",
     "'[1]' '\"x\"' {\"coordinates\": [2.0, 1.0], \"type\": \"Point\"} 2.0 1.0 2.0 1.0\n"
     "'{\"k\":1}' '[2]' {\"coordinates\": [2.0, 1.0, 9.0], \"type\": \"Point\"} 2.0 1.0 2.0 1.0\n",
     ""},
    {"keys in the order of their first record", "json",
     "[{\"z\": 1, \"y\": 2, \"x\": 3}, {\"w\": 4, \"x\": 5, \"z\": 6, \"a\": 7}]",
     "z:int y:int x:int w:int a:int", "1 2 3 null null\n6 null 5 4 7\n", ""},
    {"keys with signs", "json",
     "[{\"a.b\": 1, \"q\\\"\": 2, \"*\": 3, \"s/t\": 4, \"~1\": 5, \"b\\\\\": 6, \"\": 7, "
     "\"[0]\": 8}]",
     "a_b:int q:int field_3:int s_t:int 1:int b:int field_7:int 0:int", "1 2 3 4 5 6 7 8\n", ""},
    {"JSON lines", "jsonl", "{\"a\": 1}\n{\"b\": \"x\"}\n\n{\"a\": 2}\n", "a:int b:text",
     "1 null\nnull 'x'\n2 null\n", ""},
    {"points of GeoJSON", "geojson",
     "{\"type\": \"FeatureCollection\", \"features\": ["
     "{\"type\": \"Feature\", \"properties\": {\"n\": 1, \"\": 2}, \"geometry\": "
     "{\"type\": \"Point\", \"coordinates\": [2.5, 48]}},"
     "{\"type\": \"Feature\", \"properties\": {\"n\": 2}, \"geometry\": null}]}",
     "n:int field_2:int geo_point_2d:geo_point_2d", "1 2 2.5 48.0\n2 null null null\n", ""},
    {"features among other members, a byte order mark, values that are no numbers", "geojson",
     "\xef\xbb\xbf{\"bbox\": [1, 2], \"meta\": {\"features\": [0]},\n\"features\": [\n{\"type\": \"Feature\", "
     "\"properties\": {\"n\": 1, \"x\": NaN}, \"geometry\": null},\n{\"properties\": {\"n\": 2}}, null,\n], "
     "\"crs\": null}\n",
     "n:int x:text geo_shape:text", "1 'NaN' null\n2 null null\nnull null null\n", ""},
    {"no features", "geojson", "{\"type\": \"FeatureCollection\", \"features\": []}", "geo_shape:text", "", ""},
    {"shapes of GeoJSON", "geojson",
     "{\"type\": \"FeatureCollection\", \"features\": ["
     "{\"type\": \"Feature\", \"properties\": {\"geometry\": 1}, \"geometry\": "
     "{\"type\": \"Polygon\", \"coordinates\": [[[0,0],[1,0],[1,1],[0,0]]]}}]}",
     "geometry:int geo_shape:geo_shape",
     "1 {\"coordinates\": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]], \"type\": \"Polygon\"} "
     "0.0 0.0 1.0 1.0\n", ""},
    {"geometries that are none", "geojson",
     "{\"type\": \"FeatureCollection\", \"features\": ["
     "{\"type\": \"Feature\", \"properties\": {}, \"geometry\": "
     "{\"type\": \"LineString\", \"coordinates\": [[0,0],[1,0]]}},"
     "{\"type\": \"Feature\", \"properties\": {}, \"geometry\": "
     "{\"type\": \"Polygon\", \"coordinates\": [[[0,0],[1,0],[1,1],[0,1]]]}}]}",
     "geo_shape:json_blob",
     "'{\"type\":\"LineString\",\"coordinates\":[[0,0],[1,0]]}'\n"
     "'{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}'\n",
     "geo_shape holds values that are no geometry, so it is no geo_shape; --type geo_shape=geo_shape names the "
     "first\n"},
    {"shapes in CSV", "csv",
     "wkt;json;hex;mixed;none\n"
     "LINESTRING(1 2,3 4);\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[1,2]}\";"
     "0101000000000000000000F03F0000000000000040;POINT(1 2);POINT(1 2)\n"
     ";;;{\"type\":\"LineString\",\"coordinates\":[]};here\n",
     "wkt:geo_shape json:geo_shape hex:geo_shape mixed:geo_shape none:text",
     "{\"coordinates\": [[1.0, 2.0], [3.0, 4.0]], \"type\": \"LineString\"} "
     "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"} {\"coordinates\": [1.0, 2.0], \"type\": \"Point\"} "
     "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"} 'POINT(1 2)' 1.0 2.0 3.0 4.0 1.0 2.0 1.0 2.0 "
     "1.0 2.0 1.0 2.0 1.0 2.0 1.0 2.0\n"
     "null null null {\"coordinates\": [], \"type\": \"LineString\"} 'here'"
     " null null null null null null null null null null null null null null null null\n", ""},
    {"GeoJSON with a point among its properties", "geojson",
     "{\"type\": \"FeatureCollection\", \"features\": ["
     "{\"type\": \"Feature\", \"properties\": {\"geo_point_2d\": {\"lon\": 3, \"lat\": 4}}, "
     "\"geometry\": {\"type\": \"Point\", \"coordinates\": [1, 2]}}]}",
     "geo_point_2d:geo_point_2d geo_point_2d_2:geo_point_2d", "3.0 4.0 1.0 2.0\n",
     "column 'geo_point_2d' is the field geo_point_2d_2, because geo_point_2d is taken\n"},
};

static void check_loaded(const struct loaded *expected)
{
    struct loader loader;
    loader_open(&loader, expected->format, str_from(expected->file));
    check_ok(expected->what, &loader.scope, loader_run(&loader));
    check_text(expected->what, loader_fields(&loader), str_from(expected->fields));
    check_text(expected->what, loader_rows(&loader, LOADER_ALL), str_from(expected->rows));
    check_text(expected->what, loader_notes(&loader), str_from(expected->notes));
    size_t lines = 0;
    for (const char *at = expected->rows; *at; at++) {
        lines += *at == '\n';
    }
    lines -= strstr(expected->rows, "two\nlines") != NULL;
    check_int(expected->what, loader.result.rows, (long long)lines);
    check_int(expected->what, engine.progress.rows, (long long)lines);
    check_int(expected->what, loader.result.rejected, 0);
    if (strcmp(expected->format, "csv") != 0) { /* where the engine knows it beforehand */
        check_int(expected->what, engine.progress.rows_expected, (long long)lines);
    }
    loader_close(&loader);
}

static void test_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_loaded(&cases[i]);
    }
}

static void test_unreadable_files(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        const char *file;
        const char *message;
    } files[] = {
        {"json", "[]", "file: the file holds no objects with keys"},
        {"json", "[{}]", "file: the file holds no objects with keys"},
        {"json", "[{\"a\": 1}", "file, line 1, column 9: the JSON is malformed"},
        {"jsonl", "{\"a\": 1}\nx\n", "file, line 2, column 1: the JSON is malformed"},
        {"geojson", "{\"type\": \"FeatureCollection\"", "file, line 1: the file ends after byte 28, where , or } is expected"},
        {"geojson", "{\"features\": [{\"type\": \"Feature\"}, {\"type\": tru}]}",
         "file, feature 2: the JSON is malformed: invalid token near 'tru'"},
        {"geojson", "{\"features\": [{\"a\": \"\\ud800\"}]}", "file, feature 1: the JSON is malformed: invalid Unicode"},
        {"geojson", "{\"features\": [{\"a\": \"\xe9\"}]}", "file: the text is not well-formed UTF-8"},
        {"geojson", "", "file, line 1: the file ends after byte 0"},
        {"parquet", "PAR1 and then nothing", "file: it cannot be read as parquet"},
        {"csv", "a,b,c\n\"x,1,2\ny,2,3\n", "file"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        struct loader loader;
        loader_open(&loader, files[i].format, str_from(files[i].file));
        check_int(files[i].file, loader_run(&loader), ERR_DATA);
        check_failure(files[i].file, &loader.scope, ERR_DATA, files[i].message);
        loader_close(&loader);
    }
}

/* A file whose first rows say int and whose row behind the sample says otherwise. */
static void check_widened(const char *first, const char *last, const char *fields,
                          const char *last_row)
{
    struct buf file = {0};
    struct loader loader;
    buf_add(&file, S("n;v\n"));
    for (int i = 0; i < 20480; i++) {
        buf_printf(&file, "%d;%s\n", i, first);
    }
    buf_printf(&file, "20480;%s\n", last);
    loader_open(&loader, "csv", buf_str(&file));
    buf_done(&file);
    check_ok(last, &loader.scope, loader_run(&loader));
    check_text(last, loader_fields(&loader), str_from(fields));
    check_int(last, loader.result.rows, 20481);
    check_int(last, engine.progress.rows, 20481);
    check_text(last, loader_rows(&loader, "select v from records where n = 20480"),
               str_from(last_row));
    check_text(last, loader_rows(&loader, "select count(*) from records where v is not null"),
               S("20481\n"));
    loader_close(&loader);
}

static void test_rows_behind_the_sample(void **state)
{
    (void)state;
    check_widened("1", "1.5", "n:int v:double", "1.5\n");
    check_widened("1", "x", "n:int v:text", "'x'\n");
    check_widened("1", "01", "n:int v:text", "'01'\n");
    check_widened("1.5", "12345678901234567", "n:int v:text", "'12345678901234567'\n");
    check_widened("2024-01-31", "2024-02-01T10:00", "n:int v:datetime",
                  "2024-02-01T10:00:00+00:00\n");
    check_widened("true", "yes", "n:int v:text", "'yes'\n");
}

static void test_parquet(void **state)
{
    (void)state;
    struct loader loader;
    loader_open(&loader, "parquet", S(""));
    str copy = str_printf(&loader.scope.arena,
                          "copy (select 1::tinyint as \"A b\", 2.5::decimal(9,2) as x, 'é' as t, "
                          "['p', 'q'] as tags, {'k': 1} as o, date '2024-01-31' as d, "
                          "timestamp '2024-01-31 10:00' as at, [1, 2] as ints, true as ok) "
                          "to '%s' (format parquet)", loader.options.path);
    loader_rows(&loader, copy.p);
    check_ok("parquet", &loader.scope, loader_run(&loader));
    check_text("parquet", loader_fields(&loader),
               S("a_b:int x:double t:text tags:text[] o:json_blob d:date at:datetime "
                 "ints:json_blob "
                 "ok:boolean"));
    check_text("parquet", loader_rows(&loader, LOADER_ALL),
               S("1 2.5 'é' [p,q] '{\"k\":1}' 2024-01-31 2024-01-31T10:00:00+00:00 '[1,2]' "
                 "true\n"));
    check_int("parquet", engine.progress.rows, 1);
    loader_close(&loader);
}

static void test_parquet_bytes_are_refused(void **state)
{
    (void)state;
    struct loader loader;
    loader_open(&loader, "parquet", S(""));
    str copy = str_printf(&loader.scope.arena, "copy (select 'x'::blob as b) to '%s' "
                          "(format parquet)", loader.options.path);
    loader_rows(&loader, copy.p);
    assert_int_equal(loader_run(&loader), ERR_DATA);
    check_failure("bytes", &loader.scope, ERR_DATA, "file: column 'b' holds bytes (BLOB)");
    loader_close(&loader);
}

/* Keys tell records apart, and equal records have equal keys, whatever their place. */
static void test_record_keys(void **state)
{
    (void)state;
    struct loader loader;
    loader_open(&loader, "csv", S("a;b\nx;1\ny;1\nx;1\n;\n"));
    check_ok("keys", &loader.scope, loader_run(&loader));
    check_text("keys", loader_rows(&loader, "select count(distinct \"_key\"), count(\"_key\") "
    "from records"),
               S("3 4\n"));
    loader_close(&loader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),   cmocka_unit_test(test_unreadable_files),
        cmocka_unit_test(test_rows_behind_the_sample),
        cmocka_unit_test(test_parquet), cmocka_unit_test(test_parquet_bytes_are_refused),
        cmocka_unit_test(test_record_keys),
    };
    return cmocka_run_group_tests(tests, engine_open, engine_close);
}
