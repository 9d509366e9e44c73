/* Addresses: which are inner ones, which are allowed, how files are addressed. What servers do: tests/fault. */
#include "../directory.h"
#include "../one_scope.h"

#include "platform/fetch/fetch.h"

static bool is_inner(const char *text)
{
    struct fetch_network network;
    if (!fetch_network_read(str_from(text), &network)) {
        print_error("%s is not read\n", text);
    }
    return fetch_address_is_inner(network.first);
}

static void test_inner_addresses(void **state)
{
    static const char *const inner[] = {
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255",
        "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.170", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
        "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "5f00::1", "4000::1"};
    static const char *const outer[] = {
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
        "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2001:200::1", "2001:4860:4860::8888", "2a00:1450::1", "2606:4700::1", "2003::1"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(inner); i++) {
        check_int(inner[i], is_inner(inner[i]), true);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(outer); i++) {
        check_int(outer[i], is_inner(outer[i]), false);
    }
}

static void test_networks(void **state)
{
    static const struct {
        const char *text;
        int bits; /* -1: refused */
    } rows[] = {{"10.0.0.0/8", 104},  {"10.0.0.1", 128},    {"0.0.0.0/0", 96},    {"fd00::/8", 8},
                {"::/0", 0},          {"::1", 128},         {"10.0.0.1/8", -1},   {"10.0.0.0/33", -1},
                {"10.0.0.0/-1", -1},  {"10.0.0/8", -1},     {"", -1},             {"/8", -1},
                {"fd00::1/8", -1},    {"fd00::/129", -1},   {"localhost", -1},    {"10.0.0.0/", -1},
                {"10.0.0.0/8x", -1},  {"012.0.0.1", -1},    {"[::1]", -1}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct fetch_network network = {.bits = -1};
        check_int(rows[i].text, fetch_network_read(str_from(rows[i].text), &network), rows[i].bits >= 0);
        check_int(rows[i].text, network.bits, rows[i].bits);
    }
}

static void test_file_addresses(void **state)
{
    static const char *const good[] = {"http://a/b", "HTTPS://example.org", "ftp://u:p@h/f.csv", "sftp://h:22/~/f",
                                       "http://[2001:db8::1]:80/x?y#z", "https://bücher.example/ä.csv"};
    static const char *const bad[] = {"", "example.org/x.csv", "file:///etc/passwd", "gopher://h/", "http://",
                                      "http:///x", "https://a b/", "http://a/\n", "http://a/\\b", "dict://h/",
                                      "scp://h/f", "smb://h/f", " http://a/b", "http:/a", "javascript:alert(1)"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        check_ok(good[i], &scope, fetch_check_address(&scope, str_from(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        check_int(bad[i], fetch_check_address(&scope, str_from(bad[i])), ERR_USAGE);
        check_failure(bad[i], &scope, ERR_USAGE, "address");
    }
    char text[FETCH_ADDRESS_BYTES + 2];
    memset(text, 'a', sizeof(text));
    memcpy(text, "http://", 7);
    check_int("long", fetch_check_address(&scope, (str){text, sizeof(text)}), ERR_USAGE);
    check_failure("long", &scope, ERR_USAGE, "too long");
}

static void test_no_password_is_shown(void **state)
{
    (void)state;
    check_text("both", fetch_shown_address(&scope.arena, S("ftp://ada:se@cret@h/f@x")), S("ftp://h/f@x"));
    check_text("none", fetch_shown_address(&scope.arena, S("http://h/a@b")), S("http://h/a@b"));
    check_text("no path", fetch_shown_address(&scope.arena, S("sftp://ada@h")), S("sftp://h"));
}

/* Names and numbers in every spelling lead to the same refusal, without a connection. */
static void test_inner_is_refused(void **state)
{
    static const char *const addresses[] = {"http://127.0.0.1:9/x", "http://2130706433:9/", "http://0x7f.1:9/",
                                            "http://[::1]:9/", "http://[::ffff:127.0.0.1]:9/", "http://localhost:9/",
                                            "ftp://127.0.0.1:9/x", "sftp://a:b@127.0.0.1:9/x", "http://0:9/"};
    struct directory directory;
    struct fetch_options options = {0};
    (void)state;
    directory_make(&directory);
    for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
        struct fetch_result result;
        struct fetch_request request = {.address = str_from(addresses[i]),
                                        .path = directory_file(&scope, &directory, "file")};
        check_int(addresses[i], fetch_file(&scope, &options, &request, &result), ERR_DENIED);
        check_failure(addresses[i], &scope, ERR_DENIED, "inner network");
        assert_int_equal(access(request.path, F_OK), -1);
    }
    directory_remove(&directory);
}

/* Where it is allowed, the connection is tried: nobody listens there. */
static void test_inner_may_be_allowed(void **state)
{
    struct directory directory;
    struct fetch_network home;
    struct fetch_result result;
    struct fetch_options options = {.allowed = &home, .allowed_count = 1};
    (void)state;
    assert_true(fetch_network_read(S("127.0.0.0/8"), &home));
    directory_make(&directory);
    struct fetch_request request = {.address = S("http://127.0.0.1:9/x.csv"),
                                    .path = directory_file(&scope, &directory, "file")};
    check_int("refused", fetch_file(&scope, &options, &request, &result), ERR_BUSY);
    check_failure("refused", &scope, ERR_BUSY, "takes no connection");
    directory_remove(&directory);
}

#define SCOPED(function) cmocka_unit_test_setup_teardown(function, open_scope, close_scope)

int main(void)
{
    const struct CMUnitTest tests[] = {SCOPED(test_inner_addresses),      SCOPED(test_networks),
                                       SCOPED(test_file_addresses),       SCOPED(test_no_password_is_shown),
                                       SCOPED(test_inner_is_refused),     SCOPED(test_inner_may_be_allowed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
