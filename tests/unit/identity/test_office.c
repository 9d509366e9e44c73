/* What the back office asks of groups, the audit log and links. */
#include "fixture.h"

#include "domain/identity/access.h"
#include "domain/identity/group.h"

struct office {
    struct fixture *fixture;
    struct access *access;
};

static struct office open_office(void **state)
{
    struct office office = {.fixture = *state};
    office.access = access_open(office.fixture->catalog, NULL);
    return office;
}

static int64_t make_group(struct fixture *fixture, const char *name)
{
    int64_t id = 0;
    check_ok(name, &fixture->scope,
             group_add(&fixture->scope, fixture->catalog, str_from(name), &id));
    return id;
}

static void check_groups(struct fixture *fixture, int64_t user, const char *const *names, size_t expected)
{
    const struct group *groups;
    size_t count;
    check_ok("groups", &fixture->scope,
             group_list_of_user(&fixture->scope, fixture->catalog, user, &groups, &count));
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++) {
        check_text("group", groups[i].name, str_from(names[i]));
    }
}

static void lists_groups_of_a_user(void **state)
{
    struct office office = open_office(state);
    struct fixture *fixture = office.fixture;
    struct scope *scope = &fixture->scope;
    int64_t ada = invite(fixture, "ada", ROLE_READER);
    int64_t bob = invite(fixture, "bob", ROLE_READER);
    int64_t water = make_group(fixture, "water");
    int64_t air = make_group(fixture, "air");
    struct group group;
    check_groups(fixture, ada, NULL, 0);
    check_ok("in", scope, group_add_member(scope, fixture->catalog, water, ada));
    check_ok("in", scope, group_add_member(scope, fixture->catalog, air, ada));
    check_ok("in", scope, group_add_member(scope, fixture->catalog, air, bob));
    check_groups(fixture, ada, (const char *const[]){"air", "water"}, 2);
    check_groups(fixture, bob, (const char *const[]){"air"}, 1);
    check_ok("get", scope, group_get(scope, fixture->catalog, air, &group));
    check_text("name", group.name, S("air"));
    check_int("members", group.members, 2);
    assert_int_equal(group_get(scope, fixture->catalog, air + 100, &group), ERR_NO_GROUP);
    check_failure("absent", scope, ERR_NO_GROUP, "no such group");
    access_close(office.access);
}

static void renames_groups(void **state)
{
    struct office office = open_office(state);
    struct fixture *fixture = office.fixture;
    struct scope *scope = &fixture->scope;
    int64_t water = make_group(fixture, "water");
    int64_t found;
    make_group(fixture, "air");
    check_ok("rename", scope, group_rename(scope, fixture->catalog, water, S("rivers")));
    check_ok("to itself", scope, group_rename(scope, fixture->catalog, water, S("rivers")));
    check_ok("found", scope, group_find(scope, fixture->catalog, S("rivers"), &found));
    check_int("the same", found, water);
    assert_int_equal(group_rename(scope, fixture->catalog, water, S("air")), ERR_CONFLICT);
    check_failure("taken", scope, ERR_CONFLICT, "air");
    assert_int_equal(group_rename(scope, fixture->catalog, water, S(" x")), ERR_USAGE);
    check_failure("blank", scope, ERR_USAGE, "name of a group");
    assert_int_equal(group_rename(scope, fixture->catalog, water + 100, S("sky")), ERR_NO_GROUP);
    check_failure("absent", scope, ERR_NO_GROUP, "no such group");
    access_close(office.access);
}

static size_t found(struct fixture *fixture, struct audit_filter filter, const struct audit_row **ret_rows)
{
    size_t count;
    check_ok("search", &fixture->scope,
             audit_search(&fixture->scope, fixture->identity, &filter, 10, ret_rows, &count));
    return count;
}

static void searches_the_audit_log(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    const struct audit_row *rows;
    struct actor key = {.kind = ACTOR_KEY, .name = S("ada"), .key = 7};
    struct actor ada = {.kind = ACTOR_SESSION, .name = S("ada")};
    struct actor adam = {.kind = ACTOR_SESSION, .name = S("adam")};
    const struct actor *who[] = {&key, &ada, &adam, &actor_anonymous, &ada};
    for (int i = 0; i < 5; i++) {
        str subject = str_printf(&scope->arena, "%d", i);
        pass(fixture, USEC_SECOND);
        audit_add(scope, fixture->identity, who[i], i == 3 ? NULL : &home, i % 2 ? "group.add" : "group.join",
                  subject, S(""));
    }
    check_int("all", (long long)found(fixture, (struct audit_filter){0}, &rows), 5);
    check_text("latest", rows[0].subject, S("4"));
    usec middle = rows[2].at;
    check_int("from", (long long)found(fixture, (struct audit_filter){.from = middle}, &rows), 3);
    check_int("until", (long long)found(fixture, (struct audit_filter){.until = middle}, &rows), 2);
    check_int("action", (long long)found(fixture, (struct audit_filter){.action = S("group.join")}, &rows), 3);
    check_int("family", (long long)found(fixture, (struct audit_filter){.action = S("group")}, &rows), 5);
    check_int("none", (long long)found(fixture, (struct audit_filter){.action = S("grou")}, &rows), 0);
    check_int("subject", (long long)found(fixture, (struct audit_filter){.subject = S("2")}, &rows), 1);
    check_int("network", (long long)found(fixture, (struct audit_filter){.network = home.network}, &rows), 4);
    check_int("datasets", (long long)found(fixture, (struct audit_filter){.of_datasets = true}, &rows), 0);
    check_int("person", (long long)found(fixture, (struct audit_filter){.actor = S("ada")}, &rows), 3);
    check_text("by a key", rows[2].actor, S("ada, key 7"));
    struct audit_filter next = {.actor = S("ada"), .before_at = rows[0].at, .before_id = rows[0].id};
    check_int("older", (long long)found(fixture, next, &rows), 2);
    check_text("older", rows[0].subject, S("1"));
    struct audit_filter both = {.actor = S("ada"), .action = S("group.join"), .from = 1, .until = INT64_MAX};
    check_int("all at once", (long long)found(fixture, both, &rows), 2);
}

static void names_all_actions(void **state)
{
    struct fixture *fixture = *state;
    struct arena *arena = &fixture->scope.arena;
    size_t count = 0;
    while (audit_action_key(count)) {
        const char *key = audit_action_key(count);
        assert_non_null(audit_documentation(str_from(key)));
        enum message message = message_find(str_printf(arena, "audit.%s", key));
        if (message == MESSAGE_NONE) {
            print_error("there is no message audit.%s\n", key);
        }
        assert_int_not_equal(message, MESSAGE_NONE);
        count++;
    }
    check_int("actions", (long long)count, AUDIT__COUNT);
    assert_null(audit_action_key(AUDIT__COUNT));
    assert_null(audit_action_key(SIZE_MAX));
}

static void sends_no_letter_without_a_relay(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct user user = user_of(fixture, invite(fixture, "ada", ROLE_READER));
    user.email = S("ada@example.org");
    str token = make_link(fixture, user.id);
    assert_int_equal(link_send(scope, fixture->identity, &user, token, HOUR, 0), ERR_REQUEST);
    check_failure("no relay", scope, ERR_REQUEST, "No mail");
}

int main(void)
{
    crypto_start();
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(lists_groups_of_a_user), IDENTITY_TEST(renames_groups),
        IDENTITY_TEST(searches_the_audit_log), IDENTITY_TEST(names_all_actions),
        IDENTITY_TEST(sends_no_letter_without_a_relay)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
