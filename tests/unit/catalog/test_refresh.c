/* What a handle reads again when others change the catalogue, and what readers of earlier generations keep. */
#include "../directory.h"

#include "base/clock.h"
#include "domain/catalog/catalog.h"
#include "domain/catalog/catalog_internal.h"
#include "platform/db/statement.h"

/* Two handles of one catalogue, as two processes have them. */
struct fixture {
    struct scope scope;
    struct directory directory;
    struct catalog *writer;
    struct catalog *reader;
};

static struct field fields[] = {
    {.name = S("code"), .label = S("Code"), .type = FIELD_TEXT, .decimals = -1},
    {.name = S("n"), .label = S("N"), .type = FIELD_INT, .decimals = -1},
};
static const struct schema schema = {fields, ARRAY_LENGTH(fields)};

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    scope_open(&fixture->scope);
    directory_make(&fixture->directory);
    const char *data = directory_file(&fixture->scope, &fixture->directory, "data");
    check_ok("open", &fixture->scope, catalog_open(&fixture->scope, data, &fixture->writer));
    check_ok("open", &fixture->scope, catalog_open(&fixture->scope, data, &fixture->reader));
    *state = fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    catalog_close(fixture->writer);
    catalog_close(fixture->reader);
    scope_close(&fixture->scope); /* what was loaded outlives its catalogue */
    directory_remove(&fixture->directory);
    free(fixture);
    return 0;
}

/* ---- changes ---- */

static void publish(struct fixture *fixture, const char *id, const char *title)
{
    struct scope *scope = &fixture->scope;
    const int64_t *dropped;
    size_t count;
    int64_t last;
    struct new_version version = {.dataset_id = str_from(id), .records = 10, .schema = &schema,
                                  .source_name = S("file.csv"), .keep = 1};
    version.metadata =
        title ? str_printf(&scope->arena, "{\"default\": {\"title\": \"%s\"}}", title) : STR_NONE;
    check_ok(id, scope, catalog_identify(scope, fixture->writer, version.dataset_id, &version.uid,
                                         &last));
    version.number = last + 1;
    check_ok(id, scope, catalog_publish(scope, fixture->writer, &version, &dropped, &count));
}

static void describe(struct fixture *fixture, const char *id, const char *title)
{
    struct scope *scope = &fixture->scope;
    str metadata = str_printf(&scope->arena, "{\"default\": {\"title\": \"%s\"}}", title);
    check_ok(id, scope, catalog_describe(scope, fixture->writer, str_from(id), metadata, &schema, 0));
}

static void remove_dataset(struct fixture *fixture, const char *id)
{
    str uid;
    check_ok(id, &fixture->scope,
             catalog_remove(&fixture->scope, fixture->writer, str_from(id), &uid));
}

static void change_stored(struct fixture *fixture, const char *statements)
{
    struct db_lease *lease;
    struct scope *scope = &fixture->scope;
    check_ok(statements, scope, db_begin(scope, catalog_database(fixture->writer), &lease));
    check_ok(statements, scope, db_script(scope, lease, statements));
    check_ok(statements, scope, catalog_finish_change(scope, lease));
    db_release(lease);
}

/* ---- looking ---- */

static const struct snapshot *refresh(struct fixture *fixture)
{
    bool changed;
    check_ok("refresh", &fixture->scope,
             catalog_refresh(&fixture->scope, fixture->reader, &changed));
    return catalog_snapshot(fixture->reader);
}

/* "id=title,version,restricted; …", by way of both ways to find a dataset. */
static str summary(struct fixture *fixture, const struct snapshot *snapshot)
{
    struct buf out = {0};
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct dataset *row = snapshot->datasets[i];
        buf_printf(&out, "%.*s=%.*s,%lld%s; ", STR_ARG(row->id), STR_ARG(row->title),
                   (long long)row->version, row->is_restricted ? ",closed" : "");
        assert_ptr_equal(snapshot_find(snapshot, row->id), row);
        assert_ptr_equal(snapshot_find(snapshot, row->uid), row);
    }
    str text = buf_copy(&out, &fixture->scope.arena);
    buf_done(&out);
    return text;
}

/* What a handle that opens now sees is what one that followed the changes sees. */
static const struct snapshot *refreshed(struct fixture *fixture, const char *expected)
{
    struct catalog *fresh;
    const struct snapshot *followed = refresh(fixture);
    check_text("followed", summary(fixture, followed), str_from(expected));
    check_ok("open", &fixture->scope,
             catalog_open(&fixture->scope, catalog_data_directory(fixture->writer), &fresh));
    const struct snapshot *read = catalog_snapshot(fresh);
    check_text("read", summary(fixture, read), str_from(expected));
    check_int("generation", (long long)read->generation, (long long)followed->generation);
    for (size_t i = 0; i < read->count; i++) {
        check_int("changed", read->datasets[i]->changed, followed->datasets[i]->changed);
    }
    snapshot_unref(read);
    catalog_close(fresh);
    return followed;
}

static const struct dataset *load(struct fixture *fixture, const struct snapshot *snapshot,
                                  const char *id)
{
    const struct dataset *dataset;
    check_ok(id, &fixture->scope, snapshot_load(&fixture->scope, snapshot, str_from(id), &dataset));
    return dataset;
}

static void check_document(const struct dataset *dataset, const char *title)
{
    assert_non_null(dataset);
    char part[64];
    snprintf(part, sizeof(part), "\"title\": \"%s\"", title);
    check_int(part, str_find(dataset->document, str_from(part), 0) != SIZE_MAX, true);
    check_int("fields", (long long)dataset->schema.count, (long long)schema.count);
}

/* ---- following ---- */

static void test_changes_are_followed(void **state)
{
    struct fixture *fixture = *state;
    snapshot_unref(refreshed(fixture, ""));
    publish(fixture, "b", "B");
    publish(fixture, "d", NULL);
    snapshot_unref(refreshed(fixture, "b=B,1; d=d,1; "));
    publish(fixture, "a", "A");
    publish(fixture, "c", "C");
    publish(fixture, "e", "E");
    snapshot_unref(refreshed(fixture, "a=A,1; b=B,1; c=C,1; d=d,1; e=E,1; "));
    publish(fixture, "b", NULL);
    describe(fixture, "d", "D");
    describe(fixture, "d", "D2");
    remove_dataset(fixture, "a");
    remove_dataset(fixture, "e");
    snapshot_unref(refreshed(fixture, "b=B,2; c=C,1; d=D2,1; "));
    change_stored(fixture, "insert into dataset_access select uid, 'everyone', 0, 0, '', '[]', 0 "
                           "from dataset where id = 'c'");
    snapshot_unref(refreshed(fixture, "b=B,2; c=C,1,closed; d=D2,1; "));
    change_stored(fixture, "update dataset_access set rights = 1");
    snapshot_unref(refreshed(fixture, "b=B,2; c=C,1; d=D2,1; "));
    change_stored(fixture, "update dataset_access set rights = 0; update dataset set id = 'z' "
                           "where id = 'b'");
    snapshot_unref(refreshed(fixture, "c=C,1,closed; d=D2,1; z=B,2; "));
    change_stored(fixture, "delete from dataset_access; delete from dataset where id = 'd'");
    snapshot_unref(refreshed(fixture, "c=C,1; z=B,2; "));
    remove_dataset(fixture, "c");
    remove_dataset(fixture, "z");
    snapshot_unref(refreshed(fixture, ""));
}

/* Rows that did not change are those of the snapshot before. */
static void test_only_changes_are_read(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "A");
    publish(fixture, "b", "B");
    const struct snapshot *before = refresh(fixture);
    describe(fixture, "b", "B2");
    const struct snapshot *after = refresh(fixture);
    assert_ptr_equal(snapshot_find(after, S("a")), snapshot_find(before, S("a")));
    assert_ptr_not_equal(snapshot_find(after, S("b")), snapshot_find(before, S("b")));
    assert_true(snapshot_find(after, S("b"))->changed > snapshot_find(before, S("b"))->changed);
    const struct dataset *kept = snapshot_find(after, S("a"));
    snapshot_unref(before);
    check_text("title", kept->title, S("A")); /* the memory is kept with the later snapshot */
    change_stored(fixture, "select 1"); /* people and groups are changed so */
    const struct snapshot *same = refresh(fixture);
    assert_true(same->generation > after->generation);
    assert_ptr_equal(snapshot_find(same, S("b")), snapshot_find(after, S("b")));
    snapshot_unref(after);
    snapshot_unref(same);
}

/* However long it goes on, what is kept of earlier snapshots stays bounded. */
static void test_chain(void **state)
{
    struct fixture *fixture = *state;
    int most = 0;
    int whole = 0;
    publish(fixture, "other", "O");
    publish(fixture, "a", "A");
    for (int i = 0; i < 100; i++) {
        char title[16];
        snprintf(title, sizeof(title), "t%d", i);
        describe(fixture, "a", title);
        const struct snapshot *snapshot = refresh(fixture);
        str expected = str_printf(&fixture->scope.arena, "a=%s,1; other=O,1; ", title);
        check_text("summary", summary(fixture, snapshot), expected);
        most = snapshot_chain(snapshot) > most ? snapshot_chain(snapshot) : most;
        whole += snapshot_chain(snapshot) == 0;
        snapshot_unref(snapshot);
    }
    check_int("most", most, 32);
    check_int("whole", whole, 3);
}

/* ---- readers of earlier generations ---- */

static void test_old_snapshots_are_loaded_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "first");
    publish(fixture, "gone", "still there");
    const struct snapshot *first = refresh(fixture);
    describe(fixture, "a", "second");
    const struct snapshot *second = refresh(fixture);
    publish(fixture, "a", "third");
    describe(fixture, "a", "fourth");
    remove_dataset(fixture, "gone");
    const struct snapshot *last = refresh(fixture);
    describe(fixture, "a", "not seen");
    for (int i = 0; i < 2; i++) { /* from the file, and from what was kept */
        check_document(load(fixture, first, "a"), "first");
        check_document(load(fixture, first, "gone"), "still there");
        check_document(load(fixture, second, "a"), "second");
        check_document(load(fixture, last, "a"), "fourth");
        assert_null(load(fixture, last, "gone"));
    }
    check_int("version", load(fixture, second, "a")->version, 1);
    check_int("version", load(fixture, last, "a")->version, 2);
    snapshot_unref(first);
    snapshot_unref(second);
    snapshot_unref(last);
}

/* Several changes in one transaction are one: what is between them never was. */
static void test_one_transaction(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "old");
    const struct snapshot *before = refresh(fixture);
    change_stored(fixture,
                  "update dataset set metadata = '{\"default\":{\"title\":\"between\"}}';"
                  "insert into dataset_access select uid, 'everyone', 0, 1, '', '[]', 0 from dataset;"
                  "update dataset set metadata = '{\"default\":{\"title\":\"new\"}}'");
    const struct snapshot *after = refresh(fixture);
    describe(fixture, "a", "newer");
    check_document(load(fixture, before, "a"), "old");
    check_document(load(fixture, after, "a"), "new");
    snapshot_unref(before);
    snapshot_unref(after);
}

static void test_ids_are_used_again(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "old");
    publish(fixture, "b", "B");
    const struct snapshot *before = refresh(fixture);
    remove_dataset(fixture, "b");
    remove_dataset(fixture, "a");
    publish(fixture, "a", "new");
    const struct snapshot *after = refreshed(fixture, "a=new,1; ");
    const struct dataset *old = snapshot_find(before, S("a"));
    const struct dataset *new = snapshot_find(after, S("a"));
    assert_true(new->number > old->number);
    assert_false(str_eq(new->uid, old->uid));
    assert_null(snapshot_find(after, old->uid));
    check_document(load(fixture, before, "a"), "old");
    check_document(load(fixture, after, "a"), "new");
    check_document(load(fixture, before, old->uid.p), "old");
    snapshot_unref(before);
    snapshot_unref(after);
}

/* What ended more than ten minutes ago is forgotten with the next change. */
static void test_forgetting(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    const struct dataset *dataset;
    publish(fixture, "a", "old");
    publish(fixture, "b", "B");
    const struct snapshot *before = refresh(fixture);
    describe(fixture, "a", "new");
    remove_dataset(fixture, "b");
    change_stored(fixture, "update dataset_old set replaced_at = replaced_at - 590");
    check_document(load(fixture, before, "a"), "old");
    change_stored(fixture, "update dataset_old set replaced_at = replaced_at - 20");
    assert_int_equal(dataset_load(scope, before, snapshot_find(before, S("a")), &dataset), ERR_BUSY);
    check_failure("load", scope, ERR_BUSY, "Try again");
    assert_int_equal(snapshot_load(scope, before, S("b"), &dataset), ERR_BUSY);
    check_failure("load", scope, ERR_BUSY, "Try again");
    assert_null(dataset);
    const struct snapshot *after = refreshed(fixture, "a=new,1; ");
    assert_int_equal(snapshot_chain(after), 0); /* it could not tell what went */
    publish(fixture, "c", "C");
    const struct snapshot *next = refreshed(fixture, "a=new,1; c=C,1; ");
    assert_int_equal(snapshot_chain(next), 1);
    snapshot_unref(before);
    snapshot_unref(after);
    snapshot_unref(next);
}

/* ---- loading ---- */

static void test_loaded_ones_are_kept(void **state)
{
    struct fixture *fixture = *state;
    publish(fixture, "a", "A");
    publish(fixture, "b", "B");
    const struct snapshot *before = refresh(fixture);
    const struct dataset *a = load(fixture, before, "a");
    assert_ptr_equal(load(fixture, before, "a"), a);
    describe(fixture, "b", "B2");
    const struct snapshot *after = refresh(fixture);
    assert_ptr_equal(load(fixture, after, "a"), a); /* nothing of it changed */
    snapshot_unref(before);
    describe(fixture, "a", "A2");
    const struct snapshot *last = refresh(fixture);
    check_document(load(fixture, last, "a"), "A2");
    snapshot_unref(after);
    check_document(a, "A"); /* as long as the scope */
    snapshot_unref(last);
}

/* More datasets than are kept: all of them are what they should be. */
static void test_more_than_are_kept(void **state)
{
    struct fixture *fixture = *state;
    change_stored(fixture,
                  "with recursive n (i) as (values (10000) union all select i + 1 from n where i < "
                  "12999) insert into dataset (uid, id, metadata, fields, version, last_version, "
                  "records, created, modified, data_processed, metadata_processed) select 'da_' || i, "
                  "'d' || i, json_object('default', json_object('title', 'T' || i)), "
                  "'[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"b\",\"type\":\"int\"}]', 0, 0, 0, "
                  "0, 0, 0, 0 from n");
    const struct snapshot *snapshot = refresh(fixture);
    assert_int_equal(snapshot->count, 3000);
    for (size_t i = 0; i < 2 * snapshot->count; i++) {
        struct scope scope;
        const struct dataset *dataset;
        const struct dataset *row = snapshot->datasets[i % snapshot->count];
        scope_open(&scope);
        check_ok("load", &scope, snapshot_load(&scope, snapshot, row->id, &dataset));
        check_text("id", dataset->id, row->id);
        check_document(dataset, row->title.p);
        scope_close(&scope);
    }
    snapshot_unref(snapshot);
}

/* One dataset that cannot be read is none that closes the portal. */
static void test_unreadable(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    const struct dataset *dataset;
    publish(fixture, "a", "A");
    publish(fixture, "b", "B");
    change_stored(fixture, "update dataset set metadata = '{broken' where id = 'a'");
    const struct snapshot *snapshot = refreshed(fixture, "a=a,1; b=B,1; ");
    check_document(load(fixture, snapshot, "b"), "B");
    assert_int_equal(snapshot_load(scope, snapshot, S("a"), &dataset), ERR_DATABASE);
    check_failure("load", scope, ERR_DATABASE, "stored metadata: line 1");
    change_stored(fixture, "update dataset set fields = '[' where id = 'b'");
    const struct snapshot *after = refresh(fixture);
    assert_int_equal(snapshot_load(scope, after, S("b"), &dataset), ERR_DATABASE);
    check_failure("load", scope, ERR_DATABASE, "stored fields: line 1");
    snapshot_unref(snapshot);
    snapshot_unref(after);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_changes_are_followed), TEST(test_only_changes_are_read), TEST(test_chain),
        TEST(test_old_snapshots_are_loaded_as_they_were), TEST(test_one_transaction),
        TEST(test_ids_are_used_again), TEST(test_forgetting), TEST(test_loaded_ones_are_kept),
        TEST(test_more_than_are_kept), TEST(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
