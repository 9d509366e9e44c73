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

static void searches_the_audit_log(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    const struct audit_row *rows;
    size_t count;
    int64_t oldest;
    for (int i = 0; i < 5; i++) {
        str subject = str_printf(&scope->arena, "%d", i);
        audit_add(scope, fixture->identity, &actor_anonymous, &home, i % 2 ? "group.add" : "group.join",
                  subject, S(""));
    }
    check_ok("all", scope, audit_search(scope, fixture->identity, S(""), 0, 10, &rows, &count, &oldest));
    check_int("all", (long long)count, 5);
    check_ok("some", scope,
             audit_search(scope, fixture->identity, S("group.join"), 0, 2, &rows, &count, &oldest));
    check_int("some", (long long)count, 2);
    check_text("latest", rows[0].subject, S("4"));
    check_text("next", rows[1].subject, S("2"));
    check_int("oldest", oldest, rows[1].id);
    check_ok("rest", scope,
             audit_search(scope, fixture->identity, S("group.join"), oldest, 2, &rows, &count, &oldest));
    check_int("rest", (long long)count, 1);
    check_text("first", rows[0].subject, S("0"));
    check_ok("none", scope,
             audit_search(scope, fixture->identity, S("group"), 0, 2, &rows, &count, &oldest));
    check_int("none", (long long)count, 0);
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
