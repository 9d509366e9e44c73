/* One-time links, and the letters that carry them. */
#include "fixture.h"

#include "../mail/smtp.h"

static enum err look(struct fixture *fixture, str token)
{
    struct user user;
    enum err result = link_find(&fixture->scope, fixture->identity, token, &user);
    scope_forgive(&fixture->scope);
    return result;
}

static void test_use(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = invite(fixture, "ada", ROLE_EDITOR);
    str token = make_link(fixture, id);
    check_audit(fixture, "command line", "password.link", "ada", "");
    assert_int_equal(token.n, 43);
    for (size_t i = 0; i < token.n; i++) {
        assert_true(is_ascii_letter(token.p[i]) || is_ascii_digit(token.p[i]) ||
                    token.p[i] == '-' || token.p[i] == '_');
    }
    struct user user;
    check_ok("find", scope, link_find(scope, fixture->identity, token, &user));
    assert_int_equal(user.id, id);
    /* A bad password does not use it up. */
    assert_int_equal(link_use(scope, fixture->identity, &home, token, S("short")), ERR_REQUEST);
    scope_forgive(scope);
    assert_int_equal(link_use(scope, fixture->identity, &home, token, S("Password2024!")),
                     ERR_REQUEST);
    scope_forgive(scope);
    check_ok("use", scope, link_use(scope, fixture->identity, &home, token, PHRASE));
    check_audit(fixture, "ada", "password.set", "ada", "");
    assert_int_equal(look(fixture, token), ERR_NO_LINK);
    assert_int_equal(link_use(scope, fixture->identity, &home, token, S("another good phrase")),
                     ERR_NO_LINK);
    scope_forgive(scope);
    check_int("sign in", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
}

static void test_ends(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    int64_t id = invite(fixture, "ada", ROLE_READER);
    int64_t bob = invite(fixture, "bob", ROLE_READER);
    str of_bob = make_link(fixture, bob);
    str first = make_link(fixture, id);
    str second = make_link(fixture, id);
    assert_int_equal(look(fixture, first), ERR_NO_LINK); /* replaced */
    assert_int_equal(look(fixture, of_bob), ERR_OK);
    pass(fixture, LINK_LIFETIME - 1);
    assert_int_equal(look(fixture, second), ERR_OK);
    pass(fixture, 1);
    assert_int_equal(look(fixture, second), ERR_NO_LINK);
    assert_int_equal(link_use(scope, fixture->identity, &home, second, PHRASE), ERR_NO_LINK);
    scope_forgive(scope);
    identity_upkeep(scope, fixture->identity, (usec)365 * 86400 * USEC_SECOND);
    assert_int_equal(COUNT(fixture, "select count(*) from link"), 0);
    str none;
    assert_int_equal(link_make(scope, fixture->identity, &actor_command_line, 999, HOUR, &none),
                     ERR_NO_USER);
}

static void test_bad_tokens(void **state)
{
    struct fixture *fixture = *state;
    str token = make_link(fixture, invite(fixture, "ada", ROLE_READER));
    const str bad[] = {S(""),
                       STR_NONE,
                       str_slice(token, 0, 42),
                       str_printf(&fixture->scope.arena, "%.*sA", STR_ARG(token)),
                       S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                       S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0"),
                       S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/"),
                       S("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\xc3\xa9")};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        str exact = exact_copy(bad[i]);
        assert_int_equal(look(fixture, exact), ERR_NO_LINK);
        exact_free(exact);
    }
}

/* A reset ends all sessions; the second factor stays (ASVS 6.4.3), see test_second_factor. */
static void test_ends_sessions(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_READER);
    struct session_start start = start_of(fixture, "ada", &home, true);
    set_password(fixture, id, S("another good phrase"));
    assert_false(find(fixture, start.id, NULL));
}

/* Two that use one link at the same time: one wins. */
struct rival {
    struct fixture *fixture;
    str token;
    str password;
    pthread_t thread;
};

static void *use_link(void *argument)
{
    struct rival *rival = argument;
    struct scope scope;
    scope_open(&scope);
    enum err result =
        link_use(&scope, rival->fixture->identity, &home, rival->token, rival->password);
    scope_close(&scope);
    return result == ERR_OK ? argument : NULL;
}

static void test_rivals(void **state)
{
    struct fixture *fixture = *state;
    str token = make_link(fixture, invite(fixture, "ada", ROLE_READER));
    struct rival rivals[4];
    int winners = 0;
    for (int i = 0; i < 4; i++) {
        rivals[i] = (struct rival){.fixture = fixture, .token = token};
        rivals[i].password = str_printf(&fixture->scope.arena, "the phrase of rival %d", i);
        pthread_create(&rivals[i].thread, NULL, use_link, &rivals[i]);
    }
    for (int i = 0; i < 4; i++) {
        void *won = NULL;
        pthread_join(rivals[i].thread, &won);
        check_int("signs in", enter(fixture, "ada", rivals[i].password, &home),
                  won ? SIGN_IN_DONE : SIGN_IN_REFUSED);
        pass(fixture, HOUR);
        winners += won != NULL;
    }
    assert_int_equal(winners, 1);
}

/* ---- letters ---- */

static void request(struct fixture *fixture, const char *name)
{
    check_ok(name, &fixture->scope,
             link_request(&fixture->scope, fixture->identity, &abroad, str_from(name), 0));
}

/* Opens identity anew with a relay, and an account ada with an address. */
static void set_up_mail(struct fixture *fixture, const struct smtp *smtp)
{
    struct scope *scope = &fixture->scope;
    struct new_user user = {S("ada"), S("Ada"), S("Ada@example.org"), ROLE_READER};
    int64_t id;
    close_identity(fixture);
    fixture->options.smtp_url = str_printf(&scope->arena, "smtp://127.0.0.1:%d", smtp->port).p;
    fixture->options.smtp_from = "portal@data.example";
    fixture->options.public_url = S("https://data.example");
    open_identity(fixture);
    check_ok("add", scope, user_add(scope, fixture->identity, &actor_command_line, &user, &id));
    set_password(fixture, id, PHRASE);
}

static int base64_value(char c)
{
    static const char symbols[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(symbols, c) : NULL;
    return at ? (int)(at - symbols) : -1;
}

/* The text of the n-th letter that was taken. */
static str letter(struct fixture *fixture, struct smtp *smtp, int n)
{
    str log = {smtp->log, smtp->n};
    size_t from = 0;
    for (int i = 0; i <= n; i++) {
        from = str_find(log, S("Auto-Submitted: auto-generated\r\n\r\n"), from);
        assert_true(from != SIZE_MAX);
        from += 34;
    }
    char *out = arena_alloc(&fixture->scope.arena, log.n);
    size_t length = 0;
    unsigned bits = 0;
    int count = 0;
    for (size_t i = from; i < log.n && log.p[i] != '.'; i++) {
        int value = base64_value(log.p[i]);
        if (value >= 0) {
            bits = bits << 6 | (unsigned)value;
            count += 6;
        }
        if (count >= 8) {
            count -= 8;
            out[length++] = (char)(bits >> count & 0xff);
        }
    }
    return (str){out, length};
}

static void test_letter(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    struct smtp smtp;
    smtp_start(&smtp);
    set_up_mail(fixture, &smtp);
    request(fixture, "nobody");
    request(fixture, "ADA");
    assert_true(smtp_await(&smtp, 1));
    request(fixture, "ada@EXAMPLE.org");
    assert_true(smtp_await(&smtp, 2));
    str text = letter(fixture, &smtp, 1);
    size_t at = str_find(text, S("https://data.example/account/link/"), 0);
    assert_true(at != SIZE_MAX);
    str token = str_slice(text, at + 34, at + 34 + LINK_TOKEN_SYMBOLS);
    assert_int_equal(look(fixture, token), ERR_OK);
    check_ok("use", scope,
             link_use(scope, fixture->identity, &home, token, S("another good phrase")));
    assert_true(str_find((str){smtp.log, smtp.n}, S("RCPT TO:<Ada@example.org>"), 0) != SIZE_MAX);
    assert_int_equal(COUNT(fixture,
                           "select count(*) from audit where action = 'password.request' and"
                           " network = '198.51.100.0/24' and subject = 'ada'"),
                     2);

    /* The third is free no more in the second that follows: no flood of letters. */
    request(fixture, "ada");
    assert_true(smtp_await(&smtp, 3));
    request(fixture, "ada");
    request(fixture, "ada");
    identity_close(fixture->identity); /* waits for the thread */
    check_ok("open", scope,
             identity_open(scope, fixture->catalog, &fixture->options, &fixture->identity));
    assert_int_equal(smtp.messages, 3);
    smtp_stop(&smtp);
}

/* Without mail, without an address, or for a disabled account: no link, the old one stays. */
static void test_no_letter(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = invite(fixture, "ada", ROLE_READER);
    str token = make_link(fixture, id);
    request(fixture, "ada");
    for (int i = 0; i < 1000; i++) {
        if (COUNT(fixture, "select count(*) from audit where action = 'password.request'")) {
            break;
        }
        usleep(10000);
    }
    assert_int_equal(COUNT(fixture, "select count(*) from audit where action = 'password.request'"),
                     1);
    assert_int_equal(look(fixture, token), ERR_OK);
}

/* The answer does not wait for the relay, nor tell by its time whether there is an account. */
static void test_answer_time(void **state)
{
    struct fixture *fixture = *state;
    struct smtp smtp = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(address);
    int silent =
        socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* takes connections, says nothing */
    assert_int_equal(bind(silent, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(silent, 1), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&address, &n), 0);
    smtp.port = ntohs(address.sin_port);
    set_up_mail(fixture, &smtp);
    usec from = clock_monotonic();
    for (int i = 0; i < 200; i++) { /* more than wait; the rest is dropped */
        request(fixture, i % 2 ? "ada" : "nobody");
    }
    assert_true(clock_monotonic() - from < 8 * USEC_SECOND);
    /* Closing does not wait for the relay either. */
    from = clock_monotonic();
    identity_close(fixture->identity);
    assert_true(clock_monotonic() - from < 8 * USEC_SECOND);
    close(silent);
    check_ok(
        "open", &fixture->scope,
        identity_open(&fixture->scope, fixture->catalog, &fixture->options, &fixture->identity));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(test_use),        IDENTITY_TEST(test_ends),
        IDENTITY_TEST(test_bad_tokens), IDENTITY_TEST(test_ends_sessions),
        IDENTITY_TEST(test_rivals),     IDENTITY_TEST(test_letter),
        IDENTITY_TEST(test_no_letter),  IDENTITY_TEST(test_answer_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
