/* Files put behind the records that are there, and rows that do not fit. */
#include "loader.h"

/* ---- appending ---- */

/* What the first file became, as a version's file for the second. */
struct kept {
    struct loader loader;
    const char *version;
};

static void kept_open(struct kept *kept, const char *format, const char *file,
                      const struct field_wish *wish)
{
    struct loader *loader = &kept->loader;
    loader_open(loader, format, str_from(file));
    loader->options.wishes = wish;
    loader->options.wish_count = wish ? 1 : 0;
    check_ok(file, &loader->scope, loader_run(loader));
    kept->version = directory_file(&loader->scope, &loader->directory, "it's.duckdb");
    str attach = str_printf(&loader->scope.arena, "attach '%s/it''s.duckdb' as version",
                            loader->directory.path);
    loader_rows(loader, attach.p);
    loader_rows(loader, "create table version.records as select * from records");
    loader_rows(loader, "detach version");
}

static enum err run_appended(struct kept *kept, struct loader *loader)
{
    loader->options.append_to = kept->version;
    loader->options.append_schema = &kept->loader.result.schema;
    return loader_run(loader);
}

static void test_appended_files(void **state)
{
    (void)state;
    static const struct {
        const char *what, *format, *first, *second, *fields, *rows;
    } cases[] = {
        {"same columns", "csv", "a;b\nx;1\n", "a;b\ny;2\n", "a:text b:int", "'x' 1\n'y' 2\n"},
        {"other order", "csv", "a;b\nx;1\n", "b;a\n2;y\n", "a:text b:int", "'x' 1\n'y' 2\n"},
        {"a column more", "csv", "a;b\nx;1\n", "a;c;b\ny;z;2\n", "a:text b:int c:text",
         "'x' 1 null\n'y' 2 'z'\n"},
        {"a column less", "csv", "a;b\nx;1\n", "a\ny\n", "a:text b:int", "'x' 1\n'y' null\n"},
        {"nothing in common", "csv", "a\nx\n", "b\ny\n", "a:text b:text", "'x' null\nnull 'y'\n"},
        {"the old type stays", "csv", "a;b\nx;1.5\n", "a;b\n7;2\n", "a:text b:double",
         "'x' 1.5\n'7' 2.0\n"},
        {"empty columns", "csv", "a;b\nx;1\n", "a;b\ny;\n", "a:text b:int", "'x' 1\n'y' null\n"},
        {"labels that differ in case", "csv", "A;a\nx;1\n", "a;A\n2;y\n", "a:text a_2:int",
         "'x' 1\n'y' 2\n"},
        {"labels that come twice", "csv", "a;a;a_2\nx;y;z\n", "a;a;a_2\np;q;r\n",
         "a:text a_2:text a_2_2:text", "'x' 'y' 'z'\n'p' 'q' 'r'\n"},
        {"labels that come twice, turned", "csv", "a;a;a_2\nx;y;z\n", "a_2;a;a\nr;p;q\n",
         "a:text a_2:text a_2_2:text", "'x' 'y' 'z'\n'p' 'q' 'r'\n"},
        {"labels without a name", "csv", "x;€\n1;2\n", "€;x\n4;3\n",
         "x:int field_2:int", "1 2\n3 4\n"},
        {"a label in another spelling", "csv", "Année;b\n1;2\n", "annee;b\n3;4\n",
         "annee:int b:int", "1 2\n3 4\n"},
        {"points", "csv", "lat;lon\n1.5;2\n", "lat;lon\n3;4.5\n",
         "lat:double lon:int geo_point_2d:geo_point_2d", NULL},
        {"made points", "csv", "lat;lon\n1.5;2.5\n", "lat;lon\n3;4.5\n;1\n",
         "lat:double lon:double geo_point_2d:geo_point_2d",
         "1.5 2.5 2.5 1.5\n3.0 4.5 4.5 3.0\nnull 1.0 null null\n"},
        {"the same record twice", "csv", "a\nx\n", "a\nx\n", "a:text", "'x'\n'x'\n"},
        {"JSON", "json", "[{\"a\": [1], \"o\": {\"x\": 1}}]", "[{\"o\": [2], \"a\": [\"b\"]}]",
         "a:text[] o:json_blob", "[1] '{\"x\":1}'\n[b] '[2]'\n"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct kept kept;
        struct loader loader;
        kept_open(&kept, cases[i].format, cases[i].first, NULL);
        loader_open(&loader, cases[i].format, str_from(cases[i].second));
        enum err result = run_appended(&kept, &loader);
        if (cases[i].rows) {
            check_ok(cases[i].what, &loader.scope, result);
            check_text(cases[i].what, loader_fields(&loader), str_from(cases[i].fields));
            check_text(cases[i].what, loader_rows(&loader, LOADER_ALL), str_from(cases[i].rows));
        } else {
            check_failure(cases[i].what, &loader.scope, ERR_DATA,
                          "'4.5' was found, int is expected");
        }
        loader_close(&loader);
        loader_close(&kept.loader);
    }
}

/* With the annotation id a new record takes the place of the old one with the same values in it. */
static void test_replaced_records(void **state)
{
    (void)state;
    struct kept kept;
    struct loader loader;
    struct field_wish wish = {.name = S("id")};
    struct scope scope;
    scope_open(&scope);
    vec_add(&scope.arena, &wish.annotations, (struct annotation_wish){S("id"), S("")});
    kept_open(&kept, "csv", "id;v\na;1\nb;2\nc;3\n", &wish);
    loader_open(&loader, "csv", S("v;id;w\n20;b;x\n40;d;y\n"));
    check_ok("append", &loader.scope, run_appended(&kept, &loader));
    check_text("rows", loader_rows(&loader, LOADER_ALL),
               S("'a' 1 null\n'c' 3 null\n'b' 20 'x'\n'd' 40 'y'\n"));
    check_int("rows", loader.result.rows, 4);
    assert_true(schema_has_id(&loader.result.schema));
    loader_close(&loader);
    loader_close(&kept.loader);
    scope_close(&scope);
}

static void test_old_types_stay(void **state)
{
    (void)state;
    struct kept kept;
    struct loader loader;
    struct field_wish wish = {.name = S("b"), .has_type = true, .type = FIELD_TEXT};
    kept_open(&kept, "csv", "a;b\nx;1\n", NULL);
    loader_open(&loader, "csv", S("a;b\ny;2\n"));
    loader.options.wishes = &wish;
    loader.options.wish_count = 1;
    assert_int_equal(run_appended(&kept, &loader), ERR_METADATA);
    check_failure("type", &loader.scope, ERR_METADATA, "field b: the type is int in the records");
    loader_close(&loader);
    loader_open(&loader, "csv", S("a;b\ny;two\n"));
    assert_int_equal(run_appended(&kept, &loader), ERR_DATA);
    check_failure("value", &loader.scope, ERR_DATA,
                  "file, line 2, column 'b': 'two' was found, int is expected; use --on-error");
    loader_close(&loader);
    loader_close(&kept.loader);
}

/* ---- rows that do not fit ---- */

static const struct {
    const char *what, *format, *file;
    const char *field;
    enum field_type type;
    const char *message; /* when the first one aborts */
    const char *rows;    /* what is left when they are skipped */
    const char *rejects;
} bad_files[] = {
    {"a value", "csv", "a;n\nx;1\ny;two\nz;3\n", "n", FIELD_INT,
     "file, line 3, column 'n': 'two' was found, int is expected; use --type n=text",
     "'x' 1\n'z' 3\n",
     "{\"record\":2,\"line\":null,\"column\":\"n\",\"found\":\"two\",\"expected\":\"int\","
     "\"reason\":null,\"shape\":null,\"values\":{\"a\":\"y\",\"n\":\"two\"}}\n"},
    {"a value behind a quoted newline", "csv", "a;n\n\"x\ny\";1\n\ny;two\n", "n", FIELD_INT,
     "file, line 5, column 'n': 'two' was found", "'x\ny' 1\n", "{\"record\":2,"},
    {"a date", "csv", "a;d\nx;2024-02-30\ny;2024-02-29\n", "d", FIELD_DATE,
     "file, line 2, column 'd': '2024-02-30' was found, date is expected", "'y' 2024-02-29\n",
     "\"found\":\"2024-02-30\""},
    {"a boolean", "csv", "a;b\nx;true\ny;1\n", "b", FIELD_BOOLEAN,
     "file, line 3, column 'b': '1' was found, boolean is expected", "'x' true\n",
     "\"expected\":\"boolean\""},
    {"a point", "csv", "a;p\nx;\"1,2\"\ny;\"91,2\"\n", "p", FIELD_GEO_POINT,
     "file, line 3, column 'p': '91,2' was found, geo_point_2d is expected", "'x' 2.0 1.0\n",
     "\"found\":\"91,2\""},
    {"a long value", "csv",
     "a;n\nx;1\ny;ééééééééééééééééééééééééééééééxxéééééééééééééé\n", "n", FIELD_INT,
     "'éééééééééééééééééééééééééééééé' was found", "'x' 1\n", "\"column\":\"n\""},
    {"one column with an empty line", "csv", "n\n1\n\nx\nx\n", "n", FIELD_INT,
     "file, line 4, column 'n': 'x' was found", "1\nnull\n", "{\"record\":3,"},
    {"JSON", "json", "[{\"n\": 1}, {\"n\": \"02\"}, {\"n\": \"3\"}, {\"n\": null}]", "n", FIELD_INT,
     "file, record 2, column 'n': '02' was found, int is expected", "1\n3\nnull\n",
     "\"found\":\"\\\"02\\\"\""},
    {"JSON of several kinds", "json",
     "[{\"b\": true}, {\"b\": \"FALSE\"}, {\"b\": [true]}, {\"b\": \"\"}]",
     "b", FIELD_BOOLEAN, "file, record 3, column 'b': '[true]' was found", "true\nfalse\nnull\n",
     "\"record\":3"},
    {"JSON points", "json",
     "[{\"p\": {\"lat\": 1, \"lon\": 2}}, {\"p\": {\"lat\": 91, \"lon\": 2}}, {}]",
     "p", FIELD_GEO_POINT, "file, record 2, column 'p': '{\"lat\":91,\"lon\":2}' was found",
     "2.0 1.0\nnull null\n", "\"record\":2"},
    {"JSON shapes", "json",
     "[{\"g\": {\"type\": \"Point\", \"coordinates\": [2, 1]}}, {\"g\": \"here\"}, {\"g\": null}]",
     "g", FIELD_GEO_SHAPE,
     "file, record 2, column 'g': 'here' was found, geo_shape is expected",
     "{\"coordinates\": [2.0, 1.0], \"type\": \"Point\"} 2.0 1.0 2.0 1.0\nnull null null null null\n",
     "\"record\":2"},
    {"CSV shapes", "csv", "g;h\nPOINT(2 1);1\nPOLYGON((0 0,1 0,1 1,0 2));2\n", "g", FIELD_GEO_SHAPE,
     "file, line 3, column 'g': 'POLYGON((0 0,1 0,1 1,0 2))' was found, geo_shape is expected",
     "{\"coordinates\": [2.0, 1.0], \"type\": \"Point\"} 1 2.0 1.0 2.0 1.0\n", "\"record\":2"},
    {"JSON lines", "jsonl", "{\"n\": 1}\n{\"n\": \"x\"}\n", "n", FIELD_DOUBLE,
     "file, line 2, column 'n': 'x' was found, double is expected", "1.0\n", "\"record\":2"},
};

static void open_bad(struct loader *loader, size_t at, struct field_wish *wish)
{
    loader_open(loader, bad_files[at].format, str_from(bad_files[at].file));
    *wish = (struct field_wish){.name = str_from(bad_files[at].field), .must_exist = true,
                                .has_type = true, .type = bad_files[at].type};
    loader->options.wishes = wish;
    loader->options.wish_count = 1;
    loader->options.rejects_path =
        directory_file(&loader->scope, &loader->directory, "it's.rejects.jsonl");
}

static void test_bad_rows_abort(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad_files); i++) {
        struct loader loader;
        struct field_wish wish;
        open_bad(&loader, i, &wish);
        check_int(bad_files[i].what, loader_run(&loader), ERR_DATA);
        check_failure(bad_files[i].what, &loader.scope, ERR_DATA, bad_files[i].message);
        check_int(bad_files[i].what, access(loader.options.rejects_path, F_OK), -1);
        loader_close(&loader);
    }
}

static void test_bad_rows_are_skipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad_files); i++) {
        struct loader loader;
        struct field_wish wish;
        open_bad(&loader, i, &wish);
        loader.options.skip_bad_rows = true;
        check_ok(bad_files[i].what, &loader.scope, loader_run(&loader));
        check_text(bad_files[i].what, loader_rows(&loader, LOADER_ALL),
                   str_from(bad_files[i].rows));
        str rejects = file_read(&loader.scope, loader.options.rejects_path);
        if (str_find(rejects, str_from(bad_files[i].rejects), 0) == SIZE_MAX) {
            print_error("%s: %.*s\n", bad_files[i].what, STR_ARG(rejects));
            assert_true(false);
        }
        int64_t lines = 0;
        for (size_t k = 0; k < rejects.n; k++) {
            lines += rejects.p[k] == '\n';
        }
        check_int(bad_files[i].what, loader.result.rejected, lines);
        loader_close(&loader);
    }
}

/* A row with a cell too many, behind the rows that the dialect is made of. */
static void test_rows_of_another_shape(void **state)
{
    (void)state;
    for (int skip = 0; skip < 2; skip++) {
        struct loader loader;
        struct buf file = {0};
        buf_add(&file, S("a;b\n"));
        for (int i = 0; i < 30000; i++) {
            buf_add(&file, i == 25000 ? S("x;1;2\n") : S("x;1\n"));
        }
        loader_open(&loader, "csv", buf_str(&file));
        buf_done(&file);
        loader.options.skip_bad_rows = skip;
        loader.options.rejects_path =
            directory_file(&loader.scope, &loader.directory, "rejects.jsonl");
        enum err result = loader_run(&loader);
        if (skip) {
            check_ok("skip", &loader.scope, result);
            check_int("rows", loader.result.rows, 29999);
            check_int("rejected", loader.result.rejected, 1);
            str rejects = file_read(&loader.scope, loader.options.rejects_path);
            assert_true(str_find(rejects, S("\"line\":25002,"), 0) != SIZE_MAX);
        } else {
            assert_int_equal(result, ERR_DATA);
            check_failure("abort", &loader.scope, ERR_DATA, "file, line 25002: ");
        }
        loader_close(&loader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appended_files), cmocka_unit_test(test_replaced_records),
        cmocka_unit_test(test_old_types_stay), cmocka_unit_test(test_bad_rows_abort),
        cmocka_unit_test(test_bad_rows_are_skipped), cmocka_unit_test(test_rows_of_another_shape),
    };
    return cmocka_run_group_tests(tests, engine_open, engine_close);
}
