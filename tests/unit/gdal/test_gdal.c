/* Projections keep longitude before latitude; a writer's bytes go out as they come. */
#include "../one_scope.h"

#include <math.h>

#include "platform/gdal/projection.h"
#include "platform/gdal/write.h"
#include "platform/geometry/geometry.h"

static void check_point(int64_t epsg, double longitude, double latitude, double x, double y)
{
    struct projection *projection;
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    double found[2];
    assert_int_equal(projection_open(&scope, epsg, &projection), ERR_OK);
    geometry_write_point(longitude, latitude, &wkb);
    assert_int_equal(projection_apply(&scope, projection, wkb.p, wkb.n), ERR_OK);
    assert_true(geometry_read_point(buf_str(&wkb), &found[0], &found[1]));
    assert_true(fabs(found[0] - x) < 0.5 && fabs(found[1] - y) < 0.5);
    assert_true(str_find(projection_json(projection), S("\"code\""), 0) != SIZE_MAX);
    projection_close(projection);
}

/* Coordinates as the national mapping agency's calculator and EPSG's own examples give them. */
static void test_axes(void **state)
{
    (void)state;
    check_point(2154, 3, 46.5, 700000, 6600000); /* the origin of Lambert-93 */
    check_point(3857, 180, 0, 20037508.34, 0);
    check_point(32631, 3, 0, 500000, 0); /* the central meridian of UTM zone 31 */
    check_point(4326, 4.35, 50.85, 4.35, 50.85);
}

static void test_no_such_system(void **state)
{
    (void)state;
    struct projection *projection;
    static const int64_t wrong[] = {0, -1, 999999, INT64_MAX};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(projection_open(&scope, wrong[i], &projection), ERR_PARAMETER);
        assert_true(str_find(scope.failure.message, S("epsg"), 0) != SIZE_MAX);
        scope_forgive(&scope);
    }
}

static void test_outside_of_the_system(void **state)
{
    (void)state;
    struct projection *projection;
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    assert_int_equal(projection_open(&scope, 3857, &projection), ERR_OK);
    geometry_write_point(0, 95, &wkb);
    assert_int_equal(projection_apply(&scope, projection, wkb.p, wkb.n), ERR_DATA);
    scope_forgive(&scope);
    assert_int_equal(projection_apply(&scope, projection, wkb.p, 3), ERR_DATA);
    projection_close(projection);
}

static void add_places(struct feature_writer *writer, size_t count)
{
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    for (size_t i = 0; i < count; i++) {
        buf_clear(&wkb);
        geometry_write_point(2, 48, &wkb);
        feature_begin(writer);
        feature_text(writer, 0, S("a & b"));
        feature_int(writer, 1, INT64_MIN);
        feature_double(writer, 2, NAN);
        assert_int_equal(feature_geometry(&scope, writer, buf_str(&wkb), false), ERR_OK);
        assert_int_equal(feature_add(&scope, writer), ERR_OK);
    }
}

/* A caller empties the buffer between features; the whole is still one document. */
static void test_stream(void **state)
{
    (void)state;
    static const struct attribute attributes[] = {
        {{"name", 4}, ATTRIBUTE_TEXT}, {{"n", 1}, ATTRIBUTE_INT}, {{"x", 1}, ATTRIBUTE_DOUBLE}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct buf all cleanup_with(buf_cleanup) = {0};
    struct feature_writer *writer;
    struct writer_options options = {.driver = "KML", .out = &out, .epsg = 4326};
    assert_int_equal(feature_writer_open(&scope, &options, &writer), ERR_OK);
    assert_int_equal(feature_writer_layer(&scope, writer, S("places"), LAYER_ANY, false, attributes, 3), ERR_OK);
    for (size_t i = 0; i < 100; i++) {
        add_places(writer, 10);
        buf_add(&all, buf_str(&out));
        buf_clear(&out);
    }
    assert_true(all.n > 10000);
    assert_int_equal(feature_writer_finish(&scope, writer), ERR_OK);
    buf_add(&all, buf_str(&out));
    feature_writer_close(writer);
    assert_true(str_starts(buf_str(&all), S("<?xml")));
    assert_true(str_ends(str_trim(buf_str(&all)), S("</kml>")));
    assert_true(str_find(buf_str(&all), S("a &amp; b"), 0) != SIZE_MAX);
}

static void test_abandoned(void **state)
{
    (void)state;
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct feature_writer *writer;
    struct writer_options options = {.driver = "KML", .out = &out, .epsg = 4326};
    assert_int_equal(feature_writer_open(&scope, &options, &writer), ERR_OK);
    feature_writer_close(writer);
    feature_writer_close(NULL);
    options = (struct writer_options){.driver = "FlatGeobuf", .path = "/nonexistent/x.fgb", .epsg = 4326};
    writer = NULL;
    enum err result = feature_writer_open(&scope, &options, &writer);
    if (result == ERR_OK) { /* some drivers make their file with its layer */
        result = feature_writer_layer(&scope, writer, S("x"), LAYER_ANY, false, NULL, 0);
    }
    assert_int_equal(result, ERR_FILE);
    feature_writer_close(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_axes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_no_such_system, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_outside_of_the_system, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_stream, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_abandoned, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
