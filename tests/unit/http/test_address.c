/* Addresses of clients behind proxies. */
#include "check.h"
#include "one_scope.h"

#include "platform/http/address.h"

static void test_hops(void **state)
{
    static const struct {
        const char *hop;
        const char *address; /* NULL: none */
    } rows[] = {
        {"192.0.2.7", "192.0.2.7"},
        {" 192.0.2.7\t", "192.0.2.7"},
        {"192.0.2.7:4711", "192.0.2.7"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0::1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:4711", "2001:db8::1"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"[::ffff:192.0.2.7]:1", "192.0.2.7"},
        {"", NULL},
        {"unknown", NULL},
        {"_hidden", NULL},
        {"192.0.2", NULL},
        {"192.0.2.256", NULL},
        {"192.0.2.07.1", NULL},
        {"192.0.2.7:", NULL},
        {"192.0.2.7:x", NULL},
        {"192.0.2.7:99999", NULL},
        {"[192.0.2.7]", NULL},
        {"[2001:db8::1", NULL},
        {"[2001:db8::1]x", NULL},
        {"[2001:db8::1]:", NULL},
        {"fe80::1%eth0", NULL},
        {"2001:db8::1::2", NULL},
        {"\"192.0.2.7\"", NULL},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct address address;
        str copy = exact_copy(str_from(rows[i].hop));
        bool good = address_read_hop(copy, &address);
        check_int(rows[i].hop, good, rows[i].address != NULL);
        if (good) {
            check_text(rows[i].hop, address_text(&scope.arena, &address),
                       str_from(rows[i].address));
        }
        exact_free(copy);
    }
    struct address address;
    assert_false(address_read_hop(S("192.0.2.7\0"), &address));
}

static void test_networks(void **state)
{
    static const struct {
        const char *network;
        const char *address;
        int holds; /* -1: no network */
    } rows[] = {
        {"10.0.0.0/8", "10.255.0.1", 1},
        {"10.0.0.0/8", "11.0.0.1", 0},
        {"10.0.0.1", "10.0.0.1", 1},
        {"10.0.0.1", "10.0.0.2", 0},
        {"0.0.0.0/0", "203.0.113.9", 1},
        {"0.0.0.0/0", "::1", 0},
        {"10.0.0.128/25", "10.0.0.127", 0},
        {"10.0.0.128/25", "10.0.0.129", 1},
        {"::1", "::1", 1},
        {"2001:db8::/33", "2001:db8:7fff::1", 1},
        {"2001:db8::/33", "2001:db8:8000::1", 0},
        {"::/0", "10.0.0.1", 0},
        {"::ffff:10.0.0.0/104", "10.1.2.3", 1},
        {"10.0.0.1/8", "10.0.0.1", -1},
        {"10.0.0.0/33", "10.0.0.1", -1},
        {"10.0.0.0/", "10.0.0.1", -1},
        {"10.0.0.0/-1", "10.0.0.1", -1},
        {"10.0.0.0/+8", "10.0.0.1", -1},
        {"10.0.0/8", "10.0.0.1", -1},
        {"", "10.0.0.1", -1},
        {"localhost", "127.0.0.1", -1},
        {"::/129", "::1", -1},
        {"::ffff:0:0/95", "::1", -1},
        {"10.0.0.0/8/8", "10.0.0.1", -1},
        {" 10.0.0.1", "10.0.0.1", -1},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct network network;
        struct address address;
        assert_true(address_read(str_from(rows[i].address), &address));
        bool good = network_read(str_from(rows[i].network), &network);
        check_int(rows[i].network, good, rows[i].holds >= 0);
        if (good) {
            check_int(rows[i].network, network_holds(&network, &address), rows[i].holds);
        }
    }
}

static void test_clients(void **state)
{
    static const struct {
        const char *peer;
        const char *forwarded;
        const char *client;
    } rows[] = {
        {"10.0.0.1", "", "10.0.0.1"},
        {"10.0.0.1", " , ,", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.7", "192.0.2.7"},
        {"192.0.2.1", "192.0.2.7", "192.0.2.1"}, /* no proxy of ours: it may say anything */
        {"10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"},
        {"10.0.0.1", "198.51.100.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"},
        {"10.0.0.1", "198.51.100.1,192.0.2.7:80,,[fd00::1]:443", "192.0.2.7"},
        {"10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
        {"10.0.0.1", "<script>, 192.0.2.7", "192.0.2.7"},
        {"10.0.0.1", "192.0.2.7, unknown", "10.0.0.1"},
        {"10.0.0.1", "192.0.2.7, x, 10.0.0.2", "10.0.0.1"},
        {"10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"},
        {"fd00::2", "2001:db8::7", "2001:db8::7"},
    };
    struct network trusted[2];
    (void)state;
    assert_true(network_read(S("10.0.0.0/8"), &trusted[0]));
    assert_true(network_read(S("fd00::/8"), &trusted[1]));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct address peer;
        assert_true(address_read(str_from(rows[i].peer), &peer));
        str copy = exact_copy(str_from(rows[i].forwarded));
        struct address client = address_of_client(&peer, copy, trusted, ARRAY_LENGTH(trusted));
        check_text(rows[i].forwarded, address_text(&scope.arena, &client),
                   str_from(rows[i].client));
        client = address_of_client(&peer, copy, NULL, 0);
        check_text(rows[i].forwarded, address_text(&scope.arena, &client), str_from(rows[i].peer));
        exact_free(copy);
    }
}

static void test_network_texts(void **state)
{
    static const struct {
        const char *address;
        const char *network;
    } rows[] = {
        {"192.0.2.7", "192.0.2.0/24"},
        {"255.255.255.255", "255.255.255.0/24"},
        {"::ffff:192.0.2.7", "192.0.2.0/24"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"::1", "::/64"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct address address;
        assert_true(address_read(str_from(rows[i].address), &address));
        check_text(rows[i].address, address_network_text(&scope.arena, &address),
                   str_from(rows[i].network));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_network_texts),
    };
    return cmocka_run_group_tests(tests, open_scope, close_scope);
}
