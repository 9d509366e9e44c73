/* The second factor: in force only after a right code, no code twice, recovery codes once each. */
#include "fixture.h"

#include "platform/crypto/totp.h"

struct factor {
    struct actor actor;
    str secret;
    str recovery[RECOVERY_CODES];
};

static str code_at(struct fixture *fixture, str secret, usec at)
{
    uint8_t bytes[TOTP_SECRET_BYTES];
    assert_true(base32_decode(secret, bytes, sizeof(bytes)));
    return totp_code(&fixture->scope.arena, bytes, at);
}

static struct factor enable(struct fixture *fixture, const char *name)
{
    struct factor factor = {
        .actor = session_of(fixture, start_of(fixture, name, &home, false).id).actor};
    factor.secret = second_factor_secret(&fixture->scope.arena);
    check_ok("enable", &fixture->scope,
             second_factor_enable(&fixture->scope, fixture->identity, &factor.actor, factor.secret,
                                  code_at(fixture, factor.secret, fixture->now), factor.recovery));
    return factor;
}

static str pending_of(struct fixture *fixture, const char *name, bool remember)
{
    struct sign_in given = {
        .name = str_from(name), .password = PHRASE, .remember = remember, .origin = home};
    struct session_start start;
    str pending = S("");
    check_int("needs code", enter_with(fixture, &given, STR_NONE, &start, &pending),
              SIGN_IN_NEEDS_CODE);
    assert_true(pending.n > 0);
    return pending;
}

static enum sign_in_result prove_from(struct fixture *fixture, str pending, str code,
                                      const struct origin *origin, struct session_start *ret_start)
{
    struct sign_in given = {.code = code, .origin = *origin};
    struct session_start start;
    enum sign_in_result result;
    check_ok("code", &fixture->scope,
             sign_in_code(&fixture->scope, fixture->identity, pending, &given, STR_NONE, &result,
                          ret_start ? ret_start : &start));
    return result;
}

static enum sign_in_result prove(struct fixture *fixture, str pending, str code)
{
    return prove_from(fixture, pending, code, &home, NULL);
}

static void test_enable(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct actor actor = session_of(fixture, start_of(fixture, "ada", &home, false).id).actor;
    str recovery[RECOVERY_CODES];
    str secret = second_factor_secret(&scope->arena);
    assert_int_equal(secret.n, 32);
    assert_false(str_eq(secret, second_factor_secret(&scope->arena)));
    str right = code_at(fixture, secret, fixture->now);
    str wrong = str_copy(&scope->arena, right);
    ((char *)(uintptr_t)wrong.p)[0] = right.p[0] == '9' ? '0' : right.p[0] + 1;
    const struct {
        str secret, code;
    } bad[] = {{secret, wrong}, {secret, S("")}, {S(""), right}, {S("no base32"), right}};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(second_factor_enable(scope, fixture->identity, &actor, bad[i].secret,
                                              bad[i].code, recovery),
                         ERR_DENIED);
        scope_forgive(scope);
    }
    assert_false(user_of(fixture, id).has_second_factor);
    str spaced = str_printf(&scope->arena, "%.3s %.3s", right.p, right.p + 3);
    check_ok("enable", scope,
             second_factor_enable(scope, fixture->identity, &actor, secret, spaced, recovery));
    check_audit(fixture, "ada", "second_factor.on", "ada", "");
    assert_true(user_of(fixture, id).has_second_factor);
    for (int i = 0; i < RECOVERY_CODES; i++) {
        assert_int_equal(recovery[i].n, 14);
        for (int j = 0; j < i; j++) {
            assert_false(str_eq(recovery[i], recovery[j]));
        }
    }
    /* The code that put it in force does not sign in as well. */
    str pending = pending_of(fixture, "ada", false);
    check_int("again", prove(fixture, pending, right), SIGN_IN_WRONG_CODE);
}

static void test_sign_in(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    pass(fixture, MINUTE);
    check_int("wrong password", enter(fixture, "ada", S("no, no, no, no"), &home), SIGN_IN_REFUSED);
    int64_t sessions = COUNT(fixture, "select count(*) from session");
    str pending = pending_of(fixture, "ada", true);
    assert_int_equal(COUNT(fixture, "select count(*) from session"), sessions);
    assert_false(find(fixture, pending, NULL));
    check_int("wrong", prove(fixture, pending, S("000000")), SIGN_IN_WRONG_CODE);
    check_audit(fixture, "", "sign_in.refused", "ada", "code");
    str code = code_at(fixture, factor.secret, fixture->now);
    struct session_start start = {0};
    check_int("right", prove_from(fixture, pending, code, &home, &start), SIGN_IN_DONE);
    assert_int_equal(start.max_age, 14 * 86400); /* "remember me" came through the pending proof */
    assert_true(find(fixture, start.id, NULL));
    check_int("replayed", prove(fixture, pending, code), SIGN_IN_WRONG_CODE);
    check_int("older",
              prove(fixture, pending, code_at(fixture, factor.secret, fixture->now - MINUTE / 2)),
              SIGN_IN_WRONG_CODE);
    pass(fixture, MINUTE);
    /* All at once, as a program may. */
    struct sign_in given = {.name = S("ada"), .password = PHRASE, .origin = home};
    given.code = code_at(fixture, factor.secret, fixture->now);
    check_int("at once", enter_with(fixture, &given, STR_NONE, &start, &pending), SIGN_IN_DONE);
    assert_true(find(fixture, start.id, NULL));
    given.code = S("123");
    check_int("wrong at once", enter_with(fixture, &given, STR_NONE, &start, &pending),
              SIGN_IN_WRONG_CODE);
}

static void test_pending(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    pass(fixture, MINUTE);
    str pending = pending_of(fixture, "ada", false);
    str code = code_at(fixture, factor.secret, fixture->now);
    for (size_t i = 0; i < pending.n; i++) {
        str changed = exact_copy(pending);
        char *at = (char *)(uintptr_t)changed.p + i;
        *at = *at == 'A' ? 'B' : 'A';
        check_int("changed", prove(fixture, changed, code), SIGN_IN_REFUSED);
        exact_free(changed);
    }
    check_int("empty", prove(fixture, S(""), code), SIGN_IN_REFUSED);
    check_int("binary", prove(fixture, S("\xff\0"), code), SIGN_IN_REFUSED);
    pass(fixture, 5 * MINUTE);
    code = code_at(fixture, factor.secret, fixture->now);
    check_int("late", prove(fixture, pending, code), SIGN_IN_REFUSED);
    pending = pending_of(fixture, "ada", false);
    set_password(fixture, id, PHRASE); /* the epoch changes */
    check_int("password changed", prove(fixture, pending, code), SIGN_IN_REFUSED);
    pending = pending_of(fixture, "ada", false);
    check_ok("disable", scope,
             user_set_active(scope, fixture->identity, &actor_command_line, id, false));
    check_int("disabled", prove(fixture, pending, code), SIGN_IN_REFUSED);
}

static void test_recovery(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    add(fixture, "bob", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    struct factor bob = enable(fixture, "bob");
    str pending = pending_of(fixture, "ada", false);
    check_int("of another", prove(fixture, pending, bob.recovery[0]), SIGN_IN_WRONG_CODE);
    check_int("right", prove(fixture, pending, factor.recovery[0]), SIGN_IN_DONE);
    assert_int_equal(COUNT(fixture,
                           "select count(*) from audit where action = 'second_factor.recovery'"
                           " and detail = '9 left'"),
                     1);
    check_int("once", prove(fixture, pending, factor.recovery[0]), SIGN_IN_WRONG_CODE);
    str plain = str_printf(&scope->arena, " %.4s%.4s %.4s", factor.recovery[1].p,
                           factor.recovery[1].p + 5, factor.recovery[1].p + 10);
    for (size_t i = 0; i < plain.n; i++) {
        char *c = (char *)(uintptr_t)plain.p + i;
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
    }
    check_int("as people type", prove(fixture, pending, plain), SIGN_IN_DONE);
    str fresh[RECOVERY_CODES];
    check_ok("new ones", scope,
             second_factor_recovery(scope, fixture->identity, &factor.actor, fresh));
    check_audit(fixture, "ada", "second_factor.codes", "ada", "");
    check_int("old", prove(fixture, pending, factor.recovery[2]), SIGN_IN_WRONG_CODE);
    check_int("new", prove(fixture, pending, fresh[0]), SIGN_IN_DONE);
}

/* What somebody opened while the password alone was enough does not outlive that. */
static void test_sessions_end(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    str other = start_of(fixture, "ada", &abroad, true).id;
    str own = start_of(fixture, "ada", &home, false).id;
    struct actor actor = session_of(fixture, own).actor;
    str secret = second_factor_secret(&scope->arena);
    str recovery[RECOVERY_CODES];
    check_ok("enable", scope,
             second_factor_enable(scope, fixture->identity, &actor, secret,
                                  code_at(fixture, secret, fixture->now), recovery));
    assert_false(find(fixture, other, NULL));
    assert_true(session_of(fixture, own).has_second_factor);
    check_ok("disable", scope, second_factor_disable(scope, fixture->identity, &actor, id));
    assert_false(session_of(fixture, own).has_second_factor);
    check_ok("disable", scope,
             second_factor_disable(scope, fixture->identity, &actor_command_line, id));
    assert_false(find(fixture, own, NULL));
}

static void test_disable(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    /* A reset by link leaves it in force. */
    set_password(fixture, id, PHRASE);
    str pending = pending_of(fixture, "ada", false);
    check_ok("disable", scope,
             second_factor_disable(scope, fixture->identity, &actor_command_line, id));
    check_audit(fixture, "command line", "second_factor.off", "ada", "");
    assert_false(user_of(fixture, id).has_second_factor);
    check_int("pending", prove(fixture, pending, factor.recovery[0]), SIGN_IN_REFUSED);
    check_int("without", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
    str fresh[RECOVERY_CODES];
    assert_int_equal(second_factor_recovery(scope, fixture->identity, &factor.actor, fresh),
                     ERR_DENIED);
    scope_forgive(scope);
    assert_int_equal(second_factor_disable(scope, fixture->identity, &actor_command_line, 999),
                     ERR_NO_USER);
}

/* Who has the password cannot try all codes. */
static void test_waits(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    pass(fixture, MINUTE);
    str pending = pending_of(fixture, "ada", false);
    for (int i = 0; i < 3; i++) {
        check_int("wrong", prove_from(fixture, pending, S("000000"), &abroad, NULL),
                  SIGN_IN_WRONG_CODE);
    }
    str code = code_at(fixture, factor.secret, fixture->now);
    check_int("waits", prove_from(fixture, pending, code, &abroad, NULL), SIGN_IN_WRONG_CODE);
    /* Whose mail is read by others is not exposed to more guesses by links that are used. */
    check_ok("link", &fixture->scope,
             link_use(&fixture->scope, fixture->identity, &abroad, make_link(fixture, id), PHRASE));
    pending = pending_of(fixture, "ada", false);
    check_int("still waits", prove_from(fixture, pending, code, &abroad, NULL), SIGN_IN_WRONG_CODE);
    /* Not so on the owner's device. */
    check_int("at home", prove(fixture, pending, code), SIGN_IN_DONE);
}

static void test_sealed(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    int64_t bob = add(fixture, "bob", ROLE_READER);
    struct factor factor = enable(fixture, "ada");
    bool found;
    struct account account;
    check_ok("load", scope, account_load(scope, fixture->identity, id, &found, &account));
    assert_true(str_find(account.second_factor, factor.secret, 0) == SIZE_MAX);
    /* The sealed secret of one user is of no use in the row of another. */
    struct db_lease *lease;
    check_ok("lease", scope, db_lease(scope, fixture->identity->db, &lease));
    check_ok("copy", scope,
             DB_RUN(scope, lease,
                 "update user set second_factor = (select second_factor from user"
                 " where id = ?) where id = ?",
                 cell_int(id), cell_int(bob)));
    db_release(lease);
    pass(fixture, MINUTE);
    str code = code_at(fixture, factor.secret, fixture->now);
    check_int("copied", prove(fixture, pending_of(fixture, "bob", false), code),
              SIGN_IN_WRONG_CODE);

    /* A new master key: sealed again while the former one is there. */
    const char *master = str_printf(&scope->arena, "%s/secrets/master", fixture->data).p;
    const char *former = str_printf(&scope->arena, "%s.former", master).p;
    close_identity(fixture);
    assert_int_equal(rename(master, former), 0);
    open_identity(fixture);
    check_int("former", prove(fixture, pending_of(fixture, "ada", false), code), SIGN_IN_DONE);
    check_int("former recovery code",
              prove(fixture, pending_of(fixture, "ada", false), factor.recovery[0]), SIGN_IN_DONE);
    close_identity(fixture);
    assert_int_equal(unlink(former), 0);
    open_identity(fixture);
    pass(fixture, MINUTE);
    code = code_at(fixture, factor.secret, fixture->now);
    check_int("new", prove(fixture, pending_of(fixture, "ada", false), code), SIGN_IN_DONE);
}

static void test_address(void **state)
{
    struct fixture *fixture = *state;
    str address =
        second_factor_address(&fixture->scope.arena, S("Open data & more"), S("ada@example.org"),
                              S("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    check_text(
        "address", address,
        S("otpauth://totp/Open%20data%20%26%20more:ada%40example.org?secret="
          "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Open%20data%20%26%20more&algorithm=SHA1&digits=6"
          "&period=30"));
    assert_true(str_starts(second_factor_svg(&fixture->scope.arena, address), S("<svg ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_enable),   IDENTITY_TEST(test_sign_in), IDENTITY_TEST(test_pending),
        IDENTITY_TEST(test_recovery), IDENTITY_TEST(test_sessions_end),
 IDENTITY_TEST(test_disable), IDENTITY_TEST(test_waits),
        IDENTITY_TEST(test_sealed),   IDENTITY_TEST(test_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
