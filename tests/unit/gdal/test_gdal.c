/* Projections keep longitude before latitude; a writer's bytes go out as they come. */
#include "../directory.h"
#include "../one_scope.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

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

/* A file of the disk with some features, not yet complete; temporary files of the driver lie beside it. */
static struct feature_writer *begin_file(const struct directory *directory, const char *driver, const char *name,
                                         struct gdal_guard *guard)
{
    static const struct attribute attributes[] = {
        {{"name", 4}, ATTRIBUTE_TEXT}, {{"n", 1}, ATTRIBUTE_INT}, {{"x", 1}, ATTRIBUTE_DOUBLE}};
    struct feature_writer *writer;
    assert_int_equal(gdal_start(&scope), ERR_OK);
    str path = gdal_guard_path(&scope.arena, str_from(directory_file(&scope, directory, name)));
    str temporary = str_printf(&scope.arena, "TEMPORARY_DB=%.*s.temporary", STR_ARG(path));
    const char *file_options[] = {"FORMAT=MBTILES", "MAXZOOM=3", temporary.p, NULL};
    bool is_tiles = strcmp(driver, "MVT") == 0;
    struct writer_options options = {.driver = driver, .path = path.p, .guard = guard, .epsg = 4326,
                                     .file_options = is_tiles ? file_options : NULL};
    assert_int_equal(feature_writer_open(&scope, &options, &writer), ERR_OK);
    assert_int_equal(feature_writer_layer(&scope, writer, S("places"), LAYER_POINTS, false, attributes, 3), ERR_OK);
    add_places(writer, 500);
    return writer;
}

static const char *const file_drivers[][2] = {
    {"FlatGeobuf", "x.fgb"}, {"MVT", "x.mbtiles"}, {"ESRI Shapefile", "x.shp.zip"}};

/* What is left to do while a file is completed stops, too, and leaves nothing beside the file. */
static void test_stop_at_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3 * ARRAY_LENGTH(file_drivers); i++) {
        static const enum err expected[] = {ERR_DEADLINE, ERR_CANCELLED, ERR_TOO_LARGE};
        struct directory directory;
        atomic_bool gone = i % 3 == 1;
        struct gdal_guard guard = {.scope = &scope, .bytes_most = 1 << 30};
        directory_make(&directory);
        struct feature_writer *writer =
            begin_file(&directory, file_drivers[i / 3][0], file_drivers[i / 3][1], &guard);
        scope.deadline = i % 3 == 0 ? 1 : 0;
        scope.gone = &gone;
        guard.bytes_most = i % 3 == 2 ? 1 : guard.bytes_most;
        assert_int_equal(feature_writer_finish(&scope, writer), expected[i % 3]);
        feature_writer_close(writer);
        scope_forgive(&scope);
        scope.deadline = 0;
        scope.gone = NULL;
        directory_remove(&directory);
    }
}

static void test_guarded_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(file_drivers); i++) {
        struct directory directory;
        struct stat status;
        struct gdal_guard guard = {.scope = &scope, .bytes_most = 1 << 30};
        directory_make(&directory);
        struct feature_writer *writer =
            begin_file(&directory, file_drivers[i][0], file_drivers[i][1], &guard);
        assert_int_equal(feature_writer_finish(&scope, writer), ERR_OK);
        feature_writer_close(writer);
        assert_int_equal(stat(directory_file(&scope, &directory, file_drivers[i][1]), &status), 0);
        assert_true(status.st_size > 500 && guard.bytes >= (uint64_t)status.st_size);
        directory_remove(&directory);
    }
}

/* The GPX driver does not look whether it could write. */
static void test_full_disk(void **state)
{
    (void)state;
    struct directory directory;
    struct rlimit before;
    struct gdal_guard guard = {.scope = &scope, .bytes_most = 1 << 30};
    directory_make(&directory);
    struct feature_writer *writer;
    assert_int_equal(gdal_start(&scope), ERR_OK);
    str path = gdal_guard_path(&scope.arena, str_from(directory_file(&scope, &directory, "x.gpx")));
    struct writer_options options = {.driver = "GPX", .path = path.p, .guard = &guard, .epsg = 4326};
    assert_int_equal(feature_writer_open(&scope, &options, &writer), ERR_OK);
    assert_int_equal(feature_writer_layer(&scope, writer, S("waypoints"), LAYER_POINTS, false, NULL, 0), ERR_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){512, before.rlim_max});
    struct buf wkb cleanup_with(buf_cleanup) = {0};
    geometry_write_point(2, 48, &wkb);
    enum err result = ERR_OK;
    for (int i = 0; i < 1000 && result == ERR_OK; i++) {
        feature_begin(writer);
        result = feature_geometry(&scope, writer, buf_str(&wkb), false);
        result = result == ERR_OK ? feature_add(&scope, writer) : result;
    }
    result = result == ERR_OK ? feature_writer_finish(&scope, writer) : result;
    feature_writer_close(writer);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(result, ERR_FILE);
    directory_remove(&directory);
}

/* XML has no controls, and neither U+FFFE nor U+FFFF. */
static void test_texts_of_xml(void **state)
{
    (void)state;
    static const struct attribute attributes[] = {{{"a\1\xef\xbf\xbe" "b", 6}, ATTRIBUTE_TEXT}};
    struct buf out cleanup_with(buf_cleanup) = {0};
    struct feature_writer *writer;
    struct writer_options options = {.driver = "KML", .out = &out, .epsg = 4326, .is_xml = true};
    assert_int_equal(feature_writer_open(&scope, &options, &writer), ERR_OK);
    assert_int_equal(feature_writer_layer(&scope, writer, S("x"), LAYER_ANY, false, attributes, 1), ERR_OK);
    feature_begin(writer);
    feature_text(writer, 0, S("\x1f<\t\xef\xbf\xbf\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbe"));
    assert_int_equal(feature_add(&scope, writer), ERR_OK);
    assert_int_equal(feature_writer_finish(&scope, writer), ERR_OK);
    feature_writer_close(writer);
    assert_true(str_find(buf_str(&out), S("name=\"ab\""), 0) != SIZE_MAX);
    assert_true(str_find(buf_str(&out), S(">&lt;\t\xef\xbf\xbd\xf0\x9f\x98\x80<"), 0) != SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_axes, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_no_such_system, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_outside_of_the_system, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_stream, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_abandoned, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_guarded_files, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_stop_at_the_end, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_full_disk, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_texts_of_xml, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
