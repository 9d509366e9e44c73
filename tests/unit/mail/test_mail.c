/* What a message looks like, what cannot be slipped into it, and its way to a relay. */
#include "../directory.h"
#include "../one_scope.h"
#include "smtp.h"

#include "base/buf.h"
#include "platform/mail/mail.h"

static void test_addresses(void **state)
{
    static const struct {
        str text;
        bool good;
    } cases[] = {
        {S("ada@example.org"), true},
        {S("a.b+c_d@localhost"), true},
        {S("o'neil@example.org"), true},
        {S(""), false},
        {S("ada"), false},
        {S("@example.org"), false},
        {S("ada@"), false},
        {S("a@b@c"), false},
        {S("ada lovelace@example.org"), false},
        {S("ada@example.org\r\nBcc: all@example.org"), false},
        {S("ada@example.org\n"), false},
        {S("ada\0@example.org"), false},
        {S("<ada@example.org>"), false},
        {S("ada@example.org,bob@example.org"), false},
        {S("\"ada\"@example.org"), false},
        {S("-oX@example.org"), false},
        {S("ad\xc3\xa0@example.org"), false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str exact = exact_copy(cases[i].text);
        check_int(cases[i].text.p, mail_address_is_valid(exact), cases[i].good);
        exact_free(exact);
    }
    char *text = arena_alloc(&scope.arena, 400);
    memset(text, 'a', 400);
    text[10] = '@';
    assert_true(mail_address_is_valid((str){text, 254}));
    assert_false(mail_address_is_valid((str){text, 255}));
}

static void test_urls(void **state)
{
    static const struct {
        str text;
        bool good;
    } cases[] = {{S("smtp://mail.example.org"), true},
                 {S("smtps://mail.example.org:465"), true},
                 {S("smtp://[::1]:25"), true},
                 {S("smtp://"), false},
                 {S("smtp://:25"), false},
                 {S("http://mail"), false},
                 {S("file:///etc/passwd"), false},
                 {S("smtp://user:x@mail"), false},
                 {S("smtp://mail/domain"), false},
                 {S("smtp://mail\r\n"), false}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        check_int(cases[i].text.p, mail_url_is_valid(cases[i].text), cases[i].good);
    }
}

static str compose(str subject, str text)
{
    struct mail_message message = {S("ada@example.org"), subject, text};
    str bytes = S("");
    check_ok("compose", &scope,
             mail_compose(&scope, "portal@data.example", &message, INT64_C(1620302405000000),
                          S("abc"), &bytes));
    return bytes;
}

static void test_message(void **state)
{
    (void)state;
    check_text("plain", compose(S("Hello"), S("One\nTwo\n")),
               S("Date: Thu, 06 May 2021 12:00:05 +0000\r\n"
                 "From: <portal@data.example>\r\n"
                 "To: <ada@example.org>\r\n"
                 "Message-ID: <abc@data.example>\r\n"
                 "Subject: Hello\r\n"
                 "MIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: base64\r\n"
                 "Auto-Submitted: auto-generated\r\n"
                 "\r\n"
                 "T25lDQpUd28NCg==\r\n"));
    str french = compose(S("Réinitialisez votre mot de passe"), S("é"));
    assert_true(str_find(french,
                         S("Subject: =?UTF-8?B?UsOpaW5pdGlhbGlzZXogdm90cmUgbW90IGRlIHBhc3Nl?=\r\n"),
                         0) != SIZE_MAX);
}

/* Long subjects are cut between code points; every line is within 76 bytes, RFC 2045 and 2047. */
static void test_long(void **state)
{
    (void)state;
    struct buf subject = {0};
    for (int i = 0; i < 100; i++) {
        buf_add(&subject, S("é€"));
    }
    struct buf body = {0};
    for (int i = 0; i < 5000; i++) {
        buf_add(&body, S("x"));
    }
    str bytes = compose(buf_str(&subject), buf_str(&body));
    str rest = bytes;
    str line;
    size_t words = 0;
    while (str_split(&rest, '\n', &line)) {
        assert_true(line.n <= 77); /* the CR is of it */
        words += str_find(line, S("=?UTF-8?B?"), 0) != SIZE_MAX;
    }
    assert_int_equal(words, 14);
    buf_done(&subject);
    buf_done(&body);
}

static void test_injection(void **state)
{
    (void)state;
    str bytes = compose(S("Hi\r\nBcc: all@example.org\r\n\r\nbody"), S("x"));
    assert_true(str_find(bytes, S("Subject: Hi  Bcc: all@example.org    body\r\n"), 0) != SIZE_MAX);
    assert_true(str_find(bytes, S("\nBcc:"), 0) == SIZE_MAX);
    bytes = compose(S("=?UTF-8?B?eA==?="), S("x"));
    assert_true(str_find(bytes, S("Subject: =?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=\r\n"), 0) !=
                SIZE_MAX);
    struct mail_message message = {S("ada@example.org\r\nRCPT TO:<bob@x>"), S("s"), S("t")};
    str none;
    assert_int_equal(mail_compose(&scope, "a@b", &message, 1, S("i"), &none), ERR_REQUEST);
    scope_forgive(&scope);
    message = (struct mail_message){S("ada@example.org"), S("s"), S("\xff")};
    assert_int_equal(mail_compose(&scope, "a@b", &message, 1, S("i"), &none), ERR_REQUEST);
}

static struct mail_options relay_of(const struct smtp *smtp)
{
    return (struct mail_options){.url =
                                     str_printf(&scope.arena, "smtp://127.0.0.1:%d", smtp->port).p,
                                 .from = "portal@data.example"};
}

static void test_send(void **state)
{
    struct smtp smtp;
    (void)state;
    smtp_start(&smtp);
    struct mail_options relay = relay_of(&smtp);
    struct mail_message message = {S("ada@example.org"), S("Hello"), S(".\nOne\n")};
    check_ok("send", &scope, mail_send(&scope, &relay, &message));
    assert_true(smtp_await(&smtp, 1));
    smtp_stop(&smtp);
    str log = {smtp.log, smtp.n};
    assert_true(str_find(log, S("MAIL FROM:<portal@data.example>"), 0) != SIZE_MAX);
    assert_true(str_find(log, S("RCPT TO:<ada@example.org>"), 0) != SIZE_MAX);
    assert_true(str_find(log, S("Subject: Hello\r\n"), 0) != SIZE_MAX);
    assert_true(str_find(log, S("Lg0KT25lDQo=\r\n"), 0) != SIZE_MAX);
}

static void test_failures(void **state)
{
    struct smtp smtp;
    struct directory directory;
    (void)state;
    smtp_start(&smtp);
    smtp.refuses = true;
    struct mail_options relay = relay_of(&smtp);
    struct mail_message message = {S("ada@example.org"), S("Hello"), S("One\n")};
    assert_int_equal(mail_send(&scope, &relay, &message), ERR_BUSY);
    assert_true(str_find(scope.failure.message, S("550"), 0) != SIZE_MAX);
    assert_true(str_find(scope.failure.message, S("ada"), 0) == SIZE_MAX);
    scope_forgive(&scope);

    /* A relay without TLS gets no password. */
    directory_make(&directory);
    relay.user = "portal";
    relay.password_file = directory_file(&scope, &directory, "password");
    assert_int_equal(mail_send(&scope, &relay, &message), ERR_FILE);
    scope_forgive(&scope);
    file_write(relay.password_file, S("s3cret\n"));
    assert_int_equal(mail_send(&scope, &relay, &message), ERR_BUSY);
    scope_forgive(&scope);
    directory_remove(&directory);
    smtp_stop(&smtp);
    str log = {smtp.log, smtp.n};
    assert_true(str_find(log, S("AUTH"), 0) == SIZE_MAX);
    assert_int_equal(smtp.messages, 0);

    relay.user = NULL;
    assert_int_equal(mail_send(&scope, &relay, &message), ERR_BUSY); /* nobody listens any more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_addresses, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_urls, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_message, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_long, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_injection, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_send, open_scope, close_scope),
        cmocka_unit_test_setup_teardown(test_failures, open_scope, close_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
