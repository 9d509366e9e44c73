/* Signing in: what is told apart and what is not, and waits that grow without locking anybody out.
 */
#include "fixture.h"

#include <pthread.h>

static void test_outcomes(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_READER);
    invite(fixture, "invited", ROLE_READER);
    check_int("right", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
    check_audit(fixture, "ada", "sign_in", "", "");
    check_int("any case", enter(fixture, "ADA", PHRASE, &home), SIGN_IN_DONE);
    check_int("wrong", enter(fixture, "ada", S("a phrase long enougH"), &home), SIGN_IN_REFUSED);
    check_audit(fixture, "", "sign_in.refused", "ada", "");
    check_int("unknown", enter(fixture, "nobody", PHRASE, &home), SIGN_IN_REFUSED);
    check_audit(fixture, "", "sign_in.refused", "", "");
    check_int("no password yet", enter(fixture, "invited", S(""), &home), SIGN_IN_REFUSED);
    check_int("empty", enter(fixture, "", S(""), &home), SIGN_IN_REFUSED);
    check_ok("disable", &fixture->scope,
             user_set_active(&fixture->scope, fixture->identity, &actor_command_line, id, false));
    check_int("inactive", enter(fixture, "ada", PHRASE, &home), SIGN_IN_REFUSED);
}

static void test_bad_input(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    const size_t size = 300000;
    char *large = malloc(size);
    memset(large, 'a', size);
    struct sign_in given = {.name = {large, size}, .password = {large, size}, .origin = home};
    struct session_start start;
    str pending;
    check_int("large", enter_with(fixture, &given, (str){large, size}, &start, &pending),
              SIGN_IN_REFUSED);
    given = (struct sign_in){
        .name = S("ad\xff\0"), .password = S("\xff\0"), .code = {large, size}, .origin = home};
    check_int("binary", enter_with(fixture, &given, S("\xff"), &start, &pending), SIGN_IN_REFUSED);
    given = (struct sign_in){
        .name = S("ada"), .password = PHRASE, .code = {large, size}, .origin = home};
    check_int("code not asked", enter_with(fixture, &given, STR_NONE, &start, &pending),
              SIGN_IN_DONE);
    free(large);
}

static void test_session_start(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_PUBLISHER);
    struct session_start first = start_of(fixture, "ada", &home, false);
    assert_int_equal(first.id.n, 32);
    assert_true(session_id_is_valid(first.id));
    assert_int_equal(first.max_age, 0);
    assert_int_equal(first.user, id);
    assert_false(first.is_new_device); /* there was none before */
    struct session session = session_of(fixture, first.id);
    check_text("label", session.label, S("Firefox on Linux"));
    assert_false(session.actor.has_second_factor);
    assert_int_equal(session.actor.kind, ACTOR_SESSION);
    assert_int_equal(session.actor.user, id);
    check_text("name", session.actor.name, S("ada"));
    assert_int_equal(session.actor.role, ROLE_PUBLISHER);
    assert_int_equal(session.actor.scopes, SCOPE_ALL);
    assert_int_equal(session.actor.authenticated, fixture->now);
    assert_int_equal(session.actor.session, session.row);

    struct session_start second = start_of(fixture, "ada", &abroad, true);
    assert_false(str_eq(first.id, second.id));
    assert_int_equal(second.max_age, 14 * 86400);
    assert_true(second.is_new_device);
    check_audit(fixture, "ada", "sign_in", "", "new device");
    assert_true(session_of(fixture, second.id).remembered);
    assert_true(find(fixture, first.id, NULL));
    assert_false(start_of(fixture, "ada", &abroad, false).is_new_device);
}

/* The id that the browser had is never taken over, and its session ends. */
static void test_previous(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    add(fixture, "bob", ROLE_READER);
    struct session_start first = start_of(fixture, "ada", &home, false);
    struct sign_in given = {.name = S("bob"), .password = S("wrong, wrong"), .origin = home};
    struct session_start start = {0};
    str pending;
    check_int("refused", enter_with(fixture, &given, first.id, &start, &pending), SIGN_IN_REFUSED);
    assert_true(find(fixture, first.id, NULL));
    given.password = PHRASE;
    check_int("done", enter_with(fixture, &given, first.id, &start, &pending), SIGN_IN_DONE);
    assert_false(str_eq(start.id, first.id));
    assert_false(find(fixture, first.id, NULL));
    str planted = S("abcdefghijklmnopqrstuvwxyz012345");
    check_int("planted", enter_with(fixture, &given, planted, &start, &pending), SIGN_IN_DONE);
    assert_false(str_eq(start.id, planted));
    assert_false(find(fixture, planted, NULL));
}

static void test_many_sessions(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    struct session_start first = start_of(fixture, "ada", &home, false);
    for (int i = 0; i < SESSIONS_MOST; i++) {
        pass(fixture, USEC_SECOND);
        assert_true(i < SESSIONS_MOST - 1 ? find(fixture, first.id, NULL) : true);
        start_of(fixture, "ada", &home, false);
    }
    assert_false(find(fixture, first.id, NULL));
    assert_int_equal(COUNT(fixture, "select count(*) from session"), SESSIONS_MOST);
}

/* ---- waits ---- */

#define WRONG S("not the right phrase")

/* Two failures are free; each further one doubles the wait. */
static void test_account_waits(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    enter(fixture, "ada", WRONG, &abroad);
    enter(fixture, "ada", WRONG, &abroad);
    usec wait = USEC_SECOND;
    for (int i = 0; i < 14; i++) {
        check_int("wrong", enter(fixture, "ada", WRONG, &abroad), SIGN_IN_REFUSED);
        int64_t rows =
            COUNT(fixture, "select count(*) from audit where action = 'sign_in.refused'");
        pass(fixture, wait - 1);
        /* It must wait: the right password is refused too, and that costs no longer wait. */
        check_int("waits", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
        check_int("not counted",
                  COUNT(fixture, "select count(*) from audit where action = 'sign_in.refused'"),
                  rows);
        pass(fixture, 1);
        wait = wait * 2 < 15 * MINUTE ? wait * 2 : 15 * MINUTE;
    }
    check_int("after the wait", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_DONE);
    enter(fixture, "ada", WRONG, &abroad);
    check_int("begins anew", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_DONE);
}

static void fail_often(struct fixture *fixture, const char *name, const struct origin *origin)
{
    for (int i = 0; i < 20; i++) {
        enter(fixture, name, WRONG, origin);
        pass(fixture, 15 * MINUTE);
    }
    enter(fixture, name, WRONG, origin);
}

static bool has_waiting_counter(struct fixture *fixture, int64_t longer_than)
{
    return COUNT(fixture, "select count(*) from throttle where until > ?",
                 cell_instant(fixture->now + longer_than)) > 0;
}

/* Names that are nobody's are throttled alike, in any form of the same name. */
static void test_unknown_waits(void **state)
{
    struct fixture *fixture = *state;
    static const char *const forms[] = {"nobody", "NOBODY", "Nobódy"};
    for (int i = 0; i < 3; i++) {
        enter(fixture, forms[i], WRONG, &abroad);
    }
    assert_int_equal(COUNT(fixture, "select max(failures) from throttle"), 3);
    enter(fixture, "nobody", WRONG, &abroad);
    assert_int_equal(COUNT(fixture, "select max(failures) from throttle"), 3); /* it had to wait */
    assert_true(has_waiting_counter(fixture, 0));
}

/* Strangers make the account wait, but not the device from which its owner signed in before. */
static void test_known_device(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    start_of(fixture, "ada", &home, false);
    fail_often(fixture, "ada", &abroad);
    check_int("from a new device", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
    check_int("from the known one", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
    /* The owner's success does not help the strangers. */
    check_int("still", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
    /* The known device has a counter of its own. */
    for (int i = 0; i < 3; i++) {
        enter(fixture, "ada", WRONG, &home);
    }
    check_int("waits", enter(fixture, "ada", PHRASE, &home), SIGN_IN_REFUSED);
    pass(fixture, USEC_SECOND);
    check_int("for a second", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
}

/* Another user in the same network with the same browser is not a known device. */
static void test_device_is_of_user(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    add(fixture, "bob", ROLE_READER);
    start_of(fixture, "bob", &home, false);
    for (int i = 0; i < 3; i++) {
        enter(fixture, "ada", WRONG, &home);
    }
    check_int("waits", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
}

/* Many names from one network: it waits as a whole, and others of it that are known do not. */
static void test_network_waits(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    add(fixture, "bob", ROLE_READER);
    start_of(fixture, "bob", &abroad, false);
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "name%d", i);
        enter(fixture, name, WRONG, &abroad);
    }
    assert_true(has_waiting_counter(fixture, 0));
    check_int("same network", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
    check_int("other network", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
    check_int("known in it", enter(fixture, "bob", PHRASE, &abroad), SIGN_IN_DONE);
}

/* A success takes back its own count of the network, and no more. */
static void test_network_success(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof(name), "user%d", i);
        add(fixture, name, ROLE_READER);
        check_int(name, enter(fixture, name, PHRASE, &abroad), SIGN_IN_DONE);
    }
    assert_int_equal(COUNT(fixture, "select coalesce(max(failures), 0) from throttle"), 0);
    enter(fixture, "nobody", WRONG, &abroad);
    add(fixture, "ada", ROLE_READER);
    enter(fixture, "ada", PHRASE, &abroad);
    assert_int_equal(COUNT(fixture, "select max(failures) from throttle"), 1);
}

static void test_waits_survive(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    fail_often(fixture, "ada", &abroad);
    close_identity(fixture);
    open_identity(fixture);
    check_int("waits", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
    /* A clock that is set back by a year keeps nobody out. */
    pass(fixture, -365 * DAY);
    check_int("earlier", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_DONE);
}

static void test_waits_end(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_READER);
    fail_often(fixture, "ada", &abroad);
    assert_true(has_waiting_counter(fixture, 14 * MINUTE));
    assert_false(has_waiting_counter(fixture, 15 * MINUTE));
    /* A link used ends the waits. */
    set_password(fixture, id, PHRASE);
    check_int("after a link", enter(fixture, "ada", PHRASE, &desk), SIGN_IN_DONE);
    check_int("the network", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_REFUSED);
    pass(fixture, USEC_SECOND);
    check_int("the account", enter(fixture, "ada", PHRASE, &abroad), SIGN_IN_DONE);
    fail_often(fixture, "bob", &abroad);
    pass(fixture, DAY + 1);
    enter(fixture, "bob", WRONG, &abroad);
    assert_int_equal(COUNT(fixture, "select max(failures) from throttle"),
                     1); /* forgotten after a day */
    pass(fixture, DAY + 1);
    identity_upkeep(&fixture->scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    assert_int_equal(COUNT(fixture, "select count(*) from throttle"), 0);
}

/* Attempts at the same instant: no more than the free ones and one reach the password. */
struct rival {
    struct fixture *fixture;
    pthread_t thread;
};

static void *attempt_once(void *argument)
{
    struct rival *rival = argument;
    struct scope scope;
    struct sign_in given = {.name = S("ada"), .password = WRONG, .origin = abroad};
    enum sign_in_result result;
    struct session_start start;
    str pending;
    scope_open(&scope);
    enum err failed =
        sign_in(&scope, rival->fixture->identity, &given, STR_NONE, &result, &start, &pending);
    scope_close(&scope);
    return failed == ERR_OK && result == SIGN_IN_REFUSED ? NULL : argument;
}

static void test_parallel(void **state)
{
    struct fixture *fixture = *state;
    enum { RIVALS = 12 };
    struct rival rivals[RIVALS];
    add(fixture, "ada", ROLE_READER);
    for (int i = 0; i < RIVALS; i++) {
        rivals[i].fixture = fixture;
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, attempt_once, &rivals[i]), 0);
    }
    for (int i = 0; i < RIVALS; i++) {
        void *bad = NULL;
        pthread_join(rivals[i].thread, &bad);
        assert_null(bad);
    }
    assert_int_equal(COUNT(fixture, "select count(*) from audit where action = 'sign_in.refused'"),
                     3);
}

/* An attempt that no hash was made for does not count. */
static void test_busy(void **state)
{
    struct fixture *fixture = *state;
    struct scope scope;
    struct sign_in given = {.name = S("ada"), .password = WRONG, .origin = abroad};
    add(fixture, "ada", ROLE_READER);
    password_set_cost(1, (size_t)1 << 50); /* more memory than there is */
    for (int i = 0; i < 30; i++) {
        enum sign_in_result result;
        struct session_start start;
        str pending;
        scope_open(&scope);
        given.name = i % 2 ? S("ada") : S("nobody"); /* the hash of ada is of the old cost */
        enum err failed =
            sign_in(&scope, fixture->identity, &given, STR_NONE, &result, &start, &pending);
        if (i % 2 == 0) {
            assert_int_equal(failed, ERR_BUSY);
        }
        scope_close(&scope);
        pass(fixture, 15 * MINUTE);
    }
    password_set_cost(1, 8192);
    assert_int_equal(COUNT(fixture, "select count(*) from throttle where failures > 15"), 0);
    assert_int_equal(COUNT(fixture, "select count(*) from throttle where failures = 0"),
                     1); /* of nobody */
}

/* ---- equal work ---- */

static int compare_usec(const void *a, const void *b)
{
    const usec *x = a;
    const usec *y = b;
    return (*x > *y) - (*x < *y);
}

static usec middle_time(struct fixture *fixture, const char *name)
{
    usec times[5];
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        usec from = clock_monotonic();
        enter(fixture, name, WRONG, &abroad);
        times[i] = clock_monotonic() - from;
    }
    qsort(times, ARRAY_LENGTH(times), sizeof(times[0]), compare_usec);
    return times[ARRAY_LENGTH(times) / 2];
}

/* Whoever asks, there is a hash: with a costly one the times are near each other, and none is
 * short. */
static void test_equal_time(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    password_set_cost(3, 24 << 20);
    add(fixture, "ada", ROLE_READER);
    int64_t id = add(fixture, "disabled", ROLE_READER);
    invite(fixture, "invited", ROLE_READER);
    check_ok("disable", scope,
             user_set_active(scope, fixture->identity, &actor_command_line, id, false));
    str hash;
    usec hash_time = INT64_MAX;
    for (int i = 0; i < 5; i++) { /* the shortest: the machine may be busy with other things */
        usec from = clock_monotonic();
        check_ok("hash", scope, password_hash(scope, S("x"), &hash));
        usec time = clock_monotonic() - from;
        hash_time = time < hash_time ? time : hash_time;
    }
    static const char *const names[] = {"ada", "disabled", "invited", "nobody"};
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        usec time = middle_time(fixture, names[i]); /* most of them have to wait, by the way */
        if (time < hash_time / 3) {
            print_error("%s: %lld us, a hash %lld us\n", names[i], (long long)time,
                        (long long)hash_time);
        }
        assert_true(time >= hash_time / 3);
    }
    password_set_cost(1, 8192);
}

/* ---- nothing in clear ---- */

static bool file_has(struct fixture *fixture, const char *name, str secret)
{
    const char *path = str_printf(&fixture->scope.arena, "%s/%s", fixture->data, name).p;
    str bytes = file_read(&fixture->scope, path);
    return str_find(bytes, secret, 0) != SIZE_MAX;
}

static void test_nothing_in_clear(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, true);
    struct session session = session_of(fixture, start.id);
    str key;
    check_ok("key", scope,
             api_key_make(scope, fixture->identity, &session.actor, S("k"), SCOPE_READ, 0, &key));
    str token = make_link(fixture, id);
    enter(fixture, "my-password-by-mistake", WRONG, &home);
    const str secrets[] = {start.id, key,         token, PHRASE, S("my-password-by-mistake"),
                           S("rv:128.0")};
    assert_true(
        file_has(fixture, "catalogue.sqlite-wal", S("Firefox on Linux"))); /* it is read at all */
    for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++) {
        assert_false(file_has(fixture, "catalogue.sqlite-wal", secrets[i]));
        assert_false(file_has(fixture, "catalogue.sqlite", secrets[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_outcomes),
        IDENTITY_TEST(test_bad_input),
        IDENTITY_TEST(test_session_start),
        IDENTITY_TEST(test_previous),
        IDENTITY_TEST(test_many_sessions),
        IDENTITY_TEST(test_account_waits),
        IDENTITY_TEST(test_unknown_waits),
        IDENTITY_TEST(test_known_device),
        IDENTITY_TEST(test_device_is_of_user),
        IDENTITY_TEST(test_network_waits),
        IDENTITY_TEST(test_network_success),
        IDENTITY_TEST(test_waits_survive),
        IDENTITY_TEST(test_waits_end),
        IDENTITY_TEST(test_parallel),
        IDENTITY_TEST(test_busy),
        IDENTITY_TEST(test_equal_time),
        IDENTITY_TEST(test_nothing_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
