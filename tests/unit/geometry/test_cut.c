/* Shapes cut to squares of the Web Mercator map. */
#include "../check.h"

#include "platform/geometry/cut.h"
#include "platform/geometry/mercator.h"

static struct scope scope;

static struct cut_window window_of(int zoom, int x, int y)
{
    return (struct cut_window){.world = ldexp(4096, zoom), .left = x * 4096.0, .top = y * 4096.0, .extent = 4096,
                               .margin = 64, .tolerance = 4};
}

static struct cut cut_text(const char *text, const struct cut_window *window)
{
    struct buf wkb = {0};
    struct cut cut = {0};
    check_ok(text, &scope, geometry_read_text(&scope, str_from(text), &wkb));
    assert_true(geometry_cut(&scope.arena, buf_str(&wkb), window, &cut));
    buf_done(&wkb);
    for (size_t i = 0; i < cut.parts.count; i++) {
        for (size_t j = 0; j < 2 * cut.parts.items[i].count; j++) {
            assert_in_range(cut.parts.items[i].xy[j] + 64, 0, 4096 + 128);
        }
    }
    return cut;
}

static double area_of(const struct cut *cut)
{
    double area = 0;
    for (size_t i = 0; i < cut->parts.count; i++) {
        const struct cut_part *part = &cut->parts.items[i];
        double ring = 0;
        for (size_t j = 0; part->kind == GEOMETRY_POLYGON && j + 1 < part->count; j++) {
            ring += (double)part->xy[2 * j] * part->xy[2 * j + 3] - (double)part->xy[2 * j + 2] * part->xy[2 * j + 1];
        }
        area += part->is_hole ? -fabs(ring) / 2 : fabs(ring) / 2;
    }
    return area;
}

static void test_projection(void **state)
{
    (void)state;
    static const struct {
        double longitude, latitude, x, y;
    } cases[] = {{-180, 90, 0, 0}, {180, -90, 256, 256}, {0, 0, 128, 128}, {-180, MERCATOR_LATITUDE_MOST, 0, 0},
                 {2.3522, 48.8566, 129.672676, 88.071271}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_true(fabs(mercator_x(cases[i].longitude, 256) - cases[i].x) < 1e-5);
        assert_true(fabs(mercator_y(cases[i].latitude, 256) - cases[i].y) < 1e-5);
    }
    for (double y = 0; y <= 256; y += 16) {
        assert_true(fabs(mercator_y(mercator_latitude(y, 256), 256) - y) < 1e-9);
        assert_true(fabs(mercator_x(mercator_longitude(y, 256), 256) - y) < 1e-9);
    }
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int points, lines, rings, holes;
    } cases[] = {
        {"POINT(10 10)", 1, 0, 0, 0},
        {"MULTIPOINT((10 10),(20 20),(0 89))", 3, 0, 0, 0}, /* the last stands on the edge */
        {"LINESTRING(0 0,50 50)", 0, 1, 0, 0},
        {"POLYGON((0 0,40 0,40 40,0 40,0 0),(10 10,10 20,20 20,20 10,10 10))", 0, 0, 1, 1},
        {"POLYGON((0 0,40 0,40 40,0 40,0 0),(10 10,10 10.01,10.01 10.01,10 10))", 0, 0, 1, 0}, /* of no unit */
        {"MULTIPOLYGON(((0 0,10 0,10 10,0 0)),((20 0,30 0,30 10,20 0)))", 0, 0, 2, 0},
        {"GEOMETRYCOLLECTION(POINT(1 1),GEOMETRYCOLLECTION(LINESTRING(0 0,9 9)),POLYGON((0 0,9 0,9 9,0 0)))",
         1, 1, 1, 0},
        {"POLYGON((0 0,40 40,40 0,0 40,0 0))", 0, 0, 2, 0}, /* crosses itself: two triangles */
        {"POLYGON EMPTY", 0, 0, 0, 0},
        {"POLYGON((0 0,0.001 0,0.001 0.001,0 0))", 0, 0, 0, 0},
    };
    struct cut_window window = window_of(0, 0, 0);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct cut cut = cut_text(cases[i].text, &window);
        int points = 0, lines = 0, rings = 0, holes = 0;
        for (size_t j = 0; j < cut.parts.count; j++) {
            const struct cut_part *part = &cut.parts.items[j];
            points += part->kind == GEOMETRY_POINT ? (int)part->count : 0;
            lines += part->kind == GEOMETRY_LINE;
            rings += part->kind == GEOMETRY_POLYGON && !part->is_hole;
            holes += part->is_hole;
        }
        check_int(cases[i].text, points, cases[i].points);
        check_int(cases[i].text, lines, cases[i].lines);
        check_int(cases[i].text, rings, cases[i].rings);
        check_int(cases[i].text, holes, cases[i].holes);
    }
}

/* A square that spans four tiles is whole when they are laid together. */
static void test_clipping(void **state)
{
    (void)state;
    double sum = 0;
    for (int x = 3; x <= 4; x++) {
        for (int y = 3; y <= 4; y++) {
            struct cut_window window = window_of(3, x, y);
            window.margin = 0;
            struct cut cut = cut_text("POLYGON((-10 -10,10 -10,10 10,-10 10,-10 -10))", &window);
            check_int("parts", (long long)cut.parts.count, 1);
            sum += area_of(&cut);
        }
    }
    double width = 20 / 360.0 * ldexp(4096, 3);
    double height = mercator_y(-10, ldexp(4096, 3)) - mercator_y(10, ldexp(4096, 3));
    assert_true(fabs(sum - width * height) < 4 * (width + height));
    struct cut_window elsewhere = window_of(3, 0, 0);
    struct cut cut = cut_text("POLYGON((-10 -10,10 -10,10 10,-10 10,-10 -10))", &elsewhere);
    check_int("elsewhere", (long long)cut.parts.count, 0);
    /* One that covers all of a tile is its square. */
    struct cut_window within = window_of(8, 128, 128);
    cut = cut_text("POLYGON((-10 -10,10 -10,10 10,-10 10,-10 -10))", &within);
    assert_true(fabs(area_of(&cut) - (4096 + 128.0) * (4096 + 128)) < 1);
}

/* What lies beyond 180 degrees comes back on the other side. */
static void test_around_the_globe(void **state)
{
    (void)state;
    static const char *const texts[] = {"POLYGON((178 -1,182 -1,182 1,178 1,178 -1))",
                                        "POLYGON((-182 -1,-178 -1,-178 1,-182 1,-182 -1))"};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct cut_window west = window_of(2, 0, 1);
        struct cut_window east = window_of(2, 3, 1);
        struct cut_window middle = window_of(2, 1, 1);
        west.margin = east.margin = 0;
        struct cut at_west = cut_text(texts[i], &west);
        struct cut at_east = cut_text(texts[i], &east);
        struct cut in_middle = cut_text(texts[i], &middle);
        check_int("west", (long long)at_west.parts.count, 1);
        check_int("east", (long long)at_east.parts.count, 1);
        check_int("middle", (long long)in_middle.parts.count, 0);
        assert_true(fabs(area_of(&at_west) - area_of(&at_east)) < 200);
        check_int("west edge", at_west.parts.items[0].xy[0] <= 91, 1);
        check_int("east edge", at_east.parts.items[0].xy[0] >= 4096 - 91, 1);
    }
}

static void test_no_geometry(void **state)
{
    (void)state;
    struct cut_window window = window_of(0, 0, 0);
    struct cut cut = {0};
    assert_false(geometry_cut(&scope.arena, S(""), &window, &cut));
    assert_false(geometry_cut(&scope.arena, S("\1\3\0\0\0\377\377\377\377"), &window, &cut));
    check_int("parts", (long long)cut.parts.count, 0);
}

static int open_scope(void **state)
{
    (void)state;
    scope_open(&scope);
    return 0;
}

static int close_scope(void **state)
{
    (void)state;
    scope_close(&scope);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_projection), cmocka_unit_test(test_kinds),      cmocka_unit_test(test_clipping),
        cmocka_unit_test(test_around_the_globe), cmocka_unit_test(test_no_geometry),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
