/* API keys: shown once, scoped, expiring, revocable. */
#include "fixture.h"

static enum err use(struct fixture *fixture, str key, struct actor *ret_actor)
{
    struct actor actor;
    enum err result =
        api_key_find(&fixture->scope, fixture->identity, key, ret_actor ? ret_actor : &actor);
    scope_forgive(&fixture->scope);
    return result;
}

static struct actor self_of(struct fixture *fixture, const char *name)
{
    struct session_start start = start_of(fixture, name, &home, false);
    return session_of(fixture, start.id).actor;
}

static str make(struct fixture *fixture, const struct actor *actor, const char *name,
                unsigned scopes, usec expires)
{
    str key = S("");
    check_ok(name, &fixture->scope,
             api_key_make(&fixture->scope, fixture->identity, actor, str_from(name), scopes,
                          expires, &key));
    return key;
}

static void test_make(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_PUBLISHER);
    struct actor self = self_of(fixture, "ada");
    str key = make(fixture, &self, "nightly import", SCOPE_WRITE, NOON + DAY);
    assert_int_equal(key.n, 56);
    for (size_t i = 0; i < key.n; i++) {
        assert_true(is_ascii_digit(key.p[i]) || (key.p[i] >= 'a' && key.p[i] <= 'f'));
    }
    check_audit(fixture, "ada", "key.add", "nightly import",
                str_printf(&scope->arena, "%.8s…, write", key.p).p);
    struct actor actor;
    assert_int_equal(use(fixture, key, &actor), ERR_OK);
    assert_int_equal(actor.kind, ACTOR_KEY);
    assert_int_equal(actor.user, self.user);
    check_text("name", actor.name, S("ada"));
    assert_int_equal(actor.role, ROLE_PUBLISHER);
    assert_int_equal(actor.scopes, SCOPE_WRITE);
    assert_int_equal(actor.authenticated, 0);
    assert_int_equal(actor.session, 0);
    const struct api_key *keys;
    size_t count;
    check_ok("list", scope, api_key_list(scope, fixture->identity, self.user, &keys, &count));
    assert_int_equal(count, 1);
    assert_int_equal(keys[0].id, actor.key);
    check_text("name", keys[0].name, S("nightly import"));
    check_text("prefix", keys[0].prefix, str_slice(key, 0, 8));
    assert_int_equal(keys[0].scopes, SCOPE_WRITE);
    assert_int_equal(keys[0].created, NOON);
    assert_int_equal(keys[0].expires, NOON + DAY);
    assert_int_equal(keys[0].revoked, 0);
}

static void test_ends(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    int64_t bob = add(fixture, "bob", ROLE_READER);
    struct actor self = self_of(fixture, "ada");
    struct actor actor;
    str expiring = make(fixture, &self, "a", SCOPE_READ, NOON + HOUR);
    str lasting = make(fixture, &self, "b", SCOPE_READ, 0);
    pass(fixture, HOUR - 1);
    assert_int_equal(use(fixture, expiring, NULL), ERR_OK);
    pass(fixture, 1);
    assert_int_equal(use(fixture, expiring, NULL), ERR_KEY);
    assert_int_equal(use(fixture, lasting, &actor), ERR_OK);
    assert_int_equal(api_key_revoke(scope, fixture->identity, &self, bob, actor.key), ERR_NO_KEY);
    scope_forgive(scope);
    check_ok("revoke", scope, api_key_revoke(scope, fixture->identity, &self, id, actor.key));
    check_audit(fixture, "ada", "key.revoke", "b", "");
    assert_int_equal(use(fixture, lasting, NULL), ERR_KEY);
    assert_int_equal(api_key_revoke(scope, fixture->identity, &self, id, actor.key), ERR_NO_KEY);
    scope_forgive(scope);
    const struct api_key *keys;
    size_t count;
    check_ok("list", scope, api_key_list(scope, fixture->identity, id, &keys, &count));
    assert_int_equal(count, 2);
    assert_int_equal(keys[0].revoked, NOON + HOUR);
    pass(fixture, 91 * DAY);
    identity_upkeep(scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    check_ok("list", scope, api_key_list(scope, fixture->identity, id, &keys, &count));
    assert_int_equal(count, 0);
}

static void test_last_used(void **state)
{
    struct fixture *fixture = *state;
    add(fixture, "ada", ROLE_READER);
    struct actor self = self_of(fixture, "ada");
    str key = make(fixture, &self, "a", SCOPE_READ, 0);
    assert_int_equal(COUNT(fixture, "select last_used from api_key"), 0);
    assert_int_equal(use(fixture, key, NULL), ERR_OK);
    assert_int_equal(COUNT(fixture, "select last_used from api_key"),
                     NOON - 12 * HOUR); /* the day */
    pass(fixture, 12 * HOUR - 1);
    use(fixture, key, NULL);
    assert_int_equal(COUNT(fixture, "select last_used from api_key"), NOON - 12 * HOUR);
    pass(fixture, 1);
    use(fixture, key, NULL);
    assert_int_equal(COUNT(fixture, "select last_used from api_key"), NOON + 12 * HOUR);
}

static void test_bad(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    struct actor self = self_of(fixture, "ada");
    str key = make(fixture, &self, "a", SCOPE_READ, 0);
    str upper = str_copy(&scope->arena, key);
    ((char *)(uintptr_t)upper.p)[0] = 'A';
    const str bad[] = {S(""),
                       STR_NONE,
                       str_slice(key, 0, 55),
                       upper,
                       str_printf(&scope->arena, "%.*s0", STR_ARG(key)),
                       S("00000000000000000000000000000000000000000000000000000000"),
                       S("0000000000000000000000000000000000000000000000000000000\0"),
                       S("0000000000000000000000000000000000000000000000000000000'")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        str exact = exact_copy(bad[i]);
        assert_int_equal(use(fixture, exact, NULL), ERR_KEY);
        exact_free(exact);
    }
    struct actor by_key = self;
    by_key.kind = ACTOR_KEY;
    char *long_name = arena_alloc(&scope->arena, 101);
    memset(long_name, 'a', 101);
    const struct {
        const struct actor *actor;
        str name;
        unsigned scopes;
        usec expires;
        enum err expected;
    } cases[] = {{&self, S(""), SCOPE_READ, 0, ERR_REQUEST},
                 {&self, S("  "), SCOPE_READ, 0, ERR_REQUEST},
                 {&self, {long_name, 101}, SCOPE_READ, 0, ERR_REQUEST},
                 {&self, S("a\nb"), SCOPE_READ, 0, ERR_REQUEST},
                 {&self, S("\xff"), SCOPE_READ, 0, ERR_REQUEST},
                 {&self, S("a"), 0, 0, ERR_REQUEST},
                 {&self, S("a"), 4, 0, ERR_REQUEST},
                 {&self, S("a"), SCOPE_READ, NOON, ERR_REQUEST},
                 {&by_key, S("a"), SCOPE_READ, 0, ERR_DENIED},
                 {&actor_anonymous, S("a"), SCOPE_READ, 0, ERR_DENIED}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str none;
        check_int(cases[i].name.p,
                  api_key_make(scope, fixture->identity, cases[i].actor, cases[i].name,
                               cases[i].scopes, cases[i].expires, &none),
                  cases[i].expected);
        scope_forgive(scope);
    }
}

static void test_many(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct actor self = self_of(fixture, "ada");
    str key;
    for (int i = 0; i < API_KEYS_MOST; i++) {
        make(fixture, &self, "a", SCOPE_READ, 0);
    }
    assert_int_equal(api_key_make(scope, fixture->identity, &self, S("a"), SCOPE_READ, 0, &key),
                     ERR_CONFLICT);
    scope_forgive(scope);
    const struct api_key *keys;
    size_t count;
    check_ok("list", scope, api_key_list(scope, fixture->identity, id, &keys, &count));
    check_ok("revoke", scope, api_key_revoke(scope, fixture->identity, &self, id, keys[0].id));
    make(fixture, &self, "a", SCOPE_READ, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_make), IDENTITY_TEST(test_ends), IDENTITY_TEST(test_last_used),
        IDENTITY_TEST(test_bad),  IDENTITY_TEST(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
