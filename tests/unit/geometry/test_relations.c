/* Relations, distances on the sphere, and hulls. */
#include "../check.h"
#include "../one_scope.h"

#include <math.h>

#include "platform/geometry/geometry.h"

static str wkb_of(const char *text)
{
    struct buf wkb = {0};
    check_ok(text, &scope, geometry_read_text(&scope, str_from(text), &wkb));
    str copy = buf_copy(&wkb, &scope.arena);
    buf_done(&wkb);
    return copy;
}

/* ---- relations ---- */

#define SQUARE "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))"
#define BOWTIE "POLYGON((0 0,4 4,4 0,0 4,0 0))"

static const struct {
    const char *literal;
    const char *shape;
    bool intersects, within;
} related[] = {
    {SQUARE, "POINT(3 3)", true, true},
    {SQUARE, "POINT(1.5 1.5)", false, false}, /* in the hole */
    {SQUARE, "POINT(1 1)", true, true},       /* on its edge */
    {SQUARE, "POINT(4 4)", true, true},
    {SQUARE, "POINT(4.001 4)", false, false},
    {SQUARE, "POINT EMPTY", false, false},
    {SQUARE, "POLYGON EMPTY", false, false},
    {SQUARE, SQUARE, true, true},
    {SQUARE, "POLYGON((0 0,4 0,4 4,0 4,0 0))", true, false}, /* covers the hole */
    {SQUARE, "POLYGON((3 3,5 3,5 5,3 3))", true, false},
    {SQUARE, "MULTIPOLYGON(((3 3,3.5 3,3.5 3.5,3 3)),((0 3,1 3,1 4,0 3)))", true, true},
    {SQUARE, "MULTIPOLYGON(((3 3,3.5 3,3.5 3.5,3 3)),((8 8,9 8,9 9,8 8)))", true, false},
    {SQUARE, "LINESTRING(0 0,0 4)", true, true}, /* along the boundary */
    {SQUARE, "LINESTRING Z (0 0 9,3 0.5 9)", true, true},
    {SQUARE, "GEOMETRYCOLLECTION(POINT(3 3),LINESTRING(0 0,0 4),POINT EMPTY)", true, true},
    {SQUARE, "GEOMETRYCOLLECTION(POINT(3 3),POINT(9 9))", true, false},
    {SQUARE, "GEOMETRYCOLLECTION EMPTY", false, false},
    {"POINT(1 1)", "POINT(1 1)", true, true},
    {"POINT(1 1)", SQUARE, true, false},
    {"POINT EMPTY", "POINT(1 1)", false, false},
    {"LINESTRING(0 0,4 4)", "POINT(2 2)", true, true},
    {"GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 2,0 2,0 0)),POLYGON((2 0,4 0,4 2,2 2,2 0)))",
     "POLYGON((1 1,3 1,3 1.5,1 1))", true, true}, /* across two of its parts */
    {"GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 2,0 0)),POINT(9 9))", "POINT(9 9)", true, true},
    /* GEOS reads through a null pointer where it joins these. */
    {"GEOMETRYCOLLECTION(POINT EMPTY,MULTIPOLYGON(((0 0,3 0,1 1,0 0))))", "POINT(1 0.5)", true, true},
    {"GEOMETRYCOLLECTION(POINT EMPTY,POLYGON EMPTY)", "POINT(1 0.5)", false, false},
    {"MULTIPOLYGON(EMPTY,((0 0,3 0,1 1,0 0)))", "MULTIPOINT(EMPTY,(1 0.5))", true, true},
    {"GEOMETRYCOLLECTION(POLYGON((0 0,2 0,2 2,0 0)),POINT(9 9))", "MULTIPOINT((9 9),(1 0.5))", true, false},
    /* What crosses itself is judged as the areas that it goes around. */
    {BOWTIE, "POINT(2 1)", false, false},
    {BOWTIE, "POINT(1 2)", true, true},
    {"POINT(1 2)", BOWTIE, true, false},
    {"POLYGON((-1 -1,5 -1,5 5,-1 5,-1 -1))", BOWTIE, true, true},
    {"POLYGON((3 0,5 0,5 4,3 4,3 0))", BOWTIE, true, false},
};

static void test_relations(void **state)
{
    (void)state;
    for (int pass = 0; pass < 2; pass++) { /* literals that are kept, and those that gave way */
        for (size_t i = 0; i < ARRAY_LENGTH(related); i++) {
            const char *shape = related[i].shape;
            const struct geometry_literal *literal = geometry_literal_of(wkb_of(related[i].literal));
            assert_non_null(literal);
            check_int(shape, geometry_relates(literal, wkb_of(shape), GEOMETRY_INTERSECTS),
                      related[i].intersects);
            check_int(shape, geometry_relates(literal, wkb_of(shape), GEOMETRY_WITHIN), related[i].within);
            double x;
            double y;
            if (geometry_read_point(wkb_of(shape), &x, &y)) {
                check_int(shape, geometry_relates_point(literal, x, y), related[i].intersects);
            }
        }
    }
    assert_null(geometry_literal_of(S("no geometry")));
    assert_null(geometry_literal_of(S("")));
    const struct geometry_literal *literal = geometry_literal_of(wkb_of(SQUARE));
    assert_false(geometry_relates(literal, S("no geometry"), GEOMETRY_INTERSECTS));
}

/* Lines and rings of few positions, which GEOS alone would refuse. */
static void test_short_runs(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool intersects, within;
    } cases[] = {
        {"{\"type\":\"LineString\",\"coordinates\":[[3,3]]}", true, true},
        {"{\"type\":\"LineString\",\"coordinates\":[[9,9]]}", false, false},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":[[[[3,3],[3.5,3],[3,3.5],[3,3]]],[[[9,9],[8,9],[9,9]]]]}",
         true, false},
        {"{\"type\":\"MultiPolygon\",\"coordinates\":[[[[3,3],[3.5,3],[3,3.5],[3,3]],[[3,3]]]]}", true, true},
        {"{\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"MultiPoint\",\"coordinates\":[[3,3]]},"
         "{\"type\":\"MultiLineString\",\"coordinates\":[[[3,3,1]],[]]}]}", true, true},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct buf wkb = {0};
        check_ok(cases[i].json, &scope, geometry_read_json(&scope, str_from(cases[i].json), &wkb));
        const struct geometry_literal *literal = geometry_literal_of(wkb_of(SQUARE));
        check_int(cases[i].json, geometry_relates(literal, buf_str(&wkb), GEOMETRY_INTERSECTS),
                  cases[i].intersects);
        check_int(cases[i].json, geometry_relates(literal, buf_str(&wkb), GEOMETRY_WITHIN), cases[i].within);
        assert_non_null(geometry_literal_of(buf_str(&wkb)));
        buf_done(&wkb);
    }
}

/* ---- distances ---- */

static void check_near(const char *what, double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) {
        print_error("%s: %.6f, %.6f expected\n", what, actual, expected);
    }
    assert_true(fabs(actual - expected) <= tolerance);
}

static void test_distances(void **state)
{
    (void)state;
    const double degree = GEOMETRY_EARTH_RADIUS * M_PI / 180;
    static const struct {
        const char *shape;
        double longitude, latitude;
        double degrees; /* of a great circle */
        double tolerance; /* metres */
    } cases[] = {
        {"POINT(0 0)", 0, 0, 0, 0},
        {"POINT(0 0)", 0, 1, 1, 1e-6},
        {"POINT(0 0)", 180, 0, 180, 1e-3},
        {"POINT(0 90)", 123, -90, 180, 1e-3},
        {"POINT(179.5 0)", -179.5, 0, 1, 1e-6},
        {"POINT(10 89)", -170, 89, 2, 1e-3},       /* over the pole */
        {"POINT(0 0)", 0.00001, 0, 0.00001, 1e-6}, /* a metre */
        {"MULTIPOINT((5 0),(0 2))", 0, 0, 2, 1e-6},
        {"LINESTRING(-10 1,10 1)", 0, 0, 1, 1e-3},
        {"LINESTRING(1 1,10 1)", 0, 1, 0, 111200},
        {"LINESTRING(170 0,190 0)", -175, 3, 3, 1e-3},
        {"POLYGON((0 0,4 0,4 4,0 4,0 0))", 2, 2, 0, 0},
        {"POLYGON((0 0,4 0,4 4,0 4,0 0))", 2, -1, 1, 1e-3},
        {"POLYGON((0 0,4 0,4 4,0 4,0 0),(1 -0.0,3 0.5,3 3,1 3,1 -0.0))", 2, 2.5, 0.5, 30},
        {"POLYGON((170 -1,190 -1,190 1,170 1,170 -1))", -175, 0, 0, 0}, /* beyond 180 */
        {"POLYGON((-190 -1,-170 -1,-170 1,-190 1,-190 -1))", 175, 0, 0, 0},
        {"GEOMETRYCOLLECTION(POLYGON((0 0,4 0,4 4,0 4,0 0)),POLYGON((1 1,3 1,3 3,1 3,1 1)))", 2, 2, 0, 0},
        {"POLYGON((-180 80,0 80,180 80,180 90,-180 90,-180 80))", 50, 85, 0, 0},
        /* An edge along a parallel is straight in degrees; its great circle would pass 13 degrees north. */
        {"LINESTRING(-60 45,60 45)", 0, 44, 1, 30},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        double metres = -1;
        assert_true(geometry_distance(wkb_of(cases[i].shape), cases[i].longitude, cases[i].latitude, &metres));
        check_near(cases[i].shape, metres, cases[i].degrees * degree, cases[i].tolerance);
        double x;
        double y;
        if (geometry_read_point(wkb_of(cases[i].shape), &x, &y)) {
            check_near("point", geometry_point_distance(cases[i].longitude, cases[i].latitude, x, y), metres,
                       1e-3);
        }
    }
    double metres;
    assert_false(geometry_distance(wkb_of("POLYGON EMPTY"), 0, 0, &metres));
    assert_false(geometry_distance(S("x"), 0, 0, &metres));
}

/* Whatever lies in the circle lies in its box. */
static void test_circle_boxes(void **state)
{
    (void)state;
    static const double latitudes[] = {0, 45, -60, 85, 89.9, -90};
    static const double radii[] = {0, 1, 1000, 50000, 500000, 5e6, 2e7};
    for (size_t i = 0; i < ARRAY_LENGTH(latitudes); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(radii); j++) {
            struct box box = geometry_circle_box(10, latitudes[i], radii[j]);
            for (double x = -180; x < 180; x += 0.5) {
                for (double y = -90; y <= 90; y += 0.5) {
                    double east = x < 10 - 180 ? x + 360 : x;
                    bool inside = east >= box.west && east <= box.east && y >= box.south && y <= box.north;
                    bool near = geometry_point_distance(10, latitudes[i], x, y) <= radii[j];
                    assert_true(inside || !near);
                }
            }
        }
    }
    struct box small = geometry_circle_box(10, 60, 1000);
    check_near("width", (small.east - small.west) / (small.north - small.south), 2, 1e-3);
}

static void test_shift(void **state)
{
    (void)state;
    str wkb = wkb_of("GEOMETRYCOLLECTION(POINT Z (1 2 3),POLYGON((0 0,4 0,4 4,0 0)))");
    assert_true(geometry_shift((char *)(uintptr_t)wkb.p, wkb.n, 360));
    check_text("shifted", wkb, wkb_of("GEOMETRYCOLLECTION(POINT Z (361 2 3),POLYGON((360 0,364 0,364 4,360 0)))"));
    char bad[] = "bad";
    assert_false(geometry_shift(bad, 3, 360));
}

static void test_written_box(void **state)
{
    (void)state;
    struct buf wkb = {0};
    geometry_write_box(&(struct box){1, 2, 3, 4}, &wkb);
    check_text("box", buf_str(&wkb), wkb_of("POLYGON((1 2,3 2,3 4,1 4,1 2))"));
    buf_done(&wkb);
}

/* ---- hulls ---- */

static void check_hull(const char *what, struct hull *hull, const char *expected)
{
    struct buf wkb = {0};
    struct buf json = {0};
    hull_write(hull, &wkb);
    assert_true(geometry_write_json(buf_str(&wkb), &json));
    if (expected) {
        struct buf wanted = {0};
        assert_true(geometry_write_json(wkb_of(expected), &wanted));
        check_text(what, buf_str(&json), buf_str(&wanted));
        buf_done(&wanted);
    }
    hull_free(hull);
    buf_done(&wkb);
    buf_done(&json);
}

static void test_small_hulls(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t count;
        double points[6][2];
        const char *hull;
    } cases[] = {
        {"one point", 2, {{1, 2}, {1, 2}}, "POINT(1 2)"},
        {"two points", 3, {{3, 4}, {1, 2}, {3, 4}}, "LINESTRING(1 2,3 4)"},
        {"a line", 4, {{1, 1}, {3, 3}, {2, 2}, {4, 4}}, "LINESTRING(1 1,4 4)"},
        {"a line to the north", 3, {{1, 1}, {1, 3}, {1, 2}}, "LINESTRING(1 1,1 3)"},
        {"a square", 6, {{0, 0}, {2, 2}, {0, 2}, {2, 0}, {1, 1}, {1, 0}},
         "POLYGON((0 0,2 0,2 2,0 2,0 0))"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct hull *hull = NULL;
        for (size_t j = 0; j < cases[i].count; j++) {
            assert_true(hull_add(&hull, cases[i].points[j][0], cases[i].points[j][1]));
        }
        check_hull(cases[i].what, hull, cases[i].hull);
    }
}

/* A million points in a disc, in two hulls that are joined, and the corners of the square around it. */
static void test_large_hull(void **state)
{
    (void)state;
    struct hull *hull = NULL;
    struct hull *other = NULL;
    uint32_t random = 1;
    for (int i = 0; i < 1000000; i++) {
        random = random * 1664525u + 1013904223u;
        double angle = random / 4294967296.0 * 2 * M_PI;
        assert_true(hull_add(i % 2 ? &hull : &other, cos(angle), sin(angle)));
    }
    for (int x = -2; x <= 2; x += 4) {
        for (int y = -2; y <= 2; y += 4) {
            assert_true(hull_add(x < 0 ? &hull : &other, x, y));
        }
    }
    assert_true(hull_join(&hull, other));
    hull_free(other);
    check_hull("square around a disc", hull, "POLYGON((-2 -2,2 -2,2 2,-2 2,-2 -2))");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_relations, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_short_runs, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_distances, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_circle_boxes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_shift, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_written_box, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_small_hulls, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_large_hull, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
