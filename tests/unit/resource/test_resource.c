/* Uploads, resources and their settings. Runs on both stores (parvis_database_test). */
#include "../directory.h"

#include "domain/resource/resource.h"
#include "domain/resource/settings.h"
#include "domain/resource/upload.h"
#include "domain/resource/words.h"
#include "platform/crypto/crypto.h"
#include "platform/db/statement.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    struct catalog *catalog;
    str uid;
};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct scope *scope = &fixture->scope;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    crypto_start();
    scope_open(scope);
    directory_make(&fixture->directory);
    struct store store = {.data_directory = directory_file(scope, &fixture->directory, "data"),
                          .url = getenv("PARVIS_TEST_DATABASE")};
    check_ok("open", scope, catalog_open_store(scope, &store, &fixture->catalog));
    check_ok("begin", scope, db_begin(scope, catalog_database(fixture->catalog), &lease));
    check_ok("tables", scope, resource_make_tables(scope, lease));
    check_ok("commit", scope, db_commit(scope, lease));
    db_release(lease);
    lease = NULL;
    str id = str_printf(&scope->arena, "d%.*s", STR_ARG(random_text(&scope->arena, S("0123456789"), 12)));
    check_ok("create", scope, catalog_create(scope, fixture->catalog, id, S("{}"), 0, &fixture->uid));
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->catalog);
    scope_close(&fixture->scope);
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

static struct upload make_upload(struct fixture *fixture, int64_t bytes)
{
    struct upload upload;
    struct new_upload wish = {.owner = 7, .dataset = fixture->uid, .name = S("C:\\Data\\table.csv"), .bytes = bytes,
                              .file_time = 5, .bytes_most = 1 << 20};
    check_ok("create", &fixture->scope, upload_create(&fixture->scope, fixture->catalog, &wish, &upload));
    return upload;
}

static enum err append(struct fixture *fixture, str id, int64_t offset, str piece)
{
    int64_t received;
    enum err result = upload_append(&fixture->scope, fixture->catalog, id, offset, piece, &received);
    scope_forgive(&fixture->scope);
    return result;
}

static void pieces_follow_each_other(void **state)
{
    struct fixture *fixture = *state;
    struct upload upload = make_upload(fixture, 10);
    struct upload_file file;
    char bytes[16] = "";
    assert_true(str_eq(upload.name, S("table.csv")));
    assert_int_equal(append(fixture, upload.id, 1, S("x")), ERR_CONFLICT);
    assert_int_equal(append(fixture, upload.id, 0, S("01234")), ERR_OK);
    assert_int_equal(append(fixture, upload.id, 0, S("01234")), ERR_CONFLICT);
    assert_int_equal(append(fixture, upload.id, 5, S("567890")), ERR_TOO_LARGE);
    assert_int_equal(upload_open(&fixture->scope, fixture->catalog, &upload, 0, &file), ERR_DATA);
    scope_forgive(&fixture->scope);
    assert_int_equal(append(fixture, upload.id, 5, S("56789")), ERR_OK);
    check_ok("find", &fixture->scope, upload_find(&fixture->scope, fixture->catalog, upload.id, &upload));
    assert_true(upload_is_finished(&upload));
    check_ok("bytes", &fixture->scope, upload_open(&fixture->scope, fixture->catalog, &upload, 0, &file));
    FILE *in = fopen(file.path.p, "r");
    assert_int_equal(fread(bytes, 1, sizeof(bytes), in), 10);
    fclose(in);
    assert_string_equal(bytes, "0123456789");
    upload_file_done(&file);
    check_ok("remove", &fixture->scope, upload_remove(&fixture->scope, fixture->catalog, upload.id));
    assert_int_equal(append(fixture, upload.id, 10, S("")), ERR_NO_UPLOAD);
}

static void a_resource_is_changed_by_one_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct upload upload = make_upload(fixture, 1);
    struct resource resource = {.dataset = fixture->uid, .kind = RESOURCE_UPLOAD, .uploads = &upload.id, .upload_count = 1,
                                .settings = S("{\"sheet\":\"One\"}"), .changed_by = S("ada")};
    struct resource found;
    assert_int_equal(resource_save(scope, fixture->catalog, &resource, 0), ERR_DATA);
    scope_forgive(scope);
    assert_int_equal(append(fixture, upload.id, 0, S("1")), ERR_OK);
    check_ok("save", scope, resource_save(scope, fixture->catalog, &resource, 0));
    check_ok("find", scope, resource_find(scope, fixture->catalog, fixture->uid, &found));
    assert_int_equal(found.kind, RESOURCE_UPLOAD);
    assert_true(str_eq(found.uploads[0], upload.id));
    usec seen = found.changed;
    check_ok("save", scope, resource_save(scope, fixture->catalog, &found, seen));
    assert_int_equal(resource_save(scope, fixture->catalog, &found, seen), ERR_CONFLICT);
    assert_true(str_find(scope->failure.message, S("ada"), 0) != SIZE_MAX);
    scope_forgive(scope);
    check_ok("find", scope, upload_find(scope, fixture->catalog, upload.id, &upload));
    assert_true(upload.is_used);
    resource.settings = S("{\"fields\":[{}]}");
    assert_int_equal(resource_save(scope, fixture->catalog, &resource, 0), ERR_METADATA);
    scope_forgive(scope);
}

static void what_is_old_or_of_nothing_goes(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    struct upload young = make_upload(fixture, 1);
    struct upload old = make_upload(fixture, 1);
    struct upload found;
    check_ok("lease", scope, db_lease(scope, catalog_database(fixture->catalog), &lease));
    check_ok("age", scope, DB_RUN(scope, lease, "update upload set changed = ? where id = ?",
                                  cell_int(clock_wall() - UPLOAD_LIFETIME - 1), cell_text(old.id)));
    db_release(lease);
    lease = NULL;
    check_ok("upkeep", scope, upload_upkeep(scope, fixture->catalog));
    check_ok("young", scope, upload_find(scope, fixture->catalog, young.id, &found));
    assert_int_equal(upload_find(scope, fixture->catalog, old.id, &found), ERR_NO_UPLOAD);
    scope_forgive(scope);
}

static void settings_are_read_as_they_were_written(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct resource_settings settings;
    struct publish_options options;
    str text = S("{\"format\": \"csv\", \"header_row\": 3, \"epsg\": 2154, \"skip_bad_rows\": true, \"append\": true, "
                 "\"fields\": [{\"column\": \"a\", \"name\": \"b\", \"type\": \"date\", \"label\": \"L\", \"unit\": \"km\", "
                 "\"date_format\": \"dd/MM/yyyy\", \"decimals\": 2, \"facet\": true, \"hidden\": true}], "
                 "\"points\": [{\"name\": \"p\", \"latitude\": \"y\", \"longitude\": \"x\"}]}");
    check_ok("read", scope, resource_settings_read(scope, text, &settings));
    assert_true(str_eq(resource_settings_write(&scope->arena, &settings), text));
    check_ok("options", scope, resource_settings_options(scope, &settings, &options));
    assert_string_equal(options.format, "csv");
    assert_int_equal(options.header_row, 3);
    assert_int_equal(options.source_epsg, 2154);
    assert_true(options.skip_bad_rows && options.appends);
    assert_int_equal(options.wishes[0].annotations.count, 3);
    assert_true(options.wishes[0].is_hidden && options.wishes[0].type == FIELD_DATE);
    assert_true(str_eq(options.points[0].latitude, S("y")));
    static const char *const wrong[] = {"[]", "{\"header_row\": -1}", "{\"fields\": 1}", "{\"fields\": [1]}",
                                        "{\"fields\": [{\"column\": \"a\", \"type\": \"no\"}]}", "{\"skip_bad_rows\": 1}",
                                        "{\"points\": [{\"name\": \"p\"}]}", "{\"sheet\": 1}", "{"};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        assert_int_equal(resource_settings_read(scope, str_from(wrong[i]), &settings), ERR_METADATA);
        scope_forgive(scope);
    }
}

static void options_of_the_command_line_have_other_words(void **state)
{
    struct fixture *fixture = *state;
    str words = resource_words(&fixture->scope.arena,
                               S("f.csv, line 3, column 'n': 'x' was found, int is expected; use --type n=text to keep it "
                                 "as text, or --on-error skip to leave such rows out"));
    assert_true(str_find(words, S("choose the type text for the field n to keep it"), 0) != SIZE_MAX);
    assert_true(str_find(words, S("--"), 0) == SIZE_MAX);
}

static void names_have_no_paths(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = &fixture->scope.arena;
    assert_true(str_eq(upload_name(arena, S("../../etc/passwd")), S("passwd")));
    assert_true(str_eq(upload_name(arena, S("C:\\a\\b.csv")), S("b.csv")));
    assert_true(str_eq(upload_name(arena, S("a/")), S("file")));
    assert_true(str_eq(upload_name(arena, S("")), S("file")));
    assert_true(str_eq(upload_name(arena, S("a\nb")), S("a b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_follow_each_other, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(a_resource_is_changed_by_one_at_a_time, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_is_old_or_of_nothing_goes, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(settings_are_read_as_they_were_written, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(options_of_the_command_line_have_other_words, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(names_have_no_paths, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
