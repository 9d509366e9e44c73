/* Names made from labels, and what callers ask for about fields and points. */
#include "loader.h"

static void test_names_of_labels(void **state)
{
    (void)state;
    static const struct {
        const char *header; /* separated by ';' */
        const char *names;
    } cases[] = {
        {"a;b", "a b"},
        {"Année d'ouverture;Code (INSEE);STRASSE", "annee_d_ouverture code_insee strasse"},
        {"ÉTÉ;Œuvre;straße;İstanbul", "ete uvre strasse istanbul"},
        {"1er tour;2024;3", "1er_tour 2024 3"},
        {"  a  ;__b__;-c-;d..e", "a b c d_e"},
        {"a/b;a.b;a b", "a_b a_b_2 a_b_3"},
        /* collisions in any order, also with names that were made before */
        {"a;a;a", "a a_2 a_3"},
        {"a;a;a_2", "a a_2 a_2_2"},
        {"a;a_2;a", "a a_2 a_3"},
        {"a_2;a;a", "a_2 a a_3"},
        {"a_2;a_2;a;a", "a_2 a_2_2 a a_3"},
        {"a;a_3;a;a", "a a_3 a_2 a_4"},
        {"A;a;Á;à", "a a_2 a_3 a_4"},
        {"a;a_1;a", "a a_1 a_2"},
        /* labels that give no name */
        {"€;x;東京;-", "field_1 x field_3 field_4"},
        {"field_2;€", "field_2 field_2_2"},
        {"x;;y;", "x column1 y column3"},
        {"column1;;column1", "column1 column1_1 column1_2"},
        {"_key;_ID;select;order by;records", "key id select order_by records"},
        {"\"a;b\";\"say \"\"x\"\"\";\"two\nlines\"", "a_b say_x two_lines"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct loader loader;
        struct buf file = {0};
        struct buf names = {0};
        loader_open(&loader, "csv", S(""));
        buf_printf(&file, "%s\n1", cases[i].header);
        bool quoted = false;
        for (const char *at = cases[i].header; *at; at++) {
            quoted ^= *at == '"';
            buf_add(&file, *at == ';' && !quoted ? S(";1") : S(""));
        }
        buf_add_char(&file, '\n');
        file_write(loader.options.path, buf_str(&file));
        check_ok(cases[i].header, &loader.scope, loader_run(&loader));
        for (size_t k = 0; k < loader.result.schema.count; k++) {
            buf_printf(&names, "%s%.*s", k ? " " : "",
                       STR_ARG(loader.result.schema.fields[k].name));
        }
        check_text(cases[i].header, buf_str(&names), str_from(cases[i].names));
        buf_done(&file);
        buf_done(&names);
        loader_close(&loader);
    }
}

/* Long labels give names of at most 100 bytes, also when they collide; labels stay whole. */
static void test_long_labels(void **state)
{
    (void)state;
    struct loader loader;
    struct buf file = {0};
    for (int i = 0; i < 12; i++) {
        buf_printf(&file, "%sé%0150d", i ? ";" : "", 7);
    }
    buf_add(&file, S("\n1;2;3;4;5;6;7;8;9;10;11;12\n"));
    loader_open(&loader, "csv", buf_str(&file));
    buf_done(&file);
    check_ok("long", &loader.scope, loader_run(&loader));
    assert_int_equal(loader.result.schema.count, 12);
    for (size_t i = 0; i < 12; i++) {
        const struct field *field = &loader.result.schema.fields[i];
        assert_in_range(field->name.n, 90, 100);
        check_int("label", (long long)field->label.n, 152);
        assert_ptr_equal(schema_find(&loader.result.schema, field->name), field);
    }
    assert_true(str_ends(loader.result.schema.fields[11].name, S("_12")));
    check_int("notes", (long long)loader.result.note_count, 11);
    loader_close(&loader);
}

static void test_labels_are_kept(void **state)
{
    (void)state;
    struct loader loader;
    loader_open(&loader, "csv", S("Nom;nom; Nom \n1;2;3\n"));
    check_ok("labels", &loader.scope, loader_run(&loader));
    check_text("first", loader.result.schema.fields[0].label, S("Nom"));
    check_text("second", loader.result.schema.fields[1].label, S("nom"));
    check_text("third", loader.result.schema.fields[2].label, S(" Nom "));
    check_text("notes", loader_notes(&loader),
               S("column 'nom' is the field nom_2, because nom is taken\n"
                 "column ' Nom ' is the field nom_3, because nom is taken\n"));
    loader_close(&loader);
}

static void test_too_many_fields(void **state)
{
    (void)state;
    struct loader loader;
    struct buf file = {0};
    for (int i = 0; i < 1001; i++) {
        buf_printf(&file, "%s\"f%d\": 1", i ? ", " : "[{", i);
    }
    buf_add(&file, S("}]"));
    loader_open(&loader, "json", buf_str(&file));
    buf_done(&file);
    check_int("fields", loader_run(&loader), ERR_DATA);
    check_failure("fields", &loader.scope, ERR_DATA, "more than 1000 fields");
    loader_close(&loader);
}

/* ---- wishes ---- */

static const char lamps[] = "Code;Größe;y;x\n01;1;48.5;2.5\n02;2;49;3\n";

static void test_wishes(void **state)
{
    (void)state;
    struct loader loader;
    struct field_wish wishes[] = {
        {.name = S("code"), .must_exist = true, .label = S("Number"),
         .description = S("of the lamp")},
        {.name = S("Größe"), .must_exist = true, .has_type = true, .type = FIELD_TEXT},
        {.name = S("colour")},
        {.name = S("here"), .label = S("Place")},
    };
    struct point_wish points[] = {{S("Here"), S("y"), S("x")}, {S("there"), S("x"), S("y")}};
    loader_open(&loader, "csv", str_from(lamps));
    vec_add(&loader.scope.arena, &wishes[0].annotations,
            (struct annotation_wish){S("facet"), S("")});
    vec_add(&loader.scope.arena, &wishes[0].annotations,
            (struct annotation_wish){S("unit"), S("m")});
    loader.options.wishes = wishes;
    loader.options.wish_count = ARRAY_LENGTH(wishes);
    loader.options.points = points;
    loader.options.point_count = ARRAY_LENGTH(points);
    check_ok("wishes", &loader.scope, loader_run(&loader));
    check_text("fields", loader_fields(&loader),
               S("code:text grosse:text y:double x:double here:geo_point_2d there:geo_point_2d"));
    check_text("rows", loader_rows(&loader, LOADER_ALL),
               S("'01' '1' 48.5 2.5 2.5 48.5 48.5 2.5\n'02' '2' 49.0 3.0 3.0 49.0 49.0 3.0\n"));
    const struct field *code = schema_find(&loader.result.schema, S("code"));
    check_text("label", code->label, S("Number"));
    check_text("description", code->description, S("of the lamp"));
    check_text("unit", code->unit, S("m"));
    assert_true(code->facet);
    check_text("point", schema_find(&loader.result.schema, S("here"))->label, S("Place"));
    check_text("note", loader_notes(&loader),
               S("the metadata names a field 'colour', which the file does not have\n"));
    loader_close(&loader);
}

#define NO_ANNOTATION {STR_NONE, STR_NONE}
#define NO_POINT {STR_NONE, STR_NONE, STR_NONE}

static void test_wrong_wishes(void **state)
{
    (void)state;
    static const struct {
        str field;
        bool must_exist;
        struct annotation_wish annotation;
        struct point_wish point;
        enum err code;
        const char *message;
    } cases[] = {
        {S("colour"), true, NO_ANNOTATION, NO_POINT, ERR_METADATA,
         "the file has no field 'colour'; it has code, grosse, y, x"},
        {S("code"), false, {S("facets"), S("")}, NO_POINT, ERR_METADATA,
         "unknown annotation 'facets'"},
        {S("y"), false, {S("multivalued"), S("&")}, NO_POINT, ERR_METADATA,
         "field y: only text fields can be multivalued"},
        {STR_NONE, false, NO_ANNOTATION, {S("p"), S("y"), S("z")}, ERR_USAGE,
         "the file has no column 'z'"},
        {STR_NONE, false, NO_ANNOTATION, {S("Code"), S("y"), S("x")}, ERR_USAGE,
         "there is a field of that name"},
        {STR_NONE, false, NO_ANNOTATION, {S("€"), S("y"), S("x")}, ERR_USAGE,
         "'€' makes no field name"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct loader loader;
        struct field_wish wish = {.name = cases[i].field, .must_exist = cases[i].must_exist};
        loader_open(&loader, "csv", str_from(lamps));
        if (cases[i].annotation.annotation.p) {
            vec_add(&loader.scope.arena, &wish.annotations, cases[i].annotation);
        }
        loader.options.wishes = &wish;
        loader.options.wish_count = wish.name.p != NULL;
        loader.options.points = &cases[i].point;
        loader.options.point_count = cases[i].point.name.p != NULL;
        check_int(cases[i].message, loader_run(&loader), cases[i].code);
        check_failure(cases[i].message, &loader.scope, cases[i].code, cases[i].message);
        loader_close(&loader);
    }
}

/* A separator makes lists of texts, whatever the cells look like. */
static void test_multivalued(void **state)
{
    (void)state;
    struct loader loader;
    struct field_wish wish = {.name = S("tags")};
    loader_open(&loader, "csv", S("tags;n\na&b;1\n x & y&;2\n;3\nit's&;4\n"));
    vec_add(&loader.scope.arena, &wish.annotations,
            (struct annotation_wish){S("multivalued"), S("&")});
    loader.options.wishes = &wish;
    loader.options.wish_count = 1;
    check_ok("tags", &loader.scope, loader_run(&loader));
    check_text("fields", loader_fields(&loader), S("tags:text[] n:int"));
    check_text("rows", loader_rows(&loader, LOADER_ALL),
               S("[a,b] 1\n[x,y,] 2\nnull 3\n[it's,] 4\n"));
    loader_close(&loader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_labels), cmocka_unit_test(test_long_labels),
        cmocka_unit_test(test_labels_are_kept), cmocka_unit_test(test_too_many_fields),
        cmocka_unit_test(test_wishes),          cmocka_unit_test(test_wrong_wishes),
        cmocka_unit_test(test_multivalued),
    };
    return cmocka_run_group_tests(tests, engine_open, engine_close);
}
