/* Rules for passwords, labels of devices, the texts of letters. */
#include "fixture.h"

static void test_rules(void **state)
{
    (void)state;
    static const struct {
        str name, password;
        enum password_fault fault;
    } cases[] = {
        {S("ada"), S("a phrase long enough"), PASSWORD_GOOD},
        {S("ada"), S("qT7#mZ2$vK9p"), PASSWORD_GOOD},
        {S("ada"), S("éàüöçèêîôûñ€"), PASSWORD_GOOD}, /* twelve symbols, not bytes */
        {S("ada"), S("            x y"), PASSWORD_GOOD},
        {S("ada"), S("qT7#mZ2$vK9"), PASSWORD_SHORT},
        {S("ada"), S("éàüöçè"), PASSWORD_SHORT},
        {S("ada"), S(""), PASSWORD_SHORT},
        {S("ada"), S("qT7#mZ2$vK9p\0"), PASSWORD_NOT_TEXT},
        {S("ada"), S("qT7#mZ2$vK9p\xff"), PASSWORD_NOT_TEXT},
        {S("ada"), S("1qaz2wsx3edc"), PASSWORD_COMMON}, /* of the list */
        {S("ada"), S("1QAZ2WSX3EDC"), PASSWORD_COMMON},
        {S("ada"), S("sonyericsson"), PASSWORD_COMMON},
        {S("ada"), S("Password2024!"), PASSWORD_COMMON}, /* of the list with digits and signs */
        {S("ada"), S("!!sunshine99"), PASSWORD_COMMON},
        {S("ada"), S("passwordpassword"), PASSWORD_COMMON},
        {S("ada"), S("aaaaaaaaaaaa"), PASSWORD_COMMON},
        {S("ada"), S("abcabcabcabc"), PASSWORD_COMMON},
        {S("ada"), S("123456789012"), PASSWORD_COMMON},
        {S("ada"), S("nmlkjihgfedcba"), PASSWORD_COMMON},
        {S("ada.lovelace"), S("ada.lovelace"), PASSWORD_LIKE_NAME},
        {S("ada.lovelace"), S("ADA.Lovelace1815"), PASSWORD_LIKE_NAME},
        {S("lovelace@example.org"), S("1lovelacelovelace"), PASSWORD_LIKE_NAME},
        {S("ada.lovelace"), S("ada.lovelace counts numbers"), PASSWORD_GOOD},
        {S("ada"), S("parvisparvis"), PASSWORD_LIKE_NAME},
        {S("jo"), S("jojo and the old banjo"), PASSWORD_GOOD},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].password);
        check_int(cases[i].password.p, password_check(NULL, cases[i].name, exact), cases[i].fault);
        exact_free(exact);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    char text[PASSWORD_BYTES_MOST + 1];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i * i % 23);
    }
    check_int("64", password_check(NULL, S("ada"), (str){text, 64}), PASSWORD_GOOD);
    check_int("most", password_check(NULL, S("ada"), (str){text, PASSWORD_BYTES_MOST}),
              PASSWORD_GOOD);
    check_int("more", password_check(NULL, S("ada"), (str){text, sizeof(text)}), PASSWORD_LONG);
}

static void test_list(void **state)
{
    (void)state;
    str rest = common_passwords;
    str word;
    str before = S("");
    size_t count = 0;
    while (str_split(&rest, '\n', &word) && word.n) {
        assert_true(str_compare(before, word) < 0);
        before = word;
        count++;
    }
    assert_true(count > 10000);
}

/* A long password is not cut: the last byte counts. */
static void test_no_truncation(void **state)
{
    struct fixture *fixture = *state;
    char text[PASSWORD_BYTES_MOST];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)('a' + i * i % 23);
    }
    int64_t id = invite(fixture, "ada", ROLE_READER);
    set_password(fixture, id, (str){text, sizeof(text)});
    check_int("right", enter(fixture, "ada", (str){text, sizeof(text)}, &home), SIGN_IN_DONE);
    check_int("cut", enter(fixture, "ada", (str){text, sizeof(text) - 1}, &home), SIGN_IN_REFUSED);
    text[sizeof(text) - 1]++;
    check_int("changed", enter(fixture, "ada", (str){text, sizeof(text)}, &home), SIGN_IN_REFUSED);
}

/* The pepper comes from the master key; the former one is known for as long as its file is there.
 */
static void test_pepper(void **state)
{
    struct fixture *fixture = *state;
    struct scope *scope = &fixture->scope;
    add(fixture, "ada", ROLE_READER);
    const char *master = str_printf(&scope->arena, "%s/secrets/master", fixture->data).p;
    const char *former = str_printf(&scope->arena, "%s.former", master).p;
    close_identity(fixture);
    assert_int_equal(rename(master, former), 0);
    open_identity(fixture);
    check_int("former", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE); /* stored again */
    close_identity(fixture);
    assert_int_equal(unlink(former), 0);
    open_identity(fixture);
    check_int("new", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
    close_identity(fixture);
    assert_int_equal(unlink(master), 0);
    open_identity(fixture);
    check_int("lost", enter(fixture, "ada", PHRASE, &home), SIGN_IN_REFUSED);
}

static str stored_password(struct fixture *fixture, int64_t id)
{
    bool found;
    struct account account;
    check_ok("load", &fixture->scope,
             account_load(&fixture->scope, fixture->identity, id, &found, &account));
    return account.password;
}

static void test_rehash(void **state)
{
    struct fixture *fixture = *state;
    int64_t id = add(fixture, "ada", ROLE_READER);
    str before = stored_password(fixture, id);
    assert_true(str_find(before, S("m=8,t=1"), 0) != SIZE_MAX);
    password_set_cost(2, 16384);
    check_int("wrong", enter(fixture, "ada", S("another phrase"), &home), SIGN_IN_REFUSED);
    assert_true(str_eq(stored_password(fixture, id), before));
    struct session_start start = start_of(fixture, "ada", &home, false);
    assert_true(str_find(stored_password(fixture, id), S("m=16,t=2"), 0) != SIZE_MAX);
    assert_true(find(fixture, start.id, NULL));
    check_int("again", enter(fixture, "ada", PHRASE, &home), SIGN_IN_DONE);
}

static void test_labels(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        str agent;
        const char *label;
    } cases[] = {
        {S("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
         "Firefox on Linux"},
        {S("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Mobile Safari/537.36"),
         "Chrome on Android"},
        {S("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"),
         "Edge on Windows"},
        {S("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
           "like "
           "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"),
         "Safari on iOS"},
        {S("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
           "Version/17.5 Safari/605.1.15"),
         "Safari on macOS"},
        {S("curl/8.8.0"), "curl"},
        {S("python-requests/2.32.3"), "Python"},
        {S("Firefox/128.0"), "Firefox"},
        {S(""), "Other"},
        {S("<script>alert(1)</script>"), "Other"},
        {S("a program that mentions curl/8"), "Other"},
        {S("\xff\0\n"), "Other"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].agent);
        check_text(cases[i].label, device_label(&fixture->scope.arena, exact),
                   str_from(cases[i].label));
        exact_free(exact);
    }
}

static void test_letters(void **state)
{
    struct fixture *fixture = *state;
    for (language at = -1; at < language_count() + 1; at++) {
        for (int invitation = 0; invitation < 2; invitation++) {
            struct mail_message message = {0};
            letter_write(&fixture->scope.arena, at, invitation, S("ada"),
                         S("https://p.example/account/link/x"), 7 * DAY, &message);
            assert_true(message.subject.n > 0);
            assert_true(str_find(message.text, S("\n\nhttps://p.example/account/link/x\n\n"), 0) !=
                        SIZE_MAX);
            language in = at >= 0 && at < language_count() ? at : 0;
            str days = format_int(&fixture->scope.arena, in, 7); /* in the language's own figures */
            assert_true(str_find(message.text, days, 0) != SIZE_MAX);
            bool has_name = str_find(message.text, S(" ada."), 0) != SIZE_MAX ||
                            str_find(message.text, S(" ada\u202e."), 0) != SIZE_MAX; /* pseudo-locale */
            assert_int_equal(has_name, invitation);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules), cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_list),  IDENTITY_TEST(test_no_truncation),
        IDENTITY_TEST(test_pepper),   IDENTITY_TEST(test_rehash),
        IDENTITY_TEST(test_labels),   IDENTITY_TEST(test_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
