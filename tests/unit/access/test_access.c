/* Rules: whom they are for, what they give, what is refused. */
#include "portal.h"

#include <pthread.h>

static unsigned rights_of(const struct actor *actor, const char *id)
{
    const struct snapshot *all = catalog_snapshot(portal.catalog);
    unsigned rights =
        access_rights(&scope, portal.access, actor, snapshot_find(all, str_from(id)));
    snapshot_unref(all);
    return rights;
}

/* Records of a dataset that somebody sees; -1: not even the dataset. */
static int64_t seen(const struct actor *actor, const char *id)
{
    const struct snapshot *view = view_of(actor);
    const struct dataset *dataset = snapshot_find(view, str_from(id));
    int64_t count = dataset ? dataset->records_count : -1;
    snapshot_unref(view);
    return count;
}

static bool sees_field(const struct actor *actor, const char *id, const char *field)
{
    const struct snapshot *view = view_of(actor);
    const struct dataset *dataset;
    check_ok(id, &scope, snapshot_load(&scope, view, str_from(id), &dataset));
    assert_non_null(dataset);
    bool found = schema_find(&dataset->schema, str_from(field)) != NULL;
    str quoted = str_printf(&scope.arena, "{\"name\": \"%s\"", field);
    assert_int_equal(str_find(dataset->document, quoted, 0) != SIZE_MAX, found);
    snapshot_unref(view);
    return found;
}

static void test_public_without_rules(void **state)
{
    (void)state;
    struct actor reader = person(1, ROLE_READER, NULL, 0);
    assert_int_equal(seen(&visitor, "things"), THINGS);
    assert_int_equal(seen(&reader, "things"), THINGS);
    assert_int_equal(rights_of(&visitor, "things"), RIGHT_READ);
    const struct snapshot *first = view_of(&visitor);
    const struct snapshot *second = view_of(&reader);
    assert_ptr_equal(first, second);
    assert_int_equal(first->fingerprint, SNAPSHOT_ANONYMOUS);
    const struct snapshot *ready = access_anonymous(portal.access);
    assert_ptr_equal(first, ready);
    snapshot_unref(ready);
    snapshot_unref(second);
    snapshot_unref(first);
}

/* Users are found as they are at sign-in: in any case. */
static void test_names_of_users(void **state)
{
    (void)state;
    static const char *const names[] = {"Zoë", "zoë", "ZOË"};
    const struct new_user user = {.name = S("Zoë")};
    int64_t id;
    int64_t found;
    check_ok("add", &scope, user_add(&scope, portal.identity, &actor_command_line, &user, &id));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        check_ok(names[i], &scope,
                 access_find_subject(&scope, portal.access, ACCESS_USER, str_from(names[i]), &found));
        assert_int_equal(found, id);
    }
    assert_int_equal(access_find_subject(&scope, portal.access, ACCESS_USER, S("zo"), &found),
                     ERR_NO_USER);
}

static void test_restricted(void **state)
{
    (void)state;
    const int64_t g1[] = {1};
    struct actor member = person(1, ROLE_READER, g1, 1);
    struct actor stranger = person(2, ROLE_PUBLISHER, NULL, 0);
    struct actor administrator = person(3, ROLE_ADMINISTRATOR, NULL, 0);
    assert_int_equal(seen(&visitor, "things"), THINGS);
    rule("things", ACCESS_EVERYONE, 0, 0, "", "");
    assert_null(access_anonymous(portal.access)); /* not made yet for what is now */
    rule("things", ACCESS_GROUP, 1, RIGHT_READ, "", "");
    assert_int_equal(seen(&visitor, "things"), -1);
    assert_int_equal(seen(&visitor, "da_tttttt"), -1);
    assert_int_equal(seen(&stranger, "things"), -1);
    assert_int_equal(seen(&member, "things"), THINGS);
    assert_int_equal(seen(&member, "da_tttttt"), THINGS);
    assert_int_equal(seen(&administrator, "things"), THINGS);
    assert_int_equal(seen(&visitor, "notes"), 20);
    const struct snapshot *view = view_of(&member);
    assert_true(view->fingerprint > SNAPSHOT_WHOLE);
    const struct dataset *dataset;
    check_ok("load", &scope, snapshot_load(&scope, view, S("things"), &dataset));
    assert_true(str_find(dataset->document, S("\"visibility\": \"restricted\""), 0) != SIZE_MAX);
    snapshot_unref(view);
    check_ok("public", &scope,
             access_unset(&scope, portal.access, S("things"), ACCESS_EVERYONE, 0));
    assert_int_equal(seen(&visitor, "things"), THINGS);
}

static void test_checks(void **state)
{
    (void)state;
    struct actor reader = person(1, ROLE_READER, NULL, 0);
    struct actor editor = person(1, ROLE_EDITOR, NULL, 0);
    struct actor publisher = person(1, ROLE_PUBLISHER, NULL, 0);
    struct actor other = person(2, ROLE_PUBLISHER, NULL, 0);
    struct actor administrator = person(3, ROLE_ADMINISTRATOR, NULL, 0);
    struct actor key = administrator;
    key.kind = ACTOR_KEY;
    key.scopes = SCOPE_READ;
    rule("things", ACCESS_EVERYONE, 0, 0, "", "");
    rule("things", ACCESS_USER, 1, RIGHT_MANAGE, "", "");
    const struct {
        const struct actor *actor;
        enum right right;
        enum err expected;
    } rows[] = {
        {&visitor, RIGHT_READ, ERR_NO_DATASET},   {&visitor, RIGHT_MANAGE, ERR_NO_DATASET},
        {&other, RIGHT_READ, ERR_NO_DATASET},     {&other, RIGHT_EDIT, ERR_NO_DATASET},
        {&reader, RIGHT_READ, ERR_OK},            {&reader, RIGHT_EDIT, ERR_DENIED},
        {&editor, RIGHT_EDIT, ERR_OK},            {&editor, RIGHT_PUBLISH, ERR_DENIED},
        {&publisher, RIGHT_PUBLISH, ERR_OK},      {&publisher, RIGHT_MANAGE, ERR_OK},
        {&administrator, RIGHT_MANAGE, ERR_OK},   {&key, RIGHT_READ, ERR_OK},
        {&key, RIGHT_EDIT, ERR_DENIED},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        str name = str_printf(&scope.arena, "row %zu", i);
        enum err result =
            access_check(&scope, portal.access, rows[i].actor, S("things"), rows[i].right);
        check_int(name.p, result, rows[i].expected);
        scope_forgive(&scope);
    }
    enum err unknown = access_check(&scope, portal.access, &visitor, S("nothing"), RIGHT_READ);
    assert_int_equal(unknown, ERR_NO_DATASET);
    check_failure("unknown", &scope, ERR_NO_DATASET, "The requested dataset nothing does not exist.");
    enum err hidden = access_check(&scope, portal.access, &visitor, S("things"), RIGHT_READ);
    assert_int_equal(hidden, ERR_NO_DATASET);
    check_failure("hidden", &scope, ERR_NO_DATASET, "The requested dataset things does not exist.");
    assert_int_equal(rights_of(&editor, "things"), RIGHT_READ | RIGHT_EDIT);
    assert_int_equal(rights_of(&publisher, "things"), right_bits(RIGHT_MANAGE));
}

/* A key that may not read sees what visitors see. */
static void test_key_without_reading(void **state)
{
    (void)state;
    const int64_t g1[] = {1};
    struct actor key = person(1, ROLE_ADMINISTRATOR, g1, 1);
    key.kind = ACTOR_KEY;
    key.scopes = SCOPE_WRITE;
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n < 7", "secret");
    assert_int_equal(seen(&key, "things"), 7);
    assert_false(sees_field(&key, "things", "secret"));
}

static void test_groups_add_up(void **state)
{
    (void)state;
    const int64_t none[] = {4};
    const int64_t both[] = {1, 2};
    const int64_t all[] = {1, 2, 3};
    struct actor first = person(1, ROLE_PUBLISHER, both, 1);
    struct actor second = person(1, ROLE_PUBLISHER, both + 1, 1);
    struct actor in_both = person(1, ROLE_PUBLISHER, both, 2);
    struct actor in_all = person(1, ROLE_PUBLISHER, all, 3);
    struct actor in_other = person(1, ROLE_PUBLISHER, none, 1);
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n < 5", "secret,name");
    rule("things", ACCESS_GROUP, 1, RIGHT_EDIT, "n < 10", "secret,kind");
    rule("things", ACCESS_GROUP, 2, RIGHT_READ, "n >= 8 and n < 20", "secret,x");
    assert_int_equal(seen(&in_other, "things"), 5);
    assert_int_equal(seen(&first, "things"), 10);
    assert_int_equal(seen(&second, "things"), 12);
    assert_int_equal(seen(&in_both, "things"), 20);
    assert_false(sees_field(&first, "things", "kind"));
    assert_true(sees_field(&in_both, "things", "kind"));
    assert_true(sees_field(&in_both, "things", "name"));
    assert_true(sees_field(&in_both, "things", "x"));
    assert_false(sees_field(&in_both, "things", "secret"));
    assert_int_equal(rights_of(&in_both, "things"), RIGHT_READ | RIGHT_EDIT);
    assert_int_equal(rights_of(&second, "things"), RIGHT_READ);
    /* A group that may not read adds neither records nor fields; one without filter adds all. */
    rule("things", ACCESS_GROUP, 3, 0, "", "");
    assert_int_equal(seen(&in_all, "things"), 20);
    assert_false(sees_field(&in_all, "things", "secret"));
    rule("things", ACCESS_GROUP, 3, RIGHT_READ, "", "secret");
    assert_int_equal(seen(&in_all, "things"), THINGS);
    assert_false(sees_field(&in_all, "things", "secret"));
}

static void test_own_rule_replaces(void **state)
{
    (void)state;
    const int64_t g1[] = {1};
    struct actor member = person(1, ROLE_PUBLISHER, g1, 1);
    rule("things", ACCESS_GROUP, 1, RIGHT_MANAGE, "", "");
    rule("things", ACCESS_USER, 1, RIGHT_READ, "n = 3", "secret");
    assert_int_equal(seen(&member, "things"), 1);
    assert_false(sees_field(&member, "things", "secret"));
    assert_int_equal(rights_of(&member, "things"), RIGHT_READ);
    rule("things", ACCESS_USER, 1, 0, "", "");
    assert_int_equal(seen(&member, "things"), -1);
    assert_int_equal(rights_of(&member, "things"), 0);
    assert_int_equal(seen(&member, "notes"), 20);
}

static void refused(const char *name, const struct access_rule *set, enum err expected,
                    const char *part)
{
    enum err result = access_set(&scope, portal.access, S("things"), set);
    assert_int_equal(result, expected);
    check_failure(name, &scope, expected, part);
}

static void test_refusals(void **state)
{
    (void)state;
    const str unknown[] = {S("nothing")};
    const str secret[] = {S("secret")};
    str all[ARRAY_LENGTH(thing_fields)];
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        all[i] = thing_fields[i].name;
    }
    struct access_rule set = {.rights = RIGHT_READ, .filter = S("n = = 3")};
    refused("syntax", &set, ERR_SYNTAX, "unexpected = at position 4");
    set.filter = S("nothing = 3");
    refused("field", &set, ERR_QUERY, "Unknown field: nothing");
    set.filter = S("n = 'a'");
    refused("types", &set, ERR_QUERY, "Incompatible types");
    set.filter = S("at > now(days=-1)");
    refused("clock", &set, ERR_QUERY, "now()");
    set.filter = S("count(*) > 1");
    refused("aggregate", &set, ERR_QUERY, "filter");
    set = (struct access_rule){.rights = RIGHT_READ, .hidden = unknown, .hidden_count = 1};
    refused("hidden", &set, ERR_USAGE, "no field 'nothing'");
    set = (struct access_rule){.rights = RIGHT_READ, .hidden = all, .hidden_count = ARRAY_LENGTH(all)};
    refused("all hidden", &set, ERR_USAGE, "all fields");
    set = (struct access_rule){.rights = 0, .hidden = secret, .hidden_count = 1};
    refused("no meaning", &set, ERR_USAGE, "no meaning");
    set = (struct access_rule){.rights = RIGHT_EDIT};
    refused("everybody", &set, ERR_USAGE, "everybody");
    set = (struct access_rule){.kind = ACCESS_GROUP, .subject = 77, .rights = RIGHT_READ};
    refused("group", &set, ERR_NO_GROUP, "group");
    set = (struct access_rule){.kind = ACCESS_USER, .subject = 77, .rights = RIGHT_READ};
    refused("user", &set, ERR_NO_USER, "user");
    assert_int_equal(access_set(&scope, portal.access, S("nowhere"), &set), ERR_NO_DATASET);
    scope_forgive(&scope);
    const struct access_rule *rules;
    size_t count;
    check_ok("list", &scope, access_list(&scope, portal.access, S("things"), &rules, &count));
    assert_int_equal(count, 0);
}

static void test_list(void **state)
{
    (void)state;
    const struct access_rule *rules;
    size_t count;
    rule("things", ACCESS_USER, 2, RIGHT_PUBLISH, "", "");
    rule("things", ACCESS_GROUP, 2, RIGHT_READ, "n<3", "secret,name,secret");
    rule("things", ACCESS_EVERYONE, 0, 0, "", "");
    check_ok("list", &scope, access_list(&scope, portal.access, S("da_tttttt"), &rules, &count));
    assert_int_equal(count, 3);
    assert_int_equal(rules[0].kind, ACCESS_EVERYONE);
    assert_int_equal(rules[0].rights, 0);
    check_text("group", rules[1].name, S("g2"));
    check_text("filter", rules[1].filter, S("n<3"));
    assert_int_equal(rules[1].hidden_count, 2);
    check_text("user", rules[2].name, S("u2"));
    assert_int_equal(rules[2].rights, RIGHT_READ | RIGHT_EDIT | RIGHT_PUBLISH);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rules[i].fault.n, 0);
    }
}

static void test_groups(void **state)
{
    (void)state;
    int64_t id;
    int64_t again;
    const struct group *groups;
    const struct member *members;
    size_t count;
    check_ok("add", &scope, group_add(&scope, portal.catalog, S("Späher"), &id));
    assert_int_equal(group_add(&scope, portal.catalog, S("Späher"), &again), ERR_CONFLICT);
    scope_forgive(&scope);
    const str bad[] = {S(""), S(" a"), S("a\n"), S("\xff")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(group_add(&scope, portal.catalog, bad[i], &again), ERR_USAGE);
        scope_forgive(&scope);
    }
    check_ok("member", &scope, group_add_member(&scope, portal.catalog, id, 2));
    check_ok("member", &scope, group_add_member(&scope, portal.catalog, id, 2));
    check_ok("member", &scope, group_add_member(&scope, portal.catalog, id, 1));
    assert_int_equal(group_add_member(&scope, portal.catalog, id, 99), ERR_NO_USER);
    scope_forgive(&scope);
    assert_int_equal(group_add_member(&scope, portal.catalog, 99, 1), ERR_NO_GROUP);
    scope_forgive(&scope);
    check_ok("members", &scope, group_members(&scope, portal.catalog, id, &members, &count));
    assert_int_equal(count, 2);
    check_text("member", members[0].name, S("u1"));
    check_ok("out", &scope, group_remove_member(&scope, portal.catalog, id, 1));
    check_ok("list", &scope, group_list(&scope, portal.catalog, &groups, &count));
    assert_int_equal(count, 6);
    check_text("name", groups[0].name, S("Späher"));
    assert_int_equal(groups[0].members, 1);
    /* Its rules go with it: in a directory of an earlier version the next group may have its id. */
    struct actor member = person(1, ROLE_READER, &id, 1);
    rule("things", ACCESS_EVERYONE, 0, 0, "", "");
    rule("things", ACCESS_GROUP, id, RIGHT_READ, "", "");
    assert_int_equal(seen(&member, "things"), THINGS);
    check_ok("remove", &scope, group_remove(&scope, portal.catalog, id));
    check_ok("add", &scope, group_add(&scope, portal.catalog, S("other"), &again));
    assert_int_equal(seen(&member, "things"), -1);
    check_ok("remove", &scope, group_remove(&scope, portal.catalog, again));
    assert_int_equal(group_remove(&scope, portal.catalog, again), ERR_NO_GROUP);
    scope_forgive(&scope);
    assert_int_equal(group_find(&scope, portal.catalog, S("other"), &id), ERR_NO_GROUP);
    scope_forgive(&scope);
}

/* A new version whose fields a rule does not fit: what the rule opened is closed. */
static void test_rules_that_do_not_fit(void **state)
{
    (void)state;
    static struct field fields[] = {
        {.name = {"code", 4}, .type = FIELD_TEXT, .decimals = -1, .id = true},
        {.name = {"text", 4}, .type = FIELD_TEXT, .decimals = -1},
        {.name = {"pay_eur", 7}, .type = FIELD_INT, .decimals = -1},
    };
    static const struct schema schema = {fields, ARRAY_LENGTH(fields)};
    const int64_t groups[] = {1, 2, 3};
    struct actor by_filter = person(1, ROLE_PUBLISHER, groups, 1);
    struct actor by_hidden = person(1, ROLE_PUBLISHER, groups + 1, 1);
    struct actor in_all = person(1, ROLE_PUBLISHER, groups, 3);
    struct actor administrator = person(3, ROLE_ADMINISTRATOR, NULL, 0);
    rule("notes", ACCESS_EVERYONE, 0, 0, "", "");
    rule("notes", ACCESS_GROUP, 1, RIGHT_EDIT, "pay < 500", "");
    rule("notes", ACCESS_GROUP, 2, RIGHT_READ, "", "pay");
    rule("notes", ACCESS_GROUP, 3, RIGHT_READ, "code = 'c1'", "text");
    assert_int_equal(seen(&by_filter, "notes"), 5);
    assert_int_equal(seen(&by_hidden, "notes"), 20);
    publish("notes", "da_nnnnnn", 2, 20, &schema,
            "create table records as select *, record_key(code) as _key from (select 'c' || i as "
            "code, 'note ' || i as text, i * 100 as pay_eur from range(20) as t (i))", false);
    assert_int_equal(seen(&by_filter, "notes"), -1);
    assert_int_equal(rights_of(&by_filter, "notes"), 0);
    assert_int_equal(seen(&by_hidden, "notes"), -1);
    assert_int_equal(seen(&in_all, "notes"), 1);
    assert_false(sees_field(&in_all, "notes", "text"));
    assert_int_equal(seen(&administrator, "notes"), 20);
    const struct access_rule *rules;
    size_t count;
    check_ok("list", &scope, access_list(&scope, portal.access, S("notes"), &rules, &count));
    assert_int_equal(count, 4);
    assert_true(str_find(rules[1].fault, S("Unknown field: pay"), 0) != SIZE_MAX);
    assert_true(str_find(rules[2].fault, S("hidden field pay"), 0) != SIZE_MAX);
    assert_int_equal(rules[3].fault.n, 0);
    publish("notes", "da_nnnnnn", 3, 20, &note_schema, note_rows, false);
    assert_int_equal(seen(&by_filter, "notes"), 5);
    /* The rule for everybody fails the same way. */
    check_ok("unset", &scope, access_unset(&scope, portal.access, S("notes"), ACCESS_GROUP, 1));
    rule("notes", ACCESS_EVERYONE, 0, RIGHT_READ, "pay < 300", "");
    assert_int_equal(seen(&visitor, "notes"), 3);
    script("begin; update dataset_access set filter = 'gone = 1' where subject_kind = 'everyone'; "
           "update state set value = value + 1 where key = 'generation'; commit");
    bool changed;
    check_ok("refresh", &scope, catalog_refresh(&scope, portal.catalog, &changed));
    assert_int_equal(seen(&visitor, "notes"), -1);
    assert_int_equal(rights_of(&visitor, "notes"), 0);
}

/* A filter that fits the fields and fails on the records: closed, and nothing else suffers. */
static void test_filter_that_fails(void **state)
{
    (void)state;
    rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, "n + 9223372036854775800 > n", "");
    assert_int_equal(seen(&visitor, "things"), -1);
    assert_int_equal(seen(&visitor, "notes"), 20);
}

static void test_new_and_restricted(void **state)
{
    (void)state;
    struct actor administrator = person(3, ROLE_ADMINISTRATOR, NULL, 0);
    publish("closed", "da_cccccc", 1, 20, &note_schema, note_rows, true);
    assert_int_equal(seen(&visitor, "closed"), -1);
    assert_int_equal(seen(&administrator, "closed"), 20);
    check_ok("public", &scope,
             access_unset(&scope, portal.access, S("closed"), ACCESS_EVERYONE, 0));
    publish("closed", "da_cccccc", 2, 20, &note_schema, note_rows, true); /* not new any more */
    assert_int_equal(seen(&visitor, "closed"), 20);
    str uid;
    bool changed;
    rule("closed", ACCESS_GROUP, 1, RIGHT_READ, "", "");
    check_ok("remove", &scope, catalog_remove(&scope, portal.catalog, S("closed"), &uid));
    check_ok("refresh", &scope, catalog_refresh(&scope, portal.catalog, &changed));
    assert_int_equal(seen(&visitor, "closed"), -1);
    struct db_lease *lease;
    struct sql sql = sql_in(&scope.arena);
    cell left;
    sql_text(&sql, "select count(*) from dataset_access");
    check_ok("lease", &scope, db_lease(&scope, catalog_database(portal.catalog), &lease));
    check_ok("left", &scope, db_query_cell(&scope, lease, &sql, &left));
    db_release(lease);
    assert_int_equal(left.number, 0);
}

/* ---- several threads while rules change ---- */

static atomic_bool stop;
static atomic_int wrong;

/* Whatever moment a reader meets: all or the filtered records, never another count, never a failure. */
static void *look(void *argument)
{
    const struct actor *actor = argument;
    while (!stop) {
        struct scope own;
        const struct snapshot *view;
        scope_open(&own);
        enum err result = access_snapshot(&own, portal.access, actor, &view);
        if (result == ERR_OK) {
            const struct dataset *dataset = snapshot_find(view, S("things"));
            int64_t count = dataset ? dataset->records_count : -1;
            struct records_lease lease = {0};
            wrong += count != THINGS && count != 10 && count != 20;
            wrong += records_lease_catalogue(&own, portal.records, view, S(""), &lease) != ERR_OK;
            records_release(&lease);
            snapshot_unref(view);
        } else {
            wrong += result != ERR_BUSY;
        }
        scope_close(&own);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    const int64_t g1[] = {1};
    struct actor member = person(1, ROLE_READER, g1, 1);
    pthread_t threads[4];
    stop = false;
    wrong = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        const void *argument = i ? &member : &visitor;
        assert_int_equal(pthread_create(&threads[i], NULL, look, (void *)(uintptr_t)argument), 0);
    }
    for (int i = 0; i < 20; i++) {
        rule("things", ACCESS_GROUP, 1, RIGHT_READ, i % 2 ? "n < 10" : "n < 20", "");
        rule("things", ACCESS_EVERYONE, 0, RIGHT_READ, i % 2 ? "n < 20" : "n < 10", "");
    }
    stop = true;
    for (size_t i = 0; i < ARRAY_LENGTH(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_public_without_rules, test_begin),
        cmocka_unit_test_setup(test_names_of_users, test_begin),
        cmocka_unit_test_setup(test_restricted, test_begin),
        cmocka_unit_test_setup(test_checks, test_begin),
        cmocka_unit_test_setup(test_key_without_reading, test_begin),
        cmocka_unit_test_setup(test_groups_add_up, test_begin),
        cmocka_unit_test_setup(test_own_rule_replaces, test_begin),
        cmocka_unit_test_setup(test_refusals, test_begin),
        cmocka_unit_test_setup(test_list, test_begin),
        cmocka_unit_test_setup(test_groups, test_begin),
        cmocka_unit_test_setup(test_rules_that_do_not_fit, test_begin),
        cmocka_unit_test_setup(test_filter_that_fails, test_begin),
        cmocka_unit_test_setup(test_new_and_restricted, test_begin),
        cmocka_unit_test_setup(test_threads, test_begin),
    };
    return cmocka_run_group_tests(tests, portal_open, portal_close);
}
