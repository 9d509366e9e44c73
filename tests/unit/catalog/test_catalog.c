/* The catalogue in a directory of its own: publishing, versions, and what other handles see. */
#include "../directory.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "domain/catalog/catalog.h"
#include "platform/db/db.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    const char *data;
    struct catalog *catalog;
};

static struct field fields[] = {
    {.name = S("code"), .label = S("Code"), .type = FIELD_TEXT, .decimals = -1, .facet = true},
    {.name = S("d"), .label = S("D"), .type = FIELD_DATE, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};
static const usec noon = INT64_C(1620302400000000); /* 2021-05-06T12:00 */

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    fixture->data = directory_file(&fixture->scope, &fixture->directory, "data");
    check_ok("open", &fixture->scope,
             catalog_open(&fixture->scope, fixture->data, &fixture->catalog));
    clock_set_wall(noon);
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    clock_set_wall(0);
    catalog_close(fixture->catalog);
    directory_remove(&fixture->directory);
    scope_close(&fixture->scope);
    free(fixture);
    return 0;
}

/* Publishes the next version of a dataset; returns the numbers that were dropped, as text. */
static str publish(struct fixture *fixture, const char *id, const char *metadata, int keep)
{
    struct scope *scope = &fixture->scope;
    struct new_version version = {.dataset_id = str_from(id),
                                  .records = 10,
                                  .bytes = 4096,
                                  .schema = &schema,
                                  .source_name = S("file.csv"),
                                  .metadata = str_from(metadata),
                                  .keep = keep};
    const int64_t *dropped;
    size_t count;
    int64_t last;
    check_ok(id, scope, catalog_identify(scope, fixture->catalog, version.dataset_id, &version.uid,
                                         &last));
    version.number = last + 1;
    check_ok(id, scope, catalog_publish(scope, fixture->catalog, &version, &dropped, &count));
    str text = S("");
    for (size_t i = 0; i < count; i++) {
        text = str_printf(&scope->arena, "%.*s%lld ", STR_ARG(text), (long long)dropped[i]);
    }
    return text;
}

static bool refresh(struct fixture *fixture, struct catalog *catalog)
{
    bool changed = false;
    check_ok("refresh", &fixture->scope, catalog_refresh(&fixture->scope, catalog, &changed));
    return changed;
}

/* A dataset of the current snapshot, loaded for as long as the fixture's scope. */
static struct dataset look(struct fixture *fixture, const char *id)
{
    const struct snapshot *snapshot = catalog_snapshot(fixture->catalog);
    const struct dataset *found;
    check_ok(id, &fixture->scope, snapshot_load(&fixture->scope, snapshot, str_from(id), &found));
    snapshot_unref(snapshot);
    return found ? *found : (struct dataset){0};
}

static bool mentions(const struct dataset *dataset, const char *part)
{
    return str_find(dataset->document, str_from(part), 0) != SIZE_MAX;
}

/* ---- ids ---- */

static void test_ids(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        str id;
        bool good;
    } cases[] = {
        {S("a"), true}, {S("0"), true}, {S("a-b_c9"), true}, {S("a-"), true},
        {S("x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789"
           "x123456789x123456789"), true},
        {S("x123456789x123456789x123456789x123456789x123456789x123456789x123456789x123456789"
           "x123456789x123456789y"), false},
        {S(""), false}, {S("-a"), false}, {S("_a"), false}, {S("A"), false}, {S("a b"), false},
        {S("a.b"), false}, {S("a/b"), false}, {S(".."), false}, {S("é"), false}, {S("a\0"), false},
        {S("a@b"), false}, {S("a'"), false}, {STR_NONE, false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        enum err result = catalog_check_id(&fixture->scope, cases[i].id);
        check_int(cases[i].id.p, result, cases[i].good ? ERR_OK : ERR_USAGE);
        if (!cases[i].good) {
            check_failure(cases[i].id.p, &fixture->scope, ERR_USAGE, "1 to 100 of a-z 0-9 - _");
        }
    }
}

/* ---- publishing ---- */

static void test_opening_makes_directories(void **state)
{
    struct fixture *fixture = *state;
    static const char *const parts[] = {"", "/records", "/spool", "/catalogue.sqlite"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        struct stat facts;
        str path = str_printf(&fixture->scope.arena, "%s%s", fixture->data, parts[i]);
        check_int(path.p, stat(path.p, &facts), 0);
    }
    check_text("data", str_from(catalog_data_directory(fixture->catalog)), str_from(fixture->data));
    const struct snapshot *snapshot = catalog_snapshot(fixture->catalog);
    assert_int_equal(snapshot->count, 0);
    assert_null(snapshot_find(snapshot, S("a")));
    snapshot_unref(snapshot);
    struct catalog *other;
    assert_int_equal(catalog_open(&fixture->scope, "/proc/nonexistent/data", &other), ERR_FILE);
    check_failure("open", &fixture->scope, ERR_FILE, "/proc/nonexistent/data");
}

static void test_publish(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "lamps", "{\"default\": {\"title\": \"Lamps\", \"theme\": [\"x\"]}}", 2);
    assert_null(look(fixture, "lamps").id.p); /* not before the snapshot is refreshed */
    assert_true(refresh(fixture, fixture->catalog));
    assert_false(refresh(fixture, fixture->catalog));
    struct dataset lamps = look(fixture, "lamps");
    check_text("id", lamps.id, S("lamps"));
    check_text("title", lamps.title, S("Lamps"));
    check_int("uid", str_starts(lamps.uid, S("da_")) && lamps.uid.n == 9, true);
    check_int("version", lamps.version, 1);
    check_int("records", lamps.records_count, 10);
    check_int("modified", lamps.modified, noon);
    str file = str_printf(&fixture->scope.arena, "%s/records/%.*s/1.duckdb", fixture->data,
                          STR_ARG(lamps.uid));
    check_text("file", lamps.version_file, file);
    check_text("by uid", look(fixture, lamps.uid.p).id, S("lamps"));
    static const char *const parts[] = {
        "\"dataset_id\": \"lamps\"", "\"has_records\": true",
        "\"features\": [\"analyze\", \"timeserie\"]",
        "\"title\": \"Lamps\"", "\"theme\": [\"x\"]",
        "\"records_count\": 10", "\"publisher\": null",
        "\"modified\": \"2021-05-06T12:00:00+00:00\"", "\"name\": \"code\"", "\"facet\": true"};
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        check_int(parts[i], mentions(&lamps, parts[i]), true);
    }
}

static void test_versions_are_kept(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int keep;
        const char *dropped;
    } cases[] = {{3, ""}, {3, ""}, {3, ""}, {3, "1 "}, {1, "2 3 4 "}, {0, "5 "}, {-1, "6 "},
    {9, ""}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str dropped = publish(fixture, "a", NULL, cases[i].keep);
        check_text("dropped", dropped, str_from(cases[i].dropped));
    }
    publish(fixture, "b", NULL, 1);
    refresh(fixture, fixture->catalog);
    struct dataset a = look(fixture, "a");
    check_int("version", a.version, 8);
    for (int64_t number = 1; number <= 9; number++) {
        bool has = false;
        check_ok("has", &fixture->scope, catalog_has_version(&fixture->scope, fixture->catalog,
                                                             a.uid, number, &has));
        check_int("has", has, number == 7 || number == 8);
    }
    check_int("other dataset", look(fixture, "b").version, 1);
}

/* Metadata stays when a version brings none; the uid stays; the clock goes on. */
static void test_new_version_keeps_metadata(void **state)
{
    struct fixture *fixture = *state;
    str metadata;
    publish(fixture, "a", "{\"default\": {\"title\": \"A\"}}", 1);
    refresh(fixture, fixture->catalog);
    struct dataset before = look(fixture, "a");
    clock_set_wall(noon + 60 * USEC_SECOND);
    publish(fixture, "a", NULL, 1);
    refresh(fixture, fixture->catalog);
    struct dataset after = look(fixture, "a");
    check_text("uid", after.uid, before.uid);
    check_text("title", after.title, S("A"));
    check_int("modified", after.modified, noon + 60 * USEC_SECOND);
    publish(fixture, "a", "{\"default\": {}}", 1);
    refresh(fixture, fixture->catalog);
    check_text("title", look(fixture, "a").title, S("a"));
    check_ok("metadata", &fixture->scope,
             catalog_metadata(&fixture->scope, fixture->catalog, S("a"), &metadata));
    check_text("metadata", metadata, S("{\"default\":{}}"));
}

/* Two imports that began with the same version: the second one must not win silently. */
static void test_conflicts(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    publish(fixture, "a", NULL, 1);
    refresh(fixture, fixture->catalog);
    struct new_version version = {.dataset_id = S("a"), .uid = look(fixture, "a").uid, .number = 1,
                                  .schema = &schema, .source_name = S("x"), .keep = 1};
    const int64_t *dropped;
    size_t count;
    assert_int_equal(catalog_publish(scope, fixture->catalog, &version, &dropped, &count),
                     ERR_CONFLICT);
    scope_forgive(scope);
    version.uid = S("da_other1");
    version.number = 2;
    assert_int_equal(catalog_publish(scope, fixture->catalog, &version, &dropped, &count),
                     ERR_CONFLICT);
    scope_forgive(scope);
    assert_false(refresh(fixture, fixture->catalog)); /* nothing was left behind */
    check_int("version", look(fixture, "a").version, 1);
    /* Removed while its next version was made: it stays so, with what restricted it. */
    str uid;
    version.uid = look(fixture, "a").uid;
    check_ok("remove", scope, catalog_remove(scope, fixture->catalog, S("a"), &uid));
    assert_int_equal(catalog_publish(scope, fixture->catalog, &version, &dropped, &count),
                     ERR_CONFLICT);
    scope_forgive(scope);
}

/* ---- describing and removing ---- */

static void test_describe(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct field changed[ARRAY_LENGTH(fields)];
    memcpy(changed, fields, sizeof(changed));
    changed[0].label = S("Number");
    struct schema described = {changed, ARRAY_LENGTH(changed)};
    publish(fixture, "a", NULL, 1);
    clock_set_wall(noon + USEC_SECOND);
    str metadata = S("{\"default\": {\"title\": \"T\"}, \"dcat\": {\"creator\": \"x\"}}");
    check_ok("describe", scope,
             catalog_describe(scope, fixture->catalog, S("a"), metadata, &described, 0));
    assert_true(refresh(fixture, fixture->catalog));
    struct dataset a = look(fixture, "a");
    check_text("title", a.title, S("T"));
    check_int("version", a.version, 1);
    check_int("modified", a.modified, noon);
    check_int("label", mentions(&a, "\"label\": \"Number\""), true);
    check_int("template", mentions(&a, "\"creator\": \"x\", \"contributor\": null"), true);
    check_int("processed",
              mentions(&a, "\"metadata_processed\": \"2021-05-06T12:00:01+00:00\""), true);
    assert_int_equal(catalog_describe(scope, fixture->catalog, S("b"), S("{}"), &described, 0),
                     ERR_NO_DATASET);
    check_failure("describe", scope, ERR_NO_DATASET, "The requested dataset b does not exist.");
    assert_false(refresh(fixture, fixture->catalog));
}

static void test_remove(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    str uid;
    str metadata;
    int64_t last;
    bool has;
    publish(fixture, "a", NULL, 1);
    publish(fixture, "b", NULL, 1);
    refresh(fixture, fixture->catalog);
    str before = look(fixture, "a").uid;
    check_ok("remove", scope, catalog_remove(scope, fixture->catalog, S("a"), &uid));
    check_text("uid", uid, before);
    check_ok("has", scope, catalog_has_version(scope, fixture->catalog, uid, 1, &has));
    assert_false(has);
    assert_true(refresh(fixture, fixture->catalog));
    assert_null(look(fixture, "a").id.p);
    check_text("the other", look(fixture, "b").id, S("b"));
    assert_int_equal(catalog_remove(scope, fixture->catalog, S("a"), &uid), ERR_NO_DATASET);
    check_failure("remove", scope, ERR_NO_DATASET, "dataset a");
    assert_int_equal(catalog_metadata(scope, fixture->catalog, S("a"), &metadata), ERR_NO_DATASET);
    check_failure("metadata", scope, ERR_NO_DATASET, "dataset a");
    check_ok("identify", scope, catalog_identify(scope, fixture->catalog, S("a"), &uid, &last));
    check_int("last", last, 0);
    assert_false(str_eq(uid, before)); /* files of the old one may still be read */
}

/* ---- snapshots ---- */

static void test_snapshots_stay_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "b", "{\"default\": {\"title\": \"old\"}}", 1);
    refresh(fixture, fixture->catalog);
    const struct snapshot *old = catalog_snapshot(fixture->catalog);
    publish(fixture, "b", "{\"default\": {\"title\": \"new\"}}", 1);
    publish(fixture, "a", NULL, 1);
    publish(fixture, "c-1", NULL, 1);
    refresh(fixture, fixture->catalog);
    const struct snapshot *now = catalog_snapshot(fixture->catalog);
    check_text("old", snapshot_find(old, S("b"))->title, S("old"));
    assert_int_equal(old->count, 1);
    assert_true(now->generation > old->generation);
    assert_int_equal(now->count, 3);
    static const char *const ids[] = {"a", "b", "c-1"};
    for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
        check_text("sorted", now->datasets[i]->id, str_from(ids[i]));
        assert_ptr_equal(snapshot_find(now, str_from(ids[i])), now->datasets[i]);
        assert_ptr_equal(snapshot_find(now, now->datasets[i]->uid), now->datasets[i]);
    }
    snapshot_unref(old);
    snapshot_unref(now);
    snapshot_unref(NULL);
}

static void test_another_handle_sees_changes(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct catalog *other;
    str uid;
    check_ok("open", scope, catalog_open(scope, fixture->data, &other));
    assert_false(refresh(fixture, other));
    publish(fixture, "a", NULL, 1);
    assert_true(refresh(fixture, other));
    assert_false(refresh(fixture, other));
    const struct snapshot *seen = catalog_snapshot(other);
    assert_non_null(snapshot_find(seen, S("a")));
    snapshot_unref(seen);
    check_ok("remove", scope, catalog_remove(scope, other, S("a"), &uid));
    assert_true(refresh(fixture, fixture->catalog));
    assert_null(look(fixture, "a").id.p);
    catalog_close(other);
    check_ok("open again", scope, catalog_open(scope, fixture->data, &other));
    seen = catalog_snapshot(other);
    assert_int_equal(seen->count, 0);
    assert_true(seen->generation > 0);
    snapshot_unref(seen);
    catalog_close(other);
    catalog_close(NULL);
}

static void test_broken_metadata_is_refused(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "{\"default\": {\"title\": \"good\"}}", 1);
    assert_int_equal(catalog_describe(&fixture->scope, fixture->catalog, S("a"), S("{broken"), &schema, 0),
                     ERR_METADATA);
    check_failure("describe", &fixture->scope, ERR_METADATA, "metadata: line 1");
    refresh(fixture, fixture->catalog);
    check_text("old", look(fixture, "a").title, S("good"));
}

static void change_stored(struct fixture *fixture, const char *statement)
{
    struct db *db;
    struct db_lease *lease;
    struct db_options options = {
        .engine = DB_SQLITE,
        .path = str_printf(&fixture->scope.arena, "%s/catalogue.sqlite", fixture->data).p};
    assert_int_equal(db_open(&fixture->scope, &options, &db), ERR_OK);
    assert_int_equal(db_lease(&fixture->scope, db, &lease), ERR_OK);
    assert_int_equal(db_script(&fixture->scope, lease, statement), ERR_OK);
    db_release(lease);
    db_close(db);
}

/* What another version wrote is neither misread nor changed. */
static void test_other_formats(void **state)
{
    struct fixture *fixture = *state;
    struct catalog *other;
    publish(fixture, "a", NULL, 1);
    change_stored(fixture, "update state set value = value - 2 where key = 'format'");
    assert_int_equal(catalog_open(&fixture->scope, fixture->data, &other), ERR_FILE);
    check_failure("earlier", &fixture->scope, ERR_FILE,
                  "written by an earlier version of parvis (format 2; this one reads 4); move it away");
    change_stored(fixture, "update state set value = value + 3 where key = 'format'");
    assert_int_equal(catalog_open(&fixture->scope, fixture->data, &other), ERR_FILE);
    check_failure("later", &fixture->scope, ERR_FILE, "a later version of parvis (format 5");
    change_stored(fixture, "update state set value = value - 1 where key = 'format'");
    check_ok("open", &fixture->scope, catalog_open(&fixture->scope, fixture->data, &other));
    const struct snapshot *snapshot = catalog_snapshot(other);
    check_int("datasets", (long long)snapshot->count, 1);
    snapshot_unref(snapshot);
    catalog_close(other);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ids), TEST(test_opening_makes_directories), TEST(test_publish),
        TEST(test_versions_are_kept), TEST(test_new_version_keeps_metadata), TEST(test_conflicts),
        TEST(test_describe), TEST(test_remove), TEST(test_snapshots_stay_as_they_were),
        TEST(test_another_handle_sees_changes), TEST(test_broken_metadata_is_refused),
        TEST(test_other_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
