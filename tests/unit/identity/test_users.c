/* Accounts: names, roles, disabling, the last administrator, the first one, several processes. */
#include "fixture.h"

#include <sys/stat.h>

static void test_names(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct buf longest = {0};
    for (int i = 0; i < 150; i++) {
        buf_add(&longest, S("é"));
    }
    const struct {
        str name;
        bool good;
    } cases[] = {{S("ada"), true},
                 {S("ada.lovelace+x@example.org"), true},
                 {S("-_-"), true},
                 {S("Zoé"), true},
                 {S("李明"), true},
                 {buf_str(&longest), true},
                 {S(""), false},
                 {S("ada lovelace"), false},
                 {S("ada/b"), false},
                 {S("ada\0b"), false},
                 {S("ada\n"), false},
                 {S("<b>"), false},
                 {S("ada\xff"), false},
                 {S("\xcc\x81"), false}, /* a combining accent alone */
                 {S("\xe2\x80\xaegnp"), false}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].name);
        struct new_user user = {.name = exact};
        int64_t id;
        enum err result = user_add(scope, fixture->identity, &actor_command_line, &user, &id);
        check_int(cases[i].name.p, result, cases[i].good ? ERR_OK : ERR_USAGE);
        scope_forgive(scope);
        exact_free(exact);
    }
    buf_add(&longest, S("é"));
    struct new_user user = {.name = buf_str(&longest)};
    int64_t id;
    assert_int_equal(user_add(scope, fixture->identity, &actor_command_line, &user, &id),
                     ERR_USAGE);
    buf_done(&longest);
}

static void test_unique(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = invite(fixture, "Zoé", ROLE_EDITOR);
    check_audit(fixture, "command line", "user.add", "Zoé", "editor");
    static const str same[] = {S("Zoé"), S("zoé"), S("ZOÉ"), S("Zoe\xcc\x81"), S("zoe"), S("Ｚoé")};
    for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
        struct new_user user = {.name = same[i]};
        struct user found;
        int64_t other;
        assert_int_equal(user_add(scope, fixture->identity, &actor_command_line, &user, &other),
                         ERR_CONFLICT);
        check_failure(same[i].p, scope, ERR_CONFLICT, "There is a user of the name Zoé");
        check_ok("find", scope, user_find(scope, fixture->identity, same[i], &found));
        assert_int_equal(found.id, id);
    }
    struct user none;
    assert_int_equal(user_find(scope, fixture->identity, S("nobody"), &none), ERR_NO_USER);
    scope_forgive(scope);
    assert_int_equal(user_find(scope, fixture->identity, S(""), &none), ERR_NO_USER);
    scope_forgive(scope);
    assert_int_equal(user_get(scope, fixture->identity, 999, &none), ERR_NO_USER);
}

static void test_facts(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct new_user new = {S("ada"), S("Ada Lovelace"), S("ada@example.org"), ROLE_PUBLISHER};
    int64_t id;
    check_ok("add", scope, user_add(scope, fixture->identity, &actor_command_line, &new, &id));
    struct user user = user_of(fixture, id);
    check_text("name", user.name, new.name);
    check_text("display name", user.display_name, new.display_name);
    check_text("email", user.email, new.email);
    assert_int_equal(user.role, ROLE_PUBLISHER);
    assert_true(user.active && !user.has_password && !user.has_second_factor);
    assert_int_equal(user.created, NOON);
    assert_int_equal(user.last_sign_in, 0);
    pass(fixture, HOUR);
    set_password(fixture, id, PHRASE);
    start_of(fixture, "ada", &home, false);
    user = user_of(fixture, id);
    assert_true(user.has_password);
    assert_int_equal(user.last_sign_in, NOON + HOUR);
    assert_int_equal(user.password_changed, NOON + HOUR);
    invite(fixture, "Bob", ROLE_READER);
    invite(fixture, "aaron", ROLE_READER);
    const struct user *users;
    size_t count;
    check_ok("list", scope, user_list(scope, fixture->identity, &users, &count));
    assert_int_equal(count, 3);
    check_text("first", users[0].name, S("aaron"));
    check_text("last", users[2].name, S("Bob"));
    check_text("display name", users[2].display_name, S("Bob"));
}

static void test_profile(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = invite(fixture, "ada", ROLE_READER);
    struct actor self = actor_of(&(struct user){.id = id, .name = S("ada")});
    str token = make_link(fixture, id);
    check_ok("set", scope,
             user_set_profile(scope, fixture->identity, &self, id, S("Ada"), S("ada@example.org")));
    check_audit(fixture, "ada", "user.profile", "ada", "name, e-mail");
    check_text("email", user_of(fixture, id).email, S("ada@example.org"));
    struct user none; /* the link may have gone to the former address */
    assert_int_equal(link_find(scope, fixture->identity, token, &none), ERR_NO_LINK);
    scope_forgive(scope);
    static const struct {
        str name, email;
    } bad[] = {{S("Ada"), S("ada")},
               {S("Ada"), S("ada@x\r\nBcc: b@x")},
               {S("Ada\nLovelace"), S("")},
               {S("\xff"), S("")}};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_int_equal(
            user_set_profile(scope, fixture->identity, &self, id, bad[i].name, bad[i].email),
            ERR_USAGE);
        scope_forgive(scope);
    }
    assert_int_equal(user_set_profile(scope, fixture->identity, &self, 999, S("x"), S("")),
                     ERR_NO_USER);
}

/* ASVS 7.4.2: sessions, keys and links are dead at once, and do not come back. */
static void test_disable(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct identity *identity = fixture->identity;
    int64_t id = add(fixture, "ada", ROLE_EDITOR);
    struct session_start start = start_of(fixture, "ada", &home, true);
    struct session session = session_of(fixture, start.id);
    struct actor actor;
    str key;
    check_ok("key", scope,
             api_key_make(scope, identity, &session.actor, S("k"), SCOPE_ALL, 0, &key));
    check_ok("key", scope, api_key_find(scope, identity, key, &actor));
    str token = make_link(fixture, id);

    check_ok("disable", scope, user_set_active(scope, identity, &actor_command_line, id, false));
    check_audit(fixture, "command line", "user.disable", "ada", "");
    for (int i = 0; i < 2; i++) { /* also after it was enabled again */
        struct user user;
        assert_false(find(fixture, start.id, NULL));
        assert_int_equal(api_key_find(scope, identity, key, &actor), ERR_KEY);
        scope_forgive(scope);
        assert_int_equal(link_find(scope, identity, token, &user), ERR_NO_LINK);
        scope_forgive(scope);
        check_int("sign in", enter(fixture, "ada", PHRASE, &home),
                  i ? SIGN_IN_DONE : SIGN_IN_REFUSED);
        check_ok("enable", scope, user_set_active(scope, identity, &actor_command_line, id, true));
    }
    assert_int_equal(COUNT(fixture, "select count(*) from audit where action = 'user.enable'"), 1);
    assert_int_equal(user_set_active(scope, identity, &actor_command_line, 999, false),
                     ERR_NO_USER);
    scope_forgive(scope);
    check_ok("disable", scope, user_set_active(scope, identity, &actor_command_line, id, false));
    str none;
    assert_int_equal(link_make(scope, identity, &actor_command_line, id, HOUR, &none),
                     ERR_CONFLICT);
}

static void test_role(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, false);
    check_ok("same", scope,
             user_set_role(scope, fixture->identity, &actor_command_line, id, ROLE_READER));
    assert_int_equal(session_of(fixture, start.id).actor.role, ROLE_READER);
    check_ok("other", scope,
             user_set_role(scope, fixture->identity, &actor_command_line, id, ROLE_EDITOR));
    check_audit(fixture, "command line", "user.role", "ada", "reader to editor");
    assert_false(find(fixture, start.id, NULL));
    assert_int_equal(user_of(fixture, id).role, ROLE_EDITOR);
    enum role role;
    assert_true(role_find(S("administrator"), &role) && role == ROLE_ADMINISTRATOR);
    assert_false(role_find(S("Administrator"), &role));
    assert_false(role_find(S(""), &role));
}

static void test_last_administrator(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct identity *identity = fixture->identity;
    const struct actor *by = &actor_command_line;
    int64_t first = add(fixture, "first", ROLE_ADMINISTRATOR);
    int64_t other = invite(fixture, "other", ROLE_ADMINISTRATOR);
    /* Another one who cannot sign in yet does not count. */
    assert_int_equal(user_set_active(scope, identity, by, first, false), ERR_CONFLICT);
    check_failure("disable", scope, ERR_CONFLICT, "last active administrator");
    assert_int_equal(user_set_role(scope, identity, by, first, ROLE_READER), ERR_CONFLICT);
    scope_forgive(scope);
    set_password(fixture, other, PHRASE);
    check_ok("demote", scope, user_set_role(scope, identity, by, first, ROLE_PUBLISHER));
    assert_int_equal(user_set_active(scope, identity, by, other, false), ERR_CONFLICT);
    scope_forgive(scope);
    assert_true(user_of(fixture, other).active);
    check_ok("promote", scope, user_set_role(scope, identity, by, first, ROLE_ADMINISTRATOR));
    check_ok("disable", scope, user_set_active(scope, identity, by, other, false));
}

static str first_link(struct fixture *fixture)
{
    str token = S("");
    check_ok("first link", &fixture->scope,
             identity_first_link(&fixture->scope, fixture->identity, &token));
    return token;
}

static bool has_administrator(struct fixture *fixture)
{
    bool has = false;
    check_ok("has", &fixture->scope,
             identity_has_administrator(&fixture->scope, fixture->identity, &has));
    return has;
}

static void test_first_link(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct user user;
    assert_false(has_administrator(fixture));
    str lost = first_link(fixture);
    pass(fixture, HOUR);
    str token = first_link(fixture);
    assert_int_equal(link_find(scope, fixture->identity, lost, &user), ERR_NO_LINK);
    scope_forgive(scope);
    pass(fixture, 7 * DAY - 1);
    check_ok("find", scope, link_find(scope, fixture->identity, token, &user));
    check_text("name", user.name, S("admin"));
    assert_int_equal(user.role, ROLE_ADMINISTRATOR);
    assert_false(has_administrator(fixture));
    check_ok("use", scope, link_use(scope, fixture->identity, &home, token, PHRASE));
    assert_true(has_administrator(fixture));
    assert_int_equal(first_link(fixture).n, 0);
    assert_int_equal(COUNT(fixture, "select count(*) from user"), 1);
}

/* Somebody else's account is not made an administrator. */
static void test_first_link_taken(void **state)
{
    struct fixture *fixture = *state;
    struct user user;
    add(fixture, "admin", ROLE_READER);
    str token = first_link(fixture);
    check_ok("find", &fixture->scope, link_find(&fixture->scope, fixture->identity, token, &user));
    check_text("name", user.name, S("admin-2"));
    first_link(fixture);
    assert_int_equal(COUNT(fixture, "select count(*) from user"), 2);
}

static void test_secrets(void **state)
{
    struct fixture *fixture = *state;
    struct stat facts;
    uint8_t key[SECRET_BYTES];
    uint8_t again[SECRET_BYTES];
    const char *directory = str_printf(&fixture->scope.arena, "%s/secrets", fixture->data).p;
    const char *master = str_printf(&fixture->scope.arena, "%s/master", directory).p;
    assert_int_equal(stat(directory, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0700);
    assert_int_equal(stat(master, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0600);
    identity_key(fixture->identity, S("consent receipts"), key);
    close_identity(fixture);
    open_identity(fixture);
    identity_key(fixture->identity, S("consent receipts"), again);
    assert_memory_equal(key, again, SECRET_BYTES);
    identity_key(fixture->identity, S("password"), again);
    assert_memory_not_equal(key, again, SECRET_BYTES);
}

static void test_settings(void **state)
{
    struct fixture *fixture = *state;
    struct identity *other;
    struct identity_options options = fixture->options;
    options.smtp_url = "http://mail.example.org";
    options.smtp_from = "portal@example.org";
    assert_int_equal(identity_open(&fixture->scope, fixture->catalog, &options, &other), ERR_USAGE);
    check_failure("url", &fixture->scope, ERR_USAGE, "smtp-url");
    options.smtp_url = "smtp://mail.example.org";
    options.smtp_from = "nobody";
    assert_int_equal(identity_open(&fixture->scope, fixture->catalog, &options, &other), ERR_USAGE);
    check_failure("from", &fixture->scope, ERR_USAGE, "smtp-from");
}

/* Several processes add users at once; each name is taken once, and none fails for a lock. */
static void test_processes(void **state)
{
    struct fixture *fixture = *state;
    enum { PROCESSES = 4, USERS = 10 };
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            struct catalog *catalog;
            struct identity *identity;
            struct scope scope;
            scope_open(&scope);
            bool good = catalog_open(&scope, fixture->data, &catalog) == ERR_OK &&
                        identity_open(&scope, catalog, &fixture->options, &identity) == ERR_OK;
            for (int n = 0; n < USERS && good; n++) {
                struct new_user user = {.name = str_printf(&scope.arena, "user%d", n)};
                int64_t id;
                enum err result = user_add(&scope, identity, &actor_command_line, &user, &id);
                good = result == ERR_OK || result == ERR_CONFLICT;
                scope_forgive(&scope);
            }
            _exit(good ? 0 : 1);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 1;
        wait(&status);
        assert_int_equal(status, 0);
    }
    assert_int_equal(COUNT(fixture, "select count(*) from user"), USERS);
    assert_int_equal(COUNT(fixture, "select count(*) from audit where action = 'user.add'"), USERS);
}

/* What another process disables is refused here at the next request. */
static void test_other_process_disables(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_EDITOR);
    struct session_start start = start_of(fixture, "ada", &home, false);
    assert_true(find(fixture, start.id, NULL));
    if (fork() == 0) {
        struct catalog *catalog;
        struct identity *identity;
        struct scope scope;
        scope_open(&scope);
        bool good = catalog_open(&scope, fixture->data, &catalog) == ERR_OK &&
                    identity_open(&scope, catalog, &fixture->options, &identity) == ERR_OK &&
                    user_set_active(&scope, identity, &actor_command_line, id, false) == ERR_OK;
        _exit(good ? 0 : 1);
    }
    int status = 1;
    wait(&status);
    assert_int_equal(status, 0);
    assert_false(find(fixture, start.id, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_names),
        IDENTITY_TEST(test_unique),
        IDENTITY_TEST(test_facts),
        IDENTITY_TEST(test_profile),
        IDENTITY_TEST(test_disable),
        IDENTITY_TEST(test_role),
        IDENTITY_TEST(test_last_administrator),
        IDENTITY_TEST(test_first_link),
        IDENTITY_TEST(test_first_link_taken),
        IDENTITY_TEST(test_secrets),
        IDENTITY_TEST(test_settings),
        IDENTITY_TEST(test_processes),
        IDENTITY_TEST(test_other_process_disables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
