/* Sessions: two clocks, ends that stay ends, new ids, lists, messages. */
#include "fixture.h"

static void test_forms(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    str id = start_of(fixture, "ada", &home, false).id;
    const str bad[] = {
        S(""),
        STR_NONE,
        str_slice(id, 0, 31),
        str_slice(id, 0, 7),
        str_printf(&fixture->scope.arena, "%.*sa", STR_ARG(id)),
        str_printf(&fixture->scope.arena, "%.*s", STR_ARG(S("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"))),
        S("abcdefghijklmnopqrstuvwxyz01234\0"),
        S("abcdefghijklmnopqrstuvwxyz01234'"),
        S("abcdefghijklmnopqrstuvwxyz0123\xc3\xa9")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(session_id_is_valid(bad[i]));
        assert_false(find(fixture, bad[i], NULL));
        check_ok("end", &fixture->scope, session_end(&fixture->scope, fixture->identity, bad[i]));
    }
    str unknown = S("abcdefghijklmnopqrstuvwxyz012345");
    assert_true(session_id_is_valid(unknown));
    assert_false(find(fixture, unknown, NULL));
    check_ok("end", &fixture->scope, session_end(&fixture->scope, fixture->identity, unknown));
    /* Nothing of that made a row. */
    assert_int_equal(COUNT(fixture, "select count(*) from session"), 1);
    assert_int_equal(COUNT(fixture, "select count(*) from audit where action = 'sign_out'"), 0);
}

/* Ends by inactivity; each request puts it off. */
static void test_idle(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    for (int i = 0; i < 4; i++) {
        pass(fixture, SESSION_IDLE - 1);
        assert_true(find(fixture, start.id, NULL));
    }
    pass(fixture, SESSION_IDLE);
    assert_false(find(fixture, start.id, NULL));
    start = start_of(fixture, "ada", &home, true);
    pass(fixture, SESSION_REMEMBERED_IDLE - 1);
    assert_true(find(fixture, start.id, NULL));
    pass(fixture, SESSION_REMEMBERED_IDLE);
    assert_false(find(fixture, start.id, NULL));
}

/* Ends so long after sign-in, whatever happens; a proof of the password does not put it off. */
static void test_absolute(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    static const struct {
        bool remember;
        usec absolute;
    } cases[] = {{false, SESSION_ABSOLUTE}, {true, SESSION_REMEMBERED_ABSOLUTE}};
    add(fixture, "ada", ROLE_READER);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct session_start start = start_of(fixture, "ada", &home, cases[i].remember);
        bool right;
        for (int j = 0; j < 24; j++) {
            pass(fixture, cases[i].absolute / 24 - (j == 23));
            assert_true(find(fixture, start.id, NULL));
        }
        check_ok(
            "confirm", scope,
            session_confirm(scope, fixture->identity, &home, start.id, PHRASE, &right, &start));
        assert_true(right);
        assert_int_equal(start.max_age, 0);
        assert_true(find(fixture, start.id, NULL));
        pass(fixture, 1);
        assert_false(find(fixture, start.id, NULL));
    }
}

static void test_last_seen(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    pass(fixture, MINUTE - 1);
    find(fixture, start.id, NULL);
    assert_int_equal(COUNT(fixture, "select last_seen from session"), NOON);
    pass(fixture, 1);
    find(fixture, start.id, NULL);
    assert_int_equal(COUNT(fixture, "select last_seen from session"), NOON + MINUTE);
}

static void test_sign_out(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    struct session session = session_of(fixture, start.id);
    check_ok("end", scope, session_end(scope, fixture->identity, start.id));
    check_audit(fixture, "ada", "sign_out", "", "");
    assert_false(find(fixture, start.id, NULL));
    /* Changes that come late do not bring it back. */
    struct session_start again;
    bool right = true;
    check_ok("flash", scope, session_set_flash(scope, fixture->identity, session.row, S("late")));
    assert_int_equal(session_renew(scope, fixture->identity, start.id, &again), ERR_NO_SESSION);
    scope_forgive(scope);
    assert_int_equal(
        session_confirm(scope, fixture->identity, &home, start.id, PHRASE, &right, &again),
        ERR_NO_SESSION);
    scope_forgive(scope);
    assert_false(right);
    assert_int_equal(COUNT(fixture, "select count(*) from session"), 0);
}

static void test_confirm(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, true);
    struct session before = session_of(fixture, start.id);
    struct session_start again = {0};
    bool right = true;
    pass(fixture, HOUR);
    check_ok("wrong", scope,
             session_confirm(scope, fixture->identity, &home, start.id, S("no, no, no, no"), &right,
                             &again));
    assert_false(right);
    check_audit(fixture, "ada", "session.confirm_refused", "", "");
    assert_int_equal(session_of(fixture, start.id).actor.authenticated, NOON);
    check_ok("right", scope,
             session_confirm(scope, fixture->identity, &home, start.id, PHRASE, &right, &again));
    assert_true(right);
    check_audit(fixture, "ada", "session.confirm", "", "");
    assert_false(str_eq(start.id, again.id));
    assert_int_equal(again.max_age, 14 * 86400);
    assert_false(find(fixture, start.id, NULL));
    struct session after = session_of(fixture, again.id);
    assert_int_equal(after.row, before.row);
    assert_int_equal(after.actor.authenticated, NOON + HOUR);
    /* Throttled as sign-ins are. */
    for (int i = 0; i < 3; i++) {
        check_ok(
            "wrong", scope,
            session_confirm(scope, fixture->identity, &home, again.id, S("no"), &right, &start));
    }
    check_ok("waits", scope,
             session_confirm(scope, fixture->identity, &home, again.id, PHRASE, &right, &start));
    assert_false(right);
    assert_true(find(fixture, again.id, NULL));
}

static void test_renew(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    struct session_start again = {0};
    pass(fixture, HOUR);
    check_ok("renew", scope, session_renew(scope, fixture->identity, start.id, &again));
    assert_false(find(fixture, start.id, NULL));
    assert_int_equal(session_of(fixture, again.id).actor.authenticated,
                     NOON); /* it proves nothing */
    pass(fixture, SESSION_ABSOLUTE);
    assert_int_equal(session_renew(scope, fixture->identity, again.id, &start), ERR_NO_SESSION);
}

static void test_list(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    int64_t bob = add(fixture, "bob", ROLE_READER);
    struct actor self = actor_of(&(struct user){.id = id, .name = S("ada")});
    start_of(fixture, "bob", &home, false);
    start_of(fixture, "ada", &abroad, false); /* will have expired */
    pass(fixture, 3 * HOUR);
    struct session_start first = start_of(fixture, "ada", &home, false);
    pass(fixture, MINUTE);
    struct session_start second = start_of(fixture, "ada", &abroad, true);
    pass(fixture, MINUTE);
    struct session current = session_of(fixture, first.id);
    const struct session_row *rows;
    size_t count;
    check_ok("list", scope, session_list(scope, fixture->identity, id, current.row, &rows, &count));
    assert_int_equal(count, 2);
    check_text("label", rows[0].label, S("Firefox on Linux"));
    check_text("network", rows[0].network, S("192.0.2.0/24"));
    assert_true(rows[0].is_current && !rows[1].is_current);
    assert_int_equal(rows[0].created, NOON + 3 * HOUR);
    assert_int_equal(rows[0].last_seen, fixture->now);
    assert_int_equal(rows[0].expires, fixture->now + SESSION_IDLE);
    check_text("label", rows[1].label, S("curl"));

    /* One of somebody else cannot be ended by its row. */
    assert_int_equal(session_end_row(scope, fixture->identity, &self, bob, rows[1].row),
                     ERR_NO_SESSION);
    scope_forgive(scope);
    check_ok("end", scope, session_end_row(scope, fixture->identity, &self, id, rows[1].row));
    check_audit(fixture, "ada", "session.end", "ada", "1");
    assert_false(find(fixture, second.id, NULL));
    assert_int_equal(session_end_row(scope, fixture->identity, &self, id, rows[1].row),
                     ERR_NO_SESSION);
    scope_forgive(scope);
    assert_true(find(fixture, first.id, NULL));
}

static void test_end_others(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    add(fixture, "bob", ROLE_READER);
    struct session_start bob = start_of(fixture, "bob", &home, false);
    struct session_start kept = start_of(fixture, "ada", &home, false);
    struct session_start ended = start_of(fixture, "ada", &home, false);
    struct session session = session_of(fixture, kept.id);
    int64_t count;
    check_ok("others", scope,
             session_end_others(scope, fixture->identity, &session.actor, id, session.row, &count));
    assert_int_equal(count, 1);
    assert_true(find(fixture, kept.id, NULL));
    assert_false(find(fixture, ended.id, NULL));
    check_ok("all", scope,
             session_end_others(scope, fixture->identity, &actor_command_line, id, 0, &count));
    assert_int_equal(count, 1);
    check_audit(fixture, "command line", "session.end", "ada", "1");
    assert_false(find(fixture, kept.id, NULL));
    assert_true(find(fixture, bob.id, NULL));
}

static void test_password_change(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct identity *identity = fixture->identity;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct session_start kept = start_of(fixture, "ada", &home, false);
    struct session_start other = start_of(fixture, "ada", &home, true);
    struct actor actor = session_of(fixture, kept.id).actor;
    str token = make_link(fixture, id);
    str next = S("another phrase altogether");
    pass(fixture, MINUTE);
    assert_int_equal(user_change_password(scope, identity, &home, &actor, S("wrong"), next),
                     ERR_DENIED);
    scope_forgive(scope);
    check_audit(fixture, "ada", "password.change_refused", "ada", "");
    assert_int_equal(user_change_password(scope, identity, &home, &actor, PHRASE, S("short")),
                     ERR_REQUEST);
    check_failure("short", scope, ERR_REQUEST, "at least 12");
    assert_true(find(fixture, other.id, NULL));
    check_ok("change", scope, user_change_password(scope, identity, &home, &actor, PHRASE, next));
    check_audit(fixture, "ada", "password.change", "ada", "");
    assert_true(find(fixture, kept.id, NULL));
    assert_false(find(fixture, other.id, NULL));
    struct user user;
    assert_int_equal(link_find(scope, identity, token, &user), ERR_NO_LINK);
    scope_forgive(scope);
    assert_int_equal(user_of(fixture, id).password_changed, fixture->now);
    check_int("old", enter(fixture, "ada", PHRASE, &home), SIGN_IN_REFUSED);
    check_int("new", enter(fixture, "ada", next, &home), SIGN_IN_DONE);
    /* Neither a key nor somebody who guesses too often. */
    struct actor key = actor;
    key.kind = ACTOR_KEY;
    assert_int_equal(user_change_password(scope, identity, &home, &key, next, PHRASE), ERR_DENIED);
    scope_forgive(scope);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(user_change_password(scope, identity, &home, &actor, S("x"), PHRASE),
                         ERR_DENIED);
        scope_forgive(scope);
    }
    assert_int_equal(user_change_password(scope, identity, &home, &actor, next, PHRASE),
                     ERR_THROTTLED);
}

static void test_flash(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    struct session session = session_of(fixture, start.id);
    str text;
    check_text("none", session.flash, S(""));
    check_ok("set", scope,
             session_set_flash(scope, fixture->identity, session.row, S("Gespeichert: é")));
    check_text("seen", session_of(fixture, start.id).flash, S("Gespeichert: é"));
    check_ok("take", scope, session_take_flash(scope, fixture->identity, session.row, &text));
    check_text("taken", text, S("Gespeichert: é"));
    check_ok("take", scope, session_take_flash(scope, fixture->identity, session.row, &text));
    check_text("once", text, S(""));
}

static void test_groups(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct db_lease *lease;
    check_ok("lease", scope, db_lease(scope, fixture->identity->db, &lease));
    for (int group = 11; group > 8; group--) {
        check_ok("group", scope,
                 DB_RUN(scope, lease, "insert into user_group values (?, ?, 0)", cell_int(group),
                     cell_text(str_printf(&scope->arena, "group %d", group))));
        check_ok("member", scope,
                 DB_RUN(scope, lease, "insert into user_group_member values (?, ?)", cell_int(group),
                     cell_int(id)));
    }
    db_release(lease);
    struct session_start start = start_of(fixture, "ada", &home, false);
    struct actor actor = session_of(fixture, start.id).actor;
    assert_int_equal(actor.group_count, 3);
    assert_int_equal(actor.groups[0], 9);
    assert_int_equal(actor.groups[2], 11);
}

static void test_upkeep(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    start_of(fixture, "ada", &home, false);
    struct session_start kept = start_of(fixture, "ada", &home, true);
    pass(fixture, SESSION_IDLE);
    identity_upkeep(&fixture->scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    assert_int_equal(COUNT(fixture, "select count(*) from session"), 1);
    assert_true(find(fixture, kept.id, NULL));
    int64_t rows = COUNT(fixture, "select count(*) from audit");
    pass(fixture, 91 * DAY);
    identity_upkeep(&fixture->scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    assert_int_equal(COUNT(fixture, "select count(*) from login_history"), 0);
    assert_int_equal(COUNT(fixture, "select count(*) from audit"), rows);
    pass(fixture, 275 * DAY);
    struct db_lease *lease;
    check_ok("lease", &fixture->scope, db_lease(&fixture->scope, fixture->identity->db, &lease));
    check_ok("many", &fixture->scope,
             db_script(&fixture->scope, lease,
                       "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500)"
                       " insert into audit (at, actor, action, subject, detail, network)"
                       " select i, '', 'sign_in.refused', '', '', '' from n"));
    db_release(lease);
    identity_upkeep(&fixture->scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    assert_int_equal(COUNT(fixture, "select count(*) from audit"), 0);
}

static void test_audit(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    const struct audit_row *rows;
    size_t count;
    struct actor key = {.kind = ACTOR_KEY, .name = S("ada"), .key = 7};
    for (int i = 0; i < 5; i++) {
        audit_add(scope, fixture->identity, &key, &home, "user.profile",
                  str_printf(&scope->arena, "subject %d", i), S("detail"));
    }
    audit_add(scope, fixture->identity, NULL, NULL, "user.profile", STR_NONE, STR_NONE);
    check_ok("list", scope, audit_search(scope, fixture->identity, &(struct audit_filter){0}, 4, &rows, &count));
    assert_int_equal(count, 4);
    check_text("actor", rows[0].actor, S(""));
    check_text("actor", rows[1].actor, S("ada, key 7"));
    check_text("network", rows[1].network, S("192.0.2.0/24"));
    check_text("subject", rows[3].subject, S("subject 2"));
    struct audit_filter older = {.before_at = rows[3].at, .before_id = rows[3].id};
    check_ok("rest", scope,
             audit_search(scope, fixture->identity, &older, 4, &rows, &count));
    assert_int_equal(count, 2);
    check_text("last", rows[1].subject, S("subject 0"));
    assert_null(audit_documentation(S("nothing")));
}

/* While another process holds the catalogue, sessions are found all the same. */
static void test_locked(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    struct db_lease *lease;
    check_ok("lease", scope, db_lease(scope, fixture->identity->db, &lease));
    check_ok("hold", scope, db_script(scope, lease, "begin immediate"));
    pass(fixture, MINUTE - 1);
    assert_true(find(fixture, start.id, NULL));
    db_release(lease);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_forms),      IDENTITY_TEST(test_idle),
        IDENTITY_TEST(test_absolute),   IDENTITY_TEST(test_last_seen),
        IDENTITY_TEST(test_sign_out),   IDENTITY_TEST(test_confirm),
        IDENTITY_TEST(test_renew),      IDENTITY_TEST(test_list),
        IDENTITY_TEST(test_end_others), IDENTITY_TEST(test_password_change),
        IDENTITY_TEST(test_flash),      IDENTITY_TEST(test_groups),
        IDENTITY_TEST(test_upkeep),     IDENTITY_TEST(test_audit),
        IDENTITY_TEST(test_locked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
