/* RFC 9110 14.1 and 14.2, 13.1.5. */
#include "../check.h"

#include "platform/http/range.h"

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint64_t size;
        enum range_answer answer;
        uint64_t from, count;
    } cases[] = {
        {"bytes=0-0", 100, RANGE_PART, 0, 1},
        {"bytes=0-99", 100, RANGE_PART, 0, 100},
        {"bytes=0-100", 100, RANGE_PART, 0, 100},
        {"bytes=99-99", 100, RANGE_PART, 99, 1},
        {"bytes=10-19", 100, RANGE_PART, 10, 10},
        {"bytes=10-", 100, RANGE_PART, 10, 90},
        {"bytes=-8", 100, RANGE_PART, 92, 8},
        {"bytes=-100", 100, RANGE_PART, 0, 100},
        {"bytes=-101", 100, RANGE_PART, 0, 100},
        {"Bytes=1-2", 100, RANGE_PART, 1, 2},
        {"  bytes= 1-2 ,, ", 100, RANGE_PART, 1, 2},
        {"bytes=007-008", 100, RANGE_PART, 7, 2},
        {"bytes=0-99999999999999999999999999", 100, RANGE_PART, 0, 100},
        {"bytes=-99999999999999999999999999", 100, RANGE_PART, 0, 100},
        {"bytes=0-18446744073709551615", UINT64_MAX, RANGE_PART, 0, UINT64_MAX},
        {"bytes=18446744073709551614-", UINT64_MAX, RANGE_PART, UINT64_MAX - 1, 1},
        {"bytes=100-", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=100-200", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=99999999999999999999999999-", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", 100, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-0", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-5", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"", 100, RANGE_WHOLE, 0, 0},
        {"bytes", 100, RANGE_WHOLE, 0, 0},
        {"bytes=", 100, RANGE_WHOLE, 0, 0},
        {"bytes=,", 100, RANGE_WHOLE, 0, 0},
        {"bytes=-", 100, RANGE_WHOLE, 0, 0},
        {"bytes=5", 100, RANGE_WHOLE, 0, 0},
        {"bytes=5-4", 100, RANGE_WHOLE, 0, 0},
        {"bytes=a-b", 100, RANGE_WHOLE, 0, 0},
        {"bytes=1 - 2", 100, RANGE_WHOLE, 0, 0},
        {"bytes=+1-2", 100, RANGE_WHOLE, 0, 0},
        {"bytes=1--2", 100, RANGE_WHOLE, 0, 0},
        {"bytes=0x1-2", 100, RANGE_WHOLE, 0, 0},
        {"bytes =1-2", 100, RANGE_WHOLE, 0, 0},
        {"items=1-2", 100, RANGE_WHOLE, 0, 0},
        {"bytes=0-1,3-4", 100, RANGE_WHOLE, 0, 0},
        {"bytes=0-1,x", 100, RANGE_WHOLE, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct byte_range range = {0, 0};
        str header = exact_copy(str_from(cases[i].header));
        check_int(cases[i].header, range_read(header, cases[i].size, &range), cases[i].answer);
        check_int(cases[i].header, (long long)range.from, (long long)cases[i].from);
        check_int(cases[i].header, (long long)range.count, (long long)cases[i].count);
        exact_free(header);
    }
    struct byte_range none = {0, 0};
    assert_int_equal(range_read(STR_NONE, 100, &none), RANGE_WHOLE);
}

/* Whatever bytes come, a part lies within the body. */
static void test_noise(void **state)
{
    (void)state;
    static const char symbols[] = "0123456789-,= bytesx\x80";
    uint32_t noise = 20261126;
    for (size_t i = 0; i < 200000; i++) {
        char text[24] = "bytes=";
        size_t n = i % 2 ? 6 : 0;
        size_t length = n + i / 2 % (sizeof(text) - n);
        for (; n < length; n++) {
            noise = noise * 1103515245 + 12345;
            text[n] = symbols[(noise >> 16) % (sizeof(symbols) - 1)];
        }
        uint64_t size = noise % 50;
        struct byte_range range;
        if (range_read((str){text, n}, size, &range) == RANGE_PART) {
            assert_true(range.count > 0 && range.from < size && range.count <= size - range.from);
        }
    }
}

static void test_if_range(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool is_current;
    } cases[] = {
        {"\"a-1\"", true},    {" \"a-1\" ", true},  {"a-1", false},
        {"W/\"a-1\"", false}, {"\"a-2\"", false},   {"\"a-1", false},
        {"", false},          {"\"", false},        {"\"\"", false},
        {"*", false},         {"\"a-1\", \"b\"", false},
        {"Thu, 26 Nov 2026 10:00:00 GMT", false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        str header = exact_copy(str_from(cases[i].header));
        check_int(cases[i].header, range_is_current(header, S("a-1")), cases[i].is_current);
        exact_free(header);
    }
    assert_true(range_is_current(STR_NONE, S("a-1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_if_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
