/* Negotiation of content encodings: RFC 9110 12.5.3. */
#include "suite.h"

#include "platform/pack/encode.h"

static void test_choice(void **state)
{
    static const struct {
        const char *header;
        enum content_encoding chosen;
    } rows[] = {
        {NULL, ENCODE_PLAIN},
        {"", ENCODE_PLAIN},
        {"gzip", ENCODE_GZIP},
        {"zstd", ENCODE_ZSTD},
        {"x-gzip", ENCODE_GZIP},
        {"gzip, deflate, br, zstd", ENCODE_ZSTD},
        {"gzip;q=1.0, zstd;q=0.9", ENCODE_GZIP},
        {" GZip ; q=0.001 ", ENCODE_GZIP},
        {"gzip;q=0", ENCODE_PLAIN},
        {"gzip;q=0, *", ENCODE_PLAIN},
        {"*", ENCODE_GZIP},
        {"*;q=0", ENCODE_PLAIN},
        {"*;q=0, zstd", ENCODE_ZSTD},
        {"identity", ENCODE_PLAIN},
        {"identity;q=0", ENCODE_PLAIN},
        {"identity;q=0.5, gzip;q=0.4", ENCODE_PLAIN},
        {"identity;q=0.5, gzip;q=0.5", ENCODE_GZIP},
        {"identity;q=0, *;q=0.1", ENCODE_GZIP},
        {"gzip;q=x", ENCODE_GZIP},
        {"gzip;;;q=0", ENCODE_PLAIN},
        {",,;,;q=1,gzip,", ENCODE_GZIP},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct accepted accepted = encoding_read(str_from(rows[i].header));
        if (encoding_choose(&accepted) != rows[i].chosen) {
            fail_msg("'%s' gives %d", rows[i].header, (int)encoding_choose(&accepted));
        }
    }
}

static void test_plain_is_accepted(void **state)
{
    static const struct {
        const char *header;
        bool accepted;
    } rows[] = {{"", true},
                {"gzip", true},
                {"identity;q=0", false},
                {"*;q=0", false},
                {"*;q=0, identity", true},
                {"*", true}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct accepted accepted = encoding_read(str_from(rows[i].header));
        assert_int_equal(encoding_is_accepted(&accepted, ENCODE_PLAIN), rows[i].accepted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_plain_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
