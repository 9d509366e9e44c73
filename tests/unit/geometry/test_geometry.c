/* Geometries from their texts to WKB and back. */
#include "../check.h"
#include "../one_scope.h"

#include <math.h>

#include "platform/geometry/geometry.h"

/* ---- good ones ---- */

static const struct {
    const char *text;
    const char *json;
} good[] = {
    {"{\"type\":\"Point\",\"coordinates\":[1,2]}", "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}"},
    {" { \"coordinates\" : [ -1.5e1 , 2 ] , \"bbox\":[{\"a\":[]},\"\\\"]\",null], \"type\" : \"Point\" } ",
     "{\"coordinates\": [-15.0, 2.0], \"type\": \"Point\"}"},
    {"{\"type\":\"Point\",\"coordinates\":[1,2,3,4]}",
     "{\"coordinates\": [1.0, 2.0, 3.0], \"type\": \"Point\"}"},
    {"{\"type\":\"Point\",\"coordinates\":[]}", "{\"coordinates\": [], \"type\": \"Point\"}"},
    {"{\"type\":\"LineString\",\"coordinates\":[[1,2]]}",
     "{\"coordinates\": [[1.0, 2.0]], \"type\": \"LineString\"}"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}",
     "{\"coordinates\": [[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]], \"type\": \"Polygon\"}"},
    {"POINT EMPTY", "{\"coordinates\": [], \"type\": \"Point\"}"},
    {"{\"type\":\"LineString\",\"coordinates\":[[0,0],[1,1,5],[2,2]]}",
     "{\"coordinates\": [[0.0, 0.0], [1.0, 1.0, 5.0], [2.0, 2.0]], \"type\": \"LineString\"}"},
    {"POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))",
     "{\"coordinates\": [[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]], "
     "[[1.0, 0.5], [2.0, 0.5], [2.0, 1.0], [1.0, 0.5]]], \"type\": \"Polygon\"}"},
    {"multipoint z ((1 2 3),(4 5 6))",
     "{\"coordinates\": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], \"type\": \"MultiPoint\"}"},
    {"{\"type\":\"MultiLineString\",\"coordinates\":[[[0,0],[1,1]],[]]}",
     "{\"coordinates\": [[[0.0, 0.0], [1.0, 1.0]], []], \"type\": \"MultiLineString\"}"},
    {"SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
     "{\"coordinates\": [[[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]], \"type\": \"MultiPolygon\"}"},
    {"{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"Point\",\"coordinates\":[1,2]},"
     "{\"type\":\"GeometryCollection\",\"geometries\":[]}]}",
     "{\"geometries\": [{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}, "
     "{\"geometries\": [], \"type\": \"GeometryCollection\"}], \"type\": \"GeometryCollection\"}"},
    {"{\"type\":\"Feature\",\"properties\":{\"type\":\"x\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":"
     "[0.1,-0.00001]}}", "{\"coordinates\": [0.1, -0.00001], \"type\": \"Point\"}"},
    {"0101000000000000000000F03F0000000000000040", "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}"},
    {"00000000013ff00000000000004000000000000000", "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}"},
    {"0101000020e6100000000000000000f03f0000000000000040", /* a reference system in front */
     "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}"},
    {"01010000C0000000000000f03f000000000000004000000000000008400000000000001040", /* z and m */
     "{\"coordinates\": [1.0, 2.0, 3.0], \"type\": \"Point\"}"},
    {"01d1070000000000000000f03f00000000000000400000000000000840", /* ISO: m alone */
     "{\"coordinates\": [1.0, 2.0], \"type\": \"Point\"}"},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        struct buf wkb = {0};
        struct buf again = {0};
        struct buf json = {0};
        str text = exact_copy(str_from(good[i].text));
        check_ok(good[i].text, &scope, geometry_read_any(&scope, text, &wkb));
        str exact = exact_copy(buf_str(&wkb));
        assert_true(geometry_write_json(exact, &json));
        check_text(good[i].text, buf_str(&json), str_from(good[i].json));
        check_ok(good[i].text, &scope, geometry_read_json(&scope, buf_str(&json), &again));
        check_text("read again", buf_str(&again), exact);
        buf_clear(&again);
        check_ok(good[i].text, &scope, geometry_read_wkb(&scope, exact, &again));
        check_text("checked", buf_str(&again), exact);
        exact_free(exact);
        exact_free(text);
        buf_done(&wkb);
        buf_done(&again);
        buf_done(&json);
    }
}

/* ---- bad ones ---- */

static const struct {
    const char *text;
    const char *why;
} bad[] = {
    {"", "nothing"},
    {"[1,2]", "neither well-known text"},
    {"POINT(1 2", "without its end"},
    {"POINT(1 x)", "no well-known text of a geometry (ParseException"},
    {"POINT(1 2) POINT(1 2)", "more behind the geometry"},
    {"POINT EMPTY here", "more behind it"},
    {"POINT(nan 1)", ""},
    {"POLYGON((0 0,1 0,1 1,0 1))", "no well-known text of a geometry (IllegalArgumentException"},
    {"LINESTRING(1 1)", ""},
    {"GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION("
     "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION("
     "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION("
     "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(",
     "too deep"},
    {"{\"type\":\"Circle\",\"coordinates\":[1,2]}", "its type is not one of"},
    {"{\"coordinates\":[1,2]}", "its type is not one of"},
    {"{\"type\":\"Point\"}", "no coordinates"},
    {"{\"type\":\"GeometryCollection\"}", "no geometries"},
    {"{\"type\":\"Point\",\"coordinates\":[1]}", "a position that is not two or three numbers"},
    {"{\"type\":\"Point\",\"coordinates\":[1,\"2\"]}", "a coordinate that is not a finite number"},
    {"{\"type\":\"Point\",\"coordinates\":[1,1e999]}", "no well-formed JSON"},
    {"{\"type\":\"Point\",\"coordinates\":[[1,2]]}", "a coordinate that is not a finite number"},
    {"{\"type\":\"LineString\",\"coordinates\":[1,2]}", "do not lie as deep as the type asks for"},
    {"{\"type\":\"LineString\",\"coordinates\":[[],[]]}", "a coordinate that is not"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0]]]}", "a ring that is not closed"},
    {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}", "a ring that is not closed"},
    {"{\"type\":\"Point\",\"coordinates\":[1,2]", "no well-formed JSON"},
    {"{\"type\":\"Point\",\"coordinates\":[1,2]}}", "more behind the geometry"},
    {"{\"type\":\"Point\",\"coordinates\":[1,2],\"a\":\"\\", "no well-formed JSON"},
    {"01", "end too early"},
    {"0", "half a byte"},
    {"01010000000000000000F03F0000000000000040zz", "no digit"},
    {"0101000000000000000000F03F00000000000000", "end too early"},
    {"0101000000000000000000F03F000000000000004000", "more bytes behind the geometry"},
    {"0108000000000000000000F03F0000000000000040", "of a type that is not known"},
    {"0201000000000000000000F03F0000000000000040", "the byte order is neither 0 nor 1"},
    {"0101000000000000000000F07F0000000000000040", "not finite"},
    {"0102000000FFFFFFFF", "end too early"},
    {"0107000000FFFFFFFF", "end too early"},
    {"010400000001000000010200000000000000", "parts that do not belong to it"},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct buf wkb = {0};
        buf_add(&wkb, S("before"));
        str text = exact_copy(str_from(bad[i].text));
        check_int(bad[i].text, geometry_read_any(&scope, text, &wkb), ERR_DATA);
        check_failure(bad[i].text, &scope, ERR_DATA, bad[i].why);
        check_text("what was there", buf_str(&wkb), S("before"));
        assert_false(geometry_try(text, &wkb));
        check_text("what was there", buf_str(&wkb), S("before"));
        exact_free(text);
        buf_done(&wkb);
    }
}

static void add_nested(struct buf *json, int depth)
{
    for (int i = 0; i < depth; i++) {
        buf_add(json, S("{\"type\":\"GeometryCollection\",\"geometries\":["));
    }
    for (int i = 0; i < depth; i++) {
        buf_add(json, S("]}"));
    }
}

static void test_depth(void **state)
{
    (void)state;
    struct buf json = {0};
    struct buf wkb = {0};
    struct buf written = {0};
    add_nested(&json, GEOMETRY_DEPTH_MOST + 1);
    check_ok("deepest", &scope, geometry_read_json(&scope, buf_str(&json), &wkb));
    assert_true(geometry_write_json(buf_str(&wkb), &written));
    buf_clear(&json);
    add_nested(&json, GEOMETRY_DEPTH_MOST + 2);
    assert_int_equal(geometry_read_json(&scope, buf_str(&json), &wkb), ERR_DATA);
    check_failure("deeper", &scope, ERR_DATA, "too deep");
    buf_clear(&json);
    buf_add(&json, S("{\"type\":\"Point\",\"coordinates\":"));
    for (int i = 0; i < 100000; i++) {
        buf_add_char(&json, '[');
    }
    assert_int_equal(geometry_read_json(&scope, buf_str(&json), &wkb), ERR_DATA);
    check_failure("brackets", &scope, ERR_DATA, "too deep");
    buf_done(&json);
    buf_done(&wkb);
    buf_done(&written);
}

static void test_too_many_points(void **state)
{
    (void)state;
    struct buf json = {0};
    struct buf wkb = {0};
    buf_add(&json, S("{\"type\":\"MultiPoint\",\"coordinates\":[[0,0]"));
    for (int i = 1; i < GEOMETRY_POINTS_MOST; i++) {
        buf_add(&json, S(",[0,0]"));
    }
    buf_add(&json, S("]}"));
    check_ok("most", &scope, geometry_read_json(&scope, buf_str(&json), &wkb));
    json.n -= 2;
    buf_add(&json, S(",[1,1]]}"));
    assert_int_equal(geometry_read_json(&scope, buf_str(&json), &wkb), ERR_DATA);
    check_failure("more", &scope, ERR_DATA, "too many points");
    buf_done(&json);
    buf_done(&wkb);
}

/* ---- what a geometry tells ---- */

static void test_box_and_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum geometry_kind kind;
        struct box box;
    } cases[] = {
        {"POINT(1 2)", GEOMETRY_POINT, {1, 2, 1, 2}},
        {"POINT EMPTY", GEOMETRY_POINT, {1, 1, 0, 0}},
        {"POLYGON EMPTY", GEOMETRY_POLYGON, {1, 1, 0, 0}},
        {"LINESTRING Z (1 9 100,-3 4 200)", GEOMETRY_LINE, {-3, 4, 1, 9}},
        {"POLYGON((0 0,4 0,4 4,0 0))", GEOMETRY_POLYGON, {0, 0, 4, 4}},
        {"GEOMETRYCOLLECTION(POINT EMPTY,MULTIPOINT(1 1,2 5),MULTILINESTRING((0 0,1 1)))",
         GEOMETRY_COLLECTION, {0, 0, 2, 5}},
        {"MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((170 10,180 10,180 20,170 10)))", GEOMETRY_MULTI_POLYGON,
         {0, 0, 180, 20}},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf wkb = {0};
        struct box box;
        enum geometry_kind kind;
        check_ok(cases[i].text, &scope, geometry_read_text(&scope, str_from(cases[i].text), &wkb));
        assert_true(geometry_kind_of(buf_str(&wkb), &kind));
        check_int(cases[i].text, kind, cases[i].kind);
        check_int(cases[i].text, geometry_box(buf_str(&wkb), &box), cases[i].box.west <= cases[i].box.east);
        if (cases[i].box.west <= cases[i].box.east) {
            assert_memory_equal(&box, &cases[i].box, sizeof(box));
        }
        /* No part of the bytes is a geometry. */
        for (size_t n = 0; n < wkb.n; n++) {
            str part = exact_copy(str_slice(buf_str(&wkb), 0, n));
            assert_false(geometry_box(part, &box));
            exact_free(part);
        }
        buf_done(&wkb);
    }
}

static void test_write_point(void **state)
{
    (void)state;
    struct buf written = {0};
    struct buf read = {0};
    geometry_write_point(-180, 90, &written);
    check_ok("point", &scope, geometry_read_text(&scope, S("POINT(-180 90)"), &read));
    check_text("point", buf_str(&written), buf_str(&read));
    buf_done(&written);
    buf_done(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_bad, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_depth, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_too_many_points, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_box_and_kind, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_write_point, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
