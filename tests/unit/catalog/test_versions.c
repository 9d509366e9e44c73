/* Versions that are kept, and catalogues of the format before. Runs on both stores (parvis_database_test). */
#include "../directory.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "domain/catalog/bytes.h"
#include "domain/catalog/version.h"
#include "platform/db/statement.h"

struct fixture {
    struct scope scope;
    struct directory directory;
    struct store store;
    struct catalog *catalog;
};

static struct field fields[] = {{.name = S("code"), .label = S("Code"), .type = FIELD_TEXT, .decimals = -1},
                                {.name = S("n"), .label = S("N"), .type = FIELD_INT, .decimals = -1}};
static const struct schema one_field = {fields, 1}, two_fields = {fields, 2};

/* The tables as format 3 had them. */
#define OLD(NUMBER, KEY, TEXT, BYTES, KEYED)                                                       \
    "create table state (key " TEXT " primary key, value " NUMBER " not null);"                    \
    "insert into state values ('generation', 7), ('pruned', 0), ('format', 3), ('identity', 5);"   \
    "create table dataset (number " KEY ", uid " TEXT " not null unique, id " TEXT " not null unique,"         \
    " metadata " TEXT " not null, fields " TEXT " not null, version " NUMBER " not null,"          \
    " last_version " NUMBER " not null, records " NUMBER " not null, created " NUMBER " not null," \
    " modified " NUMBER " not null, data_processed " NUMBER " not null,"                           \
    " metadata_processed " NUMBER " not null, changed " NUMBER " not null default 0,"              \
    " title " TEXT " not null default '', has_attachments " NUMBER " not null default 0);"         \
    "create table dataset_old (number " NUMBER " not null, changed " NUMBER " not null,"           \
    " metadata " TEXT " not null, fields " TEXT " not null, replaced " NUMBER " not null,"         \
    " replaced_at " NUMBER " not null, primary key (number, changed))" KEYED ";"                   \
    "create table version (uid " TEXT " not null references dataset (uid) on delete cascade, number " NUMBER   \
    " not null, records " NUMBER " not null, bytes " NUMBER " not null, fields " TEXT " not null," \
    " source " TEXT " not null, created " NUMBER " not null, primary key (uid, number));"          \
    "create table dataset_access (uid " TEXT " not null references dataset (uid) on delete cascade,"           \
    " subject_kind " TEXT " not null, subject_id " NUMBER " not null, rights " NUMBER " not null," \
    " filter " TEXT " not null, hidden " TEXT " not null, changed " NUMBER " not null,"            \
    " primary key (uid, subject_kind, subject_id));"                                               \
    "insert into dataset (uid, id, metadata, fields, version, last_version, records, created, modified,"       \
    " data_processed, metadata_processed, changed, title) values ('da_abcdef', 'old',"             \
    " '{\"default\":{\"title\":\"Old\"},\"extent\":{\"place\":{\"types\":[\"Point\"]}}}',"         \
    " '[{\"name\":\"code\",\"label\":\"Code\",\"type\":\"text\",\"annotations\":{}}]',"            \
    " 2, 2, 20, 1000000, 1000000, 1000000, 1000000, 7, 'Old');"                                    \
    "insert into version values ('da_abcdef', 1, 10, 100,"                                         \
    " '[{\"name\":\"code\",\"label\":\"code\",\"type\":\"text\",\"annotations\":{}}]', 'a.csv', 900000),"      \
    " ('da_abcdef', 2, 20, 200,"                                                                   \
    " '[{\"name\":\"code\",\"label\":\"code\",\"type\":\"text\",\"annotations\":{}}]', 'b.csv', 1000000);"
static const char sqlite_old[] =
    "create index dataset_light on dataset (id, uid, number, changed, version, records, modified, data_processed,"
    " metadata_processed, title, has_attachments);"
    "create trigger dataset_replaced after update of uid, id, metadata, fields, version, records, modified,"
    " data_processed, metadata_processed on dataset begin insert or ignore into dataset_old select old.number,"
    " old.changed, old.metadata, old.fields, 8, unixepoch() where old.changed < 8; end;";

/* An empty database, or one of format 3. */
static void prepare(struct fixture *fixture, bool is_old)
{
    struct scope *scope = &fixture->scope;
    struct db *db = NULL;
    struct db_lease *lease = NULL;
    struct db_options options = {.engine = fixture->store.url ? DB_POSTGRES : DB_SQLITE, .connections = 1,
                                 .untyped = fixture->store.url != NULL};
    options.path = fixture->store.url ? fixture->store.url
                                      : directory_file(scope, &fixture->directory, "data/catalogue.sqlite");
    check_ok("open", scope, db_open(scope, &options, &db));
    check_ok("lease", scope, db_lease(scope, db, &lease));
    if (fixture->store.url) {
        check_ok("empty", scope, db_script(scope, lease, "drop schema if exists parvis cascade; create schema parvis"));
    }
    if (is_old) {
        check_ok("old", scope, schema_make(scope, lease, SCHEMA_SQLITE(OLD), SCHEMA_POSTGRES(OLD)));
        check_ok("old", scope, schema_make(scope, lease, sqlite_old, ""));
    }
    db_release(lease);
    db_close(db);
}

static int open_fixture(void **state, bool is_old)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    const char *data = directory_file(&fixture->scope, &fixture->directory, "data");
    assert_int_equal(mkdir(data, 0750), 0);
    fixture->store = (struct store){.data_directory = data, .url = getenv("PARVIS_TEST_DATABASE")};
    prepare(fixture, is_old);
    check_ok("open", &fixture->scope, catalog_open_store(&fixture->scope, &fixture->store, &fixture->catalog));
    *state = fixture;
    return 0;
}

static int open_new(void **state)
{
    return open_fixture(state, false);
}

static int open_old(void **state)
{
    return open_fixture(state, true);
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->catalog);
    directory_remove(&fixture->directory);
    scope_close(&fixture->scope);
    free(fixture);
    return 0;
}

static void publish(struct fixture *fixture, const struct schema *schema, const char *extent, int64_t records, int keep)
{
    struct scope *scope = &fixture->scope;
    int64_t last;
    const int64_t *dropped;
    size_t count;
    struct new_version version = {.dataset_id = S("a"), .records = records, .bytes = 100, .schema = schema,
                                  .source_name = S("file.csv"), .extent = str_from(extent), .author = S("ada"),
                                  .note = S("May"), .keep = keep, .added = 1, .removed = 2, .changed = -1};
    check_ok("identify", scope, catalog_identify(scope, fixture->catalog, S("a"), &version.uid, &last));
    version.number = last + 1;
    version.compared = last;
    check_ok("publish", scope, catalog_publish(scope, fixture->catalog, &version, &dropped, &count));
}

static const struct dataset *look(struct fixture *fixture, const char *id)
{
    bool changed;
    const struct dataset *found;
    check_ok("refresh", &fixture->scope, catalog_refresh(&fixture->scope, fixture->catalog, &changed));
    const struct snapshot *snapshot = catalog_snapshot(fixture->catalog);
    check_ok(id, &fixture->scope, snapshot_load(&fixture->scope, snapshot, str_from(id), &found));
    snapshot_unref(snapshot);
    assert_non_null(found);
    return found;
}

/* "3* 2+ 1": *: current, +: pinned. */
static str numbers(struct fixture *fixture)
{
    const struct version *versions;
    size_t count;
    str text = S("");
    struct scope *scope = &fixture->scope;
    check_ok("versions", scope,
             catalog_versions(scope, fixture->catalog, look(fixture, "a")->uid, 100, &versions, &count));
    for (size_t i = 0; i < count; i++) {
        text = str_printf(&scope->arena, "%.*s%s%lld%s%s", STR_ARG(text), i ? " " : "", (long long)versions[i].number,
                          versions[i].is_current ? "*" : "", versions[i].is_pinned ? "+" : "");
    }
    return text;
}

static void test_pointer_moves(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t before;
    publish(fixture, &one_field, "{\"place\":{\"types\":[\"Point\"]}}", 10, 9);
    publish(fixture, &two_fields, NULL, 20, 9);
    publish(fixture, &two_fields, "{\"place\":{\"types\":[\"Polygon\"]}}", 30, 9);
    check_ok("back", scope, catalog_make_current(scope, fixture->catalog, S("a"), 1, &before));
    const struct dataset *dataset = look(fixture, "a");
    check_int("version", dataset->version, 1);
    check_int("records", dataset->records_count, 10);
    check_int("fields", (long long)dataset->schema.count, 1);
    assert_true(str_find(dataset->metadata, S("Point"), 0) != SIZE_MAX);
    check_int("before", before, 3);
    check_text("versions", numbers(fixture), S("3 2 1*"));
    check_ok("forward", scope, catalog_make_current(scope, fixture->catalog, S("a"), 2, &before));
    dataset = look(fixture, "a");
    check_int("records", dataset->records_count, 20);
    assert_true(str_find(dataset->metadata, S("extent"), 0) == SIZE_MAX);
    check_ok("forward", scope, catalog_make_current(scope, fixture->catalog, S("a"), 3, &before));
    assert_true(str_find(look(fixture, "a")->metadata, S("Polygon"), 0) != SIZE_MAX);
    publish(fixture, &one_field, NULL, 40, 9); /* numbers are never used again */
    check_text("versions", numbers(fixture), S("4* 3 2 1"));
    assert_int_equal(catalog_make_current(scope, fixture->catalog, S("a"), 9, &before), ERR_NO_VERSION);
    scope_forgive(scope);
    assert_int_equal(catalog_make_current(scope, fixture->catalog, S("b"), 1, &before), ERR_NO_DATASET);
    scope_forgive(scope);
}

/* What was described while a version was the current one is there when it is again. */
static void test_description_goes_with_its_version(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t before;
    struct field described[] = {fields[0]};
    described[0].label = S("Number of the lamp");
    publish(fixture, &one_field, NULL, 10, 9);
    const struct schema schema = {described, 1};
    check_ok("describe", scope, catalog_describe(scope, fixture->catalog, S("a"), S("{}"), &schema, 0));
    publish(fixture, &two_fields, NULL, 20, 9);
    check_text("label", look(fixture, "a")->schema.fields[0].label, S("Code"));
    check_ok("back", scope, catalog_make_current(scope, fixture->catalog, S("a"), 1, &before));
    check_text("label", look(fixture, "a")->schema.fields[0].label, S("Number of the lamp"));
}

static void test_kept(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t keep;
    str uid;
    for (int i = 0; i < 3; i++) {
        publish(fixture, &one_field, NULL, 10, 3);
    }
    check_ok("pin", scope, catalog_pin(scope, fixture->catalog, S("a"), 1, true));
    check_ok("keep", scope, catalog_keep(scope, fixture->catalog, S("a"), 2));
    check_ok("kept", scope, catalog_kept(scope, fixture->catalog, S("a"), &keep));
    check_int("keep", keep, 2);
    publish(fixture, &one_field, NULL, 10, 9); /* the dataset's own number holds */
    check_text("versions", numbers(fixture), S("4* 3 1+"));
    assert_int_equal(catalog_drop_version(scope, fixture->catalog, S("a"), 1, &uid), ERR_CONFLICT);
    scope_forgive(scope);
    assert_int_equal(catalog_drop_version(scope, fixture->catalog, S("a"), 4, &uid), ERR_CONFLICT);
    scope_forgive(scope);
    assert_int_equal(catalog_drop_version(scope, fixture->catalog, S("a"), 2, &uid), ERR_NO_VERSION);
    scope_forgive(scope);
    check_ok("unpin", scope, catalog_pin(scope, fixture->catalog, S("a"), 1, false));
    check_ok("drop", scope, catalog_drop_version(scope, fixture->catalog, S("a"), 1, &uid));
    check_text("versions", numbers(fixture), S("4* 3"));
    struct version version;
    assert_int_equal(catalog_version(scope, fixture->catalog, uid, 1, &version), ERR_NO_VERSION);
    check_failure("absent", scope, ERR_NO_VERSION, "There are 4 (current), 3.");
    check_ok("version", scope, catalog_version(scope, fixture->catalog, uid, 3, &version));
    check_text("author", version.author, S("ada"));
    check_text("note", version.note, S("May"));
    check_int("added", version.added, 1);
    check_int("changed", version.changed, -1);
    check_int("compared", version.compared, 2);
    const struct dataset_bytes *bytes;
    size_t count;
    check_ok("bytes", scope, catalog_bytes(scope, fixture->catalog, uid, &bytes, &count));
    check_int("bytes", bytes_of(bytes, count, uid).records, 200);
    check_int("versions", bytes_of(bytes, count, uid).versions, 2);
}

/* A rule for everybody that hides something holds again when the dataset is opened again. */
static void test_withdrawn(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    publish(fixture, &one_field, NULL, 10, 3);
    check_ok("withdraw", scope, catalog_withdraw(scope, fixture->catalog, S("a"), true));
    assert_true(look(fixture, "a")->is_draft);
    assert_true(look(fixture, "a")->is_restricted);
    check_ok("release", scope, catalog_release(scope, fixture->catalog, S("a"), true));
    assert_false(look(fixture, "a")->is_restricted);
    struct db_lease *lease cleanup_with(db_lease_cleanup) = NULL;
    check_ok("lease", scope, db_lease(scope, catalog_database(fixture->catalog), &lease));
    check_ok("rule", scope,
             DB_RUN(scope, lease, "insert into dataset_access values (?, 'everyone', 0, 1, '', '[\"code\"]', 0)",
                    cell_text(look(fixture, "a")->uid)));
    db_release(lease);
    lease = NULL;
    check_ok("withdraw", scope, catalog_withdraw(scope, fixture->catalog, S("a"), false));
    check_ok("release", scope, catalog_release(scope, fixture->catalog, S("a"), true));
    cell hidden;
    check_ok("lease", scope, db_lease(scope, catalog_database(fixture->catalog), &lease));
    check_ok("rule", scope,
             DB_ASK(scope, lease, &hidden, "select hidden from dataset_access where rights = 1 and subject_kind = ?",
                    cell_text(S("everyone"))));
    check_text("hidden", hidden.text, S("[\"code\"]"));
}

static void test_renamed(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    publish(fixture, &one_field, NULL, 10, 3);
    str uid = look(fixture, "a")->uid;
    check_ok("rename", scope, catalog_rename(scope, fixture->catalog, S("a"), S("b")));
    check_text("uid", look(fixture, "b")->uid, uid);
    assert_int_equal(catalog_rename(scope, fixture->catalog, S("b"), S("B")), ERR_USAGE);
    scope_forgive(scope);
    publish(fixture, &one_field, NULL, 10, 3);
    assert_int_equal(catalog_rename(scope, fixture->catalog, S("b"), S("a")), ERR_CONFLICT);
    scope_forgive(scope);
}

static void test_format_3_is_taken_over(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t before;
    const struct version *versions;
    size_t count;
    const struct dataset *dataset = look(fixture, "old");
    check_text("title", dataset->title, S("Old"));
    check_int("version", dataset->version, 2);
    assert_false(dataset->is_draft);
    check_ok("versions", scope, catalog_versions(scope, fixture->catalog, dataset->uid, 9, &versions, &count));
    check_int("versions", (long long)count, 2);
    check_int("added", versions[0].added, -1);
    check_text("author", versions[0].author, S(""));
    check_ok("back", scope, catalog_make_current(scope, fixture->catalog, S("old"), 1, &before));
    check_ok("forward", scope, catalog_make_current(scope, fixture->catalog, S("old"), 2, &before));
    dataset = look(fixture, "old");
    check_text("label", dataset->schema.fields[0].label, S("Code")); /* described since it was published */
    assert_true(str_find(dataset->metadata, S("Point"), 0) != SIZE_MAX);
    str uid;
    check_ok("draft", scope, catalog_create(scope, fixture->catalog, S("new"), S("{}"), 0, &uid));
    assert_true(look(fixture, "new")->is_draft);
    struct catalog *again;
    check_ok("again", scope, catalog_open_store(scope, &fixture->store, &again));
    catalog_close(again);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_new, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pointer_moves), TEST(test_description_goes_with_its_version), TEST(test_kept),
        TEST(test_withdrawn), TEST(test_renamed),
        cmocka_unit_test_setup_teardown(test_format_3_is_taken_over, open_old, close_fixture)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
